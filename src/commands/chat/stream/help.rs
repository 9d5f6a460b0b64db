//! What `/help` says of each protocol over TCP.
//!
//! In: a protocol. Out: lines. Must not know a session.

use palabre::client::stream::Protocol;

/// What `/help` says.
pub(super) const fn help(protocol: Protocol) -> &'static [&'static str] {
    match protocol {
        Protocol::Matou => MATOU,
        Protocol::Stories | Protocol::Stumtp => STORIES,
    }
}

const MATOU: &[&str] = &[
    "/open USER                     ask somebody for a private connection",
    "/accept [USER], /decline [USER] answer somebody who asks, the latest by default",
    "/pv USER text                  say something to him; a USER with spaces stands",
    "                               in quotes",
    "/file USER PATH                send him a file",
    "/close USER                    end the private connection",
    "/who                           who is here, as far as we were told",
    "/quit                          leave the server",
    "//text                         say \"/text\"; anything else is said as it stands",
];

const STORIES: &[&str] = &[
    "/rooms                         which rooms there were when you came",
    "/join NAME                     go to a room",
    "/leave                         go back to the public room",
    "/file PATH                     send a file to the room you are in",
    "/get ID                        fetch a file that somebody has sent",
    "/vote QUESTION                 ask the others in the room: they say yes or no",
    "/yes [N], /no [N]              answer a question, the latest by default",
    "/p2p USER                      ask somebody for a direct connection",
    "/pv USER text                  say something to him alone; a USER with spaces",
    "                               stands in quotes",
    "/close USER                    end that connection",
    "/quit                          leave the server",
    "//text                         say \"/text\"; anything else is said as it stands",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_fits_a_terminal_of_80_columns() {
        for line in [Protocol::Matou, Protocol::Stories].into_iter().flat_map(help) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
