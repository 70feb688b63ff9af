//! Logistic regression by Newton's method: few weights, millions of rows.

use rayon::prelude::*;

/// A training row: its features, its fixed logit, its label, and its weight.
pub(crate) struct Row<const N: usize> {
    pub(crate) x: [f64; N],
    /// The part of the logit that does not depend on the learned weights.
    pub(crate) settled: f64,
    pub(crate) yes: bool,
    pub(crate) weight: f64,
}

/// Ridge that keeps the weights of constant columns at 0.
const RIDGE: f64 = 1e-3;

/// Rows in a chunk. The sums of chunks are added in order, so that the result does not depend on the number
/// of threads.
const CHUNK: usize = 1 << 14;

/// The maximum-likelihood weights. `row` computes the row of a number, again in every round.
pub(crate) fn learn<const N: usize>(rows: usize, row: impl Fn(usize) -> Row<N> + Sync) -> [f64; N] {
    let mut weights = [0.0; N];
    for _ in 0..50 {
        let chunks: Vec<Sums<N>> = (0..rows.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut sums = Sums::new();
                let numbers = chunk * CHUNK..rows.min((chunk + 1) * CHUNK);
                numbers.for_each(|number| sums.add(&row(number), &weights));
                sums
            })
            .collect();
        let mut sums = Sums::new();
        chunks.iter().for_each(|chunk| sums.merge(chunk));
        let step = sums.step(&weights);
        // Far from the optimum the curvature is a poor guide, so the step is bounded.
        let longest = step.iter().fold(0.0f64, |most, part| most.max(part.abs()));
        let scale = (10.0 / longest).min(1.0);
        weights.iter_mut().zip(step).for_each(|(weight, part)| *weight -= scale * part);
        if longest < 1e-7 {
            break;
        }
    }
    weights
}

/// The gradient and the curvature of the loss.
struct Sums<const N: usize> {
    gradient: [f64; N],
    curvature: [[f64; N]; N],
}

impl<const N: usize> Sums<N> {
    fn new() -> Self {
        Sums { gradient: [0.0; N], curvature: [[0.0; N]; N] }
    }

    fn add(&mut self, row: &Row<N>, weights: &[f64; N]) {
        let logit = row.settled + dot(&row.x, weights);
        let likely = probability(logit);
        let (slope, curve) = (
            row.weight * (likely - f64::from(u8::from(row.yes))),
            row.weight * likely * (1.0 - likely),
        );
        for i in 0..N {
            self.gradient[i] += slope * row.x[i];
            for j in 0..=i {
                self.curvature[i][j] += curve * row.x[i] * row.x[j];
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        for i in 0..N {
            self.gradient[i] += other.gradient[i];
            (0..=i).for_each(|j| self.curvature[i][j] += other.curvature[i][j]);
        }
    }

    /// Solves `curvature · step = gradient` by Cholesky's decomposition.
    fn step(&self, weights: &[f64; N]) -> [f64; N] {
        let mut lower = [[0.0; N]; N];
        for i in 0..N {
            for j in 0..=i {
                let ridge = if i == j { RIDGE } else { 0.0 };
                let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
                let rest = self.curvature[i][j] + ridge - known;
                lower[i][j] =
                    if i == j { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / lower[j][j] };
            }
        }
        let mut step = [0.0; N];
        for i in 0..N {
            let known: f64 = (0..i).map(|k| lower[i][k] * step[k]).sum();
            step[i] = (self.gradient[i] + RIDGE * weights[i] - known) / lower[i][i];
        }
        for i in (0..N).rev() {
            let known: f64 = (i + 1..N).map(|k| lower[k][i] * step[k]).sum();
            step[i] = (step[i] - known) / lower[i][i];
        }
        step
    }
}

/// The logistic function.
pub(crate) fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

pub(crate) fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
