//! Reads and processes articles at the same time. One thread reads and hands chunks of articles to another
//! one, which may drop their texts, so a collection may be larger than memory.

use std::ops::ControlFlow;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::{mem, panic, thread};

use super::article::Options;
use super::progress::Progress;
use super::reader::{self, Input, Item, ReadError, Record, Summary};
use super::report::Skipped;

/// The most articles of a chunk, and the most bytes before its last article.
const CHUNK_ARTICLES: usize = 1024;
const CHUNK_BYTES: usize = 32 << 20;

/// Chunks that wait for processing: one, so that neither side waits for long.
const WAITING: usize = 1;

/// Reads the whole input and passes it on in chunks until the other side breaks. Returns the skips in the
/// order of files and lines.
pub fn read_in_chunks(
    input: &Input,
    options: &Options,
    progress: &mut Progress,
    mut keep: impl FnMut(Vec<Record>) -> ControlFlow<()> + Send,
) -> Result<(Summary, Vec<Skipped>), ReadError> {
    let (sender, chunks) = sync_channel(WAITING);
    thread::scope(|scope| {
        // This drops the receiver, which ends the reading.
        let keeper = scope.spawn(move || chunks.into_iter().try_for_each(&mut keep));
        let mut chunker = Chunker { sender, chunk: Vec::new(), bytes: 0, skipped: Vec::new() };
        let read = reader::read(input, options, |item| {
            progress.saw(&item);
            chunker.take(item)
        });
        let skipped = chunker.finish();
        // The caller knows whether it broke.
        _ = keeper.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
        Ok((read?, skipped))
    })
}

/// Collects articles into chunks.
struct Chunker {
    sender: SyncSender<Vec<Record>>,
    chunk: Vec<Record>,
    bytes: usize,
    skipped: Vec<Skipped>,
}

impl Chunker {
    fn take(&mut self, item: Item) -> ControlFlow<()> {
        match item {
            Item::Skip(skip) => self.skipped.push(skip.into()),
            Item::Record(record) => {
                self.bytes += record.text.len();
                self.chunk.push(record);
                if self.chunk.len() >= CHUNK_ARTICLES || self.bytes >= CHUNK_BYTES {
                    self.bytes = 0;
                    if self.sender.send(mem::take(&mut self.chunk)).is_err() {
                        return ControlFlow::Break(());
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Passes on the last chunk; returns the skips.
    fn finish(self) -> Vec<Skipped> {
        _ = self.sender.send(self.chunk);
        self.skipped
    }
}
