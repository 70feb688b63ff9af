//! The files of texts. They are much larger than all others and seldom read, so all but the numbers
//! in them is checked when the first text of a file is asked for.

use std::collections::BTreeMap;

use crate::corpus::collection::Number;
use crate::engine::text_file::{BYTES, NUMBERS, TEXT_ENDS, TITLE_ENDS, TITLES, TextFile};
use crate::engine::texts::{StoredText, StoredTexts};
use crate::error::Error;
use crate::store::{File, Kind, Section, Store, damaged};

/// A file of texts.
pub(crate) const TEXTS: Kind = Kind::CHECKED_LATE;

/// Files of texts are merged up to so many bytes.
const MAX_BYTES: u64 = 1 << 26;

/// How many files of about one size are merged into one, with what comes.
const MERGED: usize = 8;

/// Puts the texts together that the files of a snapshot have.
///
/// # Errors
///
/// `Damaged` if their numbers do not rise from file to file.
pub(crate) fn of_files<'f>(files: impl Iterator<Item = &'f File>) -> Result<StoredTexts, Error> {
    let files: Vec<TextFile> = files.map(TextFile::open).collect::<Result<_, _>>()?;
    match files.windows(2).find(|two| two[0].last() >= two[1].first()) {
        Some(two) => Err(damaged(two[1].file.path(), "its texts do not follow those before")),
        None => Ok(StoredTexts { files, ..StoredTexts::default() }),
    }
}

/// The files that texts are to be in: what came is written, with the texts of as many files as are of
/// its size or smaller, if they are enough. Where gone ones are looked for, files of which half is not
/// needed are written anew, or all that have any, if `all` gives back what they hold.
pub(crate) fn write(
    store: &mut Store,
    texts: &StoredTexts,
    is_in: impl Fn(Number) -> bool,
    looks_for_gone: bool,
    all: bool,
) -> Result<Vec<TextFile>, Error> {
    let mut files = Vec::new();
    for file in &texts.files {
        let needed = || file.numbers.iter().filter(|&&number| is_in(number)).count();
        let needed = if looks_for_gone || all { needed() } else { file.numbers.len() };
        let least = if all { file.numbers.len() } else { file.numbers.len() / 2 + 1 };
        if needed >= least {
            files.push(file.clone());
        } else if needed > 0 {
            files.extend(put_together(
                store,
                std::slice::from_ref(file),
                &BTreeMap::new(),
                &is_in,
            )?);
        }
    }
    if texts.fresh.is_empty() {
        return Ok(files);
    }
    let size = |text: &StoredText| (text.title.len() + text.text.len()) as u64;
    let mut bytes: u64 = texts.fresh.values().map(size).sum();
    let mut kept = files.len();
    let class = |bytes: u64| bytes.max(1).ilog(MERGED as u64);
    loop {
        let alike = files[..kept].iter().rev().map(|file| file.file.length());
        let alike: Vec<u64> = alike.take_while(|&other| class(other) <= class(bytes)).collect();
        let together = bytes + alike.iter().sum::<u64>();
        if alike.len() + 1 < MERGED || together > MAX_BYTES {
            break;
        }
        (bytes, kept) = (together, kept - alike.len());
    }
    let merged = files.split_off(kept);
    files.extend(put_together(store, &merged, &texts.fresh, &is_in)?);
    Ok(files)
}

/// Writes one file of the texts of some files and of others that came later, as far as the articles are
/// in.
fn put_together(
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
