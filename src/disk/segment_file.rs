//! The file of a segment: the columns of its articles and its index, used where they are mapped.
//!
//! The file is written once and never changed. A segment without an index, which holds the articles that
//! came between two commits, has the same file with the sections of the index empty. Opening checks every
//! value that could lead out of bounds or break an invariant, in linear time, so that a forged file is
//! damage and never a panic.

use std::ops::Range;
#[cfg(feature = "parallel")]
use std::sync::Arc;

use super::columns::columns;
use super::state::SegmentId;
use super::{Defect, UNEVEN_COLUMNS, must};
use crate::candidates::{CandidateColumns, bottom_shingles};
use crate::corpus::boilerplate::PhraseCounts;
use crate::corpus::collection::{ArticleRow, Articles, Number};
use crate::corpus::fingerprint::{Fingerprint, KeptTerm};
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::segment::{ArrivalStats, ArrivalStatsRow, Segment, Standing, has_phrase_counts};
use crate::error::Error;
use crate::parallel;
use crate::score::terms::DISTINCTIVE;
use crate::sketch::bottomk::Sample;
use crate::store::column::Column;
use crate::store::{File, FileWriter, Kind, Section, StagedFile, damaged};
use crate::text::language::{Language, TERM_BITS};

/// The kind of the file of a segment.
pub(crate) const SEGMENT: Kind = Kind::new(*b"part");

/// The section that identifies the segment, also in the file of its links.
const SPAN: u32 = 1;

/// The section of the numbers of its articles.
const NUMBERS: u32 = 2;

columns! {
    SegmentSlices, SegmentColumns;
    1 span: u64,
    2 numbers: u32,
    3 rows: ArticleRow,
    4 stats: ArrivalStatsRow,
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
    17 phrases: u32,
    18 phrase_counts: u8,
    19 reaches: u32,
    20 marks: u16,
}

/// A segment read from its file.
#[derive(Debug)]
pub(crate) struct SegmentFile {
    /// The segment as it was sealed, without tombstones.
    pub(crate) segment: Segment,
    columns: SegmentColumns,
}

/// The identity of the segment that a file belongs to.
pub(super) fn identity(file: &File) -> Result<SegmentId, Error> {
    let mut fields = file.section::<u64>(SPAN)?.iter().copied();
    let identity = SegmentId::read(&mut fields).filter(|_| fields.next().is_none());
    identity.ok_or_else(|| damaged(file.path(), "it does not say of which segment it is"))
}

/// How many articles the file of a segment has.
pub(super) fn stored(file: &File) -> Result<usize, Error> {
    file.section::<Number>(NUMBERS).map(<[Number]>::len)
}

/// Writes the file of a segment.
pub(super) fn write(file_writer: FileWriter, segment: &Segment) -> Result<StagedFile, Error> {
    let span = SegmentId::of(segment).fields();
    let (numbers, stats, keys, key_ends) = segment.columns();
    let (rows, ids, terms, samples, marks) = segment.articles().columns();
    let CandidateColumns { terms: listed, starts: list_starts, ranks: list_ranks, pairs } =
        segment.candidates();
    let [count_ends, counted, counts] =
        if segment.is_indexed() { document_frequencies(segment) } else { Default::default() };
    let (phrases, phrase_counts, reaches) =
        segment.phrase_counts().map(PhraseCounts::columns).unwrap_or_default();
    let slices = SegmentSlices {
        span: &span,
        numbers,
        rows,
        stats,
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
        phrases,
        phrase_counts,
        reaches,
        marks,
    };
    file_writer.write(SEGMENT, &slices.sections())
}

/// Writes the file of a segment and returns the segment mapped from it. If that fails, the segment is
/// returned as it was; the next commit tries again and reports the error.
#[cfg(feature = "parallel")]
pub(crate) fn written_ahead(file_writer: FileWriter, segment: Segment) -> Segment {
    let Ok(staged) = write(file_writer, &segment) else { return segment };
    match SegmentFile::open(staged.file(), true) {
        Ok(file) => Segment { staged: Some(Arc::new(staged)), ..file.segment },
        Err(_) => segment,
    }
}

/// The document frequencies of a segment's articles, reprints left out: where the terms of each language end, the terms, ascending
/// within a language, and their frequencies.
fn document_frequencies(segment: &Segment) -> [Vec<u32>; 3] {
    let articles = segment.articles();
    let mut vocabulary = Vocabulary::default();
    for number in (0..articles.len() as u32).filter(|&rank| segment.stats(rank).leads()) {
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

impl SegmentFile {
    /// Maps the file of a segment, and checks it unless it is trusted.
    ///
    /// # Errors
    /// `Damaged` if it is inconsistent.
    pub(crate) fn open(file: &File, is_trusted: bool) -> Result<Self, Error> {
        let SegmentId { range, sealed_at } = identity(file)?;
        let mut columns = SegmentColumns::of(file)?;
        if !is_trusted {
            let checked = columns.slices().check(&range, sealed_at.is_sealed());
            checked.map_err(|wrong| damaged(file.path(), wrong))?;
        }
        let take = |column: &mut Column<u32>| std::mem::take(column);
        let articles = Articles::of_columns(
            std::mem::take(&mut columns.rows),
            std::mem::take(&mut columns.ids),
            take(&mut columns.terms),
            take(&mut columns.samples),
            std::mem::take(&mut columns.marks),
        );
        let stats = std::mem::take(&mut columns.stats);
        let keys = (std::mem::take(&mut columns.keys), take(&mut columns.key_ends));
        let candidates = CandidateColumns {
            terms: take(&mut columns.listed),
            starts: take(&mut columns.list_starts),
            ranks: take(&mut columns.list_ranks),
            pairs: std::mem::take(&mut columns.shingles),
        };
        let numbers = (take(&mut columns.numbers), stats);
        let phrase_counts = std::mem::take(&mut columns.phrase_counts);
        let phrase_counts = PhraseCounts::of_columns(
            take(&mut columns.phrases),
            phrase_counts,
            take(&mut columns.reaches),
        );
        let segment = Segment::of_columns(
            range,
            sealed_at,
            articles,
            numbers,
            keys,
            candidates,
            phrase_counts,
        );
        Ok(SegmentFile { segment, columns })
    }

    /// Adds the stored document frequencies of the segment, whose articles are given, to a vocabulary.
    pub(crate) fn count_words(&self, segment: &Segment, vocabulary: &mut Vocabulary) {
        let mut of_language = [0; Language::COUNT];
        (0..segment.stored() as u32)
            .filter(|&rank| segment.stats(rank).leads())
            .for_each(|rank| of_language[segment.articles().facts(rank).language as usize] += 1);
        let SegmentColumns { count_ends, counted, counts, .. } = &self.columns;
        let mut start = 0;
        for ((language, articles), &end) in Language::all().zip(of_language).zip(&**count_ends) {
            let span = start..end as usize;
            let (counted, counts) = (&counted[span.clone()], &counts[span]);
            vocabulary.add_counts(language, articles, counted, counts);
            start = end as usize;
        }
    }
}

/// The range of an article's values in an array of all, by the ends of each; the first begins at 0.
pub(super) fn of_rank(ends: &[u32], rank: usize) -> Range<usize> {
    let start = rank.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..ends[rank] as usize
}

/// Whether these are the ends of `pieces` pieces of an array of length `len`.
pub(super) fn are_ends(ends: &[u32], pieces: usize, len: usize) -> bool {
    ends.len() == pieces && ends.is_sorted() && ends.last().map_or(0, |&last| last as usize) == len
}

impl SegmentSlices<'_> {
    /// Checks that a segment made of these columns is safe to use. Linear.
    fn check(&self, range: &Range<Number>, is_sealed: bool) -> Result<(), Defect> {
        let articles = self.numbers.len();
        must([self.rows.len(), self.stats.len()] == [articles; 2], UNEVEN_COLUMNS)?;
        must(are_ends(self.key_ends, articles, self.keys.len()), UNEVEN_COLUMNS)?;
        must(self.are_rows(), "the rows of its articles make no sense")?;
        must(parallel::all(articles, |run| self.are_articles(run)), "an article makes no sense")?;
        if !is_sealed {
            let rises = self.numbers.is_sorted_by(|one, two| one < two);
            let are_numbers = rises && self.numbers.iter().all(|number| range.contains(number));
            must(are_numbers, "its numbers are not those of a segment")?;
            return must(self.has_no_index(), "it has an index without having been sealed");
        }
        must(are_ends(self.count_ends, Language::COUNT, self.counted.len()), UNEVEN_COLUMNS)?;
        must(self.counts.len() == self.counted.len(), UNEVEN_COLUMNS)?;
        must(self.are_numbers(range), "its numbers are not those of a segment")?;
        must(self.rows.is_sorted_by_key(Articles::day_of), "its articles are not in order")?;
        let index = CandidateColumns {
            terms: self.listed,
            starts: self.list_starts,
            ranks: self.list_ranks,
            pairs: self.shingles,
        };
        let least = |(row, stats): (&ArticleRow, &ArrivalStatsRow)| {
            let values = &self.samples[Articles::places(row)[1].clone()];
            let listed = bottom_shingles(Sample { values, cut: false }).len();
            if ArrivalStats::of(stats).standing == Standing::Copy { 0 } else { listed }
        };
        let are_all = self.list_ranks.len() == self.keys.len()
            && self.shingles.len() == self.rows.iter().zip(self.stats).map(least).sum::<usize>();
        must(are_all && index.make_sense(articles), "its index makes no sense")?;
        must(self.are_counts(), "its words are counted wrong")?;
        must(self.are_phrase_counts(), "its phrases are counted wrong")
    }

    /// Whether all numbers are within the segment's range, and none occurs twice.
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

    /// Whether the sections of the index are empty.
    fn has_no_index(&self) -> bool {
        let lists = [self.listed, self.list_starts, self.list_ranks, self.phrases, self.reaches];
        let counts = [self.count_ends, self.counted, self.counts];
        lists.iter().chain(&counts).all(|column| column.is_empty())
            && self.shingles.is_empty()
            && self.phrase_counts.is_empty()
    }

    /// Whether the rows cover the arrays exactly.
    fn are_rows(&self) -> bool {
        let lens = [self.terms.len(), self.samples.len(), self.ids.len(), self.marks.len()];
        let make_sense = |run: Range<usize>| {
            run.into_iter().all(|at| {
                let before = at.checked_sub(1).map(|before| &self.rows[before]);
                Articles::makes_sense(&self.rows[at], before)
            })
        };
        parallel::all(self.rows.len(), make_sense)
            && Articles::ends(self.rows) == lens.map(|len| len as u64)
    }

    /// Whether the articles of some ranks are valid.
    fn are_articles(&self, mut ranks: Range<usize>) -> bool {
        ranks.all(|rank| {
            let [terms, sample, id, _] = Articles::places(&self.rows[rank]);
            let terms = &self.terms[terms];
            let keys = &self.keys[of_rank(self.key_ends, rank)];
            let stats = ArrivalStats::of(&self.stats[rank]);
            let row = &self.rows[rank];
            str::from_utf8(&self.ids[id]).is_ok_and(|id| Articles::has_id(row, id))
                && are_sketches(terms, &self.samples[sample], keys)
                && stats.weight.may_be_of(terms)
                && stats.density.is_finite()
                && stats.row() == self.stats[rank]
        })
    }

    /// Whether the phrase counts are valid for the articles that are not reprints.
    fn are_phrase_counts(&self) -> bool {
        let phrase_counts = (self.phrases, self.phrase_counts, self.reaches);
        let is_original = |row: &&ArrivalStatsRow| ArrivalStats::of(row).leads();
        let originals = self.stats.iter().filter(is_original).count();
        let kept = if has_phrase_counts(self.numbers.len()) { originals } else { 0 };
        PhraseCounts::makes_sense(phrase_counts, kept, self.samples.len())
    }

    /// Whether the document frequencies add up to the terms that the articles have.
    fn are_counts(&self) -> bool {
        let mut terms = [0u64; Language::COUNT];
        let counted = self.rows.iter().zip(self.stats);
        for (row, _) in counted.filter(|(_, stats)| ArrivalStats::of(stats).leads()) {
            let language = Articles::language_of(row) as usize;
            terms[language] += Articles::places(row)[0].len() as u64;
        }
        (0..Language::COUNT).all(|language| {
            let span = of_rank(self.count_ends, language);
            let (counted, counts) = (&self.counted[span.clone()], &self.counts[span]);
            counted.is_sorted_by(|one, two| one < two)
                && counted.first().is_none_or(|&first| first > 0)
                && counted.last().is_none_or(|&last| last < 1 << TERM_BITS)
                && !counts.contains(&0)
                && counts.iter().map(|&count| u64::from(count)).sum::<u64>() == terms[language]
        })
    }
}

/// Whether these are valid terms, sample and positions of distinctive words of one article.
fn are_sketches(terms: &[u32], sample: &[u32], keys: &[u8]) -> bool {
    let term = |&term: &u32| KeptTerm(term).term();
    let are_terms = terms.len() <= Fingerprint::MAX_TERMS
        && terms.first().is_none_or(|first| term(first) > 0)
        && terms.is_sorted_by(|one, two| term(one) < term(two));
    let mut seen = [0u64; 4];
    let are_positions = keys.len() <= DISTINCTIVE
        && keys.iter().all(|&position| {
            let (word, bit) = (&mut seen[usize::from(position / 64)], 1 << (position % 64));
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new && usize::from(position) < terms.len()
        });
    are_terms && are_positions && sample.is_sorted_by(|one, two| one < two)
}
