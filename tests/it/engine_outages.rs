//! Receivers who are silent for a while: M5, M17, M31, M33.
//!
//! In: outages of any length. Out: what waits, what is dropped and told, when the server asks again. Must not know how a
//! mailbox is built.

use palabre::dialect::msp::{Body, Message, SERVER};
use palabre::engine::{Config, Counter, Departure, DropReason, Event};
use palabre::reliable::Quota;
use palabre::time::Duration;

use crate::engine_words::{KEEP_ALIVE, kept_alive};
use crate::msp_client::{Client, Table, Way};

/// What people said in this inbox, in order; copies are left out.
fn said(client: &Client) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut said = Vec::new();
    for got in client.takes_all() {
        let Body::Text { text, .. } = got.body else { continue };
        if got.user != SERVER && !numbers.contains(&got.seq) {
            numbers.push(got.seq);
            said.push(text.into_owned());
        }
    }
    said
}

/// What the server said itself in this inbox, probes left out.
fn own_words(client: &Client) -> Vec<String> {
    let words = |got: Message<'static>| match got.body {
        Body::Text { text, .. } if got.user == SERVER && !text.is_empty() => Some(text.into_owned()),
        _ => None,
    };
    client.takes_all().into_iter().filter_map(words).collect()
}

fn table_with_mailbox(items: usize, bytes: usize) -> (Table, Client, Client) {
    let mut config = Config::msp();
    config.limits.mailbox = Quota { items, bytes };
    let table = Table::with(config);
    let (alice, bob) = (table.joins("alice"), table.joins("bob"));
    table.forgets_all();
    (table, alice, bob)
}

#[test]
fn m17_texts_for_somebody_silent_wait_and_come_in_order_under_the_old_number() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Mute);
    for n in 0..5 {
        alice.says(&format!("text {n}"));
    }
    table.passes(Duration::from_secs(30));
    let numbers: Vec<u16> = bob.takes_all().iter().filter(|got| got.user == 1).map(|got| got.seq).collect();
    assert!(
        !numbers.is_empty() && numbers.iter().all(|seq| *seq == numbers[0]),
        "one at a time: {numbers:?}"
    );
    bob.is(Way::Open);
    bob.sends(KEEP_ALIVE);
    table.passes(Duration::from_millis(1));
    let got = bob.takes_all();
    let texts: Vec<_> = got.iter().filter(|got| got.user == 1).collect();
    let words: Vec<_> = texts.iter().map(|got| got.body.clone()).collect();
    let expected: Vec<_> =
        (0..5).map(|n| Body::Text { text: format!("text {n}").into(), order: None }).collect();
    assert_eq!(words, expected);
    assert_eq!(texts[0].seq, numbers[0], "who had it already, and whose answers were lost, drops it");
    assert_eq!(table.dropped(DropReason::MailboxFull), 0);
}

#[test]
fn m17_giving_up_a_message_ends_no_session() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Cut);
    alice.says("hello");
    table.passes(Duration::from_secs(100));
    bob.is(Way::Open);
    assert_eq!(bob.asks(KEEP_ALIVE), kept_alive(false));
    assert_eq!(said(&bob), ["hello"]);
}

#[test]
fn m17_m31_beyond_256_texts_the_oldest_go_and_he_is_told_how_many() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Cut);
    table.events();
    for n in 0..300 {
        alice.says(&format!("{n}"));
        table.passes(Duration::from_millis(50));
    }
    // What is in flight does not count until it is given up.
    table.passes(Duration::from_secs(2));
    assert_eq!(table.dropped(DropReason::MailboxFull), 44);
    assert_eq!(table.events(), [Event::TextsDropped { name: "bob".into() }], "said once");
    bob.is(Way::Open);
    bob.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(1));
    let told = own_words(&bob);
    assert_eq!(told, ["44 texts for you were dropped: too many waited while you were away"]);
}

#[test]
fn m17_the_ones_that_are_left_come_in_order_and_none_twice() {
    let (table, alice, bob) = table_with_mailbox(3, 1 << 20);
    bob.is(Way::Cut);
    for n in 0..10 {
        alice.says(&format!("{n}"));
        table.passes(Duration::from_secs(2));
    }
    bob.is(Way::Open);
    bob.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(1));
    assert_eq!(said(&bob), ["7", "8", "9"]);
    assert_eq!(table.dropped(DropReason::MailboxFull), 7);
}

#[test]
fn m17_the_bytes_are_bounded_too() {
    let (table, alice, bob) = table_with_mailbox(256, 10_000);
    bob.is(Way::Cut);
    let long = "x".repeat(3_000);
    for _ in 0..10 {
        alice.says(&long);
        table.passes(Duration::from_secs(2));
    }
    assert_eq!(table.dropped(DropReason::MailboxFull), 7);
}

#[test]
fn m31_notices_of_comings_and_goings_go_before_texts() {
    let (table, alice, bob) = table_with_mailbox(4, 1 << 20);
    bob.is(Way::Cut);
    alice.says("first");
    for round in 0..5 {
        let passer_by = table.joins(&format!("guest{round}"));
        passer_by.asks(Body::Disconnect);
        table.passes(Duration::from_secs(2));
    }
    alice.says("last");
    table.passes(Duration::from_secs(2));
    bob.is(Way::Open);
    bob.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(1));
    assert_eq!(said(&bob), ["first", "last"]);
    assert!(table.dropped(DropReason::MailboxFull) > 0, "notices were dropped, and nobody need be told");
}

#[test]
fn m31_the_word_about_dropped_texts_survives_a_second_outage() {
    let (table, alice, bob) = table_with_mailbox(2, 1 << 20);
    bob.is(Way::Cut);
    for n in 0..5 {
        alice.says(&format!("{n}"));
        table.passes(Duration::from_secs(2));
    }
    // He is heard, but nothing reaches him; the word about three texts waits, and is itself the oldest to go.
    bob.sends(KEEP_ALIVE);
    for n in 5..10 {
        alice.says(&format!("{n}"));
        table.passes(Duration::from_secs(2));
    }
    bob.is(Way::Open);
    bob.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(1));
    let told = own_words(&bob);
    assert_eq!(told, ["8 texts for you were dropped: too many waited while you were away"]);
}

#[test]
fn m33_the_server_asks_a_silent_receiver_1_2_4_8_16_s_apart_until_he_is_heard() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    table.passes(Duration::from_secs(5));
    bob.is(Way::Mute);
    bob.forgets();
    alice.says("hello");
    table.passes(Duration::from_secs(1));
    bob.forgets();
    let mut probes = Vec::new();
    let mut last = None;
    for tenth in 0..700 {
        table.passes(Duration::from_millis(100));
        for got in bob.takes_all() {
            assert_eq!((got.user, &got.body), (SERVER, &Body::Text { text: "".into(), order: None }));
            if last != Some(got.seq) {
                last = Some(got.seq);
                probes.push(tenth / 10);
            }
        }
    }
    assert_eq!(probes, [0, 2, 6, 14, 30, 46, 62], "seconds after the text was given up, one at the latest");
    bob.is(Way::Open);
    let silence = bob.traffic().0;
    bob.sends(KEEP_ALIVE);
    assert_eq!(said(&bob), ["hello"]);
    let heard = bob.traffic().0;
    table.passes(Duration::from_secs(60));
    assert!(heard > silence && bob.traffic().0 == heard, "nothing waits, nobody is asked");
}

#[test]
fn m33_an_answer_to_the_probe_is_a_sign_of_life() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Cut);
    alice.says("hello");
    table.passes(Duration::from_secs(3));
    bob.is(Way::Open);
    table.passes(Duration::from_secs(5));
    assert_eq!(said(&bob), ["hello"], "he said nothing by himself");
}

/// What was held may be dropped just when the server would ask: what is held later must not wait for ever.
#[test]
fn m33_the_server_goes_on_asking_when_the_mailbox_overflows_in_between() {
    let (table, alice, bob) = table_with_mailbox(1, 1 << 20);
    bob.is(Way::Cut);
    alice.says("first");
    table.passes(Duration::from_millis(1_500));
    alice.says("second");
    table.passes(Duration::from_secs(40));
    bob.is(Way::Open);
    table.passes(Duration::from_secs(17));
    assert_eq!(said(&bob), ["second"]);
}

#[test]
fn m5_one_who_is_silent_for_135_s_is_removed_and_what_waited_for_him_is_counted() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Cut);
    alice.says("hello");
    table.events();
    for _ in 0..3 {
        table.passes(Duration::from_millis(44_999));
        alice.sends(KEEP_ALIVE);
    }
    alice.forgets();
    table.passes(Duration::from_millis(2));
    alice.gets_nothing();
    table.passes(Duration::from_millis(1));
    alice.is_told("bob has left this room");
    let silent = Event::Departed { name: "bob".into(), id: Some(2), why: Departure::Silent };
    assert_eq!(table.events(), [silent]);
    assert_eq!(table.dropped(DropReason::ReceiverGone), 1);
    bob.is(Way::Open);
    assert_eq!(bob.asks(KEEP_ALIVE), kept_alive(true));
    assert_eq!(table.counted(Counter::Deliveries), 0);
}
