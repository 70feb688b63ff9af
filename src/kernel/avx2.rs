//! AVX2: 256-bit vectors on x86-64.
//!
//! A safe function takes a [`Token`] as proof of AVX2 and calls the `…_avx2` function of its name.

use std::arch::x86_64::*;

use super::{Bitmaps, Round, scalar};

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

/// The size of a cache line.
const CACHE_LINE: usize = 64;

pub(super) fn prefetch<T>(values: &[T]) {
    let start = values.as_ptr().cast::<i8>();
    for at in (0..size_of_val(values)).step_by(CACHE_LINE) {
        // SAFETY: every x86-64 processor has this instruction, the address is within the slice, and a
        // prefetch has no effect that the program can observe.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(at)) };
    }
}

pub(super) fn lower_ascii(_: Token, source: &[u8], target: &mut [u8]) -> usize {
    // SAFETY: the token proves that the processor has AVX2.
    unsafe { lower_ascii_avx2(source, target) }
}

pub(super) fn bitmaps(_: Token, blocks: &[[u8; Bitmaps::BYTES]], bitmaps: &mut [Bitmaps]) {
    // SAFETY: the token proves that the processor has AVX2.
    unsafe { bitmaps_avx2(blocks, bitmaps) }
}

pub(super) fn place(_: Token, shingles: &[u64], round: Round, lanes: &mut [u32]) {
    // SAFETY: the token proves that the processor has AVX2.
    unsafe { place_avx2(shingles, round, lanes) }
}

#[inline]
pub(super) fn for_each_shared(
    _: Token,
    a: &[u32],
    b: &[u32],
    shift: u32,
    visit: &mut impl FnMut(usize, usize),
) {
    // SAFETY: the token proves that the processor has AVX2.
    unsafe { for_each_shared_avx2(a, b, shift, visit) }
}

pub(super) fn count_shared(_: Token, a: &[u32], b: &[u32]) -> usize {
    // SAFETY: the token proves that the processor has AVX2.
    unsafe { count_shared_avx2(a, b) }
}

pub(super) fn count_equal(_: Token, a: &[u32], b: &[u32]) -> usize {
    // SAFETY: the token proves that the processor has AVX2.
    unsafe { count_equal_avx2(a, b) }
}

/// A mask with the byte -1 where the byte of `x` is in `first..=last`, else 0.
#[target_feature(enable = "avx2")]
fn in_range(x: __m256i, first: u8, last: u8) -> __m256i {
    let offset = _mm256_sub_epi8(x, _mm256_set1_epi8(first as i8));
    let max = _mm256_set1_epi8((last - first) as i8);
    _mm256_cmpeq_epi8(_mm256_min_epu8(offset, max), offset)
}

#[target_feature(enable = "avx2")]
fn lower_ascii_avx2(source: &[u8], target: &mut [u8]) -> usize {
    const CHUNK_BYTES: usize = 32;
    let (chunks, _) = source.as_chunks::<CHUNK_BYTES>();
    let (targets, _) = target.as_chunks_mut::<CHUNK_BYTES>();
    let mut done = 0;
    for (chunk, target) in chunks.iter().zip(targets) {
        // SAFETY: a chunk is 32 bytes, and the load may be unaligned.
        let x = unsafe { _mm256_loadu_si256(chunk.as_ptr().cast()) };
        let case = _mm256_and_si256(in_range(x, b'A', b'Z'), _mm256_set1_epi8(0x20));
        // SAFETY: the target is 32 bytes as well, and the store may be unaligned.
        unsafe { _mm256_storeu_si256(target.as_mut_ptr().cast(), _mm256_or_si256(x, case)) };
        let non_ascii = _mm256_movemask_epi8(x);
        if non_ascii != 0 {
            return done + non_ascii.trailing_zeros() as usize;
        }
        done += CHUNK_BYTES;
    }
    done + scalar::lower_ascii(&source[done..], &mut target[done..])
}

#[target_feature(enable = "avx2")]
fn bitmaps_avx2(blocks: &[[u8; Bitmaps::BYTES]], bitmaps: &mut [Bitmaps]) {
    for (block, bitmaps) in blocks.iter().zip(bitmaps) {
        let (halves, _) = block.as_chunks();
        let (low, high) = (half_bitmaps(&halves[0]), half_bitmaps(&halves[1]));
        let both = |field: usize| u64::from(low[field]) | u64::from(high[field]) << 32;
        *bitmaps = Bitmaps { words: both(0), digits: both(1), points: both(2) };
    }
}

/// The fields of [`Bitmaps`] for half a block.
#[target_feature(enable = "avx2")]
fn half_bitmaps(half: &[u8; 32]) -> [u32; 3] {
    // SAFETY: a half is 32 bytes, and the load may be unaligned.
    let x = unsafe { _mm256_loadu_si256(half.as_ptr().cast()) };
    let digits = in_range(x, b'0', b'9');
    let ascii = _mm256_or_si256(digits, in_range(x, b'a', b'z'));
    // A non-ASCII byte has its highest bit set, and `movemask` reads only that bit.
    let words = _mm256_or_si256(ascii, x);
    let points = _mm256_or_si256(
        _mm256_cmpeq_epi8(x, _mm256_set1_epi8(b'.' as i8)),
        _mm256_cmpeq_epi8(x, _mm256_set1_epi8(b',' as i8)),
    );
    let bits = |x| _mm256_movemask_epi8(x) as u32;
    [bits(words), bits(digits), bits(points)]
}

/// Updates the lanes one by one, since two shingles of a vector may map to the same lane. It computes
/// a batch of vectors first, so that no scalar load stalls on the vector store right before it.
#[target_feature(enable = "avx2")]
fn place_avx2(shingles: &[u64], round: Round, lanes: &mut [u32]) {
    const BATCH_VECTORS: usize = 16;
    let products = Products::new(round, lanes.len());
    let mut updates = [[0; 4]; BATCH_VECTORS];
    let (groups, rest) = shingles.as_chunks();
    for batch in groups.chunks(BATCH_VECTORS) {
        for (updates, group) in updates.iter_mut().zip(batch) {
            *updates = to_array(products.of(group));
        }
        for &update in updates[..batch.len()].as_flattened() {
            let lane = &mut lanes[(update >> 32) as usize];
            *lane = (*lane).min(update as u32);
        }
    }
    scalar::place(rest, round, lanes);
}

#[target_feature(enable = "avx2")]
fn to_array(x: __m256i) -> [u64; 4] {
    let mut array = [0; 4];
    // SAFETY: the array is 32 bytes, and the store may be unaligned.
    unsafe { _mm256_storeu_si256(array.as_mut_ptr().cast(), x) };
    array
}

/// A [`Round`] for four shingles at once.
#[derive(Clone, Copy)]
struct Products {
    low: __m256i,
    high: __m256i,
    lanes: __m256i,
    base: __m256i,
    shift: __m128i,
}

impl Products {
    #[target_feature(enable = "avx2")]
    fn new(round: Round, lanes: usize) -> Self {
        Products {
            low: _mm256_set1_epi64x((round.multiplier & 0xffff_ffff) as i64),
            high: _mm256_set1_epi64x((round.multiplier >> 32) as i64),
            lanes: _mm256_set1_epi64x(lanes as i64),
            base: _mm256_set1_epi64x(round.base.into()),
            shift: _mm_cvtsi32_si128(round.shift as i32),
        }
    }

    /// For each shingle, its lane in the high half and its value in the low half.
    #[target_feature(enable = "avx2")]
    fn of(self, shingles: &[u64; 4]) -> __m256i {
        // SAFETY: four u64 are 32 bytes, and the load may be unaligned.
        let x = unsafe { _mm256_loadu_si256(shingles.as_ptr().cast()) };
        // The high half of the low 64 bits of x * multiplier, from three 32-bit products.
        let cross = _mm256_add_epi64(
            _mm256_mul_epu32(x, self.high),
            _mm256_mul_epu32(_mm256_srli_epi64::<32>(x), self.low),
        );
        let carry = _mm256_srli_epi64::<32>(_mm256_mul_epu32(x, self.low));
        let products = _mm256_mul_epu32(_mm256_add_epi64(cross, carry), self.lanes);
        let values = _mm256_or_si256(_mm256_srl_epi32(products, self.shift), self.base);
        _mm256_blend_epi32::<0b0101_0101>(products, values)
    }
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
    rest + sum_of_lanes(counts)
}

/// Calls `visit` with the positions of two blocks of eight values, the second one, and the mask of the values
/// of the first that the second has too. Then it advances the block whose last value is less, or both if they
/// are equal. Returns the positions from which there are no two blocks.
#[target_feature(enable = "avx2")]
#[inline]
fn for_each_two_blocks(
    a: &[u32],
    b: &[u32],
    shift: u32,
    mut visit: impl FnMut((usize, usize), __m256i, __m256i),
) -> (usize, usize) {
    let count = _mm_cvtsi32_si128(shift as i32);
    let load = |block: &[u32; 8]| {
        // SAFETY: a block is eight u32, 32 bytes, and the load may be unaligned.
        let block = unsafe { _mm256_loadu_si256(block.as_ptr().cast()) };
        _mm256_srl_epi32(block, count)
    };
    let (mut i, mut j) = (0, 0);
    while let (Some(left), Some(right)) = (a[i..].first_chunk::<8>(), b[j..].first_chunk::<8>()) {
        let (x, y) = (load(left), load(right));
        // The eight rotations of one block against the other: halves swapped or not, and each half
        // rotated by 0 to 3 positions.
        let swapped = _mm256_permute2x128_si256::<1>(y, y);
        let equal_to = |y| {
            let rotated = [
                y,
                _mm256_shuffle_epi32::<0b00_11_10_01>(y),
                _mm256_shuffle_epi32::<0b01_00_11_10>(y),
                _mm256_shuffle_epi32::<0b10_01_00_11>(y),
            ];
            let [p, q, r, s] = rotated.map(|y| _mm256_cmpeq_epi32(x, y));
            _mm256_or_si256(_mm256_or_si256(p, q), _mm256_or_si256(r, s))
        };
        visit((i, j), y, _mm256_or_si256(equal_to(y), equal_to(swapped)));
        let (left_last, right_last) = (left[7] >> shift, right[7] >> shift);
        i += if left_last <= right_last { 8 } else { 0 };
        j += if right_last <= left_last { 8 } else { 0 };
    }
    (i, j)
}

#[target_feature(enable = "avx2")]
#[inline]
fn for_each_shared_avx2(a: &[u32], b: &[u32], shift: u32, visit: &mut impl FnMut(usize, usize)) {
    let rest = for_each_two_blocks(a, b, shift, |(i, j), y, equal| {
        let mut shared = _mm256_movemask_ps(_mm256_castsi256_ps(equal)) as u32;
        while shared != 0 {
            let at = shared.trailing_zeros() as usize;
            shared &= shared - 1;
            let value = _mm256_set1_epi32((a[i + at] >> shift) as i32);
            let same = _mm256_cmpeq_epi32(value, y);
            let other = _mm256_movemask_ps(_mm256_castsi256_ps(same)).trailing_zeros() as usize;
            visit(i + at, j + other);
        }
    });
    scalar::for_each_shared(a, b, shift, rest, visit);
}

/// Adds up the masks: no branch depends on the values, where a visit of each shared one mispredicts.
#[target_feature(enable = "avx2")]
fn count_shared_avx2(a: &[u32], b: &[u32]) -> usize {
    let mut counts = _mm256_setzero_si256();
    // A lane is -1 where the value is shared.
    let rest = for_each_two_blocks(a, b, 0, |_, _, equal| {
        counts = _mm256_sub_epi32(counts, equal);
    });
    sum_of_lanes(counts) + scalar::count_shared(a, b, rest)
}

#[target_feature(enable = "avx2")]
fn sum_of_lanes(counts: __m256i) -> usize {
    let halves = to_array(counts).map(|two| (two & 0xffff_ffff) + (two >> 32));
    halves.iter().sum::<u64>() as usize
}
