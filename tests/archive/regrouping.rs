//! Regrouping gives an archive the families of a detector, whatever happened to it before.

use std::collections::BTreeMap;

use proptest::prelude::*;
use retold::{Archive, Article, Detector, Family, FamilyEvent, Level};

use super::properties::{Step, any_step, article, text};
use super::texts::{BEES, BEES_AGAIN, CABLE_CAR};
use super::{Listener, day};

/// The families of an archive in the order of a detector's.
fn sorted(archive: &Archive) -> Vec<Family> {
    let mut families: Vec<Family> =
        archive.families().into_iter().map(|(_, family)| family).collect();
    let key = |family: &Family| (usize::MAX - family.len(), family.representative().to_owned());
    families.sort_by_key(key);
    families
}

/// A detector of some articles: the number of the text and the day of each id.
fn detector(articles: &BTreeMap<String, (usize, u8)>) -> Detector {
    let mut detector = Detector::new();
    for (id, &(n, of_day)) in articles {
        detector.insert(article(id, &text(n), of_day)).unwrap();
    }
    detector
}

proptest! {
    #[test]
    fn a_regrouped_archive_has_the_families_of_a_detector(
        steps in prop::collection::vec(any_step(), 1..60),
        level in prop::sample::select(Level::ALL.to_vec()),
        more in prop::collection::vec(any_step(), 1..20),
    ) {
        let mut archive = Archive::builder().level(level).in_memory().unwrap();
        let mut listener = Listener::default();
        let mut articles: BTreeMap<String, (usize, u8)> = BTreeMap::new();
        for steps in [steps, more] {
            for step in steps {
                let events = match step {
                    Step::Insert(id, n, of_day) | Step::Replace(id, n, of_day) => {
                        let id = format!("id {id}");
                        let placed = archive.replace(article(&id, &text(n), of_day)).unwrap();
                        articles.insert(id, (n, of_day));
                        placed.events
                    }
                    Step::Remove(id) => {
                        articles.remove(&format!("id {id}"));
                        archive.remove(&format!("id {id}")).unwrap_or_default()
                    }
                    Step::Expire(_) | Step::Today(_) | Step::Regroup => continue,
                };
                events.iter().for_each(|event| listener.hear(event));
            }
            archive.regroup().iter().for_each(|event| listener.hear(event));
            let expected = detector(&articles).families();
            prop_assert_eq!(sorted(&archive), expected.at(level));
            for id in articles.keys() {
                prop_assert_eq!(archive.family_of(id), listener.family_of.get(id).copied());
            }
            prop_assert_eq!(archive.regroup(), []);
        }
    }
}

#[test]
fn regrouping_tells_what_it_changes_and_families_keep_their_ids() {
    let rest: String = (0..4000).map(|n| format!("quay{n} ")).collect();
    let page = format!("{rest} {CABLE_CAR}");
    let mut archive = Archive::in_memory();
    let mut insert = |id, text: &str, of_day| {
        archive.insert(Article::new(id, text).date(day(of_day))).unwrap().family
    };
    insert("herald", BEES, 1);
    let family = insert("wire", BEES_AGAIN, 1).expect("it is retold");
    // The page came before the flash that stands in it, so nothing led from the one to the other.
    assert_eq!([insert("page", &page, 2), insert("flash", CABLE_CAR, 3)], [None; 2]);
    let events = archive.regroup();
    let [FamilyEvent::Founded { family: found, members }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(members, &["page", "flash"]);
    assert_eq!(
        (archive.family_of("wire"), archive.family_of("flash")),
        (Some(family), Some(*found))
    );
    // What comes now is judged with the others.
    let placed = archive.insert(Article::new("paper", CABLE_CAR).date(day(4))).unwrap();
    assert_eq!((placed.family, placed.events.len()), (Some(*found), 1));
}

#[test]
fn an_empty_archive_and_one_that_lost_all_articles_can_be_regrouped() {
    let mut archive = Archive::in_memory();
    assert_eq!(archive.regroup(), []);
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    archive.remove("herald").unwrap();
    assert_eq!(archive.regroup(), []);
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    assert_eq!((archive.regroup(), archive.len()), (vec![], 1));
}

#[test]
fn an_excerpt_whose_page_is_corrected_is_in_one_family_only() {
    // By number of the text. Regrouping lets the excerpts follow the page; when another text takes the
    // page's place, the one excerpt follows the other.
    let mut archive = Archive::in_memory();
    let mut listener = Listener::default();
    let mut put = |archive: &mut Archive, id: &str, n, of_day| {
        let placed = archive.replace(article(id, &text(n), of_day)).unwrap();
        placed.events.iter().for_each(|event| listener.hear(event));
    };
    put(&mut archive, "other", 5, 0);
    put(&mut archive, "page", 10, 1);
    put(&mut archive, "half", 16, 0);
    put(&mut archive, "quarter", 22, 1);
    assert_eq!(archive.regroup(), []);
    put(&mut archive, "joint", 15, 4);
    put(&mut archive, "page", 30, 0);
    put(&mut archive, "other", 22, 0);
    let families = archive.families();
    let of = |id: &str| archive.family_of(id).expect("each is retold");
    for id in ["other", "page", "half", "quarter", "joint"] {
        let holds = |(_, family): &&(_, Family)| family.members().iter().any(|of| of.id() == id);
        let holding: Vec<_> = families.iter().filter(holds).map(|(family, _)| *family).collect();
        assert_eq!(holding, [of(id)], "{id}");
    }
}
