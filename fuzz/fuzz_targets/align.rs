//! Any two texts can be aligned: sentences, shared words and differences stand on character
//! boundaries, in order, and each sentence is in a pair or in one text alone.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use retold::align;

fuzz_target!(|text: &str| {
    // A byte that most texts of the corpus have, so that the fuzzer moves the cut about.
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
            assert!(difference.left().is_none_or(|place| left.get(place).is_some()));
            assert!(difference.right().is_none_or(|place| right.get(place).is_some()));
        }
    }
});

/// Places that are there, are not empty and follow one another.
fn check(source: &str, places: &[Range<usize>]) {
    let mut end = 0;
    for place in places {
        assert!(place.start >= end, "{place:?}");
        assert!(source.get(place.clone()).is_some_and(|part| !part.is_empty()), "{place:?}");
        end = place.end;
    }
}
