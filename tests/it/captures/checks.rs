//! A server lives through each of them again, and says the same.
//!
//! In: the captures. Out: nothing, or which one differs and where. Must not know what is in them.

use palabre::capture::Seen;
use palabre::replay::check::{Check, Equal};

use super::shelf::{Capture, shelf};

#[test]
fn a_server_lives_through_each_again_with_the_same_bytes_in_any_order() {
    let mut shelf = shelf();
    // An order of its own for each run of this list: none may lean on another.
    for seed in [1, 2] {
        fastrand::Rng::with_seed(seed).shuffle(&mut shelf);
        for capture in &shelf {
            let equal = check(capture);
            assert!(equal.inputs > 0 && equal.outputs > 0, "{}: {equal:?}", capture.name);
        }
    }
}

#[track_caller]
fn check(capture: &Capture) -> Equal {
    let name = &capture.name;
    let mut check =
        Check::new(std::slice::from_ref(&capture.header)).unwrap_or_else(|why| panic!("{name}: {why:?}"));
    for event in &capture.events {
        check.event(event).unwrap_or_else(|why| panic!("{name}: {why:#?}"));
    }
    check.finish().unwrap_or_else(|why| panic!("{name}: {why:#?}"))
}

#[test]
fn a_byte_that_is_changed_in_what_the_server_said_is_found_in_each() {
    for capture in shelf() {
        let mut check = Check::new(std::slice::from_ref(&capture.header)).unwrap();
        let ours = &capture.header.addresses;
        let changed = capture.events.iter().rposition(|event| match &event.seen {
            Seen::Datagram { from, bytes, .. } | Seen::Bytes { from, bytes, .. } => {
                ours.contains(from) && !bytes.is_empty()
            }
            _ => false,
        });
        let mut events = capture.events.clone();
        match &mut events[changed.expect("the server says something")].seen {
            Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. } => *bytes.last_mut().unwrap() ^= 0x10,
            _ => unreachable!("it was looked for"),
        }
        let found = events.iter().any(|event| check.event(event).is_err()) || check.finish().is_err();
        assert!(found, "{}", capture.name);
    }
}
