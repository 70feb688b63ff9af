//! From the files of a folder back to what was in memory.

use std::collections::HashMap;

use ahash::RandomState;

use super::kin_file::{KIN, KinFile};
use super::part_file::{self, PART, PartFile};
use super::rows::{Row, Rows, Wrong};
use super::state::{Begun, LaidOut, State};
use super::texts::{self, TEXTS};
use super::{COMMONPLACES, HASHES, ROWS};
use crate::corpus::boilerplate::Commonplaces;
use crate::corpus::collection::Number;
use crate::corpus::fingerprint::KeptTerm;
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::contents::Contents;
use crate::engine::merging::Merging;
use crate::engine::part::Part;
use crate::engine::shelf::Shelf;
use crate::engine::texts::Texts;
use crate::error::Error;
use crate::families::live::{FamilyId, Friend, LiveFamilies};
use crate::parallel;
use crate::store::{File, Snapshot, damaged};
use crate::text::language::Language;

type ByNumber<V> = HashMap<Number, V, RandomState>;

/// The articles and families that a generation of a store keeps. Files that are `known` were looked at
/// when an earlier generation was folded.
///
/// # Errors
///
/// `Damaged` if a file makes no sense, or all of them together do not.
pub(super) fn fold(snapshot: &Snapshot, state: &State, known: &[File]) -> Result<Contents, Error> {
    let is_foreign = |file: &&File| ![PART, KIN, ROWS, COMMONPLACES, TEXTS].contains(&file.kind());
    if let Some(file) = snapshot.files().iter().find(is_foreign) {
        return Err(damaged(file.path(), "no archive has such a file"));
    }
    let of_kind = |kind| snapshot.files().iter().filter(move |file| file.kind() == kind);
    let commonplaces = of_kind(COMMONPLACES).next_back().map(commonplaces).transpose()?;
    let files: Vec<(&File, Rows<'_>)> =
        of_kind(ROWS).map(|file| Ok((file, Rows::of(file)?))).collect::<Result<_, Error>>()?;

    let mut folding = Folding::new(state);
    let part_files: Vec<&File> = of_kind(PART).collect();
    let opened =
        parallel::map(&part_files, || (), |(), file| PartFile::open(file, known.contains(file)));
    for (file, opened) in part_files.iter().zip(opened) {
        folding.put_in(opened?).map_err(|wrong| damaged(file.path(), wrong))?;
    }
    for file in of_kind(KIN) {
        folding.put_kin(file)?;
    }
    for (file, rows) in &files {
        folding.note_gone(rows).map_err(|wrong| damaged(file.path(), wrong))?;
    }
    for (file, rows) in &files {
        folding.lay_out(rows).map_err(|wrong| damaged(file.path(), wrong))?;
    }
    let texts = texts::of_files(of_kind(TEXTS))?;
    let all = snapshot.folder().join("manifest");
    folding
        .finish(commonplaces.unwrap_or_default(), texts)
        .map_err(|wrong| damaged(files.last().map_or(&*all, |(file, _)| file.path()), wrong))
}

fn commonplaces(file: &File) -> Result<Commonplaces, Error> {
    let hashes: &[u32] = file.section(HASHES)?;
    if !hashes.is_sorted_by(|one, two| one < two) {
        return Err(damaged(file.path(), "its hashes are out of order"));
    }
    Ok(Commonplaces::new(hashes.to_vec()))
}

/// What is known so far.
struct Folding<'s> {
    state: &'s State,
    /// When each article was taken out that was.
    gone: ByNumber<u64>,
    /// Beside the parts that have an index: their files.
    files: Vec<Option<PartFile>>,
    kin: Vec<Option<KinFile<'s>>>,
    /// The part without an index.
    newest: Part,
    /// The number after those of the files so far.
    end: Number,
    pairs: Vec<(Number, Vec<Friend>)>,
    labels: ByNumber<Option<FamilyId>>,
    families: LiveFamilies,
}

impl<'s> Folding<'s> {
    fn new(state: &'s State) -> Self {
        Folding {
            state,
            gone: ByNumber::default(),
            files: state.parts.iter().map(|_| None).collect(),
            kin: vec![None; state.parts.len()],
            newest: Part::starting(state.first_newest),
            end: 0,
            pairs: Vec::new(),
            labels: ByNumber::default(),
            families: LiveFamilies::starting(state.next_family),
        }
    }

    /// Puts the file of a part in its place.
    fn put_in(&mut self, file: PartFile) -> Result<(), Wrong> {
        let identity = LaidOut::of(&file.part);
        let place = self.state.parts.iter().position(|part| *part == identity);
        let Some(free @ None) = place.and_then(|place| self.files.get_mut(place)) else {
            return Err("there is no such part");
        };
        *free = Some(file);
        Ok(())
    }

    /// The same for the file of its families.
    fn put_kin(&mut self, file: &'s File) -> Result<(), Error> {
        let identity = part_file::identity(file)?;
        let place = self.state.parts.iter().position(|part| *part == identity);
        let part = place.and_then(|place| self.files[place].as_ref().map(|file| (place, file)));
        let Some((place, PartFile { part, .. })) =
            part.filter(|&(place, _)| self.kin[place].is_none())
        else {
            return Err(damaged(file.path(), "there is no such part"));
        };
        let kin = KinFile::of(file, part, self.state.next_family)?;
        for ((later, earlier), level) in kin.judged() {
            self.families.put_judged(later, earlier, level);
        }
        self.kin[place] = Some(kin);
        Ok(())
    }

    fn note_gone(&mut self, rows: &Rows<'_>) -> Result<(), Wrong> {
        for (number, at) in rows.each_gone()? {
            let is_new = self.gone.insert(number, at).is_none();
            if !is_new || number >= self.state.next || at >= self.state.counters.taken_out {
                return Err("an article was taken out twice, or before it came");
            }
        }
        Ok(())
    }

    /// Lays out what is in a file.
    fn lay_out(&mut self, rows: &Rows<'_>) -> Result<(), Wrong> {
        let range = rows.range().ok_or("its numbers do not rise")?;
        if range.start != self.end || range.end > self.state.next {
            return Err("its articles do not follow those before");
        }
        self.end = range.end;
        rows.each(|row| self.put_back(row))?;
        for (number, family) in rows.each_label()? {
            self.label(number, family)?;
        }
        for ((later, earlier), level) in rows.each_judged()? {
            self.families.put_judged(later, earlier, level);
        }
        Ok(())
    }

    fn put_back(&mut self, row: Row<'_>) -> Result<(), Wrong> {
        let Row { number, kept, placed, keys, friends, family } = row;
        if number < self.state.first_newest {
            return Err("an article is in the file of a part too");
        }
        if self.gone.contains_key(&number) {
            return Ok(());
        }
        self.newest.put_back(number, &kept, placed, keys);
        if !friends.is_empty() {
            self.pairs.push((number, friends));
        }
        if family.is_some() {
            self.label(number, family)?;
        }
        Ok(())
    }

    fn label(&mut self, number: Number, family: Option<FamilyId>) -> Result<(), Wrong> {
        if family.is_some_and(|family| family.number() >= self.state.next_family) {
            return Err("a family is not yet founded");
        }
        self.labels.insert(number, family);
        Ok(())
    }

    fn finish(mut self, commonplaces: Commonplaces, texts: Texts) -> Result<Contents, Wrong> {
        let State { counters, settings, newest, latest, .. } = *self.state;
        if self.end != self.state.next {
            return Err("articles that came later are missing");
        }
        self.newest.leave_out_before(self.state.next);
        let mut vocabulary = Vocabulary::default();
        let files: Option<Vec<PartFile>> = self.files.drain(..).collect();
        let kin: Option<Vec<KinFile<'_>>> = self.kin.drain(..).collect();
        let (Some(mut files), Some(kin)) = (files, kin) else {
            return Err("the file of a part is missing");
        };
        let mut parts: Vec<Part> =
            files.iter_mut().map(|file| std::mem::take(&mut file.part)).collect();
        let mut gone: Vec<(Number, u64)> = self.gone.drain().collect();
        gone.sort_unstable();
        let mergings = self.mergings(&parts, &gone);
        for (part, file) in parts.iter_mut().zip(&files) {
            file.count_words(part.articles(), &mut vocabulary);
            for &(number, _) in gone_of(part, &gone) {
                let rank =
                    part.rank(number).ok_or("an article was taken out that is in no file")?;
                let (language, terms) = terms(part, rank);
                vocabulary.remove(language, terms);
                part.remove(number);
            }
        }
        let newest_part = std::mem::take(&mut self.newest);
        for (rank, _) in newest_part.iter() {
            let (language, terms) = terms(&newest_part, rank);
            vocabulary.add(language, terms);
        }
        parts.push(newest_part);
        let shelf =
            Shelf::of_parts(parts, newest, vocabulary, commonplaces, counters, settings.cuts);
        let mut shelf = shelf.ok_or("two articles have one id")?;
        mergings.into_iter().for_each(|merging| shelf.put_merging(merging));

        let mut families = self.families;
        let mut friends = Vec::new();
        for (part, file) in shelf.indexed().iter().zip(&kin) {
            for (later, rank) in part.present() {
                friends.clear();
                friends.extend(file.friends(rank).filter(|friend| shelf.is_in(friend.number)));
                families.befriend(later, &friends);
                if let Some(family) =
                    file.family(rank).filter(|_| !self.labels.contains_key(&later))
                {
                    families.put_in(later, family);
                }
            }
        }
        for (later, mut friends) in self.pairs {
            friends.retain(|friend| shelf.is_in(friend.number));
            families.befriend(later, &friends);
        }
        for (number, family) in self.labels {
            if let Some(family) = family.filter(|_| shelf.is_in(number)) {
                families.put_in(number, family);
            }
        }
        families.forget_judged_but(|number| shelf.is_in(number));
        if !families.are_whole() {
            return Err("a family has one member only");
        }
        Ok(Contents { settings, shelf, families, texts, latest })
    }

    /// What is being merged of parts in which nothing was taken out yet.
    fn mergings(&self, parts: &[Part], gone: &[(Number, u64)]) -> Vec<Merging> {
        let merging = |begun: &Begun| {
            let mut since = Vec::new();
            let mut merged = parts[self.state.parts_of(begun)].to_vec();
            for part in &mut merged {
                for &(number, at) in gone_of(part, gone) {
                    if at < begun.taken_out { part.remove(number) } else { since.push(number) }
                }
            }
            // A writer may be gone again before it is due, and another one begin from the start.
            let from = self.state.next + (begun.due - self.state.next) / 2;
            let mut merging = Merging::of(merged, begun.taken_out, (from, begun.due));
            since.into_iter().for_each(|number| merging.remove(number));
            merging
        };
        self.state.mergings.iter().map(merging).collect()
    }
}

/// What was taken out of a part, of all that was, which rises, and when.
fn gone_of<'g>(part: &Part, gone: &'g [(Number, u64)]) -> &'g [(Number, u64)] {
    let below = |end: Number| gone.partition_point(|&(number, _)| number < end);
    &gone[below(part.range().start)..below(part.range().end)]
}

/// The language and the terms of an article.
fn terms(part: &Part, rank: u32) -> (Language, impl Iterator<Item = u32> + Clone) {
    let terms = part.articles().terms(rank).iter().map(|&term| KeptTerm(term).term());
    (part.articles().facts(rank).language, terms)
}
