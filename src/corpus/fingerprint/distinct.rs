//! The distinct words of an article, and the weight of each in it.
//!
//! Takes the scanned words of a title and a text. Gives the language and one [`WeightedWord`] for each
//! distinct word. A hash table assigns each distinct word an index in order of first occurrence; all
//! other columns are addressed by that index. The cost is linear in the number of words.
//!
//! A branch on "is this word new?" is mispredicted often, so no loop here branches on it: each pass
//! does one operation for every word and leaves its result in a column for the next pass.

use std::sync::OnceLock;

use super::{IN_LEAD, LEAD_WORDS};
use crate::text::language::{Language, Votes, WordFacts, is_number};
use crate::text::prior::UnknownWords;
use crate::text::scanner::Scan;

/// The distinct words of a title and a text. The index of a word is the number of distinct words
/// that occur before it.
#[derive(Debug, Clone, Default)]
pub(super) struct DistinctWords {
    /// Open addressing by hash: indices, or [`FREE`]. The length is a power of two, at least four
    /// times the number of words.
    slots: Vec<u32>,
    /// By index; while words are added one more, as a target of unconditional writes.
    hashes: Vec<u64>,
    /// By index: the position of the first occurrence in the title or text; one more as in `hashes`.
    firsts: Vec<u32>,
    /// By index.
    facts: Vec<WordFacts>,
    /// By index.
    counts: Vec<Occurrences>,
    /// The index of each word of the title and then of the text.
    indices: Vec<u32>,
    /// The number of words of the title.
    title_len: usize,
}

/// A free slot: above every index, so that the minimum of this and the next index is the next index.
const FREE: u32 = u32::MAX;

/// The occurrences of a distinct word.
#[derive(Debug, Clone, Copy, Default)]
struct Occurrences {
    /// Their number in the text; those of the title do not vote for the language.
    in_text: u32,
    /// The sum of the lead weights of all of them.
    weighted: f32,
}

/// A distinct word with the weight that decides whether a fingerprint keeps it.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeightedWord {
    pub(super) term: u32,
    /// As [`super::KeptTerm::new`] takes it.
    pub(super) frequency: u8,
    /// The frequency times the prior rarity, below 2 to the power of [`WeightedWord::BITS`].
    pub(super) weight: u16,
}

impl WeightedWord {
    /// Six bits of the frequency and eight of the rarity.
    pub(super) const BITS: u32 = 14;
}

impl DistinctWords {
    /// Clears the columns and adds the title of the next article, if it has one.
    pub(super) fn begin(&mut self, title: Option<&Scan<'_>>) {
        self.slots.clear();
        self.hashes.clear();
        self.firsts.clear();
        self.facts.clear();
        self.counts.clear();
        self.indices.clear();
        if let Some(title) = title {
            self.add(title, 0);
        }
        self.title_len = self.indices.len();
    }

    /// Adds the text, and writes the positions of its figures to `figures`.
    pub(super) fn add_text(&mut self, text: &Scan<'_>, figures: &mut Vec<u32>) {
        self.add(text, 1);
        let indices = self.indices[self.title_len..].iter();
        super::positions_where(
            figures,
            indices.map(|&index| is_number(self.facts[index as usize].term)),
        );
    }

    /// Adds words; `in_text` is 1 for words of the text and 0 for those of the title.
    fn add(&mut self, scan: &Scan<'_>, in_text: u32) {
        let (distinct_before, words_before) = (self.facts.len(), self.indices.len());
        self.assign_indices(scan.hashes());
        let new = self.hashes[distinct_before..].iter().zip(&self.firsts[distinct_before..]);
        self.facts.extend(new.map(|(&hash, &first)| facts_of(hash, scan, first as usize)));
        self.counts.resize(self.hashes.len(), Occurrences::default());
        self.count(words_before, in_text);
    }

    /// Appends the index of each word to `indices`, and new words to `hashes` and `firsts`.
    fn assign_indices(&mut self, words: &[u64]) {
        self.make_room(words.len());
        let DistinctWords { slots, hashes, firsts, indices, .. } = self;
        let mut next = hashes.len();
        hashes.resize(next + words.len() + 1, 0);
        firsts.resize(next + words.len() + 1, 0);
        let (slots, hashes) = (slots.as_mut_slice(), hashes.as_mut_slice());
        let mask = slots.len() - 1;
        indices.extend(words.iter().zip(0..).map(|(&hash, position)| {
            hashes[next] = hash;
            firsts[next] = position;
            let mut slot = hash as usize & mask;
            let mut index = slots[slot].min(next as u32);
            // A free slot reads as `next`, the index under which the word was just written.
            while hashes[index as usize] != hash {
                slot = (slot + 1) & mask;
                index = slots[slot].min(next as u32);
            }
            slots[slot] = index;
            next += usize::from(index as usize == next);
            index
        }));
        self.hashes.truncate(next);
        self.firsts.truncate(next);
    }

    fn make_room(&mut self, words: usize) {
        let needed = (4 * (self.hashes.len() + words)).next_power_of_two();
        if self.slots.len() >= needed {
            return;
        }
        self.slots.clear();
        self.slots.resize(needed, FREE);
        for (&hash, index) in self.hashes.iter().zip(0..) {
            let mut slot = hash as usize & (needed - 1);
            while self.slots[slot] != FREE {
                slot = (slot + 1) & (needed - 1);
            }
            self.slots[slot] = index;
        }
    }

    /// Counts the words from position `from` on.
    fn count(&mut self, from: usize, in_text: u32) {
        let weights = &lead_weights()[from.min(LEAD_WEIGHTS)..];
        let indices = &self.indices[from..];
        let (early, late) = indices.split_at(weights.len().min(indices.len()));
        let mut add = |index: u32, weight| {
            let count = &mut self.counts[index as usize];
            count.in_text += in_text;
            count.weighted += weight;
        };
        early.iter().zip(weights).for_each(|(&index, &weight)| add(index, weight));
        late.iter().for_each(|&index| add(index, 1.0));
    }

    pub(super) fn language(&self) -> Language {
        let mut votes = Votes::default();
        for (facts, count) in self.facts.iter().zip(&self.counts) {
            votes.add(facts, count.in_text as usize);
        }
        votes.winner()
    }

    /// Weighs each distinct word by its frequency and its prior rarity in the language.
    pub(super) fn weighted(&self, language: Language) -> impl Iterator<Item = WeightedWord> {
        // Indices rise with the first occurrence, so the words of the lead have the lowest ones.
        let in_lead = self.indices.iter().take(LEAD_WORDS).max().map_or(0, |&last| last + 1);
        let unknown = UnknownWords::of(language);
        let steps = FrequencySteps::get();
        self.facts.iter().zip(&self.counts).zip(0..).map(move |((facts, count), index)| {
            let frequency = steps.of(count.weighted);
            WeightedWord {
                term: facts.term,
                frequency: frequency | if index < in_lead { IN_LEAD } else { 0 },
                weight: u16::from(frequency) * u16::from(facts.prior(language, unknown)),
            }
        })
    }
}

#[inline]
fn facts_of(hash: u64, scan: &Scan<'_>, position: usize) -> WordFacts {
    let word = scan.bytes(position);
    if scan.is_ascii(position) {
        WordFacts::of_ascii(hash, word)
    } else {
        WordFacts::beyond_ascii(hash, word)
    }
}

/// The number of positions with a weight of their own; later weights are 1 to three digits.
const LEAD_WEIGHTS: usize = 700;

/// The weight of an occurrence by its position, `1 + 2·exp(−position/100)`: a report names its
/// subject in the first sentences (see the design page).
fn lead_weights() -> &'static [f32; LEAD_WEIGHTS] {
    static WEIGHTS: OnceLock<[f32; LEAD_WEIGHTS]> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        std::array::from_fn(|position| 1.0 + 2.0 * libm::expf(-(position as f32) / 100.0))
    })
}

/// A table of `ln(1 + occurrences)` in eighths, 1 to 63: one look-up instead of a logarithm a word.
///
/// The highest bits of the float choose a cell. Floats of one cell differ by a sixteenth at most and
/// steps are wider, so a cell holds the start of one step at most, and one comparison decides.
#[derive(Debug)]
struct FrequencySteps {
    /// The least occurrences of each step, from the second step on.
    starts: [f32; FrequencySteps::COUNT - 1],
    /// The step of the least occurrences of each cell.
    by_cell: [u8; FrequencySteps::CELLS],
}

impl FrequencySteps {
    const COUNT: usize = 63;

    /// The number of low bits of the float that do not choose a cell.
    const IGNORED_BITS: u32 = f32::MANTISSA_DIGITS - 1 - 4;

    /// Sixteen for each power of two: the first is that of one occurrence, and the last step starts in
    /// the twelfth power.
    const CELLS: usize = 12 * 16;

    /// The high bits of one occurrence, which belong to the first cell.
    const FIRST_CELL: u32 = 1f32.to_bits() >> Self::IGNORED_BITS;

    fn get() -> &'static Self {
        static STEPS: OnceLock<FrequencySteps> = OnceLock::new();
        STEPS.get_or_init(Self::new)
    }

    fn new() -> Self {
        let starts = std::array::from_fn(|step| libm::expm1f((step as f32 + 1.5) / 8.0));
        let by_cell = std::array::from_fn(|cell| {
            let least = f32::from_bits((cell as u32 + Self::FIRST_CELL) << Self::IGNORED_BITS);
            starts.partition_point(|&start| start <= least) as u8 + 1
        });
        FrequencySteps { starts, by_cell }
    }

    /// Returns the step of one occurrence or more.
    #[inline]
    fn of(&self, occurrences: f32) -> u8 {
        let high_bits = occurrences.to_bits() >> Self::IGNORED_BITS;
        let cell = high_bits.saturating_sub(Self::FIRST_CELL) as usize;
        let step = self.by_cell[cell.min(Self::CELLS - 1)];
        let next = self.starts.get(usize::from(step) - 1);
        step + u8::from(next.is_some_and(|&start| start <= occurrences))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_eighths_of_the_logarithm() {
        let steps = FrequencySteps::get();
        let starts = steps.starts;
        let occurrences = (100..400_000).map(|n| n as f32 / 100.0);
        let edges = starts.iter().flat_map(|x| [x.next_down(), *x, x.next_up()]);
        for x in occurrences.chain(edges.filter(|&x| x >= 1.0)).chain([f32::MAX, f32::INFINITY]) {
            let expected = starts.partition_point(|&start| start <= x) as u8 + 1;
            assert_eq!(steps.of(x), expected, "{x}");
            let exact = (8.0 * x.min(2600.0).ln_1p()).round();
            assert!((exact - f32::from(expected)).abs() <= 1.0 && expected < IN_LEAD, "{x}");
        }
    }

    #[test]
    fn words_with_the_same_home_slot_keep_distinct_indices() {
        let mut words = DistinctWords::default();
        words.begin(None);
        let hashes: Vec<u64> = [5, 5 + (1 << 32), 5 + (2 << 32), 0, 1 << 63].into();
        let text = [&hashes[..], &hashes[..3], &[6], &hashes[..]].concat();
        words.assign_indices(&text);
        assert_eq!(words.indices, [0, 1, 2, 3, 4, 0, 1, 2, 5, 0, 1, 2, 3, 4]);
        assert_eq!(words.firsts, [0, 1, 2, 3, 4, 8]);
        // More words need a larger table.
        words.assign_indices(&(0..100).collect::<Vec<u64>>());
        words.assign_indices(&text);
        assert_eq!(words.indices[114..], words.indices[..14]);
    }
}
