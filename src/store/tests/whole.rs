//! What is committed is read back, by any reader at any time.

use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A section of one of the four element sizes.
fn section<'a>(tag: u32, narrow: &'a Narrow, size: usize) -> Section<'a> {
    match size {
        0 => Section::new(tag, &narrow.0),
        1 => Section::new(tag, &narrow.1),
        2 => Section::new(tag, &narrow.2),
        _ => Section::new(tag, &narrow.3),
    }
}

/// The sections of a file.
fn sections(file: &[(Narrow, usize)]) -> Vec<Section<'_>> {
    (7..).zip(file).map(|(tag, (narrow, size))| section(tag, narrow, *size)).collect()
}

/// The same numbers, truncated to each element size.
struct Narrow(Vec<u8>, Vec<u16>, Vec<u32>, Vec<u64>);

impl Narrow {
    fn new(wide: Vec<u64>) -> Self {
        let u8s = wide.iter().map(|&n| n as u8).collect();
        let u16s = wide.iter().map(|&n| n as u16).collect();
        let u32s = wide.iter().map(|&n| n as u32).collect();
        Narrow(u8s, u16s, u32s, wide)
    }
}

fn assert_same(file: &File, tag: u32, narrow: &Narrow, size: usize) {
    match size {
        0 => assert_eq!(read::<u8>(file, tag), narrow.0),
        1 => assert_eq!(read::<u16>(file, tag), narrow.1),
        2 => assert_eq!(read::<u32>(file, tag), narrow.2),
        _ => assert_eq!(read::<u64>(file, tag), narrow.3),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn committed_files_are_read_back_in_the_same_order(
        files in vec(vec((vec(any::<u64>(), 0..70), 0..4usize), 0..5), 0..5),
        state in vec(any::<u8>(), 0..200),
    ) {
        let folder = folder();
        let files: Vec<Vec<_>> = files
            .into_iter()
            .map(|file| file.into_iter().map(|(wide, size)| (Narrow::new(wide), size)).collect())
            .collect();
        let mut store = Store::open(folder.path(), NEW).unwrap();
        let mut written = Vec::new();
        for file in &files {
            written.push(store.write(ROWS, &sections(file)).unwrap());
        }
        written.reverse();
        let committed = store.commit(&written, &state).unwrap();
        drop(store);

        let opened = Snapshot::open(folder.path()).unwrap();
        for snapshot in [&committed, &opened] {
            prop_assert_eq!(snapshot.generation(), 1);
            prop_assert_eq!(snapshot.state(), &state[..]);
            prop_assert_eq!(snapshot.files().len(), files.len());
            for (mapped, file) in snapshot.files().iter().zip(files.iter().rev()) {
                for (tag, (narrow, size)) in (7u32..).zip(file) {
                    assert_same(mapped, tag, narrow, *size);
                }
            }
        }
        prop_assert!(verify(folder.path()).unwrap().is_empty());
    }
}

#[test]
fn a_new_store_is_empty_and_undamaged() {
    let folder = folder();
    let path = folder.path().join("in/a/folder/that/is/not/there");
    let store = Store::open(&path, NEW).unwrap();
    assert_eq!((store.snapshot().generation(), store.snapshot().state()), (0, &[][..]));
    assert_eq!(names(&path), ["lock", "manifest"]);
    assert!(verify(&path).unwrap().is_empty());
}

#[test]
fn a_generation_may_keep_drop_and_reorder_the_files_of_the_last_one() {
    let folder = tempfile::tempdir().unwrap(); // on a real disk
    let mut store = Store::open(folder.path(), NEW).unwrap();
    let first = commit(&mut store, &[1, 2, 3]).unwrap();
    let [one, _, three] = first.files() else { panic!() };
    let four = write(&mut store, 4).unwrap();
    let second = store.commit(&[three.clone(), four, one.clone()], &[3, 4, 1]).unwrap();

    assert_eq!(seeds_of(&second), [3, 4, 1]);
    assert_eq!(seeds_in(folder.path()), [3, 4, 1]);
    assert_eq!(names(folder.path()), clean_names(&second));
    assert_eq!(seeds_of(&first), [1, 2, 3], "a snapshot outlives the files that it maps");
}

#[test]
fn a_file_is_invisible_to_readers_before_its_commit() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1]).unwrap();
    let two = write(&mut store, 2).unwrap();
    assert_eq!(read::<u64>(&two, NUMBERS), numbers(2), "its writer may use it");
    assert_eq!(seeds_in(folder.path()), [1]);
    drop(store);
    let store = Store::open(folder.path(), None).unwrap();
    assert_eq!(seeds_of(store.snapshot()), [1]);
    assert_eq!(names(folder.path()), clean_names(store.snapshot()));
}

#[test]
fn written_files_can_be_abandoned() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1]).unwrap();
    let two = write(&mut store, 2).unwrap();
    store.abandon();
    assert_eq!(names(folder.path()), clean_names(store.snapshot()));
    let error = store.commit(&[two], &[2]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Setting { .. }), "{error}");
    assert_eq!(seeds_of(&commit(&mut store, &[3]).unwrap()), [3]);
}

#[test]
fn a_file_number_is_never_reused() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1, 2]).unwrap();
    commit(&mut store, &[]).unwrap();
    drop(store);
    let mut store = Store::open(folder.path(), None).unwrap();
    assert_eq!(commit(&mut store, &[3]).unwrap().files()[0].entry().number, 2);
}

#[test]
fn a_refreshed_snapshot_shares_the_maps_of_the_last_one() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1]).unwrap();
    let reader = Snapshot::open(folder.path()).unwrap();
    let one = store.snapshot().files()[0].clone();
    let two = write(&mut store, 2).unwrap();
    store.commit(&[two, one], &[2, 1]).unwrap();

    let refreshed = reader.refresh().unwrap();
    assert_eq!(seeds_of(&refreshed), [2, 1]);
    let address =
        |snapshot: &Snapshot, file: usize| read::<u64>(&snapshot.files()[file], NUMBERS).as_ptr();
    assert_eq!(address(&refreshed, 1), address(&reader, 0));
    assert_eq!(refreshed.refresh().unwrap().generation(), 2);
}

#[test]
fn the_disk_usage_is_that_of_the_files() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    let snapshot = commit(&mut store, &[1, 2, 3]).unwrap();
    let sizes = names(folder.path()).into_iter().map(|name| own(folder.path()).join(name));
    let expected: u64 = sizes.map(|path| fs::metadata(path).unwrap().len()).sum();
    assert_eq!(snapshot.disk_usage(), expected);
}

#[test]
fn files_that_are_not_of_the_store_stay() {
    let folder = folder();
    let in_its_own = [
        "notes.txt",
        "20261127194815.json",
        "000000000000.rows",
        "retold-000000000000",
        "retold-00000000000.rows",
        "retold-0000000000000.rows",
        "retold-00000000000a.rows",
        "retold-+00000000000.rows",
        "retold-000000000000.json5",
        "retold-000000000000.rows.gz",
        "manifest.old",
    ];
    let beside = ["retold-000000000000.rows", "manifest", "manifest.new", "lock"];
    let own = own(folder.path());
    fs::create_dir(&own).unwrap();
    let below = in_its_own.iter().map(|name| own.join(name));
    let others = in_its_own.iter().chain(&beside).map(|name| folder.path().join(name));
    let others: Vec<PathBuf> = others.chain(below).collect();
    others.iter().for_each(|path| fs::write(path, "mine").unwrap());
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1]).unwrap();
    commit(&mut store, &[2]).unwrap();
    drop(store);
    let store = Store::open(folder.path(), None).unwrap();
    assert_eq!(seeds_of(store.snapshot()), [2]);
    assert!(verify(folder.path()).unwrap().is_empty());
    for path in others {
        assert_eq!(fs::read(&path).unwrap(), b"mine", "{}", path.display());
    }
}

#[test]
fn readers_see_complete_and_increasing_generations_while_a_writer_commits() {
    const GENERATIONS: u64 = 500;
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    thread::scope(|scope| {
        for reader in 0..4 {
            let path = folder.path();
            scope.spawn(move || {
                let mut last = Snapshot::open(path).unwrap();
                while last.generation() < GENERATIONS {
                    let next = match reader % 2 {
                        0 => Snapshot::open(path).unwrap(),
                        _ => last.refresh().unwrap(),
                    };
                    let seeds = seeds_of(&next);
                    assert!(next.generation() >= last.generation());
                    assert!(seeds.iter().all(|&s| u64::from(s) <= next.generation() % 251));
                    last = next;
                }
            });
        }
        for generation in 1..=GENERATIONS {
            let newest = (generation % 251) as u8;
            // Every fifth generation drops all earlier files, like a merge.
            let kept = store.snapshot().clone();
            let keep = if newest.is_multiple_of(5) { 0 } else { kept.files().len() };
            let mut files = kept.files()[..keep].to_vec();
            let mut seeds = kept.state()[..keep].to_vec();
            files.push(write(&mut store, newest.into()).unwrap());
            seeds.push(newest);
            assert_eq!(store.commit(&files, &seeds).unwrap().generation(), generation);
        }
    });
    assert_eq!(names(folder.path()), clean_names(store.snapshot()));
}

#[test]
fn a_staged_file_survives_commits_until_it_is_dropped() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    let [kept, dropped] = [store.file_writer(), store.file_writer()].map(|file_writer| {
        let numbers = numbers(4);
        let write = move || file_writer.write(ROWS, &[Section::new(NUMBERS, &numbers)]).unwrap();
        thread::spawn(write).join().unwrap()
    });
    let written = [kept.file().path().to_owned(), dropped.file().path().to_owned()];
    commit(&mut store, &[1, 2]).unwrap();
    assert!(written.iter().all(|path| path.is_file()));
    drop(dropped);
    assert!(!written[1].is_file());
    commit(&mut store, &[3]).unwrap();
    assert!(written[0].is_file());

    let file = store.admit(&kept);
    store.abandon(); // as after a commit that failed
    assert!(written[0].is_file());
    assert!(store.commit(std::slice::from_ref(&file), &[]).is_err(), "it was not admitted again");
    store.admit(&kept);
    store.commit(std::slice::from_ref(&file), &[]).unwrap();
    drop(kept);
    store.abandon();
    assert_eq!(
        read::<u64>(&Snapshot::open(folder.path()).unwrap().files()[0], NUMBERS),
        numbers(4)
    );
    assert_eq!(names(folder.path()), clean_names(store.snapshot()));

    // The next writer deletes the staged file of a killed writer.
    let left = store.file_writer().write(ROWS, &[Section::new(NUMBERS, &numbers(5))]).unwrap();
    let path = left.file().path().to_owned();
    std::mem::forget(left);
    drop(store);
    assert!(path.is_file());
    Store::open(folder.path(), None).unwrap();
    assert!(!path.is_file());
}
