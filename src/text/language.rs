//! The language of a text, and the terms that stand for its words.
//!
//! A language matters only for the assumed rarity of words, so few classes suffice: English is
//! recognised by frequent words, Vietnamese by its letters, all others by their script.

use super::letters;
use super::prior::{Prior, UnknownWords};
use super::words::Words;

/// The language of a text, as finely as the assumed rarity of its words depends on it. English is
/// recognised by its frequent words, every other language by its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
#[repr(u8)]
pub enum Language {
    /// More than half of the words, without numbers, are frequent English words.
    English,
    /// Another language in Latin letters.
    Latin,
    /// Recognised by letters that hardly any other language uses. It separates syllables by spaces, so a
    /// word of a text is one syllable, and most words of the language have two.
    Vietnamese,
    /// Any language in Cyrillic letters.
    Cyrillic,
    /// Any language in Arabic letters.
    Arabic,
    /// Chinese or Japanese; its words are pairs of characters.
    Han,
    /// Thai, Lao, Khmer or Burmese; its words are triples of characters.
    Thai,
    /// Any other script.
    Other,
}

impl Language {
    pub(crate) const COUNT: usize = Language::Other as usize + 1;

    /// Recognises the language of a text by its words, in time linear in their number.
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

    /// Indexed by `language as usize`.
    pub(crate) const ALL: [Language; Language::COUNT] = {
        use Language::*;
        [English, Latin, Vietnamese, Cyrillic, Arabic, Han, Thai, Other]
    };

    pub(crate) fn all() -> impl Iterator<Item = Language> {
        Self::ALL.into_iter()
    }

    /// The script of a letter, as the language of a text in it.
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

    /// Whether the words of a text are syllables, so that unrelated texts share more of them.
    pub(crate) fn is_syllabic(self) -> bool {
        self == Language::Vietnamese
    }

    /// The weight of the prior rarity of words, as a number of articles of the collection.
    pub(crate) fn prior_strength(self) -> f32 {
        match self {
            Language::English => 30.0,
            _ => 20.0,
        }
    }
}

/// The properties of a word that do not depend on its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordFacts {
    pub(crate) term: u32,
    /// The language of a text in its script; `None` for a word that begins with an ASCII digit.
    script: Option<Language>,
    is_vietnamese: bool,
    /// Its rarity in English in eighths of a nat, if it is in the built-in table.
    english: Option<u8>,
}

impl WordFacts {
    /// The facts of a word in UTF-8.
    pub(crate) fn of(hash: u64, word: &[u8]) -> Self {
        if word.is_ascii() { Self::of_ascii(hash, word) } else { Self::beyond_ascii(hash, word) }
    }

    /// [`WordFacts::of`] for a word that is ASCII.
    #[inline]
    pub(crate) fn of_ascii(hash: u64, word: &[u8]) -> Self {
        let is_figure = begins_with_digit(word);
        let script = if is_figure { None } else { Some(Language::Latin) };
        Self::new(term_with(hash, is_figure, word.len()), script, false)
    }

    /// [`WordFacts::of`] for a word that is not ASCII.
    pub(crate) fn beyond_ascii(hash: u64, word: &[u8]) -> Self {
        let letters = letters::count(word);
        if begins_with_digit(word) {
            return Self::new(term_with(hash, true, letters), None, false);
        }
        let first = letters::first(word);
        let script = Language::of_script(first);
        let term = term_with(hash, letters::is_numeric(first, script), letters);
        Self::new(term, Some(script), letters::has_vietnamese(word))
    }

    #[inline]
    fn new(term: u32, script: Option<Language>, is_vietnamese: bool) -> Self {
        WordFacts { term, script, is_vietnamese, english: Prior::english().eighths(term) }
    }

    /// The prior rarity in a language, in eighths of a nat. `unknown` is that language's.
    #[inline]
    pub(crate) fn prior(&self, language: Language, unknown: &UnknownWords) -> u8 {
        match (language, self.english) {
            (Language::English, Some(eighths)) => eighths,
            _ => unknown.eighths(self.term),
        }
    }
}

/// Counts of the words of a text, from which its language is recognised.
#[derive(Debug, Default)]
pub(crate) struct Votes {
    english: usize,
    vietnamese: usize,
    scripts: [usize; Language::COUNT],
}

impl Votes {
    /// Counts a word that occurs `times` times.
    pub(crate) fn add(&mut self, word: &WordFacts, times: usize) {
        let Some(script) = word.script else { return };
        self.scripts[script as usize] += times;
        self.vietnamese += if word.is_vietnamese { times } else { 0 };
        self.english += if word.english.is_some() { times } else { 0 };
    }

    /// The recognised language.
    pub(crate) fn winner(&self) -> Language {
        let total: usize = self.scripts.iter().sum();
        if self.english * 2 > total {
            return Language::English;
        }
        // About half of the syllables of a Vietnamese text have such a letter. A name in a text of
        // another language may have one, so a fifth is required.
        if self.vietnamese * 5 > total {
            return Language::Vietnamese;
        }
        let max = self.scripts.iter().copied().max().unwrap_or(0);
        let has_max = |&language: &Language| self.scripts[language as usize] == max;
        Language::all().find(has_max).unwrap_or(Language::Other)
    }
}

/// The number of bits of a term.
pub(crate) const TERM_BITS: u32 = 25;

/// The term of a word: the number that stands for it in memory and on disk. Never 0.
///
/// Its 21 high bits come from the hash. The lowest 4 encode what the prior rarity of an unlisted word
/// depends on: whether it is a number, and its number of letters, up to seven. Collisions are too rare to
/// affect a score, and a term takes half the memory of a hash; see the design page.
pub(crate) fn term_of(word_hash: u64, text: &str) -> u32 {
    let letters = if text.is_ascii() { text.len() } else { letters::count(text.as_bytes()) };
    term_with(word_hash, is_figure(text.as_bytes()), letters)
}

/// The term of a word with this hash and number of letters.
#[inline]
fn term_with(word_hash: u64, is_figure: bool, letters: usize) -> u32 {
    let number = if is_figure { NUMBER } else { 0 };
    let letters = letters.min(letters::MAX_LETTERS) as u32;
    (word_hash >> (64 - TERM_BITS)) as u32 & !(NUMBER | LETTERS) | number | letters
}

/// The bits of a term with the number of letters.
const LETTERS: u32 = letters::MAX_LETTERS as u32;

/// The bit of a term that is a number.
const NUMBER: u32 = 1 << 3;

/// The number of letters of a term, at most seven.
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
    fn languages_are_recognised_by_frequent_words_and_script() {
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
    fn a_term_encodes_whether_a_word_is_a_number_and_its_letters() {
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
