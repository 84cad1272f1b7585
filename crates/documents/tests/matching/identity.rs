//! Which package and which release: identity and scope.

use super::*;
use entente_documents::matching::System;

fn package(purl: &str) -> Package {
    Package::of(&purl::parse_lenient(purl).unwrap().0)
}

#[test]
fn ecosystems_and_purls_name_the_same_package() {
    for (ecosystem, name, purl) in [
        ("crates.io", "serde", "pkg:cargo/serde"),
        ("npm", "@angular/core", "pkg:npm/%40angular/core"),
        ("npm", "left-pad", "pkg:npm/left-pad"),
        ("PyPI", "Zope.Interface", "pkg:pypi/zope-interface"),
        ("PyPI", "a__b", "pkg:pypi/A.B"),
        ("Maven", "org.apache:log4j", "pkg:maven/org.apache/log4j"),
        ("Go", "github.com/a/b/v2", "pkg:golang/github.com/a/b/v2"),
        ("Go", "stdlib", "pkg:golang/stdlib"),
        ("Packagist", "Symfony/Http", "pkg:composer/symfony/http"),
        ("NuGet", "Newtonsoft.Json", "pkg:nuget/newtonsoft.json"),
        ("RubyGems", "rails", "pkg:gem/rails"),
        ("GitHub Actions", "A/b", "pkg:githubactions/a/B"),
        ("SwiftURL", "github.com/a/b", "pkg:swift/github.com/a/b"),
        ("Debian:12", "curl", "pkg:deb/debian/curl?arch=source"),
        ("Alpine:v3.18", "musl", "pkg:alpine/musl@1"),
        ("Rocky Linux:9", "bash", "pkg:rpm/rockylinux/bash"),
        ("Red Hat:enterprise_linux:9", "bash", "pkg:rpm/rhel/bash"),
    ] {
        let of_ecosystem = Package::of_ecosystem(ecosystem, name);
        assert_eq!(of_ecosystem, Some(package(purl)), "{ecosystem} {name}");
    }
    assert_ne!(package("pkg:cargo/a-b"), package("pkg:cargo/a_b"));
    assert_ne!(package("pkg:deb/debian/a"), package("pkg:deb/ubuntu/a"));
    assert_eq!(Package::of_ecosystem("OSS-Fuzz", "curl"), None);
}

// A table keeps the package as a key, the version, and what was said of the distribution.
#[test]
fn a_row_of_a_table_gives_back_what_the_purl_said() {
    for (purl, key) in [
        ("pkg:npm/%40a/b@1?x=y#z", "pkg:npm/%40a/b"),
        ("pkg:pypi/Zope.Interface@1", "pkg:pypi/zope-interface"),
        ("pkg:deb/debian/a@1?distro=debian-12", "pkg:deb/debian/a"),
        ("pkg:golang/stdlib@1", "pkg:golang/stdlib"),
        ("pkg:rpm/rockylinux/a@1", "pkg:rpm/rocky/a"),
    ] {
        assert_eq!(package(purl).to_string(), key);
        assert_eq!(key.parse(), Ok(package(purl)));
    }
    let package = package("pkg:deb/debian/a");
    let scope = |distro| Scope::of_distro(&package, distro).to_string();
    assert_eq!(scope("debian-12.4"), "12");
    assert_eq!(scope("debian"), "unknown");
    assert_eq!(scope(""), "unknown");
    let npm = "pkg:npm/a".parse().unwrap();
    assert_eq!(Scope::of_distro(&npm, "debian-12"), Scope::Everywhere);
}

#[test]
fn an_advisory_without_a_package_a_component_could_be_says_so() {
    let kernel = ranged("Linux", "Kernel", "ECOSYSTEM", json!([{"introduced": "0"}]));
    assert!(kernel.rules.is_empty());
    assert_eq!(kernel.without_package, [0]);
}

#[test]
fn another_release_is_not_affected_and_an_unknown_one_is_undecided() {
    let twelve = ranged(
        "Debian:12",
        "curl",
        "ECOSYSTEM",
        json!([{"introduced": "0"}, {"fixed": "7.88.1-10+deb12u6"}]),
    );
    let at = |qualifiers: &str| {
        let purl = format!("pkg:deb/debian/curl@7.88.1-10{qualifiers}");
        verdict(&purl, &twelve)
    };
    assert!(matches!(at("?distro=debian-12"), Verdict::Affected(_)));
    assert!(matches!(at("?distro=debian-12.4"), Verdict::Affected(_)));
    assert!(matches!(at("?distro=bookworm"), Verdict::Affected(_)));
    let other = Verdict::NotAffected(NotAffected::OtherScope);
    assert_eq!(at("?distro=debian-11"), other);
    assert_eq!(at("?distro=bullseye"), other);
    let unknown = Verdict::Undecided(Reason::ScopeUnknown {
        component: true,
        advisory: false,
    });
    assert_eq!(at(""), unknown);
    // The purl contradicts itself.
    assert_eq!(at("?distro=ubuntu-22.04"), unknown);
    // Outside of the range it is not affected, of whichever release it is.
    let fixed = verdict("pkg:deb/debian/curl@7.88.1-10+deb12u6", &twelve);
    assert_eq!(fixed, OUTSIDE);

    let unscoped = ranged("Debian", "curl", "ECOSYSTEM", json!([{"introduced": "0"}]));
    let reason = undecided("pkg:deb/debian/curl@1?distro=debian-12", &unscoped);
    assert_eq!(
        reason,
        Reason::ScopeUnknown {
            component: false,
            advisory: true
        }
    );
    let reason = undecided("pkg:deb/debian/curl@1", &unscoped);
    assert!(reason.to_string().starts_with("neither side"), "{reason}");
}

#[test]
fn releases_are_told_apart_as_coarsely_as_advisories_tell_them() {
    for (ecosystem, purl, affected) in [
        (
            "Alpine:v3.18",
            "pkg:apk/alpine/a@1?distro=alpine-3.18.4",
            true,
        ),
        ("Alpine:v3.18", "pkg:apk/alpine/a@1?distro=3.18.4", true),
        (
            "Alpine:v3.18",
            "pkg:apk/alpine/a@1?distro=alpine-3.17.4",
            false,
        ),
        (
            "Alpine:v3.18",
            "pkg:apk/alpine/a@1?distro=alpine-edge",
            false,
        ),
        (
            "AlmaLinux:9",
            "pkg:rpm/almalinux/a@1?distro=almalinux-9.2",
            true,
        ),
        ("AlmaLinux:9", "pkg:rpm/almalinux/a@1-2.el9_2", true),
        ("AlmaLinux:8", "pkg:rpm/almalinux/a@1-2.el9_2", false),
        ("Rocky Linux:8", "pkg:rpm/rocky/a@1?distro=rocky-8.9", true),
        (
            "Ubuntu:22.04:LTS",
            "pkg:deb/ubuntu/a@1?distro=ubuntu-22.04",
            true,
        ),
        ("Ubuntu:22.04:LTS", "pkg:deb/ubuntu/a@1?distro=jammy", true),
        (
            "Ubuntu:23.10",
            "pkg:deb/ubuntu/a@1?distro=ubuntu-23.04",
            false,
        ),
        (
            "Ubuntu:Pro:18.04:LTS",
            "pkg:deb/ubuntu/a@1?distro=ubuntu-22.04",
            false,
        ),
        (
            "Red Hat:enterprise_linux:9::baseos",
            "pkg:rpm/redhat/a@1?distro=rhel-9.2",
            true,
        ),
        (
            "Red Hat:rhel_eus:8.4::baseos",
            "pkg:rpm/redhat/a@1?distro=rhel-9.2",
            false,
        ),
        (
            "openSUSE:Leap 15.5",
            "pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5",
            true,
        ),
        (
            "openSUSE:Tumbleweed",
            "pkg:rpm/opensuse/a@1?distro=opensuse-tumbleweed-20240101",
            true,
        ),
        (
            "SUSE:Linux Enterprise Server 15 SP5",
            "pkg:rpm/suse/a@1?distro=sles-15.5",
            true,
        ),
        (
            "SUSE:Linux Enterprise Server 15 SP4",
            "pkg:rpm/suse/a@1?distro=sles-15.5",
            false,
        ),
        ("Wolfi", "pkg:apk/wolfi/a@1?distro=wolfi-20230201", true),
        ("Mageia:9", "pkg:rpm/mageia/a@1?distro=mageia-9", true),
        (
            "openEuler:24.03-LTS",
            "pkg:rpm/openeuler/a@1?distro=openeuler-24.03-LTS",
            true,
        ),
        (
            "Maven",
            "pkg:maven/g/a@1?repository_url=https://repo1.maven.org/maven2",
            true,
        ),
        // A mirror has what the usual repository has.
        (
            "Maven",
            "pkg:maven/g/a@1?repository_url=https://mirror.example/maven",
            true,
        ),
        (
            "Maven:https://other.example/r",
            "pkg:maven/g/a@1?repository_url=https://mirror.example/maven",
            false,
        ),
        (
            "Maven:https://other.example/r",
            "pkg:maven/g/a@1?repository_url=https://other.example/r/",
            true,
        ),
    ] {
        let name = if ecosystem.starts_with("Maven") {
            "g:a"
        } else {
            "a"
        };
        let rule = ranged(ecosystem, name, "ECOSYSTEM", json!([{"introduced": "0"}]));
        assert_eq!(is_affected(purl, &rule), affected, "{ecosystem} {purl}");
    }
}

#[test]
fn a_channel_of_the_release_is_not_taken_for_granted() {
    let events = json!([{"introduced": "0"}]);
    let pro = ranged("Ubuntu:Pro:18.04:LTS", "a", "ECOSYSTEM", events.clone());
    let reason = undecided("pkg:deb/ubuntu/a@1?distro=ubuntu-18.04", &pro);
    assert_eq!(reason, Reason::Channel("pro".to_owned()));
    let eus = ranged(
        "Red Hat:rhel_eus:9.4::baseos",
        "a",
        "ECOSYSTEM",
        events.clone(),
    );
    let reason = undecided("pkg:rpm/redhat/a@1?distro=rhel-9.4", &eus);
    assert_eq!(reason, Reason::Channel("rhel_eus:9.4".to_owned()));
    let module = "SUSE:Linux Enterprise Module for Basesystem 15 SP5";
    let reason = undecided(
        "pkg:rpm/suse/a@1?distro=sles-15.5",
        &ranged(module, "a", "ECOSYSTEM", events.clone()),
    );
    assert_eq!(reason.word(), "channel-unknown");
    let other = ranged("Maven:https://maven.example/r", "g:a", "ECOSYSTEM", events);
    let reason = undecided("pkg:maven/g/a@1", &other);
    assert_eq!(reason.word(), "scope-unknown");
}

#[test]
fn the_system_of_the_whole_document_fills_what_its_purls_leave_out() {
    let system = System {
        name: "Debian GNU/Linux".to_owned(),
        version: "12.4".to_owned(),
    };
    let of = |text: &str| {
        let (purl, _) = purl::parse_lenient(text).unwrap();
        Candidate::of_component(&purl, None, Some(&system)).swap_remove(0)
    };
    assert_eq!(of("pkg:deb/debian/a@1").scope().to_string(), "12");
    assert_eq!(of("pkg:deb/a@1").package(), &package("pkg:deb/debian/a"));
    assert_eq!(of("pkg:deb/a@1").scope().to_string(), "12");
    // What the purl says itself goes first, and another distribution is not this one.
    let eleven = of("pkg:deb/debian/a@1?distro=debian-11");
    assert_eq!(eleven.scope().to_string(), "11");
    assert_eq!(of("pkg:deb/ubuntu/a@1").scope(), &Scope::Unknown);
    assert_eq!(of("pkg:npm/a@1").scope(), &Scope::Everywhere);
}

#[test]
fn a_binary_package_is_held_against_advisories_for_its_source_too() {
    let (purl, _) = purl::parse_lenient(
        "pkg:deb/debian/libcurl4@7.88.1-10%2Bb1?distro=debian-12&upstream=curl%407.88.1-10",
    )
    .unwrap();
    let candidates = Candidate::of_component(&purl, None, None);
    let names: Vec<_> = candidates
        .iter()
        .map(|one| (one.package().name(), one.version().unwrap()))
        .collect();
    assert_eq!(names, [("libcurl4", "7.88.1-10+b1"), ("curl", "7.88.1-10")]);
    let mut index = Index::default();
    index.add(ranged(
        "Debian:12",
        "curl",
        "ECOSYSTEM",
        json!([{"introduced": "0"}, {"fixed": "7.88.1-10+deb12u6"}]),
    ));
    assert_eq!(index.findings(&candidates).len(), 1);
}

#[test]
fn the_version_is_taken_from_beside_the_purl_and_the_epoch_from_within() {
    let of = |text: &str, version| {
        let (purl, _) = purl::parse_lenient(text).unwrap();
        let candidate = Candidate::of_component(&purl, version, None).swap_remove(0);
        candidate.version().map(str::to_owned)
    };
    let is = |version: &str| Some(version.to_owned());
    assert_eq!(of("pkg:npm/a", Some("1.0.0")), is("1.0.0"));
    assert_eq!(of("pkg:npm/a@2.0.0", Some("1.0.0")), is("2.0.0"));
    assert_eq!(of("pkg:npm/a", None), None);
    let rpm = "pkg:rpm/redhat/a@1.0-2.el9?epoch=3";
    assert_eq!(of(rpm, None), is("3:1.0-2.el9"));
    assert_eq!(of("pkg:rpm/redhat/a?epoch=3", Some("3:1-2")), is("3:1-2"));
}
