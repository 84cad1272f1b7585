//! Scores in tenths, severities and the names of what a score rests on.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Version;

/// A score from 0.0 to 10.0, kept in tenths so that it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u8);

impl Score {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// Ten, the highest.
    pub const MAX: Self = Self(100);

    /// A score of so many tenths; more than 100 is 10.0, less than 0 is 0.0.
    #[must_use]
    pub fn from_tenths(tenths: i64) -> Self {
        Self(u8::try_from(tenths.clamp(0, 100)).unwrap_or(100))
    }

    /// The score a document states, if it is one: between 0 and 10 with at most one decimal.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        (0..=100u8)
            .map(Self)
            .find(|score| (score.as_f64() - value).abs() < 1e-9)
    }

    /// The score in tenths: 98 for 9.8.
    #[must_use]
    pub fn tenths(self) -> u8 {
        self.0
    }

    /// The score as a number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

impl From<Score> for f64 {
    fn from(score: Score) -> Self {
        score.as_f64()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

/// The scores of a vector.
///
/// v2: `temporal` and `environmental` are absent when their metrics say nothing. v3: all three
/// exist, as in the specification, where metrics that say nothing count as "not defined". v4.0
/// knows one score a vector: `base` is that of the base metrics alone, `temporal` that of base and
/// threat metrics when the threat metric is defined, `environmental` that of the whole vector when
/// an environmental metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Scores {
    /// Score of the base metrics.
    pub base: Score,
    /// Temporal (v2, v3) or threat (v4.0) score.
    pub temporal: Option<Score>,
    /// Environmental score.
    pub environmental: Option<Score>,
    /// The score of all that the vector says.
    pub overall: Score,
}

/// The qualitative severity rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 0.0 (v3, v4.0).
    None,
    /// Up to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9; in v2 to 10.0.
    High,
    /// 9.0 to 10.0 (v3, v4.0).
    Critical,
}

impl Severity {
    /// The rating of a score. v2 has no scale of its own; the usual one knows Low, Medium, High.
    #[must_use]
    pub fn of(version: Version, score: Score) -> Self {
        match (version, score.tenths()) {
            (Version::V2, 0..=39) => Self::Low,
            (Version::V2, 40..=69) => Self::Medium,
            (Version::V2, _) => Self::High,
            (_, 0) => Self::None,
            (_, 1..=39) => Self::Low,
            (_, 40..=69) => Self::Medium,
            (_, 70..=89) => Self::High,
            (_, _) => Self::Critical,
        }
    }

    /// The rating in words: `Critical`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// The enumeration literal of FIRST's JSON schemas: `CRITICAL`.
    #[must_use]
    pub fn json(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which metric groups a score rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nomenclature {
    /// Base metrics.
    B,
    /// Base and threat metrics.
    BT,
    /// Base and environmental metrics.
    BE,
    /// Base, threat and environmental metrics.
    BTE,
}

impl Nomenclature {
    /// The name, for example `CVSS-BT`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::B => "CVSS-B",
            Self::BT => "CVSS-BT",
            Self::BE => "CVSS-BE",
            Self::BTE => "CVSS-BTE",
        }
    }
}

impl fmt::Display for Nomenclature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
