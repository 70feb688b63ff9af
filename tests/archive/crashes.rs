//! Killed writers: every acknowledged commit survives.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use retold::{Archive, ArchiveBuilder, ArchiveReader};
use tempfile::TempDir;

use super::disk::{folder, own};
use super::newsroom::{Newsroom, known, random, step, steps_seen};

/// Variables that tell the other process its folder, and that the archive is a large one.
const FOLDER: &str = "RETOLD_TEST_ARCHIVE";
const IS_LARGE: &str = "RETOLD_TEST_IS_LARGE";

/// Variable with the number of kills.
const KILLS: &str = "RETOLD_TEST_KILLS";

/// Kills in a row on the same archive.
const LIFE: u64 = 6;

/// Steps between two commits.
const COMMITTED: usize = 3;

/// Steps of a large archive at the start. After a few more, its articles are in two segment files, whose
/// merge runs during the next thousand steps.
const LARGE: usize = 16_370;

/// The newsrooms of small archives and of large ones.
const FEW: Newsroom = Newsroom { per_day: 4, calm: 0 };
const MANY: Newsroom = Newsroom { per_day: 150, calm: 16_384 };

fn builder() -> ArchiveBuilder {
    Archive::builder().window_days(50).keep_texts()
}

/// A step of the writer, which sometimes compacts a small archive.
fn do_step(archive: &mut Archive, n: usize, newsroom: Newsroom) {
    step(archive, n, newsroom);
    if newsroom.calm == 0 && n % 50 == 49 {
        archive.compact().unwrap();
    }
}

/// Not a test: the other process, which the test below starts and kills.
#[test]
#[ignore = "the other process of the test below"]
fn writes_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let newsroom = if env::var_os(IS_LARGE).is_some() { MANY } else { FEW };
    let mut archive = Archive::open(folder).unwrap();
    let start = steps_seen(&archive);
    println!("\nhas {start}");
    for n in start..start + 10_000 {
        do_step(&mut archive, n, newsroom);
        if (n + 1).is_multiple_of(COMMITTED) {
            archive.commit().unwrap();
            println!("has {}", n + 1);
            std::io::stdout().flush().unwrap();
        }
    }
}

fn start_writer(folder: &Path, is_large: bool) -> Child {
    let mut writer = Command::new(env::current_exe().unwrap());
    writer.args(["--exact", "crashes::writes_until_it_is_killed", "--ignored", "--nocapture"]);
    writer.env(FOLDER, folder).stdout(Stdio::piped());
    if is_large {
        writer.env(IS_LARGE, "yes");
    }
    writer.spawn().unwrap()
}

/// Kills a writer some time after it opened the archive; returns the number of steps that it reported as
/// committed.
fn kill_after(mut writer: Child, time: Duration) -> usize {
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said = |line: String| line.strip_prefix("has ")?.parse::<usize>().ok();
    let opened = lines.find_map(said).expect("it opens the archive");
    thread::sleep(time);
    writer.kill().unwrap();
    writer.wait().unwrap();
    // A truncated line gives a smaller number, or none.
    lines.filter_map(said).last().unwrap_or(opened)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(own(to)).unwrap();
    for entry in fs::read_dir(own(from)).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), own(to).join(entry.file_name())).unwrap();
    }
}

/// An archive whose writer is killed again and again, and its twin in memory.
struct Life {
    folder: TempDir,
    twin: Archive,
    /// Steps of the twin.
    done: usize,
    is_large: bool,
}

impl Life {
    /// New archives and large ones, in memory or on a real disk, which is slower.
    fn start(life: u64, large: &TempDir) -> Self {
        let is_large = life % 2 == 1;
        let folder =
            if matches!(life % 4, 0 | 3) { tempfile::tempdir().unwrap() } else { folder() };
        let done = if is_large { LARGE } else { 0 };
        if is_large {
            copy(large.path(), folder.path());
        } else {
            drop(builder().open(folder.path()).unwrap());
        }
        let mut life = Life { folder, twin: builder().in_memory().unwrap(), done: 0, is_large };
        life.go_on(done);
        life
    }

    /// Runs the twin up to a step.
    fn go_on(&mut self, done: usize) {
        let newsroom = if self.is_large { MANY } else { FEW };
        (self.done..done).for_each(|n| do_step(&mut self.twin, n, newsroom));
        self.done = done;
    }

    /// Starts a writer and kills it. The archive then holds what was committed, and nothing else.
    fn kill(&mut self, round: u64) {
        let time = Duration::from_micros(random(round, 0) as u64 % 150_000);
        let acknowledged = kill_after(start_writer(self.folder.path(), self.is_large), time);
        assert_eq!(Archive::verify(self.folder.path()).unwrap(), []);
        let reader = ArchiveReader::open(self.folder.path()).unwrap();
        let archive = Archive::open(self.folder.path()).unwrap();
        let done = steps_seen(&archive);
        assert!(done >= acknowledged, "{done} of {acknowledged}");
        self.go_on(done);
        assert_eq!(known!(archive), known!(self.twin));
        assert_eq!(known!(reader), known!(self.twin));
        for id in self.twin.ids() {
            assert_eq!(archive.text(id).unwrap(), self.twin.text(id).unwrap());
        }
    }
}

/// A few kills. Many of them take minutes:
///
/// ```text
/// RETOLD_TEST_KILLS=500 cargo test --release --test archive every_commit_that_was -- --nocapture
/// ```
#[test]
fn every_commit_that_was_acknowledged_outlives_a_killed_writer() {
    let kills = env::var(KILLS).map_or(2 * LIFE, |kills| kills.parse().unwrap());
    let large = tempfile::tempdir().unwrap();
    let mut archive = builder().open(large.path()).unwrap();
    (0..LARGE).for_each(|n| do_step(&mut archive, n, MANY));
    archive.commit().unwrap();
    drop(archive);
    let (mut steps, mut life) = (0, Life::start(0, &large));
    for round in 0..kills {
        if round > 0 && round % LIFE == 0 {
            life = Life::start(round / LIFE, &large);
        }
        let before = life.done;
        life.kill(round);
        steps += life.done - before;
    }
    println!("{kills} kills, {steps} steps committed between them");
}
