//! Who speaks and who hears: every pair of dialects, ten thousand texts each, in the public room and where both have
//! private rooms.
//!
//! In: random texts, full of what could be mistaken for something else. Out: what was heard is what was said, as far as the
//! two can carry it: once, in order, from the one who said it; and nothing else was heard.

mod people;
mod texts;

use palabre::engine::{Config, Dialect, Listener};
use palabre::time::Duration;

use crate::served::Served;
use people::{Person, arrives};

/// How many texts each pair exchanges.
const TEXTS: usize = 10_000;
/// Between two texts: within what one may ask of the server in datagrams (M15).
const PAUSE: Duration = Duration::from_millis(25);

/// Where two people meet.
#[derive(Clone, Copy)]
enum Room {
    Public,
    Private(&'static str),
}

fn served() -> Served {
    Served::new(Config::new(Dialect::ALL.map(Listener::of).into()))
}

/// Everything that one dialect says to all five in the public room, or to all that have rooms in a private one.
fn speaks(dialect: Dialect, room: Room) {
    for hearer in Dialect::ALL {
        let has_rooms = |dialect| dialect != Dialect::Matou;
        if matches!(room, Room::Private(_)) && !(has_rooms(dialect) && has_rooms(hearer)) {
            continue;
        }
        let forms = people::forms(dialect, hearer);
        let texts = TEXTS / forms.len();
        for (speaker, hearer) in forms {
            let served = served();
            let [alice, bob] = [("alice", speaker), ("bob", hearer)].map(|(name, form)| {
                let person = arrives(&served, form, name);
                if let Room::Private(room) = room {
                    person.joins(room);
                }
                person
            });
            served.forgets_all();
            alice.is_quiet();
            bob.is_quiet();
            exchange(&served, &*alice, &*bob, texts);
        }
    }
}

fn exchange(served: &Served, alice: &dyn Person, bob: &dyn Person, count: usize) {
    let mut random = fastrand::Rng::with_seed(0xb0b);
    for number in 0..count {
        let said = alice.can_say(&texts::text(&mut random));
        if said.is_empty() {
            continue;
        }
        alice.says(&said);
        served.passes(PAUSE);
        let heard = bob.hears("alice");
        assert_eq!(heard, bob.carries(&said), "text {number}: {said:?}");
    }
    alice.is_quiet();
    bob.is_quiet();
}

macro_rules! pairs {
    ($($public:ident, $private:ident: $dialect:ident;)+) => {
        $(
            #[test]
            fn $public() {
                speaks(Dialect::$dialect, Room::Public);
            }

            #[test]
            fn $private() {
                speaks(Dialect::$dialect, Room::Private("room2"));
            }
        )+
    };
}

pairs! {
    what_is_said_in_msp_is_heard_in_all_five_once_in_order_and_is_nothing_but_a_text,
    what_is_said_in_msp_in_a_private_room_is_heard_there_in_all_four: Msp;
    what_is_said_in_shens_protocol_is_heard_in_all_five_once_in_order_and_is_nothing_but_a_text,
    what_is_said_in_shens_protocol_in_a_private_room_is_heard_there_in_all_four: Shen;
    what_is_said_in_stories_is_heard_in_all_five_once_in_order_and_is_nothing_but_a_text,
    what_is_said_in_stories_in_a_private_room_is_heard_there_in_all_four: Stories;
    what_is_said_in_stumtp_is_heard_in_all_five_once_in_order_and_is_nothing_but_a_text,
    what_is_said_in_stumtp_in_a_private_room_is_heard_there_in_all_four: Stumtp;
}

#[test]
fn what_is_said_in_matou_is_heard_in_all_five_once_in_order_and_is_nothing_but_a_text() {
    speaks(Dialect::Matou, Room::Public);
}
