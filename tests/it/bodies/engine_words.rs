//! What people say to a server in a story that nobody thought of, in either protocol.
//!
//! In: bytes. Out: messages that can be written. Must not know what the server makes of them.

use palabre::dialect::msp::{Body, Capabilities, ErrorCode, Event, Message, Name};
use palabre::dialect::shen::{self, Kind, words};
use palabre::engine::Dialect;
use palabre::vocab::Mode;

/// A message in one of the two protocols.
#[derive(Clone)]
pub(super) enum Said {
    Msp(Body<'static>),
    Shen(shen::Body<'static>),
}

impl Said {
    /// The datagram; Shen's protocol names nobody, and its numbers have 10 bits.
    pub(super) fn encoded(self, user: u8, seq: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let is_written = match self {
            Self::Msp(body) => Message { user, seq, body }.encode(&mut bytes).is_ok(),
            Self::Shen(body) => shen::Message { seq: seq % 1_024, body }.encode(&mut bytes).is_ok(),
        };
        assert!(is_written, "the story writes what can be written");
        bytes
    }
}

/// The bytes of the story; zeros when they are used up.
pub(super) struct Story<'a> {
    left: &'a [u8],
}

impl<'a> Story<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { left: data }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// What somebody asks. Who is not known yet mostly registers, or the story would be one of strangers.
    pub(super) fn says(&mut self, dialect: Dialect, is_known: bool) -> Said {
        let registers = !is_known && self.below(8) > 0;
        match dialect {
            Dialect::Msp if registers => Said::Msp(Body::Connect { name: Some(who(self)) }),
            Dialect::Msp => Said::Msp(request(self)),
            _ if registers => Said::Shen(plain(Kind::Connect, self.name())),
            _ => Said::Shen(wish(self)),
        }
    }

    /// How somebody answers what the server has asked, rightly or not.
    pub(super) fn answers(&mut self, asked: Said) -> Said {
        let wrong = self.below(8) == 0;
        match asked {
            Said::Msp(_) if wrong => {
                let refused = self.byte() & 31;
                Said::Msp(Body::Error { refused, code: ErrorCode(1), reason: "".into() })
            }
            Said::Msp(Body::Text { .. }) => Said::Msp(Body::TextReply),
            Said::Msp(Body::Offer { .. }) => Said::Msp(Body::OfferReply { declined: self.byte() & 1 == 0 }),
            Said::Msp(_) => Said::Msp(Body::NotificationReply),
            Said::Shen(_) if wrong => Said::Shen(plain(Kind::Denied, "")),
            Said::Shen(body) => Said::Shen(match (body.kind(), self.below(4)) {
                (Kind::Invite, 0) => plain(Kind::Decline, ""),
                (Kind::Invite, 1) => plain(Kind::Ack, ""),
                (Kind::Invite, _) => plain(Kind::Accept, ""),
                (_, 0) => plain(Kind::Ack, words::AGREED),
                (_, 1) => plain(Kind::Ack, "non"),
                _ => plain(Kind::Ack, ""),
            }),
        }
    }

    fn name(&mut self) -> &'static str {
        let names =
            ["ann", "bob", "Sheng", "Lucy, not", "a name of thirty characters, no", "Évariste de la Tour"];
        names.get(self.below(names.len())).copied().unwrap_or_default()
    }
    pub(super) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, left) = self.left.split_at(len.min(self.left.len()));
        self.left = left;
        taken
    }
}

fn request(story: &mut Story<'_>) -> Body<'static> {
    let room = |story: &mut Story<'_>| some_name(&["den", "lair", "hut", "\n"], story);
    let mode = |story: &mut Story<'_>| if story.byte() & 1 == 0 { Mode::Central } else { Mode::Direct };
    match story.below(20) {
        0 | 1 => Body::Connect { name: Some(who(story)) },
        2 | 3 => Body::Text { text: some_text(story), order: None },
        4 => Body::Connect { name: None },
        5 | 6 => Body::CreateRoom { mode: mode(story), room: room(story), capacity: story.byte() % 4 },
        7 | 8 => Body::JoinRoom { room: room(story) },
        9 => Body::SwitchRoom { room: room(story) },
        10 => Body::LeaveRoom,
        11 | 12 => Body::Invite { user: who(story) },
        13 => Body::Hello { version: 1, capabilities: Capabilities(story.u16()) },
        14 => Body::Relay { to: story.byte() % 10, text: some_text(story), order: None },
        15 => match story.below(6) {
            0 => Body::ListRooms,
            1 => Body::ListUsers { room: room(story) },
            2 => Body::Directory { user: story.byte() % 10 },
            3 => Body::Disconnect,
            4 => Body::Notification(Event::Stopping),
            _ => Body::ListUsers { room: who(story) },
        },
        _ => Body::Text { text: some_text(story), order: None },
    }
}

fn who(story: &mut Story<'_>) -> Name<'static> {
    some_name(&["ann", "bob", "cy", "dan", "eve", "fay", "gus", "", "much too long"], story)
}

fn some_name(names: &[&'static str], story: &mut Story<'_>) -> Name<'static> {
    names.get(story.below(names.len())).and_then(|text| Name::new(text)).unwrap_or_default()
}

fn some_text(story: &mut Story<'_>) -> std::borrow::Cow<'static, str> {
    "words ".repeat(story.below(60)).into()
}

fn wish(story: &mut Story<'_>) -> shen::Body<'static> {
    let mode = |story: &mut Story<'_>| if story.byte() & 1 == 0 { Mode::Central } else { Mode::Direct };
    let room = |story: &mut Story<'_>| {
        let rooms = ["den", "lair", "hut", "messagerie1", "messagerie2", "a, b"];
        rooms.get(story.below(rooms.len())).copied().unwrap_or_default()
    };
    let about = |kind, mode, room, text: &str| shen::Body::Room {
        kind,
        private: true,
        mode,
        room,
        text: text.to_owned().into(),
    };
    match story.below(24) {
        0 => plain(Kind::Connect, story.name()),
        1 => plain(Kind::Disconnect, ""),
        2 => plain(Kind::ListUsers, ""),
        3 | 4 => plain(Kind::Accept, ""),
        5 => plain(Kind::Decline, ""),
        6 => plain(Kind::Leave, ""),
        7 | 8 => plain(Kind::Join, room(story)),
        9 => plain(if story.byte() & 1 == 0 { Kind::CountRooms } else { Kind::CountMembers }, ""),
        10..=12 => {
            let guests = [story.name(), story.name()].join(", ");
            about(Kind::Invite, Mode::Central, u16::from(story.byte() % 4), &guests)
        }
        13..=15 => about(Kind::ChooseMode, mode(story), 0, ""),
        16 => about(Kind::ChangeMode, mode(story), 0, ""),
        17 => about(Kind::NameRoom, Mode::Central, 0, room(story)),
        18 => about(Kind::RenameRoom, Mode::Central, 0, room(story)),
        19 if story.byte() & 3 == 0 => plain(Kind::Dissolve, ""),
        _ => {
            let receiver = if story.byte() & 1 == 0 { 0 } else { u16::from(story.byte() % 10) };
            shen::Body::Speech { kind: Kind::Send, emitter: 0, receiver, text: some_text(story) }
        }
    }
}

fn plain(kind: Kind, text: &'static str) -> shen::Body<'static> {
    shen::Body::plain(kind, text)
}
