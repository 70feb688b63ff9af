//! Keeps news articles in an archive: a folder that keeps their story families up to date while articles
//! arrive, are withdrawn and expire.
//!
//! ```text
//! cargo run --release --example archive -- add examples/articles --in /tmp/news
//! cargo run --release --example archive -- families --in /tmp/news
//! cargo run --release --example archive -- --help
//! ```
//!
//! `README.md` beside this file describes each command.

#![allow(unreachable_pub, reason = "nothing in a program is public to another crate")]

/// Inserting many articles.
mod add;
#[allow(dead_code, reason = "other examples use other parts of it")]
#[path = "../common/mod.rs"]
mod common;
/// Listing the families.
mod families;
/// Ctrl-C.
mod interrupt;
/// The command line.
mod options;
/// The placement of an article, for programs.
mod placement;
/// Finding the articles that tell a story.
mod query;
/// Damage, space, statistics, and merging of archives.
mod upkeep;
/// Inserting articles as their files appear.
mod watch;
/// Removal of articles.
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
        Command::Regroup(place) => upkeep::regroup(&place),
        Command::Stats(place) => upkeep::stats(&place),
        Command::Merge(merge) => upkeep::merge(&merge),
        Command::Watch(watch) => watch::run(watch),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}
