//! Stories of rooms that get another name, another manager or an end: S11; and of what stays private: S12.
//!
//! In: who renames, leaves, dissolves and speaks. Out: who was told what. Must not know how rooms are kept.

use palabre::vocab::{Ability, Command, Outcome, Refusal};

use super::rooms_hall::{Hall, create, say};

/// alice manages "den", bob and carol are in it; dave is in public. All can be asked.
fn den() -> Hall {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    hall.opens("den", &["alice", "bob", "carol"]);
    hall
}

#[test]
fn s11_any_member_gives_the_room_another_name() {
    let mut hall = den();
    hall.did("dave", create("hut"));
    hall.effects.clear();
    assert_eq!(hall.does("bob", Command::Rename { room: "nest" }), Ok(Outcome::Done));
    hall.tells(&["alice, carol: renamed nest"]);
    assert_eq!(hall.rooms.find_room("den"), None);
    assert_eq!(hall.members_of("nest"), "alice, bob, carol");

    assert_eq!(hall.does("bob", Command::Rename { room: "hut" }), Err(Refusal::NameTaken));
    assert_eq!(hall.does("bob", Command::Rename { room: "" }), Err(Refusal::BadName));
    assert_eq!(hall.does("bob", Command::Rename { room: "nest" }), Ok(Outcome::Done));
    hall.tells(&[]);
    hall.did("dave", Command::Leave);
    assert_eq!(hall.does("dave", Command::Rename { room: "hut" }), Err(Refusal::NotInPrivateRoom));
    assert_eq!(hall.does("dave", Command::Name { room: "hut" }), Err(Refusal::NotInPrivateRoom));
    hall.did("dave", create("den"));
}

#[test]
fn s11_the_manager_dissolves_the_room_and_all_are_back_in_public() {
    let mut hall = den();
    assert_eq!(hall.does("bob", Command::Dissolve), Err(Refusal::NotManager));
    assert_eq!(hall.does("dave", Command::Dissolve), Err(Refusal::NotInPrivateRoom));
    hall.tells(&[]);
    assert_eq!(hall.does("alice", Command::Dissolve), Ok(Outcome::Done));
    hall.tells(&[
        "bob, carol: den dissolved",
        "dave: alice joined public",
        "dave: bob joined public",
        "dave: carol joined public",
    ]);
    assert_eq!(hall.rooms.find_room("den"), None);
    assert_eq!(hall.members_of("public"), "dave, alice, bob, carol");
    // He ended it himself and knows; the others may not know yet (M21).
    hall.did("alice", say("hello"));
    assert_eq!(hall.does("bob", say("a secret")), Err(Refusal::NotToldYet));
    hall.rooms.told(hall.id("bob"));
    hall.did("bob", say("hello"));
}

#[test]
fn s11_when_the_manager_leaves_the_one_longest_in_the_room_who_can_be_asked_manages_it() {
    let mut hall = Hall::of_askable(&["alice", "bob"]);
    hall.opens("den", &["alice", "bob"]);
    hall.enters("eve").unwrap();
    hall.joined("eve", "den");
    hall.enters_as("carol", Ability::Asked).unwrap();
    hall.joined("carol", "den");
    hall.says("alice", true);
    hall.did("bob", Command::Leave);
    hall.effects.clear();

    hall.did("alice", Command::Leave);
    hall.tells(&["eve, carol: alice left", "carol: manages den", "bob: alice joined public"]);
    assert_eq!(hall.manager_of("den"), Some("carol"));
    hall.enters("fay").unwrap();
    hall.joined("fay", "den");
    hall.effects.clear();
    hall.exits("carol");
    hall.tells(&["eve, fay: carol left"]);
    assert_eq!(hall.manager_of("den"), None);
    // From now on it admits by itself, and nobody comes to manage it.
    assert!(matches!(hall.joined("bob", "den"), Outcome::In(_)));
    assert_eq!(hall.manager_of("den"), None);
    assert_eq!(hall.does("bob", Command::Dissolve), Err(Refusal::NotManager));
}

#[test]
fn s11_a_room_that_falls_to_one_closes_whoever_manages_it() {
    let mut hall = den();
    hall.did("carol", Command::Leave);
    hall.effects.clear();
    hall.did("alice", Command::Leave);
    hall.tells(&[
        "bob: alice left",
        "bob: den closed",
        "dave, carol: bob joined public",
        "dave, carol, bob: alice joined public",
    ]);
}

#[test]
fn s12_what_is_said_in_a_room_stays_in_it_whomever_it_is_said_to() {
    let mut hall = den();
    let [alice, bob, dave] = ["alice", "bob", "dave"].map(|name| hall.id(name));
    hall.did("alice", say("hello"));
    hall.tells(&["bob, carol: alice says hello"]);
    hall.did("dave", say("anybody?"));
    hall.tells(&[]);
    let to = |to| Command::SayTo { to, text: "psst" };
    assert_eq!(hall.does("alice", to(dave)), Err(Refusal::Elsewhere));
    assert_eq!(hall.does("dave", to(alice)), Err(Refusal::Elsewhere));
    hall.tells(&[]);
    hall.did("alice", to(bob));
    hall.tells(&["bob: alice whispers psst"]);
}
