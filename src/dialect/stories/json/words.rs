//! Every sentence for people in a JSON message, or about a file.
//!
//! In: names and numbers. Out: French as plain as that of the original. Must not know when a sentence is due.

/// There is no such file in one's room (B5).
pub const NO_SUCH_FILE: &str = "Fichier introuvable";
/// The bytes that are kept are not those that were sent (B5).
pub const DAMAGED: &str = "Fichier endommagé";
/// The name of a file breaks the rules (B11).
pub const BAD_FILE_NAME: &str = "nom de fichier invalide : 1 à 255 octets, sans caractère de contrôle";
/// A file is too large (B5).
pub const FILE_TOO_LARGE: &str = "fichier trop grand";
/// A message is too long for the one it is for, or more than its kind may be (B11).
pub const TOO_LONG: &str = "message trop long";
/// Files cannot be kept at the moment.
pub const STORE_FAILS: &str = "les fichiers ne peuvent pas être gardés";
/// Too much of files is on its way to others (B11).
pub const FILES_ON_THE_WAY: &str = "trop de fichiers en cours d'envoi, réessayez plus tard";
/// The room is not the one the sender is in (B5, B6).
pub const NOT_YOUR_ROOM: &str = "vous n'êtes pas dans cette room";
/// Nobody of this protocol has this name.
pub const NO_SUCH_USER: &str = "cet utilisateur n'existe pas ou parle un autre protocole";
/// One asks oneself.
pub const YOURSELF: &str = "c'est vous-même";
/// There are only the actions VOTE and CONFIRM (B6).
pub const NO_SUCH_ACTION: &str = "action inconnue : VOTE ou CONFIRM";
/// A time limit that is none.
pub const BAD_TIMEOUT: &str = "timeout invalide";
/// One's other sequence is open (B6).
pub const BUSY: &str = "une autre séquence est en cours";
/// No such sequence is open (B6).
pub const NO_SUCH_SEQUENCE: &str = "séquence inconnue ou terminée";
/// A sequence is for others (B6).
pub const NOT_ASKED: &str = "cette séquence ne vous concerne pas";
/// One has voted (B6).
pub const VOTED: &str = "vous avez déjà voté";
/// Several have begun a sequence of this `seq` (B6).
pub const AMBIGUOUS: &str = "plusieurs séquences ont ce seq : il faut from";
/// One's vote ends because one leaves the room (B6).
pub const CANCELLED: &str = "séquence annulée : vous avez quitté la room";
/// One has asked this already (B7).
pub const ASKED: &str = "une demande attend déjà";
/// Nobody has asked this (B7).
pub const NO_SUCH_OFFER: &str = "aucune demande de cet utilisateur";
/// The token opens nothing (B7).
pub const BAD_TOKEN: &str = "token inconnu ou déjà utilisé";
/// The two have a connection of their own, or still try (B7).
pub const NOT_RELAYED: &str = "la connexion directe n'a pas échoué";
/// This message is for the other client (B7).
pub const NOT_FOR_SERVERS: &str = "P2P_HELLO est pour l'autre client";

/// How many characters of a file's name people of other protocols are shown.
const SHOWN: usize = 60;

/// Told to people of other protocols: somebody has sent a file (B5).
#[must_use]
pub fn sent_a_file(name: &str, file: &str, size: u64) -> String {
    format!("{name} a envoyé le fichier {} ({size} octets)", shown(file))
}

/// The same where a server speaks English.
#[must_use]
pub fn sent_a_file_in_english(name: &str, file: &str, size: u64) -> String {
    format!("{name} has sent the file {} ({size} bytes)", shown(file))
}

fn shown(file: &str) -> String {
    let more = if file.chars().count() > SHOWN { "…" } else { "" };
    file.chars().take(SHOWN).chain(more.chars()).collect()
}
