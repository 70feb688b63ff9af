//! Candidates: which articles are worth comparing at all.
//!
//! Two nets, one table of postings each. From each an article gets at most 23 candidates.
//!
//! * **Distinctive words** catch retellings. Each article is listed under its 48 heaviest words.
//!   Candidates are the articles that share most of them, two at least. Where both are dated, they
//!   are at most seven days apart.
//! * **Least shingles** catch copies, however old. Each article is listed under its 16 least shingle
//!   hashes, a MinHash with one permutation; candidates share three of them. At Jaccard .5 that
//!   misses fewer than one pair in a hundred, and few articles share a shingle.
//!
//! What the bounds lose, measured on 12 277 articles of American news, most of them dated, with
//! 1 517 same-story pairs within three days: the two nets, and the friends of friends that the
//! detector adds, find .96 of them with 39 candidates an article. Banded MinHash finds a third.
//!
//! The cost of an article is bounded too: its words are looked up rarest first until
//! [`MOST_POSTINGS`] postings are read. What is then left out are the commonest of its distinctive
//! words, and a pair is lost only where neither of the two finds the other by the rest.

use crate::article::Date;
use crate::fingerprint::{Fingerprint, TermList};
use crate::postings::Postings;
use crate::terms::{DISTINCTIVE, TermVector};

/// How many distinctive words two articles share at least.
const SHARED_TERMS: u32 = 2;

/// The most candidates that each net brings up for an article.
const CANDIDATES: usize = 23;

/// The most documents that are asked for at a time.
const MOST_RANKED: usize = 64;

/// How many days may lie between two candidates by words, where both are dated. Of same-story pairs
/// in dated news 98 % lie within three days.
const WINDOW_DAYS: i32 = 7;

/// How many of the least shingles lead to candidates.
const LEAST_SHINGLES: usize = 16;

/// How many of them two articles share at least. A text with fewer shingles than this shares all.
const SHARED_SHINGLES: u32 = 3;

/// The most postings of each net that are read for one article.
const MOST_POSTINGS: usize = 16_384;

/// The two nets over one collection.
#[derive(Debug, Clone)]
pub(crate) struct CandidateIndex {
    terms: Postings,
    shingles: Postings,
    documents: Vec<Listed>,
}

/// What the nets know of a document beside its postings.
#[derive(Debug, Clone, Copy)]
struct Listed {
    date: Option<Date>,
    /// Breaks ties: a hash of the id, so that no answer depends on the order of insertion.
    tie: u64,
}

/// What an article is listed under.
#[derive(Debug, Clone)]
pub(crate) struct CandidateKeys {
    terms: TermList,
    shingles: TermList,
    date: Option<Date>,
}

impl CandidateKeys {
    pub(crate) fn new(fingerprint: &Fingerprint, vector: &TermVector, date: Option<Date>) -> Self {
        CandidateKeys {
            terms: vector.distinctive(fingerprint),
            shingles: least_shingles(fingerprint),
            date,
        }
    }
}

fn least_shingles(fingerprint: &Fingerprint) -> TermList {
    fingerprint.shingles().values().iter().take(LEAST_SHINGLES).copied().collect()
}

impl CandidateIndex {
    pub(crate) fn new() -> Self {
        CandidateIndex { terms: Postings::new(), shingles: Postings::new(), documents: Vec::new() }
    }

    /// Lists the next document under its keys; `None` leaves its number out.
    pub(crate) fn push(&mut self, keys: Option<&CandidateKeys>, tie: u64) {
        let document = self.documents.len() as u32;
        self.documents.push(Listed { date: keys.and_then(|keys| keys.date), tie });
        if let Some(keys) = keys {
            keys.terms.iter().for_each(|&key| self.terms.insert(key, document));
            keys.shingles.iter().for_each(|&key| self.shingles.insert(key, document));
        }
    }

    /// The documents that are worth comparing with these keys, rising; one listed under the keys is
    /// among them.
    pub(crate) fn find<'s>(&self, keys: &CandidateKeys, scratch: &'s mut Scratch) -> &'s [u32] {
        let near = |document: u32| self.is_near(keys.date, document);
        scratch.found.clear();
        // One more than the candidates: an article of the collection finds itself first.
        self.rank(&self.terms, &keys.terms, SHARED_TERMS, near, scratch);
        scratch.keep(CANDIDATES + 1);
        let least = SHARED_SHINGLES.min(keys.shingles.len() as u32);
        self.rank(&self.shingles, &keys.shingles, least, |_| true, scratch);
        scratch.keep(CANDIDATES + 1);
        scratch.found()
    }

    /// Whether another document of the same days shares all of a document's least shingles and comes
    /// before it: of each story told in nearly the same words one telling stands for all.
    pub(crate) fn is_reprint(
        &self,
        document: u32,
        fingerprint: &Fingerprint,
        scratch: &mut Scratch,
    ) -> bool {
        let Listed { date, tie } = self.documents[document as usize];
        let shingles = least_shingles(fingerprint);
        scratch.count(&self.shingles, &shingles, self.documents.len());
        let Scratch { sums, touched, .. } = scratch;
        let all = ONE_SHARED * shingles.len() as u32;
        let mut found = false;
        for other in touched.drain(..) {
            let sum = std::mem::take(&mut sums[other as usize]);
            let earlier = self.documents[other as usize].tie < tie;
            found |= sum >= all && earlier && self.is_near(date, other);
        }
        found
    }

    /// Whether a document is of about the same days as a date, as far as they are known.
    fn is_near(&self, date: Option<Date>, document: u32) -> bool {
        match (date, self.documents[document as usize].date) {
            (Some(here), Some(there)) => here.days_since(there).abs() <= WINDOW_DAYS,
            _ => true,
        }
    }

    /// The documents that share most distinctive words with these keys, of any date, at most
    /// `most`, rising.
    pub(crate) fn neighbours<'s>(
        &self,
        keys: &CandidateKeys,
        most: usize,
        scratch: &'s mut Scratch,
    ) -> &'s [u32] {
        scratch.found.clear();
        self.rank(&self.terms, &keys.terms, SHARED_TERMS, |_| true, scratch);
        scratch.keep(most);
        scratch.found()
    }

    /// Ranks the documents that share at least `least` keys: by how many, then by how heavy these
    /// are (keys come heaviest first), then by the tie hash.
    fn rank(
        &self,
        postings: &Postings,
        keys: &[u32],
        least: u32,
        admit: impl Fn(u32) -> bool,
        scratch: &mut Scratch,
    ) {
        scratch.count(postings, keys, self.documents.len());
        let Scratch { sums, touched, ranked, .. } = scratch;
        ranked.clear();
        for document in touched.drain(..) {
            let sum = std::mem::take(&mut sums[document as usize]);
            if sum >= least * ONE_SHARED && admit(document) {
                ranked.push(Ranked { sum, tie: self.documents[document as usize].tie, document });
            }
        }
        let order = |ranked: &Ranked| (std::cmp::Reverse(ranked.sum), ranked.tie);
        if ranked.len() > MOST_RANKED {
            ranked.select_nth_unstable_by_key(MOST_RANKED, order);
            ranked.truncate(MOST_RANKED);
        }
        ranked.sort_unstable_by_key(order);
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.terms.memory_usage()
            + self.shingles.memory_usage()
            + self.documents.capacity() * size_of::<Listed>()
    }
}

/// What a shared key adds to a document's sum; the weights of all keys together add less.
const ONE_SHARED: u32 = 1 << 12;

/// A document and how much it shares.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    sum: u32,
    tie: u64,
    document: u32,
}

/// Buffers that one thread reuses from query to query.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// What each document shares, see [`ONE_SHARED`]; all zero between queries.
    sums: Vec<u32>,
    touched: Vec<u32>,
    ranked: Vec<Ranked>,
    found: Vec<u32>,
}

impl Scratch {
    fn count(&mut self, postings: &Postings, keys: &[u32], documents: usize) {
        if self.sums.len() < documents {
            self.sums.resize(documents, 0);
        }
        let weight = |place: usize| ONE_SHARED + (DISTINCTIVE - place) as u32;
        let mut lists: Vec<(usize, u32, u32)> = (keys.iter().enumerate())
            .map(|(place, &key)| (postings.get(key).len(), key, weight(place)))
            .collect();
        lists.sort_unstable();
        let mut read = 0;
        for (len, key, weight) in lists {
            read += len;
            if read > MOST_POSTINGS {
                break;
            }
            for &document in postings.get(key) {
                let sum = &mut self.sums[document as usize];
                if *sum == 0 {
                    self.touched.push(document);
                }
                *sum += weight;
            }
        }
    }

    /// Adds the first ranked documents to what is found.
    fn keep(&mut self, most: usize) {
        self.found.extend(self.ranked.iter().take(most).map(|ranked| ranked.document));
    }

    /// What was found, rising, each once.
    fn found(&mut self) -> &[u32] {
        self.found.sort_unstable();
        self.found.dedup();
        &self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(terms: &[u32], shingles: &[u32], day: u8) -> CandidateKeys {
        let date = Date::new(2031, 5, day);
        CandidateKeys { terms: terms.into(), shingles: shingles.into(), date }
    }

    fn index(documents: &[CandidateKeys]) -> CandidateIndex {
        let mut index = CandidateIndex::new();
        let ties = (0u64..).map(crate::hash::mix);
        documents.iter().zip(ties).for_each(|(keys, tie)| index.push(Some(keys), tie));
        index
    }

    /// Keys of few values, so that documents meet; day 0 is no date.
    fn any_keys() -> impl Strategy<Value = CandidateKeys> {
        let some = |most| {
            prop::collection::btree_set(0u32..9, 0..most).prop_map(Vec::from_iter).prop_shuffle()
        };
        (some(7), some(5), 0u8..20).prop_map(|(terms, shingles, day)| keys(&terms, &shingles, day))
    }

    fn shared(a: &[u32], b: &[u32]) -> u32 {
        a.iter().filter(|key| b.contains(key)).count() as u32
    }

    proptest! {
        #[test]
        fn candidates_share_enough_keys_and_words_within_the_window(
            documents in prop::collection::vec(any_keys(), 1..12), asked in any_keys(),
        ) {
            let is_candidate = |other: &CandidateKeys| {
                let far = asked.date.zip(other.date).is_some_and(|(a, b)| a.days_since(b).abs() > 7);
                let least = SHARED_SHINGLES.min(asked.shingles.len() as u32).max(1);
                !far && shared(&asked.terms, &other.terms) >= SHARED_TERMS
                    || shared(&asked.shingles, &other.shingles) >= least
            };
            let expected: Vec<u32> =
                (0..).zip(&documents).filter(|(_, keys)| is_candidate(keys)).map(|(n, _)| n).collect();
            let index = index(&documents);
            let mut scratch = Scratch::default();
            for asked in documents.iter().chain([&asked]) {
                // Nothing of one query is left for the next.
                index.find(asked, &mut scratch);
                index.neighbours(asked, 3, &mut scratch);
            }
            prop_assert_eq!(index.find(&asked, &mut scratch), expected);
        }

        #[test]
        fn those_that_share_most_are_found_whatever_the_order_of_insertion(
            mut documents in prop::collection::vec(any_keys(), 30..60),
        ) {
            let asked = keys(&[0, 1, 2, 3, 4, 5], &[], 0);
            let found = |documents: &[CandidateKeys], ties: &dyn Fn(usize) -> u64| -> Vec<u64> {
                let mut index = CandidateIndex::new();
                documents.iter().enumerate().for_each(|(n, keys)| index.push(Some(keys), ties(n)));
                let mut scratch = Scratch::default();
                let found = index.neighbours(&asked, 10, &mut scratch);
                let mut ties: Vec<u64> = found.iter().map(|&n| ties(n as usize)).collect();
                ties.sort_unstable();
                ties
            };
            let last = documents.len() - 1;
            let first = found(&documents, &|n| n as u64);
            let least = first.iter().map(|&n| shared(&asked.terms, &documents[n as usize].terms)).min();
            let more = |keys: &&CandidateKeys| Some(shared(&asked.terms, &keys.terms)) > least;
            prop_assert!(documents.iter().filter(more).count() <= 10);
            documents.reverse();
            prop_assert_eq!(found(&documents, &|n| (last - n) as u64), first);
        }
    }

    #[test]
    fn the_rarest_words_are_looked_up_until_the_limit() {
        let mut documents = vec![keys(&[1, 2, 3], &[], 0); MOST_POSTINGS];
        documents[7] = keys(&[1, 2, 3, 70, 71, 72], &[], 0);
        let index = index(&documents);
        let mut scratch = Scratch::default();
        let mut find = |terms: &[u32]| index.find(&keys(terms, &[], 0), &mut scratch).to_vec();
        assert_eq!(find(&[1, 2, 3, 70, 71, 72]), [7]);
        // One common word can still be read, the next one not.
        assert_eq!(find(&[1, 2, 3]), []);
    }

    #[test]
    fn a_document_that_was_left_out_is_never_found() {
        let mut index = index(&[keys(&[1, 2], &[], 0)]);
        index.push(None, 0);
        index.push(Some(&keys(&[1, 2], &[], 0)), 1);
        let mut scratch = Scratch::default();
        assert_eq!(index.find(&keys(&[1, 2], &[], 0), &mut scratch), [0, 2]);
    }
}
