//! What the server's answers lead to.
//!
//! In: what it [`Said`] to the job we are at, or its [`No`]. Out: events, and a client that knows where it is. Must not
//! know datagrams, nor how an answer was written.

use super::jobs::{Job, Locate};
use super::tongue::{No, Said, Wish};
use super::{Answer, Ask, Client, Doubt, Event, Fate, LANE, NOBODY, Purpose, Refused, Room, Ticket, Why};
use crate::dialect::msp::ErrorCode;
use crate::reliable::{Patience, Request};
use crate::time::{Duration, Instant};
use crate::vocab::Mode;

/// How long to wait when the server says that we ask too much: it forgives 50 requests a second by default (M15).
const SLOW_DOWN: Duration = Duration::from_millis(200);

impl Client {
    /// The server does not know us.
    pub(super) fn not_registered(&mut self, purpose: &Purpose) {
        if let Purpose::Relay(errand) = purpose {
            self.not_reached(errand);
        }
        self.forgotten();
    }

    /// The server has no time for us: nothing is asked for a while.
    pub(super) fn slow_down(&mut self, now: Instant) {
        self.hold = Some(now + SLOW_DOWN);
    }

    /// The server has answered the job we were at.
    pub(super) fn job_answered(&mut self, now: Instant, said: Result<Said, No>) {
        let Some(job) = self.current.take() else { return };
        if matches!(said, Err(No::Busy(_)))
            && !matches!(job, Job::Users(_, Ask::Invite(_)) | Job::Orphan { .. })
        {
            self.slow_down(now);
            return self.queue.push_front(job);
        }
        match job {
            Job::Orphan { ticket, whole } => {
                let fate = if said.is_ok() && whole { Fate::Delivered } else { Fate::GivenUp(Why::RoomGone) };
                self.tell(Event::Text { ticket, fate });
            }
            Job::Home => self.at_home(),
            Job::Hello => {}
            Job::Directory(_) => {
                self.learn_names(said);
                self.no_directory(&job);
            }
            Job::Refresh => self.refreshed(said),
            Job::Find(ticket, Ask::Tell { user, text }) => {
                self.learn_names(said);
                self.found(ticket, user, text);
            }
            Job::Find(ticket, ask) => self.users_answer(ticket, ask, said),
            Job::Locate(locate) => self.proved(now, locate, said.is_ok()),
            Job::Users(ticket, Ask::Say(text)) => {
                if said.is_ok() {
                    self.members.said(now);
                }
                self.text_answered(ticket, &text, said, Ask::Say);
            }
            Job::Users(ticket, Ask::Tell { user, text }) => {
                self.text_answered(ticket, &text, said, |text| Ask::Tell { user, text });
            }
            Job::Users(_, Ask::Disconnect) => self.disconnected(),
            Job::Users(ticket, ask) => self.users_answer(ticket, ask, said),
        }
    }

    /// A text, or a part of one: the rest comes next, before anything else.
    fn text_answered(
        &mut self,
        ticket: Ticket,
        text: &str,
        said: Result<Said, No>,
        ask: impl FnOnce(String) -> Ask,
    ) {
        let fate = match said {
            Ok(_) => {
                let first = self.parts(text).first().map_or(0, |part| part.len());
                if let Some(rest) = text.get(first..).filter(|rest| !rest.is_empty()) {
                    return self.go_on(Job::Users(ticket, ask(rest.into())));
                }
                Fate::Delivered
            }
            Err(No::NotThere(_)) => {
                self.doubt_our_room();
                Fate::GivenUp(Why::RoomGone)
            }
            Err(why) => Fate::GivenUp(Why::of(why.why())),
        };
        self.tell(Event::Text { ticket, fate });
    }

    /// Asks for what `job` needs next; nothing else is begun before.
    pub(super) fn go_on(&mut self, job: Job) {
        match self.packet(Wish::Job(&job)) {
            Ok(packet) => {
                let request = Request::new(super::Outgoing { packet, purpose: Purpose::Job });
                self.link.send(request.in_lane(LANE, 0).with_patience(Patience::Park));
                self.current = Some(job);
            }
            Err(_) => self.abandon(job, &Why::NotConnected),
        }
    }

    fn users_answer(&mut self, ticket: Ticket, ask: Ask, said: Result<Said, No>) {
        let moves = Job::Users(ticket, ask.clone()).moves() && !matches!(ask, Ask::Leave);
        let answer = match said {
            Ok(said) => self.outcome(ask, said),
            Err(no) => {
                let is_ours = |room: &str| self.room.as_ref().is_some_and(|ours| ours.name == room);
                let denied = match (&no, &ask) {
                    (No::NotThere(_), _) => true,
                    (No::Because(Refused::Access(_)), Ask::Join(room) | Ask::Switch(room)) => is_ours(room),
                    _ => false,
                };
                if denied {
                    self.doubt_our_room();
                }
                Answer::Refused(no.why())
            }
        };
        if moves && matches!(answer, Answer::Refused(_)) {
            self.abandon_texts();
        }
        self.tell(Event::Answered { ticket, answer });
    }

    fn outcome(&mut self, ask: Ask, said: Said) -> Answer {
        match (ask, said) {
            (Ask::Create { room, .. }, Said::In { mode, .. }) => {
                self.moved_to(Some(Room { name: room.clone(), mode }));
                self.refresh_if_new();
                Answer::In { room, mode }
            }
            (Ask::Join(room) | Ask::Switch(room), Said::In { mode, members }) => {
                if self.room.as_ref().is_none_or(|ours| ours.name != room || ours.mode != mode) {
                    self.moved_to(Some(Room { name: room.clone(), mode }));
                }
                self.learn_members(&members);
                self.refresh_if_new();
                Answer::In { room, mode }
            }
            (_, Said::Left) => {
                self.moved_to(None);
                Answer::Left
            }
            (_, Said::Rooms(rooms)) => Answer::Rooms(rooms),
            (_, Said::Users(names)) => Answer::Users(names),
            (Ask::Rename(name), _) => {
                if let Some(room) = &mut self.room {
                    room.name = name;
                }
                Answer::Done
            }
            _ => Answer::Done,
        }
    }

    /// The list of the room we are in has come.
    fn refreshed(&mut self, said: Result<Said, No>) {
        match (said, self.room.as_ref().map(|room| room.mode)) {
            (Ok(Said::In { mode: Mode::Direct, members }), Some(Mode::Direct)) => {
                self.learn_members(&members);
            }
            (Ok(Said::In { mode: Mode::Central, .. }), Some(Mode::Central)) => {}
            _ => self.doubt_our_room(),
        }
        self.refresh_if_new();
    }

    /// The server has been asked who is who: now the text can go, or there is nobody of that name.
    fn found(&mut self, ticket: Ticket, user: String, text: String) {
        if self.names.id(&user).is_some() {
            return self.go_on(Job::Users(ticket, Ask::Tell { user, text }));
        }
        let why = Why::Refused(ErrorCode::NO_SUCH_USER, "nobody has this name".into());
        self.give_up(ticket, why);
    }

    /// The server speaks as if we were not in the private room that we think we are in.
    fn doubt_our_room(&mut self) {
        if self.room.is_some() {
            self.doubt = Some(Doubt::Unanswered);
        }
    }

    /// We are in the public room, and know it.
    fn at_home(&mut self) {
        self.doubt = None;
        // A room that we were moved into is not looked for any more.
        self.queue.retain(|job| !matches!(job, Job::Locate(Locate { ticket: None, .. })));
        if let Some(room) = self.room.take() {
            self.abandon_room();
            self.tell(Event::Closed(room.name));
        }
        self.moved_to(None);
    }

    /// We are in another room now: ids may be other people's there.
    pub(super) fn moved_to(&mut self, room: Option<Room>) {
        let closed = room.as_ref().map(|room| Doubt::Closed(room.name.clone()));
        let is_closed = closed.is_some() && self.doubt == closed;
        self.doubt.take_if(|doubt| *doubt != Doubt::Crossed && !is_closed);
        self.abandon_spreads(&Why::RoomGone);
        self.members.clear();
        let left = std::mem::replace(&mut self.room, room);
        self.shen.has_arrived();
        self.msp.has_left(left.map(|left| left.name));
        self.numbers_changed();
    }

    /// Asks who has an id, or with 0 who is in our room, before anything else.
    pub(super) fn ask_directory(&mut self, who: u16) {
        let job = Job::Directory(who);
        if !self.queue.contains(&job) {
            // Not before BONJOUR, which says whether it can be asked at all.
            let behind = usize::from(self.queue.front() == Some(&Job::Hello));
            self.queue.insert(behind, job);
        }
    }

    fn learn_names(&mut self, said: Result<Said, No>) {
        let Ok(Said::Directory(entries)) = said else { return };
        for (id, user) in &entries {
            self.names.learn(*id, user.clone());
        }
        for (id, _) in entries {
            self.release(id);
        }
    }

    /// What waits for names that nobody tells does not wait any longer.
    pub(super) fn no_directory(&mut self, job: &Job) {
        match job {
            Job::Directory(NOBODY) => {
                self.send_held_relays();
                self.drop_held_relays();
            }
            Job::Directory(id) => self.release(*id),
            _ => {}
        }
    }
}
