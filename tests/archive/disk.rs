//! An archive in a folder: what survives, what is lost, and what is refused.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use retold::{
    Archive, ArchiveBuilder, ArchiveReader, Error, ErrorKind, Family, FamilyEvent, FamilyId, Level,
    Placement,
};
use tempfile::TempDir;

use super::properties::{self, Step, any_step, text};
use super::texts::{BEES, CABLE_CAR, RETOLD};
use super::{Article, common, day};

/// A temporary folder, in memory if possible: a sync takes milliseconds on a disk.
pub(super) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The folder with the files of the archive in a folder.
pub(super) fn own(folder: &Path) -> PathBuf {
    folder.join("retold-archive")
}

/// The number of files of sealed segments of the archive in a folder. After the header of 64 bytes a file has
/// two numbers, then when it was sealed: with all bits set, never.
pub(super) fn segments_in(folder: &Path) -> usize {
    let paths = std::fs::read_dir(own(folder)).unwrap().map(|entry| entry.unwrap().path());
    let segments = paths.filter(|path| path.extension().is_some_and(|kind| kind == "part"));
    let is_sealed = |path: &PathBuf| std::fs::read(path).unwrap()[80..96] != [0xff; 16];
    segments.filter(is_sealed).count()
}

/// The families of an archive.
fn families(archive: &Archive) -> Vec<(FamilyId, Family)> {
    archive.families()
}

/// The result of a step.
#[derive(Debug, PartialEq)]
enum Done {
    Placed(Result<Placement, Error>),
    Removed(Option<Vec<FamilyEvent>>),
    Expired(usize, Vec<FamilyEvent>),
    Regrouped(Vec<FamilyEvent>),
    Moved(Vec<FamilyEvent>),
}

fn run(archive: &mut Archive, step: &Step) -> Done {
    match *step {
        Step::Insert(id, n, of_day) => {
            let (id, text) = (format!("id {id}"), text(n));
            Done::Placed(archive.insert(properties::article(&id, &text, of_day)))
        }
        Step::Replace(id, n, of_day) => {
            let (id, text) = (format!("id {id}"), text(n));
            Done::Placed(archive.replace(properties::article(&id, &text, of_day)))
        }
        Step::Remove(id) => Done::Removed(archive.remove(&format!("id {id}"))),
        Step::Expire(of_day) => {
            let (expired, events) = archive.expire_before(day(of_day));
            Done::Expired(expired, events)
        }
        Step::Regroup => Done::Regrouped(archive.regroup()),
        Step::Today(of_day) => Done::Moved(archive.set_today(day(of_day))),
    }
}

/// An action of the writer between two steps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pause {
    None,
    Commit,
    /// Commits, closes, reopens.
    Reopen,
    /// Ends without a commit; the next writer opens.
    Crash,
    Compact,
}

fn any_pause() -> impl Strategy<Value = Pause> {
    prop_oneof![
        6 => Just(Pause::None),
        2 => Just(Pause::Commit),
        2 => Just(Pause::Reopen),
        1 => Just(Pause::Crash),
        1 => Just(Pause::Compact),
    ]
}

/// A twin in memory after some steps, some of them followed by a compaction.
fn twin_after(builder: &ArchiveBuilder, steps: &[(Step, bool)]) -> Archive {
    let mut twin = builder.clone().in_memory().unwrap();
    for (step, is_compacted) in steps {
        run(&mut twin, step);
        if *is_compacted {
            twin.compact().unwrap();
        }
    }
    twin
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_reopened_archive_goes_on_as_one_that_was_never_closed(
        steps in prop::collection::vec((any_step(), any_pause()), 1..120),
        level in prop::sample::select(Level::ALL.to_vec()),
        window in prop::option::of(1u32..8),
    ) {
        let folder = folder();
        let builder = Archive::builder().level(level);
        let builder = window.map_or(builder.clone(), |days| builder.window_days(days));
        let mut archive = builder.clone().open(folder.path()).unwrap();
        let mut twin = twin_after(&builder, &[]);
        let mut done: Vec<(Step, bool)> = Vec::new();
        let mut committed = 0;
        let mut reader = ArchiveReader::open(folder.path()).unwrap();
        for (step, pause) in steps {
            prop_assert_eq!(run(&mut archive, &step), run(&mut twin, &step));
            done.push((step, pause == Pause::Compact));
            if pause == Pause::Compact {
                let before = families(&archive);
                archive.compact().unwrap();
                twin.compact().unwrap();
                prop_assert_eq!(families(&archive), before);
                committed = done.len();
            }
            if matches!(pause, Pause::Commit | Pause::Reopen) {
                archive.commit().unwrap();
                committed = done.len();
            }
            if committed == done.len() {
                let before = reader.clone();
                let (was, len) = (before.families(), before.len());
                reader.refresh().unwrap();
                prop_assert_eq!(reader.families(), families(&archive));
                prop_assert!(reader.ids().eq(archive.ids()));
                prop_assert_eq!((before.families(), before.len()), (was, len));
            }
            if matches!(pause, Pause::Reopen | Pause::Crash) {
                drop(archive);
                archive = Archive::open(folder.path()).unwrap();
            }
            if pause == Pause::Crash {
                done.truncate(committed);
                twin = twin_after(&builder, &done);
            }
            prop_assert_eq!((archive.len(), archive.today()), (twin.len(), twin.today()));
            prop_assert_eq!(families(&archive), families(&twin));
        }
        archive.commit().unwrap();
        prop_assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    }
}

/// Enough articles that segments are merged, in memory and on disk, and old articles expire.
#[test]
fn a_reopened_archive_goes_on_with_thousands_of_articles() {
    let folder = folder();
    let builder = Archive::builder().window_days(4);
    let mut archive = builder.clone().open(folder.path()).unwrap();
    let mut twin = builder.in_memory().unwrap();
    let texts: Vec<common::corpus::Text> = common::corpus::Stream::new(300).take(2400).collect();
    for (n, text) in texts.iter().enumerate() {
        assert_eq!(archive.insert(text.article()), twin.insert(text.article()), "article {n}");
        if n % 11 == 3 {
            let corrected = format!("{} {}", text.text, texts[n / 2].text);
            let corrected = Article::new(&texts[n - n % 50].id, &corrected).date(text.date);
            assert_eq!(archive.replace(corrected), twin.replace(corrected), "correction {n}");
        }
        if n % 17 == 5 {
            let id = &texts[n - n % 120].id;
            assert_eq!(archive.remove(id), twin.remove(id), "withdrawal {n}");
        }
        if n % 13 == 2 {
            archive.commit().unwrap();
        }
        if n % 97 == 50 {
            archive.commit().unwrap();
            drop(archive);
            archive = Archive::open(folder.path()).unwrap();
            assert_eq!(families(&archive), families(&twin));
        }
    }
    assert!(archive.len() > 500 && archive.families().len() > 20, "{}", archive.len());
    archive.commit().unwrap();
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    let per_article = archive.disk_usage() / archive.len() as u64;
    assert!(per_article < 5_000, "{per_article} bytes an article");
    let files = std::fs::read_dir(own(folder.path())).unwrap().count();
    assert!(files < 40, "{files} files");
}

/// Enough that segments are merged in the background; the writer ends before, during and after that.
#[test]
fn a_merge_that_the_writer_did_not_finish_is_finished_by_the_next_one() {
    let folder = folder();
    let builder = Archive::builder();
    let mut archive = builder.clone().open(folder.path()).unwrap();
    let mut twin = builder.in_memory().unwrap();
    for n in 0..12_000 {
        let (id, text) = (n.to_string(), format!("word{} of{0} few{0}", n - n % 3 / 2));
        let article = Article::new(&id, &text).date(day(1 + (n / 1_000) as u8));
        assert_eq!(archive.insert(article), twin.insert(article), "article {n}");
        if n % 7 == 6 {
            // One with a text of its own: where a leader goes, a reprint comes in once more.
            let id = (n / 6 * 3).to_string();
            assert_eq!(archive.remove(&id), twin.remove(&id), "withdrawal {n}");
        }
        if [9_000, 10_400, 10_700, 11_200].contains(&n) {
            archive.commit().unwrap();
            drop(archive);
            // The first one was sealed when the young archive was last regrouped.
            let committed = if (10_350..11_000).contains(&n) { 2 } else { 1 };
            assert_eq!(segments_in(folder.path()), committed, "nothing else is left after {n}");
            archive = Archive::open(folder.path()).unwrap();
        }
    }
    archive.commit().unwrap();
    assert_eq!(families(&archive), families(&twin));
    assert_eq!(ArchiveReader::open(folder.path()).unwrap().families(), families(&twin));
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    assert_eq!(segments_in(folder.path()), 1);
}

#[test]
fn what_was_not_committed_is_lost() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    let family = archive.insert(Article::new("wire", RETOLD)).unwrap().family;
    archive.commit().unwrap();
    archive.insert(Article::new("bees", BEES)).unwrap();
    archive.replace(Article::new("wire", BEES)).unwrap();
    archive.remove("herald").unwrap();
    assert_eq!(archive.families().len(), 1);
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!((archive.len(), archive.contains("bees")), (2, false));
    assert_eq!((archive.family_of("herald"), archive.family_of("wire")), (family, family));
}

#[test]
fn a_second_writer_is_refused_until_the_first_one_is_closed() {
    let folder = folder();
    let archive = Archive::builder().open(folder.path()).unwrap();
    let error = Archive::open(folder.path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Locked { .. }), "{error}");
    assert_eq!(Archive::verify(folder.path()).unwrap(), []); // that takes no lock
    drop(archive);
    Archive::open(folder.path()).unwrap();
}

#[test]
fn where_there_is_no_archive_none_is_opened_and_in_memory_nothing_is_committed() {
    let folder = folder();
    let error = Archive::open(folder.path()).unwrap_err();
    let ErrorKind::Io { kind, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(*kind, std::io::ErrorKind::NotFound);
    let mut archive = Archive::in_memory();
    assert!(matches!(archive.commit().unwrap_err().kind(), ErrorKind::InMemory));
    assert_eq!(archive.disk_usage(), 0);
}
