//! The steps that depend on the settings of a detector.

use std::ops::Range;

use super::{Block, Links, Printings, Surroundings, Survey, without};
use crate::corpus::article::Article;
use crate::corpus::collection::{Articles, Kept};
use crate::corpus::fingerprint::Sketcher;
use crate::engine::around::{CHUNK, Chunks, FoundChunk, WeighedChunk};
use crate::engine::ranked::RankedArticles;
use crate::engine::reprints::Reprint;
use crate::engine::settings::{Settings, sketch};
use crate::engine::verification::edge_at;
use crate::error::{Error, ErrorKind, must_be};
use crate::families::cluster::Edge;
use crate::families::family::Families;
use crate::parallel;

/// The steps of a job with certain settings, from [`DetectorBuilder::steps`](crate::DetectorBuilder::steps).
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    settings: Settings,
}

impl Steps {
    pub(crate) fn new(settings: Settings) -> Self {
        Steps { settings }
    }

    /// Sketches articles in parallel, and numbers them from 0 on. An article that cannot be used is left out
    /// and gives an error; the others are unaffected. Linear in the texts.
    ///
    /// The errors are [`NoWords`](ErrorKind::NoWords), [`TooLong`](ErrorKind::TooLong) and
    /// [`LongId`](ErrorKind::LongId).
    pub fn sketch(&self, articles: &[Article<'_>]) -> (Block, Vec<Error>) {
        let level = self.settings.level;
        let sketch =
            |sketcher: &mut Sketcher, article: &Article<'_>| sketch(level, sketcher, article);
        let (mut sketched, mut errors) = (Articles::default(), Vec::new());
        let fingerprints = parallel::map(articles, Sketcher::new, sketch);
        for (article, fingerprint) in articles.iter().zip(fingerprints) {
            match fingerprint {
                Ok(fingerprint) => sketched.push(&Kept::new(article, &fingerprint)),
                Err(error) => errors.push(error),
            }
        }
        let numbers = (0..sketched.len() as u32).collect();
        (Block { articles: sketched, numbers }, errors)
    }

    /// Compares the leaders of the ranks `own` with the leaders around them, and judges the pairs. A pair
    /// that both find is judged where the lower rank is an own one, one that only the higher finds where
    /// that is.
    ///
    /// `leaders` and `around` have `own` and the [others](Surroundings::others) around them. Linear in their
    /// articles and candidates.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] where one of these is missing, [`ErrorKind::Full`] for more articles than one
    /// index holds.
    pub fn judge(
        &self,
        own: Range<u32>,
        leaders: &Block,
        around: &Surroundings,
        survey: &Survey,
    ) -> Result<Links, Error> {
        let rows = rows_around(leaders, around)?;
        let is_missing = |rank: &u32| leaders.position(*rank).is_none();
        let own_around = around.select(|rank| own.contains(&rank));
        let missing = own
            .clone()
            .find(is_missing)
            .or_else(|| own_around.others().into_iter().find(is_missing));
        if let Some(rank) = missing {
            return Err(without("leaders", rank));
        }
        let (ranked, weighed) = weighed((leaders, &[]), (around, &rows), survey)?;
        let articles = &leaders.articles;
        let is_own = |position: u32| own.contains(&leaders.numbers[position as usize]);
        let found = |(): &mut (), chunk: &&[u32]| {
            let mut found = FoundChunk::default();
            for &position in *chunk {
                let row = rows[position as usize];
                // Of the leaders around an own one only what they find of those matters.
                let on_hand = |rank: u32| {
                    let other = leaders.position(rank)?;
                    (is_own(position) || is_own(other)).then_some(other)
                };
                let near = around.found.near.of(row).iter().filter_map(|&rank| on_hand(rank));
                let parts = around.found.parts.of(row).iter();
                let parts = parts.filter_map(|&(shared, rank)| Some((shared, on_hand(rank)?)));
                found.push(position, (near, parts), |shared, part| {
                    ranked.contains(articles, position, (shared, part))
                });
            }
            found
        };
        let positions: Vec<u32> = (0..leaders.len() as u32).collect();
        let chunks: Vec<&[u32]> = positions.chunks(CHUNK).collect();
        let found = Chunks(parallel::map(&chunks, || (), found));
        let first = leaders.numbers.partition_point(|&rank| rank < own.start) as u32;
        let positions = first..first + own.len() as u32;
        let cuts = &self.settings.cuts;
        let compared = ranked.compare(articles, &weighed, (positions, &found), cuts);
        let edges =
            ranked.judge(articles, &compared, |a, b, evidence| edge_at(cuts, a, b, evidence));
        Ok(by_rank(leaders, edges, compared.iter().map(|compared| compared.pair).collect()))
    }

    /// Judges pairs of leaders, the lower rank first and in order, whether or not they are around each other.
    /// `leaders` and `around` have those of all pairs. Linear in these and the pairs.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] where a leader is missing or a pair out of order, [`ErrorKind::Full`] for more
    /// articles than one index holds.
    pub fn verify(
        &self,
        pairs: &[(u32, u32)],
        leaders: &Block,
        around: &Surroundings,
        survey: &Survey,
    ) -> Result<Links, Error> {
        let is_in_order = pairs.iter().all(|(a, b)| a < b) && pairs.is_sorted();
        must_be(is_in_order, "pairs", "in order, the lower rank first", "in another order")?;
        let rows = rows_around(leaders, around)?;
        let pairs = pairs.iter().map(|&(a, b)| Ok((position(leaders, a)?, position(leaders, b)?)));
        let pairs = pairs.collect::<Result<Vec<(u32, u32)>, Error>>()?;
        let (ranked, _) = weighed((leaders, &[]), (around, &rows), survey)?;
        let cuts = &self.settings.cuts;
        let edge = |a, b, evidence| edge_at(cuts, a, b, evidence);
        let edges = ranked.verify(&leaders.articles, &pairs, edge);
        Ok(by_rank(leaders, edges, pairs))
    }

    /// The families of some articles, under their ranks, that no link and no printing connects with others;
    /// without their series. [`Printings::families`] puts those of all together.
    ///
    /// `printings` are those of all articles. `around` has the leaders of the block, `links` their links:
    /// those of [`Steps::judge`] and of [`Steps::verify`]. Linear in the articles and their links.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] where an article is missing, [`ErrorKind::Full`] for more articles than one
    /// index holds.
    pub fn families(
        &self,
        block: &Block,
        around: &Surroundings,
        printings: &Printings,
        links: &Links,
        survey: &Survey,
    ) -> Result<Families, Error> {
        printings.must_have_leaders(survey.leaders())?;
        let reprint = |&rank: &u32| {
            let reprint = printings.reprint(rank).filter(|_| rank >= survey.leaders());
            let reprint = reprint.ok_or(ErrorKind::Setting {
                name: "block",
                expected: "of articles that the printings cover",
                found: format!("of rank {rank}"),
            })?;
            Ok(Reprint { of: position(block, reprint.of)?, ..reprint })
        };
        let leaders = block.select(|rank| rank < survey.leaders());
        let reprints = block.numbers[leaders.len()..].iter().map(reprint);
        let reprints = reprints.collect::<Result<Vec<Reprint>, Error>>()?;
        let rows = rows_around(&leaders, around)?;
        let edge = |edge: &Edge| {
            Ok(Edge { a: position(&leaders, edge.a)?, b: position(&leaders, edge.b)?, ..*edge })
        };
        let edges = links.edges.iter().map(edge).collect::<Result<Vec<Edge>, Error>>()?;
        let (ranked, _) = weighed((block, &reprints), (around, &rows), survey)?;
        let families = ranked.families(&block.articles, edges, &self.settings);
        let (level, articles) = (self.settings.level, block.len());
        Ok(Families { level, families, series: Vec::new(), articles })
    }
}

/// The row of each leader in its surroundings.
fn rows_around(leaders: &Block, around: &Surroundings) -> Result<Vec<usize>, Error> {
    let row = |rank: &u32| around.ranks.binary_search(rank).map_err(|_| without("around", *rank));
    leaders.numbers.iter().map(row).collect()
}

/// The position of a rank in a block.
fn position(block: &Block, rank: u32) -> Result<u32, Error> {
    block.position(rank).ok_or_else(|| without("block", rank))
}

/// Weighs the articles of a block, whose last ones follow others, by the survey and what surrounds them.
fn weighed(
    (block, reprints): (&Block, &[Reprint]),
    (around, rows): (&Surroundings, &[usize]),
    survey: &Survey,
) -> Result<(RankedArticles, Chunks<WeighedChunk>), Error> {
    block.must_fit()?;
    let numbers = (0..block.len() as u32).collect();
    let counts = survey.counts.clone();
    let (mut ranked, weighed) =
        RankedArticles::weighed(&block.articles, numbers, reprints.to_vec(), counts);
    let densities: Vec<f32> = rows.iter().map(|&row| around.found.densities[row]).collect();
    ranked.set_densities(&block.articles, &densities);
    Ok((ranked, weighed))
}

/// Links by position in a block as links by rank.
fn by_rank(block: &Block, edges: Vec<Edge>, compared: Vec<(u32, u32)>) -> Links {
    let rank = |position: u32| block.numbers[position as usize];
    let edge = |edge: Edge| Edge { a: rank(edge.a), b: rank(edge.b), ..edge };
    let pair = |(a, b)| (rank(a), rank(b));
    Links {
        edges: edges.into_iter().map(edge).collect(),
        compared: compared.into_iter().map(pair).collect(),
    }
}
