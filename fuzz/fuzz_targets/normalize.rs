//! Every text is normalised once and for all, and its words and shingles stand in order in it, on
//! character boundaries.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use retold::{Normalized, Shingle, Shingler, Word, Words};

fuzz_target!(|text: &str| {
    let once = Normalized::new(text);
    assert_eq!(Normalized::new(once.as_str()).as_str(), once.as_str());

    let words = Words::new(text);
    check_places(text, words.iter().map(Word::source));
    for shingler in [Shingler::words(3), Shingler::characters(1), Shingler::characters(5)] {
        let shingler = shingler.unwrap();
        let shingles = shingler.shingles(&words);
        check_places(text, shingles.iter().map(Shingle::source));
        let mut hashes = Vec::new();
        shingler.hashes_into(&words, &mut hashes);
        assert!(shingles.iter().map(|shingle| shingle.hash).eq(hashes));
    }
});

fn check_places(text: &str, places: impl Iterator<Item = Range<usize>>) {
    let mut last = 0..0;
    for place in places {
        assert!(text.get(place.clone()).is_some_and(|part| !part.is_empty()), "{place:?}");
        assert!(place.start >= last.start && place.end >= last.end, "{place:?} after {last:?}");
        last = place;
    }
}
