//! Groups a folder of news articles into story families.
//!
//! ```text
//! cargo run --release --example story_families -- examples/articles
//! cargo run --release --example story_families -- --help
//! ```
//!
//! `README.md` beside this file describes the output.

#![allow(unreachable_pub, reason = "nothing in a program is public to another crate")]

/// From the input to a detector.
mod collect;
#[allow(dead_code, reason = "other examples use other parts of it")]
#[path = "../common/mod.rs"]
mod common;
/// Details that need the texts.
mod details;
/// The command line.
mod options;
/// For programs.
mod pairs;
/// The answer.
mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use collect::{Collection, collect};
use common::failure::{Failure, INTERRUPTED};
use common::html::{Opening, write_page};
use common::output::{self, Output};
use common::progress::Progress;
use common::reader::Input;
use common::report::{Report, Totals};
use common::text::{count, say, say_all, write_explained, write_families};
use options::Options;
use report::report;

fn main() -> ExitCode {
    let options = Options::from_command_line();
    // For all threads of the program: the thread that inserts articles belongs to no pool.
    let result = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build_global()
        .map_err(|error| Failure::nothing_to_do(format!("cannot start threads: {error}")))
        .and_then(|()| run(&options));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let start = Instant::now();
    let input = Input::from(options.input.clone());
    let mut progress = Progress::new(&input);
    let bar = progress.bar.clone();
    // Where the signal cannot be caught, Ctrl-C ends the program directly.
    let _ = ctrlc::set_handler(move || {
        bar.finish_and_clear();
        output::abandon_all(INTERRUPTED)
    });
    let detector = options.detector().map_err(|error| Failure::nothing_to_do(error.to_string()))?;
    let json = options.json.as_deref().map(Output::create).transpose()?;
    let html = options.html.as_deref().map(Output::create).transpose()?;
    let pairs = options.pairs.as_deref().map(Output::create).transpose()?;

    let collected = collect(&input, options, detector, &mut progress);
    progress.grouping();
    let collected = collected.inspect_err(|_| progress.done())?;
    let families = collected.detector.families();
    let report = report(options, &collected, &families);
    progress.done();
    let taken = start.elapsed();

    say_what_is_wrong(&collected);
    if report.totals.articles == 0 {
        return Err(nothing_read(options, &report));
    }
    if let Some(json) = json {
        json.write(|out| report.write_document(out))?;
    }
    if let Some(html) = html {
        html.write(|out| write_page(&report, &Opening::list(&report), out))?;
    }
    if let Some(pairs) = pairs {
        pairs.write(|out| pairs::write_pairs(&collected.detector, options.level(), out))?;
    }
    let summary = summary_line(&report.totals, taken);
    if options.stdout_taken() {
        say(summary);
        return Ok(());
    }
    Output::stdout().write(|out| {
        if options.explain {
            write_explained(&report, &|id| collected.about.get(id)?.text.as_deref(), out)?;
        } else {
            write_families(&report, out)?;
        }
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

/// The last line.
fn summary_line(totals: &Totals, taken: Duration) -> String {
    let articles = count(totals.articles, "article", "articles");
    let families = count(totals.families, "family", "families");
    let unlisted = match totals.unlisted_families {
        0 => String::new(),
        n => format!(" ({n} too small to list)"),
    };
    let (alone, skipped) = (totals.alone, totals.skipped);
    let seconds = taken.as_secs_f64();
    let speed = totals.bytes as f64 / 1e6 / seconds.max(1e-9);
    format!(
        "{articles}: {families}{unlisted}, {alone} alone, {skipped} skipped; \
         {seconds:.2} s, {speed:.1} MB/s"
    )
}
