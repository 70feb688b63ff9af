//! The prior rarity of a word, before any article is counted.
//!
//! Rarity is `-ln` of the fraction of articles that contain a word, stored in eighths of a nat. English
//! has a table; every other language, and every other word, is estimated from its number of letters.
//!
//! `english.txt` lists 9 647 words of English news by document frequency. It is the mean over six
//! collections (reports of 1987, 2004 and 2012–2023, agency leads, rumours, simplified news) of words
//! found in at least four of them, down to one article in 500. It contains words only, not text.

use std::sync::OnceLock;

use super::language::{Language, letters_of, term_of};
use crate::hash;

/// The built-in rarity table of one language: a hash table with buckets of one cache line.
///
/// It is consulted for every distinct word of a text, and contains about half of them. A look-up compares
/// a term with all entries of a bucket, so it has no unpredictable branch and one cache miss at most.
#[derive(Debug)]
pub(crate) struct Prior {
    buckets: Box<[Bucket]>,
}

/// The entries of the terms with one bucket number. In an entry, the rarity in eighths of a nat replaces
/// the bucket number of the term. A free entry is 0; no other entry is, since every word has letters.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket([u32; 16]);

impl Bucket {
    /// The number of bits of a bucket number: with these no bucket of the table overflows.
    const BITS: u32 = 11;

    /// The position of the bucket number in a term: the lowest bits of the hash.
    const SHIFT: u32 = 4;

    const NUMBER_MASK: u32 = ((1 << Self::BITS) - 1) << Self::SHIFT;

    #[inline]
    fn number(term: u32) -> usize {
        ((term & Self::NUMBER_MASK) >> Self::SHIFT) as usize
    }

    #[inline]
    fn eighths(&self, term: u32) -> Option<u8> {
        let matches = |entry: u32| (entry ^ term) & !Self::NUMBER_MASK == 0;
        let entries = self.0.iter().map(|&entry| if matches(entry) { entry } else { 0 });
        let found = entries.fold(0, |found, entry| found | entry);
        (found != 0).then_some(((found & Self::NUMBER_MASK) >> Self::SHIFT) as u8)
    }
}

impl Prior {
    /// The table for English, read on first use.
    pub(crate) fn english() -> &'static Prior {
        static ENGLISH: OnceLock<Prior> = OnceLock::new();
        ENGLISH.get_or_init(|| Prior::parse(include_str!("english.txt")))
    }

    fn parse(table: &str) -> Prior {
        let mut buckets = vec![Bucket::default(); 1 << Bucket::BITS];
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        for (eighths, words) in lines.filter_map(|line| line.split_once(' ')) {
            let Ok(eighths) = eighths.parse::<u8>() else { continue };
            for word in words.split(' ') {
                let term = term_of(hash::word(word.as_bytes()), word);
                // Of two words with the same term the first, which is more frequent, is kept.
                let bucket = &mut buckets[Bucket::number(term)];
                if bucket.eighths(term).is_none() {
                    let free = bucket.0.iter_mut().find(|entry| **entry == 0);
                    *free.expect("no bucket overflows") =
                        term & !Bucket::NUMBER_MASK | u32::from(eighths) << Bucket::SHIFT;
                }
            }
        }
        Prior { buckets: buckets.into() }
    }

    /// The rarity of a word in eighths of a nat; `None` if the table does not contain it. `O(1)`.
    #[inline]
    pub(crate) fn eighths(&self, term: u32) -> Option<u8> {
        self.buckets[Bucket::number(term)].eighths(term)
    }
}

/// The prior rarity of a word, in nats.
pub(crate) fn prior_rarity(language: Language, term: u32) -> f32 {
    f32::from(prior_eighths(language, term)) / 8.0
}

fn prior_eighths(language: Language, term: u32) -> u8 {
    let is_english = language == Language::English;
    let listed = is_english.then(|| Prior::english().eighths(term)).flatten();
    listed.unwrap_or_else(|| UnknownWords::of(language).eighths(term))
}

/// The prior fraction of articles that contain a word.
pub(crate) fn share(language: Language, term: u32) -> f32 {
    static SHARES: OnceLock<[f32; 1 << u8::BITS]> = OnceLock::new();
    let shares =
        SHARES.get_or_init(|| std::array::from_fn(|eighths| libm::expf(-(eighths as f32) / 8.0)));
    shares[usize::from(prior_eighths(language, term))]
}

/// The prior rarities of the words that no table contains, in eighths of a nat, by number of letters.
///
/// In every alphabet the most frequent words are the shortest. N-grams of unspaced scripts have one
/// length and are all fairly rare. An English word outside the table is rarer than all in it.
#[derive(Debug)]
pub(crate) struct UnknownWords([u8; 8]);

impl UnknownWords {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &UnknownWords([64; 8]),
            Language::Han | Language::Thai => &UnknownWords([40; 8]),
            _ => &UnknownWords([12, 12, 12, 20, 28, 36, 44, 52]),
        }
    }

    #[inline]
    pub(crate) fn eighths(&self, term: u32) -> u8 {
        self.0[letters_of(term) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete_and_ordered_by_rarity() {
        let prior = Prior::english();
        let term = |word: &str| term_of(hash::word(word.as_bytes()), word);
        let entries = prior.buckets.iter().flat_map(|Bucket(entries)| entries);
        // A few of its 9 647 words share a term.
        assert!(entries.filter(|&&entry| entry != 0).count() > 9_600);
        let rarity = |word: &str| prior.eighths(term(word)).unwrap();
        assert!(rarity("the") < rarity("said") && rarity("said") < rarity("minister"));
        assert!(rarity("minister") < rarity("submarine"));
        assert_eq!(prior_rarity(Language::English, term("zyxw")), 8.0);
        assert_eq!(prior_rarity(Language::Latin, term("the")), 2.5);
    }
}
