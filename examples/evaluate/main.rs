//! Measures the accuracy of the detector on labelled articles.
//!
//! ```text
//! cargo run --release --example evaluate -- FILE.jsonl[.gz] [--level copy|retelling|event]
//!     [--threshold x] [--json FILE|-] [--max-gap-days n]
//! ```
//!
//! Each line of the file is an article: `{"id", "text"}`, optionally with `"title"`, `"date"`
//! (`YYYY-MM-DD`) and the label `"story"`. Two articles are the same story if their labels are equal. An
//! article without a label takes part like any other, but its pairs do not count.
//!
//! To choose a threshold, run it on your own labels: the line `best cut of the score` shows the threshold
//! with the best F1. Run it again with `--threshold` to see the families at this threshold, and pass it to
//! `DetectorBuilder::threshold`. A few dozen stories are enough to choose a threshold, but the figures on
//! the same articles overestimate it.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use retold::{Detector, Level};

use common::reader::{self, Input, Item, Record};
use measure::{Question, measure};
use report::Report;

#[allow(dead_code, reason = "not every example needs all of it")]
#[path = "../common/mod.rs"]
mod common;
mod measure;
mod metrics;
mod report;

/// Judges the detector on labelled articles.
///
/// Two articles are the same story when their "story" is equal; pairs with an article that has none
/// count neither for nor against.
#[derive(Debug, Parser)]
#[command(name = "evaluate")]
struct Options {
    /// JSON Lines, maybe gzip-compressed: id, text, and if known title, date and story. A folder of
    /// such files, or - for standard input, will do as well
    file: PathBuf,

    /// How close two articles must be to be called one story
    #[arg(long, default_value = Level::default().name(), value_parser = levels())]
    level: Level,

    /// The cut of the level, in 0..=1 [default: the level's own].
    ///
    /// For retelling and event it is a score, for copy the share of the shorter text that stands in
    /// the longer one. A level includes the closer ones, and they keep their own cuts.
    #[arg(long, value_name = "X")]
    threshold: Option<f32>,

    /// Writes the figures there as JSON; with - to standard output, in place of the table
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Judges only pairs at most that many days apart; a pair with an undated article is left out.
    ///
    /// The families are judged as without it.
    #[arg(long, value_name = "N")]
    max_gap_days: Option<u32>,
}

fn levels() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(Level::name))
        .map(|name| Level::ALL.into_iter().find(|level| level.name() == name).unwrap_or_default())
}

/// Why the program ends without success.
enum Failure {
    /// The input or an option is invalid.
    Input(String),
    /// The figures cannot be written.
    Output(String),
}

fn main() -> ExitCode {
    let (message, code) = match run(&Options::parse()) {
        Ok(()) => return ExitCode::SUCCESS,
        // The code of clap for a bad option.
        Err(Failure::Input(message)) => (message, 2),
        Err(Failure::Output(message)) => (message, 1),
    };
    complain(&message);
    ExitCode::from(code)
}

fn run(options: &Options) -> Result<(), Failure> {
    let &Options { level, threshold, max_gap_days, .. } = options;
    let mut detector = Detector::builder().level(level);
    if let Some(cut) = threshold {
        detector = detector.threshold(level, cut);
    }
    let detector = detector.build().map_err(|error| Failure::Input(error.to_string()))?;
    let (records, skipped) = read(&options.file)?;
    let question = Question { level, max_gap_days };
    let report = measure(&records, detector, question, skipped, &mut |skip| complain(skip))
        .map_err(|refusal| Failure::Input(format!("{}: {refusal}", options.file.display())))?;
    write(&report, options.json.as_deref())
}

/// The records of the file, and the number of items that are none.
fn read(file: &Path) -> Result<(Vec<Record>, usize), Failure> {
    let (mut records, mut skipped) = (Vec::new(), 0);
    let each = |item| {
        match item {
            Item::Record(record) => records.push(record),
            Item::Skip(skip) => {
                complain(&skip);
                skipped += 1;
            }
        }
        ControlFlow::Continue(())
    };
    let summary = reader::read(&Input::from(file.to_owned()), &reader::Options::default(), each)
        .map_err(|error| Failure::Input(error.to_string()))?;
    summary.warnings.iter().for_each(|warning| complain(warning));
    if summary.more_warnings > 0 {
        complain(&format!("{} more warnings", summary.more_warnings));
    }
    Ok((records, skipped))
}

/// Writes the file before the table, so that a closed standard output does not lose the file.
fn write(report: &Report, json: Option<&Path>) -> Result<(), Failure> {
    let to_stdout = match json {
        None => report.to_string(),
        Some(path) => {
            let mut document = serde_json::to_string_pretty(report)
                .map_err(|error| Failure::Output(error.to_string()))?;
            document.push('\n');
            if path.as_os_str() == "-" {
                document
            } else {
                fs::write(path, document).map_err(|error| {
                    Failure::Output(format!("cannot write {}: {error}", path.display()))
                })?;
                report.to_string()
            }
        }
    };
    let mut stdout = io::stdout().lock();
    match stdout.write_all(to_stdout.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Output(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints to standard error and ignores a failure to do so.
fn complain(what: &dyn Display) {
    let _ = writeln!(io::stderr().lock(), "evaluate: {what}");
}
