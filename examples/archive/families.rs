//! The families of an archive, in the shape of the example `story_families`.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use indicatif::ProgressBar;
use retold::{ArchiveReader, Family, FamilyId, Member, Representative};

use crate::common::failure::Failure;
use crate::common::output::{Output, is_stdout};
use crate::common::report::{FamilyEntry, Report, SCHEMA, Settings, Totals, rounded};
use crate::common::text::{count, say, write_families};
use crate::interrupt::end_on_ctrl_c;
use crate::options::Families;

/// By the ids of the articles.
type Titles = HashMap<String, String>;

pub fn run(Families { archive, json }: &Families) -> Result<(), Failure> {
    end_on_ctrl_c(&ProgressBar::hidden());
    let archive = ArchiveReader::open(&archive.folder)?;
    let output = json.as_deref().map(Output::create).transpose()?;
    let mut families = archive.families();
    families.sort_by(|(_, x), (_, y)| {
        let order = |family: &Family| Reverse(family.len());
        order(x).cmp(&order(y)).then_with(|| x.representative().cmp(y.representative()))
    });
    let titles = titles(&archive, &families)?;
    let report = report(&archive, &families, &titles);
    if let Some(output) = output {
        output.write(|out| report.write_document(out))?;
    }
    let totals = &report.totals;
    let summary = format!(
        "{}: {}, {} alone",
        count(totals.articles, "article", "articles"),
        count(totals.families, "family", "families"),
        totals.alone
    );
    if json.as_deref().is_some_and(is_stdout) {
        say(summary);
        return Ok(());
    }
    Output::stdout().write(|out| {
        write_families(&report, out)?;
        writeln!(out, "{summary}")
    })?;
    Ok(())
}

/// The report of story_families on the same families, without everything about reading.
fn report<'a>(
    archive: &'a ArchiveReader,
    families: &'a [(FamilyId, Family)],
    titles: &'a Titles,
) -> Report<'a> {
    let members = families.iter().flat_map(|(_, family)| family.members());
    let in_families: HashSet<&str> = members.map(Member::id).collect();
    let mut alone: Vec<&str> = archive.ids().filter(|id| !in_families.contains(id)).collect();
    alone.sort_unstable();
    let level = archive.level();
    Report {
        schema: SCHEMA,
        settings: Settings {
            level: level.name(),
            threshold: rounded(archive.threshold(level).into()),
            representative: match archive.representative() {
                Representative::Longest => "longest",
                Representative::MostCentral => "central",
                _ => "earliest",
            },
            min_size: 2,
            max_bytes: None,
            fields: None,
        },
        totals: Totals {
            articles: archive.len(),
            families: families.len(),
            unlisted_families: 0,
            alone: alone.len(),
            skipped: 0,
            warnings: 0,
            files: 0,
            ignored_files: 0,
            bytes: 0,
        },
        families: families.iter().map(|(id, family)| entry(*id, family, titles)).collect(),
        series: None,
        alone,
        skipped: &[],
        articles: None,
    }
}

fn entry<'a>(id: FamilyId, family: &'a Family, titles: &'a Titles) -> FamilyEntry<'a> {
    let mut entry = FamilyEntry { id: Some(id.number()), ..FamilyEntry::new(family) };
    for member in &mut entry.members {
        member.title = titles.get(member.id).map(String::as_str);
    }
    entry
}

/// The titles of the members, if the archive keeps them.
fn titles(archive: &ArchiveReader, families: &[(FamilyId, Family)]) -> Result<Titles, Failure> {
    let mut titles = Titles::new();
    for member in families.iter().flat_map(|(_, family)| family.members()) {
        if let Some(title) = archive.title(member.id())? {
            titles.insert(member.id().to_owned(), title);
        }
    }
    Ok(titles)
}
