//! Several libraries do the same work in turns.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::clock::cpu_seconds;

/// A library and its work.
pub struct Runner<'a> {
    name: &'static str,
    /// Does the work and returns its processor time.
    run: Box<dyn FnMut() -> f64 + 'a>,
}

impl<'a> Runner<'a> {
    /// The result of `run` is dropped after the clock has stopped.
    pub fn new<T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Self {
        Self::prepared(name, || (), move |()| run())
    }

    /// `prepare` runs before the clock starts.
    pub fn prepared<P, T>(
        name: &'static str,
        mut prepare: impl FnMut() -> P + 'a,
        mut run: impl FnMut(P) -> T + 'a,
    ) -> Self {
        Runner {
            name,
            run: Box::new(move || {
                let prepared = prepare();
                let (seconds, made) = cpu_seconds(|| run(prepared));
                drop(made);
                seconds
            }),
        }
    }
}

/// A library gets no further turn once its turns have taken this many seconds together.
const MAX_SECONDS: f64 = 20.0;

/// The median processor time of each library, in seconds, over rounds in which all take turns; over
/// fewer rounds for slow libraries.
pub fn race(rounds: usize, mut runners: Vec<Runner<'_>>) -> Vec<(&'static str, f64)> {
    let mut times = vec![Vec::new(); runners.len()];
    for _ in 0..rounds {
        for (runner, times) in runners.iter_mut().zip(&mut times) {
            if times.iter().sum::<f64>() < MAX_SECONDS {
                times.push((runner.run)());
            }
        }
    }
    runners.iter().zip(times).map(|(runner, times)| (runner.name, median(times))).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    (values[middle] + values[(values.len() - 1) / 2]) / 2.0
}

/// All measurements: for each work, named with its unit, the value of each library.
#[derive(Default)]
pub struct Results(BTreeMap<String, BTreeMap<&'static str, f64>>);

impl Results {
    /// Prints and stores the rates of a work, each also as a multiple of the first.
    pub fn rates(&mut self, work: &str, unit: &str, amount: f64, times: &[(&'static str, f64)]) {
        let rates: Vec<_> = times.iter().map(|&(name, time)| (name, amount / time)).collect();
        self.table(work, unit, &rates);
    }

    /// Prints and stores the values of a work, each also as a multiple of the first.
    pub fn table(&mut self, work: &str, unit: &str, values: &[(&'static str, f64)]) {
        println!("\n{work}, {unit}");
        let Some(&(_, first)) = values.first() else { return };
        for &(name, value) in values {
            let digits = if value >= 1000.0 { 0 } else { 4 - value.max(1.0).log10() as usize };
            println!("  {name:<42} {value:>12.digits$} {:>9.2} x", value / first);
        }
        let key = format!("{work}_{unit}").replace([' ', '/'], "_");
        self.0.entry(key).or_default().extend(values.iter().copied());
    }

    /// `{work: {library: value}}`, to four digits.
    pub fn json(&self) -> Value {
        let value = |value: f64| {
            let unit = 10f64.powi(3 - value.abs().max(1e-9).log10().floor() as i32);
            (value * unit).round() / unit
        };
        let works = self.0.iter().map(|(work, values)| {
            let values = values.iter().map(|(name, v)| ((*name).to_owned(), json!(value(*v))));
            (work.clone(), Value::Object(values.collect()))
        });
        Value::Object(works.collect())
    }
}
