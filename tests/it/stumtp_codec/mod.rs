//! The wire codec of STUMTP: the published vectors, the rulings, the laws.
mod laws;
mod rulings;
mod vectors;

use palabre::dialect::stumtp::Frame;

/// The bytes of a frame that can be encoded.
#[track_caller]
fn encoded(frame: Frame<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out).expect("encodes");
    out
}
