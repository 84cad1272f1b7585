//! 6.2.13 sorting of keys.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    visit(facts.root, &Path::Root, findings);
}

/// One finding an object is enough: sorting it mends all of it.
fn visit(node: &Node<'_>, path: &Path<'_>, findings: &mut Findings) {
    for (index, item) in node.items().iter().enumerate() {
        visit(item, &path.index(index), findings);
    }
    let members = node.members();
    if let Some([_, (key, _)]) = members
        .windows(2)
        .find(|pair| matches!(pair, [(a, _), (b, _)] if a > b))
    {
        findings.add(
            "6.2.13",
            &path.key(key),
            "is not in alphabetical order; sort the keys of this object",
        );
    }
    for (key, item) in members {
        visit(item, &path.key(key), findings);
    }
}
