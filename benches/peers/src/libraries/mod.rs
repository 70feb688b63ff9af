//! The libraries, each used as its own documentation uses it, with what makes it fast.
//!
//! All make 128 values of the three-word shingles of a text, and look for pairs in 32 bands of 4,
//! which finds 87 % of the pairs at a Jaccard similarity of .5. Where a library differs, its module
//! says so. All are built alike, for any processor of the kind; those that leave vector instructions
//! to the compiler gain where it may use them all (`RUSTFLAGS="-C target-cpu=native"`): gaoya's
//! signatures twice the speed, find-simdoc's three times.

pub mod gaoya;
pub mod probminhash;
pub mod retold;
pub mod simdoc;
pub mod txtfp;

/// How many values a signature has.
pub const LANES: usize = 128;

/// How many bands an index makes of them, of how many values each.
pub const BANDS: usize = 32;
/// See [`BANDS`].
pub const ROWS: usize = 4;

/// The Jaccard similarity from which on two texts are a pair.
pub const THRESHOLD: f64 = 0.5;

/// What makes signatures of texts.
pub trait Sketcher {
    /// What it keeps of a text.
    type Signature;

    /// The signature of a text.
    fn sketch(&mut self, text: &str) -> Self::Signature;

    /// The Jaccard similarity that two signatures tell.
    fn jaccard(&self, left: &Self::Signature, right: &Self::Signature) -> f64;
}

/// Two texts by their numbers, the smaller first.
pub type PairOf = (u32, u32);
