//! What is told of families when articles come and go.

use super::segments::SegmentSet;
use crate::corpus::collection::Number;
use crate::families::live::{Event, FamilyId};

/// What happened to a family of an [`Archive`](crate::Archive).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "event", rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum FamilyEvent {
    /// Articles that stood alone are a family now.
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
    /// An article is no member any more: it was taken out, or stands alone, or joined another family.
    Left {
        /// The family's id.
        family: FamilyId,
        /// The article's id.
        article: String,
    },
    /// The members of a family belong to another one now. The first id is not used again.
    Merged {
        /// The family that is no more.
        from: FamilyId,
        /// The family that they belong to.
        into: FamilyId,
    },
    /// Members of a family are a family of their own now.
    Split {
        /// The family that they belonged to.
        from: FamilyId,
        /// The new family.
        into: FamilyId,
        /// The ids of its articles.
        members: Vec<String>,
    },
    /// A family has no two members any more. Its id is not used again.
    Ended {
        /// Its id.
        family: FamilyId,
    },
}

impl FamilyEvent {
    /// An event by the ids of the articles; `gone`, rising, are those of articles that are not in any
    /// more.
    pub(crate) fn told(
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
