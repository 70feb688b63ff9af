//! Rebuilds the contents of an archive from the files of a commit.
//!
//! Files are folded in order: segments, links, rows. Later files override earlier ones. The tables of ids,
//! document frequencies, days and families are rebuilt, which is linear in the articles. The result is
//! what the writer had at the commit, or the error `Damaged`.

use super::link_file::{LINKS, LinkFile};
use super::rows::{ChangeRow, ChangeRows};
use super::segment_file::{self, SEGMENT, SegmentFile};
use super::state::{PendingMerge, SealedSegment, State};
use super::texts::{self, TEXTS};
use super::{BOILERPLATE, Defect, HASHES, ROWS};
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
use crate::families::live::{FamilyId, Link, LinkKind, LiveFamilies};
use crate::parallel;
use crate::store::{File, Snapshot, damaged};
use crate::text::language::Language;

/// The contents of a commit. Files that are `known` were checked with an earlier commit.
///
/// # Errors
/// `Damaged` if a file is inconsistent, or the files do not fit together.
pub(super) fn fold(snapshot: &Snapshot, state: &State, known: &[File]) -> Result<Contents, Error> {
    let is_foreign =
        |file: &&File| ![SEGMENT, LINKS, ROWS, BOILERPLATE, TEXTS].contains(&file.kind());
    if let Some(file) = snapshot.files().iter().find(is_foreign) {
        return Err(damaged(file.path(), "no archive has such a file"));
    }
    let of_kind = |kind| snapshot.files().iter().filter(move |file| file.kind() == kind);
    let boilerplate = of_kind(BOILERPLATE).next_back().map(boilerplate).transpose()?;
    let files: Vec<(&File, ChangeRows<'_>)> = of_kind(ROWS)
        .map(|file| Ok((file, ChangeRows::of(file)?)))
        .collect::<Result<_, Error>>()?;

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
    for (file, rows) in &files {
        folding.note_removed(rows).map_err(|wrong| damaged(file.path(), wrong))?;
    }
    for (file, rows) in &files {
        folding.add_rows(rows).map_err(|wrong| damaged(file.path(), wrong))?;
    }
    let texts = texts::of_files(of_kind(TEXTS))?;
    let all = snapshot.folder().join("manifest");
    folding
        .finish(boilerplate.unwrap_or_default(), texts)
        .map_err(|wrong| damaged(files.last().map_or(&*all, |(file, _)| file.path()), wrong))
}

fn boilerplate(file: &File) -> Result<BoilerplatePhrases, Error> {
    let hashes: &[u32] = file.section(HASHES)?;
    if !hashes.is_sorted_by(|one, two| one < two) {
        return Err(damaged(file.path(), "its hashes are out of order"));
    }
    Ok(BoilerplatePhrases::new(hashes.to_vec()))
}

/// The contents folded so far.
struct Folding<'s> {
    state: &'s State,
    /// The removed articles, and how many had been removed before each.
    removed: ByNumber<u64>,
    /// The files of each segment of the state, as far as they were read.
    files: Vec<Option<SegmentFile>>,
    links: Vec<Option<LinkFile<'s>>>,
    /// The segment without an index.
    newest: Segment,
    /// The end of the numbers of the rows so far.
    end: Number,
    pairs: Vec<(Number, Vec<(LinkKind, Link)>)>,
    labels: ByNumber<Option<FamilyId>>,
    families: LiveFamilies,
}

impl<'s> Folding<'s> {
    fn new(state: &'s State) -> Self {
        Folding {
            state,
            removed: ByNumber::default(),
            files: state.list.iter().map(|_| None).collect(),
            links: vec![None; state.list.len()],
            newest: Segment::starting(state.first_newest),
            end: 0,
            pairs: Vec::new(),
            labels: ByNumber::default(),
            families: LiveFamilies::starting(state.next_family),
        }
    }

    /// Adds the file of a segment.
    fn add_segment(&mut self, file: SegmentFile) -> Result<(), Defect> {
        let identity = SealedSegment::of(&file.segment);
        let slot = self.state.list.iter().position(|segment| *segment == identity);
        let Some(free @ None) = slot.and_then(|slot| self.files.get_mut(slot)) else {
            return Err("there is no such segment");
        };
        *free = Some(file);
        Ok(())
    }

    /// Adds the file of a segment's links.
    fn add_links(&mut self, file: &'s File) -> Result<(), Error> {
        let identity = segment_file::identity(file)?;
        let slot = self.state.list.iter().position(|segment| *segment == identity);
        let segment = slot.and_then(|slot| self.files[slot].as_ref().map(|file| (slot, file)));
        let Some((slot, SegmentFile { segment, .. })) =
            segment.filter(|&(slot, _)| self.links[slot].is_none())
        else {
            return Err(damaged(file.path(), "there is no such segment"));
        };
        let links = LinkFile::open(file, segment, self.state.next_family)?;
        for ((later, earlier), level) in links.verdicts() {
            self.families.put_verdict(later, earlier, level);
        }
        self.links[slot] = Some(links);
        Ok(())
    }

    fn note_removed(&mut self, rows: &ChangeRows<'_>) -> Result<(), Defect> {
        for (number, at) in rows.each_removed()? {
            let is_new = self.removed.insert(number, at).is_none();
            if !is_new || number >= self.state.next || at >= self.state.counters.removals {
                return Err("an article was taken out twice, or before it came");
            }
        }
        Ok(())
    }

    /// Adds the articles and changes of a file of rows.
    fn add_rows(&mut self, rows: &ChangeRows<'_>) -> Result<(), Defect> {
        let range = rows.range().ok_or("its numbers do not rise")?;
        if range.start != self.end || range.end > self.state.next {
            return Err("its articles do not follow those before");
        }
        self.end = range.end;
        rows.each(|row| self.add_row(row))?;
        for (number, family) in rows.each_label()? {
            self.label(number, family)?;
        }
        for ((later, earlier), level) in rows.each_verdict()? {
            self.families.put_verdict(later, earlier, level);
        }
        Ok(())
    }

    fn add_row(&mut self, row: ChangeRow<'_>) -> Result<(), Defect> {
        let ChangeRow { number, kept, stats, keys, links, family } = row;
        if number < self.state.first_newest {
            return Err("an article is in the file of a segment too");
        }
        if self.removed.contains_key(&number) {
            return Ok(());
        }
        self.newest.skip_to(number);
        self.newest.push(&kept, stats, keys);
        if !links.is_empty() {
            self.pairs.push((number, links));
        }
        if family.is_some() {
            self.label(number, family)?;
        }
        Ok(())
    }

    fn label(&mut self, number: Number, family: Option<FamilyId>) -> Result<(), Defect> {
        if family.is_some_and(|family| family.number() >= self.state.next_family) {
            return Err("a family is not yet founded");
        }
        self.labels.insert(number, family);
        Ok(())
    }

    /// Builds the contents once all files were added.
    fn finish(
        mut self,
        boilerplate: BoilerplatePhrases,
        texts: StoredTexts,
    ) -> Result<Contents, Defect> {
        let State { counters, settings, newest, .. } = *self.state;
        if self.end != self.state.next {
            return Err("articles that came later are missing");
        }
        self.newest.skip_to(self.state.next);
        let mut vocabulary = Vocabulary::default();
        let files: Option<Vec<SegmentFile>> = self.files.drain(..).collect();
        let links: Option<Vec<LinkFile<'_>>> = self.links.drain(..).collect();
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
        let newest_segment = std::mem::take(&mut self.newest);
        let counted = |&(rank, _): &(u32, Number)| newest_segment.stats(rank).leads();
        for (rank, _) in newest_segment.iter().filter(counted) {
            let (language, terms) = terms(&newest_segment, rank);
            vocabulary.add(language, terms);
        }
        list.push(newest_segment);
        let segments =
            SegmentSet::of_segments(list, newest, vocabulary, boilerplate, counters, settings.cuts);
        let mut segments = segments.ok_or("two articles have one id")?;
        segments.merges = merges;

        let mut families = self.families;
        for (segment, file) in segments.indexed().iter().zip(&links) {
            for (later, rank) in segment.present() {
                let links = file.links(rank).filter(|(_, link)| segments.is_in(link.number));
                links.for_each(|link| families.add_link(later, link));
                if let Some(family) =
                    file.family(rank).filter(|_| !self.labels.contains_key(&later))
                {
                    families.put_in(later, family);
                }
            }
        }
        for (later, links) in self.pairs {
            let links = links.into_iter().filter(|(_, link)| segments.is_in(link.number));
            links.for_each(|link| families.add_link(later, link));
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
