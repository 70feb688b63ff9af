//! Indexes that find the sketches similar to a given one.

pub(crate) mod lsh;
pub(crate) mod postings;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod simhash;
