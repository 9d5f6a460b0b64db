//! How a private connection comes about (A4, A8).
//!
//! In: what the user wants, what the server says, sockets that listen and connect. Out: what to say to the server, and
//! sockets. Must not know what is said over the connection.
//!
//! The one who asks listens on two ports, and lets in nobody but the address that the server has announced. Which of the
//! two connections is which is known by the port it came to.

use std::net::{IpAddr, SocketAddr};

use super::link::Link;
use super::partner::{End, Held, Meeting, Partner, Role, Stage};
use super::partners::Partners;
use crate::client::stream::io::{Channel, Output};
use crate::client::stream::talk::{Answer, Event, Question, QuestionId, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::matou::{Message, Ports, folded, is_name};
use crate::time::{Duration, Instant};

/// How long a request counts, and how long two people may take to meet: as the server has it (A4).
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How many may ask us at a time; more are not heard.
const MOST_ASKING: usize = 64;

impl Partners {
    /// The user wants a private connection with somebody.
    ///
    /// # Errors
    /// Why he gets none.
    pub(super) fn open(&mut self, now: Instant, desk: &mut Desk, user: &str) -> Result<(), String> {
        if folded(user) == self.us {
            return Err("that is you".into());
        }
        if !is_name(user) {
            return Err("nobody can be called so".into());
        }
        let partner = self.entry(user);
        let result = match &partner.stage {
            Stage::Open(_) => Err(format!("there is a private connection with {} already", partner.name)),
            Stage::Apart if partner.asks.is_some() => {
                partner.accept(now, desk);
                Ok(())
            }
            Stage::Apart => {
                partner.stage = Stage::Wanted { asked: true, accepted: false, until: now + PATIENCE };
                say(desk, &Message::Ask { name: partner.name.as_str().into() });
                Ok(())
            }
            Stage::Wanted { .. } | Stage::Meeting(_) => Ok(()),
        };
        self.settle(desk);
        result
    }

    /// The user answers somebody who asks; no word tells him that he is not wanted.
    ///
    /// # Errors
    /// When there is no such question.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        desk: &mut Desk,
        question: QuestionId,
        accept: bool,
    ) -> Result<(), String> {
        let asks = |partner: &&mut Partner| partner.asks.is_some_and(|(asked, _)| asked == question);
        let partner = self.all.values_mut().find(asks).ok_or("nobody asks that any more")?;
        if accept {
            partner.accept(now, desk);
        } else {
            partner.asks = None;
        }
        self.settle(desk);
        Ok(())
    }

    /// The user wants nothing private with somebody: what he said and sent before is still said and sent, unless he wants
    /// it twice.
    ///
    /// # Errors
    /// When there is nothing.
    pub(super) fn close(&mut self, desk: &mut Desk, user: &str) -> Result<(), String> {
        let partner =
            self.get_mut(user).ok_or_else(|| format!("there is no private connection with {user}"))?;
        partner.asks = None;
        match &mut partner.stage {
            Stage::Open(link) if link.closing => link.end(desk, ""),
            Stage::Open(link) => link.closing = true,
            Stage::Apart => {}
            Stage::Wanted { .. } | Stage::Meeting(_) => partner.fail(desk, ""),
        }
        self.settle(desk);
        Ok(())
    }

    /// Somebody asks us (PVCOREQNOTIF).
    pub(super) fn asked(&mut self, now: Instant, desk: &mut Desk, name: &str) {
        if folded(name) == self.us {
            return;
        }
        let asking = self.all.values().filter(|partner| partner.asks.is_some()).count();
        if asking >= MOST_ASKING && self.get_mut(name).is_none() {
            return;
        }
        let next = self.question();
        let partner = self.entry(name);
        name.clone_into(&mut partner.name);
        match &mut partner.stage {
            // We want it as well.
            Stage::Wanted { accepted, .. } => {
                if !*accepted {
                    *accepted = true;
                    say(desk, &Message::Accept { name: name.into() });
                }
            }
            Stage::Apart => {
                partner.withdraw(desk);
                partner.asks = Some((next, now + PATIENCE));
                desk.tell(Event::Question { question: next, by: name.into(), what: Question::Private });
            }
            // Whatever he means by it, there is one.
            Stage::Meeting(_) | Stage::Open(_) => {}
        }
    }

    /// He accepts, and will come from this address (PVCOESTASRC).
    pub(super) fn expect(&mut self, now: Instant, desk: &mut Desk, name: &str, address: IpAddr) {
        let Some(partner) = self.get_mut(name) else { return };
        let Stage::Wanted { asked: true, accepted, .. } = partner.stage else { return };
        name.clone_into(&mut partner.name);
        let (messages, files) = (desk.channel(), desk.channel());
        desk.put(Output::Listen { channel: messages });
        desk.put(Output::Listen { channel: files });
        partner.stage = Stage::Meeting(Meeting {
            address: address.to_canonical(),
            until: now + PATIENCE,
            accepted,
            messages: End::Opening(messages),
            files: End::Opening(files),
        });
    }

    /// A socket of ours listens: when both do, he is told where (PVCOPORT).
    pub(super) fn listening(&mut self, desk: &mut Desk, channel: Channel, port: u16) {
        let Some((partner, role)) = self.meeting_of(channel) else {
            return desk.put(Output::Close(channel));
        };
        let Stage::Meeting(meeting) = &mut partner.stage else { return };
        *meeting.end(role) = End::Listening(channel, port);
        if let Some(ports) = meeting.ports() {
            say(desk, &Message::Offer { name: partner.name.as_str().into(), ports: Ports::from(ports) });
        }
    }

    /// We have accepted, and this is where he listens (PVCOESTADST).
    pub(super) fn meet(&mut self, now: Instant, desk: &mut Desk, name: &str, address: IpAddr, ports: Ports) {
        let is_first = self.us < folded(name);
        let Some(partner) = self.get_mut(name) else { return };
        match &partner.stage {
            Stage::Wanted { accepted: true, .. } => {}
            // Both listen. The same one of the two gives way on both sides.
            Stage::Meeting(meeting) if meeting.accepted && !is_first => meeting.close(desk),
            _ => return,
        }
        let Some((messages, files)) = ports.numbers() else {
            return partner.fail(desk, "the ports that were announced are none");
        };
        partner.early.clear();
        let address = address.to_canonical();
        let mut call = |port| {
            let channel = desk.channel();
            desk.put(Output::Connect { channel, to: SocketAddr::new(address, port) });
            End::Calling(channel)
        };
        let (messages, files) = (call(messages), call(files));
        let until = now + PATIENCE;
        partner.stage = Stage::Meeting(Meeting { address, until, accepted: false, messages, files });
    }

    /// A connection that we wanted is there.
    pub(super) fn connected(&mut self, desk: &mut Desk, channel: Channel) {
        match self.meeting_of(channel) {
            Some((partner, role)) => partner.there(desk, role, channel),
            None => desk.put(Output::Close(channel)),
        }
    }

    /// Somebody has connected to us: the one we expect, or nobody (A8).
    pub(super) fn accepted(
        &mut self,
        desk: &mut Desk,
        listener: Channel,
        channel: Channel,
        from: SocketAddr,
    ) {
        let Some((partner, role)) = self.meeting_of(listener) else {
            return desk.put(Output::Close(channel));
        };
        let Stage::Meeting(meeting) = &partner.stage else { return };
        if from.ip().to_canonical() != meeting.address {
            return desk.put(Output::Close(channel));
        }
        desk.put(Output::Close(listener));
        partner.there(desk, role, channel);
    }

    /// A socket or a connection has come to nothing.
    pub(super) fn came_to_nothing(&mut self, desk: &mut Desk, channel: Channel, why: Option<&str>) {
        if let Some((partner, _)) = self.meeting_of(channel) {
            partner.fail(desk, why.unwrap_or("it was closed before it was open"));
        }
    }

    /// Somebody has left the server: what he asked, and what was asked of him, is void (A4).
    pub(super) fn left(&mut self, desk: &mut Desk, name: &str) {
        let Some(partner) = self.get_mut(name) else { return };
        partner.withdraw(desk);
        if matches!(partner.stage, Stage::Wanted { .. }) {
            partner.fail(desk, "he has left the server");
        }
        self.settle(desk);
    }

    /// The server does not know somebody we asked, or he speaks another protocol (ERROR 1). It does not say whom it means:
    /// somebody who is not seen here rather than somebody who is, and the latest of those.
    pub(super) fn not_connected(&mut self, desk: &mut Desk, is_here: impl Fn(&str) -> bool) -> bool {
        let asked = self.all.iter_mut().filter_map(|(key, partner)| match partner.stage {
            Stage::Wanted { until, accepted: false, .. } => Some(((!is_here(key), until), partner)),
            _ => None,
        });
        let Some((_, partner)) = asked.max_by_key(|(rank, _)| *rank) else { return false };
        partner.fail(desk, "there is nobody of that name who could have one");
        self.settle(desk);
        true
    }

    /// We have accepted, or met, somebody who does not ask any more (ERROR 2). It is not said whom that is about, either.
    pub(super) fn not_asked(&mut self, desk: &mut Desk) -> bool {
        let met = self.all.values_mut().filter_map(|partner| match &partner.stage {
            Stage::Wanted { until, accepted: true, asked: false } => Some((*until, partner)),
            Stage::Meeting(Meeting { until, messages: End::Listening(..), .. }) => Some((*until, partner)),
            _ => None,
        });
        let Some((_, partner)) = met.max_by_key(|(until, _)| *until) else { return false };
        partner.fail(desk, "it is not asked for any more");
        self.settle(desk);
        true
    }

    pub(super) fn meeting_of(&mut self, channel: Channel) -> Option<(&mut Partner, Role)> {
        self.all.values_mut().find_map(|partner| {
            let Stage::Meeting(meeting) = &partner.stage else { return None };
            let [messages, files] = meeting.channels();
            let role = [(messages, Role::Messages), (files, Role::Files)];
            let (_, role) = role.into_iter().find(|(end, _)| *end == channel)?;
            Some((partner, role))
        })
    }
}

impl Partner {
    /// He asks, and he may.
    fn accept(&mut self, now: Instant, desk: &mut Desk) {
        self.withdraw(desk);
        self.stage = Stage::Wanted { asked: false, accepted: true, until: now + PATIENCE };
        say(desk, &Message::Accept { name: self.name.as_str().into() });
    }

    /// What he asks needs no answer any more.
    pub(super) fn withdraw(&mut self, desk: &mut Desk) {
        if let Some((question, _)) = self.asks.take() {
            desk.tell(Event::Moot(question));
        }
    }

    /// One of the two connections is there; with the other it is a private connection.
    fn there(&mut self, desk: &mut Desk, role: Role, channel: Channel) {
        let Stage::Meeting(meeting) = &mut self.stage else { return };
        *meeting.end(role) = End::There(channel);
        let Some((messages, files)) = meeting.connections() else { return };
        let mut link = Link::new(&self.name, messages, files);
        desk.tell(Event::Opened { user: self.name.clone(), direct: true });
        for held in self.held.drain(..) {
            match held {
                Held::Text(ticket, text) => link.say(desk, ticket, &text),
                Held::File(ticket, path) => link.outgoing.send(desk, ticket, path),
            }
        }
        self.stage = Stage::Open(Box::new(link));
    }

    /// No private connection comes about.
    pub(super) fn fail(&mut self, desk: &mut Desk, why: &str) {
        self.early.clear();
        match std::mem::take(&mut self.stage) {
            Stage::Meeting(meeting) => meeting.close(desk),
            Stage::Apart => return,
            Stage::Wanted { .. } | Stage::Open(_) => {}
        }
        desk.tell(Event::Closed { user: self.name.clone(), why: why.into() });
        for held in self.held.drain(..) {
            let why = Why::NotOpen(self.name.clone());
            match held {
                Held::Text(ticket, _) => desk.give_up(ticket, why),
                Held::File(ticket, _) => desk.answer(ticket, Answer::Refused(why.to_string())),
            }
        }
    }
}

impl Meeting {
    fn close(&self, desk: &mut Desk) {
        for channel in self.channels() {
            desk.put(Output::Close(channel));
        }
    }
}

/// Says something to the server.
pub(super) fn say(desk: &mut Desk, message: &Message<'_>) {
    let mut bytes = Vec::new();
    // Names come from the server, or were found to be names.
    if message.encode(&mut bytes).is_ok() {
        desk.send(Channel::SERVER, bytes);
    }
}
