//! Facts on each non-ASCII character: its normalised form, and its effect on word boundaries.
//!
//! The Unicode tables are slow, so the facts are cached for the whole process in pages of 64 characters,
//! each computed at its first use. A look-up is one load from an array of 64-bit words.

use std::sync::OnceLock;

use caseless::Caseless;
use unicode_normalization::char::{
    canonical_combining_class, decompose_compatible, is_combining_mark,
};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

use crate::hash;

/// The effect of a non-ASCII character on the words of a normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Part of a word.
    Letter,
    /// Continues a word, but does not begin one.
    Mark,
    /// Part of a run that is split into overlapping pairs.
    Pairs,
    /// Part of a run that is split into overlapping triples.
    Triples,
    /// Separates words.
    Other,
}

impl Class {
    /// The class of a non-ASCII character.
    fn of(c: char) -> Self {
        let in_words = c.is_alphanumeric();
        let is_mark = !in_words && is_combining_mark(c);
        match c {
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
                if in_words || is_mark =>
            {
                Class::Triples
            }
            '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{309f}'
            | '\u{30a1}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
                if in_words || is_mark =>
            {
                Class::Pairs
            }
            _ if in_words => Class::Letter,
            _ if is_mark => Class::Mark,
            _ => Class::Other,
        }
    }

    /// The length of the n-grams of a run of this class; `None` for words.
    pub(crate) fn gram_length(self) -> Option<usize> {
        match self {
            Class::Pairs => Some(2),
            Class::Triples => Some(3),
            Class::Letter | Class::Mark | Class::Other => None,
        }
    }

    const ALL: [Class; 5] =
        [Class::Letter, Class::Mark, Class::Pairs, Class::Triples, Class::Other];
}

/// The facts on one non-ASCII character, in 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CharacterFacts(u64);

// The fields of the 64 bits. The lowest 48 are the bytes of the folded form.
const MAX_FOLDED_BYTES: usize = 6;
const LENGTH_SHIFT: u32 = 48;
const FOLDED_CLASS_SHIFT: u32 = 51;
const CLASS_SHIFT: u32 = 54;
const STARTS: u64 = 1 << 57;
const FOLDS: u64 = 1 << 58;
const SAME_LENGTH: u64 = 1 << 59;
const THREE_BITS: u64 = 7;

impl CharacterFacts {
    /// The facts on `c`, which is not ASCII.
    pub(crate) fn of(c: char) -> Self {
        Self::in_page(c as usize / PAGE, c as usize % PAGE)
            .unwrap_or_else(|| CharacterFacts::new(c, &mut ClusterFolder::default()))
    }

    /// The facts on the first character of `text`, which is not ASCII, and its length in bytes; `None`
    /// above U+FFFF, where characters of news are rare.
    #[inline]
    pub(crate) fn of_first(text: &[u8]) -> Option<(Self, usize)> {
        // The characters of a page differ only in their last byte.
        let (page, last, length) = match *text {
            [first @ 0xc0..=0xdf, last, ..] => (usize::from(first & 0x1f), last, 2),
            [first @ 0xe0..=0xef, second, last, ..] => {
                (usize::from(first & 0xf) << 6 | usize::from(second & 0x3f), last, 3)
            }
            _ => return None,
        };
        Some((Self::in_page(page, usize::from(last & 0x3f))?, length))
    }

    #[inline]
    fn in_page(page: usize, index: usize) -> Option<Self> {
        static PAGES: [OnceLock<[CharacterFacts; PAGE]>; PAGE_COUNT] =
            [const { OnceLock::new() }; PAGE_COUNT];
        let facts = PAGES.get(page)?;
        Some(match facts.get() {
            Some(facts) => facts[index],
            None => facts.get_or_init(|| Self::page(page))[index],
        })
    }

    #[cold]
    fn page(number: usize) -> [CharacterFacts; PAGE] {
        let mut folder = ClusterFolder::default();
        std::array::from_fn(|index| {
            // Surrogates, which no text contains, are not characters.
            let c = char::from_u32((number * PAGE + index) as u32);
            c.map_or(CharacterFacts(0), |c| CharacterFacts::new(c, &mut folder))
        })
    }

    fn new(c: char, folder: &mut ClusterFolder) -> Self {
        let class = Class::of(c);
        let mut facts = (class as u64) << CLASS_SHIFT;
        if starts_cluster(c) {
            facts |= STARTS;
        }
        let mut source = [0; 4];
        let source: &str = c.encode_utf8(&mut source);
        let folded = if is_folded(c) { source } else { folder.fold(source) };
        let folded_class = match one_character(folded) {
            Some(c) if !c.is_ascii() => Some(Class::of(c)),
            _ => folded
                .chars()
                .all(|c| c.is_ascii() || Class::of(c) == Class::Letter)
                .then_some(Class::Letter),
        };
        if let Some(class) = folded_class
            && folded.len() <= MAX_FOLDED_BYTES
        {
            let mut bytes = [0; 8];
            bytes[..folded.len()].copy_from_slice(folded.as_bytes());
            facts |= u64::from_le_bytes(bytes);
            facts |= FOLDS
                | (folded.len() as u64) << LENGTH_SHIFT
                | (class as u64) << FOLDED_CLASS_SHIFT;
            if folded.len() == source.len() && one_character(folded).is_some() {
                facts |= SAME_LENGTH;
            }
        }
        CharacterFacts(facts)
    }

    /// Whether the character is of the most frequent kind: it starts a cluster, and alone it folds to
    /// letters or ASCII.
    #[inline]
    pub(crate) fn is_plain(self) -> bool {
        let mask = STARTS | FOLDS | THREE_BITS << FOLDED_CLASS_SHIFT;
        self.0 & mask == STARTS | FOLDS | (Class::Letter as u64) << FOLDED_CLASS_SHIFT
    }

    /// Whether the character and the text before it cannot affect each other's normalised form.
    pub(crate) fn starts_cluster(self) -> bool {
        self.0 & STARTS != 0
    }

    /// Whether the folded form of the character alone is stored. It is not if it has more than six
    /// bytes or several classes.
    pub(crate) fn folds(self) -> bool {
        self.0 & FOLDS != 0
    }

    /// The folded form of the character alone, followed by unspecified bytes.
    #[inline]
    pub(crate) fn folded(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// The length of the folded form in bytes.
    #[inline]
    pub(crate) fn folded_length(self) -> usize {
        (self.0 >> LENGTH_SHIFT & THREE_BITS) as usize
    }

    /// The class of the folded form; [`Class::Letter`] also if it is ASCII.
    pub(crate) fn folded_class(self) -> Class {
        Class::ALL[(self.0 >> FOLDED_CLASS_SHIFT & THREE_BITS) as usize]
    }

    /// Whether the folded form is one character of the same length in bytes.
    #[inline]
    pub(crate) fn keeps_length(self) -> bool {
        self.0 & SAME_LENGTH != 0
    }

    /// The class of the character itself, in a normalised text.
    pub(crate) fn class(self) -> Class {
        Class::ALL[(self.0 >> CLASS_SHIFT & THREE_BITS) as usize]
    }
}

/// The number of characters in a page.
const PAGE: usize = 64;
const PAGE_COUNT: usize = 0x1_0000 / PAGE;

/// Folds clusters. A cluster is a character with all characters that may affect its normalised form.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClusterFolder {
    text: String,
    next: String,
    /// A direct-mapped cache of clusters and their folded forms; empty before the first use.
    cache: Vec<[String; 2]>,
}

impl ClusterFolder {
    const CACHE_SLOTS: usize = 256;

    /// The result of [`ClusterFolder::fold`] through the cache: a text repeats few different clusters.
    pub(crate) fn fold_cached(&mut self, cluster: &str) -> &str {
        if self.cache.is_empty() {
            self.cache.resize_with(Self::CACHE_SLOTS, Default::default);
        }
        let slot = hash::word(cluster.as_bytes()) as usize % Self::CACHE_SLOTS;
        if self.cache[slot][0] != cluster {
            self.fold(cluster);
            let [key, folded] = &mut self.cache[slot];
            cluster.clone_into(key);
            self.text.clone_into(folded);
        }
        &self.cache[slot][1]
    }

    /// Applies NFKC, case folding and the unification of punctuation until nothing changes, which takes
    /// a second round only for a few characters, such as U+0345 after a letter.
    pub(crate) fn fold(&mut self, cluster: &str) -> &str {
        self.text.clear();
        self.text.extend(cluster.chars().filter(|&c| !is_dropped(c)));
        loop {
            self.next.clear();
            self.next.extend(
                self.text.nfkc().default_case_fold().nfkc().filter(|&c| !is_dropped(c)).map(unify),
            );
            if self.next == self.text {
                return &self.text;
            }
            std::mem::swap(&mut self.text, &mut self.next);
        }
    }
}

/// Whether a quick check proves that the character alone is folded already. It succeeds for nearly all
/// characters of the large scripts, for which the full fold is too slow.
fn is_folded(c: char) -> bool {
    let mut folded = std::iter::once(c).default_case_fold();
    is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes
        && !is_dropped(c)
        && unify(c) == c
        && folded.next() == Some(c)
        && folded.next().is_none()
}

/// The only character of a text; `None` if it has none or several.
pub(super) fn one_character(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.as_str().is_empty())
}

/// Computes [`CharacterFacts::starts_cluster`].
fn starts_cluster(c: char) -> bool {
    // No character below U+0300 combines with one before it; the soft hyphen is dropped.
    if c < '\u{300}' {
        return c != '\u{ad}';
    }
    if is_dropped(c) {
        return false;
    }
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0
        && is_nfc_quick(std::iter::once(first)) != IsNormalized::Maybe
}

/// Whether normalisation drops a character: it affects only the layout of a text.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

/// Maps every kind of quotation mark and dash to its ASCII form.
fn unify(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2039}' | '\u{203a}' | '\u{2bc}' | '\u{b4}' => {
            '\''
        }
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' | '\u{300c}'..='\u{300f}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_script::{Script, UnicodeScript};

    /// Every non-ASCII character of the table, and some outside it.
    fn characters() -> impl Iterator<Item = char> {
        ('\u{80}'..='\u{ffff}').chain('\u{10400}'..='\u{10450}').chain('\u{1f600}'..='\u{1f64f}')
    }

    #[test]
    fn the_quick_check_for_folded_characters_is_right() {
        let mut folder = ClusterFolder::default();
        for c in characters().filter(|&c| is_folded(c)) {
            assert_eq!(folder.fold(c.encode_utf8(&mut [0; 4])), c.to_string());
        }
    }

    #[test]
    fn stored_facts_equal_computed_ones() {
        let mut folder = ClusterFolder::default();
        for c in characters() {
            let facts = CharacterFacts::of(c);
            assert_eq!(facts.starts_cluster(), starts_cluster(c), "{c:?}");
            assert_eq!(facts.class(), Class::of(c), "{c:?}");
            if facts.folds() {
                let folded = folder.fold(c.encode_utf8(&mut [0; 4]));
                assert_eq!(&facts.folded()[..facts.folded_length()], folded.as_bytes(), "{c:?}");
                let same = one_character(folded).is_some() && folded.len() == c.len_utf8();
                assert_eq!(facts.keeps_length(), same, "{c:?}");
            }
        }
    }

    #[test]
    fn unspaced_scripts_are_those_of_the_unicode_database() {
        for c in ('\u{80}'..='\u{3ffff}').filter(|c| c.is_alphabetic()) {
            let expected = match c.script() {
                Script::Han | Script::Hiragana | Script::Katakana => Some(2),
                Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar => Some(3),
                _ => None,
            };
            let found = Class::of(c).gram_length();
            // Forms that normalisation resolves, and extensions that newspapers do not use.
            let rare =
                !(0x3000..0xf900).contains(&(c as u32)) && !(0xe00..0x1800).contains(&(c as u32));
            assert!(
                found == expected
                    || rare
                    || c.script() == Script::Common
                    || c as u32 >= 0xa9e0 && (c as u32) < 0xab00
                    || matches!(c as u32, 0x3200..0x3400 | 0x3021..=0x3029 | 0x3038..=0x303b),
                "{c:?} {found:?} {expected:?}"
            );
        }
    }
}
