//! Options that several examples have.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use retold::{Level, Representative};

use super::article::{Fields, Options as ReaderOptions};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LevelName {
    /// Near-verbatim
    Copy,
    /// Rewritten, and phrases survive
    Retelling,
    /// The same event, maybe in quite other words
    Event,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Copy => Self::Copy,
            LevelName::Retelling => Self::Retelling,
            LevelName::Event => Self::Event,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RepresentativeName {
    /// The first by date
    Earliest,
    /// The one with the most words
    Longest,
    /// The one that is closest to all others
    Central,
}

impl RepresentativeName {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Earliest => "earliest",
            Self::Longest => "longest",
            Self::Central => "central",
        }
    }
}

impl From<RepresentativeName> for Representative {
    fn from(name: RepresentativeName) -> Self {
        match name {
            RepresentativeName::Earliest => Self::Earliest,
            RepresentativeName::Longest => Self::Longest,
            RepresentativeName::Central => Self::MostCentral,
        }
    }
}

/// How articles are read.
#[derive(Debug, Args)]
pub struct Reading {
    /// Leave out articles and JSON records that are larger
    #[arg(long, value_name = "N", default_value_t = 16 << 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub max_bytes: u64,

    /// The JSON field with an article's id
    #[arg(long, value_name = "NAME", default_value = "id")]
    pub id_field: String,

    /// The JSON field with its title
    #[arg(long, value_name = "NAME", default_value = "title")]
    pub title_field: String,

    /// The JSON field with its text
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub text_field: String,

    /// The JSON field with its date, YYYY-MM-DD
    #[arg(long, value_name = "NAME", default_value = "date")]
    pub date_field: String,
}

impl Reading {
    /// How to read the articles.
    pub fn reader(&self) -> ReaderOptions {
        ReaderOptions {
            fields: Fields {
                id: self.id_field.clone(),
                title: self.title_field.clone(),
                text: self.text_field.clone(),
                date: self.date_field.clone(),
            },
            max_bytes: self.max_bytes,
        }
    }
}

/// Parses a number in a range.
pub fn between<T>(range: RangeInclusive<T>, text: &str) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| format!("expected a number from {} to {}", range.start(), range.end()))
}
