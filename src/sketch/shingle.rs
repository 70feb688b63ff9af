//! Shingles: the overlapping runs of a fixed number of words or characters of a text.
//!
//! Input: words. Output: a pinned 64-bit hash for each shingle, as a list or as a set. A text shorter
//! than the shingle has one shingle, an empty text has none. Linear in the text.

use std::ops::Range;

use crate::error::{Error, must_be};
use crate::hash;
use crate::text::scanner::Scan;
use crate::text::words::{Word, Words};

/// How a text is cut into shingles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shingler {
    unit: Unit,
    size: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Words,
    Characters,
}

/// A shingle: its hash and its position in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shingle {
    /// The pinned hash of the shingle.
    pub hash: u64,
    /// The first byte in the source.
    pub start: usize,
    /// The byte after the last one in the source.
    pub end: usize,
}

impl Shingle {
    /// The range of bytes in the source.
    pub fn source(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl Shingler {
    /// The largest size of a shingle.
    pub const MAX_SIZE: usize = 64;

    /// Shingles of `size` words. Three words find copies; one or two find rewritten texts.
    ///
    /// # Errors
    /// If `size` is not in `1..=64`.
    pub fn words(size: usize) -> Result<Self, Error> {
        Self::new(Unit::Words, size)
    }

    /// Shingles of `size` characters of the normalised text, with one space between words.
    ///
    /// # Errors
    /// If `size` is not in `1..=64`.
    pub fn characters(size: usize) -> Result<Self, Error> {
        Self::new(Unit::Characters, size)
    }

    /// Like [`Shingler::words`] for a size that the caller knows to be in `1..=64`.
    pub(crate) const fn of_words(size: usize) -> Self {
        Shingler { unit: Unit::Words, size }
    }

    fn new(unit: Unit, size: usize) -> Result<Self, Error> {
        must_be((1..=Self::MAX_SIZE).contains(&size), "shingle size", "in 1..=64", size)?;
        Ok(Shingler { unit, size })
    }

    /// The number that identifies the shingling in serialised objects.
    pub(crate) fn code(&self) -> u16 {
        self.size as u16 | if self.unit == Unit::Characters { 1 << 15 } else { 0 }
    }

    /// The shingles of a text in order, with their positions. `O(text × size)`.
    ///
    /// ```
    /// use retold::{Shingler, Words};
    /// let source = "Ferry sinks off Kelm";
    /// let shingles = Shingler::words(3)?.shingles(&Words::new(source));
    /// assert_eq!(&source[shingles[0].source()], "Ferry sinks off");
    /// assert_eq!(&source[shingles[1].source()], "sinks off Kelm");
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn shingles(&self, words: &Words) -> Vec<Shingle> {
        match self.unit {
            Unit::Words => windows(words.as_slice(), self.size)
                .map(|window| Shingle {
                    hash: hash::sequence(window.iter().map(|word| word.hash())),
                    start: window[0].source().start,
                    end: window[window.len() - 1].source().end,
                })
                .collect(),
            Unit::Characters => {
                let characters = characters(words);
                let mut buffer = String::new();
                windows(&characters, self.size)
                    .map(|window| {
                        buffer.clear();
                        buffer.extend(window.iter().map(|(c, _)| *c));
                        Shingle {
                            hash: hash::bytes(buffer.as_bytes()),
                            start: window[0].1.start,
                            end: window[window.len() - 1].1.end,
                        }
                    })
                    .collect()
            }
        }
    }

    /// The hashes of [`Shingler::shingles`] alone, appended to `hashes`.
    pub fn hashes_into(&self, words: &Words, hashes: &mut Vec<u64>) {
        match self.unit {
            Unit::Words => hashes_of_words(words.as_slice(), Word::hash, self.size, hashes),
            Unit::Characters => {
                let mut text = SpacedText::default();
                for index in 0..words.len() {
                    text.push(words.text(index), words.overlap(index));
                }
                text.hashes_into(self.size, hashes);
            }
        }
    }

    /// Like [`Shingler::hashes_into`], for the words of a scanner.
    ///
    /// ```
    /// use retold::{Scanner, Shingler, Words};
    /// let (text, shingler) = ("Ferry sinks off Kelm", Shingler::words(3)?);
    /// let (mut of_words, mut of_scan) = (Vec::new(), Vec::new());
    /// shingler.hashes_into(&Words::new(text), &mut of_words);
    /// shingler.scan_into(&Scanner::new().scan(text), &mut of_scan);
    /// assert_eq!(of_words, of_scan);
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn scan_into(&self, scan: &Scan<'_>, hashes: &mut Vec<u64>) {
        match self.unit {
            Unit::Words => self.hashes_of(scan.hashes(), hashes),
            Unit::Characters => {
                let mut text = SpacedText::default();
                for index in 0..scan.len() {
                    text.push(scan.text(index), scan.overlap(index));
                }
                text.hashes_into(self.size, hashes);
            }
        }
    }

    /// Appends the hashes of the word shingles of words that are given by their hashes.
    pub(crate) fn hashes_of(&self, words: &[u64], hashes: &mut Vec<u64>) {
        hashes_of_words(words, |&hash| hash, self.size, hashes);
    }
}

/// Appends the hashes of the word shingles of some words.
fn hashes_of_words<T>(
    words: &[T],
    hash: impl Fn(&T) -> u64 + Copy,
    size: usize,
    hashes: &mut Vec<u64>,
) {
    // With a constant size the compiler unrolls the loop over the words of a shingle.
    match size.min(words.len()) {
        0 => {}
        1 => hashes_of_size(1, words, hash, hashes),
        2 => hashes_of_size(2, words, hash, hashes),
        3 => hashes_of_size(3, words, hash, hashes),
        size => hashes_of_size(size, words, hash, hashes),
    }
}

#[inline(always)]
fn hashes_of_size<T>(
    size: usize,
    words: &[T],
    hash: impl Fn(&T) -> u64 + Copy,
    hashes: &mut Vec<u64>,
) {
    hashes.extend(words.windows(size).map(|words| hash::sequence(words.iter().map(hash))));
}

/// The text of words with one space between them, and where each character starts. The words of a run
/// without spaces overlap, so each adds only its new characters.
#[derive(Default)]
struct SpacedText {
    text: String,
    starts: Vec<usize>,
    /// How many bytes the last word shares with the next one; `None` if a space separates them.
    overlap: Option<usize>,
}

impl SpacedText {
    /// Adds a word that shares `overlap` bytes with the next one.
    fn push(&mut self, word: &str, overlap: Option<usize>) {
        let new = match self.overlap {
            Some(overlap) => &word[overlap..],
            None => word,
        };
        if self.overlap.is_none() && !self.text.is_empty() {
            self.starts.push(self.text.len());
            self.text.push(' ');
        }
        let start = self.text.len();
        self.starts.extend(new.char_indices().map(|(at, _)| start + at));
        self.text.push_str(new);
        self.overlap = overlap;
    }

    fn hashes_into(mut self, size: usize, hashes: &mut Vec<u64>) {
        let size = size.min(self.starts.len());
        self.starts.push(self.text.len());
        let shingles = self.starts.windows(size + 1).filter(|_| size > 0);
        hashes.extend(
            shingles.map(|starts| hash::bytes(&self.text.as_bytes()[starts[0]..starts[size]])),
        );
    }
}

/// The windows of `size` items; one window of all items where there are fewer, and none without items.
fn windows<T>(items: &[T], size: usize) -> impl Iterator<Item = &[T]> {
    let size = size.min(items.len()).max(1);
    items.windows(size)
}

/// The characters of a [`SpacedText`] of the words, each with its position in the source.
fn characters(words: &Words) -> Vec<(char, Range<usize>)> {
    let mut characters: Vec<(char, Range<usize>)> = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let text = words.text(index);
        let mut skip = 0;
        if let Some(previous) = index.checked_sub(1) {
            match words.overlap(previous) {
                Some(overlap) => skip = overlap,
                None => characters.push((' ', words.gap(previous))),
            }
        }
        characters.extend(text[skip..].chars().map(|c| (c, word.source())));
    }
    characters
}

/// The distinct shingles of a text, from which exact Jaccard and containment are computed.
///
/// ```
/// use retold::{ShingleSet, Shingler, Words};
/// let of = |text| ShingleSet::new(Shingler::words(2).unwrap(), &Words::new(text));
/// let (a, b) = (of("one two three four"), of("two three four five"));
/// assert_eq!(a.jaccard(&b), 0.5);
/// assert_eq!(a.containment_in(&b), 2.0 / 3.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShingleSet {
    sorted: Vec<u64>,
}

impl ShingleSet {
    /// The set of the shingles of a text. `O(n log n)`.
    pub fn new(shingler: Shingler, words: &Words) -> Self {
        let mut sorted = Vec::new();
        shingler.hashes_into(words, &mut sorted);
        sorted.sort_unstable();
        sorted.dedup();
        ShingleSet { sorted }
    }

    /// The number of distinct shingles.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is no shingle.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The hashes in ascending order.
    pub fn hashes(&self) -> &[u64] {
        &self.sorted
    }

    /// The number of shingles that both sets have. `O(n + m)`.
    pub fn shared(&self, other: &ShingleSet) -> usize {
        sorted_overlap(&self.sorted, &other.sorted)
    }

    /// The Jaccard similarity (Broder's resemblance): shared shingles over all shingles, in `0..=1`; 0
    /// for two empty sets.
    pub fn jaccard(&self, other: &ShingleSet) -> f64 {
        let shared = self.shared(other);
        ratio(shared, self.len() + other.len() - shared)
    }

    /// The containment of this set in the other, in `0..=1`; 0 for an empty set.
    pub fn containment_in(&self, other: &ShingleSet) -> f64 {
        ratio(self.shared(other), self.len())
    }
}

/// `part / whole`, and 0 where `whole` is 0.
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The number of values that two ascending slices share; each has distinct values.
fn sorted_overlap(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn shingles(shingler: Result<Shingler, Error>, source: &str) -> Vec<&str> {
        let words = Words::new(source);
        shingler.unwrap().shingles(&words).iter().map(|s| &source[s.source()]).collect()
    }

    #[test]
    fn a_text_shorter_than_the_shingle_is_one_shingle_and_an_empty_one_has_none() {
        assert_eq!(shingles(Shingler::words(3), "Ferry sinks."), ["Ferry sinks"]);
        assert!(shingles(Shingler::words(3), " ... ").is_empty());
        assert!(shingles(Shingler::characters(5), "").is_empty());
    }

    #[test]
    fn character_shingles_see_one_space_between_words_and_no_overlap_of_n_grams() {
        let of = |text: &str| ShingleSet::new(Shingler::characters(4).unwrap(), &Words::new(text));
        assert_eq!(of("a  bé,c"), of("A BÉ\nC"));
        assert_eq!(of("中国外交部").len(), 2);
        assert_eq!(of("中国外交").hashes(), [hash::bytes("中国外交".as_bytes())]);
    }

    /// Found by fuzzing: the range of the space once ended before its start.
    #[test]
    fn a_space_inside_one_character_of_the_source_has_a_valid_range() {
        for source in ["℀", "x ℀ y", "l\0\u{301}a"] {
            let shingles = Shingler::characters(1).unwrap().shingles(&Words::new(source));
            for shingle in &shingles {
                assert!(source.get(shingle.source()).is_some_and(|part| !part.is_empty()));
            }
            assert!(shingles.is_sorted_by_key(|shingle| shingle.start));
            assert!(shingles.is_sorted_by_key(|shingle| shingle.end));
        }
    }

    #[test]
    fn sizes_outside_the_range_are_refused_by_name() {
        let error = Shingler::words(0).unwrap_err().to_string();
        assert_eq!(error, "shingle size must be in 1..=64, but is 0");
    }

    proptest! {
        #[test]
        fn hashes_are_those_of_the_shingles_in_order(
            source in "[a-cé  中文字เรือ]{0,20}", size in 1usize..6,
        ) {
            let words = Words::new(&source);
            for shingler in [Shingler::words(size).unwrap(), Shingler::characters(size).unwrap()] {
                let shingles = shingler.shingles(&words);
                let mut hashes = Vec::new();
                shingler.hashes_into(&words, &mut hashes);
                prop_assert_eq!(shingles.iter().map(|s| s.hash).collect::<Vec<_>>(), hashes);
                prop_assert!(shingles.iter().all(|s| source.get(s.source()).is_some()));
                prop_assert!(shingles.is_sorted_by_key(|s| s.start));
            }
        }

        #[test]
        fn sets_agree_with_a_naive_count(a in "[ab ]{0,24}", b in "[ab ]{0,24}", size in 1usize..4) {
            let naive = |text: &str| -> BTreeSet<Vec<String>> {
                let words: Vec<String> = text.split_whitespace().map(String::from).collect();
                windows(&words, size).map(<[String]>::to_vec).collect()
            };
            let (x, y) = (naive(&a), naive(&b));
            let shingler = Shingler::words(size).unwrap();
            let (s, t) = (ShingleSet::new(shingler, &Words::new(&a)), ShingleSet::new(shingler, &Words::new(&b)));
            let shared = x.intersection(&y).count();
            prop_assert_eq!(s.len(), x.len());
            prop_assert_eq!(s.shared(&t), shared);
            prop_assert_eq!(s.jaccard(&t), ratio(shared, x.union(&y).count()));
            prop_assert_eq!(s.jaccard(&t), t.jaccard(&s));
        }
    }
}
