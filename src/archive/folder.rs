//! Archives in a folder: opening, committing and verifying them.

use std::path::Path;

use super::{Archive, ArchiveBuilder};
use crate::disk::{self, Disk};
use crate::engine::contents::Contents;
use crate::error::{Error, ErrorKind};

impl ArchiveBuilder {
    /// Opens the archive in a folder, or creates one there. A folder has one writer at a time.
    ///
    /// An archive that exists keeps each setting that this builder was not given.
    /// [`representative`](Self::representative), the window and the keeping of texts are changed to what
    /// is given, durably with the next commit. The level and the thresholds cannot change, because the
    /// articles in the archive were judged by them.
    ///
    /// ```
    /// use retold::{Archive, Article, Level};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let folder = folder.path();
    ///
    /// let mut archive = Archive::builder().level(Level::Event).window_days(30).open(folder)?;
    /// archive.insert(Article::new("herald", "The ferry sank off Kelm on Monday night."))?;
    /// archive.commit()?;
    /// drop(archive);
    ///
    /// let archive = Archive::builder().window_days(60).open(folder)?;
    /// assert_eq!((archive.level(), archive.window_days()), (Level::Event, Some(60)));
    /// # drop(archive);
    /// # assert!(Archive::builder().level(Level::Copy).open(folder).is_err());
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for an invalid setting, or for a level or threshold that differs from the
    /// archive in the folder; otherwise as [`Archive::open`], except for a folder without an archive.
    pub fn open(self, folder: impl AsRef<Path>) -> Result<Archive, Error> {
        Ok(Archive::in_folder(Disk::open_or_create(folder.as_ref(), &self.settings)?))
    }
}

impl Archive {
    /// Opens the archive in a folder, with the settings that are stored there.
    ///
    /// It continues as if it had never been closed: the next articles are placed in the same families,
    /// under the same ids. Opening checks every file except texts and is linear in the articles.
    ///
    /// ```
    /// use retold::{Archive, Article};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let folder = folder.path();
    ///
    /// let mut archive = Archive::builder().open(folder)?;
    /// archive.insert(Article::new("herald", "The ferry sank off Kelm on Monday night."))?;
    /// archive.commit()?;
    /// archive.insert(Article::new("ledger", "The bank of Norland left its rate as it was."))?;
    /// drop(archive);
    ///
    /// let archive = Archive::open(folder)?;
    /// assert!(archive.contains("herald") && !archive.contains("ledger")); // it was not committed
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] if the folder has a writer; [`ErrorKind::Damaged`], [`ErrorKind::Version`]
    /// or [`ErrorKind::Format`] if it cannot be read; [`ErrorKind::Io`], with the kind `NotFound` if it
    /// has no archive.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(Self::in_folder(Disk::open(folder.as_ref())?))
    }

    fn in_folder((disk, contents): (Disk, Contents)) -> Self {
        let mut archive = Archive { disk: Some(disk), ..Archive::with(contents) };
        archive.start_threads();
        archive
    }

    /// Makes all changes since the last commit durable, atomically.
    ///
    /// A crash during the call, even of the machine, leaves all of the changes or none; once the call
    /// returns they are all kept. The cost grows with what changed; some commits also merge files.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], or [`ErrorKind::Damaged`] if a file that is to be merged is damaged; the
    /// archive in memory is then unchanged, and the commit may be tried again. [`ErrorKind::InMemory`] if
    /// the archive has no folder.
    pub fn commit(&mut self) -> Result<(), Error> {
        let disk = self.disk.as_mut().ok_or(ErrorKind::InMemory)?;
        disk.commit(&mut self.contents)
    }

    /// Reads every byte of the archive in a folder and lists the damage; an empty list means that it is
    /// whole. Takes no lock and needs no permission to write.
    ///
    /// # Errors
    /// As [`Archive::open`], except for damage and the lock.
    pub fn verify(folder: impl AsRef<Path>) -> Result<Vec<Error>, Error> {
        disk::verify(folder.as_ref())
    }

    /// The size of the last commit's files in bytes; 0 for an archive in memory.
    pub fn disk_usage(&self) -> u64 {
        self.disk.as_ref().map_or(0, |disk| disk.snapshot().disk_usage())
    }
}
