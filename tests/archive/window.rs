//! A stream of months with a window of days. `--bin stream -- months` in `benches/peers` does the same at
//! full size.

use std::collections::BTreeSet;

use retold::{Archive, Article};

use super::Listener;
use super::disk::folder;
use super::newsroom::{day, text};

/// Months of ten days.
const MONTHS: usize = 6;
const DAYS: usize = 10;
const PER_DAY: usize = 60;

#[test]
fn memory_and_disk_do_not_grow_and_events_cover_all_families() {
    let folder = folder();
    let mut archive = Archive::builder().window_days(5).open(folder.path()).unwrap();
    let mut listener = Listener::default();
    let mut sizes = Vec::new();
    for n in 0..MONTHS * DAYS * PER_DAY {
        let (id, text) = (n.to_string(), text(n));
        let article = Article::new(&id, &text).date(day(n / PER_DAY));
        let placed = archive.insert(article).unwrap();
        placed.events.iter().for_each(|event| listener.hear(event));
        if !(n + 1).is_multiple_of(PER_DAY) {
            continue;
        }
        archive.commit().unwrap();
        sizes.push([archive.len(), archive.memory_usage(), archive.disk_usage() as usize]);
        if !(n + 1).is_multiple_of(DAYS * PER_DAY) {
            continue;
        }
        let ids: BTreeSet<&str> = archive.ids().collect();
        for id in &ids {
            assert_eq!(listener.family_of.get(*id).copied(), archive.family_of(id), "{id}");
        }
        assert!(listener.family_of.keys().all(|id| ids.contains(id.as_str())));
    }
    // Nothing is larger in the second half than in the first.
    let (first, second) = sizes.split_at(sizes.len() / 2);
    let most = |sizes: &[[usize; 3]], of: usize| sizes.iter().map(|size| size[of]).max().unwrap();
    for (of, what) in ["articles", "memory", "disk"].into_iter().enumerate() {
        let [before, after] = [first, second].map(|sizes| most(sizes, of));
        assert!(after * 5 < before * 6, "{what}: {after} after {before}");
    }
    assert!(archive.families().len() > 30, "{}", archive.families().len());
}
