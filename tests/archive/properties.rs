//! Properties after any sequence of arrivals, corrections, withdrawals and expiries.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use retold::{Archive, Article, Level};

use super::texts::{BACKGROUND, BEES, BEES_AGAIN, CABLE_CAR, RETOLD, SAME_EVENT};
use super::{Listener, day};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Insert(usize, usize, u8),
    Replace(usize, usize, u8),
    Remove(usize),
    Expire(u8),
    Regroup,
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..30, 0usize..36, 0u8..12).prop_map(|(id, text, day)| Step::Insert(id, text, day)),
        2 => (0usize..30, 0usize..36, 0u8..12).prop_map(|(id, text, day)| Step::Replace(id, text, day)),
        1 => (0usize..30).prop_map(Step::Remove),
        1 => (1u8..6).prop_map(Step::Expire),
        1 => Just(Step::Regroup),
    ]
}

/// Texts of every degree of similarity.
pub(super) fn text(n: usize) -> String {
    let base = [CABLE_CAR, RETOLD, SAME_EVENT, BEES, BEES_AGAIN, BACKGROUND][n % 6];
    let sentences: Vec<&str> = base.split_inclusive(". ").collect();
    let kept = match n / 6 {
        0 => sentences,
        1 => sentences.into_iter().rev().collect(),
        2 => sentences.into_iter().step_by(2).collect(),
        3 => sentences.into_iter().skip(2).collect(),
        4 => sentences.into_iter().skip(1).chain([BACKGROUND]).collect(),
        _ => sentences.into_iter().take(3).chain([BEES]).collect(),
    };
    kept.concat()
}

pub(super) fn article<'a>(id: &'a str, text: &'a str, of_day: u8) -> Article<'a> {
    let article = Article::new(id, text);
    if of_day == 0 { article } else { article.date(day(of_day)) }
}

/// Expires the articles that a later day pushes out of the window.
fn roll(present: &mut BTreeMap<String, u8>, latest: &mut u8, of_day: u8, window: Option<u32>) {
    if of_day > *latest {
        *latest = of_day;
        let is_young = |date: u8| window.is_none_or(|days| u32::from(date) + days >= of_day.into());
        present.retain(|_, &mut date| date == 0 || is_young(date));
    }
}

proptest! {
    #[test]
    fn events_report_every_change_of_families(
        steps in prop::collection::vec(any_step(), 1..60),
        level in prop::sample::select(Level::ALL.to_vec()),
        window in prop::option::of(1u32..8),
    ) {
        let builder = Archive::builder().level(level);
        let builder = window.map_or(builder.clone(), |days| builder.window_days(days));
        let mut archive = builder.in_memory().unwrap();
        let mut listener = Listener::default();
        let mut present: BTreeMap<String, u8> = BTreeMap::new();
        let mut latest = 0;
        for step in steps {
            let events = match step {
                Step::Insert(id, n, of_day) => {
                    let (id, text) = (format!("id {id}"), text(n));
                    let placed = archive.insert(article(&id, &text, of_day));
                    prop_assert_eq!(placed.is_err(), present.contains_key(&id));
                    let Ok(placed) = placed else { continue };
                    prop_assert_eq!(placed.family, archive.family_of(&id));
                    roll(&mut present, &mut latest, of_day, window);
                    present.insert(id, of_day);
                    placed.events
                }
                Step::Replace(id, n, of_day) => {
                    let (id, text) = (format!("id {id}"), text(n));
                    let placed = archive.replace(article(&id, &text, of_day)).unwrap();
                    roll(&mut present, &mut latest, of_day, window);
                    present.insert(id, of_day);
                    placed.events
                }
                Step::Remove(id) => {
                    let id = format!("id {id}");
                    let events = archive.remove(&id);
                    prop_assert_eq!(events.is_some(), present.remove(&id).is_some());
                    events.unwrap_or_default()
                }
                Step::Expire(of_day) => {
                    let (expired, events) = archive.expire_before(day(of_day));
                    let before = present.len();
                    present.retain(|_, &mut date| date == 0 || date >= of_day);
                    prop_assert_eq!(expired, before - present.len());
                    events
                }
                Step::Regroup => archive.regroup(),
            };
            events.iter().for_each(|event| listener.hear(event));
            prop_assert_eq!(archive.len(), present.len());
            for id in present.keys() {
                prop_assert!(archive.contains(id));
                prop_assert_eq!(archive.family_of(id), listener.family_of.get(id).copied());
            }
            prop_assert!(listener.family_of.keys().all(|id| present.contains_key(id)));
        }
        let families = archive.families();
        let mut seen = BTreeSet::new();
        for (id, family) in &families {
            prop_assert!(family.len() >= 2);
            for member in family.members() {
                prop_assert_eq!(archive.family_of(member.id()), Some(*id));
                prop_assert!(seen.insert(member.id()));
            }
        }
        prop_assert_eq!(seen.len(), listener.family_of.len());
    }
}
