//! The answer of a [`Detector`](crate::Detector) in steps over blocks of articles, for a collection that is
//! larger than one machine.
//!
//! Each step is a pure function of values that have a portable form in bytes, so it can run wherever its
//! input is: in one process block after block, or as the tasks of a cluster. However a collection is cut into
//! blocks, and in whatever order they come, the families and the bits of their scores are those of a detector
//! with all articles. The bytes are for the same version of the crate; other versions refuse them.
//!
//! | step | takes | gives | for a cluster |
//! | --- | --- | --- | --- |
//! | [`Steps::sketch`] | articles | [`Block`] | any cut |
//! | [`Block::sorted`], [`Block::numbered`] | blocks | the place of each article in the order of all | group by [day](Block::by_day), add up the days before |
//! | [`Printings::find`] | a block | who prints whom, forms | group by connected [keys](Block::reprint_keys) |
//! | [`Printings::split`] | a block, all printings | leaders and followers under their *ranks* | any cut |
//! | [`Survey::of`], [`ShingleLists::of`], [`PhraseTable::of`] | leaders | tables that are merged | any cut; phrases by ranges of hashes |
//! | [`Surroundings::look`] | leaders of consecutive ranks, their [halo](Survey::halo), their [lists](ShingleLists::cut), the survey | densities, candidates | runs of ranks; lists joined by hash |
//! | [`Steps::judge`] | leaders and those around them, the survey | [`Links`] | runs of ranks, joined by rank |
//! | [`Links::neighbours`], [`Steps::verify`] | links; leaders | further links | connected links; any cut of the pairs |
//! | [`Steps::families`] | articles and their links | families | connected links and followers |
//! | [`Printings::families`] | families | the answer | one task |
//!
//! All that needs a shuffle is small: keys, phrases and pairs, each with a number. Words are looked up in a
//! halo of ranks, and no list of words is ever complete anywhere.
//!
//! An article has a number of 32 bits, so a collection has at most 4 294 967 295; what is on hand in one
//! step has at most 67 108 863. Beyond either there is an error of the kind
//! [`Full`](crate::ErrorKind::Full). Ids must be unique in a collection; two articles with one id are two
//! articles here, unless one step sees both.
//!
//! # A whole job
//!
//! ```
//! use retold::blocks::{
//!     Block, Links, PhraseTable, Printings, ShingleLists, Surroundings, Survey,
//! };
//! use retold::{Article, Detector, Level};
//!
//! let texts = [
//!     ("herald", "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
//!                 harbour master Ida Rosk said, and divers will examine the hull on Tuesday."),
//!     ("wire", "The passenger ferry ran aground off Kelm late on Monday with 212 people on board. \
//!               Nobody was hurt, according to harbour master Ida Rosk. Divers will look at the hull."),
//!     ("bank", "The central bank of Norland left its main rate at 3.5 percent on Thursday."),
//! ];
//! let articles: Vec<Article> = texts.iter().map(|&(id, text)| Article::new(id, text)).collect();
//! let steps = Detector::builder().steps()?;
//!
//! // Sketch: each block could be the task of another machine. Bytes are all that passes between them.
//! let sketched = articles.chunks(2).map(|chunk| steps.sketch(chunk).0.to_bytes());
//! let blocks = sketched.map(|bytes| Block::from_bytes(&bytes)).collect::<Result<Vec<_>, _>>()?;
//!
//! // Order and reprints.
//! let all = Block::sorted(&blocks)?;
//! let printings = Printings::find(&all)?;
//! let (leaders, followers) = printings.split(&all)?;
//! let runs: Vec<Block> =
//!     (0..printings.leaders()).map(|rank| leaders.select(|other| other == rank)).collect();
//!
//! // Count.
//! let lists = ShingleLists::merged(&runs.iter().map(ShingleLists::of).collect::<Vec<_>>());
//! let mut surveys: Vec<Survey> = runs.iter().map(Survey::of).collect();
//! for hashes in [0..=u32::MAX >> 8, (u32::MAX >> 8) + 1..=u32::MAX] {
//!     let tables: Vec<PhraseTable> =
//!         runs.iter().map(|run| PhraseTable::of(run, hashes.clone())).collect();
//!     surveys.push(PhraseTable::boilerplate(&tables)?);
//! }
//! let survey = Survey::merged(&surveys)?;
//!
//! // Look around from each run of ranks: it needs the leaders of its halo.
//! let mut around = Vec::new();
//! for run in &runs {
//!     let own = run.numbers()[0]..run.numbers()[0] + run.len() as u32;
//!     let [near, undated] = survey.halo(&own)?;
//!     let halo = leaders.select(|rank| near.contains(&rank) || undated.contains(&rank));
//!     around.push(Surroundings::look(own, &halo, &lists.cut(run), &survey)?);
//! }
//! let around = Surroundings::joined(&around)?;
//!
//! // Judge each run, with the leaders that it is to be compared with.
//! let mut links = Vec::new();
//! for run in &runs {
//!     let own = run.numbers()[0]..run.numbers()[0] + run.len() as u32;
//!     let others = around.select(|rank| own.contains(&rank)).others();
//!     let is_needed = |rank| own.contains(&rank) || others.binary_search(&rank).is_ok();
//!     let needed = (leaders.select(is_needed), around.select(is_needed));
//!     links.push(steps.judge(own.clone(), &needed.0, &needed.1, &survey)?);
//! }
//! let links = Links::merged(&links);
//! let further = steps.verify(&links.neighbours(), &leaders, &around, &survey)?;
//! let links = Links::merged(&[links, further]);
//!
//! // Families.
//! let all = Block::joined(&[leaders, followers]);
//! let families = steps.families(&all, &around, &printings, &links, &survey)?;
//! let families = printings.families(&[families], Level::Retelling);
//!
//! let mut detector = Detector::new();
//! detector.insert_many(&articles);
//! assert_eq!(families.len(), 1);
//! assert_eq!(families, detector.families());
//! # Ok::<(), retold::Error>(())
//! ```

mod block;
mod links;
mod printings;
mod steps;
mod tables;
#[cfg(test)]
mod tests;

pub use block::Block;
pub use links::{Links, Surroundings};
pub use printings::Printings;
pub use steps::Steps;
pub use tables::{PhraseTable, ShingleLists, Survey};

use crate::error::{Error, ErrorKind};
use crate::sketch::codec::{Reader, header};

/// The version of the bytes of all steps. It changes with them, and with what a step makes of them.
const VERSION: u16 = 1;

/// The first bytes of a portable form.
fn start(magic: &[u8; 4]) -> Vec<u8> {
    let mut bytes = header(magic);
    bytes.extend(VERSION.to_le_bytes());
    bytes
}

/// Checks the first bytes of a portable form.
fn open<'a>(what: &'static str, magic: &[u8; 4], bytes: &'a [u8]) -> Result<Reader<'a>, Error> {
    let mut reader = Reader::open(what, magic, bytes)?;
    let found = u16::from_le_bytes(reader.take()?);
    must_hold(found == VERSION, || ErrorKind::Version { expected: VERSION, found })?;
    Ok(reader)
}

/// The error for a step that has not all articles that it needs.
fn without(name: &'static str, rank: u32) -> Error {
    let found = format!("without rank {rank}");
    ErrorKind::Setting { name, expected: "of all articles that the step needs", found }.into()
}

fn must_hold(holds: bool, otherwise: impl FnOnce() -> ErrorKind) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}
