//! Sequence numbers between the server and a client of Shen's protocol: S5 and S6, seen from the wire.
//!
//! In: requests under numbers of the client's choice. Out: which are carried out, and what numbers the server gives. Must not
//! know the server's insides.

use std::collections::VecDeque;

use palabre::dialect::shen::{Body, Kind};
use palabre::time::Duration;

use crate::shen_client::{Client, Table, ack, send};

/// A little more than it takes for a request to be within its author's rate.
const PAUSE: Duration = Duration::from_millis(25);

/// Sheng and Lucy in public, and the handle of Lucy.
fn two() -> (Table, [Client; 2], u16) {
    let (table, clients) = Table::of(["Sheng", "Lucy"]);
    let lucy = clients[0].handle_of("Lucy");
    (table, clients, lucy)
}

#[test]
fn s5_the_server_gives_its_requests_no_number_that_came_in_a_request_of_the_client() {
    let (table, [sheng, lucy], handle_of_lucy) = two();
    let mut open = VecDeque::new();
    let mut given = 0;
    for round in 0..1_500_u16 {
        // Sheng uses the number that the server would give next, and further ones at times.
        let seq = (given + 1 + (round % 7) * (round % 3)) % 1_024;
        sheng.sends_as(seq, Body::plain(Kind::CountRooms, ""));
        sheng.is_answered(seq, ack("0"));
        open.push_back(seq);
        // What came more than 10 s ago is open no more.
        if open.len() > 400 {
            open.pop_front();
        }
        let text = round.to_string();
        lucy.asks(send(0, &text));
        given = sheng.hears(&text, ("Lucy", handle_of_lucy), 0);
        let open = open.iter().rev().take(256);
        assert!(open.into_iter().all(|seq| *seq != given), "round {round}: {given} is open");
        sheng.acks(given);
        table.passes(PAUSE);
    }
}

#[test]
fn s6_while_numbers_wrap_three_times_each_text_is_heard_once_though_every_datagram_comes_twice() {
    let (table, [sheng, lucy], handle_of_lucy) = two();
    for round in 0..3_200_u16 {
        // The same bytes again after each circle.
        let seq = (round + 900) % 1_024;
        let text = (round % 256).to_string();
        lucy.sends_as(seq, send(0, &text));
        lucy.sends_as(seq, send(0, &text));
        lucy.is_answered(seq, ack(""));
        lucy.is_answered(seq, ack(""));
        let seq = sheng.hears(&text, ("Lucy", handle_of_lucy), 0);
        sheng.gets_nothing();
        sheng.acks(seq);
        sheng.acks(seq);
        table.passes(PAUSE);
    }
}

#[test]
fn s6_a_client_is_heard_wherever_it_goes_on_counting() {
    let (table, [sheng, lucy], handle_of_lucy) = two();
    for (jump, from) in [600_u16, 88, 0, 512, 1_023, 511, 0, 513, 1].into_iter().enumerate() {
        for n in 0..100 {
            let text = format!("{jump}: {n}");
            lucy.counts_from((from + n) % 1_024);
            assert_eq!(lucy.asks(send(0, &text)), ack(""), "{text}");
            let seq = sheng.hears(&text, ("Lucy", handle_of_lucy), 0);
            sheng.acks(seq);
            table.passes(PAUSE);
        }
    }
}

#[test]
fn s6_an_old_request_with_the_same_bytes_is_answered_and_not_carried_out_until_512_others_came() {
    for (others, is_carried_out) in [(511, false), (512, true)] {
        let (table, [sheng, lucy], handle_of_lucy) = two();
        lucy.sends_as(700, send(0, "again"));
        let seq = sheng.hears("again", ("Lucy", handle_of_lucy), 0);
        sheng.acks(seq);
        for _ in 0..others {
            lucy.asks(Body::plain(Kind::CountRooms, ""));
            table.passes(PAUSE);
        }
        lucy.sends_as(700, send(0, "again"));
        if is_carried_out {
            sheng.hears("again", ("Lucy", handle_of_lucy), 0);
        }
        sheng.gets_nothing();
    }
}
