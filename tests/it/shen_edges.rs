//! Where two things of Shen's protocol meet that seldom do.
//!
//! In: what raw clients send. Out: what they get. Must not know how the server keeps the two apart.

use palabre::dialect::shen::{Body, Kind, entry};
use palabre::engine::{Config, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::served::{Served, Way};
use crate::shen_client::{Client, Table, ack, send};

fn plain(kind: Kind) -> Body<'static> {
    Body::plain(kind, "")
}

fn table() -> (Served, Table) {
    let served = Served::new(Config::new(vec![Listener::shen()]));
    let table = Table::at(&served, ListenerId(0));
    (served, table)
}

/// A room "lol" of all of these, who acknowledge what they are asked. The first one manages it.
fn room<const N: usize>(mode: Mode, names: [&str; N]) -> (Served, Table, [Client; N]) {
    let (served, table) = table();
    let members = names.map(|name| table.joins(name));
    members.iter().for_each(|member| member.is(Way::Open));
    members[0].proposes(&names.join(","), mode, "lol");
    for member in &members[1..] {
        member.accepts(member.is_invited(names[0]));
    }
    served.forgets_all();
    (served, table, members)
}

#[test]
fn s9_what_became_of_an_older_request_is_no_answer_to_one_that_comes_when_it_is_due() {
    let (served, table, [sheng, _lucy]) = room(Mode::Central, ["Sheng", "Lucy"]);
    let bob = table.joins("Bob");
    bob.is(Way::Open);
    let first = bob.sends(Body::plain(Kind::Join, "lol"));
    let question = sheng.is_told("Bob demande d'entrer");
    sheng.acks(question);
    table.passes(Duration::from_secs(10));
    bob.is_answered(first, ack(""));

    served.oversleeps(Duration::from_secs(50));
    let second = bob.sends(Body::plain(Kind::Join, "lol"));
    bob.is_asked(plain(Kind::Denied));
    bob.gets_nothing();
    let question = sheng.is_told("Bob demande d'entrer");
    sheng.answers(question, ack("je suis d'accord"));
    bob.is_answered(second, ack("Bienvenue Bob"));
}

#[test]
fn s13_members_of_a_direct_room_learn_that_somebody_has_left_it() {
    let (served, _table, [sheng, lucy, bob, dan]) = room(Mode::Direct, ["Sheng", "Lucy", "Bob", "Dan"]);
    let handle_of_bob = sheng.handle_of("Bob");
    assert_eq!(bob.asks(plain(Kind::Leave)), ack(""));
    let gone = Body::List(vec![entry(None, handle_of_bob, "Bob", None)]);
    for member in [&sheng, &lucy, &dan] {
        member.is_asked(gone.clone());
        member.gets_nothing();
    }
    // One who has left the server is in no list.
    assert_eq!(dan.asks(plain(Kind::Disconnect)), ack(""));
    sheng.gets_nothing();
    // Nobody speaks straight to the members of a room whose texts the server passes on.
    served.forgets_all();
    let (_served, _table, [sheng, lucy, bob]) = room(Mode::Central, ["Sheng", "Lucy", "Bob"]);
    assert_eq!(bob.asks(plain(Kind::Leave)), ack(""));
    sheng.gets_nothing();
    lucy.gets_nothing();
}

#[test]
fn s17_nobody_loses_his_name_because_there_was_no_number_to_ask_him_under() {
    let (_served, table) = table();
    let sheng = table.joins("Sheng");
    // As many texts on their way as there can be.
    for n in 0..128 {
        assert_eq!(table.joins(&format!("n{n}")).asks(send(0, "words")), ack(""));
    }
    table.passes(Duration::from_secs(3));
    let other = table.stranger_at(&format!("{}:1", sheng.address().ip()));
    assert!(matches!(
        other.asks(Body::plain(Kind::Connect, "Sheng")),
        Body::Plain { kind: Kind::ConnectRefused, .. }
    ));
    assert_eq!(sheng.asks(plain(Kind::CountMembers)), ack("129"));
}
