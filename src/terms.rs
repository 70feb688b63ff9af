//! An article's words in the light of a collection: what each is worth, and which tell it apart.

use crate::bottomk::Overlap;
use crate::collection::KeptTerm;
use crate::kernel::Kernel;
use crate::vocabulary::{Language, Vocabulary, is_number};

/// How many of an article's most distinctive words lead to candidates.
pub(crate) const DISTINCTIVE: usize = 40;

/// How rare the words of a collection are, in each language.
///
/// Weights are whole numbers, so that sums are the same in any order and on every machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rarities {
    /// By the language, then by the id; empty for a language that no article is in.
    tables: [Vec<Rarity>; Language::COUNT],
}

/// How rare a term is in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rarity(u16);

impl Rarity {
    /// Set for a number.
    const NUMBER: u16 = 1 << 15;

    /// Of so many nats. Nothing is so common that it is worth nothing, since a collection may have
    /// nothing else.
    pub(crate) fn new(nats: f32, is_number: bool) -> Self {
        let rarity = libm::roundf(nats * 2048.0).clamp(1.0, f32::from(Self::NUMBER - 1)) as u16;
        Rarity(rarity | if is_number { Self::NUMBER } else { 0 })
    }

    /// In 2048ths of a nat.
    fn value(self) -> u32 {
        u32::from(self.0 & !Self::NUMBER)
    }

    fn is_number(self) -> bool {
        self.0 & Self::NUMBER != 0
    }
}

impl Rarities {
    pub(crate) fn new(vocabulary: &Vocabulary) -> Self {
        let table = |language| {
            let counts = vocabulary.counts(language).map(|(term, with_term)| {
                Rarity::new(vocabulary.rarity(language, term, with_term), is_number(term))
            });
            if vocabulary.lacks(language) { Vec::new() } else { counts.collect() }
        };
        let mut languages = Language::all();
        Rarities {
            tables: std::array::from_fn(|_| languages.next().map(table).unwrap_or_default()),
        }
    }

    /// The rarities in a language, by id.
    pub(crate) fn of(&self, language: Language) -> &[Rarity] {
        &self.tables[language as usize]
    }

    /// Bytes held on the heap.
    pub(crate) fn memory_usage(&self) -> usize {
        self.tables.iter().map(|table| table.capacity() * size_of::<Rarity>()).sum()
    }
}

/// What the terms of an article weigh together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weight {
    /// The length of the vector of all terms.
    length: f32,
    /// The length of the part that stands in the lead.
    lead_length: f32,
    /// How many of the terms are numbers.
    numbers: u16,
}

/// Where the rarities of an article's terms stand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RaritiesOf<'a> {
    /// By the ids of the terms: of an article that is in.
    Id(&'a [Rarity]),
    /// Beside the terms: of an article from outside, some of whose terms may not be in.
    Place(&'a [Rarity]),
}

/// The terms of an article, weighed: frequency times rarity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed<'a> {
    /// [`KeptTerm`]s, rising.
    pub(crate) terms: &'a [u32],
    pub(crate) rarities: RaritiesOf<'a>,
    pub(crate) language: Language,
    pub(crate) weight: Weight,
}

impl<'a> Weighed<'a> {
    /// Weighs the terms of an article.
    pub(crate) fn new(terms: &'a [u32], rarities: RaritiesOf<'a>, language: Language) -> Self {
        let mut weighed = Weighed { terms, rarities, language, weight: Weight::default() };
        let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0);
        for (place, &term) in terms.iter().enumerate() {
            let square = weighed.weight(place).pow(2);
            all += square;
            lead += if KeptTerm(term).in_lead() { square } else { 0 };
            numbers += u16::from(weighed.rarity(place).is_number());
        }
        let (length, lead_length) = ((all as f32).sqrt(), (lead as f32).sqrt());
        weighed.weight = Weight { length, lead_length, numbers };
        weighed
    }

    #[inline]
    fn term(&self, place: usize) -> KeptTerm {
        KeptTerm(self.terms[place])
    }

    #[inline]
    fn rarity(&self, place: usize) -> Rarity {
        match self.rarities {
            RaritiesOf::Id(rarities) => rarities[self.term(place).id() as usize],
            RaritiesOf::Place(rarities) => rarities[place],
        }
    }

    /// What a term weighs, below 2²¹.
    #[inline]
    fn weight(&self, place: usize) -> u64 {
        u64::from(self.term(place).frequency() * self.rarity(place).value())
    }

    /// The ids of the heaviest terms, heaviest first. `order` is a buffer.
    pub(crate) fn distinctive(
        &self,
        term_of: impl Fn(u32) -> u32,
        order: &mut Vec<(u32, u32)>,
        ids: &mut Vec<u32>,
    ) {
        order.clear();
        let weigh = |place| (u32::MAX - self.weight(place) as u32, self.term(place).id());
        order.extend((0..self.terms.len()).map(weigh));
        // Ids follow from the order of insertion, terms do not.
        let key = |&(weight, id): &(u32, u32)| (weight, term_of(id));
        if order.len() > DISTINCTIVE {
            order.select_nth_unstable_by_key(DISTINCTIVE, key);
            order.truncate(DISTINCTIVE);
        }
        order.sort_unstable_by_key(key);
        ids.clear();
        ids.extend(order.iter().map(|&(_, id)| id));
    }
}

/// How alike the words of two articles are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct TermSimilarity {
    /// The cosine of all words.
    pub(crate) all: f32,
    /// The cosine of the words of the two leads.
    pub(crate) lead: f32,
    /// The distinct numbers of each and those of both.
    pub(crate) numbers: Overlap,
}

impl TermSimilarity {
    fn new(all: u64, lead: u64, numbers: usize, left: &Weight, right: &Weight) -> Self {
        let cosine = |sum: u64, lengths: f32| {
            if lengths > 0.0 { (sum as f32 / lengths).min(1.0) } else { 0.0 }
        };
        let (of_left, of_right) = (left.numbers.into(), right.numbers.into());
        TermSimilarity {
            all: cosine(all, left.length * right.length),
            lead: cosine(lead, left.lead_length * right.lead_length),
            numbers: Overlap { left: of_left, right: of_right, shared: numbers },
        }
    }
}

/// Compares two articles by their weighted terms. `O(n + m)`.
pub(crate) fn similarity(left: &Weighed<'_>, right: &Weighed<'_>) -> TermSimilarity {
    let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0);
    let shift = KeptTerm::FREQUENCY_BITS;
    Kernel::detect().for_each_shared(left.terms, right.terms, shift, |i, j| {
        let (one, two) = (left.term(i), right.term(j));
        let rarity = left.rarity(i);
        // In one language a term is as rare in one article as in the other.
        let same = left.language == right.language;
        let other = if same { rarity } else { right.rarity(j) };
        let product = u64::from(one.frequency() * rarity.value())
            * u64::from(two.frequency() * other.value());
        all += product;
        lead += if one.in_lead() && two.in_lead() { product } else { 0 };
        numbers += usize::from(rarity.is_number());
    });
    TermSimilarity::new(all, lead, numbers, &left.weight, &right.weight)
}

/// An article spread out to be compared with many: for each id of the vocabulary the place of the
/// term that has it. What is compared with it then asks for each of its terms once, without a branch
/// to guess.
#[derive(Debug, Default)]
pub(crate) struct Spread {
    /// By id: 0, or one more than a place.
    places: Vec<u8>,
    /// The ids that have a place.
    ids: Vec<u32>,
    /// What a term adds for each step of frequency that it has on the other side; nothing first.
    shares: Vec<Share>,
    language: Option<Language>,
    weight: Weight,
}

/// What a shared term adds, beside its frequency on the other side.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    all: u64,
    /// If it stands in the lead.
    lead: u64,
    is_number: u64,
}

impl Spread {
    /// Spreads an article; what stood there before is forgotten. `ids` are below the end of the
    /// vocabulary.
    pub(crate) fn fill(&mut self, article: &Weighed<'_>, ids: usize) {
        self.ids.drain(..).for_each(|id| self.places[id as usize] = 0);
        if self.places.len() < ids {
            self.places.resize(ids, 0);
        }
        self.shares.clear();
        self.shares.push(Share::default());
        for place in 0..article.terms.len() {
            let (term, rarity) = (article.term(place), article.rarity(place));
            // A word that no article of the collection has is shared with none.
            if let Some(at) = self.places.get_mut(term.id() as usize) {
                *at = self.shares.len() as u8;
                self.ids.push(term.id());
                let value = u64::from(rarity.value());
                let all = u64::from(term.frequency()) * value * value;
                let lead = if term.in_lead() { all } else { 0 };
                self.shares.push(Share { all, lead, is_number: rarity.is_number().into() });
            }
        }
        self.language = Some(article.language);
        self.weight = article.weight;
    }

    /// The same as [`similarity`] of the article and another one of its language; `None` for one of
    /// another language.
    pub(crate) fn similarity(&self, other: &Weighed<'_>) -> Option<TermSimilarity> {
        if self.language != Some(other.language) {
            return None;
        }
        let (mut all, mut lead, mut numbers) = (0u64, 0u64, 0u64);
        for &term in other.terms {
            let term = KeptTerm(term);
            let share = self.shares[usize::from(self.places[term.id() as usize])];
            let frequency = u64::from(term.frequency());
            all += share.all * frequency;
            lead += share.lead * if term.in_lead() { frequency } else { 0 };
            numbers += share.is_number;
        }
        Some(TermSimilarity::new(all, lead, numbers as usize, &self.weight, &other.weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Terms of few ids, so that articles share some; and the rarities of all ids.
    fn any_article() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::btree_map(0u32..40, (1u8..64, any::<bool>()), 1..30).prop_map(|terms| {
            let kept = terms.into_iter().map(|(id, (frequency, in_lead))| {
                KeptTerm::new(id, frequency | if in_lead { crate::fingerprint::IN_LEAD } else { 0 })
                    .0
            });
            kept.collect()
        })
    }

    fn any_rarities() -> impl Strategy<Value = Vec<Rarity>> {
        prop::collection::vec((0f32..9.0, any::<bool>()), 40).prop_map(|rarities| {
            rarities.into_iter().map(|(nats, number)| Rarity::new(nats, number)).collect()
        })
    }

    #[test]
    fn the_heaviest_terms_come_first() {
        let rarities = [0.1, 5.0, 9.0].map(|nats| Rarity::new(nats, false));
        let terms = [(0, 9), (1, 8), (2, 8)].map(|(id, frequency)| KeptTerm::new(id, frequency).0);
        let article = Weighed::new(&terms, RaritiesOf::Id(&rarities), Language::English);
        let (mut order, mut ids) = (Vec::new(), Vec::new());
        article.distinctive(|id| id, &mut order, &mut ids);
        assert_eq!(ids, [2, 1, 0]);
    }

    #[test]
    fn nothing_is_so_common_that_it_is_worth_nothing() {
        let rarities = [Rarity::new(0.0, false)];
        let terms = [KeptTerm::new(0, 1).0];
        let article = Weighed::new(&terms, RaritiesOf::Id(&rarities), Language::English);
        assert_eq!(similarity(&article, &article).all, 1.0);
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_one_with_itself_and_the_same_spread_out(
            a in any_article(), b in any_article(), c in any_article(), rarities in any_rarities(),
        ) {
            let weigh = |terms| Weighed::new(terms, RaritiesOf::Id(&rarities), Language::English);
            let (x, y, z) = (weigh(&a), weigh(&b), weigh(&c));
            let there = similarity(&x, &y);
            let back = similarity(&y, &x);
            prop_assert_eq!(there, TermSimilarity { numbers: back.numbers.flipped(), ..back });
            prop_assert!((0.0..=1.0).contains(&there.all) && (0.0..=1.0).contains(&there.lead));
            prop_assert!(similarity(&x, &x).all > 0.9999);

            let mut spread = Spread::default();
            for article in [&z, &x] {
                // Nothing of one article is left for the next.
                spread.fill(article, 40);
            }
            prop_assert_eq!(spread.similarity(&y), Some(there));
            prop_assert_eq!(spread.similarity(&x), Some(similarity(&x, &x)));
            let foreign = Weighed { language: Language::Cyrillic, ..y };
            prop_assert_eq!(spread.similarity(&foreign), None);

            // Beside the terms or by their ids, rarities mean the same.
            let beside: Vec<Rarity> =
                a.iter().map(|&term| rarities[KeptTerm(term).id() as usize]).collect();
            let visitor = Weighed::new(&a, RaritiesOf::Place(&beside), Language::English);
            prop_assert_eq!(similarity(&visitor, &y), there);
        }
    }
}
