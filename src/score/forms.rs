//! Whether two texts that share most of their phrases are one form that was filled in twice.
//!
//! Weather reports, match results and quake notices share as many shingles as an edited reprint does.
//! They differ in *what* differs: in a form nearly all of it is names and numbers, and some of them
//! stand in the opening. Two texts are taken for fillings of one form where both hold:
//!
//! * each has a name in its opening that the other does not have at all;
//! * names and numbers that only one of them has explain most of the words that differ.
//!
//! Numbers and dates alone make no form: a later wire with another toll is an update of its story.

use crate::corpus::fingerprint::Mark;
use crate::sketch::bottomk::Overlap;

/// What share of the words that differ the names and numbers are at least, in a form.
const MIN_EXPLAINED: f32 = 0.6;

/// The same where a number differs in the opening as well as a name.
const MIN_EXPLAINED_WITH_NUMBERS: f32 = 0.3;

/// How many words of a phrase a changed word changes: a word stands in three phrases of three words.
const PHRASES_OF_A_WORD: f32 = 3.0;

/// What of the marks of one text the other does not have.
#[derive(Debug, Default)]
struct Own {
    marks: usize,
    names_in_opening: usize,
    numbers_in_opening: usize,
}

fn own(marks: &[u16], other: &[u16]) -> Own {
    let mut own = Own::default();
    for mark in marks.iter().copied().map(Mark) {
        // All are compared, found or not, so that the compiler compares several at once.
        let is_same = |&word: &u16| Mark(word).word() == mark.word();
        if other.iter().fold(false, |is_shared, word| is_shared | is_same(word)) {
            continue;
        }
        own.marks += 1;
        match (mark.in_opening(), mark.is_number()) {
            (true, true) => own.numbers_in_opening += 1,
            (true, false) => own.names_in_opening += 1,
            (false, _) => (),
        }
    }
    own
}

/// Whether two texts, by their marks, their shared phrases and their numbers of words, are fillings of one
/// form. `O(m²)` for `m` marks, of which there are at most 64.
pub(crate) fn are_fillings(
    (left, right): (&[u16], &[u16]),
    phrases: &Overlap,
    words: (u32, u32),
) -> bool {
    let of_left = own(left, right);
    if of_left.names_in_opening == 0 {
        return false;
    }
    let of_right = own(right, left);
    if of_right.names_in_opening == 0 {
        return false;
    }
    let changed =
        |shared: f64, words: u32| (1.0 - shared) as f32 * words as f32 / PHRASES_OF_A_WORD;
    let differing = changed(phrases.of_left(), words.0).max(changed(phrases.of_right(), words.1));
    let explained = of_left.marks.min(of_right.marks) as f32;
    let has_numbers = of_left.numbers_in_opening > 0 && of_right.numbers_in_opening > 0;
    let least = if has_numbers { MIN_EXPLAINED_WITH_NUMBERS } else { MIN_EXPLAINED };
    explained >= 2.0 && explained >= least * differing
}

/// Whether two texts have a name or number in common.
pub(crate) fn share_a_mark(left: &[u16], right: &[u16]) -> bool {
    own(left, right).marks < left.len()
}
