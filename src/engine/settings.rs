//! The settings of a detector and of an archive, and the checks of them.

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

#[cfg(feature = "archive")]
impl Settings {
    /// Refuses settings that differ from those of the archive in a folder.
    pub(crate) fn must_equal(&self, kept: &Settings) -> Result<(), Error> {
        let expected = "as the archive in the folder has it";
        let days = |window: Option<u32>| window.map_or("unlimited".to_owned(), |d| d.to_string());
        self.must_be_alike(kept, expected)?;
        let same = |name, found, kept| must_be_same(name, expected, found, kept);
        let policy = |of: &Settings| format!("{:?}", of.representative);
        same("representative", policy(self), policy(kept))?;
        same("window_days", days(self.window), days(kept.window))?;
        same("keep_texts", self.texts.to_string(), kept.texts.to_string())
    }

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
