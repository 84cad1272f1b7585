//! What the schema of CVE records cannot say: that scores follow from vectors, dates are in
//! order, ranges are sound.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value;

use super::validate::{Finding, Rule};
use crate::cvss::{Severity as Rating, Version};
use crate::cwe::{MappingUsage, Status};
use crate::record::json::{instant, list, text};
use crate::record::{Order, is_english};
use crate::versions::{Comparison, compare};
use crate::{cvss, cwe, purl};

/// Products and versions of one record beyond which no more are judged.
const MAX_ITEMS: usize = 20_000;

pub(super) fn judge(value: &Value, findings: &mut Vec<Finding>) {
    let null = Value::Null;
    let metadata = value.get("cveMetadata").unwrap_or(&null);
    let containers = value.get("containers").unwrap_or(&null);
    let mut judge = Judge { findings };
    judge.dates(metadata, containers);
    if let Some(cna) = containers.get("cna") {
        let at = "/containers/cna";
        judge.container(cna, at);
        judge.descriptions(cna, "descriptions", at);
        judge.descriptions(cna, "rejectedReasons", at);
        judge.affected_at_all(cna, at);
        let id = text(metadata, "cveId");
        for (index, other) in list(cna, "replacedBy").iter().enumerate() {
            if other.as_str() == id {
                let path = format!("{at}/replacedBy/{index}");
                judge.found(Rule::Replacement, path, "an id cannot replace itself");
            }
        }
    }
    for (index, adp) in list(containers, "adp").iter().enumerate() {
        judge.container(adp, &format!("/containers/adp/{index}"));
    }
}

struct Judge<'f> {
    findings: &'f mut Vec<Finding>,
}

impl Judge<'_> {
    fn found(&mut self, rule: Rule, path: String, message: impl Into<String>) {
        self.findings.push(Finding {
            rule,
            path,
            message: message.into(),
        });
    }

    fn container(&mut self, container: &Value, at: &str) {
        for (index, metric) in list(container, "metrics").iter().enumerate() {
            self.metric(metric, &format!("{at}/metrics/{index}"));
        }
        let products = list(container, "affected").iter().take(MAX_ITEMS);
        for (index, product) in products.enumerate() {
            self.product(product, &format!("{at}/affected/{index}"));
        }
        for (index, problem) in list(container, "problemTypes").iter().enumerate() {
            for (inner, description) in list(problem, "descriptions").iter().enumerate() {
                let path = format!("{at}/problemTypes/{index}/descriptions/{inner}/cweId");
                if let Some(id) = text(description, "cweId") {
                    self.weakness(id, path);
                }
            }
        }
        let mut urls = HashSet::new();
        for (index, reference) in list(container, "references").iter().enumerate() {
            if let Some(url) = text(reference, "url")
                && !urls.insert(url)
            {
                let path = format!("{at}/references/{index}/url");
                self.found(
                    Rule::Reference,
                    path,
                    "this address is listed before; merge the tags",
                );
            }
        }
    }

    fn metric(&mut self, metric: &Value, at: &str) {
        let versions = [
            ("cvssV2_0", Version::V2),
            ("cvssV3_0", Version::V3_0),
            ("cvssV3_1", Version::V3_1),
            ("cvssV4_0", Version::V4_0),
        ];
        for (key, version) in versions {
            let Some(score) = metric.get(key) else {
                continue;
            };
            let Some(written) = text(score, "vectorString") else {
                continue;
            };
            match cvss::parse(written) {
                Err(error) => {
                    self.found(
                        Rule::Vector,
                        format!("{at}/{key}/vectorString"),
                        error.to_string(),
                    );
                }
                Ok(vector) if vector.version() != version => {
                    let message = format!(
                        "this is a vector of CVSS {}; {key} holds those of {version}",
                        vector.version()
                    );
                    self.found(Rule::Vector, format!("{at}/{key}/vectorString"), message);
                }
                Ok(vector) => self.score(&vector, score, &format!("{at}/{key}")),
            }
        }
    }

    fn score(&mut self, vector: &cvss::Vector, score: &Value, at: &str) {
        let version = vector.version();
        let scores = vector.scores();
        // Version 4 has one score; it is called base score whatever the vector defines.
        let base = if version == Version::V4_0 {
            scores.overall
        } else {
            scores.base
        };
        let kinds = [
            ("baseScore", "baseSeverity", Some(base)),
            ("temporalScore", "temporalSeverity", scores.temporal),
            (
                "environmentalScore",
                "environmentalSeverity",
                scores.environmental,
            ),
        ];
        for (number, word, right) in kinds {
            let Some(right) = right else { continue };
            let told = score.get(number).and_then(Value::as_f64);
            if told.is_some_and(|told| (told - right.as_f64()).abs() > 0.001) {
                let message = format!("the vector gives {:.1}", right.as_f64());
                self.found(Rule::Score, format!("{at}/{number}"), message);
            }
            let rating = Rating::of(version, right).json();
            if version != Version::V2 && text(score, word).is_some_and(|told| told != rating) {
                let message = format!("the vector gives {rating}");
                self.found(Rule::Score, format!("{at}/{word}"), message);
            }
        }
        for (name, right) in vector.json_properties() {
            if text(score, name).is_some_and(|told| told != right) {
                self.found(
                    Rule::Score,
                    format!("{at}/{name}"),
                    format!("the vector says {right}"),
                );
            }
        }
    }

    fn dates(&mut self, metadata: &Value, containers: &Value) {
        let steps = [
            ("dateReserved", "datePublished"),
            ("dateReserved", "dateUpdated"),
            ("dateReserved", "dateRejected"),
            ("datePublished", "dateUpdated"),
        ];
        for (first, then) in steps {
            let (Some(first_at), Some(then_at)) = (date(metadata, first), date(metadata, then))
            else {
                continue;
            };
            if first_at > then_at {
                let message = format!("this is before {first}");
                self.found(Rule::Dates, format!("/cveMetadata/{then}"), message);
            }
        }
        // What is published in the record is public by then at the latest.
        let cna = containers.get("cna").unwrap_or(&Value::Null);
        if let (Some(public), Some(published)) =
            (date(cna, "datePublic"), date(metadata, "datePublished"))
            && public > published
        {
            let path = "/containers/cna/datePublic".to_owned();
            self.found(
                Rule::Dates,
                path,
                "this is after datePublished, which made it public",
            );
        }
        if let (Some(assigned), Some(published)) =
            (date(cna, "dateAssigned"), date(metadata, "datePublished"))
            && assigned > published
        {
            let path = "/containers/cna/dateAssigned".to_owned();
            self.found(
                Rule::Dates,
                path,
                "this is after datePublished; ids are assigned before",
            );
        }
    }

    fn descriptions(&mut self, container: &Value, key: &str, at: &str) {
        let mut english = 0;
        for (index, description) in list(container, key).iter().enumerate() {
            let path = format!("{at}/{key}/{index}");
            if text(description, "value").is_some_and(|value| value.trim().is_empty()) {
                self.found(
                    Rule::Description,
                    format!("{path}/value"),
                    "this says nothing",
                );
            }
            if text(description, "lang").is_some_and(|lang| lang == "en") {
                english += 1;
                if english == 2 {
                    let message = "a second text in the same English; make it one text";
                    self.found(Rule::Description, path, message);
                }
            }
        }
        let texts = list(container, key).iter();
        let langs: Vec<&str> = texts.filter_map(|text_of| text(text_of, "lang")).collect();
        if !langs.is_empty() && !langs.iter().any(|lang| is_english(lang)) {
            let message = "no text is English, which the CVE program requires";
            self.found(Rule::Description, format!("{at}/{key}"), message);
        }
    }

    fn affected_at_all(&mut self, cna: &Value, at: &str) {
        let products = list(cna, "affected");
        let may_be = |value: Option<&str>| value != Some("unaffected");
        let concerned = products.iter().any(|product| {
            let versions = list(product, "versions");
            let default = text(product, "defaultStatus").or(Some("unknown"));
            let single = versions.iter().any(|version| {
                let mut changes = list(version, "changes").iter();
                may_be(text(version, "status")) || changes.any(|to| may_be(text(to, "status")))
            });
            single || may_be(default)
        });
        if !products.is_empty() && !concerned {
            let message = "every version of every product is unaffected: list what is affected";
            self.found(Rule::Affected, format!("{at}/affected"), message);
        }
    }

    fn product(&mut self, product: &Value, at: &str) {
        if let Some(written) = text(product, "packageURL") {
            let path = format!("{at}/packageURL");
            match purl::parse(written) {
                Err(error) => self.found(Rule::PackageUrl, path, error.to_string()),
                Ok(purl) if purl.version().is_some() => {
                    let right = purl.without_version().canonical();
                    let message = format!("versions stand in versions: write {right}");
                    self.found(Rule::PackageUrl, path, message);
                }
                Ok(_) => {}
            }
        }
        let mut seen: HashSet<(&str, bool)> = HashSet::new();
        let versions = list(product, "versions").iter().take(MAX_ITEMS);
        for (index, version) in versions.enumerate() {
            let path = format!("{at}/versions/{index}");
            let below = text(version, "lessThan");
            let to = text(version, "lessThanOrEqual");
            let is_range = below.is_some() || to.is_some();
            if let Some(from) = text(version, "version") {
                if !seen.insert((from, is_range)) {
                    let message = format!("{from:?} is judged before; keep one entry");
                    self.found(Rule::Range, format!("{path}/version"), message);
                }
                self.range(version, from, below, to, &path);
            }
        }
    }

    fn range(
        &mut self,
        version: &Value,
        from: &str,
        below: Option<&str>,
        to: Option<&str>,
        at: &str,
    ) {
        if below.is_some() && to.is_some() {
            let message = "a range ends once: keep lessThan or lessThanOrEqual";
            self.found(Rule::Range, at.to_owned(), message);
            return;
        }
        let order = Order::from_name(text(version, "versionType").unwrap_or("custom"));
        let ordered = |a: &str, b: &str| -> Option<Ordering> {
            if a == "0" || a == "*" || b.contains('*') {
                return None;
            }
            match compare(order.scheme()?, a, b) {
                Comparison::Less => Some(Ordering::Less),
                Comparison::Equal => Some(Ordering::Equal),
                Comparison::Greater => Some(Ordering::Greater),
                Comparison::Undecidable(_) => None,
            }
        };
        if let Some(below) = below
            && matches!(
                ordered(from, below),
                Some(Ordering::Equal | Ordering::Greater)
            )
        {
            let message = format!("no version from {from} on is less than {below}");
            self.found(Rule::Range, format!("{at}/lessThan"), message);
        }
        if let Some(to) = to
            && ordered(from, to) == Some(Ordering::Greater)
        {
            let message = format!("no version from {from} on is at most {to}");
            self.found(Rule::Range, format!("{at}/lessThanOrEqual"), message);
        }
        let mut last = (from, text(version, "status"));
        for (index, change) in list(version, "changes").iter().enumerate() {
            let Some(change_at) = text(change, "at") else {
                continue;
            };
            let path = format!("{at}/changes/{index}");
            if matches!(
                ordered(last.0, change_at),
                Some(Ordering::Equal | Ordering::Greater)
            ) {
                let message = format!("a change after {} is at a later version", last.0);
                self.found(Rule::Range, format!("{path}/at"), message);
            }
            let outside = match (below, to) {
                (Some(below), _) => {
                    matches!(
                        ordered(change_at, below),
                        Some(Ordering::Equal | Ordering::Greater)
                    )
                }
                (None, Some(to)) => ordered(change_at, to) == Some(Ordering::Greater),
                (None, None) => false,
            };
            if outside {
                let message = "the range has ended before this change";
                self.found(Rule::Range, format!("{path}/at"), message);
            }
            let status = text(change, "status");
            // In Git, each branch has its own fix.
            if order != Order::Git && status.is_some() && status == last.1 {
                let message = "nothing changes here: the status was the same before";
                self.found(Rule::Range, format!("{path}/status"), message);
            }
            last = (change_at, status);
        }
    }

    fn weakness(&mut self, id: &str, path: String) {
        let Some(known) = cwe::number(id).and_then(cwe::weakness) else {
            let message = format!("{id} is no weakness of any published catalogue");
            self.found(Rule::Weakness, path, message);
            return;
        };
        if known.status == Status::Deprecated || known.usage == Some(MappingUsage::Prohibited) {
            let message = format!("{id} ({}) must not be used for vulnerabilities", known.name);
            self.found(Rule::Weakness, path, message);
        }
    }
}

// CVE allows instants without an offset, which then are in UTC.
fn date(value: &Value, key: &str) -> Option<(i64, u32)> {
    let written = text(value, key)?;
    instant(written).or_else(|| instant(&format!("{written}Z")))
}
