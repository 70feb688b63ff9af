//! Where articles stand in the order of days.

use std::ops::Range;

use super::{CROWD, WINDOW_DAYS};
use crate::article::Date;

/// Where the articles stand in the order of days. It takes as much room as there are different days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    /// The days that articles are of, as [`Date::number`] counts: rising.
    days: Vec<i32>,
    /// Of each the rank of its first article.
    starts: Vec<u32>,
    /// How many articles are dated.
    pub(super) dated: usize,
    /// How many articles there are.
    pub(super) articles: usize,
}

impl Days {
    /// Articles in the order of their days.
    pub(crate) fn new(dates: impl ExactSizeIterator<Item = Option<Date>>) -> Self {
        let mut of = Days { articles: dates.len(), ..Days::default() };
        for day in dates.flatten().map(Date::number) {
            if of.days.last() != Some(&day) {
                of.days.push(day);
                of.starts.push(of.dated as u32);
            }
            of.dated += 1;
        }
        of
    }

    /// How many articles are of the days before one.
    fn before(&self, day: i32) -> usize {
        let at = self.days.partition_point(|&other| other < day);
        self.starts.get(at).map_or(self.dated, |&start| start as usize)
    }

    /// The day of a dated article.
    fn day(&self, rank: usize) -> Option<i32> {
        let upto = self.starts.partition_point(|&start| start as usize <= rank);
        (rank < self.dated).then(|| self.days[upto - 1])
    }

    /// The ranks of the dated articles that are at most seven days away.
    pub(super) fn window(&self, date: Date) -> Range<usize> {
        let day = date.number();
        self.before(day - WINDOW_DAYS)..self.before(day + WINDOW_DAYS + 1)
    }

    /// How many days may lie between candidates by words.
    pub(crate) const WINDOW: i32 = WINDOW_DAYS;

    /// The ranks of the dated articles of some days.
    pub(crate) fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.before(days.start)..self.before(days.end)
    }

    /// The ranks of the articles next to a place in the order.
    pub(super) fn crowd(&self, rank: usize) -> Range<usize> {
        let start = rank.saturating_sub(CROWD / 2).min(self.articles.saturating_sub(CROWD));
        start..(start + CROWD).min(self.articles)
    }

    /// Where an article of a date, or of none, would be put in.
    pub(crate) fn place(&self, date: Option<Date>) -> usize {
        date.map_or(self.articles, |date| self.before(date.number()))
    }

    /// How many others are in the crowd of an article.
    pub(crate) fn others_in_crowd(&self, is_in: bool) -> usize {
        self.articles.min(CROWD) - usize::from(is_in)
    }

    /// Whether two articles, the first one of the lower rank, may be of about the same days.
    pub(super) fn are_near(&self, first: u32, second: u32) -> bool {
        match (self.day(first as usize), self.day(second as usize)) {
            (Some(first), Some(second)) => second - first <= WINDOW_DAYS,
            _ => true,
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.days.capacity() * size_of::<i32>() + self.starts.capacity() * size_of::<u32>()
    }
}
