//! Files seen as memory.

use std::{fs, io, ops};

/// A file seen as memory. It can still be read after the file was deleted.
#[derive(Debug)]
pub(super) struct Map(memmap2::Mmap);

impl Map {
    /// Maps the first `length` bytes of a file that has as many; whether all of it is read at once.
    ///
    /// Only a file that is never written again may be mapped.
    #[allow(unsafe_code)] // No map is safe: the compiler cannot know who else writes to the file.
    pub(super) fn new(file: &fs::File, length: usize, read_now: bool) -> io::Result<Self> {
        let mut options = memmap2::MmapOptions::new();
        options.len(length);
        if read_now {
            options.populate();
        }
        // SAFETY: the bytes must not change while they are mapped. A file of a store is created
        // under a name that was never used, and mapped only after its last byte was written and
        // synced. Nothing here opens it for writing again or truncates it: it can only be deleted,
        // which leaves maps valid or, on Windows, is refused. That no other program writes to the
        // files of a store is the one thing that its user must grant.
        unsafe { options.map(file) }.map(Map)
    }
}

impl ops::Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
