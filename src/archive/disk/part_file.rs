//! The file of a part: its articles in the order of their ranks and the arrays of its index, used
//! where they lie; and what else is known of its articles.

use std::ops::Range;

use super::rows::{self, Judged, Wrong, are_sketches};
use super::state::LaidOut;
use crate::archive::families::{FamilyId, Friend, LiveFamilies};
use crate::archive::part::{Number, Part, Placed, PlacedRow};
use crate::bottomk::Sample;
use crate::candidates::{CandidateColumns, least_shingles};
use crate::collection::{Articles, Row, tie_of};
use crate::column::Column;
use crate::error::Error;
use crate::fingerprint::KeptTerm;
use crate::parallel;
use crate::store::{File, Kind, Section, Store, damaged};
use crate::vocabulary::{Language, TERM_BITS, Vocabulary};

/// A file of a part.
pub(super) const PART: Kind = Kind::new(*b"part");

/// The section that says of which part it is.
const SPAN: u32 = 1;

/// Makes what is written and what is read of a list of columns, each with its tag.
macro_rules! columns {
    ($($tag:literal $name:ident: $number:ty,)*) => {
        /// The columns of a file, to be written or looked at; `FORMAT.md` says what each is.
        #[derive(Debug, Clone, Copy)]
        struct Slices<'a> {
            $($name: &'a [$number],)*
        }

        impl<'a> Slices<'a> {
            fn sections(&self) -> Vec<Section<'a>> {
                vec![$(Section::new($tag, self.$name)),*]
            }

            /// The columns of a file that must have them.
            fn of(file: &'a File) -> Result<Self, Error> {
                Ok(Slices { $($name: file.section($tag)?,)* })
            }
        }

        /// The same, which stay mapped as long as somebody has them.
        #[derive(Debug)]
        struct Columns {
            $($name: Column<$number>,)*
        }

        impl Columns {
            fn of(file: &File) -> Result<Self, Error> {
                Ok(Columns { $($name: Column::Mapped(file.mapped($tag)?),)* })
            }
        }
    };
}

columns! {
    2 numbers: u32,
    3 rows: Row,
    4 placed: PlacedRow,
    5 ids: u8,
    6 terms: u32,
    7 samples: u32,
    8 key_ends: u32,
    9 keys: u8,
    10 listed: u32,
    11 list_starts: u32,
    12 list_ranks: u32,
    13 shingles: u64,
    14 count_ends: u32,
    15 counted: u32,
    16 counts: u32,
    17 families: u64,
    18 friend_ends: u32,
    19 friends: u32,
    20 friend_levels: u8,
    21 friend_scores: u32,
    22 judged_later: u32,
    23 judged_earlier: u32,
    24 judged_levels: u8,
}

/// A part of which all is known that was known when its file was written.
#[derive(Debug)]
pub(super) struct PartFile {
    /// As it was laid out, with all that lies in it.
    pub(super) part: Part,
    columns: Columns,
}

/// Which part a file is of: the numbers, and how many articles had been taken out when it was laid out.
pub(super) fn identity(file: &File) -> Result<LaidOut, Error> {
    let wrong = || damaged(file.path(), "it does not say of which part it is");
    let &[start, end, taken_out] = file.section::<u64>(SPAN)? else { return Err(wrong()) };
    let number = |number: u64| Number::try_from(number).map_err(|_| wrong());
    let range = number(start)?..number(end)?;
    if range.is_empty() { Err(wrong()) } else { Ok(LaidOut { range, taken_out }) }
}

/// Writes the file of a part that has an index.
pub(super) fn write(
    store: &mut Store,
    part: &Part,
    families: &LiveFamilies,
) -> Result<File, Error> {
    let LaidOut { range: Range { start, end }, taken_out } = LaidOut::of(part);
    let span = [start.into(), end.into(), taken_out];
    let (numbers, placed, keys, key_ends) = part.columns();
    let (rows, ids, terms, samples) = part.articles().columns();
    let CandidateColumns { terms: listed, starts: list_starts, ranks: list_ranks, pairs } =
        part.candidates();
    let [count_ends, counted, counts] = count(part.articles());
    let known = Known::new(numbers, families);
    let slices = Slices {
        numbers,
        rows,
        placed,
        ids,
        terms,
        samples,
        key_ends,
        keys,
        listed,
        list_starts,
        list_ranks,
        shingles: pairs,
        count_ends: &count_ends,
        counted: &counted,
        counts: &counts,
        families: &known.families,
        friend_ends: &known.friend_ends,
        friends: &known.friends,
        friend_levels: &known.friend_levels,
        friend_scores: &known.friend_scores,
        judged_later: &known.judged_later,
        judged_earlier: &known.judged_earlier,
        judged_levels: &known.judged_levels,
    };
    let span = Section::new(SPAN, &span);
    store.write(PART, &[&[span][..], &slices.sections()].concat())
}

/// How many articles have each term: for each language where its terms end, the terms, rising, and
/// beside them the articles.
fn count(articles: &Articles) -> [Vec<u32>; 3] {
    let mut vocabulary = Vocabulary::default();
    for number in 0..articles.len() as u32 {
        let terms = articles.terms(number).iter().map(|&term| KeptTerm(term).term());
        vocabulary.add(articles.facts(number).language, terms);
    }
    let (mut ends, mut terms, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for language in Language::all() {
        for (term, with_term) in vocabulary.sorted_counts(language) {
            terms.push(term);
            counts.push(with_term);
        }
        ends.push(terms.len() as u32);
    }
    [ends, terms, counts]
}

/// What is known of the families of some articles.
#[derive(Default)]
struct Known {
    families: Vec<u64>,
    friend_ends: Vec<u32>,
    friends: Vec<u32>,
    friend_levels: Vec<u8>,
    friend_scores: Vec<u32>,
    judged_later: Vec<u32>,
    judged_earlier: Vec<u32>,
    judged_levels: Vec<u8>,
}

impl Known {
    fn new(numbers: &[Number], families: &LiveFamilies) -> Self {
        let mut known = Known::default();
        for &number in numbers {
            known.families.push(rows::label(families, number));
            for friend in families.earlier_friends(number) {
                known.friends.push(friend.number);
                known.friend_levels.push(friend.level as u8);
                known.friend_scores.push(friend.score.to_bits());
            }
            known.friend_ends.push(known.friends.len() as u32);
            for (earlier, level) in families.judged_of(number) {
                known.judged_later.push(number);
                known.judged_earlier.push(earlier);
                known.judged_levels.push(rows::level_number(level));
            }
        }
        known
    }
}

impl PartFile {
    /// The part of a file. Of one that is not trusted all is looked at that could not be used.
    /// `next_family` is above all families.
    ///
    /// # Errors
    ///
    /// `Damaged` if it makes no sense.
    pub(super) fn open(file: &File, next_family: Option<u64>) -> Result<Self, Error> {
        let LaidOut { range, taken_out } = identity(file)?;
        if let Some(next_family) = next_family {
            let slices = Slices::of(file)?;
            slices.check(&range, next_family).map_err(|wrong| damaged(file.path(), wrong))?;
        }
        let mut columns = Columns::of(file)?;
        let take = |column: &mut Column<u32>| std::mem::take(column);
        let articles = Articles::of_columns(
            std::mem::take(&mut columns.rows),
            std::mem::take(&mut columns.ids),
            take(&mut columns.terms),
            take(&mut columns.samples),
        );
        let placed = std::mem::take(&mut columns.placed);
        let keys = (std::mem::take(&mut columns.keys), take(&mut columns.key_ends));
        let candidates = CandidateColumns {
            terms: take(&mut columns.listed),
            starts: take(&mut columns.list_starts),
            ranks: take(&mut columns.list_ranks),
            pairs: std::mem::take(&mut columns.shingles),
        };
        let numbers = (take(&mut columns.numbers), placed);
        let part = Part::of_columns(range, taken_out, articles, numbers, keys, candidates);
        Ok(PartFile { part, columns })
    }

    /// Counts the words of all that lies in the part, which are these articles.
    pub(super) fn count_words(&self, articles: &Articles, vocabulary: &mut Vocabulary) {
        let mut of_language = [0; Language::COUNT];
        (0..articles.len() as u32)
            .for_each(|rank| of_language[articles.facts(rank).language as usize] += 1);
        let Columns { count_ends, counted, counts, .. } = &self.columns;
        let mut start = 0;
        for ((language, articles), &end) in Language::all().zip(of_language).zip(&**count_ends) {
            let place = start..end as usize;
            let (counted, counts) = (&counted[place.clone()], &counts[place]);
            vocabulary.add_counts(language, articles, counted, counts);
            start = end as usize;
        }
    }

    /// The family that an article was in.
    pub(super) fn family(&self, rank: u32) -> Option<FamilyId> {
        rows::named(self.columns.families[rank as usize])
    }

    /// The pairs of an article with earlier ones, in the order in which they were found.
    pub(super) fn friends(&self, rank: u32) -> impl Iterator<Item = Friend> {
        let Columns { friend_ends, friends, friend_levels, friend_scores, .. } = &self.columns;
        let start = rank.checked_sub(1).map_or(0, |before| friend_ends[before as usize]);
        let all = start as usize..friend_ends[rank as usize] as usize;
        all.filter_map(|at| {
            rows::friend(friends[at], friend_levels[at], friend_scores[at], Number::MAX)
        })
    }

    /// The pairs that were judged, the later article first.
    pub(super) fn judged(&self) -> impl Iterator<Item = Judged> {
        let Columns { judged_later, judged_earlier, judged_levels, .. } = &self.columns;
        let pairs = judged_later.iter().zip(&**judged_earlier).zip(&**judged_levels);
        pairs.filter_map(|((&later, &earlier), &level)| rows::judged(later, earlier, level))
    }
}

/// Refuses what is not as it must be.
fn must(holds: bool, wrong: Wrong) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(wrong) }
}

/// Where that of each of some articles lies, by where it ends; the first begins at 0.
fn of_rank(ends: &[u32], rank: usize) -> Range<usize> {
    let start = rank.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..ends[rank] as usize
}

/// Whether these are ends of so many pieces of an array.
fn are_ends(ends: &[u32], pieces: usize, len: usize) -> bool {
    ends.len() == pieces && ends.is_sorted() && ends.last().map_or(0, |&last| last as usize) == len
}

impl Slices<'_> {
    /// Looks whether a part can be made of the columns: whatever they are then, it can be used. Linear.
    fn check(&self, range: &Range<Number>, next_family: u64) -> Result<(), Wrong> {
        const UNEVEN: Wrong = "its columns are of different lengths";
        let articles = self.numbers.len();
        let per_article = [self.rows.len(), self.placed.len(), self.families.len()];
        must(per_article.iter().all(|&len| len == articles), UNEVEN)?;
        let pairs = [self.friend_levels.len(), self.friend_scores.len()];
        must(pairs.iter().all(|&len| len == self.friends.len()), UNEVEN)?;
        must(are_ends(self.key_ends, articles, self.keys.len()), UNEVEN)?;
        must(are_ends(self.friend_ends, articles, self.friends.len()), UNEVEN)?;
        must(are_ends(self.count_ends, Language::COUNT, self.counted.len()), UNEVEN)?;
        must(self.counts.len() == self.counted.len(), UNEVEN)?;
        let judged = [self.judged_earlier.len(), self.judged_levels.len()];
        must(judged.iter().all(|&len| len == self.judged_later.len()), UNEVEN)?;
        must(self.are_numbers(range), "its numbers are not those of a part")?;
        must(self.are_rows(), "the rows of its articles make no sense")?;
        must(parallel::all(articles, |run| self.are_articles(run)), "an article makes no sense")?;
        let index = CandidateColumns {
            terms: self.listed,
            starts: self.list_starts,
            ranks: self.list_ranks,
            pairs: self.shingles,
        };
        let least = |row: &Row| {
            let values = &self.samples[Articles::places(row)[1].clone()];
            least_shingles(Sample { values, cut: false }).len()
        };
        let are_all = self.list_ranks.len() == self.keys.len()
            && self.shingles.len() == self.rows.iter().map(least).sum::<usize>();
        must(are_all && index.make_sense(articles), "its index makes no sense")?;
        must(self.are_counts(), "its words are counted wrong")?;
        let are_families = self
            .families
            .iter()
            .all(|&family| rows::named(family).is_none_or(|family| family.number() < next_family));
        must(are_families, "a family is not yet founded")?;
        let are_judged = (0..self.judged_later.len()).all(|at| {
            let (later, earlier) = (self.judged_later[at], self.judged_earlier[at]);
            rows::judged(later, earlier, self.judged_levels[at]).is_some()
        });
        must(are_judged, "a pair makes no sense")
    }

    /// Whether all numbers are of the part, and none is there twice.
    fn are_numbers(&self, range: &Range<Number>) -> bool {
        let mut seen = vec![0u64; range.len().div_ceil(64)];
        self.numbers.iter().all(|number| {
            let Some(at) = number.checked_sub(range.start).filter(|_| number < &range.end) else {
                return false;
            };
            let (word, bit) = (&mut seen[at as usize / 64], 1 << (at % 64));
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    }

    /// Whether the rows lead to all that there is, and stand in the order of the days.
    fn are_rows(&self) -> bool {
        let lens = [self.terms.len(), self.samples.len(), self.ids.len()];
        let make_sense = |run: Range<usize>| {
            run.into_iter().all(|at| {
                let before = at.checked_sub(1).map(|before| &self.rows[before]);
                Articles::makes_sense(&self.rows[at], before)
            })
        };
        parallel::all(self.rows.len(), make_sense)
            && Articles::ends(self.rows) == lens.map(|len| len as u64)
            && self.rows.is_sorted_by_key(Articles::day_of)
    }

    /// Whether articles of some ranks are as they may be.
    fn are_articles(&self, mut ranks: Range<usize>) -> bool {
        ranks.all(|rank| {
            let [terms, sample, id] = Articles::places(&self.rows[rank]);
            let terms = &self.terms[terms];
            let keys = &self.keys[of_rank(self.key_ends, rank)];
            let placed = Placed::of(&self.placed[rank]);
            let mut friends = of_rank(self.friend_ends, rank).map(|at| {
                let (friend, level) = (self.friends[at], self.friend_levels[at]);
                rows::friend(friend, level, self.friend_scores[at], self.numbers[rank])
            });
            let tie = self.rows[rank][1];
            str::from_utf8(&self.ids[id]).is_ok_and(|id| tie_of(id) == tie)
                && are_sketches(terms, &self.samples[sample], keys)
                && placed.weight.may_be_of(terms)
                && placed.density.is_finite()
                && placed.row() == self.placed[rank]
                && friends.all(|friend| friend.is_some())
        })
    }

    /// Whether the counts are of as many terms as the articles have.
    fn are_counts(&self) -> bool {
        let mut terms = [0u64; Language::COUNT];
        for row in self.rows {
            let language = Articles::language_of(row) as usize;
            terms[language] += Articles::places(row)[0].len() as u64;
        }
        (0..Language::COUNT).all(|language| {
            let place = of_rank(self.count_ends, language);
            let (counted, counts) = (&self.counted[place.clone()], &self.counts[place]);
            counted.is_sorted_by(|one, two| one < two)
                && counted.first().is_none_or(|&first| first > 0)
                && counted.last().is_none_or(|&last| last < 1 << TERM_BITS)
                && !counts.contains(&0)
                && counts.iter().map(|&count| u64::from(count)).sum::<u64>() == terms[language]
        })
    }
}
