//! The weights of the score, and what each piece of evidence is worth.
//!
//! Written by `cargo run --release --example calibrate -- ../shared/eval`, which says how they are
//! learned: from English rumours (`fnc1`), Vietnamese news (`vims`), American round-ups, pairs at
//! most three days apart (`allsides`), rewritten features, and wires of 1987 that are too far apart
//! to be one story (`reuters`).
//!
//! Average precision / F1 at the cut of events / F1 at the best cut, and of the wires how many of
//! a hundred pairs are taken for one story. `without` a set: tried on pairs that it never saw, and
//! for Vietnamese without knowing that its words are syllables.
//!
//! | learned from | fnc1 | vims | allsides | reuters |
//! |---|---|---|---|---|
//! | all | 0.957 / 0.904 / 0.905 | 0.974 / 0.956 / 0.957 | 0.854 / 0.781 / 0.784 | 14.9 |
//! | without fnc1 | 0.957 / 0.882 / 0.904 |  |  |  |
//! | without vims |  | 0.974 / 0.806 / 0.956 |  |  |
//! | without allsides |  |  | 0.844 / 0.772 / 0.776 |  |
//! | without reuters |  |  |  | 20.1 |
//!
//! From all sets, with one piece of evidence left out: what it loses has earned its place. `frame`
//! and `brief` are for what these sets hardly have, templates in a small folder and texts of a few
//! words.
//!
//! | left out | fnc1 | vims | allsides | reuters |
//! |---|---|---|---|---|
//! | terms | 0.942 / 0.885 / 0.885 | 0.967 / 0.939 / 0.939 | 0.824 / 0.767 / 0.771 | 16.6 |
//! | lead | 0.953 / 0.901 / 0.903 | 0.973 / 0.953 / 0.954 | 0.849 / 0.768 / 0.786 | 14.9 |
//! | numbers | 0.955 / 0.899 / 0.900 | 0.975 / 0.957 / 0.957 | 0.856 / 0.774 / 0.787 | 16.4 |
//! | density | 0.950 / 0.902 / 0.903 | 0.971 / 0.952 / 0.952 | 0.834 / 0.743 / 0.766 | 20.5 |
//! | commonplaces | 0.957 / 0.903 / 0.904 | 0.975 / 0.955 / 0.956 | 0.856 / 0.783 / 0.787 | 18.1 |
//! | frame | 0.957 / 0.904 / 0.905 | 0.974 / 0.957 / 0.957 | 0.855 / 0.782 / 0.784 | 15.0 |
//! | syllables | 0.950 / 0.895 / 0.898 | 0.975 / 0.881 / 0.956 | 0.856 / 0.786 / 0.790 | 12.5 |
//! | brief | 0.957 / 0.904 / 0.905 | 0.974 / 0.956 / 0.957 | 0.854 / 0.781 / 0.784 | 15.8 |
//! | days | 0.958 / 0.904 / 0.905 | 0.974 / 0.955 / 0.956 | 0.790 / 0.724 / 0.728 | 16.9 |

/// The logarithm of the odds that a pair without any evidence tells one story.
pub(crate) const BIAS: f32 = -5.188;

/// How much each of [`Evidence::FEATURES`](crate::Evidence::FEATURES) adds.
pub(crate) const WEIGHTS: [f32; 9] = [
    21.024,   // terms
    10.634,   // lead
    2.374,    // numbers
    -16.150,  // density
    -37.912,  // commonplaces
    -180.000, // frame
    -3.602,   // syllables
    -2.558,   // brief
    -3.600,   // days
];
