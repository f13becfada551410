//! Who is at the other end: the address of the connection, or the one that a trusted proxy says it speaks for.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client of a request, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

/// The client's address, if it was written down on the way in.
pub fn address_of(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<Client>().map(|client| client.0)
}

/// The networks of proxies whose word is taken for whom they speak.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// From networks and single addresses, separated by commas.
    ///
    /// # Errors
    /// The first that is neither.
    pub fn parse(list: &str) -> Result<Self, String> {
        let each = list.split(',').map(str::trim).filter(|network| !network.is_empty());
        let network = |text: &str| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(|_| address()).map_err(|_| text.to_owned())
        };
        each.map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Writes down in a request who its client is.
    pub fn note(&self, request: &mut Request) {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        if let Some(peer) = peer {
            let client = self.client(peer, request.headers());
            request.extensions_mut().insert(client);
        }
    }

    /// Each proxy adds to the right of `X-Forwarded-For` whom it was asked by. Read from the right, the first address
    /// that is no trusted proxy is the client: what stands left of it, the client may have written itself.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut client = peer.to_canonical();
        for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            let Ok(text) = value.to_str() else { break };
            for hop in text.rsplit(',') {
                if !self.trusts(client) {
                    return Client(client);
                }
                // what is no address was not written by a proxy that can be trusted
                let Some(address) = address(hop.trim()) else { return Client(client) };
                client = address;
            }
        }
        Client(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let plain = bare.parse::<IpAddr>().ok();
    plain.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip())).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = Proxies::parse(trusted).expect("networks");
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        proxies.client(peer.parse().expect("an address"), &headers).0.to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["10.0.0.1"]), "192.0.2.1");
    }

    #[test]
    fn a_proxy_says_for_whom_it_speaks() {
        let trusted = "10.0.0.0/8, 2001:db8:ffff::/48,192.0.2.9";
        for (forwarded, expected) in [
            (&[][..], "10.0.0.1"),
            (&["198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.5, 198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.5", "198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.5, 198.51.100.7, 10.1.2.3,192.0.2.9"], "198.51.100.7"),
            (&["203.0.113.5", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            (&["10.7.7.7, 10.1.2.3"], "10.7.7.7"),
            (&["198.51.100.7:4711"], "198.51.100.7"),
            (&["2001:db8::7"], "2001:db8::7"),
            (&["[2001:db8::7]:4711"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["203.0.113.5, 2001:db8:ffff::1"], "203.0.113.5"),
            (&["203.0.113.5, unknown"], "10.0.0.1"),
            (&["203.0.113.5, unknown, 10.1.2.3"], "10.1.2.3"),
            (&["::ffff:198.51.100.7"], "198.51.100.7"),
            (&[""], "10.0.0.1"),
        ] {
            assert_eq!(client(trusted, "::ffff:10.0.0.1", forwarded), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(Proxies::parse("10.0.0.0/8, proxy.example").err().as_deref(), Some("proxy.example"));
        assert!(Proxies::parse("10.0.0.0/33").is_err());
    }
}
