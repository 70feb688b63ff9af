//! Made-up news: stories that are told, copied, cut and told again, forms, and texts that share a frame.

/// A made-up article.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) text: String,
    /// Its month and its day, from March on; some have none.
    pub(crate) day: Option<(u8, u8)>,
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

const SYLLABLES: [&str; 16] = [
    "kel", "mar", "to", "ris", "ven", "da", "lu", "gor", "sta", "ne", "pi", "hol", "tra", "bek",
    "un", "so",
];

/// A made-up word; the same number gives the same word.
fn word(number: usize) -> String {
    let mut word = String::new();
    let mut rest = number + 17;
    while rest > 0 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    word
}

/// A common word three times in four, else one of the story's own.
fn sentence(dice: &mut Dice, story: usize) -> String {
    let words: Vec<String> = (0..9 + dice.below(6))
        .map(|_| match dice.below(4) {
            0 => word(400 + story * 30 + dice.below(30)),
            // The first of these words are the most common.
            _ => {
                let most = 20 + dice.below(300);
                word(dice.below(most))
            }
        })
        .collect();
    format!("{}.", words.join(" "))
}

/// A text with one word in `step` replaced.
fn edited(text: &str, step: usize, dice: &mut Dice) -> String {
    let first = dice.below(step);
    let words = text.split(' ').enumerate();
    let words = words
        .map(|(at, is)| if at % step == first { word(dice.below(320)) } else { is.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

/// So many articles of so many days, at most 90.
pub(crate) fn pieces(count: usize, days: usize) -> Vec<Piece> {
    let mut dice = Dice(2031);
    let mut pieces: Vec<Piece> = Vec::with_capacity(count);
    let footer =
        "Readers who know more about this may write to the desk in Kelm on any day of the week";
    let mut story = 0;
    while pieces.len() < count {
        story += 1;
        let first_day = dice.below(days);
        let sentences: Vec<String> = (0..8).map(|_| sentence(&mut dice, story)).collect();
        let told = sentences.join(" ");
        for version in 0..1 + dice.below(6) {
            let text = match version + dice.below(3) {
                0 => told.clone(),
                1 => edited(&told, 23, &mut dice),
                2 => sentences[..4].join(" "),
                3 => edited(&told, 3, &mut dice),
                4 => format!("{} {} {footer}", sentence(&mut dice, story), told),
                5 => {
                    let other: Vec<String> = (0..7).map(|_| sentence(&mut dice, story)).collect();
                    format!("{} {}", sentences[1], other.join(" "))
                }
                _ => format!(
                    "The council of {} gets {} crowns for the road to {}. The fund pays in spring, and the \
                     work begins when the frost is over, the county office said. {footer}",
                    word(dice.below(5000)),
                    1000 + dice.below(90_000),
                    word(dice.below(5000)),
                ),
            };
            let day = (first_day + dice.below(4)).min(days - 1);
            pieces.push(Piece {
                // The order of the ids differs from the order of creation.
                id: format!("{:04}", pieces.len() * 7919 % 10_007),
                title: word(400 + story * 30 + dice.below(2)),
                text,
                day: (dice.below(9) > 0).then(|| (3 + day as u8 / 30, 1 + day as u8 % 30)),
            });
        }
    }
    pieces.truncate(count);
    pieces
}
