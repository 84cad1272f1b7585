//! The equations of CVSS v3.0 and v3.1, which differ in rounding and in the modified impact.

use super::{Group, Score, Scores, Vector, Version};

pub(super) fn scores(vector: &Vector) -> Scores {
    let base = base(vector);
    let temporal = roundup(vector, f64::from(base) / 10.0 * temporal_factor(vector));
    let environmental = environmental(vector);
    let overall = if vector.defines(Group::Environmental) {
        environmental
    } else if vector.defines(Group::Threat) {
        temporal
    } else {
        base
    };
    let score = |tenths: u8| Score::from_tenths(i64::from(tenths));
    Scores {
        base: score(base),
        temporal: Some(score(temporal)),
        environmental: Some(score(environmental)),
        overall: score(overall),
    }
}

fn base(vector: &Vector) -> u8 {
    let left = ["C", "I", "A"]
        .into_iter()
        .map(|metric| 1.0 - impact_weight(vector.letter(metric, "N")))
        .product::<f64>();
    let changed = vector.letter("S", "U") == "C";
    let iss = 1.0 - left;
    let impact = if changed {
        7.52 * (iss - 0.029) - 3.25 * (iss - 0.02).powi(15)
    } else {
        6.42 * iss
    };
    let exploitability = exploitability(
        vector.letter("AV", "N"),
        vector.letter("AC", "L"),
        vector.letter("PR", "N"),
        vector.letter("UI", "N"),
        changed,
    );
    combine(vector, impact, exploitability, changed)
}

fn environmental(vector: &Vector) -> u8 {
    let modified = |modified: &str, plain: &str| vector.letter(modified, vector.letter(plain, "N"));
    let weight = |modified_metric: &str, plain: &str, requirement: &str| {
        let requirement = match vector.letter(requirement, "X") {
            "H" => 1.5,
            "L" => 0.5,
            _ => 1.0,
        };
        1.0 - impact_weight(modified(modified_metric, plain)) * requirement
    };
    let left = weight("MC", "C", "CR") * weight("MI", "I", "IR") * weight("MA", "A", "AR");
    let miss = (1.0 - left).min(0.915);
    let changed = modified("MS", "S") == "C";
    let impact = match (changed, vector.version()) {
        (false, _) => 6.42 * miss,
        (true, Version::V3_0) => 7.52 * (miss - 0.029) - 3.25 * (miss - 0.02).powi(15),
        (true, _) => 7.52 * (miss - 0.029) - 3.25 * (miss * 0.9731 - 0.02).powi(13),
    };
    let exploitability = exploitability(
        modified("MAV", "AV"),
        modified("MAC", "AC"),
        modified("MPR", "PR"),
        modified("MUI", "UI"),
        changed,
    );
    let untimed = combine(vector, impact, exploitability, changed);
    roundup(vector, f64::from(untimed) / 10.0 * temporal_factor(vector))
}

fn combine(vector: &Vector, impact: f64, exploitability: f64, changed: bool) -> u8 {
    if impact <= 0.0 {
        return 0;
    }
    let factor = if changed { 1.08 } else { 1.0 };
    roundup(vector, (factor * (impact + exploitability)).min(10.0))
}

fn impact_weight(value: &str) -> f64 {
    match value {
        "H" => 0.56,
        "L" => 0.22,
        _ => 0.0,
    }
}

fn exploitability(
    attack_vector: &str,
    complexity: &str,
    privileges: &str,
    interaction: &str,
    changed: bool,
) -> f64 {
    let attack_vector = match attack_vector {
        "A" => 0.62,
        "L" => 0.55,
        "P" => 0.2,
        _ => 0.85,
    };
    let complexity = if complexity == "H" { 0.44 } else { 0.77 };
    let privileges = match (privileges, changed) {
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        ("H", false) => 0.27,
        ("H", true) => 0.5,
        _ => 0.85,
    };
    let interaction = if interaction == "R" { 0.62 } else { 0.85 };
    8.22 * attack_vector * complexity * privileges * interaction
}

fn temporal_factor(vector: &Vector) -> f64 {
    let maturity = match vector.letter("E", "X") {
        "F" => 0.97,
        "P" => 0.94,
        "U" => 0.91,
        _ => 1.0,
    };
    let remediation = match vector.letter("RL", "X") {
        "W" => 0.97,
        "T" => 0.96,
        "O" => 0.95,
        _ => 1.0,
    };
    let confidence = match vector.letter("RC", "X") {
        "R" => 0.96,
        "U" => 0.92,
        _ => 1.0,
    };
    maturity * remediation * confidence
}

// The smallest tenth at or above the value. v3.1 defines that by first rounding to five decimals
// (appendix A); v3.0 means exact decimals, from which binary fractions differ by far less than the
// tolerance taken here.
fn roundup(vector: &Vector, value: f64) -> u8 {
    let step = match vector.version() {
        Version::V3_0 => 1e9,
        _ => 1e5,
    };
    let units = (value * step).round();
    let tenths = (units / (step / 10.0)).ceil();
    (0..=100u8)
        .find(|candidate| f64::from(*candidate) >= tenths)
        .unwrap_or(100)
}
