//! From messages that borrow a datagram's strings to messages that stand alone.
//!
//! In: a body or a part of one. Out: the same, with its strings on the heap. Must not know what any field means.

use std::borrow::Cow;

use super::{Access, Body, DirectoryEntry, Event, Name, Peer, RoomEntry};

/// Makes owned what was borrowed from a datagram.
pub(super) trait IntoOwned {
    /// The same type, borrowed from nowhere.
    type Owned;

    fn into_owned(self) -> Self::Owned;
}

impl IntoOwned for Name<'_> {
    type Owned = Name<'static>;

    fn into_owned(self) -> Name<'static> {
        Name::into_owned(self)
    }
}

impl IntoOwned for Cow<'_, str> {
    type Owned = Cow<'static, str>;

    fn into_owned(self) -> Cow<'static, str> {
        Cow::Owned(Cow::into_owned(self))
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl IntoOwned for RoomEntry<'_> {
    type Owned = RoomEntry<'static>;

    fn into_owned(self) -> RoomEntry<'static> {
        RoomEntry { mode: self.mode, room: self.room.into_owned(), members: self.members }
    }
}

impl IntoOwned for Peer<'_> {
    type Owned = Peer<'static>;

    fn into_owned(self) -> Peer<'static> {
        Peer { address: self.address, user: self.user.into_owned() }
    }
}

impl IntoOwned for DirectoryEntry<'_> {
    type Owned = DirectoryEntry<'static>;

    fn into_owned(self) -> DirectoryEntry<'static> {
        DirectoryEntry { id: self.id, user: self.user.into_owned() }
    }
}

impl IntoOwned for Access<'_> {
    type Owned = Access<'static>;

    fn into_owned(self) -> Access<'static> {
        match self {
            Self::Central(status) => Access::Central(status),
            Self::Direct { status, peers } => Access::Direct { status, peers: peers.into_owned() },
        }
    }
}

impl IntoOwned for Event<'_> {
    type Owned = Event<'static>;

    fn into_owned(self) -> Event<'static> {
        match self {
            Self::Joined { id, address, user } => Event::Joined { id, address, user: user.into_owned() },
            Self::Left { id, user } => Event::Left { id, user: user.into_owned() },
            Self::Closed { room } => Event::Closed { room: room.into_owned() },
            Self::ModeChanged(mode) => Event::ModeChanged(mode),
            Self::Renamed { room } => Event::Renamed { room: room.into_owned() },
            Self::Declined { user } => Event::Declined { user: user.into_owned() },
            Self::Stopping => Event::Stopping,
        }
    }
}

impl IntoOwned for Body<'_> {
    type Owned = Body<'static>;

    fn into_owned(self) -> Body<'static> {
        match self {
            Self::Connect { name } => Body::Connect { name: name.into_owned() },
            Self::ConnectReply(registration) => Body::ConnectReply(registration),
            Self::CreateRoom { mode, room, capacity } => {
                Body::CreateRoom { mode, room: room.into_owned(), capacity }
            }
            Self::CreateRoomReply { status, room } => Body::CreateRoomReply { status, room },
            Self::ListRooms => Body::ListRooms,
            Self::RoomList(rooms) => Body::RoomList(rooms.into_owned()),
            Self::JoinRoom { room } => Body::JoinRoom { room: room.into_owned() },
            Self::JoinRoomReply(access) => Body::JoinRoomReply(access.into_owned()),
            Self::ListUsers { room } => Body::ListUsers { room: room.into_owned() },
            Self::UserList(users) => Body::UserList(users.into_owned()),
            Self::Invite { user } => Body::Invite { user: user.into_owned() },
            Self::InviteReply => Body::InviteReply,
            Self::Offer { by, mode, room } => {
                Body::Offer { by: by.into_owned(), mode, room: room.into_owned() }
            }
            Self::OfferReply { declined } => Body::OfferReply { declined },
            Self::Text { text, order } => Body::Text { text: text.into_owned().into(), order },
            Self::TextReply => Body::TextReply,
            Self::SwitchRoom { room } => Body::SwitchRoom { room: room.into_owned() },
            Self::SwitchRoomReply(access) => Body::SwitchRoomReply(access.into_owned()),
            Self::LeaveRoom => Body::LeaveRoom,
            Self::LeaveRoomReply { refused } => Body::LeaveRoomReply { refused },
            Self::Disconnect => Body::Disconnect,
            Self::DisconnectReply { refused } => Body::DisconnectReply { refused },
            Self::Hello { version, capabilities } => Body::Hello { version, capabilities },
            Self::HelloReply { version, capabilities } => Body::HelloReply { version, capabilities },
            Self::Directory { user } => Body::Directory { user },
            Self::DirectoryReply(entries) => Body::DirectoryReply(entries.into_owned()),
            Self::Notification(event) => Body::Notification(event.into_owned()),
            Self::NotificationReply => Body::NotificationReply,
            Self::Relay { to, text, order } => Body::Relay { to, text: text.into_owned().into(), order },
            Self::Error { refused, code, reason } => {
                Body::Error { refused, code, reason: reason.into_owned().into() }
            }
        }
    }
}
