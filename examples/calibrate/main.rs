//! Learns the weights of the score from labelled articles and measures them.
//!
//! ```text
//! cargo run --release --example calibrate -- ../shared/eval > target/weights.rs
//! mv target/weights.rs src/score/weights.rs && cargo fmt
//! ```
//!
//! (Not straight into `src/`: the shell empties the file before the build reads it.)
//!
//! Writes the module with the weights and, in its documentation, their accuracy: learned from all sets,
//! learned without the set they are tested on, and without each feature in turn. The same articles give the
//! same weights on any number of threads. It takes about a minute.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use sets::Set;

#[allow(dead_code, reason = "not every example needs all of it")]
#[path = "../common/mod.rs"]
mod common;
mod logistic;
#[allow(dead_code, reason = "not every example needs all of it")]
#[path = "../evaluate/metrics.rs"]
mod metrics;
mod model;
mod report;
mod sets;

/// Learns the weights of the score from labelled articles.
#[derive(Debug, Parser)]
#[command(name = "calibrate")]
struct Options {
    /// The folder with fnc1, vims, onestop, allsides and reuters, each a .jsonl.gz
    folder: PathBuf,
}

fn main() -> ExitCode {
    let module = match Set::all(&Options::parse().folder) {
        Ok(sets) => report::module(&sets),
        Err(message) => {
            let _ = writeln!(io::stderr(), "calibrate: {message}");
            return ExitCode::from(2);
        }
    };
    match io::stdout().write_all(module.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
