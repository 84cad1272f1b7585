//! The equations of CVSS v2 in whole numbers, so that rounding to one decimal is exact.

use super::{Group, Score, Scores, Vector};

pub(super) fn scores(vector: &Vector) -> Scores {
    let base = base(vector, None);
    let temporal = vector
        .defines(Group::Threat)
        .then(|| temporal(vector, base));
    let environmental = vector
        .defines(Group::Environmental)
        .then(|| environmental(vector));
    let score = |tenths: i128| Score::from_tenths(i64::try_from(tenths).unwrap_or(0));
    Scores {
        base: score(base),
        temporal: temporal.map(score),
        environmental: environmental.map(score),
        overall: score(environmental.or(temporal).unwrap_or(base)),
    }
}

// Tenths; may be below zero when low requirements adjust the impact. Requirements in thousandths;
// only the adjusted impact is capped at 10, the plain one reaches 10.00084.
fn base(vector: &Vector, requirements: Option<[i128; 3]>) -> i128 {
    const ONE: i128 = 1_000_000;
    let mut left = 1;
    for (metric, requirement) in ["C", "I", "A"]
        .into_iter()
        .zip(requirements.unwrap_or([1000; 3]))
    {
        let impact = match vector.letter(metric, "N") {
            "P" => 275,
            "C" => 660,
            _ => 0,
        };
        left *= ONE - impact * requirement;
    }
    // 10.41 * (1 - product), scaled by 10^20.
    let scale = 10i128.pow(20);
    let mut impact = 1041 * (ONE.pow(3) - left);
    if requirements.is_some() {
        impact = impact.min(10 * scale);
    }
    if impact == 0 {
        return 0;
    }
    let access = match vector.letter("AV", "N") {
        "L" => 395,
        "A" => 646,
        _ => 1000,
    };
    let complexity = match vector.letter("AC", "L") {
        "H" => 350,
        "M" => 610,
        _ => 710,
    };
    let authentication = match vector.letter("Au", "N") {
        "M" => 450,
        "S" => 560,
        _ => 704,
    };
    // 20 * product of three, scaled by 10^9.
    let exploitability = 20 * access * complexity * authentication;
    // ((0.6 * impact) + (0.4 * exploitability) - 1.5) * 1.176, scaled by 10^24.
    let sum = 6 * impact + 4 * exploitability * 10i128.pow(11) - 15 * scale;
    tenths(sum * 1176, 10i128.pow(24))
}

fn temporal(vector: &Vector, base: i128) -> i128 {
    let exploitability = match vector.letter("E", "ND") {
        "U" => 85,
        "POC" => 90,
        "F" => 95,
        _ => 100,
    };
    let remediation = match vector.letter("RL", "ND") {
        "OF" => 87,
        "TF" => 90,
        "W" => 95,
        _ => 100,
    };
    let confidence = match vector.letter("RC", "ND") {
        "UC" => 90,
        "UR" => 95,
        _ => 100,
    };
    let product = base * exploitability * remediation * confidence;
    tenths(product, 10_000_000)
}

fn environmental(vector: &Vector) -> i128 {
    let requirement = |metric| match vector.letter(metric, "ND") {
        "L" => 500,
        "H" => 1510,
        _ => 1000,
    };
    let requirements = [requirement("CR"), requirement("IR"), requirement("AR")];
    let adjusted = temporal(vector, base(vector, Some(requirements)));
    let damage = match vector.letter("CDP", "ND") {
        "L" => 1,
        "LM" => 3,
        "MH" => 4,
        "H" => 5,
        _ => 0,
    };
    let distribution = match vector.letter("TD", "ND") {
        "N" => 0,
        "L" => 25,
        "M" => 75,
        _ => 100,
    };
    let sum = (adjusted * 10 + (100 - adjusted) * damage) * distribution;
    tenths(sum, 10_000)
}

// `value / scale` in tenths, halves away from zero.
fn tenths(value: i128, scale: i128) -> i128 {
    let doubled = (value.abs() * 20 + scale) / (2 * scale);
    doubled * value.signum()
}
