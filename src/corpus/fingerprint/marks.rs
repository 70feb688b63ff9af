//! The names and numbers of a text in their order: what a form is filled in with.
//!
//! Two texts that share most of their phrases are versions of one text, or one form filled in twice.
//! Counting shingles cannot tell the two apart; *what* differs can. An editor changes words
//! anywhere, while the blanks of a form carry names and numbers, and often stand in the first
//! sentences. So a fingerprint keeps the first [`MAX_MARKS`] of them.
//!
//! A name is a word with a capital that does not begin a sentence, or one that stands elsewhere
//! without beginning one. Scripts without capitals have numbers alone. The title, a dateline at the
//! start and the names of days and months are passed over: papers write their own.

use std::ops::RangeInclusive;

use crate::hash;

/// The most marks that are kept of a text: those of some 400 words of news.
pub(crate) const MAX_MARKS: usize = 64;

/// The most names and numbers that are read: some begin a sentence, and some come again.
const MAX_READ: usize = 2 * MAX_MARKS;

/// Of a longer text no more bytes are looked at.
const MAX_BYTES: usize = 2560;

/// How many words of a text are its opening.
const OPENING_WORDS: u32 = 60;

/// A dateline ends within the first words, with a dash.
const MAX_DATELINE_WORDS: u32 = 12;

/// Set in a mark that is a number.
const NUMBER: u16 = 1 << 15;

/// Set in a mark of the first [`OPENING_WORDS`] words.
const OPENING: u16 = 1 << 14;

/// Whether a folded word is the name of a day or a month in English or German, which has a capital there.
#[rustfmt::skip]
fn is_of_calendar(word: &[u8]) -> bool {
    matches!(
        word,
        b"monday" | b"tuesday" | b"wednesday" | b"thursday" | b"friday" | b"saturday" | b"sunday" | b"january"
        | b"february" | b"march" | b"april" | b"may" | b"june" | b"july" | b"august" | b"september"
        | b"october" | b"november" | b"december" | b"jan" | b"feb" | b"sept" | b"dec" | b"montag"
        | b"dienstag" | b"mittwoch" | b"donnerstag" | b"freitag" | b"samstag" | b"sonntag" | b"januar"
        | b"februar" | b"m\xc3\xa4rz" | b"mai" | b"juni" | b"juli" | b"oktober" | b"dezember"
    )
}

/// A name or number of a text: 14 bits of its hash, whether it is a number, and whether it stands in the
/// opening. Of 64 marks one in 250 equals another by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(pub(crate) u16);

impl Mark {
    fn new(word: &[u8], is_number: bool, in_opening: bool) -> Self {
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let hash = (hash::bytes(word) >> 50) as u16;
        Mark(hash | flag(is_number, NUMBER) | flag(in_opening, OPENING))
    }

    /// What is written, wherever it stands.
    pub(crate) fn word(self) -> u16 {
        self.0 & !OPENING
    }

    /// Whether it is a number; else it is a name.
    pub(crate) fn is_number(self) -> bool {
        self.0 & NUMBER != 0
    }

    /// Whether it stands in the first words of the text.
    pub(crate) fn in_opening(self) -> bool {
        self.0 & OPENING != 0
    }
}

/// Finds the marks of one article after another in the same buffers.
#[derive(Debug, Clone, Default)]
pub(super) struct Marker {
    /// The marks in their order; those that begin a sentence are set in `begins`.
    marks: Vec<Mark>,
    begins: Vec<bool>,
    /// Those that are kept.
    kept: Vec<u16>,
    word: Vec<u8>,
    /// Those that stand somewhere without beginning a sentence; empty between texts.
    within: MarkSet,
    /// Those that are kept; empty between texts.
    seen: MarkSet,
}

/// A set of marks, wherever they stand: a bit for each.
#[derive(Debug, Clone)]
struct MarkSet(Box<[u64]>);

impl Default for MarkSet {
    fn default() -> Self {
        MarkSet(vec![0; (1 << 16) / 64].into())
    }
}

impl MarkSet {
    fn bit(mark: Mark) -> (usize, u64) {
        let word = usize::from(mark.word());
        (word / 64, 1 << (word % 64))
    }

    fn contains(&self, mark: Mark) -> bool {
        let (at, bit) = Self::bit(mark);
        self.0[at] & bit != 0
    }

    /// Whether it is new.
    fn insert(&mut self, mark: Mark) -> bool {
        let (at, bit) = Self::bit(mark);
        let is_new = self.0[at] & bit == 0;
        self.0[at] |= bit;
        is_new
    }

    fn remove(&mut self, mark: Mark) {
        let (at, bit) = Self::bit(mark);
        self.0[at] &= !bit;
    }
}

impl Marker {
    /// The marks of a text, each word once, in the order of their first places. Linear in at most
    /// [`MAX_BYTES`] bytes.
    pub(super) fn of(&mut self, text: &str) -> Box<[u16]> {
        self.marks.clear();
        self.begins.clear();
        self.read(text);
        for (mark, begins) in self.marks.iter().zip(&self.begins) {
            if !begins {
                self.within.insert(*mark);
            }
        }
        self.kept.clear();
        for mark in &self.marks {
            if self.within.contains(*mark) && self.seen.insert(*mark) {
                self.kept.push(mark.0);
            }
        }
        for mark in &self.marks {
            self.within.remove(*mark);
            self.seen.remove(*mark);
        }
        self.kept.truncate(MAX_MARKS);
        self.kept.as_slice().into()
    }

    /// Reads the words in their order. Words of lower case are passed over several at once, and a byte of
    /// ASCII is classified without decoding a character, since most texts have few others.
    fn read(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let end = bytes.len().min(MAX_BYTES);
        let (mut at, mut words, mut begins_sentence) = (0, 0, true);
        while at < end {
            let (len, begun) = plain(&bytes[at..end]);
            words += begun;
            begins_sentence &= begun == 0;
            at += len;
            if len > 0 && bytes[at - 1] != b' ' {
                at = word_end(text, at);
            }
            if at >= end {
                break;
            }
            let byte = bytes[at];
            let is_word = if byte.is_ascii() {
                byte.is_ascii_alphanumeric()
            } else {
                letter_at(text, at).is_some_and(is_alphanumeric)
            };
            if !is_word {
                if byte == b'-' || byte >= 0x80 {
                    let letter = letter_at(text, at).unwrap_or_default();
                    let next = at + letter.len_utf8().max(1);
                    let is_apart = bytes.get(next).is_none_or(u8::is_ascii_whitespace);
                    let is_dash = matches!(letter, '-' | '–' | '—');
                    if is_dash && is_apart && (1..=MAX_DATELINE_WORDS).contains(&words) {
                        // What came before was a dateline.
                        self.marks.clear();
                        self.begins.clear();
                        begins_sentence = true;
                    }
                    begins_sentence |= matches!(letter, '“' | '„' | '«' | '。');
                    at = next;
                } else {
                    begins_sentence |= matches!(byte, b'.' | b'!' | b'?' | b':' | b'\n' | b'"');
                    at += 1;
                }
                continue;
            }
            let start = at;
            at = word_end(text, at);
            words += 1;
            let first = bytes[start];
            let may_be = first.is_ascii_uppercase() || first.is_ascii_digit() || first >= 0x80;
            if may_be && self.note(&text[start..at], words, begins_sentence) {
                return;
            }
            begins_sentence = false;
        }
    }

    /// Notes a word if it is a name or a number; whether there are enough.
    fn note(&mut self, word: &str, place: u32, begins_sentence: bool) -> bool {
        let first = word.chars().next().unwrap_or_default();
        let is_number = is_numeric(first);
        if !(is_number || first.is_uppercase()) {
            return false;
        }
        self.word.clear();
        if word.is_ascii() {
            self.word.extend_from_slice(word.as_bytes());
            self.word.make_ascii_lowercase();
            if ascii_word(&self.word) < word.len() {
                self.word.retain(|&byte| !is_point(byte.into()));
            }
        } else {
            // Letters that only look like others, such as those of mathematics, are no names.
            if word.chars().any(|c| c >= '\u{2000}' && !is_ignored(c)) {
                return false;
            }
            let folded = word.chars().filter(|&c| !is_point(c) && !is_ignored(c));
            let mut bytes = [0; 4];
            folded.flat_map(char::to_lowercase).for_each(|c| {
                self.word.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
            });
        }
        if is_number || !is_of_calendar(&self.word) {
            self.marks.push(Mark::new(&self.word, is_number, place <= OPENING_WORDS));
            self.begins.push(begins_sentence && !is_number);
        }
        self.marks.len() >= MAX_READ
    }
}

/// The character that begins at a byte; none within one.
fn letter_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Eight bytes. What is asked of each is told by its highest bit; bytes beyond ASCII are nothing.
#[derive(Clone, Copy)]
struct EightBytes(u64);

impl EightBytes {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHEST_BITS: u64 = Self::ONES << 7;

    /// Those that are within a range of ASCII.
    fn within(self, range: RangeInclusive<u8>) -> u64 {
        // Each sum sets the highest bit of the bytes from a value on. Without that bit none carries.
        let from =
            |least: u8| (self.0 & !Self::HIGHEST_BITS) + u64::from(0x80 - least) * Self::ONES;
        from(*range.start()) & !from(range.end() + 1) & !self.0 & Self::HIGHEST_BITS
    }

    fn letters_or_digits(self) -> u64 {
        let in_lower_case = EightBytes(self.0 | (u64::from(b'a' - b'A') * Self::ONES));
        in_lower_case.within(b'a'..=b'z') | self.within(b'0'..=b'9')
    }

    /// How many bytes come before the first that is not among some.
    fn leading(some: u64) -> usize {
        ((!some & Self::HIGHEST_BITS).trailing_zeros() / u8::BITS) as usize
    }
}

/// The bytes before the first that is neither a letter of lower case nor a space, in blocks of eight: their
/// number, and how many words begin there, of which one may end behind. Less than a block at the end is left
/// to the caller. No word comes before.
fn plain(bytes: &[u8]) -> (usize, u32) {
    let (mut len, mut words, mut last) = (0, 0, 0);
    while let Some(block) = bytes[len..].first_chunk() {
        let block = EightBytes(u64::from_le_bytes(*block));
        let letters = block.within(b'a'..=b'z');
        let plain = EightBytes::leading(letters | block.within(b' '..=b' '));
        let begins = letters & !(letters << u8::BITS | last);
        let behind = u64::MAX.checked_shl(plain as u32 * u8::BITS).unwrap_or(0);
        words += (begins & !behind).count_ones();
        last = letters >> (u64::BITS - u8::BITS);
        len += plain;
        if plain < 8 {
            break;
        }
    }
    (len, words)
}

/// How many letters and digits of ASCII some bytes begin with.
fn ascii_word(bytes: &[u8]) -> usize {
    let mut len = 0;
    while let Some(block) = bytes[len..].first_chunk() {
        let letters =
            EightBytes::leading(EightBytes(u64::from_le_bytes(*block)).letters_or_digits());
        len += letters;
        if letters < 8 {
            return len;
        }
    }
    len + bytes[len..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// Where the word ends that begins before a byte. Points and commas between digits belong to it, and so do
/// characters that are not seen.
fn word_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        // Nearly all of a word is letters of ASCII.
        at += ascii_word(&bytes[at..]);
        let Some(&byte) = bytes.get(at) else { break };
        let joins = is_point(byte.into());
        let next_is_digit = || bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if joins && next_is_digit() {
            at += 1;
            continue;
        }
        let letter = if byte.is_ascii() { None } else { letter_at(text, at) };
        match letter.filter(|&c| is_alphanumeric(c) || is_ignored(c)) {
            Some(letter) => at += letter.len_utf8(),
            None => break,
        }
    }
    at
}

/// Like [`char::is_alphanumeric`], which would look each accented letter, quotation mark and dash up in tables.
fn is_alphanumeric(letter: char) -> bool {
    match letter {
        '\u{c0}'..='\u{24f}' => !matches!(letter, '×' | '÷'),
        '\u{400}'..='\u{52f}' => !matches!(letter, '\u{482}'..='\u{489}'),
        '\u{2000}'..='\u{206f}' => false,
        _ => letter.is_alphanumeric(),
    }
}

/// Like [`char::is_numeric`], which would look each accented letter up in tables.
fn is_numeric(letter: char) -> bool {
    match letter {
        '\0'..'\u{660}' => matches!(letter, '0'..='9' | '²' | '³' | '¹' | '¼'..='¾'),
        _ => letter.is_numeric(),
    }
}

/// Whether a character may stand between the digits of a number.
fn is_point(letter: char) -> bool {
    matches!(letter, '.' | ',' | '\'')
}

/// Whether a character is invisible within a word: a soft hyphen, a joiner, a mark of
/// order. Accents that stand apart are left out too.
fn is_ignored(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marks(text: &str) -> Vec<u16> {
        let marks = Marker::default().of(text);
        marks.iter().map(|&mark| Mark(mark).word()).collect()
    }

    fn names(names: &[&str]) -> Vec<u16> {
        let mark = |name: &&str| {
            let is_number = name.starts_with(|c: char| c.is_ascii_digit());
            Mark::new(name.as_bytes(), is_number, false).word()
        };
        names.iter().map(mark).collect()
    }

    #[test]
    fn names_and_numbers_are_marks_and_the_first_words_of_sentences_are_not() {
        let text =
            "Divers found the bell of the Sula off Kelm on Tuesday. Officials gave 1,200 crowns.";
        assert_eq!(marks(text), names(&["sula", "kelm", "1200"]));
    }

    #[test]
    fn a_name_that_begins_a_sentence_counts_where_it_stands_elsewhere_too() {
        let text = "Kelm won. Nobody had thought that Kelm could. Kelm is third.";
        assert_eq!(marks(text), names(&["kelm"]));
        assert_eq!(marks("Kelm won. Nobody knows why."), names(&[]));
    }

    #[test]
    fn plain_bytes_end_at_the_first_other_byte() {
        for other in 0..=u8::MAX {
            for at in 0..16 {
                let mut bytes = *b"az bycz dxwev uf";
                bytes[at] = other;
                let is_plain = other.is_ascii_lowercase() || other == b' ';
                let len = if is_plain { 16 } else { at };
                let words =
                    bytes[..len].split(|&byte| byte == b' ').filter(|word| !word.is_empty());
                assert_eq!(plain(&bytes), (len, words.count() as u32), "{other}");
            }
        }
        assert_eq!(
            (plain(b"          a"), plain(b"       A"), plain(b"abc")),
            ((8, 0), (7, 0), (0, 0))
        );
    }

    #[test]
    fn a_word_of_ascii_ends_at_the_first_other_byte() {
        for other in 0..=u8::MAX {
            for at in 0..16 {
                let mut bytes = *b"aZ09bycZdxwev0uf";
                bytes[at] = other;
                let len = if other.is_ascii_alphanumeric() { 16 } else { at };
                assert_eq!(ascii_word(&bytes), len, "{other}");
                assert_eq!(ascii_word(&bytes[..=at]), len.min(at + 1), "{other}");
            }
        }
    }

    #[test]
    fn letters_and_digits_are_those_of_unicode() {
        assert!(('\0'..=char::MAX).all(|c| is_alphanumeric(c) == c.is_alphanumeric()));
        assert!(('\0'..=char::MAX).all(|c| is_numeric(c) == c.is_numeric()));
    }

    #[test]
    fn a_dateline_is_no_mark() {
        assert_eq!(marks("BELARN, May 6 - A ferry ran aground off Kelm."), names(&["kelm"]));
    }

    #[test]
    fn marks_tell_the_opening_from_the_rest() {
        let text = format!("A ferry left Kelm. {}. It reached Sarn.", "and so on ".repeat(30));
        let marks = Marker::default().of(&text);
        let opening: Vec<bool> = marks.iter().map(|&mark| Mark(mark).in_opening()).collect();
        assert_eq!(opening, [true, false]);
    }

    #[test]
    fn a_long_text_has_as_many_marks_as_are_kept() {
        let text: String = (0..900).map(|n| format!("the {n} boats ")).collect();
        assert_eq!(marks(&text).len(), MAX_MARKS);
        assert_eq!(marks("渡し船が座礁した"), [0u16; 0]);
    }

    proptest! {
        #[test]
        fn words_of_lower_case_are_passed_over_without_a_trace(
            text in "([a-e ]{0,5}|[A-C]|[0-3]|[.,' \n:-]|[é“–Ж\u{ad}]){0,40}",
        ) {
            // No block of eight bytes is plain where a tab stands for each space.
            let slow = text.replace(' ', "\t");
            let both = [&text, &slow].map(|text| Marker::default().of(text));
            prop_assert_eq!(&both[0], &both[1]);
        }
    }
}
