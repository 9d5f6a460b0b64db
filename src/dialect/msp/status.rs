//! Statuses, error codes and capabilities: small numbers that say how something went.
//!
//! In: a number from the wire. Out: its meaning. Must not know which message it was in.

use core::fmt;

use crate::dialect::codes::codes;

codes! {
    /// STATUT_INSCRIPTION: how a registration went.
    pub enum RegisterStatus {
        /// The id beside it is the client's.
        Accepted = 0, "accepted";
        /// The name breaks the rules (M3).
        InvalidName = 1, "USER_NAME_INVALIDE";
        /// Somebody else has the name (M4).
        NameTaken = 2, "USER_NAME_EXISTANT";
        /// There is no free id (M5).
        ServerFull = 3, "server full";
    }
}

codes! {
    /// STATUT_CREATION: how the making of a room went.
    pub enum CreateStatus {
        /// The room exists.
        Created = 0, "CREATION_VALIDEE";
        /// The name breaks the rules (M3).
        InvalidName = 1, "NOM_MESSAGERIE_ERREUR";
        /// There is a room of this name.
        NameTaken = 2, "NOM_MESSAGERIE_EXISTANT";
        /// A room for fewer than two (M7).
        CapacityTooSmall = 3, "NUM_MAX_PETIT";
    }
}

codes! {
    /// STATUT_ACCES: how a move into a room went. The fourth value of its two bits is reserved.
    pub enum AccessStatus {
        /// One is in.
        Joined = 0, "ACCES_REUSSI";
        /// There is no such room.
        NoSuchRoom = 1, "NOM_MESSAGERIE_INEXISTANT";
        /// The room has as many members as it may.
        RoomFull = 2, "MAX_CLIENT_ATTEINT";
    }
}

codes! {
    /// EVENEMENT: what sort of event a NOTIFICATION tells of (M12). The other values of its five bits are reserved.
    pub enum EventKind {
        /// Somebody came into one's room.
        Joined = 1, "member joined";
        /// Somebody left one's room.
        Left = 2, "member left";
        /// One's room is no more.
        Closed = 3, "room closed";
        /// The texts of one's room travel in another way now.
        ModeChanged = 4, "mode changed";
        /// One's room has another name now.
        Renamed = 5, "room renamed";
        /// An invitation one made was declined.
        Declined = 6, "invitation declined";
        /// The server stops.
        Stopping = 7, "server stops";
    }
}

/// CODE of an ERREUR. Values without a meaning are kept: a later version may give them one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub u8);

impl ErrorCode {
    /// TYPE is 0, 31 or one that the receiver does not serve.
    pub const UNKNOWN_TYPE: Self = Self(1);
    /// The datagram does not decode (M3).
    pub const MALFORMED: Self = Self(2);
    /// ID_USER is not registered from this address (M4).
    pub const NOT_REGISTERED: Self = Self(3);
    /// Nobody has this name or id.
    pub const NO_SUCH_USER: Self = Self(4);
    /// The request is for members of a private room (M9).
    pub const NOT_IN_PRIVATE_ROOM: Self = Self(5);
    /// The text is longer than the receiver takes.
    pub const TEXT_TOO_LONG: Self = Self(6);
    /// More requests than the receiver serves (M15).
    pub const TOO_MANY_REQUESTS: Self = Self(7);
    /// The sender may not do this.
    pub const NOT_ALLOWED: Self = Self(8);
    /// A number is out of its range (M7).
    pub const OUT_OF_RANGE: Self = Self(9);

    /// What it means, for people; `None` for a value without a meaning.
    #[must_use]
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self {
            Self::UNKNOWN_TYPE => "unknown type",
            Self::MALFORMED => "malformed",
            Self::NOT_REGISTERED => "not registered",
            Self::NO_SUCH_USER => "no such user",
            Self::NOT_IN_PRIVATE_ROOM => "not in a private room",
            Self::TEXT_TOO_LONG => "text too long",
            Self::TOO_MANY_REQUESTS => "too many requests",
            Self::NOT_ALLOWED => "not allowed",
            Self::OUT_OF_RANGE => "value out of range",
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(words) => f.write_str(words),
            None => write!(f, "error {}", self.0),
        }
    }
}

/// CAPACITES: the extensions a side has. Bits without a meaning are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(pub u16);

impl Capabilities {
    /// It understands NOTIFICATION (M12).
    pub const NOTIFICATIONS: Self = Self(0x0001);
    /// It understands the directory.
    pub const DIRECTORY: Self = Self(0x0002);
    /// It understands RELAIS (M11).
    pub const RELAY: Self = Self(0x0004);
    /// Its texts carry ORDRE (M18).
    pub const PIPELINING: Self = Self(0x0008);

    /// Those that have a meaning, with their names.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::NOTIFICATIONS, "notifications"),
        (Self::DIRECTORY, "directory"),
        (Self::RELAY, "relay"),
        (Self::PIPELINING, "pipelining"),
    ];

    /// Whether all of `others` are among these.
    #[must_use]
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// What both sides have.
    #[must_use]
    pub const fn common(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// What either side has.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl fmt::Display for Capabilities {
    /// The names of the bits that are set, `none` when there are none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (bit, name) in Self::NAMES {
            if self.has(bit) {
                write!(f, "{between}{name}")?;
                between = ", ";
            }
        }
        let known = Self::NAMES.iter().fold(Self(0), |all, (bit, _)| all.with(*bit));
        match self.0 & !known.0 {
            0 if self.0 == 0 => f.write_str("none"),
            0 => Ok(()),
            unknown => write!(f, "{between}0x{unknown:04x}"),
        }
    }
}
