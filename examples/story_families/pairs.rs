//! The pairs as JSON Lines.

use std::io::{self, Write};

use retold::{Detector, Level};
use serde::Serialize;

use crate::common::report::rounded;
use crate::common::screen::escaped_json;

/// One line of the pairs. `README.md` beside this file describes every key.
#[derive(Serialize)]
struct PairEntry<'a> {
    left: &'a str,
    right: &'a str,
    level: &'static str,
    relation: &'static str,
    score: f64,
    jaccard: f64,
    left_in_right: f64,
    right_in_left: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scant: Option<bool>,
}

/// Every pair at a level or closer, in the order of the ids.
pub fn write_pairs(detector: &Detector, level: Level, out: &mut dyn Write) -> io::Result<()> {
    for pair in detector.pairs(level) {
        let phrases = pair.evidence.phrases;
        let json = serde_json::to_string(&PairEntry {
            left: pair.left,
            right: pair.right,
            level: pair.level.name(),
            relation: pair.relation.name(),
            score: rounded(pair.score.into()),
            jaccard: rounded(phrases.jaccard()),
            left_in_right: rounded(phrases.of_left()),
            right_in_left: rounded(phrases.of_right()),
            scant: pair.evidence.is_too_short().then_some(true),
        })?;
        writeln!(out, "{}", escaped_json(&json))?;
    }
    Ok(())
}
