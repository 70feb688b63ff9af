//! Whether two articles print one text, judged by their sketches alone.
//!
//! Nothing here depends on a collection, so no article outside the pair can undo a reprint.

use super::evidence::MAX_RETOLD_DAYS;
use super::forms::are_fillings;
use crate::corpus::article::Date;
use crate::corpus::collection::{ArticleFacts, Articles, Number};
use crate::corpus::fingerprint::{Mark, Title};
use crate::sketch::bottomk::{Overlap, Sample};
use crate::text::language::Language;

/// The least Jaccard similarity of the phrases of two printings of one text. Two edits of one wire, each
/// with a tenth of its words changed, share 0.38. Cutting at 0.5 made 9 684 leaders of 10 000 such
/// versions, and at 0.25 one.
const MIN_JACCARD: f64 = 0.25;

/// The same where words are written as syllables apart, of which chance shares more: at 0.25 reports of two
/// events became one text.
const MIN_JACCARD_SYLLABLES: f64 = 0.45;

/// Two texts that share less are not looked at for a form.
const MIN_FORM_JACCARD: f64 = 0.15;

/// How long the shorter of two printings is at least, beside the longer. What is shorter is an excerpt.
const MIN_LENGTH: f32 = 0.5;

/// Printings further apart than a story is retold share this much: what shares less is a series.
const MIN_JACCARD_LATER: f64 = 0.6;

/// Two texts with this many numbers each, of which they share less than a quarter, are two issues of a
/// series: daily rates, weekly figures.
const MIN_SERIES_NUMBERS: usize = 4;

/// What two articles are to each other as printings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printing {
    /// Printings of one text, maybe edited.
    Reprint,
    /// One form filled in twice, or one notice under two titles: two stories.
    Form,
}

/// What is needed of an article.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printed<'a> {
    pub(crate) content: u128,
    pub(crate) words: u32,
    pub(crate) date: Option<Date>,
    pub(crate) language: Language,
    pub(crate) marks: &'a [u16],
    pub(crate) title: Title,
    pub(crate) sample: Sample<'a>,
}

impl<'a> Printed<'a> {
    /// What is needed of a stored article.
    pub(crate) fn of(articles: &'a Articles, number: Number) -> Self {
        let ArticleFacts { content, words, date, language, title, .. } = articles.facts(number);
        let (marks, sample) = (articles.marks(number), articles.sample(number));
        Printed { content, words, date, language, marks, title, sample }
    }
}

/// What two articles are to each other as printings, by the phrases that they share; `None` where they are
/// two texts.
pub(crate) fn printing(
    one: &Printed<'_>,
    other: &Printed<'_>,
    phrases: &Overlap,
) -> Option<Printing> {
    if one.content == other.content && one.words == other.words {
        let titles = [one.title, other.title];
        let is_notice = titles.iter().all(|title| title.is_foreign) && one.title != other.title;
        return Some(if is_notice { Printing::Form } else { Printing::Reprint });
    }
    let jaccard = phrases.jaccard();
    if jaccard < MIN_FORM_JACCARD {
        return None;
    }
    if are_fillings((one.marks, other.marks), phrases, (one.words, other.words)) {
        return Some(Printing::Form);
    }
    let (shorter, longer) = (one.words.min(other.words), one.words.max(other.words));
    let days = one.date.zip(other.date).map_or(0, |(l, r)| l.days_since(r).unsigned_abs());
    let least = match (days > MAX_RETOLD_DAYS, one.language.is_syllabic()) {
        (true, _) => MIN_JACCARD_LATER,
        (false, true) => MIN_JACCARD_SYLLABLES,
        (false, false) => MIN_JACCARD,
    };
    let is_reprint = jaccard >= least
        && shorter as f32 >= longer as f32 * MIN_LENGTH
        && !are_issues(one.marks, other.marks);
    is_reprint.then_some(Printing::Reprint)
}

/// Whether two texts are full of numbers, and of other numbers each.
fn are_issues(left: &[u16], right: &[u16]) -> bool {
    let numbers = |marks: &[u16]| marks.iter().filter(|&&mark| Mark(mark).is_number()).count();
    let is_shared = |&&mark: &&u16| {
        Mark(mark).is_number() && right.iter().any(|&other| Mark(other).word() == Mark(mark).word())
    };
    let fewer = numbers(left).min(numbers(right));
    fewer >= MIN_SERIES_NUMBERS && left.iter().filter(is_shared).count() * 4 < fewer
}
