//! Laws that hold for every message and every stream.

use palabre::dialect::matou::{LONGEST_MESSAGE, Message, Way, carried, dissect, is_text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::arbitrary::message;
use super::{decoded, deframed, encoded};
use crate::codec::damage::{apply, change};

/// The pieces between some places of a stream.
fn cut<'s>(stream: &'s [u8], places: &[Index]) -> Vec<&'s [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(stream.len() + 1)).collect();
    places.extend([0, stream.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &stream[ends[0]..ends[1]]).collect()
}

proptest! {
    #[test]
    fn what_was_encoded_decodes_to_the_same_message_and_encodes_to_the_same_bytes(message in message()) {
        let bytes = encoded(&message);
        prop_assert!(bytes.len() <= LONGEST_MESSAGE);
        let read = decoded(&bytes);
        prop_assert_eq!(&read, &Ok(message));
        prop_assert_eq!(read.map(|message| encoded(&message)), Ok(bytes.clone()));
        let (rows, result) = dissect(&bytes);
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(rows.iter().map(|row| row.bits).sum::<usize>(), bytes.len() * 8);
    }

    #[test]
    fn a6_messages_are_the_same_however_their_stream_is_cut(
        messages in vec(message(), 0..12),
        places in vec(any::<Index>(), 0..40),
    ) {
        let all: Vec<Vec<u8>> = messages.iter().map(encoded).collect();
        let stream = all.concat();
        prop_assert_eq!(deframed(Way::Any, cut(&stream, &places)), (all.clone(), None));
        prop_assert_eq!(deframed(Way::Any, stream.chunks(1)), (all, None));
    }

    #[test]
    fn a6_a_damaged_stream_gives_the_same_messages_and_the_same_fault_however_it_is_cut(
        messages in vec(message(), 1..6),
        changes in vec(change(), 1..4),
        places in vec(any::<Index>(), 0..40),
    ) {
        let mut stream: Vec<u8> = messages.iter().flat_map(encoded).collect();
        for change in &changes {
            apply(&mut stream, change);
        }
        let whole = deframed(Way::Any, [&stream[..]]);
        prop_assert_eq!(deframed(Way::Any, cut(&stream, &places)), whole.clone());
        for bytes in whole.0 {
            let read = decoded(&bytes);
            prop_assert_eq!(dissect(&bytes).1, read.as_ref().map(|_| ()).map_err(|why| *why));
            if let Ok(message) = read {
                prop_assert_eq!(encoded(&message), bytes);
            }
        }
    }

    #[test]
    fn a6_no_truncated_message_is_a_message(message in message()) {
        let bytes = encoded(&message);
        for len in 0..bytes.len() {
            prop_assert!(decoded(&bytes[..len]).is_err());
            prop_assert_eq!(deframed(Way::Any, [&bytes[..len]]), (Vec::new(), None));
        }
    }

    #[test]
    fn a6_what_the_framing_lets_through_ends_where_the_decoder_ends(bytes in vec(any::<u8>(), 0..40), kind in 0_u8..18) {
        let stream = [&[0, 0, 0, kind][..], &bytes].concat();
        for message in deframed(Way::Any, [&stream[..]]).0 {
            let bits = message.len() * 8;
            if let Err(why) = decoded(&message) {
                prop_assert!(!matches!(why.fault, palabre::wire::Fault::Short { .. } | palabre::wire::Fault::Leftover { .. }), "{} of {}", why, bits);
            }
        }
    }

    #[test]
    fn a3_what_another_protocol_says_can_be_said_here(text in any::<String>(), times in 1_usize..40) {
        let text = text.repeat(times);
        let parts: Vec<String> = carried(&text).collect();
        prop_assert!(parts.iter().all(|part| is_text(part)));
        let spaced = text.replace(char::is_control, " ");
        prop_assert_eq!(parts.concat(), spaced.clone());
        // No more parts than it takes: each but the last is as full as its next character lets it be.
        prop_assert!(parts.iter().rev().skip(1).all(|part| part.len() > 512 - 4));
        if is_text(&text) {
            prop_assert_eq!(parts, [text]);
        }
    }

    #[test]
    fn encoding_appends_and_leaves_what_was_there(message in message(), before in vec(any::<u8>(), 0..9)) {
        let mut out = before.clone();
        message.encode(&mut out).expect("encodes");
        prop_assert_eq!(&out, &[before.clone(), encoded(&message)].concat());
        let mut out = before.clone();
        let long = Message::Said { author: "Minou".into(), text: "x".repeat(513).into() };
        prop_assert!(long.encode(&mut out).is_err());
        prop_assert_eq!(out, before);
    }
}
