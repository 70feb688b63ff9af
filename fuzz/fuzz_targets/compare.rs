//! Any two texts can be compared, with the same score from both sides, and both contain the passages that
//! they share.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use retold::{Words, compare};

fuzz_target!(|text: &str| {
    // Most texts of the corpus contain this byte, so the fuzzer moves the cut.
    let (left, right) = text.split_once('|').unwrap_or((text, text));
    let comparison = compare(left, right);
    assert!((0.0..=1.0).contains(&comparison.score()));
    let back = compare(right, left);
    assert_eq!(back.score(), comparison.score());
    assert_eq!(back.relation(), comparison.relation().flipped());
    for passage in comparison.passages() {
        let (on_left, on_right) = (inside(left, passage.left()), inside(right, passage.right()));
        // A word that shares a character with the outermost one may be included, hence windows.
        let mut windows = on_left.windows(passage.words());
        assert!(windows.any(|left| on_right.windows(left.len()).any(|right| left == right)));
    }
});

/// The hashes of the words in a range of a text.
fn inside(text: &str, range: Range<usize>) -> Vec<u64> {
    assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?}");
    let is_in = |word: Range<usize>| word.start >= range.start && word.end <= range.end;
    let words = Words::new(text);
    words.iter().filter(|word| is_in(word.source())).map(|word| word.hash()).collect()
}
