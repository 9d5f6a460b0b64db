//! Whatever stands in a capture, what is told of it holds its laws, and it can be checked or not.
//!
//! In: a file. Out: nothing, or a panic that says which law broke. Must not know what a packet says.
//!
//! The laws: no panic; what is told stands at a packet there is, and what it refers to stands before it; the same file is
//! told in the same way again; a check ends, whatever the file says of its server.

use palabre::capture::{Event, Header, Reader};
use palabre::engine::{Dialect, Integrity, Listener};
use palabre::replay::check::{Check, Loose};
use palabre::replay::{DEFAULTS, Item, Mark, Ports, Story, Summary, What};

/// Checks the laws on one file.
pub fn run(file: &[u8]) {
    let (events, header) = read(file);
    let last = events.last().map_or(0, |event| event.packet);
    for integrity in [Integrity::None, Integrity::Crc32] {
        let (items, summary) = tell(&events, header.as_ref(), integrity);
        items.iter().for_each(|item| holds(item, last));
        assert_eq!(tell(&events, header.as_ref(), integrity), (items, summary));
    }
    let listeners = DEFAULTS.map(|(port, dialect): (u16, Dialect)| (port, Listener::of(dialect)));
    let mut loose = Loose::new(listeners, 7);
    if events.iter().all(|event| loose.event(event).is_ok()) {
        let _ = loose.finish();
    }
    if let Some(mut check) = header.and_then(|header| Check::new(&[header]).ok())
        && events.iter().all(|event| check.event(event).is_ok())
    {
        let _ = check.finish();
    }
}

fn read(file: &[u8]) -> (Vec<Event>, Option<Header>) {
    let Ok(mut reader) = Reader::open(file) else { return (Vec::new(), None) };
    let header = reader.header().cloned();
    let mut events = Vec::new();
    while let Ok(Some(event)) = reader.next() {
        events.push(event);
    }
    (events, header)
}

fn tell(events: &[Event], header: Option<&Header>, integrity: Integrity) -> (Vec<Item>, Summary) {
    let mut story = Story::new(Ports::new([], integrity));
    header.into_iter().for_each(|header| story.learn(header));
    let mut items = Vec::new();
    for event in events {
        story.hear(event.clone());
        items.extend(std::iter::from_fn(|| story.next()));
    }
    story.end();
    items.extend(std::iter::from_fn(|| story.next()));
    (items, story.summary())
}

fn holds(item: &Item, last: u64) {
    assert!((1..=last).contains(&item.packet), "{item:?} stands at no packet");
    let What::Message(message) = &item.what else { return };
    for mark in &message.marks {
        let before = match *mark {
            Mark::Answers { packet, .. }
            | Mark::AnswersAgain { packet, .. }
            | Mark::Again { packet, .. }
            | Mark::Doubled { packet, .. } => packet,
            Mark::AnswersNothing | Mark::Cut { .. } => continue,
        };
        assert!((1..=item.packet).contains(&before), "{item:?} refers to what comes after it");
    }
}
