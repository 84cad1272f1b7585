//! 6.1.60.2 extension schema and 6.1.60.3 extension metadata. Test 6.1.60.1 is
//! part of the schema walk.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::{Findings, Severity};
use crate::csaf::schema::{self, Event, Schema};
use crate::csaf::v2_1::extensions::{Place, each, known, schemas};

static SCHEMAS: LazyLock<Vec<Option<Schema>>> = LazyLock::new(|| {
    schemas()
        .map(|text| schema::compile(text, &[]).ok())
        .collect()
});

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut unknown = HashSet::new();
    each(facts, &mut |place, list, path| {
        metadata(place, list, path, findings);
        for (index, extension) in list.items().iter().enumerate() {
            let Some(address) = extension.text("$schema") else {
                continue;
            };
            let path = path.index(index);
            match known(address) {
                Some((position, _)) => {
                    if let Some(Some(schema)) = SCHEMAS.get(position) {
                        content(schema, extension, &path, findings);
                    }
                }
                None => {
                    if unknown.insert(address.to_owned()) {
                        findings.add_as(
                            Severity::Warning,
                            "6.1.60.2",
                            path.key("$schema").to_string(),
                            format!("the experimental extension `{address}` is not known here, so neither its content nor its metadata was judged"),
                        );
                    }
                }
            }
        }
    });
}

fn content(schema: &Schema, extension: &Node<'_>, place: &Path<'_>, findings: &mut Findings) {
    let mut violations = Vec::new();
    schema::check(schema, extension, &mut |path, event| {
        let path = path.to_string();
        // The address is what the schema was chosen by.
        if let Event::Violation { message, .. } = event
            && path != "/$schema"
        {
            violations.push((path, message));
        }
    });
    for (path, message) in violations {
        findings.add_at("6.1.60.2", format!("{place}{path}"), message);
    }
}

/// How often an extension is in a list, and what it is beside.
fn metadata(place: Place, list: &Node<'_>, path: &Path<'_>, findings: &mut Findings) {
    let mut count: HashMap<&str, usize> = HashMap::new();
    let addresses = list.items().iter().filter_map(|item| item.text("$schema"));
    for address in addresses.filter(|address| known(address).is_some()) {
        *count.entry(address).or_default() += 1;
    }
    let mut found: Vec<_> = count.iter().collect();
    found.sort_unstable();
    for (address, times) in found {
        let Some((_, known)) = known(address) else {
            continue;
        };
        let most = known.most_at(place);
        if *times > most {
            findings.add(
                "6.1.60.3",
                path,
                format!("`{address}` may be here at most {most} times, and is {times} times"),
            );
        }
        if count
            .keys()
            .any(|other| other.ends_with(known.incompatible))
        {
            findings.add(
                "6.1.60.3",
                path,
                format!("`{address}` must not be beside `{}`", known.incompatible),
            );
        }
    }
}
