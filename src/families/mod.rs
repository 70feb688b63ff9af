//! Clustering: verified pairs become story families.
//!
//! Takes verified pairs and access to the articles; returns families, their labels and the descent of
//! their members, and for a changing collection lasting family ids and events. Uses `score` and the
//! modules before it. Inside the folder `family` and `live` use `cluster`, and `live` uses `journal`.

pub(crate) mod cluster;
pub(crate) mod family;
pub(crate) mod journal;
pub(crate) mod label;
pub(crate) mod live;
pub(crate) mod provenance;
