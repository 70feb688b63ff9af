//! Reading a committed archive while its writer works on.
//!
//! A reader maps the files of one commit and takes no lock. Its invariant: the snapshot keeps those files
//! alive, so its answers cannot change until it is refreshed.

use std::path::Path;
use std::sync::Arc;

use super::answers::answers;
use crate::corpus::article::{Article, Date};
use crate::disk;
use crate::engine::answers::Match;
use crate::engine::contents::Contents;
use crate::error::Error;
use crate::families::family::{Family, Representative};
use crate::families::live::FamilyId;
use crate::score::relation::Level;
use crate::store::{File, Snapshot};

/// A read-only view of an [`Archive`](crate::Archive) in a folder, as of one commit.
///
/// A reader takes no lock: any number of them, in any thread or process, work beside one writer. Its
/// answers stay the same until [`ArchiveReader::refresh`] moves it to the newest commit. Clones are cheap
/// and share everything.
///
/// ```
/// use retold::{Archive, ArchiveReader, Article};
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
///
/// let mut archive = Archive::builder().open(folder)?;
/// archive.insert(Article::new("herald", "The ferry sank off Kelm on Monday night."))?;
/// archive.commit()?;
/// let mut reader = ArchiveReader::open(folder)?;
///
/// archive.insert(Article::new("ledger", "The bank of Norland left its rate as it was."))?;
/// assert!(!reader.refresh()?); // it was not committed
/// archive.commit()?;
/// assert!(!reader.contains("ledger"));
/// assert!(reader.refresh()? && reader.contains("ledger"));
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ArchiveReader(Arc<Reading>);

#[derive(Debug)]
struct Reading {
    contents: Contents,
    snapshot: Snapshot,
}

impl ArchiveReader {
    /// Opens the last commit of the archive in a folder. Linear in the articles.
    ///
    /// # Errors
    /// As [`Archive::open`](crate::Archive::open), except for the lock.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::of_snapshot(Snapshot::open(folder)?, &[])
    }

    /// Moves to the newest commit and returns whether there was a newer one. Clones stay at theirs.
    ///
    /// Segment files that both commits have stay mapped and are not checked again. The tables of ids,
    /// words and families are rebuilt, which is linear in the articles with a small constant.
    ///
    /// # Errors
    /// As [`ArchiveReader::open`]; the reader then stays at its commit.
    pub fn refresh(&mut self) -> Result<bool, Error> {
        let snapshot = self.0.snapshot.refresh()?;
        let is_newer = snapshot.generation() != self.0.snapshot.generation();
        if is_newer {
            *self = Self::of_snapshot(snapshot, self.0.snapshot.files())?;
        }
        Ok(is_newer)
    }

    fn of_snapshot(snapshot: Snapshot, known: &[File]) -> Result<Self, Error> {
        let mut contents = disk::read(&snapshot, known)?;
        contents.segments.merges.clear(); // the writer does them
        Ok(ArchiveReader(Arc::new(Reading { contents, snapshot })))
    }

    /// The size of the commit's files in bytes.
    pub fn disk_usage(&self) -> u64 {
        self.0.snapshot.disk_usage()
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.0.contents
    }
}

answers!(ArchiveReader);
