//! The same work on one thread or many: results come in the order of the items, whichever way.

#[cfg(feature = "archive")]
use std::ops::Range;

#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Applies `work` to every item, with a scratch value that each thread makes for itself.
#[cfg(feature = "parallel")]
pub(crate) fn map<T: Sync, S, R: Send>(
    items: &[T],
    scratch: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, &T) -> R + Sync + Send,
) -> Vec<R> {
    items.par_iter().map_init(scratch, |scratch, item| work(scratch, item)).collect()
}

/// Applies `work` to every item, with a scratch value that each thread makes for itself.
#[cfg(not(feature = "parallel"))]
pub(crate) fn map<T: Sync, S, R: Send>(
    items: &[T],
    scratch: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, &T) -> R + Sync + Send,
) -> Vec<R> {
    let mut scratch = scratch();
    items.iter().map(|item| work(&mut scratch, item)).collect()
}

/// Whether something holds of all of so many items, which are asked for in runs.
#[cfg(feature = "archive")]
pub(crate) fn all(count: usize, hold: impl Fn(Range<usize>) -> bool + Sync + Send) -> bool {
    const RUN: usize = 1 << 12;
    let run = |n: usize| hold(n * RUN..count.min((n + 1) * RUN));
    let runs = 0..count.div_ceil(RUN);
    #[cfg(feature = "parallel")]
    return runs.into_par_iter().all(run);
    #[cfg(not(feature = "parallel"))]
    return { runs }.all(run);
}

/// Does both, at the same time if there is a thread for it.
pub(crate) fn join<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    two: impl FnOnce() -> B + Send,
) -> (A, B) {
    #[cfg(feature = "parallel")]
    return rayon::join(one, two);
    #[cfg(not(feature = "parallel"))]
    (one(), two())
}
