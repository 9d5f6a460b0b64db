//! Chatting over TCP through pipes: talk, files, votes, direct connections, lost servers.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::program::Program;
use crate::talker::Talker;

fn serve(dialect: &str) -> (Program, SocketAddr) {
    let program = Program::start(&["serve", "--listen", &format!("{dialect}=127.0.0.1:0")]);
    let line = program.line();
    let address = line.strip_prefix(&format!("listening {dialect} ")).and_then(|at| at.parse().ok());
    (program, address.expect("a ready line"))
}

fn stories(server: SocketAddr, name: &str) -> Talker {
    Talker::with(server, name, &["--protocol", "stories"])
}

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("chat-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn b2_what_one_types_another_reads_line_by_line_whatever_is_in_it() {
    let (_server, address) = serve("stories");
    let bob = stories(address, "bob");
    let mut alice = stories(address, "Zoë");
    bob.sees("Zoë a rejoint le chat");
    alice.types("déjà vu 漢字\n\n  spaces  \r\n//join me\n{\"type\":\"BYE\"}\n\"quoted\" \\ a|b");
    for line in ["déjà vu 漢字", "  spaces  ", "/join me", "{\"type\":\"BYE\"}", "\"quoted\" \\ a|b"] {
        bob.hears(&format!("<Zoë> {line}"));
    }
    alice.ends_well();
    bob.sees("Zoë a quitté le chat");
    bob.ends_well();
}

#[test]
fn b5_a_file_is_fetched_under_a_name_of_its_own_and_never_over_another() {
    let (_server, address) = serve("stories");
    let (from, to) = (folder("from"), folder("to"));
    let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let path = from.join("photo.bin");
    fs::write(&path, &bytes).expect("a file");
    fs::write(to.join("photo.bin"), "mine").expect("a file");
    let downloads = to.to_str().expect("a path in words");
    let mut bob = Talker::with(address, "bob", &["--protocol", "stories", "--downloads", downloads]);
    let mut alice = stories(address, "alice");
    alice.types(&format!("/file {}\nmeanwhile", path.display()));
    bob.hears("<alice> meanwhile");
    let crc = format!("{:08x}", crc32fast::hash(&bytes));
    assert!(alice.sees("is sent").contains(&crc));
    bob.sees("/get 1");
    bob.types("/get 1");
    assert!(bob.sees("saved as").contains(&crc));
    bob.types("/get 77");
    bob.sees("/get 77: ");
    alice.ends_well();
    // A file that did not come counts.
    assert_eq!(bob.ends().code, Some(1));
    assert_eq!(fs::read(to.join("photo.bin")).expect("the old one"), b"mine");
    assert!(fs::read(to.join("photo (2).bin")).expect("the new one") == bytes);
    assert_eq!(fs::read_dir(&to).expect("the folder").count(), 2, "nothing half done is left");
}

#[test]
fn b6_who_asked_for_a_vote_waits_for_it_before_he_leaves() {
    let (_server, address) = serve("stories");
    let mut bob = stories(address, "bob");
    let mut alice = stories(address, "alice");
    alice.types("/vote pizza ?\n/quit");
    bob.sees("alice asks for a vote: pizza ?: /yes 1 or /no 1");
    bob.types("/no 1");
    alice.sees("/vote \"pizza ?\": 0 yes, 1 no, 0 without a vote");
    alice.ends_well();
    bob.ends_well();
}

#[test]
fn b7_two_talk_on_a_connection_of_their_own() {
    let (server, address) = serve("stories");
    let mut bob = stories(address, "bob");
    let mut alice = stories(address, "alice");
    alice.types("/p2p bob\n/pv bob entre nous");
    bob.sees("alice wants to talk to you directly: /yes 1 or /no 1");
    bob.types("/yes");
    alice.sees("you talk to bob directly");
    bob.hears("<alice > you> entre nous");
    bob.types("/pv alice oui");
    alice.hears("<bob > you> oui");
    drop(server);
    assert_eq!(alice.ends().code, Some(1));
}

#[test]
fn a_server_that_goes_away_ends_a_session_of_stories_but_not_one_of_stumtp() {
    let (server, address) = serve("stories");
    let alice = stories(address, "alice");
    drop(server);
    // Who says goodbye first has left.
    alice.sees("palabre: the session with");
    let ended = alice.ends();
    assert_eq!(ended.code, Some(1), "{ended:?}");

    let (server, address) = serve("stumtp");
    let sue = Talker::with(address, "sue", &["--protocol", "stumtp"]);
    drop(server);
    sue.sees("trying again, what you say is kept");
}

#[test]
fn u6_people_of_stumtp_and_stories_hear_each_other() {
    let arguments = ["serve", "--listen", "stories=127.0.0.1:0", "--listen", "stumtp=127.0.0.1:0"];
    let server = Program::start(&arguments);
    let [one, other] = [server.line(), server.line()].map(|line| {
        line.rsplit(' ').next().and_then(|at| at.parse::<SocketAddr>().ok()).expect("a ready line")
    });
    let mut bob = stories(one, "bob");
    let mut sue = Talker::with(other, "sue", &["--protocol", "stumtp"]);
    sue.types("/join room1");
    sue.sees("you are in the room room1");
    bob.types("/join room1\nbonjour");
    sue.hears("<bob> bonjour");
    sue.types("salut");
    bob.hears("<sue> salut");
    sue.ends_well();
    bob.ends_well();
}

#[test]
fn who_reaches_nobody_is_told_what_to_look_at() {
    let (server, address) = serve("stories");
    drop(server);
    let place = address.to_string();
    for input in [&b""[..], b"lost\n"] {
        let arguments = ["chat", &place, "--name", "alice", "--protocol", "stories"];
        let ended = Program::start_with(&arguments, input).end();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let last = ended.err.last().expect("a line that says why");
        assert!(last.starts_with("palabre: no connection to"), "{ended:?}");
    }
}
