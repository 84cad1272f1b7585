//! The metrics of CVSS v2, v3.x and v4.0 as data: abbreviations, names, values, and the property
//! names and enumerations of FIRST's JSON schemas. Order is the order of the specification's vector
//! string. No arithmetic here.
//!
//! Long file: one table of the four methods, which is read as a table.

use super::{Group, Version};

/// One metric of a CVSS version.
#[derive(Debug, PartialEq, Eq)]
pub struct MetricSpec {
    /// Abbreviation in the vector string, for example `AV`.
    pub short: &'static str,
    /// Name in words, for example `Attack Vector`.
    pub name: &'static str,
    /// Property name in FIRST's JSON schema, for example `attackVector`.
    pub json: &'static str,
    /// The metric group it belongs to.
    pub group: Group,
    /// Every value the metric may take.
    pub values: &'static [ValueSpec],
}

impl MetricSpec {
    /// Base metrics must be present, all others may be left out.
    #[must_use]
    pub fn mandatory(&self) -> bool {
        self.group == Group::Base
    }
}

/// One value of a metric.
#[derive(Debug, PartialEq, Eq)]
pub struct ValueSpec {
    /// Abbreviation in the vector string, for example `N`.
    pub short: &'static str,
    /// Name in words, for example `Network`.
    pub name: &'static str,
    /// Enumeration literal in FIRST's JSON schema, for example `NETWORK`.
    pub json: &'static str,
}

impl ValueSpec {
    /// `X` (v3, v4) and `ND` (v2): the metric is named but says nothing.
    #[must_use]
    pub fn is_not_defined(&self) -> bool {
        self.json == "NOT_DEFINED"
    }
}

/// The metrics of a version in specification order.
#[must_use]
pub fn specs(version: Version) -> &'static [MetricSpec] {
    match version {
        Version::V2 => V2,
        Version::V3_0 | Version::V3_1 => V3,
        Version::V4_0 => V4,
    }
}

const fn v(short: &'static str, name: &'static str, json: &'static str) -> ValueSpec {
    ValueSpec { short, name, json }
}

const fn m(
    short: &'static str,
    name: &'static str,
    json: &'static str,
    group: Group,
    values: &'static [ValueSpec],
) -> MetricSpec {
    MetricSpec {
        short,
        name,
        json,
        group,
        values,
    }
}

const V2_AV: &[ValueSpec] = &[
    v("L", "Local", "LOCAL"),
    v("A", "Adjacent Network", "ADJACENT_NETWORK"),
    v("N", "Network", "NETWORK"),
];
const V2_AC: &[ValueSpec] = &[
    v("H", "High", "HIGH"),
    v("M", "Medium", "MEDIUM"),
    v("L", "Low", "LOW"),
];
const V2_AU: &[ValueSpec] = &[
    v("M", "Multiple", "MULTIPLE"),
    v("S", "Single", "SINGLE"),
    v("N", "None", "NONE"),
];
const V2_C: &[ValueSpec] = &[
    v("N", "None", "NONE"),
    v("P", "Partial", "PARTIAL"),
    v("C", "Complete", "COMPLETE"),
];
const V2_E: &[ValueSpec] = &[
    v("U", "Unproven", "UNPROVEN"),
    v("POC", "Proof-of-Concept", "PROOF_OF_CONCEPT"),
    v("F", "Functional", "FUNCTIONAL"),
    v("H", "High", "HIGH"),
    v("ND", "Not Defined", "NOT_DEFINED"),
];
const V2_RL: &[ValueSpec] = &[
    v("OF", "Official Fix", "OFFICIAL_FIX"),
    v("TF", "Temporary Fix", "TEMPORARY_FIX"),
    v("W", "Workaround", "WORKAROUND"),
    v("U", "Unavailable", "UNAVAILABLE"),
    v("ND", "Not Defined", "NOT_DEFINED"),
];
const V2_RC: &[ValueSpec] = &[
    v("UC", "Unconfirmed", "UNCONFIRMED"),
    v("UR", "Uncorroborated", "UNCORROBORATED"),
    v("C", "Confirmed", "CONFIRMED"),
    v("ND", "Not Defined", "NOT_DEFINED"),
];
const V2_CDP: &[ValueSpec] = &[
    v("N", "None", "NONE"),
    v("L", "Low", "LOW"),
    v("LM", "Low-Medium", "LOW_MEDIUM"),
    v("MH", "Medium-High", "MEDIUM_HIGH"),
    v("H", "High", "HIGH"),
    v("ND", "Not Defined", "NOT_DEFINED"),
];
const V2_TD: &[ValueSpec] = &[
    v("N", "None", "NONE"),
    v("L", "Low", "LOW"),
    v("M", "Medium", "MEDIUM"),
    v("H", "High", "HIGH"),
    v("ND", "Not Defined", "NOT_DEFINED"),
];
const V2_CR: &[ValueSpec] = &[
    v("L", "Low", "LOW"),
    v("M", "Medium", "MEDIUM"),
    v("H", "High", "HIGH"),
    v("ND", "Not Defined", "NOT_DEFINED"),
];

static V2: &[MetricSpec] = &[
    m("AV", "Access Vector", "accessVector", Group::Base, V2_AV),
    m(
        "AC",
        "Access Complexity",
        "accessComplexity",
        Group::Base,
        V2_AC,
    ),
    m("Au", "Authentication", "authentication", Group::Base, V2_AU),
    m(
        "C",
        "Confidentiality Impact",
        "confidentialityImpact",
        Group::Base,
        V2_C,
    ),
    m(
        "I",
        "Integrity Impact",
        "integrityImpact",
        Group::Base,
        V2_C,
    ),
    m(
        "A",
        "Availability Impact",
        "availabilityImpact",
        Group::Base,
        V2_C,
    ),
    m("E", "Exploitability", "exploitability", Group::Threat, V2_E),
    m(
        "RL",
        "Remediation Level",
        "remediationLevel",
        Group::Threat,
        V2_RL,
    ),
    m(
        "RC",
        "Report Confidence",
        "reportConfidence",
        Group::Threat,
        V2_RC,
    ),
    m(
        "CDP",
        "Collateral Damage Potential",
        "collateralDamagePotential",
        Group::Environmental,
        V2_CDP,
    ),
    m(
        "TD",
        "Target Distribution",
        "targetDistribution",
        Group::Environmental,
        V2_TD,
    ),
    m(
        "CR",
        "Confidentiality Requirement",
        "confidentialityRequirement",
        Group::Environmental,
        V2_CR,
    ),
    m(
        "IR",
        "Integrity Requirement",
        "integrityRequirement",
        Group::Environmental,
        V2_CR,
    ),
    m(
        "AR",
        "Availability Requirement",
        "availabilityRequirement",
        Group::Environmental,
        V2_CR,
    ),
];

const V3_AV: &[ValueSpec] = &[
    v("N", "Network", "NETWORK"),
    v("A", "Adjacent Network", "ADJACENT_NETWORK"),
    v("L", "Local", "LOCAL"),
    v("P", "Physical", "PHYSICAL"),
];
const V3_AC: &[ValueSpec] = &[v("L", "Low", "LOW"), v("H", "High", "HIGH")];
const V3_PR: &[ValueSpec] = &[
    v("N", "None", "NONE"),
    v("L", "Low", "LOW"),
    v("H", "High", "HIGH"),
];
const V3_UI: &[ValueSpec] = &[v("N", "None", "NONE"), v("R", "Required", "REQUIRED")];
const V3_S: &[ValueSpec] = &[
    v("U", "Unchanged", "UNCHANGED"),
    v("C", "Changed", "CHANGED"),
];
const V3_C: &[ValueSpec] = &[
    v("H", "High", "HIGH"),
    v("L", "Low", "LOW"),
    v("N", "None", "NONE"),
];
const V3_E: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("H", "High", "HIGH"),
    v("F", "Functional", "FUNCTIONAL"),
    v("P", "Proof-of-Concept", "PROOF_OF_CONCEPT"),
    v("U", "Unproven", "UNPROVEN"),
];
const V3_RL: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("U", "Unavailable", "UNAVAILABLE"),
    v("W", "Workaround", "WORKAROUND"),
    v("T", "Temporary Fix", "TEMPORARY_FIX"),
    v("O", "Official Fix", "OFFICIAL_FIX"),
];
const V3_RC: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("C", "Confirmed", "CONFIRMED"),
    v("R", "Reasonable", "REASONABLE"),
    v("U", "Unknown", "UNKNOWN"),
];
const V3_CR: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("H", "High", "HIGH"),
    v("M", "Medium", "MEDIUM"),
    v("L", "Low", "LOW"),
];
const V3_MAV: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "Network", "NETWORK"),
    v("A", "Adjacent Network", "ADJACENT_NETWORK"),
    v("L", "Local", "LOCAL"),
    v("P", "Physical", "PHYSICAL"),
];
const V3_MAC: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("L", "Low", "LOW"),
    v("H", "High", "HIGH"),
];
const V3_MPR: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "None", "NONE"),
    v("L", "Low", "LOW"),
    v("H", "High", "HIGH"),
];
const V3_MUI: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "None", "NONE"),
    v("R", "Required", "REQUIRED"),
];
const V3_MS: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("U", "Unchanged", "UNCHANGED"),
    v("C", "Changed", "CHANGED"),
];
const V3_MC: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("H", "High", "HIGH"),
    v("L", "Low", "LOW"),
    v("N", "None", "NONE"),
];

static V3: &[MetricSpec] = &[
    m("AV", "Attack Vector", "attackVector", Group::Base, V3_AV),
    m(
        "AC",
        "Attack Complexity",
        "attackComplexity",
        Group::Base,
        V3_AC,
    ),
    m(
        "PR",
        "Privileges Required",
        "privilegesRequired",
        Group::Base,
        V3_PR,
    ),
    m(
        "UI",
        "User Interaction",
        "userInteraction",
        Group::Base,
        V3_UI,
    ),
    m("S", "Scope", "scope", Group::Base, V3_S),
    m(
        "C",
        "Confidentiality",
        "confidentialityImpact",
        Group::Base,
        V3_C,
    ),
    m("I", "Integrity", "integrityImpact", Group::Base, V3_C),
    m("A", "Availability", "availabilityImpact", Group::Base, V3_C),
    m(
        "E",
        "Exploit Code Maturity",
        "exploitCodeMaturity",
        Group::Threat,
        V3_E,
    ),
    m(
        "RL",
        "Remediation Level",
        "remediationLevel",
        Group::Threat,
        V3_RL,
    ),
    m(
        "RC",
        "Report Confidence",
        "reportConfidence",
        Group::Threat,
        V3_RC,
    ),
    m(
        "CR",
        "Confidentiality Requirement",
        "confidentialityRequirement",
        Group::Environmental,
        V3_CR,
    ),
    m(
        "IR",
        "Integrity Requirement",
        "integrityRequirement",
        Group::Environmental,
        V3_CR,
    ),
    m(
        "AR",
        "Availability Requirement",
        "availabilityRequirement",
        Group::Environmental,
        V3_CR,
    ),
    m(
        "MAV",
        "Modified Attack Vector",
        "modifiedAttackVector",
        Group::Environmental,
        V3_MAV,
    ),
    m(
        "MAC",
        "Modified Attack Complexity",
        "modifiedAttackComplexity",
        Group::Environmental,
        V3_MAC,
    ),
    m(
        "MPR",
        "Modified Privileges Required",
        "modifiedPrivilegesRequired",
        Group::Environmental,
        V3_MPR,
    ),
    m(
        "MUI",
        "Modified User Interaction",
        "modifiedUserInteraction",
        Group::Environmental,
        V3_MUI,
    ),
    m(
        "MS",
        "Modified Scope",
        "modifiedScope",
        Group::Environmental,
        V3_MS,
    ),
    m(
        "MC",
        "Modified Confidentiality",
        "modifiedConfidentialityImpact",
        Group::Environmental,
        V3_MC,
    ),
    m(
        "MI",
        "Modified Integrity",
        "modifiedIntegrityImpact",
        Group::Environmental,
        V3_MC,
    ),
    m(
        "MA",
        "Modified Availability",
        "modifiedAvailabilityImpact",
        Group::Environmental,
        V3_MC,
    ),
];

const V4_AV: &[ValueSpec] = &[
    v("N", "Network", "NETWORK"),
    v("A", "Adjacent", "ADJACENT"),
    v("L", "Local", "LOCAL"),
    v("P", "Physical", "PHYSICAL"),
];
const V4_AT: &[ValueSpec] = &[v("N", "None", "NONE"), v("P", "Present", "PRESENT")];
const V4_UI: &[ValueSpec] = &[
    v("N", "None", "NONE"),
    v("P", "Passive", "PASSIVE"),
    v("A", "Active", "ACTIVE"),
];
const V4_E: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("A", "Attacked", "ATTACKED"),
    v("P", "Proof-of-Concept", "PROOF_OF_CONCEPT"),
    v("U", "Unreported", "UNREPORTED"),
];
const V4_MAV: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "Network", "NETWORK"),
    v("A", "Adjacent", "ADJACENT"),
    v("L", "Local", "LOCAL"),
    v("P", "Physical", "PHYSICAL"),
];
const V4_MAT: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "None", "NONE"),
    v("P", "Present", "PRESENT"),
];
const V4_MUI: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "None", "NONE"),
    v("P", "Passive", "PASSIVE"),
    v("A", "Active", "ACTIVE"),
];
const V4_MSC: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("H", "High", "HIGH"),
    v("L", "Low", "LOW"),
    v("N", "Negligible", "NEGLIGIBLE"),
];
const V4_MSI: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("S", "Safety", "SAFETY"),
    v("H", "High", "HIGH"),
    v("L", "Low", "LOW"),
    v("N", "Negligible", "NEGLIGIBLE"),
];
const V4_S: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "Negligible", "NEGLIGIBLE"),
    v("P", "Present", "PRESENT"),
];
const V4_AU: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("N", "No", "NO"),
    v("Y", "Yes", "YES"),
];
const V4_R: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("A", "Automatic", "AUTOMATIC"),
    v("U", "User", "USER"),
    v("I", "Irrecoverable", "IRRECOVERABLE"),
];
const V4_V: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("D", "Diffuse", "DIFFUSE"),
    v("C", "Concentrated", "CONCENTRATED"),
];
const V4_RE: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("L", "Low", "LOW"),
    v("M", "Moderate", "MODERATE"),
    v("H", "High", "HIGH"),
];
const V4_U: &[ValueSpec] = &[
    v("X", "Not Defined", "NOT_DEFINED"),
    v("Clear", "Clear", "CLEAR"),
    v("Green", "Green", "GREEN"),
    v("Amber", "Amber", "AMBER"),
    v("Red", "Red", "RED"),
];

static V4: &[MetricSpec] = &[
    m("AV", "Attack Vector", "attackVector", Group::Base, V4_AV),
    m(
        "AC",
        "Attack Complexity",
        "attackComplexity",
        Group::Base,
        V3_AC,
    ),
    m(
        "AT",
        "Attack Requirements",
        "attackRequirements",
        Group::Base,
        V4_AT,
    ),
    m(
        "PR",
        "Privileges Required",
        "privilegesRequired",
        Group::Base,
        V3_PR,
    ),
    m(
        "UI",
        "User Interaction",
        "userInteraction",
        Group::Base,
        V4_UI,
    ),
    m(
        "VC",
        "Vulnerable System Confidentiality Impact",
        "vulnConfidentialityImpact",
        Group::Base,
        V3_C,
    ),
    m(
        "VI",
        "Vulnerable System Integrity Impact",
        "vulnIntegrityImpact",
        Group::Base,
        V3_C,
    ),
    m(
        "VA",
        "Vulnerable System Availability Impact",
        "vulnAvailabilityImpact",
        Group::Base,
        V3_C,
    ),
    m(
        "SC",
        "Subsequent System Confidentiality Impact",
        "subConfidentialityImpact",
        Group::Base,
        V3_C,
    ),
    m(
        "SI",
        "Subsequent System Integrity Impact",
        "subIntegrityImpact",
        Group::Base,
        V3_C,
    ),
    m(
        "SA",
        "Subsequent System Availability Impact",
        "subAvailabilityImpact",
        Group::Base,
        V3_C,
    ),
    m(
        "E",
        "Exploit Maturity",
        "exploitMaturity",
        Group::Threat,
        V4_E,
    ),
    m(
        "CR",
        "Confidentiality Requirement",
        "confidentialityRequirement",
        Group::Environmental,
        V3_CR,
    ),
    m(
        "IR",
        "Integrity Requirement",
        "integrityRequirement",
        Group::Environmental,
        V3_CR,
    ),
    m(
        "AR",
        "Availability Requirement",
        "availabilityRequirement",
        Group::Environmental,
        V3_CR,
    ),
    m(
        "MAV",
        "Modified Attack Vector",
        "modifiedAttackVector",
        Group::Environmental,
        V4_MAV,
    ),
    m(
        "MAC",
        "Modified Attack Complexity",
        "modifiedAttackComplexity",
        Group::Environmental,
        V3_MAC,
    ),
    m(
        "MAT",
        "Modified Attack Requirements",
        "modifiedAttackRequirements",
        Group::Environmental,
        V4_MAT,
    ),
    m(
        "MPR",
        "Modified Privileges Required",
        "modifiedPrivilegesRequired",
        Group::Environmental,
        V3_MPR,
    ),
    m(
        "MUI",
        "Modified User Interaction",
        "modifiedUserInteraction",
        Group::Environmental,
        V4_MUI,
    ),
    m(
        "MVC",
        "Modified Vulnerable System Confidentiality Impact",
        "modifiedVulnConfidentialityImpact",
        Group::Environmental,
        V3_MC,
    ),
    m(
        "MVI",
        "Modified Vulnerable System Integrity Impact",
        "modifiedVulnIntegrityImpact",
        Group::Environmental,
        V3_MC,
    ),
    m(
        "MVA",
        "Modified Vulnerable System Availability Impact",
        "modifiedVulnAvailabilityImpact",
        Group::Environmental,
        V3_MC,
    ),
    m(
        "MSC",
        "Modified Subsequent System Confidentiality Impact",
        "modifiedSubConfidentialityImpact",
        Group::Environmental,
        V4_MSC,
    ),
    m(
        "MSI",
        "Modified Subsequent System Integrity Impact",
        "modifiedSubIntegrityImpact",
        Group::Environmental,
        V4_MSI,
    ),
    m(
        "MSA",
        "Modified Subsequent System Availability Impact",
        "modifiedSubAvailabilityImpact",
        Group::Environmental,
        V4_MSI,
    ),
    m("S", "Safety", "Safety", Group::Supplemental, V4_S),
    m(
        "AU",
        "Automatable",
        "Automatable",
        Group::Supplemental,
        V4_AU,
    ),
    m("R", "Recovery", "Recovery", Group::Supplemental, V4_R),
    m(
        "V",
        "Value Density",
        "valueDensity",
        Group::Supplemental,
        V4_V,
    ),
    m(
        "RE",
        "Vulnerability Response Effort",
        "vulnerabilityResponseEffort",
        Group::Supplemental,
        V4_RE,
    ),
    m(
        "U",
        "Provider Urgency",
        "providerUrgency",
        Group::Supplemental,
        V4_U,
    ),
];
