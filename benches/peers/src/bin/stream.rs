//! Time and space of a long-running archive: inserts, placements, reopening, readers, years.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml --bin stream -- fill
//! … --bin stream -- fill --articles 1000000 --folder /tmp/million
//! … --bin stream -- place --articles 1000000 --folder /tmp/million
//! … --bin stream -- reopen --articles 1000000 --folder /tmp/million
//! … --bin stream -- readers --articles 1000000 --folder /tmp/million
//! … --bin stream -- months --months 24 --per-day 5000
//! ```
//!
//! Each command but `months` works on an archive of generated articles at the level of retellings. It uses
//! the archive that an earlier run left in the folder, or makes one. The last line is one JSON object.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use cpu_time::ThreadTime;
use peers::clock::{cpu_seconds, forget_peak, on_one_core, peak_memory};
use peers::corpus::{Stream, Text, calendar};
use peers::groupings::{Listener, agreement};
use retold::{Archive, ArchiveReader, Date, Detector, Family, FamilyEvent};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Articles in a commit.
const COMMITTED: usize = 1000;

/// Commits between two moments at which an archive seals its newest segment, rounded up.
const SEALED: usize = 9;

/// Arriving articles that are placed one by one.
const ARRIVING: usize = 10_000;

/// Number of readers, length of a turn, and number of turns with a writer and without.
const READERS: usize = 4;
const TURN: Duration = Duration::from_secs(4);
const TURNS: usize = 5;

/// Measures an archive on made-up articles.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Durable inserts on one core, disk and memory an article
    Fill(Where),
    /// Placing one arriving article after the other, without a commit
    Place(Where),
    /// Opening the archive, and a reader of it
    Reopen(Where),
    /// Readers with a writer beside them and without, in turns
    Readers(Where),
    /// A stream of months: memory, disk, families
    Months(Months),
}

#[derive(Args)]
struct Where {
    /// How many articles the archive has
    #[arg(long, default_value_t = 100_000)]
    articles: usize,

    /// How many days its window has; as many articles a day fill it
    #[arg(long, default_value_t = 7)]
    window_days: u32,

    /// Where it is kept [default: a folder for this run only]
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Args)]
struct Months {
    /// How many months of 30 days
    #[arg(long, default_value_t = 24)]
    months: usize,

    /// How many articles a day
    #[arg(long, default_value_t = 5000)]
    per_day: usize,

    /// How many days the window has
    #[arg(long, default_value_t = 14)]
    window_days: u32,
}

fn main() {
    let figures = match Options::parse().command {
        Command::Fill(place) => fill(&place),
        Command::Place(place) => arriving(&place),
        Command::Reopen(place) => reopen(&place),
        Command::Readers(place) => readers(&place),
        Command::Months(options) => months(&options),
    };
    println!("{figures}");
}

/// The folder of an archive; a temporary one is deleted at the end of the run.
enum Home {
    Given(PathBuf),
    Temporary(TempDir),
}

impl Home {
    fn path(&self) -> &Path {
        match self {
            Home::Given(path) => path,
            Home::Temporary(folder) => folder.path(),
        }
    }
}

impl Where {
    fn home(&self) -> Home {
        match &self.folder {
            Some(path) => Home::Given(path.clone()),
            None => Home::Temporary(tempfile::tempdir().expect("a folder for temporary files")),
        }
    }

    fn arrivals(&self) -> Arrivals {
        Arrivals::new(self.articles.div_ceil(self.window_days as usize).max(1))
    }

    /// The filled archive, and the articles that follow.
    fn filled(&self, home: &Home) -> (Archive, Arrivals) {
        let mut archive = self.open(home.path());
        let mut stream = self.arrivals();
        if archive.is_empty() {
            println!("making an archive of {} articles", self.articles);
            put_in(&mut archive, &mut stream, self.articles, |_, _| {});
        } else {
            assert_eq!(archive.len(), self.articles, "an archive of another run");
            stream.nth(self.articles - 1);
        }
        (archive, stream)
    }

    fn open(&self, folder: &Path) -> Archive {
        Archive::builder().window_days(self.window_days).open(folder).expect("an archive")
    }
}

/// The articles of the benchmarks as they arrive, each dated by its day of arrival, so that no copy of a
/// copy has a later date than the news around it.
struct Arrivals {
    stream: Stream,
    calendar: Vec<Date>,
    per_day: usize,
    number: usize,
}

impl Arrivals {
    fn new(per_day: usize) -> Self {
        Arrivals { stream: Stream::new(per_day), calendar: calendar(), per_day, number: 0 }
    }
}

impl Iterator for Arrivals {
    type Item = Text;

    fn next(&mut self) -> Option<Text> {
        let date = self.calendar[(self.number / self.per_day).min(self.calendar.len() - 1)];
        self.number += 1;
        self.stream.next().map(|text| Text { date, ..text })
    }
}

/// Inserts the next articles in commits; after each, passes the archive and the commit's wall and CPU time to
/// `each`.
fn put_in(
    archive: &mut Archive,
    stream: &mut Arrivals,
    articles: usize,
    mut each: impl FnMut(&Archive, [f64; 2]),
) {
    let mut left = articles;
    while left > 0 {
        let texts: Vec<Text> = stream.take(left.min(COMMITTED)).collect();
        left -= texts.len();
        let start = Instant::now();
        let (cpu, ()) = cpu_seconds(|| {
            for text in &texts {
                archive.insert(text.article()).expect("a new article with words");
            }
            archive.commit().expect("room on the disk");
        });
        each(archive, [start.elapsed().as_secs_f64(), cpu]);
    }
}

fn fill(place: &Where) -> Value {
    let home = place.home();
    let mut archive = place.open(home.path());
    assert!(archive.is_empty(), "an archive that is filled already");
    let is_one_core = on_one_core();
    forget_peak();
    let mut turns: Vec<[f64; 2]> = Vec::new();
    let mut memory: Vec<f64> = Vec::new();
    put_in(&mut archive, &mut place.arrivals(), place.articles, |archive, times| {
        turns.push(times);
        memory.push(archive.memory_usage() as f64 / archive.len() as f64);
    });
    // The newest segment is on the heap until it is sealed, so the memory rises and falls.
    let memory = &memory[memory.len() - memory.len().div_ceil(10).max(SEALED).min(memory.len())..];
    let mean_memory = memory.iter().sum::<f64>() / memory.len() as f64;
    let most_memory = memory.iter().copied().fold(0.0, f64::max);
    let total = |turns: &[[f64; 2]], which: usize| turns.iter().map(|t| t[which]).sum::<f64>();
    let last = &turns[turns.len() - turns.len().div_ceil(10)..];
    let rate = |turns: &[[f64; 2]], which| (turns.len() * COMMITTED) as f64 / total(turns, which);
    let mut slowest: Vec<f64> = turns.iter().map(|turn| turn[0]).collect();
    slowest.sort_by(f64::total_cmp);
    let each = |bytes: u64| bytes as f64 / archive.len() as f64;
    println!("{} articles in commits of {COMMITTED}, one core: {is_one_core}", place.articles);
    println!("{:>28} {:>10} {:>10}", "articles/s", "wall", "CPU");
    println!("{:>28} {:>10.0} {:>10.0}", "of all", rate(&turns, 0), rate(&turns, 1));
    println!("{:>28} {:>10.0} {:>10.0}", "of the last tenth", rate(last, 0), rate(last, 1));
    println!("{:>28} {:>10.3}", "slowest commit, s", slowest.last().copied().unwrap_or(0.0));
    println!("{:>28} {:>10.0}", "disk, B an article", each(archive.disk_usage()));
    println!("{:>28} {mean_memory:>10.0} {most_memory:>10.0}", "memory, B an article: mean, most");
    json!({
        "articles": place.articles,
        "inserts_per_s": rate(&turns, 0),
        "inserts_per_cpu_s": rate(&turns, 1),
        "last_tenth_per_s": rate(last, 0),
        "last_tenth_per_cpu_s": rate(last, 1),
        "slowest_commit_s": slowest.last(),
        "disk_bytes_each": each(archive.disk_usage()),
        "memory_bytes_each": mean_memory,
        "most_memory_bytes_each": most_memory,
        "peak_rss_bytes": peak_memory(),
    })
}

fn arriving(place: &Where) -> Value {
    let home = place.home();
    let (mut archive, stream) = place.filled(&home);
    on_one_core();
    // On one core a merge in the background, or another program, takes the core from a placing for some
    // milliseconds, so the wall time alone says little about the slowest ones.
    let mut times = [Vec::with_capacity(ARRIVING), Vec::with_capacity(ARRIVING)];
    let mut matched = 0;
    for text in stream.take(ARRIVING) {
        let (start, start_cpu) = (Instant::now(), ThreadTime::now());
        let placed = archive.insert(text.article()).expect("a new article with words");
        let (cpu, wall) = (start_cpu.elapsed(), start.elapsed());
        times[0].push(wall.as_secs_f64() * 1e3);
        times[1].push(cpu.as_secs_f64() * 1e3);
        matched += usize::from(!placed.matches.is_empty());
    }
    let [wall, cpu] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        [0.5, 0.9, 0.99, 1.0].map(|share| times[((times.len() - 1) as f64 * share) as usize])
    });
    println!("{ARRIVING} arriving beside {}, {matched} with a match; ms", place.articles);
    println!("{:>8} {:>8} {:>8} {:>8} {:>8}", "", "p50", "p90", "p99", "most");
    for (name, [p50, p90, p99, most]) in [("wall", wall), ("CPU", cpu)] {
        println!("{name:>8} {p50:>8.3} {p90:>8.3} {p99:>8.3} {most:>8.3}");
    }
    json!({
        "articles": place.articles,
        "p50_ms": wall[0],
        "p90_ms": wall[1],
        "p99_ms": wall[2],
        "most_ms": wall[3],
        "cpu_p50_ms": cpu[0],
        "cpu_p90_ms": cpu[1],
        "cpu_p99_ms": cpu[2],
        "cpu_most_ms": cpu[3],
        "matched": matched,
    })
}

fn reopen(place: &Where) -> Value {
    let home = place.home();
    drop(place.filled(&home));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        let start = Instant::now();
        let archive = Archive::open(home.path()).expect("the archive");
        times[0].push(start.elapsed().as_secs_f64());
        drop(archive);
        let start = Instant::now();
        let reader = ArchiveReader::open(home.path()).expect("the archive");
        times[1].push(start.elapsed().as_secs_f64());
        assert_eq!(reader.len(), place.articles);
    }
    let [archive, reader] = times.map(median);
    println!("opening {} articles: {archive:.2} s, a reader {reader:.2} s", place.articles);
    json!({ "articles": place.articles, "open_s": archive, "open_reader_s": reader })
}

fn readers(place: &Where) -> Value {
    let home = place.home();
    let (mut archive, mut stream) = place.filled(&home);
    let asked: Vec<Text> = stream.by_ref().take(ARRIVING).collect();
    let mut reader = ArchiveReader::open(home.path()).expect("the archive");
    let (mut with, mut without, mut refreshing) = (Vec::new(), Vec::new(), Vec::new());
    let mut written = 0;
    for _ in 0..TURNS {
        without.push(turn(&reader, &asked, || thread::sleep(TURN)));
        with.push(turn(&reader, &asked, || {
            let start = Instant::now();
            while start.elapsed() < TURN {
                put_in(&mut archive, &mut stream, COMMITTED, |_, _| written += COMMITTED);
            }
        }));
        let start = Instant::now();
        assert!(reader.refresh().expect("the archive"), "there were commits");
        refreshing.push(start.elapsed().as_secs_f64());
    }
    let [with, without, refreshing] = [with, without, refreshing].map(median);
    let lost = 1.0 - with / without;
    println!("{READERS} readers of {} articles, queries/s", place.articles);
    println!("{:>10} {:>14} {:>8} {:>12}", "no writer", "with a writer", "lost", "refresh, s");
    println!("{without:>10.0} {with:>14.0} {:>6.1} % {refreshing:>12.2}", lost * 100.0);
    json!({
        "articles": place.articles,
        "readers": READERS,
        "queries_per_s": without,
        "queries_beside_writer_per_s": with,
        "lost": lost,
        "refresh_s": refreshing,
        "written": written,
    })
}

/// Queries per second of all readers while `beside` runs.
fn turn(reader: &ArchiveReader, asked: &[Text], beside: impl FnOnce()) -> f64 {
    let (done, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for number in 0..READERS {
            let (reader, done, is_over) = (reader.clone(), &done, &is_over);
            scope.spawn(move || {
                for text in asked.iter().cycle().skip(number * asked.len() / READERS) {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    reader.query(&text.article()).expect("an article with words");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let start = Instant::now();
        beside();
        let rate = done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        rate
    })
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The state at the end of a month.
struct MonthEnd {
    articles: usize,
    families: usize,
    memory: usize,
    disk: u64,
    peak: Option<u64>,
}

fn months(options: &Months) -> Value {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let builder = Archive::builder().window_days(options.window_days);
    let mut archive = builder.open(folder.path()).expect("a new archive");
    let mut stream = Arrivals::new(options.per_day);
    let mut listener = Listener::default();
    // The articles that may be in the archive, and some more.
    let mut latest: VecDeque<Text> = VecDeque::new();
    let mut ends: Vec<MonthEnd> = Vec::new();
    let mut seconds = 0.0;
    println!(
        "{:>6} {:>9} {:>9} {:>8} {:>10} {:>10} {:>9} {:>9}",
        "month", "articles", "families", "memory", "disk", "peak", "events", "inserts/s"
    );
    for month in 1..=options.months {
        forget_peak();
        let before = seconds;
        for _ in 0..30 {
            for texts in day(&mut stream, options.per_day) {
                let start = Instant::now();
                let mut events: Vec<FamilyEvent> = Vec::new();
                for text in &texts {
                    let placed = archive.insert(text.article()).expect("a new article with words");
                    events.extend(placed.events);
                }
                archive.commit().expect("room on the disk");
                seconds += start.elapsed().as_secs_f64();
                for event in &events {
                    listener.hear(event).expect("an event that follows from those before");
                }
                latest.extend(texts);
            }
            let kept = (options.window_days as usize + 2) * options.per_day;
            latest.drain(..latest.len().saturating_sub(kept));
        }
        agrees(&listener, &archive);
        let end = MonthEnd {
            articles: archive.len(),
            families: archive.families().len(),
            memory: archive.memory_usage(),
            disk: archive.disk_usage(),
            peak: peak_memory(),
        };
        println!(
            "{month:>6} {:>9} {:>9} {:>8.1} {:>10.1} {:>10.1} {:>9} {:>9.0}",
            end.articles,
            end.families,
            end.memory as f64 / 1e6,
            end.disk as f64 / 1e6,
            end.peak.unwrap_or(0) as f64 / 1e6,
            listener.heard,
            (30 * options.per_day) as f64 / (seconds - before),
        );
        ends.push(end);
    }

    let of_archive = archive.families();
    drop(archive);
    assert_eq!(Archive::verify(folder.path()).expect("the archive"), []);
    let archive = Archive::open(folder.path()).expect("the archive");
    assert!(archive.families() == of_archive, "a reopened archive has the same families");
    let (batch, articles) = agreement_with_batch(&archive, &latest);
    println!("B-cubed F1 against a detector of the last {articles} articles: {batch:.4}");
    let growth = |of: &dyn Fn(&MonthEnd) -> f64| -> f64 {
        let most = ends.iter().skip(1).map(of).fold(0.0, f64::max);
        ends.get(1).map_or(1.0, |second| most / of(second))
    };
    let memory = growth(&|end| end.memory as f64);
    let disk = growth(&|end| end.disk as f64);
    println!("most after the second month: memory {memory:.3}, disk {disk:.3} of that month's");
    json!({
        "months": options.months,
        "per_day": options.per_day,
        "window_days": options.window_days,
        "inserts_per_s": (options.months * 30 * options.per_day) as f64 / seconds,
        "events": listener.heard,
        "memory_bytes": ends.iter().map(|end| end.memory).collect::<Vec<_>>(),
        "disk_bytes": ends.iter().map(|end| end.disk).collect::<Vec<_>>(),
        "articles": ends.iter().map(|end| end.articles).collect::<Vec<_>>(),
        "memory_growth": memory,
        "disk_growth": disk,
        "b_cubed_f1_against_batch": batch,
    })
}

/// The articles of a day in the groups that are committed.
fn day(stream: &mut Arrivals, per_day: usize) -> impl Iterator<Item = Vec<Text>> {
    let mut left = per_day;
    std::iter::from_fn(move || {
        let texts: Vec<Text> = stream.take(left.min(COMMITTED)).collect();
        left -= texts.len();
        (!texts.is_empty()).then_some(texts)
    })
}

/// Asserts that a listener to all events knows each article's family.
fn agrees(listener: &Listener, archive: &Archive) {
    let mut grouped = 0;
    for id in archive.ids() {
        let family = archive.family_of(id);
        assert_eq!(listener.family_of(id), family, "{id}");
        grouped += usize::from(family.is_some());
    }
    assert_eq!(listener.grouped(), grouped, "of articles that are not in nothing is known");
}

/// The agreement of an archive with a detector of the same articles, and their number.
fn agreement_with_batch(archive: &Archive, latest: &VecDeque<Text>) -> (f64, usize) {
    let texts: Vec<&Text> = latest.iter().filter(|text| archive.contains(&text.id)).collect();
    assert_eq!(texts.len(), archive.len(), "the texts of all that is in are there");
    let mut detector = Detector::new();
    let articles: Vec<_> = texts.iter().map(|text| text.article()).collect();
    let done = detector.insert_many(&articles);
    done.into_iter().for_each(|done| done.expect("a new article with words"));
    let families = detector.families();
    let mut group_of = std::collections::HashMap::new();
    for (number, family) in families.iter().enumerate() {
        let ids = Family::members(family).iter().map(|member| member.id().to_owned());
        group_of.extend(ids.map(|id| (id, number as u64)));
    }
    let of_archive: Vec<Option<u64>> =
        texts.iter().map(|text| archive.family_of(&text.id).map(|id| id.number())).collect();
    let at_once: Vec<Option<u64>> =
        texts.iter().map(|text| group_of.get(&text.id).copied()).collect();
    (agreement(&of_archive, &at_once), texts.len())
}
