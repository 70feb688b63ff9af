//! Arrays of numbers on the heap or in a mapped file.
//!
//! Without the feature `archive` only the heap form exists, so that in-memory users need no `cfg`.

use std::ops::Deref;

#[cfg(feature = "archive")]
pub(crate) use crate::store::Element;
#[cfg(feature = "archive")]
use crate::store::Mapped;

/// The element types of a column.
#[cfg(not(feature = "archive"))]
pub(crate) trait Element: Copy {}

#[cfg(not(feature = "archive"))]
impl<T: Copy> Element for T {}

/// An array of numbers, read as a slice wherever it is stored.
#[derive(Debug, Clone)]
pub(crate) enum Column<T: Element> {
    Owned(Vec<T>),
    #[cfg(feature = "archive")]
    Mapped(Mapped<T>),
}

impl<T: Element> Default for Column<T> {
    fn default() -> Self {
        Column::Owned(Vec::new())
    }
}

impl<T: Element> From<Vec<T>> for Column<T> {
    fn from(values: Vec<T>) -> Self {
        Column::Owned(values)
    }
}

impl<T: Element> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Column::Owned(values) => values,
            #[cfg(feature = "archive")]
            Column::Mapped(values) => values,
        }
    }
}

impl<T: Element> Column<T> {
    /// The array for modification. The first call copies a mapped array to the heap, in `O(n)`.
    #[inline]
    pub(crate) fn made(&mut self) -> &mut Vec<T> {
        #[cfg(feature = "archive")]
        if let Column::Mapped(values) = self {
            *self = Column::Owned(values.to_vec());
        }
        match self {
            Column::Owned(values) => values,
            #[cfg(feature = "archive")]
            Column::Mapped(_) => unreachable!("copied above"),
        }
    }

    /// Bytes on the heap; mapped bytes do not count.
    pub(crate) fn memory_usage(&self) -> usize {
        match self {
            Column::Owned(values) => values.capacity() * size_of::<T>(),
            #[cfg(feature = "archive")]
            Column::Mapped(_) => 0,
        }
    }
}
