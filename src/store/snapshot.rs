//! Immutable views of one generation, for readers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::disk;
use super::file::{Entry, File};
use super::format::damaged;
use super::manifest::Manifest;
use crate::error::{Error, ErrorKind};
use crate::parallel;

/// The largest number of newer generations that an opening follows before it gives up.
const MAX_ATTEMPTS: usize = 100;

/// One generation of a store: its files and its state. A clone shares them and costs `O(1)`.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot(Arc<Generation>);

#[derive(Debug)]
struct Generation {
    folder: PathBuf,
    manifest: Manifest,
    files: Vec<File>,
}

impl Snapshot {
    /// Opens the last generation and checks every byte of it, except the sections of files that are
    /// [checked late](super::Kind::CHECKED_LATE). Needs no lock and no write permission.
    ///
    /// # Errors
    ///
    /// `Io` with the kind `NotFound` if the folder has no store; `Damaged`, `Version` or `Format` if the
    /// store cannot be read.
    pub(crate) fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(&disk::own_folder(folder.as_ref())?, &[])
    }

    /// Opens the generation that is now the last. Files that both have are shared, not checked again.
    pub(crate) fn refresh(&self) -> Result<Self, Error> {
        Self::open_with(&self.0.folder, self.files())
    }

    /// The store's own folder, below the one that was given.
    pub(crate) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The number of the generation; numbers increase.
    pub(crate) fn generation(&self) -> u64 {
        self.0.manifest.generation
    }

    /// The state that was committed with the files.
    pub(crate) fn state(&self) -> &[u8] {
        &self.0.manifest.state
    }

    /// The files, in the order in which they were committed.
    pub(crate) fn files(&self) -> &[File] {
        &self.0.files
    }

    /// The size of files and manifest on disk, in bytes.
    pub(crate) fn disk_usage(&self) -> u64 {
        let files: u64 = self.files().iter().map(|file| file.entry().length).sum();
        files + self.0.manifest.encode().len() as u64
    }

    pub(super) fn new(folder: &Path, manifest: Manifest, files: Vec<File>) -> Self {
        Snapshot(Arc::new(Generation { folder: folder.to_owned(), manifest, files }))
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The last generation in a store's own folder.
    pub(super) fn open_with(folder: &Path, mapped: &[File]) -> Result<Self, Error> {
        let (manifest, named) = open_named(folder, mapped)?;
        let named = named.into_iter().collect::<Result<Vec<_>, _>>()?;
        let files = parallel::map(&named, || (), |(), named| named.checked());
        Ok(Self::new(folder, manifest, files.into_iter().collect::<Result<_, _>>()?))
    }
}

/// All damage in the store of a folder: a `Damaged`, `Io`, `Version` or `Format` error for each damaged
/// section or file. Reads every byte, and checks every section.
///
/// # Errors
///
/// Those of [`Snapshot::open`], except damage.
pub(crate) fn verify(folder: impl AsRef<Path>) -> Result<Vec<Error>, Error> {
    let folder = disk::own_folder(folder.as_ref())?;
    let named = match open_named(&folder, &[]) {
        Ok((_, named)) => named,
        // Without a manifest nothing else can be checked: only it names the files.
        Err(error) if matches!(error.kind(), ErrorKind::Damaged { .. }) => return Ok(vec![error]),
        Err(error) => return Err(error),
    };
    let damage = parallel::map(
        &named,
        || (),
        |(), named| match named {
            Ok(named) => named.damage(),
            Err(error) => vec![error.clone()],
        },
    );
    Ok(damage.into_iter().flatten().collect())
}

/// A file that a manifest names.
enum NamedFile {
    /// Mapped and checked by an earlier snapshot.
    Mapped(File),
    /// Opened, so that it stays readable if the writer deletes it now.
    Opened(PathBuf, Entry, fs::File),
}

impl NamedFile {
    fn open(folder: &Path, entry: &Entry, mapped: &[File]) -> Result<Self, Error> {
        if let Some(file) = mapped.iter().find(|file| file.entry() == *entry) {
            return Ok(NamedFile::Mapped(file.clone()));
        }
        let path = folder.join(entry.name());
        match File::open(&path) {
            Ok(opened) => Ok(NamedFile::Opened(path, *entry, opened)),
            Err(error) => match error.kind() {
                ErrorKind::Io { kind: io::ErrorKind::NotFound, .. } => {
                    Err(damaged(&path, "it is missing"))
                }
                _ => Err(error),
            },
        }
    }

    fn checked(&self) -> Result<File, Error> {
        match self {
            NamedFile::Mapped(file) => Ok(file.clone()),
            NamedFile::Opened(path, entry, opened) => File::checked(path.clone(), *entry, opened),
        }
    }

    fn damage(&self) -> Vec<Error> {
        let NamedFile::Opened(path, entry, opened) = self else { return Vec::new() };
        // A block that the disk cannot read fails a read with an error, but kills a process that accesses
        // it through a map.
        let read = disk::step("read", path, || io::copy(&mut &*opened, &mut io::sink()));
        match read.and_then(|_| File::map(path.clone(), *entry, opened)) {
            Ok(file) => file.damage().collect(),
            Err(error) => vec![error],
        }
    }
}

/// Opens the files of the last generation, except those already `mapped`. A file that cannot be opened is
/// returned as an error, unless there is a newer generation, which is then opened instead.
fn open_named(
    folder: &Path,
    mapped: &[File],
) -> Result<(Manifest, Vec<Result<NamedFile, Error>>), Error> {
    let mut manifest = Manifest::read(folder)?;
    for _ in 0..MAX_ATTEMPTS {
        let open = |entry| NamedFile::open(folder, entry, mapped);
        let named: Vec<_> = manifest.files.iter().map(open).collect();
        if named.iter().all(Result::is_ok) {
            return Ok((manifest, named));
        }
        let newer = Manifest::read(folder)?;
        if newer == manifest {
            return Ok((manifest, named));
        }
        manifest = newer;
    }
    let busy = format!("{MAX_ATTEMPTS} newer generations came in the meantime; try again");
    Err(disk::failed("open", folder, &io::Error::new(io::ErrorKind::WouldBlock, busy)))
}
