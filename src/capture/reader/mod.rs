//! Reads anybody's capture.
//!
//! In: the bytes of a capture by any tool, pcap or pcapng. Out: [`Event`]s in the order of the file, with streams put back in
//! order. What is in a message is not known here, nor who writes captures and how.
//!
//! The way of a packet: `source` (bytes) → `pcap`, `pcapng` (packets) → `link` → `ip`, `fragments` → `transport` → a datagram,
//! or `streams`, `direction`. Memory is bounded everywhere, whatever the file says.

mod direction;
mod error;
mod fields;
mod file;
mod fragments;
mod interface;
mod ip;
mod link;
mod pcap;
mod pcapng;
mod source;
mod streams;
mod transport;

use std::collections::VecDeque;
use std::io::Read;

pub use error::Unreadable;

use super::{Event, Header, Seen};
use error::Fault;
use file::{File, Found, Packet};
use fragments::Fragments;
use ip::{Place, protocols};
use link::Inside;
use streams::Streams;

/// Reads a capture, event by event, in memory that does not grow with the file.
///
/// Streams go on from one section to the next, so the parts of a capture are read as one: chain them
/// ([`Read::chain`]).
///
/// What stands in a section that palabre wrote is in its order: a hole in a stream is told at once, and each SYN opens.
/// Elsewhere a hole is waited for until the other end has acknowledged what is behind it, more than 1 MiB is held, or the
/// file ends; and a SYN with the number of the one before is that one again. Of bytes that differ, those captured first count.
///
/// ```
/// use palabre::capture::Reader;
/// # fn main() -> Result<(), palabre::capture::Unreadable> {
/// // The header of a pcap file, and no packet.
/// let file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0";
/// let mut reader = Reader::open(&file[..])?;
/// assert!(reader.header().is_none(), "another tool has written it");
/// while let Some(event) = reader.next()? {
///     println!("{}: {:?}", event.at, event.seen);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    file: File<R>,
    fragments: Fragments,
    streams: Streams,
    told: VecDeque<Event>,
    /// What the packet brings that is being read; kept for its memory.
    seen: Vec<Seen>,
    place: Place,
    end: Option<Result<(), Fault>>,
}

impl<R: Read> Reader<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// When it is no capture, or what palabre says about the server cannot be read.
    pub fn open(source: R) -> Result<Self, Unreadable> {
        Ok(Self {
            file: File::open(source).map_err(|fault| fault.after(0))?,
            fragments: Fragments::default(),
            streams: Streams::default(),
            told: VecDeque::new(),
            seen: Vec::new(),
            place: Place { packet: 0, at: 0 },
            end: None,
        })
    }

    /// What palabre has written about the server, if it has written the section that is being read.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        self.file.header()
    }

    /// The next event; `None` at the end of the file.
    ///
    /// # Errors
    /// When the rest cannot be read; all that stands before it has been told then. It is said once: after it comes `None`.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can fail, and `?` reads better than an iterator of results"
    )]
    pub fn next(&mut self) -> Result<Option<Event>, Unreadable> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Ok(Some(event));
            }
            match self.end.take() {
                None => self.read(),
                Some(end) if self.streams.forget_one(&mut self.seen) => {
                    self.tell(Vec::new());
                    self.end = Some(end);
                }
                Some(end) => {
                    self.end = Some(Ok(()));
                    return end.map(|()| None).map_err(|fault| fault.after(self.place.packet));
                }
            }
        }
    }

    /// Reads the next packet, or the end.
    fn read(&mut self) {
        let found = match self.file.next() {
            Ok(Some(found)) => found,
            Ok(None) => return self.finish(Ok(())),
            Err(fault) => return self.finish(Err(fault)),
        };
        self.place.packet = self.place.packet.saturating_add(1);
        let mut comments = Vec::new();
        match found {
            Found::Packet(packet) => {
                self.place.at = packet.at;
                let layers = Layers {
                    place: self.place,
                    is_ours: packet.is_ours,
                    fragments: &mut self.fragments,
                    streams: &mut self.streams,
                };
                layers.tell(&packet, &mut self.seen);
                comments = packet.comments;
            }
            Found::Broken(why) => self.seen.push(Seen::Broken(why)),
        }
        self.tell(comments);
    }

    fn finish(&mut self, end: Result<(), Fault>) {
        self.fragments.finish();
        self.seen.extend(self.fragments.given_up().map(Seen::Broken));
        self.tell(Vec::new());
        self.end = Some(end);
    }

    /// Makes events of what was seen.
    fn tell(&mut self, mut comments: Vec<String>) {
        let Place { packet, at } = self.place;
        self.told.extend(self.seen.drain(..).map(|seen| {
            let comments = core::mem::take(&mut comments);
            Event { packet, at, comments, seen }
        }));
    }
}

/// What a packet goes through.
struct Layers<'a> {
    place: Place,
    is_ours: bool,
    fragments: &'a mut Fragments,
    streams: &'a mut Streams,
}

impl Layers<'_> {
    fn tell(self, packet: &Packet<'_>, seen: &mut Vec<Seen>) {
        match link::inside(packet.link, packet.bytes) {
            Inside::Ip(bytes) => {
                let before = packet.bytes.len().saturating_sub(bytes.len());
                if let Err(why) = self.ip(bytes, packet.length.saturating_sub(before), seen) {
                    seen.push(Seen::Broken(why));
                }
            }
            Inside::User(bytes) if self.is_ours => seen.push(note(bytes, packet.length)),
            Inside::User(_) => seen.push(Seen::Foreign("of a user's own link type")),
            Inside::Foreign(what) => seen.push(Seen::Foreign(what)),
            Inside::Cut => seen.push(Seen::Broken("it ends in the middle of its link layer".into())),
        }
    }

    fn ip(self, bytes: &[u8], length: usize, seen: &mut Vec<Seen>) -> Result<(), String> {
        let carried = ip::carried(bytes, length, self.place, self.fragments);
        seen.extend(self.fragments.given_up().map(Seen::Broken));
        let Some(carried) = carried? else { return Ok(()) };
        match carried.protocol {
            protocols::UDP => seen.push(transport::datagram(&carried)?),
            protocols::TCP => {
                let segment = transport::segment(&carried)?;
                self.streams.hear(self.place.packet, &segment, self.is_ours, seen);
            }
            1 => seen.push(Seen::Foreign("ICMP")),
            2 => seen.push(Seen::Foreign("IGMP")),
            58 => seen.push(Seen::Foreign("ICMPv6")),
            132 => seen.push(Seen::Foreign("SCTP")),
            _ => seen.push(Seen::Foreign("of another IP protocol than UDP and TCP")),
        }
        Ok(())
    }
}

/// A line that palabre's own captures have between packets.
fn note(bytes: &[u8], length: usize) -> Seen {
    match core::str::from_utf8(bytes) {
        Ok(line) if bytes.len() == length => Seen::Note(line.into()),
        Ok(_) => Seen::Broken("a note that was cut".into()),
        Err(_) => Seen::Broken("a note that is not UTF-8".into()),
    }
}
