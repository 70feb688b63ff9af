//! Normalisation: one form for the many encodings of the same text.
//!
//! * compatibility forms are resolved (Unicode NFKC: `ﬁ` → `fi`, `Ａ` → `a`, `…` → `...`);
//! * case is folded in full (`Straße` → `strasse`, `ΣΑΣ` → `σασ`);
//! * quotation marks become `"` and `'`, dashes become `-`;
//! * invisible characters are dropped: soft hyphens, zero-width and direction marks, variation
//!   selectors, the Arabic tatweel.
//!
//! Normalisation is idempotent, and every byte of the result can be traced to its bytes of the source.
//! ASCII runs go through a vector kernel, frequent characters through a table, and only clusters that
//! combine through the Unicode crates.

use std::ops::Range;

use crate::kernel::Kernel;
use crate::text::characters::{CharacterFacts, Class, ClusterFolder, one_character};

/// A normalised text with a map from its bytes to the source.
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
    /// In order of both offsets; empty if every offset is the same in text and source.
    runs: Vec<SourceRun>,
    source_len: usize,
}

/// A run of the text that maps to the source byte for byte (`verbatim`) or only as a whole (`ß` →
/// `ss`). It ends where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SourceRun {
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

    /// The bytes of the source that a range of the normalised text came from, extended to whole
    /// characters of the source. `O(log n)`.
    ///
    /// A range out of bounds is clamped to the text.
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        let first = self.runs.partition_point(|run| run.text as usize <= range.start);
        self.source_from(&mut first.saturating_sub(1), range)
    }

    /// [`Normalized::source_range`] from run `first` on; moves `first` to the run where the range starts.
    pub(crate) fn source_from(&self, first: &mut usize, range: Range<usize>) -> Range<usize> {
        if self.runs.is_empty() {
            return range.start.min(self.source_len)..range.end.min(self.source_len);
        }
        let run_at = |mut index: usize, offset: usize| {
            while self.runs.get(index + 1).is_some_and(|next| next.text as usize <= offset) {
                index += 1;
            }
            index
        };
        *first = run_at(*first, range.start);
        let last = run_at(*first, range.end.saturating_sub(1));
        let start_of =
            |index: usize| self.runs.get(index).map_or(self.source_len, |run| run.source as usize);
        let start = self.verbatim_offset(*first, range.start).unwrap_or_else(|| start_of(*first));
        start..self.verbatim_offset(last, range.end).unwrap_or_else(|| start_of(last + 1))
    }

    /// The source offset for `offset` in run `index`; `None` if the run maps only as a whole.
    fn verbatim_offset(&self, index: usize, offset: usize) -> Option<usize> {
        let run = self.runs[index];
        let source = || run.source as usize + (offset.min(self.text.len()) - run.text as usize);
        run.verbatim.then(source)
    }
}

/// A run of non-ASCII characters that are not letters of a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Break {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// [`Class::Other`], or the class of n-grams that the run is split into.
    pub(crate) class: Class,
}

/// Normalises texts in buffers that it reuses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Normalizer {
    /// The text, its [`Normalizer::PADDING`], and unspecified bytes.
    bytes: Vec<u8>,
    length: usize,
    /// In order, and not empty.
    breaks: Vec<Break>,
    runs: Vec<SourceRun>,
    folder: ClusterFolder,
}

impl Normalizer {
    /// The number of zeros behind a text, so that readers can load whole blocks past its end.
    pub(crate) const PADDING: usize = 128;

    /// The room for one step of [`Normalizer::plain`], which stores whole words of eight bytes.
    const STEP_BYTES: usize = 16;

    /// Normalises `source`. Records the map to the source if `TRACED`.
    pub(crate) fn run<const TRACED: bool>(&mut self, source: &str) {
        let kernel = Kernel::detect();
        let bytes = source.as_bytes();
        self.length = 0;
        self.breaks.clear();
        self.runs.clear();
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

    /// Normalises from `at` while non-ASCII characters are frequent. Returns the offset of the next
    /// longer run of ASCII, of at least eight bytes or near the end.
    fn mixed<const TRACED: bool>(&mut self, source: &str, mut at: usize) -> usize {
        loop {
            at = self.plain::<TRACED>(source.as_bytes(), at);
            match source[at..].chars().next() {
                Some(c) if !c.is_ascii() => at = self.character::<TRACED>(source, at, c),
                _ => return at,
            }
        }
    }

    /// Normalises plain characters and short runs of ASCII while there is room. Returns the offset of
    /// the first other character.
    fn plain<const TRACED: bool>(&mut self, source: &[u8], mut at: usize) -> usize {
        const NON_ASCII: u64 = 0x8080_8080_8080_8080;
        let room = self.bytes.len().saturating_sub(Self::PADDING + Self::STEP_BYTES);
        while self.length < room {
            let Some(&eight) = source[at..].first_chunk() else { break };
            let eight = u64::from_le_bytes(eight);
            let ascii = (eight & NON_ASCII).trailing_zeros() as usize / 8;
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

    /// Normalises the non-ASCII character `c` at `at`, with the characters before and after it that
    /// belong to its cluster. Returns the offset after them.
    fn character<const TRACED: bool>(&mut self, source: &str, at: usize, c: char) -> usize {
        let (facts, end) = (CharacterFacts::of(c), at + c.len_utf8());
        if !facts.starts_cluster() {
            let start = self.take_back(source, at);
            self.cluster::<TRACED>(source, start..cluster_end(source, end))
        } else if !facts.folds() {
            self.cluster::<TRACED>(source, at..cluster_end(source, end))
        } else {
            // Folded as if it were alone; taken back if the next character combines with it.
            self.make_room(Self::STEP_BYTES);
            self.note(facts.folded_class(), facts.folded_length());
            self.trace::<TRACED>(at, facts.keeps_length());
            self.put(facts.folded(), facts.folded_length());
            end
        }
    }

    /// Removes the form of the character before `at`, if there is one. Returns that character's offset.
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
        while self.runs.last().is_some_and(|last| last.source as usize >= start) {
            self.runs.pop();
        }
        start
    }

    /// Normalises a cluster. Returns its end.
    fn cluster<const TRACED: bool>(&mut self, source: &str, range: Range<usize>) -> usize {
        let cluster = &source[range.clone()];
        // Moved out, so that `self` can be modified while the result is borrowed.
        let mut folder = std::mem::take(&mut self.folder);
        let folded = folder.fold_cached(cluster);
        self.make_room(folded.len());
        let is_one = |text| one_character(text).is_some();
        let verbatim = cluster.len() == folded.len() && is_one(cluster) && is_one(folded);
        self.trace::<TRACED>(range.start, verbatim);
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

    /// Records the class of the next `length` bytes, unless they are letters.
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

    /// Whether the last character belongs to a word, not to an unspaced run.
    fn ends_in_word(&self) -> bool {
        match self.bytes[..self.length].last() {
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => self.breaks.last().is_none_or(|last| (last.end as usize) < self.length),
            None => false,
        }
    }

    /// Records that the bytes written next came from offset `source`, byte for byte or as a whole.
    #[inline]
    fn trace<const TRACED: bool>(&mut self, source: usize, verbatim: bool) {
        if TRACED && !(verbatim && self.runs.last().is_some_and(|last| last.verbatim)) {
            // Callers truncate sources to 4 GiB.
            let (text, source) = (self.length as u32, source as u32);
            self.runs.push(SourceRun { text, source, verbatim });
        }
    }

    /// Appends the first `length` of eight bytes. The caller made room for all eight.
    #[inline]
    fn put(&mut self, bytes: [u8; 8], length: usize) {
        self.bytes[self.length..][..8].copy_from_slice(&bytes);
        self.length += length;
    }

    /// Makes room for `bytes` more bytes and the padding.
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

    /// The runs of non-ASCII characters that are not letters of a word, in order.
    pub(crate) fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// Returns the last text, which must have been traced, with its map to a source of `source_len`
    /// bytes.
    pub(crate) fn into_normalized(mut self, source_len: usize) -> Normalized {
        self.bytes.truncate(self.length);
        if self.runs.iter().all(|run| run.verbatim) {
            self.runs.clear();
        }
        let text = String::from_utf8(self.bytes).expect("only whole characters are written");
        Normalized { text, runs: self.runs, source_len }
    }
}

/// The end of the cluster that continues at `at`: the next character that starts a cluster.
fn cluster_end(source: &str, at: usize) -> usize {
    let mut rest = source[at..].char_indices();
    let end = rest.find(|&(_, c)| c.is_ascii() || CharacterFacts::of(c).starts_cluster());
    end.map_or(source.len(), |(offset, _)| at + offset)
}

/// Lower-cases the ASCII bytes among eight bytes.
#[inline]
fn lower_eight(bytes: u64) -> [u8; 8] {
    const ONES: u64 = u64::MAX / 255;
    let seven_bits = bytes & (ONES * 0x7f);
    let from_a = seven_bits + ONES * (0x80 - b'A' as u64);
    let above_z = seven_bits + ONES * (0x7f - b'Z' as u64);
    let upper = (from_a ^ above_z) & !bytes & (ONES * 0x80);
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
    fn different_encodings_of_a_text_get_one_form() {
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
    fn ranges_map_to_whole_characters_of_the_source() {
        let source = "x…é\u{301}ß y";
        let result = Normalized::new(source);
        let at = result.text.find("ss").unwrap();
        assert_eq!(&source[result.source_range(at..at + 1)], "ß");
        assert_eq!(&source[result.source_range(1..2)], "…");
        let end = result.text.len();
        assert_eq!(&source[result.source_range(end - 1..end)], "y");
        assert_eq!(result.source_range(0..end), 0..source.len());
    }

    /// Text that mixes ASCII with the characters that are hard to normalise.
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
        fn every_range_maps_to_valid_and_ordered_source(source in hard_text()) {
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
