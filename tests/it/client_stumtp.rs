//! The client of STUMTP at a real server, in memory, over connections that break again and again.

use std::collections::BTreeSet;

use palabre::client::Ticket;
use palabre::client::stream::{
    Answer, Ask, Config, ConnectError, Event, Fate, Input, Output, Protocol, StreamClient,
};
use palabre::time::{Duration, Instant};

use super::stream_world::World;

fn say(text: &str) -> Ask {
    Ask::Say(text.into())
}

fn heard(event: &Event) -> Option<(&str, &str)> {
    let Event::Heard { from, text, .. } = event else { return None };
    Some((from, text))
}

fn two() -> (World, usize, usize) {
    let mut world = World::new();
    let (alice, bob) = (world.add(Protocol::Stumtp, "alice"), world.add(Protocol::Stumtp, "bob"));
    assert_eq!(world.events(bob), [Event::Registered]);
    world.events(alice);
    (world, alice, bob)
}

#[test]
fn u6_the_language_of_stories_is_spoken() {
    let (mut world, alice, bob) = two();
    let carol = world.add(Protocol::Stories, "carol");
    world.events(bob);
    let text = world.ask(alice, say("bonjour \"tous\" \u{2}"));
    assert_eq!(
        world.events(bob).iter().filter_map(heard).collect::<Vec<_>>(),
        [("alice", "bonjour \"tous\"  ")]
    );
    assert_eq!(world.events(carol).iter().filter_map(heard).count(), 1);
    assert!(world.events(alice).contains(&Event::Text { ticket: text, fate: Fate::Delivered }));
    let join = world.ask(alice, Ask::Join("room1".into()));
    assert_eq!(world.events(alice), [Event::Answered { ticket: join, answer: Answer::In("room1".into()) }]);
    world.ask(alice, Ask::Disconnect);
    assert_eq!(world.events(alice), [Event::Disconnected]);
}

#[test]
fn u3_what_is_said_without_a_connection_is_said_when_there_is_one() {
    let (mut world, alice, bob) = two();
    world.seats[alice].is_offline = true;
    world.cuts(alice);
    assert!(matches!(&world.events(alice)[..], [Event::StillConnecting { .. }]));
    let text = world.ask(alice, say("kept"));
    world.ask(bob, say("missed"));
    world.passes(Duration::from_secs(60));
    assert_eq!(world.events(bob).iter().filter_map(heard).count(), 0);
    world.seats[alice].is_offline = false;
    world.passes(Duration::from_secs(6));
    let events = world.events(alice);
    assert!(events.contains(&Event::Reconnected), "{events:?}");
    assert!(events.contains(&Event::Text { ticket: text, fate: Fate::Delivered }), "{events:?}");
    assert_eq!(events.iter().filter_map(heard).collect::<Vec<_>>(), [("bob", "missed")]);
    assert_eq!(world.events(bob).iter().filter_map(heard).collect::<Vec<_>>(), [("alice", "kept")]);
}

#[test]
fn u5_it_connects_again_ever_more_patiently() {
    let (mut world, alice, _) = two();
    world.seats[alice].is_offline = true;
    let cut = world.now;
    world.cuts(alice);
    let mut waits = Vec::new();
    for _ in 0..7 {
        let next = world.seats[alice].client.poll_timeout().expect("it tries again");
        waits.push((next - world.now).as_millis());
        world.passes(next - world.now);
    }
    assert_eq!(waits, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    assert!(world.now > cut);
}

#[test]
fn u5_who_never_had_a_session_does_not_try_for_ever() {
    let start = Instant::from_secs(1);
    let config = Config::new(Protocol::Stumtp, "alice", "192.0.2.1:7404".parse().unwrap());
    let mut client = StreamClient::new(config, 1, start);
    let mut now = start;
    let why = 'end: loop {
        // Somebody is there, and closes: he speaks something else.
        while let Some(output) = client.poll_output() {
            match output {
                Output::Connect { channel, .. } => {
                    client.handle_input(now, Input::Opened(channel));
                    client.handle_input(now, Input::Closed(channel));
                }
                Output::Event(Event::NotRegistered { why }) => break 'end why,
                _ => {}
            }
        }
        now = client.poll_timeout().expect("it tries again");
        client.handle_timeout(now);
    };
    assert!(matches!(why, ConnectError::Unreachable(_)), "{why:?}");
    assert!(now > start + Duration::from_secs(3) && now < start + Duration::from_secs(20), "{now}");
}

#[test]
fn u5_a_session_that_nobody_knows_any_more_is_lost() {
    let (mut world, alice, _) = two();
    world.seats[alice].is_offline = true;
    world.cuts(alice);
    world.passes(Duration::from_secs(700));
    assert!(matches!(&world.events(alice)[..], [.., Event::Lost { .. }]));
    assert_eq!(world.seats[alice].client.poll_timeout(), None);
}

/// Says `count` texts over connections that break, and goes on until all are known to have arrived.
fn over_broken_connections(seed: u64, count: usize) -> (World, usize, usize, Vec<String>) {
    let (mut world, alice, bob) = two();
    world.breaks(Some(seed));
    let mut wanted = Vec::new();
    for number in 0..count {
        let text = format!("{number} {}", "é".repeat(number % 40));
        world.ask(alice, say(&text));
        world.ask(bob, say(&text));
        wanted.push(text);
        if number % 3 == 0 {
            world.passes(Duration::from_millis(170));
        }
    }
    world.passes(Duration::from_secs(400));
    world.breaks(None);
    world.passes(Duration::from_secs(30));
    (world, alice, bob, wanted)
}

#[test]
fn u3_over_connections_cut_at_random_bytes_all_is_heard_once_and_in_order() {
    for seed in 0..40 {
        let (mut world, alice, bob, wanted) = over_broken_connections(seed, 60);
        assert!(world.broken > 10, "seed {seed}: only {} connections broke", world.broken);
        for (who, other) in [(alice, "bob"), (bob, "alice")] {
            let events = world.events(who);
            let texts: Vec<_> = events.iter().filter_map(heard).collect();
            let all: Vec<_> = wanted.iter().map(|text| (other, text.as_str())).collect();
            assert_eq!(texts, all, "seed {seed}");
            let fates = events.iter().filter_map(|event| match event {
                Event::Text { ticket, fate: Fate::Delivered } => Some(*ticket),
                Event::Text { fate: Fate::GivenUp(why), .. } => panic!("seed {seed}: {why}"),
                _ => None,
            });
            let fates: Vec<Ticket> = fates.collect();
            assert_eq!(fates.len(), wanted.len(), "seed {seed}: each has its last word");
            assert_eq!(fates.iter().collect::<BTreeSet<_>>().len(), wanted.len(), "seed {seed}: only one");
            assert!(world.seats[who].client.is_idle(), "seed {seed}");
        }
    }
}
