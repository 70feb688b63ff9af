//! The sample articles form the families of `examples/articles-expected.json`, the first that readers of
//! the README see.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "support/story_families.rs"]
mod support;

use std::collections::BTreeSet;

use serde_json::Value;

use support::{ARTICLES, families, json, list, run};

fn expected() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/articles-expected.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The document of the sample articles at a level.
fn found(level: &str) -> Value {
    json(&run(&[ARTICLES, "--json", "-", "--level", level]))
}

/// Families as sets, because the expected ones list their members in no order.
fn sets<'a>(families: impl IntoIterator<Item = Vec<&'a str>>) -> BTreeSet<BTreeSet<&'a str>> {
    families.into_iter().map(BTreeSet::from_iter).collect()
}

fn strings(value: &Value) -> Vec<&str> {
    list(value).iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn the_sample_articles_form_the_expected_families_at_every_level() {
    let expected = expected();
    let levels: Vec<&String> = expected["families"].as_object().unwrap().keys().collect();
    assert_eq!(levels, ["copy", "event", "retelling"]);
    let mut everything = None;
    for level in levels {
        let families_expected = sets(list(&expected["families"][level]).iter().map(strings));
        let document = found(level);
        let families_found = sets(families(&document));
        assert_eq!(families_found, families_expected, "{level}");

        // Every article in no family was read and is in `alone`.
        let mut all: BTreeSet<&str> = strings(&document["alone"]).into_iter().collect();
        assert!(families_found.iter().flatten().all(|id| all.insert(id)), "{level}");
        let all: BTreeSet<String> = all.into_iter().map(str::to_owned).collect();
        assert_eq!(document["totals"]["articles"], all.len(), "{level}");
        assert_eq!(everything.get_or_insert_with(|| all.clone()), &all, "{level}");
    }
}

#[test]
fn what_cannot_be_read_is_skipped_and_nothing_else() {
    let document = found("retelling");
    let paths: Vec<&str> =
        list(&document["skipped"]).iter().map(|skip| skip["path"].as_str().unwrap()).collect();
    assert_eq!(paths, strings(&expected()["skipped"]));
    assert_eq!(document["totals"]["warnings"], 0);
    assert_eq!(document["totals"]["ignored_files"], 0);
}

#[test]
fn the_report_without_options_is_of_retellings() {
    assert_eq!(families(&json(&run(&[ARTICLES, "--json", "-"]))), families(&found("retelling")));
}
