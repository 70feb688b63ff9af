//! The terms of an article weighted by the statistics of a collection, and their similarity.
//!
//! Takes kept terms and a vocabulary. Gives rarities, norms, the heaviest terms and [`TermSimilarity`]:
//! the cosine of the vectors whose components are frequency times rarity. The cost of a comparison is
//! `O(n + m)`; a [`TermTable`] lowers it for one article against many.
//!
//! Invariant: weights and sums are integers, so they are the same in any order of addition, on every
//! machine, with either way to compare.

use crate::corpus::fingerprint::KeptTerm;
use crate::corpus::vocabulary::Vocabulary;
use crate::kernel::{Kernel, prefetch};
use crate::sketch::bottomk::Overlap;
use crate::text::language::{Language, is_number};

/// The number of heaviest terms by which an article is indexed.
pub(crate) const DISTINCTIVE: usize = 40;

/// The rarities of all words of a collection, by language, worked out once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rarities {
    /// By language, then by the position in [`Vocabulary::counts`].
    tables: [Vec<u16>; Language::COUNT],
}

/// Converts nats to a rarity, in 2048ths of a nat. The least rarity is 1, not 0, since a small collection
/// may have no rarer words.
fn rarity(nats: f32) -> u16 {
    libm::roundf(nats * 2048.0).clamp(1.0, f32::from(u16::MAX >> 1)) as u16
}

impl Rarities {
    /// Works out the rarities. Linear in the vocabulary.
    pub(crate) fn new(vocabulary: &Vocabulary) -> Self {
        let table = |language| {
            let counts = vocabulary.counts(language).map(|(term, with_term)| match term {
                0 => 0,
                _ => rarity(vocabulary.rarity(language, term, with_term)),
            });
            counts.collect()
        };
        let mut languages = Language::all();
        Rarities {
            tables: std::array::from_fn(|_| languages.next().map(table).unwrap_or_default()),
        }
    }

    /// Returns the rarities of a language; `vocabulary` is the one that they were made from.
    pub(crate) fn of<'a>(
        &'a self,
        vocabulary: &'a Vocabulary,
        language: Language,
    ) -> RaritiesOf<'a> {
        RaritiesOf { table: Some(&self.tables[language as usize]), vocabulary, language }
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.tables.iter().map(|table| table.capacity() * size_of::<u16>()).sum()
    }
}

/// The rarities of one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RaritiesOf<'a> {
    /// By position in the vocabulary; without a table each rarity is computed at its look-up.
    table: Option<&'a [u16]>,
    vocabulary: &'a Vocabulary,
    language: Language,
}

impl<'a> RaritiesOf<'a> {
    /// Returns rarities that follow a vocabulary that changes.
    pub(crate) fn now(vocabulary: &'a Vocabulary, language: Language) -> Self {
        RaritiesOf { table: None, vocabulary, language }
    }

    #[inline]
    fn rarity(&self, term: u32) -> u16 {
        let position = self.vocabulary.position(self.language, term);
        match (position, self.table) {
            (Some(position), Some(table)) => table[position],
            _ => self.computed(term, position),
        }
    }

    /// Computes the rarity of a term that no article has, or of any term if there is no table.
    fn computed(&self, term: u32, position: Option<usize>) -> u16 {
        let count = |position| self.vocabulary.count(self.language, position);
        let with_term = position.map_or(0, count);
        rarity(self.vocabulary.rarity(self.language, term, with_term))
    }

    /// Writes the rarities of the terms of an article, in their order.
    pub(crate) fn of_all(&self, terms: &[u32], rarities: &mut Vec<u16>) {
        // The slots are far apart in memory, so all are prefetched before the first is read.
        for &term in terms {
            let home = self.vocabulary.prefetch_home(self.language, KeptTerm(term).term());
            prefetch(self.table.and_then(|table| table.get(home..=home)).unwrap_or_default());
        }
        rarities.clear();
        rarities.extend(terms.iter().map(|&term| self.rarity(KeptTerm(term).term())));
    }
}

/// The norms of the term vector of an article; a component is frequency times rarity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct TermNorms {
    /// The Euclidean norm of all terms.
    length: f32,
    /// The Euclidean norm of the terms of the lead.
    lead_length: f32,
    /// The number of terms that are numbers.
    numbers: u16,
}

impl TermNorms {
    pub(crate) fn new(terms: &[u32], rarities: &[u16]) -> Self {
        let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0);
        for (&term, &rarity) in terms.iter().zip(rarities) {
            let term = KeptTerm(term);
            let square = u64::from(term.frequency() * u32::from(rarity)).pow(2);
            all += square;
            lead += if term.in_lead() { square } else { 0 };
            numbers += u16::from(is_number(term.term()));
        }
        TermNorms { length: (all as f32).sqrt(), lead_length: (lead as f32).sqrt(), numbers }
    }

    /// Returns the stored form: the bits of both norms, and the number of numbers.
    pub(crate) fn bits(&self) -> [u32; 3] {
        [self.length.to_bits(), self.lead_length.to_bits(), self.numbers.into()]
    }

    #[inline]
    pub(crate) fn of_bits([length, lead_length, numbers]: [u32; 3]) -> Self {
        let (length, lead_length) = (f32::from_bits(length), f32::from_bits(lead_length));
        TermNorms { length, lead_length, numbers: numbers as u16 }
    }

    /// Returns whether these can be the norms of an article with these terms.
    #[cfg(feature = "archive")]
    pub(crate) fn may_be_of(&self, terms: &[u32]) -> bool {
        let numbers = terms.iter().filter(|&&term| is_number(KeptTerm(term).term())).count();
        [self.length, self.lead_length].iter().all(|length| length.is_finite())
            && usize::from(self.numbers) == numbers
    }
}

/// Writes the [`DISTINCTIVE`] heaviest terms to `heaviest`, heaviest first. `order` is a buffer.
pub(crate) fn distinctive(
    terms: &[u32],
    rarities: &[u16],
    order: &mut Vec<u64>,
    heaviest: &mut Vec<u32>,
) {
    order.clear();
    order.extend(terms.iter().zip(rarities).map(|(&term, &rarity)| {
        let term = KeptTerm(term);
        u64::from(u32::MAX - term.frequency() * u32::from(rarity)) << 32 | u64::from(term.term())
    }));
    if order.len() > DISTINCTIVE {
        order.select_nth_unstable(DISTINCTIVE);
        order.truncate(DISTINCTIVE);
    }
    order.sort_unstable();
    heaviest.clear();
    heaviest.extend(order.iter().map(|&entry| entry as u32));
}

/// The terms of an article with their rarities and norms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightedTerms<'a> {
    /// [`KeptTerm`]s, rising.
    pub(crate) terms: &'a [u32],
    pub(crate) rarities: RaritiesOf<'a>,
    pub(crate) weight: TermNorms,
}

/// The similarity of the words of two articles.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct TermSimilarity {
    /// The cosine of all words.
    pub(crate) all: f32,
    /// The cosine of the words of the two leads.
    pub(crate) lead: f32,
    /// The distinct numbers of each article and those of both.
    pub(crate) numbers: Overlap,
}

impl TermSimilarity {
    fn new(all: u64, lead: u64, numbers: usize, left: &TermNorms, right: &TermNorms) -> Self {
        let cosine = |sum: u64, lengths: f32| {
            if lengths > 0.0 { (sum as f32 / lengths).min(1.0) } else { 0.0 }
        };
        let (of_left, of_right) = (left.numbers.into(), right.numbers.into());
        TermSimilarity {
            all: cosine(all, left.length * right.length),
            lead: cosine(lead, left.lead_length * right.lead_length),
            numbers: Overlap { left: of_left, right: of_right, shared: numbers },
        }
    }

    pub(crate) fn flipped(self) -> Self {
        TermSimilarity { numbers: self.numbers.flipped(), ..self }
    }
}

/// Compares two articles by their weighted terms. `O(n + m)`.
pub(crate) fn similarity(left: &WeightedTerms<'_>, right: &WeightedTerms<'_>) -> TermSimilarity {
    let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0);
    let shift = KeptTerm::FREQUENCY_BITS;
    Kernel::detect().for_each_shared(left.terms, right.terms, shift, |i, j| {
        let (one, two) = (KeptTerm(left.terms[i]), KeptTerm(right.terms[j]));
        let rarity = u32::from(left.rarities.rarity(one.term()));
        // In one language a term is as rare in one article as in the other.
        let same = left.rarities.language == right.rarities.language;
        let other = if same { rarity } else { right.rarities.rarity(one.term()).into() };
        let product = u64::from(one.frequency() * rarity) * u64::from(two.frequency() * other);
        all += product;
        lead += if one.in_lead() && two.in_lead() { product } else { 0 };
        numbers += usize::from(is_number(one.term()));
    });
    TermSimilarity::new(all, lead, numbers, &left.weight, &right.weight)
}

/// The number of high bits of a term that choose its slot in a [`TermTable`].
const SLOT_BITS: u32 = 14;

/// A hash table of the terms of one article, to compare it with many: each term of another article takes
/// one look-up in the nearest cache and no unpredictable branch. A merge would read both lists each time.
#[derive(Debug)]
pub(crate) struct TermTable {
    /// A bitmap of the taken slots, small enough to stay in the nearest cache.
    taken: Box<[u64; 1 << (SLOT_BITS - 6)]>,
    /// By slot: the index of its term, or 0.
    slots: Box<[u8; 1 << SLOT_BITS]>,
    /// By index, from 1 on: the kept terms.
    terms: [u32; 1 << u8::BITS],
    /// By index: frequency times squared rarity, which the other frequency turns into a product.
    shares: [u64; 1 << u8::BITS],
    len: usize,
    /// The indices of terms whose slot another term has.
    collisions: Vec<u8>,
    language: Option<Language>,
    weight: TermNorms,
}

impl Default for TermTable {
    fn default() -> Self {
        TermTable {
            taken: Box::new([0; 1 << (SLOT_BITS - 6)]),
            slots: Box::new([0; 1 << SLOT_BITS]),
            terms: [0; 1 << u8::BITS],
            shares: [0; 1 << u8::BITS],
            len: 0,
            collisions: Vec::new(),
            language: None,
            weight: TermNorms::default(),
        }
    }
}

#[inline]
fn slot(term: u32) -> usize {
    (term >> (u32::BITS - SLOT_BITS)) as usize
}

impl TermTable {
    /// Replaces the content by an article of at most 255 terms with these rarities.
    pub(crate) fn fill(&mut self, article: &WeightedTerms<'_>, rarities: &[u16]) {
        self.terms[1..=self.len].iter().for_each(|&term| self.slots[slot(term)] = 0);
        self.taken.fill(0);
        self.collisions.clear();
        self.len = article.terms.len();
        for ((index, &term), &rarity) in (1u8..).zip(article.terms).zip(rarities) {
            self.terms[usize::from(index)] = term;
            let frequency = u64::from(KeptTerm(term).frequency());
            self.shares[usize::from(index)] = frequency * u64::from(rarity).pow(2);
            self.taken[slot(term) / 64] |= 1 << (slot(term) % 64);
            match &mut self.slots[slot(term)] {
                free @ 0 => *free = index,
                _ => self.collisions.push(index),
            }
        }
        self.language = Some(article.rarities.language);
        self.weight = article.weight;
    }

    /// Returns the [`similarity`] of `article`, which fills the table, and another one: by the table if the
    /// languages are the same, else by a merge.
    pub(crate) fn or_merged(
        &self,
        article: &WeightedTerms<'_>,
        other: &WeightedTerms<'_>,
    ) -> TermSimilarity {
        self.similarity(other).unwrap_or_else(|| similarity(article, other))
    }

    /// Returns the [`similarity`] of the article and another one; `None` for one of another language, in
    /// which the rarities differ.
    fn similarity(&self, other: &WeightedTerms<'_>) -> Option<TermSimilarity> {
        if self.language != Some(other.rarities.language) {
            return None;
        }
        let mut possible = [0u32; 1 << u8::BITS];
        let mut count = 0u8;
        for &term in other.terms {
            // Every term is written, and overwritten by the next one if its slot is free: no branch.
            possible[usize::from(count)] = term;
            count += (self.taken[slot(term) / 64] >> (slot(term) % 64)) as u8 & 1;
        }
        let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0);
        let mut add = |index: u8, term: u32| {
            let (own, term) = (KeptTerm(self.terms[usize::from(index)]), KeptTerm(term));
            let product = self.shares[usize::from(index)] * u64::from(term.frequency());
            all += product;
            lead += if own.in_lead() && term.in_lead() { product } else { 0 };
            numbers += usize::from(is_number(term.term()));
        };
        for &term in &possible[..usize::from(count)] {
            let index = self.slots[slot(term)];
            if (self.terms[usize::from(index)] ^ term) >> KeptTerm::FREQUENCY_BITS == 0 {
                add(index, term);
            }
        }
        for &index in &self.collisions {
            let term = self.terms[usize::from(index)] >> KeptTerm::FREQUENCY_BITS;
            let at = other.terms.partition_point(|&other| KeptTerm(other).term() < term);
            if let Some(&other) =
                other.terms.get(at).filter(|&&other| KeptTerm(other).term() == term)
            {
                add(index, other);
            }
        }
        Some(TermSimilarity::new(all, lead, numbers, &self.weight, &other.weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::fingerprint::Fingerprint;
    use proptest::prelude::*;

    /// Terms of few values and few slots, so that articles share some and slots collide.
    fn any_article() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::btree_map(1u32..40, (1u8..64, any::<bool>()), 1..30).prop_map(|terms| {
            let kept = terms.into_iter().map(|(n, (frequency, in_lead))| {
                let lead = if in_lead { crate::corpus::fingerprint::IN_LEAD } else { 0 };
                // Five values share a slot.
                KeptTerm::new(((n / 5) << 20) | n, frequency | lead).0
            });
            kept.collect()
        })
    }

    /// A vocabulary with rare and common terms, some of them in no article.
    fn any_vocabulary() -> impl Strategy<Value = Vocabulary> {
        prop::collection::vec(prop::collection::btree_set(1u32..30, 0..20), 0..40).prop_map(
            |sets| {
                let mut vocabulary = Vocabulary::default();
                for terms in sets {
                    let terms = terms.iter().map(|n| ((n / 5) << 20) | n);
                    vocabulary.add(Language::English, terms);
                }
                vocabulary
            },
        )
    }

    fn weighted<'a>(terms: &'a [u32], rarities: RaritiesOf<'a>) -> (WeightedTerms<'a>, Vec<u16>) {
        let mut all = Vec::new();
        rarities.of_all(terms, &mut all);
        (WeightedTerms { terms, rarities, weight: TermNorms::new(terms, &all) }, all)
    }

    #[test]
    fn the_heaviest_terms_come_first() {
        let terms = [(1, 9), (2, 8), (3, 8)].map(|(term, times)| KeptTerm::new(term, times).0);
        let (mut order, mut heaviest) = (Vec::new(), Vec::new());
        distinctive(&terms, &[200, 10_000, 18_000], &mut order, &mut heaviest);
        assert_eq!(heaviest, [3, 2, 1]);
    }

    #[test]
    fn a_rarity_is_never_0_and_has_a_maximum() {
        assert_eq!((rarity(0.0), rarity(1.0), rarity(1e9)), (1, 2048, 32_767));
    }

    #[test]
    fn an_article_with_the_most_terms_fits_into_a_table() {
        let terms: Vec<u32> =
            (0..Fingerprint::MAX_TERMS as u32).map(|n| KeptTerm::new(n << 12 | 1, 1).0).collect();
        let (vocabulary, rarities) = (Vocabulary::default(), Rarities::default());
        let (article, all) = weighted(&terms, rarities.of(&vocabulary, Language::English));
        let mut table = TermTable::default();
        table.fill(&article, &all);
        assert_eq!(table.similarity(&article), Some(similarity(&article, &article)));
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_1_with_itself_and_the_same_by_a_table(
            a in any_article(), b in any_article(), c in any_article(),
            vocabulary in any_vocabulary(),
        ) {
            let rarities = Rarities::new(&vocabulary);
            let english = rarities.of(&vocabulary, Language::English);
            let [(x, of_x), (y, _), (z, of_z)] = [&a, &b, &c].map(|terms| weighted(terms, english));
            let there = similarity(&x, &y);
            let back = similarity(&y, &x);
            prop_assert_eq!(there, back.flipped());
            prop_assert!((0.0..=1.0).contains(&there.all) && (0.0..=1.0).contains(&there.lead));
            prop_assert!(similarity(&x, &x).all > 0.9999);

            let mut table = TermTable::default();
            for (article, rarities) in [(&z, &of_z), (&x, &of_x)] {
                // The content of one article is removed before the next.
                table.fill(article, rarities);
            }
            prop_assert_eq!(table.similarity(&y), Some(there));
            prop_assert_eq!(table.similarity(&x), Some(similarity(&x, &x)));
            let cyrillic = rarities.of(&vocabulary, Language::Cyrillic);
            prop_assert_eq!(table.similarity(&WeightedTerms { rarities: cyrillic, ..y }), None);
        }
    }
}
