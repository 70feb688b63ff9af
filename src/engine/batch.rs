//! The index over a whole collection: weights of words, densities, candidates, evidence on pairs.
//!
//! Takes a collection; gives the pairs whose words allow them to reach a level, and the evidence on any
//! pair. The articles are ordered by day, undated ones last, and the longest of a day first. The
//! position in this order, leaders first, is an article's *rank*. Ranks depend on the set of articles only,
//! so breaking every tie by rank makes all answers independent of insertion order. Building is linear in the
//! articles and their candidates. There are no incremental updates, because one article changes all weights.
//!
//! The steps are those of [`blocks`](super::blocks), with all articles on hand in each of them.

use std::sync::Arc;

use super::around::{Chunks, FoundChunk, LookUps, Surveyed, WeighedChunk, keys};
use super::ranked::{Buffers, ComparedPair, Counts, RankedArticles, by_chunks};
use crate::candidates::{CandidateIndex, Days, OwnPlaces, Ranks, Scratch, bottom_shingles};
use crate::corpus::collection::Articles;
use crate::corpus::fingerprint::key_positions;
use crate::engine::reprints::{Reprint, Reprints};
use crate::score::relation::Cuts;
use crate::score::terms::distinctive;

/// The index over one state of a collection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(crate) ranked: RankedArticles,
    /// The rank of each article by its number.
    ranks: Vec<u32>,
    /// The fillings of each series, as numbers of articles.
    pub(crate) series: Vec<Vec<Vec<u32>>>,
    /// How many list entries and leaders were left out where reprints were looked for.
    pub(crate) not_compared: u64,
    pub(super) candidates: CandidateIndex,
}

impl Index {
    /// Weighs every article by the counts of all, and lists it for the candidate sources; and the pairs
    /// that may reach a level by their words, in order. A pair counts if either of the two finds the
    /// other. Linear in the articles and their candidates.
    pub(crate) fn new(articles: &Articles, cuts: &Cuts) -> (Self, Vec<ComparedPair>) {
        let order = in_canonical_order(articles);
        let found = Reprints::find(articles, &order);
        let leads = |at: usize| found.all[at].of as usize == at;
        let (leading, following): (Vec<usize>, Vec<usize>) =
            (0..order.len()).partition(|&at| leads(at));
        let numbers: Vec<u32> = leading.iter().chain(&following).map(|&at| order[at]).collect();
        let mut ranks = vec![0; articles.len()];
        numbers.iter().zip(0u32..).for_each(|(&number, rank)| ranks[number as usize] = rank);
        let reprint = |&at: &usize| Reprint {
            of: ranks[order[found.all[at].of as usize] as usize],
            ..found.all[at]
        };
        let reprints = following.iter().map(reprint).collect();
        let not_compared = found.not_compared;
        let mut series = found.series();
        series.iter_mut().flatten().flatten().for_each(|at| *at = order[*at as usize]);
        let leaders = &numbers[..leading.len()];
        let counts = Arc::new(Counts::of(articles, leaders));
        let days = Days::new(leaders.iter().map(|&number| articles.facts(number).date));
        let (ranked, weighed) = RankedArticles::weighed(articles, numbers, reprints, counts);
        let samples = ranked.leaders().map(|rank| articles.sample(ranked.number(rank)));
        let (candidates, places) = CandidateIndex::with_places(
            days,
            ranked.leaders().map(|rank| weighed.distinctive(rank)),
            samples.map(bottom_shingles),
        );
        let mut index = Index { ranked, ranks, series, not_compared, candidates };
        let (densities, around) = index.look_around(articles, &weighed, Some(&places));
        drop(places);
        index.ranked.set_densities(articles, &densities);
        let own = index.ranked.leaders();
        let compared = index.ranked.compare(articles, &weighed, (own, &around), cuts);
        (index, compared)
    }

    /// The pairs that [`Index::new`] returned, computed again.
    pub(crate) fn compared(&self, articles: &Articles, cuts: &Cuts) -> Vec<ComparedPair> {
        let weighed = self.ranked.weigh(articles);
        let (_, around) = self.look_around(articles, &weighed, None);
        self.ranked.compare(articles, &weighed, (self.ranked.leaders(), &around), cuts)
    }

    /// Looks around from every leader: the densities, and with whom each is to be compared.
    fn look_around(
        &self,
        articles: &Articles,
        weighed: &Chunks<WeighedChunk>,
        places: Option<&OwnPlaces>,
    ) -> (Vec<f32>, Chunks<FoundChunk>) {
        let Index { ranked, candidates, .. } = self;
        let ranks = &Ranks::all(ranked.leaders().end);
        let listed = &candidates.listed_hashes();
        let surveyed = Surveyed { articles, ranked, weighed, candidates, places, listed, ranks };
        let chunks = by_chunks(ranked.leaders(), Default::default, |buffers, positions| {
            let LookUps { densities, near, parts } =
                surveyed.look_around(positions.clone(), buffers);
            let mut found = FoundChunk::default();
            for (at, position) in positions.enumerate() {
                let listed = (near.of(at).iter().copied(), parts.of(at).iter().copied());
                found.push(position, listed, |shared, part| {
                    ranked.contains(articles, position, (shared, part))
                });
            }
            (densities, found)
        });
        let (densities, found): (Vec<Vec<f32>>, Vec<FoundChunk>) = chunks.into_iter().unzip();
        (densities.concat(), Chunks(found))
    }

    /// Every candidate pair of ranks, `a < b`, in order.
    pub(crate) fn candidates(&self, articles: &Articles) -> Vec<(u32, u32)> {
        let (_, around) = self.look_around(articles, &self.ranked.weigh(articles), None);
        let near_to = |rank: u32| {
            let near = around.near(rank).iter();
            near.map(move |&other| (rank.min(other), rank.max(other)))
        };
        let mut pairs: Vec<(u32, u32)> = self.ranked.leaders().flat_map(near_to).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// The rank of the article of a number.
    pub(crate) fn rank(&self, number: u32) -> u32 {
        self.ranks[number as usize]
    }

    /// The distinctive words of each leader, heaviest first, as positions among its terms.
    pub(crate) fn distinctive_positions(&self, articles: &Articles) -> Vec<Vec<u8>> {
        let weighed = self.ranked.weigh(articles);
        let terms = |rank| articles.terms(self.ranked.number(rank));
        let of = |rank| key_positions(terms(rank), weighed.distinctive(rank));
        self.ranked.leaders().map(of).collect()
    }

    /// The candidates of a leader, which include the article itself.
    pub(super) fn near<'b>(
        &self,
        articles: &Articles,
        rank: u32,
        (buffers, scratch): &'b mut (Buffers, Scratch),
    ) -> &'b [u32] {
        let Buffers { rarities, order, heaviest } = buffers;
        let own = self.ranked.weighted(articles, rank);
        own.rarities.of_all(own.terms, rarities);
        distinctive(own.terms, rarities, order, heaviest);
        let keys = keys(articles, self.ranked.number(rank), heaviest, rank);
        self.candidates.look_up(&keys, scratch);
        self.candidates.near(&keys, scratch)
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.ranked.memory_usage()
            + self.ranks.capacity() * size_of::<u32>()
            + self.candidates.memory_usage()
            + self.series.iter().flatten().flatten().count() * size_of::<u32>()
    }
}

/// The numbers of all articles in their [canonical order](Articles::in_order).
pub(super) fn in_canonical_order(articles: &Articles) -> Vec<u32> {
    let mut order: Vec<u32> = articles.present().collect();
    order.sort_unstable_by(|&x, &y| articles.in_order(x).cmp(&articles.in_order(y)));
    order
}
