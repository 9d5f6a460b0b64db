//! What holds for the sequences of Stories whatever people do (B6).

use std::collections::BTreeMap;

use palabre::time::Duration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::stories_client::{Client, server};

#[derive(Clone, Copy, Debug)]
enum Deed {
    Begin { seq: u8, timeout: u8 },
    Confirm { seq: u8, to: u8 },
    Vote { seq: u8, from: Option<u8>, yes: bool },
    Answer { seq: u8, from: Option<u8>, ok: bool },
    Move { room: u8 },
    Wait { seconds: u8 },
}

const NAMES: [&str; 4] = ["ann", "bob", "cleo", "dan"];
const ROOMS: [&str; 2] = ["public", "room1"];

fn deeds() -> impl Strategy<Value = (usize, Deed)> {
    let from = || proptest::option::of(0..4_u8);
    let deed = prop_oneof![
        3 => (0..2_u8, 1..9_u8).prop_map(|(seq, timeout)| Deed::Begin { seq, timeout }),
        1 => (0..2_u8, 0..4_u8).prop_map(|(seq, to)| Deed::Confirm { seq, to }),
        6 => (0..2_u8, from(), any::<bool>()).prop_map(|(seq, from, yes)| Deed::Vote { seq, from, yes }),
        2 => (0..2_u8, from(), any::<bool>()).prop_map(|(seq, from, ok)| Deed::Answer { seq, from, ok }),
        1 => (0..2_u8).prop_map(|room| Deed::Move { room }),
        1 => (1..5_u8).prop_map(|seconds| Deed::Wait { seconds }),
    ];
    (0..4_usize, deed)
}

fn text(deed: Deed, place: usize) -> Option<String> {
    let named = |from: Option<u8>| from.map(|from| NAMES[usize::from(from)]);
    let room = ROOMS[place];
    Some(match deed {
        Deed::Begin { seq, timeout } => json!({
            "type": "BEGIN_SEQUENCE", "seq": seq, "action": "VOTE", "room": room, "timeout": timeout,
        })
        .to_string(),
        Deed::Confirm { seq, to } => json!({
            "type": "BEGIN_SEQUENCE", "seq": seq, "action": "CONFIRM", "to": NAMES[usize::from(to)], "timeout": 4,
        })
        .to_string(),
        Deed::Vote { seq, from, yes } => json!({
            "type": "VOTE", "seq": seq, "from": named(from), "vote": if yes { "yes" } else { "no" },
        })
        .to_string(),
        Deed::Answer { seq, from, ok } => {
            json!({ "type": "CONFIRM", "seq": seq, "from": named(from), "ok": ok }).to_string()
        }
        Deed::Move { room } => format!("ROOM|{}", ROOMS[usize::from(room)]),
        Deed::Wait { .. } => return None,
    })
}

/// Looks at what one has heard: what he has begun ends once, and only that.
fn follow(open: &mut BTreeMap<usize, Value>, who: usize, heard: &[String]) {
    for message in heard.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok()) {
        let seq = message["seq"].clone();
        match (message["type"].as_str().unwrap(), message["code"].as_str()) {
            ("ACK", _) => assert_eq!(open.insert(who, seq), None, "one at a time"),
            ("COMPLETE", _) | ("ERROR", Some("cancelled")) => {
                assert_eq!(open.remove(&who), Some(seq), "what was begun ends, once");
            }
            ("ERROR", Some("busy")) => assert!(open.contains_key(&who)),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn b6_what_was_acknowledged_ends_once_whatever_people_do(deeds in prop::collection::vec(deeds(), 1..60)) {
        let served = server();
        let people = NAMES.map(|name| Client::bar(&served, name));
        let (mut places, mut open) = ([0_usize; 4], BTreeMap::new());
        for (who, deed) in deeds {
            match text(deed, places[who]) {
                Some(text) => people[who].sends(&text),
                None => {
                    let Deed::Wait { seconds } = deed else { continue };
                    served.passes(Duration::from_secs(seconds.into()));
                }
            }
            if let Deed::Move { room } = deed {
                places[who] = room.into();
            }
            people.iter().enumerate().for_each(|(who, client)| follow(&mut open, who, &client.hears()));
        }
        served.passes(Duration::from_secs(300));
        people.iter().enumerate().for_each(|(who, client)| follow(&mut open, who, &client.hears()));
        prop_assert_eq!(open, BTreeMap::new());
    }
}
