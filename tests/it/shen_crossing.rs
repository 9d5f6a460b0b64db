//! People of both dialects at one server.
//!
//! In: what each does in his own protocol. Out: what the others get in theirs. Must not know how either is translated.

use palabre::engine::{Config, Listener};
use palabre::ids::ListenerId;

use crate::engine_words::text;
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
