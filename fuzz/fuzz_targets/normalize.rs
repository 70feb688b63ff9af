//! Normalisation is idempotent on every text, its words and shingles are in order and on character
//! boundaries, and words agree with the reference implementation.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use retold::{Normalized, Scanner, Shingle, Shingler, Word, Words, hash};

use plain_words::{PlainText, hashed_form};

#[path = "../../tests/support/plain_words.rs"]
mod plain_words;

fuzz_target!(|text: &str| {
    let once = Normalized::new(text);
    assert_eq!(Normalized::new(once.as_str()).as_str(), once.as_str());

    let words = Words::new(text);
    check_words(text, &once, &words);
    check_ranges(text, words.iter().map(Word::source));
    for shingler in [Shingler::words(3), Shingler::characters(1), Shingler::characters(5)] {
        let shingler = shingler.unwrap();
        let shingles = shingler.shingles(&words);
        check_ranges(text, shingles.iter().map(Shingle::source));
        let mut hashes = Vec::new();
        shingler.hashes_into(&words, &mut hashes);
        assert!(shingles.iter().map(|shingle| shingle.hash).eq(hashes.iter().copied()));
        let mut scanned = Vec::new();
        shingler.scan_into(&Scanner::new().scan(text), &mut scanned);
        assert_eq!(scanned, hashes);
    }
});

fn check_words(text: &str, normalized: &Normalized, words: &Words) {
    let plain = PlainText::new(text);
    assert_eq!(normalized.as_str(), plain.text);
    let expected = plain.words().into_iter().map(|range| {
        let word = &plain.text[range.clone()];
        (word, hash::word(hashed_form(word).as_bytes()), plain.source_range(range))
    });
    let found = words.iter().enumerate();
    assert!(expected.eq(found.map(|(at, word)| (words.text(at), word.hash(), word.source()))));
    let mut scanner = Scanner::new();
    let scan = scanner.scan(text);
    assert!((0..words.len()).map(|at| scan.text(at)).eq((0..words.len()).map(|at| words.text(at))));
    assert!(scan.hashes().iter().copied().eq(words.iter().map(Word::hash)));
}

fn check_ranges(text: &str, ranges: impl Iterator<Item = Range<usize>>) {
    let mut last = 0..0;
    for range in ranges {
        assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?}");
        assert!(range.start >= last.start && range.end >= last.end, "{range:?} after {last:?}");
        last = range;
    }
}
