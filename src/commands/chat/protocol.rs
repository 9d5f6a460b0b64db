//! What depends on the protocol before anything is said.
//!
//! In: names, the word of a command. Out: whether they can be, and what to do instead. Must not know a session.

use std::net::SocketAddr;

use palabre::client::Config;
use palabre::dialect::{msp, shen};
use palabre::engine::Dialect;

/// What the client and its server speak in datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Msp,
    Shen,
}

impl Protocol {
    /// The port where a server speaks it unless it is told otherwise.
    pub(super) const fn port(self) -> u16 {
        match self {
            Self::Msp => 7401,
            Self::Shen => 7403,
        }
    }

    /// The same in the engine's words.
    pub(super) const fn dialect(self) -> Dialect {
        match self {
            Self::Msp => Dialect::Msp,
            Self::Shen => Dialect::Shen,
        }
    }

    /// A client that speaks it.
    pub(super) fn config(self, name: &str, server: SocketAddr) -> Config {
        match self {
            Self::Msp => Config::new(name, server),
            Self::Shen => Config::shen(name, server),
        }
    }

    /// Whether somebody can be called so.
    pub(super) fn is_user_name(self, text: &str) -> bool {
        match self {
            Self::Msp => msp::Name::new(text).is_some_and(|name| msp::user_name(&name).is_some()),
            Self::Shen => shen::user_name(text).is_some(),
        }
    }

    /// Whether a room can be called so.
    pub(super) fn is_room_name(self, text: &str) -> bool {
        match self {
            Self::Msp => msp::Name::new(text).is_some_and(|name| msp::room_name(&name).is_some()),
            Self::Shen => shen::room_name(text).is_some(),
        }
    }

    /// What the name of somebody has to be.
    pub(super) const fn user_rule(self) -> &'static str {
        match self {
            Self::Msp => "1 to 10 bytes without '#'",
            Self::Shen => SHEN_RULE,
        }
    }

    /// What the name of a room has to be.
    pub(super) const fn room_rule(self) -> &'static str {
        match self {
            Self::Msp => "1 to 50 bytes without '#'",
            Self::Shen => SHEN_RULE,
        }
    }

    /// What `/help` says.
    pub(super) const fn help(self) -> &'static [&'static str] {
        match self {
            Self::Msp => MSP_HELP,
            Self::Shen => SHEN_HELP,
        }
    }

    /// What to do instead of a command that only another protocol has; `None` if none has it.
    pub(super) fn instead_of(self, word: &str) -> Option<&'static str> {
        Some(match (self, word) {
            (Self::Msp, "mode") => "MSP chooses the mode with the room: /create NAME [--p2p]",
            (Self::Msp, "name" | "rename") => "MSP names a room when it is made: /create NAME",
            (Self::Msp, "dissolve") => "a room of MSP closes when one member is left: /leave",
            (Self::Msp, "admit" | "refuse") => "MSP lets in whoever comes",
            (Self::Msp, "agree" | "disagree") => "MSP asks nobody to agree; who does not, can /leave",
            (Self::Msp, "msg") => "what is said in MSP is for the whole room",
            (Self::Shen, "create") => "Shen's protocol opens a room by inviting: /invite USER[, USER...]",
            (Self::Shen, "switch") => "Shen's protocol goes there from any room: /join NAME",
            _ => return None,
        })
    }
}

/// S15.
const SHEN_RULE: &str = "1 to 30 characters, at most 64 bytes, without ','";

const MSP_HELP: &[&str] = &[
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

const SHEN_HELP: &[&str] = &[
    "/rooms                         which private rooms there are",
    "/invite USER[, USER...]        ask people into the private room you are in, or",
    "                               from the public one into a new room, which you",
    "                               manage; its mode comes next",
    "/mode central, /mode p2p       relayed by the server, or members talk directly:",
    "                               for the room you invite to (then they are asked),",
    "                               later for the room you manage, if all agree",
    "/name ROOM                     name the room you invite to before it opens",
    "/rename ROOM                   give the private room you are in another name",
    "/dissolve                      end the room you manage",
    "/accept [N], /decline [N]      answer an invitation, the latest by default",
    "/admit [N], /refuse [N]        let somebody into the room you manage, or not",
    "/agree [N], /disagree [N]      say whether the mode of your room may change",
    "/join NAME                     go to a private room, if its manager lets you in",
    "/msg USER text                 say something to one person in your room; a USER",
    "                               with spaces stands in quotes",
    "/who [ROOM]                    who is in a room; without ROOM in the one you are",
    "                               in, or from the public room on the server",
    "/leave                         go back to the public room",
    "/quit                          leave the server",
    "//text                         say \"/text\"; anything else is said as it stands",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_fits_a_terminal_of_80_columns() {
        for line in [Protocol::Msp, Protocol::Shen].into_iter().flat_map(Protocol::help) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn s15_names_are_as_each_protocol_has_them() {
        for (name, msp, shen) in [
            ("bob", true, true),
            ("elevenbytes", false, true),
            ("a#b", false, true),
            ("a, b", true, false),
            ("", false, false),
            ("tab\t", false, false),
        ] {
            assert_eq!(Protocol::Msp.is_user_name(name), msp, "{name:?}");
            assert_eq!(Protocol::Shen.is_user_name(name), shen, "{name:?}");
        }
    }
}
