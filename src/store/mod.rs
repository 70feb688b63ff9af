//! A crash-safe store: a folder of immutable, checksummed files, and one manifest that is replaced
//! atomically.
//!
//! Takes [`Section`]s: a file is a list of them, each a tag and an array of integers. Gives
//! [`Snapshot`]s: the files and the state bytes of one committed generation, neither interpreted. A
//! [`column::Column`] hides whether an array is on the heap or mapped. Uses `error`, `hash`, `parallel`.
//!
//! * One [`Store`] writes, and it holds a lock. Any number of snapshots, in any thread or process, read
//!   without one. [`FileWriter`]s write files on other threads, to be committed later.
//! * A store keeps to a folder of its own below the one that it is given, and to names of its own in that.
//!   It never reads, counts or deletes anything else.
//! * Invariants: a file never changes after it is written; a snapshot never changes; after a crash the
//!   folder holds the last committed generation, or the next one if its rename was complete. A new store
//!   appears whole, with its first state, by a rename. The tests
//!   inject a fault and a power cut at every step. `FORMAT.md` specifies every byte and proves this.
//! * Cost: a commit writes its new files and the manifest, and syncs each, and the folder twice. Opening
//!   maps every file and checks every byte once, except in files of the kind `late`.
//!
//! Arrays are used in place, since decoding would cost time and memory on every opening. So all numbers
//! are little-endian, and a big-endian processor is refused. A write-ahead log is not needed: data
//! arrives in large batches, and replacing the manifest makes a batch atomic.

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
