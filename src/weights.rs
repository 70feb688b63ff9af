//! The weights of the score, as `cargo run --release --example calibrate` learned them.

/// The logarithm of the odds that a pair without any evidence tells one story.
pub(crate) const BIAS: f32 = -5.306;

/// How much each of [`Evidence::FEATURES`](crate::Evidence::FEATURES) adds to it.
pub(crate) const WEIGHTS: [f32; 8] = [
    20.485, // terms
    10.686, // lead
    2.735, // numbers
    -15.766, // density
    -45.519, // commonplaces
    -3.539, // syllables
    -2.542, // brief
    -3.600, // days
];
