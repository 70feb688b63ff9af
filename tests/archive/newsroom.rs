//! A deterministic source of articles, for the tests of crashes and damage.

use retold::{Archive, Article, Date, FamilyId};

/// A pseudo-random number.
pub(super) fn random(seed: u64, n: u64) -> usize {
    retold::hash::mix(retold::hash::mix(seed) ^ n) as usize
}

/// The text of an article. Some of its words are those of a story shared by six articles, some those of
/// four consecutive articles.
pub(super) fn text(n: usize) -> String {
    let story = n / 12 * 2 + n % 2;
    let word = |at: usize| match at / 6 % 3 {
        0 => format!("story{story}x{at} "),
        1 => format!("word{} ", random(n as u64, at as u64) % 5_000),
        _ => format!("tale{}x{at} ", n / 4),
    };
    (0..60).map(word).collect()
}

/// A day of a calendar whose months have 28 days.
pub(super) fn day(n: usize) -> Date {
    let (year, month, day) = (2031 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
    Date::new(year as u16, month as u8, day as u8).unwrap()
}

/// The settings of a newsroom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newsroom {
    /// Articles a day.
    pub(super) per_day: usize,
    /// Articles before the first correction or withdrawal.
    pub(super) calm: usize,
}

/// Step `n` of the newsroom: an article, sometimes a correction and a withdrawal. The number of the step is
/// the id of the article.
pub(super) fn step(archive: &mut Archive, n: usize, Newsroom { per_day, calm }: Newsroom) {
    let (date, title) = (day(n / per_day), format!("Title of {n}"));
    let put = |archive: &mut Archive, id: &str, text: &str| {
        archive.replace(Article::new(id, text).title(&title).date(date)).unwrap();
    };
    put(archive, &n.to_string(), &text(n));
    if n < calm {
        return;
    }
    if n % 7 == 3 {
        put(archive, &(n - n % 40 / 2).to_string(), &text(n + 1));
    }
    if n % 5 == 2 {
        put(archive, &format!("brief {n}"), &text(n + 2));
        archive.remove(&format!("brief {}", n.saturating_sub(5 * (n % 4))));
    }
    if n % 61 == 60 {
        archive.expire_before(day((n / per_day).saturating_sub(40)));
    }
}

/// Number of steps that an archive has seen.
pub(super) fn steps_seen(archive: &Archive) -> usize {
    let numbers = archive.ids().filter_map(|id| id.parse::<usize>().ok());
    numbers.max().map_or(0, |last| last + 1)
}

/// The content of an archive without its texts: its ids, and its families with their members.
#[derive(Debug, PartialEq)]
pub(super) struct Known {
    ids: Vec<String>,
    families: Vec<(FamilyId, retold::Family)>,
}

/// The content of an archive or a reader.
macro_rules! known {
    ($archive:expr) => {{
        let archive = &$archive;
        $crate::newsroom::Known::of(archive.ids(), archive.families())
    }};
}

pub(super) use known;

impl Known {
    pub(super) fn of<'a>(
        ids: impl Iterator<Item = &'a str>,
        families: Vec<(FamilyId, retold::Family)>,
    ) -> Self {
        Known { ids: ids.map(str::to_owned).collect(), families }
    }

    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    pub(super) fn families(&self) -> usize {
        self.families.len()
    }
}
