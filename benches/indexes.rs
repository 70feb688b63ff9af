//! The time to insert sketches into an index and to find them, per sketch.
//!
//! ```text
//! cargo bench --bench indexes                  # all groups
//! cargo bench --bench indexes -- lsh_query/    # one group
//! ```
//!
//! * `lsh_insert`: fill an [`LshIndex`] with 10 000 signatures, one by one or in one call.
//! * `lsh_query`: query some of them, for candidates or for verified matches.
//! * `lsh_pairs`: all pairs of the index, candidates or verified pairs.
//! * `simhash_insert`, `simhash_query`: the same for a [`SimHashIndex`]. Up to distance 3 it looks up
//!   each block of a hash as it is, up to 7 also with each of its bits flipped.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use criterion::Throughput::Elements;
use criterion::{Criterion, criterion_group, criterion_main};
use retold::{
    LshBands, LshIndex, LshWeights, MinHasher, Shingler, Signature, SimHash, SimHashIndex, Words,
};

use common::corpus::Corpus;
use common::{each, group, settings};

mod common;

const ARTICLES: usize = 10_000;

/// Number of queries.
const ASKED: usize = 200;

fn lsh(criterion: &mut Criterion) {
    let (hasher, shingler) = (MinHasher::default(), Shingler::words(3).unwrap());
    let signatures = sketches(|words| hasher.text(shingler, words));
    let bands = LshBands::for_threshold(0.5, 128, LshWeights::default()).unwrap();
    let new = || LshIndex::new(bands.bands(), bands.rows()).unwrap();
    let one_by_one = || {
        let mut index = new();
        (0..).zip(&signatures).for_each(|(id, signature)| index.insert(id, signature).unwrap());
        index
    };
    let at_once = || {
        let mut index = new();
        index.insert_many((0..).zip(&signatures)).unwrap();
        index
    };
    insertion(criterion, "lsh_insert", one_by_one, at_once);

    let (index, asked) = (at_once(), &signatures[ARTICLES - ASKED..]);
    let mut queries = group(criterion, "lsh_query");
    let candidates = |signature: &Signature| index.candidates(signature).unwrap();
    each(&mut queries, "candidates", Elements(ASKED as u64), asked, candidates);
    let verified = |signature: &Signature| index.query(signature, 0.5).unwrap();
    each(&mut queries, "verified", Elements(ASKED as u64), asked, verified);
    drop(queries);

    let mut pairs = group(criterion, "lsh_pairs");
    pairs.throughput(Elements(ARTICLES as u64));
    pairs.bench_function("candidates", |bencher| bencher.iter(|| index.candidate_pairs()));
    pairs.bench_function("verified", |bencher| bencher.iter(|| index.pairs(0.5).unwrap()));
}

fn simhash(criterion: &mut Criterion) {
    let shingler = Shingler::words(1).unwrap();
    let hashes = sketches(|words| SimHash::of_text(shingler, words));
    let documents = || (0..).zip(hashes.iter().copied());
    let one_by_one = || {
        let mut index = SimHashIndex::new();
        documents().for_each(|(id, hash)| index.insert(id, hash).unwrap());
        index
    };
    let at_once = || {
        let mut index = SimHashIndex::new();
        index.insert_many(documents()).unwrap();
        index
    };
    insertion(criterion, "simhash_insert", one_by_one, at_once);

    let (index, asked) = (at_once(), &hashes[ARTICLES - ASKED..]);
    let mut group = group(criterion, "simhash_query");
    for distance in [3, 7] {
        let within = |hash: &SimHash| index.within(*hash, distance).unwrap();
        let name = format!("within {distance}");
        each(&mut group, &name, Elements(ASKED as u64), asked, within);
    }
}

fn sketches<S>(sketch: impl Fn(&Words) -> S) -> Vec<S> {
    let texts = Corpus::new(ARTICLES).texts;
    texts.iter().map(|text| sketch(&Words::new(&text.text))).collect()
}

/// Measures how an index is filled, without the time to drop it.
fn insertion<I>(
    criterion: &mut Criterion,
    name: &str,
    one_by_one: impl Fn() -> I,
    at_once: impl Fn() -> I,
) {
    let mut group = group(criterion, name);
    group.throughput(Elements(ARTICLES as u64));
    group.bench_function("one by one", |bencher| bencher.iter_with_large_drop(&one_by_one));
    group.bench_function("at once", |bencher| bencher.iter_with_large_drop(&at_once));
}

criterion_group! {
    name = indexes;
    config = settings();
    targets = lsh, simhash
}
criterion_main!(indexes);
