//! SSVC: the published decision points and decision tables as data, their evaluation, and
//! selection lists.
//!
//! Tables are rows of the embedded files, never code: a new version of a table is a new row. What
//! is missing, unknown or ambiguous in an input is named with the values that would be right.

mod data;
mod list;

pub use list::{Reference, Selection, SelectionList, SelectionValue};

use data::same;

/// One decision point in one version.
#[derive(Debug, PartialEq, Eq)]
pub struct DecisionPoint {
    /// Namespace, for example `ssvc` or `cisa`.
    pub namespace: &'static str,
    /// Key, for example `E`.
    pub key: &'static str,
    /// Version, for example `1.1.0`.
    pub version: &'static str,
    /// Name in words, for example `Exploitation`.
    pub name: &'static str,
    /// What it asks.
    pub definition: String,
    /// Its values in their order.
    pub values: Vec<PointValue>,
}

/// One value of a decision point.
#[derive(Debug, PartialEq, Eq)]
pub struct PointValue {
    /// Key, for example `A`.
    pub key: &'static str,
    /// Name in words, for example `Active`.
    pub name: &'static str,
    /// What it means.
    pub definition: String,
}

impl DecisionPoint {
    /// The full identifier: `ssvc:E:1.1.0`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.namespace, self.key, self.version)
    }

    /// The value with this key, or, case and punctuation ignored, with this name.
    #[must_use]
    pub fn value(&self, text: &str) -> Option<&PointValue> {
        let by = |matches: &dyn Fn(&PointValue) -> bool| {
            let mut found = self.values.iter().filter(|value| matches(value));
            found.next().filter(|_| found.next().is_none())
        };
        by(&|value| value.key == text)
            .or_else(|| by(&|value| same(value.name, text)))
            .or_else(|| by(&|value| value.key.eq_ignore_ascii_case(text)))
    }

    fn allowed(&self) -> String {
        let values = self.values.iter();
        let list = values.map(|value| format!("{} ({})", value.key, value.name));
        list.collect::<Vec<_>>().join(", ")
    }
}

/// A published decision table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Short name without version, for example `coordinator_triage`.
    pub id: &'static str,
    /// Namespace, for example `ssvc`.
    pub namespace: &'static str,
    /// Key, for example `DT_COORD_TRIAGE`.
    pub key: &'static str,
    /// Version, for example `1.0.0`.
    pub version: &'static str,
    /// Name in words.
    pub name: &'static str,
    /// What it decides.
    pub definition: String,
    /// The decision point whose value is decided.
    pub outcome: &'static DecisionPoint,
    /// The decision points that are asked, in the table's order.
    pub inputs: Vec<&'static DecisionPoint>,
    // Index of the outcome's value for each combination, the last input counting fastest.
    digits: &'static [u8],
}

/// What a table decided, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The table.
    pub table: &'static Table,
    /// The decided value of `table.outcome`.
    pub value: &'static PointValue,
    /// What was asked and answered, in the table's order.
    pub inputs: Vec<(&'static DecisionPoint, &'static PointValue)>,
}

/// Why a table could not decide.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SsvcError {
    /// No table of that name.
    #[error("no SSVC table {name:?}: there are {known}")]
    UnknownTable {
        /// As given.
        name: String,
        /// The short names of all tables.
        known: String,
    },
    /// A decision point the table does not ask.
    #[error("table {table} has no decision point {point:?}: it asks {known}")]
    UnknownPoint {
        /// The table's short name.
        table: &'static str,
        /// As given.
        point: String,
        /// The keys and names it asks.
        known: String,
    },
    /// The table asks the decision point in another version.
    #[error("table {table} asks {wanted}, not {point}: answer that version of the decision point")]
    WrongVersion {
        /// The table's short name.
        table: &'static str,
        /// As given.
        point: String,
        /// The identifier in the table.
        wanted: String,
    },
    /// A value the decision point does not have.
    #[error("decision point {point} has no value {value:?}: it is one of {allowed}")]
    UnknownValue {
        /// Identifier of the decision point.
        point: String,
        /// As given.
        value: String,
        /// The values it has.
        allowed: String,
    },
    /// A decision point answered twice.
    #[error("decision point {point} is answered more than once: keep one answer")]
    Duplicate {
        /// Identifier of the decision point.
        point: String,
    },
    /// A decision point without answer.
    #[error("decision point {point} ({name}) has no answer: choose one of {allowed}")]
    Missing {
        /// Identifier of the decision point.
        point: String,
        /// Its name.
        name: &'static str,
        /// The values it has.
        allowed: String,
    },
    /// A selection list that leaves several values open for what the table asks.
    #[error("decision point {point} has {count} values selected: a decision needs exactly one")]
    NotOneValue {
        /// Identifier of the decision point.
        point: String,
        /// How many are selected.
        count: usize,
    },
}

/// Every published decision point in every version.
#[must_use]
pub fn points() -> &'static [DecisionPoint] {
    data::points()
}

/// Every published decision table.
#[must_use]
pub fn tables() -> &'static [Table] {
    data::tables()
}

/// A decision point by namespace, key and version.
#[must_use]
pub fn point(namespace: &str, key: &str, version: &str) -> Option<&'static DecisionPoint> {
    points()
        .iter()
        .find(|point| point.namespace == namespace && point.key == key && point.version == version)
}

/// A table by short name (`coordinator_triage`), with version (`coordinator_triage_1_0_0`), by key
/// (`DT_COORD_TRIAGE`), identifier (`ssvc:DT_COORD_TRIAGE:1.0.0`), role (`supplier`, `deployer`,
/// `coordinator`) or name in words. Without version the newest one answers.
///
/// # Errors
/// The name fits no table; the error lists all.
pub fn table(name: &str) -> Result<&'static Table, SsvcError> {
    let role = match name {
        "supplier" => "supplier_patch_development_priority",
        "deployer" => "deployer_patch_application_priority",
        "coordinator" => "coordinator_triage",
        "publish" | "publication" | "coordinator_publish" => "coordinator_publish_decision_table",
        "cisa" => "cisa_coordinator",
        "bod_26_04" | "bod-26-04" => "cisa_bod_26_04",
        other => other,
    };
    let fits = |table: &&Table| {
        let versioned = format!("{}_{}", table.id, table.version.replace('.', "_"));
        let qualified = format!("{}:{}", table.namespace, table.key);
        let full = format!("{qualified}:{}", table.version);
        same(table.id, role)
            || same(&versioned, role)
            || table.key.eq_ignore_ascii_case(role)
            || qualified.eq_ignore_ascii_case(role)
            || full.eq_ignore_ascii_case(role)
            || same(table.name, role)
    };
    // Rows of the data file are sorted by version within a table: the last one is the newest.
    tables()
        .iter()
        .rfind(fits)
        .ok_or_else(|| SsvcError::UnknownTable {
            name: name.to_owned(),
            known: joined(tables().iter().map(|table| table.id.to_owned())),
        })
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

impl Table {
    /// Decides. Decision points are given by key (`E`), qualified key (`ssvc:E`), identifier
    /// (`ssvc:E:1.1.0`) or name; values by key or name.
    ///
    /// # Errors
    /// Names the decision point that is missing, unknown or doubled, or the unknown value, with
    /// what is allowed.
    pub fn evaluate<K, V>(&'static self, answers: &[(K, V)]) -> Result<Outcome, SsvcError>
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let mut chosen: Vec<Option<usize>> = vec![None; self.inputs.len()];
        for (key, value) in answers {
            let (key, value) = (key.as_ref(), value.as_ref());
            let at = self.input(key)?;
            let (Some(point), Some(slot)) = (self.inputs.get(at), chosen.get_mut(at)) else {
                continue;
            };
            if slot.is_some() {
                return Err(SsvcError::Duplicate { point: point.id() });
            }
            let found = point.value(value);
            *slot = found.and_then(|found| point.values.iter().position(|v| v == found));
            if slot.is_none() {
                return Err(SsvcError::UnknownValue {
                    point: point.id(),
                    value: value.to_owned(),
                    allowed: point.allowed(),
                });
            }
        }
        self.decide(&chosen)
    }

    /// Decides from a selection list; selections of other decision points are passed over.
    ///
    /// # Errors
    /// As [`Table::evaluate`]; also when several values of an asked decision point are selected.
    pub fn evaluate_list(&'static self, list: &SelectionList) -> Result<Outcome, SsvcError> {
        let mut answers = Vec::new();
        for selection in &list.selections {
            let asked = self.inputs.iter().any(|point| {
                point.namespace == selection.namespace
                    && point.key == selection.key
                    && point.version == selection.version
            });
            if !asked {
                continue;
            }
            let [value] = selection.values.as_slice() else {
                return Err(SsvcError::NotOneValue {
                    point: selection.id(),
                    count: selection.values.len(),
                });
            };
            answers.push((selection.id(), value.key.clone()));
        }
        self.evaluate(&answers)
    }

    /// Every combination of values and what is decided, in the order of the data.
    pub fn rows(&'static self) -> impl Iterator<Item = Outcome> {
        let sizes: Vec<usize> = self.inputs.iter().map(|point| point.values.len()).collect();
        (0..self.digits.len()).filter_map(move |row| {
            let mut rest = row;
            let mut chosen = vec![None; sizes.len()];
            for (slot, size) in chosen.iter_mut().zip(&sizes).rev() {
                *slot = Some(rest % size);
                rest /= size;
            }
            self.decide(&chosen).ok()
        })
    }

    fn input(&self, key: &str) -> Result<usize, SsvcError> {
        let at = |fits: &dyn Fn(&DecisionPoint) -> bool| {
            let mut found = self
                .inputs
                .iter()
                .enumerate()
                .filter(|(_, point)| fits(point));
            let first = found.next().map(|(at, _)| at);
            first.filter(|_| found.next().is_none())
        };
        let qualified = |point: &DecisionPoint| format!("{}:{}", point.namespace, point.key);
        at(&|point| point.id() == key)
            .or_else(|| at(&|point| qualified(point) == key))
            .or_else(|| at(&|point| point.key == key))
            .or_else(|| at(&|point| same(point.name, key)))
            .or_else(|| at(&|point| point.key.eq_ignore_ascii_case(key)))
            .ok_or_else(|| self.no_input(key))
    }

    fn no_input(&self, key: &str) -> SsvcError {
        let other_version = key.rsplit_once(':').and_then(|(head, _)| {
            let fits =
                |point: &&&DecisionPoint| format!("{}:{}", point.namespace, point.key) == head;
            self.inputs.iter().find(fits)
        });
        match other_version {
            Some(point) => SsvcError::WrongVersion {
                table: self.id,
                point: key.to_owned(),
                wanted: point.id(),
            },
            None => SsvcError::UnknownPoint {
                table: self.id,
                point: key.to_owned(),
                known: joined(
                    self.inputs
                        .iter()
                        .map(|point| format!("{} ({})", point.key, point.name)),
                ),
            },
        }
    }

    fn decide(&'static self, chosen: &[Option<usize>]) -> Result<Outcome, SsvcError> {
        let mut row = 0;
        let mut inputs = Vec::with_capacity(chosen.len());
        for (&point, index) in self.inputs.iter().zip(chosen) {
            let value = index.and_then(|index| Some((index, point.values.get(index)?)));
            let Some((index, value)) = value else {
                return Err(SsvcError::Missing {
                    point: point.id(),
                    name: point.name,
                    allowed: point.allowed(),
                });
            };
            row = row * point.values.len() + index;
            inputs.push((point, value));
        }
        let digit = self.digits.get(row).map(|digit| usize::from(digit - b'0'));
        let value = digit.and_then(|digit| self.outcome.values.get(digit));
        match value {
            Some(value) => Ok(Outcome {
                table: self,
                value,
                inputs,
            }),
            // Cannot happen: the data is checked for completeness when it is read.
            None => Err(SsvcError::UnknownTable {
                name: self.id.to_owned(),
                known: String::new(),
            }),
        }
    }
}
