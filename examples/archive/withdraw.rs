//! Removal of articles.

use indicatif::ProgressBar;
use retold::Archive;

use crate::common::failure::Failure;
use crate::common::output::Output;
use crate::common::screen::plain;
use crate::common::text::{count, say};
use crate::interrupt::end_on_ctrl_c;
use crate::options::{Expire, Place, Remove};

/// Removes the articles that are present; ends with 2 if one was not.
pub fn remove(Remove { ids, archive: Place { folder } }: &Remove) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let mut archive = Archive::open(folder)?;
    let (mut removed, mut missing) = (0, 0);
    for id in ids {
        if archive.remove(id).is_some() {
            removed += 1;
        } else {
            missing += 1;
            say(format_args!("skipped: {}: no article of this id is in", plain(id)));
        }
    }
    archive.commit()?;
    say_removed(removed, &archive)?;
    match missing {
        0 => Ok(()),
        _ => Err(Failure::nothing_to_do(format!(
            "{missing} of {} not in {}",
            count(ids.len(), "article", "articles"),
            folder.display()
        ))),
    }
}

/// Removes the articles dated before a day.
pub fn expire(Expire { before, archive: Place { folder } }: &Expire) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let mut archive = Archive::open(folder)?;
    let (expired, _) = archive.expire_before(*before);
    archive.commit()?;
    say_removed(expired, &archive)
}

fn say_removed(removed: usize, archive: &Archive) -> Result<(), Failure> {
    let (removed, left) = (count(removed, "article", "articles"), archive.len());
    Output::stdout().write(|out| writeln!(out, "{removed} taken out, {left} left"))?;
    Ok(())
}
