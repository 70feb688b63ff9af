//! What is kept of articles, and what all of them together teach.
//!
//! Takes articles; gives fingerprints, the columns that store them, word counts and boilerplate
//! phrases. Uses `sketch` and what comes before it.

pub(crate) mod article;
pub(crate) mod boilerplate;
pub(crate) mod collection;
pub(crate) mod fingerprint;
pub(crate) mod vocabulary;
