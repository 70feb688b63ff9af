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

/// A number as an element of a column.
pub(crate) trait Value: Copy {
    /// The size in bytes.
    const BYTES: usize;
    fn write(self, bytes: &mut Vec<u8>);
    /// Reads [`Value::BYTES`] bytes.
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! values {
    ($($number:ty),*) => {$(
        impl Value for $number {
            const BYTES: usize = size_of::<$number>();

            fn write(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }

            fn read(bytes: &[u8]) -> Self {
                bytes.try_into().map(Self::from_le_bytes).unwrap_or_default()
            }
        }
    )*};
}

values!(u8, u16, u32, u64, u128);

/// Appends a column: the number of its values (u64), then the values.
pub(crate) fn put_column<T: Value>(
    bytes: &mut Vec<u8>,
    values: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
) {
    let values = values.into_iter();
    (values.len() as u64).write(bytes);
    bytes.reserve(values.len() * T::BYTES);
    values.for_each(|value| value.write(bytes));
}

impl Reader<'_> {
    /// The next column.
    pub(crate) fn column<T: Value>(&mut self) -> Result<Vec<T>, Error> {
        let count = u64::from_le_bytes(self.take()?);
        let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(T::BYTES));
        let (values, rest) = size
            .and_then(|size| self.rest.split_at_checked(size))
            .ok_or_else(|| self.malformed("it ends too early"))?;
        self.rest = rest;
        Ok(values.chunks_exact(T::BYTES).map(T::read).collect())
    }

    /// Checks that nothing follows, and that what was read `makes_sense`.
    pub(crate) fn finish(self, makes_sense: bool) -> Result<(), Error> {
        if !self.rest.is_empty() {
            return Err(self.malformed("its length is not what its header says"));
        }
        if makes_sense { Ok(()) } else { Err(self.malformed("its values contradict one another")) }
    }
}
