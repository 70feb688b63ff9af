//! The libraries, each used as in its own documentation, with its own options for speed.
//!
//! All make 128 values of the three-word shingles of a text, and find pairs in 32 bands of 4 rows, which
//! finds 87 % of the pairs at a Jaccard similarity of 0.5. Where a library differs, its module says so.
//! All are built for any processor of the architecture. Libraries that leave vector instructions to the
//! compiler gain from `RUSTFLAGS="-C target-cpu=native"`: gaoya's signatures are twice as fast,
//! find-simdoc's three times.

pub mod gaoya;
pub mod probminhash;
pub mod retold;
pub mod simdoc;
pub mod txtfp;

/// Values in a signature.
pub const LANES: usize = 128;

/// Bands of an index, and values in each band.
pub const BANDS: usize = 32;
/// See [`BANDS`].
pub const ROWS: usize = 4;

/// The least Jaccard similarity of a pair.
pub const THRESHOLD: f64 = 0.5;

/// Makes signatures of texts.
pub trait Sketcher {
    /// The sketch of a text.
    type Signature;

    /// The signature of a text.
    fn sketch(&mut self, text: &str) -> Self::Signature;

    /// The Jaccard similarity estimated from two signatures.
    fn jaccard(&self, left: &Self::Signature, right: &Self::Signature) -> f64;
}

/// Two texts by their numbers, the smaller first.
pub type PairOf = (u32, u32);
