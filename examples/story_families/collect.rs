//! From the input to a detector that holds all its articles. One thread reads, and hands chunks of
//! articles to another one, which puts them into the detector and lets go of their texts: so a
//! collection may be larger than memory.

use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::{panic, thread};

use retold::{Article, Detector, ErrorKind};
use serde::Serialize;

use crate::common::reader::{self, Input, Item, ReadError, Record, Summary};
use crate::options::Options;
use crate::progress::Progress;

/// How many articles a chunk has, and how many bytes at most, but for the last article.
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

/// Chunks that are read and wait: one, so that neither side waits for long.
const WAITING: usize = 1;

/// Reads and sketches the whole input.
pub fn collect(
    input: &Input,
    options: &Options,
    detector: Detector,
    progress: &mut Progress,
) -> Result<Collection, ReadError> {
    let (sender, chunks) = sync_channel(WAITING);
    let (read, keeper) = thread::scope(|scope| {
        let keeper = scope.spawn(|| {
            let mut keeper = Keeper::new(detector, options.explain);
            chunks.into_iter().for_each(|chunk| keeper.put_in(chunk));
            keeper
        });
        let mut chunker = Chunker { sender, chunk: Vec::new(), bytes: 0, skipped: Vec::new() };
        let read = reader::read(input, &options.reader(), |item| {
            progress.saw(&item);
            chunker.take(item)
        });
        (read.map(|summary| (summary, chunker.finish())), keeper.join())
    });
    let Keeper { detector, about, skipped, .. } =
        keeper.unwrap_or_else(|panic| panic::resume_unwind(panic));
    let (summary, mut all_skipped) = read?;
    // What the detector refuses comes among what the reader skips.
    all_skipped.extend(skipped);
    all_skipped.sort();
    Ok(Collection { detector, about, skipped: all_skipped, summary })
}

/// Gathers what is read.
struct Chunker {
    sender: SyncSender<Vec<Record>>,
    chunk: Vec<Record>,
    bytes: usize,
    skipped: Vec<Skipped>,
}

impl Chunker {
    fn take(&mut self, item: Item) -> ControlFlow<()> {
        match item {
            Item::Skip(skip) => self.skipped.push(Skipped {
                path: skip.path,
                line: skip.line,
                reason: skip.reason.to_string(),
            }),
            Item::Record(record) => {
                self.bytes += record.text.len();
                self.chunk.push(record);
                if self.chunk.len() >= CHUNK_ARTICLES || self.bytes >= CHUNK_BYTES {
                    self.bytes = 0;
                    // Fails only if the other thread panicked, and the caller then does as well.
                    if self.sender.send(std::mem::take(&mut self.chunk)).is_err() {
                        return ControlFlow::Break(());
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Hands over the rest; what was skipped.
    fn finish(self) -> Vec<Skipped> {
        _ = self.sender.send(self.chunk);
        self.skipped
    }
}

/// Puts into the detector what was read.
struct Keeper {
    detector: Detector,
    keep_texts: bool,
    about: HashMap<String, About>,
    skipped: Vec<Skipped>,
}

impl Keeper {
    fn new(detector: Detector, keep_texts: bool) -> Self {
        Self { detector, keep_texts, about: HashMap::new(), skipped: Vec::new() }
    }

    /// Puts a chunk into the detector and lets go of its texts.
    fn put_in(&mut self, chunk: Vec<Record>) {
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
