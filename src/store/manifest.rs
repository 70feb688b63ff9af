//! The manifest: the one file that is replaced. It names all files of a generation.

use std::path::Path;
use std::{fs, io};

use super::disk;
use super::file::Entry;
use super::format::{self, Fields, Kind, damaged};
use crate::error::{Error, ErrorKind};
use crate::hash;

/// The manifest's name.
const NAME: &str = "manifest";

/// The name of the next manifest while it is written.
pub(super) const NEW: &str = "manifest.new";

const MAGIC: [u8; 4] = *b"RTGM";

/// A generation: its files and its state. The default has neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifest {
    pub(super) generation: u64,
    /// Above the numbers of all files that any manifest of this store ever named.
    pub(super) next: u64,
    pub(super) files: Vec<Entry>,
    pub(super) state: Vec<u8>,
}

impl Manifest {
    /// The manifest in a store's own folder; an `Io` error with the kind `NotFound` if there is none.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        Self::find(folder)?.ok_or_else(|| {
            let none = io::Error::new(io::ErrorKind::NotFound, "there is no archive in it");
            disk::failed("open", disk::given_folder(folder), &none)
        })
    }

    /// The manifest in a store's own folder; `None` if the store was never made, or half of it.
    pub(super) fn find(folder: &Path) -> Result<Option<Self>, Error> {
        must_be_little_endian(folder, cfg!(target_endian = "little"))?;
        let path = folder.join(NAME);
        if let Some(manifest) = Self::at(&path)? {
            return Ok(Some(manifest));
        }
        if !has_files(folder) {
            return Ok(None);
        }
        // A new store has a manifest before its first file. So files without a manifest have lost it, and
        // are no remains of a crash, unless both were written since the manifest was looked for.
        let lost = || damaged(&path, "it is missing, but files that it names are there");
        Self::at(&path)?.ok_or_else(lost).map(Some)
    }

    /// The manifest at a path, if there is one.
    fn at(path: &Path) -> Result<Option<Self>, Error> {
        match fs::read(path) {
            Ok(bytes) => Self::decode(path, &bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk::failed("read", path, &error)),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = format::header(MAGIC, self.generation, [0; 4]).to_vec();
        bytes.extend(self.next.to_le_bytes());
        bytes.extend((self.files.len() as u64).to_le_bytes());
        for Entry { number, kind, length, checksum } in &self.files {
            bytes.extend(number.to_le_bytes());
            bytes.extend(kind.letters());
            bytes.extend(length.to_le_bytes());
            bytes.extend(checksum.to_le_bytes());
        }
        bytes.extend((self.state.len() as u64).to_le_bytes());
        bytes.extend(&self.state);
        bytes.extend(hash::bytes(&bytes).to_le_bytes());
        bytes
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let (generation, _) = format::read_header(path, MAGIC, bytes)?;
        let (body, checksum) = bytes.split_last_chunk::<8>().unwrap_or((&[], &[0; 8]));
        if hash::bytes(body) != u64::from_le_bytes(*checksum) {
            return Err(damaged(path, "its checksum does not hold"));
        }
        read_body(generation, Fields(body.get(format::HEADER_BYTES..).unwrap_or_default()))
            .ok_or_else(|| damaged(path, "its checksum holds, but its fields make no sense"))
    }
}

/// The fields between the header and the checksum.
fn read_body(generation: u64, mut fields: Fields) -> Option<Manifest> {
    let (next, count) = (fields.u64()?, fields.u64()?);
    let files = (0..count).map(|_| read_entry(&mut fields)).collect::<Option<Vec<_>>>()?;
    let length = fields.u64()?;
    let state = fields.slice(length)?.to_vec();
    let makes_sense = fields.0.is_empty() && files.iter().all(|file| file.number < next);
    makes_sense.then_some(Manifest { generation, next, files, state })
}

fn read_entry(fields: &mut Fields) -> Option<Entry> {
    let (number, kind) = (fields.u64()?, Kind::read(fields.take()?)?);
    Some(Entry { number, kind, length: fields.u64()?, checksum: fields.u64()? })
}

/// Writes the next manifest durably, beside the last one. After an error it is deleted.
pub(super) fn prepare(folder: &Path, manifest: &Manifest) -> Result<(), Error> {
    let new = folder.join(NEW);
    disk::discard(&new);
    disk::write_new(&new, &[&manifest.encode()])?;
    // The names of the files must be durable before a manifest refers to them.
    disk::sync_folder(folder).inspect_err(|_| disk::discard(&new))
}

/// Replaces the last manifest by the prepared one. On return this is durable.
pub(super) fn publish(folder: &Path) -> Result<(), Error> {
    let new = folder.join(NEW);
    disk::rename(&new, &folder.join(NAME)).inspect_err(|_| disk::discard(&new))?;
    disk::sync_folder(folder)
}

/// Whether a folder contains files of a store.
fn has_files(folder: &Path) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .any(|name| Entry::number_of(&name).is_some())
}

/// Refuses a processor that would read the mapped numbers in the wrong byte order.
fn must_be_little_endian(folder: &Path, is_little_endian: bool) -> Result<(), Error> {
    if is_little_endian {
        return Ok(());
    }
    Err(ErrorKind::Io {
        operation: "open",
        path: folder.to_owned(),
        kind: io::ErrorKind::Unsupported,
        message: "its numbers are little-endian, and this processor's are not".to_owned(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_big_endian_processor_is_refused() {
        assert!(must_be_little_endian(Path::new("a"), true).is_ok());
        let error = must_be_little_endian(Path::new("a"), false).unwrap_err();
        let refused = io::ErrorKind::Unsupported;
        assert!(matches!(error.kind(), ErrorKind::Io { kind, .. } if *kind == refused), "{error}");
    }

    #[test]
    fn a_forged_manifest_with_a_valid_checksum_is_read_sensibly_or_refused() {
        let path = Path::new("manifest");
        let kind = Kind::new(*b"rows");
        let file = Entry { number: 3, kind, length: 4, checksum: 5 };
        let whole = Manifest { generation: 1, next: 4, files: vec![file], state: vec![1, 2] };
        assert_eq!(Manifest::decode(path, &whole.encode()).unwrap(), whole);
        let bytes = whole.encode();
        for at in format::HEADER_BYTES..bytes.len() - 8 {
            for value in [0, 1, 0x2e, 0xff] {
                let mut forged = bytes[..bytes.len() - 8].to_vec();
                forged[at] = value;
                forged.extend(hash::bytes(&forged).to_le_bytes());
                match Manifest::decode(path, &forged) {
                    Ok(manifest) => {
                        assert!(manifest.files.iter().all(|f| f.number < manifest.next))
                    }
                    Err(error) => assert!(matches!(error.kind(), ErrorKind::Damaged { .. })),
                }
            }
        }
    }
}
