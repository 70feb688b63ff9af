//! The thin clustering layer: verified pairs become story families.
//!
//! Takes verified pairs; gives families, their labels, the descent of their members, and for a
//! stream lasting ids and events. Uses `score` and what comes before it.

pub(crate) mod cluster;
pub(crate) mod family;
pub(crate) mod journal;
pub(crate) mod label;
pub(crate) mod live;
pub(crate) mod provenance;
