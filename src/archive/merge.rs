//! Two archives that become one.

use super::reader::ArchiveReader;
use crate::archive::{Archive, FamilyEvent};
use crate::error::{Error, ErrorKind};

/// What came of a merge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// How many articles came.
    pub came: usize,
    /// The ids of those that did not come, since an article of the same id was in.
    pub left_out: Vec<String>,
    /// What happened to the families.
    pub events: Vec<FamilyEvent>,
}

impl Archive {
    /// Puts all articles of another archive in, the oldest arrival first, and places each as if it came
    /// now: by what is in here. Its families there are not looked at. Those whose id is in already are
    /// left out. As with [`Archive::insert`], a later day than all before moves the window.
    ///
    /// StoredTexts come with them, where both keep them.
    ///
    /// The two archives may be of two machines: what is kept of an article is the same on each.
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
    /// [`ErrorKind::Setting`] if the two find families at different levels or by different cuts,
    /// [`ErrorKind::Full`] if there is no room for all; the archive is then unchanged.
    /// [`ErrorKind::Damaged`] if a text of the other archive is; what came before it is in then.
    pub fn merge(&mut self, other: &ArchiveReader) -> Result<Merged, Error> {
        let other = other.contents();
        other.settings.must_judge_as(&self.contents.settings)?;
        if !self.contents.segments.has_room(other.segments.len()) {
            return Err(ErrorKind::Full { documents: self.len() }.into());
        }
        let mut merged = Merged::default();
        for number in other.segments.numbers() {
            let article = other.segments.kept(number);
            if self.contains(article.id) {
                merged.left_out.push(article.id.to_owned());
            } else {
                let text = if self.keeps_texts() { other.texts.get(number)? } else { None };
                merged.events.extend(self.place(&article, text)?.events);
                merged.came += 1;
            }
        }
        Ok(merged)
    }
}
