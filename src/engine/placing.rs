//! What happens to an archive's families when an article comes or goes.
//!
//! A newcomer that prints a text again follows the article that it was compared with: it joins that one's
//! family, and nothing else is looked at. So an arrival costs the same in a family of ten thousand as in
//! one of two. When a leader goes, its first reprint leads instead: it is placed anew under another
//! number, and the others follow it.

use super::answers::Match;
use super::contents::{Contents, FoundLinks};
use super::events::FamilyEvent;
use super::segment::Standing;
use super::segments::StreamBuffers;
use super::texts::StoredText;
use crate::corpus::article::Date;
use crate::corpus::collection::{Kept, Number};
use crate::corpus::fingerprint::Title;
use crate::error::{Error, ErrorKind};
use crate::families::live::Link;
use crate::sketch::bottomk::Sample;
use crate::text::language::Language;

/// What became of an article that was placed.
pub(crate) struct Placed {
    pub(crate) number: Number,
    pub(crate) matches: Vec<Match>,
    pub(crate) events: Vec<FamilyEvent>,
}

/// All that is kept of an article, apart from where it is stored.
struct OwnedArticle {
    id: String,
    content: u128,
    words: u32,
    date: Option<Date>,
    language: Language,
    terms: Vec<u32>,
    sample: (Vec<u32>, bool),
    marks: Vec<u16>,
    title: Title,
}

impl OwnedArticle {
    fn of(kept: &Kept<'_>) -> Self {
        OwnedArticle {
            id: kept.id.to_owned(),
            content: kept.content,
            words: kept.words,
            date: kept.date,
            language: kept.language,
            terms: kept.terms.to_vec(),
            sample: (kept.sample.values.to_vec(), kept.sample.cut),
            marks: kept.marks.to_vec(),
            title: kept.title,
        }
    }

    fn kept(&self) -> Kept<'_> {
        Kept {
            id: &self.id,
            content: self.content,
            words: self.words,
            date: self.date,
            language: self.language,
            terms: &self.terms,
            sample: Sample { values: &self.sample.0, cut: self.sample.1 },
            marks: &self.marks,
            title: self.title,
        }
    }
}

impl Contents {
    /// Refuses an article that is too old for the window.
    pub(crate) fn must_be_in_window(&self, article: &Kept<'_>) -> Result<(), Error> {
        let Contents { settings, clock, .. } = self;
        let (Some(window), Some(date), Some(today)) =
            (settings.window, article.date, clock.today())
        else {
            return Ok(());
        };
        match u32::try_from(today.days_since(date)) {
            Ok(days) if days > window => {
                Err(ErrorKind::TooOld { id: article.id.to_owned(), days, window }.into())
            }
            _ => Ok(()),
        }
    }

    /// Moves the clock as an article that is about to be placed has it; what happened to the families.
    pub(crate) fn follow_date(
        &mut self,
        article: &Kept<'_>,
        buffers: &mut StreamBuffers,
    ) -> Vec<FamilyEvent> {
        let Contents { segments, clock, .. } = self;
        if clock.is_set {
            return Vec::new();
        }
        let reached = segments.day_reached(article, clock.today());
        reached.map_or_else(Vec::new, |day| self.move_clock(day, buffers))
    }

    /// Moves the clock to a day and removes the articles that are out of the window then; what happened to
    /// the families.
    pub(crate) fn move_clock(
        &mut self,
        day: Date,
        buffers: &mut StreamBuffers,
    ) -> Vec<FamilyEvent> {
        let Contents { settings, segments, clock, .. } = self;
        let next = segments.next();
        clock.move_to(day, next, segments.numbers().next().unwrap_or(next));
        let expiry = settings.window.and_then(|days| clock.expiry(days, next));
        let old = expiry.map_or_else(Vec::new, |expiry| segments.expired(&expiry));
        self.remove_all(&old, buffers)
    }

    /// Places an article, in the place of the one with its id if there is one.
    pub(crate) fn place(
        &mut self,
        article: &Kept<'_>,
        text: Option<StoredText>,
        buffers: &mut StreamBuffers,
    ) -> Placed {
        let Contents { segments, families, texts, .. } = self;
        let (mut seeds, mut orphans) = (Vec::new(), Vec::new());
        let old = segments.number(article.id);
        if let Some(old) = old {
            segments.remove(old);
            segments.tidy();
            seeds = families.forget(old);
            orphans = families.take_reprints(old);
            texts.fresh.remove(&old);
        }
        // Before the newcomer is looked up: it may follow one of them.
        seeds.extend(self.adopt(orphans, buffers));
        let (number, found) = self.arrive(article, text, None, buffers);
        if let Some(old) = old {
            self.families.relabel(old, number);
        }
        match found.followed {
            Some(followed) => self.families.follow(number, followed),
            None => self.families.add_links(number, &found.links),
        }
        let Contents { settings, segments, families, .. } = self;
        let happened = if old.is_none() && found.followed.is_some() {
            families.join(number, settings.level).into_iter().collect()
        } else {
            seeds.push(number);
            // Some were placed anew under another number meanwhile.
            seeds.retain(|&number| segments.is_in(number));
            families.regroup(&seeds, &[], settings.level, segments)
        };
        let events = happened.into_iter();
        let events = events.map(|event| FamilyEvent::with_ids(event, segments, &[])).collect();
        Placed { number, matches: found.matches, events }
    }

    /// Looks an article up and stores it with a standing, the one found if none is given: its number, and
    /// what was found.
    fn arrive(
        &mut self,
        article: &Kept<'_>,
        text: Option<StoredText>,
        standing: Option<Standing>,
        buffers: &mut StreamBuffers,
    ) -> (Number, FoundLinks) {
        self.segments.count(article);
        let newcomer = self.segments.look_around(article, buffers);
        let found = self.find(&newcomer, buffers);
        let number = self.segments.insert(&newcomer, standing.unwrap_or(found.standing));
        if let Some(text) = text {
            self.texts.fresh.insert(number, text);
        }
        (number, found)
    }

    /// Removes articles, ascending; what happened to the families.
    pub(crate) fn remove_all(
        &mut self,
        numbers: &[Number],
        buffers: &mut StreamBuffers,
    ) -> Vec<FamilyEvent> {
        if numbers.is_empty() {
            return Vec::new();
        }
        let Contents { segments, families, texts, .. } = self;
        let names: Vec<(Number, String)> =
            numbers.iter().map(|&number| (number, segments.id(number).to_owned())).collect();
        let is_staying = |number: &Number| numbers.binary_search(number).is_err();
        let (mut seeds, mut orphans) = (Vec::new(), Vec::new());
        let follows = |&number: &Number| families.followed(number) != number;
        let only_follows = numbers.len() == 1 && numbers.iter().all(follows);
        for &number in numbers {
            segments.remove(number);
            seeds.extend(families.forget(number));
            orphans.push(families.take_reprints(number));
            texts.fresh.remove(&number);
        }
        segments.tidy();
        for mut orphans in orphans {
            orphans.retain(is_staying);
            seeds.extend(self.adopt(orphans, buffers));
        }
        seeds.sort_unstable();
        seeds.dedup();
        let Contents { settings, segments, families, .. } = self;
        seeds.retain(|number| is_staying(number) && segments.is_in(*number));
        let left = numbers.first().filter(|_| only_follows && seeds.is_empty());
        let left = left.and_then(|&number| families.leave(number));
        let happened = match left {
            Some(left) => vec![left],
            None => families.regroup(&seeds, numbers, settings.level, segments),
        };
        let events = happened.into_iter();
        events.map(|event| FamilyEvent::with_ids(event, segments, &names)).collect()
    }

    /// Gives reprints whose leader is gone another one: the first of them, which is placed anew, and those
    /// that are no printing of it likewise. The articles to group anew.
    fn adopt(&mut self, mut orphans: Vec<Number>, buffers: &mut StreamBuffers) -> Vec<Number> {
        let mut seeds = Vec::new();
        orphans.sort_unstable();
        let mut at = 0;
        while at < orphans.len() {
            let old = orphans[at];
            let article = OwnedArticle::of(&self.segments.kept(old));
            let text = self.texts.get(old).ok().flatten();
            self.segments.remove(old);
            seeds.extend(self.families.forget(old));
            orphans.extend(self.families.take_reprints(old));
            self.texts.fresh.remove(&old);
            let kept = article.kept();
            let (number, found) = self.arrive(&kept, text, Some(Standing::Leader), buffers);
            self.families.relabel(old, number);
            self.families.add_links(number, &found.links);
            seeds.push(number);
            let rest = orphans.split_off(at + 1);
            for orphan in rest {
                let evidence = self.segments.evidence(number, orphan);
                match evidence.level(&self.settings.cuts).filter(|_| evidence.reprint) {
                    Some(level) => {
                        let score = evidence.score();
                        self.families.follow(orphan, Link { number, level, score });
                    }
                    None => orphans.push(orphan),
                }
            }
            at += 1;
        }
        seeds
    }
}
