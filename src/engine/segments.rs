//! All segments of an archive, and what spans them: ids, document frequencies, boilerplate, days.
//!
//! Takes articles one by one; gives candidates and evidence. A look-up asks each segment and divides a
//! fixed budget of postings among them, so its cost hardly depends on the size of the archive. Segments
//! merge as they grow, so there are few of them and each article is rewritten only a few times. An
//! article's weight and density are fixed on arrival; the document frequencies keep changing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use hashbrown::HashTable;
#[cfg(feature = "archive")]
use hashbrown::hash_table;

use super::clock::{Expiry, witnesses};
use super::merging::SegmentMerge;
use super::segment::{
    ArrivalStats, CandidateHits, LookUpKeys, MIN_POSTINGS, SealedAt, Segment, Standing,
};
use crate::candidates::{BACKGROUND_SAMPLE, MAX_POSTINGS, Scratch, bottom_shingles};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::{BoilerplatePhrases, PhraseCounts};
use crate::corpus::collection::{ArticleFacts, Articles, Kept, Number, tie_of};
use crate::corpus::fingerprint::{KeptTerm, key_positions};
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::around::{density, neighbours};
use crate::families::family::MemberSource;
use crate::families::live::Judge;
use crate::kernel::prefetch;
use crate::score::evidence::{Evidence, ScoredArticle};
use crate::score::relation::{Cuts, Level};
use crate::score::terms::{
    RaritiesOf, TermNorms, TermSimilarity, TermTable, WeightedTerms, distinctive,
};

/// How many articles the newest segment of an archive has before it is sealed with an index.
pub(crate) const MAX_NEWEST: u32 = 8192;

/// How many articles ahead of the comparison words are prefetched.
const PREFETCH_DISTANCE: usize = 4;

/// The articles of an archive and the tables to find them.
#[derive(Debug)]
pub(crate) struct SegmentSet {
    /// The segments by ascending numbers. There is always a last one without an index, which grows.
    pub(crate) list: Vec<Segment>,
    /// How many articles the last segment has before it is sealed with an index.
    pub(crate) newest: u32,
    /// The pending merges, oldest first.
    pub(crate) merges: Vec<SegmentMerge>,
    /// The numbers of the articles by the hash of their ids.
    pub(crate) by_id: HashTable<Number>,
    pub(super) vocabulary: Vocabulary,
    pub(crate) boilerplate: BoilerplatePhrases,
    pub(crate) counters: Counters,
    /// How many articles each day has, to find the days of a background and the day of the clock.
    days: BTreeMap<i32, u32>,
    cuts: Cuts,
}

/// Counters of changes. A commit stores them, so that a reopened archive recounts at the same moments.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counters {
    /// Insertions and removals since boilerplate phrases were last counted.
    pub(crate) changes: usize,
    /// How many articles there were when the last full count ended.
    pub(crate) counted: usize,
    /// The smallest hash of the slice to be counted next.
    pub(crate) next_counted: u32,
    /// How many articles were ever removed.
    pub(crate) removals: u64,
    /// How often all articles were regrouped.
    pub(crate) regroupings: u64,
    /// How many articles there were when they were last regrouped.
    pub(crate) regrouped: usize,
}

impl Counters {
    /// What a segment that is sealed now is told apart by.
    pub(crate) fn sealed_at(&self) -> SealedAt {
        SealedAt { removals: self.removals, regroupings: self.regroupings }
    }
}

/// An article that is about to be inserted, or only queried, with its weights and candidates.
pub(crate) struct Newcomer<'a> {
    kept: Kept<'a>,
    stats: ArrivalStats,
    /// Its distinctive words, heaviest first.
    keys: Vec<u32>,
    /// Its candidates by ascending numbers.
    pub(crate) near: Vec<SegmentSlot>,
}

/// The location of an article; valid until the next insertion or removal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentSlot {
    pub(crate) number: Number,
    /// The position of its segment in the list.
    segment: usize,
    rank: u32,
}

/// Buffers that are reused from article to article.
#[derive(Debug, Default)]
pub(crate) struct StreamBuffers {
    scratch: Scratch,
    rarities: Vec<u16>,
    order: Vec<u64>,
    table: TermTable,
    found: CandidateHits,
}

impl SegmentSet {
    pub(crate) fn new(cuts: Cuts) -> Self {
        SegmentSet {
            list: vec![Segment::starting(0)],
            newest: MAX_NEWEST,
            merges: Vec::new(),
            by_id: HashTable::new(),
            vocabulary: Vocabulary::default(),
            boilerplate: BoilerplatePhrases::default(),
            counters: Counters::default(),
            days: BTreeMap::new(),
            cuts,
        }
    }

    /// The number of articles.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The number of the article with an id.
    pub(crate) fn number(&self, id: &str) -> Option<Number> {
        self.by_id.find(tie_of(id), |&number| self.id_bytes(number) == id.as_bytes()).copied()
    }

    /// The numbers of all articles, ascending.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Number> {
        self.list.iter().flat_map(|segment| segment.present().map(|(number, _)| number))
    }

    /// The segment and rank of an article, which must be present.
    fn locate(&self, number: Number) -> (&Segment, u32) {
        locate(&self.list, number)
    }

    pub(crate) fn facts(&self, number: Number) -> ArticleFacts {
        let (segment, rank) = self.locate(number);
        segment.articles().facts(rank)
    }

    pub(crate) fn id(&self, number: Number) -> &str {
        let (segment, rank) = self.locate(number);
        segment.articles().id(rank)
    }

    /// Whether an article is present and follows another one.
    pub(crate) fn follows(&self, number: Number) -> bool {
        let segment = &self.list[segment(&self.list, number)];
        segment.rank(number).is_some_and(|rank| !segment.stats(rank).leads())
    }

    /// What is stored of an article, which must be present.
    pub(crate) fn kept(&self, number: Number) -> Kept<'_> {
        let (segment, rank) = self.locate(number);
        segment.articles().kept(rank)
    }

    fn id_bytes(&self, number: Number) -> &[u8] {
        let (segment, rank) = self.locate(number);
        segment.articles().id_bytes(rank)
    }

    /// Whether all articles of some other segments and one more fit in, and can get numbers.
    pub(crate) fn has_room(&self, others: &[Segment]) -> bool {
        let more: usize = others.iter().map(Segment::len).sum();
        more + 1 < (Number::MAX - self.next()) as usize
            && Articles::have_room(self.list.iter().chain(others).map(Segment::articles))
    }

    /// The articles that leave, ascending.
    pub(crate) fn expired(&self, expiry: &Expiry) -> Vec<Number> {
        let first_day = self.days.first_key_value().map(|(&day, _)| day);
        if first_day.is_none_or(|day| expiry.first_day <= day)
            && self.numbers().next().is_none_or(|number| expiry.first_undated <= number)
        {
            return Vec::new();
        }
        let mut found: Vec<Number> =
            self.list.iter().flat_map(|segment| segment.expired(expiry)).collect();
        found.sort_unstable();
        found
    }

    /// The day that the clock moves to because of an article that is about to be placed, if that is later
    /// than `today`.
    pub(crate) fn day_reached(&self, article: &Kept<'_>, today: Option<Date>) -> Option<Date> {
        let date = article.date.filter(|&date| Some(date) > today)?;
        let later = today.map_or(i32::MIN, |today| today.number() + 1)..;
        let mut days: BTreeMap<i32, u32> =
            self.days.range(later).map(|(&day, &count)| (day, count)).collect();
        // A former version does not count.
        let replaced = self.number(article.id).and_then(|number| self.facts(number).date);
        if let Some(count) = replaced.and_then(|date| days.get_mut(&date.number())) {
            *count -= 1;
        }
        *days.entry(date.number()).or_default() += 1;
        let mut needed = witnesses(self.days.values().sum());
        for (&day, &count) in days.iter().rev() {
            if count >= needed {
                return Some(Date::of_number(day));
            }
            needed -= count;
        }
        None
    }

    /// Weighs an article that is not in the set, measures its density and finds its candidates.
    pub(crate) fn look_around<'a>(
        &self,
        article: &Kept<'a>,
        buffers: &mut StreamBuffers,
    ) -> Newcomer<'a> {
        let StreamBuffers { scratch, rarities, order, table, found } = buffers;
        let rarity = RaritiesOf::now(&self.vocabulary, article.language);
        rarity.of_all(article.terms, rarities);
        let weight = TermNorms::new(article.terms, rarities);
        let mut keys = Vec::new();
        distinctive(article.terms, rarities, order, &mut keys);
        let asked = LookUpKeys {
            terms: &keys,
            shingles: bottom_shingles(article.sample),
            date: article.date,
            background: article.date.map(|date| self.background(date)),
        };
        found.clear();
        let listed: usize = self.list.iter().map(|segment| segment.listed(&asked)).sum();
        for segment in &self.list {
            let share = (MAX_POSTINGS * segment.listed(&asked)).div_ceil(listed.max(1));
            segment.look_up(&asked, share.max(MIN_POSTINGS), scratch, found);
        }
        let mut near: Vec<Number> = found.words.ranks().chain(found.shingles.ranks()).collect();
        near.sort_unstable();
        near.dedup();
        let around = neighbours(found.background.ranks());
        let mut near = self.slots(near.into_iter().chain(around.clone()));
        let around = near.split_off(near.len() - around.count());
        let own = WeightedTerms { terms: article.terms, rarities: rarity, weight };
        table.fill(&own, rarities);
        let similarities = self
            .staged(&around)
            .map(|(_, segment, rank)| table.or_merged(&own, &self.weighed(segment, rank)).all);
        let density = density(similarities, self.len().min(BACKGROUND_SAMPLE));
        let stats = ArrivalStats { weight, density, standing: Standing::Leader };
        Newcomer { kept: *article, stats, keys, near }
    }

    /// The locations of articles. Their facts are prefetched, but not their words and samples. Articles
    /// are scattered over memory, so each step prefetches for all of them before it reads the first:
    /// waiting for many cache lines at once takes hardly longer than for one.
    pub(crate) fn slots(&self, numbers: impl IntoIterator<Item = Number>) -> Vec<SegmentSlot> {
        let found = numbers.into_iter().map(|number| {
            let segment = segment(&self.list, number);
            self.list[segment].prefetch_rank(number);
            SegmentSlot { number, segment, rank: 0 }
        });
        let mut found: Vec<SegmentSlot> = found.collect();
        for SegmentSlot { number, segment, rank } in &mut found {
            *rank = rank_in(&self.list[*segment], *number);
            self.list[*segment].prefetch(*rank);
        }
        found
    }

    /// The articles at some locations, with their words prefetched [`PREFETCH_DISTANCE`] articles ahead.
    fn staged(&self, slots: &[SegmentSlot]) -> impl Iterator<Item = (Number, &Segment, u32)> {
        (0..slots.len() + PREFETCH_DISTANCE).filter_map(|at| {
            if let Some(&SegmentSlot { segment, rank, .. }) = slots.get(at) {
                prefetch(self.list[segment].articles().terms(rank));
            }
            let &SegmentSlot { number, segment, rank } =
                slots.get(at.checked_sub(PREFETCH_DISTANCE)?)?;
            Some((number, &self.list[segment], rank))
        })
    }

    /// Days around a date that have enough articles for a background, or all if there are too few. The
    /// range doubles until it has enough.
    fn background(&self, date: Date) -> Range<i32> {
        let (day, mut width) = (date.number(), 0);
        let mut needed = 0;
        for count in self.days.values() {
            needed = BACKGROUND_SAMPLE.min(needed + *count as usize);
            if needed == BACKGROUND_SAMPLE {
                break;
            }
        }
        loop {
            let days = day - width..day + width + 1;
            let count: u32 = self.days.range(days.clone()).map(|(_, count)| count).sum();
            if count as usize >= needed {
                return days;
            }
            width = (2 * width).max(1);
        }
    }

    /// The articles of `near` that reach a level with a newcomer, with level and evidence. `buffers` must
    /// still hold the newcomer's term table from [`SegmentSet::look_around`].
    pub(crate) fn verify(
        &self,
        newcomer: &Newcomer<'_>,
        near: &[SegmentSlot],
        buffers: &StreamBuffers,
    ) -> Vec<(Number, Level, Evidence)> {
        let own = self.scored_newcomer(newcomer);
        let may_reach = self.staged(near).filter_map(|(number, segment, rank)| {
            let other = self.scored(segment, rank);
            let terms = buffers.table.or_merged(&own.terms, &other.terms);
            let may_reach = Evidence::may_reach(terms, &own, &other, &self.cuts);
            // The sample arrives in the cache while the next articles are compared.
            may_reach.then(|| prefetch(other.sample.values));
            may_reach.then_some((number, terms, other))
        });
        let may_reach: Vec<(Number, TermSimilarity, ScoredArticle<'_>)> = may_reach.collect();
        let verified = may_reach.into_iter().filter_map(|(number, terms, other)| {
            let evidence = Evidence::with_terms(terms, &own, &other, &self.boilerplate);
            Some((number, evidence.level(&self.cuts)?, evidence))
        });
        verified.collect()
    }

    /// The evidence on two articles, which must be present.
    pub(crate) fn evidence(&self, one: Number, other: Number) -> Evidence {
        let side = |number| {
            let (segment, rank) = self.locate(number);
            self.scored(segment, rank)
        };
        Evidence::new(&side(one), &side(other), &self.boilerplate)
    }

    fn weighed<'a>(&'a self, segment: &'a Segment, rank: u32) -> WeightedTerms<'a> {
        WeightedTerms {
            terms: segment.articles().terms(rank),
            rarities: RaritiesOf::now(&self.vocabulary, segment.articles().facts(rank).language),
            weight: segment.stats(rank).weight,
        }
    }

    fn scored<'a>(&'a self, segment: &'a Segment, rank: u32) -> ScoredArticle<'a> {
        let ArticleFacts { content, words, language, date, title, .. } =
            segment.articles().facts(rank);
        ScoredArticle {
            content,
            words,
            language,
            date,
            terms: self.weighed(segment, rank),
            sample: segment.articles().sample(rank),
            marks: segment.articles().marks(rank),
            title,
            density: segment.stats(rank).density,
        }
    }

    fn scored_newcomer<'a>(&'a self, newcomer: &Newcomer<'a>) -> ScoredArticle<'a> {
        let Kept { content, words, date, language, terms, sample, marks, title, .. } =
            newcomer.kept;
        let ArrivalStats { weight, density, .. } = newcomer.stats;
        let rarities = RaritiesOf::now(&self.vocabulary, language);
        let terms = WeightedTerms { terms, rarities, weight };
        ScoredArticle { content, words, language, date, terms, sample, marks, title, density }
    }

    /// Adds the words of an arriving article to the document frequencies, before it is weighed by them.
    pub(crate) fn count(&mut self, article: &Kept<'_>) {
        let terms = article.terms.iter().map(|&term| KeptTerm(term).term());
        self.vocabulary.add(article.language, terms);
    }

    /// Inserts a newcomer, whose words were counted already, and returns its number. The words of
    /// one that does not lead are neither listed nor counted.
    pub(crate) fn insert(&mut self, newcomer: &Newcomer<'_>, standing: Standing) -> Number {
        let Newcomer { kept, stats, keys, .. } = newcomer;
        let stats = ArrivalStats { standing, ..*stats };
        if !stats.leads() {
            let terms = kept.terms.iter().map(|&term| KeptTerm(term).term());
            self.vocabulary.remove(kept.language, terms);
        }
        let number = self.next();
        let listed = if stats.leads() { &keys[..] } else { &[] };
        let keys = key_positions(kept.terms, listed);
        if let Some(newest) = self.list.last_mut() {
            newest.push(kept, stats, &keys);
        }
        let tie = tie_of(kept.id);
        self.by_id.insert_unique(tie, number, |&number| tie_of_one(&self.list, number));
        if let Some(date) = kept.date {
            *self.days.entry(date.number()).or_default() += 1;
        }
        self.counters.changes += 1;
        self.seal_newest();
        self.count_boilerplate();
        number
    }

    /// The number of the next article.
    pub(crate) fn next(&self) -> Number {
        self.list.last().map_or(0, |segment| segment.range().end)
    }

    /// Whether the article of a number is present.
    pub(crate) fn is_in(&self, number: Number) -> bool {
        let at = segment(&self.list, number);
        self.list.get(at).is_some_and(|segment| segment.rank(number).is_some())
    }

    /// Removes an article; does nothing if it is not present.
    pub(crate) fn remove(&mut self, number: Number) {
        let at = segment(&self.list, number);
        let Some(rank) = self.list[at].rank(number) else { return };
        let articles = self.list[at].articles();
        let ArticleFacts { tie, date, language, .. } = articles.facts(rank);
        if self.list[at].stats(rank).leads() {
            let terms = articles.terms(rank).iter().map(|&term| KeptTerm(term).term());
            self.vocabulary.remove(language, terms);
        }
        if let Ok(entry) = self.by_id.find_entry(tie, |&other| other == number) {
            entry.remove();
        }
        if let Some(Entry::Occupied(mut day)) = date.map(|date| self.days.entry(date.number())) {
            *day.get_mut() -= 1;
            if *day.get() == 0 {
                day.remove();
            }
        }
        self.list[at].remove(number);
        let merge = self.merges.iter_mut().find(|merge| merge.range.contains(&number));
        merge.into_iter().for_each(|merge| merge.removed.push(number));
        self.counters.changes += 1;
        self.counters.removals += 1;
    }

    /// Recounts the boilerplate phrases, so that a full count takes as long as a quarter of the articles
    /// changes. Each call counts the slices of hashes that are due; this spreads the work over many
    /// insertions. There is one slice only, unless a large segment has many phrases to recount.
    pub(crate) fn count_boilerplate(&mut self) {
        let precounts: Vec<&PhraseCounts> =
            self.list.iter().filter_map(Segment::phrase_counts).collect();
        let slices = PhraseCounts::slices(&precounts);
        let Counters { changes, counted, next_counted, .. } = &mut self.counters;
        let due = (*counted).max(16).div_ceil(4 * slices);
        while *changes >= due {
            let hashes = *next_counted..=PhraseCounts::slice_end(&precounts, *next_counted);
            let others = self.list.iter().filter(|segment| segment.phrase_counts().is_none());
            let others = others.flat_map(Segment::originals);
            self.boilerplate.count_anew(hashes.clone(), others, &precounts);
            if let Some(next) = hashes.end().checked_add(1) {
                (*changes, *next_counted) = (*changes - due, next);
            } else {
                (*changes, *counted, *next_counted) = (0, self.by_id.len(), 0);
                break;
            }
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.list.iter().map(Segment::memory_usage).sum::<usize>()
            + self.by_id.allocation_size()
            + self.vocabulary.memory_usage()
            + self.boilerplate.memory_usage()
    }
}

/// Access for storing an archive in files and restoring it.
#[cfg(feature = "archive")]
impl SegmentSet {
    /// The set of some restored segments; `vocabulary` has the document frequencies of the articles
    /// present. `None` if two articles have the same id.
    pub(crate) fn of_segments(
        list: Vec<Segment>,
        newest: u32,
        vocabulary: Vocabulary,
        boilerplate: BoilerplatePhrases,
        counters: Counters,
        cuts: Cuts,
    ) -> Option<Self> {
        let len = list.iter().map(Segment::len).sum();
        let mut by_id: HashTable<Number> = HashTable::with_capacity(len);
        let mut days: BTreeMap<i32, u32> = BTreeMap::new();
        for segment in &list {
            for (rank, number) in segment.iter() {
                let articles = segment.articles();
                let ArticleFacts { tie, date, .. } = articles.facts(rank);
                let is_same = |&other: &Number| {
                    let (segment, other) = locate(&list, other);
                    segment.articles().id_bytes(other) == articles.id_bytes(rank)
                };
                match by_id.entry(tie, is_same, |&number| tie_of_one(&list, number)) {
                    hash_table::Entry::Occupied(_) => return None,
                    hash_table::Entry::Vacant(free) => _ = free.insert(number),
                }
                if let Some(date) = date {
                    *days.entry(date.number()).or_default() += 1;
                }
            }
        }
        let segments = SegmentSet::new(cuts);
        Some(SegmentSet {
            list,
            newest,
            by_id,
            vocabulary,
            boilerplate,
            counters,
            days,
            ..segments
        })
    }

    /// The segments with an index, by ascending numbers.
    pub(crate) fn indexed(&self) -> &[Segment] {
        &self.list[..self.list.len() - 1]
    }

    /// The segment without an index, which the next article goes into.
    pub(crate) fn newest_segment(&self) -> &Segment {
        &self.list[self.list.len() - 1]
    }

    /// The first number of the newest segment.
    pub(crate) fn first_newest(&self) -> Number {
        self.newest_segment().range().start
    }
}

/// The position of the segment that covers a number.
fn segment(list: &[Segment], number: Number) -> usize {
    list.partition_point(|segment| segment.range().end <= number)
}

/// The segment and rank of an article, which must be present.
fn locate(list: &[Segment], number: Number) -> (&Segment, u32) {
    let segment = &list[segment(list, number)];
    (segment, rank_in(segment, number))
}

/// The rank of an article in its segment, where it must be present.
fn rank_in(segment: &Segment, number: Number) -> u32 {
    segment.rank(number).expect("only articles that are in are asked for")
}

/// The hash of the id of an article; 0 for one that is not present.
pub(crate) fn tie_of_one(list: &[Segment], number: Number) -> u64 {
    let segment = &list[segment(list, number)];
    segment.rank(number).map_or(0, |rank| segment.articles().facts(rank).tie)
}

impl MemberSource for SegmentSet {
    fn id(&self, number: u32) -> &str {
        SegmentSet::id(self, number)
    }

    fn date(&self, number: u32) -> Option<Date> {
        self.facts(number).date
    }

    fn words(&self, number: u32) -> usize {
        self.facts(number).words as usize
    }

    fn evidence(&self, one: u32, other: u32) -> Evidence {
        SegmentSet::evidence(self, one, other)
    }

    fn have_same_words(&self, one: u32, other: u32) -> bool {
        self.facts(one).content == self.facts(other).content
    }
}

impl Judge for SegmentSet {
    fn sort(&self, articles: &mut [Number]) {
        articles.sort_by_cached_key(|&number| {
            let (segment, rank) = self.locate(number);
            segment.articles().in_order(rank)
        });
    }

    fn level(&self, one: Number, other: Number) -> Option<Level> {
        self.evidence(one, other).level(&self.cuts)
    }
}
