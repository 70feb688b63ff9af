//! The differences of paired sentences: numbers, dates, names and quotations that do not agree.
//!
//! A fact is missing where no sentence that its own sentence is paired with contains it. Two missing
//! facts of one kind that share their context are one difference with two sides. Any other missing
//! fact is a difference only where the whole other text lacks it, and it is reported once, with the
//! strongest pair of its sentence. The length of the longest sentence bounds the cost of a pair.

use std::ops::Range;

use smallvec::SmallVec;

use super::facts::{Fact, FactValue, SentenceFacts};
use super::pairing::SentenceMatch;

/// The least rarity, in nats, of a word next to two facts that marks them as counterparts.
const MIN_CONTEXT_RARITY: f32 = 0.7;

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
    /// The name in lower case, as in JSON: `number`, `date`, `name`, `quotation`.
    pub fn name(self) -> &'static str {
        match self {
            DifferenceKind::Number => "number",
            DifferenceKind::Date => "date",
            DifferenceKind::Name => "name",
            DifferenceKind::Quotation => "quotation",
        }
    }
}

/// A number, date, name or quotation that differs between two paired sentences, or that only one of
/// the two texts contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    kind: DifferenceKind,
    left: Option<Range<usize>>,
    right: Option<Range<usize>>,
}

impl Difference {
    fn new(of: &Fact, left: Option<&Fact>, right: Option<&Fact>) -> Self {
        let bytes = |fact: &Fact| fact.bytes.clone();
        Difference { kind: kind_of(of.value), left: left.map(bytes), right: right.map(bytes) }
    }

    /// The kind of fact that differs.
    pub fn kind(&self) -> DifferenceKind {
        self.kind
    }

    /// The byte range in the left text; `None` where only the right text has the fact.
    pub fn left(&self) -> Option<Range<usize>> {
        self.left.clone()
    }

    /// The byte range in the right text; `None` where only the left text has the fact.
    pub fn right(&self) -> Option<Range<usize>> {
        self.right.clone()
    }
}

const KINDS: [DifferenceKind; 4] =
    [DifferenceKind::Number, DifferenceKind::Date, DifferenceKind::Name, DifferenceKind::Quotation];

fn kind_of(value: FactValue) -> DifferenceKind {
    match value {
        FactValue::Number(_) => DifferenceKind::Number,
        FactValue::Date(_) => DifferenceKind::Date,
        FactValue::Name => DifferenceKind::Name,
        FactValue::Quotation => DifferenceKind::Quotation,
    }
}

/// The differences of each pair.
pub(super) fn differences(
    [left, right]: &[SentenceFacts<'_>; 2],
    pairs: &[SentenceMatch],
) -> Vec<Vec<Difference>> {
    let mut partners =
        [vec![Partners::default(); left.len()], vec![Partners::default(); right.len()]];
    for (number, pair) in pairs.iter().enumerate() {
        partners[0][pair.left].add(number, pair.right, pair.strength);
        partners[1][pair.right].add(number, pair.left, pair.strength);
    }
    let of_pair = |number: usize, pair: &SentenceMatch| {
        let missing = [
            missing((left, pair.left), (right, &partners[0][pair.left])),
            missing((right, pair.right), (left, &partners[1][pair.right])),
        ];
        // The kinds with exactly one missing fact on each side.
        let single = KINDS.map(|kind| {
            let is_single = |facts: &Vec<&Fact>| {
                facts.iter().filter(|fact| kind_of(fact.value) == kind).count() == 1
            };
            missing.iter().all(is_single)
        });
        let mut matched = vec![false; missing[1].len()];
        let mut differences = Vec::new();
        for fact in &missing[0] {
            let counterpart = (0..missing[1].len()).find(|&at| {
                !matched[at] && are_counterparts((left, fact), (right, missing[1][at]), single)
            });
            if let Some(at) = counterpart {
                matched[at] = true;
                differences.push(Difference::new(fact, Some(fact), Some(missing[1][at])));
            } else if partners[0][pair.left].strongest == number && !is_anywhere(left, fact, right)
            {
                differences.push(Difference::new(fact, Some(fact), None));
            }
        }
        for (fact, _) in missing[1].iter().zip(matched).filter(|(_, matched)| !matched) {
            if partners[1][pair.right].strongest == number && !is_anywhere(right, fact, left) {
                differences.push(Difference::new(fact, None, Some(fact)));
            }
        }
        differences
    };
    pairs.iter().enumerate().map(|(number, pair)| of_pair(number, pair)).collect()
}

/// The sentences that one sentence is paired with.
#[derive(Debug, Clone, Default)]
struct Partners {
    sentences: SmallVec<[usize; 2]>,
    strength: f32,
    /// The number of the strongest pair, which reports the facts that only this sentence has.
    strongest: usize,
}

impl Partners {
    fn add(&mut self, pair: usize, sentence: usize, strength: f32) {
        self.sentences.push(sentence);
        if self.sentences.len() == 1 || strength > self.strength {
            (self.strength, self.strongest) = (strength, pair);
        }
    }
}

/// The facts of a sentence that none of its partners contains, each once.
fn missing<'f>(
    (own, sentence): (&'f SentenceFacts<'_>, usize),
    (other, partners): (&SentenceFacts<'_>, &Partners),
) -> Vec<&'f Fact> {
    let mut missing: Vec<&Fact> = Vec::new();
    for fact in own.of(sentence) {
        let is_repeated = missing.iter().any(|listed| own.is_same(listed, fact));
        if !is_repeated
            && !partners.sentences.iter().any(|&there| contains_fact(own, fact, other, there))
        {
            missing.push(fact);
        }
    }
    missing
}

/// Whether two facts are two versions of one: they are of one kind, and the same word is before or
/// after both, or each is the `single` date or quotation of its side. A single number or name proves
/// nothing, since sentences have them for many things.
fn are_counterparts(
    (left, one): (&SentenceFacts<'_>, &Fact),
    (right, other): (&SentenceFacts<'_>, &Fact),
    single: [bool; KINDS.len()],
) -> bool {
    let kind = kind_of(one.value);
    kind_of(other.value) == kind
        && (single[kind as usize]
            && matches!(kind, DifferenceKind::Date | DifferenceKind::Quotation)
            || share_context(left, one, right, other))
}

/// Whether a sentence of the other text contains a fact.
fn contains_fact(
    own: &SentenceFacts<'_>,
    fact: &Fact,
    other: &SentenceFacts<'_>,
    sentence: usize,
) -> bool {
    let words = other.text.sentences[sentence].words.clone();
    match fact.value {
        FactValue::Number(_) | FactValue::Date(_) => {
            other.of(sentence).iter().any(|there| fits(fact.value, there.value))
        }
        FactValue::Name => {
            let related =
                |there| fact.words.clone().any(|here| is_related(own, here, other, there));
            words.clone().any(related) || is_abbreviated(own, fact, other, sentence)
        }
        FactValue::Quotation => {
            let quoted: Vec<u64> = fact.words.clone().map(|at| own.hash(at)).collect();
            let there: Vec<u64> = words.map(|at| other.hash(at)).collect();
            let contains = |whole: &[u64], part: &[u64]| {
                whole.windows(part.len().max(1)).any(|window| window == part)
            };
            contains(&there, &quoted)
                || other.of(sentence).iter().any(|fact| {
                    let words = fact.words.clone().map(|at| other.hash(at));
                    fact.value == FactValue::Quotation
                        && contains(&quoted, &words.collect::<Vec<u64>>())
                })
        }
    }
}

fn fits(one: FactValue, other: FactValue) -> bool {
    match (one, other) {
        (FactValue::Number(one), FactValue::Number(other)) => one == other,
        (FactValue::Date(one), FactValue::Date(other)) => one.fits(&other),
        _ => false,
    }
}

/// Whether two words are equal, or derived from one stem: `China`, `Chinese`.
fn is_related(
    own: &SentenceFacts<'_>,
    here: usize,
    other: &SentenceFacts<'_>,
    there: usize,
) -> bool {
    if own.hash(here) == other.hash(there) {
        return !own.has_lowercase(own.hash(here)) && !other.has_lowercase(own.hash(here));
    }
    let (one, two) = (own.text.words.text(here), other.text.words.text(there));
    let same = one.chars().zip(two.chars()).take_while(|(a, b)| a == b).count();
    same >= 4 && 3 * same >= 2 * one.chars().count().min(two.chars().count())
}

/// Whether the other sentence has a name that abbreviates this one to its initials, or the reverse.
fn is_abbreviated(
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
    let names = other.of(sentence).iter().filter(|there| there.value == FactValue::Name);
    names.into_iter().any(|there| {
        initials(own, fact) == joined(other, there)
            || joined(own, fact) == initials(other, there)
            || joined(own, fact) == joined(other, there)
    })
}

/// Whether any sentence of the other text has the value of a fact.
fn is_anywhere(own: &SentenceFacts<'_>, fact: &Fact, other: &SentenceFacts<'_>) -> bool {
    match fact.value {
        FactValue::Number(number) => other.has_number(number),
        FactValue::Date(day) => other.has_day(day),
        FactValue::Name => fact.words.clone().any(|at| other.has(own.hash(at))),
        FactValue::Quotation => false,
    }
}

/// Whether the same word, not one of the commonest, is before both facts or after both.
fn share_context(
    own: &SentenceFacts<'_>,
    fact: &Fact,
    other: &SentenceFacts<'_>,
    there: &Fact,
) -> bool {
    let hash = |of: &SentenceFacts<'_>, at: usize| {
        of.text.words.as_slice().get(at).map(|word| word.hash())
    };
    let (before, after) = (fact.words.start.wrapping_sub(1), fact.words.end);
    let is_shared = |at: usize, to: usize| {
        hash(own, at).is_some()
            && hash(own, at) == hash(other, to)
            && own.rarity(at) >= MIN_CONTEXT_RARITY
    };
    is_shared(after, there.words.end) || is_shared(before, there.words.start.wrapping_sub(1))
}
