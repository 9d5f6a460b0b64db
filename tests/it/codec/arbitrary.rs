//! Any message that can be sent.

use std::net::{Ipv4Addr, SocketAddrV4};

use palabre::dialect::msp::{
    Access, AccessStatus, Body, Capabilities, CreateStatus, DirectoryEntry, ErrorCode, Event, Message, Name,
    Peer, RegisterStatus, Registration, RoomEntry,
};
use palabre::vocab::Mode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Any message.
pub(super) fn message() -> impl Strategy<Value = Message<'static>> {
    (any::<u8>(), any::<u16>(), body()).prop_map(|(user, seq, body)| Message { user, seq, body })
}

/// Any body, each kind as likely as any other.
pub(super) fn body() -> impl Strategy<Value = Body<'static>> {
    prop_oneof![10 => asked(), 10 => answered(), 10 => extended()]
}

/// The requests of the original twenty-two.
fn asked() -> impl Strategy<Value = Body<'static>> {
    prop_oneof![
        option::of(name()).prop_map(|name| Body::Connect { name }),
        (mode(), name(), any::<u8>()).prop_map(|(mode, room, capacity)| Body::CreateRoom {
            mode,
            room,
            capacity
        }),
        select(vec![Body::ListRooms, Body::LeaveRoom, Body::Disconnect]),
        name().prop_map(|room| Body::JoinRoom { room }),
        name().prop_map(|room| Body::ListUsers { room }),
        name().prop_map(|user| Body::Invite { user }),
        (name(), mode(), name()).prop_map(|(by, mode, room)| Body::Offer { by, mode, room }),
        (text(2_000), option::of(any::<u8>()))
            .prop_map(|(text, order)| Body::Text { text: text.into(), order }),
        name().prop_map(|room| Body::SwitchRoom { room }),
    ]
}

/// Their responses.
fn answered() -> impl Strategy<Value = Body<'static>> {
    prop_oneof![
        (select(RegisterStatus::ALL), any::<u8>())
            .prop_map(|(status, id)| Body::ConnectReply(Registration::Registered { status, id })),
        any::<bool>().prop_map(|error| Body::ConnectReply(Registration::KeepAlive { error })),
        (select(CreateStatus::ALL), any::<u8>())
            .prop_map(|(status, room)| Body::CreateRoomReply { status, room }),
        list(
            (mode(), name(), any::<u8>())
                .prop_map(|(mode, room, members)| RoomEntry { mode, room, members })
                .boxed()
        )
        .prop_map(Body::RoomList),
        access().prop_map(Body::JoinRoomReply),
        access().prop_map(Body::SwitchRoomReply),
        list(name().boxed()).prop_map(Body::UserList),
        select(vec![Body::InviteReply, Body::TextReply]),
        any::<bool>().prop_map(|declined| Body::OfferReply { declined }),
        any::<bool>().prop_map(|refused| Body::LeaveRoomReply { refused }),
    ]
}

/// The extensions, and what had no place above.
fn extended() -> impl Strategy<Value = Body<'static>> {
    prop_oneof![
        any::<bool>().prop_map(|refused| Body::DisconnectReply { refused }),
        (any::<u8>(), capabilities())
            .prop_map(|(version, capabilities)| Body::Hello { version, capabilities }),
        (any::<u8>(), capabilities())
            .prop_map(|(version, capabilities)| Body::HelloReply { version, capabilities }),
        any::<u8>().prop_map(|user| Body::Directory { user }),
        list((any::<u8>(), name()).prop_map(|(id, user)| DirectoryEntry { id, user }).boxed())
            .prop_map(Body::DirectoryReply),
        event().prop_map(Body::Notification),
        Just(Body::NotificationReply),
        (any::<u8>(), text(500), option::of(any::<u8>())).prop_map(|(to, text, order)| Body::Relay {
            to,
            text: text.into(),
            order
        }),
        (0_u8..=31, any::<u8>(), text(255)).prop_map(|(refused, code, reason)| Body::Error {
            refused,
            code: ErrorCode(code),
            reason: reason.into()
        }),
    ]
}

fn event() -> impl Strategy<Value = Event<'static>> {
    prop_oneof![
        (any::<u8>(), address(), name()).prop_map(|(id, address, user)| Event::Joined { id, address, user }),
        (any::<u8>(), name()).prop_map(|(id, user)| Event::Left { id, user }),
        name().prop_map(|room| Event::Closed { room }),
        mode().prop_map(Event::ModeChanged),
        name().prop_map(|room| Event::Renamed { room }),
        name().prop_map(|user| Event::Declined { user }),
        Just(Event::Stopping),
    ]
}

fn access() -> impl Strategy<Value = Access<'static>> {
    let peer = (address(), name()).prop_map(|(address, user)| Peer { address, user });
    prop_oneof![
        select(AccessStatus::ALL).prop_map(Access::Central),
        (select(AccessStatus::ALL), list(peer.boxed()))
            .prop_map(|(status, peers)| Access::Direct { status, peers }),
    ]
}

/// Mostly short lists, sometimes as long as they can be.
fn list<E: core::fmt::Debug + 'static>(entry: BoxedStrategy<E>) -> impl Strategy<Value = Vec<E>> {
    prop_oneof![20 => vec(entry.clone(), 0..6), 1 => vec(entry, 255)]
}

/// Mostly names such as people have, sometimes any bytes that can travel.
pub(super) fn name() -> impl Strategy<Value = Name<'static>> {
    let raw = prop_oneof![6 => vec(any::<u8>(), 0..12), 1 => vec(any::<u8>(), 0..=255)];
    raw.prop_map(|mut bytes| {
        bytes.retain(|byte| *byte != b'#');
        Name::from_bytes(bytes).expect("no '#', short enough")
    })
}

/// A text of at most `most` bytes.
pub(crate) fn text(most: usize) -> impl Strategy<Value = String> {
    vec(prop_oneof![3 => proptest::char::range(' ', '~'), 1 => any::<char>()], 0..=most / 4)
        .prop_map(|chars| chars.into_iter().collect())
}

/// Either mode.
pub(crate) fn mode() -> impl Strategy<Value = Mode> {
    select(vec![Mode::Central, Mode::Direct])
}

fn address() -> impl Strategy<Value = SocketAddrV4> {
    (any::<u32>(), any::<u16>()).prop_map(|(ip, port)| SocketAddrV4::new(Ipv4Addr::from_bits(ip), port))
}

fn capabilities() -> impl Strategy<Value = Capabilities> {
    any::<u16>().prop_map(Capabilities)
}
