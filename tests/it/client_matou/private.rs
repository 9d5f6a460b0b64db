//! How private connections come about, what is said there, how they end.

use std::net::SocketAddr;

use palabre::client::stream::{Answer, Ask, Channel, Event, Fate, Question, QuestionId, Why};
use palabre::dialect::matou::{ErrorCode, Message};
use palabre::time::Duration;

use super::world::World;
use super::{delivered, heard, tell, two};

#[test]
fn a4_one_asks_the_other_accepts_and_what_was_said_meanwhile_is_heard() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("Bob"));
    world.told(alice);
    world.told(bob);
    world.asks(alice, Ask::Open("bob".into()));
    let early = world.asks(alice, tell("BOB", "are you there?"));
    let question = QuestionId(1);
    let asked = Event::Question { question, by: "alice".into(), what: Question::Private };
    assert_eq!(world.told(bob), [asked]);
    world.asks(bob, Ask::Answer { question, accept: true });
    assert!(
        world.told(alice).ends_with(&[Event::Opened { user: "Bob".into(), direct: true }, delivered(early)])
    );
    assert!(world.told(bob).ends_with(&[
        Event::Opened { user: "alice".into(), direct: true },
        heard("alice", "are you there?", true)
    ]));
    let ticket = world.asks(bob, tell("alice", "yes"));
    assert_eq!(world.told(bob), [delivered(ticket)]);
    assert_eq!(world.told(alice), [heard("Bob", "yes", true)]);
}

#[test]
fn a3_a_private_text_is_made_fit_as_a_public_one() {
    let (mut world, alice, bob) = two();
    world.asks(alice, tell("bob", &format!("x\r\n{}", "é".repeat(300))));
    let first = format!("x  {}", "é".repeat(254));
    assert_eq!(world.told(bob), [heard("alice", &first, true), heard("alice", &"é".repeat(46), true)]);
}

#[test]
fn a4_who_is_not_answered_is_told_after_a_minute_and_so_is_who_did_not_answer() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    let held = world.asks(alice, tell("bob", "psst"));
    world.told(alice);
    world.told(bob);
    world.waits(Duration::from_secs(59));
    assert_eq!((world.told(alice), world.told(bob)), (vec![], vec![]));
    world.waits(Duration::from_secs(1));
    let fate = Fate::GivenUp(Why::NotOpen("bob".into()));
    let closed = Event::Closed { user: "bob".into(), why: "there was no answer".into() };
    assert_eq!(world.told(alice), [closed, Event::Text { ticket: held, fate }]);
    assert_eq!(world.told(bob), [Event::Moot(QuestionId(1))]);
    let late = world.asks(bob, Ask::Answer { question: QuestionId(1), accept: true });
    let answer = Answer::Refused("nobody asks that any more".into());
    assert_eq!(world.told(bob), [Event::Answered { ticket: late, answer }]);
}

#[test]
fn a4_who_is_refused_gets_no_connection_and_no_word() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    world.asks(bob, Ask::Answer { question: QuestionId(1), accept: false });
    let heard = world.server.heard.len();
    world.waits(Duration::from_secs(60));
    assert_eq!(world.server.heard.len(), heard, "a refusal is silence");
    assert!(world.doors.is_empty());
}

#[test]
fn a4_an_error_is_about_the_one_who_is_not_seen_here() {
    let mut world = World::default();
    let (alice, _bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    world.told(alice);
    world.wants(alice, Ask::Open("nobody".into()));
    world.wants(alice, Ask::Open("bob".into()));
    world.goes_on();
    let why = "there is nobody of that name who could have one".into();
    assert_eq!(world.told(alice).last(), Some(&Event::Closed { user: "nobody".into(), why }));
}

#[test]
fn a4_who_leaves_before_he_is_answered_asks_nothing_any_more() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    world.told(bob);
    world.dies(alice);
    assert!(world.told(bob).contains(&Event::Moot(QuestionId(1))));
}

#[test]
fn a4_two_who_ask_each_other_at_once_get_one_connection() {
    for (one, other) in [("alice", "bob"), ("bob", "alice")] {
        let mut world = World::default();
        let (first, second) = (world.comes(one), world.comes(other));
        world.wants(first, Ask::Open(other.into()));
        world.wants(second, Ask::Open(one.into()));
        world.goes_on();
        for (who, name) in [(first, other), (second, one)] {
            let opened = Event::Opened { user: name.into(), direct: true };
            assert_eq!(world.told(who).iter().filter(|event| **event == opened).count(), 1);
        }
        assert!(world.doors.is_empty(), "nobody listens any more");
        assert_eq!(world.between(first, second).len(), 2);
        world.asks(first, tell(other, "one"));
        assert_eq!(world.told(second), [heard(one, "one", true)]);
    }
}

#[test]
fn a8_only_the_announced_address_is_let_in() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    world.wants(bob, Ask::Answer { question: QuestionId(1), accept: true });
    while world.doors.len() < 2 {
        assert!(world.turn());
    }
    let doors: Vec<SocketAddr> = world.doors.keys().copied().collect();
    for door in &doors {
        for stranger in ["192.0.2.66:40000", "[::ffff:192.0.2.66]:1", "10.0.0.1:5"] {
            world.intrudes(*door, stranger.parse().unwrap());
        }
    }
    assert_eq!(world.doors.len(), 2, "the one who is expected may still come");
    world.told(alice);
    // What the stranger says is heard by nobody.
    let mut words = Vec::new();
    Message::Private { text: "I am bob".into() }.encode(&mut words).unwrap();
    world.injects(alice, Channel(Channel::FIRST_ACCEPTED.0 + 1), &words);
    assert_eq!(world.told(alice), [Event::Opened { user: "bob".into(), direct: true }]);
    assert!(world.doors.is_empty());
}

#[test]
fn a8_a_server_that_announces_another_address_brings_nobody_together() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    world.asks(alice, Ask::Open("bob".into()));
    let name = "bob".into();
    world.server.to(alice, &Message::Expect { name, address: "192.0.2.1".parse().unwrap() });
    while world.doors.len() < 2 {
        assert!(world.turn());
    }
    world.goes_on();
    let door = *world.doors.keys().next().unwrap();
    world.intrudes(door, "10.0.0.2:40000".parse().unwrap());
    world.told(alice);
    world.waits(Duration::from_secs(60));
    let why = "no connection came about".into();
    assert_eq!(world.told(alice), [Event::Closed { user: "bob".into(), why }]);
    assert!(world.doors.is_empty());
    assert!(world.between(alice, bob).is_empty());
}

#[test]
fn a4_ports_that_are_none_and_words_that_nobody_waits_for_do_no_harm() {
    let mut world = World::default();
    let (alice, bob) = (world.comes("alice"), world.comes("bob"));
    let address = "10.0.0.2".parse().unwrap();
    let meet = |messages, files| Message::Meet {
        name: "bob".into(),
        address,
        ports: palabre::dialect::matou::Ports { messages, files },
    };
    world.told(alice);
    world.server.to(alice, &meet(1, 2));
    world.server.to(alice, &Message::Expect { name: "bob".into(), address });
    world.server.to(alice, &Message::Error(ErrorCode::NotAsked));
    world.goes_on();
    assert_eq!(
        world.told(alice),
        [Event::Notice("the server reports an error: user did not ask for a private connection".into())]
    );
    assert!(world.doors.is_empty());
    for ports in [(0, 5), (5, 65_536), (-1, 5)] {
        world.server.to(alice, &Message::Asked { name: "bob".into() });
        world.goes_on();
        world.asks(alice, Ask::Open("bob".into()));
        world.told(alice);
        world.server.to(alice, &meet(ports.0, ports.1));
        world.goes_on();
        let why = "the ports that were announced are none".into();
        assert_eq!(world.told(alice), [Event::Closed { user: "bob".into(), why }]);
    }
    assert!(world.between(alice, bob).is_empty());
}

#[test]
fn a_private_connection_ends_for_both_when_one_closes_it() {
    let (mut world, alice, bob) = two();
    let last = world.wants(alice, tell("bob", "bye"));
    world.asks(alice, Ask::Close("bob".into()));
    let closed = |user: &str| Event::Closed { user: user.into(), why: String::new() };
    let told = world.told(alice);
    assert!(told.contains(&delivered(last)) && told.contains(&closed("bob")), "{told:?}");
    assert_eq!(world.told(bob), [heard("alice", "bye", true), closed("alice")]);
    let ticket = world.asks(bob, tell("alice", "still there?"));
    let fate = Fate::GivenUp(Why::NotOpen("alice".into()));
    assert_eq!(world.told(bob), [Event::Text { ticket, fate }]);
    world.asks(bob, Ask::Open("alice".into()));
    world.asks(alice, Ask::Open("bob".into()));
    assert!(world.told(bob).contains(&Event::Opened { user: "alice".into(), direct: true }));
}

#[test]
fn what_is_no_message_ends_the_private_connection_and_nothing_else() {
    let bad: [&[u8]; 5] = [
        &[0, 0, 0, 99],
        &[0, 0, 0, 13, 0xff, 0xff, 0xff, 0xff],
        &[0, 0, 0, 13, 0, 0, 2, 1],
        &[0, 0, 0, 4],
        &[0, 0, 0, 13, 0, 0, 0, 1, 0xff],
    ];
    for bytes in bad {
        let (mut world, alice, bob) = two();
        let messages = world.between(alice, bob)[0];
        world.injects(alice, messages, bytes);
        let told = world.told(alice);
        assert!(matches!(&told[..], [Event::Closed { user, .. }] if user == "bob"), "{told:?}");
        world.asks(bob, Ask::Say("in public".into()));
        assert_eq!(world.told(alice), [heard("bob", "in public", false)]);
    }
}

#[test]
fn when_the_session_ends_everybody_is_told() {
    let (mut world, alice, bob) = two();
    world.asks(alice, Ask::Disconnect);
    assert_eq!(
        world.told(alice),
        [Event::Closed { user: "bob".into(), why: "the session is over".into() }, Event::Disconnected]
    );
    let told = world.told(bob);
    assert!(told.contains(&Event::Closed { user: "alice".into(), why: String::new() }), "{told:?}");
}
