//! A label of one line for a family.

use std::collections::HashMap;

use ahash::RandomState;

use crate::corpus::article::Article;
use crate::text::language::{Language, is_figure, term_of};
use crate::text::prior::prior_rarity;
use crate::text::words::Words;

/// The most characters of a title in a label.
const MAX_TITLE_CHARS: usize = 96;

/// The most words of a label without a title.
const MAX_LABEL_WORDS: usize = 6;

/// The most articles whose words are counted.
const MAX_TEXTS: usize = 16;

/// The first words of a text that can enter a label: news begin with the topic.
const MAX_LEAD_WORDS: usize = 120;

/// A label of one line for a story, given its articles with the representative first: the title of the
/// representative, or else its most distinctive words, which many of the articles and few other texts
/// have, in its spelling and order. Empty if there is no word at all.
///
/// A title is given without line breaks, and cut after a word if it exceeds 96 characters. Linear in
/// the lengths of the first 16 texts.
///
/// ```
/// use retold::{Article, label};
/// let wire = Article::new("wire", "A ferry ran aground off Kelm on Monday, harbour master Ida Rosk said.");
/// let herald = Article::new("herald", "The ferry off Kelm: harbour master Ida Rosk is to blame.");
/// assert_eq!(label(&[wire, herald]), "ferry, Kelm, harbour master Ida Rosk");
/// assert_eq!(label(&[wire.title("Ferry\n  aground"), herald]), "Ferry aground");
/// ```
pub fn label(articles: &[Article<'_>]) -> String {
    match articles.first() {
        None => String::new(),
        Some(first) => first.get_title().map_or_else(|| distinctive_words(articles), title_line),
    }
}

fn title_line(title: &str) -> String {
    let mut line = String::new();
    let mut characters = 0;
    for word in title.split_whitespace() {
        characters += word.chars().count() + usize::from(!line.is_empty());
        if characters > MAX_TITLE_CHARS {
            // A first word longer than a line is cut itself.
            let room = if line.is_empty() { MAX_TITLE_CHARS } else { 0 };
            line.extend(word.chars().take(room));
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn distinctive_words(articles: &[Article<'_>]) -> String {
    let texts: Vec<Words> =
        articles.iter().take(MAX_TEXTS).map(|article| Words::new(article.text())).collect();
    let (source, words) = (articles[0].text(), &texts[0]);
    let language = Language::of(words);
    let mut counts: HashMap<u64, (usize, usize), RandomState> = HashMap::default();
    for (at, text) in (1..).zip(&texts) {
        for word in text {
            // The number of texts with the word, and the last of them.
            let (count, last) = counts.entry(word.hash()).or_default();
            *count += usize::from(*last != at);
            *last = at;
        }
    }
    // The first position of each word, best first.
    let mut best: Vec<(u32, usize)> = Vec::new();
    for at in 0..words.len().min(MAX_LEAD_WORDS) {
        let (hash, text) = (words.as_slice()[at].hash(), words.text(at));
        let Some((count, _)) = counts.remove(&hash) else { continue };
        let rarity = prior_rarity(language, term_of(hash, text));
        if !is_figure(text.as_bytes()) {
            best.push(((rarity * 64.0) as u32 * count as u32, at));
        }
    }
    best.sort_unstable_by(|x, y| y.0.cmp(&x.0).then(x.1.cmp(&y.1)));
    best.truncate(MAX_LABEL_WORDS);
    let mut positions: Vec<usize> = best.into_iter().map(|(_, at)| at).collect();
    positions.sort_unstable();
    joined(source, words, &positions)
}

/// The words at some positions in their spelling: neighbours together, others separated by commas.
fn joined(source: &str, words: &Words, positions: &[usize]) -> String {
    let mut line = String::new();
    let mut end = None;
    for &at in positions {
        let bytes = words.as_slice()[at].source();
        match end {
            Some((before, byte))
                if before + 1 == at && is_gap(&source[byte..bytes.start.max(byte)]) =>
            {
                let gap_and_word = &source[byte.min(bytes.end)..bytes.end];
                line.extend(gap_and_word.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
            }
            _ => {
                line.push_str(if end.is_some() { ", " } else { "" });
                line.push_str(&source[bytes.clone()]);
            }
        }
        end = Some((at, bytes.end));
    }
    line
}

/// Whether two words with this text between them are neighbours.
fn is_gap(between: &str) -> bool {
    let mut characters = between.chars();
    characters.next().is_none_or(|c| c.is_whitespace() || matches!(c, '-' | '’' | '\''))
        && characters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_title_is_cut_after_a_word() {
        let title = "word ".repeat(40);
        let found = label(&[Article::new("a", "text").title(&title)]);
        assert!(found.chars().count() <= MAX_TITLE_CHARS && found.ends_with("word…"), "{found}");
        let endless = "x".repeat(500);
        let found = label(&[Article::new("a", "text").title(&endless)]);
        assert_eq!(found.chars().count(), MAX_TITLE_CHARS + 1);
    }

    #[test]
    fn shared_words_come_before_rarer_ones_of_the_first_text_alone() {
        let first = Article::new(
            "a",
            "Zyxworth abcdefghi qwertyuio plmoknijb uhbygvtfc rdxeszwaq: lifeboat off Kelm.",
        );
        let other = Article::new("b", "The lifeboat was off Kelm.");
        let found = label(&[first, other]);
        assert!(found.contains("lifeboat") && found.contains("Kelm"), "{found}");
    }

    #[test]
    fn texts_without_words_have_no_label() {
        assert_eq!(label(&[]), "");
        assert_eq!(label(&[Article::new("a", "…")]), "");
    }

    proptest! {
        #[test]
        fn any_article_has_a_label_of_one_line(text in "\\PC{0,200}", title in "\\PC{0,200}") {
            for article in [Article::new("a", &text), Article::new("a", &text).title(&title)] {
                let line = label(&[article, Article::new("b", &title)]);
                prop_assert!(!line.contains('\n'));
            }
        }
    }
}
