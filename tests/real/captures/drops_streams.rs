//! One scene for each reason why something is dropped: those of connections.

use palabre::dialect::matou::Frames;
use palabre::dialect::stories::Form;
use palabre::engine::Dialect;
use palabre::time::Duration;
use socket2::{Domain, Socket, Type};

use super::Scene;
use super::msp::Msp;
use super::stage::Stage;
use super::streams::{Line, Matou, Stories, Stumtp};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "drop-too-many-connections",
        about: "`too many connections`: one connection of an address is allowed here. The second one is told so, in each of \
                the three protocols, and closed (A10).",
        prepare: |setup| {
            [Dialect::Matou, Dialect::Stories, Dialect::Stumtp].into_iter().for_each(|dialect| {
                setup.speaks(dialect);
            });
            setup.limits.connections_of_address = 1;
        },
        play: too_many_connections,
    },
    Scene {
        name: "drop-no-login-in-time",
        about: "`no login in time`: connections of Stories and STUMTP on which nobody signs in are told so after 30 s and \
                closed (B1); one has tried a name that was taken.",
        prepare: |setup| {
            setup.speaks(Dialect::Stories);
            setup.speaks(Dialect::Stumtp);
        },
        play: no_login,
    },
    Scene {
        name: "drop-half-a-message",
        about: "`half a message`: half a frame may wait for its other half for 1 s here. After that the connection is closed; \
                of STUMTP the session waits, and is resumed.",
        prepare: |setup| {
            [Dialect::Matou, Dialect::Stories, Dialect::Stumtp].into_iter().for_each(|dialect| {
                setup.speaks(dialect);
            });
            setup.limits.half_message = Duration::from_secs(1);
        },
        play: half_message,
    },
    Scene {
        name: "drop-no-room-for-half-a-message",
        about: "`no room for half a message`: all connections together may hold 1,000 bytes here. Who brings the part that is \
                too much is let go; the other one finishes his.",
        prepare: |setup| {
            setup.speaks(Dialect::Stories);
            setup.limits.half_messages = 1_000;
        },
        play: half_messages_full,
    },
    Scene {
        name: "drop-idle-reader",
        about: "`idle reader`: somebody asks for a file again and again, and reads nothing. What waits for him may be 1 KiB here, \
                for half a second. His connection is reset then, and the others read that he is gone (A6). Look at the \
                acknowledgements, which stop.",
        prepare: |setup| {
            setup.speaks(Dialect::Stories);
            setup.limits.backlog = 1 << 10;
            setup.limits.idle_reader = Duration::from_millis(500);
        },
        play: idle_reader,
    },
    Scene {
        name: "drop-unencodable",
        about: "`unencodable`: where texts may be longer than 60,000 bytes, as here, somebody of Stories can say one that no \
                TEXTE of MSP can hold: alice does not hear it, only the next one. The largest of all captures: it has to be.",
        prepare: |setup| {
            setup.speaks(Dialect::Stories);
            setup.speaks(Dialect::Msp);
            setup.limits.max_text = 70_000;
        },
        play: unencodable,
    },
];

fn too_many_connections(stage: &Stage) {
    let minou = Matou::on(stage.at(0), "Minou");
    (0..3).for_each(|listener| {
        let stream = std::net::TcpStream::connect(stage.at(listener)).expect("somebody listens");
        Line::over(stream, Frames::default()).drains();
    });
    minou.says(&palabre::dialect::matou::Message::SignOut);
    minou.is_ended();
}

fn no_login(stage: &Stage) {
    let tom = Stories::quoted(stage.at(0), "Tom");
    let silent = Stories::stranger(stage.at(0), Form::Prefixed);
    let refused = Stories::stranger(stage.at(0), Form::Prefixed);
    refused.says("LOGIN|Tom");
    refused.hears("ERROR|ce nom");
    let numbered = Stumtp::stranger(stage.at(1));
    [&silent.line.stream, &refused.line.stream, &numbered.line.stream].into_iter().for_each(waits_long);
    silent.hears("pas de LOGIN à temps");
    silent.line.is_ended();
    refused.hears("pas de LOGIN à temps");
    refused.line.is_ended();
    numbered.hears("pas de LOGIN à temps");
    numbered.line.is_ended();
    tom.says("QUIT");
    tom.line.is_ended();
}

/// Longer than any time of the protocol that is waited for here.
fn waits_long(stream: &std::net::TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
}

fn half_message(stage: &Stage) {
    let minou = Matou::on(stage.at(0), "Minou");
    minou.sends(&[0, 0, 0, 4, 0, 0, 0, 9, b'm']);
    let sam = Stories::barred(stage.at(1), "Sam");
    sam.line.sends(&[0, 0, 0, 9, b'M']);
    let tom = Stumtp::on(stage.at(2), "Tom");
    tom.line.sends(b"\x011\x02MS");
    minou.is_ended();
    sam.line.is_ended();
    tom.line.is_ended();
    let tom = tom.resumes(stage.at(2));
    tom.says("QUIT");
    tom.line.is_ended();
}

fn half_messages_full(stage: &Stage) {
    let [sam, tom] = ["Sam", "Tom"].map(|name| Stories::quoted(stage.at(0), name));
    let text = format!("MSG \"public\" \"Sam\" \"{}\"", "x".repeat(600));
    let mut bytes = Vec::new();
    palabre::dialect::stories::frame(Form::Prefixed, &text, &mut bytes);
    let (half, rest) = bytes.split_at(500);
    sam.line.sends(half);
    // The server has it when it has answered somebody who came later.
    let later = Stories::quoted(stage.at(0), "Later");
    let (most, _) = bytes.split_at(600);
    tom.line.sends(most);
    tom.line.is_ended();
    sam.line.sends(rest);
    sam.hears("OK");
    later.hears("xxx");
}

fn idle_reader(stage: &Stage) {
    // Small segments, so that the system holds little for him.
    let small = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    small.set_recv_buffer_size(1_024).expect("an option");
    small.set_tcp_mss(256).expect("an option");
    small.connect(&stage.at(0).into()).expect("somebody listens");
    let deaf = Stories::over(small.into(), Form::Prefixed);
    deaf.says("LOGIN \"Deaf\"");
    deaf.hears("DISPLAY_ROOM");
    let sam = Stories::quoted(stage.at(0), "Sam");
    let meta = serde_json::json!({ "filename": "x.txt" });
    let data = "eHh4".repeat(500);
    let file =
        serde_json::json!({ "type": "SEND_FILE", "seq": 1, "room": "public", "meta": meta, "data": data });
    deaf.says(&file.to_string());
    sam.hears("FILE_AVAILABLE");
    for _ in 0..80 {
        deaf.says(r#"{"type":"GET_FILE","filename":"x.txt"}"#);
        let heard = sam.line.next_within(Duration::from_millis(100));
        if heard.is_some_and(|frame| String::from_utf8_lossy(&frame).contains("Deaf a quitté le chat")) {
            return;
        }
    }
    panic!("he is still there: {:?}", deaf.hears("\"type\""));
}

fn unencodable(stage: &Stage) {
    let sam = Stories::quoted(stage.at(0), "Sam");
    let alice = Msp::on(stage.at(1), "alice");
    sam.hears("alice a rejoint le chat");
    sam.says(&format!("MSG \"public\" \"Sam\" \"{}\"", "x".repeat(65_536)));
    sam.hears("OK");
    sam.says("MSG \"public\" \"Sam\" \"shorter\"");
    alice.gets(|message| message.body == super::msp::text("shorter"));
    alice.leaves();
    sam.says("QUIT");
    sam.line.is_ended();
}
