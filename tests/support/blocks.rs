//! A whole job over blocks, as a cluster would run it: every value that passes from task to task does so
//! as bytes. The file that includes this one imports the names of `retold::blocks`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::{
    Block, Date, Families, Level, Links, PhraseTable, Printings, ShingleLists, Steps, Surroundings,
    Survey,
};

/// How a job is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// How many consecutive ranks are one task.
    pub(crate) run: usize,
    /// Into how many tasks connected articles are divided.
    pub(crate) groups: usize,
}

/// A value after its way through bytes.
macro_rules! sent {
    ($kind:ty, $value:expr) => {
        <$kind>::from_bytes(&$value.to_bytes()).expect("was written by to_bytes")
    };
}

/// The families of some sketched articles.
pub(crate) fn families(steps: &Steps, sketched: &[Block], cut: Cut, level: Level) -> Families {
    let sketched: Vec<Block> = sketched.iter().map(|block| sent!(Block, block)).collect();
    let days = in_order(&sketched);
    let all = Block::joined(&days);
    let printings = printings(&all, cut.groups);
    let split = days.iter().map(|day| printings.split(day).expect("are covered"));
    let (leaders, followers): (Vec<Block>, Vec<Block>) = split.unzip();
    let (leaders, followers) = (Block::joined(&leaders), Block::joined(&followers));
    assert_eq!(leaders.len(), printings.leaders() as usize);
    let runs: Vec<(Range<u32>, Block)> = (0..printings.leaders())
        .step_by(cut.run)
        .map(|start| start..printings.leaders().min(start + cut.run as u32))
        .map(|own| (own.clone(), sent!(Block, leaders.select(|rank| own.contains(&rank)))))
        .collect();

    let survey = survey(&runs);
    let lists: Vec<ShingleLists> =
        runs.iter().rev().map(|(_, run)| sent!(ShingleLists, ShingleLists::of(run))).collect();
    let lists = ShingleLists::merged(&lists);
    let around = runs.iter().map(|(own, run)| {
        let halo = survey.halo(own).expect("are ranks");
        let halo = leaders.select(|rank| halo.iter().any(|of_halo| of_halo.contains(&rank)));
        let lists = sent!(ShingleLists, lists.cut(run));
        let around = Surroundings::look(own.clone(), &sent!(Block, halo), &lists, &survey);
        sent!(Surroundings, around.expect("all are on hand"))
    });
    let around = Surroundings::joined(&around.collect::<Vec<_>>()).expect("are few");
    let links = runs.iter().map(|(own, _)| {
        let others = around.select(|rank| own.contains(&rank)).others();
        let is_needed = |rank| own.contains(&rank) || others.binary_search(&rank).is_ok();
        let (leaders, around) = (leaders.select(is_needed), around.select(is_needed));
        let links = steps.judge(own.clone(), &leaders, &around, &survey);
        sent!(Links, links.expect("all are on hand"))
    });
    let links = Links::merged(&links.collect::<Vec<_>>());
    let further = links.neighbours();
    let further = further.chunks(cut.run).map(|pairs| {
        let needed: HashSet<u32> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        let is_needed = |rank: u32| needed.contains(&rank);
        let (leaders, around) = (leaders.select(is_needed), around.select(is_needed));
        let links = steps.verify(pairs, &leaders, &around, &survey).expect("all are on hand");
        sent!(Links, links)
    });
    let further: Vec<Links> = further.collect();
    let links = Links::merged(&[&[links][..], &further].concat());

    let all = Block::joined(&[leaders, followers]);
    let pairs = links.pairs().chain(printings.followers());
    let groups = groups(all.numbers(), pairs, cut.groups);
    let families = groups.into_iter().map(|group| {
        let is_in = |rank: u32| group.binary_search(&rank).is_ok();
        let (block, links) = (all.select(is_in), links.select(is_in));
        let around = around.select(is_in);
        steps.families(&block, &around, &printings, &links, &survey).expect("all are on hand")
    });
    printings.families(&families.collect::<Vec<_>>(), level)
}

/// The blocks of each day in the order of all, numbered.
fn in_order(sketched: &[Block]) -> Vec<Block> {
    let mut days: BTreeMap<(bool, Option<Date>), Vec<Block>> = BTreeMap::new();
    for (date, of_day) in sketched.iter().flat_map(Block::by_day) {
        days.entry((date.is_none(), date)).or_default().push(of_day);
    }
    let mut first = 0;
    let numbered = days.into_values().map(|of_day| {
        let day = Block::sorted(&of_day).and_then(|day| day.numbered(first)).expect("ids differ");
        first += day.len() as u32;
        sent!(Block, day)
    });
    numbered.collect()
}

/// The printings, found in groups of articles that are connected by their keys.
fn printings(all: &Block, count: usize) -> Printings {
    let mut first: HashMap<u64, u32> = HashMap::new();
    let pairs = all.reprint_keys().into_iter();
    let pairs: Vec<(u32, u32)> =
        pairs.map(|(key, number)| (*first.entry(key).or_insert(number), number)).collect();
    let found = groups(all.numbers(), pairs.into_iter(), count).into_iter().map(|group| {
        let group = all.select(|number| group.binary_search(&number).is_ok());
        sent!(Printings, Printings::find(&group).expect("are few"))
    });
    sent!(Printings, Printings::merged(&found.collect::<Vec<_>>()).expect("are few"))
}

/// What the leaders teach, counted in runs of them and put together in another order.
fn survey(runs: &[(Range<u32>, Block)]) -> Survey {
    let surveys = runs.iter().rev().map(|(_, run)| sent!(Survey, Survey::of(run)));
    let mut surveys: Vec<Survey> = surveys.collect();
    for hashes in [0..=u32::MAX >> 9, (u32::MAX >> 9) + 1..=u32::MAX] {
        let tables =
            runs.iter().map(|(_, run)| sent!(PhraseTable, PhraseTable::of(run, hashes.clone())));
        let boilerplate = PhraseTable::boilerplate(&tables.collect::<Vec<_>>());
        surveys.push(sent!(Survey, boilerplate.expect("are of one range")));
    }
    sent!(Survey, Survey::merged(&surveys).expect("are few"))
}

/// Divides numbers into groups, so that no pair is divided. Each group rises.
fn groups(numbers: &[u32], pairs: impl Iterator<Item = (u32, u32)>, count: usize) -> Vec<Vec<u32>> {
    let mut above: HashMap<u32, u32> = numbers.iter().map(|&number| (number, number)).collect();
    fn top(above: &mut HashMap<u32, u32>, mut number: u32) -> u32 {
        while above[&number] != number {
            let next = above[&above[&number]];
            above.insert(number, next);
            number = next;
        }
        number
    }
    for (one, other) in pairs {
        let (one, other) = (top(&mut above, one), top(&mut above, other));
        above.insert(one.max(other), one.min(other));
    }
    let mut groups = vec![Vec::new(); count];
    for &number in numbers {
        groups[top(&mut above, number) as usize % count].push(number);
    }
    groups
}
