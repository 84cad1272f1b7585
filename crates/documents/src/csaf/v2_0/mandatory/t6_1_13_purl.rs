//! 6.1.13 purl.

use crate::csaf::report::Findings;
use crate::csaf::v2_0::facts::Facts;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_product(&mut |product, path| {
        if let Some(purl) = product.at(&["product_identification_helper", "purl"])
            && let Some(text) = purl.as_str()
            && let Some(fault) = fault(text)
        {
            findings.add(
                "6.1.13",
                &path.key("product_identification_helper").key("purl"),
                format!("`{text}` is no package URL: {fault}"),
            );
        }
    });
}

/// What breaks the grammar `pkg:type/namespace/name@version?qualifiers#subpath`.
fn fault(text: &str) -> Option<&'static str> {
    let Some(rest) = text
        .get(..4)
        .filter(|scheme| scheme.eq_ignore_ascii_case("pkg:"))
        .and_then(|_| text.get(4..))
    else {
        return Some("it must start with `pkg:`");
    };
    let (rest, _subpath) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let rest = rest.trim_start_matches('/');
    let Some((kind, rest)) = rest.split_once('/') else {
        return Some("it has no name");
    };
    if !kind.starts_with(|c: char| c.is_ascii_alphabetic())
        || !kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'))
    {
        return Some("the type must be letters, digits, `.`, `-` or `+`, a letter first");
    }
    let rest = rest.trim_matches('/');
    // A version separator comes after the last slash; scoped npm names begin
    // with an unescaped `@` in the wild.
    let (_, last) = rest.rsplit_once('/').unwrap_or(("", rest));
    let name = last.rsplit_once('@').map_or(last, |(name, _)| name);
    if name.is_empty() {
        return Some("it has no name");
    }
    let escapes_are_whole = text.bytes().enumerate().all(|(index, b)| {
        b != b'%'
            || text
                .as_bytes()
                .get(index + 1..index + 3)
                .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    });
    if !escapes_are_whole {
        return Some("a `%` must be followed by two hexadecimal digits");
    }
    for qualifier in qualifiers.split('&').filter(|q| !q.is_empty()) {
        let Some((key, _)) = qualifier.split_once('=') else {
            return Some("a qualifier must be key=value");
        };
        if !key.starts_with(|c: char| c.is_ascii_alphabetic())
            || !key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        {
            return Some(
                "a qualifier key must be letters, digits, `.`, `-` or `_`, a letter first",
            );
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn sound_purls_pass() {
        for purl in [
            "pkg:npm/%40angular/animation@12.3.1",
            "pkg:npm/@angular/animation@12.3.1",
            "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
            "pkg:docker/cassandra@sha256:244fd47e07d1004f0aed9c",
            "pkg:golang/google.golang.org/genproto#googleapis/api/annotations",
            "pkg:generic/name",
        ] {
            assert_eq!(fault(purl), None, "{purl}");
        }
    }

    #[test]
    fn broken_purls_are_told_why() {
        for purl in [
            "",
            "npm/a",
            "pkg:maven/@1.3.4",
            "pkg:maven",
            "pkg:maven/",
            "pkg:1a/b",
            "pkg:npm/a%zz",
            "pkg:npm/a?b",
            "pkg:npm/a?1=b",
            "päg:npm/a",
        ] {
            assert!(fault(purl).is_some(), "{purl}");
        }
    }
}
