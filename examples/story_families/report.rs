//! The answer, from what was collected and grouped.

use std::cmp::Reverse;
use std::collections::HashSet;

use rayon::prelude::*;
use retold::{Detector, Families, Family, Member, Series};

use crate::collect::Collection;
use crate::common::report::{
    ArticleEntry, FamilyEntry, FieldNames, PassageEntry, Report, SCHEMA, SeriesEntry, Settings,
    Totals, rounded,
};
use crate::common::screen::fold;
use crate::details::{Groups, add_details, add_origins};
use crate::options::Options;

/// The most shared passages shown for a pair.
const PASSAGES: usize = 5;

/// Everything that is written about an answer.
pub fn report<'a>(
    options: &'a Options,
    collection: &'a Collection,
    families: &'a Families,
) -> Report<'a> {
    let in_families: HashSet<&str> =
        families.iter().flat_map(Family::members).map(Member::id).collect();
    let ids = collection.about.keys().map(String::as_str);
    let mut alone: Vec<&str> = ids.filter(|id| !in_families.contains(id)).collect();
    alone.sort_unstable();

    let listed: Vec<&Family> =
        families.iter().filter(|family| family.len() as u64 >= options.min_size).collect();
    let groups = Groups::new(families, options.level());
    let listed: Vec<FamilyEntry<'_>> = listed
        .into_par_iter()
        .map(|family| {
            let mut entry = family_entry(family, options, collection);
            entry.closer = Some(groups.within(family));
            add_origins(&mut entry, family, collection);
            if options.in_detail() {
                add_details(&mut entry, collection);
            }
            entry
        })
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
    Report {
        schema: SCHEMA,
        settings: settings(options, &collection.detector),
        totals,
        families: listed,
        series: Some(families.series().iter().map(series_entry).collect()),
        alone,
        skipped: &collection.skipped,
        articles: options.in_detail().then(|| articles(collection)),
    }
}

/// All articles that were read, in the order of their ids.
fn articles(collection: &Collection) -> Vec<ArticleEntry<'_>> {
    let mut articles: Vec<ArticleEntry<'_>> = collection
        .about
        .iter()
        .map(|(id, about)| ArticleEntry {
            id,
            title: about.title.as_deref(),
            date: about.date.as_deref(),
            source: about.source.as_deref(),
            text: about.text.as_deref().unwrap_or_default(),
        })
        .collect();
    articles.sort_unstable_by_key(|article| article.id);
    articles
}

fn settings<'a>(options: &'a Options, detector: &Detector) -> Settings<'a> {
    Settings {
        level: options.level().name(),
        threshold: rounded(detector.threshold(options.level()).into()),
        representative: options.representative.name(),
        min_size: options.min_size,
        max_bytes: Some(options.reading.max_bytes),
        fields: Some(FieldNames {
            id: &options.reading.id_field,
            title: &options.reading.title_field,
            text: &options.reading.text_field,
            date: &options.reading.date_field,
        }),
    }
}

fn series_entry(series: &Series) -> SeriesEntry<'_> {
    SeriesEntry { fillings: series.fillings() }
}

fn family_entry<'a>(
    family: &'a Family,
    options: &Options,
    collection: &'a Collection,
) -> FamilyEntry<'a> {
    let mut entry = FamilyEntry::new(family);
    for (at, member) in entry.members.iter_mut().enumerate() {
        let about = collection.about.get(member.id);
        member.title = about.and_then(|about| about.title.as_deref());
        member.source = about.and_then(|about| about.source.as_deref());
        let explained = options.explain && at > 0;
        member.passages = explained.then(|| passages(collection, member.id, entry.representative));
    }
    entry
}

/// The longest passages that a member shares with the representative, in the member's words.
fn passages(collection: &Collection, member: &str, representative: &str) -> Vec<PassageEntry> {
    let article = |id| collection.article(id);
    let (Some(member), Some(representative)) = (article(member), article(representative)) else {
        return Vec::new();
    };
    // Both are in the detector, so neither can be refused here.
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
