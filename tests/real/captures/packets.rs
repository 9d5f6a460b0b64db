//! Somebody at a UDP socket of his own, whatever he speaks: he listens all the time, in a thread.
//!
//! In: datagrams. Out: messages, in the order in which they came; what a person need not decide is acknowledged at once.
//! Must not know what a message says: the [`Tongue`] does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::program::LIMIT;

/// How often a listener looks whether he is over.
const LOOK: Duration = Duration::from_millis(20);

/// What is understood of datagrams.
pub(super) trait Tongue: Send + 'static {
    type Message: std::fmt::Debug + Send + 'static;

    /// A datagram came. What it says to a person, and the datagram that acknowledges it.
    fn hears(&mut self, datagram: &[u8], attention: Attention) -> (Option<Self::Message>, Option<Vec<u8>>);
}

/// How somebody listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attention {
    /// He acknowledges what he hears, and passes over what he has heard already.
    Awake,
    /// He hears everything, copies too, and acknowledges nothing.
    Mute,
    /// Nothing reaches him.
    Away,
}

impl Attention {
    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Awake,
            1 => Self::Mute,
            _ => Self::Away,
        }
    }
}

/// One who listens.
pub(super) struct Ear<T: Tongue> {
    socket: Arc<UdpSocket>,
    attention: Arc<AtomicU8>,
    heard: Receiver<T::Message>,
    /// What was not waited for yet.
    kept: RefCell<VecDeque<T::Message>>,
    thread: Option<JoinHandle<()>>,
}

/// What ends the thread.
const OVER: u8 = u8::MAX;

impl<T: Tongue> Ear<T> {
    /// At a free port of this address.
    pub(super) fn at(own: &str, server: SocketAddr, tongue: T) -> Self {
        let socket = UdpSocket::bind((own, 0)).expect("a port");
        socket.connect(server).expect("an address");
        socket.set_read_timeout(Some(LOOK)).expect("a timeout");
        let (socket, attention) = (Arc::new(socket), Arc::new(AtomicU8::new(Attention::Awake as u8)));
        let (say, heard) = channel();
        let own = (Arc::clone(&socket), Arc::clone(&attention));
        let thread = Some(thread::spawn(move || listen(&own.0, &own.1, tongue, &say)));
        Self { socket, attention, heard, kept: RefCell::default(), thread }
    }

    pub(super) fn is(&self, attention: Attention) {
        self.attention.store(attention as u8, Ordering::SeqCst);
    }

    /// The address he sends from.
    pub(super) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("an address")
    }

    pub(super) fn sends(&self, datagram: &[u8]) {
        // A server that is gone may be reported here, for an earlier datagram.
        let _ = self.socket.send(datagram);
    }

    /// The next message that is wanted, if it comes in time. The others are kept.
    pub(super) fn next(&self, limit: Duration, wanted: impl Fn(&T::Message) -> bool) -> Option<T::Message> {
        let mut kept = self.kept.borrow_mut();
        if let Some(at) = kept.iter().position(&wanted) {
            return kept.remove(at);
        }
        let end = super::after(limit);
        loop {
            let left = end.checked_duration_since(super::now())?;
            let message = self.heard.recv_timeout(left).ok()?;
            if wanted(&message) {
                return Some(message);
            }
            kept.push_back(message);
        }
    }

    /// The next message that is wanted.
    #[track_caller]
    pub(super) fn gets(&self, wanted: impl Fn(&T::Message) -> bool) -> T::Message {
        match self.next(LIMIT, wanted) {
            Some(message) => message,
            None => panic!("it does not come; there is {:#?}", self.kept.borrow()),
        }
    }

    /// Sends this, again and again, until the message that is wanted comes.
    #[track_caller]
    pub(super) fn insists(
        &self,
        datagram: &[u8],
        again: Duration,
        wanted: impl Fn(&T::Message) -> bool,
    ) -> T::Message {
        let end = super::after(LIMIT);
        while super::now() < end {
            self.sends(datagram);
            if let Some(message) = self.next(again, &wanted) {
                return message;
            }
        }
        panic!("no answer; there is {:#?}", self.kept.borrow())
    }

    /// What was heard and not waited for is forgotten.
    pub(super) fn forgets(&self) {
        self.kept.borrow_mut().clear();
        self.heard.try_iter().for_each(drop);
    }
}

impl<T: Tongue> Drop for Ear<T> {
    fn drop(&mut self) {
        self.attention.store(OVER, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen<T: Tongue>(socket: &UdpSocket, attention: &AtomicU8, mut tongue: T, say: &Sender<T::Message>) {
    let mut buffer = vec![0; 65_536];
    loop {
        let received = socket.recv(&mut buffer);
        let how = match attention.load(Ordering::SeqCst) {
            OVER => return,
            how => Attention::of(how),
        };
        let Ok(length) = received else { continue };
        if how == Attention::Away {
            continue;
        }
        let (message, acknowledgement) = tongue.hears(buffer.split_at(length).0, how);
        if let Some(bytes) = acknowledgement.filter(|_| how == Attention::Awake) {
            let _ = socket.send(&bytes);
        }
        if let Some(message) = message
            && say.send(message).is_err()
        {
            return;
        }
    }
}
