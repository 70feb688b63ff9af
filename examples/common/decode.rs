//! From the bytes of a file to the text of an article.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use dom_smoothie::{Readability, TextMode};
use encoding_rs::{Encoding, UTF_8};

/// The bytes of a file that decide between text and binary.
const HEAD: usize = 8 << 10;

/// Browsers stop at about 512 levels; beyond that, building the tree takes quadratic time.
const DEEPEST: usize = 1000;

/// An article as its file gives it; the date is not yet checked.
#[derive(Debug, Default)]
pub struct Page {
    pub title: Option<String>,
    pub date: Option<String>,
    pub text: String,
}

/// The bytes as text without a byte order mark; `None` when they are not text.
pub fn text(bytes: Vec<u8>) -> Option<String> {
    let marked = Encoding::for_bom(&bytes);
    // In UTF-16 every other byte may be zero.
    let wide = marked.is_some_and(|(encoding, _)| encoding != UTF_8);
    if !wide && is_binary(&bytes) {
        return None;
    }
    if let Some((encoding, mark)) = marked {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Some(text.into_owned());
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.as_bytes();
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        let encoding = detector.guess(None, Utf8Detection::Allow);
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    });
    Some(text)
}

/// Whether the head has a NUL byte, or more than one control character in ten.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    let is_control = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    head.contains(&0) || head.iter().filter(is_control).count() * 10 > head.len()
}

/// Markdown stays unchanged, but a YAML front matter block gives the title and the date.
pub fn markdown(text: String) -> Page {
    let Some((block, rest)) = front_matter(&text) else {
        return Page { text, ..Page::default() };
    };
    let value = |key| {
        let (_, value) = block
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.trim_end() == key)?;
        Some(unquoted(value).to_owned()).filter(|value| !value.is_empty())
    };
    Page { title: value("title"), date: value("date"), text: rest.to_owned() }
}

/// The lines between the `---` lines at the very start, and the text after them.
fn front_matter(text: &str) -> Option<(&str, &str)> {
    let mut lines = text.split_inclusive('\n');
    let start = lines.next().filter(|line| line.trim_end() == "---")?.len();
    let mut end = start;
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((&text[start..end], &text[end + line.len()..]));
        }
        end += line.len();
    }
    None
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let between = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    between('"').or_else(|| between('\'')).unwrap_or(value)
}

/// The main text of a web page, or all its text if none stands out; `None` if it is nested too deeply.
pub fn html(source: &str) -> Option<Page> {
    if nesting(source) > DEEPEST {
        return None;
    }
    let mut page = Readability::from(source);
    page.config.text_mode = TextMode::Formatted;
    let (title, text) = match page.parse() {
        Ok(article) if !article.text_content.trim().is_empty() => {
            (article.title, article.text_content)
        }
        // A second parse, because the first one modified the document.
        _ => {
            let page = Readability::from(source);
            page.doc.select("script, style, noscript, template").remove();
            let text = page.doc.select("body").formatted_text();
            (page.get_article_title().to_string(), text)
        }
    };
    Some(Page {
        title: Some(title).filter(|title| !title.trim().is_empty()),
        date: None,
        text: text.to_string(),
    })
}

/// The approximate depth of the elements, from the tags alone, in linear time.
fn nesting(source: &str) -> usize {
    /// Elements without content, or whose end tag is mostly omitted.
    const FLAT: [&str; 24] = [
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
        "meta", "option", "p", "param", "source", "tbody", "td", "th", "thead", "tr", "track",
        "wbr",
    ];
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut in_script = false;
    for tag in source.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let (name, closes) = match tag.strip_prefix('/') {
            Some(name) => (name, true),
            None => (tag, false),
        };
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
        match name.unwrap_or_default().to_ascii_lowercase().as_str() {
            "script" | "style" => in_script = !closes,
            // In a script `a<b` is not a tag.
            _ if in_script => {}
            name if name.is_empty() || FLAT.contains(&name) || tag.ends_with('/') => {}
            _ if closes => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}
