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

use crate::kernel::Kernel;
use crate::text::characters::{CharacterFacts, Class, Folder};

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
    /// Normalises `source`. Time and memory are linear in its length.
    pub fn new(source: &str) -> Self {
        let mut normalizer = Normalizer::default();
        normalizer.run::<true>(source);
        normalizer.into_normalized(source.len())
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
        let first = self.segments.partition_point(|segment| segment.text as usize <= range.start);
        self.source_from(&mut first.saturating_sub(1), range)
    }

    /// The same, where the range starts in segment `first` or later; `first` is moved there.
    pub(crate) fn source_from(&self, first: &mut usize, range: Range<usize>) -> Range<usize> {
        if self.segments.is_empty() {
            return range.start.min(self.source_len)..range.end.min(self.source_len);
        }
        let reach = |mut index: usize, offset: usize| {
            while self.segments.get(index + 1).is_some_and(|next| next.text as usize <= offset) {
                index += 1;
            }
            index
        };
        *first = reach(*first, range.start);
        let last = reach(*first, range.end.saturating_sub(1));
        self.source_start(*first, range.start)..self.source_end(last, range.end)
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

/// A stretch of characters beyond ASCII that are no letters of a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Break {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// [`Class::Other`], or what n-grams its characters are read in.
    pub(crate) class: Class,
}

/// Normalises one text after another in the same buffers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Normalizer {
    /// The text, then room that means nothing but for its first [`Normalizer::PADDING`] bytes.
    bytes: Vec<u8>,
    length: usize,
    /// In order, none empty.
    breaks: Vec<Break>,
    segments: Vec<Segment>,
    folder: Folder,
}

impl Normalizer {
    /// So many zeros stand behind a text.
    pub(crate) const PADDING: usize = 128;

    /// What one step may write without asking for room, with what it writes too much.
    const STEP: usize = 16;

    /// Normalises `source`, and remembers where everything came from if it is to be `TRACED`.
    pub(crate) fn run<const TRACED: bool>(&mut self, source: &str) {
        let kernel = Kernel::detect();
        let bytes = source.as_bytes();
        self.length = 0;
        self.breaks.clear();
        self.segments.clear();
        let mut at = 0;
        while at < bytes.len() {
            self.make_room(bytes.len() - at);
            let run = kernel.lower_ascii(&bytes[at..], &mut self.bytes[self.length..]);
            if run > 0 {
                self.trace::<TRACED>(at, true);
                self.length += run;
            }
            at = self.mixed::<TRACED>(source, at + run);
        }
        self.make_room(0);
        self.bytes[self.length..][..Self::PADDING].fill(0);
    }

    /// The way through text with many characters beyond ASCII, from `at` on. Returns where ASCII
    /// begins that is at least eight bytes long, or near the end.
    fn mixed<const TRACED: bool>(&mut self, source: &str, mut at: usize) -> usize {
        loop {
            at = self.plain::<TRACED>(source.as_bytes(), at);
            match source[at..].chars().next() {
                Some(c) if !c.is_ascii() => at = self.character::<TRACED>(source, at, c),
                _ => return at,
            }
        }
    }

    /// Takes plain characters and short runs of ASCII, as long as there is room. Returns where
    /// something else begins.
    fn plain<const TRACED: bool>(&mut self, source: &[u8], mut at: usize) -> usize {
        const BEYOND_ASCII: u64 = 0x8080_8080_8080_8080;
        let room = self.bytes.len().saturating_sub(Self::PADDING + Self::STEP);
        while self.length < room {
            let Some(&eight) = source[at..].first_chunk() else { break };
            let eight = u64::from_le_bytes(eight);
            let ascii = (eight & BEYOND_ASCII).trailing_zeros() as usize / 8;
            if ascii == 8 {
                break;
            }
            if TRACED && ascii > 0 {
                self.trace::<TRACED>(at, true);
            }
            self.put(lower_eight(eight), ascii);
            at += ascii;
            match CharacterFacts::of_first(&source[at..]) {
                Some((facts, length)) if facts.is_plain() => {
                    self.trace::<TRACED>(at, facts.keeps_length());
                    self.put(facts.folded(), facts.folded_length());
                    at += length;
                }
                _ => break,
            }
        }
        at
    }

    /// Takes the character `c` beyond ASCII at `at`, with those before and after it that belong to
    /// its cluster. Returns where the next one stands.
    fn character<const TRACED: bool>(&mut self, source: &str, at: usize, c: char) -> usize {
        let (facts, end) = (CharacterFacts::of(c), at + c.len_utf8());
        if !facts.starts_cluster() {
            let start = self.take_back(source, at);
            self.cluster::<TRACED>(source, start..cluster_end(source, end))
        } else if !facts.folds() {
            self.cluster::<TRACED>(source, at..cluster_end(source, end))
        } else {
            // As if it stood alone. If what follows says otherwise it is taken back.
            self.make_room(Self::STEP);
            self.note(facts.folded_class(), facts.folded_length());
            self.trace::<TRACED>(at, facts.keeps_length());
            self.put(facts.folded(), facts.folded_length());
            end
        }
    }

    /// Takes back the character before `at`, if there is one. Returns where
    /// it starts.
    fn take_back(&mut self, source: &str, at: usize) -> usize {
        let Some(c) = source[..at].chars().next_back() else { return at };
        let start = at - c.len_utf8();
        self.length -= if c.is_ascii() { 1 } else { CharacterFacts::of(c).folded_length() };
        while let Some(last) = self.breaks.last_mut() {
            last.end = last.end.min(self.length as u32);
            if last.start < last.end {
                break;
            }
            self.breaks.pop();
        }
        while self.segments.last().is_some_and(|last| last.source as usize >= start) {
            self.segments.pop();
        }
        start
    }

    /// Takes a whole cluster. Returns its end.
    fn cluster<const TRACED: bool>(&mut self, source: &str, range: Range<usize>) -> usize {
        let cluster = &source[range.clone()];
        // Lent out, so that what it gives can be written.
        let mut folder = std::mem::take(&mut self.folder);
        let folded = folder.fold_again(cluster);
        self.make_room(folded.len());
        self.trace::<TRACED>(range.start, are_characters_of_one_length(cluster, folded));
        for c in folded.chars() {
            if !c.is_ascii() {
                self.note(CharacterFacts::of(c).class(), c.len_utf8());
            }
            c.encode_utf8(&mut self.bytes[self.length..]);
            self.length += c.len_utf8();
        }
        self.folder = folder;
        range.end
    }

    /// Notes what the next `length` bytes do to words, unless they are letters.
    fn note(&mut self, class: Class, length: usize) {
        let class = match class {
            Class::Letter => return,
            Class::Mark if self.ends_in_word() => return,
            Class::Mark => Class::Other,
            class => class,
        };
        let (start, end) = (self.length as u32, (self.length + length) as u32);
        match self.breaks.last_mut() {
            Some(last) if last.end == start && last.class == class => last.end = end,
            _ => self.breaks.push(Break { start, end, class }),
        }
    }

    /// Whether the last character is part of a word, not of a run without spaces.
    fn ends_in_word(&self) -> bool {
        match self.bytes[..self.length].last() {
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => self.breaks.last().is_none_or(|last| (last.end as usize) < self.length),
            None => false,
        }
    }

    /// Remembers that what is written next came from `source` on, byte for byte or as a whole.
    #[inline]
    fn trace<const TRACED: bool>(&mut self, source: usize, verbatim: bool) {
        if TRACED && !(verbatim && self.segments.last().is_some_and(|last| last.verbatim)) {
            // Sources are cut to 4 GiB where they enter the library.
            let (text, source) = (self.length as u32, source as u32);
            self.segments.push(Segment { text, source, verbatim });
        }
    }

    /// Writes the first `length` of eight bytes, for which there is room.
    #[inline]
    fn put(&mut self, bytes: [u8; 8], length: usize) {
        self.bytes[self.length..][..8].copy_from_slice(&bytes);
        self.length += length;
    }

    /// Makes room for so many bytes more, and the padding.
    #[inline]
    fn make_room(&mut self, bytes: usize) {
        let needed = self.length + bytes + Self::PADDING;
        if self.bytes.len() < needed {
            self.bytes.resize(needed + needed / 4, 0);
        }
    }

    /// The normalised text.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The normalised text with [`Normalizer::PADDING`] zeros behind it.
    pub(crate) fn padded(&self) -> &[u8] {
        &self.bytes[..self.length + Self::PADDING]
    }

    /// What is no word of ASCII and letters, in order.
    pub(crate) fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// Keeps the last text, which was traced and is the form of a source of `source_len` bytes.
    pub(crate) fn into_normalized(mut self, source_len: usize) -> Normalized {
        self.bytes.truncate(self.length);
        if self.segments.iter().all(|segment| segment.verbatim) {
            self.segments.clear();
        }
        let text = String::from_utf8(self.bytes).expect("what was written is characters");
        Normalized { text, segments: self.segments, source_len }
    }
}

/// Where a cluster ends of which the characters before `at` are known: before the next one that
/// starts a cluster.
fn cluster_end(source: &str, at: usize) -> usize {
    let mut rest = source[at..].char_indices();
    let end = rest.find(|&(_, c)| c.is_ascii() || CharacterFacts::of(c).starts_cluster());
    end.map_or(source.len(), |(offset, _)| at + offset)
}

/// Whether each text is one character, and both are of the same length.
fn are_characters_of_one_length(a: &str, b: &str) -> bool {
    let is_character = |text: &str| text.chars().nth(1).is_none();
    !b.is_empty() && a.len() == b.len() && is_character(a) && is_character(b)
}

/// Lower-cases those of eight bytes that are ASCII.
#[inline]
fn lower_eight(bytes: u64) -> [u8; 8] {
    const ONES: u64 = u64::MAX / 255;
    let seven_bits = bytes & (ONES * 0x7f);
    let from_a = seven_bits + ONES * (0x80 - b'A' as u64);
    let beyond_z = seven_bits + ONES * (0x7f - b'Z' as u64);
    let upper = (from_a ^ beyond_z) & !bytes & (ONES * 0x80);
    (bytes | upper >> 2).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

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
        fn ascii_is_lower_cased(source in "[\\x00-\\x7f]{0,80}") {
            prop_assert_eq!(normalized(&source), source.to_ascii_lowercase());
        }

        #[test]
        fn eight_bytes_are_lower_cased_at_once(bytes: [u8; 8]) {
            prop_assert_eq!(lower_eight(u64::from_le_bytes(bytes)), bytes.map(|byte| byte.to_ascii_lowercase()));
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
