//! Who is at the other end, as far as limits need to know: a keyed hash of the address.

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use entente_service::{App, ClientHint};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
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

/// What one client is counted as: an IPv4 address also where it comes mapped into IPv6, and of an
/// IPv6 address its /64, because a line has at least that many addresses to itself.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let line = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(line))
        }
    }
}

/// The address that counts: the peer's, or, from a trusted proxy, the last forwarded one that is
/// no proxy itself.
fn address(parts: &Parts) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| {
            c.0.ip().to_canonical()
        });
    let Some(trusted) = parts.extensions.get::<TrustedProxies>() else {
        return peer;
    };
    let trusts = |a: &IpAddr| trusted.0.iter().any(|t| t.to_canonical() == *a);
    if !trusts(&peer) {
        return peer;
    }
    parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|a| a.trim().parse::<IpAddr>().ok())
        .map(|a| a.to_canonical())
        .rfind(|a| !trusts(a))
        .unwrap_or(peer)
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(app.client_hint(counted(address(parts)))))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use axum::http::Request;

    /// What a client at `peer` is counted as, behind the proxies `trusted`.
    fn count(peer: &str, forwarded: &[&str], trusted: &[&str]) -> IpAddr {
        let mut request = Request::new(());
        for f in forwarded {
            let value = f.parse().unwrap();
            request.headers_mut().append("x-forwarded-for", value);
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 40_000);
        request.extensions_mut().insert(ConnectInfo(peer));
        let trusted = trusted.iter().map(|t| t.parse().unwrap()).collect();
        request
            .extensions_mut()
            .insert(TrustedProxies(Arc::new(trusted)));
        let (parts, ()) = request.into_parts();
        counted(address(&parts))
    }

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ipv6_is_counted_by_its_line_and_mapped_ipv4_as_ipv4() {
        for (peer, line) in [
            ("2001:db8:1:2::1", "2001:db8:1:2::"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.8", "192.0.2.8"),
        ] {
            assert_eq!(count(peer, &[], &[]), at(line), "{peer}");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        let proxy = &["192.0.2.1", "2001:db8::1"];
        for (peer, forwarded, counts) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("192.0.2.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:192.0.2.1", &["198.51.100.1"], "198.51.100.1"),
            ("192.0.2.1", &["2001:db8:5:6:7::8"], "2001:db8:5:6::"),
            (
                "192.0.2.1",
                &["203.0.113.5, 198.51.100.1, 2001:db8::1"],
                "198.51.100.1",
            ),
            (
                "192.0.2.1",
                &["198.51.100.1", "::ffff:198.51.100.2"],
                "198.51.100.2",
            ),
            ("192.0.2.1", &["unknown"], "192.0.2.1"),
        ] {
            assert_eq!(
                count(peer, forwarded, proxy),
                at(counts),
                "{peer} {forwarded:?}"
            );
        }
    }
}
