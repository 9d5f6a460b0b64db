//! `palabre replay`: what it prints of captures, good and bad, and its exit code.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use palabre::capture::{Event, FORMAT, Header, Seen, Writer};
use palabre::dialect::msp::{Body, Message, Name, RegisterStatus, Registration};
use palabre::engine::{Config, Dialect, Listener};
use serde_json::Value;

use crate::program::{Ended, Program};

const START: u64 = 1_700_000_000_123_456;

fn address(host: u8, port: u16) -> SocketAddr {
    (IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)), port).into()
}

fn alice() -> SocketAddr {
    address(1, 40_001)
}

fn said(user: u8, seq: u16, body: Body<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    Message { user, seq, body }.encode(&mut bytes).expect("it can be encoded");
    bytes
}

/// A capture being made: what a server at these addresses sees and says.
struct Made {
    writer: Writer<Vec<u8>>,
    server: SocketAddr,
}

impl Made {
    fn new(server: SocketAddr, dialect: Dialect, part: u32) -> Self {
        let header = Header {
            palabre: "0.1.0".into(),
            format: FORMAT,
            part,
            seed: 1,
            origin: START,
            addresses: vec![server],
            config: Config::new(vec![Listener::of(dialect)]),
            names: BTreeMap::new(),
            files: 0,
        };
        Self { writer: Writer::new(Vec::new(), &header).expect("memory"), server }
    }

    fn event(&mut self, after: u64, seen: Seen, comments: &[&str]) {
        let comments = comments.iter().map(|comment| (*comment).to_owned()).collect();
        let event = Event { packet: 0, at: START + after, comments, seen };
        self.writer.write(&event).expect("memory");
    }

    fn asks(&mut self, after: u64, from: SocketAddr, bytes: Vec<u8>, comments: &[&str]) {
        let to = self.server;
        self.event(after, Seen::Datagram { from, to, bytes, missing: 0 }, comments);
    }

    fn says(&mut self, after: u64, to: SocketAddr, bytes: Vec<u8>) {
        let from = self.server;
        self.event(after, Seen::Datagram { from, to, bytes, missing: 0 }, &[]);
    }

    fn end(self) -> Vec<u8> {
        self.writer.finish(0).expect("memory")
    }
}

/// Alice comes, says something that is lost at first, and something that cannot be read.
fn conversation(server: SocketAddr) -> Vec<u8> {
    let mut made = Made::new(server, Dialect::Msp, 1);
    made.asks(0, alice(), said(0, 1, Body::Connect { name: Name::new("alice") }), &[]);
    let status = Registration::Registered { status: RegisterStatus::Accepted, id: 1 };
    made.says(0, alice(), said(255, 1, Body::ConnectReply(status)));
    made.event(0, Seen::Note("event \"alice\" has come".into()), &[]);
    let text = said(1, 2, Body::Text { text: "l'été\u{1b}[2J".into(), order: None });
    made.asks(10_000, alice(), text.clone(), &["peer alice"]);
    made.asks(110_000, alice(), text, &["peer alice"]);
    made.event(110_500, Seen::Note("timer".into()), &[]);
    made.says(111_000, alice(), said(255, 2, Body::TextReply));
    let bad = [said(1, 3, Body::TextReply), vec![0]].concat();
    made.asks(200_000, alice(), bad, &["peer alice", "dropped: malformed response"]);
    made.end()
}

fn replay(arguments: &[&str], input: &[u8]) -> Ended {
    Program::start_with(&[&["replay"], arguments].concat(), input).end()
}

/// A file of this test's own.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{name}"));
    fs::write(&path, bytes).expect("a file");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours")
}

#[test]
fn a_capture_is_told_line_by_line() {
    let ended = replay(&["-"], &conversation(address(9, 9_000)));
    let told = "\
standard input: 2023-11-14 22:13:20.123456 UTC, by palabre 0.1.0, part 1
    1   0.000000 » 192.0.2.1:40001 → server  CONNEXION  ID_USER 0  NUM_SEQ 1  USER_NAME \"alice\"
    2   0.000000 ✓     server → alice        REPONSE_CONNEXION  ID_USER 255  NUM_SEQ 1
                                               STATUT_INSCRIPTION 0 accepted  ID_USER 1  ← 1 in 0 µs
    3   0.000000 · server: \"alice\" has come
    4   0.010000 »      alice → server       TEXTE  ID_USER 1  NUM_SEQ 2  CHAT \"l'été\\u{1b}[2J\"
    5   0.110000 ↻      alice → server       TEXTE  NUM_SEQ 2  4 again, try 2, +100 ms
    7   0.111000 ✓     server → alice        REPONSE_TEXTE  ID_USER 255  NUM_SEQ 2
                                               ← 4 in 101 ms, 2 tries
    8   0.200000 !      alice → server       REPONSE_TEXTE  ID_USER 1  NUM_SEQ 3
                                               answers nothing that was seen
                                               malformed: at bit 29, ";
    let end = ended.out.iter().position(|line| line.is_empty()).expect("an empty line");
    let shown = ended.out[..end].join("\n");
    assert!(shown.starts_with(told), "{shown}");
    assert!(shown.ends_with("dropped: malformed response"), "{shown}");
    assert_eq!((ended.code, ended.err), (Some(0), vec![]));
    assert!(ended.out.iter().all(|line| line.chars().count() <= 100), "{:#?}", ended.out);
    let summary = ended.out[end + 1..].join("\n");
    assert!(summary.starts_with("summary: 200 ms, packets: 6 UDP, 0 TCP\nmsp "), "{summary}");
    let row = "\nalice                 →        4        2       3  33 %      0    0 µs    0 µs  0µs █ 8µs\n";
    assert!(summary.contains(row), "{summary}");
}

#[test]
fn who_is_refused_a_connection_is_told_and_has_no_row() {
    let mut made = Made::new(address(9, 7_404), Dialect::Matou, 1);
    let (from, to) = (alice(), made.server);
    made.event(0, Seen::Opened { from, to }, &[]);
    made.event(1, Seen::Reset { from: to, to: from }, &[]);
    let told = replay(&["-"], &made.end()).out.join("\n");
    assert!(told.contains("opens a connection (matou)") && told.contains("at once\n\nsummary: "), "{told}");
    assert!(!told.contains("round trips"), "{told}");
}

#[test]
fn of_what_has_no_name_the_field_is_told_that_would_name_it() {
    let mut made = Made::new(address(9, 7_402), Dialect::Stories, 1);
    let (from, to) = (alice(), made.server);
    made.event(0, Seen::Opened { from, to }, &[]);
    made.event(1, Seen::Bytes { from, to, bytes: b"NONSENSE\nLOGIN|alice\n".into(), pushed: true }, &[]);
    let told = replay(&["-"], &made.end()).out.join("\n");
    assert!(told.contains("?  COMMAND \"NONSENSE\"\n") && told.contains("LOGIN  \"alice\"\n"), "{told}");
}

#[test]
fn lines_have_their_columns_however_many_packets_there_were() {
    let mut made = Made::new(address(9, 7_401), Dialect::Msp, 1);
    for after in 0..100_000 {
        made.event(after, Seen::Note("timer".into()), &[]);
    }
    made.asks(200_000, alice(), said(1, 1, Body::Text { text: "x".repeat(99).into(), order: None }), &[]);
    let told = replay(&["-"], &made.end()).out;
    assert!(told.iter().any(|line| line.starts_with("100001   0.200000 »")), "{told:#?}");
    assert!(told.iter().all(|line| line.chars().count() <= 100), "{told:#?}");
}

#[test]
fn with_full_nothing_is_cut_and_what_is_quiet_is_shown() {
    let long = "x".repeat(3_000);
    let mut made = Made::new(address(9, 7_401), Dialect::Msp, 1);
    made.asks(0, alice(), said(1, 1, Body::Text { text: long.as_str().into(), order: None }), &[]);
    made.event(1, Seen::Note("timer".into()), &[]);
    let bytes = made.end();
    let plain = replay(&["-"], &bytes).out.join("\n");
    assert!(plain.contains("xxxx…\"") && !plain.contains("timer"), "{plain}");
    let full = replay(&["--full", "-"], &bytes).out.join("\n");
    assert!(full.contains(&format!("CHAT \"{long}\"")) && full.contains("server: timer"), "{full}");
}

#[test]
fn with_json_each_line_is_an_object_and_fields_are_those_of_decode() {
    let ended = replay(&["--json", "-"], &conversation(address(9, 9_000)));
    let lines: Vec<Value> =
        ended.out.iter().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().expect("a kind")).collect();
    let said = "message";
    assert_eq!(kinds, ["file", said, said, "note", said, said, "note", said, said, "summary"]);
    let text = &lines[4];
    assert_eq!((&text["from"]["name"], &text["to"]["role"]), (&"alice".into(), &"server".into()));
    let hex: String = said_hex();
    let decoded = Program::start(&["decode", "--protocol", "msp", "--json", &hex]).end();
    let decoded: Value = serde_json::from_str(&decoded.out[0]).expect("an object");
    for key in ["message", "fields", "error"] {
        assert_eq!(text[key], decoded[key], "{key}");
    }
    assert_eq!(lines[5]["marks"][0]["mark"], "again");
    assert_eq!(lines[7]["marks"][0]["tries"], 2);
    assert_eq!(lines[8]["comments"][1], "dropped: malformed response");
    let summary = &lines[9];
    assert_eq!((&summary["packets"]["udp"], &summary["peers"][0]["name"]), (&6.into(), &"alice".into()));
    assert!(ended.out.iter().all(|line| line.is_ascii()));
}

fn said_hex() -> String {
    let text = said(1, 2, Body::Text { text: "l'été\u{1b}[2J".into(), order: None });
    text.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn several_files_are_parts_of_one_capture() {
    let server = address(9, 9_000);
    let mut next = Made::new(server, Dialect::Msp, 2);
    next.says(300_000, alice(), said(9, 1, Body::Text { text: "encore".into(), order: None }));
    let (one, two) = (file("one.pcapng", &conversation(server)), file("two.pcapng", &next.end()));
    let ended = replay(&[text(&one), text(&two)], b"");
    let shown = ended.out.join("\n");
    assert!(shown.contains(", by palabre 0.1.0, part 2\n    9   0.300000 »     server → alice "), "{shown}");
    assert_eq!(ended.code, Some(0));
}

#[test]
fn a_port_can_be_mapped_to_what_is_spoken_there() {
    let other = conversation(address(9, 9_000));
    // Without its sections palabre's own words are gone: as another tool would have written it.
    let plain = as_pcap(&other);
    let ended = replay(&["-"], &plain);
    assert_eq!(ended.code, Some(1));
    assert_eq!(
        ended.err,
        ["palabre: there is nothing to tell: no packet of a port that is known (see --map)"]
    );
    let ended = replay(&["--map", "9000=msp", "-"], &plain);
    assert_eq!(ended.code, Some(0));
    assert!(ended.out.iter().any(|line| line.contains("alice → server       TEXTE")), "{:#?}", ended.out);
    for wrong in ["9000", "9000=tls", "0=msp"] {
        assert_eq!(replay(&["--map", wrong, "-"], b"").code, Some(2), "{wrong}");
    }
}

/// The datagrams of a capture in a file of the older kind, which says nothing about who wrote it.
fn as_pcap(capture: &[u8]) -> Vec<u8> {
    let mut reader = palabre::capture::Reader::open(capture).expect("a capture");
    let mut out: Vec<u8> = [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 65_535, 101]
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect();
    while let Some(event) = reader.next().expect("a capture") {
        let Seen::Datagram { from: SocketAddr::V4(from), to: SocketAddr::V4(to), bytes, .. } = event.seen
        else {
            continue;
        };
        let length = u16::try_from(bytes.len()).expect("short");
        let mut packet = vec![0x45, 0];
        packet.extend((length + 28).to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 17, 0, 0]);
        packet.extend(from.ip().octets().iter().chain(&to.ip().octets()));
        packet.extend([from.port(), to.port(), length + 8, 0].iter().flat_map(|word| word.to_be_bytes()));
        packet.extend(bytes);
        let size = u32::try_from(packet.len()).expect("short");
        let time = [event.at / 1_000_000, event.at % 1_000_000];
        let [seconds, micros] = time.map(|part| u32::try_from(part).expect("before 2106"));
        let words = [seconds, micros, size, size];
        out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        out.extend(packet);
    }
    out
}

#[test]
fn what_cannot_be_read_is_told_after_all_that_can() {
    let bytes = conversation(address(9, 9_000));
    let path = file("cut.pcapng", &bytes[..bytes.len() - 100]);
    let whole = file("whole.pcapng", &bytes);
    let ended = replay(&[text(&path), text(&whole)], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.iter().any(|line| line.contains("NUM_SEQ 2  CHAT")), "{:#?}", ended.out);
    assert!(ended.out.iter().any(|line| line.starts_with("summary: ")), "{:#?}", ended.out);
    assert_eq!(ended.err.len(), 1);
    let wanted = format!("palabre: {}: ", text(&path));
    assert!(ended.err[0].starts_with(&wanted) && ended.err[0].contains("at byte"), "{:?}", ended.err);
}

#[test]
fn what_is_no_capture_or_not_there_is_said_in_one_line() {
    for (arguments, input, code) in [
        (&["-"][..], &b"hello, world: not a capture"[..], 1),
        (&["/nonexistent.pcapng"], b"", 1),
        (&[], b"", 2),
    ] {
        let ended = replay(arguments, input);
        assert_eq!((ended.code, ended.out.len(), ended.err.len()), (Some(code), 0, 1), "{ended:?}");
    }
}

#[test]
fn who_reads_only_the_beginning_stops_it_quietly() {
    let mut made = Made::new(address(9, 7_401), Dialect::Msp, 1);
    for seq in 0..20_000 {
        made.asks(seq.into(), alice(), said(1, seq, Body::ListRooms), &[]);
    }
    let path = file("long.pcapng", &made.end());
    let line = format!("({} replay {}; echo $? >&2) | head -n 2", env!("CARGO_BIN_EXE_palabre"), text(&path));
    let output = Command::new("sh").args(["-c", &line]).output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "0\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);
}
