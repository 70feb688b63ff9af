//! Looks around from each article: how dense its background is, and which articles are worth a comparison.
//!
//! A look-up reads the articles of some days and ranks around the one that is looked up, its
//! [halo](crate::candidates::Days::halo), and the lists of its own shingles. So it gives the same whether all
//! articles of a collection are on hand or only those. The articles on hand are numbered by *position*; where
//! all are on hand, the position is the rank.

use std::ops::Range;

use super::ranked::{ComparedPair, RankedArticles, by_chunks};
use crate::candidates::{
    CandidateIndex, CandidateKeys, ListedHashes, OwnPlaces, Ranks, Scratch, bottom_shingles,
};
use crate::corpus::collection::Articles;
use crate::score::evidence::{Evidence, ScoredArticle, containment};
use crate::score::relation::{Cuts, Level};
use crate::score::terms::{TermNorms, TermTable, WeightedTerms};

/// The positions in an article's background, ordered by shared distinctive words, that its density is
/// measured at. Earlier positions may hold its own story: a story has few versions, while a template or
/// a topic has many texts.
pub(crate) const BACKGROUND_RANKS: Range<usize> = 20..60;

/// One of this many background articles is measured, to save time.
const NEIGHBOUR_STEP: usize = 4;

/// The similarity assumed for background articles that a small collection lacks: the usual one among
/// articles on one topic, because a small folder often has one topic.
const UNKNOWN_NEIGHBOUR: f32 = 0.18;

/// The articles of a background that the density is measured at. The background comes closest first and
/// without the article itself.
pub(crate) fn neighbours<I: Iterator + Clone>(
    background: I,
) -> impl Iterator<Item = I::Item> + Clone {
    background.take(BACKGROUND_RANKS.end).skip(BACKGROUND_RANKS.start).step_by(NEIGHBOUR_STEP)
}

/// The density around an article: the mean similarity of its measured background, in a collection of
/// `others` other articles. A background article that shares no words counts 0.
pub(crate) fn density(similarities: impl Iterator<Item = f32>, others: usize) -> f32 {
    let known: f32 = similarities.sum();
    let unknown = BACKGROUND_RANKS.end - others.clamp(BACKGROUND_RANKS.start, BACKGROUND_RANKS.end);
    let all = NEIGHBOUR_STEP as f32 * known + unknown as f32 * UNKNOWN_NEIGHBOUR;
    all / BACKGROUND_RANKS.len() as f32
}

/// One list for each of some consecutive articles, stored end to end.
#[derive(Debug, Clone)]
pub(super) struct Lists<T> {
    pub(super) values: Vec<T>,
    /// Where the list of each article ends.
    pub(super) ends: Vec<u32>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { values: Vec::new(), ends: Vec::new() }
    }
}

impl<T> Lists<T> {
    pub(super) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.values.extend(list);
        self.ends.push(self.values.len() as u32);
    }

    pub(super) fn of(&self, article: usize) -> &[T] {
        let start = article.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start as usize..self.ends[article] as usize]
    }
}

/// How many articles of consecutive rank are one unit of parallel work.
pub(super) const CHUNK: usize = 256;

/// Values of all articles by position, in chunks of [`CHUNK`] articles.
pub(super) struct Chunks<C>(pub(super) Vec<C>);

impl<C> Chunks<C> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &C> {
        self.0.iter()
    }

    /// The list of a position, among the lists that `lists` selects.
    fn list<T>(&self, position: u32, lists: impl Fn(&C) -> &Lists<T>) -> &[T] {
        lists(&self.0[position as usize / CHUNK]).of(position as usize % CHUNK)
    }
}

/// The weights of a chunk of articles.
#[derive(Default)]
pub(super) struct WeighedChunk {
    pub(super) weights: Vec<TermNorms>,
    /// The rarities of their terms.
    pub(super) rarities: Lists<u16>,
    /// Their distinctive words.
    pub(super) distinctive: Lists<u32>,
}

impl Chunks<WeighedChunk> {
    pub(super) fn distinctive(&self, position: u32) -> &[u32] {
        self.list(position, |chunk| &chunk.distinctive)
    }

    fn rarities(&self, position: u32) -> &[u16] {
        self.list(position, |chunk| &chunk.rarities)
    }
}

/// What the look-ups of some consecutive articles gave; other articles by rank.
#[derive(Debug, Clone, Default)]
pub(super) struct LookUps {
    pub(super) densities: Vec<f32>,
    /// The candidates of each by words and by shingles; itself among them.
    pub(super) near: Lists<u32>,
    /// Those that each may contain, after the number of smallest shingles that they share; itself among
    /// them.
    pub(super) parts: Lists<(u16, u32)>,
}

/// The articles that a chunk of articles is to be compared with, by position.
#[derive(Default)]
pub(super) struct FoundChunk {
    /// The candidates of each article, ascending.
    near: Lists<u32>,
    /// Those of them of which most stands in the article, ascending.
    contained: Lists<u32>,
}

impl Chunks<FoundChunk> {
    pub(super) fn near(&self, position: u32) -> &[u32] {
        self.list(position, |chunk| &chunk.near)
    }

    fn is_contained(&self, whole: u32, part: u32) -> bool {
        self.list(whole, |chunk| &chunk.contained).binary_search(&part).is_ok()
    }
}

impl FoundChunk {
    /// Adds what the next article finds: its candidates and those that it may contain, of which the ones
    /// stay that it does contain.
    pub(super) fn push(
        &mut self,
        position: u32,
        (near, parts): (impl Iterator<Item = u32>, impl Iterator<Item = (u16, u32)>),
        contains: impl Fn(u16, u32) -> bool,
    ) {
        let contained =
            parts.filter(|&(shared, other)| other != position && contains(shared, other));
        let mut contained: Vec<u32> = contained.map(|(_, other)| other).collect();
        contained.sort_unstable();
        let mut near: Vec<u32> = near.chain(contained.iter().copied()).collect();
        near.sort_unstable();
        near.dedup();
        self.near.push(near.into_iter().filter(|&other| other != position));
        self.contained.push(contained);
    }
}

/// The articles on hand and the lists that they are looked up in.
pub(super) struct Surveyed<'a> {
    pub(super) articles: &'a Articles,
    pub(super) ranked: &'a RankedArticles,
    pub(super) weighed: &'a Chunks<WeighedChunk>,
    pub(super) candidates: &'a CandidateIndex,
    pub(super) places: Option<&'a OwnPlaces>,
    /// The hashes that `candidates` lists.
    pub(super) listed: &'a ListedHashes,
    /// The ranks of the articles on hand.
    pub(super) ranks: &'a Ranks,
}

impl Surveyed<'_> {
    /// Looks around from the articles at some positions.
    pub(super) fn look_around(
        &self,
        positions: Range<u32>,
        (scratch, table): &mut (Scratch, TermTable),
    ) -> LookUps {
        let &Surveyed { articles, ranked, weighed, candidates, places, listed, ranks } = self;
        let mut found = LookUps::default();
        for position in positions {
            let rank = ranks.rank(position);
            let keys = keys(articles, ranked.number(position), weighed.distinctive(position), rank);
            match places {
                Some(places) => candidates.look_up_listed(&keys, places, scratch),
                None => candidates.look_up(&keys, scratch),
            }
            let own = ranked.weighted(articles, position);
            table.fill(&own, weighed.rarities(position));
            let background = neighbours(background(candidates, &keys, Some(rank), scratch));
            let background = background.map(|other| ranks.position(other));
            let others = candidates.days().others_in_background(true);
            found.densities.push(ranked.density(articles, &own, background, others, table));
            found.near.push(candidates.near(&keys, scratch).iter().copied());
            let sample = articles.sample(ranked.number(position));
            found.parts.push(candidates.contained(sample, listed, scratch).iter().copied());
        }
        found
    }
}

/// What an article is listed under.
pub(super) fn keys<'k>(
    articles: &'k Articles,
    number: u32,
    distinctive: &'k [u32],
    rank: u32,
) -> CandidateKeys<'k> {
    CandidateKeys {
        terms: distinctive,
        shingles: bottom_shingles(articles.sample(number)),
        date: articles.facts(number).date,
        rank: rank as usize,
    }
}

/// The background of the article that was just looked up, closest first and without itself. `own` is
/// its rank if it is in the collection.
pub(super) fn background<'s>(
    candidates: &CandidateIndex,
    keys: &CandidateKeys<'_>,
    own: Option<u32>,
    scratch: &'s mut Scratch,
) -> impl Iterator<Item = u32> + Clone + use<'s> {
    let background = candidates.background(keys, BACKGROUND_RANKS.end + 1, scratch).iter();
    background.map(|best| best.rank).filter(move |&other| Some(other) != own)
}

impl RankedArticles {
    /// The density around the article whose words fill `table`, measured at `neighbours` in a background of
    /// `others` other articles.
    pub(super) fn density(
        &self,
        articles: &Articles,
        terms: &WeightedTerms<'_>,
        neighbours: impl Iterator<Item = u32> + Clone,
        others: usize,
        table: &TermTable,
    ) -> f32 {
        let similarities = self
            .staged(articles, neighbours)
            .map(|other| table.or_merged(terms, &self.weighted(articles, other)).all);
        density(similarities, others)
    }

    /// Whether most of an article stands in another one, which shares so many of its smallest shingles.
    pub(super) fn contains(
        &self,
        articles: &Articles,
        whole: u32,
        (shared, part): (u16, u32),
    ) -> bool {
        let sample = articles.sample(self.number(whole));
        let (part, reach) = (articles.sample(self.number(part)), sample.reach());
        // Of a part with 0.6 of its shingles here a third of the smallest ones is hardly ever missing.
        let comparable = bottom_shingles(part).iter().take_while(|&&value| value <= reach);
        usize::from(shared) * 3 >= comparable.count() && {
            let phrases = sample.overlap(part);
            containment(&phrases) >= Cuts::DEFAULT.of(Level::Copy)
        }
    }

    /// Compares the words of articles with those of their candidates, and gives the pairs that may reach a
    /// level, in order. Two articles that find each other are compared once, by the one of lower rank.
    pub(super) fn compare(
        &self,
        articles: &Articles,
        weighed: &Chunks<WeighedChunk>,
        (own, around): (Range<u32>, &Chunks<FoundChunk>),
        cuts: &Cuts,
    ) -> Vec<ComparedPair> {
        let chunks = by_chunks(own, TermTable::default, |table, ranks| {
            let mut compared = Vec::new();
            for rank in ranks {
                let asks =
                    |&other: &u32| other > rank || around.near(other).binary_search(&rank).is_err();
                let others = around.near(rank).iter().copied().filter(asks);
                if others.clone().next().is_none() {
                    continue;
                }
                let own: ScoredArticle<'_> = self.scored(articles, rank);
                table.fill(&own.terms, weighed.rarities(rank));
                compared.extend(self.staged(articles, others).filter_map(|other| {
                    let side = self.scored(articles, other);
                    let terms = table.or_merged(&own.terms, &side.terms);
                    let is_worth = Evidence::may_reach(terms, &own, &side, cuts)
                        || around.is_contained(rank, other)
                        || around.is_contained(other, rank);
                    is_worth.then(|| ComparedPair::new(rank, other, terms))
                }));
            }
            compared
        });
        let mut compared = chunks.concat();
        compared.sort_unstable_by_key(|compared| compared.pair);
        compared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-6, "{found}, {expected}");
    }

    #[test]
    fn density_is_the_mean_of_the_neighbours() {
        near(density([0.9, 0.7].into_iter().cycle().take(10), 500), 0.8);
        // Those that share nothing count 0.
        near(density([0.8; 5].into_iter(), 500), 0.8 / 2.0);
    }

    #[test]
    fn a_small_collection_has_neighbours_of_the_usual_density() {
        near(density([].into_iter(), 0), UNKNOWN_NEIGHBOUR);
        near(density([].into_iter(), 20), UNKNOWN_NEIGHBOUR);
        near(density([0.9; 3].into_iter(), 32), 0.3 * 0.9 + UNKNOWN_NEIGHBOUR * 0.7);
        near(density([0.9; 10].into_iter(), 60), 0.9);
    }
}
