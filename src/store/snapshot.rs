//! What readers hold: one generation, which stays as it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::disk;
use super::file::{Entry, File};
use super::format::damaged;
use super::manifest::Manifest;
use crate::error::{Error, ErrorKind};
use crate::parallel;

/// How many newer generations may come while one is opened.
const ATTEMPTS: usize = 100;

/// A generation of a store: its files and its state. Clones are cheap and share all.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot(Arc<Generation>);

#[derive(Debug)]
struct Generation {
    folder: PathBuf,
    manifest: Manifest,
    files: Vec<File>,
}

impl Snapshot {
    /// Opens the last generation and checks every byte of it. That takes no lock and no right to
    /// write.
    ///
    /// # Errors
    ///
    /// `Io` with the kind `NotFound` if there is no store; `Damaged`, `Version` or `Format` if it
    /// cannot be read.
    pub(crate) fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(&disk::absolute(folder.as_ref())?, &[])
    }

    /// Opens the generation that is now the last, sharing the files that this one has.
    pub(crate) fn refresh(&self) -> Result<Self, Error> {
        Self::open_with(&self.0.folder, self.files())
    }

    /// Where the store is.
    pub(crate) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The number of the generation; later ones have higher numbers.
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

    /// How many bytes the files and the manifest have on the disk.
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

    fn open_with(folder: &Path, known: &[File]) -> Result<Self, Error> {
        let (manifest, named) = open_named(folder, known)?;
        let named = named.into_iter().collect::<Result<Vec<_>, _>>()?;
        let files = parallel::map(&named, || (), |(), named| named.checked());
        Ok(Self::new(folder, manifest, files.into_iter().collect::<Result<_, _>>()?))
    }
}

/// Everything that is wrong with the store in a folder: a `Damaged`, `Io`, `Version` or `Format`
/// for each damaged section or file. It is whole if there is nothing.
///
/// # Errors
///
/// As [`Snapshot::open`], but for damage.
pub(crate) fn verify(folder: impl AsRef<Path>) -> Result<Vec<Error>, Error> {
    let folder = disk::absolute(folder.as_ref())?;
    let named = match open_named(&folder, &[]) {
        Ok((_, named)) => named,
        // Only the manifest says what else belongs to the store.
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
    /// Mapped by an earlier snapshot, and checked then.
    Known(File),
    /// Opened, so that it can be read even if it is deleted now.
    Opened(PathBuf, Entry, fs::File),
}

impl NamedFile {
    fn open(folder: &Path, entry: &Entry, known: &[File]) -> Result<Self, Error> {
        if let Some(file) = known.iter().find(|file| file.entry() == *entry) {
            return Ok(NamedFile::Known(file.clone()));
        }
        let path = folder.join(entry.name());
        match File::open(&path) {
            Ok(opened) => Ok(NamedFile::Opened(path, *entry, opened)),
            Err(error) if is_not_found(&error) => Err(damaged(&path, "it is missing")),
            Err(error) => Err(error),
        }
    }

    fn checked(&self) -> Result<File, Error> {
        match self {
            NamedFile::Known(file) => Ok(file.clone()),
            NamedFile::Opened(path, entry, opened) => File::checked(path.clone(), *entry, opened),
        }
    }

    fn damage(&self) -> Vec<Error> {
        let NamedFile::Opened(path, entry, opened) = self else { return Vec::new() };
        // A disk that cannot read a block says so to a read, but ends a program that maps it.
        let read = disk::step("read", path, || io::copy(&mut &*opened, &mut io::sink()));
        match read.and_then(|_| File::map(path.clone(), *entry, opened)) {
            Ok(file) => file.damage().collect(),
            Err(error) => vec![error],
        }
    }
}

/// Opens the files of the last generation, but for those that are `known`. Files that cannot be
/// opened are named as such only if no newer generation came, whose writer may have deleted them.
fn open_named(
    folder: &Path,
    known: &[File],
) -> Result<(Manifest, Vec<Result<NamedFile, Error>>), Error> {
    let mut manifest = Manifest::read(folder)?;
    for _ in 0..ATTEMPTS {
        let open = |entry| NamedFile::open(folder, entry, known);
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
    let busy = format!("{ATTEMPTS} newer generations came in the meantime; try again");
    Err(disk::failed("open", folder, &io::Error::new(io::ErrorKind::WouldBlock, busy)))
}

fn is_not_found(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Io { kind: io::ErrorKind::NotFound, .. })
}
