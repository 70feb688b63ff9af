use super::*;
use crate::compare::passages::tests::check_ranges;
use proptest::prelude::*;

/// The alignment of two texts, whose invariants are asserted.
fn aligned(left: &str, right: &str) -> Alignment {
    let alignment = align(left, right);
    for (source, all, only, paired) in [
        (left, alignment.left(), alignment.only_left(), &SentencePair::left as &dyn Fn(&_) -> _),
        (right, alignment.right(), alignment.only_right(), &SentencePair::right),
    ] {
        check_ranges(source, all.iter().cloned());
        let in_pairs: Vec<Range<usize>> = alignment.pairs().iter().map(paired).collect();
        for sentence in all {
            assert_ne!(only.contains(sentence), in_pairs.contains(sentence), "{source:?}");
        }
        assert!(only.iter().chain(&in_pairs).all(|sentence| all.contains(sentence)));
    }
    for pair in alignment.pairs() {
        assert!((0.0..=1.0).contains(&pair.strength()), "{pair:?}");
        let inside = |part: &Range<usize>, whole: Range<usize>| {
            part.start >= whole.start && part.end <= whole.end
        };
        check_ranges(left, pair.shared().iter().map(|(on_left, _)| on_left.clone()));
        let mut on_right: Vec<_> = pair.shared().iter().map(|(_, right)| right.clone()).collect();
        on_right.sort_unstable_by_key(|range| range.start);
        check_ranges(right, on_right);
        for (l, r) in pair.shared() {
            assert!(inside(l, pair.left()) && inside(r, pair.right()));
        }
        for difference in pair.differences() {
            let (l, r) = (difference.left(), difference.right());
            assert!(l.is_some() || r.is_some());
            assert!(l.is_none_or(|l| inside(&l, pair.left()) && left.get(l).is_some()));
            assert!(r.is_none_or(|r| inside(&r, pair.right()) && right.get(r).is_some()));
        }
    }
    alignment
}

/// The differences of all pairs as slices of both sources.
fn differences<'a>(
    left: &'a str,
    right: &'a str,
) -> Vec<(&'static str, Option<&'a str>, Option<&'a str>)> {
    let alignment = aligned(left, right);
    let as_text = |difference: &Difference| {
        let (l, r) = (difference.left(), difference.right());
        (difference.kind().name(), l.map(|l| &left[l]), r.map(|r| &right[r]))
    };
    alignment.pairs().iter().flat_map(|pair| pair.differences()).map(as_text).collect()
}

const WIRE: &str = "The ferry Sula ran aground off Kelm on Monday night with 212 passengers aboard. \
     Nobody was hurt, harbour master Ida Rosk said. Divers will examine the hull on Tuesday. \
     The crew had steered by a chart from 1987, according to the coast guard. \
     A tug from Hestrup tried to pull the ship free at high tide and gave up before dawn.";

const PAPER: &str = "People lit fires on the beach to show the way. \
     The Sula ran aground off Kelm late on Monday with 212 passengers aboard, and divers will \
     look at the hull on Wednesday. According to harbour master Ida Rosk, nobody was hurt. \
     The bakery of Kelm sent two hundred buns.";

#[test]
fn reworded_moved_and_joined_sentences_are_paired_and_the_others_are_not() {
    let alignment = aligned(WIRE, PAPER);
    let pairs: Vec<(&str, &str)> = alignment
        .pairs()
        .iter()
        .map(|pair| (&WIRE[pair.left()][..11], &PAPER[pair.right()][..12]))
        .collect();
    let joined = "The Sula ran";
    let expected =
        [("The ferry S", joined), ("Nobody was ", "According to"), ("Divers will", joined)];
    assert_eq!(pairs, expected);
    let only: Vec<&str> =
        alignment.only_right().iter().map(|range| &PAPER[range.clone()]).collect();
    assert_eq!(
        only,
        [
            "People lit fires on the beach to show the way.",
            "The bakery of Kelm sent two hundred buns.",
        ]
    );
    assert_eq!(alignment.only_left().len(), 2);
}

#[test]
fn kinds_reflect_how_much_text_is_kept() {
    let left = "“The swell was the worst of the winter,” said coxswain Arne Tofte on Sunday.";
    let kind = |right: &str| {
        let alignment = aligned(left, right);
        (alignment.pairs()[0].kind().name(), alignment.pairs()[0].strength())
    };
    let (verbatim, strength) =
        kind("\"The SWELL was the worst of the winter\" -\nsaid coxswain Arne Tofte on Sunday");
    assert_eq!((verbatim, strength), ("verbatim", 1.0));
    let (edited, stronger) =
        kind("The swell was the worst of the year, said coxswain Arne Tofte on Sunday.");
    let (reworded, weaker) =
        kind("Coxswain Tofte called Sunday's swell the worst that this winter saw.");
    assert_eq!((edited, reworded), ("edited", "reworded"));
    assert!(1.0 > stronger && stronger > weaker, "{stronger} {weaker}");
}

#[test]
fn the_shared_words_of_a_pair_are_listed() {
    let left = "Divers will examine the hull of the Sula on Tuesday.";
    let right = "On Tuesday, divers are to examine the torn hull of the Sula.";
    let alignment = aligned(left, right);
    let shared: Vec<(&str, &str)> = alignment.pairs()[0]
        .shared()
        .iter()
        .map(|(l, r)| (&left[l.clone()], &right[r.clone()]))
        .collect();
    assert_eq!(
        shared,
        [
            ("Divers", "divers"),
            ("examine the", "examine the"),
            ("hull of the Sula", "hull of the Sula"),
            ("on Tuesday", "On Tuesday"),
        ]
    );
}

#[test]
fn numbers_dates_and_names_that_differ_are_reported() {
    let left = "Harbour master Ida Rosk said on May 7 that the 35-minute search had cost 2.5 million marks.";
    let right =
        "The 45-minute search had cost 2,500,000 marks, harbour master Eva Rosk said on Wednesday.";
    let found = differences(left, right);
    assert_eq!(
        found,
        [("date", Some("May 7"), Some("Wednesday")), ("number", Some("35"), Some("45"))]
    );
    let right = "Harbour master Ida Rosk said that the 35-minute search off Gannet Head had cost 2.5m marks.";
    assert_eq!(
        differences(left, right),
        [("date", Some("May 7"), None), ("name", None, Some("Gannet Head"))]
    );
}

#[test]
fn the_same_fact_in_another_form_is_no_difference() {
    for (left, right) in [
        (
            "The three divers of Kelm came on Jan. 4, 2031.",
            "The 3 divers of Kelm came on 4 January.",
        ),
        ("Divers from China raised 23 million marks.", "Chinese divers raised 23m marks."),
        (
            "The United States sent divers to raise the hull.",
            "The U.S. sent divers to raise the hull.",
        ),
        ("“We will raise the hull,” the diver said.", "The diver said “we will raise the hull”."),
    ] {
        assert_eq!(aligned(left, right).pairs().len(), 1, "{left} {right}");
        assert_eq!(differences(left, right), [], "{left} {right}");
    }
}

#[test]
fn quotations_that_differ_are_reported() {
    let left = "“They counted us again and again,” said passenger Signe Pell of Hestrup.";
    let right = "“They counted us twice and again,” said passenger Signe Pell of Hestrup.";
    let expected = (
        "quotation",
        Some("They counted us again and again"),
        Some("They counted us twice and again"),
    );
    assert_eq!(differences(left, right), [expected]);
}

#[test]
fn scripts_without_spaces_are_aligned() {
    let left = "一艘载有二百一十二名乘客的渡轮周一晚间在凯尔姆附近触礁搁浅。港务局长表示没有人受伤。潜水员将检查船体。";
    let right =
        "港务局长说，事故中没有人受伤。周一晚间，载有二百多名乘客的渡轮在凯尔姆附近触礁搁浅。";
    let alignment = aligned(left, right);
    let pairs: Vec<(usize, usize)> = alignment
        .pairs()
        .iter()
        .map(|pair| {
            (
                alignment.left().iter().position(|range| *range == pair.left()).unwrap_or(9),
                alignment.right().iter().position(|range| *range == pair.right()).unwrap_or(9),
            )
        })
        .collect();
    assert_eq!(pairs, [(0, 1), (1, 0)]);
}

#[test]
fn texts_without_words_have_no_pairs() {
    for (left, right) in [("", ""), ("", WIRE), ("… —", "!"), (WIRE, "\n")] {
        assert_eq!(aligned(left, right).pairs(), []);
    }
}

#[test]
fn texts_that_repeat_themselves_are_aligned_in_bounded_time() {
    let sentences = |count: usize| -> String { "The ferry ran aground off Kelm. ".repeat(count) };
    let alignment = aligned(&sentences(4_000), &sentences(4_000));
    assert_eq!(alignment.left().len(), 4_000);
    assert_eq!(alignment.pairs().len(), 4_000);
    let numbers: String = (0..10_000).map(|number| format!("{number} boats ")).collect();
    assert!(!aligned(&numbers, &numbers.replace("9 ", "8 ")).pairs().is_empty());
    let list: String = (0..4_000).map(|number| format!("Boat {} sank. ", number % 50)).collect();
    assert_eq!(aligned(&list, &list).only_left(), []);
    let word = "a ".repeat(50_000);
    aligned(&word, &word);
}

/// A made-up sentence whose words occur in no other one, except `The`.
fn sentence(number: usize) -> String {
    let words: Vec<String> = (0..8).map(|word| format!("word{number}x{word}")).collect();
    format!("The {}. ", words.join(" "))
}

proptest! {
    /// Only crossing sentences of the same words break the symmetry, and these texts have none.
    #[test]
    fn swapping_the_texts_swaps_the_sides(
        order in Just((0..12usize).collect::<Vec<_>>()).prop_shuffle(),
        kept in 0..12usize,
    ) {
        let left: String = (0..12).map(sentence).collect();
        let right: String = order.into_iter().take(kept).map(sentence).collect();
        let (there, back) = (aligned(&left, &right), aligned(&right, &left));
        prop_assert_eq!(there.pairs().len(), kept);
        let mut turned: Vec<_> = back.pairs().iter()
            .map(|pair| (pair.right(), pair.left(), pair.kind(), pair.strength())).collect();
        turned.sort_by_key(|pair| pair.0.start);
        let pairs: Vec<_> = there.pairs().iter()
            .map(|pair| (pair.left(), pair.right(), pair.kind(), pair.strength())).collect();
        prop_assert_eq!(pairs, turned);
        prop_assert_eq!(there.only_left(), back.only_right());
    }

    #[test]
    fn a_text_is_paired_with_itself_word_for_word(order in prop::collection::vec(0..40usize, 1..20)) {
        let mut seen = std::collections::BTreeSet::new();
        let text: String = order.into_iter().filter(|&number| seen.insert(number)).map(sentence).collect();
        let alignment = aligned(&text, &text);
        prop_assert_eq!(alignment.pairs().len(), alignment.left().len());
        for pair in alignment.pairs() {
            prop_assert_eq!((pair.kind(), pair.strength()), (PairKind::Verbatim, 1.0));
            prop_assert_eq!(pair.left(), pair.right());
            prop_assert_eq!(pair.differences(), []);
        }
    }

    #[test]
    fn ranges_are_valid_in_every_text(
        left in "\\PC{0,120}", right in "\\PC{0,60}", cut in any::<prop::sample::Index>(),
    ) {
        let mut characters = left.char_indices().map(|(at, _)| at).chain([left.len()]);
        let at = characters.nth(cut.index(left.chars().count() + 1)).unwrap_or(0);
        aligned(&left, &format!("{}{right}. {}", &left[at..], &left[..at]));
        aligned(&left, &left);
    }

    #[test]
    fn ranges_are_valid_where_words_overlap_and_facts_abound(
        left in "[天地。เรื aA1“”\"., \nﷺ℀/-]{0,160}", right in "[天地。เรื aA1“”\"., \nﷺ℀/-]{0,160}",
    ) {
        aligned(&left, &right);
        aligned(&format!("May {left} 1 {right}"), &format!("{right} 1 May {left}"));
    }
}
