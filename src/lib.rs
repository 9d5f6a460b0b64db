//! palabre: chat for links where TCP stalls.
//!
//! Named after the palaver tree, under which people of different languages meet and talk. This is the library behind the
//! `palabre` program: codecs for five chat protocols, a reliability layer over datagrams, rooms, and the server and the
//! clients that are made of them. Read it in this order:
//!
//! 1. [`wire`]: a cursor that reads bits and one that writes them, the checksum, the messages in a stream.
//! 2. [`dialect::msp`], [`dialect::shen`]: the messages of MSP and of Shen's protocol, in datagrams; [`dialect::matou`],
//!    [`dialect::stories`], [`dialect::stumtp`]: those of Matou, Stories and STUMTP, in streams.
//! 3. [`reliable`]: requests repeated until they are answered, executed once, kept in order; sessions over many connections.
//! 4. [`rooms`]: who is on the server, in which room, and who hears what.
//! 5. [`engine`]: the server, which composes them.
//! 6. [`client`]: the other end, made of the same parts; [`client::stream`] for the protocols over TCP.
//! 7. [`netsim`]: a network that loses, delays, doubles and damages datagrams, on purpose and by a seed.
//! 8. [`dissect`]: messages field by field, for people who want to see every bit.
//!
//! With the feature `capture` there are also `capture`, which reads anybody's captures and writes ours, and `replay`, which
//! tells what is in them and checks them against the server; with `net`, `daemon`, and `link`, a bad link between real
//! sockets.
//!
//! # The way of a datagram
//!
//! ```text
//! socket ─▶ daemon ─▶ engine ─▶ dialect ─▶ reliable ─▶ dialect ─▶ rooms
//!           (mio)    (which     (bytes to  (new, again  (to a     (who is where,
//!                     peer?)     message)   or answer?)  command)  who is told)
//! socket ◀─ daemon ◀─ engine ◀─ dialect ◀─ reliable ◀─ dialect ◀─────┘
//!                    deadlines ───▶ handle_timeout
//! ```
//!
//! A stream goes the same way without `reliable`: the engine puts its messages together, and STUMTP's sessions see to it
//! that what a broken connection has lost is sent again on the next.
//!
//! # No socket, no clock, no chance
//!
//! Everything but the `daemon`, the `link` and the clients' drivers is a state machine without any I/O: what happens outside
//! comes in by `handle_input(now, …)`, what is to be done outside comes out by `poll_output()`, and the passing of time is
//! announced by `handle_timeout(now)` when `poll_timeout()` says so. Time and seed are arguments. So the same code runs
//! under mio, in a simulation with virtual time, out of a capture, and under a fuzzer, and a run can be repeated bit by bit.
//!
//! # To embed a part of it
//!
//! Take the package without default features: then it has no dependency that touches the system. The codec alone, the
//! client and the server each have an example: see [`dialect::msp::Message`], [`client`] and [`engine`]. With the feature
//! `net` there is also `client::driver`, a client with a real socket.
//!
//! # Rulings
//!
//! The protocols are small published texts with gaps. How each gap is closed has a number: M1 to M37 in `spec/msp.md` of
//! the repository, S1 to S27 in `spec/shen.md`, A1 to A14 in `spec/matou.md`, B1 to B11 in `spec/stories.md`, U1 to U8 in
//! `spec/stumtp.md`; code and tests quote it.

#[cfg(feature = "capture")]
pub mod capture;
pub mod client;
#[cfg(feature = "net")]
pub mod daemon;
pub mod dialect;
pub mod dissect;
pub mod engine;
pub mod ids;
#[cfg(feature = "net")]
pub mod link;
pub mod netsim;
pub mod reliable;
#[cfg(feature = "capture")]
pub mod replay;
pub mod rooms;
pub mod time;
pub mod vocab;
pub mod wire;
