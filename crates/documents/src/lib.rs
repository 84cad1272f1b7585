//! Floor.

/// CVSS vectors and scores.
pub mod cvss;

/// SSVC decision points, tables and selection lists.
pub mod ssvc;

/// CSAF advisories: reading, writing, validation.
pub mod csaf;

/// Names and mapping advice of the Common Weakness Enumeration.
pub mod cwe;

/// Package URLs.
pub mod purl;

/// Version order and VERS ranges.
pub mod versions;
