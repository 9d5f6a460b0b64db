//! Files of each kind, whole, cut and damaged.

use std::borrow::Cow;
use std::io::{self, Read};

use palabre::capture::{Event, FORMAT, Header, Reader, Seen};
use palabre::engine::Config;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption as Opt;
use pcap_file::pcapng::blocks::packet::{PacketBlock, PacketOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::blocks::simple_packet::SimplePacketBlock;
use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use pcap_file::{Endianness, TsResolution};
use proptest::prelude::*;

use crate::capture_frames::{datagram, enhanced, interface, pcap, pcap_of, read, seen, udp};

const BOTH: [Endianness; 2] = [Endianness::Little, Endianness::Big];
const RAW: u32 = 101;
const USER0: u32 = 147;

pub(crate) fn header() -> Header {
    Header {
        palabre: "0.1.0".into(),
        format: FORMAT,
        part: 1,
        seed: 7,
        origin: 1_700_000_000_000_000,
        addresses: vec!["0.0.0.0:7401".parse().unwrap()],
        config: Config::msp(),
        names: [].into(),
        files: 0,
    }
}

fn section(endianness: Endianness, comment: Option<String>) -> SectionHeaderBlock<'static> {
    let options = comment.map(|comment| SectionHeaderOption::Comment(Cow::Owned(comment)));
    SectionHeaderBlock { endianness, options: options.into_iter().collect(), ..SectionHeaderBlock::default() }
}

/// The beginning of a section with this comment.
pub(crate) fn section_of(comment: Option<String>) -> PcapNgWriter<Vec<u8>> {
    PcapNgWriter::with_section_header(Vec::new(), section(Endianness::Little, comment)).unwrap()
}

/// A section that palabre might have written: a note, and a datagram with two comments.
fn ours(comment: String) -> Vec<u8> {
    let mut writer = section_of(Some(comment));
    writer.write_pcapng_block(interface(RAW, vec![Opt::IfTsResol(9)])).unwrap();
    writer.write_pcapng_block(interface(USER0, vec![Opt::IfTsResol(9)])).unwrap();
    writer.write_pcapng_block(enhanced(1, 1_000, b"timer", &[])).unwrap();
    writer
        .write_pcapng_block(enhanced(0, 2_999, &udp(b"hi"), &["peer lucy", "dropped: bad checksum"]))
        .unwrap();
    writer.into_inner()
}

/// Two sections, several interfaces and every kind of block.
fn rich(endianness: Endianness) -> Vec<u8> {
    let mut writer = PcapNgWriter::with_endianness(Vec::new(), endianness).unwrap();
    writer.write_pcapng_block(interface(RAW, vec![Opt::IfTsResol(3)])).unwrap();
    writer.write_pcapng_block(UnknownBlock::new(0xbad, 0, b"whatever")).unwrap();
    let mut framed = vec![0; 12];
    framed.extend([0x08, 0x00]);
    framed.extend(udp(b"framed"));
    writer
        .write_pcapng_block(interface(
            1,
            vec![Opt::IfTsResol(0x80 | 10), Opt::IfTsOffset((-3_i64).cast_unsigned())],
        ))
        .unwrap();
    writer.write_pcapng_block(enhanced(0, 1_234, &udp(b"enhanced"), &["a comment"])).unwrap();
    writer.write_pcapng_block(enhanced(1, 4_096 + 512, &framed, &[])).unwrap();
    let data = udp(b"simple");
    writer
        .write_pcapng_block(SimplePacketBlock { original_len: data.len() as u32, data: data.into() })
        .unwrap();
    let data = udp(b"obsolete!");
    writer
        .write_pcapng_block(PacketBlock {
            interface_id: 0,
            drop_count: 3,
            // The library writes the two halves as one number.
            timestamp: if endianness == Endianness::Big { 2_000 } else { 2_000 << 32 },
            captured_len: data.len() as u32,
            original_len: data.len() as u32,
            data: data.into(),
            options: vec![PacketOption::Comment("old".into())],
        })
        .unwrap();
    writer.write_pcapng_block(section(endianness, None)).unwrap();
    writer.write_pcapng_block(interface(RAW, vec![])).unwrap();
    writer.write_pcapng_block(enhanced(0, 5, &udp(b"second"), &[])).unwrap();
    writer.into_inner()
}

fn event(packet: u64, at: u64, comments: &[&str], seen: Seen) -> Event {
    Event { packet, at, comments: comments.iter().map(|comment| (*comment).into()).collect(), seen }
}

#[test]
fn a_classic_file_is_read_in_both_byte_orders_and_both_units_of_time() {
    for endianness in BOTH {
        for unit in [TsResolution::MicroSecond, TsResolution::NanoSecond] {
            let packets = [udp(b"one"), udp(b"two")].map(|packet| (packet.clone(), packet.len()));
            let (events, error) = read(&pcap_of(RAW, endianness, unit, &packets));
            assert_eq!(error, None);
            assert_eq!(
                events,
                [event(1, 1_000_005, &[], datagram(b"one")), event(2, 2_000_005, &[], datagram(b"two"))]
            );
        }
    }
}

#[test]
fn a_newer_file_is_read_with_all_its_blocks_sections_interfaces_and_units_of_time() {
    for endianness in BOTH {
        let (events, error) = read(&rich(endianness));
        assert_eq!(error, None);
        assert_eq!(
            events,
            [
                event(1, 1_234_000, &["a comment"], datagram(b"enhanced")),
                event(2, 1_500_000, &[], datagram(b"framed")),
                // It says no time, so it has that of the one before.
                event(3, 1_500_000, &[], datagram(b"simple")),
                event(4, 2_000_000, &["old"], datagram(b"obsolete!")),
                event(5, 5, &[], datagram(b"second")),
            ]
        );
    }
}

#[test]
fn what_palabre_wrote_is_known_by_its_header_and_has_notes() {
    let file = ours(header().to_string());
    let mut reader = Reader::open(&file[..]).unwrap();
    assert_eq!(reader.header(), Some(&header()));
    assert_eq!(reader.next(), Ok(Some(event(1, 1, &[], Seen::Note("timer".into())))));
    let comments = ["peer lucy", "dropped: bad checksum"];
    assert_eq!(reader.next(), Ok(Some(event(2, 2, &comments, datagram(b"hi")))));
    assert_eq!(reader.next(), Ok(None));
}

#[test]
fn a_note_is_only_a_note_where_palabre_wrote_it() {
    let file = ours("somebody's words".into());
    assert_eq!(Reader::open(&file[..]).unwrap().header(), None);
    assert!(matches!(seen(&file)[..], [Seen::Foreign(_), Seen::Datagram { .. }]));
    // Behind a section of palabre comes one of another: the header is gone.
    let both = [ours(header().to_string()), file].concat();
    let mut reader = Reader::open(&both[..]).unwrap();
    let notes = std::iter::from_fn(|| {
        reader.next().unwrap().map(|event| (matches!(event.seen, Seen::Note(_)), reader.header().is_some()))
    });
    assert_eq!(notes.collect::<Vec<_>>(), [(true, true), (false, true), (false, false), (false, false)]);
}

#[test]
fn a_header_of_palabre_that_cannot_be_read_is_an_error_in_words() {
    let file = ours(r#"{"palabre":"9.0.0","format":2}"#.into());
    let error = Reader::open(&file[..]).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("the header that palabre wrote cannot be read (missing field"), "{error}");
    let second = [pcapng_of(&[]), file].concat();
    let (events, error) = read(&second);
    assert!(events.is_empty() && error.unwrap().to_string().contains("cannot be read"));
}

#[test]
fn what_is_no_capture_is_refused_in_words() {
    for (file, words) in [
        (&b""[..], "the file is empty"),
        (b"\x1f\x8b\x08\0\0\0", "compressed"),
        (b"hello, world", "neither pcap nor pcapng"),
        (b"\xd4\xc3\xb2\xa1", "ends in the middle"),
        (
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x02\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
            "version 2",
        ),
    ] {
        let error = Reader::open(file).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

/// A section with one raw interface and these packets.
pub(crate) fn pcapng_of(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = PcapNgWriter::with_endianness(Vec::new(), Endianness::Little).unwrap();
    writer.write_pcapng_block(interface(RAW, vec![])).unwrap();
    for (at, packet) in (0..).zip(packets) {
        writer.write_pcapng_block(enhanced(0, at, packet, &[])).unwrap();
    }
    writer.into_inner()
}

#[test]
fn a_block_that_does_not_parse_is_told_and_the_next_one_read() {
    let (first, second) = (pcapng_of(&[]).len(), pcapng_of(&[udp(b"one")]).len());
    let file = pcapng_of(&[udp(b"one"), udp(b"two")]);
    let broken = |place: usize, value: u8| {
        let mut file = file.clone();
        file[place] = value;
        let seen = seen(&file);
        assert_eq!(seen[1], datagram(b"two"));
        let Seen::Broken(why) = &seen[0] else { panic!("{seen:?}") };
        why.clone()
    };
    assert_eq!(broken(first + 8, 9), "it is of interface 9, which the file does not describe");
    assert_eq!(broken(first + 20, 200), "it would have 200 bytes, in its block are 32");
    assert_eq!(broken(second - 4, 1), "its block says two different lengths");
}

/// A block of this kind that says it has 20 MiB, and has them.
fn huge(kind: u8) -> impl Read {
    const LENGTH: u32 = 20 << 20;
    let head = [[kind, 0, 0, 0], LENGTH.to_le_bytes()].concat();
    let body = io::repeat(0).take(u64::from(LENGTH) - 12);
    io::Cursor::new(head).chain(body).chain(io::Cursor::new(LENGTH.to_le_bytes()))
}

#[test]
fn a_block_that_is_too_long_for_memory_is_passed_over() {
    for (kind, is_packet) in [(6, true), (99, false)] {
        let file = pcapng_of(&[udp(b"one")]);
        let (section, packet) = file.split_at(pcapng_of(&[]).len());
        let mut reader = Reader::open(section.chain(huge(kind)).chain(packet)).unwrap();
        let mut seen = std::iter::from_fn(|| reader.next().unwrap()).map(|event| event.seen);
        if is_packet {
            let why = "its block has 20971520 bytes: it is passed over";
            assert_eq!(seen.next(), Some(Seen::Broken(why.into())));
        }
        assert_eq!(seen.collect::<Vec<_>>(), [datagram(b"one")]);
    }
}

#[test]
fn comments_in_other_alphabets_and_options_without_an_end_are_no_fault() {
    let file = pcapng_of(&[udp(b"one")]);
    let (before, block) = file.split_at(pcapng_of(&[]).len());
    let mut block = block.to_vec();
    let end = block.split_off(block.len() - 4);
    block.extend([1, 0, 5, 0, b'G', b'r', 0xfc, 0xdf, b'e', 0, 0, 0]);
    block.extend(end);
    let length = (block.len() as u32).to_le_bytes();
    block[4..8].copy_from_slice(&length);
    let at = block.len() - 4;
    block[at..].copy_from_slice(&length);
    let (events, error) = read(&[before, &block].concat());
    assert_eq!((error, events), (None, vec![event(1, 0, &["Gr\u{fffd}\u{fffd}e"], datagram(b"one"))]));
}

/// Is interrupted once, then broken.
struct Faulty(u32);

impl Read for Faulty {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        Err(if self.0 == 1 {
            io::ErrorKind::Interrupted.into()
        } else {
            io::Error::other("the disk is gone")
        })
    }
}

#[test]
fn a_disk_that_fails_is_said_after_all_that_was_read() {
    let file = pcapng_of(&[udp(b"one")]);
    let mut reader = Reader::open(file.chain(Faulty(0))).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().seen, datagram(b"one"));
    let error = reader.next().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot be read: the disk is gone (at byte {}, after packet 1)", file.len())
    );
    assert_eq!(reader.next(), Ok(None));
}

#[test]
fn a_length_that_cannot_be_ends_the_reading() {
    let mut file = pcapng_of(&[udp(b"one"), udp(b"two")]);
    let second = pcapng_of(&[udp(b"one")]).len();
    file[second + 4] = 7;
    let (events, error) = read(&file);
    assert_eq!(events.len(), 1);
    let error = error.unwrap();
    assert_eq!((error.packets(), error.byte()), (1, second as u64));
    assert_eq!(
        error.to_string(),
        format!(
            "a block would have 7 bytes: the file is damaged here, and the rest cannot be read (at byte {second}, \
             after packet 1)"
        )
    );
}

#[test]
fn a_file_that_is_cut_anywhere_tells_what_stands_before_and_one_error() {
    let classic = pcap(RAW, &[udp(b"one"), udp(b"two"), udp(b"three")]);
    for file in [classic, rich(Endianness::Little), rich(Endianness::Big), ours(header().to_string())] {
        let (whole, _) = read(&file);
        let mut well = 0;
        for length in 0..file.len() {
            let (events, error) = read(&file[..length]);
            assert!(whole.starts_with(&events), "cut at {length}");
            well += usize::from(error.is_none());
        }
        // Between two packets, or blocks, nobody can see that more was to come.
        assert!((1..=10).contains(&well), "{well} cuts are no error");
    }
}

#[test]
fn no_byte_that_is_turned_over_stops_the_program() {
    for file in [pcap(RAW, &[udp(b"one"), udp(b"two")]), rich(Endianness::Big), ours(header().to_string())] {
        let mut changed = file.clone();
        for place in 0..file.len() {
            for flip in [0xff, 0x01, 0x80] {
                changed[place] ^= flip;
                let (events, _) = read(&changed);
                assert!(events.len() <= 8, "{place}: {events:?}");
                changed[place] ^= flip;
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_behind_a_beginning_stop_the_program(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for beginning in [pcap(1, &[]), pcap(RAW, &[]), pcapng_of(&[])] {
            read(&[beginning, bytes.clone()].concat());
        }
    }
}
