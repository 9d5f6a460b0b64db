//! The wire codec of Shen's protocol: the published vectors, the rulings, the laws, an independent reference.
mod arbitrary;
mod laws;
mod meaning;
mod page;
mod reference;
mod rulings;
mod vectors;

use palabre::dialect::shen::Message;
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
