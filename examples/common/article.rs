//! The items of the reader: records, skips and warnings.

use std::{fmt, io};

use retold::Article;

/// Names of the JSON fields; those of `story`, `source` and `lang` are fixed.
#[derive(Debug, Clone)]
pub struct Fields {
    pub id: String,
    pub title: String,
    pub text: String,
    pub date: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { id: "id".into(), title: "title".into(), text: "text".into(), date: "date".into() }
    }
}

/// Options of the reader.
#[derive(Debug, Clone)]
pub struct Options {
    pub fields: Fields,
    /// The largest article: a text or HTML file after decompression, or one JSON record.
    pub max_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { fields: Fields::default(), max_bytes: 16 << 20 }
    }
}

/// An article; its text is never blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// From the record, else `FILE:LINE`; the path for a file that is one article.
    pub id: String,
    pub title: Option<String>,
    pub text: String,
    /// A day of the calendar as `YYYY-MM-DD`.
    pub date: Option<String>,
    pub story: Option<String>,
    pub source: Option<String>,
    pub lang: Option<String>,
    /// Relative to the folder read, with `/` between its parts; `-` for standard input.
    pub path: String,
    /// Where the JSON record begins, from 1.
    pub line: Option<u64>,
}

/// Something that is not an article but is in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub path: String,
    pub line: Option<u64>,
    pub reason: SkipReason,
}

/// Why something was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The message of the operating system.
    Unreadable(String),
    Binary,
    Empty,
    /// `bytes` is the size up to the limit, where decompression stopped.
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    /// HTML nested so deeply that building its tree would take minutes.
    TooDeep,
    /// The message of the parser, with the line in the file.
    BrokenJson(String),
    NoText,
    SymlinkLoop,
    BrokenCompression(String),
    NotUtf8InJson,
}

/// A defect of an article that was read nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub path: String,
    pub line: Option<u64>,
    pub what: String,
}

/// An item, in the order of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    Record(Record),
    Skip(Skip),
}

impl Item {
    pub fn skip(path: &str, line: Option<u64>, reason: SkipReason) -> Self {
        let path = path.to_owned();
        Self::Skip(Skip { path, line, reason })
    }
}

/// The report at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Files opened.
    pub files: u64,
    /// Files ignored because of their extension.
    pub ignored: u64,
    /// The first 1000 warnings.
    pub warnings: Vec<Warning>,
    /// The number of further warnings.
    pub more_warnings: u64,
}

impl Summary {
    /// Every record of a large data set may have the same defect, so not all warnings are kept.
    const WARNINGS_KEPT: usize = 1000;

    pub fn warn(&mut self, path: &str, line: Option<u64>, what: String) {
        if self.warnings.len() < Self::WARNINGS_KEPT {
            let path = path.to_owned();
            self.warnings.push(Warning { path, line, what });
        } else {
            self.more_warnings += 1;
        }
    }
}

impl Record {
    /// The article for the library, without an invalid date.
    pub fn article(&self) -> Article<'_> {
        let mut article = Article::new(&self.id, &self.text);
        if let Some(title) = &self.title {
            article = article.title(title);
        }
        match self.date.as_ref().and_then(|date| date.parse().ok()) {
            Some(date) => article.date(date),
            None => article,
        }
    }

    /// The last step for every record: blank text is a skip, an invalid date a warning.
    pub fn check(mut self, summary: &mut Summary) -> Item {
        if self.text.trim().is_empty() {
            return Item::skip(&self.path, self.line, SkipReason::Empty);
        }
        if let Some(given) = self.date.take() {
            self.date = calendar_day(&given).map(str::to_owned);
            if self.date.is_none() {
                let start: String = given.chars().take(40).collect();
                summary.warn(&self.path, self.line, format!("not a date: {start:?}"));
            }
        }
        Item::Record(self)
    }
}

/// The `YYYY-MM-DD` that `date` begins with, if that day exists; a time may follow it.
fn calendar_day(date: &str) -> Option<&str> {
    let (day, rest) = date.trim().split_at_checked(10)?;
    if !(rest.is_empty() || rest.starts_with(['T', ' '])) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = day.get(from..to)?;
        // `parse` alone would also accept a sign.
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse().ok())?
    };
    let (year, month, in_month) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let dashes = day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-';
    (dashes && (1..=days).contains(&in_month)).then_some(day)
}

impl From<io::Error> for SkipReason {
    /// Only the operating system's errors carry a code; the others come from the decompressor.
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(_) => Self::Unreadable(error.to_string()),
            None => Self::BrokenCompression(error.to_string()),
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::Binary => f.write_str("binary, not text"),
            Self::Empty => f.write_str("empty"),
            Self::TooLarge { bytes, limit } => {
                write!(f, "too large: {bytes} bytes or more, the limit is {limit}")
            }
            Self::TooDeep => f.write_str("HTML nested too deep"),
            Self::BrokenJson(error) => write!(f, "broken JSON: {error}"),
            Self::NoText => f.write_str("a record without text"),
            Self::SymlinkLoop => f.write_str("a symbolic link to a folder it is in"),
            Self::BrokenCompression(error) => write!(f, "broken compression: {error}"),
            Self::NotUtf8InJson => f.write_str("JSON that is not UTF-8"),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        at(f, &self.path, self.line, &self.reason)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        at(f, &self.path, self.line, &self.what)
    }
}

/// `path:line: what`, in the format of compilers.
fn at(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    line: Option<u64>,
    what: &dyn fmt::Display,
) -> fmt::Result {
    match line {
        Some(line) => write!(f, "{path}:{line}: {what}"),
        None => write!(f, "{path}: {what}"),
    }
}
