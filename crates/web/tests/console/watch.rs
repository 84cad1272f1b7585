//! The watch by forms alone: a finding is decided about, and a source is named.

use crate::inventory::{BOM, upload};
use crate::pages::check;
use crate::world::World;
use axum::http::StatusCode;
use entente_service::products;
use entente_service::watch::{self, WorldDocument};

const ADVISORY: &str = r#"{"schema_version":"1.7.0","id":"RUSTSEC-2026-0001","aliases":["CVE-2026-990077"],
    "modified":"2026-11-01T00:00:00Z","summary":"A record <script>overruns</script> a buffer",
    "references":[{"type":"WEB","url":"javascript:alert(1)"},{"type":"WEB","url":"https://tls.example/1"}],
    "affected":[{"package":{"ecosystem":"crates.io","name":"tls"},
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"3.0.8"}]}]}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_decided_about_and_becomes_a_report() {
    let w = World::new().await;
    let lead = w.cookie(w.lead.0).await;
    let page = w.get("/console/watch", &lead).await;
    check("/console/watch", &page.text);
    assert!(page.text.contains("No advisory was taken in yet"));
    let all = products::list(&w.app, &w.lead.1).await.unwrap();
    let product = format!("/console/products/{}", all[0].id);
    let version = all[0].form.versions[0].name.clone();
    let token = w.get(&product, &lead).await.token();
    let fields = [("csrf", token.as_str()), ("version", version.as_str())];
    upload(&w, &lead, &format!("{product}/sboms"), &fields, BOM).await;
    let document = WorldDocument::read(ADVISORY.as_bytes()).unwrap();
    watch::take(&w.app, &w.lead.1, vec![document])
        .await
        .unwrap();

    // It waits, and every page says so.
    let page = w.get("/console/watch", &lead).await;
    check("/console/watch", &page.text);
    assert!(page.text.contains("CVE-2026-990077") && !page.text.contains("<script>overruns"));
    assert!(
        w.get("/console", &lead)
            .await
            .text
            .contains("1<span class=\"sr\"> to decide")
    );
    let at = page.text.find("class=\"title\"><a href=\"").unwrap() + 23;
    let finding = page.text[at..].split('"').next().unwrap().to_owned();
    let page = w.get(&finding, &lead).await;
    check(&finding, &page.text);
    assert!(
        page.text
            .contains("<li><span>http 1.1.0</span></li><li><span>tls 3.0.7</span></li>")
    );
    assert!(page.text.contains("https://tls.example/1") && !page.text.contains("javascript:"));
    let token = page.token();

    // Not without the form's own token, nor without a reason.
    let page = w
        .post(&finding, &lead, &[("csrf", "other"), ("act", "report")])
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let aside = |why: &'static str| {
        [
            ("csrf", token.clone()),
            ("act", "set_aside".to_owned()),
            ("why", why.to_owned()),
        ]
    };
    let send = async |fields: &[(&str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        w.post(&finding, &lead, &fields).await
    };
    let page = send(&aside(" ")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    check(&finding, &page.text);
    assert!(page.text.contains("A reason of at most"));
    let page = send(&aside("The client is never used.")).await;
    assert_eq!(page.location(), "/console/watch?said=done");
    let page = w.get("/console/watch?state=set_aside", &lead).await;
    assert!(page.text.contains("CVE-2026-990077"));
    let page = w.get(&finding, &lead).await;
    assert!(
        page.text
            .contains("set it aside: The client is never used.")
    );

    // As a report after all.
    let page = send(&[("csrf", token.clone()), ("act", "report".to_owned())]).await;
    let case = page.location().to_owned();
    assert!(case.starts_with("/console/cases/"), "{case}");
    let page = w.get(&case, &lead).await;
    assert!(page.text.contains("CVE-2026-990077 in"), "{}", page.text);
    let page = w.get(&finding, &lead).await;
    assert!(page.text.contains("It is in the register"));
    let page = send(&[("csrf", token.clone()), ("act", "report".to_owned())]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_named_switched_off_and_removed() {
    let w = World::new().await;
    let lead = w.cookie(w.lead.0).await;
    let at = "/console/watch/sources";
    let page = w.get(at, &lead).await;
    check(at, &page.text);
    let token = page.token();
    let send = async |place: &str, more: &[(&str, &str)]| {
        let mut fields = vec![
            ("csrf", token.as_str()),
            ("name", "OSV & others"),
            ("place", place),
            ("every_minutes", "360"),
        ];
        fields.extend_from_slice(more);
        w.post(at, &lead, &fields).await
    };
    let page = send("http://osv.example/", &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    check(at, &page.text);
    // What was typed is still there.
    assert!(
        page.text.contains("Only https is asked")
            && page.text.contains("value=\"http://osv.example/\"")
    );
    let page = send("https://osv.example/all.zip", &[]).await;
    assert_eq!(page.location(), "/console/watch/sources?said=saved");
    let page = w.get(at, &lead).await;
    check(at, &page.text);
    assert!(page.text.contains("Not asked yet"));
    let id = page.text.split("name=\"id\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap().to_owned();
    send(
        "https://osv.example/all.zip",
        &[("id", &id), ("enabled", "no")],
    )
    .await;
    assert!(w.get(at, &lead).await.text.contains("Switched off"));
    let page = w
        .post(&format!("{at}/{id}/remove"), &lead, &[("csrf", &token)])
        .await;
    assert_eq!(page.location(), "/console/watch/sources?said=done");
    assert!(w.get(at, &lead).await.text.contains("No source yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_somebody_else_is_compared_and_not_kept() {
    let w = World::new().await;
    let lead = w.cookie(w.lead.0).await;
    let all = products::list(&w.app, &w.lead.1).await.unwrap();
    let product = format!("/console/products/{}", all[0].id);
    let token = w.get(&product, &lead).await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("version", all[0].form.versions[0].name.as_str()),
    ];
    upload(&w, &lead, &format!("{product}/sboms"), &fields, BOM).await;
    let theirs = BOM.replace("http@1.1.0", "http@1.2.0");
    let page = upload(
        &w,
        &lead,
        "/console/affected/document",
        &[("csrf", &token)],
        &theirs,
    )
    .await;
    assert_eq!(page.status, StatusCode::OK);
    check("/console/affected/document", &page.text);
    assert!(
        page.text.contains("tls 3.0.7") && page.text.contains("here 1.1.0"),
        "{}",
        page.text
    );
    let foreign = upload(
        &w,
        &lead,
        "/console/affected/document",
        &[("csrf", "x")],
        &theirs,
    )
    .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}
