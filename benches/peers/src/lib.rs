//! What both programs stand on: the articles, other libraries put to work, and the clock.

/// The articles of the benchmarks.
#[path = "../../common/corpus.rs"]
#[allow(missing_docs, reason = "a file of the benchmarks")]
pub mod corpus;
#[path = "../../common/random.rs"]
#[allow(dead_code, missing_docs, reason = "a file of the benchmarks")]
mod random;
#[path = "../../common/tongue.rs"]
#[allow(missing_docs, reason = "a file of the benchmarks")]
mod tongue;

pub mod articles;
pub mod clock;
pub mod exact;
pub mod groupings;
pub mod libraries;
pub mod race;
