//! The order of articles by day: from dates to ranges of ranks.

use std::ops::Range;

use super::{BACKGROUND_SAMPLE, WINDOW_DAYS};
use crate::corpus::article::Date;

/// The ranks of the articles of each day, dated articles first. Its size is the number of different
/// days, and look-ups are binary searches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    /// The days that have articles, as [`Date::number`] counts them; ascending.
    days: Vec<i32>,
    /// For each day, the rank of its first article.
    starts: Vec<u32>,
    /// The number of dated articles.
    pub(super) dated: usize,
    /// The number of all articles.
    pub(super) articles: usize,
}

impl Days {
    /// From the dates of articles in the order of ranks.
    pub(crate) fn new(dates: impl ExactSizeIterator<Item = Option<Date>>) -> Self {
        let mut this = Days { articles: dates.len(), ..Days::default() };
        for day in dates.flatten().map(Date::number) {
            if this.days.last() != Some(&day) {
                this.days.push(day);
                this.starts.push(this.dated as u32);
            }
            this.dated += 1;
        }
        this
    }

    /// From the days that have articles, ascending, each with their number, and the number of articles
    /// without a date.
    pub(crate) fn of_counts(counts: impl Iterator<Item = (i32, u32)>, undated: u32) -> Self {
        let mut this = Days::default();
        for (day, articles) in counts {
            this.days.push(day);
            this.starts.push(this.dated as u32);
            this.dated += articles as usize;
        }
        this.articles = this.dated + undated as usize;
        this
    }

    /// The number of articles before a day.
    fn before(&self, day: i32) -> usize {
        let at = self.days.partition_point(|&other| other < day);
        self.starts.get(at).map_or(self.dated, |&start| start as usize)
    }

    /// The ranks of the dated articles within [`WINDOW_DAYS`] of a date.
    pub(super) fn window(&self, date: Date) -> Range<usize> {
        let day = date.number();
        self.before(day - WINDOW_DAYS)..self.before(day + WINDOW_DAYS + 1)
    }

    /// The most days between two dated candidates that share words.
    pub(crate) const WINDOW: i32 = WINDOW_DAYS;

    /// The ranks of the dated articles of a range of days.
    pub(crate) fn between(&self, days: &Range<i32>) -> Range<usize> {
        self.before(days.start)..self.before(days.end)
    }

    /// The number of articles without a date.
    pub(crate) fn undated(&self) -> usize {
        self.articles - self.dated
    }

    /// The ranks of the [`BACKGROUND_SAMPLE`] articles around a rank, or of all where there are fewer.
    pub(super) fn background(&self, rank: usize) -> Range<usize> {
        let start = rank
            .saturating_sub(BACKGROUND_SAMPLE / 2)
            .min(self.articles.saturating_sub(BACKGROUND_SAMPLE));
        start..(start + BACKGROUND_SAMPLE).min(self.articles)
    }

    /// The rank at which an article with this date, or without one, would be inserted.
    pub(crate) fn place(&self, date: Option<Date>) -> usize {
        date.map_or(self.articles, |date| self.before(date.number()))
    }

    /// The size of the background of an article, without the article itself if it is in the index.
    pub(crate) fn others_in_background(&self, is_in: bool) -> usize {
        self.articles.min(BACKGROUND_SAMPLE) - usize::from(is_in)
    }

    /// The ranks whose articles the look-ups of some consecutive ranks may read: those within the window of
    /// the first and the last, their backgrounds, and the undated. Where an undated article is among
    /// them, these are all.
    pub(crate) fn halo(&self, own: &Range<u32>) -> Ranks {
        let own = own.start as usize..own.end as usize;
        if own.is_empty() {
            return Ranks::default();
        }
        if own.end > self.dated {
            return Ranks::all(self.articles as u32);
        }
        let day = |rank: usize| {
            self.days[self.starts.partition_point(|&start| start as usize <= rank) - 1]
        };
        let (first, last) = (own.start, own.end - 1);
        let start = self.before(day(first) - WINDOW_DAYS).min(self.background(first).start);
        let end = self.before(day(last) + WINDOW_DAYS + 1).max(self.background(last).end);
        Ranks(
            [start..end, end.max(self.dated)..self.articles].map(|r| r.start as u32..r.end as u32),
        )
    }

    pub(super) fn memory_usage(&self) -> usize {
        self.days.capacity() * size_of::<i32>() + self.starts.capacity() * size_of::<u32>()
    }
}

/// Some ranks: two runs of them, of which the second begins where the first ends or later. A *position* is
/// the number of a rank among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ranks([Range<u32>; 2]);

impl Ranks {
    /// Two runs; the second begins where the first ends or later.
    pub(crate) fn new(first: Range<u32>, second: Range<u32>) -> Self {
        Ranks([first, second])
    }

    /// All ranks below `end`.
    pub(crate) fn all(end: u32) -> Self {
        Ranks([0..end, end..end])
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        self.0.iter().map(|run| run.len() as u32).sum()
    }

    #[inline]
    pub(crate) fn rank(&self, position: u32) -> u32 {
        let [first, second] = &self.0;
        match first.start + position {
            rank if rank < first.end => rank,
            rank => second.start + (rank - first.end),
        }
    }

    #[inline]
    pub(crate) fn position(&self, rank: u32) -> u32 {
        let [first, second] = &self.0;
        if rank < first.end {
            rank - first.start
        } else {
            first.end - first.start + (rank - second.start)
        }
    }

    pub(crate) fn into_runs(self) -> [Range<u32>; 2] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_by_their_first_ranks_agree_with_a_day_for_each_article(
            mut days in prop::collection::vec(1u8..28, 0..40), undated in 0usize..4, asked in 1u8..28,
        ) {
            days.sort_unstable();
            let date = |day: u8| Date::new(2031, 5, day).unwrap();
            let dates = days.iter().map(|&day| Some(date(day))).chain((0..undated).map(|_| None));
            let dates: Vec<Option<Date>> = dates.collect();
            let index = Days::new(dates.iter().copied());
            let below = |day: i32| days.iter().filter(|&&other| date(other).number() < day).count();
            let day = date(asked).number();
            prop_assert_eq!((index.dated, index.articles), (days.len(), dates.len()));
            prop_assert_eq!(index.window(date(asked)), below(day - 7)..below(day + 8));
            prop_assert_eq!(index.between(&(day - 2..day)), below(day - 2)..below(day));
            prop_assert_eq!(index.place(Some(date(asked))), below(day));
        }
    }
}
