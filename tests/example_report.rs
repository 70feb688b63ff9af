//! The output of `story_families` with texts: the document, and the page made from it.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "support/story_families.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use serde_json::{Value, json};
use tempfile::TempDir;

use support::{ARTICLES, families, list, program, run, stderr};

fn document(articles: &str, options: &[&str]) -> Value {
    support::json(&run(&[&[articles, "--texts", "--json", "-"], options].concat()))
}

fn page(articles: &str, options: &[&str]) -> String {
    let output = run(&[&[articles, "--html", "-"], options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The texts of a document by their ids, in UTF-16 units.
fn texts(document: &Value) -> BTreeMap<&str, Vec<u16>> {
    let text = |article: &'_ Value| article["text"].as_str().unwrap().encode_utf16().collect();
    list(&document["articles"]).iter().map(|a| (a["id"].as_str().unwrap(), text(a))).collect()
}

fn places(value: &Value) -> Vec<usize> {
    list(value).iter().map(|place| place.as_u64().unwrap().try_into().unwrap()).collect()
}

/// The part of a text in a range of the document. Panics unless the range is on character boundaries.
fn slice(text: &[u16], range: &[usize]) -> String {
    String::from_utf16(&text[range[0]..range[1]]).unwrap()
}

/// The letters and digits of a passage, which the tests compare.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Asserts that every alignment of a document is consistent; returns the number of pairs.
fn check_alignments(document: &Value) -> usize {
    let texts = texts(document);
    let mut pairs = 0;
    for alignment in list(&document["families"]).iter().flat_map(|f| list(&f["alignments"])) {
        let [left, right] =
            ["left", "right"].map(|side| texts[alignment[side].as_str().unwrap()].as_slice());
        // No sentence of a pair is listed as one text's only.
        for (side, text) in [("left", left), ("right", right)] {
            let paired: BTreeSet<_> =
                list(&alignment["pairs"]).iter().map(|pair| places(&pair[side])).collect();
            let only: Vec<_> =
                list(&alignment[format!("only_{side}")]).iter().map(places).collect();
            assert!(only.is_sorted());
            for range in &only {
                assert!(!paired.contains(range) && !slice(text, range).trim().is_empty());
            }
        }
        for pair in list(&alignment["pairs"]) {
            pairs += 1;
            let (on_left, on_right) = (places(&pair["left"]), places(&pair["right"]));
            let (one, other) = (slice(left, &on_left), slice(right, &on_right));
            if pair["kind"] == "verbatim" {
                assert_eq!(letters(&one), letters(&other));
                assert_eq!(list(&pair["differences"]), [] as [Value; 0]);
            }
            for shared in list(&pair["shared"]).iter().map(places) {
                let (one, other) = (slice(left, &shared[..2]), slice(right, &shared[2..]));
                assert_eq!(letters(&one), letters(&other));
                assert!(on_left[0] <= shared[0] && shared[1] <= on_left[1]);
                assert!(on_right[0] <= shared[2] && shared[3] <= on_right[1]);
            }
            for difference in list(&pair["differences"]) {
                let said = [("left", left), ("right", right)].map(|(side, text)| {
                    difference.get(side).map(|range| slice(text, &places(range)))
                });
                assert!(said.iter().flatten().all(|said| !said.trim().is_empty()), "{said:?}");
                assert!(said[0].is_some() || said[1].is_some());
            }
        }
    }
    pairs
}

#[test]
fn ranges_slice_the_texts_where_words_are_shared() {
    let document = document(ARTICLES, &["--level", "event"]);
    assert!(check_alignments(&document) > 50);
}

#[test]
fn ranges_count_utf16_units_whatever_stands_before() {
    let story = "The ferry Sula ran aground off Kelm on Monday with 212 aboard. Nobody was hurt, harbour \
                 master Ida Rosk said. Divers will examine the hull on Tuesday morning.";
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), format!("😀 é漢𝔘 ’—’ {story} 😀")).unwrap();
    fs::write(folder.path().join("b.txt"), format!("ﬁ 𐐷𐐷 {} 😀", story.replace("212", "two")))
        .unwrap();
    let document = document(folder.path().to_str().unwrap(), &[]);
    assert_eq!(check_alignments(&document), 3);
    let alignment = &document["families"][0]["alignments"][0];
    let texts = texts(&document);
    let said = |side: &str| {
        let differences = list(&alignment["pairs"][0]["differences"]);
        let difference = differences.iter().find(|one| one["kind"] == "number").unwrap();
        slice(&texts[alignment[side].as_str().unwrap()], &places(&difference[side]))
    };
    assert_eq!((said("left").as_str(), said("right").as_str()), ("212", "two"));
}

#[test]
fn a_family_with_texts_has_all_that_the_page_shows() {
    let document = document(ARTICLES, &["--level", "event"]);
    assert_eq!(document["schema"], "retold/families/1");
    let all = list(&document["articles"]).len();
    assert_eq!(document["totals"]["articles"], all);
    assert!(list(&document["articles"]).is_sorted_by_key(|article| article["id"].as_str()));
    for family in list(&document["families"]) {
        let keys: Vec<&String> = family.as_object().unwrap().keys().collect();
        let expected = [
            "alignments",
            "closer",
            "contained",
            "label",
            "level",
            "members",
            "representative",
            "scores",
        ];
        assert_eq!(keys, expected);
        assert!(!family["label"].as_str().unwrap().is_empty());
        let members = list(&family["members"]);
        let ids: Vec<&str> = members.iter().map(|member| member["id"].as_str().unwrap()).collect();

        // In small families every two are aligned, the earlier in the list on the left.
        let pairs: BTreeSet<_> = list(&family["alignments"])
            .iter()
            .map(|alignment| {
                let place = |side: &str| ids.iter().position(|id| alignment[side] == *id).unwrap();
                (place("left"), place("right"))
            })
            .collect();
        assert_eq!(pairs.len(), ids.len() * (ids.len() - 1) / 2);
        assert!(pairs.iter().all(|(left, right)| left < right));

        for (at, member) in members.iter().enumerate() {
            let scores = list(&family["scores"][at]);
            assert_eq!(scores.len(), at);
            assert_eq!(scores.first(), (at > 0).then_some(&member["score"]));
            let contained = list(&family["contained"][at]);
            assert_eq!((contained.len(), &contained[at]), (ids.len(), &json!(1.0)));
            assert_eq!(
                contained[0],
                if at > 0 { member["containment"].clone() } else { json!(1.0) }
            );
            let from = member["origin"].get("from").map(|from| from.as_str().unwrap());
            assert!(from.is_none_or(|from| ids.contains(&from) && from != ids[at]));
        }
        let first = members.iter().filter(|member| member["origin"]["reason"] == "first");
        assert_eq!(first.count(), 1);
    }
    let mine = list(&document["families"]).iter().find(|f| f["representative"] == "wire-mine-1");
    let retold = json!([{
        "level": "retelling", "members": ["wire-mine-1", "herald-mine-1"],
        "closer": [{ "level": "copy", "members": ["wire-mine-1", "herald-mine-1"] }],
    }]);
    assert_eq!(mine.unwrap()["closer"], retold);
}

#[test]
fn of_a_large_family_each_is_aligned_with_the_representative_and_the_one_it_comes_from() {
    let told = |n: usize| {
        let own = (0..12).map(|word| format!("own{n}x{word} ")).collect::<String>();
        format!(
            "The ferry Sula ran aground off Kelm on Monday with 212 aboard. Nobody was hurt, harbour \
             master Ida Rosk said on the quay. Divers will examine the hull on Tuesday. {own}."
        )
    };
    let folder = TempDir::new().unwrap();
    for n in 0..14 {
        fs::write(folder.path().join(format!("{n:02}.txt")), told(n)).unwrap();
    }
    let document = document(folder.path().to_str().unwrap(), &["--level", "copy"]);
    let family = &document["families"][0];
    let members = list(&family["members"]);
    assert_eq!(members.len(), 14);
    let aligned: BTreeSet<_> = list(&family["alignments"])
        .iter()
        .map(|alignment| {
            BTreeSet::from([&alignment["left"], &alignment["right"]].map(Value::to_string))
        })
        .collect();
    for member in &members[1..] {
        let beside = |other: &Value| BTreeSet::from([member["id"].to_string(), other.to_string()]);
        assert!(aligned.contains(&beside(&family["representative"])), "{member}");
        let from = member["origin"].get("from");
        assert!(from.is_none_or(|from| aligned.contains(&beside(from))), "{member}");
    }
    assert!(aligned.len() < 14 * 13 / 2);
}

/// A piece of the page, inflated.
fn piece(page: &str, name: &str) -> Value {
    let start = format!("<script type=\"text/plain\" id=\"data-{name}\">");
    let (_, rest) = page.split_once(&start).unwrap();
    let (base64, _) = rest.split_once("</script>").unwrap();
    let deflated = STANDARD.decode(base64).unwrap();
    let mut json = String::new();
    DeflateDecoder::new(deflated.as_slice()).read_to_string(&mut json).unwrap();
    serde_json::from_str(&json).unwrap()
}

#[test]
fn the_page_holds_the_families_of_the_document_and_each_text_once() {
    let document = document(ARTICLES, &[]);
    let page = page(ARTICLES, &[]);
    assert_eq!(piece(&page, "families-0"), document["families"]);
    let texts: BTreeMap<_, _> = list(&document["articles"])
        .iter()
        .map(|article| (article["id"].as_str().unwrap(), &article["text"]))
        .collect();
    let expected: Vec<&Value> = families(&document).concat().iter().map(|id| texts[id]).collect();
    assert_eq!(list(&piece(&page, "texts-0")).iter().collect::<Vec<_>>(), expected);
    let alone = piece(&page, "alone");
    let alone: Vec<&Value> = list(&alone).iter().map(|article| &article["id"]).collect();
    assert_eq!(alone, list(&document["alone"]).iter().collect::<Vec<_>>());
    let overview = piece(&page, "overview");
    for key in ["schema", "settings", "totals", "skipped"] {
        assert_eq!(overview["report"][key], document[key]);
    }
}

#[test]
fn the_page_and_the_document_are_the_same_every_time_on_any_number_of_threads() {
    let first = page(ARTICLES, &["--threads", "1"]);
    assert_eq!(page(ARTICLES, &["--threads", "2"]), first);
    assert_eq!(page(ARTICLES, &["--threads", "1"]), first);
    let with_texts =
        |threads| run(&[ARTICLES, "--texts", "--json", "-", "--threads", threads]).stdout;
    assert_eq!(with_texts("1"), with_texts("2"));
}

#[test]
fn the_page_names_nothing_outside_itself() {
    let page = page(ARTICLES, &[]);
    let code: String = page
        .split("<script type=\"text/plain\"")
        .map(|part| {
            part.split_once("</script>")
                .map_or(part, |(data, code)| if data.contains('>') { code } else { part })
        })
        .collect();
    for remote in [
        "http:",
        "https:",
        "//cdn",
        "@import",
        "url(",
        "src=",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
    ] {
        assert!(!code.contains(remote), "{remote}");
    }
    let policy = "content=\"default-src &#39;none&#39;; script-src &#39;sha256-";
    assert!(
        page.contains(policy) || page.contains("content=\"default-src 'none'; script-src 'sha256-")
    );
    assert!(!page.contains("unsafe-"));
}

#[test]
fn explain_says_which_numbers_differ() {
    let folder = TempDir::new().unwrap();
    for (name, number) in [("a.txt", "212"), ("b.txt", "198")] {
        let text = format!(
            "The ferry Sula ran aground off Kelm on Monday with {number} people aboard. Nobody was \
             hurt, harbour master Ida Rosk said. Divers will examine the hull."
        );
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = run(&[folder.path().to_str().unwrap(), "--explain"]);
    let report = str::from_utf8(&output.stdout).unwrap();
    let line = report.lines().find(|line| line.contains("≠ 212")).unwrap();
    assert!(line.trim_start().starts_with("number") && line.ends_with("≠ 198"), "{line}");
}

#[test]
fn explain_pairs_the_sentences_of_each_member_with_those_of_its_representative() {
    let output = run(&[ARTICLES, "--explain"]);
    let report = str::from_utf8(&output.stdout).unwrap();
    for label in ["verbatim", "edited", "reworded", "- only", "+ only", "number"] {
        assert!(report.lines().any(|line| line.trim_start().starts_with(label)), "{label}");
    }
    assert!(!report.contains('\u{1b}'), "no colours but on a terminal");

    let coloured = |no_color: bool| {
        let mut command = program();
        command.args([ARTICLES, "--explain"]).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
        if no_color {
            command.env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1");
        }
        command.output().unwrap().stdout
    };
    assert!(coloured(false).windows(2).any(|bytes| bytes == b"\x1b["));
    // All lines but the last, which has the run time.
    let families = |report: &[u8]| {
        let end = report.trim_ascii_end().iter().rposition(|&byte| byte == b'\n').unwrap();
        report[..end].to_vec()
    };
    assert_eq!(families(&coloured(true)), families(&output.stdout));
}
