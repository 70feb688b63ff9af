//! The window of days: what moves it, who leaves with it, and that nothing grows while it moves.
//! `--bin stream -- months` in `benches/peers` lets it move at full size.

use std::collections::BTreeSet;

use proptest::prelude::*;
use retold::{Archive, ArchiveReader, Article, Date, ErrorKind};

use super::Listener;
use super::disk::folder;
use super::newsroom::{day, random, text};

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
        let article = Article::new(&id, &text);
        // Every fifth article has no date, or a wrong one.
        let article = match n % 30 {
            0 => article.date(day(n / PER_DAY + 5000)),
            5 | 10 | 15 | 20 | 25 => article,
            _ => article.date(day(n / PER_DAY)),
        };
        if n.is_multiple_of(PER_DAY) {
            let events = archive.set_today(day(n / PER_DAY));
            events.iter().for_each(|event| listener.hear(event));
        }
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

/// An archive in memory with a window.
fn archive(days: u32) -> Archive {
    Archive::builder().window_days(days).in_memory().unwrap()
}

/// Inserts an article with words of its own, or an error; how many days it is ahead.
fn put(archive: &mut Archive, id: &str, date: Option<Date>) -> Result<u32, ErrorKind> {
    let text = words(id);
    let article = Article::new(id, &text);
    let article = date.map_or(article, |date| article.date(date));
    let placed = archive.insert(article).map_err(|error| error.kind().clone())?;
    Ok(placed.days_ahead)
}

fn words(id: &str) -> String {
    let id = id.replace(' ', "");
    format!("word{id} of{id} few{id}")
}

/// Inserts articles of some days, which the numbers from `first` on name.
fn put_all(archive: &mut Archive, first: usize, days: impl IntoIterator<Item = usize>) {
    for (n, of_day) in (first..).zip(days) {
        put(archive, &n.to_string(), Some(day(of_day))).unwrap();
    }
}

#[test]
fn an_article_of_the_far_future_is_kept_and_reported_and_expires_nothing() {
    let mut archive = archive(30);
    put_all(&mut archive, 0, 0..25);
    assert_eq!(archive.today(), Some(day(22)));
    let far = Date::new(2050, 1, 1).unwrap();
    let text = words("far");
    let placed = archive.insert(Article::new("far", &text).date(far)).unwrap();
    assert_eq!((placed.days_ahead, placed.events), (6917, Vec::new()));
    assert_eq!((archive.len(), archive.today()), (26, Some(day(23))));
    let found = archive.query(&Article::new("?", &text).date(far)).unwrap();
    assert_eq!(found[0].id, "far");
    // Nor do its corrections, however many.
    for _ in 0..5 {
        assert!(archive.replace(Article::new("far", &text).date(far)).unwrap().days_ahead > 6000);
    }
    assert_eq!((archive.len(), archive.today()), (26, Some(day(23))));
    // It leaves once a window has passed and many have come.
    put_all(&mut archive, 1000, (0..280).map(|n| 24 + n / 10));
    assert!(archive.contains("far"));
    put_all(&mut archive, 2000, 52..60);
    assert!(!archive.contains("far") && archive.contains("1279"));
}

proptest! {
    #[test]
    fn two_wrong_dates_take_no_article_of_the_window_away(
        days in prop::collection::vec(0usize..40, 3..60),
        wrong in prop::collection::vec((0usize..60, 40usize..9000), 0..3),
        window in 1u32..30,
    ) {
        let mut archive = archive(window);
        let last = *days.iter().max().unwrap();
        let is_in = |of_day: usize| day(last).days_since(day(of_day)) <= window as i32;
        for (n, &of_day) in days.iter().enumerate() {
            for (at, &(_, of_day)) in wrong.iter().enumerate().filter(|(_, wrong)| wrong.0 == n) {
                put(&mut archive, &format!("wrong {at}"), Some(day(of_day))).unwrap();
            }
            let placed = put(&mut archive, &n.to_string(), Some(day(of_day)));
            prop_assert!(placed.is_ok() || !is_in(of_day));
        }
        prop_assert!(archive.today() <= Some(day(last)));
        for (n, &of_day) in days.iter().enumerate() {
            prop_assert!(!is_in(of_day) || archive.contains(&n.to_string()));
        }
    }

    #[test]
    fn the_dates_of_one_window_give_the_same_today_in_any_order(
        days in prop::collection::vec(0usize..28, 3..60).prop_shuffle(),
    ) {
        let mut archive = archive(28);
        put_all(&mut archive, 0, days.iter().copied());
        let mut sorted = days;
        sorted.sort_unstable();
        prop_assert_eq!(archive.today(), Some(day(sorted[sorted.len() - 3])));
    }

    /// Whatever the caller's day was before, and whatever the clock's own rule is.
    #[test]
    fn no_article_moves_the_day_that_the_caller_sets(
        dates in prop::collection::vec(prop::option::of(10usize..9000), 1..40),
        first in 0usize..9000,
    ) {
        let mut archive = archive(9);
        archive.set_today(day(first));
        archive.set_today(day(10));
        for (n, &date) in dates.iter().enumerate() {
            let ahead = put(&mut archive, &n.to_string(), date.map(day)).unwrap();
            let expected = date.map_or(0, |date| day(date).days_since(day(10)));
            prop_assert_eq!(i64::from(ahead), i64::from(expected));
        }
        prop_assert_eq!((archive.today(), archive.len()), (Some(day(10)), dates.len()));
    }
}

#[test]
fn a_large_archive_asks_for_more_articles_of_a_later_day() {
    let mut archive = archive(30);
    put_all(&mut archive, 0, (0..2560).map(|n| n / 200));
    assert_eq!(archive.today(), Some(day(12)));
    put_all(&mut archive, 3000, [4000; 9]);
    assert_eq!((archive.today(), archive.len()), (Some(day(12)), 2569));
    put_all(&mut archive, 4000, [4000]);
    assert_eq!((archive.today(), archive.len()), (Some(day(4000)), 10));
}

#[test]
fn today_follows_one_article_a_day_and_a_stream_that_rested_loses_nothing() {
    let mut archive = archive(5);
    for n in 0..40 {
        put(&mut archive, &n.to_string(), Some(day(n))).unwrap();
        put(&mut archive, &format!("undated {n}"), None).unwrap();
        assert!(archive.len() <= 2 * 9, "{}", archive.len());
    }
    assert_eq!(archive.today(), Some(day(37)));
    // After a year, and after another one, until the clock has caught up.
    for start in [400, 800] {
        put_all(&mut archive, start, start..start + 3);
        assert_eq!(archive.today(), Some(day(start)));
        assert!((start..start + 3).all(|n| archive.contains(&n.to_string())));
        assert_eq!(archive.len(), 3);
    }
}

/// As when a folder is read in the order of its names.
#[test]
fn articles_in_no_order_of_their_dates_leave_those_of_the_latest_window() {
    let mut archive = archive(30);
    let of_day = |n: usize| random(7, n as u64) % 2000;
    for n in 0..3000 {
        match put(&mut archive, &n.to_string(), Some(day(of_day(n)))) {
            Ok(_) | Err(ErrorKind::TooOld { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    let last = (0..3000).map(of_day).max().map(day).unwrap();
    let is_in = |n: &usize| last.days_since(day(of_day(*n))) <= 30;
    let expected: Vec<String> = (0..3000).filter(is_in).map(|n| n.to_string()).collect();
    assert!(expected.len() > 20 && expected.iter().all(|id| archive.contains(id)));
    assert!(archive.len() <= expected.len() + 9, "{} of {}", archive.len(), expected.len());
}

#[test]
fn an_undated_article_stays_as_long_as_the_articles_of_its_day() {
    let mut archive = archive(5);
    let mut arrived = 0;
    for of_day in 0..60 {
        for n in 0..8 {
            put(&mut archive, &format!("{of_day} {n}"), Some(day(of_day))).unwrap();
            put(&mut archive, &format!("undated {of_day} {n}"), None).unwrap();
            arrived += 2;
        }
        // The first two come before the third dated one moves today; the next move after the others is
        // that of the next day.
        let is_in = |id: String| archive.contains(&id);
        for before in 0..=of_day {
            let is_young = |date: usize| day(of_day).days_since(day(date)) <= 5;
            assert_eq!(is_in(format!("{before} 7")), is_young(before));
            assert_eq!(is_in(format!("undated {before} 1")), is_young(before));
            assert_eq!(is_in(format!("undated {before} 2")), is_young(before + 1));
        }
        assert!(archive.len() <= 8 * 2 * 7, "{} of {arrived}", archive.len());
    }
}

#[test]
fn an_article_that_comes_too_late_is_refused_and_changes_nothing() {
    let mut archive = archive(5);
    put_all(&mut archive, 0, [10, 10, 10]);
    assert_eq!(put(&mut archive, "edge", Some(day(5))), Ok(0));
    let refused = put(&mut archive, "late", Some(day(4)));
    assert_eq!(refused, Err(ErrorKind::TooOld { id: "late".to_owned(), days: 6, window: 5 }));
    let text = words("edge");
    let late = Article::new("edge", &text).date(day(4));
    let error = archive.replace(late).unwrap_err();
    assert!(error.to_string().contains("6 days before the archive's today, the window has 5"));
    assert!(archive.ids().eq(["0", "1", "2", "edge"]));
    assert_eq!(archive.query(&Article::new("late", &text).date(day(4))).unwrap()[0].id, "edge");
}

#[test]
fn articles_too_old_for_the_window_are_left_out_of_a_merge_and_named() {
    let folder = folder();
    let mut other = Archive::builder().open(folder.path()).unwrap();
    put_all(&mut other, 0, [1, 10, 2, 11]);
    other.commit().unwrap();
    let mut archive = archive(5);
    archive.set_today(day(12));
    let merged = archive.merge(&ArchiveReader::open(folder.path()).unwrap()).unwrap();
    assert_eq!((merged.came, merged.too_old), (2, vec!["0".to_owned(), "2".to_owned()]));
    assert!(archive.ids().eq(["1", "3"]) && merged.left_out.is_empty());
}

#[test]
fn a_day_that_was_set_is_kept_in_the_folder_and_can_be_set_right() {
    let folder = folder();
    let mut archive = Archive::builder().window_days(5).open(folder.path()).unwrap();
    put_all(&mut archive, 0, [10, 10, 10]);
    put_all(&mut archive, 10, [5000, 5000, 5000]);
    assert_eq!((archive.today(), archive.len()), (Some(day(5000)), 3));
    put(&mut archive, "undated", None).unwrap();
    archive.set_today(day(11));
    archive.commit().unwrap();
    drop(archive);
    let mut archive = Archive::open(folder.path()).unwrap();
    assert_eq!(ArchiveReader::open(folder.path()).unwrap().today(), Some(day(11)));
    put_all(&mut archive, 20, [11, 5000, 5000, 5000]);
    assert_eq!((archive.today(), archive.len()), (Some(day(11)), 8));
    archive.set_today(day(17));
    assert!(archive.ids().eq(["10", "11", "12", "21", "22", "23"]), "few came since");
    put_all(&mut archive, 1000, [20; 300]);
    archive.set_today(day(23));
    assert_eq!(archive.len(), 300);
}
