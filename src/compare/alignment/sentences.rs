//! Splits a text into sentences, in one pass over its characters.
//!
//! A sentence ends
//! * after `.`, `!`, `?` or `…` and the quotes and brackets that close there, before a space and
//!   anything but a lower-case letter; `.` only if it does not belong to an abbreviation, an initial
//!   or the number of a list item;
//! * after the full stops of Chinese, Japanese, Hindi, Urdu, Amharic, Khmer, Burmese and Armenian;
//! * at a line end, unless the lines are wrapped: then at an empty or indented line;
//! * in Thai and Lao, which have no full stop, at a space after [`MIN_THAI_SENTENCE`] characters;
//! * after [`MAX_WORDS`] words, which bounds the cost of every operation on two sentences.
//!
//! The rules of Unicode (UAX 29) ignore abbreviations: they split `Sen. Rosk met Mr. Pell` in three.

use std::ops::Range;

use crate::hash;
use crate::text::language::{Language, term_of};
use crate::text::prior::prior_rarity;
use crate::text::words::{Word, Words};

/// The most words of a sentence; longer ones are cut. The longest sentences of news have about 100.
pub(super) const MAX_WORDS: usize = 256;

/// The fewest characters before a space that ends a sentence in Thai and Lao, where most spaces
/// separate phrases of 20 to 40 characters.
const MIN_THAI_SENTENCE: usize = 60;

/// Abbreviations before names: a point after one never ends a sentence.
const BEFORE_NAMES: [&str; 46] = [
    "mr", "mrs", "ms", "mx", "messrs", "mme", "mlle", "dr", "prof", "sen", "sens", "rep", "reps",
    "gov", "govs", "gen", "lt", "col", "sgt", "capt", "cmdr", "adm", "maj", "brig", "cpl", "pvt",
    "rev", "fr", "hon", "pres", "supt", "det", "insp", "atty", "amb", "hr", "sra", "st", "mt",
    "vs", "tp", "ts", "gs", "pgs", "ths", "bs",
];

/// Abbreviations before numbers: a point after one ends no sentence if a digit follows.
const BEFORE_NUMBERS: [&str; 24] = [
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "no",
    "nos", "nr", "vol", "p", "pp", "art", "sec", "fig", "ch", "c", "ca",
];

/// Other abbreviations: a point after one ends a sentence only before a word that begins many.
const BEFORE_ANYTHING: [&str; 22] = [
    "inc", "corp", "co", "cos", "ltd", "plc", "llc", "bros", "jr", "sr", "esq", "dept", "est",
    "approx", "cf", "al", "etc", "ave", "blvd", "rd", "ft", "bzw",
];

/// The greatest rarity, in nats of the English table, of a word that begins a sentence after an
/// abbreviation; a rarer one continues it: `in the U.S. The ferry` against `U.S. Senator`.
const MAX_OPENER_RARITY: f32 = 1.0;

/// The bytes of a sentence and the range of its words in the text, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) bytes: Range<usize>,
    pub(super) words: Range<usize>,
}

/// A text with its words and sentences.
#[derive(Debug, Clone)]
pub(super) struct SentenceText<'a> {
    pub(super) source: &'a str,
    pub(super) words: &'a Words,
    pub(super) sentences: Vec<Sentence>,
    /// Whether each word begins with a capital.
    pub(super) capitals: Vec<bool>,
}

impl<'a> SentenceText<'a> {
    pub(super) fn new(source: &'a str, words: &'a Words) -> Self {
        let is_capital = |word: &Word| match source.as_bytes()[word.source().start] {
            byte if byte.is_ascii() => byte.is_ascii_uppercase(),
            _ => source[word.source()].starts_with(char::is_uppercase),
        };
        SentenceText {
            source,
            words,
            sentences: sentences(source, words),
            capitals: words.iter().map(is_capital).collect(),
        }
    }

    /// The first word that starts at a byte or after it.
    pub(super) fn word_at(&self, byte: usize) -> usize {
        self.words.as_slice().partition_point(|word| word.source().start < byte)
    }

    /// The sentence of a word; the next sentence where the word belongs to none.
    pub(super) fn sentence_of(&self, word: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.words.end <= word)
    }
}

/// The sentences that have words, in order. In scripts without spaces words overlap, and one that
/// crosses a sentence end belongs to no sentence.
fn sentences(source: &str, words: &Words) -> Vec<Sentence> {
    let all = words.as_slice();
    let mut sentences = Vec::new();
    let (mut start, mut next) = (0, 0);
    for end in ends(source) {
        // A sentence ends at `end` or after `MAX_WORDS` words.
        loop {
            next += all[next..].iter().take_while(|word| word.source().start < start).count();
            let inside = |word: &&Word| word.source().end <= end;
            let count = all[next..].iter().take(MAX_WORDS + 1).take_while(inside).count();
            let taken = next..next + count.min(MAX_WORDS);
            let cut = count > MAX_WORDS;
            let bytes = if cut { start..all[taken.end - 1].source().end } else { start..end };
            start = bytes.end;
            if !taken.is_empty() {
                next = taken.end;
                let mut bytes = trimmed(source, bytes);
                // A combining mark after a space makes the space a part of its word.
                bytes.start = bytes.start.min(all[taken.start].source().start);
                bytes.end = bytes.end.max(all[taken.end - 1].source().end);
                sentences.push(Sentence { bytes, words: taken });
            }
            if !cut {
                break;
            }
        }
    }
    sentences
}

fn trimmed(source: &str, bytes: Range<usize>) -> Range<usize> {
    let text = &source[bytes.clone()];
    let start = bytes.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}

/// The bytes where sentences end, ascending; the last one is the end of the text.
fn ends(source: &str) -> Vec<usize> {
    let wrapped = is_wrapped(source);
    let mut ends = Vec::new();
    // The end of the stops and quotes read ahead; the start of the sentence.
    let (mut read, mut start) = (0, 0);
    let mut thai_characters = 0;
    for (at, c) in source.char_indices() {
        if at < read {
            continue;
        }
        let end = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                (!wrapped || begins_paragraph(&source[at..])).then_some(at)
            }
            '.' | '．' | '!' | '?' | '…' | '‼' | '⁇' | '⁈' | '⁉' => {
                let (end, is_end) = stop(source, start, at);
                read = end;
                is_end.then_some(end)
            }
            '。' | '！' | '？' | '｡' | '।' | '॥' | '؟' | '۔' | '።' | '፧' | '፨' | '។' | '៕'
            | '။' | '։' => {
                read = at + closing(&source[at..]);
                Some(read)
            }
            '\u{e00}'..='\u{eff}' => {
                thai_characters += 1;
                None
            }
            ' ' if thai_characters >= MIN_THAI_SENTENCE => Some(at),
            _ => None,
        };
        if let Some(end) = end {
            ends.push(end);
            (start, thai_characters) = (end, 0);
        }
    }
    ends.push(source.len());
    ends
}

/// The length of the stops and closing marks that a text begins with.
fn closing(text: &str) -> usize {
    let goes_on = |c: char| is_stop(c) || is_closer(c);
    text.find(|c| !goes_on(c)).unwrap_or(text.len())
}

fn is_stop(c: char) -> bool {
    ".!?…‼⁇⁈⁉。！？｡．।".contains(c)
}

fn is_closer(c: char) -> bool {
    "\"'”’“»›)]}」』）】》".contains(c)
}

/// Whether a character may precede the first letter of a sentence.
fn is_opener(c: char) -> bool {
    c.is_whitespace() || "\"'“‘„«‹([{¿¡-–—•*·".contains(c)
}

/// The end of the stop at `at`, and whether it ends the sentence that began at `start`.
fn stop(source: &str, start: usize, at: usize) -> (usize, bool) {
    let end = at + closing(&source[at..]);
    let after = &source[end..];
    if !after.is_empty() && !after.starts_with(char::is_whitespace) {
        return (end, false);
    }
    let after = after.trim_start_matches(is_opener);
    if after.starts_with(char::is_lowercase) {
        return (end, false);
    }
    let is_point = &source[at..end] == "." || &source[at..end] == ".)";
    (end, !(is_point && is_abbreviated(&source[start..at], after)))
}

/// Whether a point after `before` belongs to its last word.
fn is_abbreviated(before: &str, after: &str) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || c == '.';
    let word = &before[before
        .rfind(|c| !belongs(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8))..];
    let is_one_of = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is_one_of(&BEFORE_NAMES) {
        return true;
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        // The number of a list item.
        return word.len() <= 2 && before.trim_start_matches(is_opener) == word;
    }
    if is_one_of(&BEFORE_NUMBERS) && after.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let mut letters = word.chars();
    let is_initial = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    (is_initial || word.contains('.') || is_one_of(&BEFORE_ANYTHING)) && !begins_sentence(after)
}

/// Whether many sentences begin with the first word of a text.
fn begins_sentence(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let word = text[..end].to_lowercase();
    prior_rarity(Language::English, term_of(hash::word(word.as_bytes()), &word))
        <= MAX_OPENER_RARITY
}

/// Whether a paragraph ends before `text`, in a source of wrapped lines.
fn begins_paragraph(text: &str) -> bool {
    let mut after = text.strip_prefix('\r').unwrap_or(text).chars();
    after.next();
    after.next().is_some_and(char::is_whitespace)
}

/// Whether the lines of a text are wrapped: of the lines that end without a stop and precede no empty
/// line, at least a third continue with a lower-case letter.
fn is_wrapped(source: &str) -> bool {
    let (mut open, mut wrapped) = (0, 0);
    let mut lines = source.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        let Some(next) = lines.peek().map(|next| next.trim_start()) else { break };
        let ends = line.is_empty() || line.ends_with(|c| is_stop(c) || is_closer(c));
        if !ends && !next.is_empty() {
            open += 1;
            wrapped += usize::from(next.starts_with(char::is_lowercase));
        }
    }
    wrapped > 0 && wrapped * 3 >= open
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sentences of a text as slices of its source, whose invariants are asserted.
    fn split(source: &str) -> Vec<&str> {
        let words = Words::new(source);
        let sentences = sentences(source, &words);
        let (mut byte, mut word) = (0, 0);
        for Sentence { bytes, words: own } in &sentences {
            assert!(bytes.start >= byte && own.start >= word, "{source:?}");
            assert!(!own.is_empty() && own.len() <= MAX_WORDS, "{source:?}");
            for inside in &words.as_slice()[own.clone()] {
                let range = inside.source();
                assert!(range.start >= bytes.start && range.end <= bytes.end, "{source:?}");
            }
            (byte, word) = (bytes.end, own.end);
        }
        sentences.iter().map(|sentence| &source[sentence.bytes.clone()]).collect()
    }

    #[test]
    fn a_stop_before_a_capital_ends_a_sentence_and_one_before_a_lower_case_letter_does_not() {
        let parts =
            ["Who sank it?", "“The reef!” said Ida.", "Nobody was hurt… Or so.", "(It rained.)"];
        let found =
            split("Who sank it? “The reef!” said Ida. Nobody was hurt… Or so. (It rained.)");
        assert_eq!(found, [parts[0], parts[1], "Nobody was hurt…", "Or so.", parts[3]]);
    }

    #[test]
    fn abbreviations_initials_and_numbers_end_no_sentence() {
        for whole in [
            "Mr. Pell met Sen. Rosk and Prof. J. K. Blom of St. Orrin.",
            "It fell 3.5 percent to 1,000.50 marks.",
            "The letter of Jan. 4 names No. 7 of the list, p. 12.",
            "The U.S. Senator left at 5 p.m. Monday for Kelm.",
            "Pell Inc. Chairman Orrin left, e.g. Kelm.",
            "1. Wash the hull.",
        ] {
            assert_eq!(split(whole), [whole]);
        }
        let parts = [
            "He lives in the U.S. ",
            "The ferry is of Pell Co. ",
            "It sank in 2029. ",
            "He is 35.",
        ];
        assert_eq!(split(&parts.concat()), parts.map(str::trim));
    }

    #[test]
    fn a_line_ends_a_sentence_unless_lines_are_wrapped() {
        let list = "Ferry runs aground\nNobody was hurt off Kelm\nDivers examine the hull";
        assert_eq!(split(list).len(), 3);
        let wrapped = "The ferry ran aground off\nKelm on Monday with 212\npeople aboard, the harbour\n\
                       master said.\n  Nobody was\nhurt in the night.\n\nDivers came";
        let found = split(wrapped);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[1].starts_with("Nobody") && found[2] == "Divers came");
    }

    #[test]
    fn the_stops_of_other_scripts_end_sentences() {
        assert_eq!(split("渡船触礁。无人受伤！「是吗？」他说。").len(), 4);
        assert_eq!(split("नाव डूब गई। कोई घायल नहीं हुआ॥").len(), 2);
        assert_eq!(split("هل غرقت العبارة؟ لم يصب أحد.").len(), 2);
        assert_eq!(split("Phà mắc cạn ở TP. Hồ Chí Minh. Không ai bị thương.").len(), 2);
        let thai = "เรือข้ามฟากเกยตื้นนอกชายฝั่งเมืองเคล์มเมื่อคืนวันจันทร์ที่ผ่านมา";
        assert_eq!(split(&format!("{thai} {thai}")).len(), 2);
    }

    #[test]
    fn an_endless_sentence_is_cut() {
        let text = "boat ".repeat(3 * MAX_WORDS + 1);
        assert_eq!(split(&text).len(), 4);
        assert!(split(&"渡".repeat(1000)).len() > 3);
    }

    proptest! {
        #[test]
        fn any_text_has_sentences_in_order_on_character_boundaries(
            text in "\\PC{0,80}", lines in "[a-zA-Z .。!?\n\r\"”1天เ℀]{0,120}",
        ) {
            split(&text);
            split(&lines);
        }

        #[test]
        fn no_word_of_a_script_with_spaces_is_lost(text in "[a-cA-C0-2 .!?\n“”]{0,200}") {
            let words = Words::new(&text);
            let inside: usize = sentences(&text, &words).iter().map(|one| one.words.len()).sum();
            prop_assert_eq!(inside, words.len());
        }
    }
}
