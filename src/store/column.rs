//! Arrays of numbers that are made here, or lie in a mapped file.

use std::ops::Deref;

#[cfg(feature = "archive")]
pub(crate) use crate::store::Element;
#[cfg(feature = "archive")]
use crate::store::Mapped;

/// The numbers that a column may be made of.
#[cfg(not(feature = "archive"))]
pub(crate) trait Element: Copy {}

#[cfg(not(feature = "archive"))]
impl<T: Copy> Element for T {}

/// An array of numbers, wherever it lies.
#[derive(Debug, Clone)]
pub(crate) enum Column<T: Element> {
    Made(Vec<T>),
    #[cfg(feature = "archive")]
    Mapped(Mapped<T>),
}

impl<T: Element> Default for Column<T> {
    fn default() -> Self {
        Column::Made(Vec::new())
    }
}

impl<T: Element> From<Vec<T>> for Column<T> {
    fn from(values: Vec<T>) -> Self {
        Column::Made(values)
    }
}

impl<T: Element> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Column::Made(values) => values,
            #[cfg(feature = "archive")]
            Column::Mapped(values) => values,
        }
    }
}

impl<T: Element> Column<T> {
    /// The array to be changed; one that is mapped is copied first.
    #[inline]
    pub(crate) fn made(&mut self) -> &mut Vec<T> {
        #[cfg(feature = "archive")]
        if let Column::Mapped(values) = self {
            *self = Column::Made(values.to_vec());
        }
        match self {
            Column::Made(values) => values,
            #[cfg(feature = "archive")]
            Column::Mapped(_) => unreachable!("it was copied"),
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        match self {
            Column::Made(values) => values.capacity() * size_of::<T>(),
            #[cfg(feature = "archive")]
            Column::Mapped(_) => 0,
        }
    }
}
