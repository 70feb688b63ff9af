//! The contents of an archive – settings, segments, families, texts – and the answers about them.
//!
//! A writer changes its contents in place; a reader holds those of one commit.

use super::answers::{Match, best_first};
use super::clock::Clock;
use super::segment::Standing;
use super::segments::{Newcomer, SegmentSet, SegmentSlot, StreamBuffers};
use super::settings::Settings;
use super::texts::{StoredText, StoredTexts};
use super::verification::{MAX_NEIGHBOURS, all_followers};
use crate::corpus::article::Article;
use crate::corpus::collection::{Kept, Number};
use crate::corpus::fingerprint::Fingerprint;
use crate::error::Error;
use crate::families::family::{Family, members};
use crate::families::live::{FamilyId, Link, LiveFamilies};
use crate::score::evidence::Evidence;
use crate::score::relation::Level;

/// The articles and families of an archive.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) settings: Settings,
    pub(crate) segments: SegmentSet,
    pub(crate) families: LiveFamilies,
    pub(crate) texts: StoredTexts,
    /// The day that the window counts back from.
    pub(crate) clock: Clock,
}

/// What is found for a newcomer.
pub(crate) struct FoundLinks {
    pub(crate) standing: Standing,
    /// The article that it follows, unless it leads.
    pub(crate) followed: Option<Link>,
    /// Its verified pairs with leaders.
    pub(crate) links: Vec<Link>,
    pub(crate) matches: Vec<Match>,
}

impl Contents {
    /// No articles.
    pub(crate) fn new(settings: Settings) -> Self {
        Contents {
            settings,
            segments: SegmentSet::new(settings.cuts),
            families: LiveFamilies::default(),
            texts: StoredTexts::default(),
            clock: Clock::default(),
        }
    }

    pub(crate) fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
        let fingerprint = Fingerprint::new(article)?;
        let mut buffers = StreamBuffers::default();
        let newcomer = self.segments.look_around(&Kept::new(article, &fingerprint), &mut buffers);
        let found = self.verified(&newcomer, &buffers);
        let mut known: Vec<Number> = found.iter().map(|found| found.0).collect();
        known.extend(self.segments.number(article.id()));
        let reprints = |number| self.families.reprints(number).iter().map(|link| link.number);
        let more = all_followers(known, reprints);
        let more = self.segments.slots(more);
        let more = self.segments.verify(&newcomer, &more, &buffers);
        let all = found.into_iter().chain(more).filter(|found| found.1 <= self.settings.level);
        let all = all.map(|(number, _, evidence)| (self.segments.id(number), evidence));
        let mut matches = best_first(all, &self.settings.cuts);
        matches.retain(|found| found.id != article.id());
        Ok(matches)
    }

    /// The articles that tell a newcomer's story at any level: among its candidates, the links of the best
    /// of these, and the leaders of edits among them.
    fn verified(
        &self,
        newcomer: &Newcomer<'_>,
        buffers: &StreamBuffers,
    ) -> Vec<(Number, Level, Evidence)> {
        let mut found = self.segments.verify(newcomer, &newcomer.near, buffers);
        let more = self.neighbours_of(&found, &newcomer.near);
        found.extend(self.segments.verify(newcomer, &self.segments.slots(more), buffers));
        let leaders = found.iter().map(|&(number, ..)| self.families.leader(number, Level::Event));
        let is_new = |number: &Number| !found.iter().any(|(other, ..)| other == number);
        let mut leaders: Vec<Number> = leaders.filter(is_new).collect();
        leaders.sort_unstable();
        leaders.dedup();
        found.extend(self.segments.verify(newcomer, &self.segments.slots(leaders), buffers));
        found
    }

    /// What is found for a newcomer.
    pub(crate) fn find(&self, newcomer: &Newcomer<'_>, buffers: &StreamBuffers) -> FoundLinks {
        let mut found = self.verified(newcomer, buffers);
        let link = |&(number, level, ref evidence): &(Number, Level, Evidence)| Link {
            number,
            level,
            score: evidence.score(),
        };
        let is_counted = |number: Number| !self.segments.follows(number);
        let printings = || found.iter().filter(|(.., evidence)| evidence.reprint);
        let best = |x: &&(Number, Level, Evidence), y: &&(Number, Level, Evidence)| {
            let [one, other] = [x, y].map(|found| found.2.phrases.jaccard());
            one.total_cmp(&other).then(y.0.cmp(&x.0))
        };
        let copied = printings().filter(|found| found.1 == Level::Copy).max_by(best).map(link);
        let edited = || printings().filter(|found| is_counted(found.0)).max_by(best).map(link);
        let (standing, followed) = match (copied, copied.is_none().then(edited).flatten()) {
            (Some(copied), _) => (Standing::Copy, Some(copied)),
            (None, Some(edited)) => (Standing::Edit, Some(edited)),
            (None, None) => (Standing::Leader, None),
        };
        found.retain(|&(_, level, _)| level <= self.settings.level);
        // What follows another article is in the family of that one, by no pair of its own.
        let leads = |number: Number| is_counted(number) && self.families.followed(number) == number;
        let links = found.iter().filter(|found| leads(found.0)).map(link).collect();
        let found =
            found.into_iter().map(|(number, _, evidence)| (self.segments.id(number), evidence));
        let matches = best_first(found, &self.settings.cuts);
        FoundLinks { standing, followed, links, matches }
    }

    /// The links of the best matches, without those that were compared already.
    fn neighbours_of(
        &self,
        found: &[(Number, Level, Evidence)],
        near: &[SegmentSlot],
    ) -> Vec<Number> {
        let mut best: Vec<(f32, Number)> =
            found.iter().map(|(number, _, evidence)| (evidence.score(), *number)).collect();
        best.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        let mut links: Vec<Number> = Vec::new();
        for &(_, number) in best.iter().take(MAX_NEIGHBOURS) {
            let theirs = self.families.links(number).iter().take(MAX_NEIGHBOURS);
            links.extend(theirs.map(|link| link.number));
        }
        links.sort_unstable();
        links.dedup();
        links.retain(|number| near.binary_search_by_key(number, |slot| slot.number).is_err());
        links
    }

    /// The title and text of an article, if they are kept.
    pub(crate) fn text(&self, id: &str) -> Result<Option<StoredText>, Error> {
        self.segments.number(id).map_or(Ok(None), |number| self.texts.get(number))
    }

    pub(crate) fn family_of(&self, id: &str) -> Option<FamilyId> {
        self.families.family_of(self.segments.number(id)?)
    }

    pub(crate) fn family(&self, family: FamilyId) -> Option<Family> {
        self.families.members(family).next()?;
        let Settings { representative, cuts, level, .. } = &self.settings;
        let group = self.families.group(family, *level, &self.segments);
        let members = members(&group, &self.segments, *representative, cuts, &|number| {
            self.families.followed(number)
        })
        .into();
        Some(Family { level: *level, members })
    }

    pub(crate) fn families(&self) -> Vec<(FamilyId, Family)> {
        let ids = self.families.ids();
        ids.filter_map(|family| Some((family, self.family(family)?))).collect()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.segments.memory_usage() + self.families.memory_usage() + self.texts.memory_usage()
    }
}
