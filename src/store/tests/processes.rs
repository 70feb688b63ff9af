//! Writers in other processes that are killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::*;

/// The environment variable with the folder that the child process writes to.
const FOLDER: &str = "RETOLD_TEST_STORE";

/// The line that the child process prints when it holds the lock.
const READY: &str = "holds the lock";

/// Not a test by itself: the child process that the test below starts and kills.
#[test]
#[ignore = "the child process of the test below"]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut store = open_when_free(Path::new(&folder));
    println!("\n{READY}");
    for round in 0u8.. {
        commit(&mut store, &[round % 50, 100, round % 7]).unwrap();
        if round == 255 {
            return;
        }
    }
}

/// Opens a store whose lock may not be free yet: a child that another test is starting inherits all open
/// files until it executes its program.
fn open_when_free(folder: &Path) -> Store {
    for _ in 0..500 {
        match Store::open(folder, NEW) {
            Err(error) if matches!(error.kind(), ErrorKind::Locked { .. }) => {
                thread::sleep(Duration::from_millis(10));
            }
            opened => return opened.unwrap(),
        }
    }
    panic!("the lock was never free");
}

/// Starts the child process and waits until it holds the lock.
fn start(folder: &Path) -> Child {
    let name = "store::tests::processes::writes_until_it_is_killed";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(READY)));
    child
}

#[test]
fn a_writer_in_another_process_refuses_others_and_may_be_killed_at_any_time() {
    let folder = tempfile::tempdir().unwrap(); // on a disk, so that a kill hits slow operations
    let mut last = 0;
    for round in 0..12 {
        let mut child = start(folder.path());
        let error = Store::open(folder.path(), NEW).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Locked { .. }), "{error}");
        thread::sleep(Duration::from_micros(splitmix(round, 0) % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();

        let store = open_when_free(folder.path());
        seeds_of(store.snapshot());
        assert!(store.snapshot().generation() >= last);
        last = store.snapshot().generation();
        assert_eq!(names(folder.path()), clean_names(store.snapshot()));
    }
    assert!(last > 0);
}
