//! Indexes that find the sketches similar to a given one, without a scan of all sketches.
//!
//! [`lsh`] indexes MinHash signatures, [`simhash`] SimHashes. Both use the same layers: [`rows`] numbers
//! the documents, [`runs`] maps keys to rows, and [`postings`] does so for the newest rows.

pub(crate) mod lsh;
pub(crate) mod postings;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod simhash;
