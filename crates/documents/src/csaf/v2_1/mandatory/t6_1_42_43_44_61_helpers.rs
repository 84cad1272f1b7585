//! 6.1.42 purls that differ in more than qualifiers; 6.1.43, 6.1.44 and 6.1.61
//! multiple stars in model number, serial number and SKU.

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::report::Findings;
use crate::purl::Purl;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_product(&mut |product, path| {
        let Some(helper) = product.get("product_identification_helper") else {
            return;
        };
        let path = path.key("product_identification_helper");
        let mut first: Option<Purl> = None;
        each_text(helper, "purls", &path, &mut |text, path| {
            // Test 6.1.13 speaks about those that cannot be read.
            let Ok((purl, _)) = crate::purl::parse_lenient(text) else {
                return;
            };
            match &first {
                None => first = Some(purl),
                Some(first) if base(first) != base(&purl) => findings.add(
                    "6.1.42",
                    path,
                    format!("`{text}` differs from the first purl in more than its qualifiers"),
                ),
                Some(_) => {}
            }
        });
        for (test, key) in [
            ("6.1.43", "model_numbers"),
            ("6.1.44", "serial_numbers"),
            ("6.1.61", "skus"),
        ] {
            each_text(helper, key, &path, &mut |text, path| {
                if stars(text) > 1 {
                    findings.add(
                        test,
                        path,
                        format!("`{text}` holds more than one `*`; keep one or escape the others"),
                    );
                }
            });
        }
    });
}

type Base<'p> = (
    &'p str,
    Option<&'p str>,
    &'p str,
    Option<&'p str>,
    Option<&'p str>,
);

fn base(purl: &Purl) -> Base<'_> {
    let (ty, namespace, name) = purl.package();
    (ty, namespace, name, purl.version(), purl.subpath())
}

/// The number of stars that no backslash escapes.
fn stars(text: &str) -> usize {
    let mut escaped = false;
    let mut count = 0;
    for c in text.chars() {
        match c {
            '*' if !escaped => count += 1,
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    count
}
