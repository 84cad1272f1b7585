//! 6.1.9 invalid CVSS computation and 6.1.10 inconsistent CVSS. (6.1.8, the
//! referenced schemas, comes with the schema walk.)

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::cvss::{self, Score, Severity, Vector, Version};

/// Scores in the schema have one decimal; anything nearer is the same score.
const NEAR: f64 = 0.000_001;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            for key in facts.standard.cvss() {
                if let Some(given) = content.get(key) {
                    judge(given, &path.key(key), findings);
                }
            }
        });
    });
}

fn judge(given: &Node<'_>, path: &Path<'_>, findings: &mut Findings) {
    let Some(text) = given.text("vectorString") else {
        return;
    };
    match cvss::parse(text) {
        Ok(vector) => {
            computed(given, &vector, path, findings);
            consistent(given, &vector, path, findings);
        }
        Err(error) => findings.add(
            "6.1.9",
            &path.key("vectorString"),
            format!("no score follows from the vector: {error}"),
        ),
    }
}

fn computed(given: &Node<'_>, vector: &Vector, path: &Path<'_>, findings: &mut Findings) {
    let scores = vector.scores();
    let version = vector.version();
    // CVSS v4.0 has one score, that of the whole vector.
    let base = if version == Version::V4_0 {
        scores.overall
    } else {
        scores.base
    };
    let expected = [
        ("baseScore", "baseSeverity", Some(base)),
        ("temporalScore", "temporalSeverity", scores.temporal),
        (
            "environmentalScore",
            "environmentalSeverity",
            scores.environmental,
        ),
    ];
    for (score_key, severity_key, score) in expected {
        // A v2 vector without such metrics has no such score; the score that
        // its base has is what remains.
        let score = score.unwrap_or(scores.base);
        if let Some(number) = given.get(score_key).and_then(Node::as_number)
            && !same(number, score)
        {
            findings.add(
                "6.1.9",
                &path.key(score_key),
                format!("the vector gives {:.1}, not {number}", score.as_f64()),
            );
        }
        if version != Version::V2
            && let Some(severity) = given.text(severity_key)
        {
            let right = Severity::of(version, score).json();
            if severity != right {
                findings.add(
                    "6.1.9",
                    &path.key(severity_key),
                    format!("the vector gives {right}, not {severity}"),
                );
            }
        }
    }
}

fn same(number: f64, score: Score) -> bool {
    (number - score.as_f64()).abs() < NEAR
}

/// Metrics that the vector does not name may be given beside it.
fn consistent(given: &Node<'_>, vector: &Vector, path: &Path<'_>, findings: &mut Findings) {
    for metric in vector.metrics() {
        if let Some(value) = given.text(metric.spec.json)
            && value != metric.value.json
        {
            findings.add(
                "6.1.10",
                &path.key(metric.spec.json),
                format!(
                    "is {value}, but the vector says {} ({}:{})",
                    metric.value.json, metric.spec.short, metric.value.short
                ),
            );
        }
    }
}
