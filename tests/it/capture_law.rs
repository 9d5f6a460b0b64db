//! What is written of a capture is what is read from it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use palabre::capture::{Event, FORMAT, Header, Reader, Seen, Writer};
use palabre::engine::Config;
use pcap_file::pcapng::PcapNgReader;
use pcap_file::pcapng::blocks::interface_statistics::InterfaceStatisticsOption;
use proptest::prelude::*;

const ORIGIN: u64 = 1_700_000_000_000_000;
const SEGMENT: usize = 32 << 10;

fn header() -> Header {
    Header {
        palabre: "0.1.0".into(),
        format: FORMAT,
        part: 1,
        seed: 7,
        origin: ORIGIN,
        addresses: vec![server(false), server(true)],
        config: Config::msp(),
        names: BTreeMap::new(),
        files: 0,
    }
}

fn server(is_six: bool) -> SocketAddr {
    if is_six { "[2001:db8::1]:7402".parse().unwrap() } else { "192.0.2.1:7402".parse().unwrap() }
}

/// Those with odd numbers have IPv6.
fn client(number: u8) -> SocketAddr {
    let text = if number % 2 == 1 {
        format!("[2001:db8::2]:{}", 50_000 + u16::from(number))
    } else {
        format!("192.0.2.2:{}", 40_000 + u16::from(number))
    };
    text.parse().unwrap()
}

fn event(at: u64, seen: Seen) -> Event {
    Event { packet: 0, at: ORIGIN + at, comments: Vec::new(), seen }
}

fn written(events: &[Event]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), &header()).unwrap();
    for event in events {
        writer.write(event).unwrap();
    }
    let written = writer.written();
    let file = writer.finish(3).unwrap();
    assert!(file.len() as u64 > written, "the end counts when it is written");
    file
}

/// All that is read, without the numbers of packets.
fn read(file: &[u8]) -> Vec<Event> {
    let mut reader = Reader::open(file).unwrap();
    let mut events = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        events.push(Event { packet: 0, ..event });
    }
    events
}

/// As the file has it: what is long comes in segments.
fn in_segments(events: &[Event]) -> Vec<Event> {
    let mut all = Vec::new();
    for event in events {
        let Seen::Bytes { from, to, bytes, pushed } = &event.seen else {
            all.push(event.clone());
            continue;
        };
        let last = bytes.len().div_ceil(SEGMENT) - 1;
        all.extend(bytes.chunks(SEGMENT).enumerate().map(|(index, bytes)| Event {
            comments: if index == 0 { event.comments.clone() } else { Vec::new() },
            seen: Seen::Bytes { from: *from, to: *to, bytes: bytes.into(), pushed: *pushed && index == last },
            ..event.clone()
        }));
    }
    all
}

/// What may happen next, to one of a few clients.
#[derive(Clone, Debug)]
enum Step {
    Datagram { up: bool, bytes: Vec<u8> },
    Open,
    Bytes { up: bool, bytes: Vec<u8>, pushed: bool },
    Acknowledge(u64),
    Window,
    End { up: bool },
    Reset { up: bool },
    Note(String),
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = || {
        prop_oneof![
            8 => prop::collection::vec(any::<u8>(), 1..40),
            1 => (1_usize..70_000, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
        ]
    };
    prop_oneof![
        2 => (any::<bool>(), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(up, bytes)| Step::Datagram { up, bytes }),
        3 => Just(Step::Open),
        8 => (any::<bool>(), bytes(), any::<bool>())
            .prop_map(|(up, bytes, pushed)| Step::Bytes { up, bytes, pushed }),
        4 => (1_u64..50_000).prop_map(Step::Acknowledge),
        2 => Just(Step::Window),
        1 => any::<bool>().prop_map(|up| Step::End { up }),
        1 => any::<bool>().prop_map(|up| Step::Reset { up }),
        1 => "\\PC{0,12}".prop_map(Step::Note),
    ]
}

/// What an open connection allows.
#[derive(Default)]
struct Open {
    waiting: u64,
    is_full: bool,
    has_ended: bool,
}

/// What is seen of a step, if it can happen now.
fn seen(step: Step, number: u8, open: &mut BTreeMap<u8, Open>) -> Option<Seen> {
    let (client, server) = (client(number), server(number % 2 == 1));
    let way = |up| if up { (client, server) } else { (server, client) };
    Some(match step {
        Step::Datagram { up, bytes } => {
            let (from, to) = way(up);
            Seen::Datagram { from, to, bytes, missing: 0 }
        }
        Step::Note(line) => Seen::Note(line),
        Step::Open => {
            open.insert(number, Open::default());
            Seen::Opened { from: client, to: server }
        }
        Step::Bytes { up, bytes, pushed } => {
            let connection = open.get_mut(&number).filter(|open| !(up && open.has_ended))?;
            connection.waiting += if up { 0 } else { bytes.len() as u64 };
            let (from, to) = way(up);
            Seen::Bytes { from, to, bytes, pushed }
        }
        Step::Acknowledge(most) => {
            let connection = open.get_mut(&number)?;
            let bytes = most.min(connection.waiting);
            connection.waiting -= bytes;
            (bytes > 0).then_some(Seen::Acknowledged { from: client, to: server, bytes })?
        }
        Step::Window => {
            let connection = open.get_mut(&number)?;
            connection.is_full = !connection.is_full;
            Seen::Window { from: server, to: client, is_open: !connection.is_full }
        }
        Step::End { up: true } => {
            let connection = open.get_mut(&number).filter(|open| !open.has_ended)?;
            connection.has_ended = true;
            Seen::Ended { from: client, to: server }
        }
        Step::End { up: false } => {
            open.remove(&number)?;
            Seen::Ended { from: server, to: client }
        }
        Step::Reset { up } => {
            open.remove(&number)?;
            let (from, to) = way(up);
            Seen::Reset { from, to }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_again(
        steps in prop::collection::vec((0_u8..5, 0_u64..3_000_000, step(), prop::collection::vec("\\PC{0,20}", 0..3)), 0..60)
    ) {
        let mut open = BTreeMap::new();
        let mut events: Vec<Event> = Vec::new();
        let mut now = 0;
        for (number, later, step, comments) in steps {
            now += later;
            if let Some(seen) = seen(step, number, &mut open) {
                events.push(Event { comments, ..event(now, seen) });
            }
        }
        prop_assert_eq!(read(&written(&events)), in_segments(&events));
    }
}

#[test]
fn the_header_is_read_as_it_was_written_and_one_that_is_too_long_is_refused() {
    let file = written(&[]);
    assert_eq!(Reader::open(&file[..]).unwrap().header(), Some(&header()));
    let address = "192.0.2.1".parse().unwrap();
    let names = (0..4_000).map(|number| (format!("some\u{7f}body \"{number}\""), address)).collect();
    let many = Header { names, ..header() };
    let file = Writer::new(Vec::new(), &many).and_then(|writer| writer.finish(0)).unwrap();
    assert_eq!(Reader::open(&file[..]).unwrap().header(), Some(&many), "it has several comments then");
    let rooms = (0..8_000).map(|number| format!("room {number}")).collect();
    let config = Config { rooms, ..Config::msp() };
    let refused = Writer::new(Vec::new(), &Header { config, ..header() }).err().unwrap();
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn the_longest_datagrams_are_written_and_a_longer_one_is_noted() {
    let between = |is_six, length| Seen::Datagram {
        from: client(is_six),
        to: server(is_six == 1),
        bytes: vec![7; length],
        missing: 0,
    };
    let fits = [event(1, between(0, 65_507)), event(2, between(1, 65_527))];
    assert_eq!(read(&written(&fits)), fits);
    let noted = event(1, Seen::Note("too long".into()));
    assert_eq!(read(&written(&[event(1, between(0, 65_508))])), std::slice::from_ref(&noted));
    assert_eq!(read(&written(&[event(1, between(1, 65_528))])), [noted]);
}

#[test]
fn a_comment_that_is_too_long_for_the_file_is_cut_at_a_character() {
    let note = Event { comments: vec!["é".repeat(40_000)], ..event(1, Seen::Note("timer".into())) };
    assert_eq!(read(&written(&[note]))[0].comments, ["é".repeat(32_767)]);
}

#[test]
fn another_part_goes_on_where_the_one_before_it_ended() {
    let (from, to) = (client(0), server(false));
    let says = |bytes: &[u8]| Seen::Bytes { from, to, bytes: bytes.into(), pushed: true };
    let (first, second) = (event(2, says(b"one")), event(3, says(b"two")));
    let mut parts = [Vec::new(), Vec::new()];
    let [one, two] = &mut parts;
    let mut writer = Writer::new(one, &header()).unwrap();
    writer.write(&event(1, Seen::Opened { from, to })).unwrap();
    writer.write(&first).unwrap();
    writer.finish_part(0).unwrap();
    writer.begin_part(two).unwrap();
    writer.write(&second).unwrap();
    writer.finish(0).unwrap();
    let [one, two] = parts;
    assert_eq!(Reader::open(&two[..]).unwrap().header(), Some(&Header { part: 2, ..header() }));
    assert_eq!(read(&two), std::slice::from_ref(&second));
    // With both in one file, as a tool would put them together, no byte is missing between them.
    assert_eq!(read(&[one, two].concat()), [event(1, Seen::Opened { from, to }), first, second]);
}

#[test]
fn how_many_records_are_lost_stands_at_the_end() {
    let file = written(&[event(1_000_000, Seen::Note("lost 3".into()))]);
    let mut reader = PcapNgReader::new(&file[..]).unwrap();
    let mut last = None;
    while let Some(block) = reader.next_block() {
        last = Some(block.unwrap().into_owned());
    }
    let end = last.unwrap().into_interface_statistics().unwrap();
    assert!(end.options.contains(&InterfaceStatisticsOption::IsbIfDrop(3)));
    assert_eq!(end.timestamp.rotate_left(32), (ORIGIN + 1_000_000) * 1_000, "the upper half first");
}
