//! The hashed words of many texts, without their ranges in the source, in reused buffers.

use crate::text::normalize::Normalizer;
use crate::text::words::{Splitter, in_offsets};

/// Splits texts into words, in buffers that it reuses.
///
/// The words are those of [`Words`](crate::Words). Since their positions in the source are not traced,
/// it is several times as fast. The buffers grow to a few times the size of the largest text.
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
    /// A buffer that the caller fills with the shingles of the text.
    shingles: Vec<u64>,
}

impl Scanner {
    /// A scanner with empty buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The words of a text. Linear in its length.
    ///
    /// Offsets have 32 bits, so only the first 4 GiB of a longer text are read.
    pub fn scan(&mut self, text: &str) -> Scan<'_> {
        self.scan_for_shingles(text).0
    }

    /// The words of a text, and an empty buffer for its shingles.
    pub(crate) fn scan_for_shingles(&mut self, text: &str) -> (Scan<'_>, &mut Vec<u64>) {
        self.normalizer.run::<false>(in_offsets(text));
        self.splitter.run(&self.normalizer);
        self.shingles.clear();
        let scan = Scan {
            text: self.normalizer.padded(),
            hashes: self.splitter.hashes(),
            spans: self.splitter.spans(),
        };
        (scan, &mut self.shingles)
    }
}

/// The words of one text in order. Borrows the buffers of its [`Scanner`].
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// The normalised text with its padding.
    text: &'a [u8],
    hashes: &'a [u64],
    /// The start and end of each word in the normalised text.
    spans: &'a [[u32; 2]],
}

impl<'a> Scan<'a> {
    /// The hash of each word, equal to [`Word::hash`](crate::Word::hash).
    pub fn hashes(&self) -> &'a [u64] {
        self.hashes
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether the text has no words.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The normalised text of word `index`.
    ///
    /// # Panics
    /// If `index` is not less than [`Scan::len`].
    pub fn text(&self, index: usize) -> &'a str {
        std::str::from_utf8(self.bytes(index)).expect("words end where characters do")
    }

    /// The bytes of [`Scan::text`].
    #[inline]
    pub(crate) fn bytes(&self, index: usize) -> &'a [u8] {
        let [start, end] = self.spans[index];
        &self.text[start as usize..end as usize]
    }

    /// Whether word `index` is ASCII.
    #[inline]
    pub(crate) fn is_ascii(&self, index: usize) -> bool {
        const MAX_SHORT: usize = size_of::<u128>();
        const NON_ASCII: u128 = u128::MAX / 255 * 0x80;
        let [start, end] = self.spans[index].map(|offset| offset as usize);
        match self.text[start..].first_chunk::<MAX_SHORT>() {
            // Nearly all words are short: one load, and the bytes behind the word shifted out.
            Some(&bytes) if (1..=MAX_SHORT).contains(&(end - start)) => {
                let excess_bits = 8 * (MAX_SHORT - (end - start));
                u128::from_le_bytes(bytes) << excess_bits & NON_ASCII == 0
            }
            _ => self.bytes(index).is_ascii(),
        }
    }

    /// The bytes of normalised text that words `index` and `index + 1` share: `Some` for neighbouring
    /// n-grams of an unspaced run, `None` for separate words.
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
    fn a_scan_does_not_depend_on_the_text_before() {
        let mut scanner = Scanner::new();
        assert_eq!(scanner.scan(&"1,000 word e\u{301} 中文字 ".repeat(100)).len(), 500);
        let scan = scanner.scan("two 1.5");
        assert_eq!([scan.text(0), scan.text(1)], ["two", "1.5"]);
        assert_eq!(scan.len(), 2);
        assert!(scanner.scan("").is_empty());
    }

    #[test]
    fn a_word_is_ascii_whatever_its_neighbours_are() {
        let mut scanner = Scanner::new();
        for letters in 1..40 {
            let text = format!("é {0} é{0} {0}é é", "x".repeat(letters));
            let scan = scanner.scan(&text);
            let ascii: Vec<bool> = (0..scan.len()).map(|index| scan.is_ascii(index)).collect();
            assert_eq!(ascii, [false, true, false, false, false], "{letters}");
        }
    }
}
