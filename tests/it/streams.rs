//! What connections may take of the server, whatever is spoken on them: A6, B1, U7, and what the operator allows.
//!
//! In: connections that open, hold back, flood, do not read. Out: which of them are closed, when, and what was counted. Must
//! not know what is said.

use std::net::SocketAddr;

use palabre::engine::{Config, Counter, Dialect, DropReason, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;

use crate::served::Served;
use crate::stories_client::{Client, Marks, server};
use crate::streamed::Line;

const SECOND: Duration = Duration::from_secs(1);

fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], port))
}

#[test]
fn one_address_has_64_connections_and_the_next_is_told_so() {
    let served = Served::new(Config::new(
        [Dialect::Matou, Dialect::Stories, Dialect::Stumtp].map(Listener::of).into(),
    ));
    let lines: Vec<_> = (0..64).map(|port| Line::from(&served, ListenerId(1), at(1, 2_000 + port))).collect();
    assert!(lines.iter().all(|line| !line.is_closed()));
    for listener in 0..3 {
        let refused = Line::from(&served, ListenerId(listener), at(1, 3_000));
        assert!(refused.is_closed() && !refused.heard().is_empty(), "politely");
    }
    assert!(!Line::from(&served, ListenerId(1), at(2, 2_000)).is_closed(), "others may");
    lines[5].dies();
    assert!(!Line::from(&served, ListenerId(1), at(1, 3_001)).is_closed(), "one place is free again");
    assert_eq!(served.dropped(DropReason::TooManyConnections), 3);
}

#[test]
fn there_are_1_024_connections_in_all() {
    let served = server();
    let open = |n: u16| Line::from(&served, ListenerId(0), at(u8::try_from(n / 64).unwrap(), 2_000 + n));
    assert!((0..1_024).all(|n| !open(n).is_closed()));
    assert!(open(1_024 + 64).is_closed());
    assert_eq!(served.counted(Counter::Connections), 1_025);
}

#[test]
fn a6_one_who_reads_nothing_for_10_s_while_more_than_a_mib_waits_is_closed_and_no_other() {
    let served = server();
    let [author, slow, deaf] = ["author", "slow", "deaf"].map(|name| Client::bar(&served, name));
    [&author, &slow, &deaf].iter().for_each(|client| client.forgets());
    slow.line.reads(false);
    deaf.line.reads(false);
    let text = format!("MSG|{}", "x".repeat(50_000));
    (0..22).for_each(|_| author.sends(&text));
    served.passes(9 * SECOND);
    slow.line.takes(1);
    assert!(!slow.line.is_closed() && !deaf.line.is_closed());
    served.passes(2 * SECOND);
    assert!(deaf.line.is_closed() && !slow.line.is_closed());
    served.passes(9 * SECOND);
    assert!(slow.line.is_closed(), "nothing more for 10 s");
    assert!(!author.line.is_closed());
    assert_eq!(served.dropped(DropReason::IdleReader), 2);
    author.heard(["SYSTEM|deaf a quitté le chat", "SYSTEM|slow a quitté le chat"]);
}

#[test]
fn a6_one_who_goes_on_reading_slowly_stays_however_long_it_takes() {
    let served = server();
    let [author, slow] = ["author", "slow"].map(|name| Client::bar(&served, name));
    slow.line.reads(false);
    let text = format!("MSG|{}", "x".repeat(50_000));
    (0..40).for_each(|_| author.sends(&text));
    for _ in 0..100 {
        served.passes(5 * SECOND);
        slow.line.takes(10_000);
    }
    assert!(!slow.line.is_closed());
}

#[test]
fn a6_one_for_whom_sixteen_mib_wait_is_closed_at_once() {
    let served = server();
    let [author, deaf] = ["author", "deaf"].map(|name| Client::bar(&served, name));
    deaf.line.reads(false);
    let text = format!("MSG|{}", "x".repeat(50_000));
    let told = (0..500).take_while(|_| !deaf.line.is_closed()).map(|_| author.sends(&text)).count();
    assert!((330..=340).contains(&told), "{told} texts of 50,000 bytes");
    assert!(!author.line.is_closed());
}

#[test]
fn who_asks_much_and_reads_nothing_is_not_read_until_he_does() {
    let served = server();
    let client = Client::quoted(&served, "asker");
    client.line.reads(false);
    let request = client.bytes("JOIN_ROOM \"nowhere\"");
    (0..100).for_each(|_| client.line.sends(&request.repeat(500)));
    assert!(!client.line.is_read() && !client.line.is_closed());
    let answered = client.hears().len();
    assert!((1_000..50_000).contains(&answered), "{answered}");
    client.line.reads(true);
    assert!(client.line.is_read());
    assert_eq!(client.hears().len() + answered, 50_000, "each request is answered in the end");
}

#[test]
fn what_was_said_before_the_end_is_carried_out_and_answered_also_when_it_had_to_wait() {
    let served = server();
    let client = Client::quoted(&served, "asker");
    client.line.reads(false);
    let request = client.bytes("JOIN_ROOM \"nowhere\"");
    (0..100).for_each(|_| client.line.sends(&request.repeat(500)));
    client.line.ends();
    assert!(!client.line.is_closed());
    client.line.reads(true);
    assert_eq!(client.hears().len(), 50_000);
    assert!(client.line.is_closed());
}

#[test]
fn b1_half_a_message_that_keeps_coming_has_a_second_more_for_each_kib_and_one_byte_now_and_then_is_the_end() {
    let served = server();
    let [uploader, dribbler] = ["uploader", "dribbler"].map(|name| Client::bar(&served, name));
    uploader.line.sends(&2_000_000_u32.to_be_bytes());
    dribbler.line.sends(&2_000_000_u32.to_be_bytes());
    for _ in 0..12 {
        served.passes(10 * SECOND);
        uploader.line.sends(&[b'x'; 15_000]);
        dribbler.line.sends(b"x");
    }
    assert!(!uploader.line.is_closed());
    assert!(dribbler.line.is_closed());
    served.passes(61 * SECOND);
    assert!(uploader.line.is_closed(), "it has stopped");
    assert_eq!(served.dropped(DropReason::HalfMessage), 2);
}

#[test]
fn each_half_message_has_its_own_time() {
    let served = server();
    let client = Client::bar(&served, "steady");
    let text = client.bytes("MSG|hello");
    let (start, rest) = text.split_at(6);
    client.line.sends(start);
    for _ in 0..20 {
        served.passes(20 * SECOND);
        client.line.sends(&[rest, start].concat());
    }
    assert!(!client.line.is_closed());
}

#[test]
fn all_half_messages_together_have_a_bound() {
    let mut config = Config::new(vec![Listener::of(Dialect::Stories)]);
    config.limits.half_messages = 100_000;
    let served = Served::new(config);
    let clients: Vec<_> = (0..3).map(|n| Client::bar(&served, &format!("c{n}"))).collect();
    for client in &clients {
        client.line.sends(&50_000_u32.to_be_bytes());
        client.line.sends(&[b'x'; 40_000]);
    }
    assert_eq!(
        clients.iter().map(|client| client.line.is_closed()).collect::<Vec<_>>(),
        [false, false, true]
    );
    assert_eq!(served.dropped(DropReason::HalfMessagesFull), 1);
    clients[0].line.dies();
    let next = Client::new(&served, Marks::Lengths);
    next.line.sends(&[&50_000_u32.to_be_bytes()[..], &[b'x'; 40_000]].concat());
    assert!(!next.line.is_closed(), "there is room again");
}
