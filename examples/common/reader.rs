//! Reads news articles from a folder, a file or standard input. It never stops at a bad one: an article
//! that cannot be read gives a [`Skip`] with the reason.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;

use flate2::read::MultiGzDecoder;

pub use super::article::*;
use super::decode::{self, Page};
use super::json::Records;
use super::split::Layout;
pub use super::walk::*;

/// Passes every record and every skip of the input to `each`, in order, until it breaks.
pub fn read(
    input: &Input,
    options: &Options,
    mut each: impl FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, ReadError> {
    let listing = list(input)?;
    let mut summary = Summary { ignored: listing.ignored, ..Summary::default() };
    for entry in listing.files {
        if read_entry(entry, options, &mut summary, &mut each).is_break() {
            break;
        }
    }
    Ok(summary)
}

/// Passes every record and every skip of one entry of a [`Listing`] to `each`, in order, until it breaks.
pub fn read_entry(
    entry: FileEntry,
    options: &Options,
    summary: &mut Summary,
    mut each: impl FnMut(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let FileEntry { name, bytes, place } = entry;
    let (input, format) = match open(place, options) {
        Ok(opened) => opened,
        Err(reason) => return each(Item::skip(&name, None, reason)),
    };
    summary.files += 1;
    if let Format::Json(layout) = format {
        return Records::new(input, layout, &name, options, summary).try_for_each(each);
    }
    each(match page(input, format, bytes, options, summary) {
        Ok(page) => Record {
            id: name.clone(),
            title: page.title,
            text: page.text,
            date: page.date,
            story: None,
            source: None,
            lang: None,
            path: name,
            line: None,
        }
        .check(summary),
        Err(reason) => Item::skip(&name, None, reason),
    })
}

fn open(place: Place, options: &Options) -> Result<(Box<dyn BufRead>, Format), SkipReason> {
    match place {
        Place::Stdin => {
            let mut input = io::stdin().lock();
            let (start, format) = sniff(&mut input, options.max_bytes)?;
            Ok((Box::new(Cursor::new(start).chain(input)), format))
        }
        Place::File(path, Kind { format, gzip }) => {
            let file = File::open(path)?;
            let input: Box<dyn BufRead> = if gzip {
                Box::new(BufReader::new(MultiGzDecoder::new(file)))
            } else {
                Box::new(BufReader::new(file))
            };
            // Only a file named by the user has an unknown extension here.
            Ok((input, format.unwrap_or(Format::Text)))
        }
        Place::Nowhere(reason) => Err(reason),
    }
}

/// The format by the first byte that is not blank, and the bytes read to find it.
fn sniff(input: &mut impl BufRead, max_bytes: u64) -> io::Result<(Vec<u8>, Format)> {
    let mut start = Vec::new();
    for byte in input.take(max_bytes).bytes() {
        let byte = byte?;
        start.push(byte);
        match byte {
            b'{' => return Ok((start, Format::Json(Layout::Lines))),
            b'[' => return Ok((start, Format::Json(Layout::Values))),
            // A byte order mark counts as blank.
            b'\xEF' | b'\xBB' | b'\xBF' => {}
            _ if byte.is_ascii_whitespace() => {}
            _ => break,
        }
    }
    Ok((start, Format::Text))
}

/// A file that is one article.
fn page(
    input: impl Read,
    format: Format,
    size_on_disk: u64,
    options: &Options,
    summary: &mut Summary,
) -> Result<Page, SkipReason> {
    let limit = options.max_bytes;
    let mut bytes = Vec::new();
    // One byte more than the limit shows that there is more, without decompressing the rest.
    input.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    let read = bytes.len() as u64;
    summary.bytes += read;
    if read > limit {
        let bytes = read.max(size_on_disk);
        return Err(SkipReason::TooLarge { bytes, limit });
    }
    let text = decode::text(bytes).ok_or(SkipReason::Binary)?;
    match format {
        Format::Html => decode::html(&text).ok_or(SkipReason::TooDeep),
        Format::Markdown => Ok(decode::markdown(text)),
        _ => Ok(Page { text, ..Page::default() }),
    }
}
