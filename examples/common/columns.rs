//! Two texts side by side on a terminal: paired sentences, differences, sentences of one text only.

use std::io::{self, Write};
use std::ops::Range;

use console::{Style, measure_text_width};
use retold::{Alignment, PairKind, SentencePair};

use super::screen::shown;

/// The label before each row.
const LABEL: usize = 10;

/// The least width of a column on a narrow terminal.
const NARROWEST: usize = 20;

/// The positions of the two columns.
pub struct Columns {
    indent: usize,
    column: usize,
}

/// A stretch of text in one style.
type Piece<'t> = (&'t str, Style);

impl Columns {
    /// Two columns that fill the width of the screen after an indent.
    pub fn new(indent: usize, width: usize) -> Self {
        let column = width.saturating_sub(indent + LABEL + 4) / 2;
        Self { indent, column: column.max(NARROWEST) }
    }

    /// The heads of the columns.
    pub fn write_heads(&self, left: &str, right: &str, out: &mut dyn Write) -> io::Result<()> {
        let bold = Style::new().bold();
        self.row("", &[(left, bold.clone())], &[(right, bold)], out)
    }

    /// All sentences of both texts in the order of the left one. A sentence of the right one only appears
    /// at its position there.
    pub fn write_alignment(
        &self,
        (left, right): (&str, &str),
        alignment: &Alignment,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut only_left = alignment.only_left().iter().peekable();
        let mut only_right = alignment.only_right().iter().peekable();
        let mut reached = 0;
        for pair in alignment.pairs() {
            while let Some(range) = only_left.next_if(|range| range.start < pair.left().start) {
                self.only_left(left, range, out)?;
            }
            // The right text goes back to an earlier sentence, so nothing new begins.
            reached = reached.max(pair.right().start);
            while let Some(range) = only_right.next_if(|range| range.start < reached) {
                self.only_right(right, range, out)?;
            }
            self.pair((left, right), pair, out)?;
        }
        only_left.try_for_each(|range| self.only_left(left, range, out))?;
        only_right.try_for_each(|range| self.only_right(right, range, out))
    }

    fn only_left(&self, text: &str, range: &Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        self.row("- only", &[(&text[range.clone()], Style::new().red())], &[], out)
    }

    fn only_right(&self, text: &str, range: &Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        self.row("+ only", &[], &[(&text[range.clone()], Style::new().red())], out)
    }

    fn pair(
        &self,
        (left, right): (&str, &str),
        pair: &SentencePair,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let style = match pair.kind() {
            PairKind::Verbatim => Style::new().green(),
            PairKind::Edited => Style::new().blue(),
            PairKind::Reworded => Style::new().magenta(),
        };
        let differs = Style::new().yellow().bold();
        let shared = pair.shared();
        let side = |text, sentence, shared: Vec<Range<usize>>, differences: Vec<Range<usize>>| {
            let marks = shared.into_iter().map(|range| (range, style.clone()));
            let marks = marks.chain(differences.into_iter().map(|range| (range, differs.clone())));
            pieces(text, sentence, marks.collect())
        };
        let differences = pair.differences();
        let on_left = side(
            left,
            pair.left(),
            shared.iter().map(|(on_left, _)| on_left.clone()).collect(),
            differences.iter().filter_map(|difference| difference.left()).collect(),
        );
        let on_right = side(
            right,
            pair.right(),
            shared.iter().map(|(_, on_right)| on_right.clone()).collect(),
            differences.iter().filter_map(|difference| difference.right()).collect(),
        );
        let label = style.apply_to(pair.kind().name()).to_string();
        self.row(&label, &on_left, &on_right, out)?;
        for difference in differences {
            let quoted = |text: &'_ str, range: Option<Range<usize>>| {
                range.map_or("none", |range| &text[range]).to_owned()
            };
            let label = differs.apply_to(difference.kind().name()).to_string();
            let (one, other) = (quoted(left, difference.left()), quoted(right, difference.right()));
            let (one, other) = (format!("≠ {one}"), format!("≠ {other}"));
            self.row(&label, &[(&one, differs.clone())], &[(&other, differs.clone())], out)?;
        }
        Ok(())
    }

    /// A row with the height of its higher cell. The label is not from an article, so it may be styled.
    fn row(
        &self,
        label: &str,
        left: &[Piece<'_>],
        right: &[Piece<'_>],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (left, right) = (wrapped(left, self.column), wrapped(right, self.column));
        for line in 0..left.len().max(right.len()) {
            let cell = |lines: &[String]| lines.get(line).cloned().unwrap_or_default();
            let padded = |text: &str, width: usize| {
                format!("{text}{:1$}", "", width.saturating_sub(measure_text_width(text)))
            };
            let label = if line == 0 { label } else { "" };
            let row = format!(
                "{:indent$}{}  {}  {}",
                "",
                padded(label, LABEL),
                padded(&cell(&left), self.column),
                cell(&right),
                indent = self.indent,
            );
            writeln!(out, "{}", row.trim_end())?;
        }
        Ok(())
    }
}

/// A sentence split where a mark begins or ends. Of two overlapping marks the later one is shown.
fn pieces(text: &str, sentence: Range<usize>, marks: Vec<(Range<usize>, Style)>) -> Vec<Piece<'_>> {
    let mut cuts = vec![sentence.start, sentence.end];
    for (range, _) in &marks {
        cuts.extend([range.start, range.end].map(|cut| cut.clamp(sentence.start, sentence.end)));
    }
    cuts.sort_unstable();
    cuts.dedup();
    let style = |from, to| {
        let over = marks.iter().rev().find(|(range, _)| range.start <= from && to <= range.end);
        over.map_or_else(Style::new, |(_, style)| style.clone())
    };
    cuts.windows(2).map(|ends| (&text[ends[0]..ends[1]], style(ends[0], ends[1]))).collect()
}

/// Lines of at most a width, broken between words, or within a word wider than a line. Each run of white
/// space is one space; characters that control a terminal are replaced.
fn wrapped(pieces: &[Piece<'_>], width: usize) -> Vec<String> {
    let mut lines: Vec<Vec<(char, usize)>> = Vec::new();
    let mut line: Vec<(char, usize)> = Vec::new();
    let columns = |line: &[(char, usize)]| {
        measure_text_width(&line.iter().map(|&(c, _)| c).collect::<String>())
    };
    for (at, (text, _)) in pieces.iter().enumerate() {
        for c in text.chars().map(shown) {
            if c == ' ' && line.last().is_none_or(|&(before, _)| before == ' ') {
                continue;
            }
            line.push((c, at));
            if c != ' ' && columns(&line) > width {
                let blank = line.iter().rposition(|&(c, _)| c == ' ');
                let rest = line.split_off(blank.map_or(line.len() - 1, |blank| blank + 1));
                line.truncate(blank.unwrap_or(line.len()));
                lines.push(std::mem::replace(&mut line, rest));
            }
        }
    }
    lines.push(line);
    lines.iter().map(|line| styled(line, pieces)).collect()
}

fn styled(line: &[(char, usize)], pieces: &[Piece<'_>]) -> String {
    let runs = line.chunk_by(|one, next| one.1 == next.1);
    runs.map(|run| {
        let text: String = run.iter().map(|&(c, _)| c).collect();
        pieces[run[0].1].1.apply_to(text).to_string()
    })
    .collect()
}
