//! Laws that hold for every message and every datagram (M3): decode and encode undo each other.

use palabre::dialect::msp::{Body, Message, RawHeader, dissect, packet};
use palabre::wire::{Arena, Scratch};
use proptest::collection::vec;
use proptest::prelude::*;

use super::arbitrary::{body, message};
use super::damage::{apply, change};
use super::{decoded, encoded};

/// What decodes is the one encoding of what it decodes to; what does not, the dissector refuses for the same reason.
fn canonical(datagram: &[u8]) -> Result<(), TestCaseError> {
    let result = decoded(datagram);
    let (rows, dissected) = dissect(datagram);
    prop_assert_eq!(dissected, result.as_ref().map(|_| ()).map_err(|why| *why));
    match result {
        Ok(message) => {
            prop_assert_eq!(encoded(&message), datagram);
            let raw = RawHeader::peek(datagram).expect("a message has a header");
            prop_assert_eq!(raw.kind(), Some(message.kind()));
            prop_assert_eq!((raw.user, raw.seq), (message.user, message.seq));
            prop_assert_eq!(rows.iter().map(|row| row.bits).sum::<usize>(), datagram.len() * 8);
        }
        Err(why) => prop_assert!(why.bit <= datagram.len() * 8, "{}", why),
    }
    Ok(())
}

proptest! {
    #[test]
    fn m3_what_was_encoded_decodes_to_the_same_message(message in message()) {
        prop_assert_eq!(decoded(&encoded(&message)), Ok(message));
    }

    #[test]
    fn m3_a_damaged_datagram_is_refused_or_canonical(message in message(), changes in vec(change(), 1..4)) {
        let mut bytes = encoded(&message);
        for change in &changes {
            apply(&mut bytes, change);
        }
        canonical(&bytes)?;
    }

    #[test]
    fn m3_random_bytes_are_refused_or_canonical(code in 0_u8..32, mut bytes in vec(any::<u8>(), 0..40)) {
        if let Some(first) = bytes.first_mut() {
            *first = *first & 0x07 | code << 3;
        }
        canonical(&bytes)?;
    }

    #[test]
    fn m3_few_random_bits_are_refused_or_canonical(code in 0_u8..32, rest in vec(prop_oneof![Just(0_u8), Just(0x18), Just(8)], 3..9)) {
        canonical(&[&[code << 3], &rest[..]].concat())?;
    }

    #[test]
    fn a_used_scratch_gives_what_a_fresh_one_gives(first in message(), second in message()) {
        let mut scratch = Scratch::new();
        Message::decode(&encoded(&first), &mut scratch).expect("decodes");
        let bytes = encoded(&second);
        prop_assert_eq!(Message::decode(&bytes, &mut scratch), Ok(second));
    }

    #[test]
    fn an_arena_hands_out_what_it_has_once(size in 0_usize..64, lens in vec(0_usize..40, 0..12)) {
        let mut scratch = Scratch::with_capacity(size);
        let mut arena: Arena<'_> = scratch.arena(size);
        let mut free = arena.free();
        prop_assert!(free >= size);
        let mut pieces = Vec::new();
        for (tag, len) in (1_u8..).zip(lens) {
            match arena.take(len) {
                Some(piece) => {
                    prop_assert_eq!(piece.len(), len);
                    piece.fill(tag);
                    pieces.push((tag, piece));
                    free -= len;
                    prop_assert_eq!(arena.free(), free);
                }
                None => prop_assert!(len > free),
            }
        }
        prop_assert!(pieces.iter().all(|(tag, piece)| piece.iter().all(|byte| byte == tag)));
    }

    #[test]
    fn m1_a_stamped_packet_is_the_message_under_that_number(body in body(), user: u8, seq: u16) {
        let packet = packet(user, &body).expect("encodes");
        let bytes = [&packet.stamp(seq)[..], packet.tail()].concat();
        prop_assert_eq!(packet.kind(), body.kind().code());
        prop_assert_eq!(bytes, encoded(&Message { user, seq, body }));
    }

    #[test]
    fn encoding_appends_and_leaves_what_was_there(message in message(), before in vec(any::<u8>(), 0..9)) {
        let mut out = before.clone();
        message.encode(&mut out).expect("encodes");
        prop_assert_eq!(out, [before, encoded(&message)].concat());
    }

    #[test]
    fn a_text_is_decoded_without_memory_of_its_own(text in "\\PC{0,99}") {
        let bytes = encoded(&Message { user: 1, seq: 2, body: Body::Text { text: (&text).into(), order: None } });
        let mut scratch = Scratch::new();
        let message = Message::decode(&bytes, &mut scratch).expect("decodes");
        let borrowed = matches!(message.body, Body::Text { text: std::borrow::Cow::Borrowed(_), .. });
        prop_assert!(borrowed);
    }
}
