//! SSVC selection lists (schema 2.0.0), the form in which CSAF 2.1 and others carry decisions.

use serde::{Deserialize, Serialize};

use super::{DecisionPoint, Outcome, PointValue};

/// A selection list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionList {
    /// What the selections speak of, for example CVE identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_ids: Vec<String>,
    /// When they were made, as RFC 3339.
    pub timestamp: String,
    /// Always `2.0.0`.
    #[serde(rename = "schemaVersion")]
    pub schema_version: String,
    /// The selections.
    pub selections: Vec<Selection>,
    /// Where decision points are described.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decision_point_resources: Vec<Reference>,
    /// Further sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// A decision point and the values still considered possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Namespace of the decision point.
    pub namespace: String,
    /// Key of the decision point.
    pub key: String,
    /// Version of the decision point.
    pub version: String,
    /// Name of the decision point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Definition of the decision point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The selected values.
    pub values: Vec<SelectionValue>,
}

/// A selected value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionValue {
    /// Key of the value.
    pub key: String,
    /// Name of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Definition of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// A link with a summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Where.
    pub uri: String,
    /// What is found there.
    pub summary: String,
}

impl Selection {
    /// One decision point with one value.
    #[must_use]
    pub fn new(point: &DecisionPoint, value: &PointValue) -> Self {
        Self {
            namespace: point.namespace.to_owned(),
            key: point.key.to_owned(),
            version: point.version.to_owned(),
            name: Some(point.name.to_owned()),
            definition: None,
            values: vec![SelectionValue {
                key: value.key.to_owned(),
                name: Some(value.name.to_owned()),
                definition: None,
            }],
        }
    }

    /// The identifier of the decision point: `ssvc:E:1.1.0`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.namespace, self.key, self.version)
    }
}

impl Outcome {
    /// The answers and the decision as a selection list. `timestamp` is RFC 3339 and is taken over
    /// as it is.
    #[must_use]
    pub fn selection_list(&self, timestamp: &str, target_ids: &[String]) -> SelectionList {
        let inputs = self.inputs.iter();
        let decided = Selection::new(self.table.outcome, self.value);
        SelectionList {
            target_ids: target_ids.to_vec(),
            timestamp: timestamp.to_owned(),
            schema_version: "2.0.0".to_owned(),
            selections: inputs
                .map(|(point, value)| Selection::new(point, value))
                .chain([decided])
                .collect(),
            decision_point_resources: Vec::new(),
            references: Vec::new(),
        }
    }
}
