//! The wire codec of Matou: the published vectors, the rulings, the laws.
mod arbitrary;
mod laws;
mod rulings;
mod vectors;

use palabre::dialect::matou::{BadFrame, Frames, Message, Way};
use palabre::wire::{Deframer, Malformed, Scratch};

/// The bytes of a message that can be encoded.
#[track_caller]
fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    message.encode(&mut out).expect("encodes");
    out
}

/// The message that bytes are, standing alone.
fn decoded(bytes: &[u8]) -> Result<Message<'static>, Malformed> {
    Message::decode(bytes, &mut Scratch::new()).map(Message::into_owned)
}

/// What comes out of a stream that arrives in these pieces: messages, and what ends it.
fn deframed<'s>(way: Way, pieces: impl IntoIterator<Item = &'s [u8]>) -> (Vec<Vec<u8>>, Option<BadFrame>) {
    let mut deframer = Deframer::new(Frames { way });
    let mut found = Vec::new();
    for mut piece in pieces {
        loop {
            match deframer.next(&mut piece) {
                Ok(Some(message)) => found.push(message.into_owned()),
                Ok(None) => break,
                Err(why) => return (found, Some(why)),
            }
        }
    }
    (found, None)
}
