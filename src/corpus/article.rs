//! The input: an article with an id and a text, and the calendar day it was published.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// An article of the caller: an id and a text, and a title and a date where they are known.
///
/// ```
/// use retold::Article;
/// let article = Article::new("herald/17", "The ferry sank off Kelm on Monday night.")
///     .title("Ferry sinks off Kelm")
///     .date("2031-05-06".parse()?);
/// assert_eq!(article.id(), "herald/17");
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Article<'a> {
    id: &'a str,
    text: &'a str,
    title: Option<&'a str>,
    date: Option<Date>,
}

impl<'a> Article<'a> {
    /// Creates an article without title and date. The caller chooses `id`; every answer names it.
    pub fn new(id: &'a str, text: &'a str) -> Self {
        Article { id, text, title: None, date: None }
    }

    /// Sets the title. Its words have the weight of words at the start of the text.
    pub fn title(self, title: &'a str) -> Self {
        Article { title: Some(title), ..self }
    }

    /// Sets the day of publication.
    pub fn date(self, date: Date) -> Self {
        Article { date: Some(date), ..self }
    }

    /// Returns the id that the caller chose.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// Returns the text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the title; `None` if it is missing or blank.
    pub fn get_title(&self) -> Option<&'a str> {
        self.title.filter(|title| !title.trim().is_empty())
    }

    /// Returns the day of publication, if it is set.
    pub fn get_date(&self) -> Option<Date> {
        self.date
    }
}

/// The longest id, in bytes. Ids are byte strings of UTF-8; a number as an id is its decimal digits.
pub(crate) const MAX_ID_BYTES: usize = u16::MAX as usize;

/// A day of the proleptic Gregorian calendar, from year 0 to 9999.
///
/// ```
/// use retold::Date;
/// let date: Date = "2024-03-01".parse()?;
/// assert_eq!(date.days_since("2024-02-28".parse()?), 2);
/// assert_eq!(date.to_string(), "2024-03-01");
/// assert!("2023-02-29".parse::<Date>().is_err());
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Creates a day; `None` if the calendar has no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (year <= 9999 && (1..=days).contains(&day)).then_some(Date { year, month, day })
    }

    /// Returns the number of days from `other` to `self`: negative if `other` is later.
    pub fn days_since(self, other: Date) -> i32 {
        self.number() - other.number()
    }

    /// Packs the day into a stored number above 0: `year << 9 | month << 5 | day`.
    pub(crate) fn packed(self) -> u32 {
        u32::from(self.year) << 9 | u32::from(self.month) << 5 | u32::from(self.day)
    }

    /// Reads a number made by [`Date::packed`]; `None` for 0. Numbers from a file are checked with
    /// `is_packed` first.
    #[inline]
    pub(crate) fn unpacked(packed: u32) -> Option<Self> {
        let (month, day) = ((packed >> 5 & 0b1111) as u8, (packed & 0b11111) as u8);
        (packed != 0).then_some(Date { year: (packed >> 9) as u16, month, day })
    }

    /// Returns whether the number is a packed day of the calendar.
    pub(crate) fn is_packed(packed: u32) -> bool {
        let date = Date::unpacked(packed);
        let valid = date.and_then(|date| Date::new(date.year, date.month, date.day));
        valid.is_some_and(|valid| valid.packed() == packed)
    }

    /// Counts the days since 1 March of year 0. Years begin in March, so that a leap day comes last.
    pub(crate) fn number(self) -> i32 {
        let month = (i32::from(self.month) + 9) % 12;
        let year = i32::from(self.year) - month / 10;
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (month * 306 + 5) / 10
            + i32::from(self.day)
            - 1
    }

    /// The day of a number that [`Date::number`] gave.
    pub(crate) fn of_number(number: i32) -> Self {
        // The year of 400 years without their leap days, then the month of 153 days in five.
        let (days, centuries) = (number.rem_euclid(146_097), number.div_euclid(146_097));
        let year = (days - days / 1460 + days / 36_524 - days / 146_096) / 365;
        let days = days - (365 * year + year / 4 - year / 100);
        let month = (5 * days + 2) / 153;
        let day = days - (153 * month + 2) / 5 + 1;
        let year = year + 400 * centuries + month / 10;
        Date { year: year as u16, month: ((month + 2) % 12 + 1) as u8, day: day as u8 }
    }
}

impl FromStr for Date {
    type Err = Error;

    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let parse = || {
            let bytes = text.as_bytes();
            let shaped = bytes.len() == 10
                && bytes.iter().enumerate().all(|(at, byte)| match at {
                    4 | 7 => *byte == b'-',
                    _ => byte.is_ascii_digit(),
                });
            if !shaped {
                return None;
            }
            Date::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?)
        };
        parse().ok_or_else(|| ErrorKind::Date { found: text.to_owned() }.into())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before_and_reads_back() {
        let mut last: Option<Date> = None;
        let mut days = 0;
        for year in 1999..2399 {
            for month in 0..=13 {
                for day in 0..=32 {
                    let Some(date) = Date::new(year, month, day) else { continue };
                    assert!(last.is_none_or(|last| date.days_since(last) == 1 && date > last));
                    assert_eq!(date.to_string().parse(), Ok(date));
                    assert_eq!(Date::of_number(date.number()), date);
                    last = Some(date);
                    days += 1;
                }
            }
        }
        assert_eq!(days, 146_097);
        for date in [(0, 1, 1), (0, 2, 29), (0, 3, 1), (9999, 12, 31)] {
            let date = Date::new(date.0, date.1, date.2).unwrap();
            assert_eq!(Date::of_number(date.number()), date);
        }
    }

    #[test]
    fn a_text_that_is_no_date_is_refused_and_quoted() {
        for text in
            ["", "2024-1-01", "2024-13-01", "2024-00-10", "24-01-01", "2024/01/01", "２０２４-1-1"]
        {
            let error = text.parse::<Date>().unwrap_err();
            assert!(error.to_string().contains("YYYY-MM-DD"), "{text}");
        }
    }
}
