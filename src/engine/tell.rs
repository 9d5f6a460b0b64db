//! How people are told what the rooms want told, each in his own dialect.
//!
//! In: effects. Out: requests to the peers of those concerned. Must not know why something happened, nor how any dialect
//! says it.

use std::sync::Arc;

use super::config::{Packed, Streamed};
use super::outgoing::{Outgoing, Purpose};
use super::{Counter, DropReason, Server, matou, msp, shen, stories};
use crate::dialect::msp::{Capabilities, SERVER};
use crate::ids::{PeerId, UserId};
use crate::reliable::{Lane, Request};
use crate::time::Instant;
use crate::vocab::Notice;

/// Something said, and by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) author: UserId,
    pub(super) text: &'a str,
    /// Whether it was said to one person alone.
    pub(super) alone: bool,
}

/// A text as it was encoded for those on connections who have heard it already, to be shared by the others.
#[derive(Debug, Default)]
struct Spoken {
    matou: matou::Spoken,
    stories: stories::Spoken,
}

impl Server {
    /// Tells everybody concerned what has happened, in order.
    pub(super) fn deliver(&mut self, now: Instant) {
        for effect in std::mem::take(&mut self.effects) {
            if let Notice::Text { author, text, alone } = &effect.notice {
                self.pass_on(now, &effect.to, Said { author: *author, text, alone: *alone });
            } else {
                for user in &effect.to {
                    self.tell(now, *user, &effect.notice);
                }
            }
        }
    }

    /// A text is encoded once a dialect; its receivers share all but the first four bytes.
    fn pass_on(&mut self, now: Instant, to: &[UserId], said: Said<'_>) {
        let mut encoded: [Option<Arc<[Request<Outgoing>]>>; 2] = [None, None];
        let mut spoken = Spoken::default();
        for user in to {
            let Some((id, dialect)) = self.reached(*user) else {
                self.say_to_seat(now, *user, said, &mut spoken);
                continue;
            };
            let Some(known) = encoded.get_mut(dialect as usize) else { continue };
            let requests = Arc::clone(known.get_or_insert_with(|| {
                match dialect {
                    Packed::Msp => self.msp_text(now, said),
                    Packed::Shen => self.shen_text(now, to, said),
                }
                .into()
            }));
            if let Some(peer) = self.peers.get_mut(id) {
                // What comes before a text introduces its author to those who read notifications (M20).
                let reads = peer.capabilities.has(Capabilities::NOTIFICATIONS);
                let due =
                    requests.iter().filter(|request| reads || request.payload.purpose != Purpose::Notice);
                due.for_each(|request| peer.link.send(request.clone()));
                self.pump(now, id);
            }
        }
    }

    /// The same for those on connections.
    fn say_to_seat(&mut self, now: Instant, user: UserId, said: Said<'_>, spoken: &mut Spoken) {
        match self.peers.seats.get(user).map(|seat| seat.dialect) {
            Some(Streamed::Matou) => self.matou_text(now, user, said, &mut spoken.matou),
            Some(Streamed::Stories | Streamed::Stumtp) => {
                self.stories_text(now, user, said, &mut spoken.stories);
            }
            None => return,
        }
        self.stats.add(Counter::Deliveries);
    }

    /// Tells somebody on a connection what has happened.
    fn tell_seat(&mut self, now: Instant, user: UserId, notice: &Notice) {
        match self.peers.seats.get(user).map(|seat| seat.dialect) {
            Some(Streamed::Matou) => self.matou_notice(now, user, notice),
            Some(Streamed::Stories | Streamed::Stumtp) => self.stories_notice(now, user, notice),
            None => {}
        }
    }

    fn tell(&mut self, now: Instant, user: UserId, notice: &Notice) {
        if self.peers.seats.get(user).is_some() {
            return self.tell_seat(now, user, notice);
        }
        let moves = matches!(notice, Notice::Closed { .. } | Notice::Opened { .. } | Notice::Admitted { .. });
        let purpose = if moves {
            self.moves = self.moves.wrapping_add(1);
            Purpose::Moved(self.moves)
        } else {
            Purpose::Notice
        };
        let requests = match self.reached(user) {
            Some((id, Packed::Msp)) => self.msp_notice(now, id, notice, purpose).into_iter().collect(),
            Some((id, Packed::Shen)) => self.shen_notice(now, id, notice, purpose),
            None => Vec::new(),
        };
        if moves && requests.is_empty() {
            // It was told in another way, or cannot be: nothing will report what became of it.
            self.rooms.told(user);
        }
        let Some((id, _)) = self.reached(user) else { return };
        if let Some(peer) = self.peers.get_mut(id) {
            requests.into_iter().for_each(|request| peer.link.send(request));
        }
        self.pump(now, id);
    }

    /// Somebody whose mailbox overflowed is back: he is told how much he missed (M17, M31), and where he is (M21).
    pub(super) fn tell_what_was_dropped(&mut self, id: PeerId) {
        let Some(peer) = self.peers.get_mut(id) else { return };
        let dialect = peer.dialect;
        if let Some(moved) = peer.moved.take() {
            peer.link.send(moved.in_own_lane(own_lane(dialect)));
        }
        let missed = std::mem::take(&mut peer.texts_lost);
        if missed > 0 {
            let purpose = Purpose::Missed(missed);
            let words = match dialect {
                Packed::Msp => msp::missed(missed),
                Packed::Shen => shen::missed(missed),
            };
            self.say(id, &words, purpose);
        }
    }

    /// Says something to one peer that is worth no message of its own.
    pub(super) fn say(&mut self, id: PeerId, words: &str, purpose: Purpose) {
        let Some(dialect) = self.peers.get(id).map(|peer| peer.dialect) else { return };
        let packet = match dialect {
            Packed::Msp => msp::words_of_server(words),
            Packed::Shen => shen::words_of_server(words),
        };
        let Some(packet) = packet else { return self.stats.drop(DropReason::Unencodable) };
        if let Some(peer) = self.peers.get_mut(id) {
            peer.link.send(Outgoing { packet, purpose }.in_own_lane(own_lane(dialect)));
        }
    }

    /// The peer through which somebody who is here is reached.
    fn reached(&self, user: UserId) -> Option<(PeerId, Packed)> {
        let id = self.peers.of(user)?;
        self.peers.get(id).filter(|peer| peer.user == Some(user)).map(|peer| (id, peer.dialect))
    }
}

/// The lane of what the server says for itself; an author's lane is his number (M14).
pub(super) const fn own_lane(dialect: Packed) -> Lane {
    match dialect {
        Packed::Msp => Lane(SERVER as u16),
        Packed::Shen => Lane(0),
    }
}
