//! AVX2: 256-bit vectors on x86-64.

use std::arch::x86_64::*;

use super::{Round, scalar};

/// Proof that this processor has AVX2.
#[derive(Clone, Copy)]
pub(super) struct Token(());

impl Token {
    /// # Safety
    /// The processor must have AVX2.
    pub(super) unsafe fn new_unchecked() -> Self {
        Token(())
    }
}

pub(super) fn place(_: Token, shingles: &[u64], round: Round, lanes: &mut [u32]) {
    // SAFETY: the token is the proof that AVX2 is there.
    unsafe { place_avx2(shingles, round, lanes) }
}

pub(super) fn count_equal(_: Token, a: &[u32], b: &[u32]) -> usize {
    // SAFETY: the token is the proof that AVX2 is there.
    unsafe { count_equal_avx2(a, b) }
}

/// Computes four products at a time; the lanes are then updated one by one, since two shingles of
/// a vector may fall into the same lane.
#[target_feature(enable = "avx2")]
fn place_avx2(shingles: &[u64], round: Round, lanes: &mut [u32]) {
    let count = _mm256_set1_epi64x(lanes.len() as i64);
    let low = _mm256_set1_epi64x((round.multiplier & 0xffff_ffff) as i64);
    let high = _mm256_set1_epi64x((round.multiplier >> 32) as i64);
    let groups = shingles.chunks_exact(4);
    let rest = groups.remainder();
    for group in groups {
        // SAFETY: a group is four u64, 32 bytes, and the load may be unaligned.
        let x = unsafe { _mm256_loadu_si256(group.as_ptr().cast()) };
        // The high half of the low 64 bits of x * multiplier, from three 32-bit products.
        let cross = _mm256_add_epi64(
            _mm256_mul_epu32(x, high),
            _mm256_mul_epu32(_mm256_srli_epi64::<32>(x), low),
        );
        let carry = _mm256_srli_epi64::<32>(_mm256_mul_epu32(x, low));
        let products = _mm256_mul_epu32(_mm256_add_epi64(cross, carry), count);
        let mut found = [0u64; 4];
        // SAFETY: `found` is 32 bytes, and the store may be unaligned.
        unsafe { _mm256_storeu_si256(found.as_mut_ptr().cast(), products) };
        for product in found {
            let lane = &mut lanes[(product >> 32) as usize];
            *lane = (*lane).min(round.base | (product as u32 >> round.shift));
        }
    }
    scalar::place(rest, round, lanes);
}

#[target_feature(enable = "avx2")]
fn count_equal_avx2(a: &[u32], b: &[u32]) -> usize {
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = scalar::count_equal(left.remainder(), right.remainder());
    let mut counts = _mm256_setzero_si256();
    for (x, y) in left.zip(right) {
        // SAFETY: each chunk is eight u32, 32 bytes, and the loads may be unaligned.
        let equal = unsafe {
            _mm256_cmpeq_epi32(
                _mm256_loadu_si256(x.as_ptr().cast()),
                _mm256_loadu_si256(y.as_ptr().cast()),
            )
        };
        // A lane is -1 where the values are equal.
        counts = _mm256_sub_epi32(counts, equal);
    }
    let mut sums = [0u32; 8];
    // SAFETY: `sums` is 32 bytes, and the store may be unaligned.
    unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), counts) };
    rest + sums.iter().map(|&sum| sum as usize).sum::<usize>()
}
