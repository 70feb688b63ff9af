//! Text made comparable and split into words.
//!
//! Takes UTF-8 text; gives hashed words with their byte ranges in the source. Uses `hash` and
//! `kernel` only.

pub(crate) mod characters;
pub(crate) mod language;
pub(crate) mod letters;
pub(crate) mod normalize;
pub(crate) mod prior;
pub(crate) mod scanner;
pub(crate) mod words;
