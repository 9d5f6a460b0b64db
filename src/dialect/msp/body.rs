//! What each of the thirty messages carries behind the header.
//!
//! In: fields. Out: [`Body`], plain data. Must not know bits, the header, nor what is done about a message.

use std::borrow::Cow;

use super::owned::IntoOwned;
use super::{
    Access, Capabilities, CreateStatus, DirectoryEntry, ErrorCode, Event, Kind, Name, Registration, RoomEntry,
};
use crate::vocab::Mode;

/// The data of a message: one variant for each [`Kind`]. Names and texts may be borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// CONNEXION.
    Connect {
        /// The name to register under; `None` keeps a registration alive.
        name: Option<Name<'a>>,
    },
    /// REPONSE_CONNEXION.
    ConnectReply(Registration),
    /// CREER_MESSAGERIE_PRIVEE.
    CreateRoom {
        /// How its texts are to travel.
        mode: Mode,
        /// Its name.
        room: Name<'a>,
        /// The most members it may have (M7).
        capacity: u8,
    },
    /// REPONSE_CREER_MESSAGERIE_PRIVEE.
    CreateRoomReply {
        /// How it went.
        status: CreateStatus,
        /// The number of the room, 0 when it was not made.
        room: u8,
    },
    /// DEMANDER_LISTE_MESSAGERIE.
    ListRooms,
    /// REPONSE_DEMANDER_LISTE_MESSAGERIE: at most 255 rooms (M6).
    RoomList(Vec<RoomEntry<'a>>),
    /// DEMANDE_ACCES_MESSAGERIE_PRIVEE.
    JoinRoom {
        /// The name of the room.
        room: Name<'a>,
    },
    /// REPONSE_ACCES_MESSAGERIE_PRIVEE.
    JoinRoomReply(Access<'a>),
    /// DEMANDER_LISTE_CLIENT.
    ListUsers {
        /// The name of the room; the empty name is everybody on the server (M6).
        room: Name<'a>,
    },
    /// REPONSE_DEMANDER_LISTE_CLIENT: at most 255 users (M6).
    UserList(Vec<Name<'a>>),
    /// INVITER_MESSAGERIE_PRIVEE.
    Invite {
        /// The name of the one invited.
        user: Name<'a>,
    },
    /// REPONSE_INVITER_MESSAGERIE_PRIVEE.
    InviteReply,
    /// DEMANDE_MESSAGERIE_PRIVEE.
    Offer {
        /// The name of the one who invites.
        by: Name<'a>,
        /// How the room's texts travel.
        mode: Mode,
        /// The name of the room.
        room: Name<'a>,
    },
    /// REPONSE_MESSAGERIE_PRIVEE.
    OfferReply {
        /// The one invited does not come.
        declined: bool,
    },
    /// TEXTE.
    Text {
        /// What is said; an empty one is a probe (M11). At most 65,535 bytes.
        text: Cow<'a, str>,
        /// Its place among the author's texts to this receiver, modulo 256, where both have pipelining (M18).
        order: Option<u8>,
    },
    /// REPONSE_TEXTE.
    TextReply,
    /// CHANGER_MESSAGERIE.
    SwitchRoom {
        /// The name of the room.
        room: Name<'a>,
    },
    /// REPONSE_CHANGER_MESSAGERIE.
    SwitchRoomReply(Access<'a>),
    /// QUITTER_MESSAGERIE_PRIVEE.
    LeaveRoom,
    /// REPONSE_QUITTER_MESSAGERIE_PRIVEE.
    LeaveRoomReply {
        /// One was in no private room.
        refused: bool,
    },
    /// DECONNEXION.
    Disconnect,
    /// REPONSE_DECONNEXION.
    DisconnectReply {
        /// One stays connected.
        refused: bool,
    },
    /// BONJOUR.
    Hello {
        /// The version of the extensions, 1.
        version: u8,
        /// The extensions the client has.
        capabilities: Capabilities,
    },
    /// REPONSE_BONJOUR.
    HelloReply {
        /// The version of the extensions, 1.
        version: u8,
        /// The extensions both have.
        capabilities: Capabilities,
    },
    /// DEMANDER_ANNUAIRE.
    Directory {
        /// Whose name is asked for; 0 for everybody in one's room.
        user: u8,
    },
    /// REPONSE_ANNUAIRE: at most 255 entries.
    DirectoryReply(Vec<DirectoryEntry<'a>>),
    /// NOTIFICATION.
    Notification(Event<'a>),
    /// REPONSE_NOTIFICATION.
    NotificationReply,
    /// RELAIS.
    Relay {
        /// The id of the one the text is for.
        to: u8,
        /// What is said. At most 65,535 bytes.
        text: Cow<'a, str>,
        /// As for [`Body::Text`].
        order: Option<u8>,
    },
    /// ERREUR.
    Error {
        /// The type of the refused request, 0..=31: it may be one that no message has.
        refused: u8,
        /// Why.
        code: ErrorCode,
        /// Why, in words; at most 255 bytes.
        reason: Cow<'a, str>,
    },
}

impl Body<'_> {
    /// The type of the message.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Connect { .. } => Kind::Connect,
            Self::ConnectReply(_) => Kind::ConnectReply,
            Self::CreateRoom { .. } => Kind::CreateRoom,
            Self::CreateRoomReply { .. } => Kind::CreateRoomReply,
            Self::ListRooms => Kind::ListRooms,
            Self::RoomList(_) => Kind::RoomList,
            Self::JoinRoom { .. } => Kind::JoinRoom,
            Self::JoinRoomReply(_) => Kind::JoinRoomReply,
            Self::ListUsers { .. } => Kind::ListUsers,
            Self::UserList(_) => Kind::UserList,
            Self::Invite { .. } => Kind::Invite,
            Self::InviteReply => Kind::InviteReply,
            Self::Offer { .. } => Kind::Offer,
            Self::OfferReply { .. } => Kind::OfferReply,
            Self::Text { .. } => Kind::Text,
            Self::TextReply => Kind::TextReply,
            Self::SwitchRoom { .. } => Kind::SwitchRoom,
            Self::SwitchRoomReply(_) => Kind::SwitchRoomReply,
            Self::LeaveRoom => Kind::LeaveRoom,
            Self::LeaveRoomReply { .. } => Kind::LeaveRoomReply,
            Self::Disconnect => Kind::Disconnect,
            Self::DisconnectReply { .. } => Kind::DisconnectReply,
            Self::Hello { .. } => Kind::Hello,
            Self::HelloReply { .. } => Kind::HelloReply,
            Self::Directory { .. } => Kind::Directory,
            Self::DirectoryReply(_) => Kind::DirectoryReply,
            Self::Notification(_) => Kind::Notification,
            Self::NotificationReply => Kind::NotificationReply,
            Self::Relay { .. } => Kind::Relay,
            Self::Error { .. } => Kind::Error,
        }
    }

    /// The same data, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Body<'static> {
        IntoOwned::into_owned(self)
    }
}
