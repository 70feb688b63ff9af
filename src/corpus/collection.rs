//! The stored articles of a collection: flat columns, a look-up by id, and the document frequencies.
//!
//! Takes articles with their fingerprints and gives each a number. [`Articles`] holds the columns and
//! only appends; [`Collection`] adds look-up and removal. A struct for each article would cost several
//! allocations and could not be mapped from a file.
//!
//! Invariant: the row of an article leads to its terms, sample and id, and those of consecutive rows are
//! adjacent. A removed article keeps its number as a tombstone until the collection is compacted.

use std::cmp::Reverse;
use std::collections::HashMap;
#[cfg(feature = "archive")]
use std::ops::Range;

use ahash::RandomState;
use hashbrown::HashTable;

use crate::corpus::article::{Article, Date};
#[cfg(feature = "archive")]
use crate::corpus::fingerprint::MAX_MARKS;
use crate::corpus::fingerprint::{Fingerprint, Title};
use crate::error::{Error, ErrorKind};
use crate::hash;
use crate::kernel::prefetch;
use crate::sketch::bottomk::Sample;
use crate::store::column::Column;
use crate::text::language::Language;

/// The lasting number of an article: the number of articles that arrived before it. It never changes
/// and is never reused. The row numbers of [`Articles`] and [`Collection`] are plain `u32`.
pub(crate) type Number = u32;

/// A map from lasting numbers to values.
pub(crate) type ByNumber<V> = HashMap<Number, V, RandomState>;

/// The stored facts of an article besides its id, its terms and its sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArticleFacts {
    /// The hash of the words in order, see [`hash::content`].
    pub(crate) content: u128,
    /// The hash of the id, see [`tie_of`].
    pub(crate) tie: u64,
    /// The number of words.
    pub(crate) words: u32,
    pub(crate) date: Option<Date>,
    pub(crate) language: Language,
    pub(crate) title: Title,
    /// Whether the sample is cut.
    cut: bool,
    /// Whether it was taken out since.
    removed: bool,
    /// How many terms, values of the sample, bytes of the id and marks there are.
    lens: [u32; 4],
    /// Where each of the four starts.
    starts: [u64; 4],
}

/// The [`ArticleFacts`] as they are stored. A row is one cache line. From the low bits up:
///
/// * content, in two; tie;
/// * 31 bits of words, 27 that are reserved (minutes of the day, source), 5 of language;
/// * 40 bits of the start of the terms, 8 of their number, 16 of the title;
/// * 40 bits of the start of the sample, 16 of its length, 3 flags;
/// * 40 bits of the start of the id, 16 of its length, 7 of the number of marks;
/// * 40 bits of the start of the marks, 23 of the day.
pub(crate) type ArticleRow = [u64; 8];

/// The columns of articles: rows, ids, terms, samples, marks.
#[cfg(feature = "archive")]
pub(crate) type ArticleColumns<'a> = (&'a [ArticleRow], &'a [u8], &'a [u32], &'a [u32], &'a [u16]);

/// Flags of a row, beside the start of the sample.
const CUT: u64 = 1 << 56;
const REMOVED: u64 = 1 << 57;
const FOREIGN_TITLE: u64 = 1 << 58;

/// The bits of a start in a column.
const START_BITS: u32 = 40;
const START: u64 = (1 << START_BITS) - 1;

/// A text shorter than [`u32::MAX`] bytes has no more words.
pub(crate) const MAX_WORDS: u32 = (1 << 31) - 1;

/// Where the language of a row is, above the reserved bits.
const LANGUAGE: u32 = 58;

/// The most articles that one index holds. An article has at most 64 entries in the lists of a kind, and their
/// positions have 32 bits.
pub(crate) const MAX_ARTICLES: usize = (u32::MAX / 64) as usize;

impl ArticleFacts {
    /// Inlined always: each reader wants a few fields, and what it does not read is then not unpacked.
    #[inline(always)]
    fn of(row: &ArticleRow) -> Self {
        let &[low, high, tie, words, terms, sample, id, marks] = row;
        ArticleFacts {
            content: u128::from(high) << 64 | u128::from(low),
            tie,
            words: words as u32 & MAX_WORDS,
            date: Date::unpacked((marks >> START_BITS) as u32),
            language: Language::ALL[(words >> LANGUAGE) as usize % Language::COUNT],
            title: Title { hash: (terms >> 48) as u16, is_foreign: sample & FOREIGN_TITLE != 0 },
            cut: sample & CUT != 0,
            removed: sample & REMOVED != 0,
            lens: [
                u32::from((terms >> START_BITS) as u8),
                u32::from((sample >> START_BITS) as u16),
                u32::from((id >> START_BITS) as u16),
                u32::from((id >> 56) as u8),
            ],
            starts: [terms & START, sample & START, id & START, marks & START],
        }
    }

    /// Where its terms, sample, id and marks end.
    #[cfg(feature = "archive")]
    fn ends(&self) -> [u64; 4] {
        std::array::from_fn(|at| self.starts[at] + u64::from(self.lens[at]))
    }

    fn row(&self) -> ArticleRow {
        let ArticleFacts { content, tie, words, date, language, title, cut, removed, lens, starts } =
            *self;
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let [terms, sample, id, marks] = lens.map(u64::from);
        [
            content as u64,
            (content >> 64) as u64,
            tie,
            u64::from(words.min(MAX_WORDS)) | (language as u64) << LANGUAGE,
            starts[0] | terms << START_BITS | u64::from(title.hash) << 48,
            starts[1]
                | sample << START_BITS
                | flag(cut, CUT)
                | flag(removed, REMOVED)
                | flag(title.is_foreign, FOREIGN_TITLE),
            starts[2] | id << START_BITS | marks << 56,
            starts[3] | u64::from(date.map_or(0, Date::packed)) << START_BITS,
        ]
    }
}

/// The stored form of one article, borrowed from a fingerprint or from the columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<'a> {
    pub(crate) id: &'a str,
    pub(crate) content: u128,
    pub(crate) words: u32,
    pub(crate) date: Option<Date>,
    pub(crate) language: Language,
    /// [`KeptTerm`]s, rising.
    pub(crate) terms: &'a [u32],
    pub(crate) sample: Sample<'a>,
    /// [`Mark`](crate::corpus::fingerprint::Mark)s, in the order of the text.
    pub(crate) marks: &'a [u16],
    pub(crate) title: Title,
}

impl<'a> Kept<'a> {
    pub(crate) fn new(article: &Article<'a>, fingerprint: &'a Fingerprint) -> Self {
        Kept {
            id: article.id(),
            content: fingerprint.content(),
            words: fingerprint.words() as u32,
            date: article.get_date(),
            language: fingerprint.language(),
            terms: fingerprint.terms(),
            sample: fingerprint.shingles().sample(),
            marks: fingerprint.marks(),
            title: fingerprint.title(),
        }
    }
}

/// Stored articles by number, in the order of arrival: flat columns, which may be mapped from a file.
///
/// An article takes 64 bytes, its id, and 4 bytes for each term and for each value of its sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Articles {
    rows: Column<ArticleRow>,
    ids: Column<u8>,
    terms: Column<u32>,
    samples: Column<u32>,
    marks: Column<u16>,
}

impl Articles {
    /// Creates empty columns with the capacity for all of these articles.
    pub(crate) fn with_room<'a>(all: impl Iterator<Item = &'a Articles> + Clone) -> Self {
        let sum = |len: fn(&Articles) -> usize| all.clone().map(len).sum();
        Articles {
            rows: Vec::with_capacity(sum(|of| of.rows.len())).into(),
            ids: Vec::with_capacity(sum(|of| of.ids.len())).into(),
            terms: Vec::with_capacity(sum(|of| of.terms.len())).into(),
            samples: Vec::with_capacity(sum(|of| of.samples.len())).into(),
            marks: Vec::with_capacity(sum(|of| of.marks.len())).into(),
        }
    }

    pub(crate) fn shrink_to_fit(&mut self) {
        self.rows.made().shrink_to_fit();
        self.ids.made().shrink_to_fit();
        self.terms.made().shrink_to_fit();
        self.samples.made().shrink_to_fit();
        self.marks.made().shrink_to_fit();
    }

    /// Returns whether all of these and one more fit into one collection: its starts have 40 bits.
    pub(crate) fn have_room<'a>(all: impl Iterator<Item = &'a Articles>) -> bool {
        // No id and no sample has more than 16 bits of values.
        let (mut articles, mut longest) = (1, u64::from(u16::MAX));
        for of in all {
            let lens = [of.ids.len(), of.terms.len(), of.samples.len(), of.marks.len()];
            articles += of.len();
            longest += lens.into_iter().max().unwrap_or_default() as u64;
        }
        articles <= MAX_ARTICLES && longest <= START
    }

    /// Returns the number of articles, tombstones included.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the numbers of the articles without tombstones, rising.
    pub(crate) fn present(&self) -> impl Iterator<Item = u32> {
        let rows = (0u32..).zip(&*self.rows).filter(|(_, row)| !ArticleFacts::of(row).removed);
        rows.map(|(number, _)| number)
    }

    pub(crate) fn prefetch_facts(&self, number: u32) {
        prefetch(&self.rows[number as usize..=number as usize]);
    }

    #[inline(always)]
    pub(crate) fn facts(&self, number: u32) -> ArticleFacts {
        ArticleFacts::of(&self.rows[number as usize])
    }

    pub(crate) fn id(&self, number: u32) -> &str {
        // It was added as a text, or checked to be UTF-8 when its file was opened.
        str::from_utf8(self.id_bytes(number)).unwrap_or_default()
    }

    /// Returns the bytes of the id, without the check for UTF-8.
    pub(crate) fn id_bytes(&self, number: u32) -> &[u8] {
        let ArticleFacts { starts, lens, .. } = self.facts(number);
        &self.ids[starts[2] as usize..][..lens[2] as usize]
    }

    /// Returns the [`KeptTerm`]s of an article, rising.
    #[inline]
    pub(crate) fn terms(&self, number: u32) -> &[u32] {
        let ArticleFacts { starts, lens, .. } = self.facts(number);
        &self.terms[starts[0] as usize..][..lens[0] as usize]
    }

    #[inline]
    pub(crate) fn sample(&self, number: u32) -> Sample<'_> {
        let ArticleFacts { starts, lens, cut, .. } = self.facts(number);
        Sample { values: &self.samples[starts[1] as usize..][..lens[1] as usize], cut }
    }

    /// The marks of an article.
    #[inline]
    pub(crate) fn marks(&self, number: u32) -> &[u16] {
        let ArticleFacts { starts, lens, .. } = self.facts(number);
        &self.marks[starts[3] as usize..][..lens[3] as usize]
    }

    pub(crate) fn kept(&self, number: u32) -> Kept<'_> {
        let ArticleFacts { content, words, date, language, title, .. } = self.facts(number);
        let (id, terms, sample) = (self.id(number), self.terms(number), self.sample(number));
        let marks = self.marks(number);
        Kept { id, content, words, date, language, terms, sample, marks, title }
    }

    /// Returns the key of the canonical order: by days with undated articles last, the longest of a day first,
    /// then by the hash of the words and of the id. So a full text comes before what was cut from it, and which
    /// of some exact copies of one day leads them changes nothing in the order of the others.
    pub(crate) fn in_order(&self, number: u32) -> impl Ord + '_ {
        let facts = self.facts(number);
        let text = (Reverse(facts.words), facts.content);
        (facts.date.is_none(), facts.date, text, facts.tie, self.id_bytes(number))
    }

    pub(crate) fn push(&mut self, kept: &Kept<'_>) {
        let &Kept { content, words, date, language, title, .. } = kept;
        let facts = ArticleFacts {
            content,
            tie: tie_of(kept.id),
            words,
            date,
            language,
            title,
            cut: kept.sample.cut,
            removed: false,
            lens: [0; 4],
            starts: [0; 4],
        };
        self.push_parts(facts, kept);
    }

    /// Appends an article of other columns.
    pub(crate) fn push_from(&mut self, other: &Articles, number: u32) {
        self.push_parts(other.facts(number), &other.kept(number));
    }

    fn push_parts(&mut self, facts: ArticleFacts, kept: &Kept<'_>) {
        let &Kept { id, terms, sample, marks, .. } = kept;
        let lens = [terms.len(), sample.values.len(), id.len(), marks.len()].map(|len| len as u32);
        let starts = [
            append(self.terms.made(), terms),
            append(self.samples.made(), sample.values),
            append(self.ids.made(), id.as_bytes()),
            append(self.marks.made(), marks),
        ];
        append(self.rows.made(), &[ArticleFacts { lens, starts, ..facts }.row()]);
    }

    /// The arrays that they are made of: rows, ids, terms, samples, marks.
    #[cfg(feature = "archive")]
    pub(crate) fn columns(&self) -> ArticleColumns<'_> {
        (&self.rows, &self.ids, &self.terms, &self.samples, &self.marks)
    }

    #[cfg(feature = "archive")]
    pub(crate) fn of_columns(
        rows: Column<ArticleRow>,
        ids: Column<u8>,
        terms: Column<u32>,
        samples: Column<u32>,
        marks: Column<u16>,
    ) -> Self {
        Articles { rows, ids, terms, samples, marks }
    }

    /// Returns whether a row of a file is valid and its offsets begin where those of the row before end.
    #[cfg(feature = "archive")]
    pub(crate) fn makes_sense(row: &ArticleRow, before: Option<&ArticleRow>) -> bool {
        let facts = ArticleFacts::of(row);
        let starts = before.map_or([0; 4], |row| ArticleFacts::of(row).ends());
        let day = (row[7] >> START_BITS) as u32;
        facts.row() == *row
            && !facts.removed
            && facts.starts == starts
            && facts.lens[3] as usize <= MAX_MARKS
            && (day == 0 || Date::is_packed(day))
    }

    /// Returns the key of the order by days, whatever the order within a day.
    #[cfg(feature = "archive")]
    pub(crate) fn day_of(row: &ArticleRow) -> impl Ord {
        let date = ArticleFacts::of(row).date;
        (date.is_none(), date)
    }

    /// Returns whether the row has the hash of this id.
    #[cfg(feature = "archive")]
    pub(crate) fn has_id(row: &ArticleRow, id: &str) -> bool {
        ArticleFacts::of(row).tie == tie_of(id)
    }

    #[cfg(feature = "archive")]
    pub(crate) fn language_of(row: &ArticleRow) -> Language {
        ArticleFacts::of(row).language
    }

    /// Where the terms, the sample, the id and the marks of an article stand.
    #[cfg(feature = "archive")]
    pub(crate) fn places(row: &ArticleRow) -> [Range<usize>; 4] {
        let facts = ArticleFacts::of(row);
        let (starts, ends) = (facts.starts, facts.ends());
        std::array::from_fn(|at| starts[at] as usize..ends[at] as usize)
    }

    /// Returns the lengths of the terms, samples and ids that the rows cover.
    #[cfg(feature = "archive")]
    pub(crate) fn ends(rows: &[ArticleRow]) -> [u64; 4] {
        rows.last().map_or([0; 4], |row| ArticleFacts::of(row).ends())
    }

    fn mark_removed(&mut self, number: u32) {
        self.rows.made()[number as usize][5] |= REMOVED;
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.rows.memory_usage()
            + self.ids.memory_usage()
            + self.terms.memory_usage()
            + self.samples.memory_usage()
            + self.marks.memory_usage()
    }
}

/// Appends values and returns their offset. A full vector grows by an eighth: vectors that double would
/// leave a quarter of the memory unused.
fn append<T: Copy>(values: &mut Vec<T>, more: &[T]) -> u64 {
    let start = values.len();
    if values.capacity() - start < more.len() {
        values.reserve_exact(more.len() + start / 8 + 64);
    }
    values.extend_from_slice(more);
    start as u64
}

/// The articles that are in, each under a number.
///
/// Removal leaves a tombstone; the columns are compacted, with new numbers, once about a third of the
/// rows are tombstones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collection {
    articles: Articles,
    by_id: HashTable<u32>,
}

impl Collection {
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns the stored articles, tombstones included.
    pub(crate) fn articles(&self) -> &Articles {
        &self.articles
    }

    /// The article of an id.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.by_id
            .find(tie_of(id), |&number| self.articles.id_bytes(number) == id.as_bytes())
            .copied()
    }

    /// Adds an article.
    pub(crate) fn insert(
        &mut self,
        article: &Article<'_>,
        fingerprint: &Fingerprint,
    ) -> Result<(), Error> {
        let id = article.id();
        if self.number(id).is_some() {
            return Err(ErrorKind::RepeatedId { id: id.to_owned() }.into());
        }
        if !Articles::have_room(std::iter::once(&self.articles)) {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        self.articles.push(&Kept::new(article, fingerprint));
        self.index_last();
        Ok(())
    }

    /// Lists the id of the last article.
    fn index_last(&mut self) {
        let Collection { articles, by_id } = self;
        let number = articles.len() as u32 - 1;
        let tie = articles.facts(number).tie;
        by_id.insert_unique(tie, number, |&number| articles.facts(number).tie);
    }

    /// Removes an article; returns whether it was present.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.number(id) else { return false };
        if let Ok(entry) = self.by_id.find_entry(tie_of(id), |&other| other == number) {
            entry.remove();
        }
        self.articles.mark_removed(number);
        if self.articles.len() > self.len() / 2 * 3 + 16 {
            self.compact();
        }
        true
    }

    /// Frees the memory of tombstones and of words without articles.
    fn compact(&mut self) {
        let mut compacted = Collection::default();
        for number in self.articles.present() {
            compacted.articles.push_from(&self.articles, number);
            compacted.index_last();
        }
        *self = compacted;
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.articles.memory_usage() + self.by_id.allocation_size()
    }
}

/// Returns the hash of an id, which breaks ties in an order that depends on nothing else.
pub(crate) fn tie_of(id: &str) -> u64 {
    hash::bytes(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::fingerprint::Fingerprint;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_row_holds_the_largest_value_of_each_fact() {
        let facts = ArticleFacts {
            content: u128::MAX,
            tie: u64::MAX,
            words: MAX_WORDS,
            date: Date::new(9999, 12, 31),
            language: Language::Other,
            title: Title { hash: u16::MAX, is_foreign: true },
            cut: true,
            removed: true,
            lens: [Fingerprint::MAX_TERMS as u32, 65_535, 65_535, 64],
            starts: [START; 4],
        };
        assert_eq!(format!("{:?}", ArticleFacts::of(&facts.row())), format!("{facts:?}"));
        let [.., words, _, _, _, _] = facts.row();
        assert_eq!(words >> 31 & 0x7ff_ffff, 0, "the reserved bits");
    }

    fn insert(collection: &mut Collection, id: &str, text: &str) -> Result<(), Error> {
        let article = Article::new(id, text);
        collection.insert(&article, &Fingerprint::new(&article)?)
    }

    fn stored(collection: &Collection, number: u32) -> (u128, &[u32], &[u32]) {
        let content = collection.articles().facts(number).content;
        (content, collection.articles().terms(number), collection.articles().sample(number).values)
    }

    proptest! {
        /// Random operations give the same result as on a plain map.
        #[test]
        fn behaves_like_a_map_of_fingerprints(
            operations in prop::collection::vec((any::<bool>(), 0u8..200), 0..300),
        ) {
            let mut collection = Collection::default();
            let mut model: BTreeMap<String, String> = BTreeMap::new();
            for (is_insert, name) in operations {
                let id = format!("id {name}");
                let text = format!("word{} red boat {name} {}", name / 3, name % 7);
                if is_insert {
                    let is_new = !model.contains_key(&id);
                    prop_assert_eq!(insert(&mut collection, &id, &text).is_ok(), is_new);
                    model.entry(id).or_insert(text);
                } else {
                    prop_assert_eq!(collection.remove(&id), model.remove(&id).is_some());
                }
            }
            prop_assert_eq!(collection.len(), model.len());
            prop_assert_eq!(collection.articles().present().count(), model.len());
            let mut alone = Collection::default();
            for (id, text) in &model {
                let number = collection.number(id).expect("is present");
                prop_assert_eq!(collection.articles().id(number), id);
                insert(&mut alone, id, text).expect("is new");
                let twin = alone.number(id).expect("is present");
                prop_assert_eq!(stored(&collection, number), stored(&alone, twin));
            }
        }
    }
}
