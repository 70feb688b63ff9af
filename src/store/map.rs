//! Read-only memory maps: the only `unsafe` code outside the kernels.

use std::{fs, io, ops};

/// A file mapped into memory. It stays readable after the file is deleted.
#[derive(Debug)]
pub(super) struct Map(memmap2::Mmap);

impl Map {
    /// Maps the first `length` bytes of a file, which has at least as many, and reads them ahead if
    /// `read_now`. The file must never be written again.
    #[allow(unsafe_code)] // The compiler cannot rule out that another program writes to the file.
    pub(super) fn new(file: &fs::File, length: usize, read_now: bool) -> io::Result<Self> {
        let mut options = memmap2::MmapOptions::new();
        options.len(length);
        if read_now {
            options.populate();
        }
        // SAFETY: the bytes must not change while they are mapped. A file of a store is created
        // under a name that was never used, and mapped only after its last byte was written and
        // synced. This crate never opens it for writing again and never truncates it. It only deletes
        // it, which leaves maps valid or, on Windows, is refused. The user must guarantee that no other
        // program writes to the files of a store.
        unsafe { options.map(file) }.map(Map)
    }
}

impl ops::Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
