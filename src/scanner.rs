//! The words of many texts one after another, as fast as they can be had: what sketches are made
//! of.

use crate::normalize::Normalizer;
use crate::words::{Splitter, in_offsets};

/// Splits one text after another into words, in buffers that it keeps.
///
/// The words are those of [`Words`](crate::Words), without their places in the source, several
/// times as fast. The buffers grow to a few times the size of the largest text.
///
/// ```
/// use retold::{Scanner, Words};
/// let mut scanner = Scanner::new();
/// for text in ["Xi’s 1,000 ferries", "渡し船"] {
///     let words = Words::new(text);
///     let scan = scanner.scan(text);
///     assert!(scan.hashes().iter().copied().eq(words.iter().map(|word| word.hash())));
///     assert_eq!(scan.text(0), words.text(0));
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    normalizer: Normalizer,
    splitter: Splitter,
    /// The hashes of the shingles of a text, for what is made of them at once.
    shingles: Vec<u64>,
}

impl Scanner {
    /// A scanner with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The words of a text. Linear in its length.
    ///
    /// Offsets are 32 bits wide: of a text longer than 4 GiB only the words in the first 4 GiB are
    /// found.
    pub fn scan(&mut self, text: &str) -> Scan<'_> {
        self.scan_for_shingles(text).0
    }

    /// The words of a text, and an empty list for its shingles.
    pub(crate) fn scan_for_shingles(&mut self, text: &str) -> (Scan<'_>, &mut Vec<u64>) {
        self.normalizer.run::<false>(in_offsets(text));
        self.splitter.run(&self.normalizer);
        self.shingles.clear();
        let scan = Scan {
            text: self.normalizer.bytes(),
            hashes: self.splitter.hashes(),
            spans: self.splitter.spans(),
        };
        (scan, &mut self.shingles)
    }
}

/// The words of one text in order, until the [`Scanner`] reads the next one.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    text: &'a [u8],
    hashes: &'a [u64],
    /// Where the words stand in the normalised text.
    spans: &'a [[u32; 2]],
}

impl<'a> Scan<'a> {
    /// The hash of each word, as [`Word::hash`](crate::Word::hash).
    pub fn hashes(&self) -> &'a [u64] {
        self.hashes
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is no word at all.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The normalised text of word `index`.
    ///
    /// # Panics
    /// If there are no more than `index` words.
    pub fn text(&self, index: usize) -> &'a str {
        std::str::from_utf8(self.bytes(index)).expect("words end where characters do")
    }

    /// The bytes of [`Scan::text`].
    #[inline]
    pub(crate) fn bytes(&self, index: usize) -> &'a [u8] {
        let [start, end] = self.spans[index];
        &self.text[start as usize..end as usize]
    }

    /// Whether word `index` begins with a digit.
    #[inline]
    pub(crate) fn is_figure(&self, index: usize) -> bool {
        match self.bytes(index) {
            [first @ 0..=0x7f, ..] => first.is_ascii_digit(),
            _ => self.text(index).starts_with(char::is_numeric),
        }
    }

    /// How many bytes of normalised text word `index + 1` shares with word `index`: `Some` for
    /// neighbouring n-grams of a run without spaces, `None` for words that stand apart.
    pub(crate) fn overlap(&self, index: usize) -> Option<usize> {
        let [_, end] = self.spans[index];
        let [start, _] = self.spans.get(index + 1)?;
        end.checked_sub(*start).map(|bytes| bytes as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_forgets_the_text_before() {
        let mut scanner = Scanner::new();
        assert_eq!(scanner.scan(&"1,000 word e\u{301} 中文字 ".repeat(100)).len(), 500);
        let scan = scanner.scan("two 1.5");
        assert_eq!([scan.text(0), scan.text(1)], ["two", "1.5"]);
        assert_eq!(scan.len(), 2);
        assert!(scanner.scan("").is_empty());
    }
}
