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
    Today(u8),
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0usize..30, 0usize..36, 0u8..12).prop_map(|(id, text, day)| Step::Insert(id, text, day)),
        4 => (0usize..30, 0usize..36, 0u8..12).prop_map(|(id, text, day)| Step::Replace(id, text, day)),
        2 => (0usize..30).prop_map(Step::Remove),
        2 => (1u8..6).prop_map(Step::Expire),
        1 => (1u8..16).prop_map(Step::Today),
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

/// The articles that should be present, by a plain form of the rules. 0 is no day.
#[derive(Default)]
struct Model {
    window: Option<u32>,
    today: u8,
    is_set: bool,
    /// For each id the date and the day that today moved to next after its arrival.
    present: BTreeMap<String, (u8, u8)>,
}

impl Model {
    fn is_before_window(&self, day: u8) -> bool {
        day > 0 && self.window.is_some_and(|days| u32::from(day) + days < self.today.into())
    }

    fn put(&mut self, id: &str, of_day: u8) {
        let others = self.present.iter().filter(|(other, _)| *other != id);
        let mut dates: Vec<u8> = others.map(|(_, &(date, _))| date).chain([of_day]).collect();
        dates.sort_unstable();
        let third = dates.len().checked_sub(3).map_or(0, |at| dates[at]);
        if !self.is_set && of_day > self.today && third > self.today {
            self.move_to(third);
        }
        self.present.insert(id.to_owned(), (of_day, 0));
    }

    fn move_to(&mut self, today: u8) {
        self.today = today;
        for (_, arrived) in self.present.values_mut() {
            *arrived = if *arrived == 0 { today } else { today.min(*arrived) };
        }
        let mut present = std::mem::take(&mut self.present);
        present.retain(|_, &mut (date, arrived)| {
            !self.is_before_window(if date > 0 { date } else { arrived })
        });
        self.present = present;
    }

    /// Undated reprints that took the place of what they reprint count as arriving then, which this model
    /// does not know: they may stay longer than it says.
    fn allow_for_adoption(&mut self, archive: &Archive, before: BTreeMap<String, (u8, u8)>) {
        for (id, (date, arrived)) in before {
            if date == 0 && !self.present.contains_key(&id) && archive.contains(&id) {
                self.present.insert(id, (date, arrived));
            }
        }
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
        let mut model = Model { window, ..Model::default() };
        for step in steps {
            let before = model.present.clone();
            let events = match step {
                Step::Insert(id, n, of_day) => {
                    let (id, text) = (format!("id {id}"), text(n));
                    let placed = archive.insert(article(&id, &text, of_day));
                    let is_refused = before.contains_key(&id) || model.is_before_window(of_day);
                    prop_assert_eq!(placed.is_err(), is_refused);
                    let Ok(placed) = placed else { continue };
                    prop_assert_eq!(placed.family, archive.family_of(&id));
                    model.put(&id, of_day);
                    placed.events
                }
                Step::Replace(id, n, of_day) => {
                    let (id, text) = (format!("id {id}"), text(n));
                    let placed = archive.replace(article(&id, &text, of_day));
                    prop_assert_eq!(placed.is_err(), model.is_before_window(of_day));
                    let Ok(placed) = placed else { continue };
                    model.put(&id, of_day);
                    placed.events
                }
                Step::Remove(id) => {
                    let id = format!("id {id}");
                    let events = archive.remove(&id);
                    prop_assert_eq!(events.is_some(), model.present.remove(&id).is_some());
                    events.unwrap_or_default()
                }
                Step::Expire(of_day) => {
                    let (expired, events) = archive.expire_before(day(of_day));
                    model.present.retain(|_, &mut (date, _)| date == 0 || date >= of_day);
                    prop_assert_eq!(expired, before.len() - model.present.len());
                    events
                }
                Step::Today(of_day) => {
                    let events = archive.set_today(day(of_day));
                    model.is_set = true;
                    model.move_to(of_day);
                    events
                }
                Step::Regroup => archive.regroup(),
            };
            model.allow_for_adoption(&archive, before);
            let present = &model.present;
            prop_assert_eq!(archive.today(), (model.today > 0).then(|| day(model.today)));
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
