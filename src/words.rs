//! The words of a text, in every script, each with its place in the source.
//!
//! * A word is a run of letters, digits and the marks that belong to them. Everything else parts
//!   words, also `'` and `-`: `China-US` and `Xi's` are two words each, in every language.
//! * `.` and `,` between two digits belong to the number. Before a group of three digits they are
//!   not hashed, so `1,000` and `1.000` equal `1000`; elsewhere they are one, so `3,5` equals `3.5`.
//! * Scripts written without spaces give overlapping character n-grams: pairs in Chinese and
//!   Japanese, triples in Thai, Lao, Khmer and Burmese. A run shorter than that is one word.

use std::ops::Range;

use smallvec::SmallVec;
use unicode_normalization::char::is_combining_mark;

use crate::hash;
use crate::normalize::Normalized;

/// A word: its hash, and where it stands.
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
        // Texts are cut to 4 GiB where they enter the library.
        Span { start: range.start as u32, end: range.end as u32 }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Word {
    /// [`hash::word`] of the normalised word. Of a number, what parts thousands is not hashed, and
    /// any other point is `.`.
    #[inline]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The bytes of the source that the word stands in. Always on character boundaries.
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
    /// Offsets are 32 bits wide: of a source longer than 4 GiB only the words in the first 4 GiB
    /// are found.
    pub fn new(source: &str) -> Self {
        let mut end = source.len().min(u32::MAX as usize);
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let normalized = Normalized::new(&source[..end]);
        let mut splitter = Splitter { normalized: &normalized, words: Vec::with_capacity(end / 6) };
        splitter.split();
        let words = splitter.words;
        Words { normalized, words }
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word at all.
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

    /// How many bytes of normalised text word `index + 1` shares with word `index`: `Some` for
    /// neighbouring n-grams of a run without spaces, `None` for words that stand apart.
    pub(crate) fn overlap(&self, index: usize) -> Option<usize> {
        let end = self.words[index].text.end;
        let start = self.words.get(index + 1)?.text.start;
        (start <= end).then(|| (end - start) as usize)
    }

    /// The bytes of the source that stand between word `index` and the next one, which is there
    /// and apart. A character that becomes several words (`℀` → `a/c`) is between them as a whole.
    pub(crate) fn gap(&self, index: usize) -> Range<usize> {
        let between = self.words[index].text.end..self.words[index + 1].text.start;
        self.normalized.source_range(between.start as usize..between.end as usize)
    }

    /// The normalised text of word `index`.
    ///
    /// # Panics
    /// If there are no more than `index` words.
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

/// What a character does to the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Part of a word.
    Letter,
    /// Part of a word that has begun.
    Mark,
    /// Part of a run that is cut into n-grams of this length.
    Unspaced(usize),
    /// Ends a word, unless it stands between digits.
    Point,
    /// Ends a word.
    Other,
}

fn classify(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' | 'A'..='Z' => Class::Letter,
        '.' | ',' => Class::Point,
        '\0'..='\x7f' => Class::Other,
        _ => match gram_length(c) {
            Some(n) => Class::Unspaced(n),
            None if c.is_alphanumeric() => Class::Letter,
            None if is_combining_mark(c) => Class::Mark,
            None => Class::Other,
        },
    }
}

/// How long the n-grams are that a letter of an unspaced script is read in; `None` for every other
/// character.
fn gram_length(c: char) -> Option<usize> {
    match c {
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => {
            (c.is_alphanumeric() || is_combining_mark(c)).then_some(3)
        }
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{309f}'
        | '\u{30a1}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => (c.is_alphanumeric() || is_combining_mark(c)).then_some(2),
        _ => None,
    }
}

/// Finds the words of a normalised text.
struct Splitter<'a> {
    normalized: &'a Normalized,
    words: Vec<Word>,
}

/// The starts of the characters of a run without spaces.
type Run = SmallVec<[u32; 32]>;

impl Splitter<'_> {
    fn split(&mut self) {
        let normalized = self.normalized;
        let text = normalized.as_str();
        let bytes = text.as_bytes();
        let mut word: Option<usize> = None;
        let mut run = Run::new();
        let mut gram = 0;
        for (at, c) in text.char_indices() {
            let class = classify(c);
            if !run.is_empty() && class != Class::Unspaced(gram) {
                self.end_run(&mut run, gram, at);
            }
            match class {
                Class::Letter => {
                    word.get_or_insert(at);
                }
                Class::Mark => {}
                Class::Point if word.is_some() && between_digits(bytes, at) => {}
                Class::Unspaced(n) => {
                    self.end_word(&mut word, at);
                    gram = n;
                    run.push(at as u32);
                }
                Class::Point | Class::Other => self.end_word(&mut word, at),
            }
        }
        self.end_run(&mut run, gram, text.len());
        self.end_word(&mut word, text.len());
    }

    fn end_word(&mut self, word: &mut Option<usize>, end: usize) {
        if let Some(start) = word.take() {
            self.push(start..end);
        }
    }

    fn end_run(&mut self, run: &mut Run, gram: usize, end: usize) {
        if run.is_empty() {
            return;
        }
        let grams = run.len().saturating_sub(gram) + 1;
        for first in 0..grams {
            let start = run[first] as usize;
            self.push(start..run.get(first + gram).map_or(end, |&next| next as usize));
        }
        run.clear();
    }

    fn push(&mut self, range: Range<usize>) {
        let bytes = &self.normalized.as_str().as_bytes()[range.clone()];
        let hash = if bytes.iter().any(|&byte| is_point(byte)) {
            hash::word(&plain_number(bytes))
        } else {
            hash::word(bytes)
        };
        let source = Span::new(self.normalized.source_range(range.clone()));
        self.words.push(Word { hash, text: Span::new(range), source });
    }
}

fn is_point(byte: u8) -> bool {
    matches!(byte, b'.' | b',')
}

/// A word with points, without those that part thousands, and with one form for the others.
fn plain_number(word: &[u8]) -> SmallVec<[u8; 32]> {
    let parts_thousands = |at: usize| {
        let digits = word[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits == 3
    };
    let kept =
        word.iter().enumerate().filter(|&(at, &byte)| !is_point(byte) || !parts_thousands(at));
    kept.map(|(_, &byte)| if is_point(byte) { b'.' } else { byte }).collect()
}

fn between_digits(bytes: &[u8], at: usize) -> bool {
    at > 0
        && bytes[at - 1].is_ascii_digit()
        && bytes.get(at + 1).is_some_and(|next| next.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_script::{Script, UnicodeScript};

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
    fn points_between_digits_belong_to_the_number_and_may_part_thousands() {
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

    #[test]
    fn unspaced_scripts_are_those_of_the_unicode_database() {
        for c in ('\0'..='\u{3ffff}').filter(|c| c.is_alphabetic()) {
            let expected = match c.script() {
                Script::Han | Script::Hiragana | Script::Katakana => Some(2),
                Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar => Some(3),
                _ => None,
            };
            let found = gram_length(c);
            // Forms that normalisation resolves, and extensions used by no newspaper.
            let rare =
                !(0x3000..0xf900).contains(&(c as u32)) && !(0xe00..0x1800).contains(&(c as u32));
            assert!(
                found == expected
                    || rare
                    || c.script() == Script::Common
                    || c as u32 >= 0xa9e0 && (c as u32) < 0xab00
                    || matches!(c as u32, 0x3200..0x3400 | 0x3021..=0x3029 | 0x3038..=0x303b),
                "{c:?} {found:?} {expected:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn words_stand_in_order_and_on_character_boundaries(source in "\\PC{0,60}") {
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
