//! Which sentences of two texts say the same.
//!
//! A word that both have speaks for a pair of sentences by its *weight*: how rare it is in the
//! language, less where many sentences of these texts have it, since what a whole story is about
//! does not tell which of its sentences belong together.
//!
//! 1. Words that stand in few sentences bring up pairs; each sentence keeps its
//!    [`MAX_CANDIDATES`] best, so that all together are at most so many times the sentences.
//! 2. Pairs are taken strongest first. What two sentences share counts where no stronger pair of
//!    either has explained it already. So a sentence that was split pairs with both its parts, and
//!    one that shares the hero's name with all others pairs with none of them for that.
//! 3. Sentences that a shared passage holds whole, or in a long run, are pairs too. So texts are
//!    paired in which all words stand in many sentences.
//!
//! All sums are of whole numbers, so that no order of the words or the sides matters.

use std::cmp::Reverse;
use std::collections::HashMap;

use ahash::RandomState;
use smallvec::SmallVec;

use super::sentences::SentenceText;
use crate::compare::passages::Passage;
use crate::hash;
use crate::text::language::{Language, is_figure, term_of};
use crate::text::prior::prior_rarity;

/// A word brings up all pairs of the sentences that it stands in, if there are at most so many.
const PAIRS_OF_A_WORD: usize = 64;

/// How many candidates each sentence keeps.
const MAX_CANDIDATES: usize = 8;

/// With how many sentences one is paired at most.
const PARTNERS: usize = 8;

type Partners = SmallVec<[usize; 2]>;

/// Weights are counted in parts of a nat.
const NAT: f32 = 256.0;

/// Two sentences of one text and one of the other, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paired {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) strength: f32,
}

/// What a pair needs, in the order in which pairs are looked for: how many nats are shared that no
/// stronger pair explains, times the part that these are of the lighter sentence. So a long sentence
/// of which a little is shared needs more; and the more is known of two texts, the less is needed.
const NEEDS: [(f32, Support); 3] =
    [(8.0, Support::None), (5.0, Support::Story), (2.5, Support::Neighbours)];

/// What speaks for a pair beside its own words.
#[derive(Debug, Clone, Copy)]
enum Support {
    None,
    /// That [`STORY`] other sentences are pairs.
    Story,
    /// That sentences near to both are a pair.
    Neighbours,
}

/// How many pairs show that two texts have more in common than a line.
const STORY: usize = 2;

/// How far apart neighbours are at most, in sentences.
const NEAR: usize = 2;

/// In two texts with that many pairs, a run of so many words of a shared passage makes a pair,
/// whatever else the two sentences say.
const LONG_RUN: f32 = 6.0;

/// What a word counts that is never written small, of what it would count otherwise: the people of a
/// story stand in many sentences, whatever these say.
const NAME: f32 = 0.6;

/// What a syllable counts that is written as a word: chance shares more of them.
const SYLLABLE: f32 = 0.6;

/// One text as its sentences, each as the distinct words in it.
struct SentenceWords {
    /// Rising in each sentence.
    words: Vec<u32>,
    starts: Vec<usize>,
    /// The weight of each sentence.
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

/// The words of two texts by number.
#[derive(Default)]
struct Lexicon {
    /// By the hash of a word, and of the stem of an English one.
    numbers: HashMap<u64, u32, RandomState>,
    stems: HashMap<u64, u32, RandomState>,
    /// Whether each is written small anywhere.
    small: Vec<bool>,
    /// How rare each is, in nats, without what it shares with the word before it.
    rarities: Vec<f32>,
    /// In how many sentences of either text it stands.
    counts: [Vec<u32>; 2],
}

impl Lexicon {
    /// For texts of so many words together.
    fn with_room(words: usize) -> Self {
        // Half of the words of news are the first of their kind, and have a stem beside.
        Lexicon {
            numbers: HashMap::with_capacity_and_hasher(words, RandomState::default()),
            ..Lexicon::default()
        }
    }

    /// Numbers the words of a text, and counts its sentences that have each.
    fn read(&mut self, side: usize, text: &SentenceText<'_>, language: Language) -> SentenceWords {
        let mut read = SentenceWords {
            words: Vec::with_capacity(text.words.len()),
            starts: vec![0],
            weights: Vec::new(),
        };
        for sentence in &text.sentences {
            let start = read.words.len();
            read.words.extend(sentence.words.clone().map(|at| self.number(text, at, language)));
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
        // One that is written in several ways weighs least of all its ways, in any order of the texts.
        if !is_known || words.own_part(at) < 1.0 || is_figure(written.as_bytes()) {
            let rarity = words.own_part(at) * prior_rarity(language, term_of(hash, written));
            match self.rarities.get_mut(number as usize) {
                Some(known) => *known = known.min(rarity),
                None => {
                    self.rarities.push(rarity);
                    self.small.push(false);
                }
            }
        }
        self.small[number as usize] |= !text.capitals[at];
        number
    }

    /// What each word weighs.
    fn weights(&self, language: Language) -> Vec<u32> {
        let unit = if language.is_syllabic() { SYLLABLE * NAT } else { NAT };
        let counts =
            self.counts[0].iter().zip(&self.counts[1]).map(|(left, right)| left.max(right));
        let weights =
            self.rarities.iter().zip(&self.small).zip(counts).map(|((&rarity, &small), &count)| {
                let rarity = if small { rarity } else { NAME * rarity };
                (unit * rarity / (1.0 + libm::logf(count.max(1) as f32))) as u32
            });
        weights.collect()
    }
}

/// The pairs in the order of the left text, then of the right one.
pub(super) fn pairs(
    texts: [&SentenceText<'_>; 2],
    passages: &[Passage],
    language: Language,
) -> Vec<Paired> {
    let mut lexicon = Lexicon::with_room(texts[0].words.len() + texts[1].words.len());
    let [mut left, mut right] = [0, 1].map(|side| lexicon.read(side, texts[side], language));
    let weights = lexicon.weights(language);
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
    let mut pairing = Pairing::new(&left, &right, &weights);
    for (enough, support) in NEEDS {
        for candidate in &candidates {
            let is_wanted = pairing.most(candidate) >= enough
                && pairing.is_open(candidate)
                && pairing.has_support(candidate, support);
            if is_wanted && pairing.gain(candidate) >= enough {
                pairing.take(candidate, of_both(candidate));
            }
        }
    }
    let is_story = pairing.pairs.len() >= STORY;
    for Linked { left: l, right: r, is_all } in linked(texts, passages, language) {
        let pair = Candidate::new(l, r, &left, &right, &weights);
        if (is_all || is_story) && pairing.is_open(&pair) {
            pairing.take(&pair, of_both(&pair));
        }
    }
    let mut pairs = pairing.pairs;
    pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
    pairs
}

/// The pairs that were taken so far, and what they explain.
struct Pairing<'a> {
    left: &'a SentenceWords,
    right: &'a SentenceWords,
    weights: &'a [u32],
    /// For each word of each sentence, whether a pair explains it.
    explained: [Vec<bool>; 2],
    /// What each sentence weighs that no pair explains.
    rest: [Vec<u32>; 2],
    /// The partners of each sentence.
    partners: [Vec<Partners>; 2],
    pairs: Vec<Paired>,
}

impl<'a> Pairing<'a> {
    fn new(left: &'a SentenceWords, right: &'a SentenceWords, weights: &'a [u32]) -> Self {
        Pairing {
            left,
            right,
            weights,
            explained: [vec![false; left.words.len()], vec![false; right.words.len()]],
            rest: [left.weights.clone(), right.weights.clone()],
            partners: [left, right].map(|side| vec![Partners::new(); side.len()]),
            pairs: Vec::new(),
        }
    }

    /// The places and the weight of the words that both sentences have.
    fn shared(&self, pair: &Candidate) -> impl Iterator<Item = (usize, usize, u32)> + use<'a> {
        let (from, to) = (self.left.starts[pair.left], self.right.starts[pair.right]);
        let (one, other) = (self.left.sentence(pair.left), self.right.sentence(pair.right));
        let weights = self.weights;
        shared(one, other).map(move |(l, r)| (from + l, to + r, weights[one[l] as usize]))
    }

    /// What the gain would be if no pair explained anything of what is shared.
    fn most(&self, pair: &Candidate) -> f32 {
        let half = self.left.weights[pair.left].min(self.right.weights[pair.right]) / 2;
        pair.shared as f32 / NAT * (pair.shared as f32 / half.max(1) as f32)
    }

    /// What two sentences share that no pair explains, in nats, times the part that this is of the
    /// lighter one. What is left of a sentence may be the whole of it, but for the last half.
    fn gain(&self, pair: &Candidate) -> f32 {
        let open =
            self.shared(pair).filter(|&(l, r, _)| !self.explained[0][l] && !self.explained[1][r]);
        let gain = open.map(|(_, _, weight)| weight).sum::<u32>() as f32;
        let rest = self.rest[0][pair.left].min(self.rest[1][pair.right]);
        let half = self.left.weights[pair.left].min(self.right.weights[pair.right]) / 2;
        gain / NAT * (gain / rest.max(half).max(1) as f32)
    }

    /// Whether neither sentence has as many partners as it can have, and the two are none yet.
    fn is_open(&self, pair: &Candidate) -> bool {
        let [left, right] = &self.partners;
        let (left, right) = (&left[pair.left], &right[pair.right]);
        left.len().max(right.len()) < PARTNERS && !left.contains(&pair.right)
    }

    fn has_support(&self, pair: &Candidate, support: Support) -> bool {
        match support {
            Support::None => true,
            Support::Story => self.pairs.len() >= STORY,
            Support::Neighbours => {
                let &Candidate { left, right, .. } = pair;
                let near = left.saturating_sub(NEAR)..(left + NEAR + 1).min(self.left.len());
                let is_near = |&other: &usize| other != right && other.abs_diff(right) <= NEAR;
                near.into_iter().any(|at| at != left && self.partners[0][at].iter().any(is_near))
            }
        }
    }

    fn take(&mut self, pair: &Candidate, strength: f32) {
        for (l, r, weight) in self.shared(pair) {
            for (side, at, sentence) in [(0, l, pair.left), (1, r, pair.right)] {
                if !std::mem::replace(&mut self.explained[side][at], true) {
                    self.rest[side][sentence] -= weight;
                }
            }
        }
        self.partners[0][pair.left].push(pair.right);
        self.partners[1][pair.right].push(pair.left);
        self.pairs.push(Paired { left: pair.left, right: pair.right, strength });
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    left: usize,
    right: usize,
    /// The weight of the words that both have.
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

/// Two sentences that share a run of words.
struct Linked {
    left: usize,
    right: usize,
    /// Whether it is all that they say.
    is_all: bool,
}

/// The sentences that are the same in a passage, or that [`LONG_RUN`] words of one lie in.
fn linked(
    [left, right]: [&SentenceText<'_>; 2],
    passages: &[Passage],
    language: Language,
) -> Vec<Linked> {
    let enough = if language.is_syllabic() { LONG_RUN / SYLLABLE } else { LONG_RUN };
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
            let is_all = run == (one.words.clone(), other.words.clone());
            let own = run.0.map(|word| left.words.own_part(word)).sum::<f32>();
            if is_all || own >= enough {
                found.push(Linked { left: l, right: r, is_all });
            }
            at = end;
        }
    }
    found
}

/// Pairs that share words, each once.
fn candidates(
    left: &SentenceWords,
    right: &SentenceWords,
    lexicon: &Lexicon,
    weights: &[u32],
) -> Vec<Candidate> {
    let telling = |word: u32| {
        let [on_left, on_right] = [0, 1].map(|side| lexicon.counts[side][word as usize] as usize);
        weights[word as usize] > 0 && on_left * on_right <= PAIRS_OF_A_WORD
    };
    let best = |from: &SentenceWords,
                to: &SentenceWords,
                turn: &dyn Fn(usize, usize) -> (usize, usize)| {
        let postings = SentencePostings::new(to, weights.len(), telling);
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
            best.extend(met.iter().take(MAX_CANDIDATES).map(|&other| turn(number, other)));
            met.drain(..).for_each(|other| sums[other] = 0);
        }
        best
    };
    let mut pairs = best(left, right, &|number, other| (number, other));
    pairs.extend(best(right, left, &|number, other| (other, number)));
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().map(|(l, r)| Candidate::new(l, r, left, right, weights)).collect()
}

/// The sentences that each word stands in.
struct SentencePostings {
    sentences: Vec<u32>,
    starts: Vec<usize>,
}

impl SentencePostings {
    fn new(side: &SentenceWords, words: usize, telling: impl Fn(u32) -> bool) -> Self {
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
        SentencePostings { sentences, starts }
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

/// An English word without the ending of its plural, tense or adverb, if it has one.
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
