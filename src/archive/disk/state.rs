//! What the manifest keeps of an archive beside its files.

use std::path::Path;

use crate::archive::Settings;
use crate::archive::part::Number;
use crate::archive::shelf::{Counters, Shelf};
use crate::article::Date;
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
    /// Of each part that has an index how many articles had been taken out when it was laid out.
    pub(super) laid_out_at: Vec<u64>,
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
            laid_out_at: Vec::new(),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
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
        ];
        fields.iter().chain(&self.laid_out_at).flat_map(|field| field.to_le_bytes()).collect()
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
        let state = State {
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
            laid_out_at: fields.collect(),
        };
        let makes_sense = settings.check().is_ok()
            && (latest == 0 || Date::is_packed(latest))
            && state.next < Number::MAX
            && state.counters.taken_out <= state.next.into()
            && state.laid_out_at.len() + 1 == Shelf::layout(state.next).len();
        makes_sense.then_some(state)
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

fn must_be_same(
    name: &'static str,
    expected: &'static str,
    found: String,
    kept: String,
) -> Result<(), Error> {
    must_be(found == kept, name, expected, format!("{found}, not {kept}"))
}
