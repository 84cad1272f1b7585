//! 6.3.17 use of unregistered license.

use crate::csaf::facts::Facts;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::licenses::{Standing, named};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    for (word, standing) in named(facts) {
        if matches!(standing, Standing::Missing | Standing::Foreign) {
            findings.add(
                "6.3.17",
                &document.key("license_expression"),
                format!("`{word}` is on neither list of licenses, so readers may not know it"),
            );
        }
    }
}
