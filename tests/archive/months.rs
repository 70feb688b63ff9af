//! A stream that goes on for months, with a window of days. `--bin stream -- months` in
//! `benches/peers` does the same at full size.

use std::collections::BTreeSet;

use retold::{Archive, Article};

use super::Listener;
use super::disk::folder;
use super::made_up::{day, text};

/// Months of ten days.
const MONTHS: usize = 6;
const DAYS: usize = 10;
const PER_DAY: usize = 60;

#[test]
fn memory_and_disk_stay_as_they_are_and_events_tell_of_all_families() {
    let folder = folder();
    let mut archive = Archive::builder().window_days(5).open(folder.path()).unwrap();
    let mut listener = Listener::default();
    let mut ends = Vec::new();
    for n in 0..MONTHS * DAYS * PER_DAY {
        let (id, text) = (n.to_string(), text(n));
        let article = Article::new(&id, &text).date(day(n / PER_DAY));
        let placed = archive.insert(article).unwrap();
        placed.events.iter().for_each(|event| listener.hear(event));
        if !(n + 1).is_multiple_of(PER_DAY) {
            continue;
        }
        archive.commit().unwrap();
        if !(n + 1).is_multiple_of(DAYS * PER_DAY) {
            continue;
        }
        let ids: BTreeSet<&str> = archive.ids().collect();
        for id in &ids {
            assert_eq!(listener.family_of.get(*id).copied(), archive.family_of(id), "{id}");
        }
        assert!(listener.family_of.keys().all(|id| ids.contains(id.as_str())));
        ends.push((archive.len(), archive.memory_usage(), archive.disk_usage() as usize));
    }
    // What is not needed any more leaves the disk now and then, so one month may end with more.
    let most = |of: fn(&(usize, usize, usize)) -> usize| ends[..2].iter().map(of).max().unwrap();
    let (articles, memory, disk) = (most(|end| end.0), most(|end| end.1), most(|end| end.2));
    for later in &ends[2..] {
        assert!(later.0 < articles * 5 / 4, "articles: {ends:?}");
        assert!(later.1 < memory * 3 / 2, "memory: {ends:?}");
        assert!(later.2 < disk * 3 / 2, "disk: {ends:?}");
    }
    assert!(archive.families().len() > 30, "{}", archive.families().len());
}
