//! Those who ask beside the writer.

use std::path::Path;
use std::sync::Arc;

use super::answers::answers;
use crate::corpus::article::Article;
use crate::disk;
use crate::engine::answers::Match;
use crate::engine::contents::Contents;
use crate::error::Error;
use crate::families::family::{Family, Representative};
use crate::families::live::FamilyId;
use crate::score::relation::Level;
use crate::store::{File, Snapshot};

/// An [`Archive`](crate::Archive) in a folder as of one commit, to be asked while its writer goes on.
///
/// It takes no lock, so there may be any number of them, in any thread or process. What it answers
/// stays the same until [`ArchiveReader::refresh`] goes on to the newest commit. Clones are cheap and
/// share all.
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
    /// Opens the last commit of the archive in a folder.
    ///
    /// # Errors
    /// Those of [`Archive::open`](crate::Archive::open), but for the lock.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::of_snapshot(Snapshot::open(folder)?, &[])
    }

    /// Goes on to the newest commit; whether it is another one. Clones stay where they are.
    ///
    /// The files of segments that both have stay mapped and are not looked at again; the tables of ids, words
    /// and families are made anew. That is in proportion to the articles, with a small factor.
    ///
    /// # Errors
    /// Those of [`ArchiveReader::open`]; then all stays as it was.
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
        contents.segments.drop_merges();
        Ok(ArchiveReader(Arc::new(Reading { contents, snapshot })))
    }

    /// How many bytes the commit has on the disk.
    pub fn disk_usage(&self) -> u64 {
        self.0.snapshot.disk_usage()
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.0.contents
    }
}

answers!(ArchiveReader);
