//! What depends on the collection as a whole: how much each word is worth, who is near whom.
//!
//! Here the articles stand in the order of their days, undated ones last, and in no meaningful
//! order within a day. The place of an article in it is its *rank*. Ranks follow from what is in and
//! from nothing else, so every tie in what follows is broken by them.

use std::ops::Range;

use crate::article::{Article, Date};
use crate::candidates::{CandidateIndex, CandidateKeys, Days, Scratch, least_shingles};
use crate::collection::Collection;
use crate::commonplaces::Commonplaces;
use crate::evidence::{Cuts, Evidence, Side};
use crate::fingerprint::Fingerprint;
use crate::kernel::prefetch;
use crate::parallel;
use crate::terms::{Rarities, Spread, Weighed, Weight, distinctive};

/// An article weighed against the collection.
#[derive(Debug, Clone, Copy, Default)]
struct Placed {
    weight: Weight,
    /// How crowded its neighbourhood is, see [`density`].
    density: f32,
}

/// The collection, ready to be asked. It belongs to one state of the detector: the weights follow
/// from what is in.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    /// The number of each article by its rank, and the other way round.
    numbers: Vec<u32>,
    ranks: Vec<u32>,
    /// By rank.
    placed: Vec<Placed>,
    rarities: Rarities,
    candidates: CandidateIndex,
    commonplaces: Commonplaces,
}

/// Which articles of its crowd, those that share most distinctive words first, tell how crowded the
/// neighbourhood of an article is. The first may be its own story; a story has few versions, a
/// template or a topic has many texts.
pub(crate) const NEIGHBOURS: Range<usize> = 20..60;

/// Of how many of them one is looked at.
const NEIGHBOUR_STEP: usize = 4;

/// What a neighbour counts that a small collection does not have: how close such neighbours are
/// among articles on one topic, since a small folder often has one.
const UNKNOWN_NEIGHBOUR: f32 = 0.18;

/// Those of a crowd, closest first and without the article itself, that tell how crowded it is.
pub(crate) fn neighbours<I: Iterator + Clone>(crowd: I) -> impl Iterator<Item = I::Item> + Clone {
    crowd.take(NEIGHBOURS.end).skip(NEIGHBOURS.start).step_by(NEIGHBOUR_STEP)
}

/// The mean similarity of an article's neighbours, where there are `others` articles beside it. One
/// that shares no words counts 0.
pub(crate) fn density(similarities: impl Iterator<Item = f32>, others: usize) -> f32 {
    let known: f32 = similarities.sum();
    let unknown = NEIGHBOURS.end - others.clamp(NEIGHBOURS.start, NEIGHBOURS.end);
    let all = NEIGHBOUR_STEP as f32 * known + unknown as f32 * UNKNOWN_NEIGHBOUR;
    all / NEIGHBOURS.len() as f32
}

/// The distinctive words of each article by its rank.
struct Keys {
    terms: Vec<u32>,
    /// Where those of each article start, and the end of the last.
    starts: Vec<usize>,
}

impl Keys {
    fn of(&self, rank: u32) -> &[u32] {
        &self.terms[self.starts[rank as usize]..self.starts[rank as usize + 1]]
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.terms[ends[0]..ends[1]])
    }
}

/// What the look-up of an article brings.
struct Found {
    density: f32,
    is_reprint: bool,
    pairs: Vec<u64>,
}

impl Index {
    /// Weighs every article by the counts of all, and lists it for the candidate nets; and the pairs
    /// of ranks that may reach a level by their words, `a < b`, in order. A pair counts if either of
    /// the two finds the other. Linear in the articles and their candidates.
    pub(crate) fn new(collection: &Collection, cuts: &Cuts) -> (Self, Vec<(u32, u32)>) {
        let numbers = in_order_of_days(collection);
        let mut ranks = vec![0; collection.end()];
        numbers.iter().zip(0u32..).for_each(|(&number, rank)| ranks[number as usize] = rank);
        let mut index = Index {
            placed: Vec::new(),
            candidates: CandidateIndex::default(),
            commonplaces: Commonplaces::default(),
            numbers,
            ranks,
            rarities: Rarities::new(collection.vocabulary()),
        };
        let keys = index.weigh(collection);
        let facts = index.numbers.iter().map(|&number| collection.articles().facts(number));
        let samples = index.numbers.iter().map(|&number| collection.articles().sample(number));
        index.candidates = CandidateIndex::new(
            Days::new(facts.map(|facts| facts.date)),
            keys.iter(),
            samples.map(least_shingles),
        );
        let found = parallel::map(&index.all_ranks(), Buffers::default, |buffers, &rank| {
            index.look_around(collection, rank, keys.of(rank), cuts, buffers)
        });
        drop(keys);
        index.placed.iter_mut().zip(&found).for_each(|(placed, is)| placed.density = is.density);
        // A story that a hundred papers print in the same words makes no commonplaces of its phrases.
        let tellings = index.numbers.iter().zip(&found).filter(|(_, found)| !found.is_reprint);
        index.commonplaces =
            Commonplaces::of(tellings.map(|(&number, _)| collection.articles().sample(number)));
        let pairs = distinct(found.into_iter().flat_map(|found| found.pairs).collect());
        (index, pairs)
    }

    /// Weighs every article; the words that tell it apart.
    fn weigh(&mut self, collection: &Collection) -> Keys {
        let weighed = parallel::map(&self.numbers, Buffers::default, |buffers, &number| {
            let Buffers { rarities, order, .. } = buffers;
            let terms = collection.articles().terms(number);
            let language = collection.articles().facts(number).language;
            self.rarities.of(collection.vocabulary(), language).of_all(terms, rarities);
            let mut heaviest = Vec::new();
            distinctive(terms, rarities, order, &mut heaviest);
            (Weight::new(terms, rarities), heaviest)
        });
        self.placed = weighed.iter().map(|&(weight, _)| Placed { weight, density: 0.0 }).collect();
        let mut keys = Keys { terms: Vec::new(), starts: vec![0] };
        for (_, heaviest) in weighed {
            keys.terms.extend(heaviest);
            keys.starts.push(keys.terms.len());
        }
        keys
    }

    /// Looks an article up: how crowded it is around it, and with whom it may share a story.
    fn look_around(
        &self,
        collection: &Collection,
        rank: u32,
        distinctive: &[u32],
        cuts: &Cuts,
        buffers: &mut Buffers,
    ) -> Found {
        let keys = self.keys(collection, rank, distinctive);
        self.candidates.look_up(&keys, &mut buffers.scratch);
        let own = self.weighed(collection, rank);
        own.rarities.of_all(own.terms, &mut buffers.rarities);
        buffers.spread.fill(&own, &buffers.rarities);
        let density = self.density(collection, &own, &keys, Some(rank), buffers);
        let is_reprint = self.candidates.is_reprint(&keys, &buffers.scratch);
        let near = self.candidates.near(&keys, &mut buffers.scratch);
        let own = Side { density, ..self.side(collection, rank) };
        let pairs = self.promising(collection, rank, &own, near, &buffers.spread, cuts);
        Found { density, is_reprint, pairs }
    }

    /// The pairs of an article, which is spread out, with those near it that may reach a level.
    fn promising(
        &self,
        collection: &Collection,
        rank: u32,
        own: &Side<'_>,
        near: &[u32],
        spread: &Spread,
        cuts: &Cuts,
    ) -> Vec<u64> {
        let may_reach = |&other: &u32| {
            let side = self.side(collection, other);
            let terms = spread.or_merged(&own.terms, &side.terms);
            Evidence::may_reach(terms, own, &side, cuts)
        };
        let others = near.iter().copied().filter(|&other| other != rank);
        let others = self.ahead(collection, others);
        others.filter(may_reach).map(|other| packed(rank, other)).collect()
    }

    /// The same articles, each brought near while the one before it is compared.
    fn ahead(
        &self,
        collection: &Collection,
        others: impl Iterator<Item = u32> + Clone,
    ) -> impl Iterator<Item = u32> {
        let next = others.clone().skip(1).map(Some).chain([None]);
        others.zip(next).map(|(other, next)| {
            if let Some(next) = next {
                prefetch(collection.articles().terms(self.number(next)));
            }
            other
        })
    }

    /// The pairs that [`Index::new`] found.
    pub(crate) fn pairs(&self, collection: &Collection, cuts: &Cuts) -> Vec<(u32, u32)> {
        let found = parallel::map(&self.all_ranks(), Buffers::default, |buffers, &rank| {
            self.near(collection, rank, buffers);
            let own = self.side(collection, rank);
            buffers.spread.fill(&own.terms, &buffers.rarities);
            let near = buffers.scratch.last_near();
            self.promising(collection, rank, &own, near, &buffers.spread, cuts)
        });
        distinct(found.into_iter().flatten().collect())
    }

    /// Every pair of ranks that the nets bring up, `a < b`, in order.
    pub(crate) fn candidates(&self, collection: &Collection) -> Vec<(u32, u32)> {
        let found = parallel::map(&self.all_ranks(), Buffers::default, |buffers, &rank| {
            let near = self.near(collection, rank, buffers).iter().filter(|&&other| other != rank);
            near.map(|&other| packed(rank, other)).collect::<Vec<u64>>()
        });
        distinct(found.into_iter().flatten().collect())
    }

    fn all_ranks(&self) -> Vec<u32> {
        (0..self.numbers.len() as u32).collect()
    }

    /// The number of the article of a rank.
    pub(crate) fn number(&self, rank: u32) -> u32 {
        self.numbers[rank as usize]
    }

    /// The rank of the article of a number.
    pub(crate) fn rank(&self, number: u32) -> u32 {
        self.ranks[number as usize]
    }

    /// The articles that are worth comparing with one, itself among them.
    pub(crate) fn near<'b>(
        &self,
        collection: &Collection,
        rank: u32,
        buffers: &'b mut Buffers,
    ) -> &'b [u32] {
        let Buffers { rarities, order, heaviest, scratch, .. } = buffers;
        let own = self.weighed(collection, rank);
        own.rarities.of_all(own.terms, rarities);
        distinctive(own.terms, rarities, order, heaviest);
        let keys = self.keys(collection, rank, heaviest);
        self.candidates.look_up(&keys, scratch);
        self.candidates.near(&keys, scratch)
    }

    fn keys<'k>(
        &self,
        collection: &'k Collection,
        rank: u32,
        distinctive: &'k [u32],
    ) -> CandidateKeys<'k> {
        let number = self.number(rank);
        CandidateKeys {
            terms: distinctive,
            shingles: least_shingles(collection.articles().sample(number)),
            date: collection.articles().facts(number).date,
            rank: rank as usize,
        }
    }

    /// What is known of two articles of the collection.
    pub(crate) fn evidence(&self, collection: &Collection, left: u32, right: u32) -> Evidence {
        let (left, right) = (self.side(collection, left), self.side(collection, right));
        Evidence::new(&left, &right, &self.commonplaces)
    }

    /// The same for some pairs, in order: those that reach what is asked of them.
    pub(crate) fn verify<R: Send>(
        &self,
        collection: &Collection,
        pairs: &[(u32, u32)],
        judge: impl Fn(u32, u32, Evidence) -> Option<R> + Sync,
    ) -> Vec<R> {
        // An article is spread out once for all those that it is compared with.
        let groups: Vec<&[(u32, u32)]> = pairs.chunk_by(|one, two| one.0 == two.0).collect();
        let judged = parallel::map(&groups, Buffers::default, |buffers, group| {
            let left = self.side(collection, group[0].0);
            left.terms.rarities.of_all(left.terms.terms, &mut buffers.rarities);
            buffers.spread.fill(&left.terms, &buffers.rarities);
            let judged = group.iter().filter_map(|&(a, b)| {
                let right = self.side(collection, b);
                let terms = buffers.spread.or_merged(&left.terms, &right.terms);
                judge(a, b, Evidence::with_terms(terms, &left, &right, &self.commonplaces))
            });
            judged.collect::<Vec<R>>()
        });
        judged.into_iter().flatten().collect()
    }

    fn side<'a>(&'a self, collection: &'a Collection, rank: u32) -> Side<'a> {
        let number = self.number(rank);
        let facts = collection.articles().facts(number);
        Side {
            content: facts.content,
            words: facts.words,
            language: facts.language,
            date: facts.date,
            terms: self.weighed(collection, rank),
            sample: collection.articles().sample(number),
            density: self.placed[rank as usize].density,
        }
    }

    fn weighed<'a>(&'a self, collection: &'a Collection, rank: u32) -> Weighed<'a> {
        let number = self.number(rank);
        let language = collection.articles().facts(number).language;
        Weighed {
            terms: collection.articles().terms(number),
            rarities: self.rarities.of(collection.vocabulary(), language),
            weight: self.placed[rank as usize].weight,
        }
    }

    /// The density around an article that was just looked up and spread out; it is in the collection
    /// with the rank `own`, or outside.
    fn density(
        &self,
        collection: &Collection,
        terms: &Weighed<'_>,
        keys: &CandidateKeys<'_>,
        own: Option<u32>,
        Buffers { scratch, spread, .. }: &mut Buffers,
    ) -> f32 {
        let crowd = self.candidates.crowd(keys, NEIGHBOURS.end + 1, scratch);
        let others = crowd.iter().map(|best| best.rank).filter(|&other| Some(other) != own);
        let similarities = self
            .ahead(collection, neighbours(others))
            .map(|other| spread.or_merged(terms, &self.weighed(collection, other)).all);
        density(similarities, self.candidates.days().others_in_crowd(own.is_some()))
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        (self.numbers.capacity() + self.ranks.capacity()) * size_of::<u32>()
            + self.placed.capacity() * size_of::<Placed>()
            + self.rarities.memory_usage()
            + self.candidates.memory_usage()
            + self.commonplaces.memory_usage()
    }
}

/// Buffers that one thread reuses from article to article.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    scratch: Scratch,
    rarities: Vec<u32>,
    order: Vec<u64>,
    heaviest: Vec<u32>,
    spread: Spread,
}

/// The numbers of all articles in the order of the days, undated ones last, and within a day by a
/// hash of the id.
fn in_order_of_days(collection: &Collection) -> Vec<u32> {
    let articles = collection.articles();
    let mut order: Vec<u32> = collection.numbers().collect();
    order.sort_unstable_by(|&x, &y| articles.in_order(x).cmp(&articles.in_order(y)));
    order
}

/// A pair of ranks, the lower one in the high half.
fn packed(one: u32, two: u32) -> u64 {
    u64::from(one.min(two)) << 32 | u64::from(one.max(two))
}

/// Pairs, each once, in order.
fn distinct(mut pairs: Vec<u64>) -> Vec<(u32, u32)> {
    parallel::sort(&mut pairs);
    pairs.dedup();
    pairs.into_iter().map(|pair| ((pair >> 32) as u32, pair as u32)).collect()
}

/// An article from outside, weighed against a collection as if it were in.
pub(crate) struct Visitor {
    fingerprint: Fingerprint,
    date: Option<Date>,
    weight: Weight,
    density: f32,
    /// The articles of the collection that are worth comparing with it.
    pub(crate) near: Vec<u32>,
    /// The article of the collection that has its id.
    pub(crate) twin: Option<u32>,
}

impl Visitor {
    /// Weighs an article from outside. An article of the collection that has its id is none of its
    /// neighbours.
    pub(crate) fn new(
        article: &Article<'_>,
        fingerprint: Fingerprint,
        collection: &Collection,
        index: &Index,
    ) -> Self {
        let mut visitor = Visitor {
            date: article.get_date(),
            twin: collection.number(article.id()).map(|number| index.rank(number)),
            weight: Weight::default(),
            density: 0.0,
            near: Vec::new(),
            fingerprint,
        };
        visitor.look_around(collection, index);
        visitor
    }

    fn look_around(&mut self, collection: &Collection, index: &Index) {
        let mut buffers = Buffers::default();
        let Buffers { rarities, order, heaviest, .. } = &mut buffers;
        self.weighed(collection, index).rarities.of_all(self.fingerprint.terms(), rarities);
        self.weight = Weight::new(self.fingerprint.terms(), rarities);
        distinctive(self.fingerprint.terms(), rarities, order, heaviest);
        let own = self.weighed(collection, index);
        buffers.spread.fill(&own, &buffers.rarities);
        let days = index.candidates.days();
        let distinctive = std::mem::take(&mut buffers.heaviest);
        let keys = CandidateKeys {
            terms: &distinctive,
            shingles: least_shingles(self.fingerprint.shingles().sample()),
            date: self.date,
            rank: self.twin.map_or_else(|| days.place(self.date), |rank| rank as usize),
        };
        index.candidates.look_up(&keys, &mut buffers.scratch);
        let density = index.density(collection, &own, &keys, self.twin, &mut buffers);
        let near = index.candidates.near(&keys, &mut buffers.scratch);
        let near = near.iter().copied().filter(|&other| Some(other) != self.twin).collect();
        (self.density, self.near) = (density, near);
    }

    fn weighed<'a>(&'a self, collection: &'a Collection, index: &'a Index) -> Weighed<'a> {
        let language = self.fingerprint.language();
        let rarities = index.rarities.of(collection.vocabulary(), language);
        Weighed { terms: self.fingerprint.terms(), rarities, weight: self.weight }
    }

    fn side<'a>(&'a self, collection: &'a Collection, index: &'a Index) -> Side<'a> {
        Side {
            content: self.fingerprint.content(),
            words: self.fingerprint.words() as u32,
            language: self.fingerprint.language(),
            date: self.date,
            terms: self.weighed(collection, index),
            sample: self.fingerprint.shingles().sample(),
            density: self.density,
        }
    }

    /// What is known of it and an article of the collection.
    pub(crate) fn evidence(&self, collection: &Collection, index: &Index, other: u32) -> Evidence {
        let (own, other) = (self.side(collection, index), index.side(collection, other));
        Evidence::new(&own, &other, &index.commonplaces)
    }

    /// What is known of two articles from outside.
    pub(crate) fn evidence_with(
        &self,
        other: &Visitor,
        collection: &Collection,
        index: &Index,
    ) -> Evidence {
        let (own, other) = (self.side(collection, index), other.side(collection, index));
        Evidence::new(&own, &other, &index.commonplaces)
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
