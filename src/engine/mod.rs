//! The engine: finds candidates, verifies pairs and keeps families, for a whole collection or a stream.
//!
//! Takes fingerprints; gives verified pairs, matches and families. Uses `families`, `candidates` and what
//! comes before them. It opens no folder: the modules that write files hand it mapped columns.
//!
//! Both ways judge a pair by the same [evidence](crate::Evidence); they differ in when they weigh words.
//! `batch` and `verification` weigh a collection as a whole, so every change starts over. `segments`
//! weighs each article once, on arrival, so the cost of an arrival stays bounded.

// Settings in, answers out.
pub(crate) mod answers;
pub(crate) mod settings;

// A collection as a whole.
pub(crate) mod around;
pub(crate) mod batch;
pub(crate) mod query;
pub(crate) mod ranked;
pub(crate) mod reprints;
pub(crate) mod verification;

pub(crate) mod grouping;

// The same in steps over blocks.
pub mod blocks;

// A stream: its clock, its segments, and how they are sealed and merged.
pub(crate) mod clock;
pub(crate) mod segment;
pub(crate) mod segments;

pub(crate) mod merging;
pub(crate) mod sealing;

// What an archive holds beside its segments, and all of it together.
pub(crate) mod events;
#[cfg(feature = "archive")]
pub(crate) mod text_file;
pub(crate) mod texts;

pub(crate) mod contents;
pub(crate) mod placing;
pub(crate) mod regrouping;
