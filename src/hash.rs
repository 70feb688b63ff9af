//! Pinned hashing: the same bytes give the same hash on every machine, in every release of one
//! scheme.
//!
//! Whatever is stored or compared across machines goes through this file. Hashes of bytes are
//! [XXH3-64](https://xxhash.com) with seed 0; hashes of words and of sequences are made of *folded
//! multiplies*, the two halves of a 128-bit product XORed; hashes of hashes are the 64-bit finaliser
//! of MurmurHash3. `std::hash::Hash` and `ahash` never touch such a value: both may differ between
//! builds.

/// Version of everything that decides a stored hash: normalisation, word splitting, shingling and
/// the functions of this file. It is part of every serialised object, and objects of different
/// versions refuse to be compared.
///
/// One thing is outside it: which characters are letters follows the Unicode tables of the Rust
/// toolchain and of the crates for normalisation. A character that Unicode assigned between two of
/// their releases may be read differently by builds on either side; all others are the same.
///
/// Version 1 was never released.
pub const SCHEME_VERSION: u16 = 2;

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

/// The longest word that [`word`] reads as two numbers.
const SHORT: usize = 16;

/// The keys `A` to `D` of [`word`] and [`sequence`].
const KEYS: [u64; 4] = [splitmix(0, 8), splitmix(0, 9), splitmix(0, 10), splitmix(0, 11)];

/// The hash of a word. At most 16 bytes are padded with zeros and read as two little-endian numbers
/// `lo` and `hi`, and the hash is `fold(fold(lo ^ A, hi ^ B) ^ C, D)`. Here `fold(x, y)` is the low
/// half of the 128-bit product of `x` and `y` XOR its high half, and `A` to `D` are the outputs 8 to
/// 11 (counted from 0) of SplitMix64 from state 0. Longer words are hashed by [`bytes()`].
///
/// No word of a text holds a NUL byte, so the padding cannot be taken for part of one. One `fold`
/// would do for words of a language, but the hashes of numbers counted up would be too regular.
///
/// ```
/// use retold::hash;
/// assert_eq!(hash::word(b"ferry"), 0x2fa9_f93d_c041_88fa);
/// assert_eq!(hash::word(b"internationalisation"), hash::bytes(b"internationalisation"));
/// ```
#[inline]
pub fn word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    // Two reads that may overlap, never a loop over the bytes.
    let (lo, hi) = match length {
        9..=SHORT => (read_u64(bytes, 0), read_u64(bytes, length - 8) >> (8 * (SHORT - length))),
        8 => (read_u64(bytes, 0), 0),
        4..8 => (read_u32(bytes, 0) | read_u32(bytes, length - 4) << (8 * (length - 4)), 0),
        1..4 => {
            let place = |at: usize| u64::from(bytes[at]) << (8 * at);
            (place(0) | place(length / 2) | place(length - 1), 0)
        }
        0 => (0, 0),
        _ => return self::bytes(bytes),
    };
    short_word(lo, hi)
}

/// The hash of the word at `start..end` of a text that goes on, with whatever, for 16 bytes at least
/// from `start`.
#[inline]
pub(crate) fn word_at(text: &[u8], start: usize, end: usize) -> u64 {
    /// For each length, the bits of the two numbers that belong to a word.
    const KEPT: [[u64; 2]; SHORT + 1] = {
        let mut kept = [[0; 2]; SHORT + 1];
        let mut length = 1;
        while length <= SHORT {
            kept[length] = kept[length - 1];
            kept[length][(length - 1) / 8] |= 0xff << (8 * ((length - 1) % 8));
            length += 1;
        }
        kept
    };
    match KEPT.get(end - start) {
        Some([lo, hi]) => {
            let sixteen = &text[start..start + SHORT];
            short_word(read_u64(sixteen, 0) & lo, read_u64(sixteen, 8) & hi)
        }
        None => bytes(&text[start..end]),
    }
}

/// The hash of a word of at most 16 bytes, as the two numbers that [`word`] reads.
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

/// The two halves of the product, XORed: each bit of the result depends on most bits of both.
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
/// The sum of `hash · weight`, where each place has an odd weight of its own, is mixed by
/// `fold(sum ^ C, D)` as in [`word`]. So windows over the same hashes do not wait for one another.
#[inline]
pub fn sequence(hashes: impl IntoIterator<Item = u64>) -> u64 {
    let mut sum = 0u64;
    for (place, hash) in hashes.into_iter().enumerate() {
        let weight = PLACES[place % PLACES.len()].wrapping_add((place / PLACES.len()) as u64 * 2);
        sum = sum.wrapping_add(hash.wrapping_mul(weight));
    }
    finish(sum)
}

/// One hash of many hashes; the order counts. Neighbours do not wait for one another.
#[inline]
pub(crate) fn many(hashes: &[u64]) -> u64 {
    let sum = hashes.iter().zip(1u64..).fold(0u64, |sum, (&hash, place)| {
        sum.wrapping_add(fold(hash ^ place.wrapping_mul(KEYS[0] | 1), KEYS[1] ^ hash))
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
    fn a_word_is_read_as_two_padded_numbers_whatever_its_length() {
        for length in 0..=SHORT {
            let word: Vec<u8> = (1..=length as u8).map(|n| n * 15).collect();
            let mut padded = [0; SHORT];
            padded[..length].copy_from_slice(&word);
            let number = u128::from_le_bytes(padded);
            let expected = short_word(number as u64, (number >> 64) as u64);
            assert_eq!(super::word(&word), expected, "{length}");
            let text = [&b"xx"[..], &word, &[b'y'; SHORT]].concat();
            assert_eq!(word_at(&text, 2, 2 + length), expected, "{length}");
        }
    }

    #[test]
    fn golden_values_do_not_change() {
        assert_eq!(splitmix(0, 0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(KEYS[0], 0x3ee5_7890_41c9_8ac3);
        assert_eq!(mix(1), 0xb456_bcfc_34c2_cb2c);
        assert_eq!(PLACES[1], splitmix(0, 1) | 1);
        assert_eq!(PLACES[7], splitmix(0, 7) | 1);
    }
}
