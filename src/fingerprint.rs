//! What the detector keeps of an article instead of its text.

use smallvec::SmallVec;

use crate::article::Article;
use crate::bottomk::BottomK;
use crate::error::{Error, ErrorKind};
use crate::hash;
use crate::shingle::Shingler;
use crate::vocabulary::{Language, prior_rarity, term_of};
use crate::words::Words;

/// How many words of a text are its lead.
const LEAD: usize = 120;

/// The most terms that are kept of an article: the heaviest.
const MAX_TERMS: usize = 256;

/// How many of the least shingle hashes are kept.
const SAMPLE: usize = 128;

/// What the sample is taken of.
const SHINGLES: Shingler = Shingler::of_words(PHRASE);

/// How many words a phrase has.
const PHRASE: usize = 3;

/// What is kept of an article: its language, its most distinctive words with how often and how
/// early they stand there, and a sample of its three-word shingles. About 2 KiB.
///
/// It depends on the article alone, not on the collection, and is the same on every machine.
///
/// ```
/// use retold::{Article, Fingerprint};
/// let fingerprint = Fingerprint::new(&Article::new("1", "The ferry sank off Kelm on Monday night."))?;
/// assert_eq!(fingerprint.words(), 8);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The hash of the words of the text in order.
    content: u64,
    words: u32,
    language: Language,
    /// Rising by hash.
    terms: Box<[Term]>,
    shingles: BottomK,
}

/// A word of an article: 32 bits of its hash, how much it counts there, and how rare it is before
/// anything is known of the collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) hash: u32,
    /// `ln(1 + lead-weighted occurrences)` in sixteenths; the highest bit says that it stands in
    /// the lead.
    frequency: u8,
    /// In eighths of a nat; the highest bit says that it is a number.
    rarity: u8,
}

/// Set in a term's frequency where it stands in the lead.
const IN_LEAD: u8 = 1 << 7;

/// Set in a term's rarity where it begins with a digit.
const NUMBER: u8 = 1 << 7;

impl Term {
    fn new(hash: u32, occurrences: f32, in_lead: bool, rarity: f32, number: bool) -> Self {
        let frequency = libm::roundf(libm::log1pf(occurrences) * 16.0).clamp(1.0, 127.0) as u8;
        let rarity = libm::roundf(rarity * 8.0).clamp(0.0, 127.0) as u8;
        Term {
            hash,
            frequency: frequency | if in_lead { IN_LEAD } else { 0 },
            rarity: rarity | if number { NUMBER } else { 0 },
        }
    }

    /// `ln(1 + occurrences)`, where an occurrence at the very start counts three times.
    pub(crate) fn frequency(self) -> f32 {
        f32::from(self.frequency & !IN_LEAD) / 16.0
    }

    /// Whether it stands in the lead.
    pub(crate) fn in_lead(self) -> bool {
        self.frequency & IN_LEAD != 0
    }

    /// Rarity before anything is known of the collection, in nats.
    pub(crate) fn prior(self) -> f32 {
        f32::from(self.rarity & !NUMBER) / 8.0
    }

    /// Whether it is a number.
    pub(crate) fn is_number(self) -> bool {
        self.rarity & NUMBER != 0
    }
}

impl Fingerprint {
    /// Sketches an article.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`] for a text without words, [`ErrorKind::TooLong`] for one of 4 GiB or
    /// more.
    pub fn new(article: &Article<'_>) -> Result<Self, Error> {
        let text = article.text();
        if text.len() >= u32::MAX as usize {
            return Err(
                ErrorKind::TooLong { id: article.id().to_owned(), bytes: text.len() }.into()
            );
        }
        let words = Words::new(text);
        if words.is_empty() {
            return Err(ErrorKind::NoWords { id: article.id().to_owned() }.into());
        }
        let title = article.get_title().map(Words::new).unwrap_or_default();
        let shingles = phrases(&words);
        let language = Language::of(&words);
        Ok(Fingerprint {
            content: content_hash(&words),
            words: words.len() as u32,
            language,
            terms: terms(language, &title, &words),
            shingles: BottomK::of_hashes(SAMPLE, &shingles),
        })
    }

    /// The number of words of the text.
    pub fn words(&self) -> usize {
        self.words as usize
    }

    /// What the text is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The sample of its three-word shingles.
    pub fn shingles(&self) -> &BottomK {
        &self.shingles
    }

    /// Whether the two texts have the same words in the same order.
    pub fn same_words(&self, other: &Fingerprint) -> bool {
        self.content == other.content && self.words == other.words
    }

    /// Its most distinctive words, rising by hash.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        size_of_val(&*self.terms) + self.shingles.memory_usage()
    }
}

/// The shingles that are phrases: those of figures alone, or with a word between two, are passed
/// over, unless the text has nothing else. Two market tables share such by chance.
fn phrases(words: &Words) -> Vec<u64> {
    let mut shingles = Vec::with_capacity(words.len());
    SHINGLES.hashes_into(words, &mut shingles);
    let figures: Vec<usize> =
        (0..words.len()).map(|at| usize::from(is_figure(words.text(at)))).collect();
    let in_words: Vec<u64> = shingles
        .iter()
        .zip(figures.windows(PHRASE.min(words.len())))
        .filter(|(_, figures)| figures.iter().sum::<usize>() < 2)
        .map(|(&shingle, _)| shingle)
        .collect();
    if in_words.is_empty() { shingles } else { in_words }
}

/// Whether a word begins with a digit.
fn is_figure(word: &str) -> bool {
    word.starts_with(|c: char| c.is_numeric())
}

fn content_hash(words: &Words) -> u64 {
    words.iter().fold(words.len() as u64, |hash, word| hash::mix(hash ^ word.hash()))
}

/// The heaviest terms of title and text, rising by hash.
fn terms(language: Language, title: &Words, text: &Words) -> Box<[Term]> {
    let words = title.iter().chain(text).zip(0u32..);
    // Each word with its position: the title comes first.
    let mut occurrences: Vec<(u32, u32)> =
        words.map(|(word, position)| (term_of(word.hash()), position)).collect();
    occurrences.sort_unstable();
    let word = |position: usize| match position.checked_sub(title.len()) {
        None => title.text(position),
        Some(index) => text.text(index),
    };
    let mut terms: Vec<Term> = occurrences
        .chunk_by(|a, b| a.0 == b.0)
        .map(|group| {
            let (hash, first) = (group[0].0, group[0].1 as usize);
            let weight: f32 = group.iter().map(|&(_, at)| lead_weight(at as usize)).sum();
            let word = word(first);
            let rarity = prior_rarity(language, hash, word);
            let number = is_figure(word);
            Term::new(hash, weight, first < LEAD, rarity, number)
        })
        .collect();
    if terms.len() > MAX_TERMS {
        let weight =
            |term: &Term| u32::from(term.frequency & !IN_LEAD) * u32::from(term.rarity & !NUMBER);
        terms.select_nth_unstable_by_key(MAX_TERMS, |term| {
            (std::cmp::Reverse(weight(term)), term.hash)
        });
        terms.truncate(MAX_TERMS);
        terms.sort_unstable_by_key(|term| term.hash);
    }
    terms.into()
}

/// How much an occurrence counts: `1 + 2·exp(−position/100)`. What a report is about stands in its
/// first sentences.
fn lead_weight(position: usize) -> f32 {
    /// Weights beyond this position are 1 to three digits.
    const TABLE: usize = 700;
    static WEIGHTS: std::sync::OnceLock<[f32; TABLE]> = std::sync::OnceLock::new();
    let weights = WEIGHTS.get_or_init(|| {
        std::array::from_fn(|position| 1.0 + 2.0 * libm::expf(-(position as f32) / 100.0))
    });
    weights.get(position).copied().unwrap_or(1.0)
}

/// A short list of terms by hash, such as those an index is asked for.
pub(crate) type TermList = SmallVec<[u32; 64]>;

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(text: &str) -> Fingerprint {
        Fingerprint::new(&Article::new("a", text)).unwrap()
    }

    /// What is kept of a word.
    fn term(fingerprint: &Fingerprint, word: &str) -> Option<Term> {
        let hash = term_of(hash::word(word.as_bytes()));
        fingerprint.terms().iter().copied().find(|term| term.hash == hash)
    }

    #[test]
    fn of_a_long_text_the_heaviest_words_are_kept() {
        let rare = (0..2 * MAX_TERMS).map(|n| format!("word{n}x the and of "));
        let text = rare.collect::<String>() + &"Skarholt ".repeat(30);
        let kept = fingerprint(&text);
        assert_eq!(kept.terms().len(), MAX_TERMS);
        assert!(kept.terms().is_sorted_by(|x, y| x.hash < y.hash));
        assert!(term(&kept, "skarholt").is_some() && term(&kept, "word0x").is_some());
        // The first ones weigh more; the last one stands far behind the lead.
        assert_eq!(term(&kept, &format!("word{}x", 2 * MAX_TERMS - 1)), None);
        assert_eq!(kept.words(), 2 * MAX_TERMS * 4 + 30);
    }

    #[test]
    fn a_word_counts_more_the_earlier_it_stands_and_in_a_title_most() {
        let text = format!("Kelm {} Orrin", "the ".repeat(400));
        let kept = fingerprint(&text);
        let (early, late) = (term(&kept, "kelm").unwrap(), term(&kept, "orrin").unwrap());
        assert!(early.frequency() > late.frequency());
        assert!(early.in_lead() && !late.in_lead());
        let titled = Fingerprint::new(&Article::new("a", &text).title("Orrin")).unwrap();
        let late = term(&titled, "orrin").unwrap();
        assert!(late.in_lead() && late.frequency() > early.frequency());
        assert!(titled.same_words(&kept), "a title is no part of the text");
    }

    #[test]
    fn numbers_are_told_and_rare_words_weigh_more() {
        let kept = fingerprint("The ferry to Skarholt had 1,212 people on board, said the mayor.");
        assert!(term(&kept, "1212").unwrap().is_number());
        assert!(!term(&kept, "skarholt").unwrap().is_number());
        assert!(term(&kept, "skarholt").unwrap().prior() > term(&kept, "the").unwrap().prior());
    }

    #[test]
    fn the_order_of_the_words_makes_another_text() {
        let (one, other) = (fingerprint("red boat, blue boat"), fingerprint("blue boat, red boat"));
        assert!(!one.same_words(&other));
        assert!(one.same_words(&fingerprint("Red boat! BLUE boat")));
        assert_eq!(one.terms().len(), other.terms().len());
    }
}
