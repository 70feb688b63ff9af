//! The report: one JSON document with stable keys, and a table.

use std::fmt;

use serde::Serialize;

use crate::metrics::{Oracle, Rates, Stratum, Tenth};

/// All measures, in the order of the JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Number of articles in the detector, labelled or not.
    pub(crate) articles: usize,
    pub(crate) labelled: usize,
    /// Number of different labels.
    pub(crate) stories: usize,
    /// Of the pairs that the detector reports.
    pub(crate) pairwise: Rates,
    pub(crate) oracle: Oracle,
    pub(crate) families: FamilyFigures,
    pub(crate) candidates: CandidateFigures,
    pub(crate) strata: Vec<Stratum>,
    pub(crate) reliability: Vec<Tenth>,
    /// From texts in memory to families.
    pub(crate) seconds: f64,
    /// Peak memory of the process up to then, texts included.
    pub(crate) peak_rss_bytes: Option<u64>,
    pub(crate) level: &'static str,
    /// The given threshold; `null` for the default of the level.
    pub(crate) threshold: f32,
    pub(crate) max_gap_days: Option<u32>,
    /// Records that are no articles, repeated ids, texts without words.
    pub(crate) skipped: usize,
    /// CPU time of all threads during `seconds`.
    pub(crate) cpu_seconds: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FamilyFigures {
    pub(crate) b_cubed: Rates,
    pub(crate) adjusted_rand: f64,
    /// Of all articles, labelled or not; 0 if there is no family.
    pub(crate) largest: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct CandidateFigures {
    pub(crate) recall: Option<f64>,
    pub(crate) per_article: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        self.rates(f)?;
        writeln!(f, "\n{:<26}{:>9}{:>9}", "same-story pairs by J3", "pairs", "recall")?;
        for Stratum { j3_from, j3_to, pairs, recall } in &self.strata {
            let name = format!("  {j3_from:.2} to {j3_to:.2}");
            writeln!(f, "{name:<26}{pairs:>9}{:>9}", figure(*recall))?;
        }
        writeln!(f, "\n{:<26}{:>9}{:>9}", "labelled pairs by score", "pairs", "same")?;
        for Tenth { from, to, pairs, same } in &self.reliability {
            let name = format!("  {from:.1} to {to:.1}");
            writeln!(f, "{name:<26}{pairs:>9}{:>9}", figure(*same))?;
        }
        Ok(())
    }
}

impl Report {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { articles, labelled, stories, skipped, level, .. } = self;
        write!(f, "{articles} articles, {labelled} of them labelled, in {stories} stories")?;
        if *skipped > 0 {
            write!(f, "; {skipped} skipped")?;
        }
        write!(f, "\nlevel {level}")?;
        write!(f, ", threshold {}", self.threshold)?;
        if let Some(days) = self.max_gap_days {
            write!(f, "; only pairs at most {days} days apart, both dated")?;
        }
        write!(f, "\n{:.2} s", self.seconds)?;
        if let Some(seconds) = self.cpu_seconds {
            write!(f, " ({seconds:.2} s of processor time)")?;
        }
        match self.peak_rss_bytes {
            Some(bytes) => writeln!(f, ", {:.0} MiB at most", bytes as f64 / f64::from(1 << 20)),
            None => writeln!(f),
        }
    }

    fn rates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pairwise, oracle, families, candidates, .. } = self;
        writeln!(f, "\n{:<26}{:>9}{:>9}{:>9}", "", "precision", "recall", "F1")?;
        for (name, rates) in
            [("reported pairs", pairwise), ("families, B-cubed", &families.b_cubed)]
        {
            let [precision, recall, f1] = [rates.precision, rates.recall, rates.f1].map(figure);
            writeln!(f, "{name:<26}{precision:>9}{recall:>9}{f1:>9}")?;
        }
        let threshold = oracle.threshold.map_or("-".to_owned(), |cut| cut.to_string());
        let name = "best cut of the score";
        writeln!(f, "{name:<26}{:>27}  at {threshold}", figure(oracle.f1))?;
        writeln!(f, "{:<26}{:>27}", "average precision", figure(oracle.average_precision))?;
        writeln!(f, "{:<26}{:>27.4}", "families, adjusted Rand", families.adjusted_rand)?;
        writeln!(f, "{:<26}{:>27}", "largest family", families.largest)?;
        let recall = figure(candidates.recall);
        writeln!(f, "{:<26}{recall:>18}", "candidate pairs")?;
        writeln!(f, "{:<26}{:>27.1}", "candidates an article", candidates.per_article)
    }
}

/// Four digits, or a dash for an undefined ratio.
fn figure(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{share:.4}"))
}
