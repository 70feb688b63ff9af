//! Every public type is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe`.
//!
//! Users rely on these traits, and one private field can lose them: a `Cell`, an `Rc`, a `Box<dyn …>`.
//! That would break their builds. A [`Detector`] has them all: the `OnceLock` of its index is either empty
//! or holds a complete index, so it is valid after a panic.

use std::panic::{RefUnwindSafe, UnwindSafe};

use retold::*;

trait Everything: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe {}

impl<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe> Everything for T {}

/// Does not compile if a type lacks one of the traits; returns the names of the types.
macro_rules! names_of {
    ($($name:ident $(<$lifetime:lifetime>)?),* $(,)?) => {{
        fn check<T: Everything>() {}
        $(check::<$name $(<$lifetime>)?>();)*
        [$(stringify!($name)),*]
    }};
}

#[test]
fn every_public_type_is_send_sync_unpin_and_unwind_safe() {
    let mut checked = names_of![
        Alignment,
        Descent,
        Difference,
        DifferenceKind,
        PairKind,
        Provenance,
        Reason,
        SentencePair,
        Archive,
        ArchiveReader,
        ArchiveBuilder,
        Article<'static>,
        BottomK,
        Comparison,
        Date,
        Detector,
        DetectorBuilder,
        Error,
        ErrorKind,
        Evidence,
        Families,
        Family,
        FamilyEvent,
        FamilyId,
        Fingerprint,
        Kernel,
        Language,
        Level,
        LshBands,
        LshIndex,
        LshMatch,
        LshPair,
        LshPairs,
        LshWeights,
        Match,
        Member,
        Merged,
        MinHasher,
        Normalized,
        Overlap,
        Pair<'static>,
        Passage,
        Placement,
        Relation,
        Representative,
        Scan<'static>,
        Scanner,
        Series,
        Shingle,
        ShingleSet,
        Shingler,
        Signature,
        SimHash,
        SimHashIndex,
        SimHashMatch,
        Sketcher,
        Word,
        Words,
    ];
    checked.sort_unstable();

    // A type that becomes public later must be in the list.
    let source = include_str!("../src/lib.rs");
    let exports = source.split(';').filter_map(|item| item.rsplit_once("pub use "));
    let names = exports.flat_map(|(_, path)| path.split([':', '{', '}', ',', ' ', '\n']));
    let mut public: Vec<&str> =
        names.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase())).collect();
    public.sort_unstable();
    assert_eq!(checked[..], public);
}
