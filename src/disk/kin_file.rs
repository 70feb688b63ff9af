//! The file of what is known of the families of a part's articles: small beside that of the part, which
//! it is written after.

use std::ops::Range;

use super::part_file::{SPAN, are_ends, must, of_rank, span};
use super::rows::{self, Judged, Wrong};
use crate::corpus::collection::Number;
use crate::engine::part::Part;
use crate::error::Error;
use crate::families::live::{FamilyId, Friend, LiveFamilies};
use crate::store::{File, Kind, Section, Store, damaged};

/// A file of families.
pub(crate) const KIN: Kind = Kind::new(*b"kins");

/// What is known, as it is written.
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

/// Writes what is known of the articles that lie in a part.
pub(crate) fn write(
    store: &mut Store,
    part: &Part,
    families: &LiveFamilies,
) -> Result<File, Error> {
    let mut known = Known::default();
    let (numbers, ..) = part.columns();
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
    store.write(
        KIN,
        &[
            Section::new(SPAN, &span(part)),
            Section::new(2, &known.families),
            Section::new(3, &known.friend_ends),
            Section::new(4, &known.friends),
            Section::new(5, &known.friend_levels),
            Section::new(6, &known.friend_scores),
            Section::new(7, &known.judged_later),
            Section::new(8, &known.judged_earlier),
            Section::new(9, &known.judged_levels),
        ],
    )
}

/// What is known, as it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KinFile<'a> {
    families: &'a [u64],
    friend_ends: &'a [u32],
    friends: &'a [u32],
    friend_levels: &'a [u8],
    friend_scores: &'a [u32],
    judged_later: &'a [u32],
    judged_earlier: &'a [u32],
    judged_levels: &'a [u8],
}

impl<'a> KinFile<'a> {
    /// What a file has of the articles that lie in a part, in their order. `next_family` is above all
    /// families.
    ///
    /// # Errors
    ///
    /// `Damaged` if it makes no sense.
    pub(crate) fn of(file: &'a File, part: &Part, next_family: u64) -> Result<Self, Error> {
        let kin = KinFile {
            families: file.section(2)?,
            friend_ends: file.section(3)?,
            friends: file.section(4)?,
            friend_levels: file.section(5)?,
            friend_scores: file.section(6)?,
            judged_later: file.section(7)?,
            judged_earlier: file.section(8)?,
            judged_levels: file.section(9)?,
        };
        kin.check(part, next_family).map_err(|wrong| damaged(file.path(), wrong))?;
        Ok(kin)
    }

    fn check(&self, part: &Part, next_family: u64) -> Result<(), Wrong> {
        const UNEVEN: Wrong = "its columns are of different lengths";
        let (numbers, ..) = part.columns();
        must(self.families.len() == numbers.len(), UNEVEN)?;
        must(are_ends(self.friend_ends, numbers.len(), self.friends.len()), UNEVEN)?;
        let pairs = [self.friend_levels.len(), self.friend_scores.len()];
        must(pairs == [self.friends.len(); 2], UNEVEN)?;
        let judged = [self.judged_earlier.len(), self.judged_levels.len()];
        must(judged == [self.judged_later.len(); 2], UNEVEN)?;
        let is_founded =
            |&family: &u64| rows::named(family).is_none_or(|family| family.number() < next_family);
        must(self.families.iter().all(is_founded), "a family is not yet founded")?;
        let are_earlier = (0..)
            .zip(numbers)
            .all(|(rank, &number)| self.places(rank).all(|at| self.friend(at, number).is_some()));
        must(
            are_earlier && self.judged().count() == self.judged_later.len(),
            "a pair makes no sense",
        )
    }

    /// The family that an article was in.
    pub(crate) fn family(&self, rank: u32) -> Option<FamilyId> {
        rows::named(self.families[rank as usize])
    }

    /// The pairs of an article with earlier ones, in the order in which they were found.
    pub(crate) fn friends(&self, rank: u32) -> impl Iterator<Item = Friend> {
        self.places(rank).filter_map(|at| self.friend(at, Number::MAX))
    }

    fn places(&self, rank: u32) -> Range<usize> {
        of_rank(self.friend_ends, rank as usize)
    }

    fn friend(&self, at: usize, before: Number) -> Option<Friend> {
        rows::friend(self.friends[at], self.friend_levels[at], self.friend_scores[at], before)
    }

    /// The pairs that were judged, the later article first.
    pub(crate) fn judged(&self) -> impl Iterator<Item = Judged> {
        let pairs = self.judged_later.iter().zip(self.judged_earlier).zip(self.judged_levels);
        pairs.filter_map(|((&later, &earlier), &level)| rows::judged(later, earlier, level))
    }
}
