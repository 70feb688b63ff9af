//! Archives that are used by all threads of a pool.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use retold::{Archive, Article};

use super::newsroom::{day, text};

/// So many that parts are merged and the merging is due.
const MANY: usize = 17_500;

/// Long enough on any machine for what takes seconds.
const LONG: Duration = Duration::from_secs(300);

/// A merging that needed a thread of the common pool would wait for one for ever: each of them waits for
/// a merging.
#[test]
fn archives_may_be_filled_by_all_threads_of_the_common_pool() {
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        rayon::broadcast(|_| {
            let mut archive = Archive::builder().window_days(10).in_memory().unwrap();
            for n in 0..MANY {
                let (id, text) = (n.to_string(), text(n));
                archive.insert(Article::new(&id, &text).date(day(n / 4_000))).unwrap();
            }
            assert_eq!(archive.len(), MANY);
        });
        done.send(()).unwrap();
    });
    is_done.recv_timeout(LONG).expect("all threads come to an end");
}
