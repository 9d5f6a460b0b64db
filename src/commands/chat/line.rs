//! What a person means by a line.
//!
//! In: one line as it was typed. Out: something to say, a [`Command`], or why it is neither. Must not know the state of a
//! session.

use palabre::dialect::msp::{Name, room_name, user_name};
use palabre::vocab::Mode;

/// The most members a room can have.
const MOST_MEMBERS: u8 = 254;

/// What `/help` says.
pub(super) const HELP: &[&str] = &[
    "/rooms                         which private rooms there are",
    "/create NAME [--p2p] [--max N] make a private room and go there; with --p2p its",
    "                               members talk directly; --max limits their number",
    "/join NAME                     go to a private room",
    "/switch NAME                   go from one private room to another",
    "/invite USER                   ask somebody into the private room you are in",
    "/accept [N], /decline [N]      answer an invitation, the latest by default",
    "/who [ROOM]                    who is in a room; without ROOM in the one you are",
    "                               in, or from the public room on the server",
    "/leave                         go back to the public room",
    "/quit                          leave the server",
    "//text                         say \"/text\"; anything else is said as it stands",
];

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
    Rooms,
    Create { room: String, mode: Mode, capacity: u8 },
    Join(String),
    Switch(String),
    Invite(String),
    Answer { number: Option<u64>, accept: bool },
    Who(Option<String>),
    Leave,
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
        command(word, arguments.trim()).map_or_else(|why| Self::Wrong(format!("/{word}: {why}")), Self::Do)
    }
}

fn command(word: &str, arguments: &str) -> Result<Command, String> {
    Ok(match word {
        "create" => return create(arguments),
        "join" => Command::Join(room(arguments)?),
        "switch" => Command::Switch(room(arguments)?),
        "invite" => Command::Invite(user(arguments)?),
        "accept" => Command::Answer { number: number(arguments)?, accept: true },
        "decline" => Command::Answer { number: number(arguments)?, accept: false },
        "who" if arguments.is_empty() => Command::Who(None),
        "who" => Command::Who(Some(room(arguments)?)),
        "rooms" => nothing(arguments, Command::Rooms)?,
        "leave" => nothing(arguments, Command::Leave)?,
        "help" => nothing(arguments, Command::Help)?,
        "quit" => nothing(arguments, Command::Quit)?,
        _ => return Err("no such command; /help lists them, and // begins a text with a /".into()),
    })
}

fn nothing(arguments: &str, command: Command) -> Result<Command, String> {
    if arguments.is_empty() { Ok(command) } else { Err("nothing comes after it".into()) }
}

fn number(arguments: &str) -> Result<Option<u64>, String> {
    match arguments {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| "write the number of an invitation".into()),
    }
}

/// The options stand before or after the name; what looks like one inside a name is meant when the name is quoted.
fn create(arguments: &str) -> Result<Command, String> {
    let (mut mode, mut capacity) = (Mode::Central, MOST_MEMBERS);
    let mut rest = arguments;
    loop {
        let (before, last) = last_word(rest);
        let (first, after) = first_word(rest);
        if last == "--p2p" {
            (mode, rest) = (Mode::Direct, before);
        } else if last_word(before).1 == "--max" {
            (capacity, rest) = (members(last)?, last_word(before).0);
        } else if first == "--p2p" {
            (mode, rest) = (Mode::Direct, after);
        } else if first == "--max" {
            let (count, after) = first_word(after);
            (capacity, rest) = (members(count)?, after);
        } else {
            break;
        }
    }
    if !rest.starts_with('"')
        && let Some(unknown) = rest.split_whitespace().find(|word| word.starts_with("--"))
    {
        return Err(format!(
            "{unknown}: options are --p2p and --max N, after the name; quote a name like that"
        ));
    }
    Ok(Command::Create { room: room(rest)?, mode, capacity })
}

fn members(count: &str) -> Result<u8, String> {
    let count = count.parse().ok().filter(|count| (2..=MOST_MEMBERS).contains(count));
    count.ok_or_else(|| format!("--max takes a number from 2 to {MOST_MEMBERS}"))
}

fn first_word(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim_start())
}

fn last_word(text: &str) -> (&str, &str) {
    let (rest, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
    (rest.trim_end(), last)
}

fn room(text: &str) -> Result<String, String> {
    let text = unquoted(text)?;
    let good = Name::new(text).is_some_and(|name| room_name(&name).is_some());
    if good { Ok(text.into()) } else { Err("a room's name has 1 to 50 bytes without '#'".into()) }
}

fn user(text: &str) -> Result<String, String> {
    let text = unquoted(text)?;
    if is_user_name(text) {
        Ok(text.into())
    } else {
        Err("a user's name has 1 to 10 bytes without '#'".into())
    }
}

/// Whether somebody can be called so.
pub(super) fn is_user_name(text: &str) -> bool {
    Name::new(text).is_some_and(|name| user_name(&name).is_some())
}

fn unquoted(text: &str) -> Result<&str, String> {
    let Some(rest) = text.strip_prefix('"') else { return Ok(text) };
    rest.strip_suffix('"').ok_or_else(|| "a quoted name ends with a quote".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(room: &str, mode: Mode, capacity: u8) -> Line {
        Line::Do(Command::Create { room: room.into(), mode, capacity })
    }

    #[track_caller]
    fn is_explained(line: &str) {
        assert!(matches!(Line::read(line), Line::Wrong(_)), "{line:?}: {:?}", Line::read(line));
    }

    #[test]
    fn what_is_no_command_is_said_as_it_stands() {
        assert_eq!(Line::read(""), Line::Nothing);
        for text in ["bonjour", " /join lol", "  ", "a / b", "\u{1b}"] {
            assert_eq!(Line::read(text), Line::Say(text.into()));
        }
        assert_eq!(Line::read("//join lol"), Line::Say("/join lol".into()));
        assert_eq!(Line::read("//"), Line::Say("/".into()));
    }

    #[test]
    fn a_room_is_made_with_options_on_either_side_of_its_name() {
        assert_eq!(Line::read("/create lol"), create("lol", Mode::Central, 254));
        assert_eq!(Line::read("/create les amis  d'ici --p2p"), create("les amis  d'ici", Mode::Direct, 254));
        assert_eq!(Line::read("/create --max 2 --p2p lol "), create("lol", Mode::Direct, 2));
        assert_eq!(Line::read("/create --p2p lol --max 9"), create("lol", Mode::Direct, 9));
        assert_eq!(Line::read("/create \"--p2p 3\""), create("--p2p 3", Mode::Central, 254));
        for line in ["/create", "/create --p2p", "/create \"lol", "/create a --b", "/create a#b"] {
            is_explained(line);
        }
        for line in ["/create a --max", "/create a --max 1", "/create a --max 255", "/create a --max x"] {
            is_explained(line);
        }
        is_explained(&format!("/create {}", "x".repeat(51)));
    }

    #[test]
    fn names_may_have_spaces_and_are_checked_before_they_are_sent() {
        assert_eq!(Line::read("/join les amis "), Line::Do(Command::Join("les amis".into())));
        assert_eq!(Line::read("/invite \" bob \""), Line::Do(Command::Invite(" bob ".into())));
        assert_eq!(Line::read("/who"), Line::Do(Command::Who(None)));
        assert_eq!(Line::read("/who lol"), Line::Do(Command::Who(Some("lol".into()))));
        for line in ["/join", "/switch", "/invite", "/invite elevenbytes", "/join \"\"", "/join a\tb#"] {
            is_explained(line);
        }
    }

    #[test]
    fn an_invitation_is_answered_by_its_number_or_the_latest_is() {
        let answer = |number, accept| Line::Do(Command::Answer { number, accept });
        assert_eq!(Line::read("/accept"), answer(None, true));
        assert_eq!(Line::read("/decline 3"), answer(Some(3), false));
        is_explained("/accept lol");
    }

    #[test]
    fn what_looks_like_a_command_is_explained_and_never_said() {
        for line in ["/", "/ join", "/joni lol", "/quit now", "/rooms all", "/leave lol", "/help me"] {
            is_explained(line);
        }
    }

    #[test]
    fn the_help_fits_a_terminal_of_80_columns() {
        for line in HELP {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
