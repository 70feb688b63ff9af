//! Shared by the examples: reading news articles from folders, files and standard input, and writing the
//! answer.

#![allow(
    unreachable_pub,
    reason = "every example has its own copy, so nothing in here is public to another crate"
)]

/// The alignment of two articles in the document.
pub mod aligned;
/// The items of the reader: records, skips and warnings.
pub mod article;
/// Reading and processing at the same time.
pub mod chunks;
/// Two texts side by side on a terminal.
pub mod columns;
/// Bytes to text: encodings, binary files, HTML and Markdown.
pub mod decode;
/// Failures and exit codes.
pub mod failure;
/// The answer as a page.
pub mod html;
/// Records from a stream of JSON.
pub mod json;
/// Options that several examples have.
pub mod options;
/// Output files, which are never incomplete.
pub mod output;
/// The progress bar.
pub mod progress;
/// The reader: opens the files of the walk and returns their articles.
pub mod reader;
/// The report and the JSON document.
pub mod report;
/// Text that is safe for a terminal.
pub mod screen;
/// Splitting a stream into records.
pub mod split;
/// The output for people.
pub mod text;
/// The files of an input, in order.
pub mod walk;
