//! Files for the room, and from it (B5).
//!
//! In: what the user wants to send or to have, pieces of files, what the server says of them. Out: requests, files to read
//! and to write. Must not know how a text is carried.
//!
//! The server says nothing when it has taken a file, only when it has not. So a question follows each file that can only be
//! answered by an error: when that answer comes, the file has been taken.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use super::talk::{Conversation, PUBLIC};
use crate::client::Ticket;
use crate::client::stream::io::{FileId, Input, Output};
use crate::client::stream::talk::{Answer, Event, Why};
use crate::client::stream::tongue::Desk;
use crate::dialect::stories::json::{Availability, FileBytes, Get, Meta, Request, SentFile, Seq};

/// The most bytes of a file (B5).
const MOST_FILE: u64 = 16 << 20;
/// How many offers are remembered.
const MOST_OFFERS: usize = 256;

/// A file on its way to the room.
#[derive(Debug)]
struct Upload {
    ticket: Ticket,
    file: FileId,
    name: String,
    size: u64,
    room: String,
    bytes: Vec<u8>,
    crc: u32,
    /// The question that follows it.
    fence: Option<Seq>,
}

/// A file we want.
#[derive(Debug)]
struct Download {
    ticket: Ticket,
    /// What its owner calls it, and its size, where it was offered.
    offered: Option<(String, u64)>,
    /// Its bytes are there, and are being written.
    saving: Option<Saving>,
}

#[derive(Debug)]
struct Saving {
    file: FileId,
    name: String,
    size: u64,
    crc: u32,
}

#[derive(Debug)]
struct Offer {
    label: String,
    name: String,
    size: u64,
}

/// The files at hand.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// The files that go when those before them have gone: one is in the memory at a time. Each is for one room.
    queue: VecDeque<(Ticket, PathBuf, String)>,
    uploads: BTreeMap<Seq, Upload>,
    downloads: BTreeMap<Seq, Download>,
    offers: BTreeMap<u64, Offer>,
    offered: u64,
}

impl Exchange {
    pub(super) fn is_idle(&self) -> bool {
        !self.is_sending() && self.downloads.is_empty()
    }

    /// Whether a file is on its way to the room we are in.
    pub(super) fn is_sending(&self) -> bool {
        !self.uploads.is_empty() || !self.queue.is_empty()
    }

    /// Whether the server owes an answer.
    pub(super) fn expects(&self) -> bool {
        self.uploads.values().any(|upload| upload.fence.is_some())
            || self.downloads.values().any(|download| download.saving.is_none())
    }

    /// The file that comes next, as far as it was announced: its name and size.
    pub(super) fn awaited(&self) -> Option<(&str, u64)> {
        let next = self.downloads.values().find(|download| download.saving.is_none())?;
        next.offered.as_ref().map(|(name, size)| (name.as_str(), *size))
    }

    /// There is no server any more.
    pub(super) fn end(&mut self, desk: &mut Desk) {
        for upload in std::mem::take(&mut self.uploads).into_values() {
            desk.put(Output::Forget(upload.file));
            desk.answer(upload.ticket, Answer::Unanswered);
        }
        for (ticket, ..) in std::mem::take(&mut self.queue) {
            desk.answer(ticket, Answer::Refused(Why::NotConnected.to_string()));
        }
        self.downloads.retain(|_, download| {
            if download.saving.is_none() {
                desk.answer(download.ticket, Answer::Unanswered);
            }
            download.saving.is_some()
        });
    }
}

impl Conversation {
    /// The file that comes next: its name and size.
    pub(in crate::client::stream) fn awaited_file(&self) -> Option<(&str, u64)> {
        self.exchange.awaited()
    }

    pub(super) fn send_file(&mut self, desk: &mut Desk, ticket: Ticket, path: PathBuf) {
        let room = self.place().to_owned();
        self.exchange.queue.push_back((ticket, path, room));
        self.next_upload(desk);
    }

    /// Reads the next file, when none is under way.
    fn next_upload(&mut self, desk: &mut Desk) {
        if !self.exchange.uploads.is_empty() {
            return;
        }
        let Some((ticket, path, room)) = self.exchange.queue.pop_front() else { return };
        let (file, seq) = (desk.file(), self.seq());
        let (name, bytes) = (String::new(), Vec::new());
        let upload = Upload { ticket, file, name, size: 0, room, bytes, crc: 0, fence: None };
        self.exchange.uploads.insert(seq, upload);
        desk.put(Output::Open { file, path });
    }

    pub(super) fn fetch(&mut self, desk: &mut Desk, ticket: Ticket, id: &str) {
        let offer = id.parse().ok().and_then(|number: u64| self.exchange.offers.get(&number));
        let label = offer.map_or_else(|| id.to_owned(), |offer| offer.label.clone());
        let offered = offer.map(|offer| (offer.name.clone(), offer.size));
        let seq = self.seq();
        let get = Request::GetFile(Get { seq: Some(seq.clone()), filename: label });
        match self.say_json(&get) {
            Ok(()) => {
                self.exchange.downloads.insert(seq, Download { ticket, offered, saving: None });
            }
            Err(why) => desk.answer(ticket, Answer::Refused(why.to_string())),
        }
    }

    /// Something has happened to a file.
    pub(super) fn file_input(&mut self, desk: &mut Desk, input: &Input<'_>) {
        match input {
            Input::FileOpened { file, name, size } => self.file_opened(desk, *file, name, *size),
            Input::Piece { file, bytes } => self.file_piece(desk, *file, bytes),
            Input::Kept { file, path } => {
                if let Some((ticket, saving)) = self.saved(*file) {
                    let Saving { size, crc, .. } = saving;
                    desk.tell(Event::FileSaved { path: path.clone(), size, crc });
                    desk.answer(ticket, Answer::Done);
                }
            }
            Input::FileFailed { file, why } => {
                if let Some((ticket, Saving { name, .. })) = self.saved(*file) {
                    desk.tell(Event::FileLost { name, why: why.clone() });
                    desk.answer(ticket, Answer::Refused(why.clone()));
                } else if let Some(seq) = self.upload_of(*file) {
                    self.give_up_upload(desk, &seq, why);
                }
            }
            _ => {}
        }
    }

    /// The server has said whether it wants the file.
    pub(super) fn file_announced(&mut self, desk: &mut Desk, seq: &Seq, answer: Result<(), String>) {
        if let Err(why) = answer {
            return self.give_up_upload(desk, seq, &why);
        }
        let Some(upload) = self.exchange.uploads.get_mut(seq) else { return };
        let (name, size) = (upload.name.clone(), upload.size);
        let request = Request::SendFile(SentFile {
            seq: seq.clone(),
            room: upload.room.clone(),
            meta: Meta { filename: name.clone(), size: Some(size) },
            data: FileBytes(std::mem::take(&mut upload.bytes)),
        });
        if let Err(why) = self.say(request.text(), Some((name, size))) {
            return self.give_up_upload(desk, seq, &why.to_string());
        }
        let fence = self.seq();
        // No label is empty: there is no such file.
        let question = Request::GetFile(Get { seq: Some(fence.clone()), filename: String::new() });
        if let Err(why) = self.say_json(&question) {
            return self.give_up_upload(desk, seq, &why.to_string());
        }
        if let Some(upload) = self.exchange.uploads.get_mut(seq) {
            upload.fence = Some(fence);
        }
    }

    pub(super) fn file_offered(&mut self, desk: &mut Desk, available: Availability) {
        let exchange = &mut self.exchange;
        exchange.offered = exchange.offered.saturating_add(1);
        let name = available.meta.filename;
        let size = available.meta.size.unwrap_or_default();
        let label = format!("{}_{name}", available.seq);
        exchange.offers.insert(exchange.offered, Offer { label, name: name.clone(), size });
        if exchange.offers.len() > MOST_OFFERS {
            exchange.offers.pop_first();
        }
        desk.tell(Event::FileOffered {
            id: exchange.offered.to_string(),
            name,
            size,
            by: available.uploader,
        });
    }

    /// A file we wanted has come: it is written if it is as it was announced.
    pub(super) fn file_came(&mut self, desk: &mut Desk, sent: SentFile) {
        // One that is being written has come already.
        let is_awaited = |download: &Download| download.saving.is_none();
        if !self.exchange.downloads.get(&sent.seq).is_some_and(is_awaited) {
            return;
        }
        let Some(mut download) = self.exchange.downloads.remove(&sent.seq) else { return };
        let (label, bytes) = (sent.meta.filename, sent.data.0);
        let size = bytes.len() as u64;
        let name = match &download.offered {
            Some((name, _)) => name.clone(),
            None => label.split_once('_').map_or(label.clone(), |(_, name)| name.to_owned()),
        };
        let announced = download.offered.as_ref().map(|(_, size)| *size).or(sent.meta.size);
        if [announced, sent.meta.size].into_iter().flatten().any(|announced| announced != size) {
            let why = format!("damaged: {size} bytes of {}", announced.unwrap_or_default());
            desk.tell(Event::FileLost { name, why: why.clone() });
            return desk.answer(download.ticket, Answer::Refused(why));
        }
        let (file, crc) = (desk.file(), crc32fast::hash(&bytes));
        desk.put(Output::Save { file, name: name.clone() });
        desk.put(Output::Write { file, bytes });
        desk.put(Output::Keep(file));
        download.saving = Some(Saving { file, name, size, crc });
        self.exchange.downloads.insert(sent.seq, download);
    }

    /// The server says that this came to nothing; whether it is one of these. The end of a fence is the good end of what was
    /// before it.
    pub(super) fn file_failed(&mut self, desk: &mut Desk, seq: &Seq, why: &str) -> bool {
        if let Some(download) = self.exchange.downloads.remove(seq) {
            desk.answer(download.ticket, Answer::Refused(why.into()));
            return true;
        }
        let fenced = self.exchange.uploads.iter().find(|(_, upload)| upload.fence.as_ref() == Some(seq));
        if let Some((seq, upload)) = fenced {
            let (name, size, crc) = (upload.name.clone(), upload.size, upload.crc);
            desk.answer(upload.ticket, Answer::Sent { name, size, crc });
            let seq = seq.clone();
            self.exchange.uploads.remove(&seq);
            self.next_upload(desk);
            return true;
        }
        let known = self.exchange.uploads.contains_key(seq);
        self.give_up_upload(desk, seq, why);
        known
    }

    fn file_opened(&mut self, desk: &mut Desk, file: FileId, name: &str, size: u64) {
        let Some(seq) = self.upload_of(file) else { return };
        // Base64 has four characters for three bytes; what stands around them has less than a KiB.
        let carried = usize::try_from(size).unwrap_or(usize::MAX).saturating_mul(4).saturating_div(3);
        if size > MOST_FILE || carried.saturating_add(1 << 10) > self.longest {
            return self.give_up_upload(desk, &seq, "the file is too large");
        }
        if let Some(upload) = self.exchange.uploads.get_mut(&seq) {
            (upload.name, upload.size) = (name.into(), size);
        }
        desk.put(Output::Read(file));
    }

    fn file_piece(&mut self, desk: &mut Desk, file: FileId, bytes: &[u8]) {
        let Some(seq) = self.upload_of(file) else { return };
        let Some(upload) = self.exchange.uploads.get_mut(&seq) else { return };
        upload.bytes.extend_from_slice(bytes);
        let read = upload.bytes.len() as u64;
        if read > upload.size || (bytes.is_empty() && read < upload.size) {
            return self.give_up_upload(desk, &seq, "the file changes while it is read");
        }
        if !bytes.is_empty() {
            return desk.put(Output::Read(file));
        }
        desk.put(Output::Forget(file));
        upload.crc = crc32fast::hash(&upload.bytes);
        let (ticket, name) = (upload.ticket, upload.name.clone());
        // The server may have moved us meanwhile: the file is not for those who are there.
        if upload.room != self.room.as_deref().unwrap_or(PUBLIC) {
            return self.give_up_upload(desk, &seq, &Why::RoomGone.to_string());
        }
        if let Err(why) = self.announce_file(ticket, seq.clone(), &name) {
            self.give_up_upload(desk, &seq, &why.to_string());
        }
    }

    fn give_up_upload(&mut self, desk: &mut Desk, seq: &Seq, why: &str) {
        if let Some(upload) = self.exchange.uploads.remove(seq) {
            desk.put(Output::Forget(upload.file));
            desk.answer(upload.ticket, Answer::Refused(why.into()));
        }
        self.next_upload(desk);
    }

    fn upload_of(&self, file: FileId) -> Option<Seq> {
        let is_it = |upload: &&Upload| upload.file == file;
        self.exchange.uploads.iter().find(|(_, upload)| is_it(upload)).map(|(seq, _)| seq.clone())
    }

    fn saved(&mut self, file: FileId) -> Option<(Ticket, Saving)> {
        let is_it = |download: &Download| download.saving.as_ref().is_some_and(|saving| saving.file == file);
        let seq = self.exchange.downloads.iter().find(|(_, download)| is_it(download))?.0.clone();
        let download = self.exchange.downloads.remove(&seq)?;
        download.saving.map(|saving| (download.ticket, saving))
    }
}
