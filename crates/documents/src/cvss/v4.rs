//! The scoring of CVSS v4.0: macrovector lookup and interpolation, in whole numbers.

use super::{Group, Score, Scores, Vector};

use super::v4_lookup::{NO, SCORES};

// Severity levels of the effective metrics, 0 the worst, in the specification's steps.
struct Levels {
    eq1: [i32; 3], // AV, PR, UI
    eq2: [i32; 2], // AC, AT
    eq3: [i32; 6], // VC, VI, VA, CR, IR, AR (EQ3 and EQ6 together)
    eq4: [i32; 3], // SC, SI, SA
    eq5: i32,      // E
}

pub(super) fn scores(vector: &Vector) -> Scores {
    let overall = score(vector);
    let threat = vector.defines(Group::Threat);
    let environmental = vector.defines(Group::Environmental);
    let base = if threat || environmental {
        score(&vector.without(&[Group::Threat, Group::Environmental]))
    } else {
        overall
    };
    let temporal = threat.then(|| {
        if environmental {
            score(&vector.without(&[Group::Environmental]))
        } else {
            overall
        }
    });
    Scores {
        base,
        temporal,
        environmental: environmental.then_some(overall),
        overall,
    }
}

fn levels(vector: &Vector) -> Levels {
    let effective =
        |modified: &str, plain: &str| vector.letter(modified, vector.letter(plain, "N"));
    let level = |value: &str, order: &[&str]| {
        let found = order.iter().position(|known| *known == value);
        found.and_then(|at| i32::try_from(at).ok()).unwrap_or(0)
    };
    let vulnerable =
        |modified: &str, plain: &str| level(effective(modified, plain), &["H", "L", "N"]);
    let subsequent =
        |modified: &str, plain: &str| level(effective(modified, plain), &["S", "H", "L", "N"]);
    let requirement = |metric: &str| level(vector.letter(metric, "H"), &["H", "M", "L"]);
    Levels {
        eq1: [
            level(effective("MAV", "AV"), &["N", "A", "L", "P"]),
            level(effective("MPR", "PR"), &["N", "L", "H"]),
            level(effective("MUI", "UI"), &["N", "P", "A"]),
        ],
        eq2: [
            level(effective("MAC", "AC"), &["L", "H"]),
            level(effective("MAT", "AT"), &["N", "P"]),
        ],
        eq3: [
            vulnerable("MVC", "VC"),
            vulnerable("MVI", "VI"),
            vulnerable("MVA", "VA"),
            requirement("CR"),
            requirement("IR"),
            requirement("AR"),
        ],
        eq4: [
            subsequent("MSC", "SC"),
            subsequent("MSI", "SI"),
            subsequent("MSA", "SA"),
        ],
        eq5: level(vector.letter("E", "A"), &["A", "P", "U"]),
    }
}

// EQ1 to EQ6.
fn macrovector(levels: &Levels) -> [i32; 6] {
    let [av, pr, ui] = levels.eq1;
    let eq1 = if av == 0 && pr == 0 && ui == 0 {
        0
    } else if av != 3 && (av == 0 || pr == 0 || ui == 0) {
        1
    } else {
        2
    };
    let eq2 = i32::from(levels.eq2 != [0, 0]);
    let [vc, vi, va, cr, ir, ar] = levels.eq3;
    let eq3 = if vc == 0 && vi == 0 {
        0
    } else if vc == 0 || vi == 0 || va == 0 {
        1
    } else {
        2
    };
    let worst = [(vc, cr), (vi, ir), (va, ar)].contains(&(0, 0));
    let [sc, si, sa] = levels.eq4;
    let eq4 = if si == 0 || sa == 0 {
        0
    } else if sc == 1 || si == 1 || sa == 1 {
        1
    } else {
        2
    };
    [eq1, eq2, eq3, eq4, levels.eq5, i32::from(!worst)]
}

fn lookup(eq: [i32; 6]) -> Option<i32> {
    let mut index = 0;
    for (digit, base) in eq.into_iter().zip([3, 2, 3, 3, 3, 2]) {
        if digit >= base {
            return None;
        }
        index = index * base + digit;
    }
    let score = SCORES.get(usize::try_from(index).ok()?).copied()?;
    (score != NO).then_some(i32::from(score))
}

// Steps from the highest severity vector of the same equivalence class that is at least as severe
// in every metric.
fn distance<const N: usize>(levels: [i32; N], highest: &[[i32; N]]) -> i32 {
    let steps = |top: &[i32; N]| {
        let pairs = levels.iter().zip(top);
        pairs
            .clone()
            .all(|(level, top)| level >= top)
            .then(|| pairs.map(|(level, top)| level - top).sum::<i32>())
    };
    highest.iter().find_map(steps).unwrap_or(0)
}

fn score(vector: &Vector) -> Score {
    let levels = levels(vector);
    let [vc, vi, va, ..] = levels.eq3;
    if [vc, vi, va] == [2; 3] && levels.eq4 == [3; 3] {
        return Score::ZERO;
    }
    let eq = macrovector(&levels);
    let Some(value) = lookup(eq) else {
        return Score::ZERO;
    };
    let [eq1, eq2, eq3, eq4, eq5, eq6] = eq;
    // For each class: the score of the next lower macrovector, the distance, the class's depth.
    let next_eq3 = match (eq3, eq6) {
        (0, 0) => lookup([eq1, eq2, 0, eq4, eq5, 1]).max(lookup([eq1, eq2, 1, eq4, eq5, 0])),
        (1, 0) => lookup([eq1, eq2, 1, eq4, eq5, 1]),
        _ => lookup([eq1, eq2, eq3 + 1, eq4, eq5, eq6]),
    };
    let eq1_highest: &[[i32; 3]] = match eq1 {
        0 => &[[0, 0, 0]],
        1 => &[[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        _ => &[[3, 0, 0], [1, 1, 1]],
    };
    let eq2_highest: &[[i32; 2]] = match eq2 {
        0 => &[[0, 0]],
        _ => &[[1, 0], [0, 1]],
    };
    let (eq3_highest, eq3_depth): (&[[i32; 6]], i32) = match (eq3, eq6) {
        (0, 0) => (&[[0, 0, 0, 0, 0, 0]], 7),
        (0, _) => (&[[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]], 6),
        (1, 0) => (&[[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]], 8),
        (1, _) => (
            &[
                [1, 0, 1, 0, 1, 0],
                [1, 0, 0, 0, 1, 1],
                [0, 1, 0, 1, 0, 1],
                [0, 1, 1, 1, 0, 0],
                [1, 1, 0, 0, 0, 1],
            ],
            8,
        ),
        _ => (&[[1, 1, 1, 0, 0, 0]], 10),
    };
    let eq4_highest: [i32; 3] = match eq4 {
        0 => [1, 0, 0],
        1 => [1, 1, 1],
        _ => [2, 2, 2],
    };
    let classes = [
        (
            lookup([eq1 + 1, eq2, eq3, eq4, eq5, eq6]),
            distance(levels.eq1, eq1_highest),
            [1, 4, 5],
            eq1,
        ),
        (
            lookup([eq1, eq2 + 1, eq3, eq4, eq5, eq6]),
            distance(levels.eq2, eq2_highest),
            [1, 2, 2],
            eq2,
        ),
        (
            next_eq3,
            distance(levels.eq3, eq3_highest),
            [eq3_depth; 3],
            0,
        ),
        (
            lookup([eq1, eq2, eq3, eq4 + 1, eq5, eq6]),
            distance(levels.eq4, &[eq4_highest]),
            [6, 5, 4],
            eq4,
        ),
        // The threat metric has one step a class: the distance is always zero.
        (lookup([eq1, eq2, eq3, eq4, eq5 + 1, eq6]), 0, [1; 3], 0),
    ];
    // Every depth divides 840, so the mean is a fraction of whole numbers.
    let mut lower = 0;
    let mut sum = 0;
    for (next, distance, depths, class) in classes {
        let Some(gap) = next.map(|next| value - next).filter(|gap| *gap >= 0) else {
            continue;
        };
        let depth = usize::try_from(class)
            .ok()
            .and_then(|at| depths.get(at).copied());
        lower += 1;
        sum += gap * distance * (840 / depth.unwrap_or(1));
    }
    if lower == 0 {
        return Score::from_tenths(i64::from(value));
    }
    // value - mean, halves up.
    let whole = 840 * lower;
    let tenths = (2 * (value * whole - sum) + whole).div_euclid(2 * whole);
    Score::from_tenths(i64::from(tenths))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    #![expect(
        clippy::disallowed_methods,
        reason = "tests look for their data folder"
    )]

    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::lookup;

    #[test]
    fn every_macrovector_has_its_published_score() {
        let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
            PathBuf::from,
        );
        let Ok(text) = std::fs::read_to_string(root.join("cvss/macrovectors-v4.0.json")) else {
            assert!(std::env::var_os("CI").is_none(), "CVSS test data is absent");
            println!("skipped: CVSS test data is absent");
            return;
        };
        let published: BTreeMap<String, f64> = serde_json::from_str(&text).unwrap();
        assert_eq!(published.len(), 270);
        let mut known = 0;
        for number in 0..1_000_000u32 {
            let digits = format!("{number:06}");
            if digits.bytes().any(|digit| digit > b'2') {
                continue;
            }
            let mut eq = [0; 6];
            for (place, digit) in eq.iter_mut().zip(digits.bytes()) {
                *place = i32::from(digit - b'0');
            }
            let ours = lookup(eq).map(|tenths| f64::from(tenths) / 10.0);
            assert_eq!(ours, published.get(&digits).copied(), "{digits}");
            known += usize::from(ours.is_some());
        }
        assert_eq!(known, 270);
    }
}
