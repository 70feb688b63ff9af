//! The alignment of two articles in the document.

use std::ops::Range;

use retold::{Alignment, Difference, SentencePair};
use serde::Serialize;

use super::report::rounded;

/// A range in UTF-16 units.
pub type Span = [usize; 2];

/// The paired sentences of two articles. `README.md` of `story_families` describes every key.
#[derive(Debug, Serialize)]
pub struct AlignmentEntry<'a> {
    pub left: &'a str,
    pub right: &'a str,
    pub pairs: Vec<PairEntry>,
    pub only_left: Vec<Span>,
    pub only_right: Vec<Span>,
}

#[derive(Debug, Serialize)]
pub struct PairEntry {
    pub kind: &'static str,
    pub strength: f64,
    pub left: Span,
    pub right: Span,
    /// On the left, then on the right.
    pub shared: Vec<[usize; 4]>,
    pub differences: Vec<DifferenceEntry>,
}

#[derive(Debug, Serialize)]
pub struct DifferenceEntry {
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<Span>,
}

/// An article's id and text, and the map from byte offsets to UTF-16 units.
pub struct Side<'a> {
    pub id: &'a str,
    pub text: &'a str,
    /// For each character that is not ASCII, its end in bytes, and the excess of bytes over units up to
    /// there. Most texts have few.
    wide: Vec<(usize, usize)>,
}

impl<'a> Side<'a> {
    /// Linear time in the length of the text.
    pub fn new(id: &'a str, text: &'a str) -> Self {
        let mut more = 0;
        let wide = text.char_indices().filter(|(_, c)| !c.is_ascii()).map(|(at, c)| {
            more += c.len_utf8() - c.len_utf16();
            (at + c.len_utf8(), more)
        });
        let wide = wide.collect();
        Self { id, text, wide }
    }

    /// Both ends are on character boundaries.
    fn span(&self, bytes: Range<usize>) -> Span {
        [bytes.start, bytes.end].map(|byte| {
            let before = self.wide.partition_point(|&(end, _)| end <= byte);
            byte - before.checked_sub(1).map_or(0, |last| self.wide[last].1)
        })
    }
}

impl<'a> AlignmentEntry<'a> {
    pub fn new(left: &Side<'a>, right: &Side<'a>, alignment: &Alignment) -> Self {
        let spans = |side: &Side<'_>, ranges: &[Range<usize>]| {
            ranges.iter().map(|range| side.span(range.clone())).collect()
        };
        Self {
            left: left.id,
            right: right.id,
            pairs: alignment.pairs().iter().map(|pair| PairEntry::new(left, right, pair)).collect(),
            only_left: spans(left, alignment.only_left()),
            only_right: spans(right, alignment.only_right()),
        }
    }
}

impl PairEntry {
    fn new(left: &Side<'_>, right: &Side<'_>, pair: &SentencePair) -> Self {
        let shared = pair.shared().iter().map(|(on_left, on_right)| {
            let ([a, b], [c, d]) = (left.span(on_left.clone()), right.span(on_right.clone()));
            [a, b, c, d]
        });
        let difference = |difference: &Difference| DifferenceEntry {
            kind: difference.kind().name(),
            left: difference.left().map(|range| left.span(range)),
            right: difference.right().map(|range| right.span(range)),
        };
        Self {
            kind: pair.kind().name(),
            strength: rounded(pair.strength().into()),
            left: left.span(pair.left()),
            right: right.span(pair.right()),
            shared: shared.collect(),
            differences: pair.differences().iter().map(difference).collect(),
        }
    }
}
