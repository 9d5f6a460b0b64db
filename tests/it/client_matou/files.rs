//! Files over private connections: beside the texts, one after the other, whole or not at all.

use palabre::client::stream::{Answer, Ask, Event, Way, Why};
use palabre::time::Duration;
use proptest::prelude::*;

use super::{World, delivered, heard, send, tell, two};

/// Bytes that are not the same everywhere.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

fn with_file(world: &mut World, name: &str, length: usize) -> u32 {
    let content = bytes(length);
    let crc = crc(&content);
    world.disk.insert(format!("home/{name}").into(), content);
    crc
}

/// The checksum, bit by bit, as its polynomial says.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

fn sent(name: &str, size: u64, crc: u32) -> Answer {
    Answer::Sent { name: name.into(), size, crc }
}

#[test]
fn a8_a_text_does_not_wait_for_a_file() {
    let (mut world, alice, bob) = two();
    let crc = with_file(&mut world, "film.bin", 1_000_000);
    let file = world.wants(alice, send("bob", "home/film.bin"));
    for _ in 0..20 {
        world.turn();
    }
    let text = world.wants(alice, tell("bob", "it comes"));
    world.wants(bob, tell("alice", "I see"));
    for _ in 0..3 {
        world.turn();
    }
    assert!(world.told(alice).contains(&heard("bob", "I see", true)));
    assert!(world.told(bob).contains(&heard("alice", "it comes", true)));
    assert!(world.people[bob].kept.is_empty(), "the file is still under way");
    world.goes_on();
    let told = world.told(alice);
    assert!(told.contains(&Event::Answered { ticket: file, answer: sent("film.bin", 1_000_000, crc) }));
    let told = world.told(bob);
    assert!(told.contains(&Event::FileSaved { path: "film.bin".into(), size: 1_000_000, crc }), "{told:?}");
    assert_eq!(world.people[bob].kept, [("film.bin".into(), bytes(1_000_000))]);
    assert!(world.is_tidy(alice) && world.is_tidy(bob));
    let _ = text;
}

#[test]
fn a8_several_files_go_one_after_the_other_both_ways_and_one_leaves_when_they_are_away() {
    let (mut world, alice, bob) = two();
    for (name, length) in [("a", 300_000), ("b", 0), ("c", 1), ("d", 65_536), ("e", 200_000)] {
        with_file(&mut world, name, length);
    }
    for name in ["a", "b", "c"] {
        world.wants(alice, send("bob", &format!("home/{name}")));
    }
    for name in ["d", "e"] {
        world.wants(bob, send("alice", &format!("home/{name}")));
    }
    world.wants(alice, Ask::Disconnect);
    world.goes_on();
    let kept = [("a", 300_000), ("b", 0), ("c", 1)].map(|(name, length)| (name.into(), bytes(length)));
    assert_eq!(world.people[bob].kept, kept);
    assert!(!world.people[alice].kept.is_empty(), "what comes is taken as well");
    assert_eq!(world.told(alice).last(), Some(&Event::Disconnected));
    assert!(world.is_tidy(alice) && world.is_tidy(bob));
}

#[test]
fn a8_progress_is_told_but_not_for_every_piece() {
    let (mut world, alice, bob) = two();
    with_file(&mut world, "film.bin", 5_000_000);
    world.asks(alice, send("bob", "home/film.bin"));
    for (who, expected) in [(alice, Way::Out), (bob, Way::In)] {
        let progress = world.told(who).into_iter().filter_map(|event| match event {
            Event::Progress { way, done, total: 5_000_000, .. } if way == expected => Some(done),
            _ => None,
        });
        let progress: Vec<u64> = progress.collect();
        assert!(progress.is_sorted() && progress.len() <= 101, "{progress:?}");
        assert_eq!((progress.first(), progress.last()), (Some(&0), Some(&5_000_000)));
    }
}

#[test]
fn a8_half_a_file_of_somebody_who_dies_is_forgotten_and_it_is_said() {
    let (mut world, alice, bob) = two();
    with_file(&mut world, "film.bin", 1_000_000);
    world.wants(alice, send("bob", "home/film.bin"));
    for _ in 0..30 {
        world.turn();
    }
    assert!(!world.is_tidy(bob), "a part of it is there");
    world.told(bob);
    world.dies(alice);
    let told = world.told(bob);
    let why = "the rest of it did not come".into();
    assert!(told.contains(&Event::FileLost { name: "film.bin".into(), why }), "{told:?}");
    let why = "connection reset".into();
    assert!(told.contains(&Event::Closed { user: "alice".into(), why }), "{told:?}");
    assert!(world.is_tidy(bob) && world.people[bob].kept.is_empty());
}

#[test]
fn a8_who_receives_dies_and_each_file_has_its_last_word() {
    let (mut world, alice, bob) = two();
    with_file(&mut world, "film.bin", 1_000_000);
    let tickets = [(); 3].map(|()| world.wants(alice, send("bob", "home/film.bin")));
    for _ in 0..30 {
        world.turn();
    }
    world.told(alice);
    world.dies(bob);
    let told = world.told(alice);
    for ticket in tickets {
        let answer = Answer::Refused("the private connection with bob has ended".into());
        assert!(told.contains(&Event::Answered { ticket, answer }), "{told:?}");
    }
    assert!(world.is_tidy(alice));
}

#[test]
fn a8_a_file_of_which_nothing_more_comes_is_given_up() {
    let (mut world, alice, bob) = two();
    let files = world.between(bob, alice)[1];
    world.injects(bob, files, b"\0\0\0\x0e\0\0\0\x01x\0\0\0\0\0\0\0\x02y");
    world.waits(Duration::from_secs(59));
    assert!(!world.is_tidy(bob));
    world.waits(Duration::from_secs(1));
    let told = world.told(bob);
    let why = "nothing came any more of a file".into();
    assert!(told.contains(&Event::Closed { user: "alice".into(), why }), "{told:?}");
    assert!(world.is_tidy(bob));
}

#[test]
fn a8_a_size_that_cannot_be_ends_the_connection_and_nothing_is_kept() {
    for size in [-1_i64, i64::MIN, i64::MAX, (1 << 40) + 1] {
        let (mut world, alice, bob) = two();
        let files = world.between(bob, alice)[1];
        let header = [&b"\0\0\0\x0e\0\0\0\x01x"[..], &size.to_be_bytes(), b"abc"].concat();
        world.injects(bob, files, &header);
        let told = world.told(bob);
        assert!(matches!(&told[..], [Event::Closed { user, .. }] if user == "alice"), "{told:?}");
        assert!(world.is_tidy(bob) && world.people[bob].kept.is_empty());
    }
}

#[test]
fn a8_a_disk_that_is_full_costs_the_file_and_nothing_else() {
    let (mut world, alice, bob) = two();
    with_file(&mut world, "film.bin", 300_000);
    world.people[bob].disk_is_full = true;
    world.asks(alice, send("bob", "home/film.bin"));
    let lost = Event::FileLost { name: "film.bin".into(), why: "no space".into() };
    assert!(world.told(bob).contains(&lost));
    world.people[bob].disk_is_full = false;
    world.asks(alice, send("bob", "home/film.bin"));
    world.asks(alice, tell("bob", "and this"));
    assert_eq!(world.people[bob].kept, [("film.bin".into(), bytes(300_000))]);
    assert_eq!(world.told(bob).last(), Some(&heard("alice", "and this", true)));
}

#[test]
fn a8_what_cannot_be_sent_is_refused_and_what_has_shrunk_ends_the_connection() {
    let (mut world, alice, bob) = two();
    let none = world.asks(alice, send("bob", "home/none"));
    let answer = Answer::Refused("no space".into());
    assert_eq!(world.told(alice), [Event::Answered { ticket: none, answer }]);
    let apart = world.asks(alice, send("eve", "home/none"));
    let answer = Answer::Refused(Why::NotOpen("eve".into()).to_string());
    assert_eq!(world.told(alice), [Event::Answered { ticket: apart, answer }]);
    with_file(&mut world, "log", 1_000);
    // Grown files are sent as they were announced.
    world.server.sizes.insert("log".into(), 400);
    world.asks(alice, send("bob", "home/log"));
    assert_eq!(world.people[bob].kept, [("log".into(), bytes(400))]);
    world.server.sizes.insert("log".into(), 2_000);
    world.asks(alice, send("bob", "home/log"));
    let told = world.told(alice);
    let why = "a file could not be sent to its end".into();
    assert!(told.contains(&Event::Closed { user: "bob".into(), why }), "{told:?}");
    assert!(world.is_tidy(bob) && world.people[bob].kept.len() == 1);
}

#[test]
fn a8_closing_waits_for_the_files_unless_it_is_wanted_twice() {
    for twice in [false, true] {
        let (mut world, alice, bob) = two();
        with_file(&mut world, "film.bin", 500_000);
        world.wants(alice, send("bob", "home/film.bin"));
        for _ in 0..20 {
            world.turn();
        }
        world.wants(alice, Ask::Close("bob".into()));
        if twice {
            world.wants(alice, Ask::Close("bob".into()));
        }
        world.goes_on();
        assert_eq!(world.people[bob].kept.is_empty(), twice);
        assert!(world.is_tidy(bob));
        assert!(world.between(alice, bob).is_empty());
    }
}

#[test]
fn what_was_said_before_a_clean_end_of_the_other_channel_is_still_heard() {
    let (mut world, alice, bob) = two();
    with_file(&mut world, "film.bin", 500_000);
    world.asks(alice, send("bob", "home/film.bin"));
    let last = world.wants(alice, tell("bob", "that was all"));
    world.wants(alice, Ask::Disconnect);
    world.goes_on();
    assert!(world.told(alice).contains(&delivered(last)));
    assert!(world.told(bob).contains(&heard("alice", "that was all", true)));
    assert_eq!(world.people[bob].kept.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a partner sends on the channel for files, however it is cut: nothing breaks, and what is kept is whole.
    #[test]
    fn a8_no_bytes_on_the_channel_for_files_do_harm(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            (any::<String>(), 0_u8..20).prop_map(|(name, size)| file(&name, size)),
        ], 0..8),
        cut in 1_usize..50,
    ) {
        let (mut world, alice, bob) = two();
        let files = world.between(bob, alice)[1];
        for bytes in pieces.concat().chunks(cut) {
            world.injects(bob, files, bytes);
        }
        world.waits(Duration::from_secs(120));
        world.dies(alice);
        world.waits(Duration::from_secs(120));
        prop_assert!(world.is_tidy(bob));
        let told = world.told(bob);
        let saved = told.iter().filter_map(|event| match event {
            Event::FileSaved { size, .. } => usize::try_from(*size).ok(),
            _ => None,
        });
        let sizes: Vec<usize> = world.people[bob].kept.iter().map(|(_, bytes)| bytes.len()).collect();
        prop_assert_eq!(saved.collect::<Vec<_>>(), sizes);
        let closed = |event: &&Event| matches!(event, Event::Closed { .. });
        prop_assert_eq!(told.iter().filter(closed).count(), 1);
    }
}

/// A file as it stands on the wire.
fn file(name: &str, size: u8) -> Vec<u8> {
    let name = &name[..name.floor_char_boundary(64)];
    let length = i32::try_from(name.len()).unwrap().to_be_bytes();
    let size = usize::from(size);
    let announced = u64::try_from(size).unwrap().to_be_bytes();
    [b"\0\0\0\x0e", &length[..], name.as_bytes(), &announced, &bytes(size)].concat()
}
