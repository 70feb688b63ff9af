//! Shared by the programs: the articles, adapters of the libraries, and the clock.

/// The articles of the benchmarks.
#[path = "../../common/corpus.rs"]
#[allow(missing_docs, reason = "a file of the benchmarks")]
pub mod corpus;
#[path = "../../common/language.rs"]
#[allow(missing_docs, reason = "a file of the benchmarks")]
mod language;
#[path = "../../common/random.rs"]
#[allow(dead_code, missing_docs, reason = "a file of the benchmarks")]
mod random;

pub mod articles;
pub mod clock;
pub mod exact;
pub mod groupings;
pub mod libraries;
pub mod race;
