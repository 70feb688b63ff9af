//! Two articles compared: the evidence, the calibrated score, the relation.
//!
//! Takes two stored articles with their weights; gives an `Evidence`, its score, and the level and
//! relation that follow from it. Uses `corpus` and what comes before it.

pub(crate) mod evidence;
pub(crate) mod forms;
pub(crate) mod relation;
pub(crate) mod reprint;
pub(crate) mod terms;
pub(crate) mod weights;
