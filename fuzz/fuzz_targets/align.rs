//! Any two texts can be aligned: sentences, shared words and differences are on character boundaries and
//! in order, and each sentence is in a pair or in one text only.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use retold::align;

fuzz_target!(|text: &str| {
    // Most texts of the corpus contain this byte, so the fuzzer moves the cut.
    let (left, right) = text.split_once('|').unwrap_or((text, text));
    let alignment = align(left, right);
    check(left, alignment.left());
    check(right, alignment.right());
    let mut alone = (alignment.only_left().len(), alignment.only_right().len());
    let pairs = alignment.pairs();
    alone.0 += alignment.left().iter().filter(|&s| pairs.iter().any(|p| p.left() == *s)).count();
    alone.1 += alignment.right().iter().filter(|&s| pairs.iter().any(|p| p.right() == *s)).count();
    assert_eq!(alone, (alignment.left().len(), alignment.right().len()));
    for pair in pairs {
        assert!((0.0..=1.0).contains(&pair.strength()));
        let on_left: Vec<_> = pair.shared().iter().map(|(on_left, _)| on_left.clone()).collect();
        check(left, &on_left);
        for difference in pair.differences() {
            assert!(difference.left().is_none_or(|range| left.get(range).is_some()));
            assert!(difference.right().is_none_or(|range| right.get(range).is_some()));
        }
    }
});

/// The ranges are within the source, are not empty and follow one another.
fn check(source: &str, ranges: &[Range<usize>]) {
    let mut end = 0;
    for range in ranges {
        assert!(range.start >= end, "{range:?}");
        assert!(source.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?}");
        end = range.end;
    }
}
