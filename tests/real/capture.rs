//! `palabre serve --capture`: what is in the file, and what becomes of it.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use palabre::capture::{Event, Reader, Seen};
use palabre::dialect::msp::Body;

use crate::client::Client;
use crate::program::{Ended, Program};
use crate::talker::Talker;

/// A directory of this test's own, with nothing in it.
fn fresh(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("capture-{test}"));
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => {}
    }
    fs::create_dir_all(&path).expect("a directory");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours")
}

#[track_caller]
fn ends_well(program: Program) -> Ended {
    program.signal("TERM");
    let ended = program.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended
}

/// All that is in a file, and in which part of a capture by which seed.
#[track_caller]
fn read(path: &Path) -> (Vec<Event>, (u32, u64)) {
    let file = fs::read(path).expect("a file");
    let mut reader = Reader::open(&file[..]).expect("a capture");
    let header = reader.header().map(|header| (header.part, header.seed)).expect("one of ours");
    let mut events = Vec::new();
    while let Some(event) = reader.next().expect("a whole file") {
        events.push(event);
    }
    (events, header)
}

/// Where tshark is, it must have nothing against the file.
#[track_caller]
fn is_clean(path: &Path) {
    let checked = ["ip", "udp", "tcp"].map(|layer| format!("-o{layer}.check_checksum:TRUE"));
    let bad = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 \
               || tcp.analysis.retransmission || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment";
    let Ok(output) =
        Command::new("tshark").args(["-n", "-r", text(path)]).args(checked).args(["-Y", bad]).output()
    else {
        return;
    };
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.is_empty(), "{out}{err}");
}

/// A server of MSP and STUMTP that captures.
fn serve(file: &Path, options: &[&str]) -> (Program, [SocketAddr; 2]) {
    let listen =
        ["serve", "--listen", "msp=127.0.0.1:0", "--listen", "stumtp=127.0.0.1:0", "--capture", text(file)];
    let program = Program::start(&[&listen, options].concat());
    let addresses = ["msp", "stumtp"].map(|dialect| {
        let line = program.line();
        line.strip_prefix(&format!("listening {dialect} "))
            .and_then(|at| at.parse().ok())
            .expect("a ready line")
    });
    (program, addresses)
}

/// Whether somebody says these bytes, among others perhaps.
fn says(event: &Event, who: SocketAddr, words: &[u8]) -> bool {
    matches!(&event.seen, Seen::Bytes { from, bytes, .. } if *from == who
        && bytes.windows(words.len()).any(|window| window == words))
}

#[test]
fn a_conversation_of_people_of_udp_and_tcp_is_in_the_file_when_a_signal_has_ended_it() {
    let file = fresh("conversation").join("talk.pcapng");
    let (program, [udp, tcp]) = serve(&file, &["--seed", "0x2a"]);
    let mut sue = Talker::with(tcp, "sue", &["--protocol", "stumtp"]);
    let mut alice = Talker::on(udp, "alice");
    sue.sees("alice");
    alice.types("from the other side");
    assert!(sue.hears_next().contains("from the other side"));
    sue.types("it is clear here");
    assert!(alice.hears_next().contains("it is clear here"));
    alice.ends_well();
    sue.ends_well();
    ends_well(program);

    let (events, header) = read(&file);
    assert_eq!(header, (1, 0x2a));
    assert!(events.iter().any(|event| says(event, tcp, b"from the other side")));
    let of_alice: Vec<_> =
        events.iter().filter(|event| event.comments.contains(&"peer alice".into())).collect();
    let goes = |from: bool| {
        of_alice.iter().any(|event| {
            matches!(&event.seen, Seen::Datagram { from: who, to, .. } if udp == if from { *who } else { *to })
        })
    };
    assert!(goes(true) && goes(false), "{of_alice:?}");
    assert!(events.iter().any(|event| matches!(event.seen, Seen::Opened { to, .. } if to == tcp)));
    let note = |line: &str| {
        events.iter().any(|event| matches!(&event.seen, Seen::Note(note) if note.starts_with(line)))
    };
    assert!(note("event \"alice\" has come: msp id ") && note("event \"sue\" has gone") && note("stop"));
    assert!(events.is_sorted_by_key(|event| event.at));
    let mode = fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it tells what people say");
    is_clean(&file);
}

#[test]
fn what_is_dropped_is_remarked_where_it_came() {
    let file = fresh("dropped").join("talk.pcapng");
    let (program, [udp, _]) = serve(&file, &[]);
    let mut alice = Client::registered(udp, "alice");
    assert!(!alice.is_answered(&[0]));
    let _bob = Client::registered(udp, "bob");
    ends_well(program);
    let (events, _) = read(&file);
    let dropped =
        events.iter().find(|event| matches!(&event.seen, Seen::Datagram { bytes, .. } if *bytes == [0]));
    let dropped = dropped.expect("it came");
    assert_eq!(dropped.comments, ["peer alice", "dropped: too short"]);
}

#[test]
fn a_file_that_is_large_enough_becomes_the_older_one() {
    let file = fresh("rotation").join("talk.pcapng");
    let older = file.with_file_name("talk.1.pcapng");
    let (program, [udp, _]) = serve(&file, &["--capture-limit", "64KiB"]);
    let mut alice = Client::registered(udp, "alice");
    let words = "a".repeat(1_000);
    // Each is there and back at least once, in some 1,200 bytes.
    for _ in 0..100 {
        assert_eq!(alice.ask(Body::Text { text: words.as_str().into(), order: None }), Body::TextReply);
    }
    ends_well(program);
    let ((events, (part, seed)), (before, (part_before, seed_before))) = (read(&file), read(&older));
    assert_eq!((part_before, seed_before), (part - 1, seed));
    assert!(before.iter().chain(&events).is_sorted_by_key(|event| event.at));
    let size = fs::metadata(&older).expect("it is there").len();
    assert!((65_536..80_000).contains(&size), "{size}");
    is_clean(&file);
    is_clean(&older);
}

#[test]
fn a_file_that_is_there_is_kept_and_a_link_is_not_followed() {
    let file = fresh("kept").join("talk.pcapng");
    let (older, elsewhere) = (file.with_file_name("talk.1.pcapng"), file.with_file_name("elsewhere"));
    fs::write(&file, b"mine").expect("a file");
    ends_well(serve(&file, &[]).0);
    assert_eq!(fs::read(&older).expect("it is there"), b"mine");
    assert!(!read(&file).0.is_empty());

    fs::remove_file(&file).and_then(|()| fs::write(&elsewhere, b"yours")).expect("files");
    symlink(&elsewhere, &file).expect("a link");
    ends_well(serve(&file, &[]).0);
    assert_eq!(fs::read(&elsewhere).expect("it is there"), b"yours");
    read(&file);
}

#[test]
fn a_place_where_no_file_can_be_is_refused_in_one_line() {
    let directory = fresh("refused");
    let nowhere = directory.join("nowhere").join("talk.pcapng");
    for (path, words) in
        [(nowhere.as_path(), "its directory is not there"), (directory.as_path(), "cannot write")]
    {
        let Ended { code, out, err } =
            Program::start(&["serve", "--listen", "msp=127.0.0.1:0", "--capture", text(path)]).end();
        assert_eq!((code, out.len(), err.len()), (Some(2), 0, 1), "{err:?}");
        assert!(err.concat().contains(words), "{err:?}");
    }
}

#[test]
fn a_daemon_that_cannot_start_leaves_the_capture_of_another_alone() {
    let file = fresh("alone").join("talk.pcapng");
    let (program, [udp, _]) = serve(&file, &[]);
    let place = format!("msp={udp}");
    let second = Program::start(&["serve", "--listen", &place, "--capture", text(&file)]).end();
    assert_eq!(second.code, Some(2), "{second:?}");
    assert!(!file.with_file_name("talk.1.pcapng").exists());
    ends_well(program);
    read(&file);
}

#[test]
fn a_full_disk_ends_the_capture_and_nothing_else() {
    let (program, [udp, _]) = serve(Path::new("/dev/full"), &[]);
    program.log_line_with("cannot write /dev/full");
    let mut alice = Client::registered(udp, "alice");
    assert_eq!(alice.ask(Body::Text { text: "bonjour".into(), order: None }), Body::TextReply);
    let ended = ends_well(program);
    assert!(!ended.err.iter().any(|line| line.contains("/dev/full")), "it is said once: {ended:?}");
}

/// A pipe of this test's own, with a name.
fn pipe(test: &str) -> PathBuf {
    let path = fresh(test).join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().expect("a pipe").success());
    path
}

#[test]
fn a_pipe_that_nobody_reads_holds_up_neither_the_start_nor_the_end() {
    let (program, [udp, _]) = serve(&pipe("unread"), &[]);
    let mut alice = Client::registered(udp, "alice");
    assert_eq!(alice.ask(Body::Text { text: "bonjour".into(), order: None }), Body::TextReply);
    let ended = ends_well(program);
    assert!(ended.err.iter().any(|line| line.contains("the end of the capture is missing")), "{ended:?}");
}

#[test]
fn a_pipe_that_is_read_brings_a_whole_capture() {
    let path = pipe("read");
    let (program, [udp, _]) = serve(&path, &["--seed", "7"]);
    let reader = std::thread::spawn(move || read(&path));
    let mut alice = Client::registered(udp, "alice");
    assert_eq!(alice.ask(Body::Text { text: "bonjour".into(), order: None }), Body::TextReply);
    ends_well(program);
    let (events, header) = reader.join().expect("a whole capture");
    assert_eq!(header, (1, 7));
    assert!(matches!(&events.last().expect("events").seen, Seen::Note(note) if note.starts_with("event ")));
}
