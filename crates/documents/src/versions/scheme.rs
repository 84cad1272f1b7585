//! The versioning schemes and the names they go by.

use std::fmt;

/// A versioning scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Alpine packages.
    Apk,
    /// Arch Linux packages.
    Alpm,
    /// Rust crates (SemVer).
    Cargo,
    /// PHP packages.
    Composer,
    /// Conan packages.
    Conan,
    /// R packages.
    Cran,
    /// RFC 3339 timestamps.
    Datetime,
    /// Debian and Ubuntu packages.
    Deb,
    /// RubyGems.
    Gem,
    /// Nothing known about the order: only what every scheme agrees on is decided.
    Generic,
    /// Go modules.
    Golang,
    /// Haskell packages.
    Hackage,
    /// Erlang and Elixir packages (SemVer).
    Hex,
    /// Dot-separated numbers.
    Intdot,
    /// Text, byte by byte.
    Lexicographic,
    /// Maven artifacts.
    Maven,
    /// Nginx.
    Nginx,
    /// npm packages.
    Npm,
    /// NuGet packages.
    Nuget,
    /// Dart packages.
    Pub,
    /// Python packages (PEP 440).
    Pypi,
    /// RPM packages.
    Rpm,
    /// Semantic Versioning.
    Semver,
}

// The first name of a scheme is its VERS type.
static NAMES: &[(&str, Scheme)] = &[
    ("apk", Scheme::Apk),
    ("alpm", Scheme::Alpm),
    ("cargo", Scheme::Cargo),
    ("composer", Scheme::Composer),
    ("conan", Scheme::Conan),
    ("cran", Scheme::Cran),
    ("datetime", Scheme::Datetime),
    ("deb", Scheme::Deb),
    ("gem", Scheme::Gem),
    ("generic", Scheme::Generic),
    ("golang", Scheme::Golang),
    ("hackage", Scheme::Hackage),
    ("hex", Scheme::Hex),
    ("intdot", Scheme::Intdot),
    ("lexicographic", Scheme::Lexicographic),
    ("maven", Scheme::Maven),
    ("nginx", Scheme::Nginx),
    ("npm", Scheme::Npm),
    ("nuget", Scheme::Nuget),
    ("pub", Scheme::Pub),
    ("pypi", Scheme::Pypi),
    ("rpm", Scheme::Rpm),
    ("semver", Scheme::Semver),
    // Names of the same schemes elsewhere: OSV ecosystems, CVE version types, common usage.
    ("alpine", Scheme::Apk),
    ("wolfi", Scheme::Apk),
    ("chainguard", Scheme::Apk),
    ("arch", Scheme::Alpm),
    ("archlinux", Scheme::Alpm),
    ("crates.io", Scheme::Cargo),
    ("crates", Scheme::Cargo),
    ("rust", Scheme::Cargo),
    ("packagist", Scheme::Composer),
    ("conancenter", Scheme::Conan),
    ("debian", Scheme::Deb),
    ("ubuntu", Scheme::Deb),
    ("dpkg", Scheme::Deb),
    ("rubygems", Scheme::Gem),
    ("ruby", Scheme::Gem),
    ("custom", Scheme::Generic),
    ("go", Scheme::Golang),
    ("github actions", Scheme::Semver),
    ("swift", Scheme::Semver),
    ("swifturl", Scheme::Semver),
    ("node", Scheme::Npm),
    ("dart", Scheme::Pub),
    ("python", Scheme::Pypi),
    ("pep440", Scheme::Pypi),
    ("almalinux", Scheme::Rpm),
    ("fedora", Scheme::Rpm),
    ("mageia", Scheme::Rpm),
    ("opensuse", Scheme::Rpm),
    ("openeuler", Scheme::Rpm),
    ("red hat", Scheme::Rpm),
    ("redhat", Scheme::Rpm),
    ("rocky linux", Scheme::Rpm),
    ("suse", Scheme::Rpm),
];

impl Scheme {
    /// The scheme of a VERS type, purl type, OSV ecosystem (with or without release, as in
    /// `Debian:12`) or CVE version type; none when it is unknown, which is not the same as
    /// [`Scheme::Generic`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.split(':').next().unwrap_or_default().trim();
        let found = NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, scheme)| *scheme)
    }

    /// The VERS type: `npm`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(_, scheme)| *scheme == self);
        found.map_or("generic", |(name, _)| name)
    }

    /// Every scheme.
    pub fn all() -> impl Iterator<Item = Self> {
        let first = |(at, (_, scheme)): (usize, &(&str, Self))| {
            let earlier = NAMES.iter().take(at).any(|(_, known)| known == scheme);
            (!earlier).then_some(*scheme)
        };
        NAMES.iter().enumerate().filter_map(first)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
