//! What is no message, what comes in pieces, who does not read (A6).

use palabre::dialect::matou::Message;
use palabre::engine::{Departure, DropReason, Event};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::matou_client::{
    Client, REFUSED, UNKNOWN, accept, arrived, ask, asked, connect, encoded, left, offer, said, served,
};
use crate::served::Served;

const MATOU: ListenerId = ListenerId(0);

fn two() -> (Served, Client, Client) {
    let served = served();
    let minou = Client::joins(&served, MATOU, "Minou");
    let felix = Client::joins(&served, MATOU, "Felix");
    minou.hears(&[arrived("Felix")]);
    (served, minou, felix)
}

/// Streams whose last byte makes them wrong.
const WRONG: [&[u8]; 12] = [
    b"\0\0\0\x11",
    b"\xff\xff\xff\xff",
    b"\0\x01\0\x04",
    b"\0\0\0\0",
    b"\0\0\0\x02",
    b"\0\0\0\x05",
    b"\0\0\0\x0d",
    b"\0\0\0\x0e",
    b"\0\0\0\x10",
    b"\0\0\0\x04\xff\xff\xff\xff",
    b"\0\0\0\x07\x7f\xff\xff\xff",
    b"\0\0\0\x0a\x80\0\0\0",
];

#[test]
fn a6_what_is_no_message_is_an_error_and_the_end_as_soon_as_it_is_there() {
    for wrong in WRONG {
        let (served, minou, felix) = two();
        served.events();
        let (_, before) = wrong.split_last().unwrap();
        felix.line.sends(before);
        felix.hears_nothing();
        assert!(!felix.line.is_closed());
        felix.line.sends(&wrong[before.len()..]);
        felix.is_closed_after(&[UNKNOWN]);
        minou.hears(&[left("Felix")]);
        minou.is_here();
        let name: std::sync::Arc<str> = "Felix".into();
        assert_eq!(served.events(), [Event::Departed { name, id: None, why: Departure::Expelled }]);
        assert_eq!(served.dropped(DropReason::Malformed), 1);
    }
}

#[test]
fn a6_who_is_not_signed_in_is_closed_without_a_word_and_nobody_notices() {
    let too_early = [
        encoded(&Message::Say { text: "moi".into() }),
        encoded(&ask("Minou")),
        encoded(&accept("Minou")),
        encoded(&offer("Minou", 1, 2)),
        b"\0\0\0\x01\xff\xff\xff\xff".to_vec(),
    ];
    let (served, minou, _) = two();
    for wrong in WRONG.into_iter().chain(too_early.iter().map(Vec::as_slice)) {
        let other = Client::new(&served, MATOU);
        other.line.dribbles(wrong);
        other.is_closed_after(&[]);
    }
    minou.hears_nothing();
}

#[test]
fn a6_what_comes_after_what_is_wrong_is_not_carried_out() {
    let (_, minou, felix) = two();
    let stream = [encoded(&said("Minou", "moi")), encoded(&Message::Say { text: "late".into() })].concat();
    felix.line.sends(&[encoded(&Message::Say { text: "soon".into() }), stream].concat());
    felix.is_closed_after(&[said("Felix", "soon"), UNKNOWN]);
    minou.hears(&[said("Felix", "soon"), left("Felix")]);
}

#[test]
fn a6_half_a_message_waits_for_60_seconds() {
    let (served, minou, felix) = two();
    let text = encoded(&Message::Say { text: "miaou".into() });
    felix.line.sends(&text[..9]);
    served.passes(Duration::from_secs(59));
    felix.line.sends(&text[9..]);
    felix.hears(&[said("Felix", "miaou")]);
    minou.hears(&[said("Felix", "miaou")]);
    felix.line.sends(&text[..1]);
    served.passes(Duration::from_secs(60));
    felix.is_closed_after(&[]);
    minou.hears(&[left("Felix")]);
    served.passes(Duration::from_secs(600));
    minou.is_here();
}

#[test]
fn a6_a_reader_who_takes_nothing_is_let_go_and_the_others_go_on() {
    let (served, minou, felix) = two();
    felix.line.reads(false);
    let text = "x".repeat(512);
    for _ in 0..2_100 {
        minou.says(&text);
    }
    assert_eq!(minou.heard().len(), 2_100);
    assert!(!felix.line.is_closed());
    served.passes(Duration::from_secs(10));
    assert!(felix.line.is_closed());
    assert_eq!(served.dropped(DropReason::IdleReader), 1);
    minou.hears(&[left("Felix")]);
    minou.is_here();
}

#[test]
fn a6_a_sudden_death_in_the_middle_of_a_message_is_a_departure_like_any_other() {
    let (served, minou, felix) = two();
    felix.line.sends(&encoded(&Message::Say { text: "miaou".into() })[..10]);
    felix.line.dies();
    minou.hears(&[left("Felix")]);
    Client::joins(&served, MATOU, "Felix").says("again");
    minou.hears(&[arrived("Felix"), said("Felix", "again")]);
}

/// A conversation of two, cut anywhere.
fn talk() -> Vec<u8> {
    [
        connect("Minou"),
        connect("Felix"),
        Message::Say { text: "ça va ? 🐈".into() },
        ask("Minou"),
        ask("Nobody"),
        Message::Say { text: "x".repeat(512).into() },
        Message::SignOut,
    ]
    .iter()
    .flat_map(encoded)
    .collect()
}

#[test]
fn a6_fragments_of_one_byte_give_what_one_piece_gives() {
    let heard = |send: fn(&Client, &[u8])| {
        let served = served();
        let minou = Client::joins(&served, MATOU, "Minou");
        let felix = Client::new(&served, MATOU);
        send(&felix, &talk());
        assert!(felix.line.is_closed());
        (minou.heard(), felix.heard())
    };
    let whole = heard(|client, bytes| client.line.sends(bytes));
    assert_eq!(whole, heard(|client, bytes| client.line.dribbles(bytes)));
    assert_eq!(whole.1[..3], [REFUSED, Message::Connected { accepted: true }, arrived("Felix")]);
    assert_eq!(whole.0.len(), 5, "{:?}", whole.0);
    assert_eq!(whole.0[2], asked("Felix"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a6_whatever_bytes_come_the_others_notice_nothing_but_the_departure(
        start in 0_usize..3,
        bytes in vec(prop_oneof![3 => Just(0_u8), 2 => 0_u8..20, 1 => any::<u8>()], 0..200),
    ) {
        let (served, minou, felix) = two();
        let other = Client::new(&served, MATOU);
        if start > 0 {
            other.signs_in("Zoé");
        }
        if start > 1 {
            other.line.sends(b"\0\0\0\x04");
        }
        other.line.sends(&bytes);
        other.line.dies();
        for client in [&minou, &felix] {
            let is_news = |message: &Message<'_>| {
                let of_people = matches!(message, Message::Arrived { .. } | Message::Left { .. });
                of_people || matches!(message, Message::Said { .. } | Message::Asked { .. })
            };
            prop_assert!(client.heard().iter().all(is_news));
            client.is_here();
        }
    }
}
