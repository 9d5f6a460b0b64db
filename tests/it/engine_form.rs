//! What the server says to messages that are wrong in form, in direction or in size: M1, M2, M3, M18, M25, M26.
//!
//! In: datagrams as no good client sends them. Out: ERREUR, or silence that is counted. Must not know rooms.

use palabre::dialect::msp::{
    AccessStatus, Body, Capabilities, CreateStatus, ErrorCode, Event, Kind, Message, Name,
};
use palabre::engine::{Counter, DropReason};
use palabre::vocab::Mode;
use palabre::wire::Scratch;
use proptest::prelude::*;

use crate::engine_words::{assert_error, connect, create, encoded, invite, join, name, text};
use crate::msp_client::{Client, Table, Way};

/// The bytes of a header alone: 29 bits and three of padding.
fn header(code: u8, user: u8, seq: u16) -> Vec<u8> {
    let bits = u32::from(code) << 27 | u32::from(user) << 19 | u32::from(seq) << 3;
    bits.to_be_bytes().to_vec()
}

#[test]
fn m26_unknown_types_get_erreur_1_whoever_sends_them() {
    let (table, [alice]) = Table::of(["alice"]);
    let stranger = table.stranger();
    for (who, user) in [(&alice, alice.id()), (&stranger, 0)] {
        for code in [0, 31] {
            who.sends_bytes(&header(code, user, 40 + u16::from(code)));
            let answer = who.answer_to(40 + u16::from(code)).unwrap();
            assert_error(&answer, code, ErrorCode::UNKNOWN_TYPE);
        }
    }
}

#[test]
fn m3_m26_every_malformed_request_gets_erreur_2_with_its_type_and_its_number() {
    let (table, [alice]) = Table::of(["alice"]);
    let good = [
        Body::ListRooms,
        create("den", Mode::Central, 5),
        join("den"),
        text("hello"),
        invite("bob"),
        Body::LeaveRoom,
        Body::Disconnect,
        Body::Directory { user: 0 },
        connect("alice"),
    ];
    for (body, seq) in good.into_iter().zip(100..) {
        let kind = body.kind();
        let mut bytes = encoded(alice.id(), seq, body);
        // One byte more would make a TEXTE one with ORDRE (M18).
        bytes.extend([0, 0]);
        alice.sends_bytes(&bytes);
        let Some(answer) = alice.answer_to(seq) else { panic!("{kind}: no answer") };
        assert_error(&answer, kind.code(), ErrorCode::MALFORMED);
    }
    alice.gets_nothing();
    assert_eq!(table.counted(Counter::Malformed), 9);
}

#[test]
fn m3_padding_lengths_and_utf8_are_part_of_the_form() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    let whole = encoded(alice.id(), 9, text("hello"));
    let mut padded = whole.clone();
    *padded.last_mut().unwrap() |= 1;
    let mut cut = whole.clone();
    cut.pop();
    let mut not_utf8 = whole;
    // CHAT begins at bit 45: its first byte loses all bits but those that begin no character.
    not_utf8[5] |= 0x07;
    not_utf8[6] |= 0xf8;
    for broken in [padded, cut, not_utf8] {
        alice.sends_bytes(&broken);
        assert_error(&alice.answer_to(9).unwrap(), 15, ErrorCode::MALFORMED);
    }
    bob.gets_nothing();
}

#[test]
fn m26_malformed_responses_and_erreurs_get_no_answer_and_are_counted() {
    let (table, [alice]) = Table::of(["alice"]);
    let stranger = table.stranger();
    let responses = Kind::ALL.iter().filter(|kind| !kind.is_request());
    for kind in responses {
        let mut bytes = header(kind.code(), alice.id(), 7);
        bytes.extend([0xff; 9]);
        alice.sends_bytes(&bytes);
        stranger.sends_bytes(&bytes);
    }
    alice.gets_nothing();
    stranger.gets_nothing();
    assert_eq!(table.dropped(DropReason::MalformedResponse), 30);
}

#[test]
fn m26_erreur_never_answers_a_response() {
    let (table, [alice]) = Table::of(["alice"]);
    let stranger = table.stranger();
    let error = |refused| Body::Error { refused, code: ErrorCode(7), reason: "no".into() };
    let all = [Body::TextReply, Body::NotificationReply, Body::InviteReply, error(15), error(30), error(0)];
    for (body, seq) in all.into_iter().zip(0..) {
        alice.sends_as(alice.id(), seq, body.clone());
        stranger.sends_as(0, seq, body);
    }
    alice.gets_nothing();
    stranger.gets_nothing();
    assert_eq!(table.dropped(DropReason::UnexpectedResponse), 12);
}

#[test]
fn m26_less_than_a_header_is_dropped_and_counted() {
    let (table, [alice]) = Table::of(["alice"]);
    for bytes in [&[][..], &[0x78], &[0x78, 8, 0]] {
        alice.sends_bytes(bytes);
    }
    alice.gets_nothing();
    assert_eq!(table.dropped(DropReason::TooShort), 3);
}

#[test]
fn m26_what_only_the_server_may_ask_is_not_allowed() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    let offer = Body::Offer { by: name("bob"), mode: Mode::Central, room: name("den") };
    assert_error(&alice.asks(offer), 13, ErrorCode::NOT_ALLOWED);
    let notification = Body::Notification(Event::Closed { room: name("den") });
    assert_error(&alice.asks(notification), 27, ErrorCode::NOT_ALLOWED);
    bob.gets_nothing();
}

#[test]
fn m3_a_name_that_breaks_the_rules_is_one_that_nobody_has() {
    let (_table, [alice]) = Table::of(["alice"]);
    let long = "r".repeat(51);
    let not_utf8 = || Name::from_bytes(&[0xe9][..]).unwrap();
    for bad in [name(""), name("a\nb"), name(&long), not_utf8()] {
        let made = alice.asks(Body::CreateRoom { mode: Mode::Central, room: bad.clone(), capacity: 5 });
        let invalid = CreateStatus::InvalidName;
        assert_eq!(made, Body::CreateRoomReply { status: invalid, room: 0 }, "{bad:?}");
        for (ask, kind) in [
            (Body::JoinRoom { room: bad.clone() }, Kind::JoinRoom),
            (Body::SwitchRoom { room: bad.clone() }, Kind::SwitchRoom),
        ] {
            let (Body::JoinRoomReply(access) | Body::SwitchRoomReply(access)) = alice.asks(ask) else {
                panic!("{kind}: no such answer")
            };
            assert_eq!(access.status(), AccessStatus::NoSuchRoom);
        }
    }
    for bad in [name("a\nb"), name(&long), not_utf8()] {
        assert_eq!(alice.asks(Body::ListUsers { room: bad }), Body::UserList(Vec::new()));
    }
    alice.creates(&"r".repeat(50), Mode::Central);
    for bad in [name(""), name("a\nb"), name("elevenbytes"), not_utf8()] {
        assert_error(&alice.asks(Body::Invite { user: bad }), 11, ErrorCode::NO_SUCH_USER);
    }
}

#[test]
fn m25_a_text_may_have_60000_bytes_and_no_more() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    let (longest, longer) = ("x".repeat(60_000), "x".repeat(60_001));
    alice.says(&longest);
    bob.hears(&longest, &alice);
    assert_error(&alice.asks(text(&longer)), 15, ErrorCode::TEXT_TOO_LONG);
    let relayed = Body::Relay { to: bob.id(), text: longer.into(), order: None };
    assert_error(&alice.asks(relayed), 29, ErrorCode::TEXT_TOO_LONG);
    bob.gets_nothing();
}

#[test]
fn m18_a_text_with_ordre_is_not_allowed_because_it_was_not_agreed() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    let all = Capabilities(0xffff);
    let Body::HelloReply { version, capabilities } =
        alice.asks(Body::Hello { version: 200, capabilities: all })
    else {
        panic!("no REPONSE_BONJOUR")
    };
    assert_eq!((version, capabilities), (1, Capabilities(0x0007)), "what both have");
    let ordered = Body::Text { text: "hello".into(), order: Some(0) };
    assert_error(&alice.asks(ordered), 15, ErrorCode::NOT_ALLOWED);
    let relayed = Body::Relay { to: bob.id(), text: "hello".into(), order: Some(0) };
    assert_error(&alice.asks(relayed), 29, ErrorCode::NOT_ALLOWED);
    bob.gets_nothing();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// M1, M2: one answer to each request, never to a response; its type fits, its number is the request's, its author
    /// is the server.
    #[test]
    fn m1_every_request_has_one_answer_of_its_type_or_an_erreur_and_no_response_has_any(
        code in 0..32u8, seq: u16, data in proptest::collection::vec(any::<u8>(), 0..24), from_alice: bool,
    ) {
        let (_table, [alice]) = Table::of(["alice"]);
        // Nothing of our own may be in between.
        alice.is(Way::Mute);
        let user = if from_alice { alice.id() } else { 0 };
        let mut bytes = header(code, user, seq);
        bytes.extend(data);
        alice.sends_bytes(&bytes);
        let got = answers(&alice);
        let kind = Kind::from_code(code);
        if kind.is_some_and(|kind| !kind.is_request()) {
            prop_assert!(got.is_empty(), "{got:?}");
        } else {
            prop_assert_eq!(got.len(), 1);
            let is_whole = Message::decode(&bytes, &mut Scratch::new()).is_ok();
            match &got[0].body {
                Body::Error { refused, .. } => prop_assert_eq!(*refused, code),
                body => prop_assert!(is_whole && kind.and_then(Kind::response) == Some(body.kind())),
            }
            prop_assert_eq!((got[0].user, got[0].seq), (255, seq));
        }
    }
}

fn answers(client: &Client) -> Vec<Message<'static>> {
    client.takes_all().into_iter().filter(|message| !message.kind().is_request()).collect()
}
