//! Stories of managers who want another mode, and of those who have to agree: S10.
//!
//! In: who wants what, what the others say, who leaves, time. Out: who was told what. Must not know how rooms are kept.

use palabre::ids::RoomId;
use palabre::vocab::{Command, Mode, Outcome, Refusal};

use super::rooms_hall::{Hall, change_mode};

/// alice manages "den", bob and carol are in it; dave is in public. All can be asked.
fn den() -> Hall {
    let mut hall = Hall::of_askable(&["alice", "bob", "carol", "dave"]);
    hall.opens("den", &["alice", "bob", "carol"]);
    hall
}

/// As [`den`], with eve in it too, who can only be told.
fn den_with_eve() -> Hall {
    let mut hall = den();
    hall.enters("eve").unwrap();
    hall.joined("eve", "den");
    hall.effects.clear();
    hall
}

fn mode(hall: &Hall) -> Mode {
    hall.rooms.room(hall.room("den")).unwrap().mode
}

#[test]
fn s10_the_mode_changes_as_soon_as_all_others_agree() {
    let mut hall = den();
    assert_eq!(hall.does("alice", change_mode(Mode::Direct)), Ok(Outcome::Undecided));
    hall.tells(&["bob: Direct?", "carol: Direct?"]);
    hall.says("carol", true);
    hall.tells(&[]);
    assert_eq!(mode(&hall), Mode::Central);
    assert_eq!(hall.says("bob", true), Outcome::Done);
    hall.tells(&["bob, carol: den is Direct now", "alice: Direct agreed"]);
    assert_eq!(mode(&hall), Mode::Direct);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn s10_one_no_ends_it_and_the_others_need_not_answer() {
    let mut hall = den();
    hall.did("alice", change_mode(Mode::Direct));
    hall.effects.clear();
    hall.says("bob", false);
    hall.tells(&["alice: Direct not agreed"]);
    assert_eq!(mode(&hall), Mode::Central);
    assert_eq!(hall.rooms.oldest_question(hall.id("carol")), None);
    assert_eq!(hall.rooms.poll_timeout(), None);
    hall.did("alice", change_mode(Mode::Direct));
    hall.tells(&["bob: Direct?", "carol: Direct?"]);
}

#[test]
fn s10_no_answer_within_60_s_is_a_no() {
    let mut hall = den();
    hall.did("alice", change_mode(Mode::Direct));
    hall.says("bob", true);
    hall.effects.clear();
    hall.waits_until(60);
    hall.tells(&["alice: Direct not agreed"]);
    assert_eq!(mode(&hall), Mode::Central);
}

#[test]
fn s10_only_the_manager_may_and_one_vote_at_a_time() {
    let mut hall = den();
    assert_eq!(hall.does("dave", change_mode(Mode::Direct)), Err(Refusal::NotInPrivateRoom));
    assert_eq!(hall.does("bob", change_mode(Mode::Direct)), Err(Refusal::NotManager));
    assert_eq!(hall.does("alice", change_mode(Mode::Central)), Ok(Outcome::Done));
    hall.tells(&[]);
    hall.did("alice", change_mode(Mode::Direct));
    hall.effects.clear();
    assert_eq!(hall.does("alice", change_mode(Mode::Direct)), Err(Refusal::VoteOpen));
    hall.tells(&[]);
}

#[test]
fn s10_who_cannot_be_asked_is_told_and_agrees_when_the_time_is_over() {
    let mut hall = den_with_eve();
    hall.did("alice", change_mode(Mode::Direct));
    hall.tells(&["bob: Direct?", "carol: Direct?", "eve: others vote for Direct"]);
    hall.says("bob", true);
    hall.says("carol", true);
    hall.waits_until(59);
    hall.tells(&[]);
    hall.waits_until(60);
    hall.tells(&["bob, carol, eve: den is Direct now", "alice: Direct agreed"]);
}

#[test]
fn s10_who_cannot_be_asked_does_not_stand_in_for_one_who_was_and_is_silent() {
    let mut hall = den_with_eve();
    hall.did("alice", change_mode(Mode::Direct));
    hall.says("bob", true);
    hall.effects.clear();
    hall.waits_until(60);
    hall.tells(&["alice: Direct not agreed"]);
}

#[test]
fn s10_one_who_leaves_does_not_count_any_more_and_that_may_decide_it() {
    let mut hall = den_with_eve();
    hall.did("alice", change_mode(Mode::Direct));
    hall.says("bob", true);
    hall.says("carol", true);
    hall.effects.clear();
    hall.did("eve", Command::Leave);
    hall.tells(&[
        "alice, bob, carol: eve left",
        "bob, carol: den is Direct now",
        "alice: Direct agreed",
        "dave: eve joined public",
    ]);

    let mut hall = den();
    hall.did("alice", change_mode(Mode::Direct));
    hall.says("bob", true);
    hall.effects.clear();
    hall.exits("carol");
    hall.tells(&["alice, bob: carol left", "bob: den is Direct now", "alice: Direct agreed"]);
    assert_eq!(hall.rooms.poll_timeout(), None);
}

#[test]
fn s10_one_who_comes_during_the_vote_is_not_asked_but_is_told_the_outcome() {
    let mut hall = den();
    hall.did("alice", change_mode(Mode::Direct));
    hall.joined("dave", "den");
    hall.effects.clear();
    hall.says("alice", true);
    hall.enters("eve").unwrap();
    hall.joined("eve", "den");
    hall.effects.clear();
    hall.says("bob", true);
    hall.says("carol", true);
    hall.tells(&["bob, carol, dave, eve: den is Direct now", "alice: Direct agreed"]);
}

#[test]
fn s10_s11_a_manager_who_leaves_ends_the_vote_without_a_word() {
    let mut hall = den();
    hall.did("alice", change_mode(Mode::Direct));
    let question = hall.question();
    hall.effects.clear();
    hall.did("alice", Command::Leave);
    hall.tells(&["bob, carol: alice left", "bob: manages den", "dave: alice joined public"]);
    let late = Command::Answer { question, accept: true };
    assert_eq!(hall.does("carol", late), Err(Refusal::NoSuchInvitation));
    assert_eq!(hall.rooms.poll_timeout(), None);
    hall.did("bob", change_mode(Mode::Direct));
    hall.tells(&["carol: Direct?"]);
}

#[test]
fn s10_a_room_that_closes_takes_its_vote_along() {
    let mut hall = den();
    let den: RoomId = hall.room("den");
    hall.did("alice", change_mode(Mode::Direct));
    hall.did("alice", Command::Dissolve);
    assert!(hall.rooms.room(den).is_none());
    assert_eq!(hall.rooms.poll_timeout(), None);
    assert_eq!(hall.rooms.oldest_question(hall.id("bob")), None);
}
