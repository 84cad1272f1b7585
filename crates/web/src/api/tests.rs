//! The API from outside, on a real store.

use super::testing::{Instance, Tested};
use super::{openapi, routes};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_domain::access::Role;
use entente_service::accounts::Scope;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// The committed document is what clients were promised. Set ENTENTE_WRITE_OPENAPI=1 to write it
/// anew after a wanted change.
#[expect(
    clippy::disallowed_methods,
    reason = "asks whether the document is to be written anew"
)]
#[test]
fn the_committed_document_is_the_current_one() -> Tested {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::env::var_os("ENTENTE_WRITE_OPENAPI").is_some() {
        std::fs::write(path, openapi())?;
    }
    let committed = std::fs::read_to_string(path)?;
    assert!(
        committed == openapi(),
        "docs/openapi.json is not the current document"
    );
    Ok(())
}

#[test]
fn every_route_is_in_the_document_and_every_reference_leads_somewhere() -> Tested {
    let document: Value = serde_json::from_str(openapi())?;
    for (method, path) in routes() {
        let pointer = format!(
            "/paths/{}/{}",
            path.replace('/', "~1"),
            method.as_str().to_lowercase()
        );
        assert!(document.pointer(&pointer).is_some(), "{method} {path}");
    }
    for reference in openapi().split("\"$ref\": \"#").skip(1) {
        let pointer = reference.split('"').next().unwrap_or_default();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    Ok(())
}

fn report() -> Value {
    json!({"form": {"product": "Router", "description": "It breaks when poked."}})
}

#[tokio::test]
async fn a_report_is_sent_read_and_answered_by_its_code() -> Tested {
    let i = Instance::fresh().await?;
    let sent = i.api("POST", "/reports", None, Some(&report())).await?;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    let receipt = sent.json()?;
    assert!(
        receipt.get("number").is_none() && receipt.get("case").is_none(),
        "staff numbers stay inside"
    );
    let code = format!(
        "Receipt {}",
        receipt["receipt_code"].as_str().unwrap_or_default()
    );

    let thread = i.api("GET", "/reports/thread", Some(&code), None).await?;
    assert_eq!(thread.status, StatusCode::OK, "{}", thread.text);
    assert_eq!(thread.json()?["received_at"], json!("2026-11-16T09:12:00Z"));

    let written = i
        .api(
            "POST",
            "/reports/thread",
            Some(&code),
            Some(&json!({"body": "Any news?"})),
        )
        .await?;
    assert_eq!(written.status, StatusCode::NO_CONTENT, "{}", written.text);
    let thread = i
        .api("GET", "/reports/thread", Some(&code), None)
        .await?
        .json()?;
    assert_eq!(thread["messages"][0]["body"], json!("Any news?"));

    let wrong = i
        .api(
            "GET",
            "/reports/thread",
            Some("Receipt 0000-0000-0000-0000-0000"),
            None,
        )
        .await?;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn a_repeated_report_is_one_report_with_the_same_code() -> Tested {
    let i = Instance::fresh().await?;
    let send = |key: &str, body: Value| {
        Request::post("/api/v1/reports")
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()))
    };
    let key = "0123456789abcdef0123";
    let first = i.ask(send(key, report())?).await?;
    let second = i.ask(send(key, report())?).await?;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    assert_eq!(first.text, second.text);
    let token = i.token("ana", &[Role::Analyst], &[Scope::Read]).await?;
    let register = i
        .api("GET", "/register", Some(&format!("Bearer {token}")), None)
        .await?
        .json()?;
    assert_eq!(register["items"].as_array().map(Vec::len), Some(1));
    let short = i.ask(send("short", report())?).await?;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn a_case_is_read_and_changed_by_token_and_version() -> Tested {
    let i = Instance::fresh().await?;
    i.api("POST", "/reports", None, Some(&report())).await?;
    let token = format!(
        "Bearer {}",
        i.token("ana", &[Role::Analyst], &[Scope::Read, Scope::Write])
            .await?
    );
    let cases = i.api("GET", "/cases?limit=1", Some(&token), None).await?;
    assert_eq!(cases.status, StatusCode::OK, "{}", cases.text);
    let id = cases.json()?["items"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let case = i
        .api("GET", &format!("/cases/{id}"), Some(&token), None)
        .await?;
    assert_eq!(case.status, StatusCode::OK, "{}", case.text);
    let file = case.json()?;
    let version = file["case"]["version"].as_u64().unwrap_or_default();
    assert_eq!(
        case.headers.get(header::ETAG).and_then(|v| v.to_str().ok()),
        Some(format!("\"{version}\"").as_str())
    );
    assert!(
        file["case"]["opened_at"]
            .as_str()
            .is_some_and(|t| t.ends_with('Z'))
    );

    let command = |if_match: &str, body: Value| {
        Request::post(format!("/api/v1/cases/{id}/commands"))
            .header(header::AUTHORIZATION, &token)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, if_match)
            .body(Body::from(body.to_string()))
    };
    let rename = json!({"command": "set_title", "title": "Router breaks"});
    let late = i.ask(command("\"999\"", rename.clone())?).await?;
    assert_eq!(
        late.status,
        StatusCode::PRECONDITION_FAILED,
        "{}",
        late.text
    );
    let done = i.ask(command(&format!("\"{version}\""), rename)?).await?;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let refused = i
        .ask(command(
            &format!("\"{}\"", version + 1),
            json!({"command": "publish"}),
        )?)
        .await?;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.text
    );
    let problem = refused.json()?;
    assert!(
        problem["rule"].is_string() && problem["remedy"].is_string(),
        "{problem}"
    );
    for (method, path) in [("GET", "messages"), ("GET", "access-log")] {
        let answer = i
            .api(method, &format!("/cases/{id}/{path}"), Some(&token), None)
            .await?;
        assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn no_route_answers_without_its_right() -> Tested {
    let i = Instance::fresh().await?;
    let reader = format!(
        "Bearer {}",
        i.token("ana", &[Role::Analyst], &[Scope::Read]).await?
    );
    let id = "00000000-0000-7000-8000-000000000000";
    for endpoint in super::table::endpoints() {
        let path = endpoint
            .path
            .replace("{id}", id)
            .replace("{report}", id)
            .replace("{attachment}", id);
        let method = endpoint.method.as_str();
        let open = endpoint.access == super::table::Access::Public;
        let without = i.api(method, &path, None, None).await?;
        assert_eq!(
            without.status == StatusCode::UNAUTHORIZED,
            !open,
            "{method} {path} {}",
            without.text
        );
        let forged = i.api(method, &path, Some("Bearer forged"), None).await?;
        assert_eq!(forged.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        if let super::table::Access::Token(Scope::Write | Scope::Admin) = endpoint.access {
            let reading = i.api(method, &path, Some(&reader), None).await?;
            assert_eq!(reading.status, StatusCode::FORBIDDEN, "{method} {path}");
        }
    }
    Ok(())
}

/// What one may not see and what is not there are one answer, byte for byte (decision 19).
#[tokio::test]
async fn a_case_out_of_reach_is_no_case() -> Tested {
    let i = Instance::fresh().await?;
    i.api("POST", "/reports", None, Some(&report())).await?;
    let analyst = format!(
        "Bearer {}",
        i.token("ana", &[Role::Analyst], &[Scope::Read]).await?
    );
    let cases = i.api("GET", "/cases", Some(&analyst), None).await?.json()?;
    let id = cases["items"][0]["id"]
        .as_str()
        .ok_or("the analyst sees the case")?
        .to_owned();
    let administrator = format!(
        "Bearer {}",
        i.token("adam", &[Role::Administrator], &[Scope::Read])
            .await?
    );
    let hidden = i
        .api("GET", &format!("/cases/{id}"), Some(&administrator), None)
        .await?;
    let absent = i
        .api(
            "GET",
            "/cases/00000000-0000-7000-8000-000000000000",
            Some(&administrator),
            None,
        )
        .await?;
    let nonsense = i
        .api("GET", "/cases/12", Some(&administrator), None)
        .await?;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!(
        (&hidden.text, &hidden.headers),
        (&absent.text, &absent.headers)
    );
    assert_eq!(hidden.text, nonsense.text);
    Ok(())
}

#[tokio::test]
async fn pages_are_bounded_at_100_and_parameters_are_known() -> Tested {
    let i = Instance::fresh().await?;
    let token = format!(
        "Bearer {}",
        i.token("ana", &[Role::Analyst], &[Scope::Read]).await?
    );
    for (query, status) in [
        ("limit=99", 200),
        ("limit=100", 200),
        ("limit=101", 400),
        ("limit=0", 400),
        ("limit=x", 400),
        ("limit=1&limit=2", 400),
        ("stage=receipt", 200),
        ("stage=nowhere", 400),
        ("x=1", 400),
        ("sort=due", 200),
    ] {
        let answer = i
            .api("GET", &format!("/cases?{query}"), Some(&token), None)
            .await?;
        assert_eq!(answer.status.as_u16(), status, "{query} {}", answer.text);
    }
    Ok(())
}

#[tokio::test]
async fn bodies_are_bounded_and_named_when_wrong() -> Tested {
    let i = Instance::fresh().await?;
    let post = |kind: &str, body: String| {
        Request::post("/api/v1/reports")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
    };
    let sized = |n: usize| {
        let frame = "{\"form\":{\"product\":\"\",\"description\":\"\"}}".len();
        format!(
            "{{\"form\":{{\"product\":\"{}\",\"description\":\"\"}}}}",
            "x".repeat(n - frame)
        )
    };
    let most = super::input::LARGEST_BODY;
    for (n, status) in [(most - 1, 422), (most, 422), (most + 1, 413)] {
        let answer = i.ask(post("application/json", sized(n))?).await?;
        assert_eq!(answer.status.as_u16(), status, "{n}");
    }
    for (kind, body, status, field) in [
        ("text/plain", "{}", 415, None),
        ("application/json", "{", 400, None),
        ("application/json", "{\"form\":{},\"form\":{}}", 400, None),
        (
            "application/json",
            "{\"form\":{\"product\":\"p\"}}",
            422,
            Some("form.description"),
        ),
        (
            "application/json",
            "{\"form\":{\"product\":\"p\",\"description\":\"d\",\"admin\":true}}",
            422,
            Some("form.admin"),
        ),
        (
            "application/json",
            "{\"form\":{\"product\":\"\",\"description\":\"d\"}}",
            422,
            Some("product"),
        ),
        (
            "application/json",
            "{\"form\":{\"product\":\"p\",\"description\":\"d\"},\"source\":\"internal\"}",
            400,
            Some("source"),
        ),
    ] {
        let answer = i.ask(post(kind, body.to_owned())?).await?;
        assert_eq!(answer.status.as_u16(), status, "{body} {}", answer.text);
        assert_eq!(
            answer
                .headers
                .get(header::CONTENT_TYPE)
                .and_then(|v| v.to_str().ok()),
            Some("application/problem+json")
        );
        if let Some(field) = field {
            assert_eq!(answer.json()?["field"], json!(field), "{body}");
        }
    }
    Ok(())
}

/// The description is bounded at 256 KiB (D4).
#[tokio::test]
async fn a_description_ends_at_256_kib() -> Tested {
    let i = Instance::fresh().await?;
    let longest = 256 * 1024;
    for (n, status) in [(longest - 1, 201), (longest, 201), (longest + 1, 422)] {
        let body = json!({"form": {"product": "p", "description": "d".repeat(n)}});
        let answer = i.api("POST", "/reports", None, Some(&body)).await?;
        assert_eq!(answer.status.as_u16(), status, "{n} {}", answer.text);
    }
    Ok(())
}

/// Hostile bodies: refused, and nothing came of them.
#[test]
fn hostile_json_is_refused_and_changes_nothing() -> Tested {
    let runtime = tokio::runtime::Runtime::new()?;
    let i = runtime.block_on(Instance::fresh())?;
    let token = format!(
        "Bearer {}",
        runtime.block_on(i.token("ana", &[Role::Analyst], &[Scope::Read, Scope::Write]))?
    );
    let mut runner = TestRunner::new(Config {
        cases: 300,
        ..Config::default()
    });
    let hostile = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        "\\{\"(form|identity|ticket|command|body)\":[\\[\\]{}\",:0-9a-z]{0,60}"
            .prop_map(String::into_bytes),
        "\\{\"form\":\\{\"product\":\"[a-z]{0,3}\",\"(description|x)\":(1|null|\\[\\]|\"\")\\}\\}"
            .prop_map(String::into_bytes),
    ];
    let paths = proptest::sample::select(vec![
        "/api/v1/reports",
        "/api/v1/cases/exit",
        "/api/v1/products",
        "/api/v1/cases/00000000-0000-7000-8000-000000000000/commands",
    ]);
    runner.run(&(paths, hostile), |(path, body)| {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, &token)
            .body(Body::from(body))
            .map_err(|e| TestCaseError::fail(e.to_string()))?;
        let answer = runtime
            .block_on(i.ask(request))
            .map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert!(
            answer.status.is_client_error(),
            "{} {}",
            answer.status,
            answer.text
        );
        Ok(())
    })?;
    let register = runtime
        .block_on(i.api("GET", "/register", Some(&token), None))?
        .json()?;
    assert_eq!(register["items"], json!([]));
    Ok(())
}
