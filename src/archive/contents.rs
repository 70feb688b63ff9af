//! What an archive holds at one time, and the answers that follow from it.

use super::Settings;
use super::families::{FamilyId, Friend, LiveFamilies};
use super::part::Number;
use super::shelf::{Buffers, Newcomer, Place, Shelf};
use super::texts::{Text, Texts};
use crate::article::Article;
use crate::collection::Kept;
use crate::detector::Match;
use crate::error::Error;
use crate::evidence::{Evidence, Level};
use crate::family::{Family, members};
use crate::fingerprint::Fingerprint;

/// How many friends of an article are asked for theirs.
const FRIENDS: usize = 24;

/// The articles and families of an archive, as its writer has them or as they were committed.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) settings: Settings,
    pub(crate) shelf: Shelf,
    pub(crate) families: LiveFamilies,
    pub(crate) texts: Texts,
}

impl Contents {
    /// No articles.
    pub(crate) fn new(settings: Settings) -> Self {
        Contents {
            settings,
            shelf: Shelf::new(settings.cuts),
            families: LiveFamilies::default(),
            texts: Texts::default(),
        }
    }

    pub(crate) fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
        let fingerprint = Fingerprint::new(article)?;
        let mut buffers = Buffers::default();
        let newcomer = self.shelf.look_around(&Kept::new(article, &fingerprint), &mut buffers);
        let (_, mut matches) = self.friends_and_matches(&newcomer, &buffers);
        matches.retain(|found| found.id != article.id());
        Ok(matches)
    }

    /// The verified pairs of a newcomer, its friends' friends among them.
    pub(crate) fn friends_and_matches(
        &self,
        newcomer: &Newcomer<'_>,
        buffers: &Buffers,
    ) -> (Vec<Friend>, Vec<Match>) {
        let mut found = self.shelf.verify(newcomer, &newcomer.near, buffers);
        let more = self.friends_of(&found, &newcomer.near);
        found.extend(self.shelf.verify(newcomer, &self.shelf.places(more), buffers));
        found.retain(|&(_, level, _)| level <= self.settings.level);
        let friends = found.iter().map(|&(number, level, ref evidence)| Friend {
            number,
            level,
            score: evidence.score(),
        });
        let friends = friends.collect();
        let matches = found.into_iter().map(|(number, _, evidence)| Match {
            id: self.shelf.id(number).to_owned(),
            relation: evidence.relation(&self.settings.cuts),
            score: evidence.score(),
            evidence,
        });
        let mut matches: Vec<Match> = matches.collect();
        matches.sort_unstable_by(|x, y| y.score.total_cmp(&x.score).then_with(|| x.id.cmp(&y.id)));
        (friends, matches)
    }

    /// The friends of the best of what was found that were not among it.
    fn friends_of(&self, found: &[(Number, Level, Evidence)], near: &[Place]) -> Vec<Number> {
        let mut best: Vec<(f32, Number)> =
            found.iter().map(|(number, _, evidence)| (evidence.score(), *number)).collect();
        best.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        let mut friends: Vec<Number> = Vec::new();
        for &(_, number) in best.iter().take(FRIENDS) {
            let theirs = self.families.friends(number).iter().take(FRIENDS);
            friends.extend(theirs.map(|friend| friend.number));
        }
        friends.sort_unstable();
        friends.dedup();
        friends.retain(|number| near.binary_search_by_key(number, |place| place.number).is_err());
        friends
    }

    /// The title and text of an article, if they are kept.
    pub(crate) fn text(&self, id: &str) -> Result<Option<Text>, Error> {
        self.shelf.number(id).map_or(Ok(None), |number| self.texts.get(number))
    }

    pub(crate) fn family_of(&self, id: &str) -> Option<FamilyId> {
        self.families.family_of(self.shelf.number(id)?)
    }

    pub(crate) fn family(&self, family: FamilyId) -> Option<Family> {
        self.families.members(family).next()?;
        let Settings { representative, cuts, level, .. } = &self.settings;
        let group = self.families.group(family, *level, &self.shelf);
        let members = members(&group, &self.shelf, *representative, cuts).into();
        Some(Family { level: *level, members })
    }

    pub(crate) fn families(&self) -> Vec<(FamilyId, Family)> {
        let ids = self.families.ids();
        ids.filter_map(|family| Some((family, self.family(family)?))).collect()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.shelf.memory_usage() + self.families.memory_usage() + self.texts.memory_usage()
    }
}

/// The questions that an archive and its readers answer alike, from the [`Contents`] that they hold.
macro_rules! answers {
    ($type:ty) => {
        impl $type {
            /// The level of the families.
            pub fn level(&self) -> Level {
                self.contents().settings.level
            }

            /// The cut of a level.
            pub fn threshold(&self, level: Level) -> f32 {
                self.contents().settings.cuts.of(level)
            }

            /// How the representative of a family is chosen.
            pub fn representative(&self) -> Representative {
                self.contents().settings.representative
            }

            /// How many days the rolling window has; none where everything stays.
            pub fn window_days(&self) -> Option<u32> {
                self.contents().settings.window
            }

            /// Whether titles and texts are kept.
            pub fn keeps_texts(&self) -> bool {
                self.contents().settings.texts
            }

            /// The text of an article; none of one that is not in, or where texts are not kept.
            ///
            /// # Errors
            /// [`Damaged`](crate::ErrorKind::Damaged): texts are so large that a file of them is
            /// checked only when the first of its texts is asked for.
            pub fn text(&self, id: &str) -> Result<Option<String>, Error> {
                Ok(self.contents().text(id)?.map(|kept| kept.text))
            }

            /// The title of an article, if it has one and texts are kept.
            ///
            /// # Errors
            /// As for the text.
            pub fn title(&self, id: &str) -> Result<Option<String>, Error> {
                let title = self.contents().text(id)?.map(|kept| kept.title);
                Ok(title.filter(|title| !title.is_empty()))
            }

            /// How many articles are in.
            pub fn len(&self) -> usize {
                self.contents().shelf.len()
            }

            /// Whether no article is in.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Whether an article of this id is in.
            pub fn contains(&self, id: &str) -> bool {
                self.contents().shelf.number(id).is_some()
            }

            /// The ids of the articles, in the order in which they came.
            pub fn ids(&self) -> impl Iterator<Item = &str> {
                let shelf = &self.contents().shelf;
                shelf.numbers().map(|number| shelf.id(number))
            }

            /// The articles that tell the story of this one, best first, at the archive's level; it is
            /// not put in. One that is in with the same id is not among them.
            ///
            /// # Errors
            /// [`NoWords`](crate::ErrorKind::NoWords), [`TooLong`](crate::ErrorKind::TooLong).
            pub fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
                self.contents().query(article)
            }

            /// The family of an article; none of one that stands alone or is not in.
            pub fn family_of(&self, id: &str) -> Option<FamilyId> {
                self.contents().family_of(id)
            }

            /// A family that lives, with its members.
            pub fn family(&self, family: FamilyId) -> Option<Family> {
                self.contents().family(family)
            }

            /// The families that live, by rising ids.
            pub fn families(&self) -> Vec<(FamilyId, Family)> {
                self.contents().families()
            }

            /// Bytes held on the heap, nearly. What is used where it lies in a mapped file is not among
            /// them.
            pub fn memory_usage(&self) -> usize {
                self.contents().memory_usage()
            }
        }
    };
}

pub(super) use answers;
