//! Document frequencies, and the rarity of words that follows from them: a shared rare word is
//! evidence, a shared common one is chance.
//!
//! Takes the terms of articles; gives counts and rarities. The rarity of a term is
//! `ln(articles / articles with the term)`, blended from two sources. The *prior* holds before the
//! first article: a built-in table for English, an estimate from the length of the word for other
//! languages. The *counts of the collection* outweigh it as the collection grows. Each language has
//! its own counts; otherwise all words of three Vietnamese articles among a thousand English ones
//! would be rare.
//!
//! One hash table with linear probing for each language holds the counts; a look-up touches one cache
//! line in nearly all cases, and callers prefetch it.

use crate::kernel::prefetch;
use crate::text::language::Language;
use crate::text::prior;

/// The document frequency of each term of a collection, by language.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    languages: [LanguageCounts; Language::COUNT],
}

/// The number of terms between the one that is counted and the one that is prefetched.
const PREFETCH_DISTANCE: usize = 16;

/// The counts of one language: open addressing by term.
#[derive(Debug, Clone, Default)]
struct LanguageCounts {
    articles: u32,
    /// A term, or 0 in a free slot, and the number of articles with it. The length is a power of two, and
    /// more than a third of the slots are free.
    slots: Vec<(u32, u32)>,
    taken: usize,
}

impl LanguageCounts {
    /// Returns the slot at which the search for a term begins.
    #[inline]
    fn home(&self, term: u32) -> usize {
        let mixed = u64::from(term).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        mixed as usize & (self.slots.len() - 1)
    }

    /// Returns the slot of a term, or the free one where it belongs. The search ends because some slot is
    /// free.
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
            self.rebuild(0);
        }
        let slot = self.slot(term);
        let (held, with_term) = &mut self.slots[slot];
        self.taken += usize::from(*held == 0);
        *held = term;
        *with_term += articles;
    }

    #[inline]
    fn prefetch(&self, term: u32) {
        if !self.slots.is_empty() {
            let home = self.home(term);
            prefetch(&self.slots[home..=home]);
        }
    }

    /// Rebuilds the table with capacity for more terms, and for at least `terms`. Terms without articles
    /// are dropped.
    fn rebuild(&mut self, terms: usize) {
        let old = std::mem::take(&mut self.slots).into_iter();
        let counted: Vec<(u32, u32)> = old.filter(|&(_, with_term)| with_term > 0).collect();
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
        // The slots are far apart in memory, so all are prefetched before the first is read.
        let terms = terms.into_iter();
        terms.clone().for_each(|term| counts.prefetch(term));
        terms.for_each(|term| counts.add(term, 1));
    }

    /// Adds the counts of `articles` articles of a language: each term with its number of articles.
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
            counts.rebuild(terms.len());
        }
        for (at, (&term, &with_term)) in terms.iter().zip(with_term).enumerate() {
            if let Some(&next) = terms.get(at + PREFETCH_DISTANCE) {
                counts.prefetch(next);
            }
            counts.add(term, with_term);
        }
    }

    /// Returns the terms of a language with their numbers of articles, rising by term.
    pub(crate) fn sorted_counts(&self, language: Language) -> Vec<(u32, u32)> {
        let mut counts: Vec<(u32, u32)> =
            self.counts(language).filter(|&(_, with_term)| with_term > 0).collect();
        counts.sort_unstable();
        counts
    }

    /// Returns the number of articles of a language.
    pub(crate) fn articles(&self, language: Language) -> u32 {
        self.languages[language as usize].articles
    }

    /// Subtracts an article of a language with these terms.
    pub(crate) fn remove(&mut self, language: Language, terms: impl IntoIterator<Item = u32>) {
        let counts = &mut self.languages[language as usize];
        counts.articles -= 1;
        for term in terms {
            let slot = counts.slot(term);
            // Counts read from a file can be lower than those that were added.
            counts.slots[slot].1 = counts.slots[slot].1.saturating_sub(1);
        }
    }

    /// Returns the position of a term in [`Vocabulary::counts`], if it was counted in this language.
    #[inline]
    pub(crate) fn position(&self, language: Language, term: u32) -> Option<usize> {
        let counts = &self.languages[language as usize];
        let slot = if counts.taken == 0 { return None } else { counts.slot(term) };
        (counts.slots[slot].0 == term).then_some(slot)
    }

    /// Prefetches the home slot of a term and returns its position, which nearly always is that of the
    /// term.
    #[inline]
    pub(crate) fn prefetch_home(&self, language: Language, term: u32) -> usize {
        let counts = &self.languages[language as usize];
        if counts.taken == 0 {
            return 0;
        }
        let home = counts.home(term);
        prefetch(&counts.slots[home..=home]);
        home
    }

    /// Returns the number of articles with the term at a position.
    pub(crate) fn count(&self, language: Language, position: usize) -> u32 {
        self.languages[language as usize].slots[position].1
    }

    /// Returns the rarity in nats, at least 0, of a term that `with_term` articles of a language have.
    pub(crate) fn rarity(&self, language: Language, term: u32, with_term: u32) -> f32 {
        let articles = self.languages[language as usize].articles as f32;
        let strength = language.prior_strength();
        let prior = prior::share(language, term);
        let rate = (strength * prior + with_term as f32) / (strength + articles);
        (-libm::logf(rate)).max(0.0)
    }

    /// Returns the slots of a language: a term and its number of articles, or the term 0 in a free slot.
    pub(crate) fn counts(&self, language: Language) -> impl Iterator<Item = (u32, u32)> {
        self.languages[language as usize].slots.iter().copied()
    }

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
    fn the_prior_decides_in_a_small_collection_and_the_counts_in_a_large_one() {
        let mut vocabulary = Vocabulary::default();
        let term = term_of(0, "zyxwzyx");
        let add = |vocabulary: &mut Vocabulary| vocabulary.add(Language::English, [term]);
        let rarity = |vocabulary: &Vocabulary, language| {
            let count = vocabulary.counts(language).find(|&(other, _)| other == term);
            let count = count.map_or(0, |(_, count)| count);
            vocabulary.rarity(language, term, count)
        };
        let rare = |vocabulary: &Vocabulary| rarity(vocabulary, Language::English);
        let before = rare(&vocabulary);
        (0..5).for_each(|_| add(&mut vocabulary));
        assert!(rare(&vocabulary) > 1.5, "five of five is not yet common: {}", rare(&vocabulary));
        (0..5000).for_each(|_| add(&mut vocabulary));
        assert!(rare(&vocabulary) < 0.1);
        assert_eq!(rarity(&vocabulary, Language::Latin), 6.5, "each language has its own counts");
        (0..5005).for_each(|_| vocabulary.remove(Language::English, [term]));
        assert_eq!(rare(&vocabulary), before);
    }

    #[test]
    fn every_term_is_counted_while_the_table_grows() {
        let mut vocabulary = Vocabulary::default();
        let terms = |article: u32| (1..2000).filter(move |term| term % article == 0);
        (1..20).for_each(|article| vocabulary.add(Language::Thai, terms(article)));
        for term in 1..2000 {
            let position = vocabulary.position(Language::Thai, term).expect("was counted");
            let expected = (1..20).filter(|article| term % article == 0).count();
            let found = vocabulary.counts(Language::Thai).nth(position);
            assert_eq!(found, Some((term, expected as u32)));
        }
        assert_eq!(vocabulary.position(Language::Thai, 2000), None);
        assert_eq!(vocabulary.position(Language::Han, 3), None);
    }

    #[test]
    fn words_without_articles_take_no_memory() {
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
