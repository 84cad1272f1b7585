//! The advisory as a document: a case and the organisation become CSAF 2.0. One source, so that
//! the document, the page and the mail cannot disagree.
//!
//! Pure: no store, no clock. Checks are those of `entente-documents`.

use crate::config::Organisation;
use entente_documents::cvss;
use entente_domain::case::{Advisory, Affected, Case, Revision};
use entente_domain::ids::ProductId;
use entente_domain::kinds::{
    Affectedness, NotAffectedJustification, RemediationKind, RemediationState,
};
use entente_domain::time::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The revision history with the one that would be published at `now`, if the advisory is not
/// published as it stands.
pub fn history(advisory: &Advisory, now: Timestamp) -> Vec<Revision> {
    let mut history = advisory.revisions.clone();
    if advisory.state != entente_domain::case::AdvisoryState::Published {
        let number = u32::try_from(history.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let change = if advisory.change.is_empty() {
            "Initial release".to_owned()
        } else {
            advisory.change.clone()
        };
        history.push(Revision {
            number,
            at: now,
            change,
        });
    }
    history
}

/// The CSAF 2.0 document of a case's advisory, or `None` while there is no advisory.
pub fn csaf(
    case: &Case,
    organisation: &Organisation,
    public_id: &str,
    now: Timestamp,
) -> Option<Value> {
    let advisory = case.advisory.as_ref()?;
    let history = history(advisory, now);
    let (first, last) = (history.first()?, history.last()?);
    let tree = ProductTree::of(case);

    let mut document = json!({
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "distribution": { "tlp": { "label": "WHITE", "url": "https://www.first.org/tlp/" } },
        "lang": organisation.language,
        "notes": [
            { "category": "summary", "title": "Summary", "text": advisory.summary },
            { "category": "description", "title": "Description", "text": advisory.description },
        ],
        "publisher": {
            "category": "vendor",
            "contact_details": organisation.contact,
            "name": organisation.name,
            "namespace": organisation.namespace,
        },
        "title": advisory.title,
        "tracking": {
            "current_release_date": last.at.rfc3339(),
            "generator": { "engine": { "name": "Entente", "version": env!("CARGO_PKG_VERSION") } },
            "id": public_id,
            "initial_release_date": first.at.rfc3339(),
            "revision_history": history.iter().map(|r| json!({
                "date": r.at.rfc3339(), "number": r.number.to_string(), "summary": r.change,
            })).collect::<Vec<_>>(),
            "status": "final",
            "version": last.number.to_string(),
        },
    });
    if let Some(severity) = case.highest_score() {
        document["aggregate_severity"] = json!({ "text": severity.severity });
    }
    if !advisory.acknowledgement.is_empty() {
        document["acknowledgments"] = json!([{ "summary": advisory.acknowledgement }]);
    }
    let references: Vec<Value> = advisory
        .references
        .iter()
        .map(|url| json!({ "category": "external", "summary": "Further information", "url": url }))
        .collect();
    if !references.is_empty() {
        document["references"] = Value::Array(references);
    }
    Some(json!({
        "document": document,
        "product_tree": tree.json(&organisation.name),
        "vulnerabilities": [vulnerability(case, advisory, &tree)],
    }))
}

fn vulnerability(case: &Case, advisory: &Advisory, tree: &ProductTree) -> Value {
    let mut v = Map::new();
    if let Some(cve) = &case.cve {
        v.insert("cve".into(), json!(cve));
    }
    if let Some((id, name)) = &case.cwe {
        v.insert("cwe".into(), json!({ "id": id, "name": name }));
    }
    v.insert("title".into(), json!(advisory.title));
    let mut notes = vec![json!({
        "category": "description", "title": "Vulnerability description", "text": advisory.description,
    })];
    if !advisory.impact.is_empty() {
        notes.push(json!({ "category": "details", "title": "Impact", "text": advisory.impact }));
    }

    let mut status = Map::new();
    for (key, ids) in &tree.status {
        status.insert((*key).into(), json!(ids));
    }
    v.insert("product_status".into(), Value::Object(status));

    let affected = tree.ids("known_affected");
    let mut scores = Vec::new();
    for score in &case.scores {
        match cvss::parse(&score.vector) {
            Ok(vector) if matches!(vector.version(), cvss::Version::V3_0 | cvss::Version::V3_1) && !affected.is_empty() => {
                scores.push(json!({ "cvss_v3": cvss_v3(&vector), "products": affected }));
            }
            // CSAF 2.0 has no place for CVSS 4.0; it goes into a note until 2.1.
            Ok(_) => notes.push(json!({
                "category": "other",
                "title": score.method,
                "text": format!("{} (score {}.{}, {})", score.vector, score.tenths / 10, score.tenths % 10, score.severity),
            })),
            Err(_) => {}
        }
    }
    if !scores.is_empty() {
        v.insert("scores".into(), Value::Array(scores));
    }
    v.insert("notes".into(), Value::Array(notes));

    if !tree.flags.is_empty() {
        let flags: Vec<Value> = tree
            .flags
            .iter()
            .map(|(label, ids)| json!({ "label": label, "product_ids": ids }))
            .collect();
        v.insert("flags".into(), Value::Array(flags));
    }
    if !tree.impact_statements.is_empty() {
        let threats: Vec<Value> = tree
            .impact_statements
            .iter()
            .map(|(id, text)| json!({ "category": "impact", "details": text, "product_ids": [id] }))
            .collect();
        v.insert("threats".into(), Value::Array(threats));
    }
    let remediations = remediations(case, tree);
    if !remediations.is_empty() {
        v.insert("remediations".into(), Value::Array(remediations));
    }
    Value::Object(v)
}

/// The `cvss_v3` object: every property follows from the vector, so none can contradict it.
fn cvss_v3(vector: &cvss::Vector) -> Value {
    let base = vector.scores().base;
    json!({
        "baseScore": base.as_f64(),
        "baseSeverity": cvss::Severity::of(vector.version(), base).json(),
        "vectorString": vector.canonical(),
        "version": vector.version().as_str(),
    })
}

fn remediations(case: &Case, tree: &ProductTree) -> Vec<Value> {
    let mut list = Vec::new();
    let mut answered: Vec<String> = Vec::new();
    for r in case
        .remediations
        .iter()
        .filter(|r| r.state != RemediationState::Dropped)
    {
        let ids: Vec<String> = r
            .products
            .iter()
            .flat_map(|p| tree.affected_ids(*p))
            .collect();
        if ids.is_empty() {
            continue;
        }
        answered.extend(ids.iter().cloned());
        let category = match r.remedy {
            RemediationKind::Patch | RemediationKind::Upgrade
                if r.state == RemediationState::Available =>
            {
                "vendor_fix"
            }
            RemediationKind::Patch | RemediationKind::Upgrade => "mitigation",
            RemediationKind::NoneAvailable => "no_fix_planned",
            RemediationKind::Workaround => "workaround",
            RemediationKind::Configuration
            | RemediationKind::Documentation
            | RemediationKind::Takedown
            | RemediationKind::Revocation => "mitigation",
        };
        let mut details = r.description.clone();
        if !r.upgrade_path.is_empty() {
            details.push_str("\n\nUpgrade path: ");
            details.push_str(&r.upgrade_path);
        }
        let mut entry = json!({ "category": category, "details": details, "product_ids": ids });
        if let Some(url) = &r.url {
            entry["url"] = json!(url);
        }
        if let Some(at) = r.available_at {
            entry["date"] = json!(at.rfc3339());
        }
        list.push(entry);
    }
    let open: Vec<String> = tree
        .ids("known_affected")
        .into_iter()
        .filter(|id| !answered.contains(id))
        .collect();
    if !open.is_empty() {
        list.push(json!({
            "category": "none_available",
            "details": "A remediation is in preparation. This advisory will be updated.",
            "product_ids": open,
        }));
    }
    list
}

/// Products of the case with their document-local ids.
struct ProductTree {
    /// Product name → (branch category, version name, document-local id).
    branches: BTreeMap<String, Vec<(&'static str, String, String)>>,
    status: BTreeMap<&'static str, Vec<String>>,
    flags: BTreeMap<&'static str, Vec<String>>,
    impact_statements: Vec<(String, String)>,
    affected: Vec<(ProductId, String)>,
}

impl ProductTree {
    fn of(case: &Case) -> Self {
        let mut tree = Self {
            branches: BTreeMap::new(),
            status: BTreeMap::new(),
            flags: BTreeMap::new(),
            impact_statements: Vec::new(),
            affected: Vec::new(),
        };
        for (n, a) in case.affected.iter().enumerate() {
            tree.add(n + 1, a);
        }
        tree
    }

    fn add(&mut self, n: usize, a: &Affected) {
        let id = format!("CSAFPID-{n:04}");
        self.branch(&a.product_name, &a.versions, &id);
        let key = match a.status {
            Affectedness::UnderInvestigation => "under_investigation",
            Affectedness::Affected | Affectedness::Fixed => "known_affected",
            Affectedness::NotAffected => "known_not_affected",
        };
        self.status.entry(key).or_default().push(id.clone());
        if key == "known_affected" {
            self.affected.push((a.product, id.clone()));
        }
        if let Some(justification) = a.justification
            && a.status == Affectedness::NotAffected
        {
            self.flags
                .entry(flag(justification))
                .or_default()
                .push(id.clone());
            if !a.note.trim().is_empty() {
                self.impact_statements.push((id, a.note.clone()));
            }
        }
        if !a.fixed_versions.is_empty() {
            let fixed = format!("CSAFPID-{n:04}-FIXED");
            self.branch(&a.product_name, &a.fixed_versions, &fixed);
            self.status.entry("fixed").or_default().push(fixed);
        }
    }

    fn branch(&mut self, product: &str, versions: &str, id: &str) {
        // A range is no single version (CSAF 6.1.31).
        let single = versions
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
            && versions.chars().any(|c| c.is_ascii_digit())
            && !versions.chars().any(|c| c.is_ascii_uppercase());
        let category = if single {
            "product_version"
        } else {
            "product_version_range"
        };
        self.branches.entry(product.to_owned()).or_default().push((
            category,
            versions.to_owned(),
            id.to_owned(),
        ));
    }

    fn ids(&self, status: &str) -> Vec<String> {
        self.status.get(status).cloned().unwrap_or_default()
    }

    fn affected_ids(&self, product: ProductId) -> impl Iterator<Item = String> + '_ {
        self.affected
            .iter()
            .filter(move |(p, _)| *p == product)
            .map(|(_, id)| id.clone())
    }

    fn json(&self, vendor: &str) -> Value {
        let products: Vec<Value> = self
            .branches
            .iter()
            .map(|(name, versions)| {
                let versions: Vec<Value> = versions
                    .iter()
                    .map(|(category, version, id)| {
                        json!({
                            "category": category,
                            "name": version,
                            "product": { "name": format!("{name} {version}"), "product_id": id },
                        })
                    })
                    .collect();
                json!({ "branches": versions, "category": "product_name", "name": name })
            })
            .collect();
        json!({ "branches": [{ "branches": products, "category": "vendor", "name": vendor }] })
    }
}

/// The CSAF flag of a justification: the five words are the same in both.
fn flag(justification: NotAffectedJustification) -> &'static str {
    justification.as_str()
}
