//! Laws that hold for every frame and every stream.

use palabre::dialect::stumtp::{FRAMING, Frame, carried, decode};
use palabre::wire::Deframer;
use proptest::collection::vec;
use proptest::prelude::*;

use super::encoded;
use crate::bodies::stumtp_decode;

/// A frame whose text can be sent.
#[derive(Clone, Debug)]
struct Owned(Option<u64>, Option<u64>, String);

impl Owned {
    fn frame(&self) -> Frame<'_> {
        match (self.0, self.1) {
            (Some(id), ack) => Frame::Numbered { id, ack, text: &self.2 },
            (None, Some(ack)) => Frame::Ack(ack),
            (None, None) => Frame::Plain(&self.2),
        }
    }
}

fn number() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), (0_u64..12).prop_map(Some), any::<u64>().prop_map(Some)]
}

fn frame() -> impl Strategy<Value = Owned> {
    let text =
        vec(any::<char>(), 0..20).prop_map(|text| carried(&text.iter().collect::<String>()).into_owned());
    (number(), number(), text).prop_map(|(id, ack, text)| Owned(id, ack, text))
}

/// Bytes that are often nearly a frame.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => Just(0x01), 2 => Just(0x02), 3 => Just(0x03), 2 => Just(0x06),
        4 => b'0'..=b'9', 2 => b'a'..=b'z', 1 => any::<u8>()
    ];
    vec(byte, 0..40)
}

proptest! {
    #[test]
    fn u1_what_was_encoded_decodes_to_the_same_frame(frame in frame()) {
        let unit = encoded(frame.frame());
        prop_assert_eq!(decode(&unit), Ok(frame.frame()));
    }

    #[test]
    fn u1_a_stream_gives_the_frames_that_were_written_however_it_is_cut(
        frames in vec(frame(), 0..9),
        cuts in vec(1_usize..30, 1..40),
    ) {
        let stream: Vec<u8> = frames.iter().flat_map(|frame| encoded(frame.frame())).collect();
        let (mut deframer, mut found, mut left) = (Deframer::new(FRAMING), Vec::new(), &stream[..]);
        for cut in cuts.iter().cycle() {
            if left.is_empty() {
                break;
            }
            let (mut piece, rest) = left.split_at((*cut).min(left.len()));
            left = rest;
            while let Some(unit) = deframer.next(&mut piece).unwrap() {
                found.push(unit.into_owned());
            }
        }
        let read: Vec<_> = found.iter().map(|unit| decode(unit).unwrap()).collect();
        prop_assert_eq!(read, frames.iter().map(Owned::frame).collect::<Vec<_>>());
        prop_assert_eq!(deframer.held(), 0);
    }

    #[test]
    fn u7_no_stream_breaks_a_law(stream in nearly()) {
        stumtp_decode::run(&stream);
    }
}
