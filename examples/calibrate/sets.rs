//! The training pairs.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;
use retold::{Article, Detector, Evidence};

use crate::common::reader::{self, Input, Item, Record};

/// Number of features of a pair.
pub(crate) const FEATURES: usize = Evidence::FEATURES.len();

/// The number of a feature.
pub(crate) fn feature(name: &str) -> usize {
    Evidence::FEATURES.iter().position(|&feature| feature == name).unwrap_or_default()
}

/// Pairs of articles: the features of each, and whether both tell one story.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) pairs: Vec<([f32; FEATURES], bool)>,
    /// The total weight of its same-story pairs, or of all its pairs if none is.
    pub(crate) weight: f64,
    pub(crate) kind: Kind,
}

/// What can be learned from the labels of a set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every same-story pair is labelled as one: the score can be calibrated as a probability.
    Whole,
    /// Some same-story pairs are labelled as two stories: the order of the pairs is right, the share is not.
    Partial,
    /// Pairs of templates: none tells one story.
    Templates,
    /// The first words of articles, for the effect of brevity.
    Brief,
}

/// Two wires at least this many days apart are not retellings of each other.
const FAR_APART: u32 = 5;

/// Words of a shortened article.
const BRIEF_WORDS: usize = 15;

impl Set {
    /// All training sets of the folder `shared/eval`.
    pub(crate) fn all(folder: &Path) -> Result<Vec<Set>, String> {
        let read = |name: &str| records(&folder.join(format!("{name}.jsonl.gz")));
        let (fnc1, vims) = (read("fnc1")?, read("vims")?);
        let brief =
            |records: &[Record]| labelled(&records.iter().map(shortened).collect::<Vec<_>>(), None);
        let set = |name, kind, weight, pairs| Set { name, pairs, weight, kind };
        Ok(vec![
            set("fnc1", Kind::Whole, 1.0, labelled(&fnc1, None)),
            set("vims", Kind::Whole, 1.0, labelled(&vims, None)),
            set("onestop", Kind::Partial, 0.3, labelled(&read("onestop")?, None)),
            set("allsides", Kind::Partial, 1.0, labelled(&read("allsides")?, Some(3))),
            set("reuters", Kind::Templates, 0.25, templates(&read("reuters")?)),
            set("fnc1 brief", Kind::Brief, 1.0, brief(&fnc1)),
            set("vims brief", Kind::Brief, 1.0, brief(&vims)),
        ])
    }

    pub(crate) fn same(&self) -> usize {
        self.pairs.iter().filter(|(_, same)| *same).count()
    }
}

fn records(file: &Path) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    let each = |item| {
        if let Item::Record(record) = item {
            records.push(record);
        }
        ControlFlow::Continue(())
    };
    match reader::read(&Input::from(file.to_owned()), &reader::Options::default(), each) {
        Ok(_) => Ok(records),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// The first words of an article.
fn shortened(record: &Record) -> Record {
    let words: Vec<&str> = record.text.split_whitespace().take(BRIEF_WORDS).collect();
    Record { text: words.join(" "), title: None, ..record.clone() }
}

fn detector(records: &[Record]) -> Detector {
    let articles: Vec<Article<'_>> = records.iter().map(Record::article).collect();
    let mut detector = Detector::new();
    detector.insert_many(&articles);
    detector
}

/// All pairs of labelled articles; with a number of days only dated pairs that are no further apart.
fn labelled(records: &[Record], most_days: Option<u32>) -> Vec<([f32; FEATURES], bool)> {
    let detector = detector(records);
    let labels: HashMap<&str, &str> =
        records.iter().filter_map(|record| Some((&*record.id, record.story.as_deref()?))).collect();
    let mut ids: Vec<&str> = labels.keys().copied().collect();
    ids.sort_unstable();
    let judged = &|left: &str, right: &str| {
        let evidence = detector.evidence(left, right)?;
        let near =
            most_days.is_none_or(|most| evidence.days_apart.is_some_and(|days| days <= most));
        near.then(|| (evidence.features(), labels[left] == labels[right]))
    };
    let ids = &ids;
    (0..ids.len())
        .into_par_iter()
        .flat_map_iter(|left| (0..left).filter_map(move |right| judged(ids[left], ids[right])))
        .collect()
}

/// The candidates that are too far apart to be a wire and its retelling, with their dates ignored.
fn templates(records: &[Record]) -> Vec<([f32; FEATURES], bool)> {
    let detector = detector(records);
    let pairs = detector.candidate_pairs();
    let far = |&(left, right): &(&str, &str)| {
        let evidence = detector.evidence(left, right)?;
        let far = evidence.days_apart.is_some_and(|days| days >= FAR_APART);
        let mut undated = evidence;
        undated.days_apart = None;
        (far && evidence.phrases.shared > 0).then(|| (undated.features(), false))
    };
    pairs.par_iter().filter_map(far).collect()
}
