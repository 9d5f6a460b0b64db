//! What is done one at a time, in the order it was wanted (M28).
//!
//! In: what the user wants, what the session needs. Out: one request to the server at a time; texts handed to `direct`
//! in a decentralised room. Must not know what the answers mean: `replies` does.

use super::session::State;
use super::tongue::{Receipt, Wish};
use super::{Answer, Ask, Client, Doubt, Event, Fate, LANE, Purpose, Refused, Ticket, Why};
use crate::reliable::Patience;
use crate::time::Instant;
use crate::vocab::Mode;

/// Something to be done in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Something the user wants.
    Users(Ticket, Ask),
    /// A text whose room has closed while it was on its way: it is not sent anew, but its answer is waited for.
    Orphan {
        ticket: Ticket,
        /// Whether no further part of it was to follow.
        whole: bool,
    },
    /// Go back to the public room, because we do not know where we are (M28).
    Home,
    /// Say which extensions we have (MSP).
    Hello,
    /// Ask who has an id, or who is in our room.
    Directory(u16),
    /// Ask for the room we are in: who is in it, and where, if it is a decentralised one (M8).
    Refresh,
    /// Ask for the list of users, because this needs it (Shen): who has the name that a text is for, or who is in the room
    /// that we have come into.
    Find(Ticket, Ask),
    /// Ask which room we were moved into, or are coming into (Shen).
    Locate(Locate),
}

/// A private room that we know by those who are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Locate {
    /// The answer to an invitation, which may not have arrived yet; `None` when the server has said that we are in.
    pub(super) ticket: Option<Ticket>,
    /// Somebody of these is in it, or comes into it.
    pub(super) with: Vec<String>,
    /// Its name, if we have given it one.
    pub(super) name: Option<String>,
    /// Its handle, if we were told; otherwise 0.
    pub(super) handle: u16,
    /// Rooms that it is not, for they are older.
    pub(super) before: Vec<String>,
    /// How its texts travel, as we were told.
    pub(super) mode: Mode,
    /// What we think it is: giving our room the name it has changes nothing and succeeds, and another one's is refused
    /// (S11).
    pub(super) proof: Option<String>,
    /// How often it was looked for.
    pub(super) tries: u32,
}

impl Job {
    pub(super) const fn is_users(&self) -> bool {
        matches!(
            self,
            Self::Users(..)
                | Self::Orphan { .. }
                | Self::Find(..)
                | Self::Locate(Locate { ticket: Some(_), .. })
        )
    }

    pub(super) const fn is_disconnect(&self) -> bool {
        matches!(self, Self::Users(_, Ask::Disconnect))
    }

    /// The ticket, if the user wants this.
    pub(super) const fn ticket(&self) -> Option<Ticket> {
        match self {
            Self::Users(ticket, _) | Self::Find(ticket, _) => Some(*ticket),
            _ => None,
        }
    }

    /// The ticket, if this is a text.
    pub(super) const fn text(&self) -> Option<Ticket> {
        match self {
            Self::Users(ticket, Ask::Say(_) | Ask::Tell { .. }) | Self::Find(ticket, Ask::Tell { .. }) => {
                Some(*ticket)
            }
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
                    | Ask::Dissolve
                    | Ask::Answer { accept: true, .. }
            ) | Self::Find(_, Ask::Join(_))
                | Self::Locate(_)
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
            self.go_home_if_adrift();
            let home = self.doubt.as_ref().map(|_| Job::Home);
            let Some(job) = home.or_else(|| self.queue.pop_front()) else { break };
            // A text may overtake texts that some members still lack, where members have them in order all the same.
            let may_overtake = job.text().is_some() && self.is_direct();
            if !self.spreads.is_empty() && job.is_users() && !may_overtake {
                self.queue.push_front(job);
                break;
            }
            any = true;
            self.start(now, job);
        }
        any
    }

    pub(super) fn start(&mut self, now: Instant, job: Job) {
        match job {
            Job::Users(ticket, Ask::Say(text)) if self.is_direct() => self.spread(ticket, &text),
            Job::Users(ticket, Ask::Answer { invitation, accept }) => {
                self.answer_question(now, ticket, invitation, accept);
            }
            // The numbers that we know may have changed hands: what is for one person must not reach another.
            Job::Users(ticket, ask @ Ask::Tell { .. }) => self.begin(Job::Find(ticket, ask)),
            Job::Refresh if self.room.is_none() => {}
            Job::Directory(_) if !self.has_directory() => self.no_directory(&job),
            job => match (self.undecided(&job), &job) {
                (Some(why), Job::Users(ticket, _)) => {
                    let ticket = *ticket;
                    if job.moves() {
                        self.abandon_texts();
                    }
                    self.refuse(ticket, why);
                }
                _ => self.begin(job),
            },
        }
    }

    fn begin(&mut self, job: Job) {
        let patience = if job.is_disconnect() { Patience::GiveUp } else { Patience::Park };
        match (self.request(Wish::Job(&job), Purpose::Job), job) {
            (Ok(request), job) => {
                self.link.send(request.in_lane(LANE, 0).with_patience(patience));
                // What happens from now on is not in the list that the answer may bring.
                self.news &= !job.moves();
                self.current = Some(job);
            }
            (Err(why), Job::Users(ticket, Ask::Say(_) | Ask::Tell { .. }) | Job::Find(ticket, _)) => {
                self.give_up(ticket, Why::of(why));
            }
            (Err(why), job @ Job::Users(ticket, _)) => {
                if job.moves() {
                    self.abandon_texts();
                }
                self.refuse(ticket, why);
            }
            _ => {}
        }
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
        self.cancel(LANE);
        self.shen.forget_pages();
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
        self.orphan_text();
        if !self.current.as_ref().is_some_and(Job::moves) {
            self.abandon_texts();
        }
    }

    /// The text that is on its way is not for where we are now.
    fn orphan_text(&mut self) {
        self.current = match self.current.take() {
            Some(Job::Users(ticket, Ask::Say(text) | Ask::Tell { text, .. })) => {
                Some(Job::Orphan { ticket, whole: self.parts(&text).len() < 2 })
            }
            Some(Job::Find(ticket, Ask::Tell { .. })) => Some(Job::Orphan { ticket, whole: false }),
            job => job,
        };
    }

    /// The room that we were coming into is not looked for any more, and what was to be said there is not said.
    pub(super) fn abandon_arrival(&mut self) {
        if let Some(index) = self.queue.iter().position(|job| matches!(job, Job::Locate(_)))
            && let Some(job) = self.queue.remove(index)
        {
            self.abandon_texts();
            self.abandon(job, &Why::NotConnected);
        }
    }

    /// Gives up the texts that wait before the next move.
    pub(super) fn abandon_texts(&mut self) {
        let mut rest = std::mem::take(&mut self.queue);
        while let Some(job) = rest.pop_front() {
            if job.moves() && !self.is_consent(&job) {
                self.queue.push_back(job);
                break;
            }
            if job.text().is_some() { self.abandon(job, &Why::RoomGone) } else { self.queue.push_back(job) }
        }
        self.queue.append(&mut rest);
    }

    /// Tells the server that we know of the closings, as soon as no text meant for such a room is on its way (M21).
    pub(super) fn acknowledge_closings(&mut self, now: Instant) {
        if !matches!(self.current, Some(Job::Orphan { .. })) {
            for (seq, mark) in std::mem::take(&mut self.closings) {
                let receipt = self.receipt(seq, Receipt::News);
                self.reply(now, seq, mark, receipt);
            }
        }
    }

    pub(super) fn abandon(&mut self, job: Job, why: &Why) {
        match job {
            Job::Orphan { ticket, .. } => self.give_up(ticket, Why::RoomGone),
            Job::Users(ticket, Ask::Say(_) | Ask::Tell { .. }) | Job::Find(ticket, Ask::Tell { .. }) => {
                self.give_up(ticket, why.clone());
            }
            Job::Users(_, Ask::Disconnect) => self.disconnected(),
            Job::Users(ticket, _)
            | Job::Find(ticket, _)
            | Job::Locate(Locate { ticket: Some(ticket), .. }) => {
                self.tell(Event::Answered { ticket, answer: Answer::Unanswered });
            }
            job @ Job::Directory(_) => self.no_directory(&job),
            // Without it nothing else is understood.
            Job::Hello if self.state == State::Registered => self.queue.push_front(job),
            Job::Refresh if self.state == State::Registered => self.queue.push_front(job),
            Job::Hello | Job::Refresh | Job::Home | Job::Locate(_) => {}
        }
    }

    pub(super) fn give_up(&mut self, ticket: Ticket, why: Why) {
        self.tell(Event::Text { ticket, fate: Fate::GivenUp(why) });
    }

    pub(super) fn refuse(&mut self, ticket: Ticket, why: Refused) {
        self.tell(Event::Answered { ticket, answer: Answer::Refused(why) });
    }
}
