//! A detector that lives: articles arrive, are corrected, withdrawn and grow old, and each is placed
//! in its family when it comes.

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
use crate::engine::contents::Contents;
use crate::engine::events::FamilyEvent;
use crate::engine::segments::StreamBuffers;
use crate::engine::settings::Settings;
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

/// Story families that stay up to date while articles come and go.
///
/// Where a [`Detector`](crate::Detector) answers for a collection as a whole, an archive places each
/// article when it comes, in time that hardly depends on how many are in, and tells what happened to
/// the families. Their ids last.
///
/// An article is judged by what is in when it comes: how rare its words are and how crowded its
/// neighbourhood is. Later arrivals do not change that judgement, so families may differ from those
/// that a detector would make of the same articles at once. On labelled articles, streamed from
/// an empty archive, the B-cubed F1 of the two groupings is .94 to .99 at the level of retellings and
/// .93 to .99 at that of events. And the order in which articles come matters, as nowhere else in this
/// crate; the same order gives the same families.
///
/// Which phrases so many articles have that sharing one says nothing is counted anew while a quarter of
/// the articles comes or goes. Articles that are stored together, thousands, were counted among themselves:
/// there a phrase that only one of them has is overlooked, and the articles that were taken out count
/// until the others are sealed anew.
///
/// What takes long goes on in threads beside everything else, with the feature `parallel`: articles that
/// are stored together are merged with others, and their files written. What comes of it is used from an article
/// on that was fixed when it was begun, so what is found never depends on threads or time. An archive that
/// is dropped waits for its threads.
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
    // Before the folder, which is locked until all that its threads write is written or gone.
    contents: Contents,
    sketcher: Sketcher,
    buffers: StreamBuffers,
    /// The folder that it is kept in, if it is.
    #[cfg(feature = "archive")]
    disk: Option<crate::disk::Disk>,
}

/// Builds an [`Archive`] with other settings than the default.
///
/// ```
/// use retold::{Archive, Level};
/// let archive = Archive::builder().level(Level::Event).window_days(14).in_memory()?;
/// assert!(archive.is_empty());
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ArchiveBuilder {
    settings: Settings,
}

/// What became of an article that came.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Placement {
    /// Its family; none where it stands alone.
    pub family: Option<FamilyId>,
    /// The articles that tell its story at the archive's level or closer, best first.
    pub matches: Vec<Match>,
    /// What happened to the families by its coming.
    pub events: Vec<FamilyEvent>,
}

impl ArchiveBuilder {
    /// The level of the families; [`Level::Retelling`] when not set.
    pub fn level(mut self, level: Level) -> Self {
        self.settings.level = level;
        self
    }

    /// The cut of a level, as [`DetectorBuilder::threshold`](crate::DetectorBuilder::threshold).
    pub fn threshold(mut self, level: Level, cut: f32) -> Self {
        self.settings.cuts.set(level, cut);
        self
    }

    /// How the representative of a family is chosen.
    pub fn representative(mut self, policy: Representative) -> Self {
        self.settings.representative = policy;
        self
    }

    /// Keeps the dated articles of so many days up to the latest one: when a later one comes, those
    /// before are taken out. Undated ones stay. Everything stays when not set.
    pub fn window_days(mut self, days: u32) -> Self {
        self.settings.window = Some(days);
        self
    }

    /// Keeps titles and texts too, for [`Archive::title`] and [`Archive::text`]; else neither is kept.
    pub fn keep_texts(mut self) -> Self {
        self.settings.texts = true;
        self
    }

    /// An archive that is kept in memory.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for a threshold outside `0..=1` or a window of no days.
    pub fn in_memory(self) -> Result<Archive, Error> {
        self.settings.check()?;
        Ok(Archive::with(Contents::new(self.settings)))
    }
}

impl Archive {
    /// Starts building an archive with other settings.
    pub fn builder() -> ArchiveBuilder {
        ArchiveBuilder::default()
    }

    /// An archive with the default settings, kept in memory.
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

    /// Puts an article in and places it.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`], [`ErrorKind::TooLong`], [`ErrorKind::RepeatedId`],
    /// [`ErrorKind::Full`]; the archive is then unchanged.
    pub fn insert(&mut self, article: Article<'_>) -> Result<Placement, Error> {
        let fingerprint = self.sketcher.fingerprint(&article)?;
        if self.contains(article.id()) {
            return Err(ErrorKind::RepeatedId { id: article.id().to_owned() }.into());
        }
        self.place(&Kept::new(&article, &fingerprint), self.text_to_keep(&article))
    }

    /// Puts a corrected version in the place of the article with its id, or a new article where there
    /// is none. It stays in its family if it still tells the story.
    ///
    /// # Errors
    /// Those of [`Archive::insert`] but the repeated id; the archive is then unchanged.
    pub fn replace(&mut self, article: Article<'_>) -> Result<Placement, Error> {
        let fingerprint = self.sketcher.fingerprint(&article)?;
        self.place(&Kept::new(&article, &fingerprint), self.text_to_keep(&article))
    }

    fn text_to_keep(&self, article: &Article<'_>) -> Option<StoredText> {
        self.contents.settings.texts.then(|| StoredText::of(article))
    }

    /// Puts an article in the place of the one with its id, if there is one.
    fn place(&mut self, article: &Kept<'_>, text: Option<StoredText>) -> Result<Placement, Error> {
        if !self.contents.segments.has_room(1) {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        let mut events = self.roll_window(article.date);
        let Contents { segments, families, texts, .. } = &mut self.contents;
        let mut seeds = Vec::new();
        let old = segments.number(article.id);
        if let Some(old) = old {
            segments.remove(old);
            segments.tidy();
            seeds = families.forget(old);
            texts.fresh.remove(&old);
        }
        segments.count(article);
        let newcomer = segments.look_around(article, &mut self.buffers);
        let (links, matches) = self.contents.links_and_matches(&newcomer, &self.buffers);
        let Contents { settings, segments, families, texts, .. } = &mut self.contents;
        let number = segments.insert(&newcomer);
        if let Some(text) = text {
            texts.fresh.insert(number, text);
        }
        if let Some(old) = old {
            families.relabel(old, number);
        }
        families.add_links(number, &links);
        seeds.push(number);
        let happened = families.regroup(&seeds, &[], settings.level, segments);
        events.extend(happened.into_iter().map(|event| FamilyEvent::told(event, segments, &[])));
        let family = families.family_of(number);
        self.start_threads();
        Ok(Placement { family, matches, events })
    }

    /// Takes an article out; what happened to its family, or `None` if it was not in.
    pub fn remove(&mut self, id: &str) -> Option<Vec<FamilyEvent>> {
        let number = self.contents.segments.number(id)?;
        Some(self.take_out(&[number]))
    }

    /// Takes the articles out that are dated before a day; how many there were, and what happened.
    /// Undated ones stay.
    pub fn expire_before(&mut self, date: Date) -> (usize, Vec<FamilyEvent>) {
        let old = self.contents.segments.before(date);
        (old.len(), self.take_out(&old))
    }

    /// Gives back what articles hold that were taken out: their memory and, in a folder, their disk
    /// space; there it commits too. Without it that happens as well, where half of what is stored together
    /// is not needed, once a sixteenth as many as are left have come.
    ///
    /// Families and ids stay as they are. An article that was taken out is stored among the others until
    /// then and has a share in what is found beside it: of the many that share a common word not all
    /// are looked at. So what comes later may be placed otherwise than without compacting.
    ///
    /// # Errors
    /// Those of [`Archive::commit`], for an archive in a folder.
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

    fn roll_window(&mut self, date: Option<Date>) -> Vec<FamilyEvent> {
        let (Some(days), Some(date)) = (self.contents.settings.window, date) else {
            return Vec::new();
        };
        if self.contents.latest.is_some_and(|latest| latest >= date) {
            return Vec::new();
        }
        self.contents.latest = Some(date);
        let old = self.contents.segments.older_than(date, days);
        self.take_out(&old)
    }

    fn take_out(&mut self, numbers: &[Number]) -> Vec<FamilyEvent> {
        if numbers.is_empty() {
            return Vec::new();
        }
        let Contents { settings, segments, families, texts, .. } = &mut self.contents;
        let names: Vec<(Number, String)> =
            numbers.iter().map(|&number| (number, segments.id(number).to_owned())).collect();
        let mut seeds = Vec::new();
        for &number in numbers {
            segments.remove(number);
            seeds.extend(families.forget(number));
            texts.fresh.remove(&number);
        }
        segments.tidy();
        seeds.sort_unstable();
        seeds.dedup();
        seeds.retain(|number| numbers.binary_search(number).is_err());
        let happened = families.regroup(&seeds, numbers, settings.level, segments);
        let told = happened.into_iter().map(|event| FamilyEvent::told(event, segments, &names));
        let told = told.collect();
        self.start_threads();
        told
    }

    /// Lets segments that are to be merged be merged beside everything else.
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
