//! The rules of the registered package types, from the type definitions of the purl specification
//! (package-url/purl-spec 16f3d0e, 2026-08-21, MIT). An unregistered type has no rules.

use super::{Purl, PurlError};
use Namespace::{Optional, Prohibited, Required};

#[derive(PartialEq)]
enum Namespace {
    Optional,
    Prohibited,
    Required,
}

struct Rule {
    ty: &'static str,
    namespace: Namespace,
    // Components whose case does not matter: name(s)pace, (n)ame, (v)ersion, sub(p)ath.
    lower: &'static str,
    // Qualifiers the type itself defines.
    qualifiers: &'static [&'static str],
    required: &'static [&'static str],
}

const fn rule(
    ty: &'static str,
    namespace: Namespace,
    lower: &'static str,
    qualifiers: &'static [&'static str],
    required: &'static [&'static str],
) -> Rule {
    Rule {
        ty,
        namespace,
        lower,
        qualifiers,
        required,
    }
}

#[rustfmt::skip]
static RULES: &[Rule] = &[
    rule("alpm", Required, "sn", &["arch"], &[]),
    rule("apk", Required, "sn", &["arch"], &[]),
    rule("bazel", Prohibited, "", &[], &[]),
    rule("bitbucket", Required, "sn", &[], &[]),
    rule("bitnami", Prohibited, "n", &["arch", "distro"], &[]),
    rule("brew", Optional, "sn", &[], &[]),
    rule("cargo", Prohibited, "", &[], &[]),
    rule("chrome-extension", Prohibited, "n", &[], &[]),
    rule("cocoapods", Prohibited, "", &[], &[]),
    rule("composer", Required, "sn", &[], &[]),
    rule("conan", Optional, "", &["user", "channel", "rrev", "prev"], &[]),
    rule("conda", Prohibited, "", &["build", "channel", "subdir", "type"], &[]),
    rule("cpan", Optional, "", &["author", "distpath", "ext"], &[]),
    rule("cran", Prohibited, "", &[], &[]),
    rule("deb", Required, "sn", &["arch"], &[]),
    rule("docker", Optional, "", &[], &[]),
    rule("gem", Prohibited, "", &["platform"], &[]),
    rule("generic", Optional, "", &[], &[]),
    rule("git", Required, "", &[], &[]),
    rule("github", Required, "sn", &[], &[]),
    rule("golang", Required, "", &[], &[]),
    rule("hackage", Prohibited, "", &[], &[]),
    rule("hex", Optional, "sn", &[], &[]),
    rule("huggingface", Required, "v", &[], &[]),
    rule("julia", Prohibited, "", &["uuid"], &["uuid"]),
    rule("luarocks", Optional, "sn", &[], &[]),
    rule("maven", Required, "", &["classifier", "type"], &[]),
    rule("mlflow", Prohibited, "", &["model_uuid", "run_id"], &[]),
    rule("npm", Optional, "", &[], &[]),
    rule("nuget", Prohibited, "", &[], &[]),
    rule("oci", Prohibited, "nv", &["arch", "tag"], &[]),
    rule("opam", Prohibited, "", &[], &[]),
    rule("otp", Prohibited, "np", &["platform", "arch"], &[]),
    rule("pub", Prohibited, "n", &[], &[]),
    rule("pypi", Prohibited, "nv", &[], &[]),
    rule("qpkg", Required, "s", &[], &[]),
    rule("rpm", Required, "s", &["epoch", "arch"], &[]),
    rule("swid", Optional, "", &["tag_id", "tag_version", "patch", "tag_creator_name", "tag_creator_regid"], &["tag_id"]),
    rule("swift", Required, "", &[], &[]),
    rule("vcpkg", Prohibited, "", &["port_version", "repository_revision", "triplet"], &[]),
    rule("vscode-extension", Required, "snv", &["platform"], &[]),
    rule("yocto", Optional, "s", &["layer_version"], &[]),
];

fn find(ty: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.ty == ty)
}

/// Whether the type itself defines the qualifier.
pub(super) fn defines_qualifier(ty: &str, key: &str) -> bool {
    find(ty).is_some_and(|rule| rule.qualifiers.contains(&key))
}

/// Whether the case of versions does not matter.
pub(super) fn version_ignores_case(ty: &str) -> bool {
    find(ty).is_some_and(|rule| rule.lower.contains('v'))
}

/// Whether the name is a path: the repository on the host that is the namespace.
pub(super) fn name_has_segments(ty: &str) -> bool {
    ty == "git"
}

/// Brings the components into the form the type calls canonical.
pub(super) fn normalise(purl: &mut Purl) {
    let lower = find(&purl.ty).map_or("", |rule| rule.lower);
    let down = |text: &mut String| *text = text.to_lowercase();
    if lower.contains('s') {
        purl.namespace.iter_mut().for_each(down);
    }
    if lower.contains('n') {
        down(&mut purl.name);
    }
    if lower.contains('v') {
        purl.version.iter_mut().for_each(down);
    }
    if lower.contains('p') {
        purl.subpath.iter_mut().for_each(down);
    }
    match purl.ty.as_str() {
        "pypi" => purl.name = purl.name.replace('_', "-"),
        "hackage" => purl.name = purl.name.replace('_', "-"),
        "pub" => {
            let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            purl.name = purl.name.chars().map(plain).collect();
        }
        "cpan" => {
            let author = purl.namespace.iter_mut();
            author.for_each(|author| *author = author.to_uppercase());
        }
        "mlflow" => {
            // Databricks ignores case, other servers do not.
            let url = purl.qualifiers.get("repository_url");
            if url.is_some_and(|url| url.contains("databricks")) {
                down(&mut purl.name);
            }
        }
        "git" => git(purl),
        _ => {}
    }
}

// The namespace is the host, the name the whole path on it. Hosts known to ignore the case of
// repository paths have it lowered.
fn git(purl: &mut Purl) {
    if let Some((host, path)) = purl.namespace.as_deref().and_then(|n| n.split_once('/')) {
        purl.name = format!("{path}/{}", purl.name);
        purl.namespace = Some(host.to_owned());
    }
    let ignores_case = |host: &str| {
        let host = host.to_ascii_lowercase();
        ["github", "github.com", "bitbucket", "bitbucket.org"].contains(&host.as_str())
    };
    if purl.namespace.as_deref().is_some_and(ignores_case) {
        purl.namespace = purl.namespace.as_deref().map(str::to_lowercase);
        purl.name = purl.name.to_lowercase();
    }
}

/// Where a purl breaks the rules of its type.
pub(super) fn check(purl: &Purl) -> Vec<PurlError> {
    let mut issues = Vec::new();
    let Some(rule) = find(&purl.ty) else {
        return issues;
    };
    let ty = || purl.ty.clone();
    match (&rule.namespace, &purl.namespace) {
        (Required, None) => issues.push(PurlError::NamespaceRequired { ty: ty() }),
        (Prohibited, Some(namespace)) => issues.push(PurlError::NamespaceProhibited {
            ty: ty(),
            namespace: namespace.clone(),
        }),
        _ => {}
    }
    for key in rule.required {
        if !purl.qualifiers.contains_key(*key) {
            issues.push(PurlError::QualifierRequired { ty: ty(), key });
        }
    }
    let mut refuse = |component, text: &str, remedy| {
        issues.push(PurlError::NotPermitted {
            ty: ty(),
            component,
            text: text.to_owned(),
            remedy,
        });
    };
    match purl.ty.as_str() {
        "cpan" if purl.name.contains("::") => {
            refuse("name", &purl.name, "write the distribution, not the module");
        }
        "chrome-extension" => {
            let letters = purl.name.bytes().all(|b| (b'a'..=b'p').contains(&b));
            if purl.name.len() != 32 || !letters {
                refuse("name", &purl.name, "it is 32 letters from a to p");
            }
            let numbers = |version: &str| {
                let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
                version.split('.').count() <= 4 && version.split('.').all(number)
            };
            if let Some(version) = purl.version.as_deref().filter(|v| !numbers(v)) {
                refuse("version", version, "it is one to four numbers with dots");
            }
        }
        _ => {}
    }
    issues
}
