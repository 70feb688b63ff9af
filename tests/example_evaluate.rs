//! The measures of `examples/evaluate` against values computed by hand, and the program itself.

#[cfg(not(miri))]
#[path = "support/example.rs"]
mod example;
#[path = "../examples/evaluate/metrics.rs"]
mod metrics;

use metrics::{Oracle, Partitions, Rates, Stratum, Tenth, reliability, share, strata};
use proptest::prelude::*;

fn near(found: impl Into<Option<f64>>, expected: f64) {
    let found = found.into();
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?}, {expected}");
}

#[test]
fn rates_come_from_counts_and_a_share_of_nothing_is_none() {
    let rates = Rates::of_counts(3, 4, 6);
    near(rates.precision, 0.75);
    near(rates.recall, 0.5);
    near(rates.f1, 0.6);
    let rates = |precision, recall, f1| Rates { precision, recall, f1 };
    assert_eq!(Rates::of_counts(0, 0, 0), rates(None, None, None));
    assert_eq!(Rates::of_counts(0, 0, 5), rates(None, Some(0.0), Some(0.0)));
    assert_eq!(Rates::of_counts(0, 5, 0), rates(Some(0.0), None, Some(0.0)));
    assert_eq!(share(0, 0), None);
}

#[test]
fn a_ranking_with_a_tie_is_the_same_in_any_order() {
    // Cuts at 0.9, 0.8, 0.5, 0.3: F1 2/4, 4/6, 4/7, 6/8; precision 1, 2/3, 2/4, 3/5.
    let scored = [(0.9, true), (0.8, true), (0.8, false), (0.5, false), (0.3, true)];
    for turn in 0..scored.len() {
        let mut turned = scored.to_vec();
        turned.rotate_left(turn);
        for scored in [turned.clone(), turned.into_iter().rev().collect()] {
            let oracle = Oracle::new(scored);
            near(oracle.f1, 0.75);
            assert_eq!(oracle.threshold, Some(0.3));
            near(oracle.average_precision, (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0);
        }
    }
}

#[test]
fn a_ranking_that_ties_everything_is_no_better_than_chance() {
    let oracle = Oracle::new(vec![(0.5, true), (0.5, false), (0.5, false), (0.5, false)]);
    near(oracle.average_precision, 0.25);
    near(oracle.f1, 0.4);
    assert_eq!(oracle.threshold, Some(0.5));
}

#[test]
fn the_highest_of_equally_good_cuts_is_taken() {
    // Both cuts give 2/3: one of two found, or both among four.
    let scored = vec![(1.0, true), (0.2, true), (0.2, false), (0.2, false)];
    let oracle = Oracle::new(scored);
    near(oracle.f1, 2.0 / 3.0);
    assert_eq!(oracle.threshold, Some(1.0));
}

#[test]
fn without_a_same_story_pair_there_is_no_best_cut() {
    let none = Oracle { f1: None, threshold: None, average_precision: None };
    assert_eq!(Oracle::new(vec![]), none);
    assert_eq!(Oracle::new(vec![(0.9, false), (0.1, false)]), none);
}

#[test]
fn each_score_is_in_the_tenth_that_begins_at_or_below_it() {
    let scores = [0.0, 0.0999, 0.1, 0.3, 0.7, 0.6999, 0.9, 1.0];
    let scored: Vec<(f32, bool)> = scores.iter().map(|&score| (score, score != 0.9)).collect();
    let tenths = reliability(&scored);
    let pairs: Vec<usize> = tenths.iter().map(|tenth| tenth.pairs).collect();
    assert_eq!(pairs, [2, 1, 0, 1, 0, 0, 1, 1, 0, 2]);
    assert_eq!(tenths[2], Tenth { from: 0.2, to: 0.3, pairs: 0, same: None });
    assert_eq!(tenths[9], Tenth { from: 0.9, to: 1.0, pairs: 2, same: Some(0.5) });
}

#[test]
fn each_pair_is_in_the_stratum_that_begins_at_or_below_its_likeness() {
    let j3 = [1.0, 0.5, 0.4999, 0.2, 0.1, 0.05, 0.02, 0.0199, 0.0, 0.0];
    let pairs: Vec<(f64, bool)> = j3.iter().map(|&j3| (j3, j3 > 0.2)).collect();
    let strata = strata(&pairs);
    let counts: Vec<usize> = strata.iter().map(|stratum| stratum.pairs).collect();
    assert_eq!(counts, [2, 2, 1, 1, 1, 3]);
    assert_eq!(strata[0], Stratum { j3_from: 0.5, j3_to: 1.0, pairs: 2, recall: Some(1.0) });
    assert_eq!(strata[1], Stratum { j3_from: 0.2, j3_to: 0.5, pairs: 2, recall: Some(0.5) });
    assert_eq!(metrics::strata(&[])[5].recall, None);
}

#[test]
fn families_are_judged_as_worked_out_by_hand() {
    let partitions = Partitions::new(&[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 2, 3]);
    let rates = partitions.b_cubed();
    let (precision, recall) = (5.0 / 6.0, (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 2.0) / 6.0);
    near(rates.precision, precision);
    near(rates.recall, recall);
    near(rates.f1, 2.0 * precision * recall / (precision + recall));
    // Of 15 pairs 4 are in one story, 2 in one family, 1 in both; 8/15 is expected by chance.
    near(partitions.adjusted_rand(), 7.0 / 37.0);
}

#[test]
fn families_that_are_the_stories_are_perfect_and_the_extremes_are_not() {
    let (alone, pairs, together) = ([0, 1, 2, 3], [7, 7, 3, 3], [5; 4]);
    for same in [alone, pairs, together] {
        let partitions = Partitions::new(&same, &same);
        near(partitions.adjusted_rand(), 1.0);
        assert_eq!(partitions.b_cubed(), Rates::of_counts(1, 1, 1));
    }
    for families in [alone, together] {
        near(Partitions::new(&pairs, &families).adjusted_rand(), 0.0);
    }
    near(Partitions::new(&pairs, &together).b_cubed().precision, 0.5);
    near(Partitions::new(&pairs, &alone).b_cubed().recall, 0.5);
}

proptest! {
    #[test]
    fn no_cut_beats_the_best_one(scored in prop::collection::vec((0u8..12, any::<bool>()), 1..40)) {
        let scored: Vec<(f32, bool)> =
            scored.into_iter().map(|(score, same)| (f32::from(score) / 11.0, same)).collect();
        let relevant = scored.iter().filter(|(_, same)| *same).count();
        let f1_at = |cut: f32| {
            let reported = scored.iter().filter(|(score, _)| *score >= cut);
            let hits = reported.clone().filter(|(_, same)| *same).count();
            Rates::of_counts(hits, reported.count(), relevant).f1
        };
        let oracle = Oracle::new(scored.clone());
        if relevant > 0 {
            prop_assert_eq!(oracle.f1, oracle.threshold.and_then(f1_at));
            prop_assert!(scored.iter().all(|(cut, _)| f1_at(*cut) <= oracle.f1));
        }
    }

    #[test]
    fn the_adjusted_rand_index_is_what_counting_pairs_gives(
        groups in prop::collection::vec((0usize..4, 0usize..4), 2..30)
    ) {
        // Hubert and Arabie's index from the four kinds of pairs, without the sizes of groups.
        let mut kinds = [[0.0f64; 2]; 2];
        for (at, x) in groups.iter().enumerate() {
            for y in &groups[at + 1..] {
                kinds[usize::from(x.0 == y.0)][usize::from(x.1 == y.1)] += 1.0;
            }
        }
        let [[neither, family], [story, both]] = kinds;
        let below = (both + story) * (story + neither) + (both + family) * (family + neither);
        let expected =
            if below == 0.0 { 1.0 } else { 2.0 * (both * neither - story * family) / below };
        let (stories, families): (Vec<usize>, Vec<usize>) = groups.into_iter().unzip();
        near(Partitions::new(&stories, &families).adjusted_rand(), expected);
    }
}

/// The program on the command line.
#[cfg(not(miri))]
mod program {
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::path::PathBuf;
    use std::process::{Command, Output, Stdio};

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::example::example;

    fn program() -> Command {
        example("evaluate")
    }

    fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
        program().args(arguments).output().expect("it starts")
    }

    fn text(bytes: &[u8]) -> &str {
        str::from_utf8(bytes).expect("UTF-8")
    }

    const GLASSWORKS: &str = "\
        The glassworks at Oberlin Quay will close its last furnace in October after ninety years, \
        the owners told the 140 glassblowers at a meeting on Thursday. Managing director Petra \
        Sandvoss blamed the price of gas, which has tripled since spring. The works council said \
        it would ask the province for a loan. Mayor Tiberius Holm called the news a heavy blow \
        for the harbour district and promised talks with two buyers from abroad who had looked at \
        the kilns in August.";
    const GLASSWORKS_CUT: &str = "\
        The glassworks at Oberlin Quay will close its last furnace in October after ninety years, \
        the owners told the 140 glassblowers at a meeting on Thursday. Managing director Petra \
        Sandvoss blamed the price of gas, which has tripled since spring. The works council said \
        it would ask the province for a loan. Mayor Tiberius Holm called the news a heavy blow \
        for the harbour district.";
    const GLASSWORKS_RETOLD: &str = "\
        After ninety years the glassworks at Oberlin Quay will close its last furnace. The 140 \
        glassblowers heard it from the owners at a meeting on Thursday; the price of gas, which \
        has tripled since spring, is to blame, said managing director Petra Sandvoss. The works \
        council said it would ask the province for a loan, and Mayor Tiberius Holm promised talks \
        with two buyers from abroad who had looked at the kilns in August. It is a heavy blow for \
        the harbour district, he said.";
    const OTTERS: &str = "\
        Four otters have settled below the weir of the Lindwater, the first seen there in half a \
        century, the river warden Anselm Quist reported on Sunday. A camera set up to count \
        salmon filmed the animals three nights in a row. Anglers of the valley welcomed the \
        otters with mixed feelings, since the stock of trout is small. Biologists of the museum \
        want to learn from droppings whether the family came over the hills from Brandmoor or \
        down the canal.";
    const OTTERS_LATER: &str = "\
        The river warden Anselm Quist reported on Sunday that four otters have settled below the \
        weir of the Lindwater, the first seen there in half a century. A camera set up to count \
        salmon filmed the animals three nights in a row. Biologists of the museum want to learn \
        from droppings whether the family came over the hills from Brandmoor or down the canal. \
        Anglers of the valley, where the stock of trout is small, welcomed the otters with mixed \
        feelings.";
    const CHESS: &str = "\
        Sixteen-year-old Maren Oyelaran won the chess championship of the islands on Saturday \
        without losing a single game. In the last round she needed only a draw against the \
        defending champion, Viktor Lund, but sacrificed a rook on move nineteen and forced \
        resignation eleven moves later. Her coach, a retired ferry captain, said he had never \
        seen her play so boldly. The title comes with an invitation to the winter tournament in \
        Saltmarsh, where eight grandmasters will compete.";
    const BUDGET: &str = "\
        Parliament adopted the supplementary budget by three votes late on Wednesday after a \
        debate of eleven hours. Finance minister Odile Krantz gave way on the tax on diesel, \
        which rises by two cents instead of five, and found the missing forty million in the \
        reserve for roads. The opposition spoke of a patchwork that would not last until Easter. \
        Economists at the state bank expect a deficit of just under three percent, the limit that \
        the government had set itself.";

    /// Eight articles, seven of them with one of four labels, and two invalid lines.
    fn articles() -> Vec<Value> {
        let article = |id: &str, text: &str, story: &str, date: &str| {
            let story = Some(story).filter(|story| !story.is_empty());
            json!({"id": id, "title": null, "text": text, "story": story, "date": date})
        };
        vec![
            article("herald", GLASSWORKS, "glass", "2031-09-04"),
            article("wire", GLASSWORKS_RETOLD, "glass", "2031-09-05"),
            article("lantern", GLASSWORKS_CUT, "glass", ""),
            article("copyist", GLASSWORKS, "", "2031-09-05"),
            article("warden", OTTERS, "otters", "2031-09-01"),
            article("museum", OTTERS_LATER, "otters", "2031-09-20"),
            article("chess", CHESS, "chess", "2031-09-04"),
            article("budget", BUDGET, "budget", "2031-09-04"),
            article("chess", BUDGET, "budget", "2031-09-04"),
            article("blank", "  \n", "glass", "2031-09-04"),
        ]
    }

    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            Folder(tempfile::tempdir().expect("a temporary folder"))
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// A file with these articles, compressed if its name says so.
        fn file(&self, name: &str, articles: &[Value]) -> PathBuf {
            let lines: String = articles.iter().map(|article| format!("{article}\n")).collect();
            let path = self.path(name);
            if name.ends_with(".gz") {
                let file = File::create(&path).expect("a file");
                let mut packed = GzEncoder::new(file, Compression::fast());
                std::io::Write::write_all(&mut packed, lines.as_bytes()).expect("written");
                packed.finish().expect("closed");
            } else {
                fs::write(&path, lines).expect("written");
            }
            path
        }
    }

    #[test]
    fn the_figures_of_eight_articles_are_right() {
        let folder = Folder::new();
        let (file, json) = (folder.file("a.jsonl.gz", &articles()), folder.path("report.json"));
        let output = run([file.as_os_str(), "--json".as_ref(), json.as_os_str()]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let table = text(&output.stdout);
        assert!(table.starts_with("8 articles, 7 of them labelled, in 4 stories; 2 skipped\n"));
        assert!(text(&output.stderr).contains("\"chess\" is here already"));

        let report = fs::read_to_string(&json).expect("a report");
        let report: Value = serde_json::from_str(&report).expect("JSON");
        for (at, expected) in [
            ("/articles", json!(8)),
            ("/labelled", json!(7)),
            ("/stories", json!(4)),
            ("/skipped", json!(2)),
            ("/level", json!("retelling")),
            ("/threshold", json!(0.7)),
            ("/pairwise", json!({"precision": 1.0, "recall": 1.0, "f1": 1.0})),
            ("/oracle/f1", json!(1.0)),
            ("/oracle/average_precision", json!(1.0)),
            ("/families/b_cubed", json!({"precision": 1.0, "recall": 1.0, "f1": 1.0})),
            ("/families/adjusted_rand", json!(1.0)),
            // With the copy that has no label.
            ("/families/largest", json!(4)),
            ("/candidates/recall", json!(1.0)),
            ("/strata/5", json!({"j3_from": 0.0, "j3_to": 0.02, "pairs": 0, "recall": null})),
        ] {
            assert_eq!(report.pointer(at), Some(&expected), "{at}");
        }
        assert_eq!(pairs(&report["strata"]), 3 + 1);
        assert_eq!(pairs(&report["reliability"]), 7 * 6 / 2);
    }

    fn pairs(rows: &Value) -> u64 {
        rows.as_array().expect("rows").iter().filter_map(|row| row["pairs"].as_u64()).sum()
    }

    #[test]
    fn the_keys_of_the_document_stay_and_keep_their_order() {
        let folder = Folder::new();
        let file = folder.file("a.jsonl", &articles());
        let output = run([file.as_os_str(), "--json".as_ref(), "-".as_ref()]);
        let document = text(&output.stdout);
        assert!(serde_json::from_str::<Value>(document).is_ok(), "nothing but JSON");
        // Each key is on a line of its own.
        let keys = document.lines().filter_map(|line| line.trim_start().split('"').nth(1));
        let rates = "precision recall f1";
        let strata = "j3_from j3_to pairs recall ".repeat(6);
        let tenths = "from to pairs same ".repeat(10);
        let expected = format!(
            "articles labelled stories pairwise {rates} oracle f1 threshold average_precision \
             families b_cubed {rates} adjusted_rand largest candidates recall per_article \
             strata {strata} reliability {tenths} seconds peak_rss_bytes \
             level threshold max_gap_days skipped cpu_seconds"
        );
        assert!(keys.eq(expected.split_whitespace()), "{document}");
    }

    #[test]
    fn only_dated_pairs_within_the_gap_count_except_in_families() {
        let folder = Folder::new();
        let file = folder.file("a.jsonl", &articles());
        let report = |gap: &str| -> Value {
            let options = ["--max-gap-days", gap, "--json", "-"].map(OsStr::new);
            let output = run([file.as_os_str()].into_iter().chain(options));
            serde_json::from_str(text(&output.stdout)).expect("JSON")
        };
        // Five articles of one September week or its eve, without the undated and the latest one.
        let narrow = report("3");
        assert_eq!(pairs(&narrow["strata"]), 1);
        assert_eq!(pairs(&narrow["reliability"]), 5 * 4 / 2 - 1);
        assert_eq!(narrow["pairwise"]["recall"], json!(1.0));
        assert_eq!(narrow["families"], report("99")["families"]);
        assert_eq!(pairs(&report("99")["strata"]), 2);
        // Within one day there is no same-story pair: the figure is null, not 0.
        let none = report("0");
        assert_eq!(none["pairwise"]["recall"], json!(null));
        assert_eq!(
            none["oracle"],
            json!({"f1": null, "threshold": null, "average_precision": null})
        );
    }

    #[test]
    fn a_threshold_is_heeded() {
        let folder = Folder::new();
        let file = folder.file("a.jsonl", &articles());
        let options = ["--level", "copy", "--threshold", "1", "--json", "-"].map(OsStr::new);
        let output = run([file.as_os_str()].into_iter().chain(options));
        let report: Value = serde_json::from_str(text(&output.stdout)).expect("JSON");
        assert_eq!(report["threshold"], json!(1.0));
        assert_eq!(report["level"], json!("copy"));
        // No two labelled texts are identical.
        assert_eq!(report["pairwise"], json!({"precision": null, "recall": 0.0, "f1": 0.0}));
    }

    #[test]
    fn useless_input_is_named_and_ends_with_code_2() {
        let folder = Folder::new();
        let mut articles = articles();
        let good = folder.file("good.jsonl", &articles);
        articles.iter_mut().for_each(|article| article["story"] = Value::Null);
        let bare = folder.file("bare.jsonl", &articles);
        let missing = folder.path("missing.jsonl");
        for (file, options, told) in [
            (&missing, &[][..], "missing.jsonl"),
            (&bare, &[], "no article has a label"),
            (&good, &["--level", "vague"], "vague"),
            (&good, &["--threshold", "1.5"], "threshold must be in 0..=1"),
            (&good, &["--max-gap-days", "-1"], "-1"),
            (&good, &["--nonsense"], "--nonsense"),
        ] {
            let options = options.iter().map(OsStr::new);
            let output = run([file.as_os_str()].into_iter().chain(options));
            assert_eq!(output.status.code(), Some(2), "{told}");
            assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
            assert!(output.stdout.is_empty());
        }
    }

    #[test]
    fn figures_that_cannot_be_written_end_with_code_1() {
        let folder = Folder::new();
        let file = folder.file("a.jsonl", &articles());
        let nowhere = folder.path("missing/report.json");
        let output = run([file.as_os_str(), "--json".as_ref(), nowhere.as_os_str()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("cannot write"));
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            let status = program().arg(&file).stdout(full).stderr(Stdio::null()).status();
            assert_eq!(status.expect("it starts").code(), Some(1));
        }
    }

    #[test]
    fn a_reader_who_has_left_is_no_error() {
        let folder = Folder::new();
        let file = folder.file("a.jsonl", &articles());
        let mut program = program();
        program.arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().expect("it starts");
        drop(child.stdout.take());
        drop(child.stderr.take());
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
}
