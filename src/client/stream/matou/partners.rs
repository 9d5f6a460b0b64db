//! All private connections, and those that may become some.
//!
//! In: what the user wants of somebody, what the server says about it, what channels and files bring. Out: what is to be
//! said to the server, outputs. Must not know the public room.
//!
//! Names are compared as the server does: without their letter case (A1).

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::link::Link;
use super::partner::{Held, Partner, Role, Stage};
use super::saving::Saving;
use crate::client::Ticket;
use crate::client::stream::io::{Channel, FileId, Input};
use crate::client::stream::talk::{Answer, Event, QuestionId, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::matou;
use crate::time::Instant;

/// The most bytes that are kept of somebody whose second connection is not there yet.
const MOST_EARLY: usize = 1 << 20;

/// Everybody with whom there is something private.
#[derive(Debug)]
pub(super) struct Partners {
    /// By their names without letter case.
    pub(super) all: BTreeMap<String, Partner>,
    /// Ours, in the same form: it decides who listens when two ask each other at once.
    pub(super) us: String,
    pub(super) saving: Saving,
    pub(super) last_question: u64,
}

impl Partners {
    pub(super) fn new(us: &str) -> Self {
        Self { all: BTreeMap::new(), us: matou::folded(us), saving: Saving::default(), last_question: 0 }
    }

    /// Somebody, who may be new.
    pub(super) fn entry(&mut self, name: &str) -> &mut Partner {
        self.all.entry(matou::folded(name)).or_insert_with(|| Partner::new(name))
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Partner> {
        self.all.get_mut(&matou::folded(name))
    }

    /// Says something to somebody, at once or when the connection is there that comes about.
    pub(super) fn tell(&mut self, desk: &mut Desk, ticket: Ticket, user: &str, text: String) {
        match self.get_mut(user) {
            Some(Partner { stage: Stage::Open(link), .. }) => link.say(desk, ticket, &text),
            Some(Partner { stage: Stage::Wanted { .. } | Stage::Meeting(_), held, .. }) => {
                held.push_back(Held::Text(ticket, text));
            }
            _ => desk.give_up(ticket, Why::NotOpen(user.into())),
        }
    }

    /// The same with a file.
    pub(super) fn send_file(&mut self, desk: &mut Desk, ticket: Ticket, user: &str, path: PathBuf) {
        match self.get_mut(user) {
            Some(Partner { stage: Stage::Open(link), .. }) if link.is_whole() => {
                link.outgoing.send(desk, ticket, path);
            }
            Some(Partner { stage: Stage::Wanted { .. } | Stage::Meeting(_), held, .. }) => {
                held.push_back(Held::File(ticket, path));
            }
            _ => desk.answer(ticket, Answer::Refused(Why::NotOpen(user.into()).to_string())),
        }
    }

    /// Something happened to a channel or a file of ours.
    pub(super) fn handle_input(&mut self, now: Instant, desk: &mut Desk, input: Input<'_>) {
        match input {
            Input::Bytes { channel, bytes } => self.heard(now, desk, channel, bytes),
            Input::Written(channel) => {
                if let Some((link, role)) = self.link_of(channel) {
                    link.written(desk, role);
                }
            }
            Input::Closed(channel) => self.gone(now, desk, channel, None),
            Input::Failed { channel, why } => self.gone(now, desk, channel, Some(&why)),
            Input::FileOpened { file, name, size } => {
                if let Some(link) = self.link_sending(file) {
                    link.opened(now, desk, &name, size);
                }
            }
            Input::Piece { file, bytes } => {
                if let Some(link) = self.link_sending(file) {
                    link.piece(now, desk, bytes);
                }
            }
            Input::Kept { file, path } => self.saving.kept(desk, file, path),
            Input::FileFailed { file, why } => {
                if !self.saving.failed(desk, file, &why) {
                    for link in self.all.values_mut().filter_map(Partner::link) {
                        link.file_failed(desk, file, &why);
                    }
                }
            }
            Input::Opened(channel) => {
                self.connected(desk, channel);
                self.hear_early(now, desk);
            }
            Input::Listening { channel, port } => self.listening(desk, channel, port),
            Input::Accepted { listener, channel, from } => {
                self.accepted(desk, listener, channel, from);
                self.hear_early(now, desk);
            }
            Input::Ask(..) => {}
        }
        self.settle(desk);
    }

    /// Looks who does not take what we have for him.
    pub(super) fn watch(&mut self, now: Instant) {
        self.all.values_mut().filter_map(Partner::link).for_each(|link| link.watch(now));
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant, desk: &mut Desk) {
        let keys: Vec<_> = self.all.keys().cloned().collect();
        for key in keys {
            let Some(partner) = self.all.get_mut(&key) else { continue };
            if partner.asks.is_some_and(|(_, until)| until <= now) {
                partner.withdraw(desk);
            }
            match &mut partner.stage {
                Stage::Open(link) => link.handle_timeout(now, desk),
                Stage::Wanted { until, .. } if *until <= now => partner.fail(desk, "there was no answer"),
                Stage::Meeting(meeting) if meeting.until <= now => {
                    partner.fail(desk, "no connection came about");
                }
                _ => {}
            }
        }
        self.settle(desk);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.all.values().filter_map(Partner::deadline).min()
    }

    /// Whether nothing that the user wanted is still being done.
    pub(super) fn is_idle(&self) -> bool {
        let is_idle = |partner: &Partner| match &partner.stage {
            Stage::Open(link) => link.is_idle(),
            _ => partner.held.is_empty(),
        };
        self.saving.is_empty() && self.all.values().all(is_idle)
    }

    /// Whether a file is coming.
    pub(super) fn is_receiving(&self) -> bool {
        let receives = |partner: &Partner| matches!(&partner.stage, Stage::Open(link) if link.is_receiving());
        self.all.values().any(receives)
    }

    /// The session is over: everything ends.
    pub(super) fn end(&mut self, desk: &mut Desk) {
        for partner in self.all.values_mut() {
            partner.withdraw(desk);
            match &mut partner.stage {
                Stage::Open(link) => link.end(desk, "the session is over"),
                _ => partner.fail(desk, "the session is over"),
            }
        }
        self.settle(desk);
    }

    /// What has ended is told, what is closed when it is done is closed, nobody with whom there is nothing is remembered.
    pub(super) fn settle(&mut self, desk: &mut Desk) {
        for partner in self.all.values_mut() {
            let Stage::Open(link) = &mut partner.stage else { continue };
            if link.closing && link.is_idle() {
                link.end(desk, "");
            }
            if link.is_over() {
                let why = link.why();
                partner.stage = Stage::Apart;
                desk.tell(Event::Closed { user: partner.name.clone(), why });
            }
        }
        self.all.retain(|_, partner| !partner.is_nobody());
    }

    pub(super) fn question(&mut self) -> QuestionId {
        self.last_question = self.last_question.saturating_add(1);
        QuestionId(self.last_question)
    }

    fn heard(&mut self, now: Instant, desk: &mut Desk, channel: Channel, bytes: &[u8]) {
        let Self { all, saving, .. } = self;
        let mut links = all.values_mut().filter_map(Partner::link);
        if let Some((link, role)) = links.find_map(|link| link.role(channel).map(|role| (link, role))) {
            return link.bytes(now, desk, saving, role, bytes);
        }
        let Some((partner, role)) = self.meeting_of(channel) else { return };
        partner.early.push((role, bytes.to_vec()));
        if partner.early.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > MOST_EARLY {
            partner.fail(desk, "too much came before it was open");
        }
    }

    /// What was said on one connection before the other was there.
    fn hear_early(&mut self, now: Instant, desk: &mut Desk) {
        let Self { all, saving, .. } = self;
        for partner in all.values_mut() {
            let Stage::Open(link) = &mut partner.stage else { continue };
            for (role, bytes) in std::mem::take(&mut partner.early) {
                link.bytes(now, desk, saving, role, &bytes);
            }
        }
    }

    fn gone(&mut self, now: Instant, desk: &mut Desk, channel: Channel, why: Option<&str>) {
        if let Some((link, role)) = self.link_of(channel) {
            link.ended(now, desk, role, why);
        } else {
            self.came_to_nothing(desk, channel, why);
        }
    }

    fn link_of(&mut self, channel: Channel) -> Option<(&mut Link, Role)> {
        let mut links = self.all.values_mut().filter_map(Partner::link);
        links.find_map(|link| link.role(channel).map(|role| (link, role)))
    }

    fn link_sending(&mut self, file: FileId) -> Option<&mut Link> {
        self.all.values_mut().filter_map(Partner::link).find(|link| link.outgoing.is_at(file))
    }
}
