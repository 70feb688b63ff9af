//! The fingerprint of an article: the part of it that is stored and compared instead of the text.
//!
//! Takes an [`Article`]; gives a [`Fingerprint`]. Two kinds of evidence are kept, because copies and
//! retellings leave different traces: a bottom-k sample of the shingles measures how much text two
//! articles share, and the heaviest terms tell which words they share. Both are bounded, so the size
//! does not grow with the text. The cost is linear in the number of words; a [`Sketcher`] reuses its
//! buffers, so that a stream of articles does not allocate for each one.
//!
//! Invariant: a fingerprint depends on the article alone, never on a collection or a machine.

use crate::corpus::article::{Article, MAX_ID_BYTES};
use crate::error::{Error, ErrorKind};
use crate::hash;
use crate::kernel::BucketSort;
use crate::sketch::bottomk::{BottomK, Least};
use crate::sketch::shingle::Shingler;
use crate::text::language::{Language, TERM_BITS, is_figure};
use crate::text::scanner::{Scan, Scanner};

use distinct::{DistinctWords, WeightedWord};
pub(crate) use marks::MAX_MARKS;
pub(crate) use marks::Mark;
use marks::Marker;

mod distinct;
mod marks;

/// The number of words that form the lead: those of the title, then those of the text.
const LEAD_WORDS: usize = 120;

/// The most shingle hashes that are kept: the least ones.
const SAMPLE_SIZE: usize = 128;

/// All shingle hashes below this one are kept: one in eight of a long text. So an excerpt of sixty words
/// still shares some seven with a text of any length.
const ALL_BELOW: u32 = 1 << 29;

/// The number of words of a phrase.
const PHRASE_WORDS: usize = 3;

/// The shingles that are sampled.
const SHINGLES: Shingler = Shingler::of_words(PHRASE_WORDS);

/// The stored form of an article: its language, its heaviest words with their frequency and whether
/// they occur in the lead, and a sample of its three-word shingles. At most 2 KiB.
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
    content: u128,
    words: u32,
    language: Language,
    /// [`KeptTerm`]s, rising.
    terms: Box<[u32]>,
    shingles: BottomK,
    /// [`Mark`]s, in the order of the text.
    marks: Box<[u16]>,
    title: Title,
}

/// What is kept of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Title {
    /// A hash of its words; 0 where there is none.
    pub(crate) hash: u16,
    /// Whether the article is brief and has none of the title's longer words.
    pub(crate) is_foreign: bool,
}

impl Title {
    /// A text of more words is no notice, so its title is not looked for in it.
    const MAX_WORDS: usize = 250;

    /// Shorter words are in many texts.
    const MIN_LETTERS: usize = 4;

    /// That of an article with these words, by the hashes of the title's words and of its longer ones.
    fn of(title: &(Vec<u64>, Vec<u64>), words: &[u64]) -> Self {
        let (all, longer) = title;
        if all.is_empty() {
            return Title::default();
        }
        let is_foreign = words.len() <= Self::MAX_WORDS
            && !longer.is_empty()
            && longer.iter().all(|word| !words.contains(word));
        Title { hash: ((hash::many(all) >> 48) as u16).max(1), is_foreign }
    }
}

/// A term of an article and its frequency, packed so that the numbers sort by term. Slices of them are
/// stored as plain `u32`, which kernels read without conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeptTerm(pub(crate) u32);

impl KeptTerm {
    /// The number of bits below the term, which hold the frequency.
    pub(crate) const FREQUENCY_BITS: u32 = u32::BITS - TERM_BITS;

    /// Packs a term with a frequency of seven bits: `ln(1 + lead-weighted occurrences)` in eighths, and
    /// the flag [`IN_LEAD`].
    pub(crate) fn new(term: u32, frequency: u8) -> Self {
        KeptTerm(term << Self::FREQUENCY_BITS | u32::from(frequency))
    }

    /// Returns the term, see [`term_of`](crate::text::language::term_of).
    pub(crate) fn term(self) -> u32 {
        self.0 >> Self::FREQUENCY_BITS
    }

    /// Returns `ln(1 + lead-weighted occurrences)` in eighths.
    pub(crate) fn frequency(self) -> u32 {
        self.0 & (u32::from(IN_LEAD) - 1)
    }

    /// Returns whether the term occurs in the lead.
    pub(crate) fn in_lead(self) -> bool {
        self.0 & u32::from(IN_LEAD) != 0
    }
}

/// Returns whether these can be the [`KeptTerm`]s of an article.
pub(crate) fn are_terms(terms: &[u32]) -> bool {
    let term = |&term: &u32| KeptTerm(term).term();
    terms.len() <= Fingerprint::MAX_TERMS
        && terms.first().is_none_or(|first| term(first) > 0)
        && terms.is_sorted_by(|one, two| term(one) < term(two))
}

/// The positions of distinctive words among the terms of their article.
pub(crate) fn key_positions(terms: &[u32], keys: &[u32]) -> Vec<u8> {
    let position = |&key: &u32| terms.partition_point(|&term| KeptTerm(term).term() < key) as u8;
    keys.iter().map(position).collect()
}

/// The flag of the frequency that marks a term of the lead.
pub(crate) const IN_LEAD: u8 = 1 << 6;

impl Fingerprint {
    /// The most terms that are kept of an article: the heaviest ones. What fewer would lose: see the
    /// design page.
    pub(crate) const MAX_TERMS: usize = 192;

    /// Sketches an article. For many articles a [`Sketcher`] is faster. Linear in the length of the text.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`] for a text without words, [`ErrorKind::TooLong`] for one of 4 GiB or
    /// more, [`ErrorKind::LongId`] for an id of more than 65 535 bytes.
    pub fn new(article: &Article<'_>) -> Result<Self, Error> {
        Sketcher::new().fingerprint(article)
    }

    /// Returns the number of words of the text.
    pub fn words(&self) -> usize {
        self.words as usize
    }

    /// Returns the language of the text.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Returns the sample of the three-word shingles.
    pub fn shingles(&self) -> &BottomK {
        &self.shingles
    }

    /// Returns whether the two texts have the same words in the same order.
    pub fn same_words(&self, other: &Fingerprint) -> bool {
        self.content == other.content && self.words == other.words
    }

    pub(crate) fn content(&self) -> u128 {
        self.content
    }

    /// Returns the [`KeptTerm`]s of the heaviest words, rising.
    pub(crate) fn terms(&self) -> &[u32] {
        &self.terms
    }

    /// The [`Mark`]s of the text.
    pub(crate) fn marks(&self) -> &[u16] {
        &self.marks
    }

    pub(crate) fn title(&self) -> Title {
        self.title
    }

    /// Bytes held on the heap.
    pub fn memory_usage(&self) -> usize {
        size_of_val(&*self.marks) + size_of_val(&*self.terms) + self.shingles.memory_usage()
    }
}

/// Makes the fingerprints of many articles, one after another, in the same buffers.
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
    /// The positions of the words of the text that are figures, rising.
    figures: Vec<u32>,
    words: DistinctWords,
    heaviest: Heaviest,
    least: Least,
    marker: Marker,
    /// The hashes of the title's words, and of the longer ones.
    title: (Vec<u64>, Vec<u64>),
}

impl Sketcher {
    /// Creates a sketcher with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sketches an article; the result is that of [`Fingerprint::new`]. Linear in the length of the text.
    ///
    /// # Errors
    /// As [`Fingerprint::new`].
    pub fn fingerprint(&mut self, article: &Article<'_>) -> Result<Fingerprint, Error> {
        let text = checked_text(article)?;
        let Sketcher { scanner, shingles, figures, words, heaviest, least, marker, title } = self;
        let scanned = article.get_title().map(|title| scanner.scan(title));
        note_title(title, scanned.as_ref());
        words.begin(scanned.as_ref());
        let scan = scanner.scan(text);
        if scan.is_empty() {
            return Err(ErrorKind::NoWords { id: article.id().to_owned() }.into());
        }
        words.add_text(&scan, figures);
        let language = words.language();
        phrases(scan.hashes(), figures, shingles);
        Ok(Fingerprint {
            content: hash::content(scan.hashes()),
            words: scan.len() as u32,
            language,
            shingles: BottomK::in_buffers(SAMPLE_SIZE, ALL_BELOW, shingles, least),
            terms: heaviest.of(words.weighted(language)),
            marks: marker.of(text),
            title: Title::of(title, scan.hashes()),
        })
    }

    /// Sketches only the phrases of an article, which is all that finding copies needs. The language
    /// is not detected.
    pub(crate) fn phrases(&mut self, article: &Article<'_>) -> Result<Fingerprint, Error> {
        let text = checked_text(article)?;
        let scanned = article.get_title().map(|title| self.scanner.scan(title));
        note_title(&mut self.title, scanned.as_ref());
        let scan = self.scanner.scan(text);
        if scan.is_empty() {
            return Err(ErrorKind::NoWords { id: article.id().to_owned() }.into());
        }
        let is_figure = |index| is_figure(scan.bytes(index));
        positions_where(&mut self.figures, (0..scan.len()).map(is_figure));
        phrases(scan.hashes(), &self.figures, &mut self.shingles);
        Ok(Fingerprint {
            content: hash::content(scan.hashes()),
            words: scan.len() as u32,
            language: Language::Other,
            terms: Box::default(),
            shingles: BottomK::in_buffers(SAMPLE_SIZE, ALL_BELOW, &self.shingles, &mut self.least),
            marks: self.marker.of(text),
            title: Title::of(&self.title, scan.hashes()),
        })
    }
}

/// Selects the heaviest words of many articles, one after another, in the same buffers.
#[derive(Debug, Clone, Default)]
struct Heaviest {
    /// A [`KeptTerm`] above one bit that marks a tie with the lightest kept weight; plain numbers, which
    /// sort fastest.
    packed: Vec<u64>,
    weights: Vec<u16>,
    sort: BucketSort<u64>,
}

impl Heaviest {
    /// Returns the terms of the heaviest words, rising. Of words that tie for the last places those with
    /// the least terms are kept, so that the result does not depend on the order of the words.
    fn of(&mut self, words: impl Iterator<Item = WeightedWord>) -> Box<[u32]> {
        let Heaviest { packed, weights, sort } = self;
        packed.clear();
        weights.clear();
        for word in words {
            packed.push(u64::from(KeptTerm::new(word.term, word.frequency).0) << 1);
            weights.push(word.weight);
        }
        let least = least_weight(weights);
        let mut kept = 0;
        for at in 0..packed.len() {
            packed[kept] = packed[at] | u64::from(weights[at] == least);
            kept += usize::from(weights[at] >= least);
        }
        packed.truncate(kept);
        sort.sort(packed, |packed| (packed >> 25) as u8);
        drop_last_marked(packed, kept.saturating_sub(Fingerprint::MAX_TERMS));
        // Words whose hashes give the same term count once.
        let unpacked = |packed: u64| KeptTerm((packed >> 1) as u32);
        packed.dedup_by_key(|packed| unpacked(*packed).term());
        packed.iter().map(|&packed| unpacked(packed).0).collect()
    }
}

/// Notes the hashes of the words of a title.
fn note_title(title: &mut (Vec<u64>, Vec<u64>), scan: Option<&Scan<'_>>) {
    title.0.clear();
    title.1.clear();
    if let Some(scan) = scan {
        title.0.extend_from_slice(scan.hashes());
        let is_long = |&at: &usize| scan.bytes(at).len() >= Title::MIN_LETTERS;
        title.1.extend((0..scan.len()).filter(is_long).map(|at| scan.hashes()[at]));
    }
}

/// The text of an article, if offsets reach its end.
fn checked_text<'a>(article: &Article<'a>) -> Result<&'a str, Error> {
    let (id, text) = (article.id(), article.text());
    if id.len() > MAX_ID_BYTES {
        return Err(ErrorKind::LongId { bytes: id.len() }.into());
    }
    if text.len() < u32::MAX as usize {
        Ok(text)
    } else {
        Err(ErrorKind::TooLong { id: id.to_owned(), bytes: text.len() }.into())
    }
}

/// Returns the largest weight that at least [`Fingerprint::MAX_TERMS`] words reach, or 0 if there are no
/// more words than that.
fn least_weight(weights: &[u16]) -> u16 {
    if weights.len() <= Fingerprint::MAX_TERMS {
        return 0;
    }
    // The bits are decided from the highest down: a count of all weights above a bound takes a few
    // vector instructions, which is cheaper than a selection with branches.
    let at_least = |least: u16| -> usize {
        let chunks = weights.chunks(usize::from(u16::MAX));
        let count =
            |chunk: &[u16]| -> u16 { chunk.iter().map(|&weight| u16::from(weight >= least)).sum() };
        chunks.map(|chunk| usize::from(count(chunk))).sum()
    };
    (0..WeightedWord::BITS).rev().fold(0, |least, bit| {
        let higher = least | 1 << bit;
        if at_least(higher) >= Fingerprint::MAX_TERMS { higher } else { least }
    })
}

/// Drops the last `surplus` of the numbers whose lowest bit is set.
fn drop_last_marked(numbers: &mut Vec<u64>, surplus: usize) {
    if surplus == 0 {
        return;
    }
    let marked: u64 = numbers.iter().map(|number| number & 1).sum();
    let mut left = marked as usize - surplus;
    numbers.retain(|number| {
        let is_marked = number & 1 == 1;
        let is_kept = !is_marked || left > 0;
        left -= usize::from(is_marked && is_kept);
        is_kept
    });
}

/// Writes the positions of all `true` flags to `positions`.
fn positions_where(positions: &mut Vec<u32>, flags: impl ExactSizeIterator<Item = bool>) {
    positions.clear();
    positions.resize(flags.len(), 0);
    let mut len = 0;
    for (at, flag) in (0..).zip(flags) {
        // Every position is written, and overwritten by the next one unless its flag is set: no branch.
        positions[len] = at;
        len += usize::from(flag);
    }
    positions.truncate(len);
}

/// Writes the hashes of the shingles that are phrases. A shingle with two figures or more is none: two
/// market tables share such shingles by chance. A text that has no other shingles keeps them.
fn phrases(words: &[u64], figures: &[u32], shingles: &mut Vec<u64>) {
    shingles.clear();
    SHINGLES.hashes_of(words, shingles);
    if words.len() < PHRASE_WORDS {
        return;
    }
    // The number of shingles kept, and of those examined.
    let (mut kept, mut done) = (0, 0);
    for pair in figures.windows(2) {
        let [one, two] = [pair[0] as usize, pair[1] as usize];
        // The range of shingles that contain both figures.
        let (first, last) =
            ((two + 1).saturating_sub(PHRASE_WORDS).max(done), one.min(shingles.len() - 1));
        if first <= last {
            shingles.copy_within(done..first, kept);
            kept += first - done;
            done = last + 1;
        }
    }
    if kept > 0 || done < shingles.len() {
        shingles.copy_within(done.., kept);
        shingles.truncate(kept + shingles.len() - done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::language::term_of;
    use proptest::prelude::*;

    fn fingerprint(text: &str) -> Fingerprint {
        Fingerprint::new(&Article::new("a", text)).unwrap()
    }

    /// The kept term of a word, if there is one.
    fn term(fingerprint: &Fingerprint, word: &str) -> Option<KeptTerm> {
        let named = term_of(hash::word(word.as_bytes()), word);
        fingerprint.terms().iter().copied().map(KeptTerm).find(|term| term.term() == named)
    }

    #[test]
    fn of_a_long_text_the_heaviest_words_are_kept() {
        let rare = (0..2 * Fingerprint::MAX_TERMS).map(|n| format!("word{n}x the and of "));
        let text = rare.collect::<String>() + &"Skarholt ".repeat(30);
        let kept = fingerprint(&text);
        assert_eq!(kept.terms().len(), Fingerprint::MAX_TERMS);
        assert!(kept.terms().is_sorted_by(|&x, &y| KeptTerm(x).term() < KeptTerm(y).term()));
        assert!(term(&kept, "skarholt").is_some() && term(&kept, "word0x").is_some());
        // The first words weigh more; the last ones come far behind the lead.
        let found = |numbers: std::ops::Range<usize>| {
            numbers.filter(|n| term(&kept, &format!("word{n}x")).is_some()).count()
        };
        let all = 2 * Fingerprint::MAX_TERMS;
        assert!(found(0..all / 4) > found(all * 3 / 4..all));
        assert_eq!(kept.words(), 2 * Fingerprint::MAX_TERMS * 4 + 30);
    }

    #[test]
    fn a_word_counts_more_the_earlier_it_occurs_and_most_in_a_title() {
        let text = format!("Kelm {} Orrin", "the ".repeat(400));
        let kept = fingerprint(&text);
        let (early, late) = (term(&kept, "kelm").unwrap(), term(&kept, "orrin").unwrap());
        assert!(early.frequency() > late.frequency());
        assert!(early.in_lead() && !late.in_lead());
        let titled = Fingerprint::new(&Article::new("a", &text).title("Orrin")).unwrap();
        let late = term(&titled, "orrin").unwrap();
        assert!(late.frequency() > early.frequency());
        assert!(titled.same_words(&kept), "a title is no part of the text");
    }

    #[test]
    fn texts_with_the_same_words_in_another_order_differ() {
        let (one, other) = (fingerprint("red boat, blue boat"), fingerprint("blue boat, red boat"));
        assert!(!one.same_words(&other));
        assert!(one.same_words(&fingerprint("Red boat! BLUE boat")));
        assert_eq!(one.terms().len(), other.terms().len());
    }

    #[test]
    fn earlier_articles_do_not_change_what_a_sketcher_gives() {
        let mut sketcher = Sketcher::new();
        let long = (0..900).map(|n| format!("word{n} 1,0{n:02} the ")).collect::<String>();
        for text in [&*long, "один два 3", "1.000 words", "Bộ trưởng 1 2 3", "x", "", &long[..99]]
        {
            for title in [None, Some("A title of 5 words"), Some("")] {
                let mut article = Article::new("a", text);
                if let Some(title) = title {
                    article = article.title(title);
                }
                let (found, expected) =
                    (sketcher.fingerprint(&article), Fingerprint::new(&article));
                assert_eq!(found.ok(), expected.ok(), "{text:?}");
                assert_eq!(sketcher.phrases(&article).ok(), Sketcher::new().phrases(&article).ok());
            }
        }
    }

    proptest! {
        #[test]
        fn the_heaviest_words_are_those_that_sorting_puts_first(
            words in prop::collection::vec((0u32..1000, 1u8..0x80, 0u16..9), 0..600),
        ) {
            // Equal terms of equal frequency have equal weights.
            let words = words.into_iter().map(|(term, frequency, weight)| {
                let weight = (weight + term as u16 + u16::from(frequency)) % 9 * 1000;
                WeightedWord { term: term.wrapping_mul(0x9e37_79b9) >> (32 - TERM_BITS), frequency, weight }
            });
            let words: Vec<WeightedWord> = words.collect();
            let mut expected = words.clone();
            expected.sort_by_key(|word| (u16::MAX - word.weight, word.term, word.frequency));
            expected.truncate(Fingerprint::MAX_TERMS);
            expected.sort_by_key(|word| (word.term, word.frequency));
            expected.dedup_by_key(|word| word.term);
            let packed = |word: &WeightedWord| KeptTerm::new(word.term, word.frequency).0;
            let expected: Vec<u32> = expected.iter().map(packed).collect();
            prop_assert_eq!(&*Heaviest::default().of(words.into_iter()), expected);
        }

        #[test]
        fn phrases_have_at_most_one_figure(
            figures in prop::collection::vec(prop::bool::weighted(0.3), 1..30),
        ) {
            let words: Vec<u64> = (1..=figures.len() as u64).map(hash::mix).collect();
            let (mut positions, mut found, mut all) = (Vec::new(), Vec::new(), Vec::new());
            positions_where(&mut positions, figures.iter().copied());
            phrases(&words, &positions, &mut found);
            SHINGLES.hashes_of(&words, &mut all);
            let is_phrase = |figures: &[bool]| figures.iter().filter(|&&is| is).count() < 2;
            let windows = figures.windows(PHRASE_WORDS.min(figures.len()));
            let kept = all.iter().zip(windows).filter(|(_, figures)| is_phrase(figures));
            let mut expected: Vec<u64> = kept.map(|(&shingle, _)| shingle).collect();
            if expected.is_empty() {
                expected = all;
            }
            prop_assert_eq!(found, expected);
        }
    }
}
