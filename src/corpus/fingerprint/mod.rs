//! What the detector keeps of an article instead of its text.

use crate::corpus::article::Article;
use crate::error::{Error, ErrorKind};
use crate::hash;
use crate::kernel::BucketSort;
use crate::sketch::bottomk::{BottomK, Least};
use crate::sketch::shingle::Shingler;
use crate::text::language::{Language, TERM_BITS, is_figure};
use crate::text::scanner::{Scan, Scanner};

use distinct::{DistinctWords, WeightedWord};
use marks::Marker;
pub(crate) use marks::{MAX_MARKS, Mark};

mod distinct;
mod marks;

/// How many words of a text are its lead.
const LEAD: usize = 120;

/// How many of the least shingle hashes are kept.
const SAMPLE: usize = 128;

/// All shingle hashes below this one are kept: one in eight of a long text. So an excerpt of sixty words
/// still shares some seven with a text of any length.
const ALL_BELOW: u32 = 1 << 29;

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

/// A term of an article and how much it counts there, packed so that they are in the order of the
/// terms. Slices of them are kept as plain numbers, which kernels read as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeptTerm(pub(crate) u32);

impl KeptTerm {
    /// How many bits below the term the frequency takes.
    pub(crate) const FREQUENCY_BITS: u32 = u32::BITS - TERM_BITS;

    /// A term with its frequency, in seven bits: `ln(1 + lead-weighted occurrences)` in eighths, and
    /// [`IN_LEAD`].
    pub(crate) fn new(term: u32, frequency: u8) -> Self {
        KeptTerm(term << Self::FREQUENCY_BITS | u32::from(frequency))
    }

    /// See [`term_of`](crate::corpus::vocabulary::term_of).
    pub(crate) fn term(self) -> u32 {
        self.0 >> Self::FREQUENCY_BITS
    }

    /// Beside the other terms of the article, in eighths of `ln(1 + occurrences)`.
    pub(crate) fn frequency(self) -> u32 {
        self.0 & (u32::from(IN_LEAD) - 1)
    }

    /// Whether it stands in the lead.
    pub(crate) fn in_lead(self) -> bool {
        self.0 & u32::from(IN_LEAD) != 0
    }
}

/// Set in a term's frequency where it stands in the lead.
pub(crate) const IN_LEAD: u8 = 1 << 6;

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

    /// The [`KeptTerm`]s of its most distinctive words, rising.
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
    /// Which words of the text are figures, rising.
    figures: Vec<u32>,
    words: DistinctWords,
    heaviest: Heaviest,
    least: Least,
    marker: Marker,
    /// The hashes of the title's words, and of the longer ones.
    title: (Vec<u64>, Vec<u64>),
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
            content: hash::many(scan.hashes()),
            words: scan.len() as u32,
            language,
            shingles: BottomK::in_buffers(SAMPLE, ALL_BELOW, shingles, least),
            terms: heaviest.of(words.weighed(language)),
            marks: marker.of(text),
            title: Title::of(title, scan.hashes()),
        })
    }

    /// Sketches the phrases of an article alone: what finding copies needs. Its language is not
    /// looked at.
    pub(crate) fn phrases(&mut self, article: &Article<'_>) -> Result<Fingerprint, Error> {
        let text = checked_text(article)?;
        let scanned = article.get_title().map(|title| self.scanner.scan(title));
        note_title(&mut self.title, scanned.as_ref());
        let scan = self.scanner.scan(text);
        if scan.is_empty() {
            return Err(ErrorKind::NoWords { id: article.id().to_owned() }.into());
        }
        let is_figure = |index| is_figure(scan.bytes(index));
        note_places(&mut self.figures, (0..scan.len()).map(is_figure));
        phrases(scan.hashes(), &self.figures, &mut self.shingles);
        Ok(Fingerprint {
            content: hash::many(scan.hashes()),
            words: scan.len() as u32,
            language: Language::Other,
            terms: Box::default(),
            shingles: BottomK::in_buffers(SAMPLE, ALL_BELOW, &self.shingles, &mut self.least),
            marks: self.marker.of(text),
            title: Title::of(&self.title, scan.hashes()),
        })
    }
}

/// Finds the heaviest words of one article after another in the same buffers.
#[derive(Debug, Clone, Default)]
struct Heaviest {
    /// Packed, since numbers are sorted fastest: a [`KeptTerm`], and whether it is just as heavy as the
    /// lightest that are kept.
    packed: Vec<u64>,
    weights: Vec<u16>,
    sort: BucketSort<u64>,
}

impl Heaviest {
    /// The terms of the heaviest words, rising; of those as heavy as the last one the least terms.
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
        // Two words of one term are one.
        let kept = |packed: u64| KeptTerm((packed >> 1) as u32);
        packed.dedup_by_key(|packed| kept(*packed).term());
        packed.iter().map(|&packed| kept(packed).0).collect()
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
    if text.len() < u32::MAX as usize {
        Ok(text)
    } else {
        Err(ErrorKind::TooLong { id: id.to_owned(), bytes: text.len() }.into())
    }
}

/// The weight that as many words as are kept have at least, or 0 where there are no more.
fn least_weight(weights: &[u16]) -> u16 {
    if weights.len() <= Fingerprint::MAX_TERMS {
        return 0;
    }
    // Bit by bit: to compare all weights with one number is a matter of a few vectors.
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

/// Drops so many of the numbers whose lowest bit is set: the last ones.
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

/// Lists the places of what is true.
fn note_places(places: &mut Vec<u32>, of: impl ExactSizeIterator<Item = bool>) {
    places.clear();
    places.resize(of.len(), 0);
    let mut noted = 0;
    for (at, is) in (0..).zip(of) {
        // Each is written, and the next one over it if it is not asked for: no branch to guess.
        places[noted] = at;
        noted += usize::from(is);
    }
    places.truncate(noted);
}

/// The shingles that are phrases: those of figures alone, or with a word between two, are passed
/// over, unless the text has nothing else. Two market tables share such by chance.
fn phrases(words: &[u64], figures: &[u32], shingles: &mut Vec<u64>) {
    shingles.clear();
    SHINGLES.hashes_of(words, shingles);
    if words.len() < PHRASE {
        return;
    }
    // How many are kept, and how many were looked at.
    let (mut kept, mut done) = (0, 0);
    for pair in figures.windows(2) {
        let [one, two] = [pair[0] as usize, pair[1] as usize];
        // From the first to the last that has both.
        let (first, last) =
            ((two + 1).saturating_sub(PHRASE).max(done), one.min(shingles.len() - 1));
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

    /// What is kept of a word.
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
        assert!(early.frequency() > late.frequency());
        assert!(early.in_lead() && !late.in_lead());
        let titled = Fingerprint::new(&Article::new("a", &text).title("Orrin")).unwrap();
        let late = term(&titled, "orrin").unwrap();
        assert!(late.frequency() > early.frequency());
        assert!(titled.same_words(&kept), "a title is no part of the text");
    }

    #[test]
    fn the_order_of_the_words_makes_another_text() {
        let (one, other) = (fingerprint("red boat, blue boat"), fingerprint("blue boat, red boat"));
        assert!(!one.same_words(&other));
        assert!(one.same_words(&fingerprint("Red boat! BLUE boat")));
        assert_eq!(one.terms().len(), other.terms().len());
    }

    #[test]
    fn what_a_sketcher_has_seen_changes_nothing() {
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
        fn the_heaviest_are_those_that_sorting_puts_first(
            words in prop::collection::vec((0u32..1000, 1u8..0x80, 0u16..9), 0..600),
        ) {
            // The same term has the same weight where it is as frequent.
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
            let kept = |word: &WeightedWord| KeptTerm::new(word.term, word.frequency).0;
            let expected: Vec<u32> = expected.iter().map(kept).collect();
            prop_assert_eq!(&*Heaviest::default().of(words.into_iter()), expected);
        }

        #[test]
        fn phrases_have_one_figure_at_most(
            figures in prop::collection::vec(prop::bool::weighted(0.3), 1..30),
        ) {
            let words: Vec<u64> = (1..=figures.len() as u64).map(hash::mix).collect();
            let (mut places, mut found, mut all) = (Vec::new(), Vec::new(), Vec::new());
            note_places(&mut places, figures.iter().copied());
            phrases(&words, &places, &mut found);
            SHINGLES.hashes_of(&words, &mut all);
            let is_phrase = |figures: &[bool]| figures.iter().filter(|&&is| is).count() < 2;
            let windows = figures.windows(PHRASE.min(figures.len()));
            let kept = all.iter().zip(windows).filter(|(_, figures)| is_phrase(figures));
            let mut expected: Vec<u64> = kept.map(|(&shingle, _)| shingle).collect();
            if expected.is_empty() {
                expected = all;
            }
            prop_assert_eq!(found, expected);
        }
    }
}
