//! The columns of a file of rows: the newest articles, and changes of earlier ones.
//!
//! Written from memory, read where they are mapped. Reading checks every value, so that whatever a file
//! holds is either refused or safe to use.

use super::{Defect, UNEVEN_COLUMNS, must};
use crate::corpus::article::Date;
use crate::corpus::collection::Kept;
use crate::corpus::collection::Number;
use crate::corpus::fingerprint::{Title, are_terms};
use crate::engine::segment::{ArrivalStats, Segment, Standing};
use crate::error::Error;
use crate::families::live::{FamilyId, Link, LinkKind, LiveFamilies};
use crate::score::relation::Level;
use crate::score::terms::{DISTINCTIVE, TermNorms};
use crate::sketch::bottomk::Sample;
use crate::store::{File, Section};
use crate::text::language::Language;

/// Defines the owned and the borrowed form of a list of columns, each with its tag.
macro_rules! columns {
    ($owned:ident, $borrowed:ident; $($tag:literal $name:ident: $number:ty,)*) => {
        /// The columns of a file to write; `FORMAT.md` describes each.
        #[derive(Debug, Default)]
        pub(crate) struct $owned {
            $(pub(crate) $name: Vec<$number>,)*
        }

        impl $owned {
            pub(crate) fn sections(&self) -> Vec<Section<'_>> {
                vec![$(Section::new($tag, &self.$name)),*]
            }
        }

        /// The columns of a file.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $borrowed<'a> {
            $(pub(crate) $name: &'a [$number],)*
        }

        impl<'a> $borrowed<'a> {
            /// The columns of a file, which must have all of them.
            pub(crate) fn of(file: &'a File) -> Result<Self, Error> {
                Ok($borrowed { $($name: file.section($tag)?,)* })
            }
        }
    };
}

pub(super) use columns;

columns! {
    ChangeColumns, ChangeRows;
    1 span: u32,
    2 numbers: u32,
    3 contents: u64,
    4 words: u32,
    5 dates: u32,
    6 languages: u8,
    7 flags: u8,
    8 lengths: u32,
    9 lead_lengths: u32,
    10 densities: u32,
    11 families: u64,
    12 id_lens: u32,
    13 term_lens: u16,
    14 sample_lens: u16,
    15 key_lens: u8,
    16 link_lens: u16,
    17 ids: u8,
    18 terms: u32,
    19 samples: u32,
    20 keys: u8,
    21 links: u32,
    22 link_levels: u8,
    23 link_scores: u32,
    24 relabelled: u32,
    25 labels: u64,
    26 removed: u32,
    27 removed_at: u64,
    28 verdict_later: u32,
    29 verdict_earlier: u32,
    30 verdict_levels: u8,
    31 figures: u16,
    32 mark_lens: u8,
    33 marks: u16,
    34 titles: u16,
}

/// The stored family of an article without one.
const NO_FAMILY: u64 = u64::MAX;

/// The stored level of a pair that reaches none.
const NO_LEVEL: u8 = 3;

/// The flags of an article.
const CUT: u8 = 1;
const FOREIGN_TITLE: u8 = 2;

/// What the standing of an article is multiplied by above the flags.
const STANDING: u8 = 4;

/// A pair, the later article first, and the level that it reaches.
pub(crate) type Verdict = ((Number, Number), Option<Level>);

impl ChangeColumns {
    /// Appends an article.
    pub(crate) fn push(
        &mut self,
        segment: &Segment,
        number: Number,
        rank: u32,
        families: &LiveFamilies,
    ) {
        let (articles, stats) = (segment.articles(), segment.stats(rank));
        let (facts, sample) = (articles.facts(rank), articles.sample(rank));
        self.numbers.push(number);
        self.contents.push(facts.content);
        self.words.push(facts.words);
        self.dates.push(facts.date.map_or(0, Date::packed));
        self.languages.push(facts.language as u8);
        let cut = if sample.cut { CUT } else { 0 };
        let standing = stats.standing as u8 * STANDING;
        let foreign = if facts.title.is_foreign { FOREIGN_TITLE } else { 0 };
        self.flags.push(cut | standing | foreign);
        self.titles.push(facts.title.hash);
        self.mark_lens.push(articles.marks(rank).len() as u8);
        self.marks.extend(articles.marks(rank));
        let [length, lead_length, numbers] = stats.weight.bits();
        self.lengths.push(length);
        self.lead_lengths.push(lead_length);
        self.figures.push(numbers as u16);
        self.densities.push(stats.density.to_bits());
        self.families.push(label(families, number));
        self.id_lens.push(articles.id(rank).len() as u32);
        self.ids.extend(articles.id(rank).as_bytes());
        self.term_lens.push(articles.terms(rank).len() as u16);
        self.terms.extend(articles.terms(rank));
        self.sample_lens.push(sample.values.len() as u16);
        self.samples.extend(sample.values);
        self.key_lens.push(segment.key_positions(rank).len() as u8);
        self.keys.extend(segment.key_positions(rank));
        let start = self.links.len();
        // Each link is stored once, with the later article, so links are restored in the order found.
        for (kind, link) in families.earlier_links(number) {
            self.links.push(link.number);
            self.link_levels.push(kind_and_level(kind, link.level));
            self.link_scores.push(link.score.to_bits());
        }
        self.link_lens.push((self.links.len() - start) as u16);
    }

    /// Appends the current family of an article.
    pub(crate) fn push_label(&mut self, number: Number, families: &LiveFamilies) {
        self.relabelled.push(number);
        self.labels.push(label(families, number));
    }

    /// Appends the verdict on a pair.
    pub(crate) fn push_verdict(&mut self, later: Number, earlier: Number, level: Option<Level>) {
        self.verdict_later.push(later);
        self.verdict_earlier.push(earlier);
        self.verdict_levels.push(level_number(level));
    }
}

/// The stored form of a level.
pub(crate) fn level_number(level: Option<Level>) -> u8 {
    level.map_or(NO_LEVEL, |level| level as u8)
}

/// The verdict on a pair, if it is valid.
pub(crate) fn verdict(later: Number, earlier: Number, level: u8) -> Option<Verdict> {
    let found = Level::ALL.get(usize::from(level)).copied();
    let holds = earlier < later && (found.is_some() || level == NO_LEVEL);
    holds.then_some(((later, earlier), found))
}

/// The stored form of the kind and the level of a link.
pub(crate) fn kind_and_level(kind: LinkKind, level: Level) -> u8 {
    4 * kind as u8 + level as u8
}

/// The link to an article, if it is valid; the article must be earlier than `before`.
pub(crate) fn link(
    number: Number,
    kind_and_level: u8,
    score: u32,
    before: Number,
) -> Option<(LinkKind, Link)> {
    let &kind = LinkKind::ALL.get(usize::from(kind_and_level / 4))?;
    let &level = Level::ALL.get(usize::from(kind_and_level % 4))?;
    let score = f32::from_bits(score);
    (number < before && score.is_finite()).then_some((kind, Link { number, level, score }))
}

/// The stored form of an article's family.
pub(crate) fn label(families: &LiveFamilies, number: Number) -> u64 {
    families.family_of(number).map_or(NO_FAMILY, FamilyId::number)
}

/// The links of an article to earlier ones.
type Links = Vec<(LinkKind, Link)>;

/// An article in a file of rows.
pub(crate) struct ChangeRow<'a> {
    pub(crate) number: Number,
    pub(crate) kept: Kept<'a>,
    pub(crate) stats: ArrivalStats,
    /// The positions of its distinctive words among its terms.
    pub(crate) keys: &'a [u8],
    /// The links to earlier articles.
    pub(crate) links: Links,
    pub(crate) family: Option<FamilyId>,
}

impl<'a> ChangeRows<'a> {
    /// The number of articles and of changes.
    pub(crate) fn weight(&self) -> usize {
        self.numbers.len() + self.changes()
    }

    /// The number of changes of earlier articles.
    pub(crate) fn changes(&self) -> usize {
        self.relabelled.len() + self.removed.len()
    }

    /// The numbers that were assigned between the commit before and the file's own; `None` if invalid.
    pub(crate) fn range(&self) -> Option<std::ops::Range<Number>> {
        let &[start, end] = self.span else { return None };
        let holds = self.numbers.iter().all(|number| (start..end).contains(number));
        let rises = self.numbers.is_sorted_by(|one, two| one < two);
        (start <= end && holds && rises).then_some(start..end)
    }

    /// Calls `visit` with each article.
    pub(crate) fn each(
        mut self,
        mut visit: impl FnMut(ChangeRow<'a>) -> Result<(), Defect>,
    ) -> Result<(), Defect> {
        let per_row = [
            self.contents.len(),
            self.words.len(),
            self.dates.len(),
            self.languages.len(),
            self.flags.len(),
            self.lengths.len(),
            self.lead_lengths.len(),
            self.densities.len(),
            self.figures.len(),
            self.families.len(),
            self.id_lens.len(),
            self.term_lens.len(),
            self.sample_lens.len(),
            self.key_lens.len(),
            self.link_lens.len(),
            self.mark_lens.len(),
            self.titles.len(),
        ];
        let pairs = [self.link_levels.len(), self.link_scores.len()];
        let is_even = per_row.iter().all(|&len| len == self.numbers.len())
            && pairs.iter().all(|&len| len == self.links.len());
        must(is_even, UNEVEN_COLUMNS)?;
        for at in 0..self.numbers.len() {
            visit(self.take_row(at)?)?;
        }
        let rests = [self.terms.len(), self.samples.len(), self.keys.len(), self.links.len()];
        if self.ids.is_empty() && self.marks.is_empty() && rests == [0; 4] {
            Ok(())
        } else {
            Err("it has more than its rows")
        }
    }

    /// Takes the next article off the front of the arrays.
    fn take_row(&mut self, at: usize) -> Result<ChangeRow<'a>, Defect> {
        const SHORT: Defect = "its rows end beyond its arrays";
        let id = take(&mut self.ids, self.id_lens[at] as usize).ok_or(SHORT)?;
        let terms = take(&mut self.terms, self.term_lens[at].into()).ok_or(SHORT)?;
        let values = take(&mut self.samples, self.sample_lens[at].into()).ok_or(SHORT)?;
        let keys = take(&mut self.keys, self.key_lens[at].into()).ok_or(SHORT)?;
        let marks = take(&mut self.marks, self.mark_lens[at].into()).ok_or(SHORT)?;
        let number = self.numbers[at];
        let links = self.take_links(number, self.link_lens[at].into()).ok_or(SHORT)??;
        must(are_sketches(terms, values, keys), "words or phrases of an article are out of order")?;
        let bits = [self.lengths[at], self.lead_lengths[at], self.figures[at].into()];
        let (weight, density) = (TermNorms::of_bits(bits), f32::from_bits(self.densities[at]));
        must(weight.may_be_of(terms) && density.is_finite(), "a weight is no number")?;
        let flags = self.flags[at];
        let date = Date::unpacked(self.dates[at]);
        let language = Language::ALL.get(usize::from(self.languages[at])).copied();
        let (Some(language), true) =
            (language, flags < 3 * STANDING && (date.is_none() || Date::is_packed(self.dates[at])))
        else {
            return Err("a language, a day or a flag is unknown");
        };
        let kept = Kept {
            id: str::from_utf8(id).map_err(|_| "an id is no text")?,
            content: self.contents[at],
            words: self.words[at],
            date,
            language,
            terms,
            sample: Sample { values, cut: flags & CUT != 0 },
            marks,
            title: Title { hash: self.titles[at], is_foreign: flags & FOREIGN_TITLE != 0 },
        };
        let stats = ArrivalStats {
            weight,
            density,
            standing: Standing::of_number((flags / STANDING).into()),
        };
        let family = stored_family(self.families[at]);
        Ok(ChangeRow { number, kept, stats, keys, links, family })
    }

    /// Takes the next links off the arrays; `None` if there are not so many.
    fn take_links(&mut self, of: Number, count: usize) -> Option<Result<Links, Defect>> {
        let numbers = take(&mut self.links, count)?;
        let levels = take(&mut self.link_levels, count)?;
        let scores = take(&mut self.link_scores, count)?;
        let links = numbers.iter().zip(levels).zip(scores).map(|((&number, &level), &score)| {
            link(number, level, score, of).ok_or("a pair makes no sense")
        });
        Some(links.collect())
    }

    /// The articles whose family changed, and their new families.
    pub(crate) fn each_label(
        &self,
    ) -> Result<impl Iterator<Item = (Number, Option<FamilyId>)>, Defect> {
        let labels = self.labels.iter().map(|&family| stored_family(family));
        must(self.relabelled.len() == self.labels.len(), UNEVEN_COLUMNS)?;
        Ok(self.relabelled.iter().copied().zip(labels))
    }

    /// The removed articles, and how many had been removed before each.
    pub(crate) fn each_removed(&self) -> Result<impl Iterator<Item = (Number, u64)>, Defect> {
        must(self.removed.len() == self.removed_at.len(), UNEVEN_COLUMNS)?;
        Ok(self.removed.iter().copied().zip(self.removed_at.iter().copied()))
    }

    /// The verdicts on pairs that were no candidates.
    pub(crate) fn each_verdict(&self) -> Result<Vec<Verdict>, Defect> {
        let lens = [self.verdict_earlier.len(), self.verdict_levels.len()];
        must(lens == [self.verdict_later.len(); 2], UNEVEN_COLUMNS)?;
        let pairs = self.verdict_later.iter().zip(self.verdict_earlier);
        let verdicts = pairs.zip(self.verdict_levels).map(|((&later, &earlier), &level)| {
            verdict(later, earlier, level).ok_or("a pair makes no sense")
        });
        verdicts.collect()
    }
}

/// The family of a stored number.
pub(crate) fn stored_family(family: u64) -> Option<FamilyId> {
    (family != NO_FAMILY).then_some(FamilyId(family))
}

/// Takes the first `count` values off.
fn take<'a, T>(values: &mut &'a [T], count: usize) -> Option<&'a [T]> {
    let (head, rest) = values.split_at_checked(count)?;
    *values = rest;
    Some(head)
}

/// Whether these are valid terms, sample and positions of distinctive words of one article.
pub(crate) fn are_sketches(terms: &[u32], sample: &[u32], keys: &[u8]) -> bool {
    let mut seen = [0u64; 4];
    let are_positions = keys.len() <= DISTINCTIVE
        && keys.iter().all(|&position| {
            let (word, bit) = (&mut seen[usize::from(position / 64)], 1 << (position % 64));
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new && usize::from(position) < terms.len()
        });
    are_terms(terms) && are_positions && sample.is_sorted_by(|one, two| one < two)
}
