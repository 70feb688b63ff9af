//! The settings of a detector and of an archive, and the checks of them.
//!
//! A detector and the contents of an archive have [`Settings`]; the caller of an archive gives
//! [`RequestedSettings`], because one that is not given must not change what a folder has.

use crate::corpus::article::Article;
use crate::corpus::fingerprint::{Fingerprint, Sketcher};
use crate::error::{Error, must_be};
use crate::families::family::Representative;
use crate::score::relation::{Cuts, Level};

/// The settings of a detector or an archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) level: Level,
    pub(crate) cuts: Cuts,
    pub(crate) representative: Representative,
    /// The length of an archive's window in days.
    pub(crate) window: Option<u32>,
    /// Whether an archive keeps titles and texts.
    pub(crate) texts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            level: Level::default(),
            cuts: Cuts::DEFAULT,
            representative: Representative::default(),
            window: None,
            texts: false,
        }
    }
}

impl Settings {
    /// Refuses invalid settings.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.cuts.check()?;
        must_be(self.window != Some(0), "window_days", "at least 1", 0)
    }
}

/// The fingerprint that is kept of an article for a level.
pub(crate) fn sketch(
    level: Level,
    sketcher: &mut Sketcher,
    article: &Article<'_>,
) -> Result<Fingerprint, Error> {
    match level {
        Level::Copy => sketcher.phrases(article),
        _ => sketcher.fingerprint(article),
    }
}

/// The settings that a caller gives for an archive. `None` leaves a setting as it is: stored in the folder,
/// or the default in a new archive.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestedSettings {
    pub(crate) level: Option<Level>,
    /// In the order in which they were given: one may move the one before.
    pub(crate) cuts: Vec<(Level, f32)>,
    pub(crate) representative: Option<Representative>,
    /// The window; `Some(None)` asks for none.
    pub(crate) window: Option<Option<u32>>,
    pub(crate) texts: Option<bool>,
}

impl RequestedSettings {
    /// The settings of a new archive.
    ///
    /// # Errors
    /// `Setting` for an invalid setting.
    pub(crate) fn of_new(&self) -> Result<Settings, Error> {
        let settings = self.over(Settings::default());
        settings.check().map(|()| settings)
    }

    /// The stored settings of an archive, changed to what is requested.
    ///
    /// # Errors
    /// `Setting` for another level or threshold: the stored articles were judged by these.
    #[cfg(feature = "archive")]
    pub(crate) fn of_stored(&self, stored: Settings) -> Result<Settings, Error> {
        let settings = self.over(stored);
        settings.must_be_alike(&stored, "as the archive in the folder has it")?;
        Ok(settings)
    }

    fn over(&self, mut settings: Settings) -> Settings {
        settings.level = self.level.unwrap_or(settings.level);
        self.cuts.iter().for_each(|&(level, cut)| settings.cuts.set(level, cut));
        settings.representative = self.representative.unwrap_or(settings.representative);
        settings.window = self.window.unwrap_or(settings.window);
        settings.texts = self.texts.unwrap_or(settings.texts);
        settings
    }
}

#[cfg(feature = "archive")]
impl Settings {
    /// Refuses settings that give different families.
    pub(crate) fn must_judge_like(&self, other: &Settings) -> Result<(), Error> {
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

#[cfg(feature = "archive")]
fn must_be_same(
    name: &'static str,
    expected: &'static str,
    found: String,
    kept: String,
) -> Result<(), Error> {
    must_be(found == kept, name, expected, format!("{found}, not {kept}"))
}
