//! Who is registered, under which id, and for how long: M2, M4, M5, M23, M24.
//!
//! In: CONNEXION and time. Out: ids, departures, what the others are told. Must not know how peers are stored.

use palabre::dialect::msp::{Body, ErrorCode, Event as Happening, Kind, Name, RegisterStatus};
use palabre::engine::{Config, Departure, Dialect, DropReason, Event};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::engine_words::{KEEP_ALIVE, assert_error, connect, kept_alive, name, registered, text};
use crate::msp_client::{Table, Way};

const ACCEPTED: RegisterStatus = RegisterStatus::Accepted;

#[test]
fn m4_the_first_who_comes_gets_id_1_and_the_bytes_of_the_specification() {
    let table = Table::new();
    let alice = table.stranger();
    alice.sends_bytes(&[0x08, 0x00, 0x00, 0x0b, 0x0b, 0x63, 0x4b, 0x1b, 0x29, 0x18]);
    assert_eq!(alice.last_bytes(), [0x17, 0xf8, 0x00, 0x08, 0x02]);
    assert_eq!(table.events(), [arrived("alice", 1, "192.0.2.1:40001")]);
}

#[test]
fn m2_m4_ids_0_and_255_and_those_of_others_are_not_registered_from_here() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    for foreign in [0, 255, bob.id(), 99] {
        for (seq, body, kind) in [(50, text("hello"), Kind::Text), (51, Body::ListRooms, Kind::ListRooms)] {
            alice.sends_as(foreign, seq, body);
            assert_error(&alice.answer_to(seq).unwrap(), kind.code(), ErrorCode::NOT_REGISTERED);
        }
        alice.sends_as(foreign, 52, KEEP_ALIVE);
        assert_eq!(alice.answer_to(52), Some(kept_alive(true)));
        alice.sends_as(foreign, 53, Body::TextReply);
        alice.gets_nothing();
    }
    bob.gets_nothing();
    assert_eq!(table.dropped(DropReason::UnexpectedResponse), 4);
}

#[test]
fn m4_an_unregistered_one_gets_erreur_3_and_a_keep_alive_statut_connexion_1() {
    let table = Table::new();
    let stranger = table.stranger();
    let answer = stranger.asks(text("hello"));
    assert_eq!(
        answer,
        Body::Error { refused: 15, code: ErrorCode::NOT_REGISTERED, reason: "".into() },
        "in the fewest bytes (M15)"
    );
    assert_eq!(stranger.asks(KEEP_ALIVE), kept_alive(true));
    stranger.registers("alice");
    assert_eq!(stranger.asks(KEEP_ALIVE), kept_alive(false));
}

#[test]
fn m3_names_that_break_the_rules_are_invalid_and_not_malformed() {
    let table = Table::new();
    let stranger = table.stranger();
    for bad in ["", "elevenbytes", "éééééé", "a\tb", "\u{7f}"] {
        assert_eq!(stranger.asks(connect(bad)), registered(RegisterStatus::InvalidName, 0), "{bad:?}");
    }
    let not_utf8 = Name::from_bytes(&[0xff, 0xfe][..]).unwrap();
    let answer = stranger.asks(Body::Connect { name: Some(not_utf8) });
    assert_eq!(answer, registered(RegisterStatus::InvalidName, 0));
    for (id, good) in [(1, "tenbytes10"), (2, "ééééé"), (3, "a b")] {
        assert_eq!(stranger.asks(connect(good)), registered(ACCEPTED, id), "{good:?}");
    }
}

#[test]
fn m4_one_who_restarts_keeps_his_id_and_begins_afresh() {
    let (_table, [alice, bob]) = Table::of_readers(["alice", "bob"]);
    alice.creates("den", Mode::Central);
    let restarted = alice.again_from(500);
    restarted.registers("alice");
    assert_eq!(restarted.id(), 1);
    let room = bob.asks(Body::ListRooms);
    assert_eq!(room, Body::RoomList(Vec::new()), "he left his room, which was empty then");

    // A number that the former program used is new again: the text is carried out and not taken for a repetition.
    bob.forgets();
    restarted.sends_as(1, 2, text("fresh"));
    assert_eq!(restarted.answer_to(2), Some(Body::TextReply));
    bob.hears("fresh", &restarted);
    // And BONJOUR is forgotten: he is told in words.
    bob.asks(Body::Disconnect);
    restarted.is_told("bob has left this room");
}

#[test]
fn m4_a_repeated_connexion_is_not_a_restart() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.creates("den", Mode::Central);
    bob.forgets();
    alice.sends_as(0, 1, connect("alice"));
    assert_eq!(alice.answer_to(1), Some(registered(ACCEPTED, 1)));
    bob.gets_nothing();
    let rooms = alice.asks(Body::ListRooms);
    assert!(matches!(rooms, Body::RoomList(rooms) if rooms.len() == 1));
    assert_eq!(table.events().len(), 2, "two arrivals, no departure");
}

#[test]
fn m4_a_late_copy_of_the_connexion_of_an_earlier_program_does_not_restart_the_present_one() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    let restarted = alice.again_from(500);
    restarted.registers("alice");
    restarted.creates("den", Mode::Central);
    bob.forgets();
    // The copy of the first program's CONNEXION comes now. Whoever is in a private room stays there.
    restarted.sends_as(0, 1, connect("alice"));
    bob.gets_nothing();
    let rooms = restarted.asks(Body::ListRooms);
    assert!(matches!(rooms, Body::RoomList(rooms) if rooms.len() == 1));

    // The same when the first program had said goodbye.
    restarted.asks(Body::Disconnect);
    let third = restarted.again_from(900);
    third.registers("alice");
    third.creates("den", Mode::Central);
    third.sends_as(0, 500, connect("alice"));
    let rooms = third.asks(Body::ListRooms);
    assert!(matches!(rooms, Body::RoomList(rooms) if rooms.len() == 1));
}

#[test]
fn m4_another_name_from_the_same_address_gives_the_former_up() {
    let (_table, [alice, bob]) = Table::of_readers(["alice", "bob"]);
    let carol = alice.again_from(700);
    carol.registers("carol");
    assert_eq!(carol.id(), 3, "an id that was given up rests");
    bob.is_notified(Happening::Left { id: 1, user: name("alice") });
    bob.is_notified(Happening::Joined { id: 3, address: "0.0.0.0:0".parse().unwrap(), user: name("carol") });
}

#[test]
fn m4_another_name_under_the_same_number_is_another_person_and_no_repetition() {
    // Programs that begin at 1 each time, one after the other from the same port.
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    let carol = alice.again_from(1);
    carol.registers("carol");
    assert_ne!(carol.id(), 1);
    assert_eq!(
        bob.asks(Body::ListUsers { room: name("") }),
        Body::UserList(vec![name("bob"), name("carol")])
    );
}

#[test]
fn m4_a_refused_change_of_name_changes_nothing() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    assert_eq!(alice.asks(connect("")), registered(RegisterStatus::InvalidName, 0));
    assert_eq!(alice.asks(connect("bob")), registered(RegisterStatus::NameTaken, 0));
    bob.forgets();
    alice.says("still alice");
    bob.hears("still alice", &alice);
}

#[test]
fn m4_a_taken_name_is_refused_and_a_holder_who_answers_the_probe_stays() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    let other = table.stranger();
    assert_eq!(other.asks(connect("alice")), registered(RegisterStatus::NameTaken, 0));
    alice.is_told("");
    table.passes(Duration::from_secs(3));
    assert_eq!(other.asks(connect("alice")), registered(RegisterStatus::NameTaken, 0));
    bob.gets_nothing();
}

#[test]
fn m4_a_silent_holder_is_removed_after_m_tries_so_that_a_retry_succeeds() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.is(Way::Cut);
    let other = table.stranger();
    let seq = other.sends(connect("alice"));
    assert_eq!(other.answer_to(seq), Some(registered(RegisterStatus::NameTaken, 0)));
    let before = alice.traffic().0;
    table.passes(Duration::from_millis(999));
    assert_eq!(other.asks(connect("alice")), registered(RegisterStatus::NameTaken, 0), "not yet");
    table.passes(Duration::from_millis(2));
    assert_eq!(alice.traffic().0 - before, 9, "ten tries, the first of them at once");
    bob.is_told("alice has left this room");
    // A retry may even bear the old number: a refusal is no state.
    other.sends_as(0, seq, connect("alice"));
    assert_eq!(other.answer_to(seq), Some(registered(ACCEPTED, 3)));
    assert!(table.events().contains(&departed("alice", 1, Departure::Unanswered)));
}

#[test]
fn m4_any_sign_of_life_during_the_probe_saves_the_holder() {
    let (table, [alice, _bob]) = Table::of(["alice", "bob"]);
    alice.is(Way::Mute);
    let other = table.stranger();
    other.asks(connect("alice"));
    table.passes(Duration::from_millis(500));
    assert_eq!(alice.asks(KEEP_ALIVE), kept_alive(false));
    table.passes(Duration::from_secs(2));
    assert_eq!(other.asks(connect("alice")), registered(RegisterStatus::NameTaken, 0));
}

/// A text waits for the holder and the server is just asking whether he is back (M33): that is no excuse.
#[test]
fn m4_a_silent_holder_is_probed_for_his_name_also_while_he_is_being_woken_up() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Cut);
    alice.says("are you there");
    table.passes(Duration::from_millis(2_500));
    let late = table.stranger();
    assert_eq!(late.asks(connect("bob")), registered(RegisterStatus::NameTaken, 0));
    table.passes(Duration::from_millis(1_200));
    late.registers("bob");
}

#[test]
fn m24_a_repeated_deconnexion_gets_the_same_bytes_for_60_s_and_says_goodbye_once() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    let seq = alice.sends(Body::Disconnect);
    let goodbye = alice.last_bytes();
    assert_eq!(alice.answer_to(seq), Some(Body::DisconnectReply { refused: false }));
    bob.is_told("alice has left this room");
    for wait in [0, 1, 58] {
        table.passes(Duration::from_secs(wait));
        alice.sends_as(1, seq, Body::Disconnect);
        assert!(alice.answer_to(seq).is_some());
        assert_eq!(alice.last_bytes(), goodbye);
    }
    // What is new under this id is a stranger's.
    alice.sends_as(1, 90, KEEP_ALIVE);
    assert_eq!(alice.answer_to(90), Some(kept_alive(true)));
    table.passes(Duration::from_secs(2));
    alice.sends_as(1, seq, Body::Disconnect);
    assert_error(&alice.answer_to(seq).unwrap(), 21, ErrorCode::NOT_REGISTERED);
    bob.gets_nothing();
}

#[test]
fn m23_all_listeners_share_one_id_space_and_one_set_of_names() {
    let mut config = Config::msp();
    config.listeners.push(config.listeners[0]);
    let table = Table::with(config);
    let alice = table.joins("alice");
    let bob = table.stranger_at(ListenerId(1), "192.0.2.1:40001");
    assert_eq!(bob.asks(connect("alice")), registered(RegisterStatus::NameTaken, 0));
    bob.registers("bob");
    assert_eq!(bob.id(), 2);
    table.forgets_all();
    bob.says("hello");
    alice.hears("hello", &bob);
    // An id is good only at the listener it was given at.
    let seq = 77;
    alice.sends_as(bob.id(), seq, text("me"));
    assert_error(&alice.answer_to(seq).unwrap(), 15, ErrorCode::NOT_REGISTERED);
}

fn arrived(who: &str, id: u8, from: &str) -> Event {
    Event::Arrived {
        name: who.into(),
        dialect: Dialect::Msp,
        id: Some(id.into()),
        from: from.parse().unwrap(),
    }
}

fn departed(who: &str, id: u8, why: Departure) -> Event {
    Event::Departed { name: who.into(), id: Some(id.into()), why }
}
