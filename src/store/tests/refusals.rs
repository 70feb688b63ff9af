//! Operations that the operating system or another writer refuses.

use std::io;
use std::process::Command;

use super::*;

/// The kind of an `Io` error.
fn io_kind(error: &Error) -> io::ErrorKind {
    match error.kind() {
        ErrorKind::Io { kind, .. } => *kind,
        _ => panic!("{error}"),
    }
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_dropped() {
    let folder = folder();
    let first = Store::open(folder.path(), NEW).unwrap();
    let error = Store::open(folder.path(), NEW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Locked { path: folder.path().to_owned() });
    assert!(Snapshot::open(folder.path()).is_ok(), "readers need no lock");
    drop(first);
    assert!(Store::open(folder.path(), None).is_ok());
}

#[test]
fn a_folder_without_a_store_is_refused_and_left_unchanged() {
    let folder = folder();
    for path in [folder.path().to_owned(), folder.path().join("none")] {
        let errors = [
            Store::open(&path, None).unwrap_err(),
            Snapshot::open(&path).unwrap_err(),
            verify(&path).unwrap_err(),
        ];
        assert!(errors.iter().all(|error| io_kind(error) == io::ErrorKind::NotFound));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_of_another_store_is_not_committed() {
    let (one, two) = (folder(), folder());
    let mut one = Store::open(one.path(), NEW).unwrap();
    let mut two = Store::open(two.path(), NEW).unwrap();
    let file = write(&mut one, 1).unwrap();
    let error = two.commit(&[file], &[1]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Setting { .. }), "{error}");
}

#[test]
fn a_missing_section_or_one_of_another_size_is_an_error() {
    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    let file = write(&mut store, 1).unwrap();
    let missing = file.section::<u8>(99).unwrap_err();
    let other = file.section::<u32>(NUMBERS).unwrap_err();
    assert_eq!([damaged_path(&missing), damaged_path(&other)], [file.path(), file.path()]);
    assert!(other.to_string().contains("section 2: its numbers have 8 bytes, expected 4"));
}

/// A file system of 256 KiB in memory, unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` if the tests have no permission to mount.
    fn mount() -> Option<Self> {
        let folder = folder();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(folder.path());
        mount.output().ok()?.status.success().then(|| SmallDisk(folder))
    }

    fn make_read_only(&self) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-o", "remount,ro"]).arg(self.0.path());
        mount.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let Some(small) = SmallDisk::mount() else {
        println!("SKIPPED: mounting a small file system needs root");
        return;
    };
    let folder = small.0.path();
    let mut store = Store::open(folder, NEW).unwrap();
    commit(&mut store, &[1, 2]).unwrap();
    let large = vec![7u8; 1 << 20];

    let error = store.write(ROWS, &[Section::new(1, &large)]).unwrap_err();
    assert_eq!(io_kind(&error), io::ErrorKind::StorageFull);
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!(names(folder), clean_names(store.snapshot()), "nothing is left");

    let error = store.commit(&[], &large).unwrap_err();
    assert_eq!(io_kind(&error), io::ErrorKind::StorageFull);
    assert_eq!(names(folder), clean_names(store.snapshot()), "nothing is left");
    assert_eq!(seeds_in(folder), [1, 2]);

    assert_eq!(seeds_of(&commit(&mut store, &[3]).unwrap()), [3]);
}

#[test]
fn a_read_only_disk_can_be_read_and_refuses_a_writer() {
    let Some(small) = SmallDisk::mount() else {
        println!("SKIPPED: mounting a small file system needs root");
        return;
    };
    let folder = small.0.path();
    commit(&mut Store::open(folder, NEW).unwrap(), &[1, 2]).unwrap();
    assert!(small.make_read_only());
    assert_eq!(seeds_in(folder), [1, 2]);
    assert!(verify(folder).unwrap().is_empty());
    let error = Store::open(folder, NEW).unwrap_err();
    assert_eq!(io_kind(&error), io::ErrorKind::ReadOnlyFilesystem);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_refuses_and_loses_nothing() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let mut store = Store::open(folder.path(), NEW).unwrap();
    commit(&mut store, &[1, 2]).unwrap();
    let own = own(folder.path());
    let allow = |mode| fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    if fs::write(own.join("probe"), "").is_ok() {
        allow(0o755);
        println!("SKIPPED: this user may write to read-only folders");
        return;
    }
    let error = commit(&mut store, &[3]).unwrap_err();
    assert_eq!(io_kind(&error), io::ErrorKind::PermissionDenied);
    assert_eq!(seeds_in(folder.path()), [1, 2]);
    allow(0o755);
    assert_eq!(seeds_of(&commit(&mut store, &[3]).unwrap()), [3]);
}
