//! Ctrl-C. An archive needs no shutdown: committed articles stay whenever the program ends, and the next
//! writer deletes what an unfinished commit wrote.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;

use crate::common::failure::INTERRUPTED;
use crate::common::output;
use crate::common::text::{count, say};

/// Number of articles that this run has committed.
static COMMITTED: AtomicUsize = AtomicUsize::new(0);

/// Counts committed articles.
pub fn committed(articles: usize) {
    COMMITTED.fetch_add(articles, Ordering::Relaxed);
}

/// Ends the program with 130 on Ctrl-C. Where the signal cannot be caught, it ends the program directly.
pub fn end_on_ctrl_c(bar: &ProgressBar) {
    let bar = bar.clone();
    let _ = ctrlc::set_handler(move || {
        bar.finish_and_clear();
        let articles = count(COMMITTED.load(Ordering::Relaxed), "article", "articles");
        say(format_args!("stopped: {articles} committed"));
        output::abandon_all(INTERRUPTED)
    });
}
