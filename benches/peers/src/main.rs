//! retold and other libraries at the same work: in turns, on one core, in processor time.
//!
//! ```text
//! cargo run --release --manifest-path benches/peers/Cargo.toml
//! … -- --articles 20000 --only copies
//! ```
//!
//! The last line is one JSON object, `{work: {library: median}}`.

use std::hint::black_box;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use peers::articles::{blends, bytes, first_bytes, read};
use peers::clock::on_one_core;
use peers::corpus::{Corpus, Text};
use peers::exact::{self, Likeness};
use peers::libraries::{self, PairOf, Sketcher, gaoya, probminhash, simdoc, txtfp};
use peers::race::{Results, Runner, race};
use rayon::ThreadPoolBuilder;
use retold::{Article, Level, Signature};

/// Bytes of text sketched in one round.
const SKETCHED: usize = 25_000_000;

/// Articles for exact comparison, and for the slow libraries.
const FEW: usize = 10_000;

/// Number of queries to an index.
const ASKED: usize = 20_000;

/// Pairs for the error of estimates, in each tenth of similarity.
const PAIRS_OF_A_TENTH: usize = 300;

/// Names of the libraries, and of the three uses of retold.
const RETOLD: &str = "retold";
const DETECTOR: &str = "retold detector";
const RETELLINGS: &str = "retold detector, default level";
const GAOYA: &str = "gaoya";
const GAOYA_BY_README: &str = "gaoya as its README does it";
/// Its index with another container of ids than its default.
const GAOYA_SMALL: &str = "gaoya SmallVec";
const TXTFP: &str = "txtfp";
const SIMDOC: &str = "find-simdoc 1 bit";
const SUPER: &str = "probminhash super, plain words";
const ONE_PERMUTATION: &str = "probminhash one-permutation, plain words";

/// Measures retold beside other libraries at the same work, on one core, in processor time.
#[derive(Parser)]
struct Options {
    /// How many articles are searched for copies and retellings
    #[arg(long, default_value_t = 100_000)]
    articles: usize,

    /// How often each library has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    /// Only these works
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Work>,

    /// Real articles to sketch as well, one JSON object with a `text` a line, gzipped; left out if
    /// not there
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/eval/allsides.jsonl.gz"))]
    file: PathBuf,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Work {
    /// A text in memory to its signature: 128 values of its three-word shingles
    Signature,
    /// A text to all that the detector keeps of it, beside a signature of gaoya
    Fingerprint,
    /// Signatures into an index, and found again; the same ones for all
    Lsh,
    /// How far estimates are from exact similarities, and which copies are found
    Accuracy,
    /// Texts to pairs of copies
    Copies,
    /// Texts to families at the default level, beside pairs of copies
    Retelling,
}

fn main() {
    let options = Options::parse();
    let alone = on_one_core();
    let pool = ThreadPoolBuilder::new().num_threads(1);
    pool.build_global().expect("no pool was made before");
    println!("{}, processor time", if alone { "One core" } else { "One thread" });
    let wanted = |work| options.only.is_empty() || options.only.contains(&work);
    let mut results = Results::default();
    let corpus = Corpus::new(options.articles.max(FEW));
    if wanted(Work::Signature) {
        signatures(&corpus, &options, &mut results);
    }
    if wanted(Work::Fingerprint) {
        fingerprints(&corpus, &options, &mut results);
    }
    if wanted(Work::Lsh) {
        indexes(&corpus, &options, &mut results);
    }
    if wanted(Work::Accuracy) {
        accuracy(&corpus, &mut results);
        copies_found(&corpus.texts[..FEW], &mut results);
    }
    if wanted(Work::Copies) {
        copies_by_all(&corpus.texts[..FEW], &options, &mut results);
    }
    let texts = &corpus.texts[..options.articles];
    let [copies, retelling] = [Work::Copies, Work::Retelling].map(wanted);
    if copies || retelling {
        copies_and_retellings(texts, copies, retelling, &options, &mut results);
    }
    println!("\n{}", results.json());
}

/// Looks for the most common Cyrillic letter, which looks like the Latin one.
fn is_cyrillic(text: &str) -> bool {
    text.contains('о')
}

/// The texts to sketch: kinds with a name and some megabytes of text.
fn kinds<'t>(corpus: &'t Corpus, real: &'t [String]) -> Vec<(&'static str, Vec<&'t str>)> {
    let latin = corpus.texts_that(|text| !is_cyrillic(text));
    let cyrillic = corpus.texts_that(is_cyrillic);
    let real: Vec<&str> = real.iter().map(String::as_str).collect();
    let kinds = [("", latin), ("other script", cyrillic), ("real articles", real)];
    let kinds = kinds.map(|(name, texts)| (name, first_bytes(&texts, SKETCHED)));
    kinds.into_iter().filter(|(_, texts)| !texts.is_empty()).collect()
}

fn real(options: &Options) -> Vec<String> {
    let texts = if options.file.exists() { read(&options.file) } else { Ok(Vec::new()) };
    texts.unwrap_or_else(|error| panic!("{}: {error}", options.file.display()))
}

fn signatures(corpus: &Corpus, options: &Options, results: &mut Results) {
    for (kind, texts) in kinds(corpus, &real(options)) {
        let runners = vec![
            sketching::<libraries::retold::Retold>(RETOLD, &texts),
            sketching::<gaoya::Gaoya>(GAOYA, &texts),
            sketching::<gaoya::ByReadme>(GAOYA_BY_README, &texts),
            sketching::<txtfp::Txtfp>(TXTFP, &texts),
            sketching::<simdoc::Simdoc>(SIMDOC, &texts),
            sketching::<probminhash::Super>(SUPER, &texts),
            sketching::<probminhash::OnePermutation>(ONE_PERMUTATION, &texts),
        ];
        let times = race(options.rounds, runners);
        rates_of_text(&format!("signature {kind}"), &texts, &times, results);
    }
}

fn fingerprints(corpus: &Corpus, options: &Options, results: &mut Results) {
    for (kind, texts) in kinds(corpus, &real(options)) {
        let fingerprint = || {
            libraries::retold::fingerprints(&texts);
        };
        let runners = vec![
            Runner::new("retold fingerprint", fingerprint),
            sketching::<gaoya::Gaoya>("gaoya signature", &texts),
            sketching::<gaoya::ByReadme>("gaoya signature as its README does it", &texts),
        ];
        let times = race(options.rounds, runners);
        rates_of_text(&format!("fingerprint {kind}"), &texts, &times, results);
    }
}

fn rates_of_text(work: &str, texts: &[&str], times: &[(&'static str, f64)], results: &mut Results) {
    results.rates(work.trim_end(), "mb_s", bytes(texts) as f64 / 1e6, times);
}

fn sketching<'t, S: Sketcher + Default>(name: &'static str, texts: &'t [&str]) -> Runner<'t> {
    Runner::new(name, || {
        let mut sketcher = S::default();
        texts.iter().for_each(|text| drop(black_box(sketcher.sketch(text))));
    })
}

fn indexes(corpus: &Corpus, options: &Options, results: &mut Results) {
    let mut sketcher = libraries::retold::Retold::default();
    let signatures = corpus.texts.iter().map(|text| sketcher.sketch(&text.text));
    let of_retold: Vec<Signature> = signatures.collect();
    let of_gaoya: Vec<Vec<u32>> = of_retold.iter().map(|s| s.lanes().to_vec()).collect();
    let of_txtfp: Vec<txtfp::Signature> = of_retold.iter().map(|s| txtfp::of(s.lanes())).collect();
    let count = of_retold.len() as f64;

    let runners = vec![
        Runner::new(RETOLD, || libraries::retold::indexed(&of_retold)),
        Runner::prepared(GAOYA, || of_gaoya.clone(), gaoya::indexed::<gaoya::HashSets>),
        Runner::prepared(GAOYA_SMALL, || of_gaoya.clone(), gaoya::indexed::<gaoya::Small>),
        Runner::prepared(TXTFP, || of_txtfp.clone(), txtfp::indexed),
    ];
    let times = race(options.rounds, runners);
    results.rates("lsh build one by one", "signatures_s", count, &times);
    let runners = vec![
        Runner::new(RETOLD, || libraries::retold::indexed_at_once(&of_retold)),
        Runner::prepared(GAOYA, || of_gaoya.clone(), gaoya::indexed_at_once::<gaoya::HashSets>),
        Runner::prepared(GAOYA_SMALL, || of_gaoya.clone(), gaoya::indexed_at_once::<gaoya::Small>),
        Runner::prepared(TXTFP, || of_txtfp.clone(), txtfp::indexed_at_once),
    ];
    let times = race(options.rounds, runners);
    results.rates("lsh build at once", "signatures_s", count, &times);

    let asked = of_retold.len().min(ASKED);
    let index = libraries::retold::indexed_at_once(&of_retold);
    let by_retold = || libraries::retold::found(&index, &of_retold[..asked]);
    let index = gaoya::indexed_at_once::<gaoya::HashSets>(of_gaoya.clone());
    let by_gaoya = || gaoya::found(&index, &of_gaoya[..asked]);
    let index = gaoya::indexed_at_once::<gaoya::Small>(of_gaoya.clone());
    let by_gaoya_small = || gaoya::found(&index, &of_gaoya[..asked]);
    let index = txtfp::indexed_at_once(of_txtfp.clone());
    let by_txtfp = || txtfp::found(&index, &of_txtfp[..asked]);
    let sorted = |mut pairs: Vec<PairOf>| {
        pairs.sort_unstable();
        pairs
    };
    let found = sorted(by_retold());
    assert_eq!(found, sorted(by_gaoya()), "one and the same pairs");
    assert_eq!(found, sorted(by_gaoya_small()), "one and the same pairs");
    assert_eq!(found, sorted(by_txtfp()), "one and the same pairs");
    let runners = vec![
        Runner::new(RETOLD, by_retold),
        Runner::new(GAOYA, by_gaoya),
        Runner::new(GAOYA_SMALL, by_gaoya_small),
        Runner::new(TXTFP, by_txtfp),
    ];
    let times = race(options.rounds, runners);
    results.rates("lsh query", "signatures_s", asked as f64, &times);
    println!("  All found the same {} pairs.", found.len());
}

fn accuracy(corpus: &Corpus, results: &mut Results) {
    let texts = corpus.texts_that(|text| !is_cyrillic(text));
    let mut tenths = [0; 10];
    let mut pairs: Vec<([String; 2], f64)> = Vec::new();
    for pair in blends(&texts, 30 * PAIRS_OF_A_TENTH) {
        let jaccard = exact::jaccard(&pair[0], &pair[1]);
        let tenth = &mut tenths[((jaccard * 10.0) as usize).min(9)];
        if *tenth < PAIRS_OF_A_TENTH {
            *tenth += 1;
            pairs.push((pair, jaccard));
        }
    }
    let variance = pairs.iter().map(|(_, jaccard)| jaccard * (1.0 - jaccard) / 128.0);
    let theory = (variance.sum::<f64>() / pairs.len() as f64).sqrt();
    let values = [
        (RETOLD, error::<libraries::retold::Retold>(&pairs)),
        (GAOYA, error::<gaoya::Gaoya>(&pairs)),
        (GAOYA_BY_README, error::<gaoya::ByReadme>(&pairs)),
        (TXTFP, error::<txtfp::Txtfp>(&pairs)),
        (SIMDOC, error::<simdoc::Simdoc>(&pairs)),
        (SUPER, error::<probminhash::Super>(&pairs)),
        (ONE_PERMUTATION, error::<probminhash::OnePermutation>(&pairs)),
        ("theory of 128 independent values", theory),
    ];
    results.table("accuracy of 128 values", "rmse", &values);
    println!("  On {} pairs; of each tenth of similarity {tenths:?}.", pairs.len());
}

/// The root mean square error of the estimated similarity.
fn error<S: Sketcher + Default>(pairs: &[([String; 2], f64)]) -> f64 {
    let mut sketcher = S::default();
    let squares = pairs.iter().map(|([left, right], jaccard)| {
        let (left, right) = (sketcher.sketch(left), sketcher.sketch(right));
        (sketcher.jaccard(&left, &right) - jaccard).powi(2)
    });
    (squares.sum::<f64>() / pairs.len() as f64).sqrt()
}

/// Recall and precision of each library on pairs that are copies.
fn copies_found(articles: &[Text], results: &mut Results) {
    let texts: Vec<&str> = articles.iter().map(|article| article.text.as_str()).collect();
    let articles: Vec<Article<'_>> = articles.iter().map(Text::article).collect();
    let exact = exact::pairs(&texts, 0.3);
    let by_detector = libraries::retold::pairs_by_detector(Level::Copy, &articles);
    let found = [
        (RETOLD, libraries::retold::pairs(&texts)),
        (GAOYA, gaoya::pairs(&texts)),
        (GAOYA_BY_README, gaoya::pairs_by_readme(&texts)),
        (TXTFP, txtfp::pairs(&texts)),
        (SIMDOC, simdoc::pairs(&texts)),
    ];
    let likeness = |pair: &PairOf| exact.get(pair).copied().unwrap_or_default();
    // The standard error at 0.5 is 0.044, so pairs on either side of the threshold cross it.
    let jaccard = |least: f64| move |likeness: Likeness| likeness.jaccard >= least;
    let contained = |likeness: Likeness| likeness.containment >= 0.6;
    let share = |pairs: &[PairOf], is: &dyn Fn(Likeness) -> bool| {
        pairs.iter().filter(|pair| is(likeness(pair))).count() as f64
    };
    let all: Vec<PairOf> = exact.keys().copied().collect();
    let recall =
        |pairs: &[PairOf], is: &dyn Fn(Likeness) -> bool| share(pairs, is) / share(&all, is);
    let precision =
        |pairs: &[PairOf], is: &dyn Fn(Likeness) -> bool| share(pairs, is) / pairs.len() as f64;
    let found: Vec<_> = found.iter().map(|(name, pairs)| (*name, pairs.as_slice())).collect();
    let by_detector = (DETECTOR, by_detector.as_slice());
    let all_ways = [found.as_slice(), &[by_detector]].concat();
    // A pair that reaches 0.5 shares two thirds of the shorter text, so it is a copy for the detector too.
    let values = all_ways.iter().map(|(name, pairs)| (*name, recall(pairs, &jaccard(0.5))));
    results.table("copies recall of jaccard .5", "share", &values.collect::<Vec<_>>());
    let values = found.iter().map(|(name, pairs)| (*name, precision(pairs, &jaccard(0.5))));
    let of_detector = ("retold detector, containment .6", precision(by_detector.1, &contained));
    let values: Vec<_> = values.chain([of_detector]).collect();
    results.table("copies precision at jaccard .5", "share", &values);
    println!("  {} pairs of {} articles reach .5.", share(&all, &jaccard(0.5)), texts.len());
}

fn copies_by_all(articles: &[Text], options: &Options, results: &mut Results) {
    let texts: Vec<&str> = articles.iter().map(|article| article.text.as_str()).collect();
    let runners = vec![
        Runner::new(RETOLD, || libraries::retold::pairs(&texts)),
        Runner::new(GAOYA, || gaoya::pairs(&texts)),
        Runner::new(GAOYA_BY_README, || gaoya::pairs_by_readme(&texts)),
        Runner::new(TXTFP, || txtfp::pairs(&texts)),
        Runner::new(SIMDOC, || simdoc::pairs(&texts)),
    ];
    let times = race(options.rounds, runners);
    results.table(&format!("copies of {}", articles.len()), "cpu_s", &times);
}

fn copies_and_retellings(
    articles: &[Text],
    copies: bool,
    retelling: bool,
    options: &Options,
    results: &mut Results,
) {
    let texts: Vec<&str> = articles.iter().map(|article| article.text.as_str()).collect();
    let articles: Vec<Article<'_>> = articles.iter().map(Text::article).collect();
    let families = |level| libraries::retold::families(level, &articles);
    let mut runners = vec![
        Runner::new(GAOYA, || gaoya::pairs(&texts)),
        Runner::new(GAOYA_BY_README, || gaoya::pairs_by_readme(&texts)),
    ];
    if copies {
        runners.push(Runner::new(RETOLD, || libraries::retold::pairs(&texts)));
        runners.push(Runner::new(DETECTOR, || families(Level::Copy)));
        runners.push(Runner::new(TXTFP, || txtfp::pairs(&texts)));
    }
    if retelling {
        runners.push(Runner::new(RETELLINGS, || families(Level::Retelling)));
    }
    let times = race(options.rounds, runners);
    let of = |wanted: &'static str| times.iter().copied().filter(move |(name, _)| *name == wanted);
    let count = texts.len();
    if copies {
        let times = [RETOLD, DETECTOR, GAOYA, GAOYA_BY_README, TXTFP].into_iter().flat_map(of);
        results.table(&format!("copies of {count}"), "cpu_s", &times.collect::<Vec<_>>());
    }
    if retelling {
        let beside = [
            (GAOYA, "gaoya, copies alone"),
            (GAOYA_BY_README, "gaoya as its README does it, copies alone"),
        ];
        let beside =
            beside.into_iter().flat_map(|(name, here)| of(name).map(move |(_, time)| (here, time)));
        let times: Vec<_> = of(RETELLINGS).chain(beside).collect();
        results.table(&format!("retelling of {count}"), "cpu_s", &times);
    }
    println!("  {:.0} MB of text.", bytes(&texts) as f64 / 1e6);
}
