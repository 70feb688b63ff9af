//! A run of articles that came one after another, laid out for being asked.

use std::ops::Range;

use crate::article::Date;
#[cfg(feature = "archive")]
use crate::candidates::CandidateColumns;
use crate::candidates::{
    Best, Bests, CANDIDATES, CandidateIndex, CandidateKeys, Days, Net, Scratch, least_shingles,
};
use crate::collection::{Articles, Kept};
use crate::column::Column;
use crate::fingerprint::KeptTerm;
use crate::index::NEIGHBOURS;
use crate::kernel::prefetch;
use crate::terms::Weight;

/// The number of an article: how many came before it. It never changes and is never given again.
pub(crate) type Number = u32;

/// No rank: of an article that is not in any more.
const GONE: u32 = u32::MAX;

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
/// articles stand in the order of their days, and none is added. It may lie in a mapped file then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    /// The numbers that are, or were, in it.
    range: Range<Number>,
    /// The least number that lies here, and the rank of each from it on.
    least: Number,
    ranks: Vec<u32>,
    /// By rank, as all that follows.
    numbers: Column<Number>,
    articles: Articles,
    placed: Column<PlacedRow>,
    /// The distinctive words, heaviest first.
    keys: Keys,
    /// Those that were taken out since.
    gone: usize,
    index: Option<CandidateIndex>,
    /// How many articles had been taken out of the archive when it was laid out. Those that were
    /// taken out later still lie in it, and have a share in what is found beside them.
    #[cfg_attr(not(feature = "archive"), expect(dead_code, reason = "only a folder keeps it"))]
    laid_out_at: u64,
}

/// Which terms of an article are its distinctive words, by their places among them, for one article
/// after another.
#[derive(Debug, Clone, Default)]
struct Keys {
    places: Column<u8>,
    ends: Column<u32>,
}

impl Keys {
    fn push(&mut self, places: &[u8]) {
        let all = self.places.made();
        all.extend_from_slice(places);
        self.ends.made().push(all.len() as u32);
    }

    fn of(&self, rank: u32) -> &[u8] {
        let start = rank.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.places[start as usize..self.ends[rank as usize] as usize]
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
        self.numbers.len() - self.gone
    }

    /// How many articles lie here, with those that were taken out since.
    pub(crate) fn laid_out(&self) -> usize {
        self.numbers.len()
    }

    #[inline]
    pub(crate) fn articles(&self) -> &Articles {
        &self.articles
    }

    #[inline]
    pub(crate) fn placed(&self, rank: u32) -> Placed {
        Placed::of(&self.placed[rank as usize])
    }

    /// The distinctive words of an article by their places among its terms, heaviest first.
    #[cfg(feature = "archive")]
    pub(crate) fn key_places(&self, rank: u32) -> &[u8] {
        self.keys.of(rank)
    }

    /// The distinctive words of an article, heaviest first.
    fn keys(&self, rank: u32) -> impl Iterator<Item = u32> {
        let terms = self.articles.terms(rank);
        self.keys.of(rank).iter().map(|&place| KeptTerm(terms[usize::from(place)]).term())
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
        self.articles.prefetch_facts(rank);
        prefetch(&self.placed[rank as usize..=rank as usize]);
    }

    fn is_in(&self, rank: u32) -> bool {
        self.rank(self.numbers[rank as usize]) == Some(rank)
    }

    /// The ranks and numbers of what is in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Number)> + Clone {
        let ranked = (0u32..).zip(self.numbers.iter().copied());
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
        self.ranks.push(self.numbers.len() as u32);
        self.numbers.made().push(number);
        self.articles.push(kept);
        self.placed.made().push(placed.row());
        self.keys.push(keys);
    }

    fn keep(&mut self, from: &Articles, rank: u32, number: Number, placed: Placed, keys: &[u8]) {
        self.numbers.made().push(number);
        self.articles.push_from(from, rank);
        self.placed.made().push(placed.row());
        self.keys.push(keys);
    }

    /// Takes an article out.
    pub(crate) fn remove(&mut self, number: Number) {
        if self.rank(number).is_some() {
            self.ranks[(number - self.least) as usize] = GONE;
            self.gone += 1;
        }
    }

    /// What is in, laid out anew after so many articles were taken out of the archive.
    pub(crate) fn compacted(&self, taken_out: u64) -> Part {
        if self.index.is_some() {
            return Part::merged(std::slice::from_ref(self), taken_out);
        }
        let mut compacted = Part { range: self.range(), ..Part::starting(self.range.start) };
        compacted.ranks = vec![GONE; self.ranks.len()];
        for ((rank, number), place) in self.iter().zip(0..) {
            compacted.ranks[(number - self.least) as usize] = place;
            let (placed, keys) = (self.placed(rank), self.keys.of(rank));
            compacted.keep(&self.articles, rank, number, placed, keys);
        }
        compacted
    }

    /// What is in some parts that follow one another, as one part with an index, after so many
    /// articles were taken out of the archive.
    pub(crate) fn merged(parts: &[Part], taken_out: u64) -> Part {
        let range = match parts {
            [first, .., last] => first.range.start..last.range.end,
            [only] => only.range(),
            [] => 0..0,
        };
        let mut all: Vec<(&Part, u32, Number)> = parts
            .iter()
            .flat_map(|part| part.iter().map(move |(rank, number)| (part, rank, number)))
            .collect();
        all.sort_unstable_by(|(x, a, _), (y, b, _)| {
            x.articles.in_order(*a).cmp(&y.articles.in_order(*b))
        });
        let mut merged = Part { range, laid_out_at: taken_out, ..Part::default() };
        for (part, rank, number) in all {
            merged.keep(&part.articles, rank, number, part.placed(rank), part.keys.of(rank));
        }
        merged.rank_numbers();
        let ranks = || 0..merged.numbers.len() as u32;
        let mut keys: Vec<u32> = Vec::with_capacity(merged.keys.places.len());
        ranks().for_each(|rank| keys.extend(merged.keys(rank)));
        let starts = std::iter::once(0).chain(merged.keys.ends.iter().copied());
        let listed = starts.zip(&*merged.keys.ends);
        let listed = listed.map(|(start, &end)| &keys[start as usize..end as usize]);
        let samples = ranks().map(|rank| merged.articles.sample(rank));
        let index = CandidateIndex::new(merged.days(), listed, samples.map(least_shingles));
        merged.index = Some(index);
        merged
    }

    /// Lists the ranks by the numbers that lie here, of which none is twice.
    fn rank_numbers(&mut self) {
        let least = self.numbers.iter().min().copied().unwrap_or(self.range.end);
        let most = self.numbers.iter().max().copied().unwrap_or(least);
        let len = if self.numbers.is_empty() { 0 } else { (most - least) as usize + 1 };
        (self.least, self.ranks) = (least, vec![GONE; len]);
        for (rank, &number) in (0..).zip(&*self.numbers) {
            self.ranks[(number - least) as usize] = rank;
        }
    }

    /// The days of its articles, which stand in their order.
    fn days(&self) -> Days {
        let ranks = 0..self.numbers.len() as u32;
        Days::new(ranks.map(|rank| self.articles.facts(rank).date))
    }

    /// How large its share is in what is read of all parts, see [`Part::look_up`].
    pub(crate) fn most_postings(&self, of_all: usize, articles: usize) -> usize {
        (of_all * self.numbers.len()).div_ceil(articles.max(1)).max(LEAST_POSTINGS)
    }

    /// The ranks of the dated articles between two days, the last one included.
    fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.index.as_ref().map_or(0..0, |index| index.days().between(days))
    }

    /// The numbers of the articles that are dated before a day.
    pub(crate) fn of_days_below(&self, day: i32) -> Vec<Number> {
        // With an index these are the first ones.
        let ranks = match self.index {
            Some(_) => self.between(&(i32::MIN..day)),
            None => 0..self.numbers.len(),
        };
        let is_below = |&rank: &u32| {
            let date = self.articles.facts(rank).date;
            self.is_in(rank) && date.is_some_and(|date| date.number() < day)
        };
        let ranks = (ranks.start as u32..ranks.end as u32).filter(is_below);
        ranks.map(|rank| self.numbers[rank as usize]).collect()
    }

    fn is_of(&self, rank: u32, days: &Range<i32>) -> bool {
        self.articles.facts(rank).date.is_none_or(|date| days.contains(&date.number()))
    }

    /// Looks an article up, which is not in. `crowd` are the days of its crowd, where it is dated.
    pub(crate) fn look_up(
        &self,
        asked: &Asked<'_>,
        most_postings: usize,
        scratch: &mut Scratch,
        found: &mut Found,
    ) {
        let Some(index) = &self.index else { return self.compare_keys(asked, found) };
        let place = index.days().place(asked.date);
        let crowd = match &asked.crowd {
            Some(days) => self.between(days),
            None => 0..self.numbers.len(),
        };
        let keys = CandidateKeys {
            terms: asked.terms,
            shingles: asked.shingles,
            date: asked.date,
            rank: place,
        };
        index.look_up_among(&keys, crowd, most_postings, scratch);
        found.is_reprint |= index.is_reprint(&keys, scratch);
        let is_in = |best: &&Best| self.gone == 0 || self.is_in(best.rank);
        let named = |best: &Best| best.named(self.numbers[best.rank as usize]);
        let Found { words, shingles, crowd, .. } = found;
        for (net, found) in [(Net::Words, words), (Net::Shingles, shingles)] {
            let best = index.best(net, &keys, &found.least(), scratch);
            found.add(best.iter().filter(is_in).map(named));
        }
        let best = index.crowd_of(&keys, NEIGHBOURS.end, &crowd.least(), scratch);
        crowd.add(best.iter().filter(is_in).map(named));
    }

    /// The same without an index: all are compared.
    fn compare_keys(&self, asked: &Asked<'_>, found: &mut Found) {
        let (terms, shingles) = (Sieve::new(asked.terms), Sieve::new(asked.shingles));
        for (rank, number) in self.iter() {
            let date = self.articles.facts(rank).date;
            let distance = match (asked.date, date) {
                (Some(one), Some(other)) => one.days_since(other).unsigned_abs(),
                _ => 0,
            };
            let shared = self.keys(rank).filter_map(|term| terms.place(term));
            if let Some(best) = Best::of_words(shared, distance, number) {
                if distance <= Days::WINDOW as u32 {
                    found.words.add([best]);
                }
                if asked.crowd.as_ref().is_none_or(|days| self.is_of(rank, days)) {
                    found.crowd.add([best]);
                }
            }
            let least = least_shingles(self.articles.sample(rank)).iter();
            let shared = least.filter_map(|&shingle| shingles.place(shingle)).count();
            let all = asked.shingles.len();
            found.shingles.add(Best::of_shingles(shared, all, distance, number));
            found.is_reprint |=
                shared > 0 && shared * 8 >= all * 7 && distance <= Days::WINDOW as u32;
        }
    }

    /// How many articles had been taken out when it got its index; `None` if it has none.
    #[cfg(feature = "archive")]
    pub(crate) fn laid_out_at(&self) -> Option<u64> {
        self.index.as_ref().map(|_| self.laid_out_at)
    }

    /// The numbers, rising from one on, and ranks of what lies here and has a share in what is found:
    /// that is what is in, and beside an index what was taken out since.
    #[cfg(feature = "archive")]
    pub(crate) fn rows(&self, from: Number) -> Vec<(Number, u32)> {
        let ranked = self.numbers.iter().copied().zip(0u32..);
        let has_share = |rank: u32| self.index.is_some() || self.is_in(rank);
        let mut rows: Vec<(Number, u32)> =
            ranked.filter(|&(number, rank)| number >= from && has_share(rank)).collect();
        rows.sort_unstable();
        rows
    }

    /// The arrays that it is made of beside its articles and its index, in the order of the ranks:
    /// numbers, what each was found to be, the places of distinctive words and where those of each end.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> (&[Number], &[PlacedRow], &[u8], &[u32]) {
        (&self.numbers, &self.placed, &self.keys.places, &self.keys.ends)
    }

    /// The index, if it has one.
    #[cfg(feature = "archive")]
    pub(crate) fn index(&self) -> Option<&CandidateIndex> {
        self.index.as_ref()
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
    ) -> Part {
        let keys = Keys { places, ends };
        let mut part =
            Part { range, numbers, articles, placed, keys, laid_out_at, ..Part::default() };
        part.rank_numbers();
        part.index = Some(CandidateIndex::of_columns(part.days(), candidates));
        part
    }

    /// Takes the articles of another part out that are not in this one, which was laid out as the same.
    #[cfg(feature = "archive")]
    pub(crate) fn take_out_of(&self, same: &mut Part) {
        (same.ranks, same.gone) = (self.ranks.clone(), self.gone);
    }

    /// The numbers of the articles that lie here and are not in any more.
    #[cfg(feature = "archive")]
    pub(crate) fn gone(&self) -> impl Iterator<Item = Number> {
        let all = if self.gone == 0 { 0..0 } else { 0..self.numbers.len() as u32 };
        all.filter(|&rank| !self.is_in(rank)).map(|rank| self.numbers[rank as usize])
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
    #[cfg(feature = "archive")]
    pub(crate) fn leave_out_before(&mut self, number: Number) {
        self.range.end = number;
        self.ranks.resize((number - self.least) as usize, GONE);
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.articles.memory_usage()
            + self.ranks.capacity() * size_of::<u32>()
            + self.numbers.memory_usage()
            + self.keys.places.memory_usage()
            + self.keys.ends.memory_usage()
            + self.placed.memory_usage()
            + self.index.as_ref().map_or(0, CandidateIndex::memory_usage)
    }
}

/// So many postings are read in the smallest part too.
const LEAST_POSTINGS: usize = 256;

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

/// A few values among which many are looked for, most in vain.
struct Sieve<'a> {
    values: &'a [u32],
    /// A bit for each value of [`Sieve::bit`]; those of the values are set.
    bits: [u64; 16],
}

impl<'a> Sieve<'a> {
    fn new(values: &'a [u32]) -> Self {
        let mut bits = [0; 16];
        values
            .iter()
            .map(|&value| Self::bit(value))
            .for_each(|bit| bits[bit / 64] |= 1 << (bit % 64));
        Sieve { values, bits }
    }

    fn bit(value: u32) -> usize {
        (value.wrapping_mul(0x9e37_79b1) >> 22) as usize
    }

    /// Where a value stands.
    #[inline]
    fn place(&self, value: u32) -> Option<usize> {
        let bit = Self::bit(value);
        let may_be = self.bits[bit / 64] >> (bit % 64) & 1 == 1;
        if may_be { self.values.iter().position(|&other| other == value) } else { None }
    }
}
