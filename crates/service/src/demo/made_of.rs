//! What the demonstration's products are made of: bills of materials as their builds would write
//! them, so that "who is affected?" has an answer, and an unknown one beside it.

use super::Cast;
use crate::inventory::{self, ProductUserForm, Target};
use crate::products::FixedCopy;
use crate::{App, ServiceError};
use entente_domain::ids::{PartyId, ProductId};
use entente_domain::kinds::{Unpatchable, UseKind};
use serde_json::{Value, json};

/// A component and what needs it; nothing: the product itself.
type Part = (&'static str, &'static str);

const SDK_7: &[Part] = &[
    ("pkg:cargo/lattice-tls@3.4.1", ""),
    (
        "pkg:cargo/lattice-x509@3.4.0",
        "pkg:cargo/lattice-tls@3.4.1",
    ),
    ("pkg:cargo/der-reader@1.2.9", "pkg:cargo/lattice-x509@3.4.0"),
    ("pkg:cargo/brace-config@0.9.4", ""),
    ("pkg:cargo/tiny-deflate@2.1.0", ""),
];
const SDK_6: &[Part] = &[
    ("pkg:cargo/lattice-tls@3.1.7", ""),
    (
        "pkg:cargo/lattice-x509@3.1.0",
        "pkg:cargo/lattice-tls@3.1.7",
    ),
    ("pkg:cargo/der-reader@1.1.2", "pkg:cargo/lattice-x509@3.1.0"),
    ("pkg:cargo/brace-config@0.8.0", ""),
];
const EDGE_42: &[Part] = &[
    ("pkg:cargo/alder-sdk@7.0.2", ""),
    ("pkg:cargo/lattice-tls@3.4.1", "pkg:cargo/alder-sdk@7.0.2"),
    (
        "pkg:cargo/lattice-x509@3.4.0",
        "pkg:cargo/lattice-tls@3.4.1",
    ),
    ("pkg:cargo/der-reader@1.2.9", "pkg:cargo/lattice-x509@3.4.0"),
    ("pkg:cargo/brace-config@0.9.4", "pkg:cargo/alder-sdk@7.0.2"),
    ("pkg:cargo/http-front@5.0.1", ""),
    ("pkg:cargo/tiny-deflate@2.1.0", "pkg:cargo/http-front@5.0.1"),
    ("pkg:npm/%40alder/console@4.2.0", ""),
    ("pkg:npm/table-view@8.1.3", "pkg:npm/%40alder/console@4.2.0"),
];
const EDGE_41: &[Part] = &[
    ("pkg:cargo/alder-sdk@6.4.0", ""),
    ("pkg:cargo/lattice-tls@3.1.7", "pkg:cargo/alder-sdk@6.4.0"),
    (
        "pkg:cargo/lattice-x509@3.1.0",
        "pkg:cargo/lattice-tls@3.1.7",
    ),
    ("pkg:cargo/der-reader@1.1.2", "pkg:cargo/lattice-x509@3.1.0"),
    ("pkg:cargo/http-front@4.8.0", ""),
    ("pkg:cargo/tiny-deflate@2.0.3", "pkg:cargo/http-front@4.8.0"),
    ("pkg:npm/%40alder/console@4.1.6", ""),
];
const EDGE_39: &[Part] = &[
    ("pkg:cargo/alder-sdk@5.9.9", ""),
    ("pkg:cargo/lattice-tls@2.9.0", "pkg:cargo/alder-sdk@5.9.9"),
    ("pkg:cargo/http-front@3.2.0", ""),
];
const CLOUD: &[Part] = &[
    ("pkg:cargo/alder-sdk@7.0.4", ""),
    ("pkg:cargo/lattice-tls@3.4.3", "pkg:cargo/alder-sdk@7.0.4"),
    (
        "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12",
        "",
    ),
    ("pkg:deb/debian/zlib1g@1.2.13-1?distro=debian-12", ""),
];
const BEACON: &[Part] = &[
    ("pkg:generic/beacon-firmware@1.8.2", ""),
    (
        "pkg:cargo/lattice-tls@3.1.7",
        "pkg:generic/beacon-firmware@1.8.2",
    ),
    // A copy in mask ROM, of which nobody wrote down the version.
    ("pkg:cargo/lattice-tls", "boot-rom"),
    ("boot-rom", ""),
];

/// Documents by product and version. One version has none, on purpose.
const DOCUMENTS: &[(&str, &str, &[Part])] = &[
    ("Alder SDK", "7", SDK_7),
    ("Alder SDK", "6", SDK_6),
    ("EdgeGate", "4.2", EDGE_42),
    ("EdgeGate", "4.1", EDGE_41),
    ("EdgeGate", "3.9", EDGE_39),
    ("EdgeGate Cloud", "2026", CLOUD),
    ("Beacon Sensor", "1.8", BEACON),
];

/// Copies that cannot be replaced in the field.
pub(super) fn fixed_copies(product: &str) -> Vec<FixedCopy> {
    let rom = |component: &str, version: &str| FixedCopy {
        component: component.to_owned(),
        version: version.to_owned(),
        why: Unpatchable::Rom,
    };
    match product {
        "Beacon Sensor" => vec![rom("pkg:cargo/lattice-tls", "1.8")],
        _ => Vec::new(),
    }
}

/// Who uses what: product, kind, name, versions, address, days to deploy.
type Use = (
    &'static str,
    UseKind,
    &'static str,
    &'static [&'static str],
    &'static str,
    Option<u32>,
);

const USES: &[Use] = &[
    (
        "EdgeGate",
        UseKind::Customer,
        "Harbour Lines",
        &["4.1"],
        "security@harbour.example",
        Some(30),
    ),
    (
        "EdgeGate",
        UseKind::Customer,
        "City of Oxbow",
        &["3.9"],
        "it@oxbow.example",
        Some(120),
    ),
    (
        "EdgeGate",
        UseKind::Segment,
        "Branch offices with automatic updates",
        &[],
        "",
        Some(3),
    ),
    (
        "EdgeGate Cloud",
        UseKind::Segment,
        "All tenants",
        &[],
        "",
        Some(0),
    ),
    (
        "Beacon Sensor",
        UseKind::Customer,
        "Veld Farming",
        &["1.8"],
        "ops@veld.example",
        Some(365),
    ),
    (
        "Alder SDK",
        UseKind::Vendor,
        "Tern Robotics",
        &["6"],
        "psirt@tern.example",
        Some(45),
    ),
];

/// Enters who uses what; the first party of the register builds the SDK in.
pub(super) async fn users(
    app: &App,
    cast: &Cast,
    products: &[(ProductId, &'static str)],
    parties: &[PartyId],
) -> Result<(), ServiceError> {
    let id = |name: &str| products.iter().find(|(_, n)| *n == name).map(|(id, _)| *id);
    for (product, kind, name, versions, contact, days_to_deploy) in USES {
        let Some(product) = id(product) else { continue };
        let form = ProductUserForm {
            kind: *kind,
            name: (*name).to_owned(),
            party: None,
            versions: versions.iter().map(|v| (*v).to_owned()).collect(),
            contact: (*contact).to_owned(),
            days_to_deploy: *days_to_deploy,
        };
        inventory::add_user(app, &cast.analyst, product, form).await?;
    }
    if let (Some(product), Some(party)) = (id("Alder SDK"), parties.first()) {
        let party = crate::parties::get(app, &cast.lead, *party).await?;
        let form = ProductUserForm {
            kind: UseKind::Vendor,
            name: party.form.name,
            party: Some(party.id),
            versions: Vec::new(),
            contact: String::new(),
            days_to_deploy: Some(21),
        };
        inventory::add_user(app, &cast.analyst, product, form).await?;
    }
    Ok(())
}

/// Takes the documents in.
pub(super) async fn take(
    app: &App,
    cast: &Cast,
    products: &[(ProductId, &'static str)],
) -> Result<(), ServiceError> {
    for (product, version, parts) in DOCUMENTS {
        let Some((id, _)) = products.iter().find(|(_, name)| name == product) else {
            continue;
        };
        let bytes = document(product, version, parts, &app.now().rfc3339()).to_string();
        let name = format!(
            "{}-{version}.cdx.json",
            product.to_lowercase().replace(' ', "-")
        );
        let read = inventory::read(bytes.as_bytes(), &name)?;
        let target = Target {
            product: *id,
            version: (*version).to_owned(),
            add_version: false,
        };
        inventory::take(app, &cast.analyst, target, read).await?;
    }
    Ok(())
}

fn document(product: &str, version: &str, parts: &[Part], made: &str) -> Value {
    let components: Vec<Value> = parts
        .iter()
        .map(|(purl, _)| {
            if !purl.starts_with("pkg:") {
                return json!({ "type": "firmware", "bom-ref": purl, "name": "Boot ROM", "version": "A" });
            }
            let bare = purl.split('?').next().unwrap_or(purl);
            let (path, version) = bare.split_once('@').unwrap_or((bare, ""));
            let name = path.rsplit('/').next().unwrap_or(path);
            let mut component = json!({
                "type": "library", "bom-ref": purl, "name": name, "purl": purl,
                "supplier": { "name": "Alder Systems" },
            });
            if !version.is_empty()
                && let Some(fields) = component.as_object_mut()
            {
                fields.insert("version".to_owned(), json!(version));
            }
            component
        })
        .collect();
    let mut needs: Vec<(&str, Vec<&str>)> = Vec::new();
    for (purl, by) in parts {
        let by = if by.is_empty() { "product" } else { by };
        match needs.iter_mut().find(|(of, _)| *of == by) {
            Some((_, on)) => on.push(purl),
            None => needs.push((by, vec![purl])),
        }
    }
    let dependencies: Vec<Value> = needs
        .into_iter()
        .map(|(of, on)| json!({ "ref": of, "dependsOn": on }))
        .collect();
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "timestamp": made,
            "authors": [{ "name": "Build service of Alder Systems" }],
            "component": { "type": "application", "bom-ref": "product", "name": product, "version": version },
        },
        "components": components, "dependencies": dependencies,
    })
}
