//! Real articles. We may not publish them, so they are beside the repository, in `../shared`. Where they
//! are absent, these tests say so and check nothing. `examples/evaluate` measures the accuracy on them.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use retold::blocks::{
    Block, Links, PhraseTable, Printings, ShingleLists, Steps, Surroundings, Survey,
};
use retold::{Archive, Article, Date, Detector, Families, Family, Level};
use serde::Deserialize;

#[path = "support/blocks.rs"]
mod job;

/// A file or folder of `../shared`, if present.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    // Not by `eprintln`, which a passing test hides.
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "SKIPPED, nothing was checked: there is no {}", path.display());
    None
}

/// The five first articles of the project, by their file names.
fn seeds(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut seeds: Vec<_> =
        texts.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect();
    seeds.sort();
    seeds
}

#[test]
fn of_the_five_seeds_the_two_of_one_story_are_a_family() {
    let Some(folder) = shared("seeds") else { return };
    let seeds = seeds(&folder);
    let prefixes: Vec<&str> = seeds.iter().map(|(id, _)| &id[..4]).collect();
    assert_eq!(prefixes, ["000_", "001_", "002_", "003_", "004_"]);

    let mut detector = Detector::new();
    for (id, text) in &seeds {
        detector.insert(Article::new(id, text)).unwrap();
    }
    let families = detector.families();
    let mut members: Vec<&str> =
        families.iter().flat_map(|family| family.members()).map(|member| member.id()).collect();
    members.sort_unstable();
    assert_eq!(families.len(), 1);
    assert_eq!(members, [&seeds[0].0, &seeds[1].0]);

    for (at, (left, _)) in seeds.iter().enumerate() {
        for (right, _) in &seeds[at + 1..] {
            let score = detector.evidence(left, right).unwrap().score();
            let is_story = (&left[..3], &right[..3]) == ("000", "001");
            let fits = if is_story { score >= 0.9 } else { score <= 0.3 };
            assert!(fits, "{left} and {right} score {score}");
        }
    }
}

/// A position on the left and on the right.
type Places = (std::ops::Range<usize>, std::ops::Range<usize>);

#[test]
fn the_two_seeds_of_one_story_are_aligned_sentence_by_sentence() {
    let Some(folder) = shared("seeds") else { return };
    let seeds = seeds(&folder);
    let (left, right) = (&seeds[0].1, &seeds[1].1);
    let alignment = retold::align(left, right);
    assert!(alignment.pairs().len() >= 8, "{} pairs", alignment.pairs().len());
    let is_paired = |on_left: &str, on_right: &str| {
        let has =
            |text: &str, place: std::ops::Range<usize>, part: &str| text[place].contains(part);
        let mut pairs = alignment.pairs().iter();
        pairs.any(|pair| has(left, pair.left(), on_left) && has(right, pair.right(), on_right))
    };
    for (on_left, on_right) in [
        ("Jan. 4 letter", "letter dated January 4"),
        ("Finer", "Finer"),
        ("Pan Gongsheng", "Pan Gongsheng"),
        ("make the China-US relationship work", "make the China-US relationship work"),
    ] {
        assert!(is_paired(on_left, on_right), "{on_left}");
    }
    let only_right = alignment.only_right().iter();
    let of_mao = only_right.filter(|place| right[(*place).clone()].contains("Mao Ning"));
    assert_eq!(of_mao.count(), 1);

    let dates: Vec<Places> = alignment
        .pairs()
        .iter()
        .flat_map(|pair| pair.differences())
        .filter(|difference| difference.kind() == retold::DifferenceKind::Date)
        .filter_map(|difference| difference.left().zip(difference.right()))
        .collect();
    let written = |(l, r): &Places| (left[l.clone()].to_owned(), right[r.clone()].to_owned());
    let expected = ("January 10".to_owned(), "Wednesday".to_owned());
    assert_eq!(dates.iter().map(written).collect::<Vec<_>>(), [expected]);
}

#[test]
fn unrelated_articles_have_hardly_any_sentence_pairs() {
    let Some(path) = shared("eval/onestop.jsonl.gz") else { return };
    // One of the three reading levels of each article, so no two are one story.
    let records: Vec<Record> = records(&path, 565);
    let texts: Vec<&str> = records
        .iter()
        .filter(|record| record.id.ends_with("-adv"))
        .map(|record| &*record.text)
        .collect();
    let pairs = texts.windows(2).map(|two| retold::align(two[0], two[1]).pairs().len());
    let found: usize = pairs.sum();
    assert!(texts.len() > 180 && found <= 2, "{found} pairs in {} articles", texts.len());
}

#[derive(Deserialize)]
struct Record {
    id: String,
    text: String,
    title: Option<String>,
    date: Option<String>,
}

impl Record {
    fn article(&self) -> Article<'_> {
        let date = self.date.as_ref().and_then(|date| date.get(..10)?.parse::<Date>().ok());
        let article = Article::new(&self.id, &self.text).title(self.title.as_deref().unwrap_or(""));
        date.map_or(article, |date| article.date(date))
    }
}

/// The first records of a file of compressed JSON Lines.
fn records(path: &Path, count: usize) -> Vec<Record> {
    let lines = BufReader::new(GzDecoder::new(File::open(path).unwrap())).lines();
    lines.take(count).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

#[test]
fn real_articles_form_the_same_families_in_any_order_on_one_thread_and_on_two() {
    let Some(path) = shared("eval/fnc1.jsonl.gz") else { return };
    let mut records = records(&path, 400);
    let mut families_on = |threads: usize| -> Families {
        // Another order each time, the same in every run.
        records.sort_by_key(|record| {
            retold::hash::bytes(format!("{threads} {}", record.id).as_bytes())
        });
        let articles: Vec<Article<'_>> =
            records.iter().map(|record| Article::new(&record.id, &record.text)).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut detector = Detector::new();
            let results = detector.insert_many(&articles);
            assert!(results.iter().all(Result::is_ok));
            detector.families()
        })
    };
    let expected = families_on(1);
    assert!(expected.len() > 20, "{} families", expected.len());
    assert_eq!(families_on(2), expected);
}

/// The family of each article that has one, by its place in the list.
fn labels<'f>(families: impl Iterator<Item = &'f Family>) -> HashMap<&'f str, usize> {
    let label = |(at, family): (usize, &'f Family)| {
        family.members().iter().map(move |member| (member.id(), at))
    };
    families.enumerate().flat_map(label).collect()
}

/// How far two groupings of some articles agree: the B-cubed F1 of one by the other.
fn b_cubed(ids: &[&str], one: &HashMap<&str, usize>, other: &HashMap<&str, usize>) -> f64 {
    let group = |labels: &HashMap<&str, usize>, at: usize| match labels.get(ids[at]) {
        Some(&family) => (0, family),
        None => (1, at),
    };
    let (mut of_one, mut of_other, mut of_both) =
        (HashMap::new(), HashMap::new(), HashMap::<_, f64>::new());
    for at in 0..ids.len() {
        let (x, y) = (group(one, at), group(other, at));
        *of_one.entry(x).or_insert(0.0) += 1.0;
        *of_other.entry(y).or_insert(0.0) += 1.0;
        *of_both.entry((x, y)).or_insert(0.0) += 1.0;
    }
    let mean = |of: &HashMap<_, f64>, pick: fn(&(_, _)) -> _| {
        let part = |(pair, both): (&(_, _), &f64)| both * both / of[&pick(pair)];
        of_both.iter().map(part).sum::<f64>() / ids.len() as f64
    };
    let (precision, recall) = (mean(&of_one, |pair| pair.0), mean(&of_other, |pair| pair.1));
    2.0 * precision * recall / (precision + recall)
}

#[test]
fn an_archive_is_close_to_a_detector_and_the_same_once_it_is_regrouped() {
    for (set, count) in [("fnc1", 30000), ("allsides", 30000), ("vims", 30000)] {
        let Some(path) = shared(&format!("eval/{set}.jsonl.gz")) else { return };
        let records = records(&path, count);
        let mut detector = Detector::new();
        let mut archive = Archive::in_memory();
        for article in records.iter().map(Record::article) {
            if detector.insert(article).is_ok() {
                archive.insert(article).unwrap();
            }
        }
        let (expected, found) = (detector.families(), archive.families());
        let ids: Vec<&str> = archive.ids().collect();
        let by_detector = labels(expected.at(Level::Retelling).iter());
        let agreement =
            b_cubed(&ids, &labels(found.iter().map(|(_, family)| family)), &by_detector);
        assert!(agreement >= 0.97, "{set}: {agreement:.4}");

        archive.regroup();
        let mut found: Vec<Family> =
            archive.families().into_iter().map(|(_, family)| family).collect();
        found.sort_by_key(|family| (usize::MAX - family.len(), family.representative().to_owned()));
        assert_eq!(found.len(), expected.len(), "{set}");
        let differ = found.iter().zip(&expected).filter(|(one, other)| one != other).count();
        assert_eq!(differ, 0, "{set}, of {}", found.len());
    }
}

#[test]
fn real_articles_in_blocks_of_any_size_have_the_families_and_scores_of_a_detector() {
    let Some(path) = shared("eval/allsides.jsonl.gz") else { return };
    let records = records(&path, usize::MAX);
    let articles: Vec<Article<'_>> = records.iter().map(Record::article).collect();
    let mut detector = Detector::new();
    detector.insert_many(&articles);
    let expected = detector.families();
    assert!(expected.len() > 900, "{} families", expected.len());
    let steps = Detector::builder().steps().unwrap();
    for size in [500, 2048, 7001] {
        let blocks: Vec<Block> =
            articles.chunks(size).map(|articles| steps.sketch(articles).0).collect();
        let cut = job::Cut { run: size, groups: 7 };
        assert!(job::families(&steps, &blocks, cut, Level::Retelling) == expected, "{size}");
    }
}
