//! What depends on the collection as a whole: how much each word is worth, who is near whom.
//!
//! Here the articles stand in the order of their days, undated ones last, and in no meaningful
//! order within a day. The place of an article in it is its *rank*. Ranks follow from what is in and
//! from nothing else, so every tie in what follows is broken by them.

use std::ops::Range;

use crate::article::{Article, Date};
use crate::candidates::{CandidateIndex, CandidateKeys, Days, Scratch, least_shingles};
use crate::collection::{Collection, KeptTerm};
use crate::commonplaces::Commonplaces;
use crate::evidence::{Evidence, Side};
use crate::fingerprint::Fingerprint;
use crate::parallel;
use crate::terms::{
    DISTINCTIVE, Rarities, RaritiesOf, Rarity, Spread, Weighed, Weight, similarity,
};
use crate::vocabulary::is_number;

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
const NEIGHBOURS: Range<usize> = 20..60;

/// Of how many of them one is looked at.
const NEIGHBOUR_STEP: usize = 4;

/// What a neighbour counts that a small collection does not have: how close such neighbours are
/// among articles on one topic, since a small folder often has one.
const UNKNOWN_NEIGHBOUR: f32 = 0.18;

/// The mean similarity of an article's neighbours, where there are `others` articles beside it. One
/// that shares no words counts 0.
fn density(similarities: impl Iterator<Item = f32>, others: usize) -> f32 {
    let known: f32 = similarities.sum();
    let unknown = NEIGHBOURS.end - others.clamp(NEIGHBOURS.start, NEIGHBOURS.end);
    let all = NEIGHBOUR_STEP as f32 * known + unknown as f32 * UNKNOWN_NEIGHBOUR;
    all / NEIGHBOURS.len() as f32
}

/// The distinctive words of each article by its rank.
struct Keys {
    ids: Vec<u32>,
    /// Where those of each article start, and the end of the last.
    starts: Vec<usize>,
}

impl Keys {
    fn of(&self, rank: u32) -> &[u32] {
        &self.ids[self.starts[rank as usize]..self.starts[rank as usize + 1]]
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> + Clone {
        self.starts.windows(2).map(|ends| &self.ids[ends[0]..ends[1]])
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
    /// of ranks that are worth comparing, see [`Index::pairs`]. Linear in the articles and their
    /// candidates.
    pub(crate) fn new(collection: &Collection) -> (Self, Vec<(u32, u32)>) {
        let numbers = in_order_of_days(collection);
        let mut ranks = vec![0; collection.end()];
        numbers.iter().zip(0u32..).for_each(|(&number, rank)| ranks[number as usize] = rank);
        let rarities = Rarities::new(collection.vocabulary());
        let mut index = Index {
            placed: Vec::new(),
            candidates: CandidateIndex::default(),
            commonplaces: Commonplaces::default(),
            numbers,
            ranks,
            rarities,
        };
        let keys = index.weigh(collection);
        let facts = index.numbers.iter().map(|&number| collection.facts(number));
        let samples = index.numbers.iter().map(|&number| collection.sample(number));
        index.candidates = CandidateIndex::new(
            Days::new(facts.map(|facts| facts.date)),
            collection.vocabulary().len(),
            keys.iter(),
            samples.map(least_shingles),
        );
        let all: Vec<u32> = (0..index.numbers.len() as u32).collect();
        let found = parallel::map(&all, Buffers::default, |buffers, &rank| {
            let keys = index.keys(collection, rank, keys.of(rank));
            index.candidates.look_up(&keys, &mut buffers.scratch);
            let own = index.weighed(collection, rank);
            Found {
                density: index.density(collection, &own, &keys, Some(rank), buffers),
                is_reprint: index.candidates.is_reprint(&keys, &buffers.scratch),
                pairs: pairs_of(rank, index.candidates.near(&keys, &mut buffers.scratch)),
            }
        });
        drop(keys);
        index.placed.iter_mut().zip(&found).for_each(|(placed, is)| placed.density = is.density);
        // A story that a hundred papers print in the same words makes no commonplaces of its phrases.
        let tellings = index.numbers.iter().zip(&found).filter(|(_, found)| !found.is_reprint);
        index.commonplaces =
            Commonplaces::of(tellings.map(|(&number, _)| collection.sample(number)));
        let pairs = distinct(found.into_iter().flat_map(|found| found.pairs).collect());
        (index, pairs)
    }

    /// Weighs every article; the words that tell it apart.
    fn weigh(&mut self, collection: &Collection) -> Keys {
        let vocabulary = collection.vocabulary();
        let weighed = parallel::map(&self.numbers, Buffers::default, |buffers, &number| {
            let language = collection.facts(number).language;
            let rarities = RaritiesOf::Id(self.rarities.of(language));
            let terms = Weighed::new(collection.terms(number), rarities, language);
            let mut ids = Vec::with_capacity(DISTINCTIVE);
            terms.distinctive(|id| vocabulary.term(id), &mut buffers.order, &mut ids);
            (terms.weight, ids)
        });
        self.placed = weighed.iter().map(|&(weight, _)| Placed { weight, density: 0.0 }).collect();
        let mut keys = Keys { ids: Vec::new(), starts: vec![0] };
        for (_, ids) in weighed {
            keys.ids.extend(ids);
            keys.starts.push(keys.ids.len());
        }
        keys
    }

    /// The pairs of ranks that are worth comparing, `a < b`, in order. A pair counts if either of
    /// the two finds the other.
    pub(crate) fn pairs(&self, collection: &Collection) -> Vec<(u32, u32)> {
        let all: Vec<u32> = (0..self.numbers.len() as u32).collect();
        let found = parallel::map(&all, Buffers::default, |buffers, &rank| {
            pairs_of(rank, self.near(collection, rank, buffers))
        });
        distinct(found.into_iter().flatten().collect())
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
        let mut ids = std::mem::take(&mut buffers.ids);
        let vocabulary = collection.vocabulary();
        let own = self.weighed(collection, rank);
        own.distinctive(|id| vocabulary.term(id), &mut buffers.order, &mut ids);
        let keys = self.keys(collection, rank, &ids);
        self.candidates.look_up(&keys, &mut buffers.scratch);
        let near = self.candidates.near(&keys, &mut buffers.scratch);
        buffers.ids = ids;
        near
    }

    fn keys<'k>(&self, collection: &'k Collection, rank: u32, ids: &'k [u32]) -> CandidateKeys<'k> {
        let number = self.number(rank);
        CandidateKeys {
            terms: ids,
            shingles: least_shingles(collection.sample(number)),
            date: collection.facts(number).date,
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
        let judged = parallel::map(&groups, Spread::default, |spread, group| {
            let left = self.side(collection, group[0].0);
            spread.fill(&left.terms, collection.vocabulary().len());
            let judged = group.iter().filter_map(|&(a, b)| {
                let right = self.side(collection, b);
                let terms = spread.similarity(&right.terms);
                let terms = terms.unwrap_or_else(|| similarity(&left.terms, &right.terms));
                judge(a, b, Evidence::with_terms(terms, &left, &right, &self.commonplaces))
            });
            judged.collect::<Vec<R>>()
        });
        judged.into_iter().flatten().collect()
    }

    fn side<'a>(&'a self, collection: &'a Collection, rank: u32) -> Side<'a> {
        let number = self.number(rank);
        let facts = collection.facts(number);
        Side {
            content: facts.content,
            words: facts.words,
            language: facts.language,
            date: facts.date,
            terms: self.weighed(collection, rank),
            sample: collection.sample(number),
            density: self.placed[rank as usize].density,
        }
    }

    fn weighed<'a>(&'a self, collection: &'a Collection, rank: u32) -> Weighed<'a> {
        let number = self.number(rank);
        let language = collection.facts(number).language;
        Weighed {
            terms: collection.terms(number),
            rarities: RaritiesOf::Id(self.rarities.of(language)),
            language,
            weight: self.placed[rank as usize].weight,
        }
    }

    /// The density around an article that was just looked up; it is in the collection with the rank
    /// `own`, or outside.
    fn density(
        &self,
        collection: &Collection,
        terms: &Weighed<'_>,
        keys: &CandidateKeys<'_>,
        own: Option<u32>,
        Buffers { scratch, spread, .. }: &mut Buffers,
    ) -> f32 {
        let crowd = self.candidates.crowd(keys, NEIGHBOURS.end + 1, scratch);
        spread.fill(terms, collection.vocabulary().len());
        let others = crowd.iter().filter(|&&other| Some(other) != own);
        let neighbours = others.take(NEIGHBOURS.end).skip(NEIGHBOURS.start).step_by(NEIGHBOUR_STEP);
        let similarities = neighbours.map(|&other| {
            let other = self.weighed(collection, other);
            spread.similarity(&other).unwrap_or_else(|| similarity(terms, &other)).all
        });
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
    order: Vec<(u32, u32)>,
    ids: Vec<u32>,
    spread: Spread,
}

/// The numbers of all articles in the order of the days, undated ones last, and within a day by a
/// hash of the id.
fn in_order_of_days(collection: &Collection) -> Vec<u32> {
    let mut order: Vec<u32> = collection.numbers().collect();
    order.sort_unstable_by(|&x, &y| {
        let key = |number| {
            let facts = collection.facts(number);
            (facts.date.is_none(), facts.date, facts.tie)
        };
        key(x).cmp(&key(y)).then_with(|| collection.id(x).cmp(collection.id(y)))
    });
    order
}

/// The pairs of an article with those near it.
fn pairs_of(rank: u32, near: &[u32]) -> Vec<u64> {
    let others = near.iter().filter(|&&other| other != rank);
    others.map(|&other| u64::from(rank.min(other)) << 32 | u64::from(rank.max(other))).collect()
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
    terms: Vec<u32>,
    /// Beside the terms.
    rarities: Vec<Rarity>,
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
    ///
    /// `strangers` are the terms that no article of the collection has: visitors to be compared with
    /// one another share them.
    pub(crate) fn new(
        article: &Article<'_>,
        fingerprint: Fingerprint,
        collection: &Collection,
        index: &Index,
        strangers: &mut Vec<u32>,
    ) -> Self {
        let vocabulary = collection.vocabulary();
        let language = fingerprint.language();
        let known = index.rarities.of(language);
        let mut weighed: Vec<(u32, Rarity)> = fingerprint
            .terms()
            .iter()
            .map(|&term| {
                let id = vocabulary.id(term.term);
                let rarity = id.and_then(|id| known.get(id as usize)).copied();
                let rarity = rarity.unwrap_or_else(|| {
                    let nats = vocabulary.rarity(language, term.term, 0);
                    Rarity::new(nats, is_number(term.term))
                });
                let id =
                    id.unwrap_or_else(|| vocabulary.len() as u32 + place_in(strangers, term.term));
                (KeptTerm::new(id, term.frequency).0, rarity)
            })
            .collect();
        weighed.sort_unstable_by_key(|&(term, _)| term);
        let (terms, rarities): (Vec<_>, Vec<_>) = weighed.into_iter().unzip();
        let date = article.get_date();
        let twin = collection.number(article.id()).map(|number| index.rank(number));
        let weight = Weighed::new(&terms, RaritiesOf::Place(&rarities), language).weight;
        let (density, near) = (0.0, Vec::new());
        let mut visitor =
            Visitor { fingerprint, date, terms, rarities, weight, density, near, twin };
        visitor.look_around(collection, index, strangers);
        visitor
    }

    fn look_around(&mut self, collection: &Collection, index: &Index, strangers: &[u32]) {
        let vocabulary = collection.vocabulary();
        let term_of = |id: u32| match id.checked_sub(vocabulary.len() as u32) {
            None => vocabulary.term(id),
            Some(place) => strangers[place as usize],
        };
        let mut buffers = Buffers::default();
        let mut ids = Vec::new();
        self.weighed().distinctive(term_of, &mut buffers.order, &mut ids);
        let days = index.candidates.days();
        let keys = CandidateKeys {
            terms: &ids,
            shingles: least_shingles(self.fingerprint.shingles().sample()),
            date: self.date,
            rank: self.twin.map_or_else(|| days.place(self.date), |rank| rank as usize),
        };
        index.candidates.look_up(&keys, &mut buffers.scratch);
        self.density = index.density(collection, &self.weighed(), &keys, self.twin, &mut buffers);
        let near = index.candidates.near(&keys, &mut buffers.scratch);
        self.near = near.iter().copied().filter(|&other| Some(other) != self.twin).collect();
    }

    fn weighed(&self) -> Weighed<'_> {
        let rarities = RaritiesOf::Place(&self.rarities);
        let language = self.fingerprint.language();
        Weighed { terms: &self.terms, rarities, language, weight: self.weight }
    }

    fn side(&self) -> Side<'_> {
        Side {
            content: self.fingerprint.content(),
            words: self.fingerprint.words() as u32,
            language: self.fingerprint.language(),
            date: self.date,
            terms: self.weighed(),
            sample: self.fingerprint.shingles().sample(),
            density: self.density,
        }
    }

    /// What is known of it and an article of the collection.
    pub(crate) fn evidence(&self, collection: &Collection, index: &Index, other: u32) -> Evidence {
        Evidence::new(&self.side(), &index.side(collection, other), &index.commonplaces)
    }

    /// What is known of two articles from outside.
    pub(crate) fn evidence_with(&self, other: &Visitor, index: &Index) -> Evidence {
        Evidence::new(&self.side(), &other.side(), &index.commonplaces)
    }
}

/// The place of a value, which is put last if it has none.
fn place_in(values: &mut Vec<u32>, value: u32) -> u32 {
    let place = values.iter().position(|&other| other == value);
    place.unwrap_or_else(|| {
        values.push(value);
        values.len() - 1
    }) as u32
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
