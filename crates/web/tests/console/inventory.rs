//! What products are made of, and who is affected, by forms alone.

use crate::pages::check;
use crate::world::{Page, World, send};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_domain::command::ReportForm;
use entente_service::{cases, inventory, products};

pub const BOM: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6",
    "metadata":{"component":{"type":"application","bom-ref":"app","name":"EdgeGate","version":"4"}},
    "components":[
        {"type":"library","bom-ref":"http","name":"http","purl":"pkg:cargo/http@1.1.0"},
        {"type":"library","bom-ref":"tls","name":"tls","purl":"pkg:cargo/tls@3.0.7"}],
    "dependencies":[{"ref":"app","dependsOn":["http"]},{"ref":"http","dependsOn":["tls"]}]}"#;

/// Sends the form with a document, as a browser does.
pub async fn upload(
    w: &World,
    cookie: &str,
    to: &str,
    fields: &[(&str, &str)],
    file: &str,
) -> Page {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bom.json\"\r\nContent-Type: application/json\r\n\r\n{file}\r\n--b--\r\n"
    ));
    let request = Request::post(to)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    send(&w.app, request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_goes_in_and_the_answer_goes_into_a_case() {
    let w = World::new().await;
    let lead = w.cookie(w.lead.0).await;
    let all = products::list(&w.app, &w.lead.1).await.unwrap();
    let (id, version) = (all[0].id, all[0].form.versions[0].name.clone());
    let product = format!("/console/products/{id}");
    let into = format!("{product}/sboms");

    // Before: it is said that it is not known.
    let page = w.get(&product, &lead).await;
    check(&product, &page.text);
    assert!(page.text.contains("it is not known what"));
    let token = page.token();

    // Nothing without the form's own token, without a file, or of a broken file.
    let page = upload(
        &w,
        &lead,
        &into,
        &[("csrf", "other"), ("version", &version)],
        BOM,
    )
    .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let fields = [("csrf", token.as_str()), ("version", version.as_str())];
    let page = upload(&w, &lead, &into, &fields, &BOM[..200]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.text
            .contains("not readable as a CycloneDX JSON document"),
        "{}",
        page.text
    );
    let page = upload(&w, &lead, &into, &fields, BOM).await;
    assert_eq!(page.location(), format!("{product}?said=saved"));

    // What it is made of, and a search in it.
    let page = w.get(&product, &lead).await;
    assert!(page.text.contains("2 components"));
    let at = page.text.find(&format!("{product}/sboms/")).unwrap();
    let made_of = page.text[at..].split('"').next().unwrap().to_owned();
    let page = w.get(&made_of, &lead).await;
    check(&made_of, &page.text);
    assert!(page.text.contains("http 1.1.0") && page.text.contains("2 steps"));
    let page = w.get(&format!("{made_of}?q=tls"), &lead).await;
    assert!(!page.text.contains("http 1.1.0"));

    // Written anew, it says the same.
    for format in ["cyclonedx", "spdx"] {
        let page = w.get(&format!("{made_of}/{format}"), &lead).await;
        assert_eq!(page.status, StatusCode::OK);
        let again = inventory::read(page.text.as_bytes(), "again").unwrap();
        assert_eq!(again.facts().relations, 2, "{format}");
    }
    let page = w.get(&format!("{made_of}/docx"), &lead).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);

    // Who uses it.
    let users = format!("{product}/users");
    let mut user = vec![
        ("csrf", token.as_str()),
        ("kind", "customer"),
        ("name", "Harbour Lines"),
        ("versions", "nine"),
        ("days_to_deploy", "30"),
    ];
    let page = w.post(&users, &lead, &user).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("value=\"Harbour Lines\"") && page.text.contains("“nine”"));
    user[3].1 = "";
    let page = w.post(&users, &lead, &user).await;
    assert_eq!(page.location(), format!("{product}?said=saved#users"));

    // The question, wrong and right.
    let page = w.get("/console/affected", &lead).await;
    check("/console/affected", &page.text);
    let page = w
        .get(
            "/console/affected?component=pkg:cargo/tls&versions=%3E%3E3",
            &lead,
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("This is no range of versions"));
    let asked = "/console/affected?component=pkg:cargo/tls&versions=%3C3.0.8";
    let page = w.get(asked, &lead).await;
    check(asked, &page.text);
    assert!(
        page.text.contains("1 product, 1 version affected"),
        "{}",
        page.text
    );
    assert!(
        page.text
            .contains("<li><span>http 1.1.0</span></li><li><span>tls 3.0.7</span></li>")
    );
    assert!(page.text.contains("Harbour Lines"));

    // Into a case, by its number.
    let report = ReportForm {
        product: "EdgeGate".to_owned(),
        description: "A record overruns a buffer of the TLS library.".to_owned(),
        ..ReportForm::default()
    };
    let case = w.report(report).await.case;
    let number = cases::open(&w.app, &w.lead.1, case)
        .await
        .unwrap()
        .case
        .number;
    let (id, number) = (id.to_string(), number.to_string());
    let mut fields = vec![
        ("csrf", token.as_str()),
        ("component", "pkg:cargo/tls"),
        ("versions", "<3.0.8"),
        ("product", id.as_str()),
        ("case", "999"),
    ];
    let page = w.post("/console/affected", &lead, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("There is no such case that you may see"));
    fields[4].1 = &number;
    let page = w.post("/console/affected", &lead, &fields).await;
    assert_eq!(
        page.location(),
        format!("/console/cases/{number}?said=done")
    );
    let file = cases::open(&w.app, &w.lead.1, case).await.unwrap();
    assert_eq!(file.case.affected.len(), 1);

    // Out again.
    let page = w
        .post(
            &format!("{made_of}/remove"),
            &lead,
            &[("csrf", token.as_str())],
        )
        .await;
    assert_eq!(page.location(), format!("{product}?said=done"));
    let page = w.get(asked, &lead).await;
    assert!(page.text.contains("No product has it"));
}
