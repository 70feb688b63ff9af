//! Phrases that many articles have, and stories that many articles tell.

use retold::{Article, Detector, Level};

use crate::texts::{CABLE_CAR, RETOLD, articles};

/// A text of 90 words that the text of no other number has.
fn own_words(number: usize) -> String {
    let syllables =
        ["ka", "lor", "mi", "sten", "u", "vra", "dol", "pek", "hi", "nau", "ror", "tis"];
    let word = |at: usize| {
        let mut rest = 31 + 97 * number + 7919 * at;
        let mut word = String::new();
        for _ in 0..4 {
            word += syllables[rest % syllables.len()];
            rest = rest / syllables.len() + 5 * at;
        }
        word
    };
    (0..90).map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_many_articles_share_is_boilerplate_and_no_retelling() {
    let footer = "Sign up here for the morning letter of the Harbour Herald, with all that moves \
                  the coast, every weekday at six, free of charge and without advertising.";
    let filled = |count: usize| {
        let mut detector = Detector::new();
        for number in 0..count {
            let text = format!("{}. {footer}", own_words(number));
            detector.insert(Article::new(&number.to_string(), &text)).unwrap();
        }
        detector
    };
    let few = filled(5).evidence("1", "2").unwrap();
    assert!(few.phrases.shared > 15 && few.boilerplate == 0, "{few:?}");

    let many = filled(20);
    let evidence = many.evidence("1", "2").unwrap();
    assert_eq!(evidence.boilerplate, evidence.phrases.shared);
    assert_eq!((evidence.distinctive_phrases(), evidence.phrases), (0.0, few.phrases));
    assert_eq!(many.families().at(Level::Event).len(), 0);
}

#[test]
fn a_wire_that_many_papers_print_is_one_family() {
    let mut detector = Detector::new();
    for (id, text) in articles().iter().filter(|(id, _)| ["bees", "choir"].contains(id)) {
        detector.insert(Article::new(id, text)).unwrap();
    }
    for number in 0..150 {
        detector.insert(Article::new(&format!("story-{number}"), &own_words(number))).unwrap();
    }
    for number in 0..40 {
        let text =
            format!("{CABLE_CAR} Printed in edition {number} of the paper of {number}ville.");
        detector.insert(Article::new(&format!("paper-{number}"), &text)).unwrap();
    }
    let families = detector.families();
    assert_eq!(families.at(Level::Copy)[0].len(), 40);
    // Reprints count once, so they do not turn the phrases of a story into boilerplate.
    let evidence = detector.evidence("paper-1", "paper-2").unwrap();
    assert!(evidence.phrases.shared > 100 && evidence.boilerplate == 0, "{evidence:?}");
}

#[test]
fn a_pair_too_short_to_judge_says_so() {
    let mut detector = Detector::new();
    detector
        .insert(Article::new("flash", "Cable car stops on Korpi Ridge, forty-one stuck"))
        .unwrap();
    detector.insert(Article::new("report", CABLE_CAR)).unwrap();
    detector.insert(Article::new("retold", RETOLD)).unwrap();
    assert!(detector.evidence("flash", "report").unwrap().is_too_short());
    assert!(!detector.evidence("retold", "report").unwrap().is_too_short());
}
