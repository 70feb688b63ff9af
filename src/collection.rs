//! The articles that are in, and what is kept of each.

use hashbrown::HashTable;

use crate::article::{Article, Date};
use crate::bottomk::Sample;
use crate::error::{Error, ErrorKind};
use crate::fingerprint::{Fingerprint, KeptTerm};
use crate::hash;
use crate::vocabulary::{Language, Vocabulary};

/// What is kept of an article beside its id, its terms and its sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The hash of its words in order.
    pub(crate) content: u64,
    /// A hash of its id: an order of articles that means nothing.
    pub(crate) tie: u64,
    /// How many words it has.
    pub(crate) words: u32,
    pub(crate) date: Option<Date>,
    pub(crate) language: Language,
    /// Whether the sample is cut.
    cut: bool,
    /// Whether it was not taken out since.
    is_in: bool,
    /// How many terms and values of the sample there are, and how long the id is.
    lens: (u16, u16, u32),
    /// Where each of the three starts.
    starts: (u64, u64, u64),
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
        }
    }
}

/// What is kept of articles, each under a number, in the order in which they came: flat vectors, no
/// allocation an article.
///
/// An article takes some 70 bytes, its id, and 4 bytes for each of its terms and for each value of
/// its sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Articles {
    facts: Vec<Facts>,
    ids: String,
    terms: Vec<u32>,
    samples: Vec<u32>,
}

impl Articles {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(crate) fn facts(&self, number: u32) -> &Facts {
        &self.facts[number as usize]
    }

    /// The id of an article.
    pub(crate) fn id(&self, number: u32) -> &str {
        let Facts { starts, lens, .. } = self.facts(number);
        &self.ids[starts.2 as usize..][..lens.2 as usize]
    }

    /// The [`KeptTerm`]s of an article, rising.
    pub(crate) fn terms(&self, number: u32) -> &[u32] {
        let Facts { starts, lens, .. } = self.facts(number);
        &self.terms[starts.0 as usize..][..lens.0 as usize]
    }

    /// The sample of the shingles of an article.
    pub(crate) fn sample(&self, number: u32) -> Sample<'_> {
        let &Facts { starts, lens, cut, .. } = self.facts(number);
        Sample { values: &self.samples[starts.1 as usize..][..lens.1 as usize], cut }
    }

    /// All that is kept of an article.
    #[cfg(feature = "archive")]
    pub(crate) fn kept(&self, number: u32) -> Kept<'_> {
        let &Facts { content, words, date, language, .. } = self.facts(number);
        let (id, terms, sample) = (self.id(number), self.terms(number), self.sample(number));
        Kept { id, content, words, date, language, terms, sample }
    }

    /// What an article is in the order of days: the undated ones last, and within a day by a hash
    /// of the id.
    pub(crate) fn in_order(&self, number: u32) -> impl Ord + '_ {
        let facts = self.facts(number);
        (facts.date.is_none(), facts.date, facts.tie, self.id(number))
    }

    /// Puts an article last.
    pub(crate) fn push(&mut self, kept: &Kept<'_>) {
        let &Kept { id, content, words, date, language, terms, sample } = kept;
        let facts = Facts {
            content,
            tie: tie_of(id),
            words,
            date,
            language,
            cut: sample.cut,
            is_in: true,
            lens: (0, 0, 0),
            starts: (0, 0, 0),
        };
        self.push_parts(facts, id, terms, sample.values);
    }

    /// Puts an article of other articles last.
    pub(crate) fn push_from(&mut self, other: &Articles, number: u32) {
        let sample = other.sample(number).values;
        self.push_parts(*other.facts(number), other.id(number), other.terms(number), sample);
    }

    fn push_parts(&mut self, facts: Facts, id: &str, terms: &[u32], sample: &[u32]) {
        let starts = (self.terms.len() as u64, self.samples.len() as u64, self.ids.len() as u64);
        let lens = (terms.len() as u16, sample.len() as u16, id.len() as u32);
        reserve(&mut self.terms, terms.len());
        self.terms.extend_from_slice(terms);
        reserve(&mut self.samples, sample.len());
        self.samples.extend_from_slice(sample);
        self.ids.reserve_exact(room(self.ids.len(), self.ids.capacity(), id.len()));
        self.ids.push_str(id);
        reserve(&mut self.facts, 1);
        self.facts.push(Facts { lens, starts, ..facts });
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.facts.capacity() * size_of::<Facts>()
            + self.ids.capacity()
            + self.terms.capacity() * size_of::<u32>()
            + self.samples.capacity() * size_of::<u32>()
    }
}

/// The articles that are in, each under a number, and how many of them have each word.
///
/// What removed ones leave is given back once it is about a third of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collection {
    articles: Articles,
    by_id: HashTable<u32>,
    vocabulary: Vocabulary,
}

impl Collection {
    /// How many articles are in.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The numbers of the articles that are in.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        (0u32..)
            .zip(&self.articles.facts)
            .filter(|(_, facts)| facts.is_in)
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

    /// The words of all articles.
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The article of an id.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.by_id.find(tie_of(id), |&number| self.articles.id(number) == id).copied()
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
        if self.end() >= u32::MAX as usize || id.len() > u32::MAX as usize {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        self.articles.push(&Kept::new(article, fingerprint));
        self.note_last();
        Ok(())
    }

    /// Counts the words of the last article, and lists its id.
    fn note_last(&mut self) {
        let Collection { articles, by_id, vocabulary } = self;
        let number = articles.len() as u32 - 1;
        let Facts { language, tie, .. } = *articles.facts(number);
        vocabulary.add(language, articles.terms(number).iter().map(|&term| KeptTerm(term).term()));
        by_id.insert_unique(tie, number, |&number| articles.facts(number).tie);
    }

    /// Takes an article out; whether it was in.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.number(id) else { return false };
        if let Ok(entry) = self.by_id.find_entry(tie_of(id), |&other| other == number) {
            entry.remove();
        }
        let terms = self.articles.terms(number).iter().map(|&term| KeptTerm(term).term());
        self.vocabulary.remove(self.articles.facts(number).language, terms);
        self.articles.facts[number as usize].is_in = false;
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
        self.articles.memory_usage() + self.by_id.allocation_size() + self.vocabulary.memory_usage()
    }
}

/// A hash of an id: an order of articles that means nothing.
pub(crate) fn tie_of(id: &str) -> u64 {
    hash::bytes(id.as_bytes())
}

/// Makes room for so many more, and for an eighth of all: vectors that double would leave a quarter
/// of the memory empty.
fn reserve<T>(values: &mut Vec<T>, more: usize) {
    values.reserve_exact(room(values.len(), values.capacity(), more));
}

/// How much room to ask for where `more` is needed.
fn room(len: usize, capacity: usize, more: usize) -> usize {
    if capacity - len >= more { 0 } else { more + len / 8 + 64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprint;
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
