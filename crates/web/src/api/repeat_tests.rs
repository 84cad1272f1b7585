//! Requests that come again, from outside: one effect and one answer (decision 21).

use super::testing::{Answered, Instance, Tested};
use super::{openapi, table};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_domain::access::Role;
use entente_domain::time::SECOND_US;
use entente_service::accounts::Scope;
use entente_service::config::Limits;
use serde_json::{Value, json};
use std::error::Error;
use std::sync::Arc;

const KEY: &str = "0123456789abcdef0123";

fn request(
    method: &str,
    path: &str,
    authorization: &str,
    key: &str,
    body: Option<&Value>,
) -> Result<Request<Body>, http::Error> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("idempotency-key", key);
    if !authorization.is_empty() {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    match body {
        Some(value) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(value.to_string())),
        None => request.body(Body::empty()),
    }
}

fn report() -> Value {
    json!({"form": {"product": "Router", "description": "It breaks when poked."}})
}

/// An instance with a report; who reported and an analyst, as headers.
async fn world() -> Result<(Arc<Instance>, String, String), Box<dyn Error>> {
    let limits = Limits {
        codes_per_address_hour: 10_000,
        ..Limits::default()
    };
    let i = Arc::new(Instance::with(limits).await?);
    let sent = i.api("POST", "/reports", None, Some(&report())).await?;
    let code = sent.json()?["receipt_code"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let token = i
        .token("ana", &[Role::Analyst], &[Scope::Read, Scope::Write])
        .await?;
    Ok((i, format!("Receipt {code}"), format!("Bearer {token}")))
}

/// Sends again until the key is no longer being worked on.
async fn until_answered(
    i: &Instance,
    path: &str,
    authorization: &str,
    body: &Value,
) -> Result<Answered, String> {
    loop {
        let request = request("POST", path, authorization, KEY, Some(body));
        let request = request.map_err(|e| e.to_string())?;
        let answer = i.ask(request).await.map_err(|e| e.to_string())?;
        if answer.status != StatusCode::CONFLICT {
            return Ok(answer);
        }
        if !answer.headers.contains_key(header::RETRY_AFTER) {
            return Err(answer.text);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_equal_requests_at_once_have_one_effect_and_one_answer() -> Tested {
    let (i, reporter, staff) = world().await?;
    let cases = i.api("GET", "/cases", Some(&staff), None).await?.json()?;
    let case = cases["items"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let version = cases["items"][0]["version"].clone();
    let commands = format!("/cases/{case}/commands");
    let comment = json!({"command": "comment", "body": "Once.", "audience": "internal"});
    for (path, who, body) in [
        ("/reports", "", report()),
        ("/reports/thread", &reporter, json!({"body": "Any news?"})),
        (&commands, &staff, comment),
    ] {
        let mut running = Vec::new();
        for _ in 0..50 {
            let (i, path, who, body) = (i.clone(), path.to_owned(), who.to_owned(), body.clone());
            running.push(tokio::spawn(async move {
                until_answered(&i, &path, &who, &body).await
            }));
        }
        let mut texts = std::collections::BTreeSet::new();
        let mut first = 0;
        for task in running {
            let answer = task.await??;
            assert!(answer.status.is_success(), "{path} {}", answer.text);
            first += usize::from(!answer.headers.contains_key("idempotent-replayed"));
            texts.insert(answer.text);
        }
        assert_eq!((first, texts.len()), (1, 1), "{path}");
    }
    let register = i
        .api("GET", "/register", Some(&staff), None)
        .await?
        .json()?;
    assert_eq!(register["items"].as_array().map(Vec::len), Some(2));
    let path = format!("/cases/{case}/messages");
    let messages = i.api("GET", &path, Some(&staff), None).await?.json()?;
    assert_eq!(
        messages["items"].as_array().map(Vec::len),
        Some(2),
        "{messages}"
    );
    let after = i.api("GET", "/cases", Some(&staff), None).await?.json()?;
    assert_ne!(after["items"][0]["version"], json!(null));
    assert_ne!(version, json!(null));
    Ok(())
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_caller_on_one_route() -> Tested {
    let (i, reporter, staff) = world().await?;
    let say = |who: &str, text: &str| {
        request(
            "POST",
            "/reports/thread",
            who,
            KEY,
            Some(&json!({"body": text})),
        )
    };
    let first = i.ask(say(&reporter, "Any news?")?).await?;
    assert_eq!(first.status, StatusCode::NO_CONTENT, "{}", first.text);
    let other = i.ask(say(&reporter, "No news?")?).await?;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json()?["rule"], json!("API-1"));
    assert_eq!(other.json()?["type"], json!("/problems/other-request"));
    // Another caller and another route are other requests.
    let report = i
        .ask(request("POST", "/reports", &staff, KEY, Some(&report()))?)
        .await;
    assert_eq!(
        report?.status,
        StatusCode::FORBIDDEN,
        "no scope for reports"
    );
    let product = json!({"name": "Router", "kind": "software", "division": "Tools",
        "contact": "00000000-0000-7000-8000-000000000000", "versions": []});
    let refused = i
        .ask(request("POST", "/products", &staff, KEY, Some(&product))?)
        .await?;
    assert!(refused.status.is_client_error(), "{}", refused.text);
    assert_ne!(refused.json()?["type"], json!("/problems/other-request"));
    // After a day the key is as good as new.
    i.clock.advance_us(25 * 3_600 * SECOND_US);
    let later = i.ask(say(&reporter, "No news?")?).await?;
    assert_eq!(later.status, StatusCode::NO_CONTENT, "{}", later.text);
    Ok(())
}

/// A refusal changes nothing, so that the mended request may come with the same key.
#[tokio::test]
async fn a_refused_request_frees_its_key() -> Tested {
    let (i, reporter, _) = world().await?;
    for (body, status) in [
        (json!({"body": ""}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"text": "x"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"body": "Any news?"}), StatusCode::NO_CONTENT),
        (json!({"body": "Any news?"}), StatusCode::NO_CONTENT),
    ] {
        let answer = i
            .ask(request(
                "POST",
                "/reports/thread",
                &reporter,
                KEY,
                Some(&body),
            )?)
            .await?;
        assert_eq!(answer.status, status, "{body} {}", answer.text);
    }
    Ok(())
}

/// Who may read an identity is asked each time, and each reading is recorded (INV-5): its answer is
/// never kept.
#[tokio::test]
async fn an_identity_is_never_given_out_by_repetition() -> Tested {
    let (i, _, analyst) = world().await?;
    let named = json!({
        "form": {"product": "Switch", "description": "It breaks when poked."},
        "identity": {"name": "Robin", "mail": "robin@reporter.example"},
    });
    i.api("POST", "/reports", None, Some(&named)).await?;
    let cases = i
        .ask(request("GET", "/cases", &analyst, KEY, None)?)
        .await?;
    let cases = cases.json()?;
    let of_switch = |case: &&Value| case["title"].as_str().is_some_and(|t| t.contains("Switch"));
    let case = cases["items"]
        .as_array()
        .into_iter()
        .flatten()
        .find(of_switch);
    let case = case.and_then(|case| case["id"].as_str()).ok_or("no case")?;
    let path = format!("/cases/{case}");
    let version = async || -> Result<u64, Box<dyn Error>> {
        let read = i.ask(request("GET", &path, &analyst, KEY, None)?).await?;
        Ok(read.json()?["case"]["version"].as_u64().unwrap_or_default())
    };
    let read = i.ask(request("GET", &path, &analyst, KEY, None)?).await?;
    let read = read.json()?;
    let report = read["case"]["reports"][0]["id"]
        .as_str()
        .unwrap_or_default();
    let identity = format!("{path}/reports/{report}/identity");
    let why = json!({"reason": "To ask for the version."});
    let before = version().await?;
    for readings in 1..=2 {
        let answer = i
            .ask(request("POST", &identity, &analyst, KEY, Some(&why))?)
            .await?;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(version().await?, before + readings);
    }
    Ok(())
}

/// A process that went down leaves a claim of which nobody knows how it ended: what has no record
/// of its own is not carried out again.
#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() -> Tested {
    let (i, reporter, _) = world().await?;
    let who = reports_viewer(&i, &reporter).await?;
    for (path, scope, body, fresh, stale) in [
        (
            "/reports/thread",
            format!("{who} POST /reports/thread"),
            json!({"body": "Any news?"}),
            StatusCode::CONFLICT,
            StatusCode::CONFLICT,
        ),
        (
            "/reports",
            "public POST /reports".to_owned(),
            report(),
            StatusCode::CONFLICT,
            StatusCode::CREATED,
        ),
    ] {
        let repeat = entente_service::repeat::Repeat {
            key: KEY.to_owned(),
            scope,
        };
        entente_service::repeat::claim(&i.app, &repeat, false).await?;
        let who = if path == "/reports" { "" } else { &reporter };
        let now = i.ask(request("POST", path, who, KEY, Some(&body))?).await?;
        assert_eq!(now.status, fresh, "{}", now.text);
        assert_eq!(now.json()?["type"], json!("/problems/in-progress"));
        i.clock.advance_us(121 * SECOND_US);
        let later = i.ask(request("POST", path, who, KEY, Some(&body))?).await?;
        assert_eq!(later.status, stale, "{}", later.text);
        if stale == StatusCode::CONFLICT {
            assert_eq!(later.json()?["type"], json!("/problems/outcome-unknown"));
        }
    }
    Ok(())
}

async fn reports_viewer(i: &Instance, receipt: &str) -> Result<String, Box<dyn Error>> {
    let code = receipt.trim_start_matches("Receipt ");
    let hint = i.app.client_hint([192, 0, 2, 1].into());
    let viewer = entente_service::reports::by_code(&i.app, code, hint).await?;
    Ok(viewer.actor())
}

#[test]
fn every_write_names_the_header_in_the_document_and_no_read_does() -> Tested {
    let document: Value = serde_json::from_str(openapi())?;
    for endpoint in table::endpoints() {
        let pointer = format!(
            "/paths/~1api~1v1{}/{}/parameters",
            endpoint.path.replace('/', "~1"),
            endpoint.method.as_str().to_lowercase()
        );
        let named = document
            .pointer(&pointer)
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(|p| p["name"] == "Idempotency-Key"));
        let repeats = endpoint.method != "GET" && !endpoint.never_kept;
        assert_eq!(named, repeats, "{}", endpoint.path);
    }
    Ok(())
}
