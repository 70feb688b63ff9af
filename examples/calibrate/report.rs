//! The source of the module with the weights.

use std::fmt::Write;

use retold::Evidence;

use crate::model::{Judgement, Model, Sets};
use crate::sets::{FEATURES, Set};

/// The sets in the tables, apart from the templates.
const SHOWN: [&str; 3] = ["fnc1", "vims", "allsides"];

/// The templates.
const TEMPLATES: &str = "reuters";

const HEAD: &str = "\
//! The weights of the score, and what each piece of evidence is worth.
//!
//! Written by `cargo run --release --example calibrate -- ../shared/eval`, which says how they are
//! learned: from English rumours (`fnc1`), Vietnamese news (`vims`), American round-ups, pairs at
//! most three days apart (`allsides`), rewritten features, and wires of 1987 that are too far apart
//! to be one story (`reuters`).
//!
//! Average precision / F1 at the cut of events / F1 at the best cut, and of the wires how many of
//! a hundred pairs are taken for one story. `without` a set: tried on pairs that it never saw, and
//! for Vietnamese without knowing that its words are syllables.
//!
//! | learned from | fnc1 | vims | allsides | reuters |
//! |---|---|---|---|---|
";

const ABLATION: &str = "\
//!
//! From all sets, with one piece of evidence left out: what it loses has earned its place. `frame`
//! and `brief` are for what these sets hardly have, templates in a small folder and texts of a few
//! words.
//!
//! | left out | fnc1 | vims | allsides | reuters |
//! |---|---|---|---|---|
";

const BIAS: &str =
    "/// The logarithm of the odds that a pair without any evidence tells one story.";
const WEIGHTS: &str =
    "/// How much each of [`Evidence::FEATURES`](crate::Evidence::FEATURES) adds.";

/// The source of `src/score/weights.rs`.
pub(crate) fn module(sets: &[Set]) -> String {
    let all: Sets<'_> = sets.iter().collect();
    let every: Vec<&str> = SHOWN.into_iter().chain([TEMPLATES]).collect();
    let model = Model::learned(&all, None);
    let mut out = String::from(HEAD);
    out.push_str(&row("all", &model, sets, &every));
    for set in &every {
        let others: Sets<'_> = sets.iter().filter(|other| !other.name.starts_with(set)).collect();
        out.push_str(&row(&format!("without {set}"), &Model::learned(&others, None), sets, &[set]));
    }
    out.push_str(ABLATION);
    for (number, name) in Evidence::FEATURES.iter().enumerate() {
        out.push_str(&row(name, &Model::learned(&all, Some(number)), sets, &every));
    }
    let _ = writeln!(out, "\n{BIAS}\npub(crate) const BIAS: f32 = {:.3};", model.bias);
    let _ = writeln!(out, "\n{WEIGHTS}\npub(crate) const WEIGHTS: [f32; {FEATURES}] = [");
    for (name, weight) in Evidence::FEATURES.iter().zip(model.weights) {
        let _ = writeln!(out, "    {weight:.3}, // {name}");
    }
    out.push_str("];\n");
    out
}

/// The accuracy of a model on the sets that are `shown`, as a line of a table.
fn row(name: &str, model: &Model, sets: &[Set], shown: &[&str]) -> String {
    let mut row = format!("//! | {name} |");
    for column in SHOWN.into_iter().chain([TEMPLATES]) {
        let set = sets.iter().find(|set| set.name == column && shown.contains(&column));
        let cell = set.map_or(String::new(), |set| figures(&model.judged(set), set));
        let _ = write!(row, " {cell} |");
    }
    row + "\n"
}

fn figures(judgement: &Judgement, set: &Set) -> String {
    let Judgement { f1, best, average_precision, wrong } = judgement;
    if set.name == TEMPLATES {
        return format!("{:.1}", 100.0 * *wrong as f64 / set.pairs.len() as f64);
    }
    let figures = [average_precision, f1, best];
    figures.map(|figure| figure.map_or("-".to_owned(), |figure| format!("{figure:.3}"))).join(" / ")
}
