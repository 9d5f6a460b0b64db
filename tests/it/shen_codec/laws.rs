//! Laws that hold for every message and every datagram, as far as S1, S2 and S14 allow.

use std::borrow::Cow;

use palabre::dialect::shen::{Body, Kind, Message, RawHeader, Unencodable, dissect, packet};
use palabre::wire::{BitWriter, Field, Scratch};
use proptest::collection::vec;
use proptest::prelude::*;

use super::arbitrary::{body, message};
use super::{decoded, encoded, reference};
use crate::codec::damage::{apply, change};

/// The decoder, the dissector and the reference agree, and what decodes can be sent on: unless it is longer in UTF-8 with
/// CRLF than it came.
fn agreed(datagram: &[u8]) -> Result<(), TestCaseError> {
    let result = decoded(datagram);
    prop_assert_eq!(result.clone().ok(), reference::decode(datagram));
    let (rows, dissected) = dissect(datagram);
    prop_assert_eq!(dissected, result.as_ref().map(|_| ()).map_err(|why| *why));
    match result {
        Ok(message) => {
            let raw = RawHeader::peek(datagram).expect("a message has a header");
            prop_assert_eq!((raw.kind(), raw.seq), (Some(message.kind()), message.seq));
            prop_assert_eq!(rows.iter().map(|row| row.bits).sum::<usize>(), datagram.len() * 8);
            let mut again = Vec::new();
            match message.encode(&mut again) {
                Ok(()) => prop_assert_eq!(decoded(&again), Ok(message)),
                Err(Unencodable::TooLong { bytes, most }) => prop_assert!(bytes > most),
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
        Err(why) => prop_assert!(why.bit <= datagram.len() * 8, "{}", why),
    }
    Ok(())
}

/// A header, then bytes that may or may not be what it promises.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    let payload = vec(prop_oneof![2 => Just(0_u8), 1 => 0_u8..8, 1 => any::<u8>(), 1 => b'a'..=b'z'], 0..40);
    (0_u16..1024, 0_u8..32, 0_usize..8, any::<bool>(), payload).prop_map(
        |(seq, code, fields, list, payload)| {
            // As long as the payload, one more, or less by what other fields may take up.
            let length = payload.len().saturating_sub(fields);
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            writer.put(Field::new("NUM_SEQ", 10), seq);
            writer.put(Field::new("TYPE", 8), if list { Kind::UserList.code() } else { code });
            writer.put(Field::new("TEXT_LENGTH", 10), length as u16);
            writer.bytes(&payload);
            writer.finish();
            out
        },
    )
}

proptest! {
    #[test]
    fn s1_what_was_encoded_decodes_to_the_same_message_and_encodes_to_the_same_bytes(message in message()) {
        let bytes = encoded(&message);
        prop_assert_eq!(reference::decode(&bytes), Some(message.clone()));
        let read = decoded(&bytes);
        prop_assert_eq!(&read, &Ok(message));
        prop_assert_eq!(read.map(|message| encoded(&message)), Ok(bytes));
    }

    #[test]
    fn s1_a_damaged_datagram_is_read_as_the_reference_reads_it(message in message(), changes in vec(change(), 1..4)) {
        let mut bytes = encoded(&message);
        for change in &changes {
            apply(&mut bytes, change);
        }
        agreed(&bytes)?;
    }

    #[test]
    fn s1_any_bytes_are_read_as_the_reference_reads_them(bytes in vec(any::<u8>(), 0..40)) {
        agreed(&bytes)?;
    }

    #[test]
    fn s1_bytes_behind_a_header_are_read_as_the_reference_reads_them(bytes in likely()) {
        agreed(&bytes)?;
    }

    #[test]
    fn a_used_scratch_gives_what_a_fresh_one_gives(first in message(), second in message()) {
        let mut scratch = Scratch::new();
        Message::decode(&encoded(&first), &mut scratch).expect("decodes");
        let bytes = encoded(&second);
        prop_assert_eq!(Message::decode(&bytes, &mut scratch), Ok(second));
    }

    #[test]
    fn s5_a_stamped_packet_is_the_message_under_that_number(body in body(), seq in 0_u16..1024) {
        let packet = packet(&body).expect("encodes");
        let bytes = [&packet.stamp(seq)[..], packet.tail()].concat();
        prop_assert_eq!(packet.kind(), body.kind().code());
        prop_assert_eq!(bytes, encoded(&Message { seq, body }));
    }

    #[test]
    fn encoding_appends_and_leaves_what_was_there(message in message(), before in vec(any::<u8>(), 0..9)) {
        let mut out = before.clone();
        message.encode(&mut out).expect("encodes");
        prop_assert_eq!(out, [before, encoded(&message)].concat());
    }

    #[test]
    fn s14_a_text_in_utf8_is_decoded_without_memory_of_its_own(text in "\\PC{0,99}") {
        let bytes = encoded(&Message { seq: 2, body: Body::plain(Kind::Ack, &text) });
        let mut scratch = Scratch::new();
        let message = Message::decode(&bytes, &mut scratch).expect("decodes");
        let borrowed = matches!(&message.body, Body::Plain { text: Cow::Borrowed(_), .. });
        prop_assert!(borrowed);
    }
}
