//! Every sentence that a server says in this protocol.
//!
//! In: names and numbers. Out: French as plain as that of the specification; where it gives a sentence, that one, with its
//! spelling. Must not know when a sentence is due.

/// With 2: somebody has the name, or it belongs to another address (S7).
pub const NAME_TAKEN: &str = "nom de client deja utilise";
/// With 2: the name breaks the rules (S15).
pub const BAD_NAME: &str = "nom de client invalide";
/// With 2: there is no free handle (S3).
pub const SERVER_FULL: &str = "nombre de client est supérieur au limitation du serveur";
/// With 18: nobody has this handle or name.
pub const NO_SUCH_RECEIVER: &str = "nom de recepteur n'existe pas";
/// With 18: no room has this name.
pub const NO_SUCH_ROOM: &str = "nom de messagerie n'existe pas";
/// With 12: the offer of the modes (S8).
pub const MODES: &str = "centralise ou decentralise";
/// With 23: the question to all others whether the mode may change (S10).
pub const VOTE: &str = "manager change la mode vous êtes d'accord ?";
/// With 10: yes to such a question (S9, S10).
pub const AGREED: &str = "je suis d'accord";
/// With 17: one member was left (S11).
pub const ALONE: &str = "fermer cette messagerie car il reste seule personne";
/// With 17: the manager has ended the room (S11).
pub const DISSOLVED: &str = "manager dissou cette messagerie privée";
/// With 19: the one meant is in another room (S12).
pub const ELSEWHERE: &str = "Client privé reçoit un message public";
/// With 20: the room has ended.
pub const ENDED: &str = "Messagerie se termine losqu'il y a plus de clients";
/// With 21: the room is full.
pub const ROOM_FULL: &str = "Nombre de client est supérieur au limitation de nombre de groupe";
/// With 23: the manager has left, and one manages the room now (S11).
pub const MANAGER: &str = "vous êtes manager de cette messagerie maintenant";
/// With 23: one's answer came too late, or the invitation was withdrawn.
pub const INVITATION_OVER: &str = "cette invitation n'est plus ouverte";
/// With 23: the server stops.
pub const STOPPING: &str = "le serveur s'arrête";

/// Whether an ACK's text says yes to a question; any other text says no, and none at all says nothing (S9).
#[must_use]
pub fn is_agreement(text: &str) -> bool {
    text == AGREED
}

/// With 24: an invitation (S8).
#[must_use]
pub fn invited(by: &str) -> String {
    format!("{by} vous invite messagerie")
}

/// With 23: the question to a manager whether somebody may come in (S9).
#[must_use]
pub fn asks_to_enter(name: &str) -> String {
    format!("{name} demande d'entrer")
}

/// With 10: one is in (S9).
#[must_use]
pub fn welcome(name: &str) -> String {
    format!("Bienvenue {name}")
}

/// With 23: somebody came into the room one manages, and one was not asked (S9).
#[must_use]
pub fn joined(name: &str) -> String {
    format!("{name} entre dans cette messagerie")
}

/// With 23: somebody declined one's invitation, or let it run out.
#[must_use]
pub fn does_not_come(name: &str) -> String {
    format!("{name} ne vient pas")
}

/// With 23: one's room has another name (S11).
#[must_use]
pub fn renamed(room: &str) -> String {
    format!("cette messagerie s'appelle {room} maintenant")
}

/// With 23: texts for one were dropped.
#[must_use]
pub fn dropped(texts: u64) -> String {
    match texts {
        1 => "1 message pour vous est perdu".into(),
        _ => format!("{texts} messages pour vous sont perdus"),
    }
}
