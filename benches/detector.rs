//! The time of the detector: comparing two texts, inserting articles, grouping and finding them.
//!
//! ```text
//! cargo bench --bench detector                 # all groups
//! cargo bench --bench detector -- families/    # one group
//! ```
//!
//! * `compare`: [`retold::compare`] on pairs of texts, per byte of both.
//! * `insert`: articles one by one and many in one call, per byte.
//! * `families`: all articles, on the first call, which builds the index, and on a later one.
//! * `query`: one article after the other, on a finished index.
//!
//! `insert/many` and `families` run on all cores; with `--no-default-features` on one.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use criterion::BatchSize::PerIteration;
use criterion::Throughput::Elements;
use criterion::{Criterion, criterion_group, criterion_main};
use retold::{Article, Detector, compare};

use common::corpus::Corpus;
use common::{bytes, each, group, settings};

mod common;

const ARTICLES: usize = 5000;

/// Number of compared pairs of texts, and of queries.
const ASKED: usize = 50;

fn comparison(criterion: &mut Criterion) {
    let corpus = Corpus::new(1000);
    let unrelated: Vec<[usize; 2]> = (0..ASKED).map(|at| [at, at + 500]).collect();
    let kinds = [
        ("near-duplicates", &corpus.copies),
        ("retellings", &corpus.retellings),
        ("unrelated", &unrelated),
    ];
    let mut group = group(criterion, "compare");
    for (name, pairs) in kinds {
        let text = |at: usize| corpus.texts[at].text.as_str();
        let pairs: Vec<_> = pairs.iter().take(ASKED).map(|pair| pair.map(text)).collect();
        let bytes = bytes(pairs.as_flattened());
        each(&mut group, name, bytes, &pairs, |[left, right]| compare(left, right));
    }
}

fn insert(criterion: &mut Criterion) {
    let corpus = Corpus::new(1000);
    let articles = corpus.articles();
    let mut group = group(criterion, "insert");
    group.throughput(bytes(&corpus.texts_that(|_| true)));
    group.bench_function("one by one", |bencher| {
        bencher.iter_with_large_drop(|| {
            let mut detector = Detector::new();
            articles.iter().for_each(|article| detector.insert(*article).unwrap());
            detector
        });
    });
    group.bench_function("many", |bencher| bencher.iter_with_large_drop(|| full(&articles)));
}

fn families(criterion: &mut Criterion) {
    let corpus = Corpus::new(ARTICLES);
    let detector = full(&corpus.articles());
    let mut group = group(criterion, "families");
    group.sample_size(10).throughput(Elements(ARTICLES as u64));
    group.bench_function("first", |bencher| {
        bencher.iter_batched_ref(|| detector.clone(), |fresh| fresh.families(), PerIteration);
    });
    // Builds the index.
    detector.families();
    group.bench_function("again", |bencher| bencher.iter(|| detector.families()));
}

fn query(criterion: &mut Criterion) {
    let corpus = Corpus::new(ARTICLES);
    let articles = corpus.articles();
    let (asked, rest) = articles.split_at(ASKED);
    let detector = full(rest);
    // Builds the index.
    detector.query(&asked[0]).unwrap();
    let mut group = group(criterion, "query");
    each(&mut group, "article", Elements(ASKED as u64), asked, |article| {
        detector.query(article).unwrap()
    });
}

fn full(articles: &[Article<'_>]) -> Detector {
    let mut detector = Detector::new();
    detector.insert_many(articles).into_iter().for_each(Result::unwrap);
    detector
}

criterion_group! {
    name = detector;
    config = settings();
    targets = comparison, insert, families, query
}
criterion_main!(detector);
