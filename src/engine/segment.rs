//! A run of articles that came one after another, sealed for being asked.

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
use crate::corpus::collection::Number;
use crate::corpus::collection::{Articles, Kept};
use crate::corpus::fingerprint::KeptTerm;
use crate::engine::batch::BACKGROUND_RANKS;
use crate::kernel::prefetch;
use crate::score::terms::TermNorms;
use crate::sketch::bottomk::Sample;
#[cfg(feature = "archive")]
use crate::store::StagedFile;
use crate::store::column::Column;

/// No rank: of an article that is not in any more.
const REMOVED: u32 = u32::MAX;

/// How many articles a segment with an index has at least that gets a phrase count table of what they have in common.
/// The phrases of fewer are counted each time.
const TALLIED: usize = if cfg!(test) { 64 } else { 4096 };

/// What an article was found to be when it came.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct ArrivalStats {
    pub(crate) weight: TermNorms,
    /// How crowded its neighbourhood is.
    pub(crate) density: f32,
    /// Whether another article of the same days is printed in nearly the same words.
    pub(crate) is_reprint: bool,
}

impl ArrivalStats {
    /// As numbers to be kept: those of the weight, with the flag of a reprint above the last one, and
    /// the bits of the density.
    pub(crate) fn row(&self) -> ArrivalStatsRow {
        let [length, lead_length, numbers] = self.weight.bits();
        let reprint = if self.is_reprint { REPRINT } else { 0 };
        [length, lead_length, numbers | reprint, self.density.to_bits()]
    }

    #[inline]
    pub(crate) fn of(&[length, lead_length, numbers, density]: &ArrivalStatsRow) -> Self {
        ArrivalStats {
            weight: TermNorms::of_bits([length, lead_length, numbers & !REPRINT]),
            density: f32::from_bits(density),
            is_reprint: numbers & REPRINT != 0,
        }
    }
}

/// What is kept of a [`ArrivalStats`].
pub(crate) type ArrivalStatsRow = [u32; 4];

/// The flag of a reprint.
const REPRINT: u32 = 1 << 16;

/// Articles of rising numbers, the last of them maybe still to come. Once a segment has its index, its
/// articles stand in the order of their days, and none is added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    /// The numbers that are, or were, in it.
    pub(crate) range: Range<Number>,
    /// What is stored here. Clones share it.
    pub(crate) data: Arc<SegmentData>,
    /// The least number that is stored here, and the rank of each from it on.
    pub(crate) least: Number,
    pub(crate) ranks: Vec<u32>,
    /// How many were taken out since it was sealed.
    pub(crate) removed: usize,
    /// What is in it, as long as it has no index.
    pub(crate) growing: GrowingIndex,
    /// Its file, if that was written and not committed yet.
    #[cfg(feature = "archive")]
    pub(crate) staged: Option<Arc<StagedFile>>,
}

/// What a segment has of each article, by rank, and how they are found. It may are stored in a mapped file.
#[derive(Debug, Clone, Default)]
pub(crate) struct SegmentData {
    pub(crate) numbers: Column<Number>,
    pub(crate) articles: Articles,
    pub(crate) stats: Column<ArrivalStatsRow>,
    /// The distinctive words, heaviest first.
    pub(crate) keys: Keys,
    pub(crate) index: Option<CandidateIndex>,
    /// The phrases that its tellings had in common when it was sealed, if they are many.
    pub(crate) phrase_counts: Option<PhraseCounts>,
    /// How many articles had been taken out of the archive when it was sealed. Those that were
    /// taken out later still are stored in it, and have a share in what is found beside them.
    #[cfg_attr(not(feature = "archive"), expect(dead_code, reason = "only a folder keeps it"))]
    pub(crate) sealed_at: u64,
}

/// Which terms of an article are its distinctive words, by their places among them, for one article
/// after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    pub(crate) places: Column<u8>,
    pub(crate) ends: Column<u32>,
}

impl Keys {
    /// None yet, with room for all of these.
    pub(crate) fn with_room<'a>(all: impl Iterator<Item = &'a Keys> + Clone) -> Self {
        let places = all.clone().map(|keys| keys.places.len()).sum();
        let ends = all.map(|keys| keys.ends.len()).sum();
        Keys { places: Vec::with_capacity(places).into(), ends: Vec::with_capacity(ends).into() }
    }

    fn push(&mut self, places: &[u8]) {
        let all = self.places.made();
        all.extend_from_slice(places);
        self.ends.made().push(all.len() as u32);
    }

    pub(crate) fn of(&self, rank: u32) -> &[u8] {
        let start = rank.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.places[start as usize..self.ends[rank as usize] as usize]
    }
}

/// Whether a segment with an index, of so many articles, has a phrase count table.
pub(crate) fn is_tallied(articles: usize) -> bool {
    articles >= TALLIED
}

impl SegmentData {
    /// Puts an article of other articles last.
    pub(crate) fn keep(
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
    pub(crate) fn keys(&self, rank: u32) -> impl Iterator<Item = u32> {
        let terms = self.articles.terms(rank);
        self.keys.of(rank).iter().map(|&place| KeptTerm(terms[usize::from(place)]).term())
    }

    /// The days of its articles, which stand in their order.
    pub(crate) fn days(&self) -> Days {
        let ranks = 0..self.numbers.len() as u32;
        Days::new(ranks.map(|rank| self.articles.facts(rank).date))
    }
}

impl Segment {
    /// No articles yet; the first one will have this number.
    pub(crate) fn starting(first: Number) -> Self {
        Segment { range: first..first, least: first, ..Segment::default() }
    }

    /// The numbers that are, or were, in this segment.
    pub(crate) fn range(&self) -> Range<Number> {
        self.range.clone()
    }

    /// How many articles are in.
    pub(crate) fn len(&self) -> usize {
        self.data.numbers.len() - self.removed
    }

    /// How many articles are stored here, with those that were taken out since.
    pub(crate) fn sealed(&self) -> usize {
        self.data.numbers.len()
    }

    /// Whether it has its index, so that none is added.
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

    /// The distinctive words of an article by their places among its terms, heaviest first.
    #[cfg(feature = "archive")]
    pub(crate) fn key_places(&self, rank: u32) -> &[u8] {
        self.data.keys.of(rank)
    }

    /// The rank of the article of a number, if it is in.
    #[inline]
    pub(crate) fn rank(&self, number: Number) -> Option<u32> {
        let rank = *self.ranks.get(number.checked_sub(self.least)? as usize)?;
        (rank != REMOVED).then_some(rank)
    }

    /// Asks for the rank of a number to be brought near.
    pub(crate) fn prefetch_rank(&self, number: Number) {
        let at = number.wrapping_sub(self.least) as usize;
        prefetch(self.ranks.get(at..=at).unwrap_or_default());
    }

    /// Asks for what is known of an article to be brought near, but its words and its sample.
    pub(crate) fn prefetch(&self, rank: u32) {
        self.data.articles.prefetch_facts(rank);
        prefetch(&self.data.stats[rank as usize..=rank as usize]);
    }

    fn is_in(&self, rank: u32) -> bool {
        self.rank(self.data.numbers[rank as usize]) == Some(rank)
    }

    /// The ranks and numbers of what is in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Number)> + Clone {
        let ranked = (0u32..).zip(self.data.numbers.iter().copied());
        ranked.filter(|&(rank, _)| self.is_in(rank))
    }

    /// The numbers of what is in, rising, with the ranks.
    pub(crate) fn present(&self) -> impl Iterator<Item = (Number, u32)> {
        let numbered = (self.least..).zip(self.ranks.iter().copied());
        numbered.filter(|&(_, rank)| rank != REMOVED)
    }

    /// Puts an article last, under the next number.
    pub(crate) fn push(&mut self, kept: &Kept<'_>, stats: ArrivalStats, keys: &[u8]) {
        let number = self.range.end;
        self.range.end += 1;
        self.ranks.push(self.data.numbers.len() as u32);
        let data = Arc::make_mut(&mut self.data);
        data.numbers.made().push(number);
        data.articles.push(kept);
        data.stats.made().push(stats.row());
        data.keys.push(keys);
        self.list_last();
    }

    /// Lists the last article.
    fn list_last(&mut self) {
        let Segment { data, growing, .. } = self;
        let rank = data.numbers.len() as u32 - 1;
        growing.push(rank, data.keys(rank), bottom_shingles(data.articles.sample(rank)));
    }

    /// Takes an article out.
    pub(crate) fn remove(&mut self, number: Number) {
        let Some(rank) = self.rank(number) else { return };
        self.ranks[(number - self.least) as usize] = REMOVED;
        self.removed += 1;
        let Segment { data, growing, .. } = self;
        if data.index.is_none() {
            growing.remove(rank, data.keys(rank), bottom_shingles(data.articles.sample(rank)));
        }
    }

    /// The segment in which this is stored, all of it in.
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

    /// How many articles are listed here among which words are looked up: those of the days in question,
    /// and the undated ones.
    pub(crate) fn listed(&self, asked: &LookUpKeys<'_>) -> usize {
        match (&self.data.index, asked.date, &asked.background) {
            // What was taken out is listed in an index, and not where articles are added.
            (None, ..) => self.len(),
            (Some(index), Some(date), Some(background)) => {
                let (day, window) = (date.number(), Days::WINDOW);
                let days = background.start.min(day - window)..background.end.max(day + window + 1);
                index.days().between(&days).len() + index.days().undated()
            }
            _ => self.sealed(),
        }
    }

    /// The ranks of the dated articles between two days, the last one included.
    fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.data.index.as_ref().map_or(0..0, |index| index.days().between(days))
    }

    /// The numbers of the articles that are dated before a day.
    pub(crate) fn of_days_below(&self, day: i32) -> Vec<Number> {
        // With an index these are the first ones.
        let ranks = match self.data.index {
            Some(_) => self.between(&(i32::MIN..day)),
            None => 0..self.data.numbers.len(),
        };
        let is_below = |&rank: &u32| {
            let date = self.data.articles.facts(rank).date;
            self.is_in(rank) && date.is_some_and(|date| date.number() < day)
        };
        let ranks = (ranks.start as u32..ranks.end as u32).filter(is_below);
        ranks.map(|rank| self.data.numbers[rank as usize]).collect()
    }

    /// The samples of the articles that are in, reprints left out.
    pub(crate) fn tellings(&self) -> impl Iterator<Item = Sample<'_>> {
        let tellings = self.iter().filter(|&(rank, _)| !self.stats(rank).is_reprint);
        tellings.map(|(rank, _)| self.articles().sample(rank))
    }

    /// What the articles that are stored here have in common, if it was counted.
    pub(crate) fn phrase_counts(&self) -> Option<&PhraseCounts> {
        self.data.phrase_counts.as_ref()
    }

    fn is_of(&self, rank: u32, days: &Range<i32>) -> bool {
        self.data.articles.facts(rank).date.is_none_or(|date| days.contains(&date.number()))
    }

    /// Looks an article up, which is not in.
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
        let place = index.days().place(asked.date);
        let background = match &asked.background {
            Some(days) => self.between(days),
            None => 0..self.data.numbers.len(),
        };
        let keys = CandidateKeys {
            terms: asked.terms,
            shingles: asked.shingles,
            date: asked.date,
            rank: place,
        };
        index.look_up_among(&keys, background, most_postings, scratch);
        found.is_reprint |= index.is_reprint_of_any(&keys, scratch);
        let is_in = |best: &&Best| self.removed == 0 || self.is_in(best.rank);
        let named = |best: &Best| best.named(self.data.numbers[best.rank as usize]);
        let CandidateHits { words, shingles, background, .. } = found;
        for (source, found) in
            [(CandidateSource::Words, words), (CandidateSource::Shingles, shingles)]
        {
            let best = index.best(source, &keys, &found.least(), scratch);
            found.add(best.iter().filter(is_in).map(named));
        }
        let best = index.crowd_of(&keys, BACKGROUND_RANKS.end, &background.least(), scratch);
        background.add(best.iter().filter(is_in).map(named));
    }

    /// The same in a segment to which articles are added.
    fn look_up_growing(
        &self,
        asked: &LookUpKeys<'_>,
        most_postings: usize,
        scratch: &mut Scratch,
        found: &mut CandidateHits,
    ) {
        let LookUpKeys { terms, shingles, date, .. } = *asked;
        self.growing.look_up(terms, shingles, self.sealed(), most_postings, scratch);
        let days = |rank: u32| match (date, self.data.articles.facts(rank).date) {
            (Some(one), Some(other)) => one.days_since(other).unsigned_abs(),
            _ => 0,
        };
        let near = |best: &Best| best.distance <= Days::WINDOW as u32;
        let named = |best: Best| best.named(self.data.numbers[best.rank as usize]);
        let is_of_crowd =
            |best: &Best| asked.background.as_ref().is_none_or(|days| self.is_of(best.rank, days));
        let of_words = || GrowingIndex::found(CandidateSource::Words, scratch, days);
        let of_shingles = || GrowingIndex::found(CandidateSource::Shingles, scratch, days);
        found.words.add(of_words().filter(near).map(named));
        found.background.add(of_words().filter(is_of_crowd).map(named));
        found.shingles.add(of_shingles().map(named));
        let is_reprint = |best: &Best| best.shared() * 8 >= shingles.len() * 7 && near(best);
        found.is_reprint |= of_shingles().any(|best| is_reprint(&best));
    }

    /// How many articles had been taken out when it was sealed.
    #[cfg(feature = "archive")]
    pub(crate) fn sealed_at(&self) -> u64 {
        self.data.sealed_at
    }

    /// The arrays that it is made of beside its articles and its index, in the order of the ranks:
    /// numbers, what each was found to be, the places of distinctive words and where those of each end.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> (&[Number], &[ArrivalStatsRow], &[u8], &[u32]) {
        (&self.data.numbers, &self.data.stats, &self.data.keys.places, &self.data.keys.ends)
    }

    /// The arrays that its index is made of; empty without one.
    #[cfg(feature = "archive")]
    pub(crate) fn candidates(&self) -> CandidateColumns<&[u32], &[u64]> {
        let empty =
            CandidateColumns { terms: &[][..], starts: &[][..], ranks: &[][..], pairs: &[][..] };
        self.data.index.as_ref().map_or(empty, CandidateIndex::columns)
    }

    /// The segment that has these arrays, as it was sealed after so many articles had been taken out.
    #[cfg(feature = "archive")]
    pub(crate) fn of_columns(
        range: Range<Number>,
        sealed_at: u64,
        articles: Articles,
        (numbers, stats): (Column<Number>, Column<ArrivalStatsRow>),
        (places, ends): (Column<u8>, Column<u32>),
        candidates: CandidateColumns<Column<u32>, Column<u64>>,
        phrase_counts: PhraseCounts,
    ) -> Segment {
        let keys = Keys { places, ends };
        let mut data =
            SegmentData { numbers, articles, stats, keys, sealed_at, ..SegmentData::default() };
        data.index = Some(CandidateIndex::of_columns(data.days(), candidates));
        data.phrase_counts = is_tallied(data.numbers.len()).then_some(phrase_counts);
        Self::of_data(range, Arc::new(data))
    }

    /// Its file, if that was written and not committed yet.
    #[cfg(feature = "archive")]
    pub(crate) fn staged(&self) -> Option<&StagedFile> {
        self.staged.as_deref()
    }

    /// The same segment with its file.
    #[cfg(all(feature = "archive", feature = "parallel"))]
    pub(crate) fn with_file(self, staged: StagedFile) -> Segment {
        Segment { staged: Some(Arc::new(staged)), ..self }
    }

    /// Its file was committed.
    #[cfg(feature = "archive")]
    pub(crate) fn forget_ahead(&mut self) {
        self.staged = None;
    }

    /// Takes the articles of another segment out that are not in this one, which was sealed as the same.
    #[cfg(feature = "archive")]
    pub(crate) fn take_out_of(&self, same: &mut Segment) {
        (same.ranks, same.removed) = (self.ranks.clone(), self.removed);
    }

    /// Puts an article last that lay here before, under its number. Those between the last one and it
    /// are not in.
    #[cfg(feature = "archive")]
    pub(crate) fn put_back(
        &mut self,
        number: Number,
        kept: &Kept<'_>,
        stats: ArrivalStats,
        keys: &[u8],
    ) {
        self.leave_out_before(number);
        self.push(kept, stats, keys);
    }

    /// The numbers before this one that have not come are not in.
    pub(crate) fn leave_out_before(&mut self, number: Number) {
        self.range.end = number;
        self.ranks.resize((number - self.least) as usize, REMOVED);
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.data.articles.memory_usage()
            + self.ranks.capacity() * size_of::<u32>()
            + self.data.numbers.memory_usage()
            + self.data.keys.places.memory_usage()
            + self.data.keys.ends.memory_usage()
            + self.data.stats.memory_usage()
            + self.growing.memory_usage()
            + self.data.index.as_ref().map_or(0, CandidateIndex::memory_usage)
            + self.data.phrase_counts.as_ref().map_or(0, PhraseCounts::memory_usage)
    }
}

/// So many postings are read in the smallest segment too, and of shingles where no days in question are.
pub(crate) const MIN_POSTINGS: usize = 256;

/// What an article is looked up by.
#[derive(Debug, Clone)]
pub(crate) struct LookUpKeys<'a> {
    /// Its distinctive words, heaviest first.
    pub(crate) terms: &'a [u32],
    pub(crate) shingles: &'a [u32],
    pub(crate) date: Option<Date>,
    /// The days of its background; of an undated one everything is.
    pub(crate) background: Option<Range<i32>>,
}

/// What the segments bring up, by the numbers of the articles.
#[derive(Debug, Default)]
pub(crate) struct CandidateHits {
    pub(crate) words: Bests,
    pub(crate) shingles: Bests,
    pub(crate) background: Bests,
    pub(crate) is_reprint: bool,
}

impl CandidateHits {
    /// Nothing yet.
    pub(crate) fn clear(&mut self) {
        self.words.clear(MAX_CANDIDATES);
        self.shingles.clear(MAX_CANDIDATES);
        self.background.clear(BACKGROUND_RANKS.end);
        self.is_reprint = false;
    }
}
