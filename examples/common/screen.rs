//! Text from articles, made fit for a screen: it may hold anything, escape sequences included.

use std::borrow::Cow;
use std::fmt::Write;

/// Any run of white space as one blank.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// On one line and without anything that a terminal would obey.
pub fn plain(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// A character as [`plain`] text has it.
pub fn shown(c: char) -> char {
    match c {
        c if c.is_whitespace() => ' ',
        c if is_obeyed(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// The same JSON with such characters escaped. In JSON they stand only within strings, but for
/// line feeds, which a string cannot hold.
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    let must_go = |c: char| c != '\n' && is_obeyed(c);
    if !json.contains(must_go) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if must_go(c) {
            // All of them are below U+10000; a `String` takes whatever is written to it.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and those that turn round the direction of what follows them.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
