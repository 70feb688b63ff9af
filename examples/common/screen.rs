//! Text of articles made safe for a terminal: it may contain anything, escape sequences included.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with each run of white space as one space.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text on one line, without characters that control a terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// A character of [`plain`] text.
pub fn shown(c: char) -> char {
    match c {
        c if c.is_whitespace() => ' ',
        c if is_obeyed(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// The same JSON with such characters escaped. In JSON they are only within strings, except for line feeds,
/// which a string cannot contain.
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    let must_go = |c: char| c != '\n' && is_obeyed(c);
    if !json.contains(must_go) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if must_go(c) {
            // All of them are below U+10000; writing to a `String` cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and those that change the direction of text.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
