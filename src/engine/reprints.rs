//! Reprints: which articles are printings of one text, and which of them leads.
//!
//! Takes the sketches of articles in their canonical order; gives each its *leader*. What follows (word
//! counts, boilerplate, candidates, scores) sees leaders alone. So a wire that ten thousand papers
//! print counts once, fills no list, and costs no more an article than ten thousand different texts.
//!
//! The first article in the order that reprints none before it leads; where several leaders fit, the
//! one that shares most. Each member is compared with its leader itself: nothing is passed on along a
//! chain.
//!
//! The least [`MAX_LISTED`] shingle hashes of each leader are listed, and a text is compared with the
//! leaders that share [`MIN_SHARED`] of its own. At a Jaccard similarity of 0.25 that misses one pair
//! in a thousand, at 0.4 one in a million. The lists are compacted to leaders while the texts pass, so
//! the cost is linear in the articles, however many print one text.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ahash::RandomState;

use crate::corpus::collection::Kept;
use crate::kernel::RadixSort;
use crate::score::reprint::{Printing, printing};
use crate::sketch::bottomk::Overlap;

/// The most shingle hashes that a text is listed under: its least.
const MAX_LISTED: usize = 32;

/// How many of them two texts share at least to be compared. A text with fewer shares all.
const MIN_SHARED: u16 = 2;

/// The most entries that are read for one text, of its shortest lists. Of a frame that thousands of
/// forms are filled in, the lists are longer: those of the filling itself are not.
const MAX_READ: usize = 4096;

/// The most leaders that one text is compared with: those that share most with it.
const MAX_COMPARED: usize = 32;

/// The group of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reprint {
    /// The rank of the leader; its own for a leader.
    pub(crate) leader: u32,
    /// Whether it only shares a notice with the leader, and tells no story with it.
    pub(crate) is_notice: bool,
}

/// The groups of all articles, by rank.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reprints {
    pub(crate) groups: Vec<Reprint>,
    /// How many list entries and comparisons the bounds left out.
    pub(crate) not_looked_at: u64,
}

impl Reprints {
    /// Groups `count` articles in their canonical order. Linear in the articles.
    pub(crate) fn find<'a>(count: u32, kept: impl Fn(u32) -> Kept<'a>) -> Self {
        let (mut groups, distinct) = same_words(count, &kept);
        let mut lists = Lists::new(&distinct, &kept);
        let mut not_looked_at = 0;
        for (at, &rank) in (0u32..).zip(&distinct) {
            let mut best: Option<(f64, u32)> = None;
            if lists.shares(at) {
                let article = kept(rank);
                let (candidates, left_out) = lists.candidates(at, article.sample.values.len());
                not_looked_at += left_out;
                for &other in candidates {
                    let leader = distinct[other as usize];
                    let other = kept(leader);
                    let phrases = other.sample.overlap_visiting(article.sample, |_| ());
                    let jaccard = phrases.jaccard();
                    let is_better = best.is_none_or(|(most, first)| {
                        jaccard > most || jaccard == most && leader < first
                    });
                    if is_better
                        && printing(&other.printed(), &article.printed(), &phrases)
                            == Some(Printing::Reprint)
                    {
                        best = Some((jaccard, leader));
                    }
                }
            }
            match best {
                Some((_, leader)) => groups[rank as usize].leader = leader,
                None => lists.list(at),
            }
        }
        for rank in 0..groups.len() {
            // The first with the same words may follow a leader itself.
            groups[rank].leader = groups[groups[rank].leader as usize].leader;
        }
        Reprints { groups, not_looked_at }
    }
}

/// Groups the articles with the same words, and lists the first of each.
fn same_words<'a>(count: u32, kept: &impl Fn(u32) -> Kept<'a>) -> (Vec<Reprint>, Vec<u32>) {
    let alone = |leader| Reprint { leader, is_notice: false };
    let mut groups: Vec<Reprint> = (0..count).map(alone).collect();
    let mut first: HashMap<u64, u32, RandomState> = HashMap::default();
    let mut distinct = Vec::new();
    for rank in 0..count {
        let article = kept(rank);
        match first.entry(article.content) {
            Entry::Vacant(free) => {
                free.insert(rank);
                distinct.push(rank);
            }
            Entry::Occupied(same) => {
                let first = kept(*same.get());
                if first.words == article.words {
                    let found = printing(&first.printed(), &article.printed(), &Overlap::default());
                    let is_notice = found == Some(Printing::Form);
                    groups[rank as usize] = Reprint { leader: *same.get(), is_notice };
                } else {
                    // Another text of the same hash.
                    distinct.push(rank);
                }
            }
        }
    }
    (groups, distinct)
}

/// The texts that have each shingle hash, of which only leaders are read.
struct Lists {
    /// The texts of one list after another, where the first [`Lists::lens`] of each are its leaders.
    texts: Vec<u32>,
    starts: Vec<u32>,
    lens: Vec<u32>,
    /// The lists of each text that others have as well.
    of_text: Vec<u32>,
    ends: Vec<u32>,
    counts: Vec<u16>,
    found: Vec<u32>,
}

impl Lists {
    fn new<'a>(distinct: &[u32], kept: &impl Fn(u32) -> Kept<'a>) -> Self {
        let listed = |rank: u32| {
            let values = kept(rank).sample.values;
            values[..values.len().min(MAX_LISTED)].iter().copied()
        };
        let mut pairs: Vec<u64> = Vec::with_capacity(distinct.len() * MAX_LISTED);
        for (at, &rank) in (0u64..).zip(distinct) {
            pairs.extend(listed(rank).map(|hash| u64::from(mix(hash)) << u32::BITS | at));
        }
        // The texts rise within each hash.
        RadixSort::default().sort(&mut pairs, u32::BITS);
        let (mut texts, mut starts) = (Vec::new(), Vec::new());
        let mut ends = vec![0u32; distinct.len()];
        for list in pairs.chunk_by(|one, two| one >> u32::BITS == two >> u32::BITS) {
            if list.len() > 1 {
                starts.push(texts.len() as u32);
                texts.extend(list.iter().map(|&pair| pair as u32));
                list.iter().for_each(|&pair| ends[pair as u32 as usize] += 1);
            }
        }
        drop(pairs);
        let mut end = 0;
        for of_one in &mut ends {
            end += std::mem::replace(of_one, end);
        }
        let mut of_text = vec![0; end as usize];
        let list_ends = starts.iter().skip(1).copied().chain([texts.len() as u32]);
        for ((list, &start), last) in (0u32..).zip(&starts).zip(list_ends) {
            for &text in &texts[start as usize..last as usize] {
                let place = &mut ends[text as usize];
                of_text[*place as usize] = list;
                *place += 1;
            }
        }
        let lens = vec![0; starts.len()];
        let counts = vec![0; distinct.len()];
        Lists { texts, starts, lens, of_text, ends, counts, found: Vec::new() }
    }

    fn range(&self, text: u32) -> std::ops::Range<usize> {
        let start = text.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        start as usize..self.ends[text as usize] as usize
    }

    /// Whether a text has a hash that another one has.
    fn shares(&self, text: u32) -> bool {
        !self.range(text).is_empty()
    }

    /// The leaders that share enough with a text, those that share most first, and how much was not looked
    /// at.
    fn candidates(&mut self, text: u32, values: usize) -> (&[u32], u64) {
        let range = self.range(text);
        let Lists { texts, starts, lens, of_text, counts, found, .. } = self;
        let lists = &mut of_text[range];
        lists.sort_unstable_by_key(|&list| lens[list as usize]);
        found.clear();
        let (mut read, mut not_looked_at) = (0, 0u64);
        for list in lists.iter().map(|&list| list as usize) {
            let len = lens[list] as usize;
            if read + len > MAX_READ {
                not_looked_at += len as u64;
                continue;
            }
            read += len;
            for &other in &texts[starts[list] as usize..][..len] {
                counts[other as usize] += 1;
                if counts[other as usize] == 1 {
                    found.push(other);
                }
            }
        }
        let least = MIN_SHARED.min(values as u16);
        let mut ordered: Vec<(u16, u32)> =
            found.iter().map(|&other| (u16::MAX - counts[other as usize], other)).collect();
        found.iter().for_each(|&other| counts[other as usize] = 0);
        ordered.retain(|&(lacking, _)| u16::MAX - lacking >= least);
        ordered.sort_unstable();
        not_looked_at += ordered.len().saturating_sub(MAX_COMPARED) as u64;
        found.clear();
        found.extend(ordered.iter().take(MAX_COMPARED).map(|&(_, other)| other));
        (found, not_looked_at)
    }

    /// Lists a text as a leader, after all before it.
    fn list(&mut self, text: u32) {
        for list in self.of_text[self.range(text)].iter().map(|&list| list as usize) {
            self.texts[(self.starts[list] + self.lens[list]) as usize] = text;
            self.lens[list] += 1;
        }
    }
}

/// Mixes the hashes, which are the least of many, over all values; no two become the same.
fn mix(hash: u32) -> u32 {
    hash.wrapping_mul(0x9e37_79b1).rotate_left(16).wrapping_mul(0x85eb_ca6b)
}
