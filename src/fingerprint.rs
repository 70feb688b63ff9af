//! What the detector keeps of an article instead of its text.

use crate::article::Article;
use crate::bottomk::BottomK;
use crate::error::{Error, ErrorKind};
use crate::hash;
use crate::scanner::{Scan, Scanner};
use crate::shingle::Shingler;
use crate::vocabulary::{Language, Votes, WordFacts, is_number};

/// How many words of a text are its lead.
const LEAD: usize = 120;

/// How many of the least shingle hashes are kept.
const SAMPLE: usize = 128;

/// What the sample is taken of.
const SHINGLES: Shingler = Shingler::of_words(PHRASE);

/// How many words a phrase has.
const PHRASE: usize = 3;

/// What is kept of an article: its language, its most distinctive words with how often and how
/// early they stand there, and a sample of its three-word shingles. At most 2 KiB.
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
    /// Rising by term.
    terms: Box<[Term]>,
    shingles: BottomK,
}

/// A word of an article and how much it counts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    /// See [`term_of`].
    pub(crate) term: u32,
    /// Seven bits: `ln(1 + lead-weighted occurrences)` in eighths, and [`IN_LEAD`].
    pub(crate) frequency: u8,
}

/// `ln(1 + occurrences)` in eighths, 1 to 63.
fn steps_of_frequency(occurrences: f32) -> u8 {
    /// The occurrences, of which a step begins, from the second one on.
    static STEPS: std::sync::OnceLock<[f32; 62]> = std::sync::OnceLock::new();
    let steps =
        STEPS.get_or_init(|| std::array::from_fn(|step| libm::expm1f((step as f32 + 1.5) / 8.0)));
    steps.partition_point(|&least| least <= occurrences) as u8 + 1
}

/// Set in a term's frequency where it stands in the lead.
pub(crate) const IN_LEAD: u8 = 1 << 6;

impl Term {
    fn new(term: u32, occurrences: f32, in_lead: bool) -> Self {
        let frequency = steps_of_frequency(occurrences);
        Term { term, frequency: frequency | if in_lead { IN_LEAD } else { 0 } }
    }
}

impl Fingerprint {
    /// The most terms that are kept of an article: the heaviest.
    pub(crate) const MAX_TERMS: usize = 192;

    /// Sketches an article. For many of them a [`Sketcher`] is faster.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`] for a text without words, [`ErrorKind::TooLong`] for one of 4 GiB or
    /// more.
    pub fn new(article: &Article<'_>) -> Result<Self, Error> {
        Sketcher::new().fingerprint(article)
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

    /// The hash of the words in order.
    pub(crate) fn content(&self) -> u64 {
        self.content
    }

    /// Its most distinctive words, rising by term.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        size_of_val(&*self.terms) + self.shingles.memory_usage()
    }
}

/// Makes fingerprints of one article after another in the same buffers.
///
/// ```
/// use retold::{Article, Fingerprint, Sketcher};
/// let mut sketcher = Sketcher::new();
/// let article = Article::new("1", "The ferry sank off Kelm on Monday night.");
/// assert_eq!(sketcher.fingerprint(&article)?, Fingerprint::new(&article)?);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Sketcher {
    scanner: Scanner,
    shingles: Vec<u64>,
    /// Of each word of the text whether it is a figure.
    figures: Vec<bool>,
    words: DistinctWords,
    packed: Vec<u64>,
    least: Vec<u32>,
}

impl Sketcher {
    /// Empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sketches an article: the same as [`Fingerprint::new`]. Linear in its length.
    ///
    /// # Errors
    /// Those of [`Fingerprint::new`].
    pub fn fingerprint(&mut self, article: &Article<'_>) -> Result<Fingerprint, Error> {
        let text = checked_text(article)?;
        let Sketcher { scanner, shingles, figures, words, .. } = self;
        words.clear();
        if let Some(title) = article.get_title() {
            words.add_title(&scanner.scan(title));
        }
        let scan = scanner.scan(text);
        if scan.is_empty() {
            return Err(ErrorKind::NoWords { id: article.id().to_owned() }.into());
        }
        words.add_text(&scan, figures);
        let language = words.language();
        phrases(scan.hashes(), figures, shingles);
        Ok(Fingerprint {
            content: hash::many(scan.hashes()),
            words: scan.len() as u32,
            language,
            shingles: BottomK::in_buffer(SAMPLE, shingles, &mut self.least),
            terms: self.heaviest_terms(language),
        })
    }

    /// Sketches the phrases of an article alone: what finding copies needs. Its language is not
    /// looked at.
    pub(crate) fn phrases(&mut self, article: &Article<'_>) -> Result<Fingerprint, Error> {
        let scan = self.scanner.scan(checked_text(article)?);
        if scan.is_empty() {
            return Err(ErrorKind::NoWords { id: article.id().to_owned() }.into());
        }
        self.figures.clear();
        self.figures.extend((0..scan.len()).map(|index| scan.is_figure(index)));
        phrases(scan.hashes(), &self.figures, &mut self.shingles);
        Ok(Fingerprint {
            content: hash::many(scan.hashes()),
            words: scan.len() as u32,
            language: Language::Other,
            terms: Box::default(),
            shingles: BottomK::in_buffer(SAMPLE, &self.shingles, &mut self.least),
        })
    }

    /// The heaviest terms of the words, rising.
    fn heaviest_terms(&mut self, language: Language) -> Box<[Term]> {
        // Packed, since numbers are sorted fastest: how little it weighs, its term, its frequency.
        let packed = &mut self.packed;
        packed.clear();
        packed.extend(self.words.distinct.iter().map(|word| {
            let term = Term::new(word.facts.term, word.occurrences, (word.first as usize) < LEAD);
            let weight = f32::from(term.frequency & !IN_LEAD) * word.facts.prior(language);
            // Rarities are eighths of a nat: this is a whole number below 2¹³.
            let lightness = u64::from(u16::MAX - (weight * 8.0) as u16);
            lightness << 40 | u64::from(term.term) << 8 | u64::from(term.frequency)
        }));
        if packed.len() > Fingerprint::MAX_TERMS {
            packed.select_nth_unstable(Fingerprint::MAX_TERMS);
            packed.truncate(Fingerprint::MAX_TERMS);
        }
        packed.iter_mut().for_each(|packed| *packed &= (1 << 40) - 1);
        packed.sort_unstable();
        // Two words of one term are one.
        packed.dedup_by_key(|packed| *packed >> 8);
        let unpack = |&packed: &u64| Term { term: (packed >> 8) as u32, frequency: packed as u8 };
        packed.iter().map(unpack).collect()
    }
}

/// The text of an article, if offsets reach its end.
fn checked_text<'a>(article: &Article<'a>) -> Result<&'a str, Error> {
    let (id, text) = (article.id(), article.text());
    if text.len() < u32::MAX as usize {
        Ok(text)
    } else {
        Err(ErrorKind::TooLong { id: id.to_owned(), bytes: text.len() }.into())
    }
}

/// The different words of a title and a text, in the order in which they first stand there.
#[derive(Debug, Clone, Default)]
struct DistinctWords {
    distinct: Vec<DistinctWord>,
    /// Open addressing by hash: 0, or one more than a place in `distinct`. A power of two, at least
    /// twice as many as the words.
    slots: Vec<u32>,
    /// How many words were added, each as often as it stands there.
    added: usize,
}

#[derive(Debug, Clone, Copy)]
struct DistinctWord {
    hash: u64,
    facts: WordFacts,
    /// Its first position.
    first: u32,
    /// How often it stands in the text.
    in_text: u32,
    /// How often in all, lead-weighted.
    occurrences: f32,
}

impl DistinctWords {
    fn clear(&mut self) {
        self.distinct.clear();
        self.slots.clear();
        self.added = 0;
    }

    fn add_title(&mut self, title: &Scan<'_>) {
        self.make_room(title.len());
        (0..title.len()).for_each(|index| _ = self.add(title, index));
    }

    /// Adds the words of a text, and tells of each whether it is a figure.
    fn add_text(&mut self, text: &Scan<'_>, figures: &mut Vec<bool>) {
        self.make_room(text.len());
        figures.clear();
        figures.extend((0..text.len()).map(|index| {
            let word = self.add(text, index);
            word.in_text += 1;
            is_number(word.facts.term)
        }));
    }

    fn make_room(&mut self, words: usize) {
        let needed = (2 * (self.distinct.len() + words)).next_power_of_two();
        if self.slots.len() < needed {
            self.slots.clear();
            self.slots.resize(needed, 0);
            for place in 0..self.distinct.len() {
                let (Err(slot) | Ok(slot)) = self.find(self.distinct[place].hash);
                self.slots[slot] = place as u32 + 1;
            }
        }
    }

    /// The slot of a word, or the one where it would go.
    #[inline]
    fn find(&self, hash: u64) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                0 => return Err(slot),
                taken if self.distinct[taken as usize - 1].hash == hash => return Ok(slot),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// Adds the next word.
    #[inline]
    fn add(&mut self, scan: &Scan<'_>, index: usize) -> &mut DistinctWord {
        let hash = scan.hashes()[index];
        let place = match self.find(hash) {
            Ok(slot) => self.slots[slot] as usize - 1,
            Err(slot) => {
                let facts = WordFacts::of(hash, scan.text(index));
                let first = self.added as u32;
                self.distinct.push(DistinctWord {
                    hash,
                    facts,
                    first,
                    in_text: 0,
                    occurrences: 0.0,
                });
                self.slots[slot] = self.distinct.len() as u32;
                self.distinct.len() - 1
            }
        };
        let word = &mut self.distinct[place];
        word.occurrences += lead_weight(self.added);
        self.added += 1;
        word
    }

    fn language(&self) -> Language {
        let mut votes = Votes::default();
        self.distinct.iter().for_each(|word| votes.add(&word.facts, word.in_text as usize));
        votes.winner()
    }
}

/// The shingles that are phrases: those of figures alone, or with a word between two, are passed
/// over, unless the text has nothing else. Two market tables share such by chance.
fn phrases(words: &[u64], figures: &[bool], shingles: &mut Vec<u64>) {
    shingles.clear();
    SHINGLES.hashes_of(words, shingles);
    let windows = || figures.windows(PHRASE.min(figures.len()));
    let is_phrase = |figures: &[bool]| figures.iter().map(|&is| usize::from(is)).sum::<usize>() < 2;
    if !figures.contains(&true) || !windows().any(is_phrase) {
        return;
    }
    let mut kept = 0;
    for (at, figures) in windows().enumerate() {
        // Each is moved, and the next one over it if it is no phrase: no branch to guess.
        shingles[kept] = shingles[at];
        kept += usize::from(is_phrase(figures));
    }
    shingles.truncate(kept);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::term_of;

    fn fingerprint(text: &str) -> Fingerprint {
        Fingerprint::new(&Article::new("a", text)).unwrap()
    }

    /// What is kept of a word.
    fn term(fingerprint: &Fingerprint, word: &str) -> Option<Term> {
        let hash = term_of(hash::word(word.as_bytes()), word);
        fingerprint.terms().iter().copied().find(|term| term.term == hash)
    }

    #[test]
    fn of_a_long_text_the_heaviest_words_are_kept() {
        let rare = (0..2 * Fingerprint::MAX_TERMS).map(|n| format!("word{n}x the and of "));
        let text = rare.collect::<String>() + &"Skarholt ".repeat(30);
        let kept = fingerprint(&text);
        assert_eq!(kept.terms().len(), Fingerprint::MAX_TERMS);
        assert!(kept.terms().is_sorted_by(|x, y| x.term < y.term));
        assert!(term(&kept, "skarholt").is_some() && term(&kept, "word0x").is_some());
        // The first ones weigh more; the last ones stand far behind the lead.
        let found = |numbers: std::ops::Range<usize>| {
            numbers.filter(|n| term(&kept, &format!("word{n}x")).is_some()).count()
        };
        let all = 2 * Fingerprint::MAX_TERMS;
        assert!(found(0..all / 4) > found(all * 3 / 4..all));
        assert_eq!(kept.words(), 2 * Fingerprint::MAX_TERMS * 4 + 30);
    }

    #[test]
    fn a_word_counts_more_the_earlier_it_stands_and_in_a_title_most() {
        let text = format!("Kelm {} Orrin", "the ".repeat(400));
        let kept = fingerprint(&text);
        let (early, late) = (term(&kept, "kelm").unwrap(), term(&kept, "orrin").unwrap());
        assert!(early.frequency & !IN_LEAD > late.frequency);
        assert!(early.frequency & IN_LEAD != 0 && late.frequency & IN_LEAD == 0);
        let titled = Fingerprint::new(&Article::new("a", &text).title("Orrin")).unwrap();
        let late = term(&titled, "orrin").unwrap();
        assert!(late.frequency > early.frequency);
        assert!(titled.same_words(&kept), "a title is no part of the text");
    }

    #[test]
    fn the_order_of_the_words_makes_another_text() {
        let (one, other) = (fingerprint("red boat, blue boat"), fingerprint("blue boat, red boat"));
        assert!(!one.same_words(&other));
        assert!(one.same_words(&fingerprint("Red boat! BLUE boat")));
        assert_eq!(one.terms().len(), other.terms().len());
    }
}
