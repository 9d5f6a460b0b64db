//! An open private connection: texts on one channel, files on the other.
//!
//! In: bytes of both channels, their ends, what is to be said and sent. Out: the same for the other side, files, events.
//! Must not know how the connection came about.
//!
//! When one channel ends, what is on its way in the other is still taken: somebody who leaves may have said more there.

use std::collections::VecDeque;

use super::incoming::{Arrival, Incoming};
use super::outgoing::{Outgoing, Spoilt};
use super::partner::Role;
use super::progress::Progress;
use super::saving::Saving;
use crate::client::Ticket;
use crate::client::stream::io::{Channel, FileId, Output};
use crate::client::stream::talk::{Event, Fate, Way, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::matou::{self, Frames, Message};
use crate::time::{Duration, Instant};
use crate::wire::{Deframer, Scratch};

/// The largest file that is taken: more than one keeps by mistake.
pub(super) const LARGEST: u64 = 1 << 40;
/// How long nothing may come of a file that has begun: as long as of any half message (A6).
const STALL: Duration = Duration::from_secs(60);
/// How long the other end may take nothing of what we have for him: slow links take minutes for what is on its way already.
const UNREAD: Duration = Duration::from_secs(300);
/// How long the second channel is read when the first has ended, after its last bytes.
const DRAINING: Duration = Duration::from_secs(5);

/// Two channels with one person.
#[derive(Debug)]
pub(super) struct Link {
    name: String,
    /// `None`: it has ended.
    messages: Option<Channel>,
    files: Option<Channel>,
    frames: Deframer<Frames>,
    scratch: Scratch,
    /// The texts that are not known to be on their way.
    texts: VecDeque<Ticket>,
    incoming: Incoming,
    /// The file that comes; no number when it cannot be kept.
    receiving: Option<(Option<FileId>, Progress)>,
    pub(super) outgoing: Outgoing,
    /// One channel has ended: until when the other is read.
    until: Option<Instant>,
    /// When a file is given up of which nothing more comes.
    stalled: Option<Instant>,
    /// When one who takes nothing is given up.
    unread: Option<Instant>,
    /// The user wants it closed when his files are sent.
    pub(super) closing: bool,
    why: String,
}

impl Link {
    pub(super) fn new(name: &str, messages: Channel, files: Channel) -> Self {
        Self {
            name: name.into(),
            messages: Some(messages),
            files: Some(files),
            frames: Deframer::new(Frames { way: matou::Way::Messages }),
            scratch: Scratch::new(),
            texts: VecDeque::new(),
            incoming: Incoming::new(),
            receiving: None,
            outgoing: Outgoing::default(),
            until: None,
            stalled: None,
            unread: None,
            closing: false,
            why: String::new(),
        }
    }

    /// Whether both channels are there.
    pub(super) const fn is_whole(&self) -> bool {
        self.until.is_none() && !self.closing
    }

    /// Whether all is over.
    pub(super) const fn is_over(&self) -> bool {
        self.messages.is_none() && self.files.is_none()
    }

    /// Whether nothing that the user wants is still being done.
    pub(super) fn is_idle(&self) -> bool {
        self.texts.is_empty() && self.outgoing.is_idle()
    }

    /// Whether a file is coming.
    pub(super) const fn is_receiving(&self) -> bool {
        self.receiving.is_some()
    }

    /// Which channel is for what.
    pub(super) fn role(&self, channel: Channel) -> Option<Role> {
        match channel {
            channel if self.messages == Some(channel) => Some(Role::Messages),
            channel if self.files == Some(channel) => Some(Role::Files),
            _ => None,
        }
    }

    /// Says something. It is delivered as far as we can know when it is on its way: nobody answers to it.
    pub(super) fn say(&mut self, desk: &mut Desk, ticket: Ticket, text: &str) {
        let Some(channel) = self.messages.filter(|_| self.is_whole()) else {
            return desk.give_up(ticket, Why::NotOpen(self.name.clone()));
        };
        let mut bytes = Vec::new();
        for part in matou::carried(text) {
            let message = Message::Private { text: part.into() };
            if message.encode(&mut bytes).is_err() {
                return desk.give_up(ticket, Why::TooLong);
            }
        }
        if bytes.is_empty() {
            return desk.tell(Event::Text { ticket, fate: Fate::Delivered });
        }
        self.texts.push_back(ticket);
        desk.send(channel, bytes);
    }

    /// All that a channel was given is on its way.
    pub(super) fn written(&mut self, desk: &mut Desk, role: Role) {
        self.unread = None;
        match role {
            Role::Messages => {
                for ticket in self.texts.drain(..) {
                    desk.tell(Event::Text { ticket, fate: Fate::Delivered });
                }
            }
            Role::Files => self.outgoing.written(desk),
        }
    }

    /// Bytes came.
    pub(super) fn bytes(
        &mut self,
        now: Instant,
        desk: &mut Desk,
        saving: &mut Saving,
        role: Role,
        bytes: &[u8],
    ) {
        if let Some(until) = &mut self.until {
            *until = now + DRAINING;
        }
        let result = match role {
            Role::Messages => self.take_texts(now, desk, bytes),
            Role::Files => self.take_files(now, desk, saving, bytes),
        };
        if let Err(why) = result {
            self.end(desk, &why);
        }
        if role == Role::Files {
            self.stalled = self.receiving.is_some().then_some(now + STALL);
        }
    }

    /// Something may have been said, sent or taken: the other end has its time for what is left.
    pub(super) fn watch(&mut self, now: Instant) {
        self.unread = if self.is_idle() { None } else { self.unread.or(Some(now + UNREAD)) };
    }

    /// When [`Link::handle_timeout`] is wanted next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        [self.until, self.stalled, self.unread].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        if self.until.is_some_and(|until| until <= now) {
            self.end(desk, "");
        } else if self.stalled.is_some_and(|until| until <= now) {
            self.end(desk, "nothing came any more of a file");
        } else if self.unread.is_some_and(|until| until <= now) {
            self.end(desk, "the other side does not read");
        }
    }

    /// A channel has ended, by a fault if there is a reason.
    pub(super) fn ended(&mut self, now: Instant, desk: &mut Desk, role: Role, why: Option<&str>) {
        let was_between = match role {
            Role::Messages => {
                self.messages = None;
                self.frames.held() == 0
            }
            Role::Files => {
                self.files = None;
                self.incoming.is_between_files()
            }
        };
        let why = match why {
            Some(why) => why,
            None if was_between => "",
            None => "it was cut off",
        };
        self.stop(desk, why);
        if role == Role::Files {
            self.lose(desk, "the rest of it did not come");
        }
        self.until = Some(now + DRAINING);
    }

    /// Ends what is left of it.
    pub(super) fn end(&mut self, desk: &mut Desk, why: &str) {
        (self.until, self.stalled, self.unread) = (None, None, None);
        self.stop(desk, why);
        self.lose(desk, "the private connection was closed before it was complete");
        if let Some(channel) = self.messages.take() {
            let mut bytes = Vec::new();
            if Message::PrivateSignOut.encode(&mut bytes).is_ok() {
                desk.send(channel, bytes);
            }
            desk.put(Output::Close(channel));
        }
        if let Some(channel) = self.files.take() {
            desk.put(Output::Close(channel));
        }
    }

    /// Why it has ended.
    pub(super) fn why(&self) -> String {
        self.why.clone()
    }

    /// The file at hand is open.
    pub(super) fn opened(&mut self, now: Instant, desk: &mut Desk, name: &str, size: u64) {
        if let Some(files) = self.files {
            self.outgoing.opened(now, desk, files, name, size);
        }
    }

    /// Bytes of it.
    pub(super) fn piece(&mut self, now: Instant, desk: &mut Desk, bytes: &[u8]) {
        if let Some(files) = self.files
            && self.outgoing.piece(now, desk, files, bytes) == Err(Spoilt)
        {
            self.end(desk, "a file could not be sent to its end");
        }
    }

    /// A file can not be read, or not be kept.
    pub(super) fn file_failed(&mut self, desk: &mut Desk, file: FileId, why: &str) {
        if self.outgoing.is_at(file) {
            if self.outgoing.failed(desk, why) == Err(Spoilt) {
                self.end(desk, "a file could not be sent to its end");
            }
        } else if let Some((kept, progress)) = &mut self.receiving
            && *kept == Some(file)
        {
            // The rest of it is read, and thrown away: others may follow.
            *kept = None;
            desk.tell(Event::FileLost { name: progress.result().0, why: why.into() });
        }
    }

    /// Nothing more is said here.
    fn stop(&mut self, desk: &mut Desk, why: &str) {
        if self.why.is_empty() {
            self.why = why.into();
        }
        for ticket in self.texts.drain(..) {
            desk.give_up(ticket, Why::NotOpen(self.name.clone()));
        }
        self.outgoing.end(desk, &format!("the private connection with {} has ended", self.name));
    }

    /// The file that was coming is not complete.
    fn lose(&mut self, desk: &mut Desk, why: &str) {
        if let Some((Some(file), progress)) = self.receiving.take() {
            desk.put(Output::Forget(file));
            desk.tell(Event::FileLost { name: progress.result().0, why: why.into() });
        }
        self.stalled = None;
    }

    fn take_texts(&mut self, now: Instant, desk: &mut Desk, mut bytes: &[u8]) -> Result<(), String> {
        while let Some(message) = self.frames.next(&mut bytes).map_err(|bad| broken(&bad))? {
            let text = match Message::decode(&message, &mut self.scratch).map_err(|bad| broken(&bad))? {
                Message::Private { text } => Some(text.into_owned()),
                // He signs off; the framing lets nothing else through.
                _ => None,
            };
            drop(message);
            let Some(text) = text else {
                self.signed_off(now, desk, Role::Messages);
                break;
            };
            desk.tell(Event::Heard { from: self.name.clone(), text, alone: true });
        }
        Ok(())
    }

    /// The other end says that he closes; on which channel is not for us to choose.
    fn signed_off(&mut self, now: Instant, desk: &mut Desk, role: Role) {
        let channel = match role {
            Role::Messages => self.messages,
            Role::Files => self.files,
        };
        if let Some(channel) = channel {
            desk.put(Output::Close(channel));
        }
        self.ended(now, desk, role, None);
    }

    fn take_files(
        &mut self,
        now: Instant,
        desk: &mut Desk,
        saving: &mut Saving,
        mut bytes: &[u8],
    ) -> Result<(), String> {
        while let Some(arrival) = self.incoming.next(&mut bytes).map_err(|bad| broken(&bad))? {
            match arrival {
                Arrival::Begins { name, size } if size > LARGEST => {
                    return Err(format!("the file {name} with its {size} bytes is too large"));
                }
                Arrival::Begins { name, size } => {
                    let (file, progress) = (desk.file(), Progress::begin(now, desk, &name, Way::In, size));
                    desk.put(Output::Save { file, name });
                    self.receiving = Some((Some(file), progress));
                }
                Arrival::Bytes(bytes) => {
                    if let Some((file, progress)) = &mut self.receiving {
                        progress.advance(now, desk, bytes);
                        if let Some(file) = *file {
                            desk.put(Output::Write { file, bytes: bytes.to_vec() });
                        }
                    }
                }
                Arrival::Ends => {
                    if let Some((Some(file), progress)) = self.receiving.take() {
                        desk.put(Output::Keep(file));
                        saving.begin(file, progress.result());
                    }
                }
                Arrival::SignOff => {
                    self.signed_off(now, desk, Role::Files);
                    break;
                }
            }
        }
        Ok(())
    }
}

/// What came cannot be read: the reason.
fn broken(why: &dyn std::fmt::Display) -> String {
    format!("what came cannot be read: {why}")
}
