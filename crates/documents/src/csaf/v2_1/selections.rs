//! Where a document holds SSVC selections, and what their namespaces are.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::ssvc;

/// Calls `visit` for every SSVC object.
pub(super) fn each_object<'d>(facts: &Facts<'d>, visit: &mut dyn FnMut(&'d Node<'d>, &Path<'_>)) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            if let Some(ssvc) = content.get("ssvc_v2") {
                visit(ssvc, &path.key("ssvc_v2"));
            }
        });
    });
}

/// Calls `visit` for every selection with the SSVC object that holds it.
pub(super) fn each<'d>(
    facts: &Facts<'d>,
    visit: &mut dyn FnMut(&'d Node<'d>, &'d Node<'d>, &Path<'_>),
) {
    each_object(facts, &mut |ssvc, path| {
        let list = path.key("selections");
        for (index, selection) in ssvc.list("selections").iter().enumerate() {
            visit(ssvc, selection, &list.index(index));
        }
    });
}

/// The namespace without extensions.
fn base(namespace: &str) -> &str {
    namespace.split('/').next().unwrap_or_default()
}

/// Whether nobody registered the base of the namespace: its name says so.
pub(super) fn is_unregistered(namespace: &str) -> bool {
    base(namespace).starts_with("x_")
}

/// Whether the namespace is reserved for examples and tests.
fn is_for_examples(namespace: &str) -> bool {
    let name = base(namespace).split('#').next().unwrap_or_default();
    matches!(name, "example" | "test")
}

/// Whether the base of the namespace is registered and known here.
pub(super) fn has_known_base(namespace: &str) -> bool {
    let base = base(namespace);
    is_for_examples(namespace)
        || !is_unregistered(namespace) && ssvc::points().iter().any(|p| p.namespace == base)
}

/// Whether the namespace with all its extensions is registered.
pub(super) fn is_registered_whole(namespace: &str) -> bool {
    has_known_base(namespace) && (base(namespace) == namespace || is_for_examples(namespace))
}
