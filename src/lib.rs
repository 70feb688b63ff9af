//! Finds near-duplicate and **retold** news articles – copied, trimmed, expanded, or rewritten by another
//! newsroom – and groups them into **story families**.
//!
//! ```
//! use retold::{Article, Detector};
//!
//! let herald = "A ferry with 212 passengers ran aground off Kelm on Monday night. Nobody was hurt, \
//!               harbour master Ida Rosk said, and divers will examine the hull on Tuesday.";
//! let wire = "The passenger ferry ran aground off Kelm late on Monday with 212 people on board. \
//!             Nobody was hurt, according to harbour master Ida Rosk. Divers will look at the hull.";
//! let bank = "The central bank of Norland left its main rate at 3.5 percent on Thursday.";
//!
//! let mut detector = Detector::new();
//! detector.insert(Article::new("herald", herald))?;
//! detector.insert(Article::new("wire", wire))?;
//! detector.insert(Article::new("bank", bank))?;
//!
//! for family in &detector.families() {
//!     println!("{} versions, represented by {}", family.len(), family.representative());
//!     for member in family.members() {
//!         println!("  {} {} {:.2}", member.id(), member.relation().name(), member.score());
//!     }
//! }
//! # assert_eq!(detector.families().len(), 1);
//!
//! let comparison = retold::compare(herald, wire); // no collection needed
//! for passage in comparison.passages() {
//!     println!("{} = {}", &herald[passage.left()], &wire[passage.right()]);
//! }
//! # Ok::<(), retold::Error>(())
//! ```
//!
//! # What it finds
//!
//! Two versions of a story match at one of three nested [`Level`]s. A **copy** has most of the shorter
//! text in the longer one. A **retelling** is rewritten, but phrases survive. Reports of the same
//! **event** may share little except names, places and numbers. The [`Relation`] of a pair is finer:
//! identical, near-duplicate, excerpt, expansion, retelling, same event, unrelated.
//!
//! The **score** of a pair is the probability that both articles tell the same story. It is calibrated,
//! so it means the same in every collection: of English or Vietnamese pairs with a score between 0.8
//! and 0.9, some 80 to 90 % are one story. [`Evidence`] lists what the score is computed from.
//!
//! A **family** has a representative, and *each member was compared with it and reaches the level's
//! threshold*. Two groups become one family only if most pairs between them reach it. Similarity is
//! therefore not passed on along a chain of articles.
//!
//! # How it works
//!
//! Data flows one way, from the first row of this table to the last, and every step that is useful
//! alone is public.
//!
//! | step | folder | items |
//! | --- | --- | --- |
//! | normalise text and split it into words | `text` | [`Normalized`], [`Words`], [`Scanner`], [`Scan`], [`Language`] |
//! | cut words into shingles, sketch the sets, index the sketches | `sketch` | [`Shingler`], [`ShingleSet`], [`MinHasher`], [`Signature`], [`SimHash`], [`BottomK`], [`LshIndex`], [`SimHashIndex`] |
//! | reduce an article to its terms and a sample of its shingles; count them over a collection | `corpus` | [`Article`], [`Date`], [`Fingerprint`], [`Sketcher`] |
//! | weigh words by document frequency and score a pair | `score` | [`Evidence`], [`Level`], [`Relation`] |
//! | find candidates: articles that share distinctive words or shingles | `candidates` | internal |
//! | show what two texts share and where they differ | `compare` | [`Comparison`], [`Passage`], [`align()`], [`Alignment`], [`SentencePair`], [`Difference`] |
//! | group verified pairs and trace who wrote first | `families` | [`Families`], [`Family`], [`Member`], [`Provenance`], [`FamilyId`], [`label()`] |
//! | run these steps over a whole collection, in [`blocks`], or for one article at a time | `engine` | [`Match`], [`Pair`], [`FamilyEvent`] |
//! | keep an archive in files | `disk` | internal |
//! | use it: a collection as a whole | `detector` | [`Detector`], [`compare()`] |
//! | use it: articles that arrive and leave one by one | `archive` | [`Archive`], `ArchiveReader`, [`Placement`] |
//!
//! Below them are [`hash`], the SIMD [`Kernel`]s and the file store.
//!
//! # What it guarantees
//!
//! * The same articles give the same answer, whatever their order, the number of threads, the processor
//!   and the operating system. (Only an [`Archive`] depends on the order in which articles arrive.) No
//!   result depends on the order of a hash map, and all floating-point functions are the crate's own.
//! * Hashes that are stored or compared across machines are fixed by [`hash::SCHEME_VERSION`].
//! * No input makes the crate panic, print or exit. An article that cannot be used gives an [`Error`]
//!   that says why, and the other articles are unaffected.
//!
//! # Features
//!
//! * `archive` (default): keep an [`Archive`] in a folder, so that it survives the process.
//! * `parallel` (default): sketch and compare on every core, with rayon; an [`Archive`] merges segments
//!   in background threads.
//! * `serde`: `Serialize` and `Deserialize` for [`Date`], [`Level`], [`Relation`], [`Language`],
//!   [`FamilyId`] and [`FamilyEvent`].

// In the order of the data: a module uses only the modules above it; `tests/layout.rs` checks this. The
// blank lines keep rustfmt from sorting them.
mod error;
pub mod hash;
mod kernel;
mod parallel;
mod store;

mod text;

mod sketch;

mod corpus;

mod score;

mod candidates;

mod compare;

mod families;

mod engine;

#[cfg(feature = "archive")]
mod disk;

mod detector;

mod archive;

pub use archive::{Archive, ArchiveBuilder, Placement};
#[cfg(feature = "archive")]
pub use archive::{ArchiveReader, Merged};
pub use compare::alignment::{
    Alignment, Difference, DifferenceKind, PairKind, SentencePair, align,
};
pub use compare::comparison::Comparison;
pub use compare::passages::Passage;
pub use corpus::article::{Article, Date};
pub use corpus::fingerprint::{Fingerprint, Sketcher};
pub use detector::{Detector, DetectorBuilder, compare};
pub use engine::answers::{Match, Pair};
pub use engine::blocks;
pub use engine::events::FamilyEvent;
pub use error::{Error, ErrorKind};
pub use families::family::{Families, Family, Member, Representative, Series};
pub use families::label::label;
pub use families::live::FamilyId;
pub use families::provenance::{Descent, Provenance, Reason};
pub use kernel::Kernel;
pub use score::evidence::Evidence;
pub use score::relation::{Level, Relation};
pub use sketch::bottomk::{BottomK, Overlap};
pub use sketch::index::lsh::{LshBands, LshIndex, LshMatch, LshPair, LshPairs, LshWeights};
pub use sketch::index::simhash::{SimHashIndex, SimHashMatch};
pub use sketch::minhash::{MinHasher, Signature};
pub use sketch::shingle::{Shingle, ShingleSet, Shingler};
pub use sketch::simhash::SimHash;
pub use text::language::Language;
pub use text::normalize::Normalized;
pub use text::scanner::{Scan, Scanner};
pub use text::words::{Word, Words};

#[doc = include_str!("design.md")]
pub mod _design {}

/// The README's code is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
