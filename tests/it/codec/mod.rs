//! The wire codec of MSP: the published vectors, the laws, the bits against an independent reference.
mod arbitrary;
mod bits;
mod dissection;
mod laws;
mod rulings;
mod vectors;

use palabre::dialect::msp::Message;
use palabre::wire::{Malformed, Scratch};

/// The bytes of a message that can be encoded.
#[track_caller]
fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    message.encode(&mut out).expect("encodes");
    out
}

/// The message in a datagram, standing alone.
fn decoded(datagram: &[u8]) -> Result<Message<'static>, Malformed> {
    Message::decode(datagram, &mut Scratch::new()).map(Message::into_owned)
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
