//! The levels of a story family, the relations of a pair, and the cuts between the levels.
//!
//! Invariant: the levels are nested. So the cut of events is never above that of retellings.

use crate::error::{Error, must_be};

/// How close two versions of a story are. Each level includes the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Level {
    /// Near-verbatim: the longer text contains most of the shorter one, and the pair reaches the score
    /// of a retelling. So a sentence quoted in a long report of something else is no copy of it.
    Copy,
    /// Rewritten, with surviving phrases. The default level of a *story family*.
    #[default]
    Retelling,
    /// The same event, possibly in entirely different words.
    Event,
}

impl Level {
    /// All levels, closest first.
    pub const ALL: [Level; 3] = [Level::Copy, Level::Retelling, Level::Event];

    /// Returns the name in small letters: `copy`, `retelling`, `event`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Copy => "copy",
            Level::Retelling => "retelling",
            Level::Event => "event",
        }
    }
}

/// The relation of one article to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Relation {
    /// The same words in the same order; case, punctuation and layout may differ.
    Identical,
    /// Nearly the same words.
    NearDuplicate,
    /// A part of the other: the other text contains most of this one, and not the other way round.
    Excerpt,
    /// The other and more: this text contains most of the other one, and not the other way round.
    Expansion,
    /// Rewritten, partly in the same phrases.
    Retelling,
    /// The same event in other words.
    SameEvent,
    /// No evidence that both tell the same story.
    Unrelated,
}

impl Relation {
    /// Returns the name in small letters, as in JSON: `near-duplicate`.
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

    /// Returns the relation of the other article to this one.
    pub fn flipped(self) -> Self {
        match self {
            Relation::Excerpt => Relation::Expansion,
            Relation::Expansion => Relation::Excerpt,
            same => same,
        }
    }
}

/// The lower bounds of the three levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cuts {
    /// Copy: the containment of the shorter text in the longer one.
    pub(super) copy: f32,
    /// Retelling: the score.
    pub(super) retelling: f32,
    /// Event: the score, never above that of retellings.
    pub(super) event: f32,
}

impl Cuts {
    /// Chosen on labelled sets, see the design page.
    pub(crate) const DEFAULT: Cuts = Cuts { copy: 0.6, retelling: 0.7, event: 0.43 };

    pub(crate) fn of(&self, level: Level) -> f32 {
        match level {
            Level::Copy => self.copy,
            Level::Retelling => self.retelling,
            Level::Event => self.event,
        }
    }

    /// Checks that all cuts are in `0..=1`.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let check = |level| {
            must_be((0.0..=1.0).contains(&self.of(level)), "threshold", "in 0..=1", self.of(level))
        };
        Level::ALL.into_iter().try_for_each(check)
    }

    /// Sets the cut of a level. The other cut of the score moves with it where the levels would no longer
    /// be nested.
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
