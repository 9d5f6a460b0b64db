//! What is done one at a time, in the order it was wanted (M28).
//!
//! In: what the user wants, what the session needs. Out: one request to the server at a time; texts handed to `direct`
//! in a decentralised room. Must not know what the answers mean: `replies` does.

use super::session::State;
use super::{Answer, Ask, Client, Doubt, Event, Fate, Invitation, LANE, Purpose, Refused, Ticket, Why};
use crate::dialect::msp::{Body, Capabilities, Kind, Message, Name};
use crate::reliable::{Patience, Seq};
use crate::time::Instant;
use crate::vocab::Mode;
use crate::wire::Payload;

/// The longest text that a datagram of 65,507 bytes carries beside header, length and checksum, and some air.
const LONGEST_TEXT: usize = 65_000;

/// Something to be done in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Something the user wants.
    Users(Ticket, Ask),
    /// A text whose room has closed while it was on its way: it is not sent anew, but its answer is waited for.
    Orphan(Ticket),
    /// Go back to the public room, because we do not know where we are (M28).
    Home,
    /// Say which extensions we have.
    Hello,
    /// Ask who has an id, or who is in our room.
    Directory(u8),
    /// Ask who is in our decentralised room, and where.
    Refresh,
}

impl Job {
    pub(super) const fn is_users(&self) -> bool {
        matches!(self, Self::Users(..) | Self::Orphan(_))
    }

    pub(super) const fn is_disconnect(&self) -> bool {
        matches!(self, Self::Users(_, Ask::Disconnect))
    }

    /// The ticket, if this is a text.
    pub(super) const fn text(&self) -> Option<Ticket> {
        match self {
            Self::Users(ticket, Ask::Say(_)) => Some(*ticket),
            _ => None,
        }
    }

    /// The room it leads to, if it is a private one.
    pub(super) fn target(&self) -> Option<&str> {
        match self {
            Self::Users(_, Ask::Create { room, .. } | Ask::Join(room) | Ask::Switch(room)) => Some(room),
            _ => None,
        }
    }

    /// Whether texts behind it are meant for the room it leads to.
    pub(super) const fn moves(&self) -> bool {
        matches!(
            self,
            Self::Users(
                _,
                Ask::Create { .. }
                    | Ask::Join(_)
                    | Ask::Switch(_)
                    | Ask::Leave
                    | Ask::Answer { accept: true, .. }
            )
        )
    }
}

impl Client {
    pub(super) fn ask(&mut self, ticket: Ticket, ask: Ask) {
        self.queue.push_back(Job::Users(ticket, ask));
        if self.state == State::Ended {
            self.abandon_all(&Why::NotConnected);
        }
    }

    /// Begins what can be begun; true when something was.
    pub(super) fn start_jobs(&mut self, now: Instant) -> bool {
        let mut any = false;
        while self.current.is_none() && self.state == State::Registered && self.hold.is_none() {
            let home = self.doubt.as_ref().map(|_| Job::Home);
            let Some(job) = home.or_else(|| self.queue.pop_front()) else { break };
            // A text may overtake texts that some members still lack; nothing else may.
            if !self.spreads.is_empty() && job.is_users() && job.text().is_none() {
                self.queue.push_front(job);
                break;
            }
            any = true;
            self.start(now, job);
        }
        any
    }

    fn start(&mut self, now: Instant, job: Job) {
        let refused = match &job {
            Job::Users(ticket, Ask::Say(text)) if self.is_direct() => {
                let (ticket, text) = (*ticket, text.clone());
                return self.spread(ticket, text);
            }
            Job::Users(ticket, Ask::Answer { invitation, accept }) => {
                let (ticket, invitation, accept) = (*ticket, *invitation, *accept);
                return self.answer_invitation(now, ticket, invitation, accept);
            }
            Job::Refresh if !self.is_direct() => return,
            Job::Directory(_) if !self.capabilities.has(Capabilities::DIRECTORY) => {
                return self.no_directory(&job);
            }
            job => match self.body(job) {
                Some(body) => {
                    let patience = if job.is_disconnect() { Patience::GiveUp } else { Patience::Park };
                    let request = self.request(&body, Purpose::Job);
                    if let Some(request) = request {
                        self.link.send(request.in_lane(LANE, 0).with_patience(patience));
                        None
                    } else {
                        Some(Refused::BadName)
                    }
                }
                None => Some(Refused::BadName),
            },
        };
        match (job, refused) {
            (job, None) => {
                // What happens from now on is not in the list that the answer may bring.
                self.news &= !job.moves();
                self.current = Some(job);
            }
            (Job::Users(ticket, Ask::Say(_)), Some(_)) => self.give_up(ticket, Why::TooLong),
            (job @ Job::Users(ticket, _), Some(why)) => {
                if job.moves() {
                    self.abandon_texts();
                }
                self.refuse(ticket, why);
            }
            _ => {}
        }
    }

    /// The message that asks for `job`; `None` when no message can.
    fn body(&self, job: &Job) -> Option<Body<'static>> {
        let name = |text: &str| Name::new(text).map(Name::into_owned);
        Some(match job {
            Job::Hello => Body::Hello {
                version: 1,
                capabilities: Capabilities::NOTIFICATIONS
                    .with(Capabilities::DIRECTORY)
                    .with(Capabilities::RELAY),
            },
            Job::Directory(user) => Body::Directory { user: *user },
            Job::Refresh => Body::JoinRoom { room: name(&self.room.as_ref()?.name)? },
            Job::Home => Body::LeaveRoom,
            Job::Orphan(_) => return None,
            Job::Users(_, ask) => match ask {
                Ask::Say(text) if text.len() > LONGEST_TEXT => return None,
                Ask::Say(text) => Body::Text { text: text.clone().into(), order: None },
                Ask::Create { room, mode, capacity } => {
                    Body::CreateRoom { mode: *mode, room: name(room)?, capacity: *capacity }
                }
                Ask::Join(room) => Body::JoinRoom { room: name(room)? },
                Ask::Switch(room) => Body::SwitchRoom { room: name(room)? },
                Ask::Leave => Body::LeaveRoom,
                Ask::Invite(user) => Body::Invite { user: name(user)? },
                Ask::Answer { invitation, .. } => {
                    Body::JoinRoom { room: name(&self.offers.get(invitation)?.room)? }
                }
                Ask::ListRooms => Body::ListRooms,
                Ask::ListUsers(room) => Body::ListUsers { room: name(room.as_deref().unwrap_or(""))? },
                Ask::Disconnect => Body::Disconnect,
            },
        })
    }

    /// Answers an invitation. One who comes also asks for access, which succeeds whether or not the answer got through,
    /// and brings the addresses of a decentralised room (M22).
    fn answer_invitation(&mut self, now: Instant, ticket: Ticket, invitation: Invitation, accept: bool) {
        let access = self.body(&Job::Users(ticket, Ask::Answer { invitation, accept }));
        let Some(offer) = self.offers.remove(&invitation) else {
            if accept {
                self.abandon_texts();
            }
            return self.refuse(ticket, Refused::NoSuchInvitation);
        };
        let request = access.filter(|_| accept).and_then(|access| self.request(&access, Purpose::Job));
        self.reply(now, offer.seq, Kind::Offer, &Body::OfferReply { declined: request.is_none() });
        if let Some(request) = request {
            self.link.send(request.in_lane(LANE, 0).with_patience(Patience::Park));
            self.current = Some(Job::Users(ticket, Ask::Join(offer.room)));
            self.accepted = Some((ticket, offer.seq));
        } else {
            self.tell(Event::Answered { ticket, answer: Answer::Done });
        }
    }

    /// Our coming has led somewhere, or nowhere. If the server asks again, it must not be told once more that we come: it
    /// would move us when we do not expect it (M28).
    pub(super) fn conclude_acceptance(&mut self, ticket: Ticket) {
        if let Some((_, seq)) = self.accepted.take_if(|(accepting, _)| *accepting == ticket) {
            let declined = self.encode(seq, &Body::OfferReply { declined: true });
            self.link.answer(Seq::wrapping(seq), Kind::Offer.code().into(), declined);
        }
    }

    /// Answers a request of the server, and remembers the answer for its repetitions (M13).
    pub(super) fn reply(&mut self, now: Instant, seq: u16, kind: Kind, body: &Body<'_>) {
        let mut bytes = Vec::new();
        if (Message { user: self.id, seq, body: body.clone() }).encode(&mut bytes).is_ok() {
            let payload = Payload::new(&bytes);
            self.link.remember(now, Seq::wrapping(seq), kind.code().into(), Some(payload.clone()), 0);
            self.send(self.config.server, payload);
        }
    }

    /// Whether the extensions of the server are not known yet, but will be.
    pub(super) fn is_greeting(&self) -> bool {
        self.current.iter().chain(&self.queue).any(|job| *job == Job::Hello)
    }

    /// Whether texts go straight to the other members.
    pub(super) fn is_direct(&self) -> bool {
        self.room.as_ref().is_some_and(|room| room.mode == Mode::Direct)
    }

    /// The job we were at came to nothing.
    pub(super) fn job_unanswered(&mut self) {
        self.doubt_unanswered_move();
        if self.current.as_ref().is_some_and(Job::moves) {
            self.abandon_texts();
        }
        match self.current.take() {
            Some(Job::Users(_, Ask::Disconnect)) => self.disconnected(),
            Some(job) => self.abandon(job, &Why::Silence),
            None => {}
        }
    }

    /// Everything that the user waits for comes to nothing.
    pub(super) fn abandon_all(&mut self, why: &Why) {
        self.link.cancel_lane(LANE);
        self.abandon_spreads(why);
        if self.state != State::Ended {
            self.doubt_unanswered_move();
        }
        let jobs: Vec<_> = self.current.take().into_iter().chain(self.queue.drain(..)).collect();
        for job in jobs {
            self.abandon(job, why);
        }
    }

    /// The server may have carried out the move that we give up: we do not know where we are any more.
    fn doubt_unanswered_move(&mut self) {
        if self.current.as_ref().is_some_and(|job| job.moves() || *job == Job::Home) {
            self.doubt = Some(Doubt::Unanswered);
        }
    }

    /// The private room we were in is gone: texts that were meant for it are given up, up to the next move.
    ///
    /// One that is on its way is still waited for: copies of it may be in the network, and the server must know that it
    /// was refused before it hears that we know of the closing. Otherwise a late copy would be published (M21).
    pub(super) fn abandon_room(&mut self) {
        self.abandon_spreads(&Why::RoomGone);
        self.members.clear();
        if let Some(ticket) = self.current.as_ref().and_then(Job::text) {
            self.current = Some(Job::Orphan(ticket));
        }
        if !self.current.as_ref().is_some_and(Job::moves) {
            self.abandon_texts();
        }
    }

    /// Gives up the texts that wait before the next move.
    pub(super) fn abandon_texts(&mut self) {
        let mut rest = std::mem::take(&mut self.queue);
        while let Some(job) = rest.pop_front() {
            if job.moves() {
                self.queue.push_back(job);
                break;
            }
            if job.text().is_some() { self.abandon(job, &Why::RoomGone) } else { self.queue.push_back(job) }
        }
        self.queue.append(&mut rest);
    }

    /// Tells the server that we know of the closings, as soon as no text meant for such a room is on its way (M21).
    pub(super) fn acknowledge_closings(&mut self, now: Instant) {
        if !matches!(self.current, Some(Job::Orphan(_))) {
            for seq in std::mem::take(&mut self.closings) {
                self.reply(now, seq, Kind::Notification, &Body::NotificationReply);
            }
        }
    }

    pub(super) fn abandon(&mut self, job: Job, why: &Why) {
        match job {
            Job::Orphan(ticket) => self.give_up(ticket, Why::RoomGone),
            Job::Users(ticket, Ask::Say(_)) => self.give_up(ticket, why.clone()),
            Job::Users(_, Ask::Disconnect) => self.disconnected(),
            Job::Users(ticket, _) => self.tell(Event::Answered { ticket, answer: Answer::Unanswered }),
            job @ Job::Directory(_) => self.no_directory(&job),
            // Without it nothing else is understood.
            Job::Hello if self.state == State::Registered => self.queue.push_front(job),
            Job::Refresh if self.state == State::Registered => self.members_changed(),
            Job::Hello | Job::Refresh | Job::Home => {}
        }
    }

    pub(super) fn give_up(&mut self, ticket: Ticket, why: Why) {
        self.tell(Event::Text { ticket, fate: Fate::GivenUp(why) });
    }

    pub(super) fn refuse(&mut self, ticket: Ticket, why: Refused) {
        self.tell(Event::Answered { ticket, answer: Answer::Refused(why) });
    }
}
