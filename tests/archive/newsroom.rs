//! A newsroom that does the same on every machine, for archives that are crashed and damaged.

use retold::{Archive, Article, Date, FamilyId};

/// A number that looks random.
pub(super) fn random(seed: u64, n: u64) -> usize {
    retold::hash::mix(retold::hash::mix(seed) ^ n) as usize
}

/// What an article says: some of its words are those of a story that six have in common, some those
/// of four that came one after the other.
pub(super) fn text(n: usize) -> String {
    let story = n / 12 * 2 + n % 2;
    let word = |at: usize| match at / 6 % 3 {
        0 => format!("story{story}x{at} "),
        1 => format!("word{} ", random(n as u64, at as u64) % 5_000),
        _ => format!("tale{}x{at} ", n / 4),
    };
    (0..60).map(word).collect()
}

/// A day, from the first of a calendar whose months are short.
pub(super) fn day(n: usize) -> Date {
    let (year, month, day) = (2031 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
    Date::new(year as u16, month as u8, day as u8).unwrap()
}

/// How a newsroom works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newsroom {
    /// How many articles it has a day.
    pub(super) per_day: usize,
    /// How many come before the first one is corrected or withdrawn.
    pub(super) calm: usize,
}

/// What the newsroom does after its step `n - 1`: an article, at times a correction and a withdrawal.
/// The article's id is the number of the step.
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

/// How many steps an archive has seen.
pub(super) fn steps_seen(archive: &Archive) -> usize {
    let numbers = archive.ids().filter_map(|id| id.parse::<usize>().ok());
    numbers.max().map_or(0, |last| last + 1)
}

/// What can be asked of an archive, but for its texts: its ids, and the members of its families.
#[derive(Debug, PartialEq)]
pub(super) struct Known {
    ids: Vec<String>,
    families: Vec<(FamilyId, retold::Family)>,
}

/// What an archive or a reader of one answers.
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
