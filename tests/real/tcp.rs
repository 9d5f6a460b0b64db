//! Connections to the real program: they come, are refused, break, end; whatever is spoken on them.

#![expect(clippy::disallowed_types, reason = "the other end of a real socket")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use palabre::time::Duration;
use palabre::wire::Integrity;

use crate::client::Client;
use crate::program::{LIMIT, Program};

/// What is spoken over TCP.
const STREAMED: [&str; 3] = ["matou", "stories", "stumtp"];

/// A server for this dialect, and where.
fn serve(dialect: &str, options: &[&str]) -> (Program, SocketAddr) {
    let place = format!("{dialect}=127.0.0.1:0");
    let program = Program::start(&[&["serve", "--listen", &place], options].concat());
    let address = ready(&program, dialect);
    (program, address)
}

fn ready(program: &Program, dialect: &str) -> SocketAddr {
    let line = program.line();
    let address = line.strip_prefix(&format!("listening {dialect} "));
    address.and_then(|address| address.parse().ok()).expect("a ready line")
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    stream
}

/// Reads until the other end has said all, in peace; whatever it says.
#[track_caller]
fn is_ended(mut stream: TcpStream) {
    stream.read_to_end(&mut Vec::new()).expect("an end in peace");
}

#[track_caller]
fn ends_well(program: Program) {
    program.signal("TERM");
    let ended = program.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn each_dialect_has_a_ready_line_and_the_log_says_how_it_travels() {
    for dialect in STREAMED {
        let (program, address) = serve(dialect, &[]);
        assert!(program.log_line_with("listening on").ends_with(&format!("{address}/tcp")));
        is_ended({
            let stream = connect(address);
            stream.shutdown(Shutdown::Write).expect("a half-close");
            stream
        });
        ends_well(program);
    }
}

#[test]
fn the_65th_connection_of_an_address_is_refused_and_a_signal_closes_the_others() {
    for dialect in STREAMED {
        let (program, address) = serve(dialect, &[]);
        let open: Vec<_> = (0..64).map(|_| connect(address)).collect();
        is_ended(connect(address));
        program.signal("TERM");
        open.into_iter().for_each(is_ended);
        assert_eq!(program.end().code, Some(0), "{dialect}");
    }
}

#[test]
fn a_port_that_is_listened_on_already_is_named_with_its_kind() {
    let (_program, address) = serve("matou", &[]);
    let ended = Program::start(&["serve", "--listen", &format!("stories={address}")]).end();
    let line = ended.err.concat();
    assert!(ended.code == Some(2) && line.contains(&format!("{address}/tcp: the port is in use")), "{line}");
}

#[test]
fn a_reset_ends_one_connection_and_nothing_else() {
    let (program, address) = serve("stories", &[]);
    for _ in 0..100 {
        let mut stream = connect(address);
        stream.write_all(&[0, 0, 0, 9, b'x']).expect("it takes five bytes");
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("an option");
    }
    let last = connect(address);
    last.shutdown(Shutdown::Write).expect("a half-close");
    is_ended(last);
    ends_well(program);
}

#[test]
fn b1_a_message_that_is_too_long_ends_the_connection_in_peace_though_more_of_it_comes() {
    let (program, address) = serve("stories", &[]);
    let mut stream = connect(address);
    stream.write_all(&0x7fff_ffff_u32.to_be_bytes()).expect("it takes four bytes");
    stream.write_all(&[b'x'; 32 << 10]).expect("the system takes what nobody reads");
    is_ended(stream);
    ends_well(program);
}

#[test]
fn without_descriptors_who_comes_is_turned_away_and_those_who_are_there_talk_on() {
    let line = format!(
        "ulimit -n 32; exec {} serve --listen msp=127.0.0.1:0 --listen matou=127.0.0.1:0",
        env!("CARGO_BIN_EXE_palabre")
    );
    let (program, _stdin) = Program::start_shell(&line);
    let (msp, matou) = (ready(&program, "msp"), ready(&program, "matou"));
    let mut open: Vec<_> = (0..40).map(|_| connect(matou)).collect();
    program.log_line_with("accepting on 127.0.0.1:");
    // The last one was turned away: the others came before and have all there is.
    let end = open.pop().expect("40").read(&mut [0]);
    assert!(matches!(&end, Ok(0)) || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    Client::new(msp, Integrity::None).register("alice");
    open.clear();
    ends_well(program);
}
