//! Files that go out over one private connection, one after the other.
//!
//! In: files that are wanted, their bytes, the news that bytes are on their way. Out: what to read, what to send. Must not
//! know what else is said meanwhile: that goes over another connection, and waits for nothing here.
//!
//! The next piece is read when the one before it is on its way, so that a slow link holds one piece in memory.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::progress::Progress;
use crate::client::Ticket;
use crate::client::stream::io::{Channel, FileId, Output};
use crate::client::stream::talk::{Answer, Way};
use crate::client::stream::tongue::Desk;
use crate::dialect::matou::{LONGEST_FILE_NAME, Message};
use crate::time::Instant;

/// What the one who sends has to be told when he asks for more of a file that is shorter than he said.
const SHRUNK: &str = "the file has become shorter while it was sent";

/// The files that are to go.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    queue: VecDeque<(Ticket, PathBuf)>,
    current: Option<Sending>,
}

/// The file at hand.
#[derive(Debug)]
struct Sending {
    ticket: Ticket,
    file: FileId,
    /// None until it is open.
    progress: Option<Progress>,
}

/// The channel is of no use any more: the other end was promised bytes that there are not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spoilt;

impl Outgoing {
    /// Whether there is nothing to send.
    pub(super) fn is_idle(&self) -> bool {
        self.current.is_none() && self.queue.is_empty()
    }

    /// Whether this is the file at hand.
    pub(super) fn is_at(&self, file: FileId) -> bool {
        self.current.as_ref().is_some_and(|sending| sending.file == file)
    }

    /// Sends a file after those that were wanted before.
    pub(super) fn send(&mut self, desk: &mut Desk, ticket: Ticket, path: PathBuf) {
        self.queue.push_back((ticket, path));
        self.next(desk);
    }

    /// The file is open: says what comes.
    pub(super) fn opened(&mut self, now: Instant, desk: &mut Desk, to: Channel, name: &str, size: u64) {
        let Some(sending) = &mut self.current else { return };
        let mut bytes = Vec::new();
        let message = Message::File { name: fitting(name).into(), size };
        if let Err(why) = message.encode(&mut bytes) {
            return self.refuse(desk, &why.to_string());
        }
        sending.progress = Some(Progress::begin(now, desk, name, Way::Out, size));
        desk.send(to, bytes);
    }

    /// Bytes of the file.
    ///
    /// # Errors
    /// When there are none where there should be some.
    pub(super) fn piece(
        &mut self,
        now: Instant,
        desk: &mut Desk,
        to: Channel,
        bytes: &[u8],
    ) -> Result<(), Spoilt> {
        let Some(progress) = self.current.as_mut().and_then(|sending| sending.progress.as_mut()) else {
            return Ok(());
        };
        // A file that has grown is sent as it was announced.
        let bytes = progress.take(bytes);
        if bytes.is_empty() {
            self.refuse(desk, SHRUNK);
            return Err(Spoilt);
        }
        progress.advance(now, desk, bytes);
        desk.send(to, bytes.to_vec());
        Ok(())
    }

    /// All that was given to the channel is on its way.
    pub(super) fn written(&mut self, desk: &mut Desk) {
        let Some(Sending { ticket, file, progress: Some(progress) }) = &mut self.current else { return };
        if !progress.is_done() {
            return desk.put(Output::Read(*file));
        }
        let (name, size, crc) = progress.result();
        desk.put(Output::Forget(*file));
        desk.answer(*ticket, Answer::Sent { name, size, crc });
        self.current = None;
        self.next(desk);
    }

    /// The file cannot be read.
    ///
    /// # Errors
    /// When the other end was promised it already.
    pub(super) fn failed(&mut self, desk: &mut Desk, why: &str) -> Result<(), Spoilt> {
        let was_promised = self.current.as_ref().is_some_and(|sending| sending.progress.is_some());
        self.refuse(desk, why);
        if was_promised { Err(Spoilt) } else { Ok(()) }
    }

    /// Nothing more is sent.
    pub(super) fn end(&mut self, desk: &mut Desk, why: &str) {
        if let Some(sending) = self.current.take() {
            desk.put(Output::Forget(sending.file));
            desk.answer(sending.ticket, Answer::Refused(why.into()));
        }
        for (ticket, _) in std::mem::take(&mut self.queue) {
            desk.answer(ticket, Answer::Refused(why.into()));
        }
    }

    /// Nothing comes of the file at hand.
    fn refuse(&mut self, desk: &mut Desk, why: &str) {
        if let Some(sending) = self.current.take() {
            desk.put(Output::Forget(sending.file));
            desk.answer(sending.ticket, Answer::Refused(why.into()));
        }
        self.next(desk);
    }

    fn next(&mut self, desk: &mut Desk) {
        if self.current.is_none()
            && let Some((ticket, path)) = self.queue.pop_front()
        {
            let file = desk.file();
            self.current = Some(Sending { ticket, file, progress: None });
            desk.put(Output::Open { file, path });
        }
    }
}

/// A file's name as the protocol can carry it: 1 to 64 bytes, cut before what follows its last dot.
fn fitting(name: &str) -> String {
    if name.is_empty() {
        return "file".into();
    }
    if name.len() <= LONGEST_FILE_NAME {
        return name.into();
    }
    let extension = name.rfind('.').map_or("", |dot| name.split_at(dot).1);
    // What is as long as that tells nothing.
    let extension = if extension.len() <= LONGEST_FILE_NAME / 4 { extension } else { "" };
    let room = LONGEST_FILE_NAME.saturating_sub(extension.len());
    let (stem, _) = name.split_at(name.floor_char_boundary(room));
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_between_characters_and_keeps_what_it_ends_with() {
        assert_eq!(fitting("photo.jpg"), "photo.jpg");
        assert_eq!(fitting(""), "file");
        assert_eq!(fitting(&format!("{}.tar.gz", "é".repeat(40))), format!("{}.gz", "é".repeat(30)));
        assert_eq!(fitting(&format!("a.{}", "b".repeat(99))), format!("a.{}", "b".repeat(62)));
        for length in 0..200 {
            let name = fitting(&format!("{}.x", "漢".repeat(length)));
            assert!((1..=LONGEST_FILE_NAME).contains(&name.len()) && name.ends_with(".x"), "{name}");
        }
    }
}
