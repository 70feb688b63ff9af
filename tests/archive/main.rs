//! An archive in use: articles arrive, are corrected, withdrawn and expire.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "../../benches/common/mod.rs"]
mod common;
#[cfg(feature = "archive")]
mod crashes;
#[cfg(feature = "archive")]
mod creation;
#[cfg(feature = "archive")]
mod damage;
#[cfg(feature = "archive")]
mod disk;
#[cfg(feature = "archive")]
mod format;
#[cfg(feature = "archive")]
mod newsroom;
mod properties;
#[cfg(feature = "archive")]
mod readers;
#[cfg(feature = "archive")]
mod refusals;
mod regrouping;
#[cfg(feature = "archive")]
mod settings;
#[path = "../detector/texts.rs"]
#[allow(dead_code)] // Shared with the tests of the detector.
mod texts;
#[cfg(feature = "archive")]
mod threads;
#[cfg(feature = "archive")]
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use retold::{
    Archive, Article, Date, Detector, ErrorKind, Family, FamilyEvent, FamilyId, Level, Relation,
};

use texts::{BEES, BEES_AGAIN, CABLE_CAR, RETOLD};

fn day(day: u8) -> Date {
    Date::new(2031, 3, day).unwrap()
}

fn ids(family: &Family) -> BTreeSet<&str> {
    family.members().iter().map(|member| member.id()).collect()
}

#[test]
fn an_article_is_placed_when_it_comes() {
    let mut archive = Archive::in_memory();
    let first = archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    assert_eq!((first.family, first.matches.len(), first.events.len()), (None, 0, 0));
    let bees = archive.insert(Article::new("bees", BEES)).unwrap();
    assert_eq!(bees.family, None);
    let second = archive.insert(Article::new("wire", RETOLD)).unwrap();
    let family = second.family.expect("it is retold");
    assert_eq!(second.matches[0].id, "herald");
    assert_eq!(second.matches[0].relation, Relation::Retelling);
    let members = vec!["herald".to_owned(), "wire".to_owned()];
    assert_eq!(second.events, [FamilyEvent::Founded { family, members }]);
    let third = archive.insert(Article::new("ledger", CABLE_CAR)).unwrap();
    assert_eq!(third.matches[0].relation, Relation::Identical);
    assert_eq!(third.events, [FamilyEvent::Joined { family, article: "ledger".to_owned() }]);
    assert_eq!(archive.family_of("herald"), Some(family));
    assert_eq!(archive.families().len(), 1);
    assert_eq!(ids(&archive.families()[0].1), BTreeSet::from(["herald", "ledger", "wire"]));
}

#[test]
fn a_refused_article_changes_nothing() {
    let mut archive = Archive::in_memory();
    archive.insert(Article::new("a", CABLE_CAR)).unwrap();
    let error =
        |archive: &mut Archive, id, text| archive.insert(Article::new(id, text)).unwrap_err();
    assert!(matches!(error(&mut archive, "a", BEES).kind(), ErrorKind::RepeatedId { .. }));
    assert!(matches!(error(&mut archive, "b", " \n").kind(), ErrorKind::NoWords { .. }));
    assert!(archive.replace(Article::new("a", "")).is_err());
    assert_eq!((archive.len(), archive.contains("a"), archive.contains("b")), (1, true, false));
    assert_eq!(archive.query(&Article::new("?", CABLE_CAR)).unwrap().len(), 1);
    assert!(Archive::builder().threshold(Level::Copy, 1.5).in_memory().is_err());
    assert!(Archive::builder().window_days(0).in_memory().is_err());
}

#[test]
fn a_query_inserts_nothing() {
    let mut archive = Archive::in_memory();
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    for _ in 0..3 {
        let found = archive.query(&Article::new("wire", RETOLD)).unwrap();
        assert_eq!((found.len(), &*found[0].id), (1, "herald"));
    }
    assert_eq!(archive.query(&Article::new("herald", CABLE_CAR)).unwrap(), []);
    assert_eq!(archive.len(), 1);
}

#[test]
fn a_correction_stays_in_its_family_and_another_story_leaves_it() {
    let mut archive = Archive::in_memory();
    for (id, text) in [("herald", CABLE_CAR), ("wire", RETOLD), ("ledger", CABLE_CAR)] {
        archive.insert(Article::new(id, text)).unwrap();
    }
    let family = archive.family_of("wire").unwrap();
    let corrected = RETOLD.replace("forty-one", "forty-two");
    let placed = archive.replace(Article::new("wire", &corrected)).unwrap();
    assert_eq!((placed.family, placed.events), (Some(family), vec![]));
    let placed = archive.replace(Article::new("wire", BEES)).unwrap();
    assert_eq!(placed.family, None);
    assert_eq!(placed.events, [FamilyEvent::Left { family, article: "wire".to_owned() }]);
    assert_eq!(archive.len(), 3);
    assert_eq!(archive.replace(Article::new("new", BEES_AGAIN)).unwrap().matches[0].id, "wire");
}

#[test]
fn a_correction_that_prints_another_article_joins_it() {
    let mut archive = Archive::in_memory();
    archive.insert(Article::new("herald", CABLE_CAR)).unwrap();
    archive.insert(Article::new("wire", BEES)).unwrap();
    let edited = CABLE_CAR.replace("forty-one", "forty-two");
    let placed = archive.replace(Article::new("wire", &edited)).unwrap();
    let family = placed.family.expect("it is one story");
    let members = vec!["herald".to_owned(), "wire".to_owned()];
    assert_eq!(placed.events, [FamilyEvent::Founded { family, members }]);
    archive.insert(Article::new("ledger", &edited)).unwrap();
    assert_eq!(ids(&archive.family(family).unwrap()).len(), 3);
}

#[test]
fn a_family_ends_with_its_last_but_one_member_and_its_id_is_not_given_again() {
    let mut archive = Archive::in_memory();
    let put = |archive: &mut Archive, id: &str, text: &str| {
        archive.insert(Article::new(id, text)).unwrap().family
    };
    put(&mut archive, "herald", CABLE_CAR);
    let family = put(&mut archive, "wire", RETOLD).unwrap();
    assert_eq!(archive.remove("herald"), Some(vec![FamilyEvent::Ended { family }]));
    assert_eq!(archive.remove("herald"), None);
    assert_eq!((archive.family_of("wire"), archive.families().len()), (None, 0));
    assert_ne!(put(&mut archive, "herald", CABLE_CAR), Some(family));
}

#[test]
fn old_articles_leave_and_undated_ones_stay_as_long() {
    let mut archive = Archive::builder().window_days(5).in_memory().unwrap();
    archive.set_today(day(3));
    archive.insert(Article::new("old", CABLE_CAR).date(day(1))).unwrap();
    archive.insert(Article::new("young", CABLE_CAR).date(day(3))).unwrap();
    archive.insert(Article::new("bees", BEES).date(day(7))).unwrap();
    archive.insert(Article::new("undated", RETOLD)).unwrap();
    let family = archive.family_of("old").unwrap();
    let events = archive.set_today(day(7));
    assert_eq!(events, [FamilyEvent::Left { family, article: "old".to_owned() }]);
    let (expired, events) = archive.expire_before(day(7));
    assert_eq!((expired, events), (1, vec![FamilyEvent::Ended { family }]));
    assert_eq!(archive.set_today(day(12)), []);
    assert!(archive.ids().eq(["bees", "undated"]));
    archive.set_today(day(13));
    assert!(archive.is_empty());
}

#[test]
fn removed_articles_free_their_memory() {
    let mut archive = Archive::builder().window_days(3).in_memory().unwrap();
    let mut most = 0;
    for n in 0..3000 {
        let text: String = (0..60).map(|word| format!("word{}x{word} ", n % 700)).collect();
        let date = day(1 + (n / 100) as u8);
        archive.insert(Article::new(&format!("{n}"), &text).date(date)).unwrap();
        if n == 800 {
            most = archive.memory_usage();
        }
    }
    assert_eq!(archive.len(), 400);
    assert!(archive.memory_usage() < most * 2, "{} of {most}", archive.memory_usage());
}

/// The number of each article's family.
fn labels<'f>(families: impl Iterator<Item = &'f Family>) -> HashMap<String, usize> {
    let members = families.enumerate().flat_map(|(n, family)| {
        family.members().iter().map(move |member| (member.id().to_owned(), n))
    });
    members.collect()
}

/// B-cubed F1 of two groupings of the same articles.
fn agreement(all: &[String], one: &HashMap<String, usize>, other: &HashMap<String, usize>) -> f64 {
    let groups = |labels: &HashMap<String, usize>| {
        let mut groups: BTreeMap<usize, BTreeSet<&String>> = BTreeMap::new();
        let alone = (labels.len() + all.len()..).zip(all);
        for (n, id) in alone {
            groups.entry(labels.get(id).copied().unwrap_or(n)).or_default().insert(id);
        }
        let of = groups
            .into_values()
            .flat_map(|group| group.clone().into_iter().map(move |id| (id, group.clone())));
        of.collect::<HashMap<&String, BTreeSet<&String>>>()
    };
    let (one, other) = (groups(one), groups(other));
    let (mut precision, mut recall) = (0.0, 0.0);
    for id in all {
        let shared = one[id].intersection(&other[id]).count() as f64;
        precision += shared / one[id].len() as f64;
        recall += shared / other[id].len() as f64;
    }
    2.0 * precision * recall / (precision + recall) / all.len() as f64
}

/// The archive's documentation bounds its difference from a detector of the same articles.
#[test]
fn families_of_a_stream_are_nearly_those_of_all_articles_at_once() {
    let texts: Vec<common::corpus::Text> = common::corpus::Stream::new(300).take(3000).collect();
    let mut archive = Archive::builder().window_days(4).in_memory().unwrap();
    for text in &texts {
        if let Err(error) = archive.insert(text.article()) {
            assert!(matches!(error.kind(), ErrorKind::TooOld { .. }), "{error}");
        }
    }
    let mut detector = Detector::new();
    for text in texts.iter().filter(|text| archive.contains(text.article().id())) {
        detector.insert(text.article()).unwrap();
    }
    assert_eq!(detector.len(), archive.len());
    let of_archive = archive.families();
    let at_once = detector.families();
    let all: Vec<String> = texts.iter().map(|text| text.article().id().to_owned()).collect();
    let all: Vec<String> = all.into_iter().filter(|id| archive.contains(id)).collect();
    assert!(all.len() > 500 && at_once.len() > 30, "{} of {}", at_once.len(), all.len());
    let (one, other) =
        (labels(of_archive.iter().map(|(_, family)| family)), labels(at_once.iter()));
    let agreement = agreement(&all, &one, &other);
    assert!(agreement > 0.98, "{agreement}");
}

/// Follows the families by their events alone.
#[derive(Default)]
struct Listener {
    family_of: BTreeMap<String, FamilyId>,
    over: BTreeSet<FamilyId>,
}

impl Listener {
    fn hear(&mut self, event: &FamilyEvent) {
        match event {
            FamilyEvent::Founded { family, members } => {
                assert!(!self.over.contains(family) && !self.lives(*family), "{event:?}");
                for member in members {
                    assert_eq!(self.family_of.insert(member.clone(), *family), None, "{event:?}");
                }
            }
            FamilyEvent::Joined { family, article } => {
                assert!(self.lives(*family), "{event:?}");
                assert_eq!(self.family_of.insert(article.clone(), *family), None, "{event:?}");
            }
            FamilyEvent::Left { family, article } => {
                assert_eq!(self.family_of.remove(article), Some(*family), "{event:?}");
            }
            FamilyEvent::Merged { from, into } => {
                assert!(self.lives(*from) && self.lives(*into), "{event:?}");
                self.family_of
                    .values_mut()
                    .filter(|family| *family == from)
                    .for_each(|f| *f = *into);
                self.over.insert(*from);
            }
            FamilyEvent::Split { from, into, members } => {
                assert!(!self.over.contains(into) && !self.lives(*into), "{event:?}");
                for member in members {
                    let was = self.family_of.insert(member.clone(), *into);
                    assert_eq!(was, Some(*from), "{event:?}");
                }
            }
            FamilyEvent::Ended { family } => {
                self.family_of.retain(|_, of| of != family);
                self.over.insert(*family);
            }
            other => panic!("no such event yet: {other:?}"),
        }
    }

    fn lives(&self, family: FamilyId) -> bool {
        self.family_of.values().any(|&of| of == family)
    }
}
