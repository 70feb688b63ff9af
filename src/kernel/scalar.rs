//! The portable form of every kernel, and the reference for the others. The methods of
//! [`super::Kernel`] document what each function does.

use super::{Bitmaps, Round};

pub(super) fn lower_ascii(source: &[u8], target: &mut [u8]) -> usize {
    /// A multiple of every vector size, so that the compiler vectorises the loop.
    const CHUNK_BYTES: usize = 32;
    let (chunks, _) = source.as_chunks::<CHUNK_BYTES>();
    let (targets, _) = target.as_chunks_mut::<CHUNK_BYTES>();
    let mut done = 0;
    for (chunk, target) in chunks.iter().zip(targets) {
        if !chunk.is_ascii() {
            break;
        }
        *target = chunk.map(|byte| byte.to_ascii_lowercase());
        done += CHUNK_BYTES;
    }
    let rest = source[done..].iter().zip(&mut target[done..]);
    for (byte, target) in rest.take_while(|(byte, _)| byte.is_ascii()) {
        *target = byte.to_ascii_lowercase();
        done += 1;
    }
    done
}

pub(super) fn bitmaps(blocks: &[[u8; Bitmaps::BYTES]], bitmaps: &mut [Bitmaps]) {
    for (block, bitmaps) in blocks.iter().zip(bitmaps) {
        let gather = |is: fn(u8) -> bool| {
            block.iter().rev().fold(0, |bits, &byte| bits << 1 | u64::from(is(byte)))
        };
        *bitmaps = Bitmaps {
            words: gather(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | 0x80..)),
            digits: gather(|byte| byte.is_ascii_digit()),
            points: gather(|byte| matches!(byte, b'.' | b',')),
        };
    }
}

pub(super) fn place(shingles: &[u64], round: Round, lanes: &mut [u32]) {
    let count = lanes.len() as u64;
    for &shingle in shingles {
        let product = (shingle.wrapping_mul(round.multiplier) >> 32) * count;
        let lane = &mut lanes[(product >> 32) as usize];
        *lane = (*lane).min(round.base | (product as u32 >> round.shift));
    }
}

pub(super) fn count_equal(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).map(|(x, y)| usize::from(x == y)).sum()
}

pub(super) fn count_shared(a: &[u32], b: &[u32], start: (usize, usize)) -> usize {
    let mut count = 0;
    for_each_shared(a, b, 0, start, &mut |_, _| count += 1);
    count
}

/// Starts at the given positions of the two slices.
pub(super) fn for_each_shared(
    a: &[u32],
    b: &[u32],
    shift: u32,
    (mut i, mut j): (usize, usize),
    visit: &mut impl FnMut(usize, usize),
) {
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i] >> shift, b[j] >> shift);
        if x == y {
            visit(i, j);
        }
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
}

pub(super) fn vote(features: &[(u64, i32)], counters: &mut [i64; 64]) {
    for &(hash, weight) in features {
        for (bit, counter) in counters.iter_mut().enumerate() {
            // 1 for a set bit, else -1, without a branch.
            *counter += i64::from(weight) * (2 * (hash >> bit & 1) as i64 - 1);
        }
    }
}
