use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Listed {
    terms: Vec<u32>,
    shingles: Vec<u32>,
    date: Option<Date>,
}

impl Listed {
    fn keys(&self, rank: usize) -> CandidateKeys<'_> {
        let Listed { terms, shingles, date } = self;
        CandidateKeys { terms, shingles, date: *date, rank }
    }
}

fn listed(terms: &[u32], shingles: &[u32], day: u8) -> Listed {
    let date = Date::new(2031, 5, day);
    Listed { terms: terms.to_vec(), shingles: shingles.to_vec(), date }
}

fn index(articles: &[Listed]) -> CandidateIndex {
    CandidateIndex::new(
        Days::new(articles.iter().map(|article| article.date)),
        articles.iter().map(|article| &article.terms[..]),
        articles.iter().map(|article| &article.shingles[..]),
    )
}

/// Keys from few values, so that articles share some; day 0 is no date.
fn any_listed() -> impl Strategy<Value = Listed> {
    let some = |most| {
        prop::collection::btree_set(0u32..9, 0..most).prop_map(Vec::from_iter).prop_shuffle()
    };
    (some(7), some(5), 0u8..20).prop_map(|(terms, shingles, day)| listed(&terms, &shingles, day))
}

/// Articles in the order of ranks.
fn any_articles(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Listed>> {
    prop::collection::vec(any_listed(), count).prop_map(|mut articles| {
        articles.sort_by_key(|article| (article.date.is_none(), article.date));
        articles
    })
}

fn shared(a: &[u32], b: &[u32]) -> u32 {
    a.iter().filter(|key| b.contains(key)).count() as u32
}

proptest! {
    #[test]
    fn candidates_share_enough_keys_and_words_within_the_window(
        articles in any_articles(1..12), asked in any_listed(),
    ) {
        let is_candidate = |other: &Listed| {
            let far = asked.date.zip(other.date).is_some_and(|(a, b)| a.days_since(b).abs() > 7);
            let least = MIN_SHARED_SHINGLES.min(asked.shingles.len() as u32).max(1);
            !far && shared(&asked.terms, &other.terms) >= MIN_SHARED_TERMS
                || shared(&asked.shingles, &other.shingles) >= least
        };
        let expected: Vec<u32> =
            (0..).zip(&articles).filter(|(_, other)| is_candidate(other)).map(|(n, _)| n).collect();
        let index = index(&articles);
        let mut scratch = Scratch::default();
        for (rank, article) in articles.iter().enumerate() {
            // A look-up leaves nothing behind that the next one sees.
            index.look_up(&article.keys(rank), &mut scratch);
        }
        let keys = asked.keys(index.days().place(asked.date));
        index.look_up(&keys, &mut scratch);
        prop_assert_eq!(index.near(&keys, &mut scratch), expected);
    }

    #[test]
    fn an_article_of_the_index_finds_by_its_positions_what_a_search_finds(
        articles in any_articles(1..60), most in 0usize..3,
    ) {
        let (index, places) = CandidateIndex::with_places(
            Days::new(articles.iter().map(|article| article.date)),
            articles.iter().map(|article| &article.terms[..]),
            articles.iter().map(|article| &article.shingles[..]),
        );
        let (mut searching, mut listed) = (Scratch::default(), Scratch::default());
        let found = |scratch: &Scratch| {
            let mut found = scratch.found.clone();
            found.iter_mut().for_each(|found| found.sort_unstable());
            found
        };
        for (rank, article) in articles.iter().enumerate() {
            let keys = article.keys(rank);
            index.look_up(&keys, &mut searching);
            index.look_up_listed(&keys, &places, &mut listed);
            prop_assert_eq!(found(&listed), found(&searching));
            prop_assert_eq!(
                index.background(&keys, most, &mut listed), index.background(&keys, most, &mut searching)
            );
            prop_assert_eq!(index.near(&keys, &mut listed), index.near(&keys, &mut searching));
        }
    }

    #[test]
    fn the_background_has_the_articles_that_share_most(articles in any_articles(30..60)) {
        let asked = listed(&[0, 1, 2, 3, 4, 5], &[], 0);
        let index = index(&articles);
        let (keys, mut scratch) = (asked.keys(30), Scratch::default());
        index.look_up(&keys, &mut scratch);
        let background: Vec<u32> =
            index.background(&keys, 10, &mut scratch).iter().map(|best| best.rank).collect();
        let share = |rank: &u32| shared(&asked.terms, &articles[*rank as usize].terms);
        prop_assert!(background.is_sorted_by_key(|rank| std::cmp::Reverse(share(rank))));
        let least = background.last().map_or(0, share);
        let more = (0..articles.len() as u32).filter(|rank| share(rank) > least.max(1));
        prop_assert!(more.count() <= background.len());
    }
}

#[test]
fn the_rarest_words_are_looked_up_until_the_limit() {
    let mut articles = vec![listed(&[1, 2, 3], &[], 0); MAX_POSTINGS];
    articles[7] = listed(&[1, 2, 3, 70, 71, 72], &[], 0);
    let index = index(&articles);
    let mut scratch = Scratch::default();
    let mut find = |terms: &[u32]| {
        let asked = listed(terms, &[], 0);
        index.look_up(&asked.keys(7), &mut scratch);
        index.near(&asked.keys(7), &mut scratch).to_vec()
    };
    assert_eq!(find(&[1, 2, 3, 70, 71, 72]), [7]);
    // The limit allows one of the common words.
    assert_eq!(find(&[1, 2, 3]), []);
}

#[test]
fn an_excerpt_is_found_by_the_whole_sample_of_a_text_of_any_length() {
    let whole: Vec<u32> = (0..4000).map(|n| n * 10).collect();
    let excerpt: Vec<u32> = whole[3000..3007].to_vec();
    let other: Vec<u32> = (0..16).map(|n| n * 10 + 1).chain([whole[9]]).collect();
    let articles =
        [listed(&[], &excerpt, 1), listed(&[], &whole[..16], 90), listed(&[], &other, 5)];
    let index = index(&articles);
    let mut scratch = Scratch::default();
    let sample = Sample { values: &whole, cut: true };
    // The one with one shingle in common may share it by chance.
    assert_eq!(index.contained(sample, &index.listed_hashes(), &mut scratch), [(16, 1), (7, 0)]);
}

#[test]
fn every_background_has_the_same_size() {
    let days = Days::new(vec![None; 3 * BACKGROUND_SAMPLE].into_iter());
    for rank in [0, 5, BACKGROUND_SAMPLE, 3 * BACKGROUND_SAMPLE - 1] {
        let background = days.background(rank);
        assert!(background.len() == BACKGROUND_SAMPLE && background.contains(&rank));
    }
    assert_eq!(Days::new(vec![None; 7].into_iter()).background(3), 0..7);
}
