//! What speaks for two articles being one story, and what it adds up to.

use crate::article::Date;
use crate::bottomk::Overlap;
use crate::fingerprint::Fingerprint;
use crate::terms::{TermVector, similarity};

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
    copy: f32,
    /// Retelling: the score.
    retelling: f32,
    /// Event: the score, never above that of retellings.
    event: f32,
}

impl Cuts {
    pub(crate) const DEFAULT: Cuts = Cuts { copy: 0.6, retelling: 0.8, event: 0.45 };

    pub(crate) fn of(&self, level: Level) -> f32 {
        match level {
            Level::Copy => self.copy,
            Level::Retelling => self.retelling,
            Level::Event => self.event,
        }
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

/// How much of all three-word shingles a retelling shares at least: below that no phrase survived.
const RETOLD_PHRASES: f64 = 0.025;

/// How much longer than its copy a text is at least, for the copy to be called a part of it.
const PART: f64 = 1.25;

/// The weights of the score: the logarithm of the odds that a pair tells one story is
/// `BIAS + TERMS·terms + LEAD·lead + NUMBERS·n + DENSITY·density + FRAME·j·max(0, ¼ − n)`
/// `+ DAY·(days apart − 1)`, and `SYLLABLES` where both are written in syllables; `n` is the share of numbers
/// and `j` the Jaccard similarity of the phrases.
///
/// The first five and `SYLLABLES` were learned by logistic regression on labelled pairs of four
/// collections (English rumours, Vietnamese news, American round-ups, rewritten features) and
/// scaled so that the score is a probability on the rumours and the Vietnamese news. `FRAME` and
/// `DAY` were set by hand: the labelled sets have next to no templates, and only one has dates.
mod weight {
    pub(super) const BIAS: f32 = -5.5;
    pub(super) const TERMS: f32 = 23.4;
    pub(super) const LEAD: f32 = 10.4;
    pub(super) const DENSITY: f32 = -17.2;
    pub(super) const NUMBERS: f32 = 2.6;
    /// Two texts that share many phrases and no number are one frame filled twice.
    pub(super) const FRAME: f32 = -180.0;
    pub(super) const SYLLABLES: f32 = -4.6;
    pub(super) const DAY: f32 = -0.7;
    /// Days beyond which a greater distance says nothing more.
    pub(super) const MOST_DAYS: u32 = 11;
}

/// An article as it enters a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) fingerprint: &'a Fingerprint,
    pub(crate) vector: &'a TermVector,
    /// How crowded its neighbourhood is: the mean similarity of its 20th to 60th neighbours.
    pub(crate) density: f32,
    pub(crate) date: Option<Date>,
}

/// Everything that is known of a pair from two fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Evidence {
    /// Cosine of the weighted words, in `0..=1`.
    pub terms: f32,
    /// Cosine of the weighted words of the two leads (the first 120 words and the title).
    pub lead: f32,
    /// How crowded the neighbourhood of the two is: the mean cosine of each with its 20th to 60th
    /// closest articles of the collection. Among hundreds of alike texts likeness says little.
    pub density: f32,
    /// The distinct numbers in each, and those in both.
    pub numbers: Overlap,
    /// Shared three-word shingles of the samples; exact for texts of at most 128 shingles.
    pub phrases: Overlap,
    /// Whether the two have the same words in the same order.
    pub same_words: bool,
    /// Whether both are in a language that writes syllables apart (Vietnamese): chance shares more
    /// of them than of words.
    pub syllables: bool,
    /// How many days lie between the two, where both are dated.
    pub days_apart: Option<u32>,
}

impl Evidence {
    pub(crate) fn new(left: Side<'_>, right: Side<'_>) -> Self {
        let terms = similarity(left.fingerprint, left.vector, right.fingerprint, right.vector);
        let syllables = |side: Side<'_>| side.fingerprint.language().is_syllabic();
        Evidence {
            terms: terms.all,
            lead: terms.lead,
            numbers: terms.numbers,
            density: (left.density + right.density) / 2.0,
            phrases: left.fingerprint.shingles().overlap(right.fingerprint.shingles()),
            same_words: left.fingerprint.same_words(right.fingerprint),
            syllables: syllables(left) && syllables(right),
            days_apart: left.date.zip(right.date).map(|(l, r)| l.days_since(r).unsigned_abs()),
        }
    }

    /// The probability that the two tell the same story, in `0..=1`; 1 only for the same words.
    pub fn score(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        // Half of one number is taken as shared: of texts with few numbers they say little.
        let fewer = self.numbers.left.min(self.numbers.right);
        let numbers = (self.numbers.shared as f32 + 0.5) / (fewer as f32 + 1.0);
        let syllables = if self.syllables { weight::SYLLABLES } else { 0.0 };
        let days = self.days_apart.unwrap_or(0).min(weight::MOST_DAYS).saturating_sub(1);
        let logit = weight::BIAS
            + weight::TERMS * self.terms
            + weight::LEAD * self.lead
            + weight::NUMBERS * numbers
            + weight::DENSITY * self.density
            + weight::FRAME * self.phrases.jaccard() as f32 * (0.25 - numbers).max(0.0)
            + weight::DAY * days as f32
            + syllables;
        (1.0 / (1.0 + libm::expf(-logit))).min(1.0 - f32::EPSILON)
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
        if score < cuts.event {
            None
        } else if score < cuts.retelling {
            Some(Level::Event)
        } else if self.copied() >= cuts.copy {
            Some(Level::Copy)
        } else if self.phrases.jaccard() >= RETOLD_PHRASES {
            Some(Level::Retelling)
        } else {
            Some(Level::Event)
        }
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
        Evidence { phrases: self.phrases.flipped(), numbers: self.numbers.flipped(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_overlap() -> impl Strategy<Value = Overlap> {
        (0usize..20, 0usize..20, 0usize..20).prop_map(|(x, y, shared)| Overlap {
            left: shared + x,
            right: shared + y,
            shared,
        })
    }

    fn any_evidence() -> impl Strategy<Value = Evidence> {
        let share = || 0f32..=1.0;
        let counts = (any_overlap(), any_overlap(), prop::option::of(0u32..20));
        (share(), share(), share(), counts, prop::bool::weighted(0.1), any::<bool>()).prop_map(
            |(terms, lead, density, (numbers, phrases, days_apart), same_words, syllables)| {
                let phrases = if same_words {
                    Overlap { right: phrases.left, shared: phrases.left, ..phrases }
                } else {
                    phrases
                };
                let density = density / 2.0;
                Evidence {
                    terms,
                    lead,
                    density,
                    numbers,
                    phrases,
                    same_words,
                    syllables,
                    days_apart,
                }
            },
        )
    }

    fn any_cuts() -> impl Strategy<Value = Cuts> {
        let settings = prop::collection::vec((0usize..3, 0f32..=1.0), 0..5);
        settings.prop_map(|settings| {
            let mut cuts = Cuts::DEFAULT;
            settings.into_iter().for_each(|(level, cut)| cuts.set(Level::ALL[level], cut));
            cuts
        })
    }

    proptest! {
        #[test]
        fn a_pair_is_judged_the_same_from_either_side(pair in any_evidence(), cuts in any_cuts()) {
            let back = pair.flipped();
            prop_assert_eq!(back.flipped(), pair);
            prop_assert_eq!(back.score(), pair.score());
            prop_assert_eq!(back.level(&cuts), pair.level(&cuts));
            prop_assert_eq!(back.relation(&cuts), pair.relation(&cuts).flipped());
        }

        #[test]
        fn a_pair_of_no_level_is_unrelated_and_the_others_score_what_they_must(
            pair in any_evidence(), cuts in any_cuts(),
        ) {
            prop_assert!((0.0..=1.0).contains(&pair.score()));
            prop_assert!(cuts.of(Level::Event) <= cuts.of(Level::Retelling));
            let level = pair.level(&cuts);
            prop_assert_eq!(level.is_none(), pair.relation(&cuts) == Relation::Unrelated);
            prop_assert_eq!(level.is_some(), pair.score() >= cuts.of(Level::Event));
            if level == Some(Level::Retelling) {
                prop_assert!(pair.score() >= cuts.of(Level::Retelling));
            }
        }

        #[test]
        fn stricter_cuts_bring_no_pair_closer(
            pair in any_evidence(), cuts in any_cuts(), level in 0usize..3, by in 0f32..=0.5,
        ) {
            let level = Level::ALL[level];
            let mut stricter = cuts;
            stricter.set(level, (cuts.of(level) + by).min(1.0));
            let distance = |cuts| pair.level(cuts).map_or(Level::ALL.len(), |level| level as usize);
            prop_assert!(distance(&stricter) >= distance(&cuts));
        }
    }
}
