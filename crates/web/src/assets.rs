//! Style and script, built in, under addresses that change with their content.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The route of the assets.
pub const PATH: &str = "/assets/{name}";

const FILES: [(&str, &str, &str, &[u8]); 3] = [
    (
        "entente",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/css/entente.css"),
    ),
    (
        "console",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/js/console.js"),
    ),
    (
        "mark",
        "svg",
        "image/svg+xml",
        include_bytes!("../assets/img/mark.svg"),
    ),
];

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(stem, suffix, _, bytes)| {
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
            format!("{stem}-{}.{suffix}", hash.get(..12).unwrap_or_default())
        })
        .collect()
});

fn url(index: usize) -> String {
    format!(
        "/assets/{}",
        NAMES.get(index).map(String::as_str).unwrap_or_default()
    )
}

/// The address of the style sheet.
pub fn css() -> String {
    url(0)
}

/// The address of the console's script.
pub fn js() -> String {
    url(1)
}

/// The address of the mark, which is the icon too.
pub fn icon() -> String {
    url(2)
}

/// The address of the mark, as a picture on a page.
pub fn mark() -> String {
    icon()
}

/// Hands out an asset.
pub async fn serve(Path(name): Path<String>) -> Response {
    let found = NAMES
        .iter()
        .position(|n| *n == name)
        .and_then(|i| FILES.get(i));
    match found {
        Some((_, _, content_type, bytes)) => (
            [
                (header::CONTENT_TYPE, *content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            *bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
