//! The facts of each sentence that can be compared: numbers, dates, names and quotations.
//!
//! Takes a text split into sentences; returns the facts of each in order. Two passes over the words:
//! the first notes how each word is capitalised, since that decides what is a name. Time and memory
//! are linear in the words.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ahash::RandomState;

use super::calendar::{CalendarWord, Day, meaning};
use super::sentences::{Sentence, SentenceText};
use crate::text::language::{Language, is_figure, term_of};
use crate::text::prior::prior_rarity;

/// The most capitalised words of ten in a sentence that is no headline. Headlines have no names, since
/// their capitals do not mark any.
const MAX_CAPITALS_OF_TEN: usize = 6;

/// The fewest words of a quotation: fewer are a term, or scare quotes.
const MIN_QUOTED: usize = 3;

/// How many dates of a text, from the first, a missing one is compared with.
const MAX_DAYS: usize = 256;

/// The comparable value of a fact. Names and quotations are compared by their words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum FactValue {
    Number(f64),
    Date(Day),
    Name,
    Quotation,
}

#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) value: FactValue,
    pub(super) bytes: Range<usize>,
    /// The range of its words in the text.
    pub(super) words: Range<usize>,
}

/// The facts of a text.
pub(super) struct SentenceFacts<'a> {
    pub(super) text: &'a SentenceText<'a>,
    language: Language,
    facts: Vec<Fact>,
    /// The position of the first fact of each sentence, and the number of facts.
    starts: Vec<usize>,
    /// All numbers, as bits, for a look-up in constant time.
    numbers: HashSet<u64, RandomState>,
    days: Vec<Day>,
    /// How each word is capitalised, by hash.
    letter_case: HashMap<u64, LetterCase, RandomState>,
}

/// How the occurrences of a word in a text are capitalised.
#[derive(Debug, Clone, Copy, Default)]
struct LetterCase {
    /// At least once in lower case.
    lowercase: bool,
    /// At least once with a capital that does not begin a sentence.
    capitalised: bool,
}

impl<'a> SentenceFacts<'a> {
    pub(super) fn new(text: &'a SentenceText<'a>, language: Language) -> Self {
        let room = text.words.len() / 2;
        let mut facts = SentenceFacts {
            text,
            language,
            facts: Vec::new(),
            starts: vec![0],
            numbers: HashSet::default(),
            days: Vec::new(),
            letter_case: HashMap::with_capacity_and_hasher(room, RandomState::default()),
        };
        for sentence in &text.sentences {
            let has_names = !facts.is_headline(sentence);
            for at in sentence.words.clone() {
                let is_capital = text.capitals[at];
                let letter_case = facts.letter_case.entry(facts.hash(at)).or_default();
                letter_case.lowercase |= !is_capital;
                letter_case.capitalised |= is_capital && has_names && at > sentence.words.start;
            }
        }
        let quotations = quotations(text.source);
        let mut quotations = quotations.as_slice();
        for sentence in &text.sentences {
            let start = facts.facts.len();
            facts.read_figures(sentence);
            facts.read_names(sentence);
            while quotations.first().is_some_and(|quoted| quoted.end <= sentence.bytes.start) {
                quotations = &quotations[1..];
            }
            facts.read_quotations(sentence, quotations);
            facts.facts[start..].sort_by_key(|fact| fact.bytes.start);
            facts.starts.push(facts.facts.len());
        }
        for fact in &facts.facts {
            match fact.value {
                FactValue::Number(number) => _ = facts.numbers.insert(number.to_bits()),
                FactValue::Date(day) if facts.days.len() < MAX_DAYS => facts.days.push(day),
                _ => {}
            }
        }
        facts
    }

    /// The facts of a sentence, in order.
    pub(super) fn of(&self, sentence: usize) -> &[Fact] {
        &self.facts[self.starts[sentence]..self.starts[sentence + 1]]
    }

    /// The number of sentences.
    pub(super) fn len(&self) -> usize {
        self.text.sentences.len()
    }

    /// Whether two facts of the text are equal.
    pub(super) fn is_same(&self, one: &Fact, other: &Fact) -> bool {
        let hashes = |fact: &Fact| fact.words.clone().map(|at| self.hash(at));
        match one.value {
            FactValue::Name | FactValue::Quotation => {
                one.value == other.value && hashes(one).eq(hashes(other))
            }
            FactValue::Number(_) | FactValue::Date(_) => one.value == other.value,
        }
    }

    /// The rarity of a word in its language, in nats.
    pub(super) fn rarity(&self, word: usize) -> f32 {
        prior_rarity(self.language, term_of(self.hash(word), self.text.words.text(word)))
    }

    /// Whether the text has a number.
    pub(super) fn has_number(&self, number: f64) -> bool {
        self.numbers.contains(&number.to_bits())
    }

    /// Whether the text has a date that may be this day.
    pub(super) fn has_day(&self, day: Day) -> bool {
        self.days.iter().any(|there| there.fits(&day))
    }

    pub(super) fn hash(&self, word: usize) -> u64 {
        self.text.words.as_slice()[word].hash()
    }

    /// Whether the text has a word.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.letter_case.contains_key(&hash)
    }

    /// Whether the text has a word in lower case.
    pub(super) fn has_lowercase(&self, hash: u64) -> bool {
        self.letter_case(hash).lowercase
    }

    fn letter_case(&self, hash: u64) -> LetterCase {
        self.letter_case.get(&hash).copied().unwrap_or_default()
    }

    fn push(&mut self, value: FactValue, words: Range<usize>) {
        let all = self.text.words.as_slice();
        let bytes = all[words.start].source().start..all[words.end - 1].source().end;
        self.facts.push(Fact { value, bytes, words });
    }

    /// The source between a word and the next one.
    fn between(&self, word: usize) -> &'a str {
        let all = self.text.words.as_slice();
        let (end, start) = (all[word].source().end, all[word + 1].source().start);
        self.text.source.get(end..start).unwrap_or("")
    }

    /// Adds the numbers and dates of a sentence.
    fn read_figures(&mut self, sentence: &Sentence) {
        let end = sentence.words.end;
        let mut at = sentence.words.start;
        if self.is_list_number(at, end) {
            at += 1;
        }
        while at < end {
            if meaning(self.hash(at)).is_none() && !is_figure(self.text.words.text(at).as_bytes()) {
                at += 1;
            } else if let Some((day, words)) = self.date(at, end) {
                self.push(FactValue::Date(day), at..at + words);
                at += words;
            } else if let Some((number, words)) = self.number(at, end) {
                let is_year = words == 1
                    && self.text.words.text(at).len() == 4
                    && (1900.0..2100.0).contains(&number)
                    && number.fract() == 0.0;
                let value = if is_year {
                    FactValue::Date(Day::year(number as u16))
                } else {
                    FactValue::Number(number)
                };
                self.push(value, at..at + words);
                at += words;
            } else {
                at += 1;
            }
        }
    }

    /// Whether the first word is the number of a list item: `3 Supersonic flights`.
    fn is_list_number(&self, at: usize, end: usize) -> bool {
        let is_short = self.text.words.text(at).len() <= 2 && self.short_number(at, end).is_some();
        is_short && at + 1 < end && self.is_capital(at + 1) && meaning(self.hash(at + 1)).is_none()
    }

    /// An integer of at most four digits, such as a day or a year: `10`, `10th`.
    fn short_number(&self, at: usize, end: usize) -> Option<u16> {
        if at >= end {
            return None;
        }
        let text = self.text.words.text(at);
        let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let suffix = &text[digits.len()..];
        let is_plain = digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let fits = is_plain && matches!(suffix, "" | "st" | "nd" | "rd" | "th");
        if fits { digits.parse().ok() } else { None }
    }

    fn day_number(&self, at: usize, end: usize) -> Option<u8> {
        self.short_number(at, end).filter(|day| (1..=31).contains(day)).map(|day| day as u8)
    }

    fn year_number(&self, at: usize, end: usize) -> Option<u16> {
        self.short_number(at, end).filter(|year| (1000..2200).contains(year))
    }

    /// The date that begins at a word, and its number of words.
    fn date(&self, at: usize, end: usize) -> Option<(Day, usize)> {
        match meaning(self.hash(at)) {
            Some(CalendarWord::Weekday(weekday)) => return Some((Day::weekday(weekday), 1)),
            Some(CalendarWord::Month { month, alone }) => {
                let month = Day::month(month);
                if let Some(day) = self.day_number(at + 1, end) {
                    let date = Day { day: Some(day), ..month };
                    return Some(match self.year_number(at + 2, end) {
                        Some(year) => (Day { year: Some(year), ..date }, 3),
                        None => (date, 2),
                    });
                }
                if let Some(year) = self.year_number(at + 1, end) {
                    return Some((Day { year: Some(year), ..month }, 2));
                }
                return alone.then_some((month, 1));
            }
            _ => {}
        }
        let first = self.short_number(at, end)?;
        // 2024-01-10, 10/1/2024.
        let parts = |at: usize| at + 1 < end && matches!(self.between(at), "-" | "/");
        if parts(at) && parts(at + 1) {
            let (second, third) =
                (self.short_number(at + 1, end)?, self.short_number(at + 2, end)?);
            let day = match (first, second, third) {
                (1000.., 1..=12, 1..=31) => Day::of(first, second as u8, third as u8),
                (1..=31, 1..=12, 1000..) => Day::of(third, second as u8, first as u8),
                (1..=12, 13..=31, 1000..) => Day::of(third, first as u8, second as u8),
                _ => return None,
            };
            return Some((day, 3));
        }
        // 1/2024.
        if parts(at)
            && let Some(year) = self.year_number(at + 1, end)
            && (1..=12).contains(&first)
        {
            return Some((Day { year: Some(year), ..Day::month(first as u8) }, 2));
        }
        // 10/1 is a date in Vietnamese and a fraction elsewhere.
        if parts(at) && self.language == Language::Vietnamese {
            let second = self.short_number(at + 1, end)?;
            let fits = (1..=31).contains(&first) && (1..=12).contains(&second);
            let day = Day { day: Some(first as u8), ..Day::month(second as u8) };
            return fits.then_some((day, 2));
        }
        // 10 January 2024, 10th of January, 1 de enero de 2024.
        let day = (1..=31).contains(&first).then_some(first as u8)?;
        let mut next = at + 1;
        if next < end && matches!(self.text.words.text(next), "of" | "de") {
            next += 1;
        }
        let Some(CalendarWord::Month { month, .. }) =
            (next < end).then(|| meaning(self.hash(next))).flatten()
        else {
            return None;
        };
        let date = Day { day: Some(day), ..Day::month(month) };
        next += 1;
        if let Some(year) = self.year_number(next, end) {
            return Some((Day { year: Some(year), ..date }, next + 1 - at));
        }
        Some((date, next - at))
    }

    /// The number that begins at a word, and its number of words.
    fn number(&self, at: usize, end: usize) -> Option<(f64, usize)> {
        let scale = |at: usize| match (at < end).then(|| meaning(self.hash(at))).flatten() {
            Some(CalendarWord::Scale(scale)) => Some(scale),
            _ => None,
        };
        let text = self.text.words.text(at);
        if is_figure(text.as_bytes()) {
            let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
            let (digits, suffix) = text.split_at(digits.unwrap_or(text.len()));
            let value = decimal(digits)?;
            let own = match suffix {
                "" | "st" | "nd" | "rd" | "th" | "s" => 1.0,
                "k" => 1e3,
                "m" | "mn" | "mln" => 1e6,
                "b" | "bn" | "bln" => 1e9,
                "tn" => 1e12,
                _ => return None,
            };
            return Some(match scale(at + 1) {
                Some(scale) => (value * own * scale, 2),
                None => (value * own, 1),
            });
        }
        // `two hundred and five thousand`.
        let (mut total, mut group, mut words) = (0.0, 0.0, 0);
        while at + words < end {
            match meaning(self.hash(at + words)) {
                Some(CalendarWord::Number(number)) => group += f64::from(number),
                Some(CalendarWord::Scale(scale)) if words > 0 => {
                    if scale == 100.0 {
                        group *= scale;
                    } else {
                        total += group * scale;
                        group = 0.0;
                    }
                }
                _ => break,
            }
            words += 1;
        }
        // `one` is a pronoun more often than a number.
        let is_one = words == 1 && group == 1.0;
        (words > 0 && !is_one).then_some((total + group, words))
    }

    fn is_capital(&self, word: usize) -> bool {
        self.text.capitals[word]
    }

    /// Whether too many words of a sentence are capitalised for capitals to mark names.
    fn is_headline(&self, sentence: &Sentence) -> bool {
        let words = sentence.words.len();
        let capitals = sentence.words.clone().filter(|&at| self.is_capital(at)).count();
        words > 3 && capitals * 10 > words * MAX_CAPITALS_OF_TEN
    }

    /// Adds the names of a sentence: runs of capitalised words. The first word of a sentence belongs
    /// to a name if it is capitalised inside a sentence elsewhere, or if a capitalised word follows and
    /// it never occurs in lower case.
    fn read_names(&mut self, sentence: &Sentence) {
        if self.is_headline(sentence) {
            return;
        }
        let Range { start, end } = sentence.words;
        let joins = |next: usize| {
            next < end
                && self.is_capital(next)
                && matches!(self.between(next - 1), " " | "-" | "." | ". " | "’" | "'")
        };
        let mut names = Vec::new();
        let mut at = start;
        while at < end {
            let hash = self.hash(at);
            let is_name = self.is_capital(at)
                && (at > start
                    || self.letter_case(hash).capitalised
                    || joins(at + 1) && !self.letter_case(hash).lowercase);
            let from = at;
            at += 1;
            while is_name && joins(at) {
                at += 1;
            }
            // A single capitalised syllable can begin a common word of several syllables.
            let is_syllable = self.language.is_syllabic() && at - from == 1;
            let is_date_word = |at| {
                matches!(
                    meaning(self.hash(at)),
                    Some(CalendarWord::Weekday(_) | CalendarWord::Month { .. })
                )
            };
            if is_name && !is_syllable && !(from..at).all(is_date_word) {
                names.push(from..at);
            }
        }
        names.into_iter().for_each(|name| self.push(FactValue::Name, name));
    }

    fn read_quotations(&mut self, sentence: &Sentence, quotations: &[Range<usize>]) {
        let all = self.text.words.as_slice();
        for quoted in quotations.iter().take_while(|quoted| quoted.start < sentence.bytes.end) {
            let inside = |at: &usize| {
                let word = all[*at].source();
                word.start >= quoted.start && word.end <= quoted.end
            };
            let mut words = sentence.words.clone().filter(inside);
            let Some(first) = words.next() else { continue };
            let last = words.next_back().unwrap_or(first);
            if last + 1 - first >= MIN_QUOTED {
                self.push(FactValue::Quotation, first..last + 1);
            }
        }
    }
}

/// The value of digits with separators: `1,000` is a thousand, `3,5` and `3.5` are one number.
fn decimal(digits: &str) -> Option<f64> {
    let groups = |point: char| {
        let mut parts = digits.split(point);
        let first = parts.next().unwrap_or("");
        !first.is_empty() && first.len() <= 3 && parts.all(|part| part.len() == 3)
    };
    let has = |point: char| digits.contains(point);
    let whole = (has(',') && groups(',')) || (has('.') && groups('.'));
    let text: String = if whole {
        digits.chars().filter(char::is_ascii_digit).collect()
    } else {
        digits.replace(',', ".")
    };
    text.parse().ok()
}

/// The byte ranges between quotation marks, in order. The end of a paragraph ends a quotation.
fn quotations(source: &str) -> Vec<Range<usize>> {
    let mut quotations = Vec::new();
    let mut open: Option<(char, usize)> = None;
    for (at, c) in source.char_indices() {
        let after = at + c.len_utf8();
        open = match (open, c) {
            (Some((closer, start)), _) if c == closer || closer == '”' && c == '"' => {
                quotations.push(start..at);
                None
            }
            (Some((_, start)), '\n') if source[after..].starts_with(['\n', '\r']) => {
                quotations.push(start..at);
                None
            }
            (None, '“') => Some(('”', after)),
            (None, '"') => Some(('"', after)),
            (None, '„') => Some(('“', after)),
            (None, '«') => Some(('»', after)),
            (None, '「') => Some(('」', after)),
            (None, '『') => Some(('』', after)),
            (open, _) => open,
        };
    }
    quotations
}
