//! palabre: chat for links where TCP stalls.
#[cfg(feature = "net")]
pub mod daemon;
pub mod dialect;
pub mod engine;
pub mod ids;
pub mod netsim;
pub mod reliable;
pub mod rooms;
pub mod time;
pub mod vocab;
pub mod wire;
