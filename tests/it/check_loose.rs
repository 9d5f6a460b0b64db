//! Captures by others are checked, too, as well as it can be done.
//!
//! In: a conversation as somebody beside the server sees it: without notes, in other pieces, a little later. Out: nothing.

use palabre::capture::{Event, Header, Seen};
use palabre::replay::check::{Equal, Fault, Loose, Trouble};

use crate::check_equal::conversation;

/// The ports of the listeners, and what is seen beside them until the server is stopped.
fn seen(seed: u64) -> (Header, Vec<Event>) {
    let (header, mut events) = conversation(seed);
    let until = events.iter().position(|event| event.seen == Seen::Note("stop".into())).unwrap();
    events.truncate(until);
    beside(header, events)
}

/// The same of all these events.
fn beside(header: Header, events: Vec<Event>) -> (Header, Vec<Event>) {
    let mut seen: Vec<Event> = Vec::new();
    for mut event in events {
        if matches!(event.seen, Seen::Note(_) | Seen::Window { .. }) {
            continue;
        }
        event.comments.clear();
        // What is written together may come in one piece.
        if let (
            Seen::Bytes { from, to, bytes, .. },
            Some(Event { seen: Seen::Bytes { from: f, to: t, bytes: all, .. }, .. }),
        ) = (&event.seen, seen.last_mut())
            && (&*f, &*t) == (from, to)
            && header.addresses.contains(from)
        {
            all.extend(bytes);
            continue;
        }
        // A server answers some time after it was asked, and that is when it is seen.
        let is_answer = matches!(&event.seen, Seen::Datagram { from, .. } if header.addresses.contains(from));
        event.at += if is_answer { 150 } else { 0 };
        seen.push(event);
    }
    (header, seen)
}

fn check(header: &Header, seed: u64, events: &[Event]) -> Result<Equal, Trouble> {
    let ports = header.addresses.iter().map(|address| address.port());
    let listeners = header.config.listeners.iter().copied();
    let mut check = Loose::new(ports.zip(listeners), seed);
    events.iter().try_for_each(|event| check.event(event))?;
    check.finish()
}

#[test]
fn what_was_seen_beside_the_server_is_equal_with_its_seed_and_with_no_other() {
    let (header, events) = seen(7);
    let equal = check(&header, 7, &events).unwrap();
    assert!(equal.inputs > 30 && equal.outputs > 30, "{equal:?}");
    assert!(matches!(check(&header, 8, &events), Err(Trouble::Differs(_))));
}

#[test]
fn a_server_that_is_stopped_says_so_to_those_who_are_there() {
    let (header, events) = conversation(7);
    let (header, events) = beside(header, events);
    let (_, until) = seen(7);
    let before = check(&header, 7, &until).unwrap();
    let equal = check(&header, 7, &events).unwrap();
    assert!(equal.outputs > before.outputs + 2, "{equal:?}");
    assert!(matches!(check(&header, 8, &events), Err(Trouble::Differs(_))));
}

#[test]
fn packets_of_others_are_passed_over() {
    let (header, mut events) = seen(7);
    let (from, to) = ("192.0.2.1:5353".parse().unwrap(), "224.0.0.251:5353".parse().unwrap());
    let mut at = |seen| events.insert(3, Event { packet: 0, at: events[3].at, comments: Vec::new(), seen });
    at(Seen::Datagram { from, to, bytes: vec![1, 2], missing: 7 });
    at(Seen::Foreign("ARP"));
    assert!(check(&header, 7, &events).is_ok());
}

#[test]
fn whatever_the_server_said_otherwise_is_found() {
    let (header, events) = seen(7);
    let ours = |event: &Event| match &event.seen {
        Seen::Datagram { from, bytes, .. } | Seen::Bytes { from, bytes, .. } => {
            header.addresses.contains(from) && !bytes.is_empty()
        }
        _ => false,
    };
    let mut found = 0;
    for index in (0..events.len()).filter(|index| ours(&events[*index])) {
        let mut changed = events.clone();
        let (Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. }) = &mut changed[index].seen else {
            continue;
        };
        bytes[0] ^= 0x40;
        match check(&header, 7, &changed) {
            Err(Trouble::Differs(what)) => assert_eq!(what.packet, Some(events[index].packet)),
            other => panic!("{other:?}"),
        }
        let mut missing = events.clone();
        missing.remove(index);
        let said = check(&header, 7, &missing);
        // What is said again and again may be lost once.
        found += usize::from(said.is_err());
    }
    assert!(found > 20, "{found}");
    let mut more = events.clone();
    let first = events.iter().position(ours).unwrap();
    more.insert(first, events[first].clone());
    match check(&header, 7, &more) {
        Err(Trouble::Differs(what)) => assert!(what.fault != Fault::Missing),
        other => panic!("{other:?}"),
    }
}
