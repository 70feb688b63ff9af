//! What an archive does with the folder that it is given: other files in it, and several first runs.

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use retold::{Archive, ArchiveReader, Article, Error, ErrorKind};

use super::disk::{folder, own};
use super::texts::{BEES, CABLE_CAR, RETOLD};

#[test]
fn a_file_of_the_user_stays_through_commits_compactions_and_reopening_whatever_its_name() {
    let folder = folder();
    let names = [
        "20261127194815.json",
        "000000000000.rows",
        "retold-000000000000.rows",
        "manifest",
        "manifest.new",
        "lock",
        "notes.txt",
    ];
    let mut mine: Vec<_> = names.iter().map(|name| folder.path().join(name)).collect();
    fs::create_dir(own(folder.path())).unwrap();
    mine.extend([names[0], names[1], names[6]].map(|name| own(folder.path()).join(name)));
    mine.iter().for_each(|path| fs::write(path, "mine").unwrap());
    let are_there = || mine.iter().all(|path| fs::read(path).is_ok_and(|bytes| bytes == b"mine"));

    let error = Archive::open(folder.path()).unwrap_err();
    assert!(is_missing(&error, folder.path()), "{error}");
    let mut archive = Archive::builder().keep_texts().open(folder.path()).unwrap();
    let size = archive.disk_usage();
    for (id, text) in [("herald", CABLE_CAR), ("wire", RETOLD), ("bees", BEES)] {
        archive.insert(Article::new(id, text)).unwrap();
        archive.commit().unwrap();
        assert!(are_there());
    }
    archive.remove("bees").unwrap();
    archive.compact().unwrap();
    assert!(are_there() && archive.disk_usage() > size);
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert!(are_there() && archive.len() == 2);
    assert_eq!(ArchiveReader::open(folder.path()).unwrap().len(), 2);
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), names.len() + 1);
}

fn is_missing(error: &Error, folder: &Path) -> bool {
    let missing = std::io::ErrorKind::NotFound;
    matches!(error.kind(), ErrorKind::Io { kind, path, .. } if *kind == missing && path == folder)
}

fn is_locked(error: &Error, folder: &Path) -> bool {
    matches!(error.kind(), ErrorKind::Locked { path } if path == folder)
}

#[test]
fn of_several_first_runs_at_once_one_makes_the_archive_and_the_others_find_it_locked() {
    const RUNS: usize = 6;
    for round in 0..40 {
        let parent = folder();
        // The folder may be there already.
        let folder = parent.path().join(if round % 2 == 0 { "" } else { "new/folder" });
        let folder = folder.components().as_path();
        let (start, end) = (Barrier::new(RUNS), Barrier::new(RUNS));
        let run = |run: usize| {
            start.wait();
            let reader = ArchiveReader::open(folder);
            let opened = Archive::builder().window_days(1 + run as u32).open(folder);
            let reopened = Archive::open(folder);
            end.wait(); // until then the first run has the lock
            // Others see no archive or a whole one.
            match reader {
                Ok(reader) => assert!(reader.is_empty() && reader.window_days().is_some()),
                Err(error) => assert!(is_missing(&error, folder), "{error}"),
            }
            let error = reopened.unwrap_err();
            let is_none = opened.is_err() && is_missing(&error, folder);
            assert!(is_locked(&error, folder) || is_none, "{error}");
            opened
        };
        let run = &run;
        let opened = thread::scope(|scope| {
            let runs: Vec<_> = (0..RUNS).map(|n| scope.spawn(move || run(n))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
        });
        let (made, refused): (Vec<_>, Vec<_>) = opened.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        for refused in refused {
            let error = refused.unwrap_err();
            assert!(is_locked(&error, folder), "{error}");
        }
        let mut archive = made.into_iter().next().unwrap().unwrap();
        archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
        archive.commit().unwrap();
        let window = archive.window_days();
        drop(archive);
        let archive = Archive::open(folder).unwrap();
        assert_eq!((archive.len(), archive.window_days()), (1, window));
    }
}
