//! The index over a whole collection: weights of words, densities, candidates, evidence on pairs.
//!
//! Takes a collection; gives the pairs whose words allow them to reach a level, and the evidence on any
//! pair. The articles are ordered by day, undated ones last, and by a hash of the id within a day. The
//! position in this order is an article's *rank*. Ranks depend on the set of articles only, so breaking
//! every tie by rank makes all answers independent of insertion order. Building is linear in the articles
//! and their candidates. There are no incremental updates, because one article changes all weights.

use std::ops::Range;

use crate::candidates::{
    CandidateIndex, CandidateKeys, Days, ListedHashes, OwnPlaces, Scratch, bottom_shingles,
};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::BoilerplatePhrases;
use crate::corpus::collection::Articles;
use crate::corpus::fingerprint::{Fingerprint, KeptTerm, key_positions};
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::reprints::{Reprint, Reprints};
use crate::kernel::prefetch;
use crate::parallel;
use crate::score::evidence::{Evidence, ScoredArticle, containment};
use crate::score::relation::{Cuts, Level};
use crate::score::reprint::Printed;
use crate::score::terms::{
    Rarities, RaritiesOf, TermNorms, TermSimilarity, TermTable, WeightedTerms, distinctive,
};

/// The weights of an article in the collection.
#[derive(Debug, Clone, Copy, Default)]
struct TermStats {
    weight: TermNorms,
    /// How similar its background is to it, see [`density`].
    density: f32,
}

/// The index over one state of a collection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// The number of each article by its rank, and the other way round. The leaders come first.
    numbers: Vec<u32>,
    ranks: Vec<u32>,
    /// How many articles lead: all that follows looks at them alone.
    leaders: usize,
    /// What each article follows that does not lead, from rank `leaders` on, by rank.
    reprints: Vec<Reprint>,
    /// The fillings of each series, as numbers of articles.
    pub(crate) series: Vec<Vec<Vec<u32>>>,
    /// How many list entries and leaders were left out where reprints were looked for.
    pub(crate) not_compared: u64,
    /// How often each word is in a leader.
    vocabulary: Vocabulary,
    /// By rank.
    stats: Vec<TermStats>,
    rarities: Rarities,
    candidates: CandidateIndex,
    boilerplate: BoilerplatePhrases,
}

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
#[derive(Debug, Default)]
struct Lists<T> {
    values: Vec<T>,
    /// Where the list of each article ends.
    ends: Vec<u32>,
}

impl<T> Lists<T> {
    fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.values.extend(list);
        self.ends.push(self.values.len() as u32);
    }

    fn of(&self, article: usize) -> &[T] {
        let start = article.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start as usize..self.ends[article] as usize]
    }
}

/// How many articles of consecutive rank are one unit of parallel work.
const CHUNK: usize = 256;

/// Values of all articles by rank, in chunks of [`CHUNK`] articles.
struct Chunks<C>(Vec<C>);

impl<C> Chunks<C> {
    /// The chunk of a rank, and the position in it.
    fn of(&self, rank: u32) -> (&C, usize) {
        (&self.0[rank as usize / CHUNK], rank as usize % CHUNK)
    }

    /// The list of a rank, among the lists that `lists` selects.
    fn list<T>(&self, rank: u32, lists: impl Fn(&C) -> &Lists<T>) -> &[T] {
        let (chunk, at) = self.of(rank);
        lists(chunk).of(at)
    }
}

/// The weights of a chunk of articles.
#[derive(Default)]
struct WeightedChunk {
    weights: Vec<TermNorms>,
    /// The rarities of their terms.
    rarities: Lists<u16>,
    /// Their distinctive words.
    distinctive: Lists<u32>,
}

impl Chunks<WeightedChunk> {
    fn distinctive(&self, rank: u32) -> &[u32] {
        self.list(rank, |chunk| &chunk.distinctive)
    }
}

/// The results of looking up a chunk of articles.
#[derive(Default)]
struct LookUpChunk {
    /// The candidates of each article, ascending.
    near: Lists<u32>,
    /// Those of them of which most stands in the article, ascending.
    contained: Lists<u32>,
    /// The articles that each density is measured at.
    neighbours: Lists<u32>,
}

impl Chunks<LookUpChunk> {
    fn near(&self, rank: u32) -> &[u32] {
        self.list(rank, |chunk| &chunk.near)
    }
}

/// Two articles whose words were compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComparedPair {
    /// Their ranks, the lower one first.
    pub(crate) pair: (u32, u32),
    /// The similarity of their words, with the lower rank on the left.
    terms: TermSimilarity,
}

impl ComparedPair {
    /// Two articles of any ranks; `terms` has the first one on the left.
    fn new(one: u32, other: u32, terms: TermSimilarity) -> Self {
        if one < other {
            ComparedPair { pair: (one, other), terms }
        } else {
            ComparedPair { pair: (other, one), terms: terms.flipped() }
        }
    }
}

impl Index {
    /// Weighs every article by the counts of all, and lists it for the candidate sources; and the pairs
    /// that may reach a level by their words, in order. A pair counts if either of the two finds the
    /// other. Linear in the articles and their candidates.
    pub(crate) fn new(articles: &Articles, cuts: &Cuts) -> (Self, Vec<ComparedPair>) {
        let order = in_order_of_days(articles);
        let found =
            Reprints::find(order.len() as u32, |at| Printed::of(articles, order[at as usize]));
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
        let mut vocabulary = Vocabulary::default();
        for &number in &numbers[..leading.len()] {
            let terms = articles.terms(number).iter().map(|&term| KeptTerm(term).term());
            vocabulary.add(articles.facts(number).language, terms);
        }
        let mut index = Index {
            stats: Vec::new(),
            candidates: CandidateIndex::default(),
            boilerplate: BoilerplatePhrases::default(),
            leaders: leading.len(),
            reprints,
            series: Vec::new(),
            not_compared: found.not_compared,
            numbers,
            ranks,
            rarities: Rarities::new(&vocabulary),
            vocabulary,
        };
        let weighed = index.weigh(articles);
        let weights = weighed.0.iter().flat_map(|chunk| &chunk.weights);
        index.stats = weights.map(|&weight| TermStats { weight, density: 0.0 }).collect();
        let leading = &index.numbers[..index.leaders];
        let facts = leading.iter().map(|&number| articles.facts(number));
        let samples = leading.iter().map(|&number| articles.sample(number));
        let (candidates, places) = CandidateIndex::with_places(
            Days::new(facts.map(|facts| facts.date)),
            index.all_ranks().map(|rank| weighed.distinctive(rank)),
            samples.map(bottom_shingles),
        );
        index.candidates = candidates;
        let around = index.look_up_all(articles, &weighed, Some(&places));
        drop(places);
        let (densities, compared) = index.compare(articles, &weighed, &around, cuts);
        index.stats.iter_mut().zip(densities).for_each(|(stats, is)| stats.density = is);
        let samples = index.all_ranks().map(|rank| articles.sample(index.number(rank)));
        index.boilerplate = BoilerplatePhrases::of(samples);
        for (rank, at) in (index.leaders as u32..).zip(following) {
            let (terms, of_language) = index.terms(articles, rank);
            let mut rarities = Vec::new();
            of_language.of_all(terms, &mut rarities);
            let leader = order[found.leader(at as u32) as usize];
            let density = index.stats[index.rank(leader) as usize].density;
            index.stats.push(TermStats { weight: TermNorms::new(terms, &rarities), density });
        }
        index.series = found.series();
        index.series.iter_mut().flatten().flatten().for_each(|at| *at = order[*at as usize]);
        (index, compared)
    }

    /// The pairs that [`Index::new`] returned, computed again.
    pub(crate) fn compared(&self, articles: &Articles, cuts: &Cuts) -> Vec<ComparedPair> {
        let weighed = self.weigh(articles);
        let around = self.look_up_all(articles, &weighed, None);
        self.compare(articles, &weighed, &around, cuts).1
    }

    /// Weighs every article and finds its distinctive words.
    fn weigh(&self, articles: &Articles) -> Chunks<WeightedChunk> {
        Chunks(self.by_chunks(BatchBuffers::default, |buffers, ranks| {
            let mut chunk = WeightedChunk::default();
            for rank in ranks {
                let BatchBuffers { rarities, order, heaviest, .. } = buffers;
                let (terms, of_language) = self.terms(articles, rank);
                of_language.of_all(terms, rarities);
                distinctive(terms, rarities, order, heaviest);
                chunk.weights.push(TermNorms::new(terms, rarities));
                chunk.rarities.push(rarities.iter().copied());
                chunk.distinctive.push(heaviest.iter().copied());
            }
            chunk
        }))
    }

    /// Looks every article up: its candidates, its background, and whether it is a reprint.
    fn look_up_all(
        &self,
        articles: &Articles,
        weighed: &Chunks<WeightedChunk>,
        places: Option<&OwnPlaces>,
    ) -> Chunks<LookUpChunk> {
        let listed = self.candidates.listed_hashes();
        Chunks(self.by_chunks(Scratch::default, |scratch, ranks| {
            let mut chunk = LookUpChunk::default();
            for rank in ranks {
                let keys = self.keys(articles, rank, weighed.distinctive(rank));
                match places {
                    Some(places) => self.candidates.look_up_listed(&keys, places, scratch),
                    None => self.candidates.look_up(&keys, scratch),
                }
                chunk.neighbours.push(neighbours(self.background(&keys, Some(rank), scratch)));
                let mut near = self.candidates.near(&keys, scratch).to_vec();
                let contained = self.contained(articles, rank, &listed, scratch);
                near.extend_from_slice(&contained);
                near.sort_unstable();
                near.dedup();
                chunk.near.push(near.into_iter().filter(|&other| other != rank));
                chunk.contained.push(contained);
            }
            chunk
        }))
    }

    /// The leaders of which most stands in a leader, ascending.
    fn contained(
        &self,
        articles: &Articles,
        rank: u32,
        listed: &ListedHashes,
        scratch: &mut Scratch,
    ) -> Vec<u32> {
        let sample = articles.sample(self.number(rank));
        let reach = sample.reach();
        let is_contained = |&(shared, other): &(u16, u32)| {
            let part = articles.sample(self.number(other));
            // Of a part with 0.6 of its shingles here a third of the smallest ones is hardly ever missing.
            let comparable = bottom_shingles(part).iter().take_while(|&&value| value <= reach);
            other != rank && usize::from(shared) * 3 >= comparable.count() && {
                let phrases = sample.overlap(part);
                containment(&phrases) >= Cuts::DEFAULT.of(Level::Copy)
            }
        };
        let candidates = self.candidates.contained(sample, listed, scratch).iter();
        let candidates = candidates.filter(|found| is_contained(found));
        let mut contained: Vec<u32> = candidates.map(|&(_, other)| other).collect();
        contained.sort_unstable();
        contained
    }

    /// Compares the words of every article with its background and its candidates. Returns the densities
    /// and the pairs that may reach a level. Two articles that find each other are compared once.
    fn compare(
        &self,
        articles: &Articles,
        weighed: &Chunks<WeightedChunk>,
        around: &Chunks<LookUpChunk>,
        cuts: &Cuts,
    ) -> (Vec<f32>, Vec<ComparedPair>) {
        let chunks = self.by_chunks(TermTable::default, |table, ranks| {
            let (mut densities, mut compared) = (Vec::new(), Vec::new());
            for rank in ranks {
                let own = self.weighed(articles, rank);
                table.fill(&own, weighed.list(rank, |chunk| &chunk.rarities));
                let neighbours = around.list(rank, |chunk| &chunk.neighbours).iter().copied();
                let density = self.density(articles, &own, neighbours, Some(rank), table);
                densities.push(density);
                let own = ScoredArticle { density, ..self.scored(articles, rank) };
                let asks =
                    |&other: &u32| other > rank || around.near(other).binary_search(&rank).is_err();
                let others = around.near(rank).iter().copied().filter(asks);
                compared.extend(self.staged(articles, others).filter_map(|other| {
                    let side = self.scored(articles, other);
                    let terms = table.or_merged(&own.terms, &side.terms);
                    let is_contained = |one, two: u32| {
                        let contained = around.list(one, |chunk| &chunk.contained);
                        contained.binary_search(&two).is_ok()
                    };
                    let is_worth = Evidence::may_reach(terms, &own, &side, cuts)
                        || is_contained(rank, other)
                        || is_contained(other, rank);
                    is_worth.then(|| ComparedPair::new(rank, other, terms))
                }));
            }
            (densities, compared)
        });
        let (densities, compared): (Vec<Vec<f32>>, Vec<Vec<ComparedPair>>) =
            chunks.into_iter().unzip();
        let mut compared = compared.concat();
        compared.sort_unstable_by_key(|compared| compared.pair);
        (densities.concat(), compared)
    }

    /// Runs `work` on each chunk of ranks, in parallel.
    fn by_chunks<S, R: Send>(
        &self,
        scratch: impl Fn() -> S + Sync + Send,
        work: impl Fn(&mut S, Range<u32>) -> R + Sync + Send,
    ) -> Vec<R> {
        let end = self.leaders as u32;
        let starts: Vec<u32> = (0..end).step_by(CHUNK).collect();
        parallel::map(&starts, scratch, |scratch, &start| {
            work(scratch, start..end.min(start + CHUNK as u32))
        })
    }

    /// The same articles; each one's words are prefetched while the one before it is compared.
    fn staged(
        &self,
        articles: &Articles,
        others: impl Iterator<Item = u32> + Clone,
    ) -> impl Iterator<Item = u32> {
        others.clone().for_each(|other| articles.prefetch_facts(self.number(other)));
        let next = others.clone().skip(1).map(Some).chain([None]);
        others.zip(next).map(|(other, next)| {
            if let Some(next) = next {
                prefetch(articles.terms(self.number(next)));
            }
            other
        })
    }

    /// Every candidate pair of ranks, `a < b`, in order.
    pub(crate) fn candidates(&self, articles: &Articles) -> Vec<(u32, u32)> {
        let around = self.look_up_all(articles, &self.weigh(articles), None);
        let near_to = |rank: u32| {
            let near = around.near(rank).iter();
            near.map(move |&other| (rank.min(other), rank.max(other)))
        };
        let mut pairs: Vec<(u32, u32)> = self.all_ranks().flat_map(near_to).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    pub(super) fn all_ranks(&self) -> Range<u32> {
        0..self.leaders as u32
    }

    /// What an article follows, unless it leads.
    pub(crate) fn reprint(&self, rank: u32) -> Option<Reprint> {
        self.reprints.get((rank as usize).checked_sub(self.leaders)?).copied()
    }

    /// The articles that do not lead, each with what it follows.
    pub(crate) fn reprints(&self) -> impl Iterator<Item = (u32, Reprint)> {
        (self.leaders as u32..).zip(self.reprints.iter().copied())
    }

    /// The number of the article of a rank.
    pub(crate) fn number(&self, rank: u32) -> u32 {
        self.numbers[rank as usize]
    }

    /// The rank of the article of a number.
    pub(crate) fn rank(&self, number: u32) -> u32 {
        self.ranks[number as usize]
    }

    /// The weights of an article, and the density around it.
    pub(crate) fn stats(&self, rank: u32) -> (TermNorms, f32) {
        let TermStats { weight, density } = self.stats[rank as usize];
        (weight, density)
    }

    /// How often each word is in a leader, and the boilerplate phrases.
    pub(crate) fn counts(&self) -> (Vocabulary, BoilerplatePhrases) {
        (self.vocabulary.clone(), self.boilerplate.clone())
    }

    /// The distinctive words of each leader, heaviest first, as positions among its terms.
    pub(crate) fn distinctive_positions(&self, articles: &Articles) -> Vec<Vec<u8>> {
        let weighed = self.weigh(articles);
        let of = |rank| key_positions(articles.terms(self.number(rank)), weighed.distinctive(rank));
        self.all_ranks().map(of).collect()
    }

    /// The candidates of an article, which include the article itself.
    pub(crate) fn near<'b>(
        &self,
        articles: &Articles,
        rank: u32,
        buffers: &'b mut BatchBuffers,
    ) -> &'b [u32] {
        let BatchBuffers { rarities, order, heaviest, scratch, .. } = buffers;
        let own = self.weighed(articles, rank);
        own.rarities.of_all(own.terms, rarities);
        distinctive(own.terms, rarities, order, heaviest);
        let keys = self.keys(articles, rank, heaviest);
        self.candidates.look_up(&keys, scratch);
        self.candidates.near(&keys, scratch)
    }

    fn keys<'k>(
        &self,
        articles: &'k Articles,
        rank: u32,
        distinctive: &'k [u32],
    ) -> CandidateKeys<'k> {
        let number = self.number(rank);
        CandidateKeys {
            terms: distinctive,
            shingles: bottom_shingles(articles.sample(number)),
            date: articles.facts(number).date,
            rank: rank as usize,
        }
    }

    /// The evidence on two articles of the collection.
    pub(crate) fn evidence(&self, articles: &Articles, left: u32, right: u32) -> Evidence {
        let (left, right) = (self.scored(articles, left), self.scored(articles, right));
        Evidence::new(&left, &right, &self.boilerplate)
    }

    /// What `judge` keeps of some pairs whose words were compared, in their order. In parallel.
    pub(crate) fn judge<R: Send>(
        &self,
        articles: &Articles,
        pairs: &[ComparedPair],
        judge: impl Fn(u32, u32, Evidence) -> Option<R> + Sync,
    ) -> Vec<R> {
        let chunks: Vec<&[ComparedPair]> = pairs.chunks(CHUNK).collect();
        let verdicts = parallel::map(
            &chunks,
            || (),
            |(), pairs| {
                let verdicts = pairs.iter().filter_map(|&ComparedPair { pair: (a, b), terms }| {
                    let (left, right) = (self.scored(articles, a), self.scored(articles, b));
                    judge(a, b, Evidence::with_terms(terms, &left, &right, &self.boilerplate))
                });
                verdicts.collect::<Vec<R>>()
            },
        );
        verdicts.into_iter().flatten().collect()
    }

    /// What `judge` keeps of some pairs, in their order. In parallel; pairs must be grouped by the first.
    pub(crate) fn verify<R: Send>(
        &self,
        articles: &Articles,
        pairs: &[(u32, u32)],
        judge: impl Fn(u32, u32, Evidence) -> Option<R> + Sync,
    ) -> Vec<R> {
        // The term table is filled once for all pairs of an article.
        let groups: Vec<&[(u32, u32)]> = pairs.chunk_by(|one, two| one.0 == two.0).collect();
        let verdicts = parallel::map(&groups, BatchBuffers::default, |buffers, group| {
            let left = self.scored(articles, group[0].0);
            left.terms.rarities.of_all(left.terms.terms, &mut buffers.rarities);
            buffers.table.fill(&left.terms, &buffers.rarities);
            let verdicts = group.iter().filter_map(|&(a, b)| {
                let right = self.scored(articles, b);
                let terms = buffers.table.or_merged(&left.terms, &right.terms);
                judge(a, b, Evidence::with_terms(terms, &left, &right, &self.boilerplate))
            });
            verdicts.collect::<Vec<R>>()
        });
        verdicts.into_iter().flatten().collect()
    }

    fn scored<'a>(&'a self, articles: &'a Articles, rank: u32) -> ScoredArticle<'a> {
        let number = self.number(rank);
        let facts = articles.facts(number);
        ScoredArticle {
            marks: articles.marks(number),
            title: facts.title,
            content: facts.content,
            words: facts.words,
            language: facts.language,
            date: facts.date,
            terms: self.weighed(articles, rank),
            sample: articles.sample(number),
            density: self.stats[rank as usize].density,
        }
    }

    fn weighed<'a>(&'a self, articles: &'a Articles, rank: u32) -> WeightedTerms<'a> {
        let (terms, rarities) = self.terms(articles, rank);
        WeightedTerms { terms, rarities, weight: self.stats[rank as usize].weight }
    }

    /// The terms of an article, and how rare the words of its language are.
    fn terms<'a>(&'a self, articles: &'a Articles, rank: u32) -> (&'a [u32], RaritiesOf<'a>) {
        let number = self.number(rank);
        let language = articles.facts(number).language;
        let rarities = self.rarities.of(&self.vocabulary, language);
        (articles.terms(number), rarities)
    }

    /// The background of the article that was just looked up, closest first and without itself. `own` is
    /// its rank if it is in the collection.
    fn background<'s>(
        &self,
        keys: &CandidateKeys<'_>,
        own: Option<u32>,
        scratch: &'s mut Scratch,
    ) -> impl Iterator<Item = u32> + Clone + use<'s> {
        let background = self.candidates.background(keys, BACKGROUND_RANKS.end + 1, scratch).iter();
        background.map(|best| best.rank).filter(move |&other| Some(other) != own)
    }

    /// The density around the article whose words fill `table`, measured at `neighbours`.
    fn density(
        &self,
        articles: &Articles,
        terms: &WeightedTerms<'_>,
        neighbours: impl Iterator<Item = u32> + Clone,
        own: Option<u32>,
        table: &TermTable,
    ) -> f32 {
        let similarities = self
            .staged(articles, neighbours)
            .map(|other| table.or_merged(terms, &self.weighed(articles, other)).all);
        density(similarities, self.candidates.days().others_in_background(own.is_some()))
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        (self.numbers.capacity() + self.ranks.capacity()) * size_of::<u32>()
            + self.stats.capacity() * size_of::<TermStats>()
            + self.rarities.memory_usage()
            + self.candidates.memory_usage()
            + self.boilerplate.memory_usage()
            + self.vocabulary.memory_usage()
            + self.reprints.capacity() * size_of::<Reprint>()
            + self.series.iter().flatten().flatten().count() * size_of::<u32>()
    }
}

/// Buffers that one thread reuses from article to article.
#[derive(Debug, Default)]
pub(crate) struct BatchBuffers {
    scratch: Scratch,
    rarities: Vec<u16>,
    order: Vec<u64>,
    heaviest: Vec<u32>,
    table: TermTable,
}

/// The numbers of all articles in the order of their ranks.
fn in_order_of_days(articles: &Articles) -> Vec<u32> {
    let mut order: Vec<u32> = articles.present().collect();
    order.sort_unstable_by(|&x, &y| articles.in_order(x).cmp(&articles.in_order(y)));
    order
}

/// An article outside the collection, weighed by it as if it were in it.
pub(crate) struct QueryArticle {
    fingerprint: Fingerprint,
    date: Option<Date>,
    weight: TermNorms,
    density: f32,
    /// Its candidates.
    pub(crate) near: Vec<u32>,
    /// The article of the collection with the same id, which is ignored.
    pub(crate) same_id: Option<u32>,
}

impl QueryArticle {
    /// Weighs an article and finds its candidates.
    pub(crate) fn new(
        fingerprint: Fingerprint,
        date: Option<Date>,
        same_id: Option<u32>,
        (articles, index): (&Articles, &Index),
    ) -> Self {
        let mut query = QueryArticle {
            date,
            same_id: same_id.map(|number| index.rank(number)),
            weight: TermNorms::default(),
            density: 0.0,
            near: Vec::new(),
            fingerprint,
        };
        query.look_up(articles, index);
        query
    }

    fn look_up(&mut self, articles: &Articles, index: &Index) {
        let mut buffers = BatchBuffers::default();
        let BatchBuffers { rarities, order, heaviest, .. } = &mut buffers;
        self.weighed(index).rarities.of_all(self.fingerprint.terms(), rarities);
        self.weight = TermNorms::new(self.fingerprint.terms(), rarities);
        distinctive(self.fingerprint.terms(), rarities, order, heaviest);
        let own = self.weighed(index);
        buffers.table.fill(&own, &buffers.rarities);
        let days = index.candidates.days();
        let distinctive = std::mem::take(&mut buffers.heaviest);
        let keys = CandidateKeys {
            terms: &distinctive,
            shingles: bottom_shingles(self.fingerprint.shingles().sample()),
            date: self.date,
            rank: self
                .same_id
                .filter(|&twin| (twin as usize) < index.leaders)
                .map_or_else(|| days.place(self.date), |rank| rank as usize),
        };
        index.candidates.look_up(&keys, &mut buffers.scratch);
        let background = index.background(&keys, self.same_id, &mut buffers.scratch);
        let density =
            index.density(articles, &own, neighbours(background), self.same_id, &buffers.table);
        let near = index.candidates.near(&keys, &mut buffers.scratch);
        let near = near.iter().copied().filter(|&other| Some(other) != self.same_id).collect();
        (self.density, self.near) = (density, near);
    }

    fn weighed<'a>(&'a self, index: &'a Index) -> WeightedTerms<'a> {
        let language = self.fingerprint.language();
        let rarities = index.rarities.of(&index.vocabulary, language);
        WeightedTerms { terms: self.fingerprint.terms(), rarities, weight: self.weight }
    }

    fn scored<'a>(&'a self, index: &'a Index) -> ScoredArticle<'a> {
        ScoredArticle {
            marks: self.fingerprint.marks(),
            title: self.fingerprint.title(),
            content: self.fingerprint.content(),
            words: self.fingerprint.words() as u32,
            language: self.fingerprint.language(),
            date: self.date,
            terms: self.weighed(index),
            sample: self.fingerprint.shingles().sample(),
            density: self.density,
        }
    }

    /// The evidence on it and an article of the collection.
    pub(crate) fn evidence(&self, articles: &Articles, index: &Index, other: u32) -> Evidence {
        let (own, other) = (self.scored(index), index.scored(articles, other));
        Evidence::new(&own, &other, &index.boilerplate)
    }

    /// The evidence on two articles outside the collection.
    pub(crate) fn evidence_with(&self, other: &QueryArticle, index: &Index) -> Evidence {
        let (own, other) = (self.scored(index), other.scored(index));
        Evidence::new(&own, &other, &index.boilerplate)
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
