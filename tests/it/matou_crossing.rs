//! People of Matou among those of other protocols (A1 to A4, A7, A12, A14): one conversation.

use palabre::dialect::matou::Message;
use palabre::dialect::msp::{Body, SERVER};
use palabre::engine::{Config, Dialect, Listener};
use palabre::ids::ListenerId;
use palabre::vocab::Mode;

use crate::engine_words::{invite, text};
use crate::matou_client::{Client, NOT_CONNECTED, REFUSED, arrived, ask, asked, connect, left, said};
use crate::msp_client::Table;
use crate::served::Served;

const MATOU: ListenerId = ListenerId(1);

fn both() -> (Served, Table) {
    let served = Served::new(Config::new(vec![Listener::msp(), Listener::of(Dialect::Matou)]));
    let table = Table::at(&served, ListenerId(0));
    (served, table)
}

#[test]
fn a2_a7_people_of_other_protocols_come_and_go_as_they_come_into_the_public_room_and_leave_it() {
    let (served, msp) = both();
    let minou = Client::joins(&served, MATOU, "Minou");
    let alice = msp.joins("alice");
    minou.hears(&[arrived("alice")]);
    alice.creates("den", Mode::Central);
    minou.hears(&[left("alice")]);
    alice.says("among us");
    minou.hears_nothing();
    alice.asks(Body::LeaveRoom);
    minou.hears(&[arrived("alice")]);
    alice.asks(Body::Disconnect);
    minou.hears(&[left("alice")]);
}

#[test]
fn a3_what_is_said_goes_both_ways_and_the_author_hears_his_echo() {
    let (served, msp) = both();
    let alice = msp.joins("alice");
    let minou = Client::joins(&served, MATOU, "Minou");
    served.forgets_all();
    minou.says("miaou");
    assert_eq!(alice.gets().body, text("miaou"));
    minou.hears(&[said("Minou", "miaou")]);
    alice.says("tab\there\nand \u{9b} there");
    minou.hears(&[said("alice", "tab here and   there")]);
    let long = "é".repeat(400);
    alice.says(&long);
    minou.hears(&[said("alice", &"é".repeat(256)), said("alice", &"é".repeat(144))]);
}

#[test]
fn a1_a14_a_name_that_is_none_here_has_an_alias_which_nobody_else_can_have() {
    let (served, msp) = both();
    let first = Client::joins(&served, MATOU, "ab");
    let [alice, other, server] = ["a_b", "!!", "palabre"].map(|name| msp.joins(name));
    first.hears(&[arrived("ab2"), arrived("user"), arrived("palabre2")]);
    let minou = Client::new(&served, MATOU);
    for name in ["AB2", "User", "PALABRE2"] {
        minou.sends(&connect(name));
        minou.hears(&[REFUSED]);
    }
    minou.signs_in("Minou");
    alice.says("moi");
    server.says("moi aussi");
    minou.hears(&[said("ab2", "moi"), said("palabre2", "moi aussi")]);
    other.asks(Body::Disconnect);
    minou.hears(&[left("user")]);
}

#[test]
fn a1_a_name_is_taken_whatever_its_case_also_by_people_of_whom_nobody_has_heard_here() {
    let (served, msp) = both();
    let [alice, _] = ["alice", "a_b"].map(|name| msp.joins(name));
    let minou = Client::new(&served, MATOU);
    for name in ["ALICE", "alice"] {
        minou.sends(&connect(name));
        minou.hears(&[REFUSED]);
    }
    minou.signs_in("Minou");
    // Elsewhere case makes a difference: here the second has another name.
    let shout = msp.joins("MINOU");
    minou.hears(&[arrived("MINOU2")]);
    shout.says("hé");
    alice.says("ho");
    minou.hears(&[said("MINOU2", "hé"), said("alice", "ho")]);
}

#[test]
fn a4_who_speaks_another_protocol_has_no_private_connections_and_the_server_says_so() {
    let (served, msp) = both();
    let alice = msp.joins("alice");
    let minou = Client::joins(&served, MATOU, "Minou");
    served.forgets_all();
    minou.sends(&ask("Alice"));
    let heard = minou.heard();
    let [error, Message::Said { author, text }] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((error, &**author), (&NOT_CONNECTED, "palabre"));
    assert!(text.starts_with("alice "), "{text}");
    alice.gets_nothing();
}

#[test]
fn a12_who_invites_somebody_of_matou_into_a_private_room_hears_at_once_that_he_does_not_come() {
    let (served, msp) = both();
    let alice = msp.joins("alice");
    let minou = Client::joins(&served, MATOU, "Minou");
    alice.creates("den", Mode::Central);
    minou.hears(&[left("alice")]);
    served.forgets_all();
    alice.asks(invite("Minou"));
    minou.hears_nothing();
    let told = alice.gets();
    let Body::Text { text: words, .. } = &told.body else { panic!("{told:?}") };
    assert_eq!(told.user, SERVER);
    assert!(words.contains("Minou"), "{words}");
    minou.is_here();
}

#[test]
fn a1_b3_three_spellings_of_a_name_are_three_people_and_each_request_finds_the_right_one() {
    let served = crate::stumtp_client::served();
    let matou = ListenerId(4);
    let minou = Client::joins(&served, matou, "minou");
    let bob = Client::joins(&served, matou, "bob");
    let _msp = Table::at(&served, ListenerId(1)).joins("Bob");
    let stories = crate::stories_client::Client::bar_at(&served, ListenerId(3), "BOB");
    minou.hears(&[arrived("bob"), arrived("Bob2"), arrived("BOB3")]);
    stories.sends("MSG|moi");
    minou.hears(&[said("BOB3", "moi")]);
    for (name, speaks_matou) in [("BoB", true), ("bob2", false), ("bob3", false)] {
        bob.heard();
        minou.sends(&ask(name));
        assert_eq!(bob.heard() == [asked("minou")], speaks_matou, "{name}");
        assert_eq!(minou.heard().first() == Some(&NOT_CONNECTED), !speaks_matou, "{name}");
    }
    let request = |to| format!(r#"{{"type":"P2P_REQUEST","to":"{to}","port":7}}"#);
    for name in ["Bob", "bob"] {
        assert!(stories.asks(&request(name))[0].contains(r#""code":"user""#), "{name} has no words for it");
    }
    assert!(stories.asks(&request("BOB"))[0].contains(r#""code":"self""#));
}
