//! What every answer carries, and who is let in.

use crate::world::{World, send};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

/// Every path of the router, with something put in for its parameters.
fn all() -> Vec<(String, String)> {
    let mut routes: Vec<(String, String)> = entente_web::server::routes()
        .into_iter()
        .map(|(method, path)| {
            let path = path
                .replace("{number}", "1")
                .replace("{command}", "assign")
                .replace("{id}", "00000000-0000-7000-8000-000000000001");
            let filled: Vec<String> = path
                .split('/')
                .map(|part| {
                    if part.starts_with('{') {
                        "x".to_owned()
                    } else {
                        part.to_owned()
                    }
                })
                .collect();
            (method, filled.join("/"))
        })
        .collect();
    routes.push(("GET".to_owned(), "/no/such/page".to_owned()));
    routes.push(("DELETE".to_owned(), "/console".to_owned()));
    routes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers() {
    let w = World::new().await;
    for (method, path) in all() {
        let request = Request::builder()
            .method(method.as_str())
            .uri(&path)
            .header("sec-fetch-site", "same-origin")
            .body(Body::empty())
            .unwrap();
        let page = send(&w.app, request).await;
        let has = |name: &str| page.headers.get(name).map_or("", |v| v.to_str().unwrap());
        let policy = has("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{method} {path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"),
            "{method} {path}"
        );
        assert_eq!(has("x-content-type-options"), "nosniff", "{method} {path}");
        assert_eq!(has("referrer-policy"), "no-referrer", "{method} {path}");
        assert_eq!(
            has("cross-origin-opener-policy"),
            "same-origin",
            "{method} {path}"
        );
        assert_eq!(
            has("cross-origin-resource-policy"),
            "same-origin",
            "{method} {path}"
        );
        assert!(
            has("strict-transport-security").contains("max-age=31536000"),
            "{method} {path}"
        );
        assert!(!has("cache-control").is_empty(), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters_the_console_without_signing_in() {
    let w = World::new().await;
    w.busy().await;
    let open = [
        "/console/sign-in",
        "/console/setup",
        "/console/welcome/x",
        "/console/reset",
        "/console/persona",
    ];
    for (method, path) in all().into_iter().filter(|(_, p)| p.starts_with("/console")) {
        if open.contains(&path.as_str()) || method == "DELETE" {
            continue;
        }
        let request = Request::builder()
            .method(method.as_str())
            .uri(&path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::empty())
            .unwrap();
        let page = send(&w.app, request).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{method} {path}");
        assert!(
            page.location().starts_with("/console/sign-in"),
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_is_what_does_not_exist() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.administrator.0).await;
    for tail in [
        "",
        "/access",
        "/advisory",
        "/attachments/00000000-0000-7000-8000-000000000001",
    ] {
        let hidden = w.get(&format!("/console/cases/1{tail}"), &cookie).await;
        let missing = w.get(&format!("/console/cases/9999{tail}"), &cookie).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{tail}");
        assert_eq!(hidden.text, missing.text, "{tail}");
        assert_eq!(hidden.headers, missing.headers, "{tail}");
    }
    let list = w.get("/console/cases", &cookie).await;
    assert!(!list.text.contains("firmware rollback"));
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_others_are_refused() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.lead.0).await;
    let token = w.get("/console", &cookie).await.token();
    for (site, csrf) in [
        ("cross-site", token.as_str()),
        ("same-site", token.as_str()),
        ("same-origin", "0"),
        ("same-origin", ""),
    ] {
        let request = Request::post("/console/cases/1/do/set_title")
            .header(header::COOKIE, &cookie)
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("csrf={csrf}&title=Taken+over")))
            .unwrap();
        assert_eq!(
            send(&w.app, request).await.status,
            StatusCode::FORBIDDEN,
            "{site} {csrf}"
        );
    }
    assert!(
        !w.get("/console/cases/1", &cookie)
            .await
            .text
            .contains("Taken over")
    );
    let done = w
        .post(
            "/console/cases/1/do/set_title",
            &cookie,
            &[("csrf", &token), ("title", "Rightly renamed")],
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(
        w.get("/console/cases/1", &cookie)
            .await
            .text
            .contains("Rightly renamed")
    );
}
