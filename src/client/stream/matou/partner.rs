//! One person with whom we have, or may get, a private connection.
//!
//! In: nothing. Out: plain data, and what can be told from it. Must not know how it comes about.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::path::PathBuf;

use super::link::Link;
use crate::client::Ticket;
use crate::client::stream::io::Channel;
use crate::client::stream::talk::QuestionId;
use crate::time::Instant;

/// Somebody.
#[derive(Debug)]
pub(super) struct Partner {
    /// His name as the server spells it, or as the user did until then.
    pub(super) name: String,
    /// He asks us: what his question is called, and until when it counts.
    pub(super) asks: Option<(QuestionId, Instant)>,
    pub(super) stage: Stage,
    /// What is to be said and sent as soon as the connection is there.
    pub(super) held: VecDeque<Held>,
    /// What he said on one of the two connections before we knew of the other.
    pub(super) early: Vec<(Role, Vec<u8>)>,
}

/// How far the private connection is.
#[derive(Debug, Default)]
pub(super) enum Stage {
    /// There is none, and we want none.
    #[default]
    Apart,
    /// We asked him, or accepted what he asked, or both: two who ask each other at the same time both accept, and which
    /// of them listens is seen when they meet.
    Wanted {
        asked: bool,
        accepted: bool,
        until: Instant,
    },
    /// One listens, the other connects.
    Meeting(Meeting),
    Open(Box<Link>),
}

/// Two connections that come about.
#[derive(Debug)]
pub(super) struct Meeting {
    /// Where the other is: nobody else may connect.
    pub(super) address: IpAddr,
    pub(super) until: Instant,
    /// We listen, and he asked us as well.
    pub(super) accepted: bool,
    pub(super) messages: End,
    pub(super) files: End,
}

/// Our end of a connection that comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A socket of ours shall listen.
    Opening(Channel),
    /// It does, on this port.
    Listening(Channel, u16),
    /// We connect.
    Calling(Channel),
    /// Connected.
    There(Channel),
}

/// What waits for a connection.
#[derive(Debug)]
pub(super) enum Held {
    Text(Ticket, String),
    File(Ticket, PathBuf),
}

/// Which of the two connections something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Messages,
    Files,
}

impl Partner {
    pub(super) fn new(name: &str) -> Self {
        let (held, early) = (VecDeque::new(), Vec::new());
        Self { name: name.into(), asks: None, stage: Stage::Apart, held, early }
    }

    /// Whether nothing is left to remember.
    pub(super) fn is_nobody(&self) -> bool {
        self.asks.is_none() && matches!(self.stage, Stage::Apart) && self.held.is_empty()
    }

    pub(super) fn link(&mut self) -> Option<&mut Link> {
        match &mut self.stage {
            Stage::Open(link) => Some(link),
            _ => None,
        }
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let asks = self.asks.map(|(_, until)| until);
        let stage = match &self.stage {
            Stage::Apart => None,
            Stage::Wanted { until, .. } | Stage::Meeting(Meeting { until, .. }) => Some(*until),
            Stage::Open(link) => link.poll_timeout(),
        };
        [asks, stage].into_iter().flatten().min()
    }
}

impl Meeting {
    pub(super) const fn end(&mut self, role: Role) -> &mut End {
        match role {
            Role::Messages => &mut self.messages,
            Role::Files => &mut self.files,
        }
    }

    /// The two ports, once both sockets listen.
    pub(super) const fn ports(&self) -> Option<(u16, u16)> {
        match (self.messages, self.files) {
            (End::Listening(_, messages), End::Listening(_, files)) => Some((messages, files)),
            _ => None,
        }
    }

    /// The two connections, once they are there.
    pub(super) const fn connections(&self) -> Option<(Channel, Channel)> {
        match (self.messages, self.files) {
            (End::There(messages), End::There(files)) => Some((messages, files)),
            _ => None,
        }
    }

    pub(super) const fn channels(&self) -> [Channel; 2] {
        [self.messages.channel(), self.files.channel()]
    }
}

impl End {
    pub(super) const fn channel(self) -> Channel {
        match self {
            Self::Opening(channel)
            | Self::Listening(channel, _)
            | Self::Calling(channel)
            | Self::There(channel) => channel,
        }
    }
}
