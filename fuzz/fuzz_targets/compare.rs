//! Any two texts can be compared, with the same score from both sides, and the passages that they
//! share stand in both.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use retold::{Words, compare};

fuzz_target!(|text: &str| {
    // A byte that most texts of the corpus have, so that the fuzzer moves the cut about.
    let (left, right) = text.split_once('|').unwrap_or((text, text));
    let comparison = compare(left, right);
    assert!((0.0..=1.0).contains(&comparison.score()));
    let back = compare(right, left);
    assert_eq!(back.score(), comparison.score());
    assert_eq!(back.relation(), comparison.relation().flipped());
    for passage in comparison.passages() {
        let (on_left, on_right) = (inside(left, passage.left()), inside(right, passage.right()));
        // A word that shares a character with the outermost may come along, hence windows.
        let mut windows = on_left.windows(passage.words());
        assert!(windows.any(|left| on_right.windows(left.len()).any(|right| left == right)));
    }
});

/// The hashes of the words in a place of a text.
fn inside(text: &str, place: Range<usize>) -> Vec<u64> {
    assert!(text.get(place.clone()).is_some_and(|part| !part.is_empty()), "{place:?}");
    let is_in = |word: Range<usize>| word.start >= place.start && word.end <= place.end;
    let words = Words::new(text);
    words.iter().filter(|word| is_in(word.source())).map(|word| word.hash()).collect()
}
