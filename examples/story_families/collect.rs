//! From the input to a detector that holds all its articles.

use std::collections::HashMap;
use std::ops::ControlFlow;

use retold::{Article, Detector};

use crate::common::chunks::read_in_chunks;
use crate::common::progress::Progress;
use crate::common::reader::{Input, ReadError, Record, Summary};
use crate::common::report::Skipped;
use crate::options::Options;

/// The result of reading the input.
pub struct Collection {
    pub detector: Detector,
    /// Data that the detector does not keep, by id.
    pub about: HashMap<String, About>,
    /// In the order of files and lines.
    pub skipped: Vec<Skipped>,
    pub summary: Summary,
}

/// The displayed data of an article besides its id.
#[derive(Debug, Default)]
pub struct About {
    pub title: Option<String>,
    pub date: Option<String>,
    pub source: Option<String>,
    /// Kept only on request.
    pub text: Option<String>,
}

impl Collection {
    /// An article of the detector, if texts are kept.
    pub fn article<'a>(&'a self, id: &'a str) -> Option<Article<'a>> {
        let about = self.about.get(id)?;
        let article = Article::new(id, about.text.as_deref()?);
        Some(about.title.as_deref().map_or(article, |title| article.title(title)))
    }
}

/// Reads and sketches the whole input.
pub fn collect(
    input: &Input,
    options: &Options,
    detector: Detector,
    progress: &mut Progress,
) -> Result<Collection, ReadError> {
    let mut keeper = Keeper::new(detector, options.needs_texts());
    let (summary, mut all_skipped) =
        read_in_chunks(input, &options.reading.reader(), progress, |chunk| {
            keeper.put_in(chunk);
            ControlFlow::Continue(())
        })?;
    let Keeper { detector, about, skipped, .. } = keeper;
    // Merges the refusals of the detector with the skips of the reader.
    all_skipped.extend(skipped);
    all_skipped.sort();
    Ok(Collection { detector, about, skipped: all_skipped, summary })
}

/// Inserts the articles that were read into the detector.
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

    /// Inserts a chunk into the detector and drops its texts.
    fn put_in(&mut self, chunk: Vec<Record>) {
        let articles: Vec<Article<'_>> = chunk.iter().map(Record::article).collect();
        let results = self.detector.insert_many(&articles);
        for (record, result) in chunk.into_iter().zip(results) {
            match result {
                Ok(()) => {
                    let text = self.keep_texts.then_some(record.text);
                    let Record { id, title, date, source, .. } = record;
                    self.about.insert(id, About { title, date, source, text });
                }
                Err(error) => {
                    self.skipped.push(Skipped::refused(record.path, record.line, &error));
                }
            }
        }
    }
}
