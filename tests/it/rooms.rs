//! Stories of people who come, go, make rooms and speak: M5, M7, M8, M10, M11 and
//! S12.
//!
//! In: commands of people with names. Out: who was told what. Must not know how rooms are kept.

use std::sync::Arc;

use palabre::rooms::{MAX_NAME_BYTES, MAX_ROOMS};
use palabre::vocab::{Command, Mode, Notice, Outcome, Refusal};

use super::rooms_hall::{Hall, create, say};

#[test]
fn who_enters_is_in_the_public_room_and_the_others_there_are_told() {
    let mut hall = Hall::with(&["alice", "bob", "carol"]);
    hall.did("carol", create("den"));
    hall.effects.clear();

    hall.enters("dave").unwrap();
    hall.tells(&["alice, bob: dave joined public"]);
    assert_eq!(hall.members_of("public"), "alice, bob, dave");
    assert_eq!(
        hall.rooms.users().map(|(_, user)| &*user.name).collect::<Vec<_>>(),
        ["alice", "bob", "carol", "dave"],
    );
}

#[test]
fn a_name_has_1_to_64_bytes_no_control_character_and_one_bearer() {
    let mut hall = Hall::with(&["alice"]);
    let (fits, too_long) = ("é".repeat(MAX_NAME_BYTES / 2), "e".repeat(MAX_NAME_BYTES + 1));
    for bad in ["", &too_long, "al\nice", "al\u{0}ice", "\u{7f}", "\u{85}"] {
        assert_eq!(hall.enters(bad), Err(Refusal::BadName), "{bad:?}");
    }
    assert_eq!(hall.enters("alice"), Err(Refusal::NameTaken));
    hall.tells(&[]);
    assert_eq!(hall.rooms.users().count(), 1);

    hall.enters(&fits).unwrap();
    hall.enters("Alice").unwrap();
    hall.exits("alice");
    hall.enters("alice").unwrap();
}

#[test]
fn m10_a_public_text_reaches_exactly_the_others_in_public() {
    let mut hall = Hall::with(&["alice", "bob", "carol", "dave"]);
    hall.did("dave", create("den"));
    hall.effects.clear();

    assert_eq!(hall.does("alice", say("hello")), Ok(Outcome::Done));
    hall.tells(&["bob, carol: alice says hello"]);
}

#[test]
fn a_private_text_reaches_exactly_the_other_members() {
    let mut hall = Hall::with(&["alice", "bob", "carol"]);
    hall.did("alice", create("den"));
    hall.joined("bob", "den");
    hall.effects.clear();

    hall.did("bob", say("psst"));
    hall.tells(&["alice: bob says psst"]);
    hall.did("carol", say("anybody?"));
    hall.tells(&[]);
}

#[test]
fn a_text_for_253_is_one_effect_and_one_copy() {
    let names: Vec<String> = (0..254).map(|n| format!("n{n}")).collect();
    let mut hall = Hall::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    hall.did("n0", say("hello"));

    let [effect] = &hall.effects[..] else { panic!("{} effects", hall.effects.len()) };
    assert_eq!(effect.to.len(), 253);
    let Notice::Text { text, .. } = &effect.notice else { panic!("{effect:?}") };
    assert_eq!(Arc::strong_count(text), 1);
}

#[test]
fn m7_the_creator_is_the_first_member_and_a_room_nobody_joined_lives_while_he_stays() {
    let mut hall = Hall::with(&["alice", "bob"]);
    let Outcome::In(den) = hall.did("alice", create("den")) else { panic!("not in") };
    hall.tells(&["bob: alice left"]);
    assert_eq!(hall.rooms.user(hall.id("alice")).unwrap().room, Some(den));

    hall.waits_until(1_000_000);
    assert_eq!(hall.members_of("den"), "alice");
    hall.did("alice", Command::Leave);
    hall.tells(&["bob: alice joined public"]);
    assert_eq!(hall.rooms.find_room("den"), None);
    assert!(hall.rooms.room(den).is_none());
    assert!(hall.rooms.members(den).is_empty());
}

#[test]
fn m7_a_room_that_falls_to_one_closes_and_the_one_left_is_told_and_back_in_public() {
    let mut hall = Hall::with(&["alice", "bob", "carol"]);
    hall.did("alice", create("den"));
    hall.joined("bob", "den");
    hall.effects.clear();

    hall.did("alice", Command::Leave);
    hall.tells(&[
        "bob: alice left",
        "bob: den closed",
        "carol: bob joined public",
        "carol, bob: alice joined public",
    ]);
    assert_eq!(hall.members_of("public"), "carol, bob, alice");
}

#[test]
fn m7_a_room_of_three_outlives_one_who_leaves_the_server() {
    let mut hall = Hall::with(&["alice", "bob", "carol"]);
    hall.did("alice", create("den"));
    hall.joined("bob", "den");
    hall.joined("carol", "den");
    hall.effects.clear();

    hall.exits("alice");
    hall.tells(&["bob, carol: alice left"]);
    hall.exits("bob");
    hall.tells(&["carol: bob left", "carol: den closed"]);
    assert_eq!(hall.room_of("carol"), "public");
}

#[test]
fn m7_a_room_is_for_2_to_254() {
    let mut hall = Hall::with(&["alice", "bob"]);
    let refused =
        [(0, Refusal::CapacityTooSmall), (1, Refusal::CapacityTooSmall), (255, Refusal::CapacityTooLarge)];
    for (capacity, why) in refused {
        let command = Command::Create { room: "den", mode: Mode::Central, capacity };
        assert_eq!(hall.does("alice", command), Err(why));
    }
    hall.tells(&[]);
    assert_eq!(hall.rooms.rooms().count(), 0);
    for (capacity, room) in [(2, "small"), (254, "large")] {
        hall.did("alice", Command::Create { room, mode: Mode::Central, capacity });
    }
}

#[test]
fn m7_a_failed_move_changes_nothing() {
    let mut hall = Hall::with(&["alice", "bob", "carol", "dave"]);
    let Outcome::In(gone) = hall.did("alice", create("gone")) else { panic!("not in") };
    hall.did("alice", Command::Create { room: "full", mode: Mode::Central, capacity: 2 });
    hall.joined("bob", "full");
    hall.did("carol", create("other"));
    hall.joined("dave", "other");
    hall.effects.clear();

    assert_eq!(hall.joins("carol", "full"), Err(Refusal::RoomFull));
    assert_eq!(hall.does("carol", Command::Join { room: gone }), Err(Refusal::NoSuchRoom));
    assert_eq!(hall.does("carol", create("full")), Err(Refusal::NameTaken));
    assert_eq!(hall.does("carol", create("other")), Err(Refusal::NameTaken));
    assert_eq!(hall.does("carol", create("")), Err(Refusal::BadName));
    hall.tells(&[]);
    assert_eq!(
        (hall.members_of("full"), hall.members_of("other")),
        ("alice, bob".into(), "carol, dave".into())
    );
    assert!(!hall.rooms.user(hall.id("carol")).unwrap().is_unaware());
}

#[test]
fn m8_joining_the_room_one_is_in_succeeds_and_changes_nothing_even_when_it_is_full() {
    let mut hall = Hall::with(&["alice", "bob"]);
    let den = hall.did("alice", Command::Create { room: "den", mode: Mode::Direct, capacity: 2 });
    hall.joined("bob", "den");
    hall.effects.clear();

    assert_eq!(hall.joins("alice", "den"), Ok(den));
    hall.tells(&[]);
    assert_eq!(hall.members_of("den"), "alice, bob");
}

#[test]
fn m8_joining_from_another_private_room_moves_and_the_old_room_is_told_first() {
    let mut hall = Hall::with(&["alice", "bob", "carol", "dave", "erin"]);
    hall.did("alice", create("old"));
    hall.joined("bob", "old");
    hall.did("carol", create("new"));
    hall.joined("dave", "old");
    hall.effects.clear();

    hall.joined("alice", "new");
    hall.tells(&["bob, dave: alice left", "carol: alice joined new"]);
    hall.joined("dave", "new");
    hall.tells(&[
        "bob: dave left",
        "bob: old closed",
        "erin: bob joined public",
        "carol, alice: dave joined new",
    ]);
}

#[test]
fn leaving_the_public_room_is_refused() {
    let mut hall = Hall::with(&["alice"]);
    assert_eq!(hall.does("alice", Command::Leave), Err(Refusal::NotInPrivateRoom));
    assert_eq!(hall.members_of("public"), "alice");
}

/// The number of the room that somebody has just made.
fn number(made: Outcome) -> usize {
    if let Outcome::In(room) = made { room.number() } else { panic!("not in") }
}

#[test]
fn m5_there_are_255_rooms_at_most() {
    let names: Vec<String> = (0..=MAX_ROOMS).map(|n| format!("n{n}")).collect();
    let mut hall = Hall::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in names.iter().take(MAX_ROOMS) {
        hall.did(name, create(name));
    }
    assert_eq!(hall.does(&names[MAX_ROOMS], create("one more")), Err(Refusal::TooManyRooms));

    let numbers: Vec<usize> = hall.rooms.rooms().map(|(id, _)| id.number()).collect();
    assert_eq!(numbers, (1..=MAX_ROOMS).collect::<Vec<_>>());
}

#[test]
fn s3_a_rooms_number_is_not_used_again_at_once_and_goes_beyond_100_only_when_all_up_to_it_are_taken() {
    let names: Vec<String> = (1..=103).map(|n| format!("n{n}")).collect();
    let mut hall = Hall::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for opened in 1..=250 {
        assert_eq!(number(hall.did("n1", create("first"))), (opened - 1) % 100 + 1);
        hall.did("n1", Command::Leave);
    }
    for name in names.iter().take(102) {
        hall.did(name, create(name));
    }
    hall.did("n7", Command::Leave);
    assert_eq!(number(hall.did("n103", create("n103"))), 57, "that of the one which has closed");
    assert_eq!(number(hall.did("n7", create("n7"))), 103);
}

#[test]
fn m11_s12_a_text_to_one_person_reaches_him_alone_and_only_in_ones_own_room() {
    let mut hall = Hall::with(&["alice", "bob", "carol", "dave"]);
    let ids = ["alice", "bob", "dave"].map(|name| hall.id(name));
    let [alice, bob, dave] = ids;
    let to = |to| Command::SayTo { to, text: "psst" };
    hall.did("alice", to(bob));
    hall.tells(&["bob: alice whispers psst"]);
    for mode in [Mode::Direct, Mode::Central] {
        hall.did("alice", Command::Create { room: "den", mode, capacity: 10 });
        hall.effects.clear();
        assert_eq!(hall.does("alice", to(bob)), Err(Refusal::Elsewhere));
        assert_eq!(hall.does("bob", to(alice)), Err(Refusal::Elsewhere));
        hall.tells(&[]);
        hall.joined("bob", "den");
        hall.joined("carol", "den");
        hall.effects.clear();

        hall.did("alice", to(bob));
        hall.tells(&["bob: alice whispers psst"]);
        assert_eq!(hall.does("alice", to(alice)), Err(Refusal::NoSuchUser));
        assert_eq!(hall.does("alice", to(dave)), Err(Refusal::Elsewhere));
        // Whoever cannot reach anybody directly has the server pass it on to all.
        hall.did("alice", say("all of you"));
        hall.tells(&["bob, carol: alice says all of you"]);
        hall.did("bob", Command::Leave);
        hall.did("alice", Command::Leave);
    }
}

#[test]
fn ids_of_those_who_are_gone_are_refused_and_never_mean_somebody_new() {
    let mut hall = Hall::with(&["alice", "bob"]);
    let gone = hall.id("bob");
    hall.did("alice", Command::Create { room: "den", mode: Mode::Direct, capacity: 10 });
    hall.exits("bob");
    let newcomer = hall.enters("bob").unwrap();
    assert_eq!(newcomer.slot(), gone.slot());
    hall.joined("bob", "den");
    hall.effects.clear();

    let (den, alice) = (hall.room("den"), hall.id("alice"));
    let join = Command::Join { room: den };
    let invite = Command::Invite { user: alice };
    let propose = Command::Propose { users: &[alice], capacity: 10, most_rooms: 100 };
    for command in [say("boo"), create("x"), join, Command::Leave, invite, propose] {
        assert_eq!(hall.rooms.apply(hall.now, gone, command, &mut hall.effects), Err(Refusal::NoSuchUser));
    }
    assert_eq!(hall.does("alice", Command::SayTo { to: gone, text: "hey" }), Err(Refusal::NoSuchUser));
    assert_eq!(hall.does("alice", Command::Invite { user: gone }), Err(Refusal::NoSuchUser));
    hall.rooms.exit(hall.now, gone, &mut hall.effects);
    hall.rooms.told(gone);
    hall.tells(&[]);
    assert!(hall.rooms.user(gone).is_none());
    assert_eq!(hall.members_of("den"), "alice, bob");
}
