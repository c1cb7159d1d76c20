//! Where a sign-in comes from, for counting attempts.

use actix_web::HttpRequest;
use std::net::{IpAddr, Ipv6Addr};

/// The address of who sent a request, as [`client_address`] reads it.
pub fn address_of(request: &HttpRequest) -> String {
    let forwarded = request.headers().get_all("x-forwarded-for").last().and_then(|value| value.to_str().ok());
    client_address(request.peer_addr().map(|peer| peer.ip()), forwarded)
}

/// The address under which attempts are counted: the peer, or, where the peer is a proxy on this machine, the one that
/// the proxy saw (the last entry of `X-Forwarded-For`; what stands before it anyone can write). Of an IPv6 address it
/// is the network, since whoever has one address has the whole /64.
fn client_address(peer: Option<IpAddr>, forwarded: Option<&str>) -> String {
    let behind_proxy = peer.is_some_and(|peer| peer.to_canonical().is_loopback());
    let seen = forwarded.filter(|_| behind_proxy).and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    match seen.or(peer).map(|address: IpAddr| address.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        Some(address) => address.to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        for (peer, forwarded, expected) in [
            ("198.51.100.7", None, "198.51.100.7"),
            ("198.51.100.7", Some("203.0.113.9"), "198.51.100.7"),
            ("127.0.0.1", Some("203.0.113.9"), "203.0.113.9"),
            ("127.0.0.1", Some("10.0.0.1, 203.0.113.9"), "203.0.113.9"),
            ("::1", Some("203.0.113.9"), "203.0.113.9"),
            ("::ffff:127.0.0.1", Some("203.0.113.9"), "203.0.113.9"),
            ("127.0.0.1", Some("somewhere"), "127.0.0.1"),
            ("127.0.0.1", None, "127.0.0.1"),
            ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::"),
            ("127.0.0.1", Some("2001:db8:1:2:ffff::1"), "2001:db8:1:2::"),
        ] {
            assert_eq!(client_address(peer.parse().ok(), forwarded), expected, "{peer} {forwarded:?}");
        }
        assert_eq!(client_address(None, None), "unknown");
    }
}
