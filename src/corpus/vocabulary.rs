//! How rare each word is: what makes a shared word evidence or chance.
//!
//! Rarity is `ln(articles / articles with the word)`, blended from two sources. A *prior* says what
//! is known before the first article: for English a built-in table, for other languages a guess
//! from the word's length. The *collection's own counts* take over as it grows, for each language
//! apart, so that three Vietnamese articles among a thousand English ones are not all rare words.

use crate::kernel::prefetch;
use crate::text::language::Language;
use crate::text::prior;

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
    use crate::text::language::term_of;

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
}
