//! Groups a folder of news articles into story families.
//!
//! ```text
//! cargo run --release --example story_families -- examples/articles
//! cargo run --release --example story_families -- --help
//! ```
//!
//! `README.md` beside this file says what it writes.

#![allow(unreachable_pub, reason = "nothing in a program is public to another crate")]

/// From the input to a detector.
mod collect;
#[allow(dead_code, reason = "the reader serves other examples too, which use other parts of it")]
#[path = "../common/mod.rs"]
mod common;
/// For programs.
mod json;
/// The command line.
mod options;
/// Files that are whole or not there.
mod output;
/// The bar on standard error.
mod progress;
/// The answer.
mod report;
/// Text that a terminal can be trusted with.
mod screen;
/// For people.
mod text;

use std::process::ExitCode;
use std::time::Instant;

use collect::{Collection, collect};
use common::reader::{Input, ReadError};
use options::Options;
use output::{Output, OutputError};
use progress::Progress;
use report::Report;
use text::{say, say_all, summary_line};

/// After Ctrl-C, as shells have it: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Why there is no answer.
struct Failure {
    status: u8,
    message: String,
}

impl Failure {
    fn nothing_to_do(message: String) -> Self {
        Self { status: 2, message }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::nothing_to_do(error.to_string())
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self { status: 1, message: error.to_string() }
    }
}

fn main() -> ExitCode {
    let options = Options::from_command_line();
    let result = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .map_err(|error| Failure::nothing_to_do(format!("cannot start threads: {error}")))
        .and_then(|pool| pool.install(|| run(&options)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(format_args!("error: {}", screen::plain(&failure.message)));
            ExitCode::from(failure.status)
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let start = Instant::now();
    let input = Input::from(options.input.clone());
    let mut progress = Progress::new(&input);
    let bar = progress.bar.clone();
    // Where it cannot be caught, Ctrl-C ends the program the hard way.
    let _ = ctrlc::set_handler(move || {
        bar.finish_and_clear();
        output::abandon_all(INTERRUPTED)
    });
    let detector = options.detector().map_err(|error| Failure::nothing_to_do(error.to_string()))?;
    let json = options.json.as_deref().map(Output::create).transpose()?;
    let pairs = options.pairs.as_deref().map(Output::create).transpose()?;

    let collected = collect(&input, options, detector, &mut progress);
    progress.grouping();
    let collected = collected.inspect_err(|_| progress.done())?;
    let families = collected.detector.families();
    let report = Report::new(options, &collected, &families);
    progress.done();
    let taken = start.elapsed();

    say_what_is_wrong(&collected);
    if report.totals.articles == 0 {
        return Err(nothing_read(options, &report));
    }
    if let Some(json) = json {
        json.write(|out| json::write_document(&report, out))?;
    }
    if let Some(pairs) = pairs {
        pairs.write(|out| json::write_pairs(&collected.detector, options.level(), out))?;
    }
    let summary = summary_line(&report.totals, taken);
    if options.stdout_taken() {
        say(summary);
        return Ok(());
    }
    Output::stdout().write(|out| {
        text::write_families(&report, out)?;
        writeln!(out, "{summary}")
    })?;
    Ok(())
}

fn say_what_is_wrong(collected: &Collection) {
    let Collection { skipped, summary, .. } = collected;
    say_all("skipped", skipped, skipped.len() as u64);
    let warnings = summary.warnings.len() as u64 + summary.more_warnings;
    say_all("warning", &summary.warnings, warnings);
}

fn nothing_read(options: &Options, report: &Report<'_>) -> Failure {
    let totals = &report.totals;
    Failure::nothing_to_do(format!(
        "no article in {}: {} skipped, {} files ignored for their endings",
        options.input.display(),
        totals.skipped,
        totals.ignored_files,
    ))
}
