//! Datagrams on their way to a socket that may be full for a moment.
//!
//! In: datagrams; a socket, as a function that sends one. Out: what the socket did not take, kept in order until it
//! does. Must not know what sort of socket it is, nor when it becomes writable.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;

use crate::engine::Datagram;

/// A bounded queue in front of a socket.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Datagram>,
    /// One datagram in one piece; kept so that sending does not allocate.
    bytes: Vec<u8>,
    overflow: u64,
}

impl Outbox {
    /// The most datagrams that wait. Beyond them a datagram is dropped: what matters is sent again (M13).
    pub(super) const CAPACITY: usize = 4_096;

    /// Sends a datagram, after those that wait.
    ///
    /// # Errors
    /// What the socket said to this datagram, which is dropped. A full socket is no error: the datagram waits.
    pub(super) fn send(
        &mut self,
        datagram: Datagram,
        socket: impl FnMut(&[u8], SocketAddr) -> io::Result<usize>,
    ) -> io::Result<()> {
        if self.is_empty() {
            match self.attempt(&datagram, socket) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
        if self.waiting.len() < Self::CAPACITY {
            self.waiting.push_back(datagram);
        } else {
            self.overflow = self.overflow.wrapping_add(1);
        }
        Ok(())
    }

    /// Sends what waits, until the socket is full; what the socket refuses is told to `refused` and dropped.
    pub(super) fn flush(
        &mut self,
        mut socket: impl FnMut(&[u8], SocketAddr) -> io::Result<usize>,
        mut refused: impl FnMut(SocketAddr, &io::Error),
    ) {
        while let Some(datagram) = self.waiting.pop_front() {
            match self.attempt(&datagram, &mut socket) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return self.waiting.push_front(datagram);
                }
                Err(error) => refused(datagram.to, &error),
            }
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many datagrams were dropped because too many waited.
    pub(super) const fn overflow(&self) -> u64 {
        self.overflow
    }

    fn attempt(
        &mut self,
        datagram: &Datagram,
        mut socket: impl FnMut(&[u8], SocketAddr) -> io::Result<usize>,
    ) -> io::Result<()> {
        self.bytes.clear();
        datagram.payload.copy_to(&mut self.bytes);
        loop {
            match socket(&self.bytes, datagram.to) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done.map(|_| ()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ListenerId;
    use crate::wire::Payload;

    fn datagram(number: u16) -> Datagram {
        let payload = Payload::new(&number.to_be_bytes());
        Datagram { listener: ListenerId(0), to: ([192, 0, 2, 1], 7).into(), payload }
    }

    fn full(_: &[u8], _: SocketAddr) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    #[test]
    fn what_a_full_socket_does_not_take_waits_and_goes_first_when_it_can() {
        let mut outbox = Outbox::default();
        outbox.send(datagram(1), full).expect("full is no error");
        outbox.send(datagram(2), |_, _| panic!("it must not overtake")).expect("it waits");
        let mut sent = Vec::new();
        for turn in 1..=2 {
            // Room for one datagram a turn.
            let mut socket = |bytes: &[u8], _| {
                if sent.len() == turn {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                sent.push(bytes.to_vec());
                Ok(bytes.len())
            };
            outbox.flush(&mut socket, |_, _| panic!("nothing was refused"));
            assert_eq!((sent.len(), outbox.is_empty()), (turn, turn == 2));
        }
        assert_eq!(sent, [[0, 1], [0, 2]]);
    }

    #[test]
    fn an_interrupted_send_is_tried_again_and_a_refused_one_is_not() {
        let mut outbox = Outbox::default();
        let mut calls = 0;
        let refused = outbox.send(datagram(1), |_, _| {
            calls += 1;
            Err(if calls == 1 {
                io::ErrorKind::Interrupted.into()
            } else {
                io::Error::from_raw_os_error(101)
            })
        });
        assert_eq!((calls, refused.map_err(|error| error.raw_os_error())), (2, Err(Some(101))));
        assert!(outbox.is_empty());
    }

    #[test]
    fn beyond_its_capacity_datagrams_are_dropped_and_counted() {
        let mut outbox = Outbox::default();
        for _ in 0..Outbox::CAPACITY + 3 {
            outbox.send(datagram(0), full).expect("full is no error");
        }
        assert_eq!(outbox.overflow(), 3);
    }
}
