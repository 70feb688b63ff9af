//! The events of families, as a user of an archive sees them: with ids of articles, not numbers.

use super::segments::SegmentSet;
use crate::corpus::collection::Number;
use crate::families::live::{Event, FamilyId};

/// What happened to a family of an [`Archive`](crate::Archive).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "event", rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum FamilyEvent {
    /// Articles without a family form one now.
    Founded {
        /// Its id.
        family: FamilyId,
        /// The ids of its articles.
        members: Vec<String>,
    },
    /// An article became a member.
    Joined {
        /// The family's id.
        family: FamilyId,
        /// The article's id.
        article: String,
    },
    /// An article left: it was removed, matches no other member, or joined another family.
    Left {
        /// The family's id.
        family: FamilyId,
        /// The article's id.
        article: String,
    },
    /// The members of a family belong to another one now. The id `from` is not used again.
    Merged {
        /// The family that ended.
        from: FamilyId,
        /// The family that its members belong to.
        into: FamilyId,
    },
    /// Some members of a family form a family of their own now.
    Split {
        /// The family that they belonged to.
        from: FamilyId,
        /// The new family.
        into: FamilyId,
        /// The ids of its articles.
        members: Vec<String>,
    },
    /// A family has fewer than two members left. Its id is not used again.
    Ended {
        /// Its id.
        family: FamilyId,
    },
}

impl FamilyEvent {
    /// The event with the ids of its articles. `removed` has the ids of removed articles, by ascending
    /// number.
    pub(crate) fn with_ids(
        event: Event,
        segments: &SegmentSet,
        removed: &[(Number, String)],
    ) -> FamilyEvent {
        let id = |number: Number| match removed.binary_search_by_key(&number, |&(number, _)| number)
        {
            Ok(at) => removed[at].1.clone(),
            Err(_) => segments.id(number).to_owned(),
        };
        let ids = |members: Vec<Number>| members.into_iter().map(id).collect();
        match event {
            Event::Founded { family, members } => {
                FamilyEvent::Founded { family, members: ids(members) }
            }
            Event::Joined { family, article } => {
                FamilyEvent::Joined { family, article: id(article) }
            }
            Event::Left { family, article } => FamilyEvent::Left { family, article: id(article) },
            Event::Merged { from, into } => FamilyEvent::Merged { from, into },
            Event::Split { from, into, members } => {
                FamilyEvent::Split { from, into, members: ids(members) }
            }
            Event::Ended { family } => FamilyEvent::Ended { family },
        }
    }
}
