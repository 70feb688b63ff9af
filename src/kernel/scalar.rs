//! The portable form of every kernel, and the oracle of the others.

use super::Round;

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

pub(super) fn vote(features: &[(u64, i32)], counters: &mut [i64; 64]) {
    for &(hash, weight) in features {
        for (bit, counter) in counters.iter_mut().enumerate() {
            // 1 or -1 by the bit, without a branch.
            *counter += i64::from(weight) * (2 * (hash >> bit & 1) as i64 - 1);
        }
    }
}
