//! Look-up and judgement: for a whole collection at once, and for a stream.
//!
//! Takes fingerprints; gives verified pairs and families. Uses `families`, `candidates` and what
//! comes before them; knows no files.

pub(crate) mod answers;
pub(crate) mod batch;
pub(crate) mod contents;
pub(crate) mod events;
pub(crate) mod merging;
pub(crate) mod reprints;
pub(crate) mod sealing;
pub(crate) mod segment;
pub(crate) mod segments;
pub(crate) mod settings;
#[cfg(feature = "archive")]
pub(crate) mod text_file;
pub(crate) mod texts;
