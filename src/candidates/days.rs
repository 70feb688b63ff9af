//! Where articles stand in the order of days.

use std::ops::Range;

use super::{CROWD, WINDOW_DAYS};
use crate::article::Date;

/// Where the articles stand in the order of days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    /// Of the dated ones by rank the day, as [`Date::number`] counts: rising.
    pub(super) dates: Vec<i32>,
    /// How many articles there are.
    pub(super) articles: usize,
}

impl Days {
    /// Articles in the order of their days.
    pub(crate) fn new(dates: impl ExactSizeIterator<Item = Option<Date>>) -> Self {
        let articles = dates.len();
        Days { dates: dates.flatten().map(Date::number).collect(), articles }
    }

    /// The ranks of the dated articles that are at most seven days away.
    pub(super) fn window(&self, date: Date) -> Range<usize> {
        let day = date.number();
        self.dates.partition_point(|&other| other < day - WINDOW_DAYS)
            ..self.dates.partition_point(|&other| other <= day + WINDOW_DAYS)
    }

    /// How many days may lie between candidates by words.
    pub(crate) const WINDOW: i32 = WINDOW_DAYS;

    /// The ranks of the dated articles of some days.
    pub(crate) fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.dates.partition_point(|&other| other < days.start)
            ..self.dates.partition_point(|&other| other < days.end)
    }

    /// The ranks of the articles next to a place in the order.
    pub(super) fn crowd(&self, rank: usize) -> Range<usize> {
        let start = rank.saturating_sub(CROWD / 2).min(self.articles.saturating_sub(CROWD));
        start..(start + CROWD).min(self.articles)
    }

    /// Where an article of a date, or of none, would be put in.
    pub(crate) fn place(&self, date: Option<Date>) -> usize {
        let before = |date: Date| self.dates.partition_point(|&other| other < date.number());
        date.map_or(self.articles, before)
    }

    /// How many others are in the crowd of an article.
    pub(crate) fn others_in_crowd(&self, is_in: bool) -> usize {
        self.articles.min(CROWD) - usize::from(is_in)
    }

    /// Whether two articles, the first one of the lower rank, may be of about the same days.
    pub(super) fn are_near(&self, first: u32, second: u32) -> bool {
        match (self.dates.get(first as usize), self.dates.get(second as usize)) {
            (Some(&first), Some(&second)) => second - first <= WINDOW_DAYS,
            _ => true,
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.dates.capacity() * size_of::<i32>()
    }
}
