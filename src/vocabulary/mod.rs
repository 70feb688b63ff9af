//! How rare each word is: what makes a shared word evidence or chance.
//!
//! Rarity is `ln(articles / articles with the word)`, blended from two sources. A *prior* says what
//! is known before the first article: for English a built-in table, for other languages a guess
//! from the word's length. The *collection's own counts* take over as it grows, for each language
//! apart, so that three Vietnamese articles among a thousand English ones are not all rare words.

mod letters;
mod prior;

use crate::kernel::prefetch;
use crate::words::Words;

use prior::Prior;
pub(crate) use prior::{UnknownWords, prior_rarity};

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
fn letters_of(term: u32) -> u32 {
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

/// In how many articles of a collection each term stands, for each language.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    languages: [Counts; Language::COUNT],
}

/// So many terms before it is counted a term is asked for.
#[cfg(feature = "archive")]
const AHEAD: usize = 16;

/// Open addressing by term.
#[derive(Debug, Clone, Default)]
struct Counts {
    articles: u32,
    /// A term, or 0 where there is none, and in how many articles it stands. A power of two, with more
    /// than a third of them free.
    slots: Vec<(u32, u32)>,
    taken: usize,
}

impl Counts {
    /// Where the search for a term begins.
    #[inline]
    fn home(&self, term: u32) -> usize {
        let spread = u64::from(term).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        spread as usize & (self.slots.len() - 1)
    }

    /// The slot of a term, or the free one where it would go. There is a free one.
    #[inline]
    fn slot(&self, term: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.home(term);
        while self.slots[slot].0 != term && self.slots[slot].0 != 0 {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn add(&mut self, term: u32, articles: u32) {
        if 5 * self.slots.len() <= 8 * (self.taken + 1) {
            self.grow();
        }
        let slot = self.slot(term);
        let (held, with_term) = &mut self.slots[slot];
        self.taken += usize::from(*held == 0);
        *held = term;
        *with_term += articles;
    }

    /// Brings near where the search for a term begins.
    #[inline]
    fn bring_near(&self, term: u32) {
        if !self.slots.is_empty() {
            let home = self.home(term);
            prefetch(&self.slots[home..=home]);
        }
    }

    /// Makes room for more, and gives back that of terms that no article has any more.
    fn grow(&mut self) {
        self.make_room(0);
    }

    /// The same for so many terms at least.
    fn make_room(&mut self, terms: usize) {
        let counted = std::mem::take(&mut self.slots).into_iter();
        let counted: Vec<(u32, u32)> = counted.filter(|&(_, with_term)| with_term > 0).collect();
        self.taken = counted.len();
        let slots = (2 * (self.taken.max(terms) + 1)).next_power_of_two().max(1 << 10);
        self.slots = vec![(0, 0); slots];
        for (term, with_term) in counted {
            let slot = self.slot(term);
            self.slots[slot] = (term, with_term);
        }
    }
}

impl Vocabulary {
    /// Counts an article of a language with these terms.
    pub(crate) fn add(
        &mut self,
        language: Language,
        terms: impl IntoIterator<Item = u32, IntoIter: Clone>,
    ) {
        let counts = &mut self.languages[language as usize];
        counts.articles += 1;
        // In a large vocabulary they lie far apart: all are asked for before the first is counted.
        let terms = terms.into_iter();
        terms.clone().for_each(|term| counts.bring_near(term));
        terms.for_each(|term| counts.add(term, 1));
    }

    /// Counts so many articles of a language, and in how many of them each of some terms stands.
    #[cfg(feature = "archive")]
    pub(crate) fn add_counts(
        &mut self,
        language: Language,
        articles: u32,
        terms: &[u32],
        with_term: &[u32],
    ) {
        let counts = &mut self.languages[language as usize];
        counts.articles += articles;
        if terms.len() > counts.taken {
            counts.make_room(terms.len());
        }
        for (at, (&term, &with_term)) in terms.iter().zip(with_term).enumerate() {
            // They lie anywhere in memory: each is asked for some time before it is counted.
            if let Some(&next) = terms.get(at + AHEAD) {
                counts.bring_near(next);
            }
            counts.add(term, with_term);
        }
    }

    /// The terms of a language by how many articles have them, rising by term.
    #[cfg(feature = "archive")]
    pub(crate) fn sorted_counts(&self, language: Language) -> Vec<(u32, u32)> {
        let mut counts: Vec<(u32, u32)> =
            self.counts(language).filter(|&(_, with_term)| with_term > 0).collect();
        counts.sort_unstable();
        counts
    }

    /// Takes back what was counted for an article with these terms.
    pub(crate) fn remove(&mut self, language: Language, terms: impl IntoIterator<Item = u32>) {
        let counts = &mut self.languages[language as usize];
        counts.articles -= 1;
        for term in terms {
            let slot = counts.slot(term);
            // Counts that were read may be fewer than were taken.
            counts.slots[slot].1 = counts.slots[slot].1.saturating_sub(1);
        }
    }

    /// The place of a term among [`Vocabulary::counts`], if it stood in an article of this language.
    #[inline]
    pub(crate) fn place(&self, language: Language, term: u32) -> Option<usize> {
        let counts = &self.languages[language as usize];
        let slot = if counts.taken == 0 { return None } else { counts.slot(term) };
        (counts.slots[slot].0 == term).then_some(slot)
    }

    /// The place at which the search for a term begins, which is brought near; it is nearly always the
    /// place of the term.
    #[inline]
    pub(crate) fn seek(&self, language: Language, term: u32) -> usize {
        let counts = &self.languages[language as usize];
        if counts.taken == 0 {
            return 0;
        }
        let home = counts.home(term);
        prefetch(&counts.slots[home..=home]);
        home
    }

    /// In how many articles of a language the term of a place stands.
    pub(crate) fn count(&self, language: Language, place: usize) -> u32 {
        self.languages[language as usize].slots[place].1
    }

    /// How rare a term is in texts of this language, in nats, never below 0.
    pub(crate) fn rarity(&self, language: Language, term: u32, with_term: u32) -> f32 {
        let articles = self.languages[language as usize].articles as f32;
        let strength = language.prior_strength();
        let prior = prior::share(language, term);
        let rate = (strength * prior + with_term as f32) / (strength + articles);
        (-libm::logf(rate)).max(0.0)
    }

    /// In how many articles of a language each term stands; 0, and the term 0, in between.
    pub(crate) fn counts(&self, language: Language) -> impl Iterator<Item = (u32, u32)> {
        self.languages[language as usize].slots.iter().copied()
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        let slots = self.languages.iter().map(|counts| counts.slots.len());
        slots.sum::<usize>() * size_of::<(u32, u32)>()
    }
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
    fn the_prior_rules_a_small_collection_and_the_counts_a_large_one() {
        let mut vocabulary = Vocabulary::default();
        let term = term_of(0, "zyxwzyx");
        let put = |vocabulary: &mut Vocabulary| vocabulary.add(Language::English, [term]);
        let rarity = |vocabulary: &Vocabulary, language| {
            let count = vocabulary.counts(language).find(|&(other, _)| other == term);
            let count = count.map_or(0, |(_, count)| count);
            vocabulary.rarity(language, term, count)
        };
        let rare = |vocabulary: &Vocabulary| rarity(vocabulary, Language::English);
        let before = rare(&vocabulary);
        (0..5).for_each(|_| put(&mut vocabulary));
        assert!(rare(&vocabulary) > 1.5, "five of five is not yet common: {}", rare(&vocabulary));
        (0..5000).for_each(|_| put(&mut vocabulary));
        assert!(rare(&vocabulary) < 0.1);
        assert_eq!(rarity(&vocabulary, Language::Latin), 6.5, "languages are apart");
        (0..5005).for_each(|_| vocabulary.remove(Language::English, [term]));
        assert_eq!(rare(&vocabulary), before);
    }

    #[test]
    fn every_term_is_counted_while_the_table_grows() {
        let mut vocabulary = Vocabulary::default();
        let terms = |article: u32| (1..2000).filter(move |term| term % article == 0);
        (1..20).for_each(|article| vocabulary.add(Language::Thai, terms(article)));
        for term in 1..2000 {
            let place = vocabulary.place(Language::Thai, term).expect("was counted");
            let expected = (1..20).filter(|article| term % article == 0).count();
            let found = vocabulary.counts(Language::Thai).nth(place);
            assert_eq!(found, Some((term, expected as u32)));
        }
        assert_eq!(vocabulary.place(Language::Thai, 2000), None);
        assert_eq!(vocabulary.place(Language::Han, 3), None);
    }

    #[test]
    fn words_that_no_article_has_any_more_take_no_room() {
        let mut vocabulary = Vocabulary::default();
        let terms = |article: u32| (100 * article + 1..).take(100);
        (0..1000).for_each(|article| {
            vocabulary.add(Language::English, terms(article));
            if let Some(before) = article.checked_sub(10) {
                vocabulary.remove(Language::English, terms(before));
            }
        });
        assert!(vocabulary.memory_usage() < 100_000, "{}", vocabulary.memory_usage());
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
