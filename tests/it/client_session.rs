//! A client's session: registered, forgotten, slowed down, left alone.
//!
//! In: a scripted server. Out: stories by ruling: M2, M3, M4, M13, M15, M16, M17, M26. Must not know rooms beyond the one
//! that a lost session takes along.

use palabre::client::{Answer, Ask, Config, ConnectError, Event, Fate, Speaker, Why};
use palabre::dialect::msp::{
    Body, Capabilities, ErrorCode, Event as Notice, Kind, Message, NOBODY, RegisterStatus, Registration,
    SERVER, error,
};
use palabre::time::Duration;
use palabre::wire::Integrity;

use crate::client_desk::{Desk, accepted, name, say, server, text};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn refused(status: RegisterStatus) -> Body<'static> {
    Body::ConnectReply(Registration::Registered { status, id: 0 })
}

#[test]
fn m2_it_registers_without_an_id_and_speaks_under_the_one_it_is_given() {
    let mut desk = Desk::new();
    let connect = desk.asks(Kind::Connect);
    assert_eq!((connect.user, connect.body.clone()), (NOBODY, Body::Connect { name: Some(name("alice")) }));
    desk.is_answered(&connect, accepted());
    assert_eq!(desk.tells(), Event::Registered { id: 7 });
    let hello = desk.asks(Kind::Hello);
    assert_eq!(hello.user, 7);
}

#[test]
fn m4_a_taken_name_is_asked_for_once_more_when_a_ghost_must_be_gone() {
    let mut desk = Desk::new();
    let connect = desk.asks(Kind::Connect);
    desk.is_answered(&connect, refused(RegisterStatus::NameTaken));
    let why = ConnectError::Refused(RegisterStatus::NameTaken);
    assert_eq!(desk.tells(), Event::StillConnecting { why });
    desk.passes(ms(1_000));
    desk.asks_nothing();
    desk.passes(ms(500));
    let again = desk.asks(Kind::Connect);
    assert_ne!(again.seq, connect.seq);
    let ticket = desk.wants(say("anybody?"));
    desk.is_answered(&again, refused(RegisterStatus::NameTaken));
    assert_eq!(desk.tells(), Event::NotRegistered { why });
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::GivenUp(Why::NotConnected) });
    desk.passes(ms(600_000));
    desk.asks_nothing();
}

#[test]
fn m13_a_server_that_is_not_there_is_asked_three_times_ten_and_then_no_more() {
    let mut desk = Desk::new();
    desk.passes(ms(60_000));
    assert_eq!(desk.count(server(), Kind::Connect), 30);
    let why = ConnectError::Silence;
    assert_eq!(desk.tells(), Event::StillConnecting { why });
    assert_eq!(desk.tells(), Event::StillConnecting { why });
    assert_eq!(desk.tells(), Event::NotRegistered { why });
    let ticket = desk.wants(Ask::ListRooms);
    assert_eq!(desk.tells(), Event::Answered { ticket, answer: Answer::Unanswered });
    assert_eq!(desk.client.poll_timeout(), None);
}

#[test]
fn a_registration_that_is_refused_by_an_error_is_tried_again() {
    let mut desk = Desk::new();
    let connect = desk.asks(Kind::Connect);
    desk.is_answered(&connect, error(Kind::Connect.code(), ErrorCode::NOT_REGISTERED, ""));
    let again = desk.asks(Kind::Connect);
    desk.is_answered(&again, accepted());
    assert!(matches!(desk.tells(), Event::StillConnecting { .. }));
    assert_eq!(desk.tells(), Event::Registered { id: 7 });
}

#[test]
fn m5_it_says_every_45_seconds_that_it_is_there() {
    let mut desk = Desk::registered();
    desk.passes(ms(44_999));
    desk.asks_nothing();
    for _ in 0..3 {
        desk.passes(ms(1));
        let alive = desk.asks(Kind::Connect);
        assert_eq!(alive.body, Body::Connect { name: None });
        desk.is_answered(&alive, Body::ConnectReply(Registration::KeepAlive { error: false }));
        desk.passes(ms(44_999));
        desk.asks_nothing();
    }
}

#[test]
fn m37_a_server_that_said_it_stops_is_asked_every_3_s_whether_it_is_back() {
    let mut desk = Desk::registered();
    desk.is_asked(900, 255, Body::Notification(Notice::Stopping));
    assert_eq!(desk.answers(server(), 900), Body::NotificationReply);
    assert_eq!(desk.tells(), Event::ServerStops);
    desk.passes(ms(2_999));
    desk.asks_nothing();
    desk.passes(ms(1));
    let still_there = desk.asks(Kind::Connect);
    assert_eq!(still_there.body, Body::Connect { name: None });
    desk.is_answered(&still_there, Body::ConnectReply(Registration::KeepAlive { error: false }));
    desk.passes(ms(3_000));
    let back = desk.asks(Kind::Connect);
    desk.is_answered(&back, Body::ConnectReply(Registration::KeepAlive { error: true }));
    assert_eq!(desk.tells(), Event::Forgotten);
    desk.gets_registered(Capabilities::DIRECTORY);
    desk.passes(ms(44_000));
    desk.asks_nothing();
}

#[test]
fn m4_forgotten_in_the_public_room_it_registers_anew_and_says_again_what_was_not_accepted() {
    let mut desk = Desk::registered();
    let ticket = desk.wants(say("bonjour"));
    let asked = desk.asks(Kind::Text);
    desk.is_answered(&asked, error(Kind::Text.code(), ErrorCode::NOT_REGISTERED, ""));
    assert_eq!(desk.tells(), Event::Forgotten);
    desk.gets_registered(Capabilities::DIRECTORY);
    let again = desk.asks(Kind::Text);
    assert_eq!(again.body, text("bonjour"));
    desk.is_answered(&again, Body::TextReply);
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
}

#[test]
fn m28_forgotten_in_a_private_room_it_does_not_say_in_public_what_was_meant_for_the_room() {
    let mut desk = Desk::registered();
    desk.joins("den");
    let tickets = [desk.wants(say("secret")), desk.wants(say("more of it"))];
    let asked = desk.asks(Kind::Text);
    desk.is_answered(&asked, error(Kind::Text.code(), ErrorCode::NOT_REGISTERED, ""));
    assert_eq!(desk.tells(), Event::Forgotten);
    for ticket in tickets {
        assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::GivenUp(Why::RoomGone) });
    }
    desk.gets_registered(Capabilities::DIRECTORY);
    desk.passes(ms(5_000));
    desk.asks_nothing();
    assert_eq!(desk.client.room(), None);
}

#[test]
fn m4_a_keep_alive_that_is_answered_by_an_error_starts_a_new_session() {
    let mut desk = Desk::registered();
    desk.passes(ms(45_000));
    let alive = desk.asks(Kind::Connect);
    desk.is_answered(&alive, Body::ConnectReply(Registration::KeepAlive { error: true }));
    assert_eq!(desk.tells(), Event::Forgotten);
    assert_eq!(desk.asks(Kind::Connect).body, Body::Connect { name: Some(name("alice")) });
}

#[test]
fn m35_asked_to_slow_down_it_waits_and_asks_the_same_under_another_number() {
    let mut desk = Desk::registered();
    let ticket = desk.wants(say("bonjour"));
    desk.wants(Ask::ListRooms);
    let asked = desk.asks(Kind::Text);
    desk.is_answered(&asked, error(Kind::Text.code(), ErrorCode::TOO_MANY_REQUESTS, "slow down"));
    desk.passes(ms(199));
    desk.asks_nothing();
    desk.passes(ms(1));
    let again = desk.asks(Kind::Text);
    assert_eq!(again.body, text("bonjour"));
    assert_ne!(again.seq, asked.seq);
    desk.is_answered(&again, Body::TextReply);
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
    desk.asks(Kind::ListRooms);
}

#[test]
fn m34_a_server_that_falls_silent_is_asked_for_a_sign_of_life_and_given_up_after_ten_seconds() {
    let mut desk = Desk::registered();
    let ticket = desk.wants(say("bonjour"));
    desk.passes(ms(1_100));
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delayed });
    assert!(desk.count(server(), Kind::Connect) > 0);
    desk.passes(ms(8_900));
    desk.tells_nothing();
    desk.passes(ms(2_000));
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::GivenUp(Why::Silence) });
    assert!(desk.client.is_idle());
}

#[test]
fn m34_heard_from_again_in_time_the_server_gets_the_same_text_under_the_same_number() {
    let mut desk = Desk::registered();
    let ticket = desk.wants(say("bonjour"));
    let asked = desk.asks(Kind::Text);
    desk.passes(ms(5_000));
    assert_eq!(desk.count(server(), Kind::Text), 9);
    desk.count(server(), Kind::Connect);
    desk.is_asked(900, SERVER, text(""));
    assert_eq!(desk.asks(Kind::Text), asked);
    desk.is_answered(&asked, Body::TextReply);
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delayed });
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
}

#[test]
fn m13_a_text_that_comes_again_is_answered_again_and_shown_once() {
    let mut desk = Desk::registered();
    for _ in 0..3 {
        desk.is_asked(42, SERVER, text("welcome"));
        assert_eq!(desk.answers(server(), 42), Body::TextReply);
    }
    assert_eq!(desk.tells(), Event::Heard { from: Speaker::Server, text: "welcome".into() });
    desk.tells_nothing();
}

#[test]
fn m11_an_empty_text_is_answered_and_not_shown() {
    let mut desk = Desk::registered();
    desk.is_asked(42, SERVER, text(""));
    assert_eq!(desk.answers(server(), 42), Body::TextReply);
    desk.tells_nothing();
}

#[test]
fn m4_what_was_meant_for_somebody_before_it_is_neither_answered_nor_shown() {
    let mut desk = Desk::new();
    desk.is_asked(42, 3, text("for the former one"));
    desk.tells_nothing();
    assert_eq!(desk.client.dropped(), 1);
    assert_eq!(desk.count(server(), Kind::TextReply), 0);
}

#[test]
fn m2_texts_of_an_unknown_id_wait_in_order_for_its_name() {
    let mut desk = Desk::registered();
    desk.is_asked(42, 9, text("one"));
    desk.is_asked(43, 9, text("two"));
    let asked = desk.asks(Kind::Directory);
    assert_eq!(asked.body, Body::Directory { user: 9 });
    desk.tells_nothing();
    let entry = palabre::dialect::msp::DirectoryEntry { id: 9, user: name("bob") };
    desk.is_answered(&asked, Body::DirectoryReply(vec![entry]));
    desk.is_asked(44, 9, text("three"));
    for said in ["one", "two", "three"] {
        assert_eq!(desk.tells(), Event::Heard { from: Speaker::Named("bob".into()), text: said.into() });
    }
    desk.asks_nothing();
}

#[test]
fn m2_texts_of_somebody_who_is_gone_are_shown_under_his_id() {
    let mut desk = Desk::registered();
    desk.is_asked(42, 9, text("goodbye"));
    let asked = desk.asks(Kind::Directory);
    desk.is_answered(&asked, Body::DirectoryReply(Vec::new()));
    assert_eq!(desk.tells(), Event::Heard { from: Speaker::Unnamed(9), text: "goodbye".into() });
}

#[test]
fn texts_that_wait_for_a_name_are_not_lost_with_the_session() {
    let mut desk = Desk::registered();
    desk.is_asked(42, 9, text("one"));
    let asked = desk.asks(Kind::Directory);
    desk.is_answered(&asked, error(Kind::Directory.code(), ErrorCode::NOT_REGISTERED, ""));
    let told = [desk.tells(), desk.tells()];
    assert!(told.contains(&Event::Heard { from: Speaker::Unnamed(9), text: "one".into() }), "{told:?}");
}

#[test]
fn m1_an_answer_of_another_type_or_number_answers_nothing() {
    let mut desk = Desk::registered();
    let ticket = desk.wants(say("bonjour"));
    let asked = desk.asks(Kind::Text);
    desk.is_answered(&asked, Body::NotificationReply);
    desk.is_answered(&asked, error(Kind::ListRooms.code(), ErrorCode::NOT_REGISTERED, ""));
    let other = Message { seq: asked.seq.wrapping_add(1), ..asked.clone() };
    desk.is_answered(&other, Body::TextReply);
    desk.tells_nothing();
    desk.is_answered(&asked, Body::TextReply);
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
    desk.is_answered(&asked, Body::TextReply);
    desk.tells_nothing();
}

#[test]
fn it_says_goodbye_after_what_it_still_has_to_say() {
    let mut desk = Desk::registered();
    let ticket = desk.wants(say("good night"));
    desk.wants(Ask::Disconnect);
    let asked = desk.asks(Kind::Text);
    desk.asks_nothing();
    desk.is_answered(&asked, Body::TextReply);
    let goodbye = desk.asks(Kind::Disconnect);
    desk.is_answered(&goodbye, Body::DisconnectReply { refused: false });
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
    assert_eq!(desk.tells(), Event::Disconnected);
    assert_eq!(desk.client.poll_timeout(), None);
}

#[test]
fn a_goodbye_to_a_server_that_has_forgotten_it_is_told_once() {
    let mut desk = Desk::registered();
    desk.wants(Ask::Disconnect);
    let goodbye = desk.asks(Kind::Disconnect);
    desk.is_answered(&goodbye, error(Kind::Disconnect.code(), ErrorCode::NOT_REGISTERED, ""));
    assert_eq!([desk.tells(), desk.tells()], [Event::Forgotten, Event::Disconnected]);
    desk.tells_nothing();
}

#[test]
fn a_goodbye_that_nobody_answers_is_one_all_the_same() {
    let mut desk = Desk::registered();
    desk.wants(Ask::Disconnect);
    desk.passes(ms(3_000));
    assert_eq!(desk.count(server(), Kind::Disconnect), 10);
    assert_eq!(desk.tells(), Event::Disconnected);
}

#[test]
fn m26_what_only_clients_ask_is_refused_and_what_is_malformed_is_told_so() {
    let mut desk = Desk::registered();
    desk.is_asked(42, SERVER, Body::ListRooms);
    assert!(matches!(
        desk.answers(server(), 42),
        Body::Error { refused: 5, code: ErrorCode::NOT_ALLOWED, .. }
    ));
    // TEXTE, 255, number 43, two bytes longer than it says.
    let mut bytes = Vec::new();
    Message { user: SERVER, seq: 43, body: text("") }.encode(&mut bytes).unwrap();
    bytes.extend([0, 0]);
    desk.gets(server(), &bytes);
    assert!(matches!(
        desk.answers(server(), 43),
        Body::Error { refused: 15, code: ErrorCode::MALFORMED, .. }
    ));
    // The same as a response, and from a stranger: silence.
    bytes[0] = (Kind::TextReply.code() << 3) | 0x07;
    desk.gets(server(), &bytes);
    assert_eq!(desk.count(server(), Kind::Error), 0);
}

#[test]
fn m16_a_datagram_that_the_link_has_changed_is_dropped() {
    let config = Config { integrity: Integrity::Crc32, ..Config::new("alice", server()) };
    let mut desk = Desk::with(config);
    let connect = desk.asks(Kind::Connect);
    desk.is_answered(&connect, accepted());
    assert_eq!(desk.client.dropped(), 1, "it has no checksum");
    desk.tells_nothing();
}
