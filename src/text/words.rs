//! The words of a text, in every script, each with its range in the source.
//!
//! * A word is a run of letters, digits and the marks that belong to them. Everything else separates
//!   words, including `'` and `-`: `China-US` and `Xi's` are two words each, in every language.
//! * `.` and `,` between two digits belong to the number. Before a group of three digits they are not
//!   hashed, so `1,000` and `1.000` equal `1000`; elsewhere both are hashed as `.`, so `3,5` equals `3.5`.
//! * Scripts written without spaces give overlapping character n-grams: pairs in Chinese and
//!   Japanese, triples in Thai, Lao, Khmer and Burmese. A shorter run is one word.
//!
//! The word boundaries of Unicode (UAX #29) are not used: they keep `Xi's` whole, and unspaced scripts
//! would need a dictionary.

use std::ops::Range;

use smallvec::SmallVec;

use crate::hash;
use crate::kernel::{Bitmaps, Kernel};
use crate::text::normalize::{Break, Normalized, Normalizer};

/// A word: its hash and its range in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    hash: u64,
    text: Span,
    source: Span,
}

/// A byte range in 32-bit offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(range: Range<usize>) -> Self {
        // Callers truncate texts to 4 GiB.
        Span { start: range.start as u32, end: range.end as u32 }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Word {
    /// [`hash::word`] of the normalised word. In a number, thousands separators are left out, and any
    /// other `.` or `,` is hashed as `.`.
    #[inline]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The byte range of the word in the source. Always on character boundaries.
    #[inline]
    pub fn source(&self) -> Range<usize> {
        self.source.range()
    }
}

/// The words of one text in order.
///
/// ```
/// let source = "Xi’s 1,000 ferries — 渡し船";
/// let words = retold::Words::new(source);
/// let parts: Vec<&str> = words.iter().map(|word| &source[word.source()]).collect();
/// assert_eq!(parts, ["Xi", "s", "1,000", "ferries", "渡し", "し船"]);
/// assert_eq!(words.text(2), "1,000");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    normalized: Normalized,
    words: Vec<Word>,
}

impl Words {
    /// Normalises `source` and splits it. Linear in the length of the source.
    ///
    /// Offsets have 32 bits, so only the first 4 GiB of a longer source are read.
    pub fn new(source: &str) -> Self {
        let source = in_offsets(source);
        let (mut normalizer, mut splitter) = (Normalizer::default(), Splitter::default());
        normalizer.run::<true>(source);
        splitter.run(&normalizer);
        let normalized = normalizer.into_normalized(source.len());
        let mut run = 0;
        let words = splitter.hashes().iter().zip(splitter.spans()).map(|(&hash, &[start, end])| {
            let text = Span { start, end };
            let source = Span::new(normalized.source_from(&mut run, text.range()));
            Word { hash, text, source }
        });
        Words { words: words.collect(), normalized }
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether the text has no words.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Word> {
        self.words.iter()
    }

    /// The words as a slice.
    pub fn as_slice(&self) -> &[Word] {
        &self.words
    }

    /// The bytes of normalised text that words `index` and `index + 1` share: `Some` for neighbouring
    /// n-grams of an unspaced run, `None` for separate words.
    pub(crate) fn overlap(&self, index: usize) -> Option<usize> {
        let end = self.words[index].text.end;
        let start = self.words.get(index + 1)?.text.start;
        (start <= end).then(|| (end - start) as usize)
    }

    /// The fraction of a word that the word before it does not contain: half of a pair of characters in
    /// Chinese, a third of a triple in Thai, and 1 for a separate word.
    pub(crate) fn own_part(&self, index: usize) -> f32 {
        let shared = index.checked_sub(1).and_then(|before| self.overlap(before)).unwrap_or(0);
        1.0 - shared as f32 / self.text(index).len() as f32
    }

    /// The range of the source between word `index` and the next one, which must exist and be separate.
    /// A character that becomes both words (`℀` → `a/c`) is in the range as a whole.
    pub(crate) fn gap(&self, index: usize) -> Range<usize> {
        let between = self.words[index].text.end..self.words[index + 1].text.start;
        self.normalized.source_range(between.start as usize..between.end as usize)
    }

    /// The normalised text of word `index`.
    ///
    /// # Panics
    /// If `index` is not less than [`Words::len`].
    pub fn text(&self, index: usize) -> &str {
        &self.normalized.as_str()[self.words[index].text.range()]
    }
}

impl<'a> IntoIterator for &'a Words {
    type Item = &'a Word;
    type IntoIter = std::slice::Iter<'a, Word>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The prefix of a source that 32-bit offsets can address.
pub(crate) fn in_offsets(source: &str) -> &str {
    let mut end = source.len().min(u32::MAX as usize);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    &source[..end]
}

/// Splits normalised texts into words, in buffers that it reuses.
///
/// The text is read as bitmaps of word bytes, 64 bytes each. Non-ASCII bytes count as letters, except in
/// the breaks that the normaliser recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Splitter {
    blocks: Vec<Bitmaps>,
    edges: Edges,
    /// The offsets of `.` and `,` between digits.
    points: Vec<u32>,
    hashes: Vec<u64>,
}

impl Splitter {
    /// Finds the words of the last text of `normalizer`.
    pub(crate) fn run(&mut self, normalizer: &Normalizer) {
        let text = normalizer.padded();
        // The last block extends beyond the text, so that the last word ends inside it.
        let blocks = normalizer.bytes().len() / BLOCK + 1;
        self.blocks.resize(blocks, Bitmaps::default());
        Kernel::detect().bitmaps(text.as_chunks().0, &mut self.blocks);
        self.find(text, normalizer.breaks());
        self.hash(text);
    }

    /// The hash of each word.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The start and end of each word in the normalised text.
    pub(crate) fn spans(&self) -> &[[u32; 2]] {
        self.edges.spans()
    }

    fn find(&mut self, text: &[u8], mut breaks: &[Break]) {
        let Splitter { blocks, edges, points, .. } = self;
        edges.clear();
        points.clear();
        // The last bits of the block before.
        let (mut word_before, mut digit_before) = (0, 0);
        for (number, block) in blocks.iter().enumerate() {
            let base = number * BLOCK;
            let mut words = block.words;
            if block.points != 0 {
                let digit_behind = blocks.get(number + 1).map_or(0, |next| next.digits << 63);
                let between_digits = (block.digits << 1 | digit_before)
                    & (block.digits >> 1 | digit_behind)
                    & block.points;
                words |= between_digits;
                for_each_bit(between_digits, |bit| points.push((base + bit) as u32));
            }
            digit_before = block.digits >> 63;
            let end = (base + BLOCK) as u32;
            let count = breaks.iter().take_while(|next| next.start < end).count();
            let (here, behind) = breaks.split_at(count);
            for part in here {
                words &= !bits(base, part.start as usize..part.end as usize);
            }
            let mut changes = words ^ (words << 1 | word_before);
            word_before = words >> 63;
            for part in here.iter().filter(|part| part.start as usize >= base) {
                if let Some(gram) = part.class.gram_length() {
                    let start = part.start as usize;
                    // A word may end where the run starts, and that edge comes first.
                    let before = bits(base, base..start + 1);
                    edges.push_bits(base, changes & before);
                    changes &= !before;
                    edges.push_grams(text, start..part.end as usize, gram);
                }
            }
            edges.push_bits(base, changes);
            let ended = here.last().is_none_or(|last| last.end <= end);
            breaks = if ended { behind } else { &breaks[count - 1..] };
        }
    }

    fn hash(&mut self, text: &[u8]) {
        let Splitter { edges, points, hashes, .. } = self;
        let spans = edges.spans();
        hashes.clear();
        hashes.extend(
            spans.iter().map(|&[start, end]| hash::word_at(text, start as usize, end as usize)),
        );
        let mut first = 0;
        for &point in points.iter() {
            first += spans[first..].partition_point(|&[_, end]| end <= point);
            let [start, end] = spans[first];
            hashes[first] = hash::word(&canonical_number(&text[start as usize..end as usize]));
        }
    }
}

const BLOCK: usize = Bitmaps::BYTES;

/// The bits of the block at `base` that are in a range of the text.
fn bits(base: usize, range: Range<usize>) -> u64 {
    let below = |offset: usize| match offset.saturating_sub(base) {
        bits @ 0..BLOCK => (1u64 << bits) - 1,
        _ => u64::MAX,
    };
    below(range.end) & !below(range.start)
}

fn for_each_bit(mut bits: u64, mut visit: impl FnMut(usize)) {
    while bits != 0 {
        visit(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The offsets at which words start and end, alternating.
#[derive(Debug, Clone, Default)]
struct Edges {
    /// `count` edges, then unspecified values.
    offsets: Vec<u32>,
    count: usize,
}

impl Edges {
    fn clear(&mut self) {
        self.count = 0;
    }

    fn spans(&self) -> &[[u32; 2]] {
        self.offsets[..self.count].as_chunks().0
    }

    fn push(&mut self, offset: usize) {
        self.make_room();
        self.offsets[self.count] = offset as u32;
        self.count += 1;
    }

    /// Appends the offsets of the set bits of the block at `base`.
    #[inline]
    fn push_bits(&mut self, base: usize, mut bits: u64) {
        self.make_room();
        let count = bits.count_ones() as usize;
        let mut free = self.offsets[self.count..].iter_mut();
        // Groups of four, of which the last may write unused values, make the branch predictable.
        while bits != 0 {
            for offset in free.by_ref().take(4) {
                *offset = base as u32 + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
        }
        self.count += count;
    }

    /// Appends the n-grams of a run of characters, or the run as one word if it is shorter than one.
    fn push_grams(&mut self, text: &[u8], run: Range<usize>, gram: usize) {
        let starts_character = |&at: &usize| text[at] as i8 >= -64;
        let starts = run.clone().filter(starts_character);
        let mut ends = run.clone().filter(starts_character).skip(gram);
        for start in starts {
            let end = ends.next();
            self.push(start);
            self.push(end.unwrap_or(run.end));
            if end.is_none() {
                break;
            }
        }
    }

    /// Makes room for all edges of a block.
    #[inline]
    fn make_room(&mut self) {
        if self.offsets.len() < self.count + BLOCK {
            self.offsets.resize(2 * self.count + 4 * BLOCK, 0);
        }
    }
}

fn is_point(byte: u8) -> bool {
    matches!(byte, b'.' | b',')
}

/// The hashed form of a number: thousands separators removed, any other `.` or `,` as `.`.
fn canonical_number(word: &[u8]) -> SmallVec<[u8; 32]> {
    let separates_thousands =
        |at: usize| word[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count() == 3;
    let kept = word.iter().enumerate();
    let kept = kept.filter(|&(at, &byte)| !is_point(byte) || !separates_thousands(at));
    kept.map(|(_, &byte)| if is_point(byte) { b'.' } else { byte }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(source: &str) -> Vec<&str> {
        Words::new(source).iter().map(|word| &source[word.source()]).collect()
    }

    #[test]
    fn words_of_every_script_are_found() {
        assert_eq!(parts("Xi's China-US talks"), ["Xi", "s", "China", "US", "talks"]);
        assert_eq!(parts("Министр сказал: «да»"), ["Министр", "сказал", "да"]);
        assert_eq!(parts("قال الوزير"), ["قال", "الوزير"]);
        assert_eq!(parts("क्षेत्र में"), ["क्षेत्र", "में"]);
        assert_eq!(parts("中国外交部"), ["中国", "国外", "外交", "交部"]);
        assert_eq!(parts("เรือ"), ["เรื", "รือ"]);
        assert_eq!(parts("iPhone手机 5G"), ["iPhone", "手机", "5G"]);
        assert_eq!(parts("水"), ["水"]);
    }

    #[test]
    fn points_between_digits_belong_to_the_number_and_may_separate_thousands() {
        assert_eq!(
            parts("It rose 1,234.50, he said. 3"),
            ["It", "rose", "1,234.50", "he", "said", "3"]
        );
        let hashes = |text: &str| Words::new(text).iter().map(Word::hash).collect::<Vec<_>>();
        assert_eq!(hashes("1,000 1.000 dead"), hashes("1000 1000 DEAD"));
        assert_eq!(hashes("1,234,567"), hashes("1234567"));
        assert_eq!(hashes("3,5"), hashes("3.5"));
        assert_ne!(hashes("1.12"), hashes("11.2"));
    }

    #[test]
    fn a_text_without_letters_has_no_words() {
        assert!(Words::new("").is_empty());
        assert!(Words::new(" \r\n--- ... \u{301} 🙂 ,").is_empty());
    }

    proptest! {
        #[test]
        fn words_are_in_order_and_on_character_boundaries(source in "\\PC{0,60}") {
            let words = Words::new(&source);
            let mut last = 0;
            for (index, word) in words.iter().enumerate() {
                let text = &source[word.source()];
                prop_assert!(word.source().start >= last);
                prop_assert!(!text.is_empty() && !words.text(index).is_empty());
                last = word.source().start;
            }
        }

        #[test]
        fn case_and_layout_do_not_change_the_words(source in "[a-zA-Zéß'., 0-9\\-]{0,60}") {
            let hashes = |text: &str| Words::new(text).iter().map(Word::hash).collect::<Vec<_>>();
            let other = source.to_uppercase().replace(' ', "\r\n\t").replace('\'', "’");
            prop_assert_eq!(hashes(&source), hashes(&other));
        }
    }
}
