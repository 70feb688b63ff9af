//! The file of links: families, links and verdicts of articles, and what else a commit changed.
//!
//! Each segment file has one, of the same span. Separate from the segment file because a thread may write
//! that one ahead, while links are known only at the commit. The file of a commit also has the changes of
//! earlier articles, and the boilerplate phrases if they changed. A later file overrides earlier ones.

use super::columns::columns;
use super::segment_file::{are_ends, of_rank};
use super::state::SegmentId;
use super::{Defect, UNEVEN_COLUMNS, must};
use crate::corpus::collection::Number;
use crate::engine::segment::Segment;
use crate::error::Error;
use crate::families::live::{FamilyId, Link, LinkKind, LiveFamilies};
use crate::score::relation::Level;
use crate::store::column::Column;
use crate::store::{File, Kind, Section, Store, damaged};

/// The kind of a file of links.
pub(crate) const LINKS: Kind = Kind::new(*b"kins");

/// The stored family of an article without one.
const NO_FAMILY: u64 = u64::MAX;

/// The stored level of a pair that reaches none.
const NO_LEVEL: u8 = 3;

columns! {
    LinkSlices, LinkColumns;
    1 span: u64,
    2 numbers: u32,
    3 families: u64,
    4 link_ends: u32,
    5 links: u32,
    6 link_levels: u8,
    7 link_scores: u32,
    8 verdict_later: u32,
    9 verdict_earlier: u32,
    10 verdict_levels: u8,
    11 removed: u32,
    12 removed_at: u64,
    13 phrases: u32,
}

/// A pair, the later article first, and the level that it reaches.
pub(super) type Verdict = ((Number, Number), Option<Level>);

/// An article in a file of links: its number, its family when the file was written, and its links.
pub(super) type LinkRow<L> = (Number, Option<FamilyId>, L);

/// Writes the families, links and verdicts of the articles of a segment with an index.
pub(super) fn write(
    store: &mut Store,
    segment: &Segment,
    families: &LiveFamilies,
) -> Result<File, Error> {
    let mut columns = LinkColumns::of_segment(&SegmentId::of(segment));
    for (number, _) in segment.present() {
        columns.push(number, families);
        for (earlier, level) in families.verdicts_of(number) {
            columns.push_verdict(number, earlier, level);
        }
    }
    store.write(LINKS, &columns.slices().sections())
}

impl LinkColumns {
    /// The columns without a row.
    pub(super) fn of_segment(id: &SegmentId) -> Self {
        LinkColumns { span: id.fields().to_vec().into(), ..LinkColumns::default() }
    }

    /// Appends an article of the segment, if it has a family or links to earlier articles.
    pub(super) fn push(&mut self, number: Number, families: &LiveFamilies) {
        let before = self.links.len();
        // Each link is stored once, with the later article, so links are restored in the order found.
        for (kind, link) in families.earlier_links(number) {
            self.links.made().push(link.number);
            self.link_levels.made().push(4 * kind as u8 + link.level as u8);
            self.link_scores.made().push(link.score.to_bits());
        }
        if self.links.len() > before || families.family_of(number).is_some() {
            self.push_family(number, families);
        }
    }

    /// Appends the current family of an article; its links are those appended since the last article.
    pub(super) fn push_family(&mut self, number: Number, families: &LiveFamilies) {
        let family = families.family_of(number).map_or(NO_FAMILY, FamilyId::number);
        self.numbers.made().push(number);
        self.families.made().push(family);
        self.link_ends.made().push(self.links.len() as u32);
    }

    /// Appends the verdict on a pair.
    pub(super) fn push_verdict(&mut self, later: Number, earlier: Number, level: Option<Level>) {
        self.verdict_later.made().push(later);
        self.verdict_earlier.made().push(earlier);
        self.verdict_levels.made().push(level.map_or(NO_LEVEL, |level| level as u8));
    }

    /// Stores the hashes of the boilerplate phrases.
    pub(super) fn put_phrases(&mut self, hashes: &[u32]) {
        self.phrases = [&[hashes.len() as u32], hashes].concat().into();
    }
}

impl<'a> LinkSlices<'a> {
    /// Checks the columns of the file of a segment. All families are below `next_family`.
    ///
    /// # Errors
    /// `Damaged` if it is inconsistent.
    pub(super) fn check(&self, file: &File, id: &SegmentId, next_family: u64) -> Result<(), Error> {
        let checked = self.check_columns(id, next_family);
        checked.map_err(|wrong| damaged(file.path(), wrong))
    }

    fn check_columns(&self, id: &SegmentId, next_family: u64) -> Result<(), Defect> {
        let rows = self.numbers.len();
        let verdicts = [self.verdict_earlier.len(), self.verdict_levels.len()];
        let is_even = self.families.len() == rows
            && are_ends(self.link_ends, rows, self.links.len())
            && [self.link_levels.len(), self.link_scores.len()] == [self.links.len(); 2]
            && verdicts == [self.verdict_later.len(); 2]
            && self.removed.len() == self.removed_at.len()
            && self.phrases.first().is_none_or(|&len| len as usize + 1 == self.phrases.len());
        must(is_even, UNEVEN_COLUMNS)?;
        let SegmentId { range, sealed_at } = id;
        let is_of_commit = !sealed_at.is_sealed();
        let is_in =
            |number: &Number| number < &range.end && (is_of_commit || number >= &range.start);
        let rises = self.numbers.is_sorted_by(|one, two| one < two);
        must(rises && self.numbers.iter().all(is_in), "its numbers are not those of a segment")?;
        must(is_of_commit || self.removed.is_empty() && self.phrases.is_empty(), "it has changes")?;
        let hashes = self.phrases().unwrap_or_default();
        must(hashes.is_sorted_by(|one, two| one < two), "its hashes are out of order")?;
        let is_founded = |&family: &u64| {
            stored_family(family).is_none_or(|family| family.number() < next_family)
        };
        must(self.families.iter().all(is_founded), "a family is not yet founded")?;
        let are_links = (0..).zip(self.numbers).all(|(row, &number)| {
            let mut links = of_rank(self.link_ends, row);
            (links.is_empty() || range.contains(&number))
                && links.all(|at| self.link(at).is_some_and(|(_, link)| link.number < number))
        });
        let are_all = are_links && self.verdicts().count() == self.verdict_later.len();
        must(are_all, "a pair makes no sense")
    }

    /// The number of changes of articles before the segment, which starts at `start`.
    pub(super) fn changes(&self, start: Number) -> usize {
        self.numbers.partition_point(|&number| number < start) + self.removed.len()
    }

    /// The articles, ascending, with their links to earlier ones in the order in which they were found.
    pub(super) fn rows(
        self,
    ) -> impl Iterator<Item = LinkRow<impl Iterator<Item = (LinkKind, Link)>>> {
        let families = self.families.iter().map(|&family| stored_family(family));
        let links = move |row| of_rank(self.link_ends, row).filter_map(move |at| self.link(at));
        let numbers = self.numbers.iter().copied();
        numbers
            .zip(families)
            .zip(0..)
            .map(move |((number, family), row)| (number, family, links(row)))
    }

    /// The link at a position, if it is valid.
    fn link(&self, at: usize) -> Option<(LinkKind, Link)> {
        let (number, kind_and_level) = (self.links[at], self.link_levels[at]);
        let &kind = LinkKind::ALL.get(usize::from(kind_and_level / 4))?;
        let &level = Level::ALL.get(usize::from(kind_and_level % 4))?;
        let score = f32::from_bits(self.link_scores[at]);
        score.is_finite().then_some((kind, Link { number, level, score }))
    }

    /// The valid verdicts on pairs that were no candidates.
    pub(super) fn verdicts(self) -> impl Iterator<Item = Verdict> {
        let pairs = self.verdict_later.iter().zip(self.verdict_earlier).zip(self.verdict_levels);
        pairs.filter_map(|((&later, &earlier), &level)| {
            let found = Level::ALL.get(usize::from(level)).copied();
            let holds = earlier < later && (found.is_some() || level == NO_LEVEL);
            holds.then_some(((later, earlier), found))
        })
    }

    /// The removed articles, and how many had been removed before each.
    pub(super) fn removed(self) -> impl Iterator<Item = (Number, u64)> {
        self.removed.iter().copied().zip(self.removed_at.iter().copied())
    }

    /// The hashes of the boilerplate phrases, ascending, if the file stores them.
    pub(super) fn phrases(&self) -> Option<&'a [u32]> {
        self.phrases.split_first().map(|(_, hashes)| hashes)
    }
}

/// The family of a stored number.
fn stored_family(family: u64) -> Option<FamilyId> {
    (family != NO_FAMILY).then_some(FamilyId(family))
}
