//! Words, their hashes and their byte ranges agree with the reference implementation on every text.

use std::io::Read;

use proptest::prelude::*;
use retold::{Normalized, Scanner, Words, hash};

use plain_words::{PlainText, hashed_form};

#[path = "support/plain_words.rs"]
mod plain_words;

/// Checks everything public about the words of a text against the rules.
#[track_caller]
fn check(scanner: &mut Scanner, source: &str) {
    let plain = PlainText::new(source);
    let normalized = Normalized::new(source);
    assert_eq!(normalized.as_str(), plain.text, "{source:?}");
    for (at, c) in plain.text.char_indices() {
        let range = at..at + c.len_utf8();
        let expected = plain.source_range(range.clone());
        assert_eq!(normalized.source_range(range), expected, "{source:?}");
    }
    let (words, scan) = (Words::new(source), scanner.scan(source));
    let expected = plain.words();
    assert_eq!((words.len(), scan.len()), (expected.len(), expected.len()), "{source:?}");
    for (index, (range, word)) in expected.into_iter().zip(&words).enumerate() {
        let text = &plain.text[range.clone()];
        assert_eq!((words.text(index), scan.text(index)), (text, text), "{source:?}");
        let hash = hash::word(hashed_form(text).as_bytes());
        assert_eq!((word.hash(), scan.hashes()[index]), (hash, hash), "{text:?} of {source:?}");
        assert_eq!(word.source(), plain.source_range(range), "{text:?} of {source:?}");
    }
}

/// A text of parts in random order, some of them hard to normalise or to split.
fn hard_text(parts: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[ -~]{0,12}",
        2 => "[a-z]{1,30}",
        2 => "[0-9]{1,4}[.,][0-9]{1,4}",
        1 => "[0-9.,]{1,12}",
        1 => "[a-zA-Z]\u{301}?",
        1 => "[Ѐ-ӿ]{1,12}",
        1 => "[à-ỹ]{1,5}",
        1 => "[一-鿿]{1,6}",
        1 => "[ก-๎]{1,6}",
        1 => "[ऀ-ॿ]{1,6}",
        1 => "[“”‘’—…€°•]{1,2}",
        1 => any::<char>().prop_map(String::from),
        2 => prop::sample::select(vec![
            "\u{345}", "ﬃ", "İ", "ŉ", "ς", "ﷺ", "\u{1161}", "\u{ff9e}", "\u{200d}", "ẞ", "ᾳ", "Å",
            "\u{9be}", "½", "\u{feff}", "\u{ad}", "\u{301}", "ー", "々", "\u{e33}", "\u{e4d}",
        ]).prop_map(String::from),
    ];
    prop::collection::vec(part, parts).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn words_of_short_hard_texts_follow_the_rules(source in hard_text(0..12)) {
        check(&mut Scanner::new(), &source);
    }

    #[test]
    fn words_of_texts_over_many_blocks_follow_the_rules(source in hard_text(0..120)) {
        check(&mut Scanner::new(), &source);
    }

    #[test]
    fn words_of_any_characters_follow_the_rules(source in "\\PC{0,40}") {
        check(&mut Scanner::new(), &source);
    }
}

#[test]
fn every_character_follows_the_rules_alone_and_among_others() {
    let mut scanner = Scanner::new();
    // The other characters are unassigned, for private use, or rare ideographs.
    for c in ('\0'..='\u{1ffff}').chain('\u{e0000}'..'\u{e0200}') {
        check(&mut scanner, &format!("{c} a{c}b 1{c}{c}2,{c}中{c}文e\u{301}{c}"));
    }
}

#[test]
fn words_follow_the_rules_at_every_offset_in_a_block_of_64_bytes() {
    let mut scanner = Scanner::new();
    let parts = [
        "1,234.5",
        "3.\u{301}5",
        "a中文字b",
        "เรือ",
        "中",
        "“x”",
        "e\u{301}",
        "\u{301}",
        "€",
        "word",
        ".",
    ];
    for before in 50..140 {
        for part in parts {
            for filling in ["a", " ", "1", "é"] {
                let start = filling.repeat(before / filling.len());
                check(&mut scanner, &format!("{start}{part}"));
                check(&mut scanner, &format!("{start}{part}{filling} {part}{part}"));
            }
        }
    }
}

#[test]
fn words_of_real_articles_follow_the_rules() {
    let Ok(files) = std::fs::read_dir("../shared/eval") else {
        eprintln!("skipped: ../shared/eval is not here");
        return;
    };
    let mut scanner = Scanner::new();
    for path in files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|name| name == "gz"))
    {
        let mut lines = String::new();
        flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap())
            .read_to_string(&mut lines)
            .unwrap();
        // A sample of each set: the reference implementation is slow.
        for line in lines.lines().step_by(11) {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            check(&mut scanner, record["text"].as_str().unwrap_or_default());
        }
    }
}
