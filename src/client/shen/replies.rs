//! What the answers of a server mean that speaks Shen's protocol.
//!
//! In: responses to requests of ours. Out: [`Said`] or [`No`] for the job we are at, what is left open; a session that
//! goes on or is over. Must not know datagrams, nor what follows from an answer.

use super::{DECISION, Pending, Proposal};
use crate::client::jobs::Job;
use crate::client::tongue::{No, Said};
use crate::client::{Answer, Ask, Client, Doubt, Event, NOBODY, Outgoing, Purpose, Refused, Ticket};
use crate::dialect::msp::{AccessStatus, ErrorCode, RegisterStatus};
use crate::dialect::shen::{Body, Kind, Message};
use crate::time::{Duration, Instant};
use crate::vocab::Mode;

/// How often the server is asked whether we are in the room we accepted to come into, and after what pause: it asks for
/// our answer again when that was lost.
pub(super) const MOST_TRIES: u32 = 10;
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// How many of our latest requests are known to be over: more than are asked while a copy is on its way.
const MOST_ANSWERED: usize = 256;

impl Client {
    /// A response came that answers the request whose number it bears.
    pub(super) fn shen_response(&mut self, now: Instant, message: &Message<'_>) {
        let Some(asked) = self.link.answered(now, message.seq) else { return };
        self.is_over(now, message.seq, &asked);
        let (kind, text) = match &message.body {
            Body::Plain { kind, text } => (*kind, text.as_ref()),
            body => (body.kind(), ""),
        };
        match (asked.purpose, kind) {
            // Whoever else has the name may be a ghost of ours; whatever it is, the server does not say.
            (Purpose::Register, Kind::ConnectRefused) => self.registered(now, RegisterStatus::NameTaken, 0),
            (Purpose::Register, _) => self.registered(now, RegisterStatus::Accepted, 0),
            (purpose, Kind::ConnectRefused) => self.not_registered(&purpose),
            (Purpose::KeepAlive, _) => {}
            (Purpose::Relay(errand), Kind::Ack) => self.relayed(now, &errand, false),
            (Purpose::Relay(errand), _) => {
                self.relayed(now, &errand, true);
                // He is not in our room, whatever a list of several pages leaves open.
                self.member_left(&errand.to);
            }
            (Purpose::Job, Kind::UserList) => {
                if let Body::List(entries) = &message.body {
                    self.first_page(now, entries);
                }
            }
            (Purpose::Job, _) => self.shen_job(now, kind, text),
        }
    }

    /// Nothing is expected under this number any more: what comes under it within the next M × T answers what we asked.
    pub(in crate::client) fn is_over(&mut self, now: Instant, seq: u16, asked: &Outgoing) {
        if let Some(kind) = Kind::from_code(asked.packet.kind()) {
            self.shen.answered.push_back((seq, kind, now));
            let too_many = self.shen.answered.len().saturating_sub(MOST_ANSWERED);
            self.shen.answered.drain(..too_many);
        }
    }

    fn shen_job(&mut self, now: Instant, kind: Kind, text: &str) {
        if kind != Kind::Ack && kind != Kind::ModeOffer {
            let no = self.refusal(kind, text);
            let asked = self.current.as_ref().and_then(Job::ticket);
            if self.shen.admitted.take_if(|admitted| asked == Some(*admitted)).is_some() {
                // The room we were let into has another name by now, or is gone.
                self.doubt = Some(Doubt::Crossed);
            }
            if std::mem::take(&mut self.shen.granted) {
                self.doubt = Some(Doubt::Crossed);
            }
            return self.job_answered(now, Err(no));
        }
        let Some(Job::Users(ticket, ask)) = self.current.clone() else {
            return self.job_answered(now, Ok(Said::Done));
        };
        match ask {
            Ask::Join(room) | Ask::Switch(room) => return self.let_in(now, ticket, room, text.is_empty()),
            Ask::Invite(users) if kind == Kind::ModeOffer => {
                let users = users.split(',').map(|name| name.trim().into()).collect();
                self.shen.offered = Some(Proposal { users, ..Proposal::default() });
                // Nobody will tell which room it is: that it is not yet there tells it from others.
                self.queue.push_front(Job::Directory(NOBODY));
                self.tell(Event::ModeOffered);
            }
            Ask::ChooseMode(mode) => {
                // It may be open already: then the proposal is over.
                if let Some(offered) = self.shen.offered.take() {
                    let until = Some(now + DECISION);
                    self.shen.proposal = Some(Proposal { mode: Some(mode), until, ..offered });
                }
            }
            Ask::Name(name) => {
                let open = self.shen.offered.as_mut().or(self.shen.proposal.as_mut());
                match (open, &mut self.room) {
                    (Some(proposal), _) => proposal.name = Some(name),
                    (None, Some(room)) => {
                        room.name.clone_from(&name);
                        self.tell(Event::Renamed(name));
                    }
                    (None, None) => {}
                }
            }
            Ask::ChangeMode(mode) if text.is_empty() => return self.ask_for_mode(now, ticket, mode),
            Ask::ChangeMode(mode) => self.set_mode(mode),
            Ask::Leave | Ask::Dissolve => return self.job_answered(now, Ok(Said::Left)),
            _ => {}
        }
        self.job_answered(now, Ok(Said::Done));
    }

    /// How the job we are at is refused.
    fn refusal(&self, kind: Kind, text: &str) -> No {
        let error = |code, words: &str| {
            let words = if text.is_empty() { words } else { text };
            No::Because(Refused::Error(code, words.into()))
        };
        match (kind, &self.current) {
            (Kind::Elsewhere, Some(Job::Users(_, Ask::Tell { .. }))) => {
                error(ErrorCode::NO_SUCH_USER, "in another room")
            }
            (Kind::Elsewhere, _) => No::NotThere(Refused::NotInPrivateRoom),
            (Kind::RoomFull, _) => No::Because(Refused::Access(AccessStatus::RoomFull)),
            (Kind::NoSuchReceiver | Kind::NoSuchUser, Some(Job::Users(_, Ask::Join(_) | Ask::Switch(_))))
            | (Kind::Ended, _) => No::Because(Refused::Access(AccessStatus::NoSuchRoom)),
            (Kind::NoSuchReceiver | Kind::NoSuchUser, _) => error(ErrorCode::NO_SUCH_USER, "no such user"),
            (_, Some(Job::Users(_, Ask::Leave))) => No::Because(Refused::NotInPrivateRoom),
            _ => error(ErrorCode::NOT_ALLOWED, "refused"),
        }
    }

    /// The answer to 8 with words lets us in; one without says that the manager has to decide (S9).
    fn let_in(&mut self, now: Instant, ticket: Ticket, room: String, undecided: bool) {
        let granted = std::mem::take(&mut self.shen.granted);
        if undecided && granted {
            // The room may have another name by now, or be gone: then we are not where we think we are.
            self.swept_away();
            return self.go_on(Job::Users(ticket, Ask::Join(room)));
        }
        if !undecided {
            // Who is inside, and how its texts travel, is in the list.
            return self.go_on(Job::Find(ticket, Ask::Join(room)));
        }
        self.current = None;
        if self.accepted.as_ref().is_some_and(|(accepting, _)| *accepting == ticket) {
            // We were invited: our answer has not arrived yet. It is asked for again; the manager need not decide.
            self.shen.asked_in = self.shen.asked_in.saturating_add(1);
            if self.shen.asked_in < MOST_TRIES {
                self.hold = Some(now + PAUSE);
                return self.queue.push_front(Job::Users(ticket, Ask::Join(room)));
            }
            self.abandon_texts();
            return self.refuse(ticket, Refused::NoSuchInvitation);
        }
        self.abandon_texts();
        self.shen.applied = Some(Pending { ticket, until: now + DECISION, what: room });
        self.tell(Event::Undecided { ticket });
    }

    /// An answer to 26 without words may mean either that all have agreed or that they are still asked (S10). In the first
    /// case the list shows it.
    fn ask_for_mode(&mut self, now: Instant, ticket: Ticket, mode: Mode) {
        self.current = None;
        if let Some(former) = self.shen.vote.replace(Pending { ticket, until: now + DECISION, what: mode }) {
            self.tell(Event::Answered { ticket: former.ticket, answer: Answer::Unanswered });
        }
        self.queue.push_front(Job::Refresh);
    }

    /// A list shows how the texts of our room travel: those who were asked about it may have agreed.
    pub(super) fn vote_seen(&mut self, seen: Mode) {
        // A list without addresses proves something only if there were some before.
        let tells =
            seen == Mode::Direct || self.members.addresses().any(|(_, to)| to != super::list::NOWHERE);
        if let Some(vote) = self.shen.vote.take_if(|vote| tells && vote.what == seen) {
            self.set_mode(vote.what);
            self.tell(Event::Answered { ticket: vote.ticket, answer: Answer::Done });
        }
    }

    /// The texts of our room travel this way now.
    pub(super) fn set_mode(&mut self, mode: Mode) {
        if let Some(room) = &mut self.room {
            room.mode = mode;
            self.shen.told = None;
            self.members_changed();
        }
    }

    /// Our room is not on the list: if it has closed, that is told otherwise.
    pub(super) fn refreshed_in_vain(&mut self) {
        self.current = None;
        self.no_directory(&Job::Directory(NOBODY));
        self.refresh_if_new();
    }
}
