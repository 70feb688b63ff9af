//! Files that differ from what was written.

use proptest::prelude::*;

use super::*;

/// A store with two small files, and the paths of these and the manifest.
fn store() -> (TempDir, Vec<PathBuf>) {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1]).unwrap();
    let snapshot = commit(&mut store, &[2, 3]).unwrap();
    let mut paths: Vec<_> = snapshot.files().iter().map(|f| f.path().to_owned()).collect();
    paths.push(own(folder.path()).join("manifest"));
    (folder, paths)
}

/// Asserts that opening and `verify` both report damage, and only of the file at `path`.
fn assert_damaged(folder: &Path, path: &Path, how: &str) {
    let error = Snapshot::open(folder).expect_err(how);
    assert_eq!(damaged_path(&error), path, "{how}");
    let damage = verify(folder).unwrap();
    assert!(!damage.is_empty(), "{how}");
    assert!(damage.iter().all(|error| damaged_path(error) == path), "{how}");
}

#[test]
fn a_file_cut_anywhere_is_damaged() {
    let (folder, paths) = store();
    for path in &paths {
        let whole = fs::read(path).unwrap();
        for length in 0..whole.len() {
            fs::write(path, &whole[..length]).unwrap();
            assert_damaged(folder.path(), path, &format!("{} cut at {length}", path.display()));
        }
        fs::write(path, &whole).unwrap();
    }
    assert_eq!(seeds_in(folder.path()), [2, 3]);
}

#[test]
fn a_file_that_grew_is_damaged() {
    let (folder, paths) = store();
    for path in &paths {
        let whole = fs::read(path).unwrap();
        for more in [1, 8, 64] {
            fs::write(path, [&whole[..], &vec![0; more]].concat()).unwrap();
            assert_damaged(folder.path(), path, "grown");
        }
        fs::write(path, &whole).unwrap();
    }
}

#[test]
fn every_flipped_bit_is_detected() {
    let (folder, paths) = store();
    for path in &paths {
        let whole = fs::read(path).unwrap();
        let mut flipped = whole.clone();
        for bit in 0..whole.len() * 8 {
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(path, &flipped).unwrap();
            assert_damaged(folder.path(), path, &format!("bit {bit} of {}", path.display()));
            flipped[bit / 8] ^= 1 << (bit % 8);
        }
        fs::write(path, &whole).unwrap();
    }
}

#[test]
fn many_flipped_bits_are_detected() {
    let (folder, paths) = store();
    let wholes: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    for round in 0..5_000 {
        let random = |n: u64| splitmix(round, n) as usize;
        let which = random(0) % paths.len();
        let mut flipped = wholes[which].clone();
        for n in 0..1 + random(1) % 40 {
            let bit = random(2 + n as u64) % (flipped.len() * 8);
            flipped[bit / 8] ^= 1 << (bit % 8);
        }
        if flipped == wholes[which] {
            continue;
        }
        fs::write(&paths[which], &flipped).unwrap();
        assert_damaged(folder.path(), &paths[which], &format!("round {round}"));
        fs::write(&paths[which], &wholes[which]).unwrap();
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_in_place_of_a_file_are_damage(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        which in 0..3usize,
    ) {
        let (folder, paths) = store();
        fs::write(&paths[which], bytes).unwrap();
        assert_damaged(folder.path(), &paths[which], "other bytes");
    }
}

#[test]
fn verify_reports_every_damage() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    let snapshot = commit(&mut store, &[1, 2, 3, 4, 5]).unwrap();
    let paths: Vec<_> = snapshot.files().iter().map(|file| file.path().to_owned()).collect();
    drop((snapshot, store));

    let change = |path: &Path, offsets: &[usize]| {
        let mut bytes = fs::read(path).unwrap();
        offsets.iter().for_each(|&at| bytes[at] ^= 0x10);
        fs::write(path, bytes).unwrap();
    };
    change(&paths[0], &[64, 128]); // both sections
    change(&paths[1], &[127]); // the padding of the first
    fs::remove_file(&paths[2]).unwrap();
    let cut = fs::read(&paths[3]).unwrap().len() - 1;
    fs::OpenOptions::new().write(true).open(&paths[3]).unwrap().set_len(cut as u64).unwrap();

    let damage = verify(folder.path()).unwrap();
    let found: Vec<_> = damage
        .iter()
        .map(|error| match error.kind() {
            ErrorKind::Damaged { path, section, what } => (path.clone(), *section, what.as_str()),
            _ => panic!("{error}"),
        })
        .collect();
    let wrong_length = format!("it is {cut} bytes long, expected {}", cut + 1);
    assert_eq!(
        found,
        [
            (paths[0].clone(), Some(BYTES), "its checksum does not hold"),
            (paths[0].clone(), Some(NUMBERS), "its checksum does not hold"),
            (paths[1].clone(), Some(BYTES), "what pads it is not zero"),
            (paths[2].clone(), None, "it is missing"),
            (paths[3].clone(), None, &wrong_length),
        ]
    );
    assert!(damage.contains(&Snapshot::open(folder.path()).unwrap_err()));
    assert!(damage.contains(&Store::open(folder.path(), NEW).unwrap_err()));
}

#[test]
fn a_store_without_its_manifest_is_damaged_and_not_created_again() {
    let (folder, paths) = store();
    fs::remove_file(&paths[2]).unwrap();
    assert_damaged(folder.path(), &paths[2], "no manifest");
    let error = Store::open(folder.path(), NEW).unwrap_err();
    assert_eq!(damaged_path(&error), paths[2]);
    assert!(paths[..2].iter().all(|path| path.exists()), "nothing was deleted");
}

#[test]
fn a_file_of_another_store_is_detected() {
    let (folder, paths) = store();
    let (other, other_paths) = store();
    let mut writer = Store::open(other.path(), None).unwrap();
    let file = commit(&mut writer, &[9, 2]).unwrap().files()[1].path().to_owned();
    fs::copy(file, &paths[0]).unwrap(); // same content under another file number
    assert_damaged(folder.path(), &paths[0], "a file of another store");
    assert!(!other_paths[0].exists());
}

/// Increments the version at offset `at` of a header and renews the checksum.
fn set_version(path: &Path, at: usize) -> u16 {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] += 1;
    let checksum = crate::hash::bytes(&bytes[..56]);
    bytes[56..64].copy_from_slice(&checksum.to_le_bytes());
    fs::write(path, &bytes).unwrap();
    bytes[at].into()
}

#[test]
fn other_versions_are_refused_as_other_versions() {
    for which in 0..3 {
        let (folder, paths) = store();
        let path = paths[which].clone();
        let whole = fs::read(&path).unwrap();

        let found = set_version(&path, 4);
        let scheme = ErrorKind::Version { expected: crate::hash::SCHEME_VERSION, found };
        assert_eq!(*Snapshot::open(folder.path()).unwrap_err().kind(), scheme);

        fs::write(&path, whole).unwrap();
        let found = set_version(&path, 6);
        let format = ErrorKind::Format { path, expected: 1, found };
        assert_eq!(*Snapshot::open(folder.path()).unwrap_err().kind(), format);
        assert_eq!(*Store::open(folder.path(), NEW).unwrap_err().kind(), format);
        let reported = verify(folder.path()).map(|damage| damage[0].clone()).unwrap_or_else(|e| e);
        assert_eq!(*reported.kind(), format);
    }
}
