//! The law of the blocks, with a background so small that halos differ from the collection.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::corpus::article::{Article, Date};
use crate::engine::batch::Index;
use crate::engine::settings::Settings;
use crate::families::family::{Families, Series, listed_series};
use crate::score::relation::Level;

#[path = "../../../tests/support/blocks.rs"]
mod job;
#[path = "../../../tests/support/newsroom.rs"]
mod newsroom;

use job::Cut;

/// Dated news of sixty days, and some without a date.
static NEWS: LazyLock<Vec<newsroom::Piece>> = LazyLock::new(|| newsroom::pieces(360, 60));

/// Sketches the pieces at some positions, so many in each block.
fn sketched(steps: &Steps, places: &[usize], size: usize) -> Vec<Block> {
    let blocks = places.chunks(size).map(|places| {
        let articles: Vec<Article<'_>> = places
            .iter()
            .map(|&place| {
                let piece = &NEWS[place];
                let date = piece.day.and_then(|(month, day)| Date::new(2031, month, day));
                let article = Article::new(&piece.id, &piece.text).title(&piece.title);
                date.map_or(article, |date| article.date(date))
            })
            .collect();
        let (block, errors) = steps.sketch(&articles);
        assert_eq!(errors, []);
        block
    });
    blocks.collect()
}

/// The families by one index over all articles.
fn by_one_index(blocks: &[Block], settings: &Settings) -> Families {
    let all = Block::sorted(blocks).expect("ids differ");
    let (articles, cuts) = (&all.articles, &settings.cuts);
    let (index, compared) = Index::new(articles, cuts);
    let (edges, _) = index.ranked.verified(articles, &compared, cuts);
    let families = index.ranked.families(articles, edges, settings);
    let ids =
        |filling: &Vec<u32>| filling.iter().map(|&number| articles.id(number).to_owned()).collect();
    let series = index.series.iter().map(|all| Series::new(all.iter().map(ids).collect()));
    let series = listed_series(series, &families[settings.level as usize]);
    Families { level: settings.level, families, series, articles: articles.len() }
}

#[test]
fn a_run_of_ranks_in_the_middle_needs_a_part_of_the_leaders() {
    let steps = Steps::new(Settings::default());
    let places: Vec<usize> = (0..NEWS.len()).filter(|&place| NEWS[place].day.is_some()).collect();
    let all = Block::sorted(&sketched(&steps, &places, 100)).expect("ids differ");
    let survey = Survey::of(&all);
    let (last, middle) = (all.len() as u32, all.len() as u32 / 2);
    let [near, undated] = survey.halo(&(middle..middle + 5)).expect("are ranks");
    assert!(near.contains(&(middle - 40)) && near.len() < all.len() / 2, "{near:?}");
    assert!(undated.is_empty());
    assert_eq!(survey.halo(&(0..survey.leaders())), Ok([0..last, last..last]));
    assert!(survey.halo(&(middle..last + 1)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_cut_into_blocks_in_any_order_gives_the_families_and_scores_of_one_index(
        places in prop::sample::subsequence(Vec::from_iter(0..360), 200..=360).prop_shuffle(),
        size in 1usize..200, run in 1usize..120, groups in 1usize..6,
        level in prop::sample::select(Level::ALL.to_vec()), has_undated in any::<bool>(),
    ) {
        let is_in = |place: &usize| has_undated || NEWS[*place].day.is_some();
        let places: Vec<usize> = places.into_iter().filter(is_in).collect();
        let settings = Settings { level, ..Settings::default() };
        let steps = Steps::new(settings);
        let blocks = sketched(&steps, &places, size);
        let expected = by_one_index(&blocks, &settings);
        prop_assert!(level == Level::Copy || expected.len() > 8, "{} families", expected.len());
        let found = job::families(&steps, &blocks, Cut { run, groups }, level);
        prop_assert_eq!(&found, &expected);
    }
}
