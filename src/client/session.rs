//! Being registered, and staying so.
//!
//! In: the time, answers to CONNEXION, requests that came to nothing. Out: CONNEXION, events. Must not know rooms beyond
//! the fact that a session that is lost takes them with it.

use super::jobs::Job;
use super::tongue::Wish;
use super::{Client, ConnectError, Event, Fate, Purpose, Why};
use crate::dialect::msp::RegisterStatus;
use crate::reliable::Lost;
use crate::time::{Duration, Instant};

/// Where the session stands. The table is in `spec/msp-states.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A CONNEXION with our name is out, or will be sent again at `retry_at`.
    Connecting { attempt: u32, retry_at: Option<Instant> },
    /// We have an id.
    Registered,
    /// We have left, or never came in.
    Ended,
}

/// How often a silent server is asked for a sign of life.
const PROBE_GAP: Duration = Duration::from_secs(1);

/// How often a server that said goodbye is asked whether it is back, and for how long: one that was started again does
/// not know us, and we would be deaf until the next keep-alive (M37).
const RETURN_GAP: Duration = Duration::from_secs(3);
const RETURN_PATIENCE: Duration = Duration::from_secs(300);

impl Client {
    /// The server says that it stops.
    pub(super) fn server_stops(&mut self) {
        self.awaiting_return = Some(self.last_now + RETURN_PATIENCE);
        self.keep_alive_at = self.keep_alive_at.min(self.last_now + RETURN_GAP);
        self.tell(Event::ServerStops);
    }

    /// Asks to be registered under our name.
    pub(super) fn register(&mut self) {
        match self.request(Wish::Register, Purpose::Register) {
            Ok(request) => self.link.send(request),
            Err(_) => self.end(ConnectError::Refused(RegisterStatus::InvalidName)),
        }
    }

    /// The server has answered our CONNEXION.
    pub(super) fn registered(&mut self, now: Instant, status: RegisterStatus, id: u8) {
        let State::Connecting { attempt, .. } = self.state else { return };
        match status {
            RegisterStatus::Accepted => {
                self.state = State::Registered;
                self.keep_alive_at = now + self.config.keep_alive;
                self.tell(Event::Registered { id });
                self.greet();
            }
            // The server asks the holder now whether he is there: a ghost of ours is gone after his tries (M4).
            RegisterStatus::NameTaken if attempt < 2 => {
                let retry_at = Some(now + self.config.timing.span() + Duration::from_millis(200));
                self.state = State::Connecting { attempt: attempt.saturating_add(1), retry_at };
                self.tell(Event::StillConnecting { why: ConnectError::Refused(status) });
            }
            _ => self.end(ConnectError::Refused(status)),
        }
    }

    pub(super) fn registration_unanswered(&mut self) {
        let State::Connecting { attempt, .. } = self.state else { return };
        if attempt >= self.config.attempts {
            return self.end(ConnectError::Silence);
        }
        self.state = State::Connecting { attempt: attempt.saturating_add(1), retry_at: None };
        self.tell(Event::StillConnecting { why: ConnectError::Silence });
        self.link.in_vain();
        self.register();
    }

    /// The server does not know us: everything starts afresh, in the public room (M4). What was meant for a private room
    /// must not be heard there (M28).
    pub(super) fn forgotten(&mut self) {
        if self.state != State::Registered {
            return;
        }
        self.tell(Event::Forgotten);
        self.link = self.line(self.link.far_number());
        self.silence = None;
        self.hold = None;
        self.offers.clear();
        self.closings.clear();
        self.accepted = None;
        self.doubt = None;
        self.awaiting_return = None;
        self.lose_tongue();
        for author in self.names.awaited() {
            self.release(author);
        }
        self.names.forget();
        self.state = State::Connecting { attempt: 1, retry_at: None };
        match self.current.take() {
            Some(job @ Job::Orphan { .. }) => self.abandon(job, &Why::RoomGone),
            // The list was needed for something that has to be asked anew.
            Some(Job::Find(ticket, ask)) => self.queue.push_front(Job::Users(ticket, ask)),
            Some(job) => self.queue.push_front(job),
            None => {}
        }
        self.abandon_arrival();
        self.queue.retain(Job::is_users);
        if self.queue.front().is_some_and(Job::is_disconnect) {
            self.queue.pop_front();
            return self.disconnected();
        }
        if self.room.take().is_some() {
            self.abandon_room();
        }
        self.register();
    }

    /// Registration is given up for good.
    fn end(&mut self, why: ConnectError) {
        self.ended();
        self.tell(Event::NotRegistered { why });
        self.abandon_all(&Why::NotConnected);
    }

    /// We have said goodbye.
    pub(super) fn disconnected(&mut self) {
        self.ended();
        self.current = None;
        self.abandon_all(&Why::NotConnected);
        self.members.clear();
        self.room = None;
        self.tell(Event::Disconnected);
    }

    fn ended(&mut self) {
        self.state = State::Ended;
        self.shen_forget();
        self.silence = None;
        self.hold = None;
        self.link.stop_asking(self.config.timing, self.random.u16(..));
    }

    /// Keeps the registration alive, and watches over a server that does not answer.
    pub(super) fn keep_session(&mut self, now: Instant) {
        match self.state {
            State::Connecting { attempt, retry_at: Some(at) } if at <= now => {
                self.state = State::Connecting { attempt, retry_at: None };
                self.register();
            }
            State::Registered if self.keep_alive_at <= now => {
                self.awaiting_return.take_if(|until| *until <= now);
                let gap = if self.awaiting_return.is_some() { RETURN_GAP } else { self.config.keep_alive };
                self.keep_alive_at = now + gap;
                self.say_we_are_here();
                self.probe_relayed();
                self.look_around();
            }
            _ => {}
        }
        if let Some((since, probe)) = self.silence
            && probe <= now
        {
            if now.since(since) >= self.config.patience {
                self.silence = None;
                self.abandon_all(&Why::Silence);
            } else {
                self.silence = Some((since, now + PROBE_GAP));
                self.say_we_are_here();
            }
        }
    }

    /// When [`Client::keep_session`] is wanted next, silence apart.
    pub(super) const fn session_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Connecting { retry_at, .. } => retry_at,
            State::Registered => Some(self.keep_alive_at),
            State::Ended => None,
        }
    }

    /// The server gave a sign of life.
    pub(super) fn server_heard(&mut self, now: Instant) {
        self.silence = None;
        self.link.heard(now);
    }

    /// Looks after requests that came to nothing; true when there were any.
    pub(super) fn follow_losses(&mut self, now: Instant) -> bool {
        let mut any = self.follow_direct_losses();
        while let Some(Lost::GivenUp(lost) | Lost::Overflow(lost)) = self.link.poll_lost() {
            any = true;
            match lost.purpose {
                Purpose::Register => self.registration_unanswered(),
                Purpose::Job => self.job_unanswered(),
                Purpose::KeepAlive => {}
                Purpose::Relay(errand) => self.not_reached(&errand),
            }
        }
        if self.silence.is_none() && self.link.holds() {
            self.silence = Some((now, now + PROBE_GAP));
            self.say_we_are_here();
            if let Some(ticket) = self.current.as_ref().and_then(Job::text) {
                self.tell(Event::Text { ticket, fate: Fate::Delayed });
            }
        }
        any
    }

    fn say_we_are_here(&mut self) {
        if self.state == State::Registered
            && let Ok(request) = self.request(Wish::StillHere, Purpose::KeepAlive)
        {
            self.link.send(request);
        }
    }
}
