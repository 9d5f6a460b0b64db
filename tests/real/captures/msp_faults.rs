//! Scenes of MSP: what is refused, who comes again, who goes without a word.

use std::time::Duration;

use palabre::dialect::msp::{
    Access, AccessStatus, Body, CreateStatus, ErrorCode, Event, RegisterStatus, Registration,
};
use palabre::engine::{Dialect, Rate};
use palabre::vocab::Mode;
use palabre::wire::Integrity;

use super::Scene;
use super::msp::{Msp, connect, create, encoded, invite, join, refused, text};
use super::packets::Attention;
use super::stage::Stage;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "msp-refusals",
        about: "Each ERREUR but the 7, and each status that refuses: unknown types, a datagram that does not decode, \
                somebody who is not registered, a user who is not there, a room that is full, a text that is too long (100 \
                bytes are allowed here).",
        prepare: |setup| {
            setup.speaks(Dialect::Msp);
            setup.limits.max_text = 100;
        },
        play: refusals,
    },
    Scene {
        name: "msp-over-rate",
        about: "Two requests at once are allowed here, and one a second: the third is answered by ERREUR 7, and so is its \
                copy (M35).",
        prepare: |setup| {
            setup.speaks(Dialect::Msp);
            setup.limits.requests = Rate { per_second: 1, burst: 2 };
        },
        play: over_rate,
    },
    Scene {
        name: "msp-comes-again",
        about: "Alice's program starts again: same address, same name, same id, and numbers begin afresh (M4). Then she \
                comes under another name, and the former one has left. Bob reads of both.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: comes_again,
    },
    Scene {
        name: "msp-name-of-the-dead",
        about: "Alice's program has died. Somebody asks for her name: USER_NAME_EXISTANT, and the server asks her, ten \
                times, by an empty TEXTE. Then she is gone, and the next to ask gets the name (M4).",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: name_of_the_dead,
    },
    Scene {
        name: "msp-silence",
        about: "Who says nothing for as long as is allowed, here 1 s, is gone (M5): the others read of it, and when he \
                speaks he is told to register anew.",
        prepare: |setup| {
            setup.speaks(Dialect::Msp);
            setup.limits.silence = Duration::from_secs(1);
        },
        play: silence,
    },
    Scene {
        name: "msp-late-copies",
        about: "Copies of requests, long after they were answered, also of a DECONNEXION: each gets the same bytes again, \
                and nothing is done twice (M13, M24).",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: late_copies,
    },
];

fn refusals(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    // TYPE 0 and 31; a request with a whole byte left over.
    let own = alice.id();
    let leftover = [encoded(own, 902, Body::ListRooms), vec![0]].concat();
    for (seq, datagram, code) in [
        (900, with_type(0, own, 900), ErrorCode::UNKNOWN_TYPE),
        (901, with_type(31, own, 901), ErrorCode::UNKNOWN_TYPE),
        (902, leftover, ErrorCode::MALFORMED),
    ] {
        refused(&alice.insists(seq, &datagram), code);
    }
    let stranger = Msp::stranger(stage.at(0), Integrity::None);
    refused(&stranger.asks(text("hello?")), ErrorCode::NOT_REGISTERED);
    let unknown = Body::ConnectReply(Registration::KeepAlive { error: true });
    assert_eq!(stranger.asks(Body::Connect { name: None }), unknown);
    for (who, status) in [("alice", RegisterStatus::NameTaken), ("far too long", RegisterStatus::InvalidName)]
    {
        let answer = Body::ConnectReply(Registration::Registered { status, id: 0 });
        assert_eq!(stranger.asks(connect(who)), answer);
    }
    let bob = Msp::on(stage.at(0), "bob");
    refused(&alice.asks(invite("bob")), ErrorCode::NOT_IN_PRIVATE_ROOM);
    alice.asks(create("tree", Mode::Central, 2));
    refused(&alice.asks(invite("nobody")), ErrorCode::NO_SUCH_USER);
    assert_eq!(alice.asks(Body::Directory { user: 200 }), Body::DirectoryReply(vec![]));
    refused(&alice.asks(text(&"x".repeat(101))), ErrorCode::TEXT_TOO_LONG);
    let offer =
        Body::Offer { by: super::msp::name("alice"), mode: Mode::Central, room: super::msp::name("tree") };
    refused(&alice.asks(offer), ErrorCode::NOT_ALLOWED);
    refused(&bob.asks(create("other", Mode::Central, 255)), ErrorCode::OUT_OF_RANGE);
    for (room, wanted) in [("tree", CreateStatus::NameTaken), ("", CreateStatus::InvalidName)] {
        let answer = bob.asks(create(room, Mode::Central, 5));
        assert!(matches!(answer, Body::CreateRoomReply { status, .. } if status == wanted), "{answer:?}");
    }
    let denied = |status| Body::JoinRoomReply(Access::Central(status));
    assert_eq!(bob.asks(join("nowhere")), denied(AccessStatus::NoSuchRoom));
    assert_eq!(bob.asks(join("tree")), denied(AccessStatus::Joined));
    let carol = Msp::on(stage.at(0), "carol");
    assert_eq!(carol.asks(join("tree")), denied(AccessStatus::RoomFull));
    [alice, bob, carol].iter().for_each(Msp::leaves);
}

/// A header with this TYPE, and nothing behind it.
fn with_type(kind: u8, user: u8, seq: u16) -> Vec<u8> {
    let bits = u32::from(kind) << 27 | u32::from(user) << 19 | u32::from(seq) << 3;
    bits.to_be_bytes().to_vec()
}

fn over_rate(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    let answers: Vec<_> = (10..14).map(|seq| alice.asks_as(seq, Body::ListRooms)).collect();
    let is_refused =
        |answer: &Body<'_>| matches!(answer, Body::Error { code: ErrorCode::TOO_MANY_REQUESTS, .. });
    let at = answers.iter().position(is_refused).expect("one too many");
    let seq = 10 + u16::try_from(at).expect("a few");
    assert!(is_refused(&alice.asks_as(seq, Body::ListRooms)));
}

fn comes_again(stage: &Stage) {
    let [bob, alice] = ["bob", "alice"].map(|who| Msp::on(stage.at(0), who));
    bob.says_hello();
    bob.asks(create("tree", Mode::Central, 5));
    alice.asks(join("tree"));
    bob.is_notified(|event| matches!(event, Event::Joined { .. }));
    let before = alice.id();
    alice.starts_afresh();
    assert!(alice.takes_id(&alice.asks_as(500, connect("alice"))));
    assert_eq!(alice.id(), before);
    bob.is_notified(|event| matches!(event, Event::Closed { .. }));
    alice.starts_afresh();
    assert!(alice.takes_id(&alice.asks_as(700, connect("alicia"))));
    assert_ne!(alice.id(), before);
    alice.says("it is still me");
    bob.hears("it is still me", alice.id());
    alice.leaves();
    bob.leaves();
}

fn name_of_the_dead(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    alice.is(Attention::Mute);
    let other = Msp::stranger(stage.at(0), Integrity::None);
    let mut asked = 0;
    while !other.takes_id(&other.asks(connect("alice"))) {
        asked += 1;
        // Nothing comes: this is the pause between two tries of a person.
        assert!(!other.gets_within(Duration::from_millis(400), |_| false) && asked < 20);
    }
    other.leaves();
}

fn silence(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    alice.says_hello();
    alice.asks(create("tree", Mode::Central, 5));
    bob.asks(join("tree"));
    let mut waited = 0;
    // Alice keeps herself alive meanwhile.
    while !alice.gets_within(Duration::from_millis(300), |message| {
        matches!(message.body, Body::Notification(Event::Closed { .. }))
    }) {
        waited += 1;
        alice.asks(Body::Connect { name: None });
        assert!(waited < 20, "he is gone after a second");
    }
    let unknown = Body::ConnectReply(Registration::KeepAlive { error: true });
    assert_eq!(bob.asks(Body::Connect { name: None }), unknown);
    alice.leaves();
}

fn late_copies(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    let made = alice.asks_as(40, create("tree", Mode::Central, 5));
    alice.asks_as(41, Body::LeaveRoom);
    alice.asks_as(42, text("once"));
    bob.hears("once", alice.id());
    assert_eq!(alice.asks_as(40, create("tree", Mode::Central, 5)), made);
    assert_eq!(alice.asks_as(42, text("once")), Body::TextReply);
    for _ in 0..2 {
        assert_eq!(alice.asks_as(43, Body::Disconnect), Body::DisconnectReply { refused: false });
    }
    let answer = bob.asks(Body::ListUsers { room: super::msp::name("") });
    assert!(matches!(&answer, Body::UserList(users) if users.len() == 1), "{answer:?}");
    bob.leaves();
}
