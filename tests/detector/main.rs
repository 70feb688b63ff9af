//! The detector through its public interface: articles in, matches, pairs and families out.

#![allow(clippy::unwrap_used, reason = "in a test that is how to fail")]

mod blocks;
mod boilerplate;
mod comparison;
mod properties;
mod reprints;
mod series;
mod texts;

use std::collections::BTreeSet;

use retold::{
    Article, Date, Descent, Detector, Error, ErrorKind, Family, Level, Match, Reason, Relation,
    Representative,
};

use texts::{BACKGROUND, BEES, BEES_AGAIN, CABLE_CAR, CHOIR, RETOLD, SAME_EVENT, articles};

/// A detector of these articles with default settings.
fn filled<S: AsRef<str>>(articles: &[(&str, S)]) -> Detector {
    fill(Detector::new(), articles)
}

fn fill<S: AsRef<str>>(mut detector: Detector, articles: &[(&str, S)]) -> Detector {
    for (id, text) in articles {
        detector.insert(Article::new(id, text.as_ref())).unwrap();
    }
    detector
}

/// The articles with these ids.
fn some(ids: &[&str]) -> Vec<(&'static str, String)> {
    let mut articles = articles();
    articles.retain(|(id, _)| ids.contains(id));
    assert_eq!(articles.len(), ids.len(), "{ids:?}");
    articles
}

fn text(id: &str) -> String {
    some(&[id]).remove(0).1
}

/// Asserts that two detectors give the same answers.
#[track_caller]
fn assert_same(found: &Detector, expected: &Detector) {
    assert_eq!(found.len(), expected.len());
    assert_eq!(found.families(), expected.families());
    assert_eq!(found.pairs(Level::Event), expected.pairs(Level::Event));
    assert_eq!(found.candidate_pairs(), expected.candidate_pairs());
}

fn members(family: &Family) -> BTreeSet<(&str, Relation)> {
    family.members().iter().map(|member| (member.id(), member.relation())).collect()
}

/// The members of each family, as sets.
fn families(detector: &Detector, level: Level) -> BTreeSet<BTreeSet<String>> {
    let families = detector.families();
    let ids =
        |family: &Family| family.members().iter().map(|member| member.id().to_owned()).collect();
    families.at(level).iter().map(ids).collect()
}

fn ids(matches: &[Match]) -> Vec<&str> {
    matches.iter().map(|found| found.id.as_str()).collect()
}

fn kind(result: Result<(), Error>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind().clone())
}

fn no_words(id: &str) -> Option<ErrorKind> {
    Some(ErrorKind::NoWords { id: id.to_owned() })
}

fn repeated(id: &str) -> Option<ErrorKind> {
    Some(ErrorKind::RepeatedId { id: id.to_owned() })
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn each_level_gathers_more_distant_versions_and_names_their_relations() {
    let mut detector = Detector::new();
    for (id, text) in &articles() {
        // The only dated article represents its family.
        let article = Article::new(id, text);
        let dated = article.date(date("2031-03-03"));
        detector.insert(if *id == "report" { dated } else { article }).unwrap();
    }
    let copies = [
        ("report", Relation::Identical),
        ("retyped", Relation::Identical),
        ("edited", Relation::NearDuplicate),
        ("cut", Relation::Excerpt),
        ("longer", Relation::Expansion),
    ];
    let retold = [&copies[..], &[("retold", Relation::Retelling)]].concat();
    let events = [&retold[..], &[("event", Relation::SameEvent)]].concat();
    let bees = BTreeSet::from(["bees".to_owned(), "bees-again".to_owned()]);

    let families = detector.families();
    for (level, expected) in
        [(Level::Copy, &copies[..]), (Level::Retelling, &retold), (Level::Event, &events)]
    {
        let found = &families.at(level)[0];
        assert_eq!(members(found), expected.iter().copied().collect(), "{level:?}");
        assert_eq!((found.level(), found.representative()), (level, "report"));
        let others = families.at(level)[1..].iter().map(members);
        let others: Vec<BTreeSet<String>> =
            others.map(|ids| ids.iter().map(|(id, _)| (*id).to_owned()).collect()).collect();
        let apart = if level == Level::Copy { vec![] } else { vec![bees.clone()] };
        assert_eq!(others, apart, "{level:?}");
    }
    assert_eq!((families.len(), families.alone()), (2, 3), "event, chairlift, choir");
}

#[test]
fn members_follow_the_representative_by_falling_score_with_their_facts() {
    let detector = filled(&articles());
    for family in detector.families().at(Level::Event) {
        let (first, others) = family.members().split_first().unwrap();
        assert_eq!(family.representative(), first.id());
        assert_eq!((first.score(), first.jaccard(), first.containment()), (1.0, 1.0, 1.0));
        let key = |member: &retold::Member| (-member.score(), member.id().to_owned());
        assert!(others.is_sorted_by_key(key), "{others:?}");
        for member in family.members() {
            let evidence = detector.evidence(member.id(), first.id()).unwrap();
            assert_eq!(*member.evidence(), evidence);
            assert_eq!(member.score(), evidence.score());
            assert_eq!(member.words(), retold::Words::new(&text(member.id())).len());
        }
    }
}

#[test]
fn a_query_answers_best_first_and_leaves_everything_as_it_was() {
    let mut articles = articles();
    articles.retain(|(id, _)| *id != "retold");
    let detector = filled(&articles);
    let matches = detector.query(&Article::new("?", RETOLD)).unwrap();
    let found: BTreeSet<&str> = ids(&matches).into_iter().collect();
    assert_eq!(found, BTreeSet::from(["cut", "edited", "longer", "report", "retyped"]));
    assert!(matches.is_sorted_by(|x, y| (y.score, &x.id) <= (x.score, &y.id)), "{matches:?}");
    assert!(matches.iter().all(|found| found.relation == Relation::Retelling));
    assert!(matches.iter().all(|found| found.score == found.evidence.score()));
    assert!(!detector.contains("?"));
    assert_same(&detector, &filled(&articles));
}

#[test]
fn a_query_says_what_the_article_asked_about_is_to_each_match() {
    let detector = filled(&some(&["report", "choir"]));
    for (id, relation) in [
        ("retyped", Relation::Identical),
        ("edited", Relation::NearDuplicate),
        ("cut", Relation::Excerpt),
        ("longer", Relation::Expansion),
        ("retold", Relation::Retelling),
    ] {
        let matches = detector.query(&Article::new(id, &text(id))).unwrap();
        assert_eq!(ids(&matches), ["report"]);
        assert_eq!(matches[0].relation, relation, "{id}");
        let contained = matches[0].evidence.phrases.of_left() == 1.0;
        assert_eq!(contained, ["cut", "retyped"].contains(&id), "{id} is on the left");
    }
}

#[test]
fn a_query_never_answers_with_the_article_of_the_same_id() {
    let detector = filled(&articles());
    let of = |text| detector.query(&Article::new("report", text)).unwrap();
    assert_eq!(ids(&of(CABLE_CAR)).len(), 5);
    assert!(!ids(&of(CABLE_CAR)).contains(&"report"));
    // Not even if the id now has another text.
    assert!(!ids(&of(RETOLD)).contains(&"report"));
    assert_eq!(ids(&of(BEES)), ["bees", "bees-again"]);
    assert_eq!(kind(detector.query(&Article::new("?", " … ")).map(drop)), no_words("?"));
}

#[test]
fn the_level_set_is_the_one_that_is_answered_at() {
    let mut articles = articles();
    articles.retain(|(id, _)| *id != "report");
    for (level, count) in [(Level::Copy, 4), (Level::Retelling, 5), (Level::Event, 6)] {
        let detector = fill(Detector::builder().level(level).build().unwrap(), &articles);
        let families = detector.families();
        assert_eq!(families.iter().as_slice(), families.at(level));
        assert_eq!((&families).into_iter().count(), families.len());
        let together: usize = families.iter().map(Family::len).sum();
        assert_eq!(families.alone(), articles.len() - together);
        let matches = detector.query(&Article::new("?", CABLE_CAR)).unwrap();
        assert_eq!(matches.len(), count, "{level:?}: {:?}", ids(&matches));
    }
    assert_eq!(Level::default(), Level::Retelling);
}

#[test]
fn a_removed_article_leaves_its_family_and_may_come_back() {
    let whole = filled(&articles());
    let mut detector = filled(&articles());
    assert!(detector.remove("report"));
    assert!(!detector.remove("report") && !detector.contains("report"));
    assert_eq!(detector.evidence("report", "cut"), None);
    assert!(!families(&detector, Level::Event).iter().flatten().any(|id| id == "report"));
    let mut without = articles();
    without.retain(|(id, _)| *id != "report");
    assert_same(&detector, &filled(&without));

    detector.insert(Article::new("report", CABLE_CAR)).unwrap();
    assert_same(&detector, &whole);

    assert!(detector.remove("bees-again"));
    assert!(!families(&detector, Level::Event).iter().flatten().any(|id| id == "bees"));
}

#[test]
fn articles_that_came_and_went_leave_no_trace() {
    let mut detector = Detector::new();
    let mut inserted = Vec::new();
    for (round, (id, text)) in articles().iter().enumerate() {
        for n in round * 60..(round + 1) * 60 {
            inserted.push(format!("passer-{n}"));
            detector.insert(Article::new(&inserted[inserted.len() - 1], &passer_by(n))).unwrap();
        }
        detector.insert(Article::new(id, text)).unwrap();
        // An answer in between leaves an index that must be discarded.
        detector.families();
        // Enough that the detector closes its gaps more than once.
        inserted.drain(..50).for_each(|id| assert!(detector.remove(&id)));
    }
    inserted.iter().for_each(|id| assert!(detector.remove(id)));
    assert_same(&detector, &filled(&articles()));
}

/// A text with a part of the report, which changes the rarity of its words while it is in the detector.
fn passer_by(n: usize) -> String {
    let mut words: Vec<String> = (0..8).map(|word| format!("word{n}x{word}")).collect();
    words.extend(CABLE_CAR.split(' ').skip(n % 100).take(50).map(str::to_owned));
    words.join(" ")
}

#[test]
fn similarity_weighs_less_among_many_similar_texts_in_any_order() {
    let brief = |n: usize| {
        let text = format!(
            "Shares of Company{n} closed {} pct at {} marks on the Veyne exchange on Tuesday after \
             brokers reported slow trading. Turnover stayed below the daily average of the past \
             month. The stock has gained since January; analyst Corrie Lowther expects quarterly \
             results of Company{n} on {} May.",
            n * 7 % 10 + 1,
            n * 13 % 90 + 10,
            n % 28 + 1,
        );
        (format!("brief-{n}"), text)
    };
    let briefs: Vec<(String, String)> = (0..70).map(brief).collect();
    let rising: Vec<(&str, &str)> = briefs.iter().map(|(id, text)| (&**id, &**text)).collect();
    let falling: Vec<(&str, &str)> = rising.iter().rev().copied().collect();
    let many = filled(&rising);
    assert_same(&filled(&falling), &many);
    let of = |detector: &Detector| detector.evidence("brief-1", "brief-2").unwrap().score();
    let (among_many, alone) = (of(&many), of(&filled(&rising[1..3])));
    assert!(among_many < alone / 2.0, "{among_many} {alone}");
}

#[test]
fn a_refused_article_changes_nothing() {
    let mut detector = filled(&articles());
    let usage = |detector: &Detector| (detector.families(), detector.memory_usage());
    let before = usage(&detector);
    for (article, error) in [
        (Article::new("report", BEES), repeated("report")),
        (Article::new("choir", CHOIR), repeated("choir")),
        (Article::new("new", " — … \n"), no_words("new")),
        (Article::new("new", "").title("A title is no text"), no_words("new")),
        (Article::new("report", ""), no_words("report")),
    ] {
        assert_eq!(kind(detector.insert(article)), error);
        assert_eq!(usage(&detector), before);
    }
    assert!(!detector.contains("new"));
    assert_same(&detector, &filled(&articles()));
}

#[test]
fn many_in_one_call_continue_after_refused_ones_and_report_in_order() {
    let cut = text("cut");
    let articles = [
        Article::new("bees", BEES),
        Article::new("blank", "\t"),
        Article::new("choir", CABLE_CAR),
        Article::new("cut", &cut),
        Article::new("bees", CABLE_CAR),
        // The id of a refused article is free.
        Article::new("blank", RETOLD),
        Article::new("report", CABLE_CAR),
    ];
    let expected = [None, no_words("blank"), repeated("choir"), None, repeated("bees"), None, None];

    let (mut singly, mut at_once) = (filled(&some(&["choir"])), filled(&some(&["choir"])));
    let results: Vec<_> = articles.iter().map(|&article| kind(singly.insert(article))).collect();
    assert_eq!(results, expected);
    let results: Vec<_> = at_once.insert_many(&articles).into_iter().map(kind).collect();
    assert_eq!(results, expected);
    assert_same(&at_once, &singly);
    assert_eq!(families(&at_once, Level::Event), [["blank", "cut", "report"]].map(ids_of).into());
    assert_eq!(at_once.insert_many(&[]), []);
}

fn ids_of<const N: usize>(ids: [&str; N]) -> BTreeSet<String> {
    ids.map(str::to_owned).into()
}

#[test]
fn the_representative_is_chosen_by_the_policy() {
    let long = format!("{RETOLD} {BACKGROUND}");
    let dated = [
        Article::new("central", CABLE_CAR).date(date("2031-03-04")),
        Article::new("early", SAME_EVENT).date(date("2031-03-03")),
        Article::new("long", &long).date(date("2031-03-04")),
    ];
    let undated = dated.map(|article| Article::new(article.id(), article.text()));
    for (policy, of_dated, of_undated) in [
        (Representative::Earliest, "early", "central"),
        (Representative::Longest, "long", "long"),
        (Representative::MostCentral, "central", "central"),
    ] {
        for (articles, expected) in [(dated, of_dated), (undated, of_undated)] {
            let mut detector =
                Detector::builder().level(Level::Event).representative(policy).build().unwrap();
            detector.insert_many(&articles);
            let families = detector.families();
            assert_eq!(families.len(), 1, "all three are one family");
            assert_eq!(families.iter().as_slice()[0].representative(), expected, "{policy:?}");
        }
    }
    assert_eq!(Representative::default(), Representative::Earliest);
}

#[test]
fn of_equally_good_representatives_the_smaller_id_is_taken() {
    for policy in [Representative::Earliest, Representative::Longest, Representative::MostCentral] {
        for order in [["b", "a", "c"], ["c", "b", "a"]] {
            let mut detector = Detector::builder().representative(policy).build().unwrap();
            for id in order {
                let article = Article::new(id, BEES).date(date("2031-06-01"));
                detector.insert(article).unwrap();
            }
            let families = detector.families();
            assert_eq!(families.iter().as_slice()[0].representative(), "a", "{policy:?}");
        }
    }
}

#[test]
fn an_article_does_not_join_a_family_when_it_is_close_to_half_of_it() {
    // None of them is a printing of another one.
    let articles = some(&["retold", "event", "report"]);
    let scores = filled(&articles);
    let score = |id| scores.evidence("event", id).unwrap().score();
    // Between the two, only the report is close to both others, so no family has all three.
    let threshold = (score("retold") + score("report")) / 2.0;
    assert!(score("retold") < threshold && threshold < score("report"));
    assert!(threshold < scores.evidence("retold", "report").unwrap().score());
    let builder = Detector::builder().level(Level::Event).threshold(Level::Event, threshold);
    let mut detector = builder.build().unwrap();
    for (id, text) in &articles {
        detector.insert(Article::new(id, text)).unwrap();
    }
    let families = detector.families();
    assert_eq!(families.iter().map(Family::len).collect::<Vec<_>>(), [2]);
}

#[test]
fn an_empty_detector_has_an_answer_to_everything() {
    let mut detector = Detector::new();
    assert!(detector.is_empty() && detector.families().is_empty());
    assert_eq!((detector.len(), detector.families().alone()), (0, 0));
    assert_eq!(detector.query(&Article::new("?", BEES)).unwrap(), []);
    assert_eq!(detector.pairs(Level::Event), []);
    assert_eq!(detector.candidate_pairs(), []);
    assert_eq!(detector.evidence("a", "b"), None);
    assert!(!detector.contains("a") && !detector.remove("a"));
    let (left, right) = (Article::new("l", BEES), Article::new("r", BEES_AGAIN));
    let comparison = detector.compare(&left, &right).unwrap();
    assert_eq!(comparison.relation(), Relation::Retelling);
    assert!(detector.is_empty());
}

#[test]
fn one_article_is_alone_and_still_found() {
    let detector = filled(&[("bees", BEES)]);
    assert!(!detector.is_empty() && detector.families().is_empty());
    assert_eq!(detector.families().alone(), 1);
    assert!(Level::ALL.iter().all(|&level| detector.families().at(level).is_empty()));
    assert_eq!(detector.pairs(Level::Event), []);
    let matches = detector.query(&Article::new("?", &BEES.to_uppercase())).unwrap();
    assert_eq!(ids(&matches), ["bees"]);
    assert_eq!((matches[0].relation, matches[0].score), (Relation::Identical, 1.0));
    assert_eq!(detector.query(&Article::new("?", CHOIR)).unwrap(), []);
    // A single word is a valid text.
    assert_eq!(filled(&[("a", "Ferry"), ("b", "FERRY!"), ("c", "Lorry")]).families().len(), 1);
}

#[test]
fn raising_the_event_cut_drops_the_pairs_below_it_and_no_other() {
    let pairs = filled(&articles());
    let pairs = pairs.pairs(Level::Event);
    let lowest = pairs.iter().map(|pair| pair.score).fold(1.0, f32::min);
    assert!((0.4..0.999).contains(&lowest), "{lowest}");
    for threshold in [0.0, lowest, lowest.next_up(), 0.9, 0.999, 1.0] {
        let builder = Detector::builder().threshold(Level::Event, threshold);
        let detector = fill(builder.build().unwrap(), &articles());
        let kept = detector.pairs(Level::Event);
        let scores = kept.iter().map(|pair| pair.score);
        assert!(scores.clone().all(|score| score >= threshold));
        let expected = pairs.iter().filter(|pair| pair.score >= threshold).count();
        assert!(threshold == 0.0 || kept.len() == expected, "{threshold}");
        assert!(threshold > 0.0 || kept.len() == detector.candidate_pairs().len());
    }
}

#[test]
fn each_level_is_cut_where_it_is_set() {
    let with = |level, threshold| {
        let builder = Detector::builder().threshold(level, threshold);
        fill(builder.build().unwrap(), &articles())
    };
    let strict = with(Level::Copy, 1.0);
    assert_eq!(families(&strict, Level::Copy), [ids_of(["report", "retyped"])].into());
    let retellings = families(&strict, Level::Retelling);
    assert_eq!(
        retellings,
        families(&filled(&articles()), Level::Retelling),
        "they stay retellings"
    );

    let loose = with(Level::Copy, 0.2);
    let copies = families(&loose, Level::Copy);
    assert!(copies.contains(&ids_of(["bees", "bees-again"])), "{copies:?}");

    let strict = with(Level::Retelling, 1.0);
    assert!(!families(&strict, Level::Retelling).contains(&ids_of(["bees", "bees-again"])));
    assert!(families(&strict, Level::Event).contains(&ids_of(["bees", "bees-again"])));
}

#[test]
fn the_cuts_begin_as_documented_and_never_cross() {
    let cuts = |detector: &Detector| Level::ALL.map(|level| detector.threshold(level));
    assert_eq!(cuts(&Detector::new()), [0.6, 0.7, 0.43]);
    for (level, threshold, expected) in [
        (Level::Copy, 0.1, [0.1, 0.7, 0.43]),
        (Level::Retelling, 0.5, [0.6, 0.5, 0.43]),
        (Level::Retelling, 0.2, [0.6, 0.2, 0.2]),
        (Level::Event, 0.6, [0.6, 0.7, 0.6]),
        (Level::Event, 0.9, [0.6, 0.9, 0.9]),
    ] {
        let detector = Detector::builder().threshold(level, threshold).build().unwrap();
        assert_eq!(cuts(&detector), expected, "{level:?} {threshold}");
    }
}

#[test]
fn a_threshold_out_of_range_is_refused_by_name() {
    for level in Level::ALL {
        for threshold in [-0.1, 1.1, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = Detector::builder().threshold(level, threshold).build().unwrap_err();
            let (name, expected) = ("threshold", "in 0..=1");
            let found = threshold.to_string();
            assert_eq!(*error.kind(), ErrorKind::Setting { name, expected, found });
        }
        for threshold in [0.0, 1.0] {
            let detector = Detector::builder().threshold(level, threshold).build().unwrap();
            assert_eq!(detector.threshold(level), threshold);
        }
    }
}

#[test]
fn memory_grows_with_articles_and_answers_and_shrinks_with_removals() {
    let mut detector = Detector::new();
    // Each has forty words of its own.
    let text = |n: usize| (0..40).map(|word| format!("word{n}x{word} ")).collect();
    let articles: Vec<(String, String)> = (0..300).map(|n| (format!("{n}"), text(n))).collect();
    let mut last = detector.memory_usage();
    for chunk in articles.chunks(100) {
        for (id, text) in chunk {
            detector.insert(Article::new(id, text)).unwrap();
        }
        assert!(detector.memory_usage() > last + 100 * 300);
        last = detector.memory_usage();
    }
    detector.families();
    assert!(detector.memory_usage() > last, "what answers are made from is kept");

    articles[..150].iter().for_each(|(id, _)| assert!(detector.remove(id)));
    assert!(detector.memory_usage() < last * 3 / 4, "{} of {last}", detector.memory_usage());
    articles[150..].iter().for_each(|(id, _)| assert!(detector.remove(id)));
    assert!(detector.memory_usage() < last / 10, "{} of {last}", detector.memory_usage());
}

#[test]
fn a_title_counts_as_part_of_the_lead_but_not_of_the_text() {
    let with_titles = |left: &str, right: &str| {
        let mut detector = Detector::new();
        detector.insert(Article::new("left", CABLE_CAR).title(left)).unwrap();
        detector.insert(Article::new("right", SAME_EVENT).title(right)).unwrap();
        detector.evidence("left", "right").unwrap()
    };
    let (title, other) = ("Night of song in stranded gondolas", "Choir wins prize in Thornaby");
    let plain = with_titles("", " \n");
    let same = with_titles(title, title);
    assert!(same.score() > plain.score() && same.lead > plain.lead && same.terms > plain.terms);
    assert!(with_titles(title, other).score() < plain.score());
    assert_eq!((same.phrases, same.same_words), (plain.phrases, false));
    assert_eq!(plain, filled(&some(&["event", "report"])).evidence("report", "event").unwrap());

    let mut detector = Detector::new();
    detector.insert(Article::new("a", BEES).title(title)).unwrap();
    detector.insert(Article::new("b", BEES).title(other)).unwrap();
    assert_eq!(detector.pairs(Level::Copy)[0].relation, Relation::Identical);
}

#[test]
fn days_between_two_articles_count_against_them() {
    let apart = |days: Option<u8>| {
        let mut detector = Detector::new();
        let first = Article::new("report", CABLE_CAR).date(date("2031-03-01"));
        detector.insert(first).unwrap();
        let event = Article::new("event", SAME_EVENT);
        let dated = |days| event.date(Date::new(2031, 3, 1 + days).unwrap());
        detector.insert(days.map_or(event, dated)).unwrap();
        let evidence = detector.evidence("event", "report").unwrap();
        assert_eq!(evidence.days_apart, days.map(u32::from));
        evidence.score()
    };
    let undated = apart(None);
    assert!(apart(Some(0)) > undated && undated > apart(Some(1)), "{undated}");
    let scores = [0, 1, 3, 6, 12, 30].map(|days| apart(Some(days)));
    assert!(scores.is_sorted_by(|x, y| x >= y), "{scores:?}");
    assert!(scores[4] < scores[1] - 0.2, "{scores:?}");
}

#[test]
fn a_detector_gives_the_tree_of_a_family() {
    let wire = "The Kelm lifeboat was called out at dawn on Sunday after two anglers were cut off \
         by the tide below Gannet Head. Both were cold but unhurt. Coxswain Arne Tofte said the \
         swell had been the worst of the winter, and asked visitors to read the tide tables.";
    let paper = wire.replace("Both were cold but unhurt", "Neither of the two men was badly hurt");
    let blog = paper.replace(", and asked visitors to read the tide tables", "");
    let mut detector = Detector::new();
    for (id, text, date) in [
        ("blog", &*blog, "2031-05-06"),
        ("paper", &paper, "2031-05-05"),
        ("wire", wire, "2031-05-04"),
    ] {
        let date = date.parse().expect("is a date");
        detector.insert(Article::new(id, text).date(date)).expect("is new");
    }
    let families = detector.families();
    let tree = detector.provenance(families.iter().next().expect("is one family"));
    let ids: Vec<&str> = tree.members().iter().map(Descent::id).collect();
    assert_eq!(ids, ["wire", "paper", "blog"]);
    let parents: Vec<_> = tree.members().iter().map(Descent::parent).collect();
    assert_eq!(parents, [None, Some(0), Some(1)]);
    assert_eq!(tree.members()[2].reason(), Reason::SharesEdits);
}
