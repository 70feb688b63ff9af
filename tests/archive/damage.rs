//! Archives with damaged bytes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use retold::{Archive, ArchiveReader, Error, ErrorKind};
use tempfile::TempDir;

use super::disk::{folder, own};
use super::newsroom::{Known, Newsroom, known, random, step};

/// Variable that asks for all cases of the test below instead of a sample.
const ALL: &str = "RETOLD_TEST_DAMAGE";

/// An archive to damage, and its answers while it is whole.
struct Damaged {
    folder: TempDir,
    known: Known,
    texts: Vec<Option<String>>,
    /// The files of the last commit.
    files: Vec<PathBuf>,
    cases: usize,
    /// Number of cases in which the damaged archive was opened nevertheless.
    opened: usize,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(own(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| !path.ends_with("lock")).collect();
    files.sort();
    files
}

impl Damaged {
    /// An archive after some steps with several commits. The files of its last commit are the new ones and
    /// the manifest.
    fn after(steps: usize, committed: usize, calm: usize) -> Self {
        let newsroom = Newsroom { per_day: steps / 20, calm };
        let folder = folder();
        let builder = Archive::builder().window_days(40).keep_texts();
        let mut archive = builder.open(folder.path()).unwrap();
        let mut before = Vec::new();
        for n in 0..steps {
            step(&mut archive, n, newsroom);
            if (n + 1).is_multiple_of(committed) {
                before = files(folder.path());
                archive.commit().unwrap();
            }
        }
        let known = known!(archive);
        let texts = known.ids().iter().map(|id| archive.text(id).unwrap()).collect();
        assert!(known.families() > steps / 20, "{}", known.families());
        let mut files = files(folder.path());
        files.retain(|path| path.ends_with("manifest") || !before.contains(path));
        drop(archive);
        Damaged { folder, known, texts, files, cases: 0, opened: 0 }
    }

    /// Replaces the bytes of a file. Opening then succeeds with correct answers, or the error names the file.
    /// `verify` always names it.
    fn is_noticed(&mut self, file: &Path, bytes: &[u8], how: &str) {
        fs::write(file, bytes).unwrap();
        self.cases += 1;
        let how = format!("{} {how}", file.display());
        match Archive::open(self.folder.path()) {
            Err(error) => assert_names(&error, file, &how),
            Ok(archive) => {
                self.opened += 1;
                assert!(known!(archive) == self.known, "{how}");
                for (id, text) in self.known.ids().iter().zip(&self.texts) {
                    match archive.text(id) {
                        Ok(found) => assert_eq!(found, *text, "{how}"),
                        Err(error) => assert_names(&error, file, &how),
                    }
                }
            }
        }
        if let Err(error) = ArchiveReader::open(self.folder.path()) {
            assert_names(&error, file, &how);
        }
        match Archive::verify(self.folder.path()) {
            Ok(damage) => {
                assert!(!damage.is_empty(), "{how}");
                damage.iter().for_each(|error| assert_names(error, file, &how));
            }
            Err(error) => assert_names(&error, file, &how),
        }
    }

    /// Cuts each file at every `step`th length.
    fn cut(&mut self, step: usize) {
        for file in self.files.clone() {
            let whole = fs::read(&file).unwrap();
            for length in (0..whole.len()).step_by(step) {
                self.is_noticed(&file, &whole[..length], &format!("cut at {length}"));
            }
            fs::write(&file, whole).unwrap();
        }
    }

    /// Flips one to forty bits of a file, `times` times.
    fn flip(&mut self, times: usize) {
        let files: Vec<(PathBuf, Vec<u8>)> =
            self.files.iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
        for round in 0..times as u64 {
            let (file, whole) = &files[random(round, 0) % files.len()];
            let mut flipped = whole.clone();
            // A single bit in half of the cases.
            for n in 0..1 + (random(round, 1) % 80).saturating_sub(40) {
                let bit = random(round, 2 + n as u64) % (8 * flipped.len());
                flipped[bit / 8] ^= 1 << (bit % 8);
            }
            if flipped != *whole {
                self.is_noticed(file, &flipped, &format!("flipped in round {round}"));
                fs::write(file, whole).unwrap();
            }
        }
    }

    /// With its original bytes the archive is whole again.
    fn is_whole(&self) {
        assert_eq!(Archive::verify(self.folder.path()).unwrap(), []);
        assert_eq!(known!(Archive::open(self.folder.path()).unwrap()), self.known);
    }
}

/// Asserts that the error names the damaged file, or the version that wrote it.
fn assert_names(error: &Error, file: &Path, how: &str) {
    match error.kind() {
        ErrorKind::Damaged { path, .. } | ErrorKind::Format { path, .. } => {
            assert_eq!(path.file_name(), file.file_name(), "{how}");
        }
        _ => panic!("{how}: {error}"),
    }
}

/// A sample of lengths and bits. Every length of the files of the last commit, and ten times as many
/// bits:
///
/// ```text
/// RETOLD_TEST_DAMAGE=all cargo test --release --test archive files_that_are_cut -- --nocapture
/// ```
#[test]
fn files_that_are_cut_or_have_other_bits_are_named_or_do_no_harm() {
    let all = env::var_os(ALL).is_some();
    let mut small = Damaged::after(60, 20, 0);
    let kinds = |damaged: &Damaged| -> Vec<String> {
        let endings = damaged.files.iter().filter_map(|path| path.extension());
        endings.map(|ending| ending.to_string_lossy().into_owned()).collect()
    };
    assert!(kinds(&small).contains(&"kins".to_owned()), "{:?}", small.files);
    small.cut(if all { 1 } else { 23 });
    small.flip(if all { 10_000 } else { 1_000 });
    small.is_whole();

    // The only commit writes a segment file.
    let mut large = Damaged::after(8_192, 8_192, 8_192);
    assert!(kinds(&large).contains(&"part".to_owned()), "{:?}", large.files);
    large.cut(if all { 4_001 } else { 200_003 });
    large.flip(if all { 1_000 } else { 30 });
    large.is_whole();
    let cases = [small.cases, large.cases];
    println!("{cases:?} cases, opened all the same in {:?}", [small.opened, large.opened]);
}
