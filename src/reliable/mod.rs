//! Reliability over datagrams: every request is repeated until it is answered, executed once, and lanes keep order.
//!
//! In: payloads to send, numbers of answers that came, numbers of requests that came, the time. Out: which payload to
//! put on the wire now and under which number; what was given up; whether a request is new or must be answered again.
//! Must not know what a payload says, how wide its header is, or who the peer is.
//!
//! A [`Link`] is one peer seen from here. Its two halves do not know each other: the [`Sender`] repeats what we ask
//! (timer T, M tries, lanes, mailbox: rulings M13, M14, M17, S6), the [`Receiver`] remembers what we answered (M13, M32,
//! S6). Both are generic over the width of the sequence number. Where responses do not say that they are responses, the
//! link keeps the numbers of both directions apart: [`Link::skipping`] (S5).
//!
//! A [`Session`] is for streams: there the network keeps order, but a connection may break with messages under way (U2).
//!
//! ```
//! use palabre::reliable::{Link, Request, Timing};
//! use palabre::time::Instant;
//!
//! let mut link: Link<16, &str, &str> = Link::new(Timing::default(), 1);
//! link.send(Request::new("bonjour"));
//! let seq = link.poll_transmit(Instant::ZERO).map(|sent| sent.seq).expect("the first try");
//!
//! // Nothing came back: 100 ms later it is due again, under the same number.
//! let due = link.poll_timeout().expect("a deadline");
//! assert_eq!(due, Instant::from_millis(100));
//! link.handle_timeout(due);
//! assert_eq!(link.poll_transmit(due).map(|sent| (sent.seq, sent.attempt)), Some((seq, 2)));
//!
//! assert_eq!(link.answered(due, seq), Some("bonjour"));
//! assert_eq!(link.poll_timeout(), None);
//! ```

mod any;
mod avoided;
mod flight;
mod inflight;
mod lanes;
mod link;
mod receiver;
mod recent;
mod request;
mod rto;
mod sender;
mod seq;
mod session;
mod window;

pub use any::{AnyLink, Sent};
pub use lanes::Quota;
pub use link::Link;
pub use receiver::{Receiver, Verdict};
pub use request::{Lane, Lost, Patience, Rank, Request, Transmit};
pub use rto::{Policy, Rto, Timing};
pub use sender::Sender;
pub use seq::Seq;
pub use session::{ACK_DELAY, Arrival, Full, MOST_WAITING, NeverSent, Session};
