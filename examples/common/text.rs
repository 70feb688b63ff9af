//! The output for people: the families on standard output, the rest on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use console::{Term, measure_text_width, pad_str, truncate_str};

use retold::align;

use super::columns::Columns;
use super::report::{FamilyEntry, MemberEntry, Report, SeriesEntry};
use super::screen::plain;

/// The width of the report without a terminal.
const WIDTH: usize = 100;

/// The width of the column of ids; longer ids are shown whole and shift their line.
const WIDEST_ID: usize = 36;

/// The indent of the sentences of two articles.
const INDENT: usize = 2;

/// The least width of a title on a narrow terminal.
const NARROWEST: usize = 20;

/// The most skips or warnings that are listed.
const LISTED: usize = 20;

/// All families, the largest first; then the series, each on a line.
pub fn write_families(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_all(report, &|_| None, out)
}

/// The same, with each member sentence by sentence beside its representative, if `text` has both texts.
pub fn write_explained<'t>(
    report: &Report<'_>,
    text: &dyn Fn(&str) -> Option<&'t str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_all(report, text, out)
}

fn write_all<'t>(
    report: &Report<'_>,
    text: &dyn Fn(&str) -> Option<&'t str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = screen_width();
    for family in &report.families {
        write_family(family, text, width, out)?;
        writeln!(out)?;
    }
    let series = report.series.as_deref().unwrap_or_default();
    series.iter().try_for_each(|series| write_series(series, width, out))?;
    if series.is_empty() { Ok(()) } else { writeln!(out) }
}

/// A line with the first ids, one of each filling.
fn write_series(series: &SeriesEntry<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let articles: usize = series.fillings.iter().map(Vec::len).sum();
    let fillings = series.fillings.len();
    let firsts = series.fillings.iter().filter_map(|filling| filling.first());
    // An id takes a column at least, so no more of them fit.
    let firsts: Vec<_> = firsts.take(width).map(|id| plain(id)).collect();
    let line = format!("series of {articles} articles, {fillings} fillings  {}", firsts.join(", "));
    writeln!(out, "{}", truncate_str(&line, width, "…"))
}

fn write_family<'t>(
    family: &FamilyEntry<'_>,
    text: &dyn Fn(&str) -> Option<&'t str>,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((first, others)) = family.members.split_first() else { return Ok(()) };
    let start = format!("{} articles  {}", family.members.len(), plain(first.id));
    write_line(start, first, width, out)?;

    let ids = others.iter().map(|member| measure_text_width(&plain(member.id)));
    let column = ids.max().unwrap_or_default().min(WIDEST_ID);
    for member in others {
        let id = plain(member.id);
        let of = member.compared_with.map_or_else(String::new, |of| format!("  of {}", plain(of)));
        let start = format!(
            "  {:.2}  {:<14}  {:>3.0} %  {}{of}",
            member.score,
            member.relation,
            member.containment * 100.0,
            pad_str(&id, column, console::Alignment::Left, None),
        );
        write_line(start, member, width, out)?;
        if let (Some(left), Some(right)) = (text(first.id), text(member.id)) {
            let columns = Columns::new(INDENT, width);
            columns.write_heads(first.id, member.id, out)?;
            columns.write_alignment((left, right), &align(left, right), out)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// A line that ends with the date and as much of the title as fits.
fn write_line(
    start: String,
    member: &MemberEntry<'_>,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut line = format!("{start}  {:<10}", member.date.as_deref().unwrap_or_default());
    if let Some(title) = member.title {
        let room = width.saturating_sub(measure_text_width(&line) + 4).max(NARROWEST);
        let title = plain(title);
        line.push_str(&format!("  \"{}\"", truncate_str(title.trim(), room, "…")));
    }
    writeln!(out, "{}", line.trim_end())
}

/// The width of the terminal.
pub fn screen_width() -> usize {
    Term::stdout().size_checked().map_or(WIDTH, |(_, columns)| columns.into())
}

/// A number and its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Prints a line to standard error and ignores a failure to do so.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints the first of `what` to standard error, and the number of the others.
pub fn say_all<T: Display>(what: &str, all: impl IntoIterator<Item = T>, count: u64) {
    for one in all.into_iter().take(LISTED) {
        say(format_args!("{what}: {}", plain(&one.to_string())));
    }
    if count > LISTED as u64 {
        say(format_args!("{what}: and {} more", count - LISTED as u64));
    }
}
