//! What a person means by a line.
//!
//! In: one line as it was typed, the protocol. Out: something to say, a [`Command`], or why it is neither. Must not know
//! the state of a session.

use palabre::vocab::Mode;

use super::options::{Options, first_word};
use super::protocol::Protocol;
use super::typing::{Line, unquoted};

/// What a person may want besides talking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Rooms,
    Create {
        room: String,
        mode: Mode,
        capacity: u8,
    },
    Join(String),
    Switch(String),
    /// In Shen's protocol several people, with commas between them.
    Invite(String),
    /// For the room one invites to, or for the one that one manages.
    Mode(Mode),
    Name(String),
    Rename(String),
    Dissolve,
    Tell {
        user: String,
        text: String,
    },
    Answer {
        to: Matter,
        number: Option<u64>,
        accept: bool,
    },
    Who(Option<String>),
    Leave,
    Help,
    Quit,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    /// Whether one comes.
    Invitation,
    /// Whether somebody may come in.
    Admission,
    /// Whether one agrees.
    Vote,
}

/// Reads a line without its end.
pub(super) fn read(protocol: Protocol, line: &str) -> Line<Command> {
    Line::read(line, |word, arguments| command(protocol, word, arguments))
}

fn command(protocol: Protocol, word: &str, arguments: &str) -> Result<Command, String> {
    let answer = |to, accept| Ok(Command::Answer { to, number: number(arguments)?, accept });
    if let Some(instead) = protocol.instead_of(word) {
        return Err(instead.into());
    }
    match word {
        "create" => create(arguments),
        "join" => Ok(Command::Join(room(protocol, arguments)?)),
        "switch" => Ok(Command::Switch(room(protocol, arguments)?)),
        "invite" if protocol == Protocol::Shen => Ok(Command::Invite(users(arguments)?)),
        "invite" => Ok(Command::Invite(user(protocol, unquoted(arguments)?)?)),
        "mode" => Ok(Command::Mode(mode(arguments)?)),
        "name" => Ok(Command::Name(room(protocol, arguments)?)),
        "rename" => Ok(Command::Rename(room(protocol, arguments)?)),
        "dissolve" => nothing(arguments, Command::Dissolve),
        "msg" => tell(arguments),
        "accept" => answer(Matter::Invitation, true),
        "decline" => answer(Matter::Invitation, false),
        "admit" => answer(Matter::Admission, true),
        "refuse" => answer(Matter::Admission, false),
        "agree" => answer(Matter::Vote, true),
        "disagree" => answer(Matter::Vote, false),
        "who" if arguments.is_empty() => Ok(Command::Who(None)),
        "who" => Ok(Command::Who(Some(room(protocol, arguments)?))),
        "rooms" => nothing(arguments, Command::Rooms),
        "leave" => nothing(arguments, Command::Leave),
        "help" => nothing(arguments, Command::Help),
        "quit" => nothing(arguments, Command::Quit),
        _ => Err("no such command; /help lists them, and // begins a text with a /".into()),
    }
}

fn nothing(arguments: &str, command: Command) -> Result<Command, String> {
    if arguments.is_empty() { Ok(command) } else { Err("nothing comes after it".into()) }
}

fn number(arguments: &str) -> Result<Option<u64>, String> {
    match arguments {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| "write the number of the question".into()),
    }
}

fn mode(arguments: &str) -> Result<Mode, String> {
    match arguments {
        "central" => Ok(Mode::Central),
        "p2p" => Ok(Mode::Direct),
        _ => Err("write /mode central or /mode p2p".into()),
    }
}

fn create(arguments: &str) -> Result<Command, String> {
    let Options { name, mode, capacity } = Options::read(arguments)?;
    Ok(Command::Create { room: room(Protocol::Msp, name)?, mode, capacity })
}

/// A name with spaces is quoted.
fn tell(arguments: &str) -> Result<Command, String> {
    let quoted = arguments.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (name, text) = quoted.map_or_else(|| first_word(arguments), |(name, rest)| (name, rest.trim_start()));
    if text.is_empty() {
        return Err("write /msg USER text".into());
    }
    Ok(Command::Tell { user: user(Protocol::Shen, name)?, text: text.into() })
}

/// The names of an invitation of Shen's protocol, as it is sent (S8).
fn users(arguments: &str) -> Result<String, String> {
    let names = arguments.split(',').map(|name| user(Protocol::Shen, unquoted(name.trim())?));
    names.collect::<Result<Vec<_>, _>>().map(|names| names.join(", "))
}

fn room(protocol: Protocol, text: &str) -> Result<String, String> {
    let text = unquoted(text)?;
    if protocol.is_room_name(text) {
        Ok(text.into())
    } else {
        Err(format!("a room's name has {}", protocol.room_rule()))
    }
}

fn user(protocol: Protocol, name: &str) -> Result<String, String> {
    if protocol.is_user_name(name) {
        Ok(name.into())
    } else {
        Err(format!("a user's name has {}", protocol.user_rule()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Line<Command> {
        super::read(Protocol::Msp, line)
    }

    fn shen(line: &str) -> Line<Command> {
        super::read(Protocol::Shen, line)
    }

    #[track_caller]
    fn is_explained(line: &str) {
        assert!(matches!(read(line), Line::Wrong(_)), "{line:?}: {:?}", read(line));
    }

    #[test]
    fn what_is_no_command_is_said_as_it_stands() {
        assert_eq!(read(""), Line::Nothing);
        for text in ["bonjour", " /join lol", "  ", "a / b", "\u{1b}"] {
            assert_eq!(read(text), Line::Say(text.into()));
        }
        assert_eq!(read("//join lol"), Line::Say("/join lol".into()));
        assert_eq!(read("//"), Line::Say("/".into()));
    }

    #[test]
    fn a_room_is_made_with_a_name_that_can_be() {
        let create =
            |room: &str, mode, capacity| Line::Do(Command::Create { room: room.into(), mode, capacity });
        assert_eq!(read("/create les amis --p2p"), create("les amis", Mode::Direct, 254));
        assert_eq!(read("/create \"--p2p 3\" --max 9 "), create("--p2p 3", Mode::Central, 9));
        for line in ["/create", "/create --p2p", "/create \"lol", "/create a#b", "/create a --max"] {
            is_explained(line);
        }
        is_explained(&format!("/create {}", "x".repeat(51)));
    }

    #[test]
    fn names_may_have_spaces_and_are_checked_before_they_are_sent() {
        assert_eq!(read("/join les amis "), Line::Do(Command::Join("les amis".into())));
        assert_eq!(read("/invite \" bob \""), Line::Do(Command::Invite(" bob ".into())));
        assert_eq!(read("/who"), Line::Do(Command::Who(None)));
        assert_eq!(read("/who lol"), Line::Do(Command::Who(Some("lol".into()))));
        for line in ["/join", "/switch", "/invite", "/invite elevenbytes", "/join \"\"", "/join a\tb#"] {
            is_explained(line);
        }
    }

    #[test]
    fn an_invitation_is_answered_by_its_number_or_the_latest_is() {
        let answer = |number, accept| Line::Do(Command::Answer { to: Matter::Invitation, number, accept });
        assert_eq!(read("/accept"), answer(None, true));
        assert_eq!(read("/decline 3"), answer(Some(3), false));
        is_explained("/accept lol");
    }

    #[test]
    fn what_looks_like_a_command_is_explained_and_never_said() {
        for line in ["/", "/ join", "/joni lol", "/quit now", "/rooms all", "/leave lol", "/help me"] {
            is_explained(line);
        }
    }

    #[test]
    fn s8_several_people_are_invited_with_commas_between_their_names() {
        let invite = |names: &str| Line::Do(Command::Invite(names.into()));
        assert_eq!(shen("/invite lucy"), invite("lucy"));
        assert_eq!(shen("/invite jean paul ,\"lucy\",bob"), invite("jean paul, lucy, bob"));
        for line in ["/invite", "/invite ,", "/invite lucy,", "/invite lucy,,bob", "/invite \"lucy"] {
            assert!(matches!(shen(line), Line::Wrong(_)), "{line}");
        }
    }

    #[test]
    fn what_shens_protocol_has_words_for_is_read() {
        let answer = |to, number, accept| Line::Do(Command::Answer { to, number, accept });
        assert_eq!(shen("/mode central"), Line::Do(Command::Mode(Mode::Central)));
        assert_eq!(shen("/mode p2p"), Line::Do(Command::Mode(Mode::Direct)));
        assert_eq!(shen("/admit"), answer(Matter::Admission, None, true));
        assert_eq!(shen("/disagree 3"), answer(Matter::Vote, Some(3), false));
        assert_eq!(shen("/rename les amis"), Line::Do(Command::Rename("les amis".into())));
        assert_eq!(shen("/dissolve"), Line::Do(Command::Dissolve));
        let tell = |user: &str, text: &str| Line::Do(Command::Tell { user: user.into(), text: text.into() });
        assert_eq!(shen("/msg lucy  come here "), tell("lucy", "come here"));
        assert_eq!(shen("/msg \"jean paul\" salut"), tell("jean paul", "salut"));
        for line in ["/mode", "/mode direct", "/msg lucy", "/msg", "/msg \"jean paul\"", "/name a,b", "/name"]
        {
            assert!(matches!(shen(line), Line::Wrong(_)), "{line}");
        }
    }

    #[test]
    fn a_command_of_the_other_protocol_is_explained_and_never_said() {
        for line in
            ["/mode p2p", "/name a", "/rename a", "/dissolve", "/admit", "/refuse", "/agree", "/msg a b"]
        {
            is_explained(line);
            assert!(!matches!(shen(&format!("{line} 1")), Line::Say(_)));
        }
        for line in ["/create lol --p2p", "/switch lol"] {
            let Line::Wrong(why) = shen(line) else { panic!("{line} is none of Shen's") };
            assert!(why.contains("Shen's protocol"), "{why}");
        }
    }
}
