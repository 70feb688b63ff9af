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
