//! What a text is written in, and the terms by which its words are kept.

use super::letters;
use super::prior::{Prior, UnknownWords};
use super::words::Words;

/// What a text is written in, as far as the rarity of its words depends on it: English is
/// recognised by its common words, everything else by its script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
#[repr(u8)]
pub enum Language {
    /// At least half of the words are common English words.
    English,
    /// Another language in Latin letters.
    Latin,
    /// MemberSource by letters that no other language has. Its words are mostly of two syllables, written
    /// apart: what is read as a word is one syllable.
    Vietnamese,
    /// Any language in Cyrillic letters.
    Cyrillic,
    /// Any language in Arabic letters.
    Arabic,
    /// Chinese or Japanese: read as pairs of characters.
    Han,
    /// Thai, Lao, Khmer or Burmese: read as triples of characters.
    Thai,
    /// Everything else.
    Other,
}

impl Language {
    pub(crate) const COUNT: usize = Language::Other as usize + 1;

    /// Recognises the language of a text by its words.
    ///
    /// ```
    /// use retold::{Language, Words};
    /// assert_eq!(Language::of(&Words::new("the ferry was on its way")), Language::English);
    /// assert_eq!(Language::of(&Words::new("паром шёл в порт")), Language::Cyrillic);
    /// ```
    pub fn of(words: &Words) -> Self {
        let mut votes = Votes::default();
        for (index, word) in words.iter().enumerate() {
            votes.add(&WordFacts::of(word.hash(), words.text(index).as_bytes()), 1);
        }
        votes.winner()
    }

    /// In the order of their numbers.
    pub(crate) const ALL: [Language; Language::COUNT] = {
        use Language::*;
        [English, Latin, Vietnamese, Cyrillic, Arabic, Han, Thai, Other]
    };

    pub(crate) fn all() -> impl Iterator<Item = Language> {
        Self::ALL.into_iter()
    }

    /// The script of a letter, as the language that it would mean alone.
    pub(crate) fn of_script(letter: char) -> Self {
        match letter {
            'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Language::Latin,
            '\u{400}'..='\u{52f}' => Language::Cyrillic,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Language::Arabic,
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => {
                Language::Thai
            }
            '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => {
                Language::Han
            }
            _ => Language::Other,
        }
    }

    /// Whether its words are written as syllables apart, so that chance shares more of them.
    pub(crate) fn is_syllabic(self) -> bool {
        self == Language::Vietnamese
    }

    /// How many articles of the collection the prior is worth.
    pub(crate) fn prior_strength(self) -> f32 {
        match self {
            Language::English => 30.0,
            _ => 20.0,
        }
    }
}

/// What is known of a word before anything is known of its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordFacts {
    pub(crate) term: u32,
    /// The language that its script would mean alone; none of a number in ASCII digits.
    script: Option<Language>,
    is_vietnamese: bool,
    /// How rare it is in English, in eighths of a nat, if it is a known word.
    english: Option<u8>,
}

impl WordFacts {
    /// Those of a word in UTF-8.
    pub(crate) fn of(hash: u64, word: &[u8]) -> Self {
        if word.is_ascii() { Self::of_ascii(hash, word) } else { Self::beyond_ascii(hash, word) }
    }

    /// The same of a word that is known to be ASCII.
    #[inline]
    pub(crate) fn of_ascii(hash: u64, word: &[u8]) -> Self {
        let is_figure = begins_with_digit(word);
        let script = if is_figure { None } else { Some(Language::Latin) };
        Self::new(named(hash, is_figure, word.len()), script, false)
    }

    /// The same of a word that is known not to be ASCII.
    pub(crate) fn beyond_ascii(hash: u64, word: &[u8]) -> Self {
        let letters = letters::count(word);
        if begins_with_digit(word) {
            return Self::new(named(hash, true, letters), None, false);
        }
        let first = letters::first(word);
        let script = Language::of_script(first);
        let term = named(hash, letters::is_numeric(first, script), letters);
        Self::new(term, Some(script), letters::has_vietnamese(word))
    }

    #[inline]
    fn new(term: u32, script: Option<Language>, is_vietnamese: bool) -> Self {
        WordFacts { term, script, is_vietnamese, english: Prior::english().eighths(term) }
    }

    /// Its rarity in a language before anything is known of the collection, in eighths of a nat.
    #[inline]
    pub(crate) fn prior(&self, language: Language, unknown: &UnknownWords) -> u8 {
        match (language, self.english) {
            (Language::English, Some(eighths)) => eighths,
            _ => unknown.eighths(self.term),
        }
    }
}

/// What the words of a text say of its language.
#[derive(Debug, Default)]
pub(crate) struct Votes {
    known: usize,
    vietnamese: usize,
    scripts: [usize; Language::COUNT],
}

impl Votes {
    /// Counts a word that stands there so many times.
    pub(crate) fn add(&mut self, word: &WordFacts, times: usize) {
        let Some(script) = word.script else { return };
        self.scripts[script as usize] += times;
        self.vietnamese += if word.is_vietnamese { times } else { 0 };
        self.known += if word.english.is_some() { times } else { 0 };
    }

    /// The language that the words speak for.
    pub(crate) fn winner(&self) -> Language {
        let total: usize = self.scripts.iter().sum();
        if self.known * 2 > total {
            return Language::English;
        }
        // About half of the syllables of a Vietnamese text have such a letter; a name in a text of
        // another language may.
        if self.vietnamese * 5 > total {
            return Language::Vietnamese;
        }
        let most = self.scripts.iter().copied().max().unwrap_or(0);
        let has_most = |&language: &Language| self.scripts[language as usize] == most;
        Language::all().find(has_most).unwrap_or(Language::Other)
    }
}

/// How many bits name a word wherever words are kept.
pub(crate) const TERM_BITS: u32 = 25;

/// The bits that name a word wherever words are kept, never all 0: 21 of its hash, and what must be
/// known of a word that no table has: whether it is a number, and how many letters it has, up to
/// seven. Of a million words one in ten shares its name with another, and of three hundred pairs of
/// texts one shares one by chance: too few to tell in a score, and a word takes half the memory.
pub(crate) fn term_of(word_hash: u64, text: &str) -> u32 {
    let letters = if text.is_ascii() { text.len() } else { letters::count(text.as_bytes()) };
    named(word_hash, is_figure(text.as_bytes()), letters)
}

/// The term of a word of so many letters, or of more than fit.
#[inline]
fn named(word_hash: u64, is_figure: bool, letters: usize) -> u32 {
    let number = if is_figure { NUMBER } else { 0 };
    let letters = letters.min(letters::MANY) as u32;
    (word_hash >> (64 - TERM_BITS)) as u32 & !(NUMBER | LETTERS) | number | letters
}

/// Where a term has its number of letters.
const LETTERS: u32 = letters::MANY as u32;

/// Set in a term that is a number.
const NUMBER: u32 = 1 << 3;

/// Up to seven.
pub(crate) fn letters_of(term: u32) -> u32 {
    term & LETTERS
}

/// Whether a term is a number.
pub(crate) fn is_number(term: u32) -> bool {
    term & NUMBER != 0
}

#[inline]
fn begins_with_digit(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_digit)
}

/// Whether a word in UTF-8 begins with a digit of any script.
#[inline]
pub(crate) fn is_figure(word: &[u8]) -> bool {
    if word.first().is_none_or(u8::is_ascii) {
        return begins_with_digit(word);
    }
    let first = letters::first(word);
    letters::is_numeric(first, Language::of_script(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    #[test]
    fn languages_are_told_by_common_words_and_script() {
        let of = |text: &str| Language::of(&Words::new(text));
        assert_eq!(of("The minister said on Monday that 14 people were hurt"), Language::English);
        assert_eq!(
            of("O ministro disse na segunda-feira que 14 pessoas ficaram feridas"),
            Language::Latin
        );
        assert_eq!(of("Bộ trưởng cho biết hôm thứ hai"), Language::Vietnamese);
        assert_eq!(
            of("A ministra de Hạ Long disse ontem que não havia feridos no porto"),
            Language::Latin
        );
        assert_eq!(of("قال الوزير يوم الاثنين"), Language::Arabic);
        assert_eq!(of("外交部发言人说"), Language::Han);
        assert_eq!(of("รัฐมนตรีกล่าวว่า"), Language::Thai);
        assert_eq!(of("मंत्री ने कहा"), Language::Other);
        assert_eq!(of("1 2 3"), Language::English.min(of("1 2 3")));
    }

    #[test]
    fn a_term_tells_a_number_and_the_letters_of_a_word() {
        let facts = |word: &str| {
            let term = term_of(hash::word(word.as_bytes()), word);
            (letters_of(term), is_number(term))
        };
        assert_eq!(
            [facts("kelm"), facts("skarholt"), facts("đường")],
            [(4, false), (7, false), (5, false)]
        );
        assert_eq!([facts("14"), facts("5g"), facts("٣")], [(2, true), (2, true), (1, true)]);
        assert_ne!(term_of(hash::word(b"kelm"), "kelm"), term_of(hash::word(b"korn"), "korn"));
    }
}
