//! Sorting numbers faster than by comparing them: hashes, and keys with numbers that rise.

/// How many parts the values fall into.
const PARTS: usize = 256;

/// More values than these are sorted as any others: where they are not spread evenly after all, the
/// time grows with their square.
const FEW: usize = 1024;

/// Sorts one slice after another in the same buffer.
///
/// The values fall into parts, of which each has about one value or fewer; what is then left to do is
/// little. For a few hundred values this takes about half the time of a sort by comparisons.
#[derive(Debug, Clone, Default)]
pub(crate) struct BucketSort<T> {
    placed: Vec<T>,
}

impl<T: Copy + Ord + Default> BucketSort<T> {
    /// Sorts values by the part that each falls into, which never falls where the values rise, and
    /// within the parts.
    #[inline]
    pub(crate) fn sort(&mut self, values: &mut [T], part: impl Fn(T) -> u8) {
        if values.len() > FEW {
            return values.sort_unstable();
        }
        let mut ends = [0u16; PARTS];
        values.iter().for_each(|&value| ends[usize::from(part(value))] += 1);
        let mut end = 0;
        for part in &mut ends {
            end += *part;
            *part = end;
        }
        let placed = &mut self.placed;
        placed.clear();
        placed.extend_from_slice(values);
        for &value in placed.iter() {
            let end = &mut ends[usize::from(part(value))];
            *end -= 1;
            values[usize::from(*end)] = value;
        }
        insert_each(values);
    }
}

/// Sorts values that are nearly in order.
#[inline]
fn insert_each<T: Copy + Ord>(values: &mut [T]) {
    for at in 1..values.len() {
        let value = values[at];
        let mut place = at;
        while place > 0 && value < values[place - 1] {
            values[place] = values[place - 1];
            place -= 1;
        }
        values[place] = value;
    }
}

/// The higher bits of a number are read as so many digits of equal width.
const DIGITS: usize = 3;

/// How many bits of a digit there are at most.
const MAX_BITS: u32 = u32::BITS.div_ceil(DIGITS as u32);

/// Sorts one vector after another in the same buffer by the higher bits of its numbers, and leaves those
/// that have the same there in their order: whose lower bits rise are sorted altogether.
#[derive(Debug, Default)]
pub(crate) struct RadixSort<T = u64> {
    placed: Vec<T>,
}

impl<T: Copy + Default + Into<u64>> RadixSort<T> {
    /// Below this, to count all digits costs more than to compare.
    const FEW: usize = 1024;

    /// Sorts by the bits from the lowest `from` on, of which 32 at most are set.
    pub(crate) fn sort(&mut self, values: &mut Vec<T>, from: u32) {
        if values.len() < Self::FEW {
            return values.sort_by_key(|&value| value.into() >> from);
        }
        let most = values.iter().fold(0, |most, &value| most | (value.into() >> from) as u32);
        let bits = (u32::BITS - most.leading_zeros()).div_ceil(DIGITS as u32);
        let digit = |value: T, number: usize| {
            (value.into() >> (from + number as u32 * bits)) as usize & ((1 << bits) - 1)
        };
        let mut counts = [[0u32; 1 << MAX_BITS]; DIGITS];
        for &value in values.iter() {
            for (number, counts) in counts.iter_mut().enumerate() {
                counts[digit(value, number)] += 1;
            }
        }
        self.placed.clear();
        self.placed.resize(values.len(), T::default());
        for (number, counts) in counts.iter_mut().enumerate() {
            let mut start = 0;
            for count in &mut counts[..1 << bits] {
                start += std::mem::replace(count, start);
            }
            for &value in values.iter() {
                let place = &mut counts[digit(value, number)];
                self.placed[*place as usize] = value;
                *place += 1;
            }
            std::mem::swap(values, &mut self.placed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_higher_bits_are_sorted_and_what_has_the_same_ones_stays_in_order(
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
        fn values_are_sorted_however_they_are_spread(
            mut values in prop::collection::vec(any::<u32>(), 0..2 * FEW),
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
