//! Archives that are kept in a folder.
//!
//! A commit writes what changed into one new file and makes it part of the manifest. What is in
//! memory is worked out from the files when the folder is opened: `FORMAT.md` beside the archive says
//! what they have.

mod fold;
pub(crate) mod kin_file;
pub(crate) mod part_file;
mod rows;
pub(crate) mod state;
pub(crate) mod texts;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::corpus::collection::Number;
use crate::engine::contents::Contents;
use crate::engine::settings::Settings;
use crate::engine::shelf::Shelf;
use crate::engine::text_file::TextFile;
use crate::engine::texts::Texts;
use crate::error::{Error, ErrorKind};
use crate::families::journal::Journal;
use crate::store::{self, File, Kind, Section, Snapshot, Store};

use fold::fold;
use kin_file::KIN;
use part_file::{PART, PartFile};
use rows::{Columns, Rows, Wrong};
use state::{LaidOut, State};

/// A file of articles and of what changed.
pub(crate) const ROWS: Kind = Kind::new(*b"rows");

/// The file of the commonplaces, as they were counted last.
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
    /// The first number of the newest part then.
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
        let parts = self.part_files(&snapshot, contents)?;
        let old: Vec<&File> = snapshot.files().iter().filter(|file| file.kind() == ROWS).collect();
        let old: Vec<(&File, Rows<'_>)> = old
            .into_iter()
            .map(|file| Ok((file, Rows::of(file)?)))
            .collect::<Result<_, Error>>()?;
        let shelf = &contents.shelf;
        let is_laid_out =
            self.first_newest != shelf.first_newest() || are_others(&snapshot, &parts);
        let kept = if self.anew || is_laid_out { 0 } else { self.kept(&old, contents) };
        let (kept, merged) = old.split_at(kept);
        let columns = self
            .columns(merged, &parts, contents)
            .map_err(|(file, wrong)| store::damaged(file.path(), wrong))?;
        let mut files: Vec<File> = parts.iter().map(|part| part.file.clone()).collect();
        files.extend(parts.iter().map(|part| part.kin.clone()));
        files.extend(kept.iter().map(|(file, _)| (*file).clone()));
        files.push(self.store.write(ROWS, &columns.sections())?);
        files.push(self.commonplaces(&snapshot, shelf)?);
        let texts = self.texts(contents)?;
        files.extend(texts.iter().map(|texts| texts.file().clone()));
        self.store.commit(&files, state)?;
        (self.next, self.taken_out) = (shelf.next(), shelf.counters().taken_out);
        self.first_newest = shelf.first_newest();
        self.anew = false;
        contents.texts = Texts { files: texts, ..Texts::default() };
        for (part, file) in contents.shelf.parts_mut().iter_mut().zip(&parts) {
            // What was written need not be kept in memory too.
            if part.ahead().is_some() {
                part.forget_ahead();
            } else if file.is_new
                && let Ok(PartFile { part: mut mapped, .. }) = PartFile::open(&file.file, true)
            {
                part.take_out_of(&mut mapped);
                *part = mapped;
            }
        }
        Ok(())
    }

    /// The files of the parts that have an index.
    fn part_files(
        &mut self,
        snapshot: &Snapshot,
        contents: &Contents,
    ) -> Result<Vec<InFile>, Error> {
        let mut written = Vec::new();
        for file in snapshot.files().iter().filter(|file| [PART, KIN].contains(&file.kind())) {
            written.push((part_file::identity(file)?, file));
        }
        let mut files = Vec::new();
        for part in contents.shelf.indexed() {
            let identity = LaidOut::of(part);
            let old = |kind| {
                let mut files = written.iter().filter(|(old, _)| *old == identity);
                files.find(|(_, file)| file.kind() == kind).map(|&(_, file)| file.clone())
            };
            files.push(match (old(PART), old(KIN)) {
                (Some(file), Some(kin)) => InFile { file, kin, is_new: false },
                _ => {
                    let file = match part.ahead() {
                        Some(ahead) => self.store.admit(ahead),
                        None => {
                            let ahead = part_file::write(self.store.pen(), part)?;
                            self.store.admit(&ahead)
                        }
                    };
                    let kin = kin_file::write(&mut self.store, part, &contents.families)?;
                    InFile { file, kin, is_new: true }
                }
            });
        }
        Ok(files)
    }

    /// Lets threads merge parts, and write the files of what that comes to.
    #[cfg(feature = "parallel")]
    pub(crate) fn start_threads(&mut self, shelf: &mut Shelf) {
        shelf.start_threads(|| {
            let pen = self.store.pen();
            move |part| part_file::written_ahead(pen, part)
        });
    }

    /// How many of the files stay as they are. The others are merged with what comes: as many as are
    /// of its size or smaller, if they are enough; or all, if half of what they have is not needed.
    fn kept(&self, files: &[(&File, Rows<'_>)], contents: &Contents) -> usize {
        let Contents { shelf, families, .. } = contents;
        let journal = &families.journal;
        let weights: Vec<usize> = files.iter().map(|(_, rows)| rows.weight()).collect();
        let came = (shelf.next() - self.next) as usize;
        let mut weight = came + journal.relabelled.len() + journal.gone.len();
        let rows = shelf.newest_part().len();
        // Changes of what lies in the files of parts had to be written when all was written last.
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
    /// is now, and what changed of the articles before. What lies in the file of a part is not written
    /// again.
    fn columns<'f>(
        &self,
        merged: &[(&'f File, Rows<'_>)],
        parts: &[InFile],
        contents: &Contents,
    ) -> Result<Columns, (&'f File, Wrong)> {
        let Contents { shelf, families, .. } = contents;
        let journal = &families.journal;
        let mut gone: Vec<(Number, u64)> =
            journal.gone.iter().copied().zip(self.taken_out..).collect();
        let mut relabelled = journal.relabelled.clone();
        let mut judged: BTreeSet<(Number, Number)> = journal.judged.iter().copied().collect();
        let mut first = self.next;
        for &(file, rows) in merged.iter().rev() {
            let wrong = |wrong| (file, wrong);
            first = rows.range().ok_or("its numbers do not rise").map_err(wrong)?.start;
            gone.extend(rows.each_gone().map_err(wrong)?);
            relabelled.extend(rows.each_label().map_err(wrong)?.map(|(number, _)| number));
            judged.extend(rows.each_judged().map_err(wrong)?.into_iter().map(|(pair, _)| pair));
        }
        let mut columns = Columns { span: vec![first, shelf.next()], ..Columns::default() };
        let newest = shelf.newest_part();
        for (number, rank) in newest.present().filter(|&(number, _)| number >= first) {
            columns.push(newest, number, rank, families);
            judged.extend(families.judged_of(number).iter().map(|&(other, _)| (number, other)));
        }
        gone.sort_unstable();
        let is_row = |number: &Number| columns.numbers.binary_search(number).is_ok();
        // Of an article that lies nowhere any more nothing is to be said.
        let place = |number: Number| {
            let at = shelf.indexed().partition_point(|part| part.range().end <= number);
            let part = shelf.indexed().get(at).filter(|part| part.range().contains(&number));
            part.map(|part| (at, part))
        };
        let lies = |&(number, at): &(Number, u64)| match place(number) {
            Some((_, part)) => part.laid_out_at() <= at,
            None => (newest.range().start..first).contains(&number),
        };
        gone.retain(lies);
        // What was written just now says how everything is.
        let is_fresh = |number| place(number).is_some_and(|(at, _)| parts[at].is_new);
        relabelled.retain(|number| shelf.is_in(*number) && !is_row(number) && !is_fresh(*number));
        (columns.gone, columns.gone_at) = gone.into_iter().unzip();
        relabelled.into_iter().for_each(|number| columns.push_label(number, families));
        for (later, earlier) in judged.into_iter().filter(|&(later, _)| !is_fresh(later)) {
            if let Some(level) = families.judged(later, earlier) {
                columns.push_judged(later, earlier, level);
            }
        }
        Ok(columns)
    }

    /// The files of the texts. Those of articles that were taken out are looked for once they may be a
    /// sixteenth of all.
    fn texts(&mut self, contents: &Contents) -> Result<Vec<TextFile>, Error> {
        let Contents { shelf, texts, .. } = contents;
        let taken_out = shelf.counters().taken_out;
        let looks_for_gone =
            16 * (taken_out - self.texts_looked_at) > shelf.len() as u64 || shelf.len() == 0;
        if looks_for_gone {
            self.texts_looked_at = taken_out;
        }
        let is_in = |number| shelf.is_in(number);
        texts::write(&mut self.store, texts, is_in, looks_for_gone, self.anew)
    }

    /// The file of the commonplaces: the last one, unless they were counted anew.
    fn commonplaces(&mut self, snapshot: &Snapshot, shelf: &Shelf) -> Result<File, Error> {
        let hashes = shelf.commonplaces().hashes();
        if let Some(file) = snapshot.files().iter().find(|file| file.kind() == COMMONPLACES)
            && file.section::<u32>(HASHES)? == hashes
        {
            return Ok(file.clone());
        }
        self.store.write(COMMONPLACES, &[Section::new(HASHES, hashes)])
    }
}

/// The file of a part.
struct InFile {
    file: File,
    /// That of its families.
    kin: File,
    /// Whether it was not committed yet.
    is_new: bool,
}

/// Whether the files of parts are others than those of a snapshot.
fn are_others(snapshot: &Snapshot, parts: &[InFile]) -> bool {
    let before = snapshot.files().iter().filter(|file| file.kind() == PART).count();
    parts.iter().any(|part| part.is_new) || parts.len() != before
}
