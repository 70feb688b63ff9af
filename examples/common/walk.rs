//! Finds and sorts the files of an input before any of them is read.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use walkdir::{DirEntry, WalkDir};

use super::article::SkipReason;
use super::split::Layout;

/// The source of the articles.
#[derive(Debug, Clone)]
pub enum Input {
    /// Standard input: JSON if it begins like JSON, else one plain text.
    Stdin,
    /// A file, or a folder with everything below it.
    Path(PathBuf),
}

impl From<PathBuf> for Input {
    /// From the command line, where `-` is standard input.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path) }
    }
}

/// The input itself could not be opened.
#[derive(Debug)]
pub struct ReadError {
    pub path: PathBuf,
    pub error: io::Error,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot open {}: {}", self.path.display(), self.error)
    }
}

impl error::Error for ReadError {}

/// The files of an input.
#[derive(Debug)]
pub struct Listing {
    /// In the order of reading: by the bytes of their names.
    pub files: Vec<FileEntry>,
    /// Files with the extension of no article format.
    pub ignored: u64,
}

/// One file of a listing.
#[derive(Debug)]
pub struct FileEntry {
    /// Relative to the folder listed, with `/` between its parts.
    pub name: String,
    /// Its size on disk, 0 if unknown.
    pub bytes: u64,
    pub place: Place,
}

/// Where the bytes of an entry are.
#[derive(Debug)]
pub enum Place {
    Stdin,
    File(PathBuf, Kind),
    /// Found, but it cannot be opened.
    Nowhere(SkipReason),
}

/// The format by the extension of a name.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// `None` for an unknown extension.
    pub format: Option<Format>,
    pub gzip: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum Format {
    Text,
    Markdown,
    Html,
    Json(Layout),
}

impl Kind {
    fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let (name, gzip) = match name.strip_suffix(".gz") {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        };
        let format = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("txt") => Some(Format::Text),
            Some("md" | "markdown") => Some(Format::Markdown),
            Some("html" | "htm") => Some(Format::Html),
            Some("json") => Some(Format::Json(Layout::Values)),
            Some("jsonl" | "ndjson") => Some(Format::Json(Layout::Lines)),
            _ => None,
        };
        Self { format, gzip }
    }
}

/// The files of an input, with their sizes, before any is read.
pub fn list(input: &Input) -> Result<Listing, ReadError> {
    let one = |name: String, bytes, place| Listing {
        files: vec![FileEntry { name, bytes, place }],
        ignored: 0,
    };
    let root = match input {
        Input::Stdin => return Ok(one("-".into(), 0, Place::Stdin)),
        Input::Path(path) => path,
    };
    let failed = |error| ReadError { path: root.clone(), error };
    let metadata = fs::metadata(root).map_err(failed)?;
    if metadata.is_dir() {
        fs::read_dir(root).map_err(failed)?;
        return Ok(walk(root));
    }
    if metadata.is_file() {
        // Only checks that it opens. A named pipe would lose its writer.
        File::open(root).map_err(failed)?;
    }
    let name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy();
    let place = Place::File(root.clone(), Kind::of(&name));
    Ok(one(name.into_owned(), metadata.len(), place))
}

/// Everything below a folder that is not hidden. Symbolic links are followed.
fn walk(root: &Path) -> Listing {
    let mut files = Vec::new();
    let mut ignored = 0;
    // Names that differ only in bytes that are not UTF-8 are equal below, hence this order first and a
    // stable sort after it.
    let walk = WalkDir::new(root).follow_links(true).sort_by_file_name();
    for entry in walk.min_depth(1).into_iter().filter_entry(is_visible) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                files.extend(unreachable(root, error));
                continue;
            }
        };
        let kind = Kind::of(&entry.file_name().to_string_lossy());
        if entry.file_type().is_dir() {
            continue;
        } else if kind.format.is_none() {
            ignored += 1;
            continue;
        }
        files.push(FileEntry {
            name: relative(entry.path(), root),
            bytes: entry.metadata().map_or(0, |metadata| metadata.len()),
            place: if entry.file_type().is_file() {
                Place::File(entry.into_path(), kind)
            } else {
                // Opening a named pipe would block.
                Place::Nowhere(SkipReason::Unreadable("not a regular file".into()))
            },
        });
    }
    // Not the order of the walk: `a.txt` comes before `a/b.txt`.
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Listing { files, ignored }
}

/// An error of the walk.
fn unreachable(root: &Path, error: walkdir::Error) -> Option<FileEntry> {
    let path = error.path().unwrap_or(root);
    // Such as an editor's lock file, a dangling link.
    if path.file_name().is_some_and(is_hidden) {
        return None;
    }
    Some(FileEntry {
        name: relative(path, root),
        bytes: 0,
        place: Place::Nowhere(match error.into_io_error() {
            Some(error) => SkipReason::Unreadable(error.to_string()),
            None => SkipReason::SymlinkLoop,
        }),
    })
}

fn relative(path: &Path, root: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).iter();
    let parts: Vec<_> = parts.map(OsStr::to_string_lossy).collect();
    parts.join("/")
}

fn is_visible(entry: &DirEntry) -> bool {
    !is_hidden(entry.file_name())
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
