//! Who is at the other end, as far as limits need to know: a keyed hash of the address.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use entente_service::{App, ClientHint};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Reverse proxies whose forwarded address is believed.
#[derive(Clone, Debug)]
pub struct TrustedProxies(pub Arc<Vec<IpAddr>>);

/// The client, as a keyed hash. The address is dropped at once.
#[derive(Clone, Copy, Debug)]
pub struct Client(ClientHint);

impl Client {
    /// What the limits count by.
    pub fn hint(&self) -> ClientHint {
        self.0
    }
}

/// The address that counts: the peer's, or, from a trusted proxy, the last forwarded one that is
/// no proxy itself.
fn address(parts: &Parts) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip());
    let Some(trusted) = parts.extensions.get::<TrustedProxies>() else {
        return peer;
    };
    if !trusted.0.contains(&peer) {
        return peer;
    }
    parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|a| a.trim().parse::<IpAddr>().ok())
        .rfind(|a| !trusted.0.contains(a))
        .unwrap_or(peer)
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(app.client_hint(address(parts))))
    }
}
