//! Streams, put back in order whatever the network and the capture did to them.

use std::net::SocketAddr;

use palabre::capture::Seen;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::capture_files::{header, pcapng_of, section_of};
use crate::capture_frames::{client, enhanced, interface, seen, server};
use crate::capture_segments::{
    Segment, answers, between, down, ended, missing, opened, says, taken, told, up,
};

const RAW: u32 = 101;

#[test]
fn a_connection_is_told_from_its_first_segment_to_its_last() {
    let both = told(&[
        up("S", 99, 0, b""),
        down("SA", 499, 100, b""),
        up("A", 100, 500, b""),
        up("PA", 100, 500, b"hello"),
        down("A", 500, 105, b"wel"),
        down("PA", 503, 105, b"come").window(0),
        up("A", 105, 507, b""),
        down("A", 507, 105, b""),
        down("FA", 507, 105, b""),
        up("FA", 105, 508, b""),
        down("A", 508, 106, b""),
    ]);
    let (from, to) = (server(), client());
    assert_eq!(
        both,
        [
            opened(),
            says(b"hello", true),
            taken(5),
            answers(b"wel", false),
            Seen::Window { from, to, is_open: false },
            answers(b"come", true),
            Seen::Acknowledged { from: to, to: from, bytes: 7 },
            Seen::Window { from, to, is_open: true },
            Seen::Ended { from, to },
            ended(),
        ]
    );
}

#[test]
fn one_segment_may_bring_all_in_its_order() {
    let all = told(&[
        up("S", 0, 0, b""),
        down("SA", 0, 1, b""),
        down("PA", 1, 1, b"hi"),
        up("FPA", 1, 3, b"bye").window(0),
    ]);
    let (from, to) = (client(), server());
    assert_eq!(
        all[2..],
        [
            Seen::Acknowledged { from, to, bytes: 2 },
            Seen::Window { from, to, is_open: false },
            says(b"bye", true),
            ended(),
        ]
    );
}

#[test]
fn bytes_that_come_again_or_overlap_are_told_once_and_numbers_may_wrap() {
    let base = u32::MAX - 2;
    let twice = told(&[
        up("S", base - 1, 0, b""),
        up("A", base, 0, b"abc"),
        up("A", base, 0, b"abc"),
        up("PA", base.wrapping_add(6), 0, b"ghi"),
        up("A", base.wrapping_add(1), 0, b"bcdefg"),
        up("A", base.wrapping_sub(1), 0, b"?"),
        up("PA", base.wrapping_add(9), 0, b"j"),
    ]);
    assert_eq!(
        twice,
        [opened(), says(b"abc", false), says(b"def", false), says(b"ghi", true), says(b"j", true)]
    );
}

#[test]
fn a_stream_whose_beginning_was_not_captured_begins_with_its_first_bytes() {
    let late = told(&[
        down("A", 7_000, 300, b""),
        up("PA", 300, 7_000, b"late"),
        down("A", 7_000, 304, b""),
        down("PA", 7_000, 304, b"yes"),
    ]);
    assert_eq!(late, [says(b"late", true), taken(4), answers(b"yes", true)]);
    // The server's half of the handshake says where both begin, so nothing can be mistaken for the beginning.
    let half = told(&[down("SA", 9, 50, b""), up("A", 53, 10, b"def"), up("A", 50, 10, b"abc")]);
    assert_eq!(half, [says(b"abc", false), says(b"def", false)]);
}

#[test]
fn a_hole_that_was_acknowledged_is_missing_and_the_stream_goes_on() {
    let begin = [up("S", 0, 0, b""), up("A", 1, 0, b"abc"), up("A", 7, 0, b"ghi")];
    let acknowledged =
        told(&[&begin[..], &[down("A", 1, 4, b""), down("A", 1, 10, b""), up("A", 10, 0, b"j")]].concat());
    assert_eq!(
        acknowledged,
        [
            opened(),
            says(b"abc", false),
            taken(3),
            missing(3),
            says(b"ghi", false),
            taken(6),
            says(b"j", false)
        ]
    );
    // It was acknowledged before what stands behind it was captured.
    let before =
        told(&[up("S", 0, 0, b""), down("A", 1, 10, b""), up("A", 7, 0, b"ghi"), down("A", 1, 10, b"")]);
    assert_eq!(before, [opened(), missing(6), says(b"ghi", false), taken(9)]);
    // Nothing more comes, and what was held is told.
    assert_eq!(told(&begin), [opened(), says(b"abc", false), missing(3), says(b"ghi", false)]);
}

#[test]
fn the_end_comes_after_all_bytes() {
    let begin = [up("S", 0, 0, b""), up("FA", 4, 0, b"d")];
    assert_eq!(
        told(&[&begin[..], &[up("PA", 1, 0, b"abc"), up("FA", 4, 0, b"d")]].concat()),
        [opened(), says(b"abc", true), says(b"d", false), ended()]
    );
    // The bytes before the end were lost, but the server has acknowledged the end.
    assert_eq!(
        told(&[up("S", 0, 0, b""), up("FA", 4, 0, b""), down("A", 1, 5, b"")]),
        [opened(), missing(3), ended(), taken(3)]
    );
    assert_eq!(told(&begin), [opened(), missing(3), says(b"d", false), ended()]);
}

#[test]
fn more_than_may_be_held_is_not_waited_for() {
    let piece = vec![b'x'; 60_000];
    let mut segments = vec![up("S", 0, 0, b"")];
    segments.extend((0..20).map(|number| up("A", 11 + number * 60_000, 0, &piece)));
    segments.push(up("PA", 1, 0, b"too late"));
    let all = told(&segments);
    assert_eq!(all.iter().position(|seen| *seen == missing(10)), Some(1));
    assert_eq!(all.len(), 22, "each piece is told, and what is missing was given up");
}

#[test]
fn more_pieces_than_may_be_held_are_not_waited_for() {
    let mut segments = vec![up("S", 0, 0, b"")];
    segments.extend((0..1_025).map(|number| up("A", 11 + number * 2, 0, b"x")));
    let all = told(&segments);
    assert_eq!(all.iter().position(|seen| *seen == missing(10)), Some(1));
}

#[test]
fn what_nobody_said_cannot_be_acknowledged() {
    let far = told(&[
        up("S", 0, 0, b""),
        up("A", 1, 0, b"abc"),
        down("A", 1, 1_000, b""),
        down("A", 1, 1_000, b""),
    ]);
    assert_eq!(far, [opened(), says(b"abc", false), taken(3)]);
    let back = told(&[up("S", 0, 0, b""), up("A", 1, 0, b"abc"), down("A", 1, 3, b""), down("A", 1, 2, b"")]);
    assert_eq!(back, [opened(), says(b"abc", false), taken(2)]);
}

#[test]
fn a_syn_opens_unless_it_is_the_same_again() {
    assert_eq!(
        told(&[up("S", 5, 0, b""), up("S", 5, 0, b""), up("A", 6, 0, b"a")]),
        [opened(), says(b"a", false)]
    );
    assert_eq!(
        told(&[up("S", 5, 0, b""), up("A", 6, 0, b"a"), up("S", 900, 0, b""), up("A", 901, 0, b"b")]),
        [opened(), says(b"a", false), opened(), says(b"b", false)]
    );
    // The same number after the end is another connection.
    for end in [up("FA", 6, 0, b""), up("R", 6, 0, b"").window(0), down("RA", 0, 6, b"").window(0)] {
        let again = told(&[up("S", 5, 0, b""), end, up("S", 5, 0, b""), up("A", 6, 0, b"b")]);
        assert!(matches!(again[1], Seen::Ended { .. } | Seen::Reset { .. }), "{again:?}");
        assert_eq!(again[2..], [opened(), says(b"b", false)]);
    }
}

#[test]
fn a_stream_goes_on_in_the_next_part_of_a_capture() {
    let [first, second, third] = [
        &[up("S", 0, 0, b""), up("PA", 1, 0, b"one")][..],
        &[down("A", 1, 4, b"")],
        &[up("PA", 4, 0, b"two")],
    ]
    .map(|part| pcapng_of(&part.iter().map(Segment::packet).collect::<Vec<_>>()));
    assert_eq!(
        seen(&[first, second, third].concat()),
        [opened(), says(b"one", true), taken(3), says(b"two", true)]
    );
}

#[test]
fn what_palabre_wrote_is_in_its_order_so_a_hole_is_one_and_every_syn_opens() {
    let file = |comment: String| {
        let packets =
            [up("S", 0, 0, b""), up("PA", 4, 0, b"one"), up("S", 0, 0, b""), up("PA", 1, 0, b"two")];
        let mut file = section_of(Some(comment));
        file.write_pcapng_block(interface(RAW, vec![])).unwrap();
        for packet in packets {
            file.write_pcapng_block(enhanced(0, 0, &packet.packet(), &[])).unwrap();
        }
        seen(&file.into_inner())
    };
    let (one, two) = (says(b"one", true), says(b"two", true));
    assert_eq!(file(header().to_string()), [opened(), missing(3), one.clone(), opened(), two.clone()]);
    // Elsewhere the second SYN is the first again, and the bytes that were missing come after it.
    assert_eq!(file("another".into()), [opened(), two, one]);
}

#[test]
fn a_reset_is_told_once_after_what_was_held_and_closes_no_window() {
    let reset = told(&[
        up("S", 0, 0, b""),
        up("A", 3, 0, b"cd"),
        up("RA", 5, 0, b"").window(0),
        up("R", 5, 0, b"").window(0),
        down("R", 0, 0, b"").window(0),
    ]);
    let (from, to) = (server(), client());
    assert_eq!(
        reset,
        [
            opened(),
            missing(2),
            says(b"cd", false),
            Seen::Reset { from: to, to: from },
            Seen::Reset { from, to },
        ]
    );
}

#[test]
fn more_connections_than_are_known_at_once_push_out_the_longest_silent() {
    let other = |number: u32| SocketAddr::new([10, 0, (number >> 8) as u8, number as u8].into(), 1_000);
    let mut segments = Vec::new();
    for number in 0..5_000 {
        segments.push(between(other(number), server(), "S", 0, 0, b""));
        // Its first byte never comes.
        segments.push(between(other(number), server(), "A", 2, 0, b"b"));
    }
    let told = told(&segments);
    assert_eq!(told.len(), 3 * 5_000, "all is told in the end");
    let first = told.iter().position(|seen| matches!(seen, Seen::Missing { .. })).unwrap();
    assert_eq!(first, 4_097, "the first is pushed out by number 4,097");
    assert_eq!(told[first], Seen::Missing { from: other(0), to: server(), bytes: 1 });
}

/// Whatever was cut where, and in which order it came.
fn shuffled() -> impl Strategy<Value = (Vec<u8>, u32, Vec<(usize, usize)>)> {
    let bytes = proptest::collection::vec(any::<u8>(), 1..400);
    let cuts = proptest::collection::vec(any::<Index>(), 0..8);
    let extra = proptest::collection::vec((any::<Index>(), any::<Index>()), 0..6);
    (bytes, any::<u32>(), cuts, extra)
        .prop_map(|(bytes, isn, cuts, extra)| {
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let mut ranges: Vec<_> = places.windows(2).map(|pair| (pair[0], pair[1])).collect();
            for (a, b) in extra {
                let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
                ranges.push((a.min(b), a.max(b) + 1));
            }
            (bytes, isn, ranges)
        })
        .prop_flat_map(|(bytes, isn, ranges)| (Just(bytes), Just(isn), Just(ranges).prop_shuffle()))
}

proptest! {
    #[test]
    fn bytes_come_out_as_they_went_in((bytes, isn, ranges) in shuffled(), end in any::<Index>()) {
        let mut segments: Vec<_> = ranges
            .iter()
            .map(|&(from, to)| up("A", isn.wrapping_add(1 + from as u32), 0, &bytes[from..to]))
            .collect();
        let last = isn.wrapping_add(1 + bytes.len() as u32);
        segments.insert(end.index(segments.len() + 1), up("FA", last, 0, b""));
        segments.insert(0, up("S", isn, 0, b""));
        let mut all = told(&segments);
        prop_assert_eq!(all.remove(0), opened());
        prop_assert_eq!(all.pop(), Some(ended()));
        let mut said = Vec::new();
        for seen in all {
            let Seen::Bytes { bytes, .. } = seen else { panic!("{seen:?}") };
            prop_assert!(!bytes.is_empty());
            said.extend(bytes);
        }
        prop_assert_eq!(said, bytes);
    }

    #[test]
    fn no_segments_stop_the_program_and_no_byte_is_told_twice(
        story in proptest::collection::vec((any::<[bool; 6]>(), 0_u32..40, 0_u32..40, 0_usize..9), 0..40),
        ours in any::<u32>(),
    ) {
        let letters = ["S", "A", "P", "F", "R"];
        let segments: Vec<_> = story
            .iter()
            .map(|(flags, seq, ack, length)| {
                let flags: String = letters.iter().zip(&flags[1..]).filter(|(_, on)| **on).map(|(l, _)| *l).collect();
                let say = if story[0].0[0] { up } else { down };
                say(&flags, ours.wrapping_add(*seq), ours.wrapping_add(*ack), &vec![0; *length])
            })
            .collect();
        let opened = segments.iter().filter(|segment| segment.header.syn).count() + 1;
        let all = told(&segments);
        let said: usize = all.iter().map(|seen| if let Seen::Bytes { bytes, .. } = seen { bytes.len() } else { 0 }).sum();
        prop_assert!(said <= opened * 49, "a connection has at most 49 places");
    }
}
