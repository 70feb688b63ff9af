//! The front door: articles in, matches and families out.

use std::collections::HashMap;
use std::sync::OnceLock;

use ahash::RandomState;

use crate::article::Article;
use crate::candidates::Scratch;
use crate::cluster::{Edge, Group, cluster};
use crate::comparison::Comparison;
use crate::error::{Error, ErrorKind};
use crate::evidence::{Cuts, Evidence, Level, Relation};
use crate::family::{Families, Family, HubFacts, Member, Representative, listing_order};
use crate::fingerprint::Fingerprint;
use crate::index::{Entry, Index, Visitor};
use crate::memory;
use crate::parallel;
use crate::vocabulary::Vocabulary;

/// Finds retold stories in a growing collection of articles.
///
/// It keeps a [`Fingerprint`] of each article, never its text. Every answer is a function of the
/// articles that are in: not of the order in which they came, the number of threads or the
/// processor.
///
/// ```
/// use retold::{Article, Detector, Relation};
///
/// let mut detector = Detector::new();
/// let first = "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
///              harbour master Ida Rosk said, and divers will examine the hull on Tuesday.";
/// let second = "The passenger ferry ran aground off Kelm late on Monday with 212 people on board. \
///               Nobody was hurt, according to harbour master Ida Rosk. Divers will look at the hull.";
/// detector.insert(Article::new("herald", first))?;
/// detector.insert(Article::new("wire", second))?;
/// detector.insert(Article::new("ledger", "The central bank of Norland left its main rate at 3.5 percent."))?;
///
/// let families = detector.families();
/// assert_eq!(families.len(), 1);
/// assert_eq!(families.alone(), 1);
/// for member in families.iter().flat_map(|family| family.members()) {
///     println!("{} {} {:.2}", member.id(), member.relation().name(), member.score());
/// }
/// let matches = detector.query(&Article::new("?", first))?;
/// assert_eq!(matches[0].relation, Relation::Identical);
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Detector {
    settings: Settings,
    /// `None` where an article was removed.
    entries: Vec<Option<Entry>>,
    by_id: HashMap<Box<str>, u32, RandomState>,
    vocabulary: Vocabulary,
    /// Made when it is first asked, forgotten when the collection changes.
    index: OnceLock<Index>,
}

#[derive(Debug, Clone, Copy)]
struct Settings {
    level: Level,
    cuts: Cuts,
    representative: Representative,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            level: Level::default(),
            cuts: Cuts::DEFAULT,
            representative: Representative::default(),
        }
    }
}

/// Builds a [`Detector`] with other settings than the default.
///
/// ```
/// use retold::{Detector, Level};
/// let detector = Detector::builder().level(Level::Event).threshold(Level::Event, 0.6).build()?;
/// assert!(detector.is_empty());
/// # Ok::<(), retold::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct DetectorBuilder {
    settings: Settings,
}

impl DetectorBuilder {
    /// The level that [`Families::iter`] and [`Detector::query`] answer at; [`Level::Retelling`]
    /// when not set.
    pub fn level(mut self, level: Level) -> Self {
        self.settings.level = level;
        self
    }

    /// The cut of a level, in `0..=1`. For [`Level::Copy`] it is the share of the shorter text that
    /// stands in the longer one (default .6; 1 keeps only the same words), for the others the score
    /// (defaults .7 and .45). Where these two would cross, the one that is set moves the other
    /// along.
    pub fn threshold(mut self, level: Level, cut: f32) -> Self {
        self.settings.cuts.set(level, cut);
        self
    }

    /// How the representative of a family is chosen.
    pub fn representative(mut self, policy: Representative) -> Self {
        self.settings.representative = policy;
        self
    }

    /// The detector.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for a threshold outside `0..=1`.
    pub fn build(self) -> Result<Detector, Error> {
        for level in Level::ALL {
            let cut = self.settings.cuts.of(level);
            if !(0.0..=1.0).contains(&cut) {
                return Err(ErrorKind::Setting {
                    name: "threshold",
                    expected: "in 0..=1",
                    found: cut.to_string(),
                }
                .into());
            }
        }
        Ok(Detector { settings: self.settings, ..Detector::default() })
    }
}

/// An article of the collection that tells the story of the one asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Its id.
    pub id: String,
    /// What the article asked about is to it.
    pub relation: Relation,
    /// The probability that the two tell the same story.
    pub score: f32,
    /// All that is known of the pair; the article asked about is on the left.
    pub evidence: Evidence,
}

/// Two articles of the collection that tell the same story.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair<'a> {
    /// The smaller id.
    pub left: &'a str,
    /// The larger id.
    pub right: &'a str,
    /// The closest level that they reach.
    pub level: Level,
    /// What the left article is to the right one.
    pub relation: Relation,
    /// The probability that the two tell the same story.
    pub score: f32,
    /// All that is known of the pair.
    pub evidence: Evidence,
}

/// An article of the collection that a visitor shares a story with.
struct Found {
    number: u32,
    level: Level,
    evidence: Evidence,
}

impl Detector {
    /// A detector with the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts building a detector with other settings.
    pub fn builder() -> DetectorBuilder {
        DetectorBuilder::default()
    }

    /// How many articles are in.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether no article is in.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether an article of this id is in.
    pub fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Puts an article in. Linear in its length.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`], [`ErrorKind::TooLong`], [`ErrorKind::RepeatedId`]; the detector is
    /// then unchanged.
    pub fn insert(&mut self, article: Article<'_>) -> Result<(), Error> {
        let fingerprint = Fingerprint::new(&article)?;
        self.keep(&article, fingerprint)
    }

    /// Puts many articles in, sketching them in parallel. One result for each, in their order: what
    /// is wrong with one does not touch the others. Of two articles with one id the first stays.
    pub fn insert_many(&mut self, articles: &[Article<'_>]) -> Vec<Result<(), Error>> {
        let fingerprints = parallel::map(articles, || (), |(), article| Fingerprint::new(article));
        articles
            .iter()
            .zip(fingerprints)
            .map(|(article, fingerprint)| self.keep(article, fingerprint?))
            .collect()
    }

    fn keep(&mut self, article: &Article<'_>, fingerprint: Fingerprint) -> Result<(), Error> {
        if self.contains(article.id()) {
            return Err(ErrorKind::RepeatedId { id: article.id().to_owned() }.into());
        }
        let hashes = fingerprint.terms().iter().map(|term| term.hash);
        self.vocabulary.add(fingerprint.language(), hashes);
        self.by_id.insert(article.id().into(), self.entries.len() as u32);
        self.entries.push(Some(Entry {
            id: article.id().into(),
            date: article.get_date(),
            fingerprint,
        }));
        self.index.take();
        Ok(())
    }

    /// Takes an article out; whether it was in.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.by_id.remove(id) else { return false };
        let Some(entry) = self.entries[number as usize].take() else { return false };
        let hashes = entry.fingerprint.terms().iter().map(|term| term.hash);
        self.vocabulary.remove(entry.fingerprint.language(), hashes);
        self.index.take();
        if self.entries.len() > 2 * self.by_id.len() + 64 {
            self.close_gaps();
        }
        true
    }

    /// Gives back the room of removed articles.
    fn close_gaps(&mut self) {
        self.entries.retain(Option::is_some);
        self.entries.shrink_to_fit();
        for (number, entry) in self.entries.iter().enumerate() {
            if let Some(number_of) = entry.as_ref().and_then(|entry| self.by_id.get_mut(&entry.id))
            {
                *number_of = number as u32;
            }
        }
        self.by_id.shrink_to_fit();
        self.vocabulary.shrink_to_fit();
    }

    /// The articles of the collection that tell the story of this one, best first, at the
    /// detector's level; the article itself is not put in. One that is in with the same id is not
    /// among them.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`], [`ErrorKind::TooLong`].
    pub fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
        let visitor = self.visitor(article)?;
        let mut found = self.verify_visitor(&visitor, &visitor.near);
        let friends = self.friends_of(&visitor, &mut found);
        found.extend(self.verify_visitor(&visitor, &friends));
        let wanted = found.into_iter().filter(|found| found.level <= self.settings.level);
        let mut matches: Vec<Match> = wanted
            .map(|Found { number, evidence, .. }| Match {
                id: self.id(number).to_owned(),
                relation: evidence.relation(&self.settings.cuts),
                score: evidence.score(),
                evidence,
            })
            .collect();
        matches.sort_unstable_by(|x, y| y.score.total_cmp(&x.score).then_with(|| x.id.cmp(&y.id)));
        Ok(matches)
    }

    /// Those of some articles that tell the story of a visitor, at any level.
    fn verify_visitor(&self, visitor: &Visitor, numbers: &[u32]) -> Vec<Found> {
        let collection = (&*self.entries, self.index());
        let verified = numbers.iter().filter_map(|&number| {
            let evidence = visitor.evidence(collection, number)?;
            let level = evidence.level(&self.settings.cuts)?;
            Some(Found { number, level, evidence })
        });
        verified.collect()
    }

    /// The friends of a visitor's best friends, without those that it was compared with already.
    fn friends_of(&self, visitor: &Visitor, found: &mut [Found]) -> Vec<u32> {
        let key = |found: &Found| (found.evidence.score(), self.id(found.number));
        found.sort_unstable_by(|x, y| {
            let ((a, one), (b, two)) = (key(x), key(y));
            b.total_cmp(&a).then_with(|| one.cmp(two))
        });
        let mut scratch = Scratch::default();
        let mut friends = Vec::new();
        for friend in found.iter().take(FRIENDS) {
            let near = self.index().near(&self.entries, friend.number, &mut scratch);
            let is_friend = |&other: &u32| {
                let evidence = self.weigh(friend.number, other);
                evidence.level(&self.settings.cuts).is_some()
            };
            friends.extend(near.into_iter().filter(is_friend));
        }
        friends.sort_unstable();
        friends.dedup();
        friends.retain(|other| !visitor.near.contains(other) && Some(*other) != visitor.twin);
        friends
    }

    /// Compares two articles, in or not, in the light of this collection: with the score that they
    /// have in it, exact counts, and the passages that both have.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`], [`ErrorKind::TooLong`].
    pub fn compare(&self, left: &Article<'_>, right: &Article<'_>) -> Result<Comparison, Error> {
        let evidence = self.visitor(left)?.evidence_with(&self.visitor(right)?, self.index());
        Ok(Comparison::new(left.text(), right.text(), evidence, &self.settings.cuts))
    }

    fn visitor(&self, article: &Article<'_>) -> Result<Visitor, Error> {
        let fingerprint = Fingerprint::new(article)?;
        let twin = self.by_id.get(article.id()).copied();
        let collection = (&*self.entries, &self.vocabulary, self.index());
        Ok(Visitor::new(fingerprint, article.get_date(), twin, collection))
    }

    /// The cut of a level, see [`DetectorBuilder::threshold`].
    pub fn threshold(&self, level: Level) -> f32 {
        self.settings.cuts.of(level)
    }

    /// What is known of two articles that are in, whether or not they are candidates; `None` if one
    /// is not in.
    pub fn evidence(&self, left: &str, right: &str) -> Option<Evidence> {
        let (left, right) = (*self.by_id.get(left)?, *self.by_id.get(right)?);
        Some(self.weigh(left, right))
    }

    /// The pairs that are compared to find [`Detector::pairs`], each with the smaller id first, in
    /// order: those that share distinctive words or shingles, and friends of friends. To measure
    /// what is missed and how much it costs.
    pub fn candidate_pairs(&self) -> Vec<(&str, &str)> {
        let order = self.canonical_order();
        let id = |rank: u32| self.id(order[rank as usize]);
        let (_, compared) = self.verified(&order);
        compared.into_iter().map(|(a, b)| (id(a), id(b))).collect()
    }

    /// Every verified pair at a level or closer, in the order of the ids.
    pub fn pairs(&self, level: Level) -> Vec<Pair<'_>> {
        let order = self.canonical_order();
        let entry = |rank: u32| self.entry(order[rank as usize]);
        let (edges, _) = self.verified(&order);
        edges
            .into_iter()
            .filter(|edge| edge.level <= level)
            .filter_map(|edge| {
                let evidence = self.weigh(order[edge.a as usize], order[edge.b as usize]);
                Some(Pair {
                    left: &entry(edge.a)?.id,
                    right: &entry(edge.b)?.id,
                    level: edge.level,
                    relation: evidence.relation(&self.settings.cuts),
                    score: edge.score,
                    evidence,
                })
            })
            .collect()
    }

    /// The story families at every level.
    pub fn families(&self) -> Families {
        let order = self.canonical_order();
        let (edges, _) = self.verified(&order);
        let mut levels = Level::ALL.into_iter();
        let verify = |a: u32, b: u32| {
            self.weigh(order[a as usize], order[b as usize]).level(&self.settings.cuts)
        };
        let families = cluster(order.len(), &edges, verify).map(|groups| {
            let level = levels.next().unwrap_or_default();
            let mut families: Vec<Family> =
                groups.iter().map(|group| self.family(level, group, &order)).collect();
            families.sort_by_cached_key(listing_order);
            families
        });
        Families { level: self.settings.level, families, articles: self.len() }
    }

    fn family(&self, level: Level, group: &Group, order: &[u32]) -> Family {
        let facts = |&hub: &u32| {
            let entry = self.entry(order[hub as usize]);
            let (date, words) = entry.map_or((None, 0), |e| (e.date, e.fingerprint.words()));
            HubFacts { hub, date, words }
        };
        let hubs: Vec<HubFacts> = group.hubs.iter().map(facts).collect();
        let centrality = |hub: u32| {
            let score =
                |&member: &u32| self.weigh(order[hub as usize], order[member as usize]).score();
            group.members.iter().map(|member| f64::from(score(member))).sum::<f64>()
        };
        let representative = self.settings.representative.choose(&hubs, centrality);
        let member = |&rank: &u32| {
            let number = order[rank as usize];
            let entry = self.entry(number)?;
            let evidence = self.weigh(number, order[representative as usize]);
            Some(Member {
                id: entry.id.to_string(),
                date: entry.date,
                words: entry.fingerprint.words(),
                relation: evidence.relation(&self.settings.cuts),
                evidence,
            })
        };
        let mut members: Vec<Member> = group.members.iter().filter_map(member).collect();
        let first = self.id(order[representative as usize]);
        members.sort_by(|x, y| {
            let leads = |member: &Member| member.id == first;
            let by_score = y.score().total_cmp(&x.score()).then_with(|| x.id.cmp(&y.id));
            leads(y).cmp(&leads(x)).then(by_score)
        });
        Family { level, members }
    }

    /// The numbers of the articles in the order of their ids, so that no result depends on the
    /// order in which they came.
    fn canonical_order(&self) -> Vec<u32> {
        let mut order: Vec<(&str, u32)> =
            self.by_id.iter().map(|(id, &number)| (&**id, number)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, number)| number).collect()
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries[number as usize].as_ref()
    }

    fn id(&self, number: u32) -> &str {
        self.entry(number).map_or("", |entry| &entry.id)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.entries, &self.vocabulary))
    }

    fn weigh(&self, left: u32, right: u32) -> Evidence {
        self.index().evidence(&self.entries, left, right)
    }

    /// Candidate pairs in canonical ranks, `a < b`, in order. A pair counts if either of the two
    /// finds the other.
    fn candidates(&self, order: &[u32]) -> Vec<(u32, u32)> {
        let index = self.index();
        let mut rank = vec![0u32; self.entries.len()];
        order.iter().zip(0..).for_each(|(&number, r)| rank[number as usize] = r);
        let found = parallel::map(order, Scratch::default, |scratch, &number| {
            let own = rank[number as usize];
            let others = index.near(&self.entries, number, scratch).into_iter();
            let ranks = others.map(|other| rank[other as usize]);
            ranks.map(|other| (own.min(other), own.max(other))).collect::<Vec<_>>()
        });
        let mut pairs: Vec<(u32, u32)> = found.into_iter().flatten().collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Every pair that reaches a level, in canonical ranks and order; and every pair that was
    /// compared to find them.
    ///
    /// The nets bring up the first pairs. Then the friends of each article, those that it was found
    /// to share a story with, are compared with one another: so a story of many versions is seen
    /// whole, though no version finds all others by itself.
    fn verified(&self, order: &[u32]) -> (Vec<Edge>, Vec<(u32, u32)>) {
        let mut compared = self.candidates(order);
        let mut edges = self.verify(order, &compared);
        let friends = friends_of_friends(order.len(), &edges, &compared);
        edges.extend(self.verify(order, &friends));
        edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
        compared.extend(friends);
        compared.sort_unstable();
        (edges, compared)
    }

    /// Those of some pairs that reach a level.
    fn verify(&self, order: &[u32], pairs: &[(u32, u32)]) -> Vec<Edge> {
        let edges = parallel::map(
            pairs,
            || (),
            |(), &(a, b)| {
                let evidence = self.weigh(order[a as usize], order[b as usize]);
                let level = evidence.level(&self.settings.cuts)?;
                Some(Edge { a, b, level, score: evidence.score() })
            },
        );
        edges.into_iter().flatten().collect()
    }

    /// Bytes held on the heap: entries, ids, counts, and the index if it has been made.
    pub fn memory_usage(&self) -> usize {
        let entry = |entry: &Entry| entry.fingerprint.memory_usage() + 2 * entry.id.len();
        let entries: usize = self.entries.iter().flatten().map(entry).sum();
        let slots = self.entries.capacity() * size_of::<Option<Entry>>();
        let ids = memory::of_map(&self.by_id);
        let index = self.index.get().map_or(0, Index::memory_usage);
        entries + slots + ids + self.vocabulary.memory_usage() + index
    }
}

/// How many friends of an article are introduced to one another: its best.
const FRIENDS: usize = 24;

/// Pairs of articles with a friend in common that were not compared yet, in order.
fn friends_of_friends(count: usize, edges: &[Edge], compared: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut friends: Vec<Vec<(f32, u32)>> = vec![Vec::new(); count];
    for edge in edges {
        friends[edge.a as usize].push((edge.score, edge.b));
        friends[edge.b as usize].push((edge.score, edge.a));
    }
    let mut pairs = Vec::new();
    for mut friends in friends {
        friends.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        friends.truncate(FRIENDS);
        for (at, &(_, one)) in friends.iter().enumerate() {
            pairs.extend(friends[at + 1..].iter().map(|&(_, two)| (one.min(two), one.max(two))));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs.retain(|pair| compared.binary_search(pair).is_err());
    pairs
}

/// Compares two texts without a collection: as [`Detector::compare`] does where the two are all
/// that is in.
///
/// A text without words, or of 4 GiB and more, is unrelated to every other, even to itself;
/// [`Detector::compare`] returns an error there.
///
/// ```
/// use retold::Relation;
/// let flash = "KELM - The grain elevator on Tern Quay caught fire at noon on Monday. All nine \
///              workers got out unhurt.";
/// let report = format!("{flash} Flames were seen from Hestrup, and the coast road was closed \
///                       until the evening. Owner Signe Pell said the cause was not yet known.");
/// let comparison = retold::compare(flash, &report);
/// assert_eq!(comparison.relation(), Relation::Excerpt);
/// assert_eq!(comparison.shared(3).of_left(), 1.0);
/// assert_eq!(comparison.passages().len(), 1);
/// ```
pub fn compare(left: &str, right: &str) -> Comparison {
    let articles = [Article::new("left", left), Article::new("right", right)];
    let mut detector = Detector::new();
    let both_in = articles.iter().all(|&article| detector.insert(article).is_ok());
    let compared = both_in.then(|| detector.compare(&articles[0], &articles[1]).ok()).flatten();
    let nothing = || Comparison::new(left, right, Evidence::default(), &Cuts::DEFAULT);
    compared.unwrap_or_else(nothing)
}
