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
        let mut kept: Vec<u16> = Vec::with_capacity(MAX_MARKS);
        for mark in &self.marks {
            if self.within.contains(*mark) && self.seen.insert(*mark) {
                kept.push(mark.0);
            }
        }
        for mark in &self.marks {
            self.within.remove(*mark);
            self.seen.remove(*mark);
        }
        kept.truncate(MAX_MARKS);
        kept.into()
    }

    /// Reads the words in their order. A byte of ASCII is classified without decoding a character, since
    /// most texts have few others.
    fn read(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let end = bytes.len().min(MAX_BYTES);
        let (mut at, mut words, mut begins_sentence) = (0, 0, true);
        while at < end {
            if words >= OPENING_WORDS {
                // Their places do not matter, so words of lower case are passed over several at once.
                let (len, has_letter) = plain(&bytes[at..end]);
                begins_sentence &= !has_letter;
                at += len;
                if len > 0 && bytes[at - 1] != b' ' {
                    at = word_end(text, at);
                }
                if at >= end {
                    break;
                }
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
        let is_number = first.is_numeric();
        // Letters that only look like others, such as those of mathematics, are no names.
        let is_plain = word.is_ascii() || word.chars().all(|c| c < '\u{2000}' || is_ignored(c));
        if !is_plain || !(is_number || first.is_uppercase()) {
            return false;
        }
        self.word.clear();
        if word.is_ascii() {
            let folded = word.bytes().filter(|byte| !matches!(byte, b'.' | b',' | b'\''));
            self.word.extend(folded.map(|byte| byte.to_ascii_lowercase()));
        } else {
            let folded = word.chars().filter(|&c| !matches!(c, '.' | ',' | '\'') && !is_ignored(c));
            let mut bytes = [0; 4];
            folded.flat_map(char::to_lowercase).for_each(|c| {
                self.word.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes());
            });
        }
        if !is_of_calendar(&self.word) {
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

/// The bytes before the first that is neither a letter of lower case nor a space, in blocks of eight: their
/// number, and whether there is a letter. Less than a block at the end is left to the caller.
fn plain(bytes: &[u8]) -> (usize, bool) {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHEST_BITS: u64 = ONES << 7;
    let (mut len, mut letters) = (0, 0);
    while let Some(block) = bytes[len..].first_chunk() {
        let block = u64::from_le_bytes(*block);
        // Each sum sets the highest bit of the bytes from a letter or 1 on. Without that bit none carries.
        let from = |low: u64, least: u8| (low & !HIGHEST_BITS) + u64::from(0x80 - least) * ONES;
        let lower_case = from(block, b'a') & !from(block, b'z' + 1);
        let space = !from(block ^ (u64::from(b' ') * ONES), 1);
        let others = (!(lower_case | space) | block) & HIGHEST_BITS;
        letters |= lower_case & HIGHEST_BITS & others.wrapping_sub(1) & !others;
        len += (others.trailing_zeros() / u8::BITS) as usize;
        if others != 0 {
            break;
        }
    }
    (len, letters != 0)
}

/// Where the word ends that begins before a byte. Points and commas between digits belong to it, and so do
/// characters that are not seen.
fn word_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        // Nearly all of a word is letters of ASCII.
        while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            at += 1;
        }
        let Some(&byte) = bytes.get(at) else { break };
        let joins = matches!(byte, b'.' | b',' | b'\'');
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
                let has_letter = at > 0 || is_plain;
                assert_eq!(plain(&bytes), (if is_plain { 16 } else { at }, has_letter), "{other}");
            }
        }
        assert_eq!(
            (plain(b"          a"), plain(b"       A"), plain(b"abc")),
            ((8, false), (7, false), (0, false))
        );
    }

    #[test]
    fn letters_and_digits_are_those_of_unicode() {
        assert!(('\0'..=char::MAX).all(|c| is_alphanumeric(c) == c.is_alphanumeric()));
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
        fn behind_the_opening_the_same_words_are_marks(
            text in "([a-e ]{0,5}|[A-C]|[0-3]|[.,' \n:-]|[é“–Ж\u{ad}]){0,12}",
        ) {
            let behind = |words: u32| marks(&format!("{}. {text}", "so ".repeat(words as usize)));
            prop_assert_eq!(behind(OPENING_WORDS), behind(MAX_DATELINE_WORDS + 1));
        }
    }
}
