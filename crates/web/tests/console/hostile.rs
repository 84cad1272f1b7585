//! What strangers write stays text, on every page that shows it.

use crate::world::World;
use entente_domain::command::{Command, ReportForm};
use entente_domain::kinds::Audience;
use entente_service::reports;

const MARKS: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "'-alert(3)-'</textarea><svg onload=alert(4)>",
    "{{ 7*7 }}</title><b>bold",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_shown_and_never_run() {
    let w = World::new().await;
    let mark = MARKS.join(" ");
    let form = ReportForm {
        product: mark.clone(),
        version: mark.clone(),
        description: mark.clone(),
        title: mark.clone(),
        impact: mark.clone(),
        exploitation: mark.clone(),
        how_found: mark.clone(),
        found_when: mark.clone(),
        already_reported_to: mark.clone(),
        public_url: "https://example.org/%22%3E".to_owned(),
        exploited_evidence: mark.clone(),
        disclosure_plan: mark.clone(),
        tracking_ids: mark.clone(),
        credit: true,
        credit_name: mark.clone(),
        ..ReportForm::default()
    };
    let s = w.report(form).await;
    let comment = Command::Comment {
        audience: Audience::Internal,
        body: mark.clone(),
    };
    w.act(s.case, comment).await;
    let code = s.receipt_code.unwrap();
    let session = reports::enter(
        &w.app,
        &code.grouped(),
        entente_service::ClientHint([4; 32]),
    )
    .await
    .unwrap();
    let reporter = reports::reporter(&w.app, &session.token)
        .await
        .unwrap()
        .unwrap();
    reports::write(&w.app, &reporter, &mark).await.unwrap();
    let cookie = w.cookie(w.lead.0).await;
    let mut shown = 0;
    for path in [
        "/console",
        "/console/cases",
        "/console/cases/1",
        "/console/board",
        "/console/register",
        "/console/cases/1/access",
        "/console/cases?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    ] {
        let page = w.get(path, &cookie).await;
        assert!(page.status.is_success(), "{path} {}", page.status);
        for wrong in [
            "<script>alert",
            "<img src=x",
            "<svg onload",
            "<b>bold",
            "onerror=alert(2)>",
        ] {
            assert!(!page.text.contains(wrong), "{path} lets {wrong} through");
        }
        shown += page.text.matches("alert(1)").count();
    }
    assert!(shown > 8, "the text is there to be read: {shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_comes_back_as_typed_and_escaped() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.lead.0).await;
    let token = w.get("/console", &cookie).await.token();
    let vector = "\"><script>alert(5)</script>";
    let page = w
        .post(
            "/console/cases/1/do/score",
            &cookie,
            &[("csrf", &token), ("vector", vector)],
        )
        .await;
    assert!(page.status.is_client_error(), "{}", page.status);
    assert!(!page.text.contains("<script>alert(5)"));
    assert!(page.text.contains("alert(5)"), "what was typed is kept");
    assert!(page.text.contains("VER-7"), "the rule is named");
}

/// `|safe` is the hole in a template engine that escapes: its uses are counted.
#[test]
fn raw_html_in_templates_is_the_machines_own() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders = vec![root];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                !text.contains(" style=") && !text.contains("<style"),
                "{} has inline style",
                path.display()
            );
            assert!(
                !text.contains(" onclick=") && !text.contains("javascript:"),
                "{} has inline script",
                path.display()
            );
            assert!(
                !text.contains("value=\"{{ password"),
                "{} gives a password back",
                path.display()
            );
            for line in text
                .lines()
                .filter(|l| l.contains("|safe") || l.contains("| safe"))
            {
                found.push(line.trim().to_owned());
            }
        }
    }
    // The picture of the second factor's secret: drawn by the service from its own bytes.
    assert!(
        found.iter().all(|l| l.contains("{{ svg|safe }}")),
        "{found:?}"
    );
}
