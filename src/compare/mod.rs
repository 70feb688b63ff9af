//! Comparison of two texts: shared passages, aligned sentences, exact shingle counts.
//!
//! Takes two texts and the evidence of their fingerprints; returns the byte ranges that they share
//! and their sentences in pairs. Uses `score` and the modules before it, never an index. Inside the
//! folder `comparison` uses `alignment`, which uses `passages`.

pub(crate) mod alignment;
pub(crate) mod comparison;
pub(crate) mod passages;
