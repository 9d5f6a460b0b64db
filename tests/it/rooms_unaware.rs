//! Stories of people whose room was closed under them and who do not know it yet: M21, private means private.
//!
//! In: closings, and whether the notice of each arrived. Out: what is said and what stays unsaid. Must not know how
//! notices travel.

use palabre::vocab::{Command, Mode, Outcome, Refusal};

use super::rooms_hall::{Hall, accept, create, say};

/// alice has just left "den", where only bob is left; carol is in public.
fn closed_on_bob() -> Hall {
    let mut hall = Hall::with(&["alice", "bob", "carol"]);
    hall.did("alice", Command::Create { room: "den", mode: Mode::Direct, capacity: 10 });
    hall.joined("bob", "den");
    hall.did("alice", Command::Leave);
    hall.effects.clear();
    hall
}

#[track_caller]
fn is_unaware(hall: &Hall, name: &str) -> bool {
    hall.rooms.user(hall.id(name)).unwrap().is_unaware()
}

#[test]
fn m21_what_was_meant_for_a_closed_room_is_never_published() {
    let mut hall = closed_on_bob();
    let alice = hall.id("alice");
    assert!(is_unaware(&hall, "bob"));
    assert_eq!(hall.does("bob", say("a secret")), Err(Refusal::NotToldYet));
    assert_eq!(hall.does("bob", Command::SayTo { to: alice, text: "a secret" }), Err(Refusal::NotToldYet));
    hall.tells(&[]);

    hall.rooms.told(hall.id("bob"));
    assert_eq!(hall.does("bob", say("hello")), Ok(Outcome::Done));
    hall.tells(&["carol, alice: bob says hello"]);
}

#[test]
fn m21_who_left_by_himself_is_aware_and_the_unaware_hear_what_others_say() {
    let mut hall = closed_on_bob();
    assert!(!is_unaware(&hall, "alice"));
    hall.did("alice", say("hello"));
    hall.tells(&["carol, bob: alice says hello"]);
    assert!(is_unaware(&hall, "bob"));
}

#[test]
fn m21_a_move_of_his_own_ends_it() {
    for nth in 0..3 {
        let mut hall = closed_on_bob();
        hall.did("carol", create("carols"));
        let how = [create("new"), Command::Join { room: hall.room("carols") }, Command::Leave][nth];
        hall.did("bob", how);
        assert!(!is_unaware(&hall, "bob"), "{how:?}");
        hall.did("bob", say("hello"));
    }
}

#[test]
fn m21_leaving_a_room_that_has_closed_already_succeeds_and_tells_nobody() {
    let mut hall = closed_on_bob();
    assert_eq!(hall.does("bob", Command::Leave), Ok(Outcome::Done));
    hall.tells(&[]);
    assert_eq!(hall.room_of("bob"), "public");
    assert_eq!(hall.does("bob", Command::Leave), Err(Refusal::NotInPrivateRoom));
}

#[test]
fn m21_an_invitation_he_accepts_ends_it_and_a_move_that_fails_does_not() {
    let mut hall = closed_on_bob();
    hall.did("carol", create("carols"));
    assert_eq!(hall.does("bob", create("carols")), Err(Refusal::NameTaken));
    assert!(is_unaware(&hall, "bob"));

    hall.invited("carol", "bob");
    hall.did("bob", accept(hall.question()));
    assert!(!is_unaware(&hall, "bob"));
}

#[test]
fn m21_the_late_news_of_an_older_closing_does_not_count_for_a_newer_one() {
    let mut hall = closed_on_bob();
    hall.did("carol", create("carols"));
    hall.joined("bob", "carols");
    hall.did("carol", Command::Leave);
    hall.effects.clear();

    // Two closing notices are out. The first to come home may be that of "den".
    hall.rooms.told(hall.id("bob"));
    assert_eq!(hall.does("bob", say("a secret of carols")), Err(Refusal::NotToldYet));
    hall.rooms.told(hall.id("bob"));
    assert_eq!(hall.does("bob", say("hello")), Ok(Outcome::Done));
}

#[test]
fn m21_news_that_nobody_waits_for_changes_nothing() {
    let mut hall = closed_on_bob();
    hall.rooms.told(hall.id("carol"));
    hall.did("carol", create("carols"));
    hall.joined("alice", "carols");
    hall.did("alice", Command::Leave);
    assert!(is_unaware(&hall, "carol"));
}
