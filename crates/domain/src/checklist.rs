//! Checklists of the process: versioned data, one list for each stage (30111 6.1).

use crate::kinds::Stage;

/// One item of a stage's checklist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item {
    /// Its stable id.
    pub id: &'static str,
    /// The stage that it belongs to.
    pub stage: Stage,
    /// What is to be done.
    pub text: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Whether the stage may not be left without it.
    pub required: bool,
}

const fn item(
    id: &'static str,
    stage: Stage,
    source: &'static str,
    required: bool,
    text: &'static str,
) -> Item {
    Item {
        id,
        stage,
        text,
        source,
        required,
    }
}

/// The checklist of process version 1.
const V1: &[Item] = &[
    item(
        "scope",
        Stage::Receipt,
        "30111 7.1.3",
        false,
        "The product is one of ours, or its vendor is known",
    ),
    item(
        "duplicates",
        Stage::Receipt,
        "30111 7.1.4 b",
        false,
        "Likely duplicates were looked at",
    ),
    item(
        "urgency",
        Stage::Receipt,
        "29147 6.3",
        false,
        "Signs of publicity or exploitation were looked for",
    ),
    item(
        "supported",
        Stage::Verification,
        "30111 7.1.4 a",
        true,
        "Effect on supported versions was examined",
    ),
    item(
        "methods",
        Stage::Verification,
        "30111 7.1.4 c",
        false,
        "Ways of exploitation were examined",
    ),
    item(
        "siblings",
        Stage::Verification,
        "30111 7.1.4 d",
        false,
        "Variants and sibling products were looked at",
    ),
    item(
        "other_vendors",
        Stage::Verification,
        "30111 clause 8",
        true,
        "Whether other vendors are concerned was asked",
    ),
    item(
        "regression",
        Stage::RemediationDevelopment,
        "30111 7.1.5 c",
        true,
        "The remediation adds no new vulnerability",
    ),
    item(
        "platforms",
        Stage::RemediationDevelopment,
        "30111 7.1.5 c",
        false,
        "All supported platforms were tested",
    ),
    item(
        "support_ready",
        Stage::Release,
        "30111 6.7",
        false,
        "Customer support can answer",
    ),
    item(
        "press_ready",
        Stage::Release,
        "30111 6.7",
        false,
        "Public relations can answer",
    ),
    item(
        "fix_reachable",
        Stage::Release,
        "29147 7.8",
        true,
        "Users can get and verify the remediation",
    ),
    item(
        "adoption",
        Stage::PostRelease,
        "30111 7.2 c",
        false,
        "Adoption was looked at",
    ),
    item(
        "lessons",
        Stage::PostRelease,
        "30111 7.1.7 b",
        false,
        "The root cause went back to development",
    ),
];

/// The newest process version.
pub const CURRENT_PROCESS: u32 = 1;

/// The items of a process version. Version 1 is the only one so far; a case keeps the version
/// that it ran under, so that a later one judges no old case.
pub fn items(version: u32) -> &'static [Item] {
    const BY_VERSION: [&[Item]; 1] = [V1];
    let index = usize::try_from(version.saturating_sub(1)).unwrap_or(0);
    BY_VERSION.get(index).copied().unwrap_or(V1)
}

/// The items of one stage.
pub fn of_stage(version: u32, stage: Stage) -> impl Iterator<Item = &'static Item> {
    items(version).iter().filter(move |i| i.stage == stage)
}
