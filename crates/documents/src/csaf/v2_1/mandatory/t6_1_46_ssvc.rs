//! 6.1.46 invalid SSVC, beyond what the schema walk finds: language tags inside
//! a namespace must exist.

use crate::csaf::facts::Facts;
use crate::csaf::language;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::selections::each;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    each(facts, &mut |_, selection, path| {
        let tags = selection
            .text("namespace")
            .into_iter()
            .flat_map(language_tags);
        for tag in tags {
            if let Some((kind, subtag)) = language::inspect(tag).unknown.first() {
                findings.add(
                    "6.1.46",
                    &path.key("namespace"),
                    format!("`{subtag}` in `{tag}` is no registered {kind}"),
                );
            }
        }
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
