//! What articles share with the one that is looked up, as one number each, and the best of them.

use std::cmp::Ordering;

use crate::score::terms::DISTINCTIVE;

/// The sum of an article: how many keys it shares in the low bits, and above them what they are
/// worth, by which articles are ranked.
const COUNT_BITS: u32 = 6;

/// What a shared shingle adds to the sum.
pub(super) const SHINGLE: u16 = 1 << COUNT_BITS | 1;

/// What a shared word adds to the sum: the heaviest word of an article as much as four of its
/// lightest.
pub(super) fn word(place: usize) -> u16 {
    (8 + (DISTINCTIVE - place) as u16 / 2) << COUNT_BITS | 1
}

/// How many keys a sum is made of.
pub(super) fn count(sum: u16) -> u16 {
    sum & ((1 << COUNT_BITS) - 1)
}

/// The two sources.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CandidateSource {
    Words,
    Shingles,
}

/// An article that shares keys with another one. The least is the best: it shares most, and among
/// equals it is nearest in the order of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Best {
    pub(super) lacking: u16,
    /// How far away it is: in ranks where articles stand in the order of days, else in days.
    pub(crate) distance: u32,
    pub(crate) rank: u32,
}

impl Ord for Best {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // As one number, which is compared without a branch.
        let number = |&Best { lacking, distance, rank }: &Best| {
            u128::from(lacking) << 64 | u128::from(distance) << 32 | u128::from(rank)
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
    /// As good as which any other is.
    pub(crate) const ANY: Best = Best { lacking: u16::MAX, distance: u32::MAX, rank: u32::MAX };

    /// The same article by another number.
    pub(crate) fn named(self, rank: u32) -> Self {
        Best { rank, ..self }
    }

    /// An article that shares so much and is so far away.
    pub(super) fn of_sum(sum: u16, distance: u32, rank: u32) -> Self {
        Best { lacking: u16::MAX - sum, distance, rank }
    }

    /// How many keys it shares.
    pub(crate) fn shared(&self) -> usize {
        count(u16::MAX - self.lacking).into()
    }
}

/// The best of several indexes together.
#[derive(Debug, Default)]
pub(crate) struct Bests {
    found: Vec<Best>,
    most: usize,
}

impl Bests {
    /// None yet; so many are kept.
    pub(crate) fn clear(&mut self, most: usize) {
        self.found.clear();
        self.most = most;
    }

    /// Adds some, and keeps the best.
    pub(crate) fn add(&mut self, more: impl IntoIterator<Item = Best>) {
        self.found.extend(more);
        if self.found.len() > self.most {
            self.found.select_nth_unstable(self.most - 1);
            self.found.truncate(self.most);
        }
    }

    /// As good as which another one must be to be among them.
    pub(crate) fn least(&self) -> Best {
        let is_full = self.found.len() == self.most;
        let worst = self.found.iter().max().filter(|_| is_full);
        worst.copied().unwrap_or(Best::ANY)
    }

    /// Their ranks, the best first.
    pub(crate) fn ranks(&mut self) -> impl Iterator<Item = u32> + Clone {
        self.found.sort_unstable();
        self.found.iter().map(|best| best.rank)
    }
}
