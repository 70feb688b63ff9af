//! The articles of an archive: segments that are merged as they grow, so that each article is sealed
//! anew a few times only, and what is known of all of them together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use hashbrown::HashTable;
#[cfg(feature = "archive")]
use hashbrown::hash_table;

use super::merging::SegmentMerge;
use super::segment::{ArrivalStats, CandidateHits, LookUpKeys, MIN_POSTINGS, Segment};
use crate::candidates::{BACKGROUND_SAMPLE, MAX_POSTINGS, Scratch, bottom_shingles};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::{BoilerplatePhrases, PhraseCounts};
use crate::corpus::collection::Number;
use crate::corpus::collection::{ArticleFacts, Kept, tie_of};
use crate::corpus::fingerprint::KeptTerm;
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::batch::{density, neighbours};
use crate::families::family::MemberSource;
use crate::families::live::Judge;
use crate::kernel::prefetch;
use crate::score::evidence::{Evidence, ScoredArticle};
use crate::score::relation::{Cuts, Level};
use crate::score::terms::{
    RaritiesOf, TermNorms, TermSimilarity, TermTable, WeightedTerms, distinctive,
};

/// How many articles the newest segment of an archive has before it gets its index.
pub(crate) const NEWEST: u32 = 8192;

/// How many articles ahead the words of one are asked for that is to be compared.
const AHEAD: usize = 4;

/// The articles that are in, and how to find them.
#[derive(Debug)]
pub(crate) struct SegmentSet {
    /// By rising numbers; the last one is without an index.
    pub(crate) list: Vec<Segment>,
    /// How many articles the last one has before it gets its index.
    pub(crate) newest: u32,
    /// The segments that are being merged, those first that were begun first.
    pub(crate) merges: Vec<SegmentMerge>,
    pub(crate) by_id: HashTable<Number>,
    vocabulary: Vocabulary,
    boilerplate: BoilerplatePhrases,
    pub(crate) counters: Counters,
    /// The articles of each day, to find the days of a background.
    days: BTreeMap<i32, u32>,
    cuts: Cuts,
}

/// What is counted of what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counters {
    /// How many articles came and went since boilerplate phrases were counted.
    pub(crate) changes: usize,
    /// How many articles were in when all of them had been counted last.
    pub(crate) counted: usize,
    /// The least hash of those that are to be counted next.
    pub(crate) next_counted: u32,
    /// How many articles were ever taken out.
    pub(crate) taken_out: u64,
}

/// An article on its way in or past.
pub(crate) struct Newcomer<'a> {
    kept: Kept<'a>,
    stats: ArrivalStats,
    /// Its distinctive words, heaviest first.
    keys: Vec<u32>,
    /// What is worth comparing with it, by rising numbers.
    pub(crate) near: Vec<SegmentSlot>,
}

/// Where an article is, as long as none is put in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentSlot {
    pub(crate) number: Number,
    /// Which of the segments.
    segment: usize,
    rank: u32,
}

/// StreamBuffers that are reused from article to article.
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
            newest: NEWEST,
            merges: Vec::new(),
            by_id: HashTable::new(),
            vocabulary: Vocabulary::default(),
            boilerplate: BoilerplatePhrases::default(),
            counters: Counters::default(),
            days: BTreeMap::new(),
            cuts,
        }
    }

    /// How many articles are in.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The number of an id.
    pub(crate) fn number(&self, id: &str) -> Option<Number> {
        self.by_id.find(tie_of(id), |&number| self.id_bytes(number) == id.as_bytes()).copied()
    }

    /// The numbers of the articles that are in, rising.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Number> {
        self.list.iter().flat_map(|segment| segment.present().map(|(number, _)| number))
    }

    /// Where an article is. It must be in.
    fn place(&self, number: Number) -> (&Segment, u32) {
        place(&self.list, number)
    }

    pub(crate) fn facts(&self, number: Number) -> ArticleFacts {
        let (segment, rank) = self.place(number);
        segment.articles().facts(rank)
    }

    pub(crate) fn id(&self, number: Number) -> &str {
        let (segment, rank) = self.place(number);
        segment.articles().id(rank)
    }

    /// All that is kept of an article that is in.
    #[cfg(feature = "archive")]
    pub(crate) fn kept(&self, number: Number) -> Kept<'_> {
        let (segment, rank) = self.place(number);
        segment.articles().kept(rank)
    }

    fn id_bytes(&self, number: Number) -> &[u8] {
        let (segment, rank) = self.place(number);
        segment.articles().id_bytes(rank)
    }

    /// Whether there are numbers for so many more.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        more < (Number::MAX - self.next()) as usize
    }

    /// The dated articles before a day, rising.
    pub(crate) fn before(&self, date: Date) -> Vec<Number> {
        self.of_days_below(date.number())
    }

    /// The articles that are dated more than so many days before a date, rising.
    pub(crate) fn older_than(&self, date: Date, days: u32) -> Vec<Number> {
        self.of_days_below(date.number().saturating_sub_unsigned(days))
    }

    fn of_days_below(&self, day: i32) -> Vec<Number> {
        if self.days.first_key_value().is_none_or(|(&first, _)| first >= day) {
            return Vec::new();
        }
        let mut found: Vec<Number> =
            self.list.iter().flat_map(|segment| segment.of_days_below(day)).collect();
        found.sort_unstable();
        found
    }

    /// Weighs an article that is not in, and looks around it.
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
        let mut places = self.places(near.into_iter().chain(around.clone()));
        let around = places.split_off(places.len() - around.count());
        let own = WeightedTerms { terms: article.terms, rarities: rarity, weight };
        table.fill(&own, rarities);
        let similarities = self
            .staged(&around)
            .map(|(_, segment, rank)| table.or_merged(&own, &self.weighed(segment, rank)).all);
        let density = density(similarities, self.len().min(BACKGROUND_SAMPLE));
        let stats = ArrivalStats { weight, density, is_reprint: found.is_reprint };
        Newcomer { kept: *article, stats, keys, near: places }
    }

    /// Where articles are, what is known of each brought near but their words and their samples. They
    /// are stored anywhere in memory, and what leads to one is asked for of all of them at a time: to wait for
    /// many takes hardly longer than for one.
    pub(crate) fn places(&self, numbers: impl IntoIterator<Item = Number>) -> Vec<SegmentSlot> {
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

    /// The articles of some places, their words brought near some time before.
    fn staged(&self, places: &[SegmentSlot]) -> impl Iterator<Item = (Number, &Segment, u32)> {
        (0..places.len() + AHEAD).filter_map(|at| {
            if let Some(&SegmentSlot { segment, rank, .. }) = places.get(at) {
                prefetch(self.list[segment].articles().terms(rank));
            }
            let &SegmentSlot { number, segment, rank } = places.get(at.checked_sub(AHEAD)?)?;
            Some((number, &self.list[segment], rank))
        })
    }

    /// The days around one, as few as have the articles of a background; or all.
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

    /// Those near a newcomer that share a story with it, with what is known of each pair. What it was
    /// looked around with is still spread out.
    pub(crate) fn verify(
        &self,
        newcomer: &Newcomer<'_>,
        near: &[SegmentSlot],
        buffers: &StreamBuffers,
    ) -> Vec<(Number, Level, Evidence)> {
        let own = self.side_of(newcomer);
        let may_reach = self.staged(near).filter_map(|(number, segment, rank)| {
            let other = self.side(segment, rank);
            let terms = buffers.table.or_merged(&own.terms, &other.terms);
            let may_reach = Evidence::may_reach(terms, &own, &other, &self.cuts);
            // The sample comes while the next ones are looked at.
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

    /// What is known of two articles that are in.
    pub(crate) fn evidence(&self, one: Number, other: Number) -> Evidence {
        let side = |number| {
            let (segment, rank) = self.place(number);
            self.side(segment, rank)
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

    fn side<'a>(&'a self, segment: &'a Segment, rank: u32) -> ScoredArticle<'a> {
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

    fn side_of<'a>(&'a self, newcomer: &Newcomer<'a>) -> ScoredArticle<'a> {
        let Kept { content, words, date, language, terms, sample, marks, title, .. } =
            newcomer.kept;
        let ArrivalStats { weight, density, .. } = newcomer.stats;
        let rarities = RaritiesOf::now(&self.vocabulary, language);
        let terms = WeightedTerms { terms, rarities, weight };
        ScoredArticle { content, words, language, date, terms, sample, marks, title, density }
    }

    /// Counts the words of an article that comes in, so that it is weighed by them.
    pub(crate) fn count(&mut self, article: &Kept<'_>) {
        let terms = article.terms.iter().map(|&term| KeptTerm(term).term());
        self.vocabulary.add(article.language, terms);
    }

    /// Puts a newcomer in, whose words were counted; its number.
    pub(crate) fn insert(&mut self, newcomer: &Newcomer<'_>) -> Number {
        let Newcomer { kept, stats, keys, .. } = newcomer;
        let number = self.next();
        let places = keys.iter().map(|&key| {
            let is_below = |&term: &u32| KeptTerm(term).term() < key;
            kept.terms.partition_point(is_below) as u8
        });
        let keys: Vec<u8> = places.collect();
        if let Some(newest) = self.list.last_mut() {
            newest.push(kept, *stats, &keys);
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

    /// Takes an article out.
    pub(crate) fn remove(&mut self, number: Number) {
        let at = segment(&self.list, number);
        let Some(rank) = self.list[at].rank(number) else { return };
        let articles = self.list[at].articles();
        let ArticleFacts { tie, date, language, .. } = articles.facts(rank);
        let terms = articles.terms(rank).iter().map(|&term| KeptTerm(term).term());
        self.vocabulary.remove(language, terms);
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
        merge.into_iter().for_each(|merge| merge.remove(number));
        self.counters.changes += 1;
        self.counters.taken_out += 1;
    }

    /// Counts the boilerplate phrases anew while a quarter of the articles comes or goes: a slice of them
    /// each time that enough did. Where large segments have few phrases in common, one slice is all.
    pub(crate) fn count_boilerplate(&mut self) {
        let precounts: Vec<&PhraseCounts> =
            self.list.iter().filter_map(Segment::phrase_counts).collect();
        let slices = PhraseCounts::slices(&precounts);
        let Counters { changes, counted, next_counted, .. } = &mut self.counters;
        let due = (*counted).max(16).div_ceil(4 * slices);
        while *changes >= due {
            let hashes = *next_counted..=PhraseCounts::slice_end(&precounts, *next_counted);
            let others = self.list.iter().filter(|segment| segment.phrase_counts().is_none());
            let others = others.flat_map(Segment::tellings);
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

/// What a folder keeps of the articles, and gives back.
#[cfg(feature = "archive")]
impl SegmentSet {
    /// A segment set of segments as they were sealed, with the words of what is in; `None` if two articles
    /// have the same id.
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
                    let (segment, other) = place(&list, other);
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

    /// Goes on with a merge that was begun before.
    pub(crate) fn put_merge(&mut self, merge: SegmentMerge) {
        self.merges.push(merge);
    }

    /// Leaves it to the writer.
    pub(crate) fn drop_merges(&mut self) {
        self.merges.clear();
    }

    pub(crate) fn merges(&self) -> &[SegmentMerge] {
        &self.merges
    }

    /// How many articles the newest segment has before it gets its index.
    pub(crate) fn newest(&self) -> u32 {
        self.newest
    }

    /// The segments that have an index, by rising numbers.
    pub(crate) fn indexed(&self) -> &[Segment] {
        &self.list[..self.list.len() - 1]
    }

    /// The segment without an index, in which the next article will are stored.
    pub(crate) fn newest_segment(&self) -> &Segment {
        &self.list[self.list.len() - 1]
    }

    /// The first number of that segment.
    pub(crate) fn first_newest(&self) -> Number {
        self.newest_segment().range().start
    }

    pub(crate) fn segments_mut(&mut self) -> &mut [Segment] {
        &mut self.list
    }

    /// Lets the newest segment have so many articles before it gets its index.
    #[cfg(test)]
    pub(crate) fn set_newest(&mut self, newest: u32) {
        self.newest = newest;
    }

    pub(crate) fn boilerplate(&self) -> &BoilerplatePhrases {
        &self.boilerplate
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether the article of a number is in.
    pub(crate) fn is_in(&self, number: Number) -> bool {
        let at = segment(&self.list, number);
        self.list.get(at).is_some_and(|segment| segment.rank(number).is_some())
    }
}

/// Which segment has a number.
fn segment(list: &[Segment], number: Number) -> usize {
    list.partition_point(|segment| segment.range().end <= number)
}

/// Where an article is. It must be in.
fn place(list: &[Segment], number: Number) -> (&Segment, u32) {
    let segment = &list[segment(list, number)];
    (segment, rank_in(segment, number))
}

/// The rank of an article of a segment. It must be in.
fn rank_in(segment: &Segment, number: Number) -> u32 {
    segment.rank(number).expect("only articles that are in are asked for")
}

/// The hash of the id of an article; 0 of one that is not in.
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

    fn leader(&self, number: u32) -> u32 {
        number
    }
}

impl Judge for SegmentSet {
    fn sort(&self, articles: &mut [Number]) {
        articles.sort_by_cached_key(|&number| {
            let facts = self.facts(number);
            (facts.date.is_none(), facts.date, facts.tie, self.id(number))
        });
    }

    fn level(&self, one: Number, other: Number) -> Option<Level> {
        self.evidence(one, other).level(&self.cuts)
    }
}
