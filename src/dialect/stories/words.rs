//! Every sentence that a server says in this language.
//!
//! In: names and numbers. Out: French as plain as that of the original. Must not know when a sentence is due.

use super::style::Fault;
use crate::vocab::{Mode, Refusal};

/// Somebody has the name (B3).
pub const NAME_TAKEN: &str = "ce nom est déjà pris";
/// The name breaks the rules (B3).
pub const BAD_NAME: &str = "nom invalide : 1 à 32 octets, sans barre ni caractère de contrôle";
/// Nobody has signed in on this connection.
pub const SIGN_IN_FIRST: &str = "LOGIN d'abord";
/// Nobody has signed in on this connection in time (B1).
pub const TOO_LATE: &str = "pas de LOGIN à temps";
/// There are too many connections.
pub const FULL: &str = "trop de connexions";
/// One has signed in already.
pub const SIGNED_IN: &str = "vous êtes déjà connecté";
/// The name in a command is another's (B3).
pub const NOT_YOUR_NAME: &str = "ce n'est pas votre nom";
/// The room in a command is not the one the speaker is in (B3).
pub const NOT_YOUR_ROOM: &str = "vous n'êtes pas dans cette room";
/// A text without words.
pub const NOTHING_SAID: &str = "message vide";
/// A text that is longer than it may be.
pub const TEXT_TOO_LONG: &str = "message trop long";
/// What was meant for a room that has just closed stays unsaid (B10).
pub const JUST_MOVED: &str = "message non envoyé : votre room vient de changer";
/// A command that this language does not have (B8).
pub const UNKNOWN: &str = "commande inconnue";
/// A frame that is not UTF-8 (B1).
pub const NOT_UTF8: &str = "ce n'est pas de l'UTF-8";
/// A frame that is longer than it may be (B1).
pub const FRAME_TOO_LONG: &str = "trame trop longue";
/// The server stops.
pub const STOPPING: &str = "le serveur s'arrête";

/// Why a text is no command.
#[must_use]
pub fn fault(fault: Fault) -> String {
    match fault {
        Fault::Empty => "commande vide".into(),
        Fault::NoCommand => UNKNOWN.into(),
        Fault::Unterminated => "il manque un guillemet".into(),
        Fault::Unquoted => "les arguments sont entre guillemets".into(),
        Fault::Arguments { wanted: 1 } => "il faut 1 argument".into(),
        Fault::Arguments { wanted } => format!("il faut {wanted} arguments"),
    }
}

/// Why something was not done.
#[must_use]
pub const fn refused(why: Refusal) -> &'static str {
    match why {
        Refusal::BadName => BAD_NAME,
        Refusal::NameTaken => NAME_TAKEN,
        Refusal::TooManyRooms => "trop de rooms",
        Refusal::NoSuchRoom => "cette room n'existe pas",
        Refusal::RoomFull => "cette room est pleine",
        Refusal::NoSuchUser => "cet utilisateur n'existe pas",
        Refusal::NotToldYet => JUST_MOVED,
        _ => "refusé",
    }
}

/// Somebody came onto the server.
#[must_use]
pub fn arrived(name: &str) -> String {
    format!("{name} a rejoint le chat")
}

/// Somebody has left the server (B2).
#[must_use]
pub fn departed(name: &str) -> String {
    format!("{name} a quitté le chat")
}

/// Somebody came into a room (B2).
#[must_use]
pub fn joined(name: &str, room: &str) -> String {
    format!("{name} a rejoint la room {room}")
}

/// Somebody has left a room (B2).
#[must_use]
pub fn left(name: &str, room: &str) -> String {
    format!("{name} a quitté la room {room}")
}

/// One's room has closed, and one is in that one now.
#[must_use]
pub fn closed(room: &str, now: &str) -> String {
    format!("la room {room} est fermée, vous êtes dans la room {now}")
}

/// Somebody asks one into a room.
#[must_use]
pub fn invited(by: &str, room: &str) -> String {
    format!("{by} vous invite dans la room {room}")
}

/// Somebody declined one's invitation, or let it run out.
#[must_use]
pub fn does_not_come(name: &str) -> String {
    format!("{name} ne vient pas")
}

/// One could not come into a room.
#[must_use]
pub fn could_not_join(room: &str, why: Refusal) -> String {
    format!("vous ne pouvez pas rejoindre la room {room} : {}", refused(why))
}

/// The members are asked how the texts of their room shall travel; one cannot answer, and counts as agreeing.
#[must_use]
pub fn vote(mode: Mode) -> String {
    format!("vote : passer cette room en mode {} ? qui reste 60 s est d'accord", way(mode))
}

/// The texts of one's room travel another way.
#[must_use]
pub fn mode_changed(mode: Mode) -> String {
    format!("cette room est en mode {} maintenant", way(mode))
}

/// One's room has another name.
#[must_use]
pub fn renamed(room: &str) -> String {
    format!("cette room s'appelle {room} maintenant")
}

const fn way(mode: Mode) -> &'static str {
    match mode {
        Mode::Central => "centralisé",
        Mode::Direct => "décentralisé",
    }
}
