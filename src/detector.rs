//! The front door: articles in, matches and families out.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use ahash::RandomState;

use crate::compare::comparison::Comparison;
use crate::corpus::article::{Article, Date};
use crate::corpus::collection::Collection;
use crate::corpus::fingerprint::{Fingerprint, Sketcher};
use crate::engine::answers::{Match, Pair};
use crate::engine::batch::{BatchBuffers, Compared, Index, Visitor};
use crate::engine::reprints::Reprint;
use crate::engine::settings::Settings;
use crate::error::Error;
use crate::families::cluster::{Edge, Group, cluster};
use crate::families::family::{
    Families, Family, Member, MemberSource, Representative, listed, members,
};
use crate::families::provenance::{Provenance, Version, provenance};
use crate::parallel;
use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level};

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
    collection: Collection,
    sketcher: Sketcher,
    /// Made when it is first asked, forgotten when the collection changes.
    index: OnceLock<Index>,
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
    ///
    /// A detector of [`Level::Copy`] keeps and compares phrases alone. It takes half the memory and a
    /// fraction of the time, and finds nothing at the looser levels. What it calls a copy has most of
    /// the shorter text in the longer one; words and numbers do not speak against it, so of a form
    /// filled in twice it says what it sees.
    pub fn level(mut self, level: Level) -> Self {
        self.settings.level = level;
        self
    }

    /// The cut of a level, in `0..=1`. For [`Level::Copy`] it is the share of the shorter text that
    /// stands in the longer one (default .6; 1 keeps only the same words), for the others the score
    /// (defaults .7 and .43). Where these two would cross, the one that is set moves the other
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
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a threshold outside `0..=1`.
    pub fn build(self) -> Result<Detector, Error> {
        self.settings.check()?;
        Ok(Detector { settings: self.settings, ..Detector::default() })
    }
}

/// An article of the collection that a visitor shares a story with.
struct VerifiedMatch {
    rank: u32,
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
        self.collection.len()
    }

    /// Whether no article is in.
    pub fn is_empty(&self) -> bool {
        self.collection.len() == 0
    }

    /// Whether an article of this id is in.
    pub fn contains(&self, id: &str) -> bool {
        self.collection.number(id).is_some()
    }

    /// Puts an article in. Linear in its length.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`](crate::ErrorKind::NoWords), [`ErrorKind::TooLong`](crate::ErrorKind::TooLong), [`ErrorKind::RepeatedId`](crate::ErrorKind::RepeatedId); the detector is
    /// then unchanged.
    pub fn insert(&mut self, article: Article<'_>) -> Result<(), Error> {
        let fingerprint = sketch(self.settings.level, &mut self.sketcher, &article)?;
        self.keep(&article, &fingerprint)
    }

    /// Puts many articles in, sketching them in parallel. One result for each, in their order: what
    /// is wrong with one does not touch the others. Of two articles with one id the first stays.
    pub fn insert_many(&mut self, articles: &[Article<'_>]) -> Vec<Result<(), Error>> {
        let level = self.settings.level;
        let sketch_all = |articles: &[Article<'_>]| {
            parallel::map(articles, Sketcher::new, |sketcher, article| {
                sketch(level, sketcher, article)
            })
        };
        let mut results = Vec::with_capacity(articles.len());
        let mut sketched: (&[Article<'_>], Vec<Result<Fingerprint, Error>>) = (&[], Vec::new());
        // While one chunk is sketched the one before it is put in.
        for chunk in articles.chunks(CHUNK).chain([&[][..]]) {
            let (next, ()) = parallel::join(
                || sketch_all(chunk),
                || {
                    let (articles, fingerprints) = std::mem::take(&mut sketched);
                    results.extend(
                        articles
                            .iter()
                            .zip(fingerprints)
                            .map(|(article, fingerprint)| self.keep(article, &fingerprint?)),
                    );
                },
            );
            sketched = (chunk, next);
        }
        results
    }

    fn keep(&mut self, article: &Article<'_>, fingerprint: &Fingerprint) -> Result<(), Error> {
        self.collection.insert(article, fingerprint)?;
        self.index.take();
        Ok(())
    }

    /// Takes an article out; whether it was in.
    pub fn remove(&mut self, id: &str) -> bool {
        let was_in = self.collection.remove(id);
        if was_in {
            self.index.take();
        }
        was_in
    }

    /// The articles of the collection that tell the story of this one, best first, at the
    /// detector's level; the article itself is not put in. One that is in with the same id is not
    /// among them.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`](crate::ErrorKind::NoWords), [`ErrorKind::TooLong`](crate::ErrorKind::TooLong).
    pub fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
        let visitor = self.visitor(article)?;
        let mut found = self.verify_visitor(&visitor, &visitor.near);
        let neighbours = self.neighbours_of(&visitor, &mut found);
        found.extend(self.verify_visitor(&visitor, &neighbours));
        let reprints = self.followers_of(&found, visitor.twin);
        found.extend(self.verify_visitor(&visitor, &reprints));
        let wanted = found.into_iter().filter(|found| found.level <= self.settings.level);
        let mut matches: Vec<Match> = wanted
            .map(|VerifiedMatch { rank, evidence, .. }| Match {
                id: self.id(rank).to_owned(),
                relation: evidence.relation(&self.settings.cuts),
                score: evidence.score(),
                evidence,
            })
            .collect();
        matches.sort_unstable_by(|x, y| y.score.total_cmp(&x.score).then_with(|| x.id.cmp(&y.id)));
        Ok(matches)
    }

    /// The reprints of the leaders that were found.
    fn followers_of(&self, found: &[VerifiedMatch], twin: Option<u32>) -> Vec<u32> {
        let mut leaders: Vec<u32> = found.iter().map(|found| found.rank).chain(twin).collect();
        leaders.sort_unstable();
        let follows = |&(_, reprint): &(u32, Reprint)| {
            !reprint.is_notice && leaders.binary_search(&reprint.leader).is_ok()
        };
        let ranks = self.index().reprints().filter(follows).map(|(rank, _)| rank);
        ranks.filter(|&rank| Some(rank) != twin).collect()
    }

    /// Those of some articles that tell the story of a visitor, at any level.
    fn verify_visitor(&self, visitor: &Visitor, ranks: &[u32]) -> Vec<VerifiedMatch> {
        let verified = ranks.iter().filter_map(|&rank| {
            let evidence = visitor.evidence(&self.collection, self.index(), rank);
            let level = evidence.level(&self.settings.cuts)?;
            Some(VerifiedMatch { rank, level, evidence })
        });
        verified.collect()
    }

    /// The links of a visitor's best links, without those that it was compared with already.
    fn neighbours_of(&self, visitor: &Visitor, found: &mut [VerifiedMatch]) -> Vec<u32> {
        found.sort_unstable_by(|x, y| {
            let by_score = y.evidence.score().total_cmp(&x.evidence.score());
            by_score.then(x.rank.cmp(&y.rank))
        });
        let mut buffers = BatchBuffers::default();
        let mut neighbours = Vec::new();
        for neighbour in found.iter().take(MAX_NEIGHBOURS) {
            let near = self.index().near(&self.collection, neighbour.rank, &mut buffers);
            let is_neighbour = |&other: &u32| {
                other != neighbour.rank
                    && self.weigh(neighbour.rank, other).level(&self.settings.cuts).is_some()
            };
            neighbours.extend(near.iter().copied().filter(is_neighbour));
        }
        neighbours.sort_unstable();
        neighbours.dedup();
        neighbours.retain(|other| !visitor.near.contains(other) && Some(*other) != visitor.twin);
        neighbours
    }

    /// Compares two articles, in or not, in the light of this collection: with the score that they
    /// have in it, exact counts, and the passages that both have.
    ///
    /// # Errors
    /// [`ErrorKind::NoWords`](crate::ErrorKind::NoWords), [`ErrorKind::TooLong`](crate::ErrorKind::TooLong).
    pub fn compare(&self, left: &Article<'_>, right: &Article<'_>) -> Result<Comparison, Error> {
        let (one, two) = (self.visitor(left)?, self.visitor(right)?);
        let evidence = one.evidence_with(&two, &self.collection, self.index());
        Ok(Comparison::new(left.text(), right.text(), evidence, &self.settings.cuts))
    }

    fn visitor(&self, article: &Article<'_>) -> Result<Visitor, Error> {
        let fingerprint = sketch(self.settings.level, &mut Sketcher::new(), article)?;
        Ok(Visitor::new(article, fingerprint, &self.collection, self.index()))
    }

    /// The cut of a level, see [`DetectorBuilder::threshold`].
    pub fn threshold(&self, level: Level) -> f32 {
        self.settings.cuts.of(level)
    }

    /// What is known of two articles that are in, whether or not they are candidates; `None` if one
    /// is not in.
    pub fn evidence(&self, left: &str, right: &str) -> Option<Evidence> {
        let rank = |id| self.collection.number(id).map(|number| self.index().rank(number));
        Some(self.weigh(rank(left)?, rank(right)?))
    }

    /// The pairs that are compared to find [`Detector::pairs`], each with the smaller id first, in
    /// order: those that share distinctive words or shingles, and links of links. To measure
    /// what is missed and how much it costs.
    pub fn candidate_pairs(&self) -> Vec<(&str, &str)> {
        let (_, mut compared) = self.verified();
        compared.extend(self.index().candidates(&self.collection));
        let ids = compared.into_iter().map(|(a, b)| (self.id(a), self.id(b)));
        let mut pairs: Vec<(&str, &str)> = ids.map(|(a, b)| (a.min(b), a.max(b))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Every verified pair at a level or closer, in the order of the ids.
    pub fn pairs(&self, level: Level) -> Vec<Pair<'_>> {
        let (mut edges, _) = self.verified();
        edges.extend(self.followers());
        let mut pairs: Vec<Pair<'_>> = edges
            .into_iter()
            .filter(|edge| edge.level <= level)
            .map(|Edge { a, b, level, score }| {
                let (left, right) = if self.id(a) < self.id(b) { (a, b) } else { (b, a) };
                let evidence = self.weigh(left, right);
                Pair {
                    left: self.id(left),
                    right: self.id(right),
                    level,
                    relation: evidence.relation(&self.settings.cuts),
                    score,
                    evidence,
                }
            })
            .collect();
        pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
        pairs
    }

    /// The story families at every level.
    pub fn families(&self) -> Families {
        let (edges, compared) = self.verified();
        drop(compared);
        let verify = |a: u32, b: u32| self.weigh(a, b).level(&self.settings.cuts);
        let mut levels = Level::ALL.into_iter();
        let mut closer: (Vec<Group>, Vec<Arc<[Member]>>) = Default::default();
        let followers = self.followers();
        let families = cluster(&edges, verify).map(|groups| {
            let level = levels.next().unwrap_or_default();
            let groups = with_followers(groups, &followers, level);
            let members = parallel::map(
                &groups,
                || (),
                |(), group| {
                    let same = closer.0.binary_search(group).ok();
                    same.map_or_else(|| self.members(group).into(), |at| closer.1[at].clone())
                },
            );
            let families = listed(level, &members);
            closer = (groups, members);
            families
        });
        Families { level: self.settings.level, families, articles: self.len() }
    }

    /// Who of a family told it first, and from whom each of the others most likely has it. Members
    /// that are not in any more are left out. Linear in the members.
    ///
    /// ```
    /// # use retold::{Article, Detector};
    /// let wire = "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
    ///             harbour master Ida Rosk said, and divers will examine the hull on Tuesday.";
    /// let paper = wire.replace("Nobody was hurt", "No one came to harm");
    /// let mut detector = Detector::new();
    /// detector.insert(Article::new("paper", &paper).date("2031-05-07".parse()?))?;
    /// detector.insert(Article::new("wire", wire).date("2031-05-06".parse()?))?;
    /// let families = detector.families();
    /// let tree = detector.provenance(families.iter().next().unwrap());
    /// assert_eq!(tree.first(), "wire");
    /// let paper = &tree.members()[1];
    /// assert_eq!((paper.id(), paper.parent()), ("paper", Some(0)));
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn provenance(&self, family: &Family) -> Provenance {
        let articles = self.collection.articles();
        let versions = family.members().iter().filter_map(|member| {
            let number = self.collection.number(member.id())?;
            let facts = articles.facts(number);
            Some(Version {
                id: member.id(),
                date: facts.date,
                words: facts.words,
                sample: articles.sample(number),
            })
        });
        provenance(versions.collect())
    }

    fn members(&self, group: &Group) -> Vec<Member> {
        members(group, self, self.settings.representative, &self.settings.cuts)
    }

    /// The id of the article of a rank.
    fn id(&self, rank: u32) -> &str {
        self.collection.articles().id(self.index().number(rank))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.collection, &self.settings.cuts).0)
    }

    /// What is known of the articles of two ranks.
    fn weigh(&self, left: u32, right: u32) -> Evidence {
        self.index().evidence(&self.collection, left, right)
    }

    /// The pairs of ranks that may reach a level by their words, in order.
    fn compared(&self) -> Vec<Compared> {
        let mut found = None;
        let index = self.index.get_or_init(|| {
            let (index, pairs) = Index::new(&self.collection, &self.settings.cuts);
            found = Some(pairs);
            index
        });
        found.unwrap_or_else(|| index.compared(&self.collection, &self.settings.cuts))
    }

    /// Every pair that reaches a level, in ranks and in order; and every pair that was compared to
    /// find them, in none.
    ///
    /// The sources bring up the first pairs. Then the links of each article, those that it was found
    /// to share a story with, are compared with one another: so a story of many versions is seen
    /// whole, though no version finds all others by itself.
    fn verified(&self) -> (Vec<Edge>, Vec<(u32, u32)>) {
        let compared = self.compared();
        let edge = |a, b, evidence| self.edge(a, b, evidence);
        let mut edges = self.index().judge(&self.collection, &compared, edge);
        let mut compared: Vec<(u32, u32)> = compared.iter().map(|compared| compared.pair).collect();
        let neighbours = neighbours_of_neighbours(&edges, &compared);
        edges.extend(self.index().verify(&self.collection, &neighbours, edge));
        // Two runs in order: a stable sort merges them.
        edges.sort_by_key(|edge| (edge.a, edge.b));
        compared.extend(neighbours);
        (edges, compared)
    }

    /// The reprints of each leader with the level that each reaches with it, by leaders. Each is compared
    /// with its leader itself.
    fn followers(&self) -> Vec<Edge> {
        let reprints: Vec<(u32, Reprint)> = self.index().reprints().collect();
        let chunks: Vec<&[(u32, Reprint)]> = reprints.chunks(CHUNK).collect();
        let edges = parallel::map(
            &chunks,
            || (),
            |(), chunk| {
                let edges = chunk.iter().filter(|(_, reprint)| !reprint.is_notice);
                let edges = edges.filter_map(|&(rank, Reprint { leader, .. })| {
                    self.edge(leader, rank, self.weigh(leader, rank))
                });
                edges.collect::<Vec<Edge>>()
            },
        );
        let mut edges = edges.concat();
        edges.sort_unstable_by_key(|edge| (edge.a, edge.b));
        edges
    }

    /// A pair that reaches a level.
    fn edge(&self, a: u32, b: u32, evidence: Evidence) -> Option<Edge> {
        let level = evidence.level(&self.settings.cuts)?;
        Some(Edge { a, b, level, score: evidence.score() })
    }

    /// Bytes held on the heap: what is kept of the articles, and the index if it has been made.
    pub fn memory_usage(&self) -> usize {
        self.collection.memory_usage() + self.index.get().map_or(0, Index::memory_usage)
    }
}

/// Articles by their ranks.
impl MemberSource for Detector {
    fn id(&self, rank: u32) -> &str {
        Detector::id(self, rank)
    }

    fn date(&self, rank: u32) -> Option<Date> {
        self.collection.articles().facts(self.index().number(rank)).date
    }

    fn words(&self, rank: u32) -> usize {
        self.collection.articles().facts(self.index().number(rank)).words as usize
    }

    fn evidence(&self, one: u32, other: u32) -> Evidence {
        self.weigh(one, other)
    }

    fn leader(&self, rank: u32) -> u32 {
        self.index().leader(rank)
    }
}

/// Groups of leaders with the reprints that reach a level with their leader; and the leaders that stand
/// alone but for their reprints. In the order of the first members.
fn with_followers(groups: Vec<Group>, followers: &[Edge], level: Level) -> Vec<Group> {
    let of = |leader: u32| {
        let start = followers.partition_point(|edge| edge.a < leader);
        let of_leader = followers[start..].iter().take_while(move |edge| edge.a == leader);
        of_leader.filter(|edge| edge.level <= level).map(|edge| edge.b)
    };
    let mut grouped: HashSet<u32, RandomState> = HashSet::default();
    let mut all: Vec<Group> = Vec::with_capacity(groups.len());
    for mut group in groups {
        grouped.extend(&group.members);
        let more: Vec<u32> = group.members.iter().flat_map(|&leader| of(leader)).collect();
        group.members.extend(more);
        all.push(group);
    }
    for of_one in followers.chunk_by(|one, other| one.a == other.a) {
        let leader = of_one[0].a;
        let mut members: Vec<u32> = [leader].into_iter().chain(of(leader)).collect();
        if members.len() > 1 && !grouped.contains(&leader) {
            members.sort_unstable();
            all.push(Group { members, hubs: vec![leader] });
        }
    }
    all.iter_mut().for_each(|group| group.members.sort_unstable());
    all.sort_unstable();
    all
}

/// What is kept of an article by a detector of some level.
fn sketch(
    level: Level,
    sketcher: &mut Sketcher,
    article: &Article<'_>,
) -> Result<Fingerprint, Error> {
    match level {
        Level::Copy => sketcher.phrases(article),
        _ => sketcher.fingerprint(article),
    }
}

/// How many articles are sketched while as many are put in.
const CHUNK: usize = 256;

/// How many links of an article are introduced to one another: its best.
const MAX_NEIGHBOURS: usize = 24;

/// Pairs of articles with a link in common that are not among those compared, in order, as those
/// are.
fn neighbours_of_neighbours(edges: &[Edge], compared: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let both_ways = |edge: &Edge| [(edge.a, edge.score, edge.b), (edge.b, edge.score, edge.a)];
    let mut neighbours: Vec<(u32, f32, u32)> = edges.iter().flat_map(both_ways).collect();
    neighbours.sort_unstable_by(|x, y| x.0.cmp(&y.0).then(y.1.total_cmp(&x.1)).then(x.2.cmp(&y.2)));
    let mut pairs = Vec::new();
    for of_one in neighbours.chunk_by(|x, y| x.0 == y.0) {
        let best = &of_one[..of_one.len().min(MAX_NEIGHBOURS)];
        for (at, &(_, _, one)) in best.iter().enumerate() {
            pairs.extend(best[at + 1..].iter().map(|&(_, _, two)| (one.min(two), one.max(two))));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut compared = compared.iter().peekable();
    pairs.retain(|pair| {
        while compared.next_if(|&other| other < pair).is_some() {}
        compared.peek() != Some(&pair)
    });
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
