//! Archives that are kept in a folder.
//!
//! A commit writes what changed into one new file and makes it segment of the manifest. What is in
//! memory is worked out from the files when the folder is opened: `FORMAT.md` beside the archive says
//! what they have.

mod fold;
pub(crate) mod link_file;
mod rows;
pub(crate) mod segment_file;
pub(crate) mod state;
pub(crate) mod texts;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::corpus::collection::Number;
use crate::engine::contents::Contents;
use crate::engine::segments::SegmentSet;
use crate::engine::settings::Settings;
use crate::engine::text_file::TextFile;
use crate::engine::texts::StoredTexts;
use crate::error::{Error, ErrorKind};
use crate::families::journal::Journal;
use crate::store::{self, File, Kind, Section, Snapshot, Store};

use fold::fold;
use link_file::LINKS;
use rows::{ChangeColumns, ChangeRows, Wrong};
use segment_file::{SEGMENT, SegmentFile};
use state::{SealedSegment, State};

/// A file of articles and of what changed.
pub(crate) const ROWS: Kind = Kind::new(*b"rows");

/// The file of the boilerplate phrases, as they were counted last.
pub(crate) const COMMONPLACES: Kind = Kind::new(*b"comm");

/// The section of their hashes.
const HASHES: u32 = 1;

/// How many files of about one size are merged into one, with what comes.
const MERGED: usize = 8;

/// So much may be written beyond what is needed before all is written anew.
const SPARE: usize = 1024;

/// The folder of an archive, and how far it got.
#[derive(Debug)]
pub(crate) struct Disk {
    store: Store,
    /// The number of the next article, and how many had been taken out, at the last commit.
    next: Number,
    taken_out: u64,
    /// The first number of the newest segment then.
    first_newest: Number,
    /// How many articles had been taken out when those were looked for whose texts are not needed.
    texts_looked_at: u64,
    /// Whether the next commit is to write all anew.
    anew: bool,
}

/// What the last commit of a folder has, of whose files those that are `known` are not looked at
/// again.
///
/// # Errors
/// `Damaged`, `Version` or `Format` if it cannot be read; `Io` if there is no archive.
pub(crate) fn read(snapshot: &Snapshot, known: &[File]) -> Result<Contents, Error> {
    fold(snapshot, &read_state(snapshot)?, known)
}

/// Everything that is wrong with the archive in a folder, read byte for byte and folded.
///
/// # Errors
/// As `read`, but for damage.
pub(crate) fn verify(folder: &Path) -> Result<Vec<Error>, Error> {
    let damage = store::verify(folder)?;
    if !damage.is_empty() {
        return Ok(damage);
    }
    match read(&Snapshot::open(folder)?, &[]).err() {
        Some(error) if matches!(error.kind(), ErrorKind::Damaged { .. }) => Ok(vec![error]),
        Some(error) => Err(error),
        None => Ok(Vec::new()),
    }
}

/// Whether nothing was ever committed.
fn is_new(snapshot: &Snapshot) -> bool {
    snapshot.state().is_empty() && snapshot.files().is_empty()
}

pub(crate) fn read_state(snapshot: &Snapshot) -> Result<State, Error> {
    if is_new(snapshot) {
        // Its maker was ended before it could say with which settings.
        let (kind, message) = (io::ErrorKind::NotFound, "there is no archive in it".to_owned());
        let path = snapshot.folder().to_owned();
        return Err(ErrorKind::Io { operation: "open", path, kind, message }.into());
    }
    State::decode(snapshot.folder(), snapshot.state())
}

impl Disk {
    /// Opens the archive of a folder as its only writer, and what it has; makes one with these settings
    /// where they are given and there is none.
    ///
    /// # Errors
    /// `Setting` if the archive has other settings; `Locked`, and those of `read`.
    pub(crate) fn open(
        folder: &Path,
        settings: Option<Settings>,
    ) -> Result<(Self, Contents), Error> {
        let mut store = Store::open(folder, settings.is_some())?;
        if let Some(settings) = settings.filter(|_| is_new(store.snapshot())) {
            store.commit(&[], &State::new(settings).encode())?;
        }
        let state = read_state(store.snapshot())?;
        if let Some(settings) = settings {
            settings.must_be_those_of(&state.settings)?;
        }
        let mut contents = fold(store.snapshot(), &state, &[])?;
        contents.families.journal = Journal::kept();
        let (next, taken_out) = (state.next, state.counters.taken_out);
        let (texts_looked_at, first_newest) = (taken_out, state.first_newest);
        let disk = Disk { store, next, taken_out, first_newest, texts_looked_at, anew: false };
        Ok((disk, contents))
    }

    /// What was committed last.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        self.store.snapshot()
    }

    /// Makes all that happened since the last commit durable; on an error nothing of it is.
    ///
    /// # Errors
    /// `Io`, and `Damaged` if a file that is to be merged is.
    pub(crate) fn commit(&mut self, contents: &mut Contents) -> Result<(), Error> {
        let written = self.write(&State::of(contents).encode(), contents);
        if written.is_err() {
            self.store.abandon();
        } else {
            contents.families.journal = Journal::kept();
        }
        written
    }

    /// Lets the next commit write all anew.
    pub(crate) fn write_anew(&mut self) {
        self.anew = true;
    }

    fn write(&mut self, state: &[u8], contents: &mut Contents) -> Result<(), Error> {
        if state == self.store.snapshot().state() && !self.anew {
            return Ok(()); // whatever happens counts a number on
        }
        let snapshot = self.store.snapshot().clone();
        let list = self.segment_files(&snapshot, contents)?;
        let old: Vec<&File> = snapshot.files().iter().filter(|file| file.kind() == ROWS).collect();
        let old: Vec<(&File, ChangeRows<'_>)> = old
            .into_iter()
            .map(|file| Ok((file, ChangeRows::of(file)?)))
            .collect::<Result<_, Error>>()?;
        let segments = &contents.segments;
        let was_sealed =
            self.first_newest != segments.first_newest() || are_others(&snapshot, &list);
        let kept = if self.anew || was_sealed { 0 } else { self.kept(&old, contents) };
        let (kept, merged) = old.split_at(kept);
        let columns = self
            .columns(merged, &list, contents)
            .map_err(|(file, wrong)| store::damaged(file.path(), wrong))?;
        let mut files: Vec<File> = list.iter().map(|segment| segment.file.clone()).collect();
        files.extend(list.iter().map(|segment| segment.links.clone()));
        files.extend(kept.iter().map(|(file, _)| (*file).clone()));
        files.push(self.store.write(ROWS, &columns.sections())?);
        files.push(self.boilerplate(&snapshot, segments)?);
        let texts = self.texts(contents)?;
        files.extend(texts.iter().map(|texts| texts.file().clone()));
        self.store.commit(&files, state)?;
        (self.next, self.taken_out) = (segments.next(), segments.counters().taken_out);
        self.first_newest = segments.first_newest();
        self.anew = false;
        contents.texts = StoredTexts { files: texts, ..StoredTexts::default() };
        for (segment, file) in contents.segments.segments_mut().iter_mut().zip(&list) {
            // What was written need not be kept in memory too.
            if segment.staged().is_some() {
                segment.forget_ahead();
            } else if file.is_new
                && let Ok(SegmentFile { segment: mut mapped, .. }) =
                    SegmentFile::open(&file.file, true)
            {
                segment.take_out_of(&mut mapped);
                *segment = mapped;
            }
        }
        Ok(())
    }

    /// The files of the segments that have an index.
    fn segment_files(
        &mut self,
        snapshot: &Snapshot,
        contents: &Contents,
    ) -> Result<Vec<InFile>, Error> {
        let mut written = Vec::new();
        for file in snapshot.files().iter().filter(|file| [SEGMENT, LINKS].contains(&file.kind())) {
            written.push((segment_file::identity(file)?, file));
        }
        let mut files = Vec::new();
        for segment in contents.segments.indexed() {
            let identity = SealedSegment::of(segment);
            let old = |kind| {
                let mut files = written.iter().filter(|(old, _)| *old == identity);
                files.find(|(_, file)| file.kind() == kind).map(|&(_, file)| file.clone())
            };
            files.push(match (old(SEGMENT), old(LINKS)) {
                (Some(file), Some(links)) => InFile { file, links, is_new: false },
                _ => {
                    let file = match segment.staged() {
                        Some(staged) => self.store.admit(staged),
                        None => {
                            let staged = segment_file::write(self.store.file_writer(), segment)?;
                            self.store.admit(&staged)
                        }
                    };
                    let links = link_file::write(&mut self.store, segment, &contents.families)?;
                    InFile { file, links, is_new: true }
                }
            });
        }
        Ok(files)
    }

    /// Lets threads merge segments, and write the files of what that comes to.
    #[cfg(feature = "parallel")]
    pub(crate) fn start_threads(&mut self, segments: &mut SegmentSet) {
        segments.start_threads(|| {
            let file_writer = self.store.file_writer();
            move |segment| segment_file::written_ahead(file_writer, segment)
        });
    }

    /// How many of the files stay as they are. The others are merged with what comes: as many as are
    /// of its size or smaller, if they are enough; or all, if half of what they have is not needed.
    fn kept(&self, files: &[(&File, ChangeRows<'_>)], contents: &Contents) -> usize {
        let Contents { segments, families, .. } = contents;
        let journal = &families.journal;
        let weights: Vec<usize> = files.iter().map(|(_, rows)| rows.weight()).collect();
        let came = (segments.next() - self.next) as usize;
        let mut weight = came + journal.relabelled.len() + journal.removed.len();
        let rows = segments.newest_segment().len();
        // Changes of what is stored in the files of segments had to be written when all was written last.
        let changes = files.first().map_or(0, |(_, rows)| rows.changes());
        if weights.iter().sum::<usize>() + weight > 2 * (rows + changes) + SPARE {
            return 0;
        }
        let class = |weight: usize| weight.max(1).ilog(MERGED);
        let mut kept = files.len();
        loop {
            let alike = weights[..kept].iter().rev();
            let alike = alike.take_while(|&&other| class(other) <= class(weight)).count();
            if alike + 1 < MERGED {
                return kept;
            }
            weight += weights[kept - alike..kept].iter().sum::<usize>();
            kept -= alike;
        }
    }

    /// What is to be written: what came since the last commit or stands in the files to merge, as it
    /// is now, and what changed of the articles before. What is stored in the file of a segment is not written
    /// again.
    fn columns<'f>(
        &self,
        merged: &[(&'f File, ChangeRows<'_>)],
        list: &[InFile],
        contents: &Contents,
    ) -> Result<ChangeColumns, (&'f File, Wrong)> {
        let Contents { segments, families, .. } = contents;
        let journal = &families.journal;
        let mut removed: Vec<(Number, u64)> =
            journal.removed.iter().copied().zip(self.taken_out..).collect();
        let mut relabelled = journal.relabelled.clone();
        let mut verdicts: BTreeSet<(Number, Number)> = journal.verdicts.iter().copied().collect();
        let mut first = self.next;
        for &(file, rows) in merged.iter().rev() {
            let wrong = |wrong| (file, wrong);
            first = rows.range().ok_or("its numbers do not rise").map_err(wrong)?.start;
            removed.extend(rows.each_removed().map_err(wrong)?);
            relabelled.extend(rows.each_label().map_err(wrong)?.map(|(number, _)| number));
            verdicts.extend(rows.each_judged().map_err(wrong)?.into_iter().map(|(pair, _)| pair));
        }
        let mut columns =
            ChangeColumns { span: vec![first, segments.next()], ..ChangeColumns::default() };
        let newest = segments.newest_segment();
        for (number, rank) in newest.present().filter(|&(number, _)| number >= first) {
            columns.push(newest, number, rank, families);
            verdicts.extend(families.verdicts_of(number).iter().map(|&(other, _)| (number, other)));
        }
        removed.sort_unstable();
        let is_row = |number: &Number| columns.numbers.binary_search(number).is_ok();
        // Of an article that is stored nowhere any more nothing is to be said.
        let place = |number: Number| {
            let at = segments.indexed().partition_point(|segment| segment.range().end <= number);
            let segment =
                segments.indexed().get(at).filter(|segment| segment.range().contains(&number));
            segment.map(|segment| (at, segment))
        };
        let lies = |&(number, at): &(Number, u64)| match place(number) {
            Some((_, segment)) => segment.sealed_at() <= at,
            None => (newest.range().start..first).contains(&number),
        };
        removed.retain(lies);
        // What was written just now says how everything is.
        let is_fresh = |number| place(number).is_some_and(|(at, _)| list[at].is_new);
        relabelled
            .retain(|number| segments.is_in(*number) && !is_row(number) && !is_fresh(*number));
        (columns.removed, columns.gone_at) = removed.into_iter().unzip();
        relabelled.into_iter().for_each(|number| columns.push_label(number, families));
        for (later, earlier) in verdicts.into_iter().filter(|&(later, _)| !is_fresh(later)) {
            if let Some(level) = families.verdicts(later, earlier) {
                columns.push_judged(later, earlier, level);
            }
        }
        Ok(columns)
    }

    /// The files of the texts. Those of articles that were taken out are looked for once they may be a
    /// sixteenth of all.
    fn texts(&mut self, contents: &Contents) -> Result<Vec<TextFile>, Error> {
        let Contents { segments, texts, .. } = contents;
        let taken_out = segments.counters().taken_out;
        let looks_for_gone =
            16 * (taken_out - self.texts_looked_at) > segments.len() as u64 || segments.len() == 0;
        if looks_for_gone {
            self.texts_looked_at = taken_out;
        }
        let is_in = |number| segments.is_in(number);
        texts::write(&mut self.store, texts, is_in, looks_for_gone, self.anew)
    }

    /// The file of the boilerplate phrases: the last one, unless they were counted anew.
    fn boilerplate(&mut self, snapshot: &Snapshot, segments: &SegmentSet) -> Result<File, Error> {
        let hashes = segments.boilerplate().hashes();
        if let Some(file) = snapshot.files().iter().find(|file| file.kind() == COMMONPLACES)
            && file.section::<u32>(HASHES)? == hashes
        {
            return Ok(file.clone());
        }
        self.store.write(COMMONPLACES, &[Section::new(HASHES, hashes)])
    }
}

/// The file of a segment.
struct InFile {
    file: File,
    /// That of its families.
    links: File,
    /// Whether it was not committed yet.
    is_new: bool,
}

/// Whether the files of segments are others than those of a snapshot.
fn are_others(snapshot: &Snapshot, list: &[InFile]) -> bool {
    let before = snapshot.files().iter().filter(|file| file.kind() == SEGMENT).count();
    list.iter().any(|segment| segment.is_new) || list.len() != before
}
