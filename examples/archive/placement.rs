//! The placement of an article as one line of JSON.

use std::io::{self, Write};

use retold::{FamilyEvent, Match, Placement};
use serde::Serialize;

use crate::common::reader::Record;
use crate::common::report::rounded;
use crate::common::screen::escaped_json;

/// `README.md` beside this file describes every key.
#[derive(Debug, Serialize)]
pub struct PlacementLine {
    id: String,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<u64>,
    matches: Vec<MatchEntry>,
    events: Vec<EventEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_ahead: Option<u32>,
}

#[derive(Debug, Serialize)]
struct MatchEntry {
    id: String,
    relation: &'static str,
    score: f64,
    jaccard: f64,
    containment: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scant: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum EventEntry {
    Founded { family: u64, members: Vec<String> },
    Joined { family: u64, article: String },
    Left { family: u64, article: String },
    Merged { from: u64, into: u64 },
    Split { from: u64, into: u64, members: Vec<String> },
    Ended { family: u64 },
}

impl PlacementLine {
    pub fn new(record: Record, placement: Placement) -> Self {
        let Placement { family, matches, events, days_ahead, .. } = placement;
        Self {
            id: record.id,
            path: record.path,
            line: record.line,
            family: family.map(|family| family.number()),
            matches: matches.into_iter().map(MatchEntry::from).collect(),
            events: events.into_iter().filter_map(EventEntry::of).collect(),
            days_ahead: Some(days_ahead).filter(|&days| days > 0),
        }
    }

    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", escaped_json(&serde_json::to_string(self)?))
    }
}

/// Writes the changes of families, each as a line of JSON.
pub fn write_events(events: Vec<FamilyEvent>, out: &mut dyn Write) -> io::Result<()> {
    events
        .into_iter()
        .filter_map(EventEntry::of)
        .try_for_each(|event| writeln!(out, "{}", escaped_json(&serde_json::to_string(&event)?)))
}

impl From<Match> for MatchEntry {
    fn from(found: Match) -> Self {
        let phrases = found.evidence.phrases;
        Self {
            relation: found.relation.name(),
            score: rounded(found.score.into()),
            jaccard: rounded(phrases.jaccard()),
            containment: rounded(phrases.of_left()),
            scant: found.evidence.is_too_short().then_some(true),
            id: found.id,
        }
    }
}

impl EventEntry {
    /// `None` for an event that this program does not know.
    fn of(event: FamilyEvent) -> Option<Self> {
        Some(match event {
            FamilyEvent::Founded { family, members } => {
                Self::Founded { family: family.number(), members }
            }
            FamilyEvent::Joined { family, article } => {
                Self::Joined { family: family.number(), article }
            }
            FamilyEvent::Left { family, article } => {
                Self::Left { family: family.number(), article }
            }
            FamilyEvent::Merged { from, into } => {
                Self::Merged { from: from.number(), into: into.number() }
            }
            FamilyEvent::Split { from, into, members } => {
                Self::Split { from: from.number(), into: into.number(), members }
            }
            FamilyEvent::Ended { family } => Self::Ended { family: family.number() },
            _ => return None,
        })
    }
}
