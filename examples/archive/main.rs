//! Keeps news articles in an archive: a folder in which their story families stay up to date while
//! articles come, are withdrawn and grow old.
//!
//! ```text
//! cargo run --release --example archive -- add examples/articles --in /tmp/news
//! cargo run --release --example archive -- families --in /tmp/news
//! cargo run --release --example archive -- --help
//! ```
//!
//! `README.md` beside this file says what each command does.

#![allow(unreachable_pub, reason = "nothing in a program is public to another crate")]

/// Many articles at once.
mod add;
#[allow(dead_code, reason = "other examples use other parts of it")]
#[path = "../common/mod.rs"]
mod common;
/// What the archive knows.
mod families;
/// Ctrl-C.
mod interrupt;
/// The command line.
mod options;
/// What became of an article, for programs.
mod placement;
/// Which articles tell a story.
mod query;
/// Damage, space, figures, and archives that become one.
mod upkeep;
/// Articles as they appear.
mod watch;
/// Articles that leave.
mod withdraw;

use std::process::ExitCode;

use clap::Parser;
use common::failure::Failure;
use options::{Command, Options};
use retold::ErrorKind;

impl From<retold::Error> for Failure {
    fn from(error: retold::Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Io { kind: std::io::ErrorKind::NotFound, .. } => 2,
            ErrorKind::Setting { .. } | ErrorKind::Mismatch { .. } => 2,
            _ => 1,
        };
        Self { status, message: error.to_string() }
    }
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Add(add) => add::run(&add),
        Command::Query(query) => query::run(query),
        Command::Families(families) => families::run(&families),
        Command::Remove(remove) => withdraw::remove(&remove),
        Command::Expire(expire) => withdraw::expire(&expire),
        Command::Verify(place) => upkeep::verify(&place),
        Command::Compact(place) => upkeep::compact(&place),
        Command::Stats(place) => upkeep::stats(&place),
        Command::Merge(merge) => upkeep::merge(&merge),
        Command::Watch(watch) => watch::run(watch),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}
