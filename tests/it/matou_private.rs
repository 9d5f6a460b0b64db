//! How two people of Matou are brought together (A4, A13).

use palabre::dialect::matou::Message;
use palabre::ids::ListenerId;
use palabre::time::Duration;

use crate::matou_client::{
    Client, NOT_ASKED, NOT_CONNECTED, UNKNOWN, accept, arrived, ask, asked, left, offer, served,
};
use crate::served::Served;

const MATOU: ListenerId = ListenerId(0);

/// Minou at 192.0.2.6 and Felix at 192.0.2.7, who have heard of each other.
fn two() -> (Served, Client, Client) {
    let served = served();
    let minou = Client::from(&served, MATOU, "192.0.2.6:50001");
    let felix = Client::from(&served, MATOU, "192.0.2.7:50002");
    minou.signs_in("Minou");
    felix.signs_in("Felix");
    minou.hears(&[arrived("Felix")]);
    (served, minou, felix)
}

fn expect(name: &str, address: [u8; 4]) -> Message<'_> {
    Message::Expect { name: name.into(), address: address.into() }
}

fn meet(name: &str, address: [u8; 4], messages: u16, files: u16) -> Message<'_> {
    Message::Meet { name: name.into(), address: address.into(), ports: (messages, files).into() }
}

#[test]
fn a4_request_consent_and_ports_bring_two_together() {
    let (_, minou, felix) = two();
    minou.sends(&ask("Felix"));
    felix.hears(&[asked("Minou")]);
    minou.hears_nothing();
    felix.sends(&accept("Minou"));
    minou.hears(&[expect("Felix", [192, 0, 2, 7])]);
    felix.hears_nothing();
    minou.sends(&offer("Felix", 40_001, 65_535));
    felix.hears(&[meet("Minou", [192, 0, 2, 6], 40_001, 65_535)]);
    minou.hears_nothing();
    // The request is over: a new one is a new one.
    minou.sends(&offer("Felix", 40_001, 40_002));
    minou.hears(&[NOT_ASKED]);
    minou.sends(&ask("felix"));
    felix.hears(&[asked("Minou")]);
}

#[test]
fn a4_an_address_of_ipv6_has_16_bytes_and_one_of_ipv4_has_4_however_it_is_written() {
    let served = served();
    let minou = Client::from(&served, MATOU, "[2001:db8::6]:50001");
    let felix = Client::from(&served, MATOU, "[::ffff:192.0.2.7]:50002");
    minou.signs_in("Minou");
    felix.signs_in("Felix");
    minou.heard();
    minou.sends(&ask("Felix"));
    felix.sends(&accept("Minou"));
    minou.hears(&[expect("Felix", [192, 0, 2, 7])]);
    minou.sends(&offer("Felix", 1, 2));
    let address = "2001:db8::6".parse().unwrap();
    felix.hears(&[asked("Minou"), Message::Meet { name: "Minou".into(), address, ports: (1, 2).into() }]);
}

#[test]
fn a4_ports_before_the_consent_and_a_consent_before_the_request_are_an_error() {
    let (_, minou, felix) = two();
    felix.sends(&accept("Minou"));
    felix.hears(&[NOT_ASKED]);
    minou.sends(&offer("Felix", 40_001, 40_002));
    minou.hears(&[NOT_ASKED]);
    minou.sends(&ask("Felix"));
    felix.hears(&[asked("Minou")]);
    minou.sends(&offer("Felix", 40_001, 40_002));
    minou.hears(&[NOT_ASKED]);
    felix.hears_nothing();
    // Who asks cannot accept for the other; who accepts cannot do so twice, nor offer ports.
    minou.sends(&accept("Felix"));
    minou.hears(&[NOT_ASKED]);
    felix.sends(&accept("Minou"));
    felix.sends(&accept("Minou"));
    felix.sends(&offer("Minou", 40_001, 40_002));
    felix.hears(&[NOT_ASKED, NOT_ASKED]);
    minou.hears(&[expect("Felix", [192, 0, 2, 7])]);
    [&minou, &felix].iter().for_each(|client| client.is_here());
}

#[test]
fn a4_whoever_is_not_there_is_an_error_and_oneself_or_a_second_request_is_nothing() {
    let (_, minou, felix) = two();
    for name in ["Nobody", "", "palabre", "a b\n"] {
        minou.sends(&ask(name));
        minou.sends(&accept(name));
        minou.sends(&offer(name, 1, 2));
        minou.hears(&[NOT_CONNECTED, NOT_CONNECTED, NOT_CONNECTED]);
    }
    minou.sends(&ask("Minou"));
    minou.sends(&ask("Felix"));
    minou.sends(&ask("Felix"));
    minou.hears_nothing();
    felix.hears(&[asked("Minou")]);
    felix.sends(&accept("Minou"));
    minou.sends(&ask("Felix"));
    minou.hears(&[expect("Felix", [192, 0, 2, 7])]);
    felix.hears_nothing();
}

#[test]
fn a4_both_may_ask_each_other() {
    let (_, minou, felix) = two();
    minou.sends(&ask("Felix"));
    felix.sends(&ask("Minou"));
    minou.hears(&[asked("Felix")]);
    felix.hears(&[asked("Minou")]);
    minou.sends(&accept("Felix"));
    felix.hears(&[expect("Minou", [192, 0, 2, 6])]);
    felix.sends(&accept("Minou"));
    minou.hears(&[expect("Felix", [192, 0, 2, 7])]);
    felix.sends(&offer("Minou", 5, 6));
    minou.hears(&[meet("Felix", [192, 0, 2, 7], 5, 6)]);
    minou.sends(&offer("Felix", 7, 8));
    felix.hears(&[meet("Minou", [192, 0, 2, 6], 7, 8)]);
}

#[test]
fn a4_ports_that_are_none_are_an_error_and_others_may_follow() {
    let (_, minou, felix) = two();
    minou.sends(&ask("Felix"));
    felix.sends(&accept("Minou"));
    minou.heard();
    felix.heard();
    for (messages, files) in [(0, 1), (1, 0), (-1, 1), (65_536, 1), (1, i32::MAX), (i32::MIN, 1)] {
        minou.sends(&offer("Felix", messages, files));
        minou.hears(&[UNKNOWN]);
    }
    felix.hears_nothing();
    minou.sends(&offer("Felix", 1, 65_535));
    felix.hears(&[meet("Minou", [192, 0, 2, 6], 1, 65_535)]);
}

#[test]
fn a4_a_request_dies_with_either_side_and_a_namesake_does_not_inherit_it() {
    let (served, minou, felix) = two();
    minou.sends(&ask("Felix"));
    minou.line.dies();
    felix.hears(&[asked("Minou"), left("Minou")]);
    felix.sends(&accept("Minou"));
    felix.hears(&[NOT_CONNECTED]);
    let namesake = Client::joins(&served, MATOU, "Minou");
    felix.sends(&accept("Minou"));
    felix.hears(&[arrived("Minou"), NOT_ASKED]);
    namesake.hears_nothing();

    namesake.sends(&ask("Felix"));
    felix.sends(&accept("Minou"));
    felix.line.dies();
    Client::joins(&served, MATOU, "Felix");
    namesake.heard();
    namesake.sends(&offer("Felix", 1, 2));
    namesake.hears(&[NOT_ASKED]);
}

#[test]
fn a4_a_request_dies_after_60_seconds() {
    let (served, minou, felix) = two();
    minou.sends(&ask("Felix"));
    served.passes(Duration::from_secs(60));
    felix.sends(&accept("Minou"));
    felix.hears(&[asked("Minou"), NOT_ASKED]);
    minou.sends(&ask("Felix"));
    served.passes(Duration::from_secs(59));
    felix.sends(&accept("Minou"));
    felix.hears(&[asked("Minou")]);
    served.passes(Duration::from_secs(59));
    minou.sends(&offer("Felix", 1, 2));
    felix.hears(&[meet("Minou", [192, 0, 2, 6], 1, 2)]);
    minou.hears(&[expect("Felix", [192, 0, 2, 7])]);

    minou.sends(&ask("Felix"));
    felix.sends(&accept("Minou"));
    served.oversleeps(Duration::from_secs(60));
    minou.sends(&offer("Felix", 1, 2));
    minou.hears(&[expect("Felix", [192, 0, 2, 7]), NOT_ASKED]);
}

#[test]
fn a13_who_asks_very_many_has_to_wait() {
    let served = served();
    let minou = Client::joins(&served, MATOU, "Minou");
    let names: Vec<String> = (0..17).map(|number| format!("cat{number}")).collect();
    let cats: Vec<Client> = names.iter().map(|name| Client::joins(&served, MATOU, name)).collect();
    minou.heard();
    names.iter().for_each(|name| minou.sends(&ask(name)));
    minou.hears(&[UNKNOWN]);
    assert!(!cats[16].heard().contains(&asked("Minou")) && cats[15].heard().contains(&asked("Minou")));
    cats[0].sends(&accept("Minou"));
    minou.sends(&offer("cat0", 1, 2));
    minou.heard();
    minou.sends(&ask("cat16"));
    cats[16].hears(&[asked("Minou")]);
    minou.hears_nothing();
}
