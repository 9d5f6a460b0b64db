//! How the server moves us without our asking at that moment: a room opens or closes, a manager lets us in, or not.
//!
//! In: types 14, 15, 17, 20, 21 and 26 of the server, lists that show where we are. Out: a client that knows in which room
//! it is, or goes back to the public one because it does not (M28). Must not know datagrams.

use super::Proposal;
use super::list::{Listed, NOWHERE, members_of};
use super::replies::{MOST_TRIES, PAUSE};
use crate::client::jobs::{Job, Locate};
use crate::client::{Answer, Ask, Client, Doubt, Event, LANE, Refused, Room, Ticket};
use crate::dialect::msp::{AccessStatus, ErrorCode};
use crate::dialect::shen::Kind;
use crate::time::Instant;
use crate::vocab::Mode;

impl Client {
    /// 14: we are in the private room that we invited to, or asked to be let into. It does not say which of them.
    pub(super) fn granted(&mut self) {
        let open = self.take_proposal();
        let applied = self.shen.applied.take();
        let is_joining = matches!(self.current, Some(Job::Users(_, Ask::Join(_) | Ask::Switch(_))));
        if is_joining && self.accepted.is_none() && applied.is_none() && open.is_none() {
            // This is what the answer without words, which must be on its way, would have us wait for.
            self.shen.granted = true;
            return;
        }
        let next = match (applied, open) {
            // We come by invitation anyway.
            (None, None) if self.accepted.is_some() => return,
            // Asking for the room one is in changes nothing, succeeds, and brings its list (S9).
            (Some(applied), None) if !self.is_moving() => {
                self.shen.admitted = Some(applied.ticket);
                Some(Job::Users(applied.ticket, Ask::Join(applied.what)))
            }
            (None, Some(proposal)) if !self.is_moving() => Some(Job::Locate(Locate {
                ticket: None,
                with: proposal.users,
                name: proposal.name,
                handle: 0,
                before: proposal.before,
                proof: None,
                mode: proposal.mode.unwrap_or(Mode::Central),
                tries: 0,
            })),
            (applied, _) => {
                if let Some(applied) = applied {
                    self.tell(Event::Answered { ticket: applied.ticket, answer: Answer::Unanswered });
                }
                None
            }
        };
        if self.current == Some(Job::Home) {
            // On our way home, and moved away: nobody knows which came first.
            return self.queue.push_front(Job::Home);
        }
        if self.is_moving() {
            self.doubt = Some(Doubt::Crossed);
            return;
        }
        self.swept_away();
        if let Some(job) = next {
            self.queue.push_front(job);
        }
    }

    /// The server has moved us. Unless what is done next tells where to, we go home.
    pub(super) fn swept_away(&mut self) {
        if let Some(room) = self.room.take() {
            self.tell(Event::Closed(room.name));
        }
        self.abandon_room();
        self.shen.adrift = true;
    }

    /// Goes home, if the server has moved us and nothing that is done next tells where to (M28).
    pub(in crate::client) fn go_home_if_adrift(&mut self) {
        let is_told = matches!(self.queue.front(), Some(Job::Locate(_) | Job::Users(_, Ask::Join(_))));
        if self.shen.adrift && !is_told {
            self.doubt.get_or_insert(Doubt::Crossed);
        }
    }

    /// The room that people are invited to: that they are may be known before the answer to 25 has come.
    fn take_proposal(&mut self) -> Option<Proposal> {
        if let Some(proposal) = self.shen.proposal.take() {
            return Some(proposal);
        }
        let Some(Job::Users(_, Ask::ChooseMode(mode))) = self.current else { return None };
        self.shen.offered.take().map(|offered| Proposal { mode: Some(mode), ..offered })
    }

    /// 17: our room has closed. It does not say which room that was.
    pub(super) fn closed(&mut self) {
        if self.is_moving() {
            self.doubt = Some(Doubt::Crossed);
        } else if self.room.is_some() {
            self.lose_room(Doubt::Crossed);
        }
        if let Some(vote) = self.shen.vote.take() {
            self.refuse(vote.ticket, Refused::NotInPrivateRoom);
        }
    }

    /// 15, 20 or 21: what we waited for does not come.
    pub(super) fn denied(&mut self, kind: Kind, text: &str) {
        let why = match kind {
            Kind::RoomFull => Refused::Access(AccessStatus::RoomFull),
            Kind::Ended => Refused::Access(AccessStatus::NoSuchRoom),
            _ if text.is_empty() => Refused::Error(ErrorCode::NOT_ALLOWED, "not agreed".into()),
            _ => Refused::Error(ErrorCode::NOT_ALLOWED, text.into()),
        };
        // 15 never answers one who comes by invitation; it may be about the room he invited to before.
        let accepted = self.accepted.as_ref().map(|(ticket, _)| *ticket);
        if let Some(ticket) = accepted.filter(|_| kind != Kind::Denied) {
            return self.turned_away(ticket, why);
        }
        if let Some(applied) = self.shen.applied.take() {
            return self.refuse(applied.ticket, why);
        }
        if let Some(vote) = self.shen.vote.take() {
            return self.refuse(vote.ticket, why);
        }
        if self.take_proposal().is_some() {
            return self.tell(Event::NotOpened);
        }
        if kind == Kind::Ended {
            self.closed();
        }
    }

    /// 26: all have agreed. That of a room we have left changes nothing.
    pub(super) fn mode_changed(&mut self, handle: u16, mode: Mode) {
        let is_former = handle != 0 && self.shen.handle != 0 && handle != self.shen.handle;
        if self.room.is_none() || is_former {
            return;
        }
        self.set_mode(mode);
        match self.shen.vote.take_if(|vote| vote.what == mode) {
            Some(vote) => self.tell(Event::Answered { ticket: vote.ticket, answer: Answer::Done }),
            None => self.tell(Event::ModeChanged(mode)),
        }
    }

    /// The room we accepted to come into has no place for us, or is no more. That it is this one nobody says: so we go home,
    /// to know where we are.
    fn turned_away(&mut self, ticket: Ticket, why: Refused) {
        let is_about = |job: &Job| match job {
            Job::Locate(locate) => locate.ticket == Some(ticket),
            Job::Users(asked, _) | Job::Find(asked, _) => *asked == ticket,
            _ => false,
        };
        if self.current.as_ref().is_some_and(is_about) {
            self.cancel(LANE);
            self.shen.pages = None;
            self.current = None;
        }
        self.queue.retain(|job| !is_about(job));
        self.abandon_texts();
        self.refuse(ticket, why);
    }

    /// We came too late: true if we are still trying.
    pub(super) fn invitation_is_over(&mut self) -> bool {
        let ticket = self.accepted.as_ref().map(|(ticket, _)| *ticket);
        if let Some(ticket) = ticket {
            self.turned_away(ticket, Refused::NoSuchInvitation);
        }
        ticket.is_some()
    }

    /// A list has come that shows in which room those are who are with us.
    pub(super) fn located(&mut self, now: Instant, listed: &[Listed]) {
        let Some(Job::Locate(locate)) = self.current.take() else { return };
        match (self.room_in(&locate, listed), locate.ticket) {
            (Some(room), Some(ticket)) if is_ours(&room, &self.config.name, listed) => {
                self.shen.told = Some((room.clone(), locate.mode));
                self.current = Some(Job::Find(ticket, Ask::Join(room.clone())));
                let said = self.seen_inside(&room, listed);
                self.job_answered(now, Ok(said));
            }
            // Our answer may not have arrived yet: then the one who invited us may be seen in a room that he leaves.
            (Some(room), ticket) => {
                // Who comes by invitation is still elsewhere, maybe, and asks for the list when he is in.
                if ticket.is_none() {
                    self.learn_handle(&room, listed);
                }
                self.go_on(Job::Locate(Locate { proof: Some(room), ..locate }));
            }
            (None, _) => self.not_located(now, locate),
        }
    }

    /// The server has said whether our room is the one we took it for.
    pub(in crate::client) fn proved(&mut self, now: Instant, mut locate: Locate, is_it: bool) {
        let Some(room) = locate.proof.take().filter(|_| is_it) else { return self.not_located(now, locate) };
        if let Some(ticket) = locate.ticket {
            // Asking for the room one is in changes nothing, succeeds, and brings its list (S9).
            self.shen.told = Some((room.clone(), locate.mode));
            self.shen.asked_in = 0;
            return self.go_on(Job::Users(ticket, Ask::Join(room)));
        }
        // What was said meanwhile was not said for this room, which nobody knew to be open.
        self.abandon_texts();
        let mode = locate.mode;
        self.moved_to(Some(Room { name: room.clone(), mode }));
        self.members_changed();
        self.tell(Event::Opened { room, mode });
    }

    /// They are in no room that could be it: our answer may not have arrived yet, or they have left.
    pub(in crate::client) fn not_located(&mut self, now: Instant, locate: Locate) {
        if locate.tries < MOST_TRIES {
            self.hold = Some(now + PAUSE);
            return self
                .queue
                .push_front(Job::Locate(Locate { tries: locate.tries.saturating_add(1), ..locate }));
        }
        self.abandon_texts();
        match locate.ticket {
            Some(ticket) => self.refuse(ticket, Refused::NoSuchInvitation),
            None => self.doubt = Some(Doubt::Crossed),
        }
    }

    /// Which room it is; `None` if it is none of those that are listed, or one of several.
    fn room_in(&self, locate: &Locate, listed: &[Listed]) -> Option<String> {
        // One who is invited away from a room still sees that one until he has left it.
        let ours = self.room.as_ref().map(|room| (room.name.as_str(), self.shen.handle));
        // It may be called otherwise by now.
        let is_ours = |who: &&Listed| {
            ours.is_some_and(|(name, handle)| who.room == name || handle != 0 && who.room_handle == handle)
        };
        let others = || listed.iter().filter(|who| who.private && !is_ours(who));
        let told = |who: &&Listed| {
            locate.name.as_ref() == Some(&who.room) || locate.handle != 0 && locate.handle == who.room_handle
        };
        let known = others()
            .find(|who| who.user == self.config.name)
            .or_else(|| others().find(|who| who.address.is_some()))
            .or_else(|| others().find(told));
        if known.is_some() || locate.handle != 0 {
            return known.map(|who| who.room.clone());
        }
        if locate.ticket.is_some() {
            return others().find(|who| locate.with.contains(&who.user)).map(|who| who.room.clone());
        }
        // A room that has just opened: it was not there before, and only people whom we invited are in it.
        let is_new = |room: &String| !locate.before.contains(room);
        let all_invited = |room: &String| {
            others().filter(|who| who.room == *room).all(|who| locate.with.contains(&who.user))
        };
        let mut rooms: Vec<String> = others().map(|who| who.room.clone()).collect();
        rooms.sort_unstable();
        rooms.dedup();
        rooms.retain(|room| is_new(room) && all_invited(room));
        if rooms.len() > 1 { None } else { rooms.pop() }
    }

    /// Whether a move of ours is under way, so that nobody can tell whether it came before one of the server's.
    fn is_moving(&self) -> bool {
        let is_looking =
            self.accepted.is_some() || self.queue.iter().any(|job| matches!(job, Job::Locate(_)));
        is_looking || self.current.as_ref().is_some_and(|job| job.moves() || *job == Job::Home)
    }
}

/// Whether we are in this room beyond doubt: addresses are told to members only (S4).
fn is_ours(room: &str, us: &str, listed: &[Listed]) -> bool {
    members_of(room, us, listed).iter().any(|(_, address)| *address != NOWHERE)
}
