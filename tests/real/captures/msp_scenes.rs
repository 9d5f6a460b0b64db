//! Scenes of MSP: what people do every day.

use palabre::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, ErrorCode, Event, Kind, Registration, SERVER,
};
use palabre::engine::Dialect;
use palabre::vocab::Mode;

use super::Scene;
use super::msp::{Msp, create, invite, join, name, refused, text};
use super::packets::Attention;
use super::stage::{Stage, bad};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "msp-scenario-1",
        about: "The first scenario of the protocol's original text, over a link that loses a fifth of all datagrams, \
                doubles, delays and reorders some: alice connects, makes the room tree and invites bob, who comes. \
                Look at requests that came again and were answered with the same bytes, and at bob's REPONSE_MESSAGERIE_PRIVEE \
                and his DEMANDE_ACCES (M22).",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: scenario_1,
    },
    Scene {
        name: "msp-scenario-2",
        about: "The second scenario of the original text, over such a link: erin connects, asks which private rooms there \
                are, asks for access to garden, and says something to those in it. Dave, who is outside, hears nothing.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: scenario_2,
    },
    Scene {
        name: "msp-every-message",
        about: "All thirty messages in one conversation, without a bad link: rooms of both modes, invitations that are \
                declined and accepted, lists, the directory, RELAIS, notifications to those who read them and words to \
                the others.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: every_message,
    },
    Scene {
        name: "msp-decentralised",
        about: "A decentralised room: the server tells the members' addresses (M11), and what they say to each other \
                directly is not here. A text that one sends to the server all the same is relayed, and so is RELAIS for one.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: decentralised,
    },
    Scene {
        name: "msp-checksums",
        about: "Datagrams with a CRC-32 (M16) over a link that changes a bit in a fifth of them: each of those is dropped as \
                `bad checksum`, and its sender repeats it. What arrives is what was said.",
        prepare: |setup| setup.guards(Dialect::Msp),
        play: checksums,
    },
    Scene {
        name: "msp-damaged",
        about: "The same without checksums: what a changed bit makes of a message may be malformed, somebody else's, an \
                answer to nothing, or another text. A bit of NUM_SEQ may put a number far ahead; then the right ones are \
                `stale number`, until one registers anew.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: damaged,
    },
    Scene {
        name: "msp-ipv6",
        about: "Two people over IPv6. In a decentralised room they have no address that MSP could tell: 0.0.0.0, port 0 \
                (M11), so their texts go by the server.",
        prepare: |setup| _ = setup.speaks_at("::1", Dialect::Msp),
        play: over_ipv6,
    },
    Scene {
        name: "msp-outage",
        about: "Bob hears nothing for a while. The texts for him are repeated, given up, and wait; the server asks whether he \
                is back (M33: an empty TEXTE of 255). When he is, they come under their old numbers, in order (M17).",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: outage,
    },
    Scene {
        name: "msp-stop",
        about: "The operator stops the server: alice reads notifications and gets number 7, bob gets words (M12), and both \
                acknowledge. Look at the notes `stop` and `event`.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: stop,
    },
];

fn scenario_1(stage: &Stage) {
    let far = stage.over(0, bad(), 1);
    let bob = Msp::on(far, "bob");
    let alice = Msp::on(far, "alice");
    let answer = alice.asks(create("tree", Mode::Central, 5));
    assert!(matches!(answer, Body::CreateRoomReply { status: CreateStatus::Created, .. }), "{answer:?}");
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    bob.answers_offer(bob.is_invited(), false);
    assert_eq!(bob.asks(join("tree")), Body::JoinRoomReply(Access::Central(AccessStatus::Joined)));
    alice.is_told("bob");
    alice.says("bonjour");
    bob.hears("bonjour", alice.id());
    bob.says("bonjour alice");
    alice.hears("bonjour alice", bob.id());
    assert_eq!(alice.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: false });
    bob.is_told("tree");
    alice.leaves();
    bob.leaves();
}

fn scenario_2(stage: &Stage) {
    let far = stage.over(0, bad(), 2);
    let [carol, dave] = ["carol", "dave"].map(|who| Msp::on(far, who));
    carol.asks(create("garden", Mode::Central, 5));
    let erin = Msp::on(far, "erin");
    let answer = erin.asks(Body::ListRooms);
    let Body::RoomList(rooms) = &answer else { panic!("no list: {answer:?}") };
    assert_eq!(rooms.iter().map(|entry| entry.room.as_str()).collect::<Vec<_>>(), [Some("garden")]);
    assert_eq!(erin.asks(join("garden")), Body::JoinRoomReply(Access::Central(AccessStatus::Joined)));
    erin.says("bonjour à tous");
    carol.hears("bonjour à tous", erin.id());
    [carol, erin, dave].iter().for_each(Msp::leaves);
}

fn every_message(stage: &Stage) {
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Msp::on(stage.at(0), who));
    [&alice, &bob].into_iter().for_each(Msp::says_hello);
    let kept = Body::ConnectReply(Registration::KeepAlive { error: false });
    assert_eq!(alice.asks(Body::Connect { name: None }), kept);
    assert_eq!(alice.asks(Body::ListRooms), Body::RoomList(vec![]));
    let answer = alice.asks(create("tree", Mode::Direct, 1));
    assert!(matches!(answer, Body::CreateRoomReply { status: CreateStatus::CapacityTooSmall, .. }));
    alice.asks(create("tree", Mode::Direct, 5));
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    bob.answers_offer(bob.is_invited(), true);
    alice.is_notified(|event| matches!(event, Event::Declined { .. }));
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    bob.answers_offer(bob.is_invited(), false);
    let answer = bob.asks(join("tree"));
    assert!(matches!(answer, Body::JoinRoomReply(Access::Direct { .. })), "{answer:?}");
    alice.is_notified(|event| matches!(event, Event::Joined { user, .. } if *user == name("bob")));
    assert_eq!(alice.asks(Body::Relay { to: bob.id(), text: "psst".into(), order: None }), Body::TextReply);
    bob.hears("psst", alice.id());
    let answer = bob.asks(Body::Directory { user: 0 });
    assert!(matches!(&answer, Body::DirectoryReply(entries) if entries.len() == 2), "{answer:?}");
    let answer = bob.asks(Body::ListUsers { room: name("tree") });
    assert!(matches!(&answer, Body::UserList(users) if users.len() == 2), "{answer:?}");
    let answer = bob.asks(Body::ListUsers { room: name("") });
    assert!(matches!(&answer, Body::UserList(users) if users.len() == 3), "{answer:?}");
    carol.asks(create("garden", Mode::Central, 5));
    let answer = bob.asks(Body::SwitchRoom { room: name("garden") });
    assert_eq!(answer, Body::SwitchRoomReply(Access::Central(AccessStatus::Joined)));
    alice.is_notified(|event| matches!(event, Event::Closed { .. }));
    carol.is_told("bob");
    carol.says("welcome");
    bob.hears("welcome", carol.id());
    assert_eq!(bob.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: false });
    assert_eq!(bob.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: true });
    carol.is_told("garden");
    refused(&alice.asks(Body::Notification(Event::Stopping)), ErrorCode::NOT_ALLOWED);
    alice.says("in public");
    bob.hears("in public", alice.id());
    carol.hears("in public", alice.id());
    [alice, bob, carol].iter().for_each(Msp::leaves);
}

fn decentralised(stage: &Stage) {
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|who| Msp::on(stage.at(0), who));
    let all = Capabilities::NOTIFICATIONS.with(Capabilities::RELAY);
    for who in [&alice, &bob] {
        who.asks(Body::Hello { version: 1, capabilities: all });
    }
    alice.asks(create("den", Mode::Direct, 3));
    for (who, others) in [(&bob, 1), (&carol, 2)] {
        let answer = who.asks(join("den"));
        let Body::JoinRoomReply(Access::Direct { peers, .. }) = &answer else { panic!("{answer:?}") };
        assert_eq!(peers.len(), others);
        let address = alice.address();
        assert!(peers.iter().any(|peer| address == peer.address.into()), "{peers:?}");
    }
    let address = bob.address();
    alice
        .is_notified(|event| matches!(event, Event::Joined { address: his, .. } if address == (*his).into()));
    assert_eq!(
        carol.asks(Body::Relay { to: alice.id(), text: "to you".into(), order: None }),
        Body::TextReply
    );
    alice.hears("to you", carol.id());
    carol.says("by the server");
    alice.hears("by the server", carol.id());
    bob.hears("by the server", carol.id());
    carol.leaves();
    bob.is_notified(|event| matches!(event, Event::Left { .. }));
    alice.leaves();
    bob.is_notified(|event| matches!(event, Event::Closed { .. }));
    bob.leaves();
}

fn checksums(stage: &Stage) {
    let far = stage.over(0, super::stage::damaging(), 3);
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::with(far, who, palabre::wire::Integrity::Crc32));
    for number in 0..6 {
        alice.says(&format!("à bob {number}"));
        bob.hears(&format!("à bob {number}"), alice.id());
        bob.says(&format!("à alice {number}"));
        alice.hears(&format!("à alice {number}"), bob.id());
    }
    alice.leaves();
    bob.leaves();
}

fn damaged(stage: &Stage) {
    let far = stage.over(0, super::stage::damaging(), 4);
    // What arrives may be damaged, so nothing that is said is waited for, and any answer will do.
    let people = ["alice", "bob"].map(|who| {
        let own = Msp::stranger(far, palabre::wire::Integrity::None);
        registers(&own, who);
        (own, who)
    });
    for number in 0..8 {
        for (own, who) in &people {
            for body in [text(&format!("word {number}")), Body::ListRooms] {
                if own.tries(body).is_none() {
                    registers(own, who);
                }
            }
        }
    }
}

/// However often it takes.
fn registers(own: &Msp, who: &str) {
    own.starts_afresh();
    while !own.tries(super::msp::connect(who)).is_some_and(|answer| own.takes_id(&answer)) {}
}

fn over_ipv6(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    alice.says_hello();
    alice.asks(create("den", Mode::Direct, 3));
    let answer = bob.asks(join("den"));
    let Body::JoinRoomReply(Access::Direct { peers, .. }) = &answer else { panic!("{answer:?}") };
    assert!(peers.iter().all(|peer| peer.address.port() == 0), "{peers:?}");
    alice.is_notified(|event| matches!(event, Event::Joined { .. }));
    bob.says("by the server");
    alice.hears("by the server", bob.id());
    bob.leaves();
    alice.leaves();
}

fn outage(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    bob.is(Attention::Mute);
    for words in ["one", "two", "three"] {
        alice.says(words);
    }
    bob.gets(|message| message.user == SERVER && message.body == text(""));
    bob.is(Attention::Awake);
    for words in ["one", "two", "three"] {
        bob.hears(words, alice.id());
    }
    bob.says("I am back");
    alice.hears("I am back", bob.id());
    alice.leaves();
    bob.leaves();
}

fn stop(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    alice.says_hello();
    stage.stops();
    alice.is_notified(|event| matches!(event, Event::Stopping));
    bob.gets(|message| message.user == SERVER && message.kind() == Kind::Text);
}
