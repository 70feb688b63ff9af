//! The file of what is known of the families of a segment's articles: small beside that of the segment, which
//! it is written after.

use std::ops::Range;

use super::rows::{self, Verdict, Wrong};
use super::segment_file::{SPAN, are_ends, must, of_rank, span};
use crate::corpus::collection::Number;
use crate::engine::segment::Segment;
use crate::error::Error;
use crate::families::live::{FamilyId, Link, LiveFamilies};
use crate::store::{File, Kind, Section, Store, damaged};

/// A file of families.
pub(crate) const LINKS: Kind = Kind::new(*b"kins");

/// What is known, as it is written.
#[derive(Default)]
struct LinkColumns {
    families: Vec<u64>,
    friend_ends: Vec<u32>,
    links: Vec<u32>,
    friend_levels: Vec<u8>,
    friend_scores: Vec<u32>,
    judged_later: Vec<u32>,
    judged_earlier: Vec<u32>,
    judged_levels: Vec<u8>,
}

/// Writes what is known of the articles that are stored in a segment.
pub(crate) fn write(
    store: &mut Store,
    segment: &Segment,
    families: &LiveFamilies,
) -> Result<File, Error> {
    let mut known = LinkColumns::default();
    let (numbers, ..) = segment.columns();
    for &number in numbers {
        known.families.push(rows::label(families, number));
        for link in families.earlier_links(number) {
            known.links.push(link.number);
            known.friend_levels.push(link.level as u8);
            known.friend_scores.push(link.score.to_bits());
        }
        known.friend_ends.push(known.links.len() as u32);
        for (earlier, level) in families.verdicts_of(number) {
            known.judged_later.push(number);
            known.judged_earlier.push(earlier);
            known.judged_levels.push(rows::level_number(level));
        }
    }
    store.write(
        LINKS,
        &[
            Section::new(SPAN, &span(segment)),
            Section::new(2, &known.families),
            Section::new(3, &known.friend_ends),
            Section::new(4, &known.links),
            Section::new(5, &known.friend_levels),
            Section::new(6, &known.friend_scores),
            Section::new(7, &known.judged_later),
            Section::new(8, &known.judged_earlier),
            Section::new(9, &known.judged_levels),
        ],
    )
}

/// What is known, as it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkFile<'a> {
    families: &'a [u64],
    friend_ends: &'a [u32],
    links: &'a [u32],
    friend_levels: &'a [u8],
    friend_scores: &'a [u32],
    judged_later: &'a [u32],
    judged_earlier: &'a [u32],
    judged_levels: &'a [u8],
}

impl<'a> LinkFile<'a> {
    /// What a file has of the articles that are stored in a segment, in their order. `next_family` is above all
    /// families.
    ///
    /// # Errors
    ///
    /// `Damaged` if it makes no sense.
    pub(crate) fn of(file: &'a File, segment: &Segment, next_family: u64) -> Result<Self, Error> {
        let links = LinkFile {
            families: file.section(2)?,
            friend_ends: file.section(3)?,
            links: file.section(4)?,
            friend_levels: file.section(5)?,
            friend_scores: file.section(6)?,
            judged_later: file.section(7)?,
            judged_earlier: file.section(8)?,
            judged_levels: file.section(9)?,
        };
        links.check(segment, next_family).map_err(|wrong| damaged(file.path(), wrong))?;
        Ok(links)
    }

    fn check(&self, segment: &Segment, next_family: u64) -> Result<(), Wrong> {
        const UNEVEN: Wrong = "its columns are of different lengths";
        let (numbers, ..) = segment.columns();
        must(self.families.len() == numbers.len(), UNEVEN)?;
        must(are_ends(self.friend_ends, numbers.len(), self.links.len()), UNEVEN)?;
        let pairs = [self.friend_levels.len(), self.friend_scores.len()];
        must(pairs == [self.links.len(); 2], UNEVEN)?;
        let verdicts = [self.judged_earlier.len(), self.judged_levels.len()];
        must(verdicts == [self.judged_later.len(); 2], UNEVEN)?;
        let is_founded =
            |&family: &u64| rows::named(family).is_none_or(|family| family.number() < next_family);
        must(self.families.iter().all(is_founded), "a family is not yet founded")?;
        let are_earlier = (0..)
            .zip(numbers)
            .all(|(rank, &number)| self.places(rank).all(|at| self.link(at, number).is_some()));
        must(
            are_earlier && self.verdicts().count() == self.judged_later.len(),
            "a pair makes no sense",
        )
    }

    /// The family that an article was in.
    pub(crate) fn family(&self, rank: u32) -> Option<FamilyId> {
        rows::named(self.families[rank as usize])
    }

    /// The pairs of an article with earlier ones, in the order in which they were found.
    pub(crate) fn links(&self, rank: u32) -> impl Iterator<Item = Link> {
        self.places(rank).filter_map(|at| self.link(at, Number::MAX))
    }

    fn places(&self, rank: u32) -> Range<usize> {
        of_rank(self.friend_ends, rank as usize)
    }

    fn link(&self, at: usize, before: Number) -> Option<Link> {
        rows::link(self.links[at], self.friend_levels[at], self.friend_scores[at], before)
    }

    /// The pairs that were judged, the later article first.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        let pairs = self.judged_later.iter().zip(self.judged_earlier).zip(self.judged_levels);
        pairs.filter_map(|((&later, &earlier), &level)| rows::verdicts(later, earlier, level))
    }
}
