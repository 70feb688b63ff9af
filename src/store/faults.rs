//! Fault injection into the file system operations of the current thread, for tests.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

/// The operations that fail, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// This one, like a disk that is full for a moment.
    At(usize),
    /// This one and all later ones, like a crash: nothing more reaches the disk.
    From(usize),
}

/// The name and path of an operation that succeeded.
pub(crate) type DoneStep = (&'static str, PathBuf);

thread_local! {
    static PLAN: RefCell<Option<(Fault, usize, Vec<DoneStep>)>> = const { RefCell::new(None) };
}

/// Runs `run` under a fault; also returns the operations that succeeded.
pub(crate) fn with<T>(fault: Fault, run: impl FnOnce() -> T) -> (T, Vec<DoneStep>) {
    PLAN.set(Some((fault, 0, Vec::new())));
    let result = run();
    (result, PLAN.take().unwrap().2)
}

/// Counts an operation, and fails it if the fault covers it.
pub(super) fn inject(operation: &'static str, path: &Path) -> io::Result<()> {
    PLAN.with_borrow_mut(|plan| {
        let Some((fault, count, done)) = plan else { return Ok(()) };
        let step = *count;
        *count += 1;
        match *fault {
            Fault::At(at) if at == step => Err(io::ErrorKind::StorageFull.into()),
            Fault::From(from) if from <= step => Err(io::ErrorKind::StorageFull.into()),
            _ => {
                done.push((operation, path.to_owned()));
                Ok(())
            }
        }
    })
}
