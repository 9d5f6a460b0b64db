//! By which names people and rooms are known in the other dialect: M20, S7, S15.
//!
//! In: names one dialect cannot carry. Out: aliases that are stable and understood. Must not know how an alias is made.

use palabre::dialect::msp::{
    Access, AccessStatus, Body as Msp, Event as Happening, RegisterStatus, RoomEntry,
};
use palabre::dialect::shen::{Body, Kind, words};
use palabre::vocab::Mode;

use crate::crossing_talk::{both, reads, sits};
use crate::engine_words::{connect, invite, join, name, registered};
use crate::msp_client::Client;
use crate::shen_client::{ack, plain, room_body};

const TAKEN: Body<'static> =
    Body::Plain { kind: Kind::ConnectRefused, text: std::borrow::Cow::Borrowed(words::NAME_TAKEN) };

/// Who is on the server, as MSP has it.
fn users(client: &Client) -> Vec<String> {
    let Msp::UserList(names) = client.asks(Msp::ListUsers { room: name("") }) else { panic!("no list") };
    names.into_iter().map(|name| name.to_string()).collect()
}

#[test]
fn s7_m4_a_name_is_one_person_s_in_both_dialects() {
    let (_served, msp, shen) = both();
    let _alice = msp.joins("alice");
    let sheng = shen.joins("Sheng");
    assert_eq!(shen.stranger().asks(plain(Kind::Connect, "alice")), TAKEN);
    assert_eq!(msp.stranger().asks(connect("Sheng")), registered(RegisterStatus::NameTaken, 0));
    sheng.takes_all();
    sheng.asks(plain(Kind::Disconnect, ""));
    msp.joins("Sheng");
    // The registry is about Shen's people alone, and the name is in use.
    assert_eq!(sheng.asks(plain(Kind::Connect, "Sheng")), TAKEN);
}

#[test]
fn m20_s15_names_that_the_other_dialect_cannot_carry_are_cut_replaced_and_numbered() {
    let (_served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let names = ["Jean-Baptiste Poquelin", "Jean-Baptiste Lully", "a#b", "été à la mer", "bob"];
    let _people = names.map(|name| sits(&shen, name));
    let shown = ["alice", "Jean-Bapti", "Jean-Bapt2", "a_b", "été à l", "bob"];
    assert_eq!(users(&alice), shown);
    assert_eq!(users(&alice), shown, "stable");
    let _comma = msp.joins("x,y");
    let other = sits(&shen, "x_y");
    let texts: Vec<_> = other.lists().into_iter().map(|entry| entry.text.into_owned()).collect();
    assert_eq!(texts.last().map(String::as_str), Some("publique, x_y2"), "somebody is really called x_y");
    assert_eq!(texts[1], "publique, Jean-Baptiste Poquelin");
}

#[test]
fn m20_s8_an_alias_that_comes_back_is_understood() {
    let (served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let (poquelin, lully) = (sits(&shen, "Jean-Baptiste Poquelin"), sits(&shen, "Jean-Baptiste Lully"));
    let comma = msp.joins("x,y");
    users(&alice);
    alice.creates("den", Mode::Central);
    served.forgets_all();
    alice.asks(invite("Jean-Bapt2"));
    poquelin.gets_nothing();
    lully.answers(lully.is_invited("alice"), plain(Kind::Decline, ""));
    alice.is_notified(Happening::Declined { user: name("Jean-Bapt2") });
    alice.asks(Msp::LeaveRoom);
    served.forgets_all();

    assert_eq!(poquelin.lists()[2].text, "publique, x,y".replace("x,y", "x_y"));
    poquelin.proposes("x_y", Mode::Central, "scène");
    comma.answers_offer(comma.is_invited("Jean-Bapti", Mode::Central, "scène"), false);
    poquelin.is_asked(plain(Kind::Granted, ""));
    comma.forgets();
    comma.says("hello");
    let got = poquelin.takes_all();
    assert!(
        got.iter()
            .any(|got| matches!(&got.body, Body::Speech { text, .. } if *text == "hello\r\nx_y envoie")),
        "{got:?}"
    );
}

#[test]
fn m20_nobody_takes_an_alias_as_his_name_in_the_dialect_that_shows_it_until_its_owner_has_left() {
    let (_served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let poquelin = sits(&shen, "Jean-Baptiste Poquelin");
    users(&alice);
    assert_eq!(msp.stranger().asks(connect("Jean-Bapti")), registered(RegisterStatus::NameTaken, 0));
    // In the other dialect nobody would mix them up; here he has an alias himself.
    let short = sits(&shen, "Jean-Bapti");
    assert_eq!(users(&alice), ["alice", "Jean-Bapti", "Jean-Bapt2"]);
    assert_eq!(poquelin.lists()[1].text, "publique, Jean-Bapti");
    poquelin.asks(plain(Kind::Disconnect, ""));
    short.asks(plain(Kind::Disconnect, ""));
    msp.joins("Jean-Bapti");
    assert_eq!(users(&alice), ["alice", "Jean-Bapti"]);
}

#[test]
fn m20_s15_rooms_have_aliases_too_which_open_them() {
    let (served, msp, shen) = both();
    let (alice, bob) = (reads(&msp, "alice"), msp.joins("bob"));
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    let long = "a room, whose name is too long for Shen's people";
    alice.creates(long, Mode::Central);
    let cut = "a room_ whose name is too long";
    assert_eq!(sheng.lists()[0].text, format!("{cut}, alice"));
    assert_eq!(sheng.asks(plain(Kind::Join, cut)), ack("Bienvenue Sheng"));
    bob.forgets();
    lucy.proposes("bob", Mode::Central, "café #1");
    bob.answers_offer(bob.is_invited("Lucy", Mode::Central, "café _1"), true);
    lucy.proposes("bob", Mode::Central, "café #1");
    bob.answers_offer(bob.is_invited("Lucy", Mode::Central, "café _1"), false);
    let Msp::RoomList(rooms) = alice.asks(Msp::ListRooms) else { panic!("no list") };
    let entry = |room, members| RoomEntry { mode: Mode::Central, room: name(room), members };
    assert_eq!(rooms, [entry(long, 2), entry("café _1", 2)]);
    assert_eq!(alice.asks(join("café _1")), Msp::JoinRoomReply(Access::Central(AccessStatus::Joined)));
    served.forgets_all();
}

#[test]
fn m20_m22_a_proposed_room_opens_to_who_asks_for_it_by_the_name_he_was_told() {
    let (served, msp, shen) = both();
    let (bob, lucy) = (msp.joins("bob"), sits(&shen, "Lucy"));
    served.forgets_all();
    lucy.proposes("bob", Mode::Central, "café #1");
    bob.is_invited("Lucy", Mode::Central, "café _1");
    assert_eq!(bob.asks(join("café _1")), Msp::JoinRoomReply(Access::Central(AccessStatus::Joined)));
    lucy.is_asked(plain(Kind::Granted, ""));
}

#[test]
fn m20_an_alias_goes_with_the_name_it_was_made_of_and_with_its_room() {
    let (served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    let rename = |name| room_body(Kind::RenameRoom, Mode::Central, name);
    alice.creates("a,b", Mode::Central);
    assert_eq!(sheng.lists()[0].text, "a_b, alice");
    lucy.proposes("Sheng", Mode::Central, "lol");
    sheng.accepts(sheng.is_invited("Lucy"));
    // While there is a room that is called so here, there is no other.
    assert_eq!(sheng.asks(rename("a_b")), plain(Kind::Denied, ""));
    assert_eq!(sheng.asks(plain(Kind::Join, "a_b")), ack("Bienvenue Sheng"));
    served.forgets_all();
    // A name that is refused leaves the alias alone.
    lucy.proposes("Sheng", Mode::Central, "c");
    assert_eq!(sheng.asks(rename("c")), plain(Kind::Denied, ""));
    assert_eq!(lucy.lists().iter().find(|entry| entry.private).unwrap().text, "a_b, alice");
    assert_eq!(sheng.asks(rename("a")), ack(""));
    assert_eq!(lucy.lists().iter().find(|entry| entry.private).unwrap().text, "a, alice");
    // The alias is free again, also when its room has closed.
    assert_eq!(sheng.asks(rename("a_b")), ack(""));
    alice.asks(Msp::LeaveRoom);
    alice.creates("x,y", Mode::Central);
    assert_eq!(lucy.lists().iter().find(|entry| entry.private).unwrap().text, "x_y, alice");
    alice.asks(Msp::LeaveRoom);
    sheng.takes_all();
    // That was the last room with a comma: its alias can be a name.
    sheng.proposes("alice", Mode::Central, "x_y");
}
