//! Merging of posting lists: several indexes into one, in linear time where their days do not overlap.

use super::lists::{ShingleRun, TermLists};

/// The new rank of an article that a merge drops.
pub(crate) const LEFT_OUT: u32 = u32::MAX;

impl TermLists {
    /// Merges lists. Each index comes with the new ranks of its articles, by old rank.
    pub(super) fn merged(all: &[(&TermLists, &[u32])]) -> Self {
        let (mut terms, mut starts) = (Vec::new(), Vec::new());
        let mut ranks = Vec::with_capacity(all.iter().map(|(lists, _)| lists.ranks.len()).sum());
        let mut nexts = vec![0; all.len()];
        let term_of = |at: usize, next: usize| all[at].0.terms.get(next).copied();
        let least = |nexts: &[usize]| {
            nexts.iter().enumerate().filter_map(|(at, &next)| term_of(at, next)).min()
        };
        while let Some(term) = least(&nexts) {
            let start = ranks.len();
            for (at, next) in nexts.iter_mut().enumerate() {
                if term_of(at, *next) != Some(term) {
                    continue;
                }
                let (lists, new_ranks) = all[at];
                let list = lists.starts[*next] as usize..lists.starts[*next + 1] as usize;
                let list = lists.ranks[list].iter().map(|&rank| new_ranks[rank as usize]);
                ranks.extend(list.filter(|&rank| rank != LEFT_OUT));
                *next += 1;
            }
            if ranks.len() > start {
                // Where the days of two indexes overlap, their new ranks interleave.
                if !ranks[start..].is_sorted() {
                    ranks[start..].sort_unstable();
                }
                terms.push(term);
                starts.push(start as u32);
            }
        }
        starts.push(ranks.len() as u32);
        ranks.shrink_to_fit();
        Self::of_columns(terms.into(), starts.into(), ranks.into())
    }
}

impl ShingleRun {
    /// Merges runs. Each run comes with the new ranks of its articles, by old rank.
    pub(super) fn merged(all: &[(&ShingleRun, &[u32])]) -> Self {
        let renumbered = |&(run, new_ranks): &(&ShingleRun, &[u32])| {
            let pairs = run.pairs.iter().filter_map(|&pair| {
                let rank = new_ranks[pair as u32 as usize];
                (rank != LEFT_OUT).then_some(pair >> u32::BITS << u32::BITS | u64::from(rank))
            });
            pairs.collect::<Vec<u64>>()
        };
        let merged = all.iter().map(renumbered).reduce(|one, other| merged_runs(&one, &other));
        let mut merged = merged.unwrap_or_default();
        merged.shrink_to_fit();
        Self::of_column(merged.into())
    }
}

/// Merges two ascending runs.
fn merged_runs(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut merged = Vec::with_capacity(one.len() + other.len());
    let (mut a, mut b) = (0, 0);
    while a < one.len() && b < other.len() {
        // Selects without a branch: random data would make it mispredict.
        let (x, y) = (one[a], other[b]);
        let is_first = x < y;
        merged.push(if is_first { x } else { y });
        a += usize::from(is_first);
        b += usize::from(!is_first);
    }
    merged.extend_from_slice(&one[a..]);
    merged.extend_from_slice(&other[b..]);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    /// The keys of each article, its index, and whether the merge drops it.
    fn any_articles() -> impl Strategy<Value = Vec<(Vec<u32>, usize, bool)>> {
        let keys = btree_set(0u32..60, 0..12).prop_map(Vec::from_iter);
        vec((keys, 0usize..4, prop::bool::weighted(0.2)), 0..60)
    }

    proptest! {
        #[test]
        fn merged_lists_equal_the_lists_of_all_articles_together(articles in any_articles()) {
            let of = |at: usize| articles.iter().filter(move |(_, index, _)| *index == at);
            let is_in: Vec<&[u32]> =
                articles.iter().filter(|(.., is_out)| !is_out).map(|(keys, ..)| &keys[..]).collect();
            let mut ranks: [Vec<u32>; 4] = Default::default();
            let mut next = 0;
            for (_, index, is_out) in &articles {
                ranks[*index].push(if *is_out { LEFT_OUT } else { next });
                next += u32::from(!is_out);
            }
            let keys = |at| of(at).map(|(keys, ..)| &keys[..]);

            let lists: Vec<TermLists> = (0..4).map(|at| TermLists::new((0..).zip(keys(at)))).collect();
            let beside: Vec<_> = lists.iter().zip(&ranks).map(|(l, r)| (l, &r[..])).collect();
            let (found, expected) = (TermLists::merged(&beside), TermLists::new((0..).zip(is_in.iter().copied())));
            prop_assert_eq!(&*found.terms, &*expected.terms);
            prop_assert_eq!(&*found.starts, &*expected.starts);
            prop_assert_eq!(&*found.ranks, &*expected.ranks);

            let runs: Vec<ShingleRun> = (0..4).map(|at| ShingleRun::new(keys(at))).collect();
            let beside: Vec<_> = runs.iter().zip(&ranks).map(|(run, r)| (run, &r[..])).collect();
            let (found, expected) = (ShingleRun::merged(&beside), ShingleRun::new(is_in.into_iter()));
            prop_assert_eq!(&*found.pairs, &*expected.pairs);
        }
    }
}
