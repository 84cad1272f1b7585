//! The portal from outside, on a real store: what a reporter without an account and without a
//! script does, and what a hostile one tries.

use crate::api::testing::{Answered, Instance, Tested};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_service::config::Limits;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::error::Error;

const BOUNDARY: &str = "----b0undary";

enum Part<'a> {
    Text(&'a str, String),
    File(&'a str, Vec<u8>),
}

fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"").as_bytes(),
        );
        match part {
            Part::Text(name, text) => {
                body.extend_from_slice(format!("{name}\"\r\n\r\n").as_bytes());
                body.extend_from_slice(text.as_bytes());
            }
            Part::File(name, bytes) => {
                body.extend_from_slice(
                    format!(
                        "attachments\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
                    )
                    .as_bytes(),
                );
                body.extend_from_slice(bytes);
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

async fn send(i: &Instance, body: Vec<u8>) -> Result<Answered, Box<dyn Error>> {
    let request = Request::post("/report")
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(Body::from(body))?;
    i.ask(request).await
}

async fn get(i: &Instance, path: &str, cookie: &str) -> Result<Answered, Box<dyn Error>> {
    i.ask(
        Request::get(path)
            .header(header::COOKIE, cookie)
            .body(Body::empty())?,
    )
    .await
}

async fn post(
    i: &Instance,
    path: &str,
    cookie: &str,
    form: &str,
) -> Result<Answered, Box<dyn Error>> {
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))?;
    i.ask(request).await
}

fn minimal() -> Vec<Part<'static>> {
    vec![
        Part::Text("product", "Router".into()),
        Part::Text("description", "It breaks <script>alert(1)</script>.".into()),
    ]
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(found, _)| found)
}

fn code(answer: &Answered) -> Result<String, Box<dyn Error>> {
    let code =
        between(&answer.text, "aria-label=\"Receipt code\">", "<").ok_or("a receipt code")?;
    Ok(code.to_owned())
}

#[tokio::test]
async fn every_public_page_opens_and_sets_no_cookie() -> Tested {
    let i = Instance::fresh().await?;
    for (path, status) in [
        ("/", 200),
        ("/report", 200),
        ("/report/status", 200),
        ("/advisories", 200),
        ("/policy", 404),
        ("/advisories/feed.atom", 200),
        ("/advisories/EX-2026-0001", 404),
        ("/robots.txt", 200),
        ("/.well-known/security.txt", 200),
        ("/.well-known/csaf/provider-metadata.json", 200),
        ("/.well-known/csaf/white/index.txt", 200),
        ("/.well-known/csaf/white/changes.csv", 200),
        ("/.well-known/csaf/white/2026/ex-2026-0001.json", 404),
        ("/report/status/thread", 303),
    ] {
        let answer = get(&i, path, "").await?;
        assert_eq!(answer.status.as_u16(), status, "{path} {}", answer.text);
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "{path}");
        assert!(!answer.text.contains("<script"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reporter_reports_comes_back_by_code_writes_and_leaves() -> Tested {
    let i = Instance::fresh().await?;
    let mut parts = minimal();
    parts.push(Part::File("proof.html", b"<script>1</script>".to_vec()));
    parts.push(Part::File("", Vec::new()));
    let sent = send(&i, multipart(&parts)).await?;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    assert_eq!(
        sent.headers
            .get(header::CACHE_CONTROL)
            .and_then(|v| v.to_str().ok()),
        Some("no-store")
    );
    assert!(
        sent.text.contains("23 November 2026"),
        "the seven days are shown as a date"
    );
    let code = code(&sent)?;

    let wrong = post(&i, "/report/status", "", "code=0000-0000-0000-0000-0000").await?;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let typed = code.to_lowercase().replace('-', "+");
    let entered = post(&i, "/report/status", "", &format!("code={typed}")).await?;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text);
    let cookie = entered
        .headers
        .get(header::SET_COOKIE)
        .and_then(|v| v.to_str().ok())
        .ok_or("a cookie")?;
    assert!(
        cookie.contains("__Host-") && cookie.contains("HttpOnly") && cookie.contains("Secure"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();

    let thread = get(&i, "/report/status/thread", &cookie).await?;
    assert_eq!(thread.status, StatusCode::OK, "{}", thread.text);
    assert!(
        thread
            .text
            .contains("23 November 2026, 09:12 UTC</time> at the latest"),
        "{}",
        thread.text
    );
    let csrf = between(&thread.text, "name=\"csrf\" value=\"", "\"")
        .ok_or("a token")?
        .to_owned();
    let forged = post(&i, "/report/status/message", &cookie, "csrf=x&body=hi").await?;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let written = post(
        &i,
        "/report/status/message",
        &cookie,
        &format!("csrf={csrf}&body=%3Cb%3Ehello%3C/b%3E"),
    )
    .await?;
    assert!(
        written.text.contains("&#60;b&#62;hello") || written.text.contains("&lt;b&gt;hello"),
        "{}",
        written.text
    );
    assert!(!written.text.contains("<b>hello"));
    let empty = post(
        &i,
        "/report/status/message",
        &cookie,
        &format!("csrf={csrf}&body="),
    )
    .await?;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let credited = post(
        &i,
        "/report/status/credit",
        &cookie,
        &format!("csrf={csrf}&credit=yes&credit_name=mara"),
    )
    .await?;
    assert!(
        credited.text.contains("value=\"mara\""),
        "{}",
        credited.text
    );

    let left = post(&i, "/report/status/leave", &cookie, &format!("csrf={csrf}")).await?;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(
        get(&i, "/report/status/thread", &cookie).await?.status,
        StatusCode::SEE_OTHER,
        "the session has ended"
    );
    Ok(())
}

#[tokio::test]
async fn what_was_typed_is_kept_beside_its_error() -> Tested {
    let i = Instance::fresh().await?;
    let parts = [
        Part::Text("product", "Router \"7\"".into()),
        Part::Text("impact", "root".into()),
        Part::Text("mail", "no address".into()),
        Part::Text("disclosure_date", "soon".into()),
    ];
    let answer = send(&i, multipart(&parts)).await?;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [
        "value=\"Router &#34;7&#34;\"",
        "root</textarea>",
        "value=\"soon\"",
        "id=\"description-error\"",
        "id=\"disclosure_date-error\"",
    ] {
        assert!(answer.text.contains(kept), "{kept} in {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_double_submit_is_one_report_with_one_code() -> Tested {
    let i = Instance::fresh().await?;
    let form = get(&i, "/report", "").await?;
    let once = between(&form.text, "name=\"once\" value=\"", "\"")
        .ok_or("a token")?
        .to_owned();
    assert!(once.len() >= 32);
    let mut parts = minimal();
    parts.push(Part::Text("once", once));
    let first = send(&i, multipart(&parts)).await?;
    let second = send(&i, multipart(&parts)).await?;
    assert_eq!(code(&first)?, code(&second)?);
    Ok(())
}

#[tokio::test]
async fn a_flood_meets_a_ticket_that_matures_by_waiting() -> Tested {
    let i = Instance::with(Limits {
        reports_per_address_hour: 1,
        ..Limits::default()
    })
    .await?;
    assert_eq!(
        send(&i, multipart(&minimal())).await?.status,
        StatusCode::CREATED
    );
    let waiting = send(&i, multipart(&minimal())).await?;
    assert_eq!(
        waiting.status,
        StatusCode::TOO_MANY_REQUESTS,
        "{}",
        waiting.text
    );
    let ticket = between(&waiting.text, "name=\"ticket\" value=\"", "\"")
        .ok_or("a ticket")?
        .to_owned();
    let mut parts = minimal();
    parts.push(Part::Text("ticket", ticket));
    assert_eq!(
        send(&i, multipart(&parts)).await?.status,
        StatusCode::TOO_MANY_REQUESTS,
        "not yet"
    );
    i.clock.advance_us(31_000_000);
    assert_eq!(
        send(&i, multipart(&parts)).await?.status,
        StatusCode::CREATED
    );
    Ok(())
}

#[tokio::test]
async fn whoever_waits_gets_through_though_others_used_up_the_hour() -> Tested {
    let i = Instance::with(Limits {
        reports_per_hour: 2,
        ..Limits::default()
    })
    .await?;
    for _ in 0..2 {
        let junk = send(&i, multipart(&minimal())).await?;
        assert_eq!(junk.status, StatusCode::CREATED);
    }
    let waiting = send(&i, multipart(&minimal())).await?;
    assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
    let ticket = between(&waiting.text, "name=\"ticket\" value=\"", "\"").ok_or("a ticket")?;
    i.clock.advance_us(31_000_000);
    let mut parts = minimal();
    parts.push(Part::Text("ticket", ticket.to_owned()));
    let sent = send(&i, multipart(&parts)).await?;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    let again = send(&i, multipart(&parts)).await?;
    assert_eq!(
        again.status,
        StatusCode::TOO_MANY_REQUESTS,
        "a ticket counts once"
    );
    Ok(())
}

#[tokio::test]
async fn attachments_are_bounded_in_size_and_number() -> Tested {
    let i = Instance::with(Limits {
        attachment_bytes: 1000,
        attachments: 3,
        ..Limits::default()
    })
    .await?;
    for (bytes, status) in [(999, 201), (1000, 201), (1001, 413)] {
        let mut parts = minimal();
        parts.push(Part::File("a.bin", vec![7; bytes]));
        let answer = send(&i, multipart(&parts)).await?;
        assert_eq!(answer.status.as_u16(), status, "{bytes} {}", answer.text);
    }
    for (files, status) in [(2, 201), (3, 201), (4, 413)] {
        let mut parts = minimal();
        parts.extend((0..files).map(|_| Part::File("a.bin", vec![7; 10])));
        assert_eq!(
            send(&i, multipart(&parts)).await?.status.as_u16(),
            status,
            "{files}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_text_ends_at_256_kib() -> Tested {
    let i = Instance::fresh().await?;
    let longest = super::form::LONGEST_TEXT;
    for (n, status) in [(longest - 1, 201), (longest, 201), (longest + 1, 413)] {
        let parts = [
            Part::Text("product", "p".into()),
            Part::Text("description", "d".repeat(n)),
        ];
        assert_eq!(
            send(&i, multipart(&parts)).await?.status.as_u16(),
            status,
            "{n}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_no_report() -> Tested {
    let i = Instance::fresh().await?;
    let mut parts = minimal();
    parts.push(Part::File("a.bin", vec![7; 5000]));
    let mut body = multipart(&parts);
    body.truncate(body.len() - 2000);
    let answer = send(&i, body).await?;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    let token = i
        .token(
            "ana",
            &[entente_domain::access::Role::Analyst],
            &[entente_service::accounts::Scope::Read],
        )
        .await?;
    let register = i
        .api("GET", "/register", Some(&format!("Bearer {token}")), None)
        .await?;
    assert_eq!(register.json()?["items"], serde_json::json!([]));
    Ok(())
}

/// Hostile forms: an answer of ours, never a fault, and nothing came of them.
#[test]
fn hostile_forms_change_nothing() -> Tested {
    let runtime = tokio::runtime::Runtime::new()?;
    let i = runtime.block_on(Instance::fresh())?;
    let whole = multipart(&minimal());
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        Just(format!("--{BOUNDARY}\r\n").into_bytes()),
        Just(format!("--{BOUNDARY}--\r\n").into_bytes()),
        Just(b"Content-Disposition: form-data; name=\"product\"\r\n\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"attachments\"; filename=\"../../x\0.html\"\r\n\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"is_admin\"\r\n\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
    ];
    let hostile = proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    // Cut anywhere before the end mark is whole.
    let cut = (0..whole.len().saturating_sub(3))
        .prop_map(move |n| whole.get(..n).unwrap_or_default().to_vec());
    let mut runner = TestRunner::new(Config {
        cases: 300,
        ..Config::default()
    });
    runner.run(&prop_oneof![hostile, cut], |body| {
        let answer = runtime
            .block_on(send(&i, body))
            .map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert!(answer.status.is_client_error(), "{}", answer.status);
        Ok(())
    })?;
    Ok(())
}

#[test]
fn an_advisory_shows_every_part_and_links_only_the_web() -> Tested {
    use super::pages::{Advisory, Site};
    use askama::Template;
    use entente_domain::time::Timestamp;
    use entente_service::advisories::{AdvisoryPage, ProductRow};
    let a = AdvisoryPage {
        public_id: "EX-2026-0001".into(),
        title: "Code execution <b>".into(),
        revision: 2,
        summary: "A short summary.".into(),
        description: "The description.".into(),
        impact: "The impact.".into(),
        severity: "Critical".into(),
        score: Some("9.8".into()),
        vectors: vec!["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into()],
        cwe: Some(("CWE-787".into(), "Out-of-bounds Write".into())),
        cves: vec!["CVE-2026-10001".into()],
        products: vec![ProductRow {
            name: "Router".into(),
            versions: "<4.2.1".into(),
            status: "Affected".into(),
            fixed_versions: "4.2.1".into(),
            note: String::new(),
        }],
        remediations: vec![(
            "Vendor fix".into(),
            "Update.".into(),
            Some("javascript:alert(1)".into()),
        )],
        references: vec!["https://example.org/a".into(), "data:text/html,x".into()],
        acknowledgement: "mara".into(),
        history: vec![(1, Timestamp(0), "Initial release".into())],
        csaf_path: "white/2026/ex-2026-0001.json".into(),
        sha256: "ab".repeat(32),
        signed: true,
        ..AdvisoryPage::default()
    };
    let site = Site {
        organisation: "Example".into(),
        contact: "psirt@example.org".into(),
    };
    let page = Advisory {
        site,
        a,
        fingerprint: Some("0123".into()),
    };
    let html = page.render()?;
    for part in [
        "What to do",
        "Overview",
        "Affected products",
        "Description",
        "Impact",
        "Severity",
        "References",
        "Credit",
        "Contact",
        "Revision history",
        "Terms of use",
        "CVE-2026-10001",
        "CWE-787",
        "href=\"/.well-known/csaf/white/2026/ex-2026-0001.json.asc\"",
        "href=\"https://example.org/a\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(
        !html.contains("href=\"javascript")
            && !html.contains("href=\"data")
            && !html.contains("<b>")
    );
    Ok(())
}
