//! A segment: consecutive arrivals, stored and indexed together.
//!
//! A segment grows until it is sealed: then its articles are sorted by day and get an index, and from then
//! on it changes only by tombstones. Sealed data is shared by clones and may be mapped from a file. A
//! *rank* is a position in the segment, a *number* is an article's position among all arrivals.

use std::ops::Range;
use std::sync::Arc;

#[cfg(feature = "archive")]
use crate::candidates::CandidateColumns;
use crate::candidates::{
    Best, Bests, CandidateIndex, CandidateKeys, CandidateSource, Days, GrowingIndex,
    MAX_CANDIDATES, Scratch, bottom_shingles,
};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::PhraseCounts;
use crate::corpus::collection::{Articles, Kept, Number};
use crate::corpus::fingerprint::KeptTerm;
use crate::engine::around::BACKGROUND_RANKS;
use crate::engine::clock::Expiry;
use crate::kernel::prefetch;
use crate::score::terms::TermNorms;
use crate::sketch::bottomk::Sample;
#[cfg(feature = "archive")]
use crate::store::StagedFile;
use crate::store::column::Column;

/// The rank that marks a removed article: a tombstone.
const REMOVED: u32 = u32::MAX;

/// From this many articles on, a sealed segment keeps a table of phrase counts. Smaller segments are
/// recounted from their samples each time.
const MIN_COUNTED_ARTICLES: usize = if cfg!(test) { 64 } else { 4096 };

/// What an article is among the printings of its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is listed, and counts wherever articles are counted.
    #[default]
    Leader,
    /// A heavy edit of a leader: only its shingles are listed, for its own copies, and it does not count.
    Edit,
    /// A copy of a leader or an edit: it is not listed and does not count.
    Copy,
}

/// The values computed for an article on its arrival, never recomputed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct ArrivalStats {
    pub(crate) weight: TermNorms,
    /// How similar its background is to it.
    pub(crate) density: f32,
    pub(crate) standing: Standing,
}

impl ArrivalStats {
    /// The stored form: the three numbers of the weight, the last with the standing above it, and the bits
    /// of the density.
    pub(crate) fn row(&self) -> ArrivalStatsRow {
        let [length, lead_length, numbers] = self.weight.bits();
        let standing = (self.standing as u32) << STANDING_SHIFT;
        [length, lead_length, numbers | standing, self.density.to_bits()]
    }

    /// The inverse of [`ArrivalStats::row`].
    #[inline]
    pub(crate) fn of(&[length, lead_length, numbers, density]: &ArrivalStatsRow) -> Self {
        let mask = (1 << STANDING_SHIFT) - 1;
        ArrivalStats {
            weight: TermNorms::of_bits([length, lead_length, numbers & mask]),
            density: f32::from_bits(density),
            standing: Standing::of_number(numbers >> STANDING_SHIFT),
        }
    }

    /// Whether the article leads, so that it is counted.
    pub(crate) fn leads(&self) -> bool {
        self.standing == Standing::Leader
    }
}

impl Standing {
    /// The standing that a number stands for in a file; any other number is that of a leader.
    pub(crate) fn of_number(number: u32) -> Self {
        match number {
            1 => Standing::Edit,
            2 => Standing::Copy,
            _ => Standing::Leader,
        }
    }
}

/// The stored form of [`ArrivalStats`].
pub(crate) type ArrivalStatsRow = [u32; 4];

/// The position of the standing in an [`ArrivalStatsRow`], above the count of numbers.
const STANDING_SHIFT: u32 = 16;

/// The articles of a range of numbers. With an index they are sorted by day, and none is added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    /// The numbers that it covers, removed ones included.
    pub(crate) range: Range<Number>,
    /// The stored articles, shared by clones.
    pub(crate) data: Arc<SegmentData>,
    /// The smallest stored number, and the rank of each number from it on.
    pub(crate) least: Number,
    pub(crate) ranks: Vec<u32>,
    /// How many of the stored articles are removed.
    pub(crate) removed: usize,
    /// The index of a segment that still grows; empty in a sealed one.
    pub(crate) growing: GrowingIndex,
    /// Its file, if that is written but not committed.
    #[cfg(feature = "archive")]
    pub(crate) staged: Option<Arc<StagedFile>>,
}

/// When a segment was sealed: with its range it tells the segment from all others of its archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SealedAt {
    /// How many articles had been removed from the archive. Articles removed later are still stored, and
    /// their postings still count in look-ups.
    pub(crate) removals: u64,
    /// How often the archive had been regrouped.
    pub(crate) regroupings: u64,
}

/// Never: no archive reaches these counts.
impl Default for SealedAt {
    fn default() -> Self {
        SealedAt { removals: u64::MAX, regroupings: u64::MAX }
    }
}

#[cfg(feature = "archive")]
impl SealedAt {
    pub(crate) fn is_sealed(self) -> bool {
        self != SealedAt::default()
    }
}

/// The stored articles of a segment by rank, and their index. The columns may be mapped from a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct SegmentData {
    pub(crate) numbers: Column<Number>,
    pub(crate) articles: Articles,
    pub(crate) stats: Column<ArrivalStatsRow>,
    /// The distinctive words, heaviest first.
    pub(crate) keys: KeyPositions,
    pub(crate) index: Option<CandidateIndex>,
    /// The phrase counts when it was sealed, reprints left out; only if it has many articles.
    pub(crate) phrase_counts: Option<PhraseCounts>,
    #[cfg_attr(not(feature = "archive"), expect(dead_code, reason = "only a folder keeps it"))]
    pub(crate) sealed_at: SealedAt,
}

/// The distinctive words of each article, as positions among its terms, end to end.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyPositions {
    pub(crate) positions: Column<u8>,
    pub(crate) ends: Column<u32>,
}

impl KeyPositions {
    /// Empty, with capacity for all of these.
    pub(crate) fn with_room<'a>(all: impl Iterator<Item = &'a KeyPositions> + Clone) -> Self {
        let positions = all.clone().map(|keys| keys.positions.len()).sum();
        let ends = all.map(|keys| keys.ends.len()).sum();
        KeyPositions {
            positions: Vec::with_capacity(positions).into(),
            ends: Vec::with_capacity(ends).into(),
        }
    }

    pub(crate) fn push(&mut self, positions: &[u8]) {
        let all = self.positions.made();
        all.extend_from_slice(positions);
        self.ends.made().push(all.len() as u32);
    }

    pub(crate) fn of(&self, rank: u32) -> &[u8] {
        let start = rank.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.positions[start as usize..self.ends[rank as usize] as usize]
    }
}

/// Whether a sealed segment of so many articles keeps phrase counts.
pub(crate) fn has_phrase_counts(articles: usize) -> bool {
    articles >= MIN_COUNTED_ARTICLES
}

impl SegmentData {
    /// Appends an article of another segment.
    pub(crate) fn push_from(
        &mut self,
        from: &Articles,
        rank: u32,
        number: Number,
        stats: ArrivalStats,
        keys: &[u8],
    ) {
        self.numbers.made().push(number);
        self.articles.push_from(from, rank);
        self.stats.made().push(stats.row());
        self.keys.push(keys);
    }

    /// The distinctive words of an article, heaviest first.
    pub(crate) fn keys(&self, rank: u32) -> impl Iterator<Item = u32> + Clone {
        let terms = self.articles.terms(rank);
        self.keys.of(rank).iter().map(|&position| KeptTerm(terms[usize::from(position)]).term())
    }

    /// The shingles that an article is listed under; none for a copy.
    pub(crate) fn listed_shingles(&self, rank: u32) -> &[u32] {
        match ArrivalStats::of(&self.stats[rank as usize]).standing {
            Standing::Copy => &[],
            _ => bottom_shingles(self.articles.sample(rank)),
        }
    }

    /// The days of its articles, which must be sorted by day.
    pub(crate) fn days(&self) -> Days {
        let ranks = 0..self.numbers.len() as u32;
        Days::new(ranks.map(|rank| self.articles.facts(rank).date))
    }
}

impl Segment {
    /// An empty segment whose first article will have this number.
    pub(crate) fn starting(first: Number) -> Self {
        Segment { range: first..first, least: first, ..Segment::default() }
    }

    /// The same segment, still empty, with capacity for the articles of others.
    #[cfg(feature = "archive")]
    pub(crate) fn with_room(mut self, others: &[Segment]) -> Self {
        let room = Articles::with_room(others.iter().map(Segment::articles));
        Arc::make_mut(&mut self.data).articles = room;
        self
    }

    /// The numbers that it covers, removed ones included.
    pub(crate) fn range(&self) -> Range<Number> {
        self.range.clone()
    }

    /// How many articles are present.
    pub(crate) fn len(&self) -> usize {
        self.data.numbers.len() - self.removed
    }

    /// How many articles are stored, removed ones included.
    pub(crate) fn stored(&self) -> usize {
        self.data.numbers.len()
    }

    /// Whether it is sealed with an index.
    pub(crate) fn is_indexed(&self) -> bool {
        self.data.index.is_some()
    }

    #[inline]
    pub(crate) fn articles(&self) -> &Articles {
        &self.data.articles
    }

    #[inline]
    pub(crate) fn stats(&self, rank: u32) -> ArrivalStats {
        ArrivalStats::of(&self.data.stats[rank as usize])
    }

    /// The distinctive words of an article as positions among its terms, heaviest first.
    #[cfg(feature = "archive")]
    pub(crate) fn key_positions(&self, rank: u32) -> &[u8] {
        self.data.keys.of(rank)
    }

    /// The rank of the article of a number, if it is present.
    #[inline]
    pub(crate) fn rank(&self, number: Number) -> Option<u32> {
        let rank = *self.ranks.get(number.checked_sub(self.least)? as usize)?;
        (rank != REMOVED).then_some(rank)
    }

    /// Prefetches the rank of a number.
    pub(crate) fn prefetch_rank(&self, number: Number) {
        let at = number.wrapping_sub(self.least) as usize;
        prefetch(self.ranks.get(at..=at).unwrap_or_default());
    }

    /// Prefetches the facts of an article, but not its words and its sample.
    pub(crate) fn prefetch(&self, rank: u32) {
        self.data.articles.prefetch_facts(rank);
        prefetch(&self.data.stats[rank as usize..=rank as usize]);
    }

    fn is_in(&self, rank: u32) -> bool {
        self.rank(self.data.numbers[rank as usize]) == Some(rank)
    }

    /// The ranks and numbers of the present articles, by rank.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Number)> + Clone {
        let ranked = (0u32..).zip(self.data.numbers.iter().copied());
        ranked.filter(|&(rank, _)| self.is_in(rank))
    }

    /// The numbers and ranks of the present articles, by number.
    pub(crate) fn present(&self) -> impl Iterator<Item = (Number, u32)> {
        let numbered = (self.least..).zip(self.ranks.iter().copied());
        numbered.filter(|&(_, rank)| rank != REMOVED)
    }

    /// Appends an article under the next number, to a segment without an index.
    pub(crate) fn push(&mut self, kept: &Kept<'_>, stats: ArrivalStats, keys: &[u8]) {
        let number = self.range.end;
        self.range.end += 1;
        self.ranks.push(self.data.numbers.len() as u32);
        let data = Arc::make_mut(&mut self.data);
        data.numbers.made().push(number);
        data.articles.push(kept);
        data.stats.made().push(stats.row());
        data.keys.push(keys);
        let rank = data.numbers.len() as u32 - 1;
        self.growing.push(rank, data.keys(rank), data.listed_shingles(rank));
    }

    /// Removes an article; does nothing if it is not present.
    pub(crate) fn remove(&mut self, number: Number) {
        let Some(rank) = self.rank(number) else { return };
        self.ranks[(number - self.least) as usize] = REMOVED;
        self.removed += 1;
        let Segment { data, growing, .. } = self;
        if data.index.is_none() {
            growing.remove(rank, data.keys(rank), data.listed_shingles(rank));
        }
    }

    /// A segment with this data, all of it present.
    pub(crate) fn of_data(range: Range<Number>, data: Arc<SegmentData>) -> Segment {
        let least = data.numbers.iter().min().copied().unwrap_or(range.end);
        let most = data.numbers.iter().max().copied().unwrap_or(least);
        let len = if data.numbers.is_empty() { 0 } else { (most - least) as usize + 1 };
        let mut ranks = vec![REMOVED; len];
        for (rank, &number) in (0..).zip(&*data.numbers) {
            ranks[(number - least) as usize] = rank;
        }
        Segment { range, data, least, ranks, ..Segment::default() }
    }

    /// How many articles a look-up of words searches here: those of the days in question, and undated
    /// ones. This decides the segment's share of the postings to read.
    pub(crate) fn listed(&self, asked: &LookUpKeys<'_>) -> usize {
        match (&self.data.index, asked.date, &asked.background) {
            // A growing index drops removed articles, a sealed one does not.
            (None, ..) => self.len(),
            (Some(index), Some(date), Some(background)) => {
                let (day, window) = (date.number(), Days::WINDOW);
                let days = background.start.min(day - window)..background.end.max(day + window + 1);
                index.days().between(&days).len() + index.days().undated()
            }
            _ => self.stored(),
        }
    }

    /// The ranks of the articles dated within `days`; empty without an index.
    fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.data.index.as_ref().map_or(0..0, |index| index.days().between(days))
    }

    /// The numbers of the present articles that leave.
    pub(crate) fn expired(&self, expiry: &Expiry) -> Vec<Number> {
        // A sealed segment is sorted by day, and undated articles are last.
        let (dated, others) = match self.data.index {
            Some(_) => {
                let after = self.between(&(i32::MIN..expiry.last_day.saturating_add(1))).end;
                (self.between(&(i32::MIN..expiry.first_day)), after..self.stored())
            }
            None => (0..0, 0..self.stored()),
        };
        let number = |rank| self.data.numbers[rank as usize];
        let leaves = |&rank: &u32| {
            let date = self.data.articles.facts(rank).date;
            self.is_in(rank) && expiry.covers(number(rank), date)
        };
        let ranks = dated.chain(others).map(|rank| rank as u32);
        ranks.filter(leaves).map(number).collect()
    }

    /// The samples of the present articles that are not reprints.
    pub(crate) fn originals(&self) -> impl Iterator<Item = Sample<'_>> {
        let originals = self.iter().filter(|&(rank, _)| self.stats(rank).leads());
        originals.map(|(rank, _)| self.articles().sample(rank))
    }

    /// The phrase counts of the stored articles, if it keeps them.
    pub(crate) fn phrase_counts(&self) -> Option<&PhraseCounts> {
        self.data.phrase_counts.as_ref()
    }

    fn is_within(&self, rank: u32, days: &Range<i32>) -> bool {
        self.data.articles.facts(rank).date.is_none_or(|date| days.contains(&date.number()))
    }

    /// Adds what it finds for an article outside this segment to `found`. At most `most_postings` are read.
    pub(crate) fn look_up(
        &self,
        asked: &LookUpKeys<'_>,
        most_postings: usize,
        scratch: &mut Scratch,
        found: &mut CandidateHits,
    ) {
        let Some(index) = &self.data.index else {
            return self.look_up_growing(asked, most_postings, scratch, found);
        };
        let rank = index.days().place(asked.date);
        let background = match &asked.background {
            Some(days) => self.between(days),
            None => 0..self.data.numbers.len(),
        };
        let keys =
            CandidateKeys { terms: asked.terms, shingles: asked.shingles, date: asked.date, rank };
        index.look_up_among(&keys, background, most_postings, scratch);
        let is_in = |best: &&Best| self.removed == 0 || self.is_in(best.rank);
        let named = |best: &Best| best.named(self.data.numbers[best.rank as usize]);
        let CandidateHits { words, shingles, background } = found;
        for (source, found) in
            [(CandidateSource::Words, words), (CandidateSource::Shingles, shingles)]
        {
            let best = index.best(source, &keys, &found.least(), scratch);
            found.add(best.iter().filter(is_in).map(named));
        }
        let best = index.crowd_of(&keys, BACKGROUND_RANKS.end, &background.least(), scratch);
        background.add(best.iter().filter(is_in).map(named));
    }

    /// The same in a segment that still grows.
    fn look_up_growing(
        &self,
        asked: &LookUpKeys<'_>,
        most_postings: usize,
        scratch: &mut Scratch,
        found: &mut CandidateHits,
    ) {
        let LookUpKeys { terms, shingles, date, .. } = *asked;
        self.growing.look_up(terms, shingles, self.stored(), most_postings, scratch);
        let days = |rank: u32| match (date, self.data.articles.facts(rank).date) {
            (Some(one), Some(other)) => one.days_since(other).unsigned_abs(),
            _ => 0,
        };
        let near = |best: &Best| best.distance <= Days::WINDOW as u32;
        let named = |best: Best| best.named(self.data.numbers[best.rank as usize]);
        let is_of_background = |best: &Best| {
            asked.background.as_ref().is_none_or(|days| self.is_within(best.rank, days))
        };
        let of_words = || GrowingIndex::found(CandidateSource::Words, scratch, days);
        let of_shingles = || GrowingIndex::found(CandidateSource::Shingles, scratch, days);
        found.words.add(of_words().filter(near).map(named));
        found.background.add(of_words().filter(is_of_background).map(named));
        found.shingles.add(of_shingles().map(named));
    }

    /// When it was sealed.
    #[cfg(feature = "archive")]
    pub(crate) fn sealed_at(&self) -> SealedAt {
        self.data.sealed_at
    }

    /// The columns beside its articles and its index, by rank: numbers, stats, positions of distinctive
    /// words, and where the positions of each article end.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> (&[Number], &[ArrivalStatsRow], &[u8], &[u32]) {
        (&self.data.numbers, &self.data.stats, &self.data.keys.positions, &self.data.keys.ends)
    }

    /// The columns of its index; empty without one.
    #[cfg(feature = "archive")]
    pub(crate) fn candidates(&self) -> CandidateColumns<&[u32], &[u64]> {
        let empty =
            CandidateColumns { terms: &[][..], starts: &[][..], ranks: &[][..], pairs: &[][..] };
        self.data.index.as_ref().map_or(empty, CandidateIndex::columns)
    }

    /// A segment of these columns, without an index if it was never sealed.
    #[cfg(feature = "archive")]
    pub(crate) fn of_columns(
        range: Range<Number>,
        sealed_at: SealedAt,
        articles: Articles,
        (numbers, stats): (Column<Number>, Column<ArrivalStatsRow>),
        (positions, ends): (Column<u8>, Column<u32>),
        candidates: CandidateColumns<Column<u32>, Column<u64>>,
        phrase_counts: PhraseCounts,
    ) -> Segment {
        let keys = KeyPositions { positions, ends };
        let mut data =
            SegmentData { numbers, articles, stats, keys, sealed_at, ..SegmentData::default() };
        if sealed_at.is_sealed() {
            data.index = Some(CandidateIndex::of_columns(data.days(), candidates));
            data.phrase_counts = has_phrase_counts(data.numbers.len()).then_some(phrase_counts);
        }
        Self::of_data(range, Arc::new(data))
    }

    /// Copies the tombstones to another instance of the same sealed segment.
    #[cfg(feature = "archive")]
    pub(crate) fn copy_removals_to(&self, same: &mut Segment) {
        (same.ranks, same.removed) = (self.ranks.clone(), self.removed);
    }

    /// Marks all numbers from the end of the range up to this one as removed.
    pub(crate) fn skip_to(&mut self, number: Number) {
        self.range.end = number;
        self.ranks.resize((number - self.least) as usize, REMOVED);
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.data.articles.memory_usage()
            + self.ranks.capacity() * size_of::<u32>()
            + self.data.numbers.memory_usage()
            + self.data.keys.positions.memory_usage()
            + self.data.keys.ends.memory_usage()
            + self.data.stats.memory_usage()
            + self.growing.memory_usage()
            + self.data.index.as_ref().map_or(0, CandidateIndex::memory_usage)
            + self.data.phrase_counts.as_ref().map_or(0, PhraseCounts::memory_usage)
    }
}

/// The least budget of postings of a segment, so that small segments, and shingles of other days, are
/// searched too.
pub(crate) const MIN_POSTINGS: usize = 256;

/// The keys that an article is looked up by.
#[derive(Debug, Clone)]
pub(crate) struct LookUpKeys<'a> {
    /// Its distinctive words, heaviest first.
    pub(crate) terms: &'a [u32],
    pub(crate) shingles: &'a [u32],
    pub(crate) date: Option<Date>,
    /// The days of its background; `None`, for an undated article, means all.
    pub(crate) background: Option<Range<i32>>,
}

/// The best hits in all segments so far, by number.
#[derive(Debug, Default)]
pub(crate) struct CandidateHits {
    pub(crate) words: Bests,
    pub(crate) shingles: Bests,
    pub(crate) background: Bests,
}

impl CandidateHits {
    /// Empties it for the next look-up.
    pub(crate) fn clear(&mut self) {
        self.words.clear(MAX_CANDIDATES);
        self.shingles.clear(MAX_CANDIDATES);
        self.background.clear(BACKGROUND_RANKS.end);
    }
}
