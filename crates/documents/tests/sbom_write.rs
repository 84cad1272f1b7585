//! Bills of materials that are written: read back the same, and as the official schema wants them.

#![expect(clippy::unwrap_used, reason = "tests")]

use entente_documents::sbom::write::{Written, WrittenComponent, cyclonedx, spdx};
use entente_documents::sbom::{self, Component, Sbom, Sink};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Default)]
struct Taken {
    components: Vec<Component>,
    needs: BTreeSet<(String, String)>,
}

impl Sink for Taken {
    fn component(&mut self, component: Component) {
        self.components.push(component);
    }
    fn dependency(&mut self, from: String, on: Vec<String>) {
        self.needs
            .extend(on.into_iter().map(|on| (from.clone(), on)));
    }
}

fn read(document: &Value) -> (Sbom, Taken) {
    let mut taken = Taken::default();
    let sbom = sbom::read(document.to_string().as_bytes(), &mut taken).unwrap();
    (sbom, taken)
}

fn written() -> impl Strategy<Value = Written> {
    let component = ("[a-z][a-z0-9-]{0,12}", "[0-9]\\.[0-9]{1,2}|", any::<bool>()).prop_map(
        |(name, version, has_purl): (String, String, bool)| WrittenComponent {
            purl: has_purl.then(|| match version.as_str() {
                "" => format!("pkg:cargo/{name}"),
                version => format!("pkg:cargo/{name}@{version}"),
            }),
            name,
            version,
        },
    );
    let components = prop::collection::vec(component, 0..30);
    let needs = prop::collection::vec((0_usize..40, 0_usize..40), 0..60);
    (components, needs).prop_map(|(components, needs)| Written {
        subject: ("EdgeGate “4”".to_owned(), "4.2".to_owned()),
        id: "01994a4e-8b9a-7000-8000-000000000001".to_owned(),
        at: "2026-11-16T09:12:00Z".to_owned(),
        author: "Alder Gateways".to_owned(),
        components,
        needs,
    })
}

/// The pairs that name two places that are there.
fn there(written: &Written) -> BTreeSet<(usize, usize)> {
    let last = written.components.len();
    let pairs = written.needs.iter().copied();
    pairs
        .filter(|(from, on)| *from <= last && *on <= last && *on > 0 && from != on)
        .collect()
}

#[test]
fn what_is_written_is_read_again() {
    proptest!(Config::with_cases(200), |(written in written())| {
        let (sbom, taken) = read(&cyclonedx(&written));
        let subject = sbom.subject.unwrap();
        prop_assert_eq!((&subject.name, subject.version.as_deref()), (&written.subject.0, Some("4.2")));
        prop_assert!(sbom.has_author && sbom.timestamp.is_some());
        prop_assert_eq!(taken.components.len(), written.components.len());
        for (read, of) in taken.components.iter().zip(&written.components) {
            prop_assert_eq!(&read.name, &of.name);
            prop_assert_eq!(&read.purl, &of.purl);
            prop_assert_eq!(read.version.as_deref().unwrap_or_default(), of.version.as_str());
        }
        prop_assert_eq!(taken.needs.len(), there(&written).len());

        let (sbom, taken) = read(&spdx(&written));
        prop_assert_eq!(sbom.describes, ["SPDXRef-Product"]);
        // The product is one of the packages there.
        prop_assert_eq!(taken.components.len(), written.components.len() + 1);
        for (read, of) in taken.components.iter().skip(1).zip(&written.components) {
            prop_assert_eq!(&read.purl, &of.purl);
            prop_assert_eq!(read.version.as_deref().unwrap_or_default(), of.version.as_str());
        }
        prop_assert_eq!(taken.needs.len(), there(&written).len());
    });
}

#[test]
fn cyclonedx_passes_the_official_schema() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/cyclonedx");
    let schema = |file: &str| -> Value {
        serde_json::from_slice(&std::fs::read(format!("{folder}/{file}")).unwrap()).unwrap()
    };
    let mut registry = jsonschema::Registry::new();
    for other in ["spdx", "jsf-0.82", "cryptography-defs"] {
        let file = format!("{other}.schema.json");
        let resource = jsonschema::Resource::from_contents(schema(&file));
        registry = registry
            .add(format!("http://cyclonedx.org/schema/{file}"), resource)
            .unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .with_registry(&registry)
        .build(&schema("bom-1.7.schema.json"))
        .unwrap();
    proptest!(Config::with_cases(100), |(written in written())| {
        let document = cyclonedx(&written);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        prop_assert!(errors.is_empty(), "{errors:#?}");
    });
}
