//! Two texts compared without a collection.

use proptest::prelude::*;
use retold::{
    Article, Comparison, Detector, ErrorKind, Level, Overlap, Passage, Relation, Words, compare,
};

const LEAD: &str = "HESTRUP, May 7 - The grain elevator on Tern Quay, the tallest building in Hestrup, burned \
     to its concrete shell on Wednesday night. All nine workers of the late shift climbed down \
     the outer ladder before the roof fell in. Fire chief Lotte Amundsen said the blaze had \
     begun in a conveyor bearing that ran hot and lit the dust above it. \"Wheat dust burns \
     faster than petrol. They had two minutes and they used them well,\" she said. Fifty \
     firefighters from four towns cooled the neighbouring silos until dawn, and the coast \
     railway was closed for seven hours.";

const REST: &str = "The elevator held 6,200 tonnes of winter wheat, most of it sold to mills in Skarholt. \
     Owner Pell and Sons put the damage at 31 million marks and said it was insured for two \
     thirds of that. The Labour Inspectorate had ordered new bearings after a smaller fire in \
     2028; whether they were ever fitted is now a matter for the police. Farmers in the Kolm \
     valley, who bring in their barley from July, must find another harbour. \"We will be \
     driving past our own ashes to Tolvik,\" said Anders Brekke, who chairs their cooperative. \
     The town council meets on Friday to decide if the shell, built in 1911, can stay.";

/// The lead, rewritten by another reporter.
const RETOLD: &str = "Flames destroyed Hestrup's best known landmark overnight. The grain elevator on Tern Quay \
     was still smoking on Thursday when trains began to run again after seven hours. Nobody was \
     hurt: the nine people of the late shift climbed down the outer ladder, some of them \
     barefoot. A conveyor bearing that ran hot is thought to have set fire to the wheat dust, \
     said fire chief Lotte Amundsen. More than fifty firefighters poured water on the \
     neighbouring silos all night. Pell and Sons, who own the elevator, had been told to change \
     the bearings years ago, according to the inspectorate.";

const OTHER: &str = "The Lantern chess club of Veyne won the national league on Sunday without losing a match \
     all season. Its youngest player, Mira Castellow, is fourteen and learned the game from a \
     library book. She drew her last board after five hours against a grandmaster twice her \
     weight and four times her age, as her mother put it. The club meets above a bakery and \
     owns eleven sets, one of them without a black bishop, for which a cork has stood in since \
     the spring. There is no prize money; the winners received a cheese. A parade is planned, \
     if the tram company agrees to stop the number six for ten minutes.";

/// The comparison; asserts that it is the same from the other side.
fn compared(left: &str, right: &str) -> Comparison {
    let comparison = compare(left, right);
    let back = compare(right, left);
    assert_eq!(back.relation(), comparison.relation().flipped());
    assert_eq!(back.evidence(), &comparison.evidence().flipped());
    assert_eq!((back.level(), back.score()), (comparison.level(), comparison.score()));
    for size in 1..=3 {
        assert_eq!(back.shared(size), comparison.shared(size).flipped());
    }
    assert_eq!(words_in_passages(&back), words_in_passages(&comparison));
    comparison
}

fn words_in_passages(comparison: &Comparison) -> usize {
    comparison.passages().iter().map(Passage::words).sum()
}

#[test]
fn the_same_words_are_identical_however_they_are_set() {
    let typeset =
        LEAD.replace(" - ", " — ").replace('"', "”").replace(". ", ".\n\n").to_uppercase();
    let comparison = compared(LEAD, &typeset);
    assert_eq!(comparison.relation(), Relation::Identical);
    assert_eq!((comparison.level(), comparison.score()), (Some(Level::Copy), 1.0));
    assert_eq!(comparison.passages().len(), 1);
    assert_eq!(words_in_passages(&comparison), Words::new(LEAD).len());
}

#[test]
fn a_lightly_edited_text_is_a_near_duplicate() {
    let edited = LEAD.replace("HESTRUP, May 7 - ", "").replace("climbed", "scrambled");
    let comparison = compared(LEAD, &edited);
    assert_eq!(comparison.relation(), Relation::NearDuplicate);
    assert_eq!(comparison.level(), Some(Level::Copy));
    assert_eq!(comparison.passages().len(), 2, "before and after the edited word");
}

#[test]
fn a_part_is_an_excerpt_and_the_whole_an_expansion_of_it() {
    let whole = format!("{LEAD} {REST}");
    let comparison = compared(LEAD, &whole);
    assert_eq!(comparison.relation(), Relation::Excerpt);
    assert_eq!(compare(&whole, LEAD).relation(), Relation::Expansion);
    assert_eq!(comparison.shared(1).of_left(), 1.0);
    assert!(comparison.shared(3).of_right() < 0.6);
    let passage = &comparison.passages()[0];
    assert_eq!(whole[passage.right()], LEAD[passage.left()]);
}

#[test]
fn a_rewritten_text_is_a_retelling_with_a_few_passages() {
    let comparison = compared(LEAD, RETOLD);
    assert_eq!(comparison.relation(), Relation::Retelling);
    let written: Vec<&str> =
        comparison.passages().iter().map(|passage| &LEAD[passage.left()]).collect();
    let expected = [
        "The grain elevator on Tern Quay",
        "of the late shift climbed down the outer ladder",
        "Fire chief Lotte Amundsen",
        "a conveyor bearing that ran hot",
    ];
    assert_eq!(written, expected);
}

#[test]
fn another_story_is_unrelated() {
    let comparison = compared(LEAD, OTHER);
    assert_eq!((comparison.relation(), comparison.level()), (Relation::Unrelated, None));
    assert!(comparison.score() < 0.1, "{}", comparison.score());
    assert_eq!(comparison.passages(), []);
}

#[test]
fn a_text_without_words_is_unrelated_to_every_text() {
    for (left, right) in [("", ""), ("", LEAD), (" …\n", "!"), ("?", LEAD)] {
        let comparison = compared(left, right);
        assert_eq!((comparison.relation(), comparison.level()), (Relation::Unrelated, None));
        assert!(comparison.score() < 0.01, "{}", comparison.score());
        assert_eq!(comparison.passages(), []);
        assert_eq!(comparison.shared(3).shared, 0);
    }
}

#[test]
fn a_detector_returns_an_error_for_a_text_without_words() {
    let (empty, full) = (Article::new("empty", "…"), Article::new("full", LEAD));
    let detector = Detector::new();
    for (left, right) in [(&empty, &full), (&full, &empty)] {
        let error = detector.compare(left, right).map_err(|error| error.kind().clone());
        assert_eq!(error, Err(ErrorKind::NoWords { id: "empty".to_owned() }));
    }
}

#[test]
fn counts_are_of_distinct_shingles() {
    let comparison = compare("red boat red boat red", "a red boat");
    assert_eq!(comparison.shared(1), Overlap { left: 2, right: 3, shared: 2 });
    assert_eq!(comparison.shared(2), Overlap { left: 2, right: 2, shared: 1 });
    assert_eq!(comparison.shared(3), Overlap { left: 2, right: 1, shared: 0 });
}

proptest! {
    #[test]
    fn every_two_texts_compare_and_agree_from_both_sides(
        left in "\\PC{0,60}", right in "\\PC{0,60}",
    ) {
        let there = compare(&left, &right);
        let back = compare(&right, &left);
        prop_assert!((0.0..=1.0).contains(&there.score()));
        prop_assert_eq!(there.score(), back.score());
        prop_assert_eq!(there.relation(), back.relation().flipped());
        for passage in there.passages() {
            prop_assert!(left.get(passage.left()).is_some());
            prop_assert!(right.get(passage.right()).is_some());
        }
    }
}
