//! The dissector for Wireshark shows what `palabre decode` says of the same bytes.
//!
//! In: every message that the specifications work out, every one a fuzzer has found worth keeping, all of them cut and
//! changed; noise. Out: what tshark shows, compared. Where tshark is not installed there is nothing to compare, and a line
//! on standard error says so; `PALABRE_WIRESHARK=required` makes that a failure.

mod compare;
mod golden;
mod links;
mod noise;
mod packets;
mod shark;
mod texts;

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};

use palabre::dialect::msp::{Body, DirectoryEntry, Event, Message, Name};
use palabre::engine::{Dialect, Integrity};
use palabre::vocab::Mode;
use palabre::wire::trailer;
use serde_json::Value;

use compare::{compare, pieces};
use packets::{Packets, SERVER};
use shark::Told;

#[test]
fn every_datagram_is_shown_as_decode_tells_it() {
    if !shark::is_here() {
        return;
    }
    for dialect in [Dialect::Msp, Dialect::Shen] {
        let all = datagrams(dialect);
        assert!(all.len() > 1_000, "{}", all.len());
        let capture = save(dialect, &all, "datagrams.pcap");
        compare_all(dialect, Integrity::None, &all, &shark::messages(&capture, &[]));
    }
}

#[test]
fn m16_a_checksum_is_shown_and_verified() {
    if !shark::is_here() {
        return;
    }
    for dialect in [Dialect::Msp, Dialect::Shen] {
        let mut all: Vec<Vec<u8>> = vec![vec![1], vec![1, 2, 3], vec![0; 4], vec![1; 5]];
        for message in vectors(dialect) {
            let sealed = [&*message, &trailer(&[&message])].concat();
            let mut broken = sealed.clone();
            if let Some(byte) = broken.last_mut() {
                *byte ^= 1;
            }
            all.extend([sealed, broken]);
        }
        let capture = save(dialect, &all, "checksums.pcap");
        let option = format!("palabre.{}.crc32:TRUE", dialect.name());
        compare_all(dialect, Integrity::Crc32, &all, &shark::messages(&capture, &["-o", &option]));
    }
}

#[test]
fn every_message_of_a_stream_is_shown_however_it_is_cut() {
    if !shark::is_here() {
        return;
    }
    let mut chance = fastrand::Rng::with_seed(5);
    let mut packets = Packets::default();
    let mut expected: Vec<(Dialect, SocketAddrV4, Vec<u8>)> = Vec::new();
    for (dialect, bytes) in streams(&mut chance) {
        let client = Packets::client(expected.len());
        let sizes: Vec<usize> = (0..64).map(|_| chance.usize(1..60)).collect();
        packets.stream(client, server(dialect), &bytes, &sizes);
        expected.push((dialect, client, bytes));
    }
    let mut told: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for message in shark::messages(&packets.save("streams.pcap"), &[]) {
        told.entry(message.way.0.clone()).or_default().push(message);
    }
    for (dialect, client, bytes) in expected {
        let key = format!("{} {}", client.ip(), client.port());
        let mut told = told.remove(&key).unwrap_or_default();
        // What cannot be read on is marked as such; it is no message.
        told.retain(|message| message.value("palabre.unread").is_none());
        let pieces = pieces(dialect, &bytes);
        assert_eq!(told.len(), pieces.len(), "{key}: {told:#?}\n{bytes:02x?}");
        for (piece, told) in pieces.into_iter().zip(&told) {
            compare(dialect, Integrity::None, piece, told);
        }
    }
}

/// Where a dialect is listened for.
pub(crate) fn server(dialect: Dialect) -> SocketAddrV4 {
    let port = match dialect {
        Dialect::Stumtp => 7400,
        Dialect::Msp => 7401,
        Dialect::Stories => 7402,
        Dialect::Shen => 7403,
        Dialect::Matou => 7404,
    };
    SocketAddrV4::new(SERVER, port)
}

fn save(dialect: Dialect, datagrams: &[Vec<u8>], name: &str) -> PathBuf {
    let mut packets = Packets::default();
    for datagram in datagrams {
        packets.datagram(Packets::client(0), server(dialect), datagram);
    }
    packets.save(&format!("{}-{name}", dialect.name()))
}

#[track_caller]
fn compare_all(dialect: Dialect, integrity: Integrity, datagrams: &[Vec<u8>], told: &[Told]) {
    assert_eq!(told.len(), datagrams.len());
    for (datagram, told) in datagrams.iter().zip(told) {
        compare(dialect, integrity, datagram, told);
    }
}

/// The messages that the specification of a dialect works out, good and bad. Wireshark shows nothing of an empty datagram.
pub(crate) fn vectors(dialect: Dialect) -> Vec<Vec<u8>> {
    let path = format!("spec/{}-vectors.json", dialect.name());
    let file = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the vectors");
    let Ok(Value::Object(lists)) = serde_json::from_slice(&file) else { panic!("the vectors are an object") };
    let entries = lists.values().filter_map(Value::as_array).flatten();
    let hex = entries.filter_map(|entry| entry["hex"].as_str());
    hex.map(from_hex).filter(|bytes| !bytes.is_empty()).collect()
}

fn from_hex(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("hex"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
}

/// Vectors, what fuzzing found, every cut of each, and some with a bit changed.
fn datagrams(dialect: Dialect) -> Vec<Vec<u8>> {
    let mut whole = vectors(dialect);
    if dialect == Dialect::Msp {
        whole.extend(without_vectors());
    }
    let corpus = format!("fuzz/corpus/{}_decode", dialect.name());
    let corpus = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(corpus)).expect("a corpus");
    let mut files: Vec<PathBuf> = corpus.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    whole.extend(files.iter().map(|path| std::fs::read(path).expect("a file")));
    whole.retain(|bytes| (1..=1_400).contains(&bytes.len()));
    let mut all = whole.clone();
    for bytes in &whole {
        let step = bytes.len().div_ceil(12).max(1);
        all.extend((1..bytes.len()).step_by(step).filter_map(|len| Some(bytes.get(..len)?.to_vec())));
        for bit in (0..bytes.len() * 8).step_by(7 * step) {
            let mut bytes = bytes.clone();
            if let Some(byte) = bytes.get_mut(bit / 8) {
                *byte ^= 0x80 >> (bit % 8);
            }
            all.push(bytes);
        }
    }
    all
}

/// The types of MSP that have no vector.
fn without_vectors() -> Vec<Vec<u8>> {
    let name = |name| Name::new(name).expect("a name");
    let events = [
        Event::Joined { id: 3, address: "192.0.2.7:4242".parse().expect("an address"), user: name("bob") },
        Event::Left { id: 3, user: name("bob") },
        Event::Closed { room: name("salle à manger") },
        Event::ModeChanged(Mode::Direct),
        Event::Renamed { room: name("lol") },
        Event::Declined { user: name("bob") },
        Event::Stopping,
    ];
    let entries = ["alice", "bob", ""].map(|user| DirectoryEntry { id: 7, user: name(user) });
    let capabilities = [0, 1, 2, 4, 8, 0x0f, 0x10, 0xfff1, 0xffff];
    let hello = capabilities
        .map(|bits| Body::HelloReply { version: 1, capabilities: palabre::dialect::msp::Capabilities(bits) });
    let bodies = events.into_iter().map(Body::Notification).chain(hello).chain([
        Body::NotificationReply,
        Body::DirectoryReply(entries.to_vec()),
        Body::DirectoryReply(Vec::new()),
    ]);
    let mut messages = Vec::new();
    for (seq, body) in (9..).zip(bodies) {
        let mut bytes = Vec::new();
        Message { user: 0xff, seq, body }.encode(&mut bytes).expect("a message");
        messages.push(bytes);
    }
    messages
}

/// Streams of all dialects: all that is good in one, what is bad in streams of its own.
fn streams(chance: &mut fastrand::Rng) -> Vec<(Dialect, Vec<u8>)> {
    let mut all = Vec::new();
    for dialect in [Dialect::Matou, Dialect::Stories, Dialect::Stumtp] {
        let mut messages = vectors(dialect);
        messages.extend(texts::of(dialect));
        for message in &messages {
            all.push((dialect, message.clone()));
            for _ in 0..4 {
                all.push((dialect, changed(dialect, message, chance)));
            }
        }
        let is_good =
            |bytes: &&Vec<u8>| pieces(dialect, bytes).first().is_some_and(|first| first.len() == bytes.len());
        let of_form = |wanted: bool| {
            let form =
                messages.iter().filter(|bytes| bytes.first().is_some_and(u8::is_ascii_alphabetic) == wanted);
            form.filter(is_good).flatten().copied().collect::<Vec<u8>>()
        };
        if dialect == Dialect::Stories {
            all.extend([(dialect, of_form(true)), (dialect, of_form(false))]);
        } else {
            all.push((dialect, messages.iter().filter(is_good).flatten().copied().collect()));
        }
    }
    all
}

/// A message with some bytes changed, and its length made right again where it has one.
fn changed(dialect: Dialect, message: &[u8], chance: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = message.to_vec();
    for _ in 0..chance.usize(1..4) {
        let at = chance.usize(0..bytes.len());
        let interesting = b"\0\x01\x02\x03\x06 \"|\\{}\n\xc3\xff0A";
        match chance.u8(0..3) {
            0 => bytes.insert(at, *chance.choice(interesting).expect("bytes")),
            1 if bytes.len() > 1 => _ = bytes.remove(at),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = chance.u8(..)),
        }
    }
    match dialect {
        Dialect::Stories => framed(message.get(4..).map_or(&bytes, |_| bytes.get(4..).unwrap_or(&bytes))),
        Dialect::Stumtp => [&*bytes, b"\x03"].concat(),
        _ => bytes,
    }
}

pub(crate) fn framed(text: &[u8]) -> Vec<u8> {
    [&u32::try_from(text.len()).expect("a length").to_be_bytes(), text].concat()
}
