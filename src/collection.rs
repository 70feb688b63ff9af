//! The articles that are in, and what is kept of each: flat vectors, no allocation an article.

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

/// The articles that are in, each under a number, and how many of them have each word.
///
/// An article takes some 70 bytes, its id, and 4 bytes for each of its terms and for each value of
/// its sample. What removed ones leave is given back once it is about a third of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collection {
    facts: Vec<Facts>,
    ids: String,
    terms: Vec<u32>,
    samples: Vec<u32>,
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
        (0u32..).zip(&self.facts).filter(|(_, facts)| facts.is_in).map(|(number, _)| number)
    }

    /// The number above all numbers.
    pub(crate) fn end(&self) -> usize {
        self.facts.len()
    }

    /// The words of all articles.
    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
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

    /// The article of an id.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.by_id.find(tie_of(id), |&number| self.id(number) == id).copied()
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
        if self.facts.len() >= u32::MAX as usize || id.len() > u32::MAX as usize {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        let language = fingerprint.language();
        let (terms, sample) = (fingerprint.terms(), fingerprint.shingles().sample());
        let starts = (self.terms.len() as u64, self.samples.len() as u64, self.ids.len() as u64);
        let lens = (terms.len() as u16, sample.values.len() as u16, id.len() as u32);
        self.vocabulary.add(language, terms.iter().map(|&term| KeptTerm(term).term()));
        reserve(&mut self.terms, terms.len());
        self.terms.extend_from_slice(terms);
        reserve(&mut self.samples, sample.values.len());
        self.samples.extend_from_slice(sample.values);
        self.ids.reserve_exact(room(self.ids.len(), self.ids.capacity(), id.len()));
        self.ids.push_str(id);
        reserve(&mut self.facts, 1);
        self.facts.push(Facts {
            content: fingerprint.content(),
            tie: tie_of(id),
            words: fingerprint.words() as u32,
            date: article.get_date(),
            language,
            cut: sample.cut,
            is_in: true,
            lens,
            starts,
        });
        let facts = &self.facts;
        let number = facts.len() as u32 - 1;
        self.by_id.insert_unique(tie_of(id), number, |&number| facts[number as usize].tie);
        Ok(())
    }

    /// Takes an article out; whether it was in.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.number(id) else { return false };
        if let Ok(entry) = self.by_id.find_entry(tie_of(id), |&other| other == number) {
            entry.remove();
        }
        let Facts { starts, lens, language, .. } = self.facts[number as usize];
        let terms = &self.terms[starts.0 as usize..][..lens.0 as usize];
        self.vocabulary.remove(language, terms.iter().map(|&term| KeptTerm(term).term()));
        self.facts[number as usize].is_in = false;
        if self.facts.len() > self.len() / 2 * 3 + 16 {
            self.close_gaps();
        }
        true
    }

    /// Gives back the room of removed articles and of words that no article has any more.
    fn close_gaps(&mut self) {
        let mut closed = Collection::default();
        for number in self.numbers() {
            let language = self.facts(number).language;
            let starts =
                (closed.terms.len() as u64, closed.samples.len() as u64, closed.ids.len() as u64);
            let terms = self.terms(number);
            closed.vocabulary.add(language, terms.iter().map(|&term| KeptTerm(term).term()));
            closed.terms.extend_from_slice(terms);
            closed.samples.extend_from_slice(self.sample(number).values);
            closed.ids.push_str(self.id(number));
            closed.facts.push(Facts { starts, ..*self.facts(number) });
            let (facts, tie) = (&closed.facts, self.facts(number).tie);
            let number = facts.len() as u32 - 1;
            closed.by_id.insert_unique(tie, number, |&number| facts[number as usize].tie);
        }
        *self = closed;
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.facts.capacity() * size_of::<Facts>()
            + self.ids.capacity()
            + self.terms.capacity() * size_of::<u32>()
            + self.samples.capacity() * size_of::<u32>()
            + self.by_id.allocation_size()
            + self.vocabulary.memory_usage()
    }
}

fn tie_of(id: &str) -> u64 {
    hash::bytes(id.as_bytes())
}

/// Makes room for so many more, and for an eighth of all: vectors that double would leave a quarter
/// of the memory empty.
fn reserve<T>(values: &mut Vec<T>, more: usize) {
    values.reserve_exact(room(values.len(), values.capacity(), more));
}

/// How much room to ask for where `more` is needed.
fn room(len: usize, capacity: usize, more: usize) -> usize {
    if capacity - len >= more { 0 } else { more + len / 8 + 1024 }
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
        let content = collection.facts(number).content;
        (content, collection.terms(number), collection.sample(number).values)
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
                prop_assert_eq!(collection.id(number), id);
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
