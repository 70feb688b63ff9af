//! The example `archive` on the command line: each command, its messages and its exit status.

#![cfg(feature = "archive")]
#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

#[path = "support/stories.rs"]
mod stories;
#[path = "support/story_families.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use retold::{Archive, ArchiveReader, Level};
use serde_json::{Value, json};
use stories::{BANK, FERRY, FERRY_AGAIN};
use support::{ARTICLES, families, json as document, list, stderr};
use tempfile::TempDir;

/// How long a test waits for expected output.
const PATIENCE: Duration = Duration::from_secs(60);

fn command(arguments: &[&str], archive: &Path) -> Command {
    let mut command = support::example::example("archive");
    command.args(arguments).arg("--in").arg(archive);
    command
}

fn run(arguments: &[&str], archive: &Path) -> Output {
    command(arguments, archive).stdin(Stdio::null()).output().unwrap()
}

/// The output of a command that must succeed.
fn answer(arguments: &[&str], archive: &Path) -> String {
    let output = run(arguments, archive);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The message of a command that must end with a status.
fn failure(arguments: &[&str], archive: &Path, status: i32) -> String {
    let output = run(arguments, archive);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", stderr(&output));
    stderr(&output).to_owned()
}

fn record(id: &str, text: &str, date: &str) -> String {
    format!("{}\n", json!({ "id": id, "text": text, "date": date }))
}

/// A folder with three articles, two of them of one story, and room for an archive.
fn articles() -> TempDir {
    let folder = TempDir::new().unwrap();
    let lines = [
        record("ferry", FERRY, "2031-05-06"),
        record("ferry-again", FERRY_AGAIN, "2031-05-07"),
        record("bank", BANK, "2031-05-09"),
    ];
    fs::create_dir(folder.path().join("news")).unwrap();
    fs::write(folder.path().join("news/all.jsonl"), lines.concat()).unwrap();
    folder
}

/// A path in a folder, as an argument.
fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// Those articles, in an archive beside them.
fn archive() -> TempDir {
    let folder = articles();
    let added = answer(&["add", &path(&folder, "news")], &folder.path().join("archive"));
    assert!(added.starts_with("3 articles added, 0 in already, 0 skipped; "), "{added}");
    folder
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A program that runs beside the test and ends with it.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    /// The lines of its output as they appear.
    fn lines(&mut self) -> Receiver<String> {
        let (sender, lines) = channel();
        let written = BufReader::new(self.0.stdout.take().unwrap()).lines();
        thread::spawn(move || written.map_while(Result::ok).try_for_each(|l| sender.send(l)));
        lines
    }

    /// Ends it with Ctrl-C; returns its status.
    #[cfg(unix)]
    fn interrupt(&mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn families_are_written_in_the_shape_of_story_families() {
    let folder = TempDir::new().unwrap();
    let archive = folder.path().join("archive");
    let added = run(&["add", ARTICLES], &archive);
    assert_eq!(stderr(&added), "skipped: empty.txt: empty\n");
    let of_archive = document(&run(&["families", "--json", "-"], &archive));
    let at_once = document(&support::run(&[ARTICLES, "--json", "-"]));

    assert_eq!(of_archive["schema"], at_once["schema"]);
    let mut expected = keys(&at_once);
    assert!(expected.remove("series"), "only a detector tells these");
    assert_eq!(keys(&of_archive), expected);
    assert_eq!(keys(&of_archive["totals"]), keys(&at_once["totals"]));
    let settings = ["level", "min_size", "representative", "threshold"];
    assert_eq!(keys(&of_archive["settings"]), BTreeSet::from(settings));
    for key in settings {
        assert_eq!(of_archive["settings"][key], at_once["settings"][key]);
    }
    // The keys of families and members are a subset of those of story_families.
    let of_all = |of: &dyn Fn(&Value) -> Vec<Value>, document: &Value| -> BTreeSet<String> {
        let all = list(&document["families"]).iter().flat_map(of);
        all.flat_map(|value| keys(&value).into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let family = |family: &Value| vec![family.clone()];
    let mut found = of_all(&family, &of_archive);
    assert!(found.remove("id"));
    assert!(found.is_subset(&of_all(&family, &at_once)), "{found:?}");
    let members = |family: &Value| list(&family["members"]).to_vec();
    let found = of_all(&members, &of_archive);
    assert!(found.is_subset(&of_all(&members, &at_once)), "{found:?}");
    for family in list(&of_archive["families"]) {
        let always = ["id", "level", "members", "representative"];
        assert!(keys(family).is_superset(&BTreeSet::from(always)), "{family}");
        for member in list(&family["members"]) {
            let always = ["id", "words", "relation", "score", "jaccard", "containment"];
            assert!(keys(member).is_superset(&BTreeSet::from(always)), "{member}");
            assert!(member.get("title").is_none(), "titles are kept where texts are");
        }
    }

    let ids: Vec<u64> =
        list(&of_archive["families"]).iter().map(|family| family["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let sizes: Vec<usize> = families(&of_archive).iter().map(Vec::len).collect();
    assert!(sizes.len() >= 10 && sizes.is_sorted_by(|one, other| one >= other), "{sizes:?}");
    let alone = list(&of_archive["alone"]).len();
    assert_eq!(of_archive["totals"]["articles"], at_once["totals"]["articles"]);
    assert_eq!(of_archive["totals"]["articles"], sizes.iter().sum::<usize>() + alone);
    assert_eq!(of_archive["totals"]["alone"], alone);
}

#[test]
fn titles_are_shown_if_texts_are_kept() {
    let folder = TempDir::new().unwrap();
    let archive = folder.path().join("archive");
    answer(&["add", ARTICLES, "--keep-texts"], &archive);
    assert!(answer(&["stats"], &archive).contains("texts     kept\n"));
    let document = document(&run(&["families", "--json", "-"], &archive));
    let members = list(&document["families"]).iter().flat_map(|family| list(&family["members"]));
    let titles: Vec<&str> = members.filter_map(|member| member["title"].as_str()).collect();
    assert!(titles.contains(&"Kolm zinc mine to reopen after twelve years"), "{titles:?}");

    let without = folder.path().join("without");
    answer(&["add", ARTICLES], &without);
    answer(&["add", ARTICLES, "--keep-texts"], &without);
    assert!(answer(&["stats"], &without).contains("texts     kept\n"));
}

#[test]
fn the_report_lists_the_families_and_a_file_is_written_beside_it() {
    let folder = archive();
    let json = path(&folder, "families.json");
    let report = answer(&["families", "--json", &json], &folder.path().join("archive"));
    assert!(report.starts_with("2 articles  ferry  2031-05-06\n"), "{report}");
    assert!(report.ends_with("\n\n3 articles: 1 family, 1 alone\n"), "{report}");
    let written: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(families(&written), [["ferry", "ferry-again"]]);
    assert_eq!(written["alone"], json!(["bank"]));
}

#[test]
fn what_is_in_already_is_counted_and_what_cannot_be_read_is_named() {
    let folder = archive();
    let (news, place) = (path(&folder, "news"), folder.path().join("archive"));
    let again = answer(&["add", &news], &place);
    assert!(again.starts_with("0 articles added, 3 in already, 0 skipped; "), "{again}");
    let more = [record("new", FERRY, "soon"), record("new", BANK, ""), record("-", "...", "")];
    fs::write(folder.path().join("news/more.jsonl"), more.concat()).unwrap();
    fs::write(folder.path().join("news/blank.txt"), "").unwrap();
    let output = run(&["add", &news], &place);
    assert_eq!(
        stderr(&output),
        "skipped: blank.txt: empty\n\
         skipped: more.jsonl:2: repeated id \"new\": the first article of that id stays\n\
         skipped: more.jsonl:3: no words\n\
         warning: more.jsonl:1: not a date: \"soon\"\n"
    );
    assert!(output.stdout.starts_with(b"1 article added, 3 in already, 3 skipped; "));
}

#[test]
fn a_query_names_the_matches_and_puts_nothing_in() {
    let folder = archive();
    let place = folder.path().join("archive");
    fs::write(folder.path().join("asked.txt"), FERRY).unwrap();
    for _ in 0..2 {
        let found = answer(&["query", &path(&folder, "asked.txt")], &place);
        let lines: Vec<&str> = found.lines().collect();
        assert_eq!(lines[0], "2 matches  asked.txt");
        assert_eq!(lines[1], "  1.00  identical       100 %  ferry  family 0");
        assert!(lines[2].ends_with("  ferry-again  family 0"), "{found}");
        assert_eq!(lines.len(), 4);
    }
    fs::write(folder.path().join("asked.txt"), "").unwrap();
    let nothing = failure(&["query", &path(&folder, "asked.txt")], &place, 2);
    assert_eq!(nothing, "skipped: asked.txt: empty\nerror: no article to ask about\n");
}

#[test]
fn articles_leave_by_id_and_by_day() {
    let folder = archive();
    let place = folder.path().join("archive");
    let expired = answer(&["expire", "--before", "2031-05-07"], &place);
    assert_eq!(expired, "1 article taken out, 2 left\n");
    let output = run(&["remove", "ferry", "bank"], &place);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"1 article taken out, 1 left\n");
    assert!(stderr(&output).starts_with("skipped: ferry: no article of this id is in\nerror: "));
    assert!(ArchiveReader::open(&place).unwrap().ids().eq(["ferry-again"]));
    let error = failure(&["expire", "--before", "2031-02-30"], &place, 2);
    assert!(error.contains("\"2031-02-30\" is not a date"), "{error}");
}

#[test]
fn stats_print_size_and_settings_and_compacting_frees_space() {
    let folder = articles();
    let place = folder.path().join("archive");
    answer(&["add", ARTICLES, "--level", "event", "--window-days", "3000"], &place);
    let lines = |text: &str| -> Vec<(String, String)> {
        let words = text.lines().map(|line| line.split_once(' ').unwrap());
        words.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
    };
    let stats = lines(&answer(&["stats"], &place));
    let value = |name: &str| &stats.iter().find(|(other, _)| other == name).unwrap().1;
    assert_eq!((value("articles").as_str(), value("level").as_str()), ("46", "event"));
    assert_eq!(value("window"), "3000 days");
    assert!(value("disk").ends_with(" B an article"), "{stats:?}");

    let reader = ArchiveReader::open(&place).unwrap();
    let ids: Vec<String> = reader.ids().map(str::to_owned).collect();
    let gone: Vec<&str> = ids[..40].iter().map(String::as_str).collect();
    answer(&[&["remove"], &gone[..]].concat(), &place);
    let said = answer(&["compact"], &place);
    assert!(said.contains(" on the disk, ") && said.ends_with(" before\n"), "{said}");
    let after = ArchiveReader::open(&place).unwrap();
    assert_eq!(after.len(), 6);
    assert!(after.disk_usage() < reader.disk_usage() / 2);
}

#[test]
fn regrouping_tells_what_it_changes() {
    let folder = articles();
    let place = folder.path().join("archive");
    // The text of the page has the report among many other words, and came before it.
    let words = |from: usize| (from..from + 2000).map(|n| format!("quay{n} ")).collect::<String>();
    let page = format!("{} {FERRY} {}", words(0), words(2000));
    let lines = [record("page", &page, "2031-05-06"), record("ferry", FERRY, "2031-05-07")];
    fs::write(folder.path().join("news/all.jsonl"), lines.concat()).unwrap();
    answer(&["add", &path(&folder, "news/all.jsonl")], &place);
    let before = ArchiveReader::open(&place).unwrap().families().len();
    let output = run(&["regroup"], &place);
    let (said, families) = (stderr(&output), ArchiveReader::open(&place).unwrap().families());
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!((before, families.len()), (0, 1), "{told}");
    assert!(told.contains("\"event\":\"founded\"") && told.contains("\"page\""), "{told}");
    assert_eq!(said, "1 change, 1 family\n");
    assert_eq!(run(&["regroup"], &place).stdout, b"");
}

#[test]
fn damage_is_named_and_ends_with_1() {
    let folder = archive();
    let place = folder.path().join("archive");
    assert_eq!(answer(&["verify"], &place), format!("{} is whole\n", place.display()));
    let files =
        fs::read_dir(place.join("retold-archive")).unwrap().map(|entry| entry.unwrap().path());
    let links = files.filter(|path| path.extension().is_some_and(|ending| ending == "kins"));
    let file = links.max().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[70] ^= 4;
    fs::write(&file, bytes).unwrap();
    let output = run(&["verify"], &place);
    assert_eq!(output.status.code(), Some(1));
    let named = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(named.starts_with(&format!("{} is damaged: section ", file.display())), "{named}");
    assert!(stderr(&output).starts_with("error: 1 damage found in "), "{output:?}");
    let news = path(&folder, "news");
    for arguments in [&["families"][..], &["stats"], &["compact"], &["add", &news]] {
        let error = failure(arguments, &place, 1);
        assert!(error.contains(&format!("{} is damaged", file.display())), "{error}");
    }
}

#[test]
fn two_archives_become_one() {
    let folder = archive();
    let (one, other) = (folder.path().join("archive"), folder.path().join("other"));
    fs::write(folder.path().join("news/all.jsonl"), record("bank", BANK, "2031-05-01")).unwrap();
    fs::write(folder.path().join("news/ferry.txt"), FERRY).unwrap();
    answer(&["add", &path(&folder, "news")], &other);
    let output = run(&["merge", other.to_str().unwrap()], &one);
    assert_eq!(output.stdout, b"1 article added, 1 in already\n");
    assert_eq!(stderr(&output), "skipped: bank: an article of this id is in\n");
    let reader = ArchiveReader::open(&one).unwrap();
    assert!(reader.ids().eq(["ferry", "ferry-again", "bank", "ferry.txt"]));
    assert_eq!(reader.family_of("ferry.txt"), reader.family_of("ferry"));

    let events = folder.path().join("events");
    answer(&["add", &path(&folder, "news"), "--level", "event"], &events);
    let error = failure(&["merge", events.to_str().unwrap()], &one, 2);
    assert!(error.contains("level") && error.contains("event, not retelling"), "{error}");
}

#[test]
fn where_there_is_no_archive_none_is_made_but_by_adding() {
    let folder = articles();
    let (none, news) = (folder.path().join("none"), path(&folder, "news"));
    let all = [
        &["query", &news][..],
        &["families"],
        &["remove", "ferry"],
        &["expire", "--before", "2031-05-07"],
        &["verify"],
        &["compact"],
        &["regroup"],
        &["stats"],
        &["merge", &news],
    ];
    for arguments in all {
        let error = failure(arguments, &none, 2);
        assert!(error.contains("there is no archive in it; check the path"), "{error}");
    }
    let error = failure(&["add", "no/such/folder"], &none, 2);
    assert!(error.starts_with("error: cannot open no/such/folder: "), "{error}");
    assert!(!none.exists());
    // Both folders exchanged.
    let error = failure(&["add", &path(&folder, "none")], Path::new(&news), 2);
    assert!(error.contains("cannot open"), "{error}");
    let error = failure(&["add", &news], Path::new(&news), 2);
    assert!(error.contains("is not empty and no archive"), "{error}");
    assert_eq!(fs::read_dir(&news).unwrap().count(), 1);
}

#[test]
fn another_window_changes_an_archive_and_another_level_is_refused() {
    let folder = archive();
    let (news, place) = (path(&folder, "news"), folder.path().join("archive"));
    answer(&["add", &news, "--level", "retelling"], &place);
    let error = failure(&["add", &news, "--level", "copy", "--window-days", "9"], &place, 2);
    assert!(error.contains("but is copy, not retelling"), "{error}");
    let window = || ArchiveReader::open(&place).unwrap().window_days();
    assert_eq!(window(), None);
    for days in [7, 30] {
        answer(&["add", &news, "--window-days", &days.to_string()], &place);
        assert_eq!(window(), Some(days));
    }
    answer(&["add", &news], &place);
    assert_eq!(window(), Some(30));
}

#[test]
fn articles_too_old_for_the_window_are_named_and_dates_far_ahead_expire_nothing() {
    let folder = TempDir::new().unwrap();
    let (news, place) = (folder.path().join("news"), folder.path().join("archive"));
    fs::create_dir(&news).unwrap();
    let dates = ["2031-05-06", "2031-05-07", "2031-05-07", "2031-05-06", "2050-01-01"];
    let lines = (0..).zip(dates).map(|(n, date)| record(&n.to_string(), &format!("word{n}"), date));
    fs::write(news.join("1.jsonl"), lines.collect::<String>()).unwrap();
    fs::write(news.join("2.jsonl"), record("old", "older words", "2031-04-01")).unwrap();
    let output = run(&["add", news.to_str().unwrap(), "--window-days", "7"], &place);
    assert_eq!(output.status.code(), Some(0));
    let said = stderr(&output);
    assert!(said.contains("2.jsonl:1: article \"old\" is dated 36 days before"), "{said}");
    assert!(ArchiveReader::open(&place).unwrap().ids().eq(["0", "1", "2", "3", "4"]));
    assert!(answer(&["stats"], &place).contains("today     2031-05-07\n"));
}

#[cfg(unix)]
#[test]
fn a_folder_without_the_right_to_write_is_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = archive();
    let place = folder.path().join("archive");
    let own = place.join("retold-archive");
    let allow = |mode| fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    fs::set_permissions(own.join("lock"), fs::Permissions::from_mode(0o444)).unwrap();
    if fs::write(own.join("probe"), "").is_ok() {
        allow(0o755);
        println!("SKIPPED: this user may write to read-only folders");
        return;
    }
    let error = failure(&["remove", "ferry"], &place, 1);
    assert!(error.contains("get the right to use it"), "{error}");
    assert!(answer(&["families"], &place).contains("3 articles: 1 family"));
    assert!(answer(&["verify"], &place).ends_with(" is whole\n"));
    allow(0o755);
}

/// A program that adds articles from its standard input and has committed some of them.
fn adding(place: &Path) -> Running {
    let mut adding = Running::start(command(&["add", "-"], place));
    let input = adding.0.stdin.as_mut().unwrap();
    // More than a chunk of articles; the rest waits for the end of the input.
    for n in 0..1100 {
        let text: String = (0..30).map(|word| format!("word{word}of{} ", n / 2)).collect();
        input.write_all(record(&n.to_string(), &text, "2031-05-06").as_bytes()).unwrap();
    }
    input.flush().unwrap();
    let is_committed = || ArchiveReader::open(place).is_ok_and(|archive| archive.len() >= 1024);
    let found = (0..PATIENCE.as_millis() / 20).any(|_| {
        thread::sleep(Duration::from_millis(20));
        is_committed()
    });
    assert!(found, "a chunk is committed");
    adding
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let folder = articles();
    let (news, place) = (path(&folder, "news"), folder.path().join("archive"));
    let adding = adding(&place);
    let all = [
        &["add", &news][..],
        &["remove", "3"],
        &["expire", "--before", "2031-05-07"],
        &["compact"],
        &["regroup"],
        &["merge", place.to_str().unwrap()],
        &["watch", &news],
    ];
    for arguments in all {
        let error = failure(arguments, &place, 1);
        assert!(error.contains("has a writer already"), "{error}");
    }
    fs::write(
        folder.path().join("news/third.txt"),
        (0..30).map(|word| format!("word{word}of3 ")).collect::<String>(),
    )
    .unwrap();
    assert!(answer(&["query", &news], &place).contains("2 matches  third.txt\n"));
    assert!(answer(&["families"], &place).contains("1024 articles: 512 families, 0 alone"));
    assert!(answer(&["stats"], &place).contains("articles  1024\n"));
    assert!(answer(&["verify"], &place).ends_with(" is whole\n"));
    drop(adding);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_an_archive_with_all_that_was_committed() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("archive");
    let mut adding = adding(&place);
    assert_eq!(adding.interrupt(), Some(130));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut adding.0.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(said, "stopped: 1024 articles committed\n");
    assert!(answer(&["verify"], &place).ends_with(" is whole\n"));
    let archive = Archive::open(&place).unwrap();
    assert_eq!((archive.len(), archive.level()), (1024, Level::Retelling));
}

/// The next line of a program, as JSON.
fn next(lines: &Receiver<String>) -> Value {
    serde_json::from_str(&lines.recv_timeout(PATIENCE).unwrap()).unwrap()
}

#[cfg(unix)]
#[test]
fn files_that_appear_are_placed_and_reported() {
    let folder = TempDir::new().unwrap();
    let (news, place) = (folder.path().join("news"), folder.path().join("archive"));
    fs::create_dir(&news).unwrap();
    fs::write(news.join("bank.txt"), BANK).unwrap();
    let watch = ["watch", news.to_str().unwrap(), "--window-days", "30"];
    let mut watching = Running::start(command(&watch, &place));
    let lines = watching.lines();
    let bank = next(&lines);
    assert_eq!(bank, json!({"id": "bank.txt", "path": "bank.txt", "matches": [], "events": []}));

    fs::write(news.join("wire.jsonl"), record("ferry", FERRY, "2031-05-06")).unwrap();
    let first = next(&lines);
    assert_eq!((&first["path"], &first["line"]), (&json!("wire.jsonl"), &json!(1)));
    fs::write(news.join("again.txt"), FERRY_AGAIN).unwrap();
    let placed = next(&lines);
    let expected = ["events", "family", "id", "matches", "path"];
    assert_eq!(keys(&placed), BTreeSet::from(expected));
    let found = &placed["matches"][0];
    let expected = ["containment", "id", "jaccard", "relation", "score"];
    assert_eq!(keys(found), BTreeSet::from(expected));
    assert_eq!((&found["id"], &found["relation"]), (&json!("ferry"), &json!("retelling")));
    let members = ["ferry", "again.txt"];
    assert_eq!(
        placed["events"],
        json!([{"event": "founded", "family": placed["family"], "members": members}])
    );

    // A written line reports a committed article.
    let reader = ArchiveReader::open(&place).unwrap();
    assert_eq!(reader.family_of("again.txt").unwrap().number(), placed["family"]);
    assert_eq!(reader.window_days(), Some(30));

    // Another text in the file, and a second article of the id.
    fs::write(news.join("again.txt"), BANK.replace("3.5", "3.75")).unwrap();
    let moved = next(&lines);
    assert_eq!(
        (&moved["id"], &moved["matches"][0]["id"]),
        (&json!("again.txt"), &json!("bank.txt"))
    );
    let left = json!({"event": "left", "family": placed["family"], "article": "ferry"});
    assert!(list(&moved["events"]).contains(&left), "{moved}");
    assert_eq!(watching.interrupt(), Some(130));
    drop(watching);

    // A new watcher reports what arrived in the meantime and nothing else.
    fs::write(news.join("copy.txt"), FERRY).unwrap();
    let mut watching = Running::start(command(&["watch", news.to_str().unwrap()], &place));
    let lines = watching.lines();
    let came = next(&lines);
    assert_eq!((&came["id"], &came["matches"][0]["id"]), (&json!("copy.txt"), &json!("ferry")));
    assert_eq!(watching.interrupt(), Some(130));
    assert_eq!(lines.iter().count(), 0);
    assert!(answer(&["verify"], &place).ends_with(" is whole\n"));
    assert_eq!(ArchiveReader::open(&place).unwrap().len(), 4);
}
