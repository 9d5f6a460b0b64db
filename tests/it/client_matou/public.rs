//! What goes through the server.

use palabre::client::stream::{Answer, Ask, ConnectError, Event, Fate, Why};
use palabre::time::Duration;

use super::world::World;
use super::{delivered, heard};

#[test]
fn a3_a_text_is_delivered_when_its_echo_is_back() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.told(alice);
    let ticket = world.wants(alice, Ask::Say("miaou".into()));
    assert_eq!(world.told(alice), []);
    world.goes_on();
    assert_eq!(world.told(alice), [delivered(ticket)]);
    assert_eq!(world.told(bob), [Event::Registered, heard("alice", "miaou", false)]);
}

#[test]
fn a3_a_long_text_goes_in_parts_between_characters_and_without_controls() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.told(bob);
    let ticket = world.asks(alice, Ask::Say(format!("a\tb\n{}", "漢".repeat(300))));
    assert!(world.told(alice).contains(&delivered(ticket)));
    let (first, second) = ("漢".repeat(169), "漢".repeat(131));
    let expected = [heard("alice", &format!("a b {first}"), false), heard("alice", &second, false)];
    assert_eq!(world.told(bob), expected);
}

#[test]
fn a1_a_name_that_is_taken_ends_it_and_what_was_wanted_is_given_up() {
    let mut world = World::default();
    world.comes("Minou");
    let other = world.comes("mINOU");
    let why = ConnectError::Refused("the name is taken".into());
    assert_eq!(world.told(other), [Event::NotRegistered { why }]);
    let ticket = world.asks(other, Ask::Say("hello?".into()));
    let fate = Fate::GivenUp(Why::NotConnected);
    assert_eq!(world.told(other), [Event::Text { ticket, fate }]);
}

#[test]
fn a2_those_are_known_who_came_or_spoke_since_we_are_here() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    let ticket = world.asks(bob, Ask::ListUsers);
    let users = |names: &[&str]| Answer::Users(names.iter().map(|name| String::from(*name)).collect());
    assert!(world.told(bob).contains(&Event::Answered { ticket, answer: users(&["bob"]) }));
    world.asks(alice, Ask::Say("here".into()));
    let ticket = world.asks(bob, Ask::ListUsers);
    assert!(world.told(bob).contains(&Event::Answered { ticket, answer: users(&["alice", "bob"]) }));
    world.asks(alice, Ask::Disconnect);
    assert_eq!(world.told(bob), [Event::Left("alice".into())]);
    assert_eq!(world.told(alice).last(), Some(&Event::Disconnected));
}

#[test]
fn a_server_that_falls_silent_is_given_up_with_what_was_said() {
    let mut world = World::default();
    let alice = world.comes("alice");
    world.told(alice);
    world.server.is_mute = true;
    world.waits(Duration::from_secs(3600));
    assert_eq!(world.told(alice), [], "nobody waits for anything");
    let ticket = world.asks(alice, Ask::Say("hello?".into()));
    world.waits(Duration::from_secs(9));
    assert_eq!(world.told(alice), []);
    world.waits(Duration::from_secs(1));
    let fate = Fate::GivenUp(Why::NotConnected);
    let lost = Event::Lost { why: "the server does not answer".into() };
    assert_eq!(world.told(alice), [Event::Text { ticket, fate }, lost]);
}

#[test]
fn one_leaves_when_what_was_said_has_arrived() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.told(alice);
    world.told(bob);
    let ticket = world.wants(alice, Ask::Say("last words".into()));
    world.wants(alice, Ask::Disconnect);
    assert_eq!(world.told(alice), []);
    world.goes_on();
    assert_eq!(world.told(alice), [delivered(ticket), Event::Disconnected]);
    assert_eq!(world.told(bob), [heard("alice", "last words", false), Event::Left("alice".into())]);
}
