//! The seventeen types of message, and what an ERROR is about.
//!
//! In: the number in the first four bytes. Out: [`Kind`], [`ErrorCode`]. Must not know what the messages carry.

use crate::dialect::codes::codes;

codes! {
    /// A type of message.
    pub enum Kind {
        /// What somebody did cannot be done.
        Error = 0, "ERROR";
        /// A client asks for a name.
        Connect = 1, "COREQ";
        /// Whether he has it.
        Connected = 2, "CORES";
        /// Somebody is here now.
        Arrived = 3, "CONOTIF";
        /// A text for everybody.
        Say = 4, "MSG";
        /// The same, with its author, to everybody.
        Said = 5, "MSGBC";
        /// Somebody is gone.
        Left = 6, "DISCONOTIF";
        /// A client asks for a private connection.
        Ask = 7, "PVCOREQ";
        /// Somebody asks one for a private connection.
        Asked = 8, "PVCOREQNOTIF";
        /// He may.
        Accept = 9, "PVCOACC";
        /// Where the one who asked waits for the other.
        Offer = 10, "PVCOPORT";
        /// To the one who asked: from where the other will come.
        Expect = 11, "PVCOESTASRC";
        /// To the one who accepted: where to go.
        Meet = 12, "PVCOESTADST";
        /// A text between two clients.
        Private = 13, "PVMSG";
        /// A file between two clients; its bytes follow.
        File = 14, "PVFILE";
        /// A client leaves.
        SignOut = 15, "DISCO";
        /// A client ends a private connection.
        PrivateSignOut = 16, "PVDISCO";
    }
}

codes! {
    /// What an ERROR is about.
    pub enum ErrorCode {
        /// Anything else.
        Unknown = 0, "unknown";
        /// The user who is named is not there.
        NotConnected = 1, "user not connected";
        /// The user who is named asked for nothing.
        NotAsked = 2, "user did not ask for a private connection";
    }
}

impl Kind {
    /// The type with this number on the wire; `None` when there is none.
    #[must_use]
    pub fn of(number: i32) -> Option<Self> {
        u8::try_from(number).ok().and_then(Self::from_code)
    }

    /// The type that some bytes begin with; `None` when that is none, or there are fewer than four.
    #[must_use]
    pub fn peek(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().and_then(|number| Self::of(i32::from_be_bytes(*number)))
    }
}
