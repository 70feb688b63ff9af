//! Where two sentences that say the same do not: other numbers, dates, names or quoted words.

use std::ops::Range;

use smallvec::SmallVec;

use super::facts::{Fact, Said, SentenceFacts};
use super::pairing::Paired;

/// How rare a word beside two facts is at least, in nats, where it tells that they stand for one
/// another.
const TELLING: f32 = 0.7;

/// What differs between two sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum DifferenceKind {
    /// A number, in digits or English words.
    Number,
    /// A day, a month, a year or a weekday.
    Date,
    /// A name: capitalised words.
    Name,
    /// Three quoted words or more.
    Quotation,
}

impl DifferenceKind {
    /// The name in small letters, as in JSON: `number`, `date`, `name`, `quotation`.
    pub fn name(self) -> &'static str {
        match self {
            DifferenceKind::Number => "number",
            DifferenceKind::Date => "date",
            DifferenceKind::Name => "name",
            DifferenceKind::Quotation => "quotation",
        }
    }
}

/// A number, date, name or quotation that differs between two paired sentences, or stands in one of
/// them where the other text has it nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    kind: DifferenceKind,
    left: Option<Range<usize>>,
    right: Option<Range<usize>>,
}

impl Difference {
    fn new(of: &Fact, left: Option<&Fact>, right: Option<&Fact>) -> Self {
        let bytes = |fact: &Fact| fact.bytes.clone();
        Difference { kind: kind_of(of.said), left: left.map(bytes), right: right.map(bytes) }
    }

    /// What differs.
    pub fn kind(&self) -> DifferenceKind {
        self.kind
    }

    /// Where it stands in the left text, in bytes; `None` where only the right text has one.
    pub fn left(&self) -> Option<Range<usize>> {
        self.left.clone()
    }

    /// Where it stands in the right text.
    pub fn right(&self) -> Option<Range<usize>> {
        self.right.clone()
    }
}

const KINDS: [DifferenceKind; 4] =
    [DifferenceKind::Number, DifferenceKind::Date, DifferenceKind::Name, DifferenceKind::Quotation];

fn kind_of(said: Said) -> DifferenceKind {
    match said {
        Said::Number(_) => DifferenceKind::Number,
        Said::Date(_) => DifferenceKind::Date,
        Said::Name => DifferenceKind::Name,
        Said::Quotation => DifferenceKind::Quotation,
    }
}

/// The differences of each pair.
pub(super) fn differences(
    [left, right]: &[SentenceFacts<'_>; 2],
    pairs: &[Paired],
) -> Vec<Vec<Difference>> {
    let mut partners =
        [vec![Partners::default(); left.len()], vec![Partners::default(); right.len()]];
    for (number, pair) in pairs.iter().enumerate() {
        partners[0][pair.left].add(number, pair.right, pair.strength);
        partners[1][pair.right].add(number, pair.left, pair.strength);
    }
    let of_pair = |number: usize, pair: &Paired| {
        let missing = [
            missing((left, pair.left), (right, &partners[0][pair.left])),
            missing((right, pair.right), (left, &partners[1][pair.right])),
        ];
        // Of which kind each of the two misses one.
        let single = KINDS.map(|kind| {
            let is_single = |facts: &Vec<&Fact>| {
                facts.iter().filter(|fact| kind_of(fact.said) == kind).count() == 1
            };
            missing.iter().all(is_single)
        });
        let mut taken = vec![false; missing[1].len()];
        let mut differences = Vec::new();
        for fact in &missing[0] {
            let counterpart = (0..missing[1].len()).find(|&at| {
                !taken[at] && are_counterparts((left, fact), (right, missing[1][at]), single)
            });
            if let Some(at) = counterpart {
                taken[at] = true;
                differences.push(Difference::new(fact, Some(fact), Some(missing[1][at])));
            } else if partners[0][pair.left].closest == number && !is_anywhere(left, fact, right) {
                differences.push(Difference::new(fact, Some(fact), None));
            }
        }
        for (fact, _) in missing[1].iter().zip(taken).filter(|(_, taken)| !taken) {
            if partners[1][pair.right].closest == number && !is_anywhere(right, fact, left) {
                differences.push(Difference::new(fact, None, Some(fact)));
            }
        }
        differences
    };
    pairs.iter().enumerate().map(|(number, pair)| of_pair(number, pair)).collect()
}

/// What a sentence is paired with.
#[derive(Debug, Clone, Default)]
struct Partners {
    sentences: SmallVec<[usize; 2]>,
    strength: f32,
    /// The number of the strongest pair: what only this sentence says is told there, and once.
    closest: usize,
}

impl Partners {
    fn add(&mut self, pair: usize, sentence: usize, strength: f32) {
        self.sentences.push(sentence);
        if self.sentences.len() == 1 || strength > self.strength {
            (self.strength, self.closest) = (strength, pair);
        }
    }
}

/// The facts of a sentence that none of its partners has, each once.
fn missing<'f>(
    (own, sentence): (&'f SentenceFacts<'_>, usize),
    (other, partners): (&SentenceFacts<'_>, &Partners),
) -> Vec<&'f Fact> {
    let mut missing: Vec<&Fact> = Vec::new();
    for fact in own.of(sentence) {
        let is_told = missing.iter().any(|told| own.is_again(told, fact));
        if !is_told && !partners.sentences.iter().any(|&there| stands(own, fact, other, there)) {
            missing.push(fact);
        }
    }
    missing
}

/// Whether two facts are of one kind and stand for one another: the same word is before both or
/// behind both, or each is the `single` date or quotation. Of numbers and names that says nothing: a
/// sentence has them for many things.
fn are_counterparts(
    (left, one): (&SentenceFacts<'_>, &Fact),
    (right, other): (&SentenceFacts<'_>, &Fact),
    single: [bool; KINDS.len()],
) -> bool {
    let kind = kind_of(one.said);
    kind_of(other.said) == kind
        && (single[kind as usize]
            && matches!(kind, DifferenceKind::Date | DifferenceKind::Quotation)
            || in_one_place(left, one, right, other))
}

/// Whether a sentence has what a fact says.
fn stands(
    own: &SentenceFacts<'_>,
    fact: &Fact,
    other: &SentenceFacts<'_>,
    sentence: usize,
) -> bool {
    let words = other.text.sentences[sentence].words.clone();
    match fact.said {
        Said::Number(_) | Said::Date(_) => {
            other.of(sentence).iter().any(|there| is_same(fact.said, there.said))
        }
        Said::Name => {
            words
                .clone()
                .any(|there| fact.words.clone().any(|here| is_akin(own, here, other, there)))
                || is_shortened(own, fact, other, sentence)
        }
        Said::Quotation => {
            let quoted: Vec<u64> = fact.words.clone().map(|at| own.hash(at)).collect();
            let there: Vec<u64> = words.map(|at| other.hash(at)).collect();
            let contains = |whole: &[u64], part: &[u64]| {
                whole.windows(part.len().max(1)).any(|window| window == part)
            };
            contains(&there, &quoted)
                || other.of(sentence).iter().any(|fact| {
                    let words = fact.words.clone().map(|at| other.hash(at));
                    fact.said == Said::Quotation && contains(&quoted, &words.collect::<Vec<u64>>())
                })
        }
    }
}

fn is_same(one: Said, other: Said) -> bool {
    match (one, other) {
        (Said::Number(one), Said::Number(other)) => one == other,
        (Said::Date(one), Said::Date(other)) => one.fits(&other),
        _ => false,
    }
}

/// Whether two words are one, or formed from one: `China`, `Chinese`.
fn is_akin(own: &SentenceFacts<'_>, here: usize, other: &SentenceFacts<'_>, there: usize) -> bool {
    if own.hash(here) == other.hash(there) {
        return !own.has_small(own.hash(here)) && !other.has_small(own.hash(here));
    }
    let (one, two) = (own.text.words.text(here), other.text.words.text(there));
    let same = one.chars().zip(two.chars()).take_while(|(a, b)| a == b).count();
    same >= 4 && 3 * same >= 2 * one.chars().count().min(two.chars().count())
}

/// Whether a name stands there as its initials, or is the initials of a name that stands there.
fn is_shortened(
    own: &SentenceFacts<'_>,
    fact: &Fact,
    other: &SentenceFacts<'_>,
    sentence: usize,
) -> bool {
    let initials = |of: &SentenceFacts<'_>, name: &Fact| -> String {
        name.words.clone().filter_map(|at| of.text.words.text(at).chars().next()).collect()
    };
    let joined = |of: &SentenceFacts<'_>, name: &Fact| -> String {
        name.words.clone().map(|at| of.text.words.text(at)).collect()
    };
    let names = other.of(sentence).iter().filter(|there| there.said == Said::Name);
    names.into_iter().any(|there| {
        initials(own, fact) == joined(other, there)
            || joined(own, fact) == initials(other, there)
            || joined(own, fact) == joined(other, there)
    })
}

/// Whether a text has what a fact of the other text says, anywhere.
fn is_anywhere(own: &SentenceFacts<'_>, fact: &Fact, other: &SentenceFacts<'_>) -> bool {
    match fact.said {
        Said::Number(number) => other.has_number(number),
        Said::Date(day) => other.has_day(day),
        Said::Name => fact.words.clone().any(|at| other.has(own.hash(at))),
        Said::Quotation => false,
    }
}

/// Whether the same word stands before both facts, or behind both, that is not one of the commonest.
fn in_one_place(
    own: &SentenceFacts<'_>,
    fact: &Fact,
    other: &SentenceFacts<'_>,
    there: &Fact,
) -> bool {
    let hash = |of: &SentenceFacts<'_>, at: usize| {
        of.text.words.as_slice().get(at).map(|word| word.hash())
    };
    let (before, behind) = (fact.words.start.wrapping_sub(1), fact.words.end);
    let is_same = |at: usize, to: usize| {
        hash(own, at).is_some() && hash(own, at) == hash(other, to) && own.rarity(at) >= TELLING
    };
    is_same(behind, there.words.end) || is_same(before, there.words.start.wrapping_sub(1))
}
