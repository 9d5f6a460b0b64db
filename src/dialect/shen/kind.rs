//! The twenty-nine types of message and their four formats.
//!
//! In: the 8 bits of TYPE. Out: [`Kind`], [`Format`]. Must not know what the messages carry.

use crate::dialect::codes::codes;

codes! {
    /// A type of message. Which of them ask and which answer depends on who sends them (S5).
    pub enum Kind {
        /// A client registers under a name.
        Connect = 1, "Connexion";
        /// The name cannot be had; also: nobody is registered at this address.
        ConnectRefused = 2, "ConnexionInvalide";
        /// A client leaves the server.
        Disconnect = 3, "Déconnexion";
        /// Ask who is on the server.
        ListUsers = 4, "Demande de liste";
        /// Yes: one comes, admits or agrees.
        Accept = 5, "Accepter une invitation";
        /// No.
        Decline = 6, "Refuser une invitation";
        /// Go back to the public room.
        Leave = 7, "Quitter une messagerie";
        /// Ask to be let into a private room; the text is its name.
        Join = 8, "Demander de participer à une messagerie privée";
        /// The manager ends his room.
        Dissolve = 9, "Dissoudre une messagerie privée";
        /// Done, received; the text may say more.
        Ack = 10, "ACK";
        /// As [`Kind::NoSuchReceiver`]; it is understood, never sent.
        NoSuchUser = 11, "EnvoieInvalide (11)";
        /// The two modes a new room can have.
        ModeOffer = 12, "Offrir deux modes";
        /// Ask how many private rooms there are.
        CountRooms = 13, "Compter les messageries privées";
        /// The invitation led to a room, or one is admitted.
        Granted = 14, "InvitationValide";
        /// It did not: refused, taken, not allowed.
        Denied = 15, "InvitationInvalide";
        /// Ask how many people are in one's room.
        CountMembers = 16, "Compter les clients de la messagerie";
        /// One's private room is closed.
        Closed = 17, "Serveur ferme une messagerie";
        /// Nobody has this handle, or no room this name.
        NoSuchReceiver = 18, "EnvoieInvalide";
        /// The one meant is in another room: private means private (S12).
        Elsewhere = 19, "Client privé reçoit un message public";
        /// The room has ended.
        Ended = 20, "Messagerie privée se termine";
        /// The room is full.
        RoomFull = 21, "Nombre de clients supérieur à la limitation";
        /// Somebody says something.
        Send = 22, "Envoyer un message";
        /// The server passes a text on, asks a question or says something itself.
        Relay = 23, "Serveur diffuse un message";
        /// An invitation: by names to the server, by words to the one invited.
        Invite = 24, "Invitation à une messagerie privée";
        /// The mode of the new room.
        ChooseMode = 25, "Choisir une mode de serveur";
        /// Another mode for a room that exists.
        ChangeMode = 26, "Changer la mode de serveur";
        /// A name for the new room.
        NameRoom = 27, "Créer un nom pour une messagerie";
        /// Another name for the room one is in.
        RenameRoom = 28, "Changer nom de messagerie";
        /// Who is on the server.
        UserList = 29, "Liste d'utilisateur";
    }
}

/// What stands between header and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Nothing.
    Plain,
    /// Who speaks, and to whom.
    Speech,
    /// A room: private or not, its mode, its handle.
    Room,
    /// Entries of a list.
    List,
}

impl Kind {
    /// Its format.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::Send | Self::Relay => Format::Speech,
            Self::Invite | Self::ChooseMode | Self::ChangeMode | Self::NameRoom | Self::RenameRoom => {
                Format::Room
            }
            Self::UserList => Format::List,
            _ => Format::Plain,
        }
    }
}
