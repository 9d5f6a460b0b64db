//! What the server's answers mean.
//!
//! In: responses to requests of ours. Out: events, and a client that knows where it is. Must not know datagrams.

use super::jobs::Job;
use super::{Answer, Ask, Client, Doubt, Event, Fate, Purpose, Refused, Room, Ticket, Why};
use crate::dialect::msp::{
    Access, AccessStatus, Body, CreateStatus, DirectoryEntry, ErrorCode, Kind, Message, NOBODY, Registration,
};
use crate::reliable::Seq;
use crate::time::{Duration, Instant};
use crate::vocab::Mode;

/// How long to wait when the server says that we ask too much: it forgives 50 requests a second by default (M15).
const SLOW_DOWN: Duration = Duration::from_millis(200);

impl Client {
    /// A response came.
    pub(super) fn response(&mut self, now: Instant, message: &Message<'_>) {
        let seq = Seq::wrapping(message.seq);
        let Some(asked) = self.link.in_flight(seq).and_then(|asked| Kind::from_code(asked.packet.kind()))
        else {
            return;
        };
        let error = match &message.body {
            Body::Error { refused, code, reason } if *refused == asked.code() => {
                Some((*code, reason.to_string()))
            }
            _ if asked.response() == Some(message.kind()) => None,
            _ => return,
        };
        // A first CONNEXION and a later one are answered by the same type; the wrong one answers nothing.
        if let Body::ConnectReply(registration) = &message.body {
            return self.connect_reply(now, seq, registration);
        }
        let Some(asked) = self.link.answered(now, seq) else { return };
        let is_unknown = error.as_ref().is_some_and(|(code, _)| *code == ErrorCode::NOT_REGISTERED);
        if is_unknown && asked.purpose != Purpose::Register {
            return self.not_registered(&asked.purpose);
        }
        match asked.purpose {
            Purpose::Relay(errand) => self.relayed(now, errand, error.map(|(code, _)| code)),
            Purpose::Job => self.job_answered(now, &message.body, error),
            // Refused in a way that the protocol does not know: as good as no answer.
            Purpose::Register => self.registration_unanswered(),
            Purpose::KeepAlive => {}
        }
    }

    fn connect_reply(&mut self, now: Instant, seq: Seq<16>, registration: &Registration) {
        let purpose = self.link.in_flight(seq).map(|asked| asked.purpose.clone());
        match (purpose, registration) {
            (Some(Purpose::Register), Registration::Registered { status, id }) => {
                self.link.answered(now, seq);
                self.registered(now, *status, *id);
            }
            (Some(Purpose::KeepAlive), Registration::KeepAlive { error }) => {
                self.link.answered(now, seq);
                if *error {
                    self.forgotten();
                }
            }
            _ => {}
        }
    }

    fn not_registered(&mut self, purpose: &Purpose) {
        if let Purpose::Relay(errand) = purpose {
            self.not_reached(errand);
        }
        self.forgotten();
    }

    /// The server has no time for us: nothing is asked for a while.
    pub(super) fn slow_down(&mut self, now: Instant) {
        self.hold = Some(now + SLOW_DOWN);
    }

    fn job_answered(&mut self, now: Instant, body: &Body<'_>, error: Option<(ErrorCode, String)>) {
        let Some(job) = self.current.take() else { return };
        if error.as_ref().is_some_and(|(code, _)| *code == ErrorCode::TOO_MANY_REQUESTS)
            && !matches!(job, Job::Users(_, Ask::Invite(_)) | Job::Orphan(_))
        {
            self.slow_down(now);
            return self.queue.push_front(job);
        }
        match job {
            Job::Orphan(ticket) => {
                let fate = error.map_or(Fate::Delivered, |_| Fate::GivenUp(Why::RoomGone));
                self.tell(Event::Text { ticket, fate });
            }
            Job::Home => self.at_home(),
            Job::Hello => {
                if let Body::HelloReply { capabilities, .. } = body {
                    self.capabilities = *capabilities;
                }
            }
            Job::Directory(_) => self.directory(&job, body),
            Job::Refresh => {
                match (body, self.room.as_ref().map(|room| room.mode)) {
                    (
                        Body::JoinRoomReply(Access::Direct { status: AccessStatus::Joined, peers }),
                        Some(Mode::Direct),
                    ) => self.learn_members(peers),
                    (Body::JoinRoomReply(Access::Central(AccessStatus::Joined)), Some(Mode::Central)) => {}
                    _ => self.doubt_our_room(),
                }
                self.refresh_if_new();
            }
            Job::Users(ticket, ask) => self.users_answer(ticket, ask, body, error),
        }
    }

    fn users_answer(
        &mut self,
        ticket: Ticket,
        ask: Ask,
        body: &Body<'_>,
        error: Option<(ErrorCode, String)>,
    ) {
        if let Ask::Say(_) = ask {
            let fate = match error {
                None => Fate::Delivered,
                Some((ErrorCode::NOT_IN_PRIVATE_ROOM, _)) => {
                    self.doubt_our_room();
                    Fate::GivenUp(Why::RoomGone)
                }
                Some((code, reason)) => Fate::GivenUp(Why::Refused(code, reason)),
            };
            return self.tell(Event::Text { ticket, fate });
        }
        if matches!(ask, Ask::Disconnect) {
            return self.disconnected();
        }
        let moves = Job::Users(ticket, ask.clone()).moves() && !matches!(ask, Ask::Leave);
        let answer = match error {
            Some((code, reason)) => {
                if code == ErrorCode::NOT_IN_PRIVATE_ROOM {
                    self.doubt_our_room();
                }
                Answer::Refused(Refused::Error(code, reason))
            }
            None => self.meaning(ask, body),
        };
        if moves && matches!(answer, Answer::Refused(_)) {
            self.abandon_texts();
        }
        self.tell(Event::Answered { ticket, answer });
    }

    fn meaning(&mut self, ask: Ask, body: &Body<'_>) -> Answer {
        match (ask, body) {
            (Ask::Create { room, mode, .. }, Body::CreateRoomReply { status: CreateStatus::Created, .. }) => {
                self.moved_to(Some(Room { name: room.clone(), mode }));
                self.refresh_if_new();
                Answer::In { room, mode }
            }
            (_, Body::CreateRoomReply { status, .. }) => Answer::Refused(Refused::Create(*status)),
            (
                Ask::Join(room) | Ask::Switch(room),
                Body::JoinRoomReply(access) | Body::SwitchRoomReply(access),
            ) => {
                if access.status() != AccessStatus::Joined {
                    if self.room.as_ref().is_some_and(|ours| ours.name == room) {
                        self.doubt_our_room();
                    }
                    return Answer::Refused(Refused::Access(access.status()));
                }
                let mode = access.mode();
                if self.room.as_ref().is_none_or(|ours| ours.name != room || ours.mode != mode) {
                    self.moved_to(Some(Room { name: room.clone(), mode }));
                }
                self.learn_members(access.peers());
                self.refresh_if_new();
                Answer::In { room, mode }
            }
            (_, Body::LeaveRoomReply { refused: true }) => Answer::Refused(Refused::NotInPrivateRoom),
            (_, Body::LeaveRoomReply { refused: false }) => {
                self.moved_to(None);
                Answer::Left
            }
            (_, Body::RoomList(rooms)) => Answer::Rooms(
                rooms.iter().map(|entry| (entry.room.to_string(), entry.mode, entry.members)).collect(),
            ),
            (_, Body::UserList(names)) => Answer::Users(names.iter().map(ToString::to_string).collect()),
            _ => Answer::Done,
        }
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
        if let Some(room) = self.room.take() {
            self.abandon_room();
            self.tell(Event::Closed(room.name));
        }
        self.moved_to(None);
    }

    /// We are in another room now: ids may be other people's there.
    fn moved_to(&mut self, room: Option<Room>) {
        let closed = room.as_ref().map(|room| Doubt::Closed(room.name.clone()));
        if closed.is_none() || self.doubt != closed {
            self.doubt = None;
        }
        self.abandon_spreads(&Why::RoomGone);
        self.members.clear();
        self.names.forget();
        self.room = room;
        self.ask_directory(NOBODY);
    }

    /// Asks who has an id, or with 0 who is in our room, before anything else.
    pub(super) fn ask_directory(&mut self, who: u8) {
        let job = Job::Directory(who);
        if !self.queue.contains(&job) {
            // Not before BONJOUR, which says whether it can be asked at all.
            let behind = usize::from(self.queue.front() == Some(&Job::Hello));
            self.queue.insert(behind, job);
        }
    }

    fn directory(&mut self, job: &Job, body: &Body<'_>) {
        if let Body::DirectoryReply(entries) = body {
            for DirectoryEntry { id, user } in entries {
                self.names.learn(*id, user.to_string());
            }
            for DirectoryEntry { id, .. } in entries {
                self.release(*id);
            }
        }
        self.no_directory(job);
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
