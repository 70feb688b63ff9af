//! How rare each word is: what makes a shared word evidence or chance.
//!
//! Rarity is `ln(articles / articles with the word)`, blended from two sources. A *prior* says what
//! is known before the first article: for English a built-in table, for other languages a guess
//! from the word's length. The *collection's own counts* take over as it grows, for each language
//! apart, so that three Vietnamese articles among a thousand English ones are not all rare words.

mod prior;

use std::collections::HashMap;

use ahash::RandomState;

use crate::memory;
use crate::words::Words;

pub(crate) use prior::{Prior, prior_rarity};

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
    /// Told by letters that no other language has. Its words are mostly of two syllables, written
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
    const COUNT: usize = Language::Other as usize + 1;

    /// Recognises the language of a text by its words.
    ///
    /// ```
    /// use retold::{Language, Words};
    /// assert_eq!(Language::of(&Words::new("the ferry was on its way")), Language::English);
    /// assert_eq!(Language::of(&Words::new("паром шёл в порт")), Language::Cyrillic);
    /// ```
    pub fn of(words: &Words) -> Self {
        let prior = Prior::english();
        let (mut known, mut vietnamese, mut counts) = (0usize, 0usize, [0usize; Self::COUNT]);
        for (index, word) in words.iter().enumerate() {
            let Some(first) = words.text(index).chars().next() else { continue };
            if first.is_ascii_digit() {
                continue;
            }
            counts[Self::of_script(first) as usize] += 1;
            vietnamese += usize::from(words.text(index).chars().any(is_vietnamese));
            known += usize::from(prior.rarity(term_of(word.hash())).is_some());
        }
        let total: usize = counts.iter().sum();
        if known * 2 > total {
            return Language::English;
        }
        // About half of the syllables of a Vietnamese text have such a letter; a name in a text of
        // another language may.
        if vietnamese * 5 > total {
            return Language::Vietnamese;
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        Self::all().find(|&language| counts[language as usize] == most).unwrap_or(Language::Other)
    }

    fn all() -> impl Iterator<Item = Language> {
        use Language::*;
        [English, Latin, Vietnamese, Cyrillic, Arabic, Han, Thai, Other].into_iter()
    }

    /// The script of a letter, as the language that it would mean alone.
    fn of_script(letter: char) -> Self {
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
    fn prior_strength(self) -> f32 {
        match self {
            Language::English => 30.0,
            _ => 20.0,
        }
    }
}

/// Whether a small letter is used in Vietnamese alone, or nearly so.
fn is_vietnamese(letter: char) -> bool {
    matches!(letter, 'đ' | 'ơ' | 'ư' | '\u{1ea0}'..='\u{1ef9}')
}

/// The 32 bits that name a word in postings and fingerprints.
pub(crate) fn term_of(word_hash: u64) -> u32 {
    (word_hash >> 32) as u32
}

/// In how many articles of a collection each word stands, for each language.
///
/// Order does not matter: the counts depend only on which articles are in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    languages: [Counts; Language::COUNT],
}

#[derive(Debug, Clone, Default)]
struct Counts {
    articles: u32,
    with_term: HashMap<u32, u32, RandomState>,
}

impl Vocabulary {
    /// Counts an article with these distinct terms.
    pub(crate) fn add(&mut self, language: Language, terms: impl IntoIterator<Item = u32>) {
        let counts = &mut self.languages[language as usize];
        counts.articles += 1;
        for term in terms {
            *counts.with_term.entry(term).or_default() += 1;
        }
    }

    /// Takes back what [`Vocabulary::add`] counted for the same article.
    pub(crate) fn remove(&mut self, language: Language, terms: impl IntoIterator<Item = u32>) {
        let counts = &mut self.languages[language as usize];
        counts.articles -= 1;
        for term in terms {
            if let Some(count) = counts.with_term.get_mut(&term) {
                *count -= 1;
                if *count == 0 {
                    counts.with_term.remove(&term);
                }
            }
        }
    }

    /// Gives back the room of terms that are counted no more.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.languages.iter_mut().for_each(|counts| counts.with_term.shrink_to_fit());
    }

    /// How rare a term is in texts of this language, in nats, never below 0. `prior` is the rarity
    /// that it had without a collection.
    pub(crate) fn rarity(&self, language: Language, term: u32, prior: f32) -> f32 {
        let counts = &self.languages[language as usize];
        let strength = language.prior_strength();
        let with_term = counts.with_term.get(&term).copied().unwrap_or(0) as f32;
        let rate =
            (strength * libm::expf(-prior) + with_term) / (strength + counts.articles as f32);
        (-libm::logf(rate)).max(0.0)
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.languages.iter().map(|counts| memory::of_map(&counts.with_term)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_prior_rules_a_small_collection_and_the_counts_a_large_one() {
        let mut vocabulary = Vocabulary::default();
        let rare = |v: &Vocabulary| v.rarity(Language::English, 7, 9.0);
        let before = rare(&vocabulary);
        (0..5).for_each(|_| vocabulary.add(Language::English, [7]));
        assert!(rare(&vocabulary) > 1.5, "five of five is not yet common: {}", rare(&vocabulary));
        (0..5000).for_each(|_| vocabulary.add(Language::English, [7]));
        assert!(rare(&vocabulary) < 0.1);
        assert_eq!(
            vocabulary.rarity(Language::Latin, 7, 9.0),
            9.0f32.min(before),
            "languages are apart"
        );
        (0..5005).for_each(|_| vocabulary.remove(Language::English, [7]));
        assert_eq!(rare(&vocabulary), before);
    }
}
