//! Tests of the store's interface on intact, damaged, crashed and busy folders.

mod crashes;
mod damage;
mod processes;
mod refusals;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::hash::splitmix;

const ROWS: Kind = Kind::new(*b"rows");
const TEXT: Kind = Kind::new(*b"text");

const BYTES: u32 = 1;
const NUMBERS: u32 = 2;
const EMPTY: u32 = 3;

/// Asks for a new store where there is none.
const NEW: Option<&[u8]> = Some(&[]);

/// A temporary folder, in memory if possible, since a sync of a disk takes milliseconds.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The numbers in the file of `seed`.
fn numbers(seed: u64) -> Vec<u64> {
    (0..3 + seed % 7).map(|n| splitmix(seed, n)).collect()
}

/// Writes the file of `seed`: a section that needs padding, one that sometimes does not, an empty one.
fn write(store: &mut Store, seed: u64) -> Result<File, Error> {
    let numbers = numbers(seed);
    let bytes = &bytemuck::cast_slice(&numbers)[1..];
    let kind = if seed.is_multiple_of(2) { ROWS } else { TEXT };
    let empty: [u16; 0] = [];
    let sections = [
        Section::new::<u8>(BYTES, bytes),
        Section::new(NUMBERS, &numbers),
        Section::new(EMPTY, &empty),
    ];
    store.write(kind, &sections)
}

/// Commits new files of these seeds, with the seeds as the state.
fn commit(store: &mut Store, seeds: &[u8]) -> Result<Snapshot, Error> {
    let files: Result<Vec<_>, _> = seeds.iter().map(|&seed| write(store, seed.into())).collect();
    store.commit(&files?, seeds)
}

/// The numbers of a section that exists.
fn read<T: Element>(file: &File, tag: u32) -> &[T] {
    file.section(tag).unwrap()
}

/// Asserts that a snapshot holds exactly what [`commit`] wrote, and returns the seeds.
fn seeds_of(snapshot: &Snapshot) -> Vec<u8> {
    let seeds = snapshot.state().to_vec();
    assert_eq!(snapshot.files().len(), seeds.len());
    for (file, &seed) in snapshot.files().iter().zip(&seeds) {
        let expected = numbers(seed.into());
        assert_eq!(read::<u64>(file, NUMBERS), expected);
        assert_eq!(read::<u8>(file, BYTES), &bytemuck::cast_slice(&expected)[1..]);
        assert_eq!(read::<u16>(file, EMPTY), [0; 0]);
        assert_eq!(file.kind(), if seed.is_multiple_of(2) { ROWS } else { TEXT });
    }
    seeds
}

/// The seeds of the last generation in a folder.
fn seeds_in(folder: &Path) -> Vec<u8> {
    seeds_of(&Snapshot::open(folder).unwrap())
}

/// The store's own folder.
fn own(folder: &Path) -> PathBuf {
    folder.join("retold-archive")
}

/// The names in the store's own folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(own(folder)).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The names in the store's own folder without remains of earlier generations or crashes.
fn clean_names(snapshot: &Snapshot) -> Vec<String> {
    let mut names: Vec<_> = snapshot.files().iter().map(|file| file.entry().name()).collect();
    names.extend(["lock".to_owned(), "manifest".to_owned()]);
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(own(to)).unwrap();
    for name in names(from) {
        fs::copy(own(from).join(&name), own(to).join(&name)).unwrap();
    }
}

/// The path in a `Damaged` error.
fn damaged_path(error: &Error) -> PathBuf {
    match error.kind() {
        ErrorKind::Damaged { path, .. } => path.clone(),
        _ => panic!("{error}"),
    }
}
