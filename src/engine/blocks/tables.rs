//! The small tables that a collection teaches: each is counted block by block and merged.

use std::collections::{BTreeMap, HashSet};
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use ahash::RandomState;

use super::{Block, must_hold, open, start};
use crate::candidates::{Days, bottom_shingles, mix, shingle_pairs};
use crate::corpus::boilerplate::{BoilerplatePhrases, PhraseCounts};
use crate::corpus::vocabulary::Vocabulary;
use crate::engine::ranked::{Counts, vocabulary_of};
use crate::error::{Error, ErrorKind, must_be};
use crate::sketch::codec::put_column;
use crate::text::language::{Language, TERM_BITS};

const SURVEY: &[u8; 4] = b"rtSV";
const SHINGLES: &[u8; 4] = b"rtSL";
const PHRASES: &[u8; 4] = b"rtPH";

/// No article is of another day; in days since 1 March of year 0.
const DAYS: RangeInclusive<i32> = -400..=4_000_000;

/// What all leaders of a collection teach: how many have each word and each day, and which phrases are
/// boilerplate. At most 64 MiB for each language.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    pub(super) counts: Arc<Counts>,
    /// The number of leaders of each day, in days since 1 March of year 0.
    days: BTreeMap<i32, u32>,
    undated: u32,
}

impl Survey {
    /// Counts the words and the days of some leaders. The boilerplate comes from [`PhraseTable`]s. Linear.
    pub fn of(leaders: &Block) -> Survey {
        let rows: Vec<u32> = (0..leaders.len() as u32).collect();
        let vocabulary = vocabulary_of(&leaders.articles, &rows);
        let counts = Arc::new(Counts::new(vocabulary, BoilerplatePhrases::default()));
        let mut survey = Survey { counts, ..Survey::default() };
        for row in rows {
            match leaders.articles.facts(row).date {
                Some(date) => *survey.days.entry(date.number()).or_default() += 1,
                None => survey.undated += 1,
            }
        }
        survey
    }

    /// Adds surveys up, each of other leaders or of other boilerplate. Their order and their groups do not
    /// matter.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] for more articles than 32 bits can number.
    pub fn merged(surveys: &[Survey]) -> Result<Survey, Error> {
        let all: u64 = surveys.iter().map(|survey| u64::from(survey.leaders())).sum();
        let documents = usize::try_from(all).unwrap_or(usize::MAX);
        must_hold(all <= u64::from(u32::MAX), || ErrorKind::Full { documents })?;
        let (mut merged, mut vocabulary) = (Survey::default(), Vocabulary::default());
        let mut boilerplate: Vec<u32> = Vec::new();
        for survey in surveys {
            for language in Language::all() {
                let counted = &survey.counts.vocabulary;
                let (terms, counts): (Vec<u32>, Vec<u32>) =
                    counted.sorted_counts(language).into_iter().unzip();
                vocabulary.add_counts(language, counted.articles(language), &terms, &counts);
            }
            for (&day, &articles) in &survey.days {
                *merged.days.entry(day).or_default() += articles;
            }
            merged.undated += survey.undated;
            boilerplate.extend(survey.counts.boilerplate.hashes());
        }
        boilerplate.sort_unstable();
        boilerplate.dedup();
        merged.counts = Arc::new(Counts::new(vocabulary, BoilerplatePhrases::new(boilerplate)));
        Ok(merged)
    }

    /// The number of leaders.
    pub fn leaders(&self) -> u32 {
        self.days.values().sum::<u32>() + self.undated
    }

    pub(super) fn days(&self) -> Days {
        Days::of_counts(self.days.iter().map(|(&day, &articles)| (day, articles)), self.undated)
    }

    /// The ranks of the leaders that must be on hand to look around from the ranks `own`: two runs, the
    /// second of which may be empty. They are those within seven days of a leader of `own`, the 16 384
    /// around each, and those without a date; all where one of `own` has no date. Logarithmic in the
    /// days.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for ranks that no leader has.
    pub fn halo(&self, own: &Range<u32>) -> Result<[Range<u32>; 2], Error> {
        let found = format!("{}..{}", own.start, own.end);
        let is_of_leaders = own.start <= own.end && own.end <= self.leaders();
        must_be(is_of_leaders, "ranks", "of leaders that the survey counts", found)?;
        Ok(self.days().halo(own).into_runs())
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = start(SURVEY);
        put_column(&mut bytes, self.days.keys().map(|&day| day as u32));
        put_column(&mut bytes, self.days.values().copied());
        put_column(&mut bytes, [self.undated]);
        put_column(&mut bytes, self.counts.boilerplate.hashes().iter().copied());
        for language in Language::all() {
            let counted = self.counts.vocabulary.sorted_counts(language);
            put_column(&mut bytes, [self.counts.vocabulary.articles(language)]);
            put_column(&mut bytes, counted.iter().map(|&(term, _)| term));
            put_column(&mut bytes, counted.iter().map(|&(_, with_term)| with_term));
        }
        bytes
    }

    /// Reads [`Survey::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no survey.
    pub fn from_bytes(bytes: &[u8]) -> Result<Survey, Error> {
        let mut reader = open("survey", SURVEY, bytes)?;
        let (days, articles): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (undated, boilerplate): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let days: Vec<i32> = days.iter().map(|&day| day as i32).collect();
        let mut all = articles.iter().chain(&undated).map(|&n| u64::from(n)).sum::<u64>();
        let mut makes_sense = days.len() == articles.len()
            && undated.len() == 1
            && days.is_sorted_by(|one, two| one < two)
            && days.iter().all(|day| DAYS.contains(day))
            && !articles.contains(&0)
            && boilerplate.is_sorted_by(|one, two| one < two)
            && all <= u64::from(u32::MAX);
        let mut vocabulary = Vocabulary::default();
        for language in Language::all() {
            let (articles, terms): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
            let counts: Vec<u32> = reader.column()?;
            let articles = articles.first().copied().unwrap_or_default();
            makes_sense = makes_sense
                && terms.len() == counts.len()
                && terms.is_sorted_by(|one, two| one < two)
                && terms.first().is_none_or(|&first| first > 0)
                && terms.last().is_none_or(|&last| last < 1 << TERM_BITS)
                && counts.iter().all(|count| (1..=articles).contains(count))
                && u64::from(articles) <= all;
            if makes_sense {
                vocabulary.add_counts(language, articles, &terms, &counts);
                all -= u64::from(articles);
            }
        }
        reader.finish(makes_sense && all == 0)?;
        let counts = Arc::new(Counts::new(vocabulary, BoilerplatePhrases::new(boilerplate)));
        let days = days.into_iter().zip(articles).collect();
        Ok(Survey { counts, days, undated: undated[0] })
    }
}

/// Under which of its smallest shingle hashes each leader is listed: 128 bytes a leader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShingleLists {
    /// A mixed hash in the high half, a rank in the low half; rising.
    pub(super) pairs: Vec<u64>,
}

impl ShingleLists {
    /// Lists some leaders. Linear.
    pub fn of(leaders: &Block) -> ShingleLists {
        let hashes = |row| bottom_shingles(leaders.articles.sample(row));
        let listed = (0..).zip(&leaders.numbers).map(|(row, &rank)| (rank, hashes(row)));
        ShingleLists { pairs: shingle_pairs(listed) }
    }

    /// The lists of all leaders, from those of some each. Their order does not matter.
    pub fn merged(lists: &[ShingleLists]) -> ShingleLists {
        let mut pairs: Vec<u64> = lists.iter().flat_map(|lists| &lists.pairs).copied().collect();
        // Sorted runs, which a stable sort merges.
        pairs.sort();
        pairs.dedup();
        ShingleLists { pairs }
    }

    /// The lists that a look-up of these leaders reads: those of their sampled hashes. Linear.
    pub fn cut(&self, leaders: &Block) -> ShingleLists {
        let samples = (0..leaders.len() as u32).flat_map(|row| leaders.articles.sample(row).values);
        let read: HashSet<u32, RandomState> = samples.map(|&hash| mix(hash)).collect();
        let is_read = |pair: &&u64| read.contains(&((**pair >> u32::BITS) as u32));
        ShingleLists { pairs: self.pairs.iter().filter(is_read).copied().collect() }
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = start(SHINGLES);
        put_column(&mut bytes, self.pairs.iter().copied());
        bytes
    }

    /// Reads [`ShingleLists::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no lists.
    pub fn from_bytes(bytes: &[u8]) -> Result<ShingleLists, Error> {
        let mut reader = open("table of shingle lists", SHINGLES, bytes)?;
        let pairs: Vec<u64> = reader.column()?;
        reader.finish(pairs.is_sorted_by(|one, two| one < two))?;
        Ok(ShingleLists { pairs })
    }
}

/// How many of some leaders have each phrase of a range of hashes, to find the boilerplate.
#[derive(Debug, Clone)]
pub struct PhraseTable {
    hashes: RangeInclusive<u32>,
    counts: PhraseCounts,
}

impl PhraseTable {
    /// Counts the phrases of some leaders, of those that have hashes in this range. Phrase hashes are not
    /// evenly distributed: more are small. Linear in the sampled shingles.
    pub fn of(leaders: &Block, hashes: RangeInclusive<u32>) -> PhraseTable {
        let samples = (0..leaders.len() as u32).map(|row| leaders.articles.sample(row));
        PhraseTable { counts: PhraseCounts::complete(samples, hashes.clone()), hashes }
    }

    /// The boilerplate phrases of a range of hashes, from the tables of all leaders: a survey of nothing
    /// else, to be [merged](Survey::merged) with the others. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for tables of different ranges.
    pub fn boilerplate(tables: &[PhraseTable]) -> Result<Survey, Error> {
        let Some(PhraseTable { hashes, .. }) = tables.first() else {
            return Ok(Survey::default());
        };
        if let Some(other) = tables.iter().find(|other| other.hashes != *hashes) {
            let found = format!("{hashes:?} in one and {:?} in another", other.hashes);
            must_be(false, "hashes", "the same range in each table", found)?;
        }
        let tables: Vec<&PhraseCounts> = tables.iter().map(|table| &table.counts).collect();
        let boilerplate = BoilerplatePhrases::of_tables(&tables, hashes.clone());
        let counts = Arc::new(Counts::new(Vocabulary::default(), boilerplate));
        Ok(Survey { counts, ..Survey::default() })
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (phrases, counts, reaches) = self.counts.columns();
        let mut bytes = start(PHRASES);
        put_column(&mut bytes, [*self.hashes.start(), *self.hashes.end()]);
        put_column(&mut bytes, phrases.iter().copied());
        put_column(&mut bytes, counts.iter().copied());
        put_column(&mut bytes, reaches.iter().copied());
        bytes
    }

    /// Reads [`PhraseTable::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no table.
    pub fn from_bytes(bytes: &[u8]) -> Result<PhraseTable, Error> {
        let mut reader = open("table of phrases", PHRASES, bytes)?;
        let (bounds, phrases): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (counts, reaches): (Vec<u8>, Vec<u32>) = (reader.column()?, reader.column()?);
        let hashes = match bounds[..] {
            [first, last] if first <= last => Some(first..=last),
            _ => None,
        };
        let is_within = |hashes: &RangeInclusive<u32>| phrases.iter().all(|p| hashes.contains(p));
        let makes_sense = PhraseCounts::are_counts((&phrases, &counts, &reaches), 1)
            && hashes.as_ref().is_some_and(is_within);
        reader.finish(makes_sense)?;
        let counts = PhraseCounts::of_columns(phrases.into(), counts.into(), reaches.into());
        Ok(PhraseTable { hashes: hashes.unwrap_or(0..=0), counts })
    }
}
