//! Why a vector string is refused, always with the metric and what to do.

use super::{MAX_VECTOR_LENGTH, Version};

/// Why a vector string is not a CVSS vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// Nothing was given.
    #[error("the vector is empty: write for example CVSS:4.0/AV:N/AC:L/…")]
    Empty,
    /// Longer than any vector can be.
    #[error("the vector has {length} characters, no vector has more than {MAX_VECTOR_LENGTH}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// A prefix that names no supported version.
    #[error(
        "unknown prefix {prefix:?}: write CVSS:3.0, CVSS:3.1 or CVSS:4.0 in capitals; a v2 vector has no prefix"
    )]
    WrongPrefix {
        /// The text before the first slash.
        prefix: String,
    },
    /// A metric of v3 or v4.0 in a vector without prefix.
    #[error("metric {metric} does not exist in CVSS v2: put CVSS:3.1/ or CVSS:4.0/ in front")]
    MissingPrefix {
        /// The metric that gives it away.
        metric: &'static str,
    },
    /// A prefix and nothing else.
    #[error("the vector has a prefix but no metrics")]
    NoMetrics,
    /// Nothing follows the last slash.
    #[error("the vector ends with a slash: remove it")]
    TrailingSlash,
    /// Two slashes in a row, or a leading slash.
    #[error("metric {} of the vector is empty: remove the extra slash", position + 1)]
    EmptyField {
        /// Position among the metrics, from 0.
        position: usize,
    },
    /// A field without a colon.
    #[error("{field:?} has no value: write metric:value, for example AV:N")]
    NoValue {
        /// The field.
        field: String,
    },
    /// The version has no such metric.
    #[error("CVSS {version} has no metric {metric:?}{}", hint(*meant))]
    UnknownMetric {
        /// As written.
        metric: String,
        /// The vector's version.
        version: Version,
        /// The metric in its right spelling, if only the case is wrong.
        meant: Option<&'static str>,
    },
    /// The metric has no such value.
    #[error("metric {metric} has no value {value:?}: it is one of {allowed}")]
    UnknownValue {
        /// The metric.
        metric: &'static str,
        /// As written.
        value: String,
        /// The values it may take.
        allowed: String,
    },
    /// A metric twice.
    #[error("metric {metric} is given more than once: keep one")]
    Duplicate {
        /// The metric.
        metric: &'static str,
    },
    /// v4.0 fixes the order of metrics.
    #[error("metric {metric} comes after {after}: CVSS 4.0 wants it before")]
    WrongOrder {
        /// The metric that comes too late.
        metric: &'static str,
        /// The metric before which it belongs.
        after: &'static str,
    },
    /// Base metrics that are absent.
    #[error("mandatory {} missing: add {}", missing_words(missing), list(missing.iter().copied()))]
    MissingMetric {
        /// Their abbreviations, in specification order.
        missing: Vec<&'static str>,
    },
}

impl VectorError {
    /// The metric the error speaks of, as written; none when it is about the whole vector.
    #[must_use]
    pub fn metric(&self) -> Option<&str> {
        match self {
            Self::UnknownMetric { metric, .. } => Some(metric),
            Self::NoValue { field } => Some(field),
            Self::MissingPrefix { metric }
            | Self::UnknownValue { metric, .. }
            | Self::Duplicate { metric }
            | Self::WrongOrder { metric, .. } => Some(metric),
            Self::MissingMetric { missing } => missing.first().copied(),
            Self::Empty
            | Self::TooLong { .. }
            | Self::WrongPrefix { .. }
            | Self::NoMetrics
            | Self::TrailingSlash
            | Self::EmptyField { .. } => None,
        }
    }
}

fn hint(meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!(": capitals matter, write {meant}"),
        None => ": remove it or correct the version".to_owned(),
    }
}

fn missing_words(missing: &[&str]) -> String {
    let list = list(missing.iter().copied());
    if missing.len() == 1 {
        format!("metric {list} is")
    } else {
        format!("metrics {list} are")
    }
}

pub(super) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
