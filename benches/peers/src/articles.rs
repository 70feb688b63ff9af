//! The texts: generated, or read from a file of labelled articles.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::random::Random;

#[derive(Deserialize)]
struct Record {
    text: String,
}

/// The texts of a gzip-compressed file of JSON Lines.
///
/// # Errors
/// If it cannot be read, or a line is not an object with a `text`.
pub fn read(path: &Path) -> std::io::Result<Vec<String>> {
    let lines = BufReader::new(GzDecoder::new(File::open(path)?)).lines();
    lines.map(|line| Ok(serde_json::from_str::<Record>(&line?)?.text)).collect()
}

/// The first texts, up to `most` bytes in total.
pub fn first_bytes<'a>(texts: &[&'a str], most: usize) -> Vec<&'a str> {
    let mut sum = 0;
    let fits = |text: &&&str| {
        sum += text.len();
        sum <= most
    };
    texts.iter().take_while(fits).copied().collect()
}

/// The total size of texts in bytes.
pub fn bytes(texts: &[&str]) -> usize {
    texts.iter().map(|text| text.len()).sum()
}

/// Pairs of texts of every degree of similarity: a text, and its first sentences followed by those of
/// another one.
pub fn blends(texts: &[&str], count: usize) -> Vec<[String; 2]> {
    let mut random = Random::new(7);
    let blend = |_| {
        let [first, second] = [(); 2].map(|()| texts[random.below(texts.len())]);
        let sentences: Vec<&str> = first.split_inclusive(". ").collect();
        let kept = random.below(sentences.len() + 1);
        let other: Vec<&str> = second.split_inclusive(". ").collect();
        let from = kept * other.len() / sentences.len();
        let blended = sentences[..kept].iter().chain(&other[from..]).copied().collect();
        [first.to_owned(), blended]
    };
    (0..count).map(blend).collect()
}
