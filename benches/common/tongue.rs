//! Languages that nobody speaks: common words of a real one, and made-up words for the rest.

use std::collections::HashSet;

use super::random::Random;

/// The commonest first. So many that more than half of a text is in the library's table of English
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

/// What words are made of.
struct Sound {
    starts: &'static [&'static str],
    vowels: &'static [&'static str],
    ends: &'static [&'static str],
    /// What every tenth name has.
    accents: &'static [&'static str],
}

const LATIN: Sound = Sound {
    starts: &[
        "b", "br", "c", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pl", "r", "s",
        "st", "t", "tr", "v", "w",
    ],
    vowels: &["a", "e", "i", "o", "u", "ou"],
    ends: &["", "", "", "l", "n", "r", "s", "t", "nd"],
    accents: &["é", "ö", "å", "ñ"],
};

const CYRILLIC: Sound = Sound {
    starts: &[
        "б", "в", "вр", "г", "д", "ж", "з", "к", "кр", "л", "м", "н", "п", "пр", "р", "с", "ст",
        "т", "ф", "х", "ч", "ш",
    ],
    vowels: &["а", "е", "и", "о", "у", "ы", "я", "ю"],
    ends: &["", "", "", "л", "н", "р", "с", "т", "й"],
    accents: &["ё"],
};

impl Sound {
    /// A word of one to three syllables.
    fn word(&self, random: &mut Random) -> String {
        let syllables = 1 + random.below(2) + random.below(2);
        let syllable = |_| [self.starts, self.vowels, self.ends].map(|parts| random.pick(parts));
        (0..syllables).flat_map(syllable).collect()
    }

    fn name(&self, random: &mut Random) -> String {
        let accent = if random.percent(10) { random.pick(self.accents) } else { "" };
        capitalised(&self.word(random)) + accent
    }
}

/// How many different words, and how many of them are too common to belong to a field.
const WORDS: usize = 8000;
const COMMON: usize = 2000;

/// How many different names of places and halves of people.
const NAMES: usize = 3000;

/// How many fields of the news there are, such as football or the law, and how many words and names
/// each has. Those of neighbours overlap.
const FIELDS: usize = 80;
const OF_FIELD: usize = 80;

/// How fast words get rarer: a little faster than `1 / rank`, as in English news.
const EXPONENT: f64 = 1.05;

/// A language of made-up words.
pub struct Tongue {
    /// The commonest first.
    words: Vec<String>,
    /// For each word, how often it or a commoner one comes.
    reach: Vec<f64>,
    names: Vec<String>,
}

impl Tongue {
    pub fn latin(random: &mut Random) -> Self {
        Self::new(ENGLISH, &LATIN, random)
    }

    pub fn cyrillic(random: &mut Random) -> Self {
        Self::new(RUSSIAN, &CYRILLIC, random)
    }

    fn new(common: &str, sound: &Sound, random: &mut Random) -> Self {
        let common = common.split_whitespace().map(str::to_owned).collect();
        // Not `powf`, whose last bits may differ from machine to machine.
        let often = (1..=WORDS).map(|rank| libm::pow(rank as f64, -EXPONENT));
        let reach = often.scan(0.0, |sum, often| {
            *sum += often;
            Some(*sum)
        });
        Tongue {
            reach: reach.collect(),
            words: distinct(common, WORDS, || sound.word(random)),
            names: distinct(Vec::new(), NAMES, || sound.name(random)),
        }
    }

    /// A word, as often as it comes in this language.
    pub fn word(&self, random: &mut Random) -> &str {
        let at = random.fraction() * self.reach[WORDS - 1];
        &self.words[self.reach.partition_point(|reach| *reach <= at)]
    }

    /// A rare word of a field.
    pub fn word_of(&self, field: Field, random: &mut Random) -> &str {
        field.pick(&self.words[COMMON..], random)
    }

    /// A name that is known in a field.
    pub fn name_of(&self, field: Field, random: &mut Random) -> &str {
        field.pick(&self.names, random)
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

/// So many different words: the first ones as they are, the others as they are made.
fn distinct(first: Vec<String>, count: usize, mut make: impl FnMut() -> String) -> Vec<String> {
    let mut seen = HashSet::new();
    let made = std::iter::repeat_with(&mut make);
    first.into_iter().chain(made).filter(|word| seen.insert(word.clone())).take(count).collect()
}

/// With a capital at the start.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}
