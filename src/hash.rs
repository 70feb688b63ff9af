//! Pinned hashing: the same bytes give the same hash on every machine, in every release of one
//! scheme.
//!
//! Whatever is stored or compared across machines goes through this file. Hashes of bytes are
//! [XXH3-64](https://xxhash.com) with seed 0; hashes of hashes are the 64-bit finaliser of
//! MurmurHash3. `std::hash::Hash` and `ahash` never touch such a value: both may differ between
//! builds.

/// Version of everything that decides a stored hash: normalisation, word splitting, shingling and
/// the functions of this file. It is part of every serialised object, and objects of different
/// versions refuse to be compared.
///
/// One thing is outside it: which characters are letters follows the Unicode tables of the Rust
/// toolchain and of the crates for normalisation. A character that Unicode assigned between two of
/// their releases may be read differently by builds on either side; all others are the same.
pub const SCHEME_VERSION: u16 = 1;

/// Odd constants that give each place in a shingle a weight of its own, so that the order of the
/// words counts. They are the first outputs of SplitMix64 from state 0, made odd.
const PLACES: [u64; 8] = [
    0xe220_a839_7b1d_cdaf,
    0x6e78_9e6a_a1b9_65f5,
    0x06c4_5d18_8009_454f,
    0xf88b_b8a8_724c_81ed,
    0x1b39_896a_51a8_749b,
    0x53cb_9f0c_747e_a2eb,
    0x2c82_9abe_1f45_32e1,
    0xc584_133a_c916_ab3d,
];

/// XXH3-64 of `bytes`, seed 0.
///
/// ```
/// assert_eq!(retold::hash::bytes(b"ferry"), 0xd152_ce34_ff76_fb2b);
/// ```
#[inline]
pub fn bytes(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}

/// A bijective mix of 64 bits (the finaliser of MurmurHash3): every bit of the input changes half
/// the bits of the output.
#[inline]
pub const fn mix(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    x = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// One hash of a short sequence of hashes; the order counts.
///
/// The hashes are combined by a sum with odd weights, so neighbouring windows are independent of
/// one another and the loop vectorises, and the sum is mixed once.
#[inline]
pub fn sequence(hashes: impl IntoIterator<Item = u64>) -> u64 {
    let mut sum = 0u64;
    for (place, hash) in hashes.into_iter().enumerate() {
        let weight = PLACES[place % PLACES.len()].wrapping_add((place / PLACES.len()) as u64 * 2);
        sum = sum.wrapping_add(hash.wrapping_mul(weight));
    }
    mix(sum)
}

/// Output `n` of the SplitMix64 generator started at `seed`: a reproducible stream of constants.
#[inline]
pub(crate) const fn splitmix(seed: u64, n: u64) -> u64 {
    let mut z = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_a_sequence_counts() {
        assert_ne!(sequence([1, 2, 3]), sequence([3, 2, 1]));
        assert_ne!(sequence([1, 2]), sequence([1, 2, 0x1234]));
    }

    #[test]
    fn golden_values_do_not_change() {
        assert_eq!(splitmix(0, 0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(1), 0xb456_bcfc_34c2_cb2c);
        assert_eq!(PLACES[1], splitmix(0, 1) | 1);
        assert_eq!(PLACES[7], splitmix(0, 7) | 1);
    }
}
