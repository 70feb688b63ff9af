//! The passages that two texts share word for word: greedy string tiling (Wise 1993), longest
//! first, in time near linear in the length of the texts.
//!
//! 1. Windows of [`SEED`] words that stand in both texts are extended to runs.
//! 2. Runs are placed longest first. What a longer passage has taken is cut off a run, and the rest
//!    waits for its turn.
//! 3. A run that any two texts may share by chance is left out.
//!
//! # Bound
//! A text can repeat itself so that runs are many and long (`a a a a …`). So only the first
//! [`POSITIONS`] places of a window in the right text count, and a word of the left text that
//! stands in [`LONG_RUNS`] runs of at least [`LONG`] words already starts no other. All runs
//! together then have at most `POSITIONS * (LONG - 1) + LONG_RUNS` = 128 words for each word of the
//! left text. Every later step is bounded by that too, since runs are only cut from their ends, each
//! word once. With the heap that makes `O(n log n)` time and `O(n)` memory on every input. Where no
//! limit is met, as in articles that repeat no phrase more than eight times, the tiling is
//! exactly the greedy one.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use ahash::RandomState;
use smallvec::SmallVec;

use crate::hash;
use crate::text::language::{Language, term_of};
use crate::text::prior::prior_rarity;
use crate::text::words::{Word, Words};

/// The shortest run that is looked for, in words: a full name has three.
const SEED: usize = 3;

/// At how many places of the right text a window is looked at: the first ones.
const POSITIONS: usize = 8;

/// From how many words a run is long.
const LONG: usize = 16;

/// In how many long runs a word of the left text may stand.
const LONG_RUNS: usize = 8;

/// What a run must be to tell something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling {
    /// The fewest words.
    fewest: usize,
    /// A run of so many words tells something whatever the words are.
    many: f32,
    /// A shorter run tells something if its words are together as rare as this, in nats.
    rare: f32,
}

impl Telling {
    /// In two texts of which nothing is known.
    ///
    /// Measured on `examples/articles`, without markup: unrelated articles share no run of six words,
    /// unless they have a template in common, while 17 such runs of related ones are not rare (`could
    /// follow before the end of the year`). Of the 68 runs of three to five words that unrelated
    /// articles share, the rarest has 12.5 nats (`billion marks. Turnover was`). Of the 136 that
    /// related articles share, 74 reach 13. 20 of those have three words and nearly all are names
    /// (`Captain Edda Roske`, 20.4), which is why three words can be enough.
    const IN_TEXTS: Telling = Telling { fewest: SEED, many: 6.0, rare: 13.0 };

    /// In two sentences that are known to say the same: a word that is not one of the commonest, or
    /// four words.
    pub(crate) const IN_SENTENCES: Telling = Telling { fewest: 1, many: 4.0, rare: 1.5 };
}

/// A run of words that stands in both texts.
///
/// In scripts without spaces its words are overlapping groups of characters, as in [`Words`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    left: Range<usize>,
    right: Range<usize>,
    words: usize,
}

impl Passage {
    /// Where it stands in the left text, in bytes, on character boundaries.
    pub fn left(&self) -> Range<usize> {
        self.left.clone()
    }

    /// Where it stands in the right text.
    pub fn right(&self) -> Range<usize> {
        self.right.clone()
    }

    /// How many words it has.
    pub fn words(&self) -> usize {
        self.words
    }
}

/// The longest shared runs in the order of the left text. No word and no byte of either text
/// belongs to two of them, and none could be longer without taking from another.
///
/// `language` says how rare the words are. Swapping the texts swaps the sides of the passages,
/// except where the texts repeat themselves so much that equally long runs lie across each other as
/// in a mirror, or that a limit is met.
pub(crate) fn shared_passages(left: &Words, right: &Words, language: Language) -> Vec<Passage> {
    let runs = shared_runs(left.as_slice(), right.as_slice());
    let sides = (TiledText::new(left, 0..left.len()), TiledText::new(right, 0..right.len()));
    Tiling { left: sides.0, right: sides.1, language, telling: Telling::IN_TEXTS }.fill(runs)
}

/// The same of two sentences that say the same: what both have, down to single words. In time and
/// memory of the product of their lengths.
pub(crate) fn shared_in_sentences(
    (left, in_left): (&Words, Range<usize>),
    (right, in_right): (&Words, Range<usize>),
    language: Language,
) -> Vec<Passage> {
    let runs = all_runs(&left.as_slice()[in_left.clone()], &right.as_slice()[in_right.clone()]);
    let sides = (TiledText::new(left, in_left), TiledText::new(right, in_right));
    Tiling { left: sides.0, right: sides.1, language, telling: Telling::IN_SENTENCES }.fill(runs)
}

/// Equal words at `left..left + words` and `right..right + words`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SharedRun {
    left: usize,
    right: usize,
    words: usize,
}

impl SharedRun {
    fn left(&self) -> Range<usize> {
        self.left..self.left + self.words
    }

    fn right(&self) -> Range<usize> {
        self.right..self.right + self.words
    }

    /// What comes first is greater: the longest, of equals the one nearest to the start of both
    /// texts. Both sides count alike, so that the order of the texts matters as little as it can.
    fn rank(&self) -> impl Ord + use<> {
        let (early, late) = (self.left.min(self.right), self.left.max(self.right));
        (self.words, Reverse(late), Reverse(early), Reverse(self.left))
    }
}

impl Ord for SharedRun {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for SharedRun {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The maximal runs of equal words, each once.
///
/// A run whose first window is not looked at, because of a limit, begins later than it could;
/// [`Tiling::place`] makes up for that.
fn shared_runs(left: &[Word], right: &[Word]) -> Vec<SharedRun> {
    let windows = Windows::new(right);
    // For each diagonal, `left - right`, up to where it has been read.
    let mut read = vec![0u32; left.len() + right.len()];
    let mut ends_of_long = SmallVec::<[usize; LONG_RUNS]>::new();
    let mut runs = Vec::new();
    for (at, window) in left.windows(SEED).enumerate() {
        ends_of_long.retain(|end| *end > at);
        for start in windows.places(window) {
            let read = &mut read[right.len() + at - start];
            if *read as usize > at || ends_of_long.len() == LONG_RUNS {
                continue;
            }
            let words = common_prefix(&left[at..], &right[start..]);
            if words < SEED {
                // Another window of the same hash.
                continue;
            }
            *read = (at + words) as u32;
            if words >= LONG {
                ends_of_long.push(at + words);
            }
            runs.push(SharedRun { left: at, right: start, words });
        }
    }
    runs
}

/// The maximal runs of equal words, down to single words, each once.
fn all_runs(left: &[Word], right: &[Word]) -> Vec<SharedRun> {
    let mut runs = Vec::new();
    for (at, word) in left.iter().enumerate() {
        for (start, other) in right.iter().enumerate() {
            let begins = at == 0 || start == 0 || left[at - 1].hash() != right[start - 1].hash();
            if word.hash() == other.hash() && begins {
                let words = common_prefix(&left[at..], &right[start..]);
                runs.push(SharedRun { left: at, right: start, words });
            }
        }
    }
    runs
}

fn common_prefix(left: &[Word], right: &[Word]) -> usize {
    left.iter().zip(right).take_while(|(a, b)| a.hash() == b.hash()).count()
}

/// Where the windows of a text stand.
struct Windows {
    first: HashMap<u64, u32, RandomState>,
    /// For each window, the next one of the same hash.
    next: Vec<Option<u32>>,
}

impl Windows {
    fn new(words: &[Word]) -> Self {
        let count = words.len().saturating_sub(SEED - 1);
        let mut first = HashMap::with_capacity_and_hasher(count, RandomState::default());
        let mut next = vec![None; count];
        // Backwards, so that each list begins with the first place.
        for (at, window) in words.windows(SEED).enumerate().rev() {
            next[at] = first.insert(hash_of(window), at as u32);
        }
        Windows { first, next }
    }

    /// The first places of the windows that have the hash of this one.
    fn places(&self, window: &[Word]) -> impl Iterator<Item = usize> {
        let first = self.first.get(&hash_of(window)).copied();
        std::iter::successors(first, |&at| self.next[at as usize])
            .take(POSITIONS)
            .map(|at| at as usize)
    }
}

fn hash_of(window: &[Word]) -> u64 {
    hash::sequence(window.iter().map(Word::hash))
}

/// The words of a part of a text, and which of them belong to a passage.
struct TiledText<'a> {
    text: &'a Words,
    /// Which word of the text is the first.
    first: usize,
    words: &'a [Word],
    taken: Vec<bool>,
}

impl<'a> TiledText<'a> {
    fn new(text: &'a Words, part: Range<usize>) -> Self {
        let words = &text.as_slice()[part.clone()];
        TiledText { text, first: part.start, words, taken: vec![false; words.len()] }
    }

    /// Takes words for a passage, and returns their bytes. Neighbours that share a character with
    /// them are taken too, so that no character belongs to two passages.
    fn take(&mut self, run: Range<usize>) -> Range<usize> {
        let words = self.words;
        let bytes = words[run.start].source().start..words[run.end - 1].source().end;
        let (before, after) = (&words[..run.start], &words[run.end..]);
        let before = before.iter().rev().take_while(|word| word.source().end > bytes.start).count();
        let after = after.iter().take_while(|word| word.source().start < bytes.end).count();
        self.taken[run.start - before..run.end + after].fill(true);
        bytes
    }
}

/// The passages placed so far.
struct Tiling<'a> {
    left: TiledText<'a>,
    right: TiledText<'a>,
    language: Language,
    telling: Telling,
}

impl Tiling<'_> {
    /// The passages that these runs make, in the order of the left text.
    fn fill(mut self, runs: Vec<SharedRun>) -> Vec<Passage> {
        let mut runs = BinaryHeap::from(runs);
        let mut passages = Vec::new();
        while let Some(run) = runs.pop() {
            let rest = self.trim(run);
            if rest == run {
                passages.extend(self.place(run));
            } else if rest.words >= self.telling.fewest {
                runs.push(rest);
            }
        }
        passages.sort_unstable_by_key(|passage| passage.left.start);
        passages
    }

    fn is_free(&self, left: usize, right: usize) -> bool {
        !self.left.taken[left] && !self.right.taken[right]
    }

    /// What is left of a run when the taken words are cut off its ends.
    ///
    /// No taken word remains: every passage placed before is at least as long as the run, so one
    /// that touches it reaches beyond an end of it.
    fn trim(&self, mut run: SharedRun) -> SharedRun {
        while run.words > 0 && !self.is_free(run.left, run.right) {
            run = SharedRun { left: run.left + 1, right: run.right + 1, words: run.words - 1 };
        }
        while run.words > 0 && !self.is_free(run.left().end - 1, run.right().end - 1) {
            run.words -= 1;
        }
        run
    }

    /// Makes a passage of a run, unless chance explains it.
    fn place(&mut self, run: SharedRun) -> Option<Passage> {
        let run = self.grow(run);
        self.is_telling(&run).then(|| Passage {
            left: self.left.take(run.left()),
            right: self.right.take(run.right()),
            words: run.words,
        })
    }

    /// Extends a run by free words in both directions.
    fn grow(&self, mut run: SharedRun) -> SharedRun {
        let (left, right) = (self.left.words, self.right.words);
        let joins = |l: usize, r: usize| left[l].hash() == right[r].hash() && self.is_free(l, r);
        while run.left > 0 && run.right > 0 && joins(run.left - 1, run.right - 1) {
            run = SharedRun { left: run.left - 1, right: run.right - 1, words: run.words + 1 };
        }
        while run.left().end < left.len()
            && run.right().end < right.len()
            && joins(run.left().end, run.right().end)
        {
            run.words += 1;
        }
        run
    }

    /// Whether a run is long or its words are rare. Stops reading as soon as it is.
    fn is_telling(&self, run: &SharedRun) -> bool {
        let (mut words, mut rarity) = (0.0, 0.0);
        run.left().any(|index| {
            let TiledText { text, first, .. } = self.left;
            let part = if index > run.left { text.own_part(first + index) } else { 1.0 };
            words += part;
            rarity += part * self.rarity(index);
            words >= self.telling.many || rarity >= self.telling.rare
        })
    }

    fn rarity(&self, index: usize) -> f32 {
        let TiledText { text, first, words, .. } = &self.left;
        prior_rarity(self.language, term_of(words[index].hash(), text.text(first + index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The passages of two texts, and that what holds for all of them holds.
    fn passages(left: &str, right: &str) -> Vec<Passage> {
        let words = (Words::new(left), Words::new(right));
        let language = Language::of(&words.0).min(Language::of(&words.1));
        let passages = shared_passages(&words.0, &words.1, language);
        check_places(left, passages.iter().map(Passage::left));
        let mut places: Vec<_> = passages.iter().map(Passage::right).collect();
        places.sort_unstable_by_key(|place| place.start);
        check_places(right, places);
        passages
    }

    fn check_places(source: &str, places: impl IntoIterator<Item = Range<usize>>) {
        let mut end = 0;
        for place in places {
            assert!(place.start >= end && !place.is_empty(), "{place:?} in {source:?}");
            assert!(source.get(place.clone()).is_some(), "{place:?} in {source:?}");
            end = place.end;
        }
    }

    /// The passages of two texts as they are written on both sides.
    fn written<'a>(left: &'a str, right: &'a str) -> Vec<(&'a str, &'a str)> {
        let passages = passages(left, right);
        passages.iter().map(|passage| (&left[passage.left()], &right[passage.right()])).collect()
    }

    #[test]
    fn a_trimmed_copy_is_found_piece_by_piece() {
        let left = "The Kelm lifeboat was called out at dawn on Sunday after two anglers were cut \
                    off by the tide below Gannet Head. Both were cold but unhurt. Coxswain Arne \
                    Tofte said the swell had been the worst of the winter.";
        let right = "A lifeboat was called out at dawn on Sunday after two anglers were cut off by \
                     the tide. Coxswain Arne Tofte said the swell had been bad.";
        let expected = [
            "lifeboat was called out at dawn on Sunday after two anglers were cut off by the tide",
            "Coxswain Arne Tofte said the swell had been",
        ];
        assert_eq!(written(left, right), expected.map(|passage| (passage, passage)));
    }

    #[test]
    fn quotes_capitals_and_layout_do_not_part_a_passage() {
        let left = "“It’s the WORST swell of the winter,” he said.";
        let right = "He said: \"It's the worst\nswell of\tthe winter\"";
        let expected =
            ("It’s the WORST swell of the winter", "It's the worst\nswell of\tthe winter");
        assert_eq!(written(left, right), [expected]);
    }

    #[test]
    fn moved_sentences_are_found_in_the_order_of_the_left_text() {
        let (a, b) = ("Divers raised the brass bell of the Orrin", "Mayor Osric Blom paid for it");
        let (left, right) = (format!("{a}. {b}."), format!("{b}! Then: {a}?"));
        assert_eq!(written(&left, &right), [(a, a), (b, b)]);
    }

    #[test]
    fn short_runs_are_told_only_if_they_are_rare() {
        let found = |run: &str| {
            let (left, right) = (format!("Monday: {run} later"), format!("Then {run} maybe"));
            written(&left, &right).len()
        };
        assert_eq!(found("at the end of the"), 0);
        assert_eq!(found("nobody was hurt"), 0);
        assert_eq!(found("Ida Rosk"), 0, "two words can be anyone's");
        assert_eq!(found("Maria del Rosk"), 1);
        assert_eq!(found("it was not at the end of the"), 1);
    }

    #[test]
    fn chinese_passages_are_found_by_their_characters() {
        let left = "青螺镇站昨天上午开通，退休教师卢秀枝说她等了五年。";
        let right = "“退休教师卢秀枝”昨天搭上首班列车。";
        assert_eq!(written(left, right), [("退休教师卢秀枝", "退休教师卢秀枝")]);
        assert_eq!(written("外交部昨天说", "外交部今天说"), []);
    }

    #[test]
    fn no_character_belongs_to_two_passages() {
        let left = "天地玄黄宇宙洪荒日月盈昃辰宿";
        let right = "洪荒日月盈昃辰宿。天地玄黄宇宙洪";
        let expected = ["天地玄黄宇宙", "洪荒日月盈昃辰宿"];
        assert_eq!(written(left, right), expected.map(|passage| (passage, passage)));
    }

    #[test]
    fn texts_without_words_share_nothing() {
        for (left, right) in [("", ""), ("", "Mayor Osric Blom"), ("…!", "…!")] {
            assert_eq!(passages(left, right), []);
        }
    }

    #[test]
    fn repetition_costs_a_bounded_number_of_steps_for_each_word() {
        let n = 20_000;
        let periodic = |period: usize| -> String { (0..n).map(|i| word(i % period)).collect() };
        let random = |words: u64| -> String {
            (0..n).map(|i| word((hash::mix(i as u64) % words) as usize)).collect()
        };
        let fibonacci = {
            let (mut a, mut b) = (word(0), word(0) + &word(1));
            while b.len() < 60_000 {
                (a, b) = (b.clone(), b + &a);
            }
            b
        };
        let texts = [periodic(1), periodic(2), periodic(15), periodic(17), periodic(400)]
            .into_iter()
            .chain([random(2), random(5), random(30), fibonacci]);
        let texts: Vec<Words> = texts.map(|text| Words::new(&text)).collect();
        for left in &texts {
            for right in &texts {
                let runs = shared_runs(left.as_slice(), right.as_slice());
                let steps: usize = runs.iter().map(|run| run.words).sum();
                assert!(steps <= 128 * left.len(), "{steps} steps for {} words", left.len());
            }
        }
    }

    fn word(n: usize) -> String {
        format!("w{n} ")
    }

    #[test]
    fn one_word_a_hundred_thousand_times_is_one_passage() {
        let text = "a ".repeat(100_000);
        let found = passages(&text, &text);
        assert_eq!(found.iter().map(Passage::words).collect::<Vec<_>>(), [100_000]);
    }

    /// Greedy tiling as it is defined: search everything for the best run, place it, begin again.
    fn naive_tiling(left: &Words, right: &Words, language: Language) -> Vec<SharedRun> {
        let sides = (TiledText::new(left, 0..left.len()), TiledText::new(right, 0..right.len()));
        let telling = Telling::IN_TEXTS;
        let mut tiling = Tiling { left: sides.0, right: sides.1, language, telling };
        let mut placed = Vec::new();
        let free_runs = |tiling: &Tiling<'_>| {
            let free = |l: usize, r: usize| {
                tiling.is_free(l, r) && left.as_slice()[l].hash() == right.as_slice()[r].hash()
            };
            let mut runs = Vec::new();
            for (l, r) in (0..left.len()).flat_map(|l| (0..right.len()).map(move |r| (l, r))) {
                let most = (left.len() - l).min(right.len() - r);
                let words = (0..most).take_while(|&k| free(l + k, r + k)).count();
                runs.push(SharedRun { left: l, right: r, words });
            }
            runs
        };
        loop {
            let runs = free_runs(&tiling).into_iter();
            let best = runs.filter(|run| run.words >= SEED && tiling.is_telling(run)).max();
            let Some(run) = best else { break };
            tiling.left.take(run.left());
            tiling.right.take(run.right());
            placed.push(run);
        }
        placed.sort_unstable_by_key(|run| run.left);
        placed
    }

    /// Two texts of few words, common and rare; the right one has pieces of the left one.
    fn texts() -> impl Strategy<Value = (String, String)> {
        let words = || {
            let few = vec!["the", "of", "was", "harbour", "Kelm", "Rosk"];
            prop::collection::vec(prop::sample::select(few), 0..40)
        };
        let pieces = prop::collection::vec((0..40usize, 0..14usize), 0..5);
        (words(), words(), pieces).prop_map(|(left, mut right, pieces)| {
            right.truncate(12);
            for (start, length) in pieces {
                right.extend(left.iter().skip(start).take(length));
            }
            (left.join(" "), right.join(" "))
        })
    }

    /// The words of a text without overlapping words that a place covers.
    fn covered(words: &Words, place: Range<usize>) -> Range<usize> {
        let index = |at: usize| words.as_slice().partition_point(|word| word.source().end <= at);
        index(place.start)..index(place.end)
    }

    proptest! {
        #[test]
        fn the_tiling_is_the_greedy_one((left, right) in texts()) {
            let words = (Words::new(&left), Words::new(&right));
            let windows = Windows::new(words.1.as_slice());
            let unlimited = words.1.as_slice().windows(SEED)
                .all(|window| windows.places(window).count() < POSITIONS);
            prop_assume!(unlimited);
            let language = Language::of(&words.0).min(Language::of(&words.1));
            let found: Vec<SharedRun> = passages(&left, &right).iter()
                .map(|passage| SharedRun {
                    left: covered(&words.0, passage.left()).start,
                    right: covered(&words.1, passage.right()).start,
                    words: passage.words(),
                })
                .collect();
            prop_assert_eq!(found, naive_tiling(&words.0, &words.1, language));
        }

        #[test]
        fn passages_are_equal_apart_and_maximal(
            left in "[ab](( [ab]){0,60})", right in "[ab](( [ab]){0,60})",
        ) {
            let (l, r) = (Words::new(&left), Words::new(&right));
            let hashes = |words: &Words, range: Range<usize>| -> Vec<u64> {
                words.as_slice()[range].iter().map(Word::hash).collect()
            };
            let runs: Vec<_> = passages(&left, &right).iter()
                .map(|p| (covered(&l, p.left()), covered(&r, p.right()), p.words()))
                .collect();
            let (mut free_left, mut free_right) = (vec![true; l.len()], vec![true; r.len()]);
            for (on_left, on_right, words) in &runs {
                prop_assert_eq!(on_left.len(), *words);
                prop_assert_eq!(hashes(&l, on_left.clone()), hashes(&r, on_right.clone()));
                for (free, range) in [(&mut free_left, on_left), (&mut free_right, on_right)] {
                    prop_assert!(free[range.clone()].iter().all(|&free| free));
                    free[range.clone()].fill(false);
                }
            }
            let joins = |a: Option<usize>, b: Option<usize>| match (a, b) {
                (Some(a), Some(b)) if a < l.len() && b < r.len() => {
                    free_left[a] && free_right[b] && l.as_slice()[a].hash() == r.as_slice()[b].hash()
                }
                _ => false,
            };
            for (on_left, on_right, _) in &runs {
                prop_assert!(!joins(on_left.start.checked_sub(1), on_right.start.checked_sub(1)));
                prop_assert!(!joins(Some(on_left.end), Some(on_right.end)));
            }
        }

        #[test]
        fn a_text_is_one_passage_with_itself(text in "[a-c]{1,2}( [a-c]{1,2}){5,60}") {
            let words = Words::new(&text).len();
            let whole = Passage { left: 0..text.len(), right: 0..text.len(), words };
            prop_assert_eq!(passages(&text, &text), [whole]);
        }

        /// Only equally long runs that lie across each other can part the two ways, and there are
        /// none if no word repeats.
        #[test]
        fn swapping_the_texts_swaps_the_sides(
            blocks in Just((0..24usize).collect::<Vec<_>>()).prop_shuffle(), kept in 0..24usize,
        ) {
            let text = |blocks: &mut dyn Iterator<Item = usize>| -> String {
                blocks.flat_map(|block| block * 4..block * 4 + 4).map(word).collect()
            };
            let left = text(&mut (0..24));
            let right = text(&mut blocks.into_iter().take(kept));
            let mut there = passages(&left, &right);
            let back: Vec<Passage> = passages(&right, &left).into_iter()
                .map(|Passage { left, right, words }| Passage { left: right, right: left, words })
                .collect();
            there.sort_unstable_by_key(|passage| passage.right.start);
            prop_assert_eq!(there, back);
        }

        #[test]
        fn places_are_valid_in_every_text(
            left in "\\PC{0,80}", right in "\\PC{0,40}", cut in any::<prop::sample::Index>(),
        ) {
            passages(&left, &right);
            let mut characters = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            let at = characters.nth(cut.index(left.chars().count() + 1)).unwrap_or(0);
            passages(&left, &format!("{}{right}{}", &left[at..], &left[..at]));
            passages(&left, &left);
        }

        #[test]
        fn places_are_valid_in_texts_of_overlapping_words(
            left in "[天地ア日เรื。aﷺ℀]{0,60}", right in "[天地ア日เรื。aﷺ℀]{0,60}",
        ) {
            passages(&left, &right);
        }
    }
}
