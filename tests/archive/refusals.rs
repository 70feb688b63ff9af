//! Refusals of the operating system: a full disk, a read-only disk, a read-only folder.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use retold::{Archive, ArchiveReader, Error, ErrorKind};
use tempfile::TempDir;

use super::disk::{folder, own};
use super::newsroom::{Newsroom, known, step};

const NEWSROOM: Newsroom = Newsroom { per_day: 50, calm: 0 };

/// A file system of half a mebibyte, unmounted on drop.
struct Small(TempDir);

impl Small {
    /// `None` if the tests may not mount.
    fn mount() -> Option<Self> {
        let folder = folder();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(folder.path());
        mount.output().ok()?.status.success().then(|| Small(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn make_read_only(&self) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-o", "remount,ro"]).arg(self.path());
        mount.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

fn io_kind(error: &Error) -> io::ErrorKind {
    match error.kind() {
        ErrorKind::Io { kind, .. } => *kind,
        _ => panic!("{error}"),
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let Some(small) = Small::mount() else {
        println!("SKIPPED: mounting a small file system needs root");
        return;
    };
    // A file of another program, which the test deletes to make room.
    let large = small.path().join("large");
    fs::write(&large, vec![7; 200 << 10]).unwrap();
    let place = small.path().join("archive");
    let mut archive = Archive::builder().keep_texts().open(&place).unwrap();
    let (mut committed, mut refused) = (known!(archive), 0);
    for n in 0..2_000 {
        step(&mut archive, n, NEWSROOM);
        if n % 10 > 0 {
            continue;
        }
        match archive.commit() {
            Ok(()) => committed = known!(archive),
            Err(error) => {
                assert_eq!(io_kind(&error), io::ErrorKind::StorageFull);
                assert!(error.to_string().contains("free some space"), "{error}");
                assert_eq!(known!(ArchiveReader::open(&place).unwrap()), committed);
                assert_eq!(Archive::verify(&place).unwrap(), []);
                refused += 1;
                if refused == 3 {
                    break;
                }
            }
        }
    }
    assert_eq!(refused, 3);

    // What could not be committed is still in memory, and a commit succeeds once there is room.
    fs::remove_file(&large).unwrap();
    archive.commit().unwrap();
    let all = known!(archive);
    assert_ne!(all, committed);
    drop(archive);
    assert_eq!(known!(Archive::open(&place).unwrap()), all);
}

#[test]
fn a_full_disk_may_be_left_and_what_was_committed_is_opened() {
    let Some(small) = Small::mount() else {
        println!("SKIPPED: mounting a small file system needs root");
        return;
    };
    let place = small.path().join("archive");
    let mut archive = Archive::builder().open(&place).unwrap();
    (0..50).for_each(|n| step(&mut archive, n, NEWSROOM));
    archive.commit().unwrap();
    let committed = known!(archive);
    (50..100).for_each(|n| step(&mut archive, n, NEWSROOM));
    let mut filler = fs::File::create(small.path().join("filler")).unwrap();
    let zeros = [0; 4096];
    while io::Write::write_all(&mut filler, &zeros).is_ok() {}
    assert_eq!(io_kind(&archive.commit().unwrap_err()), io::ErrorKind::StorageFull);
    drop(archive);
    assert_eq!(Archive::verify(&place).unwrap(), []);
    let mut archive = Archive::open(&place).unwrap();
    assert_eq!(known!(archive), committed);
    archive.remove("7").unwrap();
    assert_eq!(io_kind(&archive.commit().unwrap_err()), io::ErrorKind::StorageFull);
}

#[test]
fn a_read_only_disk_is_read_and_not_written() {
    let Some(small) = Small::mount() else {
        println!("SKIPPED: mounting a small file system needs root");
        return;
    };
    let mut archive = Archive::builder().open(small.path()).unwrap();
    (0..50).for_each(|n| step(&mut archive, n, NEWSROOM));
    archive.commit().unwrap();
    let committed = known!(archive);
    drop(archive);
    assert!(small.make_read_only());
    let error = Archive::open(small.path()).unwrap_err();
    assert_eq!(io_kind(&error), io::ErrorKind::ReadOnlyFilesystem);
    assert!(error.to_string().contains("get the right to use it"), "{error}");
    assert_eq!(known!(ArchiveReader::open(small.path()).unwrap()), committed);
    assert_eq!(Archive::verify(small.path()).unwrap(), []);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let mut archive = Archive::builder().open(folder.path()).unwrap();
    (0..50).for_each(|n| step(&mut archive, n, NEWSROOM));
    archive.commit().unwrap();
    let committed = known!(archive);
    let own = own(folder.path());
    let allow = |mode| fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    if fs::write(own.join("probe"), "").is_ok() {
        allow(0o755);
        println!("SKIPPED: this user may write to read-only folders");
        return;
    }
    step(&mut archive, 50, NEWSROOM);
    assert_eq!(io_kind(&archive.commit().unwrap_err()), io::ErrorKind::PermissionDenied);
    assert_eq!(known!(ArchiveReader::open(folder.path()).unwrap()), committed);
    allow(0o755);
    archive.commit().unwrap();
    assert_eq!(known!(ArchiveReader::open(folder.path()).unwrap()), known!(archive));
}
