//! Many requests at a time: lanes keep their order, silent peers are waited for, too much is too much.
//!
//! In: traces. Out: assertions on order, on what is held back, on what has to go. Must not know the link's insides.

use palabre::reliable::Lane;

use crate::reliable_trace::{at, fixed, number, peer, peer_with_room_for};

#[test]
fn m14_texts_of_one_author_go_one_after_the_other() {
    let mut peer = peer(fixed(3));
    peer.is_told(7, "one");
    peer.is_told(7, "two");
    peer.gets(at(0), &[(1, 1, "one")]);
    peer.gets(at(100), &[(1, 2, "one")]);
    peer.answers(at(120), 1, "one");
    peer.gets(at(120), &[(2, 1, "two")]);
}

#[test]
fn m14_authors_and_requests_without_a_lane_do_not_wait_for_each_other() {
    let mut peer = peer(fixed(3));
    peer.is_told(7, "one");
    peer.is_told(7, "two");
    peer.is_told(8, "uno");
    peer.is_asked("who");
    peer.gets(at(0), &[(1, 1, "one"), (2, 1, "uno"), (3, 1, "who")]);
    peer.answers(at(10), 2, "uno");
    peer.answers(at(10), 3, "who");
    peer.gets_nothing(at(10));
    assert_eq!(peer.link.pending(), 2);
}

#[test]
fn m17_a_text_that_nobody_answers_waits_and_resumes_under_its_old_number() {
    let mut peer = peer(fixed(2));
    peer.is_told(7, "one");
    peer.gets(at(0), &[(1, 1, "one")]);
    peer.gets(at(100), &[(1, 2, "one")]);
    peer.gets_nothing(at(200));
    assert!(peer.link.holds());
    assert_eq!(peer.link.poll_timeout(), None);
    peer.gives_a_sign_of_life(at(60_000));
    assert!(!peer.link.holds());
    peer.gets(at(60_000), &[(1, 1, "one")]);
    peer.gets(at(60_100), &[(1, 2, "one")]);
    peer.gets_nothing(at(60_200));
    assert!(peer.link.holds(), "M tries more were in vain too");
    peer.never_answered(&[]);
}

#[test]
fn m17_while_something_is_parked_no_lane_starts_anything_new_but_requests_without_a_lane_do() {
    let mut peer = peer(fixed(1));
    peer.is_told(7, "one");
    peer.is_told(8, "uno");
    peer.is_told(8, "dos");
    peer.gets(at(0), &[(1, 1, "one"), (2, 1, "uno")]);
    peer.answers(at(99), 2, "uno");
    peer.gets(at(99), &[(3, 1, "dos")]);
    peer.gets_nothing(at(100));
    peer.is_told(9, "eins");
    peer.is_told(8, "tres");
    peer.is_asked("still there?");
    peer.gets(at(150), &[(4, 1, "still there?")]);
    peer.answers(at(160), 3, "dos");
    peer.gets_nothing(at(160));
    peer.gives_a_sign_of_life(at(160));
    peer.gets(at(160), &[(1, 1, "one"), (5, 1, "eins"), (6, 1, "tres")]);
}

#[test]
fn m17_what_was_parked_resumes_in_the_order_it_was_given_though_numbers_wrap() {
    let mut peer = peer(fixed(1));
    peer.link.stop_asking(fixed(1), 65_534);
    for (lane, text) in [(4, "a"), (3, "b"), (2, "c"), (1, "d")] {
        peer.is_told(lane, text);
    }
    peer.gets(at(0), &[(65_534, 1, "a"), (65_535, 1, "b"), (0, 1, "c"), (1, 1, "d")]);
    peer.gets_nothing(at(100));
    peer.gives_a_sign_of_life(at(500));
    peer.gets(at(500), &[(65_534, 1, "a"), (65_535, 1, "b"), (0, 1, "c"), (1, 1, "d")]);
}

/// What waited starts in the order it was given, whatever its lane.
#[test]
fn m17_lanes_that_were_held_back_start_in_the_order_their_turn_came() {
    let mut peer = peer(fixed(1));
    peer.is_told(9, "parked");
    peer.gets(at(0), &[(1, 1, "parked")]);
    peer.gets_nothing(at(100));
    for (lane, text) in [(4, "a"), (3, "b"), (2, "c"), (3, "d")] {
        peer.is_told(lane, text);
    }
    peer.gets_nothing(at(200));
    peer.gives_a_sign_of_life(at(300));
    peer.gets(at(300), &[(1, 1, "parked"), (2, 1, "a"), (3, 1, "b"), (4, 1, "c")]);
}

#[test]
fn m17_a_late_answer_to_a_parked_text_counts_and_frees_the_lanes() {
    let mut peer = peer(fixed(1));
    peer.is_told(7, "one");
    peer.is_told(7, "two");
    peer.is_told(8, "uno");
    peer.gets(at(0), &[(1, 1, "one"), (2, 1, "uno")]);
    peer.gets_nothing(at(100));
    peer.answers(at(3_000), 1, "one");
    assert!(peer.link.holds());
    peer.gets_nothing(at(3_000));
    peer.answers(at(3_000), 2, "uno");
    peer.gets(at(3_000), &[(3, 1, "two")]);
}

#[test]
fn m13_a_request_that_is_given_up_frees_its_lane() {
    let mut peer = peer(fixed(1));
    for text in ["one", "two"] {
        peer.link.send(palabre::reliable::Request::new(text).in_lane(Lane(7), 3));
    }
    peer.gets(at(0), &[(1, 1, "one")]);
    peer.gets(at(100), &[(2, 1, "two")]);
    peer.never_answered(&["one"]);
}

#[test]
fn who_cancels_a_text_lets_the_next_of_its_lane_go() {
    let mut peer = peer(fixed(3));
    peer.is_told(7, "one");
    peer.is_told(7, "two");
    peer.gets(at(0), &[(1, 1, "one")]);
    assert_eq!(peer.link.cancel(number(1)), Some("one"));
    peer.gets(at(10), &[(2, 1, "two")]);
}

#[test]
fn a_lane_is_cancelled_whole_in_order_and_can_be_used_again() {
    let mut peer = peer(fixed(3));
    for text in ["one", "two", "three"] {
        peer.is_told(7, text);
    }
    peer.is_told(8, "uno");
    peer.gets(at(0), &[(1, 1, "one"), (2, 1, "uno")]);
    assert_eq!(peer.link.cancel_lane(Lane(7)), ["one", "two", "three"]);
    assert_eq!(peer.link.cancel_lane(Lane(7)), Vec::<&str>::new());
    peer.answers(at(10), 2, "uno");
    peer.is_left_in_peace();
    peer.is_told(7, "four");
    peer.gets(at(20), &[(3, 1, "four")]);
}

#[test]
fn cancelling_the_lane_that_is_parked_lets_the_others_go() {
    let mut peer = peer(fixed(1));
    peer.is_told(7, "one");
    peer.is_told(7, "two");
    peer.gets(at(0), &[(1, 1, "one")]);
    peer.gets_nothing(at(100));
    peer.is_told(8, "uno");
    peer.gets_nothing(at(110));
    assert_eq!(peer.link.cancel_lane(Lane(7)), ["one", "two"]);
    assert!(!peer.link.holds());
    peer.gets(at(120), &[(2, 1, "uno")]);
}

#[test]
fn m31_when_too_many_wait_the_oldest_notice_goes_before_the_oldest_text() {
    let mut peer = peer_with_room_for(3, 1_000);
    peer.is_told(1, "out");
    peer.gets(at(0), &[(1, 1, "out")]);
    peer.is_told(1, "t1");
    peer.is_notified(1, "n1");
    peer.is_notified(1, "n2");
    peer.had_no_room_for(&[]);
    peer.is_told(1, "t2");
    peer.had_no_room_for(&["n1"]);
    peer.is_told(1, "t3");
    peer.had_no_room_for(&["n2"]);
    peer.is_told(1, "t4");
    peer.had_no_room_for(&["t1"]);
    peer.answers(at(10), 1, "out");
    peer.gets(at(10), &[(2, 1, "t2")]);
}

#[test]
fn m31_a_new_notice_is_the_first_to_go_where_only_texts_wait() {
    let mut peer = peer_with_room_for(2, 1_000);
    for text in ["out", "t1", "t2"] {
        peer.is_told(1, text);
    }
    peer.is_notified(2, "goes out at once");
    peer.is_notified(2, "n1");
    peer.had_no_room_for(&["n1"]);
    assert_eq!(peer.link.pending(), 4);
}

#[test]
fn m31_what_waits_is_bounded_in_bytes_too() {
    let mut peer = peer_with_room_for(100, 25);
    for text in ["out", "t1", "t2"] {
        peer.is_told(1, text);
    }
    peer.had_no_room_for(&[]);
    peer.is_told(1, "t3");
    peer.had_no_room_for(&["t1"]);
}

#[test]
fn m31_texts_parked_under_a_number_count_and_the_oldest_of_all_goes() {
    let mut peer = peer_with_room_for(3, 1_000);
    peer.is_told(1, "a1");
    peer.is_told(2, "b1");
    peer.gets(at(0), &[(1, 1, "a1"), (2, 1, "b1")]);
    peer.gets(at(100), &[(1, 2, "a1"), (2, 2, "b1")]);
    peer.gets_nothing(at(200));
    peer.is_told(1, "a2");
    peer.had_no_room_for(&[]);
    peer.is_told(2, "b2");
    peer.had_no_room_for(&["a1"]);
    peer.gets_nothing(at(210));
    peer.answers_in_vain(at(220), 1);
    peer.gives_a_sign_of_life(at(300));
    peer.gets(at(300), &[(2, 1, "b1"), (3, 1, "a2")]);
}

/// With the last parked text gone nothing tells that the peer is away: the next one finds out.
#[test]
fn m31_when_the_only_parked_text_has_to_go_its_lane_tries_the_next_one() {
    let mut peer = peer_with_room_for(2, 1_000);
    peer.is_told(1, "a1");
    peer.gets(at(0), &[(1, 1, "a1")]);
    peer.gets(at(100), &[(1, 2, "a1")]);
    peer.gets_nothing(at(200));
    peer.is_told(1, "a2");
    peer.is_told(1, "a3");
    peer.had_no_room_for(&["a1"]);
    peer.gets(at(210), &[(2, 1, "a2")]);
}

#[test]
fn m31_parking_more_than_there_is_room_for_drops_the_oldest() {
    let mut peer = peer_with_room_for(2, 1_000);
    for (lane, text) in [(3, "a"), (2, "b"), (1, "c"), (4, "d")] {
        peer.is_told(lane, text);
    }
    assert_eq!(peer.sent(at(0)).len(), 4);
    assert_eq!(peer.sent(at(100)).len(), 4);
    peer.gets_nothing(at(200));
    peer.had_no_room_for(&["a", "b"]);
    peer.gives_a_sign_of_life(at(300));
    peer.gets(at(300), &[(3, 1, "c"), (4, 1, "d")]);
}

#[test]
fn m17_by_default_256_texts_wait() {
    let mut peer = peer(fixed(1));
    peer.is_told(1, "out");
    for _ in 0..256 {
        peer.is_told(1, "waits");
    }
    peer.had_no_room_for(&[]);
    peer.is_told(1, "newest");
    peer.had_no_room_for(&["waits"]);
    assert_eq!(peer.link.pending(), 257);
}
