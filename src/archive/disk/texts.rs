//! The files of texts. They are much larger than all others and seldom read, so all but the numbers
//! in them is checked when the first text of a file is asked for.

use std::collections::BTreeMap;

use crate::archive::part::Number;
use crate::archive::texts::{Text, Texts};
use crate::error::Error;
use crate::store::{File, Kind, Mapped, Section, Store, damaged};

/// A file of texts.
pub(super) const TEXTS: Kind = Kind::CHECKED_LATE;

/// Files of texts are merged up to so many bytes.
const MOST_BYTES: u64 = 1 << 26;

/// How many files of about one size are merged into one, with what comes.
const MERGED: usize = 8;

const NUMBERS: u32 = 1;
const TITLE_ENDS: u32 = 2;
const TITLES: u32 = 3;
const TEXT_ENDS: u32 = 4;
const BYTES: u32 = 5;

/// A file of the texts of some articles.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    file: File,
    /// Rising, one at least.
    numbers: Mapped<u32>,
}

impl TextFile {
    /// A file of texts; its numbers are checked.
    pub(super) fn open(file: &File) -> Result<Self, Error> {
        file.check(NUMBERS)?;
        let numbers = file.mapped(NUMBERS)?;
        if numbers.is_empty() || !numbers.is_sorted_by(|one, two| one < two) {
            return Err(damaged(file.path(), "its numbers do not rise"));
        }
        Ok(TextFile { file: file.clone(), numbers })
    }

    /// The least number of an article whose text is in.
    pub(crate) fn first(&self) -> Number {
        self.numbers.first().copied().unwrap_or_default()
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    fn last(&self) -> Number {
        self.numbers.last().copied().unwrap_or_default()
    }

    /// The text of an article, if it is in.
    ///
    /// # Errors
    ///
    /// `Damaged`.
    pub(crate) fn get(&self, number: Number) -> Result<Option<Text>, Error> {
        let Ok(at) = self.numbers.binary_search(&number) else { return Ok(None) };
        self.file.check_all()?;
        let piece = |ends: u32, bytes: u32| {
            let ends = self.file.section::<u64>(ends)?;
            let start = at.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied());
            let place = start.zip(ends.get(at).copied());
            let bytes = self.file.section::<u8>(bytes)?;
            let bytes = place.and_then(|(start, end)| bytes.get(start as usize..end as usize));
            let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
            text.map(str::to_owned)
                .ok_or_else(|| damaged(self.file.path(), "a text in it makes no sense"))
        };
        let (title, text) = (piece(TITLE_ENDS, TITLES)?, piece(TEXT_ENDS, BYTES)?);
        Ok(Some(Text { title, text }))
    }
}

/// Puts the texts together that the files of a snapshot have.
///
/// # Errors
///
/// `Damaged` if their numbers do not rise from file to file.
pub(super) fn of_files<'f>(files: impl Iterator<Item = &'f File>) -> Result<Texts, Error> {
    let files: Vec<TextFile> = files.map(TextFile::open).collect::<Result<_, _>>()?;
    match files.windows(2).find(|two| two[0].last() >= two[1].first()) {
        Some(two) => Err(damaged(two[1].file.path(), "its texts do not follow those before")),
        None => Ok(Texts { files, ..Texts::default() }),
    }
}

/// The files that texts are to be in: what came is written, with the texts of as many files as are of
/// its size or smaller, if they are enough. Where gone ones are looked for, files of which half is not
/// needed are written anew, or all that have any, if `all` gives back what they hold.
pub(super) fn write(
    store: &mut Store,
    texts: &Texts,
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
    let size = |text: &Text| (text.title.len() + text.text.len()) as u64;
    let mut bytes: u64 = texts.fresh.values().map(size).sum();
    let mut kept = files.len();
    let class = |bytes: u64| bytes.max(1).ilog(MERGED as u64);
    loop {
        let alike = files[..kept].iter().rev().map(|file| file.file.length());
        let alike: Vec<u64> = alike.take_while(|&other| class(other) <= class(bytes)).collect();
        let together = bytes + alike.iter().sum::<u64>();
        if alike.len() + 1 < MERGED || together > MOST_BYTES {
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
    fresh: &BTreeMap<Number, Text>,
    is_in: impl Fn(Number) -> bool,
) -> Result<Option<TextFile>, Error> {
    let (mut numbers, mut titles, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let (mut title_ends, mut text_ends) = (Vec::new(), Vec::new());
    let mut put = |number: Number, text: &Text| {
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
