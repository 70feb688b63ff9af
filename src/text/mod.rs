//! Text to words: normalisation, word splitting, language recognition, and word rarity without a corpus.
//!
//! Takes UTF-8 text; gives the hash of each word in order, its normalised text, and on request its byte
//! range in the source. Uses only `hash` and `kernel`. [`normalize`] gives a text one form by the facts of
//! [`characters`], and [`words`] splits it; [`scanner`] gives the same words faster, without ranges.
//! [`language`] recognises the language and gives each word a 25-bit term; [`prior`] estimates how rare a
//! term is before any article is counted.
//!
//! Invariants: normalisation is idempotent; [`Words`](words::Words) and [`Scanner`](scanner::Scanner)
//! give the same words; equal texts give equal hashes on every machine, as
//! [`SCHEME_VERSION`](crate::hash::SCHEME_VERSION) pins. Everything is linear in the length of the text.
//!
//! Words are found by bitmaps of 64 bytes and cached character facts, since the iterators of the Unicode
//! crates decode and look up every character. There is no dictionary and no stemming, so every language
//! works without data; only English has a built-in table of word rarities.

pub(crate) mod characters;
pub(crate) mod language;
pub(crate) mod letters;
pub(crate) mod normalize;
pub(crate) mod prior;
pub(crate) mod scanner;
pub(crate) mod words;
