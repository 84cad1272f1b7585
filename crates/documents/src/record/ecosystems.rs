//! Package ecosystems and what they are called elsewhere.

/// An ecosystem.
pub(crate) struct Ecosystem {
    /// Its name in OSV.
    pub(crate) osv: &'static str,
    /// Its name at GitHub; empty where that has none.
    pub(crate) github: &'static str,
    /// The address of its collection, for CVE records.
    pub(crate) collection: &'static str,
}

const fn known(osv: &'static str, github: &'static str, collection: &'static str) -> Ecosystem {
    Ecosystem {
        osv,
        github,
        collection,
    }
}

static ECOSYSTEMS: &[Ecosystem] = &[
    known("crates.io", "rust", "https://crates.io"),
    known("npm", "npm", "https://registry.npmjs.org"),
    known("PyPI", "pip", "https://pypi.org"),
    known("Maven", "maven", "https://repo.maven.apache.org/maven2"),
    known("NuGet", "nuget", "https://www.nuget.org"),
    known("RubyGems", "rubygems", "https://rubygems.org"),
    known("Packagist", "composer", "https://packagist.org"),
    known("Go", "go", "https://pkg.go.dev"),
    known("Hex", "erlang", "https://hex.pm"),
    known("Pub", "pub", "https://pub.dev"),
    known("SwiftURL", "swift", "https://swiftpackageindex.com"),
    known(
        "GitHub Actions",
        "actions",
        "https://github.com/marketplace",
    ),
    known("Hackage", "", "https://hackage.haskell.org"),
    known("CRAN", "", "https://cran.r-project.org"),
    known("ConanCenter", "", "https://conan.io/center"),
];

/// The ecosystem with a name in OSV; what stands behind a colon is a release of it.
pub(crate) fn of_osv(name: &str) -> Option<&'static Ecosystem> {
    ECOSYSTEMS.iter().find(|known| known.osv == name)
}

/// The ecosystem with a name at GitHub.
pub(crate) fn of_github(name: &str) -> Option<&'static Ecosystem> {
    let named = |known: &&Ecosystem| !name.is_empty() && known.github == name;
    ECOSYSTEMS.iter().find(named)
}

/// The ecosystem at an address.
pub(crate) fn of_collection(url: &str) -> Option<&'static Ecosystem> {
    let url = url.trim_end_matches('/');
    ECOSYSTEMS.iter().find(|known| known.collection == url)
}
