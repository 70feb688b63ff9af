//! Two texts side by side: shared passages and aligned sentences.
//!
//! Takes two texts; gives the byte ranges that they share and their sentences in pairs. Uses `score`
//! and what comes before it, never an index.

pub(crate) mod alignment;
pub(crate) mod comparison;
pub(crate) mod passages;
