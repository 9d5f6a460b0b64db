//! `palabre replay --check`: what the real server has captured, and what somebody has changed.
#![expect(clippy::disallowed_types, reason = "people with real sockets")]

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::program::{Ended, Program};

const LIMIT: Duration = Duration::from_secs(20);

/// A directory of its own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("palabre-check-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory for the test");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a name in UTF-8").into()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Somebody of MSP and somebody of Stories come, something is said, the server is stopped.
fn captured(file: &str, seed: &str) {
    let program = Program::start(&[
        "serve",
        "--listen",
        "msp=127.0.0.1:0",
        "--listen",
        "stories=127.0.0.1:0",
        "--capture",
        file,
        "--seed",
        seed,
    ]);
    let address = || program.line().rsplit(' ').next().and_then(|it| it.parse().ok()).expect("an address");
    let (msp, stories): (SocketAddr, SocketAddr) = (address(), address());
    let alice = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    alice.set_read_timeout(Some(LIMIT)).expect("a limit");
    alice.connect(msp).expect("an address");
    let mut ann = TcpStream::connect(stories).expect("a connection");
    ann.write_all(b"\0\0\0\x09LOGIN|ann").expect("it takes that");
    let mut answer = [0; 1_500];
    // CONNEXION "alice", and again: it is answered twice.
    let hello = alice_hello();
    for _ in 0..2 {
        alice.send(&hello).expect("it goes");
        let length = alice.recv(&mut answer).expect("an answer");
        assert!(length >= 4);
    }
    ann.write_all(b"\0\0\0\x0fMSG|to be heard").expect("it takes that");
    // An answer that comes twice, and who has come, may stand before it.
    while alice.recv(&mut answer).expect("what ann has said") < 14 {}
    program.signal("TERM");
    assert_eq!(program.end().code, Some(0));
}

fn alice_hello() -> Vec<u8> {
    use palabre::dialect::msp::{Body, Message, Name};
    let mut bytes = Vec::new();
    let hello = Message { user: 0, seq: 1, body: Body::Connect { name: Name::new("alice") } };
    hello.encode(&mut bytes).expect("it is short");
    bytes
}

fn check(arguments: &[&str]) -> Ended {
    Program::start(&[&["replay", "--check"], arguments].concat()).end()
}

/// Flips a bit of the last place where `part` stands.
fn damage(file: &str, part: &[u8], to: &str) {
    let mut bytes = fs::read(file).expect("the capture");
    let at = bytes.windows(part.len()).rposition(|found| found == part).expect("it is there");
    let last = bytes.get_mut(at + part.len() - 1).expect("it has an end");
    *last ^= 1;
    fs::write(to, bytes).expect("another file");
}

#[test]
fn what_the_server_has_captured_is_equal_and_says_so_in_a_line() {
    let folder = Folder::new("equal");
    let file = folder.file("talk.pcapng");
    captured(&file, "0x1234");
    let ended = check(&[&file]);
    assert_eq!((ended.code, ended.out.len()), (Some(0), 1), "{ended:?}");
    assert!(
        ended.out.iter().all(|line| line.starts_with("equal: ") && line.contains(" outputs, over ")),
        "{ended:?}"
    );
    let ended = check(&["--json", &file]);
    let line: serde_json::Value =
        ended.out.first().and_then(|line| serde_json::from_str(line).ok()).expect("JSON");
    assert_eq!(line.get("verdict").and_then(|it| it.as_str()), Some("equal"), "{ended:?}");
    assert!(line.get("packets").and_then(serde_json::Value::as_u64) > Some(10), "{ended:?}");
}

#[test]
fn what_was_changed_is_shown_beside_what_the_server_says() {
    let folder = Folder::new("different");
    let (file, changed) = (folder.file("talk.pcapng"), folder.file("changed.pcapng"));
    captured(&file, "5");
    damage(&file, b"to be heard", &changed);
    let ended = check(&[&changed]);
    let told = ended.out.join("\n");
    // What ann has said was changed, so what the server says to it is something else.
    assert_eq!(ended.code, Some(1), "{told}");
    assert!(told.starts_with("different at packet "), "{told}");
    assert!(told.contains("the server says") && told.contains("the capture has"), "{told}");
    assert!(
        told.lines().any(|line| line.starts_with("* CHAT ") && line.contains("\"to be heard\"")),
        "{told}"
    );
    let ended = check(&["--json", &changed]);
    let line: serde_json::Value =
        ended.out.first().and_then(|line| serde_json::from_str(line).ok()).expect("JSON");
    assert_eq!(line.get("verdict").and_then(|it| it.as_str()), Some("different"), "{ended:?}");
    let rows = line.get("rows").and_then(|rows| rows.as_array()).expect("rows");
    assert!(rows.iter().any(|row| row.get("differs") == Some(&true.into())), "{ended:?}");
    assert_eq!(ended.code, Some(1));
}

#[test]
fn what_cannot_be_checked_is_neither_equal_nor_different() {
    let folder = Folder::new("unchecked");
    let (file, cut) = (folder.file("talk.pcapng"), folder.file("cut.pcapng"));
    captured(&file, "5");
    let bytes = fs::read(&file).expect("the capture");
    fs::write(&cut, bytes.get(..bytes.len() - 3).expect("it is long")).expect("another file");
    let ended = check(&[&cut]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.out.iter().any(|line| line.starts_with("cannot be checked: ")), "{ended:?}");
    let ended = check(&["--json", &cut]);
    assert!(ended.out.iter().any(|line| line.contains(r#""verdict":"unchecked""#)), "{ended:?}");

    let other = folder.file("other.pcap");
    fs::write(&other, b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0").expect("a file");
    let ended = check(&[&other]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.out.iter().any(|line| line.contains("no palabre wrote this capture")), "{ended:?}");
    let ended = check(&["--seed", "7", &other]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.out.iter().any(|line| line.contains("there is no packet of a port that is known")),
        "{ended:?}"
    );
    let ended = check(&["--seed", "7", &file]);
    assert!(ended.out.iter().any(|line| line.contains("leave --seed out")), "{ended:?}");
    for missing in [folder.file("nowhere"), Path::new("/").display().to_string()] {
        let ended = check(&[&missing]);
        assert_eq!((ended.code, ended.err.len()), (Some(2), 1), "{ended:?}");
    }
}

#[test]
fn a_capture_may_come_through_a_pipe() {
    let folder = Folder::new("pipe");
    let file = folder.file("talk.pcapng");
    captured(&file, "5");
    let capture = fs::read(&file).expect("the capture");
    let ended = Program::start_with(&["replay", "--check", "-"], &capture).end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn captures_by_others_may_be_in_several_files_of_the_older_kind() {
    let folder = Folder::new("several");
    let empty = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0";
    let files = ["first.pcap", "second.pcap"].map(|name| folder.file(name));
    for file in &files {
        fs::write(file, empty).expect("a file");
    }
    let ended = check(&["--seed", "7", &files[0], &files[1]]);
    assert!(
        ended.out.iter().any(|line| line.contains("there is no packet of a port that is known")),
        "{ended:?}"
    );
}
