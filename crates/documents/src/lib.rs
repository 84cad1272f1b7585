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

/// The common vulnerability record all documents are written from.
pub mod record;

/// OSV documents.
pub mod osv;

/// CVE records.
pub mod cve;

/// OpenVEX documents.
pub mod openvex;

/// CycloneDX documents that say VEX.
pub mod cyclonedx_vex;

/// GitHub's advisories.
pub mod ghsa;

/// Software bills of materials.
pub mod sbom;

/// Advisories against components.
pub mod matching;
