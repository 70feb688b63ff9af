//! The hot loops, with one implementation for each kind of processor, and two sorts for integers.
//!
//! Takes and returns plain slices of integers; uses nothing of the crate. Invariant: every vector
//! implementation returns the same bits as the scalar one, and property tests compare the two. So
//! [`Kernel::detect`] may choose differently on another machine, and only the run time changes.
//!
//! This folder holds all `unsafe` code of the crate except the memory map of the store. It uses
//! intrinsics, since a build for every x86-64 processor may not contain AVX2 unguarded.

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // Vector loads, stores and calls into AVX2 code have no safe form.
mod avx2;
mod scalar;
mod sort;

use std::sync::OnceLock;

pub(crate) use sort::{BucketSort, RadixSort};

/// The implementation of the hot loops. The choice affects the run time, never a result.
///
/// ```
/// use retold::Kernel;
/// println!("running on {}", Kernel::detect().name());
/// assert_eq!(Kernel::scalar().name(), "scalar");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kernel(Form);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Scalar,
    /// Constructed only by [`Kernel::avx2`], after AVX2 was detected.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// One round of one-permutation MinHash: how a shingle selects a lane, and its value in that lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// An odd factor, different in each round.
    pub(crate) multiplier: u64,
    /// The high bits of all values of this round: the round's number, shifted above the fraction.
    pub(crate) base: u32,
    /// The right shift that makes a 32-bit fraction fit below the round's number.
    pub(crate) shift: u32,
}

/// The character classes of a block of bytes, one bit a byte; the first byte has the lowest bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bitmaps {
    /// ASCII lower-case letters and digits, and all non-ASCII bytes.
    pub(crate) words: u64,
    /// ASCII digits.
    pub(crate) digits: u64,
    /// `.` and `,`.
    pub(crate) points: u64,
}

impl Bitmaps {
    /// The size of a block.
    pub(crate) const BYTES: usize = 64;
}

impl Kernel {
    /// The fastest kernel that this processor supports. Detection runs once a process.
    pub fn detect() -> Self {
        static DETECTED: OnceLock<Kernel> = OnceLock::new();
        *DETECTED.get_or_init(|| Self::avx2().unwrap_or(Self::scalar()))
    }

    /// The portable kernel, which every processor supports.
    pub fn scalar() -> Self {
        Kernel(Form::Scalar)
    }

    /// The kernel for x86-64 processors with AVX2; `None` on others.
    pub fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Some(Kernel(Form::Avx2));
        }
        None
    }

    /// A short name for display.
    pub fn name(self) -> &'static str {
        match self.0 {
            Form::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => "avx2",
        }
    }

    /// Copies the leading ASCII bytes of `source` to the start of `target`, in lower case, and returns
    /// their number. `target` is at least as long as `source`; its bytes after the copied ones are
    /// unspecified.
    pub(crate) fn lower_ascii(self, source: &[u8], target: &mut [u8]) -> usize {
        match self.0 {
            Form::Scalar => scalar::lower_ascii(source, target),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::lower_ascii(avx2_token(), source, target),
        }
    }

    /// Computes the bitmaps of each block of a text.
    pub(crate) fn bitmaps(self, blocks: &[[u8; Bitmaps::BYTES]], bitmaps: &mut [Bitmaps]) {
        match self.0 {
            Form::Scalar => scalar::bitmaps(blocks, bitmaps),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::bitmaps(avx2_token(), blocks, bitmaps),
        }
    }

    /// Maps every shingle to one lane and lowers that lane to the shingle's value if this is less.
    pub(crate) fn place(self, shingles: &[u64], round: Round, lanes: &mut [u32]) {
        match self.0 {
            Form::Scalar => scalar::place(shingles, round, lanes),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::place(avx2_token(), shingles, round, lanes),
        }
    }

    /// The number of positions at which two slices of the same length are equal.
    pub(crate) fn count_equal(self, a: &[u32], b: &[u32]) -> usize {
        match self.0 {
            Form::Scalar => scalar::count_equal(a, b),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::count_equal(avx2_token(), a, b),
        }
    }

    /// Intersects two sorted slices, ignoring the lowest `shift` bits of each value, and visits the
    /// positions of each shared value. Without these bits the values of a slice are distinct.
    #[inline]
    pub(crate) fn for_each_shared(
        self,
        a: &[u32],
        b: &[u32],
        shift: u32,
        mut visit: impl FnMut(usize, usize),
    ) {
        match self.0 {
            Form::Scalar => scalar::for_each_shared(a, b, shift, (0, 0), &mut visit),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::for_each_shared(avx2_token(), a, b, shift, &mut visit),
        }
    }

    /// The number of values that two sorted slices of distinct values share.
    pub(crate) fn count_shared(self, a: &[u32], b: &[u32]) -> usize {
        match self.0 {
            Form::Scalar => scalar::count_shared(a, b, (0, 0)),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::count_shared(avx2_token(), a, b),
        }
    }

    /// For each feature, adds its weight to the counters of the set bits of its hash and subtracts it
    /// from the others.
    pub(crate) fn vote(self, features: &[(u64, i32)], counters: &mut [i64; 64]) {
        // The compiler vectorises the scalar form.
        scalar::vote(features, counters);
    }
}

/// Prefetches the cache lines of a slice that is read soon. Random access to memory is bound by
/// latency, which a prefetch overlaps with other work. A hint without effect on results.
#[inline]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    avx2::prefetch(values);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// The proof that AVX2 was detected. Called only for [`Form::Avx2`].
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn avx2_token() -> avx2::Token {
    // SAFETY: `Form::Avx2` is private and constructed only after AVX2 was detected.
    unsafe { avx2::Token::new_unchecked() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every vector kernel that this machine supports.
    fn vector_kernels() -> Vec<Kernel> {
        let kernels: Vec<Kernel> = Kernel::avx2().into_iter().collect();
        if kernels.is_empty() {
            eprintln!("skipped: no vector kernel runs on this machine");
        }
        kernels
    }

    #[test]
    fn each_byte_is_in_its_bitmaps() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut bitmaps = [Bitmaps::default(); 4];
        Kernel::detect().bitmaps(bytes.as_chunks().0, &mut bitmaps);
        for (byte, bit) in bytes.iter().zip((0..64).cycle()) {
            let Bitmaps { words, digits, points } = bitmaps[usize::from(byte / 64)];
            let is_word = matches!(byte, b'a'..=b'z' | b'0'..=b'9' | 0x80..);
            assert_eq!(words >> bit & 1 == 1, is_word);
            assert_eq!(digits >> bit & 1 == 1, byte.is_ascii_digit());
            assert_eq!(points >> bit & 1 == 1, b".,".contains(byte));
        }
    }

    proptest! {
        #[test]
        fn lanes_agree_with_the_scalar_kernel(
            shingles in prop::collection::vec(any::<u64>(), 0..70),
            multiplier in any::<u64>(),
            lanes in 1usize..20,
            number in 0u32..6,
        ) {
            let round = Round { multiplier: multiplier | 1, base: number << 24, shift: 8 };
            let mut expected = vec![u32::MAX; lanes * 8];
            Kernel::scalar().place(&shingles, round, &mut expected);
            for kernel in vector_kernels() {
                let mut found = vec![u32::MAX; lanes * 8];
                kernel.place(&shingles, round, &mut found);
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn lower_case_agrees_with_the_scalar_kernel(
            mut source in prop::collection::vec(0u8..0x80, 0..200),
            beyond in prop::option::of((0usize..200, 0x80u8..)),
        ) {
            if let Some((at, byte)) = beyond {
                source.insert(at.min(source.len()), byte);
            }
            let ascii = source.iter().take_while(|byte| byte.is_ascii()).count();
            let expected = source[..ascii].to_ascii_lowercase();
            for kernel in vector_kernels().into_iter().chain([Kernel::scalar()]) {
                let mut target = vec![0; source.len()];
                prop_assert_eq!(kernel.lower_ascii(&source, &mut target), ascii);
                prop_assert_eq!(&target[..ascii], &expected);
            }
        }

        #[test]
        fn bitmaps_agree_with_the_scalar_kernel(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let (blocks, _) = text.as_chunks();
            let mut expected = vec![Bitmaps::default(); blocks.len()];
            Kernel::scalar().bitmaps(blocks, &mut expected);
            for kernel in vector_kernels() {
                let mut found = vec![Bitmaps::default(); blocks.len()];
                kernel.bitmaps(blocks, &mut found);
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn counts_of_equal_values_agree_with_the_scalar_kernel(
            pairs in prop::collection::vec((0u32..3, 0u32..3), 0..70),
        ) {
            let (a, b): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
            let expected = a.iter().zip(&b).filter(|(x, y)| x == y).count();
            prop_assert_eq!(Kernel::scalar().count_equal(&a, &b), expected);
            for kernel in vector_kernels() {
                prop_assert_eq!(kernel.count_equal(&a, &b), expected);
            }
        }

        #[test]
        fn shared_values_agree_with_sets_and_with_the_scalar_kernel(
            a in prop::collection::btree_set(0u32..90, 0..60),
            b in prop::collection::btree_set(0u32..90, 0..60),
            shift in 0u32..3,
            high in any::<bool>(),
        ) {
            let slice = |values: &std::collections::BTreeSet<u32>, low: u32| -> Vec<u32> {
                let base = if high { u32::MAX >> shift & !127 } else { 0 };
                values.iter().map(|&v| (base | v) << shift | low & ((1 << shift) - 1)).collect()
            };
            let (x, y) = (slice(&a, 0), slice(&b, 1));
            let expected: Vec<u32> = a.intersection(&b).copied().collect();
            for kernel in vector_kernels().into_iter().chain([Kernel::scalar()]) {
                let mut found = Vec::new();
                kernel.for_each_shared(&x, &y, shift, |i, j| {
                    assert_eq!(x[i] >> shift, y[j] >> shift);
                    found.push((x[i] >> shift) & 127);
                });
                prop_assert_eq!(&found, &expected);
                if shift == 0 {
                    prop_assert_eq!(kernel.count_shared(&x, &y), expected.len());
                }
            }
        }

        #[test]
        fn votes_are_the_signed_sums_of_the_bits(
            features in prop::collection::vec((any::<u64>(), -5i32..1000), 0..20),
        ) {
            let mut counters = [0i64; 64];
            Kernel::detect().vote(&features, &mut counters);
            for (bit, &counter) in counters.iter().enumerate() {
                let expected: i64 = features
                    .iter()
                    .map(|&(hash, weight)| if hash >> bit & 1 == 1 { i64::from(weight) } else { -i64::from(weight) })
                    .sum();
                prop_assert_eq!(counter, expected);
            }
        }
    }
}
