//! Which package is spoken of: the key under which advisories and components meet.
//!
//! A purl is normalised by its type already. Where registries and tools disagree with the type's
//! definition about what is one package, the key takes the registry's side, so that nothing is
//! missed for its spelling; the purl itself stays as it came. Which release of a distribution is
//! meant is the [`Scope`]'s matter, which distribution is the package's.

use crate::purl::{self, Parts, Purl, PurlError};

/// A package, whatever its version. Two that are equal are one package of one registry or
/// distribution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    ty: String,
    namespace: String,
    name: String,
}

// OSV's ecosystems (schema 1.7, "Defined ecosystems") as purl type and, for distributions,
// namespace. Those without a purl type are absent: nothing in an SBOM could meet them.
static ECOSYSTEMS: &[(&str, &str, &str)] = &[
    ("AlmaLinux", "rpm", "almalinux"),
    ("Alpaquita", "apk", "alpaquita"),
    ("Alpine", "apk", "alpine"),
    ("Bitnami", "bitnami", ""),
    ("Chainguard", "apk", "chainguard"),
    ("ConanCenter", "conan", ""),
    ("CRAN", "cran", ""),
    ("crates.io", "cargo", ""),
    ("Debian", "deb", "debian"),
    ("GitHub Actions", "github", ""),
    ("Go", "golang", ""),
    ("Hackage", "hackage", ""),
    ("Hex", "hex", ""),
    ("Julia", "julia", ""),
    ("Mageia", "rpm", "mageia"),
    ("Maven", "maven", ""),
    ("npm", "npm", ""),
    ("NuGet", "nuget", ""),
    ("opam", "opam", ""),
    ("openEuler", "rpm", "openeuler"),
    ("openSUSE", "rpm", "opensuse"),
    ("Packagist", "composer", ""),
    ("Photon OS", "rpm", "photon"),
    ("Pub", "pub", ""),
    ("PyPI", "pypi", ""),
    ("Red Hat", "rpm", "redhat"),
    ("Rocky Linux", "rpm", "rocky"),
    ("RubyGems", "gem", ""),
    ("SUSE", "rpm", "suse"),
    ("SwiftURL", "swift", ""),
    ("Ubuntu", "deb", "ubuntu"),
    ("Wolfi", "apk", "wolfi"),
];

// Names of one distribution in purls, os-release files and scanners.
static DISTRIBUTIONS: &[(&str, &str)] = &[
    ("alma", "almalinux"),
    ("alpine linux", "alpine"),
    ("amzn", "amazon"),
    ("azurelinux", "azure"),
    ("debian gnu/linux", "debian"),
    ("ol", "oracle"),
    ("oraclelinux", "oracle"),
    ("photon os", "photon"),
    ("red hat", "redhat"),
    ("red hat enterprise linux", "redhat"),
    ("rhel", "redhat"),
    ("rocky linux", "rocky"),
    ("rocky-linux", "rocky"),
    ("rockylinux", "rocky"),
    ("sles", "suse"),
    ("opensuse-leap", "opensuse"),
    ("opensuse.leap", "opensuse"),
    ("opensuse-tumbleweed", "opensuse"),
    ("opensuse.tumbleweed", "opensuse"),
];

/// The one name of a distribution.
pub(super) fn distribution(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let known = DISTRIBUTIONS.iter().find(|(other, _)| *other == name);
    known.map_or(name, |(_, one)| (*one).to_owned())
}

/// Whether this is the one name of a distribution that is known.
pub(super) fn is_distribution(name: &str) -> bool {
    !name.is_empty()
        && (DISTRIBUTIONS.iter().any(|(_, one)| *one == name)
            || ECOSYSTEMS.iter().any(|(_, _, one)| *one == name)
            || matches!(name, "centos" | "fedora" | "arch"))
}

impl Package {
    /// The package of a purl.
    #[must_use]
    pub fn of(purl: &Purl) -> Self {
        let (ty, namespace, name) = purl.package();
        Self::from_parts(ty, namespace, name)
    }

    /// The package of these parts, as a table keeps them or as a purl has them, none of them
    /// percent-encoded.
    #[must_use]
    pub fn from_parts(ty: &str, namespace: Option<&str>, name: &str) -> Self {
        let ty = ty.to_ascii_lowercase();
        let namespace = namespace.unwrap_or_default();
        let of = |ty: &str, namespace: String, name: String| Self {
            ty: ty.to_owned(),
            namespace,
            name,
        };
        match ty.as_str() {
            // PEP 503: runs of these three are one, and case does not matter.
            "pypi" => of(&ty, namespace.to_owned(), pep_503(name)),
            // Ids of NuGet are compared without regard to case.
            "nuget" => of(&ty, namespace.to_owned(), name.to_lowercase()),
            "rpm" | "deb" | "apk" | "alpm" => of(&ty, distribution(namespace), name.to_owned()),
            // An older type of scanners for what is apk now.
            "alpine" => of("apk", "alpine".to_owned(), name.to_lowercase()),
            // A type of scanners that was never registered; OSV names the repository.
            "githubactions" => of("github", namespace.to_lowercase(), name.to_lowercase()),
            _ => of(&ty, namespace.to_owned(), name.to_owned()),
        }
    }

    /// The package an OSV ecosystem knows by this name; none where the ecosystem has no purl type.
    #[must_use]
    pub fn of_ecosystem(ecosystem: &str, name: &str) -> Option<Self> {
        let ecosystem = ecosystem.split(':').next().unwrap_or_default();
        let (_, ty, namespace) = ECOSYSTEMS.iter().find(|(known, ..)| *known == ecosystem)?;
        let (namespace, name) = match *ty {
            "maven" => name.split_once(':').unwrap_or(("", name)),
            "npm" | "composer" | "golang" | "swift" | "github" => {
                name.rsplit_once('/').unwrap_or(("", name))
            }
            _ => (*namespace, name),
        };
        // Built as a purl for the rules of its type; what it lacks of them is not asked here.
        let parts = Parts {
            ty: (*ty).to_owned(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
            ..Parts::default()
        };
        let built = purl::build_lenient(parts).ok();
        built.map(|(purl, _)| Self::of(&purl))
    }

    /// The purl type.
    #[must_use]
    pub fn ty(&self) -> &str {
        &self.ty
    }

    /// The namespace; for packages of distributions, the one name of the distribution.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        Some(self.namespace.as_str()).filter(|namespace| !namespace.is_empty())
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it belongs to a distribution, of which it matters which release is meant.
    #[must_use]
    pub fn is_of_distribution(&self) -> bool {
        matches!(self.ty.as_str(), "deb" | "rpm" | "apk" | "alpm")
    }
}

/// A purl without version: the key by which a table keeps the package.
impl std::fmt::Display for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = Parts {
            ty: self.ty.clone(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name.clone(),
            ..Parts::default()
        };
        match purl::build_lenient(parts) {
            Ok((purl, _)) => purl.fmt(f),
            // Parts that no purl can have come from no purl.
            Err(_) => write!(f, "pkg:{}/{}", self.ty, self.name.escape_debug()),
        }
    }
}

impl std::str::FromStr for Package {
    type Err = PurlError;

    /// The package of a purl, whatever else the purl says.
    fn from_str(text: &str) -> Result<Self, PurlError> {
        purl::parse_lenient(text).map(|(purl, _)| Self::of(&purl))
    }
}

fn pep_503(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
