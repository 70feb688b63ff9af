//! Data parallelism: rayon with the feature `parallel`, a loop on the calling thread without it.
//!
//! Results are in the order of the items either way, so no result depends on the number of threads.
//! All other modules call these functions instead of rayon, so that none of them needs two forms.

#[cfg(feature = "archive")]
use std::ops::Range;

#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Applies `work` to every item. Each thread makes its own scratch value.
pub(crate) fn map<T: Sync, S, R: Send>(
    items: &[T],
    scratch: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, &T) -> R + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    let results = items.par_iter().map_init(scratch, |scratch, item| work(scratch, item));
    #[cfg(not(feature = "parallel"))]
    let (mut scratch, items) = (scratch(), items.iter());
    #[cfg(not(feature = "parallel"))]
    let results = items.map(|item| work(&mut scratch, item));
    results.collect()
}

/// Whether `hold` is true for every run of `0..count`. One run has 4 096 items, so that the cost of
/// scheduling it is small against its work.
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

/// Runs both closures, in parallel if a thread is free.
pub(crate) fn join<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    two: impl FnOnce() -> B + Send,
) -> (A, B) {
    #[cfg(feature = "parallel")]
    return rayon::join(one, two);
    #[cfg(not(feature = "parallel"))]
    (one(), two())
}
