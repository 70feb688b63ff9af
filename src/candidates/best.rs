//! The ranking of candidates: one number for the keys that an article shares, and the best articles by it.

use std::cmp::Ordering;

use crate::score::terms::DISTINCTIVE;

/// The low bits of a sum count the shared keys. The bits above them hold the weight of these keys, by
/// which articles are ranked.
const COUNT_BITS: u32 = 6;

/// What a shared shingle adds to a sum.
pub(super) const SHINGLE_INCREMENT: u16 = 1 << COUNT_BITS | 1;

/// What a shared word adds to a sum, by its position among the words of the article. The heaviest word
/// counts 3.5 times as much as the lightest.
pub(super) fn word_increment(position: usize) -> u16 {
    (8 + (DISTINCTIVE - position) as u16 / 2) << COUNT_BITS | 1
}

/// The number of shared keys in a sum.
pub(super) fn shared_keys(sum: u16) -> u16 {
    sum & ((1 << COUNT_BITS) - 1)
}

/// The kind of key that leads to a candidate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CandidateSource {
    /// Distinctive words.
    Words,
    /// The smallest shingle hashes.
    Shingles,
}

/// A ranked candidate. The smallest is the best: it shares most, and among equals it is nearest in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Best {
    /// `u16::MAX` minus the sum of the shared keys.
    pub(super) inverted_sum: u16,
    /// The distance in time: in ranks within a [`CandidateIndex`](super::CandidateIndex), in days within
    /// a [`GrowingIndex`](super::GrowingIndex).
    pub(crate) distance: u32,
    pub(crate) rank: u32,
}

impl Ord for Best {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // One number compares without branches.
        let number = |&Best { inverted_sum, distance, rank }: &Best| {
            u128::from(inverted_sum) << 64 | u128::from(distance) << 32 | u128::from(rank)
        };
        number(self).cmp(&number(other))
    }
}

impl PartialOrd for Best {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Best {
    /// The bound that admits every article.
    pub(crate) const WORST: Best =
        Best { inverted_sum: u16::MAX, distance: u32::MAX, rank: u32::MAX };

    /// The same candidate under another number.
    pub(crate) fn named(self, rank: u32) -> Self {
        Best { rank, ..self }
    }

    /// The candidate with this sum and this distance.
    pub(super) fn of_sum(sum: u16, distance: u32, rank: u32) -> Self {
        Best { inverted_sum: u16::MAX - sum, distance, rank }
    }
}

/// The best candidates of several indexes together.
#[derive(Debug, Default)]
pub(crate) struct Bests {
    found: Vec<Best>,
    most: usize,
}

impl Bests {
    /// Starts again with no candidate, to keep at most `most`.
    pub(crate) fn clear(&mut self, most: usize) {
        self.found.clear();
        self.most = most;
    }

    /// Adds candidates and keeps the best.
    pub(crate) fn add(&mut self, more: impl IntoIterator<Item = Best>) {
        self.found.extend(more);
        if self.found.len() > self.most {
            self.found.select_nth_unstable(self.most - 1);
            self.found.truncate(self.most);
        }
    }

    /// The bound that a further candidate must reach to be kept.
    pub(crate) fn least(&self) -> Best {
        let is_full = self.found.len() == self.most;
        let worst = self.found.iter().max().filter(|_| is_full);
        worst.copied().unwrap_or(Best::WORST)
    }

    /// The ranks, the best first.
    pub(crate) fn ranks(&mut self) -> impl Iterator<Item = u32> + Clone {
        self.found.sort_unstable();
        self.found.iter().map(|best| best.rank)
    }
}
