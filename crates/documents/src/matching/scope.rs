//! Within which release of a distribution something is said: without it, an advisory for one
//! release is held against packages of every other.

use super::package::{Package, distribution, is_distribution};
use crate::purl::Purl;

/// Where a version or an advisory belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The package has one line of versions, the same everywhere: registries of languages.
    Everywhere,
    /// It matters, and it is not known.
    Unknown,
    /// In one release.
    Release {
        /// The release, as coarse as advisories tell them apart: `12`, `3.18`, `22.04`.
        release: String,
        /// A repository of the release that not every system of it has: `pro` of Ubuntu,
        /// `rhel_eus:9.4`.
        channel: Option<String>,
    },
}

/// The operating system a whole SBOM is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its name, as in an os-release file: `debian`.
    pub name: String,
    /// Its version: `12.4`.
    pub version: String,
}

/// How two scopes relate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meeting {
    Same,
    Different,
    // Of one or of both sides it is not known.
    Unknown { component: bool, advisory: bool },
    // The same release, but the advisory is for a channel of it.
    Channel(String),
}

static CODENAMES: &[(&str, &str, &str)] = &[
    ("debian", "wheezy", "7"),
    ("debian", "jessie", "8"),
    ("debian", "stretch", "9"),
    ("debian", "buster", "10"),
    ("debian", "bullseye", "11"),
    ("debian", "bookworm", "12"),
    ("debian", "trixie", "13"),
    ("debian", "forky", "14"),
    ("ubuntu", "trusty", "14.04"),
    ("ubuntu", "xenial", "16.04"),
    ("ubuntu", "bionic", "18.04"),
    ("ubuntu", "focal", "20.04"),
    ("ubuntu", "jammy", "22.04"),
    ("ubuntu", "noble", "24.04"),
];

impl Scope {
    /// The scope of a release of the package's distribution, as any source writes it.
    #[must_use]
    pub fn of_release(package: &Package, release: &str) -> Self {
        let distribution = package.namespace().unwrap_or_default();
        let lower = release.trim().to_lowercase();
        if lower.is_empty() {
            return Self::Unknown;
        }
        if is_rolling(package) {
            return Self::Everywhere;
        }
        let named = CODENAMES
            .iter()
            .find(|(of, name, _)| *of == distribution && *name == lower);
        if let Some((_, _, number)) = named {
            return Self::release(*number);
        }
        let numbers = |count: usize| {
            let number = lower.trim_start_matches('v');
            let parts: Vec<&str> = number.split('.').take(count).collect();
            parts.join(".")
        };
        match distribution {
            "debian" | "almalinux" | "rocky" | "centos" | "oracle" | "mageia" => {
                Self::release(numbers(1))
            }
            "alpine" | "alpaquita" => Self::release(numbers(2)),
            "ubuntu" => ubuntu(&lower),
            "redhat" => red_hat(&lower),
            "suse" => suse(&lower),
            "opensuse" => match lower.trim_start_matches("leap").trim_start() {
                "" => Self::Unknown,
                number => Self::release(number),
            },
            _ => Self::release(lower),
        }
    }

    fn release(release: impl Into<String>) -> Self {
        Self::Release {
            release: release.into(),
            channel: None,
        }
    }

    /// The scope an OSV ecosystem names behind its colon, as in `Debian:12`.
    #[must_use]
    pub fn of_ecosystem(package: &Package, ecosystem: &str) -> Self {
        match ecosystem.split_once(':') {
            Some((_, release)) if package.is_of_distribution() => {
                Self::of_release(package, release)
            }
            // Another repository of the ecosystem, as in Maven:https://….
            Some((_, repository)) if !repository.is_empty() => {
                Self::release(repository.trim_end_matches('/'))
            }
            _ => Self::unsaid(package),
        }
    }

    /// The scope of a component: from the purl's own qualifiers, else from the release tag of an
    /// RPM, else from the system the whole SBOM is of.
    #[must_use]
    pub fn of_component(package: &Package, purl: &Purl, system: Option<&System>) -> Self {
        let qualifiers = purl.qualifiers();
        if !package.is_of_distribution() {
            // Only a registry other than the usual one is named.
            return match qualifiers.get("repository_url") {
                Some(url) if package.ty() == "maven" && !is_maven_central(url) => {
                    Self::release(url.trim_end_matches('/'))
                }
                _ => Self::Everywhere,
            };
        }
        if let Some(distro) = qualifiers.get("distro") {
            return Self::of_distro(package, distro);
        }
        if let Some(release) = release_tag(package, purl.version().unwrap_or_default()) {
            return Self::of_release(package, &release);
        }
        match system {
            Some(system) if Some(distribution(&system.name).as_str()) == package.namespace() => {
                Self::of_release(package, &system.version)
            }
            _ => Self::unsaid(package),
        }
    }

    /// The scope a purl's qualifier `distro` names: `debian-12`, `bookworm`, `3.18.4`,
    /// `opensuse-leap-15.5`. Empty: nothing is said.
    #[must_use]
    pub fn of_distro(package: &Package, distro: &str) -> Self {
        let of = package.namespace().unwrap_or_default();
        let (name, version) = named_in(distro);
        match name {
            _ if distro.is_empty() || !package.is_of_distribution() => Self::unsaid(package),
            Some(name) if name != of => Self::Unknown,
            Some(_) if version.is_empty() => Self::unsaid(package),
            // A snapshot of the rolling release has a date for a version.
            Some(_) if distro.contains("tumbleweed") => Self::of_release(package, "tumbleweed"),
            _ => Self::of_release(package, version),
        }
    }

    // Nothing is said. Distributions without releases need no saying.
    fn unsaid(package: &Package) -> Self {
        match package.is_of_distribution() && !is_rolling(package) {
            true => Self::Unknown,
            false => Self::Everywhere,
        }
    }

    /// How the scope of a component (this one) relates to that of an advisory.
    pub(super) fn meets(&self, advisory: &Self) -> Meeting {
        match (self, advisory) {
            (
                Self::Release { release, channel },
                Self::Release {
                    release: other,
                    channel: wanted,
                },
            ) => match wanted {
                _ if release != other => Meeting::Different,
                Some(wanted) if channel.as_ref() != Some(wanted) => {
                    Meeting::Channel(wanted.clone())
                }
                _ => Meeting::Same,
            },
            // A component from a repository of its own is most often the usual one, mirrored.
            (Self::Everywhere | Self::Release { .. }, Self::Everywhere) => Meeting::Same,
            (component, advisory) => Meeting::Unknown {
                component: !matches!(component, Self::Release { .. }),
                advisory: !matches!(advisory, Self::Release { .. }),
            },
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Everywhere => f.write_str("everywhere"),
            Self::Unknown => f.write_str("unknown"),
            Self::Release { release, channel } => {
                f.write_str(release)?;
                match channel {
                    Some(channel) => write!(f, " ({channel})"),
                    None => Ok(()),
                }
            }
        }
    }
}

// Distributions that have no releases.
fn is_rolling(package: &Package) -> bool {
    let of = package.namespace();
    package.is_of_distribution() && matches!(of, Some("wolfi" | "chainguard" | "arch"))
}

/// The distribution a qualifier `distro` names, if it names one, and the release.
pub(super) fn named_in(distro: &str) -> (Option<String>, &str) {
    let starts = distro.find(|c: char| c.is_ascii_digit());
    let (name, version) = match starts.and_then(|at| distro.split_at_checked(at)) {
        Some((name, version)) => (name.trim_end_matches(['-', ' ']), version),
        None => (distro, ""),
    };
    let one = distribution(name);
    if is_distribution(&one) {
        return (Some(one), version);
    }
    match distro.rsplit_once('-') {
        // A codename or `edge` behind the name.
        Some((name, version)) if is_distribution(&distribution(name)) => {
            (Some(distribution(name)), version)
        }
        _ => (None, distro),
    }
}

// The release in an RPM's own release: 5.14.0-70.el9_2 is of 9.
fn release_tag(package: &Package, version: &str) -> Option<String> {
    let of = package.namespace()?;
    if package.ty() != "rpm"
        || !matches!(of, "redhat" | "almalinux" | "rocky" | "centos" | "oracle")
    {
        return None;
    }
    let (_, tag) = version.rsplit_once(".el")?;
    let digits: String = tag.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

fn is_maven_central(url: &str) -> bool {
    url.contains("repo.maven.apache.org/maven2") || url.contains("repo1.maven.org/maven2")
}

// 22.04:LTS, Pro:18.04:LTS, 22.04.3
fn ubuntu(text: &str) -> Scope {
    let words: Vec<&str> = text.split(':').collect();
    let is_number = |word: &&&str| word.starts_with(|c: char| c.is_ascii_digit());
    let Some(number) = words.iter().find(is_number) else {
        return Scope::release(text);
    };
    let parts: Vec<&str> = number.split('.').take(2).collect();
    let channel: Vec<&str> = words
        .iter()
        .filter(|word| *word != number && **word != "lts")
        .copied()
        .collect();
    Scope::Release {
        release: parts.join("."),
        channel: (!channel.is_empty()).then(|| channel.join(":")),
    }
}

// enterprise_linux:9::baseos, rhel_eus:9.4::appstream, 9.2
fn red_hat(text: &str) -> Scope {
    let (product, rest) = match text.split_once(':') {
        Some((product, rest)) => (product, rest),
        None => ("enterprise_linux", text),
    };
    let version = rest.split(':').next().unwrap_or_default();
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    if major.is_empty() {
        return Scope::Unknown;
    }
    let usual = product == "enterprise_linux";
    Scope::Release {
        release: major,
        channel: (!usual).then(|| format!("{product}:{version}")),
    }
}

// Linux Enterprise Server 15 SP5, 15.5, 15-SP5
fn suse(text: &str) -> Scope {
    let at = text.find(|c: char| c.is_ascii_digit());
    let Some((product, version)) = at.and_then(|at| text.split_at_checked(at)) else {
        return Scope::Unknown;
    };
    let mut words = version
        .split([' ', '-', '.'])
        .filter(|word| !word.is_empty());
    let major = words.next().unwrap_or_default();
    let minor = words.next().map(|word| word.trim_start_matches("sp"));
    let rest: Vec<&str> = words.collect();
    let product = product.trim();
    let usual = matches!(product, "" | "linux enterprise server") && rest.is_empty();
    Scope::Release {
        release: format!("{major}.{}", minor.unwrap_or("0")),
        channel: (!usual).then(|| format!("{product} {}", rest.join(" ")).trim().to_owned()),
    }
}
