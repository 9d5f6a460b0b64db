//! What a person means by a line, in the protocols over TCP.
//!
//! In: one line as it was typed, the protocol. Out: something to say, a [`Command`], or why it is neither. Must not know
//! the state of a session.

use std::path::PathBuf;

use palabre::client::stream::Protocol;
use palabre::dialect::{matou, stories};

use crate::commands::chat::typing::{Line, unquoted};

/// What a person may want besides talking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Rooms,
    Join(String),
    Leave,
    Send { path: PathBuf, to: Option<String> },
    Get(String),
    Vote(String),
    Answer { which: Which, accept: bool },
    Open(String),
    Close(String),
    Tell { user: String, text: String },
    Who,
    Help,
    Quit,
}

/// Which question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Latest,
    Number(u64),
    Of(String),
}

/// Whether somebody can be called so.
pub(super) fn is_user_name(protocol: Protocol, text: &str) -> bool {
    match protocol {
        Protocol::Matou => matou::is_name(text),
        Protocol::Stories | Protocol::Stumtp => stories::is_name(text),
    }
}

/// What the name of somebody has to be.
pub(super) const fn user_rule(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Matou => "1 to 32 bytes, letters and digits only",
        Protocol::Stories | Protocol::Stumtp => "1 to 32 bytes without '|' and control characters",
    }
}

/// Reads a line without its end.
pub(super) fn read(protocol: Protocol, line: &str) -> Line<Command> {
    Line::read(line, |word, arguments| command(protocol, word, arguments))
}

fn command(protocol: Protocol, word: &str, arguments: &str) -> Result<Command, String> {
    if let Some(instead) = instead_of(protocol, word) {
        return Err(instead.into());
    }
    let answer = |accept| Ok(Command::Answer { which: which(protocol, arguments), accept });
    match word {
        "rooms" => nothing(arguments, Command::Rooms),
        "join" => Ok(Command::Join(room(arguments)?)),
        "leave" => nothing(arguments, Command::Leave),
        "file" if protocol == Protocol::Matou => {
            let (user, path) = user_and(arguments, "write /file USER PATH")?;
            Ok(Command::Send { path: as_path(path).into(), to: Some(user) })
        }
        "file" => Ok(Command::Send { path: as_path(some(arguments, "write /file PATH")?).into(), to: None }),
        "get" => Ok(Command::Get(some(arguments, "write /get ID, with the number of the offer")?.into())),
        "vote" => Ok(Command::Vote(some(arguments, "write /vote QUESTION")?.into())),
        "yes" | "accept" => answer(true),
        "no" | "decline" | "refuse" => answer(false),
        "p2p" | "open" => Ok(Command::Open(some(unquoted(arguments)?, "write the name of a user")?.into())),
        "close" => Ok(Command::Close(some(unquoted(arguments)?, "write the name of a user")?.into())),
        "pv" => {
            let (user, text) = user_and(arguments, "write /pv USER text")?;
            Ok(Command::Tell { user, text: text.into() })
        }
        "who" => nothing(arguments, Command::Who),
        "help" => nothing(arguments, Command::Help),
        "quit" => nothing(arguments, Command::Quit),
        _ => Err("no such command; /help lists them, and // begins a text with a /".into()),
    }
}

/// What to do instead of a command that only another protocol has.
fn instead_of(protocol: Protocol, word: &str) -> Option<&'static str> {
    Some(match (protocol, word) {
        (Protocol::Matou, "join" | "leave" | "rooms") => {
            "Matou has one room only: /open USER talks in private"
        }
        (Protocol::Matou, "vote") => "Matou has no votes",
        (Protocol::Matou, "get") => "who has a file for you sends it: /open USER",
        (Protocol::Stories | Protocol::Stumtp, "who") => "this protocol does not tell who is there",
        (_, "create") => "/join NAME goes to a room that exists",
        (_, "msg") => "write /pv USER text",
        _ => return None,
    })
}

fn nothing(arguments: &str, command: Command) -> Result<Command, String> {
    if arguments.is_empty() { Ok(command) } else { Err("nothing comes after it".into()) }
}

fn some<'a>(arguments: &'a str, otherwise: &str) -> Result<&'a str, String> {
    if arguments.is_empty() { Err(otherwise.into()) } else { Ok(arguments) }
}

fn which(protocol: Protocol, arguments: &str) -> Which {
    match (arguments, arguments.parse()) {
        // There are people there whose names are numbers, and nothing is asked but by people.
        (user, _) if protocol == Protocol::Matou && !user.is_empty() => Which::Of(user.into()),
        ("", _) => Which::Latest,
        (_, Ok(number)) => Which::Number(number),
        (user, Err(_)) => Which::Of(unquoted(user).unwrap_or(user).into()),
    }
}

/// A name with spaces is quoted.
fn user_and<'a>(arguments: &'a str, otherwise: &str) -> Result<(String, &'a str), String> {
    let quoted = arguments.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (name, rest) =
        quoted.unwrap_or_else(|| arguments.split_once(char::is_whitespace).unwrap_or((arguments, "")));
    let rest = rest.trim_start();
    if name.is_empty() || rest.is_empty() { Err(otherwise.into()) } else { Ok((name.into(), rest)) }
}

/// A path may stand in quotes, as shells and file managers give it.
fn as_path(text: &str) -> &str {
    let inside = |mark: char| text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

fn room(text: &str) -> Result<String, String> {
    let text = unquoted(text)?;
    if stories::is_room_name(text) {
        Ok(text.into())
    } else {
        Err("a room's name has 1 to 64 bytes without '|' and control characters".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stories(line: &str) -> Line<Command> {
        read(Protocol::Stories, line)
    }

    fn matou(line: &str) -> Line<Command> {
        read(Protocol::Matou, line)
    }

    #[test]
    fn what_is_no_command_is_said_as_it_stands() {
        assert_eq!(stories(""), Line::Nothing);
        assert_eq!(stories("//join lol"), Line::Say("/join lol".into()));
        for text in ["bonjour", " /join lol", "MSG|x", "{\"type\":\"VOTE\"}"] {
            assert_eq!(stories(text), Line::Say(text.into()));
        }
    }

    #[test]
    fn what_stories_has_words_for_is_read() {
        assert_eq!(stories("/join room 1"), Line::Do(Command::Join("room 1".into())));
        let long = "x".repeat(64);
        assert_eq!(stories(&format!("/join {long}")), Line::Do(Command::Join(long)));
        let send = |path: &str| Line::Do(Command::Send { path: path.into(), to: None });
        assert_eq!(stories("/file /tmp/a b.txt "), send("/tmp/a b.txt"));
        assert_eq!(stories("/vote on y va ?"), Line::Do(Command::Vote("on y va ?".into())));
        let answer = |which, accept| Line::Do(Command::Answer { which, accept });
        assert_eq!(stories("/yes"), answer(Which::Latest, true));
        assert_eq!(stories("/no 3"), answer(Which::Number(3), false));
        let tell = |user: &str, text: &str| Line::Do(Command::Tell { user: user.into(), text: text.into() });
        assert_eq!(stories("/pv \"jean paul\"  salut toi"), tell("jean paul", "salut toi"));
        for line in ["/file", "/get", "/vote", "/p2p", "/pv bob", "/pv", "/who", "/join a|b", "/create lol"] {
            assert!(matches!(stories(line), Line::Wrong(_)), "{line}");
        }
    }

    #[test]
    fn what_matou_has_words_for_is_read() {
        let send = Command::Send { path: "/tmp/x".into(), to: Some("bob".into()) };
        assert_eq!(matou("/file bob /tmp/x"), Line::Do(send.clone()));
        assert_eq!(matou("/file bob '/tmp/x'"), Line::Do(send));
        assert_eq!(matou("/open bob"), Line::Do(Command::Open("bob".into())));
        let answer = Command::Answer { which: Which::Of("bob".into()), accept: true };
        assert_eq!(matou("/accept bob"), Line::Do(answer));
        for line in ["/join room1", "/vote x", "/file bob", "/get 1", "/quit now"] {
            assert!(matches!(matou(line), Line::Wrong(_)), "{line}");
        }
    }

    #[test]
    fn names_are_as_each_protocol_has_them() {
        assert!(is_user_name(Protocol::Matou, "Zoë1") && !is_user_name(Protocol::Matou, "jean paul"));
        assert!(is_user_name(Protocol::Stories, "jean paul") && !is_user_name(Protocol::Stories, "a|b"));
        assert!(!is_user_name(Protocol::Stumtp, &"x".repeat(33)));
    }
}
