//! Messages field by field, whatever protocol they are of.
//!
//! In: a datagram or a message of a stream, what it speaks, what guards it. Out: its name, a row for each field, what is
//! wrong first. The decoders themselves are watched, so this cannot disagree with them. Must not know how rows are shown, nor
//! where bytes come from.

use crate::dialect::{matou, msp, shen, stories, stumtp};
use crate::engine::Dialect;
use crate::wire::{Deframer, FieldRow, Framing, Integrity, Malformed, TRAILER_BYTES, Value, trailer};

/// What a message turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dissection {
    /// Its wire name; `None` when its header says nothing that has a name.
    pub message: Option<&'static str>,
    /// The fields up to the first that is wrong.
    pub fields: Vec<FieldRow>,
    /// What is wrong first.
    pub error: Option<Wrong>,
}

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where, in bits from the first.
    pub bit: usize,
    /// The field that could not be read.
    pub field: &'static str,
    /// Why, in words.
    pub why: String,
}

/// Takes one message apart: a datagram with its trailer (M16), or a whole message of a stream.
#[must_use]
pub fn dissect(dialect: Dialect, integrity: Integrity, bytes: &[u8]) -> Dissection {
    let guarded = match integrity {
        Integrity::Crc32 if !dialect.is_streamed() => {
            Some(bytes.split_last_chunk().unwrap_or((bytes, &[0; TRAILER_BYTES])))
        }
        _ => None,
    };
    let message = guarded.map_or(bytes, |(message, _)| message);
    let (mut fields, result) = fields(dialect, message);
    let mut error =
        result.err().map(|wrong| Wrong { bit: wrong.bit, field: wrong.field, why: wrong.fault.to_string() });
    if let Some((message, found)) = guarded {
        match check(message, found, bytes.len()) {
            // A receiver looks at the trailer first, so it is what is wrong first.
            Err(wrong) => error = Some(wrong),
            Ok(row) if error.is_none() => fields.push(row),
            Ok(_) => {}
        }
    }
    Dissection { message: name(dialect, message), fields, error }
}

/// What comes together, message by message. In a stream the last piece may be less than a message, or none.
#[must_use]
pub fn messages(dialect: Dialect, bytes: &[u8]) -> Vec<&[u8]> {
    match dialect {
        Dialect::Msp | Dialect::Shen => vec![bytes],
        Dialect::Matou => pieces(matou::Frames::default(), bytes),
        Dialect::Stories => {
            pieces(stories::StoriesFraming::answers(stories::form(bytes), stories::DEFAULT_LIMIT), bytes)
        }
        Dialect::Stumtp => pieces(stumtp::FRAMING, bytes),
    }
}

fn fields(dialect: Dialect, message: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
    match dialect {
        Dialect::Msp => msp::dissect(message),
        Dialect::Shen => shen::dissect(message),
        Dialect::Matou => matou::dissect(message),
        Dialect::Stories => stories::dissect(message),
        Dialect::Stumtp => stumtp::dissect(message),
    }
}

fn name(dialect: Dialect, message: &[u8]) -> Option<&'static str> {
    match dialect {
        Dialect::Msp => Some(msp::RawHeader::peek(message)?.kind()?.wire_name()),
        Dialect::Shen => Some(shen::RawHeader::peek(message)?.kind()?.wire_name()),
        Dialect::Matou => Some(matou::Kind::peek(message)?.wire_name()),
        Dialect::Stories => stories::command(message),
        Dialect::Stumtp => Some(stumtp::decode(message).ok()?.name()),
    }
}

fn pieces(framing: impl Framing, bytes: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    let mut deframer = Deframer::new(framing);
    loop {
        let mut after = rest;
        let Ok(Some(message)) = deframer.next(&mut after) else { break };
        pieces.extend(rest.get(..message.len()));
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// The trailer as a field (M16).
fn check(message: &[u8], found: &[u8; TRAILER_BYTES], length: usize) -> Result<FieldRow, Wrong> {
    const FIELD: &str = "CRC-32";
    let bit = message.len().saturating_mul(8);
    if length < TRAILER_BYTES {
        let why = format!("{} bits are wanted, {} are left", TRAILER_BYTES * 8, length.saturating_mul(8));
        return Err(Wrong { bit: 0, field: FIELD, why });
    }
    let right = trailer(&[message]);
    if *found != right {
        let hex = u32::from_be_bytes;
        let why = format!("{:08x} is there, {:08x} is right", hex(*found), hex(right));
        return Err(Wrong { bit, field: FIELD, why });
    }
    let meaning = Some("matches".into());
    Ok(FieldRow { bit, bits: TRAILER_BYTES * 8, name: FIELD, value: Value::Bytes(found.to_vec()), meaning })
}
