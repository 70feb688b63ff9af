//! The steps on the file system. Each is named when it fails, and the tests let each one fail.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// Does a step, and says which one it was if it fails.
pub(super) fn step<T>(
    operation: &'static str,
    path: &Path,
    run: impl FnOnce() -> io::Result<T>,
) -> Result<T, Error> {
    #[cfg(test)]
    let run = || super::faults::strike(operation, path).and_then(|()| run());
    run().map_err(|error| failed(operation, path, &error))
}

/// The error for a step that failed.
pub(super) fn failed(operation: &'static str, path: &Path, error: &io::Error) -> Error {
    let (path, message) = (path.to_owned(), error.to_string());
    ErrorKind::Io { operation, path, kind: error.kind(), message }.into()
}

/// The same path, whatever folder the program goes to.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    step("find", path, || std::path::absolute(path))
}

/// Makes a folder, durably, and those that it is in.
pub(super) fn create_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(folder);
    if parent != folder {
        create_folder(parent)?;
    }
    match step("create", folder, || fs::create_dir(folder)) {
        Err(_) if folder.is_dir() => {} // another was faster
        made => made?,
    }
    sync_folder(parent)
}

/// The lock of the writer, which ends with its process too, however that ends.
#[derive(Debug)]
pub(super) struct Lock(File);

/// Closing the file would not be enough: a process that another thread is just starting has it too,
/// until it runs its program.
impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Takes the lock of the writer.
pub(super) fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = step("open", &path, || options.open(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(ErrorKind::Locked { path: folder.to_owned() }.into()),
        Err(TryLockError::Error(error)) => Err(failed("lock", &path, &error)),
    }
}

/// Writes a file that was not there. On return its bytes are durable, and its name will be once the
/// folder is synced; on an error nothing is left of it.
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

/// Puts one file in place of another, in one step.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    step("replace", to, || fs::rename(from, to))
}

/// Deletes a file, or leaves it where that cannot be.
pub(super) fn discard(path: &Path) {
    let _ = step("delete", path, || fs::remove_file(path));
}

/// Makes durable which names a folder has, where the system leaves that to its users.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Error> {
    if !cfg!(unix) {
        return Ok(());
    }
    step("sync", folder, || match File::open(folder)?.sync_all() {
        Err(error) if has_no_sync(&error) => Ok(()),
        synced => synced,
    })
}

/// Whether a file system cannot sync folders at all.
fn has_no_sync(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}
