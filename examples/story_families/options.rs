//! The command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use retold::{Detector, Level};

use crate::common::options::{LevelName, Reading, RepresentativeName, between};
use crate::common::output::is_stdout;

/// Groups news articles into story families: which of them tell the same story again - copied,
/// trimmed, expanded or rewritten.
///
/// Reads plain text, Markdown, HTML and JSON (.json, .jsonl, .ndjson), also with .gz. What cannot
/// be read is named on standard error and left out. Exit status: 0 when there is an answer, 1 when
/// it cannot be written, 2 when there is nothing to read or an option is wrong, 130 after Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "story_families", version, max_term_width = 100)]
pub struct Options {
    /// A folder, read with all that is below it, or a file, or `-` for standard input
    #[arg(value_name = "DIR|FILE|-")]
    pub input: PathBuf,

    /// How close the members of a family must be
    #[arg(long, value_enum, default_value_t = LevelName::Retelling)]
    pub level: LevelName,

    /// The cut of that level, from 0 to 1: a score, or for `copy` the share of the shorter text
    /// that stands in the longer one. When not given, the library's own
    #[arg(long, value_name = "X", value_parser = cut)]
    pub threshold: Option<f32>,

    /// List families of at least N articles
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(2..))]
    pub min_size: u64,

    /// Which member stands for a family, among those that all others are close to
    #[arg(long, value_enum, default_value_t = RepresentativeName::Earliest)]
    pub representative: RepresentativeName,

    /// Show each member sentence by sentence beside the representative: what was copied, edited and
    /// reworded, what differs, what only one has. With --json also the longest passages that both
    /// have. Keeps all texts in memory
    #[arg(long)]
    pub explain: bool,

    /// Write the answer as one JSON document; `-` is standard output and replaces the report
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,

    /// With --json: also the texts, the score of every two members, and which sentences belong
    /// together. Keeps all texts in memory
    #[arg(long, requires = "json")]
    pub texts: bool,

    /// Write the answer as a page that opens from the disk, with a reader that shows two articles
    /// side by side; `-` is standard output and replaces the report. Keeps all texts in memory
    #[arg(long, value_name = "FILE|-")]
    pub html: Option<PathBuf>,

    /// Write every pair of articles at that level or closer as JSON Lines; `-` is standard output
    /// and replaces the report
    #[arg(long, value_name = "FILE|-")]
    pub pairs: Option<PathBuf>,

    /// How many threads to work with; 0 for one on each core
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads)]
    pub threads: usize,

    #[command(flatten)]
    pub reading: Reading,
}

fn cut(text: &str) -> Result<f32, String> {
    between(0.0..=1.0, text)
}

fn threads(text: &str) -> Result<usize, String> {
    between(0..=1024, text)
}

impl Options {
    /// From the command line; ends the program where that makes no sense.
    pub fn from_command_line() -> Self {
        let options = Self::parse();
        let places =
            [("--json", &options.json), ("--html", &options.html), ("--pairs", &options.pairs)];
        for (at, (one, place)) in places.iter().enumerate() {
            let same = |(_, other): &&(&str, &Option<PathBuf>)| place.is_some() && place == other;
            if let Some((other, _)) = places[..at].iter().find(same) {
                let message = format!("{other} and {one} cannot be written to the same place");
                Self::command().error(ErrorKind::ArgumentConflict, message).exit();
            }
        }
        options
    }

    /// A detector with these options.
    pub fn detector(&self) -> Result<Detector, retold::Error> {
        let level = self.level();
        let mut builder =
            Detector::builder().level(level).representative(self.representative.into());
        if let Some(cut) = self.threshold {
            builder = builder.threshold(level, cut);
        }
        builder.build()
    }

    pub fn level(&self) -> Level {
        self.level.into()
    }

    /// Whether the answer has details that need the texts.
    pub fn in_detail(&self) -> bool {
        self.texts || self.html.is_some()
    }

    /// Whether texts must be kept.
    pub fn needs_texts(&self) -> bool {
        self.explain || self.in_detail()
    }

    /// Whether standard output is used for something else than the report.
    pub fn stdout_taken(&self) -> bool {
        [&self.json, &self.html, &self.pairs].into_iter().flatten().any(|place| is_stdout(place))
    }
}
