//! Archives that are kept in a folder.

use std::path::Path;

use super::{Archive, ArchiveBuilder};
use crate::disk::{self, Disk};
use crate::engine::contents::Contents;
use crate::error::{Error, ErrorKind};

impl ArchiveBuilder {
    /// Opens the archive of a folder, or makes one there. It has one writer at a time.
    ///
    /// ```
    /// use retold::{Archive, Article, Level};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let folder = folder.path();
    ///
    /// let mut archive = Archive::builder().level(Level::Event).window_days(30).open(folder)?;
    /// archive.insert(Article::new("herald", "The ferry sank off Kelm on Monday night."))?;
    /// archive.commit()?;
    /// # drop(archive);
    /// # assert!(Archive::builder().open(folder).is_err());
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for a setting that makes no sense, or is another one than that of the
    /// archive in the folder; else those of [`Archive::open`], but for a folder that has none.
    pub fn open(self, folder: impl AsRef<Path>) -> Result<Archive, Error> {
        self.settings.check()?;
        Ok(Archive::in_folder(Disk::open(folder.as_ref(), Some(self.settings))?))
    }
}

impl Archive {
    /// Opens the archive of a folder, with the settings that it was made with.
    ///
    /// It goes on as if it had never been closed: what comes next is placed in the same families, under
    /// the same ids.
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
    /// [`ErrorKind::Locked`] if it has a writer; [`ErrorKind::Damaged`], [`ErrorKind::Version`] or
    /// [`ErrorKind::Format`] if it cannot be read; [`ErrorKind::Io`], with the kind `NotFound` if there
    /// is none.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(Self::in_folder(Disk::open(folder.as_ref(), None)?))
    }

    fn in_folder((disk, contents): (Disk, Contents)) -> Self {
        let mut archive = Archive { disk: Some(disk), ..Archive::with(contents) };
        archive.start_threads();
        archive
    }

    /// Makes all that happened since the last commit durable, at once: a crash, even of the machine,
    /// leaves either all of it or nothing, and all of it once this returns. The work grows with what
    /// changed; now and then files are merged.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]; then the archive in memory is as before, and the commit may be tried again.
    /// [`ErrorKind::InMemory`] if the archive has no folder.
    pub fn commit(&mut self) -> Result<(), Error> {
        let disk = self.disk.as_mut().ok_or(ErrorKind::InMemory)?;
        disk.commit(&mut self.contents)
    }

    /// Everything that is wrong with the archive in a folder, read byte for byte and folded; it is
    /// whole if there is nothing. That takes no lock, and no right to write.
    ///
    /// # Errors
    /// Those of [`Archive::open`], but for damage and the lock.
    pub fn verify(folder: impl AsRef<Path>) -> Result<Vec<Error>, Error> {
        disk::verify(folder.as_ref())
    }

    /// How many bytes the last commit has on the disk; none of an archive that is kept in memory.
    pub fn disk_usage(&self) -> u64 {
        self.disk.as_ref().map_or(0, |disk| disk.snapshot().disk_usage())
    }
}
