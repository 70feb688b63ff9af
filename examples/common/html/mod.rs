//! The answer as a page that opens from the disk and makes no network request.
//!
//! It is made from the [`Report`] alone, which is the JSON document. The page contains it deflated and in
//! base64, in pieces: `data-overview` for the list, `data-families-N` with families as in the document,
//! `data-texts-N` with the texts of their members in the same order, and `data-alone`.

use std::collections::HashMap;
use std::io::{self, Write};

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::report::{FamilyEntry, Report, Settings, Skipped, Totals};
use super::text::count;

const STYLES: [&str; 4] = [
    include_str!("page.css"),
    include_str!("overview.css"),
    include_str!("family.css"),
    include_str!("reader.css"),
];

/// The scripts; each uses definitions of those before it.
const SCRIPTS: [&str; 9] = [
    include_str!("data.js"),
    include_str!("dom.js"),
    include_str!("charts.js"),
    include_str!("list.js"),
    include_str!("overview.js"),
    include_str!("family.js"),
    include_str!("alignment.js"),
    include_str!("reader.js"),
    include_str!("main.js"),
];

/// The size of JSON at which a piece ends: small enough to inflate on a click.
const CHUNK_BYTES: usize = 256 << 10;

#[derive(Template)]
#[template(path = "page.html", config = "examples/common/html/askama.toml")]
struct Page<'a> {
    title: &'a str,
    facts: &'a str,
    policy: String,
    styles: [&'static str; 4],
    scripts: [&'static str; 9],
    overview: String,
    chunks: Vec<Chunk>,
}

/// A script element that holds data.
struct Chunk {
    name: String,
    data: String,
}

/// The data of the list of families.
#[derive(Serialize)]
struct Overview<'a> {
    report: Head<'a>,
    /// The address at which the page opens, if not at the list.
    start: Option<&'a str>,
    outlets: Vec<&'a str>,
    families: Vec<Row<'a>>,
    chunks: Starts,
}

/// The document without its families and articles.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    settings: &'a Settings<'a>,
    totals: &'a Totals,
    skipped: &'a [Skipped],
}

/// A family in the list: label, closest level, size, first and last day, outlets by number, ids and
/// titles.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,
    &'static str,
    usize,
    Option<&'a str>,
    Option<&'a str>,
    Vec<usize>,
    Vec<(&'a str, Option<&'a str>)>,
);

/// For each kind of chunk, the number of the first item in each.
#[derive(Serialize)]
struct Starts {
    families: Vec<usize>,
    texts: Vec<usize>,
}

/// An article that is in no family.
#[derive(Serialize)]
struct Alone<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// The start of a page.
pub struct Opening {
    /// A line beside the name.
    pub facts: String,
    /// The address at which it opens, if not at the list of families.
    pub address: Option<&'static str>,
}

impl Opening {
    /// Opens at the list of families, with their number as its heading.
    pub fn list(report: &Report<'_>) -> Self {
        let Settings { level, threshold, .. } = report.settings;
        let articles = count(report.totals.articles, "article", "articles");
        let families = count(report.totals.families, "family", "families");
        let facts = format!("{articles}, {families} at the level “{level}”, cut {threshold}");
        Self { facts, address: None }
    }
}

/// Writes the page.
pub fn write_page(report: &Report<'_>, opening: &Opening, out: &mut dyn Write) -> io::Result<()> {
    let articles: HashMap<&str, _> =
        report.articles.iter().flatten().map(|article| (article.id, article)).collect();
    let texts: Vec<&str> = report
        .families
        .iter()
        .flat_map(|family| &family.members)
        .map(|member| articles.get(member.id).map_or("", |article| article.text))
        .collect();
    let alone = report.alone.iter().filter_map(|id| {
        let article = articles.get(id)?;
        let (title, date, source) = (article.title, article.date, article.source);
        Some(Alone { id: article.id, title, date, source })
    });

    let (families, mut chunks) = chunked("families", &report.families)?;
    let (texts, text_chunks) = chunked("texts", &texts)?;
    let alone = Chunk { name: "alone".into(), data: packed(&alone.collect::<Vec<_>>())? };
    chunks.push(alone);
    chunks.extend(text_chunks);
    let page = Page {
        title: "Story families",
        facts: &opening.facts,
        policy: policy(),
        styles: STYLES,
        scripts: SCRIPTS,
        overview: packed(&overview(report, opening.address, Starts { families, texts }))?,
        chunks,
    };
    page.write_into(out)
}

/// The policy: no request, no script or style but those of the page, no string as HTML.
fn policy() -> String {
    let hashes = |all: &[&str]| {
        let hash = |text: &&str| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        all.iter().map(hash).collect::<String>()
    };
    format!(
        "default-src 'none'; script-src{}; style-src{}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hashes(&SCRIPTS),
        hashes(&STYLES),
    )
}

fn overview<'a>(report: &'a Report<'a>, start: Option<&'a str>, chunks: Starts) -> Overview<'a> {
    let mut outlets = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let row = |family: &'a FamilyEntry<'a>| {
        let mut sources: Vec<usize> = family
            .members
            .iter()
            .filter_map(|member| member.source)
            .map(|source| {
                *numbers.entry(source).or_insert_with(|| {
                    outlets.push(source);
                    outlets.len() - 1
                })
            })
            .collect();
        sources.sort_unstable();
        sources.dedup();
        let dates = || family.members.iter().filter_map(|member| member.date.as_deref());
        Row(
            family.label.as_deref().unwrap_or(family.representative),
            closest_level(family),
            family.members.len(),
            dates().min(),
            dates().max(),
            sources,
            family.members.iter().map(|member| (member.id, member.title)).collect(),
        )
    };
    let families = report.families.iter().map(row).collect();
    let head = Head {
        schema: report.schema,
        settings: &report.settings,
        totals: &report.totals,
        skipped: report.skipped,
    };
    Overview { report: head, start, outlets, families, chunks }
}

/// The closest level at which the whole family is still one.
fn closest_level(family: &FamilyEntry<'_>) -> &'static str {
    let mut level = family.level;
    let mut inside = family.closer.as_deref().unwrap_or_default();
    // A group of all members is the only group.
    while let [group] = inside
        && group.members.len() == family.members.len()
    {
        level = group.level;
        inside = &group.closer;
    }
    level
}

/// Packs items into chunks; returns the number of the first item of each.
fn chunked<T: Serialize + Sync>(kind: &str, items: &[T]) -> io::Result<(Vec<usize>, Vec<Chunk>)> {
    let json: Vec<String> =
        items.par_iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    let mut starts = Vec::new();
    let mut bytes = CHUNK_BYTES;
    for (at, item) in json.iter().enumerate() {
        if bytes >= CHUNK_BYTES {
            starts.push(at);
            bytes = 0;
        }
        bytes += item.len();
    }
    let chunks = (0..starts.len()).into_par_iter().map(|number| {
        let end = starts.get(number + 1).copied().unwrap_or(json.len());
        let array = format!("[{}]", json[starts[number]..end].join(","));
        Ok(Chunk { name: format!("{kind}-{number}"), data: deflated(array.as_bytes())? })
    });
    let chunks = chunks.collect::<io::Result<_>>()?;
    Ok((starts, chunks))
}

fn packed(value: &impl Serialize) -> io::Result<String> {
    deflated(&serde_json::to_vec(value)?)
}

fn deflated(bytes: &[u8]) -> io::Result<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(STANDARD.encode(encoder.finish()?))
}
