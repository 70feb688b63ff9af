//! Files whose checksums hold and that make no sense.

use tempfile::TempDir;

use super::*;
use crate::article::{Article, Date};
use crate::hash::splitmix;
use crate::store::faults::{self, Fault};

fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Texts of which each shares much with some others.
fn text(n: u64) -> String {
    let word = |at: u64| match at % 3 {
        0 => format!("story{}word{at} ", n % 9),
        1 => format!("{} ", splitmix(n, at) % 50),
        _ => format!("word{} ", splitmix(n % 9, at) % 400),
    };
    (0..40).map(word).collect()
}

fn put(archive: &mut Archive, numbers: std::ops::Range<u64>) {
    for n in numbers {
        let date = Date::new(2031, 5, 1 + (n % 500 / 20) as u8).unwrap();
        archive.replace(Article::new(&format!("id {}", n % 90), &text(n)).date(date)).unwrap();
        if n % 7 == 3 {
            archive.remove(&format!("id {}", (n + 45) % 90));
        }
    }
}

/// An archive of two files of articles.
fn archive(folder: &Path) {
    let mut archive = Archive::builder().open(folder).unwrap();
    for numbers in [0..100, 100..130] {
        put(&mut archive, numbers);
        archive.commit().unwrap();
    }
    assert!(archive.families().len() > 2 && archive.len() > 50);
}

/// Puts other columns and another state in the place of those that are there.
fn forge(folder: &Path, file: usize, columns: Option<&Columns>, state: &[u8]) {
    let mut store = Store::open(folder, false).unwrap();
    let mut files = store.snapshot().files().to_vec();
    if let Some(columns) = columns {
        files[file] = store.write(ROWS, &columns.sections()).unwrap();
    }
    store.commit(&files, state).unwrap();
}

/// Opens what was forged: it is damaged, or can be used. Whether it is damaged.
fn is_damaged(folder: &Path, how: &str) -> bool {
    match Archive::open(folder) {
        Ok(mut archive) => {
            put(&mut archive, 130..150);
            archive.expire_before(Date::new(2031, 5, 3).unwrap());
            archive.families();
            false
        }
        Err(error) => {
            let is_typed =
                matches!(error.kind(), ErrorKind::Damaged { .. } | ErrorKind::Format { .. });
            assert!(is_typed, "{how}: {error}");
            true
        }
    }
}

#[test]
fn columns_that_make_no_sense_are_damage_and_never_a_panic() {
    let folder = folder();
    archive(folder.path());
    let snapshot = Snapshot::open(folder.path()).unwrap();
    let rows: Vec<usize> =
        (0..).zip(snapshot.files()).filter(|(_, f)| f.kind() == ROWS).map(|(at, _)| at).collect();
    assert_eq!(rows.len(), 2);
    let mut damaged = 0;
    for file in rows {
        for &tag in Columns::TAGS {
            for round in 0..8 {
                let mut columns = Rows::of(&snapshot.files()[file]).unwrap().columns();
                let bytes = columns.bytes(tag);
                if bytes.is_empty() {
                    break;
                }
                let at = splitmix(round, tag.into()) as usize % bytes.len();
                match round {
                    0 => columns.shorten(tag),
                    1 => bytes.fill(0xff),
                    2 => bytes.fill(0),
                    _ => bytes[at] ^= 1 << (splitmix(at as u64, round) % 8),
                }
                forge(folder.path(), file, Some(&columns), snapshot.state());
                let how = format!("file {file}, column {tag}, round {round}");
                let is_damage = is_damaged(folder.path(), &how);
                assert!(is_damage || round > 0, "{how}: a column is cut short");
                damaged += usize::from(is_damage);
            }
        }
        let whole = Rows::of(&snapshot.files()[file]).unwrap().columns();
        forge(folder.path(), file, Some(&whole), snapshot.state());
    }
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    assert!(damaged > 150, "{damaged}");
}

#[test]
fn a_state_that_makes_no_sense_is_damage_and_never_a_panic() {
    let folder = folder();
    archive(folder.path());
    let whole = Snapshot::open(folder.path()).unwrap().state().to_vec();
    for length in [1, 8, whole.len() - 8, whole.len() - 1] {
        forge(folder.path(), 0, None, &whole[..length]);
        assert!(is_damaged(folder.path(), &format!("cut at {length}")));
    }
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut state = whole.clone();
            state[at] = value;
            forge(folder.path(), 0, None, &state);
            is_damaged(folder.path(), &format!("byte {at} is {value}"));
        }
    }
    forge(folder.path(), 0, None, &whole);
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
}

#[test]
fn a_commit_that_failed_changes_nothing_and_may_be_tried_again() {
    let mut failed = 0;
    for step in 0..30 {
        let folder = folder();
        let mut archive = Archive::builder().open(folder.path()).unwrap();
        put(&mut archive, 0..40);
        archive.commit().unwrap();
        put(&mut archive, 40..80);
        let families = archive.families();
        let (committed, _) = faults::with(Fault::At(step), || archive.commit());
        failed += usize::from(committed.is_err());
        assert_eq!(archive.families(), families);
        put(&mut archive, 80..90);
        archive.commit().unwrap();
        let (families, len) = (archive.families(), archive.len());
        drop(archive);
        let archive = Archive::open(folder.path()).unwrap();
        assert_eq!((archive.families(), archive.len()), (families, len), "step {step} failed");
    }
    assert!(failed > 5, "{failed}");
}

#[test]
fn files_are_merged_so_that_there_are_few() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    for n in 0..400 {
        put(&mut archive, n..n + 1);
        archive.commit().unwrap();
    }
    let files = archive.disk.as_ref().map(|disk| disk.store.snapshot().files().len()).unwrap();
    assert!(files < 25, "{files}");
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
}
