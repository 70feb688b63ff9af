//! The time of each step from a text to its sketches, per byte of text.
//!
//! ```text
//! cargo bench --bench stages               # all groups
//! cargo bench --bench stages -- minhash/   # one group
//! ```
//!
//! * `normalise`: [`Normalized::new`]. ASCII is the fastest path, so pure ASCII, Latin text with typeset
//!   quotes or accents, Cyrillic and Vietnamese are measured separately.
//! * `words`: [`Words::new`], which includes normalisation.
//! * `scan`: [`Scanner::scan`], the same words without their offsets.
//! * `signature`: [`MinHasher::scan`], from a text to the signature of its three-word shingles.
//! * `shingle`, `simhash`: from finished words.
//! * `minhash`: from finished shingles, on each kernel.
//! * `fingerprint`: [`Fingerprint::new`], everything the detector does with a text on insertion.
//! * `align`: [`align()`](retold::align()) of two articles of about 600 words, of one story and of two.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::cell::RefCell;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use retold::{Fingerprint, Kernel, MinHasher, Normalized, Scanner, Shingler, SimHash, Words};

use common::corpus::Corpus;
use common::{bytes, each, group, settings};

mod common;

/// About three megabytes of text.
const ARTICLES: usize = 1000;

fn normalise(criterion: &mut Criterion) {
    by_kind(criterion, "normalise", Normalized::new);
}

fn words(criterion: &mut Criterion) {
    by_kind(criterion, "words", Words::new);
}

fn scan(criterion: &mut Criterion) {
    let scanner = RefCell::new(Scanner::new());
    by_kind(criterion, "scan", |text| scanner.borrow_mut().scan(text).len());
}

fn signature(criterion: &mut Criterion) {
    let (hasher, shingler) = (MinHasher::default(), Shingler::words(3).unwrap());
    let scanner = RefCell::new(Scanner::new());
    by_kind(criterion, "signature", |text| hasher.scan(shingler, &mut scanner.borrow_mut(), text));
}

/// Measures `work` for each kind of text.
fn by_kind<R>(criterion: &mut Criterion, name: &str, work: impl Fn(&str) -> R) {
    let corpus = Corpus::new(ARTICLES);
    // The most common Cyrillic letter, which looks like the Latin one.
    let is_cyrillic = |text: &str| text.contains('о');
    let kinds = [
        ("ascii", corpus.texts_that(str::is_ascii)),
        ("latin", corpus.texts_that(|text| !text.is_ascii() && !is_cyrillic(text))),
        ("cyrillic", corpus.texts_that(is_cyrillic)),
    ];
    let mut group = group(criterion, name);
    for (kind, texts) in kinds {
        each(&mut group, kind, bytes(&texts), &texts, |text| work(text));
    }
    let texts = vietnamese(&corpus);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    each(&mut group, "vietnamese", bytes(&texts), &texts, |text| work(text));
}

/// Articles with as many letters beyond ASCII as Vietnamese has, and in the same positions.
fn vietnamese(corpus: &Corpus) -> Vec<String> {
    const ACCENTED: [char; 12] = ['à', 'ệ', 'ớ', 'ả', 'ư', 'đ', 'ấ', 'ộ', 'ị', 'ứ', 'ê', 'ạ'];
    let accented = |text: &str| {
        let mut next = ACCENTED.iter().cycle();
        // Every other vowel, and no other letter.
        let mut vowels = 0;
        text.chars()
            .map(|c| {
                vowels += usize::from("aeiou".contains(c));
                let is_accented = "aeiou".contains(c) && vowels % 2 == 0;
                if is_accented { *next.next().unwrap() } else { c }
            })
            .collect()
    };
    corpus.texts_that(str::is_ascii).into_iter().map(accented).collect()
}

fn shingle(criterion: &mut Criterion) {
    let (bytes, words) = articles_in_words();
    let mut group = group(criterion, "shingle");
    let shinglers = [("words 3", Shingler::words(3)), ("characters 5", Shingler::characters(5))];
    for (name, shingler) in shinglers {
        let shingler = shingler.unwrap();
        each(&mut group, name, bytes.clone(), &words, |words| hashes(shingler, words));
    }
}

fn minhash(criterion: &mut Criterion) {
    let (bytes, words) = articles_in_words();
    let shingler = Shingler::words(3).unwrap();
    let shingles: Vec<Vec<u64>> = words.iter().map(|words| hashes(shingler, words)).collect();
    let mut kernels = vec![Kernel::detect(), Kernel::scalar()];
    // Both are the same where no vector kernel runs.
    kernels.dedup();
    let mut group = group(criterion, "minhash");
    for kernel in kernels {
        let hasher = MinHasher::default().with_kernel(kernel);
        each(&mut group, kernel.name(), bytes.clone(), &shingles, |hashes| hasher.hashes(hashes));
    }
}

fn simhash(criterion: &mut Criterion) {
    let (bytes, words) = articles_in_words();
    let shingler = Shingler::words(1).unwrap();
    let mut group = group(criterion, "simhash");
    each(&mut group, "words 1", bytes, &words, |words| SimHash::of_text(shingler, words));
}

fn fingerprint(criterion: &mut Criterion) {
    let corpus = Corpus::new(ARTICLES);
    let mut group = group(criterion, "fingerprint");
    let bytes = bytes(&corpus.texts_that(|_| true));
    each(&mut group, "article", bytes, &corpus.articles(), |article| {
        Fingerprint::new(article).unwrap()
    });
}

fn align(criterion: &mut Criterion) {
    let corpus = Corpus::new(ARTICLES);
    let articles: Vec<String> =
        corpus.texts_that(|_| true).chunks(2).map(|two| two.join("\n")).collect();
    let articles: Vec<&str> = articles.iter().map(|text| first_words(text, 600)).collect();
    let retold: Vec<String> = articles.iter().map(|text| retell(text)).collect();
    let one_story: Vec<(&str, &str)> =
        articles.iter().zip(&retold).map(|(text, retold)| (*text, retold.as_str())).collect();
    let two_stories: Vec<(&str, &str)> =
        articles.iter().zip(&articles[1..]).map(|(one, other)| (*one, *other)).collect();
    let mut group = group(criterion, "align");
    for (name, pairs) in [("one story", one_story), ("two stories", two_stories)] {
        let count = Throughput::Elements(pairs.len() as u64);
        each(&mut group, name, count, &pairs, |(left, right)| retold::align(left, right));
    }
}

/// The first `count` words of a text.
fn first_words(text: &str, count: usize) -> &str {
    let words = Words::new(text);
    words.as_slice().get(count - 1).map_or(text, |last| &text[..last.source().end])
}

/// The sentences of a text, swapped in pairs and without every seventh word.
fn retell(text: &str) -> String {
    let sentences: Vec<&str> = text.split_inclusive(". ").collect();
    let swapped = sentences.chunks(2).flat_map(|two| two.iter().rev());
    let words = swapped.flat_map(|sentence| sentence.split_inclusive(' '));
    words.enumerate().filter(|(at, _)| at % 7 != 3).map(|(_, word)| word).collect()
}

/// The words of the articles, and the size of their texts.
fn articles_in_words() -> (Throughput, Vec<Words>) {
    let corpus = Corpus::new(ARTICLES);
    let words = corpus.texts.iter().map(|text| Words::new(&text.text)).collect();
    (bytes(&corpus.texts_that(|_| true)), words)
}

fn hashes(shingler: Shingler, words: &Words) -> Vec<u64> {
    let mut hashes = Vec::with_capacity(words.len());
    shingler.hashes_into(words, &mut hashes);
    hashes
}

criterion_group! {
    name = stages;
    config = settings();
    targets = normalise, words, scan, signature, shingle, minhash, simhash, fingerprint,
        align
}
criterion_main!(stages);
