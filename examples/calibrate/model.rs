//! Learns the weights, and applies them to a set.

use retold::{Detector, Level};

use crate::logistic::{self, Row, dot, probability};
use crate::metrics::{Oracle, Rates};
use crate::sets::{FEATURES, Kind, Set, feature};

/// The weight of `ln(1 + days apart)`. Derived from the distances of same-story pairs in dated news, not
/// learned, because only one set is dated; see the design page.
const DAYS: f64 = -3.6;

/// Uncertain scores.
const UNSURE: std::ops::Range<f32> = 0.1..0.9;

/// The largest shift of a score, in logits.
const MAX_SHIFT: f64 = 4.0;

/// The least cosine of the words of a training pair.
const MIN_COSINE: f32 = 0.05;

/// The weight of a template filled in twice. Not learned: in the large sets density and boilerplate phrases
/// already identify templates, but in a folder of a few articles nothing else does; see the design page.
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

    /// Learns the weights that are `free` and the bias; the others stay.
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

    /// Shifts the scores so that they are calibrated on the uncertain pairs of some sets. The order of the
    /// pairs stays.
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
        let (mut low, mut high) = (-MAX_SHIFT, MAX_SHIFT);
        for _ in 0..20 {
            let middle = (low + high) / 2.0;
            if surplus(middle) > 0.0 { high = middle } else { low = middle }
        }
        shift(self, (low + high) / 2.0);
    }

    fn score(&self, features: &[f32; FEATURES]) -> f32 {
        probability(self.bias + dot(&self.weights, &features.map(f64::from))) as f32
    }

    /// The accuracy on a set.
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

/// The accuracy of a model on a set.
pub(crate) struct Judgement {
    /// At the cut of events.
    pub(crate) f1: Option<f64>,
    /// At the best cut.
    pub(crate) best: Option<f64>,
    pub(crate) average_precision: Option<f64>,
    /// Pairs wrongly judged to be one story.
    pub(crate) wrong: usize,
}

/// Learns from all pairs of some sets. The same-story pairs of each set have its weight in total.
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
        // In thousands, so that the ridge of the regression is negligible.
        3000.0 * set.weight / counted as f64
    };
    let weights: Vec<f64> = sets.iter().map(weight).collect();
    let terms = feature("terms");
    logistic::learn(ends[sets.len()], |number| {
        let set = ends.partition_point(|&end| end <= number) - 1;
        let (features, yes) = sets[set].pairs[number - ends[set]];
        let (x, settled) = row(&features.map(f64::from));
        // Very many pairs share hardly a word, and nothing can be learned from them.
        let weight = if features[terms] >= MIN_COSINE { weights[set] } else { 0.0 };
        Row { x, settled, yes, weight }
    })
}
