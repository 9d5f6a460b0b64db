//! How long the codec takes: headers, texts of three lengths, every kind of message.
//!
//! `cargo bench --bench codec [-- WORD]`. A text is compared with copying its bytes, and with the same work by `bitvec`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that meets the unexpected must stop"
)]

mod measure;

use std::hint::black_box;

use bitvec::field::BitField;
use bitvec::prelude::{BitSlice, Msb0};
use measure::{Group, Measure};
use palabre::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, DirectoryEntry, ErrorCode, Event, Header, Kind,
    Message, Name, Peer, RegisterStatus, Registration, RoomEntry, packet,
};
use palabre::dialect::shen;
use palabre::vocab::Mode;
use palabre::wire::{BitReader, BitWriter, Field, Scratch, open, trailer};

fn main() {
    let measure = Measure::from_args();
    headers(&measure);
    for len in [20, 100, 1_000] {
        let ascii: String = "bonjour a tous ".chars().cycle().take(len).collect();
        texts(&measure, &format!("{len} bytes"), &ascii);
    }
    texts(&measure, "40 bytes, French", "Réunion reportée à demain, désolé !");
    let french = "Bonjour à tous, la réunion est reportée à demain matin. ";
    texts(&measure, "114 bytes, French", &french.repeat(2)[..114]);
    texts(&measure, "1,000 bytes, every fourth an accent", &"déjà vu ".repeat(100));
    packets(&measure);
    for body in every_kind() {
        kind(&measure, body);
    }
    for body in every_format() {
        shen_kind(&measure, body);
    }
}

fn headers(measure: &Measure) {
    let header = Header { kind: Kind::TextReply, user: 7, seq: 4_711 };
    let mut bytes = Vec::with_capacity(64);
    let mut other = Vec::with_capacity(64);
    measure.run(
        Group::new("header encode")
            .with("palabre", || {
                bytes.clear();
                let mut writer = BitWriter::new(&mut bytes);
                black_box(header).encode(&mut writer);
                writer.finish();
                bytes.len()
            })
            .with("bitvec", || {
                other.clear();
                other.resize(4, 0);
                bitvec_header(BitSlice::from_slice_mut(&mut other), black_box(header));
                other.len()
            }),
    );
    let datagram = [0x80, 0x38, 0x93, 0x38];
    measure.run(
        Group::new("header decode")
            .with("palabre", || Header::decode(&mut BitReader::new(black_box(&datagram))))
            .with("bitvec", || bitvec_decode_header(BitSlice::from_slice(black_box(&datagram)))),
    );
}

fn texts(measure: &Measure, title: &str, text: &str) {
    let message = Message { user: 1, seq: 3, body: Body::Text { text: text.into(), order: None } };
    let mut datagram = Vec::new();
    message.encode(&mut datagram).unwrap();
    encoding(measure, title, text, &message);
    decoding(measure, title, text, &datagram);
}

/// Both kinds of memcpy, then what is to be compared with the first: everything here writes to a reused vector.
fn encoding(measure: &Measure, title: &str, text: &str, message: &Message<'_>) {
    let buffer = || Vec::with_capacity(2_048);
    let (mut copy, mut alone, mut ours, mut theirs) = (buffer(), buffer(), buffer(), buffer());
    measure.run(
        Group::new(format!("text encode, {title}"))
            .with("memcpy into a reused vector", || memcpy(&mut copy, black_box(text)))
            .with("memcpy into a fresh allocation", || black_box(text).as_bytes().to_vec())
            .with("unaligned copy alone", || {
                alone.clear();
                let mut writer = BitWriter::new(&mut alone);
                writer.put(FIVE_BITS, 0_u8);
                writer.bytes(black_box(text).as_bytes());
                writer.finish();
                alone.len()
            })
            .with("palabre", || {
                ours.clear();
                // To move a whole `Result` is not a part of it.
                black_box(message).encode(&mut ours).is_ok()
            })
            .with("bitvec", || {
                theirs.clear();
                bitvec_encode(&mut theirs, black_box(text));
                theirs.len()
            }),
    );
}

/// A borrowed message compares with memcpy into a reused vector, an owned one with memcpy into a fresh allocation.
fn decoding(measure: &Measure, title: &str, text: &str, datagram: &[u8]) {
    let (mut copy, mut theirs) = (Vec::with_capacity(2_048), Vec::with_capacity(2_048));
    let scratch = || Scratch::with_capacity(datagram.len());
    let (mut alone, mut with, mut owned, mut without) = (scratch(), scratch(), scratch(), scratch());
    measure.run(
        Group::new(format!("text decode, {title}"))
            .with("memcpy into a reused vector", || memcpy(&mut copy, black_box(text)))
            .with("memcpy into a fresh allocation", || black_box(text).as_bytes().to_vec())
            .with("unaligned copy alone", || {
                let mut reader = BitReader::new(black_box(datagram));
                let skipped = reader.u8(FIVE_BITS).is_ok();
                let copied = reader.bytes(TEXT, text.len(), &mut alone.arena(datagram.len())).is_ok();
                skipped && copied
            })
            .with("palabre", || seen(&Message::decode(black_box(datagram), &mut with)))
            .with("palabre, owned", || {
                seen(&Message::decode(black_box(datagram), &mut owned).map(Message::into_owned));
            })
            .with("palabre, UTF-8 not validated", || {
                seen(&without_validation(black_box(datagram), &mut without));
            })
            .with("validating the text alone", || seen(&core::str::from_utf8(black_box(text.as_bytes()))))
            .with("bitvec", || {
                theirs.clear();
                bitvec_decode(&mut theirs, black_box(datagram));
                seen(&core::str::from_utf8(&theirs));
            }),
    );
}

fn packets(measure: &Measure) {
    let body = Body::Text { text: "bonjour a tous ".repeat(7).into(), order: None };
    let encoded = packet(1, &body).unwrap();
    let datagram = [&encoded.stamp(3)[..], encoded.tail()].concat();
    let sealed = [&datagram[..], &trailer(&[&datagram])].concat();
    measure.run(
        Group::new("a text of 105 bytes for many receivers")
            .with("encode once", || packet(1, black_box(&body)))
            .with("stamp for one receiver", || encoded.stamp(black_box(4_711)))
            .with("trailer", || trailer(black_box(&[&datagram[..4], &datagram[4..]])))
            .with("check of a trailer", || open(black_box(&sealed)).is_some()),
    );
}

fn kind(measure: &Measure, body: Body<'_>) {
    let message = Message { user: 1, seq: 3, body };
    both_ways(
        measure,
        message.kind().wire_name(),
        |out| black_box(&message).encode(out).is_ok(),
        |datagram, scratch| seen(&Message::decode(datagram, scratch)),
    );
}

fn shen_kind(measure: &Measure, body: shen::Body<'_>) {
    let message = shen::Message { seq: 3, body };
    both_ways(
        measure,
        &format!("Shen: {}", message.kind()),
        |out| black_box(&message).encode(out).is_ok(),
        |datagram, scratch| seen(&shen::Message::decode(datagram, scratch)),
    );
}

/// One message encoded into a reused vector, and decoded into a reused scratch.
fn both_ways(
    measure: &Measure,
    name: &str,
    encode: impl Fn(&mut Vec<u8>) -> bool,
    decode: impl Fn(&[u8], &mut Scratch),
) {
    let mut datagram = Vec::new();
    assert!(encode(&mut datagram), "{name} can be sent");
    let mut out = Vec::with_capacity(datagram.len());
    let mut scratch = Scratch::new();
    measure.run(
        Group::new(format!("{name} ({} bytes)", datagram.len()))
            .with("encode", || {
                out.clear();
                encode(&mut out)
            })
            .with("decode", || decode(black_box(&datagram), &mut scratch)),
    );
}

/// Looks at a result without moving it.
fn seen<T>(result: &T) {
    black_box(result);
}

fn memcpy(to: &mut Vec<u8>, text: &str) -> usize {
    to.clear();
    to.extend_from_slice(text.as_bytes());
    to.len()
}

/// What [`Message::decode`] does to a TEXTE, but for the check of its encoding.
fn without_validation<'s>(datagram: &[u8], scratch: &'s mut Scratch) -> Option<(Header, &'s [u8])> {
    let mut reader = BitReader::new(datagram);
    let header = Header::decode(&mut reader).ok()?;
    let len = reader.u16(LENGTH).ok()?;
    let text = reader.bytes(TEXT, usize::from(len), &mut scratch.arena(datagram.len())).ok()?;
    reader.finish().ok()?;
    Some((header, text))
}

const FIVE_BITS: Field = Field::new("five bits", 5);
const LENGTH: Field = Field::new("CHAT_LONGUEUR", 16);
const TEXT: Field = Field::new("CHAT", 8);

type Bits = BitSlice<u8, Msb0>;

fn bitvec_header(bits: &mut Bits, header: Header) {
    bits[..5].store_be(header.kind.code());
    bits[5..13].store_be(header.user);
    bits[13..29].store_be(header.seq);
}

fn bitvec_decode_header(bits: &Bits) -> Option<Header> {
    let kind = Kind::from_code(bits[..5].load_be())?;
    Some(Header { kind, user: bits[5..13].load_be(), seq: bits[13..29].load_be() })
}

fn bitvec_encode(out: &mut Vec<u8>, text: &str) {
    out.resize((45 + text.len() * 8).div_ceil(8), 0);
    let bits = Bits::from_slice_mut(out);
    bitvec_header(bits, Header { kind: Kind::Text, user: 1, seq: 3 });
    bits[29..45].store_be(text.len() as u64);
    bits[45..45 + text.len() * 8].copy_from_bitslice(Bits::from_slice(text.as_bytes()));
}

fn bitvec_decode(out: &mut Vec<u8>, datagram: &[u8]) -> Option<Header> {
    let bits = Bits::from_slice(datagram);
    let header = bitvec_decode_header(bits)?;
    let len = usize::from(bits[29..45].load_be::<u16>());
    out.resize(len, 0);
    Bits::from_slice_mut(out).copy_from_bitslice(&bits[45..45 + len * 8]);
    bits[45 + len * 8..].not_any().then_some(header)
}

fn name(text: &str) -> Name<'_> {
    Name::new(text).unwrap()
}

/// One message of each kind, lists of ten.
fn every_kind() -> Vec<Body<'static>> {
    let room = || name("salle-a-manger");
    let address = "192.0.2.7:40000".parse().unwrap();
    let peers = vec![Peer { address, user: name("alice") }; 10];
    let access = Access::Direct { status: AccessStatus::Joined, peers };
    let all = Capabilities(0x000f);
    vec![
        Body::Connect { name: Some(name("alice")) },
        Body::Connect { name: None },
        Body::ConnectReply(Registration::Registered { status: RegisterStatus::Accepted, id: 1 }),
        Body::CreateRoom { mode: Mode::Central, room: room(), capacity: 12 },
        Body::CreateRoomReply { status: CreateStatus::Created, room: 1 },
        Body::ListRooms,
        Body::RoomList(vec![RoomEntry { mode: Mode::Direct, room: room(), members: 3 }; 10]),
        Body::JoinRoom { room: room() },
        Body::JoinRoomReply(access.clone()),
        Body::ListUsers { room: room() },
        Body::UserList(vec![name("alice"); 10]),
        Body::Invite { user: name("alice") },
        Body::InviteReply,
        Body::Offer { by: name("alice"), mode: Mode::Direct, room: room() },
        Body::OfferReply { declined: false },
        Body::Text { text: "bonjour".into(), order: Some(3) },
        Body::TextReply,
        Body::SwitchRoom { room: room() },
        Body::SwitchRoomReply(access),
        Body::LeaveRoom,
        Body::LeaveRoomReply { refused: false },
        Body::Disconnect,
        Body::DisconnectReply { refused: false },
        Body::Hello { version: 1, capabilities: all },
        Body::HelloReply { version: 1, capabilities: all },
        Body::Directory { user: 0 },
        Body::DirectoryReply(vec![DirectoryEntry { id: 1, user: name("alice") }; 10]),
        Body::Notification(Event::Joined { id: 1, address, user: name("alice") }),
        Body::NotificationReply,
        Body::Relay { to: 2, text: "bonjour".into(), order: None },
        Body::Error { refused: 31, code: ErrorCode::UNKNOWN_TYPE, reason: "type 31 inconnu".into() },
    ]
}

/// Shen's protocol: each format without text and with some, a text of two lengths, a list of ten and one that is full.
fn every_format() -> Vec<shen::Body<'static>> {
    use shen::Kind;
    let said = |bytes| "bonjour a tous ".chars().cycle().take(bytes).collect::<String>();
    let relay = |bytes| shen::Body::Speech {
        kind: Kind::Relay,
        emitter: 7,
        receiver: 0,
        text: shen::relayed(&said(bytes), "Sheng").into(),
    };
    let room = |kind, text: &'static str| shen::Body::Room {
        kind,
        private: true,
        mode: Mode::Central,
        room: 5,
        text: text.into(),
    };
    let address = "192.0.2.7:40000".parse().ok();
    let list =
        |entries| shen::Body::List(vec![shen::entry(Some((5, "dota2")), 7, "Sheng", address); entries]);
    vec![
        shen::Body::plain(Kind::Ack, ""),
        shen::Body::plain(Kind::Connect, "Sheng"),
        relay(20),
        relay(1_000),
        room(Kind::ChooseMode, ""),
        room(Kind::Invite, "Sheng, Lucy, Bob"),
        list(10),
        list(34),
    ]
}
