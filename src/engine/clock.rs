//! The clock of an archive: the day that its window counts back from.
//!
//! The clock is a day, *today*, that the caller sets or the dates of the articles move. An article may have a
//! wrong date, so no single one moves it: today is the latest day such that a few articles are dated on it or
//! later. Counting the later ones too lets it follow a stream of one article a day. Removed articles and
//! former versions do not count. While no article has left the window, today depends on the dates only and
//! not on their order.
//!
//! Articles without a date, and those dated far after today, leave the window by the day of their arrival.
//! No article stores that day: numbers rise with the clock, so the clock notes the number of the next
//! article whenever it moves.

use crate::corpus::article::Date;
use crate::corpus::collection::Number;

/// How many dated articles move the clock to a day, at least. Two wrong dates may meet by chance, and in an
/// archive of few articles a higher number would hold the clock back for long.
const MIN_WITNESSES: u32 = 3;

/// One witness is needed for so many dated articles of the archive. Articles with a date in the future stay
/// for a window, so in a large archive more than a few are there at any time; one article in 256 is more
/// than feeds with mostly good dates have. Where all days have as many articles, the clock is late by one
/// 256th of the window: 3 hours of a month, 34 hours of a year.
const ARTICLES_A_WITNESS: u32 = 256;

/// How many articles arrive, at least, before one with a date far ahead leaves. Where articles arrive in no
/// order of their dates, the clock is behind at first and takes long steps: it comes within a window of the
/// latest date as soon as three articles of that window have arrived. For a month out of seven years that
/// takes about 256.
const MIN_LATER: Number = 256;

/// How many articles must be dated on a day or later to move the clock there, of so many dated ones.
pub(crate) fn witnesses(dated: u32) -> u32 {
    (dated / ARTICLES_A_WITNESS).max(MIN_WITNESSES)
}

/// The day that the window counts back from, and when it was reached.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Clock {
    /// Whether the caller sets it; dates of articles then do not move it.
    pub(crate) is_set: bool,
    /// The moves, by ascending days: the number of the next article then, and the new day. Moves before the
    /// first article present are left out, except for the last move.
    pub(crate) moves: Vec<(Number, Date)>,
}

/// The articles that leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expiry {
    /// Those dated before this day, as [`Date::number`] counts.
    pub(crate) first_day: i32,
    /// Those without a date of lower numbers.
    pub(crate) first_undated: Number,
    /// Of those dated after this day ...
    pub(crate) last_day: i32,
    /// ... the ones of lower numbers.
    pub(crate) first_ahead: Number,
}

impl Clock {
    /// The day; `None` before the first move.
    pub(crate) fn today(&self) -> Option<Date> {
        self.moves.last().map(|&(_, day)| day)
    }

    /// By how many days a date is after today; 0 for one that is not, and before the first move.
    pub(crate) fn days_ahead(&self, date: Option<Date>) -> u32 {
        let ahead = date.zip(self.today()).map(|(date, today)| date.days_since(today));
        ahead.map_or(0, |days| days.max(0).unsigned_abs())
    }

    /// Moves the clock to a day, also back. `next` is the number of the next article, `first` that of the
    /// first one present.
    pub(crate) fn move_to(&mut self, day: Date, next: Number, first: Number) {
        // Where it goes back, all articles arrived on that day at the latest.
        self.moves.retain(|&(_, earlier)| earlier < day);
        self.moves.push((next, day));
        let unused = self.moves.partition_point(|&(number, _)| number <= first);
        self.moves.drain(..unused.min(self.moves.len() - 1));
    }

    /// What leaves a window of so many days; `next` is the number of the next article.
    ///
    /// An article counts as having arrived on the day of the first move after it. One with a date at most a
    /// window ahead is left to its date: the clock may be behind.
    pub(crate) fn expiry(&self, days: u32, next: Number) -> Option<Expiry> {
        let today = self.today()?.number();
        let first_day = today.saturating_sub_unsigned(days);
        let gone = self.moves.partition_point(|&(_, day)| day.number() < first_day);
        let first_undated = gone.checked_sub(1).map_or(0, |last| self.moves[last].0);
        let first_ahead = first_undated.min(next.saturating_sub(MIN_LATER));
        let last_day = today.saturating_add_unsigned(days);
        Some(Expiry { first_day, first_undated, last_day, first_ahead })
    }
}

impl Expiry {
    /// The articles dated before a day; those without a date stay.
    pub(crate) fn before(date: Date) -> Self {
        let first_day = date.number();
        Expiry { first_day, first_undated: 0, last_day: i32::MAX, first_ahead: 0 }
    }

    pub(crate) fn covers(&self, number: Number, date: Option<Date>) -> bool {
        match date.map(Date::number) {
            Some(day) => day < self.first_day || self.last_day < day && number < self.first_ahead,
            None => number < self.first_undated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u8) -> Date {
        Date::new(2031, 3, day).unwrap()
    }

    #[test]
    fn undated_articles_leave_a_window_after_the_first_move_that_follows_them() {
        let mut clock = Clock::default();
        assert!(clock.expiry(2, 10).is_none());
        clock.move_to(day(5), 10, 0);
        clock.move_to(day(6), 20, 0);
        clock.move_to(day(8), 30, 0);
        let covers = |clock: &Clock, number| clock.expiry(2, 30).unwrap().covers(number, None);
        assert!(covers(&clock, 9) && !covers(&clock, 10));
        clock.move_to(day(9), 30, 10);
        assert!(covers(&clock, 19) && !covers(&clock, 20));
        clock.move_to(day(11), 30, 20);
        assert!(covers(&clock, 29) && !covers(&clock, 30), "they did not leave with day 10");
        assert_eq!(clock.moves, [(30, day(8)), (30, day(9)), (30, day(11))]);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_for_the_days_that_it_had_run_ahead() {
        let mut clock = Clock::default();
        for (next, of_day) in [(10, 5), (20, 25), (30, 28)] {
            clock.move_to(day(of_day), next, 0);
        }
        clock.move_to(day(6), 40, 0);
        assert_eq!(clock.moves, [(10, day(5)), (40, day(6))]);
        assert_eq!((clock.days_ahead(Some(day(9))), clock.days_ahead(Some(day(2)))), (3, 0));
        clock.move_to(day(9), 50, 0);
        assert_eq!(clock.expiry(2, 50).unwrap().first_undated, 40);
    }

    #[test]
    fn an_article_far_ahead_leaves_after_a_window_and_some_arrivals() {
        let mut clock = Clock::default();
        clock.move_to(day(1), 10, 0);
        clock.move_to(day(8), 12, 0);
        let covers = |clock: &Clock, next, of_day| {
            clock.expiry(3, next).unwrap().covers(9, Some(day(of_day)))
        };
        assert!(covers(&clock, 1000, 12) && covers(&clock, 10 + MIN_LATER, 12));
        assert!(!covers(&clock, 9 + MIN_LATER, 12), "few came since");
        assert!(!covers(&clock, 1000, 11), "it is not far ahead");
        clock.move_to(day(9), 1000, 0);
        assert!(!clock.expiry(3, 2000).unwrap().covers(12, Some(day(28))), "it came on day 9");
    }

    #[test]
    fn moves_that_no_article_needs_are_forgotten() {
        let mut clock = Clock::default();
        for n in 1..28 {
            clock.move_to(day(n), u32::from(n) * 10, (u32::from(n) * 10).saturating_sub(30));
            assert!(clock.moves.len() <= 3);
        }
        clock.move_to(day(28), 270, 270);
        assert_eq!(clock.moves, [(270, day(28))]);
    }
}
