//! Every field of MSP's data, with its name and its width. The header's stand in `header.rs`; the lists have them too.
//!
//! In: nothing. Out: constants that decode, encode and the dissector share. The width of a string is that of a byte.

use super::header::{ID_USER, NUM_SEQ, TYPE};
use crate::wire::Field;

/// The name of a user, ended by '#'.
pub(super) const USER_NAME: Field = Field::new("USER_NAME", 8);
/// The name of a room, ended by '#'.
pub(super) const ROOM_NAME: Field = Field::new("NOM_MESSAGERIE", 8);
/// How a registration went.
pub(super) const REGISTER_STATUS: Field = Field::new("STATUT_INSCRIPTION", 2);
/// The id of the user the data speak of.
pub(super) const USER: Field = Field::new("ID_USER", 8);
/// Whether a keep-alive found its client unknown.
pub(super) const KEEP_ALIVE_ERROR: Field = Field::new("STATUT_CONNEXION", 1);
/// How the texts of a room travel: 0 centralised, 1 decentralised.
pub(super) const MODE: Field = Field::new("MODE", 1);
/// The most members a room may have.
pub(super) const CAPACITY: Field = Field::new("NUM_MAX", 8);
/// How the making of a room went.
pub(super) const CREATE_STATUS: Field = Field::new("STATUT_CREATION", 2);
/// The number of a room, 0 when it was not made.
pub(super) const ROOM: Field = Field::new("ID_MESSAGERIE", 8);
/// How many rooms follow.
pub(super) const ROOM_COUNT: Field = Field::new("NUM_MESSAGERIE", 8);
/// How many users follow, or are in a room.
pub(super) const USER_COUNT: Field = Field::new("NUM_CLIENT", 8);
/// How a move into a room went.
pub(super) const ACCESS_STATUS: Field = Field::new("STATUT_ACCES", 2);
/// How many peers follow.
pub(super) const PEER_COUNT: Field = Field::new("NOMBRE_CLIENTS", 8);
/// The address of a peer.
pub(super) const IPV4: Field = Field::new("IP_ADRESS", 32);
/// The UDP port of a peer.
pub(super) const PORT: Field = Field::new("PORT_NUMBER", 16);
/// Whether an invitation is declined.
pub(super) const DECLINED: Field = Field::new("REPONSE", 1);
/// How many bytes of text follow.
pub(super) const TEXT_LENGTH: Field = Field::new("CHAT_LONGUEUR", 16);
/// What is said.
pub(super) const TEXT: Field = Field::new("CHAT", 8);
/// The place of a text among its author's (M18).
pub(super) const ORDER: Field = Field::new("ORDRE", 8);
/// Whether a member could not leave.
pub(super) const LEAVE_REFUSED: Field = Field::new("STATUT_EXIT", 1);
/// Whether a client could not leave.
pub(super) const DISCONNECT_REFUSED: Field = Field::new("STATUT_DECONNEXION", 1);
/// The version of the extensions.
pub(super) const VERSION: Field = Field::new("VERSION", 8);
/// The extensions.
pub(super) const CAPABILITIES: Field = Field::new("CAPACITES", 16);
/// How many entries of the directory follow.
pub(super) const DIRECTORY_COUNT: Field = Field::new("NUM", 8);
/// What happened.
pub(super) const EVENT: Field = Field::new("EVENEMENT", 5);
/// To whom a text is to be passed.
pub(super) const RECIPIENT: Field = Field::new("DESTINATAIRE", 8);
/// The type of the request that is refused.
pub(super) const REFUSED_TYPE: Field = Field::new("TYPE_REFUSE", 5);
/// Why it is refused.
pub(super) const ERROR_CODE: Field = Field::new("CODE", 8);
/// How many bytes of reason follow.
pub(super) const REASON_LENGTH: Field = Field::new("RAISON_LONGUEUR", 8);
/// Why, in words.
pub(super) const REASON: Field = Field::new("RAISON", 8);

/// What the two values of MODE mean, in their order.
pub const MODE_WORDS: [&str; 2] = ["centralised", "decentralised"];

/// Every field that holds a number, for those who describe the protocol elsewhere. ID_USER is the same in the header and
/// in the data.
pub const NUMBERS: &[Field] = &[
    TYPE,
    ID_USER,
    NUM_SEQ,
    REGISTER_STATUS,
    KEEP_ALIVE_ERROR,
    MODE,
    CAPACITY,
    CREATE_STATUS,
    ROOM,
    ROOM_COUNT,
    USER_COUNT,
    ACCESS_STATUS,
    PEER_COUNT,
    IPV4,
    PORT,
    DECLINED,
    TEXT_LENGTH,
    ORDER,
    LEAVE_REFUSED,
    DISCONNECT_REFUSED,
    VERSION,
    CAPABILITIES,
    DIRECTORY_COUNT,
    EVENT,
    RECIPIENT,
    REFUSED_TYPE,
    ERROR_CODE,
    REASON_LENGTH,
];
/// Every field that holds a string.
pub const STRINGS: &[Field] = &[USER_NAME, ROOM_NAME, TEXT, REASON];
