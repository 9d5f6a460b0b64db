//! Whatever bytes come, and however they are cut, the codec of Matou holds its laws (A3, A6).
//!
//! In: which way, how the stream is cut, the stream. Out: nothing, or a panic that says which law broke. Must not know what a
//! message means.
//!
//! The laws: no panic; pieces of any size give the messages and the fault that the whole gives; never more is held than the
//! longest message; what decodes is encoded to the same bytes; the dissector and the decoder agree, and the fields that were
//! read follow each other without a gap; what is carried over may be said.

use palabre::dialect::matou::{
    BadFrame, Frames, Kind, LONGEST_MESSAGE, LONGEST_NAME, Message, Way, carried, dissect, folded, is_name,
    is_text,
};
use palabre::wire::{Deframer, Scratch};

const WAYS: [Way; 5] = [Way::ToServer, Way::ToClient, Way::Messages, Way::Files, Way::Any];

/// Checks the laws on one stream.
pub fn run(data: &[u8]) {
    let Some(([way, cut], stream)) = data.split_first_chunk() else { return };
    let way = WAYS[usize::from(*way) % WAYS.len()];
    let whole = messages(way, std::iter::once(stream));
    let pieces = messages(way, stream.chunks(usize::from(*cut).max(1)));
    assert_eq!(whole, pieces);
    for message in whole.0 {
        assert!(message.len() <= LONGEST_MESSAGE);
        assert!(Kind::peek(&message).is_some_and(|kind| way.carries(kind)));
        decoded(&message);
    }
    decoded(stream);
    if let Ok(text) = core::str::from_utf8(stream) {
        said(text);
    }
}

/// The messages up to the first fault, and the fault.
fn messages<'s>(way: Way, pieces: impl Iterator<Item = &'s [u8]>) -> (Vec<Vec<u8>>, Option<BadFrame>) {
    let mut deframer = Deframer::new(Frames { way });
    let mut found = Vec::new();
    for piece in pieces {
        let mut rest = piece;
        loop {
            match deframer.next(&mut rest) {
                Ok(Some(message)) => found.push(message.into_owned()),
                Ok(None) => break,
                Err(why) => return (found, Some(why)),
            }
        }
        assert!(rest.is_empty() && deframer.held() < LONGEST_MESSAGE);
    }
    (found, None)
}

fn decoded(bytes: &[u8]) {
    let mut scratch = Scratch::new();
    let decoded = Message::decode(bytes, &mut scratch);
    let (rows, dissected) = dissect(bytes);
    assert_eq!(dissected, decoded.as_ref().map(|_| ()).map_err(|why| *why));
    let mut bit = 0;
    for row in &rows {
        assert_eq!(row.bit, bit, "a gap before {}", row.name);
        bit += row.bits;
    }
    assert!(bit <= bytes.len() * 8);
    let Ok(message) = decoded else { return };
    assert_eq!(Kind::peek(bytes), Some(message.kind()));
    assert_eq!(message.clone().into_owned(), message);
    let mut again = Vec::new();
    message.encode(&mut again).expect("what was read can be written");
    assert_eq!(again, bytes);
}

fn said(text: &str) {
    let parts: Vec<String> = carried(text).collect();
    assert!(parts.iter().all(|part| is_text(part)));
    assert_eq!(parts.concat(), text.replace(char::is_control, " "));
    if is_name(text) {
        assert!(text.len() <= LONGEST_NAME && is_text(text));
    }
    assert_eq!(folded(&folded(text)), folded(text));
}
