//! Readers beside a writer, merged and compacted archives, and stored texts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use retold::{Archive, ArchiveReader, ErrorKind, FamilyEvent, Level};
use tempfile::TempDir;

use super::disk::own;
use super::texts::{BEES, CABLE_CAR, RETOLD};
use super::{Article, Listener, common, day};

fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn texts(count: usize) -> Vec<common::corpus::Text> {
    common::corpus::Stream::new(100).take(count).collect()
}

#[test]
fn a_reader_stays_at_its_commit_until_it_is_refreshed() {
    let folder = folder();
    let error = ArchiveReader::open(folder.path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { kind: std::io::ErrorKind::NotFound, .. }));
    let mut archive = Archive::builder().window_days(9).open(folder.path()).unwrap();
    archive.insert(Article::new("herald", CABLE_CAR).date(day(3))).unwrap();
    archive.commit().unwrap();
    let mut reader = ArchiveReader::open(folder.path()).unwrap();
    assert_eq!((reader.level(), reader.window_days()), (Level::Retelling, Some(9)));
    assert_eq!(reader.query(&Article::new("?", RETOLD)).unwrap()[0].id, "herald");
    let family = archive.insert(Article::new("wire", RETOLD)).unwrap().family;
    assert!(!reader.refresh().unwrap());
    archive.commit().unwrap();
    let old = reader.clone();
    assert!(reader.refresh().unwrap() && !reader.refresh().unwrap());
    assert_eq!((old.family_of("herald"), reader.family_of("herald")), (None, family));
    assert_eq!((old.len(), reader.len()), (1, 2));
    assert!(reader.ids().eq(["herald", "wire"]));
    drop(archive);
    drop(folder);
    assert_eq!(reader.family(family.unwrap()).unwrap().len(), 2, "what is open outlives its files");
    reader.refresh().unwrap_err();
    assert_eq!(reader.len(), 2);
}

#[test]
fn readers_see_whole_commits_while_the_writer_goes_on() {
    let folder = folder();
    let texts = texts(400);
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            let reader = ArchiveReader::open(folder.path()).unwrap();
            scope.spawn(|| {
                let mut reader = reader;
                let mut commits = 0;
                while !is_over.load(Ordering::Relaxed) {
                    commits += usize::from(reader.refresh().unwrap());
                    // Each commit adds ten.
                    assert_eq!((reader.len() % 10, reader.ids().count()), (0, reader.len()));
                    if let Some(id) = reader.ids().last() {
                        assert_eq!(id, texts[reader.len() - 1].id);
                    }
                    for (family, told) in reader.families() {
                        assert!(
                            told.members().iter().all(|m| reader.family_of(m.id()) == Some(family))
                        );
                    }
                }
                assert!(commits > 1, "{commits}");
            });
        }
        for batch in texts.chunks(10) {
            batch.iter().for_each(|text| _ = archive.insert(text.article()).unwrap());
            archive.commit().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn compaction_frees_memory_and_disk() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    let texts = texts(1200);
    for batch in texts.chunks(100) {
        batch.iter().for_each(|text| _ = archive.insert(text.article()).unwrap());
        archive.commit().unwrap();
    }
    // Two of five: a segment of which half is removed is rewritten anyway.
    for (_, text) in texts.iter().enumerate().filter(|(n, _)| n % 5 < 2) {
        archive.remove(&text.id).unwrap();
    }
    archive.commit().unwrap();
    let (memory, disk, families) =
        (archive.memory_usage(), archive.disk_usage(), archive.families());
    archive.compact().unwrap();
    assert!(archive.memory_usage() * 10 < memory * 9, "{} of {memory}", archive.memory_usage());
    assert!(archive.disk_usage() * 10 < disk * 9, "{} of {disk}", archive.disk_usage());
    assert_eq!(archive.families(), families);
    let disk = archive.disk_usage();
    archive.compact().unwrap();
    assert_eq!(archive.disk_usage(), disk);
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!((archive.families(), archive.len()), (families, 720));
}

#[test]
fn merged_articles_are_placed_as_if_they_came_now() {
    let [here, there] = [folder(), folder()];
    let texts = texts(300);
    let mut other = Archive::builder().window_days(200).open(there.path()).unwrap();
    for text in &texts[100..] {
        other.insert(text.article()).unwrap();
    }
    other.remove(&texts[200].id).unwrap();
    other.commit().unwrap();
    let mut archive = Archive::builder().open(here.path()).unwrap();
    let mut twin = Archive::in_memory();
    let mut listener = Listener::default();
    let mut hear = |events: &[FamilyEvent]| events.iter().for_each(|event| listener.hear(event));
    for text in &texts[..120] {
        hear(&archive.insert(text.article()).unwrap().events);
        twin.insert(text.article()).unwrap();
    }
    let other = ArchiveReader::open(there.path()).unwrap();
    let merged = archive.merge(&other).unwrap();
    hear(&merged.events);
    let left_out: Vec<&str> = texts[100..120].iter().map(|text| &*text.id).collect();
    assert_eq!((merged.came, merged.left_out.len()), (179, 20));
    assert_eq!(merged.left_out, left_out);
    for text in texts[120..].iter().filter(|text| text.id != texts[200].id) {
        twin.insert(text.article()).unwrap();
    }
    assert_eq!(archive.families(), twin.families());
    assert!(archive.ids().eq(twin.ids()));
    for text in &texts {
        assert_eq!(listener.family_of.get(&text.id).copied(), archive.family_of(&text.id));
    }
    let again = archive.merge(&other).unwrap();
    assert_eq!((again.came, again.left_out.len(), again.events), (0, 199, Vec::new()));
    archive.commit().unwrap();
    assert_eq!(ArchiveReader::open(here.path()).unwrap().families(), twin.families());
}

#[test]
fn an_archive_with_other_settings_is_not_merged() {
    let folder = folder();
    let mut other = Archive::builder().level(Level::Event).open(folder.path()).unwrap();
    other.insert(Article::new("bees", BEES)).unwrap();
    other.commit().unwrap();
    let other = ArchiveReader::open(folder.path()).unwrap();
    let builders = [
        ("level", Archive::builder()),
        ("threshold", Archive::builder().level(Level::Event).threshold(Level::Copy, 0.4)),
    ];
    for (expected, builder) in builders {
        let mut archive = builder.in_memory().unwrap();
        let error = archive.merge(&other).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Setting { name, .. } if *name == expected));
        assert!(archive.is_empty());
    }
}

#[test]
fn texts_are_kept_on_request() {
    let [here, there] = [folder(), folder()];
    let builder = || Archive::builder().keep_texts();
    let mut archive = builder().open(here.path()).unwrap();
    let titled = Article::new("herald", CABLE_CAR).title("Cable car");
    archive.insert(titled).unwrap();
    archive.insert(Article::new("wire", RETOLD)).unwrap();
    let told =
        |archive: &Archive, id: &str| (archive.title(id).unwrap(), archive.text(id).unwrap());
    let herald = (Some("Cable car".to_owned()), Some(CABLE_CAR.to_owned()));
    for _ in 0..2 {
        assert_eq!(told(&archive, "herald"), herald);
        assert_eq!(told(&archive, "wire"), (None, Some(RETOLD.to_owned())));
        archive.commit().unwrap();
    }
    archive.replace(Article::new("wire", BEES)).unwrap();
    archive.commit().unwrap();
    archive.remove("herald").unwrap();
    drop(archive);
    assert!(
        Archive::builder().open(here.path()).unwrap().keeps_texts(),
        "it was not told otherwise"
    );
    let archive = Archive::open(here.path()).unwrap();
    assert!(archive.keeps_texts());
    assert_eq!(told(&archive, "herald"), herald, "that it was removed was not committed");
    assert_eq!(told(&archive, "wire").1.as_deref(), Some(BEES));
    assert_eq!(told(&archive, "nobody"), (None, None));
    let reader = ArchiveReader::open(here.path()).unwrap();
    assert_eq!(reader.title("herald").unwrap().as_deref(), Some("Cable car"));

    let mut other = builder().open(there.path()).unwrap();
    other.merge(&reader).unwrap();
    other.commit().unwrap();
    assert_eq!(told(&other, "herald"), herald);
    let mut without = Archive::in_memory();
    without.merge(&reader).unwrap();
    assert_eq!(told(&without, "herald"), (None, None));
}

#[test]
fn texts_of_removed_articles_leave_the_disk() {
    let folder = folder();
    let builder = Archive::builder().window_days(3).keep_texts();
    let mut archive = builder.open(folder.path()).unwrap();
    let mut most = 0;
    for (n, batch) in texts(2400).chunks(20).enumerate() {
        for text in batch {
            if let Err(error) = archive.insert(text.article()) {
                assert!(matches!(error.kind(), ErrorKind::TooOld { .. }), "{error}");
            }
        }
        archive.commit().unwrap();
        if n < 50 {
            most = most.max(archive.disk_usage());
        }
        let last = batch.iter().rfind(|text| archive.contains(&text.id)).unwrap();
        assert_eq!(archive.text(&last.id).unwrap().as_ref(), Some(&last.text));
    }
    assert!(archive.len() < 700 && archive.disk_usage() < most * 3 / 2);
    let ids: Vec<String> = archive.ids().map(str::to_owned).collect();
    assert!(ids.iter().all(|id| archive.text(id).unwrap().is_some()));
}

#[test]
fn a_damaged_text_is_named_when_it_is_asked_for() {
    let folder = folder();
    let mut archive = Archive::builder().keep_texts().open(folder.path()).unwrap();
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let files = std::fs::read_dir(own(folder.path())).unwrap().map(|entry| entry.unwrap().path());
    let file = { files }.find(|path| path.extension().is_some_and(|kind| kind == "late")).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let place = whole.windows(20).position(|bytes| bytes == &CABLE_CAR.as_bytes()[..20]).unwrap();
    let mut flipped = whole.clone();
    flipped[place + 3] ^= 4;
    std::fs::write(&file, flipped).unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    for _ in 0..2 {
        let error = archive.text("herald").unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Damaged { path, .. } if *path == file),
            "{error}"
        );
    }
    assert_eq!(archive.query(&Article::new("?", RETOLD)).unwrap().len(), 1);
    let damage = Archive::verify(folder.path()).unwrap();
    assert!(matches!(damage[0].kind(), ErrorKind::Damaged { path, .. } if *path == file));
    drop(archive);
    std::fs::write(&file, whole).unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(archive.text("herald").unwrap().as_deref(), Some(CABLE_CAR));
}
