//! Inserts articles as their files appear.
//!
//! The folder is listed again and again, which works on every file system, remote ones included. A file is
//! read once two listings find it unchanged, because its writer has then paused.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::mem;
use std::ops::ControlFlow::{self, Break, Continue};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use indicatif::ProgressBar;
use retold::{Archive, ErrorKind};

use crate::common::article;
use crate::common::failure::Failure;
use crate::common::reader::{FileEntry, Input, Item, Place, Record, Summary, list, read_entry};
use crate::common::report::Skipped;
use crate::common::text::say_all;
use crate::interrupt::{committed, end_on_ctrl_c};
use crate::options::Watch;
use crate::placement::PlacementLine;

/// The least time between two listings.
const MIN_PAUSE: Duration = Duration::from_millis(250);

/// The pause after a listing takes at least this many times as long as the listing.
const MIN_PAUSE_RATIO: u32 = 10;

/// The most articles in a commit.
const MAX_COMMIT: usize = 1024;

/// Breaks once standard output is closed.
type Flow = ControlFlow<()>;

pub fn run(Watch { input, archive, making, reading }: Watch) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let input = Input::Path(input);
    list(&input)?; // fails before an archive is made
    let mut watcher = Watcher {
        archive: making.open(&archive)?,
        options: reading.reader(),
        files: HashMap::new(),
        articles: HashMap::new(),
        placed: Vec::new(),
        readings: 0,
    };
    while watcher.look(&input)?.is_continue() {}
    Ok(())
}

/// Size and modification time of a file.
type Stamp = (u64, Option<SystemTime>);

/// The state of a file.
struct Seen {
    stamp: Stamp,
    is_read: bool,
}

/// The state of an article that was read.
struct Told {
    path: String,
    content: u64,
    /// The number of its last reading.
    reading: usize,
}

struct Watcher {
    archive: Archive,
    options: article::Options,
    /// By their names.
    files: HashMap<String, Seen>,
    /// By their ids.
    articles: HashMap<String, Told>,
    /// Placements that are not yet committed.
    placed: Vec<PlacementLine>,
    /// Number of readings of files so far.
    readings: usize,
}

impl Watcher {
    /// Reads the files that are unchanged since the last listing, and waits.
    fn look(&mut self, input: &Input) -> Result<Flow, Failure> {
        let start = Instant::now();
        let files = list(input)?.files;
        let pause = MIN_PAUSE.max(start.elapsed() * MIN_PAUSE_RATIO);
        for file in files {
            if self.has_settled(&file) && self.read(file)?.is_break() {
                return Ok(Break(()));
            }
        }
        let flow = self.commit()?;
        if flow.is_continue() {
            sleep(pause);
        }
        Ok(flow)
    }

    /// Whether to read a file: it is unchanged since the last listing, and was not read since.
    fn has_settled(&mut self, file: &FileEntry) -> bool {
        let modified = match &file.place {
            Place::File(path, _) => fs::metadata(path).and_then(|about| about.modified()).ok(),
            _ => None,
        };
        let stamp = (file.bytes, modified);
        match self.files.get_mut(&file.name) {
            Some(seen) if seen.stamp == stamp => !mem::replace(&mut seen.is_read, true),
            _ => {
                self.files.insert(file.name.clone(), Seen { stamp, is_read: false });
                false
            }
        }
    }

    /// Places the articles of a file.
    fn read(&mut self, file: FileEntry) -> Result<Flow, Failure> {
        self.readings += 1;
        let mut skipped = Vec::new();
        let mut summary = Summary::default();
        let mut done = Ok(Continue(()));
        let options = self.options.clone();
        // It breaks only if `done` does.
        let _ = read_entry(file, &options, &mut summary, |item| {
            match item {
                Item::Record(record) => skipped.extend(self.place(record)),
                Item::Skip(skip) => skipped.push(skip.into()),
            }
            if self.placed.len() >= MAX_COMMIT {
                done = self.commit();
            }
            if let Ok(flow) = &done { *flow } else { Break(()) }
        });
        say_all("skipped", &skipped, skipped.len() as u64);
        let warnings = summary.warnings.len() as u64 + summary.more_warnings;
        say_all("warning", &summary.warnings, warnings);
        done
    }

    /// Places an article that is new or has changed.
    fn place(&mut self, record: Record) -> Option<Skipped> {
        let mut hasher = DefaultHasher::new();
        (&record.title, &record.text, &record.date).hash(&mut hasher);
        let content = hasher.finish();
        let told = Told { path: record.path.clone(), content, reading: self.readings };
        let skipped = |record: Record, error: retold::Error| {
            Some(Skipped::refused(record.path, record.line, &error))
        };
        let placed = match self.articles.get(&record.id) {
            // The first article of a repeated id stays.
            Some(known) if known.path != told.path || known.reading == told.reading => {
                let id = record.id.clone();
                return skipped(record, ErrorKind::RepeatedId { id }.into());
            }
            Some(known) if known.content != content => self.archive.replace(record.article()),
            None if !self.archive.contains(&record.id) => self.archive.insert(record.article()),
            _ => {
                self.articles.insert(record.id, told);
                return None;
            }
        };
        self.articles.insert(record.id.clone(), told);
        match placed {
            Ok(placement) => self.placed.push(PlacementLine::new(record, placement)),
            Err(error) => return skipped(record, error),
        }
        None
    }

    /// Commits, then writes the placements.
    fn commit(&mut self) -> Result<Flow, Failure> {
        if self.placed.is_empty() {
            return Ok(Continue(()));
        }
        self.archive.commit()?;
        committed(self.placed.len());
        let mut out = io::stdout().lock();
        let written = self.placed.drain(..).try_for_each(|line| line.write(&mut out));
        match written {
            Ok(()) => Ok(Continue(())),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Break(())),
            Err(error) => {
                let message = format!("cannot write standard output: {error}");
                Err(Failure { status: 1, message })
            }
        }
    }
}
