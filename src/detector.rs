//! The detector: add articles, get matches and families of the collection as a whole.
//!
//! [`Detector`] holds the settings, the collection and, once asked for, the engine's index over it. Every
//! change of the collection discards the index, because all weights depend on all articles; so add many
//! articles before asking. An [`Archive`](crate::Archive) is for articles that arrive one by one.

use std::sync::OnceLock;

use crate::compare::comparison::Comparison;
use crate::corpus::article::Article;
use crate::corpus::collection::Collection;
use crate::corpus::fingerprint::{Fingerprint, Sketcher};
use crate::engine::answers::{Match, Pair};
use crate::engine::batch::Index;
use crate::engine::blocks::Steps;
use crate::engine::query::QueryArticle;
use crate::engine::ranked::ComparedPair;
use crate::engine::settings::{Settings, sketch};
use crate::error::Error;
use crate::families::cluster::Edge;
use crate::families::family::{Families, Family, Representative, Series, listed_series};
use crate::families::provenance::{Provenance, Version, provenance};
use crate::parallel;
use crate::score::evidence::Evidence;
use crate::score::relation::{Cuts, Level};

/// Finds retold stories in a growing collection of articles.
///
/// It keeps a [`Fingerprint`] of each article, never its text. Every answer depends on the set of
/// articles only, not on their order, the number of threads or the processor.
///
/// The first question after a change builds an index, in time linear in the articles and their
/// candidates; further questions reuse it.
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
    /// Built by the first question, discarded when the collection changes.
    index: OnceLock<Index>,
}

/// Builds a [`Detector`] with settings other than the defaults.
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
    /// Sets the level of [`Families::iter`] and [`Detector::query`]; the default is
    /// [`Level::Retelling`].
    ///
    /// A detector of [`Level::Copy`] keeps and compares phrases only. It takes half the memory and a
    /// fraction of the time, and finds nothing at the looser levels.
    pub fn level(mut self, level: Level) -> Self {
        self.settings.level = level;
        self
    }

    /// Sets the threshold of a level, in `0..=1`.
    ///
    /// For [`Level::Copy`] it is the containment of the shorter text in the longer one (default 0.6; with
    /// 1 only the same words pass). For [`Level::Retelling`] and [`Level::Event`] it is the score
    /// (defaults 0.7 and 0.43). If these two would cross, the one that is set moves the other with it.
    pub fn threshold(mut self, level: Level, cut: f32) -> Self {
        self.settings.cuts.set(level, cut);
        self
    }

    /// Sets how the representative of a family is chosen.
    pub fn representative(mut self, policy: Representative) -> Self {
        self.settings.representative = policy;
        self
    }

    /// The steps of a job over [blocks](crate::blocks) that gives the families of this detector.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a threshold outside `0..=1`.
    pub fn steps(self) -> Result<Steps, Error> {
        self.settings.check()?;
        Ok(Steps::new(self.settings))
    }

    /// Makes the detector.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting) for a threshold outside `0..=1`.
    pub fn build(self) -> Result<Detector, Error> {
        self.settings.check()?;
        Ok(Detector { settings: self.settings, ..Detector::default() })
    }
}

impl Detector {
    /// Makes a detector with the default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts building a detector with settings other than the defaults.
    pub fn builder() -> DetectorBuilder {
        DetectorBuilder::default()
    }

    /// The number of articles.
    pub fn len(&self) -> usize {
        self.collection.len()
    }

    /// Whether there is no article.
    pub fn is_empty(&self) -> bool {
        self.collection.len() == 0
    }

    /// Whether there is an article with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.collection.number(id).is_some()
    }

    /// Adds an article. Linear in its length.
    ///
    /// # Errors
    /// [`NoWords`](crate::ErrorKind::NoWords), [`TooLong`](crate::ErrorKind::TooLong),
    /// [`LongId`](crate::ErrorKind::LongId), [`RepeatedId`](crate::ErrorKind::RepeatedId),
    /// [`Full`](crate::ErrorKind::Full); the detector is then unchanged.
    pub fn insert(&mut self, article: Article<'_>) -> Result<(), Error> {
        let fingerprint = sketch(self.settings.level, &mut self.sketcher, &article)?;
        self.keep(&article, &fingerprint)
    }

    /// Adds many articles and sketches them in parallel. Returns one result for each, in order: an
    /// article that fails does not affect the others. Of two articles with the same id the first stays.
    pub fn insert_many(&mut self, articles: &[Article<'_>]) -> Vec<Result<(), Error>> {
        let level = self.settings.level;
        let sketch_all = |articles: &[Article<'_>]| {
            parallel::map(articles, Sketcher::new, |sketcher, article| {
                sketch(level, sketcher, article)
            })
        };
        let mut results = Vec::with_capacity(articles.len());
        let mut sketched: (&[Article<'_>], Vec<Result<Fingerprint, Error>>) = (&[], Vec::new());
        // While one chunk is sketched, the one before it is added.
        for chunk in articles.chunks(MAX_SKETCHED).chain([&[][..]]) {
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

    /// Removes an article; returns whether there was one with this id.
    pub fn remove(&mut self, id: &str) -> bool {
        let is_removed = self.collection.remove(id);
        if is_removed {
            self.index.take();
        }
        is_removed
    }

    /// The articles that tell the same story as this one, at the detector's level or closer, best
    /// first. The article is not added, and one with the same id is not among the matches.
    ///
    /// # Errors
    /// [`NoWords`](crate::ErrorKind::NoWords), [`TooLong`](crate::ErrorKind::TooLong),
    /// [`LongId`](crate::ErrorKind::LongId).
    pub fn query(&self, article: &Article<'_>) -> Result<Vec<Match>, Error> {
        let query = self.query_article(article)?;
        Ok(self.index().matches(self.collection.articles(), &query, &self.settings))
    }

    /// Compares two articles, of this collection or not. The comparison has the score that they get by
    /// this collection's document frequencies, exact counts, and the passages that they share.
    ///
    /// # Errors
    /// [`NoWords`](crate::ErrorKind::NoWords), [`TooLong`](crate::ErrorKind::TooLong),
    /// [`LongId`](crate::ErrorKind::LongId).
    pub fn compare(&self, left: &Article<'_>, right: &Article<'_>) -> Result<Comparison, Error> {
        let (one, two) = (self.query_article(left)?, self.query_article(right)?);
        let evidence = one.evidence_with(&two, self.index());
        Ok(Comparison::new(left.text(), right.text(), evidence, &self.settings.cuts))
    }

    fn query_article(&self, article: &Article<'_>) -> Result<QueryArticle, Error> {
        let fingerprint = sketch(self.settings.level, &mut Sketcher::new(), article)?;
        let (date, same_id) = (article.get_date(), self.collection.number(article.id()));
        let state = (self.collection.articles(), self.index());
        Ok(QueryArticle::new(fingerprint, date, same_id, state))
    }

    /// The threshold of a level, see [`DetectorBuilder::threshold`].
    pub fn threshold(&self, level: Level) -> f32 {
        self.settings.cuts.of(level)
    }

    /// The evidence on two articles of the collection, whether or not they are candidates; `None` if
    /// there is no article with one of the ids.
    pub fn evidence(&self, left: &str, right: &str) -> Option<Evidence> {
        let rank = |id| self.collection.number(id).map(|number| self.index().rank(number));
        Some(self.evidence_of(rank(left)?, rank(right)?))
    }

    /// The pairs that are compared to find [`Detector::pairs`], in order and each with the smaller id
    /// first: pairs that share distinctive words or shingles, neighbours of neighbours, and reprints with
    /// what they follow. Use it to
    /// measure the recall and the cost of the candidates.
    pub fn candidate_pairs(&self) -> Vec<(&str, &str)> {
        let (_, mut compared) = self.verified();
        compared.extend(self.index().candidates(self.collection.articles()));
        compared.extend(self.index().ranked.reprints().map(|(rank, reprint)| (reprint.of, rank)));
        let ids = compared.into_iter().map(|(a, b)| (self.id(a), self.id(b)));
        let mut pairs: Vec<(&str, &str)> = ids.map(|(a, b)| (a.min(b), a.max(b))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Every verified pair at a level or closer, ordered by ids.
    pub fn pairs(&self, level: Level) -> Vec<Pair<'_>> {
        let (mut edges, _) = self.verified();
        edges
            .extend(self.index().ranked.followers(self.collection.articles(), &self.settings.cuts));
        let mut pairs: Vec<Pair<'_>> = edges
            .into_iter()
            .filter(|edge| edge.level <= level)
            .map(|Edge { a, b, level, score }| {
                let (left, right) = if self.id(a) < self.id(b) { (a, b) } else { (b, a) };
                let evidence = self.evidence_of(left, right);
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
        let articles = self.collection.articles();
        let (edges, _) = self.verified();
        let families = self.index().ranked.families(articles, edges, &self.settings);
        let id = |&number: &u32| articles.id(number).to_owned();
        let ids = |filling: &Vec<u32>| filling.iter().map(id).collect();
        let series =
            self.index().series.iter().map(|all| Series::new(all.iter().map(ids).collect()));
        let level = self.settings.level;
        let series = listed_series(series, &families[level as usize]);
        Families { level, families, series, articles: self.len() }
    }

    /// Which member of a family was first, and from which member each of the others most likely derives.
    /// Members that were removed since are left out. Linear in the members.
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

    /// The id of the article of a rank.
    fn id(&self, rank: u32) -> &str {
        self.collection.articles().id(self.index().ranked.number(rank))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.collection.articles(), &self.settings.cuts).0)
    }

    /// The evidence on the articles of two ranks.
    fn evidence_of(&self, left: u32, right: u32) -> Evidence {
        self.index().ranked.evidence(self.collection.articles(), left, right)
    }

    /// The candidate pairs whose words allow them to reach a level, in order.
    fn compared(&self) -> Vec<ComparedPair> {
        let mut found = None;
        let index = self.index.get_or_init(|| {
            let (index, pairs) = Index::new(self.collection.articles(), &self.settings.cuts);
            found = Some(pairs);
            index
        });
        found.unwrap_or_else(|| index.compared(self.collection.articles(), &self.settings.cuts))
    }

    /// The pairs of ranks that reach a level, in order; and all pairs that were compared, in no order.
    fn verified(&self) -> (Vec<Edge>, Vec<(u32, u32)>) {
        let compared = self.compared();
        self.index().ranked.verified(self.collection.articles(), &compared, &self.settings.cuts)
    }

    /// The article that an article prints again and is grouped by; none where it leads or is not in.
    ///
    /// Reprints are found before anything else, by their shingles alone, and everything else looks at the
    /// articles that lead: so a text that ten thousand papers print counts once. [`Detector::pairs`] lists
    /// a reprint with the article that it follows, and no other pair of it.
    ///
    /// ```
    /// # use retold::{Article, Detector};
    /// let wire = "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt.";
    /// let mut detector = Detector::new();
    /// detector.insert(Article::new("wire", wire).date("2031-05-06".parse()?))?;
    /// detector.insert(Article::new("paper", wire).date("2031-05-07".parse()?))?;
    /// assert_eq!(detector.reprint_of("paper"), Some("wire"));
    /// assert_eq!(detector.reprint_of("wire"), None);
    /// # Ok::<(), retold::Error>(())
    /// ```
    pub fn reprint_of(&self, id: &str) -> Option<&str> {
        let rank = self.index().rank(self.collection.number(id)?);
        let reprint = self.index().ranked.reprint(rank).filter(|reprint| !reprint.is_notice)?;
        Some(self.id(reprint.of))
    }

    /// How many possible reprints the bounds of the look-up left out: entries of the longest lists, and
    /// leaders beyond those that share most. None in a collection without texts that share their
    /// frames by the thousand.
    pub fn not_compared(&self) -> u64 {
        self.index().not_compared
    }

    /// Bytes held on the heap: the fingerprints, and the index if it has been built.
    pub fn memory_usage(&self) -> usize {
        self.collection.memory_usage() + self.index.get().map_or(0, Index::memory_usage)
    }
}

/// How many articles are sketched while the chunk before them is added; bounds the fingerprints waiting.
const MAX_SKETCHED: usize = 256;

/// Compares two texts without a collection, as [`Detector::compare`] does if the two are the whole
/// collection.
///
/// A text without words, or of 4 GiB or more, is unrelated to every text, even itself, where
/// [`Detector::compare`] returns an error. Linear in the lengths of the texts.
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
    // Which of two printings leads must not depend on their sides.
    let ids = if left <= right { ["one", "two"] } else { ["two", "one"] };
    let articles = [Article::new(ids[0], left), Article::new(ids[1], right)];
    let mut detector = Detector::new();
    let are_added = articles.iter().all(|&article| detector.insert(article).is_ok());
    let compared = are_added.then(|| detector.compare(&articles[0], &articles[1]).ok()).flatten();
    let nothing = || Comparison::new(left, right, Evidence::default(), &Cuts::DEFAULT);
    compared.unwrap_or_else(nothing)
}
