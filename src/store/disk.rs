//! File system operations. Each one names itself in its error, and the tests inject a fault into each.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// Runs one operation on `path`; its error carries the operation's name and the path.
pub(super) fn step<T>(
    operation: &'static str,
    path: &Path,
    run: impl FnOnce() -> io::Result<T>,
) -> Result<T, Error> {
    #[cfg(test)]
    let run = || super::faults::inject(operation, path).and_then(|()| run());
    run().map_err(|error| failed(operation, path, &error))
}

/// The error for a failed operation.
pub(super) fn failed(operation: &'static str, path: &Path, error: &io::Error) -> Error {
    let (path, message) = (path.to_owned(), error.to_string());
    ErrorKind::Io { operation, path, kind: error.kind(), message }.into()
}

/// The name of the store's own folder, below the folder that it was given.
const OWN: &str = "retold-archive";

/// The store's own folder below the given one. It is absolute, so that it stays valid if the program
/// changes its working directory.
pub(super) fn own_folder(given: &Path) -> Result<PathBuf, Error> {
    step("find", given, || std::path::absolute(given)).map(|given| given.join(OWN))
}

/// The given folder, which callers know, of a store's own one.
pub(super) fn given_folder(own: &Path) -> &Path {
    own.parent().unwrap_or(own)
}

/// Creates a folder and its missing parents, durably. A killed process may have created some of them, so
/// the name of each is made durable.
pub(super) fn create_folder(folder: &Path) -> Result<(), Error> {
    let Some(parent) = folder.parent() else { return Ok(()) };
    create_folder(parent)?;
    let was_there = folder.is_dir();
    if !was_there {
        match step("create", folder, || fs::create_dir(folder)) {
            Err(_) if folder.is_dir() => {} // another process created it first
            created => created?,
        }
    }
    sync_folder(parent).or_else(|error| match error.kind() {
        // It was there before, and this user may not open the folder that names it.
        ErrorKind::Io { kind: io::ErrorKind::PermissionDenied, .. } if was_there => Ok(()),
        _ => Err(error),
    })
}

/// The writer's lock. The operating system releases it when the process ends, in whatever way.
#[derive(Debug)]
pub(super) struct Lock(File);

/// Closing the file is not enough: a child process that another thread is starting inherits the
/// descriptor until it executes its program.
impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Takes the writer's lock in a store's own folder.
pub(super) fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = step("open", &path, || options.open(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            Err(ErrorKind::Locked { path: given_folder(folder).to_owned() }.into())
        }
        Err(TryLockError::Error(error)) => Err(failed("lock", &path, &error)),
    }
}

/// Creates a file from `parts`. On return its bytes are durable, and its name becomes durable when the
/// folder is synced. After an error the file is deleted.
pub(super) fn write_new(path: &Path, parts: &[&[u8]]) -> Result<(), Error> {
    let file = step("create", path, || File::create_new(path))?;
    step("write", path, || write_all(&file, parts))
        .and_then(|()| step("sync", path, || file.sync_all()))
        .inspect_err(|_| discard(path))
}

fn write_all(file: &File, parts: &[&[u8]]) -> io::Result<()> {
    let mut buffered = BufWriter::new(file);
    parts.iter().try_for_each(|part| buffered.write_all(part))?;
    buffered.flush()
}

/// Replaces one file by another, atomically.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    step("replace", to, || fs::rename(from, to))
}

/// Deletes a file; a failure is ignored, since the next writer tries again.
pub(super) fn discard(path: &Path) {
    let _ = step("delete", path, || fs::remove_file(path));
}

/// Makes the names in a folder durable. Only Unix needs and has this operation.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    if !cfg!(unix) {
        return Ok(());
    }
    use io::ErrorKind::{InvalidInput, Unsupported}; // errors of file systems that cannot sync folders
    step("sync", folder, || match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), InvalidInput | Unsupported) => Ok(()),
        synced => synced,
    })
}
