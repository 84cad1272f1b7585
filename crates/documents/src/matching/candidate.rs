//! What is held against advisories: a version of a package, somewhere.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::package::{Package, distribution};
use super::rule::read;
use super::scope::{Scope, System, named_in};
use crate::purl::Purl;
use crate::versions::{Scheme, Undecidable, Version};

type Reading = Result<Version, Undecidable>;

/// A version of a package in a scope: the version node of an inventory. Its version is read once
/// for each of the two schemes that rules about the package are in.
#[derive(Debug, Clone)]
pub struct Candidate {
    package: Package,
    version: Option<String>,
    scope: Scope,
    // The order of the package's own type, and that of OSV's ranges of type SEMVER.
    native: OnceLock<Reading>,
    semver: OnceLock<Reading>,
}

impl Candidate {
    /// A version of a package, as a table keeps it.
    #[must_use]
    pub fn new(package: Package, version: Option<String>, scope: Scope) -> Self {
        let version = version.map(|version| version.trim().to_owned());
        Self {
            package,
            version: version.filter(|version| !version.is_empty()),
            scope,
            native: OnceLock::new(),
            semver: OnceLock::new(),
        }
    }

    /// What is to be held against advisories for a component: its own package and, where scanners
    /// name it (`upstream`), the source package it was built from, under which Debian and Alpine
    /// publish. The version is the purl's, or else the one the component has beside it.
    #[must_use]
    pub fn of_component(purl: &Purl, version: Option<&str>, system: Option<&System>) -> Vec<Self> {
        let package = at_home(purl, system);
        let scope = Scope::of_component(&package, purl, system);
        let version = with_epoch(purl, purl.version().or(version));
        let mut all = Vec::with_capacity(1);
        if let Some((name, built_from)) = source(&package, purl) {
            let source = Package::from_parts(package.ty(), package.namespace(), name);
            if source != package {
                let version = built_from.map(str::to_owned).or_else(|| version.clone());
                all.push(Self::new(source, version, scope.clone()));
            }
        }
        all.insert(0, Self::new(package, version, scope));
        all
    }

    /// The package.
    #[must_use]
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// The version, as it was written.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Where it belongs.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The version by the rules of a scheme; none where there is no version.
    pub(super) fn read(&self, scheme: Scheme) -> Option<Cow<'_, Reading>> {
        let version = self.version.as_deref()?;
        let read = || read(scheme, version);
        if scheme == Scheme::Semver {
            return Some(Cow::Borrowed(self.semver.get_or_init(read)));
        }
        if Scheme::from_name(self.package.ty()) == Some(scheme) {
            return Some(Cow::Borrowed(self.native.get_or_init(read)));
        }
        Some(Cow::Owned(read()))
    }
}

// The package of a purl; one of a distribution that does not say which takes it from the
// qualifier or from the system.
fn at_home(purl: &Purl, system: Option<&System>) -> Package {
    let package = Package::of(purl);
    if !package.is_of_distribution() || package.namespace().is_some() {
        return package;
    }
    let said = purl
        .qualifiers()
        .get("distro")
        .and_then(|distro| named_in(distro).0)
        .or_else(|| system.map(|system| distribution(&system.name)));
    Package::from_parts(package.ty(), said.as_deref(), package.name())
}

// RPM purls keep the epoch apart from the version.
fn with_epoch(purl: &Purl, version: Option<&str>) -> Option<String> {
    let version = version?;
    match purl.qualifiers().get("epoch") {
        Some(epoch) if purl.ty() == "rpm" && !version.contains(':') => {
            Some(format!("{epoch}:{version}"))
        }
        _ => Some(version.to_owned()),
    }
}

// `upstream` is a name, or name@version where the versions differ. That of RPMs is a file name,
// and advisories name the binary packages there.
fn source<'a>(package: &Package, purl: &'a Purl) -> Option<(&'a str, Option<&'a str>)> {
    if !matches!(package.ty(), "deb" | "apk") {
        return None;
    }
    let upstream = purl.qualifiers().get("upstream")?;
    Some(match upstream.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (upstream, None),
    })
}
