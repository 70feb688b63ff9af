//! A detector's answer in steps over blocks that pass through bytes, and bytes that are refused.

use std::sync::LazyLock;

use proptest::prelude::*;
use retold::blocks::{
    Block, Links, PhraseTable, Printings, ShingleLists, Steps, Surroundings, Survey,
};
use retold::hash::SCHEME_VERSION;
use retold::{Article, Date, Detector, Error, ErrorKind, Families, Level};

use super::kind;

#[path = "../support/blocks.rs"]
mod job;
#[path = "../support/newsroom.rs"]
mod newsroom;

fn article(piece: &newsroom::Piece) -> Article<'_> {
    let date = piece.day.and_then(|(month, day)| Date::new(2031, month, day));
    let article = Article::new(&piece.id, &piece.text).title(&piece.title);
    date.map_or(article, |date| article.date(date))
}

fn sketched(steps: &Steps, pieces: &[newsroom::Piece], size: usize) -> Vec<Block> {
    let articles: Vec<Article<'_>> = pieces.iter().map(article).collect();
    articles.chunks(size).map(|articles| steps.sketch(articles).0).collect()
}

#[test]
fn a_job_in_blocks_has_the_families_the_series_and_the_scores_of_a_detector() {
    let pieces = newsroom::pieces(700, 40);
    let mut detector = Detector::builder().level(Level::Event).build().unwrap();
    let articles: Vec<Article<'_>> = pieces.iter().map(article).collect();
    assert!(detector.insert_many(&articles).iter().all(Result::is_ok));
    let expected = detector.families();
    assert!(expected.len() > 60 && !expected.series().is_empty());
    for (size, run, groups) in [(700, 700, 1), (90, 61, 5)] {
        let steps = Detector::builder().level(Level::Event).steps().unwrap();
        let blocks = sketched(&steps, &pieces, size);
        let found = job::families(&steps, &blocks, job::Cut { run, groups }, Level::Event);
        assert_eq!(found, expected);
    }
}

/// A small job with one value of each kind.
#[derive(Clone)]
struct Job {
    steps: Steps,
    all: Block,
    printings: Printings,
    survey: Survey,
    lists: ShingleLists,
    phrases: PhraseTable,
    around: Surroundings,
    links: Links,
}

static JOB: LazyLock<Job> = LazyLock::new(|| {
    let steps = Detector::builder().steps().unwrap();
    let numbered = Block::sorted(&sketched(&steps, &newsroom::pieces(40, 5), 40)).unwrap();
    let printings = Printings::find(&numbered).unwrap();
    let (leaders, followers) = printings.split(&numbered).unwrap();
    let (survey, lists) = (Survey::of(&leaders), ShingleLists::of(&leaders));
    let phrases = PhraseTable::of(&leaders, 0..=u32::MAX);
    let own = 0..printings.leaders();
    let around = Surroundings::look(own.clone(), &leaders, &lists, &survey).unwrap();
    let links = steps.judge(own, &leaders, &around, &survey).unwrap();
    let all = Block::joined(&[leaders, followers]);
    Job { steps, all, printings, survey, lists, phrases, around, links }
});

impl Job {
    /// The bytes of each value.
    fn bytes(&self) -> [Vec<u8>; 7] {
        [
            self.all.to_bytes(),
            self.printings.to_bytes(),
            self.survey.to_bytes(),
            self.lists.to_bytes(),
            self.phrases.to_bytes(),
            self.around.to_bytes(),
            self.links.to_bytes(),
        ]
    }

    /// Reads the bytes of one value in place of its own.
    fn read(&mut self, kind: usize, bytes: &[u8]) -> Result<(), Error> {
        match kind {
            0 => self.all = Block::from_bytes(bytes)?,
            1 => self.printings = Printings::from_bytes(bytes)?,
            2 => self.survey = Survey::from_bytes(bytes)?,
            3 => self.lists = ShingleLists::from_bytes(bytes)?,
            4 => self.phrases = PhraseTable::from_bytes(bytes)?,
            5 => self.around = Surroundings::from_bytes(bytes)?,
            _ => self.links = Links::from_bytes(bytes)?,
        }
        Ok(())
    }

    /// Runs every step on what there is.
    fn run(&self) -> Result<Families, Error> {
        let Job { steps, all, printings, survey, lists, phrases, around, links } = self;
        Printings::find(all)?;
        let boilerplate = PhraseTable::boilerplate(&[phrases.clone(), phrases.clone()])?;
        let survey = Survey::merged(&[survey.clone(), boilerplate])?;
        let leaders = all.select(|rank| rank < survey.leaders());
        let own = 0..survey.leaders().min(1000);
        let found = Surroundings::look(own.clone(), &leaders, &lists.cut(&leaders), &survey)?;
        let around = Surroundings::joined(&[around.clone(), found])?;
        let found = steps.judge(own, &leaders, &around, &survey)?;
        let links = Links::merged(&[links.clone(), found]);
        let further = steps.verify(&links.neighbours(), &leaders, &around, &survey)?;
        let links = Links::merged(&[links, further]);
        let families = steps.families(all, &around, printings, &links, &survey)?;
        printings.split(all)?;
        Ok(printings.families(&[families], Level::Retelling))
    }
}

#[test]
fn bytes_of_another_version_or_another_kind_are_refused_by_name() {
    let mut job = JOB.clone();
    for (of, bytes) in job.bytes().into_iter().enumerate() {
        job.read(of, &bytes).unwrap();
        assert_eq!(bytes[4..8], [SCHEME_VERSION.to_le_bytes(), 1u16.to_le_bytes()].concat());
        for (at, expected) in [(4, SCHEME_VERSION), (6, 1)] {
            let mut other = bytes.clone();
            other[at] += 1;
            let found = expected + 1;
            let refused = Some(ErrorKind::Version { expected, found });
            assert_eq!(kind(job.read(of, &other)), refused);
        }
        let cut = job.read(of, &bytes[..bytes.len() - 1]).unwrap_err();
        assert!(cut.to_string().ends_with("it ends too early"), "{cut}");
        let longer = job.read(of, &[&bytes[..], &[0]].concat()).unwrap_err();
        assert!(matches!(longer.kind(), ErrorKind::Malformed { .. }), "{longer}");
        let other = job.bytes()[(of + 1) % 7].clone();
        let other = job.read(of, &other).unwrap_err();
        assert!(other.to_string().ends_with("it begins with other letters"), "{other}");
    }
}

#[test]
fn a_step_without_an_article_that_it_needs_says_which() {
    let Job { steps, all, printings, survey, lists, around, links, .. } = JOB.clone();
    let leaders = all.select(|rank| rank < survey.leaders());
    let partial = leaders.select(|rank| rank != 3);
    let refusal = |error: Error| error.to_string();
    let look = Surroundings::look(0..survey.leaders(), &partial, &lists, &survey);
    let expected = "halo must be of all articles that the step needs, but is without rank 3";
    assert_eq!(look.map_err(refusal).unwrap_err(), expected);
    let judged = steps.judge(0..survey.leaders(), &partial, &around, &survey);
    let expected = "leaders must be of all articles that the step needs, but is without rank 3";
    assert_eq!(judged.map_err(refusal), Err(expected.to_owned()));
    let few = around.select(|rank| rank != 4);
    let expected = "around must be of all articles that the step needs, but is without rank 4";
    assert_eq!(
        steps.verify(&[(4, 5)], &leaders, &few, &survey).map_err(refusal),
        Err(expected.to_owned())
    );
    assert!(steps.verify(&[(5, 4)], &leaders, &around, &survey).is_err());
    let linked = links.pairs().next().unwrap();
    let partial = all.select(|rank| rank != linked.1);
    assert!(steps.families(&partial, &around, &printings, &links, &survey).is_err());
    assert!(steps.families(&all, &around, &Printings::default(), &links, &survey).is_err());
    let twice = Block::sorted(&[all.clone(), all.select(|rank| rank == 2)]);
    assert!(matches!(kind(twice.map(|_| ())), Some(ErrorKind::RepeatedId { .. })));
    assert!(matches!(kind(all.numbered(u32::MAX - 3).map(|_| ())), Some(ErrorKind::Full { .. })));
}

#[test]
fn an_article_that_cannot_be_used_is_left_out_of_a_block() {
    let steps = Detector::builder().steps().unwrap();
    let texts = [("one", "A ferry ran aground."), ("none", " \n"), ("two", "Nobody was hurt.")];
    let articles: Vec<Article<'_>> = texts.map(|(id, text)| Article::new(id, text)).into();
    let (block, errors) = steps.sketch(&articles);
    assert_eq!((block.id(0), block.id(1), block.id(2)), (Some("one"), Some("two"), None));
    assert_eq!(
        errors.into_iter().map(|e| kind(Err(e))).collect::<Vec<_>>(),
        [super::no_words("none")]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_bytes_are_refused_or_give_an_answer_and_never_a_panic(
        of in 0usize..7, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut job = JOB.clone();
        let mut bytes = job.bytes()[of].clone();
        for (at, value) in damage {
            let at = 8 + at.index(bytes.len() - 8);
            bytes[at] = value;
        }
        if job.read(of, &bytes).is_ok() {
            let _ = job.run();
        }
    }
}
