//! Archives in the first format, which every later build opens.
//!
//! They are the files of the archives' own folders. They were written once, with
//!
//! ```text
//! RETOLD_TEST_FIXTURE=tests/archive/fixtures/1 \
//!     cargo test --test archive writes_the_fixtures -- --ignored
//! ```
//!
//! and are never written again: a build that cannot read them has broken its users' archives.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use retold::{Archive, ArchiveReader, Article, ErrorKind, Family, Level};
use tempfile::TempDir;

use super::disk::{folder, own, segments_in};
use super::newsroom::known;
use super::texts::{BACKGROUND, BEES, BEES_AGAIN, CABLE_CAR, RETOLD, SAME_EVENT};
use super::{Date, day};

/// Variable with the folder to write the fixtures to.
const FIXTURE: &str = "RETOLD_TEST_FIXTURE";

/// The folder of the fixtures.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archive/fixtures/1");

/// Articles of a few words in two segment files with an unfinished merge, and a few later ones. The first
/// segment was sealed when the young archive was last regrouped.
const MANY: usize = 1817 + 8192;
const LATER: usize = 20;

/// Every third article has the words of the one before.
fn words(n: usize) -> String {
    format!("word{} of{0} few{0}", n - n % 3 / 2)
}

fn few(folder: &Path) {
    let builder = Archive::builder().level(Level::Event).window_days(30).keep_texts();
    let mut archive = builder.open(folder).unwrap();
    let put = |archive: &mut Archive, id: &str, title: &str, text: &str, date: Date| {
        archive.replace(Article::new(id, text).title(title).date(date)).unwrap();
    };
    put(&mut archive, "herald", "Cable car stops", CABLE_CAR, day(3));
    put(&mut archive, "wire", "Passengers wait in the air", BEES, day(4));
    put(&mut archive, "old", "Bees", BEES, day(1));
    archive.commit().unwrap();
    put(&mut archive, "wire", "Passengers wait in the air", RETOLD, day(4));
    put(&mut archive, "ledger", "", SAME_EVENT, day(5));
    put(&mut archive, "bees", "Bees", BEES, day(5));
    archive.commit().unwrap();
    put(&mut archive, "bees again", "Bees again", BEES_AGAIN, day(6));
    put(&mut archive, "background", "How cables are held", BACKGROUND, day(6));
    archive.remove("old").unwrap();
    archive.commit().unwrap();
}

fn many(folder: &Path) {
    let mut archive = Archive::builder().open(folder).unwrap();
    for n in 0..MANY + LATER {
        archive.insert(Article::new(&n.to_string(), &words(n))).unwrap();
        if n + 1 == MANY {
            archive.commit().unwrap();
        }
    }
    archive.remove("7").unwrap();
    archive.commit().unwrap();
}

/// Not a test: writes what the tests below open, packed file by file.
#[test]
#[ignore = "was done once"]
fn writes_the_fixtures() {
    let Some(fixtures) = env::var_os(FIXTURE) else { return };
    for (name, write) in [("few", few as fn(&Path)), ("many", many)] {
        let (written, packed) = (folder(), Path::new(&fixtures).join(name));
        write(written.path());
        fs::create_dir_all(&packed).unwrap();
        for entry in fs::read_dir(own(written.path())).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if name != "lock" {
                let file = File::create_new(packed.join(name + ".gz")).unwrap();
                let mut to = GzEncoder::new(file, Compression::best());
                io::copy(&mut File::open(entry.path()).unwrap(), &mut to).unwrap();
                to.finish().unwrap();
            }
        }
    }
}

fn unpacked(name: &str) -> TempDir {
    let folder = folder();
    fs::create_dir(own(folder.path())).unwrap();
    for entry in fs::read_dir(Path::new(FIXTURES).join(name)).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let mut to = File::create_new(own(folder.path()).join(path.file_stem().unwrap())).unwrap();
        io::copy(&mut GzDecoder::new(File::open(path).unwrap()), &mut to).unwrap();
    }
    folder
}

/// The ids of the members of a family, sorted.
fn members(family: &Family) -> Vec<&str> {
    let mut ids: Vec<&str> = family.members().iter().map(|member| member.id()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn an_archive_of_the_first_format_is_opened_and_goes_on() {
    let folder = unpacked("few");
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    let reader = ArchiveReader::open(folder.path()).unwrap();
    let mut archive = Archive::open(folder.path()).unwrap();
    assert_eq!(known!(reader), known!(archive));
    assert_eq!((archive.level(), archive.window_days()), (Level::Event, Some(30)));
    let mut ids: Vec<&str> = archive.ids().collect();
    ids.sort_unstable();
    assert_eq!(ids, ["background", "bees", "bees again", "herald", "ledger", "wire"]);
    let families = archive.families();
    let families: Vec<(u64, Vec<&str>)> =
        families.iter().map(|(id, family)| (id.number(), members(family))).collect();
    assert_eq!(families, EXPECTED.map(|(id, members)| (id, members.to_vec())));
    assert_eq!(archive.text("wire").unwrap().as_deref(), Some(RETOLD));
    assert_eq!(archive.title("wire").unwrap().as_deref(), Some("Passengers wait in the air"));
    assert_eq!(archive.title("ledger").unwrap(), None);
    let date = reader.family(reader.family_of("wire").unwrap()).unwrap();
    let date = date.members().iter().find(|member| member.id() == "wire").unwrap().date();
    assert_eq!(date, Some(day(4)));
    let found = archive.query(&Article::new("?", CABLE_CAR).date(day(6))).unwrap();
    assert_eq!(found[0].id, "herald");
    assert!(found.iter().any(|found| found.id == "wire"));

    let placed = archive.insert(Article::new("copy", CABLE_CAR).date(day(7))).unwrap();
    assert_eq!(placed.family, archive.family_of("herald"));
    archive.commit().unwrap();
    let all = known!(archive);
    drop(archive);
    assert_eq!(known!(Archive::open(folder.path()).unwrap()), all);
}

/// The families of the small archive.
const EXPECTED: [(u64, &[&str]); 2] =
    [(0, &["herald", "ledger", "wire"]), (1, &["bees", "bees again"])];

#[test]
fn segments_of_the_first_format_are_opened_and_go_on() {
    let folder = unpacked("many");
    assert_eq!(Archive::verify(folder.path()).unwrap(), []);
    let mut archive = Archive::open(folder.path()).unwrap();
    assert_eq!(known!(ArchiveReader::open(folder.path()).unwrap()), known!(archive));
    let ids: BTreeSet<String> =
        (0..MANY + LATER).filter(|&n| n != 7).map(|n| n.to_string()).collect();
    assert_eq!(archive.ids().map(str::to_owned).collect::<BTreeSet<String>>(), ids);
    for n in (0..MANY + LATER - 2).step_by(3).filter(|&n| n != 6) {
        let [first, second, third] = [n, n + 1, n + 2].map(|n| archive.family_of(&n.to_string()));
        assert!(second.is_some() && second == third && first != second, "{n}");
        let found = archive.query(&Article::new("?", &words(n + 1))).unwrap();
        assert!(found.len() >= 2, "{n}: {found:?}");
    }
    assert_eq!(archive.text("9").unwrap(), None);
    let error = archive.insert(Article::new("9", BEES)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RepeatedId { .. }));
    archive.remove("9").unwrap();
    archive.commit().unwrap();
    let all = known!(archive);
    drop(archive);
    assert_eq!(segments_in(folder.path()), 2);
    let mut archive = Archive::open(folder.path()).unwrap();
    assert_eq!(known!(archive), all);

    // The merge that the first build began ends in one segment.
    for n in MANY + LATER..MANY + MANY / 16 {
        archive.insert(Article::new(&n.to_string(), &words(n))).unwrap();
    }
    archive.commit().unwrap();
    assert_eq!(segments_in(folder.path()), 1);
    let all = known!(archive);
    drop(archive);
    assert_eq!(known!(Archive::open(folder.path()).unwrap()), all);
}
