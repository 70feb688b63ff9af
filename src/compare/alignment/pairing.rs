//! Pairs the sentences of two texts that say the same.
//!
//! A shared word supports a pair of sentences by its *weight*: its rarity in the language, reduced
//! where many sentences of these texts have it, since the topic of a whole story does not show which
//! of its sentences belong together.
//!
//! 1. Postings of the words that few sentences have give candidate pairs. Each sentence keeps its best
//!    [`MAX_CANDIDATES`], so the number of candidates is linear in the number of sentences.
//! 2. Candidates are accepted strongest first. A shared word counts only where no stronger pair of
//!    either sentence has explained it. So a sentence that was split pairs with both parts, and one
//!    that shares only the main character's name with all others pairs with none of them.
//! 3. Sentences that share a whole passage or a long run of one are pairs too. This pairs texts in
//!    which every word occurs in many sentences.
//!
//! Weights are integers, so sums do not depend on the order of the words or the sides.

use std::cmp::Reverse;
use std::collections::HashMap;

use ahash::RandomState;
use smallvec::SmallVec;

use super::sentences::SentenceText;
use crate::compare::passages::Passage;
use crate::hash;
use crate::text::language::{Language, is_figure, term_of};
use crate::text::prior::prior_rarity;

/// The most pairs of sentences that share a word which gives candidates; commoner words give none.
const MAX_PAIRS_OF_A_WORD: usize = 64;

/// The most candidates that each sentence keeps.
const MAX_CANDIDATES: usize = 8;

/// The most sentences that one is paired with.
const MAX_PARTNERS: usize = 8;

/// The integer weight of one nat.
const UNITS_PER_NAT: f32 = 256.0;

/// A sentence of the left text and one of the right text that say the same, by number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SentenceMatch {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) strength: f32,
}

/// The rounds of acceptance: the least gain of a pair, as in [`Pairing::gain`], and the support that
/// it needs too. Later rounds accept less, since earlier pairs show that the texts are related.
const MIN_GAINS: [(f32, Support); 3] =
    [(8.0, Support::None), (5.0, Support::Story), (2.5, Support::Neighbours)];

/// Evidence for a pair apart from its own words.
#[derive(Debug, Clone, Copy)]
enum Support {
    None,
    /// At least [`MIN_STORY_PAIRS`] pairs are accepted already.
    Story,
    /// Sentences near to both are a pair.
    Neighbours,
}

/// The fewest pairs that show that two texts share more than a single line.
const MIN_STORY_PAIRS: usize = 2;

/// The greatest distance between neighbours, in sentences.
const MAX_DISTANCE: usize = 2;

/// The fewest words of a shared passage that make a pair of two sentences, whatever else these say,
/// in texts that have [`MIN_STORY_PAIRS`] pairs.
const MIN_LINKING_RUN: f32 = 6.0;

/// The weight factor of words that never occur in lower case: the names of a story occur in many of
/// its sentences, whatever these say.
const NAME_FACTOR: f32 = 0.6;

/// The weight factor where syllables are written as words: more of them are shared by chance.
const SYLLABLE_FACTOR: f32 = 0.6;

/// The distinct words of each sentence of a text, by number.
struct SentenceWords {
    /// Ascending within each sentence.
    words: Vec<u32>,
    starts: Vec<usize>,
    /// The sum of the weights of each sentence.
    weights: Vec<u32>,
}

impl SentenceWords {
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn sentence(&self, number: usize) -> &[u32] {
        &self.words[self.starts[number]..self.starts[number + 1]]
    }
}

/// The words of two texts, numbered by first occurrence.
#[derive(Default)]
struct WordTable {
    /// Numbers by the hash of a word, and by the hash of the stem of an English one.
    numbers: HashMap<u64, u32, RandomState>,
    stems: HashMap<u64, u32, RandomState>,
    /// Whether each occurs in lower case.
    lowercase: Vec<bool>,
    /// The rarity of each, in nats, without the part that overlaps the word before it.
    rarities: Vec<f32>,
    /// The number of sentences of each text that contain it.
    counts: [Vec<u32>; 2],
}

impl WordTable {
    /// A table for two texts of this many words together.
    fn with_capacity(words: usize) -> Self {
        WordTable {
            numbers: HashMap::with_capacity_and_hasher(words, RandomState::default()),
            ..WordTable::default()
        }
    }

    /// Numbers the words of a text, and counts the sentences that contain each.
    fn add(&mut self, side: usize, text: &SentenceText<'_>, language: Language) -> SentenceWords {
        let mut found = SentenceWords {
            words: Vec::with_capacity(text.words.len()),
            starts: vec![0],
            weights: Vec::new(),
        };
        let mut distinct = Vec::new();
        for sentence in &text.sentences {
            distinct.extend(sentence.words.clone().map(|at| self.number(text, at, language)));
            distinct.sort_unstable();
            distinct.dedup();
            self.counts.iter_mut().for_each(|counts| counts.resize(self.rarities.len(), 0));
            distinct.iter().for_each(|&word| self.counts[side][word as usize] += 1);
            found.words.append(&mut distinct);
            found.starts.push(found.words.len());
        }
        found
    }

    fn number(&mut self, text: &SentenceText<'_>, at: usize, language: Language) -> u32 {
        let words = text.words;
        let hash = words.as_slice()[at].hash();
        let next = self.rarities.len() as u32;
        let (number, is_known) = match self.numbers.get(&hash) {
            Some(&number) => (number, true),
            None => {
                let number = match language {
                    Language::English => {
                        let stem = hash::word(stem(words.text(at)).as_bytes());
                        *self.stems.entry(stem).or_insert(next)
                    }
                    _ => next,
                };
                self.numbers.insert(hash, number);
                (number, false)
            }
        };
        let written = words.text(at);
        // The least rarity of all spellings of a number does not depend on the order of the texts.
        if !is_known || words.own_part(at) < 1.0 || is_figure(written.as_bytes()) {
            let rarity = words.own_part(at) * prior_rarity(language, term_of(hash, written));
            match self.rarities.get_mut(number as usize) {
                Some(known) => *known = known.min(rarity),
                None => {
                    self.rarities.push(rarity);
                    self.lowercase.push(false);
                }
            }
        }
        self.lowercase[number as usize] |= !text.capitals[at];
        number
    }

    /// The weight of each word.
    fn weights(&self, language: Language) -> Vec<u32> {
        let unit =
            if language.is_syllabic() { SYLLABLE_FACTOR * UNITS_PER_NAT } else { UNITS_PER_NAT };
        let counts =
            self.counts[0].iter().zip(&self.counts[1]).map(|(left, right)| left.max(right));
        let weights = self.rarities.iter().zip(&self.lowercase).zip(counts).map(
            |((&rarity, &lowercase), &count)| {
                let rarity = if lowercase { rarity } else { NAME_FACTOR * rarity };
                (unit * rarity / (1.0 + libm::logf(count.max(1) as f32))) as u32
            },
        );
        weights.collect()
    }
}

/// Pairs sentences; returns the pairs in the order of the left text, then of the right one.
pub(super) fn pairs(
    texts: [&SentenceText<'_>; 2],
    passages: &[Passage],
    language: Language,
) -> Vec<SentenceMatch> {
    let mut table = WordTable::with_capacity(texts[0].words.len() + texts[1].words.len());
    let [mut left, mut right] = [0, 1].map(|side| table.add(side, texts[side], language));
    let weights = table.weights(language);
    for side in [&mut left, &mut right] {
        let weight = |words: &[u32]| words.iter().map(|&word| weights[word as usize]).sum();
        side.weights = (0..side.len()).map(|number| weight(side.sentence(number))).collect();
    }
    let mut candidates = candidates(&left, &right, &table, &weights);
    let strength = |candidate: &Candidate| {
        let whole = left.weights[candidate.left] + right.weights[candidate.right];
        2.0 * candidate.shared as f32 / whole.max(1) as f32
    };
    candidates.sort_unstable_by(|one, other| {
        let rank = |candidate: &Candidate| {
            let Candidate { left: l, right: r, .. } = *candidate;
            let away = (l * right.len()).abs_diff(r * left.len());
            (away, l.max(r), l.min(r), l)
        };
        strength(other).total_cmp(&strength(one)).then_with(|| rank(one).cmp(&rank(other)))
    });
    let mut pairing = Pairing::new(&left, &right, &weights);
    for (min_gain, support) in MIN_GAINS {
        for candidate in &candidates {
            let is_wanted = pairing.max_gain(candidate) >= min_gain
                && pairing.is_open(candidate)
                && pairing.has_support(candidate, support);
            if is_wanted && pairing.gain(candidate) >= min_gain {
                pairing.take(candidate, strength(candidate));
            }
        }
    }
    let is_story = pairing.pairs.len() >= MIN_STORY_PAIRS;
    for PassageLink { left: l, right: r, is_whole } in passage_links(texts, passages, language) {
        let pair = Candidate::new(l, r, &left, &right, &weights);
        if (is_whole || is_story) && pairing.is_open(&pair) {
            pairing.take(&pair, strength(&pair));
        }
    }
    let mut pairs = pairing.pairs;
    pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
    pairs
}

/// The pairs accepted so far, and the words that they explain.
struct Pairing<'a> {
    left: &'a SentenceWords,
    right: &'a SentenceWords,
    weights: &'a [u32],
    /// Whether a pair explains each word of each sentence.
    explained: [Vec<bool>; 2],
    /// The weight of each sentence that no pair explains.
    unexplained: [Vec<u32>; 2],
    /// The sentences that each is paired with.
    partners: [Vec<SmallVec<[usize; 2]>>; 2],
    pairs: Vec<SentenceMatch>,
}

impl<'a> Pairing<'a> {
    fn new(left: &'a SentenceWords, right: &'a SentenceWords, weights: &'a [u32]) -> Self {
        Pairing {
            left,
            right,
            weights,
            explained: [vec![false; left.words.len()], vec![false; right.words.len()]],
            unexplained: [left.weights.clone(), right.weights.clone()],
            partners: [left, right].map(|side| vec![SmallVec::new(); side.len()]),
            pairs: Vec::new(),
        }
    }

    /// The positions and weights of the words that both sentences have.
    fn shared(&self, pair: &Candidate) -> impl Iterator<Item = (usize, usize, u32)> + use<'a> {
        let (from, to) = (self.left.starts[pair.left], self.right.starts[pair.right]);
        let (one, other) = (self.left.sentence(pair.left), self.right.sentence(pair.right));
        let weights = self.weights;
        shared(one, other).map(move |(l, r)| (from + l, to + r, weights[one[l] as usize]))
    }

    /// An upper bound of [`Pairing::gain`]: its value if no pair explained any shared word.
    fn max_gain(&self, pair: &Candidate) -> f32 {
        let half = self.left.weights[pair.left].min(self.right.weights[pair.right]) / 2;
        pair.shared as f32 / UNITS_PER_NAT * (pair.shared as f32 / half.max(1) as f32)
    }

    /// The unexplained shared weight in nats, times its share of the smaller unexplained weight of the
    /// two sentences, which counts as at least half of the lighter sentence. So a small part of a long
    /// sentence gains little.
    fn gain(&self, pair: &Candidate) -> f32 {
        let open =
            self.shared(pair).filter(|&(l, r, _)| !self.explained[0][l] && !self.explained[1][r]);
        let gain = open.map(|(_, _, weight)| weight).sum::<u32>() as f32;
        let unexplained = self.unexplained[0][pair.left].min(self.unexplained[1][pair.right]);
        let half = self.left.weights[pair.left].min(self.right.weights[pair.right]) / 2;
        gain / UNITS_PER_NAT * (gain / unexplained.max(half).max(1) as f32)
    }

    /// Whether both sentences can have one more partner, and are no pair yet.
    fn is_open(&self, pair: &Candidate) -> bool {
        let [left, right] = &self.partners;
        let (left, right) = (&left[pair.left], &right[pair.right]);
        left.len().max(right.len()) < MAX_PARTNERS && !left.contains(&pair.right)
    }

    fn has_support(&self, pair: &Candidate, support: Support) -> bool {
        match support {
            Support::None => true,
            Support::Story => self.pairs.len() >= MIN_STORY_PAIRS,
            Support::Neighbours => {
                let &Candidate { left, right, .. } = pair;
                let near = left.saturating_sub(MAX_DISTANCE)
                    ..(left + MAX_DISTANCE + 1).min(self.left.len());
                let is_near =
                    |&other: &usize| other != right && other.abs_diff(right) <= MAX_DISTANCE;
                near.into_iter().any(|at| at != left && self.partners[0][at].iter().any(is_near))
            }
        }
    }

    fn take(&mut self, pair: &Candidate, strength: f32) {
        for (l, r, weight) in self.shared(pair) {
            for (side, at, sentence) in [(0, l, pair.left), (1, r, pair.right)] {
                if !std::mem::replace(&mut self.explained[side][at], true) {
                    self.unexplained[side][sentence] -= weight;
                }
            }
        }
        self.partners[0][pair.left].push(pair.right);
        self.partners[1][pair.right].push(pair.left);
        self.pairs.push(SentenceMatch { left: pair.left, right: pair.right, strength });
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    left: usize,
    right: usize,
    /// The weight of the words that both sentences have.
    shared: u32,
}

impl Candidate {
    fn new(
        l: usize,
        r: usize,
        left: &SentenceWords,
        right: &SentenceWords,
        weights: &[u32],
    ) -> Self {
        let words = left.sentence(l);
        let both = shared(words, right.sentence(r));
        Candidate {
            left: l,
            right: r,
            shared: both.map(|(at, _)| weights[words[at] as usize]).sum(),
        }
    }
}

/// Two sentences that share a run of words of a passage.
struct PassageLink {
    left: usize,
    right: usize,
    /// Whether the run is all of both sentences.
    is_whole: bool,
}

/// The pairs of sentences that are equal within a passage, or share [`MIN_LINKING_RUN`] words of one.
fn passage_links(
    [left, right]: [&SentenceText<'_>; 2],
    passages: &[Passage],
    language: Language,
) -> Vec<PassageLink> {
    let min_words =
        if language.is_syllabic() { MIN_LINKING_RUN / SYLLABLE_FACTOR } else { MIN_LINKING_RUN };
    let mut found = Vec::new();
    for passage in passages {
        let (from, to) = (left.word_at(passage.left().start), right.word_at(passage.right().start));
        let mut at = 0;
        while at < passage.words() {
            let (l, r) = (left.sentence_of(from + at), right.sentence_of(to + at));
            let (Some(one), Some(other)) = (left.sentences.get(l), right.sentences.get(r)) else {
                break;
            };
            let ends = (one.words.end.saturating_sub(from), other.words.end.saturating_sub(to));
            let end = passage.words().min(ends.0).min(ends.1).max(at + 1);
            let run = (from + at..from + end, to + at..to + end);
            let is_whole = run == (one.words.clone(), other.words.clone());
            let own = run.0.map(|word| left.words.own_part(word)).sum::<f32>();
            if is_whole || own >= min_words {
                found.push(PassageLink { left: l, right: r, is_whole });
            }
            at = end;
        }
    }
    found
}

/// The pairs that share distinctive words, each once.
fn candidates(
    left: &SentenceWords,
    right: &SentenceWords,
    table: &WordTable,
    weights: &[u32],
) -> Vec<Candidate> {
    let is_distinctive = |word: u32| {
        let [on_left, on_right] = [0, 1].map(|side| table.counts[side][word as usize] as usize);
        weights[word as usize] > 0 && on_left * on_right <= MAX_PAIRS_OF_A_WORD
    };
    let best = |from: &SentenceWords,
                to: &SentenceWords,
                orient: &dyn Fn(usize, usize) -> (usize, usize)| {
        let postings = SentencePostings::new(to, weights.len(), is_distinctive);
        let mut sums = vec![0; to.len()];
        let mut touched: Vec<usize> = Vec::new();
        let mut best = Vec::new();
        for number in 0..from.len() {
            for &word in from.sentence(number) {
                for &other in postings.of(word) {
                    if sums[other as usize] == 0 {
                        touched.push(other as usize);
                    }
                    sums[other as usize] += weights[word as usize];
                }
            }
            // Ties go to the lower number, which makes the selection deterministic.
            touched.sort_unstable_by_key(|&other| (Reverse(sums[other]), other));
            best.extend(touched.iter().take(MAX_CANDIDATES).map(|&other| orient(number, other)));
            touched.drain(..).for_each(|other| sums[other] = 0);
        }
        best
    };
    let mut pairs = best(left, right, &|number, other| (number, other));
    pairs.extend(best(right, left, &|number, other| (other, number)));
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|(l, r)| Candidate::new(l, r, left, right, weights)).collect()
}

/// The postings of each word: the sentences that contain it, ascending, in one flat list.
struct SentencePostings {
    sentences: Vec<u32>,
    starts: Vec<usize>,
}

impl SentencePostings {
    fn new(side: &SentenceWords, words: usize, is_distinctive: impl Fn(u32) -> bool) -> Self {
        let listed =
            |number: usize| side.sentence(number).iter().filter(|&&word| is_distinctive(word));
        let mut starts = vec![0; words + 2];
        for number in 0..side.len() {
            listed(number).for_each(|&word| starts[word as usize + 2] += 1);
        }
        for word in 2..starts.len() {
            starts[word] += starts[word - 1];
        }
        let mut sentences = vec![0; starts[words + 1]];
        for number in 0..side.len() {
            for &word in listed(number) {
                let next = &mut starts[word as usize + 1];
                sentences[*next] = number as u32;
                *next += 1;
            }
        }
        SentencePostings { sentences, starts }
    }

    fn of(&self, word: u32) -> &[u32] {
        &self.sentences[self.starts[word as usize]..self.starts[word as usize + 1]]
    }
}

/// The positions of the common elements of two ascending lists.
fn shared<'a>(left: &'a [u32], right: &'a [u32]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let (mut at, mut to) = (0, 0);
    std::iter::from_fn(move || {
        while at < left.len() && to < right.len() {
            match left[at].cmp(&right[to]) {
                std::cmp::Ordering::Less => at += 1,
                std::cmp::Ordering::Greater => to += 1,
                std::cmp::Ordering::Equal => {
                    (at, to) = (at + 1, to + 1);
                    return Some((at - 1, to - 1));
                }
            }
        }
        None
    })
}

/// An English word without the ending of a plural, tense or adverb, where a stem remains.
fn stem(word: &str) -> &str {
    const ENDINGS: [&str; 10] = ["ings", "ing", "edly", "ed", "ers", "er", "ies", "es", "ly", "s"];
    if !word.is_ascii() || word.len() < 4 {
        return word;
    }
    let without = |ending: &&str| word.strip_suffix(*ending).filter(|stem| stem.len() >= 4);
    let stem = ENDINGS.iter().find_map(without).unwrap_or(word);
    let short = stem.trim_end_matches(['e', 'y', 'i']);
    if short.len() < 3 { stem } else { short }
}
