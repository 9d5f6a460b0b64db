//! Everything that runs in virtual time: laws, vectors, simulations. One binary, no sockets, no sleeps.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected must fail loudly"
)]

mod architecture;
mod codec;
mod netsim;
mod reliable;
mod reliable_channel;
mod reliable_lanes;
mod reliable_laws;
mod reliable_memory;
mod reliable_numbers;
mod reliable_table;
mod reliable_trace;
mod rooms;
mod rooms_hall;
mod rooms_invitations;
mod rooms_model;
mod rooms_shadow;
mod rooms_unaware;
