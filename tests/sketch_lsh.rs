//! Tests of the index, most of them against a comparison of every pair.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use retold::hash::mix;
use retold::{
    Error, ErrorKind, LshBands, LshIndex, LshMatch, LshPair, LshWeights, MinHasher, Shingler,
    Signature, Words,
};

fn signature(hashes: impl IntoIterator<Item = u64>) -> Signature {
    let hashes: Vec<u64> = hashes.into_iter().map(|n| mix(n + 1)).collect();
    MinHasher::new(32, 1).unwrap().hashes(&hashes)
}

#[test]
fn invalid_settings_are_refused() {
    let setting = |error: Error| matches!(error.kind(), ErrorKind::Setting { .. });
    for (bands, rows) in [(0, 4), (4, 0), (1025, 4), (usize::MAX, 2)] {
        assert!(setting(LshIndex::new(bands, rows).unwrap_err()));
    }
    assert!(LshIndex::new(1024, 4).is_ok());
    let even = LshWeights::default();
    for (threshold, lanes) in [(-0.1, 128), (1.1, 128), (f64::NAN, 128), (0.5, 0), (0.5, 4097)] {
        assert!(setting(LshIndex::for_threshold(threshold, lanes, even).unwrap_err()));
    }
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let weights = LshWeights { false_positive: weight, ..even };
        assert!(setting(LshIndex::for_threshold(0.5, 128, weights).unwrap_err()));
    }
    let index = LshIndex::new(8, 2).unwrap();
    for least in [-0.1, 1.1, f64::NAN] {
        assert!(setting(index.query(&signature(0..9), least).unwrap_err()));
    }
}

/// Pairs of sets with a known similarity: one set is in the index, the other is the query.
#[test]
fn recall_agrees_with_the_candidate_probability() {
    const TRIALS: u32 = 1000;
    let hasher = MinHasher::default();
    let bands = LshBands::for_threshold(0.5, 128, LshWeights::default()).unwrap();
    for (similarity, shared) in [(0.3, 300u64), (0.5, 500), (0.8, 800)] {
        let mut index = LshIndex::new(bands.bands(), bands.rows()).unwrap();
        // 1000 hashes in the union of each pair.
        let size = (1000 + shared) / 2;
        let set = |trial: u32, start: u64| -> Vec<u64> {
            let first = u64::from(trial) * 1000 + start;
            (first..first + size).map(|n| mix(n + 1)).collect()
        };
        for trial in 0..TRIALS {
            index.insert(trial, &hasher.hashes(&set(trial, 0))).unwrap();
        }
        let found = |&trial: &u32| {
            let other = hasher.hashes(&set(trial, 1000 - size));
            index.candidates(&other).unwrap().contains(&trial)
        };
        let recall = (0..TRIALS).filter(found).count() as f64 / f64::from(TRIALS);
        let expected = bands.candidate_probability(similarity);
        let standard_error = (expected * (1.0 - expected) / f64::from(TRIALS)).sqrt();
        assert!(
            (recall - expected).abs() < 3.0 * standard_error + 1e-3,
            "recall {recall:.4} at {similarity}, expected {expected:.4} ± {standard_error:.4}"
        );
    }
}

#[test]
fn signatures_with_other_settings_are_refused_even_after_the_first_is_removed() {
    let mut index = LshIndex::new(8, 2).unwrap();
    index.insert(1, &signature(0..9)).unwrap();
    assert!(index.remove(1));
    let words = Words::new("one two three");
    let others = [
        (MinHasher::new(32, 2).unwrap().hashes(&[1]), "seed"),
        (MinHasher::new(64, 1).unwrap().hashes(&[1]), "lanes"),
        (MinHasher::new(32, 1).unwrap().text(Shingler::words(2).unwrap(), &words), "shingle"),
    ];
    for (other, differs) in others {
        let errors = [
            index.insert(2, &other).unwrap_err(),
            index.query(&other, 0.5).unwrap_err(),
            index.top_k(&other, 3).unwrap_err(),
            index.candidates(&other).unwrap_err(),
        ];
        for error in errors {
            let ErrorKind::Mismatch { what, .. } = error.kind() else { panic!("{error}") };
            assert_eq!(*what, differs);
        }
    }
    assert!(index.is_empty());
}

#[test]
fn a_signature_with_fewer_lanes_than_the_bands_need_is_refused() {
    let mut index = LshIndex::new(8, 5).unwrap();
    let mismatch = Err(ErrorKind::Mismatch { what: "lanes", expected: 40, found: 32 }.into());
    assert_eq!(index.insert(1, &signature(0..9)), mismatch);
    assert!(index.is_empty() && index.candidates(&signature(0..9)).is_err());
}

#[test]
fn the_same_lanes_in_another_band_make_no_candidate() {
    let first = signature(0..9);
    let mut bytes = first.to_bytes();
    let lanes = bytes.len() - 32 * 4;
    bytes[lanes..].rotate_left(2 * 4);
    let moved = Signature::from_bytes(&bytes).unwrap();
    let mut index = LshIndex::new(16, 2).unwrap();
    index.insert(1, &first).unwrap();
    assert_eq!(moved.lanes()[..30], first.lanes()[2..]);
    assert_eq!(index.candidates(&moved), Ok(vec![]));
    assert_eq!(index.candidates(&first), Ok(vec![1]));
}

#[test]
fn an_empty_signature_is_kept_but_never_found() {
    let mut index = LshIndex::new(8, 2).unwrap();
    let empty = signature([]);
    index.insert(1, &empty).unwrap();
    index.insert(2, &empty).unwrap();
    assert_eq!(index.candidates(&empty), Ok(vec![]));
    assert_eq!(index.query(&empty, 0.0), Ok(vec![]));
    assert_eq!(index.candidate_pairs(), []);
    assert!(index.contains(1) && index.len() == 2 && index.remove(1) && !index.remove(1));
}

#[test]
fn removed_documents_leave_room_for_as_many_others() {
    let mut index = LshIndex::new(8, 2).unwrap();
    let mut usage = Vec::new();
    for round in 0..20 {
        let ids = round * 100..round * 100 + 100;
        for id in ids.clone() {
            index.insert(id, &signature(u64::from(id) / 3..u64::from(id) / 3 + 20)).unwrap();
        }
        usage.push(index.memory_usage());
        ids.for_each(|id| assert!(index.remove(id)));
    }
    assert!(usage[19] < usage[0] * 2, "{usage:?}");
}

/// Sets that overlap with their neighbours, and the empty set. They are fixed, so that a collision of
/// keys cannot depend on the run of the test.
fn pool() -> Vec<Signature> {
    let sets = (0..24u64).map(|n| signature(n * 2..n * 2 + 5 + n % 4 * 6));
    sets.chain([signature([])]).collect()
}

/// The model: compares every pair for a whole band that is equal.
struct Naive(BTreeMap<u32, Signature>);

impl Naive {
    const BANDS: usize = 7;
    const ROWS: usize = 2;

    fn meet(a: &Signature, b: &Signature) -> bool {
        let bands =
            |s: &Signature| s.lanes().chunks(Self::ROWS).take(Self::BANDS).map(Vec::from).collect();
        let (x, y): (Vec<Vec<u32>>, Vec<Vec<u32>>) = (bands(a), bands(b));
        !a.is_empty() && !b.is_empty() && x.iter().zip(&y).any(|(x, y)| x == y)
    }

    fn candidates(&self, of: &Signature) -> Vec<u32> {
        self.0.iter().filter(|(_, s)| Self::meet(s, of)).map(|(id, _)| *id).collect()
    }

    fn pairs(&self) -> Vec<(u32, u32)> {
        let later = |id: u32| self.0.range(id + 1..);
        let pairs = self.0.iter().flat_map(|(&id, signature)| {
            later(id).filter(|(_, s)| Self::meet(s, signature)).map(move |(&b, _)| (id, b))
        });
        pairs.collect()
    }

    fn query(&self, of: &Signature, least: f64) -> Vec<LshMatch> {
        let score = |id| LshMatch { id, jaccard: self.0[&id].jaccard(of).unwrap() };
        let mut found: Vec<_> = self.candidates(of).into_iter().map(score).collect();
        found.retain(|found| found.jaccard >= least);
        // The ids ascend already, and the sort is stable.
        found.sort_by(|a, b| b.jaccard.partial_cmp(&a.jaccard).unwrap());
        found
    }
}

/// A signature with exactly these lanes.
fn of_lanes(lanes: &[u32]) -> Signature {
    let mut bytes = MinHasher::new(lanes.len(), 1).unwrap().hashes(&[]).to_bytes();
    let header = bytes.len() - lanes.len() * 4;
    bytes.truncate(header);
    bytes.extend(lanes.iter().flat_map(|lane| lane.to_le_bytes()));
    Signature::from_bytes(&bytes).unwrap()
}

/// The first `common` lanes are those of every document, with exceptions; the others are unique.
fn lanes_of(document: u64, width: usize, common: usize, exceptions: u64) -> Vec<u32> {
    let lane = |lane: usize| {
        let own = mix(document * 4096 + lane as u64 + 1);
        if lane < common && own % 1000 >= exceptions { lane as u32 } else { own as u32 >> 1 }
    };
    (0..width).map(lane).collect()
}

fn index_of(bands: (usize, usize), lanes: impl Iterator<Item = Vec<u32>>) -> LshIndex {
    let signatures: Vec<Signature> = lanes.map(|lanes| of_lanes(&lanes)).collect();
    let mut index = LshIndex::new(bands.0, bands.1).unwrap();
    index.insert_many((0..).zip(&signatures)).unwrap();
    index
}

/// No division of a bucket of hundreds of documents loses a pair.
#[test]
fn pairs_in_large_buckets_are_those_that_a_scan_finds() {
    for (common, exceptions) in [(2, 0), (12, 0), (12, 60), (20, 30), (29, 20), (32, 60)] {
        // The four documents of a family are more similar than others.
        let family =
            |n: u64| (0..32).map(move |lane| (lane, if lane % 3 == 0 { n / 4 } else { n }));
        let lanes = |n: u64| -> Vec<u32> {
            family(n).map(|(lane, of)| lanes_of(of, 32, common, exceptions)[lane]).collect()
        };
        let all: Vec<Vec<u32>> = (0..400).chain(5..9).map(lanes).collect();
        let index = index_of((16, 2), all.iter().cloned());
        for least in [0.0, 0.3, 0.5, 0.66, 0.9, 1.0] {
            let mut expected = Vec::new();
            for (left, a) in all.iter().enumerate() {
                for (right, b) in all.iter().enumerate().skip(left + 1) {
                    let equal = a.iter().zip(b).filter(|(x, y)| x == y).count();
                    let jaccard = equal as f64 / 32.0;
                    let meet = a.chunks(2).zip(b.chunks(2)).any(|(x, y)| x == y);
                    if meet && jaccard >= least {
                        expected.push((left as u32, right as u32, jaccard));
                    }
                }
            }
            let tuple = |pair: LshPair| (pair.left, pair.right, pair.jaccard);
            let mut found: Vec<_> = index.pairs(least).unwrap().iter().map(tuple).collect();
            let mut visited = Vec::new();
            let _ = index.visit_pairs::<()>(least, |pair| {
                visited.push(tuple(pair));
                ControlFlow::Continue(())
            });
            let order = |a: &(u32, u32, f64), b: &_| a.partial_cmp(b).unwrap();
            found.sort_by(order);
            visited.sort_by(order);
            assert!(found == expected, "{common} {exceptions} {least}: {}", found.len());
            assert!(visited == expected, "{common} {exceptions} {least}: {}", visited.len());
        }
    }
}

/// Twenty thousand documents in one bucket are two hundred million pairs.
#[test]
fn large_buckets_take_no_more_time_than_their_answer() {
    const MANY: u64 = 20_000;
    // Identical.
    let index = index_of((32, 4), (0..MANY).map(|_| lanes_of(1, 128, 0, 0)));
    let pairs = index.pairs(0.5).unwrap();
    assert_eq!((pairs.identical()[0].len(), pairs.distinct().len()), (MANY as usize, 0));
    // Equal in nearly half of all lanes, and in 15 whole bands.
    let index = index_of((32, 4), (0..MANY).map(|n| lanes_of(n, 128, 62, 0)));
    assert_eq!(index.pairs(0.5).unwrap().distinct(), []);
    // Nearly identical; the search wants only pairs that are equal in every lane.
    let index = index_of((32, 4), (0..MANY).map(|n| lanes_of(n, 128, 128, 8)));
    let pairs = index.pairs(1.0).unwrap();
    assert!(pairs.identical()[0].len() > 1000 && pairs.distinct().is_empty());
    // Every pair is an answer, and the search stops early.
    let mut seen = 0;
    let end = index.visit_pairs(0.5, |_| {
        seen += 1;
        if seen == 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((end, seen), (Ok(ControlFlow::Break(())), 1000));
}

#[test]
fn insert_many_keeps_the_documents_before_a_refused_one() {
    let mut index = LshIndex::new(8, 2).unwrap();
    let all = [signature(0..9), signature(1..9), signature([]), signature(3..9)];
    let documents = [(1, &all[0]), (2, &all[1]), (1, &all[2]), (3, &all[3])];
    let repeated = Err(ErrorKind::RepeatedId { id: "1".to_owned() }.into());
    assert_eq!(index.insert_many(documents), repeated);
    assert_eq!((index.len(), index.contains(3)), (2, false));
    assert_eq!(index.query(&all[0], 1.0).unwrap()[0].id, 1);
}

/// Enough documents for several runs and for packing.
#[test]
fn documents_inserted_together_are_found_like_those_inserted_one_by_one() {
    let signatures: Vec<Signature> =
        (0..9000).map(|n| signature(n / 3 * 7..n / 3 * 7 + 10 + n % 3)).collect();
    let documents = || (0u32..).zip(&signatures);
    let mut one_by_one = LshIndex::new(8, 2).unwrap();
    documents().for_each(|(id, signature)| one_by_one.insert(id, signature).unwrap());
    let mut at_once = LshIndex::new(8, 2).unwrap();
    at_once.insert_many(documents()).unwrap();
    for index in [&mut one_by_one, &mut at_once] {
        (0..9000).filter(|id| id % 5 < 2).for_each(|id| assert!(index.remove(id)));
    }
    let mut fresh = LshIndex::new(8, 2).unwrap();
    fresh.insert_many(documents().filter(|(id, _)| id % 5 >= 2)).unwrap();
    for signature in signatures.iter().step_by(37) {
        let expected = fresh.query(signature, 0.0).unwrap();
        assert!(!expected.is_empty());
        assert_eq!(one_by_one.query(signature, 0.0).unwrap(), expected);
        assert_eq!(at_once.query(signature, 0.0).unwrap(), expected);
    }
    let pairs = fresh.pairs(0.5).unwrap();
    assert_eq!(one_by_one.pairs(0.5).unwrap(), pairs);
    assert_eq!(at_once.pairs(0.5).unwrap(), pairs);
}

proptest! {
    #[test]
    fn behaves_like_a_comparison_of_every_pair(
        operations in prop::collection::vec((any::<bool>(), 0u32..40, 0usize..25), 0..120),
        asked in 0usize..25,
        least in 0.0..=1.0,
        k in 0usize..12,
    ) {
        let pool = pool();
        let mut index = LshIndex::new(Naive::BANDS, Naive::ROWS).unwrap();
        let mut naive = Naive(BTreeMap::new());
        for (insert, id, which) in operations {
            if insert {
                let is_new = !naive.0.contains_key(&id);
                prop_assert_eq!(index.insert(id, &pool[which]).is_ok(), is_new);
                naive.0.entry(id).or_insert_with(|| pool[which].clone());
            } else {
                prop_assert_eq!(index.remove(id), naive.0.remove(&id).is_some());
            }
            prop_assert_eq!(index.contains(id), naive.0.contains_key(&id));
        }
        let asked = &pool[asked];
        prop_assert_eq!(index.len(), naive.0.len());
        prop_assert_eq!(index.candidates(asked).unwrap(), naive.candidates(asked));
        prop_assert_eq!(index.candidate_pairs(), naive.pairs());
        prop_assert_eq!(index.query(asked, least).unwrap(), naive.query(asked, least));
        let mut best = naive.query(asked, 0.0);
        best.truncate(k);
        prop_assert_eq!(index.top_k(asked, k).unwrap(), best);
    }

}
