//! People of both dialects at one server.
//!
//! In: what each does in his own protocol. Out: what the others get in theirs. Must not know how either is translated.

use palabre::dialect::msp::{self, Access, AccessStatus};
use palabre::dialect::shen::{Body, Kind};
use palabre::engine::{Config, Listener};
use palabre::ids::ListenerId;
use palabre::vocab::Mode;

use crate::engine_words::{join, text};
use crate::served::{Served, Way};
use crate::shen_client::{ack, send};
use crate::{msp_client, shen_client};

/// A server where both are spoken, and a table for each.
fn both() -> (Served, msp_client::Table, shen_client::Table) {
    let served = Served::new(Config::new(vec![Listener::msp(), Listener::shen()]));
    let msp = msp_client::Table::at(&served, ListenerId(0));
    let shen = shen_client::Table::at(&served, ListenerId(1));
    (served, msp, shen)
}

#[test]
fn m20_s3_people_of_both_dialects_hear_each_other_in_public_under_names_and_numbers_of_their_own() {
    let (served, msp, shen) = both();
    let (alice, sheng) = (msp.joins("alice"), shen.joins("Sheng"));
    served.forgets_all();
    sheng.is(Way::Open);
    let handle_of_alice = sheng.handle_of("alice");

    alice.says("bonjour");
    sheng.hears("bonjour", ("alice", handle_of_alice), 0);
    assert_eq!(sheng.asks(send(0, "Bonjour")), ack(""));
    let got = alice.gets();
    assert_eq!(got.body, text("Bonjour"));
    assert_ne!(got.user, alice.id());
    alice.gets_nothing();
    sheng.gets_nothing();
}

#[test]
fn m22_s8_an_invited_one_who_asks_for_a_room_that_is_only_proposed_opens_it() {
    let (served, msp, shen) = both();
    let (alice, eve, sheng) = (msp.joins("alice"), msp.joins("eve"), shen.joins("Sheng"));
    served.forgets_all();
    sheng.proposes("alice", Mode::Central, "tree");
    alice.is_invited("Sheng", Mode::Central, "tree");

    // Others do not know of it, and one who was not invited does not open it.
    let nowhere = msp::Body::JoinRoomReply(Access::Central(AccessStatus::NoSuchRoom));
    assert_eq!(eve.asks(join("tree")), nowhere);
    sheng.gets_nothing();
    let inside = msp::Body::JoinRoomReply(Access::Central(AccessStatus::Joined));
    assert_eq!(alice.asks(join("tree")), inside);
    sheng.is_asked(Body::plain(Kind::Granted, ""));
}
