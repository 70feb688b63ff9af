//! The articles that are in, and what is kept of each.

use std::collections::HashMap;
#[cfg(feature = "archive")]
use std::ops::Range;

use ahash::RandomState;
use hashbrown::HashTable;

use crate::corpus::article::{Article, Date};
use crate::corpus::fingerprint::{Fingerprint, MAX_MARKS, Title};
use crate::error::{Error, ErrorKind};
use crate::hash;
use crate::kernel::prefetch;
use crate::sketch::bottomk::Sample;
use crate::store::column::Column;
use crate::text::language::Language;

/// The number of an article: how many came before it. It never changes and is never given again.
pub(crate) type Number = u32;

/// Values by the numbers of articles.
pub(crate) type ByNumber<V> = HashMap<Number, V, RandomState>;

/// What is kept of an article beside its id, its terms and its sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ArticleFacts {
    /// The hash of its words in order.
    pub(crate) content: u64,
    /// A hash of its id: an order of articles that means nothing.
    pub(crate) tie: u64,
    /// How many words it has.
    pub(crate) words: u32,
    pub(crate) date: Option<Date>,
    pub(crate) language: Language,
    pub(crate) title: Title,
    /// Whether the sample is cut.
    cut: bool,
    /// Whether it was taken out since.
    gone: bool,
    /// How many terms, values of the sample, bytes of the id and marks there are.
    lens: [u32; 4],
    /// Where each of the four starts.
    starts: [u64; 4],
}

/// The [`ArticleFacts`] of an article as they are kept: content, tie, words and day, lengths, the three
/// starts, language and flags. It is a line of a processor's cache.
pub(crate) type ArticleRow = [u64; 8];

/// Flags of a row.
const CUT: u64 = 1 << 8;
const GONE: u64 = 1 << 9;
const FOREIGN_TITLE: u64 = 1 << 10;

/// Where the marks of a row have their number and their start, above the flags.
const MARKS_LEN: u32 = 16;
const MARKS_START: u32 = 24;

/// The longest id, in bytes.
pub(crate) const MAX_ID_BYTES: usize = (1 << 24) - 1;

impl ArticleFacts {
    #[inline]
    fn of(row: &ArticleRow) -> Self {
        let &[content, tie, words_and_day, lens, terms, sample, id, rest] = row;
        ArticleFacts {
            content,
            tie,
            words: words_and_day as u32,
            date: Date::unpacked((words_and_day >> 32) as u32),
            language: Language::ALL[rest as usize % Language::COUNT],
            title: Title { hash: (lens >> 48) as u16, is_foreign: rest & FOREIGN_TITLE != 0 },
            cut: rest & CUT != 0,
            gone: rest & GONE != 0,
            lens: [
                u32::from(lens as u8),
                u32::from((lens >> 8) as u16),
                (lens >> 24) as u32 & MAX_ID_BYTES as u32,
                u32::from((rest >> MARKS_LEN) as u8),
            ],
            starts: [terms, sample, id, rest >> MARKS_START],
        }
    }

    /// Where its terms, sample, id and marks end.
    #[cfg(feature = "archive")]
    fn ends(&self) -> [u64; 4] {
        std::array::from_fn(|at| self.starts[at].saturating_add(self.lens[at].into()))
    }

    fn row(&self) -> ArticleRow {
        let ArticleFacts { content, tie, words, date, language, title, cut, gone, lens, starts } =
            *self;
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let [terms, sample, id, marks] = lens.map(u64::from);
        [
            content,
            tie,
            u64::from(words) | u64::from(date.map_or(0, Date::packed)) << 32,
            terms | sample << 8 | id << 24 | u64::from(title.hash) << 48,
            starts[0],
            starts[1],
            starts[2],
            language as u64
                | flag(cut, CUT)
                | flag(gone, GONE)
                | flag(title.is_foreign, FOREIGN_TITLE)
                | marks << MARKS_LEN
                | starts[3] << MARKS_START,
        ]
    }
}

/// All that is kept of one article, wherever it comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<'a> {
    pub(crate) id: &'a str,
    pub(crate) content: u64,
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

/// What is kept of articles, each under a number, in the order in which they came: flat columns, no
/// allocation an article. They may lie in a mapped file.
///
/// An article takes 64 bytes, its id, and 4 bytes for each of its terms and for each value of its
/// sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Articles {
    rows: Column<ArticleRow>,
    ids: Column<u8>,
    terms: Column<u32>,
    samples: Column<u32>,
    marks: Column<u16>,
}

impl Articles {
    /// None yet, with room for all of these.
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

    /// Gives back the room for more.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.rows.made().shrink_to_fit();
        self.ids.made().shrink_to_fit();
        self.terms.made().shrink_to_fit();
        self.samples.made().shrink_to_fit();
        self.marks.made().shrink_to_fit();
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Asks for the facts of an article to be brought near.
    pub(crate) fn prefetch_facts(&self, number: u32) {
        prefetch(&self.rows[number as usize..=number as usize]);
    }

    #[inline]
    pub(crate) fn facts(&self, number: u32) -> ArticleFacts {
        ArticleFacts::of(&self.rows[number as usize])
    }

    /// The id of an article.
    pub(crate) fn id(&self, number: u32) -> &str {
        // It was put in as a text, or found to be one when the file was opened.
        str::from_utf8(self.id_bytes(number)).unwrap_or_default()
    }

    /// The same as bytes, sooner.
    pub(crate) fn id_bytes(&self, number: u32) -> &[u8] {
        let ArticleFacts { starts, lens, .. } = self.facts(number);
        &self.ids[starts[2] as usize..][..lens[2] as usize]
    }

    /// The [`KeptTerm`]s of an article, rising.
    #[inline]
    pub(crate) fn terms(&self, number: u32) -> &[u32] {
        let ArticleFacts { starts, lens, .. } = self.facts(number);
        &self.terms[starts[0] as usize..][..lens[0] as usize]
    }

    /// The sample of the shingles of an article.
    #[inline]
    pub(crate) fn sample(&self, number: u32) -> Sample<'_> {
        let ArticleFacts { starts, lens, cut, .. } = self.facts(number);
        Sample { values: &self.samples[starts[1] as usize..][..lens[1] as usize], cut }
    }

    /// The marks of an article.
    pub(crate) fn marks(&self, number: u32) -> &[u16] {
        let ArticleFacts { starts, lens, .. } = self.facts(number);
        &self.marks[starts[3] as usize..][..lens[3] as usize]
    }

    /// All that is kept of an article.
    pub(crate) fn kept(&self, number: u32) -> Kept<'_> {
        let ArticleFacts { content, words, date, language, title, .. } = self.facts(number);
        let (id, terms, sample) = (self.id(number), self.terms(number), self.sample(number));
        let marks = self.marks(number);
        Kept { id, content, words, date, language, terms, sample, marks, title }
    }

    /// What an article is in the order of days: the undated ones last, and within a day by a hash
    /// of the id.
    pub(crate) fn in_order(&self, number: u32) -> impl Ord + '_ {
        let facts = self.facts(number);
        (facts.date.is_none(), facts.date, facts.tie, self.id_bytes(number))
    }

    /// Puts an article last.
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
            gone: false,
            lens: [0; 4],
            starts: [0; 4],
        };
        self.push_parts(facts, kept);
    }

    /// Puts an article of other articles last.
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
    pub(crate) fn columns(&self) -> (&[ArticleRow], &[u8], &[u32], &[u32], &[u16]) {
        (&self.rows, &self.ids, &self.terms, &self.samples, &self.marks)
    }

    /// The articles that have these arrays.
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

    /// Whether the row of an article may be one that was kept, and what it leads to begins where that
    /// of the row before it ends.
    #[cfg(feature = "archive")]
    pub(crate) fn makes_sense(row: &ArticleRow, before: Option<&ArticleRow>) -> bool {
        let facts = ArticleFacts::of(row);
        let starts = before.map_or([0; 4], |row| ArticleFacts::of(row).ends());
        let day = (row[2] >> 32) as u32;
        facts.row() == *row
            && !facts.gone
            && facts.starts == starts
            && facts.lens[3] as usize <= MAX_MARKS
            && (day == 0 || Date::is_packed(day))
    }

    /// The place of an article in the order of the days.
    #[cfg(feature = "archive")]
    pub(crate) fn day_of(row: &ArticleRow) -> impl Ord {
        let date = ArticleFacts::of(row).date;
        (date.is_none(), date)
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

    /// Where the terms, samples and ids end that the rows lead to.
    #[cfg(feature = "archive")]
    pub(crate) fn ends(rows: &[ArticleRow]) -> [u64; 4] {
        rows.last().map_or([0; 4], |row| ArticleFacts::of(row).ends())
    }

    /// Marks an article as taken out.
    fn forget(&mut self, number: u32) {
        self.rows.made()[number as usize][7] |= GONE;
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.rows.memory_usage()
            + self.ids.memory_usage()
            + self.terms.memory_usage()
            + self.samples.memory_usage()
            + self.marks.memory_usage()
    }
}

/// Appends values, with room for an eighth of all beyond them: vectors that double would leave a
/// quarter of the memory empty. Where they start.
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
/// What removed ones leave is given back once it is about a third of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collection {
    articles: Articles,
    by_id: HashTable<u32>,
}

impl Collection {
    /// How many articles are in.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The numbers of the articles that are in.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        (0u32..)
            .zip(&*self.articles.rows)
            .filter(|(_, row)| !ArticleFacts::of(row).gone)
            .map(|(number, _)| number)
    }

    /// The number above all numbers.
    pub(crate) fn end(&self) -> usize {
        self.articles.len()
    }

    /// What is kept of each, of those too that were taken out.
    pub(crate) fn articles(&self) -> &Articles {
        &self.articles
    }

    /// The article of an id.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.by_id
            .find(tie_of(id), |&number| self.articles.id_bytes(number) == id.as_bytes())
            .copied()
    }

    /// Puts an article in.
    pub(crate) fn insert(
        &mut self,
        article: &Article<'_>,
        fingerprint: &Fingerprint,
    ) -> Result<(), Error> {
        let id = article.id();
        if self.number(id).is_some() {
            return Err(ErrorKind::RepeatedId { id: id.to_owned() }.into());
        }
        if self.end() >= u32::MAX as usize || id.len() > MAX_ID_BYTES {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        self.articles.push(&Kept::new(article, fingerprint));
        self.note_last();
        Ok(())
    }

    /// Lists the id of the last article.
    fn note_last(&mut self) {
        let Collection { articles, by_id } = self;
        let number = articles.len() as u32 - 1;
        let tie = articles.facts(number).tie;
        by_id.insert_unique(tie, number, |&number| articles.facts(number).tie);
    }

    /// Takes an article out; whether it was in.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.number(id) else { return false };
        if let Ok(entry) = self.by_id.find_entry(tie_of(id), |&other| other == number) {
            entry.remove();
        }
        self.articles.forget(number);
        if self.end() > self.len() / 2 * 3 + 16 {
            self.close_gaps();
        }
        true
    }

    /// Gives back the room of removed articles and of words that no article has any more.
    fn close_gaps(&mut self) {
        let mut closed = Collection::default();
        for number in self.numbers() {
            closed.articles.push_from(&self.articles, number);
            closed.note_last();
        }
        *self = closed;
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.articles.memory_usage() + self.by_id.allocation_size()
    }
}

/// A hash of an id: an order of articles that means nothing.
pub(crate) fn tie_of(id: &str) -> u64 {
    hash::bytes(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::fingerprint::Fingerprint;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn insert(collection: &mut Collection, id: &str, text: &str) -> Result<(), Error> {
        let article = Article::new(id, text);
        collection.insert(&article, &Fingerprint::new(&article)?)
    }

    fn kept(collection: &Collection, number: u32) -> (u64, &[u32], &[u32]) {
        let content = collection.articles().facts(number).content;
        (content, collection.articles().terms(number), collection.articles().sample(number).values)
    }

    proptest! {
        /// The same random operations on a plain map.
        #[test]
        fn behaves_like_a_map_of_fingerprints(
            operations in prop::collection::vec((any::<bool>(), 0u8..200), 0..300),
        ) {
            let mut collection = Collection::default();
            let mut model: BTreeMap<String, String> = BTreeMap::new();
            for (put, name) in operations {
                let id = format!("id {name}");
                let text = format!("word{} red boat {name} {}", name / 3, name % 7);
                if put {
                    let is_new = !model.contains_key(&id);
                    prop_assert_eq!(insert(&mut collection, &id, &text).is_ok(), is_new);
                    model.entry(id).or_insert(text);
                } else {
                    prop_assert_eq!(collection.remove(&id), model.remove(&id).is_some());
                }
            }
            prop_assert_eq!(collection.len(), model.len());
            prop_assert_eq!(collection.numbers().count(), model.len());
            let mut alone = Collection::default();
            for (id, text) in &model {
                let number = collection.number(id).expect("is in");
                prop_assert_eq!(collection.articles().id(number), id);
                insert(&mut alone, id, text).expect("is new");
                let twin = alone.number(id).expect("is in");
                prop_assert_eq!(kept(&collection, number), kept(&alone, twin));
            }
            // The words are counted as if the others had never been in.
            let counts = |collection: &Collection| -> BTreeMap<u32, u32> {
                let counts = Language::all().flat_map(|language| collection.vocabulary().counts(language));
                counts.filter(|&(_, count)| count > 0).collect()
            };
            prop_assert_eq!(counts(&collection), counts(&alone));
        }
    }
}
