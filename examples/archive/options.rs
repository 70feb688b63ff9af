//! The command line.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use retold::{Archive, Date};

use crate::common::failure::Failure;
use crate::common::options::{LevelName, Reading};

/// Keeps news articles in an archive: a folder in which their story families stay up to date while
/// articles come, are withdrawn and grow old.
///
/// Reads plain text, Markdown, HTML and JSON (.json, .jsonl, .ndjson), also with .gz. What cannot
/// be read is named on standard error and left out. Exit status: 0 when it is done, 1 when it
/// cannot be or damage is found, 2 when there is nothing to do or an option is wrong, 130 after
/// Ctrl-C; what was committed by then stays.
#[derive(Debug, Parser)]
#[command(name = "archive", version, max_term_width = 100)]
pub struct Options {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put articles in, and make the archive where there is none
    Add(Add),
    /// List the articles that tell the stories of other articles, which are not put in
    Query(Query),
    /// List the story families
    Families(Families),
    /// Take articles out
    Remove(Remove),
    /// Take the articles out that are dated before a day; those without a date stay
    Expire(Expire),
    /// Read every byte of the archive and name what is damaged
    Verify(Place),
    /// Give back what withdrawn articles still hold
    Compact(Place),
    /// Group all articles anew, as story_families would, and tell what changed in the families
    Regroup(Place),
    /// Tell how large the archive is, and its settings
    Stats(Place),
    /// Put the articles of another archive in
    Merge(Merge),
    /// Put articles in as their files appear, and write what became of each as a line of JSON
    Watch(Watch),
}

/// Where the archive is.
#[derive(Debug, Args)]
pub struct Place {
    /// The folder of the archive
    #[arg(long = "in", value_name = "PATH")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub struct Add {
    /// A folder, read with all that is below it, or a file, or `-` for standard input
    #[arg(value_name = "DIR|FILE|-")]
    pub input: PathBuf,
    #[command(flatten)]
    pub archive: Place,
    #[command(flatten)]
    pub making: Making,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct Watch {
    /// The folder that the files appear in, also in folders below it
    #[arg(value_name = "DIR")]
    pub input: PathBuf,
    #[command(flatten)]
    pub archive: Place,
    #[command(flatten)]
    pub making: Making,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct Query {
    /// A file or a folder with the articles, or `-` for standard input
    #[arg(value_name = "FILE|DIR|-")]
    pub input: PathBuf,
    #[command(flatten)]
    pub archive: Place,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct Families {
    #[command(flatten)]
    pub archive: Place,

    /// Write them as one JSON document; `-` is standard output and replaces the report
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// Their ids
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    #[command(flatten)]
    pub archive: Place,
}

#[derive(Debug, Args)]
pub struct Expire {
    /// The day, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub before: Date,
    #[command(flatten)]
    pub archive: Place,
}

#[derive(Debug, Args)]
pub struct Merge {
    /// The folder of the other one
    #[arg(value_name = "OTHER")]
    pub other: PathBuf,
    #[command(flatten)]
    pub archive: Place,
}

/// How an archive is made, or changed where there is one. Its level cannot be changed.
#[derive(Debug, Args)]
pub struct Making {
    /// How close the members of a family must be [default: retelling]
    #[arg(long, value_enum)]
    pub level: Option<LevelName>,

    /// Keep the articles of so many days [default: all, or as the archive has it]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub window_days: Option<u32>,

    /// Keep the titles and texts of the articles too
    #[arg(long)]
    pub keep_texts: bool,
}

impl Making {
    /// Opens an archive, changed to what is asked for, or makes it where there is none.
    pub fn open(&self, Place { folder }: &Place) -> Result<Archive, Failure> {
        let mut entries = fs::read_dir(folder).into_iter().flatten();
        if !folder.join("retold-archive").exists() && entries.next().is_some() {
            return Err(Failure::nothing_to_do(format!(
                "{} is not empty and no archive: name a folder of its own",
                folder.display()
            )));
        }
        let mut builder = Archive::builder();
        if let Some(level) = self.level {
            builder = builder.level(level.into());
        }
        if let Some(days) = self.window_days {
            builder = builder.window_days(days);
        }
        if self.keep_texts {
            builder = builder.keep_texts();
        }
        Ok(builder.open(folder)?)
    }
}
