//! Elements of an SPDX 3 graph, put together again: the supplier, licences and creation of a
//! package are elements of their own, anywhere in the document.
//!
//! Relationships are handed on as they come. Packages, parties and licences have to be held until
//! the graph ends, so that this is the one format whose memory follows its document, up to a bound.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;

use super::spdx2::{algorithm, asserted, kind};
use super::{Component, Format, Sbom, Sink};
use crate::record::json::{list, owned, text, texts};

/// Most bytes that are held, roughly.
const HELD: usize = 128 << 20;
/// What an entry of a table costs besides its text.
const ENTRY: usize = 64;
/// Most references of described elements that are kept.
const DESCRIBED: usize = 64;
const VERSIONS: &[&str] = &["3.0.0", "3.0.1"];

/// The number of a reference, so that each is held once.
type Id = usize;

/// What the rest of the document has to be known for.
pub(super) struct Graph<'s> {
    sink: &'s mut dyn Sink,
    pub(super) sbom: Sbom,
    ids: HashMap<Rc<str>, Id>,
    references: Vec<Rc<str>>,
    /// Packages as they came, which takes the least room, with their suppliers.
    packages: Vec<(Id, Option<Id>, Box<str>)>,
    /// Where a package stands among them.
    places: HashMap<Id, usize>,
    /// Names of parties, and whether they are software.
    parties: HashMap<Id, (String, bool)>,
    licences: HashMap<Id, String>,
    /// Which element has which licence.
    licensed: Vec<(Id, Id)>,
    /// When and by whom elements were made.
    creations: BTreeMap<String, Creation>,
    /// Roots of collections: of the document, and of SBOMs in it.
    roots: HashMap<String, Vec<String>>,
    /// The creation of the document itself.
    creation: Option<String>,
    held: usize,
}

struct Creation {
    version: String,
    created: Option<String>,
    by: Vec<String>,
}

impl<'s> Graph<'s> {
    pub(super) fn new(sink: &'s mut dyn Sink) -> Self {
        Self {
            sink,
            sbom: Sbom::of(Format::Spdx3Json),
            ids: HashMap::new(),
            references: Vec::new(),
            packages: Vec::new(),
            places: HashMap::new(),
            parties: HashMap::new(),
            licences: HashMap::new(),
            licensed: Vec::new(),
            creations: BTreeMap::new(),
            roots: HashMap::new(),
            creation: None,
            held: 0,
        }
    }

    fn hold(&mut self, bytes: usize) -> Result<(), String> {
        self.held += bytes + ENTRY;
        if self.held > HELD {
            return Err(format!(
                "more than {HELD} bytes of packages, parties and licences"
            ));
        }
        Ok(())
    }

    /// The number of a reference.
    fn number(&mut self, reference: &str) -> Result<Id, String> {
        if let Some(id) = self.ids.get(reference) {
            return Ok(*id);
        }
        self.hold(reference.len())?;
        let shared: Rc<str> = reference.into();
        let id = self.references.len();
        self.references.push(Rc::clone(&shared));
        self.ids.insert(shared, id);
        Ok(id)
    }

    /// Takes an element by its type.
    pub(super) fn element(&mut self, element: &Value) -> Result<(), String> {
        let kind = either(element, "type", "@type").ok_or("an element without \"type\"")?;
        match kind.as_str() {
            "CreationInfo" => self.created(element),
            "SpdxDocument" => {
                self.sbom.serial = Some(id(element, &kind)?);
                self.creation = match element.get("creationInfo") {
                    Some(Value::String(reference)) => Some(reference.clone()),
                    Some(inside) => {
                        self.created(inside)?;
                        either(inside, "@id", "spdxId")
                    }
                    None => None,
                };
                self.rooted(element, &kind)
            }
            "software_Sbom" | "Bom" | "Bundle" => self.rooted(element, &kind),
            "software_File" => {
                self.sbom.files += 1;
                Ok(())
            }
            "Person" | "Organization" | "Agent" | "SoftwareAgent" => {
                let name = owned(element, "name").unwrap_or_default();
                let id = self.number(&id(element, &kind)?)?;
                self.hold(name.len())?;
                self.parties.insert(id, (name, kind == "SoftwareAgent"));
                Ok(())
            }
            _ if kind.ends_with("Relationship") => self.related(element),
            _ if kind.ends_with("Package") => self.package(element),
            _ if kind.contains("licensing_") => {
                let name = owned(element, "simplelicensing_licenseExpression")
                    .or_else(|| owned(element, "name"));
                if let Some(name) = name {
                    let id = self.number(&id(element, &kind)?)?;
                    self.hold(name.len())?;
                    self.licences.insert(id, name);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn created(&mut self, element: &Value) -> Result<(), String> {
        let version = owned(element, "specVersion").unwrap_or_default();
        if !VERSIONS.contains(&version.as_str()) {
            return Err("\"specVersion\" is neither \"3.0.0\" nor \"3.0.1\"".to_owned());
        }
        let creation = Creation {
            version,
            created: owned(element, "created"),
            by: references(element, "createdBy")?,
        };
        let id = either(element, "@id", "spdxId").unwrap_or_default();
        self.hold(id.len() + creation.by.iter().map(String::len).sum::<usize>())?;
        self.creations.insert(id, creation);
        Ok(())
    }

    fn rooted(&mut self, element: &Value, kind: &str) -> Result<(), String> {
        let roots = references(element, "rootElement")?;
        let id = id(element, kind)?;
        self.hold(id.len() + roots.iter().map(String::len).sum::<usize>())?;
        self.roots.insert(id, roots);
        Ok(())
    }

    fn related(&mut self, element: &Value) -> Result<(), String> {
        let kind = owned(element, "relationshipType")
            .ok_or("a relationship without \"relationshipType\"")?;
        let end = "a relationship without \"from\" and \"to\"";
        let from = references(element, "from")?;
        let from = from.first().ok_or(end)?;
        let to = references(element, "to")?;
        match kind.as_str() {
            "describes" => {
                self.hold(from.len() + to.iter().map(String::len).sum::<usize>())?;
                self.roots.entry(from.clone()).or_default().extend(to);
            }
            "hasDeclaredLicense" | "hasConcludedLicense" => {
                let from = self.number(from)?;
                for licence in to {
                    self.hold(0)?;
                    let licence = self.number(&licence)?;
                    self.licensed.push((from, licence));
                }
            }
            "dependsOn"
            | "contains"
            | "hasDynamicLink"
            | "hasStaticLink"
            | "hasPrerequisite"
            | "hasOptionalComponent"
            | "hasOptionalDependency"
            | "hasProvidedDependency" => {
                let to: Vec<_> = to.into_iter().filter(|to| is_somebody(to)).collect();
                if !to.is_empty() {
                    self.sbom.dependencies += 1;
                    self.sink.dependency(from.clone(), to);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn package(&mut self, element: &Value) -> Result<(), String> {
        let reference = id(element, "package")?;
        // What is wrong is said at its line, and not at the end.
        component(element, &reference)?;
        let supplier = match element.get("suppliedBy") {
            Some(Value::String(supplier)) => Some(self.number(supplier)?),
            None | Some(Value::Object(_)) => None,
            Some(_) => return Err(format!("\"suppliedBy\" of {reference:?} is not one party")),
        };
        let id = self.number(&reference)?;
        let members = element.as_object().into_iter().flatten();
        let known = ["type", "@type", "spdxId", "@id", "creationInfo"];
        let rest: serde_json::Map<_, _> = members
            .filter(|(key, _)| !known.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let rest = Value::Object(rest).to_string().into_boxed_str();
        self.hold(rest.len())?;
        if self.places.insert(id, self.packages.len()).is_some() {
            return Err(format!("the element {reference:?} is there twice"));
        }
        self.packages.push((id, supplier, rest));
        Ok(())
    }

    /// Puts everything together and hands it on.
    pub(super) fn finish(&mut self) -> Result<(), String> {
        let own = self.creation.as_ref().and_then(|id| self.creations.get(id));
        let creation = own.or_else(|| self.creations.values().next());
        let creation = creation.ok_or("no element is of the type \"CreationInfo\"")?;
        self.sbom.spec_version.clone_from(&creation.version);
        self.sbom.timestamp.clone_from(&creation.created);
        let party = |reference: &str| self.ids.get(reference).and_then(|id| self.parties.get(id));
        let software = |reference: &String| party(reference).is_some_and(|party| party.1);
        self.sbom.has_author = creation.by.iter().any(|party| !software(party));
        self.sbom.describes = self.described();
        let described = self.sbom.describes.iter();
        let subject = described.filter_map(|id| self.place(id)).next();
        self.licensed.sort_by_key(|(from, _)| *from);
        let packages = std::mem::take(&mut self.packages);
        for (at, (id, supplier, rest)) in packages.into_iter().enumerate() {
            let element: Value = serde_json::from_str(&rest).map_err(|e| e.to_string())?;
            let mut package = component(&element, self.reference(id))?;
            if let Some(supplier) = supplier {
                let name = self.parties.get(&supplier).map(|(name, _)| name.as_str());
                // A party of another document has no name here, but it is somebody.
                let name = name.filter(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| self.reference(supplier));
                package.supplier = is_somebody(name).then(|| name.to_owned());
            }
            let first = self.licensed.partition_point(|(from, _)| *from < id);
            let licences = self.licensed.iter().skip(first);
            for (_, licence) in licences.take_while(|(from, _)| *from == id) {
                let known = self.licences.get(licence).map(String::as_str);
                let name = known.unwrap_or_else(|| listed(self.reference(*licence)));
                super::spdx2::licence(&mut package, name);
            }
            if Some(at) == subject {
                self.sbom.subject = Some(package.clone());
            }
            self.sbom.components += 1;
            self.sink.component(package);
        }
        Ok(())
    }

    fn reference(&self, id: Id) -> &str {
        self.references
            .get(id)
            .map(AsRef::as_ref)
            .unwrap_or_default()
    }

    /// Where the package of a reference stands.
    fn place(&self, reference: &str) -> Option<usize> {
        let id = self.ids.get(reference)?;
        self.places.get(id).copied()
    }

    /// What the document is about, through the collections that it is about.
    fn described(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut next: Vec<&String> = self.sbom.serial.iter().collect();
        // A collection could hold itself; more steps than collections lead nowhere new.
        for _ in 0..=self.roots.len() {
            let Some(id) = next.pop() else { break };
            for root in self.roots.get(id).into_iter().flatten() {
                if self.roots.contains_key(root) && self.place(root).is_none() {
                    next.push(root);
                } else if found.len() < DESCRIBED && !found.contains(root) {
                    found.push(root.clone());
                }
            }
        }
        found
    }
}

/// A package without what other elements say of it.
fn component(element: &Value, reference: &str) -> Result<Component, String> {
    let name = owned(element, "name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| format!("the package {reference:?} has no \"name\""))?;
    let hash = |hash: &Value| {
        let digest = owned(hash, "hashValue")?;
        let whole = owned(hash, "type").as_deref() == Some("Hash");
        whole.then_some((algorithm(text(hash, "algorithm")?), digest))
    };
    let said = |key: &str| match element.get(key) {
        None => Ok(None),
        Some(Value::String(value)) => Ok(asserted(value).map(str::to_owned)),
        Some(_) => Err(format!("{key:?} of the package {reference:?} is no text")),
    };
    let supplier = element.get("suppliedBy").and_then(|s| owned(s, "name"));
    let mut package = Component {
        reference: Some(reference.to_owned()),
        kind: kind(said("software_primaryPurpose")?.as_deref()),
        name,
        version: said("software_packageVersion")?,
        purl: said("software_packageUrl")?,
        supplier,
        hashes: list(element, "verifiedUsing")
            .iter()
            .filter_map(hash)
            .collect(),
        ..Component::default()
    };
    for identifier in list(element, "externalIdentifier") {
        let kind = text(identifier, "externalIdentifierType").unwrap_or_default();
        let place = match kind {
            "packageUrl" | "purl" => &mut package.purl,
            "cpe22" | "cpe23" => &mut package.cpe,
            _ => continue,
        };
        let value = owned(identifier, "identifier").unwrap_or_default();
        if place.is_none() {
            *place = Some(value);
        } else if place.as_ref() != Some(&value) {
            package.also.push(value);
        }
    }
    Ok(package)
}

fn either(element: &Value, one: &str, other: &str) -> Option<String> {
    owned(element, one).or_else(|| owned(element, other))
}

fn id(element: &Value, kind: &str) -> Result<String, String> {
    either(element, "spdxId", "@id").ok_or_else(|| format!("a {kind} without \"spdxId\""))
}

/// One reference or a list of them. An element that stands in the place of its reference would be
/// lost, so it is refused.
fn references(element: &Value, key: &str) -> Result<Vec<String>, String> {
    match element.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(all)) if all.iter().all(Value::is_string) => Ok(texts(element, key)),
        Some(_) => Err(format!(
            "{key:?} holds something else than references; elements belong into \"@graph\""
        )),
    }
}

/// Whether a reference is not one of the two that stand for nothing and for nobody knows.
fn is_somebody(reference: &str) -> bool {
    let last = reference.rsplit(['/', '#', '_']).next().unwrap_or_default();
    !matches!(last, "NoneElement" | "NoAssertionElement")
}

/// The identifier of a licence that has its own address and need not stand in the document.
fn listed(reference: &str) -> &str {
    let last = reference.rsplit(['/', '#']).next().unwrap_or_default();
    match reference.strip_prefix("https://spdx.org/licenses/") {
        Some(id) => id,
        None if last.ends_with("NoAssertion") || last.ends_with("NoAssertionLicense") => "",
        None if last == "None" || last.ends_with("NoneLicense") => "",
        None => reference,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_held_is_bounded() {
        let mut sink = ();
        let mut graph = Graph::new(&mut sink);
        graph.hold(HELD - 8 * ENTRY).unwrap();
        let party = |n: u32| json!({ "type": "Person", "spdxId": n.to_string() });
        graph.element(&party(0)).unwrap();
        let refused = (1..8).find_map(|n| graph.element(&party(n)).err());
        assert!(refused.unwrap().contains("packages, parties and licences"));
    }
}
