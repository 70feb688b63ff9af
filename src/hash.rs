//! Pinned hashing: the same bytes give the same hash on every machine, in every release of one
//! scheme.
//!
//! Every hash that is stored or compared across machines comes from this file. Byte strings use
//! [XXH3-64](https://xxhash.com) with seed 0. Words and sequences use *folded multiplies*: the two
//! halves of a 128-bit product, XORed. Hashes of hashes use the 64-bit finaliser of MurmurHash3.
//! `std::hash::Hash` and `ahash` are unsuitable, since both may differ between builds.
//!
//! The functions are not cryptographic: whoever chooses the input can construct collisions.

/// Version of everything that determines a stored hash: normalisation, word splitting, shingling and
/// the functions of this file. Every serialised object carries it, and objects of different versions
/// refuse to be compared.
///
/// It does not cover the Unicode tables of the Rust toolchain and of the normalisation crates, which
/// decide what characters are letters. Two builds may disagree on a character that Unicode assigned
/// between the releases they use; they agree on all others.
///
/// Version 1 was never released.
pub const SCHEME_VERSION: u16 = 2;

/// One odd weight for each position of a shingle, so that the order of the words counts. These are
/// the first outputs of SplitMix64 from state 0, made odd.
const WEIGHTS: [u64; 8] = [
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

/// The length in bytes of the longest word that [`word`] reads as two numbers.
const MAX_SHORT_WORD: usize = 16;

/// The keys `A` to `D` of [`word`] and [`sequence`].
const KEYS: [u64; 4] = [splitmix(0, 8), splitmix(0, 9), splitmix(0, 10), splitmix(0, 11)];

/// The hash of a word. At most 16 bytes are padded with zeros and read as two little-endian numbers
/// `lo` and `hi`, and the hash is `fold(fold(lo ^ A, hi ^ B) ^ C, D)`. Here `fold(x, y)` is the low
/// half of the 128-bit product of `x` and `y` XOR its high half, and `A` to `D` are the outputs 8 to
/// 11 (counted from 0) of SplitMix64 from state 0. Longer words are hashed by [`bytes()`].
///
/// The padding is unambiguous, since no word of a text contains a NUL byte. The second `fold` breaks
/// the regular pattern that consecutive numbers would have after one.
///
/// ```
/// use retold::hash;
/// assert_eq!(hash::word(b"ferry"), 0x2fa9_f93d_c041_88fa);
/// assert_eq!(hash::word(b"internationalisation"), hash::bytes(b"internationalisation"));
/// ```
#[inline]
pub fn word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    // Two reads, which may overlap, are faster than a loop over the bytes.
    let (lo, hi) = match length {
        9..=MAX_SHORT_WORD => {
            (read_u64(bytes, 0), read_u64(bytes, length - 8) >> (8 * (MAX_SHORT_WORD - length)))
        }
        8 => (read_u64(bytes, 0), 0),
        4..8 => (read_u32(bytes, 0) | read_u32(bytes, length - 4) << (8 * (length - 4)), 0),
        1..4 => {
            let shifted = |at: usize| u64::from(bytes[at]) << (8 * at);
            (shifted(0) | shifted(length / 2) | shifted(length - 1), 0)
        }
        0 => (0, 0),
        _ => return self::bytes(bytes),
    };
    short_word(lo, hi)
}

/// [`word`] of `text[start..end]`, without a branch on the length of a short word. Panics if fewer than
/// 16 bytes of `text` follow `start`.
#[inline]
pub(crate) fn word_at(text: &[u8], start: usize, end: usize) -> u64 {
    /// For each length, the masks that clear the bytes behind the word.
    const MASKS: [[u64; 2]; MAX_SHORT_WORD + 1] = {
        let mut masks = [[0; 2]; MAX_SHORT_WORD + 1];
        let mut length = 1;
        while length <= MAX_SHORT_WORD {
            masks[length] = masks[length - 1];
            masks[length][(length - 1) / 8] |= 0xff << (8 * ((length - 1) % 8));
            length += 1;
        }
        masks
    };
    match MASKS.get(end - start) {
        Some([lo, hi]) => {
            let padded = &text[start..start + MAX_SHORT_WORD];
            short_word(read_u64(padded, 0) & lo, read_u64(padded, 8) & hi)
        }
        None => bytes(&text[start..end]),
    }
}

/// The hash of a word of at most 16 bytes, given as the two numbers that [`word`] reads.
#[inline]
fn short_word(lo: u64, hi: u64) -> u64 {
    finish(fold(lo ^ KEYS[0], hi ^ KEYS[1]))
}

fn read_u64(bytes: &[u8], at: usize) -> u64 {
    let mut read = [0; 8];
    read.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(read)
}

fn read_u32(bytes: &[u8], at: usize) -> u64 {
    let mut read = [0; 4];
    read.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(read).into()
}

/// The halves of the 128-bit product, XORed. Each bit of it depends on most bits of both factors.
#[inline]
pub(crate) const fn fold(x: u64, y: u64) -> u64 {
    let product = x as u128 * y as u128;
    product as u64 ^ (product >> 64) as u64
}

#[inline]
const fn finish(x: u64) -> u64 {
    fold(x ^ KEYS[2], KEYS[3])
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
/// Each position has its own odd weight, and the sum of `hash · weight` is mixed by `fold(sum ^ C, D)`
/// as in [`word`]. The terms of the sum are independent, so the processor computes them in parallel.
#[inline]
pub fn sequence(hashes: impl IntoIterator<Item = u64>) -> u64 {
    let mut sum = 0u64;
    for (position, hash) in hashes.into_iter().enumerate() {
        let lap = (position / WEIGHTS.len()) as u64;
        let weight = WEIGHTS[position % WEIGHTS.len()].wrapping_add(lap * 2);
        sum = sum.wrapping_add(hash.wrapping_mul(weight));
    }
    finish(sum)
}

/// One hash of a long sequence of hashes; their order and number count. As in [`sequence`], the terms
/// of the sum are independent.
#[inline]
pub(crate) fn many(hashes: &[u64]) -> u64 {
    many_by(hashes, [KEYS[0], KEYS[1]])
}

/// The 128-bit hash of the words of a text, given by their hashes: the identity of the text. Two texts of
/// a collection of 10⁹ that differ in their words' hashes have the same one with a chance of 10⁻²⁰; with 64
/// bits it would be 3 %. The low half is [`many`], the high half the same by other keys.
#[inline]
pub(crate) fn content(hashes: &[u64]) -> u128 {
    u128::from(many_by(hashes, [KEYS[2], KEYS[3]])) << 64 | u128::from(many(hashes))
}

#[inline]
fn many_by(hashes: &[u64], [position_key, key]: [u64; 2]) -> u64 {
    let sum = hashes.iter().zip(1u64..).fold(0u64, |sum, (&hash, position)| {
        sum.wrapping_add(fold(hash ^ position.wrapping_mul(position_key | 1), key ^ hash))
    });
    mix(sum ^ hashes.len() as u64)
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
    fn the_halves_of_the_hash_of_a_text_are_independent() {
        let texts: Vec<Vec<u64>> =
            (0..2000u64).map(|n| (0..1 + n % 5).map(|at| splitmix(n, at)).collect()).collect();
        let equal = texts.iter().map(|text| {
            let content = content(text);
            assert_eq!(content as u64, many(text));
            ((content >> 64) as u64 ^ content as u64).count_ones()
        });
        let mean = f64::from(equal.sum::<u32>()) / texts.len() as f64;
        assert!((mean - 32.0).abs() < 0.5, "{mean} of 64 bits differ");
        assert_ne!(content(&[1, 2]) >> 64, content(&[2, 1]) >> 64);
    }

    #[test]
    fn a_word_is_read_as_two_padded_numbers_whatever_its_length() {
        for length in 0..=MAX_SHORT_WORD {
            let word: Vec<u8> = (1..=length as u8).map(|n| n * 15).collect();
            let mut padded = [0; MAX_SHORT_WORD];
            padded[..length].copy_from_slice(&word);
            let number = u128::from_le_bytes(padded);
            let expected = short_word(number as u64, (number >> 64) as u64);
            assert_eq!(super::word(&word), expected, "{length}");
            let text = [&b"xx"[..], &word, &[b'y'; MAX_SHORT_WORD]].concat();
            assert_eq!(word_at(&text, 2, 2 + length), expected, "{length}");
        }
    }

    #[test]
    fn golden_values_do_not_change() {
        assert_eq!(splitmix(0, 0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(KEYS[0], 0x3ee5_7890_41c9_8ac3);
        assert_eq!(mix(1), 0xb456_bcfc_34c2_cb2c);
        assert_eq!(WEIGHTS[1], splitmix(0, 1) | 1);
        assert_eq!(WEIGHTS[7], splitmix(0, 7) | 1);
    }
}
