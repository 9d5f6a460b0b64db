//! What a line of hex turned out to be.
//!
//! In: a line, what it speaks, and what is appended to datagrams. Out: [`Findings`]. Must not know how they are shown.

use palabre::engine::Integrity;
use palabre::wire::{FieldRow, TRAILER_BYTES, Value, trailer};

use super::hex;
use super::protocol::Protocol;

/// All that is known about one line.
#[derive(Debug)]
pub(super) struct Findings {
    /// The datagram as plain hex digits; the line itself where it is not hex.
    pub(super) input: String,
    /// How many bytes there are, when it is hex.
    pub(super) bytes: Option<usize>,
    /// The type of the message, if it has one.
    pub(super) message: Option<&'static str>,
    /// The fields up to the first that is wrong.
    pub(super) fields: Vec<FieldRow>,
    /// What is wrong first.
    pub(super) error: Option<Wrong>,
}

/// What is wrong with a datagram.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where, when it is in the bits.
    pub(super) bit: Option<usize>,
    /// The field that could not be read.
    pub(super) field: &'static str,
    /// Why.
    pub(super) why: String,
}

impl Findings {
    /// Looks at one line: a datagram, or as many messages of a stream as there are.
    pub(super) fn of(text: &str, protocol: Protocol, integrity: Integrity) -> Vec<Self> {
        match hex::parse(text) {
            Ok(bytes) => {
                let messages = protocol.messages(&bytes).into_iter();
                messages.map(|message| Self::of_datagram(message, protocol, integrity)).collect()
            }
            Err(why) => vec![Self {
                input: text.into(),
                bytes: None,
                message: None,
                fields: Vec::new(),
                error: Some(Wrong { bit: None, field: "input", why: format!("not hex: {why}") }),
            }],
        }
    }

    fn of_datagram(datagram: &[u8], protocol: Protocol, integrity: Integrity) -> Self {
        let guarded = match integrity {
            Integrity::None => None,
            Integrity::Crc32 => Some(datagram.split_last_chunk().unwrap_or((datagram, &[0; TRAILER_BYTES]))),
        };
        let message = guarded.map_or(datagram, |(message, _)| message);
        let (mut fields, result) = protocol.dissect(message);
        let mut error = result.err().map(|wrong| Wrong {
            bit: Some(wrong.bit),
            field: wrong.field,
            why: wrong.fault.to_string(),
        });
        if let Some((message, found)) = guarded {
            match check(message, found, datagram.len()) {
                // A receiver looks at the trailer first, so it is what is wrong first.
                Err(wrong) => error = Some(wrong),
                Ok(row) if error.is_none() => fields.push(row),
                Ok(_) => {}
            }
        }
        Self {
            input: hex::digits(datagram),
            bytes: Some(datagram.len()),
            message: protocol.message(message),
            fields,
            error,
        }
    }
}

/// The trailer as a field (M16).
fn check(message: &[u8], found: &[u8; TRAILER_BYTES], length: usize) -> Result<FieldRow, Wrong> {
    const FIELD: &str = "CRC-32";
    let bit = message.len() * 8;
    if length < TRAILER_BYTES {
        let why = format!("{} bits are wanted, {} are left", TRAILER_BYTES * 8, length * 8);
        return Err(Wrong { bit: Some(0), field: FIELD, why });
    }
    let right = trailer(&[message]);
    if *found != right {
        let why = format!("{} is there, {} is right", hex::digits(found), hex::digits(&right));
        return Err(Wrong { bit: Some(bit), field: FIELD, why });
    }
    let meaning = Some("matches".into());
    Ok(FieldRow { bit, bits: TRAILER_BYTES * 8, name: FIELD, value: Value::Bytes(found.to_vec()), meaning })
}
