//! The file of links: families, links and verdicts of a sealed segment's articles.
//!
//! Separate from the segment's file because a thread may write that one ahead, while links are known
//! only at the commit. Later changes go into rows.

use std::ops::Range;

use super::rows::{self, Verdict, columns};
use super::segment_file::{SPAN, are_ends, of_rank};
use super::state::SealedSegment;
use super::{Defect, UNEVEN_COLUMNS, must};
use crate::corpus::collection::Number;
use crate::engine::segment::Segment;
use crate::error::Error;
use crate::families::live::{FamilyId, Link, LinkKind, LiveFamilies};
use crate::store::{File, Kind, Section, Store, damaged};

/// The kind of a file of links.
pub(crate) const LINKS: Kind = Kind::new(*b"kins");

columns! {
    LinkColumns, LinkFile;
    2 families: u64,
    3 link_ends: u32,
    4 links: u32,
    5 link_levels: u8,
    6 link_scores: u32,
    7 verdict_later: u32,
    8 verdict_earlier: u32,
    9 verdict_levels: u8,
}

/// Writes the families, links and verdicts of the articles that are stored in a segment.
pub(crate) fn write(
    store: &mut Store,
    segment: &Segment,
    families: &LiveFamilies,
) -> Result<File, Error> {
    let mut columns = LinkColumns::default();
    let (numbers, ..) = segment.columns();
    for &number in numbers {
        columns.families.push(rows::label(families, number));
        for (kind, link) in families.earlier_links(number) {
            columns.links.push(link.number);
            columns.link_levels.push(rows::kind_and_level(kind, link.level));
            columns.link_scores.push(link.score.to_bits());
        }
        columns.link_ends.push(columns.links.len() as u32);
        for (earlier, level) in families.verdicts_of(number) {
            columns.verdict_later.push(number);
            columns.verdict_earlier.push(earlier);
            columns.verdict_levels.push(rows::level_number(level));
        }
    }
    let span = SealedSegment::of(segment).fields();
    let span = Section::new(SPAN, &span);
    store.write(LINKS, &[&[span][..], &columns.sections()].concat())
}

impl<'a> LinkFile<'a> {
    /// Reads and checks the file of a segment. All families are below `next_family`.
    ///
    /// # Errors
    /// `Damaged` if it is inconsistent.
    pub(crate) fn open(file: &'a File, segment: &Segment, next_family: u64) -> Result<Self, Error> {
        let links = LinkFile::of(file)?;
        links.check(segment, next_family).map_err(|wrong| damaged(file.path(), wrong))?;
        Ok(links)
    }

    fn check(&self, segment: &Segment, next_family: u64) -> Result<(), Defect> {
        let (numbers, ..) = segment.columns();
        must(self.families.len() == numbers.len(), UNEVEN_COLUMNS)?;
        must(are_ends(self.link_ends, numbers.len(), self.links.len()), UNEVEN_COLUMNS)?;
        let pairs = [self.link_levels.len(), self.link_scores.len()];
        must(pairs == [self.links.len(); 2], UNEVEN_COLUMNS)?;
        let verdicts = [self.verdict_earlier.len(), self.verdict_levels.len()];
        must(verdicts == [self.verdict_later.len(); 2], UNEVEN_COLUMNS)?;
        let is_founded = |&family: &u64| {
            rows::stored_family(family).is_none_or(|family| family.number() < next_family)
        };
        must(self.families.iter().all(is_founded), "a family is not yet founded")?;
        let are_earlier = (0..)
            .zip(numbers)
            .all(|(rank, &number)| self.span(rank).all(|at| self.link(at, number).is_some()));
        must(
            are_earlier && self.verdicts().count() == self.verdict_later.len(),
            "a pair makes no sense",
        )
    }

    /// The family of an article when the file was written.
    pub(crate) fn family(&self, rank: u32) -> Option<FamilyId> {
        rows::stored_family(self.families[rank as usize])
    }

    /// The links of an article to earlier ones, in the order in which they were found.
    pub(crate) fn links(&self, rank: u32) -> impl Iterator<Item = (LinkKind, Link)> {
        self.span(rank).filter_map(|at| self.link(at, Number::MAX))
    }

    fn span(&self, rank: u32) -> Range<usize> {
        of_rank(self.link_ends, rank as usize)
    }

    fn link(&self, at: usize, before: Number) -> Option<(LinkKind, Link)> {
        rows::link(self.links[at], self.link_levels[at], self.link_scores[at], before)
    }

    /// The verdicts on pairs that were no candidates, the later article first.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let pairs = self.verdict_later.iter().zip(self.verdict_earlier).zip(self.verdict_levels);
        pairs.filter_map(|((&later, &earlier), &level)| rows::verdict(later, earlier, level))
    }
}
