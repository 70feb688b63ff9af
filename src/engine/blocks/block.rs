//! Some articles of a collection, sketched, each under a number.

use std::collections::{BTreeMap, HashSet};

use ahash::RandomState;

use super::{must_hold, open, start};
use crate::corpus::article::{Date, MAX_ID_BYTES};
use crate::corpus::collection::{Articles, Kept, MAX_ARTICLES, MAX_WORDS};
use crate::corpus::fingerprint::{MAX_MARKS, Title, are_terms};
use crate::engine::batch::in_canonical_order;
use crate::engine::reprints::listed_hashes;
use crate::error::{Error, ErrorKind};
use crate::sketch::bottomk::Sample;
use crate::sketch::codec::{Value, put_column};
use crate::text::language::Language;

const MAGIC: &[u8; 4] = b"rtBL";

/// Some articles of a collection as they are compared: their ids, dates and sketches, without texts. Each has
/// a number; numbers rise.
///
/// A number is the place of an article in the order of all articles, until
/// [`Printings::split`](super::Printings::split) replaces it by a rank.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub(super) articles: Articles,
    pub(super) numbers: Vec<u32>,
}

impl Block {
    /// The articles of several blocks in the canonical order of a collection: by day, those without a date
    /// last, the longest of one day first. Numbered from 0. `O(n log n)`.
    ///
    /// # Errors
    /// [`ErrorKind::RepeatedId`] for an id that occurs twice.
    pub fn sorted(blocks: &[Block]) -> Result<Block, Error> {
        let mut all = Articles::with_room(blocks.iter().map(|block| &block.articles));
        let mut seen: HashSet<&str, RandomState> = HashSet::default();
        for (block, number) in blocks.iter().flat_map(Block::rows) {
            let id = block.articles.id(number);
            if !seen.insert(id) {
                return Err(ErrorKind::RepeatedId { id: id.to_owned() }.into());
            }
            all.push_from(&block.articles, number);
        }
        let order = in_canonical_order(&all);
        Block::default().with(order.iter().map(|&row| (&all, row))).numbered(0)
    }

    /// The articles of several blocks by their numbers; of two with one number the first. `O(n log n)`.
    pub fn joined(blocks: &[Block]) -> Block {
        let numbered = |(block, row): (_, u32)| {
            let block: &Block = block;
            (block.numbers[row as usize], block, row)
        };
        let mut rows: Vec<(u32, &Block, u32)> =
            blocks.iter().flat_map(Block::rows).map(numbered).collect();
        rows.sort_by_key(|&(number, ..)| number);
        rows.dedup_by_key(|&mut (number, ..)| number);
        let joined = Block { numbers: rows.iter().map(|row| row.0).collect(), ..Block::default() };
        joined.with(rows.iter().map(|&(_, block, row)| (&block.articles, row)))
    }

    /// The same articles under consecutive numbers from `first` on.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] where a number would not fit into 32 bits.
    pub fn numbered(self, first: u32) -> Result<Block, Error> {
        let end = u32::try_from(self.len()).ok().and_then(|len| first.checked_add(len));
        let end = end.ok_or(ErrorKind::Full { documents: first as usize })?;
        Ok(Block { numbers: (first..end).collect(), ..self })
    }

    /// The articles whose numbers `keep` accepts.
    pub fn select(&self, keep: impl Fn(u32) -> bool) -> Block {
        let kept = || self.rows().filter(|&(_, row)| keep(self.numbers[row as usize]));
        let numbers = kept().map(|(_, row)| self.numbers[row as usize]).collect();
        let selected = Block { numbers, ..Block::default() };
        selected.with(kept().map(|(_, row)| (&self.articles, row)))
    }

    /// The articles of each day, those without a date last. The days of a collection follow one another in
    /// its canonical order, so they can be [sorted](Block::sorted) apart.
    pub fn by_day(&self) -> Vec<(Option<Date>, Block)> {
        let mut days: BTreeMap<(bool, Option<Date>), Vec<u32>> = BTreeMap::new();
        for (_, row) in self.rows() {
            let date = self.articles.facts(row).date;
            days.entry((date.is_none(), date)).or_default().push(row);
        }
        let block = |rows: Vec<u32>| {
            let numbers = rows.iter().map(|&row| self.numbers[row as usize]).collect();
            let of_day = Block { numbers, ..Block::default() };
            of_day.with(rows.iter().map(|&row| (&self.articles, row)))
        };
        days.into_iter().map(|((_, date), rows)| (date, block(rows))).collect()
    }

    /// Adds articles that have their numbers already.
    fn with<'a>(mut self, rows: impl Iterator<Item = (&'a Articles, u32)>) -> Self {
        rows.for_each(|(articles, row)| self.articles.push_from(articles, row));
        self.articles.shrink_to_fit();
        self
    }

    /// The block with the position of each article in it.
    fn rows(&self) -> impl Iterator<Item = (&Block, u32)> {
        (0..self.len() as u32).map(move |row| (self, row))
    }

    /// The number of articles.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether there is no article.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the articles, rising.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The id of an article, by its number.
    pub fn id(&self, number: u32) -> Option<&str> {
        self.position(number).map(|position| self.articles.id(position))
    }

    /// The position of a number.
    pub(super) fn position(&self, number: u32) -> Option<u32> {
        self.numbers.binary_search(&number).ok().map(|position| position as u32)
    }

    /// What connects articles where reprints are looked for: keys, each with the number of an article that
    /// has it. See [`Printings::find`](super::Printings::find).
    pub fn reprint_keys(&self) -> Vec<(u64, u32)> {
        let keys = |(row, &number): (u32, &u32)| {
            let content = self.articles.facts(row).content;
            let hashes = listed_hashes(self.articles.sample(row).values);
            let keys = hashes.iter().map(|&hash| u64::from(hash)).chain([content as u64]);
            keys.map(move |key| (key, number))
        };
        (0..).zip(&self.numbers).flat_map(keys).collect()
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = start(MAGIC);
        let all: Vec<Kept<'_>> =
            (0..self.len() as u32).map(|row| self.articles.kept(row)).collect();
        put_column(&mut bytes, self.numbers.iter().copied());
        put_column(&mut bytes, all.iter().map(|kept| kept.content));
        put_column(&mut bytes, all.iter().map(|kept| kept.words));
        put_column(&mut bytes, all.iter().map(|kept| kept.date.map_or(0, Date::packed)));
        put_column(&mut bytes, all.iter().map(|kept| kept.title.hash));
        put_column(&mut bytes, all.iter().map(|kept| kept.language as u8));
        let flags = |kept: &Kept<'_>| {
            (u8::from(kept.sample.cut) * CUT) | (u8::from(kept.title.is_foreign) * FOREIGN_TITLE)
        };
        put_column(&mut bytes, all.iter().map(flags));
        put_lists(&mut bytes, &all, |kept| kept.id.as_bytes());
        put_lists(&mut bytes, &all, |kept| kept.terms);
        put_lists(&mut bytes, &all, |kept| kept.sample.values);
        put_lists(&mut bytes, &all, |kept| kept.marks);
        bytes
    }

    /// Reads [`Block::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no block.
    pub fn from_bytes(bytes: &[u8]) -> Result<Block, Error> {
        let mut reader = open("block", MAGIC, bytes)?;
        let numbers: Vec<u32> = reader.column()?;
        let contents: Vec<u128> = reader.column()?;
        let (words, days): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let titles: Vec<u16> = reader.column()?;
        let (languages, flags): (Vec<u8>, Vec<u8>) = (reader.column()?, reader.column()?);
        let (ids, id_lens): (Vec<u8>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (terms, term_lens): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (samples, sample_lens): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (marks, mark_lens): (Vec<u16>, Vec<u32>) = (reader.column()?, reader.column()?);
        let lens = [words.len(), days.len(), titles.len(), languages.len(), flags.len()];
        let is_even = lens.iter().chain([&contents.len()]).all(|&len| len == numbers.len())
            && numbers.is_sorted_by(|one, two| one < two);
        let (mut ids, mut terms) = (Rest::new(&ids, &id_lens), Rest::new(&terms, &term_lens));
        let mut samples = Rest::new(&samples, &sample_lens);
        let mut marks = Rest::new(&marks, &mark_lens);
        let mut articles = Articles::default();
        let mut read = |row: usize| {
            let id = str::from_utf8(ids.next()?).ok()?;
            let (terms, values, marks) = (terms.next()?, samples.next()?, marks.next()?);
            let language = *Language::ALL.get(usize::from(languages[row]))?;
            let makes_sense = id.len() <= MAX_ID_BYTES
                && are_terms(terms)
                && words[row] <= MAX_WORDS
                && values.len() <= usize::from(u16::MAX)
                && values.is_sorted_by(|one, two| one < two)
                && marks.len() <= MAX_MARKS
                && (days[row] == 0 || Date::is_packed(days[row]))
                && flags[row] & !(CUT | FOREIGN_TITLE) == 0;
            let kept = Kept {
                id,
                content: contents[row],
                words: words[row],
                date: Date::unpacked(days[row]),
                language,
                terms,
                sample: Sample { values, cut: flags[row] & CUT != 0 },
                marks,
                title: Title { hash: titles[row], is_foreign: flags[row] & FOREIGN_TITLE != 0 },
            };
            makes_sense.then(|| articles.push(&kept))
        };
        let are_articles = is_even && (0..numbers.len()).all(|row| read(row).is_some());
        let is_all = [ids.is_empty(), terms.is_empty(), samples.is_empty(), marks.is_empty()];
        reader.finish(are_articles && is_all == [true; 4])?;
        articles.shrink_to_fit();
        Ok(Block { articles, numbers })
    }

    /// Refuses a block that is too large to be one index.
    pub(super) fn must_fit(&self) -> Result<(), Error> {
        let documents = self.len();
        must_hold(documents <= MAX_ARTICLES, || ErrorKind::Full { documents })
    }
}

const CUT: u8 = 1;
const FOREIGN_TITLE: u8 = 2;

/// Appends a list of each article as two columns: all values, and the length of each.
fn put_lists<'a, T: Value + 'a>(
    bytes: &mut Vec<u8>,
    all: &'a [Kept<'a>],
    list: impl Fn(&'a Kept<'a>) -> &'a [T],
) {
    let values: Vec<T> = all.iter().flat_map(|kept| list(kept).iter().copied()).collect();
    put_column(bytes, values);
    put_column(bytes, all.iter().map(|kept| list(kept).len() as u32));
}

/// Lists that were stored end to end, and are read one after another.
struct Rest<'a, T> {
    values: &'a [T],
    lens: &'a [u32],
}

impl<'a, T> Rest<'a, T> {
    fn new(values: &'a [T], lens: &'a [u32]) -> Self {
        Rest { values, lens }
    }

    fn next(&mut self) -> Option<&'a [T]> {
        let (&len, lens) = self.lens.split_first()?;
        let (list, values) = self.values.split_at_checked(len as usize)?;
        (self.values, self.lens) = (values, lens);
        Some(list)
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.lens.is_empty()
    }
}
