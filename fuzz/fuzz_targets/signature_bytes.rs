//! No input makes the readers of serialised sketches panic. Accepted bytes are written back unchanged, and
//! an index accepts the sketch.

#![no_main]

use libfuzzer_sys::fuzz_target;
use retold::{LshIndex, Signature, SimHash, SimHashIndex};

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // With magic and version in front, more inputs pass the first checks.
    check(&[b"rtMH\x01\x00", bytes].concat());
    check(&[b"rtSH\x01\x00", bytes].concat());
});

fn check(bytes: &[u8]) {
    if let Ok(signature) = Signature::from_bytes(bytes) {
        assert_eq!(signature.to_bytes(), bytes);
        let own = signature.jaccard(&signature).unwrap();
        assert_eq!(own, if signature.is_empty() { 0.0 } else { 1.0 });
        let mut index = LshIndex::new(4, 2).unwrap();
        index.insert(7, &signature).unwrap();
        assert_eq!(index.query(&signature, 0.5).unwrap().is_empty(), signature.is_empty());
    }
    if let Ok(hash) = SimHash::from_bytes(bytes) {
        assert_eq!(hash.to_bytes(), bytes);
        let mut index = SimHashIndex::new();
        index.insert(7, hash).unwrap();
        assert_eq!(index.within(hash, 0).unwrap().len(), 1);
    }
}
