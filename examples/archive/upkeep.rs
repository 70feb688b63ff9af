//! Damage, space, statistics, and merging of archives.

use indicatif::{HumanBytes, ProgressBar};
use retold::{Archive, ArchiveReader};

use crate::common::failure::Failure;
use crate::common::output::Output;
use crate::common::screen::plain;
use crate::common::text::{count, say, say_all};
use crate::interrupt::end_on_ctrl_c;
use crate::options::{Merge, Place};
use crate::placement::write_events;

/// Names what is damaged; ends with 1 if anything is.
pub fn verify(Place { folder }: &Place) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let damage = Archive::verify(folder)?;
    if damage.is_empty() {
        Output::stdout().write(|out| writeln!(out, "{} is whole", folder.display()))?;
        return Ok(());
    }
    Output::stdout().write(|out| {
        damage.iter().try_for_each(|error| writeln!(out, "{}", plain(&error.to_string())))
    })?;
    let found = count(damage.len(), "damage", "damages");
    Err(Failure { status: 1, message: format!("{found} found in {}", folder.display()) })
}

/// Frees the space of removed articles.
pub fn compact(Place { folder }: &Place) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let mut archive = Archive::open(folder)?;
    let before = archive.disk_usage();
    archive.compact()?;
    let after = archive.disk_usage();
    Output::stdout().write(|out| {
        writeln!(out, "{} on the disk, {} before", HumanBytes(after), HumanBytes(before))
    })?;
    Ok(())
}

/// Groups all articles anew, and writes each change of a family as a line of JSON.
pub fn regroup(Place { folder }: &Place) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let mut archive = Archive::open(folder)?;
    let events = archive.regroup();
    archive.commit()?;
    let (changes, families) = (count(events.len(), "change", "changes"), archive.families().len());
    Output::stdout().write(|out| write_events(events, out))?;
    say(format_args!("{changes}, {}", count(families, "family", "families")));
    Ok(())
}

/// Prints the size of the archive and its settings.
pub fn stats(Place { folder }: &Place) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let archive = ArchiveReader::open(folder)?;
    let families = archive.families();
    let in_families: usize = families.iter().map(|(_, family)| family.len()).sum();
    let articles = archive.len();
    let size = |bytes: u64| {
        let each = bytes.checked_div(articles as u64);
        let each = each.map_or(String::new(), |each| format!(", {each} B an article"));
        format!("{}{each}", HumanBytes(bytes))
    };
    let lines = [
        ("articles", articles.to_string()),
        ("families", families.len().to_string()),
        ("alone", (articles - in_families).to_string()),
        ("level", archive.level().name().to_owned()),
        ("window", archive.window_days().map_or("none".to_owned(), |days| format!("{days} days"))),
        ("today", archive.today().map_or("not known".to_owned(), |today| today.to_string())),
        ("texts", if archive.keeps_texts() { "kept" } else { "left out" }.to_owned()),
        ("disk", size(archive.disk_usage())),
        ("memory", size(archive.memory_usage() as u64)),
    ];
    Output::stdout().write(|out| {
        lines.iter().try_for_each(|(name, value)| writeln!(out, "{name:<9} {value}"))
    })?;
    Ok(())
}

/// Inserts the articles of another archive; names those whose id is present.
pub fn merge(Merge { other, archive: Place { folder } }: &Merge) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let mut archive = Archive::open(folder)?;
    let merged = archive.merge(&ArchiveReader::open(other)?)?;
    archive.commit()?;
    let known = merged.left_out.iter().map(|id| format!("{id}: an article of this id is in"));
    let old = merged.too_old.iter().map(|id| format!("{id}: it is dated before the window"));
    say_all("skipped", known.chain(old), (merged.left_out.len() + merged.too_old.len()) as u64);
    let came = count(merged.came, "article", "articles");
    Output::stdout()
        .write(|out| writeln!(out, "{came} added, {} in already", merged.left_out.len()))?;
    Ok(())
}
