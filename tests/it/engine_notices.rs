//! What the server tells without being asked: M2, M12, M21, and its own end.
//!
//! In: comings and goings. Out: NOTIFICATION to those who said BONJOUR, words to the others, to nobody else. Must not
//! know how rooms decide whom to tell.

use palabre::dialect::msp::{Body, Capabilities, ErrorCode, Event as Happening};
use palabre::engine::Event;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::engine_words::{KEEP_ALIVE, assert_error, join, name, text};
use crate::msp_client::{Client, Table, Way};

fn joined(who: &Client, address: &str, user: &'static str) -> Happening<'static> {
    Happening::Joined { id: who.id(), address: address.parse().unwrap(), user: name(user) }
}

fn left(id: u8, user: &'static str) -> Happening<'static> {
    Happening::Left { id, user: name(user) }
}

#[test]
fn m12_bonjour_with_bit_0_decides_between_notification_and_words() {
    let (table, [alice, bob, carol]) = Table::of(["alice", "bob", "carol"]);
    alice.says_hello();
    // BONJOUR without bit 0 changes nothing.
    bob.asks(Body::Hello { version: 1, capabilities: Capabilities::DIRECTORY });
    let dave = table.joins("dave");
    alice.is_notified(joined(&dave, "0.0.0.0:0", "dave"));
    bob.is_told("dave has come into this room");
    carol.is_told("dave has come into this room");
    dave.asks(Body::Disconnect);
    alice.is_notified(left(4, "dave"));
    bob.is_told("dave has left this room");
    carol.is_told("dave has left this room");
    for who in [&alice, &bob, &carol, &dave] {
        who.gets_nothing();
    }
}

#[test]
fn m12_events_name_addresses_in_decentralised_rooms_only_and_outsiders_hear_nothing() {
    for (mode, address) in [(Mode::Central, "0.0.0.0:0"), (Mode::Direct, "192.0.2.2:40002")] {
        let (table, [alice, bob, carol]) = Table::of_readers(["alice", "bob", "carol"]);
        alice.creates("den", mode);
        table.forgets_all();
        bob.asks(join("den"));
        alice.is_notified(joined(&bob, address, "bob"));
        carol.is_notified(left(bob.id(), "bob"));
        bob.says("private");
        alice.hears("private", &bob);
        carol.gets_nothing();
        bob.gets_nothing();
    }
}

#[test]
fn m7_m12_the_last_one_in_a_room_is_told_that_it_has_closed() {
    let (table, [alice, bob, carol]) = Table::of_readers(["alice", "bob", "carol"]);
    alice.creates("den", Mode::Central);
    bob.asks(join("den"));
    table.forgets_all();
    bob.asks(Body::Disconnect);
    alice.is_notified(left(2, "bob"));
    alice.is_notified(Happening::Closed { room: name("den") });
    carol.is_notified(joined(&alice, "0.0.0.0:0", "alice"));
    alice.gets_nothing();
}

/// Alice, whose room has just closed, and who has not been told yet; bob and carol in public.
fn unaware_alice() -> (Table, [Client; 3]) {
    let (table, clients) = Table::of_readers(["alice", "bob", "carol"]);
    let [alice, bob, _carol] = &clients;
    alice.creates("den", Mode::Direct);
    bob.asks(join("den"));
    alice.is(Way::Cut);
    bob.asks(Body::LeaveRoom);
    table.forgets_all();
    (table, clients)
}

#[test]
fn m21_what_one_says_who_does_not_know_that_his_room_has_closed_is_not_published() {
    let (table, [alice, bob, carol]) = unaware_alice();
    alice.is(Way::Mute);
    assert_error(&alice.asks(text("for the den only")), 15, ErrorCode::NOT_IN_PRIVATE_ROOM);
    let relay = Body::Relay { to: bob.id(), text: "for bob only".into(), order: None };
    assert_error(&alice.asks(relay), 29, ErrorCode::NOT_IN_PRIVATE_ROOM);
    bob.gets_nothing();
    carol.gets_nothing();
    // The notice is repeated; once it is acknowledged she is one of the public.
    alice.is(Way::Open);
    table.passes(Duration::from_secs(1));
    alice.says("hello everybody");
    bob.hears("hello everybody", &alice);
    carol.hears("hello everybody", &alice);
}

#[test]
fn m21_the_words_of_one_who_reads_no_notification_count_as_well() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.creates("den", Mode::Central);
    bob.asks(join("den"));
    alice.is(Way::Mute);
    bob.asks(Body::LeaveRoom);
    table.forgets_all();
    assert_error(&alice.asks(text("secret")), 15, ErrorCode::NOT_IN_PRIVATE_ROOM);
    alice.is(Way::Open);
    table.passes(Duration::from_secs(1));
    alice.says("public");
    bob.hears("public", &alice);
}

#[test]
fn m21_a_move_of_ones_own_ends_it_too() {
    let (_table, [alice, bob, _carol]) = unaware_alice();
    alice.is(Way::Mute);
    assert_eq!(alice.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: false });
    alice.says("public by my own will");
    bob.hears("public by my own will", &alice);
}

/// The notice of the closing is the oldest thing in her mailbox. It may be the first to go, but she must not speak before
/// she has been told.
#[test]
fn m21_holds_even_if_the_closing_notice_was_dropped_from_a_full_mailbox() {
    let (table, [alice, bob, carol]) = unaware_alice();
    for n in 0..300 {
        carol.says(&format!("text {n}"));
        table.passes(Duration::from_millis(50));
    }
    bob.forgets();
    alice.is(Way::Mute);
    assert_error(&alice.asks(text("for the den only")), 15, ErrorCode::NOT_IN_PRIVATE_ROOM);
    bob.gets_nothing();
    alice.is(Way::Open);
    alice.forgets();
    alice.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(5));
    let closed = Body::Notification(Happening::Closed { room: name("den") });
    assert_eq!(alice.takes_all().iter().filter(|got| got.body == closed).count(), 1, "told, once");
    alice.says("public now");
    bob.hears("public now", &alice);
}

#[test]
fn m21_two_closings_told_in_one_leave_nobody_dumb_for_ever() {
    let (table, [alice, bob, carol]) = unaware_alice();
    // While the first notice waits she makes a room again, and that closes too.
    alice.sends(Body::CreateRoom { mode: Mode::Central, room: name("lair"), capacity: 5 });
    bob.asks(join("lair"));
    bob.asks(Body::LeaveRoom);
    for n in 0..300 {
        carol.says(&format!("text {n}"));
        table.passes(Duration::from_millis(50));
    }
    alice.is(Way::Open);
    alice.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(5));
    bob.forgets();
    alice.says("public now");
    bob.hears("public now", &alice);
}

#[test]
fn m12_when_the_server_stops_readers_get_event_7_and_the_others_words() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.says_hello();
    table.events();
    table.stops();
    alice.is_notified(Happening::Stopping);
    bob.is_told("the server stops");
    assert_eq!(table.events(), [Event::Stopped], "once all have acknowledged it");
}

#[test]
fn a_server_that_stops_waits_for_the_silent_no_longer_than_all_tries() {
    let (table, [alice, _bob]) = Table::of(["alice", "bob"]);
    alice.is(Way::Cut);
    table.events();
    table.stops();
    table.passes(Duration::from_millis(999));
    assert_eq!(table.events(), []);
    table.passes(Duration::from_millis(2));
    assert_eq!(table.events(), [Event::Stopped]);
}

#[test]
fn a_server_that_stops_does_not_wait_for_those_who_leave_and_with_nobody_on_it_not_at_all() {
    let (table, [alice]) = Table::of(["alice"]);
    alice.is(Way::Mute);
    table.events();
    table.stops();
    assert_eq!(table.events(), []);
    alice.sends(Body::Disconnect);
    assert!(table.events().contains(&Event::Stopped));

    let empty = Table::new();
    empty.stops();
    assert_eq!(empty.events(), [Event::Stopped]);
}
