//! From the input to a detector that holds all its articles. Texts are sketched in chunks while
//! they are read, so a collection may be larger than memory.

use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;

use retold::{Article, Detector, ErrorKind};
use serde::Serialize;

use crate::common::reader::{self, Input, Item, ReadError, Record, Summary};
use crate::options::Options;
use crate::progress::Progress;

/// How many articles are sketched at once, and how many bytes at most, but for the last article.
const CHUNK_ARTICLES: usize = 1024;
const CHUNK_BYTES: usize = 32 << 20;

/// Everything that is known when the input has been read.
pub struct Collection {
    pub detector: Detector,
    /// What the detector does not keep, by id.
    pub about: HashMap<String, About>,
    /// In the order of files and lines.
    pub skipped: Vec<Skipped>,
    pub summary: Summary,
}

/// What people want to see of an article beside its id.
#[derive(Debug, Default)]
pub struct About {
    pub title: Option<String>,
    /// Kept only to explain.
    pub text: Option<String>,
}

/// Something that was left out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    pub reason: String,
}

/// Reads and sketches the whole input.
pub fn collect(
    input: &Input,
    options: &Options,
    detector: Detector,
    progress: &mut Progress,
) -> Result<Collection, ReadError> {
    let mut collector = Collector::new(detector, options.explain);
    let summary = reader::read(input, &options.reader(), |item| {
        progress.saw(&item);
        collector.take(item);
        ControlFlow::Continue(())
    })?;
    collector.sketch();
    let Collector { detector, about, mut skipped, .. } = collector;
    // What the detector refuses comes after what the reader skips in the same chunk.
    skipped.sort();
    Ok(Collection { detector, about, skipped, summary })
}

struct Collector {
    detector: Detector,
    keep_texts: bool,
    about: HashMap<String, About>,
    skipped: Vec<Skipped>,
    chunk: Vec<Record>,
    chunk_bytes: usize,
}

impl Collector {
    fn new(detector: Detector, keep_texts: bool) -> Self {
        Self {
            detector,
            keep_texts,
            about: HashMap::new(),
            skipped: Vec::new(),
            chunk: Vec::new(),
            chunk_bytes: 0,
        }
    }

    fn take(&mut self, item: Item) {
        match item {
            Item::Skip(skip) => self.skipped.push(Skipped {
                path: skip.path,
                line: skip.line,
                reason: skip.reason.to_string(),
            }),
            Item::Record(record) => {
                self.chunk_bytes += record.text.len();
                self.chunk.push(record);
                if self.chunk.len() >= CHUNK_ARTICLES || self.chunk_bytes >= CHUNK_BYTES {
                    self.sketch();
                }
            }
        }
    }

    /// Puts the chunk into the detector and lets go of its texts.
    fn sketch(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        self.chunk_bytes = 0;
        let articles: Vec<Article<'_>> = chunk.iter().map(Record::article).collect();
        let results = self.detector.insert_many(&articles);
        for (record, result) in chunk.into_iter().zip(results) {
            match result {
                Ok(()) => {
                    let text = self.keep_texts.then_some(record.text);
                    self.about.insert(record.id, About { title: record.title, text });
                }
                Err(error) => self.skipped.push(Skipped {
                    path: record.path,
                    line: record.line,
                    reason: reason(&error),
                }),
            }
        }
    }
}

/// Short, as the list of skips names the file already.
fn reason(error: &retold::Error) -> String {
    match error.kind() {
        ErrorKind::NoWords { .. } => "no words".into(),
        ErrorKind::RepeatedId { id } => {
            format!("repeated id {id:?}: the first article of that id stays")
        }
        _ => error.to_string(),
    }
}

impl fmt::Display for Skipped {
    /// `path:line: reason`, as compilers say it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, reason } = self;
        match line {
            Some(line) => write!(f, "{path}:{line}: {reason}"),
            None => write!(f, "{path}: {reason}"),
        }
    }
}
