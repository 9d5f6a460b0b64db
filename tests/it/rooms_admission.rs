//! Stories of people who ask to come into a room that somebody manages: S9.
//!
//! In: who asks, what the manager says, time. Out: who was told what. Must not know how rooms are kept.

use palabre::vocab::{Ability, Command, Mode, Outcome, Refusal};

use super::rooms_hall::{Hall, create, say};

/// alice manages "den", bob is in it; carol and dave are in public. All can be asked.
fn den() -> Hall {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    hall.opens("den", &["alice", "bob"]);
    hall
}

#[test]
fn s9_the_manager_admits_who_asks_to_come_in() {
    let mut hall = den();
    assert_eq!(hall.joins("carol", "den"), Ok(Outcome::Undecided));
    hall.tells(&["alice: carol wants in"]);
    assert_eq!(hall.room_of("carol"), "public");
    assert_eq!(hall.says("alice", true), Outcome::Done);
    hall.tells(&["dave: carol left", "alice, bob: carol joined den", "carol: admitted to den"]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn s9_the_manager_refuses_by_a_word_or_by_saying_nothing_for_60_s() {
    let mut hall = den();
    hall.joined("carol", "den");
    hall.effects.clear();
    hall.says("alice", false);
    hall.tells(&["carol: not admitted: not agreed"]);

    hall.joined("carol", "den");
    hall.effects.clear();
    hall.waits_until(59);
    hall.tells(&[]);
    hall.waits_until(60);
    hall.tells(&["carol: not admitted: not agreed"]);
    assert_eq!(hall.rooms.oldest_question(hall.id("alice")), None);
}

#[test]
fn s9_who_could_not_wait_and_who_comes_to_a_room_without_manager_walks_in() {
    let mut hall = den();
    hall.enters("eve").unwrap();
    hall.effects.clear();
    assert!(matches!(hall.joined("eve", "den"), Outcome::In(_)));
    hall.tells(&["carol, dave: eve left", "alice, bob: eve joined den"]);

    hall.did("carol", create("open"));
    hall.effects.clear();
    assert!(matches!(hall.joined("dave", "open"), Outcome::In(_)));
    assert_eq!(hall.manager_of("open"), None);
}

#[test]
fn s9_who_was_invited_by_any_member_walks_in() {
    let mut hall = den();
    hall.invited("bob", "carol");
    assert!(matches!(hall.joined("carol", "den"), Outcome::In(_)));
    hall.joined("dave", "den");
    hall.invited("bob", "dave");
    assert!(
        matches!(hall.joined("dave", "den"), Outcome::In(_)),
        "who waits and is invited meanwhile need not"
    );
    assert_eq!(hall.rooms.oldest_question(hall.id("alice")), None);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn s9_asking_again_asks_nobody_twice_and_asking_elsewhere_withdraws() {
    let mut hall = den();
    hall.enters_as("eve", Ability::Asked).unwrap();
    hall.opens("hut", &["dave", "eve"]);
    hall.joined("carol", "den");
    hall.effects.clear();
    assert_eq!(hall.joins("carol", "den"), Ok(Outcome::Undecided));
    hall.tells(&[]);
    assert_eq!(hall.joins("carol", "hut"), Ok(Outcome::Undecided));
    hall.tells(&["dave: carol wants in"]);
    assert_eq!(hall.rooms.oldest_question(hall.id("alice")), None);
    hall.says("dave", true);
    assert_eq!(hall.room_of("carol"), "hut");
}

#[test]
fn s9_a_full_room_is_full_when_one_asks_and_when_one_is_let_in() {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    let users = [hall.id("bob")];
    hall.did("alice", Command::Propose { users: &users, capacity: 3, most_rooms: 100 });
    hall.did("alice", Command::Choose { mode: Mode::Direct });
    hall.says("bob", true);
    for name in ["carol", "dave"] {
        assert_eq!(hall.joins(name, "messagerie1"), Ok(Outcome::Undecided));
    }
    hall.says("alice", true);
    hall.effects.clear();
    hall.says("alice", true);
    hall.tells(&["dave: not admitted: the room is full"]);
    assert_eq!(hall.joins("dave", "messagerie1"), Err(Refusal::RoomFull));
    assert!(matches!(hall.joins("carol", "messagerie1"), Ok(Outcome::In(_))));
}

#[test]
fn s9_who_moves_by_himself_or_leaves_the_server_does_not_wait_any_more() {
    for how in [0, 1, 2] {
        let mut hall = den();
        hall.did("dave", create("hut"));
        hall.joined("carol", "den");
        hall.effects.clear();
        let question = hall.question();
        match how {
            0 => drop(hall.did("carol", create("new"))),
            1 => drop(hall.joined("carol", "hut")),
            _ => hall.exits("carol"),
        }
        hall.effects.clear();
        let answer = Command::Answer { question, accept: true };
        assert_eq!(hall.does("alice", answer), Err(Refusal::NoSuchInvitation));
        assert_eq!(hall.rooms.poll_timeout(), None);
        hall.tells(&[]);
    }
}

#[test]
fn s9_s11_the_next_manager_is_asked_anew_within_the_same_60_s() {
    let mut hall = den();
    hall.joined("dave", "den");
    hall.says("alice", true);
    hall.waits_until(10);
    hall.joined("carol", "den");
    let asked_alice = hall.question();
    hall.effects.clear();
    hall.waits_until(30);
    hall.did("alice", Command::Leave);
    hall.tells(&[
        "bob, dave: alice left",
        "bob: manages den",
        "bob: carol wants in",
        "carol: alice joined public",
    ]);
    assert!(!hall.rooms.is_open(hall.id("alice"), asked_alice));
    hall.waits_until(69);
    hall.tells(&[]);
    hall.waits_until(70);
    hall.tells(&["carol: not admitted: not agreed"]);
}

#[test]
fn s9_s11_when_nobody_manages_the_room_any_more_those_who_wait_come_in() {
    let mut hall = den();
    hall.enters("eve").unwrap();
    hall.enters("fay").unwrap();
    hall.joined("eve", "den");
    hall.joined("fay", "den");
    hall.did("bob", Command::Leave);
    hall.joined("carol", "den");
    hall.effects.clear();
    hall.exits("alice");
    hall.tells(&[
        "eve, fay: alice left",
        "dave, bob: carol left",
        "eve, fay: carol joined den",
        "carol: admitted to den",
    ]);
    assert_eq!(hall.manager_of("den"), None);
}

#[test]
fn s9_one_who_is_let_in_by_a_leaving_does_not_close_the_room_the_leaver_goes_to() {
    let mut hall = Hall::of_askable(&["alice", "bob"]);
    for name in ["eve", "fay", "guy"] {
        hall.enters(name).unwrap();
    }
    hall.opens("den", &["alice", "bob"]);
    hall.joined("eve", "den");
    hall.joined("fay", "den");
    // bob waits for alice from a room where he is with one other, and that is where alice goes.
    hall.did("guy", create("hut"));
    hall.joined("bob", "hut");
    hall.joined("bob", "den");
    hall.effects.clear();
    let hut = hall.room("hut");
    assert_eq!(hall.joins("alice", "hut"), Ok(Outcome::In(hut)));
    hall.tells(&[
        "eve, fay: alice left",
        "guy, bob: alice joined hut",
        "guy, alice: bob left",
        "eve, fay: bob joined den",
        "bob: admitted to den",
    ]);
    assert_eq!(hall.members_of("hut"), "guy, alice");
}

#[test]
fn s9_when_the_room_closes_those_who_wait_are_told() {
    let mut hall = den();
    hall.joined("carol", "den");
    hall.effects.clear();
    hall.did("bob", Command::Leave);
    hall.tells(&[
        "alice: bob left",
        "alice: den closed",
        "carol, dave: alice joined public",
        "carol: not admitted: no such room",
        "carol, dave, alice: bob joined public",
    ]);
}

#[test]
fn s9_m21_what_one_said_on_the_way_in_was_meant_for_the_room_one_was_in() {
    let mut hall = den();
    hall.did("carol", create("hut"));
    hall.joined("dave", "hut");
    hall.joined("dave", "den");
    hall.says("alice", true);
    hall.effects.clear();
    assert_eq!(hall.does("dave", say("for hut")), Err(Refusal::NotToldYet));
    hall.rooms.told(hall.id("dave"));
    hall.did("dave", say("hello"));
    hall.tells(&["alice, bob: dave says hello"]);

    // From the public room one comes aware.
    hall.rooms.told(hall.id("carol"));
    hall.joined("carol", "den");
    hall.says("alice", true);
    hall.effects.clear();
    hall.did("carol", say("hello"));
    hall.tells(&["alice, bob, dave: carol says hello"]);
}
