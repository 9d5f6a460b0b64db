//! The client's MSP: how each wish is said, what datagrams and answers mean.
//!
//! In: wishes, datagrams. Out: messages; what was said, in the words of `tongue`. Must not know how a request is repeated,
//! nor what comes next: `jobs` does.

mod receive;
mod replies;
mod wish;

use std::collections::VecDeque;

use super::jobs::Job;
use super::questions::{Asked, Offer};
use super::{Ask, Client, NOBODY, Ticket};
use crate::dialect::msp::{self, Capabilities};

/// What we are told when we register, and after it.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// Our id; [`msp::NOBODY`] before we are registered.
    id: u8,
    /// The extensions both have.
    capabilities: Capabilities,
    /// What our room was called before, as far as we know.
    former: VecDeque<String>,
    /// What the rooms were called that we have left.
    left: VecDeque<String>,
}

/// How many former names of a room are known, and how many of those we have left.
const MOST_NAMES: usize = 64;

impl Speech {
    pub(super) const fn has_directory(&self) -> bool {
        self.capabilities.has(Capabilities::DIRECTORY)
    }

    /// Our room has another name, or we are in another room. The news names no room and may be of the one before: it may
    /// close under either name.
    fn renamed(&mut self, former: String) {
        self.former.push_front(former);
        self.former.truncate(MOST_NAMES);
    }

    fn was_called(&self, name: &str) -> bool {
        self.former.iter().any(|former| former == name)
    }

    /// We are not in the room of this name any more, nor of one that it had before.
    pub(super) fn has_left(&mut self, name: Option<String>) {
        name.into_iter().chain(self.former.drain(..)).for_each(|name| self.left.push_front(name));
        self.left.truncate(MOST_NAMES);
    }

    fn was_left(&self, name: &str) -> bool {
        self.left.iter().any(|left| left == name)
    }

    pub(super) const fn can_relay(&self) -> bool {
        self.capabilities.has(Capabilities::RELAY)
    }
}

impl Client {
    /// After registration: which extensions the server has, and who is there.
    pub(super) fn msp_greet(&mut self) {
        self.queue.push_front(Job::Directory(NOBODY));
        self.queue.push_front(Job::Hello);
    }

    /// Whether the extensions of the server are not known yet, but will be.
    fn is_greeting(&self) -> bool {
        self.current.iter().chain(&self.queue).any(|job| *job == Job::Hello)
    }
}

/// One who comes asks for the room too: that succeeds whether or not the answer got through (M22).
pub(super) fn follow_up(ticket: Ticket, offer: &Offer) -> Option<Job> {
    match &offer.what {
        Asked::Invitation { room, .. } => Some(Job::Users(ticket, Ask::Join(room.clone()))),
        Asked::Consent => None,
    }
}

const _: () = assert!(msp::NOBODY as u16 == NOBODY, "nobody has the same number in both protocols");
