//! Steps that fail on purpose, for the tests of this thread.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

/// Which steps fail, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// This one, as when the disk is full for a moment.
    At(usize),
    /// This one and all after it: the program does nothing more, as after a crash.
    From(usize),
}

/// A step that was done.
pub(crate) type Step = (&'static str, PathBuf);

thread_local! {
    static PLAN: RefCell<Option<(Fault, usize, Vec<Step>)>> = const { RefCell::new(None) };
}

/// Runs with a fault, and gives the steps that were done.
pub(crate) fn with<T>(fault: Fault, run: impl FnOnce() -> T) -> (T, Vec<Step>) {
    PLAN.set(Some((fault, 0, Vec::new())));
    let result = run();
    (result, PLAN.take().unwrap().2)
}

/// Fails if the plan is that this step fails.
pub(super) fn strike(operation: &'static str, path: &Path) -> io::Result<()> {
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
