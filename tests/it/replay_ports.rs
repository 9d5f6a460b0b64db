//! Which packets are told: by what listens at their ports; what else there is, and the reckoning of it.

use std::collections::BTreeMap;

use palabre::capture::{FORMAT, Header, Seen};
use palabre::engine::{Config, Dialect, Listener};
use palabre::replay::{Mark, Ports, What, Who};
use palabre::wire::Integrity;

use crate::replayed::{
    Tale, address, bytes_of, datagram, dialects, message, of_shen, passed_over, reponse, texte, who,
};

const ALICE: &str = "192.0.2.1:40001";

/// What a server of these listeners writes.
pub(crate) fn header(addresses: &[&str], listeners: Vec<Listener>) -> Header {
    Header {
        palabre: "0.1.0".into(),
        format: FORMAT,
        part: 1,
        seed: 1,
        origin: 0,
        addresses: addresses.iter().map(|text| address(text)).collect(),
        config: Config::new(listeners),
        names: BTreeMap::new(),
        files: 0,
    }
}

#[test]
fn the_default_ports_say_what_is_spoken() {
    let mut tale = Tale::new();
    tale.datagram(0, ALICE, "192.0.2.9:7401", &texte(1, 1, "salut"));
    tale.datagram(1, ALICE, "192.0.2.9:7403", &of_shen(1, palabre::dialect::shen::Kind::Connect, "Sheng"));
    for port in [7400, 7402, 7404] {
        let opened = tale.opened(2, ALICE, &format!("192.0.2.9:{port}"));
        assert!(
            matches!(opened[..], [palabre::replay::Item { what: What::Opened { .. }, .. }]),
            "{opened:?}"
        );
    }
    assert_eq!(dialects(&tale.story), Dialect::ALL);
}

#[test]
fn a_datagram_to_a_port_of_streams_is_not_told_and_the_other_way_round() {
    let mut tale = Tale::new();
    assert_eq!(tale.seen(0, datagram(ALICE, "192.0.2.9:7404", b"\0\0\0\x0f")), []);
    assert_eq!(tale.opened(0, ALICE, "192.0.2.9:7401"), []);
    assert_eq!(tale.seen(0, bytes_of(ALICE, "192.0.2.9:7401", &texte(1, 1, "salut"))), []);
    let packets = tale.story.summary().packets;
    assert_eq!((packets.udp, packets.tcp, packets.passed_over), (1, 2, 3));
}

#[test]
fn what_is_mapped_wins_over_what_the_capture_says_and_that_over_default_ports() {
    let say = |dialect| Listener { integrity: Integrity::Crc32, ..Listener::of(dialect) };
    let header = header(&["192.0.2.9:7403", "0.0.0.0:9000"], vec![say(Dialect::Msp), say(Dialect::Shen)]);
    for (mapped, port, dialect) in [
        (None, 7403, Dialect::Msp),
        (None, 9000, Dialect::Shen),
        (None, 7401, Dialect::Msp),
        (Some((7403, Dialect::Shen)), 7403, Dialect::Shen),
        (Some((9000, Dialect::Msp)), 9000, Dialect::Msp),
    ] {
        let mut tale = Tale::with(Ports::new(mapped, Integrity::None));
        tale.story.learn(&header);
        let told = tale.datagram(0, ALICE, &format!("192.0.2.9:{port}"), &[0; 20]);
        assert_eq!(told.dialect, dialect, "{mapped:?} {port}");
        let is_guarded = told.dissection.error.is_some_and(|wrong| wrong.field == "CRC-32");
        assert_eq!(is_guarded, mapped.is_none() && port != 7401, "{mapped:?} {port}");
    }
}

#[test]
fn the_end_that_listens_is_the_server_whichever_speaks_first() {
    let mut tale = Tale::new();
    let told = tale.datagram(0, "192.0.2.9:7401", ALICE, &texte(2, 1, "salut"));
    assert_eq!((who(&told.from), who(&told.to)), ("192.0.2.9:7401".into(), ALICE.into()));
    assert_eq!(tale.row().who, Who::Unnamed(address(ALICE)));
    // A client whose port is that of another dialect stays one.
    let told = tale.datagram(1, "192.0.2.5:7403", "192.0.2.9:7401", &texte(1, 1, "salut"));
    assert_eq!(told.dialect, Dialect::Msp);
    let told = tale.datagram(2, "192.0.2.9:7401", "192.0.2.5:7403", &reponse(255, 1));
    assert_eq!((told.dialect, told.marks.len()), (Dialect::Msp, 1));
}

#[test]
fn in_a_capture_of_palabre_a_peer_has_the_name_that_its_comment_says() {
    let mut tale = Tale::new();
    let seen = || datagram(ALICE, "192.0.2.9:7401", &texte(1, 1, "salut"));
    let told = tale.remarked(0, seen(), &["peer alice"]);
    assert_eq!(who(&message(told[0].clone()).from), ALICE, "anybody could have remarked that");
    tale.story.learn(&header(&["192.0.2.9:7401"], vec![Listener::msp()]));
    let told = tale.remarked(1, seen(), &["peer alice", "dropped: stale number"]);
    assert_eq!(told[0].comments, ["peer alice", "dropped: stale number"]);
    assert_eq!(who(&message(told[0].clone()).from), "alice");
}

#[test]
fn what_its_own_server_sends_again_was_never_doubled() {
    let mut tale = Tale::new();
    tale.story.learn(&header(&["192.0.2.9:7401"], vec![Listener::msp()]));
    let text = texte(2, 1, "salut");
    tale.datagram(0, "192.0.2.9:7401", ALICE, &text);
    let mark = Mark::Again { packet: 1, attempt: 2, after: 1_000 };
    assert_eq!(tale.marks(1_000, "192.0.2.9:7401", ALICE, &text), [mark]);
}

#[test]
fn notes_broken_packets_and_what_was_lost_are_told_and_counted() {
    let mut tale = Tale::new();
    let what =
        |items: Vec<palabre::replay::Item>| items.into_iter().map(|item| item.what).collect::<Vec<_>>();
    assert_eq!(what(tale.seen(0, Seen::Note("lost 7".into()))), [What::Note("lost 7".into())]);
    assert_eq!(what(tale.seen(1, Seen::Broken("why".into()))), [What::Broken("why".into())]);
    assert_eq!(what(tale.seen(2, Seen::Foreign("ARP"))), []);
    let seen = Seen::Acknowledged { from: address(ALICE), to: address("192.0.2.9:7404"), bytes: 4 };
    assert_eq!(what(tale.remarked(3, seen.clone(), &["peer bob"])), [], "whose it is needs no line");
    assert_eq!(what(tale.remarked(4, seen, &["dropped: not expected"])), [What::Remark]);
    tale.story.lost(3);
    let packets = tale.story.summary().packets;
    assert_eq!((packets.lost, packets.broken, packets.passed_over, packets.tcp), (10, 1, 1, 2));
}

#[test]
fn many_more_strangers_than_can_be_remembered_are_told_all_the_same() {
    let mut tale = Tale::new();
    for number in 0..10_000_u32 {
        let from = std::net::SocketAddr::new(std::net::Ipv4Addr::from(0x0a00_0000 + number).into(), 4_000);
        let seen =
            Seen::Datagram { from, to: address("192.0.2.9:7401"), bytes: texte(0, 1, "salut"), missing: 0 };
        assert_eq!(tale.seen(u64::from(number), seen).len(), 1);
    }
    let summary = tale.story.summary();
    assert!(summary.rows.len() <= 8_193, "{}", summary.rows.len());
    assert_eq!(summary.rows.iter().map(|row| row.sent.requests).sum::<u64>(), 10_000);
}

#[test]
fn many_more_connections_than_can_be_remembered_are_told_all_the_same() {
    let mut tale = Tale::new();
    for number in 0..10_000_u32 {
        let from = std::net::Ipv4Addr::from(0x0a00_0000 + number);
        let items = tale.opened(number.into(), &format!("{from}:4000"), "192.0.2.9:7404");
        assert_eq!(items.len(), 1);
        assert_eq!(passed_over(&items).len(), 0);
    }
    assert!(tale.story.summary().rows.len() <= 4_097 + 4_096);
}
