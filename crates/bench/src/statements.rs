//! Statements of one request, counted in this process on the same router and the same data.

use crate::client::Request;
use crate::process;
use anyhow::Context;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http;
use entente_service::App;
use entente_store::statements_executed;
use http_body_util::BodyExt;
use std::net::SocketAddr;
use std::time::Duration;
use tower::ServiceExt;

/// Processor time of this process for one request, without what the background does after its
/// answer: nothing runs the jobs here.
pub(crate) async fn cpu_of_answers(
    app: &App,
    many: u32,
    request: impl Fn(u32) -> Request,
) -> anyhow::Result<Duration> {
    let router =
        entente_web::server::router(app.clone(), entente_web::server::WebConfig::default());
    let me = std::process::id();
    let before = process::cpu(me, false);
    for n in 0..many {
        let answer = router.clone().oneshot(built(&request(n))?).await?;
        anyhow::ensure!(answer.status().is_success(), "answered {}", answer.status());
    }
    Ok((process::cpu(me, false) - before) / many)
}

fn built(request: &Request) -> anyhow::Result<http::Request<Body>> {
    let mut built = http::Request::builder()
        .method(request.method)
        .uri(&request.path)
        .header("host", "127.0.0.1");
    for (name, value) in &request.headers {
        built = built.header(*name, value);
    }
    let mut built = built.body(Body::from(request.body.clone()))?;
    built
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
    Ok(built)
}

/// Statements that a request runs, after a first one has filled the caches.
pub(crate) async fn of(app: &App, request: &Request) -> anyhow::Result<u64> {
    let router =
        entente_web::server::router(app.clone(), entente_web::server::WebConfig::default());
    let mut counted = 0;
    for _ in 0..2 {
        let before = statements_executed();
        let answer = router.clone().oneshot(built(request)?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await.context("reading")?;
        counted = statements_executed() - before;
        anyhow::ensure!(
            status.is_success(),
            "{} {} answered {status}: {}",
            request.method,
            request.path,
            String::from_utf8_lossy(&body.to_bytes())
        );
    }
    Ok(counted)
}
