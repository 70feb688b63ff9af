//! Finds the articles that tell the stories of others.

use std::io::{self, Write};
use std::ops::ControlFlow;

use retold::{ArchiveReader, Match};

use crate::common::failure::Failure;
use crate::common::output::Output;
use crate::common::progress::Progress;
use crate::common::reader::{Input, Item, read};
use crate::common::report::Skipped;
use crate::common::screen::plain;
use crate::common::text::{count, say_all};
use crate::interrupt::end_on_ctrl_c;
use crate::options::Query;

/// The matches of one article.
struct Answer {
    id: String,
    matches: Vec<Match>,
}

pub fn run(Query { input, archive, reading }: Query) -> Result<(), Failure> {
    let input = Input::from(input);
    let mut progress = Progress::new(&input);
    end_on_ctrl_c(&progress.bar);
    let archive = ArchiveReader::open(archive.folder)?;
    let (mut answers, mut skipped) = (Vec::new(), Vec::new());
    let summary = read(&input, &reading.reader(), |item| {
        progress.saw(&item);
        match item {
            Item::Skip(skip) => skipped.push(skip.into()),
            Item::Record(record) => match archive.query(&record.article()) {
                Ok(matches) => answers.push(Answer { id: record.id, matches }),
                Err(error) => skipped.push(Skipped::refused(record.path, record.line, &error)),
            },
        }
        ControlFlow::Continue(())
    })?;
    progress.done();
    say_all("skipped", &skipped, skipped.len() as u64);
    let warnings = summary.warnings.len() as u64 + summary.more_warnings;
    say_all("warning", &summary.warnings, warnings);
    if answers.is_empty() {
        return Err(Failure::nothing_to_do("no article to ask about".into()));
    }
    Output::stdout()
        .write(|out| answers.iter().try_for_each(|answer| write_answer(answer, &archive, out)))?;
    Ok(())
}

fn write_answer(answer: &Answer, archive: &ArchiveReader, out: &mut dyn Write) -> io::Result<()> {
    let Answer { id, matches } = answer;
    writeln!(out, "{}  {}", count(matches.len(), "match", "matches"), plain(id))?;
    for found in matches {
        let family = archive.family_of(&found.id);
        let family = family.map_or(String::new(), |family| format!("  family {family}"));
        writeln!(
            out,
            "  {:.2}  {:<14}  {:>3.0} %  {}{family}",
            found.score,
            found.relation.name(),
            found.evidence.phrases.of_left() * 100.0,
            plain(&found.id),
        )?;
    }
    writeln!(out)
}
