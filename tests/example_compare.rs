//! The example `compare` on the command line.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "support/example.rs"]
mod example;

use std::fs;
use std::process::Output;

use tempfile::TempDir;

const WEB: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/articles/web/ferry-grounding.html");
const BLOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/articles/blog/ferry-diary.txt");
const WIRE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/articles/northern-wire.jsonl");

fn run(arguments: &[&str]) -> Output {
    example::example("compare").args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn two_articles_stand_side_by_side_with_all_their_words() {
    let output = run(&[WEB, BLOG]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let shown = stdout(&output);
    assert!(shown.starts_with("retelling, score 1.00; "), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("verbatim")));
    for word in fs::read_to_string(BLOG).unwrap().split_whitespace() {
        assert!(shown.contains(word), "{word}");
    }
    assert!(shown.lines().skip(1).all(|line| line.chars().count() <= 100));
    assert!(!shown.contains('\u{1b}'));
}

#[test]
fn of_a_file_with_many_articles_the_first_is_taken() {
    let output = run(&[WIRE, WIRE]);
    assert!(stdout(&output).starts_with("identical, score 1.00; "));
    assert!(stdout(&output).contains("Kolm zinc mine to reopen"));
}

#[test]
fn a_page_of_the_two_is_written() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("both.html");
    let output = run(&[WEB, BLOG, "--html", page.to_str().unwrap()]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), ""));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("id=\"data-texts-0\""));
    assert_eq!(page, stdout(&run(&[WEB, BLOG, "--html", "-"])));
}

#[test]
fn what_cannot_be_read_ends_with_2_and_what_cannot_be_written_with_1() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty.txt");
    fs::write(&empty, " \n").unwrap();
    for bad in [empty.to_str().unwrap(), "no/such/file.txt"] {
        let output = run(&[WEB, bad]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("error: "), "{output:?}");
    }
    assert_eq!(run(&[WEB]).status.code(), Some(2));
    let nowhere = folder.path().join("none").join("page.html");
    assert_eq!(run(&[WEB, BLOG, "--html", nowhere.to_str().unwrap()]).status.code(), Some(1));
}
