//! A mapped file of texts.
//!
//! Opening checks the article numbers only; the texts, which are large and seldom read, are checked when
//! the first of them is read.

use super::texts::StoredText;
use crate::corpus::collection::Number;
use crate::error::Error;
use crate::store::{File, Mapped, damaged};

pub(crate) const NUMBERS: u32 = 1;
pub(crate) const TITLE_ENDS: u32 = 2;
pub(crate) const TITLES: u32 = 3;
pub(crate) const TEXT_ENDS: u32 = 4;
pub(crate) const BYTES: u32 = 5;

/// A mapped file with the titles and texts of some articles.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    pub(crate) file: File,
    /// Ascending, and never empty.
    pub(crate) numbers: Mapped<u32>,
}

impl TextFile {
    /// Opens a file of texts and checks its numbers.
    ///
    /// # Errors
    /// `Damaged`.
    pub(crate) fn open(file: &File) -> Result<Self, Error> {
        file.check(NUMBERS)?;
        let numbers = file.mapped(NUMBERS)?;
        if numbers.is_empty() || !numbers.is_sorted_by(|one, two| one < two) {
            return Err(damaged(file.path(), "its numbers do not rise"));
        }
        Ok(TextFile { file: file.clone(), numbers })
    }

    /// The smallest article number.
    pub(crate) fn first(&self) -> Number {
        self.numbers.first().copied().unwrap_or_default()
    }

    /// The largest article number.
    pub(crate) fn last(&self) -> Number {
        self.numbers.last().copied().unwrap_or_default()
    }

    /// The text of an article, if the file has it. The first call checks the whole file.
    ///
    /// # Errors
    /// `Damaged`.
    pub(crate) fn get(&self, number: Number) -> Result<Option<StoredText>, Error> {
        let Ok(at) = self.numbers.binary_search(&number) else { return Ok(None) };
        self.file.check_all()?;
        let piece = |ends: u32, bytes: u32| {
            let ends = self.file.section::<u64>(ends)?;
            let start = at.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied());
            let span = start.zip(ends.get(at).copied());
            let bytes = self.file.section::<u8>(bytes)?;
            let bytes = span.and_then(|(start, end)| bytes.get(start as usize..end as usize));
            let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
            text.map(str::to_owned)
                .ok_or_else(|| damaged(self.file.path(), "a text in it makes no sense"))
        };
        let (title, text) = (piece(TITLE_ENDS, TITLES)?, piece(TEXT_ENDS, BYTES)?);
        Ok(Some(StoredText { title, text }))
    }
}
