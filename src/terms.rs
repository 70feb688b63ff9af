//! An article's words in the light of a collection: what each is worth, and which tell it apart.

use crate::bottomk::Overlap;
use crate::fingerprint::{Fingerprint, TermList};
use crate::vocabulary::Vocabulary;

/// How many of an article's most distinctive words lead to candidates.
pub(crate) const DISTINCTIVE: usize = 48;

/// Full scale of a weight: the length of every vector.
const UNIT: f32 = 65_535.0;

/// The weights of a fingerprint's terms, frequency times rarity, as a vector of unit length.
///
/// Weights are whole numbers, so that sums are the same in any order and on every machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct TermVector {
    /// Beside [`Fingerprint::terms`].
    weights: Box<[u16]>,
    /// The length of the part that stands in the lead.
    lead_length: f32,
    /// How many of the terms are numbers.
    numbers: u16,
}

impl TermVector {
    /// Weighs the terms of an article by how rare they are in a collection.
    pub(crate) fn new(fingerprint: &Fingerprint, vocabulary: &Vocabulary) -> Self {
        let terms = fingerprint.terms();
        let language = fingerprint.language();
        let raw: Vec<f32> = terms
            .iter()
            .map(|term| term.frequency() * vocabulary.rarity(language, term.hash, term.prior()))
            .collect();
        let length = raw.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
        // A text of nothing but words that every article has: all weigh the same.
        let scale = |weight: f32| {
            if length > 0.0 { weight / length } else { (raw.len() as f32).sqrt().recip() }
        };
        let weights: Box<[u16]> = raw.iter().map(|&weight| (scale(weight) * UNIT) as u16).collect();
        let lead = weights.iter().zip(terms).filter(|(_, term)| term.in_lead());
        let squares: u64 = lead.map(|(&weight, _)| square(weight)).sum();
        let numbers = terms.iter().filter(|term| term.is_number()).count() as u16;
        TermVector { weights, lead_length: (squares as f32).sqrt(), numbers }
    }

    /// The hashes of the heaviest terms, heaviest first.
    pub(crate) fn distinctive(&self, fingerprint: &Fingerprint) -> TermList {
        let mut order: Vec<(std::cmp::Reverse<u16>, u32)> = self
            .weights
            .iter()
            .zip(fingerprint.terms())
            .filter(|&(&weight, _)| weight > 0)
            .map(|(&weight, term)| (std::cmp::Reverse(weight), term.hash))
            .collect();
        if order.len() > DISTINCTIVE {
            order.select_nth_unstable(DISTINCTIVE);
            order.truncate(DISTINCTIVE);
        }
        order.sort_unstable();
        order.into_iter().map(|(_, hash)| hash).collect()
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.weights)
    }
}

fn square(weight: u16) -> u64 {
    u64::from(weight) * u64::from(weight)
}

/// How alike the words of two articles are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct TermSimilarity {
    /// The cosine of all words.
    pub(crate) all: f32,
    /// The cosine of the words of the two leads.
    pub(crate) lead: f32,
    /// The distinct numbers of each and those of both.
    pub(crate) numbers: Overlap,
}

/// Compares two articles by their weighted terms. `O(n + m)`.
pub(crate) fn similarity(
    left: &Fingerprint,
    left_vector: &TermVector,
    right: &Fingerprint,
    right_vector: &TermVector,
) -> TermSimilarity {
    let (a, b) = (left.terms(), right.terms());
    let (mut i, mut j) = (0, 0);
    let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i].hash, b[j].hash);
        if x == y {
            let product = u64::from(left_vector.weights[i]) * u64::from(right_vector.weights[j]);
            all += product;
            if a[i].in_lead() && b[j].in_lead() {
                lead += product;
            }
            numbers += usize::from(a[i].is_number());
        }
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let lead_lengths = left_vector.lead_length * right_vector.lead_length;
    TermSimilarity {
        all: (all as f32 / (UNIT * UNIT)).min(1.0),
        lead: if lead_lengths > 0.0 { (lead as f32 / lead_lengths).min(1.0) } else { 0.0 },
        numbers: Overlap {
            left: left_vector.numbers.into(),
            right: right_vector.numbers.into(),
            shared: numbers,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;
    use proptest::prelude::*;

    fn weighted(text: &str) -> (Fingerprint, TermVector) {
        let fingerprint = Fingerprint::new(&Article::new("a", text)).unwrap();
        let vector = TermVector::new(&fingerprint, &Vocabulary::default());
        (fingerprint, vector)
    }

    #[test]
    fn rare_words_come_before_common_ones() {
        let (fingerprint, vector) =
            weighted("the minister of the town said that Skarholt was the place");
        let first = vector.distinctive(&fingerprint)[0];
        let skarholt = crate::vocabulary::term_of(crate::hash::word(b"skarholt"));
        assert_eq!(first, skarholt);
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_one_with_itself(
            a in "[a-f]{1,3}( [a-f]{1,3}){0,40}", b in "[a-f]{1,3}( [a-f]{1,3}){0,40}",
        ) {
            let ((f, v), (g, w)) = (weighted(&a), weighted(&b));
            let there = similarity(&f, &v, &g, &w);
            let back = similarity(&g, &w, &f, &v);
            let numbers = back.numbers.flipped();
            prop_assert_eq!(there, TermSimilarity { numbers, ..back });
            prop_assert!((0.0..=1.0).contains(&there.all) && (0.0..=1.0).contains(&there.lead));
            let same = similarity(&f, &v, &f, &v);
            prop_assert!(same.all > 0.999 && same.lead > 0.999, "{same:?}");
        }
    }
}
