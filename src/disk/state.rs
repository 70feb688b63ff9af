//! What the manifest keeps of an archive beside its files.

use std::ops::Range;
use std::path::Path;

use crate::candidates::GrowingIndex;
use crate::corpus::article::Date;
use crate::corpus::collection::Number;
use crate::engine::contents::Contents;
use crate::engine::merging::Merging;
use crate::engine::part::Part;
use crate::engine::settings::Settings;
use crate::engine::shelf::{Counters, NEWEST};
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
    /// How many articles the newest part has before it gets its index, and its first number.
    pub(crate) newest: u32,
    pub(crate) first_newest: Number,
    /// The parts that have an index, by rising numbers.
    pub(crate) parts: Vec<LaidOut>,
    /// Those that are being merged, in the order in which that was begun.
    pub(crate) mergings: Vec<Begun>,
}

/// A part that has an index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LaidOut {
    pub(crate) range: Range<Number>,
    /// How many articles had been taken out when it was laid out.
    pub(crate) taken_out: u64,
}

/// Parts that are being merged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Begun {
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
            parts: Vec::new(),
            mergings: Vec::new(),
        }
    }

    /// That of an archive as it is now.
    pub(crate) fn of(contents: &Contents) -> Self {
        let Contents { settings, shelf, families, latest, .. } = contents;
        State {
            settings: *settings,
            latest: *latest,
            next: shelf.next(),
            next_family: families.next(),
            counters: shelf.counters(),
            newest: shelf.newest(),
            first_newest: shelf.first_newest(),
            parts: shelf.indexed().iter().map(LaidOut::of).collect(),
            mergings: shelf.mergings().iter().map(Begun::of).collect(),
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
            self.parts.len() as u64,
        ];
        let part =
            |part: &LaidOut| [part.range.start.into(), part.range.end.into(), part.taken_out];
        let merging = |&Begun { ref range, taken_out, due }: &Begun| {
            [range.start.into(), range.end.into(), taken_out, due.into()]
        };
        let parts = self.parts.iter().flat_map(part);
        let all = fields.into_iter().chain(parts).chain(self.mergings.iter().flat_map(merging));
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
            parts: Vec::new(),
            mergings: Vec::new(),
        };
        let parts = fields.next()?;
        for _ in 0..parts {
            state.parts.push(LaidOut { range: range(fields)?, taken_out: fields.next()? });
        }
        while let Some(start) = fields.next() {
            let range = start.try_into().ok()?..fields.next()?.try_into().ok()?;
            let (taken_out, due) = (fields.next()?, fields.next()?.try_into().ok()?);
            state.mergings.push(Begun { range, taken_out, due });
        }
        let makes_sense = settings.check().is_ok()
            && (latest == 0 || Date::is_packed(latest))
            && state.next < Number::MAX
            && state.counters.taken_out <= state.next.into()
            && (1..=GrowingIndex::MOST).contains(&state.newest)
            && state.first_newest <= state.next
            && state.next - state.first_newest < state.newest
            && state.are_parts()
            && state.are_mergings();
        makes_sense.then_some(state)
    }

    /// Whether the parts follow one another, before the newest one.
    fn are_parts(&self) -> bool {
        let mut end = 0;
        self.parts.iter().all(|LaidOut { range, taken_out }| {
            let follows = end <= range.start && range.start < range.end;
            end = range.end;
            follows && *taken_out <= self.counters.taken_out
        }) && end <= self.first_newest
    }

    /// Whether each is of whole parts, of which none is merged twice.
    fn are_mergings(&self) -> bool {
        let mut merged = vec![false; self.parts.len()];
        self.mergings.iter().all(|merging| {
            let parts = self.parts_of(merging);
            let is_new = merged[parts.clone()].iter().all(|is_merged| !is_merged);
            merged[parts.clone()].fill(true);
            let (first, last) = (self.parts[parts.clone()].first(), self.parts[parts].last());
            is_new
                && first.is_some_and(|part| part.range.start == merging.range.start)
                && last.is_some_and(|part| part.range.end == merging.range.end)
                && merging.taken_out <= self.counters.taken_out
                && merging.due > self.next
        })
    }

    /// Which parts are merged.
    pub(crate) fn parts_of(&self, merging: &Begun) -> Range<usize> {
        let below = |number| self.parts.partition_point(|part| part.range.end <= number);
        let (start, end) = (below(merging.range.start), below(merging.range.end));
        start..end.max(start)
    }
}

impl LaidOut {
    pub(crate) fn of(part: &Part) -> Self {
        LaidOut { range: part.range(), taken_out: part.laid_out_at() }
    }
}

impl Begun {
    pub(crate) fn of(merging: &Merging) -> Self {
        let &Merging { ref range, taken_out, due, .. } = merging;
        Begun { range: range.clone(), taken_out, due }
    }
}

fn range(fields: &mut impl Iterator<Item = u64>) -> Option<Range<Number>> {
    let start = fields.next()?.try_into().ok()?;
    Some(start..fields.next()?.try_into().ok()?)
}
