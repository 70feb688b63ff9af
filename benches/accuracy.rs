//! The error of sketches and the recall of the index: two reports, not times.
//!
//! ```text
//! cargo bench --bench accuracy
//! ```
//!
//! * **Estimates**: the error of MinHash and of bottom-k samples against exact Jaccard, by tenth of
//!   Jaccard, beside `√(j(1−j)/k)`, the standard error of `k` independent hash functions.
//! * **Recall**: the share of pairs that share a band of an [`LshIndex`], beside
//!   [`LshBands::candidate_probability`], and the number of candidates of a document.
//!
//! The pairs are near-duplicates and retellings from the generated corpus, and mixtures of two articles
//! in all proportions. Each report is also drawn into `target/criterion/accuracy`.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a benchmark")]

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use retold::{BottomK, LshBands, LshIndex, LshWeights, MinHasher, Shingler, Signature, Words};

use common::corpus::Corpus;

mod common;

const ARTICLES: usize = 4000;

/// Number of mixtures, at even steps over all proportions.
const MIXTURES: usize = 12_000;

/// Values in a bottom-k sample.
const SAMPLE: usize = 128;

const TENTHS: usize = 10;

/// Two sorted sets of shingle hashes.
struct Pair {
    sets: [Vec<u64>; 2],
    jaccard: f64,
}

impl Pair {
    fn new(left: Vec<u64>, right: Vec<u64>) -> Self {
        let shared = left.iter().filter(|hash| right.binary_search(hash).is_ok()).count();
        let jaccard = shared as f64 / (left.len() + right.len() - shared).max(1) as f64;
        Pair { sets: [left, right], jaccard }
    }

    fn tenth(&self) -> usize {
        ((self.jaccard * TENTHS as f64) as usize).min(TENTHS - 1)
    }
}

fn main() {
    // `cargo test --benches` only checks that it runs.
    let (articles, mixtures) =
        if env::args().any(|arg| arg == "--bench") { (ARTICLES, MIXTURES) } else { (200, 400) };
    let corpus = Corpus::new(articles);
    let shingler = Shingler::words(3).unwrap();
    let set = |text: &str| {
        let mut hashes = Vec::new();
        shingler.hashes_into(&Words::new(text), &mut hashes);
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    };
    let sets: Vec<Vec<u64>> = corpus.texts.iter().map(|text| set(&text.text)).collect();
    let of_corpus = corpus.copies.iter().chain(&corpus.retellings);
    let mut pairs: Vec<Pair> =
        of_corpus.map(|&[a, b]| Pair::new(sets[a].clone(), sets[b].clone())).collect();
    pairs.extend((0..mixtures).map(|number| mixture(&sets, number, mixtures)));

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/criterion/accuracy");
    fs::create_dir_all(&folder).unwrap();
    estimates(&pairs, &folder);
    recall(&pairs, &sets, &folder);
    println!("drawn in {}", folder.display());
}

/// An article, and the same article with some of its shingles replaced by those of another.
fn mixture(sets: &[Vec<u64>], number: usize, count: usize) -> Pair {
    let (left, other) = (&sets[number % sets.len()], &sets[(number * 7 + 1) % sets.len()]);
    // Two sets of one size with Jaccard j share 2j/(1+j) of each.
    let jaccard = (number as f64 + 0.5) / count as f64;
    let keep = (2.0 * jaccard / (1.0 + jaccard) * left.len() as f64).round() as usize;
    // An order that no sketch uses: taking the least hashes would favour bottom-k samples.
    let shuffled = |set: &[u64]| {
        let mut set = set.to_vec();
        set.sort_unstable_by_key(|hash| retold::hash::bytes(&hash.to_le_bytes()));
        set
    };
    let mut right = shuffled(left)[..keep].to_vec();
    right.extend(shuffled(other).iter().take(left.len() - keep));
    right.sort_unstable();
    right.dedup();
    Pair::new(left.clone(), right)
}

/// The errors of an estimator, summed up.
#[derive(Default, Clone, Copy)]
struct Errors {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.count += 1.0;
        self.sum += error;
        self.squares += error * error;
    }

    fn rmse(&self) -> f64 {
        (self.squares / self.count).sqrt()
    }

    fn bias(&self) -> f64 {
        self.sum / self.count
    }
}

fn estimates(pairs: &[Pair], folder: &Path) {
    let minhash = |lanes| {
        let hasher = MinHasher::new(lanes, 1).unwrap();
        move |pair: &Pair| {
            let [left, right] = pair.sets.each_ref().map(|set| hasher.hashes(set));
            left.jaccard(&right).unwrap()
        }
    };
    let sample = |pair: &Pair| {
        let [left, right] = pair.sets.each_ref().map(|set| BottomK::of_hashes(SAMPLE, set));
        left.overlap(&right).jaccard()
    };
    type Estimate<'a> = Box<dyn Fn(&Pair) -> f64 + 'a>;
    let sketches: [(&str, Estimate); 4] = [
        ("MinHash 64", Box::new(minhash(64))),
        ("MinHash 128", Box::new(minhash(128))),
        ("MinHash 256", Box::new(minhash(256))),
        ("bottom-k 128", Box::new(sample)),
    ];
    println!(
        "Error of estimates of Jaccard, {} pairs: of all, and by tenth of Jaccard",
        pairs.len()
    );
    for (name, estimate) in sketches {
        let lanes: f64 = name.rsplit(' ').next().unwrap().parse().unwrap();
        let (mut all, mut theory_all) = (Errors::default(), Errors::default());
        let mut tenths = [(Errors::default(), Errors::default()); TENTHS];
        for pair in pairs {
            let error = estimate(pair) - pair.jaccard;
            let theory = (pair.jaccard * (1.0 - pair.jaccard) / lanes).sqrt();
            let (measured, expected) = &mut tenths[pair.tenth()];
            all.add(error);
            measured.add(error);
            theory_all.add(theory);
            expected.add(theory);
        }
        println!(
            "{name:>14} rmse {:.4}, bias {:+.4}, theory {:.4}",
            all.rmse(),
            all.bias(),
            theory_all.rmse()
        );
        let columns =
            |of: &dyn Fn(&(Errors, Errors)) -> f64| -> Vec<f64> { tenths.iter().map(of).collect() };
        let (measured, theory) = (columns(&|both| both.0.rmse()), columns(&|both| both.1.rmse()));
        row("rmse", &measured);
        row("theory", &theory);
        row("bias", &columns(&|both| both.0.bias()));
        let file = format!("{}.svg", name.replace(' ', "-"));
        let title = format!("{name}: root mean square error by Jaccard");
        fs::write(folder.join(file), plot(&title, &measured, &theory)).unwrap();
    }
}

fn recall(pairs: &[Pair], sets: &[Vec<u64>], folder: &Path) {
    let hasher = MinHasher::default();
    let bands = LshBands::for_threshold(0.5, 128, LshWeights::default()).unwrap();
    let mut found = [(0.0, 0.0, 0.0); TENTHS];
    for pair in pairs {
        let [left, right] = pair.sets.each_ref().map(|set| hasher.hashes(set));
        let mut index = LshIndex::new(bands.bands(), bands.rows()).unwrap();
        index.insert(0, &left).unwrap();
        let (count, measured, theory) = &mut found[pair.tenth()];
        *count += 1.0;
        *measured += index.candidates(&right).unwrap().len() as f64;
        *theory += bands.candidate_probability(pair.jaccard);
    }
    println!("\nRecall of {} bands of {} lanes, by tenth of Jaccard", bands.bands(), bands.rows());
    let measured: Vec<f64> = found.iter().map(|(count, measured, _)| measured / count).collect();
    let theory: Vec<f64> = found.iter().map(|(count, _, theory)| theory / count).collect();
    row("recall", &measured);
    row("theory", &theory);
    let title = format!("Recall of {} bands of {} lanes by Jaccard", bands.bands(), bands.rows());
    fs::write(folder.join("recall.svg"), plot(&title, &measured, &theory)).unwrap();

    let signatures: Vec<Signature> = sets.iter().map(|set| hasher.hashes(set)).collect();
    let mut index = LshIndex::new(bands.bands(), bands.rows()).unwrap();
    index.insert_many((0..).zip(&signatures)).unwrap();
    let mut candidates: HashMap<u32, usize> = HashMap::new();
    let pairs = index.candidate_pairs();
    for &(left, right) in &pairs {
        for id in [left, right] {
            *candidates.entry(id).or_default() += 1;
        }
    }
    let most = candidates.values().max().copied().unwrap_or_default();
    let mean = 2.0 * pairs.len() as f64 / sets.len() as f64;
    println!("candidates a document, of {}: {mean:.2} on average, {most} at most", sets.len());
}

fn row(name: &str, values: &[f64]) {
    let values: String = values.iter().fold(String::new(), |mut row, value| {
        write!(row, " {value:>7.4}").unwrap();
        row
    });
    println!("{name:>14} {values}");
}

/// Two curves over the tenths of Jaccard: measured, and expected by theory (dashed).
fn plot(title: &str, measured: &[f64], theory: &[f64]) -> String {
    const SIZE: [f64; 2] = [640.0, 400.0];
    const MARGIN: f64 = 50.0;
    let top = measured.iter().chain(theory).copied().fold(0.0, f64::max);
    let [x, y] = [
        |share: f64| MARGIN + share * (SIZE[0] - 2.0 * MARGIN),
        |share: f64| SIZE[1] - MARGIN - share * (SIZE[1] - 2.0 * MARGIN),
    ];
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<text x=\"{MARGIN}\" y=\"25\" font-size=\"15\">{title}</text>\n",
        SIZE[0], SIZE[1]
    );
    for tick in 0..=5 {
        let share = f64::from(tick) / 5.0;
        let (at, value) = (y(share), share * top);
        writeln!(svg, "<path d=\"M{} {at}H{}\" stroke=\"#ddd\"/>", x(0.0), x(1.0)).unwrap();
        writeln!(svg, "<text x=\"8\" y=\"{at}\">{value:.3}</text>").unwrap();
        let (at, below) = (x(share), SIZE[1] - MARGIN + 20.0);
        writeln!(svg, "<text x=\"{at}\" y=\"{below}\">{share:.1}</text>").unwrap();
    }
    for (name, style, values, place) in [
        ("measured", "stroke=\"#06c\"", measured, 0.6),
        ("theory", "stroke=\"#c30\" stroke-dasharray=\"6 4\"", theory, 0.8),
    ] {
        let points: String =
            values.iter().enumerate().fold(String::new(), |mut points, (at, value)| {
                let middle = (at as f64 + 0.5) / TENTHS as f64;
                write!(points, "{:.1},{:.1} ", x(middle), y(value / top)).unwrap();
                points
            });
        writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke-width=\"2\" {style}/>")
            .unwrap();
        writeln!(svg, "<text x=\"{}\" y=\"42\" {style}>{name}</text>", x(place)).unwrap();
    }
    svg + "</svg>\n"
}
