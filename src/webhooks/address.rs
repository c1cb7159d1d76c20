//! Which addresses are called. A webhook's address is somebody's to choose: it must not lead into the network that this
//! program stands in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::http::Uri;

/// The most characters of an address.
pub const MOST_CHARACTERS: usize = 2000;

/// Which networks webhooks may lead into (`WEBHOOKS_PRIVATE_NETWORKS`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Networks {
    /// The public internet alone.
    #[default]
    Public,
    /// Private ones and this machine, too.
    All,
}

impl Networks {
    /// Whether this address may be called.
    pub fn take(self, ip: IpAddr) -> bool {
        self == Self::All || is_public(ip)
    }
}

/// Whether an address is one of the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = a == 0 || a >= 240 || (a, b, c) == (192, 0, 0) || (a == 198 && (18..20).contains(&b));
    !(shared
        || special
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // What stands for an IPv4 address is as public as that one.
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        [0, 0, 0, 0, 0, 0, ..] => false,
        // Only 2000::/3 is given out; of that, 2001::/23 and 2001:db8::/32 are not for everybody.
        [first, second, ..] => {
            (0x2000..0x4000).contains(&first)
                && !(first == 0x2001 && second < 0x0200)
                && !(first == 0x2001 && second == 0x0db8)
        }
    }
}

/// What is wrong with the address of a webhook, as a sentence.
pub fn check(url: &str, networks: Networks) -> Result<(), String> {
    if url.is_empty() {
        return Err("Enter the address that events are sent to, such as https://shop.example/hooks.".into());
    }
    if url.chars().count() > MOST_CHARACTERS {
        return Err("Use at most 2,000 characters.".into());
    }
    let malformed = || "Enter a whole address, such as https://shop.example/hooks.".to_owned();
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains('#') {
        return Err("Use an address without spaces, letters beyond ASCII and #.".into());
    }
    let uri: Uri = url.parse().map_err(|_| malformed())?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err("The address has to begin with http:// or https://, as https://shop.example/hooks does.".into());
    }
    let authority = uri.authority().ok_or_else(malformed)?;
    if authority.as_str().contains('@') {
        return Err("Leave the name and password out of the address: requests are signed instead.".into());
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let port = authority.as_str().get(authority.host().len()..).unwrap_or_default();
    let is_port = |text: &str| text.parse::<u16>().is_ok_and(|port| port > 0);
    if host.is_empty() || !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
        return Err(malformed());
    }
    let host = host.trim_end_matches('.');
    // Numbers that aren't written as addresses are: 127.1, 2130706433, 0x7f.1.
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_number = last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && host.parse::<IpAddr>().is_err() {
        return Err("Write the address by its name, or as four numbers such as 203.0.113.7.".into());
    }
    let local = host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    let private = host.parse::<IpAddr>().is_ok_and(|ip| !is_public(ip));
    if networks == Networks::Public && (local || private) {
        return Err(format!(
            "{host} lies in a private network, where nothing is sent to. Use a public address, or have WEBHOOKS_PRIVATE_NETWORKS=1 set for the program."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_called() {
        for (ip, public) in [
            ("93.184.215.14", true),
            ("1.1.1.1", true),
            ("172.32.0.1", true),
            ("100.128.0.1", true),
            ("127.0.0.1", false),
            ("127.8.8.8", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("198.18.0.1", false),
            ("198.51.100.1", false),
            ("2606:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("ff02::1", false),
            ("fec0::1", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::101:101", true),
            ("2002:7f00:1::1", false),
            ("2002:101:101::1", true),
        ] {
            let parsed: IpAddr = ip.parse().unwrap();
            assert_eq!(is_public(parsed), public, "{ip}");
            assert!(Networks::All.take(parsed));
            assert_eq!(Networks::Public.take(parsed), public, "{ip}");
        }
    }

    #[test]
    fn an_address_is_checked_before_it_is_saved() {
        let (nested, named) =
            (format!("http://{}.localhost/", "shop"), format!("https://{}@shop.example/", "user:secret"));
        let long = format!("https://shop.example/{}", "x".repeat(1980));
        for (url, public, all) in [
            ("https://shop.example/hooks?key=1", true, true),
            ("http://shop.example:8080", true, true),
            ("HTTPS://SHOP.EXAMPLE/", true, true),
            ("http://127.0.0.1:3000/", false, true),
            ("http://[::1]/", false, true),
            ("http://localhost/", false, true),
            ("https://shop9.example/", true, true),
            ("http://SHOP.LOCALHOST.example/", true, true),
            (nested.as_str(), false, true),
            ("", false, false),
            ("shop.example/hooks", false, false),
            ("//shop.example/hooks", false, false),
            ("ftp://shop.example/", false, false),
            ("javascript:alert(1)", false, false),
            (named.as_str(), false, false),
            ("https://shop.example/#part", false, false),
            ("https://shop.example/a b", false, false),
            ("https://shop.example/ö", false, false),
            ("https://shop.example:0/", false, false),
            ("https://shop.example:99999/", false, false),
            ("https://:80/", false, false),
            ("https:///hooks", false, false),
            (long.as_str(), false, false),
        ] {
            assert_eq!(check(url, Networks::Public).is_ok(), public, "{url}");
            assert_eq!(check(url, Networks::All).is_ok(), all, "{url}");
        }
        // This machine by other names.
        for (host, all) in
            [("localhost.", true), ("2130706433", false), ("127.1", false), ("0x7f.1", false), ("0", false)]
        {
            let url = format!("http://{host}/");
            assert!(check(&url, Networks::Public).is_err(), "{url}");
            assert_eq!(check(&url, Networks::All).is_ok(), all, "{url}");
        }
    }
}
