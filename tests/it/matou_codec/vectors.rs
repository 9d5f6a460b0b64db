//! Every line of `spec/matou-vectors.json`.

use std::net::IpAddr;

use palabre::dialect::matou::{BadFrame, ErrorCode, Kind, Message, Ports, Way, dissect};
use serde_json::Value;

use super::{decoded, deframed, encoded};
use crate::codec::from_hex;

fn lines(list: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../spec/matou-vectors.json")).expect("JSON");
    file[list].as_array().expect("a list").clone()
}

fn bytes(line: &Value) -> Vec<u8> {
    from_hex(line["hex"].as_str().expect("hex"))
}

fn way(line: &Value) -> Way {
    match line["way"].as_str() {
        Some("server") => Way::ToServer,
        Some("client") => Way::ToClient,
        Some("messages") => Way::Messages,
        Some("files") => Way::Files,
        other => panic!("{other:?}"),
    }
}

/// The message that a line says its bytes are.
fn said(line: &Value) -> Message<'static> {
    let fields = &line["decoded"];
    let text = |field: &str| fields[field].as_str().expect(field).to_owned().into();
    let number = |field: &str| i32::try_from(fields[field].as_i64().expect(field)).expect(field);
    let name = || text("username");
    let ports = || Ports { messages: number("message_port"), files: number("file_port") };
    let address = || -> IpAddr { fields["address"].as_str().expect("address").parse().expect("address") };
    match line["type"].as_i64().expect("type") {
        0 => Message::Error(ErrorCode::ALL[fields["code"].as_u64().expect("code") as usize]),
        1 => Message::Connect { name: name() },
        2 => Message::Connected { accepted: number("accepted") == 1 },
        3 => Message::Arrived { name: name() },
        4 => Message::Say { text: text("message") },
        5 => Message::Said { author: name(), text: text("message") },
        6 => Message::Left { name: name() },
        7 => Message::Ask { name: name() },
        8 => Message::Asked { name: name() },
        9 => Message::Accept { name: name() },
        10 => Message::Offer { name: name(), ports: ports() },
        11 => Message::Expect { name: name(), address: address() },
        12 => Message::Meet { name: name(), address: address(), ports: ports() },
        13 => Message::Private { text: text("message") },
        14 => Message::File { name: text("filename"), size: fields["size"].as_u64().expect("size") },
        15 => Message::SignOut,
        16 => Message::PrivateSignOut,
        other => panic!("{other}"),
    }
}

#[test]
fn every_vector_is_read_and_written_as_it_says_on_its_way_and_on_no_other() {
    let lines = lines("valid");
    assert!(Kind::ALL.iter().all(|kind| lines.iter().any(|line| line["name"] == kind.wire_name())));
    for line in lines {
        let (bytes, message) = (bytes(&line), said(&line));
        assert_eq!(decoded(&bytes), Ok(message.clone()), "{line}");
        assert_eq!(encoded(&message), bytes, "{line}");
        assert_eq!(line["type"], message.kind().code(), "{line}");
        assert_eq!(line["name"], message.kind().wire_name(), "{line}");
        assert_eq!(deframed(way(&line), bytes.chunks(3)), (vec![bytes.clone()], None), "{line}");
        let kind = message.kind();
        let ways = [Way::ToServer, Way::ToClient, Way::Messages, Way::Files];
        let others = ways.into_iter().filter(|other| *other != way(&line) && !other.carries(kind));
        assert_eq!(others.clone().count(), if kind == Kind::PrivateSignOut { 2 } else { 3 }, "{line}");
        for other in others {
            let (_, fault) = deframed(other, [&bytes[..4]]);
            assert_eq!(fault.and_then(|fault| fault.kind), Some(kind), "{line}");
        }
    }
}

#[test]
fn a6_what_is_wrong_is_refused_with_the_byte_that_makes_it_wrong_and_not_before() {
    for line in lines("early") {
        let bytes = bytes(&line);
        let (last, before) = bytes.split_last().expect("bytes");
        assert_eq!(deframed(way(&line), before.chunks(1)), (Vec::new(), None), "{line}");
        for pieces in [vec![&bytes[..]], vec![before, std::slice::from_ref(last)], bytes.chunks(1).collect()]
        {
            let (messages, fault) = deframed(way(&line), pieces);
            assert!(messages.is_empty(), "{line}");
            assert_eq!(line["why"], fault.expect("refused").to_string(), "{line}");
            assert_eq!(fault.and_then(|fault: BadFrame| fault.kind), Kind::peek(&bytes), "{line}");
        }
    }
}

#[test]
fn every_byte_flipped_is_refused_or_another_message() {
    let mut refused = 0;
    for line in lines("valid") {
        let bytes = bytes(&line);
        for at in 0..bytes.len() {
            for other in [0x01, 0x20, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= other;
                let (_, dissected) = dissect(&bytes);
                match decoded(&bytes) {
                    Ok(message) => assert_eq!(encoded(&message), bytes, "{line}"),
                    Err(why) => {
                        assert_eq!(dissected, Err(why), "{line}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}
