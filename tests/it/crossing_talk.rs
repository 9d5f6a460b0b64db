//! People of both dialects speak in the same rooms: M10, M20, S12, S14, S23.
//!
//! In: what each says in his own protocol. Out: what the others hear in theirs. Must not know how either is translated.

use palabre::dialect::msp::Event as Happening;
use palabre::dialect::shen::{Body, Kind, said};
use palabre::engine::{Config, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::engine_words::{create, join, text};
use crate::served::{Served, Way};
use crate::shen_client::{ack, plain, send};
use crate::{msp_client, shen_client};

/// A server where both are spoken, and a table for each.
pub(crate) fn both() -> (Served, msp_client::Table, shen_client::Table) {
    let served = Served::new(Config::new(vec![Listener::msp(), Listener::shen()]));
    let msp = msp_client::Table::at(&served, ListenerId(0));
    let shen = shen_client::Table::at(&served, ListenerId(1));
    (served, msp, shen)
}

/// Somebody of Shen's protocol who acknowledges what is no question.
#[track_caller]
pub(crate) fn sits(table: &shen_client::Table, name: &str) -> shen_client::Client {
    let client = table.joins(name);
    client.is(Way::Open);
    client
}

/// Somebody of MSP who reads NOTIFICATION.
#[track_caller]
pub(crate) fn reads(table: &msp_client::Table, name: &str) -> msp_client::Client {
    let client = table.joins(name);
    client.says_hello();
    client
}

#[test]
fn m10_s12_each_hears_what_is_said_in_his_room_and_nothing_else_whatever_is_spoken_there() {
    let (served, msp, shen) = both();
    let (alice, bob) = (msp.joins("alice"), msp.joins("bob"));
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    let (to_alice, to_bob) = (sheng.handle_of("alice"), sheng.handle_of("bob"));
    alice.creates("den", Mode::Central);
    assert_eq!(sheng.asks(plain(Kind::Join, "den")), ack("Bienvenue Sheng"));
    served.forgets_all();

    alice.says("among us");
    sheng.hears("among us", ("alice", to_alice), 0);
    sheng.asks(send(0, "entre nous"));
    assert_eq!(alice.gets().body, text("entre nous"));
    [&bob, &alice].iter().for_each(|client| client.gets_nothing());
    lucy.gets_nothing();

    bob.says("public");
    lucy.hears("public", ("bob", to_bob), 0);
    lucy.asks(send(0, "publique"));
    assert_eq!(bob.gets().body, text("publique"));
    [&alice, &bob].iter().for_each(|client| client.gets_nothing());
    sheng.gets_nothing();
}

#[test]
fn s23_a_text_to_one_person_reaches_a_user_of_msp_as_an_ordinary_text() {
    let (served, msp, shen) = both();
    let (alice, bob) = (msp.joins("alice"), msp.joins("bob"));
    let sheng = sits(&shen, "Sheng");
    let to_alice = sheng.handle_of("alice");
    served.forgets_all();
    assert_eq!(sheng.asks(send(to_alice, "psst")), ack(""));
    assert_eq!(alice.gets().body, text("psst"));
    bob.gets_nothing();
    alice.asks(create("den", Mode::Central, 5));
    assert_eq!(sheng.asks(send(to_alice, "psst")).kind(), Kind::Elsewhere);
    alice.gets_nothing();
}

#[test]
fn s14_s23_a_text_of_60_000_bytes_comes_in_parts_in_order_between_what_else_was_said() {
    let (served, msp, shen) = both();
    let alice = msp.joins("alice");
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    let handle = sheng.handle_of("alice");
    served.forgets_all();
    let long: String = (0..12_000).map(|n| format!("{n:04x}é")).collect::<String>()[..60_000].to_owned();
    lucy.is(Way::Cut);
    alice.says("before");
    alice.says(&long);
    alice.says("after");
    sheng.hears("before", ("alice", handle), 0);
    let check = |client: &shen_client::Client| {
        let mut parts = Vec::new();
        for got in client.takes_all() {
            let Body::Speech { kind: Kind::Relay, emitter, text, .. } = got.body else { panic!("no text") };
            if text.is_empty() {
                // Whether she is back.
                continue;
            }
            assert_eq!((emitter, said(&text).1), (handle, Some("alice")));
            parts.push(said(&text).0.to_owned());
        }
        parts
    };
    let parts = check(&sheng);
    assert_eq!(parts.last().map(String::as_str), Some("after"));
    assert_eq!(parts[..parts.len() - 1].concat(), long);
    assert_eq!(parts.len() - 1, 60);

    // One who was away gets the same, later.
    served.passes(Duration::from_secs(30));
    lucy.is(Way::Open);
    lucy.asks(plain(Kind::CountRooms, ""));
    served.passes(Duration::from_secs(1));
    let parts = check(&lucy);
    assert_eq!(parts.concat(), format!("before{long}after"));
}

#[test]
fn s23_the_longest_text_of_shen_reaches_a_user_of_msp_in_one_piece() {
    let (served, msp, shen) = both();
    let (alice, sheng) = (msp.joins("alice"), sits(&shen, "Sheng"));
    served.forgets_all();
    let long = "é".repeat(511);
    assert_eq!(sheng.asks(send(0, &long)), ack(""));
    assert_eq!(alice.gets().body, text(&long));
    // So also what was Latin-1.
    alice.gets_nothing();
}

#[test]
fn m7_those_who_read_notifications_are_told_who_comes_and_goes_whatever_he_speaks() {
    let (served, msp, shen) = both();
    let (alice, words) = (reads(&msp, "alice"), msp.joins("words"));
    served.forgets_all();
    let sheng = sits(&shen, "Sheng");
    let got = alice.gets();
    let palabre::dialect::msp::Body::Notification(Happening::Joined { id, user, address }) = got.body else {
        panic!("{got:?}")
    };
    assert_eq!((user.as_str(), address.to_string().as_str()), (Some("Sheng"), "0.0.0.0:0"));
    words.is_told("Sheng has come into this room");
    sheng.asks(send(0, "salut"));
    let got = alice.gets();
    assert_eq!((got.user, got.body), (id, text("salut")));
    sheng.asks(plain(Kind::Disconnect, ""));
    alice.is_notified(Happening::Left { id, user: crate::engine_words::name("Sheng") });
    // Those of Shen's protocol are not told of MSP's people: it has no word for it.
    let lucy = sits(&shen, "Lucy");
    alice.asks(create("den", Mode::Central, 5));
    assert_ne!(words.asks(join("den")), palabre::dialect::msp::Body::TextReply);
    lucy.gets_nothing();
}

/// M21 holds between dialects.
#[test]
fn m21_s12_what_a_user_of_msp_meant_for_a_room_that_has_closed_does_not_become_public() {
    let (served, msp, shen) = both();
    let alice = msp.joins("alice");
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    alice.creates("den", Mode::Central);
    sheng.asks(plain(Kind::Join, "den"));
    served.forgets_all();
    alice.is(Way::Mute);
    sheng.asks(plain(Kind::Leave, ""));
    assert_ne!(alice.asks(text("secret")), palabre::dialect::msp::Body::TextReply);
    sheng.gets_nothing();
    lucy.gets_nothing();
}
