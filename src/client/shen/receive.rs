//! Shen's datagrams that come: from the server, from members of our decentralised room, from anybody else.
//!
//! In: bytes and where they came from. Out: requests of others that are new, responses that were waited for. Must not
//! know what a response means for what the user wants: `replies` does.

use std::net::SocketAddr;

use crate::client::questions::Asked;
use crate::client::receive::FromMember;
use crate::client::tongue::Receipt;
use crate::client::{Client, Event, Question, Speaker};
use crate::dialect::shen::{self, Body, Kind, Message, user_name, words};
use crate::time::{Duration, Instant};
use crate::vocab::Mode;

/// For how long a question may be answered: the server waits 60 s, and an answer that comes after them could be taken for
/// that to another question (S5).
const PATIENCE: Duration = Duration::from_secs(50);

/// How the question about a mode begins; its end is spelt in several ways (S10).
const VOTE: &str = "manager change la mode";

impl Client {
    pub(in crate::client) fn shen_datagram(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        // S6: a repetition has the same bytes.
        let mark = crc32fast::hash(bytes);
        let mut scratch = std::mem::take(&mut self.scratch);
        match Message::decode(bytes, &mut scratch) {
            Ok(message) if from == self.config.server => self.server_speaks(now, mark, &message),
            Ok(message) => {
                let what = match &message.body {
                    Body::Speech { kind: Kind::Send, text, .. } => FromMember::Text(text),
                    Body::Plain { kind: Kind::Ack, .. } => FromMember::Receipt,
                    _ => FromMember::Other,
                };
                self.member_says(now, from, (message.seq, mark), &what);
            }
            Err(_) => self.drop(),
        }
        self.scratch = scratch;
    }

    fn server_speaks(&mut self, now: Instant, mark: u32, message: &Message<'_>) {
        self.server_heard(now);
        let asked = self.link.in_flight(message.seq).and_then(|asked| Kind::from_code(asked.packet.kind()));
        // Some types are both: such a message answers the request of ours that bears its number, if it can (S5).
        if asked.is_some_and(|asked| answers(asked, message.kind())) {
            return self.shen_response(now, message);
        }
        if !asks(message.kind()) || self.was_answered(now, message) {
            return self.drop();
        }
        if self.is_new(now, message.seq, mark) {
            self.server_asks(now, mark, message);
        }
    }

    /// Whether this is a copy of the answer to a request of ours, or the answer to one that we gave up. Were it taken for a request and acknowledged, the server
    /// could take that for the receipt of what it has sent under the same number since.
    fn was_answered(&self, now: Instant, message: &Message<'_>) -> bool {
        let recent = self.shen.answered.iter().filter(|(.., at)| now.since(*at) < self.config.timing.span());
        let mut same = recent.filter(|(seq, ..)| *seq == message.seq);
        same.any(|(_, asked, _)| answers(*asked, message.kind()))
    }

    fn server_asks(&mut self, now: Instant, mark: u32, message: &Message<'_>) {
        let seq = message.seq;
        match &message.body {
            Body::Plain { kind: Kind::Granted, .. } => {
                self.displaced(now, seq, mark);
                return self.granted();
            }
            Body::Plain { kind: Kind::Closed, .. } => {
                self.displaced(now, seq, mark);
                return self.closed();
            }
            Body::Speech { kind: Kind::Relay, emitter: 0, text, .. } => {
                if let Some(what) = self.question(text) {
                    let question = self.asked(now, seq, mark, PATIENCE, Asked::Consent);
                    return self.tell(Event::Question { question, what });
                }
            }
            Body::Room { kind: Kind::Invite, mode, room: handle, text, .. } => {
                let (by, room) = invitation(text);
                let (by, room, mode): (String, String, _) = (by.into(), room.into(), *mode);
                let what = Asked::Invitation { by: by.clone(), room: room.clone(), handle: *handle, mode };
                let invitation = self.asked(now, seq, mark, PATIENCE, what);
                return self.tell(Event::Invited { invitation, by, room, mode });
            }
            _ => {}
        }
        let receipt = self.receipt(seq, Receipt::News);
        self.reply(now, seq, mark, receipt);
        self.news_of_server(now, &message.body);
    }

    /// Something that was only to be heard.
    fn news_of_server(&mut self, now: Instant, body: &Body<'_>) {
        match body {
            Body::Plain { kind: kind @ (Kind::Denied | Kind::RoomFull | Kind::Ended), text } => {
                self.denied(*kind, text);
            }
            Body::Speech { text, .. } if text.is_empty() => {}
            Body::Speech { emitter: 0, text, .. } => self.server_says_itself(text),
            Body::Speech { emitter, text, .. } => self.somebody_says(*emitter, text),
            Body::Room { kind: Kind::ChangeMode, mode, room, .. } => self.mode_changed(*room, *mode),
            Body::Room { kind: Kind::NameRoom | Kind::RenameRoom, text, .. } => {
                self.renamed(text.to_string());
            }
            Body::List(entries) => self.further_page(now, entries),
            _ => {}
        }
    }

    /// Words without an author. Some of them stand for messages that the protocol lacks.
    fn server_says_itself(&mut self, text: &str) {
        if let Some(name) = name_in(text, words::renamed) {
            return self.renamed(name);
        }
        if let Some(name) = name_in(text, words::does_not_come) {
            return self.tell(Event::Declined(name));
        }
        if text == words::INVITATION_OVER && self.invitation_is_over() {
            return;
        }
        self.tell(Event::Heard { from: Speaker::Server, text: text.into() });
        // It may be that somebody has left: in a decentralised room it is asked who is there.
        self.members_changed();
    }

    fn renamed(&mut self, name: String) {
        if let Some(room) = &mut self.room {
            room.name.clone_from(&name);
            self.tell(Event::Renamed(name));
        }
    }

    fn somebody_says(&mut self, handle: u16, said: &str) {
        let (text, Some(author)) = shen::said(said) else {
            // The text should have told his name: as a last resort he is called by his handle.
            let name = self.names.name(handle).map_or_else(|| format!("#{handle}"), String::from);
            return self.tell(Event::Heard { from: Speaker::Named(name), text: said.into() });
        };
        self.names.learn(handle, author.into());
        if !text.is_empty() {
            self.passed_on(author.into(), text);
        }
    }

    /// What a word of the server asks, if it asks something.
    fn question(&self, text: &str) -> Option<Question> {
        if let Some(user) = name_in(text, words::asks_to_enter) {
            return Some(Question::Admission { user });
        }
        // Nothing says which mode: there are two, and the room has one of them.
        let is_central = self.room.as_ref().is_none_or(|room| room.mode == Mode::Central);
        let mode = if is_central { Mode::Direct } else { Mode::Central };
        text.starts_with(VOTE).then_some(Question::ModeChange { mode })
    }
}

/// Whether a message of type `kind` answers a request of type `asked` (S5). One whom the server does not know is told so
/// whatever he asks.
const fn answers(asked: Kind, kind: Kind) -> bool {
    match kind {
        Kind::Ack => !matches!(asked, Kind::ListUsers),
        Kind::ConnectRefused => true,
        Kind::UserList => matches!(asked, Kind::ListUsers),
        Kind::ModeOffer => matches!(asked, Kind::Invite),
        Kind::NoSuchUser | Kind::NoSuchReceiver => matches!(asked, Kind::Send | Kind::Join | Kind::Invite),
        Kind::Elsewhere => matches!(asked, Kind::Send),
        Kind::RoomFull | Kind::Ended => matches!(asked, Kind::Join),
        Kind::Denied => !matches!(
            asked,
            Kind::Connect
                | Kind::Disconnect
                | Kind::ListUsers
                | Kind::CountRooms
                | Kind::CountMembers
                | Kind::Send
        ),
        _ => false,
    }
}

/// What the server may ask of us, or tell us under a number of its own.
const fn asks(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Granted
            | Kind::Denied
            | Kind::Closed
            | Kind::Elsewhere
            | Kind::Ended
            | Kind::RoomFull
            | Kind::Send
            | Kind::Relay
            | Kind::Invite
            | Kind::ChangeMode
            | Kind::NameRoom
            | Kind::RenameRoom
            | Kind::UserList
    )
}

/// "X vous invite messagerie", and the room's name where more follows.
fn invitation(text: &str) -> (&str, &str) {
    // A name may have these words in it: the last ones are the server's.
    let (by, rest) = text.rsplit_once(&words::invited("")).unwrap_or((text, ""));
    (by, rest.trim_start())
}

/// The name in a sentence that `words` makes around one.
fn name_in(text: &str, sentence: fn(&str) -> String) -> Option<String> {
    // No name has a control character (S15), so this one marks the place.
    let sentence = sentence("\0");
    let (before, after) = sentence.split_once('\0')?;
    let name = text.strip_prefix(before)?.strip_suffix(after)?;
    user_name(name).map(String::from)
}
