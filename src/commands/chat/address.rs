//! From what people write to where the server is.
//!
//! In: `HOST[:PORT]`, the port of those who named none. Out: a socket address, or why there is none. Must not know what is
//! spoken there.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

/// A host and a port, not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    port: Option<u16>,
}

/// Reads `host`, `host:port`, `192.0.2.1:7401`, `::1` or `[::1]:7401`.
pub(super) fn place(text: &str) -> Result<Place, String> {
    let (host, port) = if text.parse::<IpAddr>().is_ok() {
        (text, None)
    } else if let Some((host, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if rest.is_empty() => (host, None),
            None => return Err("after the ']' comes ':' and a port".into()),
        }
    } else {
        text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    if host.is_empty() {
        return Err("it has no host: write HOST or HOST:PORT".into());
    }
    let port = match port {
        None => None,
        Some(port) => match port.parse() {
            Ok(port @ 1..) => Some(port),
            _ => return Err(format!("{port:?} is no port: write a number from 1 to 65535")),
        },
    };
    Ok(Place { host: host.into(), port })
}

impl Place {
    /// Looks the host up. A host with both kinds of address is reached over IPv4, the one in which members of
    /// decentralised rooms reach each other (M11).
    pub(super) fn resolve(&self, usual_port: u16) -> Result<SocketAddr, String> {
        let found: Vec<_> = (self.host.as_str(), self.port.unwrap_or(usual_port))
            .to_socket_addrs()
            .map_err(|error| format!("cannot find the host {}: {error}", self.host))?
            .collect();
        let best = found.iter().find(|address| address.is_ipv4()).or_else(|| found.first());
        let best = best.copied().ok_or_else(|| format!("the host {} has no address", self.host))?;
        // A server may listen there, but its answers come from another address.
        if best.ip().is_unspecified() {
            return Err(format!("{} is no host: name one, such as 127.0.0.1 for this machine", self.host));
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_with_or_without_a_port() {
        for (text, host, port) in [
            ("example.org", "example.org", None),
            ("example.org:7", "example.org", Some(7)),
            ("192.0.2.1", "192.0.2.1", None),
            ("192.0.2.1:65535", "192.0.2.1", Some(65_535)),
            ("::1", "::1", None),
            ("[::1]", "::1", None),
            ("[2001:db8::1]:7402", "2001:db8::1", Some(7402)),
        ] {
            assert_eq!(place(text), Ok(Place { host: host.into(), port }), "{text}");
        }
        for text in ["", ":7401", "host:", "host:0", "host:65536", "host:chat", "[::1]7401", "[]:1", "::1:x"]
        {
            assert!(place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_needs_no_look_up() {
        let resolved = place("[::1]:5").and_then(|place| place.resolve(7));
        assert_eq!(resolved, Ok(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 5))));
        let usual = place("127.0.0.1").and_then(|place| place.resolve(7));
        assert_eq!(usual, Ok(SocketAddr::from(([127, 0, 0, 1], 7))));
    }

    #[test]
    fn where_servers_listen_on_all_addresses_is_no_place_to_go() {
        for text in ["0.0.0.0", "[::]:7401"] {
            assert!(place(text).and_then(|place| place.resolve(7)).is_err(), "{text}");
        }
    }
}
