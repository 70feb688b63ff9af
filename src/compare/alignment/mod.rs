//! Sentence alignment of two texts: which sentences say the same, and which facts differ in them.
//!
//! Takes two texts with their words and shared passages; returns pairs of sentences, each with its
//! shared runs and differences. `sentences` splits the texts, `pairing` pairs the sentences, `facts`
//! reads numbers, dates, names and quotations, `differences` compares them. Dynamic programming over
//! both lists of sentences would be quadratic and would miss moved sentences; the pairing looks up
//! rare shared words instead, so the cost is nearly linear in the number of sentences.

mod calendar;
mod sentences;

mod pairing;

mod facts;

mod differences;

use std::ops::Range;

use crate::compare::passages::{Passage, shared_in_sentences, shared_passages};
use crate::text::language::Language;
use crate::text::words::{Word, Words};

use facts::SentenceFacts;
use sentences::{Sentence, SentenceText};

pub use differences::{Difference, DifferenceKind};

/// The least share of the shorter sentence that is in shared runs where it counts as edited, not as
/// reworded.
const MIN_EDITED_SHARE: f32 = 0.5;

/// The fewest words of a run that counts for that share.
const MIN_EDITED_RUN: usize = 3;

/// How one sentence of a pair was made from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum PairKind {
    /// The same words in the same order; case, punctuation and layout may differ.
    Verbatim,
    /// At least half of the shorter sentence is in the other one in runs of three words or more.
    Edited,
    /// The same distinctive words, in a different order or wording.
    Reworded,
}

impl PairKind {
    /// The name in lower case, as in JSON: `verbatim`, `edited`, `reworded`.
    pub fn name(self) -> &'static str {
        match self {
            PairKind::Verbatim => "verbatim",
            PairKind::Edited => "edited",
            PairKind::Reworded => "reworded",
        }
    }
}

/// A sentence of the left text and one of the right text that say the same.
#[derive(Debug, Clone, PartialEq)]
pub struct SentencePair {
    left: Range<usize>,
    right: Range<usize>,
    kind: PairKind,
    strength: f32,
    shared: Vec<(Range<usize>, Range<usize>)>,
    differences: Vec<Difference>,
}

impl SentencePair {
    /// The byte range of the sentence in the left text, on character boundaries.
    pub fn left(&self) -> Range<usize> {
        self.left.clone()
    }

    /// The byte range of the sentence in the right text.
    pub fn right(&self) -> Range<usize> {
        self.right.clone()
    }

    /// How one sentence was made from the other.
    pub fn kind(&self) -> PairKind {
        self.kind
    }

    /// The Dice coefficient of the distinct words, each weighted by its rarity, in `0..=1`. 1 where
    /// both sentences have the same words.
    pub fn strength(&self) -> f32 {
        self.strength
    }

    /// The words and phrases that both sentences contain, in the order of the left text: the byte
    /// ranges on the left and on the right. No byte belongs to two of them. Single common words are
    /// left out.
    pub fn shared(&self) -> &[(Range<usize>, Range<usize>)] {
        &self.shared
    }

    /// Numbers, dates, names and quotations that differ, in the order of the left text, followed by
    /// those that only the right text has.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }
}

/// The sentences of two texts: those that form pairs, and those that only one text has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alignment {
    pairs: Vec<SentencePair>,
    left: Vec<Range<usize>>,
    right: Vec<Range<usize>>,
    only_left: Vec<Range<usize>>,
    only_right: Vec<Range<usize>>,
}

impl Alignment {
    /// Pairs of sentences in the order of the left text, then of the right one. A sentence that was
    /// split or joined is in several pairs.
    pub fn pairs(&self) -> &[SentencePair] {
        &self.pairs
    }

    /// All sentences of the left text, in bytes, in order.
    pub fn left(&self) -> &[Range<usize>] {
        &self.left
    }

    /// All sentences of the right text.
    pub fn right(&self) -> &[Range<usize>] {
        &self.right
    }

    /// The sentences of the left text that are in no pair.
    pub fn only_left(&self) -> &[Range<usize>] {
        &self.only_left
    }

    /// The sentences of the right text that are in no pair.
    pub fn only_right(&self) -> &[Range<usize>] {
        &self.only_right
    }
}

/// Pairs the sentences of two texts that say the same, and lists how each pair differs.
///
/// ```
/// let left = "Nobody was hurt, harbour master Ida Rosk said. Divers will examine the hull on Tuesday.";
/// let right = "According to harbour master Ida Rosk, nobody was hurt. The ferry is insured.";
/// let alignment = retold::align(left, right);
/// let pair = &alignment.pairs()[0];
/// assert_eq!(&left[pair.left()], "Nobody was hurt, harbour master Ida Rosk said.");
/// assert_eq!(&right[pair.right()], "According to harbour master Ida Rosk, nobody was hurt.");
/// assert_eq!(&left[alignment.only_left()[0].clone()], "Divers will examine the hull on Tuesday.");
/// assert_eq!(&right[alignment.only_right()[0].clone()], "The ferry is insured.");
/// ```
pub fn align(left: &str, right: &str) -> Alignment {
    let words = (Words::new(left), Words::new(right));
    let language = Language::of(&words.0).min(Language::of(&words.1));
    let passages = shared_passages(&words.0, &words.1, language);
    Alignment::new((left, &words.0), (right, &words.1), &passages, language)
}

impl Alignment {
    /// Aligns two texts, given as source and words, whose shared passages are known.
    pub(crate) fn new(
        left: (&str, &Words),
        right: (&str, &Words),
        passages: &[Passage],
        language: Language,
    ) -> Self {
        let texts = [left, right].map(|(source, words)| SentenceText::new(source, words));
        let sentences = [&texts[0].sentences[..], &texts[1].sentences];
        let paired = pairing::pairs([&texts[0], &texts[1]], passages, language);
        let mut unpaired = [vec![true; sentences[0].len()], vec![true; sentences[1].len()]];
        for pair in &paired {
            (unpaired[0][pair.left], unpaired[1][pair.right]) = (false, false);
        }
        let differences = if paired.is_empty() {
            Vec::new()
        } else {
            let facts = [0, 1].map(|side| SentenceFacts::new(&texts[side], language));
            differences::differences(&facts, &paired)
        };
        let pairs = paired.iter().zip(differences).map(|(pair, differences)| {
            let (one, other) = (&sentences[0][pair.left], &sentences[1][pair.right]);
            let shared = shared_in_sentences(
                (left.1, one.words.clone()),
                (right.1, other.words.clone()),
                language,
            );
            let kind = kind((left.1, one), (right.1, other), &shared);
            SentencePair {
                left: one.bytes.clone(),
                right: other.bytes.clone(),
                kind,
                strength: pair.strength,
                shared: shared.iter().map(|run| (run.left(), run.right())).collect(),
                differences,
            }
        });
        let bytes = |of: &[Sentence]| of.iter().map(|sentence| sentence.bytes.clone()).collect();
        let only = |of: &[Sentence], unpaired: &[bool]| {
            let only = of.iter().zip(unpaired).filter(|&(_, &unpaired)| unpaired);
            only.map(|(sentence, _)| sentence.bytes.clone()).collect()
        };
        Alignment {
            pairs: pairs.collect(),
            left: bytes(sentences[0]),
            right: bytes(sentences[1]),
            only_left: only(sentences[0], &unpaired[0]),
            only_right: only(sentences[1], &unpaired[1]),
        }
    }
}

/// Classifies a pair by the runs of words that both sentences contain.
fn kind(left: (&Words, &Sentence), right: (&Words, &Sentence), shared: &[Passage]) -> PairKind {
    let hashes = |(words, sentence): (&Words, &Sentence)| -> Vec<u64> {
        words.as_slice()[sentence.words.clone()].iter().map(Word::hash).collect()
    };
    if hashes(left) == hashes(right) {
        return PairKind::Verbatim;
    }
    let in_runs: usize =
        shared.iter().map(Passage::words).filter(|&words| words >= MIN_EDITED_RUN).sum();
    let shorter = left.1.words.len().min(right.1.words.len());
    if in_runs as f32 >= MIN_EDITED_SHARE * shorter as f32 {
        PairKind::Edited
    } else {
        PairKind::Reworded
    }
}

#[cfg(test)]
mod tests;
