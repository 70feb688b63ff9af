//! The articles of a collection by rank, weighed by the counts of all: what a pair of them is judged by.
//!
//! The articles may be those of a whole collection or some of them, as long as they keep their order: no
//! judgement of a pair depends on a third article but by the [`Counts`] and the densities.

use std::ops::Range;
use std::sync::Arc;

use super::around::{CHUNK, Chunks, WeighedChunk};
use super::reprints::Reprint;
use crate::corpus::boilerplate::BoilerplatePhrases;
use crate::corpus::collection::Articles;
use crate::corpus::fingerprint::KeptTerm;
use crate::corpus::vocabulary::Vocabulary;
use crate::kernel::prefetch;
use crate::parallel;
use crate::score::evidence::{Evidence, ScoredArticle};
use crate::score::terms::{
    Rarities, RaritiesOf, TermNorms, TermSimilarity, TermTable, WeightedTerms, distinctive,
};
use crate::text::language::Language;

/// What the leaders of a collection teach about words and phrases.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// How often each word is in a leader.
    pub(crate) vocabulary: Vocabulary,
    rarities: Rarities,
    pub(crate) boilerplate: BoilerplatePhrases,
}

impl Counts {
    /// Linear in the vocabulary.
    pub(crate) fn new(vocabulary: Vocabulary, boilerplate: BoilerplatePhrases) -> Self {
        Counts { rarities: Rarities::new(&vocabulary), vocabulary, boilerplate }
    }

    /// Counts some articles. Linear in their terms and sampled shingles.
    pub(super) fn of(articles: &Articles, numbers: &[u32]) -> Self {
        let samples = numbers.iter().map(|&number| articles.sample(number));
        Counts::new(vocabulary_of(articles, numbers), BoilerplatePhrases::of(samples))
    }

    /// How rare the words of a language are.
    pub(super) fn rarities(&self, language: Language) -> RaritiesOf<'_> {
        self.rarities.of(&self.vocabulary, language)
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.vocabulary.memory_usage()
            + self.rarities.memory_usage()
            + self.boilerplate.memory_usage()
    }
}

/// Counts the words of some articles.
pub(super) fn vocabulary_of(articles: &Articles, numbers: &[u32]) -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for &number in numbers {
        let terms = articles.terms(number).iter().map(|&term| KeptTerm(term).term());
        vocabulary.add(articles.facts(number).language, terms);
    }
    vocabulary
}

/// The weights of an article in the collection.
#[derive(Debug, Clone, Copy, Default)]
struct TermStats {
    weight: TermNorms,
    /// How similar its background is to it, see [`density`](super::around::density).
    density: f32,
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
    pub(super) fn new(one: u32, other: u32, terms: TermSimilarity) -> Self {
        if one < other {
            ComparedPair { pair: (one, other), terms }
        } else {
            ComparedPair { pair: (other, one), terms: terms.flipped() }
        }
    }
}

/// Articles by rank: leaders first, then what follows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RankedArticles {
    /// The number of each article by its rank.
    numbers: Vec<u32>,
    /// How many articles lead: all that compares articles with one another looks at them alone.
    leaders: usize,
    /// What each article follows that does not lead, from rank `leaders` on, by rank.
    reprints: Vec<Reprint>,
    /// What is followed, each with an article that follows it, notices aside; in order.
    followers: Vec<(u32, u32)>,
    counts: Arc<Counts>,
    /// By rank.
    stats: Vec<TermStats>,
}

impl RankedArticles {
    /// Weighs the leaders. Their densities, and the weights of the others, wait for
    /// [`RankedArticles::set_densities`].
    pub(super) fn weighed(
        articles: &Articles,
        numbers: Vec<u32>,
        reprints: Vec<Reprint>,
        counts: Arc<Counts>,
    ) -> (Self, Chunks<WeighedChunk>) {
        let leaders = numbers.len() - reprints.len();
        let all = (leaders as u32..).zip(&reprints).filter(|(_, reprint)| !reprint.is_notice);
        let mut followers: Vec<(u32, u32)> =
            all.map(|(rank, reprint)| (reprint.of, rank)).collect();
        followers.sort_unstable();
        let stats = Vec::new();
        let mut this = RankedArticles { numbers, leaders, reprints, followers, counts, stats };
        let weighed = this.weigh(articles);
        let weights = weighed.iter().flat_map(|chunk| &chunk.weights);
        this.stats = weights.map(|&weight| TermStats { weight, density: 0.0 }).collect();
        (this, weighed)
    }

    /// Takes the densities of the leaders, and weighs what follows them: each has its leader's density.
    pub(super) fn set_densities(&mut self, articles: &Articles, densities: &[f32]) {
        self.stats.iter_mut().zip(densities).for_each(|(stats, &is)| stats.density = is);
        let followers = self.leaders().end..self.numbers.len() as u32;
        // Of those with other terms than what they follow; titles differ even where all else is the same.
        let weights = by_chunks(followers, Vec::new, |rarities, ranks| {
            let weight = |rank| {
                let of = self.reprint(rank)?.of;
                let facts = |rank| {
                    let number = self.number(rank);
                    (articles.facts(number).language, articles.terms(number))
                };
                (facts(rank) != facts(of)).then(|| {
                    let (terms, of_language) = self.terms(articles, rank);
                    of_language.of_all(terms, rarities);
                    TermNorms::new(terms, rarities)
                })
            };
            ranks.map(weight).collect::<Vec<Option<TermNorms>>>()
        });
        for (reprint, weight) in self.reprints.iter().zip(weights.concat()) {
            // What it follows is a leader, or came before it.
            let of = self.stats[reprint.of as usize];
            self.stats.push(TermStats { weight: weight.unwrap_or(of.weight), ..of });
        }
    }

    /// Weighs every leader and finds its distinctive words.
    pub(super) fn weigh(&self, articles: &Articles) -> Chunks<WeighedChunk> {
        Chunks(by_chunks(self.leaders(), Buffers::default, |buffers, ranks| {
            let mut chunk = WeighedChunk::default();
            for rank in ranks {
                let Buffers { rarities, order, heaviest } = buffers;
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

    /// The ranks of the leaders.
    pub(super) fn leaders(&self) -> Range<u32> {
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

    /// The articles that are followed, each with one that follows it; notices aside, in order.
    pub(super) fn followed_pairs(&self) -> &[(u32, u32)] {
        &self.followers
    }

    /// The articles that follow an article directly, notices aside.
    pub(super) fn following(&self, rank: u32) -> impl Iterator<Item = u32> {
        let start = self.followers.partition_point(|&(of, _)| of < rank);
        let of_one = self.followers[start..].iter().take_while(move |&&(of, _)| of == rank);
        of_one.map(|&(_, follower)| follower)
    }

    /// The number of the article of a rank.
    pub(crate) fn number(&self, rank: u32) -> u32 {
        self.numbers[rank as usize]
    }

    /// The weights of an article, and the density around it.
    pub(crate) fn stats(&self, rank: u32) -> (TermNorms, f32) {
        let TermStats { weight, density } = self.stats[rank as usize];
        (weight, density)
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The evidence on two articles of the collection.
    pub(crate) fn evidence(&self, articles: &Articles, left: u32, right: u32) -> Evidence {
        let (left, right) = (self.scored(articles, left), self.scored(articles, right));
        Evidence::new(&left, &right, &self.counts.boilerplate)
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
                    let boilerplate = &self.counts.boilerplate;
                    judge(a, b, Evidence::with_terms(terms, &left, &right, boilerplate))
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
        let verdicts = parallel::map(&groups, Default::default, |buffers, group| {
            let (table, rarities): &mut (TermTable, Vec<u16>) = buffers;
            let left = self.scored(articles, group[0].0);
            left.terms.rarities.of_all(left.terms.terms, rarities);
            table.fill(&left.terms, rarities);
            let verdicts = group.iter().filter_map(|&(a, b)| {
                let right = self.scored(articles, b);
                let terms = table.or_merged(&left.terms, &right.terms);
                judge(a, b, Evidence::with_terms(terms, &left, &right, &self.counts.boilerplate))
            });
            verdicts.collect::<Vec<R>>()
        });
        verdicts.into_iter().flatten().collect()
    }

    pub(super) fn scored<'a>(&'a self, articles: &'a Articles, rank: u32) -> ScoredArticle<'a> {
        let number = self.number(rank);
        let facts = articles.facts(number);
        ScoredArticle {
            marks: articles.marks(number),
            title: facts.title,
            content: facts.content,
            words: facts.words,
            language: facts.language,
            date: facts.date,
            terms: self.weighted(articles, rank),
            sample: articles.sample(number),
            density: self.stats[rank as usize].density,
        }
    }

    pub(super) fn weighted<'a>(&'a self, articles: &'a Articles, rank: u32) -> WeightedTerms<'a> {
        let (terms, rarities) = self.terms(articles, rank);
        WeightedTerms { terms, rarities, weight: self.stats[rank as usize].weight }
    }

    /// The terms of an article, and how rare the words of its language are.
    fn terms<'a>(&'a self, articles: &'a Articles, rank: u32) -> (&'a [u32], RaritiesOf<'a>) {
        let number = self.number(rank);
        (articles.terms(number), self.counts.rarities(articles.facts(number).language))
    }

    /// The same articles; each one's words are prefetched while the one before it is compared.
    pub(super) fn staged(
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

    /// Bytes held on the heap.
    pub(super) fn memory_usage(&self) -> usize {
        self.numbers.capacity() * size_of::<u32>()
            + self.stats.capacity() * size_of::<TermStats>()
            + self.reprints.capacity() * size_of::<Reprint>()
            + self.followers.capacity() * size_of::<(u32, u32)>()
            + self.counts.memory_usage()
    }
}

/// Buffers that one thread reuses from article to article.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    pub(super) rarities: Vec<u16>,
    pub(super) order: Vec<u64>,
    pub(super) heaviest: Vec<u32>,
}

/// Runs `work` on each chunk of some ranks, in parallel.
pub(super) fn by_chunks<S, R: Send>(
    ranks: Range<u32>,
    scratch: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, Range<u32>) -> R + Sync + Send,
) -> Vec<R> {
    let starts: Vec<u32> = ranks.clone().step_by(CHUNK).collect();
    parallel::map(&starts, scratch, |scratch, &start| {
        work(scratch, start..ranks.end.min(start + CHUNK as u32))
    })
}
