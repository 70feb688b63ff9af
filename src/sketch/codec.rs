//! The binary format that serialised sketches share: a magic number of four bytes, the version of the
//! hashing scheme, then little-endian fields. Also the error for sketches that are not comparable.

use crate::error::{Error, ErrorKind};
use crate::hash::SCHEME_VERSION;

/// The first bytes of a serialised object.
pub(crate) fn header(magic: &[u8; 4]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(SCHEME_VERSION.to_le_bytes());
    bytes
}

/// Reads the fields of a serialised object in order.
pub(crate) struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Checks the magic number and the version.
    pub(crate) fn open(
        what: &'static str,
        magic: &[u8; 4],
        bytes: &'a [u8],
    ) -> Result<Self, Error> {
        let mut reader = Reader { what, rest: bytes };
        if reader.take::<4>()? != *magic {
            return Err(reader.malformed("it begins with other letters"));
        }
        match u16::from_le_bytes(reader.take()?) {
            SCHEME_VERSION => Ok(reader),
            found => Err(ErrorKind::Version { expected: SCHEME_VERSION, found }.into()),
        }
    }

    /// The next `N` bytes.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) =
            self.rest.split_first_chunk().ok_or_else(|| self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(*head)
    }

    /// The rest, which must be `count` 32-bit values exactly.
    pub(crate) fn finish_u32s(self, count: usize) -> Result<Vec<u32>, Error> {
        if self.rest.len() != count * 4 {
            return Err(self.malformed("its length is not what its header says"));
        }
        let (values, _) = self.rest.as_chunks::<4>();
        Ok(values.iter().map(|value| u32::from_le_bytes(*value)).collect())
    }

    /// The error for malformed bytes.
    pub(crate) fn malformed(&self, reason: &'static str) -> Error {
        ErrorKind::Malformed { what: self.what, reason }.into()
    }
}

/// An error unless the two values are equal.
pub(crate) fn must_match(
    what: &'static str,
    expected: impl Into<u64>,
    found: impl Into<u64>,
) -> Result<(), Error> {
    let (expected, found) = (expected.into(), found.into());
    if expected == found {
        Ok(())
    } else {
        Err(ErrorKind::Mismatch { what, expected, found }.into())
    }
}
