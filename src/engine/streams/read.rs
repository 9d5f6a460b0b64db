//! What comes on a connection: bytes into messages, carried out one after the other.
//!
//! In: bytes in any pieces. Out: whole messages for the dialects. Must not know what a message says.
//!
//! A connection whose own answers pile up is not read on until it has taken them: who asks for much and reads little waits
//! for himself.

use super::connection::{Half, Reader};
use crate::engine::deadlines::Deadline;
use crate::engine::{Counter, DropReason, Output, Server};
use crate::ids::ConnectionId;
use crate::time::{Duration, Instant};

/// A connection for which more than this waits is not read.
const PAUSE: usize = 256 << 10;

impl Server {
    /// Bytes came on a connection.
    pub(in crate::engine) fn bytes(&mut self, now: Instant, id: ConnectionId, bytes: &[u8]) {
        let Some(connection) = self.connections.get_mut(id) else { return };
        if let Some(seat) = connection.user.and_then(|user| self.peers.seats.get_mut(user)) {
            seat.heard = now;
        }
        if connection.is_paused() {
            return connection.unread.extend(bytes);
        }
        self.read(now, id, bytes);
    }

    /// Carries out all messages that are whole.
    fn read(&mut self, now: Instant, id: ConnectionId, bytes: &[u8]) {
        let mut rest = bytes;
        let Some(mut reader) = self.connections.get_mut(id).and_then(|connection| connection.reader.take())
        else {
            return;
        };
        let mut goes_on = true;
        while goes_on && !self.must_pause(id) {
            goes_on = self.read_one(now, id, &mut reader, &mut rest);
            if goes_on {
                self.half_is_whole(id);
            }
            self.settle(now);
        }
        let paused = self.must_pause(id);
        let Some(connection) = self.connections.get_mut(id) else { return };
        let half = reader.held();
        connection.reader = Some(reader);
        if paused {
            connection.paused = true;
            connection.unread.extend(rest);
            self.outputs.push_back(Output::Reading { connection: id, wanted: false });
            self.watch_paused(now, id);
        }
        self.watch_half(now, id, half);
    }

    /// Carries out one message; false when there is none, or the connection is not there any more.
    fn read_one(&mut self, now: Instant, id: ConnectionId, reader: &mut Reader, rest: &mut &[u8]) -> bool {
        match reader {
            Reader::Matou(deframer) => match deframer.next(rest) {
                Ok(None) => return false,
                Ok(Some(message)) => self.matou_message(now, id, &message),
                Err(fault) => self.matou_fault(now, id, fault),
            },
            Reader::Stories(deframer) => match deframer.next(rest) {
                Ok(None) => return false,
                Ok(Some(message)) => self.stories_message(now, id, &message),
                Err(fault) => self.stories_fault(now, id, fault),
            },
            Reader::Stumtp(deframer) => match deframer.next(rest) {
                Ok(None) => return false,
                Ok(Some(message)) => self.stumtp_message(now, id, &message),
                Err(fault) => self.stumtp_fault(now, id, fault),
            },
        }
        self.stats.add(Counter::Messages);
        self.connections.get(id).is_some()
    }

    pub(super) fn must_pause(&self, id: ConnectionId) -> bool {
        self.connections.get(id).is_some_and(|connection| connection.backlog.total() > PAUSE)
    }

    /// A connection has taken what waited for it: what it said meanwhile is carried out.
    pub(super) fn resume(&mut self, now: Instant, id: ConnectionId) {
        if self.must_pause(id) {
            return;
        }
        let Some(connection) = self.connections.get_mut(id).filter(|found| found.is_paused()) else { return };
        connection.paused = false;
        if let Some((due, _)) = connection.stuck_by.take() {
            self.peers.deadlines.take_back(due, Deadline::Paused(id));
        }
        // What could not come while nobody listened has its time now.
        if let Some(half) = &mut connection.half {
            (half.since, half.grew) = (now, now);
        }
        let unread: Vec<u8> = std::mem::take(&mut connection.unread).into();
        self.outputs.push_back(Output::Reading { connection: id, wanted: true });
        self.read(now, id, &unread);
        let Some(connection) = self.connections.get(id) else { return };
        if connection.ends && !connection.is_paused() {
            self.ended(now, id, false);
        }
    }

    /// Half a message has so long to become whole: long after its last byte, and not much longer than a slow network takes
    /// to bring it all, so that nobody holds on by a byte now and then. And all of them together have a bound.
    fn watch_half(&mut self, now: Instant, id: ConnectionId, held: usize) {
        let patience = self.config.limits.half_message;
        if self.connections.holds(id, held) > self.config.limits.half_messages && held > 0 {
            self.stats.drop(DropReason::HalfMessagesFull);
            return self.let_go(now, id, true);
        }
        if held == 0 {
            return;
        }
        let Some(connection) = self.connections.get_mut(id) else { return };
        match &mut connection.half {
            Some(half) => half.grew = now,
            None => {
                let armed = now + patience;
                connection.half = Some(Half { since: now, grew: now, armed });
                self.peers.deadlines.push(armed, Deadline::Half(id));
            }
        }
    }

    /// A message has become whole: if half of one comes now, it is the next one.
    fn half_is_whole(&mut self, id: ConnectionId) {
        if let Some(half) = self.connections.get_mut(id).and_then(|connection| connection.half.take()) {
            self.peers.deadlines.take_back(half.armed, Deadline::Half(id));
        }
    }

    /// Half a message may have waited for too long.
    pub(in crate::engine) fn judge_half(&mut self, now: Instant, id: ConnectionId) {
        let patience = self.config.limits.half_message;
        let Some(connection) = self.connections.get_mut(id) else { return };
        let held = connection.reader.as_ref().map_or(0, Reader::held);
        let Some(half) = &mut connection.half else { return };
        if connection.paused {
            (half.since, half.grew) = (now, now);
        }
        let seconds = u64::try_from(held / 1_024).unwrap_or(u64::MAX);
        let at_last = (half.since + patience + Duration::from_secs(seconds)).min(half.grew + patience);
        if now < at_last {
            half.armed = at_last;
            return self.peers.deadlines.push(at_last, Deadline::Half(id));
        }
        self.stats.drop(DropReason::HalfMessage);
        self.let_go(now, id, true);
    }
}
