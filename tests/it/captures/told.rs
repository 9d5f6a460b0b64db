//! The golden captures, told: what a story says of them is true.

use std::collections::BTreeMap;

use palabre::capture::Seen;
use palabre::dissect::Dissection;
use palabre::engine::Dialect;
use palabre::replay::{End, Item, Mark, Message, Ports, Role, Story, What};

use super::shelf::{Capture, MESSY, shelf};

fn told(capture: &Capture) -> (Vec<Item>, Story) {
    let mut story = Story::new(Ports::default());
    story.learn(&capture.header);
    let mut items = Vec::new();
    for event in &capture.events {
        story.hear(event.clone());
        items.extend(core::iter::from_fn(|| story.next()));
    }
    story.end();
    items.extend(core::iter::from_fn(|| story.next()));
    (items, story)
}

fn messages(items: &[Item]) -> impl Iterator<Item = (u64, &Message)> {
    items.iter().filter_map(|item| match &item.what {
        What::Message(message) => Some((item.packet, message)),
        _ => None,
    })
}

#[test]
fn each_datagram_is_told_as_the_dissector_has_it() {
    for capture in shelf() {
        let (items, story) = told(&capture);
        let datagrams =
            capture.events.iter().filter(|event| matches!(event.seen, Seen::Datagram { .. })).count();
        let found = messages(&items).filter(|(_, message)| !message.dialect.is_streamed()).count();
        assert_eq!(found, datagrams, "{}", capture.name);
        assert_eq!(story.summary().packets.passed_over, 0, "{}", capture.name);
        let rows: u64 =
            story.summary().rows.iter().map(|row| row.sent.messages + row.received.messages).sum();
        assert_eq!(rows, messages(&items).count() as u64, "{}", capture.name);
    }
}

#[test]
fn what_comes_again_is_what_came_and_what_answers_goes_the_other_way() {
    for capture in shelf() {
        let (items, _) = told(&capture);
        // By packet and sender: a segment may bring several messages.
        let mut seen: BTreeMap<(u64, String), Vec<&Dissection>> = BTreeMap::new();
        let address = |end: &End| end.address.to_string();
        for (packet, message) in messages(&items) {
            let place = format!("{}, packet {packet}", capture.name);
            for mark in &message.marks {
                match mark {
                    Mark::Again { packet, .. } | Mark::Doubled { packet, .. }
                        if !message.dialect.is_streamed() =>
                    {
                        let first = &seen[&(*packet, address(&message.from))];
                        assert_eq!(first[..], [&message.dissection], "{place}");
                    }
                    Mark::Answers { packet, .. } | Mark::AnswersAgain { packet, .. } => {
                        assert!(seen.contains_key(&(*packet, address(&message.to))), "{place}: {mark:?}");
                    }
                    _ => {}
                }
            }
            seen.entry((packet, address(&message.from))).or_default().push(&message.dissection);
        }
    }
}

#[test]
fn everybody_who_speaks_after_his_login_has_a_name() {
    for capture in shelf().into_iter().filter(|capture| !MESSY.contains(&&*capture.name)) {
        let (items, _) = told(&capture);
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (packet, message) in messages(&items) {
            for end in [&message.from, &message.to].into_iter().filter(|end| end.role == Role::Client) {
                let Some(name) = &end.name else {
                    let known = names.get(&end.address.to_string());
                    // A connection may have the port of an earlier one.
                    assert!(
                        known.is_none() || message.dialect.is_streamed(),
                        "{}, packet {packet}: {known:?} has lost his name",
                        capture.name
                    );
                    continue;
                };
                names.insert(end.address.to_string(), name.as_ref().into());
            }
        }
    }
}

#[test]
fn what_the_server_says_can_always_be_read() {
    for capture in shelf() {
        let (items, _) = told(&capture);
        for (packet, message) in messages(&items).filter(|(_, message)| message.from.role == Role::Server) {
            let error = &message.dissection.error;
            assert_eq!(*error, None, "{}, packet {packet}", capture.name);
        }
        let is_strange =
            |item: &&Item| matches!(&item.what, What::PassedOver { from, .. } if from.role == Role::Server);
        let strange: Vec<_> = items.iter().filter(is_strange).collect();
        assert!(strange.is_empty(), "{}: {strange:?}", capture.name);
    }
}

#[test]
fn a_request_of_a_good_link_is_answered_once() {
    for name in ["five-protocols.pcapng", "msp-every-message.pcapng", "msp-ipv6.pcapng"] {
        let capture = shelf().into_iter().find(|capture| capture.name == name).expect(name);
        let (items, story) = told(&capture);
        let again = messages(&items)
            .flat_map(|(_, message)| &message.marks)
            .filter(|mark| !matches!(mark, Mark::Answers { tries: 1, is_late: false, .. }))
            .collect::<Vec<_>>();
        assert!(again.is_empty(), "{name}: {again:?}");
        for row in story.summary().rows.iter().filter(|row| row.dialect == Dialect::Msp) {
            assert_eq!((row.sent.answered, row.sent.repeated), (row.sent.requests, 0), "{name}: {row:?}");
        }
    }
}
