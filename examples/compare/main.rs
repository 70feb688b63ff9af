//! Two articles side by side.
//!
//! ```text
//! cargo run --release --example compare -- examples/articles/web/ferry-grounding.html examples/articles/blog/ferry-diary.txt
//! cargo run --release --example compare -- ONE TWO --html both.html
//! ```

#![allow(unreachable_pub, reason = "nothing in a program is public to another crate")]

#[allow(dead_code, reason = "other examples use other parts of it")]
#[path = "../common/mod.rs"]
mod common;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use retold::{Comparison, Detector, Level, Words, label};

use common::aligned::{AlignmentEntry, Side};
use common::columns::Columns;
use common::failure::Failure;
use common::html::{Opening, write_page};
use common::options::Reading;
use common::output::Output;
use common::reader::{self, Input, Item, Record};
use common::report::{FamilyEntry, MemberEntry, Report, SCHEMA, Settings, Totals, rounded};
use common::screen::plain;
use common::text::{say, screen_width};

/// Shows two articles side by side: which sentences of one became which of the other, what differs
/// between them, and what only one has.
///
/// Of a file with many articles, such as JSON Lines, the first one is taken. Exit status: 0 when
/// there is an answer, 1 when it cannot be written, 2 when a file cannot be read or an option is
/// wrong.
#[derive(Debug, Parser)]
#[command(name = "compare", version, max_term_width = 100)]
struct Options {
    /// The article on the left
    #[arg(value_name = "A")]
    left: PathBuf,

    /// The article on the right
    #[arg(value_name = "B")]
    right: PathBuf,

    /// Write both as a page that opens from the disk; `-` is standard output
    #[arg(long, value_name = "FILE|-")]
    html: Option<PathBuf>,

    #[command(flatten)]
    reading: Reading,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let html = options.html.as_deref().map(Output::create).transpose()?;
    let mut records = [&options.left, &options.right].map(|path| first_article(path, options));
    // The page needs two different ids.
    if let [Ok(left), Ok(right)] = &mut records
        && left.id == right.id
    {
        right.id.push_str(" (2)");
    }
    let [left, right] = records;
    let (left, right) = (left?, right?);
    let comparison = Detector::new()
        .compare(&left.article(), &right.article())
        .map_err(|error| Failure::nothing_to_do(error.to_string()))?;
    match html {
        Some(html) => html.write(|out| write_html(&left, &right, &comparison, out))?,
        None => Output::stdout().write(|out| write_text(&left, &right, &comparison, out))?,
    }
    Ok(())
}

/// The first article of a file.
fn first_article(path: &Path, options: &Options) -> Result<Record, Failure> {
    let mut found = None;
    reader::read(&Input::from(path.to_owned()), &options.reading.reader(), |item| match item {
        Item::Record(record) => {
            found = Some(record);
            ControlFlow::Break(())
        }
        Item::Skip(skip) => {
            say(format_args!("skipped: {}", plain(&skip.to_string())));
            ControlFlow::Continue(())
        }
    })?;
    found.ok_or_else(|| Failure::nothing_to_do(format!("no article in {}", path.display())))
}

/// The relation of the left article to the right one, on one line.
fn verdict(comparison: &Comparison) -> String {
    let (relation, score) = (comparison.relation().name(), comparison.score());
    let phrases = comparison.shared(3);
    let [of_left, of_right] = [phrases.of_left(), phrases.of_right()].map(|share| share * 100.0);
    format!(
        "{relation}, score {score:.2}; {of_left:.0} % of the left one's phrases stand in the right \
         one, {of_right:.0} % the other way round"
    )
}

fn write_text(
    left: &Record,
    right: &Record,
    comparison: &Comparison,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}\n", verdict(comparison))?;
    let columns = Columns::new(0, screen_width());
    let name = |record: &Record| record.title.clone().unwrap_or_else(|| record.id.clone());
    columns.write_heads(&name(left), &name(right), out)?;
    columns.write_alignment((&left.text, &right.text), comparison.alignment(), out)
}

/// The page of a report of these two articles.
fn write_html(
    left: &Record,
    right: &Record,
    comparison: &Comparison,
    out: &mut dyn Write,
) -> io::Result<()> {
    let score = rounded(comparison.score().into());
    let phrases = comparison.shared(3);
    let shares = [phrases.of_left(), phrases.of_right()].map(rounded);
    let level = comparison.level().map_or("none", Level::name);
    let [one, other] = [left, right].map(|record| Side::new(&record.id, &record.text));
    let family = FamilyEntry {
        id: None,
        level,
        representative: &left.id,
        label: Some(label(&[left.article(), right.article()])),
        members: vec![
            MemberEntry { relation: "identical", score: 1.0, ..member(left, comparison, 1.0) },
            member(right, comparison, shares[1]),
        ],
        closer: Some(Vec::new()),
        scores: Some(vec![vec![], vec![score]]),
        contained: Some(vec![vec![1.0, shares[0]], vec![shares[1], 1.0]]),
        alignments: Some(vec![AlignmentEntry::new(&one, &other, comparison.alignment())]),
    };
    let report = Report {
        schema: SCHEMA,
        settings: Settings {
            level,
            threshold: score,
            representative: "earliest",
            min_size: 2,
            max_bytes: None,
            fields: None,
        },
        totals: Totals {
            articles: 2,
            families: 1,
            unlisted_families: 0,
            alone: 0,
            skipped: 0,
            warnings: 0,
            files: 2,
            ignored_files: 0,
            bytes: (left.text.len() + right.text.len()) as u64,
        },
        families: vec![family],
        series: None,
        alone: Vec::new(),
        skipped: &[],
        articles: Some(vec![left.into(), right.into()]),
    };
    let opening = Opening { facts: verdict(comparison), address: Some("#/read/0/0/1") };
    write_page(&report, &opening, out)
}

/// One of the two, with its relation to the left one.
fn member<'a>(record: &'a Record, comparison: &Comparison, containment: f64) -> MemberEntry<'a> {
    MemberEntry {
        id: &record.id,
        title: record.title.as_deref(),
        date: record.date.clone(),
        source: record.source.as_deref(),
        words: Words::new(&record.text).len(),
        compared_with: None,
        relation: comparison.relation().flipped().name(),
        score: rounded(comparison.score().into()),
        jaccard: rounded(comparison.shared(3).jaccard()),
        containment,
        scant: comparison.evidence().is_too_short().then_some(true),
        origin: None,
        passages: None,
    }
}
