//! What the letters of a word tell, read from its bytes: words are asked by the million, and they
//! were checked to be UTF-8 as a text.

use super::language::Language;

/// The most letters that are told apart.
pub(super) const MANY: usize = 7;

/// The first character of a word beyond ASCII or not; NUL of nothing.
#[inline]
pub(super) fn first(word: &[u8]) -> char {
    let low = |byte: u8| u32::from(byte & 0x3f);
    let code = match *word {
        [first @ 0..=0x7f, ..] => first.into(),
        [first @ ..=0xdf, second, ..] => u32::from(first & 0x1f) << 6 | low(second),
        [first @ ..=0xef, second, third, ..] => {
            u32::from(first & 0xf) << 12 | low(second) << 6 | low(third)
        }
        [first, second, third, fourth, ..] => {
            u32::from(first & 7) << 18 | low(second) << 12 | low(third) << 6 | low(fourth)
        }
        _ => 0,
    };
    char::from_u32(code).unwrap_or('\0')
}

/// How many letters a word has, up to [`MANY`].
#[inline]
pub(super) fn count(word: &[u8]) -> usize {
    // So many bytes hold that many characters of any length, and a loop of known length is fast.
    let word = &word[..word.len().min(4 * MANY)];
    word.iter().map(|&byte| usize::from(byte as i8 >= -64)).sum::<usize>().min(MANY)
}

/// Whether a word has a small letter that is used in Vietnamese alone, or nearly so: `đ`, `ơ`, `ư`,
/// or one with two marks (U+1EA0 to U+1EF9).
#[inline]
pub(super) fn has_vietnamese(word: &[u8]) -> bool {
    word.iter().enumerate().any(|(at, &byte)| {
        // No other byte is the first of such a letter.
        matches!(byte, 0xc4 | 0xc6 | 0xe1)
            && matches!(
                word[at..],
                [0xc4, 0x91, ..]
                    | [0xc6, 0xa1 | 0xb0, ..]
                    | [0xe1, 0xba, 0xa0..=0xbf, ..]
                    | [0xe1, 0xbb, 0x80..=0xb9, ..]
            )
    })
}

/// Whether a character is numeric, if its script is known.
#[inline]
pub(super) fn is_numeric(letter: char, script: Language) -> bool {
    // What counts as the letters of these has no numbers among them.
    !matches!(script, Language::Latin | Language::Cyrillic) && letter.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_every_character_tell_what_the_character_does() {
        for letter in (1..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let word = format!("{letter}x");
            assert_eq!(first(word.as_bytes()), letter);
            let vietnamese = matches!(letter, 'đ' | 'ơ' | 'ư' | '\u{1ea0}'..='\u{1ef9}');
            for word in [word, format!("x{letter}"), format!("é{letter}ß")] {
                assert_eq!(has_vietnamese(word.as_bytes()), vietnamese, "{word}");
                assert_eq!(count(word.as_bytes()), word.chars().count(), "{word}");
            }
            assert_eq!(is_numeric(letter, Language::of_script(letter)), letter.is_numeric());
        }
    }

    #[test]
    fn letters_are_counted_up_to_seven() {
        for letter in ["k", "д", "字", "𐒰"] {
            for letters in 0..12 {
                assert_eq!(count(letter.repeat(letters).as_bytes()), letters.min(MANY));
            }
        }
        assert_eq!(first(b""), '\0');
    }
}
