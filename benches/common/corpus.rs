//! Generated news with the statistics of real news; the same on every machine.
//!
//! * Words follow Zipf's law. The most common are real English words (Russian ones for one story in
//!   ten), the others are made up. New words and names keep appearing.
//! * Every story has people, places, numbers and topics that its texts repeat. Stories of one field of
//!   the news share some of them.
//! * Sentences have 8 to 30 words, some are quotes. The length of articles is log-normal around 450
//!   words, between 120 and 1500.
//! * Half of the stories are typeset: curly quotes and dashes. Some names have accents.
//! * Twenty of a hundred articles are near-duplicates of one of the latest 5000 (words changed,
//!   trimmed, a line added). Ten are retellings of one: they keep its names and numbers and some of its
//!   phrases, and the rest is new.
//! * Reports appear in the order of their days. Copies and retellings follow within two days.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use retold::{Article, Date};

use super::language::{Field, InventedLanguage, capitalised};
use super::random::Random;

/// Near-duplicates of an earlier article, in a hundred.
const COPIES: usize = 20;

/// Near-duplicates and retellings, in a hundred.
const RETOLD: usize = 30;

/// Number of latest articles that can be copied or retold.
const REMEMBERED: usize = 5000;

/// Articles of a [`Corpus`] on one day.
const PER_DAY: usize = 300;

/// An endless stream of articles, which keeps the latest only.
pub struct Stream {
    newsroom: Newsroom,
    calendar: Vec<Date>,
    per_day: usize,
    number: usize,
    /// The latest articles, oldest first.
    earlier: VecDeque<Piece>,
}

pub struct Text {
    pub id: String,
    pub text: String,
    pub date: Date,
    pub origin: Origin,
}

/// Where an article comes from.
#[derive(Clone, Copy)]
pub enum Origin {
    New,
    /// A near-duplicate of the article of this number in the stream.
    Copy(usize),
    Retelling(usize),
}

impl Text {
    pub fn article(&self) -> Article<'_> {
        Article::new(&self.id, &self.text).date(self.date)
    }
}

impl Stream {
    /// A stream with `per_day` articles a day.
    pub fn new(per_day: usize) -> Self {
        Stream {
            newsroom: Newsroom::new(1),
            calendar: calendar(),
            per_day,
            number: 0,
            earlier: VecDeque::new(),
        }
    }
}

impl Iterator for Stream {
    type Item = Text;

    fn next(&mut self) -> Option<Text> {
        let Stream { newsroom, calendar, per_day, number, earlier } = self;
        let at = newsroom.random.below(earlier.len().max(1));
        let source = *number - earlier.len() + at;
        let (piece, origin) = match (newsroom.random.below(100), earlier.get(at)) {
            (0..COPIES, Some(original)) => (newsroom.copy(original), Origin::Copy(source)),
            (COPIES..RETOLD, Some(original)) => {
                (newsroom.retell(original), Origin::Retelling(source))
            }
            _ => (newsroom.report(*number / *per_day), Origin::New),
        };
        let text = newsroom.print(&piece);
        let id = format!("article/{number}");
        let date = calendar[piece.day.min(calendar.len() - 1)];
        *number += 1;
        if earlier.len() == REMEMBERED {
            earlier.pop_front();
        }
        earlier.push_back(piece);
        Some(Text { id, text, date, origin })
    }
}

/// Ten years.
pub fn calendar() -> Vec<Date> {
    let months = (2031..2041).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let days = months.flat_map(|(year, month)| (1..=31).map(move |day| (year, month, day)));
    days.filter_map(|(year, month, day)| Date::new(year, month, day)).collect()
}

/// The first articles of a stream.
pub struct Corpus {
    pub texts: Vec<Text>,
    /// Positions in `texts`: a near-duplicate and its source.
    pub copies: Vec<[usize; 2]>,
    /// Positions in `texts`: a retelling and its source.
    pub retellings: Vec<[usize; 2]>,
}

impl Corpus {
    /// The first `count` articles. A larger corpus begins with the same ones.
    pub fn new(count: usize) -> Self {
        let texts: Vec<Text> = Stream::new(PER_DAY).take(count).collect();
        let (mut copies, mut retellings) = (Vec::new(), Vec::new());
        for (number, text) in texts.iter().enumerate() {
            match text.origin {
                Origin::New => {}
                Origin::Copy(source) => copies.push([number, source]),
                Origin::Retelling(source) => retellings.push([number, source]),
            }
        }
        Corpus { texts, copies, retellings }
    }

    /// The texts for which `hold` returns true.
    pub fn texts_that(&self, hold: impl Fn(&str) -> bool) -> Vec<&str> {
        self.texts.iter().map(|text| text.text.as_str()).filter(|text| hold(text)).collect()
    }

    pub fn articles(&self) -> Vec<Article<'_>> {
        self.texts.iter().map(Text::article).collect()
    }
}

/// What happened, and how the publisher sets its type.
#[derive(Clone)]
struct Story {
    cyrillic: bool,
    typeset: bool,
    people: Vec<String>,
    places: Vec<String>,
    numbers: Vec<String>,
    topic: Vec<String>,
    /// Phrases that every text about it repeats word for word.
    phrases: Vec<String>,
}

/// An article before it is printed.
struct Piece {
    story: Rc<Story>,
    /// Days since the start of the stream.
    day: usize,
    sentences: Vec<String>,
}

/// The generator of articles.
struct Newsroom {
    random: Random,
    latin: InventedLanguage,
    cyrillic: InventedLanguage,
}

impl Newsroom {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (latin, cyrillic) =
            (InventedLanguage::latin(&mut random), InventedLanguage::cyrillic(&mut random));
        Newsroom { random, latin, cyrillic }
    }

    /// An article about a new story.
    fn report(&mut self, day: usize) -> Piece {
        let story = Rc::new(self.story());
        let sentences = self.sentences(&story);
        Piece { story, day, sentences }
    }

    fn story(&mut self) -> Story {
        let random = &mut self.random;
        let cyrillic = random.percent(10);
        let language = if cyrillic { &self.cyrillic } else { &self.latin };
        let field = Field::any(random);
        let person = |random: &mut Random| {
            format!("{} {}", language.name_of(field, random), language.any_name(field, random))
        };
        Story {
            cyrillic,
            typeset: random.percent(50),
            people: some(2, random, person),
            places: some(2, random, |random| language.any_name(field, random)),
            numbers: some(4, random, number),
            topic: some(10, random, |random| language.word_of(field, random).to_owned()),
            phrases: Vec::new(),
        }
    }

    /// A near-duplicate of an article.
    fn copy(&mut self, original: &Piece) -> Piece {
        let story = &original.story;
        let mut sentences = original.sentences.clone();
        match self.random.below(3) {
            0 => (0..5).for_each(|_| self.change_word(story, &mut sentences)),
            1 => sentences.truncate(sentences.len() * (60 + self.random.below(36)) / 100),
            _ => {
                let at = self.random.below(sentences.len() + 1);
                sentences.insert(at, self.sentence(story));
            }
        }
        Piece { story: story.clone(), day: self.later(original), sentences }
    }

    fn change_word(&mut self, story: &Story, sentences: &mut [String]) {
        let sentence = &mut sentences[self.random.below(sentences.len())];
        let mut words: Vec<&str> = sentence.split(' ').collect();
        let language = if story.cyrillic { &self.cyrillic } else { &self.latin };
        let place = self.random.below(words.len());
        let word = language.word(&mut self.random);
        words[place] = &word;
        *sentence = words.join(" ");
    }

    /// A retelling of an article.
    fn retell(&mut self, original: &Piece) -> Piece {
        let phrases = original.sentences.iter().step_by(3).map(|sentence| {
            let words: Vec<&str> = sentence.split(' ').collect();
            let length = (4 + self.random.below(6)).min(words.len());
            let start = self.random.below(words.len() - length + 1);
            words[start..start + length].join(" ").trim_end_matches([',', '.']).to_owned()
        });
        let phrases = phrases.collect();
        let story = Rc::new(Story { phrases, ..Story::clone(&original.story) });
        let sentences = self.sentences(&story);
        Piece { story, day: self.later(original), sentences }
    }

    /// The day of a piece that follows another one.
    fn later(&mut self, original: &Piece) -> usize {
        original.day + self.random.below(3)
    }

    fn sentences(&mut self, story: &Story) -> Vec<String> {
        let length = libm::exp(libm::log(450.0) + 0.55 * self.random.normal());
        let (length, mut words) = (length.clamp(120.0, 1500.0) as usize, 0);
        let mut sentences = Vec::new();
        while words < length {
            let sentence = self.sentence(story);
            words += sentence.split(' ').count();
            sentences.push(sentence);
        }
        sentences
    }

    fn sentence(&mut self, story: &Story) -> String {
        let length = 8 + self.random.below(23);
        let (mut sentence, mut words) = (String::new(), 0);
        while words < length {
            if !sentence.is_empty() {
                sentence.push_str(if self.random.percent(6) { ", " } else { " " });
            }
            let part = self.part(story);
            words += part.split(' ').count();
            sentence.push_str(&part);
        }
        let sentence = capitalised(&sentence);
        if !self.random.percent(15) {
            return sentence + ".";
        }
        let [open, close] = if story.typeset { ["“", "”"] } else { ["\""; 2] };
        let said = if story.cyrillic { "сказал" } else { "said" };
        let speaker = &story.people[self.random.below(story.people.len())];
        format!("{open}{sentence},{close} {said} {speaker}.")
    }

    /// The next word or words of a sentence.
    fn part<'a>(&'a mut self, story: &'a Story) -> Cow<'a, str> {
        let random = &mut self.random;
        let of_story = match random.below(100) {
            0..3 => story.people.as_slice(),
            3..5 => &story.places,
            5..8 => &story.numbers,
            8..16 => &story.topic,
            16..19 => &story.phrases,
            _ => &[],
        };
        let language = if story.cyrillic { &self.cyrillic } else { &self.latin };
        match of_story.len() {
            0 => language.word(random),
            count => of_story[random.below(count)].as_str().into(),
        }
    }

    /// The text of a piece, with a dateline and in paragraphs.
    fn print(&mut self, piece: &Piece) -> String {
        let Piece { story, sentences, .. } = piece;
        let dash = if story.typeset { "—" } else { "-" };
        let mut text = format!("{} {dash} ", story.places[0].to_uppercase());
        for sentence in sentences {
            text.push_str(sentence);
            text.push_str(if self.random.percent(40) { "\n\n" } else { " " });
        }
        text
    }
}

/// `least..2 * least` items.
fn some(least: usize, random: &mut Random, make: impl Fn(&mut Random) -> String) -> Vec<String> {
    (0..least + random.below(least)).map(|_| make(random)).collect()
}

/// A count, an amount, a share or a year.
fn number(random: &mut Random) -> String {
    match random.below(4) {
        0 => (2 + random.below(98)).to_string(),
        1 => format!("{},{:03}", 1 + random.below(900), random.below(1000)),
        2 => format!("{}.{}", random.below(40), random.below(10)),
        _ => (1990 + random.below(42)).to_string(),
    }
}
