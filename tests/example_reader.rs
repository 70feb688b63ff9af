//! The record reader of the examples on valid and invalid input.

#[allow(dead_code, reason = "the examples use the rest")]
#[path = "../examples/common/mod.rs"]
mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::json::Records;
use common::reader::{Fields, Input, Item, Options, Record, Skip, SkipReason, Summary, list, read};
use common::split::Layout;
use encoding_rs::{Encoding, WINDOWS_1251, WINDOWS_1252};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

const RUSSIAN: &str = "Правительство объявило о новых мерах поддержки сельского хозяйства.";
const GERMAN: &str = "Die Bürger wählten am Sonntag überraschend einen jüngeren Bürgermeister.";

/// A folder of files for one test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("the parent is made");
        fs::write(path, content).expect("the file is written");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self) -> Outcome {
        read_path(self.0.path(), &Options::default())
    }

    fn read_limited(&self, max_bytes: u64) -> Outcome {
        let options = Options { max_bytes, ..Options::default() };
        read_path(self.0.path(), &options)
    }
}

/// All items of one reading.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    records: Vec<Record>,
    skips: Vec<Skip>,
    summary: Summary,
}

impl Outcome {
    fn add(&mut self, item: Item) {
        match item {
            Item::Record(record) => self.records.push(record),
            Item::Skip(skip) => self.skips.push(skip),
        }
    }

    fn ids(&self) -> Vec<&str> {
        self.records.iter().map(|record| &*record.id).collect()
    }

    fn texts(&self) -> Vec<&str> {
        self.records.iter().map(|record| &*record.text).collect()
    }

    /// The skips as messages.
    fn shown(&self) -> Vec<String> {
        self.skips.iter().map(Skip::to_string).collect()
    }

    fn only_record(&self) -> &Record {
        assert_eq!(self.shown(), [""; 0]);
        assert_eq!(self.records.len(), 1);
        &self.records[0]
    }

    fn only_skip(&self) -> &Skip {
        assert_eq!(self.ids(), [""; 0]);
        assert_eq!(self.skips.len(), 1);
        &self.skips[0]
    }
}

fn read_path(path: &Path, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let input = Input::from(path.to_owned());
    let summary = read(&input, options, |item| {
        outcome.add(item);
        ControlFlow::Continue(())
    });
    outcome.summary = summary.expect("the input opens");
    outcome
}

fn read_json(json: impl BufRead, layout: Layout, options: &Options) -> Outcome {
    let mut outcome = Outcome::default();
    let mut summary = Summary::default();
    for item in Records::new(json, layout, "news", options, &mut summary) {
        outcome.add(item);
    }
    outcome.summary = summary;
    outcome
}

fn read_lines(json: &str) -> Outcome {
    read_json(json.as_bytes(), Layout::Lines, &Options::default())
}

fn read_values(json: &str) -> Outcome {
    read_json(json.as_bytes(), Layout::Values, &Options::default())
}

fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_ref()).expect("compressed");
    encoder.finish().expect("compressed")
}

fn encode(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

// Files and folders

#[test]
fn text_file_is_one_article_named_by_its_path_below_the_folder() {
    let outcome = Folder::new().with("north/day one/a.txt", "The whole text.\n").read();
    let record = outcome.only_record();
    assert_eq!(record.id, "north/day one/a.txt");
    assert_eq!(record.path, record.id);
    assert_eq!(record.text, "The whole text.\n");
    assert_eq!((&record.title, &record.date, record.line), (&None, &None, None));
}

#[test]
fn the_library_gets_what_a_record_holds_and_no_date_that_is_none() {
    let line = r#"{"id": "a", "title": "T", "text": "A text.", "date": "2031-05-04"}"#;
    let outcome = read_lines(line);
    let record = outcome.only_record();
    let article = record.article();
    assert_eq!((article.id(), article.get_title(), article.text()), ("a", Some("T"), "A text."));
    assert_eq!(article.get_date().map(|date| date.to_string()).as_deref(), Some("2031-05-04"));
    let odd = Record { date: Some("soon".into()), ..record.clone() };
    assert_eq!(odd.article().get_date(), None);
}

#[test]
fn file_given_directly_is_named_by_its_file_name_whatever_its_ending() {
    let folder = Folder::new().with("deep/.notes.log", "A text.");
    let outcome = read_path(&folder.path("deep/.notes.log"), &Options::default());
    assert_eq!(outcome.only_record().id, ".notes.log");
}

#[test]
fn files_come_in_the_order_of_the_bytes_of_their_paths() {
    let names = ["Z.txt", "a-b.txt", "a.txt", "a/b.txt", "a/c/d.txt", "a0.txt", "é.txt"];
    let mut folder = Folder::new();
    for name in names.iter().rev() {
        folder = folder.with(name, "A text.");
    }
    assert_eq!(folder.read().ids(), names);
}

#[test]
fn other_endings_are_counted_and_hidden_files_are_not() {
    let outcome = Folder::new()
        .with("a.txt", "A text.")
        .with("photo.jpg", "x")
        .with("archive.gz", "x")
        .with("txt", "x")
        .with(".hidden.txt", "x")
        .with(".git/a.txt", "x")
        .read();
    assert_eq!(outcome.only_record().id, "a.txt");
    assert_eq!(outcome.summary.ignored, 3);
    assert_eq!(outcome.summary.files, 1);
}

#[test]
fn endings_are_known_in_any_case() {
    let record = r#"{"id": "b", "text": "A text."}"#;
    let outcome = Folder::new().with("A.TXT", "A text.").with("B.JSONL.GZ", gzip(record)).read();
    assert_eq!(outcome.ids(), ["A.TXT", "b"]);
}

#[test]
fn listing_knows_the_sizes_before_anything_is_read() {
    let folder = Folder::new().with("b.txt", "1234").with("a.jsonl", "12").with("c.jpg", "1");
    let listing = list(&Input::from(folder.0.path().to_owned())).expect("it lists");
    let sizes: Vec<_> = listing.files.iter().map(|file| (&*file.name, file.bytes)).collect();
    assert_eq!(sizes, [("a.jsonl", 2), ("b.txt", 4)]);
    assert_eq!(listing.ignored, 1);
}

#[test]
fn input_that_does_not_exist_is_the_one_error() {
    let folder = Folder::new();
    let input = Input::from(folder.path("nothing"));
    let error = read(&input, &Options::default(), |_| ControlFlow::Continue(()));
    let error = error.expect_err("there is nothing");
    assert_eq!(error.path, folder.path("nothing"));
    assert!(error.to_string().starts_with("cannot open "), "{error}");
}

#[test]
fn reading_stops_when_the_caller_breaks() {
    let folder = Folder::new()
        .with("a.jsonl", "{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n")
        .with("b.txt", "Three.");
    let mut seen = 0;
    let input = Input::from(folder.0.path().to_owned());
    let summary = read(&input, &Options::default(), |_| {
        seen += 1;
        ControlFlow::Break(())
    });
    assert_eq!((seen, summary.expect("it opens").files), (1, 1));
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed_and_a_loop_is_skipped_by_name() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new().with("a/text.txt", "A text.");
    symlink(folder.path("a"), folder.path("b")).expect("linked");
    symlink(folder.0.path(), folder.path("a/up")).expect("linked");
    let outcome = folder.read();
    assert_eq!(outcome.ids(), ["a/text.txt", "b/text.txt"]);
    let loops = ["a/up", "b/up"].map(|path| format!("{path}: {}", SkipReason::SymlinkLoop));
    assert_eq!(outcome.shown(), loops);
}

#[cfg(unix)]
#[test]
fn link_to_nowhere_is_unreadable_unless_hidden() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new().with("b.txt", "A text.");
    symlink("nowhere", folder.path("a.txt")).expect("linked");
    symlink("nowhere", folder.path(".#b.txt")).expect("linked");
    let outcome = folder.read();
    assert_eq!(outcome.ids(), ["b.txt"]);
    let [skip] = &outcome.skips[..] else {
        panic!("{:?}", outcome.skips);
    };
    assert_eq!(skip.path, "a.txt");
    assert!(matches!(skip.reason, SkipReason::Unreadable(_)), "{skip}");
}

#[cfg(unix)]
#[test]
fn named_pipe_is_not_waited_for() {
    let folder = Folder::new();
    let made = Command::new("mkfifo").arg(folder.path("a.txt")).status();
    assert!(made.expect("mkfifo runs").success());
    let outcome = folder.read();
    assert!(matches!(outcome.only_skip().reason, SkipReason::Unreadable(_)));
}

// Text

#[test]
fn byte_order_marks_are_honoured_and_removed() {
    let wide: Vec<u16> = RUSSIAN.encode_utf16().collect();
    let little = wide.iter().flat_map(|unit| unit.to_le_bytes());
    let big = wide.iter().flat_map(|unit| unit.to_be_bytes());
    let outcome = Folder::new()
        .with("utf-16be.txt", [0xFE, 0xFF].into_iter().chain(big).collect::<Vec<_>>())
        .with("utf-16le.txt", [0xFF, 0xFE].into_iter().chain(little).collect::<Vec<_>>())
        .with("utf-8.txt", format!("\u{feff}{RUSSIAN}"))
        .read();
    assert_eq!(outcome.texts(), [RUSSIAN; 3]);
}

#[test]
fn text_that_is_not_utf_8_has_its_encoding_guessed() {
    let outcome = Folder::new()
        .with("cyrillic.txt", encode(RUSSIAN, WINDOWS_1251))
        .with("latin.txt", encode(GERMAN, WINDOWS_1252))
        .read();
    assert_eq!(outcome.texts(), [RUSSIAN, GERMAN]);
}

#[test]
fn line_ends_are_left_alone() {
    let outcome = Folder::new().with("a.txt", "One.\r\nTwo.\r\n").read();
    assert_eq!(outcome.texts(), ["One.\r\nTwo.\r\n"]);
}

#[test]
fn compressed_files_are_read_like_the_others() {
    let record = r#"{"id": "c", "text": "A text."}"#;
    let outcome = Folder::new()
        .with("a.txt.gz", gzip("A text."))
        .with("b.html.gz", gzip("<title>B</title><p>A text."))
        .with("c.jsonl.gz", gzip(record))
        .with("d.json.gz", gzip(format!("[{record}]")))
        .read();
    assert_eq!(outcome.ids(), ["a.txt.gz", "b.html.gz", "c", "c"]);
    assert_eq!(outcome.shown(), [""; 0]);
}

#[test]
fn binary_files_are_skipped() {
    let outcome = Folder::new()
        .with("control.txt", "\u{1}\u{2} A text.")
        .with("zero.txt", "A text with a \0 in it.")
        .read();
    assert_eq!(outcome.shown(), ["control.txt: binary, not text", "zero.txt: binary, not text"]);
}

#[test]
fn blank_files_are_skipped() {
    let outcome = Folder::new()
        .with("a.txt", "")
        .with("b.md", "---\ntitle: Only a title\n---\n")
        .with("c.html", "<title>Only a title</title>")
        .with("d.json", " [ ] ")
        .with("e.jsonl", "\n\n")
        .with("f.txt", " \r\n\u{a0}")
        .read();
    let paths: Vec<_> = outcome.skips.iter().map(|skip| &*skip.path).collect();
    assert_eq!(paths, ["a.txt", "b.md", "c.html", "d.json", "e.jsonl", "f.txt"]);
    assert!(outcome.skips.iter().all(|skip| skip.reason == SkipReason::Empty));
}

#[test]
fn file_over_the_limit_is_skipped_and_one_at_the_limit_is_not() {
    let outcome = Folder::new().with("a.txt", "1234567").with("b.txt", "12345").read_limited(5);
    assert_eq!(outcome.ids(), ["b.txt"]);
    assert_eq!(outcome.skips[0].reason, SkipReason::TooLarge { bytes: 7, limit: 5 });
}

#[test]
fn gzip_bomb_is_stopped_at_the_limit() {
    let bomb = gzip(vec![b'a'; 50 << 20]);
    assert!(bomb.len() < 1 << 20);
    let outcome = Folder::new().with("bomb.txt.gz", bomb).read_limited(1 << 20);
    let limit = 1 << 20;
    let bytes = limit + 1;
    assert_eq!(outcome.only_skip().reason, SkipReason::TooLarge { bytes, limit });
    assert_eq!(outcome.summary.bytes, bytes);
}

#[test]
fn broken_compression_is_named_and_the_records_before_it_are_kept() {
    let lines: String = (0..20_000).map(|n| format!("{{\"text\": \"Text {n}.\"}}\n")).collect();
    let whole = gzip(lines);
    let outcome = Folder::new()
        .with("cut.jsonl.gz", &whole[..whole.len() / 2])
        .with("not.txt.gz", "not compressed at all")
        .read();
    assert!(outcome.records.len() > 1000);
    assert_eq!(outcome.skips.len(), 2);
    for skip in &outcome.skips {
        assert!(matches!(skip.reason, SkipReason::BrokenCompression(_)), "{skip}");
    }
}

// HTML and Markdown

#[test]
fn html_gives_its_title_and_main_text_without_navigation_and_footer() {
    let sentence = "The ferry ran aground on the reef, and all 148 people aboard were safe. ";
    let html = format!(
        "<html><head><title>Ferry aground</title><style>p {{}}</style></head><body>
         <nav><ul><li><a href='/'>Front page</a></li><li><a href='/s'>Sport</a></li></ul></nav>
         <article><h1>Ferry aground</h1><p>{0}</p><p>{0}</p><p>{0}</p></article>
         <script>if (1<2) track();</script>
         <footer><p>Copyright, all rights reserved</p></footer></body></html>",
        sentence.repeat(3)
    );
    let outcome = Folder::new().with("a.html", html).read();
    let record = outcome.only_record();
    assert_eq!(record.title.as_deref(), Some("Ferry aground"));
    assert_eq!(record.text.matches(sentence.trim()).count(), 9);
    for dropped in ["Front page", "Sport", "track", "Copyright", "<p>"] {
        assert!(!record.text.contains(dropped), "{dropped} in {}", record.text);
    }
}

#[test]
fn html_without_a_main_text_gives_all_its_text() {
    let html = "<title>Links</title><script>no()</script><div hidden>Hidden words</div>";
    let outcome = Folder::new().with("a.html", html).read();
    let record = outcome.only_record();
    assert_eq!(record.title.as_deref(), Some("Links"));
    assert_eq!(record.text.trim(), "Hidden words");
}

#[test]
fn html_nested_too_deep_is_skipped_at_once() {
    let outcome = Folder::new()
        .with("deep.html", "<div>".repeat(200_000) + "A text.")
        .with("flat.html", "<p>A text.<br>".repeat(2000))
        .with("script.html", format!("<p>A text.<script>{}</script>", "a<b;".repeat(2000)))
        .read();
    assert_eq!(outcome.ids(), ["flat.html", "script.html"]);
    assert_eq!(outcome.shown(), ["deep.html: HTML nested too deep"]);
}

#[test]
fn markdown_takes_title_and_date_from_its_front_matter() {
    let outcome = Folder::new()
        .with("a.md", "---\r\ntitle: \"Rates: cut\"\r\ndate: 2031-05-15\r\n---\r\n# Text\r\n")
        .with("b.markdown", "---\ntitle: 'Cut again'\ntags:\n  - bank\n...\nText\n")
        .with("c.md", "# Text\n---\ntitle: No\n---\n")
        .with("d.md", "---\nNever closed\n")
        .read();
    let read: Vec<_> = outcome
        .records
        .iter()
        .map(|record| (record.title.as_deref(), record.date.as_deref(), &*record.text))
        .collect();
    assert_eq!(
        read,
        [
            (Some("Rates: cut"), Some("2031-05-15"), "# Text\r\n"),
            (Some("Cut again"), None, "Text\n"),
            (None, None, "# Text\n---\ntitle: No\n---\n"),
            (None, None, "---\nNever closed\n"),
        ]
    );
}

// JSON records

#[test]
fn record_gives_all_its_fields() {
    let outcome = read_lines(
        r#"{"id": "a", "title": "T", "text": "Say \"hi\"\n", "date": "2031-05-15", "story": "s",
            "source": "Wire", "lang": "en", "more": {"text": ["not", "this"]}}"#
            .replace('\n', " ")
            .as_str(),
    );
    let expected = Record {
        id: "a".into(),
        title: Some("T".into()),
        text: "Say \"hi\"\n".into(),
        date: Some("2031-05-15".into()),
        story: Some("s".into()),
        source: Some("Wire".into()),
        lang: Some("en".into()),
        path: "news".into(),
        line: Some(1),
    };
    assert_eq!(outcome.only_record(), &expected);
}

#[test]
fn field_names_can_be_set() {
    let fields = Fields {
        id: "url".into(),
        title: "headline".into(),
        text: "body".into(),
        date: "published".into(),
    };
    let options = Options { fields, ..Options::default() };
    let json = &br#"{"url": "u", "headline": "H", "body": "B", "published": "2031-05-15",
        "id": 1, "title": 2, "text": 3, "date": 4}"#[..];
    let outcome = read_json(json, Layout::Values, &options);
    let record = outcome.only_record();
    assert_eq!((&*record.id, &*record.text), ("u", "B"));
    assert_eq!(record.title.as_deref(), Some("H"));
    assert_eq!(record.date.as_deref(), Some("2031-05-15"));
}

#[test]
fn number_is_an_id_as_it_is_written() {
    let long = "123456789012345678901234567890";
    let outcome = read_lines(&format!(
        "{{\"id\": 1, \"text\": \"A text.\"}}\n{{\"id\": {long}, \"text\": \"A text.\"}}\n"
    ));
    assert_eq!(outcome.ids(), ["1", long]);
}

#[test]
fn missing_id_becomes_file_and_line() {
    let folder = Folder::new()
        .with("a/b.jsonl", "\n{\"text\": \"A text.\"}\n{\"id\": \"\", \"text\": \"A text.\"}\n")
        .with("c.json", "[\n{\"text\":\n\"A text.\"},\n\n{\"id\": null, \"text\": \"A text.\"}]");
    let outcome = folder.read();
    assert_eq!(outcome.ids(), ["a/b.jsonl:2", "a/b.jsonl:3", "c.json:2", "c.json:5"]);
}

#[test]
fn null_and_blank_fields_are_none() {
    let outcome =
        read_lines(r#"{"id": null, "title": null, "text": "A text.", "date": "", "story": " "}"#);
    let record = outcome.only_record();
    assert_eq!((&record.title, &record.date, &record.story), (&None, &None, &None));
    assert_eq!(outcome.summary.warnings, []);
}

#[test]
fn field_of_another_type_is_a_warning_and_the_article_stays() {
    let outcome = read_lines(r#"{"title": ["a"], "lang": true, "text": "A text."}"#);
    assert_eq!(outcome.only_record().title, None);
    let warnings: Vec<_> = outcome.summary.warnings.iter().map(ToString::to_string).collect();
    let expected = ["title", "lang"].map(|f| format!("news:1: {f} is neither text nor a number"));
    assert_eq!(warnings, expected);
}

#[test]
fn date_is_the_day_of_the_calendar_that_it_begins_with() {
    let date = |given: &str| {
        let outcome = read_lines(&format!(r#"{{"text": "A text.", "date": "{given}"}}"#));
        let record = outcome.only_record();
        assert_eq!(record.date.is_none(), outcome.summary.warnings.len() == 1);
        record.date.clone()
    };
    for good in ["2031-05-15", "2031-05-15T10:00:00Z", "2031-05-15 10:00", " 2031-05-15 "] {
        assert_eq!(date(good).as_deref(), Some("2031-05-15"), "{good}");
    }
    for good in ["2032-02-29", "2000-02-29", "2031-12-31", "2031-04-30"] {
        assert_eq!(date(good).as_deref(), Some(good));
    }
    for bad in [
        "2031-02-29",
        "1900-02-29",
        "2031-13-01",
        "2031-00-01",
        "2031-04-31",
        "2031-05-00",
        "2031-05-1",
        "2031-05-155",
        "2031/05/15",
        "+031-05-15",
        "15 May 2031",
        "2031-05-1é",
    ] {
        assert_eq!(date(bad), None, "{bad}");
    }
}

#[test]
fn bad_date_is_a_warning_with_its_place() {
    let outcome = Folder::new()
        .with("a.jsonl", "\n{\"text\": \"A text.\", \"date\": \"yesterday\"}\n")
        .with("b.md", "---\ndate: today\n---\nA text.")
        .read();
    assert_eq!(outcome.records.len(), 2);
    let warnings: Vec<_> = outcome.summary.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["a.jsonl:2: not a date: \"yesterday\"", "b.md: not a date: \"today\""]);
}

#[test]
fn warnings_beyond_the_first_thousand_are_only_counted() {
    let outcome = read_lines(&"{\"text\": \"A text.\", \"date\": 1}\n".repeat(1500));
    assert_eq!(outcome.records.len(), 1500);
    assert_eq!(outcome.summary.warnings.len(), 1000);
    assert_eq!(outcome.summary.more_warnings, 500);
}

#[test]
fn record_without_text_is_skipped() {
    let outcome = read_lines("{\"id\": 1}\n{\"text\": null}\n{\"text\": [1]}\n{\"text\": \" \"}\n");
    let reasons: Vec<_> = outcome.skips.iter().map(|skip| (skip.line, &skip.reason)).collect();
    let none = &SkipReason::NoText;
    assert_eq!(
        reasons,
        [(Some(1), none), (Some(2), none), (Some(3), none), (Some(4), &SkipReason::Empty)]
    );
}

#[test]
fn broken_json_costs_only_its_line() {
    let good = "{\"text\": \"A text.\"}";
    let bad =
        ["{\"text\": \"A te", "{\"text\" \"A text.\"}", "nonsense", "{\"text\": \"\\ud800\"}"];
    let outcome = read_lines(&format!("{good}\n{}\n{good} {good}\n{good}\r\n", bad.join("\n")));
    assert_eq!(outcome.ids(), ["news:1", "news:7"]);
    assert_eq!(
        outcome.shown(),
        [
            "news:2: broken JSON: EOF while parsing a string at line 2",
            "news:3: broken JSON: expected `:` at line 3",
            "news:4: broken JSON: a record begins with `{` at line 4",
            "news:5: broken JSON: unexpected end of hex escape at line 5",
            "news:6: broken JSON: trailing characters at line 6",
        ]
    );
}

#[test]
fn line_over_the_limit_is_skipped_and_the_next_one_read() {
    let long = format!("{{\"text\": \"{}\"}}\n", "a".repeat(100_000));
    let short = "{\"text\": \"A text.\"}\n";
    let outcome = Folder::new()
        .with("a.jsonl", format!("{short}{long}{short}"))
        .with("b.json", format!("[{short},{long},{short}]"))
        .read_limited(1000);
    assert_eq!(outcome.ids(), ["a.jsonl:1", "a.jsonl:3", "b.json:1", "b.json:3"]);
    for skip in &outcome.skips {
        let SkipReason::TooLarge { bytes, limit } = skip.reason else {
            panic!("{skip}");
        };
        assert!(bytes > 100_000 && limit == 1000);
    }
}

#[test]
fn json_lines_may_begin_with_a_mark_and_need_not_be_utf_8_everywhere() {
    let mut json = b"\xEF\xBB\xBF{\"text\": \"One.\"}\n{\"text\": \"\xE9\"}\n".to_vec();
    json.extend(b"{\"text\": \"Three.\"}");
    let outcome = read_json(&json[..], Layout::Lines, &Options::default());
    assert_eq!(outcome.texts(), ["One.", "Three."]);
    assert_eq!(outcome.shown(), ["news:2: JSON that is not UTF-8"]);
}

#[test]
fn json_in_utf_16_is_one_skip() {
    let wide = "\u{feff}{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n".encode_utf16();
    let bytes: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
    for layout in [Layout::Lines, Layout::Values] {
        let outcome = read_json(&bytes[..], layout, &Options::default());
        assert_eq!(outcome.only_skip().reason, SkipReason::NotUtf8InJson);
    }
}

#[test]
fn json_file_holds_one_record_or_an_array_or_several_records() {
    let one = "{\n  \"text\": \"A [text], {with} \\\"brackets\\\\\"\n}";
    for (json, count) in [
        (one.to_owned(), 1),
        (format!("[{one}]"), 1),
        (format!("\u{feff}\n [{one},\n{one} , {one}]\n"), 3),
        (format!("{one}\n{one}\n"), 2),
    ] {
        let outcome = read_values(&json);
        assert_eq!(outcome.texts(), vec!["A [text], {with} \"brackets\\"; count], "{json}");
        assert_eq!(outcome.shown(), [""; 0]);
    }
}

#[test]
fn bad_element_of_an_array_costs_only_itself() {
    let good = "{\"text\": \"A text.\"}";
    let outcome = read_values(&format!("[{good},\n{{\"text\" 1}},\n5,\n[{good}],\n{good}]\n"));
    assert_eq!(outcome.ids(), ["news:1", "news:5"]);
    assert_eq!(
        outcome.shown(),
        [
            "news:2: broken JSON: expected `:` at line 2",
            "news:3: broken JSON: a record begins with `{` at line 3",
            "news:4: broken JSON: a record begins with `{` at line 4",
        ]
    );
}

#[test]
fn array_cut_short_is_broken_but_its_records_are_kept() {
    let outcome = read_values("[{\"text\": \"A text.\"},\n");
    assert_eq!(outcome.ids(), ["news:1"]);
    assert_eq!(outcome.shown(), ["news:2: broken JSON: the array is not closed at line 2"]);
}

#[test]
fn any_bytes_come_to_an_end_and_buffers_do_not_matter() {
    let pieces: [&[u8]; 14] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"\"",
        b"\\",
        b"\n",
        b" ",
        b"\"text\":",
        b"\"A\"",
        b"\xFF",
        b"\xEF",
        b"7",
    ];
    let mut seed = 1_u64;
    for _ in 0..2000 {
        let mut json = Vec::new();
        for _ in 0..30 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            json.extend(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        for layout in [Layout::Lines, Layout::Values] {
            let outcome = read_json(&json[..], layout, &Options::default());
            assert_eq!(outcome.summary.bytes, json.len() as u64);
            let one_by_one = BufReader::with_capacity(1, &json[..]);
            assert_eq!(read_json(one_by_one, layout, &Options::default()), outcome);
        }
    }
}

// Standard input

/// Not a test: the program that the next test pipes into. It writes what it read to a file.
#[test]
fn standard_input_child() {
    let Some(report) = std::env::var_os("RECORD_READER_REPORT") else {
        return;
    };
    let outcome = read_path(Path::new("-"), &Options::default());
    let ids = outcome.ids().join(" ");
    fs::write(report, format!("{ids} {}", outcome.shown().join(" "))).expect("reported");
}

#[test]
fn standard_input_is_json_lines_or_an_array_or_one_text() {
    let folder = Folder::new();
    let report = folder.path("report");
    for (piped, read) in [
        ("\n {\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n", "-:2 -:3 "),
        ("[\n{\"text\": \"One.\"},\n{\"text\": \"Two.\"}]", "-:2 -:3 "),
        ("\u{feff}One text.", "- "),
        ("", " -: empty"),
    ] {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "standard_input_child"])
            .env("RECORD_READER_REPORT", &report)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(piped.as_bytes()).expect("it is read");
        drop(pipe);
        assert!(child.wait().expect("it ends").success());
        assert_eq!(fs::read_to_string(&report).expect("a report"), read, "{piped:?}");
    }
}
