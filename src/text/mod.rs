//! Text to words: normalisation, word splitting, language recognition, and word rarity without a corpus.
//!
//! Takes UTF-8 text; gives the hash of each word in order, its normalised text, and on request its byte
//! range in the source. Uses only `hash` and `kernel`.
//!
//! | file | step |
//! | --- | --- |
//! | [`characters`] | facts on each character, looked up once in the Unicode tables |
//! | [`normalize`] | one form for the many encodings of the same text, traceable to the source |
//! | [`words`] | the splitter, and words with their ranges in the source |
//! | [`scanner`] | the same words without ranges, in reused buffers |
//! | [`letters`] | properties of a word, read from its UTF-8 bytes |
//! | [`language`] | the language of a text, and the 25-bit term that stands for a word |
//! | [`prior`] | the rarity of a word before any article is counted |
//!
//! Invariants: normalisation is idempotent; [`Words`](words::Words) and [`Scanner`](scanner::Scanner)
//! give the same words; equal texts give equal hashes on every machine, as
//! [`SCHEME_VERSION`](crate::hash::SCHEME_VERSION) pins. Everything is linear in the length of the text.
//!
//! Words are found by bitmaps of 64 bytes and character tables of this folder instead of the iterators
//! of the Unicode crates: splitting dominates the cost of reading an article, and those iterators
//! decode and look up each character. There is no dictionary and no stemming, so every language works without data; only
//! English has a built-in table of word rarities.

pub(crate) mod characters;
pub(crate) mod language;
pub(crate) mod letters;
pub(crate) mod normalize;
pub(crate) mod prior;
pub(crate) mod scanner;
pub(crate) mod words;
