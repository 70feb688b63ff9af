//! Archives in a folder: opening, committing and verifying them.

use std::path::Path;

use super::{Archive, ArchiveBuilder};
use crate::disk::{self, Disk};
use crate::engine::contents::Contents;
use crate::error::{Error, ErrorKind};

impl ArchiveBuilder {
    /// Opens the archive in a folder, or creates one there. A folder has one writer at a time.
    ///
    /// The archive keeps its files in a folder of its own, `retold-archive`, below the given one; it never
    /// reads or deletes anything else. Creating is atomic: if the program is killed on the way, there is no
    /// archive yet, and the next call creates it.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{ArchiveReader, Article, Representative};
    use crate::hash::splitmix;
    use crate::store::faults::{self, Fault};

    /// The settings of one run.
    fn builder(days: u32) -> ArchiveBuilder {
        Archive::builder().window_days(days).representative(Representative::Longest).keep_texts()
    }

    /// Makes an archive in a folder and is killed at a step; whether it came so far that it was made.
    fn is_made_by(days: u32, folder: &Path, step: usize) -> (bool, usize) {
        let (made, done) = faults::with(Fault::From(step), || builder(days).open(folder).map(drop));
        (made.is_ok(), done.len())
    }

    /// Asserts that a folder has no archive, which gives the error `none`, or a whole one without articles.
    /// Returns whether it has one.
    fn has_whole_archive(folder: &Path, none: &Error) -> bool {
        let errors = [
            Archive::open(folder).err(),
            ArchiveReader::open(folder).err(),
            Archive::verify(folder).err(),
        ];
        if errors == [const { None }; 3] {
            let archive = Archive::open(folder).unwrap();
            assert!(archive.is_empty() && archive.keeps_texts());
            assert_eq!(archive.representative(), Representative::Longest);
            return true;
        }
        assert!(errors.iter().all(|error| error.as_ref() == Some(none)), "{errors:?}");
        false
    }

    /// Asserts that the next run makes or opens the archive and that it keeps what is committed.
    fn is_usable(folder: &Path) {
        let mut archive = builder(9).open(folder).unwrap();
        assert_eq!((archive.len(), archive.window_days()), (0, Some(9)));
        archive.insert(Article::new("herald", "The ferry sank off Kelm on Monday night.")).unwrap();
        archive.commit().unwrap();
        drop(archive);
        let archive = Archive::open(folder).unwrap();
        assert!(archive.contains("herald") && archive.text("herald").unwrap().is_some());
        assert_eq!(archive.window_days(), Some(9));
        assert_eq!(Archive::verify(folder).unwrap(), []);
    }

    #[test]
    fn a_program_that_is_killed_at_any_step_of_creation_leaves_a_folder_in_which_the_next_works() {
        let mut states = [0, 0];
        for step in 0.. {
            let parent = tempfile::tempdir().unwrap();
            let folder = parent.path().join("news/archive");
            let none = Archive::open(&folder).unwrap_err();
            let (is_made, steps) = is_made_by(5, &folder, step);
            let is_whole = has_whole_archive(&folder, &none);
            assert!(is_whole || !is_made);
            states[usize::from(is_whole)] += 1;
            is_usable(&folder);
            if is_made && steps <= step {
                break;
            }
        }
        assert!(states[0] > 12 && states[1] > 2, "{states:?}");
    }

    #[test]
    fn four_hundred_kills_at_creation_do_no_harm_also_many_in_the_same_folder() {
        let (mut kills, mut folders) = (0, 0);
        while kills < 400 {
            let parent = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
            let folder = parent.path().join(if folders % 2 == 0 { "" } else { "news" });
            let folder = folder.components().as_path();
            let none = Archive::open(folder).unwrap_err();
            let mut was_whole = false;
            for round in 0..1 + splitmix(folders, 0) % 6 {
                let step = splitmix(folders, 1 + round) as usize % 24;
                is_made_by(1 + round as u32, folder, step);
                let is_whole = has_whole_archive(folder, &none);
                assert!(is_whole || !was_whole, "it was whole before round {round}");
                was_whole = is_whole;
                kills += 1;
            }
            is_usable(folder);
            folders += 1;
        }
    }
}
