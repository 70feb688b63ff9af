//! What the examples share: reading news articles from folders, files and standard input.

#![allow(
    unreachable_pub,
    reason = "every example has its own copy, so nothing in here is public to another crate"
)]

/// What the reader hands out: records, named skips and warnings.
pub mod article;
/// Bytes to text: encodings, binary files, HTML and Markdown.
pub mod decode;
/// Records from a stream of JSON.
pub mod json;
/// The way in: opens what the walk finds and hands out the articles in it.
pub mod reader;
/// Where the records of a stream begin and end.
pub mod split;
/// The files of an input, in order.
pub mod walk;
