//! 6.2.42 inconsistent product identification helper: what the branches say of
//! a product, its CPE and purls say too.
//!
//! Names are not compared: the same product is called differently there. Only
//! their presence is, and the version.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::purl;

/// What the branches on the way to a product say.
#[derive(Default)]
struct Way<'d> {
    vendor: bool,
    name: bool,
    version: Option<&'d str>,
    range: bool,
    update: bool,
    language: bool,
    platform: bool,
    architecture: bool,
}

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, above, path| {
        let Some(helper) = branch
            .get("product")
            .and_then(|product| product.get("product_identification_helper"))
        else {
            return;
        };
        let mut way = Way::default();
        for node in above.iter().copied().chain([branch]) {
            match node.text("category").unwrap_or_default() {
                "vendor" => way.vendor = true,
                "product_name" => way.name = true,
                "product_version" => way.version = node.text("name"),
                "product_version_range" => way.range = true,
                "patch_level" | "service_pack" => way.update = true,
                "language" => way.language = true,
                "platform" => way.platform = true,
                "architecture" => way.architecture = true,
                _ => {}
            }
        }
        let path = path.key("product");
        let path = path.key("product_identification_helper");
        if let Some(fault) = helper.text("cpe").and_then(|cpe| cpe_fault(cpe, &way)) {
            findings.add("6.2.42", &path.key("cpe"), fault);
        }
        let list = path.key("purls");
        for (index, item) in helper.list("purls").iter().enumerate() {
            if let Some(fault) = item.as_str().and_then(|text| purl_fault(text, &way)) {
                findings.add("6.2.42", &list.index(index), fault);
            }
        }
    });
}

/// The attributes of a CPE in the order of the 2.3 form, from `part` on;
/// `None` for what is no CPE, of which the schema speaks.
fn attributes(cpe: &str) -> Option<Vec<String>> {
    if let Some(rest) = cpe.strip_prefix("cpe:2.3:") {
        let mut all = vec![String::new()];
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            match c {
                ':' => all.push(String::new()),
                '\\' => all.last_mut()?.extend(chars.next()),
                c => all.last_mut()?.push(c),
            }
        }
        return Some(all);
    }
    // The old form: part, vendor, product, version, update, edition, language.
    let rest = cpe.get(5..).filter(|_| {
        cpe.get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("cpe:/"))
    })?;
    Some(
        rest.split(':')
            .map(|value| {
                let value = if value.is_empty() { "*" } else { value };
                value.replace("%2b", "+").replace("%7e", "~")
            })
            .collect(),
    )
}

fn cpe_fault(cpe: &str, way: &Way<'_>) -> Option<String> {
    let all = attributes(cpe)?;
    let at = |index: usize| all.get(index).map_or("*", String::as_str);
    let wild = |index: usize| at(index) == "*";
    let old = !cpe.starts_with("cpe:2.3:");
    for (said, index, what) in [(way.vendor, 1, "vendor"), (way.name, 2, "product")] {
        if said && wild(index) {
            return Some(format!("the branches name a {what}, the CPE does not"));
        }
    }
    if let Some(version) = way.version {
        if !same_version(version, at(3), at(4)) {
            return Some(format!(
                "the branches say version `{version}`, the CPE `{}`",
                at(3)
            ));
        }
    } else if way.range && !matches!(at(3), "*" | "-") {
        return Some(format!(
            "the branches say a range of versions, the CPE the version `{}`; use `*` there",
            at(3)
        ));
    }
    // A version may name its update itself.
    let in_version = |value: &str| {
        way.version
            .is_some_and(|version| comparable(version).contains(&comparable(value)))
    };
    let extra = [
        (way.update, 4, "update"),
        (way.language, 6, "language"),
        (way.platform || old, 8, "target software"),
        (way.architecture || old, 9, "target hardware"),
    ];
    extra
        .into_iter()
        .find(|(said, index, _)| {
            !said && !matches!(at(*index), "*" | "-" | "") && !in_version(at(*index))
        })
        .map(|(_, index, what)| {
            format!(
                "the CPE names the {what} `{}`, the branches do not",
                at(index)
            )
        })
}

/// Lower case, without a leading `v` and what separates.
fn comparable(version: &str) -> String {
    let lower = version.trim().to_lowercase();
    let lower = lower.strip_prefix("version").unwrap_or(&lower).trim_start();
    let lower = lower
        .strip_prefix('v')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(lower);
    lower.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn same_version(branch: &str, version: &str, update: &str) -> bool {
    let branch = comparable(branch);
    let version = comparable(version);
    !version.is_empty() && (branch == version || branch == version + &comparable(update))
}

fn purl_fault(text: &str, way: &Way<'_>) -> Option<String> {
    let purl = purl::parse_lenient(text).ok()?.0;
    // Elsewhere the namespace is no vendor.
    let distribution = matches!(purl.ty(), "deb" | "rpm" | "apk" | "alpm");
    if way.vendor && distribution && purl.namespace().is_none() {
        return Some("the branches name a vendor, the purl does not".to_owned());
    }
    match (way.version, purl.version()) {
        (Some(version), None) => Some(format!(
            "the branches say version `{version}`, the purl none"
        )),
        (Some(version), Some(given)) if comparable(version) != comparable(given) => Some(format!(
            "the branches say version `{version}`, the purl `{given}`"
        )),
        (None, Some(given)) if way.range => Some(format!(
            "the branches say a range of versions, the purl the version `{given}`; leave it out"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpe_says_what_the_branches_say() {
        let way = || Way {
            vendor: true,
            name: true,
            version: Some("v2.2.0 SP1"),
            ..Way::default()
        };
        for (cpe, right) in [
            ("cpe:2.3:a:example:product:2.2.0:sp1:*:*:*:*:*:*", true),
            ("cpe:2.3:a:example:product:2.2.0_sp1:*:*:*:*:*:*:*", true),
            ("cpe:2.3:a:example:product:2.2.0\\ sp1:-:*:*:*:*:*:*", true),
            ("cpe:/a:example:product:2.2.0:sp1", true),
            ("cpe:2.3:a:example:product:2.2.0:sp2:*:*:*:*:*:*", false),
            ("cpe:2.3:a:example:product:*:*:*:*:*:*:*:*", false),
            ("cpe:2.3:a:*:product:2.2.0:sp1:*:*:*:*:*:*", false),
            ("cpe:2.3:a:example:product:2.2.0:sp1:*:de:*:*:*:*", false),
            ("cpe:2.3:a:example:product:2.2.0:sp1:*:*:*:*:x64:*", false),
        ] {
            assert_eq!(cpe_fault(cpe, &way()).is_none(), right, "{cpe}");
        }
    }
}
