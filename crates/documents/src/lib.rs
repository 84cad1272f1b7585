//! Floor.

/// CVSS vectors and scores.
pub mod cvss;

/// SSVC decision points, tables and selection lists.
pub mod ssvc;
