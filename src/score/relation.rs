//! The levels of a story family, the relations of a pair, and the cuts between them.

use crate::error::{Error, must_be};

/// How close two versions of a story are. Each level includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Level {
    /// Near-verbatim: most of the shorter text stands in the longer one, and the two score as
    /// retellings do. So a sentence quoted in a long report of something else is no copy of it.
    Copy,
    /// Rewritten, and phrases survive. What a *story family* means when nothing is said.
    #[default]
    Retelling,
    /// The same event, maybe in quite other words.
    Event,
}

impl Level {
    /// All levels, closest first.
    pub const ALL: [Level; 3] = [Level::Copy, Level::Retelling, Level::Event];

    /// The name in small letters: `copy`, `retelling`, `event`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Copy => "copy",
            Level::Retelling => "retelling",
            Level::Event => "event",
        }
    }
}

/// What one article is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Relation {
    /// The same words in the same order; case, punctuation and layout may differ.
    Identical,
    /// Nearly the same words.
    NearDuplicate,
    /// A part of the other: most of this text stands there, and not the other way round.
    Excerpt,
    /// The other and more: most of the other stands here, and not the other way round.
    Expansion,
    /// MemberSource again in part in the same phrases.
    Retelling,
    /// The same event in other words.
    SameEvent,
    /// Nothing says that they tell the same story.
    Unrelated,
}

impl Relation {
    /// The name in small letters, as in JSON: `near-duplicate`.
    pub fn name(self) -> &'static str {
        match self {
            Relation::Identical => "identical",
            Relation::NearDuplicate => "near-duplicate",
            Relation::Excerpt => "excerpt",
            Relation::Expansion => "expansion",
            Relation::Retelling => "retelling",
            Relation::SameEvent => "same-event",
            Relation::Unrelated => "unrelated",
        }
    }

    /// The same seen from the other article.
    pub fn flipped(self) -> Self {
        match self {
            Relation::Excerpt => Relation::Expansion,
            Relation::Expansion => Relation::Excerpt,
            same => same,
        }
    }
}

/// The cuts of the three levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cuts {
    /// Copy: how much of the shorter text stands in the longer one.
    pub(super) copy: f32,
    /// Retelling: the score.
    pub(super) retelling: f32,
    /// Event: the score, never above that of retellings.
    pub(super) event: f32,
}

impl Cuts {
    pub(crate) const DEFAULT: Cuts = Cuts { copy: 0.6, retelling: 0.7, event: 0.43 };

    pub(crate) fn of(&self, level: Level) -> f32 {
        match level {
            Level::Copy => self.copy,
            Level::Retelling => self.retelling,
            Level::Event => self.event,
        }
    }

    /// Refuses cuts outside `0..=1`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let check = |level| {
            must_be((0.0..=1.0).contains(&self.of(level)), "threshold", "in 0..=1", self.of(level))
        };
        Level::ALL.into_iter().try_for_each(check)
    }

    /// Sets the cut of a level, and moves the other level that is cut by the score where it must
    /// for the levels to stay nested.
    pub(crate) fn set(&mut self, level: Level, cut: f32) {
        match level {
            Level::Copy => self.copy = cut,
            Level::Retelling => {
                self.retelling = cut;
                self.event = self.event.min(cut);
            }
            Level::Event => {
                self.event = cut;
                self.retelling = self.retelling.max(cut);
            }
        }
    }
}
