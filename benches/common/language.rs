//! Generated languages: common words of a real one, and made-up words for the rest.
//!
//! They never run out of words. Beyond the 8000 most common words and the known names, the word of rank
//! `r` has a frequency of about `1 / r²`, so `n` words of text contain about `√n` different ones (Gerlach
//! and Altmann, Physical Review X 3, 2013, measure these two regimes in real text, with a second exponent
//! of 1.8; in news articles of the last decade we find 1.9 to 2.1).

use std::borrow::Cow;
use std::collections::HashSet;

use super::random::Random;

/// By falling frequency. Enough that more than half of a text is in the library's table of English
/// words, by which it recognises the language.
const ENGLISH: &str = "the of to and a in that for is on said was with as it by he at from be his \
    has have are an but not will had who were they after its or which one this their been more \
    would about up when there new two out year also last if people other first over into some no \
    all than what could years time we government three so can she her him before only while most \
    many against state week police made day president between under during them where since now \
    such may because then just those being any second through month part country group down \
    company well four million percent city still work house minister back told public should \
    including officials report national days home another per both off until take world called \
    around months much market court law make five say long early office later former local high \
    according set next members among own plan water these way right come need help get good know \
    think want left used without place like end found use large small great again never always \
    however although far away half once held began came went took given taken seen done open full \
    free able already almost often here how why very too even same each every few power war party \
    money case point fact line road school family children women men number area change issue";

const RUSSIAN: &str = "и в не на что с по он как из за к у от о это для до его но а же так все \
    она были был также при года они или может еще только уже после если который которые было \
    этом году сказал будет есть их мы со более нет что бы время между чем человек под во том под \
    того тем своей лет сегодня перед два потому через об этого одна ее две три город области";

/// The syllables of words.
struct Syllables {
    starts: &'static [&'static str],
    vowels: &'static [&'static str],
    ends: &'static [&'static str],
    /// The last letter of every tenth name.
    accents: &'static [&'static str],
}

const LATIN: Syllables = Syllables {
    starts: &[
        "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s",
        "st", "t", "tr", "v", "w",
    ],
    vowels: &["a", "e", "i", "o", "u", "ou"],
    ends: &["", "", "", "l", "n", "r", "s", "t", "nd"],
    accents: &["é", "ö", "å", "ñ"],
};

const CYRILLIC: Syllables = Syllables {
    starts: &[
        "б", "в", "вр", "г", "д", "ж", "з", "к", "кр", "л", "м", "н", "п", "пр", "р", "с", "ст",
        "т", "ф", "х", "ч", "ш",
    ],
    vowels: &["а", "е", "и", "о", "у", "ы", "я", "ю"],
    ends: &["", "", "", "л", "н", "р", "с", "т", "й"],
    accents: &["ё"],
};

impl Syllables {
    /// A word of one to three syllables.
    fn word(&self, random: &mut Random) -> String {
        let syllables = 1 + random.below(2) + random.below(2);
        self.syllables(syllables, random)
    }

    fn syllables(&self, count: usize, random: &mut Random) -> String {
        let syllable = |_| [self.starts, self.vowels, self.ends].map(|parts| random.pick(parts));
        (0..count).flat_map(syllable).collect()
    }

    fn name(&self, random: &mut Random) -> String {
        let accent = if random.percent(10) { random.pick(self.accents) } else { "" };
        capitalised(&self.word(random)) + accent
    }

    /// A word less common than `common` others. Their number is unlimited, so none is stored: the rank
    /// gives the spelling.
    fn rare(&self, common: usize, random: &mut Random) -> String {
        // The inverse of the share of ranks above `r`, which is `common / r`.
        let rank = common as f64 / (1.0 - random.fraction());
        let mut spelling = Random::new(rank as u64);
        let syllables = 2 + spelling.below(3);
        self.syllables(syllables, &mut spelling)
    }
}

/// Number of stored words, and how many of them are too common to belong to a field.
const WORDS: usize = 8000;
const COMMON: usize = 2000;

/// Number of stored names, of places and parts of names of people.
const NAMES: usize = 3000;

/// Number of fields of the news, such as football or the law, and of words and names in each. Those of
/// neighbouring fields overlap.
const FIELDS: usize = 80;
const OF_FIELD: usize = 80;

/// Frequency falls as `1 / rank` to this power, so that the hundred and the thousand most common words
/// make up about as much of a text as in English news (0.47 and 0.65).
const EXPONENT: f64 = 1.1;

/// Words of a text that are not among the stored ones, in a hundred.
const RARE: usize = 6;

/// New places and people whose name is not known in their field, in a hundred.
const UNKNOWN: usize = 50;

/// A generated language.
pub struct InventedLanguage {
    syllables: &'static Syllables,
    /// By falling frequency.
    words: Vec<String>,
    /// The share of a text that rarer words would have by the law of [`EXPONENT`].
    rest: f64,
    names: Vec<String>,
}

impl InventedLanguage {
    pub fn latin(random: &mut Random) -> Self {
        Self::new(ENGLISH, &LATIN, random)
    }

    pub fn cyrillic(random: &mut Random) -> Self {
        Self::new(RUSSIAN, &CYRILLIC, random)
    }

    fn new(common: &str, syllables: &'static Syllables, random: &mut Random) -> Self {
        let common = common.split_whitespace().map(str::to_owned).collect();
        InventedLanguage {
            syllables,
            // Not `powf`, whose last bits may differ between machines.
            rest: libm::pow((1 + WORDS) as f64, 1.0 - EXPONENT),
            words: distinct(common, WORDS, || syllables.word(random)),
            names: distinct(Vec::new(), NAMES, || syllables.name(random)),
        }
    }

    /// A word by its frequency in this language.
    pub fn word(&self, random: &mut Random) -> Cow<'_, str> {
        if random.percent(RARE) {
            return self.syllables.rare(WORDS, random).into();
        }
        // The inverse of the share of ranks from `r` on, which is `r` to the power of -1/10.
        let share = 1.0 - random.fraction() * (1.0 - self.rest);
        let square = share * share;
        let rank = 1.0 / (square * square * square * square * square);
        self.words[(rank as usize).clamp(1, WORDS) - 1].as_str().into()
    }

    /// A word of a field, none of the [`COMMON`] ones.
    pub fn word_of(&self, field: Field, random: &mut Random) -> &str {
        field.pick(&self.words[COMMON..], random)
    }

    /// A name that is known in a field.
    pub fn name_of(&self, field: Field, random: &mut Random) -> &str {
        field.pick(&self.names, random)
    }

    /// A name known in a field, or a new one.
    pub fn any_name(&self, field: Field, random: &mut Random) -> String {
        match random.percent(UNKNOWN) {
            true => capitalised(&self.syllables.rare(NAMES, random)),
            false => self.name_of(field, random).to_owned(),
        }
    }
}

/// A field of the news.
#[derive(Clone, Copy)]
pub struct Field(usize);

impl Field {
    pub fn any(random: &mut Random) -> Self {
        Field(random.below(FIELDS))
    }

    fn pick<'w>(&self, words: &'w [String], random: &mut Random) -> &'w str {
        let start = self.0 * words.len() / FIELDS;
        &words[(start + random.below(OF_FIELD)) % words.len()]
    }
}

/// `count` different words: first the given ones, then generated ones.
fn distinct(first: Vec<String>, count: usize, mut make: impl FnMut() -> String) -> Vec<String> {
    let mut seen = HashSet::new();
    let made = std::iter::repeat_with(&mut make);
    first.into_iter().chain(made).filter(|word| seen.insert(word.clone())).take(count).collect()
}

/// The text with a capital first letter.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}
