//! Properties of every collection, tested on random subsets of 25 articles in random order. The articles
//! are edits of five texts, so their similarity has every degree.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use retold::{
    Article, Date, Detector, DetectorBuilder, Families, Family, Level, Match, Pair, Relation,
    Representative,
};

use super::assert_same;
use super::texts::{BEES, BEES_AGAIN, CABLE_CAR, RETOLD, SAME_EVENT};

const COUNT: usize = 25;

/// An article of the collection.
struct Piece {
    id: String,
    text: String,
    title: Option<&'static str>,
    date: Option<Date>,
}

impl Piece {
    fn article(&self) -> Article<'_> {
        let article = Article::new(&self.id, &self.text);
        let article = self.title.map_or(article, |title| article.title(title));
        self.date.map_or(article, |date| article.date(date))
    }
}

static COLLECTION: LazyLock<Vec<Piece>> = LazyLock::new(|| {
    let bases = [CABLE_CAR, RETOLD, SAME_EVENT, BEES, BEES_AGAIN];
    let piece = |n: usize| Piece {
        // The order of the ids differs from the order of creation.
        id: format!("{:02}", n * 7 % COUNT),
        text: edited(bases[n / 5], n % 5),
        title: [None, None, None, Some("What happened on Sunday")][n % 4],
        date: [None, Date::new(2031, 3, 1 + n as u8 * 5 % 7)][n % 2],
    };
    (0..COUNT).map(piece).collect()
});

/// A text after one of several edits; 0 leaves it unchanged.
fn edited(text: &str, edit: usize) -> String {
    let sentences: Vec<&str> = text.split_inclusive(". ").collect();
    match edit {
        1 => sentences.chunks(3).flat_map(|three| &three[..three.len().min(2)]).copied().collect(),
        2 => sentences[..sentences.len().div_ceil(2)].concat(),
        3 => text.to_uppercase(),
        4 => {
            let turned = sentences.into_iter().rev().collect::<String>();
            let words = turned.split(' ').enumerate();
            let replaced = words.map(|(n, word)| if n % 9 == 8 { "something" } else { word });
            replaced.collect::<Vec<_>>().join(" ")
        }
        _ => text.to_owned(),
    }
}

/// Some of the articles by their positions in the collection, in any order.
fn some_articles() -> impl Strategy<Value = Vec<usize>> {
    prop::sample::subsequence(Vec::from_iter(0..COUNT), 0..=COUNT).prop_shuffle()
}

fn articles(places: &[usize]) -> Vec<Article<'static>> {
    places.iter().map(|&place| COLLECTION[place].article()).collect()
}

fn insert(detector: &mut Detector, places: &[usize]) {
    for article in articles(places) {
        detector.insert(article).unwrap();
    }
}

fn remove(detector: &mut Detector, places: &[usize]) {
    for &place in places {
        assert!(detector.remove(&COLLECTION[place].id));
    }
}

/// A detector with these articles, inserted one by one.
fn with(places: &[usize]) -> Detector {
    let mut detector = Detector::new();
    insert(&mut detector, places);
    detector
}

fn sorted(mut places: Vec<usize>) -> Vec<usize> {
    places.sort_unstable();
    places
}

/// A detector with any settings, and its level.
fn any_detector() -> impl Strategy<Value = (Detector, Level)> {
    let policies =
        vec![Representative::Earliest, Representative::Longest, Representative::MostCentral];
    let cuts = prop::collection::vec((prop::sample::select(Level::ALL.to_vec()), 0f32..=1.0), 0..3);
    let level = prop::sample::select(Level::ALL.to_vec());
    (level, cuts, prop::sample::select(policies)).prop_map(|(level, cuts, policy)| {
        let builder = Detector::builder().level(level).representative(policy);
        let set = |builder: DetectorBuilder, (level, cut)| builder.threshold(level, cut);
        (cuts.into_iter().fold(builder, set).build().unwrap(), level)
    })
}

fn ids(family: &Family) -> BTreeSet<&str> {
    family.members().iter().map(|member| member.id()).collect()
}

/// The largest family first, then by the representative.
fn listing_order(family: &Family) -> (Reverse<usize>, String) {
    (Reverse(family.len()), family.representative().to_owned())
}

/// The pairs by their ids.
fn by_ids<'a>(pairs: &'a [Pair<'a>]) -> BTreeMap<(&'a str, &'a str), &'a Pair<'a>> {
    pairs.iter().map(|pair| ((pair.left, pair.right), pair)).collect()
}

/// Otherwise the properties could hold vacuously.
#[test]
fn the_collection_has_pairs_of_every_relation() {
    let whole = with(&Vec::from_iter(0..COUNT));
    let found: BTreeSet<Relation> =
        whole.pairs(Level::Event).iter().map(|pair| pair.relation).collect();
    let expected = [
        Relation::Identical,
        Relation::NearDuplicate,
        Relation::Excerpt,
        Relation::Expansion,
        Relation::Retelling,
        Relation::SameEvent,
    ];
    assert_eq!(found, BTreeSet::from(expected));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn answers_do_not_depend_on_how_the_articles_came(
        places in some_articles(), chunk in 1usize..10, turn in any::<prop::sample::Index>(),
    ) {
        let expected = with(&sorted(places.clone()));
        assert_same(&with(&places), &expected);

        let mut many = Detector::new();
        for chunk in articles(&places).chunks(chunk) {
            prop_assert!(many.insert_many(chunk).iter().all(Result::is_ok));
        }
        assert_same(&many, &expected);

        // Among all others, which are then removed, half of them before the last of these is inserted.
        let others: Vec<usize> = (0..COUNT).filter(|place| !places.contains(place)).collect();
        let (first, last) = others.split_at(others.len() / 2);
        let (early, late) = places.split_at(turn.index(places.len() + 1));
        let mut among = with(&others);
        insert(&mut among, early);
        remove(&mut among, first);
        // An answer in between leaves an index that must be discarded.
        among.families();
        insert(&mut among, late);
        remove(&mut among, last);
        assert_same(&among, &expected);
    }

    #[test]
    fn families_are_equal_on_one_thread_and_on_four(places in some_articles()) {
        let on = |threads: usize| -> Families {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut detector = Detector::new();
                detector.insert_many(&articles(&places));
                detector.families()
            })
        };
        let expected = with(&places).families();
        prop_assert_eq!(on(1), expected.clone());
        prop_assert_eq!(on(4), expected);
    }

    #[test]
    fn families_hold_together_and_lie_inside_those_of_the_next_level(
        places in some_articles(), (mut detector, _) in any_detector(),
    ) {
        insert(&mut detector, &places);
        let families = detector.families();
        let pairs = detector.pairs(Level::Event);
        let pairs = by_ids(&pairs);
        for level in Level::ALL {
            let mut seen = BTreeSet::new();
            for family in families.at(level) {
                prop_assert!(family.len() >= 2 && !family.is_empty());
                prop_assert_eq!(family.level(), level);
                prop_assert!(ids(family).into_iter().all(|id| seen.insert(id)), "in one family");
                let first = family.representative();
                prop_assert_eq!(family.members()[0].relation(), Relation::Identical);
                for member in &family.members()[1..] {
                    // Compared with the representative itself, or with what it or an exact copy follows: not
                    // through a chain.
                    let evidence = detector.evidence(member.id(), first).expect("both are in");
                    let is_compared = evidence == *member.evidence();
                    let is_copy = |id: &str| {
                        detector.evidence(id, member.id()).is_some_and(|both| both.same_words)
                    };
                    let follows = |pair: &Pair<'_>| {
                        let ends = [(pair.left, pair.right), (pair.right, pair.left)];
                        ends.into_iter().any(|(one, other)| {
                            let shown = detector.evidence(member.id(), other);
                            is_copy(one) && shown == Some(*member.evidence())
                        })
                    };
                    prop_assert!(is_compared || pairs.values().any(|pair| follows(pair)));
                    let evidence = *member.evidence();
                    // A copy may score below the cut of retellings.
                    prop_assert!(member.score() >= detector.threshold(Level::Event));
                    // A pair that was no candidate may have been verified to form the family.
                    if let Some(pair) = pairs.get(&(member.id().min(first), member.id().max(first))) {
                        prop_assert!(pair.level <= level);
                    }
                    if level == Level::Copy {
                        let shorter = evidence.phrases.left.min(evidence.phrases.right);
                        let doubted = (evidence.phrases.shared as f32 + 0.5) / (shorter + 1) as f32;
                        // Of the same words there is no doubt.
                        let contained = if evidence.same_words { 1.0 } else { doubted };
                        prop_assert!(contained >= detector.threshold(Level::Copy));
                    }
                }
            }
            prop_assert!(families.at(level).is_sorted_by_key(listing_order));
        }
        for levels in Level::ALL.windows(2) {
            for family in families.at(levels[0]) {
                let around = |outer: &Family| ids(family).is_subset(&ids(outer));
                prop_assert!(families.at(levels[1]).iter().any(around));
            }
        }
        let together: usize = families.iter().map(Family::len).sum();
        prop_assert_eq!(families.alone() + together, places.len());
    }

    #[test]
    fn pairs_are_what_the_evidence_says_from_either_side(
        places in some_articles(), (mut detector, _) in any_detector(),
    ) {
        insert(&mut detector, &places);
        let pairs = detector.pairs(Level::Event);
        prop_assert!(pairs.is_sorted_by(|x, y| (x.left, x.right) < (y.left, y.right)));
        for pair in &pairs {
            prop_assert!(pair.left < pair.right);
            let (there, back) = (pair.evidence, pair.evidence.flipped());
            prop_assert_eq!(Some(there), detector.evidence(pair.left, pair.right));
            prop_assert_eq!(Some(back), detector.evidence(pair.right, pair.left));
            prop_assert_eq!((pair.score, pair.score), (there.score(), back.score()));
            prop_assert_eq!(pair.level == Level::Event, pair.relation == Relation::SameEvent);
            prop_assert_eq!(pair.level == Level::Retelling, pair.relation == Relation::Retelling);
        }
        for level in Level::ALL {
            let expected = pairs.iter().filter(|pair| pair.level <= level);
            prop_assert_eq!(detector.pairs(level), Vec::from_iter(expected.cloned()));
        }
        // The pairs are exactly those that were compared and are close enough. The score of a pair compared
        // by phrases alone decides nothing.
        prop_assert!(pairs.iter().all(|pair| !pair.evidence.by_phrases || pair.level == Level::Copy));
        let close: Vec<(&str, &str)> = detector.candidate_pairs().into_iter()
            .filter(|(left, right)| {
                let evidence = detector.evidence(left, right).expect("both are in");
                let is_close = evidence.score() >= detector.threshold(Level::Event);
                !evidence.by_phrases && !evidence.form && is_close
            })
            .collect();
        let by_words = pairs.iter().filter(|pair| !pair.evidence.by_phrases);
        let found: Vec<_> = by_words.map(|pair| (pair.left, pair.right)).collect();
        prop_assert_eq!(close, found);
    }

    #[test]
    fn a_query_for_an_article_that_is_in_finds_its_pairs_and_what_follows_them(
        places in some_articles(), (mut detector, level) in any_detector(),
    ) {
        insert(&mut detector, &places);
        let pairs = detector.pairs(level);
        for asked in articles(&places) {
            let seen_from = |pair: &Pair<'_>| -> Option<Match> {
                let (id, relation, evidence) = if pair.left == asked.id() {
                    (pair.right, pair.relation, pair.evidence)
                } else if pair.right == asked.id() {
                    (pair.left, pair.relation.flipped(), pair.evidence.flipped())
                } else {
                    return None;
                };
                Some(Match { id: id.to_owned(), relation, score: pair.score, evidence })
            };
            let found = detector.query(&asked).unwrap();
            prop_assert!(found.is_sorted_by(|x, y| x.score > y.score || x.score == y.score && x.id < y.id));
            for expected in pairs.iter().filter_map(seen_from) {
                prop_assert!(found.contains(&expected), "{:?}", expected);
            }
            // And what follows them, of which no pair is listed.
            for Match { id, score, evidence, .. } in found {
                prop_assert_eq!(Some(evidence), detector.evidence(asked.id(), &id));
                prop_assert!(score >= detector.threshold(Level::Event));
            }
        }
    }

    #[test]
    fn two_articles_compare_in_a_collection_as_they_stand_in_it(
        places in some_articles(), (mut detector, _) in any_detector(),
    ) {
        insert(&mut detector, &places);
        let pairs = detector.pairs(Level::Event);
        let pairs = by_ids(&pairs);
        for two in articles(&places).windows(2) {
            let compared = detector.compare(&two[0], &two[1]).unwrap();
            let evidence = detector.evidence(two[0].id(), two[1].id());
            prop_assert_eq!(Some(compared.evidence()), evidence.as_ref());
            if let Some(pair) = pairs.get(&(two[0].id(), two[1].id())) {
                prop_assert_eq!(compared.level(), Some(pair.level));
                prop_assert_eq!(compared.relation(), pair.relation);
            }
        }
    }
}
