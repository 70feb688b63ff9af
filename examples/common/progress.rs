//! A progress bar on standard error, if that is a terminal.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::reader::{Input, Item, list};

/// The progress of reading, by the sizes of the files.
pub struct Progress {
    pub bar: ProgressBar,
    /// The offset of each file in the sum of all, and its size.
    places: HashMap<String, (u64, u64)>,
    file: String,
    /// Bytes of text of that file so far.
    text: u64,
    articles: u64,
}

impl Progress {
    /// Shows nothing unless standard error is a terminal.
    pub fn new(input: &Input) -> Self {
        let mut places = HashMap::new();
        let bar = if io::stderr().is_terminal() {
            // The reader lists the input again, which is fast compared with reading it.
            let files = list(input).map(|listing| listing.files).unwrap_or_default();
            let mut total = 0;
            for file in files {
                places.insert(file.name, (total, file.bytes));
                total += file.bytes;
            }
            shown(total)
        } else {
            ProgressBar::hidden()
        };
        Self { bar, places, file: String::new(), text: 0, articles: 0 }
    }

    /// Moves to the item that was just read.
    pub fn saw(&mut self, item: &Item) {
        if self.bar.is_hidden() {
            return;
        }
        let (path, bytes) = match item {
            Item::Record(record) => (&record.path, record.text.len()),
            Item::Skip(skip) => (&skip.path, 0),
        };
        if *path != self.file {
            self.file.clone_from(path);
            self.text = 0;
        }
        self.text += bytes as u64;
        self.articles += u64::from(matches!(item, Item::Record(_)));
        let (start, size) = self.places.get(path).copied().unwrap_or_default();
        // A compressed file holds more text than it has bytes.
        self.bar.set_position(start + self.text.min(size));
        self.bar.set_message(format!("{} articles", self.articles));
    }

    /// Shows that everything is read.
    pub fn grouping(&self) {
        self.bar.set_position(self.bar.length().unwrap_or_default());
        self.bar.set_message(format!("{} articles, grouping", self.articles));
    }

    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar for a known size, otherwise a spinner.
fn shown(total: u64) -> ProgressBar {
    let (bar, template) = if total > 0 {
        let template = "{bar:30} {bytes} of {total_bytes}, {msg}, {elapsed}";
        (ProgressBar::new(total), template)
    } else {
        (ProgressBar::new_spinner(), "{spinner} {msg}, {elapsed}")
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
