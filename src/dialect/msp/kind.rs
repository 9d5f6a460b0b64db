//! The thirty types of message.
//!
//! In: the 5 bits of TYPE. Out: [`Kind`]. Must not know what the messages carry.

use crate::dialect::codes::codes;

codes! {
    /// A type of message: odd numbers ask, even numbers answer (M1). 0 and 31 are reserved.
    pub enum Kind {
        /// A client registers under a name, or says that it is still there.
        Connect = 1, "CONNEXION";
        /// The id that the client is given, or that it is still known.
        ConnectReply = 2, "REPONSE_CONNEXION";
        /// Make a private room.
        CreateRoom = 3, "CREER_MESSAGERIE_PRIVEE";
        /// Whether the room was made.
        CreateRoomReply = 4, "REPONSE_CREER_MESSAGERIE_PRIVEE";
        /// Ask which private rooms there are.
        ListRooms = 5, "DEMANDER_LISTE_MESSAGERIE";
        /// The private rooms.
        RoomList = 6, "REPONSE_DEMANDER_LISTE_MESSAGERIE";
        /// Move into a private room.
        JoinRoom = 7, "DEMANDE_ACCES_MESSAGERIE_PRIVEE";
        /// Whether one is in, and how to reach the others.
        JoinRoomReply = 8, "REPONSE_ACCES_MESSAGERIE_PRIVEE";
        /// Ask who is in a room, or on the server.
        ListUsers = 9, "DEMANDER_LISTE_CLIENT";
        /// The names of those who are there.
        UserList = 10, "REPONSE_DEMANDER_LISTE_CLIENT";
        /// Ask somebody into one's private room.
        Invite = 11, "INVITER_MESSAGERIE_PRIVEE";
        /// The invitation will be passed on.
        InviteReply = 12, "REPONSE_INVITER_MESSAGERIE_PRIVEE";
        /// The server passes an invitation on.
        Offer = 13, "DEMANDE_MESSAGERIE_PRIVEE";
        /// Whether the one invited comes.
        OfferReply = 14, "REPONSE_MESSAGERIE_PRIVEE";
        /// Somebody says something.
        Text = 15, "TEXTE";
        /// A text has arrived.
        TextReply = 16, "REPONSE_TEXTE";
        /// Move from one private room into another.
        SwitchRoom = 17, "CHANGER_MESSAGERIE";
        /// As [`Kind::JoinRoomReply`].
        SwitchRoomReply = 18, "REPONSE_CHANGER_MESSAGERIE";
        /// Go back to the public room.
        LeaveRoom = 19, "QUITTER_MESSAGERIE_PRIVEE";
        /// Whether one has left.
        LeaveRoomReply = 20, "REPONSE_QUITTER_MESSAGERIE_PRIVEE";
        /// Leave the server.
        Disconnect = 21, "DECONNEXION";
        /// Whether one has left.
        DisconnectReply = 22, "REPONSE_DECONNEXION";
        /// A client says which extensions it has.
        Hello = 23, "BONJOUR";
        /// The extensions that both have.
        HelloReply = 24, "REPONSE_BONJOUR";
        /// Ask for the names behind ids.
        Directory = 25, "DEMANDER_ANNUAIRE";
        /// Ids and names.
        DirectoryReply = 26, "REPONSE_ANNUAIRE";
        /// Something happened in one's room.
        Notification = 27, "NOTIFICATION";
        /// A notification has arrived.
        NotificationReply = 28, "REPONSE_NOTIFICATION";
        /// A text to be passed to one fellow member; answered by [`Kind::TextReply`].
        Relay = 29, "RELAIS";
        /// A request was refused; the answer to any that has no status of its own.
        Error = 30, "ERREUR";
    }
}

impl Kind {
    /// Whether it wants an answer, and so is sent again until one comes (M1, M13).
    #[inline]
    #[must_use]
    pub const fn is_request(self) -> bool {
        self.code() & 1 == 1
    }

    /// What answers it when all goes well; `None` for what is an answer itself. [`Kind::Error`] may come instead.
    #[inline]
    #[must_use]
    pub const fn response(self) -> Option<Self> {
        match self {
            Self::Relay => Some(Self::TextReply),
            request if request.is_request() => Self::from_code(request.code() + 1),
            _ => None,
        }
    }
}
