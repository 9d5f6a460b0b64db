//! Sequence numbers: given in turn, skipped while alive, wrapping, and what happens when there are none.
//!
//! In: traces. Out: assertions on numbers. Must not know the link's insides.

use palabre::reliable::{Lane, Link, Lost, Patience, Request, Seq};

use crate::reliable_trace::{at, fixed, number, peer};

#[test]
fn a_number_that_does_not_fit_its_width_is_refused() {
    assert_eq!(Seq::<10>::new(1_023).map(Seq::value), Some(1_023));
    assert_eq!(Seq::<10>::new(1_024), None);
    assert_eq!(Seq::<10>::wrapping(1_024).value(), 0);
    assert_eq!(Seq::<16>::new(u16::MAX).map(Seq::value), Some(u16::MAX));
}

#[test]
fn m13_numbers_of_16_bits_go_from_65535_to_0() {
    let mut peer = peer(fixed(3));
    peer.link.stop_asking(fixed(3), 65_535);
    peer.is_asked("last");
    peer.is_asked("first");
    peer.gets(at(0), &[(65_535, 1, "last"), (0, 1, "first")]);
}

#[test]
fn s6_numbers_of_10_bits_go_from_1023_to_0() {
    let mut link: Link<10, &str, ()> = Link::new(fixed(3), 1_023);
    link.send(Request::new("last"));
    link.send(Request::new("first"));
    let sent: Vec<_> =
        std::iter::from_fn(|| link.poll_transmit(at(0)).map(|sent| sent.seq.value())).collect();
    assert_eq!(sent, [1_023, 0]);
}

#[test]
fn a_first_number_that_is_too_wide_is_cut_to_its_lowest_bits() {
    let mut link: Link<10, &str, ()> = Link::new(fixed(3), 0xffff);
    link.send(Request::new("a"));
    assert_eq!(link.poll_transmit(at(0)).map(|sent| sent.seq.value()), Some(1_023));
}

#[test]
fn m13_a_number_is_not_given_again_while_it_is_alive_however_often_they_wrap() {
    let mut link: Link<10, u32, ()> = Link::new(fixed(1), 5);
    link.send(Request::new(0).with_patience(Patience::Linger));
    assert_eq!(link.poll_transmit(at(0)).map(|sent| sent.seq.value()), Some(5));
    link.handle_timeout(at(100));
    let mut given = [0_u32; 1_024];
    for n in 1..=5_000 {
        link.send(Request::new(n));
        let seq = link.poll_transmit(at(100)).expect("a try").seq;
        given[usize::from(seq.value())] += 1;
        assert_eq!(link.answered(at(100), seq), Some(n));
    }
    assert_eq!(given[5], 0);
    // The receiver keeps one of each two numbers that are half the circle apart: that one must stay the lingering one.
    assert_eq!(given[5 + 512], 0);
    assert!(given.iter().filter(|times| **times == 0).count() < 1_024 / 7);
    assert_eq!(link.answered(at(200), number(5)), Some(0));
}

#[test]
fn when_all_numbers_are_taken_a_request_without_a_lane_is_lost_and_the_others_are_not() {
    let mut link: Link<10, u32, ()> = Link::new(fixed(1), 0);
    for n in 0..300 {
        link.send(Request::new(n));
    }
    let lost: Vec<_> = std::iter::from_fn(|| link.poll_lost()).collect();
    assert_eq!(
        lost,
        (256..300).map(Lost::Overflow).collect::<Vec<_>>(),
        "a quarter of the circle is in flight"
    );
    let sent = std::iter::from_fn(|| link.poll_transmit(at(0)).map(|sent| *sent.payload)).collect::<Vec<_>>();
    assert_eq!(sent, (0..256).collect::<Vec<_>>());
}

#[test]
fn when_all_numbers_are_taken_a_lane_waits_for_one_and_is_not_forgotten() {
    let mut link: Link<10, u32, ()> = Link::new(fixed(9), 0);
    for n in 0..256 {
        link.send(Request::new(n));
    }
    for n in [1_000, 1_001, 2_000] {
        let lane = Lane(u16::try_from(n / 1_000).expect("a small lane"));
        link.send(Request::new(n).in_lane(lane, 1).with_patience(Patience::Park));
    }
    while link.poll_transmit(at(0)).is_some() {}
    assert_eq!(link.poll_lost(), None);
    let mut next = |seq| {
        assert!(link.answered(at(1), number(seq)).is_some());
        link.poll_transmit(at(1)).map(|sent| (sent.seq.value(), *sent.payload))
    };
    assert_eq!(next(17), Some((273, 1_000)), "the number after 255 whose place is free");
    assert_eq!(next(273), Some((529, 1_001)));
    assert_eq!(next(18), Some((530, 2_000)));
    assert_eq!(next(19), None);
}
