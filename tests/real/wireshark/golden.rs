//! The captures that are kept in `tests/captures/`, shown as `decode` tells them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;

use palabre::capture::{Reader, Seen};
use palabre::engine::{Dialect, Integrity};

use super::compare::{compare, pieces};
use super::shark::{self, Told};

#[test]
fn every_message_of_the_kept_captures_is_shown_as_decode_tells_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    if !folder.is_dir() || !shark::is_here() {
        return;
    }
    let mut captures: Vec<_> =
        std::fs::read_dir(folder).expect("captures").map(|e| e.expect("one").path()).collect();
    captures.retain(|path| path.extension().is_some_and(|extension| extension == "pcapng"));
    captures.sort();
    let messages: usize = captures.iter().map(|capture| check(capture)).sum();
    assert!(messages > captures.len(), "{messages} messages in {} captures", captures.len());
}

/// What a listener speaks, and what guards it, by its port.
type Ports = BTreeMap<u16, (Dialect, Integrity)>;

/// How many messages were compared.
fn check(path: &Path) -> usize {
    let (ports, ways) = read(path);
    let mut messages = 0;
    let guards: BTreeSet<bool> = ports.values().map(|(_, integrity)| is_guarded(*integrity)).collect();
    for is_guarded_run in guards {
        let options = options(&ports, &ways, is_guarded_run);
        let told = shark::messages(path, &options.iter().map(|option| &**option).collect::<Vec<_>>());
        let mut by_way: BTreeMap<(String, String), Vec<Told>> = BTreeMap::new();
        for message in told {
            if message.value("palabre.unread").is_none() && !message.protocol.ends_with(".note") {
                by_way.entry(message.way.clone()).or_default().push(message);
            }
        }
        for (way, parts) in &ways {
            let told = by_way.remove(way).unwrap_or_default();
            if parts.iter().all(|((_, integrity), _)| is_guarded(*integrity) == is_guarded_run) {
                same(path, parts, &told);
                messages += told.len();
            }
        }
        assert!(by_way.is_empty(), "{}: {by_way:?}", path.display());
    }
    messages
}

fn is_guarded(integrity: Integrity) -> bool {
    integrity == Integrity::Crc32
}

/// What was said one way: datagrams one by one, streams as a whole.
type Parts = Vec<((Dialect, Integrity), Vec<u8>)>;

fn same(path: &Path, parts: &Parts, told: &[Told]) {
    let expected: Vec<_> = parts
        .iter()
        .flat_map(|(speaks, bytes)| pieces(speaks.0, bytes).into_iter().map(|piece| (*speaks, piece)))
        .collect();
    assert_eq!(told.len(), expected.len(), "{}: {told:#?}", path.display());
    for (((dialect, integrity), piece), told) in expected.into_iter().zip(told) {
        compare(dialect, integrity, piece, told);
    }
}

/// Everything that was said, by who said it to whom.
type Ways = BTreeMap<(String, String), Parts>;

fn read(path: &Path) -> (Ports, Ways) {
    let mut reader = Reader::open(BufReader::new(File::open(path).expect("a capture"))).expect("a capture");
    let (mut ports, mut ways) = (Ports::new(), Ways::new());
    let mut open = BTreeSet::new();
    while let Some(event) = reader.next().expect("an event") {
        if let (true, Some(header)) = (ports.is_empty(), reader.header()) {
            let listeners = header.addresses.iter().zip(&header.config.listeners);
            ports = listeners
                .map(|(address, listener)| (address.port(), (listener.dialect, listener.integrity)))
                .collect();
        }
        let speaks = |from: SocketAddr, to: SocketAddr| {
            ports.get(&to.port()).or_else(|| ports.get(&from.port())).copied()
        };
        let way = |from: SocketAddr, to: SocketAddr| {
            (format!("{} {}", from.ip(), from.port()), format!("{} {}", to.ip(), to.port()))
        };
        match event.seen {
            Seen::Datagram { from, to, bytes, missing: 0 } if !bytes.is_empty() => {
                if let Some(speaks) = speaks(from, to) {
                    ways.entry(way(from, to)).or_default().push((speaks, bytes));
                }
            }
            Seen::Opened { from, to } => {
                open.remove(&way(from, to));
                open.remove(&way(to, from));
            }
            Seen::Bytes { from, to, bytes, .. } => {
                let Some(speaks) = speaks(from, to) else { continue };
                let parts = ways.entry(way(from, to)).or_default();
                if open.insert(way(from, to)) {
                    parts.push((speaks, Vec::new()));
                }
                if let Some((_, said)) = parts.last_mut() {
                    said.extend(bytes);
                }
            }
            _ => {}
        }
    }
    (ports, ways)
}

/// What tshark must be told: ports, guards. Ports of clients too: Wireshark asks first who owns the lower one of two, and
/// some that systems give to clients belong to other protocols.
fn options(ports: &Ports, ways: &Ways, is_guarded: bool) -> Vec<String> {
    let mut options = Vec::new();
    for ((from, _), parts) in ways {
        let port = from.rsplit(' ').next().and_then(|port| port.parse().ok()).expect("a port");
        if let Some(((dialect, _), _)) = parts.first().filter(|_| !ports.contains_key(&port)) {
            let transport = if dialect.is_streamed() { "tcp" } else { "udp" };
            options.extend(["-d".into(), format!("{transport}.port=={port},palabre.{}", dialect.name())]);
        }
    }
    for dialect in Dialect::ALL {
        let of_it = ports.iter().filter(|(_, (spoken, _))| *spoken == dialect);
        let listed: Vec<String> = of_it.map(|(port, _)| port.to_string()).collect();
        if !listed.is_empty() {
            options.extend(["-o".into(), format!("palabre.{}.ports:{}", dialect.name(), listed.join(","))]);
        }
        if is_guarded && !dialect.is_streamed() {
            options.extend(["-o".into(), format!("palabre.{}.crc32:TRUE", dialect.name())]);
        }
    }
    options
}
