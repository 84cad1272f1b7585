//! What identifies a component: its package URL without version; else the vendor and product of
//! its CPE; else its bare name, which is said to be no identity.

use entente_documents::matching::{Candidate, Package, Scope};
use entente_documents::purl;
use entente_documents::sbom::Component;
use entente_store::inventory::{PackageVersion, source_alias};

/// Longest name or version that is kept, in bytes.
pub(super) const LONGEST: usize = 2_000;

/// What names a component, with the further names under which it may be asked for.
pub(super) struct Named {
    pub(super) is: PackageVersion,
    pub(super) also: Vec<String>,
    /// Whether the document gives it a package URL or a CPE.
    pub(super) identified: bool,
}

pub(super) fn name(c: &Component) -> Named {
    let version = c.version.as_deref().map(one_line).unwrap_or_default();
    let mut purls = c.purl.iter().chain(&c.also).filter_map(|p| of_purl(p));
    let mut cpes = c.cpe.iter().chain(&c.also).filter_map(|c| cpe(c));
    let (is, identified) = if let Some(mut is) = purls.next() {
        if is.version.is_empty() {
            is.version = version;
        }
        (is, true)
    } else if let Some((vendor, product, of_cpe)) = cpes.next() {
        let is = PackageVersion {
            key: format!("cpe:{vendor}:{product}"),
            name: product,
            version: if version.is_empty() { of_cpe } else { version },
            scope: String::new(),
        };
        (is, true)
    } else {
        let bare = one_line(&c.name);
        let whole = match &c.group {
            Some(group) => format!("{}/{bare}", one_line(group)),
            None => bare.clone(),
        };
        let is = PackageVersion {
            key: format!("name:{whole}"),
            name: bare.to_lowercase(),
            version,
            scope: String::new(),
        };
        (is, false)
    };
    let mut also: Vec<String> = cpes.map(|(v, p, _)| format!("cpe:{v}:{p}")).collect();
    // Several package URLs name one thing: the first is what it is, the others find it too.
    also.extend(purls.map(|p| p.key));
    also.extend(c.purl.as_deref().and_then(|p| built_from(p, &is.version)));
    also.extend(strongest(&c.hashes));
    also.retain(|a| *a != is.key && a.len() <= LONGEST);
    also.sort_unstable();
    also.dedup();
    Named {
        is,
        also,
        identified,
    }
}

/// The source package of a distribution's binary, under which the distribution publishes.
fn built_from(text: &str, version: &str) -> Option<String> {
    let (purl, _) = purl::parse_lenient(text).ok()?;
    let source = Candidate::of_component(&purl, Some(version), None)
        .into_iter()
        .nth(1)?;
    let key = source.package().to_string();
    Some(source_alias(&key, source.version().unwrap_or_default()))
}

/// The digest that is hardest to forge, as `sha-256:…`.
fn strongest(hashes: &[(String, String)]) -> Option<String> {
    let rank = |algorithm: &str| match algorithm.to_ascii_uppercase().as_str() {
        "SHA-256" | "SHA256" => 3,
        "SHA-512" | "SHA512" => 2,
        "SHA-1" | "SHA1" => 1,
        _ => 0,
    };
    let (algorithm, digest) = hashes.iter().max_by_key(|(a, _)| rank(a))?;
    (rank(algorithm) > 0).then(|| hash_key(digest))
}

/// The further name by which a digest is found.
pub(super) fn hash_key(digest: &str) -> String {
    format!("hash:{}", digest.trim().to_ascii_lowercase())
}

/// A package URL without its version, with what its qualifiers say of epoch and distribution.
pub(super) fn of_purl(text: &str) -> Option<PackageVersion> {
    let (purl, _) = purl::parse_lenient(text).ok()?;
    let qualifier = |name: &str| purl.qualifiers().get(name).map(String::as_str);
    let version = purl.version().unwrap_or_default();
    // RPM's epoch decides before everything else, and stands beside the version.
    let version = match qualifier("epoch") {
        Some(epoch) if !version.contains(':') && !version.is_empty() => {
            format!("{epoch}:{version}")
        }
        _ => version.to_owned(),
    };
    // One package has one key, however registries and tools spell it; qualifiers that its type
    // wants besides, such as a repository, are no part of what is asked for.
    let key = Package::of(&purl).to_string();
    Some(PackageVersion {
        key,
        name: purl.name().to_lowercase(),
        version: one_line(&version),
        scope: qualifier("distro").map(one_line).unwrap_or_default(),
    })
}

/// Whether a package is of the distribution that a system is of.
pub(super) fn is_of_system(key: &str, system: &str) -> bool {
    let Ok((bare, _)) = purl::parse_lenient(key) else {
        return false;
    };
    let package = Package::of(&bare);
    // What a distribution's name and release make of it is known, or it is another's.
    package.is_of_distribution() && !matches!(Scope::of_distro(&package, system), Scope::Unknown)
}

/// The package URL of a package version, with its distribution; none where it has no such
/// identity.
pub(super) fn package_url(is: &PackageVersion) -> Option<String> {
    let (bare, _) = purl::parse_lenient(&is.key).ok()?;
    let qualifiers = match is.scope.as_str() {
        "" => Vec::new(),
        scope => vec![("distro".to_owned(), scope.to_owned())],
    };
    let parts = purl::Parts {
        ty: bare.ty().to_owned(),
        namespace: bare.namespace().map(str::to_owned),
        name: bare.name().to_owned(),
        version: Some(is.version.clone()).filter(|v| !v.is_empty()),
        qualifiers,
        subpath: None,
    };
    match purl::build(parts) {
        Ok(whole) => Some(whole.canonical()),
        // What the type requires besides was never known here: the name and version hold.
        Err(_) => Some(bare.with_version(&is.version).canonical()),
    }
}

/// Vendor, product and version of a CPE, in small letters; the version is empty where it is any.
pub(crate) fn cpe(text: &str) -> Option<(String, String, String)> {
    let parts = if let Some(rest) = text.strip_prefix("cpe:2.3:") {
        unescaped(rest)
    } else {
        let rest = text.strip_prefix("cpe:/")?;
        rest.split(':').map(str::to_owned).collect()
    };
    let part = |i: usize| {
        parts
            .get(i)
            .map(|p| one_line(p).to_lowercase())
            .filter(|p| !matches!(p.as_str(), "" | "*" | "-"))
    };
    Some((part(1)?, part(2)?, part(3).unwrap_or_default()))
}

/// The parts of a formatted string: a backslash takes the meaning from what follows.
fn unescaped(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            ':' => {
                parts.push(String::new());
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// Without line breaks and other controls, which no name has.
pub(super) fn one_line(text: &str) -> String {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_and_the_epoch_are_part_of_it() {
        let is =
            of_purl("pkg:rpm/almalinux/openssl@3.0.7-1.el9?arch=x86_64&epoch=1&distro=almalinux-9")
                .unwrap();
        assert_eq!(
            (is.key.as_str(), is.version.as_str(), is.scope.as_str()),
            ("pkg:rpm/almalinux/openssl", "1:3.0.7-1.el9", "almalinux-9")
        );
    }

    #[test]
    fn one_package_has_one_key_however_it_is_spelt() {
        let key = |text| of_purl(text).unwrap().key;
        assert_eq!(
            key("pkg:pypi/zope.interface@5"),
            key("pkg:pypi/Zope_Interface@6")
        );
        assert_ne!(key("pkg:pypi/zope"), key("pkg:npm/zope"));
    }

    #[test]
    fn a_component_without_an_identity_is_said_to_have_none() {
        let named = name(&Component {
            name: "Boot\nROM".to_owned(),
            version: Some("A1".to_owned()),
            ..Component::default()
        });
        assert!(!named.identified);
        assert_eq!(named.is.key, "name:Boot ROM");
        assert_eq!(named.is.name, "boot rom");
    }

    #[test]
    fn the_source_package_is_a_further_name() {
        let of = |purl: &str| {
            name(&Component {
                name: "libssl3".to_owned(),
                purl: Some(purl.to_owned()),
                ..Component::default()
            })
        };
        let named = of("pkg:deb/debian/libssl3@3.0.11-1?distro=debian-12&upstream=openssl");
        assert_eq!(named.is.key, "pkg:deb/debian/libssl3");
        assert_eq!(named.also, ["source:pkg:deb/debian/openssl@3.0.11-1"]);
        let named = of("pkg:deb/debian/libssl3@3.0.11-1%2Bb1?upstream=openssl%403.0.11-1");
        assert_eq!(named.also, ["source:pkg:deb/debian/openssl@3.0.11-1"]);
    }

    #[test]
    fn further_names_find_it_too() {
        let named = name(&Component {
            name: "openssl".to_owned(),
            purl: Some("pkg:generic/openssl@3.0.7".to_owned()),
            cpe: Some("cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:*:*:*:*".to_owned()),
            hashes: vec![
                ("MD5".to_owned(), "00".to_owned()),
                ("SHA-256".to_owned(), "ABCD".to_owned()),
            ],
            ..Component::default()
        });
        assert_eq!(named.is.key, "pkg:generic/openssl");
        assert_eq!(named.also, ["cpe:openssl:openssl", "hash:abcd"]);
    }

    #[test]
    fn both_forms_of_a_cpe_are_read() {
        let parts = ("acme".to_owned(), "tls:lib".to_owned(), "1.2".to_owned());
        assert_eq!(
            cpe(r"cpe:2.3:a:Acme:tls\:lib:1.2:*:*:*:*:*:*:*"),
            Some(parts)
        );
        assert_eq!(
            cpe("cpe:/o:acme:os"),
            Some(("acme".to_owned(), "os".to_owned(), String::new()))
        );
        assert_eq!(cpe("cpe:2.3:a:*:os:1:*:*:*:*:*:*:*"), None);
    }
}
