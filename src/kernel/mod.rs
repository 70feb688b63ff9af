//! The loops that decide the speed, in one form for each kind of processor.
//!
//! This folder holds all the `unsafe` of the crate but the memory map of `store`. Every kernel gives
//! the same bits as its scalar twin: [`Kernel::detect`] may pick another one on another machine, and
//! nothing but the time changes. Each is tested against the twin on the same random input.

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // The processor's vector instructions have no safe form.
mod avx2;
mod scalar;
mod sort;

use std::sync::OnceLock;

pub(crate) use sort::{BucketSort, RadixSort};

/// Which form of the hot loops runs.
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
    /// Made only by [`Kernel::avx2`], after the processor was asked.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// One round of a sketch: where each shingle falls, see [`crate::MinHasher`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// An odd factor of the round's own.
    pub(crate) multiplier: u64,
    /// What the values of this round begin with: the round's number, shifted over the fraction.
    pub(crate) base: u32,
    /// How far a 32-bit fraction is shifted down to fit under the round's number.
    pub(crate) shift: u32,
}

/// What the bytes of a block belong to, a bit for each, the first one lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bitmaps {
    /// Small letters and digits of ASCII, and everything beyond it.
    pub(crate) words: u64,
    /// The digits of ASCII.
    pub(crate) digits: u64,
    /// `.` and `,`.
    pub(crate) points: u64,
}

impl Bitmaps {
    /// How many bytes a block has.
    pub(crate) const BYTES: usize = 64;
}

impl Kernel {
    /// The fastest kernel that this processor runs. Asked once, then remembered.
    pub fn detect() -> Self {
        static DETECTED: OnceLock<Kernel> = OnceLock::new();
        *DETECTED.get_or_init(|| Self::avx2().unwrap_or(Self::scalar()))
    }

    /// The portable kernel, which runs everywhere.
    pub fn scalar() -> Self {
        Kernel(Form::Scalar)
    }

    /// The kernel for x86-64 processors with AVX2; `None` elsewhere.
    pub fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Some(Kernel(Form::Avx2));
        }
        None
    }

    /// A short name to print.
    pub fn name(self) -> &'static str {
        match self.0 {
            Form::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => "avx2",
        }
    }

    /// Copies the ASCII that `source` begins with, in lower case, to the start of `target`, which
    /// is as long as `source` at least. Returns how many bytes that are; what stands behind them
    /// in `target` may change as well.
    pub(crate) fn lower_ascii(self, source: &[u8], target: &mut [u8]) -> usize {
        match self.0 {
            Form::Scalar => scalar::lower_ascii(source, target),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::lower_ascii(avx2_token(), source, target),
        }
    }

    /// The bitmaps of each block of a text.
    pub(crate) fn bitmaps(self, blocks: &[[u8; Bitmaps::BYTES]], bitmaps: &mut [Bitmaps]) {
        match self.0 {
            Form::Scalar => scalar::bitmaps(blocks, bitmaps),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::bitmaps(avx2_token(), blocks, bitmaps),
        }
    }

    /// Lets every shingle fall into one lane and keeps the least value of each lane.
    pub(crate) fn place(self, shingles: &[u64], round: Round, lanes: &mut [u32]) {
        match self.0 {
            Form::Scalar => scalar::place(shingles, round, lanes),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::place(avx2_token(), shingles, round, lanes),
        }
    }

    /// In how many places two slices of the same length are equal.
    pub(crate) fn count_equal(self, a: &[u32], b: &[u32]) -> usize {
        match self.0 {
            Form::Scalar => scalar::count_equal(a, b),
            #[cfg(target_arch = "x86_64")]
            Form::Avx2 => avx2::count_equal(avx2_token(), a, b),
        }
    }

    /// Visits the places of the values that stand in both of two rising slices, the lowest `shift`
    /// bits not looked at; without these no slice has a value twice.
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

    /// Adds `weight` to the counter of every set bit and takes it from every other, for each
    /// feature.
    pub(crate) fn vote(self, features: &[(u64, i32)], counters: &mut [i64; 64]) {
        // One form serves: the compiler vectorises it.
        scalar::vote(features, counters);
    }
}

/// Asks for a slice to be brought near, since it will be read soon: reading what lies anywhere in
/// memory, the processor waits longer than it computes. A hint, which changes nothing.
#[inline]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    avx2::prefetch(values);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// Proof that AVX2 was detected: only [`Kernel::avx2`] makes the form that leads here.
#[cfg(target_arch = "x86_64")]
fn avx2_token() -> avx2::Token {
    #[allow(unsafe_code)]
    // SAFETY: `Form::Avx2` is private and made only after the processor was asked for AVX2.
    unsafe {
        avx2::Token::new_unchecked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every kernel that this machine can run, beside the scalar one.
    fn others() -> Vec<Kernel> {
        let found: Vec<Kernel> = Kernel::avx2().into_iter().collect();
        if found.is_empty() {
            eprintln!("skipped: no vector kernel runs on this machine");
        }
        found
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
        fn placing_agrees_with_the_scalar_twin(
            shingles in prop::collection::vec(any::<u64>(), 0..70),
            multiplier in any::<u64>(),
            lanes in 1usize..20,
            number in 0u32..6,
        ) {
            let round = Round { multiplier: multiplier | 1, base: number << 24, shift: 8 };
            let mut expected = vec![u32::MAX; lanes * 8];
            Kernel::scalar().place(&shingles, round, &mut expected);
            for kernel in others() {
                let mut found = vec![u32::MAX; lanes * 8];
                kernel.place(&shingles, round, &mut found);
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn lowering_agrees_with_the_scalar_twin(
            mut source in prop::collection::vec(0u8..0x80, 0..200),
            beyond in prop::option::of((0usize..200, 0x80u8..)),
        ) {
            if let Some((at, byte)) = beyond {
                source.insert(at.min(source.len()), byte);
            }
            let ascii = source.iter().take_while(|byte| byte.is_ascii()).count();
            let expected = source[..ascii].to_ascii_lowercase();
            for kernel in others().into_iter().chain([Kernel::scalar()]) {
                let mut target = vec![0; source.len()];
                prop_assert_eq!(kernel.lower_ascii(&source, &mut target), ascii);
                prop_assert_eq!(&target[..ascii], &expected);
            }
        }

        #[test]
        fn bitmaps_agree_with_the_scalar_twin(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let (blocks, _) = text.as_chunks();
            let mut expected = vec![Bitmaps::default(); blocks.len()];
            Kernel::scalar().bitmaps(blocks, &mut expected);
            for kernel in others() {
                let mut found = vec![Bitmaps::default(); blocks.len()];
                kernel.bitmaps(blocks, &mut found);
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn counting_agrees_with_the_scalar_twin(
            pairs in prop::collection::vec((0u32..3, 0u32..3), 0..70),
        ) {
            let (a, b): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
            let expected = a.iter().zip(&b).filter(|(x, y)| x == y).count();
            prop_assert_eq!(Kernel::scalar().count_equal(&a, &b), expected);
            for kernel in others() {
                prop_assert_eq!(kernel.count_equal(&a, &b), expected);
            }
        }

        #[test]
        fn what_two_slices_share_agrees_with_sets_and_with_the_scalar_twin(
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
            for kernel in others().into_iter().chain([Kernel::scalar()]) {
                let mut found = Vec::new();
                kernel.for_each_shared(&x, &y, shift, |i, j| {
                    assert_eq!(x[i] >> shift, y[j] >> shift);
                    found.push((x[i] >> shift) & 127);
                });
                prop_assert_eq!(&found, &expected);
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
