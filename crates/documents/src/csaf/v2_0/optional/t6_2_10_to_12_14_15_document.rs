//! 6.2.10 missing TLP label, 6.2.11 missing canonical URL, 6.2.12 missing
//! document language, 6.2.14 use of private language, 6.2.15 use of the default
//! language.

use crate::csaf::facts::{Facts, Standard};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::{file_name, language};

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let label = facts
        .document
        .at(&["distribution", "tlp", "label"])
        .and_then(Node::as_str);
    if facts.standard == Standard::V2_0
        && !matches!(label, Some("AMBER" | "GREEN" | "RED" | "WHITE"))
    {
        findings.add(
            "6.2.10",
            &document.key("distribution").key("tlp").key("label"),
            "the document has no TLP label; machines need it to route it",
        );
    }
    if !has_canonical_url(facts) {
        findings.add(
            "6.2.11",
            &document.key("references"),
            "no reference of category self has an https URL that ends with the document's file name",
        );
    }
    if facts.document.text("lang").is_none_or(str::is_empty) {
        findings.add(
            "6.2.12",
            &document.key("lang"),
            "the document's language is not given",
        );
    }
    for key in ["lang", "source_lang"] {
        let Some(tag) = facts.document.text(key) else {
            continue;
        };
        if let Some(subtag) = language::inspect(tag).private {
            findings.add(
                "6.2.14",
                &document.key(key),
                format!("`{subtag}` in `{tag}` is reserved for private use"),
            );
        }
        if tag.eq_ignore_ascii_case("i-default") {
            findings.add(
                "6.2.15",
                &document.key(key),
                "`i-default` says nothing; name the language",
            );
        }
    }
}

fn has_canonical_url(facts: &Facts<'_>) -> bool {
    let Some(id) = facts.tracking.text("id") else {
        return false;
    };
    let name = file_name(id);
    facts.document.list("references").iter().any(|reference| {
        reference.text("category") == Some("self")
            && reference.text("url").is_some_and(|url| {
                url.strip_prefix("https://")
                    .and_then(|rest| rest.split_once('/'))
                    .is_some_and(|(host, path)| {
                        !host.is_empty() && path.rsplit('/').next() == Some(name.as_str())
                    })
            })
    })
}
