//! The one writer of a store, and writers of single files on other threads.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use crate::error::{Error, must_be};

use super::disk;
use super::file::{Entry, File};
use super::format::Kind;
use super::manifest::{self, Manifest};
use super::section::Section;
use super::snapshot::Snapshot;

/// The only writer of a store. It holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct Store {
    /// The store's own folder, below the one that was given.
    folder: PathBuf,
    /// The last committed generation.
    snapshot: Snapshot,
    /// The files written since the last commit.
    written: Vec<File>,
    /// The number of the next file.
    next: u64,
    /// The number of the last attempted generation.
    generation: u64,
    /// The numbers of staged files. Each is kept while its [`FileWriter`] or [`StagedFile`] lives.
    staged: Vec<(u64, Weak<()>)>,
    /// Whether the disk may hold another manifest than the snapshot's, so that no file may be deleted.
    manifest_uncertain: bool,
    _lock: disk::Lock,
}

impl Store {
    /// Opens the store in a folder and deletes the remains of a crash. If there is none, or half of one
    /// that a killed process began, a store without files is created with the state `new`, if given.
    ///
    /// # Errors
    ///
    /// `Locked` if the store has a writer; `Damaged`, `Version` or `Format` if it cannot be read; `Io`
    /// with the kind `NotFound` if it does not exist and `new` is `None`.
    pub(crate) fn open(folder: impl AsRef<Path>, new: Option<&[u8]>) -> Result<Self, Error> {
        let folder = disk::own_folder(folder.as_ref())?;
        if new.is_none() {
            Manifest::read(&folder)?; // else locking would leave a file in a folder without a store
        } else if Manifest::find(&folder)?.is_none() {
            disk::create_folder(&folder)?;
        }
        let lock = disk::lock(&folder)?;
        // Another process may have created the store before it gave the lock free.
        if let Some(state) = new
            && Manifest::find(&folder)?.is_none()
        {
            let first = Manifest { state: state.to_vec(), ..Manifest::default() };
            manifest::prepare(&folder, &first)?;
            manifest::publish(&folder)?;
        }
        let snapshot = Snapshot::open_with(&folder, &[])?;
        // After a crash the last rename may not be durable yet. Until it is, the files that only the
        // manifest before it names must not be deleted.
        disk::sync_folder(&folder)?;
        let store = Store {
            folder,
            written: Vec::new(),
            next: snapshot.manifest().next,
            staged: Vec::new(),
            generation: snapshot.generation(),
            manifest_uncertain: false,
            snapshot,
            _lock: lock,
        };
        store.sweep();
        Ok(store)
    }

    /// The last committed generation.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Writes a file durably. It belongs to no snapshot until it is committed. If it is not, the next
    /// commit, [`Store::abandon`] or the next writer deletes it.
    ///
    /// # Errors
    ///
    /// `Io`; then the file is deleted.
    pub(crate) fn write(&mut self, kind: Kind, sections: &[Section]) -> Result<File, Error> {
        let number = self.next;
        self.next += 1; // even after a failure: remains of the file may exist
        let file = File::write(&self.folder, number, kind, sections)?;
        self.written.push(file.clone());
        Ok(file)
    }

    /// A writer for one file, for use on another thread while the store goes on.
    pub(crate) fn file_writer(&mut self) -> FileWriter {
        let in_use = Arc::new(());
        self.staged.retain(|(_, in_use)| in_use.strong_count() > 0);
        self.staged.push((self.next, Arc::downgrade(&in_use)));
        self.next += 1;
        FileWriter { folder: self.folder.clone(), number: self.next - 1, in_use }
    }

    /// Treats a staged file like one that [`Store::write`] wrote, so that it can be committed.
    pub(crate) fn admit(&mut self, staged: &StagedFile) -> File {
        staged.is_admitted.store(true, Ordering::Relaxed);
        self.written.push(staged.file.clone());
        staged.file.clone()
    }

    /// Makes these files, in this order, and this state the next generation. On return it is durable,
    /// and all other files except staged ones are deleted. Snapshots of earlier generations keep their
    /// files mapped.
    ///
    /// # Errors
    ///
    /// `Setting` if a file is neither of the last generation nor written since, and `Io`. Then the last
    /// generation stays, and the written files can be committed again. Only if the last step fails, the
    /// sync of the folder, readers may already see the new generation, and a power cut may restore the
    /// old one. Both are complete then, and the next commit resolves which one stays.
    pub(crate) fn commit(&mut self, files: &[File], state: &[u8]) -> Result<Snapshot, Error> {
        for file in files {
            let is_ours = self.snapshot.files().iter().chain(&self.written).any(|f| f == file);
            let expected = "of the last generation or written since";
            must_be(is_ours, "a committed file", expected, file.path().display())?;
        }
        self.generation += 1; // even after a failure: a reader may have seen it
        let manifest = Manifest {
            generation: self.generation,
            next: self.next,
            files: files.iter().map(File::entry).collect(),
            state: state.to_vec(),
        };
        manifest::prepare(&self.folder, &manifest)?;
        self.manifest_uncertain = true;
        manifest::publish(&self.folder)?;
        self.manifest_uncertain = false;
        self.snapshot = Snapshot::new(&self.folder, manifest, files.to_vec());
        self.abandon();
        Ok(self.snapshot.clone())
    }

    /// Deletes the files written since the last commit.
    pub(crate) fn abandon(&mut self) {
        self.written.clear();
        self.sweep();
    }

    /// Deletes all files that are neither in the snapshot nor staged. A file that cannot be deleted, such
    /// as a mapped one on Windows, is left to the next call.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        if self.manifest_uncertain {
            return;
        }
        let named: HashSet<String> =
            self.snapshot.files().iter().map(|file| file.entry().name()).collect();
        let is_staged = |name: &str| {
            let mut in_use = self.staged.iter().filter(|(_, in_use)| in_use.strong_count() > 0);
            in_use.any(|&(number, _)| Entry::number_of(name) == Some(number))
        };
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let is_unused = Entry::number_of(&name).is_some() && !named.contains(&name);
            if (is_unused && !is_staged(&name)) || name == manifest::NEW {
                disk::discard(&self.folder.join(name));
            }
        }
    }
}

/// Writes one file of a store, on any thread.
#[derive(Debug)]
pub(crate) struct FileWriter {
    folder: PathBuf,
    number: u64,
    /// The store does not delete the file while this lives.
    in_use: Arc<()>,
}

/// A file written by a [`FileWriter`]. The store does not delete it while this lives. If it is dropped
/// without [`Store::admit`], the file is deleted.
#[derive(Debug)]
pub(crate) struct StagedFile {
    file: File,
    /// Whether the store has taken over the file.
    is_admitted: AtomicBool,
    _in_use: Arc<()>,
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.is_admitted.load(Ordering::Relaxed) {
            disk::discard(self.file.path());
        }
    }
}

impl FileWriter {
    /// Writes the file durably.
    ///
    /// # Errors
    ///
    /// `Io`; then the file is deleted.
    pub(crate) fn write(self, kind: Kind, sections: &[Section]) -> Result<StagedFile, Error> {
        let file = File::write(&self.folder, self.number, kind, sections)?;
        Ok(StagedFile { file, is_admitted: AtomicBool::new(false), _in_use: self.in_use })
    }
}

impl StagedFile {
    #[cfg(any(feature = "parallel", test))]
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}
