//! From CSAF to records, one for each vulnerability: what an advisory says becomes every other
//! document that can say it.
//!
//! One shape is read, that of 2.1; a document of 2.0 is converted first, and what the conversion
//! lost or guessed is told with the rest. What cannot be understood is left out and told: a product
//! of unknown versions would read as affected in every one.

use std::collections::HashMap;

use serde_json::Value;

use super::convert::{Choices, ConvertError, convert, each_key_once};
use super::json;
use super::schema::format::instant;
use crate::record::json::{list, owned, text};
use crate::record::{
    Credit, CreditKind, Dates, Event, Justification, Note, NoteKind, Problem, Product, Publisher,
    Range, Record, Reference, ReferenceKind, Remediation, RemediationKind, Severity, Status, Text,
    Tlp, add_vers,
};
use crate::{cvss, purl};

/// The lists of a product status, and what they say. Those that are not here say something about
/// advice or not knowing, which no record holds.
const STATUS: &[(&str, Status)] = &[
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("last_affected", Status::Affected),
    ("known_not_affected", Status::NotAffected),
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
];

/// Entries of one document beyond which no more are read into records.
const MAX_PRODUCTS: usize = 50_000;
/// Products that all records of one document may name together.
const MAX_STATEMENTS: usize = 200_000;

/// The records of an advisory, one for each vulnerability, and what they have no place for.
///
/// # Errors
/// The bytes are no JSON without duplicate keys, or no CSAF.
pub fn records(
    bytes: &[u8],
    choices: Choices,
) -> Result<(Vec<Record>, Vec<Problem>), ConvertError> {
    // The tree of this crate is bounded; a value of the library's is not.
    let parsed = json::parse(bytes)?;
    each_key_once(&parsed)?;
    let version = parsed.root.at(&["document", "csaf_version"]);
    let is_21 = version.and_then(json::Node::as_str) == Some("2.1");
    drop(parsed);
    let document: Option<Value> = is_21
        .then(|| serde_json::from_slice(bytes))
        .transpose()
        .map_err(|error| ConvertError::NotJson(error.to_string()))?;
    let (document, mut left) = match document {
        Some(document) => (document, Vec::new()),
        None => {
            let converted = convert(bytes, choices)?;
            let notices = converted.notices.into_iter();
            let told = notices.map(|n| Problem {
                path: n.path,
                message: n.message,
            });
            (converted.document, told.collect())
        }
    };
    Ok((read(&document, &mut left), left))
}

/// What the whole document says, for each of its vulnerabilities.
struct Advisory<'d> {
    document: &'d Value,
    lang: String,
    named: HashMap<&'d str, Named>,
}

/// A product of the tree.
#[derive(Clone, Default)]
struct Named {
    product: Product,
    /// Why its versions are not understood.
    unreadable: Option<String>,
}

fn read(root: &Value, left: &mut Vec<Problem>) -> Vec<Record> {
    let null = Value::Null;
    let document = root.get("document").unwrap_or(&null);
    let tree = root.get("product_tree").unwrap_or(&null);
    let advisory = Advisory {
        document,
        lang: owned(document, "lang").unwrap_or_else(|| "en".to_owned()),
        named: products(tree),
    };
    let vulnerabilities = list(root, "vulnerabilities");
    let mut room = MAX_STATEMENTS;
    vulnerabilities
        .iter()
        .enumerate()
        .map(|(index, v)| {
            let path = format!("/vulnerabilities/{index}");
            advisory.record(v, &path, vulnerabilities.len() == 1, &mut room, left)
        })
        .collect()
}

impl Advisory<'_> {
    fn text(&self, text: impl Into<String>) -> Text {
        Text {
            lang: self.lang.clone(),
            text: text.into(),
        }
    }

    fn record(
        &self,
        v: &Value,
        path: &str,
        only: bool,
        room: &mut usize,
        left: &mut Vec<Problem>,
    ) -> Record {
        let null = Value::Null;
        let tracking = self.document.get("tracking").unwrap_or(&null);
        let publisher = self.document.get("publisher").unwrap_or(&null);
        let of_document = |key| list(self.document, key).iter().filter(|_| only);
        let advisory_id = owned(tracking, "id").unwrap_or_default();
        let mut ids: Vec<String> = owned(v, "cve").into_iter().collect();
        ids.extend(list(v, "ids").iter().filter_map(|id| owned(id, "text")));
        if ids.is_empty() {
            let number = path.rsplit('/').next().unwrap_or_default();
            ids.push(if only {
                advisory_id
            } else {
                format!("{advisory_id}#{number}")
            });
        }
        let id = ids.remove(0);
        let notes: Vec<&Value> = list(v, "notes")
            .iter()
            .chain(of_document("notes"))
            .collect();
        let noted = |kind: &str| notes.iter().find(|n| text(n, "category") == Some(kind));
        let description = noted("description").or_else(|| noted("summary"));
        let title = text(v, "title").or_else(|| text(self.document, "title").filter(|_| only));
        Record {
            id,
            aliases: ids,
            publisher: Publisher {
                name: owned(publisher, "name").unwrap_or_default(),
                url: owned(publisher, "namespace"),
            },
            revision: u32::try_from(list(tracking, "revision_history").len()).unwrap_or(u32::MAX),
            tlp: self
                .document
                .pointer("/distribution/tlp/label")
                .and_then(Value::as_str)
                .and_then(Tlp::from_word),
            dates: Dates {
                published: text(tracking, "initial_release_date").map(utc),
                modified: text(tracking, "current_release_date")
                    .map(utc)
                    .unwrap_or_default(),
                disclosed: text(v, "disclosure_date").map(utc),
                withdrawn: None,
            },
            titles: title.map(|t| self.text(t)).into_iter().collect(),
            descriptions: description
                .and_then(|n| text(n, "text"))
                .map(|t| self.text(t))
                .into_iter()
                .collect(),
            severities: severities(v, path, left),
            cwes: list(v, "cwes")
                .iter()
                .filter_map(|w| text(w, "id")?.strip_prefix("CWE-")?.parse().ok())
                .collect(),
            products: self.products(v, path, room, left),
            remediations: self.remediations(v),
            references: list(v, "references")
                .iter()
                .chain(list(self.document, "references").iter().filter(|r| {
                    // Others of the document may be about another vulnerability.
                    only || text(r, "category") == Some("self")
                }))
                .filter_map(reference)
                .collect(),
            credits: list(v, "acknowledgments")
                .iter()
                .chain(of_document("acknowledgments"))
                .flat_map(credits)
                .collect(),
            notes: notes
                .iter()
                .filter(|n| text(n, "category") == Some("general"))
                .filter_map(|n| {
                    Some(Note {
                        kind: NoteKind::General,
                        text: self.text(text(n, "text")?),
                    })
                })
                .collect(),
            ..Record::default()
        }
    }

    /// What is said of each product; products of which the same is said are put together.
    fn products(
        &self,
        v: &Value,
        path: &str,
        room: &mut usize,
        left: &mut Vec<Problem>,
    ) -> Vec<Product> {
        let justified = by_product(list(v, "flags"), |f| {
            Justification::from_word(text(f, "label")?)
        });
        let impacts = by_product(list(v, "threats"), |t| {
            text(t, "details").filter(|_| text(t, "category") == Some("impact"))
        });
        let actions = by_product(list(v, "remediations"), |r| {
            let useful = matches!(
                text(r, "category"),
                Some("vendor_fix" | "workaround" | "mitigation" | "optional_patch")
            );
            text(r, "details").filter(|_| useful)
        });
        let mut all: Vec<Product> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let null = Value::Null;
        let said = v.get("product_status").unwrap_or(&null);
        for (list_name, status) in STATUS {
            for (index, id) in list(said, list_name).iter().enumerate() {
                let Some(id) = id.as_str() else { continue };
                let mut tell = |message: String| {
                    left.push(Problem {
                        path: format!("{path}/product_status/{list_name}/{index}"),
                        message,
                    });
                };
                let Some(named) = self.named.get(id) else {
                    tell("no product of the tree has this id".to_owned());
                    continue;
                };
                if let Some(why) = &named.unreadable {
                    tell(why.clone());
                    continue;
                }
                if *room == 0 {
                    tell(format!(
                        "more than {MAX_STATEMENTS} statements; the rest is left out"
                    ));
                    return all;
                }
                *room -= 1;
                let mut product = named.product.clone();
                product.status = *status;
                match status {
                    Status::NotAffected => {
                        product.justification = justified.get(id).and_then(|j| j.first()).copied();
                        product.impact = impacts.get(id).map(|t| t.join("\n"));
                    }
                    Status::Affected => product.action = actions.get(id).map(|t| t.join("\n")),
                    Status::Fixed | Status::UnderInvestigation => {}
                }
                // A product without versions speaks of every one: it stays by itself.
                let whole = product.versions.is_empty() && product.ranges.is_empty();
                let key = format!(
                    "{whole} {:?}",
                    Product {
                        versions: Vec::new(),
                        ranges: Vec::new(),
                        ..product.clone()
                    }
                );
                match known.get(&key).and_then(|at| all.get_mut(*at)) {
                    None => {
                        known.insert(key, all.len());
                        all.push(product);
                    }
                    Some(same) => join(same, product),
                }
            }
        }
        all
    }

    fn remediations(&self, v: &Value) -> Vec<Remediation> {
        let mut all: Vec<Remediation> = Vec::new();
        for r in list(v, "remediations") {
            let kind = match text(r, "category") {
                Some("vendor_fix" | "optional_patch") => RemediationKind::Fix,
                Some("workaround" | "mitigation") => RemediationKind::Workaround,
                Some("no_fix_planned") => RemediationKind::NoFixPlanned,
                _ => continue,
            };
            let remedy = Remediation {
                kind,
                text: self.text(text(r, "details").unwrap_or_default()),
                url: owned(r, "url"),
            };
            if !all.contains(&remedy) {
                all.push(remedy);
            }
        }
        all
    }
}

fn join(same: &mut Product, other: Product) {
    for version in other.versions {
        if !same.versions.contains(&version) {
            same.versions.push(version);
        }
    }
    for range in other.ranges {
        match same.ranges.iter_mut().find(|r| r.order == range.order) {
            Some(known) if known.events == range.events => {}
            Some(known) => known.events.extend(range.events),
            None => same.ranges.push(range),
        }
    }
}

/// What the entries of a list say of each product that they name.
fn by_product<'v, T: Copy>(
    entries: &'v [Value],
    said: impl Fn(&'v Value) -> Option<T>,
) -> HashMap<&'v str, Vec<T>> {
    let mut all: HashMap<&str, Vec<T>> = HashMap::new();
    for entry in entries {
        let Some(what) = said(entry) else { continue };
        for id in list(entry, "product_ids").iter().filter_map(Value::as_str) {
            all.entry(id).or_default().push(what);
        }
    }
    all
}

fn severities(v: &Value, path: &str, left: &mut Vec<Problem>) -> Vec<Severity> {
    let mut all: Vec<Severity> = Vec::new();
    for (index, metric) in list(v, "metrics").iter().enumerate() {
        for kind in ["cvss_v4", "cvss_v3", "cvss_v2"] {
            let vector = metric
                .pointer(&format!("/content/{kind}/vectorString"))
                .and_then(Value::as_str);
            let Some(written) = vector else { continue };
            match cvss::parse(written) {
                Ok(vector) => {
                    let severity = Severity {
                        vector,
                        source: owned(metric, "source"),
                    };
                    if !all.contains(&severity) {
                        all.push(severity);
                    }
                }
                Err(error) => left.push(Problem {
                    path: format!("{path}/metrics/{index}/content/{kind}/vectorString"),
                    message: error.to_string(),
                }),
            }
        }
    }
    all
}

fn reference(value: &Value) -> Option<Reference> {
    Some(Reference {
        url: owned(value, "url")?,
        kind: match text(value, "category") {
            Some("self") => ReferenceKind::Advisory,
            _ => ReferenceKind::Web,
        },
        title: owned(value, "summary"),
    })
}

fn credits(value: &Value) -> Vec<Credit> {
    let organisation = text(value, "organization");
    let names = list(value, "names").iter().filter_map(Value::as_str);
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    if names.is_empty() {
        names.extend(organisation.map(str::to_owned));
    }
    let contacts: Vec<String> = crate::record::json::texts(value, "urls");
    names
        .into_iter()
        .map(|name| Credit {
            name,
            contacts: contacts.clone(),
            kind: CreditKind::Finder,
            // It stands in a published document.
            consent: true,
        })
        .collect()
}

/// Every product of the tree by its id.
fn products(tree: &Value) -> HashMap<&str, Named> {
    let mut all = HashMap::new();
    // Branches with the names that they inherit; the parser bounds how deep they are.
    let mut open: Vec<(&Value, Named)> = list(tree, "branches")
        .iter()
        .map(|b| (b, Named::default()))
        .collect();
    while let Some((branch, mut named)) = open.pop() {
        let name = text(branch, "name").unwrap_or_default();
        match text(branch, "category") {
            Some("vendor") => named.product.vendor = Some(name.to_owned()),
            Some("product_version") => named.product.versions = vec![name.to_owned()],
            Some("product_version_range") => {
                let mut ranges: Vec<Range> = Vec::new();
                // Constraints without a scheme are in no order that is known better.
                let bare = format!("vers:generic/{name}");
                let written = if name.starts_with("vers:") {
                    name
                } else {
                    &bare
                };
                match add_vers(written, &mut ranges) {
                    // Every version: that is what a product without any says.
                    Ok(()) if name.starts_with("vers:all/") => {}
                    Ok(()) => match ranges.iter().find_map(doubtful) {
                        None => named.product.ranges = ranges,
                        Some(why) => named.unreadable = Some(why),
                    },
                    Err(why) => named.unreadable = Some(why),
                }
            }
            Some("product_family") => {}
            Some("product_name") => name.clone_into(&mut named.product.name),
            // Architecture, language, patch level and the like narrow the name.
            _ => {
                let known = std::mem::take(&mut named.product.name);
                named.product.name = format!("{known} {name}").trim().to_owned();
            }
        }
        if let Some(product) = branch.get("product") {
            take(&mut all, product, named.clone());
        }
        if all.len() >= MAX_PRODUCTS {
            return all;
        }
        open.extend(list(branch, "branches").iter().map(|b| (b, named.clone())));
    }
    let whole = list(tree, "full_product_names").iter();
    let paths = list(tree, "product_paths").iter();
    for product in whole.chain(paths.filter_map(|p| p.get("full_product_name"))) {
        take(&mut all, product, Named::default());
    }
    all
}

/// Why a range is rather a sentence than a range.
fn doubtful(range: &Range) -> Option<String> {
    let odd = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '=' | ',');
    let mut versions = range.events.iter().map(Event::version);
    if let Some(version) = versions.find(|version| version.contains(odd)) {
        return Some(format!("{version:?} is no version"));
    }
    let ends = range.pieces().into_iter().map(|(_, ends)| ends);
    ends.into_iter()
        .any(|ends| ends.len() > 1)
        .then(|| "the range ends twice".to_owned())
}

fn take<'d>(all: &mut HashMap<&'d str, Named>, product: &'d Value, mut named: Named) {
    let Some(id) = text(product, "product_id") else {
        return;
    };
    if named.product.name.is_empty() {
        named.product.name = owned(product, "name").unwrap_or_default();
    }
    let null = Value::Null;
    let helper = product
        .get("product_identification_helper")
        .unwrap_or(&null);
    named.product.cpe = owned(helper, "cpe");
    let purls = list(helper, "purls").iter().filter_map(Value::as_str);
    if let Some((purl, _)) = purls.filter_map(|p| purl::parse_lenient(p).ok()).next() {
        let narrow = named.product.versions.is_empty() && named.product.ranges.is_empty();
        if let Some(version) = purl.version().filter(|_| narrow) {
            named.product.versions = vec![version.to_owned()];
        }
        named.product.purl = Some(purl.without_version());
    }
    all.entry(id).or_insert(named);
}

/// An instant in UTC; what is none stays as it is, for the writers' own checks to find.
fn utc(written: &str) -> String {
    match instant(written) {
        Some(at) if !written.ends_with('Z') => {
            let of_day = at.seconds.rem_euclid(86_400);
            let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
            format!("{}T{hour:02}:{minute:02}:{second:02}Z", at.day())
        }
        _ => written.to_owned(),
    }
}
