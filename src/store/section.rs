//! Arrays of numbers, as bytes and back.

use bytemuck::Pod;

/// The numbers that a section may be made of.
pub(crate) trait Element: Pod {
    /// The size of one in bytes; of a row of numbers that of each of them.
    const SIZE: usize = size_of::<Self>();
}

impl Element for u8 {}
impl Element for u16 {}
impl Element for u32 {}
impl Element for u64 {}

impl Element for [u32; 4] {
    const SIZE: usize = size_of::<u32>();
}

impl Element for [u64; 8] {
    const SIZE: usize = size_of::<u64>();
}

/// An array of numbers to write under a tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    pub(super) tag: u32,
    /// The size of a number in bytes.
    pub(super) element: u32,
    pub(super) bytes: &'a [u8],
}

impl<'a> Section<'a> {
    /// A section of `values`. The tag is by which it is found again: each of a file has its own.
    pub(crate) fn new<T: Element>(tag: u32, values: &'a [T]) -> Self {
        Section { tag, element: T::SIZE as u32, bytes: bytemuck::cast_slice(values) }
    }

    /// A section of bytes that make sense to somebody or not.
    #[cfg(test)]
    pub(crate) fn raw(tag: u32, element: u32, bytes: &'a [u8]) -> Self {
        Section { tag, element, bytes }
    }
}
