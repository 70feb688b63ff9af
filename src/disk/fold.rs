//! Rebuilds the contents of an archive from the files of a commit.
//!
//! Segments come first, then links in order; a later file overrides earlier ones. The tables of ids,
//! document frequencies, days and families are rebuilt, which is linear in the articles. The result is
//! what the writer had at the commit, or the error `Damaged`.

use std::ops::Range;

use super::Defect;
use super::link_file::{LINKS, LinkColumns};
use super::segment_file::{self, SEGMENT, SegmentFile};
use super::state::{PendingMerge, SegmentId, State};
use super::texts::{self, TEXTS};
use crate::corpus::boilerplate::BoilerplatePhrases;
use crate::corpus::collection::{ByNumber, Number};
use crate::corpus::fingerprint::KeptTerm;
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::contents::Contents;
use crate::engine::merging::SegmentMerge;
use crate::engine::segment::{SealedAt, Segment};
use crate::engine::segments::SegmentSet;
use crate::engine::texts::StoredTexts;
use crate::error::Error;
use crate::families::live::{FamilyId, LiveFamilies};
use crate::parallel;
use crate::store::{File, Snapshot, damaged};
use crate::text::language::Language;

/// The contents of a commit. Files that are `known` were checked with an earlier commit.
///
/// # Errors
/// `Damaged` if a file is inconsistent, or the files do not fit together.
pub(super) fn fold(snapshot: &Snapshot, state: &State, known: &[File]) -> Result<Contents, Error> {
    let is_foreign = |file: &&File| ![SEGMENT, LINKS, TEXTS].contains(&file.kind());
    if let Some(file) = snapshot.files().iter().find(is_foreign) {
        return Err(damaged(file.path(), "no archive has such a file"));
    }
    let of_kind = |kind| snapshot.files().iter().filter(move |file| file.kind() == kind);
    let mut folding = Folding::new(state);
    let segment_files: Vec<&File> = of_kind(SEGMENT).collect();
    let opened = parallel::map(
        &segment_files,
        || (),
        |(), file| SegmentFile::open(file, known.contains(file)),
    );
    for (file, opened) in segment_files.iter().zip(opened) {
        folding.add_segment(opened?).map_err(|wrong| damaged(file.path(), wrong))?;
    }
    for file in of_kind(LINKS) {
        folding.add_links(file)?;
    }
    let texts = texts::of_files(of_kind(TEXTS))?;
    let all = snapshot.folder().join("manifest");
    let last = of_kind(LINKS).next_back().map_or(&*all, File::path);
    folding.finish(texts).map_err(|wrong| damaged(last, wrong))
}

/// The contents folded so far.
struct Folding<'s> {
    state: &'s State,
    /// The removed articles, and how many had been removed before each.
    removed: ByNumber<u64>,
    /// The files of each segment of the state, as far as they were read.
    files: Vec<Option<SegmentFile>>,
    links: Vec<Option<LinkColumns>>,
    /// The segments without an index, which together are the newest segment.
    newest: Vec<Segment>,
    /// The links of the commits since the newest segment began, and the numbers that they cover.
    commits: Vec<LinkColumns>,
    ranges: Vec<Range<Number>>,
    /// The families that the commits assigned.
    labels: ByNumber<Option<FamilyId>>,
    families: LiveFamilies,
    boilerplate: BoilerplatePhrases,
}

impl<'s> Folding<'s> {
    fn new(state: &'s State) -> Self {
        Folding {
            state,
            removed: ByNumber::default(),
            files: state.list.iter().map(|_| None).collect(),
            links: state.list.iter().map(|_| None).collect(),
            newest: Vec::new(),
            commits: Vec::new(),
            ranges: Vec::new(),
            labels: ByNumber::default(),
            families: LiveFamilies::starting(state.next_family),
            boilerplate: BoilerplatePhrases::default(),
        }
    }

    /// The position of a sealed segment in the state.
    fn slot(&self, id: &SegmentId) -> Option<usize> {
        self.state.list.iter().position(|segment| segment == id)
    }

    /// Adds the file of a segment.
    fn add_segment(&mut self, file: SegmentFile) -> Result<(), Defect> {
        let id = SegmentId::of(&file.segment);
        if !id.sealed_at.is_sealed() {
            self.newest.push(file.segment);
            return Ok(());
        }
        let slot = self.slot(&id).and_then(|slot| self.files.get_mut(slot));
        let Some(free @ None) = slot else { return Err("there is no such segment") };
        *free = Some(file);
        Ok(())
    }

    /// Adds a file of links, checked.
    fn add_links(&mut self, file: &File) -> Result<(), Error> {
        let (id, columns) = (segment_file::identity(file)?, LinkColumns::of(file)?);
        let links = columns.slices();
        links.check(file, &id, self.state.next_family)?;
        for ((later, earlier), level) in links.verdicts() {
            self.families.put_verdict(later, earlier, level);
        }
        let added = if id.sealed_at.is_sealed() {
            let slot = self.slot(&id).and_then(|slot| self.links.get_mut(slot));
            let free = slot.filter(|slot| slot.is_none());
            free.map(|free| *free = Some(columns)).ok_or("there is no such segment")
        } else {
            self.add_commit(id.range, columns)
        };
        added.map_err(|wrong| damaged(file.path(), wrong))
    }

    /// Adds the links and changes of a commit, whose articles have the numbers of `range`.
    fn add_commit(&mut self, range: Range<Number>, columns: LinkColumns) -> Result<(), Defect> {
        let end = self.ranges.last().map_or(self.state.first_newest, |range| range.end);
        if range.start != end || range.end > self.state.next {
            return Err("its articles do not follow those before");
        }
        let links = columns.slices();
        for (number, at) in links.removed() {
            let is_new = self.removed.insert(number, at).is_none();
            if !is_new || number >= range.end || at >= self.state.counters.removals {
                return Err("an article was taken out twice, or before it came");
            }
        }
        self.labels.extend(links.rows().map(|(number, family, _)| (number, family)));
        if let Some(hashes) = links.phrases() {
            self.boilerplate = BoilerplatePhrases::new(hashes.to_vec());
        }
        self.ranges.push(range);
        self.commits.push(columns);
        Ok(())
    }

    /// The newest segment. Its removed articles are not stored.
    fn newest_segment(&self) -> Result<Segment, Defect> {
        let ranges = self.ranges.iter().filter(|range| !range.is_empty());
        let are_all = self.newest.iter().map(Segment::range).eq(ranges.cloned());
        let end = self.ranges.last().map_or(self.state.first_newest, |range| range.end);
        if !are_all || end != self.state.next {
            return Err("articles that came later are missing");
        }
        let mut newest = Segment::starting(self.state.first_newest).with_room(&self.newest);
        for segment in &self.newest {
            for (rank, number) in segment.iter().filter(|(_, n)| !self.removed.contains_key(n)) {
                newest.skip_to(number);
                let keys = segment.key_positions(rank);
                newest.push(&segment.articles().kept(rank), segment.stats(rank), keys);
            }
        }
        newest.skip_to(self.state.next);
        Ok(newest)
    }

    /// Builds the contents once all files were added.
    fn finish(mut self, texts: StoredTexts) -> Result<Contents, Defect> {
        let State { counters, settings, newest, .. } = *self.state;
        let newest_segment = self.newest_segment()?;
        let mut vocabulary = Vocabulary::default();
        let files: Option<Vec<SegmentFile>> = self.files.drain(..).collect();
        let links: Option<Vec<LinkColumns>> = self.links.drain(..).collect();
        let (Some(mut files), Some(links)) = (files, links) else {
            return Err("the file of a segment is missing");
        };
        let mut list: Vec<Segment> =
            files.iter_mut().map(|file| std::mem::take(&mut file.segment)).collect();
        let mut removed: Vec<(Number, u64)> = self.removed.drain().collect();
        removed.sort_unstable();
        let merges = self.merges(&list, &removed);
        for (segment, file) in list.iter_mut().zip(&files) {
            file.count_words(segment, &mut vocabulary);
            for &(number, _) in removed_in(segment, &removed) {
                let rank =
                    segment.rank(number).ok_or("an article was taken out that is in no file")?;
                if segment.stats(rank).leads() {
                    let (language, terms) = terms(segment, rank);
                    vocabulary.remove(language, terms);
                }
                segment.remove(number);
            }
        }
        let counted = |&(rank, _): &(u32, Number)| newest_segment.stats(rank).leads();
        for (rank, _) in newest_segment.iter().filter(counted) {
            let (language, terms) = terms(&newest_segment, rank);
            vocabulary.add(language, terms);
        }
        list.push(newest_segment);
        let (boilerplate, cuts) = (std::mem::take(&mut self.boilerplate), settings.cuts);
        let segments =
            SegmentSet::of_segments(list, newest, vocabulary, boilerplate, counters, cuts);
        let mut segments = segments.ok_or("two articles have one id")?;
        segments.merges = merges;

        let mut families = self.families;
        for columns in links.iter().chain(&self.commits) {
            let rows = columns.slices().rows().filter(|&(later, ..)| segments.is_in(later));
            for (later, family, links) in rows {
                let links = links.filter(|(_, link)| segments.is_in(link.number));
                links.for_each(|link| families.add_link(later, link));
                if let Some(family) = family.filter(|_| !self.labels.contains_key(&later)) {
                    families.put_in(later, family);
                }
            }
        }
        for (number, family) in self.labels {
            if let Some(family) = family.filter(|_| segments.is_in(number)) {
                families.put_in(number, family);
            }
        }
        families.retain_verdicts(|number| segments.is_in(number));
        if !families.are_whole() {
            return Err("a family has one member only, or an article follows itself");
        }
        Ok(Contents { settings, segments, families, texts, clock: self.state.clock.clone() })
    }

    /// The pending merges. `list` has the segments as they were sealed, without tombstones.
    fn merges(&self, list: &[Segment], removed: &[(Number, u64)]) -> Vec<SegmentMerge> {
        let merge = |begun: &PendingMerge| {
            let mut since = Vec::new();
            let mut merged = list[self.state.segments_of(begun)].to_vec();
            for segment in &mut merged {
                for &(number, at) in removed_in(segment, removed) {
                    if at < begun.removals { segment.remove(number) } else { since.push(number) }
                }
            }
            // A writer that closes before the merge is due loses the work, so it waits half of the way.
            let from = self.state.next + (begun.due - self.state.next) / 2;
            let regroupings = self.state.counters.regroupings;
            let sealed_at = SealedAt { removals: begun.removals, regroupings };
            let mut merge = SegmentMerge::of(merged, sealed_at, (from, begun.due));
            merge.removed = since;
            merge
        };
        self.state.merges.iter().map(merge).collect()
    }
}

/// The part of `removed`, which is ascending, that belongs to a segment.
fn removed_in<'g>(segment: &Segment, removed: &'g [(Number, u64)]) -> &'g [(Number, u64)] {
    let below = |end: Number| removed.partition_point(|&(number, _)| number < end);
    &removed[below(segment.range().start)..below(segment.range().end)]
}

/// The language and the terms of an article.
fn terms(segment: &Segment, rank: u32) -> (Language, impl Iterator<Item = u32> + Clone) {
    let terms = segment.articles().terms(rank).iter().map(|&term| KeptTerm(term).term());
    (segment.articles().facts(rank).language, terms)
}
