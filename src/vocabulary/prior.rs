//! What is known of a word before the first article is read.
//!
//! `english.txt` holds 9 647 words of English news by the share of articles that have them. It was
//! made by counting documents in six collections (reports of 1987, 2004 and 2012–2023, agency
//! leads, rumours, simplified news): the mean of the six shares, of words found in at least four of
//! them, down to one article in 500. It holds words, no text of anyone's.

use std::sync::OnceLock;

use super::{Language, TERM_BITS, letters_of, term_of};
use crate::hash;

/// Rarity of an English word that is not in the table: one article in 3 000.
const UNKNOWN_ENGLISH: f32 = 8.0;

/// The built-in table of one language: open addressing, since it is asked for nearly every word.
#[derive(Debug)]
pub(crate) struct Prior {
    /// A term, or 0 where there is none.
    terms: Box<[u32; Prior::SLOTS]>,
    /// Beside the terms: rarities in eighths of a nat.
    eighths: Box<[u8; Prior::SLOTS]>,
}

impl Prior {
    /// A power of two, twice as many as there are words.
    const SLOTS: usize = 1 << 15;

    /// The table for English, read on first use.
    pub(crate) fn english() -> &'static Prior {
        static ENGLISH: OnceLock<Prior> = OnceLock::new();
        ENGLISH.get_or_init(|| Prior::parse(include_str!("english.txt")))
    }

    fn parse(table: &str) -> Prior {
        let mut prior =
            Prior { terms: Box::new([0; Self::SLOTS]), eighths: Box::new([0; Self::SLOTS]) };
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        for (eighths, words) in lines.filter_map(|line| line.split_once(' ')) {
            let Ok(eighths) = eighths.parse() else { continue };
            for word in words.split(' ') {
                let term = term_of(hash::word(word.as_bytes()), word);
                let slot = prior.slot(term);
                prior.terms[slot] = term;
                prior.eighths[slot] = eighths;
            }
        }
        prior
    }

    /// The slot of a term, or the free one where it would go.
    #[inline]
    fn slot(&self, term: u32) -> usize {
        let mut slot = term as usize >> (TERM_BITS - Self::SLOTS.trailing_zeros());
        while self.terms[slot] != term && self.terms[slot] != 0 {
            slot = (slot + 1) % Self::SLOTS;
        }
        slot
    }

    /// The rarity of a word of the table.
    #[inline]
    pub(crate) fn rarity(&self, term: u32) -> Option<f32> {
        let slot = self.slot(term);
        (self.terms[slot] == term).then(|| f32::from(self.eighths[slot]) / 8.0)
    }
}

/// The rarity of a word before anything is known of the collection.
pub(crate) fn prior_rarity(language: Language, term: u32) -> f32 {
    let known = match language {
        Language::English => Prior::english().rarity(term),
        _ => None,
    };
    known.unwrap_or_else(|| without_table(language, term))
}

/// The rarity of a word that no table has.
///
/// Its length tells a little: in every alphabet the commonest words are the shortest. N-grams of
/// unspaced scripts are all of one length and all fairly rare.
pub(super) fn without_table(language: Language, term: u32) -> f32 {
    match language {
        Language::English => UNKNOWN_ENGLISH,
        Language::Han | Language::Thai => 5.0,
        _ => match letters_of(term) {
            0..=2 => 1.5,
            3 => 2.5,
            4 => 3.5,
            5 => 4.5,
            6 => 5.5,
            _ => 6.5,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_ordered_as_english_is() {
        let prior = Prior::english();
        let term = |word: &str| term_of(hash::word(word.as_bytes()), word);
        // A few of its 9 647 words share a term.
        assert!(prior.terms.iter().filter(|&&term| term != 0).count() > 9_600);
        let rarity = |word: &str| prior.rarity(term(word)).unwrap();
        assert!(rarity("the") < rarity("said") && rarity("said") < rarity("minister"));
        assert!(rarity("minister") < rarity("submarine"));
        assert_eq!(prior_rarity(Language::English, term("zyxw")), UNKNOWN_ENGLISH);
    }
}
