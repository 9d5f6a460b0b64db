//! What a person means by a line.
//!
//! In: one line as it was typed. Out: something to say, a [`Command`], or why it is neither. Must not know who is there.

use std::path::PathBuf;

use palabre::dialect::matou;

use crate::commands::chat::options::first_word;

/// What a line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing: it is empty.
    Nothing,
    /// Say this.
    Say(String),
    /// Do this.
    Do(Command),
    /// It was meant as a command, but is none; this is why.
    Wrong(String),
}

/// What a person may want besides talking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Open(String),
    Accept(Option<String>),
    Close(String),
    Tell { user: String, text: String },
    File { user: String, path: PathBuf },
    Who,
    Help,
    Quit,
}

impl Line {
    /// Reads a line without its end.
    pub(super) fn read(line: &str) -> Self {
        let Some(rest) = line.strip_prefix('/') else {
            return if line.is_empty() { Self::Nothing } else { Self::Say(line.into()) };
        };
        if rest.starts_with('/') {
            return Self::Say(rest.into());
        }
        let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        command(word, arguments.trim_start())
            .map_or_else(|why| Self::Wrong(format!("/{word}: {why}")), Self::Do)
    }
}

fn command(word: &str, arguments: &str) -> Result<Command, String> {
    match word {
        "open" => Ok(Command::Open(user(arguments)?)),
        "accept" if arguments.is_empty() => Ok(Command::Accept(None)),
        "accept" => Ok(Command::Accept(Some(user(arguments)?))),
        "close" => Ok(Command::Close(user(arguments)?)),
        "pv" => match first_word(arguments) {
            (_, "") => Err("write /pv USER text".into()),
            (name, text) => Ok(Command::Tell { user: user(name)?, text: text.into() }),
        },
        "file" => match first_word(arguments) {
            (_, "") => Err("write /file USER PATH".into()),
            (name, path) => Ok(Command::File { user: user(name)?, path: unquoted(path).into() }),
        },
        "who" => nothing(arguments, Command::Who),
        "help" => nothing(arguments, Command::Help),
        "quit" => nothing(arguments, Command::Quit),
        "rooms" | "create" | "join" | "switch" | "leave" | "invite" => {
            Err("matou has no rooms besides the public one; /open USER speaks with one person".into())
        }
        _ => Err("no such command; /help lists them, and // begins a text with a /".into()),
    }
}

fn nothing(arguments: &str, command: Command) -> Result<Command, String> {
    if arguments.is_empty() { Ok(command) } else { Err("nothing comes after it".into()) }
}

fn user(arguments: &str) -> Result<String, String> {
    let name = arguments.trim_end();
    if matou::is_name(name) { Ok(name.into()) } else { Err("a name has letters and digits alone".into()) }
}

/// A path may stand in quotes, as shells and file managers give it.
fn unquoted(path: &str) -> &str {
    let path = path.trim_end();
    let inside = |mark| path.strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_meant() {
        let tell = |user: &str, text: &str| Command::Tell { user: user.into(), text: text.into() };
        let file = |user: &str, path: &str| Command::File { user: user.into(), path: path.into() };
        for (line, command) in [
            ("/open bob ", Command::Open("bob".into())),
            ("/accept", Command::Accept(None)),
            ("/accept  Élise", Command::Accept(Some("Élise".into()))),
            ("/close bob", Command::Close("bob".into())),
            ("/pv bob  two  words ", tell("bob", "two  words ")),
            ("/file bob /tmp/a b.jpg", file("bob", "/tmp/a b.jpg")),
            ("/file bob '/tmp/a b'", file("bob", "/tmp/a b")),
            ("/who", Command::Who),
            ("/quit", Command::Quit),
        ] {
            assert_eq!(Line::read(line), Line::Do(command), "{line}");
        }
        for line in
            ["/open", "/open a b", "/pv bob", "/file bob ", "/who x", "/join x", "/", "/ open", "/pv #a b"]
        {
            assert!(matches!(Line::read(line), Line::Wrong(_)), "{line}");
        }
        assert_eq!(Line::read("//open bob"), Line::Say("/open bob".into()));
        assert_eq!(Line::read(" /open"), Line::Say(" /open".into()));
        assert_eq!(Line::read(""), Line::Nothing);
    }
}
