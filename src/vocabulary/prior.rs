//! What is known of a word before the first article is read.
//!
//! `english.txt` holds 9 647 words of English news by the share of articles that have them. It was
//! made by counting documents in six collections (reports of 1987, 2004 and 2012–2023, agency
//! leads, rumours, simplified news): the mean of the six shares, of words found in at least four of
//! them, down to one article in 500. It holds words, no text of anyone's.

use std::collections::HashMap;
use std::sync::OnceLock;

use ahash::RandomState;

use super::{Language, term_of};
use crate::hash;

/// Rarity of an English word that is not in the table: one article in 3 000.
const UNKNOWN_ENGLISH: f32 = 8.0;

/// The built-in table of one language.
#[derive(Debug)]
pub(crate) struct Prior {
    rarity: HashMap<u32, f32, RandomState>,
}

impl Prior {
    /// The table for English, read on first use.
    pub(crate) fn english() -> &'static Prior {
        static ENGLISH: OnceLock<Prior> = OnceLock::new();
        ENGLISH.get_or_init(|| Prior::parse(include_str!("english.txt")))
    }

    fn parse(table: &str) -> Prior {
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let rarity = lines
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(eighths, words)| Some((eighths.parse::<u8>().ok()?, words)))
            .flat_map(|(eighths, words)| {
                words.split(' ').map(move |word| {
                    (term_of(hash::word(word.as_bytes())), f32::from(eighths) / 8.0)
                })
            })
            .collect();
        Prior { rarity }
    }

    /// The rarity of a word of the table.
    pub(crate) fn rarity(&self, term: u32) -> Option<f32> {
        self.rarity.get(&term).copied()
    }
}

/// The rarity of a word before anything is known of the collection.
///
/// Without a table the length of a word tells a little: in every alphabet the commonest words are
/// the shortest. N-grams of unspaced scripts are all of one length and all fairly rare.
pub(crate) fn prior_rarity(language: Language, term: u32, text: &str) -> f32 {
    match language {
        Language::English => Prior::english().rarity(term).unwrap_or(UNKNOWN_ENGLISH),
        Language::Han | Language::Thai => 5.0,
        _ => match text.chars().count() {
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
        assert_eq!(prior.rarity.len(), 9_647);
        let rarity = |word: &str| prior.rarity(term_of(hash::word(word.as_bytes()))).unwrap();
        assert!(rarity("the") < rarity("said") && rarity("said") < rarity("minister"));
        assert!(rarity("minister") < rarity("submarine"));
        assert_eq!(prior_rarity(Language::English, 1, "zyxw"), UNKNOWN_ENGLISH);
    }
}
