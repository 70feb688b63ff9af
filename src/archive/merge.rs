//! Merging one archive into another: every article of the other is placed as a new arrival.

use super::reader::ArchiveReader;
use super::{Archive, FamilyEvent};
use crate::error::{Error, ErrorKind};

/// The result of [`Archive::merge`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// How many articles were added.
    pub came: usize,
    /// The ids of the articles left out because the archive has an article of the same id.
    pub left_out: Vec<String>,
    /// The ids of the articles left out because they are dated before the archive's window.
    pub too_old: Vec<String>,
    /// What changed in the families, in order.
    pub events: Vec<FamilyEvent>,
}

impl Archive {
    /// Adds all articles of another archive, in the order in which they arrived there.
    ///
    /// Each is placed as if it arrived now, judged by the articles of this archive; its family in the
    /// other archive plays no part. Articles whose id is present already are left out. As with
    /// [`Archive::insert`], later dates move the window, and those that are too old for it are left out. Texts are copied if both archives keep them.
    ///
    /// The archives may come from different machines: fingerprints are the same on all of them. The cost
    /// is that of inserting each article, without sketching it.
    ///
    /// ```
    /// use retold::{Archive, ArchiveReader, Article};
    /// # let [here, there] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    /// # let [here, there] = [here.path(), there.path()];
    ///
    /// let mut other = Archive::builder().open(there)?;
    /// other.insert(Article::new("wire", "The ferry sank off Kelm on Monday night."))?;
    /// other.commit()?;
    ///
    /// let mut archive = Archive::builder().open(here)?;
    /// archive.insert(Article::new("herald", "On Monday night the ferry sank off Kelm."))?;
    /// let merged = archive.merge(&ArchiveReader::open(there)?)?;
    /// assert_eq!(merged.came, 1);
    /// archive.commit()?;
    /// assert!(archive.contains("wire"));
    /// # Ok::<(), retold::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Setting`] if the two have different levels or thresholds, [`ErrorKind::Full`] if
    /// there is no room for all; the archive is then unchanged. [`ErrorKind::Damaged`] if a text of the
    /// other archive is damaged; the articles before it have then been added.
    pub fn merge(&mut self, other: &ArchiveReader) -> Result<Merged, Error> {
        let other = other.contents();
        other.settings.must_judge_like(&self.contents.settings)?;
        if !self.contents.segments.has_room(&other.segments.list) {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        let mut merged = Merged::default();
        for number in other.segments.numbers() {
            let article = other.segments.kept(number);
            if self.contains(article.id) {
                merged.left_out.push(article.id.to_owned());
            } else if self.contents.must_be_in_window(&article).is_err() {
                merged.too_old.push(article.id.to_owned());
            } else {
                let text = if self.keeps_texts() { other.texts.get(number)? } else { None };
                merged.events.extend(self.place(&article, text)?.events);
                merged.came += 1;
            }
        }
        Ok(merged)
    }
}
