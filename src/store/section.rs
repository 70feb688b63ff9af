//! Typed arrays as bytes: the unit that a file is written from.

use bytemuck::Pod;

/// The element types of a section. They are plain data, so that mapped bytes can be used as they are.
pub(crate) trait Element: Pod {
    /// The size in bytes of one number; for a row of numbers, of each number in it.
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

/// An array of numbers, to be written under a tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    pub(super) tag: u32,
    /// The size of a number in bytes.
    pub(super) element: u32,
    pub(super) bytes: &'a [u8],
}

impl<'a> Section<'a> {
    /// A section of `values`. The tag identifies the section in its file and must be unique there.
    pub(crate) fn new<T: Element>(tag: u32, values: &'a [T]) -> Self {
        Section { tag, element: T::SIZE as u32, bytes: bytemuck::cast_slice(values) }
    }

    /// A section of arbitrary bytes, valid or not.
    #[cfg(test)]
    pub(crate) fn raw(tag: u32, element: u32, bytes: &'a [u8]) -> Self {
        Section { tag, element, bytes }
    }
}
