//! The wire codec of MSP: the published vectors, the laws, the bits against an independent reference.
pub(crate) mod arbitrary;
mod bits;
pub(crate) mod damage;
mod dissection;
mod laws;
mod rulings;
mod vectors;

use palabre::dialect::msp::Message;
use palabre::wire::{FieldRow, Malformed, Scratch};

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

/// The bytes that hex digits stand for.
pub(crate) fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Bytes as hex digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a message that is drawn bit by bit; blanks are for the eye, zeros fill up the last byte.
pub(crate) fn drawn(picture: &str) -> Vec<u8> {
    let mut bits = picture.replace(' ', "");
    bits.extend(std::iter::repeat_n('0', bits.len().next_multiple_of(8) - bits.len()));
    (0..bits.len()).step_by(8).map(|at| u8::from_str_radix(&bits[at..at + 8], 2).unwrap()).collect()
}

/// `bit+bits NAME value (meaning)`, as a row of a dissection is shown in tests.
pub(crate) fn shown(row: &FieldRow) -> String {
    let meaning = row.meaning.as_ref().map_or(String::new(), |words| format!(" ({words})"));
    format!("{}+{} {} {}{meaning}", row.bit, row.bits, row.name, row.value)
}
