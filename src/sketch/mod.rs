//! Sketches of sets of shingles, and indexes over them.
//!
//! Takes words; gives shingles, MinHash signatures, SimHash fingerprints and bottom-k samples. Every
//! item is public and useful alone. Uses `text` and the ground floor.

pub(crate) mod bottomk;
pub(crate) mod codec;
pub(crate) mod index;
pub(crate) mod minhash;
pub(crate) mod shingle;
pub(crate) mod simhash;
