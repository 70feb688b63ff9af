//! Text made comparable: one form for each of the many ways to write the same thing.
//!
//! * compatibility forms are resolved (Unicode NFKC: `ﬁ` → `fi`, `Ａ` → `a`, `…` → `...`);
//! * case is folded in full (`Straße` → `strasse`, `ΣΑΣ` → `σασ`);
//! * quotation marks become `"` and `'`, dashes become `-`;
//! * characters that nobody sees are dropped: soft hyphens, zero-width and direction marks,
//!   variation selectors, the Arabic tatweel.
//!
//! Every byte of the result can be traced to the bytes of the source that it came from.
//! The result is a fixed point: normalising it again changes nothing.

use std::ops::Range;

use caseless::Caseless;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A normalised text that remembers where each part of it stood in the source.
///
/// ```
/// let source = "The “Straße” re\u{ad}opens";
/// let normalized = retold::Normalized::new(source);
/// assert_eq!(normalized.as_str(), "the \"strasse\" reopens");
/// let at = normalized.as_str().find("strasse").unwrap();
/// assert_eq!(&source[normalized.source_range(at..at + 7)], "Straße");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalized {
    text: String,
    /// In order of both offsets; empty when every byte stands where it stood in the source.
    segments: Vec<Segment>,
    source_len: usize,
}

/// A stretch of the text that came from the source in one of two ways: byte for byte, or as a
/// whole (`ß` → `ss`). It ends where the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    text: u32,
    source: u32,
    verbatim: bool,
}

impl Normalized {
    /// Normalises `source`. Time and memory are linear in its length; a text that is all ASCII
    /// takes a shorter way to the same result.
    pub fn new(source: &str) -> Self {
        if source.is_ascii() {
            Normalized {
                text: source.to_ascii_lowercase(),
                segments: Vec::new(),
                source_len: source.len(),
            }
        } else {
            Self::general(source)
        }
    }

    /// The way for every text; [`Normalized::new`] on ASCII is tested against it.
    fn general(source: &str) -> Self {
        let mut builder = Builder::new(source);
        let mut scratch = Scratch::default();
        let mut at = 0;
        while at < source.len() {
            // All of a run of ASCII but its last character, which a mark may follow.
            let run = source.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii()).count();
            if run > 1 {
                builder.verbatim(at, &source[at..at + run - 1].to_ascii_lowercase());
                at += run - 1;
            }
            let end = scratch.cluster_end(source, at);
            let cluster = &source[at..end];
            if cluster.len() == 1 {
                builder.verbatim(at, &cluster.to_ascii_lowercase());
            } else if let Some(folded) = scratch.letter(cluster) {
                builder.verbatim(at, folded.encode_utf8(&mut [0; 4]));
            } else {
                builder.whole(at, scratch.fold(cluster));
            }
            at = end;
        }
        builder.finish()
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bytes of the source that a range of the normalised text came from, widened to whole
    /// characters of the source. `O(log n)`.
    ///
    /// A range that is out of bounds is cut to the text.
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        if self.segments.is_empty() {
            return range.start.min(self.source_len)..range.end.min(self.source_len);
        }
        let first = self.segment_at(range.start);
        let last = self.segment_at(range.end.saturating_sub(1).max(range.start));
        self.source_start(first, range.start)..self.source_end(last, range.end)
    }

    fn segment_at(&self, offset: usize) -> usize {
        self.segments.partition_point(|segment| segment.text as usize <= offset).saturating_sub(1)
    }

    fn source_start(&self, index: usize, offset: usize) -> usize {
        let segment = self.segments[index];
        if segment.verbatim {
            segment.source as usize + (offset.min(self.text.len()) - segment.text as usize)
        } else {
            segment.source as usize
        }
    }

    fn source_end(&self, index: usize, offset: usize) -> usize {
        let segment = self.segments[index];
        if segment.verbatim {
            segment.source as usize + (offset.min(self.text.len()) - segment.text as usize)
        } else {
            self.segments.get(index + 1).map_or(self.source_len, |next| next.source as usize)
        }
    }
}

/// Collects the normalised text and merges neighbouring stretches of the same kind.
struct Builder {
    text: String,
    segments: Vec<Segment>,
    source_len: usize,
    changed: bool,
}

impl Builder {
    fn new(source: &str) -> Self {
        Builder {
            text: String::with_capacity(source.len()),
            segments: Vec::new(),
            source_len: source.len(),
            changed: false,
        }
    }

    /// Adds text that is as long as its source and can be cut at the same places.
    fn verbatim(&mut self, source: usize, text: &str) {
        let follows = self.segments.last().is_some_and(|last| {
            last.verbatim && source - last.source as usize == self.text.len() - last.text as usize
        });
        if !follows {
            self.open(source, true);
        }
        self.text.push_str(text);
    }

    /// Adds text that came from `source` as a whole.
    fn whole(&mut self, at: usize, text: &str) {
        self.changed = true;
        self.open(at, false);
        self.text.push_str(text);
    }

    fn open(&mut self, source: usize, verbatim: bool) {
        // Sources are cut to 4 GiB where they enter the library.
        self.segments.push(Segment {
            text: self.text.len() as u32,
            source: source as u32,
            verbatim,
        });
    }

    fn finish(mut self) -> Normalized {
        if !self.changed {
            self.segments.clear();
        }
        Normalized { text: self.text, segments: self.segments, source_len: self.source_len }
    }
}

/// Buffers for the forms that a cluster passes through, and what was found of single characters: a
/// text has few different ones, and the tables behind them are slow.
struct Scratch {
    text: String,
    next: String,
    /// Each character has one place here, which the last one that came there holds.
    facts: Box<[Facts; FACTS]>,
}

const FACTS: usize = 512;

/// What is known of a character.
#[derive(Clone, Copy)]
struct Facts {
    of: char,
    starts_cluster: bool,
    /// What it becomes when it stands alone, if that is one character of the same length.
    folded: Option<char>,
}

impl Default for Scratch {
    fn default() -> Self {
        // A NUL never asks: it is ASCII.
        let nothing = Facts { of: '\0', starts_cluster: true, folded: None };
        Scratch { text: String::new(), next: String::new(), facts: Box::new([nothing; FACTS]) }
    }
}

impl Scratch {
    fn facts(&mut self, c: char) -> Facts {
        let place = c as usize % FACTS;
        if self.facts[place].of != c {
            let folded = one_character(self.fold(c.encode_utf8(&mut [0; 4])));
            let folded = folded.filter(|folded| folded.len_utf8() == c.len_utf8());
            self.facts[place] = Facts { of: c, starts_cluster: starts_cluster(c), folded };
        }
        self.facts[place]
    }

    /// What a cluster becomes, if it is one character and becomes one of the same length.
    fn letter(&mut self, cluster: &str) -> Option<char> {
        one_character(cluster).and_then(|c| self.facts(c).folded)
    }

    /// Where the cluster that starts at `at` ends: a character and all that may change its form
    /// (combining marks, vowels of a Hangul syllable, invisible characters in between).
    fn cluster_end(&mut self, source: &str, at: usize) -> usize {
        let mut chars = source[at..].char_indices();
        chars.next();
        let end = chars.find(|&(_, c)| c.is_ascii() || self.facts(c).starts_cluster);
        end.map_or(source.len(), |(offset, _)| at + offset)
    }

    /// NFKC and case folding, until nothing changes (one round for nearly every character; a
    /// handful, such as U+0345 after a letter, want a second), then the unified punctuation.
    fn fold(&mut self, cluster: &str) -> &str {
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
    use proptest::prelude::*;

    fn normalized(source: &str) -> String {
        Normalized::new(source).text
    }

    #[test]
    fn the_many_ways_to_write_the_same_become_one() {
        assert_eq!(normalized("ﬁnance Ａ１ ㎏"), "finance a1 kg");
        assert_eq!(normalized("STRASSE Straße"), "strasse strasse");
        assert_eq!(normalized("ΟΔΟΣ οδός"), "οδοσ οδόσ");
        assert_eq!(normalized("cafe\u{301} café CAFÉ"), "café café café");
        assert_eq!(normalized("“a” ‘b’ «c» d—e–f"), "\"a\" 'b' \"c\" d-e-f");
        assert_eq!(normalized("zero\u{200b}width so\u{ad}ft \u{feff}bom"), "zerowidth soft bom");
        assert_eq!(normalized("\u{1112}\u{1161}\u{11ab}\u{ae00}"), "한글");
        assert_eq!(normalized("ﾊﾞｽ"), "バス");
    }

    #[test]
    fn a_mark_after_an_invisible_character_still_joins_its_letter() {
        assert_eq!(normalized("e\u{200b}\u{301}"), "é");
    }

    #[test]
    fn ranges_lead_back_to_whole_characters_of_the_source() {
        let source = "x…é\u{301}ß y";
        let result = Normalized::new(source);
        let at = result.text.find("ss").unwrap();
        assert_eq!(&source[result.source_range(at..at + 1)], "ß");
        assert_eq!(&source[result.source_range(1..2)], "…");
        let end = result.text.len();
        assert_eq!(&source[result.source_range(end - 1..end)], "y");
        assert_eq!(result.source_range(0..end), 0..source.len());
    }

    /// Text that mixes plain ASCII with the characters that make normalisation hard.
    fn hard_text() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![
                "[ -~]{0,6}",
                "[a-z]\u{301}?",
                any::<char>().prop_map(String::from),
                prop::sample::select(vec![
                    "\u{345}", "ﬃ", "İ", "ŉ", "ς", "ﷺ", "\u{1161}", "\u{ff9e}", "\u{200d}", "ẞ",
                    "ᾳ", "Å", "\u{9be}",
                ])
                .prop_map(String::from),
            ],
            0..12,
        )
        .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn ascii_takes_a_shorter_way_to_the_same_result(source in "[\\x00-\\x7f]{0,80}") {
            prop_assert_eq!(Normalized::new(&source), Normalized::general(&source));
        }

        #[test]
        fn normalising_twice_changes_nothing(source in hard_text()) {
            let once = normalized(&source);
            prop_assert_eq!(normalized(&once), once);
        }

        #[test]
        fn composed_and_decomposed_sources_agree(source in hard_text()) {
            let decomposed: String = source.nfd().collect();
            let composed: String = source.nfc().collect();
            prop_assert_eq!(normalized(&decomposed), normalized(&composed));
        }

        #[test]
        fn every_range_leads_back_to_valid_and_ordered_source(source in hard_text()) {
            let result = Normalized::new(&source);
            let mut last = 0;
            for (at, c) in result.text.char_indices() {
                let range = result.source_range(at..at + c.len_utf8());
                prop_assert!(source.get(range.clone()).is_some(), "{:?}", range);
                prop_assert!(range.start >= last && !range.is_empty());
                last = range.start;
            }
        }
    }
}
