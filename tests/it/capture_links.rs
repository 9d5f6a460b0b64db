//! What stands before a datagram: link layers, IP of both versions, pieces, and captures that kept only the beginning.

use etherparse::{PacketBuilder, VlanId};
use palabre::capture::Seen;
use pcap_file::{Endianness, TsResolution};
use proptest::prelude::*;

use crate::capture_frames::{client, datagram, pcap, pcap_of, read, seen, server, udp, udp_between};
use crate::capture_segments::{missing, opened, says, up};

const RAW: u32 = 101;
const ETHERNET: u32 = 1;

fn behind(head: &[u8], packet: &[u8]) -> Vec<u8> {
    [head, packet].concat()
}

fn ethernet(kind: u16, rest: &[u8]) -> Vec<u8> {
    behind(&[&[2; 12][..], &kind.to_be_bytes()].concat(), rest)
}

fn six(payload: &[u8]) -> (Vec<u8>, Seen) {
    let (from, to) = ("[2001:db8::7]:50001".parse().unwrap(), "[2001:db8::1]:7401".parse().unwrap());
    let seen = Seen::Datagram { from, to, bytes: payload.to_vec(), missing: 0 };
    (udp_between(from, to, payload), seen)
}

fn one(link: u32, packet: Vec<u8>) -> Seen {
    let mut seen = seen(&pcap(link, &[packet]));
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

fn why(link: u32, packet: Vec<u8>) -> String {
    match one(link, packet) {
        Seen::Broken(why) => why,
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn every_link_layer_is_taken_off() {
    let (four, (packet6, six)) = (udp(b"hi"), six(b"hi"));
    for link in [101, 12, 14, 228] {
        assert_eq!(one(link, four.clone()), datagram(b"hi"));
    }
    for link in [101, 12, 14, 229] {
        assert_eq!(one(link, packet6.clone()), six);
    }
    assert_eq!(one(ETHERNET, ethernet(0x0800, &four)), datagram(b"hi"));
    assert_eq!(one(ETHERNET, ethernet(0x86dd, &packet6)), six);
    let cooked = |kind: u16, rest: &[u8]| behind(&[&[0; 14][..], &kind.to_be_bytes()].concat(), rest);
    assert_eq!(one(113, cooked(0x0800, &four)), datagram(b"hi"));
    assert_eq!(one(113, cooked(0x86dd, &packet6)), six);
    let cooked2 = |kind: u16, rest: &[u8]| behind(&[&kind.to_be_bytes(), &[0; 18][..]].concat(), rest);
    assert_eq!(one(276, cooked2(0x0800, &four)), datagram(b"hi"));
    assert_eq!(one(276, cooked2(0x86dd, &packet6)), six);
    assert_eq!(one(276, cooked2(0x8100, &behind(&[0, 7, 0x08, 0], &four))), datagram(b"hi"));
    for link in [0, 108] {
        for order in [u32::to_be_bytes, u32::to_le_bytes] {
            assert_eq!(one(link, behind(&order(2), &four)), datagram(b"hi"));
            for family in [10, 24, 28, 30] {
                assert_eq!(one(link, behind(&order(family), &packet6)), six);
            }
            assert!(matches!(one(link, behind(&order(17), &four)), Seen::Foreign(_)));
        }
    }
}

#[test]
fn tags_of_virtual_networks_are_passed_over() {
    let id = |number| VlanId::try_new(number).unwrap();
    let end = |builder: etherparse::PacketBuilderStep<etherparse::VlanHeader>| {
        let mut packet = Vec::new();
        let builder = builder.ipv4([192, 0, 2, 7], [192, 0, 2, 1], 64);
        builder.udp(50_001, 7_401).write(&mut packet, b"hi").unwrap();
        packet
    };
    let ethernet = || PacketBuilder::ethernet2([1; 6], [2; 6]);
    assert_eq!(one(ETHERNET, end(ethernet().single_vlan(id(5)))), datagram(b"hi"));
    assert_eq!(one(ETHERNET, end(ethernet().double_vlan(id(5), id(6)))), datagram(b"hi"));
}

#[test]
fn what_is_neither_udp_nor_tcp_over_ip_is_foreign() {
    let mut ping = Vec::new();
    PacketBuilder::ipv4([1; 4], [2; 4], 64).icmpv4_echo_request(1, 2).write(&mut ping, b"ping").unwrap();
    assert_eq!(one(RAW, ping), Seen::Foreign("ICMP"));
    assert_eq!(one(ETHERNET, ethernet(0x0806, &[0; 28])), Seen::Foreign("ARP"));
    assert_eq!(one(ETHERNET, ethernet(60, &[0; 60])), Seen::Foreign("IEEE 802.3 with LLC"));
    assert_eq!(one(147, b"timer".to_vec()), Seen::Foreign("of a user's own link type"));
    assert_eq!(one(105, vec![0; 60]), Seen::Foreign("of a link type that is not read"));
}

#[test]
fn padding_behind_the_packet_is_cut_off() {
    let padded = |packet: Vec<u8>| [packet, vec![0xee; 20]].concat();
    assert_eq!(one(ETHERNET, ethernet(0x0800, &padded(udp(b"hi")))), datagram(b"hi"));
    assert_eq!(one(ETHERNET, ethernet(0x86dd, &padded(six(b"hi").0))), six(b"hi").1);
    let stream = [up("S", 0, 0, b""), up("PA", 1, 0, b"hi")];
    let frames = stream.map(|segment| ethernet(0x0800, &padded(segment.packet())));
    assert_eq!(seen(&pcap(ETHERNET, &frames)), [opened(), says(b"hi", true)]);
    // A datagram may be shorter than its packet, too.
    let mut short = udp(b"hi there");
    short[25] -= 6;
    assert_eq!(one(RAW, short), datagram(b"hi"));
}

#[test]
fn extensions_of_the_ip_header_are_passed_over() {
    let (packet, six) = six(b"hi");
    let mut extended = packet[..40].to_vec();
    extended[6] = 0;
    extended[5] += 8 + 16 + 8 + 12 + 8;
    extended.extend([43, 0, 1, 4, 0, 0, 0, 0]);
    extended.extend([60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    extended.extend([51, 0, 1, 4, 0, 0, 0, 0]);
    extended.extend([44, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    // A piece that is the only one.
    extended.extend([17, 0, 0, 0, 0, 0, 0, 9]);
    extended.extend(&packet[40..]);
    assert_eq!(one(RAW, extended.clone()), six);
    extended[40] = 0;
    extended[41] = 200;
    assert!(why(RAW, extended).starts_with("an extension of its IP header cannot be read"));
}

#[test]
fn lengths_that_cannot_be_are_told_and_those_that_nobody_filled_in_are_not_needed() {
    let with = |place: usize, value: [u8; 2]| {
        let mut packet = udp(b"hi");
        packet[place..place + 2].copy_from_slice(&value);
        packet
    };
    assert_eq!(why(RAW, with(2, [0, 200])), "its IP header says 200 bytes, and there were 30");
    assert_eq!(why(RAW, with(2, [0, 19])), "its IPv4 header says 19 bytes, and has 20 itself");
    assert_eq!(why(RAW, with(24, [0, 7])), "its UDP header says 7 bytes, and there are 10");
    assert_eq!(why(RAW, with(24, [0, 99])), "its UDP header says 99 bytes, and there are 10");
    assert_eq!(why(RAW, with(0, [0x75, 0])), "its IP header says version 7");
    assert_eq!(one(RAW, with(2, [0, 0])), datagram(b"hi"));
    assert_eq!(one(RAW, with(24, [0, 0])), datagram(b"hi"));
    // Nor are checksums judged: the card fills them in later.
    assert_eq!(one(RAW, with(26, [0xba, 0xad])), datagram(b"hi"));
}

#[test]
fn of_a_packet_that_was_cut_off_there_is_what_was_kept() {
    let whole = ethernet(0x0800, &udp(b"hello, world"));
    for kept in 0..whole.len() {
        let packets = [(whole[..kept].to_vec(), whole.len()), (whole.clone(), whole.len())];
        let file = pcap_of(ETHERNET, Endianness::Little, TsResolution::MicroSecond, &packets);
        let (events, error) = read(&file);
        assert_eq!((events.len(), error), (2, None));
        match &events[0].seen {
            Seen::Datagram { from, to, bytes, missing } => {
                assert_eq!((*from, *to), (client(), server()));
                assert_eq!((&bytes[..], *missing), (&whole[42..kept], whole.len() - kept));
            }
            Seen::Broken(_) => assert!(kept < 42),
            seen => panic!("{seen:?}"),
        }
        assert_eq!(events[1].seen, datagram(b"hello, world"));
    }
}

#[test]
fn of_a_segment_that_was_cut_off_the_rest_is_missing_in_its_place() {
    let segments = [up("S", 0, 0, b""), up("PA", 1, 0, b"hello, world"), up("PA", 13, 0, b"!")];
    let cut = |order: [usize; 3], kept: usize| {
        let packets = order.map(|number| {
            let packet = segments[number].packet();
            (packet[..packet.len().min(40 + kept)].to_vec(), packet.len())
        });
        seen(&pcap_of(RAW, Endianness::Big, TsResolution::NanoSecond, &packets))
    };
    for order in [[0, 1, 2], [0, 2, 1]] {
        assert_eq!(cut(order, 5), [opened(), says(b"hello", false), missing(7), says(b"!", true)]);
        assert_eq!(cut(order, 0), [opened(), missing(12), missing(1)]);
    }
}

/// The pieces of an IPv4 packet: offset in units of eight bytes, and how many of them.
fn piece(packet: &[u8], offset: usize, units: usize) -> Vec<u8> {
    let payload = &packet[20..];
    let end = payload.len().min((offset + units) * 8);
    let mut piece = packet[..20].to_vec();
    let more = if end < payload.len() { 0x2000 } else { 0 };
    piece[2..4].copy_from_slice(&(20 + end as u16 - offset as u16 * 8).to_be_bytes());
    piece[6..8].copy_from_slice(&(more | offset as u16).to_be_bytes());
    piece.extend(&payload[offset * 8..end]);
    piece
}

proptest! {
    #[test]
    fn pieces_of_a_packet_are_put_together_in_any_order(
        payload in proptest::collection::vec(any::<u8>(), 1..600),
        order in Just((0..80_usize).collect::<Vec<_>>()).prop_shuffle(),
        size in 1..5_usize,
    ) {
        let packet = udp(&payload);
        let count = (packet.len() - 20).div_ceil(8 * size);
        let pieces: Vec<_> =
            order.iter().filter(|number| **number < count).map(|number| piece(&packet, number * size, size)).collect();
        prop_assert_eq!(seen(&pcap(RAW, &pieces)), [datagram(&payload)]);
    }
}

#[test]
fn pieces_of_version_6_are_put_together() {
    let (packet, six) = six(&[b'x'; 40]);
    let piece = |from: usize, to: usize, id: u8| {
        let mut piece = packet[..40].to_vec();
        piece[5] = (to - from + 8) as u8;
        piece[6] = 44;
        piece.extend([17, 0, 0, from as u8 | u8::from(to < 48), 0, 0, 0, id]);
        piece.extend(&packet[40 + from..40 + to]);
        piece
    };
    let pieces = [piece(0, 24, 1), piece(24, 48, 2), piece(24, 48, 1)];
    let all = seen(&pcap(RAW, &pieces));
    let lost = "of the IP packet that begins in packet 2, some pieces are missing";
    assert_eq!(all, [six, Seen::Broken(lost.into())]);
}

#[test]
fn pieces_that_stay_alone_are_given_up_and_told() {
    // A packet a second: the first is too old when the thirty-second comes.
    let packets: Vec<_> = (0..32_u8)
        .map(|id| {
            let mut packet = udp(&[id; 30]);
            packet[5] = id;
            piece(&packet, 0, 2)
        })
        .collect();
    let (events, _) = read(&pcap(RAW, &packets));
    assert_eq!(events.len(), 32, "each is told once");
    let first = "of the IP packet that begins in packet 1, some pieces are missing";
    assert_eq!((events[0].packet, &events[0].seen), (32, &Seen::Broken(first.into())));
}

#[test]
fn pieces_that_cannot_be_are_told() {
    let packet = udp(&[0; 100]);
    let mut odd = piece(&packet, 0, 2);
    odd[3] -= 1;
    assert_eq!(why(RAW, odd), "a piece of an IP packet has 15 bytes");
    let mut far = piece(&packet, 0, 2);
    far[6..8].copy_from_slice(&0x3fff_u16.to_be_bytes());
    assert_eq!(why(RAW, far), "a piece of an IP packet ends at byte 65544, and it may have 65535");
    let whole = piece(&packet, 0, 2);
    let cut = [(whole[..30].to_vec(), whole.len())];
    let file = pcap_of(RAW, Endianness::Little, TsResolution::MicroSecond, &cut);
    let Seen::Broken(why) = &seen(&file)[0] else { panic!("a piece") };
    assert!(why.starts_with("a piece of an IP packet is cut off"), "{why}");
}
