//! The module that the weights are checked in as.

use std::fmt::Write;

use retold::Evidence;

use crate::model::{EVENT, Judgement, Model, Sets};
use crate::sets::{FEATURES, Kind, Set};

/// The sets that show how good a model is.
const SHOWN: [&str; 5] = ["fnc1", "vims", "allsides", "fnc1 brief", "vims brief"];

/// `src/weights.rs`.
pub(crate) fn module(sets: &[Set]) -> String {
    let all: Sets<'_> = sets.iter().collect();
    let model = Model::learned(&all, None);
    let mut out = String::from(HEAD);
    let cells = |model: &Model, only: Option<&str>| -> String {
        let cell = |name: &str| match only.is_none_or(|only| only == name) {
            true => format!(" {} |", figures(&model.judged(named(sets, name)))),
            false => " |".to_owned(),
        };
        SHOWN.iter().map(|name| cell(name)).collect()
    };
    let wrong = |model: &Model| model.judged(named(sets, "reuters")).wrong;
    let _ = writeln!(out, "//! | learned from all | {} | {} |", cells(&model, None), wrong(&model));
    for name in SHOWN {
        let others = Model::learned(&without(sets, name), None);
        let _ = writeln!(out, "//! | without {name} | {} | |", cells(&others, Some(name)));
    }
    let others = Model::learned(&without(sets, "reuters"), None);
    let _ = writeln!(out, "//! | without reuters | | | | {} |", wrong(&others));
    out.push_str(ABLATION);
    for (number, name) in Evidence::FEATURES.iter().enumerate() {
        let less = Model::learned(&all, Some(number));
        let _ = writeln!(out, "//! | {name} | {} | {} |", cells(&less, None), wrong(&less));
    }
    let _ = writeln!(out, "\n{BIAS}\npub(crate) const BIAS: f32 = {:.3};", model.bias);
    let _ = writeln!(out, "\n{WEIGHTS}\npub(crate) const WEIGHTS: [f32; {FEATURES}] = [");
    for (name, weight) in Evidence::FEATURES.iter().zip(model.weights) {
        let _ = writeln!(out, "    {weight:.3}, // {name}");
    }
    out.push_str("];\n");
    out
}

const HEAD: &str = "\
//! The weights of the score.
//!
//! Written by `cargo run --release --example calibrate -- ../shared/eval`.
";
const ABLATION: &str = "//! ABLATION\n";
const BIAS: &str =
    "/// The logarithm of the odds that a pair without any evidence tells one story.";
const WEIGHTS: &str =
    "/// How much each of [`Evidence::FEATURES`](crate::Evidence::FEATURES) adds to it.";

fn named<'a>(sets: &'a [Set], name: &str) -> &'a Set {
    sets.iter().find(|set| set.name == name).unwrap_or(&sets[0])
}

fn without<'a>(sets: &'a [Set], name: &str) -> Sets<'a> {
    sets.iter().filter(|set| !set.name.starts_with(name)).collect()
}

fn figures(judgement: &Judgement) -> String {
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let Judgement { f1, best, average_precision, .. } = judgement;
    let rel: Vec<i32> = judgement
        .tenths
        .iter()
        .enumerate()
        .filter(|(_, t)| t.0 >= 200)
        .map(|(i, t)| (100 * t.1 / t.0) as i32 - 10 * i as i32 - 5)
        .collect();
    format!("{rel:?} {} {} {}", figure(*average_precision), figure(*f1), figure(*best))
}
