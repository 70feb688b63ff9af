//! What is known of each character: what it becomes when it is normalised, and what it does to the
//! words around it.
//!
//! The Unicode tables behind this are slow to ask, so each character is asked about once for the
//! whole process, when the first one of its neighbourhood is met.

use std::sync::OnceLock;

use caseless::Caseless;
use unicode_normalization::char::{
    canonical_combining_class, decompose_compatible, is_combining_mark,
};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

use crate::hash;

/// What a character beyond ASCII does to the words of a normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Part of a word.
    Letter,
    /// Part of a word that has begun, else of none.
    Mark,
    /// Part of a run that is cut into pairs.
    Pairs,
    /// Part of a run that is cut into triples.
    Triples,
    /// Parts words.
    Other,
}

impl Class {
    /// The class of a character beyond ASCII.
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

    /// How long the n-grams are that a run of such characters is read in.
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

/// What is known of one character beyond ASCII, in 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CharacterFacts(u64);

// The fields of the 64 bits. The lowest 48 are the bytes of the folded form.
const MAX_BYTES: usize = 6;
const LENGTH: u32 = 48;
const FOLDED_CLASS: u32 = 51;
const CLASS: u32 = 54;
const STARTS: u64 = 1 << 57;
const FOLDS: u64 = 1 << 58;
const SAME_LENGTH: u64 = 1 << 59;
const THREE_BITS: u64 = 7;

impl CharacterFacts {
    /// What is known of `c`, which is beyond ASCII.
    pub(crate) fn of(c: char) -> Self {
        Self::in_page(c as usize / PAGE, c as usize % PAGE)
            .unwrap_or_else(|| CharacterFacts::new(c, &mut Folder::default()))
    }

    /// What is known of the character that a text begins with, which is beyond ASCII, and how long
    /// it is; `None` beyond the first 65 536 characters, where those of news hardly ever are.
    #[inline]
    pub(crate) fn of_first(text: &[u8]) -> Option<(Self, usize)> {
        // A page has the characters that differ in the last byte alone.
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
    fn in_page(page: usize, place: usize) -> Option<Self> {
        static PAGES: [OnceLock<[CharacterFacts; PAGE]>; PAGES_OF_TABLE] =
            [const { OnceLock::new() }; PAGES_OF_TABLE];
        let facts = PAGES.get(page)?;
        Some(match facts.get() {
            Some(facts) => facts[place],
            None => facts.get_or_init(|| Self::page(page))[place],
        })
    }

    #[cold]
    fn page(number: usize) -> [CharacterFacts; PAGE] {
        let mut folder = Folder::default();
        std::array::from_fn(|place| {
            // No text has a surrogate.
            let c = char::from_u32((number * PAGE + place) as u32);
            c.map_or(CharacterFacts(0), |c| CharacterFacts::new(c, &mut folder))
        })
    }

    fn new(c: char, folder: &mut Folder) -> Self {
        let class = Class::of(c);
        let mut facts = (class as u64) << CLASS;
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
            && folded.len() <= MAX_BYTES
        {
            let mut bytes = [0; 8];
            bytes[..folded.len()].copy_from_slice(folded.as_bytes());
            facts |= u64::from_le_bytes(bytes);
            facts |= FOLDS | (folded.len() as u64) << LENGTH | (class as u64) << FOLDED_CLASS;
            if folded.len() == source.len() && one_character(folded).is_some() {
                facts |= SAME_LENGTH;
            }
        }
        CharacterFacts(facts)
    }

    /// Whether this is a character of the commonest kind: it starts a cluster, and becomes letters
    /// of a word, or ASCII, if it stands alone.
    #[inline]
    pub(crate) fn is_plain(self) -> bool {
        let asked = STARTS | FOLDS | THREE_BITS << FOLDED_CLASS;
        self.0 & asked == STARTS | FOLDS | (Class::Letter as u64) << FOLDED_CLASS
    }

    /// Whether nothing before the character can change its form, nor it the form of anything
    /// before.
    pub(crate) fn starts_cluster(self) -> bool {
        self.0 & STARTS != 0
    }

    /// Whether all is known of what the character becomes when it stands alone. Otherwise that is
    /// long or of several classes.
    pub(crate) fn folds(self) -> bool {
        self.0 & FOLDS != 0
    }

    /// What the character becomes when it stands alone, then bytes that mean nothing.
    #[inline]
    pub(crate) fn folded(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// How many bytes it becomes.
    #[inline]
    pub(crate) fn folded_length(self) -> usize {
        (self.0 >> LENGTH & THREE_BITS) as usize
    }

    /// What those bytes do to words; [`Class::Letter`] also where they are ASCII.
    pub(crate) fn folded_class(self) -> Class {
        Class::ALL[(self.0 >> FOLDED_CLASS & THREE_BITS) as usize]
    }

    /// Whether the character becomes one that is as long as itself.
    #[inline]
    pub(crate) fn keeps_length(self) -> bool {
        self.0 & SAME_LENGTH != 0
    }

    /// What the character does to words where it stands in a normalised text.
    pub(crate) fn class(self) -> Class {
        Class::ALL[(self.0 >> CLASS & THREE_BITS) as usize]
    }
}

/// Characters are looked up in pages of this many, of which there are [`PAGES_OF_TABLE`].
const PAGE: usize = 64;
const PAGES_OF_TABLE: usize = 0x1_0000 / PAGE;

/// Buffers for the forms that a cluster passes through: a character and all that may change its
/// form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    text: String,
    next: String,
    /// Clusters that were folded lately, each with what it became; none before the first one.
    lately: Vec<[String; 2]>,
}

impl Folder {
    /// How many clusters are remembered: each has one place, which the last one that came there
    /// holds.
    const LATELY: usize = 256;

    /// The same as [`Folder::fold`], at once for a cluster that was there lately: a text has few
    /// different ones.
    pub(crate) fn fold_again(&mut self, cluster: &str) -> &str {
        if self.lately.is_empty() {
            self.lately.resize_with(Self::LATELY, Default::default);
        }
        let place = hash::word(cluster.as_bytes()) as usize % Self::LATELY;
        if self.lately[place][0] != cluster {
            self.fold(cluster);
            let [of, folded] = &mut self.lately[place];
            cluster.clone_into(of);
            self.text.clone_into(folded);
        }
        &self.lately[place][1]
    }

    /// NFKC and case folding, until nothing changes (one round for nearly every character; a
    /// handful, such as U+0345 after a letter, want a second), then the unified punctuation.
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

/// Whether a character that stands alone is known to be folded already: a shorter way for nearly
/// all characters of the large scripts.
fn is_folded(c: char) -> bool {
    let mut folded = std::iter::once(c).default_case_fold();
    is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes
        && !is_dropped(c)
        && unify(c) == c
        && folded.next() == Some(c)
        && folded.next().is_none()
}

/// The character of a text that is one.
fn one_character(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.as_str().is_empty())
}

/// Whether nothing before `c` can change its form, nor `c` the form of anything before it.
fn starts_cluster(c: char) -> bool {
    // Nothing below U+0300 combines with what stands before it.
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

/// Characters that change how a text looks, never what it says.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

/// One form for the many quotation marks and dashes.
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

    /// Every character beyond ASCII that the table holds, and some beyond it.
    fn characters() -> impl Iterator<Item = char> {
        ('\u{80}'..='\u{ffff}').chain('\u{10400}'..='\u{10450}').chain('\u{1f600}'..='\u{1f64f}')
    }

    #[test]
    fn the_shorter_way_to_a_folded_form_is_right() {
        let mut folder = Folder::default();
        for c in characters().filter(|&c| is_folded(c)) {
            assert_eq!(folder.fold(c.encode_utf8(&mut [0; 4])), c.to_string());
        }
    }

    #[test]
    fn what_is_remembered_is_what_was_found() {
        let mut folder = Folder::default();
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
            // Forms that normalisation resolves, and extensions used by no newspaper.
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
