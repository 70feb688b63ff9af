//! Candidates: which articles are worth comparing at all.
//!
//! Two nets, one table of postings each.
//!
//! * **Distinctive words** catch retellings. Each article is listed under its 32 heaviest words;
//!   two articles that share three of them are candidates. On real news this finds 96 % of
//!   same-story pairs with 24 candidates an article, where banded MinHash finds 31 % with 156.
//! * **Least shingles** catch copies. Each article is listed under its 16 least shingle hashes, a
//!   MinHash with one permutation; two articles that share two of them are candidates. At Jaccard
//!   .5 that misses fewer than one pair in a hundred, and its cost does not grow with the
//!   collection, since few articles share a shingle.
//!
//! The cost of an article is bounded: its words are looked up rarest first until
//! [`MAX_POSTINGS`] postings are read. What is then left out are the commonest of its distinctive
//! words, and a pair is lost only where neither of the two finds the other by the rest.

use crate::fingerprint::{Fingerprint, TermList};
use crate::postings::Postings;
use crate::terms::TermVector;

/// How many distinctive words two articles share at least.
const SHARED_TERMS: u8 = 3;

/// How many of the least shingles lead to candidates.
const LEAST_SHINGLES: usize = 16;

/// How many of them two articles share at least. A text with fewer shingles than this shares all.
const SHARED_SHINGLES: u8 = 2;

/// The most postings of each net that are read for one article.
const MAX_POSTINGS: usize = 16_384;

/// The two nets over one collection.
#[derive(Debug, Clone)]
pub(crate) struct CandidateIndex {
    terms: Postings,
    shingles: Postings,
}

/// What an article is listed under.
#[derive(Debug, Clone)]
pub(crate) struct CandidateKeys {
    terms: TermList,
    shingles: TermList,
}

impl CandidateKeys {
    pub(crate) fn new(fingerprint: &Fingerprint, vector: &TermVector) -> Self {
        let values = fingerprint.shingles().values();
        CandidateKeys {
            terms: vector.distinctive(fingerprint),
            shingles: values.iter().take(LEAST_SHINGLES).copied().collect(),
        }
    }
}

impl CandidateIndex {
    pub(crate) fn new() -> Self {
        CandidateIndex { terms: Postings::new(), shingles: Postings::new() }
    }

    /// Lists a document under its keys.
    pub(crate) fn insert(&mut self, document: u32, keys: &CandidateKeys) {
        keys.terms.iter().for_each(|&key| self.terms.insert(key, document));
        keys.shingles.iter().for_each(|&key| self.shingles.insert(key, document));
    }

    /// The documents that share enough with these keys, rising; one listed under the keys is among
    /// them. `documents` is one more than the highest document.
    pub(crate) fn find<'s>(
        &self,
        keys: &CandidateKeys,
        documents: usize,
        scratch: &'s mut Scratch,
    ) -> &'s [u32] {
        scratch.found.clear();
        scratch.collect(&self.terms, &keys.terms, SHARED_TERMS, documents);
        let shared = SHARED_SHINGLES.min(keys.shingles.len() as u8);
        scratch.collect(&self.shingles, &keys.shingles, shared, documents);
        scratch.found.sort_unstable();
        scratch.found.dedup();
        &scratch.found
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.terms.memory_usage() + self.shingles.memory_usage()
    }
}

/// Buffers that one thread reuses from query to query.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// How many keys each document shares; all zero between queries.
    shared: Vec<u8>,
    touched: Vec<u32>,
    found: Vec<u32>,
}

impl Scratch {
    fn collect(&mut self, postings: &Postings, keys: &[u32], least: u8, documents: usize) {
        if self.shared.len() < documents {
            self.shared.resize(documents, 0);
        }
        let mut lists: Vec<(usize, u32)> =
            keys.iter().map(|&key| (postings.get(key).len(), key)).collect();
        lists.sort_unstable();
        let mut read = 0;
        for (len, key) in lists {
            read += len;
            if read > MAX_POSTINGS {
                break;
            }
            for &document in postings.get(key) {
                let shared = &mut self.shared[document as usize];
                if *shared == 0 {
                    self.touched.push(document);
                }
                *shared += 1;
            }
        }
        for document in self.touched.drain(..) {
            let shared = std::mem::take(&mut self.shared[document as usize]);
            if shared >= least {
                self.found.push(document);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn keys(terms: &[u32], shingles: &[u32]) -> CandidateKeys {
        CandidateKeys { terms: terms.into(), shingles: shingles.into() }
    }

    fn index(documents: &[CandidateKeys]) -> CandidateIndex {
        let mut index = CandidateIndex::new();
        documents.iter().zip(0..).for_each(|(keys, document)| index.insert(document, keys));
        index
    }

    fn any_keys() -> impl Strategy<Value = CandidateKeys> {
        let some = |most| {
            prop::collection::btree_set(0u32..9, 0..most).prop_map(Vec::from_iter).prop_shuffle()
        };
        (some(7), some(4)).prop_map(|(terms, shingles)| keys(&terms, &shingles))
    }

    proptest! {
        #[test]
        fn candidates_are_those_that_share_enough_keys(
            documents in prop::collection::vec(any_keys(), 1..12), asked in any_keys(),
        ) {
            let shared = |a: &[u32], b: &[u32]| a.iter().filter(|key| b.contains(key)).count();
            let is_candidate = |other: &CandidateKeys| {
                let shingles = shared(&asked.shingles, &other.shingles);
                shared(&asked.terms, &other.terms) >= usize::from(SHARED_TERMS)
                    || shingles >= usize::from(SHARED_SHINGLES)
                    || shingles > 0 && shingles == asked.shingles.len()
            };
            let expected: Vec<u32> =
                (0..).zip(&documents).filter(|(_, keys)| is_candidate(keys)).map(|(n, _)| n).collect();
            let index = index(&documents);
            let mut scratch = Scratch::default();
            for asked in documents.iter().chain([&asked]) {
                // Nothing of one query is left for the next.
                index.find(asked, documents.len(), &mut scratch);
            }
            prop_assert_eq!(index.find(&asked, documents.len(), &mut scratch), expected);
        }
    }

    #[test]
    fn the_rarest_words_are_looked_up_until_the_limit() {
        let common = keys(&[1, 2, 3], &[]);
        let mut documents = vec![common; MAX_POSTINGS];
        documents[7] = keys(&[1, 2, 3, 70, 71, 72], &[]);
        let mut index = index(&documents);
        let mut scratch = Scratch::default();
        let mut find = |terms: &[u32], index: &CandidateIndex| -> BTreeSet<u32> {
            let found = index.find(&keys(terms, &[]), MAX_POSTINGS + 1, &mut scratch);
            found.iter().copied().collect()
        };
        assert_eq!(find(&[1, 2, 3, 70, 71, 72], &index), BTreeSet::from([7]));
        // One common word can still be read, the next one not.
        assert_eq!(find(&[1, 2, 3], &index), BTreeSet::new());
        index.insert(MAX_POSTINGS as u32, &keys(&[70, 71], &[]));
        assert_eq!(find(&[1, 2, 70, 71, 72], &index), BTreeSet::from([7]));
    }
}
