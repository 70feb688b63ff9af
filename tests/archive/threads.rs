//! Archives used by all threads of a pool.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use retold::{Archive, Article};

use super::newsroom::{day, text};

/// Enough articles that a merge starts and falls due.
const MANY: usize = 17_500;

/// Long enough on any machine for a test that takes seconds.
const LONG: Duration = Duration::from_secs(300);

/// A merge that needed a thread of the common pool would never get one: each of them waits for a merge.
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
