//! Archives in files: what a commit writes, and how opening rebuilds the memory from it.
//!
//! Takes the contents of an archive and a folder of the store; `FORMAT.md` in this folder describes the
//! files. A sealed segment has a file that is written once and then mapped. Everything else that changed
//! goes into one new file of rows per commit, so a commit costs as much as its changes. Files of about one
//! size are merged, so their number stays logarithmic. Invariant: reading a committed folder gives the
//! contents that the writer had, down to the postings of removed articles, so a reopened archive
//! continues exactly as the closed one would have. Files are checked on opening as if they were hostile.

mod fold;
pub(crate) mod link_file;
mod rows;
pub(crate) mod segment_file;
pub(crate) mod state;
pub(crate) mod texts;

use std::collections::BTreeSet;
use std::path::Path;

use crate::corpus::collection::Number;
use crate::engine::contents::Contents;
use crate::engine::segments::SegmentSet;
use crate::engine::settings::RequestedSettings;
use crate::engine::text_file::TextFile;
use crate::engine::texts::StoredTexts;
use crate::error::{Error, ErrorKind};
use crate::families::journal::Journal;
use crate::store::{self, File, Kind, Section, Snapshot, Store};

use fold::fold;
use link_file::LINKS;
use rows::{ChangeColumns, ChangeRows};
use segment_file::{SEGMENT, SegmentFile};
use state::{SealedSegment, State};

/// The kind of a file with the newest articles and with changes of earlier ones.
pub(crate) const ROWS: Kind = Kind::new(*b"rows");

/// The kind of the file of boilerplate phrases.
pub(crate) const BOILERPLATE: Kind = Kind::new(*b"comm");

/// The section of the hashes of boilerplate phrases.
const HASHES: u32 = 1;

/// How many files of one size class, the one being written included, are merged into one.
const MERGE_FANOUT: usize = 8;

/// How many obsolete rows the files may have, beside as many as are needed, before all are rewritten.
const MAX_OBSOLETE_ROWS: usize = 1024;

/// What is wrong with a file.
pub(crate) type Defect = &'static str;

const UNEVEN_COLUMNS: Defect = "its columns are of different lengths";

/// The folder of an archive, and the archive's counters at the last commit.
#[derive(Debug)]
pub(crate) struct Disk {
    store: Store,
    /// The number of the next article.
    next: Number,
    /// How many articles were ever removed.
    removals: u64,
    /// The first number of the newest segment.
    first_newest: Number,
    /// How many articles had been removed when the texts of removed articles were last searched for.
    texts_looked_at: u64,
    /// Whether the next commit rewrites all rows and texts.
    anew: bool,
}

/// The contents of a commit. Files that are `known`, because an earlier snapshot had them, are not checked
/// again.
///
/// # Errors
/// `Damaged`, `Version` or `Format` if it cannot be read; `Io` if there is no archive.
pub(crate) fn read(snapshot: &Snapshot, known: &[File]) -> Result<Contents, Error> {
    fold(snapshot, &read_state(snapshot)?, known)
}

/// The damage of the archive in a folder: reads every byte, then rebuilds the contents.
///
/// # Errors
/// As `read`, except for damage.
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

/// Refuses what does not hold, with this defect.
fn must(holds: bool, defect: Defect) -> Result<(), Defect> {
    if holds { Ok(()) } else { Err(defect) }
}

fn read_state(snapshot: &Snapshot) -> Result<State, Error> {
    State::decode(snapshot.folder(), snapshot.state())
}

impl Disk {
    /// Opens the archive in a folder as its only writer, with its contents.
    ///
    /// # Errors
    /// `Locked`; otherwise as `read`.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Contents), Error> {
        Self::of_store(Store::open(folder, None)?, &RequestedSettings::default())
    }

    /// Opens the archive in a folder with changed settings, which the next commit stores; creates one with
    /// them if there is none.
    ///
    /// # Errors
    /// `Setting` if one is invalid, or cannot be changed to; otherwise as `open`.
    pub(crate) fn open_or_create(
        folder: &Path,
        settings: &RequestedSettings,
    ) -> Result<(Self, Contents), Error> {
        let new = State::new(settings.of_new()?).encode();
        Self::of_store(Store::open(folder, Some(&new))?, settings)
    }

    fn of_store(store: Store, settings: &RequestedSettings) -> Result<(Self, Contents), Error> {
        let mut state = read_state(store.snapshot())?;
        state.settings = settings.of_stored(state.settings)?;
        let mut contents = fold(store.snapshot(), &state, &[])?;
        contents.families.journal = Journal::kept();
        let (next, removals) = (state.next, state.counters.removals);
        let (texts_looked_at, first_newest) = (removals, state.first_newest);
        let disk = Disk { store, next, removals, first_newest, texts_looked_at, anew: false };
        Ok((disk, contents))
    }

    /// The last commit.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        self.store.snapshot()
    }

    /// Makes all changes since the last commit durable, or on an error none of them.
    ///
    /// # Errors
    /// `Io`, and `Damaged` if a file that is to be merged is damaged.
    pub(crate) fn commit(&mut self, contents: &mut Contents) -> Result<(), Error> {
        let written = self.write(&State::of(contents).encode(), contents);
        if written.is_err() {
            self.store.abandon();
        } else {
            contents.families.journal = Journal::kept();
        }
        written
    }

    /// Makes the next commit rewrite all rows and texts.
    pub(crate) fn write_anew(&mut self) {
        self.anew = true;
    }

    fn write(&mut self, state: &[u8], contents: &mut Contents) -> Result<(), Error> {
        if state == self.store.snapshot().state() && !self.anew {
            return Ok(()); // every change advances a number of the state
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
            self.first_newest != segments.first_newest() || are_changed(&snapshot, &list);
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
        files.extend(texts.iter().map(|texts| texts.file.clone()));
        self.store.commit(&files, state)?;
        (self.next, self.removals) = (segments.next(), segments.counters.removals);
        self.first_newest = segments.first_newest();
        self.anew = false;
        contents.texts = StoredTexts { files: texts, ..StoredTexts::default() };
        for (segment, file) in contents.segments.list.iter_mut().zip(&list) {
            // A segment that has a file now is mapped instead of held on the heap.
            if segment.staged.is_some() {
                segment.staged = None;
            } else if file.is_new
                && let Ok(SegmentFile { segment: mut mapped, .. }) =
                    SegmentFile::open(&file.file, true)
            {
                segment.copy_removals_to(&mut mapped);
                *segment = mapped;
            }
        }
        Ok(())
    }

    /// The files of all segments with an index; writes those that are missing.
    fn segment_files(
        &mut self,
        snapshot: &Snapshot,
        contents: &Contents,
    ) -> Result<Vec<FilePair>, Error> {
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
                (Some(file), Some(links)) => FilePair { file, links, is_new: false },
                _ => {
                    let file = match segment.staged.as_deref() {
                        Some(staged) => self.store.admit(staged),
                        None => {
                            let staged = segment_file::write(self.store.file_writer(), segment)?;
                            self.store.admit(&staged)
                        }
                    };
                    let links = link_file::write(&mut self.store, segment, &contents.families)?;
                    FilePair { file, links, is_new: true }
                }
            });
        }
        Ok(files)
    }

    /// Starts threads that merge segments and write the files of the merged ones.
    #[cfg(feature = "parallel")]
    pub(crate) fn start_threads(&mut self, segments: &mut SegmentSet) {
        segments.start_threads(|| {
            let file_writer = self.store.file_writer();
            move |segment| segment_file::written_ahead(file_writer, segment)
        });
    }

    /// How many of the rows files stay; the later ones are merged with the new rows. These are the files
    /// of at most the new one's size class, once there are [`MERGE_FANOUT`] with the new one; or all
    /// files, if half of all rows are obsolete.
    fn kept(&self, files: &[(&File, ChangeRows<'_>)], contents: &Contents) -> usize {
        let Contents { segments, families, .. } = contents;
        let journal = &families.journal;
        let weights: Vec<usize> = files.iter().map(|(_, rows)| rows.weight()).collect();
        let came = (segments.next() - self.next) as usize;
        let mut weight = came + journal.relabelled.len() + journal.removed.len();
        let rows = segments.newest_segment().len();
        // Changes of articles in segment files were needed when all rows were last rewritten.
        let changes = files.first().map_or(0, |(_, rows)| rows.changes());
        if weights.iter().sum::<usize>() + weight > 2 * (rows + changes) + MAX_OBSOLETE_ROWS {
            return 0;
        }
        let class = |weight: usize| weight.max(1).ilog(MERGE_FANOUT);
        let mut kept = files.len();
        loop {
            let alike = weights[..kept].iter().rev();
            let alike = alike.take_while(|&&other| class(other) <= class(weight)).count();
            if alike + 1 < MERGE_FANOUT {
                return kept;
            }
            weight += weights[kept - alike..kept].iter().sum::<usize>();
            kept -= alike;
        }
    }

    /// The rows to write: the current state of the articles that are new or in the files to merge, and the
    /// changes of earlier articles. Articles in segment files are not written again.
    fn columns<'f>(
        &self,
        merged: &[(&'f File, ChangeRows<'_>)],
        list: &[FilePair],
        contents: &Contents,
    ) -> Result<ChangeColumns, (&'f File, Defect)> {
        let Contents { segments, families, .. } = contents;
        let journal = &families.journal;
        let mut removed: Vec<(Number, u64)> =
            journal.removed.iter().copied().zip(self.removals..).collect();
        let mut relabelled = journal.relabelled.clone();
        let mut verdicts: BTreeSet<(Number, Number)> = journal.verdicts.iter().copied().collect();
        let mut first = self.next;
        for &(file, rows) in merged.iter().rev() {
            let wrong = |wrong| (file, wrong);
            first = rows.range().ok_or("its numbers do not rise").map_err(wrong)?.start;
            removed.extend(rows.each_removed().map_err(wrong)?);
            relabelled.extend(rows.each_label().map_err(wrong)?.map(|(number, _)| number));
            verdicts.extend(rows.each_verdict().map_err(wrong)?.into_iter().map(|(pair, _)| pair));
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
        // Removals of articles that no file stores any more are dropped.
        let locate = |number: Number| {
            let at = segments.indexed().partition_point(|segment| segment.range().end <= number);
            let segment =
                segments.indexed().get(at).filter(|segment| segment.range().contains(&number));
            segment.map(|segment| (at, segment))
        };
        let is_stored = |&(number, at): &(Number, u64)| match locate(number) {
            Some((_, segment)) => segment.sealed_at().removals <= at,
            None => (newest.range().start..first).contains(&number),
        };
        removed.retain(is_stored);
        // Segment files that were just written have the current state already.
        let is_fresh = |number| locate(number).is_some_and(|(at, _)| list[at].is_new);
        relabelled
            .retain(|number| segments.is_in(*number) && !is_row(number) && !is_fresh(*number));
        (columns.removed, columns.removed_at) = removed.into_iter().unzip();
        relabelled.into_iter().for_each(|number| columns.push_label(number, families));
        for (later, earlier) in verdicts.into_iter().filter(|&(later, _)| !is_fresh(later)) {
            if let Some(level) = families.verdicts(later, earlier) {
                columns.push_verdict(later, earlier, level);
            }
        }
        Ok(columns)
    }

    /// The files of the texts. Texts of removed articles are searched for once they may be a sixteenth of
    /// all.
    fn texts(&mut self, contents: &Contents) -> Result<Vec<TextFile>, Error> {
        let Contents { settings, segments, texts, .. } = contents;
        let removals = segments.counters.removals;
        let drops_removed =
            16 * (removals - self.texts_looked_at) > segments.len() as u64 || segments.len() == 0;
        if drops_removed {
            self.texts_looked_at = removals;
        }
        // Texts that were kept before the setting was turned off stay until the archive is compacted.
        let drops_all = self.anew && !settings.texts;
        let is_in = |number| !drops_all && segments.is_in(number);
        texts::write(&mut self.store, texts, is_in, drops_removed, self.anew)
    }

    /// The file of the boilerplate phrases: the last one, unless they changed.
    fn boilerplate(&mut self, snapshot: &Snapshot, segments: &SegmentSet) -> Result<File, Error> {
        let hashes = segments.boilerplate.hashes();
        if let Some(file) = snapshot.files().iter().find(|file| file.kind() == BOILERPLATE)
            && file.section::<u32>(HASHES)? == hashes
        {
            return Ok(file.clone());
        }
        self.store.write(BOILERPLATE, &[Section::new(HASHES, hashes)])
    }
}

/// The two files of a sealed segment.
struct FilePair {
    file: File,
    links: File,
    /// Whether this commit is the first to have them.
    is_new: bool,
}

/// Whether the segment files differ from those of a snapshot.
fn are_changed(snapshot: &Snapshot, list: &[FilePair]) -> bool {
    let before = snapshot.files().iter().filter(|file| file.kind() == SEGMENT).count();
    list.iter().any(|segment| segment.is_new) || list.len() != before
}
