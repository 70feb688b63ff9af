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
//! The same comparisons find the *series*: leaders that are fillings of one form, each with what follows it,
//! and notices that stand under several titles. Being of one form is passed on without a limit, since each
//! filling is compared with few others.
//!
//! The least [`MAX_LISTED`] shingle hashes of each leader and edit are listed, and a text is compared with
//! those that share [`MIN_SHARED`] of its own. At a Jaccard similarity of 0.25 that misses one leader in a
//! thousand, at 0.4 one in a million. The first filling of a form stands among the leaders, and the others
//! behind them, so that however many fillings share a frame, each new one finds the first. Leaders,
//! fillings and edits stand in this order in each list, and a bounded number of each is read, shortest lists
//! first. Copies are in no list, so the cost is linear in the articles, however many print one text.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use ahash::RandomState;

use crate::candidates::mix;
use crate::corpus::collection::Articles;
use crate::kernel::{RadixSort, prefetch};
use crate::score::evidence::containment;
use crate::score::relation::{Cuts, Level};
use crate::score::reprint::{Printed, Printing, printing};
use crate::sketch::bottomk::Overlap;

/// The most shingle hashes that a text is listed under: its least.
const MAX_LISTED: usize = 32;

/// How many of them two texts share at least to be compared. A text with fewer shares all.
const MIN_SHARED: u16 = 2;

/// The most entries of each [`Kind`] that are read for one text, shortest lists first. Of a frame that is
/// filled in a thousand times the lists of fillings are longer; those of what one filling has alone are not.
const MAX_READ: usize = 4096;

/// The most texts of each [`Kind`] that one text is compared with: those that share most.
const MAX_COMPARED: usize = 32;

/// How many articles ahead memory is prefetched where articles are read in turn.
const PREFETCH_DISTANCE: usize = 8;

/// Those of its sampled hashes that a text is listed under.
pub(super) fn listed_hashes(values: &[u32]) -> &[u32] {
    &values[..values.len().min(MAX_LISTED)]
}

/// What a listed text is; the order in each list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It leads, and is no filling of the form of a leader before it.
    Leader,
    /// It leads, and is a filling of a leader's form.
    Filling,
    /// It follows a leader and is no copy.
    Edit,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Leader, Kind::Filling, Kind::Edit];
}

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
    /// For each article one of its series, itself at last: see [`first_of_series`].
    in_series: Vec<u32>,
    /// How many list entries and comparisons the bounds left out.
    pub(crate) not_compared: u64,
}

impl Reprints {
    /// Groups the articles of some numbers, which are in their canonical order. Linear in the articles.
    pub(crate) fn find(articles: &Articles, order: &[u32]) -> Self {
        let ordered = Ordered { articles, order };
        let (mut all, distinct) = same_words(&ordered);
        let mut in_series: Vec<u32> = (0..order.len() as u32).collect();
        for (rank, reprint) in (0..).zip(&all).filter(|(_, reprint)| reprint.is_notice) {
            join_series(&mut in_series, rank, reprint.of);
        }
        let mut lists = Lists::new(&distinct, &ordered);
        for (at, rank) in (0u32..).zip(ordered.staged(distinct.iter().copied())) {
            lists.prefetch(at);
            ordered.prefetch(distinct.get(at as usize + 1).copied().into_iter());
            let mut like = Like::default();
            if lists.shares(at) {
                let article = ordered.printed(rank);
                lists.find_candidates(at, article.sample.values.len());
                let (candidates, distinct) = (&lists.candidates, &distinct);
                let others = |kind: Kind| {
                    let others = candidates[kind as usize].iter();
                    others.map(move |&other| (kind, distinct[other as usize]))
                };
                let others = Kind::ALL.into_iter().flat_map(others);
                ordered.prefetch(others.clone().map(|(_, other)| other));
                for (kind, other) in others {
                    like.compare(&article, (kind, other), &ordered.printed(other));
                }
            }
            let kind = match (like.copied, like.edited) {
                (Some((_, of)), _) => {
                    all[rank as usize].of = of;
                    continue;
                }
                (None, Some((_, of))) => {
                    all[rank as usize] = Reprint { of, is_notice: false, is_edit: true };
                    Kind::Edit
                }
                (None, None) => {
                    like.forms.iter().for_each(|&(_, of)| join_series(&mut in_series, rank, of));
                    let is_filling = like.forms.iter().any(|&(kind, _)| kind == Kind::Leader);
                    if is_filling { Kind::Filling } else { Kind::Leader }
                }
            };
            lists.list(at, kind);
        }
        Reprints { all, in_series, not_compared: lists.not_compared }
    }

    /// The series: of each its fillings, each of them a leader with what follows it, or a notice under one
    /// title. All in the order of the ranks. Linear in the articles.
    pub(crate) fn series(mut self) -> Vec<Vec<Vec<u32>>> {
        let mut filling: Vec<u32> = Vec::with_capacity(self.all.len());
        for (rank, reprint) in (0u32..).zip(&self.all) {
            let leads = reprint.of == rank || reprint.is_notice;
            filling.push(if leads { rank } else { filling[reprint.of as usize] });
        }
        let mut ordered: Vec<(u32, u32, u32)> = (0u32..)
            .zip(filling)
            .map(|(rank, filling)| (first_of_series(&mut self.in_series, filling), filling, rank))
            .collect();
        ordered.sort_unstable();
        let of_one =
            ordered.chunk_by(|x, y| x.0 == y.0).filter(|all| all[0].1 != all[all.len() - 1].1);
        let fillings = of_one.map(|all| {
            let fillings = all.chunk_by(|x, y| x.1 == y.1);
            fillings.map(|filling| filling.iter().map(|&(.., rank)| rank).collect()).collect()
        });
        fillings.collect()
    }
}

/// Articles by rank.
struct Ordered<'a> {
    articles: &'a Articles,
    /// The number of each.
    order: &'a [u32],
}

impl<'a> Ordered<'a> {
    fn printed(&self, rank: u32) -> Printed<'a> {
        Printed::of(self.articles, self.order[rank as usize])
    }

    /// The same ranks; what each article's columns are found by is prefetched some articles ahead.
    fn staged(&self, ranks: impl Iterator<Item = u32> + Clone) -> impl Iterator<Item = u32> {
        let mut ahead = ranks.clone().skip(PREFETCH_DISTANCE);
        ranks.inspect(move |_| {
            if let Some(rank) = ahead.next() {
                self.articles.prefetch_facts(self.order[rank as usize]);
            }
        })
    }

    /// Prefetches what is compared of articles.
    fn prefetch(&self, ranks: impl Iterator<Item = u32> + Clone) {
        let numbers = ranks.map(|rank| self.order[rank as usize]);
        numbers.clone().for_each(|number| self.articles.prefetch_facts(number));
        numbers.for_each(|number| {
            prefetch(self.articles.sample(number).values);
            prefetch(self.articles.marks(number));
        });
    }
}

/// What an article is like among those that it is compared with.
#[derive(Default)]
struct Like {
    /// The article that it is a copy of, with their Jaccard similarity: the one that shares most, of equals
    /// the first.
    copied: Option<(f64, u32)>,
    /// The same of the leaders that it prints, copied or not.
    edited: Option<(f64, u32)>,
    /// The leaders that are fillings of one form with it.
    forms: Vec<(Kind, u32)>,
}

impl Like {
    fn compare(&mut self, article: &Printed<'_>, (kind, rank): (Kind, u32), other: &Printed<'_>) {
        let phrases = other.sample.overlap(article.sample);
        match printing(other, article, &phrases) {
            Some(Printing::Reprint) => {
                let jaccard = phrases.jaccard();
                let is_better = |best: Option<(f64, u32)>| {
                    best.is_none_or(|(most, first)| {
                        jaccard > most || jaccard == most && rank < first
                    })
                };
                let is_copy = containment(&phrases) >= Cuts::DEFAULT.of(Level::Copy);
                if is_copy && is_better(self.copied) {
                    self.copied = Some((jaccard, rank));
                }
                if kind != Kind::Edit && is_better(self.edited) {
                    self.edited = Some((jaccard, rank));
                }
            }
            Some(Printing::Form) if kind != Kind::Edit => self.forms.push((kind, rank)),
            _ => (),
        }
    }
}

/// The first article of a series, by a chain that is halved on the way: the articles of a series form a
/// tree in which each has an earlier one above it.
fn first_of_series(above: &mut [u32], mut rank: u32) -> u32 {
    while above[rank as usize] != rank {
        above[rank as usize] = above[above[rank as usize] as usize];
        rank = above[rank as usize];
    }
    rank
}

/// Makes the series of two articles one.
fn join_series(above: &mut [u32], one: u32, other: u32) {
    let (one, other) = (first_of_series(above, one), first_of_series(above, other));
    above[one.max(other) as usize] = one.min(other);
}

/// Lets articles follow the first one with the same words, and lists those first ones.
fn same_words(ordered: &Ordered<'_>) -> (Vec<Reprint>, Vec<u32>) {
    let alone = |of| Reprint { of, is_notice: false, is_edit: false };
    let mut all: Vec<Reprint> = (0..ordered.order.len() as u32).map(alone).collect();
    let mut first: HashMap<u128, u32, RandomState> = HashMap::default();
    let mut distinct = Vec::new();
    for rank in ordered.staged(0..ordered.order.len() as u32) {
        let article = ordered.printed(rank);
        match first.entry(article.content) {
            Entry::Vacant(free) => {
                free.insert(rank);
                distinct.push(rank);
            }
            Entry::Occupied(same) => {
                let of = *same.get();
                let other = ordered.printed(of);
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

/// A list of texts. What a look-up reads of it is on one cache line.
#[derive(Debug, Clone, Copy)]
struct List {
    start: u32,
    /// How many texts of each kind are listed by now.
    lens: [u32; 3],
}

impl List {
    /// Where the texts of a kind are.
    fn span(&self, kind: usize) -> Range<usize> {
        let before: u32 = self.lens[..kind].iter().sum();
        let start = (self.start + before) as usize;
        start..start + self.lens[kind] as usize
    }
}

/// The texts that have each shingle hash, of which leaders and edits are read.
struct Lists {
    /// The texts of one list after another; in each those of one [`Kind`] after another.
    texts: Vec<u32>,
    lists: Vec<List>,
    /// The lists of each text that others have as well.
    of_text: Vec<u32>,
    ends: Vec<u32>,
    /// How many lists each text shares with the one that is looked up; all zero between look-ups.
    counts: Vec<u16>,
    /// The texts of each kind of the last look-up.
    candidates: [Vec<u32>; 3],
    not_compared: u64,
}

impl Lists {
    fn new(distinct: &[u32], ordered: &Ordered<'_>) -> Self {
        let mut pairs: Vec<u64> = Vec::with_capacity(distinct.len() * MAX_LISTED);
        for (at, rank) in (0u64..).zip(ordered.staged(distinct.iter().copied())) {
            let listed = listed_hashes(ordered.printed(rank).sample.values).iter();
            pairs.extend(listed.map(|&hash| u64::from(mix(hash)) << u32::BITS | at));
        }
        // The texts rise within each hash.
        RadixSort::default().sort(&mut pairs, u32::BITS);
        let (mut texts, mut lists) = (Vec::new(), Vec::new());
        let mut ends = vec![0u32; distinct.len()];
        for list in pairs.chunk_by(|one, two| one >> u32::BITS == two >> u32::BITS) {
            if list.len() > 1 {
                lists.push(List { start: texts.len() as u32, lens: [0; 3] });
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
        let list_ends = lists.iter().skip(1).map(|list| list.start).chain([texts.len() as u32]);
        for ((number, list), end) in (0u32..).zip(&lists).zip(list_ends) {
            for &text in &texts[list.start as usize..end as usize] {
                let place = &mut ends[text as usize];
                of_text[*place as usize] = number;
                *place += 1;
            }
        }
        let (counts, candidates) = (vec![0; distinct.len()], Default::default());
        Lists { texts, lists, of_text, ends, counts, candidates, not_compared: 0 }
    }

    fn lists_of(&self, text: u32) -> Range<usize> {
        let start = text.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        start as usize..self.ends[text as usize] as usize
    }

    /// The lists of the text that comes some texts behind one; none behind the last.
    fn lists_behind(&self, text: u32, distance: u32) -> &[u32] {
        let text = text + distance;
        if (text as usize) < self.ends.len() { &self.of_text[self.lists_of(text)] } else { &[] }
    }

    /// Whether a text has a hash that another one has.
    fn shares(&self, text: u32) -> bool {
        !self.lists_of(text).is_empty()
    }

    /// Prefetches what the look-ups of the texts behind one read. Of the next one the lists are on hand by
    /// then, of the one after it only where they are.
    fn prefetch(&self, text: u32) {
        for &list in self.lists_behind(text, 1) {
            let first = self.lists[list as usize].start as usize;
            prefetch(&self.texts[first..=first]);
        }
        for &list in self.lists_behind(text, 2) {
            prefetch(&self.lists[list as usize..=list as usize]);
        }
    }

    /// Finds the texts of each kind that share enough with a text of so many sampled shingles, those that
    /// share most first.
    fn find_candidates(&mut self, text: u32, values: usize) {
        let of_text = self.lists_of(text);
        let Lists { texts, lists, of_text: all, counts, candidates, not_compared, .. } = self;
        let of_text = &mut all[of_text];
        let least = MIN_SHARED.min(values as u16);
        let mut listed = [0; 3];
        for list in &*of_text {
            let lens = lists[*list as usize].lens;
            listed.iter_mut().zip(lens).for_each(|(sum, len)| *sum += len as usize);
        }
        let is_bounded = listed.iter().sum::<usize>() > MAX_READ;
        for (kind, found) in candidates.iter_mut().enumerate() {
            found.clear();
            if listed[kind] == 0 {
                continue;
            }
            let span = |&list: &u32| lists[list as usize].span(kind);
            if is_bounded {
                of_text.sort_unstable_by_key(|list| span(list).len());
            }
            let mut read = 0;
            for span in of_text.iter().map(span) {
                read += span.len();
                if read > MAX_READ {
                    *not_compared += span.len() as u64;
                    continue;
                }
                for &other in &texts[span] {
                    counts[other as usize] += 1;
                    if counts[other as usize] == least {
                        found.push(other);
                    }
                }
            }
            let most_shared = |&other: &u32| (u16::MAX - counts[other as usize], other);
            if found.len() > MAX_COMPARED {
                // Of a wire that is edited often thousands are found: those left out are not sorted.
                found.select_nth_unstable_by_key(MAX_COMPARED, most_shared);
                *not_compared += (found.len() - MAX_COMPARED) as u64;
                found.truncate(MAX_COMPARED);
            }
            found.sort_unstable_by_key(most_shared);
            let mut read = 0;
            for span in of_text.iter().map(span) {
                read += span.len();
                if read <= MAX_READ {
                    texts[span].iter().for_each(|&other| counts[other as usize] = 0);
                }
            }
        }
    }

    /// Lists a text after all of its kind.
    fn list(&mut self, text: u32, kind: Kind) {
        for &list in &self.of_text[self.lists_of(text)] {
            let list = &mut self.lists[list as usize];
            let mut free = list.span(Kind::ALL.len() - 1).end;
            // The first of each later kind makes room.
            for &len in list.lens[kind as usize + 1..].iter().rev() {
                let first = free - len as usize;
                self.texts[free] = self.texts[first];
                free = first;
            }
            self.texts[free] = text;
            list.lens[kind as usize] += 1;
        }
    }
}
