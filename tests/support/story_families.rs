//! Runs the example `story_families` and reads the document that it writes.

#[path = "example.rs"]
pub(crate) mod example;

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The sample articles of the repository.
pub(crate) const ARTICLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/articles");

pub(crate) fn program() -> Command {
    example::example("story_families")
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}

/// The document on standard output.
pub(crate) fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The ids of each family's members, representative first.
pub(crate) fn families(document: &Value) -> Vec<Vec<&str>> {
    list(&document["families"])
        .iter()
        .map(|family| {
            list(&family["members"]).iter().map(|member| member["id"].as_str().unwrap()).collect()
        })
        .collect()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}
