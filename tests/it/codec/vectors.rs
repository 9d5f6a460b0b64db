//! Every line of `spec/msp-vectors.json`, in both directions.

use palabre::dialect::msp::{Access, Body, Message, Name, Peer, Registration, dissect, room_name, user_name};
use palabre::vocab::Mode;
use palabre::wire::Scratch;
use serde_json::{Map, Value, json};

use super::{decoded, encoded, from_hex, to_hex};

/// The lines of one list of the file.
pub(super) fn lines(list: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../spec/msp-vectors.json")).expect("JSON");
    file[list].as_array().expect("a list").clone()
}

/// The bytes of one line.
pub(super) fn datagram(line: &Value) -> Vec<u8> {
    from_hex(line["hex"].as_str().expect("hex"))
}

#[test]
fn m3_every_valid_vector_decodes_to_what_it_says_and_back() {
    for line in lines("valid") {
        let bytes = datagram(&line);
        let message = decoded(&bytes).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(described(&message), line["decoded"], "{line}");
        assert_eq!(to_hex(&encoded(&message)), line["hex"], "{line}");
    }
}

#[test]
fn m3_every_bad_name_decodes_and_breaks_the_rules_of_names() {
    for line in lines("invalid_names") {
        let bytes = datagram(&line);
        let message = decoded(&bytes).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(encoded(&message), bytes, "{line}");
        let (answer, good) = match &message.body {
            Body::Connect { name: Some(name) } => ("USER_NAME_INVALIDE", user_name(name)),
            Body::CreateRoom { room, .. } => ("NOM_MESSAGERIE_ERREUR", room_name(room)),
            other => panic!("{other:?}"),
        };
        assert_eq!(line["answer"], answer);
        assert_eq!(good, None, "{line}");
    }
}

#[test]
fn m3_every_malformed_vector_is_refused() {
    for line in lines("malformed") {
        let bytes = datagram(&line);
        assert!(decoded(&bytes).is_err(), "{line}");
        assert!(dissect(&bytes).1.is_err(), "{line}");
    }
}

#[test]
fn m3_every_truncation_and_every_flipped_bit_is_refused_or_another_message() {
    let mut scratch = Scratch::new();
    let mut out = Vec::new();
    let mut refused = 0;
    for line in ["valid", "invalid_names"].into_iter().flat_map(lines) {
        let bytes = datagram(&line);
        let cut = (0..bytes.len()).map(|len| bytes[..len].to_vec());
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            bytes
        });
        for changed in cut.chain(flipped) {
            let Ok(message) = Message::decode(&changed, &mut scratch) else {
                refused += 1;
                continue;
            };
            out.clear();
            message.encode(&mut out).expect("what decodes encodes");
            assert_eq!(to_hex(&out), to_hex(&changed), "{message:?}");
        }
    }
    assert!(refused > 1_000, "{refused}");
}

/// A message in the words of the vectors.
fn described(message: &Message<'_>) -> Value {
    let mut all = Map::new();
    all.insert("type".into(), message.kind().code().into());
    all.insert("user".into(), message.user.into());
    all.insert("seq".into(), message.seq.into());
    if let Value::Object(fields) = described_body(&message.body) {
        all.extend(fields);
    }
    Value::Object(all)
}

fn described_body(body: &Body<'_>) -> Value {
    match body {
        Body::Connect { name } => json!({ "name": name.as_ref().map(text) }),
        Body::ConnectReply(Registration::Registered { status, id }) => {
            json!({ "inscription": status.code(), "new_id": id })
        }
        Body::ConnectReply(Registration::KeepAlive { error }) => json!({ "statut": u8::from(*error) }),
        Body::CreateRoom { mode, room, capacity } => {
            json!({ "mode": number(*mode), "room": text(room), "cap": capacity })
        }
        Body::CreateRoomReply { status, room } => json!({ "statut": status.code(), "room_id": room }),
        Body::RoomList(rooms) => {
            let rows =
                rooms.iter().map(|entry| json!([number(entry.mode), text(&entry.room), entry.members]));
            json!({ "rooms": rows.collect::<Vec<_>>() })
        }
        Body::JoinRoom { room } | Body::SwitchRoom { room } | Body::ListUsers { room } => {
            json!({ "room": text(room) })
        }
        Body::JoinRoomReply(access) | Body::SwitchRoomReply(access) => described_access(access),
        Body::UserList(users) => json!({ "names": users.iter().map(text).collect::<Vec<_>>() }),
        Body::Invite { user } => json!({ "name": text(user) }),
        Body::Offer { by, mode, room } => {
            json!({ "name": text(by), "mode": number(*mode), "room": text(room) })
        }
        Body::OfferReply { declined: flag }
        | Body::LeaveRoomReply { refused: flag }
        | Body::DisconnectReply { refused: flag } => json!({ "statut": u8::from(*flag) }),
        Body::Text { text, order: None } => json!({ "text": text }),
        Body::Text { text, order: Some(order) } => json!({ "text": text, "ordre": order }),
        Body::Hello { version, capabilities } => json!({ "version": version, "caps": capabilities.0 }),
        Body::Directory { user } => json!({ "who": user }),
        Body::Relay { to, text, order: None } => json!({ "to": to, "text": text }),
        Body::Error { refused, code, reason } => {
            json!({ "refused": refused, "code": code.0, "why": reason })
        }
        Body::ListRooms | Body::InviteReply | Body::TextReply | Body::LeaveRoom | Body::Disconnect => {
            json!({})
        }
        other => panic!("no vector has {other:?}"),
    }
}

fn described_access(access: &Access<'_>) -> Value {
    let (mode, status) = (number(access.mode()), access.status().code());
    let peer = |Peer { address, user }: &Peer<'_>| json!([address.ip(), address.port(), text(user)]);
    match access {
        Access::Central(_) => json!({ "mode": mode, "statut": status }),
        Access::Direct { peers, .. } => {
            let peers: Vec<_> = peers.iter().map(peer).collect();
            json!({ "mode": mode, "statut": status, "peers": peers })
        }
    }
}

fn number(mode: Mode) -> u8 {
    u8::from(mode == Mode::Direct)
}

fn text<'n>(name: &'n Name<'_>) -> &'n str {
    name.as_str().expect("UTF-8")
}
