//! The id of a document from what it says, by the algorithm of OpenVEX's own tools: the same
//! statements get the same id, whoever writes them down and however.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Document;
use crate::record::json::{list, seconds, text, texts};

impl Document {
    /// The SHA-256 hash, in hexadecimal, over instant, version, author and statements; `None` if
    /// the document has no readable instant.
    ///
    /// Hashes and identifiers of a component are taken in the order of their names: the format
    /// leaves their order open.
    #[must_use]
    pub fn canonical_hash(&self) -> Option<String> {
        let root = &self.0;
        let issued = seconds(text(root, "timestamp")?)?;
        let mut all = format!(
            "{issued}:{}:{}",
            root.get("version")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
            text(root, "author").unwrap_or_default()
        );
        let mut statements: Vec<(&str, i64, &Value)> = list(root, "statements")
            .iter()
            .map(|statement| {
                let name = vulnerability(statement, "name");
                let at = text(statement, "timestamp")
                    .and_then(seconds)
                    .unwrap_or(issued);
                (name, at, statement)
            })
            .collect();
        statements.sort_by_key(|(name, at, _)| (*name, *at));
        for (name, at, statement) in statements {
            let vulnerable = statement.get("vulnerability").unwrap_or(&Value::Null);
            let mut aliases = texts(vulnerable, "aliases");
            aliases.sort();
            let word = |key| text(statement, key).unwrap_or_default();
            let _ = write!(
                all,
                ":{}:{name}:{}:{}:{}:{at}",
                vulnerability(statement, "@id"),
                aliases.join(":"),
                word("status"),
                word("justification"),
            );
            let mut products: Vec<String> = list(statement, "products")
                .iter()
                .map(|product| {
                    let mut told = component(product);
                    for inner in list(product, "subcomponents") {
                        told.push_str(&component(inner));
                    }
                    told
                })
                .collect();
            products.sort();
            all.push_str(&products.join(":"));
        }
        let mut hash = String::new();
        for byte in Sha256::digest(all.as_bytes()) {
            let _ = write!(hash, "{byte:02x}");
        }
        Some(hash)
    }

    /// The id that follows from [`Document::canonical_hash`].
    #[must_use]
    pub fn canonical_id(&self) -> Option<String> {
        let hash = self.canonical_hash()?;
        Some(format!("https://openvex.dev/docs/public/vex-{hash}"))
    }
}

fn vulnerability<'v>(statement: &'v Value, key: &str) -> &'v str {
    let vulnerability = statement.get("vulnerability");
    vulnerability.and_then(|v| text(v, key)).unwrap_or_default()
}

fn component(component: &Value) -> String {
    let mut told = format!(":{}", text(component, "@id").unwrap_or_default());
    for key in ["hashes", "identifiers"] {
        let members = component.get(key).and_then(Value::as_object);
        for (name, value) in members.into_iter().flatten() {
            let _ = write!(told, ":{name}@{}", value.as_str().unwrap_or_default());
        }
    }
    told
}
