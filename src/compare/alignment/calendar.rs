//! The words that denote a number or a part of a date, in one hash table.
//!
//! The table is built on first use. Its keys are hashes of words, so a look-up compares no strings.

use std::collections::HashMap;
use std::sync::OnceLock;

use ahash::RandomState;

use crate::hash;

/// The meaning of a word in a number or a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum CalendarWord {
    /// Counted from 1; `alone` if the word denotes a month even without a number next to it.
    Month {
        month: u8,
        alone: bool,
    },
    /// Monday is 1.
    Weekday(u8),
    Number(u32),
    /// The factor of the number before it.
    Scale(f64),
}

/// A date, any part of which a text may omit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Day {
    pub(super) year: Option<u16>,
    pub(super) month: Option<u8>,
    pub(super) day: Option<u8>,
    pub(super) weekday: Option<u8>,
}

impl Day {
    pub(super) fn of(year: u16, month: u8, day: u8) -> Self {
        Day { year: Some(year), month: Some(month), day: Some(day), weekday: None }
    }

    pub(super) fn year(year: u16) -> Self {
        Day { year: Some(year), ..Day::default() }
    }

    pub(super) fn month(month: u8) -> Self {
        Day { month: Some(month), ..Day::default() }
    }

    pub(super) fn weekday(weekday: u8) -> Self {
        Day { weekday: Some(weekday), ..Day::default() }
    }

    /// Whether two may be one day: both give at least one part, and no part differs.
    pub(super) fn fits(&self, other: &Day) -> bool {
        let parts = [
            (self.year, other.year),
            (self.month.map(u16::from), other.month.map(u16::from)),
            (self.day.map(u16::from), other.day.map(u16::from)),
            (self.weekday.map(u16::from), other.weekday.map(u16::from)),
        ];
        let mut both = parts.into_iter().filter_map(|(one, two)| one.zip(two)).peekable();
        both.peek().is_some() && both.all(|(one, two)| one == two)
    }
}

/// The meaning of the word with this hash, if the table has it.
pub(super) fn meaning(word: u64) -> Option<CalendarWord> {
    static MEANINGS: OnceLock<HashMap<u64, CalendarWord, RandomState>> = OnceLock::new();
    MEANINGS.get_or_init(table).get(&word).copied()
}

/// Months in English, German, French, Spanish, Italian, Portuguese and Dutch. Ambiguous words follow
/// `|` and count only next to a number.
const MONTHS: [&str; 12] = [
    "january januar janvier enero gennaio janeiro januari|jan",
    "february februar février febrero febbraio fevereiro februari|feb",
    "märz marzo março maart|march mar mars",
    "april avril abril aprile|apr",
    "|may mai mayo maggio maio mei",
    "june juni juin junio giugno junho|jun",
    "july juli juillet julio luglio julho|jul",
    "août agosto augustus|august aug",
    "september septembre septiembre settembre setembro|sept sep",
    "october oktober octobre octubre ottobre outubro|oct",
    "november novembre noviembre novembro|nov",
    "december dezember décembre diciembre dicembre dezembro|dec",
];

const WEEKDAYS: [&str; 7] = [
    "monday montag lundi lunes lunedì maandag",
    "tuesday dienstag mardi martes martedì dinsdag",
    "wednesday mittwoch mercredi miércoles mercoledì woensdag",
    "thursday donnerstag jeudi jueves giovedì donderdag",
    "friday freitag vendredi viernes venerdì vrijdag",
    "saturday samstag samedi sábado sabato zaterdag",
    "sunday sonntag dimanche domingo domenica zondag",
];

const NUMBERS: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen \
     fourteen fifteen sixteen seventeen eighteen nineteen";

const TENS: &str = "twenty thirty forty fifty sixty seventy eighty ninety";

const SCALES: [(&str, f64); 4] =
    [("hundred", 1e2), ("thousand", 1e3), ("million", 1e6), ("billion", 1e9)];

fn table() -> HashMap<u64, CalendarWord, RandomState> {
    let mut table = HashMap::default();
    let mut add = |words: &str, meaning: CalendarWord| {
        for word in words.split_whitespace() {
            table.insert(hash::word(word.as_bytes()), meaning);
        }
    };
    for (month, words) in (1..).zip(MONTHS) {
        let (alone, with_number) = words.split_once('|').unwrap_or((words, ""));
        add(alone, CalendarWord::Month { month, alone: true });
        add(with_number, CalendarWord::Month { month, alone: false });
    }
    (1..).zip(WEEKDAYS).for_each(|(day, words)| add(words, CalendarWord::Weekday(day)));
    (0..)
        .zip(NUMBERS.split_whitespace())
        .for_each(|(number, word)| add(word, CalendarWord::Number(number)));
    (2..)
        .zip(TENS.split_whitespace())
        .for_each(|(ten, word)| add(word, CalendarWord::Number(10 * ten)));
    SCALES.into_iter().for_each(|(word, scale)| add(word, CalendarWord::Scale(scale)));
    table
}
