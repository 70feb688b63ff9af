//! Inserts many articles and commits chunk by chunk.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Instant;

use retold::{Archive, ErrorKind};

use crate::common::chunks::read_in_chunks;
use crate::common::failure::Failure;
use crate::common::output::Output;
use crate::common::progress::Progress;
use crate::common::reader::{Input, Record, Summary, list};
use crate::common::report::Skipped;
use crate::common::text::{count, say_all};
use crate::interrupt::{committed, end_on_ctrl_c};
use crate::options::Add;

pub fn run(options: &Add) -> Result<(), Failure> {
    let start = Instant::now();
    let input = Input::from(options.input.clone());
    let mut progress = Progress::new(&input);
    end_on_ctrl_c(&progress.bar);
    list(&input)?; // fails before an archive is made
    let mut adder = Adder {
        archive: options.making.open(&options.archive)?,
        added: HashSet::new(),
        known: 0,
        skipped: Vec::new(),
        failure: None,
    };
    let read = read_in_chunks(&input, &options.reading.reader(), &mut progress, |chunk| {
        adder.put_in(chunk)
    });
    progress.done();
    let Adder { added, known, mut skipped, failure, .. } = adder;
    let (summary, unread) = read?;
    skipped.extend(unread);
    skipped.sort();
    say_all("skipped", &skipped, skipped.len() as u64);
    let warnings = summary.warnings.len() as u64 + summary.more_warnings;
    say_all("warning", &summary.warnings, warnings);
    if let Some(error) = failure {
        return Err(error.into());
    }
    if added.is_empty() && known == 0 {
        return Err(nothing_read(options, &summary, skipped.len()));
    }
    let articles = count(added.len(), "article", "articles");
    let seconds = start.elapsed().as_secs_f64();
    let line = format!(
        "{articles} added, {known} in already, {} skipped; {seconds:.2} s, {:.1} MB/s",
        skipped.len(),
        summary.bytes as f64 / 1e6 / seconds.max(1e-9),
    );
    Output::stdout().write(|out| writeln!(out, "{line}"))?;
    Ok(())
}

/// Inserts the articles that were read.
struct Adder {
    archive: Archive,
    added: HashSet<String>,
    /// Number of articles that were present before.
    known: usize,
    skipped: Vec<Skipped>,
    /// The error that stopped it.
    failure: Option<retold::Error>,
}

impl Adder {
    /// Inserts a chunk and commits it.
    fn put_in(&mut self, chunk: Vec<Record>) -> ControlFlow<()> {
        let before = self.added.len();
        for record in chunk {
            match self.archive.insert(record.article()) {
                Ok(_) => {
                    self.added.insert(record.id);
                }
                Err(error) => match error.kind() {
                    ErrorKind::RepeatedId { id } if !self.added.contains(id) => self.known += 1,
                    ErrorKind::Full { .. } => return self.fail(error),
                    _ => self.skipped.push(Skipped::refused(record.path, record.line, &error)),
                },
            }
        }
        match self.archive.commit() {
            Ok(()) => {
                committed(self.added.len() - before);
                ControlFlow::Continue(())
            }
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: retold::Error) -> ControlFlow<()> {
        self.failure = Some(error);
        ControlFlow::Break(())
    }
}

fn nothing_read(options: &Add, summary: &Summary, skipped: usize) -> Failure {
    Failure::nothing_to_do(format!(
        "no article in {}: {skipped} skipped, {} files ignored for their endings",
        options.input.display(),
        summary.ignored,
    ))
}
