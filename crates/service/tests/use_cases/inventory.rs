//! What products are made of, and who is affected.

use crate::support::{Team, World};
use entente_domain::access::Viewer;
use entente_domain::command::ReportForm;
use entente_domain::ids::ProductId;
use entente_domain::kinds::{Affectedness, Unpatchable, UseKind};
use entente_service::inventory::{
    self, Answer, Document, Listed, ProductUserForm, Question, Taken, Target, Verdict,
};
use entente_service::products::{self, FixedCopy, ProductForm, ProductVersion};
use entente_service::{ServiceError, cases};
use serde_json::{Value, json};

fn component(purl: &str) -> Value {
    let name = purl.split('@').next().unwrap().rsplit('/').next().unwrap();
    json!({ "type": "library", "bom-ref": purl, "name": name, "purl": purl })
}

/// A CycloneDX document: every pair says that the first needs the second; `app` is the product.
fn document(components: &[Value], needs: &[(&str, &str)]) -> Vec<u8> {
    let on: Vec<Value> = needs
        .iter()
        .map(|(from, on)| json!({ "ref": from, "dependsOn": [on] }))
        .collect();
    serde_json::to_vec(&json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": { "component": { "type": "application", "bom-ref": "app", "name": "EdgeGate", "version": "4.2" } },
        "components": components, "dependencies": on,
    }))
    .unwrap()
}

fn read(bytes: &[u8]) -> Document {
    inventory::read(bytes, "bom.json").unwrap()
}

async fn take(w: &World, team: &Team, product: ProductId, version: &str, bytes: &[u8]) -> Taken {
    let target = Target {
        product,
        version: version.to_owned(),
        add_version: true,
    };
    inventory::take(&w.app, &team.analyst, target, read(bytes))
        .await
        .unwrap()
}

async fn ask(w: &World, team: &Team, component: &str, versions: &str) -> Answer {
    let question = Question {
        component: component.to_owned(),
        versions: versions.to_owned(),
    };
    let answer = inventory::affected(&w.app, &team.analyst, question)
        .await
        .unwrap();
    inventory::draw_ways(&w.app, &team.analyst, answer, 20)
        .await
        .unwrap()
}

async fn another_product(w: &World, team: &Team, name: &str) -> ProductId {
    let contact = team.analyst.user().unwrap();
    let form = ProductForm {
        name: name.to_owned(),
        family: String::new(),
        kind: String::new(),
        division: String::new(),
        contact,
        deputy: None,
        versions: vec![ProductVersion {
            name: "1.0".to_owned(),
            ..ProductVersion::default()
        }],
        fixed_copies: Vec::new(),
    };
    products::save(&w.app, &team.lead, None, form)
        .await
        .unwrap()
}

/// Products and versions of an answer, with whether it is certain.
fn named(answer: &Answer) -> Vec<(String, String, bool)> {
    answer
        .products
        .iter()
        .flat_map(|p| {
            p.versions
                .iter()
                .map(|v| (p.name.clone(), v.version.clone(), v.affected()))
        })
        .collect()
}

#[tokio::test]
async fn a_component_is_found_in_every_product_that_has_it() {
    let w = World::new().await;
    let team = w.team().await;
    let other = another_product(&w, &team, "Meter").await;
    let (http, tls, old) = (
        "pkg:cargo/http@1.1.0",
        "pkg:cargo/tls@3.0.7",
        "pkg:cargo/tls@2.9.0",
    );
    let first = document(
        &[component(http), component(tls)],
        &[("app", http), (http, tls)],
    );
    let taken = take(&w, &team, team.product, "4.2", &first).await;
    assert!(matches!(taken, Taken::New(_)));
    take(&w, &team, other, "1.0", &document(&[component(old)], &[])).await;

    let answer = ask(&w, &team, "pkg:cargo/tls", ">=3.0.0, <3.0.8").await;
    assert_eq!(
        named(&answer),
        [("EdgeGate".to_owned(), "4.2".to_owned(), true)]
    );
    let hit = &answer.products[0].versions[0].components[0];
    assert_eq!(hit.way, ["http 1.1.0", "tls 3.0.7"]);
    assert_eq!(hit.verdict, Verdict::Affected);
    assert_eq!(
        (answer.packages[0].versions, answer.packages[0].at_fault),
        (2, 1)
    );

    // By bare name, every version; by the version of the package URL; by VERS.
    assert_eq!(named(&ask(&w, &team, "TLS", "").await).len(), 2);
    assert_eq!(
        named(&ask(&w, &team, "pkg:cargo/tls@2.9.0", "").await)[0].0,
        "Meter"
    );
    let vers = ask(&w, &team, "pkg:cargo/tls", "vers:cargo/<3.0.0").await;
    assert_eq!(named(&vers)[0].0, "Meter");
    assert!(named(&ask(&w, &team, "pkg:cargo/tls", "<1.0").await).is_empty());
    assert!(named(&ask(&w, &team, "pkg:npm/tls", "").await).is_empty());

    let made_of = inventory::composition(&w.app, &team.analyst, taken.id())
        .await
        .unwrap();
    let lines: Vec<_> = made_of
        .lines
        .iter()
        .map(|l| (l.name.as_str(), l.listed))
        .collect();
    assert_eq!(
        lines,
        [
            ("http 1.1.0", Listed::Steps(1)),
            ("tls 3.0.7", Listed::Steps(2))
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_decided_is_said() {
    let w = World::new().await;
    let team = w.team().await;
    let nameless = json!({ "type": "firmware", "name": "Boot ROM" });
    let bytes = document(
        &[
            component("pkg:cargo/tls"),
            component("pkg:deb/debian/openssl@3.0.7-1?distro=debian-12"),
            component("pkg:npm/tls@not.a.version!"),
            nameless,
        ],
        &[],
    );
    take(&w, &team, team.product, "4.2", &bytes).await;
    let why = |answer: &Answer| match &answer.products[0].versions[0].components[0].verdict {
        Verdict::Undecided(why) => why.clone(),
        Verdict::Affected => panic!("decided"),
    };
    // No version; a version that its scheme cannot read; another distribution; one not named.
    assert!(why(&ask(&w, &team, "pkg:cargo/tls", "<3").await).contains("no version"));
    assert!(!why(&ask(&w, &team, "pkg:npm/tls", "<3").await).is_empty());
    let sid = ask(&w, &team, "pkg:deb/debian/openssl?distro=debian-11", "<3.1").await;
    assert!(named(&sid).is_empty());
    let right = ask(&w, &team, "pkg:deb/debian/openssl?distro=debian-12", "<3.1").await;
    assert!(right.products[0].affected());
    // A range of one ecosystem says nothing about a package of another with the same name.
    let mixed = ask(&w, &team, "tls", "vers:npm/<3").await;
    assert!(mixed.products.iter().all(|p| !p.affected()));
    // What is unknown stands beside the answer.
    assert_eq!(mixed.vague_documents, 1);
    take(&w, &team, team.product, "4.3", &document(&[], &[])).await;
    let other = another_product(&w, &team, "Meter").await;
    let answer = ask(&w, &team, "boot rom", "").await;
    assert_eq!(named(&answer).len(), 1);
    assert_eq!(
        *answer.without_document,
        [("Meter".to_owned(), "1.0".to_owned())]
    );
    let _ = other;
}

#[tokio::test]
async fn the_same_is_taken_once_and_a_newer_one_takes_its_place() {
    let w = World::new().await;
    let team = w.team().await;
    let bytes = document(&[component("pkg:cargo/tls@3.0.7")], &[]);
    let first = take(&w, &team, team.product, "4.2", &bytes).await;
    assert_eq!(
        take(&w, &team, team.product, "4.2", &bytes).await,
        Taken::Known(first.id())
    );
    let newer = document(&[component("pkg:cargo/tls@3.0.8")], &[]);
    let second = take(&w, &team, team.product, "4.2", &newer).await;
    assert!(matches!(second, Taken::Replaced(_)));
    assert!(named(&ask(&w, &team, "pkg:cargo/tls@3.0.7", "").await).is_empty());
    let held = inventory::of_product(&w.app, &team.analyst, team.product)
        .await
        .unwrap();
    assert_eq!(held.iter().map(|h| h.id).collect::<Vec<_>>(), [second.id()]);
    assert_eq!(
        held[0].facts.describes,
        Some(("EdgeGate".to_owned(), "4.2".to_owned()))
    );
    inventory::remove(&w.app, &team.analyst, team.product, second.id())
        .await
        .unwrap();
    assert!(named(&ask(&w, &team, "pkg:cargo/tls", "").await).is_empty());
}

#[tokio::test]
async fn further_names_find_it_too() {
    let w = World::new().await;
    let team = w.team().await;
    let digest = "ab".repeat(32);
    let part = json!({
        "type": "library", "name": "openssl", "version": "3.0.7",
        "purl": "pkg:generic/openssl@3.0.7",
        "cpe": "cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:*:*:*:*",
        "hashes": [{ "alg": "SHA-256", "content": digest }],
    });
    take(&w, &team, team.product, "4.2", &document(&[part], &[])).await;
    for question in [
        "cpe:2.3:a:OpenSSL:openssl:*:*:*:*:*:*:*:*",
        digest.as_str(),
        "openssl",
    ] {
        assert_eq!(
            named(&ask(&w, &team, question, "").await).len(),
            1,
            "{question}"
        );
    }
}

#[tokio::test]
async fn a_broken_document_or_a_wrong_question_changes_nothing() {
    let w = World::new().await;
    let team = w.team().await;
    let whole = document(&[component("pkg:cargo/tls@3.0.7")], &[]);
    for broken in [&whole[..whole.len() / 2], b"", b"%PDF-1.7", b"{\"a\":1}"] {
        let refused = inventory::read(broken, "x").unwrap_err();
        assert!(
            matches!(&refused, ServiceError::Invalid { field, remedy, .. } if field == "document" && !remedy.is_empty()),
            "{refused:?}"
        );
    }
    let nowhere = Target {
        product: team.product,
        version: "9.9".to_owned(),
        add_version: false,
    };
    let refused = inventory::take(&w.app, &team.analyst, nowhere, read(&whole)).await;
    assert!(matches!(refused, Err(ServiceError::Invalid { field, .. }) if field == "version"));
    for (component, versions, field) in [
        ("", "", "component"),
        ("pkg:", "", "component"),
        ("cpe:2.3:a", "", "component"),
        ("pkg:cargo/tls", ">>3", "versions"),
        ("pkg:cargo/tls", "vers:cargo", "versions"),
    ] {
        let question = Question {
            component: component.to_owned(),
            versions: versions.to_owned(),
        };
        let refused = inventory::affected(&w.app, &team.analyst, question).await;
        assert!(
            matches!(&refused, Err(ServiceError::Invalid { field: f, .. }) if f == field),
            "{component} {versions}: {refused:?}"
        );
    }
    assert!(
        inventory::all(&w.app, &team.analyst)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_answer_ends_at_those_who_use_it() {
    let w = World::new().await;
    let team = w.team().await;
    let bytes = document(&[component("pkg:cargo/tls@3.0.7")], &[]);
    take(&w, &team, team.product, "4.2", &bytes).await;
    take(&w, &team, team.product, "4.1", &document(&[], &[])).await;
    let user = |name: &str, kind, versions: &[&str]| ProductUserForm {
        kind,
        name: name.to_owned(),
        party: None,
        versions: versions.iter().map(|v| (*v).to_owned()).collect(),
        contact: String::new(),
        days_to_deploy: Some(30),
    };
    let add = async |form| inventory::add_user(&w.app, &team.analyst, team.product, form).await;
    add(user("Everywhere", UseKind::Segment, &[]))
        .await
        .unwrap();
    add(user("On the old one", UseKind::Customer, &["4.1"]))
        .await
        .unwrap();
    let builds_in = add(user("Builds it in", UseKind::Vendor, &["4.2", "4.1"]))
        .await
        .unwrap();
    for (form, at) in [
        (user("", UseKind::Vendor, &[]), "name"),
        (user("x", UseKind::Vendor, &["9"]), "versions"),
    ] {
        let refused = add(form).await;
        assert!(matches!(&refused, Err(ServiceError::Invalid { field, .. }) if field == at));
    }
    let reached = async || {
        let answer = ask(&w, &team, "tls", "").await;
        let users = answer.products.iter().flat_map(|p| &p.users);
        let mut names: Vec<String> = users.map(|u| u.form.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(reached().await, ["Builds it in", "Everywhere"]);
    inventory::remove_user(&w.app, &team.analyst, team.product, builds_in)
        .await
        .unwrap();
    assert_eq!(reached().await, ["Everywhere"]);

    // A copy that cannot be replaced is said to be one, in the version that has it.
    let product = products::get(&w.app, &team.lead, team.product)
        .await
        .unwrap();
    let mut form = product.form;
    form.fixed_copies = vec![FixedCopy {
        component: "tls".to_owned(),
        version: "4.2".to_owned(),
        why: Unpatchable::Rom,
    }];
    products::save(
        &w.app,
        &team.lead,
        Some((product.id, product.version)),
        form,
    )
    .await
    .unwrap();
    let hit = ask(&w, &team, "tls", "").await.products[0].versions[0].components[0].clone();
    assert_eq!(hit.fixed_copy, Some(Unpatchable::Rom));
}

#[tokio::test]
async fn the_answer_becomes_rows_of_a_case() {
    let w = World::new().await;
    let team = w.team().await;
    let other = another_product(&w, &team, "Meter").await;
    for version in ["4.2", "4.1"] {
        let bytes = document(&[component("pkg:cargo/tls@3.0.7")], &[]);
        take(&w, &team, team.product, version, &bytes).await;
    }
    take(
        &w,
        &team,
        other,
        "1.0",
        &document(&[component("pkg:cargo/tls")], &[]),
    )
    .await;
    let form = ReportForm {
        product: "EdgeGate".to_owned(),
        description: "A long header overruns a buffer.".to_owned(),
        ..ReportForm::default()
    };
    let case = w.submit(form, "").await.case;
    let answer = ask(&w, &team, "pkg:cargo/tls", "<3.0.8").await;
    let rows = inventory::into_case(&w.app, &team.analyst, case, &answer, &[team.product, other])
        .await
        .unwrap();
    assert_eq!(rows, 2);
    let case = cases::open(&w.app, &team.analyst, case).await.unwrap().case;
    let row = |product| {
        let row = case.affected.iter().find(|a| a.product == product).unwrap();
        (row.status, row.versions.clone())
    };
    assert_eq!(
        row(team.product),
        (Affectedness::Affected, "vers:generic/4.1|4.2".to_owned())
    );
    assert_eq!(
        row(other),
        (Affectedness::UnderInvestigation, "1.0".to_owned())
    );
}

#[tokio::test]
async fn it_is_for_staff_alone() {
    let w = World::new().await;
    let team = w.team().await;
    let bytes = document(&[component("pkg:cargo/tls@3.0.7")], &[]);
    let taken = take(&w, &team, team.product, "4.2", &bytes).await;
    let question = Question {
        component: "tls".to_owned(),
        versions: String::new(),
    };
    let target = Target {
        product: team.product,
        version: "4.2".to_owned(),
        add_version: false,
    };
    let nobody = Viewer::Public;
    let hidden = |e: ServiceError| assert!(matches!(e, ServiceError::NotFound));
    hidden(
        inventory::affected(&w.app, &nobody, question)
            .await
            .unwrap_err(),
    );
    hidden(inventory::all(&w.app, &nobody).await.unwrap_err());
    hidden(
        inventory::composition(&w.app, &nobody, taken.id())
            .await
            .unwrap_err(),
    );
    hidden(
        inventory::draw_ways(&w.app, &nobody, Answer::default(), 1)
            .await
            .unwrap_err(),
    );
    hidden(
        inventory::remove(&w.app, &nobody, team.product, taken.id())
            .await
            .unwrap_err(),
    );
    // Legal reads the registry and does not change it.
    hidden(
        inventory::take(&w.app, &team.legal, target, read(&bytes))
            .await
            .unwrap_err(),
    );
    assert_eq!(inventory::all(&w.app, &team.legal).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_another_document_contains_is_found_in_ours() {
    let w = World::new().await;
    let team = w.team().await;
    let other = another_product(&w, &team, "Meter").await;
    let (http, tls, old) = (
        "pkg:cargo/http@1.1.0",
        "pkg:cargo/tls@3.0.7",
        "pkg:cargo/tls@2.9.0",
    );
    let ours = document(&[component(http), component(tls)], &[]);
    take(&w, &team, team.product, "4.2", &ours).await;
    take(&w, &team, other, "1.0", &document(&[component(old)], &[])).await;
    let strange = "pkg:cargo/strange@1.0.0";
    let theirs = read(&document(&[component(tls), component(strange)], &[]));
    let found = inventory::shared(&w.app, &team.analyst, theirs.clone())
        .await
        .unwrap();
    assert_eq!((found.components, found.unknown), (2, 1));
    let by: Vec<_> = found
        .by
        .iter()
        .map(|s| (s.name.as_str(), &s.same, &s.other))
        .collect();
    assert_eq!(by[0], ("EdgeGate", &vec!["tls 3.0.7".to_owned()], &vec![]));
    let other = vec![("pkg:cargo/tls 3.0.7".to_owned(), vec!["2.9.0".to_owned()])];
    assert_eq!(by[1], ("Meter", &vec![], &other));
    let public = inventory::shared(&w.app, &Viewer::Public, theirs).await;
    assert!(matches!(public, Err(ServiceError::NotFound)));
}
