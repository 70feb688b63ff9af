//! The accuracy of the detector does not fall: `evaluate` on the small sets of `../shared/eval` reaches the
//! floors of `quality-floors.json`. We may not publish the sets; where they are absent, this test says so
//! and checks nothing.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

#[path = "support/example.rs"]
mod example;

/// How far a figure may be below its floor.
const SLACK: f64 = 0.005;

#[derive(Deserialize)]
struct Floors {
    floors: Vec<Floor>,
}

/// The least value of one figure of one run.
#[derive(Deserialize)]
struct Floor {
    set: String,
    level: String,
    /// The JSON pointer to it in the report.
    figure: String,
    floor: f64,
}

fn report(file: &Path, level: &str) -> Value {
    let mut program = example::example("evaluate");
    let output = program.arg(file).args(["--level", level, "--json", "-"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn no_figure_falls_below_its_floor() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/eval");
    if !folder.exists() {
        // Not by `eprintln`, which a passing test hides.
        let message = format!("SKIPPED, nothing was checked: there is no {}", folder.display());
        let _ = writeln!(std::io::stderr(), "{message}");
        return;
    }
    let Floors { floors } = serde_json::from_str(include_str!("quality-floors.json")).unwrap();
    let mut runs: BTreeMap<(String, String), Vec<Floor>> = BTreeMap::new();
    for floor in floors {
        runs.entry((floor.set.clone(), floor.level.clone())).or_default().push(floor);
    }
    let mut fallen = Vec::new();
    for ((set, level), floors) in runs {
        let report = report(&folder.join(format!("{set}.jsonl.gz")), &level);
        for Floor { figure, floor, .. } in floors {
            let found = report.pointer(&figure).and_then(Value::as_f64);
            let found = found.unwrap_or_else(|| panic!("{set} {level}: no {figure}"));
            if found < floor - SLACK {
                fallen.push(format!("{set} at {level}: {figure} is {found:.4}, floor {floor}"));
            }
        }
    }
    assert!(fallen.is_empty(), "{}", fallen.join("\n"));
}
