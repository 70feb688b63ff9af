//! What look-ups found around each leader, and which pairs of leaders are verified.

use std::ops::Range;

use super::{Block, ShingleLists, Survey, must_hold, open, start, without};
use crate::candidates::{CandidateIndex, Ranks};
use crate::engine::around::{Lists, LookUps, Surveyed};
use crate::engine::ranked::{RankedArticles, by_chunks};
use crate::engine::verification::neighbours_of_neighbours;
use crate::error::{Error, ErrorKind, must_be};
use crate::families::cluster::Edge;
use crate::score::relation::Level;
use crate::sketch::codec::{Reader, put_column};

const AROUND: &[u8; 4] = b"rtAR";
const LINKS: &[u8; 4] = b"rtLK";

/// What is around some leaders: how crowded the neighbourhood of each is, and which others are worth a
/// comparison with it.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Rising.
    pub(super) ranks: Vec<u32>,
    pub(super) found: LookUps,
}

impl Surroundings {
    /// Looks around from the leaders of the ranks `own`. `halo` has at least the leaders of their
    /// [halo](Survey::halo), and `lists` at least [those of `own`](ShingleLists::cut).
    ///
    /// Linear in the halo, `lists` and the candidates. It takes two bytes for each leader of the collection
    /// on each thread.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] where a leader of the halo is missing or a list has a rank that the survey does
    /// not count, [`ErrorKind::Full`] for a halo of more articles than one index holds.
    pub fn look(
        own: Range<u32>,
        halo: &Block,
        lists: &ShingleLists,
        survey: &Survey,
    ) -> Result<Surroundings, Error> {
        let [first, second] = survey.halo(&own)?;
        let is_listed = |&pair: &u64| (pair as u32) < survey.leaders();
        must_be(
            lists.pairs.iter().all(is_listed),
            "lists",
            "of leaders that the survey counts",
            "of others",
        )?;
        let on_hand = halo.select(|rank| first.contains(&rank) || second.contains(&rank));
        on_hand.must_fit()?;
        let ranks = Ranks::new(first, second);
        let missing =
            (0..ranks.len()).find(|&at| on_hand.numbers.get(at as usize) != Some(&ranks.rank(at)));
        if let Some(at) = missing {
            return Err(without("halo", ranks.rank(at)));
        }
        let articles = &on_hand.articles;
        let rows = (0..on_hand.len() as u32).collect();
        let (ranked, weighed) =
            RankedArticles::weighed(articles, rows, Vec::new(), survey.counts.clone());
        let words = (0..ranks.len()).map(|at| (ranks.rank(at), weighed.distinctive(at)));
        let candidates = CandidateIndex::of_halo(survey.days(), words, lists.pairs.clone());
        let surveyed = Surveyed {
            articles,
            ranked: &ranked,
            weighed: &weighed,
            candidates: &candidates,
            places: None,
            listed: &candidates.listed_hashes(),
            ranks: &ranks,
        };
        // An empty run has no halo.
        let positions = if own.is_empty() {
            0..0
        } else {
            ranks.position(own.start)..ranks.position(own.end - 1) + 1
        };
        let chunks = by_chunks(positions, Default::default, |buffers, positions| {
            surveyed.look_around(positions, buffers)
        });
        let mut all = Surroundings { ranks: own.collect(), found: LookUps::default() };
        chunks.iter().try_for_each(|chunk| all.add(chunk, 0..chunk.densities.len()))?;
        Ok(all)
    }

    /// Adds what was found around the articles at some positions of `others`; their ranks are in already.
    fn add(
        &mut self,
        others: &LookUps,
        positions: impl Iterator<Item = usize>,
    ) -> Result<(), Error> {
        let LookUps { densities, near, parts } = &mut self.found;
        for position in positions {
            densities.push(others.densities[position]);
            near.push(others.near.of(position).iter().copied());
            parts.push(others.parts.of(position).iter().copied());
        }
        let is_full = near.values.len().max(parts.values.len()) > u32::MAX as usize;
        must_hold(!is_full, || ErrorKind::Full { documents: self.ranks.len() })
    }

    /// What is around the leaders of all parts, by rank; of two of one rank the first.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] for more than 67 million leaders.
    pub fn joined(parts: &[Surroundings]) -> Result<Surroundings, Error> {
        let rows = |part: &'_ Surroundings| part.ranks.clone().into_iter().enumerate();
        let mut rows: Vec<(u32, usize, usize)> = (0..parts.len())
            .flat_map(|part| rows(&parts[part]).map(move |(row, rank)| (rank, part, row)))
            .collect();
        rows.sort_unstable();
        rows.dedup_by_key(|&mut (rank, ..)| rank);
        let ranks = rows.iter().map(|row| row.0).collect();
        let mut all = Surroundings { ranks, found: LookUps::default() };
        rows.iter().try_for_each(|&(_, part, row)| all.add(&parts[part].found, row..row + 1))?;
        Ok(all)
    }

    /// What is around the leaders whose ranks `keep` accepts.
    pub fn select(&self, keep: impl Fn(u32) -> bool) -> Surroundings {
        let rows = || self.ranks.iter().enumerate().filter(|&(_, &rank)| keep(rank));
        let ranks = rows().map(|(_, &rank)| rank).collect();
        let mut selected = Surroundings { ranks, found: LookUps::default() };
        // No more than there was.
        let _ = selected.add(&self.found, rows().map(|(row, _)| row));
        selected
    }

    /// The ranks of the leaders that these are to be compared with, rising.
    pub fn others(&self) -> Vec<u32> {
        let parts = self.found.parts.values.iter().map(|&(_, part)| part);
        let mut others: Vec<u32> = self.found.near.values.iter().copied().chain(parts).collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// The ranks of the leaders, rising.
    pub fn ranks(&self) -> &[u32] {
        &self.ranks
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let LookUps { densities, near, parts } = &self.found;
        let mut bytes = start(AROUND);
        put_column(&mut bytes, self.ranks.iter().copied());
        put_column(&mut bytes, densities.iter().map(|density| density.to_bits()));
        put_column(&mut bytes, near.values.iter().copied());
        put_column(&mut bytes, near.ends.iter().copied());
        put_column(&mut bytes, parts.values.iter().map(|&(_, part)| part));
        put_column(&mut bytes, parts.values.iter().map(|&(shared, _)| shared));
        put_column(&mut bytes, parts.ends.iter().copied());
        bytes
    }

    /// Reads [`Surroundings::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no surroundings.
    pub fn from_bytes(bytes: &[u8]) -> Result<Surroundings, Error> {
        let mut reader = open("table of surroundings", AROUND, bytes)?;
        let (ranks, densities): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let near = Lists { values: reader.column()?, ends: reader.column()? };
        let (others, shared): (Vec<u32>, Vec<u16>) = (reader.column()?, reader.column()?);
        let ends: Vec<u32> = reader.column()?;
        let are_ends = |ends: &[u32], values: usize| {
            ends.len() == ranks.len()
                && ends.is_sorted()
                && ends.last().map_or(0, |&end| end as usize) == values
        };
        let densities: Vec<f32> = densities.into_iter().map(f32::from_bits).collect();
        let makes_sense = ranks.is_sorted_by(|one, two| one < two)
            && densities.len() == ranks.len()
            && densities.iter().all(|density| density.is_finite())
            && are_ends(&near.ends, near.values.len())
            && are_ends(&ends, others.len())
            && shared.len() == others.len();
        reader.finish(makes_sense)?;
        let parts = Lists { values: shared.into_iter().zip(others).collect(), ends };
        Ok(Surroundings { ranks, found: LookUps { densities, near, parts } })
    }
}

/// Verified pairs of leaders, by rank, and which pairs were compared to find them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Links {
    /// In order.
    pub(super) edges: Vec<Edge>,
    /// In order.
    pub(super) compared: Vec<(u32, u32)>,
}

impl Links {
    /// The links of all parts. Their order does not matter.
    pub fn merged(parts: &[Links]) -> Links {
        let mut edges: Vec<Edge> =
            parts.iter().flat_map(|part| part.edges.iter().copied()).collect();
        let mut compared: Vec<(u32, u32)> =
            parts.iter().flat_map(|part| &part.compared).copied().collect();
        // Sorted runs, which a stable sort merges.
        edges.sort_by_key(|edge| (edge.a, edge.b));
        edges.dedup_by_key(|edge| (edge.a, edge.b));
        compared.sort();
        compared.dedup();
        Links { edges, compared }
    }

    /// The links between two leaders that `keep` both accepts.
    pub fn select(&self, keep: impl Fn(u32) -> bool) -> Links {
        let edges = self.edges.iter().copied().filter(|edge| keep(edge.a) && keep(edge.b));
        let compared = self.compared.iter().copied().filter(|&(a, b)| keep(a) && keep(b));
        Links { edges: edges.collect(), compared: compared.collect() }
    }

    /// The pairs that are verified at any level, the lower rank first, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        self.edges.iter().map(|edge| (edge.a, edge.b))
    }

    /// The pairs to [verify](super::Steps::verify) further: two leaders with a link to the same third one
    /// that were not compared yet. In order. The links are those of all leaders, or all links of leaders that
    /// no link connects with others. `O(n log n)`.
    pub fn neighbours(&self) -> Vec<(u32, u32)> {
        neighbours_of_neighbours(&self.edges, &self.compared)
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = start(LINKS);
        put_column(&mut bytes, self.edges.iter().map(|edge| edge.a));
        put_column(&mut bytes, self.edges.iter().map(|edge| edge.b));
        put_column(&mut bytes, self.edges.iter().map(|edge| edge.level as u8));
        put_column(&mut bytes, self.edges.iter().map(|edge| edge.score.to_bits()));
        put_column(&mut bytes, self.compared.iter().map(|pair| pair.0));
        put_column(&mut bytes, self.compared.iter().map(|pair| pair.1));
        bytes
    }

    /// Reads [`Links::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no links.
    pub fn from_bytes(bytes: &[u8]) -> Result<Links, Error> {
        let mut reader = open("table of links", LINKS, bytes)?;
        let (edges, is_even) = pairs(&mut reader)?;
        let (levels, scores): (Vec<u8>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (compared, is_even_too) = pairs(&mut reader)?;
        let are_in_order = |pairs: &[(u32, u32)]| {
            pairs.iter().all(|(a, b)| a < b) && pairs.is_sorted_by(|one, two| one < two)
        };
        let makes_sense = is_even
            && is_even_too
            && (levels.len(), scores.len()) == (edges.len(), edges.len())
            && levels.iter().all(|&level| usize::from(level) < Level::ALL.len())
            && scores.iter().all(|&score| (0.0..=1.0).contains(&f32::from_bits(score)))
            && are_in_order(&edges)
            && are_in_order(&compared);
        reader.finish(makes_sense)?;
        let edge = |((a, b), (level, score)): ((u32, u32), (u8, u32))| Edge {
            a,
            b,
            level: Level::ALL[usize::from(level)],
            score: f32::from_bits(score),
        };
        let edges = edges.into_iter().zip(levels.into_iter().zip(scores)).map(edge).collect();
        Ok(Links { edges, compared })
    }
}

/// Reads two columns as pairs; and whether they have one length.
fn pairs(reader: &mut Reader<'_>) -> Result<(Vec<(u32, u32)>, bool), Error> {
    let (left, right): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
    let is_even = left.len() == right.len();
    Ok((left.into_iter().zip(right).collect(), is_even))
}
