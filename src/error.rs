//! The one error type of the crate.
//!
//! Each kind carries the values that a program needs to react, and its message names the cause and the
//! remedy for a person. An I/O error is kept as kind and message, so that errors can be cloned and compared.

use std::path::PathBuf;
use std::{fmt, io};

/// An error of this library. Match on [`Error::kind`] to react; the `Display` text gives the expected
/// value, the found value and the remedy.
///
/// ```
/// use retold::{Article, Detector, ErrorKind};
///
/// let mut detector = Detector::new();
/// let error = detector.insert(Article::new("empty.txt", " \n")).unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::NoWords { .. }));
/// assert_eq!(error.to_string(), "article \"empty.txt\" has no words, so it can be no retelling: leave it out");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    kind: ErrorKind,
}

/// The kinds of [`Error`]. More may be added in a minor release.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An article without a single word (letters or digits of any script).
    NoWords {
        /// The article's id.
        id: String,
    },
    /// An id that the detector or index already holds.
    RepeatedId {
        /// The id.
        id: String,
    },
    /// An index whose table holds the largest number of documents that it can: a detector or an archive
    /// 67 108 863, removed ones included until their space is freed.
    Full {
        /// The number of documents in the index.
        documents: usize,
    },
    /// A text longer than 32-bit offsets can address.
    TooLong {
        /// The article's id.
        id: String,
        /// Its length in bytes.
        bytes: usize,
    },
    /// An id of more than 65 535 bytes.
    LongId {
        /// Its length in bytes.
        bytes: usize,
    },
    /// An article that the window of an archive no longer has room for when it arrives.
    TooOld {
        /// The article's id.
        id: String,
        /// How many days before the archive's today it is dated.
        days: u32,
        /// The length of the window in days.
        window: u32,
    },
    /// A setting outside its range.
    Setting {
        /// The setting's name.
        name: &'static str,
        /// The allowed values.
        expected: &'static str,
        /// The given value.
        found: String,
    },
    /// Two signatures, or a signature and an index, that were made with different settings.
    Mismatch {
        /// What differs: `"scheme"`, `"seed"`, `"lanes"` or `"shingle"`.
        what: &'static str,
        /// The value on the left, or of the index.
        expected: u64,
        /// The value on the right, or of the signature.
        found: u64,
    },
    /// Bytes that are not a valid serialised object of the expected type.
    Malformed {
        /// The expected type.
        what: &'static str,
        /// The first violation of the format.
        reason: &'static str,
    },
    /// Bytes written by a version that this build cannot read.
    Version {
        /// The version that this build reads.
        expected: u16,
        /// The version found.
        found: u16,
    },
    /// A file of an archive written in a format that this build cannot read.
    Format {
        /// The file.
        path: PathBuf,
        /// The version of the format that this build reads.
        expected: u16,
        /// The version found.
        found: u16,
    },
    /// The operating system refused an operation on a file or folder of an archive. The last commit is
    /// unaffected.
    Io {
        /// The operation: `"open"`, `"write"`, `"sync"` and the like.
        operation: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The kind of the system's error.
        kind: io::ErrorKind,
        /// The system's message.
        message: String,
    },
    /// A commit of an archive that exists only in memory.
    InMemory,
    /// An archive that another writer holds open, in this process or another.
    Locked {
        /// The folder of the archive.
        path: PathBuf,
    },
    /// A file of an archive that is missing or differs from what was written.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damaged section; `None` if the file as a whole, its header or its section table is
        /// damaged.
        section: Option<u32>,
        /// A description of the damage.
        what: String,
    },
    /// Text that is not a calendar day in the form `YYYY-MM-DD`.
    Date {
        /// The given text.
        found: String,
    },
}

impl Error {
    /// The kind, with the values that describe the cause.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

/// Returns [`ErrorKind::Setting`] unless `holds`.
pub(crate) fn must_be(
    holds: bool,
    name: &'static str,
    expected: &'static str,
    found: impl ToString,
) -> Result<(), Error> {
    if holds {
        Ok(())
    } else {
        Err(ErrorKind::Setting { name, expected, found: found.to_string() }.into())
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error { kind }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::NoWords { id } => {
                write!(f, "article {id:?} has no words, so it can be no retelling: leave it out")
            }
            ErrorKind::RepeatedId { id } => write!(
                f,
                "article {id:?} is here already: give each article an id of its own, or remove the first"
            ),
            ErrorKind::Full { documents } => write!(
                f,
                "the index is full with {documents} documents: put the others into a second one"
            ),
            ErrorKind::TooLong { id, bytes } => write!(
                f,
                "article {id:?} is {bytes} bytes long, the limit is {}: split it",
                u32::MAX
            ),
            ErrorKind::LongId { bytes } => write!(
                f,
                "an id is {bytes} bytes long, the limit is {}: give the article a shorter one, such as a hash",
                u16::MAX
            ),
            ErrorKind::TooOld { id, days, window } => write!(
                f,
                "article {id:?} is dated {days} days before the archive's today, the window has {window}: \
                 only query it, or lengthen the window, or set today if that is wrong"
            ),
            ErrorKind::Setting { name, expected, found } => {
                write!(f, "{name} must be {expected}, but is {found}")
            }
            ErrorKind::Mismatch { what, expected, found } => write!(
                f,
                "{what} {expected} cannot be compared with {what} {found}: make both with the same settings"
            ),
            ErrorKind::Malformed { what, reason } => write!(f, "not a {what}: {reason}"),
            ErrorKind::Version { expected, found } => write!(
                f,
                "written with version {found}, this build reads version {expected}: make it again from the texts"
            ),
            ErrorKind::Format { path, expected, found } => write!(
                f,
                "{} is in format {found}, this build reads format {expected}: open it with the build that wrote it",
                path.display()
            ),
            ErrorKind::Io { operation, path, kind, message } => {
                write!(f, "cannot {operation} {}: {message}{}", path.display(), remedy(*kind))
            }
            ErrorKind::InMemory => {
                write!(f, "the archive is kept in memory: open it in a folder to commit")
            }
            ErrorKind::Locked { path } => write!(
                f,
                "{} has a writer already: close that one, or wait for it; readers need not wait",
                path.display()
            ),
            ErrorKind::Damaged { path, section, what } => {
                write!(f, "{} is damaged: ", path.display())?;
                if let Some(section) = section {
                    write!(f, "section {section}: ")?;
                }
                write!(f, "{what}: bring it back from a backup, or make the archive again")
            }
            ErrorKind::Date { found } => {
                write!(f, "{found:?} is not a date: expected a day of the calendar as YYYY-MM-DD")
            }
        }
    }
}

/// The remedy for an I/O error, as a suffix of its message.
fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and try again"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; get the right to use it, or choose another folder"
        }
        io::ErrorKind::NotFound => "; check the path",
        _ => "",
    }
}
