//! The one writer of a store, and files that are written beside what it does.

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

/// The only writer of a store; it holds the lock as long as it lives.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// What was committed last.
    snapshot: Snapshot,
    /// What was written since.
    written: Vec<File>,
    /// The number of the next file.
    next: u64,
    /// The last generation that was tried.
    generation: u64,
    /// The numbers of files that are written ahead, as long as somebody wants them.
    staged: Vec<(u64, Weak<()>)>,
    /// Whether a manifest other than that of the snapshot may be on the disk, so that no file may
    /// go yet.
    unsettled: bool,
    /// Held as long as this lives.
    _lock: disk::Lock,
}

impl Store {
    /// Opens the store in a folder, or makes it if it may, and deletes what a crash left there.
    ///
    /// # Errors
    ///
    /// `Locked` if it has a writer, `Damaged`, `Version` or `Format` if it cannot be read, and `Io`
    /// with the kind `NotFound` if there is none and none is to be made.
    pub(crate) fn open(folder: impl AsRef<Path>, create: bool) -> Result<Self, Error> {
        let folder = disk::absolute(folder.as_ref())?;
        if create {
            disk::create_folder(&folder)?;
        } else {
            Manifest::read(&folder)?; // so that no lock is left in a folder that is no store
        }
        let lock = disk::lock(&folder)?;
        if create && Manifest::find(&folder)?.is_none() {
            manifest::prepare(&folder, &Manifest::default())?;
            manifest::publish(&folder)?;
        }
        let snapshot = Snapshot::open(&folder)?;
        // A crash may have kept the last rename from being durable. What only the manifest before
        // it names must not go earlier than that.
        disk::sync_folder(&folder)?;
        let store = Store {
            folder,
            written: Vec::new(),
            next: snapshot.manifest().next,
            staged: Vec::new(),
            generation: snapshot.generation(),
            unsettled: false,
            snapshot,
            _lock: lock,
        };
        store.sweep();
        Ok(store)
    }

    /// What was committed last.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Writes a file, durably. It is part of no snapshot until it is committed. If it never is, it
    /// is deleted by the next commit, by [`Store::abandon`], or by the next to open the store.
    ///
    /// # Errors
    ///
    /// `Io`; then nothing is left of the file.
    pub(crate) fn write(&mut self, kind: Kind, sections: &[Section]) -> Result<File, Error> {
        let number = self.next;
        self.next += 1; // also if it fails: what is left of it may be in the way
        let file = File::write(&self.folder, number, kind, sections)?;
        self.written.push(file.clone());
        Ok(file)
    }

    /// A pen to write one file with, beside what the store does meanwhile.
    pub(crate) fn file_writer(&mut self) -> FileWriter {
        let wanted = Arc::new(());
        self.staged.retain(|(_, wanted)| wanted.strong_count() > 0);
        self.staged.push((self.next, Arc::downgrade(&wanted)));
        self.next += 1;
        FileWriter { folder: self.folder.clone(), number: self.next - 1, wanted }
    }

    /// Takes a file that was written ahead as one that was written just now, which can be committed.
    pub(crate) fn admit(&mut self, staged: &StagedFile) -> File {
        staged.is_admitted.store(true, Ordering::Relaxed);
        self.written.push(staged.file.clone());
        staged.file.clone()
    }

    /// Makes these files, in this order, and this state the next generation. On return it is
    /// durable, and files that are not in it are deleted, but those that are written ahead. Snapshots of
    /// them stay as they are.
    ///
    /// # Errors
    ///
    /// `Setting` if a file is neither of the last generation nor written since, and `Io`. Then the
    /// last generation stays, and what was written may be committed again. Only if the last step
    /// fails, the folder's sync, readers may see the new generation already, and a power cut may
    /// bring back the old one. Both are whole then, and the next commit settles it.
    pub(crate) fn commit(&mut self, files: &[File], state: &[u8]) -> Result<Snapshot, Error> {
        for file in files {
            let is_here = self.snapshot.files().iter().chain(&self.written).any(|f| f == file);
            let expected = "of the last generation or written since";
            must_be(is_here, "a committed file", expected, file.path().display())?;
        }
        self.generation += 1; // also if it fails: a reader may have seen it
        let manifest = Manifest {
            generation: self.generation,
            next: self.next,
            files: files.iter().map(File::entry).collect(),
            state: state.to_vec(),
        };
        manifest::prepare(&self.folder, &manifest)?;
        self.unsettled = true;
        manifest::publish(&self.folder)?;
        self.unsettled = false;
        self.snapshot = Snapshot::new(&self.folder, manifest, files.to_vec());
        self.abandon();
        Ok(self.snapshot.clone())
    }

    /// Deletes what was written and not committed.
    pub(crate) fn abandon(&mut self) {
        self.written.clear();
        self.sweep();
    }

    /// Deletes what the snapshot does not name and nobody writes ahead. What cannot be deleted, such as a mapped file on
    /// Windows, is left to the next time.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        if self.unsettled {
            return;
        }
        let named: HashSet<String> =
            self.snapshot.files().iter().map(|file| file.entry().name()).collect();
        let is_ahead = |name: &str| {
            let mut wanted = self.staged.iter().filter(|(_, wanted)| wanted.strong_count() > 0);
            wanted.any(|&(number, _)| Entry::number_of(name) == Some(number))
        };
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let is_left = Entry::number_of(&name).is_some() && !named.contains(&name);
            let is_left = is_left && !is_ahead(&name);
            if is_left || name == manifest::NEW {
                disk::discard(&self.folder.join(name));
            }
        }
    }
}

/// What writes one file of a store, in any thread.
#[derive(Debug)]
pub(crate) struct FileWriter {
    folder: PathBuf,
    number: u64,
    /// The store keeps the file as long as this is held.
    wanted: Arc<()>,
}

/// A file that was written with a [`FileWriter`]. The store keeps it as long as this lives.
#[derive(Debug)]
pub(crate) struct StagedFile {
    file: File,
    /// Whether the store knows of it, which then looks after it.
    is_admitted: AtomicBool,
    _wanted: Arc<()>,
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.is_admitted.load(Ordering::Relaxed) {
            disk::discard(self.file.path());
        }
    }
}

impl FileWriter {
    /// Writes the file, durably.
    ///
    /// # Errors
    ///
    /// `Io`; then nothing is left of the file.
    pub(crate) fn write(self, kind: Kind, sections: &[Section]) -> Result<StagedFile, Error> {
        let file = File::write(&self.folder, self.number, kind, sections)?;
        Ok(StagedFile { file, is_admitted: AtomicBool::new(false), _wanted: self.wanted })
    }
}

impl StagedFile {
    #[cfg(any(feature = "parallel", test))]
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}
