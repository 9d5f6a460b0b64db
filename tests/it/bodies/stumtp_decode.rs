//! Whatever bytes come, the codec of STUMTP holds its laws (U1, U7).
//!
//! In: a stream. Out: nothing, or a panic that says which law broke. Must not know what a text means.
//!
//! The laws: no panic; the stream gives the same units whole and byte by byte; what decodes is encoded to something that
//! decodes to the same, in one piece or as a head before a shared tail; the dissector and the decoder agree, and the fields
//! that were read follow each other without a gap; what is refused can be carried otherwise.

use palabre::dialect::stumtp::{FRAMING, Frame, Head, LONGEST_TEXT, Tail, carried, decode, dissect};
use palabre::wire::Deframer;

/// Checks the laws on one stream.
pub fn run(stream: &[u8]) {
    let whole = units([stream]);
    assert_eq!(units(stream.chunks(1)), whole);
    for unit in &whole {
        one(unit);
    }
    one(stream);
}

/// The units of a stream that comes in these pieces, up to the first that is too long.
fn units<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let (mut deframer, mut found) = (Deframer::new(FRAMING), Vec::new());
    for piece in pieces {
        let mut rest = piece;
        loop {
            match deframer.next(&mut rest) {
                Ok(Some(unit)) => found.push(unit.into_owned()),
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

fn one(unit: &[u8]) {
    let decoded = decode(unit);
    let (rows, dissected) = dissect(unit);
    assert_eq!(dissected, decoded.map(|_| ()).map_err(|refused| refused.why));
    let mut bit = 0;
    for row in &rows {
        assert_eq!(row.bit, bit, "a gap before {}", row.name);
        bit += row.bits;
    }
    assert!(bit <= unit.len() * 8);
    match decoded {
        Ok(frame) => {
            assert_eq!(bit, unit.len() * 8);
            sent_on(frame);
        }
        Err(refused) => assert!(refused.why.bit <= unit.len() * 8),
    }
    let text = String::from_utf8_lossy(unit);
    let carried = carried(&text);
    assert_eq!(carried.chars().count(), text.chars().count());
    assert_eq!(Tail::new(&carried).is_ok(), carried.len() <= LONGEST_TEXT);
}

fn sent_on(frame: Frame<'_>) {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes).expect("what came can be sent on");
    assert_eq!(decode(&bytes), Ok(frame));
    let pieces = match frame {
        Frame::Plain(text) => (Head::default(), Some(text)),
        Frame::Numbered { id, ack, text } => (Head::numbered(id, ack), Some(text)),
        Frame::Ack(ack) => (Head::ack(ack), None),
    };
    let tail = pieces.1.map(|text| Tail::new(text).expect("what came can be sent on"));
    assert_eq!([pieces.0.as_bytes(), tail.as_ref().map_or(&[], Tail::as_bytes)].concat(), bytes);
}
