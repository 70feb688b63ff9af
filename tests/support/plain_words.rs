//! The reference implementation of normalisation and words: the rules, applied character by character.

use std::ops::Range;

use caseless::Caseless;
use unicode_normalization::char::{
    canonical_combining_class, decompose_compatible, is_combining_mark,
};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A normalised text, and for each of its bytes its range in the source.
pub(crate) struct PlainText {
    pub(crate) text: String,
    sources: Vec<Range<usize>>,
}

impl PlainText {
    pub(crate) fn new(source: &str) -> Self {
        let mut plain = PlainText { text: String::new(), sources: Vec::new() };
        let starts = source.char_indices().filter(|&(at, c)| at == 0 || starts_cluster(c));
        let starts: Vec<usize> = starts.map(|(at, _)| at).chain([source.len()]).collect();
        for pair in starts.windows(2) {
            let cluster = &source[pair[0]..pair[1]];
            let folded = fold(cluster);
            let characters = [cluster, &folded].map(|text| text.chars().count());
            let verbatim = characters == [1, 1] && cluster.len() == folded.len();
            for byte in 0..folded.len() {
                // A character whose length does not change is traced byte by byte.
                let at = pair[0] + byte;
                plain.sources.push(if verbatim { at..at + 1 } else { pair[0]..pair[1] });
            }
            plain.text.push_str(&folded);
        }
        plain
    }

    /// The range in the source of a non-empty range of the text.
    pub(crate) fn source_range(&self, range: Range<usize>) -> Range<usize> {
        self.sources[range.start].start..self.sources[range.end - 1].end
    }

    /// The ranges of the words in the text.
    pub(crate) fn words(&self) -> Vec<Range<usize>> {
        let mut words = Vec::new();
        let mut word: Option<usize> = None;
        let mut run: Vec<usize> = Vec::new();
        let mut gram = 0;
        for (at, class) in self.classes().chain([(self.text.len(), Class::Other)]) {
            if class != Class::Unspaced(gram) && !run.is_empty() {
                run.push(at);
                let size = gram.min(run.len() - 1);
                words.extend(run.windows(size + 1).map(|ends| ends[0]..ends[size]));
                run.clear();
            }
            match class {
                Class::Letter => word = word.or(Some(at)),
                Class::Mark => {}
                Class::Other => words.extend(word.take().map(|start| start..at)),
                Class::Unspaced(n) => {
                    words.extend(word.take().map(|start| start..at));
                    gram = n;
                    run.push(at);
                }
            }
        }
        words
    }

    fn classes(&self) -> impl Iterator<Item = (usize, Class)> {
        let bytes = self.text.as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        self.text.char_indices().map(move |(at, c)| {
            let number = matches!(c, '.' | ',') && at > 0 && is_digit(at - 1) && is_digit(at + 1);
            (at, if number { Class::Letter } else { Class::of(c) })
        })
    }
}

/// The form of a word that is hashed.
pub(crate) fn hashed_form(word: &str) -> String {
    let mut form = String::new();
    for (at, c) in word.char_indices() {
        let digits = word.bytes().skip(at + 1).take_while(u8::is_ascii_digit).count();
        match c {
            '.' | ',' if digits == 3 => {}
            '.' | ',' => form.push('.'),
            c => form.push(c),
        }
    }
    form
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Letter,
    Mark,
    Unspaced(usize),
    Other,
}

impl Class {
    fn of(c: char) -> Self {
        let is_mark = is_combining_mark(c);
        let gram = match c as u32 {
            0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff => 3,
            0x3005..=0x3007 | 0x3041..=0x309f | 0x30a1..=0x30ff | 0x31f0..=0x31ff => 2,
            0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff => 2,
            _ => 0,
        };
        match (gram, c.is_alphanumeric()) {
            (2.., is_letter) if is_letter || is_mark => Class::Unspaced(gram),
            (_, true) => Class::Letter,
            (_, false) if is_mark => Class::Mark,
            _ => Class::Other,
        }
    }
}

fn fold(cluster: &str) -> String {
    let mut text: String = cluster.chars().filter(|&c| !is_dropped(c)).collect();
    loop {
        let folded = text.nfkc().default_case_fold().nfkc();
        let next: String = folded.filter(|&c| !is_dropped(c)).map(unify).collect();
        if next == text {
            return text;
        }
        text = next;
    }
}

fn starts_cluster(c: char) -> bool {
    let mut parts = Vec::new();
    decompose_compatible(c, |part| parts.push(part));
    let joins = canonical_combining_class(parts[0]) != 0
        || is_nfc_quick(parts[..1].iter().copied()) == IsNormalized::Maybe;
    // Characters below U+0300 may decompose, but never join.
    c != '\u{ad}' && c < '\u{300}' || !is_dropped(c) && !joins
}

fn is_dropped(c: char) -> bool {
    matches!(c as u32,
        0xad | 0x34f | 0x61c | 0x640 | 0x180b..=0x180f | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff | 0xe0100..=0xe01ef)
}

fn unify(c: char) -> char {
    match c as u32 {
        0x2018..=0x201b | 0x2032 | 0x2039 | 0x203a | 0x2bc | 0xb4 => '\'',
        0x201c..=0x201f | 0x2033 | 0xab | 0xbb | 0x300c..=0x300f => '"',
        0x2010..=0x2015 | 0x2212 | 0x2043 => '-',
        _ => c,
    }
}
