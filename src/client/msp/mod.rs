//! The client's MSP: how each wish is said, what datagrams and answers mean.
//!
//! In: wishes, datagrams. Out: messages; what was said, in the words of `tongue`. Must not know how a request is repeated,
//! nor what comes next: `jobs` does.

mod receive;
mod replies;
mod wish;

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
    former: Vec<String>,
}

/// How many former names of a room are known.
const MOST_NAMES: usize = 16;

impl Speech {
    pub(super) const fn has_directory(&self) -> bool {
        self.capabilities.has(Capabilities::DIRECTORY)
    }

    /// Our room has another name, or we are in another room. The news names no room and may be of the one before: it may
    /// close under either name.
    fn was_called(&mut self, name: String) {
        self.former.truncate(MOST_NAMES);
        self.former.insert(0, name);
    }

    pub(super) fn forget_names(&mut self) {
        self.former.clear();
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
