//! Ctrl-C. An archive needs no farewell: what was committed stays whenever the program ends, and the
//! next writer clears away what a commit had begun to write.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;

use crate::common::failure::INTERRUPTED;
use crate::common::output;
use crate::common::text::{count, say};

/// How many articles this run has committed.
static COMMITTED: AtomicUsize = AtomicUsize::new(0);

/// Counts articles that are committed.
pub fn committed(articles: usize) {
    COMMITTED.fetch_add(articles, Ordering::Relaxed);
}

/// Ends the program with 130 on Ctrl-C. Where it cannot be caught, that ends it the hard way.
pub fn end_on_ctrl_c(bar: &ProgressBar) {
    let bar = bar.clone();
    let _ = ctrlc::set_handler(move || {
        bar.finish_and_clear();
        let articles = count(COMMITTED.load(Ordering::Relaxed), "article", "articles");
        say(format_args!("stopped: {articles} committed"));
        output::abandon_all(INTERRUPTED)
    });
}
