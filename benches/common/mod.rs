//! The articles of the benchmarks, and how they measure a step.

#![allow(dead_code, reason = "every benchmark has its own copy and needs only a part of it")]
#![allow(unreachable_pub, reason = "a benchmark has nothing that is public to another crate")]

/// The articles.
pub mod corpus;
mod language;
mod random;

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};

/// Long enough for figures exact to a few percent, short enough to run all benchmarks in one go.
pub fn settings() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

/// A group whose samples all have one size. With growing samples, passes of a tenth of a second would
/// take minutes.
pub fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group
}

/// Measures `work` over all items.
pub fn each<'i, I, R>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    throughput: Throughput,
    items: &'i [I],
    work: impl Fn(&'i I) -> R,
) {
    group.throughput(throughput).bench_function(name, |bencher| {
        bencher.iter(|| {
            for item in items {
                black_box(work(item));
            }
        });
    });
}

/// The total size of texts.
pub fn bytes(texts: &[&str]) -> Throughput {
    Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum())
}
