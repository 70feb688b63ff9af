//! One text printed many times, forms filled in again, excerpts, digests and notices.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use retold::hash::mix;
use retold::{Article, Date, Detector, Level, Relation};

use super::texts::{CABLE_CAR, RETOLD};

/// A wire of some 180 words.
pub(crate) const WIRE: &str = "The last cable car of the season was halfway up the Horn on Sunday evening when \
    the power failed and left 38 passengers hanging above the Mossback glacier for almost seven hours. \
    Rescuers lowered them one by one through a hatch in the floor, in darkness and a rising wind, to a \
    ledge where guides from the village of Orrin had lit fires. Nobody was badly hurt, but eleven people \
    were treated for cold. Station manager Petra Vollan said that a switch had burned out which was due to \
    be replaced next week, and that the spare had been delivered in the wrong size. The operator closed \
    the line and apologised. Passengers praised a retired teacher, Jonas Ekman, who kept the children \
    singing and shared out the cakes that he had bought for his daughter. The regional council will meet on \
    Thursday to discuss whether lifts of that age need a second source of power. A similar failure nine \
    years ago led to a fine and to promises that, in the words of council member Asta Rike, were written \
    on snow. The glacier itself has sunk by four metres since the line was opened.";

const OTHER: [&str; 12] = [
    "river", "lantern", "copper", "harvest", "window", "thunder", "paper", "orchard", "signal",
    "garden", "market", "letter",
];

/// The wire with some words changed, others for each number.
pub(crate) fn edited(n: u64, changes: u64) -> String {
    let mut words: Vec<&str> = WIRE.split_whitespace().collect();
    for change in 0..changes {
        let roll = mix(n << 20 | change << 8 | 1);
        let at = roll as usize % words.len();
        words[at] = OTHER[(roll >> 32) as usize % OTHER.len()];
    }
    words.join(" ")
}

pub(crate) fn detector(level: Level, texts: &[(String, String)]) -> Detector {
    let mut detector = Detector::builder().level(level).build().unwrap();
    for (id, text) in texts {
        detector.insert(Article::new(id, text)).unwrap();
    }
    detector
}

pub(crate) fn numbered(texts: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    (0..).zip(texts).map(|(n, text): (u32, String)| (format!("paper {n}"), text)).collect()
}

/// The families of a level as sets of ids.
fn families(detector: &Detector, level: Level) -> BTreeSet<BTreeSet<String>> {
    let families = detector.families();
    let members = families
        .at(level)
        .iter()
        .map(|family| family.members().iter().map(|member| member.id().to_owned()).collect());
    members.collect()
}

#[test]
fn thousands_of_identical_articles_are_one_family_at_every_level() {
    let texts = numbered((0..3_500).map(|_| WIRE.to_owned()));
    for level in Level::ALL {
        let detector = detector(level, &texts);
        let families = detector.families();
        let sizes: Vec<usize> = families.iter().map(|family| family.len()).collect();
        assert_eq!(sizes, [3_500], "{level:?}");
        assert!(detector.pairs(level).len() < 3_500, "a pair for each reprint, not for each two");
    }
}

#[test]
fn a_wire_that_hundreds_of_papers_edit_lightly_is_one_family_at_every_level() {
    let texts = numbered((0..400).map(|n| edited(n, 3)));
    for level in Level::ALL {
        let families = detector(level, &texts).families();
        assert_eq!((families.len(), families.alone()), (1, 0), "{level:?}");
    }
}

#[test]
fn a_wire_that_hundreds_of_papers_rewrite_in_part_is_one_family_of_retellings() {
    let texts = numbered((0..400).map(|n| {
        let text = edited(n, 18);
        let words: Vec<&str> = text.split_whitespace().collect();
        words[..words.len() - (mix(n + 7) % 18) as usize].join(" ")
    }));
    for level in [Level::Retelling, Level::Event] {
        let families = detector(level, &texts).families();
        assert!(families.at(level)[0].len() >= 398, "{level:?}: {}", families.at(level)[0].len());
    }
}

#[test]
fn near_copies_of_one_edit_are_copies_though_the_leader_is_none() {
    let edit = edited(5, 60);
    let near = edit.replace("singing", "humming");
    let texts = numbered([WIRE.to_owned(), edit, near]);
    let detector = detector(Level::Retelling, &texts);
    let copies = families(&detector, Level::Copy);
    let expected = ["paper 1", "paper 2"].map(str::to_owned);
    assert!(copies.contains(&BTreeSet::from(expected)), "{copies:?}");
    assert_eq!(families(&detector, Level::Retelling).len(), 1);
}

/// A form of some 110 words with names and numbers at its blanks.
pub(crate) fn form(town: &str, person: &str, sum: u32, street: &str) -> String {
    format!(
        "The town of {town} will receive {sum} crowns from the fund for old bridges, the office of works \
         said on Tuesday. The money pays for new railings, drains and a coat of paint, and it may not be \
         spent on anything else. Mayor {person} of {town} thanked the fund and said that the work would \
         begin as soon as the river is low. Drivers have to take the long way by {street} Street until then. \
         Every town that has a bridge from before the war may apply once in ten years. Applications are \
         read by three engineers, who visit each bridge and measure it by hand. Those that are turned down \
         get a letter with the reasons, and they may try again in the following spring."
    )
}

#[test]
fn a_form_filled_in_for_other_towns_is_no_story_and_its_reprints_are_one() {
    let fillings = [
        ("Kelm", "Ida Rosk", 412_000, "Mill"),
        ("Sarn", "Anna Grom", 98_500, "Tanner"),
        ("Veyne", "Oskar Lind", 655_300, "Harbour"),
        ("Borough", "Milo Brandt", 230_750, "Chapel"),
        ("Lipow", "Jon Aske", 71_200, "Gallows"),
    ];
    let mut texts = Vec::new();
    for (town, person, sum, street) in fillings {
        let text = form(town, person, sum, street);
        texts.push((town.to_owned(), text.clone()));
        texts.push((format!("{town} again"), text.replace("a coat of paint", "fresh paint")));
    }
    for level in Level::ALL {
        let found = families(&detector(level, &texts), level);
        let expected =
            fillings.map(|(town, ..)| BTreeSet::from([town.to_owned(), format!("{town} again")]));
        assert_eq!(found, BTreeSet::from(expected), "{level:?}");
    }
}

#[test]
fn a_wire_sent_again_with_other_figures_is_one_family() {
    let texts = numbered((0..8).map(|n| {
        let wire = WIRE.replace("38 passengers", &format!("{} passengers", 30 + n));
        wire.replace("eleven people", &format!("{} people", 9 + n))
            .replace("seven hours", "six hours")
    }));
    let families = detector(Level::Retelling, &texts).families();
    assert_eq!((families.len(), families.alone()), (1, 0));
}

/// Words that no other text has.
fn filler(salt: u64, words: u64) -> String {
    (0..words).map(|n| format!("w{:x} ", mix(salt << 32 | n) >> 40)).collect()
}

#[test]
fn a_brief_inside_a_page_of_any_length_is_an_excerpt() {
    let brief: Vec<&str> = WIRE.split_whitespace().take(80).collect();
    let brief = brief.join(" ");
    for words in [300, 2_000, 15_000] {
        let page = format!("{} {brief} {}", filler(words, words / 2), filler(words + 1, words / 2));
        let texts = [("brief".to_owned(), brief.clone()), ("page".to_owned(), page)];
        for level in Level::ALL {
            let detector = detector(level, &texts);
            let pairs = detector.pairs(level);
            assert_eq!(pairs.len(), 1, "{words} words at {level:?}");
            assert_eq!(pairs[0].relation, Relation::Excerpt);
            assert_eq!(families(&detector, level).len(), 1);
        }
    }
}

#[test]
fn the_same_words_are_copies_at_any_cut_and_one_changed_word_is_none_at_the_highest() {
    let brief = "A choir of nine sang all night in Sarn, and nobody could say why.";
    for (other, families) in [(brief.to_owned(), 1), (brief.replace("nine", "ten"), 0)] {
        let builder = Detector::builder().level(Level::Copy).threshold(Level::Copy, 1.0);
        let mut detector = builder.build().unwrap();
        detector.insert(Article::new("one", brief)).unwrap();
        detector.insert(Article::new("two", &other)).unwrap();
        assert_eq!(detector.families().at(Level::Copy).len(), families, "{other}");
    }
}

#[test]
fn a_member_names_the_one_that_it_was_compared_with() {
    let part: Vec<&str> = RETOLD.split_whitespace().take(60).collect();
    let texts = [("retold", RETOLD), ("part", &part.join(" ")), ("report", CABLE_CAR)];
    let mut detector = Detector::new();
    for (id, text) in texts {
        let article = Article::new(id, text);
        let date = Date::new(2031, 3, 3).unwrap();
        detector.insert(if id == "report" { article.date(date) } else { article }).unwrap();
    }
    let families = detector.families();
    let [family] = families.at(Level::Retelling) else { panic!("{families:?}") };
    let compared: Vec<_> =
        family.members().iter().map(|of| (of.id(), of.compared_with())).collect();
    let representative = family.representative();
    assert_eq!(representative, "report");
    assert_eq!(compared, [("report", None), ("part", Some("retold")), ("retold", None)]);
    for member in family.members() {
        let other = member.compared_with().unwrap_or(representative);
        assert_eq!(*member.evidence(), detector.evidence(member.id(), other).unwrap());
    }
    assert_eq!(family.members()[1].relation(), Relation::Excerpt);
    assert_eq!(family.members()[1].containment(), 1.0);
}

#[test]
fn a_page_of_texts_that_have_nothing_in_common_joins_none_of_them() {
    let items: Vec<String> = (0..4).map(|n| filler(90 + n, 90)).collect();
    let mut texts = numbered(items.clone());
    texts.push(("digest".to_owned(), items.join(" ")));
    for level in Level::ALL {
        assert!(families(&detector(level, &texts), level).is_empty(), "{level:?}");
    }
}

#[test]
fn a_notice_under_other_titles_is_no_story() {
    let notice = "We value your privacy. We and our partners store data on your device and use it to choose \
        what you see. You can change your choices at any time at the bottom of this page.";
    let titles = ["Ferry aground off Kelm", "Council passes budget", "Psalter gone from museum"];
    for level in Level::ALL {
        let mut detector = Detector::builder().level(level).build().unwrap();
        for title in titles {
            detector.insert(Article::new(title, notice).title(title)).unwrap();
        }
        assert!(detector.families().is_empty(), "{level:?}");
        // Without titles nothing tells it from a text that was printed again.
        detector.insert(Article::new("one", "A choir of nine sang all night in Sarn.")).unwrap();
        detector.insert(Article::new("two", "A choir of nine sang all night in Sarn.")).unwrap();
        assert_eq!(detector.families().len(), 1, "{level:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Likeness is passed on by two steps at most, a copy of an edit of a leader; the same words as those of
    /// such a copy are a third.
    #[test]
    fn a_reprint_was_compared_with_what_it_follows_and_chains_are_short(
        edits in prop::collection::vec((0u64..40, 0u64..120), 2..30),
    ) {
        let texts = numbered(edits.into_iter().map(|(n, changes)| edited(n, changes)));
        let detector = detector(Level::Event, &texts);
        for (id, _) in &texts {
            let Some(of) = detector.reprint_of(id) else { continue };
            let evidence = detector.evidence(id, of).unwrap();
            prop_assert!(evidence.reprint && !evidence.form);
            let mut steps = 1 - usize::from(evidence.same_words);
            let mut followed = of;
            while let Some(next) = detector.reprint_of(followed) {
                (followed, steps) = (next, steps + 1);
            }
            prop_assert!(steps <= 2, "{steps}");
        }
    }

    /// Levels nest, whatever level the detector was built with.
    #[test]
    fn families_of_a_closer_detector_lie_within_those_of_a_looser_one(
        edits in prop::collection::vec((0u64..40, 0u64..60), 2..24),
    ) {
        let texts = numbered(edits.into_iter().map(|(n, changes)| edited(n, changes)));
        let of = Level::ALL.map(|level| families(&detector(level, &texts), level));
        for two in of.windows(2) {
            for close in &two[0] {
                prop_assert!(two[1].iter().any(|loose| close.is_subset(loose)), "{:?}", of);
            }
        }
    }

    /// More copies of an article change nothing else: no other family, no bit of a score.
    #[test]
    fn more_copies_change_nothing_else(
        edits in prop::collection::vec((0u64..40, 0u64..90), 2..16),
        copied in any::<prop::sample::Index>(), copies in 1u64..20,
        when in prop::sample::select(vec!["later", "the same day", "never dated"]),
    ) {
        let texts = numbered(edits.iter().map(|&(n, changes)| edited(n, changes)));
        let mut more = texts.clone();
        let copied = copied.get(&texts).clone();
        more.extend((0..copies).map(|n| (format!("zz {n}"), copied.1.clone())));
        let [one, other] = [&texts, &more].map(|texts| {
            let mut detector = Detector::builder().level(Level::Event).build().unwrap();
            for (id, text) in texts {
                let is_later = id.starts_with("zz") && when == "later";
                let day = if is_later { "2031-05-07" } else { "2031-05-06" }.parse().unwrap();
                let article = Article::new(id, text);
                let is_dated = when != "never dated";
                detector.insert(if is_dated { article.date(day) } else { article }).unwrap();
            }
            detector
        });
        let original = |sets: BTreeSet<BTreeSet<String>>| -> BTreeSet<BTreeSet<String>> {
            let stripped = sets.into_iter().map(|set| {
                set.into_iter().filter(|id| !id.starts_with("zz")).collect::<BTreeSet<String>>()
            });
            stripped.filter(|set| set.len() > 1).collect()
        };
        let scores = |detector: &Detector, level| -> BTreeMap<String, String> {
            let families = detector.families();
            let members = families.at(level).iter().filter(|family| {
                family.members().iter().filter(|member| !member.id().starts_with("zz")).count() > 1
            });
            let members = members.flat_map(|family| {
                family.members().iter().map(|member| (member, family.representative().to_owned()))
            });
            let shown = members.filter(|(member, _)| !member.id().starts_with("zz"));
            shown.map(|(m, first)| (m.id().to_owned(), format!("{} {first}", m.score()))).collect()
        };
        for level in Level::ALL {
            prop_assert_eq!(original(families(&one, level)), original(families(&other, level)));
            prop_assert_eq!(scores(&one, level), scores(&other, level));
        }
        for (at, (left, _)) in texts.iter().enumerate() {
            for (right, _) in &texts[..at] {
                prop_assert_eq!(one.evidence(left, right), other.evidence(left, right));
            }
        }
    }
}
