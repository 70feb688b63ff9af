//! Series: forms that are filled in several times, and notices that stand under several titles.

use proptest::prelude::*;
use retold::hash::mix;
use retold::{Article, Detector, Level, Series};

use super::assert_same;
use super::reprints::{WIRE, detector, edited, form, numbered};

const TOWNS: [&str; 20] = [
    "Kelm", "Sarn", "Veyne", "Borough", "Lipow", "Orrin", "Hestrup", "Tolm", "Asker", "Brand",
    "Cadde", "Dorn", "Ekeby", "Falk", "Grom", "Holt", "Ibsen", "Jarl", "Korvik", "Lund",
];

const NOTICE: &str = "This article is for subscribers only. Log in or choose a plan to read it and all that \
    we publish, on paper and on every device. You can end your plan at any time.";

/// The form filled in for a town, with other names and numbers for each number.
fn filled_in(n: usize) -> String {
    let roll = mix(n as u64 + 1);
    let person = format!("P{:x} Q{:x}", roll >> 50, (roll >> 20) & 0xffff);
    form(TOWNS[n], &person, 70_000 + (roll as u32 >> 12), &format!("R{:x}", roll & 0xffff))
}

/// What an office changes when it prints a filling.
fn printed_by(office: usize, text: &str) -> String {
    let words = ["Drivers", "railings,", "engineers,", "reasons,", "soon", "measure", "letter"];
    text.replace(words[office], "likewise")
}

/// The ids of the fillings of each series.
fn fillings(detector: &Detector) -> Vec<Vec<Vec<String>>> {
    let families = detector.families();
    families.series().iter().map(|series| series.fillings().to_vec()).collect()
}

#[test]
fn a_form_filled_in_for_twenty_towns_is_one_series_and_no_family() {
    let texts: Vec<(String, String)> =
        (0..20).map(|n| (TOWNS[n].to_owned(), filled_in(n))).collect();
    for level in Level::ALL {
        let detector = detector(level, &texts);
        assert!(detector.families().is_empty(), "{level:?}");
        let mut towns = TOWNS.map(|town| vec![town.to_owned()]);
        towns.sort_unstable();
        assert_eq!(fillings(&detector), [towns], "{level:?}");
    }
}

#[test]
fn seven_offices_that_print_one_filling_are_a_family_inside_the_series() {
    let mut texts: Vec<(String, String)> =
        (1..4).map(|n| (TOWNS[n].to_owned(), filled_in(n))).collect();
    let kelm = filled_in(0);
    texts.extend((0..7).map(|office| (format!("office {office}"), printed_by(office, &kelm))));
    let detector = detector(Level::Retelling, &texts);
    let families = detector.families();
    let offices: Vec<String> = (0..7).map(|office| format!("office {office}")).collect();
    let sizes: Vec<usize> = families.iter().map(|family| family.len()).collect();
    assert_eq!(sizes, [7]);
    let [series] = families.series() else { panic!("{:?}", families.series()) };
    assert_eq!((series.len(), series.fillings().len()), (10, 4));
    assert!(series.fillings().contains(&offices), "{series:?}");
}

#[test]
fn a_wire_and_its_edited_reprints_are_no_series() {
    for changes in [0, 3, 18, 30] {
        let texts = numbered((0..100).map(|n| edited(n, changes)));
        let families = detector(Level::Retelling, &texts).families();
        assert_eq!(families.series(), [] as [Series; 0], "{changes} changes");
    }
}

/// A frame is in more texts than a look-up reads: each filling must find the first one all the same.
#[test]
fn a_form_of_thousands_of_fillings_is_one_series() {
    let texts = numbered((0..6_000u64).map(|n| {
        let roll = mix(n);
        let name = |letter: char, shift: u32| format!("{letter}{:x}", (roll >> shift) & 0xff_ffff);
        form(&name('K', 0), &name('M', 10), 1_000 + n as u32, &name('S', 30))
    }));
    let families = detector(Level::Copy, &texts).families();
    let sizes: Vec<usize> = families.series().iter().map(Series::len).collect();
    assert_eq!(sizes, [6_000]);
}

#[test]
fn subscriber_stubs_under_other_titles_are_a_series() {
    let titles = ["Ferry aground off Kelm", "Council passes budget", "Psalter gone from museum"];
    let mut detector = Detector::new();
    for title in titles {
        detector.insert(Article::new(title, NOTICE).title(title)).unwrap();
    }
    detector.insert(Article::new("other", WIRE).title("Cable car stops above glacier")).unwrap();
    assert!(detector.families().is_empty());
    let mut expected = titles.map(|title| vec![title.to_owned()]);
    expected.sort_unstable();
    assert_eq!(fillings(&detector), [expected]);
}

#[test]
fn a_series_ends_with_its_last_but_one_filling() {
    let texts: Vec<(String, String)> =
        (0..2).map(|n| (TOWNS[n].to_owned(), filled_in(n))).collect();
    let mut detector = detector(Level::Retelling, &texts);
    assert_eq!(detector.families().series().len(), 1);
    assert!(detector.remove(TOWNS[0]));
    assert_eq!(detector.families().series(), [] as [Series; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn series_do_not_depend_on_the_order_of_insertion(
        places in prop::sample::subsequence(Vec::from_iter(0..60usize), 0..=60).prop_shuffle(),
    ) {
        let article = |place: usize| match place {
            0..20 => (format!("filling {place}"), filled_in(place), ""),
            20..40 => {
                let (town, office) = (place % 4, place / 4 % 5);
                (format!("office {place}"), printed_by(office, &filled_in(town)), "")
            }
            40..52 => (format!("wire {place}"), edited(place as u64, 12), ""),
            _ => (format!("stub {place}"), NOTICE.to_owned(), ["Ferry aground", "Psalter gone"][place % 2]),
        };
        let with = |places: &[usize]| {
            let mut detector = Detector::new();
            for &place in places {
                let (id, text, title) = article(place);
                detector.insert(Article::new(&id, &text).title(title)).unwrap();
            }
            detector
        };
        let mut sorted = places.clone();
        sorted.sort_unstable();
        let (found, expected) = (with(&places), with(&sorted));
        assert_same(&found, &expected);
        for series in found.families().series() {
            prop_assert!(series.fillings().len() > 1);
            prop_assert!(series.fillings().is_sorted() && series.fillings().iter().all(|ids| ids.is_sorted()));
        }
    }
}
