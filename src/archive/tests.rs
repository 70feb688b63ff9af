//! Archives in folders: damaged and forged files, failed commits, reopening at any moment.

use proptest::prelude::*;
use tempfile::TempDir;

use std::path::Path;

use super::*;
use crate::disk::link_file::LINKS;
use crate::disk::segment_file::SEGMENT;
use crate::disk::texts::TEXTS;
use crate::engine::events::FamilyEvent;
use crate::hash::splitmix;
use crate::store::faults::{self, Fault};
use crate::store::{File, Kind, Section, Snapshot, Store};

fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A text that shares much with some others, and a line with all.
fn text(n: u64) -> String {
    let word = |at: u64| match at % 3 {
        0 => format!("story{}word{at} ", n % 9),
        1 => format!("{} ", splitmix(n, at) % 50),
        _ => format!("word{} ", splitmix(n % 9, at) % 400),
    };
    (0..40).map(word).collect::<String>() + "all rights are with the Kelm Herald"
}

fn put(archive: &mut Archive, numbers: std::ops::Range<u64>) {
    numbers.for_each(|n| _ = put_one(archive, n));
}

/// Inserts or replaces one article, and sometimes removes another.
fn put_one(archive: &mut Archive, n: u64) -> (Placement, Option<Vec<FamilyEvent>>) {
    let date = Date::new(2031, 5, 1 + (n % 500 / 20) as u8).unwrap();
    let id = |n: u64| format!("id {}", n % 300);
    let stats = archive.replace(Article::new(&id(n), &text(n)).date(date)).unwrap();
    (stats, (n % 7 == 3).then(|| archive.remove(&id(n + 145))).flatten())
}

/// Makes an archive with one sealed segment and the files of two commits since.
fn archive(folder: &Path) {
    let mut archive = open(folder, 200);
    for numbers in [0..180, 180..280, 280..300] {
        put(&mut archive, numbers);
        archive.commit().unwrap();
    }
    assert!(archive.families().len() > 2 && archive.len() > 50);
}

/// Opens an archive that seals its newest segment at `newest` articles.
fn open(folder: &Path, newest: u32) -> Archive {
    let mut archive = Archive::builder().keep_texts().open(folder).unwrap();
    archive.contents.segments.newest = newest;
    archive
}

/// A section: tag, size of its numbers, bytes.
type Raw = (u32, u32, Vec<u8>);

/// Commits the folder with one file and the state replaced, with valid checksums.
fn forge(folder: &Path, file: usize, sections: Option<&[Raw]>, state: &[u8]) {
    let mut store = Store::open(folder, None).unwrap();
    let mut files = store.snapshot().files().to_vec();
    if let Some(sections) = sections {
        let sections = sections.iter().map(|(tag, size, bytes)| Section::raw(*tag, *size, bytes));
        let sections: Vec<Section<'_>> = sections.collect();
        files[file] = store.write(files[file].kind(), &sections).unwrap();
    }
    store.commit(&files, state).unwrap();
}

/// Opens a forged archive, which must be reported as damaged or be usable; whether it is damaged.
fn is_damaged(folder: &Path, how: &str) -> bool {
    match Archive::open(folder) {
        Ok(mut archive) => {
            put(&mut archive, 300..330);
            let ids: Vec<String> = archive.ids().map(str::to_owned).collect();
            for text in ids.iter().map(|id| archive.text(id)) {
                let Err(error) = text else { continue };
                assert!(matches!(error.kind(), ErrorKind::Damaged { .. }), "{how}: {error}");
            }
            archive.expire_before(Date::new(2031, 5, 3).unwrap());
            archive.families();
            false
        }
        Err(error) => {
            let is_typed = matches!(
                error.kind(),
                ErrorKind::Damaged { .. }
                    | ErrorKind::Format { .. }
                    | ErrorKind::Setting { name: "the archive's seed", .. }
            );
            assert!(is_typed, "{how}: {error}");
            true
        }
    }
}

#[test]
fn inconsistent_columns_are_damage_and_never_a_panic() {
    let folder = folder();
    archive(folder.path());
    let snapshot = Snapshot::open(folder.path()).unwrap();
    let kinds: Vec<Kind> = snapshot.files().iter().map(File::kind).collect();
    assert_eq!(kinds, [[SEGMENT; 3], [LINKS; 3], [TEXTS; 3]].concat());
    let mut damaged = 0;
    for (file, &kind) in kinds.iter().enumerate() {
        let whole = snapshot.files()[file].raw();
        for section in 0..whole.len() {
            let (tag, size, ref bytes) = whole[section];
            for round in 0..12 {
                let mut sections = whole.clone();
                let forged = &mut sections[section].2;
                if forged.is_empty() {
                    break;
                }
                let at = splitmix(round, tag.into()) as usize % bytes.len();
                match round {
                    0 => forged.truncate(bytes.len() - size as usize),
                    1 => forged.fill(0xff),
                    2 => forged.fill(0),
                    3 => bytes
                        .chunks(size as usize)
                        .rev()
                        .zip(forged.chunks_mut(size as usize))
                        .for_each(|(from, to)| to.copy_from_slice(from)),
                    4 => forged.extend(&bytes[..size as usize]),
                    _ => forged[at] ^= 1 << (splitmix(at as u64, round) % 8),
                }
                forge(folder.path(), file, Some(&sections), snapshot.state());
                let how = format!("file {file}, section {tag}, round {round}");
                let is_damage = is_damaged(folder.path(), &how);
                let is_safe = round != 0 || kind == TEXTS;
                assert!(is_damage || is_safe, "{how}: a column is cut short");
                damaged += usize::from(is_damage);
            }
            let mut sections = whole.clone();
            sections.remove(section);
            forge(folder.path(), file, Some(&sections), snapshot.state());
            let is_late = kind == TEXTS && tag != 1;
            assert!(is_damaged(folder.path(), "a column is not there") != is_late);
        }
        forge(folder.path(), file, Some(&whole), snapshot.state());
    }
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    assert!(damaged > 400, "{damaged}");
}

/// The store verifies checksums; this shows that the archive asks it to.
#[test]
fn a_segment_file_cut_anywhere_or_with_a_bit_flipped_is_damaged() {
    let folder = folder();
    archive(folder.path());
    let snapshot = Snapshot::open(folder.path()).unwrap();
    let path = snapshot.files()[0].path().to_owned();
    assert_eq!(snapshot.files()[0].kind(), SEGMENT);
    let whole = std::fs::read(&path).unwrap();
    for round in 0..1500 {
        let at = splitmix(round, 5) as usize % whole.len();
        let mut spoilt = whole.clone();
        match round % 3 {
            0 => spoilt.truncate(at),
            _ => spoilt[at] ^= 1 << (round % 8),
        }
        std::fs::write(&path, spoilt).unwrap();
        let error = ArchiveReader::open(folder.path()).unwrap_err();
        let is_named = |error: &Error| matches!(error.kind(), ErrorKind::Damaged { path: named, .. } if *named == path);
        assert!(is_named(&error), "round {round}, byte {at}: {error}");
        assert!(Archive::verify(folder.path()).unwrap().iter().all(is_named));
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
}

/// Segment files in place of others, or missing.
#[test]
fn segment_files_of_another_archive_or_missing_ones_are_damage() {
    let [one, other] = [folder(), folder()];
    archive(one.path());
    let mut writer = open(other.path(), 64);
    put(&mut writer, 0..640);
    writer.commit().unwrap();
    drop(writer);
    let list: Vec<Vec<Raw>> = Snapshot::open(other.path())
        .unwrap()
        .files()
        .iter()
        .filter(|f| f.kind() == SEGMENT)
        .map(File::raw)
        .collect();
    assert!(list.len() > 1);
    let whole = Snapshot::open(one.path()).unwrap();
    let own = whole.files()[0].raw();
    for sections in list {
        if sections != own {
            forge(one.path(), 0, Some(&sections), whole.state());
            assert!(is_damaged(one.path(), "the segment of another archive"));
        }
    }
    let mut store = Store::open(one.path(), None).unwrap();
    store.commit(&whole.files()[1..], whole.state()).unwrap();
    drop(store);
    assert!(is_damaged(one.path(), "no segment"));
}

#[test]
fn an_inconsistent_state_is_damage_and_never_a_panic() {
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
fn an_archive_of_another_seed_is_refused_by_name() {
    let folder = folder();
    archive(folder.path());
    let mut state = Snapshot::open(folder.path()).unwrap().state().to_vec();
    state[8] = 5;
    forge(folder.path(), 0, None, &state);
    let error = Archive::open(folder.path()).unwrap_err();
    let said = "the archive's seed must be 0, the pinned one of this build, but is 5";
    assert_eq!(error.to_string(), said);
}

#[test]
fn reserved_bits_of_an_article_that_are_set_are_damage() {
    let folder = folder();
    archive(folder.path());
    let snapshot = Snapshot::open(folder.path()).unwrap();
    for file in [0, 1] {
        let whole = snapshot.files()[file].raw();
        let row = whole.iter().position(|&(tag, ..)| tag == 3).unwrap();
        // Minutes and source, and the bits that are over in each number.
        for bit in [3 * 64 + 31, 3 * 64 + 41, 3 * 64 + 42, 3 * 64 + 57, 3 * 64 + 63]
            .into_iter()
            .chain([5 * 64 + 57, 5 * 64 + 59, 5 * 64 + 63, 6 * 64 + 63, 7 * 64 + 63])
        {
            let mut sections = whole.clone();
            sections[row].2[bit / 8] ^= 1 << (bit % 8);
            forge(folder.path(), file, Some(&sections), snapshot.state());
            assert!(is_damaged(folder.path(), "a reserved bit"), "file {file}, bit {bit}");
        }
        forge(folder.path(), file, Some(&whole), snapshot.state());
    }
}

#[test]
fn boilerplate_phrases_are_stored_by_the_commits_that_change_them() {
    let folder = folder();
    archive(folder.path());
    let mut archive = Archive::open(folder.path()).unwrap();
    let phrases = archive.contents.segments.boilerplate.hashes().to_vec();
    assert!(!phrases.is_empty());
    archive.insert(Article::new("alone", "Nothing else is like this one.")).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let snapshot = Snapshot::open(folder.path()).unwrap();
    let files = snapshot.files().iter().filter(|file| file.kind() == LINKS);
    let stored: Vec<usize> = files.map(|file| file.section::<u32>(13).unwrap().len()).collect();
    assert_eq!(stored.last(), Some(&0));
    assert!(stored.contains(&(phrases.len() + 1)), "{stored:?}");
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(archive.contents.segments.boilerplate.hashes(), phrases);
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
fn an_id_as_long_as_can_be_stored_is_kept_and_a_longer_one_refused() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    let id = "é".repeat(32_768);
    let error = archive.insert(Article::new(&id, "The ferry sank.")).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::LongId { bytes: 65_536 });
    let id = &id[2..];
    archive.insert(Article::new(id, "The ferry sank.")).unwrap();
    let longest = format!("{id}1");
    archive.insert(Article::new(&longest, "The ferry sank.")).unwrap();
    archive.commit().unwrap();
    drop(archive);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(archive.ids().map(str::len).collect::<Vec<usize>>(), [65_534, 65_535]);
    assert_eq!(archive.family_of(id), archive.family_of(&longest));
}

#[test]
fn commits_merge_files_so_that_there_are_few() {
    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    for n in 0..400 {
        put(&mut archive, n..n + 1);
        archive.commit().unwrap();
    }
    let files = archive.disk.as_ref().map(|disk| disk.snapshot().files().len()).unwrap();
    // Two files a commit, at most seven commits of each of two size classes, and those of a sealed segment.
    assert!(files <= 30, "{files}");
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
}

/// One operation on an archive.
#[derive(Debug, Clone)]
enum Step {
    Put(u64),
    Expire(u8),
    Commit,
    Reopen,
    Compact,
    Regroup,
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1u64..60).prop_map(Step::Put),
        1 => (1u8..20).prop_map(Step::Expire),
        4 => Just(Step::Commit),
        2 => Just(Step::Reopen),
        1 => Just(Step::Compact),
        1 => Just(Step::Regroup),
    ];
    prop::collection::vec(step, 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// However small the segments are, and whichever merges are pending.
    #[test]
    fn an_archive_of_mapped_segments_continues_as_one_that_stayed_in_memory(
        steps in any_steps(),
        newest in prop::sample::select(vec![4u32, 16, 40, 100]),
    ) {
        let folder = folder();
        let mut archive = open(folder.path(), newest);
        let mut twin = Archive::builder().keep_texts().in_memory().unwrap();
        twin.contents.segments.newest = newest;
        let mut reader = ArchiveReader::open(folder.path()).unwrap();
        let mut next = 0;
        for step in steps {
            match step {
                Step::Put(count) => {
                    for n in next..next + count {
                        prop_assert_eq!(put_one(&mut archive, n), put_one(&mut twin, n));
                    }
                    next += count;
                }
                Step::Expire(day) => {
                    let date = Date::new(2031, 5, day).unwrap();
                    prop_assert_eq!(archive.expire_before(date), twin.expire_before(date));
                }
                Step::Commit => archive.commit().unwrap(),
                Step::Reopen => {
                    archive.commit().unwrap();
                    drop(archive);
                    archive = Archive::open(folder.path()).unwrap();
                }
                Step::Compact => {
                    archive.compact().unwrap();
                    twin.compact().unwrap();
                }
                Step::Regroup => prop_assert_eq!(archive.regroup(), twin.regroup()),
            }
            prop_assert_eq!(archive.families(), twin.families());
            for id in (0..300).step_by(7).map(|n| format!("id {n}")) {
                prop_assert_eq!(archive.text(&id), twin.text(&id));
                prop_assert_eq!(twin.text(&id).unwrap().is_some(), twin.contains(&id));
            }
            if matches!(step, Step::Commit | Step::Reopen | Step::Compact) {
                reader.refresh().unwrap();
                prop_assert_eq!(reader.families(), twin.families());
                prop_assert!(reader.ids().eq(twin.ids()));
                for id in twin.ids().take(20) {
                    prop_assert_eq!(reader.text(id), twin.text(id));
                }
                let asked = text(next);
                let asked = Article::new("?", &asked);
                prop_assert_eq!(reader.query(&asked), twin.query(&asked));
            }
        }
        archive.commit().unwrap();
        prop_assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    }
}

/// The same articles leave, whichever of them are in segments with an index.
#[test]
fn articles_leave_the_window_from_sealed_segments_as_from_the_newest_one() {
    let of_day = |n: usize| Date::new(2031, 1 + (n / 28) as u8, 1 + (n % 28) as u8).unwrap();
    let mut archives = [4, 30, 8192].map(|newest| {
        let mut archive = Archive::builder().window_days(6).in_memory().unwrap();
        archive.contents.segments.newest = newest;
        archive
    });
    let mut most = 0;
    for n in 0..600 {
        let (id, text) = (n.to_string(), format!("word{n} of{n} few{n}"));
        let article = Article::new(&id, &text);
        let article = match n % 10 {
            1 | 4 => article,
            7 => article.date(of_day(n / 10 + 200)),
            late => article.date(of_day((n / 10).saturating_sub(late % 4))),
        };
        for archive in &mut archives {
            if n % 10 == 0 {
                archive.set_today(of_day(n / 10));
            }
            archive.insert(article).unwrap();
        }
        most = most.max(archives[0].len());
        let [first, others @ ..] = &archives;
        assert!(others.iter().all(|other| first.ids().eq(other.ids())), "article {n}");
    }
    // Nine a day for a week and a day, and those far ahead among the last 256.
    assert!((50..9 * 8 + 26).contains(&most), "{most}");
    assert!(archives[0].contents.segments.list.len() > 1);
}
