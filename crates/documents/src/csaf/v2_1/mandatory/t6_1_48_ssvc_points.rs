//! 6.1.48 SSVC decision points of registered namespaces exist, and their values
//! are in order.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::selections::each;
use crate::ssvc;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    each(facts, &mut |_, selection, path| {
        judge(selection, path, findings)
    });
}

fn judge(selection: &Node<'_>, path: &Path<'_>, findings: &mut Findings) {
    let (Some(namespace), Some(key), Some(version)) = (
        selection.text("namespace"),
        selection.text("key"),
        selection.text("version"),
    ) else {
        return;
    };
    let base = namespace.split(['/', '#']).next().unwrap_or_default();
    if base == "invalid" {
        findings.add(
            "6.1.48",
            &path.key("namespace"),
            "the namespace `invalid` never holds decision points",
        );
        return;
    }
    if !ssvc::points().iter().any(|point| point.namespace == base) {
        return;
    }
    let Some(point) = ssvc::point(base, key, version) else {
        let known = ssvc::points()
            .iter()
            .any(|point| point.namespace == base && point.key == key);
        findings.add(
            "6.1.48",
            &path.key(if known { "version" } else { "key" }),
            format!("`{base}` has no decision point `{key}` of version {version}"),
        );
        return;
    };
    let values = path.key("values");
    let mut last = None;
    for (index, value) in selection.list("values").iter().enumerate() {
        let Some(key) = value.text("key") else {
            continue;
        };
        let Some(position) = point.values.iter().position(|known| known.key == key) else {
            findings.add(
                "6.1.48",
                &values.index(index).key("key"),
                format!("`{}` has no value `{key}`", point.id()),
            );
            continue;
        };
        if last.is_some_and(|last| position <= last) {
            findings.add(
                "6.1.48",
                &values.index(index).key("key"),
                format!("the values of `{}` are not in their order", point.id()),
            );
        }
        last = Some(position);
    }
}
