//! Stories of people who are asked into private rooms: M9.
//!
//! In: invitations, answers and time. Out: who was told what. Must not know how rooms are kept.

use palabre::rooms::{MAX_INVITATIONS, QUESTION_LIFETIME};
use palabre::time::Instant;
use palabre::vocab::{Command, Mode, Outcome, Refusal};

use super::rooms_hall::{Hall, accept, create, decline};

/// alice and bob are in "den"; carol and dave are in public.
fn den() -> Hall {
    let mut hall = Hall::with(&["alice", "bob", "carol", "dave"]);
    hall.did("alice", create("den"));
    hall.joined("bob", "den");
    hall.effects.clear();
    hall
}

#[test]
fn m9_any_member_invites_and_who_accepts_is_moved() {
    let mut hall = den();
    assert_eq!(hall.invites("bob", "carol"), Ok(Outcome::Done));
    hall.tells(&["carol: bob invites to den (Central)"]);

    let den = hall.rooms.find_room("den").unwrap();
    assert_eq!(hall.does("carol", accept(hall.question())), Ok(Outcome::In(den)));
    hall.tells(&["dave: carol left", "alice, bob: carol joined den"]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn m9_who_cannot_be_asked_and_who_cannot_ask() {
    let mut hall = den();
    assert_eq!(hall.invites("carol", "dave"), Err(Refusal::NotInPrivateRoom));
    assert_eq!(hall.invites("alice", "alice"), Err(Refusal::AlreadyMember));
    assert_eq!(hall.invites("alice", "bob"), Err(Refusal::AlreadyMember));
    hall.tells(&[]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn m9_asking_the_same_person_again_succeeds_but_asks_once_and_lasts_no_longer() {
    let mut hall = den();
    hall.invited("alice", "carol");
    hall.effects.clear();
    hall.waits_until(30);
    hall.invited("alice", "carol");
    hall.invited("bob", "carol");
    hall.tells(&[]);
    assert_eq!(hall.rooms.poll_timeout(), Some(Instant::ZERO + QUESTION_LIFETIME));

    hall.waits_until(60);
    hall.tells(&["alice: carol declined"]);
    hall.invited("bob", "carol");
    hall.tells(&["carol: bob invites to den (Central)"]);
}

#[test]
fn m9_one_who_declines_is_not_asked_why_and_the_inviter_is_told() {
    let mut hall = den();
    hall.invited("alice", "carol");
    hall.effects.clear();
    let invitation = hall.question();
    assert_eq!(hall.does("carol", decline(invitation)), Ok(Outcome::Done));
    hall.tells(&["alice: carol declined"]);
    assert_eq!(hall.does("carol", accept(invitation)), Err(Refusal::NoSuchInvitation));
}

#[test]
fn m9_an_answer_after_60_s_comes_too_late_even_before_the_timer_was_served() {
    let mut hall = den();
    hall.invited("alice", "carol");
    hall.effects.clear();
    hall.now = Instant::from_micros(59_999_999);
    assert_eq!(hall.does("dave", accept(hall.question())), Err(Refusal::NoSuchInvitation));
    hall.tells(&[]);
    hall.now = Instant::from_secs(60);
    assert_eq!(hall.does("carol", accept(hall.question())), Err(Refusal::NoSuchInvitation));
    hall.tells(&["alice: carol declined"]);
    assert_eq!(hall.room_of("carol"), "public");
}

#[test]
fn what_is_due_happens_first_whatever_is_called() {
    let mut hall = den();
    hall.invited("alice", "carol");
    hall.now = Instant::from_secs(1);
    hall.invited("bob", "dave");
    hall.effects.clear();

    hall.now = Instant::from_secs(60);
    hall.enters("eve").unwrap();
    hall.tells(&["alice: carol declined", "carol, dave: eve joined public"]);
    hall.now = Instant::from_secs(61);
    hall.exits("eve");
    hall.tells(&["bob: dave declined", "carol, dave: eve left"]);
}

#[test]
fn m9_an_inviter_who_moved_on_is_told_but_not_one_who_left_the_server() {
    let mut hall = den();
    hall.joined("carol", "den");
    hall.invited("alice", "dave");
    hall.did("alice", Command::Leave);
    hall.effects.clear();
    hall.did("dave", decline(hall.question()));
    hall.tells(&["alice: dave declined"]);

    hall.joined("alice", "den");
    hall.invited("alice", "dave");
    hall.exits("alice");
    hall.effects.clear();
    hall.did("dave", decline(hall.question()));
    hall.tells(&[]);
}

#[test]
fn m9_who_leaves_the_server_has_declined() {
    let mut hall = den();
    hall.invited("alice", "carol");
    hall.effects.clear();
    hall.exits("carol");
    hall.tells(&["dave: carol left", "alice: carol declined"]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn m9_an_invitation_dies_silently_with_its_room_and_accepting_it_leads_nowhere() {
    let mut hall = den();
    hall.invited("alice", "carol");
    let invitation = hall.question();
    hall.did("bob", Command::Leave);
    hall.effects.clear();
    assert_eq!(hall.does("carol", accept(invitation)), Ok(Outcome::Done));
    hall.tells(&["carol: could not join den: no such room"]);
    assert_eq!(hall.room_of("carol"), "public");
}

#[test]
fn m9_declining_or_ignoring_an_invitation_to_a_closed_room_tells_nobody() {
    let mut hall = den();
    hall.invited("alice", "carol");
    let invitation = hall.question();
    hall.invited("alice", "dave");
    hall.did("bob", Command::Leave);
    hall.effects.clear();
    hall.did("carol", decline(invitation));
    hall.waits_until(60);
    hall.tells(&[]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn m9_a_new_room_of_the_same_name_is_not_the_one_that_was_meant() {
    let mut hall = den();
    hall.invited("alice", "carol");
    let invitation = hall.question();
    hall.did("bob", Command::Leave);
    hall.did("dave", create("den"));
    hall.effects.clear();
    hall.did("carol", accept(invitation));
    hall.tells(&["carol: could not join den: no such room"]);
}

#[test]
fn m9_who_accepts_when_the_room_is_full_stays_where_he_is_and_is_told_why() {
    let mut hall = Hall::with(&["alice", "bob", "carol"]);
    hall.did("alice", Command::Create { room: "den", mode: Mode::Direct, capacity: 2 });
    hall.invited("alice", "carol");
    hall.joined("bob", "den");
    hall.effects.clear();
    assert_eq!(hall.does("carol", accept(hall.question())), Ok(Outcome::Done));
    hall.tells(&["carol: could not join den: the room is full"]);
    assert_eq!(hall.does("carol", accept(hall.question())), Err(Refusal::NoSuchInvitation));
}

#[test]
fn m9_who_comes_into_the_room_by_another_way_has_no_invitation_left() {
    let mut hall = den();
    hall.invited("alice", "carol");
    hall.joined("carol", "den");
    hall.effects.clear();
    assert_eq!(hall.rooms.poll_timeout(), None);
    assert_eq!(hall.does("carol", accept(hall.question())), Err(Refusal::NoSuchInvitation));
    hall.waits_until(60);
    hall.tells(&[]);
}

/// One host in each of 33 rooms, and a guest. All but the last host have invited him.
fn hosts_and_guest() -> (Hall, Vec<String>) {
    let hosts: Vec<String> = (0..=MAX_INVITATIONS).map(|n| format!("host{n}")).collect();
    let mut hall = Hall::with(&["guest"]);
    for host in &hosts {
        hall.enters(host).unwrap();
        hall.did(host, create(host));
    }
    for host in hosts.iter().take(MAX_INVITATIONS) {
        hall.invited(host, "guest");
    }
    hall.effects.clear();
    (hall, hosts)
}

#[test]
fn m9_nobody_has_more_than_32_open_invitations() {
    let (mut hall, hosts) = hosts_and_guest();
    let last = &hosts[MAX_INVITATIONS];
    assert_eq!(hall.invites(last, "guest"), Err(Refusal::TooManyInvitations));
    hall.tells(&[]);
    // Asking again is not one more.
    assert_eq!(hall.invites("host0", "guest"), Ok(Outcome::Done));
    hall.did("guest", decline(hall.question()));
    hall.effects.clear();
    hall.invited(last, "guest");
    hall.tells(&["guest: host32 invites to host32 (Central)"]);
}

#[test]
fn m9_invitations_to_closed_rooms_do_not_use_up_the_32() {
    let (mut hall, hosts) = hosts_and_guest();
    hall.did("host7", Command::Leave);
    hall.effects.clear();
    hall.invited(&hosts[MAX_INVITATIONS], "guest");
    hall.tells(&["guest: host32 invites to host32 (Central)"]);
    hall.did("host7", create("host7"));
    assert_eq!(hall.invites("host7", "guest"), Err(Refusal::TooManyInvitations));
}
