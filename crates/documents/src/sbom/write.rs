//! Bills of materials written from the common form: CycloneDX 1.7 and SPDX 2.3, both in JSON.
//!
//! They hold what an inventory keeps: what the product is, its components by identity and version,
//! and what needs what. What the document that it came from said besides is not in them.

use serde_json::{Value, json};

/// A component as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenComponent {
    /// Its name.
    pub name: String,
    /// Its version; empty where it is not known.
    pub version: String,
    /// Its package URL, if it has one.
    pub purl: Option<String>,
}

/// What is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The product and its version.
    pub subject: (String, String),
    /// A UUID that this document has and no other.
    pub id: String,
    /// When it is written, in RFC 3339.
    pub at: String,
    /// The organisation that writes it.
    pub author: String,
    /// The components.
    pub components: Vec<WrittenComponent>,
    /// What needs what, by place from 1; 0 is the product. A pair that names no place is left out.
    pub needs: Vec<(usize, usize)>,
}

impl Written {
    fn needed(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let last = self.components.len();
        let there = self.needs.iter().copied();
        there.filter(move |(from, on)| *from <= last && *on <= last && from != on && *on > 0)
    }
}

/// Writes a CycloneDX 1.7 document.
#[must_use]
pub fn cyclonedx(written: &Written) -> Value {
    let reference = |place: usize| match place {
        0 => "product".to_owned(),
        n => format!("component-{n}"),
    };
    let component = |(at, c): (usize, &WrittenComponent)| {
        let mut one = json!({
            "type": "library", "bom-ref": reference(at + 1), "name": c.name,
        });
        if let Some(fields) = one.as_object_mut() {
            if !c.version.is_empty() {
                fields.insert("version".to_owned(), json!(c.version));
            }
            if let Some(purl) = &c.purl {
                fields.insert("purl".to_owned(), json!(purl));
            }
        }
        one
    };
    let components: Vec<Value> = written
        .components
        .iter()
        .enumerate()
        .map(component)
        .collect();
    let mut on = vec![Vec::new(); written.components.len() + 1];
    for (from, to) in written.needed() {
        if let Some(of) = on.get_mut(from) {
            of.push(reference(to));
        }
    }
    let dependencies: Vec<Value> = on
        .into_iter()
        .enumerate()
        .filter(|(_, on)| !on.is_empty())
        .map(|(place, mut on)| {
            on.sort_unstable();
            on.dedup();
            json!({ "ref": reference(place), "dependsOn": on })
        })
        .collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX", "specVersion": "1.7", "version": 1,
        "serialNumber": format!("urn:uuid:{}", written.id),
        "metadata": {
            "timestamp": written.at,
            "manufacturer": { "name": written.author },
            "component": {
                "type": "application", "bom-ref": reference(0),
                "name": written.subject.0, "version": written.subject.1,
            },
        },
        "components": components, "dependencies": dependencies,
    })
}

/// Writes an SPDX 2.3 document.
#[must_use]
pub fn spdx(written: &Written) -> Value {
    let reference = |place: usize| match place {
        0 => "SPDXRef-Product".to_owned(),
        n => format!("SPDXRef-Component-{n}"),
    };
    let package = |place: usize, name: &str, version: &str, purl: Option<&String>| {
        let mut one = json!({
            "SPDXID": reference(place), "name": name, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": false, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
        });
        if let Some(fields) = one.as_object_mut() {
            if !version.is_empty() {
                fields.insert("versionInfo".to_owned(), json!(version));
            }
            if let Some(purl) = purl {
                let by = json!([{
                    "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                    "referenceLocator": purl,
                }]);
                fields.insert("externalRefs".to_owned(), by);
            }
        }
        one
    };
    let (name, version) = &written.subject;
    let mut packages = vec![package(0, name, version, None)];
    for (at, c) in written.components.iter().enumerate() {
        packages.push(package(at + 1, &c.name, &c.version, c.purl.as_ref()));
    }
    let mut relationships = vec![json!({
        "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
        "relatedSpdxElement": reference(0),
    })];
    relationships.extend(written.needed().map(|(from, on)| {
        json!({
            "spdxElementId": reference(from), "relationshipType": "DEPENDS_ON",
            "relatedSpdxElement": reference(on),
        })
    }));
    json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("{name} {version}"),
        "documentNamespace": format!("urn:uuid:{}", written.id),
        "creationInfo": {
            "created": written.at, "creators": [format!("Organization: {}", written.author)],
        },
        "packages": packages, "relationships": relationships,
    })
}
