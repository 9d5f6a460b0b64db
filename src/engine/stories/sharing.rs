//! Files for the people of a room (B5).
//!
//! In: a file, or who wants which. Out: the file for him; word of it for the others of his room. Must not know where files
//! are kept.

use super::exchange::No;
use super::files::{Fault, Place, Sent, label};
use crate::dialect::stories::json::{Availability, FileBytes, Get, Meta, Reply, SentFile, words};
use crate::engine::config::Packed;
use crate::engine::outgoing::Purpose;
use crate::engine::side::PUBLIC;
use crate::engine::{Dialect, FileStore, Server};
use crate::ids::UserId;
use crate::time::Instant;

/// How a message ends whose last field is a string.
const END_OF_DATA: &str = "\"}";

impl Server {
    /// The same server, but files are kept in `store`, and those of rooms that exist are there from before.
    #[must_use]
    pub fn with_store(mut self, store: Box<dyn FileStore>) -> Self {
        let rooms = &self.rooms;
        self.stories.exchange.files =
            super::files::Files::new(store, &self.config.limits, |name| rooms.find_room(name));
        self
    }

    /// How many files are kept.
    #[must_use]
    pub fn files_kept(&self) -> usize {
        self.stories.exchange.files.len()
    }

    /// Keeps a file and tells the others of it.
    pub(super) fn json_send_file(&mut self, now: Instant, user: UserId, file: SentFile) -> Result<(), No> {
        self.forget_files();
        if !self.stories_is_in(user, &file.room) {
            return Err(("room", words::NOT_YOUR_ROOM));
        }
        let (place, uploader) = self.place_and_name(user).ok_or(("room", words::NOT_YOUR_ROOM))?;
        let room = place.and_then(|room| self.rooms.room(room)).map(|room| room.name.clone());
        let sent =
            Sent { seq: &file.seq, name: &file.meta.filename, room: room.as_deref(), uploader: &uploader };
        let files = &mut self.stories.exchange.files;
        let size = files.add(&self.config.limits, place, sent, file.data.0).map_err(no)?;
        let available = Reply::FileAvailable(Availability {
            seq: file.seq,
            room: file.room,
            meta: Meta { filename: file.meta.filename, size: Some(size) },
            uploader,
        });
        for other in self.others_of(user) {
            self.tell_of_file(now, other, user, &available);
        }
        Ok(())
    }

    /// Gives somebody a file of his room.
    pub(super) fn json_get_file(&mut self, now: Instant, user: UserId, get: Get) -> Result<(), No> {
        self.forget_files();
        let (place, _) = self.place_and_name(user).ok_or(("not-found", words::NO_SUCH_FILE))?;
        let files = &mut self.stories.exchange.files;
        let found = files.find(place, &get.filename, get.seq.as_ref()).cloned();
        let record = found.ok_or(("not-found", words::NO_SUCH_FILE))?;
        let Some(connection) = self.peers.seats.get(user).and_then(|seat| seat.connection) else {
            return Ok(());
        };
        let data = files.fetch(&self.config.limits, connection, record.number).map_err(no)?;
        let room = match place {
            None => PUBLIC.into(),
            Some(_) => self.stories_told_place(user).to_string(),
        };
        let meta = Meta { filename: label(&record), size: Some(record.size) };
        let seq = get.seq.unwrap_or(record.seq);
        let around = Reply::SendFile(SentFile { seq, room, meta, data: FileBytes(Vec::new()) }).text();
        // The bytes are the last thing there, and shared by all who get them.
        let around = around.split_at_checked(around.len().saturating_sub(END_OF_DATA.len()));
        let Some((before, END_OF_DATA)) = around else { return Err(no(Fault::Store)) };
        let is_said = self.stories_lends(now, user, before, &data, END_OF_DATA);
        if is_said { Ok(()) } else { Err(("too-long", words::TOO_LONG)) }
    }

    /// The files of rooms that are gone go too.
    pub(super) fn forget_files(&mut self) {
        let rooms = &self.rooms;
        self.stories.exchange.files.forget_rooms(|room| rooms.room(room).is_some());
    }

    fn place_and_name(&mut self, user: UserId) -> Option<(Place, String)> {
        let place = self.rooms.user(user)?.room;
        Some((place, self.stories_name(user)?.to_string()))
    }

    /// Who cannot fetch a file hears at least that there is one.
    fn tell_of_file(&mut self, now: Instant, to: UserId, by: UserId, available: &Reply) {
        if self.speaks_json(to) {
            self.json_say(now, to, available);
            return;
        }
        let Reply::FileAvailable(Availability { meta: Meta { filename, size }, .. }) = available else {
            return;
        };
        let size = size.unwrap_or_default();
        let Some(author) = self.rooms.user(by) else { return };
        let peer = self.peers.of(to).filter(|_| self.peers.seats.get(to).is_none());
        let Some((peer, dialect)) = peer.and_then(|id| Some((id, self.peers.get(id)?.dialect))) else {
            let author = self.sides.of_mut(Dialect::Matou).user_name(&self.rooms, by, &author.name);
            return self.matou_says(now, to, &words::sent_a_file(&author, filename, size));
        };
        let author = self.sides.of_mut(dialect.into()).user_name(&self.rooms, by, &author.name);
        let words = match dialect {
            Packed::Msp => words::sent_a_file_in_english(&author, filename, size),
            Packed::Shen => words::sent_a_file(&author, filename, size),
        };
        self.say(peer, &words, Purpose::Words);
        self.pump(now, peer);
    }
}

const fn no(fault: Fault) -> No {
    match fault {
        Fault::Name => ("name", words::BAD_FILE_NAME),
        Fault::TooLarge => ("too-large", words::FILE_TOO_LARGE),
        Fault::NotFound => ("not-found", words::NO_SUCH_FILE),
        Fault::Damaged => ("damaged", words::DAMAGED),
        Fault::Store => ("store", words::STORE_FAILS),
        Fault::Busy => ("busy", words::FILES_ON_THE_WAY),
    }
}
