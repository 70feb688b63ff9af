//! News that nobody wrote, with the shape of news that somebody did; the same on every machine.
//!
//! * Words follow Zipf's law. The commonest are real English ones (for one story in ten Russian
//!   ones), the others are made up, several thousand of them.
//! * Every story has people, places, numbers and topics, to which its texts return. Stories of one
//!   field of the news have some of them in common.
//! * Sentences have 8 to 30 words, some are quotes. Articles are log-normal around 450 words,
//!   between 120 and 1500.
//! * Half of the stories are typeset: curly quotes and dashes. Some names have accents.
//! * Of a hundred articles twenty are near-duplicates of an earlier one (words changed, trimmed, a
//!   line added), and ten tell an earlier one again: its names and numbers, some of its phrases, and
//!   the rest anew.

use std::rc::Rc;

use criterion::Throughput;
use retold::{Article, Date};

use super::bytes;
use super::random::Random;
use super::tongue::{Field, Tongue, capitalised};

/// How many of a hundred articles are near-duplicates of an earlier one.
const COPIES: usize = 20;

/// How many are that or tell an earlier one again.
const RETOLD: usize = 30;

/// Days of a year of twelve months that all have 28.
const DAYS: usize = 12 * 28;

/// Articles that were made from a seed.
pub struct Corpus {
    pub texts: Vec<Text>,
    /// Places in `texts`: a near-duplicate, and what it was made of.
    pub copies: Vec<[usize; 2]>,
    /// A retelling, and what it was made of.
    pub retellings: Vec<[usize; 2]>,
}

pub struct Text {
    pub id: String,
    pub text: String,
    pub date: Date,
}

impl Text {
    pub fn article(&self) -> Article<'_> {
        Article::new(&self.id, &self.text).date(self.date)
    }
}

impl Corpus {
    /// So many articles. More begin with the same ones.
    pub fn new(count: usize) -> Self {
        let mut newsroom = Newsroom::new(1);
        let mut pieces: Vec<Piece> = Vec::with_capacity(count);
        let mut corpus = Corpus { texts: Vec::new(), copies: Vec::new(), retellings: Vec::new() };
        for number in 0..count {
            let earlier = newsroom.random.below(number.max(1));
            let piece = match (newsroom.random.below(100), pieces.get(earlier)) {
                (0..COPIES, Some(original)) => {
                    corpus.copies.push([number, earlier]);
                    newsroom.copy(original)
                }
                (COPIES..RETOLD, Some(original)) => {
                    corpus.retellings.push([number, earlier]);
                    newsroom.retell(original)
                }
                _ => newsroom.report(),
            };
            corpus.texts.push(newsroom.print(number, &piece));
            pieces.push(piece);
        }
        corpus
    }

    /// The texts for which something holds.
    pub fn texts_that(&self, hold: impl Fn(&str) -> bool) -> Vec<&str> {
        self.texts.iter().map(|text| text.text.as_str()).filter(|text| hold(text)).collect()
    }

    pub fn articles(&self) -> Vec<Article<'_>> {
        self.texts.iter().map(Text::article).collect()
    }

    /// The size of all texts.
    pub fn bytes(&self) -> Throughput {
        bytes(&self.texts_that(|_| true))
    }
}

/// What happened, and how the house that prints it sets its type.
#[derive(Clone)]
struct Story {
    cyrillic: bool,
    typeset: bool,
    people: Vec<String>,
    places: Vec<String>,
    numbers: Vec<String>,
    topic: Vec<String>,
    /// What every text about it says in the same words.
    phrases: Vec<String>,
}

/// An article before it is printed.
struct Piece {
    story: Rc<Story>,
    day: usize,
    sentences: Vec<String>,
}

/// Where the articles are written.
struct Newsroom {
    random: Random,
    latin: Tongue,
    cyrillic: Tongue,
}

impl Newsroom {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (latin, cyrillic) = (Tongue::latin(&mut random), Tongue::cyrillic(&mut random));
        Newsroom { random, latin, cyrillic }
    }

    /// An article about something new.
    fn report(&mut self) -> Piece {
        let day = self.random.below(DAYS);
        let story = Rc::new(self.story());
        let sentences = self.sentences(&story);
        Piece { story, day, sentences }
    }

    fn story(&mut self) -> Story {
        let random = &mut self.random;
        let cyrillic = random.percent(10);
        let tongue = if cyrillic { &self.cyrillic } else { &self.latin };
        let field = Field::any(random);
        let name = |random: &mut Random| tongue.name_of(field, random).to_owned();
        Story {
            cyrillic,
            typeset: random.percent(50),
            people: some(2, random, |random| format!("{} {}", name(random), name(random))),
            places: some(2, random, name),
            numbers: some(4, random, number),
            topic: some(10, random, |random| tongue.word_of(field, random).to_owned()),
            phrases: Vec::new(),
        }
    }

    /// An article that is nearly another one.
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
        let tongue = if story.cyrillic { &self.cyrillic } else { &self.latin };
        let place = self.random.below(words.len());
        words[place] = tongue.word(&mut self.random);
        *sentence = words.join(" ");
    }

    /// An article that tells another one in other words.
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
        (original.day + self.random.below(3)).min(DAYS - 1)
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
            let part = self.part(story);
            words += part.split(' ').count();
            if !sentence.is_empty() {
                sentence.push_str(if self.random.percent(6) { ", " } else { " " });
            }
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
    fn part(&mut self, story: &Story) -> String {
        let random = &mut self.random;
        let of_story = match random.below(100) {
            0..3 => story.people.as_slice(),
            3..5 => &story.places,
            5..8 => &story.numbers,
            8..16 => &story.topic,
            16..19 => &story.phrases,
            _ => &[],
        };
        let tongue = if story.cyrillic { &self.cyrillic } else { &self.latin };
        match of_story.len() {
            0 => tongue.word(random).to_owned(),
            count => of_story[random.below(count)].clone(),
        }
    }

    /// With a dateline and in paragraphs.
    fn print(&mut self, number: usize, piece: &Piece) -> Text {
        let Piece { story, day, sentences } = piece;
        let dash = if story.typeset { "—" } else { "-" };
        let mut text = format!("{} {dash} ", story.places[0].to_uppercase());
        for sentence in sentences {
            text.push_str(sentence);
            text.push_str(if self.random.percent(40) { "\n\n" } else { " " });
        }
        let date = Date::new(2031, 1 + (day / 28) as u8, 1 + (day % 28) as u8);
        Text { id: format!("article/{number}"), text, date: date.expect("every month has 28 days") }
    }
}

/// `least` to nearly twice as many.
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
