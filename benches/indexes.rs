//! What it costs to put sketches into an index and to find them again, in sketches.
//!
//! ```text
//! cargo bench --bench indexes                  # all of them
//! cargo bench --bench indexes -- lsh_query/    # one group
//! ```
//!
//! * `lsh_insert`: an [`LshIndex`] is filled with 10 000 signatures.
//! * `lsh_query`: some of them are asked for, only the candidates or with their similarity.
//! * `simhash_insert`, `simhash_query`: the same for a [`SimHashIndex`]. Up to 3 bits it looks up
//!   each block of a hash as it is, up to 7 also with each bit of it flipped.

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

/// How many are asked for.
const ASKED: usize = 200;

fn lsh(criterion: &mut Criterion) {
    let (hasher, shingler) = (MinHasher::default(), Shingler::words(3).unwrap());
    let signatures = sketches(|words| hasher.text(shingler, words));
    let bands = LshBands::for_threshold(0.5, 128, LshWeights::default()).unwrap();
    let fill = || {
        let mut index = LshIndex::new(bands.bands(), bands.rows()).unwrap();
        fill(&signatures, |id, signature| index.insert(id, signature).unwrap());
        index
    };
    insertion(criterion, "lsh_insert", fill);

    let (index, asked) = (fill(), &signatures[ARTICLES - ASKED..]);
    let mut group = group(criterion, "lsh_query");
    let candidates = |signature: &Signature| index.candidates(signature).unwrap();
    each(&mut group, "candidates", Elements(ASKED as u64), asked, candidates);
    let verified = |signature: &Signature| index.query(signature, 0.5).unwrap();
    each(&mut group, "verified", Elements(ASKED as u64), asked, verified);
}

fn simhash(criterion: &mut Criterion) {
    let shingler = Shingler::words(1).unwrap();
    let hashes = sketches(|words| SimHash::of_text(shingler, words));
    let fill = || {
        let mut index = SimHashIndex::new();
        fill(&hashes, |id, hash| index.insert(id, *hash).unwrap());
        index
    };
    insertion(criterion, "simhash_insert", fill);

    let (index, asked) = (fill(), &hashes[ARTICLES - ASKED..]);
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

fn fill<S>(sketches: &[S], mut insert: impl FnMut(u32, &S)) {
    sketches.iter().zip(0..).for_each(|(sketch, id)| insert(id, sketch));
}

/// Measures how an index is filled, without the time to give it back.
fn insertion<I>(criterion: &mut Criterion, name: &str, fill: impl Fn() -> I) {
    let mut group = group(criterion, name);
    group.throughput(Elements(ARTICLES as u64));
    group.bench_function("new index", |bencher| bencher.iter_with_large_drop(&fill));
}

criterion_group! {
    name = indexes;
    config = settings();
    targets = lsh, simhash
}
criterion_main!(indexes);
