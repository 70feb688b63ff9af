//! From labelled articles to measures.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::time::Instant;

use rayon::prelude::*;
use retold::{Article, Date, Detector, Families, Level, ShingleSet, Shingler, Words};

use crate::common::reader::Record;
use crate::metrics::{self, Oracle, Partitions, Rates, Stratum};
use crate::report::{CandidateFigures, FamilyFigures, Report};

/// The settings of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) level: Level,
    pub(crate) max_gap_days: Option<u32>,
}

/// Why there are no figures, as a message.
pub(crate) type Refusal = String;

/// Inserts all records into `detector` and measures its answers. `complain` gets a message for each
/// record that is not an article; `skipped` counts those that the reader has left out.
pub(crate) fn measure(
    records: &[Record],
    mut detector: Detector,
    question: Question,
    skipped: usize,
    complain: &mut dyn FnMut(&dyn std::fmt::Display),
) -> Result<Report, Refusal> {
    let articles: Vec<Article<'_>> = records.iter().map(Record::article).collect();
    let run = Run::new(&mut detector, &articles);
    let mut labels = Labels { max_gap_days: question.max_gap_days, ..Labels::default() };
    let mut refused = 0;
    for ((record, article), result) in records.iter().zip(&articles).zip(&run.inserted) {
        match result {
            Ok(()) => labels.add(record, article),
            Err(error) => {
                complain(error);
                refused += 1;
            }
        }
    }
    if labels.articles.is_empty() {
        return Err("no article has a label: nothing to judge by (each record that has one names \
                    it in \"story\")"
            .into());
    }
    Ok(judge(&detector, &run, &labels, question, skipped + refused))
}

/// The answers of the detector, their time and memory.
struct Run {
    inserted: Vec<Result<(), retold::Error>>,
    families: Families,
    seconds: f64,
    cpu_seconds: Option<f64>,
    peak_rss_bytes: Option<u64>,
}

impl Run {
    fn new(detector: &mut Detector, articles: &[Article<'_>]) -> Self {
        let (start, cpu_before) = (Instant::now(), cpu_seconds());
        let inserted = detector.insert_many(articles);
        let families = detector.families();
        Run {
            inserted,
            families,
            seconds: start.elapsed().as_secs_f64(),
            cpu_seconds: cpu_before.and_then(|before| Some(cpu_seconds()? - before)),
            // Read here, because the measures take more memory than the families.
            peak_rss_bytes: peak_rss_bytes(),
        }
    }
}

fn judge(
    detector: &Detector,
    run: &Run,
    labels: &Labels<'_>,
    question: Question,
    skipped: usize,
) -> Report {
    let same_pairs = labels.same_pairs();
    let reported = labels.reported(detector, question.level);
    let hits = reported.iter().filter(|&&pair| labels.same(pair)).count();
    let scored = labels.scored(detector);
    Report {
        articles: detector.len(),
        labelled: labels.articles.len(),
        stories: labels.stories.len(),
        pairwise: Rates::of_counts(hits, reported.len(), same_pairs.len()),
        reliability: metrics::reliability(&scored),
        oracle: Oracle::new(scored),
        families: labels.family_figures(&run.families, question.level),
        candidates: labels.candidate_figures(detector, same_pairs.len()),
        strata: labels.strata(&same_pairs, &reported),
        seconds: run.seconds,
        peak_rss_bytes: run.peak_rss_bytes,
        level: question.level.name(),
        threshold: detector.threshold(question.level),
        max_gap_days: question.max_gap_days,
        skipped,
        cpu_seconds: run.cpu_seconds,
    }
}

/// Two labelled articles by their numbers, the smaller one first.
type Pair = (usize, usize);

/// The labelled articles in the detector.
#[derive(Default)]
struct Labels<'a> {
    articles: Vec<Labelled<'a>>,
    /// The number of the article of an id.
    numbers: HashMap<&'a str, usize>,
    /// The number of the story of a label.
    stories: HashMap<&'a str, usize>,
    max_gap_days: Option<u32>,
}

struct Labelled<'a> {
    id: &'a str,
    text: &'a str,
    date: Option<Date>,
    story: usize,
}

impl<'a> Labels<'a> {
    /// Ignores an article without a label.
    fn add(&mut self, record: &'a Record, article: &Article<'a>) {
        let Some(story) = &record.story else { return };
        let next = self.stories.len();
        let story = *self.stories.entry(story).or_insert(next);
        let (id, text, date) = (article.id(), article.text(), article.get_date());
        self.numbers.insert(id, self.articles.len());
        self.articles.push(Labelled { id, text, date, story });
    }

    fn same(&self, (a, b): Pair) -> bool {
        self.articles[a].story == self.articles[b].story
    }

    /// Whether the pair is close enough in time to count.
    fn counts(&self, (a, b): Pair) -> bool {
        let Some(most) = self.max_gap_days else { return true };
        match (self.articles[a].date, self.articles[b].date) {
            (Some(a), Some(b)) => a.days_since(b).unsigned_abs() <= most,
            _ => false,
        }
    }

    /// The pair of two ids, if both are labelled and it counts.
    fn pair(&self, left: &str, right: &str) -> Option<Pair> {
        let (a, b) = (*self.numbers.get(left)?, *self.numbers.get(right)?);
        let pair = (a.min(b), a.max(b));
        self.counts(pair).then_some(pair)
    }

    /// All pairs that count and are the same story.
    fn same_pairs(&self) -> Vec<Pair> {
        let mut members = vec![Vec::new(); self.stories.len()];
        for (number, article) in self.articles.iter().enumerate() {
            members[article.story].push(number);
        }
        let mut pairs = Vec::new();
        for story in &members {
            for (at, &a) in story.iter().enumerate() {
                let later = story[at + 1..].iter().map(|&b| (a, b));
                pairs.extend(later.filter(|&pair| self.counts(pair)));
            }
        }
        pairs
    }

    /// The pairs that the detector reports, of those that count: a pair of articles stands for all pairs
    /// of what follows them.
    fn reported(&self, detector: &Detector, level: Level) -> HashSet<Pair> {
        let pairs = detector.pairs(level);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|pair| (pair.left, pair.right)).collect();
        self.expanded(detector, &pairs)
    }

    /// Pairs of labelled articles: those given, of those that count, and those of their reprints.
    fn expanded(&self, detector: &Detector, pairs: &[(&str, &str)]) -> HashSet<Pair> {
        let follows = |left: &str, right: &str| {
            detector.reprint_of(left) == Some(right) || detector.reprint_of(right) == Some(left)
        };
        // What an article stands for: itself, and what follows it in a pair that is listed.
        let mut leader_of: HashMap<&str, &str> = HashMap::new();
        for &(left, right) in pairs.iter().filter(|(left, right)| follows(left, right)) {
            let is_left = detector.reprint_of(left) == Some(right);
            let (reprint, of) = if is_left { (left, right) } else { (right, left) };
            leader_of.insert(reprint, of);
        }
        let root = |mut id| {
            while let Some(&of) = leader_of.get(id) {
                id = of;
            }
            id
        };
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        for article in &self.articles {
            groups.entry(root(article.id)).or_default().push(article.id);
        }
        let group = |id| groups.get(id).map_or(&[][..], Vec::as_slice);
        let mut expanded = HashSet::new();
        let mut add = |one: &[&str], other: &[&str]| {
            let all = one.iter().flat_map(|left| other.iter().map(move |right| (left, right)));
            let all = all.filter(|(left, right)| left != right);
            expanded.extend(all.filter_map(|(left, right)| self.pair(left, right)));
        };
        for &(left, right) in pairs {
            add(group(root(left)), group(root(right)));
        }
        groups.values().filter(|group| group.len() > 1).for_each(|group| add(group, group));
        expanded
    }

    /// The score of every pair that counts, candidate or not, and whether it is the same story.
    fn scored(&self, detector: &Detector) -> Vec<(f32, bool)> {
        let score = |pair: Pair| {
            let (left, right) = (self.articles[pair.0].id, self.articles[pair.1].id);
            let evidence = self.counts(pair).then(|| detector.evidence(left, right))??;
            Some((evidence.score(), self.same(pair)))
        };
        let numbers = 0..self.articles.len();
        numbers
            .into_par_iter()
            .flat_map_iter(|a| (a + 1..self.articles.len()).filter_map(move |b| score((a, b))))
            .collect()
    }

    fn family_figures(&self, families: &Families, level: Level) -> FamilyFigures {
        let families = families.at(level);
        // Each labelled article in no family is a group of its own.
        let mut family_of: Vec<usize> =
            (0..self.articles.len()).map(|number| families.len() + number).collect();
        for (at, family) in families.iter().enumerate() {
            for member in family.members() {
                if let Some(&number) = self.numbers.get(member.id()) {
                    family_of[number] = at;
                }
            }
        }
        let story_of: Vec<usize> = self.articles.iter().map(|article| article.story).collect();
        let partitions = Partitions::new(&story_of, &family_of);
        FamilyFigures {
            b_cubed: partitions.b_cubed(),
            adjusted_rand: partitions.adjusted_rand(),
            largest: families.iter().map(|family| family.len()).max().unwrap_or(0),
        }
    }

    fn candidate_figures(&self, detector: &Detector, same_pairs: usize) -> CandidateFigures {
        let candidates = detector.candidate_pairs();
        let judged = self.expanded(detector, &candidates);
        let found = judged.into_iter().filter(|&pair| self.same(pair)).count();
        CandidateFigures {
            recall: metrics::share(found, same_pairs),
            per_article: 2.0 * candidates.len() as f64 / detector.len() as f64,
        }
    }

    fn strata(&self, same_pairs: &[Pair], reported: &HashSet<Pair>) -> Vec<Stratum> {
        let sets: Vec<ShingleSet> =
            self.articles.par_iter().map(|article| three_words(article.text)).collect();
        let pairs: Vec<(f64, bool)> = same_pairs
            .iter()
            .map(|pair| (sets[pair.0].jaccard(&sets[pair.1]), reported.contains(pair)))
            .collect();
        metrics::strata(&pairs)
    }
}

/// All three-word shingles of a text without its title.
fn three_words(text: &str) -> ShingleSet {
    let shingler = Shingler::words(3);
    shingler.map_or_else(|_| ShingleSet::default(), |by| ShingleSet::new(by, &Words::new(text)))
}

/// The peak memory of this process; on Linux only.
fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kib * 1024)
}

/// Processor time of this process so far; on Linux only.
fn cpu_seconds() -> Option<f64> {
    /// Linux reports in this unit to programs, whatever the kernel's clock rate.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program is in brackets and may contain any character. After it, the state is
    // field 3; user and system time are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(14 - 3).map(str::parse::<f64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS_A_SECOND)
}
