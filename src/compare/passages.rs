//! The passages that two texts share word for word: greedy string tiling (Wise 1993), longest
//! first, in time near linear in the length of the texts.
//!
//! 1. A hash table finds the windows of [`MIN_RUN`] words that both texts contain; each is extended to
//!    a maximal run.
//! 2. A heap yields the runs longest first. Words that a longer passage has taken are cut off a run,
//!    and the rest goes back to the heap.
//! 3. A run that two unrelated texts may share by chance is left out.
//!
//! # Cost
//! A repetitive text (`a a a a …`) has quadratically many runs. So only the first [`MAX_POSITIONS`]
//! positions of a window in the right text count, and a word of the left text that is already part
//! of [`MAX_LONG_RUNS`] runs of at least [`MIN_LONG_RUN`] words starts no other. All runs together
//! then have at most `MAX_POSITIONS * (MIN_LONG_RUN - 1) + MAX_LONG_RUNS` = 128 words for each word
//! of the left text. This bounds every later step too, since a run is only cut from its ends, each
//! word once. With the heap this gives `O(n log n)` time and `O(n)` memory on every input. Where no
//! limit applies, as in articles that repeat no phrase more than eight times, the tiling is exactly
//! the greedy one.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use ahash::RandomState;
use smallvec::SmallVec;

use crate::hash;
use crate::text::language::{Language, term_of};
use crate::text::prior::prior_rarity;
use crate::text::words::{Word, Words};

/// The shortest run that is searched for, in words: a full name has three.
const MIN_RUN: usize = 3;

/// How many positions of a window in the right text are compared, from the first.
const MAX_POSITIONS: usize = 8;

/// The fewest words of a long run.
const MIN_LONG_RUN: usize = 16;

/// The most long runs that a word of the left text is part of.
const MAX_LONG_RUNS: usize = 8;

/// The limits that a run must reach so that chance does not explain it.
#[derive(Debug, Clone, Copy)]
struct RunLimits {
    /// The fewest words of a run that stays in the heap.
    min_words: usize,
    /// A run of this many words is significant whatever the words are.
    enough_words: f32,
    /// A shorter run is significant if the rarities of its words sum to this, in nats.
    enough_rarity: f32,
}

impl RunLimits {
    /// For two arbitrary texts. The limits bound what unrelated articles share: see the design page.
    const IN_TEXTS: RunLimits =
        RunLimits { min_words: MIN_RUN, enough_words: 6.0, enough_rarity: 13.0 };

    /// For two paired sentences: four words, or one word that is not among the commonest.
    const IN_SENTENCES: RunLimits =
        RunLimits { min_words: 1, enough_words: 4.0, enough_rarity: 1.5 };
}

/// A run of words that both texts contain.
///
/// In scripts without spaces its words are overlapping character groups, as in [`Words`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    left: Range<usize>,
    right: Range<usize>,
    words: usize,
}

impl Passage {
    /// The byte range in the left text, on character boundaries.
    pub fn left(&self) -> Range<usize> {
        self.left.clone()
    }

    /// The byte range in the right text, on character boundaries.
    pub fn right(&self) -> Range<usize> {
        self.right.clone()
    }

    /// The number of words.
    pub fn words(&self) -> usize {
        self.words
    }
}

/// The longest shared runs in the order of the left text. No word and no byte of either text
/// belongs to two of them, and none can grow without taking words from another.
///
/// `language` selects the table of word rarities. Swapping the texts swaps the sides of the passages,
/// except where equally long runs of a repetitive text cross each other, or a limit applies.
pub(crate) fn shared_passages(left: &Words, right: &Words, language: Language) -> Vec<Passage> {
    let runs = shared_runs(left.as_slice(), right.as_slice());
    let sides = (TiledText::new(left, 0..left.len()), TiledText::new(right, 0..right.len()));
    Tiling { left: sides.0, right: sides.1, language, limits: RunLimits::IN_TEXTS }.fill(runs)
}

/// The runs that two paired sentences share, down to single words. Time and memory are the product
/// of their lengths, which the longest sentence bounds.
pub(crate) fn shared_in_sentences(
    (left, in_left): (&Words, Range<usize>),
    (right, in_right): (&Words, Range<usize>),
    language: Language,
) -> Vec<Passage> {
    let runs = all_runs(&left.as_slice()[in_left.clone()], &right.as_slice()[in_right.clone()]);
    let sides = (TiledText::new(left, in_left), TiledText::new(right, in_right));
    Tiling { left: sides.0, right: sides.1, language, limits: RunLimits::IN_SENTENCES }.fill(runs)
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

    /// A greater run is placed earlier: the longest, then the one nearest to the start of both texts.
    /// Both sides count alike, so that the order of the texts decides only the last tie.
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
/// A run whose first window a limit skips begins too late; [`Tiling::place`] extends it again.
fn shared_runs(left: &[Word], right: &[Word]) -> Vec<SharedRun> {
    let windows = WindowIndex::new(right);
    // For each diagonal, `left - right`, the end of its last run on the left.
    let mut read = vec![0u32; left.len() + right.len()];
    let mut long_ends = SmallVec::<[usize; MAX_LONG_RUNS]>::new();
    let mut runs = Vec::new();
    for (at, window) in left.windows(MIN_RUN).enumerate() {
        long_ends.retain(|end| *end > at);
        for start in windows.positions(window) {
            let read = &mut read[right.len() + at - start];
            if *read as usize > at || long_ends.len() == MAX_LONG_RUNS {
                continue;
            }
            let words = common_prefix(&left[at..], &right[start..]);
            if words < MIN_RUN {
                // A hash collision.
                continue;
            }
            *read = (at + words) as u32;
            if words >= MIN_LONG_RUN {
                long_ends.push(at + words);
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

/// The positions of the windows of a text, by hash.
struct WindowIndex {
    first: HashMap<u64, u32, RandomState>,
    /// For each window, the next one of the same hash.
    next: Vec<Option<u32>>,
}

impl WindowIndex {
    fn new(words: &[Word]) -> Self {
        let count = words.len().saturating_sub(MIN_RUN - 1);
        let mut first = HashMap::with_capacity_and_hasher(count, RandomState::default());
        let mut next = vec![None; count];
        // Backwards, so that each list begins with the first position.
        for (at, window) in words.windows(MIN_RUN).enumerate().rev() {
            next[at] = first.insert(hash_of(window), at as u32);
        }
        WindowIndex { first, next }
    }

    /// The first positions of the windows that have the hash of this one.
    fn positions(&self, window: &[Word]) -> impl Iterator<Item = usize> {
        let first = self.first.get(&hash_of(window)).copied();
        std::iter::successors(first, |&at| self.next[at as usize])
            .take(MAX_POSITIONS)
            .map(|at| at as usize)
    }
}

fn hash_of(window: &[Word]) -> u64 {
    hash::sequence(window.iter().map(Word::hash))
}

/// The words of a part of a text, and which of them belong to a passage.
struct TiledText<'a> {
    text: &'a Words,
    /// The number of the first word in the text.
    first: usize,
    words: &'a [Word],
    taken: Vec<bool>,
}

impl<'a> TiledText<'a> {
    fn new(text: &'a Words, part: Range<usize>) -> Self {
        let words = &text.as_slice()[part.clone()];
        TiledText { text, first: part.start, words, taken: vec![false; words.len()] }
    }

    /// Marks words as taken by a passage, and returns their bytes. Neighbours that share a character
    /// with them are marked too, so that no character belongs to two passages.
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

/// The words that passages have taken so far on both sides.
struct Tiling<'a> {
    left: TiledText<'a>,
    right: TiledText<'a>,
    language: Language,
    limits: RunLimits,
}

impl Tiling<'_> {
    /// Places runs longest first; returns the passages in the order of the left text.
    fn fill(mut self, runs: Vec<SharedRun>) -> Vec<Passage> {
        let mut runs = BinaryHeap::from(runs);
        let mut passages = Vec::new();
        while let Some(run) = runs.pop() {
            let rest = self.trim(run);
            if rest == run {
                passages.extend(self.place(run));
            } else if rest.words >= self.limits.min_words {
                runs.push(rest);
            }
        }
        passages.sort_unstable_by_key(|passage| passage.left.start);
        passages
    }

    fn is_free(&self, left: usize, right: usize) -> bool {
        !self.left.taken[left] && !self.right.taken[right]
    }

    /// Cuts the taken words off the ends of a run.
    ///
    /// No taken word remains: every earlier passage is at least as long as the run, so one that
    /// overlaps it reaches beyond one of its ends.
    fn trim(&self, mut run: SharedRun) -> SharedRun {
        while run.words > 0 && !self.is_free(run.left, run.right) {
            run = SharedRun { left: run.left + 1, right: run.right + 1, words: run.words - 1 };
        }
        while run.words > 0 && !self.is_free(run.left().end - 1, run.right().end - 1) {
            run.words -= 1;
        }
        run
    }

    /// Extends a run and takes its words for a passage, unless chance explains it.
    fn place(&mut self, run: SharedRun) -> Option<Passage> {
        let run = self.grow(run);
        self.is_significant(&run).then(|| Passage {
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

    /// Whether a run is long or its words are rare. Stops at the first word that decides.
    fn is_significant(&self, run: &SharedRun) -> bool {
        let (mut words, mut rarity) = (0.0, 0.0);
        run.left().any(|index| {
            let TiledText { text, first, .. } = self.left;
            let part = if index > run.left { text.own_part(first + index) } else { 1.0 };
            words += part;
            rarity += part * self.rarity(index);
            words >= self.limits.enough_words || rarity >= self.limits.enough_rarity
        })
    }

    fn rarity(&self, index: usize) -> f32 {
        let TiledText { text, first, words, .. } = &self.left;
        prior_rarity(self.language, term_of(words[index].hash(), text.text(first + index)))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The passages of two texts, whose invariants are asserted.
    fn passages(left: &str, right: &str) -> Vec<Passage> {
        let words = (Words::new(left), Words::new(right));
        let language = Language::of(&words.0).min(Language::of(&words.1));
        let passages = shared_passages(&words.0, &words.1, language);
        check_ranges(left, passages.iter().map(Passage::left));
        let mut ranges: Vec<_> = passages.iter().map(Passage::right).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        check_ranges(right, ranges);
        passages
    }

    /// Asserts that ranges are ascending, disjoint, not empty, and on character boundaries.
    pub(in crate::compare) fn check_ranges(
        source: &str,
        ranges: impl IntoIterator<Item = Range<usize>>,
    ) {
        let mut end = 0;
        for range in ranges {
            assert!(range.start >= end && !range.is_empty(), "{range:?} in {source:?}");
            assert!(source.get(range.clone()).is_some(), "{range:?} in {source:?}");
            end = range.end;
        }
    }

    /// The passages of two texts as slices of both sources.
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
    fn short_runs_are_passages_only_if_they_are_rare() {
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

    /// Greedy tiling by its definition: search all pairs of words for the best run, place it, repeat.
    fn reference_tiling(left: &Words, right: &Words, language: Language) -> Vec<SharedRun> {
        let sides = (TiledText::new(left, 0..left.len()), TiledText::new(right, 0..right.len()));
        let limits = RunLimits::IN_TEXTS;
        let mut tiling = Tiling { left: sides.0, right: sides.1, language, limits };
        let mut found = Vec::new();
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
            let best = runs.filter(|run| run.words >= MIN_RUN && tiling.is_significant(run)).max();
            let Some(run) = best else { break };
            tiling.left.take(run.left());
            tiling.right.take(run.right());
            found.push(run);
        }
        found.sort_unstable_by_key(|run| run.left);
        found
    }

    /// Two texts over few words, common and rare; the right one contains pieces of the left one.
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

    /// The words that a byte range covers, in a text without overlapping words.
    fn covered(words: &Words, bytes: Range<usize>) -> Range<usize> {
        let index = |at: usize| words.as_slice().partition_point(|word| word.source().end <= at);
        index(bytes.start)..index(bytes.end)
    }

    proptest! {
        #[test]
        fn the_tiling_is_the_greedy_one((left, right) in texts()) {
            let words = (Words::new(&left), Words::new(&right));
            let windows = WindowIndex::new(words.1.as_slice());
            let unlimited = words.1.as_slice().windows(MIN_RUN)
                .all(|window| windows.positions(window).count() < MAX_POSITIONS);
            prop_assume!(unlimited);
            let language = Language::of(&words.0).min(Language::of(&words.1));
            let found: Vec<SharedRun> = passages(&left, &right).iter()
                .map(|passage| SharedRun {
                    left: covered(&words.0, passage.left()).start,
                    right: covered(&words.1, passage.right()).start,
                    words: passage.words(),
                })
                .collect();
            prop_assert_eq!(found, reference_tiling(&words.0, &words.1, language));
        }

        #[test]
        fn passages_are_equal_disjoint_and_maximal(
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

        /// Only crossing runs of equal length break the symmetry, and a text without repeated words
        /// has none.
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
        fn ranges_are_valid_in_every_text(
            left in "\\PC{0,80}", right in "\\PC{0,40}", cut in any::<prop::sample::Index>(),
        ) {
            passages(&left, &right);
            let mut characters = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            let at = characters.nth(cut.index(left.chars().count() + 1)).unwrap_or(0);
            passages(&left, &format!("{}{right}{}", &left[at..], &left[..at]));
            passages(&left, &left);
        }

        #[test]
        fn ranges_are_valid_in_texts_of_overlapping_words(
            left in "[天地ア日เรื。aﷺ℀]{0,60}", right in "[天地ア日เรื。aﷺ℀]{0,60}",
        ) {
            passages(&left, &right);
        }
    }
}
