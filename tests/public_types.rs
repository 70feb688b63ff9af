//! Every public type may be sent to another thread, shared between threads, moved while it is
//! pinned, and used after a panic was caught.
//!
//! Users rely on these traits, and a private field is enough to lose one: a `Cell`, an `Rc`, a
//! `Box<dyn …>`. That would break their builds, so it must not happen unseen. A [`Detector`] has
//! them all: the `OnceLock` of its index is either empty or holds a whole index, and so is sound
//! after a panic.

use std::panic::{RefUnwindSafe, UnwindSafe};

use retold::*;

trait Everything: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe {}

impl<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe> Everything for T {}

/// Does not compile where one of the types lacks one of the traits; else gives their names.
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

    // So that a type which is made public later is not forgotten here.
    let source = include_str!("../src/lib.rs");
    let exports = source.split(';').filter_map(|item| item.rsplit_once("pub use "));
    let names = exports.flat_map(|(_, path)| path.split([':', '{', '}', ',', ' ', '\n']));
    let mut public: Vec<&str> =
        names.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase())).collect();
    public.sort_unstable();
    assert_eq!(checked[..], public);
}
