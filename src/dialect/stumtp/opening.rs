//! What opens a connection, and its answer: the texts outside the numbering (U5).
//!
//! In: a text, or a token. Out: the token, or the text. Must not know what a token is good for. LOGIN is a command of
//! Stories.

/// What continues a session.
#[must_use]
pub fn resume(token: &str) -> String {
    format!("{RESUME} \"{token}\"")
}

/// The token of the session that this text wants to continue; `None` when it is another command. The token may be
/// anything that needs no escape.
#[must_use]
pub fn resumed(text: &str) -> Option<&str> {
    token(text, RESUME)
}

/// What answers a LOGIN or a RESUME that succeeded.
#[must_use]
pub fn session(token: &str) -> String {
    format!("{SESSION} \"{token}\"")
}

/// The token of the session that has begun or goes on; `None` when the text says something else.
#[must_use]
pub fn begun(text: &str) -> Option<&str> {
    token(text, SESSION)
}

const RESUME: &str = "RESUME";
const SESSION: &str = "SESSION";

/// The one argument of this command, in either style of Stories and in any letter case.
fn token<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let (before, after) = text.split_at(text.find(['"', '|', ' ']).unwrap_or(text.len()));
    if !before.eq_ignore_ascii_case(word) {
        return None;
    }
    let argument = after.trim();
    let argument = argument.strip_prefix('|').unwrap_or(argument);
    Some(argument.strip_prefix('"').and_then(|argument| argument.strip_suffix('"')).unwrap_or(argument))
}
