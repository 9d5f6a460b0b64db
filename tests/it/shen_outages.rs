//! Clients of Shen's protocol who are silent for a while: S6, S17, M17, M21, M31, M33, and the server's end.
//!
//! In: outages of any length. Out: what waits, what is dropped and told, when the server asks. Must not know how a mailbox
//! is built.

use palabre::dialect::shen::{Body, Kind, Message, said, words};
use palabre::engine::{Config, Departure, DropReason, Event, Listener};
use palabre::ids::ListenerId;
use palabre::reliable::Quota;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::served::{Served, Way};
use crate::shen_client::{Client, Table, ack, plain, send};

const PROBE: Body<'static> =
    Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 0, text: std::borrow::Cow::Borrowed("") };

/// What people said in this inbox, copies left out; then what the server said itself, probes left out.
fn heard(client: &Client) -> (Vec<String>, Vec<String>) {
    let (mut numbers, mut people, mut server) = (Vec::new(), Vec::new(), Vec::new());
    for Message { seq, body } in client.takes_all() {
        let Body::Speech { kind: Kind::Relay, emitter, text, .. } = body else { continue };
        if numbers.contains(&seq) || text.is_empty() {
            continue;
        }
        numbers.push(seq);
        let list = if emitter == 0 { &mut server } else { &mut people };
        list.push(said(&text).0.to_owned());
    }
    (people, server)
}

fn table_with_mailbox(items: usize) -> (Table, [Client; 2]) {
    let mut config = Config::new(vec![Listener::shen()]);
    config.limits.mailbox = Quota { items, bytes: 100_000 };
    let table = Table::at(&Served::new(config), ListenerId(0));
    let clients = ["Sheng", "Lucy"].map(|name| table.joins(name));
    (table, clients)
}

#[test]
fn s17_somebody_silent_for_135_s_is_asked_and_one_who_does_not_answer_is_gone() {
    let (table, [lucy]) = Table::of(["Lucy"]);
    table.served().events();
    for _ in 0..3 {
        table.passes(Duration::from_millis(134_999));
        lucy.gets_nothing();
        table.passes(Duration::from_millis(1));
        lucy.acks(lucy.is_asked(PROBE));
    }
    table.passes(Duration::from_secs(135));
    let asked = lucy.is_asked(PROBE);
    for _ in 1..5 {
        table.passes(Duration::from_millis(1_999));
        lucy.gets_nothing();
        table.passes(Duration::from_millis(1));
        assert_eq!(lucy.is_asked(PROBE), asked);
    }
    table.passes(Duration::from_millis(1_999));
    assert_eq!(table.served().events(), []);
    table.passes(Duration::from_millis(1));
    let gone = Event::Departed { name: "Lucy".into(), id: Some(1), why: Departure::Silent };
    assert_eq!(table.served().events(), [gone]);
    lucy.gets_nothing();
    assert_eq!(lucy.asks(plain(Kind::CountRooms, "")), plain(Kind::ConnectRefused, ""));
}

#[test]
fn s17_any_sign_of_life_counts() {
    let (table, [lucy]) = Table::of(["Lucy"]);
    table.passes(Duration::from_secs(100));
    lucy.sends_bytes(&[0xff; 9]);
    table.passes(Duration::from_millis(134_999));
    lucy.gets_nothing();
    // Between the tries, too, though nothing was acknowledged.
    table.passes(Duration::from_secs(7));
    lucy.asks(plain(Kind::CountRooms, ""));
    lucy.takes_all();
    table.passes(Duration::from_secs(20));
    lucy.takes_all();
    assert_eq!(lucy.asks(plain(Kind::CountRooms, "")), ack("0"));
}

#[test]
fn s17_one_who_is_gone_is_gone_for_his_room_too() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    sheng.is(Way::Open);
    sheng.proposes("Lucy", Mode::Central, "lol");
    lucy.accepts(lucy.is_invited("Sheng"));
    sheng.is_asked(plain(Kind::Granted, ""));
    lucy.is(Way::Cut);
    table.passes(Duration::from_secs(144));
    assert!(sheng.takes_all().iter().all(|got| got.body == PROBE));
    table.passes(Duration::from_secs(2));
    let closed = sheng.takes_all().into_iter().filter(|got| got.body != PROBE);
    assert_eq!(closed.map(|got| got.body).collect::<Vec<_>>(), [plain(Kind::Closed, words::ALONE)]);
}

#[test]
fn s6_m17_texts_for_somebody_silent_wait_and_come_in_order_and_once() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    lucy.is(Way::Cut);
    for n in 0..5 {
        assert_eq!(sheng.asks(send(0, &n.to_string())), ack(""));
    }
    table.passes(Duration::from_secs(100));
    lucy.is(Way::Open);
    lucy.asks(plain(Kind::CountRooms, ""));
    table.passes(Duration::from_secs(3));
    assert_eq!(heard(&lucy), (["0", "1", "2", "3", "4"].map(String::from).to_vec(), Vec::new()));
    assert_eq!(table.served().dropped(DropReason::MailboxFull), 0);
}

#[test]
fn m33_the_server_asks_by_itself_whether_somebody_is_back_more_and_more_seldom() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    lucy.is(Way::Cut);
    sheng.asks(send(0, "hello"));
    table.passes(Duration::from_secs(10));
    lucy.is(Way::Mute);
    let start = table.served().now();
    let mut probes = Vec::new();
    for second in 0..60 {
        for got in lucy.takes_all() {
            if got.body == PROBE && !probes.iter().any(|(_, seq)| *seq == got.seq) {
                probes.push((second, got.seq));
            }
        }
        table.passes(Duration::from_secs(1));
    }
    assert_eq!(table.served().now().since(start), Duration::from_secs(60));
    let at: Vec<u32> = probes.iter().map(|(second, _)| *second).collect();
    assert_eq!(at.first(), Some(&1));
    assert!((3..=4).contains(&at.len()), "one at a time: {at:?}");
    lucy.is(Way::Open);
    table.passes(Duration::from_secs(16));
    assert_eq!(heard(&lucy).0, ["hello"]);
}

#[test]
fn m31_what_was_dropped_while_somebody_was_away_is_told_when_he_is_back() {
    let (table, [sheng, lucy]) = table_with_mailbox(4);
    lucy.is(Way::Cut);
    for n in 0..10 {
        assert_eq!(sheng.asks(send(0, &n.to_string())), ack(""));
        table.passes(Duration::from_secs(2));
    }
    assert_eq!(table.served().dropped(DropReason::MailboxFull), 6);
    let dropped = Event::TextsDropped { name: "Lucy".into() };
    assert_eq!(table.served().events().iter().filter(|event| **event == dropped).count(), 1);
    lucy.is(Way::Open);
    lucy.asks(plain(Kind::CountRooms, ""));
    table.passes(Duration::from_secs(3));
    let (people, server) = heard(&lucy);
    assert_eq!(people, ["6", "7", "8", "9"]);
    assert_eq!(server, [words::dropped(6)]);
    table.passes(Duration::from_secs(30));
    assert_eq!(heard(&lucy), (Vec::new(), Vec::new()));
}

#[test]
fn m21_the_news_that_ones_room_has_closed_is_not_lost_with_a_full_mailbox() {
    let mut config = Config::new(vec![Listener::shen()]);
    config.limits.mailbox = Quota { items: 3, bytes: 100_000 };
    let table = Table::at(&Served::new(config), ListenerId(0));
    let [sheng, lucy, tom] = ["Sheng", "Lucy", "Tom"].map(|name| table.joins(name));
    sheng.is(Way::Open);
    tom.is(Way::Open);
    sheng.proposes("Lucy", Mode::Central, "lol");
    lucy.accepts(lucy.is_invited("Sheng"));
    lucy.is(Way::Cut);
    for n in 0..3 {
        sheng.asks(send(0, &n.to_string()));
    }
    table.passes(Duration::from_secs(11));
    sheng.asks(plain(Kind::Dissolve, ""));
    for n in 0..20 {
        tom.asks(send(0, &n.to_string()));
        table.passes(Duration::from_secs(1));
    }
    lucy.is(Way::Mute);
    lucy.takes_all();
    assert_eq!(lucy.asks(send(0, "secret")).kind(), Kind::Elsewhere);
    lucy.is(Way::Open);
    table.passes(Duration::from_secs(20));
    let got = lucy.takes_all();
    assert!(got.iter().any(|got| got.body == plain(Kind::Closed, words::DISSOLVED)), "{got:?}");
    sheng.takes_all();
    assert_eq!(lucy.asks(send(0, "public")), ack(""));
}

#[test]
fn s8_a_question_that_is_not_open_any_more_is_not_asked_any_more() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    lucy.is(Way::Cut);
    sheng.proposes("Lucy", Mode::Central, "lol");
    table.passes(Duration::from_secs(60));
    sheng.acks(sheng.is_asked(plain(Kind::Denied, "")));
    lucy.is(Way::Open);
    lucy.asks(plain(Kind::CountRooms, ""));
    table.passes(Duration::from_secs(60));
    lucy.gets_nothing();
}

#[test]
fn m12_everybody_is_told_in_words_that_the_server_stops() {
    let (table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    tom.is(Way::Cut);
    table.served().events();
    table.served().stops();
    let seqs = [&sheng, &lucy].map(|who| who.is_told(words::STOPPING));
    sheng.acks(seqs[0]);
    lucy.acks(seqs[1]);
    assert_eq!(table.served().events(), []);
    table.passes(Duration::from_millis(9_999));
    assert_eq!(table.served().events(), []);
    table.passes(Duration::from_millis(1));
    assert_eq!(table.served().events(), [Event::Stopped]);
}
