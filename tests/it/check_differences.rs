//! What was changed in a capture is found, where it was changed, by the name of what was changed.
//!
//! In: a conversation, one thing of it changed at a time. Out: nothing. Must not know how it is compared.

use std::net::SocketAddr;

use palabre::capture::{Event, Header, Seen};
use palabre::replay::check::{Difference, Fault, Trouble, Unchecked};

use crate::check_equal::{check, conversation};
use crate::taped::ORIGIN;

/// Whether the server said it: all its listeners are at one address.
fn is_said(event: &Event) -> bool {
    match &event.seen {
        Seen::Datagram { from, .. }
        | Seen::Bytes { from, .. }
        | Seen::Window { from, .. }
        | Seen::Ended { from, .. }
        | Seen::Reset { from, .. } => from.ip() == std::net::IpAddr::from([203, 0, 113, 200]),
        Seen::Note(note) => note.starts_with("event "),
        _ => false,
    }
}

fn difference(header: &Header, events: &[Event]) -> Difference {
    match check(header, events) {
        Err(Trouble::Differs(difference)) => *difference,
        other => panic!("{other:?}"),
    }
}

/// Each thing that was said, in a capture in which it was changed.
fn with_each_changed(change: impl Fn(&mut Event) -> bool, verify: impl Fn(&Event, &Difference)) {
    let (header, events) = conversation(7);
    let mut changed = 0;
    for index in (0..events.len()).filter(|index| is_said(&events[*index])) {
        let mut events = events.clone();
        if change(&mut events[index]) {
            changed += 1;
            let found = difference(&header, &events);
            assert_eq!(found.packet, Some(events[index].packet), "{found:#?}");
            verify(&events[index], &found);
        }
    }
    assert!(changed > 5, "{changed} of {}", events.len());
}

#[test]
fn each_bit_of_each_byte_the_server_said_is_compared() {
    let (header, events) = conversation(7);
    for index in (0..events.len()).filter(|index| is_said(&events[*index])) {
        let (Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. }) = &events[index].seen else {
            continue;
        };
        // Each byte of what is short, some of what is long; a bit that goes around.
        for at in (0..bytes.len()).step_by(bytes.len().div_ceil(7)) {
            let mut events = events.clone();
            let (Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. }) = &mut events[index].seen else {
                unreachable!()
            };
            bytes[at] ^= 1 << (at % 8);
            let found = difference(&header, &events);
            assert_eq!((found.packet, found.fault), (Some(events[index].packet), Fault::Different));
            assert!(found.field().is_some(), "{found:#?}");
        }
    }
}

#[test]
fn another_number_is_found_by_its_name() {
    let (header, mut events) = conversation(7);
    let listener = header.addresses[0];
    let is_answer = |event: &&mut Event| match &event.seen {
        Seen::Datagram { from, bytes, .. } => *from == listener && bytes.len() == 5,
        _ => false,
    };
    let answer = events.iter_mut().find(is_answer).unwrap();
    let Seen::Datagram { bytes, .. } = &mut answer.seen else { unreachable!() };
    // The id that alice is given.
    bytes[4] ^= 2;
    let packet = answer.packet;
    let found = difference(&header, &events);
    assert_eq!((found.packet, found.field()), (Some(packet), Some("ID_USER")));
    assert_eq!((found.told.packet, found.told.what), (1, "datagram"));
    let row = found.rows().into_iter().find(|row| row.differs()).unwrap();
    assert_eq!((row.expected.as_deref(), row.captured.as_deref()), (Some("1"), Some("0")));
}

#[test]
fn of_a_stream_the_message_is_shown_that_differs() {
    let (header, mut events) = conversation(7);
    let matou = header.addresses[2];
    let is_said = |event: &&mut Event| match &event.seen {
        Seen::Bytes { from, bytes, .. } => *from == matou && bytes.windows(5).any(|part| part == b"miaou"),
        _ => false,
    };
    let said = events.iter_mut().find(is_said).unwrap();
    let Seen::Bytes { bytes, .. } = &mut said.seen else { unreachable!() };
    *bytes.last_mut().unwrap() = b'w';
    let packet = said.packet;
    let found = difference(&header, &events);
    let rows = found.rows();
    assert_eq!(found.packet, Some(packet));
    let row = rows.iter().find(|row| row.differs()).unwrap();
    assert_eq!(row.expected.as_deref(), Some("\"miaou\""));
    assert_eq!(row.captured.as_deref(), Some("\"miaow\""));
    assert!(rows.iter().any(|row| row.name == "message" && !row.differs()));
}

#[test]
fn another_time_another_receiver_and_another_end_are_found_by_their_names() {
    with_each_changed(
        |event| {
            event.at += 1;
            true
        },
        |_, found| assert_eq!(found.field(), Some("time")),
    );
    let elsewhere: SocketAddr = "192.0.2.77:7".parse().unwrap();
    with_each_changed(
        |event| match &mut event.seen {
            Seen::Datagram { to, .. } | Seen::Bytes { to, .. } | Seen::Ended { to, .. } => {
                *to = elsewhere;
                true
            }
            _ => false,
        },
        |_, found| assert_eq!(found.field(), Some("to")),
    );
    with_each_changed(
        |event| match &mut event.seen {
            Seen::Datagram { from, .. } | Seen::Bytes { from, .. } => {
                *from = elsewhere;
                true
            }
            _ => false,
        },
        |_, found| assert_eq!(found.field(), Some("from")),
    );
}

#[test]
fn another_word_of_a_note_a_comment_that_was_not_there_and_a_lost_end_of_a_piece_are_found() {
    with_each_changed(
        |event| match &mut event.seen {
            Seen::Note(note) => {
                note.push('!');
                true
            }
            _ => false,
        },
        |_, found| assert_eq!(found.field(), Some("words")),
    );
    with_each_changed(
        |event| {
            event.comments.push("dropped: bad checksum".into());
            true
        },
        |_, found| assert_eq!(found.fault, Fault::Different),
    );
    let (header, events) = conversation(7);
    for index in 0..events.len() {
        let mut events = events.clone();
        let is_ours = is_said(&events[index]);
        if let Seen::Bytes { pushed, .. } = &mut events[index].seen
            && is_ours
        {
            *pushed = false;
            let found = difference(&header, &events);
            assert_eq!(found.fault, Fault::Missing, "its end is not there");
        }
    }
}

#[test]
fn what_was_dropped_and_is_not_told_is_found_and_so_is_another_reason() {
    let (header, events) = conversation(7);
    let dropped: Vec<_> = (0..events.len())
        .filter(|index| events[*index].comments.iter().any(|comment| comment.starts_with("dropped: ")))
        .collect();
    assert!(dropped.len() > 2);
    for index in dropped {
        for comments in [vec![], vec![String::from("dropped: unanswerable source")]] {
            let mut events = events.clone();
            events[index].comments = comments;
            let found = difference(&header, &events);
            assert_eq!(found.packet, Some(events[index].packet));
            assert_eq!(found.field(), Some("words"));
        }
    }
}

#[test]
fn what_is_missing_what_is_there_twice_and_what_comes_too_early_are_found() {
    let (header, events) = conversation(7);
    for index in (0..events.len()).filter(|index| is_said(&events[*index])) {
        let mut missing = events.clone();
        let gone = missing.remove(index);
        let found = difference(&header, &missing);
        if events.get(index + 1).is_none_or(|next| next.seen != gone.seen) {
            assert_eq!(found.fault, Fault::Missing, "{found:#?}");
            assert_eq!(found.packet, events.get(index + 1).map(|next| next.packet));
        }

        let mut twice = events.clone();
        twice.insert(index, events[index].clone());
        difference(&header, &twice);

        let mut swapped = events.clone();
        if index + 1 < swapped.len() && swapped[index].seen != swapped[index + 1].seen {
            swapped.swap(index, index + 1);
            let both_said = is_said(&swapped[index]) && is_said(&swapped[index + 1]);
            let found = check(&header, &swapped);
            assert!(matches!(found, Err(Trouble::Differs(_))) || !both_said, "{found:?}");
            assert!(found.is_err(), "what is told before it was told changes what is said");
        }
    }
}

#[test]
fn what_the_server_was_not_told_is_found_where_it_said_something_to_it() {
    let (header, events) = conversation(7);
    let mut found = 0;
    for index in 0..events.len() - 1 {
        if is_said(&events[index]) || !is_said(&events[index + 1]) {
            continue;
        }
        let mut untold = events.clone();
        untold.remove(index);
        assert!(check(&header, &untold).is_err(), "{:?}", events[index]);
        found += 1;
        let mut late = events.clone();
        late[index].at += 1;
        let late = difference(&header, &late);
        assert_eq!((late.packet, late.field()), (Some(events[index + 1].packet), Some("time")));
    }
    assert!(found > 30);
}

fn unchecked(header: &Header, events: &[Event]) -> Unchecked {
    match check(header, events) {
        Err(Trouble::Unchecked(unchecked)) => unchecked,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_checked_says_why() {
    let (header, events) = conversation(7);
    let place: SocketAddr = "192.0.2.77:7".parse().unwrap();
    let from = place;
    let to = header.addresses[3];
    for (seen, why) in [
        (Seen::Note("lost 17".into()), "17 records are lost"),
        (Seen::Note("nonsense".into()), "\"nonsense\" is unknown"),
        (Seen::Broken("the header is cut".into()), "the header is cut"),
        (Seen::Foreign("ARP"), "ARP"),
        (Seen::Missing { from, to, bytes: 9 }, "9 bytes of the stream are not in the capture"),
        (
            Seen::Datagram { from, to: header.addresses[0], bytes: vec![], missing: 4 },
            "4 bytes of the datagram",
        ),
        (Seen::Bytes { from, to, bytes: vec![1], pushed: true }, "no connection from 192.0.2.77:7"),
        (Seen::Window { from, to, is_open: false }, "window"),
    ] {
        let mut events = events.clone();
        let at = events[0].at;
        events.insert(0, Event { packet: 99, at, comments: Vec::new(), seen });
        let found = unchecked(&header, &events);
        assert_eq!(found.packet, Some(99));
        assert!(found.to_string().contains(why), "{found}");
    }
    for at in [ORIGIN - 1, u64::MAX] {
        let mut events = events.clone();
        events[0].at = at;
        assert!(unchecked(&header, &events).why.contains("clock"));
    }
    let mut back = events.clone();
    let last = back.iter().rposition(|event| !is_said(event)).unwrap();
    back[last].at = ORIGIN;
    assert!(unchecked(&header, &back).why.contains("before that of what came before it"));
}

#[test]
fn parts_that_are_not_all_or_not_in_order_and_servers_that_cannot_be_say_why() {
    use palabre::replay::check::{Check, warnings};
    let (header, _) = conversation(7);
    let why = |headers: &[Header]| Check::new(headers).map(|_| ()).unwrap_err().to_string();
    let part = |part| Header { part, ..header.clone() };
    assert!(Check::new(&[part(1), part(2), part(3)]).is_ok());
    assert!(why(&[]).contains("no palabre"));
    assert!(why(&[part(2)]).contains("part 2 comes first"));
    assert!(why(&[part(1), part(3)]).contains("part 3 comes where part 2 is needed"));
    assert!(why(&[part(1), Header { seed: 8, ..part(2) }]).contains("another capture"));
    assert!(why(&[Header { format: 2, ..part(1) }]).contains("format 2"));
    assert!(why(&[Header { addresses: vec![], ..part(1) }]).contains("addresses"));
    let with = |change: fn(&mut Header)| {
        let mut header = part(1);
        change(&mut header);
        header
    };
    assert!(
        why(&[with(|header| header.config.listeners[0].timing.timer = Default::default())]).contains("timer")
    );
    assert!(why(&[with(|header| header.config.listeners[0].timing.tries = 0)]).contains("tries"));
    assert!(why(&[with(|header| header.config.limits.silence = std::time::Duration::MAX)]).contains("year"));
    assert!(why(&[with(|header| header.config.limits.requests.burst = 0)]).contains("rate"));

    assert_eq!(warnings(&header), [""; 0]);
    let old = Header { palabre: "0.0.9".into(), files: 2, ..header };
    let warnings = warnings(&old);
    assert!(warnings[0].contains("0.0.9") && warnings[1].contains("2 files"), "{warnings:?}");
}
