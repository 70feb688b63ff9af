//! From the files of a folder back to what was in memory.

use std::collections::HashMap;
use std::ops::Range;

use ahash::RandomState;

use super::part_file::{PART, PartFile};
use super::rows::{Row, Rows, Wrong};
use super::state::State;
use super::texts::{self, TEXTS};
use super::{COMMONPLACES, HASHES, ROWS};
use crate::archive::contents::Contents;
use crate::archive::families::{FamilyId, Friend, LiveFamilies};
use crate::archive::part::{Number, Part};
use crate::archive::shelf::Shelf;
use crate::archive::texts::Texts;
use crate::commonplaces::Commonplaces;
use crate::error::Error;
use crate::fingerprint::KeptTerm;
use crate::parallel;
use crate::store::{File, Snapshot, damaged};
use crate::vocabulary::{Language, Vocabulary};

type ByNumber<V> = HashMap<Number, V, RandomState>;

/// The articles and families that a generation of a store keeps. Files that are `known` were looked at
/// when an earlier generation was folded.
///
/// # Errors
///
/// `Damaged` if a file makes no sense, or all of them together do not.
pub(super) fn fold(snapshot: &Snapshot, state: &State, known: &[File]) -> Result<Contents, Error> {
    let is_foreign = |file: &&File| ![PART, ROWS, COMMONPLACES, TEXTS].contains(&file.kind());
    if let Some(file) = snapshot.files().iter().find(is_foreign) {
        return Err(damaged(file.path(), "no archive has such a file"));
    }
    let of_kind = |kind| snapshot.files().iter().filter(move |file| file.kind() == kind);
    let commonplaces = of_kind(COMMONPLACES).next_back().map(commonplaces).transpose()?;
    let files: Vec<(&File, Rows<'_>)> =
        of_kind(ROWS).map(|file| Ok((file, Rows::of(file)?))).collect::<Result<_, Error>>()?;

    let mut folding = Folding::new(state);
    let part_files: Vec<&File> = of_kind(PART).collect();
    let opened = parallel::map(
        &part_files,
        || (),
        |(), file| PartFile::open(file, (!known.contains(file)).then_some(state.next_family)),
    );
    for (file, opened) in part_files.iter().zip(opened) {
        folding.put_in(opened?).map_err(|wrong| damaged(file.path(), wrong))?;
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
    /// Where the parts begin and end, and those that are laid out.
    layout: Vec<Range<Number>>,
    parts: Vec<Part>,
    /// Beside the layout: the files of the parts that have one.
    files: Vec<Option<PartFile>>,
    /// The part that is being laid out, and those in it that were taken out since.
    open: Part,
    gone_of_open: Vec<Number>,
    /// The number after those of the files so far.
    end: Number,
    pairs: Vec<(Number, Vec<Friend>)>,
    labels: ByNumber<Option<FamilyId>>,
    families: LiveFamilies,
}

impl<'s> Folding<'s> {
    fn new(state: &'s State) -> Self {
        let layout = Shelf::layout(state.next);
        Folding {
            state,
            gone: ByNumber::default(),
            files: layout.iter().map(|_| None).collect(),
            layout,
            parts: Vec::new(),
            open: Part::starting(0),
            gone_of_open: Vec::new(),
            end: 0,
            pairs: Vec::new(),
            labels: ByNumber::default(),
            families: LiveFamilies::starting(state.next_family),
        }
    }

    /// Puts the file of a part in its place.
    fn put_in(&mut self, file: PartFile) -> Result<(), Wrong> {
        let range = file.part.range();
        let place = self.layout.partition_point(|other| other.start < range.start);
        let fits = self.layout.get(place) == Some(&range)
            && self.state.laid_out_at.get(place).copied() == file.part.laid_out_at();
        let Some(free @ None) = self.files.get_mut(place).filter(|_| fits) else {
            return Err("there is no such part");
        };
        for ((later, earlier), level) in file.judged() {
            self.families.put_judged(later, earlier, level);
        }
        *free = Some(file);
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
        while self.layout.get(self.parts.len()).is_some_and(|range| range.end <= number) {
            self.close();
        }
        if self.files.get(self.parts.len()).is_none_or(Option::is_some) {
            return Err("an article is in the file of a part too");
        }
        let laid_out_at = self.state.laid_out_at.get(self.parts.len());
        match (self.gone.get(&number), laid_out_at) {
            (None, _) => {}
            (Some(at), Some(laid_out_at)) if at >= laid_out_at => self.gone_of_open.push(number),
            _ => return Ok(()),
        }
        self.open.put_back(number, &kept, placed, keys);
        if !friends.is_empty() {
            self.pairs.push((number, friends));
        }
        if family.is_some() {
            self.label(number, family)?;
        }
        Ok(())
    }

    /// Ends the open part, as it was laid out.
    fn close(&mut self) {
        let end = self.layout.get(self.parts.len()).map_or(0, |range| range.end);
        let mut part = std::mem::replace(&mut self.open, Part::starting(end));
        part.leave_out_before(end);
        if let Some(Some(file)) = self.files.get_mut(self.parts.len()) {
            part = std::mem::take(&mut file.part);
        } else if let Some(&laid_out_at) = self.state.laid_out_at.get(self.parts.len()) {
            part = Part::merged(&[part], laid_out_at);
        }
        self.gone_of_open.drain(..).for_each(|number| part.remove(number));
        self.parts.push(part);
    }

    fn label(&mut self, number: Number, family: Option<FamilyId>) -> Result<(), Wrong> {
        if family.is_some_and(|family| family.number() >= self.state.next_family) {
            return Err("a family is not yet founded");
        }
        self.labels.insert(number, family);
        Ok(())
    }

    fn finish(mut self, commonplaces: Commonplaces, texts: Texts) -> Result<Contents, Wrong> {
        if self.end != self.state.next {
            return Err("articles that came later are missing");
        }
        while self.parts.len() < self.layout.len() {
            self.close();
        }
        let vocabulary = self.count_words()?;
        let State { counters, settings, .. } = *self.state;
        let shelf = Shelf::of_parts(self.parts, vocabulary, commonplaces, counters, settings.cuts);
        let shelf = shelf.ok_or("two articles have one id")?;
        let mut families = self.families;
        let mut pairs = self.pairs.into_iter().peekable();
        for (part, file) in shelf.parts().iter().zip(&self.files) {
            let mut befriend = |later: Number, friends: &mut Vec<Friend>| {
                friends.retain(|friend| shelf.is_in(friend.number));
                families.befriend(later, friends);
            };
            let Some(file) = file else {
                let end = part.range().end;
                while let Some((later, mut friends)) = pairs.next_if(|&(later, _)| later < end) {
                    if shelf.is_in(later) {
                        befriend(later, &mut friends);
                    }
                }
                continue;
            };
            let mut friends = Vec::new();
            for (later, rank) in part.present() {
                friends.clear();
                friends.extend(file.friends(rank));
                if !friends.is_empty() {
                    befriend(later, &mut friends);
                }
            }
            for (number, rank) in
                part.present().filter(|(number, _)| !self.labels.contains_key(number))
            {
                if let Some(family) = file.family(rank) {
                    families.put_in(number, family);
                }
            }
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
        Ok(Contents { settings, shelf, families, texts })
    }

    /// Takes out of the parts that have files what was taken out since; the words of what is in.
    fn count_words(&mut self) -> Result<Vocabulary, Wrong> {
        let mut vocabulary = Vocabulary::default();
        fn terms(part: &Part, rank: u32) -> (Language, impl Iterator<Item = u32>) {
            let terms = part.articles().terms(rank).iter().map(|&term| KeptTerm(term).term());
            (part.articles().facts(rank).language, terms)
        }
        let mut gone: Vec<Number> = self.gone.keys().copied().collect();
        gone.sort_unstable();
        for (part, file) in self.parts.iter_mut().zip(&self.files) {
            let Some(file) = file else {
                for (rank, _) in part.iter() {
                    let (language, terms) = terms(part, rank);
                    vocabulary.add(language, terms);
                }
                continue;
            };
            file.count_words(part.articles(), &mut vocabulary);
            let below = |end: Number| gone.partition_point(|&number| number < end);
            for &number in &gone[below(part.range().start)..below(part.range().end)] {
                let rank =
                    part.rank(number).ok_or("an article was taken out that is in no file")?;
                let (language, terms) = terms(part, rank);
                vocabulary.remove(language, terms);
                part.remove(number);
            }
        }
        Ok(vocabulary)
    }
}
