//! No input makes the record reader of the examples panic or return an invalid record.

#![no_main]

use libfuzzer_sys::fuzz_target;

use article::{Item, Options, Summary};
use json::Records;
use split::Layout;

#[allow(dead_code, reason = "the reader of whole folders, which is not here, uses the rest")]
#[path = "../../examples/common/article.rs"]
mod article;
#[path = "../../examples/common/json.rs"]
mod json;
#[path = "../../examples/common/split.rs"]
mod split;

fuzz_target!(|bytes: &[u8]| {
    for (layout, max_bytes) in [(Layout::Lines, 64), (Layout::Values, 64), (Layout::Values, 4096)] {
        let options = Options { max_bytes, ..Options::default() };
        let mut summary = Summary::default();
        let items: Vec<Item> = Records::new(bytes, layout, "-", &options, &mut summary)
            .take(bytes.len() + 2)
            .collect();
        // One item for each byte, and one for the stream as a whole.
        assert!(items.len() <= bytes.len() + 1, "the reader does not end");
        assert!(summary.bytes <= bytes.len() as u64);
        for item in &items {
            let Item::Record(record) = item else { continue };
            assert!(!record.text.trim().is_empty() && !record.id.trim().is_empty());
            assert!(record.date.as_ref().is_none_or(|date| date.parse::<retold::Date>().is_ok()));
        }
    }
});
