//! How the weights are learned, and what they make of a set.

use retold::{Detector, Level};

use crate::logistic::{self, Row, dot, probability};
use crate::metrics::{Oracle, Rates};
use crate::sets::{FEATURES, Kind, Set, feature};

/// What a pair of the same day has against one a day apart, and that against one seven days apart.
///
/// Not learned, because only one set is dated, but derived. Of same-story pairs in dated news about
/// three quarters are of one day, 95 % at most one day apart and 98 % three; two articles of a week
/// that merely look alike are any days apart. The logarithms of the ratios, +2.4 for the same day,
/// +.4, −2 and −2.4 for the next ones, lie near this line. What regression finds on the one dated
/// set is a little steeper.
const DAYS: f64 = -3.6;

/// Scores that say neither yes nor no.
const UNSURE: std::ops::Range<f32> = 0.1..0.9;

/// No score is shifted further, in logits.
const MOST_SHIFT: f64 = 4.0;

/// The least cosine of the words that a pair is learned from.
const ALIKE: f32 = 0.05;

/// What a frame filled twice is worth less. Not learned: in the large sets the density and the
/// commonplaces tell templates, so that regression leaves nothing for this; in a folder of five
/// articles there is nothing else to tell them by. Three market briefs that share half of their
/// phrases and no number must stay apart there.
const FRAME: f64 = -180.0;

/// A weight for each feature, and the bias.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) weights: [f64; FEATURES],
    pub(crate) bias: f64,
}

/// Some of the sets.
pub(crate) type Sets<'a> = Vec<&'a Set>;

impl Model {
    /// Learns from some sets, without the features that are `left_out`.
    pub(crate) fn learned(sets: &[&Set], left_out: Option<usize>) -> Self {
        let settled = [(feature("days"), DAYS), (feature("frame"), FRAME), (feature("brief"), 0.0)];
        let is_left_out = |number: usize| Some(number) == left_out;
        let free = |number: usize| {
            !is_left_out(number) && settled.iter().all(|(other, _)| *other != number)
        };
        let mut start = Model { weights: [0.0; FEATURES], bias: 0.0 };
        for (number, weight) in settled.into_iter().filter(|(number, _)| !is_left_out(*number)) {
            start.weights[number] = weight;
        }
        let of = |kinds: &[Kind]| -> Sets<'_> {
            sets.iter().copied().filter(|set| kinds.contains(&set.kind)).collect()
        };
        let mut model = start.improved(&of(&[Kind::Whole, Kind::Partial, Kind::Templates]), free);
        let syllables = feature("syllables");
        let (apart, others): (Sets<'_>, Sets<'_>) =
            of(&[Kind::Whole]).into_iter().partition(|set| set.pairs[0].0[syllables] > 0.0);
        model
            .centre(if others.is_empty() { &apart } else { &others }, |model, by| model.bias += by);
        if !others.is_empty() && !apart.is_empty() && !is_left_out(syllables) {
            model.centre(&apart, |model, by| model.weights[syllables] += by);
        }
        let brief = feature("brief");
        if !is_left_out(brief) {
            model.centre(&of(&[Kind::Brief]), |model, by| model.weights[brief] += by);
        }
        model
    }

    /// Learns the weights that are `free` and the bias, where the others stay.
    fn improved(self, sets: &[&Set], free: impl Fn(usize) -> bool + Sync) -> Self {
        let learned = learn(sets, |features| {
            let (mut x, mut settled) = ([1.0; FEATURES + 1], 0.0);
            for (number, value) in features.iter().enumerate() {
                x[number] = if free(number) { *value } else { 0.0 };
                settled += self.weights[number] * (*value - x[number]);
            }
            (x, settled)
        });
        let mut model = self;
        for number in (0..FEATURES).filter(|&number| free(number)) {
            model.weights[number] = learned[number];
        }
        model.bias = learned[FEATURES];
        model
    }

    /// Shifts the scores so that, of the pairs of some sets that are scored neither surely nor
    /// hardly, as many tell one story as the scores say. The order of the pairs stays.
    fn centre(&mut self, sets: &[&Set], shift: impl Fn(&mut Self, f64)) {
        let surplus = |by: f64| -> f64 {
            let mut shifted = *self;
            shift(&mut shifted, by);
            let surplus = |set: &&Set| -> f64 {
                let pairs =
                    set.pairs.iter().map(|(features, same)| (shifted.score(features), *same));
                let open = pairs.filter(|(score, _)| UNSURE.contains(score));
                open.map(|(score, same)| f64::from(score) - f64::from(u8::from(same))).sum()
            };
            sets.iter().map(surplus).sum()
        };
        let (mut low, mut high) = (-MOST_SHIFT, MOST_SHIFT);
        for _ in 0..20 {
            let middle = (low + high) / 2.0;
            if surplus(middle) > 0.0 { high = middle } else { low = middle }
        }
        shift(self, (low + high) / 2.0);
    }

    fn score(&self, features: &[f32; FEATURES]) -> f32 {
        probability(self.bias + dot(&self.weights, &features.map(f64::from))) as f32
    }

    /// What it makes of a set.
    pub(crate) fn judged(&self, set: &Set) -> Judgement {
        let scored: Vec<(f32, bool)> =
            set.pairs.iter().map(|(features, same)| (self.score(features), *same)).collect();
        let event = Detector::new().threshold(Level::Event);
        let reported = scored.iter().filter(|(score, _)| *score >= event);
        let (found, hits) =
            reported.fold((0, 0), |(n, k), (_, same)| (n + 1, k + usize::from(*same)));
        let f1 = Rates::of_counts(hits, found, set.same()).f1;
        let Oracle { f1: best, average_precision, .. } = Oracle::new(scored);
        Judgement { f1, best, average_precision, wrong: found - hits }
    }
}

/// How well a model does on a set.
pub(crate) struct Judgement {
    /// At the cut of events.
    pub(crate) f1: Option<f64>,
    /// At the best cut.
    pub(crate) best: Option<f64>,
    pub(crate) average_precision: Option<f64>,
    /// Pairs that it takes for one story and are not.
    pub(crate) wrong: usize,
}

/// Learns from all pairs of some sets: the pairs of one story of each count as much as the set.
fn learn<const N: usize>(
    sets: &[&Set],
    row: impl Fn(&[f64; FEATURES]) -> ([f64; N], f64) + Sync,
) -> [f64; N] {
    let mut ends = vec![0];
    for set in sets {
        ends.push(ends[ends.len() - 1] + set.pairs.len());
    }
    let weight = |set: &&Set| {
        let counted = if set.kind == Kind::Templates { set.pairs.len() } else { set.same() };
        // Some thousands, so that the ridge of the regression is nothing against it.
        3000.0 * set.weight / counted as f64
    };
    let weights: Vec<f64> = sets.iter().map(weight).collect();
    let terms = feature("terms");
    logistic::learn(ends[sets.len()], |number| {
        let set = ends.partition_point(|&end| end <= number) - 1;
        let (features, yes) = sets[set].pairs[number - ends[set]];
        let (x, settled) = row(&features.map(f64::from));
        // Where hardly a word is shared there is nothing to learn, and there are very many of these.
        let weight = if features[terms] >= ALIKE { weights[set] } else { 0.0 };
        Row { x, settled, yes, weight }
    })
}
