//! Stories of people who propose a room, name it and wait for the first who comes: S8.
//!
//! In: proposals, choices, answers and time. Out: who was told what. Must not know how rooms are kept.

use palabre::rooms::MAX_INVITATIONS;
use palabre::time::Instant;
use palabre::vocab::{Command, Mode, Outcome, Refusal};

use super::rooms_hall::{Hall, create, say};

const CENTRAL: Command<'static> = Command::Choose { mode: Mode::Central };

/// alice has proposed a room to bob and carol; dave is in public too.
fn proposed() -> Hall {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    hall.proposes("alice", &["bob", "carol"]).unwrap();
    hall.did("alice", CENTRAL);
    hall.tells(&[
        "bob: alice proposes and invites to messagerie1 (Central)",
        "carol: alice proposes and invites to messagerie1 (Central)",
    ]);
    hall
}

#[test]
fn s8_the_first_who_accepts_opens_the_room_and_the_one_who_proposed_it_manages_it() {
    let mut hall = proposed();
    assert_eq!(hall.rooms.find_room("messagerie1"), None);
    let Outcome::In(room) = hall.says("bob", true) else { panic!("not in") };
    hall.tells(&[
        "bob, carol, dave: alice left",
        "alice: messagerie1 opened",
        "carol, dave: bob left",
        "alice: bob joined messagerie1",
    ]);
    assert_eq!(hall.members_of("messagerie1"), "alice, bob");
    assert_eq!(hall.manager_of("messagerie1"), Some("alice"));

    // The other invitations lead into the room now, and who declines is somebody who declined to come into a room.
    assert_eq!(hall.says("carol", true), Outcome::In(room));
    hall.tells(&["dave: carol left", "alice, bob: carol joined messagerie1"]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn s8_who_declines_after_the_room_has_opened_is_named_to_the_inviter() {
    let mut hall = proposed();
    hall.says("bob", true);
    hall.effects.clear();
    hall.says("carol", false);
    hall.tells(&["alice: carol declined"]);
}

#[test]
fn s8_when_all_decline_run_out_or_leave_the_one_who_proposed_is_told_once() {
    let mut hall = proposed();
    hall.says("carol", false);
    hall.tells(&[]);
    hall.says("bob", false);
    hall.tells(&["alice: not opened: not agreed"]);

    let mut hall = proposed();
    hall.says("bob", false);
    hall.exits("carol");
    hall.tells(&["alice, bob, dave: carol left", "alice: not opened: not agreed"]);

    let mut hall = proposed();
    hall.waits_until(60);
    hall.tells(&["alice: not opened: not agreed"]);
    assert_eq!(hall.rooms.poll_timeout(), None);
    // The name is free again.
    hall.did("dave", create("messagerie1"));
}

#[test]
fn s8_a_mode_that_is_not_chosen_within_60_s_withdraws_the_proposal_without_a_word() {
    let mut hall = Hall::of_askable(&["alice", "bob"]);
    hall.proposes("alice", &["bob"]).unwrap();
    hall.did("alice", Command::Name { room: "den" });
    assert_eq!(hall.rooms.poll_timeout(), Some(Instant::from_secs(60)));
    hall.waits_until(60);
    hall.tells(&[]);
    assert_eq!(hall.does("alice", CENTRAL), Err(Refusal::NothingProposed));
    assert_eq!(hall.rooms.poll_timeout(), None);
    hall.did("bob", create("den"));
}

#[test]
fn s8_a_newer_proposal_replaces_one_whose_mode_is_not_chosen_but_not_one_that_is_out() {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol"]);
    assert_eq!(hall.does("alice", CENTRAL), Err(Refusal::NothingProposed));
    hall.proposes("alice", &["bob"]).unwrap();
    hall.did("alice", Command::Name { room: "den" });
    hall.proposes("alice", &["carol"]).unwrap();
    hall.did("alice", CENTRAL);
    hall.tells(&["carol: alice proposes and invites to messagerie1 (Central)"]);
    assert_eq!(hall.proposes("alice", &["bob"]), Err(Refusal::ProposalOpen));
    assert_eq!(hall.does("alice", CENTRAL), Err(Refusal::NothingProposed));
}

#[test]
fn s8_nobody_to_ask_is_told_when_the_mode_is_chosen() {
    for users in [&[][..], &["alice"], &["alice", "bob"]] {
        let mut hall = Hall::of_askable(&["alice", "bob"]);
        assert_eq!(hall.proposes("alice", users), Ok(Outcome::Done));
        hall.exits("bob");
        hall.effects.clear();
        assert_eq!(hall.does("alice", CENTRAL), Ok(Outcome::Done));
        hall.tells(&["alice: not opened: no such user here"]);
        assert_eq!(hall.does("alice", CENTRAL), Err(Refusal::NothingProposed));
    }
}

#[test]
fn s8_oneself_and_who_is_named_twice_are_not_asked_twice() {
    let mut hall = Hall::of_askable(&["alice", "bob"]);
    hall.proposes("alice", &["bob", "alice", "bob"]).unwrap();
    hall.did("alice", CENTRAL);
    hall.tells(&["bob: alice proposes and invites to messagerie1 (Central)"]);
}

#[test]
fn s8_the_limit_of_rooms_holds_when_the_mode_is_chosen_and_when_somebody_accepts() {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    let users = [hall.id("bob"), hall.id("carol")];
    let propose = Command::Propose { users: &users, capacity: 10, most_rooms: 1 };
    hall.did("alice", propose);
    hall.did("alice", CENTRAL);
    hall.did("dave", create("den"));
    hall.effects.clear();
    assert_eq!(hall.says("bob", true), Outcome::Done);
    hall.tells(&[
        "alice: not opened: there are as many rooms as there can be",
        "bob: could not join messagerie1: there are as many rooms as there can be",
    ]);
    let question = hall.rooms.oldest_question(hall.id("carol")).unwrap();
    assert!(hall.rooms.is_open(hall.id("carol"), question));
    assert!(!hall.rooms.leads_somewhere(question));
    hall.says("carol", true);
    hall.tells(&["carol: could not join messagerie1: no such room"]);

    hall.did("alice", propose);
    hall.did("alice", CENTRAL);
    hall.tells(&["alice: not opened: there are as many rooms as there can be"]);
}

#[test]
fn s8_a_proposed_room_is_named_before_or_after_its_mode_is_chosen_and_keeps_the_name() {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol"]);
    hall.did("carol", create("taken"));
    hall.proposes("alice", &["bob"]).unwrap();
    assert_eq!(hall.does("alice", Command::Name { room: "taken" }), Err(Refusal::NameTaken));
    assert_eq!(hall.does("alice", Command::Name { room: "" }), Err(Refusal::BadName));
    hall.did("alice", Command::Name { room: "den" });
    hall.did("alice", Command::Name { room: "den" });
    hall.effects.clear();
    hall.did("alice", CENTRAL);
    hall.tells(&["bob: alice proposes and invites to den (Central)"]);
    assert_eq!(hall.does("carol", Command::Rename { room: "den" }), Err(Refusal::NameTaken));

    hall.did("alice", Command::Name { room: "nest" });
    hall.did("carol", Command::Rename { room: "den" });
    hall.says("bob", true);
    assert_eq!(hall.members_of("nest"), "alice, bob");
    // From now on it is the room that gets the name.
    hall.effects.clear();
    hall.did("alice", Command::Name { room: "hut" });
    hall.tells(&["bob: renamed hut"]);
}

#[test]
fn s8_the_name_of_a_room_nobody_named_is_the_first_that_is_free() {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    hall.did("carol", create("messagerie2"));
    for (who, room) in [("alice", "messagerie1"), ("dave", "messagerie3")] {
        hall.proposes(who, &["bob"]).unwrap();
        hall.effects.clear();
        hall.did(who, CENTRAL);
        hall.tells(&[&format!("bob: {who} proposes and invites to {room} (Central)")]);
    }
}

#[test]
fn s8_one_who_proposes_and_leaves_the_server_withdraws_it() {
    let mut hall = proposed();
    hall.exits("alice");
    hall.effects.clear();
    hall.says("carol", false);
    hall.tells(&[]);
    assert_eq!(hall.says("bob", true), Outcome::Done);
    hall.tells(&["bob: could not join messagerie1: no such room"]);
    hall.did("dave", create("messagerie1"));
}

#[test]
fn s8_m21_one_who_has_moved_on_is_fetched_and_his_texts_stay_where_they_were_meant_for() {
    let mut hall = proposed();
    hall.did("alice", create("den"));
    hall.joined("dave", "den");
    hall.effects.clear();
    hall.says("bob", true);
    hall.tells(&[
        "dave: alice left",
        "dave: den closed",
        "bob, carol: dave joined public",
        "alice: messagerie1 opened",
        "carol, dave: bob left",
        "alice: bob joined messagerie1",
    ]);
    assert_eq!(hall.does("alice", say("for den")), Err(Refusal::NotToldYet));
    let bob = hall.id("bob");
    assert_eq!(hall.does("alice", Command::SayTo { to: bob, text: "psst" }), Err(Refusal::NotToldYet));
    for meant_for_den in [
        Command::Dissolve,
        Command::Rename { room: "nest" },
        Command::ChangeMode { mode: Mode::Direct },
        Command::Invite { user: bob },
    ] {
        assert_eq!(hall.does("alice", meant_for_den), Err(Refusal::NotToldYet));
    }
    hall.tells(&[]);
    hall.rooms.told(hall.id("alice"));
    hall.did("alice", say("hello"));
    hall.tells(&["bob: alice says hello"]);
}

#[test]
fn s8_m21_one_who_was_in_public_is_aware_at_once_and_still_reported_once() {
    let mut hall = proposed();
    hall.says("bob", true);
    hall.effects.clear();
    hall.did("alice", say("hello"));
    hall.tells(&["bob: alice says hello"]);
    // The news of the opening is still out when the room closes: it does not count for the closing.
    hall.did("bob", Command::Leave);
    hall.rooms.told(hall.id("alice"));
    assert_eq!(hall.does("alice", say("a secret")), Err(Refusal::NotToldYet));
    hall.rooms.told(hall.id("alice"));
    hall.did("alice", say("hello"));
}

#[test]
fn s8_who_has_32_open_invitations_is_not_asked() {
    let names: Vec<String> = (0..=MAX_INVITATIONS).map(|n| format!("host{n}")).collect();
    let mut hall = Hall::of_askable(&["guest", "other"]);
    for name in &names {
        hall.enters(name).unwrap();
        hall.proposes(name, &["guest"]).unwrap();
    }
    for name in names.iter().take(MAX_INVITATIONS) {
        hall.did(name, CENTRAL);
    }
    hall.effects.clear();
    let last = names.last().unwrap();
    hall.did(last, CENTRAL);
    hall.tells(&[&format!("{last}: not opened: no such user here")]);
    hall.proposes(last, &["guest", "other"]).unwrap();
    hall.did(last, CENTRAL);
    hall.tells(&["other: host32 proposes and invites to messagerie33 (Central)"]);
}

#[test]
fn s8_a_room_is_for_2_to_254_however_it_is_made() {
    let mut hall = Hall::of_askable(&["alice", "bob"]);
    let users = [hall.id("bob")];
    for (capacity, why) in [(1, Refusal::CapacityTooSmall), (255, Refusal::CapacityTooLarge)] {
        let propose = Command::Propose { users: &users, capacity, most_rooms: 100 };
        assert_eq!(hall.does("alice", propose), Err(why));
    }
}
