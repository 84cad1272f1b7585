//! Files over the API, from outside: who gets which back, and where they end.

use super::testing::{Answered, Instance, Tested};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_domain::access::Role;
use entente_service::accounts::Scope;
use entente_service::config::Limits;
use serde_json::{Value, json};
use std::error::Error;

const BOUNDARY: &str = "b0undary";

/// A form with these documents and files.
fn form(boundary: &str, documents: &[Value], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for document in documents {
        part(
            "Content-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json"
                .into(),
            document.to_string().as_bytes(),
        );
    }
    for (name, content) in files {
        part(
            format!("Content-Disposition: form-data; name=\"attachments\"; filename=\"{name}\""),
            content,
        );
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

async fn post(
    i: &Instance,
    path: &str,
    authorization: Option<&str>,
    kind: &str,
    body: Vec<u8>,
) -> Result<Answered, Box<dyn Error>> {
    let mut request = Request::post(format!("/api/v1{path}")).header(header::CONTENT_TYPE, kind);
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    i.ask(request.body(Body::from(body))?).await
}

async fn send(
    i: &Instance,
    path: &str,
    authorization: Option<&str>,
    body: Vec<u8>,
) -> Result<Answered, Box<dyn Error>> {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    post(i, path, authorization, &kind, body).await
}

fn report() -> Value {
    json!({"form": {"product": "Router", "description": "It breaks when poked."}})
}

async fn reported(i: &Instance, files: &[(&str, &[u8])]) -> Result<String, Box<dyn Error>> {
    let sent = send(i, "/reports", None, form(BOUNDARY, &[report()], files)).await?;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
    let receipt = sent.json()?;
    Ok(format!(
        "Receipt {}",
        receipt["receipt_code"].as_str().unwrap_or_default()
    ))
}

async fn items(i: &Instance, path: &str, who: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let answer = i.api("GET", path, Some(who), None).await?;
    assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.text);
    Ok(answer.json()?["items"]
        .as_array()
        .cloned()
        .unwrap_or_default())
}

fn names(items: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = items.iter().filter_map(|a| a["name"].as_str()).collect();
    names.sort_unstable();
    names
}

fn id(item: Option<&Value>) -> String {
    item.and_then(|i| i["id"].as_str())
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn files_travel_both_ways_through_the_thread_and_no_further() -> Tested {
    let i = Instance::fresh().await?;
    let reporter = reported(
        &i,
        &[("crash.log", b"stack"), ("../../proof.bin", b"\x00\xff")],
    )
    .await?;
    let other = reported(&i, &[("theirs.txt", b"another matter")]).await?;
    let token = i
        .token("ana", &[Role::Analyst], &[Scope::Read, Scope::Write])
        .await?;
    let staff = format!("Bearer {token}");

    let written = form(
        BOUNDARY,
        &[json!({"body": "One more."})],
        &[("more.txt", b"more")],
    );
    let written = send(&i, "/reports/thread", Some(&reporter), written).await?;
    assert_eq!(written.status, StatusCode::NO_CONTENT, "{}", written.text);

    // Staff see the case with its files, and add one for themselves and one for the reporter.
    let cases = items(&i, "/cases", &staff).await?;
    let mut case = String::new();
    let mut of = String::new();
    for candidate in &cases {
        let path = format!("/cases/{}/attachments", id(Some(candidate)));
        let found = items(&i, &path, &staff).await?;
        if found.len() == 3 {
            assert_eq!(names(&found), ["crash.log", "more.txt", "proof.bin"]);
            case = id(Some(candidate));
            of = found[0]["report"].as_str().unwrap_or_default().to_owned();
        }
    }
    for (query, content) in [
        ("name=internal.txt".to_owned(), "for us"),
        (format!("name=patch.diff&report={of}"), "for you"),
    ] {
        let path = format!("/cases/{case}/attachments?{query}");
        let kind = "application/octet-stream";
        let added = post(&i, &path, Some(&staff), kind, content.into()).await?;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
        assert!(added.json()?["id"].is_string());
    }
    let stranger = "00000000-0000-7000-8000-000000000000";
    let path = format!("/cases/{case}/attachments?name=x&report={stranger}");
    let refused = post(&i, &path, Some(&staff), "application/octet-stream", vec![1]).await?;
    assert!(refused.status.is_client_error(), "{}", refused.text);

    let own = items(&i, "/reports/thread/attachments", &reporter).await?;
    assert_eq!(
        names(&own),
        ["crash.log", "more.txt", "patch.diff", "proof.bin"]
    );
    let patch = own.iter().find(|a| a["name"] == "patch.diff");
    let path = format!("/reports/thread/attachments/{}", id(patch));
    let got = i.api("GET", &path, Some(&reporter), None).await?;
    assert_eq!((got.status, got.text.as_str()), (StatusCode::OK, "for you"));
    for (name, value) in [
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        assert_eq!(
            got.headers.get(name).map(|v| v.as_bytes()),
            Some(value.as_bytes())
        );
    }

    // What is somebody else's and what is not there are one answer.
    let all = items(&i, &format!("/cases/{case}/attachments"), &staff).await?;
    let internal = id(all.iter().find(|a| a["name"] == "internal.txt"));
    let absent = i
        .api(
            "GET",
            &format!("/reports/thread/attachments/{stranger}"),
            Some(&reporter),
            None,
        )
        .await?;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    for (who, attachment) in [
        (&reporter, &internal),
        (&other, &id(patch)),
        (&other, &"x".to_owned()),
    ] {
        let path = format!("/reports/thread/attachments/{attachment}");
        let hidden = i.api("GET", &path, Some(who), None).await?;
        assert_eq!((hidden.status, &hidden.text), (absent.status, &absent.text));
        assert_eq!(hidden.headers, absent.headers);
    }
    assert_eq!(
        names(&items(&i, "/reports/thread/attachments", &other).await?),
        ["theirs.txt"]
    );
    let administrator = i
        .token("adam", &[Role::Administrator], &[Scope::Read])
        .await?;
    let administrator = format!("Bearer {administrator}");
    for path in [
        format!("/cases/{case}/attachments"),
        format!("/cases/{case}/attachments/{internal}"),
        format!("/cases/{stranger}/attachments/{internal}"),
    ] {
        let hidden = i.api("GET", &path, Some(&administrator), None).await?;
        assert_eq!(
            (hidden.status, &hidden.text),
            (absent.status, &absent.text),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_form_sent_again_with_another_boundary_is_one_report() -> Tested {
    let i = Instance::fresh().await?;
    let mut texts = Vec::new();
    for (boundary, content) in [("one", "a"), ("two-two", "a"), ("three", "b")] {
        let request = Request::post("/api/v1/reports")
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={boundary}"),
            )
            .header("idempotency-key", "0123456789abcdef")
            .body(Body::from(form(
                boundary,
                &[report()],
                &[("a.txt", content.as_bytes())],
            )))?;
        let answer = i.ask(request).await?;
        texts.push((answer.status.as_u16(), answer.text));
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!((texts[0].0, texts[2].0), (201, 422), "{texts:?}");
    Ok(())
}

#[tokio::test]
async fn files_are_bounded_in_size_and_number_and_as_a_whole() -> Tested {
    let i = Instance::with(Limits {
        attachment_bytes: 1000,
        attachments: 3,
        reports_per_address_hour: 100,
        ..Limits::default()
    })
    .await?;
    for (bytes, status) in [(999, 201), (1000, 201), (1001, 413)] {
        let body = form(BOUNDARY, &[report()], &[("a.bin", &vec![7; bytes])]);
        let answer = send(&i, "/reports", None, body).await?;
        assert_eq!(answer.status.as_u16(), status, "{bytes} {}", answer.text);
    }
    for (files, status) in [(2, 201), (3, 201), (4, 413)] {
        let files: Vec<(&str, &[u8])> = vec![("a.bin", b"seven"); files];
        let answer = send(&i, "/reports", None, form(BOUNDARY, &[report()], &files)).await?;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    Ok(())
}

/// A whole request ends where the setting says (300 MiB, D4), behind the page as by the API.
#[tokio::test]
async fn a_request_with_files_is_bounded_as_a_whole() -> Tested {
    let body = form(BOUNDARY, &[report()], &[("a.bin", &[7; 5000])]);
    for (spare, status) in [(1, 201), (0, 201), (-1, 413)] {
        let request_bytes = body.len().saturating_add_signed(spare);
        let i = Instance::with(Limits {
            request_bytes,
            ..Limits::default()
        })
        .await?;
        let answer = send(&i, "/reports", None, body.clone()).await?;
        assert_eq!(answer.status.as_u16(), status, "{spare} {}", answer.text);
    }
    let page = form(BOUNDARY, &[], &[("a.bin", &[7; 5000])]);
    for (spare, status) in [(0, 422), (-1, 413)] {
        let i = Instance::with(Limits {
            request_bytes: page.len().saturating_add_signed(spare),
            ..Limits::default()
        })
        .await?;
        let request = Request::post("/report")
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .body(Body::from(page.clone()))?;
        assert_eq!(i.ask(request).await?.status.as_u16(), status, "{spare}");
    }
    assert_eq!(Limits::default().request_bytes, 300 * 1024 * 1024);
    assert_eq!(Limits::default().attachment_bytes, 25 * 1024 * 1024);
    assert_eq!(Limits::default().attachments, 10);
    Ok(())
}

#[tokio::test]
async fn a_form_that_is_not_whole_is_refused_by_name() -> Tested {
    let i = Instance::fresh().await?;
    let good = form(BOUNDARY, &[report()], &[("a.txt", b"a")]);
    let mut cut = good.clone();
    cut.truncate(good.len() - 20);
    for (body, status, field) in [
        (form(BOUNDARY, &[], &[("a.txt", b"a")]), 400, "json"),
        (form(BOUNDARY, &[report(), report()], &[]), 400, "json"),
        (
            form(BOUNDARY, &[report()], &[("", b"a")]),
            400,
            "attachments",
        ),
        (
            form(BOUNDARY, &[json!({"form": {"product": "p"}})], &[]),
            422,
            "form.description",
        ),
        (cut, 400, ""),
        (b"nothing".to_vec(), 400, ""),
    ] {
        let answer = send(&i, "/reports", None, body).await?;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        assert_eq!(answer.json()?["field"].as_str().unwrap_or_default(), field);
    }
    let token = i.token("ana", &[Role::Analyst], &[Scope::Read]).await?;
    assert_eq!(
        items(&i, "/register", &format!("Bearer {token}"))
            .await?
            .len(),
        0
    );
    Ok(())
}

/// Files that lie in quarantine.
fn lying(i: &Instance) -> Result<usize, std::io::Error> {
    Ok(std::fs::read_dir(i.app.db().data_dir().join("attachments"))?.count())
}

/// Nobody fills the disk with what is not taken.
#[tokio::test]
async fn files_of_what_is_refused_are_removed_at_once() -> Tested {
    let i = Instance::with(Limits {
        attachment_bytes: 1000,
        reports_per_address_hour: 1,
        ..Limits::default()
    })
    .await?;
    let reporter = reported(&i, &[("a.txt", b"a")]).await?;
    assert_eq!(lying(&i)?, 1);
    let file: (&str, &[u8]) = ("b.txt", b"b");
    let good = form(BOUNDARY, &[report()], &[file]);
    let cut = good.split_at(good.len() - 4).0.to_vec();
    let foreign = json!({"form": {"product": "p", "description": "d"}, "source": "internal"});
    for (path, who, body, status) in [
        ("/reports", None, good.clone(), 429),
        ("/reports", None, cut, 400),
        (
            "/reports",
            None,
            form(BOUNDARY, &[report()], &[file, ("c", &[7; 1001])]),
            413,
        ),
        ("/reports", None, form(BOUNDARY, &[json!({})], &[file]), 422),
        ("/reports", None, form(BOUNDARY, &[foreign], &[file]), 400),
        ("/reports", None, form(BOUNDARY, &[], &[file]), 400),
        (
            "/reports/thread",
            Some(&reporter),
            form(BOUNDARY, &[json!({"body": ""})], &[file]),
            422,
        ),
    ] {
        let answer = send(&i, path, who.map(String::as_str), body).await?;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        assert_eq!(lying(&i)?, 1, "{status}");
    }
    // The page has fields instead of the document.
    let field = |name: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nx\r\n")
    };
    let files = form(BOUNDARY, &[], &[file]);
    for (fields, status) in [
        (String::new(), 422),
        (field("product") + &field("description"), 429),
    ] {
        let mut body = fields.into_bytes();
        body.extend_from_slice(&files);
        let request = Request::post("/report")
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .body(Body::from(body))?;
        assert_eq!(i.ask(request).await?.status.as_u16(), status);
        assert_eq!(lying(&i)?, 1, "{status}");
    }
    Ok(())
}
