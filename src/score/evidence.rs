//! The evidence that two articles tell the same story, its score, and the level it reaches.
//!
//! Takes two [`ScoredArticle`]s and the boilerplate phrases; gives an [`Evidence`]. The score is one
//! logistic function of nine numbers: a larger model did no better on sets that it had not seen. Rules
//! over containment, surviving phrases and days then choose the level among those that the score
//! admits. The constants below were chosen on labelled sets, see the design page.
//!
//! Invariant: all results are symmetric in the two articles, except that excerpt and expansion swap.

use super::relation::{Cuts, Level, Relation};
use super::reprint::{Printed, Printing, printing};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::BoilerplatePhrases;
use crate::corpus::fingerprint::Title;
use crate::score::terms::{TermSimilarity, WeightedTerms, similarity};
use crate::score::weights;
use crate::sketch::bottomk::{Overlap, Sample};
use crate::sketch::shingle::ratio;
use crate::text::language::Language;

/// The least Jaccard similarity of the phrases of a retelling, boilerplate not shared: below it no
/// phrase survived.
const MIN_RETOLD_PHRASES: f64 = 0.018;

/// The Jaccard similarity of the phrases, boilerplate not shared, that lowers the cut of retellings.
const MIN_PLENTIFUL_PHRASES: f64 = 0.05;

/// The most days between two versions of a story. The same phrases later are most often a series: daily
/// rates, weekly figures (see the design page).
pub(super) const MAX_RETOLD_DAYS: u32 = 3;

/// The fewest shared phrases that are not chance.
const MIN_PHRASES: usize = 3;

/// The least containment of a text in its copy if only single lines were changed.
const MIN_WHOLE_CONTAINMENT: f32 = 0.9;

/// The least ratio of the lengths of two copies for the shorter one to be an excerpt.
const MIN_EXCERPT_RATIO: f64 = 1.25;

/// The most boilerplate that the score weighs, as a share of the phrases. The phrases of a story that
/// very many papers print become boilerplate; they must not outweigh all other evidence.
const MAX_BOILERPLATE_SHARE: f32 = 0.05;

/// The least share of common numbers in two versions of a story with common phrases.
const MIN_SHARED_NUMBERS: f32 = 0.25;

/// The number of words below which similarity may be chance, so that the score is lowered.
const MAX_BRIEF_WORDS: f32 = 30.0;

/// The number of words below which the score is a guess (see the design page).
const MIN_WORDS: u32 = 20;

/// The most days that the score weighs: the most that candidates are apart.
const MAX_DAYS: u32 = 7;

/// The value of `ln(1 + days)` for an undated pair: between the same day and the next one.
const UNDATED_LOG_DAYS: f32 = 2.0 / 3.0;

/// The logit of two articles compared by phrases alone, as a function of the containment `c`:
/// `BIAS + STEEP · min(c, STEEP_END) + FLAT · c`. Fitted to labelled pairs, see the design page.
const COPY_BIAS: f32 = -6.0;
const COPY_STEEP: f32 = 57.0;
const COPY_STEEP_END: f32 = 0.15;
const COPY_FLAT: f32 = 2.5;

/// An article as a comparison takes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScoredArticle<'a> {
    /// The hash of the words in order.
    pub(crate) content: u128,
    /// The number of words.
    pub(crate) words: u32,
    pub(crate) language: Language,
    pub(crate) date: Option<Date>,
    pub(crate) terms: WeightedTerms<'a>,
    pub(crate) sample: Sample<'a>,
    pub(crate) marks: &'a [u16],
    pub(crate) title: Title,
    /// How crowded its neighbourhood is: the mean similarity of its 20th to 60th neighbours.
    pub(crate) density: f32,
}

/// All evidence about a pair that two fingerprints and their collection give.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Evidence {
    /// Cosine of the weighted words, in `0..=1`.
    pub terms: f32,
    /// Cosine of the weighted words of the two leads: the first 120 words of title and text.
    pub lead: f32,
    /// The density of the neighbourhood: the mean cosine of each article with its 20th to 60th closest
    /// articles of the collection. Among hundreds of similar texts similarity is weak evidence.
    pub density: f32,
    /// The distinct numbers of each article, and those of both.
    pub numbers: Overlap,
    /// Overlap of the sampled three-word shingles, without those of several figures; exact for texts of
    /// at most 128 shingles.
    pub phrases: Overlap,
    /// The number of shared shingles that are boilerplate phrases: more than 16 articles of the
    /// collection have them, reprints not counted. Footers, bylines, frames of daily briefs, idioms. Among
    /// more than 1 500 articles the bound grows with the square root of their number: 45 among 12 000, 254
    /// from 379 000 on.
    pub boilerplate: usize,
    /// The number of words of the shorter text.
    pub words: u32,
    /// Whether the two have the same words in the same order.
    pub same_words: bool,
    /// Whether both are in a language that separates syllables (Vietnamese): two texts share more
    /// syllables by chance than words.
    pub syllables: bool,
    /// The number of days between the two, if both are dated.
    pub days_apart: Option<u32>,
    /// Whether the two were compared by phrases alone, as for [`Level::Copy`]: terms, lead, numbers and
    /// density are then 0.
    pub by_phrases: bool,
    /// Whether the two print one text, maybe edited: most of what differs is no name and no number, and
    /// they are of one length.
    pub reprint: bool,
    /// Whether the two are one form filled in twice, or one notice under two titles: the same frame, and
    /// other names. Then they are two stories, whatever they share.
    pub form: bool,
}

impl ScoredArticle<'_> {
    pub(crate) fn printed(&self) -> Printed<'_> {
        let &ScoredArticle { content, words, date, language, marks, title, sample, .. } = self;
        Printed { content, words, date, language, marks, title, sample }
    }
}

/// See [`containment`].
const MIN_SAMPLED: usize = 5;

/// How much of the shorter text the longer one contains, with half a shingle of doubt for and one against
/// it; of fewer than [`MIN_SAMPLED`] shingles, which say little, with none for it.
pub(crate) fn containment(phrases: &Overlap) -> f32 {
    let shorter = phrases.left.min(phrases.right);
    let doubt = if shorter < MIN_SAMPLED { 0.0 } else { 0.5 };
    (phrases.shared as f32 + doubt) / (shorter + 1) as f32
}

impl Evidence {
    pub(crate) fn new(
        left: &ScoredArticle<'_>,
        right: &ScoredArticle<'_>,
        boilerplate: &BoilerplatePhrases,
    ) -> Self {
        Self::with_terms(similarity(&left.terms, &right.terms), left, right, boilerplate)
    }

    /// Compares two articles whose terms are compared already.
    pub(crate) fn with_terms(
        terms: TermSimilarity,
        left: &ScoredArticle<'_>,
        right: &ScoredArticle<'_>,
        boilerplate: &BoilerplatePhrases,
    ) -> Self {
        let (phrases, boilerplate) = boilerplate.overlap(left.sample, right.sample);
        let printing = printing(&left.printed(), &right.printed(), &phrases);
        Evidence {
            reprint: printing == Some(Printing::Reprint),
            form: printing == Some(Printing::Form),
            terms: terms.all,
            lead: terms.lead,
            numbers: terms.numbers,
            density: (left.density + right.density) / 2.0,
            phrases,
            boilerplate,
            words: left.words.min(right.words),
            same_words: left.content == right.content && left.words == right.words,
            syllables: left.language.is_syllabic() && right.language.is_syllabic(),
            by_phrases: left.terms.terms.is_empty() || right.terms.terms.is_empty(),
            days_apart: left.date.zip(right.date).map(|(l, r)| l.days_since(r).unsigned_abs()),
        }
    }

    /// Returns whether two articles whose terms are compared can reach a level, before their phrases and
    /// the density of the right one are known: these have weights of at most 0, so they only lower the
    /// score.
    pub(crate) fn may_reach(
        terms: TermSimilarity,
        left: &ScoredArticle<'_>,
        right: &ScoredArticle<'_>,
        cuts: &Cuts,
    ) -> bool {
        const {
            let mut unknown = 3;
            while unknown < 6 {
                assert!(weights::WEIGHTS[unknown] <= 0.0);
                unknown += 1;
            }
        }
        let no_phrases = Sample { values: &[], cut: false };
        let (left, right) = (
            ScoredArticle { sample: no_phrases, ..*left },
            ScoredArticle { sample: no_phrases, density: 0.0, ..*right },
        );
        let best = Evidence::with_terms(terms, &left, &right, &BoilerplatePhrases::default());
        best.by_phrases || best.score() >= cuts.event
    }

    /// The names of [`Evidence::features`].
    pub const FEATURES: [&str; 9] = [
        "terms",
        "lead",
        "numbers",
        "density",
        "boilerplate",
        "frame",
        "syllables",
        "brief",
        "days",
    ];

    /// Returns the numbers that the score weighs, each in about `0..=1`, as input for a model of your own.
    ///
    /// In the order of [`Evidence::FEATURES`]: the cosine of the terms; that of the leads; the share of
    /// common numbers; the density; the share of boilerplate phrases, up to 0.05; the share of phrases
    /// times the lack of common numbers below a quarter, which marks one frame filled in twice; 1 for
    /// syllables; the lack of words of the shorter text below 30, as a share; and `ln(1 + days apart)`
    /// of at most seven days, less the value for an undated pair, which has 0.
    pub fn features(&self) -> [f32; Self::FEATURES.len()] {
        // Half a number is added as shared, since few numbers are weak evidence.
        let fewer = self.numbers.left.min(self.numbers.right);
        let numbers = (self.numbers.shared as f32 + 0.5) / (fewer as f32 + 1.0);
        let boilerplate = (self.phrases.jaccard() - self.distinctive_phrases()) as f32;
        let brief = (1.0 - self.words as f32 / MAX_BRIEF_WORDS).max(0.0);
        let days = |days: u32| libm::log1pf(days.min(MAX_DAYS) as f32) - UNDATED_LOG_DAYS;
        [
            self.terms,
            self.lead,
            numbers,
            self.density,
            boilerplate.min(MAX_BOILERPLATE_SHARE),
            self.phrases.jaccard() as f32 * (MIN_SHARED_NUMBERS - numbers).max(0.0),
            f32::from(u8::from(self.syllables)),
            brief,
            self.days_apart.map_or(0.0, days),
        ]
    }

    /// Returns the probability that the two tell the same story, in `0..=1`; 1 only for the same words.
    ///
    /// It is a logistic function of the [features](Evidence::features) with weights learned from labelled
    /// pairs, and it is calibrated: of the pairs scored 0.8, eight in ten tell the same story. Where a
    /// text [is too short](Evidence::is_too_short) it is a guess.
    pub fn score(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        let of_phrases = || {
            let containment = self.containment();
            COPY_BIAS + COPY_STEEP * containment.min(COPY_STEEP_END) + COPY_FLAT * containment
        };
        let of_words = || {
            let weighted = self.features().into_iter().zip(weights::WEIGHTS);
            weights::BIAS + weighted.map(|(feature, weight)| feature * weight).sum::<f32>()
        };
        let logit = if self.by_phrases {
            of_phrases()
        } else if self.reprint || self.is_contained(Cuts::DEFAULT.of(Level::Copy)) {
            // A text that is printed again tells the same story, whatever stands around it.
            of_words().max(of_phrases())
        } else {
            of_words()
        };
        (1.0 / (1.0 + libm::expf(-logit))).min(1.0 - f32::EPSILON)
    }

    /// Returns whether one of the texts has fewer than twenty words, so that the score is a guess.
    pub fn is_too_short(&self) -> bool {
        self.words < MIN_WORDS
    }

    /// Returns the Jaccard similarity of the phrases, in `0..=1`; boilerplate phrases count as not shared.
    pub fn distinctive_phrases(&self) -> f64 {
        let Overlap { left, right, shared } = self.phrases;
        ratio(self.distinctive(), left + right - shared)
    }

    /// Returns the containment of the shorter text in the longer one. One shingle is added as not shared,
    /// since a sample of two or three shingles is weak evidence.
    fn containment(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        containment(&self.phrases)
    }

    fn is_near(&self) -> bool {
        self.days_apart.is_none_or(|days| days <= MAX_RETOLD_DAYS)
    }

    fn distinctive(&self) -> usize {
        self.phrases.shared.saturating_sub(self.boilerplate)
    }

    /// Returns whether phrases survived that are no boilerplate; one or two may be chance.
    fn is_retold(&self) -> bool {
        self.distinctive() >= MIN_PHRASES && self.distinctive_phrases() >= MIN_RETOLD_PHRASES
    }

    /// Returns whether the longer text contains most of the shorter one, and the pair is no form filled in
    /// twice.
    ///
    /// A pair most of whose shared phrases are no boilerplate is no form. Otherwise two of three signs
    /// must hold: the containment is nearly whole, some phrases are no boilerplate, the days are near.
    fn is_contained(&self, cut: f32) -> bool {
        if self.same_words {
            return true;
        }
        let containment = self.containment();
        let is_own = self.distinctive() * 2 >= self.phrases.shared;
        let signs = [containment >= MIN_WHOLE_CONTAINMENT, self.is_retold(), self.is_near()];
        let is_no_form = is_own || signs.into_iter().filter(|&sign| sign).count() >= 2;
        containment >= cut && is_no_form
    }

    /// Returns the least score of a retelling. It is lower for a pair that shares many phrases, which the
    /// score does not weigh: 0.59 for the default cut of 0.7, and 1 stays 1.
    fn retelling_cut(&self, cuts: &Cuts) -> f32 {
        if self.distinctive_phrases() < MIN_PLENTIFUL_PHRASES {
            cuts.retelling
        } else {
            (cuts.retelling * cuts.retelling.sqrt()).max(cuts.event)
        }
    }

    /// Returns the closest level whose cut the pair reaches.
    pub(crate) fn level(&self, cuts: &Cuts) -> Option<Level> {
        let score = self.score();
        let is_copy = self.is_contained(cuts.of(Level::Copy));
        if self.form || score < cuts.event {
            None
        } else if score >= self.retelling_cut(cuts) && is_copy {
            Some(Level::Copy)
        } else if self.by_phrases {
            None
        } else if score < self.retelling_cut(cuts) {
            Some(Level::Event)
        } else if self.reprint || self.is_retold() && self.is_near() {
            Some(Level::Retelling)
        } else {
            Some(Level::Event)
        }
    }

    /// Returns the relation of the left article to the right one.
    pub(crate) fn relation(&self, cuts: &Cuts) -> Relation {
        let Some(level) = self.level(cuts) else { return Relation::Unrelated };
        let (of_left, of_right) = (self.phrases.of_left(), self.phrases.of_right());
        match level {
            Level::Copy if self.same_words => Relation::Identical,
            Level::Copy if of_left > of_right * MIN_EXCERPT_RATIO => Relation::Excerpt,
            Level::Copy if of_right > of_left * MIN_EXCERPT_RATIO => Relation::Expansion,
            Level::Copy => Relation::NearDuplicate,
            Level::Retelling => Relation::Retelling,
            Level::Event => Relation::SameEvent,
        }
    }

    /// Swaps the two articles.
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
                Evidence {
                    boilerplate: phrases.shared / 2,
                    words: phrases.left.min(phrases.right) as u32 + 2,
                    terms,
                    lead,
                    density: density / 2.0,
                    numbers,
                    phrases,
                    same_words,
                    syllables,
                    days_apart,
                    by_phrases: false,
                    reprint: false,
                    form: false,
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
        fn a_pair_without_a_level_is_unrelated_and_each_level_has_its_score(
            pair in any_evidence(), cuts in any_cuts(),
        ) {
            prop_assert!((0.0..=1.0).contains(&pair.score()));
            prop_assert!(cuts.of(Level::Event) <= cuts.of(Level::Retelling));
            let level = pair.level(&cuts);
            prop_assert_eq!(level.is_none(), pair.relation(&cuts) == Relation::Unrelated);
            prop_assert_eq!(level.is_some(), pair.score() >= cuts.of(Level::Event));
            if level == Some(Level::Retelling) {
                prop_assert!(pair.score() >= pair.retelling_cut(&cuts));
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
