//! What the world publishes against what our products are made of, both ways.

use crate::support::{Team, World, staff};
use entente_domain::access::{Role, Viewer};
use entente_domain::ids::{ProductId, UserId};
use entente_domain::kinds::FindingState;
use entente_service::inventory::{self, Target};
use entente_service::watch::{self, Act, Found, Taken, WorldDocument};
use entente_service::{ServiceError, cases};
use serde_json::{Value, json};

fn advisory(id: &str, aliases: &[&str], purl: &str, fixed: &str) -> Value {
    json!({
        "schema_version": "1.7.0", "id": id, "modified": "2026-11-01T00:00:00Z",
        "published": "2026-11-01T00:00:00Z", "aliases": aliases,
        "summary": format!("A flaw in {purl}"), "details": "It is bad.",
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
        "references": [{ "type": "ADVISORY", "url": "https://advisories.example/1" }],
        "affected": [{
            "package": { "ecosystem": "crates.io", "name": purl.rsplit('/').next().unwrap(), "purl": purl },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": fixed }] }],
        }],
    })
}

async fn publish(w: &World, team: &Team, documents: &[Value]) -> Taken {
    let read = documents
        .iter()
        .map(|d| WorldDocument::read(d.to_string().as_bytes()).unwrap());
    watch::take(&w.app, &team.analyst, read.collect())
        .await
        .unwrap()
}

async fn made_of(w: &World, team: &Team, product: ProductId, version: &str, purls: &[&str]) {
    let components: Vec<Value> = purls
        .iter()
        .map(|p| json!({ "type": "library", "bom-ref": p, "name": p, "purl": p }))
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": "app", "name": "EdgeGate" } },
        "components": components, "dependencies": [{ "ref": "app", "dependsOn": purls }],
    });
    let read = inventory::read(document.to_string().as_bytes(), "bom.json").unwrap();
    let target = Target {
        product,
        version: version.to_owned(),
        add_version: true,
    };
    inventory::take(&w.app, &team.analyst, target, read)
        .await
        .unwrap();
}

async fn found(w: &World, team: &Team, state: FindingState) -> Vec<Found> {
    watch::list(&w.app, &team.analyst, state, None)
        .await
        .unwrap()
        .0
}

async fn versions(w: &World, team: &Team, state: FindingState) -> Vec<(String, Vec<String>)> {
    let all = found(w, team, state).await;
    all.iter()
        .map(|f| {
            let versions = f.content.affected_versions();
            let versions = versions.into_iter().map(str::to_owned).collect();
            (f.content.vulnerability().to_owned(), versions)
        })
        .collect()
}

fn one(name: &str, versions: &[&str]) -> Vec<(String, Vec<String>)> {
    vec![(
        name.to_owned(),
        versions.iter().map(|v| (*v).to_owned()).collect(),
    )]
}

#[tokio::test]
async fn both_ways_end_in_the_same_one_finding() {
    let (tls, fixed) = (["pkg:cargo/tls@3.0.7"], ["pkg:cargo/tls@3.0.8"]);
    let said = advisory(
        "RUSTSEC-2026-0001",
        &["CVE-2026-990050"],
        "pkg:cargo/tls",
        "3.0.8",
    );
    for advisory_first in [true, false] {
        let w = World::new().await;
        let team = w.team().await;
        if advisory_first {
            let taken = publish(&w, &team, std::slice::from_ref(&said)).await;
            assert_eq!((taken.new, taken.opened), (1, 0));
        }
        made_of(&w, &team, team.product, "4.2", &tls).await;
        made_of(&w, &team, team.product, "4.3", &fixed).await;
        if !advisory_first {
            let taken = publish(&w, &team, std::slice::from_ref(&said)).await;
            assert_eq!((taken.new, taken.opened), (1, 1));
        }
        let open = versions(&w, &team, FindingState::Open).await;
        assert_eq!(open, one("CVE-2026-990050", &["4.2"]), "{advisory_first}");
        // The same again changes nothing, and no one is told twice.
        let again = publish(&w, &team, std::slice::from_ref(&said)).await;
        assert_eq!((again.known, again.opened), (1, 0));
        // Another database says the same under another name: still one, with both behind it.
        let other = advisory("GHSA-aaaa", &["CVE-2026-990050"], "pkg:cargo/tls", "3.0.8");
        assert_eq!(publish(&w, &team, &[other]).await.opened, 0);
        let open = found(&w, &team, FindingState::Open).await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].content.lines.len(), 2);
        assert_eq!(open[0].content.score(), Some(98));
        assert_eq!(open[0].content.lines[0].fixed_in.as_deref(), Some("3.0.8"));
        // The product is built anew with the fix.
        made_of(&w, &team, team.product, "4.2", &fixed).await;
        assert!(found(&w, &team, FindingState::Open).await.is_empty());
        assert_eq!(
            versions(&w, &team, FindingState::Gone).await,
            one("CVE-2026-990050", &[])
        );
    }
}

#[tokio::test]
async fn an_advisory_that_changes_or_is_withdrawn_changes_the_finding() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team, team.product, "4.2", &["pkg:cargo/tls@3.0.7"]).await;
    let mut said = advisory("RUSTSEC-2026-0001", &[], "pkg:cargo/tls", "3.0.7");
    assert_eq!(
        publish(&w, &team, std::slice::from_ref(&said)).await.opened,
        0
    );
    // It turns out that the fix was none.
    said["modified"] = json!("2026-11-02T00:00:00Z");
    said["affected"][0]["ranges"][0]["events"][1]["fixed"] = json!("3.0.8");
    let taken = publish(&w, &team, std::slice::from_ref(&said)).await;
    assert_eq!((taken.changed, taken.opened), (1, 1));
    // What is older than what is known does not count.
    let mut older = said.clone();
    older["modified"] = json!("2026-10-01T00:00:00Z");
    older["affected"] = json!([]);
    assert_eq!(publish(&w, &team, &[older]).await.known, 1);
    // A date in the future shuts nothing out.
    let mut future = advisory("GHSA-future", &[], "pkg:cargo/tls", "3.0.7");
    future["modified"] = json!("9999-01-01T00:00:00Z");
    publish(&w, &team, &[future]).await;
    let real = advisory("GHSA-future", &[], "pkg:cargo/tls", "3.0.7");
    assert_eq!(publish(&w, &team, &[real]).await.changed, 1);
    assert_eq!(found(&w, &team, FindingState::Open).await.len(), 1);
    said["modified"] = json!("2026-11-03T00:00:00Z");
    said["withdrawn"] = json!("2026-11-03T00:00:00Z");
    publish(&w, &team, &[said]).await;
    assert!(found(&w, &team, FindingState::Open).await.is_empty());
    assert_eq!(found(&w, &team, FindingState::Gone).await.len(), 1);
}

#[tokio::test]
async fn two_findings_that_turn_out_to_be_one_become_one() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team, team.product, "4.2", &["pkg:cargo/tls@3.0.7"]).await;
    publish(
        &w,
        &team,
        &[advisory("RUSTSEC-2026-0001", &[], "pkg:cargo/tls", "3.0.8")],
    )
    .await;
    publish(
        &w,
        &team,
        &[advisory("GHSA-aaaa", &[], "pkg:cargo/tls", "3.0.8")],
    )
    .await;
    let open = found(&w, &team, FindingState::Open).await;
    assert_eq!(open.len(), 2);
    // One of them was set aside; the decision stays with what both become.
    let aside = Act::SetAside("Not reachable".to_owned());
    watch::act(&w.app, &team.analyst, open[1].id, aside)
        .await
        .unwrap();
    let both = advisory(
        "CVE-2026-990051",
        &["GHSA-aaaa", "RUSTSEC-2026-0001"],
        "pkg:cargo/tls",
        "3.0.8",
    );
    publish(&w, &team, &[both]).await;
    assert!(found(&w, &team, FindingState::Open).await.is_empty());
    let aside = found(&w, &team, FindingState::SetAside).await;
    assert_eq!((aside.len(), aside[0].id), (1, open[1].id));
    assert_eq!(aside[0].content.lines.len(), 3);
    assert_eq!(aside[0].content.names.len(), 3);
}

#[tokio::test]
async fn what_was_set_aside_waits_again_when_another_version_has_it() {
    let w = World::new().await;
    let team = w.team().await;
    publish(
        &w,
        &team,
        &[advisory("RUSTSEC-2026-0001", &[], "pkg:cargo/tls", "3.0.8")],
    )
    .await;
    made_of(&w, &team, team.product, "4.2", &["pkg:cargo/tls@3.0.7"]).await;
    let id = found(&w, &team, FindingState::Open).await[0].id;
    let empty = watch::act(&w.app, &team.analyst, id, Act::SetAside(" ".to_owned())).await;
    assert!(matches!(empty, Err(ServiceError::Invalid { field, .. }) if field == "why"));
    let aside = Act::SetAside("The server part is not built.".to_owned());
    watch::act(&w.app, &team.analyst, id, aside).await.unwrap();
    assert!(found(&w, &team, FindingState::Open).await.is_empty());
    made_of(&w, &team, team.product, "4.3", &["pkg:cargo/tls@3.0.6"]).await;
    let open = versions(&w, &team, FindingState::Open).await;
    assert_eq!(open, one("RUSTSEC-2026-0001", &["4.2", "4.3"]));
}

#[tokio::test]
async fn a_finding_becomes_a_report_from_a_public_source_once() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team, team.product, "4.2", &["pkg:cargo/tls@3.0.7"]).await;
    publish(
        &w,
        &team,
        &[advisory(
            "RUSTSEC-2026-0001",
            &["CVE-2026-990050"],
            "pkg:cargo/tls",
            "3.0.8",
        )],
    )
    .await;
    let kev = br#"{"catalogVersion":"2026.11.01","vulnerabilities":[{"cveID":"CVE-2026-990050","dateAdded":"2026-11-01","knownRansomwareCampaignUse":"Known"}]}"#;
    let list = watch::take_signals(&w.app, &team.analyst, kev)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((list.list, list.entries), ("CISA KEV", 1));
    let open = found(&w, &team, FindingState::Open).await;
    assert!(open[0].exploited[0].ransomware);
    let number = watch::act(&w.app, &team.analyst, open[0].id, Act::Report)
        .await
        .unwrap()
        .unwrap();
    let case = cases::open_by_number(&w.app, &team.analyst, number)
        .await
        .unwrap()
        .case;
    assert!(case.title.contains("CVE-2026-990050"), "{}", case.title);
    assert!(case.exploited);
    assert_eq!(case.cve.as_deref(), Some("CVE-2026-990050"));
    assert_eq!(case.affected.len(), 1);
    let again = watch::act(&w.app, &team.analyst, open[0].id, Act::Report).await;
    assert!(matches!(again, Err(ServiceError::Invalid { .. })));
    let detail = watch::detail(&w.app, &team.analyst, open[0].id)
        .await
        .unwrap();
    assert_eq!(
        (detail.found.state, detail.case),
        (FindingState::Reported, Some(number))
    );
    assert_eq!(
        detail.ways,
        [("4.2".to_owned(), vec!["tls 3.0.7".to_owned()])]
    );
}

#[tokio::test]
async fn upstream_may_say_that_a_component_is_not_affected() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team, team.product, "4.2", &["pkg:cargo/tls@3.0.7"]).await;
    let vex = |status: &str, at: &str| {
        json!({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://tls.example/vex/1",
            "author": "The makers of tls", "timestamp": "2026-11-01T00:00:00Z", "last_updated": at, "version": 1,
            "statements": [{
                "vulnerability": { "name": "CVE-2026-990050" }, "status": status,
                "products": [{ "@id": "pkg:cargo/tls@3.0.7" }],
                "justification": if status == "not_affected" { json!("vulnerable_code_not_in_execute_path") } else { Value::Null },
            }],
        })
    };
    let said = advisory(
        "RUSTSEC-2026-0001",
        &["CVE-2026-990050"],
        "pkg:cargo/tls",
        "3.0.8",
    );
    // Whichever comes first.
    let mut not = vex("not_affected", "2026-11-02T00:00:00Z");
    publish(&w, &team, &[not.clone()]).await;
    assert_eq!(publish(&w, &team, &[said]).await.opened, 0);
    let denied = found(&w, &team, FindingState::Denied).await;
    let denial = denied[0].content.lines[0].denied.as_ref().unwrap();
    assert_eq!(denial.document, "https://tls.example/vex/1");
    assert!(denial.why.contains("not in execute path"), "{}", denial.why);
    // They take it back.
    not["last_updated"] = json!("2026-11-03T00:00:00Z");
    not["statements"][0]["status"] = json!("under_investigation");
    not["statements"][0]
        .as_object_mut()
        .unwrap()
        .remove("justification");
    let taken = publish(&w, &team, &[not]).await;
    assert_eq!((taken.changed, taken.opened), (1, 1));
    assert!(found(&w, &team, FindingState::Denied).await.is_empty());
}

#[tokio::test]
async fn a_distribution_speaks_of_sources_and_means_binaries() {
    let w = World::new().await;
    let team = w.team().await;
    let said = json!({
        "schema_version": "1.7.0", "id": "DSA-1", "modified": "2026-11-01T00:00:00Z",
        "affected": [{
            "package": { "ecosystem": "Debian:12", "name": "openssl" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "3.0.15-1~deb12u2" }] }],
        }],
    });
    let purl = |distro: &str| {
        format!("pkg:deb/debian/libssl3@3.0.15-1~deb12u1?distro={distro}&upstream=openssl")
    };
    publish(&w, &team, std::slice::from_ref(&said)).await;
    made_of(&w, &team, team.product, "4.2", &[&purl("debian-12")]).await;
    made_of(&w, &team, team.product, "4.3", &[&purl("debian-13")]).await;
    assert_eq!(
        versions(&w, &team, FindingState::Open).await,
        one("DSA-1", &["4.2"])
    );
    // And the other way round.
    let mut second = said;
    second["id"] = json!("DSA-2");
    assert_eq!(publish(&w, &team, &[second]).await.opened, 1);
}

#[tokio::test]
async fn only_who_decides_may_decide_and_only_some_may_read() {
    let w = World::new().await;
    let team = w.team().await;
    made_of(&w, &team, team.product, "4.2", &["pkg:cargo/tls@3.0.7"]).await;
    publish(
        &w,
        &team,
        &[advisory("RUSTSEC-2026-0001", &[], "pkg:cargo/tls", "3.0.8")],
    )
    .await;
    let id = found(&w, &team, FindingState::Open).await[0].id;
    let user = UserId(uuid::Uuid::from_u128(9));
    for (role, reads) in [
        (Role::ProductContact, true),
        (Role::Auditor, true),
        (Role::Support, false),
        (Role::Administrator, false),
    ] {
        let viewer = staff(user, &[role]);
        let listed = watch::list(&w.app, &viewer, FindingState::Open, None).await;
        assert_eq!(listed.is_ok(), reads, "{role:?}");
        let acted = watch::act(&w.app, &viewer, id, Act::Report).await;
        assert!(matches!(acted, Err(ServiceError::NotFound)), "{role:?}");
    }
    let public = watch::detail(&w.app, &Viewer::Public, id).await;
    assert!(matches!(public, Err(ServiceError::NotFound)));
}

#[tokio::test]
async fn packages_are_of_the_system_that_the_document_is_of() {
    let w = World::new().await;
    let team = w.team().await;
    let said = json!({
        "schema_version": "1.7.0", "id": "DSA-1", "modified": "2026-11-01T00:00:00Z",
        "affected": [{
            "package": { "ecosystem": "Debian:12", "name": "zlib" },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "1.2.13-2" }] }],
        }],
    });
    publish(&w, &team, &[said]).await;
    let part =
        |purl: &str| json!({ "type": "library", "bom-ref": purl, "name": "zlib", "purl": purl });
    let plain = "pkg:deb/debian/zlib@1.2.13-1";
    let told = "pkg:deb/debian/zlib@1.2.13-1?distro=debian-12";
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": { "type": "container", "bom-ref": "app", "name": "EdgeGate" } },
        "components": [
            part(plain), part(told), part("pkg:npm/zlib@1.0.0"),
            { "type": "operating-system", "bom-ref": "os", "name": "debian", "version": "12" },
        ],
        "dependencies": [{ "ref": "app", "dependsOn": [plain] }, { "ref": plain, "dependsOn": [told] }],
    });
    let read = inventory::read(document.to_string().as_bytes(), "bom.json").unwrap();
    // The two are one, and it does not need itself.
    assert_eq!((read.facts().distinct, read.facts().relations), (3, 1));
    let target = Target {
        product: team.product,
        version: "4.2".to_owned(),
        add_version: true,
    };
    inventory::take(&w.app, &team.analyst, target, read)
        .await
        .unwrap();
    assert_eq!(
        versions(&w, &team, FindingState::Open).await,
        one("DSA-1", &["4.2"])
    );
}

#[tokio::test]
async fn a_cpe_alone_is_a_guess_and_says_so() {
    let w = World::new().await;
    let team = w.team().await;
    let record = json!({
        "dataType": "CVE_RECORD", "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": "CVE-2026-10077", "state": "PUBLISHED",
            "assignerOrgId": "00000000-0000-4000-9000-000000000000", "dateUpdated": "2026-11-01T00:00:00Z",
        },
        "containers": { "cna": {
            "providerMetadata": { "orgId": "00000000-0000-4000-9000-000000000000" },
            "descriptions": [{ "lang": "en", "value": "A record overruns." }],
            "affected": [{
                "vendor": "OpenSSL", "product": "OpenSSL", "cpes": ["cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*"],
                "versions": [{ "version": "3.0.0", "lessThan": "3.0.8", "versionType": "custom", "status": "affected" }],
            }],
            "references": [{ "url": "https://openssl.example/1" }],
        } },
    });
    let made_of = async |version: &str, of: &str| {
        let document = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "components": [{
                "type": "library", "name": "openssl", "version": of, "purl": format!("pkg:generic/openssl@{of}"),
                "cpe": format!("cpe:2.3:a:openssl:openssl:{of}:*:*:*:*:*:*:*"),
            }],
        });
        let read = inventory::read(document.to_string().as_bytes(), "bom.json").unwrap();
        let target = Target {
            product: team.product,
            version: version.to_owned(),
            add_version: true,
        };
        inventory::take(&w.app, &team.analyst, target, read)
            .await
            .unwrap();
    };
    made_of("4.1", "3.0.7").await;
    made_of("4.3", "3.0.8").await;
    publish(&w, &team, &[record]).await;
    made_of("4.2", "3.0.5").await;
    assert!(found(&w, &team, FindingState::Open).await.is_empty());
    let undecided = found(&w, &team, FindingState::Undecided).await;
    assert_eq!(undecided.len(), 1);
    let lines = &undecided[0].content.lines;
    let said: Vec<_> = lines
        .iter()
        .map(|l| (l.product_version.as_str(), l.version.as_str()))
        .collect();
    assert_eq!(said, [("4.1", "3.0.7"), ("4.2", "3.0.5")]);
    assert!(
        lines[0].why.contains("by its CPE alone") && lines[0].why.contains("before 3.0.8"),
        "{}",
        lines[0].why
    );
    assert_eq!(lines[0].fixed_in.as_deref(), Some("3.0.8"));
}
