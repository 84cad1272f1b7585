//! Statements of one request, counted in this process on the same router and the same data.

use crate::client::Request;
use anyhow::Context;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http;
use entente_service::App;
use entente_store::statements_executed;
use http_body_util::BodyExt;
use std::net::SocketAddr;
use tower::ServiceExt;

/// Statements that a request runs, after a first one has filled the caches.
pub(crate) async fn of(app: &App, request: &Request) -> anyhow::Result<u64> {
    let router =
        entente_web::server::router(app.clone(), entente_web::server::WebConfig::default());
    let mut counted = 0;
    for _ in 0..2 {
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
        let before = statements_executed();
        let answer = router.clone().oneshot(built).await?;
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
