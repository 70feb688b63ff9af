//! What speaks for two articles being one story, and what it adds up to.

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

/// How much of all three-word shingles a retelling shares at least, boilerplate phrases left out: below
/// that no phrase survived.
const MIN_RETOLD_PHRASES: f64 = 0.018;

/// How much of all three-word shingles is more than a retelling must share, boilerplate phrases left out.
const PLENTIFUL_PHRASES: f64 = 0.05;

/// How many days apart a story is retold at most. Of same-story pairs in dated news 98 % lie within
/// three days; the same phrases later are most often a series: daily rates, weekly figures.
const MAX_RETOLD_DAYS: u32 = 3;

/// The fewest shared phrases that are not chance.
const MIN_PHRASES: usize = 3;

/// How much of a text stands in its copy where nothing was changed but a line here and there.
const MIN_WHOLE_CONTAINMENT: f32 = 0.9;

/// How much longer than its copy a text is at least, for the copy to be called a part of it.
const MIN_EXCERPT_RATIO: f64 = 1.25;

/// The share of boilerplate phrases beyond which more of them say nothing more. A story that very many
/// papers tell makes boilerplate phrases of its own phrases: that must not outweigh everything else.
const MAX_COMMONPLACES: f32 = 0.05;

/// The share of numbers that two versions of one story have in common at least, if they have phrases
/// in common.
const MIN_SHARED_NUMBERS: f32 = 0.25;

/// A text of fewer words is brief: so little is left of it that likeness may be chance.
const BRIEF_WORDS: f32 = 30.0;

/// Of a text of fewer words nothing certain can be said: of pairs of 15 words scored .9 and more,
/// one in six to one in three does not tell one story.
const MIN_WORDS: u32 = 20;

/// Days beyond which a greater distance says nothing more: those that candidates may lie apart.
const MAX_DAYS: u32 = 7;

/// What an undated pair counts as, as the logarithm of one and the days between: something between
/// the same day and the next.
const UNDATED: f32 = 2.0 / 3.0;

/// Of two articles compared by phrases alone the logarithm of the odds that they tell one story:
/// nothing shared, and what each share of the shorter one that stands in the longer one adds, the
/// first ones most. Of pairs that share a twentieth about half do, with a tenth nine in ten, with .5
/// and more 97 to 99 in a hundred (read on FNC-1 and ViMs).
const NOTHING_COPIED: f32 = -6.0;
const FIRST_COPIED: (f32, f32) = (0.15, 57.0);
const COPIED: f32 = 2.5;

/// An article as it enters a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScoredArticle<'a> {
    /// The hash of its words in order.
    pub(crate) content: u64,
    /// How many words it has.
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
    /// Shared three-word shingles of the samples, without those of figures; exact for texts of at
    /// most 128 shingles.
    pub phrases: Overlap,
    /// How many of the shared shingles are boilerplate phrases: more than 16 articles of the collection
    /// have them, reprints not counted. Footers, bylines, the frames of daily briefs, idioms.
    pub boilerplate: usize,
    /// The number of words of the shorter text.
    pub words: u32,
    /// Whether the two have the same words in the same order.
    pub same_words: bool,
    /// Whether both are in a language that writes syllables apart (Vietnamese): chance shares more
    /// of them than of words.
    pub syllables: bool,
    /// How many days lie between the two, where both are dated.
    pub days_apart: Option<u32>,
    /// Whether the two were compared by their phrases alone, by a detector of [`Level::Copy`]: words,
    /// lead, numbers and density are then 0.
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
        let &ScoredArticle { content, words, date, marks, title, .. } = self;
        Printed { content, words, date, marks, title }
    }
}

impl Evidence {
    pub(crate) fn new(
        left: &ScoredArticle<'_>,
        right: &ScoredArticle<'_>,
        boilerplate: &BoilerplatePhrases,
    ) -> Self {
        Self::with_terms(similarity(&left.terms, &right.terms), left, right, boilerplate)
    }

    /// The same where the words were compared already.
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

    /// Whether two articles whose words were compared can reach a level: whatever their phrases are, and
    /// however empty it is around the right one. What is not yet known can only lower the score.
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
        let nothing = Sample { values: &[], cut: false };
        let (left, right) = (
            ScoredArticle { sample: nothing, ..*left },
            ScoredArticle { sample: nothing, density: 0.0, ..*right },
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
        "commonplaces",
        "frame",
        "syllables",
        "brief",
        "days",
    ];

    /// The evidence as the numbers that the score weighs, each in about `0..=1`: what a model of
    /// one's own would be trained on.
    ///
    /// The two cosines; the share of numbers; the density; the share of boilerplate phrases, up to a
    /// twentieth; the phrases shared where fewer than a quarter of the numbers are, since that is one
    /// frame filled twice; 1 for a language of syllables; how much the shorter text is below 30 words; and
    /// `ln(1 + days apart)`, where up to seven days count, less what an undated pair has.
    pub fn features(&self) -> [f32; Self::FEATURES.len()] {
        // Half of one number is taken as shared: of texts with few numbers they say little.
        let fewer = self.numbers.left.min(self.numbers.right);
        let numbers = (self.numbers.shared as f32 + 0.5) / (fewer as f32 + 1.0);
        let boilerplate = (self.phrases.jaccard() - self.distinctive_phrases()) as f32;
        let brief = (1.0 - self.words as f32 / BRIEF_WORDS).max(0.0);
        let days = |days: u32| libm::log1pf(days.min(MAX_DAYS) as f32) - UNDATED;
        [
            self.terms,
            self.lead,
            numbers,
            self.density,
            boilerplate.min(MAX_COMMONPLACES),
            self.phrases.jaccard() as f32 * (MIN_SHARED_NUMBERS - numbers).max(0.0),
            f32::from(u8::from(self.syllables)),
            brief,
            self.days_apart.map_or(0.0, days),
        ]
    }

    /// The probability that the two tell the same story, in `0..=1`; 1 only for the same words.
    ///
    /// A logistic function of the [features](Evidence::features), with weights that were learned
    /// from labelled pairs. It means what it says: of the pairs scored .8, eight in ten tell the
    /// same story. Where a text [is scant](Evidence::is_too_short) it is a guess.
    pub fn score(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        let of_phrases = || {
            let (containment, (first, weight)) = (self.containment(), FIRST_COPIED);
            NOTHING_COPIED + weight * containment.min(first) + COPIED * containment
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

    /// Whether one of the texts has so few words, fewer than twenty, that the score is a guess.
    pub fn is_too_short(&self) -> bool {
        self.words < MIN_WORDS
    }

    /// Jaccard similarity of the phrases, where the boilerplate phrases count as not shared, in `0..=1`.
    pub fn distinctive_phrases(&self) -> f64 {
        let Overlap { left, right, shared } = self.phrases;
        ratio(self.distinctive(), left + right - shared)
    }

    /// How much of the shorter text stands in the longer one, with one shingle of doubt: of a
    /// sample of two or three not much can be said.
    fn containment(&self) -> f32 {
        if self.same_words {
            return 1.0;
        }
        let shorter = self.phrases.left.min(self.phrases.right);
        self.phrases.shared as f32 / (shorter + 1) as f32
    }

    /// Whether the two may be of the same days.
    fn is_near(&self) -> bool {
        self.days_apart.is_none_or(|days| days <= MAX_RETOLD_DAYS)
    }

    /// How many shared phrases are no boilerplate phrases.
    fn distinctive(&self) -> usize {
        self.phrases.shared.saturating_sub(self.boilerplate)
    }

    /// Whether phrases survived that are no boilerplate phrases; one or two may be chance.
    fn is_retold(&self) -> bool {
        self.distinctive() >= MIN_PHRASES && self.distinctive_phrases() >= MIN_RETOLD_PHRASES
    }

    /// Whether most of the shorter text stands in the longer one, and it is no form filled in again.
    ///
    /// A text of its own, most of whose phrases are no boilerplate phrases, is no form. Otherwise two of
    /// three must hold: that it is whole, that it has some phrases of its own, and that the days are
    /// the same.
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

    /// The score from which on the pair is a retelling: less where the two share phrases in plenty,
    /// which the score does not weigh. At the default cut of .7 that is .59, and 1 stays 1.
    fn retelling_cut(&self, cuts: &Cuts) -> f32 {
        if self.distinctive_phrases() < PLENTIFUL_PHRASES {
            cuts.retelling
        } else {
            (cuts.retelling * cuts.retelling.sqrt()).max(cuts.event)
        }
    }

    /// The closest level whose cut the pair reaches.
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

    /// What the left article is to the right one.
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
        fn a_pair_of_no_level_is_unrelated_and_the_others_score_what_they_must(
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
