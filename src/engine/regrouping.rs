//! Regrouping an archive: what a stream judged article by article is judged anew as a whole.
//!
//! An arrival is weighed by the articles that are there, and its verdict stays. So an archive drifts from
//! what a detector finds in the same articles. Regrouping gives it the detector's answer: the same weights,
//! reprints, pairs and families. Families that share most members keep their ids, and the difference is
//! told as events. All articles are one sealed segment then, and later arrivals are judged by its weights.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::batch::Index;
use super::contents::Contents;
use super::events::FamilyEvent;
use super::ranked::{ComparedPair, Counts};
use super::segment::{ArrivalStats, ArrivalStatsRow, KeyPositions, Segment, Standing};
use super::segments::SegmentSet;
use crate::corpus::collection::{Articles, Number};
use crate::families::cluster::{Edge, Group};
use crate::families::live::{Link, LinkKind};
use crate::score::relation::Cuts;

/// From how many articles on, and up to how many, an archive regroups itself. The first articles are judged
/// with nothing to judge them by; without this the families of 1 683 articles agree with a detector's by a
/// B-cubed F1 of 0.928 (fnc1), with it by 0.987.
const YOUNG: RangeInclusive<usize> = 32..=2048;

impl Contents {
    /// Whether the archive is young and has grown by a quarter since its articles were last regrouped.
    pub(crate) fn must_regroup(&self) -> bool {
        let (articles, regrouped) = (self.segments.len(), self.segments.counters.regrouped);
        YOUNG.contains(&articles) && 4 * articles >= 5 * regrouped
    }

    /// Groups all articles as a detector would, and returns what changed. Linear in the articles and their
    /// candidates.
    pub(crate) fn regroup(&mut self) -> Vec<FamilyEvent> {
        let Contents { settings, segments, families, .. } = self;
        if segments.len() == 0 {
            return Vec::new();
        }
        let (index, compared) = segments.weigh_anew(&settings.cuts);
        let segment = &segments.list[0];
        let number = |rank: u32| segment.data.numbers[index.ranked.number(rank) as usize];
        let (articles, cuts) = (segment.articles(), &settings.cuts);
        let (edges, _) = index.ranked.verified(articles, &compared, cuts);
        let grouping = index.ranked.grouping(articles, edges, cuts);
        let link = |of: LinkKind, &Edge { a, b, level, score }: &Edge| {
            let (a, b) = (number(a), number(b));
            let kind = match of {
                LinkKind::Paired => LinkKind::Paired,
                _ if a < b => LinkKind::Follows,
                _ => LinkKind::Followed,
            };
            (a.max(b), kind, Link { number: a.min(b), level, score })
        };
        let pairs = grouping.edges.iter().filter(|edge| edge.level <= settings.level);
        let pairs = pairs.map(|edge| link(LinkKind::Paired, edge));
        let followers = grouping.followers.iter().map(|edge| link(LinkKind::Follows, edge));
        let mut links: Vec<(Number, LinkKind, Link)> = pairs.chain(followers).collect();
        links.sort_unstable_by_key(|&(later, kind, link)| (later, kind, link.number));
        let numbers =
            |group: &Group| group.members.iter().map(|&rank| number(rank)).collect::<BTreeSet<_>>();
        let groups: Vec<BTreeSet<Number>> =
            grouping.levels[settings.level as usize].iter().map(numbers).collect();
        let events = families.replace(links.into_iter(), &groups).into_iter();
        events.map(|event| FamilyEvent::with_ids(event, segments, &[])).collect()
    }
}

impl SegmentSet {
    /// Makes one sealed segment of all articles, weighed as a whole. Returns the index over its articles,
    /// and the pairs that may reach a level.
    fn weigh_anew(&mut self, cuts: &Cuts) -> (Index, Vec<ComparedPair>) {
        self.finish_merges();
        self.counters.regroupings += 1;
        self.counters.regrouped = self.len();
        let mut weighed = Default::default();
        let segment = Segment::weighed_anew(&self.list, self.counters.sealed_at(), |articles| {
            let (index, compared) = Index::new(articles, cuts);
            let stats = stats(&index, articles);
            weighed = (index, compared);
            stats
        });
        let (index, compared) = weighed;
        let next = self.next();
        self.list = vec![segment, Segment::starting(next)];
        let Counts { vocabulary, boilerplate, .. } = index.ranked.counts();
        (self.vocabulary, self.boilerplate) = (vocabulary.clone(), boilerplate.clone());
        let counters = &mut self.counters;
        (counters.changes, counters.counted, counters.next_counted) = (0, self.by_id.len(), 0);
        (index, compared)
    }
}

/// What an archive keeps of each article beside its fingerprint, by number.
fn stats(index: &Index, articles: &Articles) -> (Vec<ArrivalStatsRow>, KeyPositions) {
    let mut keys = KeyPositions::default();
    let distinctive = index.distinctive_positions(articles);
    let of_number = |number: u32| {
        let rank = index.rank(number);
        let standing = match index.ranked.reprint(rank) {
            None => Standing::Leader,
            Some(reprint) if reprint.is_edit => Standing::Edit,
            Some(_) => Standing::Copy,
        };
        keys.push(distinctive.get(rank as usize).map_or(&[], Vec::as_slice));
        let (weight, density) = index.ranked.stats(rank);
        ArrivalStats { weight, density, standing }.row()
    };
    let stats = (0..articles.len() as u32).map(of_number).collect();
    (stats, keys)
}
