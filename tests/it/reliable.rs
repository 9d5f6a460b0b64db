//! One request at a time: its timer, its M tries, and what becomes of it when nobody answers.
//!
//! In: traces. Out: assertions on what is sent when. Must not know the link's insides.

use palabre::reliable::{Link, Policy, Quota, Request, Timing};
use palabre::time::{Duration, Instant};

use crate::reliable_trace::{adaptive, at, fixed, number, peer, peer_with_room_for};

#[test]
fn m13_a_request_is_sent_every_t_until_m_tries_and_then_reported() {
    let mut peer = peer(fixed(3));
    peer.is_asked("who");
    peer.gets(at(0), &[(1, 1, "who")]);
    peer.gets_nothing(at(99));
    peer.gets(at(100), &[(1, 2, "who")]);
    peer.gets_nothing(at(199));
    peer.gets(at(200), &[(1, 3, "who")]);
    peer.gets_nothing(at(299));
    peer.never_answered(&[]);
    peer.gets_nothing(at(300));
    peer.never_answered(&["who"]);
    peer.is_left_in_peace();
}

#[test]
fn m13_by_default_there_are_ten_tries_in_a_second() {
    let mut peer = peer(Timing { policy: Policy::Fixed, ..Timing::default() });
    peer.is_asked("who");
    peer.gets(at(0), &[(1, 1, "who")]);
    let tries: Vec<_> = (1..10).map(|k| (at(u64::from(k) * 100), (1, k + 1, "who"))).collect();
    assert_eq!(peer.gets_in_time(), tries);
    peer.never_answered(&["who"]);
}

#[test]
fn m13_with_one_try_there_is_no_repetition() {
    for timing in [fixed(1), adaptive(1)] {
        let mut peer = peer(timing);
        peer.is_asked("who");
        peer.gets(at(0), &[(1, 1, "who")]);
        assert_eq!(peer.link.poll_timeout(), Some(at(100)));
        peer.gets_nothing(at(100));
        peer.never_answered(&["who"]);
    }
}

#[test]
fn m13_an_answer_ends_the_repetition_and_counts_once() {
    let mut peer = peer(fixed(10));
    peer.is_asked("who");
    peer.gets(at(0), &[(1, 1, "who")]);
    peer.gets(at(100), &[(1, 2, "who")]);
    assert_eq!(peer.link.in_flight(number(1)), Some(&"who"));
    peer.answers_in_vain(at(120), 2);
    peer.answers(at(130), 1, "who");
    peer.answers_in_vain(at(131), 1);
    assert_eq!(peer.link.in_flight(number(1)), None);
    peer.is_left_in_peace();
}

#[test]
fn m13_a_timer_that_is_served_late_sends_one_try_not_all_that_were_missed() {
    let mut peer = peer(fixed(10));
    peer.is_asked("who");
    peer.gets(at(0), &[(1, 1, "who")]);
    peer.gets(at(750), &[(1, 2, "who")]);
    peer.gets_nothing(at(849));
    peer.gets(at(850), &[(1, 3, "who")]);
}

/// The table of M30: an estimate of 20 ms, M = 10, T = 100 ms.
#[test]
fn m30_the_tries_of_a_fast_link_come_at_growing_gaps_and_end_after_exactly_m_times_t() {
    let mut peer = peer(adaptive(10));
    // A first sample of 20/3 ms makes SRTT + 4 × SRTT/2 = 20 ms.
    peer.is_asked("login");
    peer.gets(at(0), &[(1, 1, "login")]);
    peer.answers(Instant::from_micros(6_667), 1, "login");
    peer.is_asked("who");
    peer.gets(at(1_000), &[(2, 1, "who")]);
    let tenths: Vec<_> =
        peer.gets_in_time().iter().map(|(when, _)| (when.since(at(1_000)).as_micros() + 50) / 100).collect();
    assert_eq!(tenths, [200, 578, 1_133, 1_867, 2_778, 3_867, 5_133, 6_578, 8_200]);
    peer.never_answered(&["who"]);
}

/// M13: however the estimate moves meanwhile, a request has M × T to get through.
#[test]
fn m30_the_tries_span_m_times_t_though_the_estimate_grows_meanwhile() {
    let mut peer = peer(adaptive(10));
    peer.is_asked("login");
    peer.gets(at(0), &[(1, 1, "login")]);
    peer.answers(at(1), 1, "login");
    peer.is_asked("who");
    peer.gets(at(10), &[(2, 1, "who")]);
    let mut now = at(10);
    for (seq, other) in [(3, "5 ms"), (4, "10 ms"), (5, "20 ms"), (6, "40 ms")] {
        peer.is_asked(other);
        while !peer.sent(now).contains(&(seq, 2, other)) {
            now = peer.link.poll_timeout().expect("a second try");
        }
        peer.answers(now, seq, other);
    }
    assert!(now < at(100), "four doublings: the first gap is now 80 ms");
    let last = peer.gets_in_time().last().map(|(when, sent)| (*when < at(1_010), *sent));
    assert_eq!(last, Some((true, (2, 10, "who"))));
    peer.never_answered(&["who"]);
    assert_eq!(peer.last_seen, at(1_010));
}

#[test]
fn m30_an_answer_after_two_tries_doubles_the_wait_until_the_next_clean_sample() {
    let mut peer = peer(adaptive(10));
    let mut gaps = Vec::new();
    let mut now = at(0);
    for seq in 1..=3 {
        peer.is_asked("far");
        let answer = now + Duration::from_millis(700);
        peer.gets(now, &[(seq, 1, "far")]);
        gaps.push(peer.link.poll_timeout().expect("a deadline").since(now).as_millis());
        while let Some(due) = peer.link.poll_timeout().filter(|due| *due < answer) {
            assert_eq!(peer.sent(due).len(), 1);
        }
        peer.answers(answer, seq, "far");
        now = answer;
    }
    assert_eq!(gaps, [100, 200, 400]);
    peer.is_asked("near");
    peer.gets(now, &[(4, 1, "near")]);
    peer.answers(now + Duration::from_millis(10), 4, "near");
    assert_eq!(peer.link.round_trip(), Some(Duration::from_millis(10)));
    peer.is_asked("far");
    peer.gets(now, &[(5, 1, "far")]);
    assert_eq!(peer.link.poll_timeout(), Some(now + Duration::from_millis(30)), "10 ms + 4 x 5 ms");
}

/// Answers that come soon after the first try prove that the way is short, however many of them were to second tries.
#[test]
fn m30_losses_on_a_fast_link_do_not_make_it_a_slow_one() {
    let mut peer = peer(adaptive(10));
    peer.is_asked("login");
    peer.gets(at(0), &[(1, 1, "login")]);
    peer.answers(at(20), 1, "login");
    let mut now = at(20);
    let mut gap = Duration::ZERO;
    for seq in 2..=12 {
        peer.is_asked("lost once");
        peer.gets(now, &[(seq, 1, "lost once")]);
        gap = peer.link.poll_timeout().expect("a deadline").since(now);
        now = now + gap;
        peer.gets(now, &[(seq, 2, "lost once")]);
        now = now + Duration::from_millis(20);
        peer.answers(now, seq, "lost once");
    }
    assert_eq!(gap, Duration::from_millis(60), "20 ms + 4 x 10 ms, as after the login");
}

#[test]
fn m30_a_link_that_grows_slow_is_learnt_though_it_was_fast_a_moment_ago() {
    let mut peer = peer(adaptive(10));
    let mut now = at(0);
    let mut asks = 0;
    for (seq, rtt) in (1..=200).map(|seq| (seq, if seq < 10 { 20 } else { 700 + u64::from(seq) * 37 % 100 }))
    {
        peer.is_asked("x");
        let answer = now + Duration::from_millis(rtt);
        assert_eq!(peer.sent(now).len(), 1);
        while let Some(due) = peer.link.poll_timeout().filter(|due| *due < answer) {
            asks += peer.sent(due).len();
        }
        peer.answers(answer, seq, "x");
        now = answer;
    }
    assert!(peer.link.round_trip() > Some(Duration::from_millis(699)), "{:?}", peer.link.round_trip());
    assert!(asks < 30, "{asks} repetitions for nothing");
}

/// After a short outage all that were on their way are answered at once, each after several tries.
#[test]
fn m30_many_answers_at_once_raise_the_wait_no_further_than_one_of_them_took() {
    let mut peer = peer(adaptive(10));
    for _ in 0..20 {
        peer.is_asked("now");
    }
    for tenth in 0..5 {
        assert_eq!(peer.sent(at(tenth * 100)).len(), 20);
    }
    for seq in 1..=20 {
        peer.answers(at(410), seq, "now");
    }
    peer.is_asked("later");
    peer.gets(at(500), &[(21, 1, "later")]);
    assert_eq!(peer.link.poll_timeout(), Some(at(500 + 410)));
}

#[test]
fn m13_with_the_fixed_timer_no_measurement_changes_anything() {
    let mut peer = peer(fixed(10));
    peer.is_asked("login");
    peer.gets(at(0), &[(1, 1, "login")]);
    peer.answers(at(1), 1, "login");
    peer.is_asked("who");
    peer.gets(at(10), &[(2, 1, "who")]);
    assert_eq!(peer.link.round_trip(), Some(Duration::from_millis(1)));
    let tries: Vec<_> = (1..10).map(|k| (at(10 + u64::from(k) * 100), (2, k + 1, "who"))).collect();
    assert_eq!(peer.gets_in_time(), tries);
}

#[test]
fn m22_a_question_that_waits_for_a_person_is_sent_again_when_he_is_heard_from_at_most_once_a_second() {
    let mut peer = peer(fixed(2));
    peer.is_invited("come?");
    peer.gets(at(0), &[(1, 1, "come?")]);
    peer.gets(at(100), &[(1, 2, "come?")]);
    peer.gets_nothing(at(200));
    assert_eq!(peer.link.poll_timeout(), None, "nothing is due before he is heard from");
    peer.gives_a_sign_of_life(at(1_099));
    peer.gets_nothing(at(1_099));
    peer.gives_a_sign_of_life(at(1_100));
    peer.gives_a_sign_of_life(at(1_100));
    peer.gets(at(1_100), &[(1, 2, "come?")]);
    assert_eq!(peer.link.poll_timeout(), None);
    peer.gives_a_sign_of_life(at(2_099));
    peer.gets_nothing(at(2_099));
    peer.gives_a_sign_of_life(at(2_100));
    peer.gets(at(2_100), &[(1, 2, "come?")]);
    peer.answers(at(40_000), 1, "come?");
    peer.is_left_in_peace();
    assert_eq!(peer.link.round_trip(), None, "how long a person thinks is no measurement (M30)");
}

/// M22: it holds nobody up.
#[test]
fn m22_while_a_question_waits_other_things_are_sent() {
    let mut peer = peer(fixed(1));
    peer.is_invited("come?");
    peer.gets(at(0), &[(1, 1, "come?")]);
    peer.gets_nothing(at(100));
    assert!(!peer.link.holds());
    peer.is_told(3, "hello");
    peer.gets(at(150), &[(2, 1, "hello")]);
}

#[test]
fn m22_a_question_that_is_withdrawn_is_not_sent_again() {
    let mut peer = peer(fixed(1));
    peer.is_invited("come?");
    peer.gets(at(0), &[(1, 1, "come?")]);
    peer.gets_nothing(at(100));
    assert_eq!(peer.link.cancel(number(1)), Some("come?"));
    assert_eq!(peer.link.cancel(number(1)), None);
    peer.gives_a_sign_of_life(at(5_000));
    peer.gets_nothing(at(5_000));
    peer.is_left_in_peace();
}

#[test]
fn what_is_cancelled_before_its_first_try_is_never_sent() {
    let mut peer = peer(fixed(2));
    peer.is_asked("a");
    peer.is_asked("b");
    assert_eq!(peer.link.cancel(number(1)), Some("a"));
    peer.gets(at(0), &[(2, 1, "b")]);
}

#[test]
fn who_stops_asking_starts_afresh_with_the_same_room_for_what_waits() {
    let mut peer = peer_with_room_for(1, 1_000);
    peer.is_told(1, "a");
    peer.gets(at(0), &[(1, 1, "a")]);
    peer.link.stop_asking(fixed(3), 500);
    peer.answers_in_vain(at(10), 1);
    peer.is_left_in_peace();
    for text in ["b", "c", "d"] {
        peer.is_told(1, text);
    }
    peer.gets(at(20), &[(500, 1, "b")]);
    peer.had_no_room_for(&["c"]);
}

/// As a caller may well do: a text with no lane waits for the peer too, and so does every lane.
#[test]
fn m17_a_request_without_a_lane_can_be_parked_too() {
    let mut link: Link<16, &str, ()> = Link::with_quota(fixed(1), Quota::default(), 9);
    link.send(Request::new("a").with_patience(palabre::reliable::Patience::Park));
    assert!(link.poll_transmit(at(0)).is_some());
    link.handle_timeout(at(100));
    assert!(link.holds());
    assert_eq!(link.pending(), 1);
    link.heard(at(7_000));
    assert_eq!(link.poll_transmit(at(7_000)).map(|sent| sent.seq.value()), Some(9));
}

/// S6: no sender repeats more often than every T, where T is longer than a second too.
#[test]
fn s6_a_question_for_a_person_is_not_repeated_sooner_than_anything_else() {
    let timing = Timing { timer: Duration::from_secs(2), tries: 1, policy: Policy::Fixed };
    let mut peer = peer(timing);
    peer.is_invited("come");
    peer.gets(at(0), &[(1, 1, "come")]);
    peer.gets_nothing(at(2_000));
    peer.gives_a_sign_of_life(at(2_000));
    peer.gets(at(2_000), &[(1, 1, "come")]);
    peer.gives_a_sign_of_life(at(3_999));
    peer.gets_nothing(at(3_999));
    peer.gives_a_sign_of_life(at(4_000));
    peer.gets(at(4_000), &[(1, 1, "come")]);
}
