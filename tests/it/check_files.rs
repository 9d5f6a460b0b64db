//! A capture is checked as it is read from its file.
//!
//! In: a conversation, written and read again, whole, in parts, and damaged. Out: nothing. Must not know how it is compared.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use palabre::capture::{Event, Header, Reader, Seen, Unreadable, Writer};
use palabre::replay::check::{Check, Equal, Fault, Trouble};
use palabre::time::Duration;

use crate::check_equal::conversation;

fn written(header: &Header, events: &[Event]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), header).unwrap();
    events.iter().for_each(|event| writer.write(event).unwrap());
    writer.finish(0).unwrap()
}

/// What comes of a file: what is wrong with it, or with what is in it.
fn check(file: impl Read) -> Result<Result<Equal, Trouble>, Unreadable> {
    let mut reader = Reader::open(file)?;
    let headers: Vec<_> = reader.header().cloned().into_iter().collect();
    let mut check = match Check::new(&headers) {
        Ok(check) => check,
        Err(why) => return Ok(Err(why.into())),
    };
    while let Some(event) = reader.next()? {
        if let Err(trouble) = check.event(&event) {
            return Ok(Err(trouble));
        }
    }
    Ok(check.finish())
}

#[test]
fn a_conversation_is_equal_when_it_is_read_from_its_file() {
    let (header, events) = conversation(7);
    let equal = check(&*written(&header, &events)).unwrap().unwrap();
    assert_eq!(equal.packets, events.len() as u64);
    assert!(equal.span > Duration::from_secs(60));
}

/// A file in memory that its writer does not own.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn parts_are_equal_together_wherever_they_end() {
    let (header, events) = conversation(7);
    for end in (0..events.len()).step_by(5) {
        let parts = [Shared::default(), Shared::default()];
        let mut writer = Writer::new(parts[0].clone(), &header).unwrap();
        for (index, event) in events.iter().enumerate() {
            if index == end {
                writer.finish_part(0).unwrap();
                writer.begin_part(parts[1].clone()).unwrap();
            }
            writer.write(event).unwrap();
        }
        writer.finish(0).unwrap();
        let files = parts.map(|part| part.0.take());
        let [first, second] = files.each_ref().map(Vec::as_slice);
        assert!(check(first.chain(second)).unwrap().is_ok(), "they end at {end}");
        let second = check(second).unwrap();
        assert!(matches!(second, Err(Trouble::Unchecked(why)) if why.why.contains("part 2 comes first")));
    }
}

#[test]
fn a_file_that_was_cut_is_never_equal_and_neither_is_one_that_ends_between_an_input_and_its_answer() {
    let (header, events) = conversation(7);
    let file = written(&header, &events);
    for end in (0..file.len() - 1).step_by(97) {
        let found = check(&file[..end]);
        // Between two records nobody can see that more was there.
        assert!(!matches!(found, Ok(Ok(equal)) if equal.packets == events.len() as u64), "cut at {end}");
    }
    let asked = events.iter().position(|event| matches!(event.seen, Seen::Datagram { .. })).unwrap();
    let found = check(&*written(&header, &events[..=asked])).unwrap();
    match found {
        Err(Trouble::Differs(found)) => assert_eq!((found.fault, found.packet), (Fault::Missing, None)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_payload_of_the_server_that_is_damaged_in_the_file_is_found() {
    let (header, events) = conversation(7);
    let file = written(&header, &events);
    let is_ours = |from| header.addresses.contains(&from);
    let mut found = 0;
    let mut after = 0;
    for event in &events {
        let (Seen::Datagram { from, bytes, .. } | Seen::Bytes { from, bytes, .. }) = &event.seen else {
            continue;
        };
        // Short ones may stand in many places.
        if !is_ours(*from) || bytes.len() < 5 {
            continue;
        }
        let at = file[after..].windows(bytes.len()).position(|part| part == bytes).unwrap() + after;
        after = at;
        let mut file = file.clone();
        file[at + bytes.len() / 2] ^= 0x10;
        assert!(matches!(check(&*file), Ok(Err(Trouble::Differs(_)))), "{event:?}");
        found += 1;
    }
    assert!(found > 30, "{found}");
}

#[test]
fn no_damage_of_a_file_panics() {
    let (header, events) = conversation(7);
    let file = written(&header, &events[..40]);
    for at in (0..file.len()).step_by(3) {
        let mut file = file.clone();
        file[at] ^= 1 << (at % 8);
        let _ = check(&*file);
    }
}
