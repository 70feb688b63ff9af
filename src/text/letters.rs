//! Properties of the letters of a word, read from its UTF-8 bytes.
//!
//! The text was validated as UTF-8 before, so decoding a word again would only cost time.

use super::language::Language;

/// The count at which [`count`] stops.
pub(super) const MAX_LETTERS: usize = 7;

/// The first character of a word; NUL for an empty one.
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

/// The number of characters of a word, at most [`MAX_LETTERS`].
#[inline]
pub(super) fn count(word: &[u8]) -> usize {
    // A character has at most four bytes. The constant bound lets the compiler vectorise the loop.
    let word = &word[..word.len().min(4 * MAX_LETTERS)];
    word.iter().map(|&byte| usize::from(byte as i8 >= -64)).sum::<usize>().min(MAX_LETTERS)
}

/// Whether a word has a lower-case letter that hardly any language but Vietnamese uses: `đ`, `ơ`, `ư`,
/// or one of U+1EA0 to U+1EF9, most of which have two marks.
#[inline]
pub(super) fn has_vietnamese(word: &[u8]) -> bool {
    word.iter().enumerate().any(|(at, &byte)| {
        // The only lead bytes of such letters.
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

/// Whether a character is numeric, given its script.
#[inline]
pub(super) fn is_numeric(letter: char, script: Language) -> bool {
    // The ranges of these scripts contain no numeric characters, so the table is not consulted.
    !matches!(script, Language::Latin | Language::Cyrillic) && letter.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_read_from_bytes_equal_those_of_the_characters() {
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
                assert_eq!(count(letter.repeat(letters).as_bytes()), letters.min(MAX_LETTERS));
            }
        }
        assert_eq!(first(b""), '\0');
    }
}
