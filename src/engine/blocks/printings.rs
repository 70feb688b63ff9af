//! Which article prints which again, found in groups of connected articles and put together.

use super::{Block, open, start};
use crate::engine::reprints::{Reprint, Reprints};
use crate::error::{Error, ErrorKind, must_be};
use crate::families::family::{Families, Series, listed, listed_series};
use crate::score::relation::Level;
use crate::sketch::codec::put_column;

const MAGIC: &[u8; 4] = b"rtPR";

/// Which articles print another one again, and which fill in one form. Of groups of articles the
/// [`merged`](Printings::merged) printings are those of all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Printings {
    /// The number of all articles.
    articles: u32,
    /// The articles that follow another one, with what they follow; both by number, rising.
    followers: Vec<(u32, Reprint)>,
    series: Vec<Series>,
    not_compared: u64,
}

impl Printings {
    /// Finds the printings among the articles of a block. Linear in the articles.
    ///
    /// The block holds all articles of a collection, under their numbers in the
    /// [order](Block::sorted) of all; or a part of them that shares no [key](Block::reprint_keys) with the
    /// others. So a job can group the keys into connected components, and look at each apart.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] for more articles than one index holds.
    pub fn find(block: &Block) -> Result<Printings, Error> {
        block.must_fit()?;
        let Block { articles, numbers } = block;
        let rows: Vec<u32> = (0..numbers.len() as u32).collect();
        let found = Reprints::find(articles, &rows);
        let number = |row: u32| numbers[row as usize];
        let follows = (0u32..).zip(&found.all).filter(|&(row, reprint)| reprint.of != row);
        let numbered = |(row, &reprint): (u32, &Reprint)| {
            (number(row), Reprint { of: number(reprint.of), ..reprint })
        };
        let followers = follows.map(numbered).collect();
        let (not_compared, articles_len) = (found.not_compared, numbers.len() as u32);
        let id = |&row: &u32| articles.id(row).to_owned();
        let ids = |filling: &Vec<u32>| filling.iter().map(id).collect();
        let series =
            found.series().iter().map(|all| Series::new(all.iter().map(ids).collect())).collect();
        Ok(Printings { articles: articles_len, followers, series, not_compared })
    }

    /// The printings of all groups. Each group is given once; their order does not matter.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] for more articles than 32 bits can number.
    pub fn merged(groups: &[Printings]) -> Result<Printings, Error> {
        let articles: u64 = groups.iter().map(|group| u64::from(group.articles)).sum();
        let full = || ErrorKind::Full { documents: u32::MAX as usize };
        let articles = u32::try_from(articles).map_err(|_| full())?;
        let mut followers: Vec<(u32, Reprint)> =
            groups.iter().flat_map(|group| group.followers.iter().copied()).collect();
        followers.sort_by_key(|&(number, _)| number);
        followers.dedup_by_key(|&mut (number, _)| number);
        let mut series: Vec<Series> =
            groups.iter().flat_map(|group| group.series.clone()).collect();
        series.sort_unstable_by(|one, two| one.fillings().cmp(two.fillings()));
        let not_compared =
            groups.iter().map(|group| group.not_compared).fold(0, u64::saturating_add);
        Ok(Printings { articles, followers, series, not_compared })
    }

    /// Splits a block into the articles that lead and those that follow another one, under their ranks:
    /// those that lead come first, and both are in the order of their numbers. These are the printings
    /// of all articles.
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] for a block with an article that these printings do not cover.
    pub fn split(&self, block: &Block) -> Result<(Block, Block), Error> {
        if let Some(&last) = block.numbers.last() {
            must_be(
                last < self.articles,
                "block",
                "of articles that the printings cover",
                format!("of article {last}"),
            )?;
        }
        let follows = |number: u32| self.followers.binary_search_by_key(&number, |f| f.0).is_ok();
        let ranked = |block: Block| {
            let numbers = block.numbers.iter().map(|&number| self.rank(number)).collect();
            Block { numbers, ..block }
        };
        let leaders = block.select(|number| !follows(number));
        Ok((ranked(leaders), ranked(block.select(follows))))
    }

    /// The number of articles that lead. Those that follow another one have the ranks from this number on.
    pub fn leaders(&self) -> u32 {
        self.articles.saturating_sub(self.followers.len() as u32)
    }

    /// The articles that follow another one: their ranks, and the rank of the one that each follows, which
    /// may follow another one itself.
    pub fn followers(&self) -> impl Iterator<Item = (u32, u32)> {
        (self.leaders()..)
            .zip(&self.followers)
            .map(|(rank, (_, reprint))| (rank, self.rank(reprint.of)))
    }

    /// What the article of a rank follows, by rank.
    pub(super) fn reprint(&self, rank: u32) -> Option<Reprint> {
        let (_, reprint) = self.followers.get(rank.checked_sub(self.leaders())? as usize)?;
        Some(Reprint { of: self.rank(reprint.of), ..*reprint })
    }

    fn rank(&self, number: u32) -> u32 {
        let below = self.followers.partition_point(|&(follower, _)| follower < number);
        let follows = self.followers.get(below).is_some_and(|&(follower, _)| follower == number);
        if follows { self.leaders() + below as u32 } else { number - below as u32 }
    }

    /// How many possible reprints the bounds of the look-up left out, see
    /// [`Detector::not_compared`](crate::Detector::not_compared).
    pub fn not_compared(&self) -> u64 {
        self.not_compared
    }

    /// Puts the families of all groups together, with the series of these printings: what
    /// [`Detector::families`](crate::Detector::families) gives for all articles.
    pub fn families(&self, groups: &[Families], level: Level) -> Families {
        let families = Level::ALL.map(|level| {
            let of_level = groups.iter().flat_map(|group| group.at(level));
            let members: Vec<_> = of_level.map(|family| family.members.clone()).collect();
            listed(level, &members)
        });
        let series = listed_series(self.series.iter().cloned(), &families[level as usize]);
        Families { level, families, series, articles: self.articles as usize }
    }

    /// The portable form, of this version of the crate. Linear.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = start(MAGIC);
        put_column(&mut bytes, [self.articles]);
        put_column(&mut bytes, [self.not_compared]);
        put_column(&mut bytes, self.followers.iter().map(|&(number, _)| number));
        put_column(&mut bytes, self.followers.iter().map(|(_, reprint)| reprint.of));
        let flags = |&(_, Reprint { is_notice, is_edit, .. }): &(u32, Reprint)| {
            (u8::from(is_notice) * NOTICE) | (u8::from(is_edit) * EDIT)
        };
        put_column(&mut bytes, self.followers.iter().map(flags));
        let fillings = || self.series.iter().flat_map(|series| series.fillings());
        let lens = |lens: Vec<usize>| lens.into_iter().map(|len| len as u32);
        put_column(&mut bytes, lens(self.series.iter().map(|s| s.fillings().len()).collect()));
        put_column(&mut bytes, lens(fillings().map(Vec::len).collect()));
        put_column(&mut bytes, lens(fillings().flatten().map(String::len).collect()));
        let ids: Vec<u8> = fillings().flatten().flat_map(|id| id.bytes()).collect();
        put_column(&mut bytes, ids);
        bytes
    }

    /// Reads [`Printings::to_bytes`]. Linear.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for the bytes of another version, [`ErrorKind::Malformed`] for bytes that are
    /// no printings.
    pub fn from_bytes(bytes: &[u8]) -> Result<Printings, Error> {
        let mut reader = open("table of printings", MAGIC, bytes)?;
        let (articles, not_compared): (Vec<u32>, Vec<u64>) = (reader.column()?, reader.column()?);
        let (numbers, of): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let flags: Vec<u8> = reader.column()?;
        let (series, fillings): (Vec<u32>, Vec<u32>) = (reader.column()?, reader.column()?);
        let (id_lens, ids): (Vec<u32>, Vec<u8>) = (reader.column()?, reader.column()?);
        let sum = |lens: &[u32]| lens.iter().map(|&len| u64::from(len)).sum::<u64>();
        let makes_sense = (articles.len(), not_compared.len()) == (1, 1)
            && (of.len(), flags.len()) == (numbers.len(), numbers.len())
            && numbers.is_sorted_by(|one, two| one < two)
            && numbers.len() as u64 <= u64::from(articles[0])
            && numbers.iter().zip(&of).all(|(number, of)| of < number)
            && flags.iter().all(|flags| flags & !(NOTICE | EDIT) == 0)
            && sum(&series) == fillings.len() as u64
            && sum(&fillings) == id_lens.len() as u64
            && sum(&id_lens) == ids.len() as u64;
        let ids = String::from_utf8(ids).ok().filter(|ids| {
            let mut end = 0;
            makes_sense
                && id_lens.iter().all(|&len| {
                    end += len as usize;
                    ids.is_char_boundary(end)
                })
        });
        let is_text = ids.is_some();
        reader.finish(makes_sense && is_text)?;
        let ids = ids.unwrap_or_default();
        let mut rest = &*ids;
        let mut all = id_lens.iter().map(|&len| {
            let (id, others) = rest.split_at(len as usize);
            rest = others;
            id.to_owned()
        });
        let mut fillings =
            fillings.iter().map(|&len| all.by_ref().take(len as usize).collect::<Vec<String>>());
        let series =
            series.iter().map(|&len| Series::new(fillings.by_ref().take(len as usize).collect()));
        let series = series.collect();
        let reprint = |(of, flags): (u32, u8)| Reprint {
            of,
            is_notice: flags & NOTICE != 0,
            is_edit: flags & EDIT != 0,
        };
        let followers = numbers.into_iter().zip(of.into_iter().zip(flags).map(reprint)).collect();
        Ok(Printings { articles: articles[0], followers, series, not_compared: not_compared[0] })
    }

    /// Refuses printings of another number of leaders than were surveyed.
    pub(super) fn must_have_leaders(&self, leaders: u32) -> Result<(), Error> {
        let found = format!("with {} leaders, not {leaders}", self.leaders());
        must_be(self.leaders() == leaders, "printings", "those of the survey", found)
    }
}

const NOTICE: u8 = 1;
const EDIT: u8 = 2;
