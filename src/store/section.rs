//! Arrays of numbers, as bytes and back.

use bytemuck::Pod;

/// The numbers that a section may be made of.
pub(crate) trait Element: Pod {}

impl Element for u8 {}
impl Element for u16 {}
impl Element for u32 {}
impl Element for u64 {}

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
        Section { tag, element: size_of::<T>() as u32, bytes: bytemuck::cast_slice(values) }
    }
}
