//! A run of articles that came one after another, laid out for being asked.

use std::ops::Range;
use std::sync::Arc;

#[cfg(feature = "archive")]
use crate::candidates::CandidateColumns;
use crate::candidates::{
    Best, Bests, CANDIDATES, CandidateIndex, CandidateKeys, Days, GrowingIndex, Net, Scratch,
    least_shingles,
};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::Tally;
use crate::corpus::collection::Number;
use crate::corpus::collection::{Articles, Kept};
use crate::corpus::fingerprint::KeptTerm;
use crate::engine::index::NEIGHBOURS;
use crate::kernel::prefetch;
use crate::score::terms::Weight;
use crate::sketch::bottomk::Sample;
#[cfg(feature = "archive")]
use crate::store::Ahead;
use crate::store::column::Column;

/// No rank: of an article that is not in any more.
const GONE: u32 = u32::MAX;

/// How many articles a part with an index has at least that gets a tally of what they have in common.
/// The phrases of fewer are counted each time.
const TALLIED: usize = if cfg!(test) { 64 } else { 4096 };

/// What an article was found to be when it came.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Placed {
    pub(crate) weight: Weight,
    /// How crowded its neighbourhood is.
    pub(crate) density: f32,
    /// Whether another article of the same days is printed in nearly the same words.
    pub(crate) is_reprint: bool,
}

impl Placed {
    /// As numbers to be kept: those of the weight, with the flag of a reprint above the last one, and
    /// the bits of the density.
    pub(crate) fn row(&self) -> PlacedRow {
        let [length, lead_length, numbers] = self.weight.bits();
        let reprint = if self.is_reprint { REPRINT } else { 0 };
        [length, lead_length, numbers | reprint, self.density.to_bits()]
    }

    #[inline]
    pub(crate) fn of(&[length, lead_length, numbers, density]: &PlacedRow) -> Self {
        Placed {
            weight: Weight::of_bits([length, lead_length, numbers & !REPRINT]),
            density: f32::from_bits(density),
            is_reprint: numbers & REPRINT != 0,
        }
    }
}

/// What is kept of a [`Placed`].
pub(crate) type PlacedRow = [u32; 4];

/// The flag of a reprint.
const REPRINT: u32 = 1 << 16;

/// Articles of rising numbers, the last of them maybe still to come. Once a part has its index, its
/// articles stand in the order of their days, and none is added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    /// The numbers that are, or were, in it.
    pub(crate) range: Range<Number>,
    /// What lies here. Clones share it.
    pub(crate) laid: Arc<Laid>,
    /// The least number that lies here, and the rank of each from it on.
    pub(crate) least: Number,
    pub(crate) ranks: Vec<u32>,
    /// How many were taken out since it was laid out.
    pub(crate) gone: usize,
    /// What is in it, as long as it has no index.
    pub(crate) growing: GrowingIndex,
    /// Its file, if that was written and not committed yet.
    #[cfg(feature = "archive")]
    pub(crate) ahead: Option<Arc<Ahead>>,
}

/// What a part has of each article, by rank, and how they are found. It may lie in a mapped file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Laid {
    pub(crate) numbers: Column<Number>,
    pub(crate) articles: Articles,
    pub(crate) placed: Column<PlacedRow>,
    /// The distinctive words, heaviest first.
    pub(crate) keys: Keys,
    pub(crate) index: Option<CandidateIndex>,
    /// The phrases that its tellings had in common when it was laid out, if they are many.
    pub(crate) tally: Option<Tally>,
    /// How many articles had been taken out of the archive when it was laid out. Those that were
    /// taken out later still lie in it, and have a share in what is found beside them.
    #[cfg_attr(not(feature = "archive"), expect(dead_code, reason = "only a folder keeps it"))]
    pub(crate) laid_out_at: u64,
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

/// Whether a part with an index, of so many articles, has a tally.
pub(crate) fn is_tallied(articles: usize) -> bool {
    articles >= TALLIED
}

impl Laid {
    /// Puts an article of other articles last.
    pub(crate) fn keep(
        &mut self,
        from: &Articles,
        rank: u32,
        number: Number,
        placed: Placed,
        keys: &[u8],
    ) {
        self.numbers.made().push(number);
        self.articles.push_from(from, rank);
        self.placed.made().push(placed.row());
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

impl Part {
    /// No articles yet; the first one will have this number.
    pub(crate) fn starting(first: Number) -> Self {
        Part { range: first..first, least: first, ..Part::default() }
    }

    /// The numbers that are, or were, in this part.
    pub(crate) fn range(&self) -> Range<Number> {
        self.range.clone()
    }

    /// How many articles are in.
    pub(crate) fn len(&self) -> usize {
        self.laid.numbers.len() - self.gone
    }

    /// How many articles lie here, with those that were taken out since.
    pub(crate) fn laid_out(&self) -> usize {
        self.laid.numbers.len()
    }

    /// Whether it has its index, so that none is added.
    pub(crate) fn is_indexed(&self) -> bool {
        self.laid.index.is_some()
    }

    #[inline]
    pub(crate) fn articles(&self) -> &Articles {
        &self.laid.articles
    }

    #[inline]
    pub(crate) fn placed(&self, rank: u32) -> Placed {
        Placed::of(&self.laid.placed[rank as usize])
    }

    /// The distinctive words of an article by their places among its terms, heaviest first.
    #[cfg(feature = "archive")]
    pub(crate) fn key_places(&self, rank: u32) -> &[u8] {
        self.laid.keys.of(rank)
    }

    /// The rank of the article of a number, if it is in.
    #[inline]
    pub(crate) fn rank(&self, number: Number) -> Option<u32> {
        let rank = *self.ranks.get(number.checked_sub(self.least)? as usize)?;
        (rank != GONE).then_some(rank)
    }

    /// Asks for the rank of a number to be brought near.
    pub(crate) fn prefetch_rank(&self, number: Number) {
        let at = number.wrapping_sub(self.least) as usize;
        prefetch(self.ranks.get(at..=at).unwrap_or_default());
    }

    /// Asks for what is known of an article to be brought near, but its words and its sample.
    pub(crate) fn prefetch(&self, rank: u32) {
        self.laid.articles.prefetch_facts(rank);
        prefetch(&self.laid.placed[rank as usize..=rank as usize]);
    }

    fn is_in(&self, rank: u32) -> bool {
        self.rank(self.laid.numbers[rank as usize]) == Some(rank)
    }

    /// The ranks and numbers of what is in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Number)> + Clone {
        let ranked = (0u32..).zip(self.laid.numbers.iter().copied());
        ranked.filter(|&(rank, _)| self.is_in(rank))
    }

    /// The numbers of what is in, rising, with the ranks.
    pub(crate) fn present(&self) -> impl Iterator<Item = (Number, u32)> {
        let numbered = (self.least..).zip(self.ranks.iter().copied());
        numbered.filter(|&(_, rank)| rank != GONE)
    }

    /// Puts an article last, under the next number.
    pub(crate) fn push(&mut self, kept: &Kept<'_>, placed: Placed, keys: &[u8]) {
        let number = self.range.end;
        self.range.end += 1;
        self.ranks.push(self.laid.numbers.len() as u32);
        let laid = Arc::make_mut(&mut self.laid);
        laid.numbers.made().push(number);
        laid.articles.push(kept);
        laid.placed.made().push(placed.row());
        laid.keys.push(keys);
        self.list_last();
    }

    /// Lists the last article.
    fn list_last(&mut self) {
        let Part { laid, growing, .. } = self;
        let rank = laid.numbers.len() as u32 - 1;
        growing.push(rank, laid.keys(rank), least_shingles(laid.articles.sample(rank)));
    }

    /// Takes an article out.
    pub(crate) fn remove(&mut self, number: Number) {
        let Some(rank) = self.rank(number) else { return };
        self.ranks[(number - self.least) as usize] = GONE;
        self.gone += 1;
        let Part { laid, growing, .. } = self;
        if laid.index.is_none() {
            growing.remove(rank, laid.keys(rank), least_shingles(laid.articles.sample(rank)));
        }
    }

    /// The part in which this lies, all of it in.
    pub(crate) fn of_laid(range: Range<Number>, laid: Arc<Laid>) -> Part {
        let least = laid.numbers.iter().min().copied().unwrap_or(range.end);
        let most = laid.numbers.iter().max().copied().unwrap_or(least);
        let len = if laid.numbers.is_empty() { 0 } else { (most - least) as usize + 1 };
        let mut ranks = vec![GONE; len];
        for (rank, &number) in (0..).zip(&*laid.numbers) {
            ranks[(number - least) as usize] = rank;
        }
        Part { range, laid, least, ranks, ..Part::default() }
    }

    /// How many articles are listed here among which words are looked up: those of the days in question,
    /// and the undated ones.
    pub(crate) fn listed(&self, asked: &Asked<'_>) -> usize {
        match (&self.laid.index, asked.date, &asked.crowd) {
            // What was taken out is listed in an index, and not where articles are added.
            (None, ..) => self.len(),
            (Some(index), Some(date), Some(crowd)) => {
                let (day, window) = (date.number(), Days::WINDOW);
                let days = crowd.start.min(day - window)..crowd.end.max(day + window + 1);
                index.days().between(&days).len() + index.days().undated()
            }
            _ => self.laid_out(),
        }
    }

    /// The ranks of the dated articles between two days, the last one included.
    fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.laid.index.as_ref().map_or(0..0, |index| index.days().between(days))
    }

    /// The numbers of the articles that are dated before a day.
    pub(crate) fn of_days_below(&self, day: i32) -> Vec<Number> {
        // With an index these are the first ones.
        let ranks = match self.laid.index {
            Some(_) => self.between(&(i32::MIN..day)),
            None => 0..self.laid.numbers.len(),
        };
        let is_below = |&rank: &u32| {
            let date = self.laid.articles.facts(rank).date;
            self.is_in(rank) && date.is_some_and(|date| date.number() < day)
        };
        let ranks = (ranks.start as u32..ranks.end as u32).filter(is_below);
        ranks.map(|rank| self.laid.numbers[rank as usize]).collect()
    }

    /// The samples of the articles that are in, reprints left out.
    pub(crate) fn tellings(&self) -> impl Iterator<Item = Sample<'_>> {
        let tellings = self.iter().filter(|&(rank, _)| !self.placed(rank).is_reprint);
        tellings.map(|(rank, _)| self.articles().sample(rank))
    }

    /// What the articles that lie here have in common, if it was counted.
    pub(crate) fn tally(&self) -> Option<&Tally> {
        self.laid.tally.as_ref()
    }

    fn is_of(&self, rank: u32, days: &Range<i32>) -> bool {
        self.laid.articles.facts(rank).date.is_none_or(|date| days.contains(&date.number()))
    }

    /// Looks an article up, which is not in.
    pub(crate) fn look_up(
        &self,
        asked: &Asked<'_>,
        most_postings: usize,
        scratch: &mut Scratch,
        found: &mut Found,
    ) {
        let Some(index) = &self.laid.index else {
            return self.look_up_growing(asked, most_postings, scratch, found);
        };
        let place = index.days().place(asked.date);
        let crowd = match &asked.crowd {
            Some(days) => self.between(days),
            None => 0..self.laid.numbers.len(),
        };
        let keys = CandidateKeys {
            terms: asked.terms,
            shingles: asked.shingles,
            date: asked.date,
            rank: place,
        };
        index.look_up_among(&keys, crowd, most_postings, scratch);
        found.is_reprint |= index.is_reprint_of_any(&keys, scratch);
        let is_in = |best: &&Best| self.gone == 0 || self.is_in(best.rank);
        let named = |best: &Best| best.named(self.laid.numbers[best.rank as usize]);
        let Found { words, shingles, crowd, .. } = found;
        for (net, found) in [(Net::Words, words), (Net::Shingles, shingles)] {
            let best = index.best(net, &keys, &found.least(), scratch);
            found.add(best.iter().filter(is_in).map(named));
        }
        let best = index.crowd_of(&keys, NEIGHBOURS.end, &crowd.least(), scratch);
        crowd.add(best.iter().filter(is_in).map(named));
    }

    /// The same in a part to which articles are added.
    fn look_up_growing(
        &self,
        asked: &Asked<'_>,
        most_postings: usize,
        scratch: &mut Scratch,
        found: &mut Found,
    ) {
        let Asked { terms, shingles, date, .. } = *asked;
        self.growing.look_up(terms, shingles, self.laid_out(), most_postings, scratch);
        let days = |rank: u32| match (date, self.laid.articles.facts(rank).date) {
            (Some(one), Some(other)) => one.days_since(other).unsigned_abs(),
            _ => 0,
        };
        let near = |best: &Best| best.distance <= Days::WINDOW as u32;
        let named = |best: Best| best.named(self.laid.numbers[best.rank as usize]);
        let is_of_crowd =
            |best: &Best| asked.crowd.as_ref().is_none_or(|days| self.is_of(best.rank, days));
        let of_words = || GrowingIndex::found(Net::Words, scratch, days);
        let of_shingles = || GrowingIndex::found(Net::Shingles, scratch, days);
        found.words.add(of_words().filter(near).map(named));
        found.crowd.add(of_words().filter(is_of_crowd).map(named));
        found.shingles.add(of_shingles().map(named));
        let is_reprint = |best: &Best| best.shared() * 8 >= shingles.len() * 7 && near(best);
        found.is_reprint |= of_shingles().any(|best| is_reprint(&best));
    }

    /// How many articles had been taken out when it was laid out.
    #[cfg(feature = "archive")]
    pub(crate) fn laid_out_at(&self) -> u64 {
        self.laid.laid_out_at
    }

    /// The arrays that it is made of beside its articles and its index, in the order of the ranks:
    /// numbers, what each was found to be, the places of distinctive words and where those of each end.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> (&[Number], &[PlacedRow], &[u8], &[u32]) {
        (&self.laid.numbers, &self.laid.placed, &self.laid.keys.places, &self.laid.keys.ends)
    }

    /// The arrays that its index is made of; empty without one.
    #[cfg(feature = "archive")]
    pub(crate) fn candidates(&self) -> CandidateColumns<&[u32], &[u64]> {
        let empty =
            CandidateColumns { terms: &[][..], starts: &[][..], ranks: &[][..], pairs: &[][..] };
        self.laid.index.as_ref().map_or(empty, CandidateIndex::columns)
    }

    /// The part that has these arrays, as it was laid out after so many articles had been taken out.
    #[cfg(feature = "archive")]
    pub(crate) fn of_columns(
        range: Range<Number>,
        laid_out_at: u64,
        articles: Articles,
        (numbers, placed): (Column<Number>, Column<PlacedRow>),
        (places, ends): (Column<u8>, Column<u32>),
        candidates: CandidateColumns<Column<u32>, Column<u64>>,
        tally: Tally,
    ) -> Part {
        let keys = Keys { places, ends };
        let mut laid = Laid { numbers, articles, placed, keys, laid_out_at, ..Laid::default() };
        laid.index = Some(CandidateIndex::of_columns(laid.days(), candidates));
        laid.tally = is_tallied(laid.numbers.len()).then_some(tally);
        Self::of_laid(range, Arc::new(laid))
    }

    /// Its file, if that was written and not committed yet.
    #[cfg(feature = "archive")]
    pub(crate) fn ahead(&self) -> Option<&Ahead> {
        self.ahead.as_deref()
    }

    /// The same part with its file.
    #[cfg(all(feature = "archive", feature = "parallel"))]
    pub(crate) fn with_file(self, ahead: Ahead) -> Part {
        Part { ahead: Some(Arc::new(ahead)), ..self }
    }

    /// Its file was committed.
    #[cfg(feature = "archive")]
    pub(crate) fn forget_ahead(&mut self) {
        self.ahead = None;
    }

    /// Takes the articles of another part out that are not in this one, which was laid out as the same.
    #[cfg(feature = "archive")]
    pub(crate) fn take_out_of(&self, same: &mut Part) {
        (same.ranks, same.gone) = (self.ranks.clone(), self.gone);
    }

    /// Puts an article last that lay here before, under its number. Those between the last one and it
    /// are not in.
    #[cfg(feature = "archive")]
    pub(crate) fn put_back(
        &mut self,
        number: Number,
        kept: &Kept<'_>,
        placed: Placed,
        keys: &[u8],
    ) {
        self.leave_out_before(number);
        self.push(kept, placed, keys);
    }

    /// The numbers before this one that have not come are not in.
    pub(crate) fn leave_out_before(&mut self, number: Number) {
        self.range.end = number;
        self.ranks.resize((number - self.least) as usize, GONE);
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.laid.articles.memory_usage()
            + self.ranks.capacity() * size_of::<u32>()
            + self.laid.numbers.memory_usage()
            + self.laid.keys.places.memory_usage()
            + self.laid.keys.ends.memory_usage()
            + self.laid.placed.memory_usage()
            + self.growing.memory_usage()
            + self.laid.index.as_ref().map_or(0, CandidateIndex::memory_usage)
            + self.laid.tally.as_ref().map_or(0, Tally::memory_usage)
    }
}

/// So many postings are read in the smallest part too, and of shingles where no days in question are.
pub(crate) const LEAST_POSTINGS: usize = 256;

/// What an article is looked up by.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// Its distinctive words, heaviest first.
    pub(crate) terms: &'a [u32],
    pub(crate) shingles: &'a [u32],
    pub(crate) date: Option<Date>,
    /// The days of its crowd; of an undated one everything is.
    pub(crate) crowd: Option<Range<i32>>,
}

/// What the parts bring up, by the numbers of the articles.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) words: Bests,
    pub(crate) shingles: Bests,
    pub(crate) crowd: Bests,
    pub(crate) is_reprint: bool,
}

impl Found {
    /// Nothing yet.
    pub(crate) fn clear(&mut self) {
        self.words.clear(CANDIDATES);
        self.shingles.clear(CANDIDATES);
        self.crowd.clear(NEIGHBOURS.end);
        self.is_reprint = false;
    }
}
