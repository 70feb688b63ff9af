//! Immutable files of sections: a header, the sections, a table that describes them.
//!
//! The table is at the end, so that a file is written in one pass.

use std::collections::HashSet;
use std::fs;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::disk;
use super::format::{self, Fields, HEADER_BYTES, Kind, damaged, damaged_section};
use super::map::Map;
use super::section::{Element, Section};
use crate::error::Error;
use crate::hash;

const MAGIC: [u8; 4] = *b"RTGF";

/// The alignment of sections in bytes: a cache line, which is also enough for every element type.
const ALIGNMENT: usize = 64;

/// The lengths of a row of the table, and of the fields after it.
const ROW_BYTES: usize = 32;
const TAIL_BYTES: usize = 24;

/// The start of the name of every file.
const PREFIX: &str = "retold-";

/// The least number of digits in the name of a file.
const MIN_DIGITS: usize = 12;

/// A manifest's description of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) kind: Kind,
    pub(super) length: u64,
    /// Of header and table, and so of the whole file: the table contains the sections' checksums.
    pub(super) checksum: u64,
}

impl Entry {
    /// The file's name.
    pub(super) fn name(&self) -> String {
        name_of(self.number, self.kind)
    }

    /// The number in the name of a store's file; `None` for every name that no store gives to a file.
    pub(super) fn number_of(name: &str) -> Option<u64> {
        let (number, extension) = name.strip_prefix(PREFIX)?.split_once('.')?;
        let kind = Kind::read(extension.as_bytes().try_into().ok()?)?;
        number.parse().ok().filter(|&number| name_of(number, kind) == name)
    }
}

fn name_of(number: u64, kind: Kind) -> String {
    format!("{PREFIX}{number:0MIN_DIGITS$}.{}", kind.extension())
}

/// A mapped and checked file of a store. Clones share the map, which outlives the file's name.
#[derive(Debug, Clone)]
pub(crate) struct File(Arc<FileData>);

#[derive(Debug)]
struct FileData {
    path: PathBuf,
    entry: Entry,
    table: Vec<TableRow>,
    map: Map,
    /// Whether all sections passed their check.
    is_checked: AtomicBool,
}

/// The location and checksum of a section.
#[derive(Debug)]
struct TableRow {
    tag: u32,
    element: u32,
    start: usize,
    length: usize,
    checksum: u64,
}

/// The numbers of a section, read in place. Keeps the file mapped.
#[derive(Debug, Clone)]
pub(crate) struct Mapped<T> {
    file: File,
    /// A multiple of the size of `T`, aligned to it.
    bytes: Range<usize>,
    numbers: PhantomData<T>,
}

impl<T: Element> Deref for Mapped<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&self.file.0.map[self.bytes.clone()])
    }
}

/// Equality means the same file of the same store.
impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.0.entry == other.0.entry && self.0.path == other.0.path
    }
}

impl File {
    /// The file's purpose.
    pub(crate) fn kind(&self) -> Kind {
        self.0.entry.kind
    }

    /// The path, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// The length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.0.entry.length
    }

    /// The numbers of a section.
    ///
    /// # Errors
    ///
    /// `Damaged` if the file has no such section or its numbers have another size.
    pub(crate) fn section<T: Element>(&self, tag: u32) -> Result<&[T], Error> {
        let row = self.row::<T>(tag)?;
        Ok(bytemuck::cast_slice(self.bytes(row)))
    }

    /// Like [`File::section`], but the result keeps the file mapped.
    pub(crate) fn mapped<T: Element>(&self, tag: u32) -> Result<Mapped<T>, Error> {
        let row = self.row::<T>(tag)?;
        let bytes = row.start..row.start + row.length;
        Ok(Mapped { file: self.clone(), bytes, numbers: PhantomData })
    }

    /// The table row of a section whose numbers have the type `T`.
    fn row<T: Element>(&self, tag: u32) -> Result<&TableRow, Error> {
        let Some(row) = self.0.table.iter().find(|row| row.tag == tag) else {
            return Err(damaged_section(self.path(), tag, "it is not there"));
        };
        let what = if row.element as usize != T::SIZE {
            format!("its numbers have {} bytes, expected {}", row.element, T::SIZE)
        } else if bytemuck::try_cast_slice::<u8, T>(self.bytes(row)).is_err() {
            "its last row is cut".to_owned()
        } else {
            return Ok(row);
        };
        Err(damaged_section(self.path(), tag, what))
    }

    /// Each section's tag, size of a number, and bytes.
    #[cfg(test)]
    pub(crate) fn raw(&self) -> Vec<(u32, u32, Vec<u8>)> {
        let rows = self.0.table.iter();
        rows.map(|row| (row.tag, row.element, self.bytes(row).to_vec())).collect()
    }

    pub(super) fn entry(&self) -> Entry {
        self.0.entry
    }

    /// Writes a file durably and maps it. After an error the file is deleted.
    pub(super) fn write(
        folder: &Path,
        number: u64,
        kind: Kind,
        sections: &[Section],
    ) -> Result<Self, Error> {
        let tags: HashSet<u32> = sections.iter().map(|section| section.tag).collect();
        debug_assert_eq!(tags.len(), sections.len(), "tags are unique in a file");
        let header = format::header(MAGIC, number, kind.letters());
        let (table, end) = table_of(sections);
        let (footer, length, checksum) = footer_of(&header, table, end);
        let mut parts: Vec<&[u8]> = vec![&header];
        for section in sections {
            parts.extend([section.bytes, padding(section.bytes.len())]);
        }
        parts.push(&footer);

        let entry = Entry { number, kind, length, checksum };
        let path = folder.join(entry.name());
        disk::write_new(&path, &parts)?;
        Self::open(&path)
            .and_then(|opened| Self::checked(path.clone(), entry, &opened))
            .inspect_err(|_| disk::discard(&path))
    }

    /// Opens a file without reading it.
    pub(super) fn open(path: &Path) -> Result<fs::File, Error> {
        disk::step("open", path, || fs::File::open(path))
    }

    /// Maps a file and checks every byte of it; for [`Kind::CHECKED_LATE`], only header and table.
    pub(super) fn checked(path: PathBuf, entry: Entry, opened: &fs::File) -> Result<Self, Error> {
        let file = Self::map(path, entry, opened)?;
        if entry.kind != Kind::CHECKED_LATE {
            file.check_all()?;
        }
        Ok(file)
    }

    /// Checks every section, on the first call only.
    pub(crate) fn check_all(&self) -> Result<(), Error> {
        if !self.0.is_checked.load(Ordering::Relaxed) {
            self.damage().next().map_or(Ok(()), Err)?;
            self.0.is_checked.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Checks one section.
    pub(crate) fn check(&self, tag: u32) -> Result<(), Error> {
        let row = self.0.table.iter().find(|row| row.tag == tag);
        row.and_then(|row| self.damage_of(row)).map_or(Ok(()), Err)
    }

    /// Maps a file and checks its length, header and table, but not its sections.
    pub(super) fn map(path: PathBuf, entry: Entry, opened: &fs::File) -> Result<Self, Error> {
        let length = disk::step("measure", &path, || opened.metadata())?.len();
        if length != entry.length {
            let what = format!("it is {length} bytes long, expected {}", entry.length);
            return Err(damaged(&path, what));
        }
        let length = usize::try_from(entry.length)
            .map_err(|_| damaged(&path, "it is longer than this processor can address"))?;
        let read_now = entry.kind != Kind::CHECKED_LATE;
        let map = disk::step("map", &path, || Map::new(opened, length, read_now))?;
        let table = read_table(&path, entry, &map)?;
        let is_checked = AtomicBool::new(false);
        Ok(File(Arc::new(FileData { path, entry, table, map, is_checked })))
    }

    /// The errors of all damaged sections.
    pub(super) fn damage(&self) -> impl Iterator<Item = Error> {
        self.0.table.iter().filter_map(|row| self.damage_of(row))
    }

    fn damage_of(&self, row: &TableRow) -> Option<Error> {
        let end = row.start + row.length;
        let padding = &self.0.map[end..end + padding(row.length).len()];
        let what = if hash::bytes(self.bytes(row)) != row.checksum {
            "its checksum does not hold"
        } else if padding.iter().any(|&byte| byte != 0) {
            "what pads it is not zero"
        } else {
            return None;
        };
        Some(damaged_section(self.path(), row.tag, what))
    }

    fn bytes(&self, row: &TableRow) -> &[u8] {
        &self.0.map[row.start..row.start + row.length]
    }
}

/// The zeros after a section of `length` bytes, up to the next multiple of [`ALIGNMENT`].
fn padding(length: usize) -> &'static [u8] {
    &[0; ALIGNMENT][..length.next_multiple_of(ALIGNMENT) - length]
}

/// The table for these sections, and the offset at which the last one ends.
fn table_of(sections: &[Section]) -> (Vec<u8>, usize) {
    let (mut table, mut start) = (Vec::new(), HEADER_BYTES);
    for section in sections {
        let length = section.bytes.len();
        table.extend(section.tag.to_le_bytes());
        table.extend(section.element.to_le_bytes());
        table.extend((start as u64).to_le_bytes());
        table.extend((length as u64).to_le_bytes());
        table.extend(hash::bytes(section.bytes).to_le_bytes());
        start += length + padding(length).len();
    }
    (table, start)
}

/// The table with its tail, the length of the file, and the checksum in the tail.
fn footer_of(header: &[u8; HEADER_BYTES], table: Vec<u8>, start: usize) -> (Vec<u8>, u64, u64) {
    let (count, length) =
        ((table.len() / ROW_BYTES) as u64, (start + table.len() + TAIL_BYTES) as u64);
    let mut footer = table;
    footer.extend(count.to_le_bytes());
    footer.extend(length.to_le_bytes());
    let checksum = hash::bytes(&[header, &footer[..]].concat());
    footer.extend(checksum.to_le_bytes());
    (footer, length, checksum)
}

/// The table of a file, if the header and table are valid and match the manifest's entry.
fn read_table(path: &Path, entry: Entry, bytes: &[u8]) -> Result<Vec<TableRow>, Error> {
    format::read_header(path, MAGIC, bytes)?;
    let Some((rows, end, checksum)) = split_footer(bytes) else {
        return Err(damaged(path, "the end of its table does not hold"));
    };
    let header_and_footer = [&bytes[..HEADER_BYTES], &bytes[end..bytes.len() - 8]].concat();
    if hash::bytes(&header_and_footer) != checksum {
        return Err(damaged(path, "the checksum of its table does not hold"));
    }
    if checksum != entry.checksum {
        return Err(damaged(path, "it is another file than that which was committed"));
    }
    read_rows(rows, end)
        .ok_or_else(|| damaged(path, "its checksum holds, but its table makes no sense"))
}

/// The rows of the table, their offset, and the checksum in the tail.
fn split_footer(bytes: &[u8]) -> Option<(&[u8], usize, u64)> {
    let (before, tail) = bytes.split_at_checked(bytes.len().checked_sub(TAIL_BYTES)?)?;
    let mut tail = Fields(tail);
    let (count, length, checksum) = (tail.u64()?, tail.u64()?, tail.u64()?);
    let table = usize::try_from(count).ok()?.checked_mul(ROW_BYTES)?;
    let start = before.len().checked_sub(table)?;
    let fits = length == bytes.len() as u64 && start >= HEADER_BYTES;
    fits.then_some((&before[start..], start, checksum))
}

/// The parsed rows, if the sections fill the file from the header to `end` without gaps.
fn read_rows(table: &[u8], end: usize) -> Option<Vec<TableRow>> {
    let (mut rows, mut start) = (Vec::new(), HEADER_BYTES);
    for row in table.chunks_exact(ROW_BYTES) {
        let mut fields = Fields(row);
        let (tag, element) = (fields.u32()?, fields.u32()?);
        let (offset, length) = (fields.u64()?, usize::try_from(fields.u64()?).ok()?);
        let checksum = fields.u64()?;
        let is_valid = matches!(element, 1 | 2 | 4 | 8) && length.is_multiple_of(element as usize);
        if offset != start as u64 || !is_valid {
            return None;
        }
        rows.push(TableRow { tag, element, start, length, checksum });
        start = start.checked_add(length.checked_next_multiple_of(ALIGNMENT)?)?;
    }
    (start == end).then_some(rows)
}
