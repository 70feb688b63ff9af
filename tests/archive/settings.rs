//! Settings of an archive that exists: which can be changed, and what becomes of those not given.

use std::path::Path;

use retold::{Archive, ArchiveBuilder, ArchiveReader, ErrorKind, Level, Representative};

use super::disk::folder;
use super::texts::{BEES, CABLE_CAR, RETOLD};
use super::{Article, day};

/// The settings that an archive has.
fn settings(archive: &Archive) -> (Level, Representative, Option<u32>, bool) {
    let kept = archive.keeps_texts();
    (archive.level(), archive.representative(), archive.window_days(), kept)
}

/// Opens an archive with these settings and commits.
fn change(folder: &Path, builder: ArchiveBuilder) -> Archive {
    let mut archive = builder.open(folder).unwrap();
    archive.commit().unwrap();
    archive
}

#[test]
fn changed_settings_survive_a_reopen_and_those_not_given_stay() {
    let folder = folder();
    let folder = folder.path();
    let builder = Archive::builder;
    let first = builder().level(Level::Event).threshold(Level::Copy, 0.5).window_days(9);
    let mut archive = first.keep_texts().open(folder).unwrap();
    archive.insert(Article::new("herald", CABLE_CAR).date(day(3))).unwrap();
    archive.insert(Article::new("wire", RETOLD).date(day(4))).unwrap();
    archive.commit().unwrap();
    let families = archive.families();
    drop(archive);

    use Representative::{Earliest, Longest};
    let steps = [
        (builder(), (Earliest, Some(9), true)),
        (builder().window_days(30), (Earliest, Some(30), true)),
        (builder().representative(Longest), (Longest, Some(30), true)),
        (builder().without_texts().level(Level::Event), (Longest, Some(30), false)),
        (builder().without_window(), (Longest, None, false)),
        (builder().threshold(Level::Copy, 0.5), (Longest, None, false)),
        (builder().representative(Earliest), (Earliest, None, false)),
        (builder().keep_texts().window_days(2), (Earliest, Some(2), true)),
    ];
    for (builder, (representative, window, texts)) in steps {
        let expected = (Level::Event, representative, window, texts);
        assert_eq!(settings(&change(folder, builder)), expected);
        let archive = Archive::open(folder).unwrap();
        assert_eq!(settings(&archive), expected);
        assert_eq!((archive.threshold(Level::Copy), archive.len()), (0.5, 2));
        let reader = ArchiveReader::open(folder).unwrap();
        assert_eq!((reader.window_days(), reader.keeps_texts()), (window, texts));
        assert_eq!(Archive::verify(folder).unwrap(), []);
    }
    assert_eq!(Archive::open(folder).unwrap().families(), families);
}

#[test]
fn a_changed_setting_is_durable_with_the_next_commit_and_lost_without_it() {
    let folder = folder();
    drop(Archive::builder().window_days(9).open(folder.path()).unwrap());
    drop(Archive::builder().window_days(30).open(folder.path()).unwrap());
    assert_eq!(Archive::open(folder.path()).unwrap().window_days(), Some(9));
    // Many commits of nothing but settings leave few files.
    for days in 1..100 {
        drop(change(folder.path(), Archive::builder().window_days(days)));
    }
    assert_eq!(Archive::open(folder.path()).unwrap().window_days(), Some(99));
    let files = std::fs::read_dir(super::disk::own(folder.path())).unwrap().count();
    assert!(files < 20, "{files} files");
}

#[test]
fn another_level_or_threshold_is_refused_and_named() {
    let folder = folder();
    let builder = || Archive::builder().window_days(9);
    let first = || builder().level(Level::Event).threshold(Level::Copy, 0.5);
    drop(first().open(folder.path()).unwrap());
    drop(first().open(folder.path()).unwrap());
    let others = [
        ("level", builder().level(Level::Copy)),
        ("level", builder().level(Level::Retelling).window_days(3)),
        ("threshold", builder().threshold(Level::Copy, 0.6)),
        ("threshold", first().threshold(Level::Event, 0.9)),
        ("window_days", builder().window_days(0)),
    ];
    for (expected, other) in others {
        let error = other.open(folder.path()).unwrap_err();
        let ErrorKind::Setting { name, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(*name, expected);
    }
    let archive = Archive::builder().open(folder.path()).unwrap();
    assert_eq!((archive.level(), archive.window_days()), (Level::Event, Some(9)));
    assert_eq!(archive.threshold(Level::Copy), 0.5);
}

#[test]
fn texts_are_kept_from_when_that_is_turned_on_until_a_compaction_after_it_is_turned_off() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let text = |archive: &Archive, id: &str| archive.text(id).unwrap();

    let mut archive = Archive::builder().keep_texts().open(folder.path()).unwrap();
    archive.insert(Article::new("wire", RETOLD)).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!((text(&archive, "herald"), text(&archive, "wire")), (None, Some(RETOLD.to_owned())));
    drop(archive);

    let mut archive = Archive::builder().without_texts().open(folder.path()).unwrap();
    archive.insert(Article::new("bees", BEES)).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let mut archive = Archive::open(folder.path()).unwrap();
    assert_eq!((text(&archive, "wire"), text(&archive, "bees")), (Some(RETOLD.to_owned()), None));
    archive.compact().unwrap();
    assert_eq!(text(&archive, "wire"), None);
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!((archive.len(), text(&archive, "wire")), (3, None));
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
}

#[test]
fn a_changed_window_refuses_articles_at_once_and_expires_others_when_today_moves() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    let put = |archive: &mut Archive, id: &str, of_day: Option<u8>| {
        let article = Article::new(id, id);
        archive.insert(of_day.map_or(article, |of_day| article.date(day(of_day)))).map(drop)
    };
    put(&mut archive, "undated", None).unwrap();
    for (id, of_day) in [("one", 1), ("nine", 9), ("twenty", 20), ("again", 20), ("third", 20)] {
        put(&mut archive, id, Some(of_day)).unwrap();
    }
    put(&mut archive, "later", None).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let mut archive = change(folder.path(), Archive::builder().window_days(5));
    assert_eq!(archive.today(), Some(day(20)));
    let error = put(&mut archive, "late", Some(14)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooOld { days: 6, window: 5, .. }), "{error}");
    put(&mut archive, "edge", Some(15)).unwrap();
    assert!(archive.contains("one") && archive.contains("undated"), "today stands still");
    archive.commit().unwrap();
    drop(archive);
    // A longer one, before the shorter one did anything.
    let mut archive = change(folder.path(), Archive::builder().window_days(12));
    archive.set_today(day(21));
    assert!(archive.ids().eq(["nine", "twenty", "again", "third", "later", "edge"]));
    archive.commit().unwrap();
    drop(archive);
    let mut archive = change(folder.path(), Archive::builder().window_days(5));
    archive.set_today(day(21));
    assert!(archive.ids().eq(["twenty", "again", "third", "later"]));
    archive.set_today(day(26));
    assert!(archive.ids().eq(["later"]));
}
