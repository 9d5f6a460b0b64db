//! The golden captures of `tests/captures`: a server lives through each of them again, and says the same.
//!
//! In: the files of the folder. Out: nothing, or the file and what is wrong with it. Must not know how they were made:
//! `tests/real/captures` does.

mod checks;
mod messages;
mod shelf;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use palabre::capture::{Reader, Seen, Writer};
use palabre::engine::{Dialect, DropReason};
use palabre::wire::Integrity;

use shelf::{Capture, MESSY, folder, shelf};

/// What no peer of a daemon can cause: a datagram, or a connection, only comes by a listener that there is.
const NOBODY_CAN: &[DropReason] = &[DropReason::NoSuchListener];

#[test]
fn what_is_read_and_written_again_is_the_same() {
    for capture in shelf() {
        let mut writer = Writer::new(Vec::new(), &capture.header).unwrap();
        for event in &capture.events {
            writer.write(event).unwrap();
        }
        let bytes = writer.finish(0).unwrap();
        let again = Capture::read(&capture.name, &bytes);
        assert_eq!(again.header, capture.header, "{}", capture.name);
        assert_eq!(again.events.len(), capture.events.len(), "{}", capture.name);
        for (again, event) in again.events.iter().zip(&capture.events) {
            assert_eq!((again.at, &again.comments, &again.seen), (event.at, &event.comments, &event.seen));
        }
    }
}

#[test]
fn each_is_whole_and_from_a_server_that_kept_nothing_from_before() {
    for capture in shelf() {
        assert!(matches!(capture.header.part, 1) && capture.header.files == 0, "{}", capture.name);
        for event in &capture.events {
            match &event.seen {
                Seen::Missing { .. } | Seen::Broken(_) | Seen::Foreign(_) => {
                    panic!("{}: {event:?}", capture.name)
                }
                Seen::Note(note) => assert!(!note.starts_with("lost "), "{}: {note}", capture.name),
                _ => {}
            }
        }
    }
}

#[test]
fn each_reason_to_drop_something_that_a_peer_can_give_is_in_one_that_is_called_so() {
    let shelf = shelf();
    for reason in DropReason::ALL.iter().filter(|reason| !NOBODY_CAN.contains(reason)) {
        let comment = format!("dropped: {}", reason.name());
        let has = |capture: &&Capture| capture.events.iter().any(|event| event.comments.contains(&comment));
        let found: Vec<_> = shelf.iter().filter(has).map(|capture| capture.name.as_str()).collect();
        let own = format!("drop-{}.pcapng", reason.name().replace(' ', "-"));
        assert!(found.contains(&&*own), "{comment}: {found:?}, not {own}");
    }
    for reason in NOBODY_CAN {
        let comment = format!("dropped: {}", reason.name());
        let is_dropped =
            |capture: &Capture| capture.events.iter().any(|event| event.comments.contains(&comment));
        assert!(!shelf.iter().any(is_dropped), "somebody can cause `{}`", reason.name());
    }
}

#[test]
fn each_message_of_each_dialect_goes_each_way_that_it_can() {
    let mut seen = BTreeSet::new();
    for capture in shelf().iter().filter(|capture| !MESSY.contains(&&*capture.name)) {
        seen.extend(messages::of(capture));
    }
    let missing: Vec<_> = ways::all().into_iter().filter(|wanted| !seen.contains(wanted)).collect();
    assert!(missing.is_empty(), "no capture has {missing:#?}");
}

#[test]
fn there_are_links_that_are_bad_both_families_of_addresses_and_checksums() {
    let shelf = shelf();
    assert!(shelf.len() >= 30);
    let has = |what: fn(&Capture) -> bool| shelf.iter().any(what);
    assert!(has(|capture| capture.header.addresses.iter().any(|address| address.is_ipv6())));
    assert!(has(|capture| capture
        .header
        .config
        .listeners
        .iter()
        .any(|own| own.integrity == Integrity::Crc32)));
    assert!(has(|capture| capture.header.config.listeners.len() == Dialect::ALL.len()));
    for name in ["msp-scenario-1", "msp-scenario-2", "shen-scenario-1", "shen-scenario-2"] {
        let capture = shelf.iter().find(|capture| capture.name == format!("{name}.pcapng")).expect(name);
        let mut datagrams = BTreeMap::<_, u32>::new();
        for event in &capture.events {
            if let Seen::Datagram { from, to, bytes, .. } = &event.seen {
                *datagrams.entry((from, to, bytes)).or_default() += 1;
            }
        }
        assert!(datagrams.values().any(|copies| *copies > 1), "{name}: nothing came or went again");
    }
}

#[test]
fn they_are_small() {
    let sizes: Vec<_> = shelf().into_iter().map(|capture| (capture.name, capture.size)).collect();
    let large: Vec<_> = sizes.iter().filter(|(_, size)| *size > 40 << 10).collect();
    assert!(matches!(large.as_slice(), [] | [(_, ..=100_000)]), "{large:?}");
    let all: usize = sizes.iter().map(|(_, size)| size).sum();
    assert!(all < 700_000, "{all} bytes");
}

#[test]
fn the_page_of_the_folder_begins_with_the_command_and_names_each_and_no_other() {
    let page = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let command = page.lines().find(|line| line.starts_with("    ")).expect("a command");
    assert_eq!(command.trim(), "cargo test --test real -- --ignored make_the_captures");
    let named: BTreeSet<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let named: BTreeSet<_> = named.into_iter().filter(|name| name.ends_with(".pcapng")).collect();
    let shelf = shelf();
    let there: BTreeSet<_> = shelf.iter().map(|capture| capture.name.as_str()).collect();
    assert_eq!(named, there);
}

#[test]
fn cut_anywhere_each_tells_what_stands_before_the_cut() {
    for capture in shelf() {
        let mut chance = fastrand::Rng::with_seed(7);
        for _ in 0..5 {
            let cut = chance.usize(..capture.size);
            let Ok(mut reader) = Reader::open(capture.bytes.split_at(cut).0) else { continue };
            let mut told = 0;
            while let Ok(Some(event)) = reader.next() {
                assert_eq!(event, capture.events[told], "{} cut at {cut}", capture.name);
                told += 1;
            }
        }
    }
}
