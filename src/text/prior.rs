//! What is known of a word before the first article is read.
//!
//! `english.txt` holds 9 647 words of English news by the share of articles that have them. It was
//! made by counting documents in six collections (reports of 1987, 2004 and 2012–2023, agency
//! leads, rumours, simplified news): the mean of the six shares, of words found in at least four of
//! them, down to one article in 500. It holds words, no text of anyone's.

use std::sync::OnceLock;

use super::language::{Language, letters_of, term_of};
use crate::hash;

/// The built-in table of one language.
///
/// It is asked for every word of a text that is new there, and half of them are not in it: so a
/// term is compared with all of a bucket at once, and there is no branch to guess.
#[derive(Debug)]
pub(crate) struct Prior {
    buckets: Box<[Bucket]>,
}

/// Entries for the terms of one number: each is the term, but where that has the number of its
/// bucket stands how rare it is, in eighths of a nat. Free ones are 0, which no term is otherwise:
/// words have letters.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket([u32; 16]);

impl Bucket {
    /// How many bits number the buckets. With these, and so many entries, no bucket is too small.
    const BITS: u32 = 11;

    /// Where a term has its bucket: in the lowest bits that are of the hash.
    const SHIFT: u32 = 4;

    const NUMBER: u32 = ((1 << Self::BITS) - 1) << Self::SHIFT;

    #[inline]
    fn number(term: u32) -> usize {
        ((term & Self::NUMBER) >> Self::SHIFT) as usize
    }

    fn add(&mut self, term: u32, eighths: u8) {
        let free = self.0.iter_mut().find(|entry| **entry == 0).expect("no bucket is too small");
        *free = term & !Self::NUMBER | u32::from(eighths) << Self::SHIFT;
    }

    #[inline]
    fn eighths(&self, term: u32) -> Option<u8> {
        let named = |entry: u32| (entry ^ term) & !Self::NUMBER == 0;
        let entries = self.0.iter().map(|&entry| if named(entry) { entry } else { 0 });
        let found = entries.fold(0, |found, entry| found | entry);
        (found != 0).then_some(((found & Self::NUMBER) >> Self::SHIFT) as u8)
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
            let Ok(eighths) = eighths.parse() else { continue };
            for word in words.split(' ') {
                let term = term_of(hash::word(word.as_bytes()), word);
                // The first of two words of one term is the commoner one.
                let bucket = &mut buckets[Bucket::number(term)];
                if bucket.eighths(term).is_none() {
                    bucket.add(term, eighths);
                }
            }
        }
        Prior { buckets: buckets.into() }
    }

    /// The rarity of a word of the table in eighths of a nat.
    #[inline]
    pub(crate) fn eighths(&self, term: u32) -> Option<u8> {
        self.buckets[Bucket::number(term)].eighths(term)
    }
}

/// The rarity of a word before anything is known of the collection.
pub(crate) fn prior_rarity(language: Language, term: u32) -> f32 {
    f32::from(prior_eighths(language, term)) / 8.0
}

fn prior_eighths(language: Language, term: u32) -> u8 {
    let known = match language {
        Language::English => Prior::english().eighths(term),
        _ => None,
    };
    known.unwrap_or_else(|| UnknownWords::of(language).eighths(term))
}

/// The share of articles that have a word, by the same knowledge.
pub(crate) fn share(language: Language, term: u32) -> f32 {
    static SHARES: OnceLock<[f32; 1 << u8::BITS]> = OnceLock::new();
    let shares =
        SHARES.get_or_init(|| std::array::from_fn(|eighths| libm::expf(-(eighths as f32) / 8.0)));
    shares[usize::from(prior_eighths(language, term))]
}

/// The rarities of the words of a language that no table has, in eighths of a nat, by their number
/// of letters.
///
/// It tells a little: in every alphabet the commonest words are the shortest. N-grams of unspaced
/// scripts are all of one length and all fairly rare. An English word that is not in the table
/// stands in one article of 3 000.
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
    fn the_table_is_whole_and_ordered_as_english_is() {
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
