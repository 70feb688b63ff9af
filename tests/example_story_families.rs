//! The example `story_families` on the command line: its output, its messages and its exit status.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "support/stories.rs"]
mod stories;
#[path = "support/story_families.rs"]
mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use stories::{BANK, FERRY, FERRY_AGAIN};
use support::{ARTICLES, families, json, list, program, run, stderr};

fn run_with_input(arguments: &[&str], input: &str) -> Output {
    let mut command = program();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The reason for each skip of a path, with its line if it has one.
fn skips<'d>(document: &'d Value, path: &str) -> Vec<(Option<u64>, &'d str)> {
    list(&document["skipped"])
        .iter()
        .filter(|skip| skip["path"] == path)
        .map(|skip| (skip["line"].as_u64(), skip["reason"].as_str().unwrap()))
        .collect()
}

fn record(id: &str, text: &str) -> String {
    serde_json::json!({ "id": id, "text": text }).to_string()
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.join(name), content).unwrap();
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

/// Two articles of one story, and one of another.
fn good_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "ferry.txt", FERRY);
    write(folder.path(), "ferry-again.txt", FERRY_AGAIN);
    write(folder.path(), "bank.txt", BANK);
    folder
}

#[test]
fn the_sample_articles_come_out_in_the_documented_shape() {
    let document = json(&run(&[ARTICLES, "--json", "-", "--explain"]));
    assert_eq!(
        keys(&document),
        ["alone", "families", "schema", "series", "settings", "skipped", "totals"]
    );
    assert_eq!(document["schema"], "retold/families/1");
    assert_eq!(
        keys(&document["settings"]),
        ["fields", "level", "max_bytes", "min_size", "representative", "threshold"]
    );
    assert_eq!(
        keys(&document["totals"]),
        [
            "alone",
            "articles",
            "bytes",
            "families",
            "files",
            "ignored_files",
            "skipped",
            "unlisted_families",
            "warnings"
        ]
    );
    assert_eq!(skips(&document, "empty.txt"), [(None, "empty")]);

    let mut articles = list(&document["alone"]).len();
    for family in list(&document["families"]) {
        assert_eq!(keys(family), ["closer", "level", "members", "representative"]);
        let members = list(&family["members"]);
        assert_eq!(members[0]["id"], family["representative"]);
        assert_eq!(members[0]["relation"], "identical");
        assert!(members[0].get("passages").is_none());
        articles += members.len();
        for member in members {
            assert!(member["words"].as_u64().unwrap() > 0);
            let from = member["origin"].get("from");
            assert!(from.is_none_or(|from| *from != member["id"]), "{member}");
            for key in ["score", "jaccard", "containment"] {
                let number = member[key].as_f64().unwrap();
                assert!((0.0..=1.0).contains(&number));
                assert_eq!(number, (number * 1e4).round() / 1e4);
            }
        }
        assert!(members[1..].iter().all(|member| list(&member["passages"]).len() <= 5));
    }
    assert_eq!(document["totals"]["articles"], articles);
}

#[test]
fn the_report_shows_what_the_document_shows() {
    let output = run(&[ARTICLES]);
    let document = json(&run(&[ARTICLES, "--json", "-"]));
    let report = stdout(&output);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "skipped: empty.txt: empty\n");

    let blocks: Vec<&str> = report.split("\n\n").collect();
    let (summary, blocks) = blocks.split_last().unwrap();
    let (series, blocks) = blocks.split_last().unwrap();
    let briefs = ["ledger-brief-1", "ledger-brief-2", "ledger-brief-3", "ledger-brief-4"];
    assert_eq!(document["series"], serde_json::json!([{ "fillings": briefs.map(|id| [id]) }]));
    assert_eq!(*series, format!("series of 4 articles, 4 fillings  {}", briefs.join(", ")));
    assert_eq!(blocks.len(), list(&document["families"]).len());
    for (block, ids) in blocks.iter().zip(families(&document)) {
        assert!(block.starts_with(&format!("{} articles  {}", ids.len(), ids[0])), "{block}");
        assert_eq!(block.lines().count(), ids.len());
        assert!(block.lines().zip(ids).all(|(line, id)| line.contains(id)));
    }
    let totals = &document["totals"];
    let expected = format!(
        "{} articles: {} families, {} alone, 1 skipped; ",
        totals["articles"], totals["families"], totals["alone"]
    );
    assert!(summary.starts_with(&expected) && summary.ends_with(" MB/s\n"), "{summary}");
}

#[test]
fn bad_files_are_named_and_the_rest_is_grouped() {
    let folder = good_folder();
    let root = folder.path();
    write(root, "binary.txt", b"\x00\x01\x02\x00");
    write(root, "blank.txt", " \n\n");
    write(root, "broken.txt.gz", "no gzip");
    write(root, "large.txt", "word ".repeat(1000));
    write(root, "wordless.txt", "--- !!! ---");
    write(root, "notes.bin", "not even looked at");
    let lines =
        [record("a", BANK), "{\"id\": \"b\", \"text\": ".into(), record("a", FERRY), "{}".into()];
    write(root, "many.jsonl", lines.join("\n"));

    let document = json(&run(&[path(&folder), "--json", "-", "--max-bytes", "2000"]));
    let reason = |path| match skips(&document, path)[..] {
        [(None, reason)] => reason,
        ref other => panic!("{path}: {other:?}"),
    };
    assert_eq!(reason("binary.txt"), "binary, not text");
    assert_eq!(reason("blank.txt"), "empty");
    assert!(reason("broken.txt.gz").starts_with("broken compression"));
    assert!(reason("large.txt").starts_with("too large: 5000 bytes"));
    assert_eq!(reason("wordless.txt"), "no words");
    let [broken, repeated, textless] = skips(&document, "many.jsonl")[..] else {
        panic!("{:?}", skips(&document, "many.jsonl"))
    };
    assert_eq!(broken.0, Some(2));
    assert!(broken.1.starts_with("broken JSON: "), "{broken:?}");
    assert_eq!(repeated, (Some(3), "repeated id \"a\": the first article of that id stays"));
    assert_eq!(textless, (Some(4), "a record without text"));

    assert_eq!(document["totals"]["skipped"], 8);
    assert_eq!(document["totals"]["ignored_files"], 1);
    assert_eq!(families(&document), [vec!["a", "bank.txt"], vec!["ferry-again.txt", "ferry.txt"]]);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_to_nowhere_are_named() {
    use std::os::unix::fs::symlink;
    let folder = good_folder();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    symlink(folder.path(), below.join("circle")).unwrap();
    symlink("gone", folder.path().join("nowhere.txt")).unwrap();

    let document = json(&run(&[path(&folder), "--json", "-"]));
    let circle = skips(&document, "below/circle");
    assert_eq!(circle, [(None, "a symbolic link to a folder it is in")]);
    let nowhere = skips(&document, "nowhere.txt");
    assert!(nowhere[0].1.starts_with("cannot be read: "), "{nowhere:?}");
    assert_eq!(families(&document), [["ferry-again.txt", "ferry.txt"]]);
    assert_eq!(document["alone"], serde_json::json!(["bank.txt"]));
}

#[test]
fn many_skips_are_counted_and_all_in_the_document() {
    let lines: Vec<String> = (0..50).map(|_| "{".to_owned()).chain([record("a", BANK)]).collect();
    let output = run_with_input(&["-", "--json", "-"], &lines.join("\n"));
    assert_eq!(list(&json(&output)["skipped"]).len(), 50);
    let said: Vec<&str> = stderr(&output).lines().collect();
    assert_eq!(said.len(), 22, "{said:?}");
    assert!(said[0].starts_with("skipped: -:1: broken JSON: "), "{said:?}");
    assert_eq!(said[20], "skipped: and 30 more");
    assert!(said[21].starts_with("1 article: 0 families, 1 alone, 50 skipped; "), "{said:?}");
}

#[test]
fn a_date_that_is_none_is_a_warning() {
    let line = serde_json::json!({ "id": "a", "text": BANK, "date": "last week" }).to_string();
    let output = run_with_input(&["-", "--json", "-"], &line);
    assert_eq!(json(&output)["totals"]["warnings"], 1);
    assert!(stderr(&output).starts_with("warning: -:1: not a date: \"last week\"\n"));
}

#[test]
fn nothing_to_read_ends_with_2() {
    let folder = TempDir::new().unwrap();
    let answer = folder.path().join(".answer");
    let gone = run(&["no/such/folder", "--json", answer.to_str().unwrap()]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(stderr(&gone).starts_with("error: cannot open no/such/folder: "), "{gone:?}");

    write(folder.path(), "blank.txt", "");
    let blank = run(&[path(&folder), "--json", answer.to_str().unwrap()]);
    assert_eq!(blank.status.code(), Some(2));
    assert!(stderr(&blank).starts_with("skipped: blank.txt: empty\nerror: no article in "));

    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left, [folder.path().join("blank.txt")]);
}

#[test]
fn a_bad_option_ends_with_2() {
    for bad in [
        &["--level", "verbatim"][..],
        &["--threshold", "1.5"],
        &["--threshold", "NaN"],
        &["--min-size", "1"],
        &["--max-bytes", "0"],
        &["--threads", "-1"],
        &["--representative", "best"],
        &["--json", "-", "--pairs", "-"],
        &["--json", "-", "--html", "-"],
        &["--html", "both", "--pairs", "both"],
        &["--texts"],
        &["--no-such-option"],
    ] {
        let output = run(&[&[ARTICLES], bad].concat());
        assert_eq!(output.status.code(), Some(2), "{bad:?}");
        assert!(stderr(&output).starts_with("error: "), "{bad:?}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run(&[]).status.code(), Some(2));
}

#[test]
fn an_answer_that_cannot_be_written_ends_with_1() {
    let folder = TempDir::new().unwrap();
    let below_nothing = folder.path().join("none").join("answer.json");
    for place in [below_nothing.as_path(), folder.path()] {
        for option in ["--json", "--html", "--pairs"] {
            let output = run(&[ARTICLES, option, place.to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(stderr(&output).starts_with("error: cannot write "), "{output:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_ends_with_1() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let status = program().arg(ARTICLES).stdout(full).output().unwrap().status;
    assert_eq!(status.code(), Some(1));
    assert_eq!(run(&[ARTICLES, "--json", "/dev/full"]).status.code(), Some(1));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for option in ["--explain", "--json=-", "--html=-", "--pairs=-"] {
        let arguments = [ARTICLES, option];
        // Drops the reading end at once.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!stderr(&output).contains("error"), "{}", stderr(&output));
    }
}

#[test]
fn files_are_replaced_whole_and_nothing_else_is_left() {
    let folder = TempDir::new().unwrap();
    let [answer, pairs] = ["answer.json", "pairs.jsonl"].map(|name| folder.path().join(name));
    fs::write(&answer, "old ".repeat(100_000)).unwrap();
    let places = [answer.to_str().unwrap(), pairs.to_str().unwrap()];
    let output = run(&[ARTICLES, "--json", places[0], "--pairs", places[1]]);
    assert_eq!(output.status.code(), Some(0));
    // The report is still the one for people.
    assert!(stdout(&output).contains(" articles: "));
    let to_stdout = run(&[ARTICLES, "--json", "-"]);
    assert_eq!(fs::read(&answer).unwrap(), to_stdout.stdout);
    let pairs_to_stdout = run(&[ARTICLES, "--pairs", "-"]);
    assert_eq!(fs::read(&pairs).unwrap(), pairs_to_stdout.stdout);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn every_member_has_a_pair_with_its_representative() {
    let document = json(&run(&[ARTICLES, "--json", "-"]));
    let output = run(&[ARTICLES, "--pairs", "-"]);
    let pairs: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids =
        |pair: &Value| [&pair["left"], &pair["right"]].map(|id| id.as_str().unwrap().to_owned());
    assert!(pairs.iter().map(ids).is_sorted());
    assert!(pairs.iter().all(|pair| ids(pair)[0] < ids(pair)[1] && pair["level"] != "event"));
    for family in list(&document["families"]) {
        for member in &list(&family["members"])[1..] {
            let mut both = [&family["representative"], &member["id"]];
            both.sort_by_key(|id| id.as_str());
            let [left, right] = both;
            let pair = pairs.iter().find(|pair| pair["left"] == *left && pair["right"] == *right);
            let pair = pair.unwrap_or_else(|| panic!("{left} {right}"));
            let inside = if member["id"] == *left { "left_in_right" } else { "right_in_left" };
            assert_eq!(pair["score"], member["score"]);
            assert_eq!(pair["jaccard"], member["jaccard"]);
            assert_eq!(pair[inside], member["containment"]);
        }
    }
}

#[test]
fn the_document_does_not_depend_on_threads_or_order() {
    let of = |threads| run(&[ARTICLES, "--json", "-", "--threads", threads]).stdout;
    let expected = of("1");
    assert_eq!(of("2"), expected);
    assert_eq!(of("0"), expected);

    let mut lines: Vec<String> = fs::read_dir(ARTICLES)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(lines.len() > 20);
    let of = |lines: &[String]| {
        let input = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        run_with_input(&["-", "--json", "-", "--explain"], &input)
    };
    let forwards = of(&lines);
    lines.reverse();
    assert!(!families(&json(&forwards)).is_empty());
    assert_eq!(of(&lines).stdout, forwards.stdout);
}

#[test]
fn standard_input_is_read() {
    let lines = [record("ferry", FERRY), record("again", FERRY_AGAIN), record("bank", BANK)];
    let document = json(&run_with_input(&["-", "--json", "-"], &lines.join("\n")));
    assert_eq!(families(&document), [["again", "ferry"]]);
    assert_eq!(document["alone"], serde_json::json!(["bank"]));

    let text = run_with_input(&["-", "--json", "-"], FERRY);
    assert_eq!(json(&text)["alone"], serde_json::json!(["-"]));
}

#[test]
fn articles_of_different_chunks_meet() {
    // Each article has its own words; only the first and the last tell the same story.
    let text = |n: usize| (0..40).map(|word| format!("word{n}x{word} ")).collect::<String>();
    let mut lines: Vec<String> =
        (0..2100).map(|n| record(&format!("id{n:04}"), &text(n))).collect();
    lines.push(record("last", &text(0)));
    lines.push(record("id0001", &text(1)));
    let document = json(&run_with_input(&["-", "--json", "-"], &lines.join("\n")));
    assert_eq!(families(&document), [["id0000", "last"]]);
    assert_eq!(document["totals"]["articles"], 2101);
    assert_eq!(skips(&document, "-")[0].0, Some(2102));
    let alone: Vec<&str> = list(&document["alone"]).iter().filter_map(Value::as_str).collect();
    assert_eq!(alone.len(), 2099);
    assert!(alone.is_sorted());
}

#[test]
fn the_options_reach_the_answer() {
    let line = |id: &str, text: &str, day: &str| {
        serde_json::json!({ "nr": id, "head": "T", "body": text, "day": day }).to_string()
    };
    let longer = format!("{FERRY} {BANK}");
    let lines = [
        line("1", FERRY, "2031-05-07"),
        line("2", &longer, "2031-05-08"),
        line("3", FERRY, "2031-05-06"),
    ];
    let fields = ["--id-field", "nr", "--title-field", "head"];
    let more_fields = ["--text-field", "body", "--date-field", "day"];
    let document = |options: &[&str]| {
        let all = [&["-", "--json", "-"], &fields[..], &more_fields, options].concat();
        json(&run_with_input(&all, &lines.join("\n")))
    };
    let first = |options: &[&str]| {
        let document = document(options);
        families(&document).first().map(|ids| ids[0].to_owned())
    };
    assert_eq!(first(&[]).as_deref(), Some("3"));
    assert_eq!(first(&["--representative", "longest"]).as_deref(), Some("2"));
    // Copies count once, so neither of the two texts is more central: the first id.
    assert_eq!(first(&["--representative", "central"]).as_deref(), Some("2"));
    assert_eq!(first(&["--min-size", "4"]), None);
    let small = document(&["--min-size", "4"]);
    assert_eq!(small["totals"]["unlisted_families"], 1);
    assert_eq!(small["alone"], serde_json::json!([]));

    let copies = document(&["--level", "copy", "--threshold", "1"]);
    assert_eq!(families(&copies), [["3", "1"]]);
    assert_eq!(copies["settings"]["threshold"], 1.0);
    let member = &copies["families"][0]["members"][1];
    assert_eq!(member["relation"], "identical");
    assert_eq!((&member["title"], &member["date"]), (&"T".into(), &"2031-05-07".into()));
}

#[test]
fn what_a_terminal_would_obey_does_not_reach_it() {
    let line = |id: &str| {
        let title = "red \u{1b}[31m\u{9b}31m \u{202e}bell \u{7}\nnew line";
        serde_json::json!({ "id": format!("{id}\u{1b}]0;x\u{7}"), "title": title, "text": FERRY })
            .to_string()
    };
    let lines = [line("a"), line("b"), record("c\u{1b}[2J", "!")].join("\n");
    let is_obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    for options in [&["-"][..], &["-", "--json", "-"], &["-", "--pairs", "-"], &["-", "--explain"]]
    {
        let output = run_with_input(options, &lines);
        assert!(!stdout(&output).contains(is_obeyed), "{}", stdout(&output));
        assert!(!stderr(&output).contains(is_obeyed), "{}", stderr(&output));
        assert!(!output.stdout.is_empty());
    }
    let document = json(&run_with_input(&["-", "--json", "-"], &lines));
    assert_eq!(families(&document), [["a\u{1b}]0;x\u{7}", "b\u{1b}]0;x\u{7}"]]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_130_and_leaves_nothing_behind() {
    use std::time::{Duration, Instant};
    let folder = TempDir::new().unwrap();
    let answer = folder.path().join("answer.json");
    fs::write(&answer, "old").unwrap();
    let mut command = program();
    command.args(["-", "--json", answer.to_str().unwrap()]).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Its input stays open, so it waits for more. `wait` would close the input, and the program might see
    // its end before the signal.
    let input = child.stdin.take();
    let files = || fs::read_dir(folder.path()).unwrap().count();
    let start = Instant::now();
    while files() < 2 && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(files(), 2, "the new file beside the old one");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
    assert_eq!(files(), 1);
    assert_eq!(fs::read(&answer).unwrap(), b"old");
}
