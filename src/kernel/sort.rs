//! Sorts for integers that beat a comparison sort: a bucket sort for hashes, a radix sort for keys.
//!
//! Both keep their buffer between calls, so that sorting many short slices allocates once.

const BUCKETS: usize = 256;

/// The largest slice for the bucket sort. It bounds the quadratic time of the insertion sort on values
/// that are unevenly distributed.
const MAX_BUCKET_SORTED: usize = 1024;

/// Sorts slices of evenly distributed values, such as hashes.
///
/// A counting pass moves each value to its bucket, and an insertion sort orders the buckets. With about
/// one value a bucket this is linear (measured against a comparison sort on the design page).
#[derive(Debug, Clone, Default)]
pub(crate) struct BucketSort<T> {
    buffer: Vec<T>,
}

impl<T: Copy + Ord + Default> BucketSort<T> {
    /// Sorts `values`. `bucket` must not decrease as the value increases.
    #[inline]
    pub(crate) fn sort(&mut self, values: &mut [T], bucket: impl Fn(T) -> u8) {
        if values.len() > MAX_BUCKET_SORTED {
            return values.sort_unstable();
        }
        let mut ends = [0u16; BUCKETS];
        values.iter().for_each(|&value| ends[usize::from(bucket(value))] += 1);
        let mut end = 0;
        for bucket_end in &mut ends {
            end += *bucket_end;
            *bucket_end = end;
        }
        self.buffer.clear();
        self.buffer.extend_from_slice(values);
        for &value in &self.buffer {
            let end = &mut ends[usize::from(bucket(value))];
            *end -= 1;
            values[usize::from(*end)] = value;
        }
        insertion_sort(values);
    }
}

#[inline]
fn insertion_sort<T: Copy + Ord>(values: &mut [T]) {
    for at in 1..values.len() {
        let value = values[at];
        let mut slot = at;
        while slot > 0 && value < values[slot - 1] {
            values[slot] = values[slot - 1];
            slot -= 1;
        }
        values[slot] = value;
    }
}

/// The number of digits of equal width, and so of passes, of a 32-bit key.
const DIGITS: usize = 3;

const MAX_DIGIT_BITS: u32 = u32::BITS.div_ceil(DIGITS as u32);

/// The smallest vector for the radix sort: below it, counting the digits costs more than comparisons.
const MIN_RADIX_SORTED: usize = 1024;

/// Sorts vectors stably by a key of at most 32 bits in the high part of each number, in linear time.
///
/// Numbers whose low parts already increase are thereby sorted as a whole.
#[derive(Debug, Default)]
pub(crate) struct RadixSort<T = u64> {
    buffer: Vec<T>,
}

impl<T: Copy + Default + Into<u64>> RadixSort<T> {
    /// Sorts by the bits from bit `from` upwards, of which the lowest 32 may be set.
    pub(crate) fn sort(&mut self, values: &mut Vec<T>, from: u32) {
        if values.len() < MIN_RADIX_SORTED {
            return values.sort_by_key(|&value| value.into() >> from);
        }
        let used = values.iter().fold(0, |used, &value| used | (value.into() >> from) as u32);
        let bits = (u32::BITS - used.leading_zeros()).div_ceil(DIGITS as u32);
        let digit = |value: T, number: usize| {
            (value.into() >> (from + number as u32 * bits)) as usize & ((1 << bits) - 1)
        };
        let mut counts = [[0u32; 1 << MAX_DIGIT_BITS]; DIGITS];
        for &value in values.iter() {
            for (number, counts) in counts.iter_mut().enumerate() {
                counts[digit(value, number)] += 1;
            }
        }
        self.buffer.clear();
        self.buffer.resize(values.len(), T::default());
        for (number, counts) in counts.iter_mut().enumerate() {
            let mut start = 0;
            for count in &mut counts[..1 << bits] {
                start += std::mem::replace(count, start);
            }
            for &value in values.iter() {
                let slot = &mut counts[digit(value, number)];
                self.buffer[*slot as usize] = value;
                *slot += 1;
            }
            std::mem::swap(values, &mut self.buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_radix_sort_orders_the_high_bits_and_is_stable(
            keys in prop::collection::vec(prop_oneof![any::<u32>(), 0u32..3], 0..3000),
            shift in 0u32..32, from in 10u32..=32,
        ) {
            let keys = keys.into_iter().zip((0..1000u64).rev().cycle());
            let mut values: Vec<u64> =
                keys.map(|(key, low)| u64::from(key >> shift) << from | low).collect();
            let mut expected = values.clone();
            expected.sort_by_key(|value| value >> from);
            RadixSort::default().sort(&mut values, from);
            prop_assert_eq!(values, expected);
        }

        #[test]
        fn a_bucket_sort_is_right_for_any_distribution(
            mut values in prop::collection::vec(any::<u32>(), 0..2 * MAX_BUCKET_SORTED),
            shift in 0u32..32,
        ) {
            values.iter_mut().for_each(|value| *value >>= shift);
            let mut expected = values.clone();
            expected.sort_unstable();
            BucketSort::default().sort(&mut values, |value| (value >> 24) as u8);
            prop_assert_eq!(values, expected);
        }
    }
}
