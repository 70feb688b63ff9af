//! The state of an archive in the manifest: settings, counters, segments and pending merges.
//!
//! A few numbers of 8 bytes, written by every commit and checked on opening.

use std::ops::Range;
use std::path::Path;

use crate::candidates::GrowingIndex;
use crate::corpus::article::Date;
use crate::corpus::collection::Number;
use crate::engine::clock::Clock;
use crate::engine::contents::Contents;
use crate::engine::merging::SegmentMerge;
use crate::engine::segment::{SealedAt, Segment};
use crate::engine::segments::{Counters, MAX_NEWEST};
use crate::engine::settings::Settings;
use crate::error::{Error, ErrorKind, must_be};
use crate::families::family::Representative;
use crate::score::relation::{Cuts, Level};
use crate::store::damaged;

/// The version of the format that `FORMAT.md` describes.
const VERSION: u64 = 1;

/// The seed of all hashes: the pinned one. A secret one, so that nobody can construct texts of one hash,
/// has a place here and no implementation yet.
const SEED: u64 = 0;

/// The policies for a representative by their stored numbers.
const REPRESENTATIVES: [Representative; 3] =
    [Representative::Earliest, Representative::Longest, Representative::MostCentral];

/// The state of an archive beside its files.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    /// The number of the next article.
    pub(crate) next: Number,
    /// The id of the next family.
    pub(crate) next_family: u64,
    pub(crate) counters: Counters,
    /// How many articles the newest segment has before it is sealed with an index.
    pub(crate) newest: u32,
    /// The first number of the newest segment.
    pub(crate) first_newest: Number,
    /// The segments with an index, by ascending numbers.
    pub(crate) list: Vec<SegmentId>,
    /// The pending merges, oldest first.
    pub(crate) merges: Vec<PendingMerge>,
}

/// The identity of a segment. That of one without an index was never sealed, and may be empty.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SegmentId {
    pub(crate) range: Range<Number>,
    pub(crate) sealed_at: SealedAt,
}

/// A merge that was planned and is not due yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PendingMerge {
    pub(crate) range: Range<Number>,
    /// How many articles had been removed when it was planned.
    pub(crate) removals: u64,
    /// It takes effect when the next article has this number.
    pub(crate) due: Number,
}

impl State {
    /// The state of an archive without articles.
    pub(crate) fn new(settings: Settings) -> Self {
        State {
            settings,
            clock: Clock::default(),
            next: 0,
            next_family: 0,
            counters: Counters::default(),
            newest: MAX_NEWEST,
            first_newest: 0,
            list: Vec::new(),
            merges: Vec::new(),
        }
    }

    /// The current state of an archive.
    pub(crate) fn of(contents: &Contents) -> Self {
        let Contents { settings, segments, families, clock, .. } = contents;
        State {
            settings: *settings,
            clock: clock.clone(),
            next: segments.next(),
            next_family: families.next(),
            counters: segments.counters,
            newest: segments.newest,
            first_newest: segments.first_newest(),
            list: segments.indexed().iter().map(SegmentId::of).collect(),
            merges: segments.merges.iter().map(PendingMerge::of).collect(),
        }
    }

    /// The stored form.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let Settings { level, cuts, representative, window, texts } = self.settings;
        let Counters { changes, counted, next_counted, removals, regroupings, regrouped } =
            self.counters;
        let bits = |level| u64::from(cuts.of(level).to_bits());
        let fields = [
            VERSION,
            SEED,
            level as u64,
            bits(Level::Copy),
            bits(Level::Retelling),
            bits(Level::Event),
            representative as u64,
            window.unwrap_or(0).into(),
            texts.into(),
            self.clock.is_set.into(),
            self.clock.moves.len() as u64,
            self.next.into(),
            self.next_family,
            changes as u64,
            counted as u64,
            next_counted.into(),
            removals,
            regroupings,
            regrouped as u64,
            self.newest.into(),
            self.first_newest.into(),
            self.list.len() as u64,
        ];
        let segment = |segment: &SegmentId| segment.fields();
        let merge = |&PendingMerge { ref range, removals, due }: &PendingMerge| {
            [range.start.into(), range.end.into(), removals, due.into()]
        };
        let moves = &self.clock.moves;
        let moves =
            moves.iter().map(|&(next, day)| u64::from(next) << 32 | u64::from(day.packed()));
        let list = self.list.iter().flat_map(segment);
        let all = fields.into_iter().chain(moves).chain(list);
        let all = all.chain(self.merges.iter().flat_map(merge));
        all.flat_map(u64::to_le_bytes).collect()
    }

    /// Decodes the state in the manifest of a folder.
    ///
    /// # Errors
    /// `Format` if it has another version, `Setting` if another seed, `Damaged` if it is inconsistent.
    pub(crate) fn decode(folder: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let path = folder.join("manifest");
        let (fields, rest) = bytes.as_chunks::<8>();
        let mut fields = fields.iter().map(|field| u64::from_le_bytes(*field));
        match fields.next() {
            Some(VERSION) => {}
            Some(found @ 0..=0xffff) => {
                let (expected, found) = (VERSION as u16, found as u16);
                return Err(ErrorKind::Format { path, expected, found }.into());
            }
            _ => return Err(damaged(&path, "it does not keep an archive")),
        }
        if let Some(seed) = fields.next().filter(|&seed| seed != SEED) {
            must_be(false, "the archive's seed", "0, the pinned one of this build", seed)?;
        }
        let state = Self::read(&mut fields).filter(|_| rest.is_empty());
        state.ok_or_else(|| damaged(&path, "what it keeps of the archive makes no sense"))
    }

    fn read(fields: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let level = *Level::ALL.get(fields.next()? as usize)?;
        let mut cuts = Cuts::DEFAULT;
        for level in Level::ALL {
            let cut = f32::from_bits(fields.next()?.try_into().ok()?);
            cuts.set(level, cut);
        }
        let representative = *REPRESENTATIVES.get(fields.next()? as usize)?;
        let window = Some(u32::try_from(fields.next()?).ok()?).filter(|&days| days > 0);
        let texts = flag(fields)?;
        let settings = Settings { level, cuts, representative, window, texts };
        let is_set = flag(fields)?;
        let moves = fields.next()?;
        let mut state = State {
            settings,
            clock: Clock { is_set, moves: Vec::new() },
            next: fields.next()?.try_into().ok()?,
            next_family: fields.next()?,
            counters: Counters {
                changes: u32::try_from(fields.next()?).ok()? as usize,
                counted: u32::try_from(fields.next()?).ok()? as usize,
                next_counted: fields.next()?.try_into().ok()?,
                removals: fields.next()?,
                regroupings: fields.next()?,
                regrouped: u32::try_from(fields.next()?).ok()? as usize,
            },
            newest: fields.next()?.try_into().ok()?,
            first_newest: fields.next()?.try_into().ok()?,
            list: Vec::new(),
            merges: Vec::new(),
        };
        let list = fields.next()?;
        for _ in 0..moves {
            let packed = fields.next()?;
            let day = Date::unpacked(packed as u32).filter(|_| Date::is_packed(packed as u32))?;
            state.clock.moves.push(((packed >> 32) as Number, day));
        }
        for _ in 0..list {
            state.list.push(SegmentId::read(fields)?);
        }
        while let Some(start) = fields.next() {
            let range = start.try_into().ok()?..fields.next()?.try_into().ok()?;
            let (removals, due) = (fields.next()?, fields.next()?.try_into().ok()?);
            state.merges.push(PendingMerge { range, removals, due });
        }
        let makes_sense = settings.check().is_ok()
            && state.next < Number::MAX
            && state.counters.removals <= state.next.into()
            && (1..=GrowingIndex::MAX_ARTICLES).contains(&state.newest)
            && state.first_newest <= state.next
            && state.next - state.first_newest < state.newest
            && state.clock.moves.is_sorted_by(|x, y| x.0 <= y.0 && x.1 < y.1)
            && state.clock.moves.last().is_none_or(|last| last.0 <= state.next)
            && state.are_segments()
            && state.are_merges();
        makes_sense.then_some(state)
    }

    /// Whether the segments are disjoint, ascending, and before the newest one.
    fn are_segments(&self) -> bool {
        let mut end = 0;
        self.list.iter().all(|SegmentId { range, sealed_at }| {
            let follows = end <= range.start && range.start < range.end;
            end = range.end;
            follows
                && sealed_at.removals <= self.counters.removals
                && sealed_at.regroupings <= self.counters.regroupings
        }) && end <= self.first_newest
    }

    /// Whether each merge is of whole segments, and no segment is in two merges.
    fn are_merges(&self) -> bool {
        let mut merged = vec![false; self.list.len()];
        self.merges.iter().all(|merge| {
            let list = self.segments_of(merge);
            let is_new = merged[list.clone()].iter().all(|is_merged| !is_merged);
            merged[list.clone()].fill(true);
            let (first, last) = (self.list[list.clone()].first(), self.list[list].last());
            is_new
                && first.is_some_and(|segment| segment.range.start == merge.range.start)
                && last.is_some_and(|segment| segment.range.end == merge.range.end)
                && merge.removals <= self.counters.removals
                && merge.due > self.next
        })
    }

    /// The positions of the segments of a merge.
    pub(crate) fn segments_of(&self, merge: &PendingMerge) -> Range<usize> {
        let below = |number| self.list.partition_point(|segment| segment.range.end <= number);
        let (start, end) = (below(merge.range.start), below(merge.range.end));
        start..end.max(start)
    }
}

impl SegmentId {
    pub(crate) fn of(segment: &Segment) -> Self {
        SegmentId { range: segment.range(), sealed_at: segment.sealed_at() }
    }

    /// Of the articles that came between two commits.
    pub(crate) fn unsealed(range: Range<Number>) -> Self {
        SegmentId { range, sealed_at: SealedAt::default() }
    }

    /// The stored form.
    pub(crate) fn fields(&self) -> [u64; 4] {
        let SegmentId { range: Range { start, end }, sealed_at } = self;
        [(*start).into(), (*end).into(), sealed_at.removals, sealed_at.regroupings]
    }

    /// The inverse of [`SegmentId::fields`]; `None` if the fields make no sense.
    pub(crate) fn read(fields: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let range = range(fields)?;
        let sealed_at = SealedAt { removals: fields.next()?, regroupings: fields.next()? };
        (range.start <= range.end).then_some(SegmentId { range, sealed_at })
    }
}

impl PendingMerge {
    pub(crate) fn of(merge: &SegmentMerge) -> Self {
        let &SegmentMerge { ref range, sealed_at, due, .. } = merge;
        PendingMerge { range: range.clone(), removals: sealed_at.removals, due }
    }
}

fn flag(fields: &mut impl Iterator<Item = u64>) -> Option<bool> {
    match fields.next()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn range(fields: &mut impl Iterator<Item = u64>) -> Option<Range<Number>> {
    let start = fields.next()?.try_into().ok()?;
    Some(start..fields.next()?.try_into().ok()?)
}
