//! The client of Stories at a real server, in memory: talk, rooms, files, votes.

use std::path::PathBuf;

use palabre::client::Ticket;
use palabre::client::stream::{
    Answer, Ask, ConnectError, Count, Event, Fate, Input, Output, Protocol, Question, Why,
};
use palabre::time::Duration;

use super::stream_world::World;

fn say(text: &str) -> Ask {
    Ask::Say(text.into())
}

fn heard(from: &str, text: &str) -> Event {
    Event::Heard { from: from.into(), text: text.into(), alone: false }
}

fn delivered(ticket: Ticket) -> Event {
    Event::Text { ticket, fate: Fate::Delivered }
}

fn answered(ticket: Ticket, answer: Answer) -> Event {
    Event::Answered { ticket, answer }
}

/// Two people of Stories who have seen each other come.
fn two() -> (World, usize, usize) {
    let mut world = World::new();
    let (alice, bob) = (world.add(Protocol::Stories, "alice"), world.add(Protocol::Stories, "bob"));
    assert_eq!(world.events(bob), [Event::Registered]);
    assert_eq!(world.events(alice)[0], Event::Registered);
    (world, alice, bob)
}

#[test]
fn b2_what_one_says_is_heard_by_the_other_and_known_to_be() {
    let (mut world, alice, bob) = two();
    let ticket = world.ask(alice, say("salut \"bob\" \\ | {} \u{1f600}"));
    assert_eq!(world.events(bob), [heard("alice", "salut \"bob\" \\ | {} \u{1f600}")]);
    assert_eq!(world.events(alice), [delivered(ticket)]);
    assert!(world.seats[alice].client.is_idle());
}

#[test]
fn what_is_wanted_before_the_connection_is_there_is_done_after() {
    let mut world = World::new();
    let bob = world.add(Protocol::Stumtp, "bob");
    let alice = world.add(Protocol::Stories, "alice");
    world.ask(alice, say("one"));
    world.ask(alice, Ask::Disconnect);
    assert_eq!(world.events(alice).last(), Some(&Event::Disconnected));
    assert!(world.events(bob).contains(&heard("alice", "one")));
}

#[test]
fn b3_a_taken_name_is_told_and_ends_the_session() {
    let (mut world, ..) = two();
    let other = world.add(Protocol::Stories, "alice");
    let events = world.events(other);
    assert!(matches!(&events[..], [Event::NotRegistered { why: ConnectError::Refused(_) }]), "{events:?}");
    let ticket = world.ask(other, say("hello"));
    let given_up = Event::Text { ticket, fate: Fate::GivenUp(Why::NotConnected) };
    assert_eq!(world.events(other), [given_up]);
}

#[test]
fn b4_what_follows_a_move_is_said_in_the_room_that_was_joined() {
    let (mut world, alice, bob) = two();
    world.ask(bob, Ask::Join("room2".into()));
    world.events(bob);
    world.events(alice);
    let (join, text) = (world.ask(alice, Ask::Join("room2".into())), world.ask(alice, say("here")));
    assert!(world.events(bob).contains(&heard("alice", "here")));
    let events = world.events(alice);
    assert_eq!(events, [answered(join, Answer::In("room2".into())), delivered(text)]);
    let no = world.ask(alice, Ask::Join("nowhere".into()));
    assert!(
        matches!(&world.events(alice)[..], [Event::Answered { ticket, answer: Answer::Refused(_) }] if *ticket == no)
    );
    assert_eq!(world.seats[alice].client.room(), Some("room2"));
    let left = world.ask(alice, Ask::Leave);
    assert_eq!(world.events(alice), [answered(left, Answer::Left)]);
    let rooms = world.ask(alice, Ask::ListRooms);
    let all = ["room1", "room2", "room3"].map(String::from).to_vec();
    assert_eq!(world.events(alice), [answered(rooms, Answer::Rooms(all))]);
}

#[test]
fn b2_a_goodbye_from_a_room_signs_out() {
    let (mut world, alice, bob) = two();
    world.ask(alice, Ask::Join("room1".into()));
    world.events(alice);
    world.ask(alice, Ask::Disconnect);
    assert_eq!(world.events(alice), [Event::Disconnected]);
    assert!(world.events(bob).contains(&Event::Notice("alice a quitté le chat".into())));
}

#[test]
fn b5_a_file_goes_to_the_room_and_comes_back_as_it_was() {
    let (mut world, alice, bob) = two();
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(|n| n.to_le_bytes()).collect();
    let crc = crc32fast::hash(&bytes);
    world.seats[alice].files.insert(PathBuf::from("/tmp/fête.bin"), bytes.clone());
    let ticket = world.ask(alice, Ask::SendFile { path: "/tmp/fête.bin".into(), to: None });
    let events = world.events(alice);
    let sent = Answer::Sent { name: "fête.bin".into(), size: 800_000, crc };
    assert_eq!(events.last(), Some(&answered(ticket, sent)));
    assert!(
        events.iter().any(|event| matches!(event, Event::Progress { done: 800_000, total: 800_000, .. }))
    );
    let offer =
        Event::FileOffered { id: "1".into(), name: "fête.bin".into(), size: 800_000, by: "alice".into() };
    assert_eq!(world.events(bob), [offer]);
    let ticket = world.ask(bob, Ask::Fetch { id: "1".into() });
    let events = world.events(bob);
    assert!(events.contains(&Event::FileSaved { path: "fête.bin".into(), size: 800_000, crc }), "{events:?}");
    assert_eq!(events.last(), Some(&answered(ticket, Answer::Done)));
    assert_eq!(world.seats[bob].saved, [("fête.bin".to_owned(), bytes)]);
}

#[test]
fn b5_files_that_cannot_go_or_come_are_told_of() {
    let (mut world, alice, bob) = two();
    let refused = |events: &[Event], ticket: Ticket| {
        events.iter().any(|event| matches!(event, Event::Answered { ticket: of, answer: Answer::Refused(_) } if *of == ticket))
    };
    let ticket = world.ask(alice, Ask::SendFile { path: "/nothing".into(), to: None });
    assert!(refused(&world.events(alice), ticket));
    world.seats[alice].files.insert("/big".into(), vec![0; (16 << 20) + 1]);
    let ticket = world.ask(alice, Ask::SendFile { path: "/big".into(), to: None });
    assert!(refused(&world.events(alice), ticket));
    let ticket = world.ask(bob, Ask::Fetch { id: "9".into() });
    assert!(refused(&world.events(bob), ticket));
    // The connection is as it was.
    world.ask(alice, say("still here"));
    assert!(world.events(bob).contains(&heard("alice", "still here")));
}

#[test]
fn b6_a_vote_is_asked_answered_and_counted() {
    let (mut world, alice, bob) = two();
    let carol = world.add(Protocol::Stories, "carol");
    world.events(bob);
    let ticket = world.ask(alice, Ask::Vote("pizza ?".into()));
    let events = world.events(bob);
    let [Event::Question { question, by, what: Question::Vote(words) }] = &events[..] else {
        panic!("bob is asked: {events:?}")
    };
    assert_eq!((by.as_str(), words.as_str()), ("alice", "pizza ?"));
    world.ask(bob, Ask::Answer { question: *question, accept: true });
    world.passes(Duration::from_secs(31));
    let count = Count { yes: 1, no: 0, absent: 1 };
    let events = world.events(alice);
    assert!(events.contains(&answered(ticket, Answer::Voted(count))), "{events:?}");
    let events = world.events(carol);
    assert!(events.contains(&Event::Voted { by: "alice".into(), count }), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, Event::Moot(_))), "{events:?}");
    let late = world.ask(bob, Ask::Answer { question: *question, accept: true });
    let no = |event: &Event| matches!(event, Event::Answered { ticket, answer: Answer::Refused(_) } if *ticket == late);
    assert!(world.events(bob).iter().any(no), "one votes once");
}

#[test]
fn b6_who_leaves_waits_for_the_vote_he_began() {
    let (mut world, alice, bob) = two();
    let ticket = world.ask(alice, Ask::Vote("on part ?".into()));
    world.ask(alice, Ask::Disconnect);
    let events = world.events(bob);
    let [Event::Question { question, .. }] = &events[..] else { panic!("{events:?}") };
    world.ask(bob, Ask::Answer { question: *question, accept: false });
    let count = Count { yes: 0, no: 1, absent: 0 };
    let events = world.events(alice);
    assert!(events.ends_with(&[answered(ticket, Answer::Voted(count)), Event::Disconnected]), "{events:?}");
}

#[test]
fn a_lost_connection_is_told_and_ends_the_session() {
    let (mut world, alice, _) = two();
    world.cuts(alice);
    assert!(matches!(&world.events(alice)[..], [.., Event::Lost { .. }]));
    assert_eq!(world.seats[alice].client.poll_timeout(), None);
    let ticket = world.ask(alice, Ask::ListRooms);
    assert!(matches!(&world.events(alice)[..], [Event::Answered { ticket: of, .. }] if *of == ticket));
}

#[test]
fn b5_many_files_are_in_the_memory_one_at_a_time_and_all_go() {
    let (mut world, alice, bob) = two();
    let paths = ["/a", "/missing", "/b", "/c"].map(PathBuf::from);
    for path in ["/a", "/b", "/c"] {
        world.seats[alice].files.insert(path.into(), vec![7; 100_000]);
    }
    let client = &mut world.seats[alice].client;
    for (number, path) in (100..).zip(paths) {
        client.handle_input(world.now, Input::Ask(Ticket(number), Ask::SendFile { path, to: None }));
    }
    let outputs: Vec<_> = std::iter::from_fn(|| client.poll_output()).collect();
    assert!(matches!(outputs[..], [Output::Open { .. }]), "{outputs:?}");
    world.repeats(alice, outputs);
    let events = world.events(alice);
    let sent =
        events.iter().filter(|event| matches!(event, Event::Answered { answer: Answer::Sent { .. }, .. }));
    assert_eq!(sent.count(), 3, "{events:?}");
    let offers = world.events(bob);
    assert_eq!(offers.iter().filter(|event| matches!(event, Event::FileOffered { .. })).count(), 3);
    assert!(world.seats[alice].client.is_idle());
}
