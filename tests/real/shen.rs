//! Shen's protocol: people of both protocols at one server, by `palabre chat` through pipes.

use std::net::SocketAddr;

use crate::bad_link::BadLink;
use crate::program::Program;
use crate::talker::Talker;

/// As quick as a laboratory allows: with a timer of 2 s a lost datagram would make a test slow.
const QUICK: &[&str] = &["--retransmit-timer", "20ms", "--tries", "50"];

/// A server that speaks both, and where.
fn both(options: &[&str]) -> (Program, SocketAddr, SocketAddr) {
    let listen = ["serve", "--listen", "msp=127.0.0.1:0", "--listen", "shen=127.0.0.1:0"];
    let program = Program::start(&[&listen, options].concat());
    let [msp, shen] = ["listening msp ", "listening shen "].map(|ready| {
        let line = program.line();
        line.strip_prefix(ready).and_then(|address| address.parse().ok()).expect("an address")
    });
    (program, msp, shen)
}

fn on_shen(server: SocketAddr, name: &str) -> Talker {
    Talker::with(server, name, &["--protocol", "shen"])
}

#[test]
fn people_of_both_protocols_talk_in_the_public_room() {
    let (server, msp, shen) = both(&[]);
    let (mut alice, mut lucy) = (Talker::on(msp, "alice"), on_shen(shen, "Lucy du port"));
    assert!(server.log_line_with("\"alice\" has come").contains("msp id 1, from 127.0.0.1:"));
    assert!(server.log_line_with("\"Lucy du port\" has come").contains("shen id 1, from 127.0.0.1:"));
    alice.types("bonjour\n\u{1b}[31mred");
    lucy.hears("<alice> bonjour");
    lucy.hears("<alice> \\u{1b}[31mred");
    lucy.types("déjà vu 漢字");
    // MSP has names of 10 bytes.
    alice.hears("<Lucy du po> déjà vu 漢字");
    lucy.ends_well();
    alice.ends_well();
}

#[test]
fn s8_what_follows_the_choice_of_the_mode_is_said_in_the_room_when_it_is_open() {
    let (_server, msp, shen) = both(&[]);
    let eve = Talker::on(msp, "eve");
    let (mut lucy, mut sheng) = (on_shen(shen, "lucy"), on_shen(shen, "sheng"));
    sheng.types("/invite lucy\n/name les amis\n/mode central\na secret");
    sheng.sees("* /invite lucy: they are asked when you choose: /mode central or /mode p2p");
    sheng.sees("* /mode central: they are asked");
    lucy.sees("* sheng invites you to a room (relayed by the server): /accept 1 or /decline 1");
    lucy.types("/accept");
    sheng.sees("* the room les amis is open (relayed by the server): you are in it");
    lucy.hears("<sheng> a secret");
    lucy.types("/rename tree\nheard");
    sheng.sees("* this room is called tree now");
    sheng.hears("<lucy> heard");
    sheng.types("/msg lucy for you\n/dissolve\nin public");
    lucy.hears("<sheng> for you");
    lucy.sees("* the room tree has closed: you are in the public room");
    lucy.hears("<sheng> in public");
    eve.hears("<sheng> in public");
    lucy.ends_well();
    sheng.ends_well();
    eve.ends_well();
}

#[test]
fn s19_who_is_in_a_private_room_asks_people_into_that_one_and_has_no_mode_to_choose() {
    let (_server, _msp, shen) = both(&[]);
    let [mut anna, mut lucy, mut sheng] = ["anna", "lucy", "sheng"].map(|name| on_shen(shen, name));
    sheng.types("/invite lucy\n/name tree\n/mode central");
    lucy.sees("/accept 1");
    lucy.types("/accept\n/invite anna\nanna comes");
    lucy.sees("* /invite anna: it is on its way");
    sheng.hears("<lucy> anna comes");
    anna.sees("* lucy invites you to a room (relayed by the server): /accept 1");
    anna.types("/accept\nhere");
    anna.sees("* you are in the room tree (relayed by the server)");
    sheng.hears("<anna> here");
    lucy.hears("<anna> here");
    for talker in [anna, lucy, sheng] {
        talker.ends_well();
    }
}

#[test]
fn m28_what_was_meant_for_a_room_that_did_not_open_is_not_said_in_public() {
    let (_server, msp, shen) = both(&[]);
    let eve = Talker::on(msp, "eve");
    let (mut lucy, mut sheng) = (on_shen(shen, "lucy"), on_shen(shen, "sheng"));
    sheng.types(
        "/mode central\nno secret yet\n/leave\n/invite lucy\n/mode p2p\na secret\n/leave\nnot a secret",
    );
    sheng.sees("* /mode central: there is no room to choose it for: /invite somebody first");
    sheng.sees("* not said: \"no secret yet\": it was meant for the room you invite to");
    lucy.sees("/accept 1 or /decline 1");
    lucy.types("/decline");
    sheng.sees("* nobody comes into the room you invite to: you are in the public room");
    sheng.sees("* not said: \"a secret\": it was meant for the room you invite to");
    eve.hears("<sheng> not a secret");
    lucy.hears("<sheng> not a secret");
    assert_eq!(sheng.ends().code, Some(1), "two texts were given up");
    lucy.ends_well();
    eve.ends_well();
}

#[test]
fn s9_who_asks_to_come_in_waits_for_the_manager_and_so_does_what_he_says() {
    let (_server, _msp, shen) = both(&[]);
    let [mut anna, mut lucy, mut sheng] = ["anna", "lucy", "sheng"].map(|name| on_shen(shen, name));
    sheng.types("/invite lucy\n/name tree\n/mode central");
    lucy.sees("/accept 1");
    lucy.types("/accept");
    lucy.sees("* you are in the room tree");
    anna.types("/join tree\nlet in");
    sheng.sees("* anna asks to come in: /admit 1 or /refuse 1");
    sheng.types("/admit");
    anna.sees("* you are in the room tree (relayed by the server)");
    sheng.hears("<anna> let in");
    lucy.hears("<anna> let in");
    anna.types("/leave\n/join tree\nnever said");
    sheng.sees("/admit 2 or /refuse 2");
    sheng.types("/refuse 2\n/refuse");
    sheng.sees("* nobody asks to come in");
    anna.sees("* not said: \"never said\": it was meant for the room tree, and you are in the public room");
    assert_eq!(anna.ends().code, Some(1), "a text was given up");
    lucy.ends_well();
    sheng.ends_well();
}

#[test]
fn s10_the_mode_of_a_room_changes_when_all_agree_and_people_talk_on_meanwhile() {
    let (_server, _msp, shen) = both(&[]);
    let (mut lucy, mut sheng) = (on_shen(shen, "lucy"), on_shen(shen, "sheng"));
    sheng.types("/invite lucy\n/name tree\n/mode central");
    lucy.sees("/accept 1");
    lucy.types("/accept");
    lucy.sees("* you are in the room tree (relayed by the server)");
    sheng.types("/mode p2p\nplease agree");
    lucy.hears("<sheng> please agree");
    lucy.sees(
        "* the manager wants another mode for this room (members talk directly): /agree 2 or /disagree 2",
    );
    lucy.types("/agree");
    sheng.sees("* all agree: members talk directly");
    lucy.sees("* the mode of this room has changed: members talk directly");
    lucy.types("straight to you");
    sheng.hears("<lucy> straight to you");
    lucy.ends_well();
    sheng.ends_well();
}

#[test]
fn an_msp_room_takes_in_people_of_shens_protocol_and_theirs_takes_in_people_of_msp() {
    let (_server, msp, shen) = both(&[]);
    let (mut alice, mut lucy) = (Talker::on(msp, "alice"), on_shen(shen, "lucy"));
    alice.types("/create tree --p2p\n/invite lucy");
    lucy.sees("* alice invites you to a room (members talk directly): /accept 1");
    lucy.types("/accept\nunder the tree");
    alice.hears("<lucy> under the tree");
    alice.types("by relay\n/leave");
    lucy.hears("<alice> by relay");
    lucy.sees("* the room tree has closed");
    lucy.types("/leave\n/invite alice\n/name harbour\n/mode central\nahoy");
    alice.sees("* lucy invites you to the room harbour (relayed by the server): /accept 1");
    alice.types("/accept\nhere");
    alice.hears("<lucy> ahoy");
    lucy.hears("<alice> here");
    alice.ends_well();
    lucy.ends_well();
}

#[test]
fn a_command_of_the_other_protocol_is_explained_and_never_said() {
    let (_server, msp, shen) = both(&[]);
    let (mut alice, mut lucy) = (Talker::on(msp, "alice"), on_shen(shen, "lucy"));
    lucy.types("/create tree --p2p\n/switch tree\n/help");
    lucy.sees("* /create: Shen's protocol opens a room by inviting: /invite USER[, USER...]");
    lucy.sees("* /switch: Shen's protocol goes there from any room: /join NAME");
    lucy.sees("* /mode central, /mode p2p ");
    alice.types("/mode p2p\n/admit\n/help");
    alice.sees("* /mode: MSP chooses the mode with the room: /create NAME [--p2p]");
    alice.sees("* /admit: MSP lets in whoever comes");
    alice.sees("* /create NAME [--p2p] [--max N]");
    lucy.ends_well();
    alice.ends_well();
}

#[test]
fn s7_s15_a_name_that_cannot_be_had_is_told_in_one_line() {
    let (_server, _msp, shen) = both(QUICK);
    let _lucy = on_shen(shen, "lucy");
    let address = shen.to_string();
    let chat = |name| {
        Program::start(&[&["chat", &address, "--protocol", "shen", "--name", name], QUICK].concat()).end()
    };
    for (name, words) in [
        ("a,b", "nobody can be called \"a,b\": it takes 1 to 30 characters, at most 64 bytes, without ','"),
        ("lucy", &format!("{address} does not let lucy in: the name is taken")),
    ] {
        let ended = chat(name);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.last().is_some_and(|line| line.contains(words)), "{ended:?}");
    }
}

#[test]
fn s6_nothing_is_lost_between_the_protocols_when_a_third_of_all_datagrams_is() {
    let (_server, msp, shen) = both(QUICK);
    let bad = |to, seed| BadLink::towards(to, &["--loss", "33.3%", "--seed", seed]);
    let (to_msp, to_shen) = (bad(msp, "7"), bad(shen, "8"));
    let mut alice = Talker::with(to_msp.address, "alice", QUICK);
    let mut lucy = Talker::with(to_shen.address, "lucy", &[&["--protocol", "shen"], QUICK].concat());
    let lines = |whose: &str| (1..=40).map(|number| format!("{whose} {number}")).collect::<Vec<_>>();
    alice.types(&lines("from alice").join("\n"));
    lucy.types(&lines("from lucy").join("\n"));
    for (of_alice, of_lucy) in lines("from alice").into_iter().zip(lines("from lucy")) {
        lucy.hears(&format!("<alice> {of_alice}"));
        alice.hears(&format!("<lucy> {of_lucy}"));
    }
    alice.ends_well();
    lucy.ends_well();
    let lost = to_shen.ends().lost();
    assert!(lost > 40, "{lost} datagrams were lost: a third of more than 160");
}
