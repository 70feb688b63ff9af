//! Time and memory of the detector with many articles, and its families.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml --bin scale
//! … --bin scale -- --articles 1000000 --days 365 --level copy --threads 2
//! ```
//!
//! Articles are generated in chunks and never in memory all at once. The last line is one JSON object.

use std::collections::BTreeMap;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use peers::clock::{cpu_seconds, forget_peak, peak_memory};
use peers::corpus::{Stream, Text};
use rayon::ThreadPoolBuilder;
use retold::{Article, Detector, Level};
use serde_json::json;

/// Articles in memory with their texts at one time.
const CHUNK: usize = 10_000;

/// Default number of articles a day: a million in a year.
const PER_DAY: usize = 2740;

/// Measures the detector on made-up articles.
#[derive(Parser)]
struct Options {
    /// How many articles; one run for each, one after the other
    #[arg(long, value_delimiter = ',', default_values_t = [50_000, 200_000])]
    articles: Vec<usize>,

    /// Days over which the longest of the runs is spread; the others have as many articles a day
    /// [default: one day for each 2740 articles]
    #[arg(long)]
    days: Option<usize>,

    /// Leave the dates out
    #[arg(long)]
    undated: bool,

    /// The level of the detector
    #[arg(long, value_enum, default_value_t)]
    level: LevelName,

    /// Threads [default: one for each core]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum LevelName {
    Copy,
    #[default]
    Retelling,
    Event,
}

impl LevelName {
    fn level(self) -> Level {
        match self {
            LevelName::Copy => Level::Copy,
            LevelName::Retelling => Level::Retelling,
            LevelName::Event => Level::Event,
        }
    }
}

fn main() {
    let options = Options::parse();
    let pool = ThreadPoolBuilder::new().num_threads(options.threads);
    pool.build_global().expect("no pool was made before");
    let most = options.articles.iter().copied().max().unwrap_or(0);
    let per_day = options.days.map_or(PER_DAY, |days| most.div_ceil(days.max(1)));
    println!(
        "{} threads, level {}, {}",
        rayon::current_num_threads(),
        options.level.level().name(),
        if options.undated { "undated".to_owned() } else { format!("{per_day} articles a day") },
    );
    println!(
        "{:>9} {:>7} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "articles", "MB", "insert", "families", "wall", "detector", "answering", "peak", "families"
    );
    println!(
        "{:>9} {:>7} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "", "µs CPU ea", "µs CPU ea", "s in all", "B each", "B each", "MB", ""
    );
    let runs = options.articles.iter().map(|&articles| run(articles, per_day, &options));
    let runs: BTreeMap<String, serde_json::Value> = runs.collect();
    println!("{}", json!(runs));
}

/// Measures one run; returns its figures under its number of articles.
fn run(articles: usize, per_day: usize, options: &Options) -> (String, serde_json::Value) {
    forget_peak();
    let builder = Detector::builder().level(options.level.level());
    let mut detector = builder.build().expect("default settings");
    let mut stream = Stream::new(per_day).take(articles);
    let (mut insert, mut wall, mut bytes) = (0.0, 0.0, 0);
    loop {
        let texts: Vec<Text> = stream.by_ref().take(CHUNK).collect();
        if texts.is_empty() {
            break;
        }
        bytes += texts.iter().map(|text| text.text.len()).sum::<usize>();
        let article = |text| match options.undated {
            true => undated(text),
            false => Text::article(text),
        };
        let batch: Vec<Article<'_>> = texts.iter().map(article).collect();
        let start = Instant::now();
        let (seconds, done) = cpu_seconds(|| detector.insert_many(&batch));
        (insert, wall) = (insert + seconds, wall + start.elapsed().as_secs_f64());
        done.into_iter().for_each(|done| done.expect("a new article with words"));
    }
    let kept = detector.memory_usage();
    let start = Instant::now();
    let (grouping, families) = cpu_seconds(|| detector.families());
    wall += start.elapsed().as_secs_f64();
    let answering = detector.memory_usage();
    let peak = peak_memory();

    let each = |total: f64| total / articles as f64;
    println!(
        "{articles:>9} {:>7} {:>10.1} {:>10.1} {wall:>9.1} {:>9.0} {:>9.0} {:>9} {:>9}",
        bytes / 1_000_000,
        each(insert * 1e6),
        each(grouping * 1e6),
        each(kept as f64),
        each(answering as f64),
        peak.map_or("?".to_owned(), |peak| (peak / 1_000_000).to_string()),
        families.len(),
    );
    let figures = json!({
        "text_bytes": bytes,
        "insert_cpu_us_each": each(insert * 1e6),
        "families_cpu_us_each": each(grouping * 1e6),
        "wall_s": wall,
        "detector_bytes_each": each(kept as f64),
        "detector_with_index_bytes_each": each(answering as f64),
        "peak_rss_bytes": peak,
        "families": families.len(),
    });
    (articles.to_string(), figures)
}

fn undated(text: &Text) -> Article<'_> {
    Article::new(&text.id, &text.text)
}
