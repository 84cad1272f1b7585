//! 6.1.46 invalid SSVC, beyond what the schema walk finds: language tags inside
//! a namespace must exist.

use crate::csaf::facts::Facts;
use crate::csaf::language;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            let Some(ssvc) = content.get("ssvc_v2") else {
                return;
            };
            let path = path.key("ssvc_v2");
            let selections = path.key("selections");
            for (index, selection) in ssvc.list("selections").iter().enumerate() {
                let Some(namespace) = selection.text("namespace") else {
                    continue;
                };
                for tag in language_tags(namespace) {
                    if let Some((kind, subtag)) = language::inspect(tag).unknown.first() {
                        findings.add(
                            "6.1.46",
                            &selections.index(index).key("namespace"),
                            format!("`{subtag}` in `{tag}` is no registered {kind}"),
                        );
                    }
                }
            }
        });
    });
}

/// After the base come extensions, parted by slashes: the first is empty or a
/// language tag, the others are tags, or names that a tag may follow after `$`.
fn language_tags(namespace: &str) -> impl Iterator<Item = &str> {
    namespace.split('/').skip(1).filter_map(|part| {
        if part.is_empty() {
            None
        } else if part.starts_with('.') {
            part.split_once('$').map(|(_, tag)| tag)
        } else {
            Some(part)
        }
    })
}
