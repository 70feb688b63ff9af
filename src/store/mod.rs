//! A folder of immutable, checksummed files, and one manifest that is replaced as a whole.
//!
//! It knows nothing of articles: a file is a list of [`Section`]s, each a tag and an array of
//! numbers. One [`Store`] writes, and only what it commits is there. Any number of [`Snapshot`]s,
//! in any thread or process, read one generation each and map the numbers as they lie on the disk.
//! `FORMAT.md` beside this file says every byte, and why no crash can do harm.
//!
//! The numbers are little-endian and are used where they lie. So a processor that is not
//! little-endian is refused.

pub(crate) mod column;
#[cfg(feature = "archive")]
mod disk;
#[cfg(feature = "archive")]
mod file;
#[cfg(feature = "archive")]
mod format;
#[cfg(feature = "archive")]
mod manifest;
#[cfg(feature = "archive")]
mod map;
#[cfg(feature = "archive")]
mod section;
#[cfg(feature = "archive")]
mod snapshot;
#[cfg(feature = "archive")]
mod writer;

#[cfg(test)]
#[cfg(feature = "archive")]
pub(crate) mod faults;
#[cfg(test)]
#[cfg(feature = "archive")]
mod tests;

#[cfg(feature = "archive")]
pub(crate) use {
    file::{File, Mapped},
    format::{Kind, damaged},
    section::{Element, Section},
    snapshot::{Snapshot, verify},
    writer::{FileWriter, StagedFile, Store},
};
