//! What the examples share: reading news articles from folders, files and standard input, and
//! writing what was found.

#![allow(
    unreachable_pub,
    reason = "every example has its own copy, so nothing in here is public to another crate"
)]

/// Two articles sentence by sentence, as the document has it.
pub mod aligned;
/// What the reader hands out: records, named skips and warnings.
pub mod article;
/// Reading and working on what was read at the same time.
pub mod chunks;
/// Two texts side by side on a terminal.
pub mod columns;
/// Bytes to text: encodings, binary files, HTML and Markdown.
pub mod decode;
/// How a program ends that has no answer.
pub mod failure;
/// The answer as a page.
pub mod html;
/// Records from a stream of JSON.
pub mod json;
/// Options that several examples have.
pub mod options;
/// Files that are whole or not there.
pub mod output;
/// The bar on standard error.
pub mod progress;
/// The way in: opens what the walk finds and hands out the articles in it.
pub mod reader;
/// The families as a document, in the shape that people read too.
pub mod report;
/// Text that a terminal can be trusted with.
pub mod screen;
/// Where the records of a stream begin and end.
pub mod split;
/// For people.
pub mod text;
/// The files of an input, in order.
pub mod walk;
