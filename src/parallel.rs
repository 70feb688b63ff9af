//! The same work on one thread or many: results come in the order of the items, whichever way.

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
