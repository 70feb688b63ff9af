//! The archive: story families that stay up to date while articles arrive, are corrected and leave.
//!
//! [`Archive`] takes articles one by one and returns a [`Placement`] for each. It ties together the
//! engine, which holds the articles and families, and, with the feature `archive`, the folder that makes
//! them durable. `ArchiveReader` answers the same questions from a committed folder; both get their
//! read-only methods from one macro in `answers`.

mod answers;
#[cfg(feature = "archive")]
mod folder;
#[cfg(feature = "archive")]
mod merge;
#[cfg(feature = "archive")]
mod reader;
#[cfg(test)]
#[cfg(feature = "archive")]
mod tests;

use crate::corpus::article::{Article, Date};
use crate::corpus::collection::Kept;
use crate::corpus::collection::Number;
use crate::corpus::fingerprint::Sketcher;
use crate::engine::answers::Match;
use crate::engine::clock::Expiry;
use crate::engine::contents::Contents;
use crate::engine::events::FamilyEvent;
use crate::engine::segments::StreamBuffers;
use crate::engine::settings::{RequestedSettings, Settings};
use crate::engine::texts::StoredText;
use crate::error::{Error, ErrorKind};
use crate::families::family::{Family, Representative};
use crate::families::live::FamilyId;
use crate::score::relation::Level;

use answers::answers;

#[cfg(feature = "archive")]
pub use merge::Merged;
#[cfg(feature = "archive")]
pub use reader::ArchiveReader;

/// Story families that stay up to date while articles arrive and leave.
///
/// Give it one article at a time. It finds the articles that tell the same story, puts the new one into
/// their family, and reports what changed: a family was founded, grew, merged, split or ended. Articles
/// can be corrected with [`replace`](Archive::replace), withdrawn with [`remove`](Archive::remove), or
/// expire by date. An archive lives in memory, or in a folder that survives the process.
///
/// # What it guarantees
///
/// * A [`FamilyId`] stays with its family for as long as the family exists and is never reused.
/// * The same calls in the same order give the same families, whatever the machine and the number of
///   threads. The order of arrival does matter, unlike everywhere else in this crate.
/// * A failed call leaves articles and families unchanged; the one exception is noted at `Archive::merge`.
/// * In a folder, a commit is durable when it returns, and a reopened archive continues exactly as if it
///   had never been closed.
///
/// # What it costs
///
/// Placing an article takes about the same time in a small and in a large archive: the number of
/// postings that a look-up reads is bounded. The archive keeps a [`Fingerprint`](crate::Fingerprint) of
/// each article, and its text only if [asked to](ArchiveBuilder::keep_texts). Articles are stored in
/// segments of thousands. With the feature `parallel`, background threads merge segments and write their
/// files; each result takes effect at an arrival that was fixed when the merge began, so answers never
/// depend on timing. Dropping an archive waits for these threads. A removed article leaves a tombstone
/// and occupies memory until its segment is merged or [compacted](Archive::compact).
///
/// # How it differs from a `Detector`
///
/// A [`Detector`](crate::Detector) recomputes everything for the collection as a whole. An archive
/// judges an article once, by the articles that are present when it arrives: how rare its words are, and
/// how dense its neighbourhood is. Later arrivals do not change this judgement, so the families may
/// differ slightly from a detector's on the same articles (the design page has measurements). Two more
/// approximations keep it fast. Boilerplate phrases, which so many articles share that they prove
/// nothing, are recounted only as a quarter of the articles changes. And a large segment keeps its own
/// phrase counts from when it was sealed: they omit phrases that occur in only one of its articles, and
/// include articles removed since.
///
/// Fillings of one form are kept apart in an archive too, but only a detector lists them, as
/// [`Families::series`](crate::Families::series).
///
/// ```
/// use retold::{Archive, Article, FamilyEvent};
///
/// let mut archive = Archive::in_memory();
/// let first = "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
///              harbour master Ida Rosk said, and divers will examine the hull on Tuesday.";
/// let second = "The passenger ferry ran aground off Kelm late on Monday with 212 people on board. \
///               Nobody was hurt, according to harbour master Ida Rosk. Divers will look at the hull.";
/// let alone = archive.insert(Article::new("herald", first))?;
/// assert!(alone.family.is_none() && alone.events.is_empty());
/// let placed = archive.insert(Article::new("wire", second))?;
/// assert_eq!(placed.matches[0].id, "herald");
/// assert!(matches!(placed.events[0], FamilyEvent::Founded { .. }));
/// assert_eq!(archive.family_of("herald"), placed.family);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug)]
pub struct Archive {
    // Declared before the folder, so dropped first: the lock is held until all threads have ended.
    contents: Contents,
    sketcher: Sketcher,
    buffers: StreamBuffers,
    /// The folder, if there is one.
    #[cfg(feature = "archive")]
    disk: Option<crate::disk::Disk>,
}

/// Builds an [`Archive`] with settings other than the defaults.
///
/// A setting that is not given is the default in a new archive. An archive that exists in a folder keeps
/// its own; `ArchiveBuilder::open` says which settings can be changed there.
///
/// ```
/// use retold::{Archive, Level};
/// let archive = Archive::builder().level(Level::Event).window_days(14).in_memory()?;
/// assert!(archive.is_empty());
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ArchiveBuilder {
    settings: RequestedSettings,
}

/// Where an archive placed an article.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Placement {
    /// Its family; `None` if no article of the archive matches it.
    pub family: Option<FamilyId>,
    /// The articles that tell the same story at the archive's level or closer, best first.
    pub matches: Vec<Match>,
    /// What its arrival changed in the families.
    pub events: Vec<FamilyEvent>,
    /// By how many days it is dated after the archive's [today](Archive::today); 0 if it is not, or if the
    /// archive has no today yet. Today follows a few articles, so the first ones of a day have 1; more is a
    /// sign of a wrong date. Such an article is matched by its date as any other, but by itself it does not
    /// make others expire.
    pub days_ahead: u32,
}

impl ArchiveBuilder {
    /// Sets the level of the families; the default is [`Level::Retelling`].
    pub fn level(mut self, level: Level) -> Self {
        self.settings.level = Some(level);
        self
    }

    /// Sets the threshold of a level, as [`DetectorBuilder::threshold`](crate::DetectorBuilder::threshold).
    pub fn threshold(mut self, level: Level, cut: f32) -> Self {
        self.settings.cuts.push((level, cut));
        self
    }

    /// Sets how the representative of a family is chosen.
    pub fn representative(mut self, policy: Representative) -> Self {
        self.settings.representative = Some(policy);
        self
    }

    /// Keeps only the articles of the last `days` days, counted back from the archive's
    /// [today](Archive::today). Without a window, which is the default, nothing expires.
    ///
    /// * When today moves, articles dated before the window expire.
    /// * An article that is dated before the window when it arrives is refused with
    ///   [`ErrorKind::TooOld`]: to place it would found or join families only to leave them at once.
    ///   [`query`](Archive::query) finds its matches.
    /// * An undated article expires as if dated on the day that today moves to next after its arrival. If it
    ///   is a reprint and takes the place of the removed article that others are reprints of, it counts as
    ///   arriving then.
    /// * So does an article dated more than a window after today, once 256 more have arrived: wrong dates do
    ///   not gather.
    ///
    /// In an archive that exists, a new window refuses articles at once and expires others when today moves.
    pub fn window_days(mut self, days: u32) -> Self {
        self.settings.window = Some(Some(days));
        self
    }

    /// Keeps all articles, whatever their dates, in an archive that had a window.
    pub fn without_window(mut self) -> Self {
        self.settings.window = Some(None);
        self
    }

    /// Keeps titles and texts, for [`Archive::title`] and [`Archive::text`]. By default neither is kept.
    /// An archive that exists keeps those of the articles that arrive from now on.
    pub fn keep_texts(mut self) -> Self {
        self.settings.texts = Some(true);
        self
    }

    /// Keeps no titles and texts of further articles, in an archive that kept them. It loses those that it
    /// has when it is [compacted](Archive::compact).
    pub fn without_texts(mut self) -> Self {
        self.settings.texts = Some(false);
        self
    }

    /// Makes an archive that is kept in memory only.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for a threshold outside `0..=1` or a window of 0 days.
    pub fn in_memory(self) -> Result<Archive, Error> {
        Ok(Archive::with(Contents::new(self.settings.of_new()?)))
    }
}

impl Archive {
    /// Starts building an archive with settings other than the defaults.
    pub fn builder() -> ArchiveBuilder {
        ArchiveBuilder::default()
    }

    /// Makes an archive with the default settings, kept in memory only.
    pub fn in_memory() -> Self {
        Self::with(Contents::new(Settings::default()))
    }

    fn with(contents: Contents) -> Self {
        Archive {
            contents,
            sketcher: Sketcher::new(),
            buffers: StreamBuffers::default(),
            #[cfg(feature = "archive")]
            disk: None,
        }
    }

    fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Adds an article and places it in its family.
    ///
    /// Sketching is linear in the length of the text; the rest takes bounded time, apart from a recount
    /// or merge that falls due.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`], [`ErrorKind::TooLong`], [`ErrorKind::LongId`],
    /// [`ErrorKind::RepeatedId`], [`ErrorKind::TooOld`], [`ErrorKind::Full`]; the archive is then unchanged.
    pub fn insert(&mut self, article: Article<'_>) -> Result<Placement, Error> {
        let fingerprint = self.sketcher.fingerprint(&article)?;
        if self.contains(article.id()) {
            return Err(ErrorKind::RepeatedId { id: article.id().to_owned() }.into());
        }
        self.place(&Kept::new(&article, &fingerprint), self.text_to_keep(&article))
    }

    /// Replaces the article with the same id by a corrected version, or adds it if there is none. The
    /// new version stays in the family if it still tells the story.
    ///
    /// # Errors
    /// As [`Archive::insert`], except for the repeated id; the archive is then unchanged.
    pub fn replace(&mut self, article: Article<'_>) -> Result<Placement, Error> {
        let fingerprint = self.sketcher.fingerprint(&article)?;
        self.place(&Kept::new(&article, &fingerprint), self.text_to_keep(&article))
    }

    fn text_to_keep(&self, article: &Article<'_>) -> Option<StoredText> {
        self.contents.settings.texts.then(|| StoredText::of(article))
    }

    /// Adds an article, in place of the one with the same id if there is one.
    fn place(&mut self, article: &Kept<'_>, text: Option<StoredText>) -> Result<Placement, Error> {
        if !self.contents.segments.has_room(&[]) {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        self.contents.must_be_in_window(article)?;
        let mut events = self.contents.follow_date(article, &mut self.buffers);
        let placed = self.contents.place(article, text, &mut self.buffers);
        events.extend(placed.events);
        if self.contents.must_regroup() {
            events.extend(self.contents.regroup());
        }
        let (family, matches) = (self.contents.families.family_of(placed.number), placed.matches);
        let days_ahead = self.contents.clock.days_ahead(article.date);
        self.start_threads();
        Ok(Placement { family, matches, events, days_ahead })
    }

    /// Removes an article. Returns what changed in its family, or `None` if there is no such article.
    pub fn remove(&mut self, id: &str) -> Option<Vec<FamilyEvent>> {
        let number = self.contents.segments.number(id)?;
        Some(self.remove_all(&[number]))
    }

    /// Removes all articles dated before `date`; undated ones stay. Returns how many were removed and
    /// what changed in the families.
    pub fn expire_before(&mut self, date: Date) -> (usize, Vec<FamilyEvent>) {
        let old = self.contents.segments.expired(&Expiry::before(date));
        (old.len(), self.remove_all(&old))
    }

    /// Groups all articles anew, as a [`Detector`](crate::Detector) of the same articles would, and returns
    /// what that changes in the families.
    ///
    /// The archive then has a detector's families, and judges later arrivals by a detector's weights. A
    /// family keeps its id where most of its members stay together. Call it as often as the difference
    /// matters: say, every night. An archive of up to 2 048 articles does it by itself whenever it has grown
    /// by a quarter, because its first articles were judged with little to judge them by. Linear in the
    /// articles and their candidates; it takes as long as a detector does, and while it runs as much memory.
    ///
    /// ```
    /// use retold::{Archive, Article, Detector};
    /// let flash = "KELM - The grain elevator on Tern Quay caught fire at noon on Monday. All nine \
    ///              workers got out unhurt.";
    /// let report = format!("{flash} {}", "Smoke drifted over Hestrup as crews fought on. ".repeat(20));
    /// let mut archive = Archive::in_memory();
    /// let mut detector = Detector::new();
    /// for (id, text) in [("report", &*report), ("flash", flash)] {
    ///     archive.insert(Article::new(id, text))?;
    ///     detector.insert(Article::new(id, text))?;
    /// }
    /// archive.regroup();
    /// assert_eq!(archive.families()[0].1, detector.families().at(archive.level())[0]);
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn regroup(&mut self) -> Vec<FamilyEvent> {
        let events = self.contents.regroup();
        self.start_threads();
        events
    }

    /// Sets the day that the [window](ArchiveBuilder::window_days) counts back from; removes the articles
    /// that are out of it then, and returns what changed in the families.
    ///
    /// From then on only this method moves [today](Archive::today), also after a reopen: call it each day.
    /// A feed of news should, because then no date of an article, however many are wrong, makes others
    /// expire. Today may go back, after a wrong day; what has expired stays away.
    ///
    /// ```
    /// use retold::{Archive, Article};
    ///
    /// let mut archive = Archive::builder().window_days(30).in_memory()?;
    /// archive.set_today("2031-05-06".parse()?);
    /// archive.insert(Article::new("herald", "The ferry sank off Kelm.").date("2031-05-06".parse()?))?;
    /// let placed = archive.insert(Article::new("wire", "Rates stay.").date("2050-01-01".parse()?))?;
    /// assert_eq!(placed.days_ahead, 6815);
    /// assert!(archive.contains("herald"));
    ///
    /// archive.set_today("2031-06-06".parse()?);
    /// assert!(!archive.contains("herald"));
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn set_today(&mut self, today: Date) -> Vec<FamilyEvent> {
        self.contents.clock.is_set = true;
        let events = self.contents.move_clock(today, &mut self.buffers);
        self.start_threads();
        events
    }

    /// Frees the memory of removed articles and, in a folder, their disk space; there it also commits, and
    /// deletes texts if they are [no longer kept](ArchiveBuilder::without_texts).
    /// Linear in the articles of the segments that hold removed ones.
    ///
    /// Compacting is optional: a segment of which half is removed is rewritten anyway, a sixteenth as
    /// many arrivals later as it has articles left.
    ///
    /// Families and ids do not change. Later arrivals may be placed differently than without
    /// compacting, because a look-up reads a bounded number of postings and a removed article's postings
    /// count until its segment is rewritten.
    ///
    /// # Errors
    /// As [`Archive::commit`], for an archive in a folder.
    pub fn compact(&mut self) -> Result<(), Error> {
        self.contents.segments.compact();
        #[cfg(feature = "archive")]
        if let Some(disk) = &mut self.disk {
            disk.write_anew();
            self.commit()?;
        }
        self.start_threads();
        Ok(())
    }

    fn remove_all(&mut self, numbers: &[Number]) -> Vec<FamilyEvent> {
        let events = self.contents.remove_all(numbers, &mut self.buffers);
        self.start_threads();
        events
    }

    /// Starts the merges that are pending in background threads.
    fn start_threads(&mut self) {
        #[cfg(feature = "parallel")]
        {
            let segments = &mut self.contents.segments;
            #[cfg(feature = "archive")]
            if let Some(disk) = &mut self.disk {
                return disk.start_threads(segments);
            }
            segments.start_threads(|| |segment| segment);
        }
    }
}

answers!(Archive);
