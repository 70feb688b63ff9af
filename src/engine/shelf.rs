//! The articles of an archive: parts that are merged as they grow, so that each article is laid out
//! anew a few times only, and what is known of all of them together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use hashbrown::HashTable;
#[cfg(feature = "archive")]
use hashbrown::hash_table;

use super::merging::Merging;
use super::part::{Asked, Found, LEAST_POSTINGS, Part, Placed};
use crate::candidates::{CROWD, MOST_POSTINGS, Scratch, least_shingles};
use crate::corpus::article::Date;
use crate::corpus::boilerplate::{Commonplaces, Tally};
use crate::corpus::collection::Number;
use crate::corpus::collection::{Facts, Kept, tie_of};
use crate::corpus::fingerprint::KeptTerm;
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::index::{density, neighbours};
use crate::families::family::Told;
use crate::families::live::Judge;
use crate::kernel::prefetch;
use crate::score::evidence::{Evidence, Side};
use crate::score::relation::{Cuts, Level};
use crate::score::terms::{RaritiesOf, Spread, TermSimilarity, Weighed, Weight, distinctive};

/// How many articles the newest part of an archive has before it gets its index.
pub(crate) const NEWEST: u32 = 8192;

/// How many articles ahead the words of one are asked for that is to be compared.
const AHEAD: usize = 4;

/// The articles that are in, and how to find them.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// By rising numbers; the last one is without an index.
    pub(crate) parts: Vec<Part>,
    /// How many articles the last one has before it gets its index.
    pub(crate) newest: u32,
    /// The parts that are being merged, those first that were begun first.
    pub(crate) mergings: Vec<Merging>,
    pub(crate) by_id: HashTable<Number>,
    vocabulary: Vocabulary,
    commonplaces: Commonplaces,
    pub(crate) counters: Counters,
    /// The articles of each day, to find the days of a crowd.
    days: BTreeMap<i32, u32>,
    cuts: Cuts,
}

/// What is counted of what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counters {
    /// How many articles came and went since commonplaces were counted.
    pub(crate) changes: usize,
    /// How many articles were in when all of them had been counted last.
    pub(crate) counted: usize,
    /// The least hash of those that are to be counted next.
    pub(crate) next_counted: u32,
    /// How many articles were ever taken out.
    pub(crate) taken_out: u64,
}

/// An article on its way in or past.
pub(crate) struct Newcomer<'a> {
    kept: Kept<'a>,
    placed: Placed,
    /// Its distinctive words, heaviest first.
    keys: Vec<u32>,
    /// What is worth comparing with it, by rising numbers.
    pub(crate) near: Vec<Place>,
}

/// Where an article is, as long as none is put in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) number: Number,
    /// Which of the parts.
    part: usize,
    rank: u32,
}

/// Buffers that are reused from article to article.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    scratch: Scratch,
    rarities: Vec<u16>,
    order: Vec<u64>,
    spread: Spread,
    found: Found,
}

impl Shelf {
    pub(crate) fn new(cuts: Cuts) -> Self {
        Shelf {
            parts: vec![Part::starting(0)],
            newest: NEWEST,
            mergings: Vec::new(),
            by_id: HashTable::new(),
            vocabulary: Vocabulary::default(),
            commonplaces: Commonplaces::default(),
            counters: Counters::default(),
            days: BTreeMap::new(),
            cuts,
        }
    }

    /// How many articles are in.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The number of an id.
    pub(crate) fn number(&self, id: &str) -> Option<Number> {
        self.by_id.find(tie_of(id), |&number| self.id_bytes(number) == id.as_bytes()).copied()
    }

    /// The numbers of the articles that are in, rising.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Number> {
        self.parts.iter().flat_map(|part| part.present().map(|(number, _)| number))
    }

    /// Where an article is. It must be in.
    fn place(&self, number: Number) -> (&Part, u32) {
        place(&self.parts, number)
    }

    pub(crate) fn facts(&self, number: Number) -> Facts {
        let (part, rank) = self.place(number);
        part.articles().facts(rank)
    }

    pub(crate) fn id(&self, number: Number) -> &str {
        let (part, rank) = self.place(number);
        part.articles().id(rank)
    }

    /// All that is kept of an article that is in.
    #[cfg(feature = "archive")]
    pub(crate) fn kept(&self, number: Number) -> Kept<'_> {
        let (part, rank) = self.place(number);
        part.articles().kept(rank)
    }

    fn id_bytes(&self, number: Number) -> &[u8] {
        let (part, rank) = self.place(number);
        part.articles().id_bytes(rank)
    }

    /// Whether there are numbers for so many more.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        more < (Number::MAX - self.next()) as usize
    }

    /// The dated articles before a day, rising.
    pub(crate) fn before(&self, date: Date) -> Vec<Number> {
        self.of_days_below(date.number())
    }

    /// The articles that are dated more than so many days before a date, rising.
    pub(crate) fn older_than(&self, date: Date, days: u32) -> Vec<Number> {
        self.of_days_below(date.number().saturating_sub_unsigned(days))
    }

    fn of_days_below(&self, day: i32) -> Vec<Number> {
        if self.days.first_key_value().is_none_or(|(&first, _)| first >= day) {
            return Vec::new();
        }
        let mut found: Vec<Number> =
            self.parts.iter().flat_map(|part| part.of_days_below(day)).collect();
        found.sort_unstable();
        found
    }

    /// Weighs an article that is not in, and looks around it.
    pub(crate) fn look_around<'a>(
        &self,
        article: &Kept<'a>,
        buffers: &mut Buffers,
    ) -> Newcomer<'a> {
        let Buffers { scratch, rarities, order, spread, found } = buffers;
        let rarity = RaritiesOf::now(&self.vocabulary, article.language);
        rarity.of_all(article.terms, rarities);
        let weight = Weight::new(article.terms, rarities);
        let mut keys = Vec::new();
        distinctive(article.terms, rarities, order, &mut keys);
        let asked = Asked {
            terms: &keys,
            shingles: least_shingles(article.sample),
            date: article.date,
            crowd: article.date.map(|date| self.crowd(date)),
        };
        found.clear();
        let listed: usize = self.parts.iter().map(|part| part.listed(&asked)).sum();
        for part in &self.parts {
            let share = (MOST_POSTINGS * part.listed(&asked)).div_ceil(listed.max(1));
            part.look_up(&asked, share.max(LEAST_POSTINGS), scratch, found);
        }
        let mut near: Vec<Number> = found.words.ranks().chain(found.shingles.ranks()).collect();
        near.sort_unstable();
        near.dedup();
        let around = neighbours(found.crowd.ranks());
        let mut places = self.places(near.into_iter().chain(around.clone()));
        let around = places.split_off(places.len() - around.count());
        let own = Weighed { terms: article.terms, rarities: rarity, weight };
        spread.fill(&own, rarities);
        let similarities = self
            .ahead(&around)
            .map(|(_, part, rank)| spread.or_merged(&own, &self.weighed(part, rank)).all);
        let density = density(similarities, self.len().min(CROWD));
        let placed = Placed { weight, density, is_reprint: found.is_reprint };
        Newcomer { kept: *article, placed, keys, near: places }
    }

    /// Where articles are, what is known of each brought near but their words and their samples. They
    /// lie anywhere in memory, and what leads to one is asked for of all of them at a time: to wait for
    /// many takes hardly longer than for one.
    pub(crate) fn places(&self, numbers: impl IntoIterator<Item = Number>) -> Vec<Place> {
        let found = numbers.into_iter().map(|number| {
            let part = part(&self.parts, number);
            self.parts[part].prefetch_rank(number);
            Place { number, part, rank: 0 }
        });
        let mut found: Vec<Place> = found.collect();
        for Place { number, part, rank } in &mut found {
            *rank = rank_in(&self.parts[*part], *number);
            self.parts[*part].prefetch(*rank);
        }
        found
    }

    /// The articles of some places, their words brought near some time before.
    fn ahead(&self, places: &[Place]) -> impl Iterator<Item = (Number, &Part, u32)> {
        (0..places.len() + AHEAD).filter_map(|at| {
            if let Some(&Place { part, rank, .. }) = places.get(at) {
                prefetch(self.parts[part].articles().terms(rank));
            }
            let &Place { number, part, rank } = places.get(at.checked_sub(AHEAD)?)?;
            Some((number, &self.parts[part], rank))
        })
    }

    /// The days around one, as few as have the articles of a crowd; or all.
    fn crowd(&self, date: Date) -> Range<i32> {
        let (day, mut width) = (date.number(), 0);
        let mut needed = 0;
        for count in self.days.values() {
            needed = CROWD.min(needed + *count as usize);
            if needed == CROWD {
                break;
            }
        }
        loop {
            let days = day - width..day + width + 1;
            let count: u32 = self.days.range(days.clone()).map(|(_, count)| count).sum();
            if count as usize >= needed {
                return days;
            }
            width = (2 * width).max(1);
        }
    }

    /// Those near a newcomer that share a story with it, with what is known of each pair. What it was
    /// looked around with is still spread out.
    pub(crate) fn verify(
        &self,
        newcomer: &Newcomer<'_>,
        near: &[Place],
        buffers: &Buffers,
    ) -> Vec<(Number, Level, Evidence)> {
        let own = self.side_of(newcomer);
        let may_reach = self.ahead(near).filter_map(|(number, part, rank)| {
            let other = self.side(part, rank);
            let terms = buffers.spread.or_merged(&own.terms, &other.terms);
            let may_reach = Evidence::may_reach(terms, &own, &other, &self.cuts);
            // The sample comes while the next ones are looked at.
            may_reach.then(|| prefetch(other.sample.values));
            may_reach.then_some((number, terms, other))
        });
        let may_reach: Vec<(Number, TermSimilarity, Side<'_>)> = may_reach.collect();
        let verified = may_reach.into_iter().filter_map(|(number, terms, other)| {
            let evidence = Evidence::with_terms(terms, &own, &other, &self.commonplaces);
            Some((number, evidence.level(&self.cuts)?, evidence))
        });
        verified.collect()
    }

    /// What is known of two articles that are in.
    pub(crate) fn evidence(&self, one: Number, other: Number) -> Evidence {
        let side = |number| {
            let (part, rank) = self.place(number);
            self.side(part, rank)
        };
        Evidence::new(&side(one), &side(other), &self.commonplaces)
    }

    fn weighed<'a>(&'a self, part: &'a Part, rank: u32) -> Weighed<'a> {
        Weighed {
            terms: part.articles().terms(rank),
            rarities: RaritiesOf::now(&self.vocabulary, part.articles().facts(rank).language),
            weight: part.placed(rank).weight,
        }
    }

    fn side<'a>(&'a self, part: &'a Part, rank: u32) -> Side<'a> {
        let Facts { content, words, language, date, .. } = part.articles().facts(rank);
        Side {
            content,
            words,
            language,
            date,
            terms: self.weighed(part, rank),
            sample: part.articles().sample(rank),
            density: part.placed(rank).density,
        }
    }

    fn side_of<'a>(&'a self, newcomer: &Newcomer<'a>) -> Side<'a> {
        let Kept { content, words, date, language, terms, sample, .. } = newcomer.kept;
        let Placed { weight, density, .. } = newcomer.placed;
        let rarities = RaritiesOf::now(&self.vocabulary, language);
        let terms = Weighed { terms, rarities, weight };
        Side { content, words, language, date, terms, sample, density }
    }

    /// Counts the words of an article that comes in, so that it is weighed by them.
    pub(crate) fn count(&mut self, article: &Kept<'_>) {
        let terms = article.terms.iter().map(|&term| KeptTerm(term).term());
        self.vocabulary.add(article.language, terms);
    }

    /// Puts a newcomer in, whose words were counted; its number.
    pub(crate) fn insert(&mut self, newcomer: &Newcomer<'_>) -> Number {
        let Newcomer { kept, placed, keys, .. } = newcomer;
        let number = self.next();
        let places = keys.iter().map(|&key| {
            let is_below = |&term: &u32| KeptTerm(term).term() < key;
            kept.terms.partition_point(is_below) as u8
        });
        let keys: Vec<u8> = places.collect();
        if let Some(newest) = self.parts.last_mut() {
            newest.push(kept, *placed, &keys);
        }
        let tie = tie_of(kept.id);
        self.by_id.insert_unique(tie, number, |&number| tie_of_one(&self.parts, number));
        if let Some(date) = kept.date {
            *self.days.entry(date.number()).or_default() += 1;
        }
        self.counters.changes += 1;
        self.lay_out();
        self.count_commonplaces();
        number
    }

    /// The number of the next article.
    pub(crate) fn next(&self) -> Number {
        self.parts.last().map_or(0, |part| part.range().end)
    }

    /// Takes an article out.
    pub(crate) fn remove(&mut self, number: Number) {
        let at = part(&self.parts, number);
        let Some(rank) = self.parts[at].rank(number) else { return };
        let articles = self.parts[at].articles();
        let Facts { tie, date, language, .. } = articles.facts(rank);
        let terms = articles.terms(rank).iter().map(|&term| KeptTerm(term).term());
        self.vocabulary.remove(language, terms);
        if let Ok(entry) = self.by_id.find_entry(tie, |&other| other == number) {
            entry.remove();
        }
        if let Some(Entry::Occupied(mut day)) = date.map(|date| self.days.entry(date.number())) {
            *day.get_mut() -= 1;
            if *day.get() == 0 {
                day.remove();
            }
        }
        self.parts[at].remove(number);
        let merging = self.mergings.iter_mut().find(|merging| merging.range.contains(&number));
        merging.into_iter().for_each(|merging| merging.remove(number));
        self.counters.changes += 1;
        self.counters.taken_out += 1;
    }

    /// Counts the commonplaces anew while a quarter of the articles comes or goes: a slice of them
    /// each time that enough did. Where large parts have few phrases in common, one slice is all.
    pub(crate) fn count_commonplaces(&mut self) {
        let tallies: Vec<&Tally> = self.parts.iter().filter_map(Part::tally).collect();
        let slices = Tally::slices(&tallies);
        let Counters { changes, counted, next_counted, .. } = &mut self.counters;
        let due = (*counted).max(16).div_ceil(4 * slices);
        while *changes >= due {
            let hashes = *next_counted..=Tally::slice_end(&tallies, *next_counted);
            let others = self.parts.iter().filter(|part| part.tally().is_none());
            let others = others.flat_map(Part::tellings);
            self.commonplaces.count_anew(hashes.clone(), others, &tallies);
            if let Some(next) = hashes.end().checked_add(1) {
                (*changes, *next_counted) = (*changes - due, next);
            } else {
                (*changes, *counted, *next_counted) = (0, self.by_id.len(), 0);
                break;
            }
        }
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.parts.iter().map(Part::memory_usage).sum::<usize>()
            + self.by_id.allocation_size()
            + self.vocabulary.memory_usage()
            + self.commonplaces.memory_usage()
    }
}

/// What a folder keeps of the articles, and gives back.
#[cfg(feature = "archive")]
impl Shelf {
    /// A shelf of parts as they were laid out, with the words of what is in; `None` if two articles
    /// have the same id.
    pub(crate) fn of_parts(
        parts: Vec<Part>,
        newest: u32,
        vocabulary: Vocabulary,
        commonplaces: Commonplaces,
        counters: Counters,
        cuts: Cuts,
    ) -> Option<Self> {
        let len = parts.iter().map(Part::len).sum();
        let mut by_id: HashTable<Number> = HashTable::with_capacity(len);
        let mut days: BTreeMap<i32, u32> = BTreeMap::new();
        for part in &parts {
            for (rank, number) in part.iter() {
                let articles = part.articles();
                let Facts { tie, date, .. } = articles.facts(rank);
                let is_same = |&other: &Number| {
                    let (part, other) = place(&parts, other);
                    part.articles().id_bytes(other) == articles.id_bytes(rank)
                };
                match by_id.entry(tie, is_same, |&number| tie_of_one(&parts, number)) {
                    hash_table::Entry::Occupied(_) => return None,
                    hash_table::Entry::Vacant(free) => _ = free.insert(number),
                }
                if let Some(date) = date {
                    *days.entry(date.number()).or_default() += 1;
                }
            }
        }
        let shelf = Shelf::new(cuts);
        Some(Shelf { parts, newest, by_id, vocabulary, commonplaces, counters, days, ..shelf })
    }

    /// Goes on with a merging that was begun before.
    pub(crate) fn put_merging(&mut self, merging: Merging) {
        self.mergings.push(merging);
    }

    /// Leaves it to the writer.
    pub(crate) fn leave_mergings(&mut self) {
        self.mergings.clear();
    }

    pub(crate) fn mergings(&self) -> &[Merging] {
        &self.mergings
    }

    /// How many articles the newest part has before it gets its index.
    pub(crate) fn newest(&self) -> u32 {
        self.newest
    }

    /// The parts that have an index, by rising numbers.
    pub(crate) fn indexed(&self) -> &[Part] {
        &self.parts[..self.parts.len() - 1]
    }

    /// The part without an index, in which the next article will lie.
    pub(crate) fn newest_part(&self) -> &Part {
        &self.parts[self.parts.len() - 1]
    }

    /// The first number of that part.
    pub(crate) fn first_newest(&self) -> Number {
        self.newest_part().range().start
    }

    pub(crate) fn parts_mut(&mut self) -> &mut [Part] {
        &mut self.parts
    }

    /// Lets the newest part have so many articles before it gets its index.
    #[cfg(test)]
    pub(crate) fn set_newest(&mut self, newest: u32) {
        self.newest = newest;
    }

    pub(crate) fn commonplaces(&self) -> &Commonplaces {
        &self.commonplaces
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether the article of a number is in.
    pub(crate) fn is_in(&self, number: Number) -> bool {
        let at = part(&self.parts, number);
        self.parts.get(at).is_some_and(|part| part.rank(number).is_some())
    }
}

/// Which part has a number.
fn part(parts: &[Part], number: Number) -> usize {
    parts.partition_point(|part| part.range().end <= number)
}

/// Where an article is. It must be in.
fn place(parts: &[Part], number: Number) -> (&Part, u32) {
    let part = &parts[part(parts, number)];
    (part, rank_in(part, number))
}

/// The rank of an article of a part. It must be in.
fn rank_in(part: &Part, number: Number) -> u32 {
    part.rank(number).expect("only articles that are in are asked for")
}

/// The hash of the id of an article; 0 of one that is not in.
pub(crate) fn tie_of_one(parts: &[Part], number: Number) -> u64 {
    let part = &parts[part(parts, number)];
    part.rank(number).map_or(0, |rank| part.articles().facts(rank).tie)
}

impl Told for Shelf {
    fn id(&self, number: u32) -> &str {
        Shelf::id(self, number)
    }

    fn date(&self, number: u32) -> Option<Date> {
        self.facts(number).date
    }

    fn words(&self, number: u32) -> usize {
        self.facts(number).words as usize
    }

    fn evidence(&self, one: u32, other: u32) -> Evidence {
        Shelf::evidence(self, one, other)
    }
}

impl Judge for Shelf {
    fn sort(&self, articles: &mut [Number]) {
        articles.sort_by_cached_key(|&number| {
            let facts = self.facts(number);
            (facts.date.is_none(), facts.date, facts.tie, self.id(number))
        });
    }

    fn level(&self, one: Number, other: Number) -> Option<Level> {
        self.evidence(one, other).level(&self.cuts)
    }
}
