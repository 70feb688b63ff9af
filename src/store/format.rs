//! The common parts of files and manifest: the header, the field reader, the errors for damage.

use std::path::Path;

use crate::error::{Error, ErrorKind};
use crate::hash::{self, SCHEME_VERSION};

/// Version of the layout that `FORMAT.md` describes.
pub(super) const FORMAT_VERSION: u16 = 1;

/// The length of a header in bytes.
pub(super) const HEADER_BYTES: usize = 64;

/// The offset of the header's checksum.
const CHECKSUM: usize = HEADER_BYTES - 8;

/// The purpose of a file: four lower-case letters, which are also the extension of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind([u8; 4]);

impl Kind {
    /// A kind, for use in constants.
    ///
    /// # Panics
    ///
    /// If a byte is not a lower-case ASCII letter.
    pub(crate) const fn new(letters: [u8; 4]) -> Self {
        match Self::read(letters) {
            Some(kind) => kind,
            None => panic!("a kind is four small letters"),
        }
    }

    /// The kind of large and rarely used files: a reader checks a section only when it uses it.
    pub(crate) const CHECKED_LATE: Kind = Kind::new(*b"late");

    /// The kind with these letters; `None` if a byte is not a lower-case ASCII letter.
    pub(super) const fn read(letters: [u8; 4]) -> Option<Self> {
        match letters {
            [b'a'..=b'z', b'a'..=b'z', b'a'..=b'z', b'a'..=b'z'] => Some(Kind(letters)),
            _ => None,
        }
    }

    pub(super) fn letters(self) -> [u8; 4] {
        self.0
    }

    /// The extension of the names of files of this kind.
    pub(super) fn extension(self) -> String {
        self.0.map(char::from).iter().collect()
    }
}

/// The header of a file or manifest. Its layout stays the same in every version of the format.
pub(super) fn header(magic: [u8; 4], number: u64, letters: [u8; 4]) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(&magic);
    header[4..6].copy_from_slice(&SCHEME_VERSION.to_le_bytes());
    header[6..8].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    header[8..16].copy_from_slice(&number.to_le_bytes());
    header[16..20].copy_from_slice(&letters);
    let checksum = hash::bytes(&header[..CHECKSUM]);
    header[CHECKSUM..].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// Checks the header at the start of `bytes`; returns its number and the fields after it.
pub(super) fn read_header<'a>(
    path: &Path,
    magic: [u8; 4],
    bytes: &'a [u8],
) -> Result<(u64, Fields<'a>), Error> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err(damaged(path, format!("it is {} bytes long, too short", bytes.len())));
    };
    let mut fields = Fields(header);
    let (found, scheme, format) = (fields.take(), fields.u16(), fields.u16());
    if found != Some(magic) {
        return Err(damaged(path, "it begins with other letters than such a file"));
    }
    let (number, checksum) = (fields.u64(), Fields(&header[CHECKSUM..]).u64());
    // Checked before the versions, so that damage is never reported as a newer version.
    if checksum != Some(hash::bytes(&header[..CHECKSUM])) {
        return Err(damaged(path, "the checksum of its header does not hold"));
    }
    match (scheme, format, number) {
        (Some(SCHEME_VERSION), Some(FORMAT_VERSION), Some(number)) => Ok((number, Fields(rest))),
        (Some(found), Some(FORMAT_VERSION), _) => {
            Err(ErrorKind::Version { expected: SCHEME_VERSION, found }.into())
        }
        (_, found, _) => {
            let (path, found) = (path.to_owned(), found.unwrap_or_default());
            Err(ErrorKind::Format { path, expected: FORMAT_VERSION, found }.into())
        }
    }
}

/// A reader of consecutive little-endian fields. `None` after the end of the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// The next `length` bytes.
    pub(super) fn slice(&mut self, length: u64) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(head)
    }
}

/// The error for a file that is damaged as a whole.
pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Error {
    ErrorKind::Damaged { path: path.to_owned(), section: None, what: what.into() }.into()
}

/// The error for a file with a damaged section.
pub(super) fn damaged_section(path: &Path, tag: u32, what: impl Into<String>) -> Error {
    ErrorKind::Damaged { path: path.to_owned(), section: Some(tag), what: what.into() }.into()
}
