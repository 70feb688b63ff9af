//! Which sentences of two texts say the same.
//!
//! A word that both have speaks for a pair of sentences by its *weight*: how rare it is in the
//! language, less where many sentences of these texts have it, since what a whole story is about
//! does not tell which of its sentences belong together.
//!
//! 1. Words that stand in few sentences bring up pairs; each sentence keeps its
//!    [`CANDIDATES`] best, so that all together are at most so many times the sentences.
//! 2. Pairs are taken strongest first. What two sentences share counts where no stronger pair of
//!    either has explained it already. So a sentence that was split pairs with both its parts, and
//!    one that shares the hero's name with all others pairs with none of them for that.
//!
//! All sums are of whole numbers, so that no order of the words or the sides matters.

use std::cmp::Reverse;
use std::collections::HashMap;

use ahash::RandomState;

use super::sentences::Sentence;
use crate::vocabulary::{Language, is_figure, prior_rarity, term_of};
use crate::words::Words;

/// A word brings up all pairs of the sentences that it stands in, if there are at most so many.
const PAIRS_OF_A_WORD: usize = 64;

/// How many candidates each sentence keeps.
const CANDIDATES: usize = 8;

/// Weights are counted in parts of a nat.
const NAT: f32 = 256.0;

/// Two sentences of one text and one of the other, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paired {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) strength: f32,
}

/// What pairs must have in common.
#[derive(Debug, Clone, Copy)]
struct Demand {
    /// The weight of what is shared, in nats.
    evidence: f32,
    /// Its part of the sentence of less weight.
    part: f32,
    /// Its part of both.
    strength: f32,
}

const DEMAND: Demand = Demand { evidence: 9.0, part: 0.4, strength: 0.3 };

/// One text as its sentences, each as the distinct words in it.
struct Side {
    /// Rising in each sentence.
    words: Vec<u32>,
    starts: Vec<usize>,
    /// The weight of each sentence.
    weights: Vec<u32>,
}

impl Side {
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn sentence(&self, number: usize) -> &[u32] {
        &self.words[self.starts[number]..self.starts[number + 1]]
    }
}

/// The words of two texts by number.
#[derive(Default)]
struct Lexicon {
    numbers: HashMap<u64, u32, RandomState>,
    /// How rare each is, in nats, without what it shares with the word before it.
    rarities: Vec<f32>,
    /// In how many sentences of either text it stands.
    counts: [Vec<u32>; 2],
}

impl Lexicon {
    /// Numbers the words of a text, and counts its sentences that have each.
    fn read(
        &mut self,
        side: usize,
        words: &Words,
        sentences: &[Sentence],
        language: Language,
    ) -> Side {
        let mut read =
            Side { words: Vec::with_capacity(words.len()), starts: vec![0], weights: Vec::new() };
        for sentence in sentences {
            let start = read.words.len();
            read.words.extend(sentence.words.clone().map(|at| self.number(words, at, language)));
            read.words[start..].sort_unstable();
            let mut kept = start;
            for at in start..read.words.len() {
                if at == start || read.words[at] != read.words[kept - 1] {
                    read.words[kept] = read.words[at];
                    kept += 1;
                }
            }
            read.words.truncate(kept);
            read.starts.push(kept);
            self.counts.iter_mut().for_each(|counts| counts.resize(self.rarities.len(), 0));
            read.words[start..].iter().for_each(|&word| self.counts[side][word as usize] += 1);
        }
        read
    }

    fn number(&mut self, words: &Words, at: usize, language: Language) -> u32 {
        let hash = words.as_slice()[at].hash();
        let next = self.rarities.len() as u32;
        let number = *self.numbers.entry(hash).or_insert(next);
        let overlap = at.checked_sub(1).and_then(|before| words.overlap(before));
        let text = words.text(at);
        // One that is written in several ways weighs least of all its ways, in any order of the texts.
        if number == next || overlap.is_some() || is_figure(text) {
            let part = 1.0 - overlap.unwrap_or(0) as f32 / text.len() as f32;
            let rarity = part * prior_rarity(language, term_of(hash, text));
            match self.rarities.get_mut(number as usize) {
                Some(known) => *known = known.min(rarity),
                None => self.rarities.push(rarity),
            }
        }
        number
    }

    /// What each word weighs.
    fn weights(&self) -> Vec<u32> {
        let counts =
            self.counts[0].iter().zip(&self.counts[1]).map(|(left, right)| left.max(right));
        let weights = self.rarities.iter().zip(counts).map(|(&rarity, &count)| {
            (NAT * rarity / (1.0 + libm::logf(count.max(1) as f32))) as u32
        });
        weights.collect()
    }
}

/// The pairs in the order of the left text, then of the right one.
pub(super) fn pairs(
    left: (&Words, &[Sentence]),
    right: (&Words, &[Sentence]),
    language: Language,
) -> Vec<Paired> {
    let mut lexicon = Lexicon::default();
    let mut left = lexicon.read(0, left.0, left.1, language);
    let mut right = lexicon.read(1, right.0, right.1, language);
    let weights = lexicon.weights();
    for side in [&mut left, &mut right] {
        let weight = |words: &[u32]| words.iter().map(|&word| weights[word as usize]).sum();
        side.weights = (0..side.len()).map(|number| weight(side.sentence(number))).collect();
    }
    let mut candidates = candidates(&left, &right, &lexicon, &weights);
    let of_both = |candidate: &Candidate| {
        let whole = left.weights[candidate.left] + right.weights[candidate.right];
        2.0 * candidate.shared as f32 / whole.max(1) as f32
    };
    candidates.sort_unstable_by(|one, other| {
        let rank = |candidate: &Candidate| {
            let Candidate { left: l, right: r, .. } = *candidate;
            let away = (l * right.len()).abs_diff(r * left.len());
            (away, l.max(r), l.min(r), l)
        };
        of_both(other).total_cmp(&of_both(one)).then_with(|| rank(one).cmp(&rank(other)))
    });
    let mut explained = (vec![false; left.words.len()], vec![false; right.words.len()]);
    let mut pairs = Vec::new();
    for candidate in &candidates {
        let Candidate { left: l, right: r, .. } = *candidate;
        let mut unexplained = 0;
        let open = |(at, to): (usize, usize), explained: &(Vec<bool>, Vec<bool>)| {
            !explained.0[left.starts[l] + at] && !explained.1[right.starts[r] + to]
        };
        for (at, to) in shared(left.sentence(l), right.sentence(r)) {
            if open((at, to), &explained) {
                unexplained += weights[left.sentence(l)[at] as usize];
            }
        }
        let strength = of_both(candidate);
        let smaller = left.weights[l].min(right.weights[r]);
        let enough = unexplained as f32 >= DEMAND.evidence * NAT
            && unexplained as f32 >= DEMAND.part * smaller as f32
            && strength >= DEMAND.strength;
        let same = left.sentence(l) == right.sentence(r) && unexplained == candidate.shared;
        if enough || same && unexplained as f32 >= 4.0 * NAT {
            for (at, to) in shared(left.sentence(l), right.sentence(r)) {
                explained.0[left.starts[l] + at] = true;
                explained.1[right.starts[r] + to] = true;
            }
            pairs.push(Paired { left: l, right: r, strength });
        }
    }
    pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
    pairs
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    left: usize,
    right: usize,
    /// The weight of the words that both have.
    shared: u32,
}

/// Pairs that share words, each once.
fn candidates(left: &Side, right: &Side, lexicon: &Lexicon, weights: &[u32]) -> Vec<Candidate> {
    let telling = |word: u32| {
        let [on_left, on_right] = [0, 1].map(|side| lexicon.counts[side][word as usize] as usize);
        on_left * on_right <= PAIRS_OF_A_WORD
    };
    let best = |from: &Side, to: &Side, turn: &dyn Fn(usize, usize) -> (usize, usize)| {
        let postings = Postings::new(to, weights.len(), &telling);
        let mut sums = vec![0; to.len()];
        let mut met: Vec<usize> = Vec::new();
        let mut best = Vec::new();
        for number in 0..from.len() {
            for &word in from.sentence(number) {
                for &other in postings.of(word) {
                    if sums[other as usize] == 0 {
                        met.push(other as usize);
                    }
                    sums[other as usize] += weights[word as usize];
                }
            }
            // By number where equal: the same from either side, as each side keeps its own.
            met.sort_unstable_by_key(|&other| (Reverse(sums[other]), other));
            best.extend(met.iter().take(CANDIDATES).map(|&other| turn(number, other)));
            met.drain(..).for_each(|other| sums[other] = 0);
        }
        best
    };
    let mut pairs = best(left, right, &|number, other| (number, other));
    pairs.extend(best(right, left, &|number, other| (other, number)));
    pairs.sort_unstable();
    pairs.dedup();
    let weigh = |(l, r): (usize, usize)| {
        let words = left.sentence(l);
        let shared =
            shared(words, right.sentence(r)).map(|(at, _)| weights[words[at] as usize]).sum();
        Candidate { left: l, right: r, shared }
    };
    pairs.into_iter().map(weigh).collect()
}

/// The sentences that each word stands in.
struct Postings {
    sentences: Vec<u32>,
    starts: Vec<usize>,
}

impl Postings {
    fn new(side: &Side, words: usize, telling: impl Fn(u32) -> bool) -> Self {
        let listed = |number: usize| side.sentence(number).iter().filter(|&&word| telling(word));
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
        Postings { sentences, starts }
    }

    fn of(&self, word: u32) -> &[u32] {
        &self.sentences[self.starts[word as usize]..self.starts[word as usize + 1]]
    }
}

/// The places of what two rising lists share.
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
