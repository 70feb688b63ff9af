//! The files of texts: which of them a commit keeps, merges and writes.
//!
//! Texts are much larger than everything else and seldom read. So they have files of their own, merged
//! only up to a bounded size, and checked on first use instead of on opening.

use std::collections::BTreeMap;

use super::MERGE_FANOUT;
use crate::corpus::collection::Number;
use crate::engine::text_file::{BYTES, NUMBERS, TEXT_ENDS, TITLE_ENDS, TITLES, TextFile};
use crate::engine::texts::{StoredText, StoredTexts};
use crate::error::Error;
use crate::store::{File, Kind, Section, Store, damaged};

/// The kind of a file of texts.
pub(crate) const TEXTS: Kind = Kind::CHECKED_LATE;

/// Files of texts are merged up to this many bytes, so that old texts are not copied for ever.
const MAX_MERGED_BYTES: u64 = 1 << 26;

/// The texts in the files of a snapshot.
///
/// # Errors
/// `Damaged` if their numbers do not rise from file to file.
pub(crate) fn of_files<'f>(files: impl Iterator<Item = &'f File>) -> Result<StoredTexts, Error> {
    let files: Vec<TextFile> = files.map(TextFile::open).collect::<Result<_, _>>()?;
    match files.windows(2).find(|two| two[0].last() >= two[1].first()) {
        Some(two) => Err(damaged(two[1].file.path(), "its texts do not follow those before")),
        None => Ok(StoredTexts { files, ..StoredTexts::default() }),
    }
}

/// Writes the new texts and returns all files of texts.
///
/// The new texts are merged with the last files of at most their size class, once there are
/// [`MERGE_FANOUT`] with the new one. With `drops_removed`, files are rewritten of which half the texts
/// belong to removed articles; with `all`, every file that has a text of a removed article.
pub(crate) fn write(
    store: &mut Store,
    texts: &StoredTexts,
    is_in: impl Fn(Number) -> bool,
    drops_removed: bool,
    all: bool,
) -> Result<Vec<TextFile>, Error> {
    let mut files = Vec::new();
    for file in &texts.files {
        let needed = || file.numbers.iter().filter(|&&number| is_in(number)).count();
        let needed = if drops_removed || all { needed() } else { file.numbers.len() };
        let least = if all { file.numbers.len() } else { file.numbers.len() / 2 + 1 };
        if needed >= least {
            files.push(file.clone());
        } else if needed > 0 {
            let file = std::slice::from_ref(file);
            files.extend(write_merged(store, file, &BTreeMap::new(), &is_in)?);
        }
    }
    if texts.fresh.is_empty() {
        return Ok(files);
    }
    let size = |text: &StoredText| (text.title.len() + text.text.len()) as u64;
    let mut bytes: u64 = texts.fresh.values().map(size).sum();
    let mut kept = files.len();
    let class = |bytes: u64| bytes.max(1).ilog(MERGE_FANOUT as u64);
    loop {
        let alike = files[..kept].iter().rev().map(|file| file.file.length());
        let alike: Vec<u64> = alike.take_while(|&other| class(other) <= class(bytes)).collect();
        let together = bytes + alike.iter().sum::<u64>();
        if alike.len() + 1 < MERGE_FANOUT || together > MAX_MERGED_BYTES {
            break;
        }
        (bytes, kept) = (together, kept - alike.len());
    }
    let merged = files.split_off(kept);
    files.extend(write_merged(store, &merged, &texts.fresh, &is_in)?);
    Ok(files)
}

/// Writes one file of the texts in some files and of the fresh ones after them, removed articles left out.
/// `None` if no text is left.
fn write_merged(
    store: &mut Store,
    files: &[TextFile],
    fresh: &BTreeMap<Number, StoredText>,
    is_in: impl Fn(Number) -> bool,
) -> Result<Option<TextFile>, Error> {
    let (mut numbers, mut titles, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let (mut title_ends, mut text_ends) = (Vec::new(), Vec::new());
    let mut put = |number: Number, text: &StoredText| {
        numbers.push(number);
        titles.extend_from_slice(text.title.as_bytes());
        title_ends.push(titles.len() as u64);
        texts.extend_from_slice(text.text.as_bytes());
        text_ends.push(texts.len() as u64);
    };
    for file in files {
        for &number in file.numbers.iter().filter(|&&number| is_in(number)) {
            if let Some(text) = file.get(number)? {
                put(number, &text);
            }
        }
    }
    fresh.iter().filter(|&(&number, _)| is_in(number)).for_each(|(&n, text)| put(n, text));
    if numbers.is_empty() {
        return Ok(None);
    }
    let sections = [
        Section::new(NUMBERS, &numbers),
        Section::new(TITLE_ENDS, &title_ends),
        Section::new(TITLES, &titles),
        Section::new(TEXT_ENDS, &text_ends),
        Section::new(BYTES, &texts),
    ];
    let file = store.write(TEXTS, &sections)?;
    TextFile::open(&file).map(Some)
}
