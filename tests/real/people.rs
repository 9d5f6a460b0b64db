//! People who come to the real program by raw connections, with bytes that stand here as they stand on the wire: a foreign
//! client would send the same.

#![expect(clippy::disallowed_types, reason = "the other end of a real socket")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;

use crate::program::{LIMIT, Program};

/// The answer to what is no command.
const UNKNOWN: &str = "ERROR|commande inconnue";

/// A server of all three, and where.
fn serve(options: &[&str]) -> (Program, [SocketAddr; 3]) {
    let places = ["matou", "stories", "stumtp"].map(|dialect| format!("{dialect}=127.0.0.1:0"));
    let mut arguments = vec!["serve"];
    places.iter().for_each(|place| arguments.extend(["--listen", place]));
    arguments.extend(options);
    let program = Program::start(&arguments);
    let address = |line: String| line.rsplit(' ').next().and_then(|address| address.parse().ok());
    let addresses = std::array::from_fn(|_| address(program.line()).expect("a ready line"));
    (program, addresses)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    stream
}

/// Exactly these bytes come next.
#[track_caller]
fn hears(mut stream: &TcpStream, bytes: &[u8]) {
    let mut heard = vec![0; bytes.len()];
    stream.read_exact(&mut heard).expect("what is to be heard");
    assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(bytes));
}

fn says(mut stream: &TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).expect("it takes them");
}

/// A frame of Stories.
fn frame(text: &str) -> Vec<u8> {
    [&u32::try_from(text.len()).expect("short").to_be_bytes(), text.as_bytes()].concat()
}

/// A message of Matou: its type and strings.
fn matou(kind: i32, strings: &[&str]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    for string in strings {
        bytes.extend(i32::try_from(string.len()).expect("short").to_be_bytes());
        bytes.extend(string.as_bytes());
    }
    bytes
}

fn minou(address: SocketAddr) -> TcpStream {
    let stream = connect(address);
    says(&stream, &matou(1, &["Minou"]));
    hears(&stream, &[&[0, 0, 0, 2, 1][..], &matou(3, &["Minou"])].concat());
    stream
}

/// Somebody who has signed in: a LOGIN between bars is not answered, what is no command is.
fn in_bars(address: SocketAddr, name: &str) -> TcpStream {
    let stream = connect(address);
    says(&stream, &[&*format!("LOGIN|{name}"), "NONSENSE"].map(frame).concat());
    hears(&stream, &frame(UNKNOWN));
    stream
}

#[test]
fn a2_b2_u5_people_of_three_protocols_talk_also_when_their_bytes_come_one_by_one() {
    let (program, [at_matou, at_stories, at_stumtp]) = serve(&[]);
    let minou = minou(at_matou);
    let sam = in_bars(at_stories, "Sam");
    hears(&minou, &matou(3, &["Sam"]));
    let tom = connect(at_stumtp);
    b"\x010\x02LOGIN \"Tom\"\x03".iter().for_each(|byte| says(&tom, &[*byte]));
    hears(&minou, &matou(3, &["Tom"]));
    hears(&sam, &frame("SYSTEM|Tom a rejoint le chat"));
    hears(&tom, b"\x010\x02SESSION \"");
    let mut token = [0; 32];
    (&tom).read_exact(&mut token).expect("a token");
    hears(&tom, b"\"\x03\x011\x02DISPLAY_ROOM \"room1\" \"room2\" \"room3\"\x03");

    matou(4, &["miaou à tous"]).iter().for_each(|byte| says(&minou, &[*byte]));
    hears(&minou, &matou(5, &["Minou", "miaou à tous"]));
    hears(&sam, &frame("MSG|Minou|miaou à tous"));
    hears(&tom, "\x012\x02MSG \"public\" \"Minou\" \"miaou à tous\"\x03".as_bytes());

    frame("MSG|a|b").iter().for_each(|byte| says(&sam, &[*byte]));
    hears(&minou, &matou(5, &["Sam", "a|b"]));
    hears(&tom, b"\x013\x02MSG \"public\" \"Sam\" \"a|b\"\x03");

    // His connection breaks, and he goes on where he was.
    drop(tom);
    says(&minou, &matou(4, &["Tom?"]));
    hears(&minou, &matou(5, &["Minou", "Tom?"]));
    let tom = connect(at_stumtp);
    let token = String::from_utf8(token.to_vec()).expect("hex");
    says(&tom, format!("\x010\x063\x02RESUME \"{token}\"\x03").as_bytes());
    hears(&tom, format!("\x010\x060\x02SESSION \"{token}\"\x03").as_bytes());
    hears(&tom, b"\x014\x02MSG \"public\" \"Minou\" \"Tom?\"\x03");
    drop(program);
}

#[test]
fn what_was_said_before_a_half_close_is_heard_and_the_last_answers_still_come() {
    let (_program, [at_matou, at_stories, _]) = serve(&[]);
    let minou = minou(at_matou);
    let mut quinn = connect(at_stories);
    let said = ["LOGIN \"Quinn\"", "MSG \"public\" \"Quinn\" \"and goodbye\""].map(frame).concat();
    says(&quinn, &said);
    quinn.shutdown(Shutdown::Write).expect("a half-close");
    let mut heard = Vec::new();
    quinn.read_to_end(&mut heard).expect("an end in peace");
    let answers = ["DISPLAY_ROOM \"room1\" \"room2\" \"room3\"", "OK"].map(frame).concat();
    assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(&answers));
    hears(
        &minou,
        &[matou(3, &["Quinn"]), matou(5, &["Quinn", "and goodbye"]), matou(6, &["Quinn"])].concat(),
    );
}

#[test]
fn a6_one_who_never_reads_is_let_go_and_the_others_miss_nothing() {
    let (program, [_, at_stories, _]) = serve(&[]);
    let deaf = in_bars(at_stories, "Deaf");
    let hearer = in_bars(at_stories, "Hearer");
    hears(&deaf, &frame("SYSTEM|Hearer a rejoint le chat"));
    let author = in_bars(at_stories, "Author");
    hears(&hearer, &frame("SYSTEM|Author a rejoint le chat"));
    // Far more than the sockets of both ends and the backlog take.
    let text = "x".repeat(50_000);
    let said = frame(&format!("MSG|{text}"));
    let heard = frame(&format!("MSG|Author|{text}"));
    for _ in 0..240 {
        says(&author, &said);
        hears(&hearer, &heard);
    }
    hears(&hearer, &frame("SYSTEM|Deaf a quitté le chat"));
    program.log_line_with("\"Deaf\" has gone");
    drop(deaf);
}

#[test]
fn b9_on_a_signal_everybody_hears_that_the_server_stops() {
    let (program, [at_matou, at_stories, _]) = serve(&[]);
    let minou = minou(at_matou);
    let sam = in_bars(at_stories, "Sam");
    hears(&minou, &matou(3, &["Sam"]));
    program.signal("TERM");
    let [mut to_minou, mut to_sam] = [Vec::new(), Vec::new()];
    (&minou).read_to_end(&mut to_minou).expect("an end in peace");
    (&sam).read_to_end(&mut to_sam).expect("an end in peace");
    assert!(to_minou.starts_with(&matou(5, &["palabre"])), "{to_minou:?}");
    assert!(to_sam[4..].starts_with(b"ADMIN_BROADCAST|"), "{to_sam:?}");
    assert_eq!(program.end().code, Some(0));
}

#[test]
fn b5_a_file_outlives_the_server_that_has_a_directory_for_it() {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join("people-state");
    let _ = fs::remove_dir_all(&state);
    let options = ["--state", state.to_str().expect("UTF-8")];
    let (program, [_, at_stories, _]) = serve(&options);
    let sam = in_bars(at_stories, "Sam");
    let file =
        r#"{"type":"SEND_FILE","seq":7,"room":"room1","meta":{"filename":"é.txt","size":3},"data":"YWJj"}"#;
    says(&sam, &["JOIN_ROOM|room1", file].map(frame).concat());
    hears(&sam, &frame("SYSTEM|Sam a rejoint la room room1"));
    says(&sam, &frame("NONSENSE"));
    hears(&sam, &frame(UNKNOWN));
    program.signal("TERM");
    assert_eq!(program.end().code, Some(0));

    let (program, [_, at_stories, _]) = serve(&options);
    let tom = in_bars(at_stories, "Tom");
    says(&tom, &["JOIN_ROOM|room1", r#"{"type":"GET_FILE","seq":7,"filename":"é.txt"}"#].map(frame).concat());
    hears(&tom, &frame("SYSTEM|Tom a rejoint la room room1"));
    let mut length = [0; 4];
    (&tom).read_exact(&mut length).expect("a length");
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    (&tom).read_exact(&mut answer).expect("a frame");
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("an object");
    assert_eq!((&answer["type"], &answer["data"]), (&"SEND_FILE".into(), &"YWJj".into()));
    assert_eq!(answer["meta"]["filename"], "7_é.txt");
    program.signal("TERM");
    assert_eq!(program.end().code, Some(0));
}
