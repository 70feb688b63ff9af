//! What the manifest keeps of an archive beside its files.

use std::ops::Range;
use std::path::Path;

use crate::candidates::GrowingIndex;
use crate::corpus::article::Date;
use crate::corpus::collection::Number;
use crate::engine::contents::Contents;
use crate::engine::merging::SegmentMerge;
use crate::engine::segment::Segment;
use crate::engine::segments::{Counters, NEWEST};
use crate::engine::settings::Settings;
use crate::error::{Error, ErrorKind};
use crate::families::family::Representative;
use crate::score::relation::{Cuts, Level};
use crate::store::damaged;

/// The version of what `FORMAT.md` describes.
const VERSION: u64 = 1;

/// The ways to choose a representative, by the numbers under which they are kept.
const REPRESENTATIVES: [Representative; 3] =
    [Representative::Earliest, Representative::Longest, Representative::MostCentral];

/// A few numbers and settings.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    /// The latest day of an article that was in.
    pub(crate) latest: Option<Date>,
    /// The numbers of the next article and the next family.
    pub(crate) next: Number,
    pub(crate) next_family: u64,
    pub(crate) counters: Counters,
    /// How many articles the newest segment has before it gets its index, and its first number.
    pub(crate) newest: u32,
    pub(crate) first_newest: Number,
    /// The segments that have an index, by rising numbers.
    pub(crate) list: Vec<SealedSegment>,
    /// Those that are being merged, in the order in which that was begun.
    pub(crate) merges: Vec<BegunMerge>,
}

/// A segment that has an index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SealedSegment {
    pub(crate) range: Range<Number>,
    /// How many articles had been taken out when it was sealed.
    pub(crate) taken_out: u64,
}

/// Parts that are being merged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BegunMerge {
    pub(crate) range: Range<Number>,
    /// How many articles had been taken out when that was begun.
    pub(crate) taken_out: u64,
    /// When the next article has this number, they are one.
    pub(crate) due: Number,
}

impl State {
    /// That of an archive without articles.
    pub(crate) fn new(settings: Settings) -> Self {
        State {
            settings,
            latest: None,
            next: 0,
            next_family: 0,
            counters: Counters::default(),
            newest: NEWEST,
            first_newest: 0,
            list: Vec::new(),
            merges: Vec::new(),
        }
    }

    /// That of an archive as it is now.
    pub(crate) fn of(contents: &Contents) -> Self {
        let Contents { settings, segments, families, latest, .. } = contents;
        State {
            settings: *settings,
            latest: *latest,
            next: segments.next(),
            next_family: families.next(),
            counters: segments.counters(),
            newest: segments.newest(),
            first_newest: segments.first_newest(),
            list: segments.indexed().iter().map(SealedSegment::of).collect(),
            merges: segments.merges().iter().map(BegunMerge::of).collect(),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let Settings { level, cuts, representative, window, texts } = self.settings;
        let Counters { changes, counted, next_counted, taken_out } = self.counters;
        let bits = |level| u64::from(cuts.of(level).to_bits());
        let fields = [
            VERSION,
            level as u64,
            bits(Level::Copy),
            bits(Level::Retelling),
            bits(Level::Event),
            representative as u64,
            window.unwrap_or(0).into(),
            texts.into(),
            self.latest.map_or(0, Date::packed).into(),
            self.next.into(),
            self.next_family,
            changes as u64,
            counted as u64,
            next_counted.into(),
            taken_out,
            self.newest.into(),
            self.first_newest.into(),
            self.list.len() as u64,
        ];
        let segment = |segment: &SealedSegment| {
            [segment.range.start.into(), segment.range.end.into(), segment.taken_out]
        };
        let merge = |&BegunMerge { ref range, taken_out, due }: &BegunMerge| {
            [range.start.into(), range.end.into(), taken_out, due.into()]
        };
        let list = self.list.iter().flat_map(segment);
        let all = fields.into_iter().chain(list).chain(self.merges.iter().flat_map(merge));
        all.flat_map(u64::to_le_bytes).collect()
    }

    /// Reads what the manifest of a folder keeps.
    ///
    /// # Errors
    ///
    /// `Format` if it was written in another version, `Damaged` if it makes no sense.
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
        let texts = match fields.next()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let settings = Settings { level, cuts, representative, window, texts };
        let latest = u32::try_from(fields.next()?).ok()?;
        let mut state = State {
            settings,
            latest: Date::unpacked(latest),
            next: fields.next()?.try_into().ok()?,
            next_family: fields.next()?,
            counters: Counters {
                changes: u32::try_from(fields.next()?).ok()? as usize,
                counted: u32::try_from(fields.next()?).ok()? as usize,
                next_counted: fields.next()?.try_into().ok()?,
                taken_out: fields.next()?,
            },
            newest: fields.next()?.try_into().ok()?,
            first_newest: fields.next()?.try_into().ok()?,
            list: Vec::new(),
            merges: Vec::new(),
        };
        let list = fields.next()?;
        for _ in 0..list {
            state.list.push(SealedSegment { range: range(fields)?, taken_out: fields.next()? });
        }
        while let Some(start) = fields.next() {
            let range = start.try_into().ok()?..fields.next()?.try_into().ok()?;
            let (taken_out, due) = (fields.next()?, fields.next()?.try_into().ok()?);
            state.merges.push(BegunMerge { range, taken_out, due });
        }
        let makes_sense = settings.check().is_ok()
            && (latest == 0 || Date::is_packed(latest))
            && state.next < Number::MAX
            && state.counters.taken_out <= state.next.into()
            && (1..=GrowingIndex::MAX_ARTICLES).contains(&state.newest)
            && state.first_newest <= state.next
            && state.next - state.first_newest < state.newest
            && state.are_parts()
            && state.are_mergings();
        makes_sense.then_some(state)
    }

    /// Whether the segments follow one another, before the newest one.
    fn are_parts(&self) -> bool {
        let mut end = 0;
        self.list.iter().all(|SealedSegment { range, taken_out }| {
            let follows = end <= range.start && range.start < range.end;
            end = range.end;
            follows && *taken_out <= self.counters.taken_out
        }) && end <= self.first_newest
    }

    /// Whether each is of whole segments, of which none is merged twice.
    fn are_mergings(&self) -> bool {
        let mut merged = vec![false; self.list.len()];
        self.merges.iter().all(|merge| {
            let list = self.segments_of(merge);
            let is_new = merged[list.clone()].iter().all(|is_merged| !is_merged);
            merged[list.clone()].fill(true);
            let (first, last) = (self.list[list.clone()].first(), self.list[list].last());
            is_new
                && first.is_some_and(|segment| segment.range.start == merge.range.start)
                && last.is_some_and(|segment| segment.range.end == merge.range.end)
                && merge.taken_out <= self.counters.taken_out
                && merge.due > self.next
        })
    }

    /// Which segments are merged.
    pub(crate) fn segments_of(&self, merge: &BegunMerge) -> Range<usize> {
        let below = |number| self.list.partition_point(|segment| segment.range.end <= number);
        let (start, end) = (below(merge.range.start), below(merge.range.end));
        start..end.max(start)
    }
}

impl SealedSegment {
    pub(crate) fn of(segment: &Segment) -> Self {
        SealedSegment { range: segment.range(), taken_out: segment.sealed_at() }
    }
}

impl BegunMerge {
    pub(crate) fn of(merge: &SegmentMerge) -> Self {
        let &SegmentMerge { ref range, taken_out, due, .. } = merge;
        BegunMerge { range: range.clone(), taken_out, due }
    }
}

fn range(fields: &mut impl Iterator<Item = u64>) -> Option<Range<Number>> {
    let start = fields.next()?.try_into().ok()?;
    Some(start..fields.next()?.try_into().ok()?)
}
