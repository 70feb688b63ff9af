//! Shingles, sketches of sets of shingles, and indexes over sketches.
//!
//! Input: words. Output: shingles ([`shingle`]), MinHash signatures ([`minhash`]), SimHash fingerprints
//! ([`simhash`]), bottom-k samples ([`bottomk`]), and similar documents ([`index`]). Each type is public
//! and useful alone. Uses `text`, `kernel`, `hash` and `error`.
//!
//! Invariant: a sketch depends on its text and its settings only, and is the same on every machine.

pub(crate) mod bottomk;
pub(crate) mod codec;
pub(crate) mod index;
pub(crate) mod minhash;
pub(crate) mod shingle;
pub(crate) mod simhash;
