//! Chatting in Matou through pipes: private texts and files between two programs, beside a real server.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::program::Program;
use crate::talker::Talker;

/// A server that speaks Matou, and where.
fn server() -> (Program, SocketAddr) {
    let program = Program::start(&["serve", "--listen", "matou=127.0.0.1:0"]);
    let ready = program.line();
    let address = ready.strip_prefix("listening matou ").expect("the ready line");
    (program, address.parse().expect("an address"))
}

/// A folder of this test's own, empty.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("chat_matou").join(test);
    // It may not be there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Bytes that are not the same everywhere.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[4]).collect()
}

fn talker(server: SocketAddr, name: &str, folder: &std::path::Path) -> Talker {
    let downloads = folder.join("downloads").display().to_string();
    Talker::with(server, name, &["--protocol", "matou", "--downloads", &downloads])
}

/// Two people with a private connection.
fn two(server: SocketAddr, folder: &std::path::Path) -> (Talker, Talker) {
    let mut alice = talker(server, "Zoë", folder);
    let mut bob = talker(server, "bob", folder);
    alice.sees("* bob has come into this room");
    alice.types("/open bob");
    bob.sees("* Zoë asks for a private connection: /accept Zoë or /decline Zoë");
    bob.types("/accept");
    alice.sees("* you talk to bob directly");
    bob.sees("* you talk to Zoë directly");
    (alice, bob)
}

#[test]
fn a8_a_private_text_and_a_file_of_several_megabytes_arrive_as_they_are() {
    let folder = folder("whole");
    let (_server, address) = server();
    let (mut alice, mut bob) = two(address, &folder);
    let content = bytes(8_000_000);
    let film = folder.join("le film.bin");
    fs::write(&film, &content).expect("written");
    alice.types(&format!("/file bob {}\n/pv bob it comes\nin public", film.display()));
    // The public text comes by way of the server, and may be earlier.
    let mut heard = [bob.hears_next(), bob.hears_next()];
    heard.sort();
    assert_eq!(heard, ["<Zoë > you> it comes", "<Zoë> in public"]);
    bob.types("/pv Zoë thanks");
    alice.hears("<bob > you> thanks");
    let sent = alice.sees("* le film.bin is sent: 8000000 bytes, CRC-32 ");
    let saved = bob.sees("* saved as ");
    let crc = |line: &str| line.rsplit(' ').next().map(String::from);
    assert_eq!(crc(&sent), crc(&saved));
    let downloads = folder.join("downloads");
    assert!(fs::read(downloads.join("le film.bin")).expect("it is there") == content);

    // The same again is another file: nothing is written over. Who leaves first sends what he wanted to send.
    alice.types(&format!("/file bob {}", film.display()));
    alice.ends_well();
    bob.sees("le film (2).bin: 8000000 bytes");
    assert!(fs::read(downloads.join("le film (2).bin")).expect("it is there") == content);
    bob.ends_well();
    let names = fs::read_dir(&downloads).expect("a folder").count();
    assert_eq!(names, 2, "nothing else is left there");
}

#[test]
fn a8_half_a_file_of_a_program_that_dies_is_not_kept() {
    let folder = folder("half");
    let (_server, address) = server();
    let (mut alice, bob) = two(address, &folder);
    // Far more than the system holds on its way, and without a disk that has to have it.
    let large = folder.join("large");
    fs::File::create(&large).and_then(|file| file.set_len(4 << 30)).expect("written");
    alice.types(&format!("/file bob {}", large.display()));
    bob.sees("* receiving large: 4294967296 bytes");
    alice.signal("KILL");
    bob.sees("* the file large is lost: the rest of it did not come");
    bob.sees("the connection with Zoë has ended");
    let downloads = folder.join("downloads");
    assert_eq!(fs::read_dir(&downloads).map_or(0, Iterator::count), 0);
    fs::remove_file(large).expect("removed");
    assert_eq!(bob.ends().code, Some(1), "a file was lost");
    drop(alice);
}

#[test]
fn a1_a_name_that_is_taken_and_a_server_that_is_not_there_are_told_in_one_line() {
    let folder = folder("names");
    let (server, address) = server();
    let bob = talker(address, "bob", &folder);
    let place = address.to_string();
    let arguments = ["chat", &place, "--protocol", "matou", "--name"];
    let other = Program::start(&[&arguments[..], &["BOB"]].concat()).end();
    assert_eq!(other.code, Some(1));
    assert_eq!(
        other.err.last(),
        Some(&format!(
            "palabre: {address} does not let BOB in: the name is taken: choose another name with --name, or try \
             again later"
        ))
    );
    let other = Program::start(&[&arguments[..], &["no spaces"]].concat()).end();
    assert!(other.err.last().expect("a line").contains("letters and digits"), "{other:?}");
    bob.ends_well();
    server.signal("TERM");
    server.end();
    let other = Program::start(&[&arguments[..], &["bob"]].concat()).end();
    assert!(other.err.last().expect("a line").contains("no connection to"), "{other:?}");
}

#[test]
fn what_cannot_be_done_is_told_and_no_command_is_ever_said() {
    let folder = folder("told");
    let (_server, address) = server();
    let bob = talker(address, "bob", &folder);
    let mut alice = talker(address, "alice", &folder);
    bob.sees("* alice has come into this room");
    alice.types("/open nobody\n/pv bob psst\n/file bob /nowhere\n/accept\n/joni x\n/who\n//who");
    alice.sees("* the connection with nobody has ended: there is nobody of that name who could have one");
    alice.ends();
    bob.hears("<alice> /who");
    bob.sees("* alice has left this room");
    bob.ends_well();
}
