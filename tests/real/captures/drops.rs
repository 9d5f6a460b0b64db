//! One scene for each reason why something is dropped: those of single datagrams.

use palabre::dialect::msp::{Body, ErrorCode};
use palabre::dialect::shen::Kind;
use palabre::engine::{Dialect, Rate};
use palabre::vocab::Mode;
use palabre::wire::Integrity;

use super::Scene;
use super::msp::{Msp, create, encoded, text};
use super::shen::{self, Shen, plain};
use super::stage::Stage;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "drop-bad-checksum",
        about: "`bad checksum`: one datagram without a trailer, one in which a bit has changed, and then the right one, which \
                alone is answered.",
        prepare: |setup| {
            setup.guards(Dialect::Msp);
            setup.guards(Dialect::Shen);
        },
        play: bad_checksum,
    },
    Scene {
        name: "drop-too-short",
        about: "`too short`: three bytes to MSP and three to Shen's protocol, whose headers have four.",
        prepare: two,
        play: too_short,
    },
    Scene {
        name: "drop-malformed-response",
        about: "`malformed response`: a REPONSE_TEXTE with a byte too many. Errors never answer errors (M26).",
        prepare: two,
        play: malformed_response,
    },
    Scene {
        name: "drop-malformed",
        about: "`malformed`, in each of the four protocols that count it: type 30 of Shen's, a type 99 of Matou's, a frame of \
                Stories and a text of STUMTP that are not UTF-8.",
        prepare: |setup| {
            for dialect in [Dialect::Shen, Dialect::Matou, Dialect::Stories, Dialect::Stumtp] {
                setup.speaks(dialect);
            }
        },
        play: malformed,
    },
    Scene {
        name: "drop-request-over-rate",
        about: "`request over rate`: two requests at once are allowed here, and one a second. Shen's protocol has no word for \
                that (S24), so what is too much is repeated until it is not.",
        prepare: |setup| {
            setup.speaks(Dialect::Shen);
            setup.limits.requests = Rate { per_second: 1, burst: 2 };
        },
        play: request_over_rate,
    },
    Scene {
        name: "drop-unexpected-response",
        about: "`unexpected response`: answers to nothing that was asked, in MSP, in Shen's protocol, in STUMTP, and from \
                somebody who is not registered.",
        prepare: |setup| {
            two(setup);
            setup.speaks(Dialect::Stumtp);
        },
        play: unexpected_response,
    },
    Scene {
        name: "drop-stranger-over-rate",
        about: "`stranger over rate`: one answer a second is for strangers here (M15); who asks at once for three gets one.",
        prepare: |setup| {
            two(setup);
            setup.limits.strangers_of_a_network = Rate { per_second: 1, burst: 1 };
        },
        play: stranger_over_rate,
    },
    Scene {
        name: "drop-repeat-over-rate",
        about: "`repeat over rate`: copies of a request are answered from memory as often as M allows, here twice (M15).",
        prepare: |setup| {
            setup.speaks(Dialect::Msp).timing.tries = 2;
            setup.limits.requests = Rate { per_second: 1, burst: 4 };
        },
        play: repeat_over_rate,
    },
    Scene {
        name: "drop-still-deciding",
        about: "`still deciding`: Tom asks to be let in and repeats it before the manager has answered. When he has, one \
                answer goes to Tom.",
        prepare: two,
        play: still_deciding,
    },
    Scene {
        name: "drop-stale-number",
        about: "`stale number`: request 5, then request 1029, which takes its place in the memory of 1,024, then request 5 \
                again (M32).",
        prepare: two,
        play: stale_number,
    },
    Scene {
        name: "drop-unanswerable-source",
        about: "`unanswerable source`: a datagram from port 0, which only a raw socket can send, so whoever makes this file has \
                to be root. The next one comes from a port.",
        prepare: two,
        play: unanswerable,
    },
    Scene {
        name: "drop-refused-by-peer",
        about: "`refused by peer`: bob's program answers the text by ERREUR 8. The server does not repeat it.",
        prepare: two,
        play: refused_by_peer,
    },
];

/// MSP and Shen's protocol.
fn two(setup: &mut super::stage::Setup) {
    setup.speaks(Dialect::Msp);
    setup.speaks(Dialect::Shen);
}

fn bad_checksum(stage: &Stage) {
    let alice = Msp::stranger(stage.at(0), Integrity::Crc32);
    let plainly = encoded(0, 1, super::msp::connect("alice"));
    alice.sends_raw(&plainly);
    let mut wrong = Integrity::Crc32.seal(palabre::wire::Payload::new(&plainly)).to_vec();
    if let Some(byte) = wrong.get_mut(4) {
        *byte ^= 0x10;
    }
    alice.sends_raw(&wrong);
    assert!(alice.takes_id(&alice.asks(super::msp::connect("alice"))));
    let lucy = Shen::stranger(stage.at(1), Integrity::Crc32);
    lucy.sends_raw(&shen::encoded(0, plain(Kind::Connect, "Lucy")));
    assert_eq!(lucy.asks(plain(Kind::Connect, "Lucy")), shen::ack(""));
    alice.leaves();
    lucy.leaves();
}

fn too_short(stage: &Stage) {
    let (alice, lucy) = (Msp::on(stage.at(0), "alice"), Shen::on(stage.at(1), "Lucy"));
    alice.sends_raw(&[0x28, 0, 0]);
    lucy.sends_raw(&[0, 0x41, 0]);
    alice.leaves();
    lucy.leaves();
}

fn malformed_response(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    alice.sends_raw(&[encoded(alice.id(), 7, Body::TextReply), vec![0]].concat());
    alice.leaves();
}

fn malformed(stage: &Stage) {
    use super::streams::{Matou, Stories, Stumtp};
    let lucy = Shen::on(stage.at(0), "Lucy");
    // NUM_SEQ 1, TYPE 30, TEXT_LENGTH 0.
    lucy.sends_raw(&[0x00, 0x47, 0x80, 0x00]);
    lucy.leaves();
    let minou = Matou::on(stage.at(1), "Minou");
    minou.sends(&99_i32.to_be_bytes());
    minou.is_ended();
    let sam = Stories::quoted(stage.at(2), "Sam");
    sam.line.sends(&[0, 0, 0, 2, 0xc3, 0x28]);
    sam.hears("ERROR");
    sam.line.is_ended();
    let tom = Stumtp::on(stage.at(3), "Tom");
    tom.line.sends(b"\x011\x02\xc3\x28\x03");
    tom.hears("ERROR");
    tom.says_plainly("QUIT");
    tom.line.is_ended();
}

fn request_over_rate(stage: &Stage) {
    let lucy = Shen::on(stage.at(0), "Lucy");
    for _ in 0..4 {
        assert_eq!(lucy.asks(plain(Kind::CountMembers, "")), shen::ack("1"));
    }
    lucy.leaves();
}

fn unexpected_response(stage: &Stage) {
    let (alice, lucy) = (Msp::on(stage.at(0), "alice"), Shen::on(stage.at(1), "Lucy"));
    alice.sends_as(77, Body::TextReply);
    lucy.sends_raw(&shen::encoded(77, shen::ack("")));
    let stranger = Msp::stranger(stage.at(0), Integrity::None);
    stranger.sends_as(78, Body::NotificationReply);
    let tom = super::streams::Stumtp::on(stage.at(2), "Tom");
    tom.line.sends(b"\x01\x0677\x03");
    tom.hears("ERROR");
    tom.says("QUIT");
    tom.line.is_ended();
    alice.leaves();
    lucy.leaves();
}

fn stranger_over_rate(stage: &Stage) {
    let stranger = Msp::stranger(stage.at(0), Integrity::None);
    (10..13).for_each(|seq| stranger.sends_as(seq, text("hello?")));
    stranger.answer_to(10);
    let lucy = Shen::stranger(stage.at(1), Integrity::None);
    // It waits its turn: a token comes back a second.
    assert_eq!(lucy.asks(plain(Kind::Leave, "")), plain(Kind::ConnectRefused, ""));
}

fn repeat_over_rate(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    (0..12).for_each(|_| alice.sends_as(5, Body::ListRooms));
    // What stands behind them in the same way is answered when they have been seen.
    alice.asks(Body::ListRooms);
    alice.leaves();
}

fn still_deciding(stage: &Stage) {
    let [sheng, lucy, tom] = ["Sheng", "Lucy", "Tom"].map(|name| Shen::on(stage.at(1), name));
    sheng.opens(&lucy, "Lucy", Mode::Central, "lol");
    tom.sends_as(5, plain(Kind::Join, "lol"));
    let door = sheng.is_told("Tom demande d'entrer");
    (0..2).for_each(|_| tom.sends_as(5, plain(Kind::Join, "lol")));
    // So they came before the answer.
    tom.asks_as(6, plain(Kind::CountMembers, ""));
    sheng.answers(door, shen::ack("je suis d'accord"));
    let welcome = tom.gets(|message| message.seq == 5);
    assert_eq!(welcome.body, shen::ack("Bienvenue Tom"));
    [sheng, lucy, tom].iter().for_each(Shen::leaves);
}

fn stale_number(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    alice.asks_as(5, Body::ListRooms);
    alice.asks_as(5 + 1_024, Body::ListRooms);
    alice.sends_as(5, Body::ListRooms);
    alice.asks_as(5 + 1_025, Body::Disconnect);
}

fn unanswerable(stage: &Stage) {
    use socket2::{Domain, Protocol, Socket, Type};
    let to = stage.at(0);
    let raw = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP));
    let raw = raw.expect("a raw socket, which only root may have");
    let message = encoded(0, 1, super::msp::connect("nobody"));
    let length = u16::try_from(8 + message.len()).expect("short");
    // Source port 0, destination port, length, no checksum.
    let header = [0, to.port(), length, 0].map(u16::to_be_bytes).concat();
    raw.send_to(&[header, message].concat(), &to.into()).expect("sent");
    let alice = Msp::on(to, "alice");
    alice.asks(create("tree", Mode::Central, 5));
    alice.leaves();
}

fn refused_by_peer(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    bob.is(super::packets::Attention::Mute);
    alice.says("do you hear me?");
    let told = bob.gets(|message| message.user == alice.id());
    let body = Body::Error { refused: 15, code: ErrorCode::NOT_ALLOWED, reason: "no".into() };
    bob.sends_as(told.seq, body);
    bob.is(super::packets::Attention::Awake);
    bob.leaves();
    alice.leaves();
}
