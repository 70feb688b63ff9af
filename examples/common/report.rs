//! The answer as one value, from which both the report and the JSON document are written.
//!
//! Nothing in it depends on the time, the machine or the number of threads.

use std::fmt;
use std::io::{self, Write};

use retold::{ErrorKind, Family, Member};
use serde::Serialize;

use super::aligned::AlignmentEntry;
use super::article::{Record, Skip};
use super::screen::escaped_json;

/// Changes when a key is renamed, removed or changes its meaning, but not for a new key.
pub const SCHEMA: &str = "retold/families/1";

/// `README.md` of `story_families` describes every key.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    pub schema: &'static str,
    pub settings: Settings<'a>,
    pub totals: Totals,
    pub families: Vec<FamilyEntry<'a>>,
    /// Not for an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Vec<SeriesEntry<'a>>>,
    pub alone: Vec<&'a str>,
    pub skipped: &'a [Skipped],
    /// Only with texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub articles: Option<Vec<ArticleEntry<'a>>>,
}

/// The settings that the answer depends on. Those of reading are absent if nothing was read.
#[derive(Debug, Serialize)]
pub struct Settings<'a> {
    pub level: &'static str,
    pub threshold: f64,
    pub representative: &'static str,
    pub min_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<FieldNames<'a>>,
}

#[derive(Debug, Serialize)]
pub struct FieldNames<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub text: &'a str,
    pub date: &'a str,
}

#[derive(Debug, Serialize)]
pub struct Totals {
    pub articles: usize,
    pub families: usize,
    pub unlisted_families: usize,
    pub alone: usize,
    pub skipped: usize,
    pub warnings: u64,
    pub files: u64,
    pub ignored_files: u64,
    pub bytes: u64,
}

#[derive(Debug, Serialize)]
pub struct FamilyEntry<'a> {
    /// Only for an archive, whose families have permanent ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    pub level: &'static str,
    pub representative: &'a str,
    /// Only with texts: its subject on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub members: Vec<MemberEntry<'a>>,
    /// Families of closer levels inside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closer: Option<Vec<GroupEntry<'a>>>,
    /// Only with texts: the scores of each of the first members with those before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<Vec<Vec<f64>>>,
    /// For the same members: the containment of each in each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contained: Option<Vec<Vec<f64>>>,
    /// Only with texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alignments: Option<Vec<AlignmentEntry<'a>>>,
}

/// One form filled in several times, or one notice under several titles.
#[derive(Debug, Serialize)]
pub struct SeriesEntry<'a> {
    /// The ids of the articles of each filling.
    pub fillings: &'a [Vec<String>],
}

#[derive(Debug, Serialize)]
pub struct GroupEntry<'a> {
    pub level: &'static str,
    pub members: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closer: Vec<GroupEntry<'a>>,
}

#[derive(Debug, Serialize)]
pub struct MemberEntry<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    pub words: usize,
    /// Only if that is not the representative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<&'a str>,
    pub relation: &'static str,
    pub score: f64,
    pub jaccard: f64,
    pub containment: f64,
    /// Only if the score is unreliable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scant: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginEntry<'a>>,
    /// Only with `--explain`, and not for the representative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<Vec<PassageEntry>>,
}

/// The likely source of a member.
#[derive(Debug, Serialize)]
pub struct OriginEntry<'a> {
    /// Another member, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<&'a str>,
    pub certainty: f64,
    pub reason: &'static str,
}

#[derive(Debug, Serialize)]
pub struct PassageEntry {
    pub words: usize,
    pub text: String,
}

/// An article as it was read.
#[derive(Debug, Serialize)]
pub struct ArticleEntry<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    pub text: &'a str,
}

/// A skipped item.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    pub reason: String,
}

impl Skipped {
    /// An article that the library refuses.
    pub fn refused(path: String, line: Option<u64>, error: &retold::Error) -> Self {
        Self { path, line, reason: reason(error) }
    }
}

impl From<Skip> for Skipped {
    fn from(Skip { path, line, reason }: Skip) -> Self {
        Self { path, line, reason: reason.to_string() }
    }
}

/// Short, because the list of skips names the file.
fn reason(error: &retold::Error) -> String {
    match error.kind() {
        ErrorKind::NoWords { .. } => "no words".into(),
        ErrorKind::RepeatedId { id } => {
            format!("repeated id {id:?}: the first article of that id stays")
        }
        _ => error.to_string(),
    }
}

impl fmt::Display for Skipped {
    /// `path:line: reason`, in the format of compilers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, reason } = self;
        match line {
            Some(line) => write!(f, "{path}:{line}: {reason}"),
            None => write!(f, "{path}: {reason}"),
        }
    }
}

impl Report<'_> {
    /// The answer as one document.
    pub fn write_document(&self, out: &mut dyn Write) -> io::Result<()> {
        // With texts it is for programs only, and indentation would make it several times as large.
        let json = match self.articles {
            Some(_) => serde_json::to_string(self)?,
            None => serde_json::to_string_pretty(self)?,
        };
        writeln!(out, "{}", escaped_json(&json))
    }
}

impl<'a> From<&'a Record> for ArticleEntry<'a> {
    fn from(record: &'a Record) -> Self {
        Self {
            id: &record.id,
            title: record.title.as_deref(),
            date: record.date.as_deref(),
            source: record.source.as_deref(),
            text: &record.text,
        }
    }
}

impl<'a> FamilyEntry<'a> {
    /// A family without the details that need its texts.
    pub fn new(family: &'a Family) -> Self {
        Self {
            id: None,
            level: family.level().name(),
            representative: family.representative(),
            label: None,
            members: family.members().iter().map(MemberEntry::new).collect(),
            closer: None,
            scores: None,
            contained: None,
            alignments: None,
        }
    }
}

impl<'a> MemberEntry<'a> {
    fn new(member: &'a Member) -> Self {
        Self {
            id: member.id(),
            title: None,
            date: member.date().map(|date| date.to_string()),
            source: None,
            words: member.words(),
            compared_with: member.compared_with(),
            relation: member.relation().name(),
            score: rounded(member.score().into()),
            jaccard: rounded(member.jaccard()),
            containment: rounded(member.containment()),
            scant: member.evidence().is_too_short().then_some(true),
            origin: None,
            passages: None,
        }
    }
}

/// Rounded to four decimals, as in all output.
pub fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
