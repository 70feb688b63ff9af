//! Counting at once, in parts or from tables finds the same boilerplate phrases.

use super::counting::{Reaches, SLICE_SIZE, parts};
use super::*;
use crate::hash::mix;
use crate::sketch::bottomk::BottomK;
use proptest::prelude::*;
use std::collections::HashMap;

fn sample(phrases: &[u64]) -> BottomK {
    let hashes: Vec<u64> = phrases.iter().map(|&phrase| mix(phrase + 1)).collect();
    BottomK::of_hashes(128, &hashes)
}

fn shared(samples: &[BottomK], left: &BottomK, right: &BottomK) -> usize {
    let boilerplate = BoilerplatePhrases::of(samples.iter().map(BottomK::sample));
    boilerplate.overlap(left.sample(), right.sample()).1
}

#[test]
fn a_phrase_is_boilerplate_once_its_document_frequency_exceeds_the_maximum() {
    let footer = 7;
    let mut samples: Vec<BottomK> = (0..MAX_DOCUMENT_FREQUENCY as u64)
        .map(|n| sample(&[footer, 100 + n, 100 + n / 2]))
        .collect();
    let (left, right) = (sample(&[footer, 1, 2, 3]), sample(&[footer, 2, 3, 4]));
    assert_eq!(shared(&samples, &left, &right), 0);
    samples.push(left.clone());
    assert_eq!(shared(&samples, &left, &right), 1);
    assert_eq!(shared(&samples, &left, &samples[3]), 1);
    samples.reverse();
    assert_eq!(shared(&samples, &left, &right), 1);
}

/// A turn of speech is in one of 400 articles, and each hundred articles are all that one outlet printed.
#[test]
fn a_turn_of_speech_stays_language_and_a_footer_boilerplate_at_every_size() {
    let (idiom, footer, own) = (7, 1 << 32, 1 << 40);
    for articles in [1500, 6000, 24_000] {
        let phrases = |n: u64| {
            let mut phrases = vec![footer + n / 100, own + 2 * n, own + 2 * n + 1];
            phrases.extend(n.is_multiple_of(400).then_some(idiom));
            phrases
        };
        let samples: Vec<BottomK> = (0..articles).map(|n| sample(&phrases(n))).collect();
        let all = || samples.iter().map(BottomK::sample);
        let at_once = BoilerplatePhrases::of(all());
        let footers = (0..articles / 100).map(|outlet| sample(&[footer + outlet]).values()[0]);
        let mut footers: Vec<u32> = footers.collect();
        footers.sort_unstable();
        assert_eq!(*at_once.hashes, footers, "{articles}");

        // Counts of parts add up beyond what a small collection needs.
        let samples: Vec<Sample<'_>> = all().collect();
        let (direct, counted) = samples.split_at(250);
        let tables: Vec<PhraseCounts> =
            counted.chunks(1250).map(|part| PhraseCounts::of(part.iter().copied())).collect();
        let tables: Vec<&PhraseCounts> = tables.iter().collect();
        let mut in_parts = BoilerplatePhrases::default();
        in_parts.count_anew(0..=u32::MAX, direct.iter().copied(), &tables);
        assert_eq!(in_parts.hashes, at_once.hashes, "{articles}");
    }
}

#[test]
fn the_bound_rises_with_the_collection_and_ends_where_a_count_does() {
    let bounds = [0, 1500, 6000, 12_000, 24_000, 1_000_000, usize::MAX].map(max_document_frequency);
    assert_eq!(bounds, [16, 16, 32, 45, 64, 254, 254]);
    // A table of so many articles still tells what any collection needs.
    let samples: Vec<BottomK> = (0..400).map(|n| sample(&[7, 100 + n])).collect();
    let table = PhraseCounts::of(samples.iter().map(BottomK::sample));
    assert!(table.counts(0..=u32::MAX).eq([(sample(&[7]).values()[0], 255)]));
}

/// The hashes that enough samples have, each counted separately in a map.
fn counted_one_by_one(samples: &[Sample<'_>]) -> Vec<u32> {
    let reaches = Reaches::new(samples, &[], 0..=u32::MAX);
    let mut counts: HashMap<u32, usize> = HashMap::new();
    let values = samples.iter().flat_map(|sample| sample.values);
    values.for_each(|&value| *counts.entry(value).or_default() += 1);
    let common = counts.into_iter().filter(|&(value, n)| n >= reaches.needed_exactly(value));
    let mut common: Vec<u32> = common.map(|(value, _)| value).collect();
    common.sort_unstable();
    common
}

/// Samples of skewed phrases, so that some are in many.
fn sketches(phrases: &[Vec<u64>], k: usize) -> Vec<BottomK> {
    let hash = |&phrase: &u64| mix(phrase * phrase / 60 + 1);
    let hashes = |of_one: &Vec<u64>| of_one.iter().map(hash).collect::<Vec<u64>>();
    phrases.iter().map(|of_one| BottomK::of_hashes(k, &hashes(of_one))).collect()
}

proptest! {
    #[test]
    fn counting_in_parts_finds_what_counting_one_by_one_does(
        phrases in prop::collection::vec(prop::collection::vec(0u64..90, 0..40), 9..60),
        k in 8usize..40, part_size in 1usize..900,
    ) {
        let samples = sketches(&phrases, k);
        let samples: Vec<Sample<'_>> = samples.iter().map(BottomK::sample).collect();
        let found = frequent_phrases(samples.clone(), &[], 0..=u32::MAX, part_size);
        let boilerplate = BoilerplatePhrases::new(found);
        let expected = counted_one_by_one(&samples);
        prop_assert_eq!(&*boilerplate.hashes, &expected[..]);
        // The overlap of a sample with itself counts its boilerplate phrases.
        for &sample in &samples {
            let common = sample.values.iter().filter(|value| expected.contains(value)).count();
            prop_assert_eq!(boilerplate.overlap(sample, sample).1, common);
        }
    }

    #[test]
    fn parts_follow_one_another_over_all_values(
        mut values in prop::collection::vec(any::<u32>(), 0..99), part_size in 1usize..40,
        first in any::<u32>(),
    ) {
        values.sort_unstable();
        values.dedup();
        let samples = [Sample { values: &values, cut: false }];
        let parts = parts(&samples, first..=u32::MAX, part_size);
        prop_assert_eq!((parts[0].start(), parts[parts.len() - 1].end()), (&first, &u32::MAX));
        for two in parts.windows(2) {
            prop_assert_eq!(two[0].end() + 1, *two[1].start());
        }
    }

    /// A count is too low by exactly the number of tables in whose articles the phrase occurs once.
    #[test]
    fn tables_overlook_only_phrases_that_occur_in_one_article_of_their_part(
        phrases in prop::collection::vec(prop::collection::vec(0u64..90, 0..40), 0..200),
        k in 8usize..40, part in 9usize..60, sampled in 0usize..60,
    ) {
        let samples = sketches(&phrases, k);
        let samples: Vec<Sample<'_>> = samples.iter().map(BottomK::sample).collect();
        let (direct, in_tables) = samples.split_at(sampled.min(samples.len()));
        let parts: Vec<&[Sample<'_>]> = in_tables.chunks(part).collect();
        let tables: Vec<PhraseCounts> =
            parts.iter().map(|part| PhraseCounts::of(part.iter().copied())).collect();
        let tables: Vec<&PhraseCounts> = tables.iter().collect();
        let having = |samples: &[Sample<'_>], value: u32| {
            samples.iter().filter(|sample| sample.values.contains(&value)).count()
        };
        for (part, table) in parts.iter().zip(&tables) {
            let mut twice: Vec<u32> = part.iter().flat_map(|sample| sample.values).copied().collect();
            twice.sort_unstable();
            twice.dedup();
            let counts = twice.iter().map(|&value| (value, having(part, value).min(255) as u8));
            let counts: Vec<(u32, u8)> = counts.filter(|&(_, count)| count > 1).collect();
            prop_assert!(table.counts(0..=u32::MAX).eq(counts));
            let values = part.iter().map(|sample| sample.values.len()).sum();
            prop_assert!(PhraseCounts::makes_sense(table.columns(), part.len(), values));
        }

        let reaches = Reaches::new(&samples, &[], 0..=u32::MAX);
        let mut boilerplate = BoilerplatePhrases::default();
        boilerplate.count_anew(0..=u32::MAX, direct.iter().copied(), &tables);
        let mut values: Vec<u32> = samples.iter().flat_map(|sample| sample.values).copied().collect();
        values.sort_unstable();
        values.dedup();
        for value in values {
            let singles = parts.iter().filter(|part| having(part, value) == 1).count();
            let exact = having(&samples, value);
            let is_common = exact - singles >= reaches.needed_exactly(value);
            prop_assert_eq!(boilerplate.hashes.contains(&value), is_common, "{} {}", exact, singles);
        }

        // Slices give the same result.
        let mut in_slices = BoilerplatePhrases::new(vec![0, 7, u32::MAX]);
        for first in 0..8 {
            let slice = first << 29..=(first << 29) + (u32::MAX >> 3);
            in_slices.count_anew(slice, direct.iter().copied(), &tables);
        }
        prop_assert_eq!(in_slices.hashes, boilerplate.hashes);
    }
}

/// Slices cover all hashes in order, and their number is the announced one.
#[test]
fn slices_have_about_the_same_size() {
    let sample =
        |n: u32| -> Vec<u32> { (0..100).map(|at| n / 2 * 100 + at + (n / 2) % 3).collect() };
    let values: Vec<Vec<u32>> = (0..2000).map(sample).collect();
    let samples = values.iter().map(|values| Sample { values, cut: true });
    let large = PhraseCounts::of(samples.clone());
    let small = PhraseCounts::of(samples.take(4));
    let tables = [&small, &large];
    let slices = PhraseCounts::slices(&tables);
    assert!(slices > 3, "{slices}");
    let (mut first, mut ends) = (0, Vec::new());
    loop {
        let end = PhraseCounts::slice_end(&tables, first);
        let size = large.counts(first..=end).len();
        assert!(size <= SLICE_SIZE && (end == u32::MAX || size > SLICE_SIZE / 2), "{size}");
        ends.push(end);
        let Some(next) = end.checked_add(1) else { break };
        first = next;
    }
    assert_eq!(ends.len(), slices);
    assert_eq!((PhraseCounts::slices(&[]), PhraseCounts::slice_end(&[], 7)), (1, u32::MAX));
    assert_eq!(
        (PhraseCounts::slices(&[&small]), PhraseCounts::slice_end(&[&small], 0)),
        (1, u32::MAX)
    );
}
