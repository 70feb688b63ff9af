//! The different words of an article and how much each counts there.
//!
//! Whether the next word of a text is a new one nobody can guess, so nothing here branches on it: each
//! pass does one thing with every word, and the next pass looks at what it left.

use std::sync::OnceLock;

use super::{IN_LEAD, LEAD};
use crate::text::language::{Language, Votes, WordFacts, is_number};
use crate::text::prior::UnknownWords;
use crate::text::scanner::Scan;

/// The different words of a title and a text, in the order in which they first stand there: the
/// place of a word is how many came before it.
#[derive(Debug, Clone, Default)]
pub(super) struct DistinctWords {
    /// Open addressing by hash: places, or [`FREE`]. A power of two, at least four times as many as the
    /// words.
    slots: Vec<u32>,
    /// By place, and one more to write to.
    hashes: Vec<u64>,
    /// By place: where in its title or text the word first stands. One more to write to.
    firsts: Vec<u32>,
    /// By place.
    facts: Vec<WordFacts>,
    /// By place.
    counts: Vec<Count>,
    /// The place of each word of the title and the text.
    places: Vec<u32>,
    /// How many words of the title stand before the text.
    title: usize,
}

/// A free slot: more than any place, so that the lesser of this and the next place is the next one.
const FREE: u32 = u32::MAX;

/// How often a word stands there.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    in_text: u32,
    /// How often in all, lead-weighted.
    occurrences: f32,
}

/// A different word, as far as its kind decides what is kept of an article.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeightedWord {
    pub(super) term: u32,
    /// See [`super::KeptTerm::new`].
    pub(super) frequency: u8,
    /// In parts of a nat, below 2 to the power of [`WeightedWord::BITS`].
    pub(super) weight: u16,
}

impl WeightedWord {
    /// Six of the frequency and eight of the rarity.
    pub(super) const BITS: u32 = 14;
}

impl DistinctWords {
    /// Reads the title of the next article, if it has one.
    pub(super) fn begin(&mut self, title: Option<&Scan<'_>>) {
        self.slots.clear();
        self.hashes.clear();
        self.firsts.clear();
        self.facts.clear();
        self.counts.clear();
        self.places.clear();
        if let Some(title) = title {
            self.add(title, 0);
        }
        self.title = self.places.len();
    }

    /// Reads the text, and notes which of its words are figures.
    pub(super) fn add_text(&mut self, text: &Scan<'_>, figures: &mut Vec<u32>) {
        self.add(text, 1);
        let places = &self.places[self.title..];
        super::note_places(figures, places.iter().map(|&place| self.is_figure(place)));
    }

    fn is_figure(&self, place: u32) -> bool {
        is_number(self.facts[place as usize].term)
    }

    /// Adds words which are each so many of the text: one or none.
    fn add(&mut self, scan: &Scan<'_>, in_text: u32) {
        let (known, before) = (self.facts.len(), self.places.len());
        self.place(scan.hashes());
        let new = self.hashes[known..].iter().zip(&self.firsts[known..]);
        self.facts.extend(new.map(|(&hash, &first)| facts_of(hash, scan, first as usize)));
        self.counts.resize(self.hashes.len(), Count::default());
        self.count(before, in_text);
    }

    /// Finds the place of each word.
    fn place(&mut self, words: &[u64]) {
        self.make_room(words.len());
        let DistinctWords { slots, hashes, firsts, places, .. } = self;
        let mut next = hashes.len();
        hashes.resize(next + words.len() + 1, 0);
        firsts.resize(next + words.len() + 1, 0);
        let (slots, hashes) = (slots.as_mut_slice(), hashes.as_mut_slice());
        let mask = slots.len() - 1;
        places.extend(words.iter().zip(0..).map(|(&hash, index)| {
            hashes[next] = hash;
            firsts[next] = index;
            let mut slot = hash as usize & mask;
            let mut place = slots[slot].min(next as u32);
            // A free slot is the place of the word that was just written there.
            while hashes[place as usize] != hash {
                slot = (slot + 1) & mask;
                place = slots[slot].min(next as u32);
            }
            slots[slot] = place;
            next += usize::from(place as usize == next);
            place
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
        for (&hash, place) in self.hashes.iter().zip(0..) {
            let mut slot = hash as usize & (needed - 1);
            while self.slots[slot] != FREE {
                slot = (slot + 1) & (needed - 1);
            }
            self.slots[slot] = place;
        }
    }

    /// Counts the words from position `before` on.
    fn count(&mut self, before: usize, in_text: u32) {
        let early = &lead_weights()[before.min(WEIGHTED)..];
        let places = &self.places[before..];
        let (places, late) = places.split_at(early.len().min(places.len()));
        let mut add = |place: u32, weight| {
            let count = &mut self.counts[place as usize];
            count.in_text += in_text;
            count.occurrences += weight;
        };
        places.iter().zip(early).for_each(|(&place, &weight)| add(place, weight));
        late.iter().for_each(|&place| add(place, 1.0));
    }

    pub(super) fn language(&self) -> Language {
        let mut votes = Votes::default();
        for (facts, count) in self.facts.iter().zip(&self.counts) {
            votes.add(facts, count.in_text as usize);
        }
        votes.winner()
    }

    /// What is known of each word in a text of this language.
    pub(super) fn weighed(&self, language: Language) -> impl Iterator<Item = WeightedWord> {
        let in_lead = self.places.iter().take(LEAD).max().map_or(0, |&last| last + 1);
        let unknown = UnknownWords::of(language);
        let steps = Steps::get();
        self.facts.iter().zip(&self.counts).zip(0..).map(move |((facts, count), place)| {
            let frequency = steps.of(count.occurrences);
            WeightedWord {
                term: facts.term,
                frequency: frequency | if place < in_lead { IN_LEAD } else { 0 },
                weight: u16::from(frequency) * u16::from(facts.prior(language, unknown)),
            }
        })
    }
}

#[inline]
fn facts_of(hash: u64, scan: &Scan<'_>, index: usize) -> WordFacts {
    let word = scan.bytes(index);
    if scan.is_ascii(index) {
        WordFacts::of_ascii(hash, word)
    } else {
        WordFacts::beyond_ascii(hash, word)
    }
}

/// Weights from this position on are 1 to three digits.
const WEIGHTED: usize = 700;

/// How much an occurrence counts by its position: `1 + 2·exp(−position/100)`. What a report is about
/// stands in its first sentences.
fn lead_weights() -> &'static [f32; WEIGHTED] {
    static WEIGHTS: OnceLock<[f32; WEIGHTED]> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        std::array::from_fn(|position| 1.0 + 2.0 * libm::expf(-(position as f32) / 100.0))
    })
}

/// `ln(1 + occurrences)` in eighths, 1 to 63.
#[derive(Debug)]
struct Steps {
    /// The occurrences, of which a step begins, from the second one on.
    begin: [f32; Steps::MANY - 1],
    /// The steps of the least occurrences that begin with the same bits. As numbers that do so differ
    /// by a sixteenth at most, and steps begin farther apart, no more than one begins among them.
    of_bits: [u8; Steps::CELLS],
}

impl Steps {
    const MANY: usize = 63;

    /// How many of the lowest bits of the occurrences are not looked at.
    const REST: u32 = f32::MANTISSA_DIGITS - 1 - 4;

    /// The first cell is that of one occurrence; the last step begins in the twelfth power of two.
    const CELLS: usize = 12 * 16;

    fn get() -> &'static Self {
        static STEPS: OnceLock<Steps> = OnceLock::new();
        STEPS.get_or_init(Self::new)
    }

    fn new() -> Self {
        let begin = std::array::from_fn(|step| libm::expm1f((step as f32 + 1.5) / 8.0));
        let of_bits = std::array::from_fn(|cell| {
            let least = f32::from_bits((cell as u32 + Self::FIRST) << Self::REST);
            begin.partition_point(|&begin| begin <= least) as u8 + 1
        });
        Steps { begin, of_bits }
    }

    /// What stands in the first cell.
    const FIRST: u32 = 1f32.to_bits() >> Self::REST;

    /// The steps of one occurrence or more.
    #[inline]
    fn of(&self, occurrences: f32) -> u8 {
        let cell = (occurrences.to_bits() >> Self::REST).saturating_sub(Self::FIRST) as usize;
        let steps = self.of_bits[cell.min(Self::CELLS - 1)];
        let next = self.begin.get(usize::from(steps) - 1);
        steps + u8::from(next.is_some_and(|&begin| begin <= occurrences))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_eighths_of_the_logarithm() {
        let steps = Steps::get();
        let begin = steps.begin;
        let occurrences = (100..400_000).map(|n| n as f32 / 100.0);
        let edges = begin.iter().flat_map(|x| [x.next_down(), *x, x.next_up()]);
        for x in occurrences.chain(edges.filter(|&x| x >= 1.0)).chain([f32::MAX, f32::INFINITY]) {
            let expected = begin.partition_point(|&begin| begin <= x) as u8 + 1;
            assert_eq!(steps.of(x), expected, "{x}");
            let exact = (8.0 * x.min(2600.0).ln_1p()).round();
            assert!((exact - f32::from(expected)).abs() <= 1.0 && expected < IN_LEAD, "{x}");
        }
    }

    #[test]
    fn words_whose_search_begins_in_one_slot_are_told_apart() {
        let mut words = DistinctWords::default();
        words.begin(None);
        let hashes: Vec<u64> = [5, 5 + (1 << 32), 5 + (2 << 32), 0, 1 << 63].into();
        let text = [&hashes[..], &hashes[..3], &[6], &hashes[..]].concat();
        words.place(&text);
        assert_eq!(words.places, [0, 1, 2, 3, 4, 0, 1, 2, 5, 0, 1, 2, 3, 4]);
        assert_eq!(words.firsts, [0, 1, 2, 3, 4, 8]);
        // More of them need a larger table.
        words.place(&(0..100).collect::<Vec<u64>>());
        words.place(&text);
        assert_eq!(words.places[114..], words.places[..14]);
    }
}
