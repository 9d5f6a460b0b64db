//! What the server bears from strangers, from crowds and from those who ask too much: M4, M5, M15.
//!
//! In: floods. Out: bounded answers, ids that come round. Must not know how buckets count.

use palabre::dialect::msp::{Body, ErrorCode, RegisterStatus};
use palabre::engine::{Config, Counter, Departure, DropReason, Event, Limits, Rate};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;
use palabre::wire::{Integrity, Payload};
use proptest::prelude::*;

use crate::engine_words::{
    KEEP_ALIVE, assert_error, connect, encoded, join, kept_alive, name, registered, text,
};
use crate::msp_client::{Client, Table, Way};

const FULL: Body<'static> = registered(RegisterStatus::ServerFull, 0);

fn config(limits: Limits) -> Config {
    Config { limits, ..Config::msp() }
}

/// 254 people, all of whom have said something.
fn full_house() -> (Table, Vec<Client>) {
    let table = Table::new();
    let people: Vec<Client> = (0..254).map(|n| table.joins(&format!("u{n}"))).collect();
    people.iter().for_each(|who| assert_eq!(who.asks(KEEP_ALIVE), kept_alive(false)));
    table.forgets_all();
    (table, people)
}

#[test]
fn m5_254_people_are_all_and_the_next_hears_that_the_server_is_full() {
    let (table, people) = full_house();
    assert!(people.iter().enumerate().all(|(n, who)| who.id() == n as u8 + 1));
    let late = table.stranger();
    assert_eq!(late.asks(connect("late")), FULL);
    // An id that was given up rests for 60 s.
    people[6].asks(Body::Disconnect);
    table.passes(Duration::from_millis(59_999));
    for who in &people {
        who.sends(KEEP_ALIVE);
    }
    assert_eq!(late.asks(connect("late")), FULL);
    table.passes(Duration::from_millis(1));
    late.registers("late");
    assert_eq!(late.id(), 7);
}

#[test]
fn m5_ids_go_round_so_that_a_freed_one_is_used_again_as_late_as_possible() {
    let table = Table::new();
    let first = table.joins("first");
    first.asks(Body::Disconnect);
    table.passes(Duration::from_secs(61));
    let ids: Vec<u8> = (0..254).map(|n| table.joins(&format!("u{n}")).id()).collect();
    assert_eq!(ids, (2..=254).chain([1]).collect::<Vec<u8>>());
}

#[test]
fn m4_one_who_cannot_have_another_name_because_the_server_is_full_keeps_his_own() {
    let (_table, people) = full_house();
    assert_eq!(people[0].asks(connect("other")), FULL);
    assert_eq!(people[0].asks(KEEP_ALIVE), kept_alive(false));
    people[0].says("still here");
    people[1].hears("still here", &people[0]);
}

#[test]
fn m15_when_ids_run_out_one_who_never_spoke_gives_his_up_after_10_s() {
    let table = Table::new();
    let people: Vec<Client> = (0..254).map(|_| table.stranger()).collect();
    for (n, who) in people.iter().enumerate() {
        who.is(Way::Mute);
        who.registers(&format!("u{n}"));
    }
    // All but two speak.
    let silent = [30, 17];
    for (n, who) in people.iter().enumerate().filter(|(n, _)| !silent.contains(n)) {
        assert_eq!(who.asks(KEEP_ALIVE), kept_alive(false), "{n}");
    }
    let late = table.stranger();
    table.passes(Duration::from_millis(9_999));
    assert_eq!(late.asks(connect("late")), FULL);
    table.passes(Duration::from_millis(1));
    table.events();
    late.registers("late");
    assert_eq!(late.id(), 18, "at once, without rest; the one who came first goes first");
    let unspoken = Event::Departed { name: "u17".into(), id: Some(18), why: Departure::Unspoken };
    assert_eq!(table.events()[0], unspoken);
    assert_eq!(people[17].asks(KEEP_ALIVE), kept_alive(true), "the id is not good from his address any more");
    people[17].registers("u17");
    assert_eq!(people[17].id(), 31, "now the other one has to go");
    assert_eq!(table.stranger().asks(connect("third")), FULL);
}

#[test]
fn m15_a_registered_one_may_ask_200_times_at_once_and_then_50_times_a_second() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    table.passes(Duration::from_secs(10));
    let flood = |count: usize| {
        let answers = (0..count).map(|_| alice.asks(text("flood"))).collect::<Vec<_>>();
        let refused = answers.iter().filter(|answer| **answer != Body::TextReply);
        refused.clone().for_each(|answer| assert_error(answer, 15, ErrorCode::TOO_MANY_REQUESTS));
        count - refused.count()
    };
    assert_eq!(flood(300), 200);
    assert_eq!(bob.takes_all().len(), 200, "beyond it nothing is executed");
    table.passes(Duration::from_secs(1));
    assert_eq!(flood(100), 50);
    assert_eq!(table.counted(Counter::OverRate), 150);
    // A refusal is an answer like any other: its repetition is not carried out later.
    let seq = alice.sends(text("no"));
    assert_error(&alice.answer_to(seq).unwrap(), 15, ErrorCode::TOO_MANY_REQUESTS);
    bob.forgets();
    table.passes(Duration::from_secs(1));
    alice.sends_as(alice.id(), seq, text("no"));
    assert_error(&alice.answer_to(seq).unwrap(), 15, ErrorCode::TOO_MANY_REQUESTS);
    bob.gets_nothing();
}

#[test]
fn m15_malformed_requests_keep_alives_and_restarts_are_charged_as_well() {
    let limits = Limits { requests: Rate { per_second: 1, burst: 3 }, ..Limits::default() };
    let table = Table::with(config(limits));
    let (alice, bob) = (table.joins("alice"), table.joins("bob"));
    alice.sends_bytes(&[encoded(alice.id(), 50, Body::ListRooms), vec![0]].concat());
    assert_error(&alice.answer_to(50).unwrap(), 5, ErrorCode::MALFORMED);
    alice.asks(KEEP_ALIVE);
    let restarted = alice.again_from(900);
    restarted.registers("alice");
    bob.forgets();
    alice.sends_bytes(&[encoded(alice.id(), 51, Body::ListRooms), vec![0]].concat());
    assert_error(&alice.answer_to(51).unwrap(), 5, ErrorCode::TOO_MANY_REQUESTS);
    assert_error(&restarted.asks(KEEP_ALIVE), 1, ErrorCode::TOO_MANY_REQUESTS);
    // Neither a restart nor another name is a way to a full bucket.
    assert_error(&restarted.asks(connect("alice")), 1, ErrorCode::TOO_MANY_REQUESTS);
    assert_error(&restarted.asks(connect("carol")), 1, ErrorCode::TOO_MANY_REQUESTS);
    bob.gets_nothing();
    table.passes(Duration::from_secs(1));
    restarted.registers("carol");
    assert_error(&restarted.asks(KEEP_ALIVE), 1, ErrorCode::TOO_MANY_REQUESTS);
}

/// A repetition costs the server nothing but its answer, and that may be long: it must not be free.
#[test]
fn m15_answers_from_memory_are_bounded_by_the_rate_times_all_tries() {
    let limits = Limits { requests: Rate { per_second: 1, burst: 5 }, ..Limits::default() };
    let table = Table::with(config(limits));
    let alice = table.joins("alice");
    let seq = alice.sends(Body::ListUsers { room: name("") });
    let (before, _) = alice.traffic();
    for _ in 0..500 {
        alice.sends_as(alice.id(), seq, Body::ListUsers { room: name("") });
    }
    assert_eq!(alice.traffic().0 - before, 50);
    assert_eq!(table.dropped(DropReason::RepeatOverRate), 450);
}

/// A copy of a CONNEXION is a repetition like any other, also after its sender has left.
#[test]
fn m15_copies_of_a_connexion_are_answered_at_a_bounded_rate() {
    let limits = Limits { requests: Rate { per_second: 1, burst: 5 }, ..Limits::default() };
    let table = Table::with(config(limits));
    let alice = table.joins("alice");
    alice.asks(Body::Disconnect);
    let (before, _) = alice.traffic();
    for _ in 0..500 {
        alice.sends_as(0, 1, connect("alice"));
    }
    assert_eq!(alice.traffic().0 - before, 50);
}

#[test]
fn m15_one_who_has_left_is_a_stranger_who_gets_no_long_answers() {
    let (table, [alice]) = Table::of(["alice"]);
    for n in 0..20 {
        table.joins(&format!("u{n}"));
    }
    let list = alice.sends(Body::ListUsers { room: name("") });
    alice.asks(Body::Disconnect);
    alice.forgets();
    alice.sends_as(alice.id(), list, Body::ListUsers { room: name("") });
    assert_error(&alice.answer_to(list).unwrap(), 9, ErrorCode::NOT_REGISTERED);
}

#[test]
fn m15_strangers_are_answered_at_a_bounded_rate_each_network_and_all_together() {
    let network = Rate { per_second: 1, burst: 10 };
    let limits = Limits {
        strangers_of_a_network: network,
        strangers: Rate { per_second: 1, burst: 25 },
        ..Limits::default()
    };
    let table = Table::with(config(limits));
    let answered = |who: &Client| {
        let (before, _) = who.traffic();
        for _ in 0..100 {
            who.sends(text("hello"));
        }
        who.traffic().0 - before
    };
    let at = |address| table.stranger_at(ListenerId(0), address);
    assert_eq!(answered(&at("198.51.100.1:1000")), 10);
    assert_eq!(answered(&at("198.51.100.1:2000")), 0, "the port makes no difference");
    assert_eq!(answered(&at("[2001:db8::1]:1000")), 10);
    assert_eq!(answered(&at("[2001:db8::ffff:1]:1000")), 0, "the same /64");
    assert_eq!(answered(&at("203.0.113.5:1000")), 5, "what is left for all");
    assert_eq!(table.dropped(DropReason::StrangerOverRate), 475);
    table.passes(Duration::from_secs(3));
    assert_eq!(answered(&at("203.0.113.77:1000")), 3);
}

#[test]
fn m15_those_who_are_registered_do_not_suffer_from_a_flood_of_strangers() {
    let limits = Limits { strangers: Rate { per_second: 1, burst: 3 }, ..Limits::default() };
    let table = Table::with(config(limits));
    let (alice, bob) = (table.joins("alice"), table.joins("bob"));
    let stranger = table.stranger();
    for _ in 0..100 {
        stranger.sends(Body::ListRooms);
    }
    bob.forgets();
    alice.says("hello");
    bob.hears("hello", &alice);
    // Even his CONNEXION is served, from his own bucket.
    let restarted = alice.again_from(500);
    restarted.registers("alice");
}

#[test]
fn a_source_that_cannot_be_answered_and_an_unknown_listener_are_dropped_and_counted() {
    let table = Table::new();
    table.stranger_at(ListenerId(0), "192.0.2.9:0").sends(connect("zero"));
    assert_eq!(table.dropped(DropReason::Unanswerable), 1);
    assert_eq!(table.counted(Counter::Sent), 0);
}

#[test]
fn m16_a_listener_with_checksums_drops_and_counts_what_does_not_match() {
    let mut config = Config::msp();
    config.listeners[0].integrity = Integrity::Crc32;
    let table = Table::with(config);
    let alice = table.joins("alice");
    let bob = table.joins("bob");
    bob.creates("den", Mode::Direct);
    alice.asks(join("den"));
    table.forgets_all();
    alice.says("sealed both ways");
    bob.hears("sealed both ways", &alice);
    let plain = encoded(1, 400, text("without"));
    let mut damaged = Integrity::Crc32.seal(Payload::new(&plain)).to_vec();
    damaged[3] ^= 0x10;
    for bytes in [&plain[..], &damaged, &[], &[0; 3], &[0; 4]] {
        alice.sends_raw(bytes);
    }
    alice.gets_nothing();
    bob.gets_nothing();
    // Three bytes are no checksum. Four are that of nothing, which is too short a message: CRC-32 of nothing is zero.
    assert_eq!((table.dropped(DropReason::BadChecksum), table.dropped(DropReason::TooShort)), (4, 1));
}

/// Anything a stranger may send: noise under any type, or good messages of the shortest kinds.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let noise = (proptest::collection::vec(any::<u8>(), 0..40), 0..32u8).prop_map(|(mut bytes, code)| {
        if let Some(first) = bytes.first_mut() {
            *first = *first & 0x07 | code << 3;
        }
        bytes
    });
    let registration = ("[a-z]{0,12}", any::<u16>()).prop_map(|(who, seq)| encoded(0, seq, connect(&who)));
    let taken = any::<u16>().prop_map(|seq| encoded(0, seq, connect("u0")));
    let short = (any::<u8>(), any::<u16>(), 0..6usize).prop_map(|(user, seq, which)| {
        let body = match which {
            0 => KEEP_ALIVE,
            1 => Body::ListRooms,
            2 => Body::ListUsers { room: name("") },
            3 => Body::Disconnect,
            4 => text(""),
            _ => Body::LeaveRoom,
        };
        encoded(user, seq, body)
    });
    prop_oneof![noise, registration, taken, short]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// M15: whatever a stranger sends, the answer has at most three bytes more, the checksums of M16 included.
    #[test]
    fn m15_no_stranger_gets_more_than_three_bytes_above_what_he_sent(
        bytes in anything(), sealed: bool, crowd in 0..3usize,
    ) {
        let mut config = Config::msp();
        config.listeners[0].integrity = if sealed { Integrity::Crc32 } else { Integrity::None };
        let table = Table::with(config);
        for n in 0..crowd {
            table.joins(&format!("u{n}"));
        }
        let stranger = table.stranger();
        stranger.sends_bytes(&bytes);
        let (datagrams, answered) = stranger.traffic();
        prop_assert!(datagrams <= 1);
        let trailer = if sealed { 4 } else { 0 };
        prop_assert!(answered <= bytes.len() + trailer + 3, "{answered} for {}", bytes.len());
    }
}
