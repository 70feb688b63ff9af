//! The comparison of two articles: the evidence, the calibrated score, the relation.
//!
//! Takes two stored articles with their weighted terms. Gives an `Evidence`, its score, and the level
//! and relation that follow from it. Uses `corpus` and what comes before it. A comparison costs time
//! linear in the kept terms and samples, whose sizes are bounded.
//!
//! A score depends on the two articles and the statistics of their collection, and on nothing else.

pub(crate) mod evidence;
pub(crate) mod forms;
pub(crate) mod relation;
pub(crate) mod reprint;
pub(crate) mod terms;
pub(crate) mod weights;
