//! 6.1.12 language, 6.1.15 translator, 6.1.28 translation.

use crate::csaf::facts::Facts;
use crate::csaf::language;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    for key in ["lang", "source_lang"] {
        if let Some(tag) = facts.document.text(key) {
            for (kind, subtag) in language::inspect(tag).unknown {
                findings.add(
                    "6.1.12",
                    &document.key(key),
                    format!("`{subtag}` in `{tag}` is no registered {kind}"),
                );
            }
        }
    }
    let source = facts.document.text("source_lang");
    let translated = facts
        .document
        .at(&["publisher", "category"])
        .and_then(|c| c.as_str())
        == Some("translator");
    if translated && source.is_none_or(str::is_empty) {
        findings.add(
            "6.1.15",
            &document.key("source_lang"),
            "a translator must name the language of the original",
        );
    }
    if let (Some(lang), Some(source)) = (facts.document.text("lang"), source)
        && lang.eq_ignore_ascii_case(source)
    {
        findings.add(
            "6.1.28",
            &document.key("source_lang"),
            format!("source and document language are both `{lang}`; remove the source language"),
        );
    }
}
