//! The weights of the score: one for each feature of [`Evidence`](crate::Evidence), and a bias.
//!
//! `cargo run --release --example calibrate` learns them from labelled pairs by logistic regression.
//! The weights of days and of frame are derived instead, because the labelled sets hardly contain
//! them. What each weight is worth, and how the score does on sets that it was not learned from, is
//! on the design page.

/// The logit of a pair without any evidence.
pub(crate) const BIAS: f32 = -4.961;

/// The weight of each of [`Evidence::FEATURES`](crate::Evidence::FEATURES).
pub(crate) const WEIGHTS: [f32; 9] = [
    19.787,   // terms
    10.376,   // lead
    2.199,    // numbers
    -13.858,  // density
    -44.479,  // boilerplate
    -180.000, // frame
    -3.368,   // syllables
    -2.438,   // brief
    -3.600,   // days
];
