//! Crashes, power cuts and errors between any two operations on the file system.

use super::super::faults::{DoneStep, Fault, with};
use super::*;

/// Opens the store with the generation `[1, 2]` and commits `[2, 3, 4]`.
fn commit_next(folder: &Path) -> Result<(), Error> {
    let mut store = Store::open(folder, NEW)?;
    let two = store.snapshot().files()[1].clone();
    let (three, four) = (write(&mut store, 3)?, write(&mut store, 4)?);
    store.commit(&[two, three, four], &[2, 3, 4]).map(drop)
}

/// A folder with the generation `[1, 2]` and the remains of a crash.
fn before() -> TempDir {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1, 2]).unwrap();
    write(&mut store, 9).unwrap();
    fs::write(own(folder.path()).join("manifest.new"), "half").unwrap();
    folder
}

/// Runs `check` on the result of each fault of a kind, until one is after the last operation.
fn for_each_fault(
    fault: fn(usize) -> Fault,
    mut check: impl FnMut(&Path, &Path, Result<(), Error>, &[DoneStep]),
) {
    let before = before();
    for at in 0.. {
        let after = folder();
        copy(before.path(), after.path());
        let (result, steps) = with(fault(at), || commit_next(after.path()));
        let is_late = result.is_ok() && steps.len() <= at;
        check(before.path(), after.path(), result, &steps);
        if is_late {
            assert!(at > 20, "only {at} steps were seen");
            return;
        }
    }
}

/// Asserts that a folder has one of the two generations, complete, and that a writer deletes all
/// remains and can commit.
fn assert_usable(folder: &Path, must_be_new: bool) {
    let seeds = seeds_in(folder);
    assert!(seeds == [2, 3, 4] || (!must_be_new && seeds == [1, 2]), "{seeds:?}");
    assert!(verify(folder).unwrap().is_empty());
    let mut store = Store::open(folder, None).unwrap();
    assert_eq!(seeds_of(store.snapshot()), seeds);
    assert_eq!(names(folder), clean_names(store.snapshot()));
    assert_eq!(seeds_of(&commit(&mut store, &[5]).unwrap()), [5]);
}

#[test]
fn a_crash_between_any_two_steps_leaves_the_old_or_the_new_generation() {
    for_each_fault(Fault::From, |_, after, result, _| assert_usable(after, result.is_ok()));
}

/// The operations that a power cut can undo: changes of names after the last sync of the folder.
fn undoable<'a>(folder: &Path, steps: &'a [DoneStep]) -> Vec<&'a DoneStep> {
    let is_sync = |step: &DoneStep| step.0 == "sync" && step.1 == own(folder);
    let synced = steps.iter().rposition(is_sync).map_or(0, |last| last + 1);
    let names = ["create", "replace", "delete"];
    steps[synced..].iter().filter(|step| names.contains(&step.0)).collect()
}

/// Undoes a change of a name.
fn undo(before: &Path, folder: &Path, (operation, path): &DoneStep) {
    let name = path.file_name().unwrap();
    let (was, is) = (own(before).join(name), own(folder).join(name));
    if *operation == "create" {
        let _ = fs::remove_file(is);
    } else if was.exists() {
        fs::copy(was, is).unwrap();
    }
}

/// Cuts every file that was not synced to half its length.
fn lose_unsynced_bytes(folder: &Path, steps: &[DoneStep]) {
    for (at, (operation, path)) in steps.iter().enumerate() {
        let is_synced = steps[at..].iter().any(|step| step.0 == "sync" && step.1 == *path);
        let name = own(folder).join(path.file_name().unwrap());
        if *operation == "create" && !is_synced && name.is_file() {
            let bytes = fs::read(&name).unwrap();
            fs::write(name, &bytes[..bytes.len() / 2]).unwrap();
        }
    }
}

/// Checks every state that a power cut after these operations can leave; returns their number.
fn check_power_cuts(before: &Path, after: &Path, steps: &[DoneStep], must_be_new: bool) -> u32 {
    let undoable = undoable(after, steps);
    let states = 1 << undoable.len();
    for undone in 0..states {
        let cut = folder();
        copy(after, cut.path());
        lose_unsynced_bytes(cut.path(), steps);
        for (at, step) in undoable.iter().enumerate().rev() {
            if undone >> at & 1 == 1 {
                undo(before, cut.path(), step);
            }
        }
        assert_usable(cut.path(), must_be_new);
    }
    states
}

#[test]
fn a_power_cut_at_any_step_leaves_the_old_or_the_new_generation() {
    let mut states = 0;
    for_each_fault(Fault::From, |before, after, result, steps| {
        states += check_power_cuts(before, after, steps, result.is_ok());
    });
    assert!(states > 60, "only {states} states were seen");
}

#[test]
fn a_power_cut_after_the_next_writer_has_cleaned_up_leaves_the_old_or_the_new_generation() {
    for_each_fault(Fault::From, |before, after, result, steps| {
        let (reopened, more) = with(Fault::From(usize::MAX), || Store::open(after, None).map(drop));
        assert_eq!(reopened, Ok(()));
        check_power_cuts(before, after, &[steps, &more].concat(), result.is_ok());
    });
}

/// Asserts that all names that were created or replaced are durable after these operations.
fn assert_durable(steps: &[DoneStep]) {
    for (at, (operation, path)) in steps.iter().enumerate() {
        let is_synced =
            |path: &Path| steps[at..].iter().any(|step| step.0 == "sync" && step.1 == path);
        if ["create", "replace"].contains(operation) {
            assert!(is_synced(path.parent().unwrap()), "{operation} {}", path.display());
        }
    }
}

#[test]
fn a_crash_while_a_store_is_made_leaves_none_or_a_whole_one_and_the_next_writer_makes_it() {
    let is_none = |error: &Error, given: &Path| {
        let ErrorKind::Io { kind, path, .. } = error.kind() else { panic!("{error}") };
        assert_eq!((*kind, &**path), (std::io::ErrorKind::NotFound, given));
    };
    for at in 0.. {
        let parent = folder();
        let path = parent.path().join("new/folder");
        let make = |state| Store::open(&path, Some(state));
        let (result, mut steps) = with(Fault::From(at), || make(&[1]).map(drop));
        let is_made = own(&path).join("manifest").exists();
        if is_made {
            assert_eq!(Snapshot::open(&path).unwrap().state(), [1]);
            assert!(verify(&path).unwrap().is_empty());
        } else {
            assert!(result.is_err());
            is_none(&Snapshot::open(&path).unwrap_err(), &path);
            is_none(&Store::open(&path, None).unwrap_err(), &path);
            is_none(&verify(&path).unwrap_err(), &path);
        }
        let is_late = result.is_ok() && steps.len() <= at;

        let (made, more) = with(Fault::From(usize::MAX), || make(&[2]));
        steps.extend(more);
        assert_durable(&steps);
        let mut store = made.unwrap();
        assert_eq!(store.snapshot().generation(), 0);
        assert_eq!(store.snapshot().state(), if is_made { [1] } else { [2] });
        assert_eq!(names(&path), ["lock", "manifest"]);
        assert_eq!(seeds_of(&commit(&mut store, &[1]).unwrap()), [1]);
        if is_late {
            assert!(at > 12, "only {at} steps were seen");
            return;
        }
    }
}

#[test]
fn after_an_error_at_any_step_the_last_generation_stays_and_the_store_is_usable() {
    let mut refused = 0;
    for at in 0.. {
        let folder = before();
        let mut store = Store::open(folder.path(), NEW).unwrap();
        let two = store.snapshot().files()[1].clone();
        let (result, steps) = with(Fault::At(at), || {
            let three = write(&mut store, 3)?;
            store.commit(&[two.clone(), three], &[2, 3])
        });
        let is_late = result.is_ok() && steps.len() <= at;
        if let Err(error) = result {
            refused += 1;
            let ErrorKind::Io { kind, path, .. } = error.kind() else { panic!("{error}") };
            assert_eq!(*kind, std::io::ErrorKind::StorageFull);
            assert!(path.starts_with(folder.path()));
            assert_eq!(seeds_of(store.snapshot()), [1, 2]);
            assert!(!names(folder.path()).contains(&"manifest.new".to_owned()));

            // Readers see the new generation only if no step but the last sync failed.
            let was_replaced = steps.iter().any(|step| step.0 == "replace");
            store.abandon();
            let expected: &[u8] = if was_replaced { &[2, 3] } else { &[1, 2] };
            assert_eq!(seeds_in(folder.path()), expected);

            let four = write(&mut store, 4).unwrap();
            let after = store.commit(&[four, two], &[4, 2]).unwrap();
            assert!(after.generation() > if was_replaced { 2 } else { 1 });
            assert_eq!(seeds_in(folder.path()), [4, 2]);
        }
        store.abandon(); // a failed deletion is tried again
        assert_eq!(names(folder.path()), clean_names(store.snapshot()));
        if is_late {
            break;
        }
    }
    assert!(refused > 8, "only {refused} steps were refused");
}

#[test]
fn a_refused_commit_can_be_tried_again_with_the_same_files() {
    let folder = before();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    let three = write(&mut store, 3).unwrap();
    let files = [three];
    let (result, _) = with(Fault::At(1), || store.commit(&files, &[3]));
    assert!(result.is_err());
    assert_eq!(seeds_of(&store.commit(&files, &[3]).unwrap()), [3]);
}
