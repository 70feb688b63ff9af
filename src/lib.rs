//! Finds news stories **told again** – copied, trimmed, expanded, rewritten by another newsroom –
//! and groups the articles into **story families**.
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
//! # What is found
//!
//! Two versions of a story belong together at one of three nested [`Level`]s. A **copy** has most of
//! the shorter text in the longer one. A **retelling** is rewritten, and phrases survive. Reports of
//! the same **event** may share little but names, places and numbers. The [`Relation`] of a pair says
//! more: identical, near-duplicate, excerpt, expansion, retelling, same event, unrelated.
//!
//! The **score** of a pair is the probability that both tell the same story. It means the same in
//! every collection: of English or Vietnamese pairs scored .8 to .9 some 80 to 90 % are one story.
//! See [`Evidence`] for what it is made of.
//!
//! A **family** has a representative, and *each member was compared with it and reaches the level's
//! cut*. Two groups become one family only where most pairs between them hold. Likeness is not passed
//! on along a chain.
//!
//! # How it works
//!
//! Data flows one way, and each step is public where it is of use alone.
//!
//! | step | items |
//! | --- | --- |
//! | text made comparable, split into words, cut into shingles | [`Normalized`], [`Words`], [`Scanner`], [`Shingler`], [`ShingleSet`] |
//! | the same words of many texts, as fast as can be | [`Scanner`], [`Scan`] |
//! | sketches of sets of shingles | [`MinHasher`] and [`Signature`], [`SimHash`], [`BottomK`] |
//! | indexes over them | [`LshIndex`], [`SimHashIndex`] |
//! | what is kept of an article: distinctive words and a sample of shingles | [`Fingerprint`], [`Sketcher`], [`Language`] |
//! | candidates: articles that share distinctive words, or the least shingles | in [`Detector`] |
//! | two articles compared | [`Evidence`], [`Comparison`], [`Passage`] |
//! | two articles side by side, sentence by sentence | [`align()`], [`Alignment`], [`SentencePair`], [`Difference`] |
//! | families, and who told it first | [`Families`], [`Family`], [`Member`], [`Provenance`], [`label()`] |
//! | the front door | [`Detector`], [`compare()`] |
//! | articles that come and go, one by one | [`Archive`], [`Placement`], [`FamilyEvent`] |
//!
//! # What can be relied on
//!
//! * The same articles give the same answer: whatever the order in which they came (an [`Archive`] alone
//!   depends on it), the number of threads, the processor, the operating system. No result depends on the order of a hash map, and
//!   all floating-point functions are the crate's own.
//! * Hashes that are stored or compared across machines are pinned by [`hash::SCHEME_VERSION`].
//! * Nothing panics on data, prints or exits. An article that cannot be used is an [`Error`] that
//!   says why, and nothing else is lost.
//!
//! # Features
//!
//! * `archive` (default): keep an [`Archive`] in a folder, so that it survives.
//! * `parallel` (default): sketch and compare on every core, by rayon; an [`Archive`] merges in threads
//!   beside what it does.
//! * `serde`: `Serialize` and `Deserialize` for [`Date`], [`Level`], [`Relation`] and [`Language`].

// In the order of the data: a folder uses only what stands above it.
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
pub use engine::events::FamilyEvent;
pub use error::{Error, ErrorKind};
pub use families::family::{Families, Family, Member, Representative};
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

/// The README's code is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
