//! The answer in one shape, from which both the report and the JSON document are written.
//!
//! Nothing in it depends on the time, the machine or the number of threads.

use std::cmp::Reverse;
use std::collections::HashSet;

use retold::{Article, Detector, Families, Family, Member};
use serde::Serialize;

use crate::collect::{Collection, Skipped};
use crate::options::Options;
use crate::screen::fold;

/// Changes when a key is renamed, removed or means something else; new keys may come without.
const SCHEMA: &str = "retold/families/1";

/// How many shared passages are shown of a pair.
const PASSAGES: usize = 5;

/// `README.md` beside this file describes every key.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    pub schema: &'static str,
    pub settings: Settings<'a>,
    pub totals: Totals,
    pub families: Vec<FamilyEntry<'a>>,
    pub alone: Vec<&'a str>,
    pub skipped: &'a [Skipped],
}

/// What the answer depends on beside the articles.
#[derive(Debug, Serialize)]
pub struct Settings<'a> {
    pub level: &'static str,
    pub threshold: f64,
    pub representative: &'static str,
    pub min_size: u64,
    pub max_bytes: u64,
    pub fields: FieldNames<'a>,
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
    pub level: &'static str,
    pub representative: &'a str,
    pub members: Vec<MemberEntry<'a>>,
}

#[derive(Debug, Serialize)]
pub struct MemberEntry<'a> {
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    pub relation: &'static str,
    pub score: f64,
    pub jaccard: f64,
    pub containment: f64,
    /// Only where the score is a guess.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scant: Option<bool>,
    /// Only when asked to explain, and not of the representative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passages: Option<Vec<PassageEntry>>,
}

#[derive(Debug, Serialize)]
pub struct PassageEntry {
    pub words: usize,
    pub text: String,
}

impl<'a> Report<'a> {
    pub fn new(options: &'a Options, collection: &'a Collection, families: &'a Families) -> Self {
        let in_families: HashSet<&str> =
            families.iter().flat_map(Family::members).map(Member::id).collect();
        let ids = collection.about.keys().map(String::as_str);
        let mut alone: Vec<&str> = ids.filter(|id| !in_families.contains(id)).collect();
        alone.sort_unstable();

        let listed: Vec<FamilyEntry<'_>> = families
            .iter()
            .filter(|family| family.len() as u64 >= options.min_size)
            .map(|family| family_entry(family, options, collection))
            .collect();
        let summary = &collection.summary;
        let totals = Totals {
            articles: collection.detector.len(),
            families: families.len(),
            unlisted_families: families.len() - listed.len(),
            alone: alone.len(),
            skipped: collection.skipped.len(),
            warnings: summary.warnings.len() as u64 + summary.more_warnings,
            files: summary.files,
            ignored_files: summary.ignored,
            bytes: summary.bytes,
        };
        Self {
            schema: SCHEMA,
            settings: settings(options, &collection.detector),
            totals,
            families: listed,
            alone,
            skipped: &collection.skipped,
        }
    }
}

fn settings<'a>(options: &'a Options, detector: &Detector) -> Settings<'a> {
    Settings {
        level: options.level().name(),
        threshold: rounded(detector.threshold(options.level()).into()),
        representative: options.representative.name(),
        min_size: options.min_size,
        max_bytes: options.max_bytes,
        fields: FieldNames {
            id: &options.id_field,
            title: &options.title_field,
            text: &options.text_field,
            date: &options.date_field,
        },
    }
}

fn family_entry<'a>(
    family: &'a Family,
    options: &Options,
    collection: &'a Collection,
) -> FamilyEntry<'a> {
    let member = |(at, member): (usize, &'a Member)| {
        let about = collection.about.get(member.id());
        let explained = options.explain && at > 0;
        MemberEntry {
            id: member.id(),
            title: about.and_then(|about| about.title.as_deref()),
            date: member.date().map(|date| date.to_string()),
            relation: member.relation().name(),
            score: rounded(member.score().into()),
            jaccard: rounded(member.jaccard()),
            containment: rounded(member.containment()),
            scant: member.evidence().is_scant().then_some(true),
            passages: explained.then(|| passages(collection, member.id(), family.representative())),
        }
    };
    FamilyEntry {
        level: family.level().name(),
        representative: family.representative(),
        members: family.members().iter().enumerate().map(member).collect(),
    }
}

/// The longest passages that a member shares with the representative, in the member's words.
fn passages(collection: &Collection, member: &str, representative: &str) -> Vec<PassageEntry> {
    let article = |id| {
        let about = collection.about.get(id)?;
        let article = Article::new(id, about.text.as_deref()?);
        Some(about.title.as_deref().map_or(article, |title| article.title(title)))
    };
    let (Some(member), Some(representative)) = (article(member), article(representative)) else {
        return Vec::new();
    };
    // Both are in the detector already, so neither can be refused here.
    let Ok(comparison) = collection.detector.compare(&member, &representative) else {
        return Vec::new();
    };
    let mut longest: Vec<_> = comparison.passages().iter().collect();
    longest.sort_by_key(|passage| (Reverse(passage.words()), passage.left().start));
    let quote = |passage: &retold::Passage| {
        let text = fold(member.text().get(passage.left())?);
        Some(PassageEntry { words: passage.words(), text })
    };
    longest.into_iter().take(PASSAGES).filter_map(quote).collect()
}

/// To four decimals, as in everything that is written.
pub fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
