//! Reprints: which articles are printings of one text, and which of them leads.
//!
//! Takes the sketches of articles in their canonical order; gives each the article that it *follows*. What
//! comes after (word counts, boilerplate, candidates, scores) sees leaders alone. So a wire that ten
//! thousand papers print counts once, fills no list, and costs no more an article than ten thousand
//! different texts.
//!
//! * A text that is most of another one's words, a *copy*, follows that one: the best of those before it.
//! * A text that shares only a quarter of its phrases with a leader, a heavy edit, follows the leader. It is
//!   still listed, so that its own copies find it.
//! * Any other text leads.
//!
//! Each article is compared with the one that it follows itself, and likeness is passed on by two steps at
//! most: a copy of an edit of a leader. Another text with the same words follows the first with them.
//!
//! The least [`MAX_LISTED`] shingle hashes of each leader and edit are listed, and a text is compared with
//! those that share [`MIN_SHARED`] of its own. At a Jaccard similarity of 0.25 that misses one leader in a
//! thousand, at 0.4 one in a million. Leaders stand first in each list and are all read; of edits a bounded
//! number is, shortest lists first. Copies are in no list, so the cost is linear in the articles, however
//! many print one text.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use ahash::RandomState;

use crate::candidates::mix;
use crate::kernel::RadixSort;
use crate::score::evidence::containment;
use crate::score::relation::{Cuts, Level};
use crate::score::reprint::{Printed, Printing, printing};
use crate::sketch::bottomk::Overlap;

/// The most shingle hashes that a text is listed under: its least.
const MAX_LISTED: usize = 32;

/// How many of them two texts share at least to be compared. A text with fewer shares all.
const MIN_SHARED: u16 = 2;

/// The most entries of leaders, and then of edits, that are read for one text, shortest lists first. Of a
/// frame that thousands of forms are filled in the lists are longer; those of a filling are not.
const MAX_READ: usize = 4096;

/// The most leaders, and the most edits, that one text is compared with: those that share most.
const MAX_COMPARED: usize = 32;

/// What an article follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reprint {
    /// The rank of the article that it was compared with and follows; its own for a leader.
    pub(crate) of: u32,
    /// Whether it only shares a notice with that one, and tells no story with it.
    pub(crate) is_notice: bool,
    /// Whether it is a heavy edit of it, which is listed for its own copies.
    pub(crate) is_edit: bool,
}

/// What all articles follow, by rank.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reprints {
    pub(crate) all: Vec<Reprint>,
    /// How many list entries and comparisons the bounds left out.
    pub(crate) not_compared: u64,
}

impl Reprints {
    /// Groups `count` articles in their canonical order. Linear in the articles.
    pub(crate) fn find<'a>(count: u32, printed: impl Fn(u32) -> Printed<'a>) -> Self {
        let (mut all, distinct) = same_words(count, &printed);
        let mut lists = Lists::new(&distinct, &printed);
        for (at, &rank) in (0u32..).zip(&distinct) {
            let found = if lists.shares(at) {
                let article = printed(rank);
                lists.find_candidates(at, article.sample.values.len());
                let of = |candidates: &[u32], least: f32| {
                    let ranks = candidates.iter().map(|&other| distinct[other as usize]);
                    best_printing(&article, ranks, least, &printed)
                };
                let copy = Cuts::DEFAULT.of(Level::Copy);
                let [leaders, edits] = &lists.candidates;
                let copied = [of(leaders, copy), of(edits, copy)].into_iter().flatten();
                // The best copy, of equals the first; else the leader that shares most.
                let copied = copied.max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)));
                copied.map(|found| (found, true)).or_else(|| Some((of(leaders, 0.0)?, false)))
            } else {
                None
            };
            match found {
                Some(((_, other), is_copy)) => {
                    all[rank as usize] = Reprint { of: other, is_edit: !is_copy, is_notice: false };
                    if !is_copy {
                        lists.list_edit(at);
                    }
                }
                None => lists.list_leader(at),
            }
        }
        Reprints { all, not_compared: lists.not_compared }
    }

    /// The rank of the leader at the end of an article's chain.
    pub(crate) fn leader(&self, mut rank: u32) -> u32 {
        while self.all[rank as usize].of != rank {
            rank = self.all[rank as usize].of;
        }
        rank
    }
}

/// Of some articles the one whose printing an article is, with their Jaccard similarity: the one that shares
/// most, of equals the first. `least` is the containment that it must reach.
fn best_printing<'a>(
    article: &Printed<'_>,
    others: impl Iterator<Item = u32>,
    least: f32,
    printed: &impl Fn(u32) -> Printed<'a>,
) -> Option<(f64, u32)> {
    let mut best: Option<(f64, u32)> = None;
    for rank in others {
        let other = printed(rank);
        let phrases = other.sample.overlap_visiting(article.sample, |_| ());
        let jaccard = phrases.jaccard();
        let is_better =
            best.is_none_or(|(most, first)| jaccard > most || jaccard == most && rank < first);
        let is_printing = || printing(&other, article, &phrases) == Some(Printing::Reprint);
        if is_better && containment(&phrases) >= least && is_printing() {
            best = Some((jaccard, rank));
        }
    }
    best
}

/// Lets articles follow the first one with the same words, and lists those first ones.
fn same_words<'a>(count: u32, printed: &impl Fn(u32) -> Printed<'a>) -> (Vec<Reprint>, Vec<u32>) {
    let alone = |of| Reprint { of, is_notice: false, is_edit: false };
    let mut all: Vec<Reprint> = (0..count).map(alone).collect();
    let mut first: HashMap<u64, u32, RandomState> = HashMap::default();
    let mut distinct = Vec::new();
    for rank in 0..count {
        let article = printed(rank);
        match first.entry(article.content) {
            Entry::Vacant(free) => {
                free.insert(rank);
                distinct.push(rank);
            }
            Entry::Occupied(same) => {
                let of = *same.get();
                let other = printed(of);
                if other.words == article.words {
                    let found = printing(&other, &article, &Overlap::default());
                    let is_notice = found == Some(Printing::Form);
                    all[rank as usize] = Reprint { of, is_notice, is_edit: false };
                } else {
                    // Another text of the same hash.
                    distinct.push(rank);
                }
            }
        }
    }
    (all, distinct)
}

/// The texts that have each shingle hash, of which leaders and edits are read.
struct Lists {
    /// The texts of one list after another. The first of each are its leaders, the next its edits.
    texts: Vec<u32>,
    starts: Vec<u32>,
    leaders: Vec<u32>,
    edits: Vec<u32>,
    /// The lists of each text that others have as well.
    of_text: Vec<u32>,
    ends: Vec<u32>,
    /// How many lists each text shares with the one that is looked up; all zero between look-ups.
    counts: Vec<u16>,
    /// The leaders, and the edits, of the last look-up.
    candidates: [Vec<u32>; 2],
    not_compared: u64,
}

impl Lists {
    fn new<'a>(distinct: &[u32], printed: &impl Fn(u32) -> Printed<'a>) -> Self {
        let mut pairs: Vec<u64> = Vec::with_capacity(distinct.len() * MAX_LISTED);
        for (at, &rank) in (0u64..).zip(distinct) {
            let values = printed(rank).sample.values;
            let listed = values[..values.len().min(MAX_LISTED)].iter();
            pairs.extend(listed.map(|&hash| u64::from(mix(hash)) << u32::BITS | at));
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
        let (leaders, edits, counts) = (lens.clone(), lens, vec![0; distinct.len()]);
        let candidates = Default::default();
        Lists { texts, starts, leaders, edits, of_text, ends, counts, candidates, not_compared: 0 }
    }

    fn lists_of(&self, text: u32) -> Range<usize> {
        let start = text.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        start as usize..self.ends[text as usize] as usize
    }

    /// Whether a text has a hash that another one has.
    fn shares(&self, text: u32) -> bool {
        !self.lists_of(text).is_empty()
    }

    /// Finds the leaders and the edits that share enough with a text of so many sampled shingles, those
    /// that share most first.
    fn find_candidates(&mut self, text: u32, values: usize) {
        let lists = self.lists_of(text);
        let Lists {
            texts, starts, leaders, edits, of_text, counts, candidates, not_compared, ..
        } = self;
        let lists = &mut of_text[lists];
        let least = MIN_SHARED.min(values as u16);
        for (kind, found) in candidates.iter_mut().enumerate() {
            let span = |&list: &u32| {
                let (start, leaders) = (starts[list as usize], leaders[list as usize]);
                match kind {
                    0 => start..start + leaders,
                    _ => start + leaders..start + leaders + edits[list as usize],
                }
            };
            lists.sort_unstable_by_key(|list| span(list).len());
            found.clear();
            let mut read = 0;
            for span in lists.iter().map(span) {
                read += span.len();
                if read > MAX_READ {
                    *not_compared += span.len() as u64;
                    continue;
                }
                for &other in &texts[span.start as usize..span.end as usize] {
                    counts[other as usize] += 1;
                    if counts[other as usize] == least {
                        found.push(other);
                    }
                }
            }
            found.sort_unstable_by_key(|&other| (u16::MAX - counts[other as usize], other));
            *not_compared += found.len().saturating_sub(MAX_COMPARED) as u64;
            found.truncate(MAX_COMPARED);
            let mut read = 0;
            for span in lists.iter().map(span) {
                read += span.len();
                if read <= MAX_READ {
                    let texts = &texts[span.start as usize..span.end as usize];
                    texts.iter().for_each(|&other| counts[other as usize] = 0);
                }
            }
        }
    }

    /// Lists a text as a leader, after all texts before it.
    fn list_leader(&mut self, text: u32) {
        for list in self.of_text[self.lists_of(text)].iter().map(|&list| list as usize) {
            let first = self.starts[list] + self.leaders[list];
            // The first edit makes room.
            self.texts[(first + self.edits[list]) as usize] = self.texts[first as usize];
            self.texts[first as usize] = text;
            self.leaders[list] += 1;
        }
    }

    /// Lists a text as an edit, after all texts before it.
    fn list_edit(&mut self, text: u32) {
        for list in self.of_text[self.lists_of(text)].iter().map(|&list| list as usize) {
            let end = self.starts[list] + self.leaders[list] + self.edits[list];
            self.texts[end as usize] = text;
            self.edits[list] += 1;
        }
    }
}
