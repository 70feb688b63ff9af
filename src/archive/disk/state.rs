//! What the manifest keeps of an archive beside its files.

use std::ops::Range;
use std::path::Path;

use crate::archive::Settings;
use crate::archive::merging::Merging;
use crate::archive::part::{Number, Part};
use crate::archive::shelf::{Counters, NEWEST};
use crate::article::Date;
use crate::candidates::GrowingIndex;
use crate::error::{Error, ErrorKind, must_be};
use crate::evidence::{Cuts, Level};
use crate::family::Representative;
use crate::store::damaged;

/// The version of what `FORMAT.md` describes.
const VERSION: u64 = 1;

/// The ways to choose a representative, by the numbers under which they are kept.
const REPRESENTATIVES: [Representative; 3] =
    [Representative::Earliest, Representative::Longest, Representative::MostCentral];

/// A few numbers and settings.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) settings: Settings,
    /// The latest day of an article that was in.
    pub(super) latest: Option<Date>,
    /// The numbers of the next article and the next family.
    pub(super) next: Number,
    pub(super) next_family: u64,
    pub(super) counters: Counters,
    /// How many articles the newest part has before it gets its index, and its first number.
    pub(super) newest: u32,
    pub(super) first_newest: Number,
    /// The parts that have an index, by rising numbers.
    pub(super) parts: Vec<LaidOut>,
    /// Those that are being merged, in the order in which that was begun.
    pub(super) mergings: Vec<Begun>,
}

/// A part that has an index.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LaidOut {
    pub(super) range: Range<Number>,
    /// How many articles had been taken out when it was laid out.
    pub(super) taken_out: u64,
}

/// Parts that are being merged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Begun {
    pub(super) range: Range<Number>,
    /// How many articles had been taken out when that was begun.
    pub(super) taken_out: u64,
    /// When the next article has this number, they are one.
    pub(super) due: Number,
}

impl State {
    /// That of an archive without articles.
    pub(super) fn new(settings: Settings) -> Self {
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

    pub(super) fn encode(&self) -> Vec<u8> {
        let Settings { level, cuts, representative, window, texts } = self.settings;
        let Counters { changes, counted, taken_out } = self.counters;
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
    pub(super) fn decode(folder: &Path, bytes: &[u8]) -> Result<Self, Error> {
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
    pub(super) fn parts_of(&self, merging: &Begun) -> Range<usize> {
        let below = |number| self.parts.partition_point(|part| part.range.end <= number);
        let (start, end) = (below(merging.range.start), below(merging.range.end));
        start..end.max(start)
    }
}

impl LaidOut {
    pub(super) fn of(part: &Part) -> Self {
        LaidOut { range: part.range(), taken_out: part.laid_out_at() }
    }
}

impl Begun {
    pub(super) fn of(merging: &Merging) -> Self {
        let &Merging { ref range, taken_out, due, .. } = merging;
        Begun { range: range.clone(), taken_out, due }
    }
}

impl Settings {
    /// Refuses settings that differ from those of the archive in a folder.
    pub(super) fn must_be_those_of(&self, kept: &Settings) -> Result<(), Error> {
        let expected = "as the archive in the folder has it";
        let days = |window: Option<u32>| window.map_or("unlimited".to_owned(), |d| d.to_string());
        self.must_be_alike(kept, expected)?;
        let same = |name, found, kept| must_be_same(name, expected, found, kept);
        let policy = |of: &Settings| format!("{:?}", of.representative);
        same("representative", policy(self), policy(kept))?;
        same("window_days", days(self.window), days(kept.window))?;
        same("keep_texts", self.texts.to_string(), kept.texts.to_string())
    }

    /// Refuses settings by which other families are found.
    pub(super) fn must_judge_as(&self, other: &Settings) -> Result<(), Error> {
        self.must_be_alike(other, "as the archive has it that they are merged into")
    }

    fn must_be_alike(&self, other: &Settings, expected: &'static str) -> Result<(), Error> {
        let level = |of: &Settings| of.level.name().to_owned();
        must_be_same("level", expected, level(self), level(other))?;
        for level in Level::ALL {
            let cut = |of: &Settings| format!("{} for {}", of.cuts.of(level), level.name());
            must_be_same("threshold", expected, cut(self), cut(other))?;
        }
        Ok(())
    }
}

fn range(fields: &mut impl Iterator<Item = u64>) -> Option<Range<Number>> {
    let start = fields.next()?.try_into().ok()?;
    Some(start..fields.next()?.try_into().ok()?)
}

fn must_be_same(
    name: &'static str,
    expected: &'static str,
    found: String,
    kept: String,
) -> Result<(), Error> {
    must_be(found == kept, name, expected, format!("{found}, not {kept}"))
}
