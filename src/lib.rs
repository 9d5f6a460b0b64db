//! palabre: chat for links where TCP stalls.
pub mod client;
pub mod dialect;
pub mod engine;
pub mod ids;
pub mod netsim;
pub mod reliable;
pub mod rooms;
pub mod time;
pub mod vocab;
pub mod wire;
