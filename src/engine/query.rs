//! An article that is asked about: weighed, looked up and compared as if it were in the collection.

use super::around::{background, neighbours};
use super::batch::Index;
use super::ranked::Buffers;
use crate::candidates::{CandidateKeys, Scratch, bottom_shingles};
use crate::corpus::article::Date;
use crate::corpus::collection::Articles;
use crate::corpus::fingerprint::Fingerprint;
use crate::score::evidence::{Evidence, ScoredArticle};
use crate::score::terms::{TermNorms, TermTable, WeightedTerms, distinctive};

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
        let Buffers { mut rarities, mut order, mut heaviest } = Buffers::default();
        let (mut scratch, mut table) = (Scratch::default(), TermTable::default());
        self.weighed(index).rarities.of_all(self.fingerprint.terms(), &mut rarities);
        self.weight = TermNorms::new(self.fingerprint.terms(), &rarities);
        distinctive(self.fingerprint.terms(), &rarities, &mut order, &mut heaviest);
        let own = self.weighed(index);
        table.fill(&own, &rarities);
        let candidates = &index.candidates;
        let days = candidates.days();
        let keys = CandidateKeys {
            terms: &heaviest,
            shingles: bottom_shingles(self.fingerprint.shingles().sample()),
            date: self.date,
            rank: self
                .same_id
                .filter(|twin| index.ranked.leaders().contains(twin))
                .map_or_else(|| days.place(self.date), |rank| rank as usize),
        };
        candidates.look_up(&keys, &mut scratch);
        let background = background(candidates, &keys, self.same_id, &mut scratch);
        let others = days.others_in_background(self.same_id.is_some());
        let density = index.ranked.density(articles, &own, neighbours(background), others, &table);
        let near = candidates.near(&keys, &mut scratch);
        let near = near.iter().copied().filter(|&other| Some(other) != self.same_id).collect();
        (self.density, self.near) = (density, near);
    }

    fn weighed<'a>(&'a self, index: &'a Index) -> WeightedTerms<'a> {
        let rarities = index.ranked.counts().rarities(self.fingerprint.language());
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
        let (own, other) = (self.scored(index), index.ranked.scored(articles, other));
        Evidence::new(&own, &other, &index.ranked.counts().boilerplate)
    }

    /// The evidence on two articles outside the collection.
    pub(crate) fn evidence_with(&self, other: &QueryArticle, index: &Index) -> Evidence {
        let (own, other) = (self.scored(index), other.scored(index));
        Evidence::new(&own, &other, &index.ranked.counts().boilerplate)
    }
}
