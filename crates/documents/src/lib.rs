//! Floor.

/// CVSS vectors and scores.
pub mod cvss;
