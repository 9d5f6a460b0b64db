//! Two clients of Stories on a connection of their own, and through the server when there is none (B7).

use palabre::client::Ticket;
use palabre::client::stream::{Answer, Ask, Event, Fate, Protocol, Question, QuestionId, Why};
use palabre::time::Duration;

use super::stream_world::World;

fn heard(from: &str, text: &str) -> Event {
    Event::Heard { from: from.into(), text: text.into(), alone: true }
}

fn tell(user: &str, text: &str) -> Ask {
    Ask::Tell { user: user.into(), text: text.into() }
}

fn opened(user: &str, direct: bool) -> Event {
    Event::Opened { user: user.into(), direct }
}

/// Alice has asked Bob.
fn asked() -> (World, usize, usize, Ticket, QuestionId) {
    let mut world = World::new();
    let (alice, bob) = (world.add(Protocol::Stories, "alice"), world.add(Protocol::Stories, "bob"));
    world.events(bob);
    let ticket = world.ask(alice, Ask::Open("bob".into()));
    let events = world.events(bob);
    let [Event::Question { question, what: Question::Private, .. }] = events[..] else {
        panic!("bob is asked: {events:?}")
    };
    world.events(alice);
    (world, alice, bob, ticket, question)
}

#[test]
fn b7_two_who_agree_talk_directly_and_the_server_hears_nothing() {
    let (mut world, alice, bob, ticket, question) = asked();
    world.ask(bob, Ask::Answer { question, accept: true });
    let done = Event::Answered { ticket, answer: Answer::Done };
    assert_eq!(world.events(alice), [opened("bob", true), done]);
    assert!(world.events(bob).contains(&opened("alice", true)));
    let text = world.ask(alice, tell("bob", "entre nous"));
    assert_eq!(world.events(bob), [heard("alice", "entre nous")]);
    assert_eq!(world.events(alice), [Event::Text { ticket: text, fate: Fate::Delivered }]);
    world.ask(bob, tell("alice", "oui"));
    assert_eq!(world.events(alice), [heard("bob", "oui")]);
    // The server falls back after 10 s if it was not told that the connection stands.
    world.passes(Duration::from_secs(20));
    assert!(!world.events(alice).contains(&opened("bob", false)));
    world.ask(bob, Ask::Close("alice".into()));
    assert_eq!(world.events(alice), [Event::Closed { user: "bob".into(), why: String::new() }]);
    let text = world.ask(alice, tell("bob", "?"));
    let fate = Fate::GivenUp(Why::NotOpen("bob".into()));
    assert_eq!(world.events(alice), [Event::Text { ticket: text, fate }]);
}

#[test]
fn b7_without_consent_nobody_learns_anything() {
    let (mut world, alice, bob, ticket, question) = asked();
    world.ask(bob, Ask::Answer { question, accept: false });
    let events = world.events(alice);
    assert!(
        matches!(&events[..], [Event::Answered { ticket: of, answer: Answer::Refused(_) }] if *of == ticket)
    );
    // He may ask again.
    world.ask(alice, Ask::Open("bob".into()));
    assert!(matches!(&world.events(bob)[..], [.., Event::Question { .. }]));
}

#[test]
fn b7_who_cannot_be_reached_is_served_by_relay() {
    let (mut world, alice, bob, _, question) = asked();
    world.seats[alice].is_alone = true;
    world.ask(bob, Ask::Answer { question, accept: true });
    world.passes(Duration::from_secs(9));
    assert!(world.events(alice).contains(&opened("bob", false)));
    assert!(world.events(bob).contains(&opened("alice", false)));
    world.ask(alice, tell("bob", "par le serveur"));
    assert_eq!(world.events(bob), [heard("alice", "par le serveur")]);
    world.ask(bob, tell("alice", "\u{1f600}"));
    assert!(world.events(alice).contains(&heard("bob", "\u{1f600}")));
}

#[test]
fn b7_a_text_that_the_server_cannot_pass_on_is_not_told_as_delivered() {
    let (mut world, alice, bob, _, question) = asked();
    world.seats[alice].is_alone = true;
    world.ask(bob, Ask::Answer { question, accept: true });
    world.passes(Duration::from_secs(9));
    world.events(alice);
    let heard = world.ask(alice, tell("bob", "par le serveur"));
    assert_eq!(world.events(alice), [Event::Text { ticket: heard, fate: Fate::Delivered }]);
    world.cuts(bob);
    world.events(alice);
    let lost = world.ask(alice, tell("bob", "es-tu là ?"));
    let events = world.events(alice);
    assert!(
        matches!(&events[..], [
            Event::Text { ticket, fate: Fate::GivenUp(Why::Refused(_)) },
            Event::Closed { user, .. },
        ] if *ticket == lost && user == "bob"),
        "{events:?}"
    );
    assert!(world.seats[alice].client.is_idle());
}

#[test]
fn b7_who_answers_too_late_may_ask_himself() {
    let (mut world, alice, bob, ticket, question) = asked();
    world.passes(Duration::from_secs(61));
    assert!(
        matches!(&world.events(alice)[..], [Event::Answered { ticket: of, answer: Answer::Refused(_) }] if *of == ticket)
    );
    assert_eq!(world.events(bob), [Event::Moot(question)]);
    world.ask(bob, Ask::Open("alice".into()));
    assert!(matches!(&world.events(alice)[..], [Event::Question { by, .. }] if by == "bob"));
}

#[test]
fn b7_what_is_accepted_when_nobody_asks_any_more_is_over() {
    let (mut world, alice, bob, _, question) = asked();
    world.cuts(alice);
    world.events(bob);
    world.ask(bob, Ask::Answer { question, accept: true });
    let events = world.events(bob);
    assert!(
        events.iter().any(|event| matches!(event, Event::Closed { user, .. } if user == "alice")),
        "{events:?}"
    );
    // So he may ask again, when she is back.
    world.add(Protocol::Stories, "alice");
    let ticket = world.ask(bob, Ask::Open("alice".into()));
    let events = world.events(bob);
    assert!(
        !events.iter().any(|event| matches!(event, Event::Answered { ticket: of, .. } if *of == ticket)),
        "{events:?}"
    );
}

#[test]
fn b7_somebody_who_is_not_there_cannot_be_asked() {
    let mut world = World::new();
    let alice = world.add(Protocol::Stories, "alice");
    let ticket = world.ask(alice, Ask::Open("nobody".into()));
    let events = world.events(alice);
    assert!(
        matches!(&events[..], [.., Event::Answered { ticket: of, answer: Answer::Refused(_) }] if *of == ticket),
        "{events:?}"
    );
    assert!(world.seats[alice].client.is_idle());
}

#[test]
fn b7_two_who_ask_each_other_meet() {
    let (mut world, alice, bob, _, _) = asked();
    world.ask(bob, Ask::Open("alice".into()));
    assert!(world.events(alice).contains(&opened("bob", true)));
    assert!(world.events(bob).contains(&opened("alice", true)));
}
