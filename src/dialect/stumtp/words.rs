//! Every sentence that a server says about frames and sessions; the rest is the language of Stories.
//!
//! In: what is wrong. Out: French as plain as that of the original. Must not know when a sentence is due.

use crate::wire::{Fault, Malformed};

/// No session has this token, or not any more (U5).
pub const NO_SESSION: &str = "cette session n'existe pas";
/// There is no session for a message with a number: its LOGIN had none, or there was none yet.
pub const NO_NUMBERS: &str = "pas de session : LOGIN avec l'identifiant 0 d'abord";
/// A number came before the one that is next (U2).
pub const GAP: &str = "il manque un message";
/// An acknowledgement of what was never sent (U2).
pub const NEVER_SENT: &str = "acquittement d'un message jamais envoyé";
/// An answer that no message can hold (U7).
pub const ANSWER_TOO_LONG: &str = "la réponse est trop longue";
/// A message that is longer than it may be (U7).
pub const TOO_LONG: &str = "message trop long";

/// What keeps a unit from being a frame (U1, U7).
#[must_use]
pub const fn refused(why: Malformed) -> &'static str {
    match why.fault {
        Fault::NotUtf8 => "ce n'est pas de l'UTF-8",
        Fault::Leftover { .. } => TOO_LONG,
        Fault::TooWide { .. } => "identifiant trop grand",
        _ => match why.field.as_bytes() {
            b"text" => "le texte contient un octet 1, 2, 3 ou 6",
            _ => "en-tête mal formé",
        },
    }
}
