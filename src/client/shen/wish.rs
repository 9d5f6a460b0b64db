//! How each wish is said in Shen's protocol.
//!
//! In: a [`Wish`], receipts, decisions. Out: packets and payloads. Must not know when it is said, nor how often.

use crate::client::jobs::{Job, Locate};
use crate::client::questions::{Asked, Offer};
use crate::client::tongue::Wish;
use crate::client::{Ask, Client, Refused};
use crate::dialect::msp::ErrorCode;
use crate::dialect::shen::{self, Body, Kind, Message, packet, words};
use crate::vocab::Mode;
use crate::wire::{Packet, Payload};

/// The longest part of a text: 1,024 bytes less the end of its line and what the server adds about its author (S14).
const LONGEST_PART: usize = 900;

/// What an ACK says that does not admit or agree: any other text than the one that does (S9, S10).
const NOT_AGREED: &str = "je ne suis pas d'accord";

impl Client {
    pub(in crate::client) fn shen_packet(&self, wish: Wish<'_>) -> Result<Packet, Refused> {
        let body = match wish {
            Wish::Register => Body::plain(Kind::Connect, name(&self.config.name)?),
            // Any request shows whether we are known; this one costs the server least.
            Wish::StillHere => Body::plain(Kind::CountMembers, ""),
            Wish::Job(job) => self.shen_body(job)?,
            Wish::Straight(text) => speech(0, text),
            Wish::Relay { to, text } => speech(to, text),
        };
        packet(&body).map_err(|_| Refused::BadName)
    }

    /// The message that asks for `job`.
    fn shen_body<'j>(&'j self, job: &'j Job) -> Result<Body<'j>, Refused> {
        if let Job::Locate(Locate { proof: Some(room), .. }) = job {
            // The room we are in, whichever that is: it is what we ask.
            let (mode, text) = (Mode::Central, name(room)?.into());
            return Ok(Body::Room { kind: Kind::RenameRoom, private: true, mode, room: 0, text });
        }
        let Job::Users(_, ask) = job else {
            return Ok(Body::plain(if *job == Job::Home { Kind::Leave } else { Kind::ListUsers }, ""));
        };
        Ok(match ask {
            Ask::Say(text) => speech(0, first(text)),
            Ask::Tell { user, text } => speech(self.names.id(user).ok_or_else(nobody)?, first(text)),
            Ask::Create { .. } => {
                return Err(no_word("invite somebody instead: the room opens when he comes"));
            }
            Ask::Join(room) | Ask::Switch(room) => Body::plain(Kind::Join, name(room)?),
            Ask::Leave => Body::plain(Kind::Leave, ""),
            Ask::Invite(users) => self.about_room(Kind::Invite, Mode::Central, names(users)?),
            Ask::ChooseMode(mode) => self.about_room(Kind::ChooseMode, *mode, ""),
            Ask::ChangeMode(mode) => self.about_room(Kind::ChangeMode, *mode, ""),
            Ask::Name(room) => self.about_room(Kind::NameRoom, Mode::Central, name(room)?),
            Ask::Rename(room) => self.about_room(Kind::RenameRoom, Mode::Central, name(room)?),
            Ask::Dissolve => Body::plain(Kind::Dissolve, ""),
            Ask::ListRooms | Ask::ListUsers(_) => Body::plain(Kind::ListUsers, ""),
            Ask::Disconnect => Body::plain(Kind::Disconnect, self.config.name.as_str()),
            Ask::Answer { .. } => return Err(no_word("an answer is not a request")),
        })
    }

    /// With the handle of the private room we are in, if we know it: whoever is invited then is invited into that one.
    fn about_room<'t>(&self, kind: Kind, mode: Mode, text: &'t str) -> Body<'t> {
        let room = if self.room.is_some() { self.shen.handle } else { 0 };
        Body::Room { kind, private: true, mode, room, text: text.into() }
    }
}

/// The parts in which a text is said; an empty one is one part.
pub(in crate::client) fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (vec![first(text)], text);
    loop {
        rest = rest.get(first(rest).len()..).unwrap_or_default();
        if rest.is_empty() {
            return parts;
        }
        parts.push(first(rest));
    }
}

/// All requests that are only to be heard have the same answer (S5).
pub(in crate::client) fn receipt(seq: u16) -> Payload {
    encoded(seq, Body::plain(Kind::Ack, ""))
}

/// Under the question's own number nobody can take it for the answer to another one (S5).
pub(in crate::client) fn decision(offer: &Offer, accept: bool) -> Payload {
    let body = match (&offer.what, accept) {
        (Asked::Invitation { .. }, true) => Body::plain(Kind::Accept, ""),
        (Asked::Invitation { .. }, false) => Body::plain(Kind::Decline, ""),
        (Asked::Consent, true) => Body::plain(Kind::Ack, words::AGREED),
        (Asked::Consent, false) => Body::plain(Kind::Ack, NOT_AGREED),
    };
    encoded(offer.seq, body)
}

fn encoded(seq: u16, body: Body<'_>) -> Payload {
    let mut bytes = Vec::with_capacity(Payload::HEAD);
    let encoded = Message { seq, body }.encode(&mut bytes);
    debug_assert!(encoded.is_ok(), "a short answer fits");
    Payload::new(&bytes)
}

fn first(text: &str) -> &str {
    text.split_at(text.floor_char_boundary(LONGEST_PART)).0
}

fn speech(receiver: u16, text: &str) -> Body<'_> {
    // EMITTER may be left to the server (S3); a member knows us by our address (S13).
    Body::Speech { kind: Kind::Send, emitter: 0, receiver, text: text.into() }
}

/// S15.
fn name(text: &str) -> Result<&str, Refused> {
    shen::room_name(text).ok_or(Refused::BadName)
}

/// Names with commas between them, in one line.
fn names(text: &str) -> Result<&str, Refused> {
    let is_good =
        shen::names(text).next().is_some() && shen::names(text).all(|name| shen::user_name(name).is_some());
    is_good.then_some(text).ok_or(Refused::BadName)
}

fn nobody() -> Refused {
    Refused::Error(ErrorCode::NO_SUCH_USER, "nobody has this name".into())
}

fn no_word(instead: &str) -> Refused {
    Refused::Error(ErrorCode::NOT_ALLOWED, instead.into())
}
