//! CVSS v2, 3.0, 3.1 and 4.0: a strict vector parser and the published scores.
//!
//! A vector is either wholly right or refused with the metric and the reason; nothing is repaired.
//! Arithmetic lives in one module per version; this one knows vocabulary and errors only. No JSON
//! here: the property names of FIRST's schemas are offered for those who compare documents.

mod error;
mod metrics;
mod score;
mod v2;
mod v3;
mod v4;
mod v4_lookup;

pub use error::VectorError;
pub use metrics::{MetricSpec, ValueSpec, specs};
pub use score::{Nomenclature, Score, Scores, Severity};

use std::fmt;
use std::str::FromStr;

/// More characters than any well-formed vector can have (the longest v4.0 vector has 202).
pub const MAX_VECTOR_LENGTH: usize = 512;
const MAX_METRICS: usize = 32;

/// The CVSS versions that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// CVSS v2 (vectors without prefix).
    V2,
    /// CVSS v3.0.
    V3_0,
    /// CVSS v3.1.
    V3_1,
    /// CVSS v4.0.
    V4_0,
}

impl Version {
    /// The version number, for example `3.1`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V4_0 => "4.0",
        }
    }

    /// What a vector of this version begins with; empty for v2.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::V2 => "",
            Self::V3_0 => "CVSS:3.0/",
            Self::V3_1 => "CVSS:3.1/",
            Self::V4_0 => "CVSS:4.0/",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The groups metrics belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// What is constant over time and environments.
    Base,
    /// Temporal metrics (v2, v3) and the threat metric (v4.0).
    Threat,
    /// What depends on the user's environment.
    Environmental,
    /// v4.0 only: extra information without influence on the score.
    Supplemental,
}

/// A well-formed vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vector {
    version: Version,
    // Index into the metric's values, one place a metric in specification order.
    values: [Option<u8>; MAX_METRICS],
}

/// One metric of a vector with the value it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The metric: abbreviation, name, JSON property, group.
    pub spec: &'static MetricSpec,
    /// The value: abbreviation, name, JSON enumeration literal.
    pub value: &'static ValueSpec,
}

/// Reads a vector string of any version.
///
/// # Errors
/// Names the metric and the remedy for every departure from the specification's grammar.
pub fn parse(text: &str) -> Result<Vector, VectorError> {
    if text.is_empty() {
        return Err(VectorError::Empty);
    }
    if text.len() > MAX_VECTOR_LENGTH {
        return Err(VectorError::TooLong { length: text.len() });
    }
    let (version, body) = split_prefix(text)?;
    let specs = specs(version);
    let mut values = [None; MAX_METRICS];
    let mut last: Option<usize> = None;
    for (position, field) in body.split('/').enumerate() {
        if field.is_empty() {
            return Err(empty_field(position, body));
        }
        let Some((short, value)) = field.split_once(':') else {
            return Err(VectorError::NoValue {
                field: field.to_owned(),
            });
        };
        let Some(at) = specs.iter().position(|spec| spec.short == short) else {
            return Err(unknown_metric(version, short));
        };
        let (Some(spec), Some(slot)) = (specs.get(at), values.get_mut(at)) else {
            return Err(unknown_metric(version, short));
        };
        if slot.is_some() {
            return Err(VectorError::Duplicate { metric: spec.short });
        }
        let known = spec.values.iter().position(|known| known.short == value);
        let Some(known) = known.and_then(|index| u8::try_from(index).ok()) else {
            return Err(VectorError::UnknownValue {
                metric: spec.short,
                value: value.to_owned(),
                allowed: error::list(spec.values.iter().map(|known| known.short)),
            });
        };
        // Only v4.0 fixes the order; v2 and v3 allow any.
        if version == Version::V4_0
            && let Some(before) = last.filter(|&last| last > at).and_then(|l| specs.get(l))
        {
            return Err(VectorError::WrongOrder {
                metric: spec.short,
                after: before.short,
            });
        }
        *slot = Some(known);
        last = Some(at);
    }
    let missing = specs
        .iter()
        .zip(&values)
        .filter(|(spec, value)| spec.mandatory() && value.is_none())
        .map(|(spec, _)| spec.short)
        .collect::<Vec<_>>();
    if !missing.is_empty() {
        return Err(VectorError::MissingMetric { missing });
    }
    Ok(Vector { version, values })
}

fn split_prefix(text: &str) -> Result<(Version, &str), VectorError> {
    for version in [Version::V3_1, Version::V4_0, Version::V3_0] {
        if let Some(body) = text.strip_prefix(version.prefix()) {
            return Ok((version, body));
        }
    }
    let first = text.split('/').next().unwrap_or_default();
    if first.trim().to_ascii_uppercase().starts_with("CVSS") {
        return Err(VectorError::WrongPrefix {
            prefix: first.to_owned(),
        });
    }
    // These metrics do not exist in v2: whoever wrote them forgot the prefix.
    let newer = text.split('/').find_map(|field| {
        let short = field.split(':').next().unwrap_or_default();
        ["PR", "UI", "S", "AT", "VC", "VI", "VA"]
            .into_iter()
            .find(|known| *known == short)
    });
    match newer {
        Some(metric) => Err(VectorError::MissingPrefix { metric }),
        None => Ok((Version::V2, text)),
    }
}

fn empty_field(position: usize, body: &str) -> VectorError {
    if body.is_empty() {
        VectorError::NoMetrics
    } else if body.split('/').skip(position).all(str::is_empty) {
        VectorError::TrailingSlash
    } else {
        VectorError::EmptyField { position }
    }
}

fn unknown_metric(version: Version, short: &str) -> VectorError {
    let meant = specs(version)
        .iter()
        .find(|spec| spec.short.eq_ignore_ascii_case(short))
        .map(|spec| spec.short);
    VectorError::UnknownMetric {
        metric: short.to_owned(),
        version,
        meant,
    }
}

impl FromStr for Vector {
    type Err = VectorError;

    fn from_str(text: &str) -> Result<Self, VectorError> {
        parse(text)
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

impl Vector {
    /// The CVSS version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The metrics that the vector names, in specification order, also those that are named as
    /// "not defined".
    pub fn metrics(&self) -> impl Iterator<Item = Metric> + '_ {
        specs(self.version)
            .iter()
            .zip(&self.values)
            .filter_map(|(spec, value)| {
                let value = spec.values.get(usize::from((*value)?))?;
                Some(Metric { spec, value })
            })
    }

    /// Every metric of the version; those the vector does not name have the value "not defined".
    pub fn all_metrics(&self) -> impl Iterator<Item = Metric> + '_ {
        specs(self.version)
            .iter()
            .zip(&self.values)
            .filter_map(|(spec, value)| {
                let value = match value {
                    Some(index) => spec.values.get(usize::from(*index)),
                    None => spec.values.iter().find(|value| value.is_not_defined()),
                };
                Some(Metric {
                    spec,
                    value: value?,
                })
            })
    }

    /// Property names and values of FIRST's JSON schema, for all metrics of the version.
    pub fn json_properties(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.all_metrics()
            .map(|metric| (metric.spec.json, metric.value.json))
    }

    /// The value of a metric by its abbreviation; none when it is absent or "not defined".
    #[must_use]
    pub fn value(&self, short: &str) -> Option<&'static ValueSpec> {
        let (spec, index) = specs(self.version)
            .iter()
            .zip(&self.values)
            .find(|(spec, _)| spec.short == short)?;
        let value = spec.values.get(usize::from((*index)?))?;
        (!value.is_not_defined()).then_some(value)
    }

    /// Whether any metric of the group says something.
    #[must_use]
    pub fn defines(&self, group: Group) -> bool {
        self.metrics()
            .any(|metric| metric.spec.group == group && !metric.value.is_not_defined())
    }

    /// Prefix and metrics in specification order, without those that are "not defined".
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = self.version.prefix().to_owned();
        let mut first = true;
        for metric in self.metrics().filter(|m| !m.value.is_not_defined()) {
            if !first {
                text.push('/');
            }
            first = false;
            text.push_str(metric.spec.short);
            text.push(':');
            text.push_str(metric.value.short);
        }
        text
    }

    /// The same vector without what the groups say.
    #[must_use]
    pub fn without(&self, groups: &[Group]) -> Self {
        let mut left = *self;
        for (spec, value) in specs(self.version).iter().zip(&mut left.values) {
            if groups.contains(&spec.group) && !spec.mandatory() {
                *value = None;
            }
        }
        left
    }

    /// The scores by the specification of the vector's version.
    #[must_use]
    pub fn scores(&self) -> Scores {
        match self.version {
            Version::V2 => v2::scores(self),
            Version::V3_0 | Version::V3_1 => v3::scores(self),
            Version::V4_0 => v4::scores(self),
        }
    }

    /// The severity of the overall score.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of(self.version, self.scores().overall)
    }

    /// Which metric groups the overall score rests on (a term of v4.0, meaningful for all).
    #[must_use]
    pub fn nomenclature(&self) -> Nomenclature {
        match (
            self.defines(Group::Threat),
            self.defines(Group::Environmental),
        ) {
            (false, false) => Nomenclature::B,
            (true, false) => Nomenclature::BT,
            (false, true) => Nomenclature::BE,
            (true, true) => Nomenclature::BTE,
        }
    }

    // The abbreviation of a metric's value, with what counts when it is absent or "not defined".
    fn letter(&self, short: &str, otherwise: &'static str) -> &'static str {
        self.value(short).map_or(otherwise, |value| value.short)
    }
}
