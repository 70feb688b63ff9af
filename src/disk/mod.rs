//! Archives in files: what a commit writes, and how opening rebuilds the memory from it.
//!
//! Takes the contents of an archive and a folder of the store; `FORMAT.md` in this folder describes the
//! files. There are two formats: segments, with articles, and links, with families and changes. A sealed
//! segment has a file of each. So has every commit, for the articles that came and for the changes of
//! earlier ones; so a commit costs as much as its changes. The files of commits are merged, those of about
//! one size, so their number stays logarithmic. Invariant: reading a committed folder gives the contents
//! that the writer had, down to the postings of removed articles, so a reopened archive continues exactly
//! as the closed one would have. Files are checked on opening as if they were hostile.

mod columns;
mod fold;
pub(crate) mod link_file;
pub(crate) mod segment_file;
pub(crate) mod state;
pub(crate) mod texts;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use crate::corpus::collection::Number;
use crate::engine::contents::Contents;
use crate::engine::segments::SegmentSet;
use crate::engine::settings::RequestedSettings;
use crate::engine::text_file::TextFile;
use crate::engine::texts::StoredTexts;
use crate::error::{Error, ErrorKind};
use crate::families::journal::Journal;
use crate::store::{self, File, Snapshot, Store};

use fold::fold;
use link_file::{LINKS, LinkColumns};
use segment_file::{SEGMENT, SegmentFile};
use state::{SegmentId, State};

/// How many files of one size class, the one being written included, are merged into one.
const MERGE_FANOUT: usize = 8;

/// How many obsolete articles and changes the files of commits may have, beside as many as are needed,
/// before all are rewritten.
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
    /// Whether the next commit rewrites the files of all commits, and texts.
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

    /// Makes the next commit rewrite the files of all commits, and texts.
    pub(crate) fn write_anew(&mut self) {
        self.anew = true;
    }

    fn write(&mut self, state: &[u8], contents: &mut Contents) -> Result<(), Error> {
        if state == self.store.snapshot().state() && !self.anew {
            return Ok(()); // every change advances a number of the state
        }
        let snapshot = self.store.snapshot().clone();
        let list = self.segment_files(&snapshot, contents)?;
        let old = commits(&snapshot)?;
        let segments = &contents.segments;
        let of_commits = old.iter().filter(|commit| commit.segment.is_some()).count();
        let segment_files = snapshot.files().iter().filter(|file| file.kind() == SEGMENT).count();
        let was_sealed = self.first_newest != segments.first_newest()
            || list.iter().any(|segment| segment.is_new)
            || list.len() + of_commits != segment_files;
        let kept = if self.anew || was_sealed { 0 } else { self.kept(&old, contents) };
        let (kept, merged) = old.split_at(kept);
        let links = self.links(kept, merged, &list, contents);
        let (segment_files, link_files): (Vec<File>, Vec<File>) =
            list.iter().map(|pair| (pair.file.clone(), pair.links.clone())).unzip();
        let mut files = segment_files;
        files.extend(kept.iter().filter_map(|commit| commit.segment.clone()));
        let first = links.span[0] as Number;
        if first < segments.next() {
            let came = segments.newest_segment().since(first);
            let staged = segment_file::write(self.store.file_writer(), &came)?;
            files.push(self.store.admit(&staged));
        }
        files.extend(link_files);
        files.extend(kept.iter().map(|commit| commit.file.clone()));
        files.push(self.store.write(LINKS, &links.slices().sections())?);
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
            let identity = SegmentId::of(segment);
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

    /// How many of the earlier commits keep their files; the later ones are merged with the new one. These
    /// are the commits of at most its size class, once there are [`MERGE_FANOUT`] with it; or all, if half
    /// of what they store is obsolete.
    fn kept(&self, commits: &[Commit], contents: &Contents) -> usize {
        let Contents { segments, families, .. } = contents;
        let journal = &families.journal;
        let weights: Vec<usize> = commits.iter().map(Commit::weight).collect();
        let came = (segments.next() - self.next) as usize;
        let mut weight = came + journal.relabelled.len() + journal.removed.len();
        let rows = segments.newest_segment().len();
        // Changes of articles in sealed segments were needed when the first file was written.
        let changes = commits.first().map_or(0, Commit::changes);
        if weights.iter().sum::<usize>() + weight > 2 * (rows + changes) + MAX_OBSOLETE_ROWS {
            return 0;
        }
        let class = |weight: usize| weight.max(1).ilog(MERGE_FANOUT);
        let mut kept = commits.len();
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

    /// The links to write: those of the articles that are new or in the commits to merge, and the changes
    /// of earlier articles. Articles in sealed segments are not written again.
    fn links(
        &self,
        kept: &[Commit],
        merged: &[Commit],
        list: &[FilePair],
        contents: &Contents,
    ) -> LinkColumns {
        let Contents { segments, families, .. } = contents;
        let journal = &families.journal;
        let mut removed: Vec<(Number, u64)> =
            journal.removed.iter().copied().zip(self.removals..).collect();
        let mut relabelled = journal.relabelled.clone();
        let mut verdicts: BTreeSet<(Number, Number)> = journal.verdicts.iter().copied().collect();
        for links in merged.iter().map(|commit| commit.links.slices()) {
            removed.extend(links.removed());
            relabelled.extend(links.numbers);
            verdicts.extend(links.verdicts().map(|(pair, _)| pair));
        }
        let first = kept.last().map_or(segments.first_newest(), |commit| commit.range.end);
        let newest = segments.newest_segment();
        let range = first..segments.next();
        let mut columns = LinkColumns::of_segment(&SegmentId::unsealed(range));
        removed.sort_unstable();
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
        let (removed, removed_at): (Vec<Number>, Vec<u64>) = removed.into_iter().unzip();
        (columns.removed, columns.removed_at) = (removed.into(), removed_at.into());
        // Files that were just written for a sealed segment have the current state already.
        let is_fresh = |number| locate(number).is_some_and(|(at, _)| list[at].is_new);
        let earlier = relabelled.range(..first);
        let earlier = earlier.filter(|&&number| segments.is_in(number) && !is_fresh(number));
        earlier.for_each(|&number| columns.push_family(number, families));
        for (number, _) in newest.present().filter(|&(number, _)| number >= first) {
            columns.push(number, families);
            verdicts.extend(families.verdicts_of(number).iter().map(|&(other, _)| (number, other)));
        }
        for (later, earlier) in verdicts.into_iter().filter(|&(later, _)| !is_fresh(later)) {
            if let Some(level) = families.verdicts(later, earlier) {
                columns.push_verdict(later, earlier, level);
            }
        }
        let hashes = segments.boilerplate.hashes();
        let stored = kept.iter().rev().find_map(|commit| commit.links.slices().phrases());
        if stored.unwrap_or_default() != hashes {
            columns.put_phrases(hashes);
        }
        columns
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
}

/// The files of a commit, or of several that were merged.
struct Commit {
    /// The numbers of the articles that came.
    range: Range<Number>,
    file: File,
    links: LinkColumns,
    /// The file of the articles, if any came.
    segment: Option<File>,
    /// How many articles it stores.
    articles: usize,
}

impl Commit {
    /// The number of articles and of changes.
    fn weight(&self) -> usize {
        self.articles + self.changes()
    }

    /// The number of changes of earlier articles.
    fn changes(&self) -> usize {
        self.links.slices().changes(self.range.start)
    }
}

/// The files of the commits since the newest segment began, in a snapshot that was read.
fn commits(snapshot: &Snapshot) -> Result<Vec<Commit>, Error> {
    let mut segments = Vec::new();
    let mut commits: Vec<Commit> = Vec::new();
    for file in snapshot.files().iter().filter(|file| [SEGMENT, LINKS].contains(&file.kind())) {
        let SegmentId { range, sealed_at } = segment_file::identity(file)?;
        if sealed_at.is_sealed() {
            continue;
        } else if file.kind() == SEGMENT {
            segments.push((range, file));
            continue;
        }
        let segment = segments.iter().find(|(of, _)| *of == range).map(|&(_, file)| file.clone());
        let articles = segment.as_ref().map_or(Ok(0), segment_file::stored)?;
        let links = LinkColumns::of(file)?;
        commits.push(Commit { range, file: file.clone(), links, segment, articles });
    }
    Ok(commits)
}

/// The two files of a sealed segment.
struct FilePair {
    file: File,
    links: File,
    /// Whether this commit is the first to have them.
    is_new: bool,
}
