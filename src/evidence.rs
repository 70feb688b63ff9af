//! What speaks for two articles being one story, and what it adds up to.

use crate::bottomk::Overlap;
use crate::fingerprint::Fingerprint;
use crate::terms::{TermVector, similarity};

/// How close two versions of a story are. Each level includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Level {
    /// Near-verbatim: most of the shorter text stands in the longer one.
    Copy,
    /// Rewritten, and phrases survive. What a *story family* means when nothing is said.
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
    /// Told again in part in the same phrases.
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
    pub(crate) copy: f32,
    /// Retelling: the score.
    pub(crate) retelling: f32,
    /// Event: the score.
    pub(crate) event: f32,
}

impl Cuts {
    pub(crate) const DEFAULT: Cuts = Cuts { copy: 0.6, retelling: 0.8, event: 0.5 };

    pub(crate) fn of(&self, level: Level) -> f32 {
        match level {
            Level::Copy => self.copy,
            Level::Retelling => self.retelling,
            Level::Event => self.event,
        }
    }

    pub(crate) fn set(&mut self, level: Level, cut: f32) {
        match level {
            Level::Copy => self.copy = cut,
            Level::Retelling => self.retelling = cut,
            Level::Event => self.event = cut,
        }
    }
}

/// How much of all three-word shingles a retelling shares at least: below that no phrase survived.
const RETOLD_PHRASES: f64 = 0.02;

/// How much longer than its copy a text is at least, for the copy to be called a part of it.
const PART: f64 = 1.25;

/// Everything that is known of a pair from two fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Evidence {
    /// Cosine of the weighted words, in `0..=1`.
    pub terms: f32,
    /// Cosine of the weighted words of the two leads (the first 120 words and the title).
    pub lead: f32,
    /// Shared three-word shingles of the samples; exact for texts of at most 128 shingles.
    pub phrases: Overlap,
    /// Whether the two have the same words in the same order.
    pub same_words: bool,
    /// Whether both are English.
    pub english: bool,
}

impl Evidence {
    pub(crate) fn new(
        left: (&Fingerprint, &TermVector),
        right: (&Fingerprint, &TermVector),
    ) -> Self {
        let terms = similarity(left, right);
        Evidence {
            terms: terms.all,
            lead: terms.lead,
            phrases: left.0.shingles().overlap(right.0.shingles()),
            same_words: left.0.same_words(right.0),
            english: left.0.language() == crate::Language::English
                && right.0.language() == crate::Language::English,
        }
    }

    /// The probability that the two tell the same story, in `0..=1`.
    pub fn score(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        let cut = if self.english { 0.235 } else { 0.41 };
        let logit = 26.0 * (self.terms + 0.3 * self.lead - cut);
        1.0 / (1.0 + libm::expf(-logit))
    }

    /// How much of the shorter text stands in the longer one, with one shingle of doubt: of a
    /// sample of two or three not much can be said.
    fn copied(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        let shorter = self.phrases.left.min(self.phrases.right);
        self.phrases.shared as f32 / (shorter + 1) as f32
    }

    /// The closest level whose cut the pair reaches.
    pub(crate) fn level(&self, cuts: &Cuts) -> Option<Level> {
        let score = self.score();
        if score < cuts.event.min(cuts.retelling) {
            return None;
        }
        if self.copied() >= cuts.copy {
            return Some(Level::Copy);
        }
        let retold = score >= cuts.retelling && self.phrases.jaccard() >= RETOLD_PHRASES;
        if retold { Some(Level::Retelling) } else { (score >= cuts.event).then_some(Level::Event) }
    }

    /// What the left article is to the right one.
    pub(crate) fn relation(&self, cuts: &Cuts) -> Relation {
        let Some(level) = self.level(cuts) else { return Relation::Unrelated };
        let (of_left, of_right) = (self.phrases.of_left(), self.phrases.of_right());
        match level {
            Level::Copy if self.same_words => Relation::Identical,
            Level::Copy if of_left > of_right * PART => Relation::Excerpt,
            Level::Copy if of_right > of_left * PART => Relation::Expansion,
            Level::Copy => Relation::NearDuplicate,
            Level::Retelling => Relation::Retelling,
            Level::Event => Relation::SameEvent,
        }
    }

    /// The same seen from the other article.
    pub fn flipped(self) -> Self {
        Evidence { phrases: self.phrases.flipped(), ..self }
    }
}
