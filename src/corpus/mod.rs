//! The stored form of articles and the statistics of a collection.
//!
//! Takes articles. Gives fingerprints (at most 2 KiB each, a function of the article alone), the flat
//! columns that store them, document frequencies for each language, and the boilerplate phrases. Uses
//! `sketch`, `text`, `store` for columns that may be mapped from a file, and the ground floor.
//!
//! The statistics are counts, so that they do not depend on the order of the articles and can be merged.

pub(crate) mod article;
pub(crate) mod boilerplate;
pub(crate) mod collection;
pub(crate) mod fingerprint;
pub(crate) mod vocabulary;
